//! Whole bodies, whatever the chunking: what comes out is the same. Helpers for the other tests of the layer.

mod bodies;
mod requests;

use std::fmt::Write as _;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::FailureKind;

/// Keeps every blob, and checks that the decoder keeps its word to sinks.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) blobs: Vec<KeptBlob>,
}

#[derive(PartialEq)]
pub(super) struct KeptBlob {
    pub(super) key: String,
    pub(super) event: Option<String>,
    pub(super) bytes: Vec<u8>,
    pub(super) end: Option<BlobEnd>,
}

impl std::fmt::Debug for KeptBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            key,
            event,
            bytes,
            end,
        } = self;
        let sum: u64 = (1..).zip(bytes).map(|(i, &b)| i * u64::from(b)).sum();
        write!(
            f,
            "{key:?} in {event:?}: {} bytes, sum {sum}, {end:?}",
            bytes.len()
        )
    }
}

impl BlobSink for Kept {
    type Error = std::convert::Infallible;

    fn begin(&mut self, blob: BlobId, hint: BlobHint<'_>) -> Result<(), Self::Error> {
        assert_eq!(blob.0 as usize, self.blobs.len(), "ids count up");
        assert!(
            self.blobs.iter().all(|blob| blob.end.is_some()),
            "blobs overlap"
        );
        self.blobs.push(KeptBlob {
            key: hint.key.to_owned(),
            event: hint.event.map(str::to_owned),
            bytes: Vec::new(),
            end: None,
        });
        Ok(())
    }

    fn write(&mut self, blob: BlobId, bytes: &[u8]) -> Result<(), Self::Error> {
        assert!(!bytes.is_empty());
        let kept = &mut self.blobs[blob.0 as usize];
        assert_eq!(kept.end, None, "written after its end");
        kept.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, blob: BlobId, end: BlobEnd, bytes: u64) -> Result<(), Self::Error> {
        let kept = &mut self.blobs[blob.0 as usize];
        assert_eq!(kept.end, None, "ended twice");
        assert_eq!(kept.bytes.len() as u64, bytes);
        kept.end = Some(end);
        Ok(())
    }
}

/// All that a body comes to.
#[derive(Debug, PartialEq)]
pub(super) struct Decoded {
    pub(super) frames: Vec<Frame>,
    pub(super) blobs: Vec<KeptBlob>,
    pub(super) end: BodyEnd,
    pub(super) keep_alives: u64,
    pub(super) head: String,
}

pub(super) const NONCE: u64 = 0x1234_5678_9abc_def0;

/// Decodes `body`, cut into chunks of the sizes given, again and again.
pub(super) fn decode_in(body: &[u8], content_type: Option<&str>, sizes: &[usize]) -> Decoded {
    let mut decoder = BodyDecoder::new(DecoderLimits::default(), content_type, NONCE);
    let (mut sink, mut frames) = (Kept::default(), Vec::new());
    let mut rest = body;
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, behind) = rest.split_at(size.clamp(1, rest.len()));
        decoder.push(chunk, &mut sink, &mut frames).unwrap();
        rest = behind;
    }
    let end = decoder.finish(&mut sink, &mut frames).unwrap();
    Decoded {
        frames,
        blobs: sink.blobs,
        end,
        keep_alives: decoder.keep_alives(),
        head: String::from_utf8_lossy(decoder.head()).into_owned(),
    }
}

/// Decodes `body` whole, and checks that other chunks give the same.
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> Decoded {
    let whole = decode_in(body, content_type, &[usize::MAX]);
    for sizes in [&[1][..], &[2, 3, 5, 7, 11], &[4096], &[8191], &[16384, 1]] {
        assert_same(&whole, &decode_in(body, content_type, sizes));
    }
    whole
}

/// Like `assert_eq!`, but says where they differ instead of printing both.
fn assert_same(one: &Decoded, other: &Decoded) {
    let (one, other) = (format!("{one:?}"), format!("{other:?}"));
    if one != other {
        let same = one
            .bytes()
            .zip(other.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let around = |text: &str| {
            let bytes = &text.as_bytes()[same.saturating_sub(120)..text.len().min(same + 120)];
            String::from_utf8_lossy(bytes).into_owned()
        };
        panic!("after {same} bytes\n{}\n{}", around(&one), around(&other));
    }
}

/// Bytes that don't repeat.
pub(super) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32).to_le_bytes()[0]
        })
        .collect()
}

#[test]
fn a_stream_with_a_preview_and_the_picture_twice() {
    let (preview, picture) = (noise(9_000, 1), noise(70_001, 2));
    let (preview64, picture64) = (STANDARD.encode(&preview), URL_SAFE_NO_PAD.encode(&picture));
    let body = format!(
        ": hi\n\nevent: response.created\ndata: {{\"type\":\"response.created\"}}\n\n\
         event: response.image_generation_call.partial_image\r\n\
         data: {{\"type\":\"response.image_generation_call.partial_image\",\"partial_image_b64\":\"{preview64}\"}}\r\n\r\n\
         data:{{\"type\":\"response.output_item.done\",\"item\":{{\"result\":\"{picture64}\"}}}}\n\n\
         data: [DONE]\n\n"
    );
    let decoded = decode(body.as_bytes(), None);
    assert_eq!(decoded.end.kind, BodyKind::Sse);
    assert!(decoded.end.is_done && !decoded.end.is_cut);
    assert_eq!(decoded.frames.len(), 4);
    assert_eq!(decoded.keep_alives, 1);
    assert_eq!(decoded.blobs.len(), 2);
    assert_eq!(decoded.blobs[0].bytes, preview);
    assert_eq!(decoded.blobs[0].key, "partial_image_b64");
    assert_eq!(decoded.blobs[1].bytes, picture);
    assert_eq!(
        decoded.blobs[1].event.as_deref(),
        Some("response.output_item.done")
    );
}

/// How a long string is written.
#[derive(Clone, Debug)]
enum Spelling {
    Standard,
    UrlSafe,
    DataUrl,
    /// `\/` for every slash, as PHP does.
    EscapedSlashes,
    /// `\r\n` after every 76 characters.
    Wrapped,
    /// `\u002b` for `+`, `\u003d` for `=`.
    UnicodeEscapes,
    /// In a Markdown image in a text.
    Markdown,
}

/// A string of a random document: as JSON source, as what a plain parser makes of it, and the bytes it stands for.
#[derive(Clone, Debug)]
struct LongString {
    spelling: Spelling,
    bytes: Vec<u8>,
}

impl LongString {
    /// The text around the base64, and the base64 as JSON source.
    fn source(&self) -> (String, String, String) {
        let base64 = STANDARD.encode(&self.bytes);
        let (before, after) = match self.spelling {
            Spelling::DataUrl => ("Data:Image/PNG;Base64,", ""),
            Spelling::Markdown => (
                "Here, look: ![a fox](data:image/png;base64,",
                ") - nice, is it not?",
            ),
            _ => ("", ""),
        };
        let source = match self.spelling {
            Spelling::UrlSafe => URL_SAFE_NO_PAD.encode(&self.bytes),
            Spelling::EscapedSlashes => base64.replace('/', "\\/"),
            Spelling::UnicodeEscapes => base64.replace('+', "\\u002b").replace('=', "\\u003D"),
            Spelling::Wrapped => {
                let lines: Vec<String> = base64
                    .as_bytes()
                    .chunks(76)
                    .map(|line| String::from_utf8_lossy(line).into_owned())
                    .collect();
                lines.join("\\r\\n")
            }
            _ => base64,
        };
        (before.to_owned(), source, after.to_owned())
    }
}

fn long_string() -> impl Strategy<Value = LongString> {
    let spelling = prop_oneof![
        Just(Spelling::Standard),
        Just(Spelling::UrlSafe),
        Just(Spelling::DataUrl),
        Just(Spelling::EscapedSlashes),
        Just(Spelling::Wrapped),
        Just(Spelling::UnicodeEscapes),
        Just(Spelling::Markdown),
    ];
    // Long enough to be diverted in every spelling, and around the limits of line and buffer.
    (spelling, 3_300..14_000_usize, any::<u64>()).prop_map(|(spelling, len, seed)| LongString {
        spelling,
        bytes: noise(len, seed),
    })
}

/// A member of a random document.
#[derive(Clone, Debug)]
enum Member {
    Long(LongString),
    /// Words, short or long, in any script; never base64.
    Words(String),
    Other(Value),
}

fn member() -> impl Strategy<Value = Member> {
    let words = prop_oneof![
        "\\PC{0,40}",
        // Longer than what is diverted, and than a line that is taken whole.
        ("[a-z\u{4e00}-\u{4e20}\"\\\\,.\n]{5,30}", 1..900_usize)
            .prop_map(|(words, times)| format!("{words} ").repeat(times)),
    ];
    let other = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!({"a": [1, {"b": "c"}], "type": "x"})),
        Just(json!([[], {}, "short"])),
    ];
    prop_oneof![
        2 => long_string().prop_map(Member::Long),
        2 => words.prop_map(Member::Words),
        1 => other.prop_map(Member::Other),
    ]
}

/// The document's source, and what its skeleton has to parse to.
fn document(members: &[Member], first_blob: &mut u32) -> (String, Value, Vec<Vec<u8>>) {
    let (mut source, mut expected, mut blobs) = (String::from("{"), json!({}), Vec::new());
    for (index, member) in members.iter().enumerate() {
        let key = format!("key{index}");
        let (text, value) = match member {
            Member::Long(long) => {
                let (before, base64, after) = long.source();
                let blob = blob::Placeholder {
                    nonce: NONCE,
                    blob: BlobId(*first_blob),
                };
                *first_blob += 1;
                blobs.push(long.bytes.clone());
                let value = json!(format!("{before}{blob}{after}"));
                (format!("\"{before}{base64}{after}\""), value)
            }
            Member::Words(words) => {
                let value = json!(words);
                (value.to_string(), value)
            }
            Member::Other(value) => (value.to_string(), value.clone()),
        };
        let comma = if index == 0 { "" } else { ", " };
        write!(source, "{comma}\"{key}\": {text}").unwrap();
        expected[key] = value;
    }
    source.push('}');
    (source, expected, blobs)
}

/// Cuts a document into `data:` lines at the places given (never inside a character, nor where a line end would matter).
fn data_lines(source: &str, cuts: &[prop::sample::Index], line_end: &str) -> String {
    let mut places: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(source.len()))
        .filter(|&at| source.is_char_boundary(at))
        .collect();
    places.push(0);
    places.push(source.len());
    places.sort_unstable();
    places.dedup();
    let mut lines = String::new();
    for pair in places.windows(2) {
        write!(lines, "data: {}{line_end}", &source[pair[0]..pair[1]]).unwrap();
    }
    lines
}

fn json_of(frame: &Frame) -> Value {
    match frame.payload() {
        Payload::Json(value) => value,
        other => panic!("not JSON: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn streams_come_out_the_same_whatever_the_chunking(
        events in prop::collection::vec(
            (prop::collection::vec(member(), 1..5), any::<bool>(), prop::collection::vec(any::<prop::sample::Index>(), 0..3)),
            1..4,
        ),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        has_bom in any::<bool>(),
        sizes in prop::collection::vec(1..9_000_usize, 1..20),
    ) {
        let mut body = String::from(if has_bom { "\u{feff}" } else { "" });
        let (mut expected, mut blobs, mut first_blob) = (Vec::new(), Vec::new(), 0);
        for (members, is_named, cuts) in &events {
            let (source, value, bytes) = document(members, &mut first_blob);
            write!(body, ": PING{line_end}{line_end}").unwrap();
            if *is_named {
                write!(body, "event: some.event{line_end}").unwrap();
            }
            body += &data_lines(&source, cuts, line_end);
            body += line_end;
            expected.push((is_named.then_some("some.event"), value));
            blobs.extend(bytes);
        }
        write!(body, "data: [DONE]{line_end}{line_end}").unwrap();

        let whole = decode(body.as_bytes(), None);
        assert_same(&whole, &decode_in(body.as_bytes(), None, &sizes));
        prop_assert_eq!(whole.end, BodyEnd {
            kind: BodyKind::Sse,
            is_done: true,
            is_cut: false,
            frames: expected.len() as u64 + 1,
        });
        prop_assert_eq!(whole.keep_alives, events.len() as u64);
        let read: Vec<_> = whole.frames.iter().take(expected.len()).map(|frame| (frame.event(), json_of(frame))).collect();
        prop_assert_eq!(read, expected);
        let kept: Vec<_> = whole.blobs.into_iter().map(|blob| {
            assert_eq!(blob.end, Some(BlobEnd::Complete));
            blob.bytes
        }).collect();
        prop_assert!(kept == blobs, "other bytes");
    }

    #[test]
    fn documents_come_out_the_same_whatever_the_chunking(
        members in prop::collection::vec(member(), 1..6),
        has_bom in any::<bool>(),
        sizes in prop::collection::vec(1..9_000_usize, 1..20),
    ) {
        let (source, expected, blobs) = document(&members, &mut 0);
        let body = format!("{}{source}", if has_bom { "\u{feff} \r\n" } else { "" });
        let whole = decode(body.as_bytes(), Some("text/event-stream"));
        assert_same(&whole, &decode_in(body.as_bytes(), None, &sizes));
        prop_assert_eq!(whole.end.kind, BodyKind::Json);
        prop_assert!(!whole.end.is_cut);
        prop_assert_eq!(json_of(&whole.frames[0]), expected);
        let kept: Vec<_> = whole.blobs.into_iter().map(|blob| blob.bytes).collect();
        prop_assert!(kept == blobs, "other bytes");
    }

    #[test]
    fn a_cut_anywhere_keeps_what_had_arrived(
        members in prop::collection::vec(member(), 1..4),
        cut in any::<prop::sample::Index>(),
        is_stream in any::<bool>(),
    ) {
        let (source, _, blobs) = document(&members, &mut 0);
        let prefix = if is_stream { "data: " } else { "" };
        let body = format!("{prefix}{source}\n");
        let cut = cut.index(body.len());
        let decoded = decode(&body.as_bytes()[..cut], None);
        for (kept, whole) in decoded.blobs.iter().zip(&blobs) {
            prop_assert!(whole.starts_with(&kept.bytes));
            if kept.end == Some(BlobEnd::Complete) {
                prop_assert!(kept.bytes == *whole);
            }
        }
        for frame in &decoded.frames {
            prop_assert!(!frame.is_cut() || matches!(frame.payload(), Payload::Json(_)));
        }
    }

    #[test]
    fn rubbish_never_panics(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..2_000),
            // What the decoder has to tell apart, in any order.
            prop::collection::vec(prop::sample::select(vec![
                "data: ", "data:", "event: x", "\n", "\r", "\r\n", "{", "}", "[", "]", "\"", "\\", "\\u00", ",", ":", "=",
                ";base64,", "data:image/png;base64,", "[DONE]", " ", "<", "\u{feff}", "\0", "LONG", "\\/", "-", "+",
            ]), 0..60).prop_map(|words| {
                words.concat().replace("LONG", &STANDARD.encode(noise(3_500, 7))).into_bytes()
            }),
        ],
        sizes in prop::collection::vec(1..3_000_usize, 1..10),
        content_type in prop::sample::select(vec![None, Some("text/event-stream"), Some("application/json"), Some("image/png")]),
    ) {
        let whole = decode_in(&body, content_type, &[usize::MAX]);
        assert_same(&whole, &decode_in(&body, content_type, &sizes));
        assert_same(&whole, &decode_in(&body, content_type, &[1]));
        prop_assert!(whole.blobs.iter().all(|blob| blob.end.is_some()), "a blob was left open");
        let (mut extractor, mut events) = (Extractor::new(), Vec::new());
        for frame in &whole.frames {
            extractor.frame(frame, &mut events);
        }
        extractor.end(&whole.end, &mut events);
        prop_assert!(!events.is_empty(), "the end says nothing");
        let error = parse_error_body(502, content_type, &body);
        prop_assert!(!error.message.is_empty());
        prop_assert_ne!(classify(Some(502), &error), FailureKind::Canceled);
    }
}
