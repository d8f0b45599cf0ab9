//! The preferences as a TOML file that a person can read and edit.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::atomic::{self, Readers};
use super::error::DesktopError;
use crate::model::Settings;

/// Most names that are tried for a file that is put beside the settings.
const MAX_NAMES: u32 = 999;

/// The preferences as they were found.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedSettings {
    /// As stored; the defaults when nothing is stored or it can't be read.
    pub settings: Settings,
    /// Where a file that can't be understood is now.
    pub unreadable: Option<PathBuf>,
}

/// Reads the preferences. Fields that are missing have their defaults, and unknown ones mean nothing.
///
/// A file that is no TOML, or has a value of the wrong kind, is renamed to `settings.unreadable-<n>.toml`, so that
/// saving does not replace it.
///
/// # Errors
/// [`DesktopError::Io`] when the file is there and can't be read, or can't be renamed.
pub fn load_settings(path: &Path) -> Result<LoadedSettings, DesktopError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(LoadedSettings {
                settings: Settings::default(),
                unreadable: None,
            });
        }
        Err(error) => return Err(DesktopError::io(path)(error)),
    };
    match toml::from_slice(&text) {
        Ok(settings) => Ok(LoadedSettings {
            settings,
            unreadable: None,
        }),
        Err(error) => {
            let kept_as = keep_aside(path)?;
            tracing::warn!(%error, kept_as = %kept_as.display(), "the settings are not readable");
            Ok(LoadedSettings {
                settings: Settings::default(),
                unreadable: Some(kept_as),
            })
        }
    }
}

/// Reads the preferences and touches nothing: for what has to be known before the engine runs. The defaults where
/// they can't be read.
#[must_use]
pub fn peek_settings(path: &Path) -> Settings {
    fs::read_to_string(path)
        .ok()
        .and_then(|text| toml::from_str(&text).ok())
        .unwrap_or_default()
}

/// Stores the preferences: the old ones are there until the new ones are whole on the disk.
///
/// # Errors
/// [`DesktopError::Settings`], or [`DesktopError::Io`]; the file is then as it was.
pub fn save_settings(path: &Path, settings: &Settings) -> Result<(), DesktopError> {
    let text = toml::to_string_pretty(settings)?;
    atomic::replace(path, text.as_bytes(), Readers::Usual)
}

/// Renames a file that can't be understood to `<stem>.unreadable-<n>.<extension>`; the new path.
pub(super) fn keep_aside(path: &Path) -> Result<PathBuf, DesktopError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let kept_as = (1..=MAX_NAMES)
        .map(|number| path.with_file_name(format!("{stem}.unreadable-{number}.{extension}")))
        .find(|candidate| !candidate.exists())
        .ok_or_else(|| no_free_name(path))?;
    fs::rename(path, &kept_as).map_err(DesktopError::io(path))?;
    Ok(kept_as)
}

fn no_free_name(path: &Path) -> DesktopError {
    DesktopError::io(path)(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Language, ThemeChoice};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn stored_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let fresh = load_settings(&path).unwrap();
        assert_eq!(fresh.settings, Settings::default());
        assert_eq!(fresh.unreadable, None);

        let mut settings = Settings {
            language: Some(Language::Chinese),
            ..Settings::default()
        };
        save_settings(&path, &settings).unwrap();
        settings.theme = ThemeChoice::Dark;
        fs::write(folder.path().join(".settings-1.part"), "of a crash").unwrap();
        save_settings(&path, &settings).unwrap();
        assert_eq!(load_settings(&path).unwrap().settings, settings);
        assert_eq!(peek_settings(&path), settings);
        assert_eq!(names(folder.path()), [".settings-1.part", "settings.toml"]);
        assert!(
            fs::read_to_string(&path)
                .unwrap()
                .contains("\ntheme = \"dark\"\n")
        );
    }

    #[test]
    fn unknown_fields_mean_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        fs::write(
            &path,
            "theme = \"light\"\nfuture = [1, 2]\n[later]\nx = 1\n",
        )
        .unwrap();
        let loaded = load_settings(&path).unwrap();
        assert_eq!(loaded.settings.theme, ThemeChoice::Light);
        assert_eq!(loaded.unreadable, None);
    }

    #[test]
    fn an_unreadable_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let damaged: [&[u8]; 3] = [b"theme = ", b"theme = \"purple\"", b"\xff\xfe\0"];
        for (number, content) in (1..).zip(damaged) {
            fs::write(&path, content).unwrap();
            assert_eq!(peek_settings(&path), Settings::default());
            let loaded = load_settings(&path).unwrap();
            assert_eq!(loaded.settings, Settings::default());
            let kept_as = loaded.unreadable.unwrap();
            assert_eq!(
                kept_as.file_name().unwrap().to_str().unwrap(),
                format!("settings.unreadable-{number}.toml")
            );
            assert_eq!(fs::read(kept_as).unwrap(), content);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_folder_in_the_way_is_an_error_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        fs::create_dir(&path).unwrap();
        load_settings(&path).unwrap_err();
        save_settings(&path, &Settings::default()).unwrap_err();
        assert_eq!(names(folder.path()), ["settings.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let target = folder.path().join("target.toml");
        fs::write(&target, "").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        save_settings(&path, &Settings::default()).unwrap();
        assert!(path.is_symlink());
        assert!(!fs::read(&target).unwrap().is_empty());
    }
}
