//! Where answers keep their pictures: field names, and what may stand in them (protocol.md 4.2 to 4.5).

use serde_json::{Map, Value};

use super::base64::Base64Decoder;
use super::event::{Claimed, ImageSource};
use super::frame::Frame;

/// Names of fields that hold a picture, the best first: base64 can't expire, so links come last (protocol.md 4.3).
const FIELDS: [&str; 10] = [
    "b64_json",
    "result",
    "image_b64",
    "image",
    "image_data",
    "partial_image_b64",
    "partial_image",
    "base64",
    "url",
    "image_url",
];

/// Names that mean a picture only inside an object that stands in the place of one.
const INNER_FIELDS: [&str; 3] = ["data", "b64", "src"];

/// What stands in a field that should hold a picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    /// `None`: something, but no picture.
    pub(super) source: Option<ImageSource>,
    /// The field's name says that it is a preview.
    pub(super) is_preview: bool,
}

/// The best picture among the fields of an object; empty fields are absent ones (protocol.md 3.4).
pub(super) fn in_object(frame: &Frame, fields: &Map<String, Value>) -> Option<Picture> {
    in_fields(frame, fields, &FIELDS)
}

fn in_fields(frame: &Frame, fields: &Map<String, Value>, names: &[&str]) -> Option<Picture> {
    let mut unusable = None;
    for &name in names {
        let Some(found) = fields.get(name).and_then(|value| in_value(frame, value)) else {
            continue;
        };
        let picture = Picture {
            is_preview: found.is_preview || name.starts_with("partial_image"),
            ..found
        };
        if picture.source.is_some() {
            return Some(picture);
        }
        unusable.get_or_insert(picture);
    }
    unusable
}

/// A picture as a value: a string, or an object around one. `None` when there is nothing.
pub(super) fn in_value(frame: &Frame, value: &Value) -> Option<Picture> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(Picture {
            source: source(frame, text.trim()),
            is_preview: false,
        }),
        // An object in such a place holds the picture one level down; deeper ones are not looked for.
        Value::Object(fields) => {
            let strings: Map<String, Value> = fields
                .iter()
                .filter(|(_, value)| value.is_string())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            in_fields(frame, &strings, &FIELDS)
                .or_else(|| in_fields(frame, &strings, &INNER_FIELDS))
        }
        _ => None,
    }
}

/// Reads a string that should be a picture: diverted, base64, a data URL or a link. `None` if it is none of them.
pub(super) fn source(frame: &Frame, text: &str) -> Option<ImageSource> {
    if let Some((blob, before, _)) = frame.blob_in(text) {
        let is_whole = before.is_empty() || is_data_url(before);
        return is_whole.then_some(ImageSource::Blob(blob));
    }
    short_source(text)
}

/// Like [`source`], for a string that holds no blob.
fn short_source(text: &str) -> Option<ImageSource> {
    if is_data_url(text) {
        let (head, data) = text.split_once(',')?;
        let is_base64 = head.to_ascii_lowercase().ends_with(";base64");
        return is_base64
            .then(|| decode(data))
            .flatten()
            .map(ImageSource::Inline);
    }
    if is_link(text) {
        return Some(ImageSource::Url(text.to_owned()));
    }
    decode(text).map(ImageSource::Inline)
}

fn is_data_url(text: &str) -> bool {
    text.get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// Absolute, protocol-relative or relative to the gateway. A JPEG in base64 begins with `/9j/` and is no link.
fn is_link(text: &str) -> bool {
    let has_scheme = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let is_relative = text.starts_with('/')
        && !text.starts_with("/9j/")
        && (text.starts_with("//") || text.contains('.') || text.contains('?'));
    has_scheme("http://") || has_scheme("https://") || is_relative
}

/// Decodes a short base64 string: white space, both alphabets, with or without padding, which ends the data. `None`
/// for anything else, and for nothing.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut decoder = Base64Decoder::new();
    let mut bytes = Vec::new();
    let mut is_padded = false;
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        match first {
            b' ' | b'\t' | b'\r' | b'\n' => rest = behind,
            b'=' => {
                is_padded = true;
                rest = behind;
            }
            _ if is_padded => break,
            _ => {
                let used = decoder.push(rest);
                let is_full = decoder.is_full();
                bytes.extend_from_slice(decoder.take());
                if used == 0 && !is_full {
                    return None;
                }
                rest = rest.get(used..).unwrap_or_default();
            }
        }
    }
    decoder.finish();
    bytes.extend_from_slice(decoder.take());
    (!bytes.is_empty()).then_some(bytes)
}

/// What an object claims about its picture; `fallback` fills the gaps.
pub(super) fn claimed(fields: &Map<String, Value>, fallback: &Claimed) -> Claimed {
    let word = |name: &str, fallback: &Option<String>| {
        fields
            .get(name)
            .and_then(super::error::scalar)
            .or_else(|| fallback.clone())
    };
    Claimed {
        size: word("size", &fallback.size),
        format: word("output_format", &fallback.format),
        quality: word("quality", &fallback.quality),
        background: word("background", &fallback.background),
    }
}

/// Pictures in words: Markdown images by link, and short data URLs, also without Markdown (quirk 45). Blobs are found by
/// their placeholders.
pub(super) fn in_text(words: &str) -> Vec<ImageSource> {
    let mut found = Vec::new();
    let mut rest = words;
    while let Some((_, behind)) = rest.split_once("![") {
        rest = behind;
        let Some((_, target)) = behind.split_once("](") else {
            break;
        };
        let end = target.find(|c: char| c == ')' || c.is_whitespace());
        let target = target
            .get(..end.unwrap_or(target.len()))
            .unwrap_or_default();
        if is_link(target) || is_data_url(target) {
            found.extend(short_source(target));
        }
    }
    if found.is_empty() {
        found.extend(bare_data_urls(words).filter_map(short_source));
    }
    found
}

/// `data:image/…;base64,…` anywhere in words.
fn bare_data_urls(words: &str) -> impl Iterator<Item = &str> {
    words
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '\'' | '<' | '>' | '`'))
        .filter(|word| {
            word.get(..11)
                .is_some_and(|start| start.eq_ignore_ascii_case("data:image/"))
        })
}
