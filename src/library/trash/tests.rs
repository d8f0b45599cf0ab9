use std::convert::Infallible;
use std::fs;
use std::io::Write as _;

use jiff::tz::TimeZone;

use super::*;
use crate::library::RecipePlace;
use crate::library::testing::{files_in, open, recipe};

const NOW_MS: i64 = 1_795_200_000_000;
const PICTURE: &str = "2026/11/20261120-153012_red-fox_0007.png";
const SIDECAR: &str = "2026/11/20261120-153012_red-fox_0007.xmp";

/// A library with one result and its sidecar.
fn library(folder: &Path) -> (Library, ImageId) {
    let (mut library, _) = open(folder);
    let recipe = recipe(7, 0);
    library
        .file_result(&recipe, &TimeZone::UTC, |writer, _| {
            writer.write_all(b"pixels").unwrap();
            Ok::<_, Infallible>(RecipePlace::Sidecar("recipe".to_owned()))
        })
        .unwrap();
    (library, recipe.image)
}

fn check_files(folder: &Path, in_library: &[&str], in_trash: &[&str]) {
    assert_eq!(files_in(&folder.join("library")), in_library);
    assert_eq!(files_in(&folder.join("trash")), in_trash);
}

#[test]
fn deleted_and_restored() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut library, id) = library(folder);
    let before = library.image(id).unwrap().unwrap();

    let (done, problems) = library.delete(&[id], NOW_MS);
    assert_eq!((done, problems.len()), (vec![id], 0));
    assert!(library.all_ids().unwrap().is_empty());
    check_files(folder, &[], &[PICTURE, SIDECAR]);
    let deleted = library.image(id).unwrap().unwrap();
    assert_eq!(deleted.path, folder.join("trash").join(PICTURE));
    assert_eq!(library.trashed().unwrap(), [deleted]);
    assert_eq!(library.delete(&[id], NOW_MS).1.len(), 1);

    let (done, problems) = library.restore(&[id]);
    assert_eq!((done, problems.len()), (vec![id], 0));
    check_files(folder, &[PICTURE, SIDECAR], &[]);
    assert_eq!(library.image(id).unwrap().unwrap(), before);
    assert_eq!(library.restore(&[id]).1.len(), 1);
    assert_eq!(library.purge(&[id]).1.len(), 1, "not deleted");
    check_files(folder, &[PICTURE, SIDECAR], &[]);
}

#[test]
fn taken_names_are_left_alone_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut library, id) = library(folder);
    for place in ["library", "trash"] {
        fs::create_dir_all(folder.join(place).join("2026/11")).unwrap();
    }
    fs::write(folder.join("trash").join(PICTURE), "another").unwrap();
    library.delete(&[id], NOW_MS);
    let moved = "2026/11/20261120-153012_red-fox_0007-2.png";
    let moved_sidecar = "2026/11/20261120-153012_red-fox_0007-2.xmp";
    check_files(folder, &[], &[moved, moved_sidecar, PICTURE]);

    fs::write(folder.join("library").join(SIDECAR), "another").unwrap();
    library.restore(&[id]);
    check_files(folder, &[moved, moved_sidecar, SIDECAR], &[PICTURE]);
    let record = library.image(id).unwrap().unwrap();
    assert_eq!(record.path, folder.join("library").join(moved));
    assert_eq!(library.all_ids().unwrap(), [id]);
}

#[test]
fn purged_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut library, id) = library(folder);
    let thumbnails = ThumbnailStore::new(library.paths());
    thumbnails.write(id, 256, b"small").unwrap();
    library.delete(&[id], NOW_MS);
    assert_eq!(library.purge(&[id]).0, [id]);
    check_files(folder, &[], &[]);
    assert_eq!(library.image(id).unwrap(), None);
    assert_eq!(thumbnails.read(id, 256).unwrap(), None);
}

#[test]
fn a_result_that_somebody_removed_can_be_deleted_and_purged() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, id) = library(folder.path());
    fs::remove_file(library.image(id).unwrap().unwrap().path).unwrap();
    assert_eq!(library.delete(&[id], NOW_MS).0, [id]);
    assert!(matches!(
        library.restore(&[id]).1.as_slice(),
        [Problem::Failed(LibraryError::Unknown { .. })]
    ));
    assert_eq!(library.purge(&[id]).0, [id]);
}

#[test]
fn a_trash_that_can_not_be_written_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut library, id) = library(folder);
    fs::write(folder.join("trash"), "a file").unwrap();
    let (done, problems) = library.delete(&[id], NOW_MS);
    assert_eq!((done.len(), problems.len()), (0, 1));
    assert_eq!(files_in(&folder.join("library")), [PICTURE, SIDECAR]);
    assert_eq!(library.all_ids().unwrap(), [id]);
}

#[test]
fn killed_in_a_move_the_result_is_in_the_trash_once() {
    // What a kill can leave: each file in the library, in the trash, or whole in both.
    for picture in 1..=3_u8 {
        for sidecar in 1..=3_u8 {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path();
            let (mut library, id) = library(folder);
            library.delete(&[id], NOW_MS);
            library
                .connection
                .execute("UPDATE images SET moving = 1", [])
                .unwrap();
            drop(library);
            for (name, places) in [(PICTURE, picture), (SIDECAR, sidecar)] {
                let (in_library, in_trash) = (
                    folder.join("library").join(name),
                    folder.join("trash").join(name),
                );
                if places & 1 != 0 {
                    fs::hard_link(&in_trash, in_library).unwrap();
                }
                if places & 2 == 0 {
                    fs::remove_file(in_trash).unwrap();
                }
            }
            let (mut library, _) = open(folder);
            check_files(folder, &[], &[PICTURE, SIDECAR]);
            assert_eq!(library.restore(&[id]).0, [id]);
            check_files(folder, &[PICTURE, SIDECAR], &[]);
        }
    }
}
