//! References in other colours than sRGB: what is put back, framed and shown is what is sent.

#![expect(
    clippy::cast_possible_truncation,
    reason = "pixels of a picture that is made here"
)]

use std::fs;

use atelier::engine::{
    CanvasEvent, Command, Event, MaskToken, PictureSource, ReferenceHash, ReferenceToken,
};
use atelier::model::{ApiKind, Placement, Reference};
use moxcms::ColorProfile;

use super::demo;
use super::masks::{SIZE, added, distance, edit_of, pixels, size};
use super::support::{Studio, request};

/// What is in the middle of the left half, in sRGB.
const RED: [u8; 3] = [200, 40, 40];
const BLUE: [u8; 3] = [40, 60, 200];

fn halves(colors: [&[u8]; 2]) -> Vec<u8> {
    let half = SIZE.0 as usize / 2;
    let row = [colors[0].repeat(half), colors[1].repeat(half)].concat();
    row.repeat(SIZE.1 as usize)
}

fn jpeg(
    color: jpeg_encoder::ColorType,
    data: &[u8],
    change: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 97);
    change(&mut encoder);
    let [width, height] = [SIZE.0, SIZE.1].map(|side| side as u16);
    encoder.encode(data, width, height, color).unwrap();
    file
}

/// [`RED`] and [`BLUE`] as a phone, a screenshot and a printer have them.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let wide = halves([&[184, 55, 48], &[47, 60, 192]]);
    let inks = halves(
        [RED, BLUE]
            .map(|c| [255 - c[0], 255 - c[1], 255 - c[2], 0])
            .each_ref()
            .map(|c| &c[..]),
    );
    let mut screenshot = Vec::new();
    let mut info = png::Info::with_size(SIZE.0, SIZE.1);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = Some(icc.clone().into());
    let mut writer = png::Encoder::with_info(&mut screenshot, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(&wide).unwrap();
    writer.finish().unwrap();
    vec![
        (
            "phone.jpg",
            jpeg(jpeg_encoder::ColorType::Rgb, &wide, |encoder| {
                encoder.add_icc_profile(&icc).unwrap();
            }),
        ),
        ("screenshot.png", screenshot),
        (
            "print.jpg",
            jpeg(jpeg_encoder::ColorType::Cmyk, &inks, |_| {}),
        ),
    ]
}

fn is_near(pixel: &[u8], expected: [u8; 3]) -> bool {
    pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 8)
}

#[test]
fn what_is_put_back_has_the_colors_that_were_sent() {
    let server = demo();
    let studio = Studio::start();
    for (name, bytes) in files() {
        let reference = added(&studio, name, bytes);
        let request = request(ApiKind::Images, server.base_url(), "a red lantern");
        let story = studio.run(edit_of(&studio, reference, request));
        let [raw, protected] = story.images()[..] else {
            panic!("{name}: {:?} {:?}", story.words(), story.warnings());
        };
        // The gateway kept to the mask, so nothing of what it was sent has changed.
        let told = protected.recipe.protected.clone().unwrap();
        assert_eq!(
            (told.drift.changed_px, told.drift.change_sum),
            (0, 0),
            "{name}"
        );
        let after = pixels(&fs::read(&protected.path).unwrap());
        let delivered = pixels(&fs::read(&raw.path).unwrap());
        for (x, y, pixel) in after.enumerate_pixels() {
            if distance(x, y) > f64::from(told.feather_px) {
                assert_eq!(pixel, delivered.get_pixel(x, y), "{name}: {x},{y}");
            }
        }
        for (x, expected) in [(20, RED), (SIZE.0 - 20, BLUE)] {
            let pixel = after.get_pixel(x, 20).0;
            assert!(is_near(&pixel, expected), "{name}: {pixel:?}");
        }
    }
}

fn framed(studio: &Studio, reference: Reference, placement: Placement) -> Reference {
    studio.send(Command::Outpaint {
        token: MaskToken(8),
        into: ReferenceToken(2),
        reference: Box::new(reference),
        placement,
    });
    studio.wait(|event| match event {
        Event::ReferenceReady {
            token: ReferenceToken(2),
            reference,
            ..
        } => Some((**reference).clone()),
        _ => None,
    })
}

#[test]
fn a_frame_and_the_canvas_show_the_colors_that_are_sent() {
    let studio = Studio::start();
    let rule = atelier::model::SizeRule::GPT_IMAGE_2;
    let placement = Placement::by_ratio(size(), (2, 1), [0.5, 0.5], Some(&rule));
    for (serial, (name, bytes)) in (1..).zip(files()) {
        let reference = added(&studio, name, bytes);
        let hash = ReferenceHash::parse(&reference.hash).unwrap();
        studio.send(Command::Show {
            serial,
            source: Some(PictureSource::Reference(hash)),
        });
        let shown = studio.wait(|event| match event {
            Event::Canvas(CanvasEvent::Piece {
                level: 0,
                x: 0,
                y: 0,
                pixels,
                ..
            }) => pixels.pixels.first().copied(),
            _ => None,
        });
        let shown = shown.to_ne_bytes();
        assert!(is_near(&shown, RED), "{name}: {shown:?}");

        let framed = framed(&studio, reference, placement);
        let placed = pixels(&fs::read(&framed.path).unwrap());
        let pixel = placed.get_pixel(placement.left + 20, placement.top + 20).0;
        assert!(is_near(&pixel, RED), "{name}: {pixel:?}");
    }
}
