//! What a gateway says that a request used.

use serde::{Deserialize, Serialize};

/// Token counts, summed over the requests of a job (protocol.md 10.1). Every figure may be missing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Prompt and reference tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Of the input: text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_text_tokens: Option<u64>,
    /// Of the input: pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_image_tokens: Option<u64>,
    /// Tokens of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// The sum as the gateway gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<u64>,
}

impl Usage {
    /// A placeholder such as iKun's 5/5/10 says nothing (protocol.md 10.1).
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        self.input_text_tokens.is_none()
            && self.input_image_tokens.is_none()
            && self.total_tokens.is_none_or(|total| total <= 10)
    }

    /// Adds another request's figures, field by field; a missing one counts as nothing.
    pub fn add(&mut self, other: &Self) {
        let sum = |mine: &mut Option<u64>, theirs: Option<u64>| {
            if let Some(theirs) = theirs {
                *mine = Some(mine.unwrap_or(0).saturating_add(theirs));
            }
        };
        sum(&mut self.input_tokens, other.input_tokens);
        sum(&mut self.input_text_tokens, other.input_text_tokens);
        sum(&mut self.input_image_tokens, other.input_image_tokens);
        sum(&mut self.output_tokens, other.output_tokens);
        sum(&mut self.total_tokens, other.total_tokens);
    }
}
