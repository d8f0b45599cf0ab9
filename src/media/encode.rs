//! From pixels to files, for references; a result is never re-encoded.

use super::MediaError;
use crate::model::PixelSize;

/// Encodes pixels as a PNG: RGB if all of them are opaque, else RGBA.
///
/// `rgba` is row-major, `width × height × 4` bytes, straight alpha, sRGB: what a clipboard holds.
///
/// # Errors
/// [`MediaError::Encode`] when `rgba` has another length.
pub fn encode_png(size: PixelSize, rgba: &[u8]) -> Result<Vec<u8>, MediaError> {
    let fail = |error: png::EncodingError| MediaError::Encode(error.into());
    let (pixels, rest) = rgba.as_chunks::<4>();
    if pixels.len() as u64 != size.pixels() || !rest.is_empty() {
        let what = format!("{} bytes for {size} pixels", rgba.len());
        return Err(MediaError::Encode(what.into()));
    }
    let opaque = pixels.iter().all(|&[.., alpha]| alpha == u8::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width(), size.height());
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(if opaque {
        png::ColorType::Rgb
    } else {
        png::ColorType::Rgba
    });
    let mut writer = encoder.write_header().map_err(fail)?;
    if opaque {
        let rgb: Vec<u8> = pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
        writer.write_image_data(&rgb).map_err(fail)?;
    } else {
        writer.write_image_data(rgba).map_err(fail)?;
    }
    writer.finish().map_err(fail)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::ops::ControlFlow;

    use super::*;
    use crate::media::pixels::straight;
    use crate::media::{Header, MediaLimits, RowSink, SourceFormat, decode_rows, probe};

    /// Keeps every pixel, with straight alpha.
    struct Straight(Vec<u8>);

    impl RowSink for Straight {
        fn begin(&mut self, header: &Header) -> ControlFlow<()> {
            self.0
                .reserve_exact(header.size.width() as usize * header.size.height() as usize * 4);
            ControlFlow::Continue(())
        }

        fn row(&mut self, _y: u32, pixels: &[u32]) -> ControlFlow<()> {
            self.0.extend(pixels.iter().copied().flat_map(straight));
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn opaque_pixels_need_no_alpha_channel() {
        let check = |alpha: u8| {
            let rgba = [10, 20, 30, 255, 40, 50, 60, alpha];
            let file = encode_png(PixelSize::new(2, 1).unwrap(), &rgba).unwrap();
            let header = probe(&file).unwrap().unwrap();
            assert_eq!(header.format, SourceFormat::Png);
            assert_eq!(header.has_alpha, alpha < 255);
            let mut back = Straight(Vec::new());
            decode_rows(Cursor::new(&file), &MediaLimits::default(), &mut back).unwrap();
            assert_eq!(back.0, rgba);
        };
        check(255);
        check(254);
    }

    #[test]
    fn a_wrong_length_is_refused() {
        let size = PixelSize::new(2, 2).unwrap();
        for length in [0, 15, 17, 20] {
            assert!(matches!(
                encode_png(size, &vec![0; length]),
                Err(MediaError::Encode(_))
            ));
        }
    }
}
