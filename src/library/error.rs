//! What can go wrong on the disk, with the data that a person needs to put it right.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{ImageId, Obstacle};

/// What was being done to a file or folder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileAction {
    /// Making a folder.
    CreateFolder,
    /// Writing a file.
    Write,
    /// Giving a finished file its name.
    Publish,
    /// Reading a file or folder.
    Read,
    /// Moving a file.
    Move,
    /// Removing a file.
    Remove,
    /// Locking a file.
    Lock,
}

impl FileAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CreateFolder => "making the folder",
            Self::Write => "writing",
            Self::Publish => "naming",
            Self::Read => "reading",
            Self::Move => "moving",
            Self::Remove => "removing",
            Self::Lock => "locking",
        }
    }
}

/// An operation of the library failed; what was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The disk or the user's share of it is full.
    #[error("no space left while {}: {}", .action.as_str(), .path.display())]
    DiskFull {
        /// What was being done.
        action: FileAction,
        /// To which file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file or folder may not be written or read, or its disk is read-only.
    #[error("not permitted while {}: {}", .action.as_str(), .path.display())]
    Denied {
        /// What was being done.
        action: FileAction,
        /// To which file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// Any other error of the operating system.
    #[error("{source} while {}: {}", .action.as_str(), .path.display())]
    Io {
        /// What was being done.
        action: FileAction,
        /// To which file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The folder of the results was there before and is not: its disk is unplugged, most likely.
    #[error("the folder of the results is not there, perhaps its disk is unplugged: {}", .path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Every name that was tried is taken.
    #[error("no free name is left like: {}", .path.display())]
    NoFreeName {
        /// The first name that was tried.
        path: PathBuf,
    },
    /// A file is not in the folder where its kind belongs, or its name is not Unicode.
    #[error("not in the folder where it belongs: {}", .path.display())]
    Misplaced {
        /// The file.
        path: PathBuf,
    },
    /// The index can't be read or written.
    #[error("the index can't be used: {source}")]
    Index {
        /// `SQLite`'s error.
        #[from]
        source: rusqlite::Error,
    },
    /// The index was written by a newer version of the program; it is left alone.
    #[error("the index has version {found}, newer than {known}: {}", .path.display())]
    NewerIndex {
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
        /// The index.
        path: PathBuf,
    },
    /// Another program holds the index while it opens or repairs it, for longer than we wait.
    #[error("another program is busy with the index: {}", .path.display())]
    Busy {
        /// The lock that is held.
        path: PathBuf,
    },
    /// A value can't be turned into JSON, or one in the index can't be read from it.
    #[error("a value of the index is not readable: {source}")]
    Value {
        /// The reason.
        #[from]
        source: serde_json::Error,
    },
    /// Whoever writes the bytes of a result could not; see [`super::Library::file_result`].
    #[error("the result can't be written: {source}")]
    Content {
        /// The reason, from the layer that makes the bytes.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Another job's result has this id.
    #[error("the id {id} is taken")]
    IdTaken {
        /// The id.
        id: ImageId,
    },
    /// No result has this id, or it is not where the operation needs it (in the library, in the trash).
    #[error("no such result: {id}")]
    Unknown {
        /// The id.
        id: ImageId,
    },
}

impl LibraryError {
    /// Sorts an error of the operating system; to be used as `map_err(LibraryError::io(action, path))`.
    pub(super) fn io(action: FileAction, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_owned();
            match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull {
                    action,
                    path,
                    source,
                },
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Self::Denied {
                        action,
                        path,
                        source,
                    }
                }
                _ => Self::Io {
                    action,
                    path,
                    source,
                },
            }
        }
    }

    /// Whether freeing space would help, be it on the disk of the results or on that of the index.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::DiskFull { .. } => true,
            Self::Index { source } => {
                source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
            }
            _ => false,
        }
    }

    /// What is in the way of opening the library, and which file or folder it concerns.
    #[must_use]
    pub fn obstacle(&self) -> (Obstacle, Option<&Path>) {
        match self {
            Self::DiskFull { path, .. } => (Obstacle::DiskFull, Some(path)),
            Self::Denied { path, .. } => (Obstacle::Denied, Some(path)),
            Self::NoFolder { path } => (Obstacle::Missing, Some(path)),
            Self::NewerIndex { path, .. } => (Obstacle::Newer, Some(path)),
            Self::Busy { path } => (Obstacle::Busy, Some(path)),
            Self::Io { path, source, .. } => (Obstacle::of_system(source.kind()), Some(path)),
            Self::Index { source } => {
                use rusqlite::ErrorCode as Code;

                let obstacle = match source.sqlite_error_code() {
                    Some(Code::DatabaseBusy | Code::DatabaseLocked) => Obstacle::Busy,
                    Some(Code::CannotOpen | Code::PermissionDenied | Code::ReadOnly) => {
                        Obstacle::Denied
                    }
                    Some(Code::DiskFull) => Obstacle::DiskFull,
                    Some(Code::DatabaseCorrupt | Code::NotADatabase) => Obstacle::Damaged,
                    _ => Obstacle::Other,
                };
                (obstacle, None)
            }
            _ => (Obstacle::Other, None),
        }
    }

    /// What `SQLite` would say of an index that fails its check.
    pub(super) fn damaged_index() -> Self {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        rusqlite::Error::SqliteFailure(code, None).into()
    }

    /// Whether the index file itself is damaged, so that it must be rebuilt from the results.
    pub(super) fn is_corruption(&self) -> bool {
        let Self::Index { source } = self else {
            return false;
        };
        matches!(
            source.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
        )
    }
}

/// Something that went wrong beside the main result of an operation.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The index was damaged. It is kept, a new one is in its place, and the results are waiting for
    /// [`super::Library::rebuild`].
    #[error("the index was damaged and is kept as: {}", .kept_as.display())]
    IndexReplaced {
        /// The damaged file.
        kept_as: PathBuf,
    },
    /// Two files say that they are the same result; the one that is listed here is not in the index.
    #[error("another file is the result {id} already: {}", .path.display())]
    Duplicate {
        /// The id in both recipes.
        id: ImageId,
        /// The file that was passed over.
        path: PathBuf,
    },
    /// An operation on one of many results or files failed.
    #[error(transparent)]
    Failed(#[from] LibraryError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_are_told_apart() {
        let path = Path::new("/library/a.png");
        let check = |kind: io::ErrorKind, expected: &str| {
            let error = LibraryError::io(FileAction::Write, path)(kind.into());
            assert_eq!(error.to_string(), expected);
            error
        };
        let full = "no space left while writing: /library/a.png";
        assert!(check(io::ErrorKind::StorageFull, full).is_disk_full());
        assert!(check(io::ErrorKind::QuotaExceeded, full).is_disk_full());
        let denied = "not permitted while writing: /library/a.png";
        check(io::ErrorKind::PermissionDenied, denied);
        check(io::ErrorKind::ReadOnlyFilesystem, denied);
        let other = "entity not found while writing: /library/a.png";
        assert!(!check(io::ErrorKind::NotFound, other).is_disk_full());
    }

    #[test]
    fn what_is_in_the_way_is_told_apart() {
        let path = Path::new("/library");
        let check = |error: LibraryError, expected: Obstacle, has_path: bool| {
            let (obstacle, path) = error.obstacle();
            assert_eq!((obstacle, path.is_some()), (expected, has_path), "{error}");
        };
        let system = |kind: io::ErrorKind| LibraryError::io(FileAction::Lock, path)(kind.into());
        let index = |code| LibraryError::from(rusqlite::Error::SqliteFailure(code, None));
        let code = rusqlite::ffi::Error::new;
        check(
            system(io::ErrorKind::PermissionDenied),
            Obstacle::Denied,
            true,
        );
        check(
            system(io::ErrorKind::ReadOnlyFilesystem),
            Obstacle::Denied,
            true,
        );
        check(system(io::ErrorKind::StorageFull), Obstacle::DiskFull, true);
        check(
            system(io::ErrorKind::NotADirectory),
            Obstacle::Missing,
            true,
        );
        check(system(io::ErrorKind::Interrupted), Obstacle::Other, true);
        check(
            LibraryError::Busy { path: path.into() },
            Obstacle::Busy,
            true,
        );
        check(
            index(code(rusqlite::ffi::SQLITE_BUSY)),
            Obstacle::Busy,
            false,
        );
        check(
            index(code(rusqlite::ffi::SQLITE_CANTOPEN)),
            Obstacle::Denied,
            false,
        );
        check(
            index(code(rusqlite::ffi::SQLITE_NOTADB)),
            Obstacle::Damaged,
            false,
        );
    }

    #[test]
    fn a_full_disk_of_the_index_is_one_too() {
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let error = LibraryError::from(rusqlite::Error::SqliteFailure(full, None));
        assert!(error.is_disk_full() && !error.is_corruption());
        assert!(LibraryError::damaged_index().is_corruption());
    }
}
