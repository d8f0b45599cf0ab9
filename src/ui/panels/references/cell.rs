//! One reference in the strip: its picture and number, and all that can be done with it, by pointer and keyboard.

use egui::{
    Align2, CornerRadius, EventFilter, FontId, Key as K, Modifiers, Popup, Rect, Response, Role,
    Sense, Stroke, Ui, WidgetInfo, vec2,
};

use crate::engine::ReferenceToken;
use crate::ui::format;
use crate::ui::intent::{Intent, ReferenceIntent};
use crate::ui::state::{Fit, ReferenceSlot, SlotState};
use crate::ui::text::Key;
use crate::ui::textures::ThumbKey;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size};
use crate::ui::widgets::thumbnail::{paint_cell_frame, paint_icon_cell, paint_thumbnail};

use super::{View, words};

/// Where a reference stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// In the strip, from 0.
    pub(super) index: usize,
    /// That of the last one.
    pub(super) last: usize,
    /// Among those that are sent, from 1.
    pub(super) number: Option<usize>,
}

/// What the parts of a cell are called.
struct Names {
    picture: String,
    remove: String,
}

pub(super) fn show(
    ui: &mut Ui,
    view: &mut View<'_>,
    slot: &ReferenceSlot,
    place: Place,
    rect: Rect,
) {
    let palette = Palette::of(ui);
    // An id of its own: the one that comes with the place would leave the keyboard behind when a picture moves.
    let id = ui.scope_id().with("picture");
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let names = names(view, slot, place);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &names.picture));
    match &slot.state {
        SlotState::Ready(_) => {
            let key = ThumbKey::Reference(slot.token);
            let thumb = view.textures.thumb(ui.ctx(), key);
            paint_thumbnail(ui, rect, thumb);
            if let Some(number) = place.number {
                number_badge(ui, rect, number);
            }
            if matches!(slot.fit, Fit::Copy(..)) {
                fit_badge(ui, rect);
            }
        }
        SlotState::Loading => paint_icon_cell(ui, rect, icons::QUEUED, palette.weak),
        SlotState::Failed(_) => paint_icon_cell(ui, rect, icons::ERROR, palette.error),
    }
    let is_hovered = ui.rect_contains_pointer(rect);
    paint_cell_frame(ui, rect, false, is_hovered);
    drag_ui(ui, view, slot, &response, place);
    remove_ui(ui, view, slot, rect, &names.remove);
    menu_ui(view, slot, &response, place, &names.remove);
    keys(ui, view, slot, &response, place);
    if response.double_clicked() && slot.ready().is_some() {
        look_at(view, slot);
    } else if response.clicked() && slot.ready().is_some() {
        edit_part(view, slot);
    }
    response.on_hover_text(hover_words(view, slot, &names.picture));
}

fn names(view: &View<'_>, slot: &ReferenceSlot, place: Place) -> Names {
    let name = words::name(view, slot);
    match place.number {
        Some(number) => Names {
            picture: view.text.with(
                Key::ReferenceName,
                [("number", number.into()), ("name", name.into())],
            ),
            remove: view
                .text
                .with(Key::ReferenceRemove, [("number", number.into())]),
        },
        None => Names {
            picture: name.to_owned(),
            remove: view.t(Key::Dismiss).to_owned(),
        },
    }
}

fn hover_words(view: &View<'_>, slot: &ReferenceSlot, name: &str) -> String {
    match &slot.state {
        SlotState::Failed(problem) => words::problem(view, slot, problem),
        SlotState::Loading => format!("{name}\n{}", view.t(Key::ReferenceLoading)),
        SlotState::Ready(reference) => {
            let size = format::pixel_size(reference.size);
            let bytes = format::bytes(reference.bytes);
            let mut words = format!("{name}\n{size}, {bytes}");
            if let Fit::Copy(_, fit) = &slot.fit {
                words.push('\n');
                words.push_str(&words::changes(view, fit));
            }
            words.push('\n');
            words.push_str(view.t(Key::ReferenceKeys));
            words
        }
    }
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

/// A copy is sent in its place.
fn fit_badge(ui: &Ui, rect: Rect) {
    let palette = Palette::of(ui);
    let badge = Rect::from_min_size(rect.right_bottom() + vec2(-19.0, -17.0), vec2(16.0, 14.0));
    ui.painter()
        .rect_filled(badge, CornerRadius::same(radius::CELL), palette.scrim);
    ui.painter().text(
        badge.center(),
        Align2::CENTER_CENTER,
        icons::FIT_UPLOAD.glyph(),
        icons::FIT_UPLOAD.font(11.0),
        palette.on_scrim,
    );
}

/// It can be dragged, and another one dropped on it takes its place.
fn drag_ui(ui: &Ui, view: &mut View<'_>, slot: &ReferenceSlot, response: &Response, place: Place) {
    response.dnd_set_drag_payload(slot.token);
    let hovering = response.dnd_hover_payload::<ReferenceToken>();
    if let Some(token) = hovering.filter(|token| **token != slot.token) {
        let slots = view.studio.references.slots();
        let from = slots.iter().position(|other| other.token == *token);
        let rect = response.rect;
        // It comes to stand before this one, or behind it when it comes from before.
        let x = if from.is_some_and(|from| from < place.index) {
            rect.right() + 1.0
        } else {
            rect.left() - 1.0
        };
        let line = Stroke::new(2.0, Palette::of(ui).accent_text);
        ui.painter().vline(x, rect.y_range(), line);
    }
    if let Some(token) = response.dnd_release_payload::<ReferenceToken>()
        && *token != slot.token
    {
        view.push(Intent::MoveReference(*token, place.index));
    }
}

/// Alt and arrows move it, Delete takes it away, Enter and Space open its editor as a click does.
fn keys(ui: &Ui, view: &mut View<'_>, slot: &ReferenceSlot, response: &Response, place: Place) {
    if !response.has_focus() {
        return;
    }
    // Alt and an arrow would move the keyboard as well.
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let earlier = pressed(Modifiers::ALT, K::ArrowLeft) || pressed(Modifiers::ALT, K::ArrowUp);
    let later = pressed(Modifiers::ALT, K::ArrowRight) || pressed(Modifiers::ALT, K::ArrowDown);
    let remove = pressed(Modifiers::NONE, K::Delete) || pressed(Modifiers::NONE, K::Backspace);
    if earlier && place.index > 0 {
        view.push(Intent::MoveReference(slot.token, place.index - 1));
    }
    if later && place.index < place.last {
        view.push(Intent::MoveReference(slot.token, place.index + 1));
    }
    if remove {
        view.push(Intent::RemoveReference(slot.token));
    }
}

fn look_at(view: &mut View<'_>, slot: &ReferenceSlot) {
    view.push(Intent::Reference(ReferenceIntent::Show(slot.token)));
}

fn edit_part(view: &mut View<'_>, slot: &ReferenceSlot) {
    view.push(Intent::Reference(ReferenceIntent::EditPart(slot.token)));
}

fn remove_ui(ui: &mut Ui, view: &mut View<'_>, slot: &ReferenceSlot, rect: Rect, name: &str) {
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
    place: Place,
    remove: &str,
) {
    Popup::context_menu(response).show(|ui| {
        ui.set_min_width(140.0);
        if slot.ready().is_some() && ui.button(view.t(Key::ReferenceEdit)).clicked() {
            edit_part(view, slot);
        }
        if slot.ready().is_some() && ui.button(view.t(Key::ReferenceShow)).clicked() {
            look_at(view, slot);
        }
        let moves = [
            (Key::ReferenceFirst, 0, place.index > 0),
            (
                Key::ReferenceEarlier,
                place.index.saturating_sub(1),
                place.index > 1,
            ),
            (
                Key::ReferenceLater,
                place.index + 1,
                place.index < place.last,
            ),
        ];
        for (words, to, can) in moves {
            if can && ui.button(view.t(words)).clicked() {
                view.push(Intent::MoveReference(slot.token, to));
            }
        }
        if ui.button(remove).clicked() {
            view.push(Intent::RemoveReference(slot.token));
        }
    });
}
