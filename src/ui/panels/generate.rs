//! The bar with the button that costs money, and what is in its way.

use egui::{Label, RichText, Ui, vec2};

use crate::ui::failure_text;
use crate::ui::format;
use crate::ui::intent::Intent;
use crate::ui::shortcuts::Action;
use crate::ui::state::{Blocker, Edits, SizeProblem, readiness};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};

use super::View;

/// Height of the bar, with its margins, in points.
pub(in crate::ui) const HEIGHT: f32 = 87.0;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let blocker = readiness(view.studio, edits).err();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let width = ui.available_width() - size::PRIMARY - space::S;
        let button = TextButton::new(view.t(Key::Generate))
            .icon(icons::GENERATE)
            .keys(Action::Generate.keys(ui.ctx()))
            .emphasis(Emphasis::Primary)
            .min_size(vec2(width, size::PRIMARY));
        if ui.add_enabled(blocker.is_none(), button).clicked() {
            view.push(Intent::Do(Action::Generate));
        }
        let cancel = IconButton::new(icons::STOP, view.t(Key::ActionCancel)).side(size::PRIMARY);
        if ui
            .add_enabled(view.studio.jobs.any_active(), cancel)
            .clicked()
        {
            view.push(Intent::Do(Action::Cancel));
        }
    });
    // Always one line high, so that nothing moves when there is something to say.
    ui.horizontal(|ui| {
        ui.set_min_height(24.0);
        match blocker {
            Some(blocker) => blocker_ui(ui, view, blocker),
            None => ready_ui(ui, view),
        }
    });
}

fn blocker_ui(ui: &mut Ui, view: &mut View<'_>, blocker: Blocker) {
    let palette = Palette::of(ui);
    let (color, remedy) = match blocker {
        Blocker::Starting | Blocker::PromptEmpty | Blocker::ReferencesLoading => {
            (palette.weak, None)
        }
        Blocker::NoAddress | Blocker::NoKey => (
            palette.warn,
            Some((view.t(Key::SetUp).to_owned(), Intent::ShowGateways(true))),
        ),
        Blocker::Size(SizeProblem::Illegal { nearest, .. }) => {
            let words = view.text.with(
                Key::SizeUseNearest,
                [("size", format::pixel_size(nearest).into())],
            );
            (palette.warn, Some((words, Intent::UseNearestSize)))
        }
        Blocker::PromptTooLong { .. }
        | Blocker::Size(SizeProblem::NotANumber)
        | Blocker::TooManyReferences { .. }
        | Blocker::TransparentJpeg => (palette.warn, None),
    };
    let words = match &remedy {
        // The editor already says what is wrong with the size; there is room for the way out only.
        Some((_, Intent::UseNearestSize)) => view.t(Key::Size).to_owned(),
        _ => failure_text::blocker(view.text, blocker),
    };
    if let Some((button, intent)) = remedy {
        ui.label(RichText::new(words).small().color(color));
        if ui.link(RichText::new(button).small()).clicked() {
            view.push(intent);
        }
    } else {
        ui.add(Label::new(RichText::new(words).small().color(color)).truncate());
    }
}

/// What pressing the button would ask for.
fn ready_ui(ui: &mut Ui, view: &View<'_>) {
    let parameters = &view.studio.settings.parameters;
    let color = Palette::of(ui).weak;
    let mut words =
        super::top_bar::gateway_name(view.text, &view.studio.settings.gateway()).to_owned();
    if let Some(size) = parameters.size.exact() {
        words = format!("{words} · {}", format::pixel_size(size));
    }
    if parameters.count > 1 {
        words = format!("{words} · × {}", parameters.count);
    }
    ui.add(Label::new(RichText::new(words).small().color(color)).truncate());
}
