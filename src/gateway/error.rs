//! What can go wrong between a request and its last byte, told apart finely enough to decide who was charged.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

/// How far a request had come.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Phase {
    /// No connection stood; nothing of the request was sent.
    Connect,
    /// The request was sent, or a part of it; nothing came back.
    Answer,
    /// The head of the answer had come.
    Body,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// The address is not one that can be called.
    Url,
    /// The key has characters that no header can hold.
    Key,
    /// The server's name does not resolve.
    Dns,
    /// Nobody accepts the connection.
    Connect,
    /// No secure connection: the certificate, most of the time.
    Tls,
    /// Nothing happened for longer than the limit of the phase.
    Timeout,
    /// The connection broke.
    Reset,
    /// The connection ended in the middle of the answer.
    Cut,
    /// Too many redirects, or one that leads nowhere.
    Redirect,
    /// The caller does not want it any more.
    Canceled,
    /// The proxy that the profile names can't be used.
    Proxy,
    /// The client itself can't be set up.
    Setup,
}

/// A limit that a request has run into (protocol.md 6.7), with its length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// No connection stood in time.
    Connect(Duration),
    /// The answer did not begin in time.
    FirstByte(Duration),
    /// Nothing came for this long in the middle of the answer.
    Silence(Duration),
    /// The request as a whole took longer.
    Total(Duration),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, limit) = match self {
            Self::Connect(limit) => ("connect limit: no connection within", limit),
            Self::FirstByte(limit) => ("first byte limit: no answer within", limit),
            Self::Silence(limit) => ("silence limit: no byte came for", limit),
            Self::Total(limit) => ("total limit: the request took longer than", limit),
        };
        write!(f, "{words} {} s", limit.as_secs_f64())
    }
}

impl Cause {
    const fn words(self) -> &'static str {
        match self {
            Self::Url => "the address can't be used",
            Self::Key => "the key has characters that can't be sent",
            Self::Dns => "the server's name can't be resolved",
            Self::Connect => "the server can't be reached",
            Self::Tls => "no secure connection to the server",
            Self::Timeout => "the server was silent for too long",
            Self::Reset => "the connection broke",
            Self::Cut => "the connection ended in the middle of the answer",
            Self::Redirect => "the server redirects without end",
            Self::Canceled => "canceled",
            Self::Proxy => {
                "the proxy's address can't be used: http, https, socks5 or socks5h with host and port"
            }
            Self::Setup => "the HTTP client can't be set up",
        }
    }
}

/// A request that did not run to its end. Names no URL: signatures in it are secrets.
#[derive(Debug)]
pub struct GatewayError {
    /// How far it had come.
    pub phase: Phase,
    /// What went wrong.
    pub cause: Cause,
    /// The limit that it ran into, where it was one of ours.
    pub limit: Option<Limit>,
    /// How long after the request was sent; `None` when it was not.
    pub after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl GatewayError {
    pub(super) const fn new(phase: Phase, cause: Cause) -> Self {
        Self {
            phase,
            cause,
            limit: None,
            after: None,
            source: None,
        }
    }

    /// One of our limits has run out.
    pub(super) const fn timeout(phase: Phase, limit: Limit) -> Self {
        let mut error = Self::new(phase, Cause::Timeout);
        error.limit = Some(limit);
        error
    }

    /// With the time from the sent request on, unless it was never sent.
    pub(super) fn after(mut self, after: Duration) -> Self {
        self.after = (self.phase != Phase::Connect).then_some(after);
        self
    }

    fn caused(
        phase: Phase,
        cause: Cause,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            source: Some(Box::new(source)),
            ..Self::new(phase, cause)
        }
    }

    /// Sorts an error that came before the head of the answer.
    pub(super) fn before_answer(error: reqwest::Error) -> Self {
        let (phase, cause) = if error.is_dns() {
            (Phase::Connect, Cause::Dns)
        } else if error.is_connect() {
            let cause = if is_tls(&error) {
                Cause::Tls
            } else if error.is_timeout() {
                Cause::Timeout
            } else {
                Cause::Connect
            };
            (Phase::Connect, cause)
        } else if error.is_builder() {
            (Phase::Connect, Cause::Url)
        } else if error.is_redirect() {
            (Phase::Answer, Cause::Redirect)
        } else if error.is_timeout() {
            (Phase::Answer, Cause::Timeout)
        } else {
            (Phase::Answer, Cause::Reset)
        };
        Self::caused(phase, cause, error.without_url())
    }

    /// Sorts an error in the middle of the answer.
    pub(super) fn in_body(error: reqwest::Error) -> Self {
        let cause = if error.is_timeout() {
            Cause::Timeout
        } else if is_reset(&error) {
            Cause::Reset
        } else {
            Cause::Cut
        };
        Self::caused(Phase::Body, cause, error.without_url())
    }

    pub(super) fn setup(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::caused(Phase::Connect, Cause::Setup, error)
    }

    pub(super) fn is_timed_out_connect(&self) -> bool {
        self.phase == Phase::Connect && self.cause == Cause::Timeout
    }

    /// Whether the connection ended by itself, and none of our limits did it.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        matches!(self.cause, Cause::Reset | Cause::Cut)
    }

    /// Whether another address of the same gateway may do better: nothing was sent to this one (protocol.md 8.6).
    #[must_use]
    pub fn is_unsent(&self) -> bool {
        self.phase == Phase::Connect
            && matches!(
                self.cause,
                Cause::Dns | Cause::Connect | Cause::Tls | Cause::Timeout
            )
    }
}

impl fmt::Display for GatewayError {
    /// The cause in words, then the innermost reason as the system tells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(limit) = self.limit {
            return limit.fmt(f);
        }
        f.write_str(self.cause.words())?;
        let mut innermost: Option<&dyn std::error::Error> = std::error::Error::source(self);
        while let Some(source) = innermost.and_then(std::error::Error::source) {
            innermost = Some(source);
        }
        match innermost {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for GatewayError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|error| error as _)
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    chain_has(error, <dyn std::error::Error>::is::<rustls::Error>)
}

fn is_reset(error: &reqwest::Error) -> bool {
    chain_has(error, |error| {
        error.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
            )
        })
    })
}

/// Looks along the sources, and into `io::Error`s, which hide what they wrap from their own `source`.
fn chain_has(
    error: &reqwest::Error,
    wanted: impl Fn(&(dyn std::error::Error + 'static)) -> bool,
) -> bool {
    let mut next = error.source();
    while let Some(error) = next {
        if wanted(error) {
            return true;
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn std::error::Error + 'static));
        if inner.is_some_and(&wanted) {
            return true;
        }
        next = error.source();
    }
    false
}
