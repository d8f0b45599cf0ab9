//! The prompt's editor, with templates under a slash, the form of a template's variables, and earlier prompts.

mod form;
mod history;
mod slash;

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Color32, CornerRadius, EventFilter, FontId, Frame, Id, Key as K, Margin, Modifiers, RichText,
    ScrollArea, Stroke, TextEdit, Ui,
};

use crate::model::compose::{Pattern, SyntaxIssue, count_text};
use crate::model::{Finding, Fix, MAX_PROMPT_CHARS, Severity};
use crate::ui::compose_text;
use crate::ui::format;
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::state::{Center, Edits, findings};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::card::header;

pub(in crate::ui) use self::form::variable_id;
use super::View;

/// Height of the editor in points before it scrolls.
const HEIGHT: f32 = 120.0;

/// The editor's id, for putting the cursor into it.
pub(in crate::ui) fn editor_id() -> Id {
    Id::unique("prompt editor")
}

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let label = header(ui, view.t(Key::Prompt), |ui| buttons_ui(ui, view, edits));
    let pattern = Pattern::read(&edits.prompt.text);
    let id = editor_id();
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let slash = slash::open(ui, view, edits);
    if has_focus && !edits.prompt.composing {
        walk_keys(ui, view);
        if let Some(slash) = &slash {
            slash::keys(ui, view, edits, slash);
        }
    }
    let palette = Palette::of(ui);
    let outline = if has_focus {
        Stroke::new(1.0, palette.accent_text)
    } else {
        Stroke::new(1.0, palette.outline)
    };
    let marks = marks(&findings(view.studio, edits), &pattern, palette);
    let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| {
        let mut job = layout(text.as_str(), &marks, palette.text);
        job.wrap.max_width = width;
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let cursor = Frame::new()
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
                    let editor = TextEdit::multiline(&mut edits.prompt.text)
                        .id(id)
                        .hint_text(view.t(Key::PromptHint))
                        .frame(Frame::NONE)
                        .layouter(&mut layouter)
                        .desired_width(f32::INFINITY)
                        .min_size(egui::vec2(0.0, HEIGHT));
                    let output = editor.show(ui);
                    output.response.response.labelled_by(label.id);
                    let range = output.cursor_range?;
                    let rect = output.galley.pos_from_cursor(range.primary);
                    Some(rect.translate(output.galley_pos.to_vec2()))
                })
                .inner
        })
        .inner;
    if let (Some(slash), Some(cursor)) = (&slash, cursor) {
        slash::show(ui, view, edits, slash, cursor);
        // Until the list is closed, its keys are not the editor's.
        let filter = EventFilter {
            tab: true,
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: true,
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    under_ui(ui, view, edits, &pattern);
    form::show(ui, view, edits, &pattern);
}

fn buttons_ui(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let center = view.studio.compose.center;
    history::button(ui, view, edits);
    for (icon, name, target) in [
        (icons::TEMPLATES, Key::Templates, Center::Templates),
        (icons::BATCH, Key::Batch, Center::Batch),
        (icons::TARGETS, Key::Targets, Center::Targets),
    ] {
        let is_on = center == target;
        let button = IconButton::new(icon, view.t(name)).side(24.0).on(is_on);
        if ui.add(button).clicked() {
            let next = if is_on { Center::Canvas } else { target };
            view.push(Intent::Compose(ComposeIntent::Show(next)));
        }
    }
}

/// Alt with up and down goes through earlier prompts.
fn walk_keys(ui: &Ui, view: &mut View<'_>) {
    let (up, down) = ui.input_mut(|input| {
        (
            input.consume_key(Modifiers::ALT, K::ArrowUp),
            input.consume_key(Modifiers::ALT, K::ArrowDown),
        )
    });
    if up {
        view.push(Intent::Compose(ComposeIntent::OlderPrompt));
    } else if down {
        view.push(Intent::Compose(ComposeIntent::NewerPrompt));
    }
}

/// A part of the text that looks different.
struct Mark {
    span: Range<usize>,
    color: Option<Color32>,
    underline: Option<Color32>,
}

/// Alternatives and variables are coloured, findings underlined.
fn marks(found: &[(Finding, Fix)], pattern: &Pattern, palette: &Palette) -> Vec<Mark> {
    let mut marks: Vec<Mark> = pattern
        .marks()
        .iter()
        .map(|span| Mark {
            span: span.clone(),
            color: Some(palette.accent_text),
            underline: None,
        })
        .collect();
    let underlined = |span: &Range<usize>, color| Mark {
        span: span.clone(),
        color: None,
        underline: Some(color),
    };
    marks.extend(
        pattern
            .findings()
            .iter()
            .map(|finding| underlined(&finding.span, palette.warn)),
    );
    // What can be said of a place in the text can be taken out of it.
    marks.extend(found.iter().filter_map(|(finding, fix)| match fix {
        Fix::Remove(span) => {
            let color = match finding.severity() {
                Severity::Impossible => palette.error,
                Severity::Warning => palette.warn,
            };
            Some(underlined(span, color))
        }
        _ => None,
    }));
    marks
}

/// Cuts the text at the ends of the marks. Marks that do not fit the text, as those of a moment before may not, are
/// left out.
fn layout(text: &str, marks: &[Mark], color: Color32) -> LayoutJob {
    let fitting: Vec<&Mark> = marks
        .iter()
        .filter(|mark| text.get(mark.span.clone()).is_some())
        .collect();
    let mut cuts: Vec<usize> = fitting
        .iter()
        .flat_map(|mark| [mark.span.start, mark.span.end])
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut job = LayoutJob::default();
    for (start, end) in cuts.iter().zip(cuts.iter().skip(1)) {
        let over = |mark: &&&Mark| mark.span.start <= *start && *end <= mark.span.end;
        let mut format = TextFormat::simple(FontId::proportional(size::BODY), color);
        for mark in fitting.iter().filter(over) {
            if let Some(color) = mark.color {
                format.color = color;
            }
            if let Some(color) = mark.underline {
                format.underline = Stroke::new(1.5, color);
            }
        }
        job.append(text.get(*start..*end).unwrap_or_default(), 0.0, format);
    }
    if text.is_empty() {
        let format = TextFormat::simple(FontId::proportional(size::BODY), color);
        job.append("", 0.0, format);
    }
    job
}

/// What is under the editor: how long the text is, how many requests it makes, and what is odd in it.
fn under_ui(ui: &mut Ui, view: &mut View<'_>, edits: &Edits, pattern: &Pattern) {
    let palette = Palette::of(ui);
    let text = &edits.prompt.text;
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let count = count_text(text);
            if count.chars > MAX_PROMPT_CHARS * 3 / 4 {
                let args = [
                    ("count", format::count(count.chars as u64).into()),
                    ("most", format::count(MAX_PROMPT_CHARS as u64).into()),
                ];
                let words = view.text.with(Key::PromptCount, args);
                let is_over = count.chars > MAX_PROMPT_CHARS;
                let color = if is_over { palette.error } else { palette.weak };
                ui.label(RichText::new(words).small().color(color));
            } else if count.chars > 0 {
                let words = compose_text::count(view.text, count);
                ui.label(RichText::new(words).small().color(palette.weak));
            } else {
                let words = view.t(Key::PromptSlashHint);
                ui.label(RichText::new(words).small().color(palette.weak));
            }
            let rows = edits.compose.rows_of(text);
            if rows > 1 {
                let number = format::count(rows as u64);
                let words = view.text.with(Key::PromptRows, [("count", number.into())]);
                if ui.link(RichText::new(words).small()).clicked() {
                    view.push(Intent::Compose(ComposeIntent::Show(Center::Batch)));
                }
            }
            if let Some(finding) = pattern.findings().first() {
                let words = view.t(match finding.issue {
                    SyntaxIssue::Unclosed => Key::SyntaxUnclosed,
                    SyntaxIssue::Unopened => Key::SyntaxUnopened,
                    SyntaxIssue::Unnamed => Key::SyntaxUnnamed,
                    SyntaxIssue::TooDeep => Key::SyntaxTooDeep,
                });
                ui.label(RichText::new(words).small().color(palette.warn));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::tokens::DARK;

    #[test]
    fn marks_cut_the_text_and_those_outside_are_left_out() {
        let mark = |span, underline: bool| Mark {
            span,
            color: (!underline).then_some(DARK.accent_text),
            underline: underline.then_some(DARK.warn),
        };
        let text = "雪中的 {a|b} fox";
        let marks = [
            mark(10..15, false),
            mark(11..99, true),
            mark(12..16, true),
            mark(1..3, true),
        ];
        let job = layout(text, &marks, DARK.text);
        let parts: Vec<_> = job
            .sections
            .iter()
            .map(|section| {
                let range = section.byte_range.start.0..section.byte_range.end.0;
                let format = &section.format;
                (
                    text.get(range).unwrap(),
                    format.color == DARK.accent_text,
                    format.underline.width > 0.0,
                )
            })
            .collect();
        assert_eq!(
            parts,
            [
                ("雪中的 ", false, false),
                ("{a", true, false),
                ("|b}", true, true),
                (" ", false, true),
                ("fox", false, false)
            ]
        );
    }
}
