use serde_json::json;

use super::*;

/// The `param` and `code` of the refusal, or `None` when the order is legal.
fn refusal(endpoint: Endpoint, body: &Value) -> Option<(String, String)> {
    let error = Order::from_json(endpoint, body.to_string().as_bytes()).err()?;
    Some(error.param_and_code())
}

/// A legal body with `change` laid over it (over the tool, for Responses).
fn body(endpoint: Endpoint, change: &Value) -> Value {
    let mut picture = json!({"model": "gpt-image-2", "size": "1024x1024"});
    let fields = picture.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    match endpoint {
        Endpoint::Responses => {
            fields.insert("type".into(), "image_generation".into());
            json!({"model": "gpt-5.5", "input": "a fox", "tools": [picture]})
        }
        Endpoint::Generations => {
            fields.entry("prompt").or_insert("a fox".into());
            picture
        }
        Endpoint::Edits => {
            fields.entry("prompt").or_insert("a fox".into());
            fields
                .entry("images")
                .or_insert(json!([{"image_url": "data:image/png;base64,AAAA"}]));
            picture
        }
    }
}

fn check(change: &Value, param: &str, code: &str) {
    for endpoint in [Endpoint::Responses, Endpoint::Generations, Endpoint::Edits] {
        let prefix = if endpoint == Endpoint::Responses {
            "tools[0]."
        } else {
            ""
        };
        let expected = (!code.is_empty()).then(|| (format!("{prefix}{param}"), code.to_owned()));
        let got = refusal(endpoint, &body(endpoint, change));
        assert_eq!(got, expected, "{endpoint:?} {change}");
    }
}

#[test]
fn parameters_are_checked_alike_on_all_endpoints() {
    check(&json!({}), "", "");
    check(&json!({"size": "auto"}), "", "");
    check(&json!({"size": "3840x2160"}), "", "");
    check(&json!({"size": "1920x1080"}), "size", "invalid_value");
    check(&json!({"size": "1024X1024"}), "size", "invalid_value");
    check(&json!({"size": "large"}), "size", "invalid_value");
    check(&json!({"size": 1024}), "size", "invalid_type");
    check(&json!({"quality": "high"}), "", "");
    check(&json!({"quality": "hd"}), "quality", "invalid_value");
    check(
        &json!({"output_format": "jpg"}),
        "output_format",
        "invalid_value",
    );
    check(
        &json!({"output_format": "webp", "output_compression": 0}),
        "",
        "",
    );
    check(
        &json!({"output_format": "jpeg", "output_compression": 101}),
        "output_compression",
        "integer_above_max_value",
    );
    check(
        &json!({"output_compression": 50}),
        "output_compression",
        "invalid_png_output_compression",
    );
    check(&json!({"partial_images": 3}), "", "");
    check(
        &json!({"partial_images": 4}),
        "partial_images",
        "integer_above_max_value",
    );
    check(
        &json!({"partial_images": -1}),
        "partial_images",
        "integer_below_min_value",
    );
    check(
        &json!({"partial_images": 1.5}),
        "partial_images",
        "invalid_type",
    );
    check(&json!({"background": "transparent"}), "", "");
    check(
        &json!({"background": "transparent", "output_format": "jpeg"}),
        "background",
        "invalid_value",
    );
    check(&json!({"moderation": "off"}), "moderation", "invalid_value");
    check(&json!({"quality": null, "background": ""}), "", "");
    check(&json!({"unheard_of": true}), "", "");
}

#[test]
fn the_images_api_has_fields_of_its_own() {
    let check = |change: Value, param: &str, code: &str| {
        let expected = (!code.is_empty()).then(|| (param.to_owned(), code.to_owned()));
        let body = body(Endpoint::Generations, &change);
        assert_eq!(refusal(Endpoint::Generations, &body), expected, "{change}");
    };
    check(json!({"n": 10}), "", "");
    check(json!({"n": 0}), "n", "integer_below_min_value");
    check(json!({"n": 11}), "n", "integer_above_max_value");
    check(json!({"n": "2"}), "n", "invalid_type");
    check(json!({"response_format": "url"}), "", "");
    check(
        json!({"response_format": "png"}),
        "response_format",
        "invalid_value",
    );
    check(
        json!({"prompt": "  "}),
        "prompt",
        "missing_required_parameter",
    );
    check(
        json!({"prompt": null}),
        "prompt",
        "missing_required_parameter",
    );
    check(json!({"prompt": "狐".repeat(32_000)}), "", "");
    check(
        json!({"prompt": "狐".repeat(32_001)}),
        "prompt",
        "string_above_max_length",
    );
    check(json!({"stream": "true"}), "stream", "invalid_type");
}

#[test]
fn pictures_come_as_data_urls_only() {
    let check = |images: Value, mask: Value, param: &str, code: &str| {
        let expected = (!code.is_empty()).then(|| (param.to_owned(), code.to_owned()));
        let change = json!({"images": images, "mask": mask});
        let body = body(Endpoint::Edits, &change);
        assert_eq!(refusal(Endpoint::Edits, &body), expected, "{change}");
    };
    let picture = json!({"image_url": "data:image/png;base64,AAAA"});
    check(json!([picture]), json!(null), "", "");
    check(json!([picture]), picture.clone(), "", "");
    check(json!(vec![picture.clone(); 16]), json!(null), "", "");
    check(
        json!(vec![picture.clone(); 17]),
        json!(null),
        "image",
        "invalid_value",
    );
    check(
        json!([]),
        json!(null),
        "image",
        "missing_required_parameter",
    );
    let cases = [
        (json!({"file_id": "file-1"}), "image_file_not_found"),
        (json!({}), "invalid_value"),
        (
            json!({"image_url": "https://h/x.png"}),
            "failed_to_download_image",
        ),
        (
            json!({"image_url": "data:image/png,raw"}),
            "invalid_image_url",
        ),
        (
            json!({"image_url": "data:image/png;base64,?"}),
            "invalid_base64_image",
        ),
    ];
    for (wrong, code) in cases {
        check(json!([wrong]), json!(null), "images", code);
        check(json!([picture]), wrong, "mask", code);
    }
}

#[test]
fn responses_input_is_read_in_every_spelling() {
    let text = json!({"type": "input_text", "text": "a fox"});
    let image = json!({"type": "input_image", "image_url": "data:image/png;base64,AAAA"});
    let inputs = [
        (json!("a fox"), 0),
        (json!([{"role": "user", "content": "a fox"}]), 0),
        (json!([{"role": "user", "content": [text]}]), 0),
        (
            json!([{"type": "message", "role": "user", "content": [text, image, image]}]),
            2,
        ),
    ];
    for (input, references) in inputs {
        let mut body = body(Endpoint::Responses, &json!({}));
        body["input"] = input;
        let order = Order::from_json(Endpoint::Responses, body.to_string().as_bytes()).unwrap();
        assert_eq!(order.prompt, "a fox");
        assert_eq!(order.references.len(), references);
    }
}

#[test]
fn a_responses_call_needs_its_parts() {
    let check = |key: &str, value: Value, param: &str, code: &str| {
        let mut body = body(Endpoint::Responses, &json!({}));
        body[key] = value;
        let expected = Some((param.to_owned(), code.to_owned()));
        assert_eq!(refusal(Endpoint::Responses, &body), expected, "{key}");
    };
    check("model", json!(null), "model", "missing_required_parameter");
    check("input", json!([]), "input", "missing_required_parameter");
    check("input", json!(7), "input", "invalid_value");
    check("tools", json!([]), "tool_choice", "");
    check(
        "tools",
        json!([{"type": "image_generation", "input_image_mask": {"image_url": "data:;base64,AAAA"}}]),
        "tools[0].input_image_mask",
        "invalid_value",
    );
}

#[test]
fn what_is_not_json_is_refused() {
    for body in ["", "{", "[]", "7", "\u{feff}"] {
        assert!(
            Order::from_json(Endpoint::Generations, body.as_bytes()).is_err(),
            "{body}"
        );
    }
}
