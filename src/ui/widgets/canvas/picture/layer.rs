//! One picture as it came: levels, tiles, pieces; and where on the frame each of them stands.

use std::sync::Arc;

use egui::{Context, Rect, pos2};

use crate::engine::{PieceOrigin, ThumbnailPixels};
use crate::model::PixelSize;
use crate::ui::textures::{Sampling, TextureStore, TileKey, TilePiece, color_image};

use super::super::view::{CanvasView, sides};
use super::TILE_PX;
use super::area::Area;

/// A picture of 100 megapixels has about a hundred; more can only come from an absurd shape.
const MAX_TILES: u64 = 4096;

/// Rows come in bands, but a tile may well be sent row by row.
const MAX_PIECES: usize = TILE_PX as usize;

/// From this many device pixels for one of the picture on, pixels are drawn as squares.
const SQUARE_PIXELS_FROM: f64 = 2.0;

/// A picture: everything between a `Begin` and its `End`.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) id: u64,
    pub(super) serial: u64,
    pub(super) origin: PieceOrigin,
    pub(super) size: PixelSize,
    /// Every piece has been sent.
    pub(super) ended: bool,
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    /// Columns and rows of tiles.
    tiles_across: [u32; 2],
    /// Row by row.
    tiles: Vec<Tile>,
}

/// A part of a level, as large as a texture.
#[derive(Debug, Default)]
pub(super) struct Tile {
    size: [u32; 2],
    pieces: Vec<TilePiece>,
    /// How many rows from the top are there without a gap, after each piece.
    rows: Vec<u32>,
}

/// A level of a layer, where it stands, as somewhere to draw from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) layer: &'a Layer,
    pub(super) level: usize,
    /// Where the layer stands in the frame.
    place: Area,
}

/// How much of what is visible of a layer is on the GPU.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cover {
    Nothing,
    Some,
    Whole,
}

impl Layer {
    /// An empty one; `None` when it would have absurdly many tiles.
    pub(super) fn new(
        id: u64,
        serial: u64,
        origin: PieceOrigin,
        size: PixelSize,
        levels: u8,
    ) -> Option<Self> {
        Some(Self {
            id,
            serial,
            origin,
            size,
            ended: false,
            levels: Level::pyramid(size, levels)?,
        })
    }

    /// Memory of its pixels.
    pub(super) fn bytes(&self) -> usize {
        let tiles = |level: &Level| level.tiles.iter().map(Tile::bytes).sum::<usize>();
        self.levels.iter().map(tiles).sum()
    }

    pub(super) fn key(&self, canvas: u32, level: usize, column: u32, row: u32) -> TileKey {
        TileKey {
            canvas,
            layer: self.id,
            level: u8::try_from(level).unwrap_or(u8::MAX),
            column,
            row,
        }
    }

    /// Takes a piece; `None` when it makes no sense.
    pub(super) fn add(
        &mut self,
        level: u8,
        [x, y]: [u32; 2],
        pixels: ThumbnailPixels,
    ) -> Option<()> {
        let level = self.levels.get_mut(usize::from(level))?;
        let place = [x % TILE_PX, y % TILE_PX];
        let index = level.index(x / TILE_PX, y / TILE_PX)?;
        level.tiles.get_mut(index)?.add(place, pixels)
    }

    /// The level with between one and two pixels for each of the device.
    fn level_for(&self, view: &CanvasView) -> usize {
        let per_device_px = 1.0 / self.device_zoom(view);
        let last = self.levels.len().saturating_sub(1);
        let mut level = 0;
        // A little tolerance, so that exactly half size takes exactly the half level.
        let mut left = per_device_px * (1.0 + 1e-6);
        while left >= 2.0 && level < last {
            left /= 2.0;
            level += 1;
        }
        level
    }

    /// Device pixels for each pixel of level 0.
    fn device_zoom(&self, view: &CanvasView) -> f64 {
        view.shown_points()[0] * view.pixels_per_point() / f64::from(self.size.width())
    }

    /// Uploads what is visible of the level that fits, and the whole of the smallest: it stands in at once wherever
    /// the user goes next.
    pub(super) fn upload(
        &self,
        ctx: &Context,
        canvas: u32,
        view: &CanvasView,
        textures: &mut TextureStore,
    ) -> Cover {
        let fitting = self.level_for(view);
        let smallest = self.levels.len().saturating_sub(1);
        let sampling = if self.device_zoom(view) >= SQUARE_PIXELS_FROM {
            Sampling::Nearest
        } else {
            Sampling::Linear
        };
        let (mut any, mut whole) = (false, self.ended);
        let mut upload = |index: usize, area: Area, sampling: Sampling| {
            let source = Source {
                layer: self,
                level: index,
                place: Area::WHOLE,
            };
            for (column, row) in source.tiles_in(area) {
                let Some(tile) = source.tile(column, row) else {
                    continue;
                };
                let key = self.key(canvas, index, column, row);
                let size = tile.size.map(|side| side as usize);
                let there = textures.tile(ctx, key, size, &tile.pieces, sampling);
                let rows = there.map_or(0, |there| tile.rows_after(there.pieces));
                any |= rows > 0;
                whole &= rows == tile.size[1];
            }
        };
        upload(fitting, Area::visible(view), sampling);
        if smallest != fitting {
            upload(smallest, Area::WHOLE, Sampling::Linear);
        }
        match (any, whole) {
            (_, true) => Cover::Whole,
            (true, false) => Cover::Some,
            (false, false) => Cover::Nothing,
        }
    }

    /// Where to draw this layer from: the level that fits, then smaller ones, then larger ones.
    pub(super) fn sources(
        &self,
        view: &CanvasView,
        frame: PixelSize,
    ) -> impl Iterator<Item = Source<'_>> {
        let fitting = self.level_for(view);
        let place = Area::place(self.size, frame);
        let coarser = fitting..self.levels.len();
        coarser.chain((0..fitting).rev()).map(move |level| Source {
            layer: self,
            level,
            place,
        })
    }
}

impl Level {
    /// The empty levels of a picture; `None` when there are absurdly many tiles.
    fn pyramid(size: PixelSize, levels: u8) -> Option<Vec<Self>> {
        let tiles = |[width, height]: [u32; 2]| {
            u64::from(width.div_ceil(TILE_PX)) * u64::from(height.div_ceil(TILE_PX))
        };
        let mut size = [size.width(), size.height()];
        if tiles(size) > MAX_TILES {
            return None;
        }
        let mut all = Vec::new();
        for _ in 0..levels.clamp(1, 32) {
            all.push(Self::new(size));
            size = size.map(|side| side.div_ceil(2));
        }
        Some(all)
    }

    fn new(size: [u32; 2]) -> Self {
        let [columns, rows] = size.map(|side| side.div_ceil(TILE_PX));
        let left = |index: u32, whole: u32| (whole - index * TILE_PX).min(TILE_PX);
        let tiles = (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| Tile {
                size: [left(column, size[0]), left(row, size[1])],
                ..Tile::default()
            })
            .collect();
        Self {
            tiles_across: [columns, rows],
            tiles,
        }
    }

    fn index(&self, column: u32, row: u32) -> Option<usize> {
        let [columns, rows] = self.tiles_across;
        let index = (column < columns && row < rows).then(|| row * columns + column)?;
        usize::try_from(index).ok()
    }
}

impl Tile {
    fn bytes(&self) -> usize {
        let bytes = |piece: &TilePiece| piece.image.pixels.len() * size_of::<u32>();
        self.pieces.iter().map(bytes).sum()
    }

    pub(super) fn rows(&self) -> f64 {
        f64::from(self.size[1])
    }

    /// How much of the first `rows` rows is drawn: where more are to come, smooth sampling would mix half of the
    /// last row with the emptiness under it.
    pub(super) fn clean(&self, rows: u32) -> f64 {
        if rows < self.size[1] {
            f64::from(rows) - 0.5
        } else {
            self.rows()
        }
    }

    /// How many rows from the top are there without a gap, with the first `pieces` pieces.
    pub(super) fn rows_after(&self, pieces: usize) -> u32 {
        let last = pieces.checked_sub(1);
        last.and_then(|last| self.rows.get(last))
            .copied()
            .unwrap_or(0)
    }

    fn add(&mut self, [x, y]: [u32; 2], pixels: ThumbnailPixels) -> Option<()> {
        let (width, height) = (pixels.width, pixels.height);
        let inside =
            x.checked_add(width)? <= self.size[0] && y.checked_add(height)? <= self.size[1];
        if !inside || self.pieces.len() >= MAX_PIECES {
            return None;
        }
        let image = color_image(pixels)?;
        self.pieces.push(TilePiece {
            offset: [usize::try_from(x).ok()?, usize::try_from(y).ok()?],
            image: Arc::new(image),
        });
        let before = self.rows.last().copied().unwrap_or(0);
        let follows = width == self.size[0] && y <= before;
        self.rows.push(if follows {
            before.max(y + height)
        } else {
            before
        });
        Some(())
    }
}

impl<'a> Source<'a> {
    pub(super) fn tile(&self, column: u32, row: u32) -> Option<&'a Tile> {
        let level = self.layer.levels.get(self.level)?;
        level.tiles.get(level.index(column, row)?)
    }

    /// Width x height of a level's pixel in relative coordinates of the frame.
    fn pixel(&self) -> [f64; 2] {
        let scale = f64::from(1_u32 << self.level.min(31));
        let size = sides(self.layer.size);
        let [width, height] = self.place.sides();
        [width * scale / size[0], height * scale / size[1]]
    }

    /// Columns and rows of the tiles that touch an area.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the number of tiles"
    )]
    pub(super) fn tiles_in(&self, area: Area) -> impl Iterator<Item = (u32, u32)> + use<> {
        let pixel = self.pixel();
        let level = self.layer.levels.get(self.level);
        let [columns, rows] = level.map_or([0, 0], |level| level.tiles_across);
        let range = |axis: usize, count: u32| {
            let get = |of: [f64; 2]| of.get(axis).copied().unwrap_or(0.0);
            let tile = f64::from(TILE_PX) * get(pixel);
            let first = (get(area.min) - get(self.place.min)) / tile;
            let end = (get(area.max) - get(self.place.min)) / tile;
            let count = f64::from(count);
            first.floor().clamp(0.0, count) as u32..end.ceil().clamp(0.0, count) as u32
        };
        let (columns, rows) = (range(0, columns), range(1, rows));
        rows.flat_map(move |row| columns.clone().map(move |column| (column, row)))
    }

    /// Where the first `rows` rows of a tile stand; the last pixels of odd sides are cut at the picture's border.
    pub(super) fn tile_area(&self, column: u32, row: u32, rows: f64) -> Area {
        let pixel = self.pixel();
        let [x, y] = [column, row].map(|index| f64::from(index * TILE_PX));
        let at = |x: f64, y: f64| {
            [
                self.place.min[0] + x * pixel[0],
                self.place.min[1] + y * pixel[1],
            ]
        };
        Area {
            min: at(x, y),
            max: at(x + f64::from(TILE_PX), y + rows),
        }
        .clip(self.place)
    }

    /// The texture coordinates of an area inside of a tile.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "texture coordinates are f32"
    )]
    pub(super) fn texels(&self, column: u32, row: u32, area: Area) -> Rect {
        let pixel = self.pixel();
        let size = self.tile(column, row).map_or([1, 1], |tile| tile.size);
        let of = |at: [f64; 2]| {
            let x = (at[0] - self.place.min[0]) / pixel[0] - f64::from(column * TILE_PX);
            let y = (at[1] - self.place.min[1]) / pixel[1] - f64::from(row * TILE_PX);
            pos2(
                (x / f64::from(size[0])) as f32,
                (y / f64::from(size[1])) as f32,
            )
        };
        Rect::from_min_max(of(area.min), of(area.max))
    }
}
