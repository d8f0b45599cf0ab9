//! A gateway out of the clipboard: a link or a curl command, shown as it was understood before it is kept.

use egui::{Grid, Label, RichText, TextEdit, Ui, vec2};

use crate::model::{ApiKey, ApiKind, GatewayProfile, Pasted, host_of};
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::gateway_name;
use crate::ui::state::{GatewayEdits, PasteEdit};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::{Emphasis, TextButton};

use super::field::{field_frame, section};

/// A text that grows by this many characters at once was pasted, not typed.
const A_PASTE: usize = 12;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut GatewayEdits) {
    if let Some(pasted) = &edits.paste.understood {
        section(ui, view.t(Key::GatewayPasteUnderstood), |ui| {
            understood_ui(ui, view, pasted);
        });
    } else {
        section(ui, view.t(Key::GatewayPasteTitle), |ui| {
            field_ui(ui, view, &mut edits.paste);
        });
    }
}

fn field_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut PasteEdit) {
    let palette = Palette::of(ui);
    let note = RichText::new(view.t(Key::GatewayPasteNote)).color(palette.weak);
    ui.add(Label::new(note).wrap());
    let before = edit.text.chars().count();
    let name = view.t(Key::GatewayPasteField);
    let field = TextEdit::multiline(&mut edit.text)
        .id_salt("paste a gateway")
        .font(egui::TextStyle::Monospace)
        .hint_text("curl https://…/v1/responses -H \"Authorization: Bearer sk-…\"")
        .desired_rows(4)
        .frame(field_frame(palette, edit.is_strange))
        .desired_width(ui.available_width());
    let response = ui.add(field).accessible_name(name);
    let is_pasted = response.changed() && edit.text.chars().count() >= before + A_PASTE;
    if response.changed() {
        edit.is_strange = false;
    }
    let mut is_to_be_read = is_pasted;
    if edit.is_strange {
        let words = RichText::new(view.t(Key::GatewayPasteStrange)).small();
        ui.add(Label::new(words.color(palette.error)).wrap());
    }
    ui.horizontal(|ui| {
        let paste = TextButton::new(view.t(Key::GatewayPaste)).icon(icons::PASTE);
        if ui.add(paste).clicked() {
            view.push(Intent::Gateway(GatewayIntent::RequestPaste));
        }
        let is_blank = edit.text.trim().is_empty();
        let read = TextButton::new(view.t(Key::GatewayPasteRead));
        is_to_be_read |= ui.add_enabled(!is_blank, read).clicked();
    });
    if is_to_be_read {
        let text = edit.text.clone();
        view.push(Intent::Gateway(GatewayIntent::ReadPasted(text)));
    }
}

fn understood_ui(ui: &mut Ui, view: &mut View<'_>, pasted: &Pasted) {
    let Pasted { profile, key } = pasted;
    let mut rows = vec![
        (
            Key::GatewayName,
            gateway_name(view.text, profile).to_owned(),
        ),
        (Key::GatewayAddress, profile.base_urls.join("\n")),
        (Key::GatewayApi, api_words(view, profile.api).to_owned()),
        (Key::GatewayImageModel, profile.image_model.clone()),
    ];
    if profile.api == ApiKind::Responses {
        rows.push((Key::GatewayModel, profile.model.clone()));
    }
    let key = match key {
        Some(key) => masked(key),
        None => view.t(Key::GatewayPasteNoKey).to_owned(),
    };
    rows.push((Key::GatewayKey, key));
    Grid::new("pasted gateway")
        .num_columns(2)
        .spacing(vec2(space::L, space::XS))
        .min_col_width(124.0)
        .show(ui, |ui| {
            let palette = Palette::of(ui);
            for (name, value) in rows {
                ui.label(RichText::new(view.t(name)).color(palette.weak));
                ui.add(Label::new(RichText::new(value).color(palette.strong)).wrap());
                ui.end_row();
            }
        });
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        let add = TextButton::new(view.t(Key::GatewayAdd)).emphasis(Emphasis::Primary);
        if ui.add(add).clicked() {
            view.push(Intent::Gateway(GatewayIntent::TakePasted(None)));
        }
        if let Some(known) = known(view, profile) {
            let name = gateway_name(view.text, known);
            let words = view
                .text
                .with(Key::GatewayPasteInto, [("name", name.into())]);
            let id = known.id.clone();
            if ui.add(TextButton::new(&words)).clicked() {
                view.push(Intent::Gateway(GatewayIntent::TakePasted(Some(id))));
            }
        }
        if ui.add(TextButton::new(view.t(Key::Cancel))).clicked() {
            view.push(Intent::Gateway(GatewayIntent::DropPasted));
        }
    });
}

/// A profile that is at the same address already.
fn known<'a>(view: &View<'a>, pasted: &GatewayProfile) -> Option<&'a GatewayProfile> {
    let first = host_of(pasted.base_urls.first()?);
    let mut profiles = view.studio.settings.gateways.iter();
    profiles.find(|profile| profile.base_urls.iter().any(|url| host_of(url) == first))
}

fn api_words<'a>(view: &View<'a>, api: ApiKind) -> &'a str {
    view.t(match api {
        ApiKind::Responses => Key::GatewayApiResponses,
        ApiKind::Images => Key::GatewayApiImages,
    })
}

/// The beginning and the end of a key, so that its owner knows it again: `sk-…3f2a`.
fn masked(key: &ApiKey) -> String {
    let text = key.expose();
    let count = text.chars().count();
    if count < 12 {
        return "…".to_owned();
    }
    let head = if text.starts_with("sk-") { "sk-" } else { "" };
    let tail: String = text.chars().skip(count - 4).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_its_ends_only() {
        let check = |key: &str, expected: &str| {
            assert_eq!(masked(&ApiKey::new(key).unwrap()), expected);
        };
        check("sk-0123456789abcdef3f2a", "sk-…3f2a");
        check("0123456789abcdef", "…cdef");
        check("sk-short", "…");
        check("密钥密钥密钥密钥密钥密钥密钥", "…密钥密钥");
    }
}
