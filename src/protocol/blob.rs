//! Long strings that leave the body while it arrives: their ids, where they go, and what stands in their place.

use std::fmt;

/// Counts the blobs of one body, from 0.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub struct BlobId(pub u32);

/// What is known of a blob when it begins. Its meaning is only certain once its [`super::Frame`] is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BlobHint<'a> {
    /// The JSON key that holds it, as on the wire; empty where there is none.
    pub key: &'a str,
    /// Name of the server-sent event, else the JSON's own `type` where that came first.
    pub event: Option<&'a str>,
}

impl BlobHint<'_> {
    /// Whether key or event already say that it is a preview (protocol.md 4.2). `false` is no promise of a result.
    #[must_use]
    pub fn is_preview(&self) -> bool {
        const MARK: &str = "partial_image";
        self.key.contains(MARK) || self.event.is_some_and(|event| event.contains(MARK))
    }
}

/// How a blob ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BlobEnd {
    /// With its string (or its data URL).
    Complete,
    /// The body ended inside it, or the decoder gave up.
    Cut,
    /// At a byte that is not base64; the rest of the string went on as text.
    Invalid,
}

/// Receives decoded bytes as they arrive. Blobs never overlap.
///
/// An error stops the decoder and is handed back unchanged, as [`super::DecodeError::Sink`].
pub trait BlobSink {
    /// What can go wrong with the sink.
    type Error;

    /// A blob begins.
    ///
    /// # Errors
    /// The sink's own.
    fn begin(&mut self, blob: BlobId, hint: BlobHint<'_>) -> Result<(), Self::Error>;

    /// The next bytes of the blob: never empty, at most 12 KiB at a time for base64, as large as the chunk for a body
    /// that is itself a picture.
    ///
    /// # Errors
    /// The sink's own.
    fn write(&mut self, blob: BlobId, bytes: &[u8]) -> Result<(), Self::Error>;

    /// The blob is over after `bytes` bytes in total.
    ///
    /// # Errors
    /// The sink's own.
    fn end(&mut self, blob: BlobId, end: BlobEnd, bytes: u64) -> Result<(), Self::Error>;
}

/// What stands in a skeleton for a blob. Tied to a number that the outside never sees, so that it can't be forged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Placeholder {
    pub(super) nonce: u64,
    pub(super) blob: BlobId,
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<blob {:016x} {}>", self.nonce, self.blob.0)
    }
}

impl Placeholder {
    /// The first placeholder in `text`: the blob, and the text before and after it.
    pub(super) fn find(nonce: u64, text: &str) -> Option<(BlobId, &str, &str)> {
        let opening = format!("<blob {nonce:016x} ");
        let (before, rest) = text.split_once(&opening)?;
        let (number, after) = rest.split_once('>')?;
        Some((BlobId(number.parse().ok()?), before, after))
    }
}
