//! What intents do to the gateways: their profiles, their keys, and the screen that shows them.

use crate::engine::Command;
use crate::model::{ApiKey, GatewayId, GatewayProfile, KeyPlace, Pasted, Preset, read_pasted};
use crate::ui::intent::GatewayIntent;
use crate::ui::state::{
    AppState, Effect, Pane, PasteEdit, Screen, Studio, Test, ToastKind, ToastMessage, Undone,
};

pub(super) fn update(state: &mut AppState, intent: GatewayIntent, now_ms: i64) -> Vec<Effect> {
    match intent {
        GatewayIntent::Pick(open) => {
            state.studio.gateways.picking = open;
            state.edits.gateways.search.clear();
        }
        GatewayIntent::Open(id) => return open(state, &id),
        GatewayIntent::Look(id) => {
            state.studio.gateways.opened = Some(id.clone());
            state.studio.gateways.pane = Pane::Form;
            return vec![Command::LoadTrack(id).into()];
        }
        GatewayIntent::EnterKey(id) => {
            let mut effects = open(state, &id);
            effects.push(Effect::FocusKey(id));
            return effects;
        }
        GatewayIntent::ShowAdd(add) => {
            enter(&mut state.studio);
            state.studio.gateways.pane = if add { Pane::Add } else { Pane::Form };
        }
        GatewayIntent::Add(preset) => return add(state, preset.profile()),
        GatewayIntent::Duplicate(id) => return duplicate(state, &id),
        GatewayIntent::Delete(id) => delete(state, &id, now_ms),
        GatewayIntent::Move(id, place) => move_to(&mut state.studio, &id, place),
        GatewayIntent::Reset(id) => reset(state, &id, now_ms),
        GatewayIntent::Test(id) => return test(state, &id),
        GatewayIntent::RequestPaste => return vec![Effect::RequestPaste],
        GatewayIntent::ReadPasted(text) => read(state, text),
        GatewayIntent::TakePasted(into) => return take_pasted(state, into, now_ms),
        GatewayIntent::DropPasted => state.edits.gateways.paste = PasteEdit::default(),
        GatewayIntent::Import => return vec![Effect::ImportGateways],
        GatewayIntent::Export => return vec![Effect::ExportGateways],
    }
    Vec::new()
}

/// Goes to the gateways screen, and remembers where from.
fn enter(studio: &mut Studio) {
    if studio.screen != Screen::Gateways {
        studio.gateways.from = studio.screen;
        studio.screen = Screen::Gateways;
    }
    studio.gateways.picking = false;
    studio.settings_open = false;
}

/// Leaves the gateways screen.
pub(super) fn leave(studio: &mut Studio) {
    if studio.screen == Screen::Gateways {
        studio.screen = studio.gateways.from;
    }
    studio.gateways.picking = false;
}

/// Shows a profile on the gateways screen, with the cursor where something is missing.
pub(super) fn open(state: &mut AppState, id: &GatewayId) -> Vec<Effect> {
    let studio = &mut state.studio;
    enter(studio);
    studio.gateways.pane = Pane::Form;
    studio.gateways.opened = Some(id.clone());
    let Some(profile) = studio.settings.gateways.iter().find(|p| p.id == *id) else {
        return Vec::new();
    };
    let mut effects = vec![Command::LoadTrack(id.clone()).into()];
    if profile.preset != Preset::Demo {
        if profile.base_urls.is_empty() {
            effects.push(Effect::FocusAddress(id.clone()));
        } else if !studio.has_key(profile) {
            effects.push(Effect::FocusKey(id.clone()));
        }
    }
    effects
}

fn add(state: &mut AppState, profile: GatewayProfile) -> Vec<Effect> {
    let place = state.studio.settings.gateways.len();
    let id = insert(&mut state.studio, profile, place);
    open(state, &id)
}

/// Puts a profile into the list under a free id and name.
fn insert(studio: &mut Studio, mut profile: GatewayProfile, place: usize) -> GatewayId {
    profile.id = studio.free_gateway_id(&profile.id.0);
    profile.name = studio.free_gateway_name(&profile.name);
    let id = profile.id.clone();
    studio.change(|settings| {
        let place = place.min(settings.gateways.len());
        settings.gateways.insert(place, profile);
    });
    id
}

fn duplicate(state: &mut AppState, id: &GatewayId) -> Vec<Effect> {
    let gateways = &state.studio.settings.gateways;
    let Some((place, profile)) = gateways.iter().enumerate().find(|(_, p)| p.id == *id) else {
        return Vec::new();
    };
    let profile = profile.clone();
    let id = insert(&mut state.studio, profile, place + 1);
    open(state, &id)
}

fn delete(state: &mut AppState, id: &GatewayId, now_ms: i64) {
    let studio = &mut state.studio;
    let gateways = &studio.settings.gateways;
    let Some(place) = gateways.iter().position(|p| p.id == *id) else {
        return;
    };
    let was_selected = studio.settings.selected_gateway == *id;
    let mut gone = None;
    studio.change(|settings| {
        gone = Some(settings.gateways.remove(place));
        let last = settings.gateways.len().saturating_sub(1);
        if was_selected && let Some(next) = settings.gateways.get(place.min(last)) {
            settings.selected_gateway = next.id.clone();
        }
    });
    let last = studio.settings.gateways.len().saturating_sub(1);
    let next = studio.settings.gateways.get(place.min(last));
    studio.gateways.opened = next.map(|profile| profile.id.clone());
    studio.gateways.forget(id);
    if let Some(profile) = gone {
        let message = ToastMessage::GatewayDeleted {
            profile: Box::new(profile),
            place,
            was_selected,
        };
        studio.toasts.push(ToastKind::Info, message, now_ms);
    }
}

fn move_to(studio: &mut Studio, id: &GatewayId, place: usize) {
    let gateways = &studio.settings.gateways;
    let Some(from) = gateways.iter().position(|p| p.id == *id) else {
        return;
    };
    let place = place.min(gateways.len() - 1);
    if from != place {
        studio.change(|settings| {
            let profile = settings.gateways.remove(from);
            settings.gateways.insert(place, profile);
        });
    }
}

fn reset(state: &mut AppState, id: &GatewayId, now_ms: i64) {
    let AppState { studio, edits } = state;
    let gateways = &studio.settings.gateways;
    let Some(before) = gateways.iter().find(|p| p.id == *id).cloned() else {
        return;
    };
    let preset = before.preset.profile();
    let base_urls = if preset.base_urls.is_empty() {
        before.base_urls.clone()
    } else {
        preset.base_urls.clone()
    };
    replace(
        studio,
        GatewayProfile {
            id: before.id.clone(),
            name: before.name.clone(),
            base_urls,
            ..preset
        },
    );
    let edit = edits.gateways.profile(id);
    edit.drafts.clear();
    edit.addresses = None;
    let message = ToastMessage::GatewayReset(Box::new(before));
    studio.toasts.push(ToastKind::Info, message, now_ms);
}

/// Takes the place of the profile with the same id.
pub(super) fn replace(studio: &mut Studio, profile: GatewayProfile) {
    studio.change(|settings| {
        if let Some(place) = settings.gateways.iter_mut().find(|p| p.id == profile.id) {
            *place = profile;
        }
    });
}

/// Takes back what was done to a profile.
pub(super) fn undo(studio: &mut Studio, undone: Undone) {
    match undone {
        Undone::GatewayReset(profile) => replace(studio, *profile),
        Undone::GatewayDeleted {
            profile,
            place,
            was_selected,
        } => {
            let id = profile.id.clone();
            studio.change(|settings| {
                let place = place.min(settings.gateways.len());
                settings.gateways.insert(place, *profile);
                if was_selected {
                    settings.selected_gateway = id.clone();
                }
            });
            studio.gateways.opened = Some(id);
        }
        Undone::Deleted(_) | Undone::TemplateDeleted { .. } => {}
    }
}

fn test(state: &mut AppState, id: &GatewayId) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    let gateways = &studio.settings.gateways;
    let Some(profile) = gateways.iter().find(|p| p.id == *id).cloned() else {
        return Vec::new();
    };
    studio.gateways.tests.insert(id.clone(), Test::Running);
    let key = ApiKey::new(&edits.gateways.profile(id).key);
    let profile = Box::new(profile);
    vec![Command::TestGateway { profile, key }.into()]
}

pub(super) fn set_key(
    state: &mut AppState,
    gateway: GatewayId,
    key: Option<ApiKey>,
    place: KeyPlace,
) -> Effect {
    let AppState { studio, edits } = state;
    edits.gateways.profile(&gateway).key.clear();
    // The engine answers with the list of keys; until then Generate already knows.
    if key.is_some() {
        studio.keys.places.insert(gateway.clone(), place);
    } else {
        studio.keys.places.remove(&gateway);
    }
    let command = Command::SetKey {
        gateway,
        key,
        place,
    };
    command.into()
}

fn read(state: &mut AppState, text: String) {
    enter(&mut state.studio);
    state.studio.gateways.pane = Pane::Add;
    let paste = &mut state.edits.gateways.paste;
    paste.understood = read_pasted(&text);
    paste.is_strange = paste.understood.is_none() && !text.trim().is_empty();
    // What was understood may hold a key: it is not shown any longer.
    paste.text = if paste.understood.is_some() {
        String::new()
    } else {
        text
    };
}

fn take_pasted(state: &mut AppState, into: Option<GatewayId>, now_ms: i64) -> Vec<Effect> {
    let paste = std::mem::take(&mut state.edits.gateways.paste);
    let Some(Pasted { profile, key }) = paste.understood else {
        return Vec::new();
    };
    let studio = &mut state.studio;
    let gateways = &studio.settings.gateways;
    let known = into.and_then(|id| gateways.iter().find(|p| p.id == id).cloned());
    let id = if let Some(before) = known {
        let id = before.id.clone();
        let changed = GatewayProfile {
            base_urls: merged(&before.base_urls, profile.base_urls),
            api: profile.api,
            model: profile.model,
            image_model: profile.image_model,
            ..before
        };
        replace(studio, changed);
        id
    } else {
        let place = gateways.len();
        insert(studio, profile, place)
    };
    let mut effects = Vec::new();
    if let Some(key) = key {
        let place = state.studio.key_place(state.edits.gateways.key_place);
        effects.push(set_key(state, id.clone(), Some(key), place));
    }
    let message = ToastMessage::GatewayAdded;
    state.studio.toasts.push(ToastKind::Info, message, now_ms);
    effects.extend(open(state, &id));
    effects
}

/// The addresses of a profile after one was pasted: the pasted ones first, then the others.
fn merged(before: &[String], pasted: Vec<String>) -> Vec<String> {
    let mut urls = pasted;
    for url in before {
        if !urls.contains(url) {
            urls.push(url.clone());
        }
    }
    urls
}

/// Profiles came from a file.
pub(in crate::ui) fn imported(state: &mut AppState, profiles: Vec<GatewayProfile>, now_ms: i64) {
    if profiles.is_empty() {
        return;
    }
    let studio = &mut state.studio;
    let count = profiles.len();
    let mut first = None;
    for profile in profiles {
        let place = studio.settings.gateways.len();
        let id = insert(studio, profile, place);
        first.get_or_insert(id);
    }
    studio.gateways.opened = first;
    studio.gateways.pane = Pane::Form;
    let message = ToastMessage::GatewaysImported(count);
    studio.toasts.push(ToastKind::Info, message, now_ms);
}
