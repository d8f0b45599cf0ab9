use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::media::{MediaLimits, encode_png};

fn size(width: u32, height: u32) -> PixelSize {
    PixelSize::new(width, height).unwrap()
}

fn changed(mask: &Mask, change: impl std::borrow::Borrow<MaskChange>) -> Mask {
    let mut mask = mask.clone();
    mask.change(change.borrow());
    mask
}

fn rectangle(a: [f32; 2], b: [f32; 2]) -> MaskChange {
    MaskChange::Shape(MaskShape::Rectangle(a, b), MaskMode::Add)
}

fn stroke(document: &mut MaskDocument, brush: Brush, mode: MaskMode, points: &[[f32; 2]]) {
    document.begin_stroke(brush, mode, points[0]);
    for point in &points[1..] {
        document.stroke_to(*point);
    }
    document.finish_stroke();
}

const HARD: Brush = Brush {
    radius_px: 10.0,
    hardness: 1.0,
};

#[test]
fn an_untouched_mask_costs_nothing() {
    let mask = Mask::new(size(3840, 2160));
    assert_eq!((mask.bytes(), mask.tiles()), (0, 15 * 9));
    assert!(mask.is_empty());
    let all = changed(&mask, MaskChange::FillAll(MaskMode::Add));
    assert_eq!((all.bytes(), all.share()), (0, 1.0));
}

#[test]
fn a_stroke_covers_what_is_within_its_radius() {
    let mut document = MaskDocument::new(Mask::new(size(600, 300)));
    stroke(
        &mut document,
        HARD,
        MaskMode::Add,
        &[[100.0, 100.0], [500.0, 180.0]],
    );
    let mask = document.mask();
    for y in 0..300 {
        for x in 0..600 {
            // The distance to the segment, by another formula.
            let (px, py) = (f64::from(x) + 0.5 - 100.0, f64::from(y) + 0.5 - 100.0);
            let length = f64::hypot(400.0, 80.0);
            let along = (px * 400.0 + py * 80.0) / length;
            let across = (py * 400.0 - px * 80.0).abs() / length;
            let distance = if along < 0.0 {
                px.hypot(py)
            } else if along > length {
                (px - 400.0).hypot(py - 80.0)
            } else {
                across
            };
            let expected = (10.5 - distance).clamp(0.0, 1.0) * 255.0;
            let got = f64::from(mask.get(x, y));
            assert!((got - expected).abs() < 3.0, "{x},{y}: {got} {expected}");
        }
    }
}

#[test]
fn a_soft_brush_falls_off_and_never_covers_twice() {
    let soft = Brush {
        radius_px: 40.0,
        hardness: 0.0,
    };
    let mut document = MaskDocument::new(Mask::new(size(200, 200)));
    stroke(&mut document, soft, MaskMode::Add, &[[100.0, 100.0]]);
    let row: Vec<u8> = (100..150).map(|x| document.mask().get(x, 100)).collect();
    assert!(
        row.is_sorted_by(|a, b| a >= b) && row[0] > 250 && row[49] == 0,
        "{row:?}"
    );
    let once = document.mask().clone();
    stroke(
        &mut document,
        soft,
        MaskMode::Add,
        &[[100.0, 100.0], [100.0, 100.0]],
    );
    assert!(document.mask().same_pixels(&once));
}

#[test]
fn painting_in_parts_is_painting_at_once() {
    let points = [[20.0, 20.0], [300.0, 40.0], [310.0, 280.0], [50.0, 200.0]];
    let mut whole = MaskDocument::new(Mask::new(size(400, 300)));
    stroke(&mut whole, HARD, MaskMode::Add, &points);
    let mut parts = MaskDocument::new(Mask::new(size(400, 300)));
    parts.begin_stroke(HARD, MaskMode::Add, points[0]);
    let mut frames = 0;
    for point in &points[1..] {
        parts.stroke_to(*point);
        parts.paint(1);
        frames += 1;
    }
    parts.end_stroke();
    while parts.paint(1) {
        frames += 1;
    }
    assert!(frames > 8, "{frames}");
    assert!(parts.mask().same_pixels(whole.mask()));
    assert!(!parts.is_painting() && parts.undo() && parts.mask().is_empty());
}

#[test]
fn only_what_changed_has_a_new_revision() {
    let mut document = MaskDocument::new(Mask::new(size(1024, 1024)));
    let before: Vec<_> = (0..16).map(|i| document.mask().revision(i)).collect();
    stroke(&mut document, HARD, MaskMode::Add, &[[300.0, 300.0]]);
    let differ: Vec<usize> = (0..16)
        .filter(|i| document.mask().revision(*i) != before[*i])
        .collect();
    assert_eq!(differ, [5]);
}

#[test]
fn shapes_cover_their_area() {
    let check = |shape: MaskShape, expected: f64| {
        let mask = changed(
            &Mask::new(size(700, 500)),
            MaskChange::Shape(shape.clone(), MaskMode::Add),
        );
        let area = mask.share() * 700.0 * 500.0;
        assert!(
            (area - expected).abs() < 0.003 * expected + 2.0,
            "{shape:?}: {area} {expected}"
        );
    };
    check(
        MaskShape::Rectangle([10.25, 20.5], [600.75, 400.5]),
        590.5 * 380.0,
    );
    check(
        MaskShape::Ellipse([600.0, 400.0], [100.0, 50.0]),
        std::f64::consts::PI * 250.0 * 175.0,
    );
    let triangle = vec![[50.0, 450.0], [650.0, 450.0], [350.0, 50.0]];
    check(MaskShape::Lasso(triangle), 600.0 * 400.0 / 2.0);
    // A bow: both halves count, whichever way the line goes round them.
    let bow = vec![
        [100.0, 100.0],
        [500.0, 400.0],
        [500.0, 100.0],
        [100.0, 400.0],
    ];
    check(MaskShape::Lasso(bow), 2.0 * 200.0 * 300.0 / 2.0);
    for nothing in [
        vec![],
        vec![[1.0, 1.0], [9.0, 9.0]],
        vec![[f32::NAN, 0.0]; 5],
    ] {
        check(MaskShape::Lasso(nothing), 0.0);
    }
}

#[test]
fn a_region_is_filled_up_to_its_border() {
    let ring = changed(
        &Mask::new(size(300, 300)),
        rectangle([50.0, 50.0], [250.0, 250.0]),
    );
    let hole = MaskShape::Rectangle([60.0, 60.0], [240.0, 240.0]);
    let ring = changed(&ring, MaskChange::Shape(hole, MaskMode::Subtract));
    let inside = changed(&ring, MaskChange::FillRegion([150, 150], MaskMode::Add));
    assert!((inside.share() * 90_000.0 - 40_000.0).abs() < 1.0);
    let outside = changed(&ring, MaskChange::FillRegion([0, 0], MaskMode::Add));
    assert_eq!((outside.get(0, 299), outside.get(150, 150)), (255, 0));
    let gone = changed(&ring, MaskChange::FillRegion([55, 55], MaskMode::Subtract));
    assert!(gone.is_empty());
    let far = changed(&ring, MaskChange::FillRegion([300, 0], MaskMode::Add));
    assert!(far.same_pixels(&ring));
}

#[test]
fn growing_is_by_so_many_pixels() {
    let mask = changed(
        &Mask::new(size(300, 300)),
        rectangle([100.0, 100.0], [200.0, 200.0]),
    );
    let grown = changed(&mask, MaskChange::Grow(20));
    let rows = (0..300).filter(|y| grown.get(150, *y) == 255).count();
    assert_eq!(rows, 140);
    assert_eq!(grown.get(82, 82), 0, "corners are round");
    let shrunk = changed(&mask, MaskChange::Shrink(20));
    let rows = (0..300).filter(|y| shrunk.get(150, *y) == 255).count();
    assert_eq!(rows, 60);
    let gone = changed(&mask, MaskChange::Shrink(60));
    assert!(gone.is_empty());
}

#[test]
fn feathering_reaches_as_far_as_it_says() {
    let mask = changed(
        &Mask::new(size(400, 100)),
        rectangle([0.0, 0.0], [200.0, 100.0]),
    );
    for px in [1_u16, 2, 7, 30] {
        let soft = changed(&mask, MaskChange::Feather(px));
        let row: Vec<u8> = (0..400).map(|x| soft.get(x, 50)).collect();
        assert!(row.is_sorted_by(|a, b| a >= b), "{px}: {row:?}");
        let edge = usize::from(px);
        assert_eq!((row[200 - edge - 1], row[200 + edge]), (255, 0), "{px}");
        assert!(row[199] > 120 && row[200] < 135 && row[199] < 255, "{px}");
    }
}

#[test]
fn history_keeps_within_its_bound() {
    let mask = Mask::new(size(1024, 1024));
    let mut document = MaskDocument::new(mask).with_history_bytes(1 << 20);
    for i in 0..40_u8 {
        let at = f32::from(i) * 25.0;
        stroke(
            &mut document,
            HARD,
            MaskMode::Add,
            &[[at, 0.0], [at, 1024.0]],
        );
    }
    assert!(document.history_bytes() <= 1 << 20);
    let mut steps = 0;
    while document.undo() {
        steps += 1;
    }
    assert!((3..40).contains(&steps), "{steps}");
}

#[test]
fn a_mask_of_another_size_is_not_taken() {
    let mut document = MaskDocument::new(Mask::new(size(100, 100)));
    assert!(!document.replace(&Mask::uniform(size(100, 101), 255)));
    assert!(!document.can_undo());
}

fn read(bytes: &[u8], wanted: PixelSize) -> Result<LoadedMask, MaskFileError> {
    Mask::load(Cursor::new(bytes), &MediaLimits::default(), wanted)
}

#[test]
fn files_say_what_may_change() {
    let mask = changed(
        &Mask::new(size(300, 200)),
        rectangle([10.0, 20.0], [90.0, 150.5]),
    );
    let back = read(&mask.to_png().unwrap(), mask.size()).unwrap();
    assert!(back.by_alpha && back.scaled_from.is_none());
    assert!(back.mask.same_pixels(&mask));
    let other = read(&mask.to_png().unwrap(), size(600, 400)).unwrap();
    assert_eq!(other.scaled_from, Some(size(300, 200)));
    assert!((other.mask.share() - mask.share()).abs() < 0.001);
    assert!(matches!(
        read(&mask.to_png().unwrap(), size(200, 300)),
        Err(MaskFileError::Shape { .. })
    ));

    // White on black, opaque.
    let pixels: Vec<u8> = (0..300 * 200)
        .flat_map(|i| {
            if i % 300 < 30 {
                [255; 4]
            } else {
                [0, 0, 0, 255]
            }
        })
        .collect();
    let light = read(
        &encode_png(size(300, 200), &pixels).unwrap(),
        size(300, 200),
    )
    .unwrap();
    assert!(!light.by_alpha);
    assert_eq!((light.mask.get(29, 199), light.mask.get(30, 0)), (255, 0));
    assert!(matches!(
        read(b"no picture at all", size(3, 3)),
        Err(MaskFileError::Media(_))
    ));
}

fn point() -> impl Strategy<Value = [f32; 2]> {
    [-50.0_f32..650.0, -50.0_f32..450.0]
}

fn change() -> impl Strategy<Value = MaskChange> {
    let mode = prop_oneof![Just(MaskMode::Add), Just(MaskMode::Subtract)];
    prop_oneof![
        (point(), point(), mode.clone())
            .prop_map(|(a, b, mode)| MaskChange::Shape(MaskShape::Rectangle(a, b), mode)),
        (point(), point(), mode.clone())
            .prop_map(|(a, b, mode)| MaskChange::Shape(MaskShape::Ellipse(a, b), mode)),
        (prop::collection::vec(point(), 3..9), mode.clone())
            .prop_map(|(points, mode)| MaskChange::Shape(MaskShape::Lasso(points), mode)),
        ([0_u32..620, 0_u32..420], mode.clone())
            .prop_map(|(at, mode)| MaskChange::FillRegion(at, mode)),
        mode.prop_map(MaskChange::FillAll),
        Just(MaskChange::Invert),
        (0_u16..40).prop_map(MaskChange::Grow),
        (0_u16..40).prop_map(MaskChange::Shrink),
        (0_u16..40).prop_map(MaskChange::Feather),
    ]
}

#[derive(Clone, Debug)]
enum Act {
    Change(MaskChange),
    Stroke(f32, f32, MaskMode, Vec<[f32; 2]>),
}

fn act() -> impl Strategy<Value = Act> {
    let mode = prop_oneof![Just(MaskMode::Add), Just(MaskMode::Subtract)];
    let points = prop::collection::vec(point(), 1..6);
    prop_oneof![
        change().prop_map(Act::Change),
        (0.5_f32..120.0, 0.0_f32..=1.0, mode, points).prop_map(
            |(radius, hardness, mode, points)| Act::Stroke(radius, hardness, mode, points)
        ),
    ]
}

fn do_it(document: &mut MaskDocument, act: &Act) {
    match act {
        Act::Change(change) => {
            let made = changed(document.mask(), change);
            assert!(document.replace(&made));
        }
        Act::Stroke(radius_px, hardness, mode, points) => {
            let brush = Brush {
                radius_px: *radius_px,
                hardness: *hardness,
            };
            stroke(document, brush, *mode, points);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn undo_brings_every_pixel_back_and_redo_every_change(acts in prop::collection::vec(act(), 1..7)) {
        let mut document = MaskDocument::new(Mask::new(size(600, 400)));
        let mut states = vec![document.mask().clone()];
        for act in &acts {
            do_it(&mut document, act);
            // An act that changes nothing is no step.
            if !document.mask().same_pixels(states.last().unwrap()) {
                states.push(document.mask().clone());
            }
        }
        for state in states.iter().rev() {
            prop_assert!(document.mask().same_pixels(state));
            document.undo();
        }
        prop_assert!(!document.can_undo());
        for state in &states {
            prop_assert!(document.mask().same_pixels(state));
            document.redo();
        }
        prop_assert!(!document.can_redo());
    }

    #[test]
    fn inverting_twice_is_nothing(acts in prop::collection::vec(act(), 1..4)) {
        let mut document = MaskDocument::new(Mask::new(size(600, 400)));
        for act in &acts {
            do_it(&mut document, act);
        }
        let mask = document.mask();
        let twice = changed(&changed(mask, MaskChange::Invert), MaskChange::Invert);
        prop_assert!(twice.same_pixels(mask));
    }

    #[test]
    fn growing_only_adds_and_shrinking_only_takes(acts in prop::collection::vec(act(), 1..4), px in 0_u16..60) {
        let mut document = MaskDocument::new(Mask::new(size(600, 400)));
        for act in &acts {
            do_it(&mut document, act);
        }
        let mask = document.mask();
        let grown = changed(mask, MaskChange::Grow(px));
        let shrunk = changed(mask, MaskChange::Shrink(px));
        for y in 0..400 {
            for x in 0..600 {
                prop_assert!(grown.get(x, y) >= mask.get(x, y));
                prop_assert!(shrunk.get(x, y) <= mask.get(x, y));
            }
        }
    }
}
