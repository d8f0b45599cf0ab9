//! What the disk knows of a job while it runs: one folder a job, gone once everything in it is safe elsewhere.
//!
//! ```text
//! journal.lock                 shared by whoever makes a folder; held alone by whoever removes a half-made one
//! journal/<job id>/lock        locked as long as the job's process lives
//!                  job.json    what was asked; written before the request is sent
//!                  notes.jsonl what has arrived, a line each
//!                  blob-N.part results as they arrive
//!                  preview-N.part  previews as they arrive; moved away as soon as they are whole
//! ```
//!
//! The bytes of blobs and notes are with the operating system before anything else happens, so they survive the end
//! of the process. `super::recovery` reads folders that nobody holds a lock on.
//!
//! The address of a picture is more: whoever loses it has paid for nothing. Its note is on the disk for good before the
//! address is called, while the rest of the answer is still on its way. It comes before the index because it needs no
//! other thread and no lock, and before the first fetch because a fetch may bring the machine down and a note can't.
//! The same note is written again once the answer has ended and its body is known for a claim; the newest counts.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::model::{DownloadRecord, GenerationRequest, JobId, JobNote};

const LOCK: &str = "lock";
const ENTRY: &str = "job.json";
const NOTES: &str = "notes.jsonl";

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
    /// A result waits at an address. The newest note of a picture counts.
    Url(Box<DownloadRecord>),
    /// A blob is the beginning of a picture that waits at an address.
    Part {
        /// Its place among the job's results.
        index: u32,
        /// Name of the blob.
        blob: String,
        /// Where the bytes come from.
        url: String,
        /// What the server calls this version of the file.
        validator: Option<String>,
    },
    /// Something was done otherwise than asked. The index has it only from the next time that it is told of the job.
    Told(JobNote),
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
        // Nobody takes the folder for one that a killed program has left, before it is locked and has its entry.
        let making = making_lock(journals)?;
        making.lock_shared()?;
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

    /// Adds a line that is on the disk for good when this returns.
    ///
    /// # Errors
    /// When the disk refuses; the line may be lost with the power, and with nothing less.
    pub(super) fn note_for_good(&self, note: &Note) -> io::Result<()> {
        let line = serde_json::to_string(note)? + "\n";
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.write_all(line.as_bytes())?;
        notes.sync_data()
    }

    /// The path of a blob that a note names.
    pub(super) fn blob(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Removes the folder with everything in it.
    pub(super) fn remove(&self) {
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

/// Takes over every folder that no live process holds. Unreadable folders are left where they are; those that were
/// never finished are removed, because nothing was sent for them.
///
/// # Errors
/// When the journals can't be listed at all; a missing folder is an empty one.
pub(super) fn leftovers(journals: &Path) -> io::Result<Vec<Leftover>> {
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
        match take_over(journals, dir) {
            Ok(leftover) => found.extend(leftover),
            Err(error) => tracing::warn!(%job, "a journal can't be read: {error}"),
        }
    }
    Ok(found)
}

fn take_over(journals: &Path, dir: PathBuf) -> io::Result<Option<Leftover>> {
    let entry = match fs::read(dir.join(ENTRY)) {
        Ok(bytes) => serde_json::from_slice::<Entry>(&bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            remove_half_made(journals, &dir)?;
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

/// Removes a folder that a killed program was making. Nobody makes one meanwhile; one that was just finished is left.
fn remove_half_made(journals: &Path, dir: &Path) -> io::Result<()> {
    let making = making_lock(journals)?;
    making.lock()?;
    if dir.join(ENTRY).exists() {
        return Ok(());
    }
    fs::remove_dir_all(dir)
}

/// Beside the folder of the journals, in which there are jobs only.
fn making_lock(journals: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(journals.with_extension("lock"))
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
                group: None,
                gateway: Preset::Demo.profile(),
            },
            copy_to: None,
        }
    }

    #[test]
    fn a_live_job_is_left_alone_and_a_dead_one_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let journals = dir.path().join("journal");
        let note = Note::Url(Box::new(DownloadRecord {
            index: 1,
            url: "https://host/a.png".to_owned(),
            ..DownloadRecord::default()
        }));
        let live = Journal::create(&journals, &entry(1)).unwrap();
        let dead = Journal::create(&journals, &entry(2)).unwrap();
        dead.note_for_good(&note).unwrap();
        for _ in 0..10 {
            fs::write(dead.next_blob(BlobKind::Result), b"bytes").unwrap();
        }
        fs::write(dead.next_blob(BlobKind::Preview), b"bytes").unwrap();
        fs::write(dead.dir.join("blob-x.part"), b"?").unwrap();
        fs::write(journals.join("not a job"), b"?").unwrap();
        dead.notes.lock().unwrap().write_all(b"{\"cut").unwrap();
        drop(dead);

        let found = leftovers(&journals).unwrap();
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

        assert!(leftovers(&journals).unwrap().is_empty());
        leftover.journal.remove();
        live.remove();
        assert!(!journals.join(entry(2).job.to_string()).exists());
    }

    #[test]
    fn a_half_made_folder_goes_at_once_unless_somebody_is_making_it() {
        let dir = tempfile::tempdir().unwrap();
        let journals = dir.path().join("journal");
        let folder = journals.join(entry(1).job.to_string());
        fs::create_dir_all(&folder).unwrap();
        assert!(leftovers(&journals).unwrap().is_empty());
        assert!(!folder.exists());

        fs::create_dir(&folder).unwrap();
        let making = making_lock(&journals).unwrap();
        making.lock_shared().unwrap();
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| leftovers(&journals).unwrap().len());
            // However long it takes to look: the folder is finished before it is let go.
            fs::write(
                folder.join(ENTRY),
                serde_json::to_string(&entry(1)).unwrap(),
            )
            .unwrap();
            drop(making);
            looking.join().unwrap();
        });
        assert!(folder.exists());
        assert!(leftovers(&dir.path().join("absent")).unwrap().is_empty());
    }
}
