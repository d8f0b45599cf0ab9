//! Masks: which part of a picture may change.
//!
//! A [`Mask`] holds one byte a pixel, its *coverage*: 255 may change, 0 stays, between them the edge is soft. It is cut
//! into tiles of [`MASK_TILE_PX`] that are shared until they are written to: a tile of one value costs nothing, a copy
//! of a mask costs a pointer a tile, and what an operation did is the tiles that it left different
//! ([`MaskDocument`] keeps those of before for undo).
//!
//! | file | part |
//! | --- | --- |
//! | here | the tiles |
//! | `document.rs` | painting with undo and redo |
//! | `brush.rs` | strokes: the coverage of a round brush along a line |
//! | `stroke.rs` | a line through the points that the hand gave |
//! | `shape.rs` | rectangle, ellipse, polygon |
//! | `change.rs` | operations on the whole: fill, invert, grow, shrink, feather |
//! | `distance.rs` | how far a pixel is from what is covered |
//! | `file.rs` | from and to files as gateways want them |
//!
//! No IO, no threads. The window paints strokes itself, as many pixels a frame as it can afford; everything that may
//! touch the whole mask is called by the engine, on its pool.

mod brush;
mod change;
mod distance;
mod document;
mod file;
mod shape;
mod stroke;

use std::ops::Range;
use std::sync::Arc;

use crate::model::PixelSize;

pub use self::brush::Brush;
pub use self::change::{MaskChange, MaskShape};
pub(super) use self::distance::near;
pub use self::document::{HISTORY_BYTES, MaskDocument};
pub use self::file::{LoadedMask, MaskFileError};

/// Side of a tile in pixels; those at the right and lower border are smaller.
pub const MASK_TILE_PX: u32 = 256;

/// Coverage from which a pixel counts as chosen where only yes or no will do.
pub(super) const CHOSEN: u8 = 128;

/// What an operation does with the pixels that it covers.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum MaskMode {
    /// They may change.
    #[default]
    Add,
    /// They stay.
    Subtract,
}

impl MaskMode {
    /// The coverage of a pixel after an operation that covers it by `by`. Doing it twice changes nothing more.
    #[must_use]
    pub const fn apply(self, before: u8, by: u8) -> u8 {
        match self {
            Self::Add => {
                if before > by {
                    before
                } else {
                    by
                }
            }
            Self::Subtract => {
                let most = 255 - by;
                if before < most { before } else { most }
            }
        }
    }

    /// The value that nothing more can change.
    const fn full(self) -> u8 {
        match self {
            Self::Add => 255,
            Self::Subtract => 0,
        }
    }
}

/// The coverage of a tile.
#[derive(Clone, Debug)]
pub enum MaskTile {
    /// The same everywhere.
    Uniform(u8),
    /// Row-major, `width × height` of the tile, one byte a pixel.
    Pixels(Arc<Vec<u8>>),
}

impl MaskTile {
    /// Memory of its pixels.
    fn bytes(&self) -> usize {
        match self {
            Self::Uniform(_) => 0,
            Self::Pixels(pixels) => pixels.len(),
        }
    }

    /// Whether both are known to be the same without looking at their pixels.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Uniform(a), Self::Uniform(b)) => a == b,
            (Self::Pixels(a), Self::Pixels(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// One value where all pixels have it.
    fn compacted(self) -> Self {
        if let Self::Pixels(pixels) = &self
            && let Some(&first) = pixels.first()
            && pixels.iter().all(|&value| value == first)
        {
            return Self::Uniform(first);
        }
        self
    }
}

#[derive(Clone, Debug)]
struct Slot {
    tile: MaskTile,
    /// Counts up with every change of the mask; what somebody drew of a tile is out of date when it differs.
    revision: u64,
}

/// Which part of a picture may change: one byte a pixel.
#[derive(Clone, Debug)]
pub struct Mask {
    size: PixelSize,
    columns: u32,
    slots: Vec<Slot>,
    revision: u64,
}

/// A tile's place: left, top, width and height in pixels of the mask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TilePlace {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Mask {
    /// A mask of `size` pixels that lets nothing change; it takes no memory to speak of.
    #[must_use]
    pub fn new(size: PixelSize) -> Self {
        Self::uniform(size, 0)
    }

    /// A mask with the same coverage everywhere.
    #[must_use]
    pub fn uniform(size: PixelSize, coverage: u8) -> Self {
        let columns = size.width().div_ceil(MASK_TILE_PX);
        let rows = size.height().div_ceil(MASK_TILE_PX);
        let slot = Slot {
            tile: MaskTile::Uniform(coverage),
            revision: 0,
        };
        Self {
            size,
            columns,
            slots: vec![slot; columns as usize * rows as usize],
            revision: 0,
        }
    }

    /// Width x height in pixels.
    #[must_use]
    pub const fn size(&self) -> PixelSize {
        self.size
    }

    /// Number of tiles, row by row from the top.
    #[must_use]
    pub const fn tiles(&self) -> usize {
        self.slots.len()
    }

    /// A tile's coverage.
    #[must_use]
    pub fn tile(&self, index: usize) -> Option<&MaskTile> {
        self.slots.get(index).map(|slot| &slot.tile)
    }

    /// A number that is another one after the tile has changed.
    #[must_use]
    pub fn revision(&self, index: usize) -> Option<u64> {
        self.slots.get(index).map(|slot| slot.revision)
    }

    /// A number that is another one after anything has changed.
    #[must_use]
    pub const fn newest_revision(&self) -> u64 {
        self.revision
    }

    /// Where a tile is. Beyond the last tile the place is empty.
    #[must_use]
    pub fn place(&self, index: usize) -> TilePlace {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let x = (index % self.columns).saturating_mul(MASK_TILE_PX);
        let y = (index / self.columns).saturating_mul(MASK_TILE_PX);
        TilePlace {
            x,
            y,
            width: MASK_TILE_PX.min(self.size.width().saturating_sub(x)),
            height: MASK_TILE_PX.min(self.size.height().saturating_sub(y)),
        }
    }

    /// The coverage of a pixel; outside it is 0.
    #[must_use]
    pub fn get(&self, x: u32, y: u32) -> u8 {
        if x >= self.size.width() || y >= self.size.height() {
            return 0;
        }
        let index = (y / MASK_TILE_PX * self.columns + x / MASK_TILE_PX) as usize;
        match self.tile(index) {
            Some(MaskTile::Uniform(value)) => *value,
            Some(MaskTile::Pixels(pixels)) => {
                let width = self.place(index).width;
                let at = (y % MASK_TILE_PX * width + x % MASK_TILE_PX) as usize;
                pixels.get(at).copied().unwrap_or_default()
            }
            None => 0,
        }
    }

    /// Copies row `y` into `row`, which is made as long as the mask is wide.
    pub fn row(&self, y: u32, row: &mut Vec<u8>) {
        row.clear();
        let first = (y / MASK_TILE_PX * self.columns) as usize;
        for index in first..first + self.columns as usize {
            let width = self.place(index).width as usize;
            match self.tile(index) {
                Some(MaskTile::Pixels(pixels)) => {
                    let from = (y % MASK_TILE_PX) as usize * width;
                    row.extend_from_slice(pixels.get(from..from + width).unwrap_or_default());
                }
                Some(MaskTile::Uniform(value)) => row.resize(row.len() + width, *value),
                None => {}
            }
        }
        row.resize(self.size.width() as usize, 0);
    }

    /// Whether nothing may change at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| match &slot.tile {
            MaskTile::Uniform(value) => *value == 0,
            MaskTile::Pixels(pixels) => pixels.iter().all(|value| *value == 0),
        })
    }

    /// The sum of all coverage as a share of the whole picture, 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&self) -> f64 {
        let sum: u64 = (0..self.tiles()).map(|index| self.tile_sum(index)).sum();
        sum as f64 / (self.size.pixels() as f64 * 255.0)
    }

    /// The sum of the coverage of a tile's pixels.
    #[must_use]
    pub fn tile_sum(&self, index: usize) -> u64 {
        let place = self.place(index);
        match self.tile(index) {
            Some(MaskTile::Uniform(value)) => {
                u64::from(*value) * u64::from(place.width) * u64::from(place.height)
            }
            Some(MaskTile::Pixels(pixels)) => pixels.iter().map(|v| u64::from(*v)).sum(),
            None => 0,
        }
    }

    /// Memory of the pixels, in bytes; what is shared with other masks is counted too.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.slots.iter().map(|slot| slot.tile.bytes()).sum()
    }

    /// Whether every pixel is the same.
    #[must_use]
    pub fn same_pixels(&self, other: &Self) -> bool {
        if self.size != other.size {
            return false;
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        (0..self.size.height()).all(|y| {
            self.row(y, &mut ours);
            other.row(y, &mut theirs);
            ours == theirs
        })
    }

    /// The tiles that a box of pixels touches, `x` and `y` cut to the mask.
    fn tiles_in(&self, x: Range<u32>, y: Range<u32>) -> impl Iterator<Item = usize> + use<> {
        let columns = x.start / MASK_TILE_PX..x.end.min(self.size.width()).div_ceil(MASK_TILE_PX);
        let rows = y.start / MASK_TILE_PX..y.end.min(self.size.height()).div_ceil(MASK_TILE_PX);
        let across = self.columns;
        rows.flat_map(move |row| {
            columns
                .clone()
                .map(move |column| (row * across + column) as usize)
        })
    }

    /// Replaces a tile.
    fn put(&mut self, index: usize, tile: MaskTile) {
        self.revision += 1;
        if let Some(slot) = self.slots.get_mut(index) {
            slot.tile = tile;
            slot.revision = self.revision;
        }
    }

    /// A tile's pixels to write to: its own copy of them.
    fn pixels_mut(&mut self, index: usize) -> Option<&mut Vec<u8>> {
        let place = self.place(index);
        self.revision += 1;
        let slot = self.slots.get_mut(index)?;
        slot.revision = self.revision;
        if let MaskTile::Uniform(value) = slot.tile {
            let pixels = vec![value; (place.width * place.height) as usize];
            slot.tile = MaskTile::Pixels(Arc::new(pixels));
        }
        match &mut slot.tile {
            MaskTile::Pixels(pixels) => Some(Arc::make_mut(pixels)),
            MaskTile::Uniform(_) => None,
        }
    }

    /// Covers a part of row `y` from `x` on by `cover`.
    fn cover_row(&mut self, y: u32, x: u32, cover: &[u8], mode: MaskMode) {
        if y >= self.size.height() || x >= self.size.width() {
            return;
        }
        let most = (self.size.width() - x) as usize;
        let mut rest = cover.get(..most).unwrap_or(cover);
        let mut x = x;
        while !rest.is_empty() {
            let index = (y / MASK_TILE_PX * self.columns + x / MASK_TILE_PX) as usize;
            let place = self.place(index);
            let inside = x - place.x;
            let (part, after) = rest.split_at(rest.len().min((place.width - inside) as usize));
            let is_done =
                matches!(self.tile(index), Some(MaskTile::Uniform(v)) if *v == mode.full());
            if !is_done && part.iter().any(|value| *value > 0) {
                let from = ((y - place.y) * place.width + inside) as usize;
                if let Some(pixels) = self.pixels_mut(index)
                    && let Some(pixels) = pixels.get_mut(from..from + part.len())
                {
                    for (pixel, by) in pixels.iter_mut().zip(part) {
                        *pixel = mode.apply(*pixel, *by);
                    }
                }
            }
            x += u32::try_from(part.len()).unwrap_or(u32::MAX);
            rest = after;
        }
    }

    /// Gives up the pixels of tiles that have one value everywhere.
    fn compact(&mut self) {
        for slot in &mut self.slots {
            if let MaskTile::Pixels(_) = slot.tile {
                let tile = std::mem::replace(&mut slot.tile, MaskTile::Uniform(0));
                slot.tile = tile.compacted();
            }
        }
    }

    /// All coverage in one piece: row-major, `width × height`.
    pub(super) fn flat(&self) -> Vec<u8> {
        let mut flat = Vec::with_capacity(self.size.width() as usize * self.size.height() as usize);
        let mut row = Vec::new();
        for y in 0..self.size.height() {
            self.row(y, &mut row);
            flat.extend_from_slice(&row);
        }
        flat
    }

    /// The tiles as `flat` has them; those that are as they were stay shared.
    pub(super) fn set_flat(&mut self, flat: &[u8]) {
        let across = self.size.width() as usize;
        for index in 0..self.tiles() {
            let TilePlace {
                x,
                y,
                width,
                height,
            } = self.place(index);
            let (x, width) = (x as usize, width as usize);
            let rows = (y as usize..(y + height) as usize)
                .map(|y| flat.get(y * across + x..y * across + x + width));
            let mut pixels = Vec::with_capacity(width * height as usize);
            for row in rows {
                pixels.extend_from_slice(row.unwrap_or_default());
            }
            let is_as_before = match self.tile(index) {
                Some(MaskTile::Uniform(value)) => pixels.iter().all(|p| p == value),
                Some(MaskTile::Pixels(before)) => **before == pixels,
                None => true,
            };
            if !is_as_before {
                self.put(index, MaskTile::Pixels(Arc::new(pixels)).compacted());
            }
        }
    }
}

/// Builds a mask from its rows, a strip of tiles at a time.
#[derive(Debug)]
pub(super) struct MaskBuilder {
    mask: Mask,
    /// The rows of the strip so far.
    strip: Vec<u8>,
    rows: u32,
}

impl MaskBuilder {
    pub(super) fn new(size: PixelSize) -> Self {
        Self {
            mask: Mask::new(size),
            strip: Vec::with_capacity(size.width() as usize * MASK_TILE_PX as usize),
            rows: 0,
        }
    }

    /// The next row, as wide as the mask.
    pub(super) fn push(&mut self, row: impl Iterator<Item = u8>) {
        let width = self.mask.size.width() as usize;
        let before = self.strip.len();
        self.strip.extend(row.take(width));
        self.strip.resize(before + width, 0);
        self.rows += 1;
        let is_full = self.rows.is_multiple_of(MASK_TILE_PX);
        if is_full || self.rows == self.mask.size.height() {
            self.deliver();
        }
    }

    fn deliver(&mut self) {
        let columns = self.mask.columns as usize;
        let width = self.mask.size.width() as usize;
        let first = (self.rows.saturating_sub(1) / MASK_TILE_PX) as usize * columns;
        for index in first..first + columns {
            let place = self.mask.place(index);
            let (x, across) = (place.x as usize, place.width as usize);
            let pixels: Vec<u8> = self
                .strip
                .chunks_exact(width)
                .filter_map(|row| row.get(x..x + across))
                .flatten()
                .copied()
                .collect();
            if pixels.len() == (place.width * place.height) as usize {
                self.mask
                    .put(index, MaskTile::Pixels(Arc::new(pixels)).compacted());
            }
        }
        self.strip.clear();
    }

    pub(super) fn finish(self) -> Mask {
        self.mask
    }
}

#[cfg(test)]
mod tests;
