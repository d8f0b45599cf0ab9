//! What a person is told when something went wrong.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Observation;

/// The kinds of product.md section 5; the words are a stable contract.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The key is wrong or missing.
    Auth,
    /// The key may not do this.
    Permission,
    /// No balance or quota is left.
    Quota,
    /// No such path or model.
    NotFound,
    /// Too many requests.
    RateLimit,
    /// Refused by a safety check.
    Moderation,
    /// The request itself is wrong, or was answered in words.
    InvalidRequest,
    /// The gateway or what is behind it failed.
    Server,
    /// The gateway can't be reached, or the connection broke.
    Network,
    /// Nothing came for too long.
    Timeout,
    /// The answer can't be understood, or has no picture.
    Protocol,
    /// The link to a result no longer works.
    ExpiredUrl,
    /// The answer is larger than the limits allow.
    TooLarge,
    /// Ended by the user.
    Canceled,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Auth,
        Self::Permission,
        Self::Quota,
        Self::NotFound,
        Self::RateLimit,
        Self::Moderation,
        Self::InvalidRequest,
        Self::Server,
        Self::Network,
        Self::Timeout,
        Self::Protocol,
        Self::ExpiredUrl,
        Self::TooLarge,
        Self::Canceled,
    ];

    /// The word in `--json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::Quota => "quota",
            Self::NotFound => "not_found",
            Self::RateLimit => "rate_limit",
            Self::Moderation => "moderation",
            Self::InvalidRequest => "invalid_request",
            Self::Server => "server",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::ExpiredUrl => "expired_url",
            Self::TooLarge => "too_large",
            Self::Canceled => "canceled",
        }
    }

    /// Whether the same request may succeed later. It does not say that trying again is free.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::RateLimit | Self::Server | Self::Network | Self::Timeout
        )
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the user paid for a failed request (protocol.md 8.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charge {
    /// Nothing was accepted, so nothing was charged.
    No,
    /// A picture was delivered.
    Yes,
    /// It may have been.
    Unknown,
}

/// What is behind a failure, as far as it can be told: a line each of protocol.md 8.7. The window's sentence and advice
/// follow from it, and from the kind where there is none.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The key's group has no access to the model, or no channel for it.
    NoModelAccess,
    /// The provider blocks the region, or wants the organisation verified.
    Region,
    /// The address is a web page or has no such path: most of the time `/v1` is missing.
    NotAnEndpoint,
    /// There is no such model.
    NoSuchModel,
    /// Prompt or references were refused by the safety check.
    PromptRefused,
    /// The finished picture was withheld by the safety check.
    PictureWithheld,
    /// A brand, a character, somebody's property.
    Trademark,
    /// The size is not allowed.
    Size,
    /// The gateway does not know a parameter, and the request could not do without it.
    Parameter,
    /// A reference is too large or can't be read.
    Reference,
    /// The gateway's own accounts are exhausted.
    PoolExhausted,
    /// Somebody between us and the gateway's model gave up waiting: 504, 524, or a connection cut after a round time.
    ProxyGaveUp,
    /// The gateway sent the request to a chat model.
    Misrouted,
    /// The model answered in words; they are the failure's message, in full.
    Words,
    /// The answer ended before the picture came.
    Cut,
    /// Previews came, and no picture.
    PreviewsOnly,
    /// The gateway works in a way that is not supported: a ticket to be asked about later.
    Ticket,
    /// No space is left on the disk, or it refuses.
    Disk,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 18] = [
        Self::NoModelAccess,
        Self::Region,
        Self::NotAnEndpoint,
        Self::NoSuchModel,
        Self::PromptRefused,
        Self::PictureWithheld,
        Self::Trademark,
        Self::Size,
        Self::Parameter,
        Self::Reference,
        Self::PoolExhausted,
        Self::ProxyGaveUp,
        Self::Misrouted,
        Self::Words,
        Self::Cut,
        Self::PreviewsOnly,
        Self::Ticket,
        Self::Disk,
    ];
}

/// What stays of a job that failed, and where. As text it is how the message of a failure ends.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// How many previews there are in `previews_folder`.
    pub previews: u32,
    /// Where the previews are; `None` where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previews_folder: Option<PathBuf>,
    /// The file of what came of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<PathBuf>,
}

impl Kept {
    /// Whether nothing is kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.previews_folder.is_none() && self.part.is_none()
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(folder) = &self.previews_folder {
            let (count, folder) = (self.previews, folder.display());
            write!(f, "; {count} previews are kept in {folder}")?;
        }
        if let Some(part) = &self.part {
            write!(f, "; the part that came is kept as {}", part.display())?;
        }
        Ok(())
    }
}

/// A failure, told once, to a person. Holds no key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct Failure {
    /// What kind of failure; the window's sentence and action follow from it.
    pub kind: FailureKind,
    /// HTTP status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The gateway's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// How long after the request was sent, in milliseconds, where that says something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
    /// One sentence: the gateway's message, or ours where it has none; then what is kept.
    pub message: String,
    /// What the program itself found, where the message is its own, for those who say it in another language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<Box<Observation>>,
    /// What stays of the job, for those who say it in another language than the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Box<Kept>>,
    /// The gateway's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether it was charged.
    pub charge: Charge,
    /// The answer as it came, at most 64 KiB, keys removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Failure {
    /// A failure of which only kind and sentence are known, and that nobody was charged for.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            reason: None,
            after_ms: None,
            message: message.into(),
            observation: None,
            kept: None,
            request_id: None,
            charge: Charge::No,
            raw: None,
        }
    }

    /// The failure with what the program found.
    #[must_use]
    pub fn found(mut self, observation: impl Into<Option<Observation>>) -> Self {
        self.observation = observation.into().map(Box::new);
        self
    }

    /// The failure with the word that something is kept; to be called once.
    #[must_use]
    pub fn keeping(mut self, kept: Kept) -> Self {
        if !kept.is_empty() {
            let sentence = self.message.trim_end_matches('.').len();
            self.message.truncate(sentence);
            self.message.push_str(&kept.to_string());
            self.kept = Some(Box::new(kept));
        }
        self
    }

    /// The message without what is kept.
    #[must_use]
    pub fn words(&self) -> &str {
        let kept = self.kept.as_ref();
        kept.and_then(|kept| self.message.strip_suffix(&kept.to_string()))
            .unwrap_or(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_ends_the_message_and_can_be_told_apart() {
        let check = |message: &str, kept: Kept, whole: &str, words: &str| {
            let failure = Failure::new(FailureKind::Network, message).keeping(kept.clone());
            assert_eq!(failure.message, whole);
            assert_eq!(failure.words(), words);
            assert_eq!(failure.kept.as_deref().cloned().unwrap_or_default(), kept);
            let stored = serde_json::to_string(&failure).unwrap();
            assert_eq!(serde_json::from_str::<Failure>(&stored).unwrap(), failure);
        };
        let previews = Kept {
            previews: 2,
            previews_folder: Some("/p".into()),
            part: None,
        };
        let both = Kept {
            part: Some("/q.png".into()),
            ..previews.clone()
        };
        check("It broke.", Kept::default(), "It broke.", "It broke.");
        check(
            "It broke.",
            previews,
            "It broke; 2 previews are kept in /p",
            "It broke",
        );
        check(
            "cut",
            both,
            "cut; 2 previews are kept in /p; the part that came is kept as /q.png",
            "cut",
        );
    }

    #[test]
    fn failures_of_before_are_read() {
        let old = r#"{"kind":"network","message":"cut; 2 previews are kept in /p","charge":"no"}"#;
        let failure: Failure = serde_json::from_str(old).unwrap();
        assert_eq!(failure.kept, None);
        assert_eq!(failure.words(), failure.message);
    }

    #[test]
    fn words_are_those_of_the_contract() {
        for kind in FailureKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
