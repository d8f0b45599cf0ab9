//! The real binary against the demo gateway over real HTTP: `generate --json` is a stable contract.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use atelier::demo::{DemoConfig, DemoServer, Pace};
use atelier::desktop::{DataDirs, save_settings};
use atelier::model::{ImageFormat, Preset, Settings, SizePolicy};
use serde_json::Value;

fn server() -> DemoServer {
    let config = DemoConfig {
        pace: Pace::Instant,
        keep_alive: Duration::from_millis(200),
        ..DemoConfig::default()
    };
    DemoServer::start(config).unwrap()
}

/// A run of `atelier generate --json` in a folder of its own.
struct Run {
    folder: tempfile::TempDir,
    status: Option<i32>,
    events: Vec<Value>,
    log: String,
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier"));
    command
        .env_remove("ATELIER_DATA_DIR")
        .env_remove("RUST_LOG")
        .env("ATELIER_API_KEY", "test-key-7f3a")
        .stdin(Stdio::null())
        .arg("--data-dir")
        .arg(folder.join("state"));
    command
}

fn run(words: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path())
        .arg("generate")
        .args(words)
        .arg("--json")
        .output()
        .unwrap();
    finish(folder, &output)
}

fn finish(folder: tempfile::TempDir, output: &Output) -> Run {
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!log.contains("panicked"), "{log}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        !text.contains("test-key-7f3a") && !log.contains("test-key-7f3a"),
        "the key was printed"
    );
    let events = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    Run {
        folder,
        status: output.status.code(),
        events,
        log,
    }
}

impl Run {
    fn of(&self, event: &str) -> Vec<&Value> {
        self.events.iter().filter(|e| e["event"] == event).collect()
    }

    fn kinds(&self) -> Vec<&str> {
        self.of("failed")
            .into_iter()
            .map(|e| e["kind"].as_str().unwrap())
            .collect()
    }

    /// What holds of every run, whatever the gateway did.
    fn check_contract(&self, name: &str) {
        let shown = || format!("{name}: {:#?}\n{}", self.events, self.log);
        assert_eq!(self.of("started").len(), 1, "{}", shown());
        assert_eq!(self.events[0]["event"], "started", "{}", shown());
        let job = &self.events[0]["job"];
        assert!(
            job.is_string() && self.events.iter().all(|e| e["job"] == *job),
            "{}",
            shown()
        );
        for event in self.of("partial").into_iter().chain(self.of("image")) {
            let path = PathBuf::from(event["path"].as_str().unwrap());
            assert!(path.is_absolute(), "{}", shown());
            let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{e} {}", shown()));
            let format = ImageFormat::sniff(&bytes).unwrap();
            assert_eq!(path.extension().unwrap(), format.extension(), "{}", shown());
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!(event["width"], picture.width(), "{}", shown());
            assert_eq!(event["height"], picture.height(), "{}", shown());
        }
        for event in self.of("image") {
            let path = event["path"].as_str().unwrap();
            assert_eq!(
                event["bytes"],
                std::fs::metadata(path).unwrap().len(),
                "{}",
                shown()
            );
        }
        let ended = self.of("completed").len();
        match self.status {
            Some(0) => assert!(ended == 1 && self.kinds().is_empty(), "{}", shown()),
            Some(_) => assert!(ended == 0 && !self.kinds().is_empty(), "{}", shown()),
            None => panic!("ended by a signal: {}", shown()),
        }
        let last = self.events.last().unwrap()["event"].as_str().unwrap();
        assert!(
            matches!(last, "completed" | "failed" | "warning"),
            "{}",
            shown()
        );
        let journal = self.folder.path().join("state/journal");
        let left = std::fs::read_dir(journal).map_or(0, Iterator::count);
        assert_eq!(
            left,
            0,
            "a job that has ended leaves no journal: {}",
            shown()
        );
    }
}

/// Runs `fault` on both APIs; `expected` is the kind, or `""` where all is well in the end.
fn check_fault(server: &DemoServer, fault: &str, expected: &str) {
    for api in ["responses", "images"] {
        let prompt = format!("a red fox [fault:{fault}]");
        let name = format!("{fault} on {api}");
        // A busy machine may take seconds for a picture; only silence is waited out.
        let idle = if fault.starts_with("silence") {
            "1"
        } else {
            "60"
        };
        let run = run(&[
            &prompt,
            "--base-url",
            server.base_url(),
            "--api",
            api,
            "--partials",
            "1",
            "--size",
            "1024x640",
            "--idle-timeout",
            idle,
            "--max-retries",
            "1",
        ]);
        run.check_contract(&name);
        let kinds = run.kinds();
        if expected.is_empty() {
            assert!(kinds.is_empty(), "{name}: {:#?}\n{}", run.events, run.log);
            assert_eq!(run.of("image").len(), 1, "{name}: {:#?}", run.events);
        } else {
            assert_eq!(kinds, [expected], "{name}: {:#?}\n{}", run.events, run.log);
            assert_eq!(run.status, Some(1), "{name}");
        }
    }
}

#[test]
fn refused_requests_say_why() {
    let server = server();
    for (fault, kind) in [
        ("401", "auth"),
        ("403", "permission"),
        ("balance", "quota"),
        ("quota", "quota"),
        ("404", "not_found"),
        ("429", "rate_limit"),
        ("500", "server"),
        ("502", "server"),
        ("503", "server"),
        ("524", "timeout"),
        ("moderation-input", "moderation"),
        ("html", "not_found"),
    ] {
        check_fault(&server, fault, kind);
    }
}

#[test]
fn answers_without_a_picture_say_why() {
    let server = server();
    for (fault, kind) in [
        ("silence", "timeout"),
        ("silence-in-stream", "timeout"),
        ("cut", "network"),
        ("cut-in-partial", "network"),
        ("text", "invalid_request"),
        ("refusal", "moderation"),
        ("moderation-output", "moderation"),
        ("stream-error", "server"),
        ("failed", "server"),
        ("incomplete", "server"),
        ("content-filter", "moderation"),
        ("no-final", "protocol"),
        ("expired-url", "expired_url"),
        ("corrupt", "protocol"),
        ("truncated-picture", "protocol"),
        ("huge", "too_large"),
    ] {
        check_fault(&server, fault, kind);
    }
}

#[test]
fn odd_answers_with_a_picture_are_understood() {
    let server = server();
    for fault in [
        "429-then-ok",
        "500-then-ok",
        "error-after",
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
        check_fault(&server, fault, "");
    }
}

#[test]
fn what_is_not_as_asked_is_said() {
    let server = server();
    let check = |fault: &str, expected: &[&str]| {
        let prompt = format!("a lake [fault:{fault}]");
        let run = run(&[
            &prompt,
            "--base-url",
            server.base_url(),
            "--size",
            "2048x1152",
        ]);
        run.check_contract(fault);
        let mismatch = &run.of("image")[0]["mismatch"];
        assert_eq!(
            *mismatch,
            Value::from(expected.to_vec()),
            "{fault}: {:#?}",
            run.events
        );
    };
    check("smaller", &["size"]);
    check("wrong-format", &["format"]);
    check("generating", &[]);
}

#[test]
fn retries_are_told_counted_and_limited() {
    let server = server();
    let run = run(&[
        "x [fault:429]",
        "--base-url",
        server.base_url(),
        "--max-retries",
        "2",
    ]);
    run.check_contract("429");
    let attempts: Vec<_> = run
        .of("retry")
        .iter()
        .map(|e| e["attempt"].as_u64().unwrap())
        .collect();
    assert_eq!(attempts, [2, 3]);
    assert_eq!(server.requests(), 3);
    let failed = run.of("failed")[0];
    assert_eq!(
        (failed["status"].as_u64(), failed["retryable"].as_bool()),
        (Some(429), Some(true))
    );
    assert!(failed["request_id"].is_string());
}

#[test]
fn several_pictures_come_from_one_job() {
    let server = server();
    for api in ["responses", "images"] {
        let run = run(&[
            "three foxes",
            "--base-url",
            server.base_url(),
            "--api",
            api,
            "--n",
            "3",
            "--size",
            "1024x640",
        ]);
        run.check_contract(api);
        let mut indexes: Vec<_> = run
            .of("image")
            .iter()
            .map(|e| e["index"].as_u64().unwrap())
            .collect();
        indexes.sort_unstable();
        assert_eq!(indexes, [0, 1, 2], "{:#?}", run.events);
        assert_eq!(run.of("completed")[0]["images"], 3);
    }
    let run = run(&[
        "foxes [fault:fewer]",
        "--base-url",
        server.base_url(),
        "--api",
        "images",
        "--n",
        "3",
        "--size",
        "1024x640",
    ]);
    run.check_contract("fewer");
    assert_eq!(run.of("image").len(), 2, "{:#?}", run.events);
    assert_eq!(run.status, Some(1));
}

#[test]
fn references_and_a_mask_are_sent() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let reference = folder.path().join("参考 图.png");
    let mask = folder.path().join("mask.png");
    image::RgbaImage::from_fn(1024, 640, |x, _| image::Rgba([shade(x), 40, 90, 255]))
        .save(&reference)
        .unwrap();
    image::RgbaImage::from_fn(1024, 640, |x, _| {
        image::Rgba([0, 0, 0, if x < 512 { 255 } else { 0 }])
    })
    .save(&mask)
    .unwrap();
    let (reference, mask) = (reference.to_str().unwrap(), mask.to_str().unwrap());
    for api in ["responses", "images"] {
        let run = run(&[
            "把右边换成夜空",
            "--base-url",
            server.base_url(),
            "--api",
            api,
            "--size",
            "1024x640",
            "--ref",
            reference,
            "--mask",
            mask,
        ]);
        run.check_contract(api);
        let got = image::open(run.of("image")[0]["path"].as_str().unwrap())
            .unwrap()
            .to_rgba8();
        let outside = (0..400).all(|x| got.get_pixel(x, 300).0 == [shade(x), 40, 90, 255]);
        assert!(
            outside,
            "{api}: the demo gateway keeps what the mask protects"
        );
    }
}

#[test]
fn a_protected_picture_is_no_result_and_has_its_place_and_its_copy() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let (reference, mask) = (
        folder.path().join("room.png"),
        folder.path().join("mask.png"),
    );
    image::RgbaImage::from_fn(1024, 640, |x, _| image::Rgba([shade(x), 40, 90, 255]))
        .save(&reference)
        .unwrap();
    image::RgbaImage::from_fn(1024, 640, |x, _| {
        image::Rgba([0, 0, 0, if x < 512 { 255 } else { 0 }])
    })
    .save(&mask)
    .unwrap();
    let edit = |prompt: &str, out: &Path| {
        run(&[
            prompt,
            "--base-url",
            server.base_url(),
            "--size",
            "1024x640",
            "--ref",
            reference.to_str().unwrap(),
            "--mask",
            mask.to_str().unwrap(),
            "--protect-outside",
            "--out",
            out.to_str().unwrap(),
        ])
    };
    let read = |path: &Value| std::fs::read(path.as_str().unwrap()).unwrap();
    let copies = |out: &Path| -> Vec<Vec<u8>> {
        let listing = std::fs::read_dir(out).unwrap();
        listing
            .map(|item| std::fs::read(item.unwrap().path()).unwrap())
            .collect()
    };

    let out = folder.path().join("out");
    let done = edit("[fault:ignore-mask] a red lantern", &out);
    assert_eq!(done.status, Some(0), "{}", done.log);
    let [raw, protected] = done.of("image")[..] else {
        panic!("{:?}", done.events);
    };
    assert_eq!((&raw["index"], &protected["index"]), (&0.into(), &0.into()));
    assert_eq!(protected["protected_from"], raw["id"]);
    assert!(raw["protected_from"].is_null() && raw["copy"].is_null());
    assert!(protected["drift"]["changed_share"].as_f64().unwrap() > 0.5);
    assert_eq!(done.of("completed")[0]["images"], 1);
    assert_eq!(copies(&out), [read(&protected["path"])]);

    // Where nothing can be put back that is said, and the result itself is what there is.
    let out = folder.path().join("smaller");
    let done = edit("[fault:smaller] a red lantern", &out);
    assert_eq!(done.status, Some(0), "{}", done.log);
    assert!(
        done.log.contains("warning: the original was not put back"),
        "{}",
        done.log
    );
    let [raw] = done.of("image")[..] else {
        panic!("{:?}", done.events);
    };
    assert_eq!(done.of("completed")[0]["images"], 1);
    assert_eq!(copies(&out), [read(&raw["path"])]);
}

#[test]
fn copies_go_to_the_folder_that_is_named_and_overwrite_nothing() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/folder");
    for round in 1..=2 {
        let run = run(&[
            "a tea house",
            "--base-url",
            server.base_url(),
            "--out",
            out.to_str().unwrap(),
        ]);
        run.check_contract("--out");
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), round);
    }
}

#[test]
fn wrong_calls_end_with_2_and_say_what_is_wrong() {
    let server = server();
    let url = server.base_url();
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.png");
    std::fs::write(&text, "not a picture").unwrap();
    let text = text.to_str().unwrap();
    let check = |words: &[&str], said: &str| {
        let run = run(words);
        assert_eq!(run.status, Some(2), "{words:?}: {}", run.log);
        assert!(run.events.is_empty(), "{words:?}");
        assert!(run.log.contains(said), "{words:?}: {}", run.log);
    };
    check(
        &["x", "--base-url", url, "--ref", "/nowhere/fox.png"],
        "/nowhere/fox.png",
    );
    check(&["x", "--base-url", url, "--ref", text], "text.png");
    check(&["x", "--base-url", url, "--mask", text], "--ref");
    check(
        &["x", "--base-url", url, "--key-env", "ATELIER_NO_SUCH_KEY"],
        "ATELIER_NO_SUCH_KEY",
    );
    check(&["x", "--base-url", "ftp://host"], "ftp://host");
    check(&["  ", "--base-url", url], "empty");
    check(&["x", "--gateway", "nobody"], "nobody");
    check(
        &["x", "--gateway", "demo", "--size", "1919x1079"],
        "1920x1072",
    );
    assert_eq!(server.requests(), 0, "nothing was sent");
}

#[test]
fn a_size_that_nobody_published_is_sent_with_a_word_in_the_log() {
    let server = server();
    let check = |policy: SizePolicy, size: &str, status: i32, said: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        let dirs = DataDirs::locate(Some(&folder.path().join("state"))).unwrap();
        dirs.create().unwrap();
        let mut gateway = Preset::Openai.profile();
        gateway.base_urls = vec![server.base_url().to_owned()];
        gateway.limits.sizes = policy;
        let settings = Settings {
            gateways: vec![gateway],
            ..Settings::default()
        };
        save_settings(&dirs.settings, &settings).unwrap();
        let output = program(folder.path())
            .args(["generate", "a fox", "--gateway", "openai", "--json"])
            .args(["--size", size])
            .output()
            .unwrap();
        let run = finish(folder, &output);
        assert_eq!(run.status, Some(status), "{policy:?}: {}", run.log);
        match said {
            Some(said) => assert!(run.log.contains(said), "{policy:?}: {}", run.log),
            None => assert!(!run.log.contains("published"), "{}", run.log),
        }
        if status == 2 {
            assert!(run.events.is_empty(), "{:?}", run.events);
        } else {
            run.check_contract("size");
            assert!(run.of("warning").is_empty(), "{:?}", run.events);
        }
    };
    // The demo gateway itself keeps the rule, so that what was sent is refused.
    let nearest = "warning: --size 1920x1080 is outside the published sizes of gpt-image-2";
    check(SizePolicy::Warn, "1920x1080", 1, Some(nearest));
    check(SizePolicy::Warn, "1920x1080", 1, Some("1920x1088"));
    check(SizePolicy::Warn, "1024x640", 0, None);
    check(SizePolicy::Off, "1920x1080", 1, None);
    check(SizePolicy::Strict, "1920x1080", 2, Some("1920x1088"));
}

#[test]
fn the_demo_gateway_is_the_default_and_needs_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path())
        .env_remove("ATELIER_API_KEY")
        .args(["generate", "雪地里的红狐", "--size", "1024x640", "--json"])
        .output()
        .unwrap();
    let run = finish(folder, &output);
    run.check_contract("demo");
    let path = PathBuf::from(run.of("image")[0]["path"].as_str().unwrap());
    assert!(path.starts_with(run.folder.path()), "{}", path.display());
    assert!(
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .contains("雪地里的红狐")
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_came() {
    use std::io::{BufRead as _, BufReader};

    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let mut child = program(folder.path())
        .args([
            "generate",
            "a fox [fault:silence-in-stream]",
            "--base-url",
            server.base_url(),
            "--json",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let started = lines.next().unwrap().unwrap();
    assert!(started.contains("\"started\""), "{started}");
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    let last: Value = serde_json::from_str(rest.last().unwrap()).unwrap();
    assert_eq!(
        (last["event"].as_str(), last["kind"].as_str()),
        (Some("failed"), Some("canceled"))
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// A grey that tells columns apart.
fn shade(x: u32) -> u8 {
    u8::try_from(x % 256).unwrap()
}
