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
    /// Of the answer: pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_image_tokens: Option<u64>,
    /// Of the answer: text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_text_tokens: Option<u64>,
    /// The sum as the gateway gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<u64>,
}

impl Usage {
    /// A placeholder such as iKun's 5/5/10 says nothing (protocol.md 10.1).
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        let sum = self
            .input_tokens
            .unwrap_or(0)
            .saturating_add(self.output_tokens.unwrap_or(0));
        self.input_text_tokens.is_none()
            && self.input_image_tokens.is_none()
            && self.output_image_tokens.is_none()
            && self.output_text_tokens.is_none()
            && self.total_tokens.unwrap_or(sum) <= 10
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
        sum(&mut self.output_image_tokens, other.output_image_tokens);
        sum(&mut self.output_text_tokens, other.output_text_tokens);
        sum(&mut self.total_tokens, other.total_tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_a_handful_of_tokens_without_details() {
        let usage = |input, output, total| Usage {
            input_tokens: input,
            output_tokens: output,
            total_tokens: total,
            ..Usage::default()
        };
        let check = |usage: Usage, expected: bool| assert_eq!(usage.is_placeholder(), expected);
        check(usage(Some(5), Some(5), Some(10)), true);
        check(usage(None, None, None), true);
        check(usage(Some(70), Some(3_336), None), false);
        check(usage(None, None, Some(3_406)), false);
        let details = Usage {
            input_text_tokens: Some(5),
            ..usage(Some(5), Some(5), Some(10))
        };
        check(details, false);
    }
}
