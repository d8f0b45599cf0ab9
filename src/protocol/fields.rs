//! The parameters as both APIs spell them, and which of them a request can do without.

use serde_json::{Value, json};

use crate::model::{Background, Moderation, Parameters};

use super::error::WireError;

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
}

impl OptionalParameter {
    /// Every one of them.
    pub const ALL: [Self; 9] = [
        Self::Quality,
        Self::OutputFormat,
        Self::OutputCompression,
        Self::Background,
        Self::Moderation,
        Self::PartialImages,
        Self::Stream,
        Self::Store,
        Self::ToolChoice,
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
        // `tools[0].partial_images`, `body.partial_images`
        let last_step = error.param.as_deref().and_then(|param| {
            param
                .split(['.', '[', ']'])
                .rfind(|step| step.parse::<u32>().is_err() && !step.is_empty())
        });
        if let Some(param) = Self::ALL
            .into_iter()
            .find(|param| Some(param.as_str()) == last_step)
        {
            return Some(param);
        }
        Self::ALL.into_iter().find(|param| {
            message
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .any(|word| word == param.as_str())
        })
    }
}

/// What to draw with, as fields that both APIs share; values at their default that some gateways refuse are left out.
pub(super) fn drawing(
    parameters: &Parameters,
    without: &[OptionalParameter],
) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("size", json!(parameters.size.to_string()))];
    let mut add = |parameter: OptionalParameter, value: Value| {
        if !without.contains(&parameter) {
            fields.push((parameter.as_str(), value));
        }
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
