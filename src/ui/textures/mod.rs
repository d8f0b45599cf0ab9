//! Every texture on the GPU: made here, counted here, dropped here.
//!
//! Pixels come as data ([`ThumbnailPixels`], [`TilePiece`]) and are uploaded when something on screen asks for them,
//! at most [`UploadLimits::frame_bytes`] a frame; the rest follows in the next ones, for which a repaint is asked.
//! Above [`UploadLimits::total_bytes`] the textures that have not been used for the longest time go.
//!
//! Nothing here decodes, scales or converts: a `Vec<u32>` of premultiplied pixels *is* a `Vec<Color32>`, and a
//! texture shares it with whoever keeps it. Call it only from `ui`: in a hidden window nothing would be uploaded.

mod budget;
mod gpu;
mod mask;

use std::collections::HashMap;
use std::sync::Arc;

use egui::{ColorImage, Context, TextureId};

use crate::engine::{ReferenceToken, ThumbnailPixels, ThumbnailSize};
use crate::model::{ImageId, JobId};

pub use self::budget::{TextureStats, UploadLimits};
pub use self::gpu::Sampling;
pub use self::mask::{MaskLook, MaskTileKey};

pub(super) use self::gpu::color_image;

use self::gpu::{Texture, blank_image, bytes_of};

/// Names a small picture.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub enum ThumbKey {
    /// A stored thumbnail of a result. Dropped when unused; the engine gives it again.
    Image(ImageId, ThumbnailSize),
    /// The newest picture of a running job. Kept until [`TextureStore::remove`].
    Job(JobId),
    /// A reference. Kept until [`TextureStore::remove`].
    Reference(ReferenceToken),
}

/// Names a tile of a picture on a canvas.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub struct TileKey {
    /// Which canvas: several may be on screen, as when comparing.
    pub canvas: u32,
    /// Which of the canvas's pictures; never used again.
    pub layer: u64,
    /// Which level; 0 is full size.
    pub level: u8,
    /// Column of the tile.
    pub column: u32,
    /// Row of the tile.
    pub row: u32,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
enum Key {
    Thumb(ThumbKey),
    Tile(TileKey),
    Mask(MaskTileKey),
}

/// A piece of a tile: pixels and their place in the tile.
#[derive(Clone, Debug)]
pub struct TilePiece {
    /// Left and upper edge in pixels of the tile.
    pub offset: [usize; 2],
    /// The pixels, shared with the GPU's queue.
    pub image: Arc<ColorImage>,
}

impl TilePiece {
    fn fits(&self, tile: [usize; 2]) -> bool {
        let [x, y] = self.offset;
        let [width, height] = self.image.size;
        x.saturating_add(width) <= tile[0] && y.saturating_add(height) <= tile[1]
    }
}

/// A small picture as it can be drawn now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thumb {
    /// Nobody has given it, or it was dropped: ask the engine for it.
    Unknown,
    /// It is here and will be on the GPU in one of the next frames.
    Waiting,
    /// There is no readable picture.
    Missing,
    /// It can be drawn.
    Ready {
        /// The whole texture is the picture.
        texture: TextureId,
        /// Width x height in pixels.
        size: [usize; 2],
    },
}

/// A tile as it can be drawn now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileOnGpu {
    /// Of the size of the tile.
    pub texture: TextureId,
    /// How many of the tile's pieces, counted from the first, are in the texture.
    pub pieces: usize,
}

/// All textures of the window. See the module's description.
#[derive(Debug, Default)]
pub struct TextureStore {
    limits: UploadLimits,
    entries: HashMap<Key, Entry>,
    /// Transparent pixels of the size of a whole tile, for textures whose pieces are still to come.
    blank: Option<Arc<ColorImage>>,
    checker: Option<Texture>,
    stats: TextureStats,
    /// The frame that `stats` counts.
    frame: u64,
}

#[derive(Debug, Default)]
struct Entry {
    gpu: Option<Texture>,
    /// Pixels of a small picture that are not in the texture yet.
    waiting: Option<Arc<ColorImage>>,
    /// There is no picture.
    missing: bool,
    /// Pieces of a tile that are in the texture.
    pieces: usize,
    sampling: Sampling,
    /// What the texture of a mask's tile shows.
    look: Option<MaskLook>,
    used_in: u64,
}

impl Entry {
    fn bytes(&self) -> usize {
        let gpu = self.gpu.as_ref().map_or(0, |gpu| bytes_of(gpu.size()));
        let waiting = self
            .waiting
            .as_ref()
            .map_or(0, |image| bytes_of(image.size));
        gpu + waiting
    }

    fn thumb(&self) -> Thumb {
        match &self.gpu {
            Some(gpu) => Thumb::Ready {
                texture: gpu.id(),
                size: gpu.size(),
            },
            None if self.waiting.is_some() => Thumb::Waiting,
            None if self.missing => Thumb::Missing,
            None => Thumb::Unknown,
        }
    }
}

impl Key {
    /// Whether whoever gave it can give it again.
    const fn can_go(self) -> bool {
        matches!(
            self,
            Self::Tile(_) | Self::Mask(_) | Self::Thumb(ThumbKey::Image(..))
        )
    }
}

impl TextureStore {
    /// A store with other limits than the usual ones.
    #[must_use]
    pub fn with_limits(limits: UploadLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Takes the pixels of a small picture, or the news that there are none; uploaded once it is asked for.
    ///
    /// Pixels that do not fit their sides count as missing.
    pub fn put(&mut self, key: ThumbKey, pixels: Option<ThumbnailPixels>) {
        let image = pixels.and_then(color_image);
        let entry = self.entries.entry(Key::Thumb(key)).or_default();
        let before = entry.bytes();
        entry.missing = image.is_none();
        if entry.missing {
            entry.gpu = None;
        }
        entry.waiting = image.map(Arc::new);
        entry.used_in = self.frame;
        let after = entry.bytes();
        self.count_held(before, after);
    }

    /// A small picture, to be drawn in this frame; uploads it if there is budget.
    pub fn thumb(&mut self, ctx: &Context, key: ThumbKey) -> Thumb {
        self.begin_frame(ctx);
        let key = Key::Thumb(key);
        let Some(entry) = self.entries.get_mut(&key) else {
            return Thumb::Unknown;
        };
        entry.used_in = self.frame;
        let Some(image) = &entry.waiting else {
            return entry.thumb();
        };
        if !self.stats.spend(ctx, self.limits, bytes_of(image.size)) {
            return entry.thumb();
        }
        let before = entry.bytes();
        if let Some(image) = entry.waiting.take() {
            match &mut entry.gpu {
                Some(gpu) if gpu.size() == image.size => {
                    gpu.write([0, 0], image, Sampling::Linear);
                }
                gpu => {
                    *gpu = Texture::new(ctx, image, Sampling::Linear);
                    entry.missing = gpu.is_none();
                }
            }
        }
        let (after, thumb) = (entry.bytes(), entry.thumb());
        self.count_held(before, after);
        thumb
    }

    /// Whether a small picture needs not be asked for: it is here, or known not to exist.
    #[must_use]
    pub fn has_thumb(&self, key: ThumbKey) -> bool {
        self.entries.contains_key(&Key::Thumb(key))
    }

    /// Drops a small picture, as when its job is off the list.
    pub fn remove(&mut self, key: ThumbKey) {
        if let Some(entry) = self.entries.remove(&Key::Thumb(key)) {
            self.count_held(entry.bytes(), 0);
        }
    }

    /// A tile of a canvas, to be drawn in this frame; uploads those of its pieces that are new, as far as there is
    /// budget. `pieces` only ever grows at its end. `None` while nothing of it is on the GPU.
    ///
    /// `size` is the tile's width x height in pixels; pieces that stick out of it are counted but not uploaded.
    pub fn tile(
        &mut self,
        ctx: &Context,
        key: TileKey,
        size: [usize; 2],
        pieces: &[TilePiece],
        sampling: Sampling,
    ) -> Option<TileOnGpu> {
        self.begin_frame(ctx);
        let Self {
            limits,
            entries,
            blank,
            stats,
            frame,
            ..
        } = self;
        let entry = entries.entry(Key::Tile(key)).or_default();
        entry.used_in = *frame;
        if entry.gpu.is_none()
            && let Some(first) = pieces.first()
            && stats.spend(ctx, *limits, bytes_of(size))
        {
            let whole = first.image.size == size;
            let image = if whole {
                Arc::clone(&first.image)
            } else {
                blank_image(blank, size)
            };
            entry.gpu = Texture::new(ctx, image, sampling);
            entry.sampling = sampling;
            entry.pieces = usize::from(whole);
            stats.held_bytes += entry.bytes();
        }
        let gpu = entry.gpu.as_mut()?;
        let mut upload = |piece: &TilePiece| {
            if !piece.fits(size) {
                return true;
            }
            let go = stats.spend(ctx, *limits, bytes_of(piece.image.size));
            if go {
                gpu.write(piece.offset, Arc::clone(&piece.image), sampling);
            }
            go
        };
        for piece in pieces.iter().skip(entry.pieces) {
            if !upload(piece) {
                break;
            }
            entry.pieces += 1;
            entry.sampling = sampling;
        }
        // How a texture is sampled is told along with pixels, so a piece goes up once more.
        if entry.sampling != sampling
            && let Some(piece) = pieces.first()
            && upload(piece)
        {
            entry.sampling = sampling;
        }
        Some(TileOnGpu {
            texture: gpu.id(),
            pieces: entry.pieces,
        })
    }

    /// A tile as far as it is on the GPU; uploads nothing.
    pub fn tile_if_there(&mut self, ctx: &Context, key: TileKey) -> Option<TileOnGpu> {
        self.begin_frame(ctx);
        let entry = self.entries.get_mut(&Key::Tile(key))?;
        entry.used_in = self.frame;
        entry.gpu.as_ref().map(|gpu| TileOnGpu {
            texture: gpu.id(),
            pieces: entry.pieces,
        })
    }

    /// Drops every tile of a picture that a canvas no longer shows.
    pub fn remove_layer(&mut self, canvas: u32, layer: u64) {
        let mut freed = 0;
        self.entries.retain(|key, entry| {
            let gone =
                matches!(key, Key::Tile(tile) if tile.canvas == canvas && tile.layer == layer);
            if gone {
                freed += entry.bytes();
            }
            !gone
        });
        self.count_held(freed, 0);
    }

    /// Two by two squares, white and transparent, that repeat: tint it, and draw it over the other colour.
    pub fn checkerboard(&mut self, ctx: &Context) -> TextureId {
        let checker = self
            .checker
            .get_or_insert_with(|| Texture::checkerboard(ctx));
        checker.id()
    }

    /// What the store did in the current frame, and holds.
    #[must_use]
    pub fn stats(&self) -> TextureStats {
        TextureStats {
            textures: self.entries.values().filter(|e| e.gpu.is_some()).count(),
            ..self.stats
        }
    }

    /// The first call in a frame starts a new budget, and makes room.
    fn begin_frame(&mut self, ctx: &Context) {
        let frame = ctx.cumulative_frame_nr();
        if frame == self.frame {
            return;
        }
        self.frame = frame;
        self.stats.frame_bytes = 0;
        self.stats.frame_uploads = 0;
        if self.stats.held_bytes > self.limits.total_bytes {
            self.evict();
        }
    }

    /// Drops what was not used in the frame before, oldest first, down to seven eighths of the limit so that it
    /// does not run in every frame.
    fn evict(&mut self) {
        let mut old: Vec<(u64, Key)> = self
            .entries
            .iter()
            .filter(|(key, entry)| key.can_go() && entry.used_in + 1 < self.frame)
            .map(|(key, entry)| (entry.used_in, *key))
            .collect();
        old.sort_unstable();
        let enough = self.limits.total_bytes - self.limits.total_bytes / 8;
        for (_, key) in old {
            if self.stats.held_bytes <= enough {
                break;
            }
            if let Some(entry) = self.entries.remove(&key) {
                self.count_held(entry.bytes(), 0);
            }
        }
    }

    fn count_held(&mut self, before: usize, after: usize) {
        let held = &mut self.stats.held_bytes;
        *held = held.saturating_sub(before) + after;
    }
}

#[cfg(test)]
mod tests;
