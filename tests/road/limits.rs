//! The four limits (protocol.md 6.7), and proxies that have their own.

use std::time::Duration;

use atelier::engine::Limits;
use atelier::model::{ApiKind, Charge, Failure, FailureKind, Reason};

use super::server::{Connection, Request, Server};
use super::support::{self, Studio};
use super::{picture, refusal, request, serve};

const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// What a job that ends with a failure ends with.
fn failure_of(
    studio: &Studio,
    server: &Server,
    change: impl FnOnce(&mut atelier::model::GatewayProfile),
) -> Failure {
    let mut request = support::request(ApiKind::Responses, &server.base_url(), "a fox");
    change(&mut request.gateway);
    let story = studio.run(request);
    story.end.failure.unwrap()
}

fn hold(answer: &'static [u8]) -> Server {
    Server::start(move |_: &Request, connection: &mut Connection| {
        connection.send(answer);
        connection.hold();
    })
}

#[test]
fn the_limit_that_ran_out_is_named_with_its_seconds() {
    let studio = Studio::start();
    let silent = hold(b"");
    let failure = failure_of(&studio, &silent, |gateway| {
        gateway.timeouts.first_byte_secs = 1;
    });
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.message, "first byte limit: no answer within 1 s");
    assert_eq!(failure.charge, Charge::Unknown);
    assert!(failure.after_ms.unwrap() >= 1_000);

    let quiet = hold(STREAM);
    let failure = failure_of(&studio, &quiet, |gateway| {
        gateway.timeouts.silence_secs = 1;
    });
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.message, "silence limit: no byte came for 1 s");
    assert!(failure.after_ms.unwrap() >= 1_000);

    // Bytes come all the time, and it still takes too long.
    let chatty = Server::start(|_: &Request, connection: &mut Connection| {
        connection.send(STREAM);
        while connection.send(b": keep-alive\n\n") {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    for (server, first_byte) in [(&chatty, 60), (&silent, 60)] {
        let failure = failure_of(&studio, server, |gateway| {
            gateway.timeouts.first_byte_secs = first_byte;
            gateway.timeouts.silence_secs = 1;
            gateway.timeouts.total_secs = Some(2);
        });
        assert_eq!(failure.kind, FailureKind::Timeout);
        assert_eq!(
            failure.message,
            "total limit: the request took longer than 2 s"
        );
        assert_eq!(failure.charge, Charge::Unknown);
    }
}

#[test]
fn a_proxy_that_gives_up_is_named_with_the_measured_time() {
    let server = serve(|number| match number {
        0 => refusal("524 ", &[], "<html>A timeout occurred</html>"),
        1 => refusal("504 Gateway Timeout", &[], ""),
        2 => Vec::new(),
        _ => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(),
    });
    // Whenever the connection ends is a round time here.
    let limits = Limits {
        proxy_tolerance: Duration::from_mins(10),
        ..Limits::default()
    };
    let studio = Studio::start_in(tempfile::tempdir().unwrap(), limits);
    for number in 0..4 {
        let failure = failure_of(&studio, &server, |_| {});
        assert_eq!(failure.reason, Some(Reason::ProxyGaveUp), "{number}");
        assert!(failure.after_ms.is_some(), "{number}");
        assert_eq!(failure.charge, Charge::Unknown, "{number}");
    }
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_connection_that_breaks_at_another_time_is_just_broken() {
    let server = serve(|_| Vec::new());
    let failure = failure_of(&Studio::start(), &server, |_| {});
    assert_eq!(failure.kind, FailureKind::Network);
    assert_eq!(failure.reason, Some(Reason::Cut));
    assert_eq!(failure.charge, Charge::Unknown);
}

#[test]
fn where_failures_are_free_a_cut_and_a_524_are_repeated() {
    let server = serve(|number| match number {
        0 => refusal("524 ", &[], ""),
        1 => Vec::new(),
        2 => b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":".to_vec(),
        _ => picture(),
    });
    let studio = Studio::start();
    let mut request = request(&server.base_url());
    request.gateway.prices.failed_is_free = true;
    request.gateway.max_retries = 3;
    let story = studio.run(request);
    assert_eq!(
        story.words(),
        [
            "retry 2 timeout",
            "retry 3 network",
            "retry 4 network",
            "image 0",
            "done"
        ]
    );
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn where_failures_are_free_refusals_are_still_not_repeated() {
    let studio = Studio::start();
    let check = |status: &'static str, body: &'static str| {
        let server = serve(move |_| refusal(status, &[], body));
        let mut request = request(&server.base_url());
        request.gateway.prices.failed_is_free = true;
        request.gateway.max_retries = 3;
        studio.run(request);
        assert_eq!(server.requests().len(), 1, "{status}");
    };
    check(
        "400 Bad Request",
        r#"{"error":{"code":"moderation_blocked"}}"#,
    );
    check("401 Unauthorized", r#"{"error":{"message":"no"}}"#);
    check(
        "429 Too Many Requests",
        r#"{"error":{"code":"insufficient_quota"}}"#,
    );
    check(
        "400 Bad Request",
        r#"{"error":{"code":"invalid_value","param":"size"}}"#,
    );
}
