//! The bar with the button that costs money, and what is in its way.

use egui::{Label, RichText, Ui, UiBuilder, vec2};

use crate::model::{Cost, Finding, PriceRule};
use crate::ui::format;
use crate::ui::intent::Intent;
use crate::ui::preflight_text;
use crate::ui::shortcuts::Action;
use crate::ui::state::{Blocker, Center, Edits, Studio};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::{at_end, end_width};

use super::View;
use super::details::cost_basis;

/// Height of the bar, with its margins, in points.
pub(in crate::ui) const HEIGHT: f32 = 87.0;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let sending = super::compose::sending(view, edits);
    let blocker = sending.blocker;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let width = ui.available_width() - size::PRIMARY - space::S;
        let button = TextButton::new(&sending.words)
            .icon(icons::GENERATE)
            .keys(Action::Generate.keys(ui.ctx()))
            .emphasis(Emphasis::Primary)
            .min_size(vec2(width, size::PRIMARY));
        if ui.add_enabled(sending.is_free, button).clicked() {
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
            Some(blocker) => blocker_ui(ui, view, &blocker),
            None => ready_ui(ui, view, edits),
        }
    });
}

fn blocker_ui(ui: &mut Ui, view: &mut View<'_>, blocker: &Blocker) {
    let palette = Palette::of(ui);
    let color = match blocker {
        Blocker::Starting
        | Blocker::ReferencesLoading
        | Blocker::VariablesMissing { .. }
        | Blocker::Finding(Finding::PromptEmpty, _) => palette.weak,
        _ => palette.warn,
    };
    let words = preflight_text::blocker(view.text, blocker);
    let Some((button, intent)) = preflight_text::remedy(view.text, blocker) else {
        ui.add(Label::new(RichText::new(words).small().color(color)).truncate());
        return;
    };
    // The sentence also stands under the prompt: here it gives way to what helps.
    let mut rest = ui.available_rect_before_wrap();
    rest.max.x -= end_width(ui, "remedy") + space::S;
    ui.scope_builder(UiBuilder::new().max_rect(rest), |ui| {
        ui.add(Label::new(RichText::new(words).small().color(color)).truncate());
    });
    at_end(ui, "remedy", |ui| {
        if ui.link(RichText::new(button).small()).clicked() {
            view.push(intent);
        }
    });
}

/// What pressing the button would ask for: its price first, which is never cut off.
fn ready_ui(ui: &mut Ui, view: &View<'_>, edits: &Edits) {
    let studio = view.studio;
    let parameters = &studio.settings.parameters;
    let gateway = studio.settings.gateway();
    let costs = costs(studio, edits);
    let mut words = Vec::new();
    if let Some(costs) = costs.as_ref().filter(|costs| !costs.is_empty()) {
        words.push(format::costs(view.text, costs));
    }
    let active = studio.jobs.running() + studio.jobs.queued();
    if active > 0 {
        words.push(view.text.with(Key::JobsActive, [("count", active.into())]));
    }
    words.push(super::top_bar::gateway_name(view.text, &gateway).to_owned());
    if let Some(size) = parameters.size.exact() {
        words.push(format::pixel_size(size));
    }
    if parameters.count > 1 {
        words.push(format!("× {}", parameters.count));
    }
    let words = words.join(" · ");
    let color = Palette::of(ui).weak;
    let label = Label::new(RichText::new(&words).small().color(color))
        .truncate()
        .show_tooltip_when_elided(false);
    let response = ui.add(label);
    let mut hint = vec![words.as_str()];
    let mut costs = costs.iter().flatten();
    if let Some(cost) = costs.find(|cost| !cost.is_free()) {
        hint.push(view.t(cost_basis(cost.basis())));
        // One price a picture has everything in it.
        if !matches!(gateway.prices.rule, PriceRule::Picture { .. }) {
            hint.push(view.t(Key::CostOnTop));
        }
    }
    response.on_hover_text(hint.join("\n"));
}

/// What pressing the button may cost, one sum a currency: it sends what stands in the middle.
fn costs(studio: &Studio, edits: &Edits) -> Option<Vec<Cost>> {
    let rows = match (studio.compose.center, &edits.compose.batch) {
        (Center::Targets, _) => return studio.totals_of_targets(&edits.compose.targets).price,
        (Center::Batch, Some(batch)) => studio.count_rows(batch).ready,
        _ => edits.compose.rows_of(&edits.prompt.text).max(1),
    };
    match rows {
        0 => None,
        rows => studio.totals_of_rows(rows).price,
    }
}
