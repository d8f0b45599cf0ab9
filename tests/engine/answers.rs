//! Answers of every kind, from the prompt to the file.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use atelier::engine::Event;
use atelier::media::read_recipe;
use atelier::model::{ApiKind, Charge, FailureKind, ImageFormat, ImageId, Mismatch, Recipe};

use super::support::{Studio, request};
use super::{BOTH, demo, journals, posts};

#[test]
fn both_apis_from_the_prompt_to_the_file() {
    let server = demo();
    let studio = Studio::start();
    for api in BOTH {
        let story = studio.run(request(api, server.base_url(), "雪中红狐"));
        assert_eq!(
            story.words(),
            ["preview 0.0", "preview 0.1", "image 0", "done"],
            "{api:?}"
        );
        let [image] = story.images()[..] else {
            panic!("one picture");
        };
        assert_eq!(image.size.to_string(), "1024x640");
        assert!(image.recipe.mismatch.is_empty());
        assert!(image.path.starts_with(studio.path("library")));
        let file = std::io::BufReader::new(fs::File::open(&image.path).unwrap());
        let inside: Recipe = serde_json::from_str(&read_recipe(file).unwrap().unwrap()).unwrap();
        assert_eq!(inside, image.recipe);
        assert_eq!(inside.prompt, "雪中红狐");
        assert!(inside.usage.is_some() && inside.request_id.is_some());
        assert!(inside.elapsed_ms.is_some());

        assert_eq!(story.end.images, [image.id]);
        assert_eq!(story.end.previews.len(), 2);
        for preview in &story.end.previews {
            let head = fs::read(&preview.path).unwrap();
            assert_eq!(ImageFormat::sniff(&head), Some(preview.format));
        }
        assert_eq!(story.end.usage, inside.usage);
        assert_eq!(story.end.request_ids.len(), 1);
        assert!(story.end.bytes_received > image.bytes);
        assert_eq!(journals(&studio), 0);
        let has_thumbnail = story
            .events
            .iter()
            .any(|event| matches!(event, Event::JobThumbnail { .. }));
        assert!(has_thumbnail);
    }
    assert_eq!(posts(&server), 2);
}

#[test]
fn several_pictures_are_one_request_only_where_the_api_has_a_count() {
    let check = |api: ApiKind, stream: bool, partials: u8, expected_posts: usize| {
        let server = demo();
        let studio = Studio::start();
        let mut request = request(api, server.base_url(), "three foxes");
        request.parameters.count = 3;
        request.parameters.partials = partials;
        request.gateway.stream = stream;
        let story = studio.run(request);
        let mut words = story.words();
        words.retain(|word| !word.starts_with("preview"));
        words.sort();
        assert_eq!(words, ["done", "image 0", "image 1", "image 2"], "{api:?}");
        let paths: HashSet<&PathBuf> = story.images().iter().map(|image| &image.path).collect();
        assert_eq!(paths.len(), 3);
        let order: Vec<ImageId> = {
            let mut images = story.images();
            images.sort_by_key(|image| image.index);
            images.iter().map(|image| image.id).collect()
        };
        assert_eq!(story.end.images, order);
        assert_eq!(posts(&server), expected_posts);
    };
    check(ApiKind::Responses, true, 0, 3);
    check(ApiKind::Images, true, 1, 3);
    check(ApiKind::Images, true, 0, 1);
    check(ApiKind::Images, false, 1, 1);
}

#[test]
fn every_failure_has_its_kind_and_its_price() {
    let server = demo();
    let studio = Studio::start();
    let check = |fault: &str, expected: &[&str], charge: Charge| {
        for api in BOTH {
            let prompt = format!("[fault:{fault}] a fox in snow");
            let before = posts(&server);
            let story = studio.run(request(api, server.base_url(), &prompt));
            let mut expected: Vec<&str> = expected.to_vec();
            expected.push("failed");
            let words = story.words();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(words, expected, "{fault} {api:?} {:?}", story.failures());
            let failure = story.end.failure.as_ref().unwrap();
            assert_eq!(failure.charge, charge, "{fault} {api:?} {failure:?}");
            assert!(!failure.message.is_empty());
            assert_eq!(posts(&server) - before, 1, "{fault} {api:?}");
            assert_eq!(journals(&studio), 0, "{fault} {api:?}");
        }
    };
    let previews = ["preview 0.0", "preview 0.1"];
    check("401", &["failed auth"], Charge::No);
    check("403", &["failed permission"], Charge::No);
    check("balance", &["failed quota"], Charge::No);
    check("quota", &["failed quota"], Charge::No);
    check("404", &["failed not_found"], Charge::No);
    check("429", &["failed rate_limit"], Charge::No);
    check("500", &["failed server"], Charge::No);
    check("502", &["failed server"], Charge::No);
    check("503", &["failed server"], Charge::No);
    check("524", &["failed timeout"], Charge::Unknown);
    check("moderation-input", &["failed moderation"], Charge::No);
    check("html", &["failed not_found"], Charge::No);
    check("cut-in-partial", &["failed network"], Charge::Unknown);
    check(
        "no-final",
        &[previews[0], previews[1], "failed protocol"],
        Charge::Unknown,
    );
    check(
        "corrupt",
        &[previews[0], previews[1], "failed protocol"],
        Charge::Yes,
    );
    check(
        "truncated-picture",
        &[previews[0], previews[1], "failed protocol"],
        Charge::Yes,
    );
    check(
        "huge",
        &[previews[0], previews[1], "failed too_large"],
        Charge::Yes,
    );
    check(
        "expired-url",
        &[previews[0], previews[1], "failed expired_url"],
        Charge::Yes,
    );
}

#[test]
fn failures_inside_a_good_stream() {
    let server = demo();
    let studio = Studio::start();
    let check = |fault: &str, kind: FailureKind, charge: Charge, words: &str| {
        let prompt = format!("[fault:{fault}] a fox in snow");
        let story = studio.run(request(ApiKind::Responses, server.base_url(), &prompt));
        let failure = story.end.failure.unwrap();
        assert_eq!(failure.kind, kind, "{fault} {failure:?}");
        assert_eq!(failure.charge, charge, "{fault} {failure:?}");
        assert_eq!(failure.status, Some(200), "{fault}");
        assert!(
            failure.message.to_lowercase().contains(words),
            "{fault} {failure:?}"
        );
        assert!(story.end.images.is_empty());
    };
    check("text", FailureKind::InvalidRequest, Charge::Unknown, "");
    check("refusal", FailureKind::Moderation, Charge::Unknown, "");
    check(
        "moderation-output",
        FailureKind::Moderation,
        Charge::Unknown,
        "",
    );
    check("stream-error", FailureKind::Server, Charge::Unknown, "");
    check("failed", FailureKind::Server, Charge::Unknown, "");
    check("incomplete", FailureKind::Server, Charge::Unknown, "");
    check(
        "content-filter",
        FailureKind::Moderation,
        Charge::Unknown,
        "",
    );
    check(
        "no-final",
        FailureKind::Protocol,
        Charge::Unknown,
        "previews are kept in",
    );
}

#[test]
fn every_good_answer_is_understood_and_every_picture_kept_once() {
    let server = demo();
    let studio = Studio::start();
    for fault in [
        "generating",
        "empty-completed",
        "only-completed",
        "no-id",
        "url",
        "json",
        "sse",
        "crlf",
        "split",
    ] {
        for api in BOTH {
            let prompt = format!("[fault:{fault}] a fox in snow");
            let story = studio.run(request(api, server.base_url(), &prompt));
            let words = story.words();
            let words = words.iter().filter(|word| !word.starts_with("preview"));
            assert_eq!(
                words.collect::<Vec<_>>(),
                ["image 0", "done"],
                "{fault} {api:?} {:?}",
                story.end.failure
            );
            assert_eq!(journals(&studio), 0);
        }
    }
}

#[test]
fn a_picture_before_an_error_counts() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:error-after] a fox in snow";
    let story = studio.run(request(ApiKind::Responses, server.base_url(), prompt));
    let words = story.words();
    assert_eq!(words.last().map(String::as_str), Some("done"));
    assert_eq!(story.images().len(), 1);
    assert_eq!(story.warnings().len(), 1, "{words:?}");
    assert_eq!(story.end.failure, None);
}

#[test]
fn a_missing_picture_fails_the_job_and_keeps_the_others() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:fewer] a fox in snow";
    let mut request = request(ApiKind::Images, server.base_url(), prompt);
    request.gateway.stream = false;
    request.parameters.count = 3;
    let story = studio.run(request);
    assert_eq!(
        story.words(),
        ["image 0", "image 1", "failed protocol", "failed"]
    );
    assert_eq!(story.end.images.len(), 2);
}

#[test]
fn what_was_delivered_otherwise_is_told() {
    let server = demo();
    let studio = Studio::start();
    let check = |fault: &str, expected: &[Mismatch]| {
        let prompt = format!("[fault:{fault}] a fox in snow");
        let mut request = request(ApiKind::Images, server.base_url(), &prompt);
        request.parameters.size = "2048x1280".parse().unwrap();
        let story = studio.run(request);
        let [image] = story.images()[..] else {
            panic!("{fault}: {:?}", story.end.failure);
        };
        assert_eq!(image.recipe.mismatch, expected, "{fault}");
        let head = fs::read(&image.path).unwrap();
        assert_eq!(ImageFormat::sniff(&head), Some(image.format));
        let extension = image.path.extension().unwrap();
        assert_eq!(extension, image.format.extension());
    };
    check("smaller", &[Mismatch::Size]);
    check("wrong-format", &[Mismatch::Format]);
}

#[test]
fn a_failure_says_how_many_previews_are_kept_and_where() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:no-final] a fox in snow";
    let story = studio.run(request(ApiKind::Responses, server.base_url(), prompt));
    let failure = story.end.failure.unwrap();
    let kept = failure.kept.unwrap();
    assert_eq!(kept.previews, 2);
    let folder = kept.previews_folder.unwrap();
    assert!(folder.starts_with(studio.path("previews")), "{folder:?}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    assert_eq!(kept.part, None);
}
