//! How a result becomes a file of the user's: once, whole, under a name of its own, whatever happens in between.
//!
//! | step | on disk after it | a crash after it |
//! | --- | --- | --- |
//! | 1 [`Library::plan`] | a row in `filings` names job and path | the row is dropped |
//! | 2 [`Filing::write`] | the whole result under a temporary name, fsynced | temporary file and row are dropped |
//! | 3 [`Library::note`] | the row has hash and length, too | the same |
//! | 4 [`Filing::publish`] | the result under its own name, folder fsynced | the result enters the index |
//! | 5 [`Library::enter`] | the result in `images`, the row gone: one transaction | nothing is left to do |
//!
//! Until the end the caller still has the bytes as delivered in its spool, so what is dropped is filed again. What is
//! found after a crash is settled by [`Library::finish_filings`] at the next start, or by the next
//! [`Library::file_result`] for the same job.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use rusqlite::{OptionalExtension as _, Row, params};

use super::Library;
use super::error::{FileAction, LibraryError, Problem};
use super::files;
use super::index::{has_image, insert_image};
use super::paths;
use super::rows::{self, IMAGE_COLUMNS, signed};
use crate::model::{ImageId, ImageRecord, JobId, Recipe};

/// Bytes gathered before they go to the file.
const WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// Where the recipe of a result is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecipePlace {
    /// In the file.
    InFile,
    /// Beside it, because the file must stay as delivered: the text of the `.xmp`.
    Sidecar(String),
}

/// The outcome of filing.
#[derive(Clone, Debug, PartialEq)]
pub struct Filed {
    /// The result in the library.
    pub record: ImageRecord,
    /// `false`: it was there already, and nothing was changed.
    pub is_new: bool,
}

/// Takes the bytes of a result, hashes them on their way to the disk, and remembers why the disk refused.
#[derive(Debug)]
pub struct ResultWriter {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    refusal: Option<io::Error>,
}

/// A result on its way. One row of `filings`.
#[derive(Debug)]
struct Filing {
    image: ImageId,
    job: JobId,
    /// Below the root.
    relative: String,
    recipe: Recipe,
    content: Option<Content>,
}

/// What is known once the bytes are on disk.
#[derive(Debug)]
struct Content {
    bytes: u64,
    file_hash: String,
    sidecar: Option<String>,
}

impl Library {
    /// Files a result: its bytes with the recipe go to the folder of its month and its record into the index.
    ///
    /// `write` gets the recipe as JSON and writes the finished file, front to back; what it writes is never changed.
    /// The name has the local time of `time_zone`. A result of the same job with the same index is not filed again:
    /// its record is the answer, wherever it is by now. So it is safe to repeat a call whose end is not known. The
    /// same bytes under another index are another result: who pays for three pictures and gets one thrice has three.
    /// No two threads or programs may file for one job at once.
    ///
    /// # Errors
    /// [`LibraryError::Content`] with the error of `write`; [`LibraryError::IdTaken`]; those of the disk and the
    /// index. The caller still has the bytes and may repeat; nothing half-written is left under a result's name.
    pub fn file_result<E>(
        &mut self,
        recipe: &Recipe,
        time_zone: &TimeZone,
        write: impl FnOnce(&mut ResultWriter, &str) -> Result<RecipePlace, E>,
    ) -> Result<Filed, LibraryError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        for filing in self.filings(Some(recipe.job))? {
            self.settle(&filing)?;
        }
        self.is_there()?;
        if let Some(record) = self.filed(recipe)? {
            return Ok(Filed {
                record,
                is_new: false,
            });
        }
        let mut filing = self.plan(recipe, time_zone)?;
        let record = match self.carry_out(&mut filing, write) {
            Ok(()) => self.enter(&filing)?,
            Err(error) => {
                self.abandon(&filing);
                return Err(error);
            }
        };
        Ok(Filed {
            record,
            is_new: true,
        })
    }

    /// Steps 2 to 4. An error means that nothing has the result's name.
    fn carry_out<E>(
        &self,
        filing: &mut Filing,
        write: impl FnOnce(&mut ResultWriter, &str) -> Result<RecipePlace, E>,
    ) -> Result<(), LibraryError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let _held = filing.write(&self.paths.root, write)?;
        loop {
            self.note(filing)?;
            if filing.publish(&self.paths.root)? {
                return Ok(());
            }
            filing.relative = files::free_name(&self.paths.root, &filing.relative)?;
        }
    }

    /// A folder that had results and is gone is not made anew: most likely its disk is unplugged, and what is written to
    /// the place where it was mounted is found by nobody.
    fn is_there(&self) -> Result<(), LibraryError> {
        let root = &self.paths.root;
        if root.exists() {
            return Ok(());
        }
        let has_results = self
            .connection
            .prepare_cached("SELECT 1 FROM images WHERE trashed_ms IS NULL")?
            .exists([])?;
        if has_results {
            return Err(LibraryError::NoFolder { path: root.clone() });
        }
        Ok(())
    }

    /// The record of a result that is filed already.
    fn filed(&self, recipe: &Recipe) -> Result<Option<ImageRecord>, LibraryError> {
        let sql = format!(
            "SELECT {IMAGE_COLUMNS} FROM images
             WHERE job = ?1 AND idx = ?2 LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement
            .query_row(params![signed(recipe.job.get()), recipe.index], |row| {
                rows::image_record(&self.paths, row)
            })
            .optional()?;
        if found.is_none() && has_image(&self.connection, recipe.image)? {
            return Err(LibraryError::IdTaken { id: recipe.image });
        }
        Ok(found)
    }

    /// Step 1.
    fn plan(&self, recipe: &Recipe, time_zone: &TimeZone) -> Result<Filing, LibraryError> {
        let name = recipe
            .group
            .as_ref()
            .and_then(|group| group.name.as_deref());
        let wanted = paths::result_path(
            recipe.created_ms,
            time_zone,
            &name.map_or_else(|| paths::slug(&recipe.prompt), paths::part_of_name),
            recipe.image,
            recipe.got_format,
        );
        let filing = Filing {
            image: recipe.image,
            job: recipe.job,
            relative: files::free_name(&self.paths.root, &wanted)?,
            recipe: recipe.clone(),
            content: None,
        };
        self.note(&filing)?;
        Ok(filing)
    }

    /// Step 3, and the row of step 1.
    fn note(&self, filing: &Filing) -> Result<(), LibraryError> {
        let content = filing.content.as_ref();
        let mut statement = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO filings (image, job, path, recipe, bytes, file_hash, sidecar)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        statement.execute(params![
            signed(filing.image.get()),
            signed(filing.job.get()),
            filing.relative,
            serde_json::to_string(&filing.recipe)?,
            content.map(|content| signed(content.bytes)),
            content.map(|content| &content.file_hash),
            content.and_then(|content| content.sidecar.as_ref()),
        ])?;
        Ok(())
    }

    /// Step 5.
    fn enter(&mut self, filing: &Filing) -> Result<ImageRecord, LibraryError> {
        let Some(content) = &filing.content else {
            return Err(LibraryError::Unknown { id: filing.image });
        };
        let recipe = &filing.recipe;
        let record = ImageRecord {
            id: filing.image,
            job: filing.job,
            index: recipe.index,
            created_ms: recipe.created_ms,
            path: filing.path(&self.paths.root),
            size: recipe.got_size,
            format: recipe.got_format,
            bytes: content.bytes,
            file_hash: content.file_hash.clone(),
            recipe: recipe.clone(),
        };
        let transaction = self.transaction()?;
        // A rebuild elsewhere may have found the file first.
        if !has_image(&transaction, record.id)? {
            insert_image(&transaction, &record, &filing.relative)?;
        }
        transaction.execute(FORGET_FILING, [signed(filing.image.get())])?;
        transaction.commit()?;
        Ok(record)
    }

    /// Takes a failed filing back. What can't be taken back now is settled before the next one of the job.
    fn abandon(&mut self, filing: &Filing) {
        if let Err(error) = self.settle(filing) {
            tracing::warn!(%error, "a filing that failed could not be taken back");
        }
    }

    /// Settles what an earlier run had begun. Answers the results that it had published and not entered.
    ///
    /// Only for the first program to open the library: a filing of a program that runs is not to be touched.
    pub(super) fn finish_filings(
        &mut self,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<ImageId>, LibraryError> {
        let mut adopted = Vec::new();
        for filing in self.filings(None)? {
            match self.settle(&filing) {
                Ok(true) => adopted.push(filing.image),
                Ok(false) => {}
                Err(error) => problems.push(error.into()),
            }
        }
        Ok(adopted)
    }

    /// Ends a filing of which no program is in the middle. `true`: its result was published and is in the index now.
    fn settle(&mut self, filing: &Filing) -> Result<bool, LibraryError> {
        let root = self.paths.root.clone();
        if filing.content.is_some() && !root.is_dir() {
            // The disk of the results may be unplugged: it is looked at again next time.
            return Ok(false);
        }
        filing.discard_parts(&root);
        if has_image(&self.connection, filing.image)? {
            self.forget(filing)?;
            return Ok(false);
        }
        if filing.is_published(&root)? {
            files::sync_folder(files::parent_of(&filing.path(&root)))?;
            self.enter(filing)?;
            return Ok(true);
        }
        filing.unpublish(&root)?;
        self.forget(filing)?;
        Ok(false)
    }

    fn filings(&self, job: Option<JobId>) -> Result<Vec<Filing>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT image, path, recipe, bytes, file_hash, sidecar FROM filings
             WHERE ?1 IS NULL OR job = ?1 ORDER BY image",
        )?;
        let filings = statement.query_map([job.map(|job| signed(job.get()))], |row| {
            read_filing(&self.paths.root, row)
        })?;
        rows::readable(filings)
    }

    fn forget(&self, filing: &Filing) -> Result<(), LibraryError> {
        self.connection
            .execute(FORGET_FILING, [signed(filing.image.get())])?;
        Ok(())
    }
}

const FORGET_FILING: &str = "DELETE FROM filings WHERE image = ?1";

impl Filing {
    fn path(&self, root: &Path) -> PathBuf {
        root.join(&self.relative)
    }

    fn part(&self, root: &Path) -> PathBuf {
        let path = self.path(root);
        files::part_path(files::parent_of(&path), &self.image.to_string())
    }

    /// Step 2. The answer keeps the temporary file locked.
    fn write<E>(
        &mut self,
        root: &Path,
        write: impl FnOnce(&mut ResultWriter, &str) -> Result<RecipePlace, E>,
    ) -> Result<File, LibraryError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let part = self.part(root);
        files::create_folder(files::parent_of(&part))?;
        let mut writer = ResultWriter::new(files::begin_part(&part)?);
        let recipe = serde_json::to_string(&self.recipe)?;
        let place = write(&mut writer, &recipe);
        let (file, bytes, file_hash) = writer.finish(&part)?;
        let place = place.map_err(|error| LibraryError::Content {
            source: error.into(),
        })?;
        self.content = Some(Content {
            bytes,
            file_hash,
            sidecar: match place {
                RecipePlace::InFile => None,
                RecipePlace::Sidecar(text) => Some(text),
            },
        });
        Ok(file)
    }

    /// Step 4. `false`: the name is taken by now, and nothing is published.
    fn publish(&self, root: &Path) -> Result<bool, LibraryError> {
        let path = self.path(root);
        // The sidecar comes first: a picture without its recipe would not be whole.
        if let Some(text) = self.sidecar() {
            let sidecar = paths::sidecar_path(&path);
            let part = sidecar_part(&self.part(root));
            let mut file = files::begin_part(&part)?;
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(LibraryError::io(FileAction::Write, &part))?;
            if !files::publish(&part, &sidecar)? {
                files::discard(&part);
                return Ok(false);
            }
        }
        match files::publish(&self.part(root), &path) {
            Ok(true) => {
                files::sync_folder(files::parent_of(&path))?;
                Ok(true)
            }
            other => {
                self.take_sidecar_back(root)?;
                other
            }
        }
    }

    fn sidecar(&self) -> Option<&str> {
        self.content.as_ref()?.sidecar.as_deref()
    }

    /// Whether the whole result is under its name.
    fn is_published(&self, root: &Path) -> Result<bool, LibraryError> {
        let path = self.path(root);
        let Some(content) = &self.content else {
            return Ok(false);
        };
        let has_length = fs::metadata(&path).is_ok_and(|found| found.len() == content.bytes);
        Ok(has_length && files::hash_file(&path)?.0 == content.file_hash)
    }

    /// Removes what is ours under the result's names, when the result itself is not there.
    fn unpublish(&self, root: &Path) -> Result<(), LibraryError> {
        let path = self.path(root);
        // Where there are no hard links an empty file holds the name for a moment.
        if self.content.is_some() && fs::metadata(&path).is_ok_and(|found| found.len() == 0) {
            files::remove_if_present(&path)?;
        }
        self.take_sidecar_back(root)
    }

    fn take_sidecar_back(&self, root: &Path) -> Result<(), LibraryError> {
        let sidecar = paths::sidecar_path(&self.path(root));
        match self.sidecar() {
            Some(text) if files::has_content(&sidecar, text.as_bytes()) => {
                files::remove_if_present(&sidecar)
            }
            _ => Ok(()),
        }
    }

    fn discard_parts(&self, root: &Path) {
        let part = self.part(root);
        files::discard(&sidecar_part(&part));
        files::discard(&part);
    }
}

impl ResultWriter {
    fn new(file: File) -> Self {
        Self {
            file: BufWriter::with_capacity(WRITE_BUFFER_BYTES, file),
            hasher: blake3::Hasher::new(),
            refusal: None,
        }
    }

    /// Brings everything to the disk. Answers the file, its length in bytes and its BLAKE3 in hexadecimal digits.
    fn finish(mut self, path: &Path) -> Result<(File, u64, String), LibraryError> {
        let flushed = self.flush();
        let (file, _unwritten) = self.file.into_parts();
        // The first refusal is the cause; whoever wrote has perhaps passed it on in words only.
        match self.refusal {
            Some(refusal) => Err(refusal),
            None => flushed,
        }
        .and_then(|()| file.sync_all())
        .map_err(LibraryError::io(FileAction::Write, path))?;
        let hash = self.hasher.finalize().to_hex().to_string();
        Ok((file, self.hasher.count(), hash))
    }

    fn remember<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &outcome
            && error.kind() != io::ErrorKind::Interrupted
            && self.refusal.is_none()
        {
            self.refusal = Some(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => error.kind().into(),
            });
        }
        outcome
    }
}

impl Write for ResultWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = self.file.write(bytes);
        let taken = self.remember(outcome)?;
        self.hasher.update(bytes.get(..taken).unwrap_or(bytes));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.file.flush();
        self.remember(outcome)
    }
}

fn read_filing(root: &Path, row: &Row<'_>) -> rusqlite::Result<Filing> {
    let recipe: Recipe = rows::json(row, 2)?;
    let relative: String = row.get(1)?;
    rows::inside(root, 1, &relative)?;
    let bytes: Option<i64> = row.get(3)?;
    let file_hash: Option<String> = row.get(4)?;
    Ok(Filing {
        image: rows::image_id(row, 0)?,
        job: recipe.job,
        relative,
        recipe,
        content: match (bytes, file_hash) {
            (Some(bytes), Some(file_hash)) => Some(Content {
                bytes: rows::unsigned(bytes),
                file_hash,
                sidecar: row.get(5)?,
            }),
            _ => None,
        },
    })
}

fn sidecar_part(part: &Path) -> PathBuf {
    part.with_extension("xmp.part")
}

#[cfg(test)]
mod tests;
