//! PNG, row by row, as fast as the bytes come.

use std::io::{BufRead, Seek};
use std::ops::ControlFlow;

use png::{BitDepth, ColorType, DecodingError, Transformations};

use crate::media::{
    Header, MediaError, MediaLimits, Orientation, SampleLayout, SampleSink, SourceFormat,
};
use crate::model::PixelSize;

/// What the decoder may allocate beside the rows: a palette, a few small chunks.
const WORKING_BYTES: usize = 16 << 20;

/// Decodes a PNG and hands each row to `sink` as soon as its bytes have come; the reader is left behind its end.
///
/// The CRC of every chunk is checked; the checksum of the compressed stream is not, as it covers the same bytes.
///
/// # Errors
/// As [`decode_samples`](super::decode_samples). The rows before an error have been handed on; [`MediaError::Truncated`]
/// and [`MediaError::Corrupt`] tell how many.
pub(super) fn decode<R: BufRead + Seek>(
    reader: R,
    limits: &MediaLimits,
    sink: &mut impl SampleSink,
) -> Result<Header, MediaError> {
    let mut decoder = png::Decoder::new_with_limits(
        reader,
        png::Limits {
            bytes: WORKING_BYTES,
        },
    );
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let at_start = |error| from_png(error, 0);
    let info = decoder.read_header_info().map_err(at_start)?;
    let size = PixelSize::new(info.width, info.height)
        .ok_or_else(|| MediaError::corrupt(SourceFormat::Png, 0, "a side of zero pixels"))?;
    limits.check(size)?;

    let mut reader = decoder.read_info().map_err(at_start)?;
    let layout = layout_of(&reader)?;
    let info = reader.info();
    let header = Header {
        format: SourceFormat::Png,
        size,
        has_alpha: matches!(layout, SampleLayout::GrayAlpha | SampleLayout::Rgba),
        bit_depth: info.bit_depth as u8,
        animated: info.animation_control.is_some(),
        orientation: Orientation::UPRIGHT,
    };
    let interlaced = info.interlaced;
    go_on(sink.begin(&header))?;
    if interlaced {
        interlaced_rows(&mut reader, size, layout, sink)?;
    } else {
        rows(&mut reader, size, layout, sink)?;
    }
    reader
        .finish()
        .map_err(|error| from_png(error, size.height()))?;
    Ok(header)
}

fn rows<R: BufRead + Seek>(
    reader: &mut png::Reader<R>,
    size: PixelSize,
    layout: SampleLayout,
    sink: &mut impl SampleSink,
) -> Result<(), MediaError> {
    let width = size.width() as usize;
    let mut bytes = vec![0; width * layout.bytes()];
    for y in 0..size.height() {
        let read = reader
            .read_row(&mut bytes)
            .map_err(|error| from_png(error, y))?;
        if read.is_none() {
            return Err(MediaError::corrupt(
                SourceFormat::Png,
                y,
                "rows are missing",
            ));
        }
        go_on(sink.samples(y, &bytes, layout))?;
    }
    // Reads up to the end of the image data, which checks its last CRC.
    reader
        .read_row(&mut bytes)
        .map_err(|error| from_png(error, size.height()))?;
    Ok(())
}

fn interlaced_rows<R: BufRead + Seek>(
    reader: &mut png::Reader<R>,
    size: PixelSize,
    layout: SampleLayout,
    sink: &mut impl SampleSink,
) -> Result<(), MediaError> {
    let width = size.width() as usize;
    let mut bytes = vec![0; width * size.height() as usize * layout.bytes()];
    reader
        .next_frame(&mut bytes)
        .map_err(|error| from_png(error, 0))?;
    for (y, row) in (0..).zip(bytes.chunks_exact(width * layout.bytes())) {
        go_on(sink.samples(y, row, layout))?;
    }
    Ok(())
}

fn layout_of<R: BufRead + Seek>(reader: &png::Reader<R>) -> Result<SampleLayout, MediaError> {
    match reader.output_color_type() {
        (ColorType::Grayscale, BitDepth::Eight) => Ok(SampleLayout::Gray),
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => Ok(SampleLayout::GrayAlpha),
        (ColorType::Rgb, BitDepth::Eight) => Ok(SampleLayout::Rgb),
        (ColorType::Rgba, BitDepth::Eight) => Ok(SampleLayout::Rgba),
        (color, depth) => Err(MediaError::Unsupported {
            format: SourceFormat::Png,
            source: format!("{color:?} of {depth:?} bits").into(),
        }),
    }
}

/// Ends decoding where the sink wants no more.
pub(in crate::media) fn go_on(flow: ControlFlow<()>) -> Result<(), MediaError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(MediaError::Canceled),
    }
}

fn from_png(error: DecodingError, rows: u32) -> MediaError {
    match error {
        DecodingError::IoError(error) => MediaError::from_read(error, rows),
        DecodingError::LimitsExceeded => MediaError::NeedsMemory {
            format: SourceFormat::Png,
            source: format!("{WORKING_BYTES} bytes beside its pixels").into(),
        },
        error => MediaError::corrupt(SourceFormat::Png, rows, error),
    }
}
