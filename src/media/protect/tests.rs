use std::io::Cursor;

use super::*;
use crate::media::{MaskChange, MaskMode, MaskShape, encode_png};

/// A file that the test can still read.
#[derive(Clone, Default)]
struct Shared(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const SIDE: u32 = 96;
const FEATHER: u16 = 6;

fn size() -> PixelSize {
    PixelSize::new(SIDE, SIDE).unwrap()
}

fn noise(seed: u64, alpha: bool) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..SIDE * SIDE)
        .flat_map(|_| {
            let a = if alpha { random.u8(1..) } else { 255 };
            [random.u8(..), random.u8(..), random.u8(..), a]
        })
        .collect()
}

fn mask() -> Mask {
    let mut mask = Mask::new(size());
    let shape = MaskShape::Ellipse([20.0, 30.0], [60.0, 70.0]);
    mask.change(&MaskChange::Shape(shape, MaskMode::Add));
    mask
}

fn run(
    original: &[u8],
    result: &[u8],
    picture: ProtectPicture,
) -> Result<(Drift, Vec<u8>), ProtectError> {
    let mut rows = original.chunks(SIDE as usize * 4);
    let mut next_row = |row: &mut Vec<u8>| {
        row.clear();
        rows.next()
            .map(|next| row.extend_from_slice(next))
            .is_some()
    };
    let out = Shared::default();
    let drift = protect_outside(
        Cursor::new(encode_png(size(), result).unwrap()),
        &MediaLimits::default(),
        &mask(),
        FEATHER,
        Original {
            size: size(),
            has_alpha: original.iter().skip(3).step_by(4).any(|a| *a < 255),
            next_row: &mut next_row,
        },
        (picture, out.clone()),
    )?;
    Ok((drift, out.0.take()))
}

fn decoded(file: &[u8]) -> Vec<u8> {
    image::load_from_memory(file)
        .unwrap()
        .into_rgba8()
        .into_raw()
}

#[test]
fn beyond_the_feather_every_byte_is_the_originals() {
    for alpha in [false, true] {
        let (original, result) = (noise(1, alpha), noise(2, alpha));
        let (_, out) = run(&original, &result, ProtectPicture::Composite).unwrap();
        let out = decoded(&out);
        let mask = mask();
        let chosen: Vec<(u32, u32)> = (0..SIDE * SIDE)
            .map(|i| (i % SIDE, i / SIDE))
            .filter(|(x, y)| mask.get(*x, *y) >= CHOSEN)
            .collect();
        let mut exact = [0; 3];
        for (at, i) in (0..SIDE * SIDE).zip(0_usize..) {
            let (x, y) = (at % SIDE, at / SIDE);
            let pixel = |of: &[u8]| of[i * 4..i * 4 + 4].to_vec();
            let nearest = chosen
                .iter()
                .map(|(cx, cy)| {
                    f64::hypot(f64::from(*cx) - f64::from(x), f64::from(*cy) - f64::from(y))
                })
                .fold(f64::INFINITY, f64::min);
            if mask.get(x, y) >= CHOSEN {
                assert_eq!(pixel(&out), pixel(&result), "{x},{y}");
                exact[0] += 1;
            } else if mask.get(x, y) == 0 && nearest > f64::from(FEATHER) {
                assert_eq!(pixel(&out), pixel(&original), "{x},{y}");
                exact[1] += 1;
            } else {
                exact[2] += 1;
            }
        }
        assert!(exact.iter().all(|count| *count > 200), "{exact:?}");
    }
}

#[test]
fn the_drift_is_what_changed_where_the_mask_covers_nothing() {
    let original = noise(3, false);
    let mut result = original.clone();
    // One pixel inside, two outside.
    for (x, y, by) in [(40_u32, 50_u32, 99_u8), (2, 2, 30), (90, 90, 6)] {
        let at = (y * SIDE + x) as usize * 4;
        result[at + 1] ^= 0x80;
        result[at] = result[at].wrapping_add(by);
    }
    let (drift, _) = run(&original, &result, ProtectPicture::Composite).unwrap();
    let covered = (0..SIDE * SIDE).filter(|i| mask().get(i % SIDE, i / SIDE) == 0);
    assert_eq!(drift.outside_px, covered.count() as u64);
    assert_eq!(drift.changed_px, 2);
    let apart = |x: u32, y: u32| -> u64 {
        let at = (y * SIDE + x) as usize * 4;
        (at..at + 3)
            .map(|i| u64::from(original[i].abs_diff(result[i])))
            .sum()
    };
    assert_eq!(drift.change_sum, apart(2, 2) + apart(90, 90));
}

#[test]
fn the_middle_between_black_and_white_is_mixed_in_light() {
    let mixed = Light::new().mix([0, 0, 0, 255], [255, 255, 255, 255], 128);
    assert_eq!(mixed, [188, 188, 188, 255]);
    let faded = Light::new().mix([255, 0, 0, 255], [0, 0, 255, 0], 128);
    assert_eq!(
        (faded[0], faded[2]),
        (255, 0),
        "what is transparent has no colour"
    );
}

#[test]
fn heat_is_where_it_differs_outside() {
    let original = vec![100; (SIDE * SIDE * 4) as usize];
    let mut result = original.clone();
    let at = |x: u32, y: u32| (y * SIDE + x) as usize * 4;
    result[at(2, 2)] = 101;
    result[at(40, 50)] = 255;
    let (_, out) = run(&original, &result, ProtectPicture::HeatMap).unwrap();
    let out = decoded(&out);
    let is_grey = |x, y| {
        let pixel = &out[at(x, y)..at(x, y) + 3];
        pixel[0] == pixel[1] && pixel[1] == pixel[2]
    };
    assert!(!is_grey(2, 2) && is_grey(40, 50) && is_grey(10, 80));
    assert!(heat_color(0, 255)[1] < heat_color(0, 10)[1]);
}

#[test]
fn other_sizes_are_said() {
    let other = encode_png(PixelSize::new(2, 2).unwrap(), &[9; 16]).unwrap();
    let out = Shared::default();
    let original = Original {
        size: size(),
        has_alpha: false,
        next_row: &mut |_| true,
    };
    let limits = MediaLimits::default();
    let to = (ProtectPicture::Composite, out.clone());
    let done = protect_outside(Cursor::new(other), &limits, &mask(), 4, original, to);
    let error = done.unwrap_err();
    assert!(matches!(error, ProtectError::Sizes { .. }) && out.0.take().is_empty());
    assert!(error.to_string().contains("2x2"), "{error}");
    assert_eq!(feather_px(size()), 4);
    assert_eq!(feather_px(PixelSize::new(3840, 2160).unwrap()), 16);
}
