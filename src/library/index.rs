//! The library opened: its index, and everything that changes a row without touching a result's file.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::error::{FileAction, LibraryError, Problem};
use super::files;
use super::paths::{self, LibraryPaths};
use super::rows::{self, AttemptRow, JobRow, PreviewRow, signed, to_json};
use super::schema;
use crate::model::{Cost, ImageId, ImageRecord, JobId};

/// Results on disk and their index. One per thread that needs it; any number of programs may have one open.
#[derive(Debug)]
pub struct Library {
    pub(super) paths: LibraryPaths,
    pub(super) connection: Connection,
    /// Shared while the library is open; dropped last, after the index is closed.
    presence: File,
}

/// A library that was just opened.
#[derive(Debug)]
pub struct Opened {
    /// The library.
    pub library: Library,
    /// Whether the index knows nothing, as a new one: [`Library::rebuild`] finds results that are there already.
    pub is_empty_index: bool,
    /// Results whose file was complete when an earlier run ended, and that are in the index now.
    pub adopted: Vec<ImageId>,
    /// What was found damaged or could not be finished.
    pub problems: Vec<Problem>,
}

impl Library {
    /// Opens the index, making it if there is none, and finishes what a run that was killed had begun.
    ///
    /// Only the first program to open a library checks and repairs it: nobody else can be in the middle of something
    /// then. After an unclean end it reads the whole index once (about 0.2 s for 100 000 results).
    ///
    /// # Errors
    /// [`LibraryError::Busy`] when another program opens or repairs it for longer than ten seconds,
    /// [`LibraryError::NewerIndex`], and the errors of the disk. A damaged index is no error: it is moved aside and
    /// told as [`Problem::IndexReplaced`].
    pub fn open(paths: LibraryPaths) -> Result<Opened, LibraryError> {
        files::create_folder(files::parent_of(&paths.index))?;
        let (presence, is_alone) = announce(&with_suffix(&paths.index, ".lock"))?;
        let mut problems = Vec::new();
        let is_empty_index;
        let connection = if is_alone {
            let was_unclean = has_content(&with_suffix(&paths.index, "-wal"));
            let connection = match connect(&paths.index, was_unclean) {
                Err(error) if error.is_corruption() => {
                    let kept_as = move_aside(&paths.index)?;
                    tracing::error!(%error, kept_as = %kept_as.display(), "the index is damaged");
                    problems.push(Problem::IndexReplaced { kept_as });
                    connect(&paths.index, false)?
                }
                other => other?,
            };
            is_empty_index = is_empty(&connection)?;
            connection
        } else {
            is_empty_index = false;
            connect(&paths.index, false)?
        };
        let mut library = Self {
            paths,
            connection,
            presence,
        };
        let mut adopted = Vec::new();
        if is_alone {
            adopted = library.finish_filings(&mut problems)?;
            library.finish_moves(&mut problems)?;
            stay(&library.presence, &library.paths.index)?;
        }
        Ok(Opened {
            library,
            is_empty_index,
            adopted,
            problems,
        })
    }

    /// Where its files lie.
    #[must_use]
    pub const fn paths(&self) -> &LibraryPaths {
        &self.paths
    }

    /// Adds a job, or brings what changes in its life up to date: state, times, failure, usage, ids, bytes,
    /// notes.
    ///
    /// # Errors
    /// Those of the index.
    pub fn save_job(&mut self, job: &JobRow) -> Result<(), LibraryError> {
        upsert_job(&self.connection, job)
    }

    /// Takes a job off the list of jobs; its results, previews and ledger stay.
    ///
    /// # Errors
    /// Those of the index.
    pub fn dismiss_job(&mut self, job: JobId) -> Result<(), LibraryError> {
        self.connection
            .prepare_cached("UPDATE jobs SET dismissed = 1 WHERE id = ?1")?
            .execute([signed(job.get())])?;
        Ok(())
    }

    /// Adds a preview of a job that is saved already. Saving it again changes nothing.
    ///
    /// # Errors
    /// [`LibraryError::Misplaced`] unless its file is below [`LibraryPaths::previews`]; those of the index, also for
    /// an unknown job.
    pub fn save_preview(&mut self, preview: &PreviewRow) -> Result<(), LibraryError> {
        let path = paths::relative_to(&self.paths.previews, &preview.path).ok_or_else(|| {
            LibraryError::Misplaced {
                path: preview.path.clone(),
            }
        })?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO previews (job, idx, preview, path, width, height, format)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET
                 path = excluded.path, width = excluded.width, height = excluded.height, format = excluded.format",
        )?;
        statement.execute(params![
            signed(preview.job.get()),
            preview.index,
            preview.preview,
            path,
            preview.size.width(),
            preview.size.height(),
            preview.format.as_str(),
        ])?;
        Ok(())
    }

    /// Writes a line of the ledger: once when a request is sent and again when it has ended.
    ///
    /// # Errors
    /// Those of the index.
    pub fn record_attempt(&mut self, attempt: &AttemptRow) -> Result<(), LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO attempts (job, ordinal, started_ms, ended_ms, gateway, api, model, parameters, host, outcome,
                 status, request_id, usage, charged, gateway_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (job, ordinal) DO UPDATE SET
                 ended_ms = excluded.ended_ms, host = excluded.host, outcome = excluded.outcome, status = excluded.status,
                 request_id = excluded.request_id, usage = excluded.usage, charged = excluded.charged",
        )?;
        statement.execute(params![
            signed(attempt.job.get()),
            attempt.ordinal,
            attempt.started_ms,
            attempt.ended_ms,
            attempt.gateway,
            attempt.api.as_str(),
            attempt.model,
            serde_json::to_string(&attempt.parameters)?,
            attempt.host,
            attempt.outcome.map(rows::AttemptOutcome::as_str),
            attempt.status,
            attempt.request_id,
            to_json(attempt.usage.as_ref())?,
            rows::charge_word(attempt.charged),
            attempt.gateway_id.as_ref().map(|id| &id.0),
        ])?;
        Ok(())
    }

    /// Begins a change of several rows: all of them or none. Another program's change is waited for.
    pub(super) fn transaction(&mut self) -> Result<Transaction<'_>, LibraryError> {
        Ok(self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// Adds a job, or brings what changes in its life up to date.
pub(super) fn upsert_job(connection: &Connection, job: &JobRow) -> Result<(), LibraryError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO jobs (id, state, created_ms, started_ms, ended_ms, request, failure, usage, request_ids,
             bytes_received, notes, group_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (id) DO UPDATE SET
             state = excluded.state, started_ms = excluded.started_ms, ended_ms = excluded.ended_ms,
             failure = excluded.failure, usage = excluded.usage, request_ids = excluded.request_ids,
             bytes_received = excluded.bytes_received, notes = excluded.notes",
    )?;
    statement.execute(params![
        signed(job.id.get()),
        job.state.as_str(),
        job.created_ms,
        job.started_ms,
        job.ended_ms,
        serde_json::to_string(&job.request)?,
        to_json(job.failure.as_ref())?,
        to_json(job.usage.as_ref())?,
        serde_json::to_string(&job.request_ids)?,
        signed(job.bytes_received),
        serde_json::to_string(&job.notes)?,
        job.request
            .group
            .as_ref()
            .map(|group| signed(group.id.0.get())),
    ])?;
    Ok(())
}

/// Whether a result has this id, in the library or in the trash.
pub(super) fn has_image(connection: &Connection, id: ImageId) -> Result<bool, LibraryError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM images WHERE id = ?1")?;
    Ok(statement.exists([signed(id.get())])?)
}

/// Adds a result whose file is at `relative` below the root.
pub(super) fn insert_image(
    connection: &Connection,
    record: &ImageRecord,
    relative: &str,
) -> Result<(), LibraryError> {
    let recipe = &record.recipe;
    let mismatch: Vec<&str> = recipe.mismatch.iter().map(|m| m.as_str()).collect();
    let mut statement = connection.prepare_cached(
        "INSERT INTO images (id, job, idx, created_ms, path, width, height, format, bytes, file_hash, delivered_hash,
             prompt, revised_prompt, gateway, image_model, mismatch, recipe, gateway_id, asked_size, cost,
             currency)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
    )?;
    statement.execute(params![
        signed(record.id.get()),
        signed(record.job.get()),
        record.index,
        record.created_ms,
        relative,
        record.size.width(),
        record.size.height(),
        record.format.as_str(),
        signed(record.bytes),
        record.file_hash,
        recipe.delivered_hash,
        recipe.prompt,
        recipe.revised_prompt,
        recipe.gateway,
        recipe.image_model,
        mismatch.join(","),
        serde_json::to_string(recipe)?,
        recipe.gateway_id.as_ref().map(|id| &id.0),
        recipe.parameters.size.to_string(),
        recipe.cost.as_ref().map(Cost::amount),
        recipe.cost.as_ref().map(Cost::currency),
    ])?;
    Ok(())
}

/// Takes part in the lock that tells how many have the library open. `true`: nobody else has, and the lock is held
/// alone until [`stay`].
fn announce(path: &Path) -> Result<(File, bool), LibraryError> {
    const STEP: Duration = Duration::from_millis(25);
    const MAX_STEPS: u32 = 400;
    let error = |source| LibraryError::io(FileAction::Lock, path)(source);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(error)?;
    for _ in 0..MAX_STEPS {
        match file.try_lock() {
            Ok(()) => return Ok((file, true)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => {
                // Some network disks have no locks. Then nobody is ever alone, and nothing is repaired by itself.
                tracing::warn!(%source, "the library can't be locked");
                return Ok((file, false));
            }
        }
        match file.try_lock_shared() {
            Ok(()) => return Ok((file, false)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
            Err(TryLockError::Error(source)) => return Err(error(source)),
        }
    }
    Err(LibraryError::Busy {
        path: path.to_owned(),
    })
}

/// Lets others in. Windows can't turn one kind of lock into the other, so it is given back in between.
fn stay(presence: &File, path: &Path) -> Result<(), LibraryError> {
    presence
        .unlock()
        .and_then(|()| presence.lock_shared())
        .map_err(LibraryError::io(FileAction::Lock, path))
}

fn connect(index: &Path, check: bool) -> Result<Connection, LibraryError> {
    let mut connection = Connection::open(index)?;
    schema::configure(&connection)?;
    if check && !schema::is_sound(&connection)? {
        return Err(LibraryError::damaged_index());
    }
    schema::migrate(&mut connection)?;
    Ok(connection)
}

fn is_empty(connection: &Connection) -> Result<bool, LibraryError> {
    let any = "SELECT 1 FROM images UNION ALL SELECT 1 FROM jobs LIMIT 1";
    let first: Option<i64> = connection.query_row(any, [], |row| row.get(0)).optional()?;
    Ok(first.is_none())
}

/// Renames a damaged index, with the log that belongs to it, to a name that nothing has.
fn move_aside(index: &Path) -> Result<PathBuf, LibraryError> {
    let stem = index.file_stem().unwrap_or_default().to_string_lossy();
    let free = (1..1000)
        .map(|number| index.with_file_name(format!("{stem}.damaged-{number}.sqlite")))
        .find(|candidate| !candidate.exists());
    let Some(kept_as) = free else {
        return Err(LibraryError::NoFreeName {
            path: index.to_owned(),
        });
    };
    // The log goes last: while it is there the next start checks the index.
    for suffix in ["", "-wal"] {
        let from = with_suffix(index, suffix);
        if from.exists() {
            fs::rename(&from, with_suffix(&kept_as, suffix))
                .map_err(LibraryError::io(FileAction::Move, &from))?;
        }
    }
    files::remove_if_present(&with_suffix(index, "-shm"))?;
    Ok(kept_as)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// `SQLite` removes its log when the last program closes the index: one that has content means that none did.
fn has_content(log: &Path) -> bool {
    log.metadata().is_ok_and(|metadata| metadata.len() > 0)
}
