//! Where the program keeps its state: one folder that the user names, or the folders of the platform.

use std::fs;
use std::path::{Path, PathBuf};

use directories::{ProjectDirs, UserDirs};

use super::error::DesktopError;

/// Every folder and file of the program; all paths are absolute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataDirs {
    /// The preferences, TOML.
    pub settings: PathBuf,
    /// The user's additions to the table of models, TOML.
    pub models: PathBuf,
    /// What is being composed, JSON.
    pub draft: PathBuf,
    /// The user's own templates and favourites, TOML.
    pub templates: PathBuf,
    /// Which gateways have a key, and where it is kept; TOML, without keys.
    pub key_places: PathBuf,
    /// Keys that the user wants in a file, TOML.
    pub keys: PathBuf,
    /// Tells the entries of several data folders in the credential store apart; empty for the platform's folders.
    pub key_scope: String,
    /// The index of the library.
    pub index: PathBuf,
    /// One folder a job while it runs.
    pub journal: PathBuf,
    /// Kept previews.
    pub previews: PathBuf,
    /// Masks, and references that are no file of the user's: nothing else has them.
    pub made: PathBuf,
    /// Thumbnails and references; can be deleted at any time.
    pub cache: PathBuf,
    /// Deleted results.
    pub trash: PathBuf,
    /// Results, unless the settings name another folder.
    pub results: PathBuf,
}

impl DataDirs {
    /// Everything under `data_dir`, or in the platform's folders for data, settings, caches and pictures.
    ///
    /// # Errors
    /// [`DesktopError::NoHome`] without either; [`DesktopError::Io`] for a relative path when there is no working
    /// folder.
    pub fn locate(data_dir: Option<&Path>) -> Result<Self, DesktopError> {
        match data_dir {
            Some(data_dir) => {
                let data_dir = std::path::absolute(data_dir).map_err(DesktopError::io(data_dir))?;
                Ok(Self::under(&data_dir))
            }
            None => Self::of_platform(),
        }
    }

    fn under(data_dir: &Path) -> Self {
        Self {
            settings: data_dir.join("settings.toml"),
            models: data_dir.join("models.toml"),
            templates: data_dir.join("templates.toml"),
            key_places: data_dir.join("key-places.toml"),
            keys: data_dir.join("keys.toml"),
            key_scope: data_dir.display().to_string(),
            cache: data_dir.join("cache"),
            results: data_dir.join("library"),
            ..Self::with_data(data_dir)
        }
    }

    fn of_platform() -> Result<Self, DesktopError> {
        let project = ProjectDirs::from("", "", "Atelier").ok_or(DesktopError::NoHome)?;
        let user = UserDirs::new().ok_or(DesktopError::NoHome)?;
        // A minimal Linux names no folder for pictures.
        let pictures = user
            .picture_dir()
            .map_or_else(|| user.home_dir().join("Pictures"), Path::to_owned);
        Ok(Self {
            settings: project.config_dir().join("settings.toml"),
            models: project.config_dir().join("models.toml"),
            templates: project.config_dir().join("templates.toml"),
            key_places: project.config_dir().join("key-places.toml"),
            keys: project.config_dir().join("keys.toml"),
            cache: project.cache_dir().to_owned(),
            results: pictures.join("Atelier"),
            ..Self::with_data(project.data_local_dir())
        })
    }

    fn with_data(data: &Path) -> Self {
        Self {
            index: data.join("library.sqlite"),
            draft: data.join("draft.json"),
            journal: data.join("journal"),
            previews: data.join("previews"),
            made: data.join("made"),
            trash: data.join("trash"),
            settings: PathBuf::new(),
            models: PathBuf::new(),
            templates: PathBuf::new(),
            key_places: PathBuf::new(),
            keys: PathBuf::new(),
            key_scope: String::new(),
            cache: PathBuf::new(),
            results: PathBuf::new(),
        }
    }

    /// Makes the folders that are missing, but not that of the results: the first result makes it.
    ///
    /// # Errors
    /// [`DesktopError::Io`] with the folder that can't be made.
    pub fn create(&self) -> Result<(), DesktopError> {
        let of_files = [&self.settings, &self.index]
            .into_iter()
            .filter_map(|file| file.parent());
        let folders = [&self.journal, &self.previews, &self.cache, &self.trash];
        for folder in of_files.chain(folders.map(PathBuf::as_path)) {
            fs::create_dir_all(folder).map_err(DesktopError::io(folder))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_holds_everything() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new");
        let dirs = DataDirs::locate(Some(&data)).unwrap();
        dirs.create().unwrap();
        dirs.create().unwrap();
        for made in ["journal", "previews", "cache", "trash"] {
            assert!(data.join(made).is_dir(), "{made}");
        }
        assert_eq!(dirs.settings, data.join("settings.toml"));
        assert_eq!(dirs.index, data.join("library.sqlite"));
        assert_eq!(dirs.results, data.join("library"));
        assert!(!dirs.results.exists());
    }

    #[test]
    fn a_relative_folder_becomes_absolute() {
        let dirs = DataDirs::locate(Some(Path::new("relative"))).unwrap();
        assert!(dirs.index.is_absolute());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("journal"), "").unwrap();
        let error = DataDirs::locate(Some(folder.path())).unwrap().create();
        let Err(DesktopError::Io { path, .. }) = error else {
            panic!("{error:?}");
        };
        assert!(path.ends_with("journal"));
    }
}
