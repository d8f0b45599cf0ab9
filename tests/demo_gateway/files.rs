//! URL results.

use std::time::Duration;

use atelier::demo::DemoConfig;
use serde_json::{Value, json};

use crate::client::Call;
use crate::{SERVER, SIZE, decode, generations, quick, start};

fn path(url: &Value) -> String {
    let url = url.as_str().unwrap();
    let rest = url.strip_prefix("http://127.0.0.1:").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

#[test]
fn a_url_result_is_fetched_without_a_key_whole_or_in_parts() {
    let body = generations(&json!({"response_format": "url"}))
        .send(&SERVER)
        .json();
    let entry = body["data"][0].as_object().unwrap();
    assert_eq!(entry.keys().collect::<Vec<_>>(), ["url"]);
    let path = path(&entry["url"]);
    let get = |range: Option<&str>| {
        let call = Call::get(&path).header("authorization", "");
        match range {
            Some(range) => call.header("range", range),
            None => call,
        }
        .send(&SERVER)
    };
    let whole = get(None);
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("content-type"), Some("image/png"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert!(whole.header("x-request-id").is_some());
    assert_eq!(decode(&whole.body).1.dimensions(), SIZE);

    let part = get(Some("bytes=100-"));
    assert_eq!(part.status, 206);
    assert!(part.body == whole.body[100..]);
    let length = whole.body.len();
    let range = format!("bytes 100-{}/{length}", length - 1);
    assert_eq!(part.header("content-range"), Some(range.as_str()));
    assert_eq!(get(Some("bytes=999999999-")).status, 416);
}

#[test]
fn a_url_lives_as_long_as_it_is_told_to() {
    let mortal = start(DemoConfig {
        url_ttl: Duration::ZERO,
        ..quick()
    });
    let call = generations(&json!({"response_format": "url"}));
    let body = call.send(&mortal).json();
    let path = path(&body["data"][0]["url"]);
    assert_eq!(Call::get(&path).send(&mortal).status, 410);
    assert_eq!(Call::get("/files/never-was.png").send(&mortal).status, 404);
}
