//! The details of a job or a result: what was asked, what came, what it took, and what can be done with it.

use egui::{Grid, Label, RichText, ScrollArea, Ui, vec2};

use crate::model::compose::{GroupKind, JobGroup};
use crate::model::{ApiKind, CostBasis, ImageRecord, JobNote, Preset, SizeChoice, Usage};
use crate::ui::format;
use crate::ui::intent::{ComposeIntent, Intent, MaskIntent};
use crate::ui::job_text;
use crate::ui::state::{Center, Job, Screen, Subject};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{IconButton, TextButton};
use crate::ui::widgets::card::{header, heading, note};
use crate::ui::widgets::thumb_grid::GridState;

use super::View;
use super::comparison::{self, quality_words};
use super::failure::{self, copy_ui, request_id_ui};

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, grid: &GridState) {
    let studio = view.studio;
    let subject = match studio.screen {
        Screen::Create | Screen::Gateways => studio.stage.subject(),
        Screen::Gallery if grid.selection().len() > 1 => {
            many_ui(ui, view, grid);
            return;
        }
        Screen::Gallery => grid.selection().first().copied().map(Subject::Image),
    };
    match subject {
        Some(Subject::Image(id)) => {
            if let Some(record) = studio.records.get(id) {
                image_ui(ui, view, record);
            } else {
                view.wanted_records.push(id);
            }
        }
        Some(Subject::Job(id)) => match studio.jobs.get(id) {
            Some(job) => job_ui(ui, view, job),
            None => empty_ui(ui, view),
        },
        None => empty_ui(ui, view),
    }
}

fn empty_ui(ui: &mut Ui, view: &View<'_>) {
    header(ui, view.t(Key::Details), |_| {});
    let color = Palette::of(ui).weak;
    let words = RichText::new(view.t(Key::DetailsEmpty)).color(color);
    ui.add(Label::new(words).wrap());
}

fn many_ui(ui: &mut Ui, view: &mut View<'_>, grid: &GridState) {
    let selected = grid.selection().len();
    let palette = Palette::of(ui);
    let words = view
        .text
        .with(Key::DetailsSelected, [("count", selected.into())]);
    ui.label(
        RichText::new(words)
            .size(size::HEADING)
            .color(palette.strong),
    );
    let words = view
        .text
        .with(Key::DeleteCount, [("count", selected.into())]);
    if ui
        .add(TextButton::new(&words).icon(icons::DELETE))
        .clicked()
    {
        let ids = grid.selection().iter().copied().collect();
        view.push(Intent::Delete(ids));
    }
}

fn image_ui(ui: &mut Ui, view: &mut View<'_>, record: &ImageRecord) {
    ui.set_min_height(ui.available_height());
    egui::Panel::bottom("details actions")
        .frame(egui::Frame::NONE)
        .show_separator_line(false)
        .show(ui, |ui| actions_ui(ui, view, record));
    ScrollArea::vertical()
        .id_salt(("details", record.id))
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let recipe = &record.recipe;
            prompt_ui(
                ui,
                view,
                Key::DetailsPrompt,
                Key::DetailsCopyPrompt,
                &recipe.prompt,
            );
            if let Some(revised) = &recipe.revised_prompt
                && revised.trim() != recipe.prompt.trim()
            {
                ui.add_space(space::S);
                prompt_ui(
                    ui,
                    view,
                    Key::DetailsRevised,
                    Key::DetailsCopyRevised,
                    revised,
                );
            }
            ui.add_space(space::M);
            comparison::show(ui, view, recipe);
            ui.add_space(space::M);
            facts_ui(ui, view, record);
        });
}

/// A prompt with its button; long ones scroll with the panel.
fn prompt_ui(ui: &mut Ui, view: &mut View<'_>, name: Key, copy: Key, prompt: &str) {
    let copy = view.t(copy);
    header(ui, view.t(name), |ui| copy_ui(ui, view, copy, prompt));
    let color = Palette::of(ui).text;
    ui.add(
        Label::new(RichText::new(prompt).color(color))
            .wrap()
            .selectable(true),
    );
}

/// What was done otherwise than asked.
fn notes_ui(ui: &mut Ui, view: &View<'_>, notes: &[JobNote]) {
    if notes.is_empty() {
        return;
    }
    ui.add_space(space::S);
    heading(ui, view.t(Key::DetailsNotes));
    let palette = Palette::of(ui);
    for what in notes {
        note(
            ui,
            &job_text::note(view.text, what),
            palette.text,
            palette.control,
        );
        ui.add_space(space::XS);
    }
}

/// A table of names and values, each with what is said of it under the pointer.
struct Facts<'a>(Vec<(&'a str, String, String)>);

impl<'a> Facts<'a> {
    /// A value that the pointer shows in full.
    fn add(&mut self, name: &'a str, value: Option<String>) {
        if let Some(value) = value {
            self.0.push((name, value.clone(), value));
        }
    }

    fn show(self, ui: &mut Ui, id: &str) {
        let palette = Palette::of(ui);
        Grid::new(id)
            .num_columns(2)
            .spacing(vec2(space::M, space::XS))
            .min_row_height(20.0)
            .show(ui, |ui| {
                for (name, value, hint) in self.0 {
                    ui.label(RichText::new(name).small().color(palette.weak));
                    ui.add(Label::new(RichText::new(&value).color(palette.text)).truncate())
                        .on_hover_text(hint);
                    ui.end_row();
                }
            });
    }
}

/// Token counts; a gateway that fills in placeholders has not reported any (protocol.md 10.1).
fn usage_words(view: &View<'_>, usage: Option<&Usage>) -> Option<String> {
    let usage = usage?;
    if usage.is_placeholder() {
        return Some(view.t(Key::DetailsTokensNone).to_owned());
    }
    let unknown = view.t(Key::DetailsUnknown);
    let figure = |figure: Option<u64>| figure.map_or_else(|| unknown.to_owned(), format::count);
    Some(view.text.with(
        Key::DetailsTokensValue,
        [
            ("input", figure(usage.input_tokens).into()),
            ("output", figure(usage.output_tokens).into()),
        ],
    ))
}

/// What a cost was reckoned by, in words.
pub(super) const fn cost_basis(basis: CostBasis) -> Key {
    match basis {
        CostBasis::ListPrice => Key::CostByList,
        CostBasis::Profile => Key::CostByProfile,
    }
}

/// The image model, and before it the model that was asked to call it.
fn model_words(api: ApiKind, model: Option<&str>, image_model: &str) -> String {
    match (api, model) {
        (ApiKind::Responses, Some(model)) => format!("{model} · {image_model}"),
        _ => image_model.to_owned(),
    }
}

fn facts_ui(ui: &mut Ui, view: &mut View<'_>, record: &ImageRecord) {
    let recipe = &record.recipe;
    let mut facts = Facts(Vec::new());
    let elapsed = recipe
        .elapsed_ms
        .map(|ms| format::clock(i64::try_from(ms).unwrap_or(i64::MAX)));
    facts.add(view.t(Key::DetailsTime), elapsed);
    facts.add(view.t(Key::DetailsBytes), Some(format::bytes(record.bytes)));
    facts.add(
        view.t(Key::DetailsTokens),
        usage_words(view, recipe.usage.as_ref()),
    );
    if let Some(cost) = &recipe.cost {
        let words = format::costs(view.text, std::slice::from_ref(cost));
        let hint = if cost.is_free() {
            words.clone()
        } else {
            view.t(cost_basis(cost.basis())).to_owned()
        };
        facts.0.push((view.t(Key::DetailsCost), words, hint));
    }
    // The recipe has the profile's own name; those that we gave have a name in every language.
    let gateway = [Preset::Demo, Preset::Relay, Preset::Custom]
        .into_iter()
        .map(|preset| (preset, preset.profile().name))
        .find(|(_, name)| *name == recipe.gateway)
        .map_or(recipe.gateway.as_str(), |(preset, _)| {
            super::top_bar::preset_name(view.text, preset, &recipe.gateway)
        })
        .to_owned();
    facts.add(view.t(Key::DetailsGateway), Some(gateway));
    let job = view.studio.jobs.of_image(record.id);
    facts.add(
        view.t(Key::DetailsHost),
        job.and_then(|job| job.snapshot.host.clone()),
    );
    facts.add(
        view.t(Key::DetailsModel),
        Some(model_words(
            recipe.api,
            recipe.model.as_deref(),
            &recipe.image_model,
        )),
    );
    if !recipe.references.is_empty() {
        let names: Vec<&str> = recipe.references.iter().map(|r| r.name.as_str()).collect();
        facts.add(view.t(Key::DetailsReferences), Some(names.join(", ")));
    }
    facts.show(ui, "facts");
    super::mask::result_ui(ui, view, record);
    if let Some(id) = &recipe.request_id {
        ui.add_space(space::S);
        heading(ui, view.t(Key::DetailsRequestId));
        request_id_ui(ui, view, id);
    }
    if let Some(job) = job {
        notes_ui(ui, view, &job.snapshot.notes);
    }
    ui.add_space(space::S);
    file_ui(ui, view, record);
}

fn file_ui(ui: &mut Ui, view: &mut View<'_>, record: &ImageRecord) {
    heading(ui, view.t(Key::DetailsFile));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let path = record.path.display().to_string();
        let name = record
            .path
            .file_name()
            .map_or_else(|| path.clone(), |name| name.to_string_lossy().into_owned());
        let width = ui.available_width() - 28.0;
        ui.scope(|ui| {
            ui.set_max_width(width);
            let color = Palette::of(ui).text;
            ui.add(Label::new(RichText::new(name).color(color)).truncate())
                .on_hover_text(path);
        });
        let open = IconButton::new(icons::FOLDER, view.t(Key::DetailsOpenFolder)).side(24.0);
        if ui.add(open).clicked() {
            view.push(Intent::Reveal(record.path.clone()));
        }
    });
}

fn actions_ui(ui: &mut Ui, view: &mut View<'_>, record: &ImageRecord) {
    let subject = Subject::Image(record.id);
    ui.add_space(space::S);
    ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
    if view.studio.screen == Screen::Gallery {
        let open = TextButton::new(view.t(Key::Open))
            .icon(icons::PICTURE)
            .min_size(vec2(ui.available_width(), size::CONTROL));
        if ui.add(open).clicked() {
            view.push(Intent::Open(record.id));
        }
    }
    ui.horizontal(|ui| {
        let width = ui.available_width() - size::CONTROL - space::XS;
        let button = TextButton::new(view.t(Key::UseAsReference))
            .icon(icons::ADD_PICTURE)
            .min_size(vec2(width, size::CONTROL));
        if ui.add(button).clicked() {
            view.push(Intent::UseAsReference(record.id));
        }
        if ui
            .add(IconButton::new(icons::DELETE, view.t(Key::Delete)))
            .clicked()
        {
            view.push(Intent::Delete(vec![record.id]));
        }
    });
    // In a row, so that its words stand in the middle like those of the others.
    ui.horizontal(|ui| {
        let edit = TextButton::new(view.t(Key::MaskEditResult))
            .icon(icons::MASK)
            .min_size(vec2(ui.available_width(), size::CONTROL));
        if ui.add(edit).clicked() {
            view.push(Intent::Mask(MaskIntent::EditResult(record.id)));
        }
    });
    fan_out_ui(ui, view, record.recipe.group.as_ref());
    ui.horizontal(|ui| {
        let width = (ui.available_width() - space::XS) / 2.0;
        for (icon, words, intent) in [
            (icons::TUNE, Key::UseSettings, Intent::UseSettings(subject)),
            (icons::AGAIN, Key::Again, Intent::Again(subject)),
        ] {
            let button = TextButton::new(view.t(words))
                .icon(icon)
                .min_size(vec2(width, size::CONTROL));
            if ui.add(button).clicked() {
                view.push(intent);
            }
        }
    });
}

/// The way back to a fan-out from one of its jobs or results.
fn fan_out_ui(ui: &mut Ui, view: &mut View<'_>, group: Option<&JobGroup>) {
    let Some(group) = group.filter(|group| group.kind == GroupKind::FanOut) else {
        return;
    };
    let id = group.id;
    ui.horizontal(|ui| {
        let button = TextButton::new(view.t(Key::SideBySide))
            .icon(icons::TARGETS)
            .min_size(vec2(ui.available_width(), size::CONTROL));
        if ui.add(button).clicked() {
            let show = ComposeIntent::Show(Center::SideBySide(id));
            view.push(Intent::Compose(show));
        }
    });
}

fn job_ui(ui: &mut Ui, view: &mut View<'_>, job: &Job) {
    let snapshot = &job.snapshot;
    let request = &snapshot.request;
    ScrollArea::vertical()
        .id_salt(("job details", snapshot.id))
        .auto_shrink([false, false])
        .show(ui, |ui| {
            // Over a picture the card would hide what it tells of; without one it stands on the canvas.
            if super::stage::has_failed(job) && view.canvas_has_picture {
                failure::show(ui, view, job);
                ui.add_space(space::S);
            }
            prompt_ui(
                ui,
                view,
                Key::DetailsPrompt,
                Key::DetailsCopyPrompt,
                request.prompt.as_str(),
            );
            fan_out_ui(ui, view, request.group.as_ref());
            ui.add_space(space::M);
            let mut facts = Facts(Vec::new());
            let parameters = &request.parameters;
            let size = match parameters.size {
                SizeChoice::Auto => view.t(Key::SizeAuto).to_owned(),
                SizeChoice::Exact(size) => format::pixel_size(size),
            };
            facts.add(view.t(Key::DetailsSize), Some(size));
            facts.add(
                view.t(Key::DetailsFormat),
                Some(parameters.format.as_str().to_uppercase()),
            );
            facts.add(
                view.t(Key::DetailsQuality),
                Some(quality_words(view.text, parameters.quality.as_str())),
            );
            if snapshot.started_ms.is_some() {
                let elapsed = format::clock(job.elapsed_ms(view.now_ms));
                facts.add(view.t(Key::DetailsTime), Some(elapsed));
            }
            facts.add(
                view.t(Key::DetailsReceived),
                Some(format::bytes(snapshot.bytes_received)),
            );
            facts.add(
                view.t(Key::DetailsTokens),
                usage_words(view, snapshot.usage.as_ref()),
            );
            let gateway = super::top_bar::gateway_name(view.text, &request.gateway);
            facts.add(view.t(Key::DetailsGateway), Some(gateway.to_owned()));
            facts.add(view.t(Key::DetailsHost), snapshot.host.clone());
            let model = Some(request.gateway.model.as_str());
            facts.add(
                view.t(Key::DetailsModel),
                Some(model_words(
                    request.gateway.api,
                    model,
                    &request.gateway.image_model,
                )),
            );
            facts.show(ui, "job facts");
            if !snapshot.request_ids.is_empty() {
                ui.add_space(space::S);
                heading(ui, view.t(Key::DetailsRequestId));
                for id in &snapshot.request_ids {
                    request_id_ui(ui, view, id);
                }
            }
            notes_ui(ui, view, &snapshot.notes);
            for warning in &job.warnings {
                ui.add_space(space::XS);
                let color = Palette::of(ui).warn;
                let words = RichText::new(&warning.message).small().color(color);
                ui.add(Label::new(words).wrap().selectable(true));
            }
        });
}
