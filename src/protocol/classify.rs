//! From what a gateway says to the kind of failure that a person is told (protocol.md 8.1, 8.3 and 8.7).

use crate::model::FailureKind;

use super::error::{WireError, own_code};

/// What is wrong with a picture that was sent (protocol.md 8.3, «Image input»).
pub(super) const REFERENCE_CODES: &[&str] = &[
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "invalid_image_url",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "invalid_image_mode",
    "image_file_too_large",
    "unsupported_image_media_type",
    "empty_image_file",
    "failed_to_download_image",
    "image_file_not_found",
];

/// Codes and error types, in their own words (protocol.md 8.3).
const BY_CODE: &[(FailureKind, &[&str])] = &[
    (
        FailureKind::Moderation,
        &[
            "moderation_blocked",
            "content_policy_violation",
            "image_content_policy_violation",
            "invalid_prompt",
            "bio_policy",
            "sensitive_words_detected",
            "prompt_blocked",
            "content_filter",
            "image_generation_user_error",
            own_code::REFUSAL,
        ],
    ),
    (
        FailureKind::Quota,
        &[
            "insufficient_quota",
            "billing_hard_limit_reached",
            "insufficient_user_quota",
            "pre_consume_token_quota_failed",
        ],
    ),
    (
        FailureKind::Auth,
        &[
            "invalid_api_key",
            "authentication_error",
            "invalid_token",
            "ip_not_authorized",
        ],
    ),
    (
        FailureKind::Permission,
        &[
            "access_denied",
            "permission_error",
            "permission_denied",
            "unsupported_country_region_territory",
            "organization_not_verified",
            "organization_verification_required",
        ],
    ),
    (
        FailureKind::RateLimit,
        &["rate_limit_exceeded", "rate_limit_error", "slow_down"],
    ),
    (FailureKind::InvalidRequest, REFERENCE_CODES),
    (
        FailureKind::InvalidRequest,
        &[
            "invalid_value",
            "unknown_parameter",
            "unsupported_parameter",
            "unsupported_value",
            "missing_required_parameter",
            own_code::TEXT_ANSWER,
        ],
    ),
    (
        FailureKind::Server,
        &[
            "server_error",
            "server_is_overloaded",
            "overloaded_error",
            "data_residency_mismatch",
            "vector_store_timeout",
            "get_channel_failed",
            "channel:no_available_key",
            "channel:invalid_key",
            "channel:response_time_exceeded",
            "do_request_failed",
            "bad_response",
            "bad_response_body",
            "bad_response_status_code",
            "empty_response",
            "convert_request_failed",
            "upstream_error",
            "text_conversation_not_supported",
            "max_output_tokens",
            "max_tokens",
        ],
    ),
    (FailureKind::Network, &[own_code::STREAM_CUT]),
    (
        FailureKind::Protocol,
        &[
            own_code::NO_IMAGE,
            own_code::ASYNC_TASK,
            own_code::NOT_JSON,
            own_code::NOT_AN_IMAGE,
            own_code::PREVIEWS_ONLY,
        ],
    ),
];

/// Phrases in messages, in lower case; the first that fits decides.
const BY_PHRASE: &[(FailureKind, &[&str])] = &[
    // The gateway's own accounts are exhausted, not the user's (8.7): before the words for quota.
    (
        FailureKind::RateLimit,
        &["no available image quota", "号池暂无"],
    ),
    (
        FailureKind::Moderation,
        &[
            "safety system",
            "safety_violations",
            "content policy",
            "moderation_blocked",
            "敏感词",
            "违规内容",
            "内容违规",
            "内容安全",
            "安全审核",
            "审核未通过",
            "未通过审核",
            "侵权",
        ],
    ),
    (
        FailureKind::Quota,
        &[
            "余额不足",
            "额度不足",
            "额度已用尽",
            "额度已用完",
            "配额不足",
            "欠费",
            "insufficient quota",
            "insufficient balance",
            "insufficient_quota",
            "insufficient_user_quota",
            "exceeded your current quota",
            "billing hard limit",
        ],
    ),
    (
        FailureKind::Auth,
        &[
            "无效的令牌",
            "令牌无效",
            "令牌已过期",
            "令牌不存在",
            "未提供令牌",
            "密钥无效",
            "无效的密钥",
            "incorrect api key",
            "invalid api key",
            "invalid token",
            "authorization is invalid",
            "missing api key",
        ],
    ),
    (
        FailureKind::Permission,
        &[
            "无可用渠道",
            "无权访问",
            "无权使用",
            "没有权限",
            "无权限",
            "no access to model",
            "does not have access",
            "organization must be verified",
            "country, region, or territory not supported",
            "所在地区",
        ],
    ),
    (
        FailureKind::RateLimit,
        &[
            "rate limit",
            "too many requests",
            "请求过于频繁",
            "请求频率",
            "请求数限制",
            "限流",
        ],
    ),
    (
        FailureKind::Server,
        &[
            "上游负载",
            "负载已饱和",
            "服务器繁忙",
            "系统繁忙",
            "服务暂不可用",
            // Of the gateway's own account at OpenAI, not of the user (1.3).
            "封号",
        ],
    ),
];

/// The kind of a failure: by code first, then by what the message says, then by the status (protocol.md 8.3).
///
/// `status` is that of the answer; `None` or a 2xx for what went wrong inside a good one.
#[must_use]
pub fn classify(status: Option<u16>, error: &WireError) -> FailureKind {
    let code = error.code.as_deref().map(str::to_ascii_lowercase);
    let kind = error.kind.as_deref().map(str::to_ascii_lowercase);
    if let Some(kind) = inner_status(error).and_then(by_status) {
        return kind;
    }
    // Some say with 200 what others say with the status (quirk 39).
    let status = match code.as_deref().and_then(|code| code.parse().ok()) {
        Some(told @ 400..600) if status.is_none_or(|status| status < 300) => Some(told),
        _ => status,
    };
    // A type is coarser than a code, and often just says that it is an error of the gateway.
    let named = |word: &Option<String>| by_code(word.as_deref()?, status);
    if let Some(kind) = named(&code) {
        return kind;
    }
    if kind.as_deref() == Some("image_generation_user_error")
        || kind.as_deref() == Some("insufficient_quota")
    {
        return named(&kind).unwrap_or(FailureKind::Moderation);
    }
    let message = error.message.to_lowercase();
    if let Some((kind, _)) = BY_PHRASE
        .iter()
        .find(|(_, phrases)| phrases.iter().any(|phrase| message.contains(phrase)))
    {
        return *kind;
    }
    if let Some(kind) = status.and_then(by_status) {
        return kind;
    }
    named(&kind).unwrap_or(match kind.as_deref() {
        Some("invalid_request_error") => FailureKind::InvalidRequest,
        _ => FailureKind::Server,
    })
}

fn by_code(code: &str, status: Option<u16>) -> Option<FailureKind> {
    match code {
        // New-api says so, with a 503, when the key's group has no channel for the model (8.1, 8.7).
        "model_not_found" if status != Some(404) => return Some(FailureKind::Permission),
        "model_not_found" => return Some(FailureKind::NotFound),
        // A page where the API should be: the address is wrong, unless the status knows better.
        own_code::HTML_PAGE => {
            return status.and_then(by_status).or(Some(FailureKind::NotFound));
        }
        _ => {}
    }
    BY_CODE
        .iter()
        .find(|(_, codes)| codes.contains(&code))
        .map(|(kind, _)| *kind)
}

/// The status that somebody further back answered with, where the message is about nothing else and that status says
/// more than ours: an edge page as text (quirk 47), or new-api speaking of its upstream (8.2).
pub(super) fn inner_status(error: &WireError) -> Option<u16> {
    let message = error.message.trim().to_ascii_lowercase();
    let rest = ["error code:", "bad response status code"]
        .iter()
        .find_map(|start| message.strip_prefix(start))?
        .trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    match rest.get(..end)?.parse().ok()? {
        // Cloudflare's number for a name that does not resolve.
        1016 => Some(530),
        status @ (504 | 520..=530) => Some(status),
        _ => None,
    }
}

/// By the status alone; `None` for a good one.
fn by_status(status: u16) -> Option<FailureKind> {
    Some(match status {
        // An API does not send its callers elsewhere; the pages around it do.
        300..400 | 404 | 405 => FailureKind::NotFound,
        ..400 => return None,
        401 => FailureKind::Auth,
        402 => FailureKind::Quota,
        403 => FailureKind::Permission,
        408 | 504 | 522 | 524 => FailureKind::Timeout,
        429 => FailureKind::RateLimit,
        409 => FailureKind::Server,
        // The name of the origin does not resolve: as good as unreachable (8.7).
        530 => FailureKind::Network,
        400..500 => FailureKind::InvalidRequest,
        500.. => FailureKind::Server,
    })
}
