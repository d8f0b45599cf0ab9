//! When a request is sent again: only where nothing can have been charged, or where failures cost nothing
//! (protocol.md 8.4, 8.6).
//!
//! A pure function of what happened; the clock and the dice are passed in.

use std::time::{Duration, SystemTime};

use crate::model::FailureKind;

use super::{Cause, GatewayError};

/// A server that wants more patience than this is not waited for (protocol.md 8.4).
pub const MAX_DELAY: Duration = Duration::from_mins(2);
/// First step of the backoff (protocol.md 8.4, openai-python).
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest step of the backoff (protocol.md 8.4, openai-python).
const MAX_BACKOFF: Duration = Duration::from_secs(8);
/// The status of a request that the server found too large (RFC 9110, 15.5.14).
pub const PAYLOAD_TOO_LARGE: u16 = 413;
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
    /// With an answer that began well and brought no picture.
    Answer {
        /// What it was understood to mean.
        kind: FailureKind,
        /// It ended without a word of why.
        is_cut: bool,
    },
}

/// Which attempt has failed, and what the profile says of it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// How many were made so far, from 1.
    pub number: u32,
    /// Most repeats.
    pub max_retries: u32,
    /// Nothing that fails is charged, so whatever may do better the next time is repeated.
    pub failed_is_free: bool,
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
/// `jitter` is random, from 0 to 1, and takes up to a quarter off our own backoff. A delay that the server asks for is
/// kept as it is.
#[must_use]
pub fn delay_before_retry(
    failed: Failed<'_>,
    attempt: Attempt,
    now: SystemTime,
    jitter: f64,
) -> Option<Duration> {
    let Attempt {
        number,
        max_retries,
        failed_is_free,
    } = attempt;
    if number > max_retries || !may_repeat(failed, failed_is_free) {
        return None;
    }
    match asked(failed, now) {
        Some(delay) if delay > MAX_DELAY => None,
        Some(delay) if !delay.is_zero() => Some(delay),
        _ => Some(backoff(number, jitter)),
    }
}

/// How long everything else that waits for the gateway stays where it is, after an answer that says that it is asked
/// too often; `None` after any other, and when the server wants more patience than anybody has.
#[must_use]
pub fn pause(failed: Failed<'_>, attempt: u32, now: SystemTime, jitter: f64) -> Option<Duration> {
    let (Failed::Status { kind, .. } | Failed::Answer { kind, .. }) = failed else {
        return None;
    };
    if kind != FailureKind::RateLimit {
        return None;
    }
    match asked(failed, now) {
        Some(delay) if delay > MAX_DELAY => None,
        Some(delay) if !delay.is_zero() => Some(delay),
        _ => Some(backoff(attempt, jitter)),
    }
}

/// What the server asks for.
fn asked(failed: Failed<'_>, now: SystemTime) -> Option<Duration> {
    match failed {
        Failed::Status { hints, .. } => hints.delay(now),
        Failed::Transport(_) | Failed::Answer { .. } => None,
    }
}

fn may_repeat(failed: Failed<'_>, is_free: bool) -> bool {
    match failed {
        Failed::Transport(error) => {
            error.is_unsent()
                || (is_free && matches!(error.cause, Cause::Timeout | Cause::Reset | Cause::Cut))
        }
        Failed::Status {
            status,
            kind,
            body_bytes,
            hints,
        } => {
            body_bytes <= SHORT_BODY_BYTES
                && may_repeat_status(status, kind, hints.should_retry, is_free)
        }
        Failed::Answer { kind, is_cut } => {
            let may_pass = kind.is_retryable() || (is_cut && kind == FailureKind::Protocol);
            is_free && may_pass
        }
    }
}

fn may_repeat_status(
    status: u16,
    kind: FailureKind,
    should_retry: Option<bool>,
    is_free: bool,
) -> bool {
    // The server's word counts, but not against the user's purse: whoever gave up waiting for the picture does not
    // know whether it was made.
    let is_hopeless = matches!(
        kind,
        FailureKind::Quota | FailureKind::Moderation | FailureKind::Auth | FailureKind::Permission
    );
    // The same request is as large the next time, whatever the server says: a smaller one is for whoever can make it.
    let is_too_large = status == PAYLOAD_TOO_LARGE;
    // Also when the gateway only tells of somebody behind it who did.
    let gave_up =
        matches!(status, 504 | 520..=527) || (kind == FailureKind::Timeout && status != 408);
    let is_charged_perhaps = matches!(status, 200..=399) || gave_up;
    if is_hopeless || is_too_large || (is_charged_perhaps && !is_free) {
        return false;
    }
    should_retry.unwrap_or_else(|| match status {
        408 | 409 => true,
        429 | 500 | 502 | 503 => kind.is_retryable(),
        _ => gave_up && kind.is_retryable(),
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
    use crate::gateway::Phase;

    fn now() -> SystemTime {
        // Sun, 06 Nov 1994 08:49:37 GMT
        UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    fn attempt(number: u32, max_retries: u32) -> Attempt {
        Attempt {
            number,
            max_retries,
            failed_is_free: false,
        }
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
                    delay_before_retry(failed, attempt(1, 2), now(), 0.0),
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
    fn where_failures_are_free_all_that_may_pass_is_repeated() {
        let free = Attempt {
            failed_is_free: true,
            ..attempt(1, 1)
        };
        let check = |failed: Failed<'_>, expected: bool| {
            let delay = |attempt| delay_before_retry(failed, attempt, now(), 0.0);
            assert_eq!(delay(free).is_some(), expected, "{failed:?}");
            assert_eq!(delay(attempt(1, 1)), None, "{failed:?}");
        };
        let hints = RetryHints::default();
        let status = |status, kind| Failed::Status {
            status,
            kind,
            body_bytes: 100,
            hints: &hints,
        };
        check(status(504, FailureKind::Timeout), true);
        check(status(524, FailureKind::Timeout), true);
        check(status(522, FailureKind::Server), true);
        check(status(400, FailureKind::InvalidRequest), false);
        check(status(401, FailureKind::Auth), false);
        check(status(403, FailureKind::Permission), false);
        check(status(429, FailureKind::Quota), false);
        check(status(524, FailureKind::Moderation), false);
        let answer = |kind, is_cut| Failed::Answer { kind, is_cut };
        check(answer(FailureKind::Network, true), true);
        check(answer(FailureKind::Timeout, true), true);
        check(answer(FailureKind::Protocol, true), true);
        check(answer(FailureKind::Server, false), true);
        check(answer(FailureKind::RateLimit, false), true);
        check(answer(FailureKind::Protocol, false), false);
        check(answer(FailureKind::Moderation, false), false);
        check(answer(FailureKind::InvalidRequest, false), false);
        check(answer(FailureKind::Quota, false), false);
        check(answer(FailureKind::Canceled, false), false);
        for (phase, cause, expected) in [
            (Phase::Answer, Cause::Timeout, true),
            (Phase::Answer, Cause::Reset, true),
            (Phase::Body, Cause::Cut, true),
            (Phase::Body, Cause::Canceled, false),
            (Phase::Connect, Cause::Proxy, false),
        ] {
            check(
                Failed::Transport(&GatewayError::new(phase, cause)),
                expected,
            );
        }
    }

    #[test]
    fn only_too_many_requests_make_the_queue_wait() {
        let check = |kind: FailureKind, hints: &RetryHints, expected_ms: Option<u64>| {
            let failed = Failed::Status {
                status: 429,
                kind,
                body_bytes: 100,
                hints,
            };
            let pause = pause(failed, 2, now(), 0.0);
            assert_eq!(pause, expected_ms.map(Duration::from_millis), "{kind}");
        };
        check(FailureKind::RateLimit, &after("7"), Some(7_000));
        check(FailureKind::RateLimit, &RetryHints::default(), Some(1_000));
        check(FailureKind::RateLimit, &after("121"), None);
        check(FailureKind::Quota, &after("7"), None);
        check(FailureKind::Server, &after("7"), None);
    }

    #[test]
    fn a_long_body_is_not_repeated() {
        let failed = Failed::Status {
            status: 500,
            kind: FailureKind::Server,
            body_bytes: SHORT_BODY_BYTES + 1,
            hints: &RetryHints::default(),
        };
        assert_eq!(delay_before_retry(failed, attempt(1, 2), now(), 0.0), None);
    }

    #[test]
    fn broken_connections_are_repeated_only_when_nothing_was_sent() {
        let check = |phase: Phase, cause: Cause, expected: bool| {
            let error = GatewayError::new(phase, cause);
            let failed = Failed::Transport(&error);
            let delay = delay_before_retry(failed, attempt(1, 1), now(), 0.0);
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
        let delay = |number, jitter| {
            delay_before_retry(Failed::Transport(&error), attempt(number, 9), now(), jitter)
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
