//! Parameters that a gateway refuses by name (protocol.md 8.1): dropped once, shown, remembered.

use std::fs;

use atelier::engine::Event;
use atelier::model::{ApiKind, JobNote, JobState, Moderation, Settings};

use super::support::{self, Studio, save};
use super::{picture, refusal, request, serve};

const REFUSED: &str = r#"{"error":{"message":"Unknown parameter: 'moderation'.","type":"invalid_request_error","param":"moderation","code":"unknown_parameter"}}"#;

fn dropped(name: &str) -> JobNote {
    JobNote::ParameterDropped {
        name: name.to_owned(),
    }
}

fn learned(event: &Event) -> Option<Vec<String>> {
    match event {
        Event::GatewayLearned { refused, .. } => Some(refused.clone()),
        _ => None,
    }
}

#[test]
fn a_parameter_that_is_refused_is_dropped_once_shown_and_remembered() {
    let server = serve(|number| match number {
        0 => refusal("400 Bad Request", &[], REFUSED),
        _ => picture(),
    });
    let studio = Studio::start();
    let mut settings = Settings::default();
    let mut request = request(&server.base_url());
    request.parameters.moderation = Moderation::Low;
    request.gateway.max_retries = 1;
    settings.gateways.push(request.gateway.clone());
    settings.gateways.retain(|profile| {
        profile.id != request.gateway.id || profile.base_urls == request.gateway.base_urls
    });
    studio.send(save(&settings));

    let story = studio.run(request.clone());
    assert_eq!(
        story.words(),
        ["retry 2 invalid_request", "image 0", "done"]
    );
    assert_eq!(story.end.notes, [dropped("moderation")]);
    let told: Vec<_> = story.events.iter().filter_map(learned).collect();
    assert_eq!(told, [["moderation"]]);

    // Neither the next job nor preferences that were made before undo it.
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
    assert_eq!(story.end.notes, []);
    studio.send(save(&settings));
    let sent = server.requests();
    let has: Vec<bool> = sent
        .iter()
        .map(|request| request.body.contains("moderation"))
        .collect();
    assert_eq!(has, [true, false, false]);
    let dir = studio.stop();
    let stored = fs::read_to_string(dir.path().join("settings.toml")).unwrap();
    assert!(stored.contains(r#"refused = ["moderation"]"#), "{stored}");
}

#[test]
fn a_tool_choice_falls_back_to_required_and_then_to_auto() {
    // Quirk 42.
    let stripped = r#"{"error":{"message":"Tool choice 'image_generation' not found in 'tools' parameter.","type":"invalid_request_error","param":"tool_choice"}}"#;
    let server = serve(move |number| match number {
        0 | 1 => refusal("400 Bad Request", &[], stripped),
        _ => picture(),
    });
    let studio = Studio::start();
    let mut request = support::request(ApiKind::Responses, &server.base_url(), "a fox");
    request.gateway.max_retries = 2;
    let story = studio.run(request.clone());
    let retries = ["retry 2 invalid_request", "retry 3 invalid_request"];
    assert_eq!(story.words()[..2], retries);
    assert_eq!(story.end.state, JobState::Done);
    assert_eq!(story.end.notes, [dropped("tool_choice")]);
    // The next job knows at once.
    assert_eq!(studio.run(request).end.state, JobState::Done);
    let choices: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            body["tool_choice"].clone()
        })
        .collect();
    let object = serde_json::json!({"type": "image_generation"});
    assert_eq!(
        choices,
        [object, "required".into(), "auto".into(), "auto".into()]
    );
}

#[test]
fn without_retries_it_is_learned_for_the_next_time_only() {
    let server = serve(|_| refusal("422 Unprocessable Entity", &[], REFUSED));
    let studio = Studio::start();
    let mut request = request(&server.base_url());
    request.parameters.moderation = Moderation::Low;
    let story = studio.run(request);
    assert_eq!(story.words(), ["failed invalid_request", "failed"]);
    assert_eq!(story.end.notes, []);
    assert_eq!(
        story.events.iter().find_map(learned),
        Some(vec!["moderation".to_owned()])
    );
    assert_eq!(server.requests().len(), 1);
}
