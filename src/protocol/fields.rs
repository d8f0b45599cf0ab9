//! The parameters as both APIs spell them, and which of them a request can do without.

use serde_json::{Value, json};

use crate::model::{ApiKind, Background, Dialect, GenerationRequest, Moderation, Parameters};

use super::error::WireError;

/// What the outer model is told about the prompt where the profile wants it left alone (protocol.md 6.6, «prompt
/// rewriting»). Not part of the prompt: recipes never hold it.
pub(super) const GUARD: &str = "Use the user's text as the prompt of the picture exactly as it is written. \
    Do not rewrite, translate, shorten or extend it.";

/// Fields without which there is no request; a profile that lists one as refused is not followed.
const ESSENTIAL: [&str; 6] = ["model", "prompt", "input", "tools", "image", "images"];

/// A field that a gateway may not know, and that a request can be repeated without (protocol.md 8.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum OptionalParameter {
    /// `quality`
    Quality,
    /// `output_format`
    OutputFormat,
    /// `output_compression`
    OutputCompression,
    /// `background`
    Background,
    /// `moderation`
    Moderation,
    /// `partial_images`
    PartialImages,
    /// `stream` of the Images API
    Stream,
    /// `store`
    Store,
    /// `tool_choice`, which then becomes `required` (quirk 42)
    ToolChoice,
    /// `required` as the `tool_choice`, which then becomes `auto` (quirk 42)
    RequiredToolChoice,
    /// `reasoning` of the Responses API
    Reasoning,
    /// `response_format` of the Images API
    ResponseFormat,
    /// `instructions` of the Responses API, which hold the guard of the prompt
    Instructions,
}

impl OptionalParameter {
    /// Every one of them.
    pub const ALL: [Self; 13] = [
        Self::Quality,
        Self::OutputFormat,
        Self::OutputCompression,
        Self::Background,
        Self::Moderation,
        Self::PartialImages,
        Self::Stream,
        Self::Store,
        Self::ToolChoice,
        Self::RequiredToolChoice,
        Self::Reasoning,
        Self::ResponseFormat,
        Self::Instructions,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::OutputFormat => "output_format",
            Self::OutputCompression => "output_compression",
            Self::Background => "background",
            Self::Moderation => "moderation",
            Self::PartialImages => "partial_images",
            Self::Stream => "stream",
            Self::Store => "store",
            Self::ToolChoice => "tool_choice",
            Self::RequiredToolChoice => "tool_choice=required",
            Self::Reasoning => "reasoning",
            Self::ResponseFormat => "response_format",
            Self::Instructions => "instructions",
        }
    }

    /// The parameter that `error` says the gateway does not know or take: by `param`, else by its name in quotes in
    /// the message. `None` also when the error is about something else that merely mentions one.
    #[must_use]
    pub fn named_by(error: &WireError) -> Option<Self> {
        let message = error.message.to_ascii_lowercase();
        let is_refusal = error.code.as_deref().is_some_and(|code| {
            matches!(
                code,
                "unknown_parameter" | "unsupported_parameter" | "unsupported_value"
            )
        }) || [
            "unknown parameter",
            "unsupported parameter",
            "unrecognized",
            "not supported",
            "unsupported",
            "not permitted",
            "extra inputs",
            "not found in 'tools'",
            "不支持",
            "未知参数",
        ]
        .iter()
        .any(|words| message.contains(words));
        if !is_refusal {
            return None;
        }
        // Quirk 42: the relay took the tool away, and often says no more than that.
        if message.contains("tool choice") && message.contains("not found in 'tools'") {
            return Some(Self::ToolChoice);
        }
        // `tools[0].partial_images`, `body.partial_images`, `reasoning.effort`
        error
            .param
            .as_deref()
            .and_then(Self::last_in)
            .or_else(|| quoted(&message).find_map(Self::last_in))
            .or_else(|| {
                Self::ALL.into_iter().find(|param| {
                    message
                        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                        .any(|word| word == param.as_str())
                })
            })
    }

    /// The last step of a path that is one of them.
    fn last_in(path: &str) -> Option<Self> {
        path.split(['.', '[', ']'])
            .rev()
            .find_map(|step| Self::ALL.into_iter().find(|param| param.as_str() == step))
    }
}

/// What stands in quotes in a message, each kind of quotes by itself.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    ['\'', '"', '`']
        .into_iter()
        .flat_map(|mark| message.split(mark).skip(1).step_by(2))
}

/// Which fields a request does without: what the gateway has refused just now, what it refused before, and what the
/// profile's own fields replace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left<'a> {
    now: &'a [OptionalParameter],
    dialect: &'a Dialect,
}

impl<'a> Left<'a> {
    pub(super) const fn new(request: &'a GenerationRequest, now: &'a [OptionalParameter]) -> Self {
        Self {
            now,
            dialect: &request.gateway.dialect,
        }
    }

    /// The gateway does not take it.
    pub(super) fn refused(self, name: &str) -> bool {
        let refused = &self.dialect.refused;
        self.now.iter().any(|param| param.as_str() == name)
            || (!ESSENTIAL.contains(&name) && refused.iter().any(|refused| refused == name))
    }

    /// Not to be written by us.
    pub(super) fn out(self, name: &str) -> bool {
        self.refused(name) || self.dialect.extra.fields().contains_key(name)
    }

    /// The profile's own fields that are sent. One that is `null` only takes ours away: no gateway wants a `null`, and a
    /// form has no spelling for it.
    pub(super) fn extra(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let fields = self.dialect.extra.fields().iter();
        fields
            .map(|(name, value)| (name.as_str(), value))
            .filter(move |(name, value)| !value.is_null() && !self.refused(name))
    }
}

/// Whether the answer to a request will be a stream, as far as that is for us to say: Responses calls always stream
/// (protocol.md 2.5).
#[must_use]
pub fn is_streamed(request: &GenerationRequest, without: &[OptionalParameter]) -> bool {
    let gateway = &request.gateway;
    let left = Left::new(request, without);
    gateway.api == ApiKind::Responses
        || match gateway.dialect.extra.fields().get("stream") {
            Some(stream) => stream == &json!(true) && !left.refused("stream"),
            None => gateway.stream && !left.refused("stream"),
        }
}

/// What to draw with, as fields that both APIs share; values at their default that some gateways refuse are not among
/// them.
///
/// `input_fidelity` is never among them: gpt-image-2 knows only one, and some gateways refuse the field (protocol.md 6.6).
pub(super) fn drawing(parameters: &Parameters) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("size", json!(parameters.size.to_string()))];
    let mut add = |parameter: OptionalParameter, value: Value| {
        fields.push((parameter.as_str(), value));
    };
    add(
        OptionalParameter::Quality,
        json!(parameters.quality.as_str()),
    );
    add(
        OptionalParameter::OutputFormat,
        json!(parameters.format.as_str()),
    );
    if let Some(compression) = parameters.effective_compression() {
        add(OptionalParameter::OutputCompression, json!(compression));
    }
    if parameters.background != Background::Auto {
        add(
            OptionalParameter::Background,
            json!(parameters.background.as_str()),
        );
    }
    if parameters.moderation != Moderation::Auto {
        add(
            OptionalParameter::Moderation,
            json!(parameters.moderation.as_str()),
        );
    }
    fields
}
