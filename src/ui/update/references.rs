//! What intents about references do.

use std::path::{Path, PathBuf};

use crate::engine::{Command, ReferenceSource, ReferenceToken};
use crate::media::{Crop, QuarterTurns};
use crate::model::ImageId;
use crate::ui::intent::ReferenceIntent;
use crate::ui::state::{
    AppState, CropEdit, Effect, Screen, Studio, Subject, ToastKind, ToastMessage,
};

/// Does what the user wants of the references.
pub(super) fn update(state: &mut AppState, intent: ReferenceIntent, now_ms: i64) -> Vec<Effect> {
    match intent {
        ReferenceIntent::Show(token) => return state.look_at(token, now_ms),
        ReferenceIntent::StopShowing => return state.studio.stop_looking(),
        ReferenceIntent::EditPart(token) => {
            let reference = state
                .studio
                .references
                .get(token)
                .and_then(|slot| slot.ready());
            state.edits.crop = reference.map(|reference| CropEdit::new(token, reference.size));
        }
        ReferenceIntent::LeavePart => state.edits.crop = None,
        ReferenceIntent::TakePart(token, crop, turns) => {
            state.edits.crop = None;
            let mut effects = take_part(&mut state.studio, token, crop, turns);
            effects.extend(state.studio.stop_looking_at_gone());
            return effects;
        }
    }
    Vec::new()
}

pub(super) fn remove(studio: &mut Studio, token: ReferenceToken) -> Vec<Effect> {
    studio.references.remove(token);
    studio.stop_looking_at_gone()
}

pub(super) fn clear(studio: &mut Studio) -> Vec<Effect> {
    studio.references.clear();
    studio.stop_looking_at_gone()
}

fn take_part(
    studio: &mut Studio,
    token: ReferenceToken,
    crop: Crop,
    turns: QuarterTurns,
) -> Vec<Effect> {
    let Some(reference) = studio.references.begin_part(token) else {
        return Vec::new();
    };
    let source = ReferenceSource::Part {
        reference,
        crop,
        turns,
    };
    vec![add(token, source)]
}

pub(super) fn add(token: ReferenceToken, source: ReferenceSource) -> Effect {
    Command::AddReference { token, source }.into()
}

/// How many more there may be; says so when there may be none, with how many are left out.
fn room(studio: &mut Studio, wanted: usize, now_ms: i64) -> usize {
    let most = studio.capability().max_references;
    let room = most.saturating_sub(studio.references.used());
    if room == 0 {
        let message = ToastMessage::ReferencesFull(wanted);
        studio.toasts.push(ToastKind::Warning, message, now_ms);
    }
    room
}

/// Adds dropped files and folders.
pub(super) fn add_files(studio: &mut Studio, files: Vec<PathBuf>, now_ms: i64) -> Vec<Effect> {
    studio.screen = Screen::Create;
    let most = room(studio, files.len(), now_ms);
    let name = files.first().map(|path| file_name(path));
    let Some(name) = name.filter(|_| most > 0) else {
        return Vec::new();
    };
    let first = studio.references.add_batch(name);
    vec![Command::AddReferenceFiles { first, files, most }.into()]
}

/// Opens the dialog for files.
pub(super) fn pick(studio: &mut Studio, now_ms: i64) -> Vec<Effect> {
    studio.screen = Screen::Create;
    let most = room(studio, 1, now_ms);
    if most == 0 {
        return Vec::new();
    }
    vec![Effect::PickReferences(studio.references.reserve(), most)]
}

/// Adds what is on the clipboard.
pub(in crate::ui) fn paste(studio: &mut Studio, now_ms: i64) -> Vec<Effect> {
    let most = room(studio, 1, now_ms);
    if most == 0 {
        return Vec::new();
    }
    let first = studio.references.add_batch(String::new());
    vec![Command::PasteReferences { first, most }.into()]
}

/// Adds results.
pub(super) fn add_images(studio: &mut Studio, ids: &[ImageId], now_ms: i64) -> Vec<Effect> {
    studio.screen = Screen::Create;
    let most = room(studio, ids.len(), now_ms);
    let left_out = ids.len().saturating_sub(most);
    if most > 0 && left_out > 0 {
        let message = ToastMessage::ReferencesFull(left_out);
        studio.toasts.push(ToastKind::Warning, message, now_ms);
    }
    let mut effects = Vec::new();
    for id in ids.iter().take(most) {
        let name = studio
            .records
            .get(*id)
            .map(|record| file_name(&record.path));
        let token = studio.references.add(name.unwrap_or_default());
        effects.push(add(token, ReferenceSource::Image(*id)));
    }
    effects
}

/// The results that the user looks at: what is selected in the gallery, or what is on the canvas.
pub(super) fn looked_at(state: &AppState) -> Vec<ImageId> {
    if state.studio.screen == Screen::Gallery {
        let ids = state.studio.gallery.ids();
        let selection = state.edits.grid.selection();
        return ids
            .iter()
            .copied()
            .filter(|id| selection.contains(id))
            .collect();
    }
    match state.studio.stage.subject() {
        Some(Subject::Image(id)) => vec![id],
        Some(Subject::Job(job)) => {
            let job = state.studio.jobs.get(job);
            job.and_then(|job| job.snapshot.images.last().copied())
                .into_iter()
                .collect()
        }
        None => Vec::new(),
    }
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
