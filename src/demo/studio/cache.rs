//! The files painted last, so that a bench that repeats a request measures its client.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::demo::painter::Stage;
use crate::model::{ImageFormat, PixelSize};

/// What a file depends on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct CacheKey {
    /// Of the commission.
    pub(super) commission: blake3::Hash,
    /// Which of `n`.
    pub(super) index: u8,
    pub(super) stage: Stage,
    /// Size and format of the file.
    pub(super) delivered: (PixelSize, ImageFormat),
    /// Whether the mask counts.
    pub(super) masked: bool,
}

/// The files used last, up to a number of bytes.
#[derive(Debug)]
pub(super) struct Cache {
    limit_bytes: usize,
    bytes: usize,
    /// The one used last is at the back.
    files: VecDeque<(CacheKey, Bytes)>,
}

impl Cache {
    pub(super) const fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            bytes: 0,
            files: VecDeque::new(),
        }
    }

    pub(super) fn get(&mut self, key: CacheKey) -> Option<Bytes> {
        let at = self.files.iter().position(|(known, _)| *known == key)?;
        let entry = self.files.remove(at)?;
        let file = entry.1.clone();
        self.files.push_back(entry);
        Some(file)
    }

    pub(super) fn put(&mut self, key: CacheKey, file: Bytes) {
        if file.len() > self.limit_bytes || self.get(key).is_some() {
            return;
        }
        self.bytes += file.len();
        self.files.push_back((key, file));
        while self.bytes > self.limit_bytes
            && let Some((_, oldest)) = self.files.pop_front()
        {
            self.bytes -= oldest.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(index: u8) -> CacheKey {
        CacheKey {
            commission: blake3::hash(b"a fox"),
            index,
            stage: Stage::Final,
            delivered: (PixelSize::new(16, 16).unwrap(), ImageFormat::Png),
            masked: true,
        }
    }

    #[test]
    fn the_file_used_longest_ago_goes_first() {
        let mut cache = Cache::new(100);
        let file = Bytes::from_static(&[0; 40]);
        cache.put(key(0), file.clone());
        cache.put(key(1), file.clone());
        assert!(cache.get(key(0)).is_some());
        cache.put(key(2), file.clone());
        let kept = [0, 1, 2].map(|index| cache.get(key(index)).is_some());
        assert_eq!(kept, [true, false, true]);
        cache.put(key(3), Bytes::from_static(&[0; 101]));
        assert!(cache.get(key(3)).is_none());
        assert_eq!(cache.bytes, 80);
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let mut cache = Cache::new(0);
        cache.put(key(0), Bytes::from_static(&[0]));
        assert!(cache.get(key(0)).is_none());
    }
}
