//! The engine over real HTTP: whole sequences of events against the demo gateway, and against scripts that say things
//! no HTTP library would.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod again;
mod answers;
mod bytes;
mod colors;
mod compose;
mod keys;
mod masks;
mod pictures;
mod protect;
mod restart;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../support/engine.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use atelier::demo::{DemoConfig, DemoServer, Pace};
use atelier::engine::{CanvasEvent, Event, JobSnapshot, PieceOrigin};
use atelier::model::{ApiKind, JobId, JobState, Stage};

use support::Studio;

const BOTH: [ApiKind; 2] = [ApiKind::Responses, ApiKind::Images];

fn demo() -> DemoServer {
    DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        cache_bytes: 256 << 20,
        ..DemoConfig::default()
    })
    .unwrap()
}

/// How many generations were asked for.
fn posts(server: &DemoServer) -> usize {
    let log = server.log();
    log.iter().filter(|entry| entry.method == "POST").count()
}

fn journals(studio: &Studio) -> usize {
    fs::read_dir(studio.path("journal")).unwrap().count()
}

fn snapshot(event: &Event) -> Option<&JobSnapshot> {
    match event {
        Event::JobChanged(snapshot) | Event::JobEnded(snapshot) => Some(snapshot),
        _ => None,
    }
}

fn wait_for_stage(studio: &Studio, wanted: fn(&Stage) -> bool) -> JobId {
    studio.wait(|event| {
        let snapshot = snapshot(event)?;
        let reached = snapshot.state == JobState::Running && wanted(&snapshot.stage);
        reached.then_some(snapshot.id)
    })
}

/// Follows the canvas until a picture has ended, and checks that its pieces cover it exactly.
fn painted(studio: &Studio, serial: u64) -> Vec<PieceOrigin> {
    let mut origins = Vec::new();
    let mut missing = 0u64;
    studio.wait(|event| {
        let Event::Canvas(event) = event else {
            return None;
        };
        assert_eq!(event.serial(), serial);
        match event {
            CanvasEvent::Begin { origin, size, .. } => {
                origins.push(*origin);
                missing = size.pixels();
                None
            }
            CanvasEvent::Piece { level, pixels, .. } => {
                let count = u64::from(pixels.width) * u64::from(pixels.height);
                assert_eq!(pixels.pixels.len() as u64, count);
                if *level == 0 {
                    missing -= count;
                }
                None
            }
            CanvasEvent::End { origin, .. } => {
                assert_eq!(missing, 0);
                origins.push(*origin);
                (*origin == PieceOrigin::Result).then_some(())
            }
            CanvasEvent::Failed { failure, .. } => panic!("{failure}"),
        }
    });
    origins
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(listing) = fs::read_dir(folder) else {
        return Vec::new();
    };
    listing
        .flat_map(|item| {
            let path = item.unwrap().path();
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
