//! From one pattern to the rows of a batch.
//!
//! Each group of alternatives at the top of the pattern is an axis, and so is each variable with several lines, the
//! table, and the folder of references. Axes are combined (cross product, the last one turns fastest) or go row by row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sheet;
use super::syntax::{Node, Pattern, count, value_of};

/// Most rows of a batch. Every row is paid for; a table of more is a slip, or work for a program.
pub const MAX_ROWS: usize = 1000;

/// How axes become rows.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// Everything with everything.
    #[default]
    Cross,
    /// The first with the first, the second with the second; as many rows as the shortest has that has more than one.
    RowByRow,
}

/// What rows are made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The prompt.
    pub pattern: &'a Pattern,
    /// What is filled in, by variable; each line that is not blank is a value of its own.
    pub values: &'a BTreeMap<String, String>,
    /// Its columns win over `values`.
    pub sheet: Option<&'a Sheet>,
    /// How many pictures the folder of references has; 0 for no folder.
    pub references: usize,
    /// How the axes are combined.
    pub combine: Combine,
}

/// A row: one request of the batch.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Row {
    /// The prompt, ready to be sent.
    pub prompt: String,
    /// What is filled in, by variable.
    pub values: BTreeMap<String, String>,
    /// Which picture of the folder is its own reference, from 0.
    pub reference: Option<usize>,
    /// The variables of its prompt that have neither a value nor a default, each once.
    pub missing: Vec<String>,
}

/// Axes of different lengths, where they go row by row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lengths {
    /// As many rows there are.
    pub shortest: usize,
    /// As many there could be.
    pub longest: usize,
}

/// Rows, and what is to be known of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Expansion {
    /// In the order in which they are sent.
    pub rows: Vec<Row>,
    /// Set when something was left out because another axis is shorter.
    pub uneven: Option<Lengths>,
}

/// Why there are no rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExpandError {
    /// More than [`MAX_ROWS`].
    #[error("{rows} rows, at most {MAX_ROWS} can be sent at once")]
    TooMany {
        /// How many there would be; saturates.
        rows: usize,
    },
}

impl Source<'_> {
    /// How many rows there would be; saturates.
    #[must_use]
    pub fn count(&self) -> usize {
        self.total(&self.axes())
    }

    fn total(&self, axes: &[Axis<'_>]) -> usize {
        let lengths = axes.iter().map(Axis::len);
        match self.combine {
            Combine::Cross => lengths.fold(1, usize::saturating_mul),
            Combine::RowByRow => lengths.filter(|len| *len != 1).min().unwrap_or(1),
        }
    }

    fn axes(&self) -> Vec<Axis<'_>> {
        let mut axes: Vec<Axis<'_>> = Vec::new();
        for (place, node) in self.pattern.nodes.iter().enumerate() {
            if matches!(node, Node::Choice(_)) {
                let len = count(std::slice::from_ref(node));
                axes.push(Axis::Choice { place, len });
            }
        }
        for variable in self.pattern.variables() {
            let in_sheet = self
                .sheet
                .is_some_and(|sheet| sheet.columns.contains(&variable.name));
            if in_sheet {
                continue;
            }
            let value = value_of(variable, self.values);
            let lines: Vec<&str> = value
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            let values = if lines.is_empty() { vec![""] } else { lines };
            let name = &variable.name;
            axes.push(Axis::Lines { name, values });
        }
        if let Some(sheet) = self.sheet {
            axes.push(Axis::Sheet(sheet));
        }
        if self.references > 0 {
            axes.push(Axis::References(self.references));
        }
        axes
    }
}

enum Axis<'a> {
    /// The group at this place of the pattern.
    Choice {
        place: usize,
        len: usize,
    },
    Lines {
        name: &'a str,
        values: Vec<&'a str>,
    },
    Sheet(&'a Sheet),
    References(usize),
}

impl Axis<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Choice { len, .. } | Self::References(len) => *len,
            Self::Lines { values, .. } => values.len(),
            Self::Sheet(sheet) => sheet.rows.len(),
        }
    }
}

/// Makes the rows.
///
/// # Errors
/// [`ExpandError::TooMany`]; nothing was made then.
pub fn expand(source: &Source<'_>) -> Result<Expansion, ExpandError> {
    let axes = source.axes();
    let total = source.total(&axes);
    if total > MAX_ROWS {
        return Err(ExpandError::TooMany { rows: total });
    }
    // Row by row an axis may be longer than the rows; only as many of its texts are made.
    let texts: BTreeMap<usize, Vec<Vec<Leaf<'_>>>> = axes
        .iter()
        .filter_map(|axis| match axis {
            Axis::Choice { place, len } => {
                let node = source.pattern.nodes.get(*place)?;
                let most = (*len).min(MAX_ROWS);
                Some((*place, texts_of(std::slice::from_ref(node), most)))
            }
            Axis::Lines { .. } | Axis::Sheet(_) | Axis::References(_) => None,
        })
        .collect();
    let rows = (0..total)
        .map(|row| {
            let picks = picks(source.combine, &axes, row);
            row_of(source, &axes, &picks, &texts)
        })
        .collect();
    let longest = axes.iter().map(Axis::len).max().unwrap_or(1);
    let uneven = (source.combine == Combine::RowByRow && longest > total).then_some(Lengths {
        shortest: total,
        longest,
    });
    Ok(Expansion { rows, uneven })
}

/// Which value of each axis a row has.
fn picks(combine: Combine, axes: &[Axis<'_>], row: usize) -> Vec<usize> {
    match combine {
        Combine::RowByRow => axes
            .iter()
            .map(|axis| if axis.len() == 1 { 0 } else { row })
            .collect(),
        Combine::Cross => {
            let mut rest = row;
            let mut picks: Vec<usize> = axes
                .iter()
                .rev()
                .map(|axis| {
                    let len = axis.len().max(1);
                    let pick = rest % len;
                    rest /= len;
                    pick
                })
                .collect();
            picks.reverse();
            picks
        }
    }
}

fn row_of(
    source: &Source<'_>,
    axes: &[Axis<'_>],
    picks: &[usize],
    texts: &BTreeMap<usize, Vec<Vec<Leaf<'_>>>>,
) -> Row {
    let mut row = Row::default();
    let mut chosen: BTreeMap<usize, usize> = BTreeMap::new();
    for (axis, pick) in axes.iter().zip(picks) {
        match axis {
            Axis::Choice { place, .. } => {
                chosen.insert(*place, *pick);
            }
            Axis::Lines { name, values } => {
                let value = values.get(*pick).copied().unwrap_or_default();
                row.values.insert((*name).to_owned(), value.to_owned());
            }
            Axis::Sheet(sheet) => row.values.extend(sheet.values(*pick)),
            Axis::References(_) => row.reference = Some(*pick),
        }
    }
    let mut prompt = String::new();
    for (place, node) in source.pattern.nodes.iter().enumerate() {
        match node {
            Node::Text(text) => prompt.push_str(text),
            Node::Variable(index) => write_variable(source.pattern, *index, &mut row, &mut prompt),
            Node::Choice(_) => {
                let pick = chosen.get(&place).copied().unwrap_or_default();
                let leaves = texts.get(&place).and_then(|texts| texts.get(pick));
                for leaf in leaves.into_iter().flatten() {
                    match leaf {
                        Leaf::Text(text) => prompt.push_str(text),
                        Leaf::Variable(index) => {
                            write_variable(source.pattern, *index, &mut row, &mut prompt);
                        }
                    }
                }
            }
        }
    }
    row.prompt = prompt;
    row
}

fn write_variable(pattern: &Pattern, index: usize, row: &mut Row, prompt: &mut String) {
    let Some(variable) = pattern.variables().get(index) else {
        return;
    };
    // A cell that is left blank means the default.
    let value = value_of(variable, &row.values);
    prompt.push_str(value);
    if value.trim().is_empty() && !row.missing.contains(&variable.name) {
        row.missing.push(variable.name.clone());
    }
}

/// A text without anything to choose.
#[derive(Clone, Copy)]
enum Leaf<'a> {
    Text(&'a str),
    Variable(usize),
}

/// The first `most` texts that these nodes make, the last choice turning fastest.
fn texts_of(nodes: &[Node], most: usize) -> Vec<Vec<Leaf<'_>>> {
    let mut made: Vec<Vec<Leaf<'_>>> = vec![Vec::new()];
    for node in nodes {
        match node {
            Node::Text(text) => made.iter_mut().for_each(|m| m.push(Leaf::Text(text))),
            Node::Variable(index) => made.iter_mut().for_each(|m| m.push(Leaf::Variable(*index))),
            Node::Choice(options) => {
                let mut ends = Vec::new();
                for option in options {
                    let left = most.saturating_sub(ends.len());
                    if left == 0 {
                        break;
                    }
                    ends.extend(texts_of(option, left));
                }
                let both = made
                    .iter()
                    .flat_map(|begin| ends.iter().map(move |end| [begin.as_slice(), end].concat()));
                made = both.take(most).collect();
            }
        }
    }
    made
}

#[cfg(test)]
mod tests;
