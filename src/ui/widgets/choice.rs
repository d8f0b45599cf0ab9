//! A list to choose one of, closed until it is needed.

use egui::{Align2, AsIdSalt, ComboBox, Response, Ui};

use crate::ui::theme::icons;
use crate::ui::theme::tokens::size;

/// Draws it, `width` points wide, and writes into `value` what is chosen; `name` is for those who do not see it.
pub fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    salt: impl AsIdSalt,
    (name, width): (&str, f32),
    choices: &[(T, &str)],
    value: &mut T,
) -> Response {
    let shown = choices.iter().find(|(choice, _)| choice == value);
    let shown = shown.map_or("", |(_, words)| *words);
    choice_shown_as(ui, salt, (name, width), shown, choices, value)
}

/// The same, with other words for what is chosen than the list has.
pub fn choice_shown_as<T: Copy + PartialEq>(
    ui: &mut Ui,
    salt: impl AsIdSalt,
    (name, width): (&str, f32),
    shown: &str,
    choices: &[(T, &str)],
    value: &mut T,
) -> Response {
    ComboBox::from_id_salt(salt)
        .width(width)
        // As wide as it is told, whatever is chosen: what is around it must not move.
        .truncate()
        // The one icon family, not egui's filled triangle.
        .icon(|ui, rect, visuals, _is_open| {
            ui.painter().text(
                rect.center(),
                Align2::CENTER_CENTER,
                icons::CHEVRON_DOWN.glyph(),
                icons::CHEVRON_DOWN.font(size::ICON),
                visuals.fg_stroke.color,
            );
        })
        .selected_text(shown)
        .show_ui(ui, |ui| {
            for (choice, words) in choices {
                ui.selectable_value(value, *choice, *words);
            }
        })
        .response
        .accessible_name(name)
}
