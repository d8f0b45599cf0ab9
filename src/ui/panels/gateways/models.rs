//! What a gateway speaks: its API, its models, and how the model is asked.

use egui::{Checkbox, Popup, RichText, ScrollArea, Stroke, Ui};

use crate::model::{ApiKind, Effort};
use crate::ui::state::{Field, Test};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::choice::choice;
use crate::ui::widgets::segmented::Segmented;

use super::field::{Entry, Form, needed, note, row, section};

pub(super) fn show(ui: &mut Ui, form: &mut Form<'_, '_>) {
    section(ui, form.view.t(Key::GatewaySectionModels), |ui| {
        let api = form.view.t(Key::GatewayApi);
        row(ui, api, |ui| {
            let cells = [
                (ApiKind::Responses, form.view.t(Key::GatewayApiResponses)),
                (ApiKind::Images, form.view.t(Key::GatewayApiImages)),
            ];
            if let Some(kind) = Segmented::new(api, &cells, form.profile.api)
                .fill_width()
                .show(ui)
            {
                form.profile.api = kind;
            }
        });
        let is_responses = form.profile.api == ApiKind::Responses;
        let words = if is_responses {
            Key::GatewayApiResponsesNote
        } else {
            Key::GatewayApiImagesNote
        };
        note(ui, form.view.t(words), Palette::of(ui).weak);
        model_ui(ui, form, Field::ImageModel);
        if is_responses {
            model_ui(ui, form, Field::Model);
            effort_ui(ui, form);
            let name = form.view.t(Key::GatewayGuard);
            check(ui, name, &mut form.profile.dialect.guard_prompt);
            note(ui, form.view.t(Key::GatewayGuardNote), Palette::of(ui).weak);
        } else {
            let name = form.view.t(Key::GatewayStream);
            check(ui, name, &mut form.profile.stream);
            note(
                ui,
                form.view.t(Key::GatewayStreamNote),
                Palette::of(ui).weak,
            );
        }
    });
}

/// A box to tick, in line with the controls.
pub(super) fn check(ui: &mut Ui, name: &str, value: &mut bool) {
    row(ui, "", |ui| {
        // A box without an outline can't be seen on a card (WCAG 2.2, 1.4.11).
        let outline = Stroke::new(1.0, Palette::of(ui).weak);
        let widgets = &mut ui.visuals_mut().widgets;
        widgets.inactive.bg_stroke = outline;
        widgets.hovered.bg_stroke = outline;
        ui.add(Checkbox::new(value, name));
    });
}

fn model_ui(ui: &mut Ui, form: &mut Form<'_, '_>, field: Field) {
    let is_outer = field == Field::Model;
    let (name, value) = if is_outer {
        (Key::GatewayModel, form.profile.model.clone())
    } else {
        (Key::GatewayImageModel, form.profile.image_model.clone())
    };
    let name = form.view.t(name);
    row(ui, name, |ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let entry = Entry {
            field,
            name,
            hint: "",
            width: ui.available_width() - 32.0,
        };
        form.entry(ui, entry, &value, |profile, text| {
            let place = if is_outer {
                &mut profile.model
            } else {
                &mut profile.image_model
            };
            needed(text, place)
        });
        if let Some(chosen) = suggestions_ui(ui, form, name, is_outer) {
            form.edit.drafts.remove(&field);
            if is_outer {
                form.profile.model = chosen;
            } else {
                form.profile.image_model = chosen;
            }
        }
    });
    form.problem_ui(ui, field);
}

/// A list of models that are known, and of those that the gateway has named.
fn suggestions_ui(ui: &mut Ui, form: &Form<'_, '_>, name: &str, is_outer: bool) -> Option<String> {
    let view = &form.view;
    let words = view
        .text
        .with(Key::GatewaySuggestions, [("field", name.into())]);
    let button = ui.add(IconButton::new(icons::CHEVRON_DOWN, &words));
    let studio = view.studio;
    let known: Vec<&str> = if is_outer {
        studio
            .catalog
            .outer_models
            .iter()
            .map(String::as_str)
            .collect()
    } else {
        studio
            .catalog
            .models
            .iter()
            .map(|m| m.name.as_str())
            .collect()
    };
    let named: &[String] = match studio.gateways.tests.get(&form.profile.id) {
        Some(Test::Ended(Ok(test))) => &test.models,
        _ => &[],
    };
    let mut chosen = None;
    Popup::menu(&button).width(260.0).show(|ui| {
        ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
            for model in &known {
                if ui.button(*model).clicked() {
                    chosen = Some((*model).to_owned());
                }
            }
            let color = Palette::of(ui).weak;
            let heading = if named.is_empty() {
                Key::GatewayModelsTest
            } else {
                Key::GatewayModelsNamed
            };
            ui.separator();
            ui.label(RichText::new(view.t(heading)).small().color(color));
            for model in named.iter().filter(|m| !known.contains(&m.as_str())) {
                if ui.button(model).clicked() {
                    chosen = Some(model.clone());
                }
            }
        });
    });
    chosen
}

fn effort_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let name = form.view.t(Key::GatewayEffort);
    let off = form.view.t(Key::GatewayEffortOff);
    let efforts = Effort::ALL
        .iter()
        .map(|effort| (Some(*effort), effort.as_str()));
    let choices: Vec<_> = std::iter::once((None, off)).chain(efforts).collect();
    let value = &mut form.profile.dialect.reasoning;
    row(ui, name, |ui| {
        choice(ui, "effort", (name, 160.0), &choices, value);
    });
    note(
        ui,
        form.view.t(Key::GatewayEffortNote),
        Palette::of(ui).weak,
    );
}
