//! Small pictures, made while the rows of the large one come by.

mod shrink;

use std::io::Cursor;
use std::ops::ControlFlow;

use self::shrink::Shrink;
use super::pixels::{is_opaque, straight};
use super::{Header, MediaError, MediaLimits, RowSink, decode_rows, encode_png};
use crate::model::PixelSize;

/// Quality of a JPEG thumbnail.
const JPEG_QUALITY: u8 = 85;

/// A small picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Thumbnail {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Row-major, `width × height`, premultiplied (see [the module](super)).
    pub pixels: Vec<u32>,
}

impl Thumbnail {
    /// The same, shrunk until its longer side is at most `max_side_px`; never enlarged.
    ///
    /// `None` when `pixels` does not hold `width × height`, or nothing.
    #[must_use]
    pub fn shrunk(&self, max_side_px: u32) -> Option<Self> {
        let size = PixelSize::new(self.width, self.height)?;
        let width = usize::try_from(self.width).ok()?;
        let mut shrink = Shrink::new(size, max_side_px);
        for row in self.pixels.chunks_exact(width) {
            shrink.row(row);
        }
        shrink.is_complete().then(|| shrink.finish())
    }
}

/// Shrinks rows to a [`Thumbnail`] as they come: each of its pixels is the mean over its area, cut source pixels
/// counting in part, of the sRGB values as they are, which is how browsers shrink.
///
/// Takes time linear in the pixels, and memory for two rows and the thumbnail.
#[derive(Clone, Debug)]
pub struct ThumbnailBuilder {
    max_side_px: u32,
    shrink: Option<Shrink>,
}

impl ThumbnailBuilder {
    /// Makes thumbnails whose longer side is `max_side_px` (at least 1); smaller pictures stay as they are.
    #[must_use]
    pub const fn new(max_side_px: u32) -> Self {
        Self {
            max_side_px,
            shrink: None,
        }
    }

    /// The thumbnail of the rows so far; what has not come is transparent. `None` before the first row.
    #[must_use]
    pub fn finish(self) -> Option<Thumbnail> {
        Some(self.shrink.filter(Shrink::has_begun)?.finish())
    }
}

impl RowSink for ThumbnailBuilder {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.shrink = Some(Shrink::new(header.size, self.max_side_px));
        ControlFlow::Continue(())
    }

    fn row(&mut self, _y: u32, pixels: &[u32]) -> ControlFlow<()> {
        if let Some(shrink) = &mut self.shrink {
            shrink.row(pixels);
        }
        ControlFlow::Continue(())
    }
}

/// Writes a thumbnail for the cache: JPEG, or PNG if a pixel of it is transparent.
///
/// # Errors
/// [`MediaError::Encode`] when the pixels are not `width × height`, or a side is zero or above 65 535.
pub fn encode_thumbnail(thumbnail: &Thumbnail) -> Result<Vec<u8>, MediaError> {
    let Thumbnail {
        width,
        height,
        pixels,
    } = thumbnail;
    let size = PixelSize::new(*width, *height)
        .filter(|size| size.pixels() == pixels.len() as u64)
        .ok_or_else(|| MediaError::Encode(format!("{} pixels", pixels.len()).into()))?;
    let opaque = is_opaque(pixels.iter().fold(u32::MAX, |all, pixel| all & pixel));
    if !opaque {
        let rgba: Vec<u8> = pixels.iter().copied().flat_map(straight).collect();
        return encode_png(size, &rgba);
    }
    let short = |side: u32| u16::try_from(side).map_err(|error| MediaError::Encode(error.into()));
    let rgba: Vec<u8> = pixels
        .iter()
        .flat_map(|pixel| pixel.to_ne_bytes())
        .collect();
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY)
        .encode(
            &rgba,
            short(*width)?,
            short(*height)?,
            jpeg_encoder::ColorType::Rgba,
        )
        .map_err(|error| MediaError::Encode(error.into()))?;
    Ok(bytes)
}

/// Reads a thumbnail back, or any other picture up to 4096 pixels a side as it is.
///
/// # Errors
/// As [`decode_rows`].
pub fn decode_thumbnail(bytes: &[u8]) -> Result<Thumbnail, MediaError> {
    const MAX_SIDE: u32 = 4096;
    let limits = MediaLimits {
        max_side: MAX_SIDE,
        ..MediaLimits::default()
    };
    let mut rows = Collect::default();
    let header = decode_rows(Cursor::new(bytes), &limits, &mut rows)?;
    Ok(Thumbnail {
        width: header.size.width(),
        height: header.size.height(),
        pixels: rows.0,
    })
}

/// Keeps every pixel.
#[derive(Default)]
struct Collect(Vec<u32>);

impl RowSink for Collect {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.0
            .reserve_exact(header.size.width() as usize * header.size.height() as usize);
        ControlFlow::Continue(())
    }

    fn row(&mut self, _y: u32, pixels: &[u32]) -> ControlFlow<()> {
        self.0.extend_from_slice(pixels);
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
