//! Where pictures are in answers (protocol.md 4.1 to 4.4). Numbers are those of the quirk list (section 9).

use super::{Ask, Bench, JSON, SSE, answer, base64, pic, png, stream};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn bodies_are_what_their_bytes_say() {
    let bench = Bench::new();
    let json = format!(r#"{{"created":1,"data":[{{"b64_json":"{}"}}]}}"#, pic(1));
    let event = format!(
        r#"{{"type":"image_generation.completed","b64_json":"{}"}}"#,
        pic(1)
    );
    let events = stream(&[&event]);
    let check = |name: &str, ask: Ask, kind: &str, body: &str, expected: &[&str]| {
        bench.check(name, ask, (kind, body), expected);
    };
    check(
        "1: JSON though a stream was asked for",
        Ask::Stream,
        JSON,
        &json,
        &["picture 1"],
    );
    check(
        "1: the same for an edit",
        Ask::Edit,
        JSON,
        &json,
        &["picture 1"],
    );
    check(
        "2: a stream though none was asked for",
        Ask::Json,
        SSE,
        &events,
        &["picture 1"],
    );
    check(
        "JSON that is called a stream",
        Ask::Stream,
        SSE,
        &json,
        &["picture 1"],
    );
    check(
        "a stream that is called JSON",
        Ask::Json,
        JSON,
        &events,
        &["picture 1"],
    );
    check(
        "JSON that is called a page",
        Ask::Json,
        "text/html",
        &json,
        &["picture 1"],
    );
    check(
        "JSON that is called nothing",
        Ask::Json,
        "",
        &json,
        &["picture 1"],
    );
    check(
        "blank lines before",
        Ask::Json,
        JSON,
        &format!("\u{feff}\r\n \n{json}"),
        &["picture 1"],
    );
    check(
        "a comment first",
        Ask::Json,
        "",
        &format!(": hi\n\n{events}"),
        &["picture 1"],
    );
    check(
        "an id first",
        Ask::Json,
        "",
        &format!("id: 1\nretry: 5\n{events}"),
        &["picture 1"],
    );
    check(
        "36: a page",
        Ask::Json,
        JSON,
        "<!doctype html><title>New API</title>",
        &["failed not_found not_an_endpoint no"],
    );
    let image = answer(
        "200 OK",
        &["content-type: application/octet-stream"],
        &png(1),
    );
    assert_eq!(bench.told(Ask::Json, image), ["picture 1"]);
    let task = r#"{"id":"t1","status":"submitted"}"#;
    check(
        "a ticket",
        Ask::Json,
        JSON,
        task,
        &["failed protocol ticket unknown"],
    );
    let task = r#"{"code":200,"data":[{"task_id":"t1"}]}"#;
    check(
        "a ticket inside",
        Ask::Json,
        JSON,
        task,
        &["failed protocol ticket unknown"],
    );
}

#[test]
fn an_error_in_a_good_answer_counts_unless_there_is_a_picture() {
    let bench = Bench::new();
    let check = |name: &str, body: &str, expected: &[&str]| {
        bench.check(name, Ask::Json, (JSON, body), expected);
    };
    check(
        "34: an object",
        r#"{"error":{"message":"额度不足"}}"#,
        &["failed quota - no"],
    );
    check(
        "34: a string",
        r#"{"error":"authorization is invalid"}"#,
        &["failed auth - no"],
    );
    check(
        "null is none",
        &format!(r#"{{"error":null,"data":[{{"b64_json":"{}"}}]}}"#, pic(1)),
        &["picture 1"],
    );
    check(
        "beside a picture",
        &format!(
            r#"{{"error":{{"message":"one of two was refused by the safety system"}},"data":[{{"b64_json":"{}"}}]}}"#,
            pic(1)
        ),
        &["picture 1", "warning moderation prompt_refused unknown"],
    );
}

#[test]
fn every_field_that_may_hold_a_picture() {
    let bench = Bench::new();
    let picture = pic(1);
    for name in [
        "result",
        "b64_json",
        "image",
        "image_b64",
        "image_data",
        "base64",
    ] {
        let body = format!(r#"{{"data":[{{"{name}":"{picture}"}}]}}"#);
        bench.check(name, Ask::Json, (JSON, &body), &["picture 1"]);
        let body = stream(&[
            &format!(r#"{{"type":"response.something","{name}":"{picture}"}}"#),
            "[DONE]",
        ]);
        bench.check(name, Ask::Responses, (SSE, &body), &["picture 1"]);
    }
    for name in ["b64_json", "base64", "image", "data"] {
        let body = stream(&[&format!(
            r#"{{"type":"response.output_item.done","item":{{"type":"image_generation_call","result":{{"{name}":"{picture}"}}}}}}"#
        )]);
        bench.check(
            "16: an object",
            Ask::Responses,
            (SSE, &body),
            &["picture 1"],
        );
    }
    let check = |name: &str, body: &str, expected: &[&str]| {
        bench.check(name, Ask::Json, (JSON, body), expected);
    };
    check(
        "19: a list",
        &format!(r#"[{{"b64_json":"{picture}"}}]"#),
        &["picture 1"],
    );
    check(
        "a list of images in the last event",
        &stream(&[&format!(
            r#"{{"type":"done","images":[{{"b64_json":"{picture}"}}]}}"#
        )]),
        &["picture 1"],
    );
    check(
        "17: a data URL",
        &format!(r#"{{"data":[{{"b64_json":"data:image/png;base64,{picture}"}}]}}"#),
        &["picture 1"],
    );
    check(
        "18: a data URL as the address",
        &format!(r#"{{"data":[{{"url":"DATA:image/png;charset=x;base64,{picture}"}}]}}"#),
        &["picture 1"],
    );
    check(
        "20: empty ones are none, and 21: others are ignored",
        &format!(
            r#"{{"created":null,"data":[{{"url":"","b64_json":"{picture}","revised_prompt":"","conversation_id":"","file_id":"",
            "gen_id":"","id":"compat-generate-1-0","parent_message_id":"","source_account_id":"8fff"}}]}}"#
        ),
        &["picture 1"],
    );
    check(
        "base64 before the address, which can expire",
        &format!(r#"{{"data":[{{"url":"http://127.0.0.1:9/a.png","b64_json":"{picture}"}}]}}"#),
        &["picture 1"],
    );
    check(
        "none",
        r#"{"data":[{"url":"","b64_json":null}]}"#,
        &["failed protocol - unknown"],
    );
    check(
        "rubbish",
        r#"{"data":[{"b64_json":"<none>"}]}"#,
        &["failed protocol - unknown"],
    );
}

#[test]
fn previews_are_never_results() {
    let bench = Bench::new();
    let preview = pic(3);
    let check = |name: &str, ask: Ask, events: &[&str], expected: &[&str]| {
        bench.check(name, ask, (SSE, &stream(events)), expected);
    };
    let only = ["preview 3", "failed protocol previews_only unknown"];
    let cut = ["preview 3", "failed network cut unknown"];
    let completed =
        r#"{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}"#;
    for name in ["partial_image_b64", "partial_image", "b64_json", "image"] {
        let event = format!(
            r#"{{"type":"response.image_generation_call.partial_image","partial_image_index":0,"{name}":"{preview}"}}"#
        );
        check(
            "12, 15: in the event of previews",
            Ask::Responses,
            &[&event, completed],
            &only,
        );
    }
    let event = format!(r#"{{"type":"response.other","partial_image_b64":"{preview}"}}"#);
    check(
        "12: by its field",
        Ask::Responses,
        &[&event, completed],
        &only,
    );
    check("the stream breaks off", Ask::Responses, &[&event], &cut);
    let event = format!(r#"{{"type":"image_generation.partial_image","b64_json":"{preview}"}}"#);
    let empty = r#"{"type":"image_generation.completed"}"#;
    check(
        "9: completed without a picture",
        Ask::Stream,
        &[&event, empty],
        &only,
    );
    check("9: the end marker", Ask::Stream, &[&event, "[DONE]"], &only);
    let event = format!(r#"{{"type":"partial_image","index":0,"b64_json":"{preview}"}}"#);
    check(
        "8: bare names",
        Ask::Stream,
        &[&event, r#"{"type":"done"}"#],
        &only,
    );
    let result = format!(r#"{{"type":"completed","b64_json":"{}"}}"#, pic(1));
    check(
        "8: bare names",
        Ask::Stream,
        &[&event, &result],
        &["preview 3", "picture 1"],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn responses_wherever_the_picture_is() {
    let bench = Bench::new();
    let check = |name: &str, events: &[&str], expected: &[&str]| {
        bench.check(name, Ask::Responses, (SSE, &stream(events)), expected);
    };
    let item = |n: u8| {
        format!(
            r#"{{"id":"ig_{n}","type":"image_generation_call","status":"completed","result":"{}"}}"#,
            pic(n)
        )
    };
    let done = |item: &str| {
        format!(r#"{{"type":"response.output_item.done","output_index":0,"item":{item}}}"#)
    };
    let end = |name: &str, output: &str| {
        format!(
            r#"{{"type":"response.{name}","response":{{"id":"r","status":"{name}","output":[{output}]}}}}"#
        )
    };
    let one = item(1);
    check(
        "10: in the item alone",
        &[&done(&one), &end("completed", "")],
        &["picture 1"],
    );
    check(
        "11: in the response alone",
        &[&end("completed", &one)],
        &["picture 1"],
    );
    check(
        "in both, once",
        &[&done(&one), &end("completed", &one)],
        &["picture 1"],
    );
    let nameless = one.replace(r#""id":"ig_1","#, "");
    check(
        "in both, once, without ids",
        &[&done(&nameless), &end("completed", &nameless)],
        &["picture 1"],
    );
    check(
        "of a response that is incomplete",
        &[&end("incomplete", &one)],
        &["picture 1", "warning server - unknown"],
    );
    check(
        "of a response that failed",
        &[&end("failed", &one)],
        &["picture 1", "warning server - unknown"],
    );
    let generating = one.replace("completed", "generating");
    check(
        "13: still generating",
        &[&done(&generating)],
        &["picture 1"],
    );
    let event = format!(
        r#"{{"type":"response.image_generation_call.completed","item_id":"ig_1","b64_json":"{}"}}"#,
        pic(1)
    );
    check(
        "in the event that says that it is drawn",
        &[&event, &end("completed", "")],
        &["picture 1"],
    );
    let event = format!(
        r#"{{"type":"image_generation.completed","b64_json":"{}"}}"#,
        pic(1)
    );
    check("an event of the Images API", &[&event], &["picture 1"]);
    check(
        "14: a tool decision, then foreign events",
        &[
            r#"{"type":"response.output_item.added","item":{"id":"ig_1","type":"image_generation_call","status":"in_progress","result":null}}"#,
            r#"{"type":"message_stop"}"#,
        ],
        &["failed network cut unknown"],
    );
    check(
        "text and reasoning beside it",
        &[
            r#"{"type":"response.queued","response":{"id":"r","status":"queued"}}"#,
            r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
            r#"{"type":"response.output_text.delta","delta":"Here it is"}"#,
            &done(&one),
            &end("completed", &one),
        ],
        &["picture 1"],
    );
    let body = format!(r#"{{"id":"r","object":"response","status":"completed","output":[{one}]}}"#);
    bench.check(
        "2.5: as JSON",
        Ask::Responses,
        (JSON, &body),
        &["picture 1"],
    );
    let body = r#"{"id":"r","object":"response","status":"completed","output":[]}"#;
    bench.check(
        "2.5: nothing",
        Ask::Responses,
        (JSON, body),
        &["failed protocol - unknown"],
    );
    let data = format!(r#"{{"data":[{{"b64_json":"{}"}}]}}"#, pic(1));
    bench.check(
        "an Images answer",
        Ask::Responses,
        (JSON, &data),
        &["picture 1"],
    );
}

#[test]
fn base64_in_every_spelling() {
    let bench = Bench::new();
    let picture = pic(1);
    let lines: Vec<&str> = picture
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let spellings = [
        lines.join("\\r\\n"),
        format!(" {picture} "),
        picture.replace('/', "\\/"),
        picture.replace('+', "-").replace('/', "_"),
        picture.trim_end_matches('=').to_owned(),
        format!("Data:Image/PNG;Base64,{picture}"),
    ];
    for spelling in spellings {
        let body = format!(r#"{{"data":[{{"b64_json":"{spelling}"}}]}}"#);
        let head: String = spelling.chars().take(40).collect();
        bench.check(&head, Ask::Json, (JSON, &body), &["picture 1"]);
    }
    let text = base64(b"these are words, not a picture");
    let body = format!(r#"{{"data":[{{"b64_json":"{text}"}}]}}"#);
    let told = bench.told(Ask::Json, answer("200 OK", &[], body.as_bytes()));
    assert!(
        told.last().unwrap().starts_with("failed protocol"),
        "{told:?}"
    );
}

#[test]
fn what_an_answer_echoes_is_read_leniently() {
    let bench = Bench::new();
    let check = |name: &str, rest: &str| {
        let body = format!(
            r#"{{"data":[{{"b64_json":"{}","revised_prompt":"a red fox"}}],{rest}}}"#,
            pic(1)
        );
        let story = bench.run(Ask::Json, answer("200 OK", &[], body.as_bytes()));
        assert_eq!(super::told(&story), ["picture 1"], "{name}");
        story.images()[0].recipe.clone()
    };
    let recipe = check(
        "22: both families of names for tokens, and no details",
        r#""created":"soon","usage":{"completion_tokens":5,"input_tokens":5,"output_tokens":5,"prompt_tokens":5,"total_tokens":10}"#,
    );
    assert_eq!(recipe.usage, None, "a placeholder");
    assert_eq!(recipe.revised_prompt.as_deref(), Some("a red fox"), "25");
    let recipe = check(
        "23, 24: words that no list has",
        r#""background":"auto","quality":"auto","size":"1033x1522","output_format":"PNG8","created":-1,
           "usage":{"input_tokens":70.0,"output_tokens":"3336","total_tokens":3406}"#,
    );
    let usage = recipe.usage.unwrap();
    assert_eq!(
        (usage.input_tokens, usage.output_tokens),
        (Some(70), Some(3336))
    );
    check(
        "null everywhere",
        r#""background":null,"quality":null,"size":null,"usage":null,"model":null"#,
    );
}

#[test]
fn pictures_are_counted_and_never_assumed() {
    let bench = Bench::new();
    let check = |count: u8, delivered: &[u8], expected: &[&str]| {
        let entries: Vec<String> = delivered
            .iter()
            .map(|&n| format!(r#"{{"b64_json":"{}"}}"#, pic(n)))
            .collect();
        let body = format!(r#"{{"data":[{}]}}"#, entries.join(","));
        let bytes = answer("200 OK", &[], body.as_bytes());
        let script = super::Script::play(vec![(bytes, super::Then::Close)]);
        let mut request = bench.request(Ask::Json, &script.base_url());
        request.parameters.count = count;
        let mut told = super::told(&bench.studio.run(request));
        told.sort();
        assert_eq!(told, expected, "{count}");
    };
    check(3, &[1, 2, 4], &["picture 1", "picture 2", "picture 4"]);
    check(
        3,
        &[1, 2],
        &["failed protocol - yes", "picture 1", "picture 2"],
    );
    check(2, &[1], &["failed protocol - yes", "picture 1"]);
    check(1, &[1, 2], &["picture 1", "picture 2"]);
}
