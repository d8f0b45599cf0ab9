//! Frames without a GPU: texture changes are applied to pixels in memory, and points of the screen looked up in them.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "positions in test pictures"
)]
#![expect(
    clippy::iter_over_hash_type,
    reason = "changes of different textures have no order"
)]

use std::collections::HashMap;
use std::time::Duration;

use egui::TextureFilter;
use egui::{Color32, ColorImage, ImageData, RawInput, ViewportId, pos2, vec2};
use proptest::prelude::*;

use super::*;
use crate::engine::ThumbnailPixels;
use crate::model::FailureKind;
use crate::ui::textures::UploadLimits;

/// What each picture is painted with, so that a point on the screen tells where it comes from: the tag in red, the
/// level in green.
type Tag = u8;

const PREVIEW: PieceOrigin = PieceOrigin::Preview { preview: 0 };
const ARRIVING: PieceOrigin = PieceOrigin::Arriving;
const RESULT: PieceOrigin = PieceOrigin::Result;

struct Stage {
    ctx: Context,
    view: CanvasView,
    picture: CanvasPicture,
    textures: TextureStore,
    gpu: HashMap<TextureId, ColorImage>,
    smooth: HashMap<TextureId, bool>,
    parts: Vec<Part>,
    repaint: bool,
}

impl Stage {
    fn new(limits: UploadLimits) -> Self {
        let mut view = CanvasView::default();
        let viewport = Rect::from_min_size(pos2(40.0, 30.0), vec2(960.0, 600.0));
        view.set_viewport(viewport, 0.0, 1.0);
        Self {
            ctx: Context::default(),
            view,
            picture: CanvasPicture::default(),
            textures: TextureStore::with_limits(limits),
            gpu: HashMap::new(),
            smooth: HashMap::new(),
            parts: Vec::new(),
            repaint: false,
        }
    }

    fn frame(&mut self) {
        let mut parts = Vec::new();
        let output = self.ctx.run_ui(RawInput::default(), |ui| {
            parts.clear();
            let (view, textures) = (&mut self.view, &mut self.textures);
            self.picture.prepare(ui.ctx(), view, textures, &mut parts);
        });
        for (id, deltas) in &output.textures_delta.set {
            for delta in deltas {
                let ImageData::Color(image) = &delta.image;
                let smooth = delta.options.magnification == TextureFilter::Linear;
                self.smooth.insert(*id, smooth);
                let Some([x, y]) = delta.pos else {
                    self.gpu.insert(*id, ColorImage::clone(image));
                    continue;
                };
                let whole = self.gpu.get_mut(id).expect("allocated before");
                for row in 0..image.height() {
                    let from = &image.pixels[row * image.width()..][..image.width()];
                    let start = (y + row) * whole.width() + x;
                    whole.pixels[start..start + image.width()].copy_from_slice(from);
                }
            }
        }
        for id in &output.textures_delta.free {
            self.gpu.remove(id);
        }
        let delay = output.viewport_output[&ViewportId::ROOT].repaint_delay;
        self.repaint = delay == Duration::ZERO;
        self.parts = parts;
        output.drop_without_applying_deltas();
    }

    fn settle(&mut self) {
        for _ in 0..100 {
            self.frame();
            if !self.repaint {
                return;
            }
        }
        panic!("still uploading after 100 frames");
    }

    /// The colour at a relative position, if anything is drawn there; nothing may be drawn twice.
    fn color(&self, at: [f64; 2]) -> Option<Color32> {
        let at = self.view.to_screen(at) + self.view.snap();
        let mut here = self.parts.iter().filter(|part| {
            let Rect { min, max } = part.rect;
            (min.x..max.x).contains(&at.x) && (min.y..max.y).contains(&at.y)
        });
        let part = here.next()?;
        assert!(here.next().is_none(), "drawn twice at {at:?}");
        let (texture, texels) = part.texture?;
        let image = self.gpu.get(&texture).expect("on the GPU");
        let share = (at - part.rect.min) / part.rect.size();
        let [x, y] = [0, 1].map(|axis| {
            let texel = texels.min[axis] + share[axis] * texels.size()[axis];
            let side = image.size[axis];
            ((texel * side as f32) as usize).min(side - 1)
        });
        Some(image.pixels[y * image.width() + x])
    }

    /// The tags from top to bottom at three columns of what is visible.
    fn tags(&self) -> Vec<Option<Tag>> {
        let visible = Area::visible(&self.view);
        let mut tags = Vec::new();
        for x in [0.02, 0.51, 0.98] {
            for y in 0..24 {
                let share = [x, (f64::from(y) + 0.5) / 24.0];
                let at = [0, 1].map(|axis: usize| {
                    let side = visible.max[axis] - visible.min[axis];
                    visible.min[axis] + share[axis] * side
                });
                tags.push(self.color(at).map(|color| color.r()));
            }
        }
        tags
    }

    fn only(&self, tag: Tag) -> bool {
        self.tags().iter().all(|seen| *seen == Some(tag))
    }

    fn begin(&mut self, serial: u64, origin: PieceOrigin, size: [u32; 2]) -> bool {
        self.picture.apply(CanvasEvent::Begin {
            serial,
            origin,
            size: PixelSize::new(size[0], size[1]).unwrap(),
            levels: levels(size),
        })
    }

    /// Rows of all levels; `rows` are those of level 0.
    fn rows(&mut self, serial: u64, size: [u32; 2], rows: std::ops::Range<u32>, tag: Tag) {
        for piece in bands(serial, size, rows, tag) {
            assert!(self.picture.apply(piece));
        }
    }

    fn end(&mut self, serial: u64, origin: PieceOrigin) -> bool {
        self.picture.apply(CanvasEvent::End { serial, origin })
    }

    fn whole(&mut self, serial: u64, origin: PieceOrigin, size: [u32; 2], tag: Tag) {
        assert!(self.begin(serial, origin, size));
        self.rows(serial, size, 0..size[1], tag);
        assert!(self.end(serial, origin));
    }
}

fn levels(size: [u32; 2]) -> u8 {
    let mut longer = size[0].max(size[1]);
    let mut levels = 1;
    while longer > TILE_PX {
        longer = longer.div_ceil(2);
        levels += 1;
    }
    levels
}

fn bands(
    serial: u64,
    [mut width, mut height]: [u32; 2],
    rows: std::ops::Range<u32>,
    tag: Tag,
) -> Vec<CanvasEvent> {
    let last = rows.end == height;
    let (mut first, mut end) = (rows.start, rows.end);
    let mut all = Vec::new();
    for level in 0..levels([width, height]) {
        let mut y = first;
        while y < end {
            let border = (y / TILE_PX + 1) * TILE_PX;
            let next = (y + 64).min(end).min(border);
            for x in (0..width).step_by(TILE_PX as usize) {
                let width = (width - x).min(TILE_PX);
                all.push(piece(serial, level, [x, y], [width, next - y], tag));
            }
            y = next;
        }
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
        (first, end) = (first / 2, if last { height } else { end / 2 });
    }
    all
}

fn piece(serial: u64, level: u8, at: [u32; 2], size: [u32; 2], tag: Tag) -> CanvasEvent {
    let pixel = u32::from_ne_bytes([tag, level, 0, 255]);
    CanvasEvent::Piece {
        serial,
        level,
        x: at[0],
        y: at[1],
        pixels: ThumbnailPixels {
            width: size[0],
            height: size[1],
            pixels: vec![pixel; (size[0] * size[1]) as usize],
        },
    }
}

/// So little a frame that every picture takes many.
const SLOW: UploadLimits = UploadLimits {
    frame_bytes: 1 << 20,
    total_bytes: 256 << 20,
};

#[test]
fn a_preview_is_on_screen_in_the_next_frame() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, PREVIEW, [1024, 640], 7);
    stage.frame();
    assert!(stage.only(7));
    let shown = stage.picture.shown().unwrap();
    assert!(shown.complete);
    assert_eq!(shown.origin, PREVIEW);
}

#[test]
fn the_next_preview_takes_the_place_of_the_last_at_once() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, PREVIEW, [1536, 1024], 1);
    stage.settle();
    let frame = stage.view.picture_rect();
    let size = [3840, 2560];
    assert!(stage.begin(1, PREVIEW, size));
    let mut frames = 0;
    for part in bands(1, size, 0..size[1], 2).chunks(20) {
        for piece in part {
            assert!(stage.picture.apply(piece.clone()));
        }
        stage.frame();
        assert!(stage.only(1), "frame {frames}");
        frames += 1;
    }
    stage.end(1, PREVIEW);
    while stage.repaint || frames == 0 {
        stage.frame();
        assert!(stage.only(1) || stage.only(2));
        assert_eq!(stage.view.picture_rect(), frame);
    }
    stage.frame();
    assert!(stage.only(2));
    assert!(frames > 3);
}

#[test]
fn rows_of_a_result_grow_over_the_last_preview() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, PREVIEW, [1024, 640], 1);
    stage.settle();
    let frame = stage.view.picture_rect();
    let size = [2048, 1280];
    assert!(stage.begin(1, ARRIVING, size));
    let mut before = 0;
    for start in (0..size[1]).step_by(64) {
        stage.rows(1, size, start..start + 64, 2);
        stage.frame();
        let tags = stage.tags();
        assert!(
            tags.iter().all(|tag| matches!(tag, Some(1 | 2))),
            "{tags:?}"
        );
        for column in tags.chunks(24) {
            assert!(column.is_sorted_by_key(|tag| std::cmp::Reverse(*tag)));
        }
        let new = tags.iter().filter(|tag| **tag == Some(2)).count();
        assert!(new >= before);
        before = new;
        assert_eq!(stage.view.picture_rect(), frame);
    }
    assert!(before > 0);
    stage.end(1, ARRIVING);
    stage.settle();
    assert!(stage.only(2));
    // The same picture as a finished result changes nothing on the way.
    stage.whole(1, RESULT, size, 3);
    while !stage.only(3) {
        assert!(stage.only(2));
        stage.frame();
    }
}

#[test]
fn a_result_that_is_cut_keeps_its_rows_and_the_preview_under_them() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, PREVIEW, [1024, 640], 1);
    assert!(stage.begin(1, ARRIVING, [1024, 640]));
    stage.rows(1, [1024, 640], 0..320, 2);
    let failure = Failure::new(FailureKind::Network, "cut");
    assert!(
        stage
            .picture
            .apply(CanvasEvent::Failed { serial: 1, failure })
    );
    stage.settle();
    assert_eq!(stage.color([0.5, 0.4]).unwrap().r(), 2);
    assert_eq!(stage.color([0.5, 0.6]).unwrap().r(), 1);
    assert!(stage.picture.failure().is_some());
    assert!(!stage.picture.shown().unwrap().complete);
}

#[test]
fn a_picture_that_fails_does_not_leave_another_one_in_its_place() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [1024, 640], 1);
    stage.settle();
    let failure = Failure::new(FailureKind::Protocol, "not a picture");
    let failed = CanvasEvent::Failed { serial: 2, failure };
    assert!(stage.picture.apply(failed));
    stage.settle();
    assert!(stage.parts.is_empty());
    assert!(stage.picture.shown().is_none() && stage.picture.failure().is_some());
}

#[test]
fn another_picture_never_mixes_with_the_one_before() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, RESULT, [1024, 640], 1);
    stage.settle();
    stage.picture.expect(2);
    stage.frame();
    assert!(stage.only(1));
    let size = [1024, 1024];
    assert!(stage.begin(2, ARRIVING, size));
    stage.frame();
    assert!(stage.only(1));
    stage.rows(2, size, 0..512, 2);
    stage.settle();
    assert!(stage.tags().iter().all(|tag| matches!(tag, Some(2) | None)));
    assert_eq!(stage.picture.shown().unwrap().size.height(), 1024);
    assert!((stage.view.picture_rect().height() - 600.0).abs() < 0.01);
}

#[test]
fn what_is_late_or_makes_no_sense_is_refused() {
    let mut stage = Stage::new(UploadLimits::default());
    let size = [2000, 1500];
    stage.picture.expect(5);
    assert!(!stage.begin(4, RESULT, size));
    assert!(!stage.picture.apply(piece(5, 0, [0, 0], [8, 8], 1)));
    assert!(stage.begin(5, RESULT, size));
    let cases = [
        ("a level too many", piece(5, 2, [0, 0], [8, 8], 1)),
        ("right of the picture", piece(5, 0, [2048, 0], [8, 8], 1)),
        ("below the picture", piece(5, 0, [0, 2048], [8, 8], 1)),
        ("over the right border", piece(5, 0, [1996, 0], [8, 8], 1)),
        ("over the lower border", piece(5, 0, [0, 1496], [8, 8], 1)),
        (
            "over the border of a tile",
            piece(5, 0, [1020, 0], [8, 8], 1),
        ),
        ("nothing", piece(5, 0, [0, 0], [0, 8], 1)),
        ("far away", piece(5, 0, [u32::MAX, u32::MAX], [8, 8], 1)),
        ("an older serial", piece(4, 0, [0, 0], [8, 8], 1)),
    ];
    for (what, piece) in cases {
        assert!(!stage.picture.apply(piece), "{what}");
    }
    let CanvasEvent::Piece { mut pixels, .. } = piece(5, 0, [0, 0], [8, 8], 1) else {
        unreachable!()
    };
    pixels.pixels.pop();
    assert!(!stage.picture.apply(CanvasEvent::Piece {
        serial: 5,
        level: 0,
        x: 0,
        y: 0,
        pixels,
    }));
    assert!(!stage.end(5, PREVIEW));
    assert!(stage.end(5, RESULT));
    assert!(!stage.picture.apply(piece(5, 0, [0, 0], [8, 8], 1)));
    assert!(!stage.begin(6, RESULT, [u32::MAX, u32::MAX]));
    assert_eq!(stage.picture.held_bytes(), 0);
    stage.settle();
}

#[test]
fn the_level_has_one_to_two_pixels_for_each_of_the_screen() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [4096, 2560], 1);
    // (device pixels per picture pixel, level, smooth)
    for (zoom, level, smooth) in [
        (0.1, 2, true),
        (0.234_375, 2, true),
        (0.25, 2, true),
        (0.3, 1, true),
        (0.5, 1, true),
        (0.6, 0, true),
        (1.0, 0, true),
        (1.9, 0, true),
        (2.0, 0, false),
        (8.0, 0, false),
        (1.5, 0, true),
    ] {
        let factor = zoom / stage.view.device_zoom();
        let middle = stage.view.viewport().center();
        stage.view.zoom_by(factor as f32, middle);
        stage.settle();
        let color = stage.color(stage.view.center()).unwrap();
        assert_eq!(color.g(), level, "at {zoom}");
        for part in &stage.parts {
            let texture = part.texture.unwrap().0;
            assert_eq!(stage.smooth[&texture], smooth, "at {zoom}");
        }
    }
}

#[test]
fn a_coarse_level_stands_in_while_the_fine_one_goes_up() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, RESULT, [4096, 2560], 1);
    stage.settle();
    stage.view.actual_size(pos2(200.0, 100.0));
    loop {
        stage.frame();
        assert!(stage.only(1));
        if !stage.repaint {
            break;
        }
    }
    assert_eq!(stage.color(stage.view.center()).unwrap().g(), 0);
    stage.view.pan_by(vec2(-900.0, -500.0));
    stage.frame();
    assert!(stage.only(1));
}

#[test]
fn a_picture_at_rest_costs_no_upload_and_no_repaint() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [3840, 2160], 1);
    stage.settle();
    let uploaded = stage.textures.stats().uploaded_bytes;
    for _ in 0..5 {
        stage.frame();
        assert!(!stage.repaint);
    }
    assert_eq!(stage.textures.stats().uploaded_bytes, uploaded);
}

#[test]
fn no_frame_uploads_more_than_its_budget() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [3840, 2160], 1);
    stage.view.set_picture(PixelSize::new(3840, 2160).unwrap());
    stage.view.actual_size(pos2(500.0, 300.0));
    stage.frame();
    while stage.repaint {
        assert!(stage.textures.stats().frame_bytes <= 16 << 20);
        stage.frame();
    }
}

#[test]
fn pictures_that_are_covered_leave_the_memory() {
    let mut stage = Stage::new(UploadLimits::default());
    for serial in 1..6 {
        stage.whole(serial, RESULT, [2048, 1280], 1);
        stage.settle();
    }
    let bytes = [2048 * 1280, 1024 * 640].iter().sum::<usize>() * 4;
    assert_eq!(stage.picture.held_bytes(), bytes);
    stage.frame();
    assert!(stage.textures.stats().held_bytes <= 2 * bytes);
    stage.picture.clear();
    stage.frame();
    assert_eq!(stage.textures.stats().held_bytes, 0);
    assert!(stage.parts.is_empty() && stage.picture.is_empty());
}

#[test]
fn a_hidden_window_does_not_pile_up_previews() {
    let mut stage = Stage::new(UploadLimits::default());
    for _ in 0..20 {
        stage.whole(1, PREVIEW, [1024, 640], 1);
    }
    assert!(stage.picture.held_bytes() <= 3 * 1024 * 640 * 4);
}

#[test]
fn textures_come_back_after_they_were_dropped() {
    let limits = UploadLimits {
        total_bytes: 4 << 20,
        ..UploadLimits::default()
    };
    let mut stage = Stage::new(limits);
    stage.whole(1, RESULT, [4096, 2560], 1);
    stage.settle();
    stage.view.actual_size(pos2(50.0, 50.0));
    for _ in 0..6 {
        stage.view.pan_by(vec2(-700.0, -400.0));
        stage.settle();
        assert!(stage.only(1));
    }
    stage.view.fit();
    stage.settle();
    assert!(stage.only(1));
}

#[test]
fn odd_sizes_meet_at_every_level() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [3001, 2003], 1);
    for zoom in [0.2, 0.33, 0.7, 1.0, 3.0] {
        let factor = zoom / stage.view.device_zoom();
        stage
            .view
            .zoom_by(factor as f32, stage.view.viewport().center());
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
