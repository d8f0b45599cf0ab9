//! Stretches of a string that may be base64.

use super::super::base64::value;
use super::escape::Escape;

/// Fewest characters a line of wrapped base64; text in words has far shorter ones (RFC 2045 wraps at 76, PEM at 64).
const MIN_WRAPPED_LINE: usize = 32;

/// A stretch of a string that may turn out to be base64.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Where it begins in the skeleton.
    pub(super) start: usize,
    pub(super) enclosure: Enclosure,
}

/// What is around a run of base64: decides what may follow it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Enclosure {
    /// The string is all base64.
    String,
    /// The string is a data URL.
    DataUrl,
    /// The string is a text with a data URL in it, such as a Markdown image.
    Text,
}

/// Whether a stretch of a JSON string, perhaps cut inside an escape sequence at its end, can be base64.
///
/// Words are not: blanks are allowed as line ends only, and only between long lines. Padding is not expected yet.
pub(super) fn looks_like_base64(stretch: &[u8], enclosure: Enclosure) -> bool {
    let mut blanks = 0;
    let mut at = 0;
    while let Some(&byte) = stretch.get(at) {
        let (character, len) = if byte == b'\\' {
            let Some(escape) = Escape::read(stretch.get(at..).unwrap_or_default()) else {
                return true;
            };
            (escape.ascii().unwrap_or(0), escape.as_bytes().len())
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
