use proptest::prelude::*;

use super::*;
use crate::media::samples::{picture, premultiplied, size};
use crate::media::{Orientation, SourceFormat};
use crate::model::ImageFormat;

fn feed(sink: &mut impl RowSink, (width, height): (u32, u32), pixels: &[u32]) {
    let header = Header {
        format: SourceFormat::Png,
        size: size(width, height),
        has_alpha: true,
        bit_depth: 8,
        animated: false,
        orientation: Orientation::UPRIGHT,
    };
    assert!(sink.begin(&header).is_continue());
    for (y, row) in (0..).zip(pixels.chunks(width as usize)) {
        assert!(sink.row(y, row).is_continue());
    }
}

fn shrink(size: (u32, u32), pixels: &[u32], max_side_px: u32) -> Thumbnail {
    let mut builder = ThumbnailBuilder::new(max_side_px);
    feed(&mut builder, size, pixels);
    builder.finish().unwrap()
}

/// The same by the definition: the mean of a channel over the area of each pixel.
fn by_definition(source: (u32, u32), pixels: &[u32], (width, height): (u32, u32)) -> Vec<[f64; 4]> {
    let overlap = |index: u32, count: u32, source: u32, at: u32| {
        let [index, count, source] = [index, count, source].map(f64::from);
        let [start, end] = [index, index + 1.0].map(|i| i * source / count);
        (end.min(f64::from(at) + 1.0) - start.max(f64::from(at))).max(0.0)
    };
    let mut means = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (mut sum, mut area) = ([0.0; 4], 0.0);
            for sy in 0..source.1 {
                for sx in 0..source.0 {
                    let part = overlap(x, width, source.0, sx) * overlap(y, height, source.1, sy);
                    area += part;
                    let pixel = pixels[(sy * source.0 + sx) as usize].to_ne_bytes();
                    for (sum, value) in sum.iter_mut().zip(pixel) {
                        *sum += f64::from(value) * part;
                    }
                }
            }
            means.push(sum.map(|sum| sum / area));
        }
    }
    means
}

#[test]
fn thumbnails_keep_the_shape_and_never_grow() {
    let check = |source: (u32, u32), max_side_px: u32, expected: (u32, u32)| {
        let pixels = vec![u32::MAX; (source.0 * source.1) as usize];
        let thumbnail = shrink(source, &pixels, max_side_px);
        assert_eq!((thumbnail.width, thumbnail.height), expected, "{source:?}");
        // White stays white: rows that boxes share neither gain nor lose, whatever the fraction.
        assert!(thumbnail.pixels.iter().all(|&pixel| pixel == u32::MAX));
    };
    check((3840, 2160), 512, (512, 288));
    check((2160, 3840), 256, (144, 256));
    check((1000, 777), 512, (512, 398));
    check((513, 511), 512, (512, 510));
    check((512, 512), 512, (512, 512));
    check((40, 30), 512, (40, 30));
    check((1, 1), 256, (1, 1));
    check((4000, 3), 512, (512, 1));
    check((2, 3000), 512, (1, 512));
    check((100, 100), 0, (1, 1));
}

#[test]
fn a_box_with_more_rows_than_fit_is_the_mean_of_those_that_do() {
    let mut pixels = vec![u32::from_ne_bytes([10, 20, 30, 255]); 300];
    pixels[299] = 0;
    let thumbnail = shrink((1, 300), &pixels, 1);
    assert_eq!(thumbnail.pixels, [pixels[0]]);
}

#[test]
fn a_cut_picture_is_transparent_where_nothing_came() {
    let mut builder = ThumbnailBuilder::new(10);
    assert_eq!(builder.clone().finish(), None);
    feed(&mut builder, (20, 40), &[]);
    assert_eq!(builder.clone().finish(), None);
    feed(&mut builder, (20, 40), &[u32::MAX; 20 * 9]);
    let thumbnail = builder.finish().unwrap();
    assert_eq!((thumbnail.width, thumbnail.height), (5, 10));
    assert_eq!(thumbnail.pixels[..10], [u32::MAX; 10]);
    assert_eq!(thumbnail.pixels[10..], [0; 40]);
}

#[test]
fn rows_of_the_wrong_width_and_too_many_rows_are_ignored() {
    let mut builder = ThumbnailBuilder::new(10);
    feed(&mut builder, (20, 2), &[u32::MAX; 40]);
    assert!(builder.row(2, &[0; 20]).is_continue());
    assert!(builder.row(2, &[0; 7]).is_continue());
    assert_eq!(builder.finish().unwrap().pixels, [u32::MAX; 10]);
}

#[test]
fn the_small_thumbnail_comes_from_the_large_one() {
    let pixels = premultiplied(&picture(1024, 640, false));
    let large = shrink((1024, 640), &pixels, 512);
    let small = large.shrunk(256).unwrap();
    assert_eq!((small.width, small.height), (256, 160));
    let direct = shrink((1024, 640), &pixels, 256);
    for (a, b) in small.pixels.iter().zip(&direct.pixels) {
        for (a, b) in a.to_ne_bytes().into_iter().zip(b.to_ne_bytes()) {
            assert!(a.abs_diff(b) <= 1);
        }
    }
    assert_eq!(small.shrunk(256), Some(small));
    let broken = Thumbnail {
        width: 7,
        height: 7,
        pixels: vec![0; 48],
    };
    assert_eq!(broken.shrunk(5), None);
}

#[test]
fn opaque_thumbnails_are_jpeg_others_png() {
    let check = |transparent: bool, format: ImageFormat, tolerance: u8| {
        let thumbnail = Thumbnail {
            width: 64,
            height: 48,
            pixels: vec![
                u32::from_ne_bytes([90, 60, 30, if transparent { 128 } else { 255 }]);
                64 * 48
            ],
        };
        let file = encode_thumbnail(&thumbnail).unwrap();
        assert_eq!(ImageFormat::sniff(&file), Some(format));
        let back = decode_thumbnail(&file).unwrap();
        assert_eq!((back.width, back.height), (64, 48));
        for (a, b) in back.pixels.iter().zip(&thumbnail.pixels) {
            for (a, b) in a.to_ne_bytes().into_iter().zip(b.to_ne_bytes()) {
                assert!(a.abs_diff(b) <= tolerance, "{a} {b}");
            }
        }
    };
    check(false, ImageFormat::Jpeg, 3);
    check(true, ImageFormat::Png, 0);
    for (width, height) in [(0, 0), (3, 0), (2, 1)] {
        let pixels = vec![u32::MAX; 3];
        let thumbnail = Thumbnail {
            width,
            height,
            pixels,
        };
        assert!(matches!(
            encode_thumbnail(&thumbnail),
            Err(MediaError::Encode(_))
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_pixel_is_the_mean_of_its_area(
        width in 1_u32..60, height in 1_u32..60, max_side_px in 1_u32..50,
    ) {
        let source = (width, height);
        let pixels = premultiplied(&picture(width, height, true));
        let thumbnail = shrink(source, &pixels, max_side_px);
        let means = by_definition(source, &pixels, (thumbnail.width, thumbnail.height));
        prop_assert_eq!(thumbnail.pixels.len(), means.len());
        for (pixel, mean) in thumbnail.pixels.iter().zip(means) {
            for (value, mean) in pixel.to_ne_bytes().into_iter().zip(mean) {
                let off = (f64::from(value) - mean).abs();
                prop_assert!(off < 2.5, "{} is not {}", value, mean);
            }
        }
    }
}
