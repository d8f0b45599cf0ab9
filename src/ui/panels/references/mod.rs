//! The references: thumbnails in their order, what is sent in their place, and the ways to add more.

mod cell;
mod crop;
mod words;

use egui::{
    Align2, CornerRadius, CursorIcon, FontId, Label, Rect, RichText, Role, Sense, Shape, Stroke,
    Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::ui::intent::Intent;
use crate::ui::shortcuts::Action;
use crate::ui::state::{CropEdit, SlotState};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::card::header;

use self::cell::Place;
use super::View;

/// More references than this have smaller cells.
const MANY: usize = 8;
/// Most lines on what is sent in place of references; the rest is counted.
const MOST_FITS: usize = 3;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edit: &mut Option<CropEdit>) {
    head_ui(ui, view);
    let slots = view.studio.references.slots();
    if slots.is_empty() {
        empty_ui(ui, view);
        return;
    }
    let side = if slots.len() > MANY {
        size::REFERENCE_SMALL
    } else {
        size::REFERENCE
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        // Counted as the request has them: what can't be read is not sent.
        let mut number = 0;
        for (index, slot) in slots.iter().enumerate() {
            let is_sent = !matches!(slot.state, SlotState::Failed(_));
            number += usize::from(is_sent);
            let place = Place {
                index,
                last: slots.len() - 1,
                number: is_sent.then_some(number),
            };
            // In the strip's own layout: what has a layout of its own is not wrapped.
            let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
            let cell = UiBuilder::new().id_salt(slot.token.0).max_rect(rect);
            cell::show(&mut ui.new_child(cell), view, slot, place, rect);
        }
    });
    sentences_ui(ui, view);
    let is_there = |edit: &CropEdit| {
        let slot = view.studio.references.get(edit.token);
        slot.is_some_and(|slot| slot.ready().is_some_and(|r| r.size == edit.whole))
    };
    if edit.as_ref().is_some_and(|edit| !is_there(edit)) {
        *edit = None;
    }
    if let Some(edit) = edit {
        crop::show(ui, view, edit);
    }
}

/// What is wrong with references, and what is sent in place of others.
fn sentences_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let mut number = 0;
    let mut fits = Vec::new();
    for slot in view.studio.references.slots() {
        let (words, hover) = if let SlotState::Failed(problem) = &slot.state {
            (words::problem(view, slot, problem), None)
        } else {
            number += 1;
            fits.extend(words::fit(view, slot, number));
            let Some((words, hover)) = words::misfit(view, slot, number) else {
                continue;
            };
            (words, Some(hover))
        };
        let label = Label::new(RichText::new(words).small().color(palette.error)).wrap();
        let response = ui.add(label);
        if let Some(hover) = hover {
            response.on_hover_text(hover);
        }
    }
    let rest = fits.len().saturating_sub(MOST_FITS);
    let shown = if rest == 1 { fits.len() } else { MOST_FITS };
    for words in fits.iter().take(shown) {
        ui.add(Label::new(RichText::new(words).small().color(palette.weak)).wrap());
    }
    if rest > 1 {
        let words = view
            .text
            .with(Key::ReferenceFitsMore, [("count", rest.into())]);
        let hidden: Vec<&str> = fits.iter().skip(shown).map(String::as_str).collect();
        ui.add(Label::new(RichText::new(words).small().color(palette.weak)).wrap())
            .on_hover_text(hidden.join("\n"));
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
        [
            ("keys", ui.ctx().format_shortcut(&PASTE_KEYS).into()),
            ("key", Action::UseAsReference.keys(ui.ctx()).into()),
        ],
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
