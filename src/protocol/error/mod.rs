//! What can go wrong: limits while decoding, and what gateways say themselves (protocol.md 8).

use serde_json::Value;

use super::text;

/// A body that can't be decoded further. The decoder has told the sink everything up to there.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError<E> {
    /// The sink's own error.
    #[error("the picture's bytes could not be stored")]
    Sink(#[source] E),
    /// An event or JSON body is too large even without its blobs.
    #[error("an answer has more than {limit} bytes beside its pictures")]
    SkeletonTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A picture has too many bytes.
    #[error("a picture has more than {limit} bytes")]
    BlobTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// There are too many pictures.
    #[error("an answer has more than {limit} pictures")]
    TooManyBlobs {
        /// The limit.
        limit: u32,
    },
    /// JSON is nested too deeply.
    #[error("an answer is nested more than {limit} levels deep")]
    TooDeep {
        /// The limit in levels.
        limit: u32,
    },
}

/// When a safety check refused (protocol.md 8.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ModerationStage {
    /// Prompt or references.
    Input,
    /// The finished picture.
    Output,
}

/// What a gateway says went wrong, in one shape. Everything but the message may be missing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WireError {
    /// The gateway's words, at most [`MAX_MESSAGE_CHARS`] characters; ours where it has none. What the model itself said
    /// is here in full, up to [`MAX_WORDS_BYTES`].
    pub message: String,
    /// `error.code`, never empty. Codes of our own are listed in [`own_code`].
    pub code: Option<String>,
    /// `error.type`, never empty.
    pub kind: Option<String>,
    /// `error.param`, never empty.
    pub param: Option<String>,
    /// The gateway's id of the request, from the body or from the end of the message.
    pub request_id: Option<String>,
    /// Which safety check refused.
    pub stage: Option<ModerationStage>,
    /// What the safety check objected to, such as `violence`.
    pub categories: Vec<String>,
}

/// Longest message that is kept (protocol.md 8.2).
pub const MAX_MESSAGE_CHARS: usize = 1_200;

/// Most bytes of the model's words that are kept.
pub const MAX_WORDS_BYTES: usize = 64 << 10;

/// Codes of [`WireError`]s that we make ourselves, where the answer has no words for what is wrong with it.
pub mod own_code {
    /// The answer is a web page.
    pub const HTML_PAGE: &str = "html_page";
    /// The answer is over and has no picture.
    pub const NO_IMAGE: &str = "no_image";
    /// The answer ended before it was over, without a picture.
    pub const STREAM_CUT: &str = "stream_cut";
    /// The answer is a ticket for a picture to be fetched later.
    pub const ASYNC_TASK: &str = "async_task";
    /// The model refused in words.
    pub const REFUSAL: &str = "refusal";
    /// The model answered in words.
    pub const TEXT_ANSWER: &str = "text_answer";
    /// The answer is neither JSON nor events.
    pub const NOT_JSON: &str = "not_json";
    /// A field that should hold a picture holds something else.
    pub const NOT_AN_IMAGE: &str = "not_an_image";
    /// The answer is over; previews came, and no picture.
    pub const PREVIEWS_ONLY: &str = "previews_only";

    /// All of them.
    pub const ALL: [&str; 9] = [
        HTML_PAGE,
        NO_IMAGE,
        STREAM_CUT,
        ASYNC_TASK,
        REFUSAL,
        TEXT_ANSWER,
        NOT_JSON,
        NOT_AN_IMAGE,
        PREVIEWS_ONLY,
    ];
}

impl WireError {
    /// An error of our own.
    #[must_use]
    pub fn own(code: &str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: Some(code.to_owned()),
            ..Self::default()
        }
    }

    /// The model refused in these words.
    #[must_use]
    pub fn refusal(words: &str) -> Self {
        Self::own(own_code::REFUSAL, words.trim())
    }

    /// The model answered in these words instead of drawing.
    #[must_use]
    pub fn text_answer(words: &str) -> Self {
        Self::own(own_code::TEXT_ANSWER, words.trim())
    }

    /// Reads any error object of protocol.md 8.2: the whole body, or the data of an event. `None` when nothing in it
    /// says that something went wrong.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        let found = find_error(value)?;
        let (code, kind, param) = (
            found.get("code").or_else(|| value.get("code")),
            found.get("type"),
            found.get("param"),
        );
        let mut error = Self {
            message: message(found, value).unwrap_or_default(),
            code: code.and_then(scalar),
            kind: kind
                .and_then(scalar)
                // The event's own name, not a kind of error.
                .filter(|kind| kind != "error" && !kind.starts_with("response.")),
            param: param.and_then(scalar),
            request_id: ["request_id", "requestId"]
                .iter()
                .find_map(|key| found.get(key).or_else(|| value.get(key)))
                .and_then(scalar),
            ..Self::default()
        };
        let details = found.get("moderation_details");
        if let Some(details) = details {
            error.stage = match details.get("moderation_stage").and_then(Value::as_str) {
                Some("input") => Some(ModerationStage::Input),
                Some("output") => Some(ModerationStage::Output),
                _ => None,
            };
            error.categories = strings(details.get("categories"));
        }
        error.complete();
        Some(error)
    }

    /// Like [`Self::from_json`], but only for a value whose `error` says that something went wrong: what else looks like
    /// an error may be part of a good answer.
    pub(super) fn from_json_field(value: &Value) -> Option<Self> {
        value
            .get("error")
            .filter(|error| is_filled(error))
            .and_then(|_| Self::from_json(value))
    }

    /// Takes from the message what gateways put only there.
    fn complete(&mut self) {
        if self.request_id.is_none() {
            self.request_id = request_id_in(&self.message);
        }
        if self.categories.is_empty() {
            self.categories = violations_in(&self.message);
        }
        if self.message.is_empty() {
            self.message = self
                .code
                .clone()
                .or_else(|| self.kind.clone())
                .unwrap_or_else(|| "The gateway reports an error without a message".to_owned());
        }
        self.message = text::shorten(&self.message, MAX_MESSAGE_CHARS);
    }
}

/// Reads the body of an answer whose status says that it failed (protocol.md 8.2): JSON of every shape, a web page,
/// plain text, nothing. The content type is not trusted; `body` may be cut.
#[must_use]
pub fn parse_error_body(status: u16, content_type: Option<&str>, body: &[u8]) -> WireError {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body = body.trim_ascii();
    if body.is_empty() {
        return WireError {
            message: format!("HTTP status {status} without a message"),
            ..WireError::default()
        };
    }
    if let Some(error) = super::frame::parse(sse_data(body)).and_then(|value| {
        // Whatever has a message: that something failed is known from the status.
        WireError::from_json(&value)
            .or_else(|| message_of(&value).map(|words| plain_text_error(&words)))
    }) {
        return error;
    }
    let words = String::from_utf8_lossy(body);
    let is_page = body.starts_with(b"<") || content_type.is_some_and(|kind| kind.contains("html"));
    if is_page {
        let title = text::page_title(&words);
        return WireError::own(
            own_code::HTML_PAGE,
            title.unwrap_or_else(|| format!("HTTP status {status} with a web page")),
        );
    }
    plain_text_error(&words)
}

/// Some answer a failed request with one event.
fn sse_data(body: &[u8]) -> &[u8] {
    let Some(at) = body
        .split(|&byte| byte == b'\n')
        .find_map(|line| line.strip_prefix(b"data:"))
    else {
        return body;
    };
    if body.starts_with(b"data:") || body.starts_with(b"event:") || body.starts_with(b":") {
        at.trim_ascii()
    } else {
        body
    }
}

fn plain_text_error(words: &str) -> WireError {
    let mut error = WireError {
        message: words.trim().to_owned(),
        ..WireError::default()
    };
    error.complete();
    error
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// The part of a JSON value that describes an error.
fn find_error(value: &Value) -> Option<&Value> {
    for key in ["error", "detail", "errors"] {
        if let Some(error) = value.get(key).filter(|error| is_filled(error)) {
            return Some(match error {
                Value::Array(items) => items.first().unwrap_or(error),
                _ => error,
            });
        }
    }
    let name = value
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_error_event = matches!(name, "error" | "upstream_error") || name.ends_with(".failed");
    let has_message = ["message", "error_description", "title", "msg"]
        .iter()
        .any(|key| value.get(key).is_some_and(Value::is_string));
    // `{"code": 200, "message": "success", …}`
    let is_good = value.get("code").and_then(scalar).is_some_and(|code| {
        matches!(
            code.to_ascii_lowercase().as_str(),
            "0" | "200" | "ok" | "success"
        )
    });
    if is_good && !is_error_event {
        return None;
    }
    let is_bare = has_message
        && ["code", "status", "type", "error_description", "title"]
            .iter()
            .any(|key| value.get(key).is_some_and(is_filled));
    let is_denied = value.get("success") == Some(&Value::Bool(false));
    (is_error_event
        || is_bare
        || (is_denied && has_message)
        || (has_message && value.as_object().is_some_and(|fields| fields.len() == 1)))
    .then_some(value)
}

/// The words of the error that was found in `value`: its own, but those around it where it only is one of a list.
fn message(found: &Value, value: &Value) -> Option<String> {
    let around = || value.get("message").filter(|words| words.is_string());
    let is_listed = ["error", "detail"]
        .iter()
        .all(|key| !value.get(key).is_some_and(is_filled));
    around()
        .filter(|_| is_listed)
        .and_then(message_of)
        .or_else(|| message_of(found))
        .or_else(|| message_of(value))
}

/// The words of an error, in the order of protocol.md 8.2.
fn message_of(error: &Value) -> Option<String> {
    let filled = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    match error {
        Value::String(text) => filled(text),
        Value::Object(_) => {
            let words = [
                "message",
                "error",
                "detail",
                "msg",
                "error_description",
                "title",
            ]
            .iter()
            .find_map(|key| error.get(key).and_then(message_of));
            let place = error.get("loc").and_then(Value::as_array).map(|path| {
                let steps: Vec<String> = path.iter().filter_map(scalar).collect();
                steps.join(".")
            });
            match (words, place) {
                (Some(words), Some(place)) => Some(format!("{place}: {words}")),
                (words, _) => words,
            }
        }
        Value::Array(items) => items.first().and_then(message_of),
        _ => None,
    }
}

/// A string or number as text; `None` for anything empty.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array);
    items.into_iter().flatten().filter_map(scalar).collect()
}

/// `… (request id: 2026…)`, as new-api ends its messages.
fn request_id_in(message: &str) -> Option<String> {
    let lower = message.to_ascii_lowercase();
    let at = ["request id:", "request_id:", "requestid:"]
        .iter()
        .find_map(|mark| lower.rfind(mark).map(|at| at + mark.len()))?;
    let id = message.get(at..)?.trim_start();
    let end = id
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(id.len());
    let id = id.get(..end)?.trim_end_matches('.');
    (!id.is_empty()).then(|| id.to_owned())
}

/// `safety_violations=[violence, sexual]`, where older and relayed errors have nothing else (quirk 46).
fn violations_in(message: &str) -> Vec<String> {
    let Some((_, rest)) = message.split_once("safety_violations=[") else {
        return Vec::new();
    };
    let list = rest.split(']').next().unwrap_or_default();
    list.split(',')
        .map(|name| name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"')))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
