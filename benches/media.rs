//! What the pixels of a result cost, each step beside the bare decoder in the same run.
//!
//! `cargo bench --bench media --no-default-features`; `-- fit` for the last part alone;
//! figures are medians of [`RUNS`] interleaved runs, with the
//! fastest and slowest beside them. Read them as ratios: the machine is part of the figure.

#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(
    clippy::expect_used,
    reason = "a benchmark on data of its own may stop at the first surprise"
)]

use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};

use atelier::media::{
    Discard, FittedCopy, MediaLimits, Pyramid, RowSink, Tee, ThumbnailBuilder, UploadRole,
    decode_rows, encode_thumbnail, fit_upload,
};
use atelier::model::UploadLimits;

const RUNS: usize = 15;
/// Runs of what takes seconds.
const FITS: usize = 3;

fn main() {
    if std::env::args().any(|word| word == "fit") {
        fit();
        return;
    }
    let large = photo(3840, 2160);
    println!("4K PNG, {:.1} MB", megabytes(large.len()));
    let mut frame = vec![0; 3840 * 2160 * 3];
    compare(&mut [
        ("bare png decode", &mut || bare(&large, &mut frame)),
        ("rows", &mut || rows(&large, &mut Discard)),
        ("rows + thumbnail", &mut || {
            let mut thumbnail = ThumbnailBuilder::new(512);
            rows(&large, &mut thumbnail);
            black_box(thumbnail.finish());
        }),
        ("rows + pyramid", &mut || {
            rows(&large, &mut Pyramid::new(|piece| drop(black_box(piece))));
        }),
        ("rows + thumbnail + pyramid", &mut || {
            let mut thumbnail = ThumbnailBuilder::new(512);
            let pyramid = Pyramid::new(|piece| drop(black_box(piece)));
            rows(&large, &mut Tee::new(&mut thumbnail, pyramid));
            black_box(thumbnail.finish());
        }),
    ]);

    let small = photo(1024, 1024);
    println!(
        "\n1024 x 1024 PNG, {:.1} MB, one thread",
        megabytes(small.len())
    );
    let mut frame = vec![0; 1024 * 1024 * 3];
    let medians = compare(&mut [
        ("bare png decode", &mut || bare(&small, &mut frame)),
        ("256 px thumbnail as JPEG", &mut || {
            let mut thumbnail = ThumbnailBuilder::new(256);
            rows(&small, &mut thumbnail);
            let thumbnail = thumbnail.finish().expect("rows came");
            black_box(encode_thumbnail(&thumbnail).expect("it has pixels"));
        }),
        ("512 and 256 px thumbnails", &mut || {
            let mut thumbnail = ThumbnailBuilder::new(512);
            rows(&small, &mut thumbnail);
            let thumbnail = thumbnail.finish().expect("rows came");
            black_box(encode_thumbnail(&thumbnail).expect("it has pixels"));
            let thumbnail = thumbnail.shrunk(256).expect("it has pixels");
            black_box(encode_thumbnail(&thumbnail).expect("it has pixels"));
        }),
    ]);
    for (what, median) in ["pictures decoded", "thumbnails of 256 px", "pairs"]
        .iter()
        .zip(medians)
    {
        println!("{what:>28}: {:.0}/s", 1.0 / median.as_secs_f64());
    }
    fit();
}

/// What a gateway with a limit of 5 MB is sent in place of a PNG of 20 MB (issue 4): time, length, and that the original is
/// what it was.
fn fit() {
    const LIMIT: u64 = 5_000_000;
    let original = photo(4032, 2900);
    let digest = blake3::hash(&original);
    let limits = UploadLimits {
        max_count: 16,
        max_bytes: LIMIT,
        max_side: None,
    };
    println!(
        "\n4032 x 2900 PNG, {:.1} MB, into 5 MB",
        megabytes(original.len())
    );
    for (what, role) in [
        ("reference", UploadRole::Reference),
        ("under a mask", UploadRole::Masked),
    ] {
        let mut times = Vec::new();
        let mut copy = None;
        for _ in 0..FITS {
            let start = Instant::now();
            let made = fit_upload(&original, role, &limits, &MediaLimits::default());
            times.push(start.elapsed());
            copy = made.expect("our own file");
        }
        times.sort_unstable();
        let FittedCopy { bytes, fit } = copy.expect("it is too long");
        assert!(bytes.len() as u64 <= LIMIT, "{fit:?}");
        assert_eq!(blake3::hash(&original), digest, "the original was touched");
        println!(
            "{what:>28}: {:7.2} ms  {:.2} MB {}, {} -> {}; the original is untouched",
            times
                .get(FITS / 2)
                .copied()
                .unwrap_or_default()
                .as_secs_f64()
                * 1e3,
            megabytes(bytes.len()),
            fit.format,
            fit.from,
            fit.to,
        );
    }
}

fn megabytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6
}

/// The floor: the decoder alone, into memory that is already there.
fn bare(file: &[u8], frame: &mut [u8]) {
    let mut reader = png::Decoder::new(Cursor::new(file))
        .read_info()
        .expect("our own file");
    reader.next_frame(frame).expect("our own file");
    black_box(frame);
}

fn rows(file: &[u8], sink: &mut impl RowSink) {
    let header = decode_rows(Cursor::new(file), &MediaLimits::default(), sink);
    black_box(header.expect("our own file"));
}

/// Runs all in turn, [`RUNS`] times, and prints them against the first.
fn compare(cases: &mut [(&str, &mut dyn FnMut())]) -> Vec<Duration> {
    let mut times = vec![Vec::with_capacity(RUNS); cases.len()];
    for _ in 0..RUNS {
        for ((_, run), times) in cases.iter_mut().zip(&mut times) {
            let start = Instant::now();
            run();
            times.push(start.elapsed());
        }
    }
    let mut medians = Vec::new();
    let mut floor = None;
    for ((name, _), times) in cases.iter().zip(&mut times) {
        times.sort_unstable();
        let [first, .., last] = times.as_slice() else {
            continue;
        };
        let median = times.get(RUNS / 2).copied().unwrap_or(*first);
        let floor = *floor.get_or_insert(median);
        println!(
            "{name:>28}: {:7.2} ms  x{:.2}  (+{:.2} ms)  [{:.2} .. {:.2}]",
            median.as_secs_f64() * 1e3,
            median.as_secs_f64() / floor.as_secs_f64(),
            median.saturating_sub(floor).as_secs_f64() * 1e3,
            first.as_secs_f64() * 1e3,
            last.as_secs_f64() * 1e3,
        );
        medians.push(median);
    }
    medians
}

/// A picture that compresses about as a photograph does: gradients, soft shapes and three bits of grain.
fn photo(width: u32, height: u32) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let [x, y] = [f64::from(x) / 200.0, f64::from(y) / 170.0];
            let wave = (x.sin() * y.cos() + (x * 0.3 + y).sin()) * 40.0 + 110.0;
            for shift in [0.0, 17.0, -23.0] {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between 0 and 255"
                )]
                let level = (wave + shift) as u8;
                rgb.push(level + random.u8(..14));
            }
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().expect("into memory");
    writer.write_image_data(&rgb).expect("into memory");
    writer.finish().expect("into memory");
    file
}
