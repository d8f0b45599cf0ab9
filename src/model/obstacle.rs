//! What is in the way of opening the library.

use std::io;

/// What keeps the library from being opened, as far as a person can do something about it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Obstacle {
    /// Another program holds it.
    Busy,
    /// It may not be read or written, or its disk is read-only.
    Denied,
    /// Its folder is not there: the disk is not connected, or a file is in its place.
    Missing,
    /// The disk is full.
    DiskFull,
    /// A newer version of the program wrote it.
    Newer,
    /// The index is damaged, and no other could be put in its place.
    Damaged,
    /// Anything else.
    Other,
}

impl Obstacle {
    /// All, for tests of what is said about them.
    pub const ALL: [Self; 7] = [
        Self::Busy,
        Self::Denied,
        Self::Missing,
        Self::DiskFull,
        Self::Newer,
        Self::Damaged,
        Self::Other,
    ];

    /// What an error of the operating system comes down to.
    #[must_use]
    pub const fn of_system(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists => Self::Missing,
            _ => Self::Other,
        }
    }
}
