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
            left_out: 0,
        }),
        ..Batch::default()
    };
    let look = BTreeMap::from([("look".to_owned(), "ink".to_owned())]);
    batch.make_rows("as {{look}}", &look);
    assert_eq!(batch.rows[1].picture, Some(PathBuf::from("/in/b.jpg")));
    assert_eq!(batch.name_of(0).unwrap(), "1_a-1_ink");
    assert_eq!(batch.name_of(2), None);
}

fn sheet(rows: &[&str]) -> NamedSheet {
    let text = format!("city\n{}\n", rows.join("\n"));
    NamedSheet {
        name: "c.csv".to_owned(),
        sheet: Arc::new(Sheet::read(text.as_bytes(), 100).unwrap()),
    }
}

#[test]
fn a_row_that_was_sent_stays_sent_when_others_join_it() {
    let none = BTreeMap::new();
    let mut batch = Batch::default();
    let id = |n| JobId::from_parts(1, n);
    batch.make_rows("{red|white} fox", &none);
    batch.group = Some(GroupId(id(0)));
    batch.rows[0].job = Some(id(0));
    batch.rows[1].job = Some(id(1));
    batch.make_rows("{blue|white|red} fox", &none);
    let jobs = |batch: &Batch| -> Vec<_> { batch.rows.iter().map(|row| row.job).collect() };
    assert_eq!(jobs(&batch), [None, Some(id(1)), Some(id(0))]);
    assert_eq!(batch.group, Some(GroupId(id(0))));
    batch.begin_again();
    assert_eq!((jobs(&batch), batch.group), (vec![None; 3], None));
    // What was left out for a while comes back as it was.
    batch.rows[0].job = Some(id(0));
    batch.make_rows(&"{a|b}".repeat(40), &none);
    assert_eq!(jobs(&batch), []);
    batch.make_rows("an owl", &none);
    assert_eq!(jobs(&batch), [None]);
    batch.make_rows("{red|blue} fox", &none);
    assert_eq!(jobs(&batch), [None, Some(id(0))]);
}

#[test]
fn equal_rows_keep_each_its_own_changes() {
    let none = BTreeMap::new();
    let mut batch = Batch {
        sheet: Some(sheet(&["Paris", "Rome", "Paris"])),
        ..Batch::default()
    };
    batch.make_rows("{{city}}", &none);
    batch.rows[0].is_off = true;
    batch.rows[2].prompt = "Paris by night".to_owned();
    batch.make_rows("{{city}}", &none);
    let rows: Vec<_> = batch
        .rows
        .iter()
        .map(|row| (row.prompt.as_str(), row.is_off))
        .collect();
    assert_eq!(
        rows,
        [("Paris", true), ("Rome", false), ("Paris by night", false)]
    );
}

#[test]
fn a_row_follows_its_picture_and_not_the_place_of_it() {
    let none = BTreeMap::new();
    let folder = |files: &[&str]| {
        Some(ReferenceFolder {
            name: "in".to_owned(),
            files: files.iter().map(PathBuf::from).collect(),
            left_out: 0,
        })
    };
    let mut batch = Batch {
        folder: folder(&["/in/b.png", "/in/c.png"]),
        ..Batch::default()
    };
    batch.make_rows("as ink", &none);
    batch.rows[0].is_off = true;
    batch.folder = folder(&["/in/a.png", "/in/b.png", "/in/c.png"]);
    batch.make_rows("as ink", &none);
    let off: Vec<_> = batch.rows.iter().map(|row| row.is_off).collect();
    assert_eq!(off, [false, true, false]);
}

#[test]
fn columns_that_the_prompt_does_not_name_are_told() {
    let mut batch = Batch {
        sheet: Some(sheet(&["Paris"])),
        ..Batch::default()
    };
    batch.make_rows("a fox in {{town}}", &BTreeMap::new());
    assert_eq!(batch.unused, ["city"]);
    batch.make_rows("a fox in {{city}}", &BTreeMap::new());
    assert!(batch.unused.is_empty());
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_kept_as_it_is() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let odd = PathBuf::from(OsStr::from_bytes(b"/in/\xb3\xc7.png"));
    let mut batch = Batch {
        folder: Some(ReferenceFolder {
            name: "in".to_owned(),
            files: vec!["/in/a.png".into(), odd.clone()],
            left_out: 3,
        }),
        ..Batch::default()
    };
    batch.make_rows("as ink", &BTreeMap::new());
    assert_eq!(batch.rows[1].picture, Some(odd));
    let text = serde_json::to_string(&batch).unwrap();
    assert!(text.contains("\"/in/a.png\""), "{text}");
    assert_eq!(serde_json::from_str::<Batch>(&text).unwrap(), batch);
}
