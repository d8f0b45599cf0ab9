//! What can go wrong with a picture.

use std::error::Error;
use std::fmt;
use std::io;

use super::SourceFormat;
use crate::model::PixelSize;

/// Why a picture could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The first bytes are of no format that is known.
    #[error("not a picture in a known format")]
    Unknown,
    /// The file ends before the picture does.
    #[error("the file ends too early, after {rows} rows")]
    Truncated {
        /// Rows that were handed on; all of them when only the end mark is missing.
        rows: u32,
    },
    /// A file of more bytes than are ever read.
    #[error("a file of more than {most} bytes is more than allowed")]
    TooLong {
        /// The limit.
        most: u64,
    },
    /// Decoding would take more memory than its pixels account for.
    #[error("a {format} file that needs too much memory ({source})")]
    NeedsMemory {
        /// The format.
        format: SourceFormat,
        /// What the decoder says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// More pixels or bytes than allowed; found before anything was allocated for them.
    #[error("{what} is more than allowed")]
    TooLarge {
        /// Width x height as the header says; `None` when something else than the picture is too large.
        size: Option<PixelSize>,
        /// What is too large, with its figure.
        what: String,
    },
    /// The bytes break the rules of their format.
    #[error("damaged {format} file: {source}")]
    Corrupt {
        /// The format.
        format: SourceFormat,
        /// Rows that were handed on before.
        rows: u32,
        /// What is wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Legal, but a kind of file that is not decoded, such as a 12-bit JPEG.
    #[error("{format} file of a kind that is not supported: {source}")]
    Unsupported {
        /// The format.
        format: SourceFormat,
        /// What is not supported.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The reader or the sink wanted no more.
    #[error("decoding was canceled")]
    Canceled,
    /// A picture could not be encoded.
    #[error("cannot encode the picture: {0}")]
    Encode(#[source] Box<dyn Error + Send + Sync>),
    /// Reading or writing failed.
    #[error("cannot read or write picture data: {0}")]
    Io(#[source] io::Error),
}

impl MediaError {
    pub(super) fn corrupt(
        format: SourceFormat,
        rows: u32,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            format,
            rows,
            source: source.into(),
        }
    }

    /// An error of a reader after `rows` rows.
    pub(super) fn from_read(error: io::Error, rows: u32) -> Self {
        if matches!(error.get_ref(), Some(inner) if inner.is::<Canceled>()) {
            Self::Canceled
        } else if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Truncated { rows }
        } else {
            Self::Io(error)
        }
    }
}

impl From<io::Error> for MediaError {
    fn from(error: io::Error) -> Self {
        Self::from_read(error, 0)
    }
}

/// The error with which a reader makes a decoder stop: it comes out as [`MediaError::Canceled`].
#[must_use]
pub fn canceled() -> io::Error {
    // Not `Interrupted`: the standard library would read again.
    io::Error::other(Canceled)
}

#[derive(Debug)]
struct Canceled;

impl fmt::Display for Canceled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reading was canceled")
    }
}

impl Error for Canceled {}
