//! Streams of the Images API and the lines of any stream (protocol.md 3.5, 5). Numbers are those of the quirk list.

use super::{Ask, Bench, SSE, Then, answer, pic, stream, told};

#[test]
fn streams_of_the_images_api() {
    let bench = Bench::new();
    let check = |name: &str, ask: Ask, events: &[&str], expected: &[&str]| {
        bench.check(name, ask, (SSE, &stream(events)), expected);
    };
    let event = |name: &str, n: u8| format!(r#"{{"type":"{name}","b64_json":"{}"}}"#, pic(n));
    let generated = event("image_generation.completed", 1);
    let edited = event("image_edit.completed", 1);
    let preview = event("image_edit.partial_image", 3);
    check(
        "an edit",
        Ask::Edit,
        &[&preview, &edited],
        &["preview 3", "picture 1"],
    );
    check(
        "4: an edit that ends as a generation",
        Ask::Edit,
        &[&generated, "[DONE]"],
        &["picture 1"],
    );
    let chunk = r#"{"object":"image.generation.chunk","created":null,"model":"gpt-image-2","index":1,"total":1,"progress_text":"…","data":[]}"#;
    let done = r#"{"object":"image.generation.done","data":[],"finish_reason":"stop"}"#;
    for object in ["image.generation.result", "image.edit.result"] {
        let result = format!(
            r#"{{"object":"{object}","index":1,"data":[{{"b64_json":"{}","revised_prompt":"x"}}]}}"#,
            pic(1)
        );
        check(
            "6: by object",
            Ask::Stream,
            &[chunk, &result, done, "[DONE]"],
            &["picture 1"],
        );
    }
    let usage = r#"{"usage":{"input_tokens":70,"output_tokens":3336,"total_tokens":3406}}"#;
    let story = bench.run(
        Ask::Stream,
        answer(
            "200 OK",
            &[],
            stream(&[&generated, usage, "[DONE]"]).as_bytes(),
        ),
    );
    assert_eq!(told(&story), ["picture 1"]);
    assert_eq!(
        story.end.usage.unwrap().total_tokens,
        Some(3406),
        "a line of usage alone"
    );
    let later = r#"{"object":"image.generation.chunk","index":1,"total":1,"data":[]}"#;
    check(
        "29: an end without a picture",
        Ask::Stream,
        &[later, done, "[DONE]"],
        &["failed protocol - unknown"],
    );
}

#[test]
fn lines_of_streams_in_every_form() {
    let bench = Bench::new();
    let picture = pic(1);
    let completed = format!(r#"{{"type":"image_generation.completed","b64_json":"{picture}"}}"#);
    let check = |name: &str, body: &str| {
        bench.check(name, Ask::Stream, (SSE, body), &["picture 1"]);
    };
    check("7: no event lines", &format!("data: {completed}\n\n"));
    check("no space", &format!("data:{completed}\n\n"));
    check(
        "a byte order mark",
        &format!("\u{feff}data: {completed}\n\n"),
    );
    check("CR", &format!("event: x\rdata: {completed}\r\r"));
    check("CRLF", &format!("event: x\r\ndata: {completed}\r\n\r\n"));
    check(
        "other fields",
        &format!("foo: bar\nid: \0\nretry: soon\nid\ndata: {completed}\n\n"),
    );
    check(
        "38: keep-alives",
        &format!(
            ": stream-open\n\n: PING\n\n:\n\ndata\ndata:\n\n{}",
            stream(&[&completed])
        ),
    );
    check(
        "an end marker with words behind it",
        &format!("{}data: [DONE] bye\n\n", stream(&[&completed])),
    );
    check(
        "a bare end marker",
        &format!("{}[DONE]\n", stream(&[&completed])),
    );
    check("no blank line at the end", &format!("data: {completed}"));
    let (head, tail) = completed.split_at(completed.find("\"b64_json\"").unwrap());
    check(
        "several data lines",
        &format!("data: {head}\ndata: {tail}\n\n"),
    );
    let (head, tail) = completed.split_at(completed.len() / 2);
    check(
        "several data lines, cut inside a string",
        &format!("data: {head}\ndata: {tail}\n\n"),
    );
    check(
        "data that is no JSON",
        &format!("data: thinking…\n\n{}", stream(&[&completed])),
    );
    check(
        "types that nobody knows",
        &stream(&[r#"{"type":"vendor.news","x":1}"#, &completed]),
    );
    check(
        "the event's name and the type differ",
        &format!("event: something\ndata: {completed}\n\n"),
    );

    let failed =
        "event: error\ndata: {\"type\":\"image_generation.note\",\"message\":\"broken\"}\n\n";
    bench.check(
        "an event that says error",
        Ask::Stream,
        (SSE, failed),
        &["failed server - unknown"],
    );
    bench.check(
        "nothing but words",
        Ask::Stream,
        (SSE, "data: no\n\ndata: really\n\n"),
        &["failed protocol - unknown"],
    );
    let story = bench.run(Ask::Stream, answer("200 OK", &[], b"upstream is asleep"));
    assert_eq!(story.end.failure.unwrap().message, "upstream is asleep");
}

#[test]
fn bytes_may_be_cut_anywhere() {
    let bench = Bench::new();
    let completed = format!(
        r#"{{"type":"image_generation.completed","b64_json":"{}","revised_prompt":"雪中红狐 🦊"}}"#,
        pic(1)
    );
    let events = stream(&[&completed]);
    // One byte a chunk at first, so that characters and line ends are cut in two.
    let mut body = Vec::new();
    let (pieces, rest) = events.as_bytes().split_at(300);
    let tail = rest.len() - 200;
    let (rest, last) = rest.split_at(tail);
    let chunks = pieces.chunks(1).chain([rest]).chain(last.chunks(1));
    for chunk in chunks {
        body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        body.extend_from_slice(chunk);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    let headers = [
        "content-type: text/event-stream",
        "transfer-encoding: chunked",
    ];
    let story = bench.run(Ask::Stream, answer("200 OK", &headers, &body));
    assert_eq!(told(&story), ["picture 1"]);
    let revised = &story.images()[0].recipe.revised_prompt;
    assert_eq!(revised.as_deref(), Some("雪中红狐 🦊"));
}

#[test]
fn a_line_may_have_tens_of_megabytes() {
    let bench = Bench::new();
    // Noise does not compress, so the picture has as many bytes as pixels times three.
    let size = atelier::model::PixelSize::new(2000, 1800).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let rgba: Vec<u8> = (0..2000 * 1800)
        .flat_map(|_| [random.u8(..), random.u8(..), random.u8(..), 255])
        .collect();
    let picture = atelier::media::encode_png(size, &rgba).unwrap();
    assert!(picture.len() > 10 << 20, "{}", picture.len());
    let body = stream(&[&format!(
        r#"{{"type":"image_generation.completed","b64_json":"{}"}}"#,
        super::base64(&picture)
    )]);
    let story = bench.run(Ask::Stream, answer("200 OK", &[], body.as_bytes()));
    assert_eq!(told(&story), ["picture ?"], "{:?}", story.end.failure);
    let hash = &story.images()[0].recipe.delivered_hash;
    assert_eq!(*hash, *blake3::hash(&picture).to_hex());
}

#[test]
fn connections_that_end_too_early() {
    let bench = Bench::new();
    let run = |answer: Vec<u8>, then: Then| {
        let script = super::Script::play(vec![(answer, then)]);
        let mut request = bench.request(Ask::Responses, &script.base_url());
        request.gateway.max_retries = 3;
        let story = bench.studio.run(request);
        assert_eq!(script.requests().len(), 1, "may have been charged");
        story
    };
    let begun = r#"{"type":"response.created","response":{"id":"resp_7"}}"#;
    let long = ["content-type: text/event-stream", "content-length: 99999"];
    for (answer, then) in [
        (Vec::new(), Then::Close),
        (Vec::new(), Then::Reset),
        (
            answer("200 OK", &long, stream(&[begun]).as_bytes()),
            Then::Close,
        ),
        (
            answer("200 OK", &[], stream(&[begun]).as_bytes()),
            Then::Close,
        ),
    ] {
        let story = run(answer, then);
        assert_eq!(told(&story), ["failed network cut unknown"]);
    }
    let story = run(
        answer("200 OK", &[], stream(&["[DONE]"]).as_bytes()),
        Then::Close,
    );
    assert_eq!(told(&story), ["failed protocol - unknown"]);
    let story = run(answer("200 OK", &[], b""), Then::Close);
    assert_eq!(told(&story), ["failed protocol - unknown"]);
    let half = format!(r#"{{"data":[{{"b64_json":"{}"#, &pic(1)[..4096]);
    let story = run(
        answer(
            "200 OK",
            &["content-type: application/json"],
            half.as_bytes(),
        ),
        Then::Close,
    );
    assert_eq!(told(&story), ["failed network cut unknown"]);
}
