//! Pictures that come cut, twice, broken or too large.

use std::fs;

use atelier::engine::Limits;
use atelier::media::MediaLimits;
use atelier::model::{ApiKind, Charge, JobState};

use super::support::{Script, Studio, Then, answer, base64, png, request};
use super::{demo, files_below};

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
fn nothing_is_asked_for_that_the_disk_has_no_room_for() {
    let script = Script::play(vec![(answer("200 OK", &[], b""), Then::Close)]);
    let limits = Limits {
        min_free_bytes: u64::MAX / 2,
        ..Limits::default()
    };
    let studio = Studio::start_in(tempfile::tempdir().unwrap(), limits);
    let story = studio.run(request(ApiKind::Images, &script.base_url(), "a fox"));
    assert_eq!(story.words(), ["failed too_large", "failed"]);
    let failure = story.end.failure.unwrap();
    assert_eq!(failure.charge, Charge::No);
    assert_eq!(failure.reason, Some(atelier::model::Reason::Disk));
    assert!(failure.message.contains("no space is left"), "{failure}");
    assert_eq!(script.requests(), [""; 0]);
}
