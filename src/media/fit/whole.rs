//! A picture whole in memory.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, ImageDecoder as _};

use super::super::decode::{allocation, fail_as, open};
use super::super::{MediaError, MediaLimits};
use super::inks;
use super::look::Look;
use crate::model::PixelSize;

/// Pixels in rows from the top: R, G, B, A in 8 bits, straight alpha, sRGB.
pub(in crate::media) struct Pixels {
    pub(in crate::media) size: PixelSize,
    /// `width × height × 4` bytes.
    pub(in crate::media) rgba: Vec<u8>,
}

impl Pixels {
    /// Decodes a file that was looked at: upright, in sRGB.
    ///
    /// # Errors
    /// As [`super::super::decode_rows`]; a cut file gives nothing.
    pub(in crate::media) fn decode(
        look: &Look,
        bytes: &[u8],
        limits: &MediaLimits,
    ) -> Result<Self, MediaError> {
        let format = look.header.format;
        let fail = fail_as(format);
        let mut decoder = open(format, bytes).map_err(fail)?;
        let (width, height) = decoder.dimensions();
        let size = PixelSize::new(width, height)
            .ok_or_else(|| MediaError::corrupt(format, 0, "a side of zero pixels"))?;
        limits.check(size)?;
        decoder
            .set_limits(allocation(size))
            .map_err(fail_as(format))?;
        let mut image = if look.has_inks {
            let rgba = inks::decode(bytes, look.icc.as_deref())?;
            image::RgbaImage::from_raw(width, height, rgba)
                .map(DynamicImage::ImageRgba8)
                .ok_or_else(|| MediaError::corrupt(format, 0, "rows are missing"))?
        } else {
            let image = DynamicImage::from_decoder(decoder).map_err(fail_as(format))?;
            DynamicImage::ImageRgba8(eight_bits(image))
        };
        if let Some(turn) = image::metadata::Orientation::from_exif(look.orientation.exif()) {
            image.apply_orientation(turn);
        }
        let mut image = image.into_rgba8();
        if let Some(to_srgb) = look.to_srgb() {
            to_srgb.apply(&mut image);
        }
        Ok(Self {
            size: look.header.size,
            rgba: image.into_raw(),
        })
    }

    /// Whether no pixel is transparent.
    pub(super) fn is_opaque(&self) -> bool {
        let (pixels, _) = self.rgba.as_chunks::<4>();
        pixels.iter().all(|&[.., alpha]| alpha == u8::MAX)
    }

    /// The same in another size; colours of transparent pixels do not bleed into their neighbours.
    pub(in crate::media) fn resized(self, size: PixelSize) -> Result<Self, MediaError> {
        if size == self.size {
            return Ok(self);
        }
        self.scaled(size)
    }

    /// A copy in another size.
    pub(super) fn scaled(&self, size: PixelSize) -> Result<Self, MediaError> {
        let (width, height) = (self.size.width(), self.size.height());
        let source = ImageRef::new(width, height, &self.rgba, PixelType::U8x4)
            .map_err(|error| MediaError::Encode(error.into()))?;
        let mut target = Image::new(size.width(), size.height(), PixelType::U8x4);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new()
            .resize(&source, &mut target, &options)
            .map_err(|error| MediaError::Encode(error.into()))?;
        Ok(Self {
            size,
            rgba: target.into_vec(),
        })
    }
}

/// R, G, B, A in 8 bits. Of 16 the upper ones count, as everywhere here.
fn eight_bits(image: DynamicImage) -> image::RgbaImage {
    let upper = |sample: &u16| sample.to_be_bytes()[0];
    match image {
        DynamicImage::ImageLuma16(image) => {
            let gray = image.as_raw().iter().map(upper).collect();
            let raw = image::GrayImage::from_raw(image.width(), image.height(), gray);
            DynamicImage::ImageLuma8(raw.unwrap_or_default()).into_rgba8()
        }
        DynamicImage::ImageLumaA16(image) => {
            let gray = image.as_raw().iter().map(upper).collect();
            let raw = image::GrayAlphaImage::from_raw(image.width(), image.height(), gray);
            DynamicImage::ImageLumaA8(raw.unwrap_or_default()).into_rgba8()
        }
        DynamicImage::ImageRgb16(image) => {
            let rgb = image.as_raw().iter().map(upper).collect();
            let raw = image::RgbImage::from_raw(image.width(), image.height(), rgb);
            DynamicImage::ImageRgb8(raw.unwrap_or_default()).into_rgba8()
        }
        DynamicImage::ImageRgba16(image) => {
            let rgba = image.as_raw().iter().map(upper).collect();
            let raw = image::RgbaImage::from_raw(image.width(), image.height(), rgba);
            raw.unwrap_or_default()
        }
        image => image.into_rgba8(),
    }
}

/// `size` with its longer side at most `most` pixels; the other follows, and is never zero.
pub(super) fn within(size: PixelSize, most: u32) -> PixelSize {
    if size.longer() <= most {
        return size;
    }
    let shortened = |side: u32| {
        let scaled = (u64::from(side) * u64::from(most) + u64::from(size.longer()) / 2)
            / u64::from(size.longer());
        u32::try_from(scaled).unwrap_or(most).max(1)
    };
    PixelSize::new(shortened(size.width()), shortened(size.height())).unwrap_or(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_side_decides() {
        let check = |from: &str, most, expected: &str| {
            let size: PixelSize = from.parse().unwrap();
            assert_eq!(within(size, most).to_string(), expected, "{from}");
        };
        check("4032x3024", 3072, "3072x2304");
        check("100x50", 100, "100x50");
        check("10000x1", 100, "100x1");
        check("65535x65535", 1, "1x1");
    }

    #[test]
    fn transparent_colors_do_not_bleed() {
        let size = PixelSize::new(8, 8).unwrap();
        // Green that nobody sees beside red that everybody does.
        let row: Vec<u8> = [[0, 255, 0, 0].repeat(4), [255, 0, 0, 255].repeat(4)].concat();
        let pixels = Pixels {
            size,
            rgba: row.repeat(8),
        };
        let small = pixels.scaled(PixelSize::new(2, 2).unwrap()).unwrap();
        for pixel in small.rgba.as_chunks::<4>().0 {
            assert_eq!(pixel[1], 0, "{pixel:?}");
        }
    }
}
