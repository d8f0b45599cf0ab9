use std::io::Cursor;

use image::{DynamicImage, ImageFormat as Kind, RgbaImage};
use moxcms::ColorProfile;

use super::*;
use crate::media::samples::{self, encode, exif, picture, segment};
use crate::media::{decode_rows, probe};
use crate::model::ImageFormat;

const ROOMY: UploadLimits = UploadLimits {
    max_count: 16,
    max_bytes: 50 << 20,
    max_side: None,
};

fn at_most(max_bytes: u64) -> UploadLimits {
    UploadLimits { max_bytes, ..ROOMY }
}

fn fit(bytes: &[u8], role: UploadRole, limits: &UploadLimits) -> Option<FittedCopy> {
    let copy = fit_upload(bytes, role, limits, &MediaLimits::default()).unwrap();
    if let Some(FittedCopy { bytes: copy, fit }) = &copy {
        let header = probe(copy).unwrap().unwrap();
        assert_eq!(header.size, fit.to);
        assert_eq!(header.format.deliverable(), Some(fit.format));
        assert_eq!(fit.to_bytes, copy.len() as u64);
        assert_eq!(fit.from_bytes, bytes.len() as u64);
        assert!(!fit.causes.is_empty());
        // Nothing is left to be done.
        if role != UploadRole::Masked {
            let again = fit_upload(copy, role, limits, &MediaLimits::default()).unwrap();
            assert!(again.is_none(), "{fit:?}");
        }
    }
    copy
}

fn pixels(file: &[u8]) -> RgbaImage {
    image::load_from_memory(file).unwrap().into_rgba8()
}

/// Mean difference of the channels.
fn difference(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a
        .as_raw()
        .iter()
        .zip(b.as_raw())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    f64::from(u32::try_from(sum).unwrap()) / f64::from(u32::try_from(a.len()).unwrap())
}

/// A soft picture, as photographs are: grain would make JPEG the worse for it.
fn soft(width: u32, height: u32, alpha: u8) -> DynamicImage {
    let ramp = |i: u32, n: u32| u8::try_from(i * 255 / n).unwrap();
    RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([ramp(x, width), ramp(y, height), 90, alpha])
    })
    .into()
}

fn jpeg(image: &DynamicImage, segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let rgb = image.to_rgb8();
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 95);
    for (number, data) in segments {
        encoder.add_app_segment(*number, data.clone()).unwrap();
    }
    let [width, height] = [rgb.width(), rgb.height()].map(|side| u16::try_from(side).unwrap());
    encoder
        .encode(&rgb, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    file
}

#[test]
fn what_a_gateway_takes_is_not_touched() {
    for (format, file) in samples::files() {
        let is_animated = probe(&file).unwrap().unwrap().animated;
        if format.deliverable().is_some() && !is_animated {
            assert!(
                fit(&file, UploadRole::Reference, &ROOMY).is_none(),
                "{format}"
            );
        }
    }
}

#[test]
fn a_copy_keeps_within_the_bytes_by_quality_and_then_by_size() {
    let grain = DynamicImage::ImageRgba8(picture(400, 300, false));
    let png = encode(&grain, Kind::Png);
    let check = |file: &[u8], max_bytes: u64, format, same_size: bool| {
        let FittedCopy { fit, .. } = fit(file, UploadRole::Reference, &at_most(max_bytes)).unwrap();
        assert!(fit.to_bytes <= max_bytes, "{fit:?}");
        assert_eq!(fit.format, format, "{fit:?}");
        assert_eq!(fit.from.to_string(), "400x300");
        assert_eq!(fit.to == fit.from, same_size, "{fit:?}");
        assert_eq!(fit.causes, [FitCause::Bytes]);
        // The shape stays.
        assert!((fit.to.ratio() - fit.from.ratio()).abs() < 0.02, "{fit:?}");
        fit
    };
    let length = png.len() as u64;
    let quality = check(&png, length / 3, ImageFormat::Jpeg, true);
    // No smaller than it has to be: one step of quality is about a fifth.
    assert!(quality.to_bytes > length / 5, "{quality:?}");
    check(&png, length / 20, ImageFormat::Jpeg, false);
    check(&png, 2000, ImageFormat::Jpeg, false);

    let photo = jpeg(&grain, &[]);
    check(&photo, photo.len() as u64 - 1, ImageFormat::Jpeg, true);
    // A drawing is smaller as a lossless WebP than as a PNG.
    let drawing = encode(&soft(400, 300, 255), Kind::Png);
    let fitted = check(&drawing, drawing.len() as u64 - 1, ImageFormat::Webp, true);
    assert!(fitted.to_bytes < fitted.from_bytes);
}

#[test]
fn transparency_survives_every_step() {
    let file = encode(
        &DynamicImage::ImageRgba8(picture(300, 200, true)),
        Kind::Png,
    );
    for parts in [2, 10, 50] {
        let limits = at_most(file.len() as u64 / parts);
        let FittedCopy { bytes, fit } = fit(&file, UploadRole::Reference, &limits).unwrap();
        assert_eq!(fit.format, ImageFormat::Webp);
        let alpha = |test: fn(u8) -> bool| pixels(&bytes).pixels().any(|p| test(p.0[3]));
        assert!(alpha(|a| a < 200) && alpha(|a| a > 55), "{fit:?}");
    }
}

#[test]
fn a_side_that_is_too_long_is_shortened() {
    let limits = UploadLimits {
        max_side: Some(100),
        ..ROOMY
    };
    let file = encode(&soft(30, 240, 255), Kind::Png);
    let FittedCopy { fit, bytes } = fit(&file, UploadRole::Reference, &limits).unwrap();
    assert_eq!(
        (fit.to.to_string(), fit.format),
        ("13x100".to_owned(), ImageFormat::Png)
    );
    assert_eq!(fit.causes, [FitCause::Side]);
    assert!(difference(&pixels(&bytes), &soft(13, 100, 255).into_rgba8()) < 10.0);
}

#[test]
fn pictures_are_turned_upright_as_exif_says() {
    let stored = soft(64, 32, 255);
    for orientation in 2..=8 {
        let block = [
            b"Exif\0\0".as_slice(),
            &exif(orientation, orientation % 2 == 0),
        ]
        .concat();
        let file = jpeg(&stored, &[(1, block)]);
        let FittedCopy { bytes, fit } = fit(&file, UploadRole::Reference, &ROOMY).unwrap();
        assert_eq!(fit.causes, [FitCause::Turned]);
        let turn = image::metadata::Orientation::from_exif(orientation).unwrap();
        let mut upright = stored.clone();
        upright.apply_orientation(turn);
        let is_near = difference(&pixels(&bytes), &upright.into_rgba8()) < 3.0;
        assert!(is_near, "{orientation}");
        assert_eq!(fit.from, fit.to);
        assert_eq!(fit.to.width() < fit.to.height(), orientation >= 5);
    }
}

#[test]
fn profiles_become_srgb_in_every_format() {
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let image = RgbaImage::from_pixel(32, 32, image::Rgba([200, 100, 50, 255]));
    let image = DynamicImage::ImageRgba8(image);
    let png = |icc: &[u8]| {
        let mut info = png::Info::with_size(32, 32);
        info.color_type = png::ColorType::Rgba;
        info.bit_depth = png::BitDepth::Eight;
        info.icc_profile = Some(icc.into());
        let mut file = Vec::new();
        let mut writer = png::Encoder::with_info(&mut file, info)
            .unwrap()
            .write_header()
            .unwrap();
        writer.write_image_data(image.as_bytes()).unwrap();
        writer.finish().unwrap();
        file
    };
    let webp = || {
        let mut file = Vec::new();
        let mut encoder = image_webp::WebPEncoder::new(&mut file);
        encoder.set_icc_profile(icc.clone());
        encoder
            .encode(image.as_bytes(), 32, 32, image_webp::ColorType::Rgba8)
            .unwrap();
        file
    };
    let marked = [b"ICC_PROFILE\0\x01\x01".as_slice(), &icc].concat();
    for file in [png(&icc), webp(), jpeg(&image, &[(2, marked)])] {
        let FittedCopy { bytes, fit } = fit(&file, UploadRole::Reference, &ROOMY).unwrap();
        assert_eq!(fit.causes, [FitCause::Colors]);
        let [r, g, b, a] = pixels(&bytes).get_pixel(16, 16).0;
        // By the primaries and the curve of both: 214.9, 92.6, 30.9.
        let is_right = r.abs_diff(215) < 4 && g.abs_diff(93) < 4 && b.abs_diff(31) < 4;
        assert!(is_right && a == 255, "{r} {g} {b} {a}");
        let survey = survey(&file, 256, &MediaLimits::default()).unwrap();
        let [seen, ..] = survey.thumbnail.pixels[0].to_ne_bytes();
        assert!(seen.abs_diff(215) < 4, "{seen}");
    }
    let same = png(&ColorProfile::new_srgb().encode().unwrap());
    assert_eq!(fit(&same, UploadRole::Reference, &ROOMY), None);
    assert_eq!(fit(&png(b"nonsense"), UploadRole::Reference, &ROOMY), None);
}

#[test]
fn a_mask_follows_its_picture_and_stays_png() {
    let png = encode(&DynamicImage::ImageRgba8(picture(40, 30, true)), Kind::Png);
    let size = |width, height| PixelSize::new(width, height).unwrap();
    let tiny = at_most(10);
    assert_eq!(fit(&png, UploadRole::Mask(size(40, 30)), &tiny), None);
    let FittedCopy { bytes, fit: told } = fit(&png, UploadRole::Mask(size(20, 15)), &tiny).unwrap();
    assert_eq!(told.format, ImageFormat::Png);
    assert_eq!(told.causes, [FitCause::Side]);
    assert!(pixels(&bytes).pixels().any(|pixel| pixel.0[3] < 200));

    // The picture under it is a PNG, where that is too long with fewer pixels.
    let photo = jpeg(&DynamicImage::ImageRgba8(picture(400, 300, false)), &[]);
    let masked = |limits| fit(&photo, UploadRole::Masked, &limits).unwrap().fit;
    let told = masked(ROOMY);
    assert_eq!(
        (told.format, told.causes),
        (ImageFormat::Png, vec![FitCause::Masked])
    );
    let told = masked(at_most(photo.len() as u64));
    assert_eq!(told.format, ImageFormat::Png);
    assert!(told.to.width() < told.from.width(), "{told:?}");
}

#[test]
fn a_mask_that_is_too_long_loses_what_says_nothing() {
    let size = PixelSize::new(2048, 1024).unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    let mut mask = |alpha: &mut dyn FnMut(u8) -> u8| {
        let rgba: Vec<u8> = (0..size.pixels())
            .flat_map(|_| {
                let [r, g, b, a] = random.u32(..).to_le_bytes();
                [r, g, b, alpha(a)]
            })
            .collect();
        let file = crate::media::encode_png(size, &rgba).unwrap();
        assert!(file.len() as u64 > MASK_BYTES);
        let copy = fit(&file, UploadRole::Mask(size), &ROOMY).unwrap();
        assert!(copy.fit.to_bytes <= MASK_BYTES, "{:?}", copy.fit);
        assert_eq!(copy.fit.causes, [FitCause::Bytes]);
        (pixels(&file), pixels(&copy.bytes))
    };
    // Coarse steps stay what they are.
    let (before, after) = mask(&mut |a| a & 0x80);
    assert!(
        before
            .pixels()
            .zip(after.pixels())
            .all(|(a, b)| a.0[3] == b.0[3] || a.0[3] == 128)
    );
    // Noise becomes two levels.
    let (before, after) = mask(&mut |a| a);
    let rounded = |alpha: u8| if alpha < 128 { 0 } else { 255 };
    let is_same = before
        .pixels()
        .zip(after.pixels())
        .all(|(a, b)| b.0[3] == a.0[3] || b.0[3] == rounded(a.0[3]));
    assert!(is_same);
}

#[test]
fn animations_and_deep_pixels_become_plain_ones() {
    let check = |file: &[u8], cause| {
        let FittedCopy { fit, .. } = fit(file, UploadRole::Reference, &ROOMY).unwrap();
        assert_eq!(fit.causes, [cause]);
        fit.format
    };
    check(samples::WEBP_ANIMATED, FitCause::Animated);
    let deep: Vec<u8> = (0..16 * 16 * 3_u32)
        .flat_map(|i| [i.to_le_bytes()[0], 7])
        .collect();
    let deep = samples::png(
        (16, 16),
        png::ColorType::Rgb,
        png::BitDepth::Sixteen,
        (&[], &[]),
        &deep,
    );
    assert_eq!(check(&deep, FitCause::Depth), ImageFormat::Png);
    let copy = fit(&deep, UploadRole::Reference, &ROOMY).unwrap().bytes;
    assert_eq!(pixels(&copy).get_pixel(2, 0).0, [6, 7, 8, 255]);
}

#[test]
fn what_can_t_be_read_can_t_be_fitted() {
    let limits = MediaLimits {
        max_pixels: 1 << 20,
        max_side: 8192,
        max_bytes: 1 << 20,
    };
    let fail =
        |file: &[u8]| fit_upload(file, UploadRole::Masked, &at_most(1), &limits).unwrap_err();
    assert!(matches!(fail(b""), MediaError::Truncated { .. }));
    assert!(matches!(
        fail(b"plain words, no picture"),
        MediaError::Unknown
    ));
    let photo = jpeg(&soft(40, 30, 255), &[]);
    let cut = &photo[..photo.len() - 40];
    assert!(matches!(fail(cut), MediaError::Truncated { .. }));
    assert!(matches!(
        fail(&photo),
        MediaError::TooLarge { size: None, .. }
    ));
    let wide = encode(&soft(9000, 1, 255), Kind::Png);
    assert!(matches!(
        fail(&wide),
        MediaError::TooLarge { size: Some(_), .. }
    ));
    for (_, file) in samples::files() {
        for end in (0..file.len()).step_by(7) {
            // Anything but a panic.
            drop(fit_upload(
                &file[..end],
                UploadRole::Masked,
                &ROOMY,
                &limits,
            ));
            drop(survey(&file[..end], 16, &limits));
        }
    }
}

#[test]
fn the_digest_is_that_of_the_pixels() {
    let digest = |file: &[u8]| survey(file, 64, &MediaLimits::default()).unwrap().digest;
    let image = DynamicImage::ImageRgba8(picture(40, 30, true));
    let png = encode(&image, Kind::Png);
    assert_eq!(digest(&png), digest(&encode(&image, Kind::WebP)));
    assert_eq!(
        digest(&png),
        digest(&samples::interlaced_png(image.as_rgba8().unwrap()))
    );
    assert_ne!(digest(&png), digest(&encode(&image.rotate180(), Kind::Png)));
    let flat = |width, height| digest(&encode(&soft(width, height, 0), Kind::Png));
    assert_ne!(flat(4, 6), flat(6, 4));
}

#[test]
fn a_turned_png_is_not_kept_as_it_is() {
    let mut info = png::Info::with_size(4, 2);
    info.exif_metadata = Some(exif(6, false).into());
    let mut file = Vec::new();
    let mut writer = png::Encoder::with_info(&mut file, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer
        .write_image_data(&[0, 10, 20, 30, 40, 50, 60, 70])
        .unwrap();
    writer.finish().unwrap();
    let seen = survey(&file, 16, &MediaLimits::default()).unwrap();
    assert!(!seen.can_be_kept);
    assert_eq!(seen.header.size.to_string(), "2x4");
    let upright = to_png(&file, &MediaLimits::default()).unwrap();
    assert_eq!(pixels(&upright).get_pixel(0, 0).0[0], 40);
    let again = survey(&upright, 16, &MediaLimits::default()).unwrap();
    assert!(again.can_be_kept);
    assert_eq!(again.digest, seen.digest);
}

#[test]
fn parts_are_cut_and_turned() {
    let image = picture(6, 4, true);
    let file = encode(&DynamicImage::ImageRgba8(image.clone()), Kind::Png);
    let edit = |x, y, width, height, turns| {
        let crop = Crop {
            x,
            y,
            size: PixelSize::new(width, height).unwrap(),
        };
        let turns = QuarterTurns::new(turns);
        edit_picture(&file, crop, turns, &MediaLimits::default())
            .map(|(bytes, format)| (pixels(&bytes), format))
    };
    let (whole, format) = edit(0, 0, 6, 4, 4).unwrap();
    assert_eq!((whole, format), (image.clone(), ImageFormat::Png));
    let (part, _) = edit(1, 2, 4, 2, 1).unwrap();
    assert_eq!(part.dimensions(), (2, 4));
    // Turned clockwise, the lower left corner is the upper left one.
    assert_eq!(part.get_pixel(0, 0), image.get_pixel(1, 3));
    assert_eq!(part.get_pixel(1, 3), image.get_pixel(4, 2));
    assert!(edit(3, 0, 4, 4, 0).is_err());
    assert!(edit(u32::MAX, 0, 1, 1, 0).is_err());

    let photo = jpeg(&soft(64, 32, 255), &[]);
    let crop = Crop::whole(PixelSize::new(64, 32).unwrap());
    let (bytes, format) =
        edit_picture(&photo, crop, QuarterTurns::new(3), &MediaLimits::default()).unwrap();
    assert_eq!(format, ImageFormat::Jpeg);
    let expected = soft(64, 32, 255).rotate270().into_rgba8();
    assert!(difference(&pixels(&bytes), &expected) < 3.0);
    let mut cursor = Cursor::new(&bytes);
    decode_rows(
        &mut cursor,
        &MediaLimits::default(),
        &mut crate::media::Discard,
    )
    .unwrap();
}

#[test]
fn segments_are_found_whatever_else_is_in_the_head() {
    // A marker in the comment is none of Adobe's, and an upright picture is not turned.
    let block = [b"Exif\0\0".as_slice(), &exif(1, true)].concat();
    let file = jpeg(&soft(32, 32, 255), &[(1, block)]);
    let with_comment = [&file[..2], &segment(0xfe, b"Adobe\0 made this"), &file[2..]].concat();
    assert_eq!(fit(&with_comment, UploadRole::Reference, &ROOMY), None);
}
