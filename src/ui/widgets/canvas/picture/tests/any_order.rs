//! Any size, and pieces in any order.

use egui::vec2;
use proptest::prelude::*;

use super::super::*;
use super::stage::*;
use crate::ui::textures::UploadLimits;

#[test]
fn odd_sizes_meet_at_every_level() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [3001, 2003], 1);
    for zoom in [0.2, 0.33, 0.7, 1.0, 3.0] {
        stage.zoom_to(zoom);
        stage.settle();
        assert!(stage.only(1), "at {zoom}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Begin(u64, u8, u32, u32),
    Rows(u32),
    End,
    Frame,
    Zoom(f32, f32),
    Pan(f32, f32),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0_u64..2, 0_u8..3, 1_u32..1500, 1_u32..1500).prop_map(|(s, o, w, h)| Step::Begin(s, o, w, h)),
        6 => (1_u32..700).prop_map(Step::Rows),
        3 => Just(Step::End),
        6 => Just(Step::Frame),
        2 => (0.2_f32..5.0, 0.0_f32..1.0).prop_map(|(f, at)| Step::Zoom(f, at)),
        1 => (-500.0_f32..500.0, -500.0_f32..500.0).prop_map(|(x, y)| Step::Pan(x, y)),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever comes in whatever order: no point is drawn twice, every texture drawn is there, the picture ends
    /// up on screen, and memory is bounded.
    #[test]
    fn anything_may_come(steps in prop::collection::vec(step(), 1..60)) {
        let limits = UploadLimits { frame_bytes: 2 << 20, total_bytes: 8 << 20 };
        let mut stage = Stage::new(limits);
        let (mut serial, mut origin, mut size, mut sent, mut tag) = (1, RESULT, [1, 1], 1, 0);
        for step in steps {
            match step {
                Step::Begin(newer, kind, width, height) => {
                    serial += newer;
                    origin = [PREVIEW, ARRIVING, RESULT][usize::from(kind)];
                    (size, sent) = ([width, height], 0);
                    tag = (tag + 1) % 250;
                    prop_assert!(stage.begin(serial, origin, size));
                }
                Step::Rows(rows) => {
                    // Even, so that the halved rows meet.
                    let end = ((sent + rows) & !1).min(size[1]);
                    let end = if end + 1 >= size[1] { size[1] } else { end };
                    for piece in bands(serial, size, sent..end, tag) {
                        stage.picture.apply(piece);
                    }
                    sent = sent.max(end);
                }
                Step::End => {
                    stage.end(serial, origin);
                }
                Step::Frame => {
                    stage.frame();
                    stage.tags();
                }
                Step::Zoom(factor, at) => {
                    let at = stage.view.viewport().lerp_inside(vec2(at, at));
                    stage.view.zoom_by(factor, at);
                }
                Step::Pan(x, y) => stage.view.pan_by(vec2(x, y)),
                Step::Clear => {
                    stage.picture.clear();
                    sent = size[1];
                }
            }
            prop_assert!(stage.picture.layers.len() <= MAX_LAYERS);
        }
        stage.whole(serial, RESULT, [1300, 900], 251);
        stage.view.fit();
        stage.settle();
        prop_assert!(stage.only(251));
        stage.frame();
        prop_assert_eq!(stage.picture.layers.len(), 1);
    }
}
