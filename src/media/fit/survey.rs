//! What there is to know of a picture that comes in as a reference.

use std::ops::ControlFlow;

use super::super::{
    Header, MediaError, MediaLimits, Packer, RowSink, SourceFormat, Tee, Thumbnail,
    ThumbnailBuilder, encode_png,
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
/// As [`super::super::decode_rows`]; a cut picture is an error, however much there is of it.
pub fn survey(bytes: &[u8], max_side_px: u32, limits: &MediaLimits) -> Result<Survey, MediaError> {
    let look = Look::at(bytes, limits)?;
    let is_png = look.header.format == SourceFormat::Png;
    let is_turned_png = is_png && !look.orientation.is_upright();
    let mut tee = Tee::new(ThumbnailBuilder::new(max_side_px), Digest::default());
    look.decode(bytes, limits, &mut Packer::new(&mut tee))?;
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
/// As [`super::super::decode_rows`].
pub fn to_png(bytes: &[u8], limits: &MediaLimits) -> Result<Vec<u8>, MediaError> {
    let look = Look::at(bytes, limits)?;
    let pixels = Pixels::decode(&look, bytes, limits)?;
    encode_png(pixels.size, &pixels.rgba)
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
