//! Results: their ids and what the library knows of them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ImageFormat, JobId, PixelSize, Recipe};

/// Names a result for good, also in its recipe; built like [`JobId`], so ids sort by time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageId(u64);

/// A text that is not an id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an id has 16 hexadecimal digits and is below 2^62, unlike '{text}'")]
pub struct ParseIdError {
    /// What was given.
    pub text: String,
}

/// 42 bits of milliseconds (until the year 2109), then 20 random bits.
pub(super) const fn id_from_parts(unix_ms: u64, random: u32) -> u64 {
    ((unix_ms & ((1 << 42) - 1)) << 20) | (random as u64 & ((1 << 20) - 1))
}

pub(super) fn format_id(id: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{id:016x}")
}

pub(super) fn parse_id(text: &str) -> Result<u64, ParseIdError> {
    let wrong = || ParseIdError {
        text: text.chars().take(64).collect(),
    };
    // Also the name of a folder: exactly one spelling is accepted.
    if text.len() != 16 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(wrong());
    }
    match u64::from_str_radix(text, 16) {
        Ok(id) if id < 1 << 62 => Ok(id),
        _ => Err(wrong()),
    }
}

impl ImageId {
    /// Makes an id from a time in milliseconds since 1970 (UTC) and a random number.
    #[must_use]
    pub const fn from_parts(unix_ms: u64, random: u32) -> Self {
        Self(id_from_parts(unix_ms, random))
    }

    /// Takes a number back that [`Self::get`] gave, such as one from the index.
    #[must_use]
    pub const fn from_u64(id: u64) -> Option<Self> {
        if id < 1 << 62 { Some(Self(id)) } else { None }
    }

    /// The id as a number below 2^62.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Four hexadecimal digits for file names: not unique, but enough to tell files of one second apart.
    #[must_use]
    pub fn short(self) -> String {
        format!("{:04x}", self.0 & 0xffff)
    }
}

impl fmt::Display for ImageId {
    /// Sixteen lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        format_id(self.0, f)
    }
}

impl FromStr for ImageId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_id(text).map(Self)
    }
}

impl TryFrom<String> for ImageId {
    type Error = ParseIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ImageId> for String {
    fn from(id: ImageId) -> Self {
        id.to_string()
    }
}

/// A parameter that was delivered otherwise than asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mismatch {
    /// Width x height differ from the exact size that was asked.
    Size,
    /// Another file format.
    Format,
    /// Transparency was asked, the file has no alpha channel.
    Background,
}

impl Mismatch {
    /// The word in `--json` and the index.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Format => "format",
            Self::Background => "background",
        }
    }
}

/// A result in the library.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageRecord {
    /// Its id, also in its recipe.
    pub id: ImageId,
    /// The job that made it.
    pub job: JobId,
    /// Its place among the job's results, from 0.
    pub index: u32,
    /// When it was filed, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
    /// The file, absolute.
    pub path: PathBuf,
    /// Width x height as decoded from the file, in pixels.
    pub size: PixelSize,
    /// Format as read from the bytes.
    pub format: ImageFormat,
    /// Length of the file in bytes, recipe included.
    pub bytes: u64,
    /// BLAKE3 of the file as stored, 64 hexadecimal digits.
    pub file_hash: String,
    /// What is needed to make it again, and what was asked, claimed and got.
    pub recipe: Recipe,
}
