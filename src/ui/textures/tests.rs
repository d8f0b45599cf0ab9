//! What is uploaded when, and what is dropped.

use egui::{Color32, RawInput, TextureFilter, TexturesDelta};

use super::*;

const JOB: ThumbKey = ThumbKey::Job(JobId::from_parts(1, 1));

fn image(n: u32) -> ThumbKey {
    ThumbKey::Image(ImageId::from_parts(1, n), ThumbnailSize::Small)
}

fn pixels(width: u32, height: u32) -> ThumbnailPixels {
    ThumbnailPixels {
        width,
        height,
        pixels: vec![u32::from_ne_bytes([1, 2, 3, 255]); (width * height) as usize],
    }
}

/// Runs a frame; gives its texture changes as `(whole uploads, partial ones, freed)`.
fn frame(
    ctx: &Context,
    store: &mut TextureStore,
    mut run: impl FnMut(&Context, &mut TextureStore),
) -> (usize, usize, usize) {
    let mut output = ctx.run_ui(RawInput::default(), |ui| run(ui.ctx(), store));
    let TexturesDelta { set, free } = &mut output.textures_delta;
    // The font is egui's own.
    set.remove(&TextureId::default());
    let deltas = set.values().flatten();
    let (whole, partial): (Vec<_>, Vec<_>) = deltas.partition(|delta| delta.is_whole());
    let counts = (whole.len(), partial.len(), free.len());
    output.drop_without_applying_deltas();
    counts
}

fn is_ready(thumb: Thumb) -> bool {
    matches!(thumb, Thumb::Ready { .. })
}

#[test]
fn pixels_keep_their_order_without_being_touched() {
    let pixels = ThumbnailPixels {
        width: 2,
        height: 1,
        pixels: vec![
            u32::from_ne_bytes([1, 2, 3, 255]),
            u32::from_ne_bytes([4, 5, 6, 7]),
        ],
    };
    let before = pixels.pixels.as_ptr().cast::<Color32>();
    let image = color_image(pixels).unwrap();
    assert_eq!(image.pixels.as_ptr(), before);
    assert_eq!(image.pixels[0].to_array(), [1, 2, 3, 255]);
    assert_eq!(image.pixels[1].to_array(), [4, 5, 6, 7]);
}

#[test]
fn nonsense_is_a_missing_picture() {
    let (ctx, mut store) = (Context::default(), TextureStore::default());
    let cases = [
        ("too few", 3, 2, 5),
        ("none", 0, 0, 0),
        ("overflow", u32::MAX, u32::MAX, 1),
    ];
    for (what, width, height, count) in cases {
        let pixels = vec![0; count];
        let pixels = ThumbnailPixels {
            width,
            height,
            pixels,
        };
        store.put(JOB, Some(pixels));
        assert_eq!(store.thumb(&ctx, JOB), Thumb::Missing, "{what}");
    }
    // Before the first frame egui believes in textures of 2048 px.
    store.put(JOB, Some(pixels(4000, 1)));
    assert_eq!(store.thumb(&ctx, JOB), Thumb::Missing);
}

#[test]
fn a_thumbnail_is_uploaded_once_when_it_is_asked_for() {
    let (ctx, mut store) = (Context::default(), TextureStore::default());
    assert_eq!(store.thumb(&ctx, image(1)), Thumb::Unknown);
    assert!(!store.has_thumb(image(1)));
    store.put(image(1), Some(pixels(256, 144)));
    store.put(image(2), None);
    assert_eq!(frame(&ctx, &mut store, |_, _| {}).0, 0);
    for uploads in [1, 0, 0] {
        let counts = frame(&ctx, &mut store, |ctx, store| {
            assert!(is_ready(store.thumb(ctx, image(1))));
            assert_eq!(store.thumb(ctx, image(2)), Thumb::Missing);
        });
        assert_eq!(counts, (uploads, 0, 0));
    }
}

#[test]
fn newer_pixels_of_a_job_go_into_its_texture() {
    let (ctx, mut store) = (Context::default(), TextureStore::default());
    for (size, expected) in [
        ((64, 64), (1, 0, 0)),
        ((64, 64), (0, 1, 0)),
        ((64, 32), (1, 0, 1)),
    ] {
        store.put(JOB, Some(pixels(size.0, size.1)));
        let counts = frame(&ctx, &mut store, |ctx, store| {
            store.thumb(ctx, JOB);
        });
        assert_eq!(counts, expected);
    }
    store.remove(JOB);
    assert_eq!(frame(&ctx, &mut store, |_, _| {}), (0, 0, 1));
    assert_eq!(store.stats().held_bytes, 0);
}

#[test]
fn uploads_stay_in_the_budget_and_go_on_in_the_next_frame() {
    let (ctx, mut store) = (Context::default(), TextureStore::default());
    // 256 KiB each: 64 in a frame.
    for n in 0..150 {
        store.put(image(n), Some(pixels(256, 256)));
    }
    let mut uploads = Vec::new();
    for _ in 0..4 {
        let counts = frame(&ctx, &mut store, |ctx, store| {
            for n in 0..150 {
                store.thumb(ctx, image(n));
            }
            assert!(store.stats().frame_bytes <= 16 << 20);
        });
        uploads.push(counts.0);
    }
    assert_eq!(uploads, [64, 64, 22, 0]);
}

#[test]
fn the_longest_unused_go_first_and_what_is_on_screen_stays() {
    let limits = UploadLimits {
        total_bytes: 16 * 64 * 64 * 4,
        ..UploadLimits::default()
    };
    let (ctx, mut store) = (Context::default(), TextureStore::with_limits(limits));
    store.put(JOB, Some(pixels(64, 64)));
    frame(&ctx, &mut store, |ctx, store| {
        store.thumb(ctx, JOB);
    });
    for n in 0..30 {
        frame(&ctx, &mut store, |ctx, store| {
            store.put(image(n), Some(pixels(64, 64)));
            assert!(is_ready(store.thumb(ctx, image(n))));
            assert!(is_ready(store.thumb(ctx, image(0))), "always on screen");
        });
        assert!(store.stats().held_bytes <= limits.total_bytes + 64 * 64 * 4);
    }
    assert!(store.has_thumb(image(29)) && store.has_thumb(image(20)));
    assert!(!store.has_thumb(image(1)));
    assert!(store.has_thumb(JOB), "nobody could give it again");
}

#[test]
fn a_tile_is_allocated_once_and_then_written_in_part() {
    let (ctx, mut store) = (Context::default(), TextureStore::default());
    let key = TileKey {
        canvas: 0,
        layer: 0,
        level: 0,
        column: 0,
        row: 0,
    };
    let band = |y: usize| TilePiece {
        offset: [0, y],
        image: Arc::new(ColorImage::filled([128, 64], Color32::WHITE)),
    };
    let mut pieces = vec![band(0), band(64)];
    let mut show = |pieces: &[TilePiece], sampling| {
        frame(&ctx, &mut store, |ctx, store| {
            let tile = store.tile(ctx, key, [128, 256], pieces, sampling).unwrap();
            assert_eq!(tile.pieces, pieces.len());
        })
    };
    assert_eq!(show(&pieces, Sampling::Linear), (1, 2, 0));
    pieces.push(band(128));
    assert_eq!(show(&pieces, Sampling::Linear), (0, 1, 0));
    // Sticks out: counted, but never sent to the GPU.
    pieces.push(band(250));
    assert_eq!(show(&pieces, Sampling::Linear), (0, 0, 0));
    assert_eq!(show(&pieces, Sampling::Nearest), (0, 1, 0));
    assert_eq!(show(&pieces, Sampling::Nearest), (0, 0, 0));
    assert_eq!(
        Sampling::Nearest.options().magnification,
        TextureFilter::Nearest
    );
    store.remove_layer(0, 0);
    assert_eq!(frame(&ctx, &mut store, |_, _| {}), (0, 0, 1));
}
