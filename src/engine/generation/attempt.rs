//! One attempt: the request sent once, to the address that does best, and written into the ledger.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::gateway::{Failed, GatewayError, Response, SHORT_BODY_BYTES};
use crate::library::{AttemptOutcome, AttemptRow};
use crate::model::{
    Charge, Failure, FailureKind, JobNote, Observation, Reason, Stage, Usage, host_of,
};
use crate::protocol::{OptionalParameter, parse_error_body};

use super::super::failure::{self, Context};
use super::fetch::Pending;
use super::filing::Arrival;
use super::prepare::{Manner, Prepared};
use super::{Ask, Job, job_row, tell_note};

/// What came of an attempt.
#[derive(Default)]
pub(super) struct Outcome {
    /// Pictures that are here, whole or not.
    pub(super) arrivals: Vec<Arrival>,
    /// Pictures that have to be fetched.
    pub(super) urls: Vec<Pending>,
    pub(super) trouble: Option<Trouble>,
    pub(super) warnings: Vec<Failure>,
    pub(super) usage: Option<Usage>,
    pub(super) request_id: Option<String>,
    pub(super) status: Option<u16>,
    /// The address that was called last.
    pub(super) base_url: String,
}

/// What went wrong with an attempt.
pub(super) struct Trouble {
    pub(super) failure: Failure,
    /// After how long it may be repeated, because nothing can have been charged or the profile says so.
    pub(super) retry: Option<Duration>,
    /// The answer ended before a picture came, and did not say why.
    pub(super) is_cut: bool,
    /// For how long the gateway wants nothing of anybody.
    pub(super) pause: Option<Duration>,
    /// What the gateway does not know, and what it may be repeated without.
    pub(super) refused: Option<OptionalParameter>,
}

impl Trouble {
    /// As the rules for repeating see an answer that began well.
    pub(super) const fn as_failed(&self) -> Failed<'static> {
        Failed::Answer {
            kind: self.failure.kind,
            is_cut: self.is_cut,
        }
    }

    pub(super) const fn last(failure: Failure) -> Self {
        Self {
            failure,
            retry: None,
            is_cut: false,
            pause: None,
            refused: None,
        }
    }
}

impl Job {
    /// Sends the request once, and writes down that it was.
    pub(super) async fn attempt(
        &self,
        prepared: &Prepared,
        ask: Ask,
        attempt: u32,
        manner: &Manner,
    ) -> Outcome {
        let mut row = self.attempt_row(prepared);
        self.record(&row).await;
        let sent = Instant::now();
        let mut outcome = self.send(prepared, ask, attempt, manner, sent).await;
        if let Some(usage) = &outcome.usage {
            self.progress.usage(usage);
        }
        row.ended_ms = Some(self.services.sources.now_ms());
        row.host = host_of(&outcome.base_url).to_owned();
        row.status = outcome.status;
        row.request_id.clone_from(&outcome.request_id);
        row.usage = outcome.usage;
        let delivered = outcome.arrivals.len() + outcome.urls.len();
        (row.outcome, row.charged) = match &outcome.trouble {
            _ if delivered >= usize::from(ask.count) => (Some(AttemptOutcome::Ok), Charge::Yes),
            Some(trouble) => (
                Some(AttemptOutcome::Failed(trouble.failure.kind)),
                if delivered > 0 {
                    Charge::Yes
                } else {
                    trouble.failure.charge
                },
            ),
            None => (
                Some(AttemptOutcome::Failed(FailureKind::Protocol)),
                Charge::Yes,
            ),
        };
        self.record(&row).await;
        let pictures = u32::try_from(delivered).unwrap_or(u32::MAX);
        for arrival in &mut outcome.arrivals {
            arrival.usage = row.usage;
            arrival.pictures = pictures;
        }
        outcome
    }

    async fn send(
        &self,
        prepared: &Prepared,
        ask: Ask,
        attempt: u32,
        manner: &Manner,
        sent: Instant,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let context = Context {
            gateway: &self.spec.request.gateway,
            key: prepared.key.as_ref(),
            request_id: None,
        };
        let answer = self.call(prepared, ask, manner, &mut outcome).await;
        let response = match answer {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                let mut failure = context.of_transport(&error);
                if error.is_broken() {
                    self.name_proxy(&mut failure, error.after);
                }
                outcome.trouble = Some(Trouble {
                    retry: self.retry(Failed::Transport(&error), attempt),
                    ..Trouble::last(failure)
                });
                return outcome;
            }
            None => {
                let failure =
                    Failure::new(FailureKind::InvalidRequest, "the gateway has no address")
                        .found(Observation::NoAddress);
                outcome.trouble = Some(Trouble::last(failure));
                return outcome;
            }
        };
        outcome.status = Some(response.status);
        outcome.request_id.clone_from(&response.request_id);
        if let Some(id) = &response.request_id {
            self.progress.request_id(id);
        }
        if (200..300).contains(&response.status) {
            self.receive(response, prepared, ask, sent, attempt, &mut outcome)
                .await;
        } else {
            outcome.trouble = Some(self.refusal(response, &context, attempt).await);
        }
        outcome
    }

    /// Calls one address after the other while nothing of the request can have been accepted (protocol.md 8.6).
    async fn call(
        &self,
        prepared: &Prepared,
        ask: Ask,
        manner: &Manner,
        outcome: &mut Outcome,
    ) -> Option<Result<Response, GatewayError>> {
        let health = &self.services.health;
        let first = prepared.base_urls.first()?;
        let mut answer = None;
        for base_url in health.order(&prepared.base_urls) {
            self.progress.calling(ask.number, host_of(&base_url));
            let call = prepared.call(&base_url, ask.count, manner);
            let begun = {
                let (journal, progress) = (Arc::clone(&self.journal), Arc::clone(&self.progress));
                let services = Arc::clone(&self.services);
                let base_url = base_url.clone();
                let switched = (base_url != *first).then(|| JobNote::AddressSwitched {
                    from: host_of(first).to_owned(),
                    to: host_of(&base_url).to_owned(),
                });
                move |took| {
                    services.health.connected(&base_url, took);
                    if let Some(note) = switched {
                        tell_note(&journal, &progress, note);
                    }
                    progress.stage(ask.number, Stage::Sent);
                }
            };
            let client = &self.services.client;
            let result = client.send(&call, &self.spec.cancel, begun).await;
            let is_unsent = result.as_ref().is_err_and(GatewayError::is_unsent);
            if is_unsent {
                health.failed(&base_url);
            }
            outcome.base_url = base_url;
            answer = Some(result);
            if !is_unsent {
                break;
            }
        }
        answer
    }

    /// Says so when it looks as if somebody between us and the gateway gave up waiting: proxies do it after round times
    /// (protocol.md 6.7). `after`: how long after the request was sent the connection ended, with nothing of an answer.
    pub(super) fn name_proxy(&self, failure: &mut Failure, after: Option<Duration>) {
        if let Some(after) = after
            && self.services.limits.is_proxy_limit(after)
        {
            failure.reason = Some(Reason::ProxyGaveUp);
            failure.after_ms = Some(milliseconds(after));
        }
    }

    /// Reads an answer that tells of a failure.
    async fn refusal(
        &self,
        mut response: Response,
        context: &Context<'_>,
        attempt: u32,
    ) -> Trouble {
        let after = response.since_sent();
        let mut body = Vec::new();
        // A body that breaks off says enough.
        while let Ok(Some(chunk)) = response.chunk().await {
            self.progress
                .bytes(chunk.len(), self.services.sources.now_ms(), true);
            body.extend_from_slice(&chunk);
            if body.len() > SHORT_BODY_BYTES {
                break;
            }
        }
        if self.spec.cancel.is_cancelled() {
            return Trouble::last(failure::canceled());
        }
        let status = response.status;
        let error = parse_error_body(status, response.content_type.as_deref(), &body);
        let context = Context {
            request_id: response.request_id.as_deref(),
            ..*context
        };
        let mut failure = context.of_answer(status, &error, &body);
        if matches!(status, 504 | 524) {
            failure.reason.get_or_insert(Reason::ProxyGaveUp);
            failure.after_ms = Some(milliseconds(after));
        }
        if response.request_id.is_none()
            && let Some(id) = &failure.request_id
        {
            self.progress.request_id(id);
        }
        let failed = Failed::Status {
            status,
            kind: failure.kind,
            body_bytes: body.len(),
            hints: &response.hints,
        };
        Trouble {
            retry: self.retry(failed, attempt),
            is_cut: false,
            pause: self.pause(failed, attempt),
            refused: failure::refused_parameter(status, &error),
            failure,
        }
    }

    fn attempt_row(&self, prepared: &Prepared) -> AttemptRow {
        let request = &self.spec.request;
        AttemptRow {
            job: self.spec.id,
            ordinal: self.attempts.fetch_add(1, Ordering::Relaxed),
            started_ms: self.services.sources.now_ms(),
            ended_ms: None,
            gateway: request.gateway.name.clone(),
            gateway_id: Some(request.gateway.id.clone()),
            api: request.gateway.api,
            model: request.gateway.image_model.clone(),
            parameters: request.parameters.clone(),
            host: prepared
                .base_urls
                .first()
                .map(|url| host_of(url).to_owned())
                .unwrap_or_default(),
            outcome: None,
            status: None,
            request_id: None,
            usage: None,
            charged: Charge::Unknown,
        }
    }

    /// Should the program end now, the index says that something was sent.
    pub(super) async fn save_running(&self) {
        let row = job_row(&self.progress.snapshot());
        let saved = self
            .services
            .librarian
            .call(move |library| library.save_job(&row))
            .await;
        if let Ok(Err(error)) = saved {
            tracing::warn!("the index does not know that a job runs: {error}");
        }
    }

    /// The ledger is bookkeeping: a line that can't be written stops nobody.
    async fn record(&self, row: &AttemptRow) {
        let row = row.clone();
        let written = self
            .services
            .librarian
            .call(move |library| library.record_attempt(&row))
            .await;
        if let Ok(Err(error)) = written {
            tracing::warn!("a line of the ledger is lost: {error}");
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
