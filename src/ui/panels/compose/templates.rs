//! The templates: the list with its search on the left, one of them, or the form of one's own, on the right.

use std::collections::BTreeMap;

use egui::{
    Frame, Id, Label, Margin, Panel, RichText, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo,
    vec2,
};

use crate::model::compose::{OwnTemplate, Pattern, TemplateEntry, find_templates};
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::state::Edits;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::field::field_frame;
use crate::ui::widgets::segmented::focus_ring;
use crate::ui::widgets::text_line::line;

use super::title_ui;

const ROW: f32 = 40.0;

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
        .show(ui, |ui| list_ui(ui, view, edits));
    let form = edits.compose.form.take();
    if let Some(mut form) = form {
        form_ui(ui, view, &mut form);
        edits.compose.form = Some(form);
    } else {
        opened_ui(ui, view, edits);
    }
}

fn list_ui(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let palette = Palette::of(ui);
    let compose = &mut edits.compose;
    let name = view.t(Key::TemplatesSearch);
    let field = TextEdit::singleline(&mut compose.template_search)
        .id(Id::unique("search among templates"))
        .hint_text(name)
        .frame(field_frame(palette, false))
        .desired_width(f32::INFINITY);
    ui.add(field).accessible_name(name);
    ui.add_space(space::XS);
    let studio = view.studio;
    let (table, shelf) = (&studio.compose.templates, &studio.compose.shelf);
    let found = find_templates(table, shelf, studio.language, &compose.template_search);
    if found.is_empty() {
        ui.label(RichText::new(view.t(Key::TemplatesNone)).color(palette.weak));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("templates")
        .auto_shrink([false, false])
        .show_rows(ui, ROW, found.len(), |ui, range| {
            for entry in found.get(range).unwrap_or_default() {
                ui.push_id(entry.id, |ui| {
                    let is_open = compose.opened.as_deref() == Some(entry.id);
                    let (clicked, twice) = row_ui(ui, view, entry, is_open);
                    if clicked {
                        compose.opened = Some(entry.id.to_owned());
                        compose.form = None;
                    }
                    if twice {
                        use_it(view, entry);
                    }
                });
            }
        });
}

fn use_it(view: &mut View<'_>, entry: &TemplateEntry<'_>) {
    view.push(Intent::Compose(ComposeIntent::UseTemplate {
        id: entry.id.to_owned(),
        replace: None,
    }));
}

/// A template as a row; whether it was clicked, and whether twice.
fn row_ui(ui: &mut Ui, view: &View<'_>, entry: &TemplateEntry<'_>, is_open: bool) -> (bool, bool) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_open, entry.title));
    if is_open {
        ui.painter()
            .rect_filled(rect, radius::CONTROL, palette.accent_soft);
    } else if response.hovered() {
        ui.painter()
            .rect_filled(rect, radius::CONTROL, palette.control);
    }
    if response.has_focus() {
        focus_ring(ui, rect, radius::CONTROL);
    }
    let left = rect.left() + space::S;
    let width = rect.width() - 2.0 * space::S;
    line(
        ui,
        (left, rect.top() + 13.0),
        width - size::ICON,
        entry.title,
        size::BODY,
        palette.strong,
    );
    let own = if entry.is_snippet {
        view.t(Key::TemplateSnippet)
    } else if entry.is_own {
        view.t(Key::TemplateOwn)
    } else {
        ""
    };
    let parts = [own, entry.folder, entry.ratio];
    let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let words = words.join(" · ");
    line(
        ui,
        (left, rect.top() + 28.0),
        width,
        &words,
        size::SMALL,
        palette.weak,
    );
    if entry.is_favourite {
        ui.painter().text(
            rect.right_top() + vec2(-space::S, 13.0),
            egui::Align2::RIGHT_CENTER,
            icons::FAVOURITE.glyph(),
            icons::FAVOURITE.font(size::ICON),
            palette.warn,
        );
    }
    (response.clicked(), response.double_clicked())
}

fn opened_ui(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let palette = Palette::of(ui);
    let studio = view.studio;
    let (table, shelf) = (&studio.compose.templates, &studio.compose.shelf);
    let all = find_templates(table, shelf, studio.language, "");
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
                    .id(Id::unique(("template form", name)))
                    .hint_text(hint)
                    .frame(field_frame(palette, false))
                    .desired_width(f32::INFINITY);
                ui.add(field).accessible_name(name);
            }
            ui.checkbox(&mut form.is_snippet, view.t(Key::TemplateIsSnippet));
            let name = view.t(Key::TemplateText);
            ui.label(RichText::new(name).small().color(palette.weak));
            let field = TextEdit::multiline(&mut form.text)
                .id(Id::unique("text of a template"))
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
