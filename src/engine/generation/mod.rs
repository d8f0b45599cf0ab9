//! A job from its journal entry to its last picture.
//!
//! | file | part |
//! | --- | --- |
//! | here | the job: what it asks for, its states, its end |
//! | `ask.rs` | one request: its turn at the gateway, its attempts, what they leave |
//! | `attempt.rs` | one attempt: sent once, to the address that does best, and written into the ledger |
//! | `again.rs` | whether a request is sent once more, when, and without what |
//! | `lane.rs` | where jobs of a group wait before anything is prepared |
//! | `prepare.rs` | what it sends |
//! | `uploads.rs` | its pictures, as the gateway takes them |
//! | `receive.rs` | an answer: what it says, and what is wrong with it |
//! | `end.rs` | what went wrong with an answer that began well |
//! | `blobs.rs` | its pictures: bytes to spools, results decoded behind them |
//! | `previews.rs` | previews to their place |
//! | `fetch.rs` | results that are only an address: tried until they are here or it has expired |
//! | `transfer.rs` | one such try |
//! | `claim.rs` | addresses on the record, and what a claim needs |
//! | `resume.rs` | jobs of before that go on fetching |
//! | `filing.rs` | from a spool to the library |
//! | `progress.rs` | how far the job is, and telling it |

mod again;
mod ask;
mod attempt;
mod blobs;
mod claim;
mod end;
mod fetch;
mod filing;
mod lane;
mod prepare;
mod previews;
mod progress;
mod receive;
mod resume;
mod transfer;
mod uploads;

use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::library::{DownloadRow, JobRow};
use crate::model::{
    ApiKey, ApiKind, Charge, Failure, FailureKind, GenerationRequest, ImageRecord, JobId, JobNote,
    JobState, Preset,
};
use crate::protocol::is_streamed;

use super::failure;
use super::gate::Gate;
use super::journal::{Entry, Journal, Note};
use super::services::Services;
use super::{Event, JobSnapshot};

pub(super) use self::filing::{Delivered, Filing, copy_into, move_file};
pub(super) use self::lane::{Lane, Queue};
use self::prepare::Prepared;
use self::progress::Progress;
pub(super) use self::resume::{
    PartBlob, Resumption, TakeUpError, Waited, resume, resumption, take_up,
};

/// What a job is made of.
pub(super) struct JobSpec {
    pub(super) id: JobId,
    pub(super) created_ms: i64,
    pub(super) request: Arc<GenerationRequest>,
    pub(super) key: Option<ApiKey>,
    pub(super) copy_to: Option<PathBuf>,
    /// Where to wait before anything is prepared.
    pub(super) lane: Option<Lane>,
    /// Where to wait for turns at the gateway.
    pub(super) gate: Arc<Gate>,
    pub(super) cancel: CancellationToken,
}

/// A job at work.
struct Job {
    spec: JobSpec,
    services: Arc<Services>,
    /// Shared with what runs beside the job while a request is sent.
    journal: Arc<Journal>,
    progress: Arc<Progress>,
    /// The next index for a picture that nobody asked for.
    extras: AtomicU32,
    /// The next line of the ledger.
    attempts: AtomicU32,
    /// Results that were filed, outside of whose mask the original is still to be put back.
    filed: Mutex<Vec<ImageRecord>>,
    /// Pictures that did not come and that may still be claimed.
    waiting: Mutex<Vec<DownloadRow>>,
    /// Of a job that goes on fetching: how it had ended.
    before: Option<(JobState, Failure)>,
}

/// One request of a job: pictures `first_index` to `first_index + count`.
#[derive(Clone, Copy, Debug)]
struct Ask {
    /// From 0.
    number: usize,
    first_index: u32,
    count: u8,
}

/// The snapshot of a job that has just been made.
pub(super) fn queued(spec: &JobSpec) -> JobSnapshot {
    JobSnapshot::queued(spec.id, Arc::clone(&spec.request), spec.created_ms)
}

/// Runs a job to its end, which is told last.
pub(super) async fn run(mut spec: JobSpec, services: Arc<Services>) {
    // Held to the end of the job.
    let Some(_permit) = lane::enter(&mut spec, &services).await else {
        return;
    };
    let entry = Entry {
        job: spec.id,
        created_ms: spec.created_ms,
        request: (*spec.request).clone(),
        copy_to: spec.copy_to.clone(),
    };
    let progress = Arc::new(Progress::new(&spec, Arc::clone(&services.outbox)));
    let journals = services.journals.clone();
    let row = job_row(&progress.snapshot());
    // The journal first, then the index: a job without a journal is one that has ended.
    let made = services
        .librarian
        .call(move |library| {
            let journal = Journal::create(&journals, &entry).map_err(|e| failure::of_disk(&e))?;
            library
                .save_job(&row)
                .map_err(|e| failure::of_library(&e))?;
            Ok::<_, Failure>(Arc::new(journal))
        })
        .await
        .unwrap_or_else(|_closed| Err(failure::closing()));
    let journal = match made {
        Ok(journal) => journal,
        Err(failure) => {
            services.tell(Event::RequestFailed {
                job: spec.id,
                failure: failure.clone(),
            });
            services.canvas.job_ended(spec.id);
            progress.end(JobState::Failed, Some(failure), services.sources.now_ms());
            return;
        }
    };
    let extras = u32::from(spec.request.parameters.count.max(1));
    let job = Job {
        spec,
        services,
        journal,
        progress,
        extras: AtomicU32::new(extras),
        attempts: AtomicU32::new(1),
        filed: Mutex::default(),
        waiting: Mutex::default(),
        before: None,
    };
    let failures = job.work().await;
    job.end(failures).await;
}

impl Job {
    /// Asks for all pictures; what failed.
    async fn work(&self) -> Vec<Failure> {
        let request = &self.spec.request;
        let prepared = async {
            let base_urls = self.services.base_urls(&request.gateway).await?;
            let key = self.key().await?;
            Prepared::new(request, base_urls, key, &self.services).await
        };
        let prepared = tokio::select! {
            biased;
            () = self.spec.cancel.cancelled() => return vec![failure::canceled()],
            prepared = prepared => prepared,
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(failure) => {
                self.tell_failed(&failure);
                return vec![failure];
            }
        };
        let asks = asks(request);
        self.progress.begin_asks(asks.len());
        let answers = asks.iter().map(|ask| self.ask(&prepared, *ask));
        join_all(answers).await.into_iter().flatten().collect()
    }

    /// The key of the submission, else the one that is kept; the user may have to unlock it first.
    async fn key(&self) -> Result<Option<ApiKey>, Failure> {
        if let Some(key) = &self.spec.key {
            return Ok(Some(key.clone()));
        }
        let gateway = &self.spec.request.gateway;
        let kept = tokio::select! {
            biased;
            () = self.spec.cancel.cancelled() => return Err(failure::canceled()),
            kept = self.services.keys.get(&gateway.id) => kept?,
        };
        // The demo gateway takes any key; nobody should have to type one.
        let is_demo = gateway.preset == Preset::Demo;
        Ok(kept.or_else(|| is_demo.then(ApiKey::demo)))
    }

    /// Something was done otherwise than asked.
    fn note(&self, note: JobNote) {
        tell_note(&self.journal, &self.progress, note);
    }

    fn tell_failed(&self, failure: &Failure) {
        self.services.tell(Event::RequestFailed {
            job: self.spec.id,
            failure: failure.clone(),
        });
    }

    async fn end(self, failures: Vec<Failure>) {
        let Self {
            spec,
            services,
            journal,
            progress,
            waiting,
            before,
            ..
        } = self;
        let waiting = waiting.into_inner().unwrap_or_else(PoisonError::into_inner);
        let count = usize::from(spec.request.parameters.count.max(1));
        let before = before.filter(|_| progress.results() < count);
        let is_safe = progress.is_safe();
        let is_canceled = |failure: &Failure| failure.kind == FailureKind::Canceled;
        // Of several requests, the one that was sent says what the job may have cost.
        let canceled = failures
            .iter()
            .filter(|failure| is_canceled(failure))
            .max_by_key(|failure| failure.charge != Charge::No)
            .cloned();
        let (state, first) = match canceled {
            // Told once, however many requests it ended.
            Some(failure) => {
                services.tell(Event::RequestFailed {
                    job: spec.id,
                    failure: failure.clone(),
                });
                (JobState::Canceled, Some(failure))
            }
            None if failures.is_empty() => match before {
                Some((state, failure)) => (state, Some(failure)),
                None => (JobState::Done, None),
            },
            None => (JobState::Failed, failures.into_iter().next()),
        };
        let now_ms = services.sources.now_ms();
        let row = job_row(&progress.ended(state, first.clone(), now_ms));
        let saved = services
            .librarian
            .call(move |library| {
                let saved = library.save_ended_job(&row, &waiting);
                // What could not be filed is found in the journal at the next start.
                if saved.is_ok() && is_safe {
                    journal.remove();
                }
                saved
            })
            .await;
        if let Ok(Err(error)) = saved {
            services.tell(Event::Warning {
                job: spec.id,
                failure: failure::of_library(&error),
            });
        }
        services.canvas.job_ended(spec.id);
        progress.end(state, first, now_ms);
    }
}

/// Which requests make a job: where the API has a count, one for as many pictures as the gateway takes; else one a
/// picture.
///
/// A stream does not say which picture a preview belongs to (protocol.md 3.5), so previews take one request a picture.
fn asks(request: &GenerationRequest) -> Vec<Ask> {
    let count = request.parameters.count.max(1);
    let gateway = &request.gateway;
    let has_previews = is_streamed(request, &[]) && request.parameters.partials > 0;
    let at_once = if gateway.api == ApiKind::Images && !has_previews {
        gateway.limits.max_count.unwrap_or(count).max(1)
    } else {
        1
    };
    (0..count)
        .step_by(usize::from(at_once))
        .enumerate()
        .map(|(number, first)| Ask {
            number,
            first_index: u32::from(first),
            count: at_once.min(count - first),
        })
        .collect()
}

/// Writes a note down before it is told: should the program end now, the next start tells it as well.
fn tell_note(journal: &Journal, progress: &Progress, note: JobNote) {
    journal.note(&Note::Told(note.clone()));
    progress.note(note);
}

/// What the index keeps of a job.
fn job_row(snapshot: &JobSnapshot) -> JobRow {
    JobRow {
        id: snapshot.id,
        state: snapshot.state,
        created_ms: snapshot.created_ms,
        started_ms: snapshot.started_ms,
        ended_ms: snapshot.ended_ms,
        request: (*snapshot.request).clone(),
        failure: snapshot.failure.clone(),
        usage: snapshot.usage,
        request_ids: snapshot.request_ids.clone(),
        bytes_received: snapshot.bytes_received,
        notes: snapshot.notes.clone(),
    }
}
