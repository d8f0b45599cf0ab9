//! Extending a picture: the frame by ratio or by sides, a small drawing of it in which the picture can be moved, and the
//! button that makes reference and mask out of it.

use egui::{CornerRadius, Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::engine::ReferenceToken;
use crate::model::{PixelSize, Placement, Reference};
use crate::ui::format;
use crate::ui::intent::{Intent, MaskIntent};
use crate::ui::panels::View;
use crate::ui::state::{OUTPAINT_RATIOS, OutpaintBy, OutpaintEdit};
use crate::ui::text::Key;
use crate::ui::textures::{Thumb, ThumbKey};
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{MASK_COLORS, Palette, radius, size, space};
use crate::ui::widgets::button::TextButton;
use crate::ui::widgets::card::fold;
use crate::ui::widgets::segmented::{Segmented, focus_ring};

/// Height of the drawing, in points.
const DRAWING: f32 = 110.0;

/// How far an arrow key moves the picture in its frame.
const KEY_STEP: f32 = 0.05;

/// Most pixels that a side is extended by.
const MAX_SIDE: u32 = 3840;

/// The part of the panel that extends the reference `token`.
pub(super) fn show(
    ui: &mut Ui,
    view: &mut View<'_>,
    edit: &mut OutpaintEdit,
    (token, reference): (ReferenceToken, &Reference),
) {
    let rule = view.studio.capability().sizes;
    let placement = edit.placement(reference.size, rule.as_ref());
    let summary = String::new();
    let mut open = edit.open;
    fold(ui, view.t(Key::Outpaint), &summary, &mut open);
    edit.open = open;
    if !open {
        return;
    }
    let cells = [
        (OutpaintBy::Ratio, view.t(Key::OutpaintRatio)),
        (OutpaintBy::Sides, view.t(Key::OutpaintSides)),
    ];
    if let Some(by) = Segmented::new(view.t(Key::OutpaintBy), &cells, edit.by)
        .fill_width()
        .show(ui)
    {
        edit.by = by;
    }
    match edit.by {
        OutpaintBy::Ratio => ratios_ui(ui, edit),
        OutpaintBy::Sides => sides_ui(ui, view, edit),
    }
    drawing_ui(ui, view, edit, token, &placement);
    words_ui(ui, view, reference.size, &placement);
    // In a row, so that its words stand in the middle.
    ui.horizontal(|ui| {
        let button = TextButton::new(view.t(Key::OutpaintDo))
            .icon(icons::GROW)
            .min_size(vec2(ui.available_width(), size::CONTROL));
        if ui.add_enabled(placement.has_room(), button).clicked() {
            view.push(Intent::Mask(MaskIntent::Outpaint(token, placement)));
        }
    });
}

fn ratios_ui(ui: &mut Ui, edit: &mut OutpaintEdit) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::HAIR, space::HAIR);
        for ratio in OUTPAINT_RATIOS {
            let (across, down) = ratio;
            let words = format!("{across}:{down}");
            let button = egui::Button::selectable(edit.ratio == ratio, words);
            if ui.add(button).clicked() {
                edit.ratio = ratio;
            }
        }
    });
}

fn sides_ui(ui: &mut Ui, view: &View<'_>, edit: &mut OutpaintEdit) {
    let names = [
        Key::MaskLeft,
        Key::MaskTop,
        Key::OutpaintRight,
        Key::OutpaintBottom,
    ];
    egui::Grid::new("outpaint sides")
        .num_columns(4)
        .spacing(vec2(space::XS, space::XS))
        .show(ui, |ui| {
            for (i, (value, name)) in edit.sides.iter_mut().zip(names).enumerate() {
                let name = view.t(name);
                let color = Palette::of(ui).weak;
                ui.label(RichText::new(name).small().color(color));
                super::number_ui(ui, name, value, MAX_SIDE);
                if i == 1 {
                    ui.end_row();
                }
            }
        });
}

/// The frame with the picture in it, which can be dragged, or moved with the arrow keys.
fn drawing_ui(
    ui: &mut Ui,
    view: &mut View<'_>,
    edit: &mut OutpaintEdit,
    token: ReferenceToken,
    placement: &Placement,
) {
    let palette = Palette::of(ui);
    let (area, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), DRAWING), Sense::click_and_drag());
    let name = view.t(Key::OutpaintPlace);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, ui.is_enabled(), name));
    #[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
    let points = |size: PixelSize| vec2(size.width() as f32, size.height() as f32);
    let whole = points(placement.frame);
    let scale = (area.width() / whole.x).min(area.height() / whole.y);
    let frame = Rect::from_center_size(area.center(), whole * scale);
    #[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
    let corner = vec2(placement.left as f32, placement.top as f32) * scale;
    let picture = Rect::from_min_size(frame.min + corner, points(placement.picture) * scale);
    let corners = CornerRadius::same(radius::CELL);
    let color = MASK_COLORS.first().copied().unwrap_or_default();
    ui.painter()
        .rect_filled(frame, corners, color.gamma_multiply(0.25));
    match view.textures.thumb(ui.ctx(), ThumbKey::Reference(token)) {
        Thumb::Ready { texture, .. } => {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter()
                .image(texture, picture, whole, egui::Color32::WHITE);
        }
        _ => {
            ui.painter().rect_filled(picture, 0, palette.control);
        }
    }
    let line = Stroke::new(1.0, palette.outline);
    ui.painter()
        .rect_stroke(frame, corners, line, StrokeKind::Inside);
    if response.has_focus() {
        focus_ring(ui, area, radius::CELL);
    }
    if edit.by != OutpaintBy::Ratio {
        return;
    }
    let room = frame.size() - picture.size();
    let mut by = vec2(0.0, 0.0);
    if response.dragged() {
        let delta = response.drag_delta();
        by = vec2(delta.x / room.x.max(1.0), delta.y / room.y.max(1.0));
    }
    if response.has_focus() {
        crate::ui::widgets::keep_arrow_keys(ui, response.id);
        for (key, step) in [
            (egui::Key::ArrowLeft, vec2(-KEY_STEP, 0.0)),
            (egui::Key::ArrowRight, vec2(KEY_STEP, 0.0)),
            (egui::Key::ArrowUp, vec2(0.0, -KEY_STEP)),
            (egui::Key::ArrowDown, vec2(0.0, KEY_STEP)),
        ] {
            if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key)) {
                by += step;
            }
        }
    }
    if room.x + room.y > 1.0 {
        let [x, y] = edit.anchor;
        edit.anchor = [(x + by.x).clamp(0.0, 1.0), (y + by.y).clamp(0.0, 1.0)];
    }
    response
        .on_hover_cursor(egui::CursorIcon::Grab)
        .on_hover_text(view.t(Key::OutpaintPlaceHint));
}

fn words_ui(ui: &mut Ui, view: &View<'_>, picture: PixelSize, placement: &Placement) {
    let palette = Palette::of(ui);
    let frame = format::pixel_size(placement.frame);
    let (words, color) = if placement.picture == picture {
        let words = view
            .text
            .with(Key::OutpaintFrame, [("frame", frame.into())]);
        (words, palette.weak)
    } else {
        let words = view.text.with(
            Key::OutpaintShrinks,
            [
                ("frame", frame.into()),
                ("from", format::pixel_size(picture).into()),
                ("to", format::pixel_size(placement.picture).into()),
            ],
        );
        (words, palette.warn)
    };
    ui.add(Label::new(RichText::new(words).small().color(color)).wrap());
}
