//! Where the cells are: pure geometry.
//!
//! Rows are placed in `f64` from what is visible, not from the top, so they do not jitter far down. The scroll
//! offset itself is egui's `f32`: 100 000 pictures in six columns of 160 points are 2.8 million points high, where
//! its steps are a quarter of a point.

use std::ops::Range;

use egui::{Pos2, Rect, Ui, Vec2, vec2};

use super::look::GridStyle;
use super::state::{GridState, Layout};

/// A row of which less than this share is visible counts as not visible: offsets are rounded.
const SLIVER: f64 = 0.002;

/// Where the cells are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    count: usize,
    pub(super) columns: usize,
    /// Side of a cell in points.
    pub(super) side: f32,
    gap: f32,
    /// The upper left corner of what is visible, on the screen.
    pub(super) origin: Pos2,
    /// From the top of the first row to the top of what is visible, in points.
    pub(super) offset: f64,
    /// Height of what is visible in points.
    height: f64,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "rows and columns that fit a screen, and offsets that are clamped to the list"
)]
impl Cells {
    pub(super) fn new(ui: &Ui, count: usize, style: &GridStyle) -> Self {
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

    pub(super) fn total_height(&self) -> f32 {
        let rows = self.count.div_ceil(self.columns);
        (rows as f64 * self.row_height() - f64::from(self.gap)).max(0.0) as f32
    }

    pub(super) fn page_rows(&self) -> usize {
        ((self.height + f64::from(self.gap)) / self.row_height()) as usize
    }

    /// The pictures of the rows that are visible, wholly or in part.
    pub(super) fn visible(&self) -> Range<usize> {
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
    pub(super) fn top(&self, before: usize) -> usize {
        let row = self.top_row();
        if before / self.columns == row {
            before
        } else {
            row * self.columns
        }
    }

    pub(super) fn rect(&self, index: usize) -> Rect {
        let (row, column) = (index / self.columns, index % self.columns);
        let top = row as f64 * self.row_height() - self.offset;
        let left = column as f32 * (self.side + self.gap);
        let corner = self.origin + vec2(left, top as f32);
        Rect::from_min_size(corner, Vec2::splat(self.side))
    }

    /// Where to scroll in this frame: to what the keyboard reached, or, when the columns became other ones, to the
    /// picture that was on top.
    pub(super) fn jump(&self, state: &mut GridState) -> Option<f32> {
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
    use egui::pos2;

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
}
