//! The Gallery screen: the grid of all results, and what an empty library says.

use egui::{Align, Frame, Label, Layout, Margin, Rect, RichText, Ui, UiBuilder, vec2};

use crate::model::ImageId;
use crate::ui::format;
use crate::ui::intent::Intent;
use crate::ui::shortcuts::Action;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};

use crate::ui::widgets::card::header;
use crate::ui::widgets::thumb_grid::{GridState, ThumbGrid};

use super::stage::empty_action;
use super::{View, filmstrip};

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, grid: &mut GridState) {
    let studio = view.studio;
    let ids = studio.gallery.ids();
    if ids.is_empty() {
        empty_ui(ui, view);
        return;
    }
    count_ui(ui, view);
    let text = view.text;
    let label = |id: ImageId| filmstrip::picture_name(studio, text, id);
    let mut from_menu = Vec::new();
    let mut menu = |ui: &mut Ui, id: ImageId| {
        filmstrip::image_menu_items(ui, studio, text, id, &mut from_menu);
    };
    let margin = Margin::symmetric(12, 0);
    let shown = Frame::new()
        .inner_margin(margin)
        .show(ui, |ui| {
            ThumbGrid::new(view.t(Key::GalleryGrid), ids, &label)
                .missing_text(view.t(Key::CanvasFailed))
                .menu(&mut menu)
                .show(ui, grid, view.textures)
        })
        .inner;
    // Arrows work at once, without a click.
    if ui.memory(|memory| memory.focused().is_none()) {
        shown.response.request_focus();
    }
    view.out.append(&mut from_menu);
    view.wanted.extend(shown.wanted.into_iter().flatten());
    let visible = ids.get(shown.visible).unwrap_or_default().iter();
    let unknown = visible.filter(|id| studio.records.get(**id).is_none());
    view.wanted_records.extend(unknown.copied());
    if let Some(id) = shown.opened {
        view.push(Intent::Open(id));
    }
    if shown.delete {
        view.push(Intent::Delete(grid.selection().iter().copied().collect()));
    }
}

fn count_ui(ui: &mut Ui, view: &View<'_>) {
    Frame::new()
        .inner_margin(Margin {
            left: 16,
            right: 16,
            top: 12,
            bottom: 4,
        })
        .show(ui, |ui| {
            let count = view.studio.gallery.ids().len();
            let words = view.text.with(
                Key::GalleryCount,
                [
                    ("count", count.into()),
                    ("figure", format::count(count as u64).into()),
                ],
            );
            header(ui, &words, |_| {});
        });
}

fn empty_ui(ui: &mut Ui, view: &mut View<'_>) {
    let rect = ui.available_rect_before_wrap();
    let area = Rect::from_center_size(rect.center(), vec2(rect.width().min(360.0), 220.0));
    let mut ui = ui.new_child(
        UiBuilder::new()
            .max_rect(area)
            .layout(Layout::top_down(Align::Center)),
    );
    let palette = Palette::of(&ui);
    if !view.studio.gallery.is_loaded() {
        ui.label(RichText::new(view.t(Key::GalleryLoading)).color(palette.weak));
        return;
    }
    ui.label(
        icons::PICTURES
            .sized(size::ICON_LARGE)
            .color(palette.outline),
    );
    ui.add_space(space::XS);
    let title = RichText::new(view.t(Key::GalleryEmptyTitle));
    ui.label(title.size(size::TITLE).color(palette.strong));
    let body = RichText::new(view.t(Key::GalleryEmptyBody)).color(palette.weak);
    ui.add(Label::new(body).wrap());
    ui.add_space(space::M);
    if ui
        .add(empty_action(view.t(Key::GalleryEmptyAction)))
        .clicked()
    {
        view.push(Intent::Do(Action::FocusPrompt));
    }
}
