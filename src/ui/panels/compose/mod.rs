//! What stands in the middle of the Create screen in place of the canvas: the batch, the targets, the templates, and
//! the jobs of a group side by side.

mod batch;
mod rows;
mod sending;
mod side_by_side;
mod targets;
mod template_list;
mod templates;

use egui::{Frame, Margin, RichText, Ui};

use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::state::{Center, Edits};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::card::at_end;

pub(super) use self::sending::of as sending;

pub(in crate::ui) use self::rows::table_id;
pub(in crate::ui) use self::template_list::search_id as templates_id;

use super::View;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let inside = Margin {
        left: 16,
        right: 16,
        top: 12,
        bottom: 12,
    };
    Frame::new().inner_margin(inside).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        match view.studio.compose.center {
            Center::Canvas => {}
            Center::Batch => batch::show(ui, view, edits),
            Center::Targets => targets::show(ui, view, edits),
            Center::Templates => templates::show(ui, view, edits),
            Center::SideBySide(group) => side_by_side::show(ui, view, group),
        }
    });
}

/// The line on top: what it is, controls, and the way back to the canvas.
fn title_ui(
    ui: &mut Ui,
    view: &mut View<'_>,
    title: &str,
    controls: impl FnOnce(&mut Ui, &mut View<'_>),
) {
    ui.horizontal(|ui| {
        let color = Palette::of(ui).strong;
        ui.label(RichText::new(title).size(size::HEADING).color(color));
        at_end(ui, "composer", |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            controls(ui, view);
            let close = IconButton::new(icons::CLOSE, view.t(Key::BackToCanvas));
            if ui.add(close).clicked() {
                view.push(Intent::Compose(ComposeIntent::Show(Center::Canvas)));
            }
        });
    });
    ui.add_space(space::XS);
}
