//! What is behind a failure, from what a gateway says of it (protocol.md 8.7).

use crate::model::{FailureKind, Reason};

use super::classify::{REFERENCE_CODES, classify, inner_status};
use super::error::{ModerationStage, WireError, own_code};
use super::fields::OptionalParameter;

/// Codes and error types that leave no doubt.
const BY_CODE: &[(Reason, &[&str])] = &[
    (
        Reason::Region,
        &[
            "unsupported_country_region_territory",
            "ip_not_authorized",
            "organization_not_verified",
            "organization_verification_required",
        ],
    ),
    (Reason::NoModelAccess, &["access_denied"]),
    (Reason::Misrouted, &["text_conversation_not_supported"]),
    (Reason::PoolExhausted, &["channel:no_available_key"]),
    (
        Reason::PictureWithheld,
        &["content_filter", "output_moderation"],
    ),
    (Reason::Reference, REFERENCE_CODES),
    (Reason::Words, &[own_code::TEXT_ANSWER, own_code::REFUSAL]),
    (Reason::Cut, &[own_code::STREAM_CUT]),
    (Reason::PreviewsOnly, &[own_code::PREVIEWS_ONLY]),
    (Reason::Ticket, &[own_code::ASYNC_TASK]),
];

/// Phrases in messages, in lower case, each with the kinds of failure that it explains; the first that fits decides.
const BY_PHRASE: &[(Reason, &[FailureKind], &[&str])] = &[
    (
        Reason::Trademark,
        &[FailureKind::Moderation, FailureKind::InvalidRequest],
        &[
            "trademark",
            "copyright",
            "intellectual property",
            "infring",
            "third-party content",
            "similarity to",
            "侵权",
            "侵犯",
            "知识产权",
            "版权",
            "商标",
        ],
    ),
    (
        Reason::PoolExhausted,
        &[FailureKind::RateLimit, FailureKind::Server],
        &[
            "no available image quota",
            "no available account",
            "no available channel account",
            "account banned",
            "号池",
            "账号池",
            "封号",
            "账号被封",
            "账号已被封",
            "没有可用账号",
            "无可用账号",
        ],
    ),
    (
        Reason::Region,
        &[FailureKind::Permission, FailureKind::Auth],
        &[
            "country, region",
            "unsupported region",
            "region is not supported",
            "not available in your country",
            "not available in your region",
            "must be verified",
            "verify organization",
            "verified organization",
            "ip address is not",
            "ip not authorized",
            "地区不支持",
            "不支持的地区",
            "所在地区",
            "组织未验证",
            "组织验证",
            "白名单",
        ],
    ),
    (
        Reason::NoModelAccess,
        &[FailureKind::Permission],
        &[
            "no access to model",
            "have access to model",
            "does not have access",
            "no available channel",
            "无可用渠道",
            "没有可用渠道",
            "无权访问",
            "无权使用",
            "模型权限",
            "该模型",
        ],
    ),
    (
        Reason::Misrouted,
        &[FailureKind::Server, FailureKind::InvalidRequest],
        &["text_conversation_not_supported"],
    ),
];

/// What is behind a failure; `None` where its kind already says all that is known.
///
/// `status` is that of the answer; `None` or a 2xx for what went wrong inside a good one.
#[must_use]
pub fn reason_of(status: Option<u16>, error: &WireError) -> Option<Reason> {
    let kind = classify(status, error);
    let code = error.code.as_deref().map(str::to_ascii_lowercase);
    let type_ = error.kind.as_deref().map(str::to_ascii_lowercase);
    let named = [&code, &type_].into_iter().find_map(|word| {
        let word = word.as_deref()?;
        let (reason, _) = BY_CODE.iter().find(|(_, codes)| codes.contains(&word))?;
        Some(*reason)
    });
    let message = error.message.to_lowercase();
    let is_own_words = named == Some(Reason::Words);
    let said = BY_PHRASE
        .iter()
        .find(|(_, kinds, phrases)| {
            kinds.contains(&kind) && phrases.iter().any(|phrase| message.contains(phrase))
        })
        .map(|(reason, ..)| *reason)
        // What the model says in its own words is shown as it is.
        .filter(|_| !is_own_words);
    match kind {
        FailureKind::Moderation if !is_own_words => {
            said.or_else(|| Some(refused_at(error, named, &message)))
        }
        // A gateway that could not load a reference has no trouble with brands.
        _ if named.is_some() => named,
        _ if said.is_some() => said,
        FailureKind::Permission if code.as_deref() == Some("model_not_found") => {
            Some(Reason::NoModelAccess)
        }
        FailureKind::NotFound if names_a_model(code.as_deref(), error, &message) => {
            Some(Reason::NoSuchModel)
        }
        FailureKind::NotFound => Some(Reason::NotAnEndpoint),
        FailureKind::Timeout if matches!(inner_status(error).or(status), Some(504 | 522 | 524)) => {
            Some(Reason::ProxyGaveUp)
        }
        FailureKind::InvalidRequest => of_request(status, error, &message),
        _ => None,
    }
}

/// Which safety check refused. Most refuse before they draw, and do not say so.
fn refused_at(error: &WireError, named: Option<Reason>, message: &str) -> Reason {
    const OF_PICTURE: [&str; 6] = [
        "generated image",
        "output image",
        "generated content",
        "生成结果",
        "生成的图片",
        "生成内容",
    ];
    match (error.stage, named) {
        (Some(ModerationStage::Input), _) => Reason::PromptRefused,
        (Some(ModerationStage::Output), _) | (None, Some(Reason::PictureWithheld)) => {
            Reason::PictureWithheld
        }
        _ if OF_PICTURE.iter().any(|words| message.contains(words)) => Reason::PictureWithheld,
        _ => Reason::PromptRefused,
    }
}

fn names_a_model(code: Option<&str>, error: &WireError, message: &str) -> bool {
    match code {
        Some("model_not_found") => true,
        // The title of a page.
        Some(own_code::HTML_PAGE) => false,
        _ => {
            error.param.as_deref() == Some("model")
                || message.contains("model")
                || message.contains("模型")
        }
    }
}

/// What is wrong with a request that is wrong.
fn of_request(status: Option<u16>, error: &WireError, message: &str) -> Option<Reason> {
    // `tools[0].size`, `body.size`
    let param = error.param.as_deref().unwrap_or_default();
    let last = param
        .rsplit(['.', '[', ']'])
        .find(|step| !step.is_empty() && step.parse::<u32>().is_err())
        .unwrap_or_default();
    // FastAPI puts the place before the words: `body.size: …`.
    let place = message.split(':').next().unwrap_or_default();
    let last = if last.is_empty() && place.starts_with("body.") {
        place.rsplit('.').next().unwrap_or_default()
    } else {
        last
    };
    match last {
        "size" | "width" | "height" => return Some(Reason::Size),
        "image" | "images" | "image_url" | "input_image" | "mask" | "input_image_mask" => {
            return Some(Reason::Reference);
        }
        _ => {}
    }
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let has_word = |wanted: &str| {
        let mut words = message.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word == wanted)
    };
    if status == Some(413) {
        return Some(Reason::Reference);
    }
    let is_parameter = matches!(
        error.code.as_deref(),
        Some("unknown_parameter" | "unsupported_parameter" | "unsupported_value")
    ) || OptionalParameter::named_by(error).is_some();
    if is_parameter {
        return Some(Reason::Parameter);
    }
    let is_size = says(&["尺寸", "分辨率", "resolution"])
        || has_word("size")
            && !says(&[
                "file size",
                "request size",
                "body size",
                "image size exceeds",
            ]);
    if is_size {
        return Some(Reason::Size);
    }
    let is_reference = says(&[
        "could not process image",
        "invalid image",
        "image file",
        "unsupported image",
        "图片格式",
        "图片过大",
        "图片无法",
        "参考图",
    ]);
    is_reference.then_some(Reason::Reference)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::parse_error_body;

    /// A body with its status, and what is behind it.
    fn check(status: u16, body: &str, kind: FailureKind, reason: Option<Reason>) {
        let error = parse_error_body(status, None, body.as_bytes());
        assert_eq!(
            (
                classify(Some(status), &error),
                reason_of(Some(status), &error)
            ),
            (kind, reason),
            "{status} {body}"
        );
    }

    #[test]
    fn refusals_of_safety_checks() {
        let moderation = |body: &str, reason: Reason| {
            check(400, body, FailureKind::Moderation, Some(reason));
        };
        let at = |stage: &str| {
            format!(
                r#"{{"error":{{"type":"image_generation_user_error","code":"moderation_blocked","message":"no","moderation_details":{{"moderation_stage":"{stage}","categories":["harassment"]}}}}}}"#
            )
        };
        moderation(&at("input"), Reason::PromptRefused);
        moderation(&at("output"), Reason::PictureWithheld);
        moderation(&at("unknown"), Reason::PromptRefused);
        moderation(
            r#"{"error":{"message":"Your request was rejected by the safety system. safety_violations=[violence]. (request id: 2026)","type":"image_generation_user_error","code":"moderation_blocked"}}"#,
            Reason::PromptRefused,
        );
        moderation(
            r#"{"error":{"message":"The generated image was rejected by the safety system","code":"moderation_blocked"}}"#,
            Reason::PictureWithheld,
        );
        moderation(
            r#"{"error":{"message":"提示词包含敏感词","code":"sensitive_words_detected"}}"#,
            Reason::PromptRefused,
        );
        moderation(
            r#"{"error":{"message":"生成结果未通过审核"}}"#,
            Reason::PictureWithheld,
        );
        moderation(
            r#"{"error":{"message":"涉及侵权：上海迪士尼"}}"#,
            Reason::Trademark,
        );
        moderation(
            r#"{"error":{"message":"This request may violate our guardrails concerning similarity to third-party content","code":"content_policy_violation"}}"#,
            Reason::Trademark,
        );
    }

    #[test]
    fn models_regions_and_addresses() {
        use FailureKind::{Auth, NotFound, Permission};
        let model =
            |status, body: &str| check(status, body, Permission, Some(Reason::NoModelAccess));
        model(
            503,
            r#"{"error":{"message":"当前分组 default 下对于模型 gpt-image-2 无可用渠道","code":"model_not_found"}}"#,
        );
        model(
            403,
            r#"{"error":{"message":"该令牌无权使用模型 gpt-image-2","code":"access_denied"}}"#,
        );
        model(
            403,
            r#"{"error":{"message":"Project `p` does not have access to model `gpt-image-2`"}}"#,
        );
        let region = |status, body: &str, kind| check(status, body, kind, Some(Reason::Region));
        region(
            403,
            r#"{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}}"#,
            Permission,
        );
        region(
            403,
            r#"{"error":{"message":"Your organization must be verified to use the model `gpt-image-2`."}}"#,
            Permission,
        );
        region(
            401,
            r#"{"error":{"message":"Your IP address is not on the allow list","code":"ip_not_authorized"}}"#,
            Auth,
        );
        check(
            404,
            r#"{"error":{"message":"The model `gpt-image-9` does not exist","code":"model_not_found"}}"#,
            NotFound,
            Some(Reason::NoSuchModel),
        );
        check(
            404,
            r#"{"error":{"message":"模型不存在"}}"#,
            NotFound,
            Some(Reason::NoSuchModel),
        );
        let address =
            |status, body: &str| check(status, body, NotFound, Some(Reason::NotAnEndpoint));
        address(404, r#"{"detail":"Not Found"}"#);
        address(
            404,
            r#"{"error":{"message":"Invalid URL (POST /responses)","type":"invalid_request_error"}}"#,
        );
        address(404, "404 page not found");
        address(405, "");
        address(404, "<html><title>models | New API</title></html>");
        address(308, "");
        check(403, r#"{"error":{"message":"no"}}"#, Permission, None);
        check(401, r#"{"error":{"message":"无效的令牌"}}"#, Auth, None);
    }

    #[test]
    fn requests_that_are_wrong() {
        let wrong =
            |status, body: &str, reason| check(status, body, FailureKind::InvalidRequest, reason);
        let size = Some(Reason::Size);
        wrong(
            400,
            r#"{"error":{"message":"Invalid value","param":"tools[0].size","code":"invalid_value"}}"#,
            size,
        );
        wrong(
            422,
            r#"{"detail":[{"loc":["body","size"],"msg":"bad","type":"value_error"}]}"#,
            size,
        );
        wrong(400, r#"{"error":{"message":"图片尺寸不符合要求"}}"#, size);
        wrong(
            400,
            r#"{"error":{"message":"Invalid size '1919x1079'. Must be a multiple of 16."}}"#,
            size,
        );
        let parameter = Some(Reason::Parameter);
        wrong(
            400,
            r#"{"error":{"message":"Unknown parameter: 'response_format'.","param":"response_format","code":"unknown_parameter"}}"#,
            parameter,
        );
        wrong(
            400,
            r#"{"error":{"message":"Unsupported parameter: reasoning"}}"#,
            parameter,
        );
        let reference = Some(Reason::Reference);
        wrong(
            400,
            r#"{"error":{"message":"bad","code":"invalid_image_format"}}"#,
            reference,
        );
        wrong(
            400,
            r#"{"error":{"message":"bad","param":"image[0]"}}"#,
            reference,
        );
        wrong(
            413,
            "<html><title>413 Request Entity Too Large</title></html>",
            reference,
        );
        wrong(413, "", reference);
        wrong(
            400,
            r#"{"error":{"message":"Prompt is empty","param":"prompt"}}"#,
            None,
        );
    }

    #[test]
    fn trouble_at_the_gateway() {
        use FailureKind::{Network, RateLimit, Server, Timeout};
        let pool = Some(Reason::PoolExhausted);
        check(
            429,
            r#"{"detail":{"error":"no available image quota"}}"#,
            RateLimit,
            pool,
        );
        check(
            503,
            r#"{"error":{"message":"号池暂无可用额度"}}"#,
            RateLimit,
            pool,
        );
        check(500, r#"{"error":{"message":"上游GPT封号"}}"#, Server, pool);
        check(
            503,
            r#"{"error":{"message":"no key","code":"channel:no_available_key"}}"#,
            Server,
            pool,
        );
        check(
            400,
            r#"{"code":"text_conversation_not_supported","message":"wrong channel"}"#,
            Server,
            Some(Reason::Misrouted),
        );
        let gave_up = Some(Reason::ProxyGaveUp);
        check(
            504,
            "<html><title>504 Gateway Time-out</title></html>",
            Timeout,
            gave_up,
        );
        check(524, "error code: 524", Timeout, gave_up);
        check(502, "error code: 524", Timeout, gave_up);
        check(
            500,
            r#"{"error":{"message":"bad response status code 524","type":"upstream_error","param":"524","code":"bad_response_status_code"}}"#,
            Timeout,
            gave_up,
        );
        check(408, "", Timeout, None);
        check(530, "error code: 1016", Network, None);
        check(502, "error code: 1016", Network, None);
        check(502, "", Server, None);
        check(
            429,
            r#"{"error":{"message":"Too many requests"}}"#,
            RateLimit,
            None,
        );
    }

    #[test]
    fn what_we_say_of_answers_ourselves() {
        let own = |code: &str, kind: FailureKind, reason: Option<Reason>| {
            let error = WireError::own(code, "a trademark, a size, the model: in words");
            let told = (classify(Some(200), &error), reason_of(Some(200), &error));
            assert_eq!(told, (kind, reason), "{code}");
        };
        own(
            own_code::TEXT_ANSWER,
            FailureKind::InvalidRequest,
            Some(Reason::Words),
        );
        own(
            own_code::REFUSAL,
            FailureKind::Moderation,
            Some(Reason::Words),
        );
        own(
            own_code::STREAM_CUT,
            FailureKind::Network,
            Some(Reason::Cut),
        );
        own(
            own_code::PREVIEWS_ONLY,
            FailureKind::Protocol,
            Some(Reason::PreviewsOnly),
        );
        own(
            own_code::ASYNC_TASK,
            FailureKind::Protocol,
            Some(Reason::Ticket),
        );
        own(own_code::NO_IMAGE, FailureKind::Protocol, None);
        own(own_code::NOT_JSON, FailureKind::Protocol, None);
        let page = WireError::own(own_code::HTML_PAGE, "New API");
        assert_eq!(reason_of(Some(200), &page), Some(Reason::NotAnEndpoint));
        let page = WireError::own(own_code::HTML_PAGE, "Our models");
        assert_eq!(reason_of(Some(200), &page), Some(Reason::NotAnEndpoint));
    }
}
