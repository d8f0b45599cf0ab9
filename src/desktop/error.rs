//! What the operating system refuses.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// An operation of the desktop failed.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// The user has no home folder; `--data-dir` names one.
    #[error("the system names no home folder")]
    NoHome,
    /// A file or folder can't be read or written.
    #[error("{source}: {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The settings can't be written as TOML.
    #[error("the settings can't be written: {source}")]
    Settings {
        /// The reason.
        #[from]
        source: toml::ser::Error,
    },
    /// The program that shows files can't be started.
    #[error("the file manager can't be started: {source}")]
    Launch {
        /// The operating system's error.
        source: io::Error,
    },
    /// The program that shows files gave up.
    #[error("the file manager can't show the file ({status})")]
    NotShown {
        /// How it ended.
        status: ExitStatus,
    },
    /// The clipboard can't be read.
    #[cfg(feature = "gui")]
    #[error("the clipboard can't be read: {source}")]
    Clipboard {
        /// The reason.
        #[from]
        source: arboard::Error,
    },
}

impl DesktopError {
    /// To be used as `map_err(DesktopError::io(path))`.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
