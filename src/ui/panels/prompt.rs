//! The prompt's editor.

use egui::{CornerRadius, Frame, Id, Margin, ScrollArea, Stroke, TextEdit, Ui};

use crate::model::MAX_PROMPT_CHARS;
use crate::ui::format;
use crate::ui::state::PromptEdit;
use crate::ui::text::Key;
use crate::ui::theme::tokens::{Palette, radius};
use crate::ui::widgets::card::header;

use super::View;

/// From here on the count of characters is shown.
const COUNT_FROM: usize = MAX_PROMPT_CHARS * 3 / 4;
/// Height of the editor in points before it scrolls.
const HEIGHT: f32 = 120.0;

/// The editor's id, for putting the cursor into it.
pub(in crate::ui) fn editor_id() -> Id {
    Id::unique("prompt editor")
}

pub(in crate::ui) fn show(ui: &mut Ui, view: &View<'_>, edit: &mut PromptEdit) {
    let label = header(ui, view.t(Key::Prompt), |ui| {
        // Bytes bound the characters, so a short text is never counted.
        if edit.text.len() > COUNT_FROM {
            count_ui(ui, view, edit);
        }
    });
    let palette = Palette::of(ui);
    let id = editor_id();
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let outline = if has_focus {
        Stroke::new(1.0, palette.accent_text)
    } else {
        Stroke::new(1.0, palette.outline)
    };
    Frame::new()
        .fill(palette.field)
        .stroke(outline)
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(8, 6))
        .show(ui, |ui| {
            ScrollArea::vertical()
                .id_salt("prompt")
                .max_height(HEIGHT)
                .min_scrolled_height(HEIGHT)
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    let editor = TextEdit::multiline(&mut edit.text)
                        .id(id)
                        .hint_text(view.t(Key::PromptHint))
                        .frame(Frame::NONE)
                        .desired_width(f32::INFINITY)
                        .min_size(egui::vec2(0.0, HEIGHT));
                    ui.add(editor).labelled_by(label.id)
                });
        });
}

fn count_ui(ui: &mut Ui, view: &View<'_>, edit: &PromptEdit) {
    let chars = edit.text.chars().count();
    if chars <= COUNT_FROM {
        return;
    }
    let palette = Palette::of(ui);
    let color = if chars > MAX_PROMPT_CHARS {
        palette.error
    } else {
        palette.weak
    };
    let words = view.text.with(
        Key::PromptCount,
        [
            ("count", format::count(chars as u64).into()),
            ("most", format::count(MAX_PROMPT_CHARS as u64).into()),
        ],
    );
    ui.label(egui::RichText::new(words).small().color(color));
}
