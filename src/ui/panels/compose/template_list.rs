//! The list of templates with its search: by folder while nothing is searched for, else the best first. The keyboard
//! stays in the search field; up and down go through the list, Enter uses a template.

use std::collections::BTreeSet;

use egui::{
    Align2, EventFilter, Id, Key as K, Modifiers, Rect, RichText, Role, ScrollArea, Sense,
    TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use crate::model::compose::{TemplateEntry, find_templates};
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::state::Edits;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::field::field_frame;
use crate::ui::widgets::rows::scroll_to;
use crate::ui::widgets::segmented::focus_ring;
use crate::ui::widgets::text_line::line;

const ENTRY: f32 = 40.0;
const HEAD: f32 = 30.0;

/// A line of the list.
enum Row<'a> {
    Head {
        title: &'a str,
        count: usize,
        is_open: bool,
    },
    Entry(TemplateEntry<'a>),
}

impl Row<'_> {
    const fn height(&self) -> f32 {
        match self {
            Self::Head { .. } => HEAD,
            Self::Entry(_) => ENTRY,
        }
    }
}

/// The search field.
pub(in crate::ui) fn search_id() -> Id {
    Id::unique("search among templates")
}

/// Uses a template.
pub(super) fn use_it(view: &mut View<'_>, entry: &TemplateEntry<'_>) {
    view.push(Intent::Compose(ComposeIntent::UseTemplate {
        id: entry.id.to_owned(),
        replace: None,
    }));
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let palette = Palette::of(ui);
    let is_composing = edits.prompt.composing;
    let compose = &mut edits.compose;
    let name = view.t(Key::TemplatesSearch);
    let studio = view.studio;
    let (table, shelf) = (&studio.compose.templates, &studio.compose.shelf);
    let found = find_templates(table, shelf, studio.language, &compose.template_search);
    let is_search = !compose.template_search.trim().is_empty();
    let is_empty = found.is_empty();
    let rows = if is_search {
        found.into_iter().map(Row::Entry).collect()
    } else {
        let names = [view.t(Key::TemplatesFavourites), view.t(Key::TemplateOwn)];
        by_folder(found, names, &compose.folded)
    };
    // Before the field is drawn: it would take the keys.
    let in_field = ui.memory(|memory| memory.has_focus(search_id()));
    let moved = if in_field && !is_composing {
        keys(ui, view, &rows, &mut compose.opened)
    } else {
        false
    };
    let field = TextEdit::singleline(&mut compose.template_search)
        .id(search_id())
        .hint_text(name)
        .frame(field_frame(palette, false))
        .desired_width(f32::INFINITY);
    ui.add(field).accessible_name(name);
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(search_id(), filter));
    ui.add_space(space::XS);
    if is_empty {
        ui.label(RichText::new(view.t(Key::TemplatesNone)).color(palette.weak));
        return;
    }
    let height: f32 = rows.iter().map(Row::height).sum();
    let mut area = ScrollArea::vertical()
        .id_salt("templates")
        .auto_shrink([false, false]);
    let offset_id = Id::unique("offset of the templates");
    if moved && let Some(top) = top_of(&rows, compose.opened.as_deref()) {
        let now: f32 = ui.data(|data| data.get_temp(offset_id).unwrap_or_default());
        let seen = ui.available_height();
        area = area.vertical_scroll_offset(scroll_to(now, top, ENTRY, seen));
    }
    let output = area.show_viewport(ui, |ui, seen| {
        ui.set_height(height);
        let origin = ui.max_rect().left_top();
        let width = ui.available_width();
        let mut top = 0.0;
        for row in &rows {
            let from = top;
            top += row.height();
            if top < seen.top() || from > seen.bottom() {
                continue;
            }
            let rect =
                Rect::from_min_size(pos2(origin.x, origin.y + from), vec2(width, row.height()));
            match row {
                Row::Head {
                    title,
                    count,
                    is_open,
                } => {
                    if head_ui(ui, rect, title, *count, *is_open) {
                        fold(&mut compose.folded, title);
                    }
                }
                Row::Entry(entry) => {
                    let is_opened = compose.opened.as_deref() == Some(entry.id);
                    let (clicked, twice) = entry_ui(ui, view, rect, entry, is_opened, is_search);
                    if clicked {
                        compose.opened = Some(entry.id.to_owned());
                    }
                    if twice {
                        use_it(view, entry);
                    }
                }
            }
        }
    });
    ui.data_mut(|data| data.insert_temp(offset_id, output.state.clamped_offset().y));
}

/// The favourites, what is the user's own and in no folder, then the folders in the order in which they come.
fn by_folder<'a>(
    found: Vec<TemplateEntry<'a>>,
    [favourites, own]: [&'a str; 2],
    folded: &BTreeSet<String>,
) -> Vec<Row<'a>> {
    let mut groups: Vec<(&'a str, Vec<TemplateEntry<'a>>)> =
        vec![(favourites, Vec::new()), (own, Vec::new())];
    for entry in found {
        let title = if entry.is_favourite {
            favourites
        } else if entry.folder.is_empty() {
            own
        } else {
            entry.folder
        };
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, entries)) => entries.push(entry),
            None => groups.push((title, vec![entry])),
        }
    }
    let mut rows = Vec::new();
    for (title, entries) in groups.into_iter().filter(|(_, list)| !list.is_empty()) {
        let is_open = !folded.contains(title);
        rows.push(Row::Head {
            title,
            count: entries.len(),
            is_open,
        });
        if is_open {
            rows.extend(entries.into_iter().map(Row::Entry));
        }
    }
    rows
}

fn fold(folded: &mut BTreeSet<String>, title: &str) {
    if !folded.remove(title) {
        folded.insert(title.to_owned());
    }
}

/// Where the row of a template begins, in points.
fn top_of(rows: &[Row<'_>], opened: Option<&str>) -> Option<f32> {
    let mut top = 0.0;
    for row in rows {
        if let Row::Entry(entry) = row
            && Some(entry.id) == opened
        {
            return Some(top);
        }
        top += row.height();
    }
    None
}

/// Up, down and Enter; whether another template is looked at now.
fn keys(ui: &Ui, view: &mut View<'_>, rows: &[Row<'_>], opened: &mut Option<String>) -> bool {
    let entries = rows.iter().filter_map(|row| match row {
        Row::Entry(entry) => Some(entry),
        Row::Head { .. } => None,
    });
    let entries: Vec<_> = entries.collect();
    let Some(last) = entries.len().checked_sub(1) else {
        return false;
    };
    let at = entries
        .iter()
        .position(|entry| Some(entry.id) == opened.as_deref());
    let pressed = |key: K| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let to = if pressed(K::ArrowDown) {
        at.map_or(0, |at| (at + 1).min(last))
    } else if pressed(K::ArrowUp) {
        at.map_or(last, |at| at.saturating_sub(1))
    } else if pressed(K::PageDown) {
        at.map_or(0, |at| (at + 8).min(last))
    } else if pressed(K::PageUp) {
        at.map_or(0, |at| at.saturating_sub(8))
    } else if pressed(K::Enter) {
        if let Some(entry) = at.and_then(|at| entries.get(at)) {
            use_it(view, entry);
        }
        return false;
    } else {
        return false;
    };
    *opened = entries.get(to).map(|entry| entry.id.to_owned());
    true
}

/// The line of a folder; whether it was clicked.
fn head_ui(ui: &Ui, rect: Rect, title: &str, count: usize, is_open: bool) -> bool {
    let palette = Palette::of(ui);
    let id = ui.scope_id().with(("folder of templates", title));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, is_open, title));
    if response.hovered() {
        ui.painter()
            .rect_filled(rect, radius::CONTROL, palette.control);
    }
    if response.has_focus() {
        focus_ring(ui, rect, radius::CONTROL);
    }
    let icon = if is_open {
        icons::CHEVRON_DOWN
    } else {
        icons::CHEVRON_RIGHT
    };
    let middle = rect.center().y;
    ui.painter().text(
        pos2(rect.left() + space::S, middle),
        Align2::CENTER_CENTER,
        icon.glyph(),
        icon.font(size::ICON),
        palette.weak,
    );
    let left = rect.left() + space::S + size::ICON;
    let at = (left, middle);
    line(
        ui,
        at,
        rect.right() - left - 40.0,
        title,
        size::SMALL,
        palette.weak,
    );
    ui.painter().text(
        pos2(rect.right() - space::S, middle),
        Align2::RIGHT_CENTER,
        count,
        egui::FontId::proportional(size::SMALL),
        palette.weak,
    );
    response.clicked()
}

/// A template; whether it was clicked, and whether twice.
fn entry_ui(
    ui: &Ui,
    view: &View<'_>,
    rect: Rect,
    entry: &TemplateEntry<'_>,
    is_opened: bool,
    is_search: bool,
) -> (bool, bool) {
    let palette = Palette::of(ui);
    let id = ui.scope_id().with(("template", entry.id));
    let response = ui.interact(rect, id, Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_opened, entry.title));
    if is_opened {
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
    // Under its folder's name it need not be said again.
    let folder = if is_search || entry.is_favourite {
        entry.folder
    } else {
        ""
    };
    let parts = [own, folder, entry.ratio];
    let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    line(
        ui,
        (left, rect.top() + 28.0),
        width,
        &words.join(" · "),
        size::SMALL,
        palette.weak,
    );
    if entry.is_favourite {
        ui.painter().text(
            rect.right_top() + vec2(-space::S, 13.0),
            Align2::RIGHT_CENTER,
            icons::FAVOURITE.glyph(),
            icons::FAVOURITE.font(size::ICON),
            palette.warn,
        );
    }
    (response.clicked(), response.double_clicked())
}
