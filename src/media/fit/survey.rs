//! What there is to know of a picture that comes in as a reference.

use std::io::Cursor;
use std::ops::ControlFlow;

use super::super::{
    Header, MediaError, MediaLimits, RowSink, SampleLayout, SourceFormat, Tee, Thumbnail,
    ThumbnailBuilder, decode_rows, encode_png,
};
use super::look::Look;
use super::whole::Pixels;

/// A picture that was decoded to its last row.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Its header, upright.
    pub header: Header,
    /// A small one, in sRGB.
    pub thumbnail: Thumbnail,
    /// BLAKE3 of its size and its pixels as they are shown, 64 hexadecimal digits: the same for files that only differ
    /// in how they are written.
    pub digest: String,
    /// Whether it can be kept as it is: in a format that gateways take, and upright in the eyes of every decoder.
    pub can_be_kept: bool,
}

/// Decodes a picture for a small one whose longer side is `max_side_px`, and for what tells it from others.
///
/// # Errors
/// As [`decode_rows`]; a cut picture is an error, however much there is of it.
pub fn survey(bytes: &[u8], max_side_px: u32, limits: &MediaLimits) -> Result<Survey, MediaError> {
    let look = Look::at(bytes, limits)?;
    let is_png = look.header.format == SourceFormat::Png;
    let is_turned_png = is_png && !look.orientation.is_upright();
    let mut tee = Tee::new(ThumbnailBuilder::new(max_side_px), Digest::default());
    if look.has_inks || is_turned_png || look.has_other_colors() {
        Pixels::decode(&look, bytes, limits)?.hand_on(look.header, &mut tee)?;
    } else {
        decode_rows(Cursor::new(bytes), limits, &mut tee)?;
    }
    let (thumbnail, digest) = tee.into_inner();
    Ok(Survey {
        header: look.header,
        thumbnail: thumbnail
            .finish()
            .ok_or(MediaError::Truncated { rows: 0 })?,
        digest: digest.0.finalize().to_hex().to_string(),
        can_be_kept: look.header.format.deliverable().is_some() && !is_turned_png,
    })
}

/// Turns a picture of any known format into a PNG: upright, sRGB, 8 bits a channel.
///
/// # Errors
/// As [`decode_rows`].
pub fn to_png(bytes: &[u8], limits: &MediaLimits) -> Result<Vec<u8>, MediaError> {
    let look = Look::at(bytes, limits)?;
    let pixels = Pixels::decode(&look, bytes, limits)?;
    encode_png(pixels.size, &pixels.rgba)
}

impl Pixels {
    /// Gives its rows to a sink.
    fn hand_on(&self, header: Header, sink: &mut impl RowSink) -> Result<(), MediaError> {
        let width = self.size.width() as usize;
        let mut row = vec![0; width];
        let mut flow = sink.begin(&header);
        for (y, bytes) in (0..).zip(self.rgba.chunks_exact(width * 4)) {
            if flow.is_break() {
                return Err(MediaError::Canceled);
            }
            SampleLayout::Rgba.pack(bytes, &mut row);
            flow = sink.row(y, &row);
        }
        Ok(())
    }
}

/// Hashes size and pixels.
#[derive(Default)]
struct Digest(blake3::Hasher);

impl RowSink for Digest {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.0.update(&header.size.width().to_le_bytes());
        ControlFlow::Continue(())
    }

    fn row(&mut self, _y: u32, pixels: &[u32]) -> ControlFlow<()> {
        let mut bytes = [0; 4 * 256];
        for block in pixels.chunks(256) {
            for (bytes, pixel) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(block) {
                *bytes = pixel.to_ne_bytes();
            }
            self.0
                .update(bytes.get(..block.len() * 4).unwrap_or_default());
        }
        ControlFlow::Continue(())
    }
}
