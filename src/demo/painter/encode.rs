//! Pictures to files, fast, each saying that it is a demo and not a model's work.

use image_webp::WebPEncoder;
use jpeg_encoder::ColorType as JpegColor;

use super::Raster;
use crate::model::ImageFormat;

/// What every file names as its maker.
const SOFTWARE: &str = "Atelier demo gateway (painted by a program, not by an AI model)";
/// Quality of a JPEG when none is asked for.
const JPEG_QUALITY: u8 = 90;

/// A picture that could not be written as a file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The PNG encoder refused.
    #[error("PNG: {0}")]
    Png(#[from] png::EncodingError),
    /// The JPEG encoder refused, for example a side above 65,535 px.
    #[error("JPEG: {0}")]
    Jpeg(#[from] jpeg_encoder::EncodingError),
    /// The WebP encoder refused, for example a side above 16,384 px.
    #[error("WebP: {0}")]
    Webp(#[from] image_webp::EncodingError),
    /// A JPEG side does not fit its header.
    #[error("a JPEG cannot be {width}x{height}")]
    TooLarge {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
}

/// Encodes `raster` with `note` (what was asked, for example the prompt) beside the statement that it is a demo.
///
/// PNG carries both as text chunks, JPEG as a comment segment, WebP as XMP. `compression` is the API's 0 to 100 and
/// works as the quality of a JPEG; PNG and WebP are lossless whatever it says. JPEG has no alpha: the picture is laid
/// on white.
///
/// # Errors
/// [`EncodeError`] when the format cannot hold the picture.
pub fn encode(
    raster: &Raster,
    format: ImageFormat,
    compression: Option<u8>,
    note: &str,
) -> Result<Vec<u8>, EncodeError> {
    match format {
        ImageFormat::Png => png(raster, note),
        ImageFormat::Jpeg => jpeg(raster, compression.unwrap_or(JPEG_QUALITY), note),
        ImageFormat::Webp => webp(raster, note),
    }
}

fn png(raster: &Raster, note: &str) -> Result<Vec<u8>, EncodeError> {
    let opaque = raster.is_opaque();
    let mut file = Vec::with_capacity(raster.rgba.len() / 2);
    let mut encoder = png::Encoder::new(&mut file, raster.width, raster.height);
    encoder.set_color(if opaque {
        png::ColorType::Rgb
    } else {
        png::ColorType::Rgba
    });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    // One filter for all rows: choosing one by one costs more than it saves on painted surfaces.
    encoder.set_filter(png::Filter::Up);
    encoder.add_text_chunk("Software".to_owned(), SOFTWARE.to_owned())?;
    encoder.add_itxt_chunk("Comment".to_owned(), note.to_owned())?;
    let mut writer = encoder.write_header()?;
    if opaque {
        writer.write_image_data(&without_alpha(raster))?;
    } else {
        writer.write_image_data(&raster.rgba)?;
    }
    writer.finish()?;
    Ok(file)
}

fn jpeg(raster: &Raster, quality: u8, note: &str) -> Result<Vec<u8>, EncodeError> {
    let Raster { width, height, .. } = *raster;
    let (Ok(w), Ok(h)) = (u16::try_from(width), u16::try_from(height)) else {
        return Err(EncodeError::TooLarge { width, height });
    };
    let mut body = Vec::with_capacity(raster.rgba.len() / 8);
    let encoder = jpeg_encoder::Encoder::new(&mut body, quality.clamp(1, 100));
    encoder.encode(&without_alpha(raster), w, h, JpegColor::Rgb)?;
    // The comment goes right behind the start marker, where every reader looks.
    let mut comment = format!("{SOFTWARE}. {note}");
    comment.truncate(comment.floor_char_boundary(usize::from(u16::MAX) - 2));
    let length = u16::try_from(comment.len() + 2).unwrap_or(u16::MAX);
    let (start, rest) = body.split_at(body.len().min(2));
    Ok([
        start,
        &[0xff, 0xfe],
        &length.to_be_bytes(),
        comment.as_bytes(),
        rest,
    ]
    .concat())
}

fn webp(raster: &Raster, note: &str) -> Result<Vec<u8>, EncodeError> {
    let mut file = Vec::with_capacity(raster.rgba.len() / 2);
    let mut encoder = WebPEncoder::new(&mut file);
    encoder.set_xmp_metadata(xmp(note).into_bytes());
    let Raster { width, height, .. } = *raster;
    if raster.is_opaque() {
        let rgb = without_alpha(raster);
        encoder.encode(&rgb, width, height, image_webp::ColorType::Rgb8)?;
    } else {
        encoder.encode(&raster.rgba, width, height, image_webp::ColorType::Rgba8)?;
    }
    Ok(file)
}

/// RGB on white.
fn without_alpha(raster: &Raster) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(raster.rgba.len() / 4 * 3);
    for pixel in raster.rgba.chunks_exact(4) {
        if let [r, g, b, alpha] = *pixel {
            let keep = u32::from(alpha);
            let on_white = |c: u8| ((u32::from(c) * keep + 255 * (255 - keep) + 127) / 255) as u8;
            rgb.extend_from_slice(&[r, g, b].map(on_white));
        }
    }
    rgb
}

fn xmp(note: &str) -> String {
    let text: String = note.chars().filter(|c| !c.is_control()).collect();
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmp:CreatorTool=\"{SOFTWARE}\"><dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{text}</rdf:li>\
         </rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(alpha: u8) -> Raster {
        Raster {
            width: 3,
            height: 2,
            rgba: [200, 40, 10, alpha].repeat(6),
        }
    }

    #[test]
    fn every_format_reads_back() {
        for alpha in [255, 128, 0] {
            for &format in ImageFormat::ALL {
                let file = encode(&sample(alpha), format, Some(100), "红狐 <&> 🦊").unwrap();
                assert_eq!(ImageFormat::sniff(&file), Some(format));
                let read = image::load_from_memory(&file).unwrap().to_rgba8();
                assert_eq!(read.dimensions(), (3, 2));
                let kept = if format.has_alpha() { alpha } else { 255 };
                assert_eq!(read.get_pixel(0, 0)[3], kept, "{format}");
            }
        }
    }

    #[test]
    fn every_file_says_demo_and_keeps_the_note() {
        for &format in ImageFormat::ALL {
            let file = encode(&sample(255), format, None, "a note 便条").unwrap();
            for text in ["demo gateway", "a note 便条"] {
                let found = file.windows(text.len()).any(|w| w == text.as_bytes());
                assert!(found, "{text} in {format}");
            }
        }
    }

    #[test]
    fn a_long_note_is_cut_between_characters() {
        let note = "画".repeat(40_000);
        let file = encode(&sample(255), ImageFormat::Jpeg, None, &note).unwrap();
        assert!(image::load_from_memory(&file).is_ok());
    }
}
