//! The server's life: pace, streams that stay open, stopping, counting.

use std::io::Read as _;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use atelier::demo::{DemoConfig, DemoError, DemoServer, Fault, Pace};
use serde_json::json;

use crate::client::{Call, read_to_end};
use crate::{generations, quick, responses, start};

fn slow(pace: Duration) -> DemoServer {
    start(DemoConfig {
        pace: Pace::PerPicture(pace),
        keep_alive: Duration::from_millis(5),
        ..DemoConfig::default()
    })
}

#[test]
fn a_picture_takes_its_time_and_the_line_is_kept_alive() {
    let pace = Duration::from_millis(300);
    let server = slow(pace);
    let begin = Instant::now();
    let answer = responses(true, &json!({"partial_images": 1})).send(&server);
    assert!(begin.elapsed() >= pace);
    assert!(answer.text().contains("\n\n: keep-alive\n\n"));
    assert_eq!(answer.events().len(), 9);
}

#[test]
fn dropping_the_server_ends_open_streams() {
    let server = slow(Duration::from_hours(1));
    let mut stream = responses(true, &json!({})).open(&server);
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    // It would take an hour if it waited for the picture.
    drop(server);
    read_to_end(&mut stream);
}

#[test]
fn a_client_that_leaves_harms_nobody() {
    let server = slow(Duration::from_hours(1));
    for _ in 0..3 {
        let mut stream = responses(true, &json!({"partial_images": 3})).open(&server);
        stream.read_exact(&mut [0; 12]).unwrap();
    }
    assert_eq!(Call::get("/v1/models").send(&server).status, 200);
}

#[test]
fn requests_are_counted_and_remembered() {
    let server = start(quick());
    Call::get("/v1/models").send(&server);
    generations(&json!({})).fault("429").send(&server);
    generations(&json!({"prompt": "a fox [fault:502]"})).send(&server);
    responses(true, &json!({})).fault("cut=9").send(&server);
    Call::get("/nowhere").send(&server);
    assert_eq!(server.requests(), 5);
    let log: Vec<(String, Option<Fault>)> = server
        .log()
        .into_iter()
        .map(|request| {
            (
                format!("{} {}", request.method, request.path),
                request.fault,
            )
        })
        .collect();
    let entry = |line: &str, fault: Option<Fault>| (line.to_owned(), fault);
    let expected = [
        entry("GET /v1/models", None),
        entry("POST /v1/images/generations", Some(Fault::RateLimit)),
        entry("POST /v1/images/generations", Some(Fault::BadGateway)),
        entry("POST /v1/responses", Some(Fault::Cut { after_bytes: 9 })),
        entry("GET /nowhere", None),
    ];
    assert_eq!(log, expected);
}

#[test]
fn many_are_served_at_once() {
    let server = start(quick());
    thread::scope(|scope| {
        for seed in 0..6 {
            let server = &server;
            scope.spawn(move || {
                let change = json!({"seed": seed, "partial_images": 1, "stream": true});
                let answer = generations(&change).send(server);
                assert_eq!(answer.events().len(), 2);
            });
        }
    });
    assert_eq!(server.requests(), 6);
}

#[test]
fn a_taken_port_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let config = DemoConfig {
        port: Some(port),
        ..quick()
    };
    let error = DemoServer::start(config).unwrap_err();
    assert!(matches!(error, DemoError::Listen { .. }), "{error}");
    assert!(error.to_string().ends_with(&format!("127.0.0.1:{port}")));
}
