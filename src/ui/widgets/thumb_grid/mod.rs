//! A grid of thumbnails of which only the visible rows exist: a frame costs the same for 100 and 100 000 pictures.
//!
//! The caller owns the list, the state and the textures, and hears what the user did. The grid knows neither records
//! nor commands: names, badges and menus come from closures that are called for visible pictures only.
//!
//! Rows are placed in `f64` from what is visible, not from the top, so they do not jitter far down. The scroll
//! offset itself is egui's `f32`: 100 000 pictures in six columns of 160 points are 2.8 million points high, where
//! its steps are a quarter of a point.

mod state;

use std::ops::Range;

use egui::{
    Color32, EventFilter, Id, Key, Modifiers, Painter, Pos2, Rect, Response, Role, ScrollArea,
    Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, epaint::RectShape, pos2, vec2,
};

use crate::engine::ThumbnailSize;
use crate::model::ImageId;

use super::super::textures::{TextureStore, Thumb, ThumbKey};
use super::super::theme::tokens::{Palette, radius, space};

pub use self::state::GridState;

use self::state::{Asked, KeyOutcome, Layout};

/// A cell may show a small thumbnail enlarged by so much before the large one is worth its bytes.
const ENLARGE_AT_MOST: f32 = 1.25;

/// Colours and distances of a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridStyle {
    /// Smallest side of a cell in points; cells grow to fill the row.
    pub cell: f32,
    /// Between cells, in points.
    pub gap: f32,
    /// Around a thumbnail in its cell, in points.
    pub padding: f32,
    /// Of cells, in points.
    pub corner_radius: u8,
    /// Behind a thumbnail, and where one is still to come.
    pub fill: Color32,
    /// Behind a selected thumbnail.
    pub selected_fill: Color32,
    /// Around a selected one.
    pub selected: Stroke,
    /// Around the one under the pointer.
    pub hover: Stroke,
    /// Around the one that the keyboard is at.
    pub focus: Stroke,
    /// The sign for a picture that can't be read.
    pub missing: Stroke,
}

impl GridStyle {
    /// The style of the theme that `ui` is drawn in.
    #[must_use]
    pub fn of(ui: &Ui) -> Self {
        let palette = Palette::of(ui);
        Self {
            cell: 160.0,
            gap: space::S,
            padding: space::XS,
            corner_radius: radius::CONTROL,
            fill: palette.field,
            selected_fill: palette.accent_soft,
            selected: Stroke::new(2.0, palette.accent),
            hover: Stroke::new(1.0, palette.outline),
            focus: Stroke::new(2.0, palette.accent_text),
            missing: Stroke::new(1.5, palette.weak),
        }
    }
}

/// A row of which less than this share is visible counts as not visible: offsets are rounded.
const SLIVER: f64 = 0.002;

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

/// Where the cells are.
#[derive(Clone, Copy, Debug)]
struct Cells {
    count: usize,
    columns: usize,
    /// Side of a cell in points.
    side: f32,
    gap: f32,
    /// The upper left corner of what is visible, on the screen.
    origin: Pos2,
    /// From the top of the first row to the top of what is visible, in points.
    offset: f64,
    /// Height of what is visible in points.
    height: f64,
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

/// What sets a cell apart from the others.
#[derive(Clone, Copy, Debug)]
struct Look {
    selected: bool,
    focused: bool,
    hovered: bool,
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
    ui.memory_mut(|memory| {
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        memory.set_focus_lock_filter(id, filter);
    });
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

fn paint_cell(painter: &Painter, rect: Rect, thumb: Thumb, look: Look, style: &GridStyle) {
    let fill = if look.selected {
        style.selected_fill
    } else {
        style.fill
    };
    painter.rect_filled(rect, style.corner_radius, fill);
    match thumb {
        Thumb::Ready { texture, size } => {
            let picture = contained(size, rect.shrink(style.padding));
            let texels = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            painter.add(
                RectShape::filled(picture, style.corner_radius / 2, Color32::WHITE)
                    .with_texture(texture, texels),
            );
        }
        Thumb::Missing => paint_missing(painter, rect.center(), style.missing),
        Thumb::Unknown | Thumb::Waiting => {}
    }
    let stroke = match look {
        Look { focused: true, .. } => style.focus,
        Look { selected: true, .. } => style.selected,
        Look { hovered: true, .. } => style.hover,
        _ => return,
    };
    painter.rect_stroke(rect, style.corner_radius, stroke, StrokeKind::Inside);
}

/// A frame with a line through it: no picture.
fn paint_missing(painter: &Painter, center: Pos2, stroke: Stroke) {
    let frame = Rect::from_center_size(center, vec2(28.0, 22.0));
    painter.rect_stroke(frame, 3, stroke, StrokeKind::Middle);
    let reach = vec2(18.0, -15.0);
    painter.line_segment([center - reach, center + reach], stroke);
}

/// As large as it can be inside of `rect`, in its middle.
#[expect(
    clippy::cast_precision_loss,
    reason = "sides of a thumbnail are at most 512"
)]
fn contained(size: [usize; 2], rect: Rect) -> Rect {
    let size = vec2(size[0].max(1) as f32, size[1].max(1) as f32);
    let scale = (rect.width() / size.x).min(rect.height() / size.y);
    Rect::from_center_size(rect.center(), size * scale)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "rows and columns that fit a screen, and offsets that are clamped to the list"
)]
impl Cells {
    fn new(ui: &Ui, count: usize, style: &GridStyle) -> Self {
        let Vec2 {
            x: width,
            y: height,
        } = ui.available_size();
        // The scroll bar's place is always kept, so that nothing moves when it appears.
        let width = width - ui.spacing().scroll.allocated_width();
        let columns = ((width + style.gap) / (style.cell + style.gap)).max(1.0) as usize;
        let gaps = style.gap * (columns - 1) as f32;
        let px = ui.pixels_per_point();
        let side = (((width - gaps) / columns as f32) * px).floor() / px;
        Self {
            count,
            columns,
            side: side.max(1.0),
            gap: style.gap,
            origin: ui.available_rect_before_wrap().min,
            offset: 0.0,
            height: f64::from(height.max(0.0)),
        }
    }

    fn row_height(&self) -> f64 {
        f64::from(self.side) + f64::from(self.gap)
    }

    fn total_height(&self) -> f32 {
        let rows = self.count.div_ceil(self.columns);
        (rows as f64 * self.row_height() - f64::from(self.gap)).max(0.0) as f32
    }

    fn page_rows(&self) -> usize {
        ((self.height + f64::from(self.gap)) / self.row_height()) as usize
    }

    /// The pictures of the rows that are visible, wholly or in part.
    fn visible(&self) -> Range<usize> {
        let first = self.top_row();
        let end = ((self.offset + self.height) / self.row_height() - SLIVER).ceil() as usize;
        let at = |row: usize| row.saturating_mul(self.columns).min(self.count);
        at(first)..at(end.max(first))
    }

    fn top_row(&self) -> usize {
        (self.offset / self.row_height() + SLIVER).max(0.0) as usize
    }

    /// The picture that stays on top when the columns change: the one of before while its row is on top, so that
    /// narrowing and widening a window ends where it began.
    fn top(&self, before: usize) -> usize {
        let row = self.top_row();
        if before / self.columns == row {
            before
        } else {
            row * self.columns
        }
    }

    fn rect(&self, index: usize) -> Rect {
        let (row, column) = (index / self.columns, index % self.columns);
        let top = row as f64 * self.row_height() - self.offset;
        let left = column as f32 * (self.side + self.gap);
        let corner = self.origin + vec2(left, top as f32);
        Rect::from_min_size(corner, Vec2::splat(self.side))
    }

    /// Where to scroll in this frame: to what the keyboard reached, or, when the columns became other ones, to the
    /// picture that was on top.
    fn jump(&self, state: &mut GridState) -> Option<f32> {
        let Layout {
            columns,
            offset,
            top,
            ..
        } = state.layout;
        let row_height = self.row_height();
        let mut goal = offset;
        if columns != 0 && columns != self.columns {
            goal = (top / self.columns) as f64 * row_height;
        }
        if std::mem::take(&mut state.reveal)
            && let Some(cursor) = state.cursor_index()
        {
            let top = (cursor / self.columns) as f64 * row_height;
            let bottom = top + f64::from(self.side);
            goal = goal.max(bottom - self.height).min(top);
        }
        ((goal - offset).abs() > f64::EPSILON).then_some(goal.max(0.0) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(count: usize, offset: f64) -> Cells {
        Cells {
            count,
            columns: 6,
            side: 160.0,
            gap: 8.0,
            origin: pos2(10.0, 50.0),
            offset,
            height: 700.0,
        }
    }

    #[test]
    fn only_visible_rows_exist() {
        let cases = [
            (0, 0.0, 0..0),
            (3, 0.0, 0..3),
            (100_000, 0.0, 0..30),
            (100_000, 168.0, 6..36),
            (100_000, 100.0, 0..30),
            (100_000, 16_666.0 * 168.0, 99_996..100_000),
            (10, 5000.0, 10..10),
        ];
        for (count, offset, visible) in cases {
            assert_eq!(cells(count, offset).visible(), visible, "{count} {offset}");
        }
    }

    #[test]
    fn rows_do_not_jitter_far_down() {
        let top = 16_000.0 * 168.0;
        for step in 0..400 {
            let cells = cells(100_000, top + f64::from(step) * 0.25);
            let visible = cells.visible();
            for index in visible.start..visible.end - cells.columns {
                let distance = cells.rect(index + cells.columns).top() - cells.rect(index).top();
                assert!((distance - 168.0).abs() < 0.001, "{distance}");
            }
        }
    }

    #[test]
    fn a_picture_is_contained_in_its_cell() {
        let cell = Rect::from_min_size(pos2(0.0, 0.0), vec2(160.0, 160.0));
        assert_eq!(contained([256, 144], cell).size(), vec2(160.0, 90.0));
        assert_eq!(contained([10, 10], cell), cell);
        assert_eq!(contained([0, 0], cell), cell);
        assert_eq!(contained([100, 256], cell).center(), cell.center());
    }

    #[test]
    fn large_thumbnails_only_where_small_ones_blur() {
        assert_eq!(thumbnail_size(160.0, 1.0), ThumbnailSize::Small);
        assert_eq!(thumbnail_size(160.0, 2.0), ThumbnailSize::Small);
        assert_eq!(thumbnail_size(200.0, 2.0), ThumbnailSize::Large);
    }
}
