//! Strings that go to the sink: they begin, are decoded, and end.

use memchr::memchr;

use super::super::base64::value;
use super::super::blob::{BlobEnd, BlobHint, BlobId, BlobSink, Placeholder};
use super::super::error::DecodeError;
use super::escape::Escape;
use super::run::{Enclosure, Run};
use super::{LineEnds, Scanner, State};

/// How far behind an escape sequence the next one is looked for: where there are many (`\/` by PHP, wrapped lines), that
/// is quicker than to let the engine run into each. In bytes.
const NEAR_ESCAPE: usize = 512;

/// A string that is diverted, as far as it has come.
#[derive(Clone, Debug)]
pub(super) struct OpenBlob {
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

impl Scanner {
    /// Begins a blob with the stretch of skeleton that `run` covers.
    pub(super) fn divert<S: BlobSink>(
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
            key: std::str::from_utf8(self.doc.slice(&self.doc.key)).unwrap_or_default(),
            event: event.or_else(|| self.doc.type_name()),
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
    pub(super) fn blob<S: BlobSink>(
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
        if !blob.escape.is_empty() {
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
    pub(super) fn end_blob<S: BlobSink>(
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

    /// Hands on what is decoded. To be called after every chunk, so that no byte waits for the next.
    pub(in crate::protocol) fn flush<S: BlobSink>(
        &mut self,
        sink: &mut S,
    ) -> Result<(), DecodeError<S::Error>> {
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
}
