//! A job of before that goes on fetching: what it asked for was made and paid for, only the pictures are not here yet.
//!
//! Nothing is asked of the gateway. Two ways lead here: a journal that a killed run has left, and the index, for jobs
//! that ended before their pictures came.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use futures_util::future::join_all;

use crate::library::{DownloadRow, JobRow, Library, LibraryError};
use crate::model::{
    Charge, DownloadRecord, Failure, FailureKind, ImageFormat, ImageId, JobState, Observation,
    Stage,
};
use crate::protocol::ResultSlot;

use super::super::journal::{BlobKind, Entry, Journal, Note};
use super::super::services::Services;
use super::super::spool::Spool;
use super::super::{Download, JobSnapshot, PreviewRecord};
use super::fetch::{Part, Pending};
use super::filing::move_file;
use super::progress::Progress;
use super::{Job, JobSpec};

/// A job that waits for pictures, taken over from an earlier run.
pub(in crate::engine) struct Resumption {
    pub(in crate::engine) entry: Entry,
    /// As the index has it.
    pub(in crate::engine) row: JobRow,
    pub(in crate::engine) journal: Journal,
    pub(in crate::engine) previews: Vec<PreviewRecord>,
    /// Results that are filed, with their place among the job's.
    pub(in crate::engine) images: Vec<(u32, ImageId)>,
    pub(in crate::engine) waiting: Vec<Waited>,
}

/// A picture that a job of before waits for.
pub(in crate::engine) struct Waited {
    pub(in crate::engine) record: DownloadRecord,
    /// The blob with its beginning.
    pub(in crate::engine) blob: Option<PartBlob>,
}

/// A beginning in the journal.
pub(in crate::engine) struct PartBlob {
    pub(in crate::engine) name: String,
    pub(in crate::engine) url: String,
    pub(in crate::engine) validator: Option<String>,
}

impl Resumption {
    /// The job as it is told while it goes on.
    pub(in crate::engine) fn snapshot(&self) -> JobSnapshot {
        let row = &self.row;
        let waiting = self.waiting.iter();
        let downloads = waiting.map(|waited| Download::from(&waited.record));
        JobSnapshot {
            state: JobState::Running,
            stage: Stage::Receiving {
                received: 0,
                total: None,
            },
            started_ms: row.started_ms,
            previews: self.previews.clone(),
            images: self.images.iter().map(|(_, id)| *id).collect(),
            bytes_received: row.bytes_received,
            usage: row.usage,
            request_ids: row.request_ids.clone(),
            notes: row.notes.clone(),
            downloads: downloads.collect(),
            ..JobSnapshot::queued(row.id, Arc::new(row.request.clone()), row.created_ms)
        }
    }
}

/// Takes an ended job up again whose pictures the index still waits for. `None`: it waits for none, or somebody else
/// has it.
///
/// # Errors
/// Those of the index and the disk; the index is as before.
pub(in crate::engine) fn take_up(
    library: &mut Library,
    journals: &Path,
    row: JobRow,
    downloads: Vec<DownloadRow>,
) -> Result<Option<Resumption>, TakeUpError> {
    if downloads.is_empty() {
        return Ok(None);
    }
    let entry = Entry {
        job: row.id,
        created_ms: row.created_ms,
        request: row.request.clone(),
        copy_to: None,
    };
    let journal = match Journal::create(journals, &entry) {
        Ok(journal) => journal,
        // A program that runs beside this one is at it, or its journal still holds what could not be filed.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut waiting = Vec::new();
    for DownloadRow { mut record, .. } in downloads {
        let part = record.part.take();
        journal.note_for_good(&Note::Url(Box::new(record.clone())))?;
        let blob = part.and_then(|part| {
            let from = library
                .paths()
                .preview(row.id, 0, 0, ImageFormat::Png)
                .with_file_name(&part.name);
            let to = journal.next_blob(BlobKind::Result);
            let name = super::filing::blob_name(&to);
            // Without it the picture is fetched from its first byte.
            move_file(&from, &to)
                .inspect_err(|error| tracing::warn!("the beginning of a picture is gone: {error}"))
                .ok()?;
            journal.note(&Note::Part {
                index: record.index,
                blob: name.clone(),
                url: part.url.clone(),
                validator: Some(part.validator.clone()),
            });
            Some(PartBlob {
                name,
                url: part.url,
                validator: Some(part.validator),
            })
        });
        waiting.push(Waited { record, blob });
    }
    Ok(Some(resumption(library, entry, row, journal, waiting)?))
}

/// A job with all that the index has of it, which has it as running from now on.
pub(in crate::engine) fn resumption(
    library: &mut Library,
    entry: Entry,
    row: JobRow,
    journal: Journal,
    waiting: Vec<Waited>,
) -> Result<Resumption, LibraryError> {
    let records = library.images(&library.images_of(row.id)?)?;
    let previews = library.previews_of(row.id)?;
    library.save_job(&JobRow {
        state: JobState::Running,
        ended_ms: None,
        failure: row.failure.clone(),
        ..row.clone()
    })?;
    Ok(Resumption {
        entry,
        journal,
        previews: previews.into_iter().map(PreviewRecord::from).collect(),
        images: records
            .iter()
            .map(|record| (record.index, record.id))
            .collect(),
        waiting,
        row,
    })
}

/// Why a job can't be taken up.
#[derive(Debug, thiserror::Error)]
pub(in crate::engine) enum TakeUpError {
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error("the journal can't be written: {0}")]
    Disk(#[from] io::Error),
}

/// Runs a job of before to its end, which is told last.
pub(in crate::engine) async fn resume(
    spec: JobSpec,
    resumption: Resumption,
    services: Arc<Services>,
) {
    let snapshot = resumption.snapshot();
    let Resumption {
        row,
        journal,
        images,
        waiting,
        ..
    } = resumption;
    let indices = images.iter().map(|(index, _)| *index).collect();
    let outbox = Arc::clone(&services.outbox);
    let progress = Arc::new(Progress::resumed(snapshot, indices, outbox));
    progress.begin_fetches(waiting.len());
    let count = u32::from(spec.request.parameters.count.max(1));
    let job = Job {
        spec,
        services,
        journal: Arc::new(journal),
        progress,
        extras: AtomicU32::new(count),
        attempts: AtomicU32::new(1),
        filed: std::sync::Mutex::default(),
        waiting: std::sync::Mutex::default(),
        before: Some(before(&row)),
    };
    let fetches = waiting.into_iter().enumerate().map(|(ask, waited)| {
        let pending = job.pending(waited);
        let job = &job;
        async move {
            let failure = job.fetch_and_file(pending, ask, &|| ()).await.err();
            job.progress.ask_ended(ask);
            failure
        }
    });
    let failures: Vec<Failure> = join_all(fetches).await.into_iter().flatten().collect();
    job.protect_filed().await;
    for failure in &failures {
        if failure.kind != FailureKind::Canceled {
            job.tell_failed(failure);
        }
    }
    job.end(failures).await;
}

/// How the job ends where nothing more fails and a picture is missing all the same: as it did before.
fn before(row: &JobRow) -> (JobState, Failure) {
    let state = if row.state.is_final() && row.state != JobState::Done {
        row.state
    } else {
        JobState::Interrupted
    };
    let failure = row.failure.clone().unwrap_or_else(|| Failure {
        charge: Charge::Unknown,
        ..Failure::new(
            FailureKind::Network,
            "the program ended before everything had arrived",
        )
        .found(Observation::ProgramEnded)
    });
    (state, failure)
}

impl Job {
    fn pending(&self, waited: Waited) -> Pending {
        let Waited { record, blob } = waited;
        let part = blob.and_then(|blob| {
            let spool = Spool::reopen(self.journal.blob(&blob.name))
                .inspect_err(|error| tracing::warn!("a beginning can't be read: {error}"))
                .ok()?;
            Some(Part {
                spool,
                url: blob.url,
                validator: blob.validator,
                verdict: None,
            })
        });
        Pending {
            record,
            slot: ResultSlot::default(),
            part,
        }
    }
}
