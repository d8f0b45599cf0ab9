//! The pictures of a folder, for whoever takes a folder: references and batches.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::DesktopError;

/// Names of files that are tried when a folder is chosen; anything else in it is left alone. Their content decides later.
const EXTENSIONS: [&str; 10] = [
    "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "jfif", "apng",
];

/// The pictures right inside a folder, by name as people sort: `2.png` before `10.png`.
///
/// # Errors
/// [`DesktopError::Io`] when the folder can't be listed.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, DesktopError> {
    let entries = fs::read_dir(folder).map_err(DesktopError::io(folder))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_picture(path) && path.is_file())
        .collect();
    // Names that differ in case alone keep one order, too.
    found.sort_by_cached_key(|path| (natural(&name_of(path)), path.clone()));
    Ok(found)
}

fn is_picture(path: &Path) -> bool {
    let is_hidden = name_of(path).starts_with('.');
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    !is_hidden && extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// A name in parts that sort as people do: runs of digits by their value, all else without regard to case.
fn natural(name: &str) -> Vec<(u128, String)> {
    let mut parts: Vec<(u128, String)> = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let words = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (text, tail) = rest.split_at(words);
        let digits = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (number, tail) = tail.split_at(digits);
        parts.push((0, text.to_lowercase()));
        parts.push((number.parse().unwrap_or(u128::MAX), String::new()));
        rest = tail;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_as_people_sort() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "b10.png",
            "b2.JPG",
            "A.webp",
            ".hidden.png",
            "notes.txt",
            "c.tiff",
            "d.jfif",
            "e.avif",
        ] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        fs::create_dir(dir.path().join("folder.png")).unwrap();
        let found = pictures_in(dir.path()).unwrap();
        let names: Vec<String> = found.iter().map(|path| name_of(path)).collect();
        assert_eq!(names, ["A.webp", "b2.JPG", "b10.png", "c.tiff", "d.jfif"]);
        assert!(pictures_in(&dir.path().join("none")).is_err());
    }
}
