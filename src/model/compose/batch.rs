//! A batch before it is sent and while it is at work: what its rows are made from, and the rows as they were edited.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    Combine, DEFAULT_NAME_PATTERN, ExpandError, GroupId, Lengths, NameParts, Pattern, Sheet,
    Source, expand, name_of_row,
};
use crate::model::JobId;

/// A table, and where it came from.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedSheet {
    /// The file's name, for people.
    pub name: String,
    /// Its content.
    pub sheet: Sheet,
}

/// Pictures of a folder, each the reference of a row of its own.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReferenceFolder {
    /// The folder's name, for people.
    pub name: String,
    /// Absolute paths of the pictures, in the order of their names.
    pub files: Vec<PathBuf>,
}

/// A row.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchRow {
    /// The prompt as the pattern made it.
    pub made: String,
    /// The prompt as it is sent.
    pub prompt: String,
    /// What is filled in, by variable.
    pub values: BTreeMap<String, String>,
    /// Which picture of the folder is its own reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<usize>,
    /// The variables that were blank in `made`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Not to be sent.
    pub is_off: bool,
    /// The job that it became; of several, the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
}

impl BatchRow {
    /// Whether its prompt still has the gaps that it was made with.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        !self.missing.is_empty() && self.prompt == self.made
    }
}

/// A batch.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Batch {
    /// How values are combined.
    pub combine: Combine,
    /// What results are called.
    pub name_pattern: String,
    /// A table of values.
    pub sheet: Option<NamedSheet>,
    /// Pictures to go through.
    pub folder: Option<ReferenceFolder>,
    /// The prompt and the values that the rows were made from.
    pub made_from: (String, BTreeMap<String, String>),
    /// In the order in which they are sent.
    pub rows: Vec<BatchRow>,
    /// Set where values were left out because others have fewer.
    #[serde(skip)]
    pub uneven: Option<Lengths>,
    /// Set where there would be too many rows.
    #[serde(skip)]
    pub too_many: Option<usize>,
    /// Since it was sent for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            combine: Combine::default(),
            name_pattern: DEFAULT_NAME_PATTERN.to_owned(),
            sheet: None,
            folder: None,
            made_from: Default::default(),
            rows: Vec::new(),
            uneven: None,
            too_many: None,
            group: None,
        }
    }
}

impl Batch {
    /// Makes the rows from a prompt and its values. A row that is made as it was before keeps what was changed in it;
    /// nothing of it counts as sent any more.
    pub fn make_rows(&mut self, text: &str, values: &BTreeMap<String, String>) {
        let pattern = Pattern::read(text);
        let source = Source {
            pattern: &pattern,
            values,
            sheet: self.sheet.as_ref().map(|named| &named.sheet),
            references: self.folder.as_ref().map_or(0, |folder| folder.files.len()),
            combine: self.combine,
        };
        let (rows, uneven) = match expand(&source) {
            Ok(expansion) => {
                self.too_many = None;
                (expansion.rows, expansion.uneven)
            }
            Err(ExpandError::TooMany { rows }) => {
                self.too_many = Some(rows);
                (Vec::new(), None)
            }
        };
        self.uneven = uneven;
        self.group = None;
        self.made_from = (text.to_owned(), values.clone());
        let mut before: BTreeMap<(String, Option<usize>), BatchRow> = self
            .rows
            .drain(..)
            .map(|row| ((row.made.clone(), row.reference), row))
            .collect();
        let made = rows.into_iter().map(|row| {
            let known = before.remove(&(row.prompt.clone(), row.reference));
            let (prompt, is_off) = known.map_or_else(
                || (row.prompt.clone(), false),
                |known| (known.prompt, known.is_off),
            );
            BatchRow {
                made: row.prompt,
                prompt,
                values: row.values,
                reference: row.reference,
                missing: row.missing,
                is_off,
                job: None,
            }
        });
        self.rows = made.collect();
    }

    /// Whether the rows were made from this prompt and these values.
    #[must_use]
    pub fn is_made_from(&self, text: &str, values: &BTreeMap<String, String>) -> bool {
        self.made_from.0 == text && self.made_from.1 == *values
    }

    /// The rows that are to be sent and are not blank, with their places.
    pub fn wanted(&self) -> impl Iterator<Item = (usize, &BatchRow)> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.is_off && !row.prompt.trim().is_empty())
    }

    /// The picture that is a row's own reference.
    #[must_use]
    pub fn reference_of(&self, row: &BatchRow) -> Option<&PathBuf> {
        self.folder.as_ref()?.files.get(row.reference?)
    }

    /// What the results of a row are called.
    #[must_use]
    pub fn name_of(&self, place: usize) -> Option<String> {
        let row = self.rows.get(place)?;
        let reference = self.reference_of(row).and_then(|path| path.file_stem());
        let reference = reference.map(|stem| stem.to_string_lossy());
        Some(name_of_row(
            &self.name_pattern,
            &NameParts {
                place,
                total: self.rows.len(),
                prompt: &row.prompt,
                reference: reference.as_deref().unwrap_or_default(),
                values: &row.values,
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_what_was_changed_in_them() {
        let none = BTreeMap::new();
        let mut batch = Batch::default();
        batch.make_rows("{red|white} fox", &none);
        batch.rows[0].prompt = "a very red fox".to_owned();
        batch.rows[1].is_off = true;
        batch.make_rows("{red|blue|white} fox", &none);
        let rows: Vec<_> = batch
            .rows
            .iter()
            .map(|row| (row.prompt.as_str(), row.is_off))
            .collect();
        assert_eq!(
            rows,
            [
                ("a very red fox", false),
                ("blue fox", false),
                ("white fox", true)
            ]
        );
        assert_eq!(
            batch.wanted().map(|(place, _)| place).collect::<Vec<_>>(),
            [0, 1]
        );
        assert!(batch.is_made_from("{red|blue|white} fox", &none));
        assert!(!batch.is_made_from("fox", &none));
        let text = serde_json::to_string(&batch).unwrap();
        assert_eq!(serde_json::from_str::<Batch>(&text).unwrap(), batch);
        batch.make_rows(&"{a|b}".repeat(40), &none);
        assert_eq!((batch.rows.len(), batch.too_many), (0, Some(1 << 40)));
    }

    #[test]
    fn a_row_with_a_gap_is_incomplete_until_it_is_filled_or_rewritten() {
        let mut batch = Batch::default();
        let gaps = |batch: &Batch| -> Vec<bool> {
            let rows = batch.rows.iter();
            rows.map(BatchRow::is_incomplete).collect()
        };
        let mut values = BTreeMap::new();
        let text = "{a {{coat}} fox in {{coat}}|an owl}, {argument name=\"time\" default=\"dawn\"}";
        batch.make_rows(text, &values);
        assert_eq!(batch.rows[0].missing, ["coat"]);
        assert_eq!(gaps(&batch), [true, false]);
        batch.rows[0].prompt = "a fox, dawn".to_owned();
        assert_eq!(gaps(&batch), [false, false]);
        batch.rows[0].prompt = batch.rows[0].made.clone();
        assert_eq!(gaps(&batch), [true, false]);
        values.insert("coat".to_owned(), "red".to_owned());
        batch.make_rows(text, &values);
        assert_eq!(gaps(&batch), [false, false]);
    }

    #[test]
    fn rows_of_a_folder_have_its_pictures_and_their_names() {
        let mut batch = Batch {
            name_pattern: "{index}_{reference}_{look}".to_owned(),
            folder: Some(ReferenceFolder {
                name: "in".to_owned(),
                files: vec!["/in/a 1.png".into(), "/in/b.jpg".into()],
            }),
            ..Batch::default()
        };
        let look = BTreeMap::from([("look".to_owned(), "ink".to_owned())]);
        batch.make_rows("as {{look}}", &look);
        assert_eq!(
            batch.reference_of(&batch.rows[1]).unwrap(),
            &PathBuf::from("/in/b.jpg")
        );
        assert_eq!(batch.name_of(0).unwrap(), "1_a-1_ink");
        assert_eq!(batch.name_of(2), None);
    }
}
