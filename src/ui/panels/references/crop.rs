//! A reference at a glance, and the part of it that is to be used: by numbers, or by dragging over the picture.

use egui::{
    Color32, CornerRadius, CursorIcon, Id, Label, Margin, Pos2, Rect, RichText, Role, Sense, Shape,
    Stroke, StrokeKind, TextEdit, Ui, Vec2, WidgetInfo, epaint::RectShape, pos2, vec2,
};

use crate::media::{Crop, QuarterTurns};
use crate::model::PixelSize;
use crate::ui::format;
use crate::ui::intent::{Intent, ReferenceIntent};
use crate::ui::state::{CropEdit, CropField};
use crate::ui::text::Key;
use crate::ui::textures::{Thumb, ThumbKey};
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::{card, header};

use super::View;

/// Most of the card's height that the picture takes, in points.
const PICTURE_HEIGHT: f32 = 220.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edit: &mut CropEdit) {
    let palette = Palette::of(ui);
    card(palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let number = view.studio.references.number_of(edit.token);
        let number = number.unwrap_or_default();
        let title = view.text.with(Key::CropTitle, [("number", number.into())]);
        let mut is_left = false;
        header(ui, &title, |ui| {
            let close = IconButton::new(icons::CLOSE, view.t(Key::Close)).side(24.0);
            is_left = ui.add(close).clicked();
            let look = IconButton::new(icons::ZOOM_IN, view.t(Key::ReferenceShow)).side(24.0);
            if ui.add(look).clicked() {
                view.push(Intent::Reference(ReferenceIntent::Show(edit.token)));
            }
        });
        picture_ui(ui, view, edit);
        fields_ui(ui, view, edit);
        turns_ui(ui, view, edit);
        let crop = edit.crop();
        if crop.is_none() {
            let words = view.text.with(
                Key::CropOutside,
                [("size", format::pixel_size(edit.whole).into())],
            );
            ui.add(Label::new(RichText::new(words).small().color(palette.error)).wrap());
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            let take = TextButton::new(view.t(Key::CropTake)).emphasis(Emphasis::Primary);
            let can = crop.is_some() && !edit.changes_nothing();
            if ui.add_enabled(can, take).clicked()
                && let Some(crop) = crop
            {
                let intent = ReferenceIntent::TakePart(edit.token, crop, edit.turns);
                view.push(Intent::Reference(intent));
            }
            if ui.add(TextButton::new(view.t(Key::CropWhole))).clicked() {
                edit.write(Crop::whole(edit.whole));
                edit.turns = QuarterTurns::default();
            }
        });
        if is_left {
            view.push(Intent::Reference(ReferenceIntent::LeavePart));
        }
    });
}

/// The picture with what is left out darkened; dragging over it chooses a part.
fn picture_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut CropEdit) {
    let palette = Palette::of(ui);
    let room = vec2(ui.available_width(), PICTURE_HEIGHT);
    let whole = points(edit.whole);
    let scale = (room.x / whole.x).min(room.y / whole.y);
    let shown = (whole * scale).max(Vec2::splat(1.0));
    let (area, response) = ui.allocate_exact_size(vec2(room.x, shown.y), Sense::click_and_drag());
    let name = view.t(Key::CropPicture);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let rect = Rect::from_center_size(area.center(), shown);
    let key = ThumbKey::Reference(edit.token);
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, palette.checker_light);
    if let Thumb::Ready { texture, .. } = view.textures.thumb(ui.ctx(), key) {
        let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let shape = RectShape::filled(rect, CornerRadius::ZERO, Color32::WHITE);
        ui.painter()
            .add(Shape::Rect(shape.with_texture(texture, all)));
    }
    drag(
        ui,
        edit,
        &response.on_hover_cursor(CursorIcon::Crosshair),
        rect,
        scale,
    );
    let Some(crop) = edit.crop() else { return };
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
    let corner = vec2(crop.x as f32, crop.y as f32);
    let part = Rect::from_min_size(rect.min + corner * scale, points(crop.size) * scale);
    let outside = [
        Rect::from_min_max(rect.min, pos2(rect.right(), part.top())),
        Rect::from_min_max(pos2(rect.left(), part.bottom()), rect.max),
        Rect::from_min_max(
            pos2(rect.left(), part.top()),
            pos2(part.left(), part.bottom()),
        ),
        Rect::from_min_max(
            pos2(part.right(), part.top()),
            pos2(rect.right(), part.bottom()),
        ),
    ];
    for left_out in outside {
        ui.painter()
            .rect_filled(left_out, CornerRadius::ZERO, palette.scrim);
    }
    let line = Stroke::new(1.5, palette.accent_text);
    ui.painter()
        .rect_stroke(part, CornerRadius::ZERO, line, StrokeKind::Inside);
}

/// From where the pointer went down to where it is.
fn drag(ui: &Ui, edit: &mut CropEdit, response: &egui::Response, rect: Rect, scale: f32) {
    let id = Id::unique("corner of a part");
    if response.drag_started() {
        let origin = ui.input(|input| input.pointer.press_origin());
        ui.data_mut(|data| data.insert_temp(id, origin));
    }
    let (Some(pointer), true) = (response.interact_pointer_pos(), response.dragged()) else {
        return;
    };
    let Some(origin) = ui.data(|data| data.get_temp::<Option<Pos2>>(id)).flatten() else {
        return;
    };
    let pixel = |at: Pos2| (at.clamp(rect.min, rect.max) - rect.min) / scale;
    let chosen = Rect::from_two_pos(pixel(origin).to_pos2(), pixel(pointer).to_pos2());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "inside the picture"
    )]
    let [left, top, right, bottom] =
        [chosen.left(), chosen.top(), chosen.right(), chosen.bottom()].map(|x| x.round() as u32);
    let (right, bottom) = (
        right.min(edit.whole.width()),
        bottom.min(edit.whole.height()),
    );
    if let Some(size) = PixelSize::new(right.saturating_sub(left), bottom.saturating_sub(top)) {
        edit.write(Crop {
            x: left,
            y: top,
            size,
        });
    }
}

fn fields_ui(ui: &mut Ui, view: &View<'_>, edit: &mut CropEdit) {
    let is_wrong = edit.crop().is_none();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let width = (ui.available_width() - 3.0 * space::XS) / 4.0;
        for field in CropField::ALL {
            let name = view.t(match field {
                CropField::Left => Key::CropLeft,
                CropField::Top => Key::CropTop,
                CropField::Width => Key::SizeWidth,
                CropField::Height => Key::SizeHeight,
            });
            ui.allocate_ui(vec2(width, size::CONTROL * 2.0), |ui| {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = space::HAIR;
                    let weak = Palette::of(ui).weak;
                    let label = ui.label(RichText::new(name).small().color(weak));
                    number_ui(ui, edit.field(field), width, is_wrong).labelled_by(label.id);
                });
            });
        }
    });
}

fn number_ui(ui: &mut Ui, text: &mut String, width: f32, is_wrong: bool) -> egui::Response {
    let palette = Palette::of(ui);
    let outline = if is_wrong {
        palette.error
    } else {
        palette.outline
    };
    let frame = egui::Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, outline))
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(6, 5));
    let field = TextEdit::singleline(text)
        .char_limit(6)
        .frame(frame)
        .desired_width(width - 12.0);
    ui.add(field)
}

fn turns_ui(ui: &mut Ui, view: &View<'_>, edit: &mut CropEdit) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let left = IconButton::new(icons::TURN_LEFT, view.t(Key::TurnLeft));
        if ui.add(left).clicked() {
            edit.turns = edit.turns.counterclockwise();
        }
        let right = IconButton::new(icons::TURN_RIGHT, view.t(Key::TurnRight));
        if ui.add(right).clicked() {
            edit.turns = edit.turns.clockwise();
        }
        let degrees = u16::from(edit.turns.get()) * 90;
        let words = view.text.with(
            Key::CropResult,
            [
                ("degrees", usize::from(degrees).into()),
                (
                    "size",
                    edit.crop()
                        .map(|crop| turned(crop, edit.turns))
                        .unwrap_or_default()
                        .into(),
                ),
            ],
        );
        ui.label(RichText::new(words).small().color(Palette::of(ui).weak));
    });
}

/// What comes of it, in pixels.
fn turned(crop: Crop, turns: QuarterTurns) -> String {
    let size = if turns.get() % 2 == 1 {
        crop.size.swapped()
    } else {
        crop.size
    };
    format::pixel_size(size)
}

fn points(size: PixelSize) -> Vec2 {
    #[expect(clippy::cast_precision_loss, reason = "sides stay far below 2^24")]
    let points = vec2(size.width() as f32, size.height() as f32);
    points
}
