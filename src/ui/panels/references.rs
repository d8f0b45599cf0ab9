//! The references: thumbnails in their order, and the ways to add more.

use egui::{
    Align2, CornerRadius, CursorIcon, FontId, Label, Popup, Rect, Response, RichText, Role, Sense,
    Shape, Stroke, Ui, WidgetInfo, vec2,
};

use crate::model::FailureKind;
use crate::ui::intent::Intent;
use crate::ui::shortcuts::Action;
use crate::ui::state::{ReferenceSlot, SlotState};
use crate::ui::text::Key;
use crate::ui::textures::ThumbKey;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::card::header;
use crate::ui::widgets::thumbnail::{paint_cell_frame, paint_icon_cell, paint_thumbnail};

use super::View;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>) {
    head_ui(ui, view);
    if view.studio.references.slots().is_empty() {
        empty_ui(ui, view);
        return;
    }
    let slots = view.studio.references.slots();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        // Counted as the request has them: what can't be read is not sent.
        let mut number = 0;
        for (i, slot) in slots.iter().enumerate() {
            let is_sent = !matches!(slot.state, SlotState::Failed(_));
            number += usize::from(is_sent);
            let number = is_sent.then_some(number);
            ui.push_id(slot.token.0, |ui| slot_ui(ui, view, slot, (i, number)));
        }
    });
    for slot in slots {
        if let SlotState::Failed(failure) = &slot.state {
            let words = match failure.kind {
                FailureKind::TooLarge => Key::ReferenceTooLarge,
                FailureKind::NotFound if is_pasted(slot) => Key::ReferenceNothingPasted,
                _ => Key::ReferenceUnreadable,
            };
            let name = slot_name(view, slot);
            let words = view.text.with(words, [("name", name.into())]);
            let color = Palette::of(ui).error;
            ui.add(Label::new(RichText::new(words).small().color(color)).wrap())
                .on_hover_text(&failure.message);
        }
    }
}

fn head_ui(ui: &mut Ui, view: &mut View<'_>) {
    let used = view.studio.references.used();
    let most = view.studio.capability().max_references;
    header(ui, view.t(Key::References), |ui| {
        let side = 24.0;
        if used > 0 {
            let words = view.text.with(
                Key::ReferencesCount,
                [("count", used.into()), ("most", most.into())],
            );
            let palette = Palette::of(ui);
            let color = if used > most {
                palette.error
            } else {
                palette.weak
            };
            ui.label(RichText::new(words).small().color(color));
            ui.add_space(space::XS);
        }
        if view.studio.references.slots().len() > 1 {
            let clear = IconButton::new(icons::CLEAR, view.t(Key::ReferencesClear)).side(side);
            if ui.add(clear).clicked() {
                view.push(Intent::ClearReferences);
            }
        }
        let paste = IconButton::new(icons::PASTE, view.t(Key::ReferencesPaste)).side(side);
        if ui.add(paste).clicked() {
            view.push(Intent::PasteReference);
        }
        let pick = IconButton::new(icons::ADD_PICTURE, view.t(Key::ReferencesPick)).side(side);
        if ui.add(pick).clicked() {
            view.push(Intent::Do(Action::PickReferences));
        }
    });
}

/// Says what can be put here, and opens the dialog when clicked.
fn empty_ui(ui: &mut Ui, view: &mut View<'_>) {
    let palette = Palette::of(ui);
    let words = view.text.with(
        Key::ReferencesEmpty,
        [("keys", ui.ctx().format_shortcut(&PASTE_KEYS).into())],
    );
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), size::REFERENCE), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &words));
    let line = if response.hovered() || response.has_focus() {
        palette.accent_text
    } else {
        palette.outline
    };
    dashed_frame(ui, rect, Stroke::new(1.0, line));
    let galley = ui.painter().layout(
        words,
        FontId::proportional(size::SMALL),
        palette.weak,
        rect.width() - 2.0 * space::M,
    );
    let place = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
    ui.painter().galley(place.min, galley, palette.weak);
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        view.push(Intent::Do(Action::PickReferences));
    }
}

/// What pastes, as people write it; egui turns it into an event of its own.
const PASTE_KEYS: egui::KeyboardShortcut =
    egui::KeyboardShortcut::new(egui::Modifiers::COMMAND, egui::Key::V);

/// A frame that says «put something here».
pub(in crate::ui) fn dashed_frame(ui: &Ui, rect: Rect, stroke: Stroke) {
    let rect = rect.shrink(0.5);
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    for dash in Shape::dashed_line(&corners, stroke, 4.0, 4.0) {
        ui.painter().add(dash);
    }
}

/// The file's name; what was pasted has none.
fn slot_name<'a>(view: &View<'a>, slot: &'a ReferenceSlot) -> &'a str {
    if is_pasted(slot) {
        view.t(Key::ReferencePasted)
    } else {
        &slot.name
    }
}

/// Whether it came from the clipboard as pixels, for which the engine has no other name.
fn is_pasted(slot: &ReferenceSlot) -> bool {
    slot.name.is_empty() || slot.name == "clipboard.png"
}

/// `place` in the row, and `number` among those that are sent.
fn slot_ui(
    ui: &mut Ui,
    view: &mut View<'_>,
    slot: &ReferenceSlot,
    (place, number): (usize, Option<usize>),
) {
    let palette = Palette::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(size::REFERENCE, size::REFERENCE), Sense::click());
    let name = slot_name(view, slot);
    let (name, remove) = match number {
        Some(number) => (
            view.text.with(
                Key::ReferenceName,
                [("number", number.into()), ("name", name.into())],
            ),
            view.text
                .with(Key::ReferenceRemove, [("number", number.into())]),
        ),
        None => (name.to_owned(), view.t(Key::Dismiss).to_owned()),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    match &slot.state {
        SlotState::Ready(_) => {
            let thumb = view
                .textures
                .thumb(ui.ctx(), ThumbKey::Reference(slot.token));
            paint_thumbnail(ui, rect, thumb);
            if let Some(number) = number {
                number_badge(ui, rect, number);
            }
        }
        SlotState::Loading => paint_icon_cell(ui, rect, icons::QUEUED, palette.weak),
        SlotState::Failed(_) => paint_icon_cell(ui, rect, icons::ERROR, palette.error),
    }
    let is_hovered = ui.rect_contains_pointer(rect);
    paint_cell_frame(ui, rect, false, is_hovered);
    remove_ui(ui, view, slot, rect, &remove);
    menu_ui(view, slot, &response, place, &remove);
    let hover = match &slot.state {
        SlotState::Failed(failure) => format!("{name}\n{}", failure.message),
        SlotState::Loading => format!("{name}\n{}", view.t(Key::ReferenceLoading)),
        SlotState::Ready(reference) => {
            format!("{name}\n{}", crate::ui::format::pixel_size(reference.size))
        }
    };
    response.on_hover_text(hover);
}

/// Prompts speak of «image 2», so the number is on the picture.
fn number_badge(ui: &Ui, rect: Rect, number: usize) {
    let palette = Palette::of(ui);
    let badge = Rect::from_min_size(rect.left_bottom() + vec2(3.0, -17.0), vec2(16.0, 14.0));
    ui.painter()
        .rect_filled(badge, CornerRadius::same(radius::CELL), palette.scrim);
    ui.painter().text(
        badge.center(),
        Align2::CENTER_CENTER,
        number,
        FontId::proportional(size::SMALL - 1.0),
        palette.on_scrim,
    );
}

fn remove_ui(ui: &Ui, view: &mut View<'_>, slot: &ReferenceSlot, rect: Rect, name: &str) {
    let palette = Palette::of(ui);
    let corner = Rect::from_min_size(rect.right_top() + vec2(-19.0, 3.0), vec2(16.0, 16.0));
    let response = ui.interact(corner, ui.scope_id().with("remove"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let is_shown = ui.rect_contains_pointer(rect) || response.has_focus();
    if is_shown {
        let back = if response.hovered() || response.has_focus() {
            palette.error_soft
        } else {
            palette.scrim
        };
        ui.painter()
            .rect_filled(corner, CornerRadius::same(radius::CELL), back);
        let color = if response.hovered() || response.has_focus() {
            palette.error
        } else {
            palette.on_scrim
        };
        ui.painter().text(
            corner.center(),
            Align2::CENTER_CENTER,
            icons::CLOSE.glyph(),
            icons::CLOSE.font(12.0),
            color,
        );
    }
    if response.on_hover_text(name).clicked() {
        view.push(Intent::RemoveReference(slot.token));
    }
}

fn menu_ui(
    view: &mut View<'_>,
    slot: &ReferenceSlot,
    response: &Response,
    place: usize,
    remove: &str,
) {
    Popup::context_menu(response).show(|ui| {
        ui.set_min_width(140.0);
        if place > 0 && ui.button(view.t(Key::ReferenceFirst)).clicked() {
            view.push(Intent::MoveReference(slot.token, 0));
        }
        if ui.button(remove).clicked() {
            view.push(Intent::RemoveReference(slot.token));
        }
    });
}

/// What is over the window while files are dragged over it.
pub(in crate::ui) fn drop_overlay(ui: &Ui, view: &View<'_>) {
    let rect = ui.ctx().content_rect();
    let palette = Palette::of(ui);
    let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop overlay"));
    let painter = ui.ctx().layer_painter(layer);
    painter.rect_filled(rect, CornerRadius::ZERO, palette.scrim);
    painter.rect_stroke(
        rect.shrink(space::M),
        CornerRadius::same(radius::CARD),
        Stroke::new(2.0, palette.accent_text),
        egui::StrokeKind::Inside,
    );
    painter.text(
        rect.center() - vec2(0.0, 32.0),
        Align2::CENTER_CENTER,
        icons::DROP.glyph(),
        icons::DROP.font(size::ICON_LARGE),
        palette.on_scrim,
    );
    painter.text(
        rect.center() + vec2(0.0, 16.0),
        Align2::CENTER_CENTER,
        view.t(Key::DropHere),
        FontId::proportional(size::TITLE),
        palette.on_scrim,
    );
}
