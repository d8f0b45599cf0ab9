//! Answers of the Images API.

use super::{check, stream};

#[test]
fn answers_of_the_images_api() {
    check(
        "shape A: a link with account metadata (20, 21, 22)",
        r#"{"created":1,"data":[{"conversation_id":"","file_id":"","id":"compat-generate-1","b64_json":"","revised_prompt":"a fox","source_account_id":"8f","url":"https://host/a.png?sig=1"}],"usage":{"completion_tokens":5,"input_tokens":5,"output_tokens":5,"prompt_tokens":5,"total_tokens":10}}"#,
        &[
            "accepted -",
            "result: https://host/a.png?sig=1 · data 0 «a fox»",
            "completed",
        ],
    );
    check(
        "shape B: base64 with claims (23, 25)",
        r#"{"created":1,"data":[{"b64_json":"cGlj","revised_prompt":"a fox"}],"background":"auto","output_format":"png","quality":"auto","size":"3840x2160","model":"m","usage":{"input_tokens":70,"input_tokens_details":{"image_tokens":0,"text_tokens":70},"output_tokens":3336,"total_tokens":3406}}"#,
        &[
            "accepted -",
            "result: pic · data 0 · 3840x2160 · png · auto · auto «a fox»",
            "usage 70 70 0 3336 3406",
            "completed",
        ],
    );
    check(
        "both, base64 first",
        r#"{"data":[{"url":"https://host/a.png","b64_json":"cGlj"}]}"#,
        &["accepted -", "result: pic · data 0", "completed"],
    );
    check(
        "17, 18: data URLs in fields for base64 and links",
        r#"{"data":[{"b64_json":"data:image/png;base64,cGlj"},{"url":"DATA:image/webp;BASE64,cGlj"}]}"#,
        &[
            "accepted -",
            "result: pic · data 0",
            "result: pic · data 1",
            "completed",
        ],
    );
    check(
        "19: a bare array, of objects and of strings",
        r#"[{"b64_json":"cGlj"},"https://host/b.png"]"#,
        &[
            "accepted -",
            "result: pic · data 0",
            "result: https://host/b.png · data 1",
            "completed",
        ],
    );
    check(
        "links that are not absolute",
        r#"{"data":[{"url":"//host/a.png"},{"url":"/images/b.png"},{"b64_json":"https://host/c.png"}]}"#,
        &[
            "accepted -",
            "result: //host/a.png · data 0",
            "result: /images/b.png · data 1",
            "result: https://host/c.png · data 2",
            "completed",
        ],
    );
    check(
        "a list of images",
        r#"{"type":"done","images":["cGlj",{"image_data":"cGlj"}]}"#,
        &[
            "accepted -",
            "result: pic · data 0",
            "result: pic · data 1",
            "completed",
        ],
    );
    check(
        "unpadded, URL-safe, wrapped",
        "{\"data\":[{\"b64_json\":\"-_\\/+\\n\"}]}",
        &[
            "accepted -",
            "result: \u{fffd}\u{fffd}\u{fffd} · data 0",
            "completed",
        ],
    );
    check(
        "34: an error beside a picture",
        r#"{"error":{"message":"one of two failed"},"data":[{"b64_json":"cGlj"}]}"#,
        &[
            "accepted -",
            "result: pic · data 0",
            "warning one of two failed",
            "completed",
        ],
    );
}

#[test]
fn streams_of_the_images_api() {
    let usage = r#""usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}"#;
    check(
        "OpenAI",
        &stream(&[
            r#"{"type":"image_edit.partial_image","b64_json":"cGlj","size":"1024x1024","output_format":"png","partial_image_index":0}"#,
            &format!(
                r#"{{"type":"image_edit.completed","b64_json":"cGlj","size":"1024x1024",{usage}}}"#
            ),
        ]),
        &[
            "accepted -",
            "preview 0: pic · 1024x1024 · png",
            "result: pic · 1024x1024",
            "usage 50 10 40 50 100",
            "completed",
        ],
    );
    check(
        "4, 5: new-api after a JSON answer: a link, then the end marker",
        &format!(
            "data: {{\"type\":\"image_generation.completed\",\"url\":\"https://host/a.png\",\"b64_json\":\"\",\"revised_prompt\":\"x\",{usage}}}\n\ndata: [DONE]\n\n"
        ),
        &[
            "accepted -",
            "result: https://host/a.png «x»",
            "usage 50 10 40 50 100",
            "completed",
        ],
    );
    check(
        "6: keyed by object, numbered from 1",
        &stream(&[
            r#"{"object":"image.generation.chunk","index":1,"total":1,"progress_text":"…","data":[]}"#,
            r#"{"object":"image.generation.result","index":2,"data":[{"b64_json":"cGlj","revised_prompt":"x"}]}"#,
            r#"{"object":"image.generation.done","data":[],"finish_reason":"stop"}"#,
            "[DONE]",
        ]),
        &[
            "accepted -",
            "Drawing",
            "result: pic · data 1 «x»",
            "completed",
        ],
    );
    check(
        "8: bare names",
        "event: partial_image\ndata: {\"index\":1,\"b64_json\":\"cGlj\"}\n\nevent: completed\ndata: {\"b64_json\":\"cGlj\"}\n\n",
        &["accepted -", "preview 1: pic", "result: pic", "completed"],
    );
    check(
        "9: completed without a picture",
        &stream(&[r#"{"type":"image_generation.completed","b64_json":""}"#]),
        &[
            "accepted -",
            "completed",
            "failed no_image: The answer has no picture",
        ],
    );
    check(
        "a line of usage without a type",
        &stream(&[
            &format!("{{{usage}}}"),
            r#"{"type":"image_generation.completed","b64_json":"cGlj"}"#,
        ]),
        &[
            "accepted -",
            "usage 50 10 40 50 100",
            "result: pic",
            "completed",
        ],
    );
}
