//! Answers of the Responses API.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use super::{PIC, check, stream};
use crate::protocol::tests::noise;

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
