//! One document: its skeleton, and where in it the scanner is.

use std::ops::Range;

use super::State;
use super::run::{Enclosure, Run};

/// Longest `data:image/…;base64,` that is recognised at the start of a string, in bytes.
const MAX_DATA_URL_HEAD: usize = 256;

/// Up to where a document can be cut so that closing its brackets makes it whole.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SafePoint {
    len: usize,
    depth: u32,
    objects: u128,
}

impl SafePoint {
    /// Goes back to here and closes the brackets; without such a point the skeleton stays as it is.
    pub(super) fn close(self, skeleton: &mut Vec<u8>) {
        if self.len > 0 {
            skeleton.truncate(self.len);
            skeleton.extend((0..self.depth).map(|level| {
                if (self.objects >> level) & 1 == 1 {
                    b'}'
                } else {
                    b']'
                }
            }));
        }
    }
}

/// What belongs to one document.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) skeleton: Vec<u8>,
    pub(super) state: State,
    pub(super) depth: u32,
    /// One bit a level, the innermost last: 1 for an object, 0 for an array.
    pub(super) objects: u128,
    /// The next string is a key.
    pub(super) is_key_next: bool,
    /// The string being read is a key.
    pub(super) in_key: bool,
    /// Where the string being read begins, behind its quote.
    pub(super) string_start: usize,
    /// In a string that is copied, after a backslash.
    pub(super) is_escaped: bool,
    /// Where base64 may have begun in that string, as long as nothing speaks against it.
    pub(super) run: Option<Run>,
    /// The newest key.
    pub(super) key: Range<usize>,
    /// The value of the outermost `type`.
    pub(super) type_name: Range<usize>,
    pub(super) safe: SafePoint,
}

impl Document {
    /// Everything before `len` is whole, but for the brackets that are open now.
    pub(super) fn mark_safe(&mut self, len: usize) {
        self.safe = SafePoint {
            len,
            depth: self.depth,
            objects: self.objects,
        };
    }

    /// Behind the opening quote of a string.
    pub(super) fn begin_string(&mut self) {
        let start = self.skeleton.len();
        self.string_start = start;
        self.in_key = self.is_key_next;
        self.state = State::Text;
        let enclosure = Enclosure::String;
        self.run = (!self.in_key).then_some(Run { start, enclosure });
    }

    /// The run that begins behind the comma at the end of the skeleton-to-be, if that comma ends `;base64,`.
    pub(super) fn run_after_comma(&self) -> Option<Run> {
        if self.in_key {
            return None;
        }
        let end = self.skeleton.len();
        let string = self.slice(&(self.string_start..end));
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

    pub(super) fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.skeleton.get(range.clone()).unwrap_or_default()
    }

    pub(super) fn type_name(&self) -> Option<&str> {
        let name = std::str::from_utf8(self.slice(&self.type_name)).ok()?;
        (!name.is_empty()).then_some(name)
    }
}
