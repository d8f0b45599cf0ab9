//! The names of a batch's results: a pattern with the row's number, its values and its prompt.

use std::collections::BTreeMap;

/// The pattern of a new batch.
pub const DEFAULT_NAME_PATTERN: &str = "{index}-{slug}";
/// Longest name in bytes. With date, id and extension a file name stays below 160; file systems allow 255.
const MAX_NAME_BYTES: usize = 120;
/// Longest slug of a prompt in bytes.
const MAX_SLUG_BYTES: usize = 48;

/// What a name is made from.
#[derive(Clone, Copy, Debug)]
pub struct NameParts<'a> {
    /// Place of the row, from 0.
    pub place: usize,
    /// How many rows there are.
    pub total: usize,
    /// The row's prompt.
    pub prompt: &'a str,
    /// Name of the row's own reference, without its extension; empty for none.
    pub reference: &'a str,
    /// The row's values by variable.
    pub values: &'a BTreeMap<String, String>,
}

/// The name of a row's results without date, id and extension.
///
/// `{index}` counts from 1 with as many digits as the last row has, `{total}` is the number of rows, `{slug}` the
/// beginning of the prompt, `{reference}` the name of the row's own reference, and every other `{name}` a variable's
/// value. Names that are not known stay as they are. What no file name may hold is replaced; never empty.
#[must_use]
pub fn name_of_row(pattern: &str, parts: &NameParts<'_>) -> String {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some(open) = rest.find(['{', '｛']) {
        let (before, from) = rest.split_at(open);
        name.push_str(before);
        let Some(close) = from.find(['}', '｝']) else {
            rest = from;
            break;
        };
        let (field, after) = from.split_at(close);
        let inner = field.trim_start_matches(['{', '｛']).trim();
        rest = after.trim_start_matches(['}', '｝']);
        match value(inner, parts) {
            Some(value) => name.push_str(&value),
            None => name.push_str(inner),
        }
    }
    name.push_str(rest);
    let safe = safe_name(&name, MAX_NAME_BYTES);
    if safe.is_empty() {
        return index(parts);
    }
    safe
}

fn index(parts: &NameParts<'_>) -> String {
    let width = parts.total.to_string().len();
    format!("{:0width$}", parts.place + 1)
}

fn value(field: &str, parts: &NameParts<'_>) -> Option<String> {
    match field {
        "index" => Some(index(parts)),
        "total" => Some(parts.total.to_string()),
        "slug" => Some(safe_name(parts.prompt, MAX_SLUG_BYTES)),
        "reference" => Some(parts.reference.to_owned()),
        _ => parts.values.get(field).cloned(),
    }
}

/// A part of a file name on every system: letters, digits, `-`, `_` and `.` stay; each run of anything else becomes one
/// `-`. No `-` or `.` at either end, at most `most_bytes` long, cut between characters. May be empty.
#[must_use]
pub fn safe_name(text: &str, most_bytes: usize) -> String {
    let mut name = String::new();
    let mut has_gap = false;
    for c in text.chars() {
        // Dots in a row are the folder above, or look like it.
        let stays = c.is_alphanumeric() || c == '_' || (c == '.' && !name.ends_with('.'));
        if !stays {
            has_gap = true;
            continue;
        }
        let dash = usize::from(has_gap && !name.is_empty());
        if name.len() + dash + c.len_utf8() > most_bytes {
            break;
        }
        if dash == 1 {
            name.push('-');
        }
        name.push(c);
        has_gap = false;
    }
    name.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts<'a>(prompt: &'a str, values: &'a BTreeMap<String, String>) -> NameParts<'a> {
        NameParts {
            place: 6,
            total: 120,
            prompt,
            reference: "IMG_0042",
            values,
        }
    }

    #[test]
    fn patterns_become_names_that_every_system_takes() {
        let values = BTreeMap::from([("城市".to_owned(), "上海/浦东".to_owned())]);
        let check = |pattern: &str, prompt: &str, expected: &str| {
            let got = name_of_row(pattern, &parts(prompt, &values));
            assert_eq!(got, expected, "{pattern}");
        };
        check(DEFAULT_NAME_PATTERN, "A red fox!", "007-A-red-fox");
        check("{城市}_{index} of {total}", "", "上海-浦东_007-of-120");
        check("{{城市}}｛index｝", "", "上海-浦东007");
        check("{reference}-{unknown}", "", "IMG_0042-unknown");
        check("../../etc/{slug}", "passwd", "etc-passwd");
        check("a{index", "", "a-index");
        check("///", "", "007");
        check("", "", "007");
    }

    proptest! {
        #[test]
        fn any_pattern_makes_a_safe_name(pattern in ".{0,80}", prompt in ".{0,400}") {
            let name = name_of_row(&pattern, &parts(&prompt, &BTreeMap::new()));
            prop_assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES, "{name}");
            prop_assert!(!name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0', '\n']));
            prop_assert!(!name.contains("..") && !name.starts_with('.') && !name.ends_with('.'));
        }
    }
}
