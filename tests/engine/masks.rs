//! Masked edits: what a gateway that ignores the mask changed is put back, and how much that was is told.

#![expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "pixels of a picture that is made here; what was skipped is said"
)]

use std::fs;
use std::process::Command as Program;

use atelier::engine::{Command, Event, MaskToken, PictureSource, ReferenceSource, ReferenceToken};
use atelier::media::{Mask, MaskChange, MaskMode, MaskShape, encode_png};
use atelier::model::{
    ApiKind, Cost, Drift, FailureKind, GenerationRequest, ImageRecord, JobNote, PROTECTED_INDEX,
    PixelSize, Placement, PriceRule, Reference,
};

use super::support::{Studio, request};
use super::{BOTH, demo, painted};

/// Width and height of the picture.
pub(super) const SIZE: (u32, u32) = (1024, 640);

/// What may change: left, top, right, bottom.
const HOLE: (f64, f64, f64, f64) = (300.0, 200.0, 640.0, 420.0);

pub(super) fn size() -> PixelSize {
    PixelSize::new(SIZE.0, SIZE.1).unwrap()
}

pub(super) fn picture() -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(5);
    let rgba: Vec<u8> = (0..SIZE.0 * SIZE.1)
        .flat_map(|i| {
            let (x, y) = (i % SIZE.0, i / SIZE.0);
            [(x / 5) as u8, (y / 3) as u8, random.u8(..), 255]
        })
        .collect();
    encode_png(size(), &rgba).unwrap()
}

fn mask() -> Mask {
    let mut mask = Mask::new(size());
    let (left, top, right, bottom) = HOLE;
    let shape = MaskShape::Rectangle([left as f32, top as f32], [right as f32, bottom as f32]);
    mask.change(&MaskChange::Shape(shape, MaskMode::Add));
    mask
}

pub(super) fn stored(studio: &Studio, mask: Mask) -> Result<Reference, FailureKind> {
    studio.send(Command::StoreMask {
        token: MaskToken(7),
        mask: Box::new(mask),
    });
    studio.wait(|event| match event {
        Event::MaskStored {
            token: MaskToken(7),
            outcome,
        } => Some(
            outcome
                .clone()
                .map(|reference| *reference)
                .map_err(|f| f.kind),
        ),
        _ => None,
    })
}

/// A request for an edit of [`picture`] inside of [`mask`].
fn edit(studio: &Studio, api: ApiKind, base_url: &str, prompt: &str) -> GenerationRequest {
    let reference = added(studio, "room.png", picture());
    edit_of(studio, reference, request(api, base_url, prompt))
}

/// Brings a picture in.
pub(super) fn added(studio: &Studio, name: &str, bytes: Vec<u8>) -> Reference {
    studio.send(Command::AddReference {
        token: ReferenceToken(1),
        source: ReferenceSource::Bytes {
            name: name.to_owned(),
            bytes,
        },
    });
    studio.wait(|event| match event {
        Event::ReferenceReady { reference, .. } => Some((**reference).clone()),
        _ => None,
    })
}

/// Makes an edit of a reference of [`SIZE`] inside of [`mask`].
pub(super) fn edit_of(
    studio: &Studio,
    reference: Reference,
    mut request: GenerationRequest,
) -> GenerationRequest {
    request.parameters.size = "1024x640".parse().unwrap();
    request.parameters.partials = 0;
    request.references = vec![reference];
    request.mask = Some(stored(studio, mask()).unwrap());
    request
}

pub(super) fn pixels(file: &[u8]) -> image::RgbaImage {
    image::load_from_memory(file).unwrap().into_rgba8()
}

/// How far a pixel's middle is from the nearest middle of one inside of the hole.
pub(super) fn distance(x: u32, y: u32) -> f64 {
    let (left, top, right, bottom) = HOLE;
    let (x, y) = (f64::from(x), f64::from(y));
    let beside = (left - x).max(x - (right - 1.0)).max(0.0);
    let below = (top - y).max(y - (bottom - 1.0)).max(0.0);
    beside.hypot(below)
}

fn drift_of(raw: &ImageRecord) -> Drift {
    let (before, after) = (pixels(&picture()), pixels(&fs::read(&raw.path).unwrap()));
    let mut drift = Drift::default();
    for (x, y, pixel) in before.enumerate_pixels() {
        if distance(x, y) > 0.0 {
            let other = after.get_pixel(x, y);
            drift.outside_px += 1;
            drift.changed_px += u64::from(pixel != other);
            let apart = (0..3).map(|i| u64::from(pixel.0[i].abs_diff(other.0[i])));
            drift.change_sum += apart.sum::<u64>();
        }
    }
    drift
}

#[test]
fn protect_outside_restores_what_a_gateway_repainted() {
    let server = demo();
    let studio = Studio::start();
    for api in BOTH {
        let prompt = "[fault:ignore-mask] a red lantern";
        let mut request = edit(&studio, api, server.base_url(), prompt);
        request.gateway.prices.rule = PriceRule::ListPrice { multiplier: 0.0 };
        let mask_hash = request.mask.as_ref().unwrap().hash.clone();
        let story = studio.run(request);
        assert_eq!(
            story.words(),
            ["image 0", &format!("image {PROTECTED_INDEX}"), "done"],
            "{:?}",
            story.end.failure
        );
        let [raw, protected] = story.images()[..] else {
            panic!("two pictures");
        };
        assert_eq!(story.end.images, [raw.id, protected.id]);
        let recipe = &protected.recipe;
        let told = recipe.protected.clone().unwrap();
        assert_eq!(told.raw, raw.id);
        assert_eq!(told.raw_hash, raw.recipe.delivered_hash);
        assert_eq!(recipe.mask.as_ref().unwrap().hash, mask_hash);
        assert!(raw.recipe.protected.is_none());
        // The gateway is free, and what was made here was not asked of it.
        assert!(raw.recipe.cost.as_ref().is_some_and(Cost::is_free));
        assert_eq!(recipe.cost, None);

        let feather = f64::from(told.feather_px);
        let before = pixels(&picture());
        let after = pixels(&fs::read(&protected.path).unwrap());
        let delivered = pixels(&fs::read(&raw.path).unwrap());
        let (mut exact, mut mixed) = (0, 0);
        for (x, y, pixel) in after.enumerate_pixels() {
            let apart = distance(x, y);
            if apart > feather {
                assert_eq!(pixel, before.get_pixel(x, y), "{x},{y}");
                exact += 1;
            } else if apart > 0.0 {
                mixed += u32::from(pixel != before.get_pixel(x, y));
            } else {
                assert_eq!(pixel, delivered.get_pixel(x, y), "{x},{y}");
            }
        }
        assert!(exact > 400_000 && mixed > 1_000, "{exact} {mixed}");

        let expected = drift_of(raw);
        assert_eq!(told.drift, expected);
        assert!(
            told.drift.share() > 0.5 && told.drift.mean() > 5.0,
            "{expected:?}"
        );
        check_with_another_program(&studio, raw, protected);
    }
}

/// The same figures from a script in another language, where there is one.
fn check_with_another_program(studio: &Studio, raw: &ImageRecord, protected: &ImageRecord) {
    let original = studio.path("original.png");
    let mask_file = studio.path("the-mask.png");
    fs::write(&original, picture()).unwrap();
    fs::write(&mask_file, mask().to_png().unwrap()).unwrap();
    let told = protected.recipe.protected.clone().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/drift.py");
    let run = Program::new("python3")
        .arg(script)
        .args([&original, &raw.path, &mask_file, &protected.path])
        .arg(told.feather_px.to_string())
        .output();
    let output = match run {
        Ok(output) if output.status.success() => output.stdout,
        Ok(output) if output.status.code() == Some(3) => {
            println!("skipped: python3 has no Pillow");
            return;
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            println!("skipped: no python3 ({error})");
            return;
        }
    };
    let figures: serde_json::Value = serde_json::from_slice(&output).unwrap();
    let computed: Drift = serde_json::from_value(figures.clone()).unwrap();
    assert_eq!(computed, told.drift);
    assert_eq!(figures["not_restored"], 0);
    assert!(figures["checked"].as_u64().unwrap() > 400_000, "{figures}");
}

#[test]
fn a_gateway_that_keeps_to_the_mask_has_no_drift() {
    let server = demo();
    let studio = Studio::start();
    let request = edit(&studio, ApiKind::Images, server.base_url(), "a red lantern");
    let story = studio.run(request);
    let [raw, protected] = story.images()[..] else {
        panic!("two pictures");
    };
    let drift = protected.recipe.protected.as_ref().unwrap().drift;
    assert_eq!((drift.changed_px, drift.change_sum), (0, 0));
    assert_eq!(drift.outside_px, drift_of(raw).outside_px);
}

#[test]
fn it_can_be_left_out_and_made_up_for() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:ignore-mask] a paper boat";
    let mut request = edit(&studio, ApiKind::Images, server.base_url(), prompt);
    request.parameters.protect_outside = false;
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
    let raw = story.images()[0].clone();
    for is_new in [true, false] {
        studio.send(Command::ProtectOutside(raw.id));
        let protected = studio.wait(|event| match event {
            Event::ImageSaved { record, .. } => Some(record.clone()),
            _ => None,
        });
        assert_eq!(protected.recipe.protected.unwrap().drift, drift_of(&raw));
        if is_new {
            studio.wait(|event| matches!(event, Event::Gallery(_)).then_some(()));
        }
    }
    studio.send(Command::Show {
        serial: 1,
        source: Some(PictureSource::Heat(raw.id)),
    });
    assert!(!painted(&studio, 1).is_empty());
}

#[test]
fn another_size_is_said_and_nothing_is_put_back() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:smaller] a red lantern";
    let request = edit(&studio, ApiKind::Images, server.base_url(), prompt);
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
    let note = JobNote::NotProtected {
        original: size(),
        result: PixelSize::new(512, 320).unwrap(),
    };
    assert_eq!(story.end.notes, [note]);
    studio.send(Command::ProtectOutside(story.images()[0].id));
    let failure = studio.wait(|event| match event {
        Event::Notice(atelier::engine::Notice::Failed(failure)) => Some(failure.clone()),
        _ => None,
    });
    assert!(failure.message.contains("512x320"), "{failure:?}");
}

#[test]
fn masks_are_changed_stored_and_read_again() {
    let studio = Studio::start();
    assert_eq!(
        stored(&studio, Mask::new(size())),
        Err(FailureKind::InvalidRequest)
    );
    studio.send(Command::ChangeMask {
        token: MaskToken(3),
        mask: Box::new(mask()),
        change: MaskChange::Invert,
    });
    let inverted = studio.wait(|event| match event {
        Event::MaskChanged {
            token: MaskToken(3),
            mask,
        } => Some((**mask).clone()),
        _ => None,
    });
    assert!((inverted.share() + mask().share() - 1.0).abs() < 1e-9);
    let reference = stored(&studio, inverted.clone()).unwrap();
    studio.send(Command::LoadMask {
        token: MaskToken(4),
        hash: reference.hash.clone(),
        size: size(),
    });
    let loaded = studio.wait(|event| match event {
        Event::MaskLoaded { outcome, .. } => Some(outcome.clone().unwrap()),
        _ => None,
    });
    assert!(loaded.mask.same_pixels(&inverted));
    studio.send(Command::FindMask {
        token: MaskToken(5),
        hash: reference.hash.clone(),
    });
    let found = studio.wait(|event| match event {
        Event::MaskStored { outcome, .. } => Some(outcome.clone().unwrap()),
        _ => None,
    });
    assert_eq!(*found, reference);
}

#[test]
fn a_picture_is_placed_in_a_larger_frame_with_its_mask() {
    let server = demo();
    let studio = Studio::start();
    let mut request = edit(&studio, ApiKind::Images, server.base_url(), "a wide room");
    let reference = request.references.remove(0);
    let rule = atelier::model::SizeRule::GPT_IMAGE_2;
    let placement = Placement::by_ratio(size(), (2, 1), [0.25, 0.5], Some(&rule));
    studio.send(Command::Outpaint {
        token: MaskToken(8),
        into: ReferenceToken(2),
        reference: Box::new(reference),
        placement,
    });
    let (mut framed, mut around) = (None, None);
    studio.wait(|event| {
        match event {
            Event::ReferenceReady {
                token: ReferenceToken(2),
                reference,
                ..
            } => framed = Some((**reference).clone()),
            Event::MaskStored {
                token: MaskToken(8),
                outcome,
            } => around = Some((**outcome.as_ref().unwrap()).clone()),
            _ => {}
        }
        (framed.is_some() && around.is_some()).then_some(())
    });
    let (framed, around) = (framed.unwrap(), around.unwrap());
    assert_eq!(framed.size, placement.frame);
    assert_eq!(around.size, placement.frame);
    request.references = vec![framed];
    request.mask = Some(around);
    request.parameters.size = placement.frame.to_string().parse().unwrap();
    let story = studio.run(request);
    let protected = story.images().into_iter().nth(1).unwrap();
    assert_eq!(protected.size, placement.frame);
    // Deep inside of the picture nothing changed.
    let before = pixels(&picture());
    let after = pixels(&fs::read(&protected.path).unwrap());
    let told = protected.recipe.protected.as_ref().unwrap();
    let edge = u32::from(told.feather_px) + 1;
    for (x, y, pixel) in before.enumerate_pixels() {
        let is_deep = (edge..size().width() - edge).contains(&x)
            && (edge..size().height() - edge).contains(&y);
        if is_deep {
            assert_eq!(
                pixel,
                after.get_pixel(x + placement.left, y + placement.top)
            );
        }
    }
}
