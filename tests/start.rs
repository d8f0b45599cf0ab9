//! How the engine starts: at once for whoever starts it, with a clear word where the library can't be opened.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command as Program, Stdio};
use std::time::Duration;

use atelier::desktop::DataDirs;
use atelier::engine::{
    Command, Engine, EngineConfig, EngineHandle, Event, GalleryChange, StartFailure, StartingEngine,
};
use atelier::model::Obstacle;

/// Nothing in these tests takes this long; whoever waits longer has found a bug.
const DEADLINE: Duration = Duration::from_mins(1);

fn start(folder: &Path) -> (StartingEngine, EngineHandle) {
    let dirs = DataDirs::locate(Some(folder)).unwrap();
    Engine::start_in_background(EngineConfig::new(dirs)).unwrap()
}

fn failure(folder: &Path) -> StartFailure {
    let (_engine, handle) = start(folder);
    match handle.next(DEADLINE) {
        Some(Event::StartFailed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

/// What another program does while it repairs the library.
fn hold(folder: &Path) -> File {
    let lock = File::create(folder.join("library.sqlite.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

#[test]
fn whoever_starts_it_does_not_wait_for_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let lock = hold(folder.path());
    // The library can't be open yet, and this comes back all the same.
    let (engine, handle) = start(folder.path());
    assert!(handle.next(Duration::ZERO).is_none());
    handle.try_send(Command::ListGallery).unwrap();
    drop(lock);
    assert!(matches!(handle.next(DEADLINE), Some(Event::Ready { .. })));
    let listed = loop {
        match handle.next(DEADLINE) {
            Some(Event::Gallery(GalleryChange::All(ids))) => break ids,
            Some(_) => {}
            None => panic!("what was asked for while the library was opened is lost"),
        }
    };
    assert!(listed.is_empty());
    drop(engine);
    // It has ended: the library can be had alone.
    let lock = File::open(folder.path().join("library.sqlite.lock")).unwrap();
    lock.try_lock().unwrap();
}

#[test]
fn an_engine_that_is_still_opening_can_be_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let lock = hold(folder.path());
    let (engine, handle) = start(folder.path());
    drop(engine);
    assert!(handle.next(Duration::ZERO).is_none());
    drop(lock);
}

#[test]
fn a_library_of_a_newer_version_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("library.sqlite");
    let connection = rusqlite::Connection::open(&index).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let failure = failure(folder.path());
    assert_eq!(failure.obstacle, Obstacle::Newer);
    assert!(failure.path.unwrap().ends_with("library.sqlite"));

    // The command line ends with the status of its contract, and standard output stays clean.
    let output = Program::new(env!("CARGO_BIN_EXE_atelier"))
        .env("ATELIER_API_KEY", "k")
        .env_remove("RUST_LOG")
        .arg("--data-dir")
        .arg(folder.path())
        .args(["generate", "a fox", "--gateway", "demo", "--json"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("newer"), "{log}");
}

#[test]
fn a_folder_that_can_not_be_there_is_told_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let failure = failure(&file.join("state"));
    assert_eq!(failure.obstacle, Obstacle::Missing);
    assert!(failure.path.unwrap().starts_with(&file));
    assert_eq!(fs::read(&file).unwrap(), b"in the way");
}

#[test]
fn a_damaged_index_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("library.sqlite"), [7; 4096]).unwrap();
    let (_engine, handle) = start(folder.path());
    assert!(matches!(handle.next(DEADLINE), Some(Event::Ready { .. })));
}
