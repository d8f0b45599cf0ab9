//! How a gateway wants its requests spelled, where gateways differ.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::options::option_enum;

option_enum! {
    /// How much the outer model of a Responses call thinks; it costs money and time (protocol.md 2.2).
    Effort {
        /// Not at all.
        #[default]
        None = "none",
        /// As little as can be.
        Minimal = "minimal",
        /// Little.
        Low = "low",
        /// Some.
        Medium = "medium",
        /// Much.
        High = "high",
        /// Very much; JunFeiAI's sample asks for it.
        Xhigh = "xhigh",
        /// As much as can be.
        Max = "max",
    }
}

option_enum! {
    /// The field `response_format` of the Images API, on which gateways disagree (protocol.md 3.1).
    ResponseFormat {
        /// Left out.
        #[default]
        Omit = "omit",
        /// Base64 in the answer.
        B64Json = "b64_json",
        /// An address to fetch.
        Url = "url",
    }
}

option_enum! {
    /// What the file parts of an edit are called (protocol.md 3.2).
    ImageField {
        /// `image[]`, which the seeds and most relays take.
        #[default]
        Bracketed = "image[]",
        /// `image`, repeated.
        Plain = "image",
    }
}

option_enum! {
    /// How references are sent to the Images API (protocol.md 3.2, 3.3).
    EditBody {
        /// `multipart/form-data`, the portable choice.
        #[default]
        Multipart = "multipart",
        /// JSON with data URLs.
        Json = "json",
    }
}

/// More fields for the request: a JSON object, kept as such text in the settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExtraFields(Map<String, Value>);

/// A text that is not a JSON object.
#[derive(Debug, thiserror::Error)]
#[error("the extra fields are not a JSON object: {0}")]
pub struct ExtraFieldsError(String);

impl ExtraFields {
    /// Reads a JSON object; a blank text is an empty one.
    ///
    /// # Errors
    /// When the text is anything else, with the place of the first fault.
    pub fn parse(text: &str) -> Result<Self, ExtraFieldsError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(ExtraFieldsError("it must begin with {".to_owned())),
            Err(error) => Err(ExtraFieldsError(error.to_string())),
        }
    }

    /// The fields.
    #[must_use]
    pub const fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As text, the way people type it; empty when there are no fields.
    #[must_use]
    pub fn to_text(&self) -> String {
        if self.0.is_empty() {
            String::new()
        } else {
            Value::Object(self.0.clone()).to_string()
        }
    }
}

impl TryFrom<String> for ExtraFields {
    type Error = ExtraFieldsError;

    fn try_from(text: String) -> Result<Self, ExtraFieldsError> {
        Self::parse(&text)
    }
}

impl From<Map<String, Value>> for ExtraFields {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl From<ExtraFields> for String {
    fn from(extra: ExtraFields) -> Self {
        extra.to_text()
    }
}

/// How requests to a gateway are spelled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dialect {
    /// The outer model's effort; `None` leaves `reasoning` out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Effort>,
    /// The field `response_format` of the Images API.
    pub response_format: ResponseFormat,
    /// What the file parts of an edit are called.
    pub image_field: ImageField,
    /// How references go to the Images API.
    pub edit_body: EditBody,
    /// Ask the outer model to pass the prompt on as it is (protocol.md 6.6, «prompt rewriting»).
    pub guard_prompt: bool,
    /// Merged into every request, last; a field of ours with the same name gives way.
    #[serde(skip_serializing_if = "ExtraFields::is_empty")]
    pub extra: ExtraFields,
    /// Parameters that the gateway has refused, as it spells them: left out from then on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_fields_are_an_object_and_stay_text() {
        let extra = ExtraFields::parse(r#" {"user": "我", "n": 1.5, "x": null} "#).unwrap();
        assert_eq!(extra.fields().len(), 3);
        assert_eq!(ExtraFields::parse(&extra.to_text()).unwrap(), extra);
        assert!(ExtraFields::parse("  ").unwrap().is_empty());
        for bad in ["[]", "1", "{", "{\"a\":}", "user=me"] {
            assert!(ExtraFields::parse(bad).is_err(), "{bad}");
        }
    }
}
