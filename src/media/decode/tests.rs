use std::cell::Cell;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use image::{DynamicImage, ImageFormat as Kind};
use png::{BitDepth, ColorType};

use super::*;
use crate::media::samples::{self, Keep, WEBP_LOSSY, exif, picture, premultiplied, segment};
use crate::media::{Discard, canceled};

const LIMITS: MediaLimits = MediaLimits {
    max_pixels: 1 << 20,
    max_side: 8192,
    max_bytes: 1 << 20,
};

fn decode(file: &[u8]) -> (Result<Header, MediaError>, Keep) {
    let mut keep = Keep::default();
    let header = decode_rows(Cursor::new(file), &LIMITS, &mut keep);
    if let Ok(header) = &header {
        assert_eq!(keep.header, Some(*header));
        assert_eq!(keep.rows, header.size.height());
    }
    (header, keep)
}

/// Decodes, and compares with what the `image` crate makes of the file.
fn check_against_image(file: &[u8]) -> Header {
    let (header, keep) = decode(file);
    let expected = image::load_from_memory(file)
        .expect("a valid file")
        .into_rgba8();
    assert_eq!(keep.pixels, premultiplied(&expected));
    header.unwrap()
}

#[test]
fn every_format_decodes() {
    for (format, file) in samples::files() {
        if file[..] == samples::interlaced_png(&picture(40, 30, true)) {
            continue;
        }
        assert_eq!(check_against_image(&file).format, format);
    }
}

#[test]
fn every_kind_of_png_decodes() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut check = |color: ColorType, depth: BitDepth, palette: &[u8], trns: &[u8]| {
        for width in [1, 7, 8, 33] {
            let bits = width as usize * color.samples() * depth as usize;
            let mut data = vec![0; bits.div_ceil(8) * 5];
            random.fill(&mut data);
            if depth == BitDepth::Sixteen {
                // Multiples of 257, as the `image` crate rounds to 8 bits where we take the upper byte.
                data.as_chunks_mut::<2>()
                    .0
                    .iter_mut()
                    .for_each(|v| v[1] = v[0]);
            }
            let file = samples::png((width, 5), color, depth, (palette, trns), &data);
            let header = check_against_image(&file);
            assert_eq!(header.bit_depth, depth as u8);
            let alpha =
                !trns.is_empty() || matches!(color, ColorType::GrayscaleAlpha | ColorType::Rgba);
            assert_eq!(header.has_alpha, alpha, "{color:?} {depth:?}");
        }
    };
    let palette: Vec<u8> = (0..=255).flat_map(|i| [i, 255 - i, i / 2]).collect();
    for depth in [
        BitDepth::One,
        BitDepth::Two,
        BitDepth::Four,
        BitDepth::Eight,
    ] {
        check(ColorType::Grayscale, depth, &[], &[]);
        check(ColorType::Grayscale, depth, &[], &[0, 1]);
        let colors = 1 << (depth as usize);
        check(ColorType::Indexed, depth, &palette[..colors * 3], &[]);
        check(ColorType::Indexed, depth, &palette[..colors * 3], &[0, 99]);
    }
    for depth in [BitDepth::Eight, BitDepth::Sixteen] {
        check(ColorType::GrayscaleAlpha, depth, &[], &[]);
        check(ColorType::Rgb, depth, &[], &[]);
        check(ColorType::Rgba, depth, &[], &[]);
    }
    check(ColorType::Rgb, BitDepth::Eight, &[], &[0, 1, 0, 2, 0, 3]);
}

#[test]
fn sixteen_bit_gray_keeps_its_upper_byte() {
    let data = [0x12, 0xff, 0xff, 0x00];
    let file = samples::png(
        (2, 1),
        ColorType::Grayscale,
        BitDepth::Sixteen,
        (&[], &[]),
        &data,
    );
    let expected = [0x12, 0xff].map(|v| u32::from_ne_bytes([v, v, v, 255]));
    assert_eq!(decode(&file).1.pixels, expected);
}

#[test]
fn an_interlaced_png_decodes_to_the_same_rows() {
    for (width, height) in [(1, 1), (2, 3), (8, 8), (40, 30), (5, 1)] {
        let image = picture(width, height, true);
        let (header, keep) = decode(&samples::interlaced_png(&image));
        header.unwrap();
        assert_eq!(keep.pixels, premultiplied(&image));
    }
}

/// Yields one byte at a time and counts them.
struct Drip<'a> {
    file: &'a [u8],
    at: &'a Cell<usize>,
}

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Drip<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let at = self.at.get();
        Ok(&self.file[at..self.file.len().min(at + 1)])
    }

    fn consume(&mut self, bytes: usize) {
        self.at.set(self.at.get() + bytes);
    }
}

impl Seek for Drip<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut cursor = Cursor::new(self.file);
        cursor.set_position(self.at.get() as u64);
        let at = cursor.seek(to)?;
        self.at.set(usize::try_from(at).unwrap());
        Ok(at)
    }
}

#[test]
fn png_rows_come_while_bytes_arrive() {
    struct Places<'a>(&'a Cell<usize>, Vec<usize>);
    impl RowSink for Places<'_> {
        fn begin(&mut self, _header: &Header) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn row(&mut self, _y: u32, _pixels: &[u32]) -> ControlFlow<()> {
            self.1.push(self.0.get());
            ControlFlow::Continue(())
        }
    }
    let file = samples::encode(
        &DynamicImage::ImageRgba8(picture(256, 512, true)),
        Kind::Png,
    );
    let at = Cell::new(0);
    let drip = Drip {
        file: &file,
        at: &at,
    };
    let mut places = Places(&at, Vec::new());
    decode_rows(drip, &LIMITS, &mut places).unwrap();
    // 1 KiB a row; 32 KiB are held back by the window of the compression.
    for (row, &place) in places.1.iter().enumerate().take(450) {
        let share = file.len() * (row + 48) / 512;
        assert!(
            place < share,
            "row {row} came at byte {place}, not before {share}"
        );
    }
}

#[test]
fn a_cut_png_delivers_the_rows_that_came() {
    let (_, whole) = decode(&samples::files()[1].1);
    let file = &samples::files()[1].1;
    let mut most = 0;
    for length in 0..file.len() {
        let (result, keep) = decode(&file[..length]);
        match result {
            Err(MediaError::Truncated { rows }) => assert_eq!(rows, keep.rows, "{length}"),
            Err(MediaError::Unknown) if length < 8 => {}
            other => panic!("{length}: {other:?}"),
        }
        assert_eq!(keep.pixels, whole.pixels[..keep.pixels.len()]);
        most = most.max(keep.rows);
    }
    assert_eq!(most, 30, "all rows had come, only the end was missing");
}

#[test]
fn a_flipped_bit_in_a_png_is_found_by_its_crc() {
    let file = &samples::files()[0].1;
    let idat = memchr::memmem::find(file, b"IDAT").unwrap();
    for at in (idat..file.len() - 12).step_by(97) {
        let mut broken = file.clone();
        broken[at] ^= 4;
        match decode(&broken) {
            (Err(MediaError::Corrupt { rows, .. }), keep) => assert_eq!(rows, keep.rows),
            (Err(MediaError::Truncated { .. }), _) => {}
            (other, _) => panic!("{at}: {other:?}"),
        }
    }
}

#[test]
fn whoever_wants_no_more_cancels() {
    struct Fails<'a>(&'a [u8]);
    impl Read for Fails<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(canceled()),
                read => Ok(read),
            }
        }
    }
    struct Enough(u32);
    impl RowSink for Enough {
        fn begin(&mut self, _header: &Header) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn row(&mut self, y: u32, _pixels: &[u32]) -> ControlFlow<()> {
            if y < self.0 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        }
    }
    for (_, file) in samples::files() {
        let result = decode_rows(Cursor::new(&file), &LIMITS, &mut Enough(0));
        assert!(matches!(result, Err(MediaError::Canceled)));
        let half = Fails(&file[..file.len() / 2]);
        let result = whole::decode(io::BufReader::new(half), &LIMITS, &mut Packer::new(Discard));
        assert!(matches!(result, Err(MediaError::Canceled)));
    }
    let file = &samples::files()[0].1;
    let at = Cell::new(0);
    let drip = Drip { file, at: &at };
    let result = decode_rows(drip, &LIMITS, &mut Enough(7));
    assert!(matches!(result, Err(MediaError::Canceled)));
}

#[test]
fn what_is_too_large_is_refused_by_its_header() {
    let ihdr = |width: u32, height: u32| {
        let mut data = [width.to_be_bytes(), height.to_be_bytes()].concat();
        data.extend([8, 6, 0, 0, 0]);
        [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            samples::png_chunk(*b"IHDR", &data),
        ]
        .concat()
    };
    let frame = |height: u16, width: u16| {
        let [h, w] = [height.to_be_bytes(), width.to_be_bytes()];
        let data = [&[8], h.as_slice(), &w, &[1, 1, 0x11, 0]].concat();
        [b"\xff\xd8".to_vec(), segment(0xc0, &data)].concat()
    };
    let canvas = samples::webp(&[samples::riff_chunk(
        *b"VP8X",
        &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    )]);
    let files = [
        ihdr(20_000, 20_000),
        ihdr(u32::MAX, u32::MAX),
        ihdr(8193, 1),
        frame(0xffff, 0xffff),
        canvas,
        b"GIF89a\xff\xff\xff\xff\0\0\0".to_vec(),
    ];
    for file in files {
        let (result, keep) = decode(&file);
        assert!(
            matches!(result, Err(MediaError::TooLarge { size: Some(_), .. })),
            "{result:?}"
        );
        assert_eq!(keep.header, None);
    }
    // A file that is too long, with a header that is fine.
    let mut file = samples::files()[3].1.clone();
    file.resize(2 << 20, 0);
    assert!(matches!(decode(&file).0, Err(MediaError::TooLong { .. })));
}

#[test]
fn a_turned_jpeg_stands_upright() {
    // Red, green, blue, white in the corners; blocks large enough to survive JPEG.
    let corners = image::RgbImage::from_fn(64, 32, |x, y| {
        image::Rgb(match (x < 32, y < 16) {
            (true, true) => [255, 0, 0],
            (false, true) => [0, 255, 0],
            (true, false) => [0, 0, 255],
            (false, false) => [255, 255, 255],
        })
    });
    let upright = samples::encode(&DynamicImage::ImageRgb8(corners), Kind::Jpeg);
    let check = |orientation: u8, expected: &str| {
        let app1 = segment(
            0xe1,
            &[b"Exif\0\0".as_slice(), &exif(orientation, true)].concat(),
        );
        let file = [&upright[..2], &app1, &upright[2..]].concat();
        let (header, keep) = decode(&file);
        let header = header.unwrap();
        assert!(header.orientation.is_upright());
        let [width, height] = [header.size.width(), header.size.height()].map(|n| n as usize);
        assert_eq!(width > height, orientation < 5);
        let corner = |x: usize, y: usize| {
            let [r, g, b, _] = keep.pixels[y * width + x].to_ne_bytes();
            match (r > 128, g > 128, b > 128) {
                (true, false, false) => 'r',
                (false, true, false) => 'g',
                (false, false, true) => 'b',
                _ => 'w',
            }
        };
        let [right, bottom] = [width - 3, height - 3];
        let found: String = [(2, 2), (right, 2), (2, bottom), (right, bottom)]
            .map(|(x, y)| corner(x, y))
            .iter()
            .collect();
        assert_eq!(found, expected, "orientation {orientation}");
    };
    // As EXIF 2.32 says of tag 0x0112: where row 0 and column 0 of what is stored are to be seen.
    check(1, "rgbw");
    check(2, "grwb");
    check(3, "wbgr");
    check(4, "bwrg");
    check(5, "rbgw");
    check(6, "brwg");
    check(7, "wgbr");
    check(8, "gwrb");
}

#[test]
fn a_turned_webp_stands_upright() {
    let image = WEBP_LOSSY[12..].to_vec();
    let extended = |exif: &[u8]| {
        let flags = [0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        samples::webp(&[
            samples::riff_chunk(*b"VP8X", &flags),
            image.clone(),
            samples::riff_chunk(*b"EXIF", exif),
        ])
    };
    for block in [
        exif(6, true),
        [b"Exif\0\0".to_vec(), exif(6, false)].concat(),
    ] {
        let header = decode(&extended(&block)).0.unwrap();
        assert!(header.orientation.is_upright());
    }
}

#[test]
fn a_cmyk_jpeg_decodes() {
    let mut file = Vec::new();
    let cyan = [255, 0, 0, 0].repeat(16 * 16);
    jpeg_encoder::Encoder::new(&mut file, 95)
        .encode(&cyan, 16, 16, jpeg_encoder::ColorType::Cmyk)
        .unwrap();
    let (header, keep) = decode(&file);
    assert_eq!(header.unwrap().size, samples::size(16, 16));
    let [r, g, b, a] = keep.pixels[100].to_ne_bytes();
    assert!(r < 40 && g > 200 && b > 200 && a == 255, "{r} {g} {b} {a}");
}

#[test]
fn a_progressive_jpeg_decodes() {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_progressive(true);
    encoder
        .encode(
            picture(40, 30, false).as_raw(),
            40,
            30,
            jpeg_encoder::ColorType::Rgba,
        )
        .unwrap();
    check_against_image(&file);
    assert!(matches!(
        decode(&file[..file.len() - 2]).0,
        Err(MediaError::Truncated { rows: 30 })
    ));
}

#[test]
fn a_cut_jpeg_is_told_from_a_whole_one() {
    let file = &samples::files()[3].1;
    for length in (file.len() / 2..file.len()).step_by(7) {
        let (result, _) = decode(&file[..length]);
        assert!(result.is_err(), "{length}");
    }
    let followed = [file, b"whatever".as_slice()].concat();
    decode(&followed).0.unwrap();
}

#[test]
fn nothing_makes_it_panic() {
    let mut random = fastrand::Rng::with_seed(99);
    for (format, file) in samples::files() {
        for round in 0..600 {
            let mut broken = file.clone();
            if round % 3 == 0 {
                broken.truncate(random.usize(..file.len()));
            }
            for _ in 0..random.usize(..6) {
                if broken.is_empty() {
                    break;
                }
                // Mostly where the structure is.
                let reach = if random.bool() {
                    broken.len()
                } else {
                    broken.len().min(80)
                };
                broken[random.usize(..reach)] = random.u8(..);
            }
            let (result, keep) = decode(&broken);
            if let Err(MediaError::Truncated { rows } | MediaError::Corrupt { rows, .. }) = result {
                assert_eq!(rows, keep.rows, "{format} {round}");
            }
        }
    }
}
