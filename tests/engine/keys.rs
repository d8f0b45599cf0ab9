//! Where keys and settings are, and where no key ever is.

use std::fs;

use atelier::engine::{Command, Event, Limits};
use atelier::model::{ApiKind, Settings};

use super::files_below;
use super::support::{Script, Studio, Then, answer, png, request, save};

#[test]
fn a_key_is_in_no_file_and_in_no_event() {
    let body =
        br#"{"error":{"message":"Incorrect API key provided: sk-test","code":"invalid_api_key"}}"#;
    let script = Script::play(vec![(answer("401 Unauthorized", &[], body), Then::Close)]);
    let studio = Studio::start();
    let story = studio.run(request(ApiKind::Responses, &script.base_url(), "a fox"));
    assert_eq!(story.words(), ["failed auth", "failed"]);
    assert!(!format!("{story:?}").contains("sk-test"));
    let sent = script.requests().concat().to_ascii_lowercase();
    assert!(sent.contains("authorization: bearer sk-test"));
    for file in files_below(&studio.path("")) {
        let bytes = fs::read(&file).unwrap();
        let found = bytes.windows(7).any(|window| window == b"sk-test");
        assert!(!found, "{}", file.display());
    }
}

#[test]
fn no_key_goes_to_whoever_keeps_the_pictures() {
    let picture = png(5);
    let host = Script::play(vec![
        (
            answer("503 Service Unavailable", &["retry-after-ms: 1"], b""),
            Then::Close,
        ),
        (
            answer("200 OK", &["content-type: image/png"], &picture),
            Then::Close,
        ),
    ]);
    let url = host.base_url().replace("/v1", "/a.png?signature=1");
    let body = format!(r#"{{"data":[{{"url":"{url}"}}]}}"#);
    let gateway = Script::play(vec![(
        answer(
            "200 OK",
            &["content-type: application/json"],
            body.as_bytes(),
        ),
        Then::Close,
    )]);
    let studio = Studio::start();
    let mut request = request(ApiKind::Images, &gateway.base_url(), "a fox");
    request.parameters.size = "64x48".parse().unwrap();
    let story = studio.run(request);
    assert_eq!(
        story.words(),
        ["image 0", "done"],
        "{:?}",
        story.end.failure
    );
    assert_eq!(host.requests().len(), 2);
    let sent = host.requests().concat().to_ascii_lowercase();
    assert!(sent.contains("get /a.png?signature=1"));
    assert!(!sent.contains("authorization"));
    assert_eq!(gateway.requests().len(), 1);
}

#[test]
fn settings_and_keys_are_kept_where_they_belong() {
    let studio = Studio::start();
    let settings = Settings {
        theme: atelier::model::ThemeChoice::Dark,
        ..Settings::default()
    };
    let gateway = settings.selected_gateway.clone();
    studio.send(Command::SetKey {
        gateway: gateway.clone(),
        key: atelier::model::ApiKey::new("sk-test"),
        place: atelier::model::KeyPlace::Session,
    });
    let keys = studio.wait(|event| match event {
        Event::KeysChanged(keys) => Some(keys.clone()),
        _ => None,
    });
    assert_eq!(
        keys.place(&gateway),
        Some(atelier::model::KeyPlace::Session)
    );
    studio.send(save(&settings));
    let dir = studio.stop();
    let studio = Studio::start_in(dir, Limits::default());
    let (stored, keys) = studio.wait(|event| match event {
        Event::Ready { settings, keys, .. } => Some((settings.clone(), keys.clone())),
        _ => None,
    });
    assert_eq!(*stored, settings);
    assert_eq!(keys, atelier::model::KnownKeys::default());
}
