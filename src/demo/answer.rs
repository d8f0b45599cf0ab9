//! Answers without a picture: errors in the shapes of protocol.md 8.2, and what HTTP-level faults say.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::Fault;
use super::wire::{Json, Object};

/// An error as OpenAI words it; the HTTP status travels beside it.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    retry_after_secs: Option<u32>,
    /// Boxed: it travels in many a `Result`.
    body: Box<ErrorBody>,
}

/// The object under `error`.
#[derive(Clone, Debug, Serialize)]
struct ErrorBody {
    message: String,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moderation_details: Option<ModerationDetails>,
}

#[derive(Clone, Debug, Serialize)]
struct ModerationDetails {
    moderation_stage: &'static str,
    categories: [&'static str; 1],
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a ErrorBody,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            retry_after_secs: None,
            body: Box::new(ErrorBody {
                message: message.into(),
                kind,
                param: None,
                code: None,
                moderation_details: None,
            }),
        }
    }

    /// 400: the request itself is wrong.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// 400: the value of a parameter is wrong.
    pub(super) fn invalid_value(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(message).param(param).code("invalid_value")
    }

    pub(super) fn missing(param: impl Into<String>) -> Self {
        let param = param.into();
        Self::invalid(format!("Missing required parameter: '{param}'."))
            .param(param)
            .code("missing_required_parameter")
    }

    pub(super) fn no_key() -> Self {
        let message = "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'; \
                       the demo gateway takes any.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
    }

    pub(super) fn bad_key() -> Self {
        let message = "Incorrect API key provided.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
            .code("invalid_api_key")
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
    }

    pub(super) fn method_not_allowed(message: impl Into<String>) -> Self {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::new(status, "invalid_request_error", message)
    }

    pub(super) fn too_large(limit_bytes: usize) -> Self {
        let message = format!("The request is too large: {limit_bytes} bytes at most.");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request_error",
            message,
        )
        .code("request_too_large")
    }

    pub(super) fn server_error() -> Self {
        let message = "The server had an error while processing your request. Sorry about that!";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", message).code("server_error")
    }

    /// The safety check refuses, before (`input`) or after (`output`) painting.
    pub(super) fn moderation(stage: &'static str) -> Self {
        let message = "Your request was rejected by the safety system. If you believe this is an error, \
                       contact us at help.openai.com. safety_violations=[violence].";
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            "image_generation_user_error",
            message,
        )
        .code("moderation_blocked");
        error.body.moderation_details = Some(ModerationDetails {
            moderation_stage: stage,
            categories: ["violence"],
        });
        error
    }

    /// The model refuses, on an API without a place for words.
    pub(super) fn refusal(words: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "image_generation_user_error",
            words,
        )
        .code("content_policy_violation")
    }

    pub(super) fn param(mut self, param: impl Into<String>) -> Self {
        self.body.param = Some(param.into());
        self
    }

    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.body.code = Some(code);
        self
    }

    fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_secs = Some(seconds);
        self
    }

    /// What it says of the parameter, and its code; empty where it says nothing.
    #[cfg(test)]
    pub(super) fn param_and_code(&self) -> (String, String) {
        let ErrorBody { param, code, .. } = &*self.body;
        (
            param.clone().unwrap_or_default(),
            code.unwrap_or_default().to_owned(),
        )
    }

    /// `{"error": …}`, the body of an answer; relays send it in streams as well.
    pub(super) fn nested(&self) -> Object {
        Object::new().set("error", Json::of(&self.body))
    }

    /// OpenAI's form in the stream of a response.
    pub(super) fn flat(&self) -> Object {
        let body = &*self.body;
        Object::new()
            .set("code", Json::of(&body.code))
            .set("message", body.message.as_str())
            .set("param", Json::Null)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let json = axum::Json(Envelope { error: &self.body });
        let mut response = (self.status, json).into_response();
        if let Some(seconds) = self.retry_after_secs {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What a fault of the HTTP level answers, whatever the request; `None` for every other fault.
///
/// The «-then-ok» faults answer like the lasting ones: whoever calls keeps count.
pub(super) fn of_fault(fault: Fault) -> Option<Response> {
    let error = match fault {
        Fault::Unauthorized => ApiError::bad_key(),
        Fault::Forbidden => ApiError::new(
            StatusCode::FORBIDDEN,
            "new_api_error",
            "This token has no access to model gpt-image-2",
        )
        .code("access_denied"),
        Fault::Balance => ApiError::new(
            StatusCode::FORBIDDEN,
            "new_api_error",
            "预扣费额度失败, 用户剩余额度不足",
        )
        .code("insufficient_user_quota"),
        Fault::Quota => ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.",
        )
        .code("insufficient_quota"),
        Fault::NotFound => ApiError::not_found(
            "The model 'gpt-image-2' does not exist or you do not have access to it.",
        )
        .param("model")
        .code("model_not_found"),
        Fault::RateLimit | Fault::RateLimitThenOk => ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "requests",
            "Rate limit reached for gpt-image-2 on images per min. Please try again in 1s.",
        )
        .code("rate_limit_exceeded")
        .retry_after(1),
        Fault::ServerError | Fault::ServerErrorThenOk => ApiError::server_error(),
        Fault::BadGateway => ApiError::new(
            StatusCode::BAD_GATEWAY,
            "upstream_error",
            "bad response status code 502",
        )
        .param("502")
        .code("bad_response_status_code"),
        Fault::Overloaded => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "server_error",
            "The server is overloaded. Please try again later.",
        )
        .code("server_is_overloaded"),
        Fault::EdgeTimeout | Fault::EdgeTimeoutAfter { .. } => return Some(edge_page()),
        Fault::Html => return Some(Html(CONSOLE_PAGE).into_response()),
        Fault::ModerationInput => ApiError::moderation("input"),
        _ => return None,
    };
    Some(error.into_response())
}

/// What the bare origin of many gateways serves: its web console.
const CONSOLE_PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>Gateway console</title></head><body><div id=\"root\"></div>\
    <script type=\"module\" src=\"/assets/index.js\"></script></body></html>\n";

/// A page as edge networks send it; no JSON in it.
fn edge_page() -> Response {
    const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>api.example | 524: A timeout occurred</title>\
        </head><body><h1>A timeout occurred <span>Error code 524</span></h1>\
        <p>The origin web server timed out responding to this request.</p></body></html>\n";
    let status = StatusCode::from_u16(524).unwrap_or(StatusCode::GATEWAY_TIMEOUT);
    (status, Html(PAGE)).into_response()
}
