//! What an intent does: changes of the state, and effects for the engine and the desktop. Pure.

mod compose;
mod composition;
mod gateways;
mod masks;
mod references;

use std::sync::Arc;

use crate::engine::{Command, PictureSource, Submission};
use crate::model::{
    GatewayId, GenerationRequest, JobState, Language, Parameters, Prompt, RecipeReference,
    Reference, Settings, SizeChoice, ThemeChoice,
};

use super::intent::{GatewayIntent, Intent};
use super::shortcuts::Action;
use super::state::{
    AppState, Center, Effect, Pane, Screen, SizeEdit, SizeMode, SlotState, Studio, Subject,
    ToastKind, ToastMessage, Undone, readiness,
};

pub(super) use self::gateways::imported;
pub(super) use self::references::paste;

/// Does what the user wants; `now_ms` is the time in milliseconds since 1970 (UTC).
pub fn update(state: &mut AppState, intent: Intent, now_ms: i64) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    match intent {
        Intent::Do(action) => return act(state, action, now_ms),
        Intent::SetLanguage(language) => {
            studio.language = language;
            studio.change(|settings| settings.language = Some(language));
        }
        Intent::SetTheme(theme) => studio.change(|settings| settings.theme = theme),
        Intent::SetLayout(layout) => studio.change(|settings| settings.layout = layout),

        Intent::SetParameters(parameters) => {
            studio.change(|settings| settings.parameters = parameters);
        }
        Intent::StartAgain => return studio.start_again(),
        Intent::SetSizeMode(mode) => set_size_mode(state, mode),
        Intent::SetSize(size) => compose::set_size(state, size),
        Intent::SizeTyped => {
            if let Some(size) = edits.size.typed() {
                studio.set_size(SizeChoice::Exact(size));
            }
        }
        Intent::Fix(fix) => return compose::apply(state, fix),
        Intent::SizeOfReference => compose::size_of_reference(state),
        Intent::SwapSize => swap_size(state),
        Intent::UsePrompt(text) => {
            edits.write(text);
            return vec![Effect::FocusPrompt];
        }

        Intent::AddFiles(paths) => return references::add_files(studio, paths, now_ms),
        Intent::PasteReference => return references::paste(studio, now_ms),
        // Whether a picture waits is looked up elsewhere: reading one here would stop the window.
        Intent::Paste => return vec![Command::LookAtClipboard.into()],
        Intent::RemoveReference(token) => return references::remove(studio, token),
        Intent::MoveReference(token, place) => studio.references.move_to(token, place),
        Intent::ClearReferences => return references::clear(studio),
        Intent::Reference(intent) => return references::update(state, intent, now_ms),
        Intent::UseAsReference(id) => return references::add_images(studio, &[id], now_ms),

        Intent::Cancel(job) => return vec![Command::Cancel(job).into()],
        Intent::Dismiss(job) => return vec![Command::DismissJob(job).into()],
        Intent::FetchAgain(job) => return vec![Command::FetchAgain(job).into()],
        Intent::SaveCopy(path) => return vec![Effect::SaveCopy(path)],
        Intent::WantTrack(gateway) => return want_track(studio, gateway),
        Intent::Again(subject) => return again(state, subject),
        Intent::UseSettings(subject) => return use_settings(state, subject),
        Intent::UseSize(subject, size) => {
            let effects = use_settings(state, subject);
            let choice = SizeChoice::Exact(size);
            state.edits.size = SizeEdit::of(choice, state.studio.offered_sizes());
            state.studio.set_size(choice);
            return effects;
        }

        Intent::Show(subject) => {
            studio.compose.center = Center::Canvas;
            return masks::show(state, subject, now_ms);
        }
        Intent::Scrub(preview) => return scrub(studio, preview),

        Intent::Open(id) => {
            studio.screen = Screen::Create;
            studio.compose.center = Center::Canvas;
            return masks::show(state, Subject::Image(id), now_ms);
        }
        Intent::Delete(ids) => {
            if ids.is_empty() {
                return Vec::new();
            }
            studio
                .toasts
                .push(ToastKind::Info, ToastMessage::Deleted(ids.clone()), now_ms);
            return vec![Command::Delete(ids).into()];
        }
        Intent::Restore(ids) => return vec![Command::Restore(ids).into()],

        Intent::Reveal(path) => return vec![Command::Reveal(path).into()],
        Intent::Copy(text) => {
            studio
                .toasts
                .push(ToastKind::Info, ToastMessage::Copied, now_ms);
            return vec![Effect::Copy(text)];
        }

        Intent::Compose(intent) => return composition::update(state, intent, now_ms),

        Intent::SelectGateway(id) => {
            studio.gateways.picking = false;
            studio.gateways.opened = Some(id.clone());
            studio.change(|settings| settings.selected_gateway = id);
        }
        Intent::SaveGateway(profile) => gateways::replace(studio, *profile),
        Intent::SetKey(gateway, key, place) => {
            return vec![gateways::set_key(state, gateway, key, place)];
        }
        Intent::ShowGateways(true) => {
            let selected = studio.settings.gateway().id;
            return gateways::open(state, &selected);
        }
        Intent::ShowGateways(false) => gateways::leave(studio),
        Intent::Gateway(intent) => return gateways::update(state, intent, now_ms),
        Intent::Mask(intent) => return masks::update(state, intent, now_ms),
        Intent::ShowSettings(open) => studio.settings_open = open,
        Intent::DismissToast(id) => studio.toasts.remove(id),
    }
    Vec::new()
}

fn act(state: &mut AppState, action: Action, now_ms: i64) -> Vec<Effect> {
    if let Some(effects) = masks::act(state, action, now_ms) {
        return effects;
    }
    let studio = &mut state.studio;
    match action {
        Action::Generate => return generate(state, now_ms),
        Action::Cancel => return cancel(studio),
        Action::FocusPrompt => {
            studio.screen = Screen::Create;
            return vec![Effect::FocusPrompt];
        }
        Action::PickReferences => return references::pick(studio, now_ms),
        Action::UseAsReference => {
            let ids = references::looked_at(state);
            if !ids.is_empty() {
                return references::add_images(&mut state.studio, &ids, now_ms);
            }
        }
        Action::ShowCreate => studio.screen = Screen::Create,
        Action::ShowGallery => {
            studio.screen = Screen::Gallery;
            // The filmstrip's thumbnails have taken the place of the grid's in the engine's queue.
            state.edits.grid.ask_again();
        }
        Action::Undo => match studio.toasts.take_undo() {
            Some(Undone::Deleted(ids)) => return vec![Command::Restore(ids).into()],
            Some(Undone::TemplateDeleted {
                template,
                place,
                was_favourite,
            }) => studio.compose.put_back(*template, place, was_favourite),
            Some(undone) => gateways::undo(studio, undone),
            None => {}
        },
        // The editor of masks alone has something to do again.
        Action::Redo => {}
        Action::EditMask => return masks::edit_first(state, now_ms),
        Action::Gateways => {
            let open = !studio.gateways.picking;
            return gateways::update(state, GatewayIntent::Pick(open), now_ms);
        }
        Action::ShowGateways => {
            let selected = studio.settings.gateway().id;
            return gateways::open(state, &selected);
        }
        Action::Settings => studio.settings_open = !studio.settings_open,
        Action::ToggleLanguage => {
            let other = match studio.language {
                Language::English => Language::Chinese,
                Language::Chinese => Language::English,
            };
            return update(state, Intent::SetLanguage(other), now_ms);
        }
        Action::ToggleTheme => {
            let other = match studio.settings.theme {
                ThemeChoice::Dark => ThemeChoice::Light,
                ThemeChoice::Light | ThemeChoice::System => ThemeChoice::Dark,
            };
            return update(state, Intent::SetTheme(other), now_ms);
        }
        Action::Back => {
            if studio.gateways.picking || studio.settings_open || studio.compose.history_open {
                studio.gateways.picking = false;
                studio.settings_open = false;
                studio.compose.history_open = false;
            } else if studio.screen == Screen::Create {
                studio.compose.center = Center::Canvas;
                return studio.stop_looking();
            } else if studio.screen == Screen::Gateways {
                if studio.gateways.pane == Pane::Add && !studio.settings.gateways.is_empty() {
                    studio.gateways.pane = Pane::Form;
                } else {
                    gateways::leave(studio);
                }
            } else if studio.screen == Screen::Gallery {
                let grid = &mut state.edits.grid;
                if grid.selection().len() > 1 {
                    grid.clear_selection();
                } else {
                    studio.screen = Screen::Create;
                }
            }
        }
    }
    Vec::new()
}

impl Studio {
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.settings_unsaved = true;
    }

    fn start_again(&mut self) -> Vec<Effect> {
        self.start_failure = None;
        vec![Effect::StartEngine]
    }

    fn set_size(&mut self, size: SizeChoice) {
        self.change(|settings| settings.parameters.size = size);
    }
}

fn submit(request: GenerationRequest) -> Effect {
    Command::Generate(Box::new(Submission {
        request,
        key: None,
        copy_to: None,
    }))
    .into()
}

fn generate(state: &mut AppState, now_ms: i64) -> Vec<Effect> {
    if state.studio.screen == Screen::Create {
        // What stands in the middle is what the key sends.
        match state.studio.compose.center {
            Center::Batch => return composition::send_batch(state, now_ms),
            Center::Targets => return composition::send_targets(state, now_ms),
            Center::Canvas | Center::Templates | Center::SideBySide(_) => {}
        }
    }
    if state.edits.compose.rows_of(&state.edits.prompt.text) > 1 {
        // Several requests are looked at before they are paid for.
        return composition::open_batch(state);
    }
    let Ok(request) = readiness(&state.studio, &state.edits) else {
        // The bar beside the button says what is in the way.
        return Vec::new();
    };
    let studio = &mut state.studio;
    studio.screen = Screen::Create;
    studio.compose.center = Center::Canvas;
    studio.compose.history.add(request.prompt.as_str(), now_ms);
    studio.stage.await_job();
    vec![submit(request)]
}

/// The job on the canvas, else the newest that is not over.
fn cancel(studio: &Studio) -> Vec<Effect> {
    let is_active = |state: JobState| !state.is_final();
    let shown = match studio.stage.subject() {
        Some(Subject::Job(id)) => studio.jobs.get(id),
        Some(Subject::Image(_)) | None => None,
    };
    shown
        .filter(|job| is_active(job.snapshot.state))
        .or_else(|| {
            studio
                .jobs
                .newest_first()
                .find(|job| is_active(job.snapshot.state))
        })
        .map(|job| Command::Cancel(job.snapshot.id).into())
        .into_iter()
        .collect()
}

fn set_size_mode(state: &mut AppState, mode: SizeMode) {
    let AppState { studio, edits } = state;
    let before = edits.size.typed();
    edits.size.mode = mode;
    match mode {
        SizeMode::Auto => studio.set_size(SizeChoice::Auto),
        SizeMode::Preset => {
            let offered = studio.offered_sizes();
            let size = before
                .filter(|size| offered.iter().any(|o| o.size == *size))
                .or_else(|| offered.first().map(|o| o.size));
            if let Some(size) = size {
                edits.size.write(size);
                studio.set_size(SizeChoice::Exact(size));
            }
        }
        SizeMode::Free => {
            if let Some(size) = before {
                studio.set_size(SizeChoice::Exact(size));
            }
        }
    }
}

fn swap_size(state: &mut AppState) {
    let AppState { studio, edits } = state;
    std::mem::swap(&mut edits.size.width, &mut edits.size.height);
    if edits.size.mode != SizeMode::Auto
        && let Some(size) = edits.size.typed()
    {
        studio.set_size(SizeChoice::Exact(size));
    }
}

fn scrub(studio: &mut Studio, preview: Option<(u32, u32)>) -> Vec<Effect> {
    let Some(subject) = studio.stage.subject() else {
        return Vec::new();
    };
    let job = match subject {
        Subject::Job(job) => Some(job),
        Subject::Image(id) => studio.jobs.of_image(id).map(|job| job.snapshot.id),
    };
    let source = match (preview, job, subject) {
        (Some((index, preview)), Some(job), _) => PictureSource::Preview {
            job,
            index,
            preview,
        },
        (Some(_), None, _) => return Vec::new(),
        (None, _, Subject::Job(job)) => PictureSource::Live(job),
        (None, _, Subject::Image(id)) => PictureSource::Image(id),
    };
    let serial = studio.stage.scrub(preview);
    vec![
        Command::Show {
            serial,
            source: Some(source),
        }
        .into(),
    ]
}

/// What a job or a result was made from.
struct Origin {
    prompt: String,
    parameters: Parameters,
    references: Vec<RecipeReference>,
    mask: Option<RecipeReference>,
    /// The request itself, where it is at hand.
    request: Option<Arc<GenerationRequest>>,
}

fn origin(studio: &Studio, subject: Subject) -> Option<Origin> {
    let job = match subject {
        Subject::Job(id) => studio.jobs.get(id),
        Subject::Image(id) => studio.jobs.of_image(id),
    };
    if let Some(job) = job {
        let request = &job.snapshot.request;
        return Some(Origin {
            prompt: request.prompt.as_str().to_owned(),
            parameters: request.parameters.clone(),
            references: request.references.iter().map(remembered).collect(),
            mask: request.mask.as_ref().map(remembered),
            request: Some(Arc::clone(request)),
        });
    }
    let Subject::Image(id) = subject else {
        return None;
    };
    let recipe = &studio.records.get(id)?.recipe;
    Some(Origin {
        prompt: recipe.prompt.clone(),
        parameters: recipe.parameters.clone(),
        references: recipe.references.clone(),
        mask: recipe.mask.clone(),
        request: None,
    })
}

fn remembered(reference: &Reference) -> RecipeReference {
    RecipeReference {
        name: reference.name.clone(),
        hash: reference.hash.clone(),
        image: reference.image,
    }
}

fn again(state: &mut AppState, subject: Subject) -> Vec<Effect> {
    let studio = &mut state.studio;
    let Some(origin) = origin(studio, subject) else {
        return Vec::new();
    };
    let request = match origin.request {
        Some(request) => {
            let mut request = GenerationRequest::clone(&request);
            // The gateway may have another address or model by now.
            let gateways = &studio.settings.gateways;
            if let Some(profile) = gateways.iter().find(|p| p.id == request.gateway.id) {
                request.gateway = profile.clone();
            }
            request
        }
        None if origin.references.is_empty() => {
            let Ok(prompt) = Prompt::new(origin.prompt) else {
                return Vec::new();
            };
            GenerationRequest {
                prompt,
                parameters: origin.parameters,
                references: Vec::new(),
                mask: None,
                group: None,
                gateway: studio.settings.gateway(),
            }
        }
        // The references have to be read first: all is put into the editor, one key away from starting.
        None => return use_settings(state, subject),
    };
    if !studio.has_key(&request.gateway) {
        return gateways::open(state, &request.gateway.id);
    }
    studio.screen = Screen::Create;
    studio.stage.await_job();
    vec![submit(request)]
}

fn use_settings(state: &mut AppState, subject: Subject) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    let Some(origin) = origin(studio, subject) else {
        return Vec::new();
    };
    studio.screen = Screen::Create;
    edits.write(origin.prompt);
    edits.size = SizeEdit::of(origin.parameters.size, studio.offered_sizes());
    studio.change(|settings| settings.parameters = origin.parameters);
    let mut effects = vec![Effect::FocusPrompt];
    studio.masks.clear();
    if let (Some(mask), Some(first)) = (origin.mask, origin.references.first()) {
        effects.push(studio.masks.find(first.hash.clone(), mask));
    }
    let slots = studio.references.slots();
    let have_same = slots.len() == origin.references.len()
        && slots.iter().zip(&origin.references).all(
            |(slot, wanted)| matches!(&slot.state, SlotState::Ready(r) if r.hash == wanted.hash),
        );
    if have_same {
        return effects;
    }
    studio.references.clear();
    let asked = origin.references.into_iter();
    effects.extend(asked.map(|known| studio.references.add_again(known).into()));
    effects
}

/// Asks for a gateway's track, once: the end of each of its jobs asks again.
fn want_track(studio: &mut Studio, gateway: GatewayId) -> Vec<Effect> {
    if studio.gateways.tracks.contains_key(&gateway) {
        return Vec::new();
    }
    studio.gateways.tracks.insert(gateway.clone(), Vec::new());
    vec![Command::LoadTrack(gateway).into()]
}

#[cfg(test)]
mod tests;
