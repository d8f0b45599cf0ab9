//! What follows a failure: sent again or not, what it may have cost, and by which id to ask about it (protocol.md 8.4 to
//! 8.6). Numbers are those of the quirk list.

use atelier::engine::{Command, Event};
use atelier::model::{Charge, Stage};

use super::failures::{error, run};
use super::{Ask, Bench, Script, Then, answer, pic};

/// Headers that may carry an id, the best first.
const HEADERS: [&str; 7] = [
    "x-request-id",
    "request-id",
    "openai-request-id",
    "x-oneapi-request-id",
    "x-upstream-request-id",
    "x-api-request-id",
    "cf-ray",
];

#[test]
fn hints_about_repeating() {
    let bench = Bench::new();
    let check = |status: &str, headers: &[&str], code: &str, expected_requests: usize| {
        let mut all = vec!["content-type: application/json"];
        all.extend(headers);
        let bytes = answer(status, &all, error("words", code).as_bytes());
        let (_, requests) = run(&bench, vec![bytes]);
        assert_eq!(requests, expected_requests, "{status} {headers:?} {code}");
    };
    check("429 x", &["retry-after-ms: 5", "retry-after: 900"], "", 2);
    check("429 x", &["retry-after: 0.01"], "", 2);
    check(
        "429 x",
        &["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"],
        "",
        2,
    );
    check(
        "429 x",
        &["retry-after: Sun, 06 Nov 2095 08:49:37 GMT"],
        "",
        1,
    );
    check("429 x", &["retry-after: 120.5"], "", 1);
    check(
        "429 x",
        &["retry-after: 121", "x-should-retry: true"],
        "",
        1,
    );
    check("429 x", &["retry-after: soon"], "", 2);
    check("500 x", &["x-should-retry: false"], "", 1);
    check(
        "400 x",
        &["x-should-retry: true", "retry-after-ms: 1"],
        "",
        2,
    );
    check(
        "429 x",
        &["x-should-retry: true", "retry-after-ms: 1"],
        "insufficient_quota",
        1,
    );
    check(
        "400 x",
        &["x-should-retry: true", "retry-after-ms: 1"],
        "moderation_blocked",
        1,
    );
    check(
        "524 x",
        &["x-should-retry: true", "retry-after-ms: 1"],
        "",
        1,
    );
    check("504 x", &["retry-after-ms: 1"], "", 1);
    check("403 x", &["retry-after-ms: 1"], "", 1);
}

#[test]
fn a_long_answer_is_not_sent_again() {
    let bench = Bench::new();
    let body = "x".repeat(100 << 10);
    let (story, requests) = run(
        &bench,
        vec![answer("500 x", &["retry-after-ms: 1"], body.as_bytes())],
    );
    assert_eq!(requests, 1, "somebody may have worked for it");
    assert_eq!(story.end.failure.unwrap().raw.unwrap().len(), 64 << 10);
}

#[test]
fn nothing_but_the_request_itself_is_sent_again() {
    let bench = Bench::new();
    let script = Script::play(vec![(
        answer("500 x", &["retry-after-ms: 1"], b""),
        Then::Close,
    )]);
    let mut request = bench.request(Ask::Responses, &script.base_url());
    request.gateway.max_retries = 2;
    bench.studio.run(request);
    let (heads, bodies) = (script.requests(), script.bodies());
    assert_eq!(heads.len(), 3);
    assert!(
        heads.iter().all(|head| *head == heads[0]) && bodies.iter().all(|body| *body == bodies[0])
    );
    assert!(!heads[0].to_ascii_lowercase().contains("idempotency"));
}

#[test]
fn ids_of_requests() {
    let bench = Bench::new();
    let picture = format!(r#"{{"data":[{{"b64_json":"{}"}}]}}"#, pic(1));
    for first in 0..HEADERS.len() {
        // Backwards, so that it is not the order of the lines that counts.
        let headers: Vec<String> = HEADERS
            .iter()
            .enumerate()
            .skip(first)
            .rev()
            .map(|(n, name)| format!("{name}: id-{n}"))
            .collect();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let expected = format!("id-{first}");
        let story = bench.run(Ask::Json, answer("200 OK", &headers, picture.as_bytes()));
        assert_eq!(
            story.images()[0].recipe.request_id.as_deref(),
            Some(expected.as_str())
        );
        let story = bench.run(Ask::Json, answer("401 x", &headers, b""));
        assert_eq!(
            story.end.failure.unwrap().request_id.as_deref(),
            Some(expected.as_str())
        );
        assert_eq!(story.end.request_ids, [expected]);
    }
    for body in [
        r#"{"error":{"message":"no"},"request_id":"id-b"}"#,
        r#"{"error":{"message":"no","request_id":"id-b"}}"#,
        r#"{"error":{"message":"no (request id: id-b)"}}"#,
    ] {
        let failure = bench
            .run(Ask::Json, answer("401 x", &[], body.as_bytes()))
            .end
            .failure
            .unwrap();
        assert_eq!(failure.request_id.as_deref(), Some("id-b"), "{body}");
    }
    let response = format!(
        "data: {{\"type\":\"response.created\",\"response\":{{\"id\":\"resp_5\"}}}}\n\n\
         data: {{\"type\":\"response.output_item.done\",\"item\":{{\"type\":\"image_generation_call\",\"result\":\"{}\"}}}}\n\n",
        pic(1)
    );
    let story = bench.run(Ask::Responses, answer("200 OK", &[], response.as_bytes()));
    assert_eq!(
        story.images()[0].recipe.request_id.as_deref(),
        Some("resp_5")
    );
}

#[test]
fn who_leaves_may_have_paid() {
    let bench = Bench::new();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n";
    let script = Script::play(vec![(head.into(), Then::Hold)]);
    bench
        .studio
        .submit(bench.request(Ask::Responses, &script.base_url()));
    let job = bench.studio.wait(|event| match event {
        Event::JobChanged(snapshot) if snapshot.stage == Stage::Accepted => Some(snapshot.id),
        _ => None,
    });
    bench.studio.send(Command::Cancel(job));
    let failure = bench.studio.story().end.failure.unwrap();
    assert_eq!(
        (failure.kind.as_str(), failure.charge),
        ("canceled", Charge::Unknown),
        "40"
    );
}
