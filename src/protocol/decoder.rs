//! One response body: finds out what it is, and turns it into frames and blobs while it arrives.
//!
//! Never trusts what was asked for, nor the `Content-Type` alone (protocol.md 4.1). Called by the engine, chunk by
//! chunk; does no IO of its own.

use super::blob::{BlobEnd, BlobHint, BlobId, BlobSink, Placeholder};
use super::error::DecodeError;
use super::frame::{Frame, parse};
use super::scan::{LineEnds, Scanner};
use super::sse::SseReader;
use crate::model::ImageFormat;

/// How much of a body is kept for «raw answer», in bytes.
pub const HEAD_BYTES: usize = 64 * 1024;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How a body of server-sent events may begin, besides with a comment.
const SSE_FIELDS: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];

/// First bytes of a body that are enough to know what it is: the longest is `RIFF….WEBP`.
const SNIFF_BYTES: usize = 12;

/// What a body may cost. The defaults are those of the product.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DecoderLimits {
    /// Most bytes of one event or JSON body without its blobs.
    pub max_skeleton_bytes: usize,
    /// Most bytes of one blob, decoded.
    pub max_blob_bytes: u64,
    /// Most blobs of a body.
    pub max_blobs: u32,
    /// Deepest nesting of JSON; at most 128.
    pub max_depth: u32,
    /// A base64 string is diverted once it is longer than this, in bytes as sent. Shorter ones stay in the frame.
    pub divert_after_bytes: usize,
}

impl Default for DecoderLimits {
    fn default() -> Self {
        Self {
            max_skeleton_bytes: 8 << 20,
            max_blob_bytes: 256 << 20,
            // Ten pictures with three previews each, all sent twice, stay far below.
            max_blobs: 256,
            max_depth: 128,
            divert_after_bytes: 4 << 10,
        }
    }
}

/// What a body turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BodyKind {
    /// Too little has come.
    Undecided,
    /// Server-sent events.
    Sse,
    /// One JSON document.
    Json,
    /// A web page: never an answer of the API (quirk 36).
    Html,
    /// A picture as such.
    Image,
    /// Anything else.
    Text,
}

/// How a body ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BodyEnd {
    /// What it was.
    pub kind: BodyKind,
    /// Whether the end marker `[DONE]` came. Its absence is normal.
    pub is_done: bool,
    /// Whether it ended inside an event, a JSON document or a blob.
    pub is_cut: bool,
    /// Frames that it yielded.
    pub frames: u64,
}

/// Decodes one body. Memory is bounded by the limits and by what the frames hold.
#[derive(Debug)]
pub struct BodyDecoder {
    kind: BodyKind,
    content_type: String,
    scanner: Scanner,
    sse: SseReader,
    /// The first bytes, until the kind is known.
    prefix: Vec<u8>,
    /// A page or a text: its first [`HEAD_BYTES`]. Of the others what is shown as raw answer.
    head: Vec<u8>,
    /// Bytes of a body that is a picture.
    image_bytes: u64,
    frames: u64,
    has_failed: bool,
}

impl BodyDecoder {
    /// A decoder for one body. `nonce` has to be unpredictable to the server: placeholders are made from it.
    #[must_use]
    pub fn new(limits: DecoderLimits, content_type: Option<&str>, nonce: u64) -> Self {
        Self {
            kind: BodyKind::Undecided,
            content_type: content_type.unwrap_or_default().to_ascii_lowercase(),
            scanner: Scanner::new(limits, nonce),
            sse: SseReader::default(),
            prefix: Vec::new(),
            head: Vec::new(),
            image_bytes: 0,
            frames: 0,
            has_failed: false,
        }
    }

    /// Takes the next bytes. Blobs go to `sink` at once, whole events to `frames`.
    ///
    /// Work is proportional to the length of `chunk`; the result does not depend on how the body is cut into chunks.
    ///
    /// # Errors
    /// A limit, or the sink's own error. Later calls then do nothing; [`Self::finish`] still ends an open blob.
    pub fn push<S: BlobSink>(
        &mut self,
        chunk: &[u8],
        sink: &mut S,
        frames: &mut Vec<Frame>,
    ) -> Result<(), DecodeError<S::Error>> {
        if self.has_failed || chunk.is_empty() {
            return Ok(());
        }
        let before = frames.len();
        let result = self.take(chunk, sink, frames);
        self.has_failed = result.is_err();
        self.frames += (frames.len() - before) as u64;
        result
    }

    /// Ends the body, wherever it stands: also after an error, of the network too. An open blob is cut; a document
    /// that is cut behind a whole value still yields its frame.
    ///
    /// # Errors
    /// The sink's own, or a limit.
    pub fn finish<S: BlobSink>(
        &mut self,
        sink: &mut S,
        frames: &mut Vec<Frame>,
    ) -> Result<BodyEnd, DecodeError<S::Error>> {
        let before = frames.len();
        let nonce = self.scanner.nonce();
        if self.kind == BodyKind::Undecided && !self.prefix.is_empty() {
            let kind = sniff(&self.prefix, &self.content_type, true).unwrap_or(BodyKind::Text);
            let begun = self.begin(kind, sink, frames);
            self.has_failed |= begun.is_err();
            begun?;
        }
        let is_cut = match self.kind {
            BodyKind::Undecided => false,
            BodyKind::Image => {
                let end = if self.has_failed {
                    BlobEnd::Cut
                } else {
                    BlobEnd::Complete
                };
                sink.end(BlobId(0), end, self.image_bytes)
                    .map_err(DecodeError::Sink)?;
                let placeholder = Placeholder {
                    nonce,
                    blob: BlobId(0),
                };
                let json = format!("\"{placeholder}\"");
                frames.push(Frame::new(b"", json.into_bytes(), nonce));
                false
            }
            _ if self.has_failed => {
                self.scanner.finish(sink)?;
                true
            }
            BodyKind::Sse => self
                .sse
                .finish(&mut self.scanner, sink, frames, &mut self.head)?,
            BodyKind::Json => {
                let is_cut = self.scanner.is_open();
                let skeleton = if is_cut {
                    self.scanner.finish_cut(sink)?
                } else {
                    self.scanner.finish(sink)?
                };
                keep_head(&mut self.head, &skeleton);
                if !is_cut {
                    frames.push(Frame::new(b"", skeleton, nonce));
                } else if parse(&skeleton).is_some() {
                    frames.push(Frame::new(b"", skeleton, nonce).cut());
                }
                is_cut
            }
            BodyKind::Html | BodyKind::Text => {
                frames.push(Frame::new(b"", self.head.clone(), nonce));
                false
            }
        };
        self.frames += (frames.len() - before) as u64;
        Ok(BodyEnd {
            kind: self.kind,
            is_done: self.sse.is_done(),
            is_cut: is_cut || self.has_failed,
            frames: self.frames,
        })
    }

    /// Comments and empty events so far: signs of life that mean nothing else.
    #[must_use]
    pub fn keep_alives(&self) -> u64 {
        self.sse.keep_alives()
    }

    /// What the body is.
    #[must_use]
    pub fn kind(&self) -> BodyKind {
        self.kind
    }

    /// The body's first [`HEAD_BYTES`], without blobs: for «raw answer». Of a stream, the events that are complete.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        let head = match self.kind {
            BodyKind::Undecided => &self.prefix,
            BodyKind::Json if self.head.is_empty() => self.scanner.skeleton(),
            _ => &self.head,
        };
        head.get(..HEAD_BYTES).unwrap_or(head)
    }

    fn take<S: BlobSink>(
        &mut self,
        chunk: &[u8],
        sink: &mut S,
        frames: &mut Vec<Frame>,
    ) -> Result<(), DecodeError<S::Error>> {
        match self.kind {
            BodyKind::Undecided => self.take_undecided(chunk, sink, frames),
            BodyKind::Sse => {
                let Self {
                    sse, scanner, head, ..
                } = self;
                sse.push(chunk, scanner, sink, frames, head)?;
                scanner.flush(sink)
            }
            BodyKind::Json => {
                self.scanner.scan(chunk, LineEnds::Ordinary, None, sink)?;
                self.scanner.flush(sink)
            }
            BodyKind::Html | BodyKind::Text => {
                keep_head(&mut self.head, chunk);
                Ok(())
            }
            BodyKind::Image => {
                let bytes = self.image_bytes + chunk.len() as u64;
                let limit = self.scanner.limits().max_blob_bytes;
                if bytes > limit {
                    return Err(DecodeError::BlobTooLarge { limit });
                }
                self.image_bytes = bytes;
                sink.write(BlobId(0), chunk).map_err(DecodeError::Sink)
            }
        }
    }

    fn take_undecided<S: BlobSink>(
        &mut self,
        mut chunk: &[u8],
        sink: &mut S,
        frames: &mut Vec<Frame>,
    ) -> Result<(), DecodeError<S::Error>> {
        loop {
            if self.prefix.is_empty() {
                chunk = chunk.trim_ascii_start();
            }
            if chunk.is_empty() {
                return Ok(());
            }
            let missing = SNIFF_BYTES.saturating_sub(self.prefix.len());
            let (first, rest) = chunk.split_at_checked(missing).unwrap_or((chunk, &[]));
            self.prefix.extend_from_slice(first);
            chunk = rest;
            while let Some(behind) = self.prefix.strip_prefix(BOM) {
                self.prefix = behind.trim_ascii_start().to_vec();
            }
            if let Some(kind) = sniff(&self.prefix, &self.content_type, false) {
                self.begin(kind, sink, frames)?;
                return if chunk.is_empty() {
                    Ok(())
                } else {
                    self.take(chunk, sink, frames)
                };
            }
        }
    }

    /// The kind is known: takes what was held back.
    fn begin<S: BlobSink>(
        &mut self,
        kind: BodyKind,
        sink: &mut S,
        frames: &mut Vec<Frame>,
    ) -> Result<(), DecodeError<S::Error>> {
        if kind == BodyKind::Image {
            let hint = BlobHint {
                key: "",
                event: None,
            };
            sink.begin(BlobId(0), hint).map_err(DecodeError::Sink)?;
        }
        self.kind = kind;
        let prefix = std::mem::take(&mut self.prefix);
        self.take(&prefix, sink, frames)
    }
}

/// Appends to a head as far as it has room.
pub(super) fn keep_head(head: &mut Vec<u8>, bytes: &[u8]) {
    let room = HEAD_BYTES.saturating_sub(head.len());
    head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
}

/// What a body is by its first bytes (protocol.md 4.1); `None` while they are too few and more may come.
fn sniff(first: &[u8], content_type: &str, is_all: bool) -> Option<BodyKind> {
    let by_bytes = match first {
        [] => return None,
        [b'['] if !is_all => return None,
        // A comment, or the end marker as a bare line.
        [b':', ..] | [b'[', b'D', ..] => Some(BodyKind::Sse),
        [b'{' | b'[', ..] => Some(BodyKind::Json),
        [b'<', ..] => Some(BodyKind::Html),
        _ if ImageFormat::sniff(first).is_some() || first.starts_with(b"GIF8") => {
            Some(BodyKind::Image)
        }
        _ if SSE_FIELDS.iter().any(|field| first.starts_with(field)) => Some(BodyKind::Sse),
        _ => None,
    };
    if by_bytes.is_some() {
        return by_bytes;
    }
    let may_become = |whole: &[u8]| whole.starts_with(first);
    let is_open = SSE_FIELDS.iter().any(|field| may_become(field))
        || (first.len() < SNIFF_BYTES && matches!(first, [b'R' | b'G' | 0x89 | 0xff, ..]))
        || may_become(BOM);
    if is_open && !is_all {
        return None;
    }
    Some(if content_type.contains("event-stream") {
        BodyKind::Sse
    } else if content_type.contains("json") {
        BodyKind::Json
    } else if content_type.contains("html") {
        BodyKind::Html
    } else if content_type.starts_with("image/") {
        BodyKind::Image
    } else {
        BodyKind::Text
    })
}
