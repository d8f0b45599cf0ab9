//! What is answered when nothing goes wrong.

use atelier::demo::{DemoConfig, Dialect};
use image::ImageFormat;
use serde_json::{Value, json};

use crate::client::Call;
use crate::{SERVER, SIZE, decode, file, generations, picture, quick, responses, start};

const PARTIAL: &str = "response.image_generation_call.partial_image";
const DONE: &str = "response.output_item.done";

#[test]
fn responses_stream_has_every_event_in_openai_s_order() {
    let answer = responses(true, &json!({"partial_images": 2})).send(&SERVER);
    assert_eq!(answer.status, 200);
    assert!(answer.header("x-request-id").unwrap().starts_with("req_"));
    let events = answer.events();
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.image_generation_call.in_progress",
        "response.image_generation_call.generating",
        PARTIAL,
        PARTIAL,
        "response.image_generation_call.completed",
        DONE,
        "response.completed",
    ];
    assert_eq!(names, expected);
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event.data["type"], event.name);
        assert_eq!(event.data["sequence_number"], number);
    }
    let previews: Vec<_> = events
        .iter()
        .filter(|event| event.name == PARTIAL)
        .enumerate()
        .map(|(index, event)| {
            assert_eq!(event.data["partial_image_index"], index);
            picture(&event.data["partial_image_b64"])
        })
        .collect();
    let item = &answer.event(DONE)["item"];
    let result = picture(&item["result"]);
    assert!(previews[0] != previews[1] && previews[1] != result);
    assert_eq!(item["type"], "image_generation_call");
    assert_eq!(item["status"], "completed");
    assert_eq!(item["size"], "1024x640");
    let revised = item["revised_prompt"].as_str().unwrap();
    assert!(revised.contains("a red fox in snow"), "{revised}");
    let response = &answer.event("response.completed")["response"];
    assert_eq!(response["status"], "completed");
    assert_eq!(&response["output"], &json!([item]));
    let usage = &response["usage"];
    let sum = usage["input_tokens"].as_u64().unwrap() + usage["output_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"], sum);
}

#[test]
fn responses_without_a_stream_is_the_response_alone() {
    let answer = responses(false, &json!({"partial_images": 2})).send(&SERVER);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let response = answer.json();
    assert_eq!(response["object"], "response");
    picture(&response["output"][0]["result"]);
}

#[test]
fn junfeiai_s_spelling_is_abbreviated() {
    let config = DemoConfig {
        dialect: Dialect::JunFeiAi,
        ..quick()
    };
    let configured = start(config);
    let call = responses(true, &json!({"partial_images": 1}));
    let answers = [
        call.clone().send(&configured),
        call.clone()
            .header("x-demo-dialect", "junfeiai")
            .send(&SERVER),
    ];
    for answer in answers {
        let names = answer.names();
        let generating = "response.image_generation_call.generating";
        assert_eq!(names, [generating, PARTIAL, DONE, "response.completed"]);
        let partial = answer.event(PARTIAL);
        let keys: Vec<&String> = partial.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["partial_image", "partial_image_index", "type"]);
        picture(&partial["partial_image"]);
        let item = &answer.event(DONE)["item"];
        let keys: Vec<&String> = item.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["result", "type"]);
        picture(&item["result"]);
    }
    let (status, error) = call.header("x-demo-dialect", "klingon").error(&SERVER);
    assert_eq!((status, &error["param"]), (400, &json!("x-demo-dialect")));
}

#[test]
fn the_images_api_gives_n_different_pictures_and_says_what_they_are() {
    let body = generations(&json!({"n": 3, "quality": "low"}))
        .send(&SERVER)
        .json();
    let data = body["data"].as_array().unwrap();
    assert_eq!(data.len(), 3);
    let pictures: Vec<_> = data
        .iter()
        .map(|entry| picture(&entry["b64_json"]))
        .collect();
    assert!(pictures[0] != pictures[1] && pictures[1] != pictures[2]);
    assert_eq!(body["size"], "1024x640");
    assert_eq!(body["quality"], "low");
    assert_eq!(body["background"], "opaque");
    assert_eq!(body["output_format"], "png");
    assert_eq!(
        body["usage"]["output_tokens"],
        3 * 200 * 1024 * 640 / (1024 * 1024)
    );
    let details = &body["usage"]["input_tokens_details"];
    assert_eq!(details["text_tokens"], body["usage"]["input_tokens"]);
}

#[test]
fn the_images_api_streams() {
    let change = json!({"stream": true, "partial_images": 2, "n": 2});
    let answer = generations(&change).send(&SERVER);
    let (partial, completed) = (
        "image_generation.partial_image",
        "image_generation.completed",
    );
    let one = [partial, partial, completed];
    assert_eq!(answer.names(), [one, one].concat());
    for event in answer.events() {
        assert_eq!(event.data["type"], event.name);
        assert_eq!(event.data["size"], "1024x640");
        picture(&event.data["b64_json"]);
    }
    assert!(answer.event(completed)["usage"]["total_tokens"].is_u64());
}

#[test]
fn every_format_is_what_it_says() {
    let check = |change: Value, expected: ImageFormat| {
        let body = generations(&change).send(&SERVER).json();
        let (format, picture) = decode(&file(&body["data"][0]["b64_json"]));
        assert_eq!(format, expected, "{change}");
        assert_eq!(picture.dimensions(), SIZE, "{change}");
        assert_eq!(
            body["output_format"],
            expected.extensions_str()[0].replace("jpg", "jpeg")
        );
        picture.pixels().any(|pixel| pixel.0[3] < 255)
    };
    assert!(!check(json!({}), ImageFormat::Png));
    assert!(!check(
        json!({"output_format": "jpeg", "output_compression": 60}),
        ImageFormat::Jpeg
    ));
    assert!(!check(json!({"output_format": "webp"}), ImageFormat::WebP));
}

#[test]
fn the_same_prompt_and_seed_give_the_same_file() {
    // Without a cache, so that each is painted.
    let server = start(DemoConfig {
        cache_bytes: 0,
        ..quick()
    });
    let paint =
        |change: Value| file(&generations(&change).send(&server).json()["data"][0]["b64_json"]);
    let first = paint(json!({"seed": null}));
    assert!(first == paint(json!({"seed": 0})));
    assert!(first != paint(json!({"seed": 7})));
    assert!(first != paint(json!({"prompt": "a blue whale"})));
    let again = paint(json!({"seed": null}));
    assert!(first != again, "asked again, a prompt is drawn anew");
    assert!(again == paint(json!({"seed": 1})));
}

#[test]
fn auto_is_settled_and_said() {
    let body = generations(&json!({"size": "auto", "quality": "auto"}))
        .send(&SERVER)
        .json();
    assert_eq!(body["size"], "1024x1024");
    assert_eq!(body["quality"], "medium");
    let (_, picture) = decode(&file(&body["data"][0]["b64_json"]));
    assert_eq!(picture.dimensions(), (1024, 1024));
}

#[test]
fn the_models_are_listed() {
    let list = Call::get("/v1/models").send(&SERVER).json();
    let ids: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.contains(&"gpt-image-2") && ids.contains(&"gpt-5.5"),
        "{ids:?}"
    );
}
