use std::io::Cursor;

use image::{DynamicImage, ImageFormat as Kind};
use proptest::prelude::*;

use super::*;
use crate::media::samples::{self, png_chunk, riff_chunk, segment, webp};
use crate::media::{MediaLimits, decode_rows, probe};

const RECIPE: &str = r#"{"prompt":"雪中的红狐狸 <a & b> \"quoted\" ]]> 🦊 &lt; \u0000","n":1}"#;

fn embed(file: &[u8], recipe: &str) -> (Result<Embedded, MediaError>, Vec<u8>) {
    let format = ImageFormat::sniff(file).unwrap_or_default();
    let mut out = Vec::new();
    let result = embed_recipe(format, Cursor::new(file), &mut out, recipe);
    (result, out)
}

fn embedded(file: &[u8], recipe: &str) -> Vec<u8> {
    let (result, out) = embed(file, recipe);
    assert_eq!(result.unwrap(), Embedded::InFile);
    out
}

fn read(file: &[u8]) -> Option<String> {
    read_recipe(Cursor::new(file)).unwrap()
}

fn pixels(file: &[u8]) -> Vec<u32> {
    let mut keep = samples::Keep::default();
    decode_rows(Cursor::new(file), &MediaLimits::default(), &mut keep).unwrap();
    keep.pixels
}

/// One file of every format and structure that a model can deliver.
fn deliverable() -> Vec<Vec<u8>> {
    samples::files()
        .into_iter()
        .filter(|(format, _)| format.deliverable().is_some())
        .map(|(_, file)| file)
        .collect()
}

fn jpeg() -> Vec<u8> {
    let image = DynamicImage::ImageRgba8(samples::picture(40, 30, false)).into_rgb8();
    samples::encode(&DynamicImage::ImageRgb8(image), Kind::Jpeg)
}

/// `file` with `part` at `at`.
fn with(file: &[u8], at: usize, part: &[u8]) -> Vec<u8> {
    [&file[..at], part, &file[at..]].concat()
}

/// A JPEG segment with an XMP packet.
fn xmp_segment(packet: &str) -> Vec<u8> {
    let data = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
    segment(0xe1, &data)
}

/// A packet as another program writes it.
const FOREIGN: &str = "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>\
<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
<rdf:Description rdf:about='uuid:1' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:format>image/jpeg</dc:format>\
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";

#[test]
fn the_recipe_comes_back_and_no_pixel_changes() {
    for file in deliverable() {
        assert_eq!(read(&file), None);
        let out = embedded(&file, RECIPE);
        assert_eq!(read(&out).as_deref(), Some(RECIPE));
        assert_eq!(pixels(&out), pixels(&file));
        let [before, after] = [&file, &out].map(|file| probe(file).unwrap().unwrap());
        assert_eq!(before, after);
    }
}

#[test]
fn a_second_recipe_replaces_the_first() {
    for file in deliverable() {
        let once = embedded(&file, RECIPE);
        let twice = embedded(&embedded(&file, r#"{"prompt":"older"}"#), RECIPE);
        assert_eq!(read(&twice).as_deref(), Some(RECIPE));
        assert!(memchr::memmem::find(&twice, b"older").is_none());
        // An emptied element may stay behind in a packet.
        assert!(twice.len() < once.len() + 150);
        assert_eq!(pixels(&twice), pixels(&file));
    }
}

#[test]
fn everything_else_stays_byte_for_byte() {
    for file in deliverable() {
        let file = [file, b"trailing garbage".to_vec()].concat();
        let out = embedded(&file, RECIPE);
        let start = file.iter().zip(&out).take_while(|(a, b)| a == b).count();
        let rest = file.len() - start;
        if ImageFormat::sniff(&file) == Some(ImageFormat::Webp) {
            // The length and the extension in front, the packet behind the image data.
            let image = if file[12..16] == *b"VP8X" { 30 } else { 12 };
            let data = &file[image..file.len() - 16];
            assert!(memchr::memmem::find(&out, data).is_some());
            assert!(out.ends_with(b"trailing garbage"));
        } else {
            assert_eq!(out[out.len() - rest..], file[start..]);
        }
    }
}

#[test]
fn the_chunk_of_a_png_is_the_first_after_its_header() {
    let out = embedded(&deliverable()[0], "{}");
    let chunk = png_chunk(*b"iTXt", b"atelier.recipe\0\0\0\0\0{}");
    assert_eq!(out[33..33 + chunk.len()], chunk);
}

#[test]
fn a_simple_webp_becomes_an_extended_one() {
    let check = |file: &[u8], flags: u8, (width, height): (u32, u32)| {
        let out = embedded(file, RECIPE);
        let [w, h] = [width - 1, height - 1].map(|side| u8::try_from(side).unwrap());
        let vp8x = riff_chunk(*b"VP8X", &[flags, 0, 0, 0, w, 0, 0, h, 0, 0]);
        assert_eq!(out[12..30], vp8x);
        let length = u32::from_le_bytes(out[4..8].try_into().unwrap());
        assert_eq!(length as usize + 8, out.len());
        assert_eq!(length % 2, 0);
    };
    let files = deliverable();
    let webps: Vec<&Vec<u8>> = files
        .iter()
        .filter(|file| file.starts_with(b"RIFF"))
        .collect();
    check(webps[0], 0x04, (40, 30));
    check(webps[1], 0x14, (40, 30));
    check(samples::WEBP_LOSSY, 0x04, (1, 1));
    check(samples::WEBP_LOSSY_ALPHA, 0x14, (1, 1));
    check(samples::WEBP_ANIMATED, 0x16, (1, 1));
}

#[test]
fn a_webp_without_its_last_padding_gets_it() {
    let odd = riff_chunk(*b"JUNK", b"odd");
    let mut file = webp(&[samples::WEBP_LOSSY[12..].to_vec(), odd]);
    file.pop();
    file[4] -= 1;
    let out = embedded(&file, RECIPE);
    assert_eq!(read(&out).as_deref(), Some(RECIPE));
    assert!(memchr::memmem::find(&out, b"odd\0XMP ").is_some());
}

#[test]
fn content_credentials_keep_the_file_as_it_is() {
    let png = &deliverable()[0];
    let end = png.len() - 12;
    let signed = [
        with(png, 33, &png_chunk(*b"caBX", b"jumb")),
        with(png, end, &png_chunk(*b"caBX", b"jumb")),
        with(&jpeg(), 2, &segment(0xeb, b"JP\0\x01\0\0\0\x01jumb")),
        webp(&[
            samples::WEBP_LOSSY[12..].to_vec(),
            riff_chunk(*b"C2PA", b"jumb"),
        ]),
    ];
    for file in signed {
        let (result, out) = embed(&file, RECIPE);
        assert_eq!(result.unwrap(), Embedded::NeedsSidecar);
        assert_eq!(out, b"");
        assert_eq!(read(&file), None);
    }
}

#[test]
fn a_jpeg_keeps_its_leading_segments_first() {
    let exif = segment(
        0xe1,
        &[b"Exif\0\0", samples::exif(6, true).as_slice()].concat(),
    );
    let file = jpeg();
    let jfif = 2 + 2 + usize::from(u16::from_be_bytes([file[4], file[5]]));
    let file = with(&file, jfif, &exif);
    let out = embedded(&file, RECIPE);
    let place = jfif + exif.len();
    assert_eq!(out[..place], file[..place]);
    assert_eq!(out[place..place + 2], [0xff, 0xe1]);
    assert_eq!(out[out.len() - (file.len() - place)..], file[place..]);
}

#[test]
fn the_packet_of_another_program_is_kept() {
    let file = with(&jpeg(), 20, &xmp_segment(FOREIGN));
    let extended = |packet: &str| {
        webp(&[
            riff_chunk(*b"VP8X", &[0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            samples::WEBP_LOSSY[12..].to_vec(),
            riff_chunk(*b"XMP ", packet.as_bytes()),
            riff_chunk(*b"JUNK", b"kept"),
        ])
    };
    for file in [file, extended(FOREIGN)] {
        let out = embedded(&file, RECIPE);
        assert_eq!(read(&out).as_deref(), Some(RECIPE));
        assert_eq!(pixels(&out), pixels(&file));
        let text = String::from_utf8_lossy(&out);
        assert!(text.contains("<dc:format>image/jpeg</dc:format>"));
        assert_eq!(text.matches("rdf:about='uuid:1'").count(), 2);
        assert_eq!(text.matches("<x:xmpmeta").count(), 1);
    }
    // One that cannot be changed as text.
    for packet in ["\u{feff}", "<rdf:RDF/>", ""] {
        let (result, out) = embed(&extended(packet), RECIPE);
        assert_eq!((result.unwrap(), out), (Embedded::NeedsSidecar, Vec::new()));
    }
}

#[test]
fn a_recipe_rewritten_by_another_program_is_read() {
    let check = |description: &str, expected: Option<&str>| {
        assert_eq!(
            read_sidecar(description).as_deref(),
            expected,
            "{description}"
        );
    };
    let namespace = "urn:x-atelier:recipe:1/";
    let attribute = |prefix: &str, quote: char| {
        format!(
            "<rdf:Description xmlns:{prefix} = {quote}{namespace}{quote} {prefix}:recipe={quote}{{&quot;a&#x22;:&#39;}}{quote}/>"
        )
    };
    check(&attribute("atelier", '"'), Some("{\"a\":'}"));
    check(&attribute("ns0", '\''), Some("{\"a\":'}"));
    check(
        &format!("<d xmlns:q=\"{namespace}\"><q:recipe>&amp;lt; &unknown; & 1</q:recipe></d>"),
        Some("&lt; &unknown; & 1"),
    );
    check(&format!("<d xmlns:q=\"{namespace}\"><q:recipe>cut"), None);
    check(&format!("<d xmlns:q=\"{namespace}\" q:recipe=\"cut"), None);
    check(&format!("<d xmlns:q=\"{namespace}\" q:recipe="), None);
    check(
        &format!("{namespace}<atelier:recipe>no declaration</atelier:recipe>"),
        None,
    );
    check("<atelier:recipe>another namespace</atelier:recipe>", None);
    check("", None);
}

#[test]
fn a_recipe_too_long_for_a_jpeg_needs_a_sidecar() {
    let recipe = format!("{{\"prompt\":\"{}\"}}", "长".repeat(30_000));
    let (result, out) = embed(&jpeg(), &recipe);
    assert_eq!((result.unwrap(), out), (Embedded::NeedsSidecar, Vec::new()));
    let files = deliverable();
    for file in files.iter().filter(|file| !file.starts_with(&[0xff])) {
        assert_eq!(read(&embedded(file, &recipe)).as_deref(), Some(&*recipe));
    }
    assert_eq!(read_sidecar(&recipe_sidecar(&recipe)), Some(recipe));
}

#[test]
fn what_is_broken_is_refused_before_a_byte_is_written() {
    let files = deliverable();
    let [png, webp] = [&files[0], &samples::WEBP_LOSSY.to_vec()];
    let with_length = |length: u32| {
        let mut file = png.clone();
        file[33..37].copy_from_slice(&length.to_be_bytes());
        file
    };
    let mut no_ihdr = png.clone();
    no_ihdr[12] = b'X';
    let broken = [
        with_length(u32::MAX),
        with_length(i32::MAX.unsigned_abs()),
        png[..png.len() - 12].to_vec(),
        png[..33].to_vec(),
        no_ihdr,
        webp[..30].to_vec(),
        b"RIFF\x04\0\0\0WEBP".to_vec(),
        b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0".to_vec(),
        b"\xff\xd8\xff\xe0\0\x01\xff\xda".to_vec(),
        b"\xff\xd8\xff\xe0\xff\xff".to_vec(),
        b"\xff\xd8\xff".to_vec(),
        b"\x89PNG\r\n\x1a\n".to_vec(),
    ];
    for file in broken {
        let (result, out) = embed(&file, RECIPE);
        assert!(
            matches!(
                result,
                Err(MediaError::Truncated { .. } | MediaError::Corrupt { .. })
            ),
            "{result:?}"
        );
        assert_eq!(out, b"");
    }
    for file in [b"".as_slice(), b"GIF89a", b"<html>", jpeg().as_slice()] {
        let mut out = Vec::new();
        let result = embed_recipe(ImageFormat::Png, Cursor::new(file), &mut out, RECIPE);
        assert!(matches!(result, Err(MediaError::Unknown)), "{result:?}");
        assert_eq!(out, b"");
    }
}

#[test]
fn damaged_recipes_are_passed_over() {
    let png = &deliverable()[0];
    let text = |data: &[u8]| with(png, 33, &png_chunk(*b"iTXt", data));
    assert_eq!(
        read(&text(b"atelier.recipe\0\0\0zh\0\xe9\x85\x8d\0{}")).as_deref(),
        Some("{}")
    );
    for data in [
        b"atelier.recipe\0".as_slice(),
        b"atelier.recipe\0\0",
        b"atelier.recipe\0\x01\0\0\0compressed",
        b"atelier.recipe\0\0\0no end",
        b"atelier.recipe\0\0\0\0\0\xff\xfe",
        b"atelier.recipes\0\0\0\0\0{}",
        b"",
    ] {
        assert_eq!(read(&text(data)), None);
    }
    let mut wrong_crc = text(b"atelier.recipe\0\0\0\0\0{}");
    wrong_crc[33 + 8 + 20] ^= 1;
    assert_eq!(read(&wrong_crc), None);
    assert!(matches!(
        read_recipe(Cursor::new(b"GIF89a      ")),
        Ok(None)
    ));
}

#[test]
fn nothing_makes_it_panic() {
    let mut random = fastrand::Rng::with_seed(5);
    for file in deliverable() {
        let file = embedded(&file, RECIPE);
        for round in 0..400 {
            let mut broken = file.clone();
            if round % 2 == 0 {
                broken.truncate(random.usize(1..file.len()));
            }
            for _ in 0..random.usize(..8) {
                let reach = random.usize(1..=broken.len());
                broken[random.usize(..reach)] = random.u8(..);
            }
            let (result, out) = embed(&broken, RECIPE);
            match result {
                Ok(Embedded::InFile) => assert!(out.len() > 20),
                _ => assert_eq!(out, b""),
            }
            if let Ok(Some(recipe)) = read_recipe(Cursor::new(&broken)) {
                assert!(recipe.len() <= broken.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_survives(prompt in any::<String>(), extra in any::<[char; 4]>()) {
        let prompt = [prompt, extra.iter().collect(), "\u{ffff}\u{fffe}\r\n\t\u{7f}".to_owned()].concat();
        let recipe = serde_json::json!({ "prompt": prompt }).to_string();
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["prompt"].clone();
        for file in [&deliverable()[0], &jpeg(), &samples::WEBP_LOSSY.to_vec()] {
            let back = read(&embedded(file, &recipe)).unwrap();
            prop_assert_eq!(parsed(&back), prompt.as_str());
        }
        let back = read_sidecar(&recipe_sidecar(&recipe)).unwrap();
        prop_assert_eq!(parsed(&back), prompt.as_str());
    }
}
