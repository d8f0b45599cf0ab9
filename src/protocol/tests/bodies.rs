//! Single bodies: what they are, what is tolerated, where the limits are.

use super::*;

/// Event names and data of a body's frames.
fn frames(decoded: &Decoded) -> Vec<(Option<&str>, String)> {
    decoded
        .frames
        .iter()
        .map(|frame| {
            (
                frame.event(),
                String::from_utf8_lossy(frame.data()).into_owned(),
            )
        })
        .collect()
}

#[test]
fn kinds_of_bodies() {
    let check = |body: &[u8], content_type: Option<&str>, kind: BodyKind| {
        let decoded = decode(body, content_type);
        let body = String::from_utf8_lossy(body);
        assert_eq!(decoded.end.kind, kind, "{body:?} as {content_type:?}");
    };
    let (sse, json) = (Some("text/event-stream"), Some("application/json"));
    // Quirks 1 and 2: one instead of the other.
    check(b" \r\n{\"a\":1}", sse, BodyKind::Json);
    check(b"[1]", sse, BodyKind::Json);
    check(b"data: {}\n\n", json, BodyKind::Sse);
    check(b"\n\nevent: x\ndata: 1\n\n", None, BodyKind::Sse);
    check(b": PING\n\n", None, BodyKind::Sse);
    check(b"id: 1\n", None, BodyKind::Sse);
    check(b"[DONE]\n", None, BodyKind::Sse);
    check(b"<!doctype html>", json, BodyKind::Html);
    check(b"\xef\xbb\xbf <html>", None, BodyKind::Html);
    check(b"upstream error", None, BodyKind::Text);
    check(b"upstream error", sse, BodyKind::Sse);
    check(
        b"null",
        Some("application/json; charset=utf-8"),
        BodyKind::Json,
    );
    check(b"dat", None, BodyKind::Text);
    check(b"", sse, BodyKind::Undecided);
    check(b" \n", sse, BodyKind::Undecided);
    check(b"\x89PNG\r\n\x1a\n\0\0\0\r", json, BodyKind::Image);
    check(b"RIFF\x10\0\0\0WEBPVP8 ", None, BodyKind::Image);
    check(b"RIFF\x10\0\0\0WAVE", None, BodyKind::Text);
    check(b"BM", Some("image/bmp"), BodyKind::Image);
}

#[test]
fn a_picture_as_the_body() {
    let mut body = b"\x89PNG\r\n\x1a\n".to_vec();
    body.extend(noise(30_000, 1));
    let decoded = decode(&body, None);
    assert_eq!(decoded.blobs[0].bytes, body);
    assert_eq!(decoded.blobs[0].end, Some(BlobEnd::Complete));
    let (mut extractor, mut events) = (Extractor::new(), Vec::new());
    extractor.frame(&decoded.frames[0], &mut events);
    assert!(matches!(
        events[..],
        [
            ServerEvent::Accepted { .. },
            ServerEvent::Result {
                source: ImageSource::Blob(BlobId(0)),
                ..
            }
        ]
    ));
}

#[test]
fn tolerated_spellings_of_events() {
    let check = |body: &str, expected: &[(Option<&str>, &str)], keep_alives: u64| {
        let decoded = decode(body.as_bytes(), Some("text/event-stream"));
        let expected: Vec<_> = expected
            .iter()
            .map(|(event, data)| (*event, (*data).to_owned()))
            .collect();
        assert_eq!(frames(&decoded), expected, "{body:?}");
        assert_eq!(decoded.keep_alives, keep_alives, "{body:?}");
    };
    check(
        "data:{}\n\ndata:  {}\r\n\r\n",
        &[(None, "{}"), (None, " {}")],
        0,
    );
    check(
        "event:a\rdata:1\r\rdata:2\r\r",
        &[(Some("a"), "1"), (None, "2")],
        0,
    );
    check("event: a\n\ndata: 1\n\n", &[(None, "1")], 0);
    check("data: 1\ndata\ndata: 2\n\n", &[(None, "1\n\n2")], 0);
    check(": PING\n\n:\n\ndata:\n\n", &[], 3);
    check("id: 7\nretry: 10\nfoo: bar\ndata: 1\n\n", &[(None, "1")], 0);
    check("data: {\"a\":1}", &[(None, "{\"a\":1}")], 0);
    check("data: {\"a\":1}\n", &[(None, "{\"a\":1}")], 0);
    check("data: oops", &[], 0);
    check("data: oops\n\n", &[(None, "oops")], 0);
    check(
        "data: 1\n\ndata: [DONE] bye\n\ndata: 2\n\n",
        &[(None, "1"), (None, "[DONE] bye")],
        0,
    );
    check(
        "data: 1\n[DONE]\ndata: 2\n\n",
        &[(None, "1"), (None, "[DONE]")],
        0,
    );
    check("data: [DONE]", &[(None, "[DONE]")], 0);
    check("\u{feff}data: 1\n\n", &[(None, "1")], 0);
    let long = "x".repeat(20_000);
    check(
        &format!("foo: {long}\n: {long}\nevent: {long}\ndata: 1\n\n"),
        &[(None, "1")],
        0,
    );
    let words = "never base64, ".repeat(2_000);
    check(&format!("data: {words}\n\n"), &[(None, words.as_str())], 0);
}

#[test]
fn nearly_json_is_mended() {
    let check = |data: &str, expected: Option<Value>| {
        let frame = Frame::new(b"", data.as_bytes().to_vec(), NONCE);
        let expected = expected.map_or(Payload::Text(data.to_owned()), Payload::Json);
        assert_eq!(frame.payload(), expected, "{data}");
    };
    check("{\"a\":\"b\nc\"}", Some(json!({"a": "bc"})));
    check("{\"a\":\n1}", Some(json!({"a": 1})));
    check(r#"{"a":"cut \ud83d"}"#, Some(json!({"a": "cut \u{fffd}"})));
    check(
        r#"{"a":"\udc00 \ud83d\ude00 \\ud83d"}"#,
        Some(json!({"a": "\u{fffd} 😀 \\ud83d"})),
    );
    check(r#"{"a":"\ud83d\n"}"#, Some(json!({"a": "\u{fffd}\n"})));
    check("{'a': 1}", None);
    check("plain words", None);
    let broken = Frame::new(b"", b"{\"a\":\"\xff\"}".to_vec(), NONCE);
    assert_eq!(broken.payload(), Payload::Json(json!({"a": "\u{fffd}"})));
}

#[test]
fn where_a_diverted_string_ends() {
    let bytes = noise(6_000, 2);
    let base64 = STANDARD.encode(&bytes);
    let check = |string: &str, before: &str, after: &str, end: BlobEnd| {
        let body = format!("{{\"a\":\"{string}\",\"b\":1}}");
        let decoded = decode(body.as_bytes(), None);
        assert_eq!(decoded.blobs.len(), 1, "{before} {after}");
        assert_eq!(decoded.blobs[0].bytes, bytes, "{before} {after}");
        assert_eq!(decoded.blobs[0].end, Some(end), "{before} {after}");
        let value = json_of(&decoded.frames[0]);
        let text = value["a"].as_str().unwrap();
        assert_eq!(
            decoded.frames[0].blob_in(text),
            Some((BlobId(0), before, after))
        );
        assert_eq!(value["b"], 1);
    };
    let url = "data:image/png;base64,";
    check(&base64, "", "", BlobEnd::Complete);
    check(&format!("{base64}===="), "", "", BlobEnd::Complete);
    check(&format!("{base64}=AAAA=BBBB"), "", "", BlobEnd::Complete);
    check(&format!("{base64} \\n \\u000d"), "", "", BlobEnd::Complete);
    check(
        &format!("{base64}*AAAA\\u00e9\\\"x"),
        "",
        "*AAAAé\"x",
        BlobEnd::Invalid,
    );
    check(&format!("{base64}\\u00e9"), "", "é", BlobEnd::Invalid);
    check(&format!("{url}{base64}"), url, "", BlobEnd::Complete);
    check(
        &format!(" {url}{base64}\\n"),
        " data:image/png;base64,",
        "",
        BlobEnd::Complete,
    );
    check(
        &format!("![]({url}{base64})"),
        "![](data:image/png;base64,",
        ")",
        BlobEnd::Complete,
    );
    check(
        &format!("see {url}{base64} and, more"),
        "see data:image/png;base64,",
        " and, more",
        BlobEnd::Complete,
    );
    check(
        &format!("see {url}{base64}\\nand"),
        "see data:image/png;base64,",
        "\nand",
        BlobEnd::Complete,
    );
}

#[test]
fn what_is_not_diverted() {
    let words = "the quick brown fox jumps over the lazy dog ".repeat(300);
    let chinese = "雪中红狐，".repeat(3_000);
    let escaped: String = "\\u96ea\\u4e2d".repeat(2_000);
    let short = STANDARD.encode(noise(3_000, 1));
    for string in [&words, &chinese, &escaped, &short] {
        let body = format!("{{\"a\":\"{string}\",\"{string}\":2}}");
        let decoded = decode(body.as_bytes(), None);
        assert!(decoded.blobs.is_empty(), "{}", &string[..20]);
        assert_eq!(decoded.frames[0].data(), body.as_bytes());
    }
    let key = STANDARD.encode(noise(9_000, 1));
    let decoded = decode(format!("{{\"{key}\":[\"{key}\"]}}").as_bytes(), None);
    assert_eq!(decoded.blobs.len(), 1, "a key is not");
}

#[test]
fn a_placeholder_can_not_be_forged() {
    let forged = blob::Placeholder {
        nonce: NONCE + 1,
        blob: BlobId(0),
    };
    let decoded = decode(format!("{{\"result\":\"{forged}\"}}").as_bytes(), None);
    assert_eq!(decoded.frames[0].blob_in(&forged.to_string()), None);
}

#[test]
fn limits_are_kept() {
    let base64 = STANDARD.encode(noise(9_000, 1));
    let limits = DecoderLimits {
        max_skeleton_bytes: 6_000,
        max_blob_bytes: 8_000,
        max_blobs: 1,
        max_depth: 4,
        divert_after_bytes: 4_096,
    };
    let check = |body: &str, limits: DecoderLimits, expected: &str| {
        for prefix in ["", "data: "] {
            let body = format!("{prefix}{body}");
            for size in [1, 1_000, usize::MAX] {
                let mut decoder = BodyDecoder::new(limits, None, NONCE);
                let (mut sink, mut frames) = (Kept::default(), Vec::new());
                let failed = body
                    .as_bytes()
                    .chunks(size)
                    .find_map(|chunk| decoder.push(chunk, &mut sink, &mut frames).err());
                assert_eq!(failed.unwrap().to_string(), expected);
                // Nothing more is taken, what is open is closed.
                decoder.push(b"}", &mut sink, &mut frames).unwrap();
                let end = decoder.finish(&mut sink, &mut frames).unwrap();
                assert!(end.is_cut);
                assert!(sink.blobs.iter().all(|blob| blob.end.is_some()));
            }
        }
    };
    let small_blob = STANDARD.encode(noise(5_000, 1));
    check(
        &format!("{{\"a\":\"{base64}\"}}"),
        limits,
        "a picture has more than 8000 bytes",
    );
    check(
        &format!("{{\"a\":\"{}\"}}", "so many words, ".repeat(1_000)),
        limits,
        "an answer has more than 6000 bytes beside its pictures",
    );
    check(
        &format!("{{\"a\":\"{small_blob}\",\"b\":\"{small_blob}\"}}"),
        limits,
        "an answer has more than 1 pictures",
    );
    check(
        &format!("[[[[[{}", " ".repeat(9_000)),
        DecoderLimits {
            max_skeleton_bytes: 20_000,
            ..limits
        },
        "an answer is nested more than 4 levels deep",
    );
}

#[test]
fn an_error_of_the_sink_comes_back_as_it_is() {
    #[derive(Default)]
    struct Full {
        ended: bool,
    }
    impl BlobSink for Full {
        type Error = &'static str;
        fn begin(&mut self, _: BlobId, _: BlobHint<'_>) -> Result<(), Self::Error> {
            Ok(())
        }
        fn write(&mut self, _: BlobId, _: &[u8]) -> Result<(), Self::Error> {
            Err("disk full")
        }
        fn end(&mut self, _: BlobId, end: BlobEnd, _: u64) -> Result<(), Self::Error> {
            self.ended = end == BlobEnd::Cut;
            Ok(())
        }
    }
    let body = format!(
        "data: {{\"a\":\"{}\"}}\n\n",
        STANDARD.encode(noise(50_000, 1))
    );
    let mut decoder = BodyDecoder::new(DecoderLimits::default(), None, NONCE);
    let (mut sink, mut frames) = (Full::default(), Vec::new());
    let error = decoder.push(body.as_bytes(), &mut sink, &mut frames);
    assert!(matches!(error, Err(DecodeError::Sink("disk full"))));
    decoder.finish(&mut sink, &mut frames).unwrap();
    assert!(sink.ended && frames.is_empty());
}

#[test]
fn hints_say_what_is_known_already() {
    let base64 = STANDARD.encode(noise(9_000, 1));
    let check = |body: String, key: &str, event: Option<&str>, is_preview: bool| {
        let decoded = decode(body.as_bytes(), None);
        let blob = &decoded.blobs[0];
        assert_eq!((blob.key.as_str(), blob.event.as_deref()), (key, event));
        let hint = BlobHint {
            key: &blob.key,
            event: blob.event.as_deref(),
        };
        assert_eq!(hint.is_preview(), is_preview);
    };
    check(
        format!("data: {{\"b64_json\":\"{base64}\",\"type\":\"x\"}}\n\n"),
        "b64_json",
        None,
        false,
    );
    check(
        format!("data: {{\"type\":\"image_edit.partial_image\",\"b64_json\":\"{base64}\"}}\n\n"),
        "b64_json",
        Some("image_edit.partial_image"),
        true,
    );
    check(
        format!(
            "event: done\ndata: {{\"type\":\"x\",\"item\":{{\"type\":\"y\",\"partial_image\":\"{base64}\"}}}}\n\n"
        ),
        "partial_image",
        Some("done"),
        true,
    );
    check(
        format!("{{\"images\":[\"short\",\"{base64}\"]}}"),
        "images",
        None,
        false,
    );
    check(format!("[\"{base64}\"]"), "", None, false);
}
