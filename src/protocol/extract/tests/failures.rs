//! Answers that fail, and those that end too soon.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use super::{check, stream, told, told_cut};
use crate::protocol::tests::noise;

#[test]
fn failures_inside_good_answers() {
    let created = r#"{"type":"response.created","response":{"id":"r"}}"#;
    check(
        "OpenAI's flat error event",
        &stream(&[
            created,
            r#"{"type":"error","code":"ERR_SOMETHING","message":"Something went wrong","param":null}"#,
        ]),
        &["accepted r", "failed ERR_SOMETHING: Something went wrong"],
    );
    check(
        "an error in an error",
        &stream(&[
            r#"{"type":"error","error":{"type":"server_error","message":"oh"},"request_id":"req_9"}"#,
        ]),
        &["id req_9", "failed -: oh"],
    );
    check(
        "new-api's upstream error",
        &stream(&[r#"{"type":"upstream_error","error":{"message":"stream error: stream ID 77"}}"#]),
        &["failed -: stream error: stream ID 77"],
    );
    check(
        "33: an error without a type, then the end marker",
        &stream(&[
            r#"{"error":{"message":"no available image quota","type":"HTTPException"}}"#,
            "[DONE]",
        ]),
        &["failed -: no available image quota"],
    );
    check(
        "the event's name says error, the type does not",
        "event: error\ndata: {\"type\":\"x\",\"message\":\"broken\"}\n\n",
        &["failed -: broken"],
    );
    check(
        "response.failed",
        &stream(&[
            r#"{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"moderation_blocked","message":"no"},"output":[]}}"#,
        ]),
        &["failed moderation_blocked: no"],
    );
    check(
        "response.incomplete",
        &stream(&[
            r#"{"type":"response.incomplete","response":{"id":"r","status":"incomplete","error":null,"incomplete_details":{"reason":"content_filter"}}}"#,
        ]),
        &["failed content_filter: The model stopped before it was done: content_filter"],
    );
    check(
        "an error after the picture is a warning",
        &stream(&[
            r#"{"type":"response.output_item.done","item":{"type":"image_generation_call","result":"cGlj"}}"#,
            r#"{"type":"error","message":"late"}"#,
        ]),
        &["accepted -", "result: pic", "warning late"],
    );
    check(
        "a bare error at 200",
        r#"{"code":"text_conversation_not_supported","message":"wrong channel"}"#,
        &["failed text_conversation_not_supported: wrong channel"],
    );
    check(
        "36: a web page",
        "<!doctype html><html><head><title>New API</title></head></html>",
        &["failed html_page: New API"],
    );
    check(
        "plain words",
        "upstream says no",
        &["failed not_json: upstream says no"],
    );
    check(
        "nothing at all",
        "",
        &["failed no_image: The answer is empty"],
    );
    check(
        "rubbish in a picture's place",
        r#"{"data":[{"b64_json":"<no picture>"}]}"#,
        &[
            "accepted -",
            "failed not_an_image: The answer holds something else where the picture should be",
        ],
    );
}

#[test]
fn answers_that_are_over_without_a_picture() {
    check(
        "a ticket for later",
        r#"{"task_id":"t-1","status":"queued"}"#,
        &[
            "accepted -",
            "failed async_task: The gateway only took the job (id t-1) and wants to be asked again later; that is not supported",
        ],
    );
    check(
        "a ticket one level down",
        r#"{"code":200,"message":"success","data":[{"task_id":"t-2","status":"submitted"}]}"#,
        &[
            "accepted -",
            "failed async_task: The gateway only took the job (id t-2) and wants to be asked again later; that is not supported",
        ],
    );
    check(
        "a response that runs in the background",
        r#"{"id":"r","object":"response","status":"queued","output":[]}"#,
        &[
            "accepted r",
            "failed async_task: The gateway only took the job (id r) and wants to be asked again later; that is not supported",
        ],
    );
    check(
        "9: previews and no picture",
        &stream(&[
            r#"{"type":"image_generation.partial_image","b64_json":"cGlj","partial_image_index":0}"#,
            r#"{"type":"image_generation.completed","b64_json":""}"#,
        ]),
        &[
            "accepted -",
            "preview 0: pic",
            "completed",
            "failed previews_only: The answer ended with previews and without the picture",
        ],
    );
}

#[test]
fn what_arrived_whole_before_a_cut_counts() {
    let picture = STANDARD.encode(noise(6_000, 5));
    let body = format!(
        r#"{{"created":1,"data":[{{"b64_json":"{picture}"}},{{"b64_json":"{picture}"}}],"size":"1024x1024"}}"#
    );
    let second = body.rfind("b64_json").unwrap();
    assert_eq!(told_cut(&body, second), ["result: blob of 6000 · data 0"]);
    assert_eq!(
        told_cut(&body, second - 4),
        ["result: blob of 6000 · data 0"],
        "no bracket was closed"
    );
    assert_eq!(
        told_cut(&body, 3_000),
        ["failed stream_cut: The connection ended before the picture arrived"]
    );
    let body = format!(
        "data: {{\"type\":\"response.completed\",\"response\":{{\"output\":[{{\"result\":\"{picture}\"}}],\"usage\":"
    );
    assert_eq!(
        told(&body),
        ["result: blob of 6000 · output 0"],
        "not completed"
    );
}
