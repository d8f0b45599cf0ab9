//! *Protect outside*: puts the original back where a masked edit was to change nothing, and tells how much it had.
//!
//! Both pictures go by row by row, so memory does not grow with them beyond what their formats need to be decoded; the
//! mask and its weights are one byte a pixel each where they are not uniform.

use std::io::{BufRead, Seek, Write};
use std::ops::ControlFlow;

use crate::media::encode::{Channels, encoding, png_writer};
use crate::media::mask::{CHOSEN, Mask, near};
use crate::media::{Header, MediaError, MediaLimits, SampleLayout, SampleSink, decode_samples};
use crate::model::{Drift, PixelSize};

/// What is made of an original and a result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProtectPicture {
    /// The result inside of the mask, the original outside.
    Composite,
    /// The original in grey, and over it in colour how much the result differs outside of the mask.
    HeatMap,
}

/// Why nothing could be put back.
#[derive(Debug, thiserror::Error)]
pub enum ProtectError {
    /// The result has another size than the original, so no pixel of it is one of the original's.
    #[error(
        "the result has {result} pixels, the original {original}: nothing can be put back exactly"
    )]
    Sizes {
        /// Of the original.
        original: PixelSize,
        /// Of the result.
        result: PixelSize,
    },
    /// A picture can't be read or written.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The original ended before the result.
    #[error("the original can't be read to its end")]
    OriginalEnds,
}

/// Over how many pixels outside of the mask original and result go into each other: 1/128 of the shorter side, 4 to 32.
#[must_use]
pub fn feather_px(size: PixelSize) -> u16 {
    u16::try_from((size.shorter() / 128).clamp(4, 32)).unwrap_or(32)
}

impl Mask {
    /// How much of the result a pixel takes, 255 being all of it: at least the mask's own coverage, and outside of it
    /// falling to exactly 0 within `feather_px`.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte"
    )]
    pub fn protect_weights(&self, feather_px: u16) -> Self {
        let mut weights = self.clone();
        let mut flat = self.flat();
        let reach = f32::from(feather_px) + 1.0;
        let width = self.size().width() as usize;
        near(&mut flat, width, CHOSEN, feather_px, |distance, before| {
            let t = (1.0 - distance / reach).clamp(0.0, 1.0);
            let smooth = t * t * (3.0 - 2.0 * t);
            before.max((smooth * 255.0).round() as u8)
        });
        weights.set_flat(&flat);
        weights
    }
}

/// Makes straight RGBA of rows, 8 bits a channel, `width × 4` bytes each, exactly the values that come: `begin` is called
/// before the first, `row` with each.
#[derive(Debug)]
pub struct StraightRows<B, F> {
    begin: B,
    row: F,
    rgba: Vec<u8>,
}

impl<B, F> StraightRows<B, F>
where
    B: FnMut(&Header) -> ControlFlow<()>,
    F: FnMut(&[u8]) -> ControlFlow<()>,
{
    /// Either may break; decoding then ends with [`MediaError::Canceled`].
    pub const fn new(begin: B, row: F) -> Self {
        Self {
            begin,
            row,
            rgba: Vec::new(),
        }
    }
}

impl<B, F> SampleSink for StraightRows<B, F>
where
    B: FnMut(&Header) -> ControlFlow<()>,
    F: FnMut(&[u8]) -> ControlFlow<()>,
{
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        (self.begin)(header)
    }

    fn samples(&mut self, _y: u32, samples: &[u8], layout: SampleLayout) -> ControlFlow<()> {
        to_rgba(samples, layout, &mut self.rgba);
        (self.row)(&self.rgba)
    }
}

fn to_rgba(samples: &[u8], layout: SampleLayout, rgba: &mut Vec<u8>) {
    rgba.clear();
    match layout {
        SampleLayout::Gray => rgba.extend(samples.iter().flat_map(|&v| [v, v, v, 255])),
        SampleLayout::GrayAlpha => {
            let pixels = samples.as_chunks::<2>().0;
            rgba.extend(pixels.iter().flat_map(|&[v, a]| [v, v, v, a]));
        }
        SampleLayout::Rgb => {
            let pixels = samples.as_chunks::<3>().0;
            rgba.extend(pixels.iter().flat_map(|&[r, g, b]| [r, g, b, 255]));
        }
        SampleLayout::Rgba => rgba.extend_from_slice(samples),
    }
}

/// The original while the result goes by.
pub struct Original<'a> {
    /// Width x height in pixels.
    pub size: PixelSize,
    /// Whether it has an alpha channel; then the composite has one.
    pub has_alpha: bool,
    /// Writes the next row as straight RGBA into the buffer; `false` when there is none.
    pub next_row: &'a mut dyn FnMut(&mut Vec<u8>) -> bool,
}

impl std::fmt::Debug for Original<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Original({})", self.size)
    }
}

/// Reads the result, compares it with the original outside of `mask` and writes `picture` as a PNG.
///
/// Of the composite, every pixel that the mask does not cover and that is more than `feather_px` away from what it
/// chooses is the original's to the byte; inside it is the result's; between them both are mixed in linear light. `mask`
/// has the original's size.
///
/// # Errors
/// [`ProtectError::Sizes`] before anything is written; those of reading and writing.
pub fn protect_outside<R: BufRead + Seek, W: Write + 'static>(
    result: R,
    limits: &MediaLimits,
    mask: &Mask,
    feather_px: u16,
    original: Original<'_>,
    (picture, out): (ProtectPicture, W),
) -> Result<Drift, ProtectError> {
    let weights = match picture {
        ProtectPicture::Composite => mask.protect_weights(feather_px),
        ProtectPicture::HeatMap => mask.clone(),
    };
    let mut work = Work {
        original,
        mask,
        weights,
        picture,
        out: Some(out),
        png: None,
        channels: Channels::Rgb,
        light: Light::new(),
        drift: Drift::default(),
        failed: None,
        rows: Rows::default(),
    };
    let decoded = decode_samples(result, limits, &mut work);
    if let Some(error) = work.failed {
        return Err(error);
    }
    decoded?;
    if let Some(png) = work.png {
        png.finish().map_err(encoding)?;
    }
    Ok(work.drift)
}

/// Buffers of one row.
#[derive(Default)]
struct Rows {
    original: Vec<u8>,
    result: Vec<u8>,
    coverage: Vec<u8>,
    weights: Vec<u8>,
    out: Vec<u8>,
}

struct Work<'m, 'o, W: Write + 'static> {
    original: Original<'o>,
    mask: &'m Mask,
    weights: Mask,
    picture: ProtectPicture,
    out: Option<W>,
    png: Option<png::StreamWriter<'static, W>>,
    channels: Channels,
    light: Light,
    drift: Drift,
    failed: Option<ProtectError>,
    rows: Rows,
}

impl<W: Write + 'static> SampleSink for Work<'_, '_, W> {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        match self.start(header) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.fail(error),
        }
    }

    fn samples(&mut self, y: u32, samples: &[u8], layout: SampleLayout) -> ControlFlow<()> {
        to_rgba(samples, layout, &mut self.rows.result);
        if !(self.original.next_row)(&mut self.rows.original) {
            return self.fail(ProtectError::OriginalEnds);
        }
        self.mask.row(y, &mut self.rows.coverage);
        self.compare();
        self.rows.out.clear();
        match self.picture {
            ProtectPicture::Composite => {
                self.weights.row(y, &mut self.rows.weights);
                self.mix();
            }
            ProtectPicture::HeatMap => self.heat(),
        }
        let written = match &mut self.png {
            Some(png) => png.write_all(&self.rows.out),
            None => Ok(()),
        };
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.fail(ProtectError::Media(MediaError::Io(error))),
        }
    }
}

impl<W: Write + 'static> Work<'_, '_, W> {
    fn fail(&mut self, error: ProtectError) -> ControlFlow<()> {
        self.failed = Some(error);
        ControlFlow::Break(())
    }

    fn start(&mut self, header: &Header) -> Result<(), ProtectError> {
        let size = self.original.size;
        if header.size != size || self.mask.size() != size {
            return Err(ProtectError::Sizes {
                original: size,
                result: header.size,
            });
        }
        let Some(out) = self.out.take() else {
            return Ok(());
        };
        let has_alpha = match self.picture {
            ProtectPicture::Composite => header.has_alpha || self.original.has_alpha,
            ProtectPicture::HeatMap => false,
        };
        self.channels = if has_alpha {
            Channels::Rgba
        } else {
            Channels::Rgb
        };
        let writer = png_writer(out, size, self.channels).map_err(encoding)?;
        self.png = Some(writer.into_stream_writer().map_err(encoding)?);
        Ok(())
    }

    fn pixels(rows: &Rows) -> impl Iterator<Item = (&[u8; 4], &[u8; 4])> {
        let (a, b) = (
            rows.original.as_chunks::<4>().0,
            rows.result.as_chunks::<4>().0,
        );
        a.iter().zip(b)
    }

    fn compare(&mut self) {
        let Drift {
            outside_px,
            changed_px,
            change_sum,
        } = &mut self.drift;
        for ((a, b), cover) in Self::pixels(&self.rows).zip(&self.rows.coverage) {
            if *cover == 0 {
                *outside_px += 1;
                *changed_px += u64::from(a != b);
                let apart = a.iter().zip(b).take(3).map(|(a, b)| a.abs_diff(*b));
                *change_sum += apart.map(u64::from).sum::<u64>();
            }
        }
    }

    fn mix(&mut self) {
        let mut out = std::mem::take(&mut self.rows.out);
        for ((original, result), weight) in Self::pixels(&self.rows).zip(&self.rows.weights) {
            let pixel = match weight {
                0 => *original,
                255 => *result,
                weight => self.light.mix(*original, *result, *weight),
            };
            out.extend_from_slice(pixel.get(..self.channels.count()).unwrap_or(&pixel));
        }
        self.rows.out = out;
    }

    fn heat(&mut self) {
        let mut out = std::mem::take(&mut self.rows.out);
        for ((original, result), cover) in Self::pixels(&self.rows).zip(&self.rows.coverage) {
            let [r, g, b, a] = *original;
            let grey = (77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b)) >> 8;
            let apart = original
                .iter()
                .zip(result)
                .map(|(a, b)| a.abs_diff(*b))
                .max()
                .unwrap_or_default();
            // What is transparent on both sides looks the same whatever its colour is.
            let is_seen = a > 0 || result.last().is_some_and(|alpha| *alpha > 0);
            let apart = if *cover == 0 && is_seen { apart } else { 0 };
            out.extend_from_slice(&heat_color(grey, apart));
        }
        self.rows.out = out;
    }
}

/// Dim grey where nothing differs; from yellow for a little to red for much, bright enough to be seen at one step.
fn heat_color(grey: u32, apart: u8) -> [u8; 3] {
    let byte = |value: u32| u8::try_from(value.min(255)).unwrap_or(u8::MAX);
    let dim = 24 + grey * 2 / 5;
    if apart == 0 {
        return [byte(dim); 3];
    }
    let strength = u32::from(apart);
    // Small differences are told apart best: the square root spreads them.
    let root = (strength * 255).isqrt();
    let color = [
        150 + root * 105 / 255,
        200_u32.saturating_sub(root * 180 / 255),
        40,
    ];
    // A little is seen through, so that the picture stays recognisable under much of it.
    let cover = 72 + root * 183 / 255;
    color.map(|channel| byte((channel * cover + dim * (255 - cover)) / 255))
}

/// Mixing in linear light (IEC 61966-2-1), alpha premultiplied.
struct Light {
    linear: [f32; 256],
}

impl Light {
    fn new() -> Self {
        let mut linear = [0.0; 256];
        for (value, linear) in (0_u8..=255).zip(&mut linear) {
            let value = f32::from(value) / 255.0;
            *linear = if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            };
        }
        Self { linear }
    }

    /// `weight` of the result, the rest of the original; both straight.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte"
    )]
    fn mix(&self, original: [u8; 4], result: [u8; 4], weight: u8) -> [u8; 4] {
        let share = f32::from(weight) / 255.0;
        let ([.., oa], [.., ra]) = (original, result);
        let (of_original, of_result) = (
            (1.0 - share) * f32::from(oa) / 255.0,
            share * f32::from(ra) / 255.0,
        );
        let alpha = of_original + of_result;
        if alpha <= 0.0 {
            return [0; 4];
        }
        let linear = |value: u8| self.linear.get(usize::from(value)).copied().unwrap_or(1.0);
        let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        let mut mixed = [0, 0, 0, byte(alpha)];
        for ((mixed, a), b) in mixed.iter_mut().zip(original).zip(result).take(3) {
            let light = (linear(a) * of_original + linear(b) * of_result) / alpha;
            *mixed = byte(if light <= 0.003_130_8 {
                light * 12.92
            } else {
                1.055 * light.powf(1.0 / 2.4) - 0.055
            });
        }
        mixed
    }
}

#[cfg(test)]
mod tests;
