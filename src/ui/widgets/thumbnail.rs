//! A small picture in a cell: cut to fill it, with the states in which a picture can be.

use egui::{
    Align2, Color32, CornerRadius, Rect, Shape, Stroke, StrokeKind, Ui, epaint::RectShape, pos2,
    vec2,
};

use crate::ui::textures::Thumb;
use crate::ui::theme::icons::{self, Icon};
use crate::ui::theme::tokens::{Palette, radius, size};

/// Paints `thumb` into `rect`, cut so that it fills it; an icon where there is no picture.
pub fn paint_thumbnail(ui: &Ui, rect: Rect, thumb: Thumb) {
    let palette = Palette::of(ui);
    let corner = CornerRadius::same(radius::CONTROL);
    match thumb {
        Thumb::Ready { texture, size } => {
            ui.painter()
                .rect_filled(rect, corner, palette.checker_light);
            let shape = RectShape::filled(rect, corner, Color32::WHITE)
                .with_texture(texture, cover(size, rect));
            ui.painter().add(Shape::Rect(shape));
        }
        Thumb::Unknown | Thumb::Waiting => {
            ui.painter().rect_filled(rect, corner, palette.control);
        }
        Thumb::Missing => paint_icon_cell(ui, rect, icons::PICTURE, palette.weak),
    }
}

/// Paints `thumb` into `rect` as a whole, as large as it fits.
pub fn paint_fitted(ui: &Ui, rect: Rect, thumb: Thumb) {
    let Thumb::Ready { texture, size } = thumb else {
        return paint_thumbnail(ui, rect, thumb);
    };
    #[expect(clippy::cast_precision_loss, reason = "thumbnails are small")]
    let picture = vec2(size[0].max(1) as f32, size[1].max(1) as f32);
    let scale = (rect.width() / picture.x).min(rect.height() / picture.y);
    let place = Rect::from_center_size(rect.center(), picture * scale);
    let corner = CornerRadius::same(radius::CELL);
    ui.painter()
        .rect_filled(place, corner, Palette::of(ui).checker_light);
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let shape = RectShape::filled(place, corner, Color32::WHITE).with_texture(texture, whole);
    ui.painter().add(Shape::Rect(shape));
}

/// Paints a cell with an icon in its middle.
pub fn paint_icon_cell(ui: &Ui, rect: Rect, icon: Icon, color: Color32) {
    let palette = Palette::of(ui);
    ui.painter()
        .rect_filled(rect, CornerRadius::same(radius::CONTROL), palette.control);
    let side = (rect.height() * 0.4).min(size::ICON + 5.0);
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        icon.glyph(),
        icon.font(side),
        color,
    );
}

/// Paints the frame of a cell that is chosen, or under the pointer.
pub fn paint_cell_frame(ui: &Ui, rect: Rect, is_chosen: bool, is_hovered: bool) {
    let palette = Palette::of(ui);
    let corner = CornerRadius::same(radius::CONTROL);
    let stroke = if is_chosen {
        Stroke::new(2.0, palette.accent_text)
    } else if is_hovered {
        Stroke::new(1.0, palette.weak)
    } else {
        return;
    };
    ui.painter()
        .rect_stroke(rect, corner, stroke, StrokeKind::Inside);
}

/// The part of a picture of `size` pixels that fills `rect`, from 0 to 1.
fn cover(size: [usize; 2], rect: Rect) -> Rect {
    #[expect(clippy::cast_precision_loss, reason = "thumbnails are small")]
    let picture = vec2(size[0].max(1) as f32, size[1].max(1) as f32);
    let scale = (rect.width() / picture.x).max(rect.height() / picture.y);
    let part = rect.size() / (picture * scale);
    Rect::from_center_size(pos2(0.5, 0.5), part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_is_in_the_middle_and_keeps_the_ratio() {
        let square = Rect::from_min_size(pos2(0.0, 0.0), vec2(80.0, 80.0));
        let uv = cover([200, 100], square);
        assert_eq!((uv.left(), uv.right()), (0.25, 0.75));
        assert_eq!((uv.top(), uv.bottom()), (0.0, 1.0));
    }
}
