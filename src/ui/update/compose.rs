//! What is being composed: sizes, and what helps with findings.

use std::ops::Range;

use crate::model::{Fix, PixelSize, SizeChoice};
use crate::ui::state::{AppState, Effect, SizeMode};

/// Does what helps with a finding.
pub(super) fn apply(state: &mut AppState, fix: Fix) -> Vec<Effect> {
    let studio = &mut state.studio;
    match fix {
        Fix::Write => return vec![Effect::FocusPrompt],
        Fix::Remove(range) => {
            remove(&mut state.edits.prompt.text, range);
            return vec![Effect::FocusPrompt];
        }
        Fix::Size(size) => set_size(state, size),
        Fix::KeepReferences(most) => studio.references.keep(most),
        Fix::Format(format) => studio.change(|settings| settings.parameters.format = format),
        Fix::Background(background) => {
            studio.change(|settings| settings.parameters.background = background);
        }
        Fix::NoCompression => studio.change(|settings| settings.parameters.compression = None),
    }
    Vec::new()
}

/// The text may have changed since the finding.
fn remove(text: &mut String, range: Range<usize>) {
    if text.get(range.clone()).is_some() {
        text.replace_range(range, "");
    }
}

/// Asks for a size: as a preset where it is one, else as two numbers.
pub(super) fn set_size(state: &mut AppState, size: PixelSize) {
    let AppState { studio, edits } = state;
    let is_offered = studio.offered_sizes().iter().any(|one| one.size == size);
    let stays_typed = edits.size.mode == SizeMode::Free;
    edits.size.mode = if is_offered && !stays_typed {
        SizeMode::Preset
    } else {
        SizeMode::Free
    };
    edits.size.write(size);
    studio.set_size(SizeChoice::Exact(size));
}

/// Asks for the size of the first reference, or the closest that the model takes.
pub(super) fn size_of_reference(state: &mut AppState) {
    let first = state.studio.references.ready_ones().next();
    if let Some(size) = first.map(|reference| reference.size) {
        let legal = state.studio.capability().nearest_size(size);
        set_size(state, legal);
    }
}
