//! Every texture on the GPU: made here, counted here, dropped here.
//!
//! Pixels come as data ([`ThumbnailPixels`], [`TilePiece`]) and are uploaded when something on screen asks for them,
//! at most [`UploadLimits::frame_bytes`] a frame; the rest follows in the next ones, for which a repaint is asked.
//! Above [`UploadLimits::total_bytes`] the textures that have not been used for the longest time go.
//!
//! Nothing here decodes, scales or converts: a `Vec<u32>` of premultiplied pixels *is* a `Vec<Color32>`, and a
//! texture shares it with whoever keeps it. Call it only from `ui`: in a hidden window nothing would be uploaded.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place that makes textures"
)]

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Color32, ColorImage, Context, ImageData, TextureHandle, TextureId, TextureOptions};

use crate::engine::{ReferenceToken, ThumbnailPixels, ThumbnailSize};
use crate::model::{ImageId, JobId};

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
}

/// A piece of a tile: pixels and their place in the tile.
#[derive(Clone, Debug)]
pub struct TilePiece {
    /// Left and upper edge in pixels of the tile.
    pub offset: [usize; 2],
    /// The pixels, shared with the GPU's queue.
    pub image: Arc<ColorImage>,
}

/// How a tile is drawn when it is enlarged.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sampling {
    /// Smooth.
    #[default]
    Linear,
    /// Square pixels.
    Nearest,
}

impl TilePiece {
    fn fits(&self, tile: [usize; 2]) -> bool {
        let [x, y] = self.offset;
        let [width, height] = self.image.size;
        x.saturating_add(width) <= tile[0] && y.saturating_add(height) <= tile[1]
    }
}

impl Sampling {
    const fn options(self) -> TextureOptions {
        match self {
            Self::Linear => TextureOptions::LINEAR,
            Self::Nearest => TextureOptions::NEAREST,
        }
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

/// How much may be on the GPU, and how much may go there at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UploadLimits {
    /// Bytes a frame. A single upload larger than that goes alone.
    pub frame_bytes: usize,
    /// Bytes of all textures. What is on screen is never dropped for it.
    pub total_bytes: usize,
}

impl Default for UploadLimits {
    /// 16 MiB a frame, 256 MiB in all (style.md section 4).
    fn default() -> Self {
        Self {
            frame_bytes: 16 << 20,
            total_bytes: 256 << 20,
        }
    }
}

/// What the store did and holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TextureStats {
    /// Bytes handed to the GPU in the current frame.
    pub frame_bytes: usize,
    /// Uploads in the current frame.
    pub frame_uploads: usize,
    /// Bytes handed to the GPU since the start.
    pub uploaded_bytes: u64,
    /// Bytes held: textures, and pixels that wait for their upload.
    pub held_bytes: usize,
    /// Number of textures.
    pub textures: usize,
}

/// All textures of the window. See the module's description.
#[derive(Debug, Default)]
pub struct TextureStore {
    limits: UploadLimits,
    entries: HashMap<Key, Entry>,
    /// Transparent pixels of the size of a whole tile, for textures whose pieces are still to come.
    blank: Option<Arc<ColorImage>>,
    checker: Option<Gpu>,
    stats: TextureStats,
    /// The frame that `stats` counts.
    frame: u64,
}

#[derive(Debug, Default)]
struct Entry {
    gpu: Option<Gpu>,
    /// Pixels of a small picture that are not in the texture yet.
    waiting: Option<Arc<ColorImage>>,
    /// There is no picture.
    missing: bool,
    /// Pieces of a tile that are in the texture.
    pieces: usize,
    sampling: Sampling,
    used_in: u64,
}

/// A texture and its size.
struct Gpu {
    handle: TextureHandle,
    size: [usize; 2],
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.handle.id(), self.size)
    }
}

const fn bytes_of(size: [usize; 2]) -> usize {
    size[0].saturating_mul(size[1]).saturating_mul(4)
}

impl Entry {
    fn bytes(&self) -> usize {
        let gpu = self.gpu.as_ref().map_or(0, |gpu| bytes_of(gpu.size));
        let waiting = self
            .waiting
            .as_ref()
            .map_or(0, |image| bytes_of(image.size));
        gpu + waiting
    }

    fn thumb(&self) -> Thumb {
        match &self.gpu {
            Some(gpu) => Thumb::Ready {
                texture: gpu.handle.id(),
                size: gpu.size,
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
        matches!(self, Self::Tile(_) | Self::Thumb(ThumbKey::Image(..)))
    }
}

/// Pixels as egui holds them, without touching one of them. `None` when there are not as many as the sides say.
pub(super) fn color_image(pixels: ThumbnailPixels) -> Option<ColorImage> {
    let size = [
        usize::try_from(pixels.width).ok()?,
        usize::try_from(pixels.height).ok()?,
    ];
    let fits = size[0] > 0 && size[0].checked_mul(size[1]) == Some(pixels.pixels.len());
    fits.then(|| {
        let pixels: Vec<Color32> = bytemuck::allocation::cast_vec(pixels.pixels);
        ColorImage::new(size, pixels)
    })
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
                Some(gpu) if gpu.size == image.size => {
                    let image = ImageData::Color(image);
                    gpu.handle
                        .set_partial([0, 0], image, Sampling::Linear.options());
                }
                gpu => {
                    *gpu = allocate(ctx, image, Sampling::Linear);
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
            entry.gpu = allocate(ctx, image, sampling);
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
                let image = ImageData::Color(Arc::clone(&piece.image));
                gpu.handle
                    .set_partial(piece.offset, image, sampling.options());
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
            texture: gpu.handle.id(),
            pieces: entry.pieces,
        })
    }

    /// A tile as far as it is on the GPU; uploads nothing.
    pub fn tile_if_there(&mut self, ctx: &Context, key: TileKey) -> Option<TileOnGpu> {
        self.begin_frame(ctx);
        let entry = self.entries.get_mut(&Key::Tile(key))?;
        entry.used_in = self.frame;
        entry.gpu.as_ref().map(|gpu| TileOnGpu {
            texture: gpu.handle.id(),
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
        let checker = self.checker.get_or_insert_with(|| {
            let (white, clear) = (Color32::WHITE, Color32::TRANSPARENT);
            let image = ColorImage::new([2, 2], vec![clear, white, white, clear]);
            Gpu {
                handle: ctx.load_texture("checkerboard", image, TextureOptions::NEAREST_REPEAT),
                size: [2, 2],
            }
        });
        checker.handle.id()
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

impl TextureStats {
    /// Takes bytes out of the frame's budget; without budget it asks for the next frame. The first upload of a
    /// frame always goes, so that nothing waits for ever.
    fn spend(&mut self, ctx: &Context, limits: UploadLimits, bytes: usize) -> bool {
        let go = self.frame_bytes == 0 || self.frame_bytes + bytes <= limits.frame_bytes;
        if go {
            self.frame_bytes += bytes;
            self.frame_uploads += 1;
            self.uploaded_bytes += bytes as u64;
        } else {
            ctx.request_repaint_of(egui::ViewportId::ROOT);
        }
        go
    }
}

/// `None` beyond what the GPU can hold in one texture: wgpu would end the program.
fn allocate(ctx: &Context, image: Arc<ColorImage>, sampling: Sampling) -> Option<Gpu> {
    let size = image.size;
    let most = ctx.input(|input| input.max_texture_side);
    if size[0] > most || size[1] > most {
        tracing::warn!(
            width = size[0],
            height = size[1],
            most,
            "too large for the GPU"
        );
        return None;
    }
    let handle = ctx.load_texture("picture", ImageData::Color(image), sampling.options());
    Some(Gpu { handle, size })
}

/// Transparent pixels; those of the usual size are shared. Fresh zeroed memory is not even touched.
fn blank_image(shared: &mut Option<Arc<ColorImage>>, size: [usize; 2]) -> Arc<ColorImage> {
    match shared {
        Some(image) if image.size == size => Arc::clone(image),
        _ => {
            let zeros = vec![0_u32; size[0].saturating_mul(size[1])];
            let image = Arc::new(ColorImage::new(size, bytemuck::allocation::cast_vec(zeros)));
            if size[0] == size[1] {
                *shared = Some(Arc::clone(&image));
            }
            image
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::{RawInput, TextureFilter, TexturesDelta};

    use super::*;

    const JOB: ThumbKey = ThumbKey::Job(JobId::from_parts(1, 1));

    fn image(n: u32) -> ThumbKey {
        ThumbKey::Image(ImageId::from_parts(1, n), ThumbnailSize::Small)
    }

    fn pixels(width: u32, height: u32) -> ThumbnailPixels {
        ThumbnailPixels {
            width,
            height,
            pixels: vec![u32::from_ne_bytes([1, 2, 3, 255]); (width * height) as usize],
        }
    }

    /// Runs a frame; gives its texture changes as `(whole uploads, partial ones, freed)`.
    fn frame(
        ctx: &Context,
        store: &mut TextureStore,
        mut run: impl FnMut(&Context, &mut TextureStore),
    ) -> (usize, usize, usize) {
        let mut output = ctx.run_ui(RawInput::default(), |ui| run(ui.ctx(), store));
        let TexturesDelta { set, free } = &mut output.textures_delta;
        // The font is egui's own.
        set.remove(&TextureId::default());
        let deltas = set.values().flatten();
        let (whole, partial): (Vec<_>, Vec<_>) = deltas.partition(|delta| delta.is_whole());
        let counts = (whole.len(), partial.len(), free.len());
        output.drop_without_applying_deltas();
        counts
    }

    fn is_ready(thumb: Thumb) -> bool {
        matches!(thumb, Thumb::Ready { .. })
    }

    #[test]
    fn pixels_keep_their_order_without_being_touched() {
        let pixels = ThumbnailPixels {
            width: 2,
            height: 1,
            pixels: vec![
                u32::from_ne_bytes([1, 2, 3, 255]),
                u32::from_ne_bytes([4, 5, 6, 7]),
            ],
        };
        let before = pixels.pixels.as_ptr().cast::<Color32>();
        let image = color_image(pixels).unwrap();
        assert_eq!(image.pixels.as_ptr(), before);
        assert_eq!(image.pixels[0].to_array(), [1, 2, 3, 255]);
        assert_eq!(image.pixels[1].to_array(), [4, 5, 6, 7]);
    }

    #[test]
    fn nonsense_is_a_missing_picture() {
        let (ctx, mut store) = (Context::default(), TextureStore::default());
        let cases = [
            ("too few", 3, 2, 5),
            ("none", 0, 0, 0),
            ("overflow", u32::MAX, u32::MAX, 1),
        ];
        for (what, width, height, count) in cases {
            let pixels = vec![0; count];
            let pixels = ThumbnailPixels {
                width,
                height,
                pixels,
            };
            store.put(JOB, Some(pixels));
            assert_eq!(store.thumb(&ctx, JOB), Thumb::Missing, "{what}");
        }
        // Before the first frame egui believes in textures of 2048 px.
        store.put(JOB, Some(pixels(4000, 1)));
        assert_eq!(store.thumb(&ctx, JOB), Thumb::Missing);
    }

    #[test]
    fn a_thumbnail_is_uploaded_once_when_it_is_asked_for() {
        let (ctx, mut store) = (Context::default(), TextureStore::default());
        assert_eq!(store.thumb(&ctx, image(1)), Thumb::Unknown);
        assert!(!store.has_thumb(image(1)));
        store.put(image(1), Some(pixels(256, 144)));
        store.put(image(2), None);
        assert_eq!(frame(&ctx, &mut store, |_, _| {}).0, 0);
        for uploads in [1, 0, 0] {
            let counts = frame(&ctx, &mut store, |ctx, store| {
                assert!(is_ready(store.thumb(ctx, image(1))));
                assert_eq!(store.thumb(ctx, image(2)), Thumb::Missing);
            });
            assert_eq!(counts, (uploads, 0, 0));
        }
    }

    #[test]
    fn newer_pixels_of_a_job_go_into_its_texture() {
        let (ctx, mut store) = (Context::default(), TextureStore::default());
        for (size, expected) in [
            ((64, 64), (1, 0, 0)),
            ((64, 64), (0, 1, 0)),
            ((64, 32), (1, 0, 1)),
        ] {
            store.put(JOB, Some(pixels(size.0, size.1)));
            let counts = frame(&ctx, &mut store, |ctx, store| {
                store.thumb(ctx, JOB);
            });
            assert_eq!(counts, expected);
        }
        store.remove(JOB);
        assert_eq!(frame(&ctx, &mut store, |_, _| {}), (0, 0, 1));
        assert_eq!(store.stats().held_bytes, 0);
    }

    #[test]
    fn uploads_stay_in_the_budget_and_go_on_in_the_next_frame() {
        let (ctx, mut store) = (Context::default(), TextureStore::default());
        // 256 KiB each: 64 in a frame.
        for n in 0..150 {
            store.put(image(n), Some(pixels(256, 256)));
        }
        let mut uploads = Vec::new();
        for _ in 0..4 {
            let counts = frame(&ctx, &mut store, |ctx, store| {
                for n in 0..150 {
                    store.thumb(ctx, image(n));
                }
                assert!(store.stats().frame_bytes <= 16 << 20);
            });
            uploads.push(counts.0);
        }
        assert_eq!(uploads, [64, 64, 22, 0]);
    }

    #[test]
    fn the_longest_unused_go_first_and_what_is_on_screen_stays() {
        let limits = UploadLimits {
            total_bytes: 16 * 64 * 64 * 4,
            ..UploadLimits::default()
        };
        let (ctx, mut store) = (Context::default(), TextureStore::with_limits(limits));
        store.put(JOB, Some(pixels(64, 64)));
        frame(&ctx, &mut store, |ctx, store| {
            store.thumb(ctx, JOB);
        });
        for n in 0..30 {
            frame(&ctx, &mut store, |ctx, store| {
                store.put(image(n), Some(pixels(64, 64)));
                assert!(is_ready(store.thumb(ctx, image(n))));
                assert!(is_ready(store.thumb(ctx, image(0))), "always on screen");
            });
            assert!(store.stats().held_bytes <= limits.total_bytes + 64 * 64 * 4);
        }
        assert!(store.has_thumb(image(29)) && store.has_thumb(image(20)));
        assert!(!store.has_thumb(image(1)));
        assert!(store.has_thumb(JOB), "nobody could give it again");
    }

    #[test]
    fn a_tile_is_allocated_once_and_then_written_in_part() {
        let (ctx, mut store) = (Context::default(), TextureStore::default());
        let key = TileKey {
            canvas: 0,
            layer: 0,
            level: 0,
            column: 0,
            row: 0,
        };
        let band = |y: usize| TilePiece {
            offset: [0, y],
            image: Arc::new(ColorImage::filled([128, 64], Color32::WHITE)),
        };
        let mut pieces = vec![band(0), band(64)];
        let mut show = |pieces: &[TilePiece], sampling| {
            frame(&ctx, &mut store, |ctx, store| {
                let tile = store.tile(ctx, key, [128, 256], pieces, sampling).unwrap();
                assert_eq!(tile.pieces, pieces.len());
            })
        };
        assert_eq!(show(&pieces, Sampling::Linear), (1, 2, 0));
        pieces.push(band(128));
        assert_eq!(show(&pieces, Sampling::Linear), (0, 1, 0));
        // Sticks out: counted, but never sent to the GPU.
        pieces.push(band(250));
        assert_eq!(show(&pieces, Sampling::Linear), (0, 0, 0));
        assert_eq!(show(&pieces, Sampling::Nearest), (0, 1, 0));
        assert_eq!(show(&pieces, Sampling::Nearest), (0, 0, 0));
        assert_eq!(
            Sampling::Nearest.options().magnification,
            TextureFilter::Nearest
        );
        store.remove_layer(0, 0);
        assert_eq!(frame(&ctx, &mut store, |_, _| {}), (0, 0, 1));
    }
}
