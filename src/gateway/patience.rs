//! How long to wait for what (protocol.md 6.7), and when a request counts as sent.

use std::convert::Infallible;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use tokio::time::sleep_until;

use crate::model::Timeouts;

use super::{GatewayError, Limit, Phase};

/// Shortest limit; a profile that says 0 means none that makes sense.
const MIN_LIMIT: Duration = Duration::from_secs(1);
/// A body is handed over in pieces of this size, in bytes: when the last one is taken, the request is as good as sent.
const PIECE_BYTES: usize = 64 << 10;

/// The limits of a request's waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Patience {
    /// For the connection, TLS and proxies included.
    pub connect: Duration,
    /// From the sent request to the head of the answer.
    pub first_byte: Duration,
    /// From one chunk to the next.
    pub silence: Duration,
    /// From the beginning to the last byte.
    pub total: Option<Duration>,
}

impl Patience {
    /// As a profile has it. No limit is below a second.
    #[must_use]
    pub fn of(timeouts: &Timeouts) -> Self {
        let limit = |seconds| Duration::from_secs(seconds).max(MIN_LIMIT);
        Self {
            connect: limit(timeouts.connect_secs),
            first_byte: limit(timeouts.first_byte_secs),
            silence: limit(timeouts.silence_secs),
            total: timeouts.total_secs.map(limit),
        }
    }
}

/// Watches a request on its way out.
#[derive(Clone)]
pub(super) struct Sending {
    started: Instant,
    state: Arc<Mutex<State>>,
}

struct State {
    /// When the connection last took a piece of the body.
    taken: Option<Instant>,
    begun: Option<Box<dyn FnOnce(Duration) + Send>>,
}

impl Sending {
    /// `begun` is called once, when the connection takes the first of the body, with how long that took.
    pub(super) fn new(begun: impl FnOnce(Duration) + Send + 'static) -> Self {
        Self {
            started: Instant::now(),
            state: Arc::new(Mutex::new(State {
                taken: None,
                begun: Some(Box::new(begun)),
            })),
        }
    }

    /// A body, or a part of one, that tells when it is taken.
    pub(super) fn body(&self, bytes: Bytes) -> reqwest::Body {
        let this = self.clone();
        let pieces = stream::unfold(bytes, move |mut rest| {
            let this = this.clone();
            async move {
                if rest.is_empty() {
                    return None;
                }
                this.taken();
                let piece = rest.split_to(rest.len().min(PIECE_BYTES));
                Some((Ok::<_, Infallible>(piece), rest))
            }
        });
        reqwest::Body::wrap_stream(pieces)
    }

    /// From the last byte that was sent; from the beginning while none was, and for requests without a body.
    pub(super) fn since_sent(&self) -> Duration {
        self.sent().elapsed()
    }

    /// Waits for the head of an answer within the limits.
    pub(super) async fn watched(
        &self,
        answer: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
        patience: &Patience,
    ) -> Result<reqwest::Response, GatewayError> {
        let mut answer = pin!(answer);
        loop {
            let (limit, until) = self.next_byte(patience);
            tokio::select! {
                biased;
                answer = &mut answer => {
                    return answer.map_err(|error| sorted(error, patience));
                }
                () = sleep_until(until.into()) => {
                    // The body may have moved on meanwhile.
                    if self.next_byte(patience).1 <= Instant::now() {
                        return Err(GatewayError::timeout(Phase::Answer, limit));
                    }
                }
            }
        }
    }

    /// What goes on counting once the answer has begun.
    pub(super) fn clock(&self, patience: &Patience) -> Clock {
        Clock {
            sent: self.sent(),
            silence: patience.silence,
            total: patience.total.map(|total| (total, self.started + total)),
        }
    }

    /// The limit that runs out next, and when.
    fn next_byte(&self, patience: &Patience) -> (Limit, Instant) {
        // Until the connection stands, that has a limit of its own.
        let from = match self.state().taken {
            Some(taken) => taken,
            None => self.started + patience.connect,
        };
        let first = from + patience.first_byte;
        match patience.total {
            Some(total) if self.started + total < first => {
                (Limit::Total(total), self.started + total)
            }
            _ => (Limit::FirstByte(patience.first_byte), first),
        }
    }

    fn taken(&self) {
        let begun = {
            let mut state = self.state();
            state.taken = Some(Instant::now());
            state.begun.take()
        };
        if let Some(begun) = begun {
            begun(self.started.elapsed());
        }
    }

    fn sent(&self) -> Instant {
        self.state().taken.unwrap_or(self.started)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sorted(error: reqwest::Error, patience: &Patience) -> GatewayError {
    let mut error = GatewayError::before_answer(error);
    // Only the connection has a limit inside the client.
    if error.is_timed_out_connect() {
        error.limit = Some(Limit::Connect(patience.connect));
    }
    error
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending")
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}

/// Counts while an answer arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    sent: Instant,
    silence: Duration,
    /// With its length.
    total: Option<(Duration, Instant)>,
}

impl Clock {
    /// The limit for the next chunk, and when it runs out.
    pub(super) fn next_chunk(&self) -> (Limit, Instant) {
        let silence = Instant::now() + self.silence;
        match self.total {
            Some((total, until)) if until < silence => (Limit::Total(total), until),
            _ => (Limit::Silence(self.silence), silence),
        }
    }

    pub(super) fn since_sent(&self) -> Duration {
        self.sent.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience(total_secs: Option<u64>) -> Patience {
        Patience::of(&Timeouts {
            connect_secs: 0,
            first_byte_secs: 20,
            silence_secs: 30,
            total_secs,
        })
    }

    #[test]
    fn the_limit_that_runs_out_first_is_named() {
        let check = |total_secs, first: Limit, chunk: Limit| {
            let patience = patience(total_secs);
            let sending = Sending::new(|_| {});
            assert_eq!(sending.next_byte(&patience).0, first);
            assert_eq!(sending.clock(&patience).next_chunk().0, chunk);
        };
        let first_byte = Limit::FirstByte(Duration::from_secs(20));
        let silence = Limit::Silence(Duration::from_secs(30));
        let total = |seconds| Limit::Total(Duration::from_secs(seconds));
        check(None, first_byte, silence);
        check(Some(600), first_byte, silence);
        check(Some(25), first_byte, total(25));
        check(Some(10), total(10), total(10));
    }

    #[test]
    fn the_first_byte_is_waited_for_from_the_last_that_was_sent() {
        let patience = patience(None);
        assert_eq!(patience.connect, MIN_LIMIT);
        let sending = Sending::new(|_| {});
        let until = sending.next_byte(&patience).1;
        assert_eq!(until, sending.started + Duration::from_secs(21));
        sending.taken();
        let taken = sending.sent();
        assert_eq!(
            sending.next_byte(&patience).1,
            taken + Duration::from_secs(20)
        );
    }

    #[test]
    fn limits_are_named_with_their_seconds() {
        let check = |limit: Limit, expected: &str| {
            let error = GatewayError::timeout(Phase::Answer, limit);
            assert_eq!(error.to_string(), expected);
        };
        let secs = Duration::from_secs;
        check(
            Limit::Connect(secs(15)),
            "connect limit: no connection within 15 s",
        );
        check(
            Limit::FirstByte(secs(300)),
            "first byte limit: no answer within 300 s",
        );
        check(
            Limit::Silence(secs(300)),
            "silence limit: no byte came for 300 s",
        );
        check(
            Limit::Total(secs(600)),
            "total limit: the request took longer than 600 s",
        );
    }
}
