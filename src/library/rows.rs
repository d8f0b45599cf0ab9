//! What the index remembers beside results, and how values become columns and come back.

use std::path::{Path, PathBuf};

use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::LibraryError;
use super::paths::{self, LibraryPaths};
use crate::model::{
    ApiKind, Charge, Failure, FailureKind, GatewayId, GenerationRequest, ImageFormat, ImageId,
    ImageRecord, JobId, JobNote, JobState, Parameters, PixelSize, Recipe, Usage,
};

/// A job as the index keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// Where it stands.
    pub state: JobState,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
    /// When it began to run, in milliseconds since 1970 (UTC).
    pub started_ms: Option<i64>,
    /// When it ended, in milliseconds since 1970 (UTC).
    pub ended_ms: Option<i64>,
    /// What was asked. Kept as it was when the job was first saved.
    pub request: GenerationRequest,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Token counts, summed over its requests.
    pub usage: Option<Usage>,
    /// The gateway's ids of its requests.
    pub request_ids: Vec<String>,
    /// Bytes received over all its requests.
    pub bytes_received: u64,
    /// What was done otherwise than asked, in the order in which it happened.
    pub notes: Vec<JobNote>,
}

/// A kept preview.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreviewRow {
    /// The job.
    pub job: JobId,
    /// Which of the job's pictures it is a preview of, from 0.
    pub index: u32,
    /// Its number among the previews of that picture, from 0.
    pub preview: u32,
    /// The file, absolute, below [`LibraryPaths::previews`].
    pub path: PathBuf,
    /// Width x height in pixels.
    pub size: PixelSize,
    /// Format as read from the bytes.
    pub format: ImageFormat,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AttemptOutcome {
    /// With everything that was asked.
    Ok,
    /// With a failure.
    Failed(FailureKind),
}

/// One line of the ledger: a request that was sent. Holds no key.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRow {
    /// The job.
    pub job: JobId,
    /// Its number among the requests of the job, from 1.
    pub ordinal: u32,
    /// When it was sent, in milliseconds since 1970 (UTC).
    pub started_ms: i64,
    /// When it ended, in milliseconds since 1970 (UTC).
    pub ended_ms: Option<i64>,
    /// Name of the gateway's profile.
    pub gateway: String,
    /// Its id; lines of before have none.
    pub gateway_id: Option<GatewayId>,
    /// The API that was called.
    pub api: ApiKind,
    /// The image model.
    pub model: String,
    /// The parameters as asked.
    pub parameters: Parameters,
    /// Host of the base URL.
    pub host: String,
    /// How it ended; `None` while it runs, and for good when the program ended first.
    pub outcome: Option<AttemptOutcome>,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// The gateway's id of the request.
    pub request_id: Option<String>,
    /// Token counts.
    pub usage: Option<Usage>,
    /// Whether it was charged.
    pub charged: Charge,
}

/// The columns that [`image_record`] reads, in its order.
pub(super) const IMAGE_COLUMNS: &str =
    "id, job, idx, created_ms, path, width, height, format, bytes, file_hash, recipe, trash_path";

/// Reads a result off a row of [`IMAGE_COLUMNS`]. The path of a deleted one is that in the trash.
pub(super) fn image_record(paths: &LibraryPaths, row: &Row<'_>) -> rusqlite::Result<ImageRecord> {
    let path = match row.get::<_, Option<String>>(11)? {
        Some(in_trash) => inside(&paths.trash, 11, &in_trash)?,
        None => inside(&paths.root, 4, row.get_ref(4)?.as_str()?)?,
    };
    Ok(ImageRecord {
        id: image_id(row, 0)?,
        job: job_id(row, 1)?,
        index: row.get(2)?,
        created_ms: row.get(3)?,
        path,
        size: pixel_size(row, 5, 6)?,
        format: word(row, 7, |text| text.parse().ok())?,
        bytes: unsigned(row.get(8)?),
        file_hash: row.get(9)?,
        recipe: json::<Recipe>(row, 10)?,
    })
}

/// The columns that [`job_row`] reads, in its order.
pub(super) const JOB_COLUMNS: &str = "id, state, created_ms, started_ms, ended_ms, request, failure, usage, \
     request_ids, bytes_received, notes";

/// Reads a job off a row of [`JOB_COLUMNS`].
pub(super) fn job_row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        id: job_id(row, 0)?,
        state: word(row, 1, JobState::from_word)?,
        created_ms: row.get(2)?,
        started_ms: row.get(3)?,
        ended_ms: row.get(4)?,
        request: json(row, 5)?,
        failure: optional_json(row, 6)?,
        usage: optional_json(row, 7)?,
        request_ids: json(row, 8)?,
        bytes_received: unsigned(row.get(9)?),
        notes: job_notes(row.get_ref(10)?.as_str()?),
    })
}

/// The notes of a job. One that only a later program knows must not hide the job, or the other notes.
fn job_notes(json: &str) -> Vec<JobNote> {
    let notes: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let known = notes
        .into_iter()
        .filter_map(|note| serde_json::from_value(note).ok());
    known.collect()
}

/// The columns that [`preview_row`] reads, in its order.
pub(super) const PREVIEW_COLUMNS: &str = "job, idx, preview, path, width, height, format";

/// Reads a preview off a row of [`PREVIEW_COLUMNS`].
pub(super) fn preview_row(paths: &LibraryPaths, row: &Row<'_>) -> rusqlite::Result<PreviewRow> {
    Ok(PreviewRow {
        job: job_id(row, 0)?,
        index: row.get(1)?,
        preview: row.get(2)?,
        path: inside(&paths.previews, 3, row.get_ref(3)?.as_str()?)?,
        size: pixel_size(row, 4, 5)?,
        format: word(row, 6, |text| text.parse().ok())?,
    })
}

/// The columns that [`attempt_row`] reads, in its order.
pub(super) const ATTEMPT_COLUMNS: &str = "job, ordinal, started_ms, ended_ms, gateway, api, model, parameters, host, \
     outcome, status, request_id, usage, charged, gateway_id";

/// Reads a line of the ledger off a row of [`ATTEMPT_COLUMNS`].
pub(super) fn attempt_row(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    let outcome: Option<String> = row.get(9)?;
    Ok(AttemptRow {
        job: job_id(row, 0)?,
        ordinal: row.get(1)?,
        started_ms: row.get(2)?,
        ended_ms: row.get(3)?,
        gateway: row.get(4)?,
        api: word(row, 5, |text| match text {
            "responses" => Some(ApiKind::Responses),
            "images" => Some(ApiKind::Images),
            _ => None,
        })?,
        model: row.get(6)?,
        parameters: json(row, 7)?,
        host: row.get(8)?,
        outcome: outcome
            .map(|text| AttemptOutcome::from_word(&text).ok_or_else(|| unreadable(9, text)))
            .transpose()?,
        status: row.get(10)?,
        request_id: row.get(11)?,
        usage: optional_json(row, 12)?,
        charged: word(row, 13, charge_from_word)?,
        gateway_id: row.get::<_, Option<String>>(14)?.map(GatewayId),
    })
}

impl AttemptOutcome {
    /// `ok`, or the word of the failure's kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(kind) => kind.as_str(),
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        if word == "ok" {
            return Some(Self::Ok);
        }
        FailureKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .map(Self::Failed)
    }
}

/// The word of the ledger for whether a request was charged.
pub(super) const fn charge_word(charge: Charge) -> &'static str {
    match charge {
        Charge::No => "no",
        Charge::Yes => "yes",
        Charge::Unknown => "unknown",
    }
}

fn charge_from_word(word: &str) -> Option<Charge> {
    [Charge::No, Charge::Yes, Charge::Unknown]
        .into_iter()
        .find(|charge| charge_word(*charge) == word)
}

/// Numbers of ours are below 2^62 or lengths of files, so nothing is ever cut.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// [`signed`] back.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// `None` stays NULL.
pub(super) fn to_json<T: Serialize>(value: Option<&T>) -> Result<Option<String>, LibraryError> {
    Ok(value.map(serde_json::to_string).transpose()?)
}

/// The readable rows. One that a person or another program has damaged must not hide all others.
pub(super) fn readable<T>(
    rows: impl Iterator<Item = rusqlite::Result<T>>,
) -> Result<Vec<T>, LibraryError> {
    let mut values = Vec::new();
    for row in rows {
        match row {
            Ok(value) => values.push(value),
            Err(
                error @ (rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)),
            ) => tracing::warn!(%error, "a row of the index is passed over"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(values)
}

/// Reads a result's id.
pub(super) fn image_id(row: &Row<'_>, column: usize) -> rusqlite::Result<ImageId> {
    let number: i64 = row.get(column)?;
    u64::try_from(number)
        .ok()
        .and_then(ImageId::from_u64)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// Reads a job's id.
pub(super) fn job_id(row: &Row<'_>, column: usize) -> rusqlite::Result<JobId> {
    let number: i64 = row.get(column)?;
    u64::try_from(number)
        .ok()
        .and_then(JobId::from_u64)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A path of the index, absolute; an error for one that leads out of `folder`.
pub(super) fn inside(folder: &Path, column: usize, relative: &str) -> rusqlite::Result<PathBuf> {
    paths::below(folder, relative).ok_or_else(|| unreadable(column, relative.to_owned()))
}

/// Reads a size off two columns.
pub(super) fn pixel_size(
    row: &Row<'_>,
    width: usize,
    height: usize,
) -> rusqlite::Result<PixelSize> {
    PixelSize::new(row.get(width)?, row.get(height)?)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(width, 0))
}

fn word<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| unreadable(column, text))
}

/// Reads a value that was stored as JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    from_json(column, row.get_ref(column)?.as_str()?)
}

fn optional_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    row.get_ref(column)?
        .as_str_or_null()?
        .map(|text| from_json(column, text))
        .transpose()
}

fn from_json<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

fn unreadable(column: usize, text: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, text.into())
}
