//! Copies of the pictures that jobs start from, named by their content, so that a job needs nothing else. What the user
//! made lies with the results; what is a copy of a file, in the cache.

use std::path::{Path, PathBuf};

use super::error::{FileAction, LibraryError};
use super::files::{self, Durability};
use super::paths::LibraryPaths;
use crate::model::{ImageFormat, UploadFit};

/// References by content, as files. Needs no index, so any thread may have one.
#[derive(Clone, Debug)]
pub struct ReferenceStore {
    /// What nothing else has.
    made: PathBuf,
    cache: PathBuf,
    copies: PathBuf,
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
            made: paths.made.clone(),
            cache: paths.cache.join("references"),
            copies: paths.cache.join("uploads"),
        }
    }

    /// Keeps the bytes of a picture file that is somewhere else as well; the place may be emptied at any time. The same
    /// bytes are kept once, however often they come.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn put(&self, bytes: &[u8], format: ImageFormat) -> Result<StoredReference, LibraryError> {
        let (hash, made) = named(&self.made, bytes, format);
        if files::has_content(&made, bytes) {
            return Ok(StoredReference { hash, path: made });
        }
        write(&self.cache, bytes, format)
    }

    /// Keeps the bytes of a picture that nothing else has, such as a mask, for good.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn keep(&self, bytes: &[u8], format: ImageFormat) -> Result<StoredReference, LibraryError> {
        write(&self.made, bytes, format)
    }
}

/// The hash of a picture and its place below `folder`.
fn named(folder: &Path, bytes: &[u8], format: ImageFormat) -> (String, PathBuf) {
    let hash = blake3::hash(bytes).to_hex();
    let path = folder
        .join(hash.get(..2).unwrap_or_default())
        .join(format!("{hash}.{}", format.extension()));
    (hash.to_string(), path)
}

fn write(
    folder: &Path,
    bytes: &[u8],
    format: ImageFormat,
) -> Result<StoredReference, LibraryError> {
    let (hash, path) = named(folder, bytes, format);
    if !files::has_content(&path, bytes) {
        files::write_whole(&path, bytes, Durability::Synced)?;
    }
    Ok(StoredReference { hash, path })
}

impl ReferenceStore {
    /// The file with these bytes, if it is still there.
    #[must_use]
    pub fn find(&self, hash: &str) -> Option<PathBuf> {
        // What comes out of a recipe is anybody's text.
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let first = hash.get(..2).filter(|_| is_hash)?;
        [&self.made, &self.cache]
            .into_iter()
            .flat_map(|folder| {
                ImageFormat::ALL.iter().map(move |format| {
                    let name = format!("{hash}.{}", format.extension());
                    folder.join(first).join(name)
                })
            })
            .find(|path| path.is_file())
    }
}

/// Copies that were made for gateways, so that each is made once.
///
/// `key` names the reference and everything that the copy depends on: letters, digits and `-`.
impl ReferenceStore {
    /// What was found out about a reference: its copy and where it is, or inside that it needs none; `None`: nothing yet.
    #[must_use]
    pub fn copy(&self, key: &str) -> Option<Option<(UploadFit, PathBuf)>> {
        let told = files::read_if_present(&self.copy_path(key, "json")).ok()??;
        let fit: Option<UploadFit> = serde_json::from_slice(&told).ok()?;
        let Some(fit) = fit else { return Some(None) };
        let path = self.copy_path(key, fit.format.extension());
        let is_whole = path.metadata().is_ok_and(|file| file.len() == fit.to_bytes);
        is_whole.then_some(Some((fit, path)))
    }

    /// Keeps a copy, or that none is needed; answers where it is.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn put_copy(
        &self,
        key: &str,
        copy: Option<(&UploadFit, &[u8])>,
    ) -> Result<Option<PathBuf>, LibraryError> {
        let path = match copy {
            Some((fit, bytes)) => {
                let path = self.copy_path(key, fit.format.extension());
                files::write_whole(&path, bytes, Durability::Cached)?;
                Some(path)
            }
            None => None,
        };
        let about = self.copy_path(key, "json");
        let told = serde_json::to_vec(&copy.map(|(fit, _)| fit))
            .map_err(|error| LibraryError::io(FileAction::Write, &about)(error.into()))?;
        files::write_whole(&about, &told, Durability::Cached)?;
        Ok(path)
    }

    fn copy_path(&self, key: &str, extension: &str) -> PathBuf {
        self.copies
            .join(key.get(..2).unwrap_or_default())
            .join(format!("{key}.{extension}"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::{FitCause, PixelSize};

    #[test]
    fn the_same_bytes_are_kept_once_and_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let store = ReferenceStore::new(&crate::library::testing::paths(folder.path()));
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

    #[test]
    fn what_the_user_made_outlives_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let paths = crate::library::testing::paths(folder.path());
        let store = ReferenceStore::new(&paths);
        let copy = store.put(b"copy", ImageFormat::Png).unwrap();
        let before = store.put(b"mask of before", ImageFormat::Png).unwrap();
        let mask = store.keep(b"mask", ImageFormat::Png).unwrap();
        assert!(mask.path.starts_with(&paths.made));
        assert_eq!(store.find(&before.hash), Some(before.path));
        // What is kept is not copied again.
        assert_eq!(store.put(b"mask", ImageFormat::Png).unwrap(), mask);

        fs::remove_dir_all(&paths.cache).unwrap();
        assert_eq!(store.find(&copy.hash), None);
        assert_eq!(store.find(&mask.hash), Some(mask.path));
    }

    #[test]
    fn copies_are_found_while_they_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = ReferenceStore::new(&crate::library::testing::paths(folder.path()));
        let size = PixelSize::new(4, 3).unwrap();
        let fit = UploadFit {
            from_bytes: 9,
            to_bytes: 4,
            from: size,
            to: size,
            format: ImageFormat::Webp,
            causes: vec![FitCause::Bytes],
        };
        assert_eq!(store.copy("ab-1"), None);
        store.put_copy("ab-1", None).unwrap();
        assert_eq!(store.copy("ab-1"), Some(None));
        let path = store.put_copy("ab-2", Some((&fit, b"copy"))).unwrap();
        let path = path.unwrap();
        assert_eq!(store.copy("ab-2"), Some(Some((fit, path.clone()))));
        fs::write(&path, "cut").unwrap();
        assert_eq!(store.copy("ab-2"), None);
    }
}
