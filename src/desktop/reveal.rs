//! A file shown in the system's file manager.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::DesktopError;

/// The environment variable that may hold a key.
const KEY_VARIABLE: &str = "ATELIER_API_KEY";

/// The program that was asked to show a file, and may still be at it.
#[derive(Debug)]
pub struct Revealing {
    child: Child,
}

/// Asks the file manager to open the folder of `path` and mark the file; where it can't mark, it opens the folder.
///
/// Does not wait for it. The answer is to be waited for on a thread that may block.
///
/// # Errors
/// [`DesktopError::Io`] if there is no such file; [`DesktopError::Launch`].
pub fn reveal(path: &Path) -> Result<Revealing, DesktopError> {
    let path = std::path::absolute(path).map_err(DesktopError::io(path))?;
    fs::symlink_metadata(&path).map_err(DesktopError::io(&path))?;
    let child = command(&path)
        // A file manager may run for days, and shows its environment to whoever may look.
        .env_remove(KEY_VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| DesktopError::Launch { source })?;
    Ok(Revealing { child })
}

impl Revealing {
    /// Blocks until the program has ended: some file managers only do when their window is closed.
    ///
    /// # Errors
    /// [`DesktopError::NotShown`] when the file could not be shown; not known on Windows.
    pub fn wait(mut self) -> Result<(), DesktopError> {
        let status = self
            .child
            .wait()
            .map_err(|source| DesktopError::Launch { source })?;
        // Explorer's status is 1 whatever it did.
        if status.success() || cfg!(windows) {
            Ok(())
        } else {
            Err(DesktopError::NotShown { status })
        }
    }
}

#[cfg(target_os = "macos")]
fn command(path: &Path) -> Command {
    let mut command = Command::new("open");
    command.arg("-R").arg(path);
    command
}

#[cfg(windows)]
fn command(path: &Path) -> Command {
    use std::os::windows::process::CommandExt as _;

    let mut command = Command::new("explorer.exe");
    // Explorer parses its line itself; a path has no quotes on Windows.
    command.raw_arg(format!("/select,\"{}\"", path.display()));
    command
}

/// The interface of file managers (freedesktop.org, «File Manager `DBus` Interface») can mark a file; `xdg-open` can
/// only open its folder.
#[cfg(not(any(target_os = "macos", windows)))]
fn command(path: &Path) -> Command {
    const SCRIPT: &str = r#"dbus-send --session --print-reply --reply-timeout=3000 \
        --dest=org.freedesktop.FileManager1 /org/freedesktop/FileManager1 \
        org.freedesktop.FileManager1.ShowItems "array:string:$1" string: || exec xdg-open "$2""#;
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "reveal"])
        .arg(file_uri(path))
        .arg(path.parent().unwrap_or(path));
    command
}

/// RFC 8089, with everything escaped that is not unreserved in RFC 3986: `dbus-send` splits at commas.
#[cfg(not(any(target_os = "macos", windows)))]
fn file_uri(path: &Path) -> String {
    use std::fmt::Write as _;

    let mut uri = "file://".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            _ => {
                // Writing to a string can't fail.
                write!(uri, "%{byte:02X}").unwrap_or_default();
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = reveal(&folder.path().join("absent.png"));
        assert!(matches!(error, Err(DesktopError::Io { .. })));
    }

    #[cfg(not(any(target_os = "macos", windows)))]
    #[test]
    fn uris_have_no_character_of_meaning() {
        assert_eq!(
            file_uri(Path::new("/home/a b/狐,$(x)'\".png")),
            "file:///home/a%20b/%E7%8B%90%2C%24%28x%29%27%22.png"
        );
    }
}
