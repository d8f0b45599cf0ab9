//! Requests of the Images API (protocol.md 3.1 and 3.2).

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::model::GenerationRequest;

use super::fields::{self, OptionalParameter};
use super::responses::EncodedPicture;

/// One part of a `multipart/form-data` body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FormPart {
    /// The field's name.
    pub name: &'static str,
    /// What it holds.
    pub content: FormContent,
}

/// What a part holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FormContent {
    /// A word or a number.
    Text(String),
    /// A picture file.
    File {
        /// Every file part needs a name.
        file_name: String,
        /// `Content-Type` of the part.
        mime: &'static str,
        /// The file.
        bytes: Bytes,
    },
}

/// The JSON body of `POST {base}/images/generations` for `count` pictures. Fields of `without` are left out.
#[must_use]
pub fn generations_body(
    request: &GenerationRequest,
    count: u8,
    without: &[OptionalParameter],
) -> Vec<u8> {
    let body: Map<String, Value> = shared_fields(request, count, without)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Value::Object(body).to_string().into_bytes()
}

/// The parts of `POST {base}/images/edits` for `count` pictures, in order. Fields of `without` are left out.
///
/// References are all called `image[]`, which is what the seeds and most relays take; `mask` belongs to the first.
#[must_use]
pub fn edit_parts(
    request: &GenerationRequest,
    references: &[EncodedPicture],
    mask: Option<&EncodedPicture>,
    count: u8,
    without: &[OptionalParameter],
) -> Vec<FormPart> {
    let file = |name, picture: &EncodedPicture| FormPart {
        name,
        content: FormContent::File {
            file_name: picture.name.clone(),
            mime: picture.format.mime(),
            bytes: picture.bytes.clone(),
        },
    };
    let words = shared_fields(request, count, without)
        .into_iter()
        .map(|(name, value)| FormPart {
            name,
            content: FormContent::Text(match value {
                Value::String(text) => text,
                value => value.to_string(),
            }),
        });
    words
        .chain(references.iter().map(|picture| file("image[]", picture)))
        .chain(mask.map(|picture| file("mask", picture)))
        .collect()
}

/// The fields of both calls. `response_format` is never among them: OpenAI refuses it (protocol.md 3.1).
fn shared_fields(
    request: &GenerationRequest,
    count: u8,
    without: &[OptionalParameter],
) -> Vec<(&'static str, Value)> {
    let mut fields = vec![
        ("model", json!(request.gateway.image_model)),
        ("prompt", json!(request.prompt.as_str())),
    ];
    if count > 1 {
        fields.push(("n", json!(count)));
    }
    fields.extend(fields::drawing(&request.parameters, without));
    let is_stream = request.gateway.stream && !without.contains(&OptionalParameter::Stream);
    if is_stream {
        fields.push((OptionalParameter::Stream.as_str(), json!(true)));
        let partials = request.parameters.partials;
        if partials > 0 && !without.contains(&OptionalParameter::PartialImages) {
            fields.push((OptionalParameter::PartialImages.as_str(), json!(partials)));
        }
    }
    fields
}
