//! Nothing secret anywhere (product.md P8): a key goes through everything the program does, against gateways that send
//! it back in every way, and is then looked for in every file, event, log, export and panic message.

#![allow(
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and tells one long story"
)]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "support/engine.rs"]
mod support;

use std::fs;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use atelier::demo::{DemoConfig, DemoServer, Pace};
use atelier::engine::{Command, Event, Submission};
use atelier::model::{
    ApiKey, ApiKind, ExtraFields, GatewayId, KeyPlace, Preset, Settings, read_pasted,
};
use support::{Script, Studio, Then, answer, base64, png, request, save};

/// With characters that every encoding spells in another way.
const KEY: &str = "sk-Zq8/secret+0123456789=key";

/// The spellings of the key that must be nowhere.
fn spellings() -> Vec<(&'static str, Vec<u8>)> {
    let percent = KEY
        .replace('/', "%2F")
        .replace('+', "%2B")
        .replace('=', "%3D");
    // Three characters of base64 at either end depend on what is beside the key.
    let base64_at = |front: &str| {
        let encoded = base64(format!("{front}{KEY}").as_bytes());
        encoded[8..32].to_owned()
    };
    vec![
        ("plain", KEY.into()),
        ("its heart", KEY[6..20].into()),
        ("percent", percent.clone().into()),
        (
            "percent, lower",
            percent.to_lowercase().replace("zq8", "Zq8").into(),
        ),
        ("JSON", KEY.replace('/', "\\/").into()),
        ("base64", base64_at("").into()),
        ("base64 of the header", base64_at("Bearer ").into()),
    ]
}

fn assert_clean(what: &str, bytes: &[u8]) {
    for (spelling, needle) in spellings() {
        let found = memchr::memmem::find(bytes, &needle);
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(200)..(at + 200).min(bytes.len())];
            panic!(
                "{what} holds the key ({spelling}): {}",
                String::from_utf8_lossy(around)
            );
        }
    }
}

fn assert_clean_folder(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += assert_clean_folder(&path);
        } else {
            files += 1;
            assert_clean(&path.display().to_string(), &fs::read(&path).unwrap());
        }
    }
    files
}

/// Answers of gateways that send the key back.
fn echoes() -> Vec<Vec<u8>> {
    let json = |status: &str, body: String| {
        let header = format!("x-request-id: req {KEY}");
        answer(
            status,
            &["content-type: application/json", &header],
            body.as_bytes(),
        )
    };
    let percent = KEY
        .replace('/', "%2F")
        .replace('+', "%2B")
        .replace('=', "%3D");
    let escaped = KEY.replace('/', "\\/").replace('+', "\\u002b");
    let encoded = base64(format!("Bearer {KEY}").as_bytes());
    let picture = base64(&png(1));
    vec![
        json("401 Unauthorized", format!(r#"{{"error":{{"message":"wrong: {KEY}","code":"{KEY}"}},"request_id":"{KEY}"}}"#)),
        json("400 Bad Request", format!(r#"{{"error":{{"message":"{escaped}","param":"{percent}"}},"sent":"{encoded}"}}"#)),
        json("403 Forbidden", format!(r#"{{"detail":"token={percent}"}}"#)),
        answer("502 Bad Gateway", &["content-type: text/html"], format!("<html>{KEY}<p>{percent}</html>").as_bytes()),
        answer("500 Oops", &[], format!("{}{KEY}", "x".repeat(65_500)).as_bytes()),
        json("200 OK", format!(r#"{{"error":{{"message":"{KEY}"}}}}"#)),
        json("200 OK", format!(r#"{{"id":"{KEY}","created":1,"data":[{{"b64_json":"{picture}","revised_prompt":"fox {KEY}"}}]}}"#)),
        answer(
            "200 OK",
            &["content-type: text/event-stream"],
            format!(
                "data: {{\"type\":\"response.created\",\"response\":{{\"id\":\"{KEY}\"}}}}\n\n\
                 data: {{\"type\":\"response.output_text.delta\",\"delta\":\"your key is {KEY}\"}}\n\n\
                 data: {{\"type\":\"response.failed\",\"response\":{{\"error\":{{\"message\":\"{KEY}\"}}}}}}\n\n"
            )
            .as_bytes(),
        ),
    ]
}

/// A log of everything that anything in this process says.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_engine_that_is_told_everything_keeps_the_key_to_itself() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let server = DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        ..DemoConfig::default()
    })
    .unwrap();
    let studio = Studio::start();
    let mut told = String::new();
    let mut run = |base_url: &str, api: ApiKind, prompt: &str| {
        let mut request = request(api, base_url, prompt);
        request.parameters.partials = 1;
        let submission = Submission {
            request,
            key: ApiKey::new(KEY),
            copy_to: None,
        };
        told.push_str(&format!("{submission:?}"));
        studio.send(Command::Generate(Box::new(submission)));
        let cancel = prompt.contains("silence");
        let mut is_over = false;
        while !is_over {
            studio.wait(|event| {
                told.push_str(&format!("{event:?}\n"));
                is_over = matches!(event, Event::JobEnded(_));
                Some(())
            });
            if cancel {
                studio.send(Command::CancelAll);
            }
        }
    };
    for api in [ApiKind::Responses, ApiKind::Images] {
        for prompt in [
            "a fox",
            "[fault:url] a fox",
            "[fault:silence-in-stream] a fox",
            "[fault:401] a fox",
        ] {
            run(server.base_url(), api, prompt);
        }
        for echo in echoes() {
            let script = Script::play(vec![(echo, Then::Close)]);
            run(&script.base_url(), api, "a fox");
            assert!(
                script.requests()[0].contains(KEY),
                "the gateway got the key"
            );
        }
    }
    for echo in echoes() {
        let script = Script::play(vec![(echo, Then::Close)]);
        let mut profile = Preset::Custom.profile();
        profile.base_urls = vec![script.base_url()];
        studio.send(Command::TestGateway {
            profile: Box::new(profile),
            key: ApiKey::new(KEY),
        });
        studio.wait(|event| {
            told.push_str(&format!("{event:?}\n"));
            matches!(event, Event::GatewayTested { .. }).then_some(())
        });
    }

    // Keys are set, gateways go out, and a curl with the key comes in.
    let pasted = read_pasted(&format!(
        "curl https://r.example/v1/x -H 'Authorization: Bearer {KEY}'"
    ));
    told.push_str(&format!("{pasted:?}"));
    assert_eq!(pasted.unwrap().key, ApiKey::new(KEY));
    let mut settings = Settings::default();
    settings.gateways[1].dialect.extra = ExtraFields::parse(r#"{"x":"sk-Zq8/another"}"#).unwrap();
    let gateway: GatewayId = settings.gateways[1].id.clone();
    studio.send(Command::SetKey {
        gateway,
        key: ApiKey::new(KEY),
        place: KeyPlace::Session,
    });
    studio.send(save(&settings));
    let path = studio.path("exported.toml");
    let to = path.clone();
    studio.send(Command::ExportGateways {
        to: Box::pin(async move { vec![to] }),
        gateways: Vec::new(),
    });
    studio.wait(|event| {
        told.push_str(&format!("{event:?}\n"));
        matches!(event, Event::GatewaysExported { .. }).then_some(())
    });
    assert!(
        !fs::read_to_string(&path)
            .unwrap()
            .contains("sk-Zq8/another")
    );

    let dir = studio.stop();
    assert!(
        told.contains("ImageSaved") && told.contains("RequestFailed"),
        "{told}"
    );
    assert_clean("the events", told.as_bytes());
    assert!(assert_clean_folder(dir.path()) > 10);
    let log = log.0.lock().unwrap();
    let text = String::from_utf8_lossy(&log);
    assert!(
        text.contains("TRACE") && text.contains("hyper"),
        "nothing was logged"
    );
    assert_clean("the log", &log);
}

#[test]
fn the_program_with_every_log_line_on_keeps_the_key_to_itself() {
    let server = DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        ..DemoConfig::default()
    })
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_atelier"))
            .env("RUST_LOG", "trace")
            .env("ATELIER_API_KEY", KEY)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .stdin(Stdio::null())
            .arg("--data-dir")
            .arg(dir.path())
            .args(words)
            .output()
            .unwrap();
        assert_clean(&format!("standard output of {words:?}"), &output.stdout);
        assert_clean(&format!("standard error of {words:?}"), &output.stderr);
        if words[0] == "generate" {
            assert!(!output.stderr.is_empty(), "nothing was logged by {words:?}");
        }
    };
    for api in ["responses", "images"] {
        let address = ["--base-url", server.base_url(), "--api", api];
        for prompt in ["a fox", "[fault:401] a fox"] {
            let words = [
                "generate",
                prompt,
                "--size",
                "1024x640",
                "--partials",
                "1",
                "--json",
            ];
            run(&[&words[..], &address].concat());
        }
    }
    for (n, echo) in echoes().into_iter().enumerate() {
        let script = Script::play(vec![(echo, Then::Close)]);
        let url = script.base_url();
        // Each is for one of the APIs; the other test lets both have all.
        let api = if n % 2 == 0 { "images" } else { "responses" };
        let mut words = vec![
            "generate",
            "a fox",
            "--base-url",
            &url,
            "--api",
            api,
            "--max-retries",
            "0",
        ];
        if n < 4 {
            words.push("--json");
        }
        run(&words);
        if n % 3 == 0 {
            run(&["gateways", "add", "echo", "--base-url", &url]);
            run(&["gateways", "test", "echo"]);
            run(&["gateways", "remove", "echo"]);
        }
    }
    let file = dir.path().join("out.toml");
    run(&["gateways", "export", file.to_str().unwrap()]);
    run(&["gateways", "import", file.to_str().unwrap()]);
    assert!(assert_clean_folder(dir.path()) > 10);
}

#[test]
fn a_panic_with_the_key_in_its_hands_does_not_tell_it() {
    let said = Arc::new(Mutex::new(String::new()));
    let hook = Arc::clone(&said);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        hook.lock().unwrap().push_str(&info.to_string());
    }));
    let caught = std::panic::catch_unwind(|| {
        let submission = Submission {
            request: request(ApiKind::Images, "http://h/v1", "a fox"),
            key: ApiKey::new(KEY),
            copy_to: None,
        };
        let command = Command::SetKey {
            gateway: GatewayId("g".to_owned()),
            key: submission.key.clone(),
            place: KeyPlace::File,
        };
        panic!("{submission:?} {command:?}");
    });
    std::panic::set_hook(before);
    caught.unwrap_err();
    let said = said.lock().unwrap();
    assert!(said.contains("ApiKey(***)"), "{said}");
    assert_clean("the panic", said.as_bytes());
}
