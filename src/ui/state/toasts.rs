//! Short messages at the edge of the window that go away by themselves.

use std::path::PathBuf;

use super::ComposeNote;
use super::Twin;
use crate::model::compose::OwnTemplate;
use crate::model::{Failure, GatewayId, GatewayProfile, ImageId};

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
#[derive(Clone, Debug, PartialEq)]
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
    /// Something of the composer.
    Compose(ComposeNote),
    /// A picture is a reference already.
    ReferenceTwice(Twin),
    /// A picture was copied to this file.
    SavedAs(PathBuf),
    /// The mask lets nothing change, so there is none.
    MaskEmpty,
    /// A text is on the clipboard.
    Copied,
    /// A gateway was taken away, and can be put back.
    GatewayDeleted {
        /// The profile.
        profile: Box<GatewayProfile>,
        /// Where it stood.
        place: usize,
        /// New jobs went to it.
        was_selected: bool,
    },
    /// A profile has the values of its preset again; it was this before.
    GatewayReset(Box<GatewayProfile>),
    /// A template of one's own was deleted, and can be put back.
    TemplateDeleted {
        /// The template.
        template: Box<OwnTemplate>,
        /// Where it stood.
        place: usize,
        /// It was a favourite.
        was_favourite: bool,
    },
    /// What was pasted is kept.
    GatewayAdded,
    /// So many profiles came from a file.
    GatewaysImported(usize),
}

impl ToastMessage {
    /// Whether what it tells can be taken back.
    #[must_use]
    pub const fn can_undo(&self) -> bool {
        matches!(
            self,
            Self::Deleted(_)
                | Self::GatewayDeleted { .. }
                | Self::GatewayReset(_)
                | Self::TemplateDeleted { .. }
        )
    }
}

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Undone {
    /// Results come back from the trash.
    Deleted(Vec<ImageId>),
    /// A gateway comes back.
    GatewayDeleted {
        /// The profile.
        profile: Box<GatewayProfile>,
        /// Where it stood.
        place: usize,
        /// New jobs went to it.
        was_selected: bool,
    },
    /// A profile is as it was.
    GatewayReset(Box<GatewayProfile>),
    /// A template comes back.
    TemplateDeleted {
        /// The template.
        template: Box<OwnTemplate>,
        /// Where it stood.
        place: usize,
        /// It was a favourite.
        was_favourite: bool,
    },
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
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
    /// Gateways whose deletion can't be taken back any longer.
    gone: Vec<GatewayId>,
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
        if self.list.len() >= MOST
            && let Some(oldest) = self.list.first().map(|toast| toast.id)
        {
            self.remove(oldest);
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
        self.retain(|toast| toast.id != id);
    }

    /// Keeps some; what can't be taken back any longer is done for good.
    fn retain(&mut self, keep: impl Fn(&Toast) -> bool) {
        let (kept, gone) = std::mem::take(&mut self.list).into_iter().partition(keep);
        self.list = kept;
        for toast in gone {
            if let ToastMessage::GatewayDeleted { profile, .. } = toast.message {
                self.gone.push(profile.id);
            }
        }
    }

    /// Gateways whose deletion can't be taken back any longer, since the last time.
    pub(in crate::ui) fn take_gone(&mut self) -> Vec<GatewayId> {
        std::mem::take(&mut self.gone)
    }

    /// The newest thing that can be taken back; its message goes.
    pub(in crate::ui) fn take_undo(&mut self) -> Option<Undone> {
        let place = self
            .list
            .iter()
            .rposition(|toast| toast.message.can_undo())?;
        match self.list.remove(place).message {
            ToastMessage::Deleted(ids) => Some(Undone::Deleted(ids)),
            ToastMessage::GatewayDeleted {
                profile,
                place,
                was_selected,
            } => Some(Undone::GatewayDeleted {
                profile,
                place,
                was_selected,
            }),
            ToastMessage::GatewayReset(profile) => Some(Undone::GatewayReset(profile)),
            ToastMessage::TemplateDeleted {
                template,
                place,
                was_favourite,
            } => Some(Undone::TemplateDeleted {
                template,
                place,
                was_favourite,
            }),
            _ => None,
        }
    }

    /// Drops what has been there long enough; gives the time until the next one goes, in milliseconds.
    pub(in crate::ui) fn tick(&mut self, now_ms: i64) -> Option<i64> {
        if self.list.iter().any(|toast| toast.until_ms <= now_ms) {
            self.retain(|toast| toast.until_ms > now_ms);
        }
        self.list.iter().map(|toast| toast.until_ms - now_ms).min()
    }
}
