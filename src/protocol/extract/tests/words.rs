//! Answers in words, and pictures in them.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use super::super::MAX_WORDS_BYTES;
use super::{check, stream, told};
use crate::protocol::tests::noise;

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
