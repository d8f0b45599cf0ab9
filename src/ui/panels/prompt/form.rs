//! The variables of a prompt as a form, with the prompt as it will be sent.

use egui::{Frame, Id, Label, Margin, RichText, ScrollArea, TextEdit, Ui};

use crate::model::compose::{Pattern, all_templates};
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::state::Edits;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::{card, fold, header};
use crate::ui::widgets::field::field_frame;

/// Highest the preview gets before it scrolls, in points.
const PREVIEW_HEIGHT: f32 = 96.0;

/// The id of a variable's field, for putting the cursor into it.
pub(in crate::ui) fn variable_id(name: &str) -> Id {
    Id::unique(("variable", name))
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits, pattern: &Pattern) {
    if pattern.variables().is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    let studio = view.studio;
    let compose = &studio.compose;
    let all = all_templates(&compose.templates, &compose.shelf, studio.language);
    let template = edits.compose.template.as_ref();
    let entry = template.and_then(|id| all.iter().find(|entry| entry.id == id));
    card(palette).inner_margin(Margin::same(8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let title = entry.map_or(view.t(Key::Variables), |entry| entry.title);
        header(ui, title, |ui| {
            if let Some(entry) = entry {
                ratio_ui(ui, view, entry.ratio);
            }
            let reset = IconButton::new(icons::RESET, view.t(Key::VariablesReset)).side(22.0);
            let has_values = !edits.compose.values.is_empty();
            if ui.add_enabled(has_values, reset).clicked() {
                edits.compose.values.clear();
            }
        });
        for variable in pattern.variables() {
            let values = &mut edits.compose.values;
            let mut value = values.get(&variable.name).cloned().unwrap_or_default();
            let hint = variable.default.as_deref().unwrap_or_default();
            let is_missing = hint.is_empty() && value.trim().is_empty();
            let color = if is_missing {
                palette.warn
            } else {
                palette.weak
            };
            ui.add(Label::new(RichText::new(&variable.name).small().color(color)).truncate());
            let field = TextEdit::multiline(&mut value)
                .id(variable_id(&variable.name))
                .hint_text(hint)
                .frame(field_frame(palette, is_missing))
                .desired_rows(1)
                .desired_width(f32::INFINITY);
            let response = ui.add(field).accessible_name(&variable.name);
            if response.changed() {
                if value.is_empty() {
                    values.remove(&variable.name);
                } else {
                    values.insert(variable.name.clone(), value);
                }
            }
        }
        preview_ui(ui, view, edits, pattern);
    });
    ui.add_space(space::XS);
}

/// The shape that suits the template, where the gateway's model offers it.
fn ratio_ui(ui: &mut Ui, view: &mut View<'_>, ratio: &str) {
    let mut offered = view.studio.offered_sizes().iter();
    if !offered.any(|offered| offered.ratio == ratio) {
        return;
    }
    let words = view
        .text
        .with(Key::TemplateRatio, [("ratio", ratio.into())]);
    let button = TextButton::new(&words)
        .emphasis(Emphasis::Quiet)
        .min_size(egui::vec2(0.0, 22.0));
    if ui.add(button).clicked() {
        let ratio = ratio.to_owned();
        view.push(Intent::Compose(ComposeIntent::UseRatio(ratio)));
    }
}

fn preview_ui(ui: &mut Ui, view: &View<'_>, edits: &Edits, pattern: &Pattern) {
    let id = Id::unique("the preview of a prompt is open");
    let mut open = ui.data(|data| data.get_temp(id).unwrap_or(true));
    fold(ui, view.t(Key::PromptPreview), "", &mut open);
    ui.data_mut(|data| data.insert_temp(id, open));
    if !open {
        return;
    }
    let text = pattern.fill(&edits.compose.values);
    let color = Palette::of(ui).text;
    Frame::new().show(ui, |ui| {
        ScrollArea::vertical()
            .id_salt("prompt preview")
            .max_height(PREVIEW_HEIGHT)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.add(Label::new(RichText::new(text).small().color(color)).wrap());
            });
    });
}
