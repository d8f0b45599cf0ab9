//! One request: its turn at the gateway, its attempts, what it leaves in the ledger.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::gateway::{Failed, GatewayError, Response, SHORT_BODY_BYTES, delay_before_retry};
use crate::library::{AttemptOutcome, AttemptRow};
use crate::model::{Charge, Failure, FailureKind, Stage, Usage};
use crate::protocol::{OptionalParameter, parse_error_body};

use super::super::Event;
use super::super::failure::{self, Context};
use super::filing::Arrival;
use super::prepare::Prepared;
use super::receive::UrlResult;
use super::{Ask, Job, job_row};

/// What came of an attempt.
#[derive(Default)]
pub(super) struct Outcome {
    /// Pictures that are here, whole or not.
    pub(super) arrivals: Vec<Arrival>,
    /// Pictures that have to be fetched.
    pub(super) urls: Vec<UrlResult>,
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
    /// After how long it may be repeated, because nothing can have been charged.
    pub(super) retry: Option<Duration>,
    /// What the gateway does not know, and what it may be repeated without.
    pub(super) refused: Option<OptionalParameter>,
}

impl Trouble {
    pub(super) const fn last(failure: Failure) -> Self {
        Self {
            failure,
            retry: None,
            refused: None,
        }
    }
}

impl Job {
    /// Sends a request until it is answered or may not be sent again; then what failed, at most one failure.
    pub(super) async fn ask(&self, prepared: &Prepared, ask: Ask) -> Option<Failure> {
        let failure = self.ask_in_turn(prepared, ask).await;
        self.progress.ask_ended(ask.number);
        failure
    }

    async fn ask_in_turn(&self, prepared: &Prepared, ask: Ask) -> Option<Failure> {
        let cancel = &self.spec.cancel;
        let turn = tokio::select! {
            biased;
            () = cancel.cancelled() => return Some(failure::canceled()),
            turn = self.spec.turns.acquire() => turn,
        };
        if turn.is_err() {
            return Some(failure::closing());
        }
        if self.progress.start(self.services.sources.now_ms()) {
            self.save_running().await;
        }
        let mut without = Vec::new();
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(prepared, ask, attempt, &without).await;
            let Some(delay) = self.delay(&outcome, attempt, &mut without) else {
                return self.conclude(outcome, ask).await;
            };
            attempt += 1;
            if !self.wait_for_retry(&outcome, ask, attempt, delay).await {
                return Some(failure::canceled());
            }
        }
    }

    /// How long to wait before the next attempt, if there is to be one.
    fn delay(
        &self,
        outcome: &Outcome,
        attempt: u32,
        without: &mut Vec<OptionalParameter>,
    ) -> Option<Duration> {
        let trouble = outcome.trouble.as_ref()?;
        if !outcome.arrivals.is_empty() || !outcome.urls.is_empty() {
            return None;
        }
        if let Some(parameter) = trouble.refused
            && !without.contains(&parameter)
            && attempt <= self.spec.request.gateway.max_retries
        {
            without.push(parameter);
            return Some(Duration::ZERO);
        }
        trouble.retry
    }

    /// `false`: canceled meanwhile.
    async fn wait_for_retry(
        &self,
        outcome: &Outcome,
        ask: Ask,
        attempt: u32,
        delay: Duration,
    ) -> bool {
        let after_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let kind = outcome
            .trouble
            .as_ref()
            .map_or(FailureKind::Network, |trouble| trouble.failure.kind);
        tracing::info!(attempt, after_ms, %kind, "a request is repeated");
        self.services.tell(Event::Retry {
            job: self.spec.id,
            attempt,
            after_ms,
            kind,
        });
        self.progress
            .stage(ask.number, Stage::Waiting { attempt, after_ms });
        tokio::select! {
            biased;
            () = self.spec.cancel.cancelled() => false,
            () = tokio::time::sleep(delay) => true,
        }
    }

    /// Sends the request once, and writes down that it was.
    async fn attempt(
        &self,
        prepared: &Prepared,
        ask: Ask,
        attempt: u32,
        without: &[OptionalParameter],
    ) -> Outcome {
        self.progress.stage(ask.number, Stage::Connecting);
        let mut row = self.attempt_row(prepared);
        self.record(&row).await;
        let sent = Instant::now();
        let mut outcome = self.send(prepared, ask, attempt, without, sent).await;
        if let Some(usage) = &outcome.usage {
            self.progress.usage(usage);
        }
        row.ended_ms = Some(self.services.sources.now_ms());
        row.host = host(&outcome.base_url).to_owned();
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
        for arrival in &mut outcome.arrivals {
            arrival.usage = row.usage;
        }
        outcome
    }

    async fn send(
        &self,
        prepared: &Prepared,
        ask: Ask,
        attempt: u32,
        without: &[OptionalParameter],
        sent: Instant,
    ) -> Outcome {
        let gateway = &self.spec.request.gateway;
        let mut outcome = Outcome::default();
        let mut answer: Option<Result<Response, GatewayError>> = None;
        for base_url in &prepared.base_urls {
            outcome.base_url.clone_from(base_url);
            let call = prepared.call(base_url, ask.count, without);
            let progress = Arc::clone(&self.progress);
            let begun = move || progress.stage(ask.number, Stage::Sent);
            let result = self
                .services
                .client
                .send(&call, &self.spec.cancel, begun)
                .await;
            let is_unsent = result.as_ref().is_err_and(GatewayError::is_unsent);
            answer = Some(result);
            if !is_unsent {
                break;
            }
        }
        let context = Context {
            gateway,
            key: prepared.key.as_ref(),
            request_id: None,
        };
        let response = match answer {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                outcome.trouble = Some(Trouble {
                    failure: context.of_transport(&error),
                    retry: self.retry(Failed::Transport(&error), attempt),
                    refused: None,
                });
                return outcome;
            }
            None => {
                let failure =
                    Failure::new(FailureKind::InvalidRequest, "the gateway has no address");
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
            self.receive(response, prepared, ask, sent, &mut outcome)
                .await;
        } else {
            outcome.trouble = Some(self.refusal(response, &context, attempt).await);
        }
        outcome
    }

    /// Reads an answer that tells of a failure.
    async fn refusal(
        &self,
        mut response: Response,
        context: &Context<'_>,
        attempt: u32,
    ) -> Trouble {
        let mut body = Vec::new();
        // A body that breaks off says enough.
        while let Ok(Some(chunk)) = response.chunk().await {
            self.progress.bytes(chunk.len());
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
        let failure = context.of_answer(status, &error, &body);
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
            refused: failure::refused_parameter(status, &error),
            failure,
        }
    }

    fn retry(&self, failed: Failed<'_>, attempt: u32) -> Option<Duration> {
        let sources = &self.services.sources;
        delay_before_retry(
            failed,
            attempt,
            self.spec.request.gateway.max_retries,
            (sources.now)(),
            sources.fraction(),
        )
    }

    /// Files what came, fetches what has to be fetched, and says what is missing.
    async fn conclude(&self, outcome: Outcome, ask: Ask) -> Option<Failure> {
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
        for url in urls {
            match self.fetch(url, ask).await {
                Ok(arrival) => failures.extend(self.file(arrival).await.err()),
                Err(failure) => failures.push(failure),
            }
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
        first
    }

    pub(super) fn warn(&self, failure: Failure) {
        self.services.tell(Event::Warning {
            job: self.spec.id,
            failure,
        });
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
                .map(|url| host(url).to_owned())
                .unwrap_or_default(),
            outcome: None,
            status: None,
            request_id: None,
            usage: None,
            charged: Charge::Unknown,
        }
    }

    /// Should the program end now, the index says that something was sent.
    async fn save_running(&self) {
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

fn is_canceled(failure: &Failure) -> bool {
    failure.kind == FailureKind::Canceled
}

/// `host[:port]` of a base URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}
