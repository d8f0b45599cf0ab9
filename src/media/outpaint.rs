//! A picture in a larger frame, transparent around it, and the mask of what is around it.

use std::io::{BufRead, Seek, Write as _};
use std::ops::ControlFlow;

use fast_image_resize as fir;

use super::mask::{Mask, MaskChange, MaskMode, MaskShape};
use super::{MediaError, MediaLimits, decode_straight};
use crate::model::{PixelSize, Placement};

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

/// The picture as a PNG of the frame's size, transparent around it. Where the placement keeps the picture's size, its pixels
/// are the file's own; else they are scaled (Lanczos). Holds the picture decoded, once or twice.
///
/// # Errors
/// As [`decode_straight`]; [`MediaError::Encode`].
pub fn place_in_frame<R: BufRead + Seek>(
    reader: R,
    limits: &MediaLimits,
    placement: &Placement,
) -> Result<Vec<u8>, MediaError> {
    limits.check(placement.frame)?;
    let mut rgba = Vec::new();
    let header = decode_straight(
        reader,
        limits,
        |_header| ControlFlow::Continue(()),
        |row| {
            rgba.extend_from_slice(row);
            ControlFlow::Continue(())
        },
    )?;
    if header.size != placement.picture {
        rgba = scaled(header.size, rgba, placement.picture)?;
    }
    encode(&rgba, placement)
}

fn scaled(from: PixelSize, rgba: Vec<u8>, to: PixelSize) -> Result<Vec<u8>, MediaError> {
    let fail = |error: Box<dyn std::error::Error + Send + Sync>| MediaError::Encode(error);
    let kind = fir::PixelType::U8x4;
    let source = fir::images::Image::from_vec_u8(from.width(), from.height(), rgba, kind)
        .map_err(|error| fail(error.into()))?;
    let mut target = fir::images::Image::new(to.width(), to.height(), kind);
    fir::Resizer::new()
        .resize(&source, &mut target, None)
        .map_err(|error| fail(error.into()))?;
    Ok(target.into_vec())
}

fn encode(rgba: &[u8], placement: &Placement) -> Result<Vec<u8>, MediaError> {
    let fail = |error: png::EncodingError| MediaError::Encode(error.into());
    let Placement {
        frame,
        picture,
        left,
        top,
    } = *placement;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, frame.width(), frame.height());
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().map_err(fail)?;
    let mut stream = writer.stream_writer().map_err(fail)?;
    let mut rows = rgba.chunks_exact(picture.width() as usize * 4);
    let mut line = vec![0_u8; frame.width() as usize * 4];
    let from = left as usize * 4;
    for y in 0..frame.height() {
        line.fill(0);
        let is_beside = y >= top && y - top < picture.height();
        if let Some(row) = is_beside.then(|| rows.next()).flatten()
            && let Some(place) = line.get_mut(from..from + row.len())
        {
            place.copy_from_slice(row);
        }
        stream.write_all(&line)?;
    }
    stream.finish().map_err(fail)?;
    drop(writer);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::media::encode_png;

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
        let placed = place_in_frame(Cursor::new(&file), &MediaLimits::default(), &placement);
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
        let placed = place_in_frame(Cursor::new(&file), &MediaLimits::default(), &placement);
        let placed = image::load_from_memory(&placed.unwrap())
            .unwrap()
            .into_rgba8();
        assert_eq!(placed.dimensions(), (32, 32));
        assert_eq!(placed.get_pixel(8, 10).0[3], 255);
        assert_eq!(placed.get_pixel(7, 10).0[3], 0);
    }
}
