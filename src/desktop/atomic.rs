//! Small files that are replaced as a whole: the old content is there until the new one is safe on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::DesktopError;

/// Most names that are tried for the file that becomes the new one.
const MAX_NAMES: u32 = 999;

/// Who may read a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Readers {
    /// Whoever the system lets.
    Usual,
    /// Nobody but the user, from the first byte on. Windows gives files the rights of their folder, which in a user's
    /// profile are the user's.
    Owner,
}

/// Replaces a file, or makes it.
///
/// # Errors
/// [`DesktopError::Io`]; the file is then as it was.
pub(super) fn replace(path: &Path, content: &[u8], readers: Readers) -> Result<(), DesktopError> {
    // The file may be a link into a folder that the user keeps in version control.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (mut file, part) = create_part(&path, readers)?;
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&part, &path));
    if let Err(error) = written {
        if let Err(error) = fs::remove_file(&part) {
            tracing::warn!(%error, "a temporary file stays");
        }
        return Err(DesktopError::io(&path)(error));
    }
    sync_folder_of(&path)
}

fn create_part(path: &Path, readers: Readers) -> Result<(File, PathBuf), DesktopError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    for number in 1..=MAX_NAMES {
        let part = path.with_file_name(format!(".{stem}-{number}.part"));
        match options(readers).open(&part) {
            Ok(file) => return Ok((file, part)),
            // Another program is saving, or was killed while it did.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(DesktopError::io(&part)(error)),
        }
    }
    Err(DesktopError::io(path)(io::ErrorKind::AlreadyExists.into()))
}

fn options(readers: Readers) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _same_for_all = readers;
    options
}

/// Makes the new name last. Windows offers nothing for it: NTFS journals names itself.
fn sync_folder_of(path: &Path) -> Result<(), DesktopError> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)
            .and_then(|handle| handle.sync_all())
            .map_err(DesktopError::io(folder)),
        _ => Ok(()),
    }
}
