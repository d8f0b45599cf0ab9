//! References as they are sent, row by row: what their pixels are compared with, placed in and shown as.

use std::io::{Cursor, Read};

use super::super::decode::go_on;
use super::super::{Header, MediaError, MediaLimits, SampleLayout, SampleSink, decode_samples};
use super::look::Look;
use super::whole::Pixels;

/// Decodes a reference of any known format and hands its rows to `sink` as a gateway is sent them: upright, in sRGB, with
/// 8 bits a channel and straight alpha. The file is read whole.
///
/// Pictures without a profile, inks or a turn go by row by row, as [`decode_samples`] has them; the others are held whole
/// once, four bytes a pixel.
///
/// # Errors
/// As [`decode_samples`]; a cut file gives nothing.
pub fn decode_reference(
    reader: impl Read,
    limits: &MediaLimits,
    sink: &mut impl SampleSink,
) -> Result<Header, MediaError> {
    let mut bytes = Vec::new();
    reader
        .take(limits.max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let look = Look::at(&bytes, limits)?;
    look.decode(&bytes, limits, sink)
}

impl Look {
    /// [`decode_reference`] for a file that was looked at.
    pub(super) fn decode(
        &self,
        bytes: &[u8],
        limits: &MediaLimits,
        sink: &mut impl SampleSink,
    ) -> Result<Header, MediaError> {
        if self.is_plain() {
            return decode_samples(Cursor::new(bytes), limits, sink);
        }
        let pixels = Pixels::decode(self, bytes, limits)?;
        let header = Header {
            has_alpha: !pixels.is_opaque(),
            ..self.header
        };
        go_on(sink.begin(&header))?;
        let width = pixels.size.width() as usize;
        for (y, row) in (0..).zip(pixels.rgba.chunks_exact(width * 4)) {
            go_on(sink.samples(y, row, SampleLayout::Rgba))?;
        }
        Ok(header)
    }
}
