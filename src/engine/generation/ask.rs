//! One request: its turn at the gateway, its attempts, and what they leave.

use std::sync::{Mutex, PoisonError};

use futures_util::future::{join, join_all};

use crate::model::{Charge, Failure, FailureKind, Observation, Stage};
use crate::protocol::OptionalParameter;

use super::super::failure;
use super::super::gate::{Ticket, Turn};
use super::super::{Event, Waiting};
use super::attempt::Outcome;
use super::prepare::{Manner, Prepared};
use super::{Ask, Job};

impl Job {
    /// Sends a request until it is answered or may not be sent again; then what failed, at most one failure.
    pub(super) async fn ask(&self, prepared: &Prepared, ask: Ask) -> Option<Failure> {
        let failure = self.ask_in_turn(prepared, ask).await;
        self.progress.ask_ended(ask.number);
        failure
    }

    async fn ask_in_turn(&self, prepared: &Prepared, ask: Ask) -> Option<Failure> {
        let ticket = self.spec.gate.ticket();
        let Some(mut turn) = self.turn(ask, ticket).await else {
            return Some(failure::canceled());
        };
        if self.progress.start(self.services.sources.now_ms()) {
            self.save_running().await;
        }
        let mut manner = Manner {
            without: self.known_refused(),
            is_smaller: false,
        };
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(prepared, ask, attempt, &manner).await;
            let mut again = self
                .again_smaller(prepared, &outcome, attempt, &mut manner)
                .await;
            if again.is_none() {
                again = self.again(&outcome, attempt, &mut manner.without);
            }
            let Some(again) = again else {
                // The turn is kept: what came is brought home before anything new is asked for.
                return self.conclude(outcome, ask, turn).await;
            };
            attempt += 1;
            if again.kind == FailureKind::RateLimit {
                // It is the turn that is too much.
                drop(turn);
                if !self.wait_for_retry(again, ask, attempt).await {
                    return Some(failure::canceled());
                }
                match self.turn(ask, ticket).await {
                    Some(next) => turn = next,
                    None => return Some(failure::canceled()),
                }
            } else if !self.wait_for_retry(again, ask, attempt).await {
                return Some(failure::canceled());
            }
        }
    }

    /// Waits for a turn at the gateway; `None`: canceled meanwhile.
    async fn turn(&self, ask: Ask, ticket: Ticket) -> Option<Turn> {
        let waiting = |until_ms: Option<i64>| {
            let waiting = until_ms.map(|until_ms| Waiting {
                until_ms,
                kind: FailureKind::RateLimit,
            });
            self.progress.waiting(ask.number, waiting);
        };
        tokio::select! {
            biased;
            () = self.spec.cancel.cancelled() => None,
            turn = self.spec.gate.enter(ticket, waiting) => Some(turn),
        }
    }

    /// What the profile says that its gateway refuses.
    fn known_refused(&self) -> Vec<OptionalParameter> {
        let refused = &self.spec.request.gateway.dialect.refused;
        OptionalParameter::ALL
            .into_iter()
            .filter(|parameter| refused.iter().any(|name| name == parameter.as_str()))
            .collect()
    }

    /// Files what came, fetches what has to be fetched, and says what is missing.
    async fn conclude(&self, outcome: Outcome, ask: Ask, turn: Turn) -> Option<Failure> {
        let Outcome {
            arrivals,
            urls,
            trouble,
            warnings,
            ..
        } = outcome;
        for warning in warnings {
            self.warn(warning);
        }
        if !arrivals.is_empty() || !urls.is_empty() {
            self.progress.stage(ask.number, Stage::Saving);
        }
        let expected = usize::from(ask.count);
        let came = arrivals.len() + urls.len();
        let mut failures = Vec::new();
        for arrival in arrivals {
            failures.extend(self.file(arrival).await.err());
        }
        let is_fetching = !urls.is_empty();
        // Each at once: one that has to wait must not cost another its time. The turn at the gateway is kept while
        // bytes come, so that pictures that are paid for have the line; it is given back before the first wait.
        let turn = Mutex::new(Some(turn));
        let rest = || drop(turn.lock().unwrap_or_else(PoisonError::into_inner).take());
        let fetches = urls
            .into_iter()
            .map(|url| self.fetch_and_file(url, ask.number, &rest));
        if is_fetching {
            let fetching = async {
                let outcomes = join_all(fetches).await;
                rest();
                outcomes
            };
            let (outcomes, ()) = join(fetching, self.protect_filed()).await;
            failures.extend(outcomes.into_iter().filter_map(Result::err));
        } else {
            rest();
        }
        match trouble {
            // Everything came; what followed is worth a word, not more.
            Some(trouble) if came >= expected && is_canceled(&trouble.failure) => {}
            Some(trouble) if came >= expected => self.warn(trouble.failure),
            Some(trouble) => failures.insert(0, trouble.failure),
            None if came < expected => failures.push(Failure {
                charge: Charge::Yes,
                ..Failure::new(
                    FailureKind::Protocol,
                    format!("{came} of {expected} pictures came"),
                )
                .found(Observation::TooFew {
                    came: u32::try_from(came).unwrap_or(u32::MAX),
                    asked: u32::try_from(expected).unwrap_or(u32::MAX),
                })
            }),
            None => {}
        }
        let mut failures = failures.into_iter();
        let first = failures.next();
        // One failure a request; the others are details of it.
        failures.for_each(|failure| self.warn(failure));
        // That the user canceled is told once, at the end of the job.
        if let Some(failure) = first.as_ref().filter(|failure| !is_canceled(failure)) {
            self.tell_failed(failure);
        }
        // Everything that was paid for is safe, and others have the gateway meanwhile.
        self.protect_filed().await;
        first
    }

    pub(super) fn warn(&self, failure: Failure) {
        self.services.tell(Event::Warning {
            job: self.spec.id,
            failure,
        });
    }
}

fn is_canceled(failure: &Failure) -> bool {
    failure.kind == FailureKind::Canceled
}
