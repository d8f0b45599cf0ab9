//! Requests that are wrong, and keys.

use atelier::demo::DemoConfig;
use serde_json::json;

use crate::client::Call;
use crate::{SERVER, generations, quick, responses, start};

#[test]
fn any_key_will_do_but_none_and_the_bad_one() {
    for call in [
        responses(true, &json!({})),
        generations(&json!({})),
        Call::get("/v1/models"),
    ] {
        let check = |authorization: &str, code: serde_json::Value| {
            let (status, error) = call
                .clone()
                .header("authorization", authorization)
                .error(&SERVER);
            assert_eq!(
                (status, &error["type"]),
                (401, &json!("invalid_request_error"))
            );
            assert_eq!(error["code"], code);
        };
        check("", json!(null));
        check("Bearer ", json!(null));
        check("Basic abc", json!(null));
        check("Bearer bad-key", json!("invalid_api_key"));
    }
}

#[test]
fn wrong_values_get_openai_s_errors() {
    let (status, error) = responses(true, &json!({"size": "1920x1080"})).error(&SERVER);
    assert_eq!(status, 400);
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["param"], "tools[0].size");
    assert_eq!(error["code"], "invalid_value");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("1920x1080") && message.contains("16"),
        "{message}"
    );
}

#[test]
fn every_answer_has_an_id_and_wrong_paths_are_said() {
    let get = Call::get;
    let calls = [
        (get("/v1/models"), 200),
        (get("/"), 404),
        (get("/v1/nothing"), 404),
        (get("/v1/responses"), 405),
        (get("/v1/models").header("authorization", ""), 401),
        (Call::post("/v1/responses", &json!([])), 400),
    ];
    let mut ids = Vec::new();
    for (call, status) in calls {
        let answer = call.send(&SERVER);
        assert_eq!(answer.status, status, "{call:?}");
        ids.push(answer.header("x-request-id").unwrap().to_owned());
        if status != 200 {
            assert!(answer.json()["error"]["message"].is_string());
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}

#[test]
fn a_body_may_be_too_large() {
    let strict = start(DemoConfig {
        max_body_bytes: 1000,
        ..quick()
    });
    let long = "x".repeat(1000);
    let form = [("prompt", None, long.as_bytes())];
    let calls = [
        generations(&json!({"prompt": long})),
        Call::form("/v1/images/edits", &form),
    ];
    for call in calls {
        let (status, error) = call.error(&strict);
        assert_eq!((status, &error["code"]), (413, &json!("request_too_large")));
    }
    assert_eq!(generations(&json!({})).send(&strict).status, 200);
}

#[test]
fn a_fault_that_nobody_knows_is_refused_with_the_list() {
    for call in [
        responses(true, &json!({})).fault("nonsense"),
        generations(&json!({"prompt": "a fox [fault:nonsense]"})),
    ] {
        let (status, error) = call.error(&SERVER);
        assert_eq!(status, 400);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("nonsense") && message.contains("moderation-output"));
    }
}
