//! The targets of a fan-out: one prompt, two to six gateways, models or qualities.

use egui::{Label, RichText, ScrollArea, TextEdit, Ui, vec2};

use crate::model::Quality;
use crate::model::compose::{MAX_TARGETS, MIN_TARGETS, Target};
use crate::ui::compose_text;
use crate::ui::format;
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::gateway_name;
use crate::ui::preflight_text;
use crate::ui::state::{Blocker, Edits, targets_readiness};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::card;
use crate::ui::widgets::choice::choice;
use crate::ui::widgets::field::field_frame;
use crate::ui::widgets::segmented::Segmented;

use super::{sending, title_ui};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let palette = Palette::of(ui);
    title_ui(ui, view, view.t(Key::Targets), |_, _| {});
    let words = RichText::new(view.t(Key::TargetsAbout)).color(palette.weak);
    ui.add(Label::new(words).wrap());
    ui.add_space(space::S);
    let height = ui.available_height() - 96.0;
    ScrollArea::vertical()
        .id_salt("targets")
        .max_height(height.max(120.0))
        .show(ui, |ui| {
            let mut gone = None;
            let many = edits.compose.targets.len() > MIN_TARGETS;
            let readiness = targets_readiness(view.studio, edits);
            for (place, target) in edits.compose.targets.iter_mut().enumerate() {
                ui.push_id(place, |ui| {
                    let blocker = readiness.each.get(place).and_then(Option::as_ref);
                    if target_ui(ui, view, (target, blocker), place, many) {
                        gone = Some(place);
                    }
                });
            }
            if let Some(place) = gone {
                edits.compose.targets.remove(place);
            }
            let targets = &mut edits.compose.targets;
            let add = TextButton::new(view.t(Key::TargetAdd)).icon(icons::ADD);
            if ui.add_enabled(targets.len() < MAX_TARGETS, add).clicked() {
                targets.push(next_target(view, targets));
            }
        });
    ui.add_space(space::S);
    foot_ui(ui, view, edits);
}

/// The first gateway with a key that is no target yet; else once more the one of new jobs.
fn next_target(view: &View<'_>, targets: &[Target]) -> Target {
    let settings = &view.studio.settings;
    let mut gateways = settings.gateways.iter();
    let free = gateways.find(|profile| {
        let is_target = targets.iter().any(|target| target.gateway == profile.id);
        view.studio.has_key(profile) && !is_target
    });
    let profile = free.cloned().unwrap_or_else(|| settings.gateway());
    Target {
        gateway: profile.id,
        model: profile.image_model,
        quality: settings.parameters.quality,
    }
}

/// A target; whether it is to go.
fn target_ui(
    ui: &mut Ui,
    view: &View<'_>,
    (target, blocker): (&mut Target, Option<&Blocker>),
    place: usize,
    can_go: bool,
) -> bool {
    let mut is_gone = false;
    let settings = &view.studio.settings;
    let number = |key: Key| {
        let number = (place + 1).to_string();
        view.text.with(key, [("number", number.into())])
    };
    card(Palette::of(ui)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, space::S);
            let known = || {
                let gateways = settings.gateways.iter().enumerate();
                gateways.filter(|(_, profile)| {
                    view.studio.has_key(profile) || profile.id == target.gateway
                })
            };
            let names: Vec<(Option<usize>, String)> = known()
                .map(|(at, profile)| (Some(at), format::line(gateway_name(view.text, profile), 22)))
                .collect();
            let mut choices: Vec<(Option<usize>, &str)> = names
                .iter()
                .map(|(at, name)| (*at, name.as_str()))
                .collect();
            let before = known().find(|(_, profile)| profile.id == target.gateway);
            let before = before.map(|(at, _)| at);
            if before.is_none() {
                // It was taken away.
                choices.push((None, target.gateway.0.as_str()));
            }
            let mut chosen = before;
            let name = number(Key::TargetGateway);
            choice(ui, "gateway", (&name, 150.0), &choices, &mut chosen);
            if chosen != before
                && let Some(profile) = chosen.and_then(|at| settings.gateways.get(at))
            {
                target.gateway = profile.id.clone();
                target.model.clone_from(&profile.image_model);
            }
            let is_blank = target.model.trim().is_empty();
            let field = TextEdit::singleline(&mut target.model)
                .frame(field_frame(Palette::of(ui), is_blank))
                .desired_width(130.0);
            ui.add(field).accessible_name(number(Key::TargetModel));
            let cells = [
                (Quality::Auto, view.t(Key::QualityAuto)),
                (Quality::Low, view.t(Key::QualityLow)),
                (Quality::Medium, view.t(Key::QualityMedium)),
                (Quality::High, view.t(Key::QualityHigh)),
            ];
            let quality = number(Key::TargetQuality);
            if let Some(quality) = Segmented::new(&quality, &cells, target.quality).show(ui) {
                target.quality = quality;
            }
            let name = number(Key::TargetRemove);
            let remove = IconButton::new(icons::CLOSE, &name);
            is_gone = ui.add_enabled(can_go, remove).clicked();
        });
        if let Some(blocker) = blocker {
            let words = preflight_text::blocker(view.text, blocker);
            let words = RichText::new(words).small().color(Palette::of(ui).warn);
            ui.add(Label::new(words).wrap());
        }
    });
    ui.add_space(space::XS);
    is_gone
}

fn foot_ui(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let palette = Palette::of(ui);
    let targets = &edits.compose.targets;
    let totals = view.studio.totals_of_targets(targets);
    ui.label(RichText::new(compose_text::totals(view.text, &totals)).color(palette.text));
    let sending = sending::of(view, edits);
    ui.horizontal_wrapped(|ui| {
        let button = TextButton::new(&sending.words)
            .icon(icons::GENERATE)
            .emphasis(Emphasis::Primary)
            .min_size(vec2(160.0, size::PRIMARY));
        if ui.add_enabled(sending.is_free, button).clicked() {
            view.push(Intent::Compose(ComposeIntent::SendTargets));
        }
        if let Some(blocker) = sending.blocker {
            let words = preflight_text::blocker(view.text, &blocker);
            ui.label(RichText::new(words).small().color(palette.warn));
        }
    });
}
