//! A part of a picture, turned: a copy, never the original.

use super::super::{MediaError, MediaLimits, SourceFormat, encode_png};
use super::look::Look;
use super::steps::{Kinds, Steps};
use super::whole::Pixels;
use crate::model::{ImageFormat, PixelSize};

/// A part of a picture, in pixels of the picture as it stands upright.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Crop {
    /// Columns left of it.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// Its size.
    pub size: PixelSize,
}

impl Crop {
    /// All of a picture.
    #[must_use]
    pub const fn whole(size: PixelSize) -> Self {
        Self { x: 0, y: 0, size }
    }

    /// Whether it lies in a picture of this size.
    #[must_use]
    pub fn lies_in(&self, size: PixelSize) -> bool {
        let inside = |start: u32, length: u32, whole: u32| {
            start.checked_add(length).is_some_and(|end| end <= whole)
        };
        inside(self.x, self.size.width(), size.width())
            && inside(self.y, self.size.height(), size.height())
    }
}

/// Turns by 90°, clockwise.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct QuarterTurns(u8);

impl QuarterTurns {
    /// Any number of turns; four are none.
    #[must_use]
    pub const fn new(turns: u8) -> Self {
        Self(turns % 4)
    }

    /// From 0 to 3.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// One more.
    #[must_use]
    pub const fn clockwise(self) -> Self {
        Self::new(self.0 + 1)
    }

    /// One less.
    #[must_use]
    pub const fn counterclockwise(self) -> Self {
        Self::new(self.0 + 3)
    }
}

/// Cuts `crop` out of a picture, then turns it. A JPEG stays one, of the best quality; everything else becomes a PNG.
///
/// # Errors
/// As [`super::super::decode_rows`], and [`MediaError::Encode`] for a part that is not in the picture.
pub fn edit_picture(
    bytes: &[u8],
    crop: Crop,
    turns: QuarterTurns,
    limits: &MediaLimits,
) -> Result<(Vec<u8>, ImageFormat), MediaError> {
    let look = Look::at(bytes, limits)?;
    if !crop.lies_in(look.header.size) {
        let what = format!("{} is not in {}", crop.size, look.header.size);
        return Err(MediaError::Encode(what.into()));
    }
    let pixels = Pixels::decode(&look, bytes, limits)?;
    let (width, height) = (pixels.size.width(), pixels.size.height());
    let image = image::RgbaImage::from_raw(width, height, pixels.rgba)
        .ok_or_else(|| MediaError::Encode("pixels are missing".into()))?;
    let (columns, rows) = (crop.size.width(), crop.size.height());
    let part = image::imageops::crop_imm(&image, crop.x, crop.y, columns, rows).to_image();
    drop(image);
    let part = match turns.get() {
        1 => image::imageops::rotate90(&part),
        2 => image::imageops::rotate180(&part),
        3 => image::imageops::rotate270(&part),
        _ => part,
    };
    let size = if turns.get() % 2 == 1 {
        crop.size.swapped()
    } else {
        crop.size
    };
    let rgba = part.into_raw();
    if look.header.format == SourceFormat::Jpeg {
        let encoded = Steps::of(Pixels { size, rgba }, Kinds::Jpeg).run(u64::MAX)?;
        return Ok((encoded.bytes, encoded.format));
    }
    Ok((encode_png(size, &rgba)?, ImageFormat::Png))
}
