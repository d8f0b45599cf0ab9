//! What a person is told when something went wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// One sentence: the gateway's message, or ours where it has none.
    pub message: String,
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
            request_id: None,
            charge: Charge::No,
            raw: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_contract() {
        for kind in FailureKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
