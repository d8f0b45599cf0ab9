//! Several files at once: from a dialog, a drop or the clipboard, folders among them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::ReferenceProblem;

use super::super::services::Services;
use super::super::{Event, ReferenceSource, ReferenceToken};
use super::{add, name_of, tell};

/// Names of files that are tried when a folder is added; anything else in it is left alone.
const EXTENSIONS: [&str; 10] = [
    "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "jfif", "apng",
];

/// Adds files and what is in folders on the pool, with tokens counting up from `first`; `most` of them.
pub(in crate::engine) fn add_files(
    services: &Arc<Services>,
    first: ReferenceToken,
    files: Vec<PathBuf>,
    most: usize,
) {
    let services = Arc::clone(services);
    services
        .pool
        .clone()
        .run(move || add_found(&services, first, files, most));
}

/// The same, on a thread that may block.
pub(super) fn add_found(
    services: &Arc<Services>,
    first: ReferenceToken,
    files: Vec<PathBuf>,
    most: usize,
) {
    let mut found = Vec::new();
    let mut empty = None;
    for path in files {
        if path.is_dir() {
            let inside = pictures_in(&path);
            if inside.is_empty() {
                empty.get_or_insert(path);
            }
            found.extend(inside);
        } else {
            found.push(path);
        }
    }
    let left_out = found.len().saturating_sub(most);
    found.truncate(most);
    let tokens: Vec<_> = (first.0..).map(ReferenceToken).take(found.len()).collect();
    services.tell(Event::ReferencesFound {
        first,
        names: found.iter().map(|path| name_of(path)).collect(),
        left_out,
    });
    if found.is_empty()
        && let Some(folder) = empty
    {
        let refusal = ReferenceProblem::NoPictures.into();
        tell(services, first, name_of(&folder), Err(refusal));
    }
    // The newest task of the pool runs first; the first file is read first.
    for (token, path) in tokens.into_iter().zip(found).rev() {
        add(services, token, ReferenceSource::File(path));
    }
}

/// The pictures right inside a folder, by name as people sort: `2.png` before `10.png`.
fn pictures_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_picture(path) && path.is_file())
        .collect();
    found.sort_by_key(|path| natural(&name_of(path)));
    found
}

fn is_picture(path: &Path) -> bool {
    let is_hidden = name_of(path).starts_with('.');
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    !is_hidden && extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
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
        ] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        fs::create_dir(dir.path().join("folder.png")).unwrap();
        let names: Vec<String> = pictures_in(dir.path()).iter().map(|p| name_of(p)).collect();
        assert_eq!(names, ["A.webp", "b2.JPG", "b10.png", "c.tiff"]);
        assert!(pictures_in(&dir.path().join("none")).is_empty());
    }
}
