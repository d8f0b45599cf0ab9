//! The store on disk: results as plain files of the user, and an index that can always be made again from them.
//!
//! The engine calls it, from one thread for the index; the two stores of cached files may be used from any. It never
//! decodes a pixel, opens a socket or reads the clock: times, ids and the time zone are given to it, and so is whoever
//! writes and reads recipes inside picture files.
//!
//! | file | what it does |
//! | --- | --- |
//! | `paths.rs` | names and places, pure |
//! | `files.rs` | whole files or none, after any crash |
//! | `schema.rs`, `rows.rs` | tables, migrations, columns ⇄ values |
//! | `index.rs`, `query.rs` | opening, writing, asking |
//! | `filing/` | how a result becomes a file and a row |
//! | `downloads.rs` | pictures of ended jobs that are known by their address only |
//! | `track.rs` | what gateways made of what they were asked for |
//! | `trash/`, `rebuild.rs` | deleting and restoring; the index from the files |
//! | `thumbnails.rs`, `references.rs` | caches that may be deleted |

mod downloads;
mod error;
mod files;
mod filing;
mod index;
mod paths;
mod query;
mod rebuild;
mod references;
mod rows;
mod schema;
#[cfg(test)]
mod testing;
mod thumbnails;
mod track;
mod trash;

pub use self::downloads::DownloadRow;
pub use self::error::{FileAction, LibraryError, Problem};
pub use self::files::{copy_file, hash_file};
pub use self::filing::{Filed, RecipePlace, ResultWriter};
pub use self::index::{Library, Opened};
pub use self::paths::{
    LibraryPaths, MAX_SLUG_BYTES, part_of_name, result_path, sidecar_path, slug,
};
pub use self::query::PageKey;
pub use self::rebuild::Rebuilt;
pub use self::references::{ReferenceStore, StoredReference};
pub use self::rows::{AttemptOutcome, AttemptRow, JobRow, PreviewRow};
pub use self::thumbnails::ThumbnailStore;
