//! What is composed, on disk: the draft, the shelf of templates, and the files that batches are made from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::atomic::{self, Readers};
use super::config::keep_aside;
use super::error::DesktopError;
use super::pictures::pictures_in;
use crate::model::compose::{
    DRAFT_VERSION, Draft, MAX_ROWS, MAX_SHEET_BYTES, NamedSheet, OwnTemplate, ReadTemplates,
    ReferenceFolder, Sheet, SheetError, Shelf, TemplateTable, read_templates, templates_to_json,
    templates_to_text,
};

/// The templates that come with the program.
const BUILT_IN: &str = include_str!("../../assets/templates.toml");
const SHELF_HEAD: &str = "# Your own templates and snippets in Atelier, and your favourites.\n\n";
/// Most bytes of a file of templates that is read.
const MAX_TEMPLATES_BYTES: u64 = 8 << 20;

/// A file as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept<T> {
    /// Its content; `None` where there is none.
    pub content: Option<T>,
    /// Where a file that can't be understood is now.
    pub unreadable: Option<PathBuf>,
}

/// Why a file gives no table.
#[derive(Debug, thiserror::Error)]
pub enum SheetFileError {
    /// The disk.
    #[error(transparent)]
    Disk(#[from] DesktopError),
    /// What is in it.
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

/// The templates that come with the program; none only if the table were broken, which a test rules out.
#[must_use]
pub fn built_in_templates() -> TemplateTable {
    toml::from_str(BUILT_IN).unwrap_or_default()
}

fn load<T>(
    path: &Path,
    read: impl FnOnce(&[u8]) -> Result<T, String>,
) -> Result<Kept<T>, DesktopError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Kept {
                content: None,
                unreadable: None,
            });
        }
        Err(error) => return Err(DesktopError::io(path)(error)),
    };
    match read(&bytes) {
        Ok(content) => Ok(Kept {
            content: Some(content),
            unreadable: None,
        }),
        Err(reason) => {
            let kept_as = keep_aside(path)?;
            tracing::warn!(reason, kept_as = %kept_as.display(), "a file is not readable");
            Ok(Kept {
                content: None,
                unreadable: Some(kept_as),
            })
        }
    }
}

/// Reads the draft. One that can't be understood, or that a newer program wrote, is put aside, so that saving does not
/// replace it.
///
/// # Errors
/// [`DesktopError::Io`].
pub fn load_draft(path: &Path) -> Result<Kept<Draft>, DesktopError> {
    load(path, |bytes| {
        let draft: Draft = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if draft.version > DRAFT_VERSION {
            return Err(format!("version {} is not known", draft.version));
        }
        Ok(draft)
    })
}

/// Stores the draft: the old one is there until the new one is whole on the disk.
///
/// # Errors
/// [`DesktopError::Io`]; the file is then as it was.
pub fn save_draft(path: &Path, draft: &Draft) -> Result<(), DesktopError> {
    let text = serde_json::to_vec_pretty(draft)
        .map_err(|error| DesktopError::io(path)(io::Error::other(error)))?;
    atomic::replace(path, &text, Readers::Usual)
}

/// Reads the shelf; one that can't be understood is put aside.
///
/// # Errors
/// [`DesktopError::Io`].
pub fn load_shelf(path: &Path) -> Result<Kept<Shelf>, DesktopError> {
    load(path, |bytes| {
        toml::from_slice(bytes).map_err(|error| error.to_string())
    })
}

/// Stores what was changed on the shelf since `base`, together with what another program has changed in the file; gives
/// the whole.
///
/// # Errors
/// When the disk refuses; the file is then as it was.
pub fn update_shelf(path: &Path, shelf: Shelf, base: &Shelf) -> Result<Shelf, DesktopError> {
    let theirs = load_shelf(path)?.content;
    let merged = match &theirs {
        Some(theirs) => shelf.merged(base, theirs),
        // A file that is gone says nothing about what was in it.
        None => shelf,
    };
    if theirs.as_ref() != Some(&merged) {
        let text = format!("{SHELF_HEAD}{}", toml::to_string_pretty(&merged)?);
        atomic::replace(path, text.as_bytes(), Readers::Usual)?;
    }
    Ok(merged)
}

/// Reads templates from a file of JSON or plain text; they have no ids yet.
///
/// # Errors
/// When the file can't be read or is something else; the message says what is wrong.
pub fn read_template_file(path: &Path) -> Result<ReadTemplates, DesktopError> {
    let wrong = |reason: String| DesktopError::Templates {
        reason,
        path: path.to_owned(),
    };
    let bytes = fs::metadata(path).map_err(DesktopError::io(path))?.len();
    if bytes > MAX_TEMPLATES_BYTES {
        return Err(wrong(
            "the file is too large for one of templates".to_owned(),
        ));
    }
    let content = fs::read(path).map_err(DesktopError::io(path))?;
    let text = String::from_utf8(content)
        .map_err(|_other| wrong("the file is not UTF-8 text".to_owned()))?;
    read_templates(&text).map_err(wrong)
}

/// Writes templates to a file: plain text where its name ends in `.txt` or `.md`, else JSON.
///
/// # Errors
/// When the file can't be written; a file that is there already is then as it was.
pub fn write_template_file(path: &Path, templates: &[OwnTemplate]) -> Result<(), DesktopError> {
    let is_text = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("txt") || e.eq_ignore_ascii_case("md"));
    let text = if is_text {
        templates_to_text(templates)
    } else {
        templates_to_json(templates)
            .map_err(|error| DesktopError::io(path)(io::Error::other(error)))?
    };
    atomic::replace(path, text.as_bytes(), Readers::Usual)
}

/// Reads a table of values.
///
/// # Errors
/// [`SheetFileError`].
pub fn read_sheet_file(path: &Path) -> Result<NamedSheet, SheetFileError> {
    let bytes = fs::metadata(path).map_err(DesktopError::io(path))?.len();
    if bytes > MAX_SHEET_BYTES as u64 {
        return Err(SheetError::TooLarge.into());
    }
    let content = fs::read(path).map_err(DesktopError::io(path))?;
    Ok(NamedSheet {
        name: name_of(path),
        sheet: Arc::new(Sheet::read(&content, MAX_ROWS)?),
    })
}

/// The pictures of a folder by their names, not of folders in it; at most as many as a batch has rows.
///
/// # Errors
/// [`DesktopError::Io`].
pub fn read_reference_folder(folder: &Path) -> Result<ReferenceFolder, DesktopError> {
    let mut files = pictures_in(folder)?;
    let left_out = files.len().saturating_sub(MAX_ROWS);
    files.truncate(MAX_ROWS);
    Ok(ReferenceFolder {
        name: name_of(folder),
        files,
        left_out,
    })
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::model::Language;
    use crate::model::compose::Pattern;

    #[test]
    fn our_templates_are_sound_in_both_languages() {
        let table: TemplateTable = toml::from_str(BUILT_IN).unwrap();
        assert!(table.templates.len() >= 60, "{}", table.templates.len());
        let folders: BTreeSet<&str> = table.folders.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(folders.len(), table.folders.len());
        let mut ids = BTreeSet::new();
        let mut titles = BTreeSet::new();
        for template in &table.templates {
            let id = &template.id;
            assert!(ids.insert(id), "{id} is there twice");
            assert!(folders.contains(template.folder.as_str()), "{id}");
            let (width, height) = template.ratio.split_once(':').unwrap();
            assert!(width.parse::<u8>().unwrap() > 0 && height.parse::<u8>().unwrap() > 0);
            let mut counts = Vec::new();
            for language in Language::ALL {
                let title = template.title.get(language);
                assert!(
                    !title.is_empty() && titles.insert((language.tag(), title)),
                    "{id}"
                );
                let text = template.text.get(language);
                let pattern = Pattern::read(text);
                assert_eq!(pattern.findings(), [], "{id} {language:?}");
                assert_eq!(pattern.variants(), 1, "{id} {language:?}");
                assert!(!pattern.variables().is_empty(), "{id} {language:?}");
                for variable in pattern.variables() {
                    let default = variable.default.as_deref().unwrap_or_default();
                    assert!(!default.trim().is_empty(), "{id}: {}", variable.name);
                }
                let filled = pattern.fill(&BTreeMap::new());
                assert!(filled.chars().count() > 60, "{id}: {filled}");
                assert!(
                    !filled.contains(['{', '}', '<', '>', '\\']),
                    "{id}: {filled}"
                );
                let is_chinese = filled
                    .chars()
                    .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(is_chinese || language == Language::English, "{id}");
                counts.push(pattern.variables().len());
            }
            assert_eq!(counts[0], counts[1], "{id} has the same variables in both");
        }
        for folder in folders {
            assert!(
                table.templates.iter().any(|t| t.folder == folder),
                "{folder}"
            );
        }
    }

    #[test]
    fn a_draft_is_kept_and_a_broken_one_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("draft.json");
        assert_eq!(load_draft(&path).unwrap().content, None);
        let draft = Draft {
            text: "雪中的 {红|白} 狐".to_owned(),
            values: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            ..Draft::default()
        };
        save_draft(&path, &draft).unwrap();
        assert_eq!(load_draft(&path).unwrap().content, Some(draft));
        for (number, broken) in ["{", "{\"version\":99}", "{\"text\":1}"].iter().enumerate() {
            fs::write(&path, broken).unwrap();
            let kept = load_draft(&path).unwrap();
            assert_eq!(kept.content, None);
            let aside = kept.unreadable.unwrap();
            assert!(aside.ends_with(format!("draft.unreadable-{}.json", number + 1)));
            assert_eq!(fs::read_to_string(aside).unwrap(), *broken);
        }
        fs::write(&path, "{\"of_tomorrow\":[],\"text\":\"x\"}").unwrap();
        assert_eq!(load_draft(&path).unwrap().content.unwrap().text, "x");
    }

    #[test]
    fn two_programs_write_one_shelf() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("templates.toml");
        let own = |id: &str| OwnTemplate {
            id: id.to_owned(),
            title: format!("# {id}"),
            text: "two\nlines of {{x}}".to_owned(),
            ..OwnTemplate::default()
        };
        let shelf = |ids: &[&str]| Shelf {
            favourites: vec!["poster".to_owned()],
            own: ids.iter().map(|id| own(id)).collect(),
        };
        let empty = Shelf::default();
        assert_eq!(
            update_shelf(&path, shelf(&["a"]), &empty).unwrap(),
            shelf(&["a"])
        );
        // The other one began with nothing, too.
        assert_eq!(
            update_shelf(&path, shelf(&["b"]), &empty).unwrap(),
            shelf(&["b", "a"])
        );
        assert_eq!(
            update_shelf(&path, empty.clone(), &shelf(&["a"]))
                .unwrap()
                .own,
            [own("b")]
        );
        assert!(
            fs::read_to_string(&path)
                .unwrap()
                .starts_with("# Your own templates")
        );
        fs::write(&path, "favourites = 1").unwrap();
        assert!(load_shelf(&path).unwrap().unreadable.is_some());
    }

    #[test]
    fn templates_tables_and_pictures_are_read_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let read = read_templates("# A\na {x|y}\n---\n# B\nb").unwrap();
        for name in ["t.json", "t.txt"] {
            write_template_file(&at(name), &read.templates).unwrap();
            assert_eq!(read_template_file(&at(name)).unwrap(), read, "{name}");
        }
        assert!(fs::read_to_string(at("t.json")).unwrap().starts_with('{'));
        fs::write(at("latin.csv"), b"caf\xe9,b\n1,2\n").unwrap();
        let error = read_sheet_file(&at("latin.csv")).unwrap_err();
        assert!(matches!(error, SheetFileError::Sheet(SheetError::Encoding)));
        fs::write(at("c.csv"), "城市\n上海\n").unwrap();
        let named = read_sheet_file(&at("c.csv")).unwrap();
        assert_eq!((named.name.as_str(), named.sheet.rows.len()), ("c.csv", 1));
    }

    #[test]
    fn a_folder_of_references_says_what_it_leaves_out() {
        let folder = tempfile::tempdir().unwrap();
        for number in (1..=MAX_ROWS + 2).rev() {
            fs::write(folder.path().join(format!("{number}.png")), "").unwrap();
        }
        let pictures = read_reference_folder(folder.path()).unwrap();
        assert_eq!((pictures.files.len(), pictures.left_out), (MAX_ROWS, 2));
        let at = |name: &str| folder.path().join(name);
        assert_eq!(pictures.files[..2], [at("1.png"), at("2.png")]);
        assert_eq!(pictures.files[9], at("10.png"));
    }
}
