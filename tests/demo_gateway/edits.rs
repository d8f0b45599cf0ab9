//! References and masks.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::{SERVER, SIZE, picture, responses};

/// The line between what a [`mask`] keeps and what it frees.
const HALF: u32 = SIZE.0 / 2;

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

fn reference() -> RgbaImage {
    RgbaImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let [_, _, blue, _] = (x * 7 + y * 13).to_be_bytes();
        Rgba([200, 30, blue, 255])
    })
}

/// The right half may change.
fn mask() -> RgbaImage {
    RgbaImage::from_fn(SIZE.0, SIZE.1, |x, _| {
        Rgba([0, 0, 0, if x < HALF { 255 } else { 0 }])
    })
}

fn data_url(file: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(file))
}

fn edit(parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
    let fields = [
        ("model", None, b"gpt-image-2".as_slice()),
        ("prompt", None, "雪中的红狐狸".as_bytes()),
    ];
    Call::form("/v1/images/edits", &[&fields, parts].concat()).send(&SERVER)
}

fn only_the_masked_half_changed(result: &Value) {
    let (result, reference) = (picture(result), reference());
    let kept = |x: u32| (0..SIZE.1).all(|y| result.get_pixel(x, y) == reference.get_pixel(x, y));
    assert!((0..HALF - 64).all(kept), "the kept half changed");
    assert!(!(HALF + 64..SIZE.0).any(kept), "the masked half stayed");
}

#[test]
fn a_mask_frees_its_part_and_no_more() {
    let (reference, mask) = (png(&reference()), png(&mask()));
    let image = ("image", Some("a.png"), reference.as_slice());
    let mask_part = ("mask", Some("m.png"), mask.as_slice());
    let answer = edit(&[image, mask_part]);
    assert_eq!(answer.status, 200, "{:?}", answer.text());
    // No size was asked for: it is that of the reference.
    let body = answer.json();
    assert_eq!(body["size"], "1024x640");
    only_the_masked_half_changed(&body["data"][0]["b64_json"]);

    let body = json!({
        "model": "gpt-image-2",
        "prompt": "雪中的红狐狸",
        "images": [{"image_url": data_url(&reference)}],
        "mask": {"image_url": data_url(&mask)},
    });
    let answer = Call::post("/v1/images/edits", &body).send(&SERVER);
    only_the_masked_half_changed(&answer.json()["data"][0]["b64_json"]);

    let tool = json!({"input_image_mask": {"image_url": data_url(&mask)}});
    let body = json!({
        "model": "gpt-5.5",
        "input": [{"role": "user", "content": [
            {"type": "input_text", "text": "雪中的红狐狸"},
            {"type": "input_image", "image_url": data_url(&reference)},
        ]}],
        "tools": [{"type": "image_generation", "input_image_mask": tool["input_image_mask"]}],
    });
    let answer = Call::post("/v1/responses", &body).send(&SERVER);
    only_the_masked_half_changed(&answer.json()["output"][0]["result"]);

    let (status, error) = responses(false, &tool).error(&SERVER);
    let param = json!("tools[0].input_image_mask");
    assert_eq!((status, &error["param"]), (400, &param));
}

#[test]
fn references_count_and_streams_are_edits() {
    let reference = png(&reference());
    let several = ["a.png", "b.png"].map(|name| ("image[]", Some(name), reference.as_slice()));
    let text = |name: &'static str, value: &'static str| (name, None, value.as_bytes());
    let stream = [
        text("stream", "true"),
        text("partial_images", "1"),
        text("size", "1024x640"),
        text("quality", "auto"),
    ];
    let answer = edit(&[several.as_slice(), &stream].concat());
    let names = ["image_edit.partial_image", "image_edit.completed"];
    assert_eq!(answer.names(), names);
    let completed = answer.event(names[1]);
    picture(&completed["b64_json"]);
    let usage = &completed["usage"]["input_tokens_details"];
    assert_eq!(usage["image_tokens"], 2000);
}

#[test]
fn what_is_no_picture_is_refused() {
    let reference = png(&reference());
    let image = ("image", Some("a.png"), reference.as_slice());
    let other_size = png(&RgbaImage::new(64, 64));
    let mut jpeg = Cursor::new(Vec::new());
    let opaque = image::DynamicImage::from(mask()).into_rgb8();
    opaque.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    let check = |parts: &[(&str, Option<&str>, &[u8])], param: &str, code: &str| {
        let answer = edit(parts);
        let error = &answer.json()["error"];
        assert_eq!(
            (answer.status, &error["param"]),
            (400, &json!(param)),
            "{error}"
        );
        assert_eq!(error["code"], code);
    };
    check(&[], "image", "missing_required_parameter");
    check(
        &[("image", Some("a.png"), b"")],
        "image",
        "empty_image_file",
    );
    check(
        &[("image", Some("a.png"), b"GIF89a")],
        "image",
        "invalid_image_format",
    );
    check(
        &[("image", Some("a.png"), &reference[..5000])],
        "image",
        "image_parse_error",
    );
    check(
        &[image, ("mask", Some("m.png"), &other_size)],
        "mask",
        "invalid_value",
    );
    check(
        &[image, ("mask", Some("m.jpg"), &jpeg)],
        "mask",
        "invalid_image_mode",
    );
    check(&[image, ("n", None, b"11")], "n", "integer_above_max_value");
    check(&[image, ("stream", None, b"yes")], "stream", "invalid_type");
}
