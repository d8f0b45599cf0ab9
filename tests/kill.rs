//! Ends the real program with SIGKILL at random moments of a job, then looks whether anything that had arrived is lost.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use atelier::demo::{DemoConfig, DemoServer, Pace};
use atelier::desktop::DataDirs;
use atelier::engine::{Engine, EngineConfig, Event};
use atelier::library::{Library, LibraryPaths};
use atelier::model::JobState;
use serde_json::Value;

const ROUNDS: u32 = 50;
/// The kills stop after about this long, however slow the machine is.
const BUDGET: Duration = Duration::from_mins(2);
/// The gateway takes this long for a picture.
const PACE: Duration = Duration::from_millis(600);

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    let server = DemoServer::start(DemoConfig {
        pace: Pace::PerPicture(PACE),
        bits_per_second: Some(400_000_000),
        cache_bytes: 64 << 20,
        ..DemoConfig::default()
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let start = |round: u32| {
        Command::new(env!("CARGO_BIN_EXE_atelier"))
            .env("ATELIER_API_KEY", "k")
            .env_remove("RUST_LOG")
            .arg("--data-dir")
            .arg(&state)
            .args(["generate", "--json", "--size", "1024x640"])
            .args(["--base-url", server.base_url()])
            .args(if by_address(round) {
                ["--api", "images", "--partials", "0"]
            } else {
                ["--api", "responses", "--partials", "2"]
            })
            .arg(if by_address(round) {
                format!("[fault:url] fox {}", round % 3)
            } else {
                format!("fox {}", round % 3)
            })
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    // How long a whole run takes on this machine: the kills are spread over a little more than that.
    let begun = Instant::now();
    assert!(start(0).wait_with_output().unwrap().status.success());
    let whole = begun.elapsed();
    let mut jobs = BTreeMap::new();
    let begun = Instant::now();
    let mut rounds = 0;
    for round in 0..ROUNDS {
        if begun.elapsed() > BUDGET {
            break;
        }
        rounds += 1;
        let mut child = start(round);
        // Golden-ratio steps spread the moments evenly over the run, the same at every run of the test.
        let share = (f64::from(round) * 0.618_033_988_75).fract();
        let until = Instant::now() + whole.mul_f64(1.5 * share);
        // The moment of the kill is what is tested: nothing tells when it should be.
        std::thread::sleep(until.saturating_duration_since(Instant::now()));
        child.kill().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        child.wait().unwrap();
        for line in out.lines().map_while(Result::ok) {
            let Ok(event) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            let job = event["job"].as_str().unwrap().to_owned();
            jobs.entry(job).or_insert_with(Vec::new).push(event);
        }
    }
    let asked = generations(&server);
    let seen = recover(&state);
    assert!(asked <= rounds + 1, "{asked} pictures were asked for");
    assert_eq!(generations(&server), asked, "nothing is asked for again");
    for (job, events) in &jobs {
        assert_listed(&seen, job, events);
    }
    let mut pictures = 0;
    for (job, listed) in &seen {
        assert!(listed.images.len() <= 1, "{job} has a picture twice");
        pictures += listed.images.len();
        let expected = if listed.images.is_empty() {
            JobState::Interrupted
        } else {
            JobState::Done
        };
        assert_eq!(listed.state, expected, "{job}");
        for path in listed.images.iter().chain(&listed.previews) {
            assert!(
                image::open(path).is_ok(),
                "{} does not open",
                path.display()
            );
        }
    }
    assert_eq!(
        files_below(&state.join("library")),
        pictures,
        "every file is in the index, once"
    );
    // A folder without its entry was being made when the kill came: nothing was sent for it.
    for folder in std::fs::read_dir(state.join("journal")).unwrap() {
        let entry = folder.unwrap().path().join("job.json");
        assert!(!entry.exists(), "{} is left to recover", entry.display());
    }
    assert!(
        pictures > rounds / 10,
        "only {pictures} of {rounds} jobs were quick enough"
    );
    assert!(seen.len() > pictures, "no job was cut");
}

/// Every second run gets an address instead of a picture.
const fn by_address(round: u32) -> bool {
    round % 2 == 1
}

/// How many pictures the gateway was asked for.
fn generations(server: &DemoServer) -> usize {
    let log = server.log();
    log.iter().filter(|entry| entry.method == "POST").count()
}

/// What the killed program had told is there.
fn assert_listed(seen: &BTreeMap<String, Listed>, job: &str, events: &[Value]) {
    let listed = seen
        .get(job)
        .unwrap_or_else(|| panic!("{job} is not listed"));
    for event in events {
        let Some(path) = event["path"].as_str().map(PathBuf::from) else {
            continue;
        };
        let known = if event["event"] == "partial" {
            &listed.previews
        } else {
            &listed.images
        };
        assert!(
            known.contains(&path),
            "{} was told and is not listed",
            path.display()
        );
    }
}

struct Listed {
    state: JobState,
    images: Vec<PathBuf>,
    previews: Vec<PathBuf>,
}

/// Starts the engine on the folder, waits until it has nothing left to recover, and lists what the index knows.
fn recover(state: &Path) -> BTreeMap<String, Listed> {
    let dirs = DataDirs::locate(Some(state)).unwrap();
    let paths = LibraryPaths {
        root: dirs.results.clone(),
        index: dirs.index.clone(),
        previews: dirs.previews.clone(),
        made: dirs.made.clone(),
        cache: dirs.cache.clone(),
        trash: dirs.trash.clone(),
    };
    let (engine, handle) = Engine::start(EngineConfig::new(dirs)).unwrap();
    // Jobs whose pictures were still to be fetched run once more; the index says when none is left.
    let library = Library::open(paths).unwrap().library;
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut is_recovered = false;
    while !is_recovered || !library.unfinished_jobs().unwrap().is_empty() {
        assert!(Instant::now() < deadline, "jobs are not recovered");
        let told = handle.next(Duration::from_millis(100));
        is_recovered |= matches!(told, Some(Event::JobChanged(_)));
    }
    drop(engine);
    let path_of = |id| library.image(id).unwrap().unwrap().path;
    let jobs = library.latest_jobs(1000).unwrap();
    let listed = jobs.into_iter().map(|job| {
        let images = library
            .images_of(job.id)
            .unwrap()
            .into_iter()
            .map(path_of)
            .collect();
        let previews = library
            .previews_of(job.id)
            .unwrap()
            .into_iter()
            .map(|row| row.path)
            .collect();
        (
            job.id.to_string(),
            Listed {
                state: job.state,
                images,
                previews,
            },
        )
    });
    listed.collect()
}

fn files_below(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}
