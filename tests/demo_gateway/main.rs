//! The demo gateway as a client sees it: over HTTP, byte for byte.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod answers;
mod client;
mod edits;
mod faults;
mod files;
mod life;
mod refusals;

use std::sync::LazyLock;

use atelier::demo::{DemoConfig, DemoServer, Pace};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::client::Call;

/// The smallest legal size; painting it is quick.
const SIZE: (u32, u32) = (1024, 640);

/// A server that never waits and paints each picture once.
static SERVER: LazyLock<DemoServer> = LazyLock::new(|| start(quick()));

fn start(config: DemoConfig) -> DemoServer {
    DemoServer::start(config).unwrap()
}

fn quick() -> DemoConfig {
    DemoConfig {
        pace: Pace::Instant,
        cache_bytes: 256 << 20,
        ..DemoConfig::default()
    }
}

/// A Responses call with `tool` laid over the fields of its tool.
fn responses(stream: bool, tool: &Value) -> Call {
    let mut fields = json!({"type": "image_generation", "size": "1024x640", "seed": 0});
    merge(&mut fields, tool);
    let body = json!({
        "model": "gpt-5.5",
        "input": [{"type": "message", "role": "user",
                   "content": [{"type": "input_text", "text": "a red fox in snow"}]}],
        "stream": stream,
        "tools": [fields],
    });
    Call::post("/v1/responses", &body)
}

/// An Images call with `change` laid over its fields.
fn generations(change: &Value) -> Call {
    let mut body = json!({
        "model": "gpt-image-2",
        "prompt": "a red fox in snow",
        "size": "1024x640",
        "seed": 0,
    });
    merge(&mut body, change);
    Call::post("/v1/images/generations", &body)
}

fn merge(body: &mut Value, change: &Value) {
    let fields = body.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
}

/// The file in a base64 string.
fn file(text: &Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().expect("base64")).unwrap()
}

/// The format and the pixels of a file.
fn decode(file: &[u8]) -> (image::ImageFormat, image::RgbaImage) {
    let format = image::guess_format(file).unwrap();
    let picture = image::load_from_memory_with_format(file, format).unwrap();
    (format, picture.into_rgba8())
}

/// The picture in a base64 string, which has the size that was asked for.
fn picture(text: &Value) -> image::RgbaImage {
    let (_, picture) = decode(&file(text));
    assert_eq!(picture.dimensions(), SIZE);
    picture
}
