//! At start: what an earlier run could not finish is finished or told, and nothing is sent again.
//!
//! A blob that decodes to its last row is a result and is filed; one that does not is kept beside the job's previews.
//! The library takes the same result of a job only once, so it does not matter how far the earlier run had come. A
//! journal goes only after everything in it is somewhere else. Pictures that are known by their address only are fetched
//! on, by a job that goes on where it was cut; that costs nothing and asks the gateway for nothing.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;

use crate::library::{DownloadRow, JobRow, Library, LibraryError, PreviewRow, hash_file};
use crate::model::compose::GroupId;
use crate::model::{
    Charge, DownloadRecord, Failure, FailureKind, ImageFormat, ImageId, JobId, JobNote, JobState,
    Observation, PROTECTED_INDEX, Stage,
};

use super::develop::develop;
use super::generation::{
    Delivered, Filing, PartBlob, Resumption, TakeUpError, Waited, move_file, resumption, take_up,
};
use super::journal::{self, BlobKind, Leftover, Note, ResultNote};
use super::services::Services;
use super::{
    Download, Event, GalleryChange, JobSnapshot, Notice, PreviewRecord, scratch, supervisor,
};

/// Most jobs of before that are told at start.
const LATEST_JOBS: u32 = 50;

/// Finishes what can be finished, then tells of the jobs of before. Blocks; runs on the pool.
pub(super) fn recover(services: &Services) {
    if let Err(error) = scratch::clean(&services.paths.cache) {
        tracing::warn!("what an earlier run left in the cache stays there: {error}");
    }
    let mut filed = 0;
    match journal::leftovers(&services.journals) {
        Ok(leftovers) => {
            for leftover in leftovers {
                let job = leftover.entry.job;
                match finish(services, leftover) {
                    Ok(images) => filed += images,
                    Err(error) => {
                        tracing::warn!(%job, "a job of before can't be finished: {error}");
                        supervisor::notice(services, FailureKind::Protocol, &error.to_string());
                    }
                }
            }
        }
        Err(error) => tracing::warn!("journals can't be listed: {error}"),
    }
    resume_ended_jobs(services);
    let journals = services.journals.clone();
    let told = services.librarian.call_blocking(move |library| {
        end_lost_jobs(library, &journals)?;
        jobs_of_before(library)
    });
    match told {
        Ok(Ok(snapshots)) => {
            for snapshot in snapshots {
                services.tell(Event::JobChanged(Box::new(snapshot)));
            }
        }
        Ok(Err(error)) => tracing::warn!("the jobs of before can't be listed: {error}"),
        Err(_closed) => {}
    }
    if filed > 0 {
        services.tell(Event::Notice(Notice::Recovered { images: filed }));
    }
}

#[derive(Debug, thiserror::Error)]
enum RecoveryError {
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error("a file can't be moved: {0}")]
    Disk(#[from] io::Error),
    #[error(transparent)]
    Closed(#[from] super::librarian::Closed),
}

/// Brings everything in a journal to where it stays. Answers how many pictures were filed.
fn finish(services: &Services, leftover: Leftover) -> Result<usize, RecoveryError> {
    let Leftover {
        entry,
        notes,
        blobs,
        journal,
    } = leftover;
    let job = entry.job;
    let filing = Filing {
        job,
        request: Arc::new(entry.request.clone()),
        copy_to: entry.copy_to.clone(),
        sources: services.sources.clone(),
        thumbnails: services.thumbnails.clone(),
        catalog: Arc::clone(&services.catalog),
    };
    let settled: HashSet<&str> = notes
        .iter()
        .filter_map(|note| match note {
            Note::Settled { blob } => Some(blob.as_str()),
            Note::Result(_) | Note::Url(_) | Note::Part { .. } | Note::Told(_) => None,
        })
        .collect();
    let mut waiting = waiting(&notes, &settled);
    let parts: HashSet<String> = waiting
        .iter()
        .filter_map(|waited| Some(waited.blob.as_ref()?.name.clone()))
        .collect();
    let told: Vec<JobNote> = notes
        .iter()
        .filter_map(|note| match note {
            Note::Told(note) => Some(note.clone()),
            Note::Result(_) | Note::Url(_) | Note::Part { .. } | Note::Settled { .. } => None,
        })
        .collect();
    let mut filed = 0;
    for (kind, path) in blobs {
        let name = file_name(&path);
        if settled.contains(name.as_str()) || parts.contains(&name) {
            continue;
        }
        match kind {
            BlobKind::Preview => keep_preview(services, job, &path)?,
            BlobKind::Result => {
                let note = notes.iter().find_map(|note| match note {
                    Note::Result(note) if note.blob == name => Some(note.clone()),
                    _ => None,
                });
                filed += usize::from(file_blob(services, &filing, &path, note)?);
            }
        }
    }
    let now_ms = services.sources.now_ms();
    let resumed = services.librarian.call_blocking(move |library| {
        let images = library.images_of(job)?;
        let mut row = library.job(job)?.unwrap_or_else(|| JobRow {
            id: job,
            state: JobState::Queued,
            created_ms: entry.created_ms,
            started_ms: None,
            ended_ms: None,
            request: entry.request.clone(),
            failure: None,
            usage: None,
            request_ids: Vec::new(),
            bytes_received: 0,
            notes: Vec::new(),
        });
        for note in told {
            note.add_to(&mut row.notes);
        }
        let mut here = Vec::new();
        for waited in &waiting {
            here.push(library.has_result(job, waited.record.index)?);
        }
        let mut here = here.into_iter();
        waiting.retain(|_| here.next() == Some(false));
        if !waiting.is_empty() {
            library.save_job(&row)?;
            return resumption(library, entry, row, journal, waiting).map(Some);
        }
        if !row.state.is_final() {
            let records = library.images(&images)?;
            let results = records
                .iter()
                .filter(|record| record.index < PROTECTED_INDEX);
            let is_complete = results.count() >= usize::from(entry.request.parameters.count);
            end_row(&mut row, is_complete, now_ms);
        }
        library.save_job(&row)?;
        journal.remove();
        Ok::<_, LibraryError>(None)
    })??;
    if let Some(resumption) = resumed {
        go_on(services, resumption);
    }
    Ok(filed)
}

/// Hands a job to the supervisor. Where there is none any more, its journal stays for the next start.
fn go_on(services: &Services, resumption: Resumption) {
    if services.resume.blocking_send(Box::new(resumption)).is_err() {
        tracing::debug!("the program ends before a job could go on");
    }
}

/// The pictures that a journal waits for: the newest note of each, and the blob with its beginning.
fn waiting(notes: &[Note], settled: &HashSet<&str>) -> Vec<Waited> {
    let mut records: BTreeMap<u32, DownloadRecord> = BTreeMap::new();
    for note in notes {
        if let Note::Url(record) = note {
            records.insert(record.index, (**record).clone());
        }
    }
    let whole: HashSet<&str> = notes
        .iter()
        .filter_map(|note| match note {
            Note::Result(note) => Some(note.blob.as_str()),
            Note::Url(_) | Note::Part { .. } | Note::Told(_) | Note::Settled { .. } => None,
        })
        .collect();
    let beginning = |wanted: u32| {
        notes.iter().rev().find_map(|note| match note {
            Note::Part {
                index,
                blob,
                url,
                validator,
            } if *index == wanted
                && !settled.contains(blob.as_str())
                && !whole.contains(blob.as_str()) =>
            {
                Some(PartBlob {
                    name: blob.clone(),
                    url: url.clone(),
                    validator: validator.clone(),
                })
            }
            _ => None,
        })
    };
    records
        .into_values()
        .map(|record| Waited {
            blob: beginning(record.index),
            record,
        })
        .collect()
}

/// Jobs that ended before their pictures came, for a reason that passes: their addresses are tried again.
fn resume_ended_jobs(services: &Services) {
    let now_ms = services.sources.now_ms();
    let journals = services.journals.clone();
    let resumed = services.librarian.call_blocking(move |library| {
        let mut resumed = Vec::new();
        for job in library.jobs_to_fetch(now_ms)? {
            resumed.extend(take_up_job(library, &journals, job)?);
        }
        Ok::<_, TakeUpError>(resumed)
    });
    match resumed {
        Ok(Ok(resumed)) => {
            for resumption in resumed {
                go_on(services, resumption);
            }
        }
        Ok(Err(error)) => tracing::warn!("what is still to be fetched can't be: {error}"),
        Err(_closed) => {}
    }
}

/// Takes an ended job up again. `None`: it waits for nothing, or it has not ended, here or in another program.
pub(super) fn take_up_job(
    library: &mut Library,
    journals: &Path,
    job: JobId,
) -> Result<Option<Resumption>, TakeUpError> {
    let Some(row) = library.job(job)?.filter(|row| row.state.is_final()) else {
        return Ok(None);
    };
    let downloads = library.downloads_of(job)?;
    take_up(library, journals, row, downloads)
}

/// Files a blob if it is a whole picture; whether it was new in the library.
fn file_blob(
    services: &Services,
    filing: &Filing,
    path: &Path,
    note: Option<ResultNote>,
) -> Result<bool, RecoveryError> {
    let job = filing.job;
    let reader = BufReader::with_capacity(64 << 10, File::open(path)?);
    let developed = develop(reader, &services.limits.media, None);
    let developed = match developed {
        Ok(developed) if developed.header.format.deliverable().is_some() => developed,
        _ => {
            keep_part(services, job, path)?;
            return Ok(false);
        }
    };
    let (hash, _bytes) = hash_file(path)?;
    let filing = filing.clone();
    let path = path.to_owned();
    let filed = services.librarian.call_blocking(move |library| {
        let note = match note {
            Some(note) => note,
            // Nothing says which picture it is: perhaps a second copy of one that is filed.
            None => match free_index(library, job, &hash)? {
                Some(index) => ResultNote {
                    index,
                    ..ResultNote::default()
                },
                None => return Ok(None),
            },
        };
        let delivered = Delivered {
            path: path.clone(),
            hash,
            note,
            usage: None,
            pictures: 1,
            developed,
        };
        filing.file(library, &delivered).map(Some)
    })??;
    let Some(filed) = filed else {
        return Ok(false);
    };
    if filed.is_new {
        if let Some(Err(error)) = &filed.copy {
            supervisor::notice(services, FailureKind::Protocol, &error.to_string());
        }
        services.tell(Event::Gallery(GalleryChange::Added(filed.record.id)));
    }
    Ok(filed.is_new)
}

/// The first index that no result of the job has; `None` when one of them has these very bytes.
fn free_index(library: &Library, job: JobId, hash: &str) -> Result<Option<u32>, LibraryError> {
    let records = library.images(&library.images_of(job)?)?;
    if records
        .iter()
        .any(|record| record.recipe.delivered_hash == hash)
    {
        return Ok(None);
    }
    let taken: HashSet<u32> = records.iter().map(|record| record.index).collect();
    Ok((0..u32::MAX).find(|index| !taken.contains(index)))
}

/// A preview that was whole but not yet in its place; one that was cut is nothing.
fn keep_preview(services: &Services, job: JobId, path: &Path) -> Result<(), RecoveryError> {
    let reader = BufReader::with_capacity(64 << 10, File::open(path)?);
    let Ok(developed) = develop(reader, &services.limits.media, None) else {
        return Ok(());
    };
    let Some(format) = developed.header.format.deliverable() else {
        return Ok(());
    };
    let from = path.to_owned();
    let size = developed.header.size;
    services.librarian.call_blocking(move |library| {
        let known = library.previews_of(job)?;
        let preview = known.iter().filter(|row| row.index == 0).count();
        let preview = u32::try_from(preview).unwrap_or(u32::MAX);
        let row = PreviewRow {
            job,
            index: 0,
            preview,
            path: library.paths().preview(job, 0, preview, format),
            size,
            format,
        };
        move_file(&from, &row.path)?;
        if library.job(job)?.is_some() {
            library.save_preview(&row)?;
        }
        Ok::<_, RecoveryError>(())
    })?
}

/// Bytes that are no whole picture, where the job's previews are.
fn keep_part(services: &Services, job: JobId, path: &Path) -> Result<(), RecoveryError> {
    let mut head = Vec::new();
    File::open(path)?.take(12).read_to_end(&mut head)?;
    if head.is_empty() {
        return Ok(());
    }
    let extension = ImageFormat::sniff(&head).map_or("bin", ImageFormat::extension);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let to = services
        .paths
        .preview(job, 0, 0, ImageFormat::Png)
        .with_file_name(format!("cut-{stem}.{extension}"));
    Ok(move_file(path, &to)?)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn end_row(row: &mut JobRow, is_complete: bool, now_ms: i64) {
    row.ended_ms = Some(now_ms);
    if is_complete {
        row.state = JobState::Done;
        return;
    }
    let was_sent = row.state != JobState::Queued;
    row.state = JobState::Interrupted;
    row.failure = Some(Failure {
        charge: if was_sent {
            Charge::Unknown
        } else {
            Charge::No
        },
        ..Failure::new(
            FailureKind::Network,
            "the program ended before everything had arrived",
        )
        .found(Observation::ProgramEnded)
    });
}

/// Jobs that the index has as running and that have no journal: whoever ran them is gone.
fn end_lost_jobs(library: &mut Library, journals: &Path) -> Result<(), LibraryError> {
    for mut row in library.unfinished_jobs()? {
        if journals.join(row.id.to_string()).exists() {
            // Another program is at it.
            continue;
        }
        let ended_ms = row.started_ms.unwrap_or(row.created_ms);
        end_row(&mut row, false, ended_ms);
        library.save_job(&row)?;
    }
    Ok(())
}

/// The latest jobs that are over, oldest first.
fn jobs_of_before(library: &Library) -> Result<Vec<JobSnapshot>, LibraryError> {
    let mut rows = library.latest_jobs(LATEST_JOBS)?;
    rows.retain(|row| row.state.is_final());
    rows.reverse();
    restored(library, rows)
}

/// The jobs of a group that are over, in the order in which they were made; and whether others of it are at work, be it
/// for another window.
pub(super) fn group_of_before(
    library: &Library,
    group: GroupId,
) -> Result<(Vec<JobSnapshot>, bool), LibraryError> {
    let mut rows = library.jobs_of_group(group)?;
    let is_at_work = rows.iter().any(|row| !row.state.is_final());
    rows.retain(|row| row.state.is_final());
    Ok((restored(library, rows)?, is_at_work))
}

fn restored(library: &Library, rows: Vec<JobRow>) -> Result<Vec<JobSnapshot>, LibraryError> {
    rows.into_iter()
        .map(|row| {
            let previews = library.previews_of(row.id)?;
            let images = library.images_of(row.id)?;
            let downloads = library.downloads_of(row.id)?;
            Ok(snapshot(row, previews, images, &downloads))
        })
        .collect()
}

fn snapshot(
    row: JobRow,
    previews: Vec<PreviewRow>,
    images: Vec<ImageId>,
    downloads: &[DownloadRow],
) -> JobSnapshot {
    JobSnapshot {
        id: row.id,
        request: Arc::new(row.request),
        state: row.state,
        stage: Stage::Saving,
        created_ms: row.created_ms,
        started_ms: row.started_ms,
        ended_ms: row.ended_ms,
        previews: previews.into_iter().map(PreviewRecord::from).collect(),
        images,
        failure: row.failure,
        bytes_received: row.bytes_received,
        usage: row.usage,
        request_ids: row.request_ids,
        host: None,
        last_byte_ms: None,
        last_event_ms: None,
        waiting: None,
        notes: row.notes,
        downloads: downloads
            .iter()
            .map(|row| Download::from(&row.record))
            .collect(),
    }
}

impl From<&DownloadRecord> for Download {
    fn from(record: &DownloadRecord) -> Self {
        Self {
            index: record.index,
            host: record.host().to_owned(),
            expires_ms: record.expires_ms,
            tries: record.tries,
        }
    }
}

impl From<PreviewRow> for PreviewRecord {
    fn from(row: PreviewRow) -> Self {
        Self {
            job: row.job,
            index: row.index,
            preview: row.preview,
            path: row.path,
            size: row.size,
            format: row.format,
        }
    }
}
