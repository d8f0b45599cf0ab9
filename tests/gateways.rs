//! What the gateways screen asks of the engine: tests of gateways, keys, export and import.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "support/engine.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use atelier::demo::{DemoConfig, DemoServer};
use atelier::desktop::{KeyStore, StoreError};
use atelier::engine::{Command, Event, GatewayTest, Notice, Submission};
use atelier::model::{
    ApiKey, ApiKind, Charge, ExtraFields, Failure, FailureKind, GatewayId, GatewayProfile,
    KeyPlace, KnownKeys, Preset, Reason, Settings, StoreState,
};
use support::{Script, Studio, Then, answer, request, save};

const KEY: &str = "sk-test-0123456789";

fn profile(urls: &[&str]) -> GatewayProfile {
    GatewayProfile {
        base_urls: urls.iter().map(|&url| url.to_owned()).collect(),
        ..Preset::Custom.profile()
    }
}

fn test(studio: &Studio, profile: &GatewayProfile) -> Result<GatewayTest, Failure> {
    studio.send(Command::TestGateway {
        profile: Box::new(profile.clone()),
        key: ApiKey::new(KEY),
    });
    studio.wait(|event| match event {
        Event::GatewayTested { gateway, outcome } if *gateway == profile.id => {
            Some(outcome.clone())
        }
        _ => None,
    })
}

fn json(status: &str, body: &str) -> Vec<u8> {
    answer(status, &["content-type: application/json"], body.as_bytes())
}

fn test_answer(bytes: Vec<u8>) -> Result<GatewayTest, Failure> {
    let studio = Studio::start();
    let script = Script::play(vec![(bytes, Then::Close)]);
    let outcome = test(&studio, &profile(&[&script.base_url()]));
    let requests = script.requests();
    assert_eq!(requests.len(), 1, "nothing is asked twice");
    assert!(
        requests[0].starts_with("GET /v1/models HTTP/1.1\r\n"),
        "{}",
        requests[0]
    );
    assert!(requests[0].contains(&format!("Bearer {KEY}")));
    outcome
}

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1", listener.local_addr().unwrap())
}

#[test]
fn a_gateway_names_its_models() {
    let body = r#"{"object":"list","data":[{"id":"gpt-image-2"},{"id":"gpt-5.5"}]}"#;
    let found = test_answer(json("200 OK", body)).unwrap();
    assert_eq!(found.models, ["gpt-image-2", "gpt-5.5"]);
    assert!(found.has_list);
    assert!(found.unreachable.is_empty());
}

#[test]
fn the_demo_gateway_passes_without_a_key() {
    let server = DemoServer::start(DemoConfig::default()).unwrap();
    let studio = Studio::start();
    let mut demo = Preset::Demo.profile();
    demo.base_urls = vec![server.base_url().to_owned()];
    studio.send(Command::TestGateway {
        profile: Box::new(demo),
        key: None,
    });
    let outcome = studio.wait(|event| match event {
        Event::GatewayTested { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    assert!(outcome.unwrap().models.contains(&"gpt-image-2".to_owned()));
}

#[test]
fn the_next_address_is_asked_where_the_first_does_not_answer() {
    let studio = Studio::start();
    let script = Script::play(vec![(
        json("200 OK", r#"{"data":[{"id":"m"}]}"#),
        Then::Close,
    )]);
    let (gone, there) = (nobody(), script.base_url());
    let found = test(&studio, &profile(&[&gone, &there])).unwrap();
    assert_eq!(found.base_url, there);
    assert_eq!(found.unreachable, std::slice::from_ref(&gone));

    let failure = test(&studio, &profile(&[&gone])).unwrap_err();
    assert_eq!(
        (failure.kind, failure.charge),
        (FailureKind::Network, Charge::No)
    );
    let failure = test(&studio, &profile(&[])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
}

#[test]
fn refusals_are_told_as_for_a_job() {
    let check = |bytes: Vec<u8>, kind: FailureKind, status: u16| {
        let failure = test_answer(bytes).unwrap_err();
        assert_eq!(
            (failure.kind, failure.status),
            (kind, Some(status)),
            "{failure:?}"
        );
        assert_eq!(failure.charge, Charge::No);
        assert!(!format!("{failure:?}").contains(KEY));
        failure
    };
    let echo = format!(r#"{{"error":{{"message":"无效的令牌 {KEY}","code":"invalid_api_key"}}}}"#);
    let failure = check(json("401 Unauthorized", &echo), FailureKind::Auth, 401);
    assert!(
        failure.message.contains("无效的令牌"),
        "{}",
        failure.message
    );
    check(
        json("429 Too Many", r#"{"error":{"message":"slow"}}"#),
        FailureKind::RateLimit,
        429,
    );
    check(json("502 Bad", ""), FailureKind::Server, 502);
    // The address of the console, not of the API.
    for status in ["404 Not Found", "200 OK"] {
        let page = answer(
            status,
            &["content-type: text/html"],
            b"<!doctype html><title>New API</title>",
        );
        let failure = test_answer(page).unwrap_err();
        assert_eq!(failure.reason, Some(Reason::NotAnEndpoint), "{failure:?}");
    }
}

#[test]
fn a_gateway_without_a_list_is_there_and_its_key_is_not_known_to_be_right() {
    for bytes in [
        json(
            "404 Not Found",
            r#"{"error":{"message":"Invalid URL (GET /v1/models)"}}"#,
        ),
        json("404 Not Found", r#"{"detail":"Not Found"}"#),
        json("405 Method Not Allowed", r#"{"message":"no"}"#),
        json("200 OK", r#"{"message":"welcome"}"#),
    ] {
        let found = test_answer(bytes).unwrap();
        assert!(!found.has_list);
        assert!(found.models.is_empty());
    }
    // An error that says so is no list that is missing.
    let failure = test_answer(json("200 OK", r#"{"error":{"message":"无效的令牌"}}"#)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Auth);
}

/// A store that answers when it is let, as one does that waits for the user.
#[derive(Clone, Debug)]
struct SlowStore {
    keys: Arc<Mutex<BTreeMap<GatewayId, ApiKey>>>,
    turns: Arc<Mutex<Receiver<Result<(), StoreError>>>>,
}

impl SlowStore {
    fn new() -> (Self, SyncSender<Result<(), StoreError>>) {
        let (sender, turns) = sync_channel(16);
        let store = Self {
            keys: Arc::default(),
            turns: Arc::new(Mutex::new(turns)),
        };
        (store, sender)
    }

    fn wait(&self) -> Result<(), StoreError> {
        self.turns.lock().unwrap().recv().unwrap_or(Ok(()))
    }
}

impl KeyStore for SlowStore {
    fn probe(&mut self) -> Result<(), StoreError> {
        self.wait()
    }

    fn get(&mut self, gateway: &GatewayId) -> Result<Option<ApiKey>, StoreError> {
        self.wait()?;
        Ok(self.keys.lock().unwrap().get(gateway).cloned())
    }

    fn set(&mut self, gateway: &GatewayId, key: &ApiKey) -> Result<(), StoreError> {
        self.wait()?;
        self.keys
            .lock()
            .unwrap()
            .insert(gateway.clone(), key.clone());
        Ok(())
    }

    fn forget(&mut self, gateway: &GatewayId) -> Result<(), StoreError> {
        self.wait()?;
        self.keys.lock().unwrap().remove(gateway);
        Ok(())
    }
}

fn set_key(studio: &Studio, gateway: &str, key: Option<&str>, place: KeyPlace) {
    studio.send(Command::SetKey {
        gateway: GatewayId(gateway.to_owned()),
        key: key.and_then(ApiKey::new),
        place,
    });
}

fn keys(studio: &Studio) -> KnownKeys {
    studio.wait(|event| match event {
        Event::KeysChanged(keys) => Some(keys.clone()),
        _ => None,
    })
}

fn submit(studio: &Studio, base_url: &str) {
    let mut request = request(ApiKind::Images, base_url, "a fox");
    request.gateway.id = GatewayId("g".to_owned());
    studio.send(Command::Generate(Box::new(Submission {
        request,
        key: None,
        copy_to: None,
    })));
}

#[test]
fn a_key_is_kept_in_the_store_and_read_when_a_job_needs_it() {
    let script = Script::play(vec![(json("401 Unauthorized", "{}"), Then::Close)]);
    let (store, turns) = SlowStore::new();
    let dir = Arc::new(tempfile::tempdir().unwrap());
    let start = || {
        let store = store.clone();
        Studio::start_with(Arc::clone(&dir), |config| {
            config.key_store = Box::new(store);
        })
    };
    let studio = start();
    set_key(&studio, "g", Some(KEY), KeyPlace::Store);
    // The store still waits for the user; whoever typed the key does not.
    submit(&studio, &script.base_url());
    studio.story();
    assert!(script.requests()[0].contains(KEY));
    turns.send(Ok(())).unwrap();
    let known = keys(&studio);
    assert_eq!(known.places[&GatewayId("g".to_owned())], KeyPlace::Store);
    assert_eq!(known.store, StoreState::Available);
    drop(studio.stop());

    let studio = start();
    let known = studio.wait(|event| match event {
        Event::Ready { keys, .. } => Some(keys.clone()),
        _ => None,
    });
    assert_eq!(known.places[&GatewayId("g".to_owned())], KeyPlace::Store);
    // A job that waits for the store can be canceled, and holds nobody up.
    submit(&studio, &script.base_url());
    set_key(&studio, "other", Some("sk-o"), KeyPlace::Session);
    studio.send(Command::CancelAll);
    assert_eq!(studio.story().end.state.as_str(), "canceled");
    turns.send(Ok(())).unwrap();
    submit(&studio, &script.base_url());
    studio.story();
    assert!(script.requests()[1].contains(KEY));
    drop(studio.stop());

    let studio = start();
    submit(&studio, &script.base_url());
    turns
        .send(Err(StoreError::Refused {
            reason: "locked".to_owned(),
        }))
        .unwrap();
    let told = studio.story();
    assert_eq!(told.failures()[0].kind, FailureKind::Auth);
    assert!(told.failures()[0].message.contains("locked"));
    assert_eq!(
        script.requests().len(),
        2,
        "nothing is sent without the key"
    );
}

#[test]
fn without_a_store_that_is_told_and_the_key_counts_for_now() {
    let (store, turns) = SlowStore::new();
    let unavailable = || {
        Err(StoreError::Unavailable {
            reason: "no bus".to_owned(),
        })
    };
    turns.send(unavailable()).unwrap();
    turns.send(unavailable()).unwrap();
    let studio = Studio::start_with(tempfile::tempdir().unwrap(), |config| {
        config.key_store = Box::new(store);
        config.probe_keys = true;
    });
    let state = StoreState::Unavailable {
        reason: "no bus".to_owned(),
    };
    assert_eq!(keys(&studio).store, state);
    set_key(&studio, "g", Some(KEY), KeyPlace::Store);
    let mut reason = None;
    let known = studio.wait(|event| match event {
        Event::Notice(Notice::KeyNotKept { reason: why }) => {
            reason = Some(why.clone());
            None
        }
        Event::KeysChanged(keys) => Some(keys.clone()),
        _ => None,
    });
    assert_eq!(known.places[&GatewayId("g".to_owned())], KeyPlace::Session);
    assert!(reason.unwrap().contains("no bus"));

    set_key(&studio, "g", Some(KEY), KeyPlace::File);
    assert_eq!(
        keys(&studio).places[&GatewayId("g".to_owned())],
        KeyPlace::File
    );
    assert!(
        fs::read_to_string(studio.path("keys.toml"))
            .unwrap()
            .contains(KEY)
    );
    set_key(&studio, "g", None, KeyPlace::default());
    assert!(keys(&studio).places.is_empty());
    assert!(!studio.path("keys.toml").exists());
}

/// On a machine without a session bus, such as a server, the answer comes at once.
#[cfg(target_os = "linux")]
#[test]
fn the_real_store_says_soon_that_it_is_not_there() {
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() {
        eprintln!("skipped: there is a session bus, and perhaps a store that would ask the user");
        return;
    }
    let studio = Studio::start_with(tempfile::tempdir().unwrap(), |config| {
        config.probe_keys = true;
    });
    let StoreState::Unavailable { reason } = keys(&studio).store else {
        panic!("there is a store without a bus");
    };
    assert!(!reason.is_empty());
}

fn picked(path: PathBuf) -> atelier::engine::PickedFiles {
    Box::pin(async move { vec![path] })
}

#[test]
fn gateways_go_out_and_come_in_without_keys() {
    let studio = Studio::start();
    let mut settings = Settings::default();
    settings.gateways[1].dialect.extra =
        ExtraFields::parse(&format!(r#"{{"user":"me","api_key":"{KEY}"}}"#)).unwrap();
    let wanted = settings.gateways[1].id.clone();
    set_key(&studio, &wanted.0, Some(KEY), KeyPlace::Session);
    studio.send(save(&settings));
    let path = studio.path("out.toml");
    studio.send(Command::ExportGateways {
        to: picked(path.clone()),
        gateways: vec![wanted],
    });
    let mut left_out = Vec::new();
    studio.wait(|event| match event {
        Event::Notice(Notice::SecretsLeftOut { names }) => {
            left_out.clone_from(names);
            None
        }
        Event::GatewaysExported { path: told, count } => {
            assert_eq!((told, *count), (&path, 1));
            Some(())
        }
        _ => None,
    });
    assert_eq!(left_out, ["api_key"]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(KEY), "{text}");
    studio.send(Command::ImportGateways { from: picked(path) });
    let imported = studio.wait(|event| match event {
        Event::GatewaysImported(gateways) => Some(gateways.clone()),
        _ => None,
    });
    settings.gateways[1].dialect.extra = ExtraFields::parse(r#"{"user":"me"}"#).unwrap();
    assert_eq!(imported, [settings.gateways[1].clone()]);

    let bad = studio.path("bad.toml");
    fs::write(&bad, "[[gateways]]\nid = 1\n").unwrap();
    studio.send(Command::ImportGateways { from: picked(bad) });
    let reason = studio.wait(|event| match event {
        Event::Notice(Notice::GatewaysUnreadable { reason }) => Some(reason.clone()),
        _ => None,
    });
    assert!(reason.contains("line 2"), "{reason}");
}

#[test]
fn a_gateway_added_by_the_command_line_stays_when_the_window_saves() {
    let studio = Studio::start();
    let mut settings = studio.wait(|event| match event {
        Event::Ready { settings, .. } => Some(settings.clone()),
        _ => None,
    });
    let base = settings.clone();
    let added = std::process::Command::new(env!("CARGO_BIN_EXE_atelier"))
        .args([
            "gateways",
            "add",
            "second",
            "--preset",
            "openai",
            "--data-dir",
        ])
        .arg(studio.path(""))
        .output()
        .unwrap();
    assert!(added.status.success(), "{added:?}");
    settings.theme = atelier::model::ThemeChoice::Dark;
    studio.send(Command::SaveSettings {
        settings: settings.clone(),
        base,
    });
    let told = studio.wait(|event| match event {
        Event::SettingsMerged(told) => Some(told.clone()),
        _ => None,
    });
    assert_eq!(told.ours, *settings);
    assert_eq!(told.merged.gateways.len(), settings.gateways.len() + 1);
    assert_eq!(told.merged.theme, settings.theme);
}
