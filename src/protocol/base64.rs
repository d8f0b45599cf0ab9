//! Base64 that arrives in pieces, decoded at the speed of the SIMD engine.
//!
//! Knows the alphabet and nothing else: quotes, escapes, white space and padding are foreign bytes at which
//! [`Base64Decoder::push`] stops; [`super::scan`] decides what they mean.

use ::base64::engine::{DecodePaddingMode, Engine as _, GeneralPurposeConfig};
use ::base64::{DecodeError, DecodeSliceError};

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
)))]
use ::base64::engine::GeneralPurpose as FastEngine;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
))]
use ::base64::engine::Simd as FastEngine;

/// Decoded bytes gathered before they are handed on: few enough to stay in the first-level cache together with what
/// they are decoded from (a buffer for a whole 64 KiB chunk is a quarter slower), and a multiple of 3.
const OUT_BYTES: usize = 12 * 1024;

/// Marks a byte that belongs to neither alphabet.
const FOREIGN: u8 = 0xff;

/// Six-bit value of every byte, in the standard and the URL-safe alphabet at once (RFC 4648, sections 4 and 5).
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler, over the 256 bytes there are"
)]
static VALUES: [u8; 256] = {
    let mut values = [FOREIGN; 256];
    let mut byte = 0;
    while byte < 256 {
        values[byte] = match byte as u8 {
            upper @ b'A'..=b'Z' => upper - b'A',
            lower @ b'a'..=b'z' => lower - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => FOREIGN,
        };
        byte += 1;
    }
    values
};

/// Six-bit value of `byte`, if it belongs to either alphabet.
pub(super) fn value(byte: u8) -> Option<u8> {
    VALUES
        .get(usize::from(byte))
        .copied()
        .filter(|&value| value != FOREIGN)
}

/// An incremental decoder. Reused from blob to blob, so that a body costs one buffer.
pub(super) struct Base64Decoder {
    standard: FastEngine,
    url_safe: FastEngine,
    /// Which engine is tried first; either alphabet is always understood.
    is_url_safe: bool,
    /// The open quad, right-aligned six-bit values.
    open_bits: u32,
    /// Values in the open quad, 0 to 3.
    open_len: u32,
    out: Box<[u8]>,
    filled: usize,
}

impl Base64Decoder {
    pub(super) fn new() -> Self {
        // Nobody loses a picture over a sloppy last character.
        let config = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        #[cfg(any(
            target_arch = "x86_64",
            all(target_arch = "aarch64", target_feature = "neon")
        ))]
        let (standard, url_safe) = (FastEngine::standard(config), FastEngine::url_safe(config));
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "aarch64", target_feature = "neon")
        )))]
        let (standard, url_safe) = (
            FastEngine::new(&::base64::alphabet::STANDARD, config),
            FastEngine::new(&::base64::alphabet::URL_SAFE, config),
        );
        Self {
            standard,
            url_safe,
            is_url_safe: false,
            open_bits: 0,
            open_len: 0,
            out: vec![0; OUT_BYTES].into_boxed_slice(),
            filled: 0,
        }
    }

    /// Begins a new run; anything not taken is gone.
    pub(super) fn reset(&mut self) {
        self.is_url_safe = false;
        self.open_bits = 0;
        self.open_len = 0;
        self.filled = 0;
    }

    /// Whether [`Self::take`] has to be called before [`Self::push`] can go on.
    pub(super) fn is_full(&self) -> bool {
        self.room() < 3
    }

    /// The decoded bytes so far; forgets them.
    pub(super) fn take(&mut self) -> &[u8] {
        let filled = std::mem::take(&mut self.filled);
        self.out.get(..filled).unwrap_or_default()
    }

    /// Decodes from the start of `input` and says how many bytes it used.
    ///
    /// Stops at the end, at the first foreign byte, or when [`Self::is_full`]. Work is proportional to the bytes used:
    /// the engine meets a foreign byte where it stands, nothing is searched ahead.
    pub(super) fn push(&mut self, input: &[u8]) -> usize {
        let mut used = self.close_quad(input);
        let is_foreign = |byte: &u8| value(*byte).is_none();
        if self.open_len > 0 || input.get(used).is_none_or(is_foreign) {
            return used;
        }
        while let Some(rest) = input.get(used..) {
            let whole = rest.len().min(self.room() / 3 * 4) & !3;
            let Some(quads) = rest.get(..whole).filter(|quads| !quads.is_empty()) else {
                break;
            };
            match self.decode_quads(quads) {
                Ok(()) => used += whole,
                Err(clean) => {
                    used += clean;
                    let rest = input.get(used..).unwrap_or_default();
                    if rest.iter().take(4).any(|&byte| value(byte).is_none()) {
                        break;
                    }
                    // All four are fine, in the other alphabet.
                    self.is_url_safe = !self.is_url_safe;
                    used += self.push_values(rest, 4);
                }
            }
        }
        let rest = input.get(used..).unwrap_or_default();
        used + self.push_values(rest, 3)
    }

    /// Ends the run: a quad of two or three values yields one or two bytes more, a lone value is dropped.
    pub(super) fn finish(&mut self) {
        let bits = self.open_bits << (6 * (4 - self.open_len));
        let bytes = bits.to_be_bytes();
        let len = (self.open_len * 6 / 8) as usize;
        self.put(bytes.get(1..=len).unwrap_or_default());
        self.open_bits = 0;
        self.open_len = 0;
    }

    /// Decodes `quads`, whose length is a multiple of four; on a foreign byte, the quads before it.
    ///
    /// # Errors
    /// How many bytes, a multiple of four, were decoded before the quad with the first byte that is foreign to the
    /// alphabet in use.
    fn decode_quads(&mut self, quads: &[u8]) -> Result<(), usize> {
        match self.try_quads(quads) {
            Ok(()) => Ok(()),
            Err(clean) => {
                // The engine does not promise what it has written when it fails.
                match self.try_quads(quads.get(..clean).unwrap_or_default()) {
                    Ok(()) => Err(clean),
                    Err(_) => Err(0),
                }
            }
        }
    }

    fn try_quads(&mut self, quads: &[u8]) -> Result<(), usize> {
        let engine = if self.is_url_safe {
            &self.url_safe
        } else {
            &self.standard
        };
        let Some(out) = self.out.get_mut(self.filled..) else {
            return Err(0);
        };
        match engine.decode_slice(quads, out) {
            Ok(len) if len == quads.len() / 4 * 3 => {
                self.filled += len;
                Ok(())
            }
            // Padding, which is allowed in the last quad only.
            Ok(_) => Err(quads.len().saturating_sub(4)),
            Err(DecodeSliceError::DecodeError(DecodeError::InvalidByte(at, _))) => Err(at & !3),
            Err(_) => Err(0),
        }
    }

    /// Takes values until the open quad is whole.
    fn close_quad(&mut self, input: &[u8]) -> usize {
        if self.open_len == 0 || self.is_full() {
            return 0;
        }
        self.push_values(input, 4 - self.open_len as usize)
    }

    /// Takes at most `max` values one by one and says how many there were.
    fn push_values(&mut self, input: &[u8], max: usize) -> usize {
        let mut used = 0;
        for value in input.iter().take(max).map_while(|&byte| value(byte)) {
            if self.is_full() {
                break;
            }
            used += 1;
            self.open_bits = (self.open_bits << 6) | u32::from(value);
            self.open_len += 1;
            if self.open_len == 4 {
                let bytes = self.open_bits.to_be_bytes();
                self.put(bytes.get(1..).unwrap_or_default());
                self.open_bits = 0;
                self.open_len = 0;
            }
        }
        used
    }

    fn room(&self) -> usize {
        self.out.len() - self.filled
    }

    fn put(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        if let Some(place) = self.out.get_mut(self.filled..end) {
            place.copy_from_slice(bytes);
            self.filled = end;
        }
    }
}

impl std::fmt::Debug for Base64Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Base64Decoder")
            .field("filled", &self.filled)
            .field("open_len", &self.open_len)
            .finish_non_exhaustive()
    }
}
