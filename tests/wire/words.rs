//! Words instead of a picture, pictures in words, and failures in the middle of a good answer (protocol.md 2.4, 4.3, 8.6).

use super::{Ask, Bench, JSON, SSE, answer, pic, stream, told};

fn message(words: &str) -> String {
    let part = serde_json::json!({"type": "output_text", "text": words});
    format!(
        r#"{{"type":"response.completed","response":{{"id":"r","status":"completed","output":[{{"type":"message","content":[{part}]}}]}}}}"#
    )
}

#[test]
fn words_instead_of_a_picture_are_told_in_full() {
    let bench = Bench::new();
    let words = format!("I can't draw that.\n{}", "因为画不出来。".repeat(2_000));
    let delta = |kind: &str, piece: &str| {
        serde_json::json!({"type": format!("response.{kind}.delta"), "delta": piece}).to_string()
    };
    let (first, second) = words.split_at(words.find('因').unwrap());
    let refusal =
        serde_json::json!({"type": "response.refusal.done", "refusal": words}).to_string();
    let chat = serde_json::json!({
        "id": "c", "object": "chat.completion",
        "choices": [{"message": {"role": "assistant", "content": words}}],
    });
    let in_words = "failed invalid_request words unknown";
    let refused = "failed moderation words unknown";
    let streams = [
        (stream(&[&message(&words)]), in_words),
        (
            stream(&[
                &delta("output_text", first),
                &delta("output_text", second),
                "[DONE]",
            ]),
            in_words,
        ),
        (
            stream(&[
                &delta("output_text", first),
                &delta("output_text", second),
                &message(&words),
            ]),
            in_words,
        ),
        (
            stream(&[
                &delta("refusal", first),
                &delta("refusal", second),
                &refusal,
            ]),
            refused,
        ),
        (chat.to_string(), in_words),
    ];
    for (body, expected) in streams {
        let story = bench.run(Ask::Responses, answer("200 OK", &[], body.as_bytes()));
        assert_eq!(told(&story), [expected]);
        assert_eq!(story.end.failure.unwrap().message, words.trim());
    }
}

#[test]
fn pictures_in_words_are_results() {
    let bench = Bench::new();
    let data = format!("data:image/png;base64,{}", pic(1));
    let texts = [
        format!("Here: ![image_1]({data}) and that is all."),
        format!("![]({data} \"title\")"),
        format!("Here it is:\n{data}"),
    ];
    for text in &texts {
        bench.check(
            text.get(..30).unwrap(),
            Ask::Responses,
            (SSE, &stream(&[&message(text)])),
            &["picture 1"],
        );
        let chat = serde_json::json!({"object": "chat.completion", "choices": [{"message": {"content": text}}]});
        bench.check(
            "in a chat",
            Ask::Stream,
            (JSON, &chat.to_string()),
            &["picture 1"],
        );
        let chunk = serde_json::json!({"object": "chat.completion.chunk", "choices": [{"delta": {"content": text}}]});
        bench.check(
            "in a streamed chat",
            Ask::Stream,
            (SSE, &stream(&[&chunk.to_string(), "[DONE]"])),
            &["picture 1"],
        );
    }
    let two = format!("![a]({data}) ![b](data:image/png;base64,{})", pic(2));
    let mut told = bench.told(
        Ask::Responses,
        answer("200 OK", &[], stream(&[&message(&two)]).as_bytes()),
    );
    told.sort();
    assert_eq!(told, ["picture 1", "picture 2"]);
}

#[test]
fn failures_in_the_middle_of_a_good_answer() {
    let bench = Bench::new();
    let check = |name: &str, events: &[&str], expected: &[&str]| {
        bench.check(name, Ask::Responses, (SSE, &stream(events)), expected);
    };
    let created = r#"{"type":"response.created","response":{"id":"r"}}"#;
    let server = ["failed server - unknown"];
    check(
        "OpenAI's, flat",
        &[
            created,
            r#"{"type":"error","code":"ERR_SOMETHING","message":"no","param":null}"#,
        ],
        &server,
    );
    check(
        "a relay's, nested",
        &[
            created,
            r#"{"type":"error","error":{"type":"server_error","message":"no"}}"#,
        ],
        &server,
    );
    check(
        "new-api's",
        &[
            r#"{"type":"upstream_error","error":{"message":"stream error: stream ID 77; INTERNAL_ERROR; received from peer"}}"#,
        ],
        &server,
    );
    check(
        "33: with status 200, then the end marker",
        &[
            r#"{"error":{"message":"no available image quota","type":"HTTPException"}}"#,
            "[DONE]",
        ],
        &["failed rate_limit pool_exhausted no"],
    );
    check(
        "response.failed",
        &[
            r#"{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"server_error","message":"no"},"output":[]}}"#,
        ],
        &server,
    );
    let incomplete = |reason: &str| {
        format!(
            r#"{{"type":"response.incomplete","response":{{"id":"r","status":"incomplete","error":null,"incomplete_details":{{"reason":"{reason}"}},"output":[]}}}}"#
        )
    };
    check(
        "for its length",
        &[&incomplete("max_output_tokens")],
        &server,
    );
    check("for its length", &[&incomplete("max_tokens")], &server);
    check(
        "for its content",
        &[&incomplete("content_filter")],
        &["failed moderation picture_withheld unknown"],
    );
    check("for whatever", &[&incomplete("tired")], &server);
    let result = format!(
        r#"{{"type":"response.output_item.done","item":{{"type":"image_generation_call","result":"{}"}}}}"#,
        pic(1)
    );
    check(
        "after the picture",
        &[
            &result,
            r#"{"type":"error","code":"server_error","message":"late"}"#,
        ],
        &["picture 1", "warning server - unknown"],
    );
    let at = |stage: &str| {
        format!(
            r#"{{"type":"error","error":{{"type":"image_generation_user_error","code":"moderation_blocked","message":"no","moderation_details":{{"moderation_stage":"{stage}","categories":["violence"]}}}}}}"#
        )
    };
    check(
        "refused before",
        &[created, &at("input")],
        &["failed moderation prompt_refused no"],
    );
    check(
        "refused afterwards",
        &[created, &at("output")],
        &["failed moderation picture_withheld unknown"],
    );
}
