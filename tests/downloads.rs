//! Results that are only an address, over real HTTP: hosts that cut, change, refuse, lie and come back, and programs that
//! end in the middle. Whatever happens, the gateway is asked for one picture once.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]
#![allow(dead_code, reason = "the support module serves other tests as well")]

#[path = "support/engine.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier::engine::{Command, Event, JobSnapshot, Limits, Notice};
use atelier::model::{
    ApiKind, Charge, FailureKind, GenerationRequest, JobId, JobState, SizeTier, TrackLine,
};
use support::{DEADLINE, Script, Story, Studio, Then, answer, png, request};

const CUT: usize = 3_000;
const SECRET: &str = "signature=s3cr3t";

/// A gateway that answers every request with these addresses.
fn gateway(urls: &[String]) -> Script {
    let data: Vec<String> = urls
        .iter()
        .map(|url| format!(r#"{{"url":"{url}"}}"#))
        .collect();
    let body = format!(r#"{{"created":1,"data":[{}]}}"#, data.join(","));
    let headers = ["content-type: application/json", "x-request-id: req_7"];
    Script::play(vec![(
        answer("200 OK", &headers, body.as_bytes()),
        Then::Close,
    )])
}

/// Where a host keeps its picture; the query is a secret.
fn address(host: &Script) -> String {
    host.base_url().replace("/v1", &format!("/a.png?{SECRET}"))
}

fn small(gateway: &Script) -> GenerationRequest {
    let mut request = request(ApiKind::Images, &gateway.base_url(), "a fox");
    request.parameters.size = "64x48".parse().unwrap();
    request.parameters.partials = 0;
    request
}

/// How often the gateway was asked for a picture.
fn generations(gateway: &Script) -> usize {
    let requests = gateway.requests();
    requests.iter().filter(|r| r.starts_with("POST")).count()
}

/// The whole file, or its first bytes and the end of the connection.
fn whole(picture: &[u8], tag: Option<&str>, sent: usize) -> Vec<u8> {
    let length = format!("content-length: {}", picture.len());
    let tag = tag.map(|tag| format!("etag: \"{tag}\""));
    let headers: Vec<&str> = [Some(length.as_str()), tag.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    answer("200 OK", &headers, &picture[..sent])
}

/// The file from a byte on.
fn rest(picture: &[u8], tag: &str, from: usize) -> Vec<u8> {
    let length = format!("content-length: {}", picture.len() - from);
    let range = format!(
        "content-range: bytes {from}-{}/{}",
        picture.len() - 1,
        picture.len()
    );
    let tag = format!("etag: \"{tag}\"");
    answer(
        "206 Partial Content",
        &[&length, &range, &tag],
        &picture[from..],
    )
}

fn close(answers: Vec<Vec<u8>>) -> Script {
    Script::play(answers.into_iter().map(|a| (a, Then::Close)).collect())
}

fn assert_is(story: &Story, picture: &[u8]) {
    assert_eq!(
        story.words(),
        ["image 0", "done"],
        "{:?}",
        story.end.failure
    );
    let hash = blake3_of(picture);
    assert_eq!(story.images()[0].recipe.delivered_hash, hash);
    assert!(story.end.downloads.is_empty());
}

/// BLAKE3 as the library writes it: of a file filed by the same engine elsewhere.
fn blake3_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

fn ended(studio: &Studio, job: JobId) -> JobSnapshot {
    studio.wait(|event| match event {
        Event::JobEnded(snapshot) if snapshot.id == job => Some((**snapshot).clone()),
        _ => None,
    })
}

/// Waits until the beginning of the picture is on the disk, and names its job.
fn receiving(studio: &Studio) -> JobId {
    let mut job = None;
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        if let Some(Event::JobChanged(snapshot)) = studio.handle.next(Duration::from_millis(20)) {
            job = Some(snapshot.id);
        }
        let has_come = |path: &PathBuf| fs::metadata(path).is_ok_and(|m| m.len() == CUT as u64);
        if files_below(&studio.path("journal")).iter().any(has_come) {
            return job.unwrap();
        }
    }
    panic!("the beginning did not come");
}

#[test]
fn a_fetch_that_is_cut_goes_on_or_begins_again() {
    let (old, new) = (png(1), png(2));
    let check = |answers: Vec<Vec<u8>>, expected: &[u8], ranges: &[Option<&str>]| {
        let host = close(answers);
        let gateway = gateway(&[address(&host)]);
        let studio = Studio::start();
        let story = studio.run(small(&gateway));
        assert_is(&story, expected);
        let asked: Vec<Option<String>> = host
            .requests()
            .iter()
            .map(|request| {
                let request = request.to_ascii_lowercase();
                let line = |name: &str| {
                    let found = request.lines().find_map(|line| line.strip_prefix(name));
                    found.map(|value| value.trim().to_owned())
                };
                assert_eq!(line("authorization:"), None);
                Some(format!("{} {}", line("range:")?, line("if-range:")?))
            })
            .collect();
        let asked: Vec<Option<&str>> = asked.iter().map(Option::as_deref).collect();
        assert_eq!(asked, ranges);
        assert_eq!(generations(&gateway), 1);
    };
    let from = format!("bytes={CUT}- \"one\"");
    let from = Some(from.as_str());
    let cut = whole(&old, Some("one"), CUT);
    // The rest of the same file.
    check(
        vec![cut.clone(), rest(&old, "one", CUT)],
        &old,
        &[None, from],
    );
    // A host that knows no ranges.
    check(
        vec![whole(&old, None, CUT), whole(&old, None, old.len())],
        &old,
        &[None, None],
    );
    check(
        vec![cut.clone(), whole(&old, Some("one"), old.len())],
        &old,
        &[None, from],
    );
    // Another file by now: as it should be told, and as a careless host tells it.
    check(
        vec![cut.clone(), whole(&new, Some("two"), new.len())],
        &new,
        &[None, from],
    );
    check(
        vec![
            cut,
            rest(&new, "two", CUT),
            whole(&new, Some("two"), new.len()),
        ],
        &new,
        &[None, from, None],
    );
}

#[test]
fn what_may_pass_is_tried_again() {
    let picture = png(3);
    for status in [
        "403 Forbidden",
        "503 Service Unavailable",
        "429 Too Many Requests",
    ] {
        let host = close(vec![
            answer(status, &[], b""),
            answer(status, &["retry-after-ms: 1"], b""),
            whole(&picture, None, picture.len()),
        ]);
        let gateway = gateway(&[address(&host)]);
        let story = Studio::start().run(small(&gateway));
        assert_is(&story, &picture);
        assert_eq!((host.requests().len(), generations(&gateway)), (3, 1));
    }
}

#[test]
fn what_is_no_picture_is_not_kept_as_one() {
    let check = |body: &[u8], kind: FailureKind| {
        let host = close(vec![answer("200 OK", &["content-type: image/png"], body)]);
        let gateway = gateway(&[address(&host)]);
        let studio = Studio::start();
        let story = studio.run(small(&gateway));
        let failure = story.end.failure.unwrap();
        assert_eq!((failure.kind, failure.charge), (kind, Charge::Yes));
        assert!(files_below(&studio.path("previews")).is_empty());
        assert!(files_below(&studio.path("library")).is_empty());
        assert_eq!(generations(&gateway), 1);
    };
    check(
        b"<html><body>The link has expired</body></html>",
        FailureKind::ExpiredUrl,
    );
    check(
        b"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>",
        FailureKind::ExpiredUrl,
    );
    check(b"{\"error\":\"come back later\"}", FailureKind::Protocol);
}

#[test]
fn redirects_lead_to_other_hosts_and_to_nothing_else() {
    let picture = png(4);
    let other = close(vec![whole(&picture, None, picture.len())]);
    let location = format!("location: {}", address(&other));
    let host = close(vec![answer("302 Found", &[&location], b"")]);
    let story = Studio::start().run(small(&gateway(&[address(&host)])));
    assert_is(&story, &picture);
    let sent = other.requests().concat().to_ascii_lowercase();
    assert!(
        !sent.contains("authorization") && !sent.contains("referer"),
        "{sent}"
    );

    let host = close(vec![answer(
        "302 Found",
        &["location: file:///etc/passwd"],
        b"",
    )]);
    let story = Studio::start().run(small(&gateway(&[address(&host)])));
    let failure = story.end.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Protocol, "{failure:?}");
    assert_eq!(host.requests().len(), 1);

    // Round and round.
    let host = close(vec![answer("302 Found", &["location: /again.png"], b"")]);
    let story = Studio::start().run(small(&gateway(&[address(&host)])));
    assert_eq!(story.end.failure.unwrap().kind, FailureKind::Protocol);
    assert!(host.requests().len() <= 12);
}

#[test]
fn a_host_that_only_the_gateway_sees_is_tried_at_the_gateway() {
    let picture = png(5);
    // Nobody listens there; relays build such addresses from what they are told (quirk 26).
    let body = format!(r#"{{"data":[{{"url":"http://127.0.0.1:1/images/a.png?{SECRET}"}}]}}"#);
    let gateway = close(vec![
        answer(
            "200 OK",
            &["content-type: application/json"],
            body.as_bytes(),
        ),
        whole(&picture, None, picture.len()),
    ]);
    let story = Studio::start().run(small(&gateway));
    assert_is(&story, &picture);
    let [_, fetched] = &gateway.requests()[..] else {
        panic!("{:?}", gateway.requests());
    };
    assert!(fetched.starts_with(&format!("GET /images/a.png?{SECRET}")));
    assert!(!fetched.to_ascii_lowercase().contains("authorization"));
}

#[test]
fn too_much_is_given_up() {
    let picture = png(6);
    let limits = Limits {
        max_download_bytes: 1_000,
        ..Limits::default()
    };
    // With and without a length in its head.
    for host in [
        close(vec![whole(&picture, None, picture.len())]),
        close(vec![answer("200 OK", &[], &picture)]),
    ] {
        let studio = Studio::start_in(tempfile::tempdir().unwrap(), limits);
        let story = studio.run(small(&gateway(&[address(&host)])));
        assert_eq!(story.end.failure.unwrap().kind, FailureKind::TooLarge);
    }
}

#[test]
fn a_dead_address_leaves_a_claim_and_can_be_tried_again_in_a_later_run() {
    let picture = png(7);
    let host = close(vec![
        answer("404 Not Found", &[], b"gone"),
        answer("410 Gone", &[], b"gone"),
        whole(&picture, None, picture.len()),
    ]);
    let gateway = gateway(&[address(&host)]);
    let studio = Studio::start();
    let story = studio.run(small(&gateway));
    let job = story.end.id;
    assert_eq!(story.words(), ["failed expired_url", "failed"]);
    let failure = story.end.failure.clone().unwrap();
    assert_eq!(failure.request_id.as_deref(), Some("req_7"));
    assert_eq!((failure.charge, failure.status), (Charge::Yes, Some(404)));
    let claim = failure.raw.unwrap();
    for part in [
        address(&host).as_str(),
        "req_7",
        "\"created\":1",
        "answered: 20",
        "status 404",
    ] {
        assert!(claim.contains(part), "{part} is not in {claim}");
    }
    assert!(!claim.contains("sk-test"));
    assert!(!failure.message.contains(SECRET));
    let [download] = &story.end.downloads[..] else {
        panic!("{:?}", story.end.downloads);
    };
    assert!(address(&host).contains(&download.host));
    assert_eq!(fs::read_dir(studio.path("journal")).unwrap().count(), 0);

    studio.send(Command::FetchAgain(job));
    let again = ended(&studio, job);
    assert_eq!(again.failure.unwrap().status, Some(410));
    let dir = studio.stop();

    // Also after the program has ended. A dead address is not tried by itself.
    let studio = Studio::start_in(dir, Limits::default());
    let told = studio.wait(|event| match event {
        Event::JobChanged(snapshot) => Some((**snapshot).clone()),
        _ => None,
    });
    assert_eq!((told.state, told.downloads.len()), (JobState::Failed, 1));
    studio.send(Command::FetchAgain(job));
    let done = ended(&studio, job);
    assert_eq!(done.state, JobState::Done, "{:?}", done.failure);
    assert_eq!((done.images.len(), done.downloads.len()), (1, 0));
    assert_eq!(generations(&gateway), 1);
    assert_eq!(files_below(&studio.path("library")).len(), 1);

    studio.send(Command::FetchAgain(job));
    studio.wait(|event| match event {
        Event::Notice(Notice::Failed(failure)) => {
            assert_eq!(failure.kind, FailureKind::NotFound);
            Some(())
        }
        _ => None,
    });
}

#[test]
fn a_program_that_ends_while_it_fetches_goes_on_at_its_next_start() {
    let picture = png(8);
    let host = Script::play(vec![
        (whole(&picture, Some("one"), CUT), Then::Hold),
        (rest(&picture, "one", CUT), Then::Close),
    ]);
    let gateway = gateway(&[address(&host)]);
    let studio = Studio::start();
    studio.submit(small(&gateway));
    let job = receiving(&studio);
    let dir = studio.stop();

    let studio = Studio::start_in(Arc::clone(&dir), Limits::default());
    let running = studio.wait(|event| match event {
        Event::JobChanged(snapshot) => Some((**snapshot).clone()),
        _ => None,
    });
    assert_eq!((running.id, running.state), (job, JobState::Running));
    assert!(running.downloads[0].expires_ms > running.created_ms);
    let done = ended(&studio, job);
    assert_eq!(done.state, JobState::Done, "{:?}", done.failure);
    let requests = host.requests();
    assert_eq!(requests.len(), 2);
    assert!(
        requests[1]
            .to_ascii_lowercase()
            .contains(&format!("range: bytes={CUT}-"))
    );
    drop(studio.stop());

    let studio = Studio::start_in(dir, Limits::default());
    let told = studio.wait(|event| match event {
        Event::JobChanged(snapshot) => Some((**snapshot).clone()),
        _ => None,
    });
    assert_eq!((told.state, told.images.len()), (JobState::Done, 1));
    assert_eq!(files_below(&studio.path("library")).len(), 1);
    assert_eq!(fs::read_dir(studio.path("journal")).unwrap().count(), 0);
    assert_eq!((host.requests().len(), generations(&gateway)), (2, 1));
}

#[test]
fn an_address_that_has_expired_meanwhile_is_tried_once_more_and_claimed() {
    let picture = png(9);
    let host = Script::play(vec![
        (whole(&picture, Some("one"), CUT), Then::Hold),
        (answer("403 Forbidden", &[], b""), Then::Close),
    ]);
    let gateway = gateway(&[address(&host)]);
    let studio = Studio::start();
    let mut request = small(&gateway);
    request.gateway.limits.url_lifetime_secs = 0;
    studio.submit(request);
    let job = receiving(&studio);
    let dir = studio.stop();

    let studio = Studio::start_in(dir, Limits::default());
    let end = ended(&studio, job);
    let failure = end.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::ExpiredUrl, "{failure:?}");
    assert!(failure.raw.unwrap().contains(&address(&host)));
    // What came of the picture stays.
    let kept = files_below(&studio.path("previews"));
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(&kept[0]).unwrap(), &picture[..CUT]);
    assert_eq!((host.requests().len(), generations(&gateway)), (2, 1));
}

#[test]
fn a_job_that_gave_up_too_early_goes_on_by_itself_where_it_was_cut() {
    let picture = png(10);
    let host = Script::play(vec![
        (whole(&picture, Some("one"), CUT), Then::Hold),
        (answer("503 Service Unavailable", &[], b""), Then::Close),
        (rest(&picture, "one", CUT), Then::Close),
    ]);
    let gateway = gateway(&[address(&host)]);
    let limits = Limits {
        fetch_patience: Some(Duration::from_millis(200)),
        ..Limits::default()
    };
    let studio = Studio::start_in(tempfile::tempdir().unwrap(), limits);
    let story = studio.run(small(&gateway));
    let failure = story.end.failure.clone().unwrap();
    assert_eq!(failure.kind, FailureKind::Server, "{failure:?}");
    let dir = studio.stop();

    let studio = Studio::start_in(dir, Limits::default());
    let done = ended(&studio, story.end.id);
    assert_eq!(done.state, JobState::Done, "{:?}", done.failure);
    let again = host.requests()[2].to_ascii_lowercase();
    assert!(again.contains(&format!("range: bytes={CUT}-")), "{again}");
    assert!(files_below(&studio.path("previews")).is_empty());
    assert_eq!(generations(&gateway), 1);
}

#[test]
fn a_job_that_waits_for_its_host_keeps_nobody_from_the_gateway() {
    let picture = png(11);
    let dead = close(vec![answer("503 Service Unavailable", &[], b"")]);
    let good = close(vec![whole(&picture, None, picture.len())]);
    let json = ["content-type: application/json"];
    let body = |host: &Script| format!(r#"{{"data":[{{"url":"{}"}}]}}"#, address(host));
    let first = answer("200 OK", &json, body(&dead).as_bytes());
    let second = answer("200 OK", &json, body(&good).as_bytes());
    let gateway = close(vec![first, second]);
    let studio = Studio::start();
    let mut request = small(&gateway);
    request.gateway.max_parallel = 1;
    studio.submit(request.clone());
    let waiting = studio.wait(|event| match event {
        Event::JobChanged(snapshot) if snapshot.downloads.first().is_some_and(|d| d.tries > 1) => {
            Some(snapshot.id)
        }
        _ => None,
    });
    let story = studio.run(request);
    assert_eq!(story.end.state, JobState::Done, "{:?}", story.end.failure);
    assert_ne!(story.end.id, waiting);
    studio.send(Command::Cancel(waiting));
    assert_eq!(ended(&studio, waiting).state, JobState::Canceled);
}

#[test]
fn pictures_are_counted_and_copied_and_nothing_is_overwritten() {
    let picture = png(12);
    let host = close(vec![whole(&picture, None, picture.len())]);
    let gateway = gateway(&[address(&host)]);
    let studio = Studio::start();
    let mut request = small(&gateway);
    request.parameters.size = "3840x2160".parse().unwrap();
    let id = request.gateway.id.clone();
    let story = studio.run(request);
    let from = story.images()[0].path.clone();
    studio.send(Command::LoadTrack(id.clone()));
    let lines = studio.wait(|event| match event {
        Event::Track { gateway, lines } => Some((gateway.clone(), lines.clone())),
        _ => None,
    });
    let expected = TrackLine {
        model: story.end.request.gateway.image_model.clone(),
        asked: Some(SizeTier::FourK),
        tries: 1,
        smaller: 1,
        best_tier_got: Some(SizeTier::OneK),
        ..TrackLine::default()
    };
    assert_eq!(lines, (id, vec![expected]));

    let to = studio.path("elsewhere/fox.png");
    let copied = |chosen: PathBuf| {
        studio.send(Command::CopyFile {
            from: from.clone(),
            to: Box::pin(std::future::ready(vec![chosen])),
        });
        studio.wait(|event| match event {
            Event::Notice(Notice::Copied { to }) => Some(Ok(to.clone())),
            Event::Notice(Notice::Failed(failure)) => Some(Err(failure.clone())),
            _ => None,
        })
    };
    assert_eq!(copied(to.clone()).unwrap(), to);
    assert_eq!(copied(to.clone()).unwrap(), to.with_file_name("fox-2.png"));
    assert_eq!(fs::read(&to).unwrap(), fs::read(&from).unwrap());
    // A file stands where the folder should be.
    let failure = copied(to.join("fox.png")).unwrap_err();
    assert_eq!(failure.reason, Some(atelier::model::Reason::Disk));
}

#[test]
fn a_library_that_is_unplugged_is_a_clear_failure_and_nothing_is_lost() {
    let picture = png(13);
    let host = close(vec![whole(&picture, None, picture.len())]);
    let gateway = gateway(&[address(&host)]);
    let studio = Studio::start();
    assert_eq!(studio.run(small(&gateway)).end.state, JobState::Done);
    let (library, away) = (studio.path("library"), studio.path("unplugged"));
    fs::rename(&library, &away).unwrap();
    let story = studio.run(small(&gateway));
    let failure = story.end.failure.unwrap();
    assert_eq!(failure.reason, Some(atelier::model::Reason::Disk));
    assert!(failure.message.contains("is not there"), "{failure:?}");
    assert!(!library.exists());
    let dir = studio.stop();

    fs::rename(&away, &library).unwrap();
    let studio = Studio::start_in(dir, Limits::default());
    studio.wait(|event| {
        matches!(event, Event::Notice(Notice::Recovered { images: 1 })).then_some(())
    });
    assert_eq!(files_below(&library).len(), 2);
    assert_eq!(generations(&gateway), 2);
}
