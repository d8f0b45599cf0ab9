//! From pixels to files, for references; a result is never re-encoded.

use std::io::Write;

use super::MediaError;
use crate::model::PixelSize;

/// Encodes pixels as a PNG: RGB if all of them are opaque, else RGBA.
///
/// `rgba` is row-major, `width × height × 4` bytes, straight alpha, sRGB: what a clipboard holds.
///
/// # Errors
/// [`MediaError::Encode`] when `rgba` has another length.
pub fn encode_png(size: PixelSize, rgba: &[u8]) -> Result<Vec<u8>, MediaError> {
    let (pixels, rest) = rgba.as_chunks::<4>();
    if pixels.len() as u64 != size.pixels() || !rest.is_empty() {
        let what = format!("{} bytes for {size} pixels", rgba.len());
        return Err(MediaError::Encode(what.into()));
    }
    let opaque = pixels.iter().all(|&[.., alpha]| alpha == u8::MAX);
    let mut rows = pixels.chunks_exact(size.width() as usize);
    let channels = if opaque {
        Channels::Rgb
    } else {
        Channels::Rgba
    };
    encode_png_rows(size, channels, |_y, line| {
        let row = rows.next().unwrap_or_default();
        if opaque {
            line.extend(row.iter().flat_map(|&[r, g, b, _]| [r, g, b]));
        } else {
            line.extend_from_slice(row.as_flattened());
        }
    })
}

/// What a pixel of a PNG has, 8 bits each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Channels {
    /// Opaque.
    Rgb,
    /// Straight alpha.
    Rgba,
}

impl Channels {
    /// Bytes of a pixel.
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// Encodes a PNG whose rows are made one by one: `row` appends row `y` to a buffer that is empty.
pub(super) fn encode_png_rows(
    size: PixelSize,
    channels: Channels,
    mut row: impl FnMut(u32, &mut Vec<u8>),
) -> Result<Vec<u8>, MediaError> {
    let mut bytes = Vec::new();
    let mut writer = png_writer(&mut bytes, size, channels).map_err(encoding)?;
    let mut stream = writer.stream_writer().map_err(encoding)?;
    let mut line = Vec::with_capacity(size.width() as usize * channels.count());
    for y in 0..size.height() {
        line.clear();
        row(y, &mut line);
        stream.write_all(&line)?;
    }
    stream.finish().map_err(encoding)?;
    drop(writer);
    Ok(bytes)
}

/// A PNG of 8 bits a channel, whose head is written.
pub(super) fn png_writer<W: Write>(
    out: W,
    size: PixelSize,
    channels: Channels,
) -> Result<png::Writer<W>, png::EncodingError> {
    let mut encoder = png::Encoder::new(out, size.width(), size.height());
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(match channels {
        Channels::Rgb => png::ColorType::Rgb,
        Channels::Rgba => png::ColorType::Rgba,
    });
    encoder.write_header()
}

/// An error of the encoder as ours.
pub(super) fn encoding(error: png::EncodingError) -> MediaError {
    match error {
        png::EncodingError::IoError(error) => MediaError::Io(error),
        error => MediaError::Encode(error.into()),
    }
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
