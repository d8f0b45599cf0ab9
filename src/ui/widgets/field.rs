//! The frame of a text field.

use egui::{CornerRadius, Frame, Margin, Stroke};

use crate::ui::theme::tokens::{Palette, radius};

/// The frame of a text field; one that is wrong has an outline that says so.
pub fn field_frame(palette: &Palette, is_wrong: bool) -> Frame {
    let outline = if is_wrong {
        palette.error
    } else {
        palette.outline
    };
    Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, outline))
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(8, 5))
}
