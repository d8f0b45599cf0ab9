//! Deleting results so that they can be taken back, and purging those that need not.
//!
//! While a file moves its row says so, and belongs to the trash. A crash in between leaves the file in one place, or
//! whole in both; the next start brings it to the trash, from where it can be restored.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension as _, params};

use super::Library;
use super::error::{LibraryError, Problem};
use super::rows::{self, signed};
use super::thumbnails::ThumbnailStore;
use super::{files, paths};
use crate::model::ImageId;

/// Where the file of a deleted result belongs, and where it was.
struct Place {
    relative: String,
    in_library: PathBuf,
    in_trash: PathBuf,
}

/// Each function does what it can: it answers the results that it was done to, and a problem for each other one.
impl Library {
    /// Moves results to the trash. `now_ms`: milliseconds since 1970 (UTC).
    pub fn delete(&mut self, ids: &[ImageId], now_ms: i64) -> (Vec<ImageId>, Vec<Problem>) {
        each(ids, |id| self.delete_one(id, now_ms))
    }

    /// Takes results back from the trash to where they were, under another name if theirs is taken.
    pub fn restore(&mut self, ids: &[ImageId]) -> (Vec<ImageId>, Vec<Problem>) {
        each(ids, |id| self.restore_one(id))
    }

    /// Removes deleted results for good: file, sidecar, thumbnails and row. Results in the library are not touched.
    pub fn purge(&mut self, ids: &[ImageId]) -> (Vec<ImageId>, Vec<Problem>) {
        each(ids, |id| self.purge_one(id))
    }

    /// Ends the moves in the middle of which a run was killed. Only for the first program to open the library.
    pub(super) fn finish_moves(&mut self, problems: &mut Vec<Problem>) -> Result<(), LibraryError> {
        let moving = {
            let mut statement = self
                .connection
                .prepare("SELECT id FROM images WHERE moving = 1")?;
            rows::readable(statement.query_map([], |row| rows::image_id(row, 0))?)?
        };
        let finish = |id| {
            let place = self.place(id)?;
            bring(&place.in_library, &place.in_trash)?;
            self.keep_in_trash(id)
        };
        problems.extend(each(&moving, finish).1);
        Ok(())
    }

    fn delete_one(&self, id: ImageId, now_ms: i64) -> Result<(), LibraryError> {
        let relative: String = self
            .connection
            .prepare_cached("SELECT path FROM images WHERE id = ?1 AND trashed_ms IS NULL")?
            .query_row([signed(id.get())], |row| row.get(0))
            .optional()?
            .ok_or(LibraryError::Unknown { id })?;
        let trash_relative = files::free_name(&self.paths.trash, &relative)?;
        self.connection.execute(
            "UPDATE images SET trashed_ms = ?2, trash_path = ?3, moving = 1 WHERE id = ?1",
            params![signed(id.get()), now_ms, trash_relative],
        )?;
        let place = self.place(id)?;
        if let Err(error) = bring(&place.in_library, &place.in_trash) {
            bring(&place.in_trash, &place.in_library)?;
            self.keep_in_library(id)?;
            return Err(error);
        }
        self.keep_in_trash(id)
    }

    fn restore_one(&self, id: ImageId) -> Result<(), LibraryError> {
        let place = self.place(id)?;
        if !place.in_trash.exists() {
            return Err(LibraryError::Unknown { id });
        }
        let relative = files::free_name(&self.paths.root, &place.relative)?;
        self.connection.execute(
            "UPDATE images SET path = ?2, moving = 1 WHERE id = ?1",
            params![signed(id.get()), relative],
        )?;
        let in_library = self.paths.root.join(&relative);
        if let Err(error) = bring(&place.in_trash, &in_library) {
            bring(&in_library, &place.in_trash)?;
            self.keep_in_trash(id)?;
            return Err(error);
        }
        self.keep_in_library(id)
    }

    fn purge_one(&self, id: ImageId) -> Result<(), LibraryError> {
        let place = self.place(id)?;
        files::remove_if_present(&paths::sidecar_path(&place.in_trash))?;
        files::remove_if_present(&place.in_trash)?;
        ThumbnailStore::new(&self.paths).remove(id)?;
        self.connection.execute(
            "DELETE FROM images WHERE id = ?1 AND trashed_ms IS NOT NULL",
            [signed(id.get())],
        )?;
        Ok(())
    }

    fn keep_in_library(&self, id: ImageId) -> Result<(), LibraryError> {
        self.connection.execute(
            "UPDATE images SET trashed_ms = NULL, trash_path = NULL, moving = 0 WHERE id = ?1",
            [signed(id.get())],
        )?;
        Ok(())
    }

    fn keep_in_trash(&self, id: ImageId) -> Result<(), LibraryError> {
        self.connection.execute(
            "UPDATE images SET moving = 0 WHERE id = ?1",
            [signed(id.get())],
        )?;
        Ok(())
    }

    fn place(&self, id: ImageId) -> Result<Place, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT path, trash_path FROM images WHERE id = ?1 AND trashed_ms IS NOT NULL",
        )?;
        statement
            .query_row([signed(id.get())], |row| {
                let (relative, in_trash): (String, String) = (row.get(0)?, row.get(1)?);
                Ok(Place {
                    in_library: rows::inside(&self.paths.root, 0, &relative)?,
                    in_trash: rows::inside(&self.paths.trash, 1, &in_trash)?,
                    relative,
                })
            })
            .optional()?
            .ok_or(LibraryError::Unknown { id })
    }
}

/// Moves a picture and its sidecar. May be called again after any crash; what somebody has removed is not missed.
fn bring(from: &Path, to: &Path) -> Result<(), LibraryError> {
    bring_file(&paths::sidecar_path(from), &paths::sidecar_path(to))?;
    bring_file(from, to)
}

fn bring_file(from: &Path, to: &Path) -> Result<(), LibraryError> {
    if !from.exists() || files::move_file(from, to)? {
        return Ok(());
    }
    // A crash between giving the new name and taking the old one leaves the file under both.
    if files::hash_file(from)? == files::hash_file(to)? {
        return files::remove_if_present(from);
    }
    Err(LibraryError::NoFreeName {
        path: to.to_owned(),
    })
}

fn each(
    ids: &[ImageId],
    mut action: impl FnMut(ImageId) -> Result<(), LibraryError>,
) -> (Vec<ImageId>, Vec<Problem>) {
    let mut done = Vec::new();
    let mut problems = Vec::new();
    for id in ids {
        match action(*id) {
            Ok(()) => done.push(*id),
            Err(error) => problems.push(error.into()),
        }
    }
    (done, problems)
}

#[cfg(test)]
mod tests;
