//! *Protect outside* beside everything else that a job does: after what was paid for is safe, and only while it is wanted.

use std::fs;

use atelier::engine::{Command, Event, Notice};
use atelier::media::{Mask, MaskChange, MaskMode, MaskShape, encode_png};
use atelier::model::{ApiKind, FailureKind, GenerationRequest, PROTECTED_INDEX, PixelSize};

use super::demo;
use super::masks::{added, edit_of, picture, stored};
use super::support::{Script, Studio, Then, answer, base64, request};

fn plain(size: PixelSize, shade: u8) -> Vec<u8> {
    let count = usize::try_from(size.pixels()).unwrap();
    encode_png(size, &[shade, 90, 30, 255].repeat(count)).unwrap()
}

/// An edit of a picture of `size` in a corner of it.
fn edit(studio: &Studio, size: PixelSize, base_url: &str) -> GenerationRequest {
    let mut mask = Mask::new(size);
    let shape = MaskShape::Rectangle([0.0; 2], [64.0; 2]);
    mask.change(&MaskChange::Shape(shape, MaskMode::Add));
    let reference = added(studio, "plain.png", plain(size, 200));
    let mut request = request(ApiKind::Images, base_url, "a red lantern");
    request.parameters.size = size.to_string().parse().unwrap();
    request.parameters.partials = 0;
    request.gateway.stream = false;
    request.references = vec![reference];
    request.mask = Some(stored(studio, mask).unwrap());
    request
}

fn pictures(files: &[Vec<u8>]) -> Vec<u8> {
    let items: Vec<String> = files
        .iter()
        .map(|file| format!(r#"{{"b64_json":"{}"}}"#, base64(file)))
        .collect();
    let body = format!(r#"{{"data":[{}]}}"#, items.join(","));
    answer(
        "200 OK",
        &["content-type: application/json"],
        body.as_bytes(),
    )
}

#[test]
fn all_results_are_filed_before_the_first_is_protected() {
    let size = PixelSize::new(256, 128).unwrap();
    let both = pictures(&[plain(size, 10), plain(size, 20)]);
    let server = Script::play(vec![(both, Then::Close)]);
    let studio = Studio::start();
    let mut request = edit(&studio, size, &server.base_url());
    request.parameters.count = 2;
    let story = studio.run(request);
    let [first, second] = [PROTECTED_INDEX, PROTECTED_INDEX + 1].map(|n| format!("image {n}"));
    let expected = ["image 0", "image 1", first.as_str(), &second, "done"];
    assert_eq!(story.words(), expected, "{:?}", story.end.failure);
    let making = fs::read_dir(studio.path("cache/making")).unwrap();
    assert_eq!(making.count(), 0);
}

#[test]
fn a_cancel_ends_protecting_and_keeps_the_result() {
    let size = PixelSize::new(2880, 2880).unwrap();
    let one = pictures(&[plain(size, 10)]);
    let server = Script::play(vec![(one, Then::Close)]);
    let studio = Studio::start();
    studio.submit(edit(&studio, size, &server.base_url()));
    let raw = studio.wait(|event| match event {
        Event::ImageSaved { record, .. } => Some(record.clone()),
        _ => None,
    });
    studio.send(Command::Cancel(raw.job));
    let story = studio.story();
    // Everything that was asked for came.
    assert_eq!(story.words(), ["done"]);
    assert_eq!(story.end.images, [raw.id]);
    assert!(raw.path.is_file());
}

#[test]
fn what_was_protected_is_not_protected_again() {
    let server = demo();
    let studio = Studio::start();
    let reference = added(&studio, "room.png", picture());
    let request = request(ApiKind::Images, server.base_url(), "a red lantern");
    let story = studio.run(edit_of(&studio, reference, request));
    let protected = story.images().into_iter().nth(1).unwrap().id;
    studio.send(Command::ProtectOutside(protected));
    let failure = studio.wait(|event| match event {
        Event::Notice(Notice::Failed(failure)) => Some(failure.clone()),
        Event::ImageSaved { record, .. } => panic!("{record:?}"),
        _ => None,
    });
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
    assert!(failure.message.contains("already"), "{failure:?}");
}
