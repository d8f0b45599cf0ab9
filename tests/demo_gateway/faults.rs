//! Every fault, over real HTTP.

use std::thread;

use atelier::demo::{DemoConfig, Fault};
use image::ImageFormat;
use serde_json::{Value, json};

use crate::client::{Answer, Call, read_to_end};
use crate::{SERVER, SIZE, decode, file, generations, picture, quick, responses, start};

const PARTIAL: &str = "response.image_generation_call.partial_image";
const DONE: &str = "response.output_item.done";
const COMPLETED: &str = "response.completed";

/// A streamed Responses call with two previews.
fn streamed(fault: &str) -> Answer {
    responses(true, &json!({"partial_images": 2}))
        .fault(fault)
        .send(&SERVER)
}

/// A plain Images call.
fn plain(fault: &str) -> Answer {
    generations(&json!({})).fault(fault).send(&SERVER)
}

/// A streamed Images call with one preview.
fn streamed_images(fault: &str) -> Answer {
    let change = json!({"stream": true, "partial_images": 1});
    generations(&change).fault(fault).send(&SERVER)
}

fn only_file(answer: &Answer) -> Vec<u8> {
    file(&answer.json()["data"][0]["b64_json"])
}

#[test]
fn http_errors_have_status_type_and_code_on_every_endpoint() {
    let check = |fault: &str, status: u16, kind: &str, code: &str| {
        for call in [responses(true, &json!({})), generations(&json!({}))] {
            let (got, error) = call.fault(fault).error(&SERVER);
            assert_eq!((got, &error["type"]), (status, &json!(kind)), "{fault}");
            assert_eq!(error["code"], code, "{fault}");
        }
        let (got, _) = Call::get("/v1/models").fault(fault).error(&SERVER);
        assert_eq!(got, status, "{fault}");
    };
    check("401", 401, "invalid_request_error", "invalid_api_key");
    check("403", 403, "new_api_error", "access_denied");
    check("balance", 403, "new_api_error", "insufficient_user_quota");
    check("quota", 429, "insufficient_quota", "insufficient_quota");
    check("404", 404, "invalid_request_error", "model_not_found");
    check("429", 429, "requests", "rate_limit_exceeded");
    check("500", 500, "server_error", "server_error");
    check("502", 502, "upstream_error", "bad_response_status_code");
    check("503", 503, "server_error", "server_is_overloaded");
    check(
        "moderation-input",
        400,
        "image_generation_user_error",
        "moderation_blocked",
    );
    assert_eq!(plain("429").header("retry-after"), Some("1"));
    let details = &plain("moderation-input").json()["error"]["moderation_details"];
    assert_eq!(details["moderation_stage"], "input");
}

#[test]
fn pages_instead_of_json() {
    for (fault, status, word) in [("html", 200, "<title>"), ("524", 524, "Error code 524")] {
        for answer in [streamed(fault), plain(fault)] {
            assert_eq!(answer.status, status);
            assert!(
                answer
                    .header("content-type")
                    .unwrap()
                    .starts_with("text/html")
            );
            assert!(answer.text().starts_with("<!") && answer.text().contains(word));
        }
    }
}

#[test]
fn the_next_request_is_fine() {
    for (fault, status) in [("429-then-ok", 429), ("500-then-ok", 500)] {
        let change = json!({"prompt": format!("a lamp, {fault}")});
        let call = generations(&change).fault(fault);
        let first = call.send(&SERVER);
        assert_eq!(first.status, status);
        assert_eq!(first.header("retry-after").is_some(), status == 429);
        assert_eq!(call.send(&SERVER).status, 200);
        assert_eq!(call.send(&SERVER).status, 200);
    }
}

#[test]
fn a_fault_comes_by_option_prompt_or_header_and_the_last_wins() {
    let server = start(DemoConfig {
        fault: Some(Fault::NotFound),
        ..quick()
    });
    let call = generations(&json!({}));
    assert_eq!(call.send(&server).status, 404);
    let call = generations(&json!({"prompt": "a fox [fault:502]"}));
    assert_eq!(call.send(&server).status, 502);
    assert_eq!(call.fault("401").send(&server).status, 401);
}

#[test]
fn a_fault_in_the_prompt_does_not_change_the_picture() {
    let with = generations(&json!({"prompt": "a red fox [fault:crlf] in snow"})).send(&SERVER);
    let without = generations(&json!({})).send(&SERVER);
    assert!(decode(&only_file(&with)) == decode(&only_file(&without)));
}

#[test]
fn silence_is_silence() {
    let server = start(quick());
    let change = json!({"stream": true});
    let mut streams = [
        generations(&change).fault("silence").open(&server),
        responses(true, &json!({})).fault("silence").open(&server),
        Call::get("/v1/models").fault("silence").open(&server),
        responses(true, &json!({}))
            .fault("silence-in-stream")
            .open(&server),
    ];
    while server
        .log()
        .iter()
        .filter(|request| request.fault.is_some())
        .count()
        < 4
    {
        thread::yield_now();
    }
    drop(server);
    let sent = streams.each_mut().map(read_to_end);
    assert!(sent[..3].iter().all(Vec::is_empty));
    let begun = String::from_utf8_lossy(&sent[3]);
    assert!(begun.starts_with("HTTP/1.1 200") && !begun.contains(DONE));
}

#[test]
fn the_line_breaks_after_so_many_bytes() {
    let whole = generations(&json!({})).send(&SERVER);
    for after in [0, 1, 500, 70_001] {
        for answer in [
            plain(&format!("cut={after}")),
            streamed(&format!("cut={after}")),
        ] {
            assert_eq!((answer.status, answer.broken), (200, true));
            assert_eq!(answer.body.len(), after);
        }
    }
    assert_eq!(plain("cut").body.len(), 65_536);
    assert!(whole.body.len() > 65_536 && !whole.broken);
}

#[test]
fn the_line_breaks_inside_the_first_preview() {
    for answer in [
        streamed("cut-in-partial"),
        streamed_images("cut-in-partial"),
    ] {
        assert!(answer.broken);
        let last = answer.text().rsplit("\n\n").next().unwrap();
        assert!(last.contains("partial_image") && last.len() > 1000);
        assert!(
            answer
                .events()
                .iter()
                .all(|event| !event.name.contains("partial_image"))
        );
    }
    // A preview comes even where none was asked for, and JSON breaks inside the result.
    let answer = responses(true, &json!({}))
        .fault("cut-in-partial")
        .send(&SERVER);
    assert!(answer.broken && answer.text().contains(PARTIAL));
    let answer = plain("cut-in-partial");
    assert!(answer.broken && answer.text().contains("b64_json"));
}

#[test]
fn words_instead_of_a_picture() {
    let text = streamed("text");
    let done = text.event("response.output_text.done");
    let words = done["text"].as_str().unwrap();
    let deltas: String = text
        .events()
        .iter()
        .filter(|event| event.name == "response.output_text.delta")
        .map(|event| event.data["delta"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(deltas, words);
    let part = json!({"type": "output_text", "text": words, "annotations": []});
    assert_eq!(
        text.event(COMPLETED)["response"]["output"][0]["content"],
        json!([part])
    );
    let refusal = streamed("refusal");
    assert!(refusal.event("response.refusal.done")["refusal"].is_string());
    let message = &refusal.event(DONE)["item"];
    assert_eq!(message["content"][0]["type"], "refusal");
    let whole = responses(false, &json!({}))
        .fault("text")
        .send(&SERVER)
        .json();
    assert_eq!(whole["output"][0]["content"], json!([part]));
    let chat = plain("text").json();
    assert_eq!(chat["choices"][0]["message"]["content"], words);
    let (status, error) = generations(&json!({})).fault("refusal").error(&SERVER);
    assert_eq!(
        (status, &error["code"]),
        (400, &json!("content_policy_violation"))
    );
}

#[test]
fn the_finished_picture_is_withheld() {
    let stream = streamed("moderation-output");
    let names = stream.names();
    assert_eq!(names.iter().filter(|name| *name == PARTIAL).count(), 2);
    assert_eq!(names[names.len() - 2..], ["error", "response.failed"]);
    let images = streamed_images("moderation-output");
    for answer in [&stream, &images] {
        let error = &answer.event("error")["error"];
        assert_eq!(error["code"], "moderation_blocked");
        assert_eq!(error["moderation_details"]["moderation_stage"], "output");
    }
    let failed = &stream.event("response.failed")["response"];
    assert_eq!(failed["error"]["code"], "moderation_blocked");
    let answer = plain("moderation-output");
    assert_eq!(answer.status, 400);
    let details = &answer.json()["error"]["moderation_details"];
    assert_eq!(details["moderation_stage"], "output");
}

#[test]
fn streams_end_in_their_middle() {
    let check = |fault: &str, last: &str, status: &str| {
        let answer = streamed(fault);
        let names = answer.names();
        assert_eq!(
            names.iter().filter(|name| *name == PARTIAL).count(),
            1,
            "{fault}"
        );
        assert_eq!(names.last().unwrap(), last, "{fault}");
        assert!(
            !answer.broken && !names.iter().any(|name| name == DONE),
            "{fault}"
        );
        let end = answer.event(last);
        assert_eq!(
            end["response"]["status"].as_str().unwrap_or(""),
            status,
            "{fault}"
        );
        end
    };
    let error = check("stream-error", "error", "");
    assert_eq!(error["code"], "server_error");
    assert!(error["message"].is_string() && error["param"].is_null());
    let failed = check("failed", "response.failed", "failed");
    assert_eq!(failed["response"]["error"]["code"], "server_error");
    let reason = |end: &Value| end["response"]["incomplete_details"]["reason"].clone();
    let incomplete = check("incomplete", "response.incomplete", "incomplete");
    assert_eq!(reason(&incomplete), "max_output_tokens");
    let filtered = check("content-filter", "response.incomplete", "incomplete");
    assert_eq!(reason(&filtered), "content_filter");
    // The same without previews, on the Images API, and without a stream.
    let bare = responses(true, &json!({})).fault("failed").send(&SERVER);
    assert_eq!(bare.names().last().unwrap(), "response.failed");
    for fault in ["stream-error", "failed", "incomplete"] {
        let images = streamed_images(fault);
        assert!(
            !images
                .names()
                .iter()
                .any(|name| name.ends_with("completed"))
        );
        assert!(images.text().contains("\"error\":{\"message\""), "{fault}");
        assert_eq!(plain(fault).json()["error"]["code"], "server_error");
    }
    let whole = responses(false, &json!({}))
        .fault("incomplete")
        .send(&SERVER);
    assert_eq!(whole.json()["status"], "incomplete");
}

#[test]
fn previews_only() {
    let answer = streamed("no-final");
    assert!(!answer.names().iter().any(|name| name == DONE));
    assert_eq!(answer.event(COMPLETED)["response"]["output"], json!([]));
    picture(&answer.event(PARTIAL)["partial_image_b64"]);
    let unasked = responses(true, &json!({})).fault("no-final").send(&SERVER);
    picture(&unasked.event(PARTIAL)["partial_image_b64"]);
    let images = streamed_images("no-final");
    assert_eq!(images.names(), ["image_generation.partial_image", ""]);
    assert!(images.text().ends_with("\n\ndata: [DONE]\n\n"));
}

#[test]
fn a_picture_then_an_error() {
    let answer = streamed("error-after");
    picture(&answer.event(DONE)["item"]["result"]);
    assert_eq!(answer.names().last().unwrap(), "error");
    let images = streamed_images("error-after");
    picture(&images.event("image_generation.completed")["b64_json"]);
    assert!(images.text().contains("data: {\"error\":"));
    let json = plain("error-after").json();
    picture(&json["data"][0]["b64_json"]);
    assert!(json["error"]["message"].is_string());
}

#[test]
fn one_picture_is_missing() {
    let json = generations(&json!({"n": 2}))
        .fault("fewer")
        .send(&SERVER)
        .json();
    assert_eq!(json["data"].as_array().unwrap().len(), 1);
    assert_eq!(plain("fewer").json()["data"], json!([]));
    let answer = streamed("fewer");
    assert_eq!(answer.event(COMPLETED)["response"]["output"], json!([]));
    assert_eq!(streamed_images("fewer").text(), "data: [DONE]\n\n");
}

#[test]
fn a_responses_result_turns_up_in_odd_places() {
    let generating = streamed("generating");
    let item = &generating.event(DONE)["item"];
    assert_eq!(item["status"], "generating");
    picture(&item["result"]);
    assert!(
        !generating
            .names()
            .iter()
            .any(|name| name.ends_with("completed"))
    );

    let empty = streamed("empty-completed");
    picture(&empty.event(DONE)["item"]["result"]);
    assert_eq!(empty.event(COMPLETED)["response"]["output"], json!([]));

    let only = streamed("only-completed");
    assert!(!only.names().iter().any(|name| name == DONE));
    picture(&only.event(COMPLETED)["response"]["output"][0]["result"]);

    let nameless = streamed("no-id");
    assert_eq!(nameless.header("x-request-id"), None);
    let item = &nameless.event(DONE)["item"];
    assert!(item.get("id").is_none());
    picture(&item["result"]);
    assert!(nameless.event(COMPLETED)["response"].get("id").is_none());
}

#[test]
fn urls_instead_of_base64() {
    let urls = |fault: &str| {
        let done = streamed(fault).event(DONE);
        let completed = streamed_images(fault).event("image_generation.completed");
        let json = plain(fault).json();
        [
            &done["item"]["result"],
            &completed["url"],
            &json["data"][0]["url"],
        ]
        .map(|url| url.as_str().unwrap().to_owned())
    };
    let fetch = |url: &str| {
        let (_, name) = url.split_once("/files/").unwrap();
        Call::get(&format!("/files/{name}")).send(&SERVER)
    };
    for url in urls("url") {
        assert_eq!(decode(&fetch(&url).body).1.dimensions(), SIZE);
    }
    for url in urls("expired-url") {
        assert_eq!(fetch(&url).status, 410);
    }
}

#[test]
fn the_other_kind_of_answer() {
    let json = streamed("json");
    assert_eq!(json.header("content-type"), Some("application/json"));
    picture(&json.json()["output"][0]["result"]);
    picture(&streamed_images("json").json()["data"][0]["b64_json"]);
    let events = plain("sse");
    assert_eq!(events.names(), ["image_generation.completed"]);
    let events = responses(false, &json!({})).fault("sse").send(&SERVER);
    picture(&events.event(DONE)["item"]["result"]);
}

#[test]
fn another_size_or_format_than_is_said() {
    let smaller = plain("smaller");
    assert_eq!(smaller.json()["size"], "1024x640");
    assert_eq!(decode(&only_file(&smaller)).1.dimensions(), (512, 320));
    for (asked, got) in [("png", ImageFormat::Jpeg), ("jpeg", ImageFormat::Png)] {
        let change = json!({"output_format": asked});
        let answer = generations(&change).fault("wrong-format").send(&SERVER);
        assert_eq!(answer.json()["output_format"], asked);
        assert_eq!(decode(&only_file(&answer)).0, got);
    }
}

#[test]
fn files_that_are_no_pictures() {
    for format in ["png", "jpeg", "webp"] {
        let get = |fault: &str| {
            let change = json!({"output_format": format});
            only_file(&generations(&change).fault(fault).send(&SERVER))
        };
        let whole = get("no-id");
        let kind = image::guess_format(&whole).unwrap();
        let corrupt = get("corrupt");
        assert_eq!(corrupt.len(), whole.len());
        assert_eq!(image::guess_format(&corrupt).unwrap(), kind);
        assert!(image::load_from_memory(&corrupt).is_err(), "{format}");
        let truncated = get("truncated-picture");
        assert!(truncated.len() < whole.len() && whole.starts_with(&truncated));
    }
    let huge = only_file(&plain("huge"));
    let reader = image::ImageReader::new(std::io::Cursor::new(&huge)).with_guessed_format();
    assert_eq!(
        reader.unwrap().into_dimensions().unwrap(),
        (100_000, 100_000)
    );
    assert!(huge.len() < 100);
}

#[test]
fn lines_and_writes_are_odd_and_the_picture_is_the_same() {
    let usual = streamed_images("no-id");
    let result = |answer: &Answer| answer.event("image_generation.completed")["b64_json"].clone();
    for fault in ["crlf", "split", "slow"] {
        let odd = streamed_images(fault);
        assert_eq!(odd.names(), usual.names(), "{fault}");
        assert!(result(&odd) == result(&usual), "{fault}");
    }
    let crlf = streamed_images("crlf");
    let text = crlf.text().replace(": keep-alive\n\n", "");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(!usual.text().contains('\r'));
}

#[test]
fn optional_parameters_are_refused_one_by_one() {
    let call = |change: Value| generations(&change).fault("unknown-parameter");
    let (status, error) = call(json!({"response_format": "b64_json"})).error(&SERVER);
    assert_eq!((status, &error["code"]), (400, &json!("unknown_parameter")));
    assert_eq!(error["param"], "response_format");
    assert_eq!(call(json!({})).send(&SERVER).status, 200);
    let moderated = responses(true, &json!({"moderation": "low"})).fault("unknown-parameter");
    assert_eq!(moderated.error(&SERVER).1["param"], "tools[0].moderation");
}

#[test]
fn every_fault_ends_on_every_endpoint() {
    let calls = [
        responses(true, &json!({"partial_images": 1})),
        responses(false, &json!({})),
        generations(&json!({"stream": true, "partial_images": 1})),
        generations(&json!({"n": 2})),
    ];
    for fault in Fault::all() {
        if matches!(fault, Fault::Silence | Fault::SilenceInStream | Fault::Slow) {
            continue;
        }
        for call in &calls {
            let answer = call.clone().fault(&fault.to_string()).send(&SERVER);
            let cut = matches!(fault, Fault::Cut { .. } | Fault::CutInPartial);
            assert_eq!(answer.broken, cut, "{fault}");
            assert_eq!(
                answer.header("x-request-id").is_none(),
                fault == Fault::NoId,
                "{fault}"
            );
        }
    }
}
