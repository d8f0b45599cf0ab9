//! The pixels on a canvas: taken as they come, kept so that textures can be made again, drawn without a flash.
//!
//! A picture is a stack of *layers*, one for each `Begin`. A preview or a result is drawn once everything of it that
//! is visible is on the GPU; until then the one before stays. Only a result that is *arriving* is drawn row by row,
//! over what is beneath. No pixel is drawn twice: where a row of the upper layer is there, the lower one is not
//! drawn, so transparent pictures grow correctly too.
//!
//! Each layer has levels (every one half of the one before) in tiles of [`TILE_PX`]. The level drawn has between one
//! and two pixels for each of the screen, because there are no mipmaps; other levels stand in where it is not there.

mod area;
mod layer;

use egui::{Context, Rect, TextureId};

use crate::engine::{CanvasEvent, PieceOrigin};
use crate::model::{Failure, PixelSize};
use crate::ui::textures::TextureStore;

use super::view::CanvasView;

use self::area::Area;
use self::layer::{Cover, Layer, Source};

/// Side of a tile in pixels; no piece crosses the border of one.
pub const TILE_PX: u32 = 1024;

/// What is on screen, what grows over it, what waits for its turn, and what begins: more is never needed.
const MAX_LAYERS: usize = 4;

/// What stands on a canvas.
#[derive(Debug, Default)]
pub struct CanvasPicture {
    canvas: u32,
    /// Oldest first.
    layers: Vec<Layer>,
    next_layer: u64,
    /// Older events are not for us any more.
    serial: u64,
    /// Layers whose textures are to be dropped.
    gone: Vec<u64>,
    shown: Option<Shown>,
    failure: Option<Failure>,
}

/// What was drawn last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shown {
    /// Width x height of the picture in pixels.
    pub size: PixelSize,
    /// What it is.
    pub origin: PieceOrigin,
    /// Nothing is missing in what is visible, neither pixels nor textures.
    pub complete: bool,
}

/// A part of the screen that is drawn from one texture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// In points.
    pub(super) rect: Rect,
    /// Where in which texture; `None` where nothing has arrived.
    pub(super) texture: Option<(TextureId, Rect)>,
}

impl CanvasPicture {
    /// An empty canvas; `canvas` tells those apart that share a [`TextureStore`].
    #[must_use]
    pub fn new(canvas: u32) -> Self {
        Self {
            canvas,
            ..Self::default()
        }
    }

    /// Ignores everything of a `Show` before `serial` from now on. What is on the canvas stays until it is covered.
    pub fn expect(&mut self, serial: u64) {
        if serial > self.serial {
            self.serial = serial;
            self.failure = None;
        }
    }

    /// Takes the canvas clear.
    pub fn clear(&mut self) {
        self.gone
            .extend(self.layers.drain(..).map(|layer| layer.id));
        self.shown = None;
        self.failure = None;
    }

    /// Takes what the engine told. `false` when it was not for this canvas, was too late, or made no sense.
    pub fn apply(&mut self, event: CanvasEvent) -> bool {
        match event {
            CanvasEvent::Begin {
                serial,
                origin,
                size,
                levels,
            } => self.is_current(serial) && self.begin(serial, origin, size, levels),
            CanvasEvent::Piece {
                serial,
                level,
                x,
                y,
                pixels,
            } => {
                self.is_current(serial)
                    && self
                        .open_layer(serial)
                        .is_some_and(|layer| layer.add(level, [x, y], pixels).is_some())
            }
            CanvasEvent::End { serial, origin } => {
                self.is_current(serial)
                    && self
                        .open_layer(serial)
                        .filter(|layer| layer.origin == origin)
                        .map(|layer| layer.ended = true)
                        .is_some()
            }
            CanvasEvent::Failed { serial, failure } => {
                let ours = self.is_current(serial);
                if ours {
                    self.fail(serial, failure);
                }
                ours
            }
        }
    }

    /// Why the picture that was asked for last can't be shown.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// What was drawn last.
    #[must_use]
    pub const fn shown(&self) -> Option<Shown> {
        self.shown
    }

    /// Whether there is nothing to draw, not even the frame of a picture that will come.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Memory of the pixels kept, in bytes; textures are not counted.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.layers.iter().map(Layer::bytes).sum()
    }

    fn is_current(&mut self, serial: u64) -> bool {
        self.expect(serial);
        serial == self.serial
    }

    fn begin(&mut self, serial: u64, origin: PieceOrigin, size: PixelSize, levels: u8) -> bool {
        let Some(layer) = Layer::new(self.next_layer, serial, origin, size, levels) else {
            tracing::warn!(%size, levels, "a picture that can't be on a canvas");
            return false;
        };
        self.failure = None;
        self.forget_overtaken();
        self.layers.push(layer);
        self.next_layer += 1;
        true
    }

    /// What came of the picture stays; another one must not stand there in its place.
    fn fail(&mut self, serial: u64, failure: Failure) {
        self.failure = Some(failure);
        let gone = &mut self.gone;
        self.layers.retain(|layer| {
            let ours = layer.serial == serial;
            if !ours {
                gone.push(layer.id);
            }
            ours
        });
    }

    /// Drops what will never be drawn: the lowest layer is on screen, and of those that wait for their turn only the
    /// newest that is complete matters.
    fn forget_overtaken(&mut self) {
        let newest_ended = self.layers.iter().rposition(|layer| layer.ended);
        let mut index = 0;
        let gone = &mut self.gone;
        self.layers.retain(|layer| {
            let waits = layer.ended && Some(index) == newest_ended;
            let grows = layer.origin == PieceOrigin::Arriving && !layer.ended;
            let keep = index == 0 || waits || grows;
            index += 1;
            if !keep {
                gone.push(layer.id);
            }
            keep
        });
        while self.layers.len() >= MAX_LAYERS {
            gone.push(self.layers.remove(1).id);
        }
    }

    fn open_layer(&mut self, serial: u64) -> Option<&mut Layer> {
        self.layers
            .last_mut()
            .filter(|layer| layer.serial == serial && !layer.ended)
    }
}

/// What is drawn: the layers from the top down, and the frame they stand in.
#[derive(Debug)]
struct Stack {
    /// Indices into the layers.
    layers: Vec<usize>,
    view: CanvasView,
    /// Nothing below the last of them is needed any more.
    closed: bool,
    complete: bool,
}

impl CanvasPicture {
    /// Uploads what is visible, as far as there is budget, and says what to draw where.
    ///
    /// The view takes the size of what is drawn; only a picture of another shape moves it.
    pub(super) fn prepare(
        &mut self,
        ctx: &Context,
        view: &mut CanvasView,
        textures: &mut TextureStore,
        parts: &mut Vec<Part>,
    ) {
        for layer in self.gone.drain(..) {
            textures.remove_layer(self.canvas, layer);
        }
        let Some(stack) = self.stack(ctx, view, textures) else {
            self.shown = None;
            return;
        };
        *view = stack.view;
        let top = stack.layers.first().and_then(|top| self.layers.get(*top));
        self.shown = top.map(|top| Shown {
            size: top.size,
            origin: top.origin,
            complete: stack.complete,
        });
        if let Some(frame) = top.map(|top| top.size) {
            let sources: Vec<Source<'_>> = stack
                .layers
                .iter()
                .filter_map(|index| self.layers.get(*index))
                .flat_map(|layer| layer.sources(view, frame))
                .collect();
            Painting {
                ctx,
                canvas: self.canvas,
                view,
                textures,
                parts,
            }
            .fill(&sources, Area::visible(view));
        }
        if stack.closed
            && let Some(lowest) = stack.layers.last()
        {
            self.gone
                .extend(self.layers.drain(..*lowest).map(|layer| layer.id));
        }
    }

    /// Goes down from the newest layer to the first that covers all that is visible.
    fn stack(
        &self,
        ctx: &Context,
        view: &CanvasView,
        textures: &mut TextureStore,
    ) -> Option<Stack> {
        let mut stack: Option<Stack> = None;
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let top = stack.as_ref().and_then(|stack| stack.layers.first());
            let top = top.and_then(|top| self.layers.get(*top));
            // Rows of one picture never grow over another picture.
            if let (Some(stack), Some(top)) = (&mut stack, top)
                && top.serial != layer.serial
            {
                stack.closed = true;
                break;
            }
            let mut own_view = view.clone();
            own_view.set_picture(layer.size);
            let cover = layer.upload(ctx, self.canvas, &own_view, textures);
            let grows = layer.origin == PieceOrigin::Arriving && cover == Cover::Some;
            if !(grows || cover == Cover::Whole || index == 0) {
                continue;
            }
            let stack = stack.get_or_insert_with(|| Stack {
                layers: Vec::with_capacity(MAX_LAYERS),
                view: own_view,
                closed: false,
                complete: cover == Cover::Whole,
            });
            stack.layers.push(index);
            stack.closed = cover == Cover::Whole;
            if stack.closed {
                break;
            }
        }
        stack
    }
}

/// What [`CanvasPicture::prepare`] hands down while it looks for what to draw.
struct Painting<'a> {
    ctx: &'a Context,
    canvas: u32,
    view: &'a CanvasView,
    textures: &'a mut TextureStore,
    parts: &'a mut Vec<Part>,
}

impl Painting<'_> {
    /// Fills an area from the first source, and what that does not have from the next.
    fn fill(&mut self, sources: &[Source<'_>], area: Area) {
        if area.is_empty() {
            return;
        }
        let Some((source, rest)) = sources.split_first() else {
            let rect = area.on_screen(self.view);
            self.parts.push(Part {
                rect,
                texture: None,
            });
            return;
        };
        for (column, row) in source.tiles_in(area) {
            let Some(tile) = source.tile(column, row) else {
                continue;
            };
            let key = source.layer.key(self.canvas, source.level, column, row);
            let there = self.textures.tile_if_there(self.ctx, key);
            let rows = there.map_or(0, |there| tile.rows_after(there.pieces));
            let whole = source.tile_area(column, row, tile.rows()).clip(area);
            let have = source.tile_area(column, row, tile.clean(rows)).clip(area);
            match there {
                Some(there) if !have.is_empty() => {
                    let texels = source.texels(column, row, have);
                    self.parts.push(Part {
                        rect: have.on_screen(self.view),
                        texture: Some((there.texture, texels)),
                    });
                    self.fill(rest, whole.below(have));
                }
                _ => self.fill(rest, whole),
            }
        }
    }
}

#[cfg(test)]
mod tests;
