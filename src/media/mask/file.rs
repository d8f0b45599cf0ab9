//! Masks as files: a PNG whose transparent pixels may change (protocol.md 7.3), and whatever people have.

use std::io::{BufRead, Seek};
use std::ops::ControlFlow;

use fast_image_resize as fir;

use super::{Mask, MaskBuilder};
use crate::media::encode::{Channels, encode_png_rows};
use crate::media::{Header, MediaError, MediaLimits, SampleLayout, SampleSink, decode_samples};
use crate::model::PixelSize;

/// Shapes that differ by less than this share of their ratio are taken for the same: sizes are rounded.
const SAME_RATIO: f64 = 0.01;

/// A mask from a file.
#[derive(Clone, Debug)]
pub struct LoadedMask {
    /// As large as was asked for.
    pub mask: Mask,
    /// The file's size, where it was another one and the mask was scaled.
    pub scaled_from: Option<PixelSize>,
    /// Transparency decided; otherwise brightness did.
    pub by_alpha: bool,
}

/// Why a file can't be a mask.
#[derive(Debug, thiserror::Error)]
pub enum MaskFileError {
    /// It is no picture that can be read.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// It has another shape than the picture.
    #[error("a mask of {mask} pixels does not fit a picture of {picture}")]
    Shape {
        /// The file's size.
        mask: PixelSize,
        /// The picture's size.
        picture: PixelSize,
    },
}

impl Mask {
    /// The mask as gateways want it: an RGBA PNG of the mask's size whose alpha is 255 where nothing may change and 0
    /// where everything may. The colours are the coverage, white where it may change, for those who look at them instead.
    ///
    /// # Errors
    /// [`MediaError::Encode`].
    pub fn to_png(&self) -> Result<Vec<u8>, MediaError> {
        let mut row = Vec::new();
        encode_png_rows(self.size(), Channels::Rgba, |y, line| {
            self.row(y, &mut row);
            line.extend(row.iter().flat_map(|&c| [c, c, c, 255 - c]));
        })
    }

    /// Reads a mask for a picture of `size` pixels out of a picture file.
    ///
    /// Where the file has a transparent pixel, transparency says what may change; otherwise brightness does, white being
    /// what may. A file of another size but the same shape, to one percent, is scaled.
    ///
    /// # Errors
    /// [`MaskFileError::Shape`]; those of [`decode_samples`].
    pub fn load<R: BufRead + Seek>(
        reader: R,
        limits: &MediaLimits,
        size: PixelSize,
    ) -> Result<LoadedMask, MaskFileError> {
        let mut reading = Reading::default();
        let header = decode_samples(reader, limits, &mut reading)?;
        let by_alpha = reading.is_transparent;
        let builder = if by_alpha {
            reading.alpha
        } else {
            reading.light
        };
        let mask = builder.map_or_else(|| Self::new(header.size), MaskBuilder::finish);
        let of = mask.size();
        if of == size {
            return Ok(LoadedMask {
                mask,
                scaled_from: None,
                by_alpha,
            });
        }
        let (a, b) = (of.ratio(), size.ratio());
        if (a - b).abs() > SAME_RATIO * a.min(b) {
            return Err(MaskFileError::Shape {
                mask: of,
                picture: size,
            });
        }
        Ok(LoadedMask {
            mask: mask.scaled(size)?,
            scaled_from: Some(of),
            by_alpha,
        })
    }

    /// The same mask for a picture of another size, stretched where the shape differs.
    ///
    /// # Errors
    /// [`MediaError::Encode`] for sizes that nothing can be scaled to.
    pub fn scaled(&self, size: PixelSize) -> Result<Self, MediaError> {
        let fail = |error: Box<dyn std::error::Error + Send + Sync>| MediaError::Encode(error);
        let (from, kind) = (self.size(), fir::PixelType::U8);
        let source =
            fir::images::Image::from_vec_u8(from.width(), from.height(), self.flat(), kind)
                .map_err(|error| fail(error.into()))?;
        let mut target = fir::images::Image::new(size.width(), size.height(), kind);
        let algorithm = fir::ResizeAlg::Convolution(fir::FilterType::Bilinear);
        fir::Resizer::new()
            .resize(
                &source,
                &mut target,
                &fir::ResizeOptions::new().resize_alg(algorithm),
            )
            .map_err(|error| fail(error.into()))?;
        let mut scaled = Self::new(size);
        scaled.set_flat(target.buffer());
        Ok(scaled)
    }
}

/// What a file's rows say, in both ways of reading them.
#[derive(Debug, Default)]
struct Reading {
    alpha: Option<MaskBuilder>,
    light: Option<MaskBuilder>,
    /// A pixel is transparent.
    is_transparent: bool,
}

impl SampleSink for Reading {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.alpha = header.has_alpha.then(|| MaskBuilder::new(header.size));
        self.light = Some(MaskBuilder::new(header.size));
        ControlFlow::Continue(())
    }

    fn samples(&mut self, _y: u32, samples: &[u8], layout: SampleLayout) -> ControlFlow<()> {
        let pixels = || samples.chunks_exact(layout.bytes());
        if matches!(layout, SampleLayout::GrayAlpha | SampleLayout::Rgba) {
            let alphas = || pixels().filter_map(<[u8]>::last).copied();
            self.is_transparent = self.is_transparent || alphas().any(|alpha| alpha < 255);
            if let Some(builder) = &mut self.alpha {
                builder.push(alphas().map(|alpha| 255 - alpha));
            }
        }
        if let Some(builder) = &mut self.light {
            builder.push(pixels().map(luminance));
        }
        ControlFlow::Continue(())
    }
}

/// Brightness of a pixel (Rec. 601 weights, of 256).
fn luminance(pixel: &[u8]) -> u8 {
    match *pixel {
        [r, g, b] | [r, g, b, _] => {
            let sum = 77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b) + 128;
            u8::try_from(sum >> 8).unwrap_or(u8::MAX)
        }
        [v] | [v, _] => v,
        _ => 0,
    }
}
