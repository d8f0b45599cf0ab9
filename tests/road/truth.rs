//! What the card of a job says while its answer comes, and how soon a job ends that nobody wants any more.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use atelier::engine::{Command, Event, JobSnapshot};
use atelier::model::{ApiKind, JobId, JobState, Stage};

use super::server::{Connection, Request, Server};
use super::support::{self, DEADLINE, Studio, base64, png};
use super::{refusal, request, serve};

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

fn changed(event: &Event) -> Option<&JobSnapshot> {
    match event {
        Event::JobChanged(snapshot) => Some(snapshot),
        _ => None,
    }
}

/// A stream whose events the test sends one by one.
fn stream() -> (Server, SyncSender<Vec<u8>>) {
    let (sender, receiver): (_, Receiver<Vec<u8>>) = sync_channel(8);
    let receiver = Mutex::new(receiver);
    let server = Server::start(move |_: &Request, connection: &mut Connection| {
        for bytes in receiver.lock().unwrap().iter() {
            connection.send(&bytes);
        }
    });
    (server, sender)
}

fn event(json: &str) -> Vec<u8> {
    format!("data: {json}\n\n").into_bytes()
}

#[test]
fn a_stream_is_told_as_it_is() {
    let (server, script) = stream();
    let studio = Studio::start();
    studio.submit(support::request(
        ApiKind::Responses,
        &server.base_url(),
        "a fox",
    ));
    let at = |wanted: fn(&JobSnapshot) -> bool| {
        studio.wait(|event| changed(event).filter(|now| wanted(now)).cloned())
    };
    let sent = at(|now| now.stage == Stage::Sent);
    assert_eq!(sent.host, Some(server.host()));
    assert_eq!((sent.last_byte_ms, sent.last_event_ms), (None, None));

    script.send(HEAD.to_vec()).unwrap();
    at(|now| now.stage == Stage::Accepted);
    script.send(b": keep-alive\n\n".to_vec()).unwrap();
    let kept = at(|now| now.last_byte_ms.is_some());
    assert_eq!(kept.last_event_ms, None, "a comment says nothing");

    script
        .send(event(
            r#"{"type":"response.created","response":{"id":"resp_1"}}"#,
        ))
        .unwrap();
    at(|now| now.last_event_ms.is_some());
    let preview = format!(
        r#"{{"type":"response.image_generation_call.partial_image","partial_image_index":0,"partial_image_b64":"{}"}}"#,
        base64(&png(1))
    );
    script.send(event(&preview)).unwrap();
    at(|now| now.stage == Stage::Preview(1));
    let result = format!(
        r#"{{"type":"response.output_item.done","item":{{"type":"image_generation_call","result":"{}"}}}}"#,
        base64(&png(2))
    );
    let (first, second) = result.as_bytes().split_at(result.len() - 500);
    script.send([b"data: ", first].concat()).unwrap();
    at(|now| matches!(now.stage, Stage::Receiving { received, total: None } if received > 0));
    script.send([second, b"\n\n"].concat()).unwrap();
    script
        .send(event(
            r#"{"type":"response.completed","response":{"id":"resp_1"}}"#,
        ))
        .unwrap();
    drop(script);
    let story = studio.story();
    assert_eq!(story.end.state, JobState::Done);
}

#[test]
fn a_body_of_known_length_is_told_in_parts_of_it() {
    let (server, script) = stream();
    let studio = Studio::start();
    studio.submit(request(&server.base_url()));
    let body = format!(r#"{{"data":[{{"b64_json":"{}"}}]}}"#, base64(&png(1)));
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (first, second) = body.split_at(body.len() / 2);
    script.send((head + first).into_bytes()).unwrap();
    let (received, total) = studio.wait(|event| match changed(event)?.stage {
        Stage::Receiving { received, total } => Some((received, total?)),
        _ => None,
    });
    let percent = received * 100 / total;
    assert!((30..70).contains(&percent), "{received} of {total}");
    script.send(second.as_bytes().to_vec()).unwrap();
    assert_eq!(studio.story().end.state, JobState::Done);
}

/// Cancels a job once it is where it is wanted, and prints how long its end took.
#[expect(clippy::print_stderr, reason = "a measure to read, not to assert")]
fn cancel(studio: &Studio, name: &str, is_there: impl Fn(&JobSnapshot) -> bool) {
    let job: JobId = studio.wait(|event| {
        let now = changed(event)?;
        is_there(now).then_some(now.id)
    });
    let asked = Instant::now();
    studio.send(Command::Cancel(job));
    let end = studio.story().end;
    let took = asked.elapsed();
    assert_eq!((end.id, end.state), (job, JobState::Canceled), "{name}");
    assert!(took < DEADLINE / 12, "{name}: {took:?}");
    eprintln!("canceled {name} after {took:?}");
}

#[test]
fn a_job_ends_at_once_wherever_it_is() {
    let studio = Studio::start();
    let hold = |answer: &'static [u8]| {
        Server::start(move |_: &Request, connection: &mut Connection| {
            connection.send(answer);
            connection.hold();
        })
    };
    let silent = hold(b"");
    studio.submit(request(&silent.base_url()));
    cancel(&studio, "sent", |now| now.stage == Stage::Sent);

    let streaming = hold(HEAD);
    studio.submit(request(&streaming.base_url()));
    cancel(&studio, "in the stream", |now| now.stage == Stage::Accepted);

    let unfinished = hold(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[");
    studio.submit(request(&unfinished.base_url()));
    cancel(&studio, "in a body", |now| now.last_byte_ms.is_some());

    // The connection is taken by the system's queue, and TLS never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf = format!("https://{}/v1", listener.local_addr().unwrap());
    studio.submit(request(&deaf));
    cancel(&studio, "connecting", |now| {
        now.host.is_some() && now.stage == Stage::Connecting
    });

    let busy = serve(|_| refusal("503 Service Unavailable", &["retry-after: 100"], ""));
    let mut again = request(&busy.base_url());
    again.gateway.max_retries = 1;
    studio.submit(again);
    cancel(&studio, "before a retry", |now| now.waiting.is_some());

    let fetched = Server::start(|request: &Request, connection: &mut Connection| {
        if request.head.starts_with("POST") {
            let body = br#"{"data":[{"url":"/fox.png"}]}"#;
            connection.send(&support::answer("200 OK", &[], body));
        } else {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n\x89PNG\r\n\x1a\n";
            connection.send(head);
            connection.hold();
        }
    });
    studio.submit(request(&fetched.base_url()));
    cancel(&studio, "while it fetches", |now| {
        matches!(now.stage, Stage::Receiving { .. })
    });
}
