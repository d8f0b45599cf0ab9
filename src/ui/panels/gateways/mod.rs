//! The gateways: the quick list at the top of the window, and the screen with the list of profiles and the form of
//! one of them.

mod add;
mod address;
mod advanced;
mod field;
mod form;
mod key;
mod limits;
mod list;
mod models;
mod network;
mod outcome;
mod paste;
pub(in crate::ui) mod picker;
mod prices;
mod row;
pub(in crate::ui) mod track;

use egui::{CentralPanel, Frame, Panel, RichText, ScrollArea, Ui, vec2};

use crate::model::GatewayProfile;
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::state::{GatewayEdits, Pane};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, TextButton};

pub(in crate::ui) use self::address::first_address_id;
pub(in crate::ui) use self::key::key_field_id;
pub(in crate::ui) use self::row::seconds;

use super::View;

/// The form is not wider than a line that the eye can follow.
const MOST_WIDTH: f32 = 720.0;

/// Draws the screen under the bar. While an input method composes, nothing that is typed counts yet.
pub(in crate::ui) fn show(
    ui: &mut Ui,
    view: &mut View<'_>,
    edits: &mut GatewayEdits,
    is_composing: bool,
) {
    let palette = Palette::of(ui);
    Panel::left("gateway list")
        .default_size(280.0)
        .size_range(240.0..=400.0)
        .frame(Frame::new().fill(palette.panel))
        .show(ui, |ui| {
            ui.take_available_width();
            list::show(ui, view);
        });
    super::name_splitter(ui, "gateway list", view.t(Key::ResizeGateways));
    CentralPanel::default()
        .frame(Frame::new().fill(palette.stage))
        .show(ui, |ui| {
            let opened = view.studio.opened_gateway().cloned();
            match (view.studio.gateways.pane, opened) {
                (Pane::Add, _) => column(ui, "add a gateway", |ui| add::show(ui, view, edits)),
                (Pane::Form, Some(profile)) => form_ui(ui, view, edits, &profile, is_composing),
                (Pane::Form, None) => empty_ui(ui, view),
            }
        });
}

fn form_ui(
    ui: &mut Ui,
    view: &mut View<'_>,
    edits: &mut GatewayEdits,
    profile: &GatewayProfile,
    is_composing: bool,
) {
    ui.push_id(profile.id.0.clone(), |ui| {
        column(ui, "form of a gateway", |ui| {
            form::show(ui, view, edits, profile, is_composing);
        });
    });
}

/// A column in the middle that scrolls.
fn column(ui: &mut Ui, id: &str, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical()
        .id_salt(id)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let whole = ui.available_width();
            let width = (whole - 2.0 * space::XL).min(MOST_WIDTH);
            let side = ((whole - width) / 2.0).floor();
            ui.add_space(space::L);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                ui.add_space(side);
                ui.vertical(|ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing = vec2(space::S, space::S);
                    content(ui);
                });
            });
            ui.add_space(space::XL);
        });
}

fn empty_ui(ui: &mut Ui, view: &mut View<'_>) {
    let palette = Palette::of(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() / 3.0);
        ui.label(icons::GATEWAY.sized(size::ICON_LARGE).color(palette.weak));
        let title = RichText::new(view.t(Key::GatewaysEmptyTitle)).size(size::TITLE);
        ui.label(title.color(palette.strong));
        ui.label(RichText::new(view.t(Key::GatewaysEmptyBody)).color(palette.weak));
        ui.add_space(space::S);
        let add = TextButton::new(view.t(Key::GatewayAdd))
            .icon(icons::ADD)
            .emphasis(Emphasis::Primary);
        if ui.add(add).clicked() {
            view.push(Intent::Gateway(GatewayIntent::ShowAdd(true)));
        }
    });
}
