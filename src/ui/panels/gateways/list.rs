//! The list of profiles at the left of the gateways screen.

use egui::{EventFilter, Frame, Id, Key as K, Margin, Modifiers, RichText, ScrollArea, Ui};

use crate::model::GatewayProfile;
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::panels::View;
use crate::ui::state::Pane;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{IconButton, TextButton};
use crate::ui::widgets::card::at_end;

use super::row::row_ui;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    Frame::new().inner_margin(Margin::same(12)).show(ui, |ui| {
        head_ui(ui, view);
        keys(ui, view);
        ScrollArea::vertical()
            .id_salt("gateway list")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::HAIR;
                rows_ui(ui, view);
            });
    });
}

fn head_ui(ui: &mut Ui, view: &mut View<'_>) {
    ui.horizontal(|ui| {
        let color = Palette::of(ui).strong;
        ui.label(
            RichText::new(view.t(Key::Gateways))
                .size(size::HEADING)
                .color(color),
        );
        at_end(ui, "gateways", |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (icon, name, intent) in [
                (icons::IMPORT, Key::GatewaysImport, GatewayIntent::Import),
                (icons::EXPORT, Key::GatewaysExport, GatewayIntent::Export),
            ] {
                if ui.add(IconButton::new(icon, view.t(name))).clicked() {
                    view.push(Intent::Gateway(intent));
                }
            }
            ui.add_space(space::XS);
            let adding = view.studio.gateways.pane == Pane::Add;
            let add = TextButton::new(view.t(Key::GatewayAdd)).icon(icons::ADD);
            if ui.add(add).clicked() {
                view.push(Intent::Gateway(GatewayIntent::ShowAdd(!adding)));
            }
        });
    });
    ui.add_space(space::XS);
}

fn rows_ui(ui: &mut Ui, view: &mut View<'_>) {
    let opened = opened(view);
    let studio = view.studio;
    let in_use = studio.settings.gateway().id;
    for profile in &studio.settings.gateways {
        let is_open = opened.as_ref() == Some(&profile.id);
        let response = row_ui(ui, view, profile, row_id(profile), is_open);
        if profile.id == in_use {
            // A mark at the edge: new jobs go here.
            let rect = response.rect;
            let edge = egui::Rect::from_min_max(
                rect.left_top() + egui::vec2(0.0, 8.0),
                rect.left_bottom() + egui::vec2(3.0, -8.0),
            );
            let color = Palette::of(ui).accent_text;
            ui.painter()
                .rect_filled(edge, egui::CornerRadius::same(2), color);
        }
        if response.clicked() {
            view.push(Intent::Gateway(GatewayIntent::Look(profile.id.clone())));
        }
    }
}

/// The profile in the form, unless something else stands there.
fn opened(view: &View<'_>) -> Option<crate::model::GatewayId> {
    let is_form = view.studio.gateways.pane == Pane::Form;
    let opened = view.studio.opened_gateway().filter(|_| is_form);
    opened.map(|profile| profile.id.clone())
}

fn row_id(profile: &GatewayProfile) -> Id {
    Id::unique(("gateway list row", &profile.id.0))
}

/// Up and down look at the next profile; with Alt they move the profile itself; Delete takes it away.
fn keys(ui: &Ui, view: &mut View<'_>) {
    if ui.ctx().text_edit_focused() || egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    let studio = view.studio;
    let profiles = &studio.settings.gateways;
    let has_focus = |p: &GatewayProfile| ui.memory(|memory| memory.has_focus(row_id(p)));
    let focused = profiles.iter().position(has_focus);
    if let Some(profile) = focused.and_then(|i| profiles.get(i)) {
        let filter = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(row_id(profile), filter));
    }
    let opened = opened(view);
    let at = profiles.iter().position(|p| Some(&p.id) == opened.as_ref());
    let pressed =
        |modifiers: Modifiers, key: K| ui.input_mut(|input| input.consume_key(modifiers, key));
    if let (Some(at), Some(id)) = (at, &opened) {
        let up = pressed(Modifiers::ALT, K::ArrowUp);
        let down = pressed(Modifiers::ALT, K::ArrowDown);
        if up || down {
            let place = if up { at.saturating_sub(1) } else { at + 1 };
            view.push(Intent::Gateway(GatewayIntent::Move(id.clone(), place)));
            return;
        }
    }
    let Some(at) = focused else { return };
    if pressed(Modifiers::NONE, K::Delete)
        && let Some(profile) = profiles.get(at)
    {
        view.push(Intent::Gateway(GatewayIntent::Delete(profile.id.clone())));
        return;
    }
    let next = if pressed(Modifiers::NONE, K::ArrowUp) {
        at.checked_sub(1)
    } else if pressed(Modifiers::NONE, K::ArrowDown) {
        Some(at + 1)
    } else {
        None
    };
    if let Some(profile) = next.and_then(|next| profiles.get(next)) {
        ui.memory_mut(|memory| memory.request_focus(row_id(profile)));
        view.push(Intent::Gateway(GatewayIntent::Look(profile.id.clone())));
    }
}
