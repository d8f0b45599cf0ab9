//! Formats that are decoded in one go: everything but PNG.

use std::io::{BufRead, Cursor, Read as _};

use image::codecs::{
    bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, tiff::TiffDecoder, webp::WebPDecoder,
};
use image::{DynamicImage, ImageDecoder, ImageError, ImageResult};

use super::png_rows::go_on;
use crate::media::probe::exif_orientation;
use crate::media::{
    Header, MediaError, MediaLimits, SampleLayout, SampleSink, SourceFormat, probe,
};
use crate::model::PixelSize;

/// Reads the rest of `reader`, decodes it and hands on the rows, turned upright.
pub(super) fn decode(
    reader: impl BufRead,
    limits: &MediaLimits,
    sink: &mut impl SampleSink,
) -> Result<Header, MediaError> {
    let (header, bytes) = read_checked(reader, limits)?;
    let (header, image) = decode_image(header, &bytes, limits)?;
    go_on(sink.begin(&header))?;
    match image {
        DynamicImage::ImageLuma8(image) => {
            hand_on(image.as_raw(), SampleLayout::Gray, &header, sink)
        }
        DynamicImage::ImageLumaA8(image) => {
            hand_on(image.as_raw(), SampleLayout::GrayAlpha, &header, sink)
        }
        DynamicImage::ImageRgb8(image) => hand_on(image.as_raw(), SampleLayout::Rgb, &header, sink),
        image => hand_on(
            image.into_rgba8().as_raw(),
            SampleLayout::Rgba,
            &header,
            sink,
        ),
    }?;
    if header.format == SourceFormat::Jpeg && !jpeg_ends(&bytes) {
        let rows = header.size.height();
        return Err(MediaError::Truncated { rows });
    }
    Ok(header)
}

/// The whole file, read no further than its header if that breaks the limits.
fn read_checked(
    mut reader: impl BufRead,
    limits: &MediaLimits,
) -> Result<(Header, Vec<u8>), MediaError> {
    let mut bytes = Vec::new();
    let mut step = 1 << 16;
    let header = loop {
        let got = reader.by_ref().take(step).read_to_end(&mut bytes)?;
        match probe(&bytes)? {
            Some(header) => break header,
            None if got == 0 => return Err(MediaError::Truncated { rows: 0 }),
            None => check_length(&bytes, limits)?,
        }
        step = bytes.len() as u64;
    };
    limits.check(header.size)?;
    let rest = (limits.max_bytes + 1).saturating_sub(bytes.len() as u64);
    reader.take(rest).read_to_end(&mut bytes)?;
    check_length(&bytes, limits)?;
    Ok((header, bytes))
}

fn check_length(bytes: &[u8], limits: &MediaLimits) -> Result<(), MediaError> {
    if bytes.len() as u64 <= limits.max_bytes {
        return Ok(());
    }
    Err(MediaError::TooLong {
        most: limits.max_bytes,
    })
}

/// Decodes and turns upright.
fn decode_image(
    header: Header,
    bytes: &[u8],
    limits: &MediaLimits,
) -> Result<(Header, DynamicImage), MediaError> {
    let format = header.format;
    let fail = fail_as(format);
    let mut decoder = open(format, bytes).map_err(&fail)?;
    // The decoder's own reading of the header counts, should it differ from ours.
    let (width, height) = decoder.dimensions();
    let size = PixelSize::new(width, height)
        .ok_or_else(|| MediaError::corrupt(format, 0, "a side of zero pixels"))?;
    limits.check(size)?;
    decoder.set_limits(allocation(size)).map_err(&fail)?;

    let orientation = match format {
        SourceFormat::Webp => webp_orientation(bytes).unwrap_or(header.orientation),
        _ => header.orientation,
    };
    let mut image = DynamicImage::from_decoder(decoder).map_err(fail)?;
    if let Some(turn) = image::metadata::Orientation::from_exif(orientation.exif()) {
        image.apply_orientation(turn);
    }
    let header = Header {
        size,
        orientation,
        ..header
    };
    Ok((header.upright(), image))
}

/// A decoder that has read the head.
pub(in crate::media) fn open(
    format: SourceFormat,
    bytes: &[u8],
) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    let file = Cursor::new(bytes);
    Ok(match format {
        SourceFormat::Png => Box::new(image::codecs::png::PngDecoder::new(file)?),
        SourceFormat::Jpeg => Box::new(JpegDecoder::new(file)?),
        SourceFormat::Webp => Box::new(WebPDecoder::new(file)?),
        SourceFormat::Gif => Box::new(GifDecoder::new(file)?),
        SourceFormat::Bmp => Box::new(BmpDecoder::new(file)?),
        SourceFormat::Tiff => Box::new(TiffDecoder::new(file)?),
    })
}

/// Room for the picture as decoded, at most four channels of 32 bits, and as much again for the decoder's own needs.
pub(in crate::media) fn allocation(size: PixelSize) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(size.pixels() * 32 + (16 << 20));
    limits
}

fn hand_on(
    bytes: &[u8],
    layout: SampleLayout,
    header: &Header,
    sink: &mut impl SampleSink,
) -> Result<(), MediaError> {
    let width = header.size.width() as usize;
    for (y, row) in (0..).zip(bytes.chunks_exact(width * layout.bytes())) {
        go_on(sink.samples(y, row, layout))?;
    }
    Ok(())
}

/// RFC 9649 2.7.1.5: the EXIF chunk comes after the image data.
fn webp_orientation(file: &[u8]) -> Option<crate::media::Orientation> {
    let mut rest = file.get(12..)?;
    loop {
        let (head, data) = rest.split_first_chunk::<8>()?;
        let [id @ .., l0, l1, l2, l3] = *head;
        let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).ok()?;
        if id == *b"EXIF" {
            let block = data.get(..length)?;
            // Some writers keep the prefix that the block has in JPEG files.
            return exif_orientation(block.strip_prefix(b"Exif\0\0").unwrap_or(block));
        }
        rest = data.get(length.checked_add(length & 1)?..)?;
    }
}

/// Whether there is an end-of-image marker: the decoder paints what a cut file lacks in gray and says nothing.
pub(in crate::media) fn jpeg_ends(file: &[u8]) -> bool {
    let mut rest = file.get(2..).unwrap_or_default();
    while let Some(at) = memchr::memchr(0xff, rest) {
        rest = rest.get(at + 1..).unwrap_or_default();
        let Some(&marker) = rest.first() else { break };
        let skip = match marker {
            0xd9 => return true,
            // Fill bytes, stuffed bytes of the scan and markers that stand alone.
            0xff => 0,
            0x00 | 0x01 | 0xd0..=0xd8 => 1,
            _ => match rest.get(1..3) {
                Some(&[high, low]) => 1 + usize::from(u16::from_be_bytes([high, low])),
                _ => break,
            },
        };
        rest = rest.get(skip..).unwrap_or_default();
    }
    false
}

/// Errors of the decoders of `format` as ours.
pub(in crate::media) fn fail_as(format: SourceFormat) -> impl Fn(ImageError) -> MediaError {
    move |error| match error {
        ImageError::IoError(error) => MediaError::from_read(error, 0),
        ImageError::Limits(error) => MediaError::NeedsMemory {
            format,
            source: error.into(),
        },
        ImageError::Unsupported(error) => MediaError::Unsupported {
            format,
            source: error.into(),
        },
        error => MediaError::corrupt(format, 0, error),
    }
}
