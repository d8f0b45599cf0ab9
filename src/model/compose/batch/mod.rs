//! A batch before it is sent and while it is at work: what its rows are made from, and the rows as they were edited.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Combine, DEFAULT_NAME_PATTERN, ExpandError, GroupId, Lengths, MAX_ROWS, NameParts, Pattern,
    Sheet, Source, expand, name_of_row,
};
use crate::model::{JobId, MAX_PROMPT_CHARS};

/// Most rows that are remembered beside those in the table.
const MAX_SPARE: usize = 4 * MAX_ROWS;

/// A table, and where it came from.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedSheet {
    /// The file's name, for people.
    pub name: String,
    /// Its content; shared, for it may have megabytes.
    #[serde(with = "shared")]
    pub sheet: Arc<Sheet>,
}

/// Pictures of a folder, each the reference of a row of its own.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReferenceFolder {
    /// The folder's name, for people.
    pub name: String,
    /// Absolute paths of the pictures, in the order of their names as people sort them.
    #[serde(with = "super::path::many")]
    pub files: Vec<PathBuf>,
    /// How many more there are than a batch may have rows.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: usize,
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
    /// The picture of the folder that is its own reference.
    #[serde(with = "super::path::one", skip_serializing_if = "Option::is_none")]
    pub picture: Option<PathBuf>,
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

    /// Whether its prompt is longer than a model takes.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        // Bytes bound the characters, so a short text is never counted.
        self.prompt.len() > MAX_PROMPT_CHARS && self.prompt.chars().count() > MAX_PROMPT_CHARS
    }

    /// Whether there is something in it that making the rows anew could lose: it was edited, switched off or sent.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        self.is_off || self.job.is_some() || self.prompt != self.made
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
    /// Rows that were edited, switched off or sent, and that the last making left out: they come back if they are made
    /// again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spare: Vec<BatchRow>,
    /// Columns of the table that the prompt did not name when the rows were made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<String>,
    /// Set where values were left out because others have fewer.
    #[serde(skip)]
    pub uneven: Option<Lengths>,
    /// Set where there would be too many rows.
    #[serde(skip)]
    pub too_many: Option<usize>,
    /// Since it was sent for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// Counts its changes, so that nobody has to compare a thousand rows.
    #[serde(skip)]
    revision: Revision,
}

/// How often a batch was changed. It is no part of what a batch says, so all are equal.
#[derive(Clone, Copy, Debug, Default)]
struct Revision(u64);

impl PartialEq for Revision {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Revision {}

impl Default for Batch {
    fn default() -> Self {
        Self {
            combine: Combine::default(),
            name_pattern: DEFAULT_NAME_PATTERN.to_owned(),
            sheet: None,
            folder: None,
            made_from: Default::default(),
            rows: Vec::new(),
            spare: Vec::new(),
            unused: Vec::new(),
            uneven: None,
            too_many: None,
            group: None,
            revision: Revision::default(),
        }
    }
}

impl Batch {
    /// To be called where something of it was changed in place.
    pub const fn touch(&mut self) {
        self.revision.0 += 1;
    }

    /// How often it was changed.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision.0
    }

    /// Makes the rows from a prompt and its values. A row that is made as it was before, for the same picture, keeps what
    /// was changed in it, and its job: what was paid for is not sent again. Of several equal rows, the first keeps what
    /// the first had.
    pub fn make_rows(&mut self, text: &str, values: &BTreeMap<String, String>) {
        self.touch();
        let pattern = Pattern::read(text);
        let files = self.folder.as_ref().map(|folder| folder.files.as_slice());
        let files = files.unwrap_or_default();
        let source = Source {
            pattern: &pattern,
            values,
            sheet: self.sheet.as_ref().map(|named| &*named.sheet),
            references: files.len(),
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
        let columns = self.sheet.iter().flat_map(|named| &named.sheet.columns);
        let is_used = |column: &&String| pattern.variables().iter().any(|v| v.name == **column);
        self.unused = columns.filter(|column| !is_used(column)).cloned().collect();
        self.made_from = (text.to_owned(), values.clone());
        let mut before: HashMap<(String, Option<PathBuf>), VecDeque<BatchRow>> = HashMap::new();
        for row in self.rows.drain(..).chain(self.spare.drain(..)) {
            let key = (row.made.clone(), row.picture.clone());
            before.entry(key).or_default().push_back(row);
        }
        let made = rows.into_iter().map(|row| {
            let picture = row.reference.and_then(|place| files.get(place)).cloned();
            let key = (row.prompt, picture);
            let known = before.get_mut(&key).and_then(VecDeque::pop_front);
            let (made, picture) = key;
            let (prompt, is_off, job) = known.map_or_else(
                || (made.clone(), false, None),
                |known| (known.prompt, known.is_off, known.job),
            );
            BatchRow {
                made,
                prompt,
                values: row.values,
                picture,
                missing: row.missing,
                is_off,
                job,
            }
        });
        self.rows = made.collect();
        let left = before.into_values().flatten();
        self.spare = left.filter(BatchRow::is_touched).take(MAX_SPARE).collect();
        if !self
            .rows
            .iter()
            .chain(&self.spare)
            .any(|row| row.job.is_some())
        {
            self.group = None;
        }
    }

    /// Whether one of its rows was sent.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.rows.iter().any(|row| row.job.is_some())
    }

    /// Forgets that anything of it was sent: all of it can be sent, and paid for, once more.
    pub fn begin_again(&mut self) {
        self.touch();
        self.group = None;
        self.spare.clear();
        for row in &mut self.rows {
            row.job = None;
        }
    }

    /// Whether the rows were made from this prompt and these values.
    #[must_use]
    pub fn is_made_from(&self, text: &str, values: &BTreeMap<String, String>) -> bool {
        self.made_from.0 == text && self.made_from.1 == *values
    }

    /// The rows that are to be sent and can be, as far as their prompts go, with their places.
    pub fn wanted(&self) -> impl Iterator<Item = (usize, &BatchRow)> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.is_off && !row.prompt.trim().is_empty() && !row.is_too_long())
    }

    /// What the results of a row are called.
    #[must_use]
    pub fn name_of(&self, place: usize) -> Option<String> {
        let row = self.rows.get(place)?;
        let reference = row.picture.as_ref().and_then(|path| path.file_stem());
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A table behind an [`Arc`], written as the table itself.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Sheet;

    pub(super) fn serialize<S: Serializer>(sheet: &Sheet, to: S) -> Result<S::Ok, S::Error> {
        sheet.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Sheet>, D::Error> {
        Sheet::deserialize(from).map(Arc::new)
    }
}

#[cfg(test)]
mod tests;
