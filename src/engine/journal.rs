//! What the disk knows of a job while it runs: one folder a job, gone once everything in it is safe elsewhere.
//!
//! ```text
//! journal/<job id>/lock        locked as long as the job's process lives
//!                  job.json    what was asked; written before the request is sent
//!                  notes.jsonl what has arrived, a line each
//!                  blob-N.part results as they arrive
//!                  preview-N.part  previews as they arrive; moved away as soon as they are whole
//! ```
//!
//! The bytes of blobs and notes are with the operating system before anything else happens, so they survive the end
//! of the process. `super::recovery` reads folders that nobody holds a lock on.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::model::{GenerationRequest, JobId};

const LOCK: &str = "lock";
const ENTRY: &str = "job.json";
const NOTES: &str = "notes.jsonl";
/// A folder without an entry may belong to a job that is just being made, for as long as this.
const GRACE_MS: u64 = 60_000;

/// What was asked. Holds no key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) job: JobId,
    /// In milliseconds since 1970 (UTC).
    pub(super) created_ms: i64,
    pub(super) request: GenerationRequest,
    /// Where copies of the results go as well.
    #[serde(default)]
    pub(super) copy_to: Option<PathBuf>,
}

/// Something that has arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Note {
    /// A blob is complete and is a result.
    Result(ResultNote),
    /// A result waits at this address.
    Url {
        /// Its place among the job's results.
        index: u32,
        /// The address; whoever has it has the picture.
        url: String,
    },
    /// A blob needs nothing more: it was filed, or is another's twin.
    Settled {
        /// Name of the blob.
        blob: String,
    },
}

/// What the answer said about a result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ResultNote {
    /// Name of the blob in the job's folder.
    pub(super) blob: String,
    /// Its place among the job's results.
    pub(super) index: u32,
    pub(super) revised_prompt: Option<String>,
    pub(super) claimed_size: Option<String>,
    pub(super) claimed_format: Option<String>,
    pub(super) claimed_quality: Option<String>,
    pub(super) claimed_background: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) elapsed_ms: Option<u64>,
}

/// What a blob was thought to be when it began.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub(super) enum BlobKind {
    Preview,
    /// A result, for all that was known.
    Result,
}

impl BlobKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Preview => "preview-",
            Self::Result => "blob-",
        }
    }
}

/// The folder of a job, and the lock on it.
#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
    notes: Mutex<File>,
    blobs: AtomicU32,
    /// Held, not read.
    _lock: File,
}

impl Journal {
    /// Makes the folder of a job. When this returns, the entry is on the disk for good.
    ///
    /// # Errors
    /// When the disk refuses. Nothing may be sent then.
    pub(super) fn create(journals: &Path, entry: &Entry) -> io::Result<Self> {
        let dir = journals.join(entry.job.to_string());
        fs::create_dir_all(journals)?;
        fs::create_dir(&dir)?;
        let lock = lock_file(&dir)?;
        lock.lock()?;
        let journal = Self {
            notes: Mutex::new(notes_file(&dir)?),
            blobs: AtomicU32::new(0),
            dir,
            _lock: lock,
        };
        let temporary = journal.dir.join("job.json.new");
        let mut file = File::create_new(&temporary)?;
        serde_json::to_writer(&file, entry)?;
        file.flush()?;
        file.sync_all()?;
        fs::rename(&temporary, journal.dir.join(ENTRY))?;
        sync_dir(&journal.dir)?;
        sync_dir(journals)?;
        Ok(journal)
    }

    /// A name for the next picture that arrives.
    pub(super) fn next_blob(&self, kind: BlobKind) -> PathBuf {
        let number = self.blobs.fetch_add(1, Ordering::Relaxed);
        self.dir.join(format!("{}{number}.part", kind.prefix()))
    }

    /// Adds a line. Losing one loses words about a picture, never the picture.
    pub(super) fn note(&self, note: &Note) {
        let line = match serde_json::to_string(note) {
            Ok(line) => line + "\n",
            Err(error) => {
                tracing::warn!("a note is lost: {error}");
                return;
            }
        };
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = notes.write_all(line.as_bytes()) {
            tracing::warn!("a note is lost: {error}");
        }
    }

    /// Removes the folder with everything in it.
    pub(super) fn remove(self) {
        if let Err(error) = fs::remove_dir_all(&self.dir) {
            tracing::warn!("a journal stays behind: {error}: {}", self.dir.display());
        }
    }
}

/// A folder whose process has ended.
#[derive(Debug)]
pub(super) struct Leftover {
    pub(super) entry: Entry,
    /// In the order in which they were written.
    pub(super) notes: Vec<Note>,
    /// Every blob, in the order in which they began.
    pub(super) blobs: Vec<(BlobKind, PathBuf)>,
    pub(super) journal: Journal,
}

/// Takes over every folder that no live process holds. `now_ms` is the time in milliseconds since 1970.
///
/// Unreadable folders are left where they are.
///
/// # Errors
/// When the journals can't be listed at all; a missing folder is an empty one.
pub(super) fn leftovers(journals: &Path, now_ms: u64) -> io::Result<Vec<Leftover>> {
    let listing = match fs::read_dir(journals) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut jobs: Vec<JobId> = listing
        .filter_map(|item| item.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    jobs.sort_unstable();
    let mut found = Vec::new();
    for job in jobs {
        let dir = journals.join(job.to_string());
        match take_over(dir, job, now_ms) {
            Ok(leftover) => found.extend(leftover),
            Err(error) => tracing::warn!(%job, "a journal can't be read: {error}"),
        }
    }
    Ok(found)
}

fn take_over(dir: PathBuf, job: JobId, now_ms: u64) -> io::Result<Option<Leftover>> {
    let entry = match fs::read(dir.join(ENTRY)) {
        Ok(bytes) => serde_json::from_slice::<Entry>(&bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Nothing was sent for it.
            if now_ms.saturating_sub(job.unix_ms()) > GRACE_MS {
                fs::remove_dir_all(&dir)?;
            }
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let lock = lock_file(&dir)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let notes = fs::read_to_string(dir.join(NOTES))
        .unwrap_or_default()
        .lines()
        // The last line may have been cut.
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let mut blobs: Vec<(u32, BlobKind, PathBuf)> = fs::read_dir(&dir)?
        .filter_map(|item| {
            let path = item.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let (kind, number) = [BlobKind::Preview, BlobKind::Result]
                .into_iter()
                .find_map(|kind| Some((kind, name.strip_prefix(kind.prefix())?)))?;
            Some((number.strip_suffix(".part")?.parse().ok()?, kind, path))
        })
        .collect();
    blobs.sort_unstable();
    Ok(Some(Leftover {
        entry,
        notes,
        journal: Journal {
            notes: Mutex::new(notes_file(&dir)?),
            blobs: AtomicU32::new(blobs.last().map_or(0, |(number, ..)| number + 1)),
            dir,
            _lock: lock,
        },
        blobs: blobs
            .into_iter()
            .map(|(_, kind, path)| (kind, path))
            .collect(),
    }))
}

fn lock_file(dir: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(dir.join(LOCK))
}

fn notes_file(dir: &Path) -> io::Result<File> {
    File::options()
        .append(true)
        .create(true)
        .open(dir.join(NOTES))
}

/// Names survive a power cut only once their folder is on the disk; Windows has no such call and needs none.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Parameters, Preset, Prompt};

    const CREATED_MS: u64 = 1_780_000_000_000;

    fn entry(n: u32) -> Entry {
        Entry {
            job: JobId::from_parts(CREATED_MS, n),
            created_ms: 1_780_000_000_000,
            request: GenerationRequest {
                prompt: Prompt::new("雪中红狐").unwrap(),
                parameters: Parameters::default(),
                references: Vec::new(),
                mask: None,
                gateway: Preset::Demo.profile(),
            },
            copy_to: None,
        }
    }

    #[test]
    fn a_live_job_is_left_alone_and_a_dead_one_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let note = Note::Url {
            index: 1,
            url: "https://host/a.png".to_owned(),
        };
        let live = Journal::create(dir.path(), &entry(1)).unwrap();
        let dead = Journal::create(dir.path(), &entry(2)).unwrap();
        dead.note(&note);
        for _ in 0..10 {
            fs::write(dead.next_blob(BlobKind::Result), b"bytes").unwrap();
        }
        fs::write(dead.next_blob(BlobKind::Preview), b"bytes").unwrap();
        fs::write(dead.dir.join("blob-x.part"), b"?").unwrap();
        fs::write(dir.path().join("not a job"), b"?").unwrap();
        dead.notes.lock().unwrap().write_all(b"{\"cut").unwrap();
        drop(dead);

        let found = leftovers(dir.path(), CREATED_MS).unwrap();
        assert_eq!(found.len(), 1);
        let leftover = found.into_iter().next().unwrap();
        assert_eq!(leftover.entry, entry(2));
        assert_eq!(leftover.notes, [note]);
        let names: Vec<_> = leftover
            .blobs
            .iter()
            .map(|(_, path)| path.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names.len(), 11);
        assert_eq!(&names[9..], ["blob-9.part", "preview-10.part"]);
        let next = leftover.journal.next_blob(BlobKind::Result);
        assert!(next.ends_with("blob-11.part"));

        assert!(leftovers(dir.path(), CREATED_MS).unwrap().is_empty());
        leftover.journal.remove();
        live.remove();
        assert!(!dir.path().join(entry(2).job.to_string()).exists());
    }

    #[test]
    fn a_folder_without_an_entry_goes_once_it_is_old() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(entry(1).job.to_string());
        fs::create_dir(&folder).unwrap();
        assert!(leftovers(dir.path(), CREATED_MS).unwrap().is_empty());
        assert!(folder.exists());
        let later = CREATED_MS + GRACE_MS + 1;
        assert!(leftovers(dir.path(), later).unwrap().is_empty());
        assert!(!folder.exists());
        assert!(leftovers(&folder, later).unwrap().is_empty());
    }
}
