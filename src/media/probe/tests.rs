use super::*;
use crate::media::samples::{self, exif, segment};

#[test]
fn every_format_tells_its_size_from_its_head() {
    for (format, file) in samples::files() {
        let header = probe(&file).unwrap().unwrap();
        assert_eq!(header.format, format);
        if file.len() > 100 {
            assert_eq!(header.size, samples::size(40, 30), "{format}");
        }
        // Less of the file tells the same or asks for more.
        for length in 0..file.len().min(4096) {
            match probe(&file[..length]) {
                Ok(None) => {}
                Ok(Some(found)) => assert_eq!(found, header, "{format} {length}"),
                Err(error) => panic!("{format} {length}: {error}"),
            }
        }
    }
}

#[test]
fn alpha_and_animation_are_told() {
    let check = |file: &[u8], has_alpha: bool, animated: bool| {
        let header = probe(file).unwrap().unwrap();
        assert_eq!((header.has_alpha, header.animated), (has_alpha, animated));
    };
    check(samples::WEBP_LOSSY, false, false);
    check(samples::WEBP_LOSSY_ALPHA, true, false);
    check(samples::WEBP_ANIMATED, true, true);

    let palette = [1, 2, 3, 4, 5, 6];
    let png = |trns: &[u8]| {
        samples::png(
            (8, 1),
            png::ColorType::Indexed,
            png::BitDepth::One,
            (&palette, trns),
            &[0x55],
        )
    };
    check(&png(&[]), false, false);
    check(&png(&[0]), true, false);
    let mut animated = png(&[]);
    animated.splice(
        33..33,
        samples::png_chunk(*b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]),
    );
    check(&animated, false, true);
}

#[test]
fn the_orientation_of_a_jpeg_is_found() {
    let [soi, rest] = [&samples::files()[3].1[..2], &samples::files()[3].1[2..]];
    let check = |segments: &[u8], orientation: u8| {
        let header = probe(&[soi, segments, rest].concat()).unwrap().unwrap();
        assert_eq!(header.orientation.exif(), orientation);
        let upright = header.upright();
        assert!(upright.orientation.is_upright());
        let turned = orientation >= 5;
        assert_eq!(
            upright.size,
            samples::size(if turned { 30 } else { 40 }, if turned { 40 } else { 30 })
        );
    };
    let app1 = |block: &[u8]| segment(0xe1, &[b"Exif\0\0", block].concat());
    check(b"", 1);
    for orientation in 1..=8 {
        for big_endian in [false, true] {
            check(&app1(&exif(orientation, big_endian)), orientation);
        }
    }
    // Out of range, cut, a directory beyond the block, another APP1, fill and stray bytes.
    check(&app1(&exif(9, true)), 1);
    check(&app1(&exif(6, false)[..20]), 1);
    check(&app1(b"II*\0\xff\xff\xff\xff"), 1);
    check(&segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0"), 1);
    check(
        &[b"\xff\xff\0\0".as_slice(), &app1(&exif(3, true))].concat(),
        3,
    );
}

#[test]
fn what_is_no_picture_is_unknown() {
    for bytes in [
        b"<!doctype html>".as_slice(),
        b"{\"error\":{}}  ",
        b"RIFF\0\0\0\0WAVEfmt ",
        &[0; 12],
    ] {
        assert!(matches!(probe(bytes), Err(MediaError::Unknown)));
        assert!(matches!(probe(&bytes[..1]), Ok(None)));
    }
}

#[test]
fn broken_headers_are_corrupt() {
    let png = &samples::files()[0].1;
    let with = |at: usize, bytes: &[u8]| {
        let mut file = png.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    for file in [
        with(12, b"IDAT"),
        with(16, &[0; 4]),
        with(20, &[0; 4]),
        b"\xff\xd8\xff\xda\0\x02\0\0\0\0\0\0".to_vec(),
        b"\xff\xd8\xff\xe0\0\x01\0\0\0\0\0\0".to_vec(),
        b"RIFF\0\0\0\0WEBPJUNK\0\0\0\0".to_vec(),
        b"RIFF\0\0\0\0WEBPVP8L\x05\0\0\0\0\0\0\0\0\0".to_vec(),
        b"GIF89a\0\0\0\0\0\0\0".to_vec(),
    ] {
        assert!(matches!(probe(&file), Err(MediaError::Corrupt { .. })));
    }
}
