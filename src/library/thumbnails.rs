//! Small pictures in the cache. Losing one only means that it is made again.

use std::path::PathBuf;

use super::error::LibraryError;
use super::files::{self, Durability};
use super::paths::LibraryPaths;
use crate::model::ImageId;

/// Thumbnails by id and size, as files. Needs no index, so any thread may have one.
#[derive(Clone, Debug)]
pub struct ThumbnailStore {
    folder: PathBuf,
}

impl ThumbnailStore {
    /// The longer sides in pixels of the thumbnails that are kept.
    pub const SIDES_PX: [u32; 2] = [256, 512];

    /// The thumbnails of a library.
    #[must_use]
    pub fn new(paths: &LibraryPaths) -> Self {
        Self {
            folder: paths.cache.join("thumbs"),
        }
    }

    /// The file of a thumbnail, whether it exists or not. 256 folders keep each small, as the end of an id is random.
    #[must_use]
    pub fn path(&self, id: ImageId, side_px: u32) -> PathBuf {
        self.folder
            .join(side_px.to_string())
            .join(format!("{:02x}", id.get() & 0xff))
            .join(id.to_string())
    }

    /// The thumbnail as [`Self::write`] got it; `None` if there is none.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn read(&self, id: ImageId, side_px: u32) -> Result<Option<Vec<u8>>, LibraryError> {
        files::read_if_present(&self.path(id, side_px))
    }

    /// Keeps a thumbnail, an encoded picture file, in place of any that there is.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write(&self, id: ImageId, side_px: u32, encoded: &[u8]) -> Result<(), LibraryError> {
        files::write_whole(&self.path(id, side_px), encoded, Durability::Cached)
    }

    /// Removes the thumbnails of [`Self::SIDES_PX`].
    ///
    /// # Errors
    /// Those of the disk.
    pub fn remove(&self, id: ImageId) -> Result<(), LibraryError> {
        for side_px in Self::SIDES_PX {
            files::remove_if_present(&self.path(id, side_px))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_read_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = ThumbnailStore {
            folder: folder.path().join("thumbs"),
        };
        let id = ImageId::from_parts(1_780_000_000_000, 0xabc);
        assert_eq!(store.read(id, 256).unwrap(), None);
        store.write(id, 256, b"small").unwrap();
        store.write(id, 512, b"large").unwrap();
        store.write(id, 512, b"larger").unwrap();
        assert_eq!(store.read(id, 256).unwrap().unwrap(), b"small");
        assert_eq!(store.read(id, 512).unwrap().unwrap(), b"larger");
        store.remove(id).unwrap();
        store.remove(id).unwrap();
        assert_eq!(store.read(id, 512).unwrap(), None);
    }
}
