//! A JSON scanner that diverts long base64 strings to a sink while they arrive.
//!
//! It copies one document, piece by piece, into a *skeleton*, in which a placeholder stands for every diverted string.
//! It does not check grammar: what is not JSON is copied all the same, and found out when the skeleton is parsed. Every
//! byte is looked at a bounded number of times, however the document is cut. Called by [`super::sse`] and
//! [`super::decoder`].

mod divert;
mod document;
mod escape;
mod run;

use super::base64::Base64Decoder;
use super::blob::{BlobEnd, BlobSink};
use super::decoder::DecoderLimits;
use super::error::DecodeError;

use self::divert::OpenBlob;
use self::document::Document;
use self::run::looks_like_base64;

/// Deepest nesting that can be tracked: one bit a level.
const MAX_TRACKED_DEPTH: u32 = 128;

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
        let safe = self.doc.safe;
        let mut skeleton = self.finish(sink)?;
        safe.close(&mut skeleton);
        Ok(skeleton)
    }

    /// Outside of strings.
    fn between<E>(&mut self, input: &[u8], line_ends: LineEnds) -> Result<usize, DecodeError<E>> {
        let base = self.doc.skeleton.len();
        for (at, &byte) in input.iter().enumerate() {
            match byte {
                b'"' => {
                    self.copy(input.get(..=at).unwrap_or_default())?;
                    self.doc.begin_string();
                    return Ok(at + 1);
                }
                b'{' | b'[' => self.open(byte == b'{')?,
                b'}' | b']' => {
                    self.doc.depth = self.doc.depth.saturating_sub(1);
                    self.doc.objects >>= 1;
                    self.doc.is_key_next = false;
                    self.doc.mark_safe(base + at + 1);
                }
                b':' => self.doc.is_key_next = false,
                b',' => {
                    self.doc.is_key_next = self.doc.objects & 1 == 1;
                    self.doc.mark_safe(base + at);
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

    /// At the closing quote of a string.
    fn end_string<E>(&mut self) -> Result<(), DecodeError<E>> {
        let string = self.doc.string_start..self.doc.skeleton.len();
        self.copy(b"\"")?;
        self.doc.state = State::Between;
        if self.doc.in_key {
            self.doc.key = string;
            return Ok(());
        }
        if self.doc.depth == 1 && self.doc.slice(&self.doc.key) == b"type" {
            self.doc.type_name = string;
        }
        self.doc.mark_safe(self.doc.skeleton.len());
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
                if looks_like_base64(self.doc.slice(&(run.start..run.start + len)), run.enclosure) {
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
                self.doc.run = self.doc.run_after_comma();
                self.copy(b",")?;
            }
            Some(b'\n' | b'\r') if line_ends == LineEnds::Stop => return Ok(plain),
            // Not allowed in a string, but some send it, and serde would refuse the whole document.
            Some(control) => self.copy(format!("\\u{control:04x}").as_bytes())?,
        }
        Ok(plain + 1)
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
}
