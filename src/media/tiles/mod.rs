//! A picture at every zoom level, cut into pieces that can be shown as they come.

use std::fmt;
use std::ops::ControlFlow;

use super::pixels::mean_of_four;
use super::{Header, RowSink};
use crate::model::PixelSize;

/// Side of the tiles of which a level is laid out.
pub const TILE_SIDE_PX: u32 = 1024;

/// Source rows between two deliveries: every level then has its share of them.
const BAND_ROWS: u32 = 64;

/// A rectangle of one level. It never crosses the border of a tile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PixelPiece {
    /// 0 is full size; each further level has half the width and height.
    pub level: u8,
    /// Left edge in pixels of the level, a multiple of [`TILE_SIDE_PX`].
    pub x: u32,
    /// Upper edge in pixels of the level.
    pub y: u32,
    /// Pixels in a row, at most [`TILE_SIDE_PX`].
    pub width: u32,
    /// Rows, at most 64.
    pub height: u32,
    /// Row-major, `width × height`, premultiplied (see [the module](super)).
    pub pixels: Vec<u32>,
}

/// How many levels a picture of `size` has: halved until its longer side fits one tile.
#[must_use]
pub fn pyramid_levels(size: PixelSize) -> u8 {
    let mut levels = 1;
    let mut longer = size.longer();
    while longer > TILE_SIDE_PX {
        longer = longer.div_ceil(2);
        levels += 1;
    }
    levels
}

/// The size of a level: each is half the one before, rounded up.
#[must_use]
pub fn level_size(size: PixelSize, level: u8) -> PixelSize {
    // Halving and rounding up n times is dividing by 2^n and rounding up.
    let divisor = 1_u32.checked_shl(level.into()).unwrap_or(u32::MAX);
    let width = size.width().div_ceil(divisor);
    PixelSize::new(width, size.height().div_ceil(divisor)).unwrap_or(size)
}

/// Cuts rows into pieces of every level, and gives them away as soon as they are filled.
///
/// Pieces of a level come in rows of tiles' parts from the top, each level's after those of the level above that they
/// were made from; every 64 source rows all levels are as far as they can be. A coarser level is the mean of two by two
/// pixels of the finer one; at an odd edge the last row or column counts twice. What is kept is one band of each level,
/// about 1.5 MB at 4K.
pub struct Pyramid<F> {
    emit: F,
    levels: Vec<Level>,
}

impl<F: FnMut(PixelPiece)> Pyramid<F> {
    /// `emit` is called for each piece, on the thread that decodes.
    pub const fn new(emit: F) -> Self {
        Self {
            emit,
            levels: Vec::new(),
        }
    }

    /// Gives away what is left when a picture ended too early. After the last row nothing is.
    pub fn finish(&mut self) {
        for level in &mut self.levels {
            level.deliver(&mut self.emit);
        }
    }
}

impl<F: FnMut(PixelPiece)> RowSink for Pyramid<F> {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.levels = (0..pyramid_levels(header.size))
            .map(|level| Level::new(level, level_size(header.size, level)))
            .collect();
        ControlFlow::Continue(())
    }

    fn row(&mut self, _y: u32, pixels: &[u32]) -> ControlFlow<()> {
        push(&mut self.levels, pixels, &mut self.emit);
        ControlFlow::Continue(())
    }
}

impl<F> fmt::Debug for Pyramid<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pyramid")
            .field("levels", &self.levels.len())
            .finish_non_exhaustive()
    }
}

/// Adds a row to the first of `levels`, and to the next one what comes of it.
fn push(levels: &mut [Level], row: &[u32], emit: &mut impl FnMut(PixelPiece)) {
    let Some((level, coarser)) = levels.split_first_mut() else {
        return;
    };
    if row.len() != level.size.width() as usize || level.rows == level.size.height() {
        return;
    }
    level.add(row, emit);
    if coarser.is_empty() {
        return;
    }
    let last = level.rows == level.size.height();
    if level.rows % 2 == 1 && !last {
        level.upper.clear();
        level.upper.extend_from_slice(row);
        return;
    }
    let upper = if level.rows % 2 == 1 {
        row
    } else {
        &level.upper
    };
    halve(upper, row, &mut level.halved);
    push(coarser, &level.halved, emit);
}

/// The means of two rows, two pixels of each at a time.
fn halve(upper: &[u32], lower: &[u32], halved: &mut Vec<u32>) {
    let (upper_pairs, upper_rest) = upper.as_chunks::<2>();
    let (lower_pairs, lower_rest) = lower.as_chunks::<2>();
    halved.clear();
    halved.extend(
        upper_pairs
            .iter()
            .zip(lower_pairs)
            .map(|(&[a, b], &[c, d])| mean_of_four(a, b, c, d)),
    );
    if let (&[a], &[c]) = (upper_rest, lower_rest) {
        halved.push(mean_of_four(a, a, c, c));
    }
}

/// One level: a band that fills, and the row that waits for its pair.
#[derive(Debug)]
struct Level {
    index: u8,
    size: PixelSize,
    /// Rows seen.
    rows: u32,
    /// The first row of the band.
    band_start: u32,
    /// Rows of a full band.
    band_rows: u32,
    /// The band, one buffer a tile.
    band: Vec<Vec<u32>>,
    upper: Vec<u32>,
    halved: Vec<u32>,
}

impl Level {
    fn new(index: u8, size: PixelSize) -> Self {
        let tiles = size.width().div_ceil(TILE_SIDE_PX);
        Self {
            index,
            size,
            rows: 0,
            band_start: 0,
            band_rows: (BAND_ROWS >> index).max(1),
            band: (0..tiles).map(|_| Vec::new()).collect(),
            upper: Vec::new(),
            halved: Vec::new(),
        }
    }

    fn add(&mut self, row: &[u32], emit: &mut impl FnMut(PixelPiece)) {
        for (tile, part) in self.band.iter_mut().zip(row.chunks(TILE_SIDE_PX as usize)) {
            if tile.is_empty() {
                let rows = self.band_rows.min(self.size.height() - self.rows);
                tile.reserve_exact(part.len() * rows as usize);
            }
            tile.extend_from_slice(part);
        }
        self.rows += 1;
        let filled = self.rows - self.band_start == self.band_rows;
        if filled || self.rows == self.size.height() {
            self.deliver(emit);
        }
    }

    /// Gives the band away, as far as it is filled.
    fn deliver(&mut self, emit: &mut impl FnMut(PixelPiece)) {
        let height = self.rows - self.band_start;
        if height == 0 {
            return;
        }
        let lefts = (0..self.size.width()).step_by(TILE_SIDE_PX as usize);
        for (x, tile) in lefts.zip(&mut self.band) {
            emit(PixelPiece {
                level: self.index,
                x,
                y: self.band_start,
                width: TILE_SIDE_PX.min(self.size.width() - x),
                height,
                pixels: std::mem::take(tile),
            });
        }
        self.band_start = self.rows;
    }
}

#[cfg(test)]
mod tests;
