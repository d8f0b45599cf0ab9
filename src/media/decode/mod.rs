//! From files to rows.

mod png_rows;
mod whole;

use std::io::{BufRead, Read as _, Seek};

pub use self::png_rows::decode_png_rows;
use super::{Header, MediaError, MediaLimits, RowSink, SourceFormat};

/// Decodes a picture of any known format and hands its rows to `sink`. The bytes decide what it is, read from the start
/// of `reader`.
///
/// A PNG goes through [`decode_png_rows`]; of any other format the file is read whole and decoded before the first row.
/// Those are turned upright as EXIF says; the returned header is the one `sink` saw. Gray, palette, CMYK and 16-bit
/// pictures come as 8-bit RGBA like all others; of an animation the first picture is decoded.
///
/// # Errors
/// [`MediaError::Unknown`], [`MediaError::TooLarge`] before anything grows with the picture, [`MediaError::Truncated`]
/// (a cut JPEG hands on what there is of it first), [`MediaError::Corrupt`], [`MediaError::Unsupported`],
/// [`MediaError::Canceled`] and [`MediaError::Io`].
pub fn decode_rows<R: BufRead + Seek>(
    mut reader: R,
    limits: &MediaLimits,
    sink: &mut impl RowSink,
) -> Result<Header, MediaError> {
    reader.rewind()?;
    let mut head = Vec::with_capacity(12);
    reader.by_ref().take(12).read_to_end(&mut head)?;
    reader.rewind()?;
    match SourceFormat::sniff(&head) {
        None => Err(MediaError::Unknown),
        Some(SourceFormat::Png) => decode_png_rows(reader, limits, sink),
        Some(_) => whole::decode(reader, limits, sink),
    }
}

#[cfg(test)]
mod tests;
