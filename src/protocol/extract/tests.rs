//! Answers as gateways send them, and what they say. Numbers are those of the quirk list (protocol.md 9).

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use super::super::tests::{Kept, decode_in, noise};
use super::*;

/// One line an event; pictures by what their bytes say.
fn told(body: &str) -> Vec<String> {
    told_cut(body, body.len())
}

/// The same for a body that ends after `len` bytes.
fn told_cut(body: &str, len: usize) -> Vec<String> {
    let decoded = decode_in(&body.as_bytes()[..len], None, &[usize::MAX]);
    let (mut extractor, mut events) = (Extractor::new(), Vec::new());
    for frame in &decoded.frames {
        extractor.frame(frame, &mut events);
    }
    extractor.end(&decoded.end, &mut events);
    let kept = Kept {
        blobs: decoded.blobs,
    };
    events.iter().map(|event| summary(event, &kept)).collect()
}

fn summary(event: &ServerEvent, kept: &Kept) -> String {
    let picture = |source: &ImageSource| match source {
        ImageSource::Blob(blob) => format!("blob of {}", kept.blobs[blob.0 as usize].bytes.len()),
        ImageSource::Inline(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ImageSource::Url(url) => url.clone(),
    };
    let place = |slot: &ResultSlot, claimed: &Claimed| {
        let mut words = Vec::new();
        words.extend(slot.item_id.clone());
        words.extend(slot.output_index.map(|index| format!("output {index}")));
        words.extend(slot.data_index.map(|index| format!("data {index}")));
        for claim in [
            &claimed.size,
            &claimed.format,
            &claimed.quality,
            &claimed.background,
        ] {
            words.extend(claim.clone());
        }
        words
            .iter()
            .fold(String::new(), |all, word| all + " · " + word)
    };
    match event {
        ServerEvent::Accepted { response_id } => {
            format!("accepted {}", response_id.as_deref().unwrap_or("-"))
        }
        ServerEvent::Progress(stage) => format!("{stage:?}"),
        ServerEvent::Preview {
            source,
            index,
            slot,
            claimed,
        } => {
            let index = index.map_or("-".to_owned(), |index| index.to_string());
            format!(
                "preview {index}: {}{}",
                picture(source),
                place(slot, claimed)
            )
        }
        ServerEvent::Result {
            source,
            slot,
            claimed,
            revised_prompt,
        } => {
            let revised = revised_prompt
                .as_ref()
                .map_or(String::new(), |words| format!(" «{words}»"));
            format!(
                "result: {}{}{revised}",
                picture(source),
                place(slot, claimed)
            )
        }
        ServerEvent::Text(words) => format!("text: {words}"),
        ServerEvent::Refusal(words) => format!("refusal: {words}"),
        ServerEvent::Usage(usage) => format!(
            "usage {:?} {:?} {:?} {:?} {:?}",
            usage.input_tokens,
            usage.input_text_tokens,
            usage.input_image_tokens,
            usage.output_tokens,
            usage.total_tokens
        )
        .replace("Some(", "")
        .replace([')'], ""),
        ServerEvent::RequestId(id) => format!("id {id}"),
        ServerEvent::Warning(error) => format!("warning {}", error.message),
        ServerEvent::Failed(error) => format!(
            "failed {}: {}",
            error.code.as_deref().unwrap_or("-"),
            error.message
        ),
        ServerEvent::Completed => "completed".to_owned(),
    }
}

/// A stream of data lines, with event names where the JSON has a `type`.
fn stream(events: &[&str]) -> String {
    events
        .iter()
        .fold(String::new(), |all, data| all + "data: " + data + "\n\n")
}

fn check(name: &str, body: &str, expected: &[&str]) {
    assert_eq!(told(body), expected, "{name}");
}

/// `…` in base64: "pic".
const PIC: &str = "cGlj";

#[test]
fn a_response_in_openais_order() {
    let picture = STANDARD.encode(noise(20_000, 3));
    check(
        "OpenAI, streamed",
        &stream(&[
            r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"incomplete_details":null,"output":[]}}"#,
            r#"{"type":"response.queued","response":{"id":"resp_1","status":"queued"}}"#,
            r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
            r#"{"type":"response.output_item.added","output_index":1,"item":{"id":"ig_1","type":"image_generation_call","status":"in_progress","result":null}}"#,
            r#"{"type":"response.image_generation_call.generating","output_index":1,"item_id":"ig_1"}"#,
            &format!(
                r#"{{"type":"response.image_generation_call.partial_image","output_index":1,"item_id":"ig_1","partial_image_index":0,"partial_image_b64":"{PIC}","size":"1024x1024","quality":"medium","background":"opaque","output_format":"png"}}"#
            ),
            r#"{"type":"response.image_generation_call.completed","output_index":1,"item_id":"ig_1"}"#,
            &format!(
                r#"{{"type":"response.output_item.done","output_index":1,"item":{{"id":"ig_1","type":"image_generation_call","status":"completed","revised_prompt":"a red fox","result":"{picture}"}}}}"#
            ),
            &format!(
                r#"{{"type":"response.completed","response":{{"id":"resp_1","status":"completed","output":[{{"id":"rs_1","type":"reasoning"}},{{"id":"ig_1","type":"image_generation_call","result":"{picture}"}}],"usage":{{"input_tokens":30,"input_tokens_details":{{"cached_tokens":0}},"output_tokens":20,"total_tokens":50}}}}}}"#
            ),
        ]),
        &[
            "accepted resp_1",
            "Queued",
            "Thinking",
            "Drawing",
            "preview 0: pic · ig_1 · output 1 · 1024x1024 · png · medium · opaque",
            "Drawn",
            "result: blob of 20000 · ig_1 · output 1 «a red fox»",
            "result: blob of 20000 · ig_1 · output 1",
            "usage 30 None None 20 50",
            "completed",
        ],
    );
}

#[test]
fn responses_as_relays_send_them() {
    let item = r#"{"type":"image_generation_call","result":"cGlj"}"#;
    let done = format!(r#"{{"type":"response.output_item.done","item":{item}}}"#);
    let completed =
        r#"{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}"#;
    check(
        "15: JunFeiAI's spelling, no ids",
        &format!(
            "event: response.image_generation_call.partial_image\n\
             data: {{\"type\":\"response.image_generation_call.partial_image\",\"partial_image_index\":1,\"partial_image\":\"{PIC}\"}}\n\n\
             event: response.output_item.done\ndata: {done}\n\n"
        ),
        &["accepted -", "preview 1: pic", "result: pic"],
    );
    check(
        "10: the picture only in output_item.done",
        &stream(&[&done, completed]),
        &["accepted -", "result: pic", "id r", "completed"],
    );
    check(
        "11: the picture only in response.completed",
        &stream(&[&format!(
            r#"{{"type":"response.completed","response":{{"id":"r","output":[{item}]}}}}"#
        )]),
        &["accepted r", "result: pic · output 0", "completed"],
    );
    check(
        "12: the picture only as a preview",
        &stream(&[
            &format!(
                r#"{{"type":"response.image_generation_call.partial_image","partial_image_b64":"{PIC}"}}"#
            ),
            completed,
        ]),
        &[
            "accepted -",
            "preview -: pic",
            "id r",
            "completed",
            "failed previews_only: The answer ended with previews and without the picture",
        ],
    );
    check(
        "13: status generating on a full result, no .completed",
        &stream(&[
            r#"{"type":"response.output_item.done","item":{"id":"ig","type":"image_generation_call","status":"generating","result":"cGlj"}}"#,
        ]),
        &["accepted -", "result: pic · ig"],
    );
    check(
        "14: foreign events, no picture",
        &stream(&[
            r#"{"type":"response.created","response":{"id":"r"}}"#,
            r#"{"type":"message_stop"}"#,
        ]),
        &[
            "accepted r",
            "failed stream_cut: The connection ended before the picture arrived",
        ],
    );
    check(
        "16: result as an object",
        &stream(&[
            r#"{"type":"response.output_item.done","item":{"type":"image_generation_call","result":{"b64_json":"cGlj"}}}"#,
            r#"{"type":"response.output_item.done","item":{"type":"image_generation_call","result":{"data":"cGlj"}}}"#,
        ]),
        &["accepted -", "result: pic", "result: pic"],
    );
    check(
        "7: data lines only, as chatgpt2api sends them",
        &format!(
            ": stream-open\n\ndata: {{\"type\":\"response.created\",\"response\":{{\"id\":\"r\"}}}}\n\ndata: {done}\n\ndata: {completed}\n\ndata: [DONE]\n\n"
        ),
        &["accepted r", "result: pic", "completed"],
    );
    check(
        "a response that is not streamed",
        &format!(
            r#"{{"id":"resp_2","object":"response","status":"completed","error":null,"output":[{item}],"usage":{{"input_tokens":"12","output_tokens":40.0,"total_tokens":52}}}}"#
        ),
        &[
            "accepted resp_2",
            "result: pic · output 0",
            "usage 12 None None 40 52",
            "completed",
        ],
    );
    check(
        "any of the names in an event of another name",
        &stream(&[r#"{"type":"response.image_generation_call.completed","image_b64":"cGlj"}"#]),
        &["accepted -", "result: pic", "Drawn"],
    );
}

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
fn answers_in_words() {
    let message = |part: &str| {
        format!(
            r#"{{"type":"response.completed","response":{{"id":"r","output":[{{"type":"message","content":[{part}]}}]}}}}"#
        )
    };
    check(
        "words instead of a picture, in pieces and whole",
        &stream(&[
            r#"{"type":"response.output_text.delta","delta":"I can "}"#,
            r#"{"type":"response.output_text.delta","delta":"only talk."}"#,
            r#"{"type":"response.output_text.done","text":"I can only talk."}"#,
            &message(r#"{"type":"output_text","text":"I can only talk."}"#),
        ]),
        &["accepted -", "id r", "completed", "text: I can only talk."],
    );
    check(
        "a refusal",
        &stream(&[&message(r#"{"type":"refusal","refusal":"I won't."}"#)]),
        &["accepted r", "completed", "refusal: I won't."],
    );
    check(
        "45: Markdown pictures in words",
        &stream(&[&message(
            r#"{"type":"output_text","text":"![a](data:image/png;base64,cGlj) ![b](https://host/b.png \"b\")"}"#,
        )]),
        &[
            "accepted r",
            "completed",
            "result: pic",
            "result: https://host/b.png",
        ],
    );
    let long = STANDARD.encode(noise(9_000, 4));
    check(
        "45: a long one",
        &stream(&[&message(&format!(
            r#"{{"type":"output_text","text":"Look: ![a](data:image/png;base64,{long}) nice"}}"#
        ))]),
        &["accepted r", "completed", "result: blob of 9000"],
    );
    check(
        "45: in pieces",
        &stream(&[
            r#"{"object":"chat.completion.chunk","choices":[{"delta":{"content":"![a](data:image/png;base64,cG"}}]}"#,
            r#"{"object":"chat.completion.chunk","choices":[{"delta":{"content":"lj)"}}]}"#,
            "[DONE]",
        ]),
        &["accepted -", "completed", "result: pic"],
    );
    check(
        "45: a data URL without Markdown",
        &stream(&[&message(
            r#"{"type":"output_text","text":"Here: data:image/png;base64,cGlj"}"#,
        )]),
        &["accepted r", "completed", "result: pic"],
    );
    check(
        "a chat's answer",
        r#"{"id":"c","object":"chat.completion","choices":[{"message":{"role":"assistant","content":"Hello"}}]}"#,
        &["accepted -", "text: Hello"],
    );
    check(
        "words beside a picture are not told",
        &stream(&[
            r#"{"type":"response.output_text.done","text":"Here."}"#,
            r#"{"type":"response.completed","response":{"output":[{"type":"image_generation_call","result":"cGlj"}]}}"#,
        ]),
        &["accepted -", "result: pic · output 0", "completed"],
    );
}

#[test]
fn long_words_are_kept_to_their_limit() {
    let told_of = |words: &str| {
        let part = format!(r#"{{"type":"response.output_text.delta","delta":"{words}"}}"#);
        let mut told = told(&stream(&[&part, &part, "[DONE]"]));
        told.pop().unwrap()
    };
    let words = "字，".repeat(1_000);
    assert_eq!(told_of(&words), format!("text: {words}{words}"));
    let words = "字，".repeat(10_000);
    let kept = told_of(&words);
    let kept = kept.strip_prefix("text: ").unwrap();
    assert!(kept.len() > MAX_WORDS_BYTES - 3 && kept.len() <= MAX_WORDS_BYTES);
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
