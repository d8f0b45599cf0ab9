//! What stands in the window when the library can't be opened: cause, action, and the way to try again.

use egui::{Align, Label, Layout, Rect, RichText, Ui, UiBuilder, vec2};

use crate::engine::StartFailure;
use crate::model::Obstacle;
use crate::ui::intent::Intent;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, TextButton};

use super::View;

/// As wide as a line that the eye can follow.
const WIDTH: f32 = 460.0;
const HEIGHT: f32 = 320.0;

/// Draws the failure in the middle of what is left of the window.
pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, failure: &StartFailure) {
    let rect = ui.available_rect_before_wrap();
    let area = vec2(rect.width().min(WIDTH), rect.height().min(HEIGHT));
    let mut ui = ui.new_child(
        UiBuilder::new()
            .max_rect(Rect::from_center_size(rect.center(), area))
            .layout(Layout::top_down(Align::Center)),
    );
    let palette = Palette::of(&ui);
    let (cause, advice) = words(failure.obstacle);
    ui.label(icons::WARNING.sized(size::ICON_LARGE).color(palette.warn));
    ui.add_space(space::XS);
    let title = RichText::new(view.t(Key::StartFailed)).size(size::TITLE);
    ui.label(title.color(palette.strong));
    let line = |ui: &mut Ui, words: RichText| {
        ui.add(Label::new(words).wrap().selectable(true));
    };
    line(&mut ui, RichText::new(view.t(cause)).color(palette.text));
    if let Some(path) = &failure.path {
        let path = RichText::new(path.display().to_string()).monospace();
        line(&mut ui, path.small().color(palette.text));
    }
    ui.add_space(space::XS);
    line(&mut ui, RichText::new(view.t(advice)).color(palette.weak));
    ui.add_space(space::M);
    let again = TextButton::new(view.t(Key::StartAgain)).emphasis(Emphasis::Primary);
    if ui.add(again).clicked() {
        view.push(Intent::StartAgain);
    }
    // Where cause and path say it all, the whole reason would only say it again.
    if failure.obstacle == Obstacle::Other || failure.path.is_none() {
        ui.add_space(space::M);
        let reason = RichText::new(&failure.message).small();
        line(&mut ui, reason.color(palette.weak));
    }
}

/// Cause and action.
const fn words(obstacle: Obstacle) -> (Key, Key) {
    match obstacle {
        Obstacle::Busy => (Key::StartBusy, Key::StartBusyAdvice),
        Obstacle::Denied => (Key::StartDenied, Key::StartDeniedAdvice),
        Obstacle::Missing => (Key::StartMissing, Key::StartMissingAdvice),
        Obstacle::DiskFull => (Key::StartFull, Key::StartFullAdvice),
        Obstacle::Newer => (Key::StartNewer, Key::StartNewerAdvice),
        Obstacle::Damaged => (Key::StartDamaged, Key::StartDamagedAdvice),
        Obstacle::Other => (Key::StartOther, Key::StartOtherAdvice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;
    use crate::ui::text::Text;

    #[test]
    fn every_obstacle_has_a_cause_of_its_own_in_both_languages() {
        for language in Language::ALL {
            let text = Text::new(language);
            let mut causes: Vec<&str> = Obstacle::ALL
                .map(|obstacle| text.get(words(obstacle).0))
                .to_vec();
            causes.sort_unstable();
            causes.dedup();
            assert_eq!(causes.len(), Obstacle::ALL.len(), "{causes:?}");
        }
    }
}
