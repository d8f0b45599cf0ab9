//! A small number with a button on either side.

use std::ops::RangeInclusive;

use egui::{Align2, FontId, Role, Sense, Ui, WidgetInfo, vec2};

use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};

use super::button::IconButton;

/// What the buttons are called.
#[derive(Clone, Copy, Debug)]
pub struct StepperNames<'a> {
    /// The number.
    pub value: &'a str,
    /// The button that makes it smaller.
    pub less: &'a str,
    /// The button that makes it larger.
    pub more: &'a str,
}

/// Draws it; gives the new number when a button was pressed.
pub fn stepper(
    ui: &mut Ui,
    names: StepperNames<'_>,
    value: u8,
    range: &RangeInclusive<u8>,
) -> Option<u8> {
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let less = IconButton::new(icons::REMOVE, names.less);
        if ui.add_enabled(value > *range.start(), less).clicked() {
            chosen = Some(value - 1);
        }
        let (rect, response) =
            ui.allocate_exact_size(vec2(size::CONTROL, size::CONTROL), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Label, true, format!("{} {value}", names.value))
        });
        ui.painter().text(
            rect.center(),
            Align2::CENTER_CENTER,
            value,
            FontId::proportional(size::BODY),
            Palette::of(ui).strong,
        );
        let more = IconButton::new(icons::ADD, names.more);
        if ui.add_enabled(value < *range.end(), more).clicked() {
            chosen = Some(value + 1);
        }
    });
    chosen
}
