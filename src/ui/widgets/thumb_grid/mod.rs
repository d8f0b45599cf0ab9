//! A grid of thumbnails of which only the visible rows exist: a frame costs the same for 100 and 100 000 pictures.
//!
//! The caller owns the list, the state and the textures, and hears what the user did. The grid knows neither records
//! nor commands: names, badges and menus come from closures that are called for visible pictures only.

mod cells;
mod look;
mod state;

use std::ops::Range;

use egui::{
    Id, Key, Modifiers, Painter, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo,
};

use crate::engine::ThumbnailSize;
use crate::model::ImageId;

use super::super::textures::{TextureStore, Thumb, ThumbKey};

pub use self::look::GridStyle;
pub use self::state::GridState;

use self::cells::Cells;
use self::look::{Look, paint_cell};
use self::state::{Asked, KeyOutcome, Layout};

/// A cell may show a small thumbnail enlarged by so much before the large one is worth its bytes.
const ENLARGE_AT_MOST: f32 = 1.25;

/// Called for a cell that is drawn, with its rectangle in points.
type Decorate<'a> = dyn FnMut(&Painter, Rect, ImageId) + 'a;

/// Called for a cell whose menu is open.
type Menu<'a> = dyn FnMut(&mut Ui, ImageId) + 'a;

/// A grid that takes all the space there is, and scrolls.
#[must_use = "call `show`"]
pub struct ThumbGrid<'a> {
    name: &'a str,
    ids: &'a [ImageId],
    style: Option<GridStyle>,
    label: &'a dyn Fn(ImageId) -> String,
    missing_text: &'a str,
    decorate: Option<&'a mut Decorate<'a>>,
    menu: Option<&'a mut Menu<'a>>,
}

impl std::fmt::Debug for ThumbGrid<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ThumbGrid({}, {} pictures)", self.name, self.ids.len())
    }
}

/// What came of showing a grid.
#[derive(Debug)]
pub struct GridResponse {
    /// The whole grid; it has the keyboard when a cell is to have it.
    pub response: Response,
    /// What is visible, as a range of the list.
    pub visible: Range<usize>,
    /// Set when other thumbnails are needed than were asked for last: all that are missing, the visible ones first,
    /// then those that a scroll would show, nearest first.
    pub wanted: Option<Vec<(ImageId, ThumbnailSize)>>,
    /// Enter or a double click.
    pub opened: Option<ImageId>,
    /// Delete or Backspace: the selection is to be deleted.
    pub delete: bool,
    /// The selection or the cursor changed.
    pub changed: bool,
    /// Under the pointer.
    pub hovered: Option<ImageId>,
}

impl<'a> ThumbGrid<'a> {
    /// A grid of `ids` in their order. `name` is what a screen reader calls the grid, `label` what it calls a
    /// picture.
    pub fn new(name: &'a str, ids: &'a [ImageId], label: &'a dyn Fn(ImageId) -> String) -> Self {
        Self {
            name,
            ids,
            style: None,
            label,
            missing_text: "",
            decorate: None,
            menu: None,
        }
    }

    /// Draws with other colours and sizes than the theme's.
    pub const fn style(mut self, style: GridStyle) -> Self {
        self.style = Some(style);
        self
    }

    /// What a pointer and a screen reader are told of a picture that can't be read.
    pub const fn missing_text(mut self, text: &'a str) -> Self {
        self.missing_text = text;
        self
    }

    /// Draws badges over cells.
    pub fn decorate(mut self, decorate: &'a mut Decorate<'a>) -> Self {
        self.decorate = Some(decorate);
        self
    }

    /// Fills the menu of a cell; when it opens, its picture is selected.
    pub fn menu(mut self, menu: &'a mut Menu<'a>) -> Self {
        self.menu = Some(menu);
        self
    }

    /// Shows the grid and applies what the user does to the state.
    pub fn show(
        mut self,
        ui: &mut Ui,
        state: &mut GridState,
        textures: &mut TextureStore,
    ) -> GridResponse {
        let style = self.style.unwrap_or_else(|| GridStyle::of(ui));
        let id = ui.make_persistent_id(("thumb grid", self.name));
        state.follow(self.ids);
        let mut cells = Cells::new(ui, self.ids.len(), &style);
        let rect = Rect::from_min_size(cells.origin, ui.available_size());
        let mut out = GridResponse {
            response: ui.interact(rect, id, Sense::focusable_noninteractive()),
            visible: 0..0,
            wanted: None,
            opened: None,
            delete: false,
            changed: false,
            hovered: None,
        };
        if out.response.has_focus() {
            keys(ui, id, self.ids, state, &mut out);
        }
        let mut scroll = ScrollArea::vertical().id_salt(id).auto_shrink(false);
        if let Some(offset) = cells.jump(state) {
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let shown = scroll.show_viewport(ui, |ui, viewport| {
            ui.set_height(cells.total_height());
            cells.offset = f64::from(viewport.min.y);
            Visible {
                grid: &mut self,
                id,
                cells: &cells,
                style: &style,
                state,
                textures,
                out: &mut out,
            }
            .show(ui);
        });
        cells.offset = f64::from(shown.state.clamped_offset().y);
        state.layout = Layout {
            columns: cells.columns,
            page_rows: cells.page_rows(),
            offset: cells.offset,
            top: cells.top(state.layout.top),
        };
        out.wanted = self.wanted(ui, &cells, state, textures);
        let count = self.ids.len();
        out.response
            .widget_info(|| WidgetInfo::labeled(Role::ListBox, ui.is_enabled(), self.name));
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_multiselectable();
            node.set_size_of_set(count);
        });
        out
    }

    fn wanted(
        &self,
        ui: &Ui,
        cells: &Cells,
        state: &mut GridState,
        textures: &TextureStore,
    ) -> Option<Vec<(ImageId, ThumbnailSize)>> {
        let visible = cells.visible();
        let size = thumbnail_size(cells.side, ui.pixels_per_point());
        let asked = Asked {
            first: *self.ids.get(visible.start)?,
            last: *self.ids.get(visible.end.checked_sub(1)?)?,
            count: visible.len(),
            large: size == ThumbnailSize::Large,
        };
        if state.asked.replace(asked) == Some(asked) {
            return None;
        }
        // A page more on either side.
        let page = visible.len();
        let below = visible.end..visible.end.saturating_add(page).min(self.ids.len());
        let above = visible.start.saturating_sub(page)..visible.start;
        let ids = |range: Range<usize>| self.ids.get(range).unwrap_or_default().iter();
        let near = ids(visible).chain(ids(below)).chain(ids(above).rev());
        let missing = near
            .filter(|id| !textures.has_thumb(ThumbKey::Image(**id, size)))
            .map(|id| (*id, size));
        let wanted: Vec<_> = missing.collect();
        (!wanted.is_empty()).then_some(wanted)
    }
}

/// What the cells of one frame share.
struct Visible<'f, 'a> {
    grid: &'f mut ThumbGrid<'a>,
    id: Id,
    cells: &'f Cells,
    style: &'f GridStyle,
    state: &'f mut GridState,
    textures: &'f mut TextureStore,
    out: &'f mut GridResponse,
}

/// A cell of this frame.
#[derive(Debug)]
struct Cell {
    index: usize,
    picture: ImageId,
    thumb: Thumb,
    response: Response,
}

impl Visible<'_, '_> {
    fn show(&mut self, ui: &mut Ui) {
        let background = ui.interact(ui.clip_rect(), self.id.with("background"), Sense::CLICK);
        if background.clicked() {
            self.out.changed |= !self.state.selection().is_empty();
            self.state.clear_selection();
            self.out.response.request_focus();
        }
        self.out.visible = self.cells.visible();
        let size = thumbnail_size(self.cells.side, ui.pixels_per_point());
        let parent = UiBuilder::new()
            .max_rect(ui.clip_rect())
            .accessibility_parent(self.id);
        let ui = &mut ui.new_child(parent);
        for index in self.out.visible.clone() {
            let Some(&picture) = self.grid.ids.get(index) else {
                break;
            };
            let id = self.id.with(picture.get());
            let cell = Cell {
                index,
                picture,
                thumb: thumb(ui, self.textures, picture, size),
                response: ui.interact(self.cells.rect(index), id, Sense::CLICK),
            };
            self.input(ui, &cell);
            self.paint(ui, cell);
        }
    }

    fn input(&mut self, ui: &Ui, cell: &Cell) {
        let Cell {
            index,
            picture,
            ref response,
            ..
        } = *cell;
        if response.hovered() {
            self.out.hovered = Some(picture);
        }
        if response.clicked() {
            let modifiers = ui.input(|input| input.modifiers);
            self.state.click(self.grid.ids, index, modifiers);
            self.out.response.request_focus();
            self.out.changed = true;
        }
        if response.double_clicked() {
            self.out.opened = Some(picture);
        }
        if let Some(menu) = &mut self.grid.menu {
            if response.secondary_clicked() || response.long_touched() {
                self.state.click_for_menu(self.grid.ids, index);
                self.out.response.request_focus();
                self.out.changed = true;
            }
            response.context_menu(|ui| menu(ui, picture));
        }
    }

    fn paint(&mut self, ui: &Ui, cell: Cell) {
        let look = Look {
            selected: self.state.selection().contains(&cell.picture),
            focused: self.out.response.has_focus() && self.state.cursor() == Some(cell.picture),
            hovered: cell.response.hovered(),
        };
        let rect = cell.response.rect;
        paint_cell(ui.painter(), rect, cell.thumb, look, self.style);
        if let Some(decorate) = &mut self.grid.decorate {
            decorate(ui.painter(), rect, cell.picture);
        }
        self.describe(ui, &cell, look);
        if let Some(words) = self.why_missing(&cell) {
            cell.response.on_hover_text(words);
        }
    }

    fn why_missing(&self, cell: &Cell) -> Option<&str> {
        let words = self.grid.missing_text;
        (cell.thumb == Thumb::Missing && !words.is_empty()).then_some(words)
    }

    fn describe(&self, ui: &Ui, cell: &Cell, look: Look) {
        let enabled = ui.is_enabled();
        let label = || (self.grid.label)(cell.picture);
        let info = || WidgetInfo::labeled(Role::ListBoxOption, enabled, label());
        cell.response.widget_info(info);
        let id = cell.response.id;
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_selected(look.selected);
            node.set_position_in_set(cell.index);
            if let Some(words) = self.why_missing(cell) {
                node.set_description(words);
            }
        });
        if look.focused {
            let active = id.accesskit_id();
            ui.ctx()
                .accesskit_node_builder(self.id, |node| node.set_active_descendant(active));
        }
    }
}

/// Moves the cursor, selects, opens, deletes.
fn keys(ui: &Ui, id: Id, ids: &[ImageId], state: &mut GridState, out: &mut GridResponse) {
    super::keep_arrow_keys(ui, id);
    let mut pressed = Vec::new();
    ui.input(|input| {
        pressed.extend(input.events.iter().filter_map(|event| match event {
            egui::Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } => Some((*key, *modifiers)),
            _ => None,
        }));
    });
    for (key, modifiers) in pressed {
        match state.key(ids, key, modifiers) {
            KeyOutcome::Ignored => continue,
            KeyOutcome::Moved => out.changed = true,
            KeyOutcome::Open(id) => out.opened = Some(id),
            KeyOutcome::Delete => out.delete = true,
        }
        consume(ui, key, modifiers);
    }
}

fn consume(ui: &Ui, key: Key, modifiers: Modifiers) {
    ui.input_mut(|input| input.consume_key(modifiers, key));
}

/// The stored size that is sharp enough for a cell.
fn thumbnail_size(side: f32, pixels_per_point: f32) -> ThumbnailSize {
    let small: f32 = 256.0;
    if side * pixels_per_point > small * ENLARGE_AT_MOST {
        ThumbnailSize::Large
    } else {
        ThumbnailSize::Small
    }
}

/// The thumbnail in the size wanted, or in the other while that is still to come.
fn thumb(ui: &Ui, textures: &mut TextureStore, id: ImageId, size: ThumbnailSize) -> Thumb {
    let thumb = textures.thumb(ui.ctx(), ThumbKey::Image(id, size));
    if !matches!(thumb, Thumb::Unknown | Thumb::Waiting) {
        return thumb;
    }
    let other = match size {
        ThumbnailSize::Small => ThumbnailSize::Large,
        ThumbnailSize::Large => ThumbnailSize::Small,
    };
    match textures.thumb(ui.ctx(), ThumbKey::Image(id, other)) {
        ready @ Thumb::Ready { .. } => ready,
        _ => thumb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_thumbnails_only_where_small_ones_blur() {
        assert_eq!(thumbnail_size(160.0, 1.0), ThumbnailSize::Small);
        assert_eq!(thumbnail_size(160.0, 2.0), ThumbnailSize::Small);
        assert_eq!(thumbnail_size(200.0, 2.0), ThumbnailSize::Large);
    }
}
