//! What came of a test.

use egui::{CornerRadius, Frame, Label, Margin, RichText, Ui, vec2};

use crate::engine::GatewayTest;
use crate::model::{Failure, GatewayProfile, host_of};
use crate::ui::failure_text;
use crate::ui::panels::View;
use crate::ui::panels::failure::request_id_ui;
use crate::ui::state::Test;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, space};
use crate::ui::widgets::card::{chip, chips};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, profile: &GatewayProfile) {
    match view.studio.gateways.tests.get(&profile.id) {
        // The line that a test will need: nothing below it moves.
        None => {
            ui.allocate_space(vec2(0.0, ui.spacing().interact_size.y));
        }
        Some(Test::Running) => {
            ui.horizontal(|ui| {
                let color = Palette::of(ui).weak;
                ui.label(icons::QUEUED.text().color(color));
                ui.label(RichText::new(view.t(Key::GatewayTesting)).color(color));
            });
        }
        Some(Test::Ended(Ok(test))) => answered_ui(ui, view, test),
        Some(Test::Ended(Err(failure))) => failed_ui(ui, view, failure, profile),
    }
}

fn answered_ui(ui: &mut Ui, view: &View<'_>, test: &GatewayTest) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        // An address without a list of models may be the wrong one, and the key was not looked at.
        let icon = if test.has_list {
            icons::CHECK.text().color(palette.ok)
        } else {
            icons::WARNING.text().color(palette.warn)
        };
        ui.label(icon);
        let host = host_of(&test.base_url);
        let ms = test.elapsed_ms.to_string();
        let words = if test.has_list {
            let args = [
                ("host", host.into()),
                ("ms", ms.into()),
                ("count", test.models.len().into()),
            ];
            view.text.with(Key::GatewayTested, args)
        } else {
            let args = [("host", host.into()), ("ms", ms.into())];
            view.text.with(Key::GatewayTestedNoList, args)
        };
        ui.add(Label::new(RichText::new(words).color(palette.text)).wrap());
    });
    for url in &test.unreachable {
        let args = [("host", host_of(url).into())];
        let words = view.text.with(Key::GatewayTestedUnreachable, args);
        ui.horizontal(|ui| {
            ui.label(icons::WARNING.text().color(palette.warn));
            ui.label(RichText::new(words).color(palette.text));
        });
    }
}

fn failed_ui(ui: &mut Ui, view: &mut View<'_>, failure: &Failure, profile: &GatewayProfile) {
    let palette = Palette::of(ui);
    Frame::new()
        .fill(palette.error_soft)
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let cause = failure_text::cause(view.text, failure);
            let advice = failure_text::advice(view.text, failure, profile);
            ui.horizontal_top(|ui| {
                ui.label(icons::ERROR.text().color(palette.error));
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = space::HAIR;
                    let cause = RichText::new(cause).color(palette.strong);
                    ui.add(Label::new(cause).wrap());
                    let advice = RichText::new(advice).color(palette.text);
                    ui.add(Label::new(advice).wrap());
                    if !failure.message.is_empty() {
                        let words = failure_text::words(view.text, failure);
                        let words = RichText::new(words).small();
                        ui.add(
                            Label::new(words.color(palette.weak))
                                .wrap()
                                .selectable(true),
                        );
                    }
                });
            });
            chips(ui, |ui| {
                chip(ui, view.t(Key::GatewayTestFree), palette.ok, palette.card);
                if let Some(status) = failure.status {
                    chip(ui, &format!("HTTP {status}"), palette.weak, palette.card);
                }
                if let Some(code) = failure.code.as_deref().filter(|code| !code.is_empty()) {
                    chip(ui, code, palette.weak, palette.card);
                }
            });
            if let Some(id) = &failure.request_id {
                request_id_ui(ui, view, id);
            }
        });
}
