//! Jobs from the prompt to the file: the only layer that spawns tasks and threads.
//!
//! The engine takes [`Command`]s, never blocks whoever sends them, and answers with [`Event`]s. It knows neither
//! egui nor the wire's types.

mod book;
mod canvas;
mod command;
mod composition;
mod develop;
mod event;
mod failure;
mod fitting;
mod gate;
mod gateways;
mod generation;
mod handle;
mod health;
mod journal;
mod keys;
mod librarian;
mod masks;
mod outbox;
mod pool;
mod protect;
mod recovery;
mod references;
mod relay;
mod scratch;
mod services;
mod sources;
mod spool;
mod start;
mod start_failure;
mod supervisor;
mod thumbnails;

pub use self::command::{
    Command, MaskToken, PickedFiles, PictureSource, ReferenceHash, ReferenceSource, ReferenceToken,
    Submission, ThumbnailSize,
};
pub use self::composition::{
    ComposeCommand, ComposeEvent, ComposeProblem, GroupMember, GroupSubmission,
};
pub use self::event::{
    CanvasEvent, Download, Event, GalleryChange, GatewayTest, JobSnapshot, MaskProblem,
    MergedSettings, Notice, PieceOrigin, PreviewRecord, ThumbnailPixels, Waiting,
};
pub use self::handle::{Busy, EngineHandle, EngineSide};
pub use self::services::{DemoStarter, Limits};
pub use self::sources::Sources;
pub use self::start::{Engine, EngineConfig, StartingEngine};
pub use self::start_failure::{EngineError, StartFailure};
