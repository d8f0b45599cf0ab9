//! What a cell looks like.

use egui::{Color32, Painter, Pos2, Rect, Stroke, StrokeKind, Ui, epaint::RectShape, pos2, vec2};

use crate::ui::textures::Thumb;
use crate::ui::theme::tokens::{Palette, radius, space};

/// Colours and distances of a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridStyle {
    /// Smallest side of a cell in points; cells grow to fill the row.
    pub cell: f32,
    /// Between cells, in points.
    pub gap: f32,
    /// Around a thumbnail in its cell, in points.
    pub padding: f32,
    /// Of cells, in points.
    pub corner_radius: u8,
    /// Behind a thumbnail, and where one is still to come.
    pub fill: Color32,
    /// Behind a selected thumbnail.
    pub selected_fill: Color32,
    /// Around a selected one.
    pub selected: Stroke,
    /// Around the one under the pointer.
    pub hover: Stroke,
    /// Around the one that the keyboard is at.
    pub focus: Stroke,
    /// The sign for a picture that can't be read.
    pub missing: Stroke,
}

impl GridStyle {
    /// The style of the theme that `ui` is drawn in.
    #[must_use]
    pub fn of(ui: &Ui) -> Self {
        let palette = Palette::of(ui);
        Self {
            cell: 160.0,
            gap: space::S,
            padding: space::XS,
            corner_radius: radius::CONTROL,
            fill: palette.cell,
            selected_fill: palette.accent_soft,
            selected: Stroke::new(2.0, palette.accent),
            hover: Stroke::new(1.0, palette.outline),
            focus: Stroke::new(2.0, palette.accent_text),
            missing: Stroke::new(1.5, palette.weak),
        }
    }
}

/// What sets a cell apart from the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) selected: bool,
    pub(super) focused: bool,
    pub(super) hovered: bool,
}

pub(super) fn paint_cell(
    painter: &Painter,
    rect: Rect,
    thumb: Thumb,
    look: Look,
    style: &GridStyle,
) {
    let fill = if look.selected {
        style.selected_fill
    } else {
        style.fill
    };
    painter.rect_filled(rect, style.corner_radius, fill);
    match thumb {
        Thumb::Ready { texture, size } => {
            let picture = contained(size, rect.shrink(style.padding));
            let texels = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            painter.add(
                RectShape::filled(picture, style.corner_radius / 2, Color32::WHITE)
                    .with_texture(texture, texels),
            );
        }
        Thumb::Missing => paint_missing(painter, rect.center(), style.missing),
        Thumb::Unknown | Thumb::Waiting => {}
    }
    let stroke = match look {
        Look { focused: true, .. } => style.focus,
        Look { selected: true, .. } => style.selected,
        Look { hovered: true, .. } => style.hover,
        _ => return,
    };
    painter.rect_stroke(rect, style.corner_radius, stroke, StrokeKind::Inside);
}

/// A frame with a line through it: no picture.
fn paint_missing(painter: &Painter, center: Pos2, stroke: Stroke) {
    let frame = Rect::from_center_size(center, vec2(28.0, 22.0));
    painter.rect_stroke(frame, 3, stroke, StrokeKind::Middle);
    let reach = vec2(18.0, -15.0);
    painter.line_segment([center - reach, center + reach], stroke);
}

/// As large as it can be inside of `rect`, in its middle.
#[expect(
    clippy::cast_precision_loss,
    reason = "sides of a thumbnail are at most 512"
)]
fn contained(size: [usize; 2], rect: Rect) -> Rect {
    let size = vec2(size[0].max(1) as f32, size[1].max(1) as f32);
    let scale = (rect.width() / size.x).min(rect.height() / size.y);
    Rect::from_center_size(rect.center(), size * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_contained_in_its_cell() {
        let cell = Rect::from_min_size(pos2(0.0, 0.0), vec2(160.0, 160.0));
        assert_eq!(contained([256, 144], cell).size(), vec2(160.0, 90.0));
        assert_eq!(contained([10, 10], cell), cell);
        assert_eq!(contained([0, 0], cell), cell);
        assert_eq!(contained([100, 256], cell).center(), cell.center());
    }
}
