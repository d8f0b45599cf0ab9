//! Short messages at the edge of the window that go away by themselves.

use std::path::PathBuf;

use crate::model::{Failure, ImageId};

/// How long a message stays, in milliseconds: long enough to read two lines and reach the button.
const LIFE_MS: i64 = 8_000;
/// Most messages at once; the oldest makes room.
const MOST: usize = 4;

/// How serious a message is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ToastKind {
    /// Good to know.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something could not be done.
    Error,
}

/// What a message says; put into words when it is drawn, so it follows the language.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToastMessage {
    /// Results went to the trash, and can be taken back.
    Deleted(Vec<ImageId>),
    /// Pictures of an earlier run were filed.
    Recovered(usize),
    /// Something could not be done.
    Failed(Failure),
    /// A job has what it came for, or will; but this happened.
    JobWarning(Failure),
    /// The settings could not be read; the file is kept here.
    SettingsUnreadable(PathBuf),
    /// The user's table of models can't be read; why.
    ModelsUnreadable(String),
    /// Fields that looked like secrets were left out of a file of gateways.
    SecretsLeftOut(Vec<String>),
    /// A key could not be kept where it was to be; why.
    KeyNotKept(String),
    /// A file of gateways can't be read; why.
    GatewaysUnreadable(String),
    /// So many gateways were written to this file.
    GatewaysExported(PathBuf, usize),
    /// The engine has too much to do to take a command.
    Busy,
    /// So many references were left out because no more fit.
    ReferencesFull(usize),
    /// A picture was copied to this file.
    SavedAs(PathBuf),
    /// A text is on the clipboard.
    Copied,
}

/// A message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Toast {
    /// Unique in this run.
    pub id: u64,
    /// How serious it is.
    pub kind: ToastKind,
    /// What it says.
    pub message: ToastMessage,
    /// When it goes, in milliseconds since 1970 (UTC).
    pub until_ms: i64,
}

/// The messages on the screen, oldest first.
#[derive(Debug, Default)]
pub struct Toasts {
    list: Vec<Toast>,
    last_id: u64,
}

impl Toasts {
    /// Those on the screen, oldest first.
    #[must_use]
    pub fn list(&self) -> &[Toast] {
        &self.list
    }

    pub(in crate::ui) fn push(&mut self, kind: ToastKind, message: ToastMessage, now_ms: i64) {
        let until_ms = now_ms + LIFE_MS;
        if let Some(same) = self.list.iter_mut().find(|toast| toast.message == message) {
            same.until_ms = until_ms;
            return;
        }
        if self.list.len() >= MOST {
            self.list.remove(0);
        }
        self.last_id += 1;
        self.list.push(Toast {
            id: self.last_id,
            kind,
            message,
            until_ms,
        });
    }

    pub(in crate::ui) fn remove(&mut self, id: u64) {
        self.list.retain(|toast| toast.id != id);
    }

    /// The newest deletion that can be taken back; its message goes.
    pub(in crate::ui) fn take_undo(&mut self) -> Option<Vec<ImageId>> {
        let place = self
            .list
            .iter()
            .rposition(|toast| matches!(toast.message, ToastMessage::Deleted(_)))?;
        match self.list.remove(place).message {
            ToastMessage::Deleted(ids) => Some(ids),
            _ => None,
        }
    }

    /// Drops what has been there long enough; gives the time until the next one goes, in milliseconds.
    pub(in crate::ui) fn tick(&mut self, now_ms: i64) -> Option<i64> {
        self.list.retain(|toast| toast.until_ms > now_ms);
        self.list.iter().map(|toast| toast.until_ms - now_ms).min()
    }
}
