//! Whether a request is sent once more, when, and without what.

use std::time::Duration;

use crate::gateway::{Attempt, Failed, PAYLOAD_TOO_LARGE, delay_before_retry, pause};
use crate::model::{FailureKind, JobNote, Stage};
use crate::protocol::OptionalParameter;

use super::super::{Event, Waiting};
use super::attempt::Outcome;
use super::prepare::{Manner, Prepared};
use super::{Ask, Job};

/// A request that is to be sent once more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub(super) delay: Duration,
    /// Why.
    pub(super) kind: FailureKind,
}

impl Job {
    /// How long to wait before the next attempt, if there is to be one. What the attempt says of the gateway is
    /// remembered in any case.
    pub(super) fn again(
        &self,
        outcome: &Outcome,
        attempt: u32,
        without: &mut Vec<OptionalParameter>,
    ) -> Option<Again> {
        let gate = &self.spec.gate;
        if !outcome.arrivals.is_empty() || !outcome.urls.is_empty() {
            gate.succeeded();
            return None;
        }
        let trouble = outcome.trouble.as_ref()?;
        let kind = trouble.failure.kind;
        if kind == FailureKind::RateLimit {
            gate.slow_down(trouble.pause);
        }
        if let Some(refused) = trouble.refused {
            let step = next_without(refused, without);
            // A value that is refused may be another one the next time.
            if trouble.failure.code.as_deref() != Some("unsupported_value") {
                self.learn(step.unwrap_or(refused));
            }
            if let Some(parameter) = step
                && attempt <= self.spec.request.gateway.max_retries
            {
                without.push(parameter);
                self.note(JobNote::ParameterDropped {
                    name: refused.as_str().to_owned(),
                });
                return Some(Again {
                    delay: Duration::ZERO,
                    kind,
                });
            }
        }
        trouble.retry.map(|delay| Again { delay, kind })
    }

    /// Sends the pictures once more, one step smaller, where the gateway found the request too large: it has not read it,
    /// so nothing was charged. Once for a request.
    pub(super) async fn again_smaller(
        &self,
        prepared: &Prepared,
        outcome: &Outcome,
        attempt: u32,
        manner: &mut Manner,
    ) -> Option<Again> {
        let failure = &outcome.trouble.as_ref()?.failure;
        let request = &self.spec.request;
        if failure.status != Some(PAYLOAD_TOO_LARGE)
            || request.references.is_empty()
            || manner.is_smaller
            || attempt > request.gateway.max_retries
        {
            return None;
        }
        let (from_bytes, to_bytes) = match prepared.shrink(&self.services).await {
            Ok(lengths) => lengths?,
            Err(failure) => {
                tracing::warn!("no smaller copies of the references: {}", failure.message);
                return None;
            }
        };
        manner.is_smaller = true;
        self.note(JobNote::ReferencesShrunk {
            from_bytes,
            to_bytes,
        });
        Some(Again {
            delay: Duration::ZERO,
            kind: failure.kind,
        })
    }

    /// After how long a failed attempt may be repeated.
    pub(super) fn retry(&self, failed: Failed<'_>, attempt: u32) -> Option<Duration> {
        let gateway = &self.spec.request.gateway;
        let sources = &self.services.sources;
        let attempt = Attempt {
            number: attempt,
            max_retries: gateway.max_retries,
            failed_is_free: gateway.prices.failed_is_free,
        };
        delay_before_retry(failed, attempt, (sources.now)(), sources.fraction())
    }

    /// For how long the gateway's queue stands still after an answer that says so.
    pub(super) fn pause(&self, failed: Failed<'_>, attempt: u32) -> Option<Duration> {
        let sources = &self.services.sources;
        pause(failed, attempt, (sources.now)(), sources.fraction())
    }

    /// Remembers for the profile that its gateway refuses a parameter.
    fn learn(&self, parameter: OptionalParameter) {
        let gateway = &self.spec.request.gateway;
        let Some(refused) = self.services.book.learn(gateway, parameter.as_str()) else {
            return;
        };
        self.services.tell(Event::GatewayLearned {
            gateway: gateway.id.clone(),
            refused,
        });
        let book = self.services.book.clone();
        let posted = self.services.librarian.post(move |_| {
            if let Err(error) = book.save_learned() {
                tracing::warn!("what was learned of a gateway is not stored: {error}");
            }
        });
        if let Err(error) = posted {
            tracing::warn!("what was learned of a gateway is not stored: {error}");
        }
    }

    /// `false`: canceled meanwhile.
    pub(super) async fn wait_for_retry(&self, again: Again, ask: Ask, attempt: u32) -> bool {
        let Again { delay, kind } = again;
        let after_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(attempt, after_ms, %kind, "a request is repeated");
        self.services.tell(Event::Retry {
            job: self.spec.id,
            attempt,
            after_ms,
            kind,
        });
        let now_ms = self.services.sources.now_ms();
        let waiting = Waiting {
            until_ms: now_ms.saturating_add_unsigned(after_ms),
            kind,
        };
        self.progress
            .stage(ask.number, Stage::Waiting { attempt, after_ms });
        self.progress.waiting(ask.number, Some(waiting));
        tokio::select! {
            biased;
            () = self.spec.cancel.cancelled() => false,
            () = tokio::time::sleep(delay) => true,
        }
    }
}

/// What to leave out next; `None`: it is left out already.
fn next_without(
    refused: OptionalParameter,
    without: &[OptionalParameter],
) -> Option<OptionalParameter> {
    let fall_back = match refused {
        OptionalParameter::ToolChoice => Some(OptionalParameter::RequiredToolChoice),
        _ => None,
    };
    [Some(refused), fall_back]
        .into_iter()
        .flatten()
        .find(|parameter| !without.contains(parameter))
}
