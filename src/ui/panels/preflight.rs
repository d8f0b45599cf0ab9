//! What can be said of the request before it is sent, under the prompt: a sentence each, and what helps.

use egui::{Frame, Id, Label, Margin, RichText, Ui};

use crate::model::{Finding, Fix, Severity};
use crate::ui::intent::Intent;
use crate::ui::preflight_text;
use crate::ui::state::{Edits, findings};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};

use super::View;

/// Findings in view; the others wait for a click.
const IN_VIEW: usize = 3;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let mut found = findings(view.studio, edits);
    // That nothing is written yet is no news.
    found.retain(|(finding, _)| *finding != Finding::PromptEmpty);
    // What is in the way comes first.
    found.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity()));
    if found.is_empty() {
        return;
    }
    let id = Id::unique("all findings");
    let is_open = ui.data(|data| data.get_temp(id).unwrap_or(false));
    let shown = if is_open { found.len() } else { IN_VIEW };
    let more = found.len().saturating_sub(IN_VIEW);
    Frame::new()
        .inner_margin(Margin {
            top: 4,
            ..Margin::ZERO
        })
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            for (finding, fix) in found.iter().take(shown) {
                finding_ui(ui, view, finding, fix);
            }
            if more > 0 {
                let words = if is_open {
                    view.t(Key::FindingsFewer).to_owned()
                } else {
                    let count = more.to_string();
                    view.text.with(Key::FindingsMore, [("count", count.into())])
                };
                if ui.link(RichText::new(words).size(size::SMALL)).clicked() {
                    ui.data_mut(|data| data.insert_temp(id, !is_open));
                }
            }
        });
}

fn finding_ui(ui: &mut Ui, view: &mut View<'_>, finding: &Finding, fix: &Fix) {
    let palette = Palette::of(ui);
    let (icon, color) = match finding.severity() {
        Severity::Impossible => (icons::ERROR, palette.error),
        Severity::Warning => (icons::WARNING, palette.warn),
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(icon.text().size(size::BODY).color(color));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let sentence = preflight_text::finding(view.text, finding);
            let words = RichText::new(sentence)
                .size(size::SMALL)
                .color(palette.text);
            ui.add(Label::new(words).wrap());
            let button = preflight_text::fix(view.text, fix);
            if ui.link(RichText::new(button).size(size::SMALL)).clicked() {
                view.push(Intent::Fix(fix.clone()));
            }
        });
    });
}
