//! What a gateway is sent in place of references.

use std::fs;

use atelier::engine::{Command, Event, ReferenceSource, ReferenceToken};
use atelier::media::{SourceFormat, encode_png, probe};
use atelier::model::{
    ApiKind, EditBody, GenerationRequest, JobNote, PixelSize, Reference, UploadFit, UploadLimits,
};
use base64::Engine as _;

use super::corpus::{Expected, cases};
use super::support::{Script, Studio, Then, answer, base64, png, request};

fn picture() -> Vec<u8> {
    let body = format!(r#"{{"data":[{{"b64_json":"{}"}}]}}"#, base64(&png(1)));
    let json = ["content-type: application/json"];
    answer("200 OK", &json, body.as_bytes())
}

fn too_large() -> Vec<u8> {
    let body = r#"{"error":{"message":"request entity too large","code":"request_too_large"}}"#;
    let json = ["content-type: application/json"];
    answer("413 Payload Too Large", &json, body.as_bytes())
}

/// A request with references as data URLs, so that a test can read them.
fn edit(base_url: &str, references: Vec<Reference>) -> GenerationRequest {
    let mut request = request(ApiKind::Images, base_url, "the same at night");
    request.gateway.stream = false;
    request.gateway.dialect.edit_body = EditBody::Json;
    request.parameters.partials = 0;
    request.references = references;
    request
}

fn add(studio: &Studio, name: &str, bytes: Vec<u8>) -> Reference {
    let source = ReferenceSource::Bytes {
        name: name.to_owned(),
        bytes,
    };
    let token = ReferenceToken(1);
    studio.send(Command::AddReference { token, source });
    studio.wait(|event| match event {
        Event::ReferenceReady { reference, .. } => Some((**reference).clone()),
        Event::ReferenceFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    })
}

/// The pictures in a body, in their order.
fn pictures(body: &[u8]) -> Vec<Vec<u8>> {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let urls = body.split(";base64,").skip(1);
    urls.map(|rest| {
        let data = rest.split('"').next().unwrap();
        base64::engine::general_purpose::STANDARD
            .decode(data)
            .unwrap()
    })
    .collect()
}

fn fit(studio: &Studio, reference: &Reference, limits: UploadLimits) -> Option<UploadFit> {
    fit_as(studio, reference, limits, false)
}

fn fit_as(
    studio: &Studio,
    reference: &Reference,
    limits: UploadLimits,
    is_masked: bool,
) -> Option<UploadFit> {
    studio.send(Command::FitReferences {
        references: vec![(ReferenceToken(7), reference.clone())],
        masked: is_masked.then_some(ReferenceToken(7)),
        limits,
    });
    studio.wait(|event| match event {
        Event::ReferenceFitted {
            token: ReferenceToken(7),
            outcome,
            ..
        } => Some(outcome.clone().unwrap()),
        _ => None,
    })
}

/// A picture with grain: about three bytes a pixel as a PNG.
fn grain(width: u32, height: u32) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(5);
    let rgba: Vec<u8> = (0..width * height)
        .flat_map(|i| {
            let base = u8::try_from(i / width * 180 / height).unwrap();
            let mut channel = || base + random.u8(..60);
            [channel(), channel(), channel(), 255]
        })
        .collect();
    encode_png(PixelSize::new(width, height).unwrap(), &rgba).unwrap()
}

#[test]
fn every_picture_of_the_corpus_is_sent_upright_in_srgb_and_in_a_format_that_gateways_take() {
    let server = Script::play(vec![(picture(), Then::Close)]);
    let studio = Studio::start();
    let mut good = Vec::new();
    for case in cases() {
        if let Expected::Picture(size, corners) = case.expected {
            good.push((
                case.name,
                size,
                corners,
                add(&studio, case.name, case.bytes),
            ));
        }
    }
    for group in good.chunks(16) {
        let references: Vec<_> = group
            .iter()
            .map(|(.., reference)| reference.clone())
            .collect();
        let request = edit(&server.base_url(), references);
        let story = studio.run(request);
        assert_eq!(
            story.words(),
            ["image 0", "done"],
            "{:?}",
            story.end.failure
        );
        // The recipe knows the originals.
        let recipe = &story.images()[0].recipe;
        let hashes = recipe.references.iter().map(|reference| &reference.hash);
        assert!(hashes.eq(group.iter().map(|(.., reference)| &reference.hash)));

        let bodies = server.bodies();
        let sent = pictures(bodies.last().unwrap());
        assert_eq!(sent.len(), group.len());
        for ((name, size, [first, last], _), file) in group.iter().zip(&sent) {
            let header = probe(file).unwrap().unwrap();
            assert!(header.format.deliverable().is_some(), "{name}");
            assert_eq!((header.size, header.animated), (*size, false), "{name}");
            assert!(
                header.bit_depth <= 8 && header.orientation.is_upright(),
                "{name}"
            );
            let pixels = image::load_from_memory(file).unwrap().into_rgb8();
            for (pixel, expected) in [
                (pixels.get_pixel(0, 0).0, first),
                (
                    pixels.get_pixel(size.width() - 1, size.height() - 1).0,
                    last,
                ),
            ] {
                let is_near = pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) < 8);
                assert!(is_near, "{name}: {pixel:?}, not {expected:?}");
            }
        }
    }
}

#[test]
fn what_is_too_large_is_sent_as_a_copy_that_was_foretold_and_is_made_once() {
    let server = Script::play(vec![(picture(), Then::Close)]);
    let studio = Studio::start();
    let original = grain(600, 400);
    let reference = add(&studio, "grain.png", original.clone());
    let mut request = edit(&server.base_url(), vec![reference.clone()]);
    request.gateway.limits.max_reference_bytes = Some(100_000);
    let capability = atelier::model::Catalog::default().capability(&request.gateway);
    let limits = UploadLimits::of(&request.gateway, &capability);

    let fitted = fit(&studio, &reference, limits).unwrap();
    assert!(fitted.to_bytes <= 100_000 && fitted.from_bytes > 300_000);
    let copies = || fs::read_dir(studio.path("cache/uploads")).unwrap().count();
    assert_eq!(copies(), 1);
    let story = studio.run(request);
    assert_eq!(
        story.words(),
        ["image 0", "done"],
        "{:?}",
        story.end.failure
    );
    assert_eq!(copies(), 1);
    let sent = pictures(&server.bodies()[0]);
    assert_eq!(sent[0].len() as u64, fitted.to_bytes);
    assert_eq!(probe(&sent[0]).unwrap().unwrap().size, fitted.to);
    assert_eq!(fs::read(&reference.path).unwrap(), original);
    let recipe = &story.images()[0].recipe;
    assert_eq!(recipe.references[0].hash, reference.hash);
    // Where there is room, nothing is done to it.
    let roomy = UploadLimits {
        max_bytes: 50_000_000,
        ..limits
    };
    assert_eq!(fit(&studio, &reference, roomy), None);
}

#[test]
fn a_413_brings_one_smaller_try_and_a_note() {
    let studio = Studio::start();
    let reference = add(&studio, "grain.png", grain(1000, 700));
    let run = |answers: Vec<Vec<u8>>, retries| {
        let answers = answers.into_iter().map(|bytes| (bytes, Then::Close));
        let server = Script::play(answers.collect());
        let mut request = edit(&server.base_url(), vec![reference.clone()]);
        request.gateway.max_retries = retries;
        let story = studio.run(request);
        let lengths: Vec<usize> = server
            .bodies()
            .iter()
            .map(|body| pictures(body)[0].len())
            .collect();
        (story, lengths)
    };
    let (story, lengths) = run(vec![too_large(), picture()], 2);
    assert_eq!(
        story.words().last().unwrap(),
        "done",
        "{:?}",
        story.end.failure
    );
    let [before, after] = lengths.as_slice() else {
        panic!("{lengths:?}");
    };
    assert!(after * 2 <= *before, "{lengths:?}");
    let note = JobNote::ReferencesShrunk {
        from_bytes: *before as u64,
        to_bytes: *after as u64,
    };
    assert_eq!(story.end.notes, [note]);
    let recipe = &story.images()[0].recipe;
    assert_eq!(recipe.references[0].hash, reference.hash);

    // Also where the gateway says that the same may be sent again: it never is.
    let body = br#"{"error":{"message":"request entity too large"}}"#;
    let inviting = ["content-type: application/json", "x-should-retry: true"];
    let inviting = answer("413 Payload Too Large", &inviting, body);
    let (story, lengths) = run(vec![inviting.clone(), picture()], 3);
    assert_eq!((story.end.state.as_str(), lengths.len()), ("done", 2));
    assert!(lengths[1] * 2 <= lengths[0], "{lengths:?}");
    let (story, lengths) = run(vec![inviting], 3);
    assert_eq!((story.end.state.as_str(), lengths.len()), ("failed", 2));

    // Once, however often it is said; and not at all where nothing may be repeated.
    let (story, lengths) = run(vec![too_large()], 5);
    assert_eq!((story.end.state.as_str(), lengths.len()), ("failed", 2));
    let (story, lengths) = run(vec![too_large()], 0);
    assert_eq!((story.end.state.as_str(), lengths.len()), ("failed", 1));
    assert_eq!(story.end.notes, []);
}

#[test]
fn after_a_413_the_picture_under_a_mask_is_still_a_png_of_its_size() {
    let server = Script::play(vec![(too_large(), Then::Close), (picture(), Then::Close)]);
    let studio = Studio::start();
    let reference = add(&studio, "grain.png", grain(800, 600));
    let rgba: Vec<u8> = (0..800 * 600)
        .flat_map(|i| [0, 0, 0, if i % 800 < 300 { 0 } else { 255 }])
        .collect();
    let mask = add(
        &studio,
        "mask.png",
        encode_png(reference.size, &rgba).unwrap(),
    );
    let mut request = edit(&server.base_url(), vec![reference]);
    request.mask = Some(mask);
    request.gateway.max_retries = 1;
    let story = studio.run(request);
    assert_eq!(
        story.words().last().unwrap(),
        "done",
        "{:?}",
        story.end.failure
    );
    let bodies = server.bodies();
    let heads = [0, 1].map(|body: usize| {
        let sent = pictures(&bodies[body]);
        [0, 1].map(|n: usize| probe(&sent[n]).unwrap().unwrap())
    });
    for [picture, mask] in heads {
        assert_eq!(
            (picture.format, picture.size),
            (SourceFormat::Png, mask.size)
        );
    }
    assert!(heads[1][0].size.width() < heads[0][0].size.width());
}

#[test]
fn a_mask_is_sent_in_the_size_of_its_picture() {
    let server = Script::play(vec![(picture(), Then::Close)]);
    let studio = Studio::start();
    let reference = add(&studio, "grain.png", grain(600, 400));
    let rgba: Vec<u8> = (0..600 * 400)
        .flat_map(|i| [0, 0, 0, if i % 600 < 300 { 0 } else { 255 }])
        .collect();
    let mask = encode_png(reference.size, &rgba).unwrap();
    let mask = add(&studio, "mask.png", mask);
    let mut request = edit(&server.base_url(), vec![reference]);
    request.mask = Some(mask);
    request.gateway.limits.max_reference_bytes = Some(30_000);
    let capability = atelier::model::Catalog::default().capability(&request.gateway);
    let limits = UploadLimits::of(&request.gateway, &capability);
    let foretold = fit_as(&studio, &request.references[0], limits, true).unwrap();
    let story = studio.run(request);
    assert_eq!(
        story.words(),
        ["image 0", "done"],
        "{:?}",
        story.end.failure
    );
    let sent = pictures(&server.bodies()[0]);
    let [picture, mask] = [0, 1].map(|n| probe(&sent[n]).unwrap().unwrap());
    assert!(picture.size.width() < 600);
    // Both of one format and one size (protocol.md 7.3), as it was foretold.
    assert_eq!(picture.format, SourceFormat::Png);
    assert_eq!(
        (foretold.to, foretold.to_bytes),
        (picture.size, sent[0].len() as u64)
    );
    assert_eq!(picture.size, mask.size);
    assert!(mask.has_alpha && mask.format == SourceFormat::Png);
    let pixels = image::load_from_memory(&sent[1]).unwrap().into_rgba8();
    let (width, height) = pixels.dimensions();
    assert_eq!(pixels.get_pixel(2, height / 2).0[3], 0);
    assert_eq!(pixels.get_pixel(width - 3, height / 2).0[3], 255);
}
