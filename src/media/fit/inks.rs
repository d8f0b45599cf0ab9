//! JPEG pictures whose colours are printing inks: CMYK, and YCCK, which is the same in another order.

use moxcms::{ColorProfile, DataColorSpace, Layout};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::super::{MediaError, SourceFormat};
use super::colors::to_srgb;

/// Whether a JPEG file has four inks.
pub(super) fn has_inks(file: &[u8]) -> bool {
    let mut decoder = decoder(file, None);
    decoder.decode_headers().is_ok()
        && matches!(
            decoder.input_colorspace(),
            Some(ColorSpace::CMYK | ColorSpace::YCCK)
        )
}

/// Decodes a JPEG of four inks to rows of R, G, B, A, not turned. `icc`: its profile; without one that is of use, light
/// is taken away by each ink as far as it goes.
pub(super) fn decode(file: &[u8], icc: Option<&[u8]>) -> Result<Vec<u8>, MediaError> {
    let fail = |error: zune_jpeg::errors::DecodeErrors| {
        MediaError::corrupt(SourceFormat::Jpeg, 0, error.to_string())
    };
    let mut decoder = decoder(file, None);
    decoder.decode_headers().map_err(fail)?;
    let space = decoder.input_colorspace().unwrap_or(ColorSpace::CMYK);
    let mut decoder = self::decoder(file, Some(space));
    let mut samples = decoder.decode().map_err(fail)?;
    let (pixels, _) = samples.as_chunks_mut::<4>();
    // Adobe stores how much light is left of each colour; its marker says so. We want the inks.
    let is_inverted = has_adobe_marker(file);
    for pixel in &mut *pixels {
        if space == ColorSpace::YCCK {
            *pixel = cmyk(*pixel);
        }
        if is_inverted {
            *pixel = pixel.map(|light| 255 - light);
        }
    }
    let transform = icc
        .and_then(|icc| ColorProfile::new_from_slice(icc).ok())
        .filter(|profile| profile.color_space == DataColorSpace::Cmyk)
        .and_then(|profile| to_srgb(&profile, Layout::Rgba).ok());
    let mut rgb = vec![0; pixels.len() * 3];
    let is_converted =
        transform.is_some_and(|transform| transform.transform(&samples, &mut rgb).is_ok());
    let rgba = |[r, g, b]: [u8; 3]| [r, g, b, 255];
    if is_converted {
        return Ok(rgb.as_chunks().0.iter().copied().flat_map(rgba).collect());
    }
    let (pixels, _) = samples.as_chunks::<4>();
    Ok(pixels.iter().copied().map(naive).flat_map(rgba).collect())
}

fn decoder(file: &[u8], output: Option<ColorSpace>) -> JpegDecoder<ZCursor<&[u8]>> {
    let mut options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    if let Some(output) = output {
        options = options.jpeg_set_out_colorspace(output);
    }
    JpegDecoder::new_with_options(ZCursor::new(file), options)
}

/// Whether Adobe's APP14 segment comes before the image data.
fn has_adobe_marker(file: &[u8]) -> bool {
    let head = memchr::memmem::find(file, &[0xff, 0xda])
        .map_or(file, |end| file.get(..end).unwrap_or_default());
    memchr::memmem::find(head, b"Adobe\0").is_some()
}

/// Y, Cb, Cr, K to C, M, Y, K as they are stored (ITU-T T.871, 7; what is red there is cyan here).
fn cmyk([y, cb, cr, k]: [u8; 4]) -> [u8; 4] {
    let [y, cb, cr] = [y, cb, cr].map(i32::from);
    let (cb, cr) = (cb - 128, cr - 128);
    // 16 bits behind the point.
    let level = |value: i32| u8::try_from(((value + (1 << 15)) >> 16).clamp(0, 255)).unwrap_or(0);
    let stored = [
        level((y << 16) + 91_881 * cr),
        level((y << 16) - 22_554 * cb - 46_802 * cr),
        level((y << 16) + 116_130 * cb),
    ];
    // The first three are the complements of the inks, whatever the marker says of the fourth.
    let [c, m, y] = stored.map(|level| 255 - level);
    [c, m, y, k]
}

/// What is left of white light once each ink has taken its part.
fn naive([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    let left = |ink: u8| {
        let product = u32::from(255 - ink) * u32::from(255 - k);
        u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
    };
    [left(c), left(m), left(y)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red, green, half grey and black, as inks, each 16 pixels wide.
    const INKS: [([u8; 4], [u8; 3]); 4] = [
        ([0, 255, 255, 0], [255, 0, 0]),
        ([255, 0, 255, 0], [0, 255, 0]),
        ([0, 0, 0, 128], [127, 127, 127]),
        ([0, 0, 0, 255], [0, 0, 0]),
    ];

    fn jpeg(color: jpeg_encoder::ColorType) -> Vec<u8> {
        let row: Vec<u8> = INKS.iter().flat_map(|(inks, _)| inks.repeat(16)).collect();
        let mut file = Vec::new();
        jpeg_encoder::Encoder::new(&mut file, 98)
            .encode(&row.repeat(16), 64, 16, color)
            .unwrap();
        file
    }

    #[test]
    fn inks_become_the_light_that_they_leave() {
        for color in [
            jpeg_encoder::ColorType::Cmyk,
            jpeg_encoder::ColorType::CmykAsYcck,
        ] {
            let file = jpeg(color);
            assert!(has_inks(&file));
            let rgba = decode(&file, None).unwrap();
            assert_eq!(rgba.len(), 64 * 16 * 4);
            let (pixels, _) = rgba.as_chunks::<4>();
            for (i, (_, expected)) in INKS.iter().enumerate() {
                let [r, g, b, a] = pixels[64 * 8 + i * 16 + 8];
                let is_near = [r, g, b]
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| a.abs_diff(*b) < 6);
                assert!(is_near && a == 255, "{color:?} {i}: {r} {g} {b}");
            }
        }
    }

    #[test]
    fn without_adobes_marker_nothing_is_inverted() {
        let mut file = jpeg(jpeg_encoder::ColorType::Cmyk);
        let at = memchr::memmem::find(&file, b"Adobe").unwrap();
        file[at..at + 5].copy_from_slice(b"Other");
        let rgba = decode(&file, None).unwrap();
        // What says 255 of an ink leaves no light of it: the red of before is cyan under full black.
        assert_eq!(rgba[64 * 8 * 4 + 8 * 4..][..3], [0, 0, 0]);
    }
}
