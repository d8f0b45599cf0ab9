//! When a request is sent again: only where nothing can have been charged (protocol.md 8.4, 8.6).
//!
//! A pure function of what happened; the clock and the dice are passed in.

use std::time::{Duration, SystemTime};

use crate::model::FailureKind;

use super::{GatewayError, Phase};

/// A server that wants more patience than this is not waited for (protocol.md 8.4).
pub const MAX_DELAY: Duration = Duration::from_mins(2);
/// First step of the backoff (protocol.md 8.4, openai-python).
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest step of the backoff (protocol.md 8.4, openai-python).
const MAX_BACKOFF: Duration = Duration::from_secs(8);
/// An answer longer than this is no mere error message; somebody may have worked for it.
pub const SHORT_BODY_BYTES: usize = 64 << 10;

/// What an answer's head says about sending the request again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RetryHints {
    /// `retry-after-ms`, in milliseconds.
    pub retry_after_ms: Option<String>,
    /// `retry-after`: seconds, whole or not, or an HTTP date.
    pub retry_after: Option<String>,
    /// `x-should-retry`.
    pub should_retry: Option<bool>,
}

/// How a request failed.
#[derive(Clone, Copy, Debug)]
pub enum Failed<'a> {
    /// Without an answer, or in the middle of it.
    Transport(&'a GatewayError),
    /// With an answer that tells of a failure.
    Status {
        /// The HTTP status.
        status: u16,
        /// What the answer was understood to mean.
        kind: FailureKind,
        /// Length of its body in bytes, as far as it was read.
        body_bytes: usize,
        /// What its head says.
        hints: &'a RetryHints,
    },
}

impl RetryHints {
    /// How long the server wants to be left alone; `None` when it does not say, or nothing sensible.
    #[must_use]
    pub fn delay(&self, now: SystemTime) -> Option<Duration> {
        let seconds = |text: &str| {
            let number = text.trim().parse::<f64>().ok()?;
            Duration::try_from_secs_f64(number).ok()
        };
        if let Some(delay) = self.retry_after_ms.as_deref().and_then(seconds) {
            return Some(delay / 1000);
        }
        let text = self.retry_after.as_deref()?;
        seconds(text).or_else(|| {
            let date = httpdate::parse_http_date(text.trim()).ok()?;
            Some(date.duration_since(now).unwrap_or_default())
        })
    }
}

/// How long to wait before the request is sent again; `None`: not at all.
///
/// `attempt` counts the attempts made so far, from 1. `jitter` is random, from 0 to 1, and takes up to a quarter off
/// our own backoff. A delay that the server asks for is kept as it is.
#[must_use]
pub fn delay_before_retry(
    failed: Failed<'_>,
    attempt: u32,
    max_retries: u32,
    now: SystemTime,
    jitter: f64,
) -> Option<Duration> {
    if attempt > max_retries {
        return None;
    }
    let asked = match failed {
        Failed::Transport(error) => {
            if error.phase != Phase::Connect || !error.is_unsent() {
                return None;
            }
            None
        }
        Failed::Status {
            status,
            kind,
            body_bytes,
            hints,
        } => {
            let asked = hints.delay(now);
            if asked.is_some_and(|delay| delay > MAX_DELAY) {
                return None;
            }
            if body_bytes > SHORT_BODY_BYTES || !may_repeat(status, kind, hints.should_retry) {
                return None;
            }
            asked.filter(|delay| !delay.is_zero())
        }
    };
    Some(asked.unwrap_or_else(|| backoff(attempt, jitter)))
}

fn may_repeat(status: u16, kind: FailureKind, should_retry: Option<bool>) -> bool {
    // The server's word counts, but not against the user's purse: whoever gave up waiting for the picture does not
    // know whether it was made, and neither money nor a refusal comes back by asking again.
    let hopeless = matches!(kind, FailureKind::Quota | FailureKind::Moderation);
    let charged_perhaps = matches!(status, 200..=399 | 504 | 520..=527);
    if hopeless || charged_perhaps {
        return false;
    }
    should_retry.unwrap_or_else(|| {
        matches!(status, 408 | 409 | 429 | 500 | 502 | 503)
            && (kind.is_retryable() || matches!(status, 408 | 409))
    })
}

fn backoff(attempt: u32, jitter: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(8);
    let step = (FIRST_BACKOFF * 2u32.pow(doublings)).min(MAX_BACKOFF);
    step.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::gateway::Cause;

    fn now() -> SystemTime {
        // Sun, 06 Nov 1994 08:49:37 GMT
        UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    fn after(retry_after: &str) -> RetryHints {
        RetryHints {
            retry_after: Some(retry_after.to_owned()),
            ..RetryHints::default()
        }
    }

    fn should(should_retry: bool) -> RetryHints {
        RetryHints {
            should_retry: Some(should_retry),
            ..RetryHints::default()
        }
    }

    #[test]
    fn every_form_of_retry_after() {
        let check = |text: &str, expected_ms: Option<u64>| {
            let delay = after(text).delay(now());
            assert_eq!(delay, expected_ms.map(Duration::from_millis), "{text}");
        };
        check("2", Some(2_000));
        check(" 0.25 ", Some(250));
        check("0", Some(0));
        check("Sun, 06 Nov 1994 08:49:47 GMT", Some(10_000));
        check("Sun, 06 Nov 1994 08:00:00 GMT", Some(0));
        check("-1", None);
        check("soon", None);
        check("NaN", None);
        check("1e300", None);
        let both = RetryHints {
            retry_after_ms: Some("1500".to_owned()),
            ..after("9")
        };
        assert_eq!(both.delay(now()), Some(Duration::from_millis(1_500)));
    }

    #[test]
    fn only_what_was_not_charged_is_repeated() {
        let check =
            |status: u16, kind: FailureKind, hints: &RetryHints, expected_ms: Option<u64>| {
                let failed = Failed::Status {
                    status,
                    kind,
                    body_bytes: 100,
                    hints,
                };
                assert_eq!(
                    delay_before_retry(failed, 1, 2, now(), 0.0),
                    expected_ms.map(Duration::from_millis),
                    "{status} {kind} {hints:?}"
                );
            };
        let none = RetryHints::default();
        check(429, FailureKind::RateLimit, &none, Some(500));
        check(500, FailureKind::Server, &none, Some(500));
        check(502, FailureKind::Server, &none, Some(500));
        check(503, FailureKind::Server, &none, Some(500));
        check(408, FailureKind::Timeout, &none, Some(500));
        check(409, FailureKind::InvalidRequest, &none, Some(500));
        check(429, FailureKind::Quota, &none, None);
        check(503, FailureKind::NotFound, &none, None);
        check(503, FailureKind::Permission, &none, None);
        check(400, FailureKind::InvalidRequest, &none, None);
        check(401, FailureKind::Auth, &none, None);
        check(504, FailureKind::Timeout, &none, None);
        check(524, FailureKind::Timeout, &none, None);
        check(429, FailureKind::RateLimit, &after("1"), Some(1_000));
        check(429, FailureKind::RateLimit, &after("120"), Some(120_000));
        check(429, FailureKind::RateLimit, &after("120.5"), None);
        check(429, FailureKind::RateLimit, &after("0"), Some(500));
        check(500, FailureKind::Server, &should(false), None);
        check(400, FailureKind::InvalidRequest, &should(true), Some(500));
        check(524, FailureKind::Timeout, &should(true), None);
        check(429, FailureKind::Quota, &should(true), None);
        let late = RetryHints {
            should_retry: Some(true),
            ..after("121")
        };
        check(429, FailureKind::RateLimit, &late, None);
    }

    #[test]
    fn a_long_body_is_not_repeated() {
        let failed = Failed::Status {
            status: 500,
            kind: FailureKind::Server,
            body_bytes: SHORT_BODY_BYTES + 1,
            hints: &RetryHints::default(),
        };
        assert_eq!(delay_before_retry(failed, 1, 2, now(), 0.0), None);
    }

    #[test]
    fn broken_connections_are_repeated_only_when_nothing_was_sent() {
        let check = |phase: Phase, cause: Cause, expected: bool| {
            let error = GatewayError::new(phase, cause);
            let delay = delay_before_retry(Failed::Transport(&error), 1, 1, now(), 0.0);
            assert_eq!(delay.is_some(), expected, "{phase:?} {cause:?}");
        };
        check(Phase::Connect, Cause::Dns, true);
        check(Phase::Connect, Cause::Connect, true);
        check(Phase::Connect, Cause::Tls, true);
        check(Phase::Connect, Cause::Timeout, true);
        check(Phase::Connect, Cause::Url, false);
        check(Phase::Connect, Cause::Setup, false);
        check(Phase::Answer, Cause::Timeout, false);
        check(Phase::Answer, Cause::Reset, false);
        check(Phase::Body, Cause::Cut, false);
        check(Phase::Body, Cause::Canceled, false);
    }

    #[test]
    fn the_backoff_doubles_to_eight_seconds_and_stops_in_time() {
        let error = GatewayError::new(Phase::Connect, Cause::Connect);
        let delay = |attempt, jitter| {
            delay_before_retry(Failed::Transport(&error), attempt, 9, now(), jitter)
                .map(|delay| delay.as_millis())
        };
        assert_eq!(
            [1, 2, 3, 4, 5, 6, 9].map(|attempt| delay(attempt, 0.0)),
            [500, 1000, 2000, 4000, 8000, 8000, 8000].map(Some)
        );
        assert_eq!(delay(1, 1.0), Some(375));
        assert_eq!(delay(10, 0.0), None);
    }
}
