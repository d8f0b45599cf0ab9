//! What a request asks for: both APIs' bodies read into one validated [`Order`].
//!
//! Strict where OpenAI is: wrong values get its 400s, with `param` and `code` (protocol.md 6, 8). Fields that it does
//! not know are ignored, as relays do. No pixel is decoded here. Called by `routes`.

mod fields;
mod upload;

use bytes::Bytes;
use serde_json::{Map, Value};

pub(super) use self::fields::Fields;
pub(super) use self::upload::Form;
use self::upload::picture_from_url;
use super::answer::ApiError;
use crate::model::{
    Background, ImageFormat, MAX_COUNT, MAX_PARTIALS, MAX_PROMPT_CHARS, ModelCapability, Quality,
    SizeChoice, SizeRule,
};

/// Which endpoint was called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Endpoint {
    Responses,
    Generations,
    Edits,
}

/// A request whose every value is legal; its pictures are still files.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) endpoint: Endpoint,
    pub(super) prompt: String,
    /// As it is echoed: the outer model of a Responses call.
    pub(super) model: String,
    pub(super) count: u8,
    pub(super) size: SizeChoice,
    pub(super) quality: Quality,
    pub(super) format: ImageFormat,
    pub(super) background: Background,
    pub(super) compression: Option<u8>,
    pub(super) partials: u8,
    pub(super) stream: bool,
    /// URL results were asked for.
    pub(super) wants_url: bool,
    /// Our own field: the same prompt with another seed is another picture. `None` counts on from the last time.
    pub(super) seed: Option<u64>,
    pub(super) references: Vec<Bytes>,
    pub(super) mask: Option<Bytes>,
    /// An optional parameter that some gateways refuse, if one was sent.
    pub(super) refusable_param: Option<String>,
}

impl Order {
    /// Reads the JSON body of any endpoint.
    pub(super) fn from_json(endpoint: Endpoint, body: &[u8]) -> Result<Self, ApiError> {
        let parsed: Value = serde_json::from_slice(body).map_err(|error| {
            ApiError::invalid(format!(
                "We could not parse the JSON body of your request: {error}."
            ))
        })?;
        let Value::Object(body) = &parsed else {
            return Err(ApiError::invalid(
                "The body of your request must be a JSON object.",
            ));
        };
        match endpoint {
            Endpoint::Responses => Self::from_responses(body),
            Endpoint::Generations => {
                Self::from_images(endpoint, &Fields::new(body), Vec::new(), None)
            }
            Endpoint::Edits => {
                let references = entries(body, "images")
                    .map(|entry| picture(entry, "images"))
                    .collect::<Result<Vec<_>, _>>()?;
                let mask = present(body, "mask").map(|entry| picture(entry, "mask"));
                Self::from_images(endpoint, &Fields::new(body), references, mask.transpose()?)
            }
        }
    }

    /// Reads the multipart form of `/images/edits`.
    pub(super) fn from_form(form: Form) -> Result<Self, ApiError> {
        let Form {
            fields,
            images,
            mask,
        } = form;
        Self::from_images(Endpoint::Edits, &Fields::new(&fields), images, mask)
    }

    fn from_images(
        endpoint: Endpoint,
        fields: &Fields<'_>,
        references: Vec<Bytes>,
        mask: Option<Bytes>,
    ) -> Result<Self, ApiError> {
        let prompt = fields
            .text("prompt")?
            .ok_or_else(|| ApiError::missing("prompt"))?;
        if endpoint == Endpoint::Edits && references.is_empty() {
            return Err(ApiError::missing("image"));
        }
        let refusable = ["response_format", "moderation"];
        Self {
            endpoint,
            prompt: checked_prompt(prompt, "prompt")?,
            model: fields.text("model")?.unwrap_or("gpt-image-2").to_owned(),
            count: fields.number("n", 1, MAX_COUNT)?.unwrap_or(1),
            wants_url: fields.choice("response_format", &["b64_json", "url"])? == Some("url"),
            stream: fields.flag("stream")?.unwrap_or(false),
            refusable_param: fields.first_present(&refusable),
            ..Self::with_picture_fields(fields)?
        }
        .with_pictures(references, mask, "image", "mask")
    }

    fn from_responses(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let fields = Fields::new(body);
        let model = fields
            .text("model")?
            .ok_or_else(|| ApiError::missing("model"))?;
        let input = body
            .get("input")
            .ok_or_else(|| ApiError::missing("input"))?;
        let (prompt, references) = read_input(input)?;
        let (index, tool) = entries(body, "tools")
            .enumerate()
            .find_map(|(index, tool)| {
                let tool = tool.as_object()?;
                (tool.get("type")? == "image_generation").then_some((index, tool))
            })
            .ok_or_else(|| {
                ApiError::invalid("Tool choice 'image_generation' not found in 'tools' parameter.")
                    .param("tool_choice")
            })?;
        let tool_fields = Fields::nested(tool, format!("tools[{index}]."));
        let mask_param = tool_fields.path("input_image_mask");
        let mask = present(tool, "input_image_mask").map(|entry| picture(entry, &mask_param));
        Self {
            endpoint: Endpoint::Responses,
            prompt: checked_prompt(&prompt, "input")?,
            model: model.to_owned(),
            stream: fields.flag("stream")?.unwrap_or(false),
            refusable_param: fields
                .first_present(&["reasoning"])
                .or_else(|| tool_fields.first_present(&["moderation"])),
            ..Self::with_picture_fields(&tool_fields)?
        }
        .with_pictures(references, mask.transpose()?, "input", &mask_param)
    }

    /// The fields that the tool and the Images API share; the rest is to be filled in.
    fn with_picture_fields(fields: &Fields<'_>) -> Result<Self, ApiError> {
        let order = Self {
            endpoint: Endpoint::Generations,
            prompt: String::new(),
            model: String::new(),
            count: 1,
            size: read_size(fields)?,
            quality: fields.option("quality", Quality::ALL)?,
            format: fields.option("output_format", ImageFormat::ALL)?,
            background: fields.option("background", Background::ALL)?,
            compression: fields.number("output_compression", 0, 100)?,
            partials: fields
                .number("partial_images", 0, MAX_PARTIALS)?
                .unwrap_or(0),
            stream: false,
            wants_url: false,
            seed: fields.natural("seed")?,
            references: Vec::new(),
            mask: None,
            refusable_param: None,
        };
        fields.choice("moderation", &["auto", "low"])?;
        if order.format == ImageFormat::Png && order.compression.is_some_and(|c| c < 100) {
            let message = "Compression less than 100 is not supported for PNG output format.";
            return Err(ApiError::invalid(message)
                .param(fields.path("output_compression"))
                .code("invalid_png_output_compression"));
        }
        if order.background == Background::Transparent && !order.format.has_alpha() {
            let message = "Transparent background is not supported for JPEG output format.";
            return Err(ApiError::invalid_value(fields.path("background"), message));
        }
        Ok(order)
    }

    fn with_pictures(
        mut self,
        references: Vec<Bytes>,
        mask: Option<Bytes>,
        image_param: &str,
        mask_param: &str,
    ) -> Result<Self, ApiError> {
        let limits = ModelCapability::GPT_IMAGE_2;
        if references.len() > limits.max_references {
            let message = format!("At most {} images are allowed.", limits.max_references);
            return Err(ApiError::invalid_value(image_param, message));
        }
        let too_heavy = |file: &Bytes| file.len() as u64 > limits.max_reference_bytes;
        if references.iter().any(too_heavy) {
            let message = "An image is larger than 50 MiB.";
            return Err(ApiError::invalid(message)
                .param(image_param)
                .code("image_file_too_large"));
        }
        if mask.is_some() && references.is_empty() {
            let message = "A mask needs an input image that it applies to.";
            return Err(ApiError::invalid_value(mask_param, message));
        }
        self.references = references;
        self.mask = mask;
        Ok(self)
    }

    /// How errors name the parameter that carries the references, and the one that carries the mask.
    pub(super) const fn picture_params(&self) -> (&'static str, &'static str) {
        match self.endpoint {
            Endpoint::Responses => ("input", "tools[0].input_image_mask"),
            Endpoint::Generations | Endpoint::Edits => ("image", "mask"),
        }
    }
}

fn read_size(fields: &Fields<'_>) -> Result<SizeChoice, ApiError> {
    let Some(text) = fields.text("size")? else {
        return Ok(SizeChoice::Auto);
    };
    let invalid = |why: String| {
        let message = format!("Invalid size '{text}'. {why}.");
        ApiError::invalid_value(fields.path("size"), message)
    };
    // What the editor forgives, such as a full-width digit, never reaches a gateway.
    let size: SizeChoice = text
        .parse()
        .ok()
        .filter(|size: &SizeChoice| size.to_string() == text)
        .ok_or_else(|| invalid("A size is 'auto' or WIDTHxHEIGHT".to_owned()))?;
    if let Some(exact) = size.exact() {
        SizeRule::GPT_IMAGE_2
            .check(exact)
            .map_err(|issue| invalid(capitalized(&issue.to_string())))?;
    }
    Ok(size)
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn checked_prompt(prompt: &str, param: &str) -> Result<String, ApiError> {
    if prompt.trim().is_empty() {
        return Err(ApiError::missing(param));
    }
    let chars = prompt.chars().count();
    if chars > MAX_PROMPT_CHARS {
        let message = format!(
            "Invalid '{param}': string too long. Expected at most {MAX_PROMPT_CHARS} characters, but got {chars}."
        );
        return Err(ApiError::invalid(message)
            .param(param)
            .code("string_above_max_length"));
    }
    // NUL never comes from a keyboard, and marks the places of pictures in the answer.
    Ok(prompt.replace('\0', ""))
}

/// The words and pictures of a Responses `input`: a string, or messages with or without `type`.
fn read_input(input: &Value) -> Result<(String, Vec<Bytes>), ApiError> {
    if let Value::String(prompt) = input {
        return Ok((prompt.clone(), Vec::new()));
    }
    let Value::Array(messages) = input else {
        return Err(ApiError::invalid_value(
            "input",
            "'input' is a string or an array of messages.",
        ));
    };
    let mut words = Vec::new();
    let mut pictures = Vec::new();
    for content in messages.iter().filter_map(|message| message.get("content")) {
        match content {
            Value::String(text) => words.push(text.as_str()),
            Value::Array(parts) => {
                for part in parts {
                    match part.get("type").and_then(Value::as_str) {
                        Some("input_text") => {
                            words.extend(part.get("text").and_then(Value::as_str));
                        }
                        Some("input_image") => pictures.push(picture(part, "input")?),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok((words.join("\n"), pictures))
}

/// The file of `{"image_url": …}` or `{"file_id": …}`.
fn picture(entry: &Value, param: &str) -> Result<Bytes, ApiError> {
    if let Some(url) = entry.get("image_url").and_then(Value::as_str) {
        return picture_from_url(url, param);
    }
    if entry.get("file_id").is_some_and(Value::is_string) {
        let message = "The demo gateway keeps no files; send the image as a data URL.";
        return Err(ApiError::invalid(message)
            .param(param)
            .code("image_file_not_found"));
    }
    Err(ApiError::invalid_value(
        param,
        "An image needs exactly one of 'image_url' and 'file_id'.",
    ))
}

fn entries<'a>(body: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Value> {
    body.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn present<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    body.get(key).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests;
