//! Copies of the pictures that jobs start from, named by their content, so that a job needs nothing else.

use std::path::PathBuf;

use super::error::LibraryError;
use super::files::{self, Durability};
use super::paths::LibraryPaths;
use crate::model::ImageFormat;

/// References by content, as files. Needs no index, so any thread may have one.
#[derive(Clone, Debug)]
pub struct ReferenceStore {
    folder: PathBuf,
}

/// A reference in the store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredReference {
    /// BLAKE3 of the bytes, 64 hexadecimal digits.
    pub hash: String,
    /// The file, absolute.
    pub path: PathBuf,
}

impl ReferenceStore {
    /// The references of a library.
    #[must_use]
    pub fn new(paths: &LibraryPaths) -> Self {
        Self {
            folder: paths.cache.join("references"),
        }
    }

    /// Keeps the bytes of a picture file. The same bytes are kept once, however often they come.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn put(&self, bytes: &[u8], format: ImageFormat) -> Result<StoredReference, LibraryError> {
        let hash = blake3::hash(bytes).to_hex();
        let path = self
            .folder
            .join(hash.get(..2).unwrap_or_default())
            .join(format!("{hash}.{}", format.extension()));
        if !files::has_content(&path, bytes) {
            files::write_whole(&path, bytes, Durability::Synced)?;
        }
        Ok(StoredReference {
            hash: hash.to_string(),
            path,
        })
    }
}

impl ReferenceStore {
    /// The file with these bytes, if it is still there.
    #[must_use]
    pub fn find(&self, hash: &str) -> Option<PathBuf> {
        // What comes out of a recipe is anybody's text.
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let folder = self.folder.join(hash.get(..2).filter(|_| is_hash)?);
        ImageFormat::ALL
            .iter()
            .map(|format| folder.join(format!("{hash}.{}", format.extension())))
            .find(|path| path.is_file())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_same_bytes_are_kept_once_and_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let store = ReferenceStore {
            folder: folder.path().to_owned(),
        };
        let first = store.put(b"picture", ImageFormat::Png).unwrap();
        assert_eq!(first.hash, blake3::hash(b"picture").to_hex().to_string());
        assert_eq!(fs::read(&first.path).unwrap(), b"picture");
        assert_eq!(store.put(b"picture", ImageFormat::Png).unwrap(), first);
        assert_eq!(store.find(&first.hash), Some(first.path.clone()));
        assert_eq!(store.find(&"0".repeat(64)), None);
        for odd in ["", "..", "../../../../etc/passwd", "é"] {
            assert_eq!(store.find(odd), None, "{odd}");
        }

        fs::write(&first.path, "damaged").unwrap();
        assert_eq!(store.put(b"picture", ImageFormat::Png).unwrap(), first);
        assert_eq!(fs::read(&first.path).unwrap(), b"picture");
    }
}
