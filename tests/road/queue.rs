//! A gateway that is asked too often: its queue waits, others go on, everybody can see until when.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use atelier::engine::{Command, Event, JobSnapshot};
use atelier::model::{FailureKind, GatewayId, JobState, Stage};

use super::server::{Connection, Request, Server};
use super::support::Studio;
use super::{picture, refusal, request, serve};

const TOO_MANY: &str = r#"{"error":{"message":"Too many requests","type":"rate_limit_error"}}"#;

fn snapshot(event: &Event) -> Option<&JobSnapshot> {
    match event {
        Event::JobChanged(snapshot) | Event::JobEnded(snapshot) => Some(snapshot),
        _ => None,
    }
}

#[test]
fn a_429_makes_its_own_queue_wait_and_no_other() {
    let busy = serve(|_| refusal("429 Too Many Requests", &["retry-after: 100"], TOO_MANY));
    let free = serve(|_| picture());
    let studio = Studio::start();
    let mut first = request(&busy.base_url());
    first.gateway.id = GatewayId("busy".to_owned());
    first.gateway.max_parallel = 4;
    first.gateway.max_retries = 1;
    studio.submit(first.clone());
    // Job and gateway are told of side by side.
    let (mut pause, mut wait) = (None, None);
    let ((until_ms, parallel), waiting) = studio.wait(|event| {
        match event {
            Event::GatewayPaused {
                gateway,
                until_ms,
                parallel,
            } if *gateway == first.gateway.id => pause = Some((until_ms.unwrap(), *parallel)),
            event => {
                let waits = |job: &JobSnapshot| job.waiting.map(|waiting| (job.id, waiting));
                wait = wait.or(snapshot(event).and_then(waits));
            }
        }
        pause.zip(wait)
    });
    assert_eq!(parallel, 1);
    assert_eq!(waiting.1.kind, FailureKind::RateLimit);

    // The next job of the same gateway is not even sent.
    studio.submit(first.clone());
    let queued = studio.wait(|event| {
        let snapshot = snapshot(event).filter(|snapshot| snapshot.id != waiting.0)?;
        let waiting = snapshot.waiting?;
        Some((snapshot.id, snapshot.state, waiting))
    });
    assert_eq!(queued.1, JobState::Queued);
    assert_eq!(queued.2.until_ms, until_ms);

    let mut other = request(&free.base_url());
    other.gateway.id = GatewayId("free".to_owned());
    assert_eq!(studio.run(other).words(), ["image 0", "done"]);
    assert_eq!(busy.requests().len(), 1);

    // Whoever does not want to wait does not have to.
    for id in [queued.0, waiting.0] {
        studio.send(Command::Cancel(id));
        let end = studio.story().end;
        assert_eq!((end.id, end.state), (id, JobState::Canceled));
        assert_eq!(end.waiting, None);
    }
}

#[test]
fn after_the_pause_all_go_through_and_the_gate_opens_step_by_step() {
    let server = serve(|number| match number {
        0 => refusal("429 Too Many Requests", &["retry-after-ms: 20"], TOO_MANY),
        _ => picture(),
    });
    let studio = Studio::start();
    let mut request = request(&server.base_url());
    request.gateway.max_parallel = 3;
    request.gateway.max_retries = 1;
    let mut told = Vec::new();
    for _ in 0..4 {
        let story = studio.run(request.clone());
        assert_eq!(story.end.state, JobState::Done);
        assert_eq!(story.end.waiting, None);
        told.extend(story.events.iter().filter_map(|event| match event {
            Event::GatewayPaused {
                until_ms, parallel, ..
            } => Some((until_ms.is_some(), *parallel)),
            _ => None,
        }));
    }
    // The first success is a round of one, the next two are a round of two.
    assert_eq!(told, [(true, 1), (false, 1), (false, 2), (false, 3)]);
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn an_empty_balance_slows_nobody_down() {
    let body =
        r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#;
    let server = serve(move |_| refusal("429 Too Many Requests", &["retry-after: 1"], body));
    let studio = Studio::start();
    let mut request = request(&server.base_url());
    request.gateway.max_retries = 5;
    let story = studio.run(request);
    assert_eq!(story.words(), ["failed quota", "failed"]);
    let is_pause = |event: &Event| matches!(event, Event::GatewayPaused { .. });
    assert!(!story.events.iter().any(is_pause));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn whoever_waits_to_be_sent_again_says_until_when() {
    let server = serve(|_| refusal("503 Service Unavailable", &["retry-after: 100"], ""));
    let studio = Studio::start();
    let mut request = request(&server.base_url());
    request.gateway.max_retries = 1;
    studio.submit(request);
    let (job, waiting) = studio.wait(|event| {
        let snapshot = snapshot(event)?;
        Some((snapshot.id, snapshot.waiting?))
    });
    assert_eq!(waiting.kind, FailureKind::Server);
    studio.send(Command::Cancel(job));
    assert_eq!(studio.story().end.state, JobState::Canceled);
}

#[test]
fn more_requests_than_the_limit_are_never_sent() {
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let server = Server::start(move |_: &Request, connection: &mut Connection| {
        if over.load(Ordering::SeqCst) {
            connection.send(&picture());
        } else {
            connection.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
            connection.hold();
        }
    });
    let studio = Studio::start();
    let mut request = request(&server.base_url());
    request.gateway.max_parallel = 1;
    studio.submit(request.clone());
    let stuck = studio.wait(|event| {
        let snapshot = snapshot(event)?;
        (snapshot.stage == Stage::Accepted).then_some(snapshot.id)
    });
    studio.submit(request);
    let queued = studio.wait(|event| {
        let snapshot = snapshot(event)?;
        (snapshot.id != stuck).then_some(snapshot.state)
    });
    assert_eq!(queued, JobState::Queued);
    is_over.store(true, Ordering::SeqCst);
    studio.send(Command::Cancel(stuck));
    assert_eq!(studio.story().end.state, JobState::Canceled);
    assert_eq!(studio.story().end.state, JobState::Done);
    assert_eq!(server.requests().len(), 2);
}
