//! What is said of references: why one can't be used, and what is sent in place of another.

use crate::model::{FitCause, ReferenceProblem, UploadFit};
use crate::ui::failure_text;
use crate::ui::format;
use crate::ui::state::{Fit, ReferenceSlot};
use crate::ui::text::Key;

use super::View;

/// The file's name; what was pasted has none.
pub(super) fn name<'a>(view: &View<'a>, slot: &'a ReferenceSlot) -> &'a str {
    // Pixels from the clipboard have this name in the engine.
    if slot.name.is_empty() || slot.name == "clipboard.png" {
        view.t(Key::ReferencePasted)
    } else {
        &slot.name
    }
}

/// Why a reference can't be used, in one sentence.
pub(super) fn problem(view: &View<'_>, slot: &ReferenceSlot, problem: &ReferenceProblem) -> String {
    let text = view.text;
    let name = || name(view, slot).into();
    let plain = |key: Key| text.with(key, [("name", name())]);
    match problem {
        ReferenceProblem::Empty => plain(Key::ReferenceEmptyFile),
        ReferenceProblem::NotAPicture => plain(Key::ReferenceUnreadable),
        ReferenceProblem::Format { format } => text.with(
            Key::ReferenceFormat,
            [("name", name()), ("format", format.as_str().into())],
        ),
        ReferenceProblem::Cut => plain(Key::ReferenceCut),
        ReferenceProblem::Damaged => plain(Key::ReferenceDamaged),
        ReferenceProblem::Kind { format } => text.with(
            Key::ReferenceKind,
            [("name", name()), ("format", format.as_str().into())],
        ),
        ReferenceProblem::TooManyPixels { size } => text.with(
            Key::ReferenceTooManyPixels,
            [("name", name()), ("size", format::pixel_size(*size).into())],
        ),
        ReferenceProblem::TooManyBytes { most } => text.with(
            Key::ReferenceTooLarge,
            [("name", name()), ("most", format::bytes(*most).into())],
        ),
        ReferenceProblem::TooMuchMemory { format } => text.with(
            Key::ReferenceTooMuchMemory,
            [("name", name()), ("format", format.as_str().into())],
        ),
        ReferenceProblem::Gone => plain(Key::ReferenceGone),
        ReferenceProblem::NoPictures => plain(Key::ReferenceNoPictures),
        ReferenceProblem::NothingPasted => view.t(Key::ReferenceNothingPasted).to_owned(),
        ReferenceProblem::Unreadable { reason } | ReferenceProblem::Other { reason } => text.with(
            Key::ReferenceDenied,
            [("name", name()), ("reason", reason.as_str().into())],
        ),
    }
}

/// What is sent in place of reference `number`, where that is a copy.
pub(super) fn fit(view: &View<'_>, slot: &ReferenceSlot, number: usize) -> Option<String> {
    let Fit::Copy(_, fit) = &slot.fit else {
        return None;
    };
    Some(view.text.with(
        Key::ReferenceFit,
        [
            ("number", number.into()),
            ("what", changes(view, fit).into()),
        ],
    ))
}

/// That nothing can be sent in place of reference `number`, and why.
pub(super) fn misfit(
    view: &View<'_>,
    slot: &ReferenceSlot,
    number: usize,
) -> Option<(String, String)> {
    let Fit::Impossible(_, failure) = &slot.fit else {
        return None;
    };
    let cause = failure_text::cause(view.text, failure);
    let words = view.text.with(
        Key::ReferenceMisfit,
        [("number", number.into()), ("cause", cause.into())],
    );
    Some((words, failure.message.clone()))
}

/// `7.8 → 4.6 MB, 4032 → 3072 px`, and what else was done.
pub(super) fn changes(view: &View<'_>, fit: &UploadFit) -> String {
    let mut parts = Vec::new();
    if fit.causes.contains(&FitCause::Bytes) {
        parts.push(format::bytes_change(fit.from_bytes, fit.to_bytes));
    }
    if fit.from != fit.to {
        parts.push(format!("{} → {} px", fit.from.longer(), fit.to.longer()));
    }
    for cause in &fit.causes {
        let key = match cause {
            FitCause::Turned => Key::FitTurned,
            FitCause::Colors => Key::FitColors,
            FitCause::Inks => Key::FitInks,
            FitCause::Animated => Key::FitAnimated,
            FitCause::Depth => Key::FitDepth,
            FitCause::Masked => Key::FitMasked,
            FitCause::Bytes | FitCause::Side => continue,
        };
        parts.push(view.t(key).to_owned());
    }
    parts.join(view.t(Key::ListComma))
}
