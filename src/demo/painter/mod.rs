//! Paints a picture from the words of a prompt: what the demo gateway gives instead of a model's work.
//!
//! Pure pixels: no files, no HTTP, no clock, no randomness but the seed. A prompt is read into a brief (`lexicon`),
//! the brief chooses colours (`palette`) and a style (`styles`), the style lays down layers in picture units
//! (`canvas`), and the layers are rendered at any size. Previews are earlier states of the same picture: its large
//! colours laid in with big brushes, then smaller ones. The demo server calls [`paint`] and `encode`.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::many_single_char_names,
    reason = "coordinates and colours go by their usual letters, stay far below 2^24, and are clamped before they index pixels"
)]

use crate::model::PixelSize;

mod brush;
mod canvas;
mod color;
mod edit;
mod encode;
mod guide;
mod lexicon;
mod mark;
mod motif;
mod noise;
mod palette;
mod path;
mod styles;
#[cfg(test)]
mod tests;

pub use encode::{EncodeError, encode};

use canvas::{Frame, Painting};
use guide::Guide;
use mark::Mark;
use noise::{Rng, seed_of};
use styles::{Plan, Reference};

/// A picture in memory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Raster {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Row-major, top to bottom, `width × height × 4` bytes: straight alpha, sRGB.
    pub rgba: Vec<u8>,
}

impl Raster {
    /// `None` unless `rgba` holds exactly `size` and can be painted on.
    #[must_use]
    pub fn new(size: PixelSize, rgba: Vec<u8>) -> Option<Self> {
        (rgba.len() as u64 == size.pixels() * 4).then_some(Self {
            width: size.width(),
            height: size.height(),
            rgba,
        })
    }

    /// Its size; `None` when a side is zero.
    #[must_use]
    pub const fn size(&self) -> Option<PixelSize> {
        PixelSize::new(self.width, self.height)
    }

    /// Whether every pixel has alpha 255.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.rgba.iter().skip(3).step_by(4).all(|a| *a == u8::MAX)
    }

    /// The pixel at a place; transparent black outside.
    fn pixel(&self, x: u32, y: u32) -> [u8; 4] {
        let at = (y as usize * self.width as usize + x as usize) * 4;
        match self.rgba.get(at..at + 4) {
            Some(&[r, g, b, a]) if x < self.width => [r, g, b, a],
            _ => [0; 4],
        }
    }

    /// The same picture at `size`: averaged when it shrinks, interpolated when it grows, copied when it fits.
    fn scaled(&self, size: PixelSize) -> Self {
        if self.size() == Some(size) {
            return self.clone();
        }
        let (ratio_x, ratio_y) = (
            self.width as f32 / size.width() as f32,
            self.height as f32 / size.height() as f32,
        );
        let samples = (ratio_x.max(ratio_y).ceil() as u32).clamp(1, 8);
        let weight = 1.0 / (samples * samples) as f32;
        let mut rgba = Vec::with_capacity(size.pixels() as usize * 4);
        for y in 0..size.height() {
            for x in 0..size.width() {
                let mut sum = [0.5; 4];
                for i in 0..samples * samples {
                    let within = |i: u32| (i as f32 + 0.5) / samples as f32;
                    let pixel = self.between(
                        (x as f32 + within(i % samples)) * ratio_x - 0.5,
                        (y as f32 + within(i / samples)) * ratio_y - 0.5,
                    );
                    for (total, value) in sum.iter_mut().zip(pixel) {
                        *total += value * weight;
                    }
                }
                rgba.extend(sum.map(|value| value as u8));
            }
        }
        Self {
            width: size.width(),
            height: size.height(),
            rgba,
        }
    }

    /// Interpolates between the four pixels round a place; the edge goes on outside.
    fn between(&self, x: f32, y: f32) -> [f32; 4] {
        let place = |at: f32, px: u32| {
            let at = at.clamp(0.0, px.saturating_sub(1) as f32);
            let low = at as u32;
            (low, (low + 1).min(px.saturating_sub(1)), at - low as f32)
        };
        let (left, right, u) = place(x, self.width);
        let (top, bottom, v) = place(y, self.height);
        let mut sum = [0.0; 4];
        for (x, y, weight) in [
            (left, top, (1.0 - u) * (1.0 - v)),
            (right, top, u * (1.0 - v)),
            (left, bottom, (1.0 - u) * v),
            (right, bottom, u * v),
        ] {
            for (total, value) in sum.iter_mut().zip(self.pixel(x, y)) {
                *total += f32::from(value) * weight;
            }
        }
        sum
    }

    /// Moves a pixel towards `color` by `weight`, 0 to 1.
    fn blend(&mut self, x: u32, y: u32, color: [u8; 4], weight: f32) {
        let at = (y as usize * self.width as usize + x as usize) * 4;
        let pixel = self.rgba.get_mut(at..at + 4).unwrap_or_default();
        for (old, new) in pixel.iter_mut().zip(color) {
            *old = (noise::lerp(f32::from(*old), f32::from(new), weight) + 0.5) as u8;
        }
    }
}

/// What to paint. The same scene gives the same picture, and at another size the same picture in other detail.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Any text; its words choose colours, style and motif, all of it varies the picture.
    pub prompt: &'a str,
    /// Another seed, another picture of the same words.
    pub seed: u64,
    /// Any size; the caller bounds the memory (12 bytes a pixel at the most).
    pub size: PixelSize,
    /// The motif alone on an alpha channel.
    pub transparent: bool,
    /// The first gives the composition, all of them the colours.
    pub references: &'a [Raster],
    /// Transparent = may change, scaled to the first reference; without a reference it means nothing.
    pub mask: Option<&'a Raster>,
}

/// How far the picture has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// An earlier state.
    Preview {
        /// Counts from 0.
        index: u32,
        /// How many previews there are in all.
        count: u32,
    },
    /// Finished.
    Final,
}

/// Paints `scene` as it is at `stage`.
///
/// With a mask only the masked part is painted: elsewhere the result is the first reference, to the byte when it has
/// the size of the scene, else scaled.
#[must_use]
pub fn paint(scene: &Scene<'_>, stage: Stage) -> Raster {
    if let (Some(base), Some(mask)) = (scene.references.first(), scene.mask) {
        return edit::paint_masked(scene, base, mask, stage);
    }
    let mut guide = Guide::from_references(scene.references);
    if let Some(guide) = guide.as_mut().filter(|_| scene.transparent) {
        guide.cut_out();
    }
    let reference = guide.as_ref().map_or(Reference::None, Reference::Whole);
    let mut painting = compose(scene, scene.size, reference, stage);
    let mark = Mark::of_height(Mark::HEIGHT);
    mark.sign(&mut painting, mark.corner(Frame::of(scene.size)));
    painting.render(scene.size)
}

/// The unsigned picture of `scene`, composed for `size`.
fn compose<'g>(
    scene: &Scene<'_>,
    size: PixelSize,
    reference: Reference<'g>,
    stage: Stage,
) -> Painting<'g> {
    let seed = seed_of(scene.prompt, scene.seed);
    let plan = Plan::new(
        Frame::of(size),
        lexicon::read(scene.prompt),
        Rng::new(seed),
        scene.transparent,
        reference,
    );
    let finished = styles::compose(plan);
    match stage {
        Stage::Final => finished,
        Stage::Preview { index, count } => {
            let guide = Guide::from_painting(&finished);
            brush::underpainting(&guide, finished.frame, index, count, &mut Rng::new(seed))
        }
    }
}
