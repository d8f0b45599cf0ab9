//! A picture in a larger frame, transparent around it, and the mask of what is around it.

use super::encode::{Channels, encode_png_rows};
use super::fit::{Look, Pixels};
use super::mask::{Mask, MaskChange, MaskMode, MaskShape};
use super::{MediaError, MediaLimits};
use crate::model::Placement;

impl Mask {
    /// Everything around the picture may change, nothing of it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
    pub fn around(placement: &Placement) -> Self {
        let mut mask = Self::uniform(placement.frame, 255);
        let (left, top) = (placement.left as f32, placement.top as f32);
        let (right, bottom) = (
            left + placement.picture.width() as f32,
            top + placement.picture.height() as f32,
        );
        let shape = MaskShape::Rectangle([left, top], [right, bottom]);
        mask.change(&MaskChange::Shape(shape, MaskMode::Subtract));
        mask
    }
}

/// A reference as a PNG of the frame's size, transparent around it, in the colours that it is sent in. Where the placement
/// keeps the picture's size and its colours are sRGB, its pixels are the file's own; a larger one is scaled (Lanczos).
/// Holds the picture decoded, once or twice.
///
/// # Errors
/// As [`super::decode_reference`]; [`MediaError::Encode`].
pub fn place_in_frame(
    file: &[u8],
    limits: &MediaLimits,
    placement: &Placement,
) -> Result<Vec<u8>, MediaError> {
    let Placement {
        frame,
        picture,
        left,
        top,
    } = *placement;
    limits.check(frame)?;
    let look = Look::at(file, limits)?;
    let pixels = Pixels::decode(&look, file, limits)?.resized(picture)?;
    let mut rows = pixels.rgba.chunks_exact(picture.width() as usize * 4);
    let from = left as usize * 4;
    encode_png_rows(frame, Channels::Rgba, |y, line| {
        line.resize(frame.width() as usize * 4, 0);
        let is_beside = y >= top && y - top < picture.height();
        if let Some(row) = is_beside.then(|| rows.next()).flatten()
            && let Some(place) = line.get_mut(from..from + row.len())
        {
            place.copy_from_slice(row);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::encode_png;
    use crate::model::PixelSize;

    fn size(width: u32, height: u32) -> PixelSize {
        PixelSize::new(width, height).unwrap()
    }

    fn picture(of: PixelSize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(11);
        let rgba: Vec<u8> = (0..of.pixels())
            .flat_map(|_| [random.u8(..), random.u8(..), random.u8(..), 255])
            .collect();
        encode_png(of, &rgba).unwrap()
    }

    #[test]
    fn the_picture_stands_in_its_place_to_the_byte() {
        let file = picture(size(30, 20));
        let placement = Placement {
            frame: size(64, 48),
            picture: size(30, 20),
            left: 7,
            top: 25,
        };
        let placed = place_in_frame(&file, &MediaLimits::default(), &placement);
        let placed = image::load_from_memory(&placed.unwrap())
            .unwrap()
            .into_rgba8();
        let original = image::load_from_memory(&file).unwrap().into_rgba8();
        let mask = Mask::around(&placement);
        for (x, y, pixel) in placed.enumerate_pixels() {
            let inside = (7..37).contains(&x) && (25..45).contains(&y);
            assert_eq!(mask.get(x, y), if inside { 0 } else { 255 });
            if inside {
                assert_eq!(pixel, original.get_pixel(x - 7, y - 25));
            } else {
                assert_eq!(pixel.0, [0; 4]);
            }
        }
    }

    #[test]
    fn a_smaller_place_scales_the_picture() {
        let placement = Placement {
            frame: size(32, 32),
            picture: size(16, 12),
            left: 8,
            top: 10,
        };
        let file = picture(size(64, 48));
        let placed = place_in_frame(&file, &MediaLimits::default(), &placement);
        let placed = image::load_from_memory(&placed.unwrap())
            .unwrap()
            .into_rgba8();
        assert_eq!(placed.dimensions(), (32, 32));
        assert_eq!(placed.get_pixel(8, 10).0[3], 255);
        assert_eq!(placed.get_pixel(7, 10).0[3], 0);
    }
}
