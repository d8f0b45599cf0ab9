//! The wire protocol, line by line: the real engine over real HTTP against servers that send exactly the bytes they are
//! told to. `coverage.rs` is the table of every line and the tests that cover it.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod answers;
mod costs;
mod coverage;
mod failures;
mod links;
mod repeats;
mod requests;
mod streams;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../support/engine.rs"]
mod support;
mod words;

use std::fs;

use atelier::engine::Event;
use atelier::model::{ApiKind, Failure, GenerationRequest, ImageFormat, Reference};
use serde_json::Value;

use support::{Script, Story, Studio, Then, answer, base64, png, request};

/// How a picture is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ask {
    /// `POST /responses`
    Responses,
    /// `POST /images/generations` with a stream
    Stream,
    /// `POST /images/generations` without one
    Json,
    /// `POST /images/edits` with a stream
    Edit,
}

/// An engine, and a table of answers that it is given.
struct Bench {
    studio: Studio,
}

impl Bench {
    fn new() -> Self {
        Self {
            studio: Studio::start(),
        }
    }

    /// One picture of the size that [`png`] makes, asked for at `base_url`.
    fn request(&self, ask: Ask, base_url: &str) -> GenerationRequest {
        let api = match ask {
            Ask::Responses => ApiKind::Responses,
            _ => ApiKind::Images,
        };
        let mut request = request(api, base_url, "a fox");
        request.gateway.stream = ask != Ask::Json;
        request.parameters.partials = 1;
        request.parameters.size = "64x48".parse().unwrap();
        if ask == Ask::Edit {
            request.references.push(self.reference("a.png"));
        }
        request
    }

    fn reference(&self, name: &str) -> Reference {
        let path = self.studio.path(name);
        fs::write(&path, png(9)).unwrap();
        Reference {
            path,
            name: name.to_owned(),
            format: ImageFormat::Png,
            size: "64x48".parse().unwrap(),
            bytes: png(9).len() as u64,
            hash: blake3::hash(&png(9)).to_hex().to_string(),
            image: None,
        }
    }

    /// What is told of a request that is answered with these bytes.
    fn told(&self, ask: Ask, bytes: Vec<u8>) -> Vec<String> {
        told(&self.run(ask, bytes))
    }

    fn run(&self, ask: Ask, bytes: Vec<u8>) -> Story {
        let script = Script::play(vec![(bytes, Then::Close)]);
        self.studio.run(self.request(ask, &script.base_url()))
    }

    /// The same for a good answer with this content type, or none.
    fn check(&self, name: &str, ask: Ask, (kind, body): (&str, &str), expected: &[&str]) {
        let header = format!("content-type: {kind}");
        let headers: &[&str] = if kind.is_empty() { &[] } else { &[&header] };
        let story = self.run(ask, answer("200 OK", headers, body.as_bytes()));
        assert_eq!(told(&story), expected, "{name}: {:?}", story.end.failure);
    }
}

/// What was told of a job, a line each: pictures by the number that [`png`] made them from, failures with their kind,
/// reason and charge.
fn told(story: &Story) -> Vec<String> {
    let number = |hash: &dyn Fn(&[u8]) -> bool| {
        let number = (1..9).find(|&number| hash(&png(number)));
        number.map_or_else(|| "?".to_owned(), |number| number.to_string())
    };
    let lines = story.events.iter().filter_map(|event| match event {
        Event::PreviewSaved(record) if record.job == story.end.id => {
            let file = fs::read(&record.path).unwrap();
            Some(format!("preview {}", number(&|bytes| file == bytes)))
        }
        Event::ImageSaved { record, .. } => {
            let hash = &record.recipe.delivered_hash;
            let of = |bytes: &[u8]| *hash == *blake3::hash(bytes).to_hex();
            Some(format!("picture {}", number(&of)))
        }
        Event::Warning { failure, .. } => Some(format!("warning {}", line(failure))),
        Event::RequestFailed { failure, .. } => Some(format!("failed {}", line(failure))),
        _ => None,
    });
    lines.collect()
}

/// `moderation prompt_refused no`: kind, reason, charge.
fn line(failure: &Failure) -> String {
    let word = |value: Value| value.as_str().unwrap_or("-").to_owned();
    let reason = serde_json::to_value(failure.reason).unwrap();
    let charge = serde_json::to_value(failure.charge).unwrap();
    format!("{} {} {}", failure.kind, word(reason), word(charge))
}

/// Picture `number` as base64.
fn pic(number: u8) -> String {
    base64(&png(number))
}

/// An answer of events as OpenAI sends them: each named by its `type`.
fn stream(events: &[&str]) -> String {
    let event = |data: &&str| {
        let name = serde_json::from_str::<Value>(data)
            .ok()
            .and_then(|value| Some(value.get("type")?.as_str()?.to_owned()));
        match name {
            Some(name) => format!("event: {name}\ndata: {data}\n\n"),
            None => format!("data: {data}\n\n"),
        }
    };
    events.iter().map(event).collect::<Vec<_>>().concat()
}

const SSE: &str = "text/event-stream";
const JSON: &str = "application/json";
