//! Results that are only an address (protocol.md 4.5). Numbers are those of the quirk list.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use atelier::model::Charge;

use super::{Ask, Bench, Script, Then, answer, pic, png, told};

/// A gateway that answers with an address, and everything it and its host are asked afterwards.
struct Linked {
    told: Vec<String>,
    requests: Vec<String>,
}

/// Asks a gateway that answers `{"data":[{"url":…}]}`; then it plays `files`. `url` is made from its origin.
fn run(bench: &Bench, url: impl Fn(&str) -> String, files: Vec<Vec<u8>>) -> Linked {
    let script = Script::play_at(|base_url| {
        let origin = base_url.strip_suffix("/v1").unwrap();
        let body = format!(r#"{{"created":1,"data":[{{"url":"{}"}}]}}"#, url(origin));
        let first = answer(
            "200 OK",
            &["content-type: application/json"],
            body.as_bytes(),
        );
        std::iter::once(first)
            .chain(files)
            .map(|bytes| (bytes, Then::Close))
            .collect()
    });
    let story = bench
        .studio
        .run(bench.request(Ask::Json, &script.base_url()));
    Linked {
        told: told(&story),
        requests: script.requests(),
    }
}

fn file() -> Vec<u8> {
    answer("200 OK", &["content-type: image/png"], &png(1))
}

#[test]
fn addresses_in_every_form() {
    let bench = Bench::new();
    let check = |name: &str, url: &dyn Fn(&str) -> String, line: &str| {
        let linked = run(&bench, url, vec![file()]);
        assert_eq!(linked.told, ["picture 1"], "{name}");
        let [_, fetched] = &linked.requests[..] else {
            panic!("{name}: {:?}", linked.requests);
        };
        assert!(fetched.starts_with(line), "{name}: {fetched}");
        assert!(
            !fetched.to_ascii_lowercase().contains("authorization"),
            "{name}"
        );
    };
    check(
        "absolute",
        &|origin| format!("{origin}/f/a.png?sig=1"),
        "GET /f/a.png?sig=1 ",
    );
    check(
        "relative",
        &|_| "/images/a.png".to_owned(),
        "GET /images/a.png ",
    );
    let schemeless = |origin: &str| origin.trim_start_matches("http:").to_owned() + "/b.png";
    check("without a scheme", &schemeless, "GET /b.png ");
    check(
        "26: a host that only the gateway sees",
        &|_| "http://127.0.0.1:9/images/a.png?k=2".to_owned(),
        "GET /images/a.png?k=2 ",
    );
    let linked = run(
        &bench,
        |_| format!("data:image/png;base64,{}", pic(1)),
        Vec::new(),
    );
    assert_eq!(linked.told, ["picture 1"]);
    assert_eq!(linked.requests.len(), 1, "nothing to fetch");
}

#[test]
fn events_may_hold_an_address() {
    let bench = Bench::new();
    let script = Script::play_at(|base_url| {
        let url = base_url.replace("/v1", "/a.png");
        let event = format!(
            "data: {{\"type\":\"image_generation.completed\",\"created_at\":1,\"url\":\"{url}\",\"b64_json\":\"\",\"revised_prompt\":\"x\"}}\n\ndata: [DONE]\n\n"
        );
        vec![
            (
                answer(
                    "200 OK",
                    &["content-type: text/event-stream"],
                    event.as_bytes(),
                ),
                Then::Close,
            ),
            (file(), Then::Close),
        ]
    });
    let story = bench
        .studio
        .run(bench.request(Ask::Edit, &script.base_url()));
    assert_eq!(told(&story), ["picture 1"], "5: new-api's, also for edits");
    assert_eq!(
        story.images()[0].recipe.revised_prompt.as_deref(),
        Some("x")
    );
}

#[test]
fn only_pictures_from_the_web_are_taken() {
    let bench = Bench::new();
    for url in ["file:///etc/hostname", "ftp://127.0.0.1/a.png"] {
        let linked = run(&bench, |_| url.to_owned(), vec![file()]);
        assert_eq!(linked.requests.len(), 1, "{url}");
        assert!(linked.told[0].starts_with("failed"), "{:?}", linked.told);
    }
    let page = answer(
        "200 OK",
        &["content-type: image/png"],
        b"<!doctype html><title>login</title>",
    );
    let linked = run(&bench, |origin| format!("{origin}/a.png"), vec![page]);
    assert!(
        linked.told.last().unwrap().starts_with("failed"),
        "{:?}",
        linked.told
    );
    // The name and the label say something else; the bytes decide.
    let labelled = answer("200 OK", &["content-type: text/plain"], &png(1));
    let linked = run(&bench, |origin| format!("{origin}/a.jpg"), vec![labelled]);
    assert_eq!(linked.told, ["picture 1"]);
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let bench = Bench::new();
    let redirect = || answer("302 Found", &["location: /next.png"], b"");
    let linked = run(
        &bench,
        |origin| format!("{origin}/a.png"),
        vec![redirect(), redirect(), file()],
    );
    assert_eq!(linked.told, ["picture 1"]);
    assert_eq!(linked.requests.len(), 4);
    let linked = run(&bench, |origin| format!("{origin}/a.png"), vec![redirect()]);
    assert!(
        linked.told.last().unwrap().starts_with("failed"),
        "{:?}",
        linked.told
    );
    let linked = run(
        &bench,
        |origin| format!("{origin}/a.png"),
        vec![answer(
            "302 Found",
            &["location: file:///etc/hostname"],
            b"",
        )],
    );
    assert!(
        linked.told.last().unwrap().starts_with("failed"),
        "{:?}",
        linked.told
    );
}

#[test]
fn an_address_that_no_longer_works_was_paid_for() {
    let bench = Bench::new();
    for (status, kind) in [
        // Its time is not over, so it is not that.
        ("403 Forbidden", "permission"),
        ("404 Not Found", "expired_url"),
        ("410 Gone", "expired_url"),
    ] {
        let script = Script::play_at(|base_url| {
            let url = base_url.replace("/v1", "/a.png");
            let body = format!(r#"{{"data":[{{"url":"{url}"}}]}}"#);
            vec![
                (
                    answer("200 OK", &["x-request-id: req_7"], body.as_bytes()),
                    Then::Close,
                ),
                (answer(status, &[], b""), Then::Close),
            ]
        });
        let story = bench
            .studio
            .run(bench.request(Ask::Json, &script.base_url()));
        let failure = story.end.failure.unwrap();
        assert_eq!(failure.kind.as_str(), kind, "{status}");
        assert_eq!(failure.charge, Charge::Yes);
        assert_eq!(failure.request_id.as_deref(), Some("req_7"));
        let posts = script
            .requests()
            .iter()
            .filter(|head| head.starts_with("POST"))
            .count();
        assert_eq!(posts, 1, "a new generation is for the user to ask for");
    }
}

/// Looks for a word in everything that is logged.
#[derive(Clone, Debug, Default)]
struct Watch {
    lines: Arc<AtomicUsize>,
    leaks: Arc<Mutex<Vec<String>>>,
}

const SIGNATURE: &str = "s1gnature";

impl Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.fetch_add(1, Ordering::Relaxed);
        let line = String::from_utf8_lossy(bytes);
        if line.contains(SIGNATURE) {
            self.leaks.lock().unwrap().push(line.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn signatures_stay_out_of_logs() {
    let watch = Watch::default();
    let writer = watch.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // Of the whole process, because the engine has threads of its own: the other tests are watched as well.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let bench = Bench::new();
    let url = |origin: &str| format!("{origin}/a.png?sig={SIGNATURE}");
    let location = format!("location: /next.png?sig={SIGNATURE}");
    let redirect = answer("302 Found", &[&location], b"");
    let gone = answer("404 Not Found", &[], b"");
    assert_eq!(run(&bench, url, vec![redirect, file()]).told, ["picture 1"]);
    let linked = run(&bench, url, vec![gone]);
    assert!(
        linked.told[0].starts_with("failed expired_url"),
        "{:?}",
        linked.told
    );
    assert!(
        watch.lines.load(Ordering::Relaxed) > 0,
        "something is logged"
    );
    assert_eq!(*watch.leaks.lock().unwrap(), [""; 0]);
}
