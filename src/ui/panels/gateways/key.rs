//! The key of a gateway: typed here, handed to the engine at once, and never shown again.

use egui::{Id, RichText, TextEdit, Ui};

use crate::model::{ApiKey, GatewayId, KeyPlace, Preset, StoreState};
use crate::ui::intent::Intent;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::TextButton;
use crate::ui::widgets::card::{at_end, end_width};
use crate::ui::widgets::segmented::Segmented;

use super::field::{Form, field_frame, note, row, section};

/// The field of a gateway's key.
pub(in crate::ui) fn key_field_id(gateway: &GatewayId) -> Id {
    Id::unique(("gateway key", &gateway.0))
}

pub(super) fn show(ui: &mut Ui, form: &mut Form<'_, '_>, chosen: &mut Option<KeyPlace>) {
    section(ui, form.view.t(Key::GatewaySectionKey), |ui| {
        if form.profile.preset == Preset::Demo {
            let words = RichText::new(form.view.t(Key::GatewayKeyDemo));
            ui.label(words.color(Palette::of(ui).weak));
            return;
        }
        state_ui(ui, form);
        let place = form.view.studio.key_place(*chosen);
        let name = form.view.t(Key::GatewayKey);
        let mut keep = false;
        row(ui, name, |ui| keep = field_ui(ui, form, name));
        place_ui(ui, form, place, chosen);
        if keep && let Some(key) = ApiKey::new(&form.edit.key) {
            let id = form.profile.id.clone();
            form.view.push(Intent::SetKey(id, Some(key), place));
        }
    });
}

/// Whether there is a key, and where.
fn state_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let palette = Palette::of(ui);
    let place = form.view.studio.keys.place(&form.profile.id);
    let (icon, color, words) = match place {
        Some(KeyPlace::Store) => (icons::CHECK, palette.ok, Key::GatewayKeyInStore),
        Some(KeyPlace::File) => (icons::CHECK, palette.ok, Key::GatewayKeyInFile),
        Some(KeyPlace::Session) => (icons::CHECK, palette.ok, Key::GatewayKeyInSession),
        Some(KeyPlace::Environment) => (icons::CHECK, palette.ok, Key::GatewayKeyInEnvironment),
        None => (icons::KEY, palette.warn, Key::GatewayKeyNone),
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(icon.text().color(color));
        ui.label(RichText::new(form.view.t(words)).color(palette.text));
        let is_own = place.is_some_and(|place| place != KeyPlace::Environment);
        if is_own && ui.link(form.view.t(Key::GatewayKeyForget)).clicked() {
            let id = form.profile.id.clone();
            let place = place.unwrap_or_default();
            form.view.push(Intent::SetKey(id, None, place));
        }
    });
}

/// The field and its button; gives whether the key is to be kept.
fn field_ui(ui: &mut Ui, form: &mut Form<'_, '_>, name: &str) -> bool {
    let mut keep = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let is_blank = form.edit.key.trim().is_empty();
        let field = TextEdit::singleline(&mut form.edit.key)
            .id(key_field_id(&form.profile.id))
            .password(true)
            .hint_text(form.view.t(Key::GatewayKeyHint))
            .frame(field_frame(Palette::of(ui), false))
            .desired_width(ui.available_width() - end_width(ui, "key") - space::S);
        let response = ui.add(field).accessible_name(name);
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        let entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
        keep = response.lost_focus() && entered && !is_blank;
        let button = TextButton::new(form.view.t(Key::GatewayKeyKeep));
        at_end(ui, "key", |ui| {
            keep |= ui.add_enabled(!is_blank, button).clicked();
        });
    });
    keep
}

/// Where the next key goes.
fn place_ui(ui: &mut Ui, form: &Form<'_, '_>, place: KeyPlace, chosen: &mut Option<KeyPlace>) {
    let view = &form.view;
    let has_store = view.studio.store_may_answer();
    let mut cells = Vec::with_capacity(3);
    if has_store {
        cells.push((KeyPlace::Store, view.t(Key::GatewayKeyPlaceStore)));
    }
    cells.push((KeyPlace::File, view.t(Key::GatewayKeyPlaceFile)));
    cells.push((KeyPlace::Session, view.t(Key::GatewayKeyPlaceSession)));
    let name = view.t(Key::GatewayKeyPlace);
    row(ui, name, |ui| {
        if let Some(place) = Segmented::new(name, &cells, place).fill_width().show(ui) {
            *chosen = Some(place);
        }
    });
    let palette = Palette::of(ui);
    if let StoreState::Unavailable { reason } = &view.studio.keys.store {
        // The system's own words are for those who want to know why.
        let said = note(ui, view.t(Key::GatewayKeyNoStore), palette.warn);
        if !reason.is_empty() {
            said.on_hover_text(reason);
        }
    }
    let words = match place {
        KeyPlace::File => Key::GatewayKeyFileNote,
        KeyPlace::Session => Key::GatewayKeySessionNote,
        KeyPlace::Store | KeyPlace::Environment => Key::GatewayKeyStoreNote,
    };
    note(ui, view.t(words), palette.weak);
}
