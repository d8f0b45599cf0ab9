use proptest::prelude::*;

use super::Combine::{Cross, RowByRow};
use super::*;

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
    pairs.collect()
}

fn sheet(text: &str) -> Sheet {
    Sheet::read(text.as_bytes(), MAX_ROWS).unwrap()
}

/// Prompts, with the number of the reference behind them.
fn prompts(expansion: &Expansion) -> Vec<String> {
    let one = |row: &Row| match row.reference {
        Some(reference) => format!("{}#{reference}", row.prompt),
        None => row.prompt.clone(),
    };
    expansion.rows.iter().map(one).collect()
}

#[test]
fn axes_are_combined_or_go_row_by_row() {
    let table = sheet("city,light\nParis,dawn\nRome,\n");
    let lines = values(&[("animal", "fox\n\n owl \n"), ("city", "ignored")]);
    let check = |text: &str, has_sheet: bool, references: usize, combine, expected: &[&str]| {
        let source = Source {
            pattern: &Pattern::read(text),
            values: &lines,
            sheet: has_sheet.then_some(&table),
            references,
            combine,
        };
        assert_eq!(prompts(&expand(&source).unwrap()), expected, "{text}");
        assert_eq!(source.count(), expected.len());
    };
    check("a fox", false, 0, Cross, &["a fox"]);
    check(
        "{a|b} {1|{2|3}}",
        false,
        0,
        Cross,
        &["a 1", "a 2", "a 3", "b 1", "b 2", "b 3"],
    );
    check("{a|b} {1|{2|3}}", false, 0, RowByRow, &["a 1", "b 2"]);
    check(
        "{{animal}}{!|?}",
        false,
        0,
        Cross,
        &["fox!", "owl!", "fox?", "owl?"],
    );
    check(
        "{{animal}} in {{city}}",
        true,
        0,
        Cross,
        &["fox in Paris", "fox in Rome", "owl in Paris", "owl in Rome"],
    );
    check(
        "{{animal}} in {{city}}",
        true,
        0,
        RowByRow,
        &["fox in Paris", "owl in Rome"],
    );
    check(
        r#"{argument name="light" default="noon"}"#,
        true,
        0,
        RowByRow,
        &["dawn", "noon"],
    );
    check(
        "repaint",
        false,
        3,
        Cross,
        &["repaint#0", "repaint#1", "repaint#2"],
    );
    check("{x|y}", false, 2, RowByRow, &["x#0", "y#1"]);
}

#[test]
fn shorter_axes_are_told_and_too_many_rows_refused() {
    let none = BTreeMap::new();
    let pattern = Pattern::read("{a|b|c} {1|2}");
    let mut source = Source {
        pattern: &pattern,
        values: &none,
        sheet: None,
        references: 0,
        combine: Combine::RowByRow,
    };
    let uneven = Lengths {
        shortest: 2,
        longest: 3,
    };
    assert_eq!(expand(&source).unwrap().uneven, Some(uneven));
    source.combine = Combine::Cross;
    assert_eq!(expand(&source).unwrap().uneven, None);
    source.references = 200;
    assert_eq!(expand(&source), Err(ExpandError::TooMany { rows: 1200 }));
    let many = Pattern::read(&"{a|b}".repeat(100));
    source.pattern = &many;
    assert_eq!(
        expand(&source),
        Err(ExpandError::TooMany { rows: usize::MAX })
    );
    source.combine = Combine::RowByRow;
    source.references = 0;
    assert_eq!(expand(&source).unwrap().rows.len(), 2);
    // One group that could be a million texts, of which two are asked for.
    let huge = Pattern::read(&format!("{{{}|x}} {{1|2}}", "{a|b}".repeat(20)));
    source.pattern = &huge;
    assert_eq!(expand(&source).unwrap().rows.len(), 2);
}

proptest! {
    #[test]
    fn there_are_as_many_rows_as_were_counted(
        groups in proptest::collection::vec(1_usize..5, 0..5),
        lines in 0_usize..5,
        references in 0_usize..4,
        row_by_row: bool,
    ) {
        let mut parts: Vec<String> = groups
            .iter()
            .map(|n| format!("{{{}}}", vec!["x"; n + 1].join("|")))
            .collect();
        parts.push("{{v}}".to_owned());
        let text = parts.join(" ");
        let values = values(&[("v", &"l\n".repeat(lines))]);
        let source = Source {
            pattern: &Pattern::read(&text),
            values: &values,
            sheet: None,
            references,
            combine: if row_by_row { Combine::RowByRow } else { Combine::Cross },
        };
        match expand(&source) {
            Ok(expansion) => prop_assert_eq!(expansion.rows.len(), source.count()),
            Err(ExpandError::TooMany { rows }) => {
                prop_assert!(rows > MAX_ROWS && rows == source.count());
            }
        }
    }
}
