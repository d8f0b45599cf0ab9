//! The real binary: `atelier gateways`, and `generate` with a key that is kept.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use atelier::demo::{DemoConfig, DemoServer, Pace};
use serde_json::Value;

const KEY: &str = "sk-kept-0123456789";

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_atelier"));
        command
            .env_remove("ATELIER_DATA_DIR")
            .env_remove("ATELIER_API_KEY")
            .env_remove("RUST_LOG")
            // Nobody's own credential store is touched.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .stdin(Stdio::null())
            .arg("--data-dir")
            .arg(self.0.path())
            .args(words);
        command
    }

    fn run(&self, words: &[&str]) -> Run {
        Run::of(&self.program(words).output().unwrap())
    }

    fn with_input(&self, words: &[&str], input: &str) -> Run {
        let mut command = self.program(words);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may have ended before it reads.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        Run::of(&child.wait_with_output().unwrap())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }
}

#[derive(Debug)]
struct Run {
    status: Option<i32>,
    out: String,
    log: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let run = Self {
            status: output.status.code(),
            out: text(&output.stdout),
            log: text(&output.stderr),
        };
        assert!(!format!("{run:?}").contains(KEY), "{run:?}");
        run
    }

    fn ok(self) -> Self {
        assert_eq!(self.status, Some(0), "{self:?}");
        self
    }

    fn lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The only line.
    fn line(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "{self:?}");
        lines.remove(0)
    }
}

fn server() -> DemoServer {
    DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        ..DemoConfig::default()
    })
    .unwrap()
}

fn listed(desk: &Desk, id: &str) -> Option<Value> {
    let lines = desk.run(&["gateways", "list", "--json"]).ok().lines();
    lines.into_iter().find(|line| line["id"] == id)
}

#[test]
fn a_gateway_comes_is_used_and_goes_with_its_key() {
    let (desk, server) = (Desk::new(), server());
    let words = [
        "gateways",
        "add",
        "My Relay",
        "--base-url",
        server.base_url(),
        "--api",
        "images",
        "--key-stdin",
        "--keep",
        "file",
        "--json",
    ];
    let added = desk.with_input(&words, &format!("{KEY}\n")).ok().line();
    assert_eq!(added["event"], "added");
    assert_eq!(added["id"], "my-relay");
    assert_eq!(added["key"], "file");
    assert!(desk.read("keys.toml").contains(KEY));
    for file in ["settings.toml", "key-places.toml"] {
        assert!(!desk.read(file).contains(KEY), "{file}");
    }
    assert_eq!(listed(&desk, "my-relay").unwrap()["api"], "images");

    let tested = desk
        .run(&["gateways", "test", "My Relay", "--json"])
        .ok()
        .line();
    assert_eq!(tested["event"], "tested");
    assert_eq!(tested["key_accepted"], true);
    let models = desk.run(&["gateways", "test", "my-relay"]).ok();
    assert!(models.out.contains("gpt-image-2"), "{models:?}");

    let made = desk
        .run(&[
            "generate",
            "a fox",
            "--gateway",
            "My Relay",
            "--size",
            "1024x640",
            "--json",
        ])
        .ok();
    assert_eq!(
        made.lines().last().unwrap()["event"],
        "completed",
        "{made:?}"
    );

    let removed = desk
        .run(&["gateways", "remove", "my-relay", "--json"])
        .ok()
        .line();
    assert_eq!(removed["key_removed"], true);
    assert_eq!(listed(&desk, "my-relay"), None);
    assert!(!desk.0.path().join("keys.toml").exists());
    let gone = desk.run(&["gateways", "remove", "my-relay"]);
    assert_eq!(gone.status, Some(2), "{gone:?}");
}

#[test]
fn the_commands_of_documents_are_understood() {
    let desk = Desk::new();
    let curl = format!(
        "curl -N https://junfeiai.com/v1/responses -H 'Authorization: Bearer {KEY}' -d '{{\"model\":\"gpt-6\"}}'"
    );
    let words = [
        "gateways", "add", "J", "--paste", "-", "--keep", "file", "--select", "--json",
    ];
    let added = desk.with_input(&words, &curl).ok().line();
    assert_eq!(added["preset"], "junfeiai");
    assert_eq!(added["base_urls"].as_array().unwrap().len(), 2);
    assert_eq!(added["model"], "gpt-6");
    assert_eq!(added["key"], "file");
    assert_eq!(added["selected"], true);
    let shown = desk.run(&["gateways", "show", "j", "--json"]).ok().line();
    assert_eq!(shown["image_model"], "gpt-image-2");
    assert_eq!(shown["key"], "file");

    // In an argument only without a key.
    let link = "https://site/?apiUrl=https://r.example&apiKey=";
    let refused = desk.run(&[
        "gateways",
        "add",
        "K",
        "--paste",
        &format!("{link}sk-other-01"),
    ]);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.log.contains("--paste -") && !refused.log.contains("sk-other-01"));
    let added = desk
        .run(&["gateways", "add", "K", "--paste", link, "--json"])
        .ok()
        .line();
    assert_eq!(added["key"], Value::Null);
}

#[test]
fn wrong_calls_change_nothing() {
    let desk = Desk::new();
    let before = desk.run(&["gateways", "list"]).ok().out;
    for words in [
        &["gateways"][..],
        &["gateways", "add", "x"],
        &["gateways", "add", "x", "--preset", "nobody"],
        &[
            "gateways",
            "add",
            "x",
            "--preset",
            "openai",
            "--base-url",
            "https://h",
        ],
        &["gateways", "add", "x", "--base-url", "ftp://h"],
        &["gateways", "add", "x", "--paste", "hello"],
        &[
            "gateways", "add", "x", "--preset", "openai", "--key", "sk-1",
        ],
        &[
            "gateways",
            "add",
            "x",
            "--preset",
            "openai",
            "--key-env",
            "NOT_SET_7F3A",
        ],
        &["gateways", "add", "x", "--preset", "openai", "--key-stdin"],
        &[
            "gateways", "add", "x", "--preset", "openai", "--keep", "session",
        ],
        &["gateways", "add", "openai", "--preset", "openai"],
        &["gateways", "show", "nobody"],
        &["gateways", "test", "nobody"],
        &["gateways", "export", "out.toml", "nobody"],
        &["generate", "x", "--gateway", "junfeiai"],
    ] {
        let run = desk.run(words);
        assert_eq!(run.status, Some(2), "{words:?}: {run:?}");
        assert!(!run.log.is_empty(), "{words:?}");
    }
    assert_eq!(desk.run(&["gateways", "list"]).ok().out, before);
}

#[test]
fn without_a_gateway_or_a_store_the_reason_is_told() {
    let desk = Desk::new();
    // A port at which nobody listens.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    desk.run(&["gateways", "add", "gone", "--base-url", &url])
        .ok();
    let run = desk.run(&["gateways", "test", "gone", "--json"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert_eq!(run.line()["kind"], "network");
    if cfg!(target_os = "linux") {
        let mut add = desk.program(&[
            "gateways",
            "add",
            "y",
            "--preset",
            "openai",
            "--key-env",
            "MY_KEY",
        ]);
        let run = Run::of(&add.env("MY_KEY", KEY).output().unwrap());
        assert_eq!(run.status, Some(1), "{run:?}");
        assert!(
            run.log.contains("credential store") && run.log.contains("--keep file"),
            "{run:?}"
        );
        assert_eq!(listed(&desk, "y"), None);
    }
}

#[test]
fn gateways_travel_as_a_file() {
    let (desk, other) = (Desk::new(), Desk::new());
    let file = desk.0.path().join("out.toml");
    let file = file.to_str().unwrap();
    desk.run(&["gateways", "export", file, "junfeiai", "openai"])
        .ok();
    assert!(Path::new(file).exists());
    let imported = other
        .run(&["gateways", "import", file, "--json"])
        .ok()
        .line();
    assert_eq!(
        imported["ids"],
        serde_json::json!(["junfeiai-2", "openai-2"])
    );
    assert!(listed(&other, "openai-2").is_some());
    let bad = other.run(&["gateways", "import", "/nonexistent.toml"]);
    assert_eq!(bad.status, Some(1), "{bad:?}");
}
