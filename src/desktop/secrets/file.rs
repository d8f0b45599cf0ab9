//! Keys in a file that only the user can read: for systems without a credential store, by explicit choice.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::desktop::DesktopError;
use crate::desktop::atomic::{self, Readers};
use crate::model::{ApiKey, GatewayId};

const HEAD: &str = "# The keys of Atelier's gateways. Nobody but you may read this file.\n";

/// The file as it is written.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Content {
    keys: BTreeMap<GatewayId, Zeroizing<String>>,
}

/// A file of keys.
#[derive(Clone, Debug)]
pub(super) struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The key of a gateway.
    ///
    /// # Errors
    /// When the file can't be read, others can read it and that can't be changed, or it is damaged.
    pub(super) fn get(&self, gateway: &GatewayId) -> Result<Option<ApiKey>, DesktopError> {
        let content = self.read()?;
        Ok(content.keys.get(gateway).and_then(|text| ApiKey::new(text)))
    }

    /// Keeps a key.
    ///
    /// # Errors
    /// As for [`Self::get`], and when the file can't be written.
    pub(super) fn set(&self, gateway: &GatewayId, key: &ApiKey) -> Result<(), DesktopError> {
        let mut content = self.read()?;
        let text = Zeroizing::new(key.expose().to_owned());
        content.keys.insert(gateway.clone(), text);
        self.write(&content)
    }

    /// Forgets a key. A file without keys is removed.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub(super) fn forget(&self, gateway: &GatewayId) -> Result<(), DesktopError> {
        let mut content = self.read()?;
        if content.keys.remove(gateway).is_none() {
            return Ok(());
        }
        if content.keys.is_empty() {
            return fs::remove_file(&self.path).map_err(DesktopError::io(&self.path));
        }
        self.write(&content)
    }

    fn read(&self) -> Result<Content, DesktopError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::default()),
            Err(error) => return Err(DesktopError::io(&self.path)(error)),
        };
        keep_from_others(&file, &self.path)?;
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text)
            .map_err(DesktopError::io(&self.path))?;
        // The parser's message quotes the line, and the line holds a key.
        toml::from_str(&text).map_err(|_quotes_the_line| DesktopError::KeyFile {
            path: self.path.clone(),
        })
    }

    fn write(&self, content: &Content) -> Result<(), DesktopError> {
        let text = Zeroizing::new(format!("{HEAD}{}", toml::to_string_pretty(content)?));
        atomic::replace(&self.path, text.as_bytes(), Readers::Owner)
    }
}

/// Takes the right to read from everybody else, should anybody have it.
#[cfg(unix)]
fn keep_from_others(file: &File, path: &Path) -> Result<(), DesktopError> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = file
        .metadata()
        .map_err(DesktopError::io(path))?
        .permissions()
        .mode();
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could read the file of keys; now they can't");
    file.set_permissions(fs::Permissions::from_mode(0o600))
        .map_err(|_refused| DesktopError::ExposedKeys {
            path: path.to_owned(),
        })
}

/// The file has the rights of the user's profile.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
fn keep_from_others(_file: &File, _path: &Path) -> Result<(), DesktopError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(word: &str) -> GatewayId {
        GatewayId(word.to_owned())
    }

    fn key(text: &str) -> ApiKey {
        ApiKey::new(text).unwrap()
    }

    #[test]
    fn keys_go_in_and_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("keys.toml"));
        assert_eq!(file.get(&id("a")).unwrap(), None);
        file.set(&id("a"), &key("sk-1")).unwrap();
        file.set(&id("b.c d"), &key("sk-\"2'")).unwrap();
        assert_eq!(file.get(&id("a")).unwrap(), Some(key("sk-1")));
        assert_eq!(file.get(&id("b.c d")).unwrap(), Some(key("sk-\"2'")));
        file.forget(&id("a")).unwrap();
        file.forget(&id("a")).unwrap();
        assert_eq!(file.get(&id("a")).unwrap(), None);
        file.forget(&id("b.c d")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn others_can_not_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let file = KeyFile::new(path.clone());
        file.set(&id("a"), &key("sk-1")).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(file.get(&id("a")).unwrap(), Some(key("sk-1")));
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn a_damaged_file_is_told_without_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        fs::write(&path, "[keys]\na = sk-secret\n").unwrap();
        let file = KeyFile::new(path.clone());
        let error = file.set(&id("b"), &key("sk-1")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sk-secret"));
        assert!(fs::read_to_string(&path).unwrap().contains("sk-secret"));
    }
}
