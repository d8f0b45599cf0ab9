//! How a demo gateway is to behave.

use std::str::FromStr;
use std::time::Duration;

use super::Fault;

/// How a demo gateway is to behave; [`DemoConfig::default`] is what the window starts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DemoConfig {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
    /// How long a picture takes.
    pub pace: Pace,
    /// What goes wrong with every request that does not name a fault itself.
    pub fault: Option<Fault>,
    /// How the Responses stream is spelled.
    pub dialect: Dialect,
    /// Bits a second at which the body of an answer leaves; `None` is as fast as it goes.
    pub bits_per_second: Option<u64>,
    /// How long a URL result can be fetched (30 minutes at iKun, protocol.md 1.2).
    pub url_ttl: Duration,
    /// Silence on a stream after which a comment is sent.
    pub keep_alive: Duration,
    /// Bytes of encoded pictures that are kept, so that a repeated request is not painted again; 0 keeps none.
    ///
    /// For benches, which want to measure the client and not the painter.
    pub cache_bytes: usize,
    /// Bytes that the body of a request may have; more is answered with 413.
    pub max_body_bytes: usize,
}

impl Default for DemoConfig {
    fn default() -> Self {
        Self {
            port: None,
            pace: Pace::default(),
            fault: None,
            dialect: Dialect::default(),
            bits_per_second: None,
            url_ttl: Duration::from_mins(30),
            keep_alive: Duration::from_secs(1),
            cache_bytes: 0,
            max_body_bytes: 512 << 20,
        }
    }
}

/// How long a picture takes, its previews at even distances on the way.
///
/// Never less than painting it takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    /// As fast as it can be painted.
    Instant,
    /// This long from the request to the picture.
    PerPicture(Duration),
}

impl Default for Pace {
    fn default() -> Self {
        Self::PerPicture(Duration::from_secs(4))
    }
}

/// How the Responses stream is spelled.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Dialect {
    /// Every event and field of OpenAI's.
    #[default]
    OpenAi,
    /// The abbreviated forms that JunFeiAI documents (protocol.md 2.4).
    JunFeiAi,
}

/// A word that names no dialect.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a dialect is 'openai' or 'junfeiai', not '{text}'")]
pub struct ParseDialectError {
    /// What was given.
    pub text: String,
}

impl FromStr for Dialect {
    type Err = ParseDialectError;

    fn from_str(text: &str) -> Result<Self, ParseDialectError> {
        match text {
            "openai" => Ok(Self::OpenAi),
            "junfeiai" => Ok(Self::JunFeiAi),
            _ => Err(ParseDialectError {
                text: text.to_owned(),
            }),
        }
    }
}
