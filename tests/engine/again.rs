//! What is sent again, what waits, and what is given up.

use std::collections::HashSet;
use std::fs;
use std::net::TcpListener;

use atelier::engine::Command;
use atelier::model::{ApiKind, Charge, JobState, Stage};

use super::support::{Script, Studio, Then, answer, request};
use super::{demo, journals, posts, snapshot, wait_for_stage};

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
