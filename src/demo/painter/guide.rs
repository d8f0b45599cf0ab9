//! A small picture that tells brushes what to paint: a reference, or the painting itself before its strokes.
#![expect(
    clippy::indexing_slicing,
    reason = "pixel loops; coordinates are clamped to the picture first"
)]

use super::canvas::{Frame, Painting};
use super::color::{Ink, Lab};
use super::noise::{lerp, step};
use super::path::Point;
use super::{PixelSize, Raster};

/// Longer side of a guide in pixels: finer than the finest brush.
const SIDE_PX: u32 = 640;

/// Premultiplied `OKLab` and alpha on a coarse grid.
#[derive(Clone, Debug)]
pub(super) struct Guide {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 4]>,
    is_opaque: bool,
}

/// Mean and spread of a picture's colours.
#[derive(Clone, Copy, Debug)]
struct Tone {
    mean: Lab,
    spread: Lab,
}

impl Guide {
    /// The first reference in the colours of all of them; `None` when there is none with pixels.
    pub(super) fn from_references(references: &[Raster]) -> Option<Self> {
        let mut guides = references.iter().filter_map(Self::from_raster);
        let mut first = guides.next()?;
        let others: Vec<Tone> = guides.map(|guide| guide.tone()).collect();
        if !others.is_empty() {
            let share = 1.0 / others.len() as f32;
            let mean = Tone::average(&others, share);
            first.take_tone(mean, 0.75);
        }
        Some(first)
    }

    pub(super) fn from_painting(painting: &Painting<'_>) -> Self {
        let Frame { width, height } = painting.frame;
        let scale = SIDE_PX as f32 / width.max(height);
        let side = |units: f32| ((units * scale).round() as u32).max(1);
        let (width, height) = (side(width), side(height));
        let pixels = PixelSize::new(width, height).map(|size| painting.render_lab(size));
        Self::new(width, height, pixels.unwrap_or_default())
    }

    fn new(width: u32, height: u32, pixels: Vec<[f32; 4]>) -> Self {
        Self {
            width: width as usize,
            height: height as usize,
            is_opaque: pixels.iter().all(|pixel| pixel[3] > 0.9),
            pixels,
        }
    }

    /// Shrinks by averaging a few samples a cell, which is all that a brush can tell apart.
    fn from_raster(raster: &Raster) -> Option<Self> {
        const SAMPLES: u32 = 3;
        let size = raster.size()?;
        let shrink = (size.longer() as f32 / SIDE_PX as f32).max(1.0);
        let cells = |px: u32| ((px as f32 / shrink).round() as u32).max(1);
        let (width, height) = (cells(size.width()), cells(size.height()));
        let sample = |cell: u32, of: u32, i: u32, px: u32| {
            let part = (u64::from(cell * SAMPLES + i) * 2 + 1) * u64::from(px);
            ((part / u64::from(of * SAMPLES * 2)) as u32).min(px - 1)
        };
        let mut pixels = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                let mut sum = [0.0; 4];
                for i in 0..SAMPLES * SAMPLES {
                    let from_x = sample(x, width, i % SAMPLES, size.width());
                    let from_y = sample(y, height, i / SAMPLES, size.height());
                    let [r, g, b, alpha] = raster.pixel(from_x, from_y);
                    let Lab { l, a, b } = Lab::from_srgb([r, g, b]);
                    let weight = f32::from(alpha) / 255.0 / (SAMPLES * SAMPLES) as f32;
                    for (total, value) in sum.iter_mut().zip([l, a, b, 1.0]) {
                        *total += value * weight;
                    }
                }
                pixels.push(sum);
            }
        }
        Some(Self::new(width, height, pixels))
    }

    /// The colour at a place of `frame`, which the guide covers whole, cut where the ratios differ.
    pub(super) fn at(&self, p: Point, frame: Frame) -> Ink {
        let scale = (self.width as f32 / frame.width).min(self.height as f32 / frame.height);
        let place = |p: f32, middle: f32, px: usize| {
            let at = (p - middle) * scale + px as f32 / 2.0 - 0.5;
            let at = at.clamp(0.0, (px - 1) as f32);
            let low = (at as usize).min(px - 1);
            (low, (low + 1).min(px - 1), at - low as f32)
        };
        let (left, right, u) = place(p.x, frame.width / 2.0, self.width);
        let (top, bottom, v) = place(p.y, frame.height / 2.0, self.height);
        let get = |x: usize, y: usize| self.pixels[y * self.width + x];
        let corners = [
            get(left, top),
            get(right, top),
            get(left, bottom),
            get(right, bottom),
        ];
        let [l, a, b, alpha] = [0, 1, 2, 3].map(|c| {
            let [p00, p10, p01, p11] = corners.map(|pixel: [f32; 4]| pixel[c]);
            lerp(lerp(p00, p10, u), lerp(p01, p11, u), v)
        });
        let whole = alpha.max(1e-6);
        Lab::new(l / whole, a / whole, b / whole).alpha(alpha)
    }

    /// Takes the corners off an opaque picture, so that it can stand alone on nothing.
    pub(super) fn cut_out(&mut self) {
        if !self.is_opaque {
            return;
        }
        self.is_opaque = false;
        let (rx, ry) = (self.width as f32 / 2.0, self.height as f32 / 2.0);
        for (i, pixel) in self.pixels.iter_mut().enumerate() {
            let off = Point::new((i % self.width) as f32 - rx, (i / self.width) as f32 - ry);
            let away = (off.x / rx).hypot(off.y / ry);
            *pixel = pixel.map(|value| value * step(0.98, 0.93, away));
        }
    }

    /// Whether it has colour at `p` and `reach` away on all sides.
    pub(super) fn covers(&self, p: Point, frame: Frame, reach: f32) -> bool {
        let sides = [
            (0.0, 0.0),
            (reach, 0.0),
            (-reach, 0.0),
            (0.0, reach),
            (0.0, -reach),
        ];
        let mut places = sides.into_iter().map(|(x, y)| p + Point::new(x, y));
        self.is_opaque || places.all(|p| self.at(p, frame).alpha > 0.5)
    }

    /// Which way and how fast lightness grows, measured over `reach`.
    pub(super) fn slope(&self, p: Point, frame: Frame, reach: f32) -> Point {
        let l = |dx: f32, dy: f32| {
            let ink = self.at(p + Point::new(dx, dy), frame);
            ink.lab.l * ink.alpha
        };
        Point::new(
            l(reach, 0.0) - l(-reach, 0.0),
            l(0.0, reach) - l(0.0, -reach),
        )
    }

    /// Seven of its colours from dark to light.
    pub(super) fn swatches(&self) -> [Lab; 7] {
        let mut colors: Vec<Lab> = (self.pixels.iter().step_by(7))
            .filter(|[_, _, _, alpha]| *alpha > 0.5)
            .map(|[l, a, b, alpha]| Lab::new(l / alpha, a / alpha, b / alpha))
            .collect();
        colors.sort_by(|x, y| x.l.total_cmp(&y.l));
        let count = colors.len();
        // The most colourful of each seventh: an average would be mud.
        std::array::from_fn(|i| {
            (colors
                .get(count * i / 7..count * (i + 1) / 7)
                .unwrap_or_default()
                .iter())
            .max_by(|x, y| x.a.hypot(x.b).total_cmp(&y.a.hypot(y.b)))
            .copied()
            .unwrap_or(Lab::new(0.15 + 0.12 * i as f32, 0.0, 0.0))
        })
    }

    pub(super) const fn is_opaque(&self) -> bool {
        self.is_opaque
    }

    /// The average of its colours.
    pub(super) fn mean(&self) -> Lab {
        self.tone().mean
    }

    fn tone(&self) -> Tone {
        let weight: f32 = self.pixels.iter().map(|p| p[3]).sum::<f32>().max(1e-6);
        let [l, a, b] = [0, 1, 2].map(|c| {
            let mean = self.pixels.iter().map(|p| p[c]).sum::<f32>() / weight;
            let square = self
                .pixels
                .iter()
                .map(|p| p[c] * p[c] / p[3].max(1e-6))
                .sum::<f32>()
                / weight;
            (mean, (square - mean * mean).max(0.0).sqrt())
        });
        Tone {
            mean: Lab::new(l.0, a.0, b.0),
            spread: Lab::new(l.1, a.1, b.1),
        }
    }

    /// Moves its colours towards `tone` (Reinhard et al., «Color transfer between images», 2001, here in `OKLab`).
    fn take_tone(&mut self, tone: Tone, by: f32) {
        let own = self.tone();
        let ratio = |to: f32, from: f32| (to / from.max(0.01)).clamp(0.4, 2.5);
        let stretch = Lab::new(
            ratio(tone.spread.l, own.spread.l),
            ratio(tone.spread.a, own.spread.a),
            ratio(tone.spread.b, own.spread.b),
        );
        for [l, a, b, alpha] in &mut self.pixels {
            let shift = |value: f32, from: f32, to: f32, stretch: f32| {
                lerp(value, (value - from * *alpha) * stretch + to * *alpha, by)
            };
            // Its own light and dark matter more than the other's: that is what one recognises it by.
            *l = lerp(*l, shift(*l, own.mean.l, tone.mean.l, stretch.l), 0.5);
            *a = shift(*a, own.mean.a, tone.mean.a, stretch.a);
            *b = shift(*b, own.mean.b, tone.mean.b, stretch.b);
        }
    }
}

impl Tone {
    fn average(tones: &[Self], share: f32) -> Self {
        let sum = |f: fn(&Self) -> f32| tones.iter().map(f).sum::<f32>() * share;
        Self {
            mean: Lab::new(sum(|t| t.mean.l), sum(|t| t.mean.a), sum(|t| t.mean.b)),
            spread: Lab::new(
                sum(|t| t.spread.l),
                sum(|t| t.spread.a),
                sum(|t| t.spread.b),
            ),
        }
    }
}
