//! One event of a stream, or a whole JSON body: small, because its long strings are elsewhere.

use std::fmt;

use serde_json::Value;

use super::blob::{BlobId, Placeholder};

/// One event of a stream, or a whole body that is not one. Its JSON is parsed when it is asked for, so that events
/// nobody reads cost little.
#[derive(Clone, Eq, PartialEq)]
pub struct Frame {
    /// The data, and behind it the event's name: one allocation an event.
    bytes: Vec<u8>,
    data_len: usize,
    nonce: u64,
    is_cut: bool,
}

/// What a frame holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// JSON; a diverted string is a placeholder that [`Frame::blob_in`] understands.
    Json(Value),
    /// The end marker `[DONE]`.
    Done,
    /// Anything else. Bytes that are not UTF-8 are replaced by U+FFFD.
    Text(String),
}

impl Frame {
    /// Makes a frame of `data` without copying it, if it has room for the event's name.
    pub(super) fn new(event: &[u8], data: Vec<u8>, nonce: u64) -> Self {
        let data_len = data.len();
        let mut bytes = data;
        bytes.extend_from_slice(event);
        Self {
            bytes,
            data_len,
            nonce,
            is_cut: false,
        }
    }

    /// Marks what was mended because the body ended inside it.
    pub(super) fn cut(mut self) -> Self {
        self.is_cut = true;
        self
    }

    /// Whether the body ended inside it. What it holds is whole; what it lacks means nothing.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Name of the server-sent event, where it has one.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        let name = std::str::from_utf8(self.bytes.get(self.data_len..)?).ok()?;
        (!name.is_empty()).then_some(name)
    }

    /// The data as received, blobs replaced.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.bytes.get(..self.data_len).unwrap_or_default()
    }

    /// Parses the data. What is nearly JSON is mended: line ends between data lines, lone surrogates, broken UTF-8.
    #[must_use]
    pub fn payload(&self) -> Payload {
        let data = self.data();
        if is_end_marker(data) {
            return Payload::Done;
        }
        match parse(data) {
            Some(value) => Payload::Json(value),
            None => Payload::Text(String::from_utf8_lossy(data).into_owned()),
        }
    }

    /// The first blob whose placeholder is in `text`, with the text before and after it.
    ///
    /// A string that was all base64 gives two empty texts; one that was a data URL gives its head before.
    #[must_use]
    pub fn blob_in<'a>(&self, text: &'a str) -> Option<(BlobId, &'a str, &'a str)> {
        Placeholder::find(self.nonce, text)
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("event", &self.event())
            .field("data", &String::from_utf8_lossy(self.data()))
            .field("is_cut", &self.is_cut)
            .finish_non_exhaustive()
    }
}

/// Whether an event's data is the end marker; text may follow it (protocol.md 5.2).
pub(super) fn is_end_marker(data: &[u8]) -> bool {
    data.trim_ascii_start().starts_with(b"[DONE]")
}

/// Parses JSON, leniently where that loses nothing.
pub(super) fn parse(data: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(data) {
        return Some(value);
    }
    // No JSON begins otherwise; spares prose the attempts below.
    if !matches!(data.trim_ascii_start(), [b'{' | b'[' | b'"', ..]) {
        return None;
    }
    let joined: Vec<u8> = data.iter().copied().filter(|&byte| byte != b'\n').collect();
    let text = String::from_utf8_lossy(&joined);
    serde_json::from_str(&text)
        .or_else(|_| serde_json::from_str(&without_lone_surrogates(&text)))
        .ok()
}

/// Replaces `\ud83d` and its like by U+FFFD where the other half is missing: a cut through an emoji is not worth the
/// picture beside it.
fn without_lone_surrogates(json: &str) -> String {
    let unit_at = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::with_capacity(json.len());
    let mut at = 0;
    while let Some(backslash) = json.get(at..).and_then(|rest| rest.find('\\')) {
        let start = at + backslash;
        mended.push_str(json.get(at..start).unwrap_or_default());
        let is_high = |unit: Option<u16>| unit.is_some_and(|unit| unit & 0xfc00 == 0xd800);
        let is_low = |unit: Option<u16>| unit.is_some_and(|unit| unit & 0xfc00 == 0xdc00);
        let unit = unit_at(start);
        at = if is_high(unit) && is_low(unit_at(start + 6)) {
            start + 12
        } else if is_high(unit) || is_low(unit) {
            mended.push_str("\\ufffd");
            at = start + 6;
            continue;
        } else {
            // The escaped character may be a backslash, or longer than a byte in what is not JSON anyway.
            let escaped = json.get(start + 1..).and_then(|rest| rest.chars().next());
            start + 1 + escaped.map_or(0, char::len_utf8)
        };
        mended.push_str(json.get(start..at).unwrap_or_default());
    }
    mended.push_str(json.get(at..).unwrap_or_default());
    mended
}
