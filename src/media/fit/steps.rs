//! Encoding, step by step, until a copy is small enough.

use jpeg_encoder::SamplingFactor;

use super::super::{MediaError, encode_png};
use super::whole::{Pixels, within};
use crate::model::{ImageFormat, PixelSize};

/// Qualities of JPEG, the best first, each about a fifth smaller than the one before. Below the last one fewer pixels
/// look better than more of them.
const QUALITIES: [Quality; 6] = [
    Quality(95, SamplingFactor::R_4_4_4),
    Quality(92, SamplingFactor::R_4_4_4),
    Quality(92, SamplingFactor::R_4_2_0),
    Quality(88, SamplingFactor::R_4_2_0),
    Quality(84, SamplingFactor::R_4_2_0),
    Quality(80, SamplingFactor::R_4_2_0),
];
/// Quality of copies with fewer pixels.
const SMALLER_QUALITY: Quality = Quality(90, SamplingFactor::R_4_2_0);
/// How many times the size is reduced before it is given up.
const MOST_REDUCTIONS: usize = 16;
/// What a lossless WebP needs of the bytes of a PNG, at best: below that it is not tried.
const WEBP_AT_BEST: (u64, u64) = (6, 10);
/// Longest side of a WebP (RFC 9649 3.4).
const WEBP_MAX_SIDE: u32 = 16_383;

/// Quality from 0 to 100, and how much of the colours is kept beside the lightness.
#[derive(Clone, Copy)]
struct Quality(u8, SamplingFactor);

/// What is tried, in order. Whatever has transparent pixels stays lossless.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kinds {
    /// PNG, and nothing else; where that is too large, with fewer pixels.
    OnlyPng,
    /// PNG, then as the others.
    PngFirst,
    /// Lossless WebP where it may do, then JPEG by falling quality, then fewer pixels.
    WebpFirst {
        /// Length of the original.
        from_bytes: u64,
    },
    /// JPEG by falling quality, then fewer pixels.
    Jpeg,
}

/// An encoded picture.
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    pub(super) format: ImageFormat,
    pub(super) size: PixelSize,
}

/// A picture and the ways to encode it.
pub(super) struct Steps {
    pixels: Pixels,
    kinds: Kinds,
    is_opaque: bool,
}

impl Steps {
    pub(super) fn of(pixels: Pixels, kinds: Kinds) -> Self {
        let is_opaque = pixels.is_opaque();
        Self {
            pixels,
            kinds,
            is_opaque,
        }
    }

    /// The first that has at most `max_bytes`.
    pub(super) fn run(self, max_bytes: u64) -> Result<Encoded, MediaError> {
        let fits = |encoded: &Encoded| encoded.bytes.len() as u64 <= max_bytes;
        let is_webp_worth = match self.kinds {
            Kinds::WebpFirst { from_bytes } => {
                from_bytes.saturating_mul(WEBP_AT_BEST.0) / WEBP_AT_BEST.1 <= max_bytes
            }
            _ => !self.is_opaque,
        };
        if matches!(self.kinds, Kinds::OnlyPng | Kinds::PngFirst) {
            let png = png(&self.pixels)?;
            if fits(&png) {
                return Ok(png);
            }
            if self.kinds == Kinds::OnlyPng {
                return self.smaller(max_bytes, png.bytes.len() as u64);
            }
        }
        if is_webp_worth && self.pixels.size.longer() <= WEBP_MAX_SIDE {
            let webp = webp(&self.pixels)?;
            if fits(&webp) {
                return Ok(webp);
            }
        }
        let mut length = self.pixels.rgba.len() as u64;
        if self.is_opaque {
            for quality in QUALITIES {
                let jpeg = jpeg(&self.pixels, quality)?;
                length = jpeg.bytes.len() as u64;
                if fits(&jpeg) {
                    return Ok(jpeg);
                }
            }
        }
        self.smaller(max_bytes, length)
    }

    /// Fewer and fewer pixels. `length`: what all of them take.
    fn smaller(&self, max_bytes: u64, mut length: u64) -> Result<Encoded, MediaError> {
        let mut longer = self.pixels.size.longer();
        for _ in 0..MOST_REDUCTIONS {
            longer = reduced(longer, max_bytes, length);
            let size = within(self.pixels.size, longer);
            let pixels = self.pixels.scaled(size)?;
            let encoded = if self.kinds == Kinds::OnlyPng {
                png(&pixels)?
            } else if self.is_opaque {
                jpeg(&pixels, SMALLER_QUALITY)?
            } else if size.longer() <= WEBP_MAX_SIDE {
                webp(&pixels)?
            } else {
                png(&pixels)?
            };
            length = encoded.bytes.len() as u64;
            if length <= max_bytes {
                return Ok(encoded);
            }
            if longer == 1 {
                break;
            }
        }
        Err(MediaError::TooLarge {
            size: None,
            what: format!("a picture that has to fit into {max_bytes} bytes"),
        })
    }
}

/// The next side to try: bytes go with the area, and nine tenths at most, so that there is an end.
fn reduced(side: u32, max_bytes: u64, length: u64) -> u32 {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let factor = (max_bytes as f64 / length.max(1) as f64).sqrt() * 0.97;
    let factor = factor.clamp(0.25, 0.9);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "less than the side, and positive"
    )]
    let reduced = (f64::from(side) * factor) as u32;
    reduced.max(1)
}

/// Lossless, whatever its length.
pub(super) fn png(pixels: &Pixels) -> Result<Encoded, MediaError> {
    Ok(Encoded {
        bytes: encode_png(pixels.size, &pixels.rgba)?,
        format: ImageFormat::Png,
        size: pixels.size,
    })
}

/// Lossless, with alpha.
fn webp(pixels: &Pixels) -> Result<Encoded, MediaError> {
    let (width, height) = (pixels.size.width(), pixels.size.height());
    let mut bytes = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut bytes);
    let outcome = if pixels.is_opaque() {
        encoder.encode(&rgb(pixels), width, height, image_webp::ColorType::Rgb8)
    } else {
        encoder.encode(&pixels.rgba, width, height, image_webp::ColorType::Rgba8)
    };
    outcome.map_err(|error| MediaError::Encode(error.into()))?;
    Ok(Encoded {
        bytes,
        format: ImageFormat::Webp,
        size: pixels.size,
    })
}

fn jpeg(pixels: &Pixels, Quality(quality, sampling): Quality) -> Result<Encoded, MediaError> {
    let short = |side: u32| u16::try_from(side).map_err(|error| MediaError::Encode(error.into()));
    let (width, height) = (short(pixels.size.width())?, short(pixels.size.height())?);
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(sampling);
    encoder
        .encode(&pixels.rgba, width, height, jpeg_encoder::ColorType::Rgba)
        .map_err(|error| MediaError::Encode(error.into()))?;
    Ok(Encoded {
        bytes,
        format: ImageFormat::Jpeg,
        size: pixels.size,
    })
}

fn rgb(pixels: &Pixels) -> Vec<u8> {
    let (pixels, _) = pixels.rgba.as_chunks::<4>();
    pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect()
}
