//! Request bodies of both APIs, field by field.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::*;
use super::noise;
use crate::model::{
    ApiKind, Background, Dialect, EditBody, Effort, ExtraFields, GenerationRequest, ImageField,
    ImageFormat, Moderation, Parameters, Preset, Prompt, Quality, ResponseFormat,
};

fn request(parameters: Parameters) -> GenerationRequest {
    GenerationRequest {
        prompt: Prompt::new("雪中\"红狐\"\n").unwrap(),
        parameters,
        references: Vec::new(),
        mask: None,
        group: None,
        gateway: Preset::Openai.profile(),
    }
}

fn everything() -> Parameters {
    Parameters {
        size: "1536x1024".parse().unwrap(),
        quality: Quality::High,
        format: ImageFormat::Webp,
        background: Background::Transparent,
        moderation: Moderation::Low,
        compression: Some(80),
        count: 3,
        partials: 2,
        ..Parameters::default()
    }
}

fn picture(name: &str, format: ImageFormat, len: usize) -> EncodedPicture {
    EncodedPicture {
        name: name.to_owned(),
        format,
        bytes: Bytes::from(noise(len, 9)),
    }
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn responses() {
    let body = responses_body(&request(Parameters::default()), &[], None, &[]);
    assert_eq!(
        parse(&body),
        json!({
            "model": "gpt-5.5",
            "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "雪中\"红狐\"\n"}]}],
            "stream": true,
            "store": false,
            "tool_choice": {"type": "image_generation"},
            "tools": [{
                "type": "image_generation", "model": "gpt-image-2", "size": "auto", "quality": "auto",
                "output_format": "png", "partial_images": 2,
            }],
        })
    );

    let first = picture("a.png", ImageFormat::Png, 100_000);
    let second = picture("b.jpg", ImageFormat::Jpeg, 1);
    let body = responses_body(
        &request(everything()),
        &[first.clone(), second],
        Some(&first),
        &[],
    );
    let body = parse(&body);
    let url = format!("data:image/png;base64,{}", STANDARD.encode(&first.bytes));
    let content = &body["input"][0]["content"];
    assert_eq!(
        content[1],
        json!({"type": "input_image", "image_url": url, "detail": "auto"})
    );
    assert!(
        content[2]["image_url"]
            .as_str()
            .unwrap()
            .starts_with("data:image/jpeg;base64,")
    );
    assert_eq!(
        body["tools"][0],
        json!({
            "type": "image_generation", "model": "gpt-image-2", "size": "1536x1024", "quality": "high",
            "output_format": "webp", "output_compression": 80, "background": "transparent", "moderation": "low",
            "partial_images": 2, "input_image_mask": {"image_url": url},
        })
    );
}

/// A request in a dialect.
fn in_dialect(dialect: Dialect) -> GenerationRequest {
    let mut request = request(everything());
    request.gateway.dialect = dialect;
    request
}

fn extra(json: &str) -> ExtraFields {
    ExtraFields::parse(json).unwrap()
}

/// A part of a form in one line.
fn line(part: &FormPart) -> String {
    match &part.content {
        FormContent::Text(text) => format!("{}={text}", part.name),
        FormContent::File {
            file_name,
            mime,
            bytes,
        } => format!("{}: {file_name} {mime} {}", part.name, bytes.len()),
    }
}

#[test]
fn without_what_a_gateway_refuses() {
    let body = parse(&responses_body(
        &request(everything()),
        &[],
        None,
        &OptionalParameter::ALL,
    ));
    assert_eq!(body["tool_choice"], "auto");
    assert_eq!(body.get("store"), None);
    assert_eq!(
        body["tools"][0],
        json!({"type": "image_generation", "model": "gpt-image-2", "size": "1536x1024"})
    );
    let body = parse(&generations_body(
        &request(everything()),
        1,
        &OptionalParameter::ALL,
    ));
    assert_eq!(
        body,
        json!({"model": "gpt-image-2", "prompt": "雪中\"红狐\"\n", "size": "1536x1024"})
    );
}

#[test]
fn what_a_gateway_refused_before_is_left_out_from_the_start() {
    let refused: Vec<String> = OptionalParameter::ALL
        .iter()
        .map(|parameter| parameter.as_str().to_owned())
        .chain(["size", "model", "prompt", "input", "tools", "image"].map(str::to_owned))
        .collect();
    let request = in_dialect(Dialect {
        reasoning: Some(Effort::High),
        response_format: ResponseFormat::Url,
        guard_prompt: true,
        extra: extra(r#"{"quality": "ultra", "seed": 7}"#),
        refused,
        ..Dialect::default()
    });
    assert_eq!(
        parse(&responses_body(&request, &[], None, &[])),
        json!({
            "model": "gpt-5.5",
            "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "雪中\"红狐\"\n"}]}],
            "stream": true,
            "tool_choice": "auto",
            "tools": [{"type": "image_generation", "model": "gpt-image-2"}],
            "seed": 7,
        }),
        "what no request can do without stays"
    );
    let body = parse(&generations_body(&request, 1, &[]));
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["model", "prompt", "seed"]);
    assert!(!is_streamed(
        &in_dialect(Dialect {
            refused: vec!["stream".to_owned()],
            ..Dialect::default()
        }),
        &[]
    ));
}

#[test]
fn every_effort() {
    for &effort in Effort::ALL {
        let request = in_dialect(Dialect {
            reasoning: Some(effort),
            ..Dialect::default()
        });
        let expected = if effort == Effort::None {
            json!({"effort": "none"})
        } else {
            json!({"effort": effort.as_str(), "summary": "auto"})
        };
        let body = parse(&responses_body(&request, &[], None, &[]));
        assert_eq!(body["reasoning"], expected);
        let body = parse(&responses_body(
            &request,
            &[],
            None,
            &[OptionalParameter::Reasoning],
        ));
        assert_eq!(body.get("reasoning"), None);
        let body = parse(&generations_body(&request, 1, &[]));
        assert_eq!(body.get("reasoning"), None, "the Images API has none");
    }
}

#[test]
fn every_response_format() {
    let reference = [picture("a.png", ImageFormat::Png, 10)];
    let check = |format: ResponseFormat, expected: Option<&str>| {
        let request = in_dialect(Dialect {
            response_format: format,
            ..Dialect::default()
        });
        let body = parse(&generations_body(&request, 1, &[]));
        assert_eq!(
            body.get("response_format").and_then(Value::as_str),
            expected
        );
        let parts = edit_parts(&request, &reference, None, 1, &[]);
        let part = parts
            .iter()
            .find(|part| part.name == "response_format")
            .map(line);
        assert_eq!(part, expected.map(|word| format!("response_format={word}")));
        let body = parse(&responses_body(&request, &[], None, &[]));
        assert!(
            !body.to_string().contains("response_format"),
            "there is none (2.3)"
        );
    };
    check(ResponseFormat::Omit, None);
    check(ResponseFormat::B64Json, Some("b64_json"));
    check(ResponseFormat::Url, Some("url"));
}

#[test]
fn the_guard_stands_where_it_can() {
    let request = in_dialect(Dialect {
        guard_prompt: true,
        ..Dialect::default()
    });
    let body = parse(&responses_body(&request, &[], None, &[]));
    assert!(
        body["instructions"]
            .as_str()
            .unwrap()
            .contains("exactly as it is written")
    );
    assert_eq!(body["input"][0]["content"][0]["text"], "雪中\"红狐\"\n");
    let body = parse(&generations_body(&request, 1, &[]));
    let prompt = body["prompt"].as_str().unwrap();
    assert!(prompt.contains("exactly as it is written") && prompt.ends_with("\n\n雪中\"红狐\"\n"));
    assert_eq!(request.prompt.as_str(), "雪中\"红狐\"\n");
}

#[test]
fn fields_of_the_profile_come_last_and_win() {
    let request = in_dialect(Dialect {
        extra: extra(
            r#"{"store": true, "user": "me", "quality": "ultra", "moderation": null,
                "tools": {"quality": "hd", "background": null, "seed": 7, "type": "other"}}"#,
        ),
        ..Dialect::default()
    });
    let body = parse(&responses_body(&request, &[], None, &[]));
    assert_eq!(
        (&body["store"], &body["user"], &body["quality"]),
        (&json!(true), &json!("me"), &json!("ultra"))
    );
    assert_eq!(body.get("moderation"), None);
    assert_eq!(
        body["tools"],
        json!([{
            "type": "image_generation", "model": "gpt-image-2", "size": "1536x1024", "quality": "hd",
            "output_format": "webp", "output_compression": 80, "moderation": "low", "partial_images": 2, "seed": 7,
        }]),
        "an object goes into the tool"
    );

    let request = in_dialect(Dialect {
        extra: extra(
            r#"{"tools": [{"type": "web"}], "stream": false, "n": 5, "seed": 7, "style": {"a": [1]}, "moderation": null}"#,
        ),
        ..Dialect::default()
    });
    let body = parse(&responses_body(&request, &[], None, &[]));
    assert_eq!(
        (&body["tools"], &body["stream"]),
        (&json!([{"type": "web"}]), &json!(false))
    );
    assert_eq!(
        parse(&generations_body(&request, 2, &[])),
        json!({
            "model": "gpt-image-2", "prompt": "雪中\"红狐\"\n", "n": 5, "size": "1536x1024", "quality": "high",
            "output_format": "webp", "output_compression": 80, "background": "transparent",
            "tools": [{"type": "web"}], "stream": false, "seed": 7, "style": {"a": [1]},
        })
    );
    let parts = edit_parts(
        &request,
        &[picture("a.png", ImageFormat::Png, 10)],
        None,
        2,
        &[],
    );
    let lines: Vec<String> = parts.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "model=gpt-image-2",
            "prompt=雪中\"红狐\"\n",
            "size=1536x1024",
            "quality=high",
            "output_format=webp",
            "output_compression=80",
            "background=transparent",
            "image[]: a.png image/png 10",
            "n=5",
            "seed=7",
            "stream=false",
            "style={\"a\":[1]}",
            "tools=[{\"type\":\"web\"}]",
        ]
    );
}

#[test]
fn generations() {
    let body = generations_body(&request(everything()), 3, &[]);
    assert_eq!(
        parse(&body),
        json!({
            "model": "gpt-image-2", "prompt": "雪中\"红狐\"\n", "n": 3, "size": "1536x1024", "quality": "high",
            "output_format": "webp", "output_compression": 80, "background": "transparent", "moderation": "low",
            "stream": true, "partial_images": 2,
        })
    );
    let mut plain = request(Parameters {
        compression: Some(50),
        ..Parameters::default()
    });
    plain.gateway.stream = false;
    assert_eq!(
        parse(&generations_body(&plain, 1, &[])),
        json!({
            "model": "gpt-image-2", "prompt": "雪中\"红狐\"\n", "size": "auto", "quality": "auto", "output_format": "png",
        }),
        "no n for one, no compression for PNG, no previews without a stream"
    );
}

#[test]
fn edits() {
    let references = [
        picture("a.png", ImageFormat::Png, 10),
        picture("b.jpg", ImageFormat::Jpeg, 20),
    ];
    let mask = picture("mask.png", ImageFormat::Png, 5);
    let check = |field: ImageField, name: &str| {
        let mut request = request(Parameters::default());
        request.gateway.dialect.image_field = field;
        let parts = edit_parts(&request, &references, Some(&mask), 1, &[]);
        let lines: Vec<String> = parts.iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "model=gpt-image-2",
                "prompt=雪中\"红狐\"\n",
                "size=auto",
                "quality=auto",
                "output_format=png",
                "stream=true",
                "partial_images=2",
                &format!("{name}: a.png image/png 10"),
                &format!("{name}: b.jpg image/jpeg 20"),
                "mask: mask.png image/png 5",
            ]
        );
    };
    check(ImageField::Bracketed, "image[]");
    check(ImageField::Plain, "image");
}

#[test]
fn edits_as_json() {
    let mut request = request(Parameters::default());
    request.gateway.dialect.edit_body = EditBody::Json;
    request.gateway.stream = false;
    let references = [
        picture("a.png", ImageFormat::Png, 100_000),
        picture("b.jpg", ImageFormat::Jpeg, 20),
    ];
    let mask = picture("mask.png", ImageFormat::Png, 5);
    let url = |picture: &EncodedPicture| {
        let data = STANDARD.encode(&picture.bytes);
        json!({"image_url": format!("data:{};base64,{data}", picture.format.mime())})
    };
    assert_eq!(
        parse(&edit_body(&request, &references, Some(&mask), 2, &[])),
        json!({
            "model": "gpt-image-2", "prompt": "雪中\"红狐\"\n", "n": 2, "size": "auto", "quality": "auto",
            "output_format": "png", "images": [url(&references[0]), url(&references[1])], "mask": url(&mask),
        })
    );
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    let names = || {
        let ours = OptionalParameter::ALL.map(OptionalParameter::as_str);
        prop::sample::select([&ours[..], &["size", "seed", "model", "prompt", "tools"]].concat())
    };
    let value = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(|number| json!(number)),
        "[a-z\"\u{4e00}]{0,6}".prop_map(|text| json!(text)),
        Just(json!({"a": [1]})),
    ];
    (
        prop::option::of(prop::sample::select(Effort::ALL.to_vec())),
        prop::sample::select(ResponseFormat::ALL.to_vec()),
        any::<bool>(),
        prop::collection::btree_map(names(), value, 0..5),
        prop::collection::vec(names(), 0..5),
    )
        .prop_map(
            |(reasoning, response_format, guard_prompt, fields, refused)| {
                let fields: Map<String, Value> = fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                Dialect {
                    reasoning,
                    response_format,
                    guard_prompt,
                    extra: extra(&Value::Object(fields).to_string()),
                    refused: refused.into_iter().map(str::to_owned).collect(),
                    ..Dialect::default()
                }
            },
        )
}

proptest! {
    #[test]
    fn a_dialect_never_sends_what_is_refused_and_always_what_is_wanted(
        dialect in any_dialect(),
        api in prop::sample::select(vec![ApiKind::Responses, ApiKind::Images]),
        without in prop::sample::subsequence(OptionalParameter::ALL.to_vec(), 0..3),
    ) {
        let mut request = in_dialect(dialect.clone());
        request.gateway.api = api;
        let bytes = match api {
            ApiKind::Responses => responses_body(&request, &[], None, &without),
            ApiKind::Images => generations_body(&request, 1, &without),
        };
        let text = String::from_utf8(bytes).unwrap();
        let body = parse(text.as_bytes());
        prop_assert!(!text.contains("input_fidelity"));
        let top: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        for name in &top {
            // A name twice in one object is an error to some and a riddle to all.
            prop_assert_eq!(text.matches(&format!("\"{name}\":")).count(), 1 + nested(&body, name));
        }
        let is_refused = |name: &str| {
            without.iter().any(|parameter| parameter.as_str() == name)
                || dialect.refused.iter().any(|refused| refused == name)
        };
        let essential = ["model", "prompt", "input", "tools"];
        for name in top.iter().filter(|name| !essential.contains(name)) {
            let stays = api == ApiKind::Responses && matches!(*name, "stream" | "tool_choice");
            prop_assert!(!is_refused(name) || stays, "{} is sent", name);
        }
        for (name, value) in dialect.extra.fields() {
            let is_merged = name == "tools" && api == ApiKind::Responses && value.is_object();
            if !value.is_null() && !is_merged && (!is_refused(name) || essential.contains(&name.as_str())) {
                prop_assert_eq!(&body[name], value);
            }
        }
    }
}

/// How often a name stands below the top.
fn nested(value: &Value, name: &str) -> usize {
    fn all(value: &Value, name: &str) -> usize {
        match value {
            Value::Object(fields) => fields
                .iter()
                .map(|(field, value)| usize::from(field == name) + all(value, name))
                .sum(),
            Value::Array(items) => items.iter().map(|item| all(item, name)).sum(),
            _ => 0,
        }
    }
    all(value, name) - usize::from(value.get(name).is_some())
}
