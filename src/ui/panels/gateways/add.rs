//! Ways to a new profile: paste what the gateway's documentation shows, start from a preset, read a file.

use egui::{Id, RichText, Ui};

use crate::model::{Preset, host_of};
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::preset_name;
use crate::ui::state::GatewayEdits;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::TextButton;
use crate::ui::widgets::card::heading;

use super::field::section;
use super::paste;
use super::row::preset_ui;

/// The presets, by where they come from.
const GROUPS: [(Option<&str>, &[Preset]); 3] = [
    (None, &[Preset::Demo, Preset::Junfeiai, Preset::Openai]),
    (
        Some("iKun API"),
        &[
            Preset::IkunRescue1,
            Preset::IkunRescue2,
            Preset::IkunRescue3,
            Preset::IkunGptImage2,
            Preset::IkunTextToImage,
        ],
    ),
    (None, &[Preset::Relay, Preset::Custom]),
];

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut GatewayEdits) {
    let color = Palette::of(ui).strong;
    ui.label(
        RichText::new(view.t(Key::GatewayAddTitle))
            .size(size::TITLE)
            .color(color),
    );
    paste::show(ui, view, edits);
    section(ui, view.t(Key::GatewayAddPreset), |ui| {
        ui.spacing_mut().item_spacing.y = space::HAIR;
        for (title, presets) in GROUPS {
            if let Some(title) = title {
                ui.add_space(space::XS);
                heading(ui, title);
            }
            for preset in presets {
                preset_row(ui, view, *preset);
            }
            if title.is_some() {
                ui.add_space(space::XS);
            }
        }
    });
    section(ui, view.t(Key::GatewayAddFile), |ui| {
        let button = TextButton::new(view.t(Key::GatewaysImport)).icon(icons::IMPORT);
        if ui.add(button).clicked() {
            view.push(Intent::Gateway(GatewayIntent::Import));
        }
    });
}

fn preset_row(ui: &mut Ui, view: &mut View<'_>, preset: Preset) {
    let profile = preset.profile();
    let name = preset_name(view.text, preset, &profile.name).to_owned();
    let place = match preset {
        Preset::Demo => view.t(Key::GatewayPresetDemo),
        Preset::Relay | Preset::Custom => view.t(Key::GatewayPresetOwn),
        _ => profile.base_urls.first().map_or("", |url| host_of(url)),
    };
    let id = Id::unique(("gateway preset", preset));
    if preset_ui(ui, &name, place, id).clicked() {
        view.push(Intent::Gateway(GatewayIntent::Add(preset)));
    }
}
