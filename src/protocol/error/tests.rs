//! Error bodies as gateways send them (protocol.md 8.2), and the kinds of failure they come to (8.1, 8.3, 8.7).

use super::super::{OptionalParameter, classify};
use super::*;
use crate::model::FailureKind;

/// A body, its status, the message it comes to, and the kind.
fn check(status: u16, body: &str, message: &str, kind: FailureKind) -> WireError {
    let error = parse_error_body(status, Some("application/json"), body.as_bytes());
    assert_eq!(error.message, message, "{body}");
    assert_eq!(classify(Some(status), &error), kind, "{status} {body}");
    error
}

#[test]
fn bodies_as_the_apis_document_them() {
    let error = check(
        400,
        r#"{"error":{"message":"Bad size","type":"invalid_request_error","param":"size","code":"invalid_value"}}"#,
        "Bad size",
        FailureKind::InvalidRequest,
    );
    assert_eq!(error.kind.as_deref(), Some("invalid_request_error"));
    assert_eq!(error.param.as_deref(), Some("size"));
    assert_eq!(error.code.as_deref(), Some("invalid_value"));

    let error = check(
        400,
        r#"{"error":{"type":"image_generation_user_error","code":"moderation_blocked","message":"No.","moderation_details":{"moderation_stage":"input","categories":["harassment"]}}}"#,
        "No.",
        FailureKind::Moderation,
    );
    assert_eq!(error.stage, Some(ModerationStage::Input));
    assert_eq!(error.categories, ["harassment"]);

    let words = "Your request was rejected by the safety system. safety_violations=[violence, 'sexual']. (request id: 20260101abc)";
    let error = check(
        400,
        &format!(
            r#"{{"error":{{"message":"{words}","type":"image_generation_user_error","param":"","code":"moderation_blocked"}}}}"#
        ),
        words,
        FailureKind::Moderation,
    );
    assert_eq!(error.request_id.as_deref(), Some("20260101abc"));
    assert_eq!(error.categories, ["violence", "sexual"]);
    assert_eq!(error.param, None);

    let error = check(
        401,
        r#"{"error":{"message":"无效的令牌 (request id: 2026a)","type":"new_api_error","code":""}}"#,
        "无效的令牌 (request id: 2026a)",
        FailureKind::Auth,
    );
    assert_eq!(
        (error.code, error.request_id.as_deref()),
        (None, Some("2026a"))
    );
}

#[test]
fn bodies_as_relays_make_them() {
    check(
        502,
        r#"{"error":{"message":"bad response status code 502","type":"upstream_error","param":"502","code":"bad_response_status_code"}}"#,
        "bad response status code 502",
        FailureKind::Server,
    );
    check(
        429,
        r#"{"detail":{"error":"no available image quota"}}"#,
        "no available image quota",
        FailureKind::RateLimit,
    );
    check(
        422,
        r#"{"detail":[{"loc":["body","n"],"msg":"too many","type":"less_than_equal"}]}"#,
        "body.n: too many",
        FailureKind::InvalidRequest,
    );
    check(
        404,
        r#"{"detail":"Not Found"}"#,
        "Not Found",
        FailureKind::NotFound,
    );
    check(
        401,
        r#"{"error":"authorization is invalid"}"#,
        "authorization is invalid",
        FailureKind::Auth,
    );
    check(
        500,
        r#"{"code":"text_conversation_not_supported","message":"wrong channel"}"#,
        "wrong channel",
        FailureKind::Server,
    );
    let error = check(
        529,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#,
        "Overloaded",
        FailureKind::Server,
    );
    assert_eq!(error.request_id.as_deref(), Some("req_1"));
    check(
        500,
        r#"{"errors":[{"detail":"broken"}]}"#,
        "broken",
        FailureKind::Server,
    );
    let error = check(
        400,
        r#"{"error":{"message":"x","code":1016}}"#,
        "x",
        FailureKind::InvalidRequest,
    );
    assert_eq!(error.code.as_deref(), Some("1016"));
    check(
        400,
        r#"{"message":"only a message"}"#,
        "only a message",
        FailureKind::InvalidRequest,
    );
    check(
        401,
        r#"{"error":"invalid_token","error_description":"expired"}"#,
        "invalid_token",
        FailureKind::Auth,
    );
}

#[test]
fn bodies_that_are_not_json() {
    check(
        502,
        "",
        "HTTP status 502 without a message",
        FailureKind::Server,
    );
    check(403, " Forbidden \n", "Forbidden", FailureKind::Permission);
    check(
        530,
        "error code: 1016",
        "error code: 1016",
        FailureKind::Network,
    );
    check(
        502,
        r#"{"error":{"message":"cut"#,
        r#"{"error":{"message":"cut"#,
        FailureKind::Server,
    );
    check(
        524,
        "<html><head><title>a.com | 524: A timeout\n occurred</title></head></html>",
        "a.com | 524: A timeout occurred",
        FailureKind::Timeout,
    );
    check(
        405,
        "<html><h1>405</h1></html>",
        "405",
        FailureKind::NotFound,
    );
    check(
        500,
        "data: {\"error\":{\"message\":\"in an event\"}}\n\n",
        "in an event",
        FailureKind::Server,
    );
    let long = "字".repeat(2 * MAX_MESSAGE_CHARS);
    let error = parse_error_body(500, None, long.as_bytes());
    assert_eq!(error.message.chars().count(), MAX_MESSAGE_CHARS + 1);
    assert!(error.message.ends_with('…'));
}

#[test]
fn kinds_by_code_then_words_then_status() {
    let check = |status, code: &str, message: &str, kind| {
        let error = WireError {
            message: message.to_owned(),
            code: (!code.is_empty()).then(|| code.to_owned()),
            ..WireError::default()
        };
        assert_eq!(
            classify(status, &error),
            kind,
            "{status:?} {code} {message}"
        );
    };
    check(Some(429), "insufficient_quota", "", FailureKind::Quota);
    check(Some(403), "insufficient_user_quota", "", FailureKind::Quota);
    check(Some(403), "", "用户余额不足", FailureKind::Quota);
    check(Some(403), "", "该令牌额度已用尽", FailureKind::Quota);
    check(Some(500), "", "额度不足", FailureKind::Quota);
    check(Some(403), "access_denied", "", FailureKind::Permission);
    check(
        Some(503),
        "model_not_found",
        "当前分组 default 下对于模型 gpt-image-2 无可用渠道",
        FailureKind::Permission,
    );
    check(Some(404), "model_not_found", "", FailureKind::NotFound);
    check(Some(503), "", "upstream overloaded", FailureKind::Server);
    check(
        Some(500),
        "sensitive_words_detected",
        "",
        FailureKind::Moderation,
    );
    check(Some(500), "", "检测到敏感词", FailureKind::Moderation);
    check(
        Some(400),
        "image_too_large",
        "",
        FailureKind::InvalidRequest,
    );
    check(
        Some(413),
        "",
        "Request Entity Too Large",
        FailureKind::InvalidRequest,
    );
    check(Some(402), "", "", FailureKind::Quota);
    check(Some(408), "", "", FailureKind::Timeout);
    check(Some(409), "", "", FailureKind::Server);
    check(Some(504), "", "", FailureKind::Timeout);
    check(Some(521), "", "", FailureKind::Server);
    check(Some(429), "slow_down", "", FailureKind::RateLimit);
    check(
        Some(400),
        "",
        "请求过于频繁，请稍后再试",
        FailureKind::RateLimit,
    );
    check(None, "content_filter", "", FailureKind::Moderation);
    check(None, "max_output_tokens", "", FailureKind::Server);
    check(Some(200), "server_error", "", FailureKind::Server);
    check(Some(200), "", "something", FailureKind::Server);
    check(
        Some(200),
        own_code::HTML_PAGE,
        "New API",
        FailureKind::NotFound,
    );
    check(Some(200), own_code::NO_IMAGE, "", FailureKind::Protocol);
    check(Some(200), own_code::STREAM_CUT, "", FailureKind::Network);
    let kind_of = |error| classify(Some(200), &error);
    assert_eq!(
        kind_of(WireError::refusal("I won't.")),
        FailureKind::Moderation
    );
    assert_eq!(
        kind_of(WireError::text_answer("Hello.")),
        FailureKind::InvalidRequest
    );
}

#[test]
fn the_parameter_that_a_refusal_names() {
    let check = |body: &str, expected| {
        let error = parse_error_body(400, None, body.as_bytes());
        assert_eq!(OptionalParameter::named_by(&error), expected, "{body}");
    };
    check(
        r#"{"error":{"message":"Unknown parameter: 'tools[0].partial_images'.","param":"tools[0].partial_images","code":"unknown_parameter"}}"#,
        Some(OptionalParameter::PartialImages),
    );
    check(
        r#"{"error":{"message":"Unsupported parameter: moderation"}}"#,
        Some(OptionalParameter::Moderation),
    );
    check(
        r#"{"detail":[{"loc":["body","background"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]}"#,
        Some(OptionalParameter::Background),
    );
    check(
        r#"{"error":{"message":"Tool choice 'image_generation' not found in 'tools' parameter","param":"tool_choice"}}"#,
        Some(OptionalParameter::ToolChoice),
    );
    check(
        r#"{"error":{"message":"Tool choice 'image_generation' not found in 'tools' parameter"}}"#,
        Some(OptionalParameter::ToolChoice),
    );
    check(
        r#"{"error":{"message":"Invalid value for quality: 'ultra'","param":"quality","code":"invalid_value"}}"#,
        None,
    );
    check(
        r#"{"error":{"message":"the background of the picture is bad"}}"#,
        None,
    );
}
