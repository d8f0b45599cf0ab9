//! An escape sequence of a JSON string.

/// An escape sequence of a JSON string, as far as it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Escape {
    bytes: [u8; 6],
    len: usize,
}

impl Escape {
    /// The sequence that `bytes` begin with; `None` when it is cut.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut escape = Self::default();
        bytes.iter().find_map(|&byte| {
            escape.push(byte);
            escape.is_whole().then(|| escape.clone())
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(super) fn is_whole(&self) -> bool {
        match self.bytes.get(1) {
            Some(b'u') => self.len == 6,
            _ => self.len == 2,
        }
    }

    /// The ASCII character that a whole sequence stands for; `None` for any other character.
    pub(super) fn ascii(&self) -> Option<u8> {
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
