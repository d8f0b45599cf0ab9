//! Requests of the Responses API (protocol.md 2.1 to 2.3).

use std::fmt;

use ::base64::display::Base64Display;
use ::base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::model::{GenerationRequest, ImageFormat};

use super::fields::{self, OptionalParameter};

/// A picture file to send along.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EncodedPicture {
    /// A file name for the upload.
    pub name: String,
    /// What the bytes are.
    pub format: ImageFormat,
    /// The file.
    pub bytes: Bytes,
}

/// Written as `data:image/png;base64,…`, straight into whatever it is written to.
struct DataUrl<'a>(&'a EncodedPicture);

impl fmt::Display for DataUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(picture) = self;
        let data = Base64Display::new(&picture.bytes, &STANDARD);
        write!(f, "data:{};base64,{data}", picture.format.mime())
    }
}

impl Serialize for DataUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: [Message<'a>; 1],
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<bool>,
    tool_choice: Value,
    tools: [Tool<'a>; 1],
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    content: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    InputText {
        text: &'a str,
    },
    InputImage {
        image_url: DataUrl<'a>,
        detail: &'static str,
    },
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    model: &'a str,
    #[serde(flatten)]
    drawing: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_image_mask: Option<Mask<'a>>,
}

#[derive(Serialize)]
struct Mask<'a> {
    image_url: DataUrl<'a>,
}

/// The JSON body of `POST {base}/responses`: one picture, always as a stream, nothing stored at the gateway.
///
/// `references` keep their order; `mask` belongs to the first. Fields of `without` are left out. The base64 of the
/// pictures is written into the body once, without a copy beside it.
#[must_use]
pub fn responses_body(
    request: &GenerationRequest,
    references: &[EncodedPicture],
    mask: Option<&EncodedPicture>,
    without: &[OptionalParameter],
) -> Vec<u8> {
    let mut content = vec![Part::InputText {
        text: request.prompt.as_str(),
    }];
    content.extend(references.iter().map(|picture| Part::InputImage {
        image_url: DataUrl(picture),
        detail: "auto",
    }));
    let mut drawing = fields::drawing(&request.parameters, without);
    let partials = request.parameters.partials;
    if partials > 0 && !without.contains(&OptionalParameter::PartialImages) {
        drawing.push((OptionalParameter::PartialImages.as_str(), json!(partials)));
    }
    let body = Body {
        model: &request.gateway.model,
        input: [Message {
            kind: "message",
            role: "user",
            content,
        }],
        stream: true,
        store: (!without.contains(&OptionalParameter::Store)).then_some(false),
        tool_choice: if without.contains(&OptionalParameter::ToolChoice) {
            json!("required")
        } else {
            json!({"type": "image_generation"})
        },
        tools: [Tool {
            kind: "image_generation",
            model: &request.gateway.image_model,
            drawing: drawing
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            input_image_mask: mask.map(|picture| Mask {
                image_url: DataUrl(picture),
            }),
        }],
    };
    let pictures: usize = references
        .iter()
        .chain(mask)
        .map(|picture| picture.bytes.len() / 3 * 4 + 64)
        .sum();
    let mut bytes = Vec::with_capacity(pictures + 2 * request.prompt.as_str().len() + 1024);
    let written = serde_json::to_writer(&mut bytes, &body);
    debug_assert!(written.is_ok(), "strings and numbers into memory");
    bytes
}
