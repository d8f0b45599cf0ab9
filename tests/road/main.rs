//! The road to a gateway and back over real HTTP: what is learned on it, which way it goes, how long it may take, and
//! when it is gone once more.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod learned;
mod limits;
mod notes;
mod queue;
mod server;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../support/engine.rs"]
mod support;
mod truth;
mod way;

use atelier::model::{ApiKind, GenerationRequest};

use self::server::{Request, Server};
use self::support::{base64, png};

/// The answer of the Images API with one picture.
fn picture() -> Vec<u8> {
    let body = format!(r#"{{"data":[{{"b64_json":"{}"}}]}}"#, base64(&png(1)));
    support::answer(
        "200 OK",
        &["content-type: application/json"],
        body.as_bytes(),
    )
}

/// An answer that tells of a failure.
fn refusal(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut all = vec!["content-type: application/json"];
    all.extend(headers);
    support::answer(status, &all, body.as_bytes())
}

/// A request for one picture through the Images API, answered with JSON.
fn request(base_url: &str) -> GenerationRequest {
    let mut request = support::request(ApiKind::Images, base_url, "a fox");
    request.gateway.stream = false;
    request.parameters.partials = 0;
    request
}

/// Answers every request by its number, from 0.
fn serve(answers: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Server {
    Server::start(move |request: &Request, connection| {
        connection.send(&answers(request.number));
    })
}
