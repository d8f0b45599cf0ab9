//! The byte path: SSE, JSON and base64 to a sink that keeps nothing.
//!
//! Prints, in one run, its speed on one huge `data:` line for several chunk sizes beside a bare memchr scan and a bare
//! base64 decode of the same chunks, its speed on small events, and how its time grows from 1 to 64 MB. Figures are
//! medians with their extremes; speeds count bytes on the wire; a ratio compares neighbours in time.
//!
//! `cargo bench --bench byte_path` (add `--no-default-features` to leave the window out of the build).

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

use atelier::protocol::{BlobEnd, BlobHint, BlobId, BlobSink, BodyDecoder, DecoderLimits};
use base64::Engine as _;
use base64::engine::general_purpose::{NO_PAD, STANDARD};

const MB: usize = 1_000_000;
const REPEATS: usize = 31;

/// Looks at what it gets, and forgets it.
#[derive(Default)]
struct Discard {
    bytes: u64,
}

impl BlobSink for Discard {
    type Error = Infallible;

    fn begin(&mut self, _: BlobId, _: BlobHint<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn write(&mut self, _: BlobId, bytes: &[u8]) -> Result<(), Infallible> {
        self.bytes += black_box(bytes).len() as u64;
        Ok(())
    }

    fn end(&mut self, _: BlobId, _: BlobEnd, _: u64) -> Result<(), Infallible> {
        Ok(())
    }
}

fn main() {
    println!("byte path: medians of {REPEATS} runs (extremes), GB/s of bytes on the wire");
    let body = huge_line(20 * MB, "");
    for chunk in [16 << 10, 64 << 10] {
        huge(&body, chunk);
    }
    let escaped = huge_line(20 * MB, "\\n");
    let speed = median(REPEATS, || decode(&escaped, 64 << 10));
    println!(
        "wrapped base64, \\n every 76 characters, 64 KiB chunks: {}",
        gigabytes_a_second(escaped.len(), &speed)
    );
    small_events();
    growth();
}

/// One event of about `len` bytes, nearly all of them base64 with `separator` after every 76 characters.
fn huge_line(len: usize, separator: &str) -> Vec<u8> {
    let base64 = STANDARD.encode(noise(len / 4 * 3));
    let mut body = Vec::with_capacity(len + len / 16);
    body.extend_from_slice(
        b"event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"output_index\":0,\
          \"item\":{\"id\":\"ig_1\",\"type\":\"image_generation_call\",\"status\":\"completed\",\"result\":\"",
    );
    if separator.is_empty() {
        body.extend_from_slice(base64.as_bytes());
    } else {
        for line in base64.as_bytes().chunks(76) {
            body.extend_from_slice(line);
            body.extend_from_slice(separator.as_bytes());
        }
    }
    body.extend_from_slice(b"\"}}\n\n");
    body
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// One huge line against the bare parts, run in turn.
fn huge(body: &[u8], chunk: usize) {
    let mut rounds = Vec::new();
    for _ in 0..REPEATS {
        rounds.push([
            decode(body, chunk),
            memchr_scan(body, chunk),
            bare_base64(body, chunk),
        ]);
    }
    let column = |of: usize| {
        let times = rounds.iter().filter_map(|round| round.get(of).copied());
        sorted(times.collect())
    };
    let ratio = |of: usize| {
        let of = |round: &[Duration; 3]| {
            let other = round.get(of).map_or(0.0, Duration::as_secs_f64);
            other / round.first().map_or(f64::NAN, Duration::as_secs_f64)
        };
        let mut ratios: Vec<f64> = rounds.iter().map(of).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
    };
    println!(
        "one line of {} MB in chunks of {} KiB:",
        body.len() / MB,
        chunk >> 10
    );
    println!(
        "  byte path    {}",
        gigabytes_a_second(body.len(), &column(0))
    );
    println!(
        "  bare memchr  {}   byte path is {:.2} x",
        gigabytes_a_second(body.len(), &column(1)),
        ratio(1)
    );
    println!(
        "  bare base64  {}   byte path is {:.2} x",
        gigabytes_a_second(body.len(), &column(2)),
        ratio(2)
    );
}

fn small_events() {
    let mut body = Vec::new();
    let mut number = 0;
    while body.len() < 32 * MB {
        number += 1;
        body.extend_from_slice(
            format!(
                "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"sequence_number\":\
                 {number},\"item_id\":\"msg_0123456789abcdef\",\"output_index\":0,\"content_index\":0,\"delta\":\
                 \"a fox in the snow, {number}\",\"obfuscation\":\"q8r7Jd03kfLs\"}}\n\n"
            )
            .as_bytes(),
        );
    }
    for chunk in [16 << 10, 64 << 10] {
        let times = median(REPEATS, || decode(&body, chunk));
        println!(
            "small events, {} bytes each, {} KiB chunks: {}",
            body.len() / number,
            chunk >> 10,
            gigabytes_a_second(body.len(), &times)
        );
    }
}

fn growth() {
    println!("growth, 64 KiB chunks:");
    let mut first = None;
    for megabytes in [1, 4, 16, 64] {
        let body = huge_line(megabytes * MB, "");
        let times = median(REPEATS, || decode(&body, 64 << 10));
        let typical = middle(&times).as_secs_f64();
        let base = *first.get_or_insert(typical);
        println!(
            "  {megabytes:>2} MB in {:.3} ms ({:.3} to {:.3}), {:.1} x the time of 1 MB",
            typical * 1e3,
            extremes(&times).0.as_secs_f64() * 1e3,
            extremes(&times).1.as_secs_f64() * 1e3,
            typical / base
        );
    }
}

fn decode(body: &[u8], chunk: usize) -> Duration {
    let (mut sink, mut frames) = (Discard::default(), Vec::new());
    let start = Instant::now();
    let mut decoder = BodyDecoder::new(DecoderLimits::default(), Some("text/event-stream"), 1);
    for chunk in body.chunks(chunk) {
        let Ok(()) = decoder.push(chunk, &mut sink, &mut frames) else {
            println!("the decoder failed");
            break;
        };
        black_box(&frames);
        frames.clear();
    }
    let end = decoder.finish(&mut sink, &mut frames);
    let time = start.elapsed();
    if !end.is_ok_and(|end| end.frames > 0 && !end.is_cut) {
        println!("the body was not understood");
    }
    time
}

fn memchr_scan(body: &[u8], chunk: usize) -> Duration {
    let start = Instant::now();
    let mut found = 0;
    for chunk in body.chunks(chunk) {
        found += memchr::memchr_iter(b'\n', black_box(chunk)).count();
    }
    black_box(found);
    start.elapsed()
}

/// What the engine underneath can do: the same bytes, the base64 alone.
fn bare_base64(body: &[u8], chunk: usize) -> Duration {
    #[cfg(target_arch = "x86_64")]
    let engine = base64::engine::Simd::standard(NO_PAD);
    #[cfg(not(target_arch = "x86_64"))]
    let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, NO_PAD);
    let start_of_data = body
        .iter()
        .rposition(|&byte| byte == b':')
        .map_or(0, |at| at + 2);
    let data = body.get(start_of_data..body.len() - 8).unwrap_or_default();
    let data = data.get(..data.len() & !3).unwrap_or_default();
    let mut out = vec![0; chunk / 4 * 3];
    let start = Instant::now();
    for chunk in data.chunks(chunk) {
        let len = engine.decode_slice(black_box(chunk), &mut out);
        black_box((&out, len.is_ok()));
    }
    start.elapsed()
}

/// The times of `repeats` runs after one that does not count, sorted.
fn median(repeats: usize, mut run: impl FnMut() -> Duration) -> Vec<Duration> {
    run();
    sorted((0..repeats).map(|_| run()).collect())
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort();
    times
}

fn middle(sorted: &[Duration]) -> Duration {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn extremes(sorted: &[Duration]) -> (Duration, Duration) {
    let (first, last) = (sorted.first(), sorted.last());
    (
        first.copied().unwrap_or_default(),
        last.copied().unwrap_or_default(),
    )
}

#[expect(clippy::cast_precision_loss, reason = "megabytes, for people")]
fn gigabytes_a_second(bytes: usize, sorted: &[Duration]) -> String {
    let speed = |time: Duration| bytes as f64 / time.as_secs_f64() / 1e9;
    let (fastest, slowest) = extremes(sorted);
    format!(
        "{:5.1} ({:.1} to {:.1})",
        speed(middle(sorted)),
        speed(slowest),
        speed(fastest)
    )
}
