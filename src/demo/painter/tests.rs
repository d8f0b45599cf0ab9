use super::*;
use crate::model::ImageFormat;

/// One prompt for each style, in the order of `Style`.
const STYLES: [&str; 8] = [
    "landscape with mountains",
    "oil painting of a forest",
    "水墨 孤舟",
    "stained glass with a fox",
    "静物 茶壶",
    "neon city in the rain",
    "bauhaus poster",
    "abstract flow",
];

fn size(width: u32, height: u32) -> PixelSize {
    PixelSize::new(width, height).unwrap()
}

fn scene(prompt: &str) -> Scene<'_> {
    Scene {
        prompt,
        seed: 7,
        size: size(160, 96),
        transparent: false,
        references: &[],
        mask: None,
    }
}

fn finished(scene: &Scene<'_>) -> Raster {
    paint(scene, Stage::Final)
}

/// A picture of two flat halves, `left` and `right`.
fn halves(width: u32, height: u32, left: [u8; 3], right: [u8; 3]) -> Raster {
    let pixels = (0..width * height).flat_map(|i| {
        let [r, g, b] = if i % width < width / 2 { left } else { right };
        [r, g, b, 255]
    });
    Raster::new(size(width, height), pixels.collect()).unwrap()
}

/// A mask whose middle third is open.
fn middle_open(width: u32, height: u32) -> Raster {
    let pixels = (0..width * height).flat_map(|i| {
        let (x, y) = (i % width, i / width);
        let is_open =
            (width / 3..2 * width / 3).contains(&x) && (height / 3..2 * height / 3).contains(&y);
        [0, 0, 0, if is_open { 0 } else { 255 }]
    });
    Raster::new(size(width, height), pixels.collect()).unwrap()
}

/// Mean of a channel over the columns `from..to`, each a part of the width.
fn mean(raster: &Raster, channel: usize, from: f32, to: f32) -> f32 {
    let columns = (raster.width as f32 * from) as usize..(raster.width as f32 * to) as usize;
    let values: Vec<f32> = (raster.rgba.chunks_exact(4).enumerate())
        .filter(|(i, _)| columns.contains(&(i % raster.width as usize)))
        .map(|(_, pixel)| f32::from(pixel[channel]))
        .collect();
    values.iter().sum::<f32>() / values.len() as f32
}

/// Mean difference of two pictures, 0 to 255.
fn difference(a: &Raster, b: &Raster) -> f32 {
    let total: u32 = (a.rgba.iter().zip(&b.rgba))
        .map(|(a, b)| u32::from(a.abs_diff(*b)))
        .sum();
    total as f32 / a.rgba.len() as f32
}

#[test]
fn the_same_words_and_seed_give_the_same_picture() {
    for prompt in STYLES {
        assert_eq!(
            finished(&scene(prompt)),
            finished(&scene(prompt)),
            "{prompt}"
        );
    }
}

#[test]
fn seed_and_words_vary_the_picture() {
    let fox = scene("a fox in the landscape");
    let other_seed = Scene { seed: 8, ..fox };
    assert!(difference(&finished(&fox), &finished(&other_seed)) > 5.0);
    let unknown = [scene("quarterly report"), scene("annual report")].map(|s| finished(&s));
    assert!(difference(&unknown[0], &unknown[1]) > 5.0);
}

#[test]
fn colours_of_the_prompt_are_seen() {
    let warm = finished(&scene("红色的山水"));
    let cold = finished(&scene("blue sea landscape"));
    let red_over_blue = |r: &Raster| mean(r, 0, 0.0, 1.0) - mean(r, 2, 0.0, 1.0);
    assert!(red_over_blue(&warm) > red_over_blue(&cold) + 40.0);
}

#[test]
fn every_style_fills_odd_sizes_to_the_last_pixel() {
    for prompt in STYLES {
        for (width, height) in [(272, 96), (80, 240), (112, 112)] {
            let scene = Scene {
                size: size(width, height),
                ..scene(prompt)
            };
            let raster = finished(&scene);
            assert_eq!(raster.rgba.len() as u32, width * height * 4);
            assert!(raster.is_opaque(), "{prompt} at {width}x{height}");
            // Something is painted: the picture is not one colour.
            let flat = raster.rgba.chunks_exact(4).all(|p| p == &raster.rgba[..4]);
            assert!(!flat, "{prompt} at {width}x{height}");
        }
    }
}

#[test]
fn a_larger_picture_is_the_same_picture() {
    for prompt in STYLES {
        let small = finished(&scene(prompt));
        let large = finished(&Scene {
            size: size(640, 384),
            ..scene(prompt)
        });
        let shrunk = large.scaled(size(160, 96));
        assert!(
            difference(&small, &shrunk) < 6.0,
            "{prompt}: {}",
            difference(&small, &shrunk)
        );
    }
}

#[test]
fn previews_come_nearer_to_the_result() {
    for prompt in STYLES {
        let scene = scene(prompt);
        let result = finished(&scene);
        let off = |index| difference(&paint(&scene, Stage::Preview { index, count: 3 }), &result);
        let (first, last) = (off(0), off(2));
        assert!(
            last < first && first < 60.0,
            "{prompt}: {first} then {last}"
        );
    }
}

#[test]
fn a_transparent_picture_is_its_motif() {
    for prompt in STYLES {
        let raster = finished(&Scene {
            transparent: true,
            ..scene(prompt)
        });
        let pixels = raster.rgba.chunks_exact(4);
        let all = pixels.len();
        let clear = pixels.clone().filter(|pixel| pixel[3] == 0).count();
        let solid = pixels.filter(|pixel| pixel[3] == 255).count();
        assert!(clear > all / 4, "{prompt}: {clear} clear");
        assert!(solid > all / 50, "{prompt}: {solid} solid");
        assert!(clear + solid < all, "{prompt}: edges are soft");
    }
}

#[test]
fn a_reference_gives_composition_and_colours() {
    let reference = [halves(90, 60, [220, 40, 30], [20, 60, 200])];
    for prompt in STYLES.into_iter().filter(|prompt| !prompt.contains("水墨")) {
        let raster = finished(&Scene {
            references: &reference,
            ..scene(prompt)
        });
        let (left, right) = (mean(&raster, 0, 0.1, 0.4), mean(&raster, 0, 0.6, 0.9));
        assert!(left > right + 60.0, "{prompt}: red {left} then {right}");
    }
}

#[test]
fn a_second_reference_moves_the_colours() {
    let first = halves(90, 60, [200, 200, 200], [90, 90, 90]);
    let green = halves(90, 60, [40, 180, 60], [20, 90, 30]);
    let one = [first.clone()];
    let two = [first, green];
    let [one, two] = [&one[..], &two[..]].map(|references| {
        let raster = finished(&Scene {
            references,
            ..scene("oil painting")
        });
        mean(&raster, 1, 0.0, 1.0) - mean(&raster, 0, 0.0, 1.0)
    });
    assert!(two > one + 10.0, "green over red: {one} then {two}");
}

#[test]
fn a_mask_keeps_the_rest_to_the_byte() {
    let base = halves(160, 96, [200, 190, 180], [60, 70, 80]);
    let references = [base.clone()];
    // A mask of another size is scaled.
    for mask in [middle_open(160, 96), middle_open(80, 48)] {
        let scene = Scene {
            references: &references,
            mask: Some(&mask),
            ..scene("red flower")
        };
        for stage in [Stage::Preview { index: 0, count: 2 }, Stage::Final] {
            let raster = paint(&scene, stage);
            let scaled = mask.scaled(scene.size);
            let mut changed = 0;
            for y in 0..96 {
                for x in 0..160 {
                    let is_same = raster.pixel(x, y) == base.pixel(x, y);
                    let is_closed = scaled.pixel(x, y)[3] == 255;
                    assert!(is_same || !is_closed, "{x},{y}");
                    changed += u32::from(!is_same);
                }
            }
            assert!(changed > 160 * 96 / 15, "{changed} changed");
        }
    }
}

#[test]
fn a_closed_mask_changes_nothing() {
    let base = halves(64, 64, [10, 200, 30], [200, 30, 90]);
    let references = [base.clone()];
    let closed = halves(64, 64, [0, 0, 0], [0, 0, 0]);
    let scene = Scene {
        size: size(64, 64),
        references: &references,
        mask: Some(&closed),
        ..scene("anything")
    };
    assert_eq!(finished(&scene), base);
}

#[test]
fn nothing_panics_however_small_or_strange() {
    let empty = [Raster {
        width: 0,
        height: 0,
        rgba: Vec::new(),
    }];
    let short = [Raster {
        width: 9,
        height: 9,
        rgba: vec![1; 7],
    }];
    let cases: [((u32, u32), bool, &[Raster]); 4] = [
        ((1, 1), false, &[]),
        ((16, 1), true, &[]),
        ((1, 40), false, &empty),
        ((500, 2), true, &short),
    ];
    for prompt in [
        "", "🤖🎨", "\u{0}", "水墨", "彩窗", "静物", "城市", "海报", "油画", "抽象",
    ] {
        for ((width, height), transparent, references) in cases {
            let scene = Scene {
                size: size(width, height),
                transparent,
                references,
                mask: references.first(),
                ..scene(prompt)
            };
            assert_eq!(finished(&scene).size(), Some(scene.size));
            let unmasked = Scene {
                mask: None,
                ..scene
            };
            let preview = Stage::Preview { index: 5, count: 2 };
            assert_eq!(paint(&unmasked, preview).size(), Some(scene.size));
        }
    }
}

#[test]
fn every_picture_is_signed() {
    let corner = |raster: &Raster| -> Vec<u8> {
        let columns = raster.width * 8 / 10..raster.width;
        let rows = raster.height * 9 / 10..raster.height;
        rows.flat_map(|y| columns.clone().map(move |x| (x, y)))
            .map(|(x, y)| raster.pixel(x, y)[1])
            .collect()
    };
    for prompt in STYLES {
        let scene = Scene {
            size: size(512, 512),
            ..scene(prompt)
        };
        for stage in [Stage::Preview { index: 0, count: 1 }, Stage::Final] {
            let green = corner(&paint(&scene, stage));
            let bright = green.iter().filter(|g| **g > 190).count();
            assert!(bright > 20, "{prompt}, {stage:?}: {bright} bright pixels");
        }
    }
}

/// Not a check but a way to look: with `ATELIER_PAINTER_OUT` set to a folder, writes a picture for each line of
/// `ATELIER_PAINTER_PROMPTS` (or for each style) into it.
#[test]
fn contact_sheet() {
    let Some(folder) = std::env::var_os("ATELIER_PAINTER_OUT").map(std::path::PathBuf::from) else {
        return;
    };
    let prompts = std::env::var("ATELIER_PAINTER_PROMPTS").unwrap_or_else(|_| STYLES.join("\n"));
    for (i, prompt) in prompts.lines().enumerate() {
        let raster = finished(&Scene {
            size: size(1152, 768),
            ..scene(prompt)
        });
        let file = encode(&raster, ImageFormat::Png, None, prompt).unwrap();
        std::fs::write(folder.join(format!("{i:02}.png")), file).unwrap();
    }
}
