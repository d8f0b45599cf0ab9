//! Files that are either whole under their name or not there at all, also after a crash or a power cut.
//!
//! The order is always the same: write under a temporary name in the same folder, fsync the file, give it its name,
//! fsync the folder. A name that exists is never taken from the file that has it.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::error::{FileAction, LibraryError};
use super::paths;

/// Most names that are tried for one file.
const MAX_NAMES: u32 = 999;

/// Beginning and end of every temporary name, so that only our own files are ever swept.
const PART_PREFIX: &str = ".atelier-";
const PART_SUFFIX: &str = ".part";

/// A temporary name in `folder`; `tag` keeps the writers of one folder apart.
pub(super) fn part_path(folder: &Path, tag: &str) -> PathBuf {
    folder.join(format!("{PART_PREFIX}{tag}{PART_SUFFIX}"))
}

/// Whether `name` is one that [`part_path`] makes.
pub(super) fn is_part(name: &str) -> bool {
    name.starts_with(PART_PREFIX) && name.ends_with(PART_SUFFIX)
}

/// Begins the temporary file `part`, in place of one that a crash has left. It is locked as long as the answer lives,
/// so that no other program's [`sweep`] takes it away.
pub(super) fn begin_part(part: &Path) -> Result<File, LibraryError> {
    sweep(part);
    let file = File::create_new(part).map_err(LibraryError::io(FileAction::Write, part))?;
    if let Err(error) = file.try_lock() {
        tracing::debug!(%error, "this disk has no locks");
    }
    Ok(file)
}

/// Removes a temporary file, unless a running program holds it.
pub(super) fn sweep(part: &Path) {
    let is_left = File::open(part).is_ok_and(|file| file.try_lock().is_ok());
    if is_left {
        discard(part);
    }
}

/// Makes `folder` and what is missing above it, and makes that last.
pub(super) fn create_folder(folder: &Path) -> Result<(), LibraryError> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(LibraryError::io(FileAction::CreateFolder, folder))?;
    for parent in missing.iter().filter_map(|made| made.parent()) {
        sync_folder(parent)?;
    }
    Ok(())
}

/// Makes names that were given or taken in `folder` last.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> Result<(), LibraryError> {
    File::open(folder)
        .and_then(|handle| handle.sync_all())
        .map_err(LibraryError::io(FileAction::Write, folder))
}

/// Makes names that were given or taken in `folder` last. Windows offers nothing for it: NTFS journals names itself.
#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same signature on every system"
)]
pub(super) fn sync_folder(_folder: &Path) -> Result<(), LibraryError> {
    Ok(())
}

/// The first name like `wanted`, below `base`, that neither a picture nor a sidecar has.
pub(super) fn free_name(base: &Path, wanted: &str) -> Result<String, LibraryError> {
    (1..=MAX_NAMES)
        .map(|number| paths::numbered(wanted, number))
        .find(|name| {
            let path = base.join(name);
            is_free(&path) && is_free(&paths::sidecar_path(&path))
        })
        .ok_or_else(|| LibraryError::NoFreeName {
            path: base.join(wanted),
        })
}

/// A broken link takes a name, too. Where it can't be told, writing will say why.
fn is_free(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err()
}

/// Gives the finished file `part` the name `path`, which is in the same folder. `false`: that name is taken, and
/// `part` is as before.
pub(super) fn publish(part: &Path, path: &Path) -> Result<bool, LibraryError> {
    match fs::hard_link(part, path) {
        Ok(()) => {
            discard(part);
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // No hard links on this file system (FAT, some network disks).
        Err(_) => reserve_and_rename(part, path),
    }
}

/// As [`publish`]. An empty file takes the name first, because renaming replaces whatever has it.
fn reserve_and_rename(part: &Path, path: &Path) -> Result<bool, LibraryError> {
    match File::create_new(path) {
        Ok(_reservation) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(LibraryError::io(FileAction::Publish, path)(error)),
    }
    fs::rename(part, path)
        .inspect_err(|_| discard(path))
        .map_err(LibraryError::io(FileAction::Publish, path))?;
    Ok(true)
}

/// Moves a file, to another disk if need be, making the folder it goes to. `false`: the name `to` is taken.
///
/// At every moment the whole file is under one of both names, or under both.
pub(super) fn move_file(from: &Path, to: &Path) -> Result<bool, LibraryError> {
    let folder = parent_of(to);
    create_folder(folder)?;
    let is_moved = match publish(from, to) {
        Err(LibraryError::Io { source, .. }) if source.kind() == io::ErrorKind::CrossesDevices => {
            copy_over(from, to)?
        }
        other => other?,
    };
    if is_moved {
        sync_folder(folder)?;
        sync_folder(parent_of(from))?;
    }
    Ok(is_moved)
}

fn copy_over(from: &Path, to: &Path) -> Result<bool, LibraryError> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let part = part_path(parent_of(to), &name);
    let mut copy = begin_part(&part)?;
    let copied = File::open(from)
        .and_then(|mut original| io::copy(&mut original, &mut copy))
        .and_then(|_| copy.sync_all())
        .map_err(LibraryError::io(FileAction::Move, to));
    match copied.and_then(|()| publish(&part, to)) {
        Ok(true) => {
            fs::remove_file(from).map_err(LibraryError::io(FileAction::Remove, from))?;
            Ok(true)
        }
        other => {
            discard(&part);
            other
        }
    }
}

/// Whether [`write_whole`] waits until the bytes would survive a power cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Durability {
    /// They would.
    Synced,
    /// They are a cache: a torn one is made again.
    Cached,
}

/// Writes a file, replacing any of that name; nobody ever sees half of it.
pub(super) fn write_whole(
    path: &Path,
    bytes: &[u8],
    durability: Durability,
) -> Result<(), LibraryError> {
    let folder = parent_of(path);
    create_folder(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (mut file, part) = create_part(folder, &name)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| match durability {
            Durability::Synced => file.sync_all(),
            Durability::Cached => Ok(()),
        })
        .map_err(LibraryError::io(FileAction::Write, path))
        .and_then(|()| {
            fs::rename(&part, path).map_err(LibraryError::io(FileAction::Publish, path))
        });
    if written.is_err() {
        discard(&part);
    }
    written?;
    match durability {
        Durability::Synced => sync_folder(folder),
        Durability::Cached => Ok(()),
    }
}

/// A temporary file of our own, although others may be writing a file of the same name.
fn create_part(folder: &Path, name: &str) -> Result<(File, PathBuf), LibraryError> {
    for writer in 1..=MAX_NAMES {
        let part = part_path(folder, &format!("{name}.{writer}"));
        match File::create_new(&part) {
            Ok(file) => return Ok((file, part)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(LibraryError::io(FileAction::Write, &part)(error)),
        }
    }
    Err(LibraryError::NoFreeName {
        path: folder.join(name),
    })
}

/// Copies a file to `to`, or to the first name like it that is free; whole or not at all. Answers where it is.
///
/// # Errors
/// Those of the disk; nothing is left under the name then.
pub fn copy_file(from: &Path, to: &Path) -> Result<PathBuf, LibraryError> {
    let folder = parent_of(to);
    create_folder(folder)?;
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let (mut copy, part) = create_part(folder, &name)?;
    let copied = File::open(from)
        .map_err(LibraryError::io(FileAction::Read, from))
        .and_then(|mut original| {
            io::copy(&mut original, &mut copy)
                .and_then(|_| copy.sync_all())
                .map_err(LibraryError::io(FileAction::Write, to))
        });
    drop(copy);
    let published = copied.and_then(|()| publish_free(&part, folder, &name));
    if published.is_err() {
        discard(&part);
    }
    let path = published?;
    sync_folder(folder)?;
    Ok(path)
}

/// Gives the finished file `part` the first name like `wanted` that is free.
fn publish_free(part: &Path, folder: &Path, wanted: &str) -> Result<PathBuf, LibraryError> {
    for number in 1..=MAX_NAMES {
        let path = folder.join(paths::numbered(wanted, number));
        if publish(part, &path)? {
            return Ok(path);
        }
    }
    Err(LibraryError::NoFreeName {
        path: folder.join(wanted),
    })
}

/// BLAKE3 of a file, 64 hexadecimal digits, and its length in bytes.
///
/// # Errors
/// When the file can't be read.
pub fn hash_file(path: &Path) -> Result<(String, u64), LibraryError> {
    let read = || {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path)?)?;
        Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
    };
    read().map_err(LibraryError::io(FileAction::Read, path))
}

/// Whether the file has exactly these bytes. A missing file has not.
pub(super) fn has_content(path: &Path, expected: &[u8]) -> bool {
    let mut content = Vec::new();
    // One byte more tells a longer file without reading all of it.
    let limit = expected.len() as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut content))
        .is_ok_and(|_| content == expected)
}

/// The content of a file; `None` if there is none of that name.
pub(super) fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, LibraryError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LibraryError::io(FileAction::Read, path)(error)),
    }
}

/// Removes a file; a missing one is as good.
pub(super) fn remove_if_present(path: &Path) -> Result<(), LibraryError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LibraryError::io(FileAction::Remove, path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a file that nothing depends on any more; if that fails it only takes up space.
pub(super) fn discard(path: &Path) {
    if let Err(error) = remove_if_present(path) {
        tracing::warn!(%error, "a temporary file stays");
    }
}

/// The folder of a file.
pub(super) fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn publishing_never_overwrites() {
        for publish in [publish, reserve_and_rename] {
            let folder = tempfile::tempdir().unwrap();
            let (part, path) = (folder.path().join("part"), folder.path().join("a.png"));
            fs::write(&part, "mine").unwrap();
            assert!(publish(&part, &path).unwrap());
            assert_eq!(names(folder.path()), ["a.png"]);

            fs::write(&part, "another").unwrap();
            assert!(!publish(&part, &path).unwrap());
            assert_eq!(fs::read(&path).unwrap(), b"mine");
            assert_eq!(fs::read(&part).unwrap(), b"another");
        }
    }

    #[test]
    fn a_failed_publish_leaves_no_name_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        publish(&folder.path().join("absent"), &path).unwrap_err();
        assert!(!path.exists());
    }

    #[test]
    fn copying_over_keeps_one_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&from, "bytes").unwrap();
        assert!(copy_over(&from, &to).unwrap());
        assert_eq!(names(folder.path()), ["b"]);
        fs::write(&from, "other").unwrap();
        assert!(!copy_over(&from, &to).unwrap());
        assert_eq!(names(folder.path()), ["a", "b"]);
        assert!(has_content(&to, b"bytes"));
        assert!(!has_content(&to, b"byte"));
    }

    #[test]
    fn a_copy_takes_a_free_name_and_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("a.png");
        fs::write(&from, "picture").unwrap();
        let to = folder.path().join("new/b.png");
        assert_eq!(copy_file(&from, &to).unwrap(), to);
        let second = copy_file(&from, &to).unwrap();
        assert_eq!(second, to.with_file_name("b-2.png"));
        assert_eq!(fs::read(second).unwrap(), b"picture");
        assert_eq!(names(parent_of(&to)), ["b-2.png", "b.png"]);
        copy_file(&folder.path().join("absent"), &to).unwrap_err();
        assert_eq!(names(parent_of(&to)), ["b-2.png", "b.png"]);
    }

    #[test]
    fn writing_replaces_as_a_whole_beside_a_stale_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/a");
        write_whole(&path, b"one", Durability::Synced).unwrap();
        let stale = part_path(parent_of(&path), "a.1");
        fs::write(&stale, "half").unwrap();
        write_whole(&path, b"two", Durability::Cached).unwrap();
        assert_eq!(read_if_present(&path).unwrap().unwrap(), b"two");
        assert_eq!(names(parent_of(&path)), [".atelier-a.1.part", "a"]);
        assert!(is_part(".atelier-a.1.part"));
        assert!(!is_part("a.part"));
        let (hash, bytes) = hash_file(&path).unwrap();
        assert_eq!(
            (hash, bytes),
            (blake3::hash(b"two").to_hex().to_string(), 3)
        );
    }
}
