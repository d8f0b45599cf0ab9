//! The index made anew from the files: they are the library, the index only knows them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::params;

use super::Library;
use super::error::{FileAction, LibraryError, Problem};
use super::index::insert_image;
use super::rows::{self, signed};
use super::{files, paths};
use crate::model::{ImageRecord, Recipe};

/// Results that enter the index in one transaction.
const BATCH: usize = 256;

/// What a rebuild found.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// Results that are new in the index.
    pub added: usize,
    /// Results that were in the index and whose file was renamed or edited since.
    pub moved: usize,
    /// Results that the index had as they are.
    pub known: usize,
    /// Picture files without a readable recipe; they stay where they are, outside of the index.
    pub without_recipe: usize,
    /// Files that could not be taken in.
    pub problems: Vec<Problem>,
}

/// A folder to search, and whether what is in it is deleted.
#[derive(Clone, Copy)]
enum Source {
    Root,
    Trash { now_ms: i64 },
}

/// A picture file that has to enter the index.
struct Found {
    record: ImageRecord,
    relative: String,
}

impl Library {
    /// Searches the folder of the results, and the trash, for files that the index does not know.
    ///
    /// `read_recipe` answers the recipe of a picture file as JSON, from the file or from its sidecar; `None` if it has
    /// none. It is called once for each file that is new or has changed its length. Rows are never removed. Deleted
    /// results count as deleted at `now_ms` (milliseconds since 1970, UTC). Reads every new file once, for its hash.
    ///
    /// # Errors
    /// Those of the index, and of the disk when the folder itself can't be read. A single file that can't is a
    /// problem of the answer.
    pub fn rebuild(
        &mut self,
        now_ms: i64,
        read_recipe: &mut dyn FnMut(&Path) -> Option<String>,
    ) -> Result<Rebuilt, LibraryError> {
        let mut rebuilt = Rebuilt::default();
        for source in [Source::Root, Source::Trash { now_ms }] {
            let base = self.base(source).to_owned();
            let known = self.known(source)?;
            let mut batch = Vec::with_capacity(BATCH);
            for path in pictures(&base, &mut rebuilt.problems)? {
                match look_at(&base, &path, &known, read_recipe) {
                    Ok(Look::Known) => rebuilt.known += 1,
                    Ok(Look::WithoutRecipe) => rebuilt.without_recipe += 1,
                    Ok(Look::Found(found)) => batch.push(*found),
                    Err(error) => rebuilt.problems.push(error.into()),
                }
                if batch.len() == BATCH {
                    self.take_in(source, &mut batch, &mut rebuilt)?;
                }
            }
            self.take_in(source, &mut batch, &mut rebuilt)?;
        }
        Ok(rebuilt)
    }

    fn base(&self, source: Source) -> &Path {
        match source {
            Source::Root => &self.paths.root,
            Source::Trash { .. } => &self.paths.trash,
        }
    }

    /// The files of the index: their length by their path.
    fn known(&self, source: Source) -> Result<HashMap<String, u64>, LibraryError> {
        let sql = match source {
            Source::Root => "SELECT path, bytes FROM images WHERE trashed_ms IS NULL",
            Source::Trash { .. } => {
                "SELECT trash_path, bytes FROM images WHERE trashed_ms IS NOT NULL"
            }
        };
        let mut statement = self.connection.prepare(sql)?;
        let files =
            statement.query_map([], |row| Ok((row.get(0)?, rows::unsigned(row.get(1)?))))?;
        Ok(rows::readable(files)?.into_iter().collect())
    }

    fn take_in(
        &mut self,
        source: Source,
        batch: &mut Vec<Found>,
        rebuilt: &mut Rebuilt,
    ) -> Result<(), LibraryError> {
        let paths = self.paths.clone();
        let transaction = self.transaction()?;
        for found in batch.drain(..) {
            let id = found.record.id;
            let other = transaction
                .prepare_cached(&format!(
                    "SELECT {} FROM images WHERE id = ?1 OR (job = ?2 AND idx = ?3)",
                    rows::IMAGE_COLUMNS
                ))?
                .query_map(
                    params![
                        signed(id.get()),
                        signed(found.record.job.get()),
                        found.record.index
                    ],
                    |row| rows::image_record(&paths, row),
                )?
                .next()
                .transpose()?;
            match other {
                None => {
                    insert_image(&transaction, &found.record, &found.relative)?;
                    rebuilt.added += 1;
                }
                // The same result under another name, or changed in its place.
                Some(other)
                    if other.id == id
                        && (other.path == found.record.path || !other.path.exists()) =>
                {
                    transaction
                        .prepare_cached(
                            "UPDATE images SET path = ?2, bytes = ?3, file_hash = ?4, trashed_ms = NULL,
                                 trash_path = NULL, moving = 0
                             WHERE id = ?1",
                        )?
                        .execute(params![
                            signed(id.get()),
                            found.relative,
                            signed(found.record.bytes),
                            found.record.file_hash
                        ])?;
                    rebuilt.moved += 1;
                }
                Some(_) => {
                    rebuilt.problems.push(Problem::Duplicate {
                        id,
                        path: found.record.path,
                    });
                    continue;
                }
            }
            if let Source::Trash { now_ms } = source {
                transaction
                    .prepare_cached(
                        "UPDATE images SET trashed_ms = ?2, trash_path = ?3 WHERE id = ?1",
                    )?
                    .execute(params![signed(id.get()), now_ms, found.relative])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

enum Look {
    Known,
    WithoutRecipe,
    Found(Box<Found>),
}

fn look_at(
    base: &Path,
    path: &Path,
    known: &HashMap<String, u64>,
    read_recipe: &mut dyn FnMut(&Path) -> Option<String>,
) -> Result<Look, LibraryError> {
    let relative = paths::relative_to(base, path).ok_or_else(|| LibraryError::Misplaced {
        path: path.to_owned(),
    })?;
    let length = fs::metadata(path)
        .map_err(LibraryError::io(FileAction::Read, path))?
        .len();
    if known.get(&relative) == Some(&length) {
        return Ok(Look::Known);
    }
    let recipe = read_recipe(path).and_then(|json| serde_json::from_str::<Recipe>(&json).ok());
    let Some(recipe) = recipe else {
        return Ok(Look::WithoutRecipe);
    };
    let (file_hash, bytes) = files::hash_file(path)?;
    Ok(Look::Found(Box::new(Found {
        record: ImageRecord {
            id: recipe.image,
            job: recipe.job,
            index: recipe.index,
            created_ms: recipe.created_ms,
            path: path.to_owned(),
            size: recipe.got_size,
            format: recipe.got_format,
            bytes,
            file_hash,
            recipe,
        },
        relative,
    })))
}

/// Every picture file below `base`, by the end of its name, in a fixed order; links and hidden names are passed over.
/// Temporary files that no running program holds are removed on the way.
fn pictures(base: &Path, problems: &mut Vec<Problem>) -> Result<Vec<PathBuf>, LibraryError> {
    let mut found = Vec::new();
    if !base.exists() {
        return Ok(found);
    }
    let mut folders = vec![base.to_owned()];
    while let Some(folder) = folders.pop() {
        let listed = fs::read_dir(&folder)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(LibraryError::io(FileAction::Read, &folder));
        let entries = match listed {
            Ok(entries) => entries,
            Err(error) if folder == base => return Err(error),
            Err(error) => {
                problems.push(error.into());
                continue;
            }
        };
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if files::is_part(&name) {
                files::sweep(&path);
            } else if name.starts_with('.') {
                // Not ours.
            } else if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && is_picture(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["png", "jpg", "jpeg", "webp"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}
