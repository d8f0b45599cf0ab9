//! What is on the canvas.

use crate::engine::ReferenceToken;
use crate::model::{ImageId, JobId};

/// What a person looks at: a job at work, or a result.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Subject {
    /// A job and whatever it has to show.
    Job(JobId),
    /// A result.
    Image(ImageId),
}

/// The canvas and the question that its pixels answer.
#[derive(Debug, Default)]
pub struct Stage {
    subject: Option<Subject>,
    /// Picture and number of the preview that is looked at instead of the subject itself.
    preview: Option<(u32, u32)>,
    /// Of the newest `Show`.
    serial: u64,
    /// The next new job is to be shown.
    awaits: bool,
    /// Something else stands there for a while: the reference whose mask is painted.
    beside: bool,
    /// What stands there is this reference, to be looked at and no more: whatever comes takes its place.
    reference: Option<ReferenceToken>,
    /// The heat map of this result is looked at instead of it.
    heat: Option<ImageId>,
}

impl Stage {
    /// What is shown.
    #[must_use]
    pub const fn subject(&self) -> Option<Subject> {
        self.subject
    }

    /// The kept preview that stands there instead of the newest picture: index of the picture, number of the preview.
    #[must_use]
    pub const fn preview(&self) -> Option<(u32, u32)> {
        self.preview
    }

    /// Of the newest `Show`.
    #[must_use]
    pub const fn serial(&self) -> u64 {
        self.serial
    }

    /// Shows `subject`, or one of its previews; gives the serial for the `Show`.
    pub(super) const fn show(&mut self, subject: Subject, preview: Option<(u32, u32)>) -> u64 {
        self.subject = Some(subject);
        self.preview = preview;
        self.heat = None;
        self.serial += 1;
        self.serial
    }

    /// Shows a preview of what is shown; gives the serial for the `Show`.
    pub(in crate::ui) const fn scrub(&mut self, preview: Option<(u32, u32)>) -> u64 {
        self.preview = preview;
        self.heat = None;
        self.serial += 1;
        self.serial
    }

    /// Whether something else stands there for a while.
    #[must_use]
    pub const fn is_beside(&self) -> bool {
        self.beside
    }

    /// Something else stands there from now on; gives the serial for the `Show`.
    pub(super) const fn beside(&mut self) -> u64 {
        self.beside = true;
        self.reference = None;
        self.heat = None;
        self.serial += 1;
        self.serial
    }

    /// What was there before may be shown again.
    pub(super) const fn leave(&mut self) {
        self.beside = false;
        self.reference = None;
    }

    /// The reference that is looked at.
    #[must_use]
    pub const fn reference(&self) -> Option<ReferenceToken> {
        self.reference
    }

    /// What stands beside is this reference, to be looked at.
    pub(super) const fn look_at(&mut self, token: ReferenceToken) {
        self.reference = Some(token);
    }

    /// To be shown later.
    pub(super) const fn remember(&mut self, subject: Subject) {
        self.subject = Some(subject);
        self.preview = None;
    }

    /// Nothing is to be shown later.
    pub(super) const fn forget(&mut self) {
        self.subject = None;
        self.preview = None;
    }

    /// The result whose heat map is looked at.
    #[must_use]
    pub const fn heat(&self) -> Option<ImageId> {
        self.heat
    }

    /// Looks at a heat map; gives the serial for the `Show`.
    pub(in crate::ui) const fn show_heat(&mut self, of: ImageId) -> u64 {
        self.heat = Some(of);
        self.serial += 1;
        self.serial
    }

    pub(super) const fn clear(&mut self) -> u64 {
        self.subject = None;
        self.heat = None;
        self.preview = None;
        self.serial += 1;
        self.serial
    }

    /// The job on the canvas has become this result; the pixels stay.
    pub(super) const fn became(&mut self, image: ImageId) {
        self.subject = Some(Subject::Image(image));
    }

    /// Shows the next new job.
    pub(in crate::ui) const fn await_job(&mut self) {
        self.awaits = true;
    }

    /// Whether a new job was awaited; it is not any more.
    pub(super) const fn take_awaited(&mut self) -> bool {
        std::mem::replace(&mut self.awaits, false)
    }
}
