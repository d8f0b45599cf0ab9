//! What the user asks for, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest prompt of the GPT image models, in characters (protocol.md 3.1).
pub const MAX_PROMPT_CHARS: usize = 32_000;

/// A prompt with something in it: never blank, at most [`MAX_PROMPT_CHARS`] characters.
///
/// The text is kept exactly as written, line breaks and outer blanks included.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prompt(String);

/// Why a text is not a prompt.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PromptError {
    /// Nothing but white space.
    #[error("the prompt is empty")]
    Empty,
    /// Longer than [`MAX_PROMPT_CHARS`].
    #[error("the prompt has {chars} characters, more than {MAX_PROMPT_CHARS}")]
    TooLong {
        /// Its length in characters.
        chars: usize,
    },
}

impl Prompt {
    /// Takes `text` as it is.
    ///
    /// # Errors
    /// [`PromptError`] when it is blank or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, PromptError> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(PromptError::Empty);
        }
        let chars = text.chars().count();
        if chars > MAX_PROMPT_CHARS {
            return Err(PromptError::TooLong { chars });
        }
        Ok(Self(text))
    }

    /// The text as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Prompt {
    type Error = PromptError;

    fn try_from(text: String) -> Result<Self, PromptError> {
        Self::new(text)
    }
}

impl From<Prompt> for String {
    fn from(prompt: Prompt) -> Self {
        prompt.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_text_and_refuses_blank_or_endless() {
        assert_eq!(
            Prompt::new(" 雪中红狐\n").map(String::from),
            Ok(" 雪中红狐\n".to_owned())
        );
        assert_eq!(Prompt::new(" \n\u{3000}"), Err(PromptError::Empty));
        assert!(Prompt::new("狐".repeat(MAX_PROMPT_CHARS)).is_ok());
        assert_eq!(
            Prompt::new("狐".repeat(MAX_PROMPT_CHARS + 1)),
            Err(PromptError::TooLong {
                chars: MAX_PROMPT_CHARS + 1
            })
        );
    }
}
