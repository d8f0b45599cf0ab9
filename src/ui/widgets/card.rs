//! Frames and rows that recur: cards, chips, labelled rows, folding parts.

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align, Color32, CornerRadius, FontId, Frame, Id, InnerResponse, Label, Layout, Margin, Rect,
    Response, RichText, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};

/// A box on a panel or over a picture.
pub fn card(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.card)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(12))
}

/// The heading of a part of a panel; gives the label's response, for fields to be labelled by.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let color = Palette::of(ui).weak;
    ui.add(Label::new(
        RichText::new(text).size(size::SMALL).color(color),
    ))
}

/// A heading with controls at the right end of its line; gives the heading's response.
pub fn header(ui: &mut Ui, text: &str, controls: impl FnOnce(&mut Ui)) -> Response {
    ui.scope(|ui| {
        // All headings are as high as the small buttons that some of them have.
        ui.spacing_mut().interact_size.y = 24.0;
        ui.horizontal(|ui| {
            let heading = heading(ui, text);
            at_end(ui, text, |ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                controls(ui);
            });
            heading
        })
        .inner
    })
    .inner
}

/// Controls at the right end of a line, in the order in which they are read: the keyboard goes from left to right
/// among them, which a layout from the right would turn round.
///
/// `name` tells them from others in the same scope. Their width is that of the frame before; where it changes, the
/// frame is laid out once more before it is shown.
pub fn at_end<R>(ui: &mut Ui, name: &str, controls: impl FnOnce(&mut Ui) -> R) -> R {
    let id = end_id(ui, name);
    let known = ui.data(|data| data.get_temp::<f32>(id));
    let line = ui.available_rect_before_wrap();
    let mut rect = line;
    rect.min.x = line.min.x.max(line.max.x - known.unwrap_or_default());
    // Words among the controls may take the whole line; in what they took before, they would never get wider.
    rect.max.x = rect.min.x + line.width();
    let place = UiBuilder::new()
        .max_rect(rect)
        .layout(Layout::left_to_right(Align::Center));
    let mut child = ui.new_child(place);
    let inner = controls(&mut child);
    let used = child.min_rect();
    // What sticks out before the width is known must not widen the panel around it.
    let within = Rect::from_x_y_ranges(line.x_range().intersection(used.x_range()), used.y_range());
    ui.advance_cursor_after_rect(within);
    let width = used.width();
    if known.is_none_or(|known| (known - width).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, width));
        ui.request_discard("controls at the end of a line have another width");
    }
    inner
}

/// How wide the controls of [`at_end`] are that follow in `ui`, as far as it is known.
#[must_use]
pub fn end_width(ui: &Ui, name: &str) -> f32 {
    let id = end_id(ui, name);
    ui.data(|data| data.get_temp(id)).unwrap_or_default()
}

fn end_id(ui: &Ui, name: &str) -> Id {
    ui.scope_id().with(("at the end", name))
}

/// A label of fixed width with its control beside it.
pub fn labelled_row<R>(
    ui: &mut Ui,
    label: &str,
    control: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let color = Palette::of(ui).weak;
        ui.allocate_ui_with_layout(
            vec2(size::LABEL, size::CONTROL),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(size::LABEL);
                ui.add(Label::new(RichText::new(label).color(color)).truncate());
            },
        );
        control(ui)
    })
}

/// A line of chips, no higher than they are; those that do not fit go into the next line.
pub fn chips(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        ui.horizontal_wrapped(content);
    });
}

/// A few words on a coloured ground, at most as wide as there is room.
pub fn chip(ui: &mut Ui, text: &str, front: Color32, back: Color32) -> Response {
    let padding = vec2(6.0, 2.0);
    let most = ui.max_rect().width() - 2.0 * padding.x;
    let small = FontId::proportional(size::SMALL);
    let job = LayoutJob {
        wrap: TextWrapping::truncate_at_width(most),
        ..LayoutJob::simple_singleline(text.to_owned(), small, front)
    };
    let galley = ui.painter().layout_job(job);
    let (rect, response) = ui.allocate_exact_size(galley.size() + 2.0 * padding, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), text));
    ui.painter()
        .rect_filled(rect, CornerRadius::same(radius::CELL), back);
    ui.painter().galley(rect.min + padding, galley, front);
    response
}

/// A sentence on a coloured ground, as wide as there is room and as high as it needs.
pub fn note(ui: &mut Ui, text: &str, front: Color32, back: Color32) -> Response {
    Frame::new()
        .fill(back)
        .corner_radius(CornerRadius::same(radius::CELL))
        .inner_margin(Margin::symmetric(8, 4))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let words = RichText::new(text).size(size::SMALL).color(front);
            ui.add(Label::new(words).wrap())
        })
        .inner
}

/// A line that folds a part away; `open` says whether the part is open. While it is not, `summary` says at the right end
/// of the line, and to those who do not see it, what the part holds.
pub fn fold(ui: &mut Ui, name: &str, summary: &str, open: &mut bool) -> Response {
    let palette = Palette::of(ui);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, size::CONTROL), Sense::click());
    if response.clicked() {
        *open = !*open;
    }
    response.widget_info(|| {
        WidgetInfo::selected(Role::DisclosureTriangle, ui.is_enabled(), *open, name)
    });
    let is_summed_up = !*open && !summary.is_empty();
    if is_summed_up {
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_description(summary));
    }
    if response.has_focus() {
        super::segmented::focus_ring(ui, rect, radius::CELL);
    }
    let color = if response.hovered() {
        palette.strong
    } else {
        palette.weak
    };
    let icon = if *open {
        icons::CHEVRON_DOWN
    } else {
        icons::CHEVRON_RIGHT
    };
    let middle = rect.left_center();
    ui.painter().text(
        middle,
        egui::Align2::LEFT_CENTER,
        icon.glyph(),
        icon.font(size::ICON),
        color,
    );
    let title = ui.painter().text(
        middle + vec2(size::ICON + space::XS, 0.0),
        egui::Align2::LEFT_CENTER,
        name,
        FontId::proportional(size::BODY),
        color,
    );
    if is_summed_up {
        summary_ui(ui, rect.with_min_x(title.right() + space::M), summary);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// Words at the right end of `rect`, cut where they do not fit.
fn summary_ui(ui: &Ui, rect: Rect, words: &str) {
    let color = Palette::of(ui).weak;
    let most = rect.width() - space::XS;
    let small = FontId::proportional(size::SMALL);
    let job = LayoutJob {
        wrap: TextWrapping::truncate_at_width(most.max(0.0)),
        ..LayoutJob::simple_singleline(words.to_owned(), small, color)
    };
    let galley = ui.painter().layout_job(job);
    let at = rect.right_center() - vec2(galley.size().x + space::XS, galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
}
