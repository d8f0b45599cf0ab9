//! The list of templates that a slash at the beginning of a word opens, under the cursor.

use std::ops::Range;

use egui::{
    Area, Frame, Id, Key as K, Margin, Modifiers, Order, Rect, Role, ScrollArea, Sense, Stroke,
    TextEdit, Ui, WidgetInfo, vec2,
};

use crate::model::compose::{TemplateEntry, find_templates};
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::state::Edits;
use crate::ui::text::Key;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::segmented::focus_ring;
use crate::ui::widgets::text_line::line;

use super::editor_id;

/// Most templates in the list: the more one types, the fewer there are.
const MOST: usize = 40;
/// Longest word behind the slash in characters.
const MAX_WORD: usize = 24;
const WIDTH: f32 = 320.0;
const ROW: f32 = 26.0;

/// A slash with the cursor behind it.
pub(super) struct Slash<'a> {
    /// The slash and the word behind it, in bytes.
    range: Range<usize>,
    found: Vec<TemplateEntry<'a>>,
}

/// The slash that the cursor is at, unless its list was closed or finds nothing.
pub(super) fn open<'a>(ui: &Ui, view: &View<'a>, edits: &mut Edits) -> Option<Slash<'a>> {
    if edits.prompt.composing || !ui.memory(|memory| memory.has_focus(editor_id())) {
        return None;
    }
    let state = TextEdit::load_state(ui.ctx(), editor_id())?;
    let cursor = state.cursor.char_range()?;
    if !cursor.is_empty() {
        return None;
    }
    let range = slash_at(&edits.prompt.text, cursor.primary.index.0);
    let compose = &mut edits.compose;
    let Some(range) = range else {
        compose.slash_closed = None;
        compose.slash_row = 0;
        return None;
    };
    if compose.slash_closed == Some(range.start) {
        return None;
    }
    let query = edits.prompt.text.get(range.clone())?;
    let query = query.trim_start_matches(['/', '／']);
    let studio = view.studio;
    let (table, shelf) = (&studio.compose.templates, &studio.compose.shelf);
    let mut found = find_templates(table, shelf, studio.language, query);
    found.truncate(MOST);
    (!found.is_empty()).then_some(Slash { range, found })
}

/// The slash and the word behind it that end at the cursor (in characters). A slash counts at the beginning of a word
/// only: `16:9`, `and/or` and addresses have none.
fn slash_at(text: &str, cursor: usize) -> Option<Range<usize>> {
    let end = text
        .char_indices()
        .nth(cursor)
        .map_or(text.len(), |(byte, _)| byte);
    let before = text.get(..end)?;
    let start = before.rfind(['/', '／'])?;
    let slash = before.get(start..)?.chars().next()?;
    let word = before.get(start + slash.len_utf8()..)?;
    if word.chars().count() > MAX_WORD || word.contains(char::is_whitespace) {
        return None;
    }
    let is_start = before
        .get(..start)?
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || "，。、；：！？（「“".contains(c));
    is_start.then_some(start..end)
}

/// Up, down, Enter, Tab and Escape belong to the list while it is open.
pub(super) fn keys(ui: &Ui, view: &mut View<'_>, edits: &mut Edits, slash: &Slash<'_>) {
    let pressed = |key: K| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let last = slash.found.len() - 1;
    let row = edits.compose.slash_row.min(last);
    if pressed(K::Escape) {
        edits.compose.slash_closed = Some(slash.range.start);
    } else if pressed(K::ArrowDown) {
        edits.compose.slash_row = if row == last { 0 } else { row + 1 };
    } else if pressed(K::ArrowUp) {
        edits.compose.slash_row = row.checked_sub(1).unwrap_or(last);
    } else if pressed(K::Enter) || pressed(K::Tab) {
        choose(view, slash, row);
    }
}

fn choose(view: &mut View<'_>, slash: &Slash<'_>, row: usize) {
    if let Some(entry) = slash.found.get(row) {
        view.push(Intent::Compose(ComposeIntent::UseTemplate {
            id: entry.id.to_owned(),
            replace: Some(slash.range.clone()),
        }));
    }
}

pub(super) fn show(
    ui: &Ui,
    view: &mut View<'_>,
    edits: &mut Edits,
    slash: &Slash<'_>,
    cursor: Rect,
) {
    let palette = Palette::of(ui);
    Area::new(Id::unique("templates under a slash"))
        .order(Order::Foreground)
        .fixed_pos(cursor.left_bottom() + vec2(0.0, space::XS))
        .constrain(true)
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style())
                .fill(palette.card)
                .stroke(Stroke::new(1.0, palette.line))
                .inner_margin(Margin::same(4))
                .show(ui, |ui| {
                    ui.set_width(WIDTH);
                    let response = ui.response();
                    response.widget_info(|| {
                        WidgetInfo::labeled(Role::ListBox, true, view.t(Key::Templates))
                    });
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let current = edits.compose.slash_row.min(slash.found.len() - 1);
                    let shown = Id::unique("row of the templates under a slash");
                    let has_moved = ui.data_mut(|data| {
                        let before = data.get_temp::<usize>(shown);
                        data.insert_temp(shown, current);
                        before != Some(current)
                    });
                    ScrollArea::vertical().max_height(ROW * 8.0).show(ui, |ui| {
                        for (row, entry) in slash.found.iter().enumerate() {
                            if row_ui(ui, entry, row == current, has_moved) {
                                choose(view, slash, row);
                            }
                        }
                    });
                });
        });
}

/// A template as a row; whether it was clicked.
fn row_ui(ui: &mut Ui, entry: &TemplateEntry<'_>, is_current: bool, has_moved: bool) -> bool {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_current, entry.title));
    if is_current {
        ui.painter()
            .rect_filled(rect, radius::CONTROL, palette.accent_soft);
        // Not in every frame: the wheel could not leave it.
        if has_moved {
            response.scroll_to_me(None);
        }
    } else if response.hovered() {
        ui.painter()
            .rect_filled(rect, radius::CONTROL, palette.control);
    }
    if response.has_focus() {
        focus_ring(ui, rect, radius::CONTROL);
    }
    let middle = rect.center().y;
    let half = rect.width() * 0.66;
    line(
        ui,
        (rect.left() + space::S, middle),
        half - space::S,
        entry.title,
        size::BODY,
        palette.strong,
    );
    line(
        ui,
        (rect.left() + half + space::XS, middle),
        rect.width() - half - space::S,
        entry.folder,
        size::SMALL,
        palette.weak,
    );
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_counts_at_the_beginning_of_a_word() {
        let check = |text: &str, expected: Option<&str>| {
            let found = slash_at(text, text.chars().count());
            assert_eq!(found.map(|range| &text[range]), expected, "{text}");
        };
        check("/", Some("/"));
        check("/post", Some("/post"));
        check("雪中 /海报", Some("/海报"));
        check("狐，/海", Some("/海"));
        check("狐，／海", Some("／海"));
        check("line\n/x", Some("/x"));
        check("and/or", None);
        check("https://a", None);
        check("a / b", None);
        check("no slash", None);
        check(&format!("/{}", "x".repeat(25)), None);
        assert_eq!(slash_at("/ab cd", 2), Some(0..2));
    }
}
