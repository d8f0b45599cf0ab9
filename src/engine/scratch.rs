//! Files that are made to be moved or read once: nobody else writes the same one, and none stays behind.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::sources::Sources;

/// The folder of them, below the cache.
const FOLDER: &str = "making";

/// A file that goes when this is dropped, unless it was moved away.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    /// Shared by whoever makes a file; held alone by whoever cleans up after programs that were killed.
    _lock: File,
}

impl Scratch {
    /// A name in `cache` that nobody else has, in this program or another.
    ///
    /// # Errors
    /// Those of the disk.
    pub(super) fn new(cache: &Path, sources: &Sources, extension: &str) -> io::Result<Self> {
        let folder = cache.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let lock = lock(cache)?;
        lock.lock_shared()?;
        let name = format!("{:016x}{:016x}", sources.nonce(), sources.unix_ms());
        Ok(Self {
            path: folder.join(name).with_extension(extension),
            _lock: lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its lasting place, which has to be on the same disk; an older one there is replaced.
    ///
    /// # Errors
    /// Those of the disk.
    pub(super) fn publish(self, to: &Path) -> io::Result<()> {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::rename(&self.path, to)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("a file stays in the cache until the next start: {error}");
        }
    }
}

/// Removes what programs left that were killed; nothing while another program makes something.
///
/// # Errors
/// Those of the disk.
pub(super) fn clean(cache: &Path) -> io::Result<()> {
    let folder = cache.join(FOLDER);
    if !folder.is_dir() {
        return Ok(());
    }
    let lock = lock(cache)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    for item in fs::read_dir(folder)? {
        fs::remove_file(item?.path())?;
    }
    Ok(())
}

fn lock(cache: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(cache.join(FOLDER).with_extension("lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(cache: &Path) -> usize {
        fs::read_dir(cache.join(FOLDER)).unwrap().count()
    }

    #[test]
    fn nothing_stays_behind_and_nobody_has_the_same_name() {
        let cache = tempfile::tempdir().unwrap();
        let cache = cache.path();
        let sources = Sources::default();
        let make = || {
            let scratch = Scratch::new(cache, &sources, "png").unwrap();
            fs::write(scratch.path(), "pixels").unwrap();
            scratch
        };
        clean(cache).unwrap();
        let (first, second) = (make(), make());
        assert_ne!(first.path(), second.path());
        assert_eq!(files(cache), 2);
        drop(first);
        assert_eq!(files(cache), 1);
        // Somebody is at work.
        clean(cache).unwrap();
        assert_eq!(files(cache), 1);
        let lasting = cache.join("heat").join("lasting.png");
        second.publish(&lasting).unwrap();
        assert_eq!((files(cache), lasting.is_file()), (0, true));

        // As a killed program leaves it.
        fs::write(cache.join(FOLDER).join("left.png"), "pixels").unwrap();
        clean(cache).unwrap();
        assert_eq!(files(cache), 0);
    }
}
