use std::io::Write as _;

use super::*;
use crate::library::testing::{files_in, open, recipe};

const NAME: &str = "2026/11/20261120-153012_red-fox_0007.png";

type Content = fn(&mut ResultWriter, &str) -> Result<RecipePlace, io::Error>;

fn in_file(writer: &mut ResultWriter, recipe: &str) -> Result<RecipePlace, io::Error> {
    writer.write_all(b"pixels and ")?;
    writer.write_all(recipe.as_bytes())?;
    Ok(RecipePlace::InFile)
}

fn with_sidecar(writer: &mut ResultWriter, recipe: &str) -> Result<RecipePlace, io::Error> {
    writer.write_all(b"pixels")?;
    Ok(RecipePlace::Sidecar(recipe.to_owned()))
}

/// Does the first `steps` steps of filing, as a run that is killed after them.
fn killed_after(steps: u32, library: &mut Library, content: Content) {
    let root = library.paths.root.clone();
    let mut filing = library.plan(&recipe(7, 0), &TimeZone::UTC).unwrap();
    if steps >= 2 {
        filing.write(&root, content).unwrap();
    }
    if steps >= 3 {
        library.note(&filing).unwrap();
    }
    if steps >= 4 {
        assert!(filing.publish(&root).unwrap());
    }
    if steps >= 5 {
        library.enter(&filing).unwrap();
    }
}

#[test]
fn killed_between_any_two_steps_a_result_is_there_once() {
    for (content, names) in [
        (in_file as Content, vec![NAME]),
        (
            with_sidecar,
            vec![NAME, "2026/11/20261120-153012_red-fox_0007.xmp"],
        ),
    ] {
        for steps in 1..=5 {
            for starts_anew in [true, false] {
                let folder = tempfile::tempdir().unwrap();
                let (mut library, _) = open(folder.path());
                killed_after(steps, &mut library, content);
                if starts_anew {
                    drop(library);
                    let (reopened, adopted) = open(folder.path());
                    library = reopened;
                    assert_eq!(adopted.len(), usize::from(steps == 4), "step {steps}");
                    let whole = if steps >= 4 {
                        names.clone()
                    } else {
                        Vec::new()
                    };
                    assert_eq!(
                        files_in(&folder.path().join("library")),
                        whole,
                        "step {steps}"
                    );
                }
                // The engine has the spool still, and files it again; with a new id if it does not know the old one.
                let again = library
                    .file_result(
                        &recipe(if starts_anew { 7 } else { 8 }, 0),
                        &TimeZone::UTC,
                        content,
                    )
                    .unwrap();
                assert_eq!(again.is_new, steps < 4, "step {steps}");
                assert_eq!(library.all_ids().unwrap(), [again.record.id]);
                assert_eq!(
                    files_in(&folder.path().join("library")).len(),
                    names.len(),
                    "step {steps}"
                );
                let (hash, bytes) = files::hash_file(&again.record.path).unwrap();
                assert_eq!((hash, bytes), (again.record.file_hash, again.record.bytes));
                assert!(library.filings(None).unwrap().is_empty());
            }
        }
    }
}

#[test]
fn killed_within_a_step_nothing_stays_but_what_is_whole() {
    let root = |folder: &Path| folder.join("library");
    let check = |prepare: &dyn Fn(&Path, &mut Library)| {
        let folder = tempfile::tempdir().unwrap();
        let (mut library, _) = open(folder.path());
        prepare(folder.path(), &mut library);
        drop(library);
        let (library, adopted) = open(folder.path());
        assert!(library.filings(None).unwrap().is_empty());
        (folder, adopted)
    };

    // While the temporary file was being written.
    let (folder, adopted) = check(&|folder, library| {
        killed_after(1, library, in_file);
        let part = root(folder).join("2026/11/.atelier-");
        let filing = &library.filings(None).unwrap()[0];
        assert!(
            filing
                .part(&root(folder))
                .to_str()
                .unwrap()
                .starts_with(part.to_str().unwrap())
        );
        fs::create_dir_all(root(folder).join("2026/11")).unwrap();
        fs::write(filing.part(&root(folder)), "half").unwrap();
    });
    assert_eq!(
        (
            files_in(&folder.path().join("library")).len(),
            adopted.len()
        ),
        (0, 0)
    );

    // Between publishing the sidecar and the picture.
    let (folder, adopted) = check(&|folder, library| {
        killed_after(3, library, with_sidecar);
        let filing = &library.filings(None).unwrap()[0];
        let path = filing.path(&root(folder));
        fs::write(paths::sidecar_path(&path), filing.sidecar().unwrap()).unwrap();
    });
    assert_eq!(
        (
            files_in(&folder.path().join("library")).len(),
            adopted.len()
        ),
        (0, 0)
    );

    // While an empty file holds the name, on a disk without hard links.
    let (folder, adopted) = check(&|folder, library| {
        killed_after(3, library, in_file);
        fs::write(root(folder).join(NAME), "").unwrap();
    });
    assert_eq!(
        (
            files_in(&folder.path().join("library")).len(),
            adopted.len()
        ),
        (0, 0)
    );

    // Between the second name and the end of the first, with hard links.
    let (folder, adopted) = check(&|folder, library| {
        killed_after(3, library, in_file);
        let filing = &library.filings(None).unwrap()[0];
        fs::hard_link(filing.part(&root(folder)), root(folder).join(NAME)).unwrap();
    });
    assert_eq!(files_in(&folder.path().join("library")), [NAME]);
    assert_eq!(adopted.len(), 1);
}

#[test]
fn what_somebody_else_put_under_the_name_is_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = open(folder.path());
    killed_after(3, &mut library, with_sidecar);
    let foreign = folder.path().join("library").join(NAME);
    fs::write(&foreign, "foreign").unwrap();
    fs::write(paths::sidecar_path(&foreign), "foreign, too").unwrap();
    drop(library);

    let (mut library, adopted) = open(folder.path());
    assert!(adopted.is_empty());
    assert_eq!(fs::read(&foreign).unwrap(), b"foreign");
    let filed = library
        .file_result(&recipe(7, 0), &TimeZone::UTC, with_sidecar)
        .unwrap();
    assert!(
        filed
            .record
            .path
            .ends_with("20261120-153012_red-fox_0007-2.png")
    );
    assert_eq!(files_in(&folder.path().join("library")).len(), 4);
}

#[test]
fn a_name_taken_at_the_last_moment_is_not_overwritten() {
    for foreign in [NAME, "2026/11/20261120-153012_red-fox_0007.xmp"] {
        let folder = tempfile::tempdir().unwrap();
        let (mut library, _) = open(folder.path());
        let foreign = folder.path().join("library").join(foreign);
        let filed = library
            .file_result(&recipe(7, 0), &TimeZone::UTC, |writer, recipe| {
                fs::write(&foreign, "foreign").unwrap();
                with_sidecar(writer, recipe)
            })
            .unwrap();
        assert_eq!(fs::read(&foreign).unwrap(), b"foreign");
        assert!(
            filed
                .record
                .path
                .ends_with("20261120-153012_red-fox_0007-2.png")
        );
        assert_eq!(files_in(&folder.path().join("library")).len(), 3);
    }
}

#[test]
fn a_failure_leaves_nothing_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = open(folder.path());
    let error = library
        .file_result(&recipe(7, 0), &TimeZone::UTC, |writer, _| {
            writer.write_all(b"half").unwrap();
            Err("not a picture")
        })
        .unwrap_err();
    assert!(matches!(error, LibraryError::Content { .. }), "{error}");
    assert!(files_in(&folder.path().join("library")).is_empty());
    assert!(library.filings(None).unwrap().is_empty());

    let filed = library.file_result(&recipe(7, 0), &TimeZone::UTC, in_file);
    assert!(filed.unwrap().is_new);
}

#[test]
fn a_folder_that_can_not_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = open(folder.path());
    fs::write(folder.path().join("library"), "a file").unwrap();
    let error = library
        .file_result(&recipe(7, 0), &TimeZone::UTC, in_file)
        .unwrap_err();
    let LibraryError::Io { action, path, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(action, FileAction::CreateFolder);
    assert!(path.ends_with("library/2026/11"));

    fs::remove_file(folder.path().join("library")).unwrap();
    let filed = library.file_result(&recipe(7, 0), &TimeZone::UTC, in_file);
    assert!(filed.unwrap().is_new);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_apart_even_if_the_writer_hides_it() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut writer = ResultWriter::new(full);
    let refused = writer.write_all(&vec![0; 2 * WRITE_BUFFER_BYTES]);
    assert!(refused.is_err());
    let error = writer.finish(Path::new("/library/a.png")).unwrap_err();
    assert!(matches!(error, LibraryError::DiskFull { .. }), "{error}");
    assert!(error.to_string().ends_with("/library/a.png"));
}

#[test]
fn the_same_result_is_filed_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = open(folder.path());
    let mut first = recipe(1, 0);
    first.delivered_hash = "a".repeat(64);
    let filed = library
        .file_result(&first, &TimeZone::UTC, in_file)
        .unwrap();
    assert!(filed.is_new);

    let mut check = |recipe: &Recipe, expected: Option<ImageId>| {
        let again = library
            .file_result(recipe, &TimeZone::UTC, in_file)
            .unwrap();
        match expected {
            Some(id) => assert_eq!((again.record.id, again.is_new), (id, false)),
            None => assert!(again.is_new),
        }
    };
    let id = Some(first.image);
    check(&first, id);
    check(&recipe(2, 0), id);
    let mut same_bytes = recipe(3, 1);
    same_bytes.delivered_hash = "a".repeat(64);
    check(&same_bytes, None);
    check(&recipe(4, 1), Some(same_bytes.image));

    let mut other_job = recipe(1, 0);
    other_job.job = JobId::from_parts(1, 1);
    let error = library.file_result(&other_job, &TimeZone::UTC, in_file);
    assert!(matches!(error, Err(LibraryError::IdTaken { .. })));
    assert_eq!(files_in(&folder.path().join("library")).len(), 2);
}
