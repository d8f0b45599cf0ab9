//! The templates: the list on the left (`template_list.rs`), one of them, or the form of one's own, on the right.

use std::collections::BTreeMap;

use egui::{Frame, Id, Label, Margin, Panel, RichText, ScrollArea, TextEdit, Ui, vec2};

use crate::model::compose::{OwnTemplate, Pattern, all_templates};
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::state::Edits;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::field::field_frame;

use super::template_list::{self, use_it};
use super::title_ui;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    title_ui(ui, view, view.t(Key::Templates), |ui, view| {
        for (icon, name, intent) in [
            (icons::IMPORT, Key::TemplatesImport, ComposeIntent::Import),
            (icons::EXPORT, Key::TemplatesExport, ComposeIntent::Export),
        ] {
            let has_own = !view.studio.compose.shelf.own.is_empty();
            let is_possible = has_own || matches!(intent, ComposeIntent::Import);
            let button = IconButton::new(icon, view.t(name));
            if ui.add_enabled(is_possible, button).clicked() {
                view.push(Intent::Compose(intent));
            }
        }
        let new = TextButton::new(view.t(Key::TemplateNew)).icon(icons::ADD);
        if ui.add(new).clicked() {
            let from_prompt = true;
            view.push(Intent::Compose(ComposeIntent::NewTemplate { from_prompt }));
        }
    });
    let width = (ui.available_width() * 0.42).clamp(180.0, 320.0);
    Panel::left("template list")
        .exact_size(width)
        .frame(Frame::new().inner_margin(Margin {
            right: 8,
            ..Margin::ZERO
        }))
        .show_separator_line(false)
        .show(ui, |ui| template_list::show(ui, view, edits));
    let form = edits.compose.form.take();
    if let Some(mut form) = form {
        form_ui(ui, view, &mut form);
        edits.compose.form = Some(form);
    } else {
        opened_ui(ui, view, edits);
    }
}

fn opened_ui(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let palette = Palette::of(ui);
    let studio = view.studio;
    let (table, shelf) = (&studio.compose.templates, &studio.compose.shelf);
    let all = all_templates(table, shelf, studio.language);
    let opened = edits.compose.opened.as_deref();
    let Some(entry) = all.iter().find(|entry| Some(entry.id) == opened) else {
        ui.centered_and_justified(|ui| {
            ui.label(RichText::new(view.t(Key::TemplatesChoose)).color(palette.weak));
        });
        return;
    };
    let title = RichText::new(entry.title).size(size::HEADING);
    ui.label(title.color(palette.strong));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        let button = TextButton::new(view.t(Key::TemplateUse))
            .icon(icons::GENERATE)
            .emphasis(Emphasis::Primary);
        if ui.add(button).clicked() {
            use_it(view, entry);
        }
        let id = || entry.id.to_owned();
        let name = view.t(if entry.is_favourite {
            Key::TemplateNoFavourite
        } else {
            Key::TemplateFavourite
        });
        let star = IconButton::new(icons::FAVOURITE, name).on(entry.is_favourite);
        if ui.add(star).clicked() {
            view.push(Intent::Compose(ComposeIntent::Favourite(id())));
        }
        let copy = IconButton::new(icons::DUPLICATE, view.t(Key::TemplateCopy));
        if ui.add(copy).clicked() {
            view.push(Intent::Compose(ComposeIntent::CopyTemplate(id())));
        }
        if entry.is_own {
            let edit = IconButton::new(icons::EDIT, view.t(Key::TemplateEdit));
            if ui.add(edit).clicked() {
                view.push(Intent::Compose(ComposeIntent::EditTemplate(id())));
            }
            let delete = IconButton::new(icons::DELETE, view.t(Key::TemplateDelete));
            if ui.add(delete).clicked() {
                view.push(Intent::Compose(ComposeIntent::DeleteTemplate(id())));
            }
        }
    });
    ui.add_space(space::XS);
    ScrollArea::vertical()
        .id_salt("a template")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            // As it reads with its defaults: the signs are for the editor.
            let text = Pattern::read(entry.text).fill(&BTreeMap::new());
            let text = RichText::new(text).color(palette.text);
            ui.add(Label::new(text).wrap().selectable(true));
        });
}

/// The form of one's own template.
fn form_ui(ui: &mut Ui, view: &mut View<'_>, form: &mut OwnTemplate) {
    let palette = Palette::of(ui);
    ScrollArea::vertical()
        .id_salt("form of a template")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for (name, text, hint) in [
                (Key::TemplateTitle, &mut form.title, ""),
                (Key::TemplateFolder, &mut form.folder, ""),
                (Key::TemplateShape, &mut form.ratio, "3:4"),
            ] {
                let name = view.t(name);
                ui.label(RichText::new(name).small().color(palette.weak));
                let field = TextEdit::singleline(text)
                    .id(Id::unique(("template form", name, &form.id)))
                    .hint_text(hint)
                    .frame(field_frame(palette, false))
                    .desired_width(f32::INFINITY);
                ui.add(field).accessible_name(name);
            }
            ui.checkbox(&mut form.is_snippet, view.t(Key::TemplateIsSnippet));
            let name = view.t(Key::TemplateText);
            ui.label(RichText::new(name).small().color(palette.weak));
            let field = TextEdit::multiline(&mut form.text)
                .id(Id::unique(("text of a template", &form.id)))
                .hint_text(view.t(Key::TemplateTextHint))
                .frame(field_frame(palette, false))
                .desired_rows(8)
                .desired_width(f32::INFINITY);
            ui.add(field).accessible_name(name);
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::S;
                let keep = TextButton::new(view.t(Key::TemplateKeep)).emphasis(Emphasis::Primary);
                let has_text = !form.text.trim().is_empty();
                if ui.add_enabled(has_text, keep).clicked() {
                    view.push(Intent::Compose(ComposeIntent::KeepTemplateForm));
                }
                let drop = TextButton::new(view.t(Key::Cancel));
                if ui.add(drop).clicked() {
                    view.push(Intent::Compose(ComposeIntent::DropTemplateForm));
                }
            });
        });
}
