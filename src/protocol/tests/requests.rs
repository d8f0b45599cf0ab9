//! Request bodies of both APIs, field by field.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::super::*;
use super::noise;
use crate::model::{
    Background, GenerationRequest, ImageFormat, Moderation, Parameters, Preset, Prompt, Quality,
};

fn request(parameters: Parameters) -> GenerationRequest {
    GenerationRequest {
        prompt: Prompt::new("雪中\"红狐\"\n").unwrap(),
        parameters,
        references: Vec::new(),
        mask: None,
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

#[test]
fn without_what_a_gateway_refuses() {
    let body = parse(&responses_body(
        &request(everything()),
        &[],
        None,
        &OptionalParameter::ALL,
    ));
    assert_eq!(body["tool_choice"], "required");
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
    let request = request(Parameters::default());
    let parts: Vec<String> = edit_parts(&request, &references, Some(&mask), 1, &[])
        .iter()
        .map(|part| match &part.content {
            FormContent::Text(text) => format!("{}={text}", part.name),
            FormContent::File {
                file_name,
                mime,
                bytes,
            } => format!("{}: {file_name} {mime} {}", part.name, bytes.len()),
        })
        .collect();
    assert_eq!(
        parts,
        [
            "model=gpt-image-2",
            "prompt=雪中\"红狐\"\n",
            "size=auto",
            "quality=auto",
            "output_format=png",
            "stream=true",
            "partial_images=2",
            "image[]: a.png image/png 10",
            "image[]: b.jpg image/jpeg 20",
            "mask: mask.png image/png 5",
        ]
    );
}
