//! Pictures on their way in: the multipart form, and data URLs.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::demo::answer::ApiError;

/// The parts of an edits form.
#[derive(Debug, Default)]
pub(in crate::demo) struct Form {
    /// The text parts, as the JSON form of the call would have them.
    pub(super) fields: Map<String, Value>,
    pub(super) images: Vec<Bytes>,
    pub(super) mask: Option<Bytes>,
}

impl Form {
    pub(in crate::demo) async fn read(
        mut multipart: Multipart,
        max_body_bytes: usize,
    ) -> Result<Self, ApiError> {
        let wrong = |error: MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(max_body_bytes),
            _ => ApiError::invalid(format!("The form can't be read: {}.", error.body_text())),
        };
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(wrong)? {
            let name = field.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "image" | "image[]" => form.images.push(field.bytes().await.map_err(wrong)?),
                "mask" => form.mask = Some(field.bytes().await.map_err(wrong)?),
                _ => {
                    let text = field.text().await.map_err(wrong)?;
                    let value = typed_value(&name, text);
                    form.fields.insert(name, value);
                }
            }
        }
        Ok(form)
    }
}

/// Text parts carry numbers and booleans as words (protocol.md 3.2).
fn typed_value(name: &str, text: String) -> Value {
    let value = match name {
        "n" | "output_compression" | "partial_images" | "seed" => {
            text.parse::<i64>().ok().map(Value::from)
        }
        "stream" => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    value.unwrap_or(Value::String(text))
}

/// The file in a data URL; the demo gateway never goes to the network for one.
pub(super) fn picture_from_url(url: &str, param: &str) -> Result<Bytes, ApiError> {
    let refused = |message: &str, code| {
        let error = ApiError::invalid(message).param(param).code(code);
        Err(error)
    };
    let Some((head, data)) = url.split_once(',').filter(|_| url.starts_with("data:")) else {
        let message = "The demo gateway takes data URLs only; it downloads nothing.";
        return refused(message, "failed_to_download_image");
    };
    if !head.ends_with(";base64") {
        return refused("A data URL must be base64.", "invalid_image_url");
    }
    STANDARD_PAD_INDIFFERENT
        .decode(data)
        .map(Bytes::from)
        .or_else(|_| refused("The image is not valid base64.", "invalid_base64_image"))
}
