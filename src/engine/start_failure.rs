//! Why an engine does not start, and what is told of it.

use std::io;
use std::path::{Path, PathBuf};

use crate::desktop::DesktopError;
use crate::library::LibraryError;
use crate::model::Obstacle;

/// Why the engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A folder can't be made, or the settings can't be read.
    #[error(transparent)]
    Desktop(#[from] DesktopError),
    /// The library can't be opened.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The system gives no thread or socket.
    #[error("the system gives no threads: {0}")]
    System(#[from] io::Error),
}

/// An engine that was to start in the background did not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StartFailure {
    /// What is in the way.
    pub obstacle: Obstacle,
    /// The file or folder that it concerns, where one is known.
    pub path: Option<PathBuf>,
    /// The whole reason, in English.
    pub message: String,
}

impl From<&EngineError> for StartFailure {
    fn from(error: &EngineError) -> Self {
        let (obstacle, path) = match error {
            EngineError::Library(error) => error.obstacle(),
            EngineError::Desktop(DesktopError::Io { path, source }) => {
                (Obstacle::of_system(source.kind()), Some(path.as_path()))
            }
            EngineError::Desktop(_) | EngineError::System(_) => (Obstacle::Other, None),
        };
        Self {
            obstacle,
            path: path.map(Path::to_owned),
            message: error.to_string(),
        }
    }
}
