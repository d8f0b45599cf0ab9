//! Odd and bad pictures, all of them made here: half red and half blue, so that every turn and every colour shows.

use std::io::Cursor;

use atelier::model::{PixelSize, ReferenceProblem};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, GrayImage, ImageFormat as Kind, Rgb, RgbImage};
use moxcms::ColorProfile;

pub(crate) const RED: [u8; 3] = [200, 40, 40];
pub(crate) const BLUE: [u8; 3] = [40, 60, 200];
const BLACK: [u8; 3] = [0; 3];
const WHITE: [u8; 3] = [255; 3];

/// What has to come of a file.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// A picture of this size with these colours in its upper left and its lower right corner.
    Picture(PixelSize, [[u8; 3]; 2]),
    /// One sentence.
    Problem(ReferenceProblem),
}

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: Expected,
}

/// Every file.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = pictures();
    cases.extend(problems());
    cases
}

fn size(width: u32, height: u32) -> PixelSize {
    PixelSize::new(width, height).unwrap()
}

/// Red in the upper left, blue in the lower right: the border runs down the middle.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let is_red = if width >= height {
            x < width / 2
        } else {
            y < height / 2
        };
        Rgb(if is_red { RED } else { BLUE })
    })
}

fn encode(image: &DynamicImage, kind: Kind) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, kind).unwrap();
    file.into_inner()
}

/// A PNG of any colour type and depth; `change` may add what it likes to its head.
fn png(
    (width, height): (u32, u32),
    (color, depth): (png::ColorType, png::BitDepth),
    data: &[u8],
    change: impl FnOnce(&mut png::Info<'static>),
) -> Vec<u8> {
    let mut info = png::Info::with_size(width, height);
    info.color_type = color;
    info.bit_depth = depth;
    change(&mut info);
    let mut file = Vec::new();
    let encoder = png::Encoder::with_info(&mut file, info).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    file
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind, data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let crc = crc32fast::hash(&body).to_be_bytes();
    [length.as_slice(), &body, &crc].concat()
}

/// Adam7, filtered by nothing and compressed by nobody: 32 x 24, RGB.
fn interlaced() -> Vec<u8> {
    const PASSES: [[usize; 4]; 7] = [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
    ];
    let image = halves(32, 24);
    let mut raw = Vec::new();
    for [left, top, right, down] in PASSES {
        for y in (top..24_usize).step_by(down) {
            raw.push(0);
            for x in (left..32_usize).step_by(right) {
                let [x, y] = [x, y].map(|side| u32::try_from(side).unwrap());
                raw.extend(image.get_pixel(x, y).0);
            }
        }
    }
    let length = u16::try_from(raw.len()).unwrap();
    let mut zlib = vec![0x78, 0x01, 1];
    zlib.extend(length.to_le_bytes());
    zlib.extend((!length).to_le_bytes());
    zlib.extend(&raw);
    let (mut a, mut b) = (1_u32, 0_u32);
    for &byte in &raw {
        a = (a + u32::from(byte)) % 65521;
        b = (b + a) % 65521;
    }
    zlib.extend((b << 16 | a).to_be_bytes());
    let head = [0, 0, 0, 32, 0, 0, 0, 24, 8, 2, 0, 0, 1];
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &head),
        chunk(*b"IDAT", &zlib),
        chunk(*b"IEND", b""),
    ]
    .concat()
}

/// Two pictures, the second one upside down.
fn apng() -> Vec<u8> {
    let image = halves(32, 24);
    let turned = image::imageops::rotate180(&image);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 32, 24);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&image).unwrap();
    writer.write_image_data(&turned).unwrap();
    writer.finish().unwrap();
    file
}

fn gif() -> Vec<u8> {
    let image = DynamicImage::ImageRgb8(halves(32, 24));
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    encoder
        .set_repeat(image::codecs::gif::Repeat::Infinite)
        .unwrap();
    for frame in [image.to_rgba8(), image.rotate180().to_rgba8()] {
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    file
}

fn riff_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&kind, length.as_slice(), data, &vec![0; data.len() % 2]].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let length = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", length.as_slice(), b"WEBP", &body].concat()
}

/// Two pictures, the second one upside down.
fn animated_webp() -> Vec<u8> {
    let image = DynamicImage::ImageRgb8(halves(32, 24));
    let frame = |image: &DynamicImage| {
        let still = encode(image, Kind::WebP);
        // Place, size less one, how long, how it goes.
        let head = [0, 0, 0, 0, 0, 0, 31, 0, 0, 23, 0, 0, 100, 0, 0, 0];
        riff_chunk(*b"ANMF", &[&head, &still[12..]].concat())
    };
    riff(&[
        riff_chunk(*b"VP8X", &[0x02, 0, 0, 0, 31, 0, 0, 23, 0, 0]),
        riff_chunk(*b"ANIM", &[0; 6]),
        frame(&image),
        frame(&image.rotate180()),
    ])
}

fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block
}

fn jpeg(
    color: jpeg_encoder::ColorType,
    data: &[u8],
    change: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 97);
    change(&mut encoder);
    encoder.encode(data, 32, 24, color).unwrap();
    file
}

/// What has these colours in Display P3, as its profile says, in sRGB: red and blue of the other files.
fn wide() -> Vec<u8> {
    let colors = [[184, 55, 48], [47, 60, 192]];
    let image = RgbImage::from_fn(32, 24, |x, _| Rgb(colors[usize::from(x >= 16)]));
    image.into_raw()
}

#[expect(clippy::too_many_lines, reason = "one file after the other")]
fn pictures() -> Vec<Case> {
    use jpeg_encoder::ColorType as Jpeg;
    use png::BitDepth::{Eight, Four, One, Sixteen, Two};
    use png::ColorType::{Grayscale, GrayscaleAlpha, Indexed, Rgb as Truecolor, Rgba};

    let rgb = halves(32, 24);
    let image = DynamicImage::ImageRgb8(rgb.clone());
    let whole = (32, 24);
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let both = Expected::Picture(size(32, 24), [RED, BLUE]);
    let gray = Expected::Picture(size(32, 24), [BLACK, WHITE]);
    let turned = Expected::Picture(size(32, 24), [BLUE, RED]);
    let tall = Expected::Picture(size(24, 32), [RED, BLUE]);
    let steps = |levels: [u8; 2]| -> Vec<u8> {
        let row = [vec![levels[0]; 16], vec![levels[1]; 16]].concat();
        row.repeat(24)
    };
    let packed = |low: u8, high: u8, bytes: usize| -> Vec<u8> {
        let row = [vec![low; bytes / 2], vec![high; bytes / 2]].concat();
        row.repeat(24)
    };
    let sixteen = |bytes: &[u8]| -> Vec<u8> { bytes.iter().flat_map(|b| [*b, *b]).collect() };
    let palette = |info: &mut png::Info<'static>| {
        info.palette = Some([RED, BLUE].concat().into());
    };
    let inks = |transform: fn([u8; 3]) -> [u8; 4]| -> Vec<u8> {
        rgb.pixels().flat_map(|pixel| transform(pixel.0)).collect()
    };
    let no_black = |[r, g, b]: [u8; 3]| [255 - r, 255 - g, 255 - b, 0];
    let case = |name, bytes, expected: &Expected| Case {
        name,
        bytes,
        expected: expected.clone(),
    };
    vec![
        case("plain.png", encode(&image, Kind::Png), &both),
        case(
            "one-bit.png",
            png(whole, (Grayscale, One), &packed(0, 255, 4), |_| {}),
            &gray,
        ),
        case(
            "two-bit.png",
            png(whole, (Grayscale, Two), &packed(0, 255, 8), |_| {}),
            &gray,
        ),
        case(
            "four-bit.png",
            png(whole, (Grayscale, Four), &packed(0, 255, 16), |_| {}),
            &gray,
        ),
        case(
            "gray.png",
            png(whole, (Grayscale, Eight), &steps([0, 255]), |_| {}),
            &gray,
        ),
        case(
            "gray-16.png",
            png(
                whole,
                (Grayscale, Sixteen),
                &sixteen(&steps([0, 255])),
                |_| {},
            ),
            &gray,
        ),
        case(
            "gray-alpha.png",
            png(
                whole,
                (GrayscaleAlpha, Eight),
                &steps([0, 255])
                    .iter()
                    .flat_map(|v| [*v, 255])
                    .collect::<Vec<_>>(),
                |_| {},
            ),
            &gray,
        ),
        case(
            "palette-1.png",
            png(whole, (Indexed, One), &packed(0, 255, 4), palette),
            &both,
        ),
        case(
            "palette-8.png",
            png(whole, (Indexed, Eight), &steps([0, 1]), palette),
            &both,
        ),
        case(
            "rgb-16.png",
            png(whole, (Truecolor, Sixteen), &sixteen(&rgb), |_| {}),
            &both,
        ),
        case(
            "rgba-16.png",
            png(whole, (Rgba, Sixteen), &sixteen(&image.to_rgba8()), |_| {}),
            &both,
        ),
        case("interlaced.png", interlaced(), &both),
        case("animated.png", apng(), &both),
        case(
            "profile.png",
            png(whole, (Truecolor, Eight), &wide(), |info| {
                info.icc_profile = Some(icc.clone().into());
            }),
            &both,
        ),
        case(
            "bad-profile.png",
            png(whole, (Truecolor, Eight), &rgb, |info| {
                info.icc_profile = Some(vec![7; 300].into());
            }),
            &both,
        ),
        case(
            "turned.png",
            png(whole, (Truecolor, Eight), &rgb, |info| {
                info.exif_metadata = Some(exif(3).into());
            }),
            &turned,
        ),
        case(
            "wide.png",
            encode(&halves(10_000, 1).into(), Kind::Png),
            &Expected::Picture(size(10_000, 1), [RED, BLUE]),
        ),
        case(
            "tall.png",
            encode(&halves(1, 10_000).into(), Kind::Png),
            &Expected::Picture(size(1, 10_000), [RED, BLUE]),
        ),
        case("plain.jpg", jpeg(Jpeg::Rgb, &rgb, |_| {}), &both),
        case(
            "gray.jpg",
            jpeg(Jpeg::Luma, &steps([0, 255]), |_| {}),
            &gray,
        ),
        case(
            "progressive.jpg",
            jpeg(Jpeg::Rgb, &rgb, |e| e.set_progressive(true)),
            &both,
        ),
        case("cmyk.jpg", jpeg(Jpeg::Cmyk, &inks(no_black), |_| {}), &both),
        case(
            "ycck.jpg",
            jpeg(Jpeg::CmykAsYcck, &inks(no_black), |_| {}),
            &both,
        ),
        case(
            "turned.jpg",
            jpeg(Jpeg::Rgb, &rgb, |e| {
                e.add_app_segment(1, [b"Exif\0\0".as_slice(), &exif(6)].concat())
                    .unwrap();
            }),
            &tall,
        ),
        case(
            "profile.jpg",
            jpeg(Jpeg::Rgb, &wide(), |e| e.add_icc_profile(&icc).unwrap()),
            &both,
        ),
        case("named-wrong.png", jpeg(Jpeg::Rgb, &rgb, |_| {}), &both),
        case("plain.webp", encode(&image, Kind::WebP), &both),
        case("animated.webp", animated_webp(), &both),
        case("animated.gif", gif(), &both),
        case("plain.bmp", encode(&image, Kind::Bmp), &both),
        case("plain.tiff", encode(&image, Kind::Tiff), &both),
        case(
            "gray-16.tiff",
            encode(
                &DynamicImage::ImageLuma8(GrayImage::from_raw(32, 24, steps([0, 255])).unwrap())
                    .into_luma16()
                    .into(),
                Kind::Tiff,
            ),
            &gray,
        ),
    ]
}

fn problems() -> Vec<Case> {
    let image = DynamicImage::ImageRgb8(halves(32, 24));
    let png = encode(&image, Kind::Png);
    let jpeg = jpeg(jpeg_encoder::ColorType::Rgb, &halves(32, 24), |_| {});
    let webp = encode(&image, Kind::WebP);
    let half = |file: &[u8]| file[..file.len() / 2].to_vec();
    let mut broken = png.clone();
    let data = memchr::memmem::find(&broken, b"IDAT").unwrap();
    broken[data + 6] ^= 0xff;
    let head = |width: u32, height: u32| {
        let ihdr = [
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &[8, 2, 0, 0, 0],
        ]
        .concat();
        let [ihdr, idat] = [
            chunk(*b"IHDR", &ihdr),
            chunk(*b"IDAT", b"\x78\x01\x03\0\0\0\0\x01"),
        ];
        [b"\x89PNG\r\n\x1a\n".as_slice(), &ihdr, &idat].concat()
    };
    let frame = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0";
    let format = |name: &str| ReferenceProblem::Format {
        format: name.to_owned(),
    };
    let pixels = |width, height| ReferenceProblem::TooManyPixels {
        size: size(width, height),
    };
    let case = |name, bytes, problem| Case {
        name,
        bytes,
        expected: Expected::Problem(problem),
    };
    vec![
        case("empty.png", Vec::new(), ReferenceProblem::Empty),
        case(
            "words.png",
            b"These are words, not a picture.".to_vec(),
            ReferenceProblem::NotAPicture,
        ),
        case(
            "short.jpg",
            vec![0xff, 0xd8, 0xff],
            ReferenceProblem::NotAPicture,
        ),
        case("cut.png", half(&png), ReferenceProblem::Cut),
        case("cut.jpg", half(&jpeg), ReferenceProblem::Cut),
        case("cut.webp", half(&webp), ReferenceProblem::Cut),
        case("broken.png", broken, ReferenceProblem::Damaged),
        case("zero.png", head(0, 5), ReferenceProblem::Damaged),
        case("huge.png", head(20_000, 20_000), pixels(20_000, 20_000)),
        case("longest.png", head(100_000, 1), pixels(100_000, 1)),
        case("huge.jpg", frame.to_vec(), pixels(65_535, 65_535)),
        case(
            "picture.avif",
            b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf".to_vec(),
            format("AVIF"),
        ),
        case(
            "picture.heic",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
            format("HEIC"),
        ),
        case(
            "drawing.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            format("SVG"),
        ),
    ]
}
