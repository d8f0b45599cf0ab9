//! Requests of the Responses API (protocol.md 2.1 to 2.3).

use bytes::Bytes;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::model::{Effort, GenerationRequest, ImageFormat};

use super::fields::{self, GUARD, Left, OptionalParameter};
use super::picture_url::{PictureUrl, capacity_bytes};

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

/// The body; its fields are written one by one, so that the profile's own can replace them.
struct Body<'a> {
    request: &'a GenerationRequest,
    references: &'a [EncodedPicture],
    tools: [Tool<'a>; 1],
    left: Left<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { request, left, .. } = self;
        let dialect = &request.gateway.dialect;
        let mut map = serializer.serialize_map(None)?;
        if !left.out("model") {
            map.serialize_entry("model", &request.gateway.model)?;
        }
        // Of the ways to ask that the prompt be left alone this is the one that leaves it alone: a field made for it,
        // which Codex-type upstreams get anyway (2.2). A prefix would stand in the prompt itself.
        if dialect.guard_prompt && !left.out("instructions") {
            map.serialize_entry("instructions", GUARD)?;
        }
        if !left.out("input") {
            map.serialize_entry("input", &[Message::of(request, self.references)])?;
        }
        // Without a stream some gateways lose the picture (2.5), so this one can't be refused.
        if left.extra().all(|(name, _)| name != "stream") {
            map.serialize_entry("stream", &true)?;
        }
        if !left.out("store") {
            map.serialize_entry("store", &false)?;
        }
        if left.refused("tool_choice") {
            let is_last = left.refused(OptionalParameter::RequiredToolChoice.as_str());
            map.serialize_entry("tool_choice", if is_last { "auto" } else { "required" })?;
        } else if !left.out("tool_choice") {
            map.serialize_entry("tool_choice", &json!({"type": "image_generation"}))?;
        }
        if let Some(effort) = dialect.reasoning.filter(|_| !left.out("reasoning")) {
            map.serialize_entry("reasoning", &reasoning(effort))?;
        }
        // A list of the profile's own replaces the tool; an object only adds to it.
        let has_list = left.extra().any(|(name, value)| is_list(name, value));
        if !has_list {
            map.serialize_entry("tools", &self.tools)?;
        }
        for (name, value) in left.extra() {
            if name != "tools" || is_list(name, value) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

fn is_list(name: &str, value: &Value) -> bool {
    name == "tools" && !value.is_object()
}

/// `{"effort": "xhigh", "summary": "auto"}`, as in JunFeiAI's sample (2.1). There is nothing to sum up where nothing is
/// thought.
fn reasoning(effort: Effort) -> Value {
    if effort == Effort::None {
        json!({"effort": effort.as_str()})
    } else {
        json!({"effort": effort.as_str(), "summary": "auto"})
    }
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    content: Vec<Part<'a>>,
}

impl<'a> Message<'a> {
    fn of(request: &'a GenerationRequest, references: &'a [EncodedPicture]) -> Self {
        let mut content = vec![Part::InputText {
            text: request.prompt.as_str(),
        }];
        content.extend(references.iter().map(|picture| Part::InputImage {
            image_url: PictureUrl(picture),
            detail: "auto",
        }));
        Self {
            kind: "message",
            role: "user",
            content,
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    InputText {
        text: &'a str,
    },
    InputImage {
        image_url: PictureUrl<'a>,
        detail: &'static str,
    },
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    drawing: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_image_mask: Option<Mask<'a>>,
}

#[derive(Serialize)]
struct Mask<'a> {
    image_url: PictureUrl<'a>,
}

/// The JSON body of `POST {base}/responses`: one picture, always as a stream, nothing stored at the gateway.
///
/// `references` keep their order; `mask` belongs to the first. Fields of `without` are left out, and those that the
/// profile lists as refused. The profile's own fields come last and replace ours of the same name; an object `tools`
/// among them is merged into the tool in the same way, because as a value of its own it would mean nothing. The base64
/// of the pictures is written into the body once, without a copy beside it.
#[must_use]
pub fn responses_body(
    request: &GenerationRequest,
    references: &[EncodedPicture],
    mask: Option<&EncodedPicture>,
    without: &[OptionalParameter],
) -> Vec<u8> {
    let left = Left::new(request, without);
    let mut ours = vec![("model", json!(request.gateway.image_model))];
    ours.extend(fields::drawing(&request.parameters));
    let partials = request.parameters.partials;
    if partials > 0 {
        ours.push((OptionalParameter::PartialImages.as_str(), json!(partials)));
    }
    let theirs = request.gateway.dialect.extra.fields().get("tools");
    let theirs: Vec<(&String, &Value)> = theirs
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .collect();
    let is_theirs = |name: &str| theirs.iter().any(|(their, _)| *their == name);
    let mut drawing: Map<String, Value> = ours
        .into_iter()
        .filter(|(name, _)| !left.refused(name) && !is_theirs(name))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for (name, value) in &theirs {
        if !value.is_null() && !left.refused(name) && *name != "type" {
            drawing.insert((*name).clone(), (*value).clone());
        }
    }
    let mask = mask.filter(|_| !is_theirs("input_image_mask") && !left.refused("input_image_mask"));
    let body = Body {
        request,
        references,
        tools: [Tool {
            kind: "image_generation",
            drawing,
            input_image_mask: mask.map(|picture| Mask {
                image_url: PictureUrl(picture),
            }),
        }],
        left,
    };
    let pictures = capacity_bytes(references.iter().chain(mask));
    let mut bytes = Vec::with_capacity(pictures + 2 * request.prompt.as_str().len() + 1024);
    let written = serde_json::to_writer(&mut bytes, &body);
    debug_assert!(written.is_ok(), "strings and numbers into memory");
    bytes
}
