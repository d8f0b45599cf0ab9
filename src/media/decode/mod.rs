//! From files to rows.

mod png_rows;
mod whole;

use std::io::{BufRead, Read as _, Seek};

pub(super) use self::png_rows::go_on;
pub(super) use self::whole::{allocation, fail_as, jpeg_ends, open};
use super::{Header, MediaError, MediaLimits, Packer, RowSink, SampleSink, SourceFormat};

/// Decodes a picture of any known format and hands its rows to `sink`, packed.
///
/// # Errors
/// As [`decode_samples`].
pub fn decode_rows<R: BufRead + Seek>(
    reader: R,
    limits: &MediaLimits,
    sink: &mut impl RowSink,
) -> Result<Header, MediaError> {
    decode_samples(reader, limits, &mut Packer::new(sink))
}

/// Decodes a picture of any known format and hands its rows to `sink` as they are. The bytes decide what it is, read
/// from the start of `reader`.
///
/// The rows of a PNG come as soon as their bytes have: `reader` may block. Only a few are in memory at a time, about
/// 32 KiB of filtered data (the window of the compression) behind the last byte read; an interlaced one is decoded whole
/// first. Of any other format the file is read whole and decoded before the first row; those are turned upright as EXIF
/// says, and the returned header is the one `sink` saw. Palette, CMYK and 16-bit pictures come as 8-bit RGB or RGBA; of
/// an animation the first picture is decoded.
///
/// # Errors
/// [`MediaError::Unknown`], [`MediaError::TooLarge`] and [`MediaError::TooLong`] before anything grows with the
/// picture, [`MediaError::NeedsMemory`], [`MediaError::Truncated`]
/// (a cut JPEG hands on what there is of it first), [`MediaError::Corrupt`], [`MediaError::Unsupported`],
/// [`MediaError::Canceled`] and [`MediaError::Io`].
pub fn decode_samples<R: BufRead + Seek>(
    mut reader: R,
    limits: &MediaLimits,
    sink: &mut impl SampleSink,
) -> Result<Header, MediaError> {
    reader.rewind()?;
    let mut head = Vec::with_capacity(12);
    reader.by_ref().take(12).read_to_end(&mut head)?;
    reader.rewind()?;
    match SourceFormat::sniff(&head) {
        None => Err(MediaError::Unknown),
        Some(SourceFormat::Png) => png_rows::decode(reader, limits, sink),
        Some(_) => whole::decode(reader, limits, sink),
    }
}

#[cfg(test)]
mod tests;
