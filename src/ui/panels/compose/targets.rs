//! The targets of a fan-out: one prompt, two to six gateways, models or qualities.

use egui::{ComboBox, Label, RichText, ScrollArea, TextEdit, Ui, vec2};

use crate::model::Quality;
use crate::model::compose::{MAX_TARGETS, MIN_TARGETS, Target};
use crate::ui::compose_text;
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::gateway_name;
use crate::ui::preflight_text;
use crate::ui::state::{Edits, readiness};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::card;
use crate::ui::widgets::field::field_frame;
use crate::ui::widgets::segmented::Segmented;

use super::title_ui;

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
            for (place, target) in edits.compose.targets.iter_mut().enumerate() {
                ui.push_id(place, |ui| {
                    if target_ui(ui, view, target, place, many) {
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
    target: &mut Target,
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
            let profile = settings.gateways.iter().find(|p| p.id == target.gateway);
            let name = profile.map_or_else(
                || target.gateway.0.clone(),
                |profile| gateway_name(view.text, profile).to_owned(),
            );
            ComboBox::from_id_salt("gateway")
                .width(150.0)
                .selected_text(crate::ui::format::line(&name, 22))
                .show_ui(ui, |ui| {
                    let known = settings.gateways.iter();
                    for profile in known.filter(|profile| view.studio.has_key(profile)) {
                        let is_chosen = profile.id == target.gateway;
                        let name = gateway_name(view.text, profile);
                        if ui.selectable_label(is_chosen, name).clicked() {
                            target.gateway = profile.id.clone();
                            target.model.clone_from(&profile.image_model);
                        }
                    }
                })
                .response
                .accessible_name(number(Key::TargetGateway));
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
    });
    ui.add_space(space::XS);
    is_gone
}

fn foot_ui(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let palette = Palette::of(ui);
    let targets = &edits.compose.targets;
    let totals = view.studio.totals_of_targets(targets);
    ui.label(RichText::new(compose_text::totals(view.text, &totals)).color(palette.text));
    let blocker = readiness(view.studio, edits).err();
    let is_known = targets.iter().all(|target| {
        let profile = view.studio.profile_of(target);
        profile.is_some_and(|profile| view.studio.has_key(&profile))
            && !target.model.trim().is_empty()
    });
    ui.horizontal_wrapped(|ui| {
        let send = view
            .text
            .with(Key::TargetsSend, [("count", targets.len().into())]);
        let button = TextButton::new(&send)
            .icon(icons::GENERATE)
            .emphasis(Emphasis::Primary)
            .min_size(vec2(160.0, size::PRIMARY));
        let is_free = blocker.is_none() && is_known && view.studio.compose.awaited.is_none();
        if ui.add_enabled(is_free, button).clicked() {
            view.push(Intent::Compose(ComposeIntent::SendTargets));
        }
        if let Some(blocker) = blocker {
            let words = preflight_text::blocker(view.text, &blocker);
            ui.label(RichText::new(words).small().color(palette.warn));
        }
    });
}
