//! What a gateway says when it fails: statuses, shapes, codes, hints, ids (protocol.md 1.3, 8). Numbers are those of the
//! quirk list.

use atelier::model::{Charge, Failure, Preset};

use super::{Ask, Bench, Script, Story, Then, answer, told};

/// Plays `answers` to a request that may be repeated once; what became of it, and how often it was sent.
pub(crate) fn run(bench: &Bench, answers: Vec<Vec<u8>>) -> (Story, usize) {
    let answers = answers.into_iter().map(|bytes| (bytes, Then::Close));
    let script = Script::play(answers.collect());
    let mut request = bench.request(Ask::Responses, &script.base_url());
    request.gateway.max_retries = 1;
    let story = bench.studio.run(request);
    (story, script.requests().len())
}

/// A status with a body. Whoever wants to repeat it need not wait.
fn refusal(status: &str, body: &str) -> Vec<u8> {
    answer(
        status,
        &["content-type: application/json", "retry-after-ms: 1"],
        body.as_bytes(),
    )
}

/// How a status with a body is told, and how often the request was sent.
fn check(
    bench: &Bench,
    status: &str,
    body: &str,
    expected: &str,
    expected_requests: usize,
) -> Failure {
    let (story, requests) = run(bench, vec![refusal(status, body)]);
    assert_eq!(
        told(&story),
        [format!("failed {expected}")],
        "{status} {body}"
    );
    assert_eq!(requests, expected_requests, "{status} {body}");
    story.end.failure.unwrap()
}

pub(crate) fn error(message: &str, code: &str) -> String {
    serde_json::json!({"error": {"message": message, "type": "", "param": null, "code": code}})
        .to_string()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn statuses_and_their_meaning() {
    let bench = Bench::new();
    let check = |status: &str, body: &str, expected: &str, requests: usize| {
        check(&bench, status, body, expected, requests);
    };
    check(
        "400 Bad Request",
        &error("Invalid value", "invalid_value"),
        "invalid_request - no",
        1,
    );
    check(
        "400 Bad Request",
        &error("no", "moderation_blocked"),
        "moderation prompt_refused no",
        1,
    );
    check("401 Unauthorized", &error("无效的令牌", ""), "auth - no", 1);
    check(
        "401 Unauthorized",
        &error("Your IP address is not allow-listed", "ip_not_authorized"),
        "auth region no",
        1,
    );
    check("402 Payment Required", "", "quota - no", 1);
    check(
        "403 Forbidden",
        &error("余额不足，请充值", ""),
        "quota - no",
        1,
    );
    check(
        "403 Forbidden",
        &error("该令牌无权访问模型 gpt-image-2", "access_denied"),
        "permission no_model_access no",
        1,
    );
    check(
        "403 Forbidden",
        &error(
            "Country, region, or territory not supported",
            "unsupported_country_region_territory",
        ),
        "permission region no",
        1,
    );
    check(
        "403 Forbidden",
        &error("Your organization must be verified to use the model", ""),
        "permission region no",
        1,
    );
    check(
        "404 Not Found",
        r#"{"detail":"Not Found"}"#,
        "not_found not_an_endpoint no",
        1,
    );
    check(
        "404 Not Found",
        &error("The model `x` does not exist", "model_not_found"),
        "not_found no_such_model no",
        1,
    );
    check(
        "405 Method Not Allowed",
        "",
        "not_found not_an_endpoint no",
        1,
    );
    check("408 Request Timeout", "", "timeout - no", 2);
    check("409 Conflict", "", "server - no", 2);
    check(
        "413 Payload Too Large",
        "",
        "invalid_request reference no",
        1,
    );
    check(
        "422 Unprocessable Entity",
        r#"{"detail":[{"loc":["body","n"],"msg":"too many","type":"x"}]}"#,
        "invalid_request - no",
        1,
    );
    check(
        "429 Too Many Requests",
        &error("slow", "rate_limit_exceeded"),
        "rate_limit - no",
        2,
    );
    check(
        "429 Too Many Requests",
        &error("slow", "slow_down"),
        "rate_limit - no",
        2,
    );
    check(
        "429 Too Many Requests",
        &error("pay", "insufficient_quota"),
        "quota - no",
        1,
    );
    check(
        "429 Too Many Requests",
        r#"{"detail":{"error":"no available image quota"}}"#,
        "rate_limit pool_exhausted no",
        2,
    );
    check("500 Internal Server Error", "", "server - no", 2);
    check("502 Bad Gateway", "", "server - no", 2);
    check(
        "503 Service Unavailable",
        &error("busy", "server_is_overloaded"),
        "server - no",
        2,
    );
    check(
        "503 Service Unavailable",
        &error("无可用渠道", "model_not_found"),
        "permission no_model_access no",
        1,
    );
    check(
        "504 Gateway Timeout",
        "<html></html>",
        "timeout proxy_gave_up unknown",
        1,
    );
    for status in ["520 x", "521 x", "523 x", "525 x", "526 x"] {
        check(status, "<html></html>", "server - unknown", 1);
    }
    for status in ["522 x", "524 x"] {
        check(status, "<html></html>", "timeout proxy_gave_up unknown", 1);
    }
    let told = error("bad response status code 524", "bad_response_status_code");
    check("500 x", &told, "timeout proxy_gave_up unknown", 1);
    check("530 x", "error code: 1016", "network - no", 1);
    check(
        "308 Permanent Redirect",
        "",
        "not_found not_an_endpoint no",
        1,
    );
}

#[test]
fn a_gateway_whose_failures_are_free_says_so() {
    let bench = Bench::new();
    let script = Script::play(vec![(answer("524 x", &[], b""), Then::Close)]);
    let mut request = bench.request(Ask::Json, &script.base_url());
    request.gateway.prices = Preset::IkunRescue1.profile().prices;
    let failure = bench.studio.run(request).end.failure.unwrap();
    assert_eq!(failure.charge, Charge::No);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn bodies_in_every_shape() {
    let bench = Bench::new();
    let check = |body: &str, message: &str| -> Failure {
        let (story, _) = run(&bench, vec![refusal("400 Bad Request", body)]);
        let failure = story.end.failure.unwrap();
        assert_eq!(failure.message, message, "{body}");
        assert_eq!(
            failure.raw.as_deref(),
            (!body.is_empty()).then_some(body),
            "kept as it came"
        );
        failure
    };
    let failure = check(
        r#"{"error":{"message":"bad size","type":"invalid_request_error","param":"size","code":"invalid_value"}}"#,
        "bad size",
    );
    assert_eq!(failure.code.as_deref(), Some("invalid_value"));
    check(
        r#"{"error":{"type":"image_generation_user_error","code":"moderation_blocked","message":"no","moderation_details":{"moderation_stage":"input","categories":["harassment"]}}}"#,
        "no (harassment)",
    );
    let relayed = "Your request was rejected by the safety system. safety_violations=[violence]. (request id: 2026abc)";
    let failure = check(
        &format!(
            r#"{{"error":{{"message":"{relayed}","type":"image_generation_user_error","param":"","code":"moderation_blocked"}}}}"#
        ),
        relayed,
    );
    assert_eq!(failure.request_id.as_deref(), Some("2026abc"), "46");
    check(
        r#"{"error":{"message":"无效的令牌 (request id: 2026)","type":"new_api_error","code":""}}"#,
        "无效的令牌 (request id: 2026)",
    );
    check(
        r#"{"error":{"message":"bad response status code 502","type":"upstream_error","param":"502","code":"bad_response_status_code"}}"#,
        "bad response status code 502",
    );
    check(
        r#"{"detail":{"error":"no available image quota"}}"#,
        "no available image quota",
    );
    check(
        r#"{"detail":[{"loc":["body","n"],"msg":"too many","type":"x"}]}"#,
        "body.n: too many",
    );
    check(r#"{"detail":"Not Found"}"#, "Not Found");
    check(
        r#"{"error":"authorization is invalid"}"#,
        "authorization is invalid",
    );
    let failure = check(
        r#"{"code":"text_conversation_not_supported","message":"wrong channel"}"#,
        "wrong channel",
    );
    assert_eq!(
        failure.code.as_deref(),
        Some("text_conversation_not_supported")
    );
    let failure = check(
        r#"{"type":"error","error":{"type":"x","message":"oh"},"request_id":"req_3"}"#,
        "oh",
    );
    assert_eq!(failure.request_id.as_deref(), Some("req_3"));
    check(
        r#"{"errors":[{"detail":"first"},{"detail":"second"}]}"#,
        "first",
    );
    check(
        r#"{"message":"whole","errors":[{"detail":"first"}]}"#,
        "whole",
    );
    check(r#"{"error_description":"described"}"#, "described");
    check(r#"{"title":"titled","status":400}"#, "titled");
    check(r#"{"success":false,"message":"denied"}"#, "denied");
    check(r#"{"msg":"told","data":null}"#, "told");
    check("plain words\n", "plain words");
    check(
        "502: {'error': \"'tuple' object has no attribute 'get'\"}",
        "502: {'error': \"'tuple' object has no attribute 'get'\"}",
    );
    check(
        "<html><head><title> 502  Bad Gateway </title></head></html>",
        "502 Bad Gateway",
    );
    check(
        r#"{"error":{"message":"broken of"#,
        r#"{"error":{"message":"broken of"#,
    );
    check("", "HTTP status 400 without a message");
    for (code, expected) in [
        ("7", Some("7")),
        ("null", None),
        ("\"\"", None),
        ("\"x\"", Some("x")),
    ] {
        let body = format!(r#"{{"error":{{"message":"m","code":{code}}}}}"#);
        assert_eq!(check(&body, "m").code.as_deref(), expected);
    }
    check(
        r#"{"error":{"message":"see https://*** for more"}}"#,
        "see https://*** for more",
    );
    let long = "长".repeat(5_000);
    let (story, _) = run(&bench, vec![refusal("400 Bad Request", &long)]);
    assert_eq!(
        story.end.failure.unwrap().message.chars().count(),
        1_201,
        "cut, and an ellipsis"
    );
}

#[test]
fn errors_with_wrong_labels_and_broken_bodies() {
    let bench = Bench::new();
    let body = error("余额不足", "");
    for headers in [
        &[][..],
        &["content-type: text/html"],
        &["content-type: image/png"],
    ] {
        let bytes = answer("403 Forbidden", headers, body.as_bytes());
        assert_eq!(
            told(&run(&bench, vec![bytes]).0),
            ["failed quota - no"],
            "37: {headers:?}"
        );
    }
    let (story, _) = run(
        &bench,
        vec![refusal("502 Bad Gateway", "{\"error\": {\"mess")],
    );
    assert_eq!(told(&story), ["failed server - no"], "37: malformed");
    let page = "<html><title>502 Bad Gateway</title></html>";
    let (story, _) = run(&bench, vec![refusal("502 Bad Gateway", page)]);
    assert_eq!(told(&story), ["failed server - no"], "36: an edge page");
    let events =
        "event: error\ndata: {\"error\":{\"message\":\"slow\",\"code\":\"slow_down\"}}\n\n";
    let (story, _) = run(
        &bench,
        vec![answer("429 x", &["retry-after: 200"], events.as_bytes())],
    );
    assert_eq!(
        told(&story),
        ["failed rate_limit - no"],
        "an error as a stream"
    );
    let (story, _) = run(&bench, vec![refusal("502 Bad Gateway", "error code: 1016")]);
    assert_eq!(told(&story), ["failed network - no"], "47: a page as text");
}

#[test]
fn codes_and_what_they_mean() {
    let bench = Bench::new();
    let script = |code: &str, expected: &str| {
        let bytes = answer("400 Bad Request", &[], error("words", code).as_bytes());
        assert_eq!(
            bench.told(Ask::Responses, bytes),
            [format!("failed {expected}")],
            "{code}"
        );
    };
    for code in [
        "moderation_blocked",
        "content_policy_violation",
        "image_content_policy_violation",
        "invalid_prompt",
        "bio_policy",
        "sensitive_words_detected",
        "prompt_blocked",
    ] {
        script(code, "moderation prompt_refused no");
    }
    for code in [
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
    ] {
        script(code, "invalid_request reference no");
    }
    for code in [
        "server_error",
        "server_is_overloaded",
        "data_residency_mismatch",
        "vector_store_timeout",
    ] {
        script(code, "server - no");
    }
    for code in ["rate_limit_exceeded", "slow_down"] {
        script(code, "rate_limit - no");
    }
    for code in [
        "insufficient_quota",
        "billing_hard_limit_reached",
        "insufficient_user_quota",
        "pre_consume_token_quota_failed",
    ] {
        script(code, "quota - no");
    }
    for code in [
        "get_channel_failed",
        "channel:invalid_key",
        "channel:response_time_exceeded",
        "do_request_failed",
        "bad_response",
        "bad_response_body",
        "bad_response_status_code",
        "empty_response",
        "convert_request_failed",
    ] {
        script(code, "server - no");
    }
    script("channel:no_available_key", "server pool_exhausted no");
    script("model_not_found", "permission no_model_access no");
    script("access_denied", "permission no_model_access no");
    script("unknown_parameter", "invalid_request parameter no");
    script("unsupported_parameter", "invalid_request parameter no");
    script("text_conversation_not_supported", "server misrouted no");
    for (words, expected) in [
        ("用户余额不足", "quota - no"),
        ("额度不足", "quota - no"),
        ("该令牌额度已用尽", "quota - no"),
        ("Incorrect API key provided: sk-***", "auth - no"),
        ("当前分组上游负载已饱和，请稍后再试", "server - no"),
        ("请求过于频繁", "rate_limit - no"),
    ] {
        script_words(&bench, words, expected);
    }
}

/// 39: operators map statuses as they like, so the words count more.
fn script_words(bench: &Bench, words: &str, expected: &str) {
    let bytes = answer("418 x", &[], error(words, "").as_bytes());
    assert_eq!(
        bench.told(Ask::Responses, bytes),
        [format!("failed {expected}")],
        "{words}"
    );
}

#[test]
fn what_a_safety_check_objected_to() {
    let bench = Bench::new();
    let check = |details: &str, message: &str, expected: &str| {
        let body = format!(
            r#"{{"error":{{"code":"moderation_blocked","message":"{message}","moderation_details":{details}}}}}"#
        );
        let bytes = answer("400 Bad Request", &[], body.as_bytes());
        assert_eq!(
            bench.told(Ask::Responses, bytes),
            [format!("failed moderation {expected} no")],
            "{body}"
        );
    };
    check(
        r#"{"moderation_stage":"input","categories":["sexual","self-harm"]}"#,
        "no",
        "prompt_refused",
    );
    check(r#"{"moderation_stage":"output"}"#, "no", "picture_withheld");
    check(r#"{"moderation_stage":"unknown"}"#, "no", "prompt_refused");
    check("null", "no", "prompt_refused");
    check(
        "null",
        "The generated image was rejected",
        "picture_withheld",
    );
    check("null", "copyright: Shanghai Disney", "trademark");
}

#[test]
fn why_requests_fail_at_ikun() {
    let bench = Bench::new();
    let check = |status: &str, words: &str, expected: &str| {
        let bytes = answer(status, &[], error(words, "").as_bytes());
        assert_eq!(
            bench.told(Ask::Json, bytes),
            [format!("failed {expected} no")],
            "{words}"
        );
    };
    check("401 Unauthorized", "无效的令牌", "auth -");
    check(
        "500 Internal Server Error",
        "上游 GPT封号，请重试",
        "server pool_exhausted",
    );
    check(
        "400 Bad Request",
        "提示词违规：内容安全",
        "moderation prompt_refused",
    );
    check(
        "400 Bad Request",
        "尺寸不规范：1919x1079",
        "invalid_request size",
    );
    check(
        "400 Bad Request",
        "侵犯知识产权：上海迪士尼，内容违规",
        "moderation trademark",
    );
    check(
        "400 Bad Request",
        "提示词中不要写 8K 等分辨率",
        "invalid_request size",
    );
}
