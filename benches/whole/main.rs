//! Whole-process figures: parts that `benches/whole.py` runs as processes of their own, and puts side by side.
//!
//! ```text
//! whole picture FILE                 paints the 4K PNG that everything below uses
//! whole serve FILE [BITS_PER_S]      a gateway that answers every POST with FILE, sent twice
//! whole decode FILE                  bare decode of the finished file: the baseline
//! whole client URL JOBS [--show]     JOBS jobs on our engine, with --show also drawn on a canvas that discards
//! ```
//!
//! Each prints lines of JSON. Times are nanoseconds, memory is KiB.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "its output is its purpose; a bench is no engine"
)]

mod server;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use atelier::demo::painter::{Scene, Stage, encode, paint};
use atelier::engine::{
    CanvasEvent, Command, Engine, EngineConfig, EngineHandle, Event, PictureSource, PieceOrigin,
    Submission,
};
use atelier::model::{
    ApiKey, GatewayId, GatewayProfile, GenerationRequest, ImageFormat, Parameters, PixelSize,
    Preset, Prompt,
};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Nanoseconds since 1970: comparable between processes of one machine.
fn now_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn main() -> Outcome<()> {
    // `cargo bench` adds an argument of its own.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["picture", file] => picture(file),
        ["serve", file] => Ok(server::serve(&fs::read(file)?, None)?),
        ["serve", file, rate] => Ok(server::serve(&fs::read(file)?, Some(rate.parse()?))?),
        ["decode", file] => decode(&fs::read(file)?),
        ["client", url, jobs] => client(url, jobs.parse()?, false),
        ["client", url, jobs, "--show"] => client(url, jobs.parse()?, true),
        [] => {
            println!("parts of benches/whole.py: run that");
            Ok(())
        }
        other => Err(format!("not understood: {other:?}").into()),
    }
}

fn picture(file: &str) -> Outcome<()> {
    let size = PixelSize::new(3840, 2160).ok_or("no size")?;
    let scene = Scene {
        prompt: "autumn mountains over a lake at sunset",
        seed: 7,
        size,
        transparent: false,
        references: &[],
        mask: None,
    };
    let bytes = encode(
        &paint(&scene, Stage::Final),
        ImageFormat::Png,
        None,
        "bench",
    )?;
    fs::write(file, &bytes)?;
    println!("{}", json!({"bytes": bytes.len()}));
    Ok(())
}

/// The finished file in memory, decoded to rows: what the last byte is measured against.
fn decode(bytes: &[u8]) -> Outcome<()> {
    let start = Instant::now();
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info()?;
    let mut rows = 0_u32;
    while let Some(row) = reader.next_row()? {
        std::hint::black_box(row.data());
        rows += 1;
    }
    println!(
        "{}",
        json!({"decode_ns": u64::try_from(start.elapsed().as_nanos())?, "rows": rows})
    );
    Ok(())
}

fn client(url: &str, jobs: usize, show: bool) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let dirs = atelier::desktop::DataDirs::locate(Some(folder.path()))?;
    let (_engine, handle) = Engine::start(EngineConfig::new(dirs))?;
    // Idle is an engine that is up and has opened its library.
    while !matches!(
        handle
            .next(Duration::from_secs(10))
            .ok_or("the engine does not start")?,
        Event::Ready { .. }
    ) {}
    std::thread::sleep(Duration::from_millis(300));
    let idle_kib = status_kib("VmRSS:")?;
    for _ in 0..jobs {
        handle.try_send(Command::Generate(Box::new(submission(url)?)))?;
    }
    let done = follow(&handle, jobs, show)?;
    println!(
        "{}",
        json!({
            "decoded_ns": done,
            "idle_kib": idle_kib,
            "peak_kib": status_kib("VmHWM:")?,
            "cpu_ms": cpu_ms()?,
        })
    );
    Ok(())
}

fn submission(url: &str) -> Outcome<Submission> {
    let gateway = GatewayProfile {
        id: GatewayId("bench".to_owned()),
        base_urls: vec![url.to_owned()],
        max_parallel: 16,
        ..Preset::Custom.profile()
    };
    let request = GenerationRequest {
        prompt: Prompt::new("a fox")?,
        parameters: Parameters {
            partials: 0,
            ..Parameters::default()
        },
        references: Vec::new(),
        mask: None,
        group: None,
        gateway,
    };
    Ok(Submission {
        request,
        key: ApiKey::new("demo"),
        copy_to: None,
    })
}

/// Waits until every job is over; answers when the pixels of each shown picture were ready.
fn follow(handle: &EngineHandle, jobs: usize, show: bool) -> Outcome<Vec<u64>> {
    let mut ready = Vec::new();
    let mut shown = false;
    let mut ended = BTreeSet::new();
    while ended.len() < jobs {
        match handle.next(Duration::from_mins(2)).ok_or("silence")? {
            Event::JobChanged(job) if show && !shown => {
                shown = true;
                handle.try_send(Command::Show {
                    serial: 1,
                    source: Some(PictureSource::Live(job.id)),
                })?;
            }
            Event::Canvas(CanvasEvent::End {
                origin: PieceOrigin::Arriving | PieceOrigin::Result,
                ..
            }) if ready.is_empty() => {
                ready.push(now_ns());
            }
            Event::JobEnded(job) => {
                if let Some(failure) = &job.failure {
                    return Err(failure.to_string().into());
                }
                ended.insert(job.id);
            }
            _ => {}
        }
    }
    Ok(ready)
}

/// A figure of /proc/self/status in KiB.
fn status_kib(name: &str) -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .ok_or("no such figure")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// CPU time of this process, user and system, in milliseconds at 100 ticks a second.
fn cpu_ms() -> Outcome<u64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .ok_or("no fields")?
        .split_whitespace()
        .collect();
    let ticks = |i: usize| {
        fields
            .get(i)
            .and_then(|field| field.parse::<u64>().ok())
            .ok_or("no ticks")
    };
    Ok((ticks(11)? + ticks(12)?) * 10)
}
