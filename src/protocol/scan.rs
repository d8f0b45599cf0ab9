//! A JSON scanner that diverts long base64 strings to a sink while they arrive.
//!
//! It copies one document, piece by piece, into a *skeleton*, in which a placeholder stands for every diverted string.
//! It does not check grammar: what is not JSON is copied all the same, and found out when the skeleton is parsed. Every
//! byte is looked at a bounded number of times, however the document is cut. Called by [`super::sse`] and
//! [`super::decoder`].

use std::ops::Range;

use memchr::memchr;

use super::base64::{Base64Decoder, value};
use super::blob::{BlobEnd, BlobHint, BlobId, BlobSink, Placeholder};
use super::decoder::DecoderLimits;
use super::error::DecodeError;

/// Deepest nesting that can be tracked: one bit a level.
const MAX_TRACKED_DEPTH: u32 = 128;

/// Longest `data:image/…;base64,` that is recognised at the start of a string, in bytes.
const MAX_DATA_URL_HEAD: usize = 256;

/// Fewest characters a line of wrapped base64; text in words has far shorter ones (RFC 2045 wraps at 76, PEM at 64).
const MIN_WRAPPED_LINE: usize = 32;

/// How far behind an escape sequence the next one is looked for: where there are many (`\/` by PHP, wrapped lines), that
/// is quicker than to let the engine run into each. In bytes.
const NEAR_ESCAPE: usize = 512;

/// What ends a piece of input besides its last byte.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LineEnds {
    /// Nothing: line ends are white space.
    Ordinary,
    /// A line end, which is left to the caller.
    Stop,
}

/// The part of the document that the next byte belongs to.
#[derive(Clone, Debug, Default)]
enum State {
    /// Outside of strings.
    #[default]
    Between,
    /// In a string that is copied.
    Text,
    /// In a string that is diverted.
    Blob(OpenBlob),
}

/// A stretch of a string that may turn out to be base64.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Where it begins in the skeleton.
    start: usize,
    enclosure: Enclosure,
}

/// What is around a run of base64: decides what may follow it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Enclosure {
    /// The string is all base64.
    String,
    /// The string is a data URL.
    DataUrl,
    /// The string is a text with a data URL in it, such as a Markdown image.
    Text,
}

#[derive(Clone, Debug)]
struct OpenBlob {
    id: BlobId,
    enclosure: Enclosure,
    /// Padding has come: whatever base64 follows is not part of the data.
    is_padded: bool,
    escape: Escape,
    /// Bytes since the newest escape sequence; [`usize::MAX`] before the first.
    since_escape: usize,
    /// Bytes handed to the sink.
    written: u64,
}

/// An escape sequence of a JSON string, as far as it has come.
#[derive(Clone, Debug, Default)]
struct Escape {
    bytes: [u8; 6],
    len: usize,
}

impl Escape {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        match self.bytes.get(1) {
            Some(b'u') => self.len == 6,
            _ => self.len == 2,
        }
    }

    /// The ASCII character that a whole sequence stands for; `None` for any other character.
    fn ascii(&self) -> Option<u8> {
        match *self.as_bytes() {
            [_, b'n'] => Some(b'\n'),
            [_, b'r'] => Some(b'\r'),
            [_, b't'] => Some(b'\t'),
            [_, byte @ (b'/' | b'"' | b'\\')] => Some(byte),
            [_, b'u', ref digits @ ..] => {
                let digits = std::str::from_utf8(digits).ok()?;
                let code = u8::from_str_radix(digits, 16).ok()?;
                code.is_ascii().then_some(code)
            }
            _ => None,
        }
    }
}

/// Up to where a document can be cut so that closing its brackets makes it whole.
#[derive(Clone, Copy, Debug, Default)]
struct SafePoint {
    len: usize,
    depth: u32,
    objects: u128,
}

/// What belongs to one document.
#[derive(Debug, Default)]
struct Document {
    skeleton: Vec<u8>,
    state: State,
    depth: u32,
    /// One bit a level, the innermost last: 1 for an object, 0 for an array.
    objects: u128,
    /// The next string is a key.
    is_key_next: bool,
    /// The string being read is a key.
    in_key: bool,
    /// Where the string being read begins, behind its quote.
    string_start: usize,
    /// In a string that is copied, after a backslash.
    is_escaped: bool,
    /// Where base64 may have begun in that string, as long as nothing speaks against it.
    run: Option<Run>,
    /// The newest key.
    key: Range<usize>,
    /// The value of the outermost `type`.
    type_name: Range<usize>,
    safe: SafePoint,
}

/// Reads documents one after the other; blobs count through.
#[derive(Debug)]
pub(super) struct Scanner {
    limits: DecoderLimits,
    nonce: u64,
    blobs_begun: u32,
    base64: Base64Decoder,
    doc: Document,
}

impl Scanner {
    pub(super) fn new(limits: DecoderLimits, nonce: u64) -> Self {
        Self {
            limits: DecoderLimits {
                max_depth: limits.max_depth.min(MAX_TRACKED_DEPTH),
                ..limits
            },
            nonce,
            blobs_begun: 0,
            base64: Base64Decoder::new(),
            doc: Document::default(),
        }
    }

    pub(super) fn limits(&self) -> &DecoderLimits {
        &self.limits
    }

    pub(super) fn nonce(&self) -> u64 {
        self.nonce
    }

    /// The document so far.
    pub(super) fn skeleton(&self) -> &[u8] {
        &self.doc.skeleton
    }

    /// Whether the document is inside a string or a bracket.
    pub(super) fn is_open(&self) -> bool {
        self.in_string() || self.doc.depth > 0
    }

    /// Whether the document is inside a string.
    pub(super) fn in_string(&self) -> bool {
        !matches!(self.doc.state, State::Between)
    }

    /// Takes the next piece of the document and says how many bytes it used: all, or those before a line end that it
    /// was told to stop at.
    ///
    /// # Errors
    /// Limits and the sink's own; the document can only be ended then.
    pub(super) fn scan<S: BlobSink>(
        &mut self,
        input: &[u8],
        line_ends: LineEnds,
        event: Option<&str>,
        sink: &mut S,
    ) -> Result<usize, DecodeError<S::Error>> {
        let mut used = 0;
        while let Some(rest @ [first, ..]) = input.get(used..) {
            if line_ends == LineEnds::Stop && matches!(first, b'\n' | b'\r') {
                break;
            }
            used += match self.doc.state {
                State::Between => self.between(rest, line_ends)?,
                State::Text => self.text(rest, line_ends, event, sink)?,
                State::Blob(_) => self.blob(rest, sink)?,
            };
        }
        Ok(used)
    }

    /// Hands on what is decoded. To be called after every chunk, so that no byte waits for the next.
    pub(super) fn flush<S: BlobSink>(&mut self, sink: &mut S) -> Result<(), DecodeError<S::Error>> {
        let State::Blob(blob) = &mut self.doc.state else {
            return Ok(());
        };
        let bytes = self.base64.take();
        if bytes.is_empty() {
            return Ok(());
        }
        let written = blob.written + bytes.len() as u64;
        if written > self.limits.max_blob_bytes {
            return Err(DecodeError::BlobTooLarge {
                limit: self.limits.max_blob_bytes,
            });
        }
        blob.written = written;
        sink.write(blob.id, bytes).map_err(DecodeError::Sink)
    }

    /// Ends the document and returns its skeleton. A blob that is still open is cut.
    pub(super) fn finish<S: BlobSink>(
        &mut self,
        sink: &mut S,
    ) -> Result<Vec<u8>, DecodeError<S::Error>> {
        let cut = if matches!(self.doc.state, State::Blob(_)) {
            self.end_blob(BlobEnd::Cut, sink)
        } else {
            Ok(())
        };
        let doc = std::mem::take(&mut self.doc);
        cut.map(|()| doc.skeleton)
    }

    /// Like [`Self::finish`] for a document that the body's end has cut: goes back to its last whole value and closes
    /// the brackets around it, so that what has arrived whole can still be understood.
    pub(super) fn finish_cut<S: BlobSink>(
        &mut self,
        sink: &mut S,
    ) -> Result<Vec<u8>, DecodeError<S::Error>> {
        let SafePoint {
            len,
            depth,
            objects,
        } = self.doc.safe;
        let mut skeleton = self.finish(sink)?;
        if len > 0 {
            skeleton.truncate(len);
            skeleton.extend((0..depth).map(|level| {
                if (objects >> level) & 1 == 1 {
                    b'}'
                } else {
                    b']'
                }
            }));
        }
        Ok(skeleton)
    }

    /// Outside of strings.
    fn between<E>(&mut self, input: &[u8], line_ends: LineEnds) -> Result<usize, DecodeError<E>> {
        let base = self.doc.skeleton.len();
        for (at, &byte) in input.iter().enumerate() {
            match byte {
                b'"' => {
                    self.copy(input.get(..=at).unwrap_or_default())?;
                    self.begin_string();
                    return Ok(at + 1);
                }
                b'{' | b'[' => self.open(byte == b'{')?,
                b'}' | b']' => {
                    self.doc.depth = self.doc.depth.saturating_sub(1);
                    self.doc.objects >>= 1;
                    self.doc.is_key_next = false;
                    self.mark_safe(base + at + 1);
                }
                b':' => self.doc.is_key_next = false,
                b',' => {
                    self.doc.is_key_next = self.doc.objects & 1 == 1;
                    self.mark_safe(base + at);
                }
                b'\n' | b'\r' if line_ends == LineEnds::Stop => {
                    self.copy(input.get(..at).unwrap_or_default())?;
                    return Ok(at);
                }
                _ => {}
            }
        }
        self.copy(input)?;
        Ok(input.len())
    }

    fn open<E>(&mut self, is_object: bool) -> Result<(), DecodeError<E>> {
        if self.doc.depth >= self.limits.max_depth {
            return Err(DecodeError::TooDeep {
                limit: self.limits.max_depth,
            });
        }
        self.doc.depth += 1;
        self.doc.objects = (self.doc.objects << 1) | u128::from(is_object);
        self.doc.is_key_next = is_object;
        Ok(())
    }

    /// Everything before `len` is whole, but for the brackets that are open now.
    fn mark_safe(&mut self, len: usize) {
        self.doc.safe = SafePoint {
            len,
            depth: self.doc.depth,
            objects: self.doc.objects,
        };
    }

    /// Behind the opening quote of a string.
    fn begin_string(&mut self) {
        let start = self.doc.skeleton.len();
        self.doc.string_start = start;
        self.doc.in_key = self.doc.is_key_next;
        self.doc.state = State::Text;
        let enclosure = Enclosure::String;
        self.doc.run = (!self.doc.in_key).then_some(Run { start, enclosure });
    }

    /// At the closing quote of a string.
    fn end_string<E>(&mut self) -> Result<(), DecodeError<E>> {
        let string = self.doc.string_start..self.doc.skeleton.len();
        self.copy(b"\"")?;
        self.doc.state = State::Between;
        if self.doc.in_key {
            self.doc.key = string;
            return Ok(());
        }
        if self.doc.depth == 1 && self.slice(&self.doc.key) == b"type" {
            self.doc.type_name = string;
        }
        self.mark_safe(self.doc.skeleton.len());
        Ok(())
    }

    /// In a string that is copied.
    fn text<S: BlobSink>(
        &mut self,
        input: &[u8],
        line_ends: LineEnds,
        event: Option<&str>,
        sink: &mut S,
    ) -> Result<usize, DecodeError<S::Error>> {
        // A run is judged when it is one byte longer than the limit: at the same byte whatever the chunking.
        let mut window = input;
        if let Some(run) = self.doc.run {
            let len = self.doc.skeleton.len() - run.start;
            let missing = (self.limits.divert_after_bytes + 1).saturating_sub(len);
            if missing == 0 {
                self.doc.run = None;
                if looks_like_base64(self.slice(&(run.start..run.start + len)), run.enclosure) {
                    self.divert(run, event, sink)?;
                }
                return Ok(0);
            }
            window = input.get(..missing).unwrap_or(input);
        }
        if std::mem::take(&mut self.doc.is_escaped) {
            self.copy(window.get(..1).unwrap_or_default())?;
            return Ok(1);
        }
        let plain = window
            .iter()
            .position(|&byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | b','))
            .unwrap_or(window.len());
        self.copy(window.get(..plain).unwrap_or_default())?;
        match window.get(plain) {
            None => return Ok(plain),
            Some(b'"') => self.end_string()?,
            Some(b'\\') => {
                self.doc.is_escaped = true;
                self.copy(b"\\")?;
            }
            Some(b',') => {
                self.doc.run = self.run_after_comma();
                self.copy(b",")?;
            }
            Some(b'\n' | b'\r') if line_ends == LineEnds::Stop => return Ok(plain),
            // Not allowed in a string, but some send it, and serde would refuse the whole document.
            Some(control) => self.copy(format!("\\u{control:04x}").as_bytes())?,
        }
        Ok(plain + 1)
    }

    /// The run that begins behind the comma at the end of the skeleton-to-be, if that comma ends `;base64,`.
    fn run_after_comma(&self) -> Option<Run> {
        if self.doc.in_key {
            return None;
        }
        let end = self.doc.skeleton.len();
        let string = self.slice(&(self.doc.string_start..end));
        let (head, mark) = string.split_at_checked(string.len().checked_sub(7)?)?;
        if !mark.eq_ignore_ascii_case(b";base64") {
            return None;
        }
        let is_url = head.len() <= MAX_DATA_URL_HEAD
            && head
                .trim_ascii_start()
                .get(..5)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"));
        Some(Run {
            start: end + 1,
            enclosure: if is_url {
                Enclosure::DataUrl
            } else {
                Enclosure::Text
            },
        })
    }

    /// Begins a blob with the stretch of skeleton that `run` covers.
    fn divert<S: BlobSink>(
        &mut self,
        run: Run,
        event: Option<&str>,
        sink: &mut S,
    ) -> Result<(), DecodeError<S::Error>> {
        if self.blobs_begun >= self.limits.max_blobs {
            return Err(DecodeError::TooManyBlobs {
                limit: self.limits.max_blobs,
            });
        }
        let blob = BlobId(self.blobs_begun);
        let stretch = self.doc.skeleton.split_off(run.start);
        let hint = BlobHint {
            key: std::str::from_utf8(self.slice(&self.doc.key)).unwrap_or_default(),
            event: event.or_else(|| self.type_name()),
        };
        sink.begin(blob, hint).map_err(DecodeError::Sink)?;
        self.blobs_begun += 1;
        self.doc.state = State::Blob(OpenBlob {
            id: blob,
            enclosure: run.enclosure,
            is_padded: false,
            escape: Escape::default(),
            since_escape: usize::MAX,
            written: 0,
        });
        self.base64.reset();
        let placeholder = Placeholder {
            nonce: self.nonce,
            blob,
        };
        self.copy(placeholder.to_string().as_bytes())?;
        self.scan(&stretch, LineEnds::Ordinary, event, sink)?;
        Ok(())
    }

    /// In a string that is diverted.
    fn blob<S: BlobSink>(
        &mut self,
        input: &[u8],
        sink: &mut S,
    ) -> Result<usize, DecodeError<S::Error>> {
        if self.base64.is_full() {
            self.flush(sink)?;
        }
        let State::Blob(blob) = &mut self.doc.state else {
            return Ok(0);
        };
        if blob.escape.len > 0 {
            return self.blob_escape(input, sink);
        }
        let used = if blob.is_padded {
            let run = input.iter().take_while(|&&byte| value(byte).is_some());
            run.count()
        } else if blob.since_escape < NEAR_ESCAPE {
            let near = input.get(..NEAR_ESCAPE).unwrap_or(input);
            let end = memchr(b'\\', near).unwrap_or(near.len());
            self.base64.push(near.get(..end).unwrap_or(near))
        } else {
            self.base64.push(input)
        };
        blob.since_escape = blob.since_escape.saturating_add(used);
        // The byte that stopped it may be a line end, which is for `scan` to see.
        let (0, Some(&byte)) = (used, input.first()) else {
            return Ok(used);
        };
        if byte == b'\\' {
            blob.escape.push(byte);
            blob.since_escape = 0;
            return Ok(1);
        }
        // What ends a blob is left to `text`.
        let is_text = self.ends_at(byte, sink)?;
        Ok(usize::from(!is_text))
    }

    /// In an escape sequence of a diverted string.
    fn blob_escape<S: BlobSink>(
        &mut self,
        input: &[u8],
        sink: &mut S,
    ) -> Result<usize, DecodeError<S::Error>> {
        let (State::Blob(blob), Some(&byte)) = (&mut self.doc.state, input.first()) else {
            return Ok(0);
        };
        blob.escape.push(byte);
        if !blob.escape.is_whole() {
            return Ok(1);
        }
        let escape = std::mem::take(&mut blob.escape);
        let is_padded = blob.is_padded;
        match escape.ascii() {
            Some(byte) if value(byte).is_some() => {
                if !is_padded {
                    self.base64.push(&[byte]);
                }
            }
            // 0 stands for whatever can't belong to base64.
            byte => {
                if self.ends_at(byte.unwrap_or(0), sink)? {
                    self.copy(escape.as_bytes())?;
                }
            }
        }
        Ok(1)
    }

    /// Takes a byte that is not base64; whether it ended the blob, and then is the first of the text behind it.
    fn ends_at<S: BlobSink>(
        &mut self,
        byte: u8,
        sink: &mut S,
    ) -> Result<bool, DecodeError<S::Error>> {
        let State::Blob(blob) = &mut self.doc.state else {
            return Ok(false);
        };
        let end = match (byte, blob.enclosure) {
            (b'=', _) => {
                blob.is_padded = true;
                self.base64.finish();
                return Ok(false);
            }
            (b' ' | b'\t' | b'\n' | b'\r', Enclosure::String | Enclosure::DataUrl) => {
                return Ok(false);
            }
            (b'"', _) => BlobEnd::Complete,
            (_, Enclosure::String) => BlobEnd::Invalid,
            // What may stand behind a URL in Markdown, HTML or plain words.
            (
                b' ' | b'\t' | b'\n' | b'\r' | b')' | b']' | b'}' | b'>' | b'<' | b'\'' | b'`'
                | b',' | b';',
                _,
            ) => BlobEnd::Complete,
            _ if blob.is_padded => BlobEnd::Complete,
            _ => BlobEnd::Invalid,
        };
        self.end_blob(end, sink)?;
        Ok(true)
    }

    /// Ends the open blob; the string goes on as text.
    fn end_blob<S: BlobSink>(
        &mut self,
        end: BlobEnd,
        sink: &mut S,
    ) -> Result<(), DecodeError<S::Error>> {
        if end != BlobEnd::Cut {
            self.base64.finish();
        }
        let flushed = self.flush(sink);
        let State::Blob(blob) = std::mem::replace(&mut self.doc.state, State::Text) else {
            return flushed;
        };
        self.doc.is_escaped = false;
        self.doc.run = None;
        let ended = sink.end(blob.id, end, blob.written);
        flushed.and(ended.map_err(DecodeError::Sink))
    }

    /// Appends to the skeleton.
    fn copy<E>(&mut self, bytes: &[u8]) -> Result<(), DecodeError<E>> {
        if self.doc.skeleton.len() + bytes.len() > self.limits.max_skeleton_bytes {
            return Err(DecodeError::SkeletonTooLarge {
                limit: self.limits.max_skeleton_bytes,
            });
        }
        self.doc.skeleton.extend_from_slice(bytes);
        Ok(())
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.doc.skeleton.get(range.clone()).unwrap_or_default()
    }

    fn type_name(&self) -> Option<&str> {
        let name = std::str::from_utf8(self.slice(&self.doc.type_name)).ok()?;
        (!name.is_empty()).then_some(name)
    }
}

/// Whether a stretch of a JSON string, perhaps cut inside an escape sequence at its end, can be base64.
///
/// Words are not: blanks are allowed as line ends only, and only between long lines. Padding is not expected yet.
fn looks_like_base64(stretch: &[u8], enclosure: Enclosure) -> bool {
    let mut blanks = 0;
    let mut at = 0;
    while let Some(&byte) = stretch.get(at) {
        let (character, len) = if byte == b'\\' {
            let mut escape = Escape::default();
            for &byte in stretch.iter().skip(at).take(6) {
                escape.push(byte);
                if escape.len > 1 && escape.is_whole() {
                    break;
                }
            }
            if escape.len < 2 || !escape.is_whole() {
                return true;
            }
            (escape.ascii().unwrap_or(0), escape.len)
        } else {
            (byte, 1)
        };
        match character {
            b' ' | b'\t' | b'\n' | b'\r' if enclosure != Enclosure::Text => blanks += 1,
            _ if value(character).is_some() => {}
            _ => return false,
        }
        at += len;
    }
    // A line end may be two characters.
    blanks * MIN_WRAPPED_LINE <= 2 * stretch.len()
}
