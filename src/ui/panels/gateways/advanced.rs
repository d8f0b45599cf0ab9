//! How requests to a gateway are spelled, and what it has refused.

use egui::{Button, RichText, TextEdit, Ui};

use crate::model::{ApiKind, EditBody, ExtraFields, ImageField, ResponseFormat};
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::state::{Field, Problem};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::TextButton;
use crate::ui::widgets::segmented::Segmented;

use super::field::{Form, field_frame, note, row};

/// The part in a few words.
pub(super) fn summary(form: &Form<'_, '_>) -> String {
    let dialect = &form.profile.dialect;
    let mut words = Vec::new();
    let extra = dialect.extra.fields().len();
    if extra > 0 {
        let args = [("count", extra.into())];
        words.push(form.view.text.with(Key::GatewayExtraCount, args));
    }
    if !dialect.refused.is_empty() {
        let args = [("count", dialect.refused.len().into())];
        words.push(form.view.text.with(Key::GatewayRefusedCount, args));
    }
    words.join(" · ")
}

pub(super) fn show(form: &mut Form<'_, '_>, ui: &mut Ui) {
    if form.profile.api == ApiKind::Images {
        images_ui(ui, form);
    }
    extra_ui(ui, form);
    refused_ui(ui, form);
    ui.add_space(space::S);
    row(ui, "", |ui| {
        let reset = TextButton::new(form.view.t(Key::GatewayReset)).icon(icons::RESET);
        if ui.add(reset).clicked() {
            let id = form.profile.id.clone();
            form.view.push(Intent::Gateway(GatewayIntent::Reset(id)));
        }
    });
    note(ui, form.view.t(Key::GatewayResetNote), Palette::of(ui).weak);
}

fn images_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let view = &form.view;
    let dialect = &mut form.profile.dialect;
    let name = view.t(Key::GatewayResponseFormat);
    row(ui, name, |ui| {
        let cells = [
            (ResponseFormat::Omit, view.t(Key::GatewayResponseFormatOmit)),
            (ResponseFormat::B64Json, "b64_json"),
            (ResponseFormat::Url, "url"),
        ];
        if let Some(format) = Segmented::new(name, &cells, dialect.response_format)
            .fill_width()
            .show(ui)
        {
            dialect.response_format = format;
        }
    });
    let name = view.t(Key::GatewayEditBody);
    row(ui, name, |ui| {
        let cells = [(EditBody::Multipart, "multipart"), (EditBody::Json, "JSON")];
        if let Some(body) = Segmented::new(name, &cells, dialect.edit_body)
            .fill_width()
            .show(ui)
        {
            dialect.edit_body = body;
        }
    });
    if dialect.edit_body == EditBody::Multipart {
        let name = view.t(Key::GatewayImageField);
        row(ui, name, |ui| {
            let cells = [
                (ImageField::Bracketed, "image[]"),
                (ImageField::Plain, "image"),
            ];
            if let Some(field) = Segmented::new(name, &cells, dialect.image_field)
                .fill_width()
                .show(ui)
            {
                dialect.image_field = field;
            }
        });
    }
}

fn extra_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let name = form.view.t(Key::GatewayExtra);
    let draft = form.edit.drafts.get(&Field::Extra);
    let is_wrong = draft.is_some_and(|draft| draft.problem.is_some());
    let mut text = match draft {
        Some(draft) => draft.text.clone(),
        None => form.profile.dialect.extra.to_text(),
    };
    row(ui, name, |ui| {
        let field = TextEdit::multiline(&mut text)
            .id_salt(Field::Extra)
            .font(egui::TextStyle::Monospace)
            .hint_text("{\"user\": \"me\"}")
            .desired_rows(3)
            .frame(field_frame(Palette::of(ui), is_wrong))
            .desired_width(ui.available_width());
        let response = ui.add(field).accessible_name(name);
        if response.changed() {
            form.typed(Field::Extra, text, |profile, text| {
                match ExtraFields::parse(text) {
                    Ok(extra) => profile.dialect.extra = extra,
                    Err(error) => return Err(Problem::NotJson(error.to_string())),
                }
                Ok(())
            });
        }
    });
    form.problem_ui(ui, Field::Extra);
    note(ui, form.view.t(Key::GatewayExtraNote), Palette::of(ui).weak);
}

fn refused_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    if form.profile.dialect.refused.is_empty() {
        return;
    }
    let view = &form.view;
    let mut gone = None;
    row(ui, view.t(Key::GatewayRefused), |ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.horizontal_wrapped(|ui| {
            for name in &form.profile.dialect.refused {
                let words = view
                    .text
                    .with(Key::GatewayRefusedRemove, [("name", name.as_str().into())]);
                let label = RichText::new(name).monospace().size(size::SMALL);
                let chip = Button::new((label, icons::CLOSE.sized(13.0)));
                let chip = ui.add(chip).on_hover_text(&words).accessible_name(words);
                if chip.clicked() {
                    gone = Some(name.clone());
                }
            }
        });
    });
    note(ui, view.t(Key::GatewayRefusedNote), Palette::of(ui).weak);
    if let Some(gone) = gone {
        form.profile.dialect.refused.retain(|name| *name != gone);
    }
}
