//! What the operating system refuses.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use super::secrets::StoreError;
use crate::model::GatewayId;

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
    /// Something can't be written as TOML.
    #[error("the file can't be written: {source}")]
    Settings {
        /// The reason.
        #[from]
        source: toml::ser::Error,
    },
    /// The file of keys can't be understood.
    #[error("the file of keys is damaged: {}", .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
    },
    /// Others can read the file of keys, and the system does not let us change that.
    #[error("others can read the file of keys, and that can't be changed: {}", .path.display())]
    ExposedKeys {
        /// The file.
        path: PathBuf,
    },
    /// A key is no longer where it was kept.
    #[error("the key of {gateway} is no longer where it was kept; enter it again")]
    LostKey {
        /// The profile.
        gateway: GatewayId,
    },
    /// The credential store does not do what it is asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of templates can't be understood.
    #[error("{reason}: {}", .path.display())]
    Templates {
        /// What is wrong with it.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// A file of gateways can't be understood.
    #[error("{reason}: {}", .path.display())]
    Gateways {
        /// What is wrong with it, with the place where there is one.
        reason: String,
        /// The file.
        path: PathBuf,
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
