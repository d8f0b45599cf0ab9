//! The engine over real HTTP: whole sequences of events against the demo gateway, and against scripts that say things
//! no HTTP library would.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "support/engine.rs"]
mod support;

use std::collections::HashSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use atelier::demo::{DemoConfig, DemoServer, Pace};
use atelier::engine::{
    CanvasEvent, Command, Event, GalleryChange, JobSnapshot, Limits, Notice, PictureSource,
    PieceOrigin, ReferenceSource, ReferenceToken, ThumbnailSize,
};
use atelier::media::{MediaLimits, read_recipe};
use atelier::model::{
    ApiKind, Charge, FailureKind, ImageFormat, ImageId, JobId, JobState, Mismatch, Recipe,
    Settings, Stage,
};

use support::{Script, Studio, Then, answer, base64, png, request, save};

const BOTH: [ApiKind; 2] = [ApiKind::Responses, ApiKind::Images];

fn demo() -> DemoServer {
    DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        cache_bytes: 256 << 20,
        ..DemoConfig::default()
    })
    .unwrap()
}

/// How many generations were asked for.
fn posts(server: &DemoServer) -> usize {
    let log = server.log();
    log.iter().filter(|entry| entry.method == "POST").count()
}

fn journals(studio: &Studio) -> usize {
    fs::read_dir(studio.path("journal")).unwrap().count()
}

fn snapshot(event: &Event) -> Option<&JobSnapshot> {
    match event {
        Event::JobChanged(snapshot) | Event::JobEnded(snapshot) => Some(snapshot),
        _ => None,
    }
}

fn wait_for_stage(studio: &Studio, wanted: fn(&Stage) -> bool) -> JobId {
    studio.wait(|event| {
        let snapshot = snapshot(event)?;
        let reached = snapshot.state == JobState::Running && wanted(&snapshot.stage);
        reached.then_some(snapshot.id)
    })
}

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
fn only_what_was_not_charged_is_sent_again_and_not_too_often() {
    let server = demo();
    let studio = Studio::start();
    let check = |fault: &str, retries: u32, expected: &[&str], expected_posts: usize| {
        let prompt = format!("[fault:{fault}] a fox, {retries} retries");
        let before = posts(&server);
        let mut request = request(ApiKind::Responses, server.base_url(), &prompt);
        request.gateway.max_retries = retries;
        request.parameters.partials = 0;
        let story = studio.run(request);
        assert_eq!(story.words(), expected, "{fault}");
        assert_eq!(posts(&server) - before, expected_posts, "{fault}");
    };
    check(
        "429-then-ok",
        1,
        &["retry 2 rate_limit", "image 0", "done"],
        2,
    );
    check("500-then-ok", 2, &["retry 2 server", "image 0", "done"], 2);
    check("500-then-ok", 0, &["failed server", "failed"], 1);
    check(
        "502",
        2,
        &[
            "retry 2 server",
            "retry 3 server",
            "failed server",
            "failed",
        ],
        3,
    );
    check("524", 2, &["failed timeout", "failed"], 1);
    check("quota", 2, &["failed quota", "failed"], 1);
    check("html", 2, &["failed not_found", "failed"], 1);
    check("text", 2, &["failed invalid_request", "failed"], 1);
}

#[test]
fn an_option_that_the_gateway_does_not_know_is_left_out_once() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:unknown-parameter] a fox in snow";
    let mut request = request(ApiKind::Responses, server.base_url(), prompt);
    request.parameters.partials = 0;
    request.parameters.moderation = atelier::model::Moderation::Low;
    request.gateway.max_retries = 1;
    let story = studio.run(request);
    assert_eq!(
        story.words(),
        ["retry 2 invalid_request", "image 0", "done"]
    );
}

#[test]
fn a_server_that_wants_too_much_patience_is_not_waited_for() {
    let body = br#"{"error":{"message":"slow down","type":"rate_limit_error"}}"#;
    let late = answer(
        "429 Too Many Requests",
        &["retry-after: 121", "x-should-retry: true"],
        body,
    );
    let script = Script::play(vec![(late, Then::Close)]);
    let studio = Studio::start();
    let mut request = request(ApiKind::Responses, &script.base_url(), "a fox");
    request.gateway.max_retries = 5;
    let story = studio.run(request);
    assert_eq!(story.words(), ["failed rate_limit", "failed"]);
    assert_eq!(script.requests().len(), 1);
}

#[test]
fn another_address_of_the_gateway_is_tried_when_the_first_is_dead() {
    let server = demo();
    let studio = Studio::start();
    let dead = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/v1", listener.local_addr().unwrap())
    };
    let mut request = request(ApiKind::Responses, &dead, "a fox in snow");
    request.parameters.partials = 0;
    let story = studio.run(request.clone());
    assert_eq!(story.words(), ["failed network", "failed"]);
    assert_eq!(story.end.failure.unwrap().charge, Charge::No);

    request.gateway.base_urls.push(server.base_url().to_owned());
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
}

#[test]
fn silence_is_given_up_and_may_have_been_charged() {
    let studio = Studio::start();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {}\n\n";
    for bytes in [Vec::new(), head.into()] {
        let script = Script::play(vec![(bytes, Then::Hold)]);
        let mut request = request(ApiKind::Responses, &script.base_url(), "a fox");
        request.gateway.timeouts.silence_secs = 1;
        request.gateway.timeouts.first_byte_secs = 1;
        request.gateway.max_retries = 3;
        let story = studio.run(request);
        assert_eq!(story.words(), ["failed timeout", "failed"]);
        assert_eq!(story.end.failure.unwrap().charge, Charge::Unknown);
        assert_eq!(script.requests().len(), 1);
    }
}

#[test]
fn a_canceled_job_ends_at_once_and_says_so_once() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:silence-in-stream] a fox";
    let mut request = request(ApiKind::Responses, server.base_url(), prompt);
    request.parameters.count = 2;
    studio.submit(request);
    let job = wait_for_stage(&studio, |stage| {
        matches!(stage, Stage::Accepted | Stage::Preview(_))
    });
    studio.send(Command::Cancel(job));
    let story = studio.story();
    let words = story.words();
    let words: Vec<_> = words
        .iter()
        .filter(|word| !word.starts_with("preview"))
        .collect();
    assert_eq!(words, ["failed canceled", "canceled"]);
    assert_eq!(journals(&studio), 0);
}

#[test]
fn a_gateway_gets_no_more_requests_at_once_than_it_takes() {
    let server = demo();
    let studio = Studio::start();
    let mut first = request(
        ApiKind::Responses,
        server.base_url(),
        "[fault:silence-in-stream] a fox",
    );
    first.gateway.max_parallel = 1;
    let mut second = request(ApiKind::Responses, server.base_url(), "a hare");
    second.gateway.max_parallel = 1;
    second.parameters.partials = 0;
    studio.submit(first);
    let stuck = wait_for_stage(&studio, |stage| {
        matches!(stage, Stage::Accepted | Stage::Preview(_))
    });
    studio.submit(second);
    let waiting = studio.wait(|event| {
        let snapshot = snapshot(event)?;
        (snapshot.id != stuck).then_some((snapshot.id, snapshot.state))
    });
    assert_eq!(waiting.1, JobState::Queued);
    assert_eq!(posts(&server), 1);
    studio.send(Command::Cancel(stuck));
    assert_eq!(studio.story().end.state, JobState::Canceled);
    let story = studio.story();
    assert_eq!(story.end.id, waiting.0);
    assert_eq!(story.words(), ["image 0", "done"]);
}

#[test]
fn a_picture_that_breaks_off_is_kept_as_far_as_it_came() {
    let studio = Studio::start();
    let picture = png(1);
    let encoded = base64(&picture);
    let (half, _) = encoded.split_at(encoded.len() / 8 * 4);
    let event = format!(
        "event: response.output_item.done\ndata: {{\"type\":\"response.output_item.done\",\"item\":{{\"id\":\"ig_1\",\
         \"type\":\"image_generation_call\",\"result\":\"{half}"
    );
    let bytes = answer(
        "200 OK",
        &["content-type: text/event-stream", "content-length: 1000000"],
        event.as_bytes(),
    );
    let script = Script::play(vec![(bytes, Then::Close)]);
    let mut request = request(ApiKind::Responses, &script.base_url(), "a fox");
    request.gateway.max_retries = 3;
    let story = studio.run(request);
    assert_eq!(story.words(), ["failed network", "failed"]);
    let failure = story.end.failure.unwrap();
    assert_eq!(failure.charge, Charge::Unknown);
    let kept = files_below(&studio.path("previews"));
    let [kept] = &kept[..] else {
        panic!("one file is kept, not {kept:?}");
    };
    assert!(failure.message.contains(kept.to_str().unwrap()));
    let bytes = fs::read(kept).unwrap();
    assert!(!bytes.is_empty() && picture.starts_with(&bytes));
    assert_eq!(script.requests().len(), 1);
}

#[test]
fn a_picture_that_came_whole_counts_though_its_event_did_not() {
    let picture = png(2);
    let event = format!(
        "data: {{\"type\":\"response.output_item.done\",\"item\":{{\"type\":\"image_generation_call\",\"result\":\"{}",
        base64(&picture)
    );
    let headers = ["content-type: text/event-stream", "content-length: 1000000"];
    let bytes = answer("200 OK", &headers, event.as_bytes());
    let script = Script::play(vec![(bytes, Then::Close)]);
    let studio = Studio::start();
    let mut request = request(ApiKind::Responses, &script.base_url(), "a fox");
    request.parameters.size = "64x48".parse().unwrap();
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "warning network", "done"]);
}

#[test]
fn a_stream_that_says_it_is_complete_is_not_waited_for() {
    let encoded = base64(&png(9));
    let item = format!(r#"{{"type":"image_generation_call","id":"ig_1","result":"{encoded}"}}"#);
    let stream = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
         data: {{\"type\":\"response.output_item.done\",\"item\":{item}}}\n\n\
         data: {{\"type\":\"response.completed\",\"response\":{{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[{item}]}}}}\n\n"
    );
    let script = Script::play(vec![(stream.into_bytes(), Then::Hold)]);
    let studio = Studio::start();
    let mut request = request(ApiKind::Responses, &script.base_url(), "a fox");
    request.gateway.timeouts.silence_secs = 600;
    request.gateway.timeouts.first_byte_secs = 600;
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
}

#[test]
fn a_body_that_is_nothing_but_a_picture_is_one() {
    let bytes = answer("200 OK", &["content-type: image/png"], &png(4));
    let script = Script::play(vec![(bytes, Then::Close)]);
    let studio = Studio::start();
    let mut request = request(ApiKind::Images, &script.base_url(), "a fox");
    request.parameters.size = "64x48".parse().unwrap();
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
    let recipe = &story.images()[0].recipe;
    assert_eq!(
        recipe.delivered_hash,
        blake3::hash(&png(4)).to_hex().as_str()
    );
}

#[test]
fn a_picture_that_is_sent_twice_is_one_and_one_that_is_due_twice_is_two() {
    let encoded = base64(&png(6));
    let one = format!(r#"{{"b64_json":"{encoded}"}}"#);
    let body = format!(r#"{{"data":[{one},{one}]}}"#);
    let bytes = answer(
        "200 OK",
        &["content-type: application/json"],
        body.as_bytes(),
    );
    let script = Script::play(vec![(bytes, Then::Close)]);
    let studio = Studio::start();
    for (count, expected) in [(1, 1), (2, 2)] {
        let mut request = request(ApiKind::Images, &script.base_url(), "a fox");
        request.gateway.stream = false;
        request.parameters.count = count;
        let story = studio.run(request);
        assert_eq!(story.end.state, JobState::Done);
        assert_eq!(story.images().len(), expected);
    }
}

#[test]
fn a_picture_that_does_not_decode_stays_with_the_job() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:corrupt] a fox in snow";
    let mut request = request(ApiKind::Responses, server.base_url(), prompt);
    request.parameters.partials = 0;
    let story = studio.run(request);
    let failure = story.end.failure.unwrap();
    let kept = files_below(&studio.path("previews"));
    let [kept] = &kept[..] else {
        panic!("one file is kept, not {kept:?}");
    };
    assert!(
        failure.message.contains(kept.to_str().unwrap()),
        "{failure}"
    );
}

#[test]
fn copies_are_whole_and_overwrite_nothing() {
    let server = demo();
    let studio = Studio::start();
    let folder = studio.path("out/deep");
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let mut copies = HashSet::new();
    for _ in 0..2 {
        studio.submit_with(request.clone(), Some(folder.clone()));
        let (record, copy) = studio.wait(|event| match event {
            Event::ImageSaved { record, copy } => {
                let copy = copy.clone().unwrap();
                assert_eq!(fs::read(&copy).unwrap(), fs::read(&record.path).unwrap());
                Some((record.clone(), copy))
            }
            _ => None,
        });
        assert_eq!(copy.parent(), Some(folder.as_path()));
        assert_eq!(copy.extension(), record.path.extension());
        assert!(copies.insert(copy));
        studio.story();
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[test]
fn references_and_masks_are_sent_and_remembered() {
    let server = demo();
    let studio = Studio::start();
    let add = |token: u64, source: ReferenceSource| {
        studio.send(Command::AddReference {
            token: ReferenceToken(token),
            source,
        });
        studio.wait(|event| match event {
            Event::ReferenceReady {
                token: ReferenceToken(answered),
                reference,
                ..
            } if *answered == token => Some(Ok(reference.clone())),
            Event::ReferenceFailed { name, failure, .. } => {
                Some(Err(Box::new((name.clone(), failure.clone()))))
            }
            _ => None,
        })
    };
    let file = studio.path("fox.jpg");
    fs::write(&file, png(7)).unwrap();
    let reference = add(1, ReferenceSource::File(file)).unwrap();
    assert_eq!(reference.format, ImageFormat::Png);
    assert_eq!(reference.name, "fox.png");
    assert_eq!(reference.size.to_string(), "64x48");
    assert!(reference.path.starts_with(studio.path("cache")));

    let (name, failure) = *add(2, ReferenceSource::File(studio.path("none.png"))).unwrap_err();
    assert_eq!(
        (name.as_str(), failure.kind),
        ("none.png", FailureKind::InvalidRequest)
    );
    let words = ReferenceSource::Bytes {
        name: "words.txt".to_owned(),
        bytes: b"not a picture".to_vec(),
    };
    let (name, failure) = *add(3, words).unwrap_err();
    assert_eq!(
        (name.as_str(), failure.kind),
        ("words.txt", FailureKind::InvalidRequest)
    );
    assert!(failure.message.contains("words.txt"));

    for api in BOTH {
        let mut request = request(api, server.base_url(), "the same fox at night");
        request.parameters.partials = 0;
        request.references = vec![(*reference).clone()];
        let story = studio.run(request);
        assert_eq!(
            story.words(),
            ["image 0", "done"],
            "{:?}",
            story.end.failure
        );
        let recipe = &story.images()[0].recipe;
        assert_eq!(recipe.references[0].hash, reference.hash);
    }
    let paths: Vec<String> = server.log().into_iter().map(|entry| entry.path).collect();
    assert!(
        paths.iter().any(|path| path == "/v1/images/edits"),
        "{paths:?}"
    );
}

/// Follows the canvas until a picture has ended, and checks that its pieces cover it exactly.
fn painted(studio: &Studio, serial: u64) -> Vec<PieceOrigin> {
    let mut origins = Vec::new();
    let mut missing = 0u64;
    studio.wait(|event| {
        let Event::Canvas(event) = event else {
            return None;
        };
        assert_eq!(event.serial(), serial);
        match event {
            CanvasEvent::Begin { origin, size, .. } => {
                origins.push(*origin);
                missing = size.pixels();
                None
            }
            CanvasEvent::Piece { level, pixels, .. } => {
                let count = u64::from(pixels.width) * u64::from(pixels.height);
                assert_eq!(pixels.pixels.len() as u64, count);
                if *level == 0 {
                    missing -= count;
                }
                None
            }
            CanvasEvent::End { origin, .. } => {
                assert_eq!(missing, 0);
                origins.push(*origin);
                (*origin == PieceOrigin::Result).then_some(())
            }
            CanvasEvent::Failed { failure, .. } => panic!("{failure}"),
        }
    });
    origins
}

#[test]
fn the_canvas_follows_a_job_and_shows_what_is_filed() {
    let server = DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        bits_per_second: Some(20_000_000),
        ..DemoConfig::default()
    })
    .unwrap();
    let studio = Studio::start();
    studio.submit(request(ApiKind::Images, server.base_url(), "a fox in snow"));
    let job = studio.wait(|event| snapshot(event).map(|snapshot| snapshot.id));
    studio.send(Command::Show {
        serial: 1,
        source: Some(PictureSource::Live(job)),
    });
    let origins = painted(&studio, 1);
    let last: Vec<_> = origins.iter().rev().take(2).collect();
    assert_eq!(
        last,
        [&PieceOrigin::Result, &PieceOrigin::Arriving],
        "{origins:?}"
    );
    let id = studio.wait(|event| match event {
        Event::ImageSaved { record, .. } => Some(record.id),
        _ => None,
    });
    studio.send(Command::Show {
        serial: 2,
        source: Some(PictureSource::Image(id)),
    });
    assert_eq!(
        painted(&studio, 2),
        [PieceOrigin::Result, PieceOrigin::Result]
    );
    studio.send(Command::Show {
        serial: 3,
        source: Some(PictureSource::Live(job)),
    });
    assert_eq!(
        painted(&studio, 3),
        [PieceOrigin::Result, PieceOrigin::Result]
    );
}

#[test]
fn the_gallery_lists_deletes_restores_and_remakes_thumbnails() {
    let server = demo();
    let studio = Studio::start();
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let story = studio.run(request);
    let id = story.end.images[0];
    let list = || {
        studio.send(Command::ListGallery);
        studio.wait(|event| match event {
            Event::Gallery(GalleryChange::All(ids)) => Some(ids.to_vec()),
            _ => None,
        })
    };
    assert_eq!(list(), [id]);
    studio.send(Command::LoadRecords(vec![id]));
    let records = studio.wait(|event| match event {
        Event::Records(records) => Some(records.clone()),
        _ => None,
    });
    assert_eq!(records.len(), 1);

    fs::remove_dir_all(studio.path("cache/thumbs")).unwrap();
    let wanted = [ThumbnailSize::Small, ThumbnailSize::Large];
    studio.send(Command::Thumbnails {
        wanted: wanted.map(|size| (id, size)).to_vec(),
    });
    let mut sides = [0; 2].map(|_: u8| {
        studio.wait(|event| match event {
            Event::Thumbnail { pixels, .. } => {
                let pixels = pixels.as_ref().unwrap();
                Some(pixels.width.max(pixels.height))
            }
            _ => None,
        })
    });
    sides.sort_unstable();
    assert_eq!(sides, [256, 512]);
    assert!(!files_below(&studio.path("cache/thumbs")).is_empty());

    studio.send(Command::Delete(vec![id]));
    studio.wait(|event| {
        matches!(event, Event::Gallery(GalleryChange::Removed(ids)) if *ids == [id]).then_some(())
    });
    assert_eq!(list(), []);
    studio.send(Command::Restore(vec![id]));
    studio.wait(|event| {
        matches!(event, Event::Gallery(GalleryChange::Restored(ids)) if *ids == [id]).then_some(())
    });
    assert_eq!(list(), [id]);
    studio.send(Command::DismissJob(story.end.id));
    studio.wait(|event| matches!(event, Event::JobDismissed(_)).then_some(()));
}

/// A result that has arrived to its last byte, in a stream that does not end.
fn whole_but_unfinished(picture: &[u8]) -> Script {
    let event = format!(
        "event: response.output_item.done\ndata: {{\"type\":\"response.output_item.done\",\"item\":{{\"id\":\"ig_1\",\
         \"type\":\"image_generation_call\",\"revised_prompt\":\"a red fox\",\"result\":\"{}\"}}}}\n\n",
        base64(picture)
    );
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    Script::play(vec![(format!("{head}{event}").into_bytes(), Then::Hold)])
}

#[test]
fn what_a_killed_run_left_is_filed_once_and_nothing_is_sent_again() {
    let picture = png(3);
    let script = whole_but_unfinished(&picture);
    let studio = Studio::start();
    let mut request = request(ApiKind::Responses, &script.base_url(), "a fox");
    request.parameters.size = "64x48".parse().unwrap();
    studio.submit(request);
    let job = studio.wait(|event| snapshot(event).map(|snapshot| snapshot.id));
    studio.send(Command::Show {
        serial: 1,
        source: Some(PictureSource::Live(job)),
    });
    // Decoded to its last row, so every byte of it is on the disk; the job waits for the end of the stream.
    painted(&studio, 1);
    let dir = studio.stop();

    let studio = Studio::start_in(dir, Limits::default());
    let restored = studio.wait(|event| snapshot(event).cloned());
    assert_eq!((restored.id, restored.state), (job, JobState::Done));
    assert_eq!(restored.images.len(), 1);
    let recovered = studio.wait(|event| match event {
        Event::Notice(Notice::Recovered { images }) => Some(*images),
        _ => None,
    });
    assert_eq!(recovered, 1);
    studio.send(Command::LoadRecords(restored.images.clone()));
    let records = studio.wait(|event| match event {
        Event::Records(records) => Some(records.clone()),
        _ => None,
    });
    assert_eq!(
        records[0].recipe.revised_prompt.as_deref(),
        Some("a red fox")
    );
    assert!(records[0].path.exists());
    assert_eq!(journals(&studio), 0);
    let dir = studio.stop();

    let studio = Studio::start_in(dir, Limits::default());
    let again = studio.wait(|event| snapshot(event).cloned());
    assert_eq!(again, restored);
    assert_eq!(files_below(&studio.path("library")).len(), 1);
    assert_eq!(script.requests().len(), 1);
}

#[test]
fn a_job_that_was_cut_by_the_end_of_the_program_keeps_its_previews() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:silence-in-stream] a fox";
    studio.submit(request(ApiKind::Responses, server.base_url(), prompt));
    let job = wait_for_stage(&studio, |stage| {
        matches!(stage, Stage::Accepted | Stage::Preview(_))
    });
    let dir = studio.stop();
    let studio = Studio::start_in(dir, Limits::default());
    let cut = studio.wait(|event| snapshot(event).cloned());
    assert_eq!((cut.id, cut.state), (job, JobState::Interrupted));
    assert!(cut.previews.iter().all(|preview| preview.path.exists()));
    assert_eq!(cut.failure.unwrap().charge, Charge::Unknown);
    assert_eq!(journals(&studio), 0);
    assert_eq!(posts(&server), 1);
}

#[test]
fn a_result_that_can_not_be_filed_waits_in_the_journal_for_the_next_start() {
    let server = demo();
    let dir = tempfile::tempdir().unwrap();
    // A file where the folder of the results should be.
    let library = dir.path().join("library");
    fs::write(&library, "in the way").unwrap();
    let studio = Studio::start_in(dir, Limits::default());
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let story = studio.run(request);
    assert_eq!(story.words(), ["failed protocol", "failed"]);
    assert_eq!(story.end.failure.unwrap().charge, Charge::Yes);
    assert_eq!(journals(&studio), 1);
    let dir = studio.stop();

    fs::remove_file(&library).unwrap();
    let studio = Studio::start_in(dir, Limits::default());
    let recovered = studio.wait(|event| match event {
        Event::Notice(Notice::Recovered { images }) => Some(*images),
        _ => None,
    });
    assert_eq!(recovered, 1);
    assert_eq!(files_below(&library).len(), 1);
    assert_eq!(journals(&studio), 0);
    assert_eq!(posts(&server), 1);
}

#[test]
fn a_second_program_leaves_the_jobs_of_the_first_alone() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:silence-in-stream] a fox";
    studio.submit(request(ApiKind::Responses, server.base_url(), prompt));
    let job = wait_for_stage(&studio, |stage| {
        matches!(stage, Stage::Accepted | Stage::Preview(_))
    });
    let other = Studio::beside(&studio);
    let mut quick = request(ApiKind::Responses, server.base_url(), "a hare");
    quick.parameters.partials = 0;
    assert_eq!(other.run(quick).words(), ["image 0", "done"]);
    assert_eq!(journals(&studio), 1);
    drop(other);
    studio.send(Command::Cancel(job));
    assert_eq!(studio.story().end.state, JobState::Canceled);
}

#[test]
fn an_index_that_is_gone_is_made_from_the_files() {
    let server = demo();
    let studio = Studio::start();
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let story = studio.run(request);
    let dir = studio.stop();
    for suffix in ["", "-wal", "-shm"] {
        let file = dir.path().join(format!("library.sqlite{suffix}"));
        if file.exists() {
            fs::remove_file(file).unwrap();
        }
    }
    let studio = Studio::start_in(dir, Limits::default());
    let ids = studio.wait(|event| match event {
        Event::Gallery(GalleryChange::All(ids)) => Some(ids.to_vec()),
        _ => None,
    });
    assert_eq!(ids, story.end.images);
}

#[test]
fn too_many_pixels_are_too_large_and_nothing_is_allocated_for_them() {
    let server = demo();
    let limits = Limits {
        media: MediaLimits {
            max_pixels: 1024 * 640 - 1,
            ..MediaLimits::default()
        },
        ..Limits::default()
    };
    let studio = Studio::start_in(tempfile::tempdir().unwrap(), limits);
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let story = studio.run(request);
    assert_eq!(story.words(), ["failed too_large", "failed"]);
}

#[test]
fn too_many_bytes_are_too_large_wherever_they_come_from() {
    let server = demo();
    let mut limits = Limits::default();
    limits.decoder.max_blob_bytes = 10_000;
    limits.max_download_bytes = 10_000;
    let studio = Studio::start_in(tempfile::tempdir().unwrap(), limits);
    for fault in ["json", "url"] {
        let prompt = format!("[fault:{fault}] a fox");
        let mut request = request(ApiKind::Images, server.base_url(), &prompt);
        request.parameters.partials = 0;
        let story = studio.run(request);
        assert_eq!(story.words(), ["failed too_large", "failed"], "{fault}");
    }
}

#[test]
fn a_key_is_in_no_file_and_in_no_event() {
    let body =
        br#"{"error":{"message":"Incorrect API key provided: sk-test","code":"invalid_api_key"}}"#;
    let script = Script::play(vec![(answer("401 Unauthorized", &[], body), Then::Close)]);
    let studio = Studio::start();
    let story = studio.run(request(ApiKind::Responses, &script.base_url(), "a fox"));
    assert_eq!(story.words(), ["failed auth", "failed"]);
    assert!(!format!("{story:?}").contains("sk-test"));
    let sent = script.requests().concat().to_ascii_lowercase();
    assert!(sent.contains("authorization: bearer sk-test"));
    for file in files_below(&studio.path("")) {
        let bytes = fs::read(&file).unwrap();
        let found = bytes.windows(7).any(|window| window == b"sk-test");
        assert!(!found, "{}", file.display());
    }
}

#[test]
fn no_key_goes_to_whoever_keeps_the_pictures() {
    let picture = png(5);
    let host = Script::play(vec![
        (
            answer("503 Service Unavailable", &["retry-after-ms: 1"], b""),
            Then::Close,
        ),
        (
            answer("200 OK", &["content-type: image/png"], &picture),
            Then::Close,
        ),
    ]);
    let url = host.base_url().replace("/v1", "/a.png?signature=1");
    let body = format!(r#"{{"data":[{{"url":"{url}"}}]}}"#);
    let gateway = Script::play(vec![(
        answer(
            "200 OK",
            &["content-type: application/json"],
            body.as_bytes(),
        ),
        Then::Close,
    )]);
    let studio = Studio::start();
    let mut request = request(ApiKind::Images, &gateway.base_url(), "a fox");
    request.parameters.size = "64x48".parse().unwrap();
    let story = studio.run(request);
    assert_eq!(
        story.words(),
        ["image 0", "done"],
        "{:?}",
        story.end.failure
    );
    assert_eq!(host.requests().len(), 2);
    let sent = host.requests().concat().to_ascii_lowercase();
    assert!(sent.contains("get /a.png?signature=1"));
    assert!(!sent.contains("authorization"));
    assert_eq!(gateway.requests().len(), 1);
}

#[test]
fn settings_and_keys_are_kept_where_they_belong() {
    let studio = Studio::start();
    let settings = Settings {
        theme: atelier::model::ThemeChoice::Dark,
        ..Settings::default()
    };
    let gateway = settings.selected_gateway.clone();
    studio.send(Command::SetKey {
        gateway: gateway.clone(),
        key: atelier::model::ApiKey::new("sk-test"),
        place: atelier::model::KeyPlace::Session,
    });
    let keys = studio.wait(|event| match event {
        Event::KeysChanged(keys) => Some(keys.clone()),
        _ => None,
    });
    assert_eq!(
        keys.place(&gateway),
        Some(atelier::model::KeyPlace::Session)
    );
    studio.send(save(&settings));
    let dir = studio.stop();
    let studio = Studio::start_in(dir, Limits::default());
    let (stored, keys) = studio.wait(|event| match event {
        Event::Ready { settings, keys, .. } => Some((settings.clone(), keys.clone())),
        _ => None,
    });
    assert_eq!(*stored, settings);
    assert_eq!(keys, atelier::model::KnownKeys::default());
}

#[test]
fn dropping_the_engine_ends_every_job() {
    let server = demo();
    let studio = Studio::start();
    for n in 0..10 {
        let prompt = format!("[fault:silence-in-stream] fox {n}");
        let mut request = request(ApiKind::Responses, server.base_url(), &prompt);
        request.gateway.max_parallel = 10;
        studio.submit(request);
    }
    let mut accepted = HashSet::new();
    studio.wait(|event| {
        let snapshot = snapshot(event)?;
        if matches!(snapshot.stage, Stage::Accepted | Stage::Preview(_)) {
            accepted.insert(snapshot.id);
        }
        (accepted.len() == 10).then_some(())
    });
    let handle = studio.handle.clone();
    let dir = studio.stop();
    assert!(handle.try_send(Command::CancelAll).is_err());
    assert_eq!(
        fs::read_dir(dir.path().join("journal")).unwrap().count(),
        10
    );
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(listing) = fs::read_dir(folder) else {
        return Vec::new();
    };
    listing
        .flat_map(|item| {
            let path = item.unwrap().path();
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
