//! The form of a profile. What is typed counts at once, as soon as it makes sense.

use egui::{RichText, Ui};

use crate::model::{GatewayProfile, Preset};
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::gateway_name;
use crate::ui::state::{Field, GatewayEdits, Part, Test};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::{at_end, end_width};

use super::field::{Entry, Form, needed};
use super::{address, advanced, key, limits, models, network, outcome, prices, row, track};

pub(super) fn show(
    ui: &mut Ui,
    view: &mut View<'_>,
    edits: &mut GatewayEdits,
    before: &GatewayProfile,
    is_composing: bool,
) {
    let GatewayEdits {
        profiles,
        key_place,
        unfolded,
        ..
    } = edits;
    let edit = profiles.entry(before.id.clone()).or_default();
    let mut form = Form {
        view,
        edit,
        profile: before.clone(),
        is_composing,
    };
    head_ui(ui, &mut form);
    buttons_ui(ui, &mut form);
    outcome::show(ui, form.view, before);
    address::show(ui, &mut form);
    key::show(ui, &mut form, key_place);
    models::show(ui, &mut form);
    form.part(ui, unfolded, Part::Limits, limits::summary, limits::show);
    form.part(ui, unfolded, Part::Prices, prices::summary, prices::show);
    form.part(ui, unfolded, Part::Network, network::summary, network::show);
    form.part(
        ui,
        unfolded,
        Part::Advanced,
        advanced::summary,
        advanced::show,
    );
    track::show(ui, &form);
    let profile = form.profile;
    if profile != *before {
        view.push(Intent::SaveGateway(Box::new(profile)));
    }
}

/// The name, and what can be done with the profile as a whole.
fn head_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let profiles = &form.view.studio.settings.gateways;
    let id = form.profile.id.clone();
    let at = profiles.iter().position(|p| p.id == id).unwrap_or_default();
    let is_last = at + 1 >= profiles.len();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let name = form.view.t(Key::GatewayName);
        let shown = gateway_name(form.view.text, &form.profile).to_owned();
        let entry = Entry {
            field: Field::Name,
            name,
            hint: name,
            width: ui.available_width() - end_width(ui, "profile") - space::S,
        };
        form.entry(ui, entry, &shown, |profile, text| {
            needed(text, &mut profile.name)
        });
        at_end(ui, "profile", |ui| {
            ui.spacing_mut().item_spacing.x = space::HAIR;
            let actions = [
                (
                    at > 0,
                    icons::UP,
                    Key::GatewayUp,
                    GatewayIntent::Move(id.clone(), at.saturating_sub(1)),
                ),
                (
                    !is_last,
                    icons::DOWN,
                    Key::GatewayDown,
                    GatewayIntent::Move(id.clone(), at + 1),
                ),
                (
                    true,
                    icons::DUPLICATE,
                    Key::GatewayDuplicate,
                    GatewayIntent::Duplicate(id.clone()),
                ),
                (
                    true,
                    icons::DELETE,
                    Key::GatewayDelete,
                    GatewayIntent::Delete(id.clone()),
                ),
            ];
            for (is_enabled, icon, name, intent) in actions {
                let button = IconButton::new(icon, form.view.t(name));
                if ui.add_enabled(is_enabled, button).clicked() {
                    form.view.push(Intent::Gateway(intent));
                }
            }
        });
    });
    form.problem_ui(ui, Field::Name);
}

fn buttons_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let palette = Palette::of(ui);
    let id = form.profile.id.clone();
    let view = &mut *form.view;
    ui.horizontal(|ui| {
        let is_in_use = view.studio.settings.gateway().id == id;
        if is_in_use {
            ui.label(icons::CHECK.text().color(palette.ok));
            ui.label(RichText::new(view.t(Key::GatewayInUse)).color(palette.text));
        } else {
            let select = TextButton::new(view.t(Key::GatewayUse)).emphasis(Emphasis::Primary);
            if ui.add(select).clicked() {
                view.push(Intent::SelectGateway(id.clone()));
            }
        }
        ui.add_space(space::S);
        let is_testing = view.studio.gateways.tests.get(&id) == Some(&Test::Running);
        let has_address = form.profile.preset == Preset::Demo || !form.profile.base_urls.is_empty();
        let test = TextButton::new(view.t(Key::GatewayTest)).icon(icons::TEST);
        let test = ui
            .add_enabled(has_address && !is_testing, test)
            .on_hover_text(view.t(Key::GatewayTestHint));
        if test.clicked() {
            view.push(Intent::Gateway(GatewayIntent::Test(id.clone())));
        }
        if let Some(ms) = view.studio.gateways.paused_ms(&id, view.now_ms) {
            let parallel = view
                .studio
                .gateways
                .pauses
                .get(&id)
                .map_or(1, |p| p.parallel);
            let words = view.text.with(
                Key::GatewayPaused,
                [
                    ("time", row::seconds(view, ms).into()),
                    ("count", parallel.into()),
                ],
            );
            ui.label(icons::SLOWED.text().color(palette.warn));
            ui.label(RichText::new(words).color(palette.warn));
        }
    });
}
