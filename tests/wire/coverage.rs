//! `coverage.md` lists every line of the wire protocol's sections 1, 4, 8 and 9 with the tests that cover it; here is
//! checked that it is whole and that what it names exists.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// How many lines each section has.
const SECTIONS: [(&str, usize); 17] = [
    ("1.1", 9),
    ("1.2", 7),
    ("1.3", 6),
    ("1.4", 7),
    ("4.1", 5),
    ("4.2", 7),
    ("4.3", 10),
    ("4.4", 6),
    ("4.5", 14),
    ("8.1", 14),
    ("8.2", 22),
    ("8.3", 8),
    ("8.4", 7),
    ("8.5", 12),
    ("8.6", 14),
    ("8.7", 21),
    ("9", 48),
];

/// A line of the table: its number, and the names of its tests.
struct Line<'a> {
    id: &'a str,
    tests: Vec<&'a str>,
}

fn lines(table: &str) -> Vec<Line<'_>> {
    let rows = table.lines().filter(|line| {
        let cell = line.strip_prefix("| ").unwrap_or_default();
        cell.starts_with(|c: char| c.is_ascii_digit())
    });
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [id, what, tests] = cells[..] else {
            panic!("three cells: {row}");
        };
        assert!(!what.is_empty(), "{row}");
        Line {
            id,
            tests: tests
                .split(", ")
                .map(|name| name.trim_matches('`'))
                .collect(),
        }
    })
    .collect()
}

/// The names of all tests below a folder.
fn tests_below(folder: &Path, names: &mut HashSet<String>) {
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            tests_below(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let found = source.split("#[test]\n").skip(1).filter_map(|rest| {
                let (_, rest) = rest.split_once("fn ")?;
                Some(rest.split_once('(')?.0.to_owned())
            });
            names.extend(found);
        }
    }
}

#[test]
fn every_line_of_the_protocol_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = include_str!("coverage.md");
    let lines = lines(table);
    let expected: Vec<String> = SECTIONS
        .iter()
        .flat_map(|(section, count)| (1..=*count).map(move |n| format!("{section}.{n}")))
        .collect();
    let ids: Vec<&str> = lines.iter().map(|line| line.id).collect();
    assert_eq!(ids, expected);

    let (mut over_http, mut all) = (HashSet::new(), HashSet::new());
    tests_below(&root.join("tests"), &mut over_http);
    tests_below(&root.join("src"), &mut all);
    all.extend(over_http.iter().cloned());
    for Line { id, tests } in lines {
        for name in &tests {
            assert!(all.contains(*name), "{id}: there is no test {name}");
        }
        // A unit test may say more, but not alone.
        let drives = tests.iter().any(|name| over_http.contains(*name));
        assert!(drives, "{id}: nothing under tests/ covers it");
    }
}
