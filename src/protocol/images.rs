//! Requests of the Images API (protocol.md 3.1 to 3.3).

use std::borrow::Cow;

use bytes::Bytes;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::model::{GenerationRequest, ImageField, ResponseFormat};

use super::fields::{self, GUARD, Left, OptionalParameter, is_streamed};
use super::picture_url::{PictureUrl, capacity_bytes};
use super::responses::EncodedPicture;

/// One part of a `multipart/form-data` body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FormPart {
    /// The field's name.
    pub name: Cow<'static, str>,
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

/// The JSON body of `POST {base}/images/generations` for `count` pictures (protocol.md 3.1).
///
/// Fields of `without` are left out, and those that the profile lists as refused; the profile's own fields come last and
/// replace ours of the same name.
#[must_use]
pub fn generations_body(
    request: &GenerationRequest,
    count: u8,
    without: &[OptionalParameter],
) -> Vec<u8> {
    edit_body(request, &[], None, count, without)
}

/// The JSON body of `POST {base}/images/edits` for `count` pictures, with references as data URLs (protocol.md 3.3).
///
/// References keep their order; `mask` belongs to the first. Fields as in [`generations_body`]. The base64 of the
/// pictures is written into the body once, without a copy beside it.
#[must_use]
pub fn edit_body(
    request: &GenerationRequest,
    references: &[EncodedPicture],
    mask: Option<&EncodedPicture>,
    count: u8,
    without: &[OptionalParameter],
) -> Vec<u8> {
    let body = JsonBody {
        fields: shared_fields(request, count, without),
        references: references.iter().map(Reference::of).collect(),
        mask: mask.map(Reference::of),
        left: Left::new(request, without),
    };
    let pictures = capacity_bytes(references.iter().chain(mask));
    let mut bytes = Vec::with_capacity(pictures + 2 * request.prompt.as_str().len() + 1024);
    let written = serde_json::to_writer(&mut bytes, &body);
    debug_assert!(written.is_ok(), "strings and numbers into memory");
    bytes
}

/// The parts of `POST {base}/images/edits` for `count` pictures, in order (protocol.md 3.2).
///
/// References are called as the profile says; `mask` belongs to the first. Fields as in [`generations_body`]; one of the
/// profile's own that is no text is written as its JSON.
#[must_use]
pub fn edit_parts(
    request: &GenerationRequest,
    references: &[EncodedPicture],
    mask: Option<&EncodedPicture>,
    count: u8,
    without: &[OptionalParameter],
) -> Vec<FormPart> {
    let left = Left::new(request, without);
    let text = |name: Cow<'static, str>, value: Value| FormPart {
        name,
        content: FormContent::Text(match value {
            Value::String(text) => text,
            value => value.to_string(),
        }),
    };
    let file = |name: &'static str, picture: &EncodedPicture| FormPart {
        name: name.into(),
        content: FormContent::File {
            file_name: picture.name.clone(),
            mime: picture.format.mime(),
            bytes: picture.bytes.clone(),
        },
    };
    let field = match request.gateway.dialect.image_field {
        ImageField::Bracketed => "image[]",
        ImageField::Plain => "image",
    };
    shared_fields(request, count, without)
        .into_iter()
        .filter(|(name, _)| !left.out(name))
        .map(|(name, value)| text(name.into(), value))
        .chain(references.iter().map(|picture| file(field, picture)))
        .chain(mask.map(|picture| file("mask", picture)))
        .chain(
            left.extra()
                .map(|(name, value)| text(name.to_owned().into(), value.clone())),
        )
        .collect()
}

struct JsonBody<'a> {
    fields: Vec<(&'static str, Value)>,
    references: Vec<Reference<'a>>,
    mask: Option<Reference<'a>>,
    left: Left<'a>,
}

impl Serialize for JsonBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let left = self.left;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.fields.iter().filter(|(name, _)| !left.out(name)) {
            map.serialize_entry(name, value)?;
        }
        if !self.references.is_empty() && !left.out("images") {
            map.serialize_entry("images", &self.references)?;
        }
        if let Some(mask) = self.mask.as_ref().filter(|_| !left.out("mask")) {
            map.serialize_entry("mask", mask)?;
        }
        for (name, value) in left.extra() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Reference<'a> {
    image_url: PictureUrl<'a>,
}

impl<'a> Reference<'a> {
    const fn of(picture: &'a EncodedPicture) -> Self {
        Self {
            image_url: PictureUrl(picture),
        }
    }
}

/// The fields of all three calls.
fn shared_fields(
    request: &GenerationRequest,
    count: u8,
    without: &[OptionalParameter],
) -> Vec<(&'static str, Value)> {
    let gateway = &request.gateway;
    let prompt = request.prompt.as_str();
    let prompt = if gateway.dialect.guard_prompt {
        // This API has no field for instructions, and relays that rewrite prompts do it here too (quirk 25).
        json!(format!("{GUARD}\n\n{prompt}"))
    } else {
        json!(prompt)
    };
    let mut fields = vec![("model", json!(gateway.image_model)), ("prompt", prompt)];
    if count > 1 {
        fields.push(("n", json!(count)));
    }
    fields.extend(fields::drawing(&request.parameters));
    let format = gateway.dialect.response_format;
    if format != ResponseFormat::Omit {
        fields.push((
            OptionalParameter::ResponseFormat.as_str(),
            json!(format.as_str()),
        ));
    }
    if is_streamed(request, without) {
        fields.push((OptionalParameter::Stream.as_str(), json!(true)));
        let partials = request.parameters.partials;
        if partials > 0 {
            fields.push((OptionalParameter::PartialImages.as_str(), json!(partials)));
        }
    }
    fields
}
