//! The canvas and the grid as a person has them: found by role and name, driven by pointer and keys, drawn by a
//! software rasteriser where the look is what counts.
#![cfg(feature = "gui")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "test pictures: small numbers"
)]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests are not in functions marked as tests"
)]

use atelier::engine::{CanvasEvent, PieceOrigin, ThumbnailPixels, ThumbnailSize};
use atelier::model::{ImageId, PixelSize};
use atelier::ui::textures::{TextureStore, ThumbKey};
use atelier::ui::widgets::canvas::{Canvas, CanvasPicture, CanvasResponse, CanvasView, TILE_PX};
use atelier::ui::widgets::thumb_grid::{GridResponse, GridState, ThumbGrid};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// A frame in seconds: fast enough for double clicks, of which every event takes a frame.
const STEP: f32 = 1.0 / 30.0;

/// A colour in memory order, premultiplied.
type Rgba = [u8; 4];

/// What an engine would send for a picture: all levels in bands of at most 64 rows, cut at the borders of tiles.
fn pieces(
    serial: u64,
    size: PixelSize,
    rows: u32,
    color: impl Fn(f32, f32) -> Rgba,
) -> Vec<CanvasEvent> {
    let mut events = Vec::new();
    let (mut width, mut height) = (size.width(), size.height());
    let mut rows = rows;
    for level in 0..levels(size) {
        for y in (0..rows).step_by(64) {
            for x in (0..width).step_by(TILE_PX as usize) {
                let (w, h) = ((width - x).min(TILE_PX), (rows - y).min(64));
                let pixel =
                    |x: u32, y: u32| color(x as f32 / width as f32, y as f32 / height as f32);
                let pixels = (y..y + h)
                    .flat_map(|y| (x..x + w).map(move |x| (x, y)))
                    .map(|(x, y)| u32::from_ne_bytes(pixel(x, y)))
                    .collect();
                events.push(CanvasEvent::Piece {
                    serial,
                    level,
                    x,
                    y,
                    pixels: ThumbnailPixels {
                        width: w,
                        height: h,
                        pixels,
                    },
                });
            }
        }
        (width, height, rows) = (width.div_ceil(2), height.div_ceil(2), rows / 2);
    }
    events
}

fn levels(size: PixelSize) -> u8 {
    let mut levels = 1;
    let mut longer = size.longer();
    while longer > TILE_PX {
        longer = longer.div_ceil(2);
        levels += 1;
    }
    levels
}

struct Stage {
    view: CanvasView,
    picture: CanvasPicture,
    textures: TextureStore,
    takes_drop: bool,
    response: Option<CanvasResponse>,
}

impl Stage {
    fn begin(&mut self, serial: u64, origin: PieceOrigin, size: PixelSize) {
        assert!(self.picture.apply(CanvasEvent::Begin {
            serial,
            origin,
            size,
            levels: levels(size),
        }));
    }

    fn send(&mut self, events: Vec<CanvasEvent>) {
        for event in events {
            assert!(self.picture.apply(event));
        }
    }

    fn end(&mut self, serial: u64, origin: PieceOrigin) {
        assert!(self.picture.apply(CanvasEvent::End { serial, origin }));
    }

    fn whole(&mut self, serial: u64, size: PixelSize, color: impl Fn(f32, f32) -> Rgba) {
        self.begin(serial, PieceOrigin::Result, size);
        self.send(pieces(serial, size, size.height(), color));
        self.end(serial, PieceOrigin::Result);
    }
}

fn stage(size: Vec2, pixels_per_point: f32) -> Harness<'static, Stage> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(pixels_per_point)
        .with_step_dt(STEP)
        .build_ui_state(
            |ui, stage: &mut Stage| {
                let canvas = Canvas::new("Picture").takes_drop(stage.takes_drop);
                let response =
                    canvas.show(ui, &mut stage.view, &mut stage.picture, &mut stage.textures);
                stage.response = Some(response);
            },
            Stage {
                view: CanvasView::default(),
                picture: CanvasPicture::default(),
                textures: TextureStore::default(),
                takes_drop: false,
                response: None,
            },
        );
    harness.run();
    harness
}

fn size(width: u32, height: u32) -> PixelSize {
    PixelSize::new(width, height).unwrap()
}

fn sunset(x: f32, y: f32) -> Rgba {
    let disc = (x - 0.7).hypot((y - 0.4) * 0.56) < 0.12;
    if disc {
        return [255, 220, 120, 255];
    }
    let byte = |value: f32| (value * 255.0) as u8;
    [
        byte(0.3 + 0.6 * y),
        byte(0.2 + 0.3 * x),
        byte(0.6 - 0.4 * y),
        255,
    ]
}

fn drawn(harness: &mut Harness<'_, Stage>) -> image::RgbaImage {
    for _ in 0..40 {
        harness.step();
        if harness
            .state()
            .picture
            .shown()
            .is_some_and(|shown| shown.complete)
        {
            break;
        }
    }
    harness
        .render()
        .expect("a software rasteriser such as lavapipe")
}

fn percent(harness: &Harness<'_, Stage>) -> i64 {
    harness.state().view.zoom_percent()
}

fn wheel(unit: egui::MouseWheelUnit, x: f32, y: f32) -> egui::Event {
    egui::Event::MouseWheel {
        unit,
        delta: vec2(x, y),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    }
}

fn button(pos: Pos2, button: egui::PointerButton, pressed: bool) -> egui::Event {
    egui::Event::PointerButton {
        pos,
        button,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

fn drag(harness: &mut Harness<'_, Stage>, with: egui::PointerButton, from: Pos2, by: Vec2) {
    harness.hover_at(from);
    harness.event(button(from, with, true));
    harness.hover_at(from + by / 2.0);
    harness.hover_at(from + by);
    harness.run_steps(4);
    harness.event(button(from + by, with, false));
    harness.run_steps(2);
}

fn with_picture() -> Harness<'static, Stage> {
    let mut harness = stage(vec2(700.0, 500.0), 1.0);
    harness.state_mut().whole(1, size(1400, 900), sunset);
    harness.run_steps(3);
    harness
}

#[test]
fn a_screen_reader_hears_what_stands_on_the_canvas() {
    let mut harness = stage(vec2(700.0, 500.0), 1.0);
    assert!(
        harness
            .get_by_role_and_label(Role::Canvas, "Picture")
            .accesskit_node()
            .description()
            .is_none()
    );
    harness.state_mut().whole(1, size(1400, 900), sunset);
    harness.run_steps(3);
    let canvas = harness.get_by_role_and_label(Role::Canvas, "Picture");
    let percent = percent(&harness);
    assert_eq!(
        canvas.accesskit_node().description(),
        Some(format!("1400 × 900, {percent} %"))
    );
}

#[test]
fn the_wheel_zooms_around_the_pointer() {
    let mut harness = with_picture();
    let at = pos2(500.0, 180.0);
    harness.hover_at(at);
    harness.run_steps(2);
    let (before, pixel) = (
        percent(&harness),
        harness.state().view.pixel_at(at).unwrap(),
    );
    harness.event(wheel(egui::MouseWheelUnit::Line, 0.0, 3.0));
    harness.run_steps(40);
    assert!(percent(&harness) > before * 3 / 2);
    let after = harness.state().view.pixel_at(at).unwrap();
    for (before, after) in pixel.into_iter().zip(after) {
        assert!(before.abs_diff(after) <= 1, "{pixel:?} became {after}");
    }
    assert_eq!(
        harness.state().response.as_ref().unwrap().pixel,
        Some(after)
    );
}

#[test]
fn two_fingers_move_and_a_pinch_zooms() {
    let mut harness = with_picture();
    harness.state_mut().view.actual_size(pos2(350.0, 250.0));
    let at = pos2(400.0, 300.0);
    harness.hover_at(at);
    harness.run_steps(2);
    let before = harness.state().view.picture_rect();
    harness.event(wheel(egui::MouseWheelUnit::Point, 3.0, -5.0));
    harness.run_steps(4);
    let after = harness.state().view.picture_rect();
    assert_eq!(after.min - before.min, vec2(3.0, -5.0));
    assert_eq!(percent(&harness), 100);
    harness.event(egui::Event::Zoom(1.5));
    harness.run_steps(2);
    assert_eq!(percent(&harness), 150);
}

#[test]
fn the_mouse_moves_the_picture() {
    use egui::PointerButton::{Middle, Primary, Secondary};
    for (with, moves) in [(Primary, true), (Middle, true), (Secondary, false)] {
        let mut harness = with_picture();
        harness.state_mut().view.actual_size(pos2(350.0, 250.0));
        let before = harness.state().view.picture_rect();
        drag(&mut harness, with, pos2(300.0, 300.0), vec2(60.0, 40.0));
        let moved = harness.state().view.picture_rect().min - before.min;
        let expected = if moves { vec2(60.0, 40.0) } else { Vec2::ZERO };
        assert!((moved - expected).length() < 0.5, "{with:?}: {moved:?}");
    }
}

#[test]
fn a_double_click_goes_between_the_whole_and_actual_size() {
    let mut harness = with_picture();
    let fitted = percent(&harness);
    for expected in [100, fitted] {
        for _ in 0..2 {
            harness.event(button(
                pos2(300.0, 200.0),
                egui::PointerButton::Primary,
                true,
            ));
            harness.event(button(
                pos2(300.0, 200.0),
                egui::PointerButton::Primary,
                false,
            ));
        }
        harness.run_steps(4);
        assert_eq!(percent(&harness), expected);
        // Out of reach of a triple click.
        harness.run_steps(30);
    }
}

#[test]
fn everything_can_be_done_with_the_keyboard() {
    let mut harness = with_picture();
    let fitted = percent(&harness);
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert!(harness.get_by_role(Role::Canvas).is_focused());
    harness.key_press(Key::Num1);
    harness.run_steps(2);
    assert_eq!(percent(&harness), 100);
    harness.key_press(Key::Plus);
    harness.run_steps(2);
    assert_eq!(percent(&harness), 125);
    harness.key_press(Key::Minus);
    harness.run_steps(2);
    assert_eq!(percent(&harness), 100);
    let before = harness.state().view.picture_rect().min;
    harness.key_press(Key::ArrowRight);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(3);
    let moved = harness.state().view.picture_rect().min - before;
    assert_eq!(moved, vec2(-64.0, 64.0));
    assert!(harness.get_by_role(Role::Canvas).is_focused());
    harness.key_press(Key::Num0);
    harness.run_steps(2);
    assert_eq!(percent(&harness), fitted);
}

#[test]
fn actual_size_is_exact_to_the_pixel() {
    for pixels_per_point in [1.0, 1.25, 2.0] {
        let mut harness = stage(vec2(360.0, 300.0), pixels_per_point);
        let picture = size(1500, 1500);
        // Every pixel has its own colour.
        let color = |x: f32, y: f32| {
            let (x, y) = ((x * 1500.0).round() as u32, (y * 1500.0).round() as u32);
            [x as u8, y as u8, ((x >> 8) * 16 + (y >> 8)) as u8, 255]
        };
        harness.state_mut().begin(1, PieceOrigin::Result, picture);
        let all = pieces(1, picture, 1500, color);
        harness.state_mut().send(all);
        harness.state_mut().end(1, PieceOrigin::Result);
        harness.run_steps(4);
        // The meeting point of four tiles is in the middle.
        harness.state_mut().view.actual_size(pos2(180.0, 150.0));
        let middle = harness.state().view.center();
        let away = vec2(
            ((middle[0] * 1500.0 - 1024.0) as f32) / pixels_per_point,
            ((middle[1] * 1500.0 - 1024.0) as f32) / pixels_per_point,
        );
        harness.state_mut().view.pan_by(away + vec2(0.3, 0.4));
        let shot = drawn(&mut harness);
        let first = shot.get_pixel(100, 100).0;
        let origin = [
            u32::from(first[0]) + (u32::from(first[2]) / 16) * 256,
            u32::from(first[1]) + (u32::from(first[2]) % 16) * 256,
        ];
        for y in (40..shot.height() - 40).step_by(3) {
            for x in 40..shot.width() - 40 {
                let [px, py] = [origin[0] + x - 100, origin[1] + y - 100];
                let expected = [px as u8, py as u8, ((px >> 8) * 16 + (py >> 8)) as u8, 255];
                let got = shot.get_pixel(x, y).0;
                assert_eq!(got, expected, "{x},{y} at {pixels_per_point}");
            }
        }
    }
}

#[test]
fn no_line_shows_where_arriving_rows_meet_the_preview() {
    let mut harness = stage(vec2(500.0, 400.0), 1.0);
    let grey = |_: f32, _: f32| [120, 120, 120, 255];
    harness.state_mut().whole(1, size(1024, 768), grey);
    let large = size(3072, 2304);
    harness.state_mut().begin(1, PieceOrigin::Arriving, large);
    harness.state_mut().send(pieces(1, large, 1216, grey));
    harness.run_steps(12);
    let shot = harness
        .render()
        .expect("a software rasteriser such as lavapipe");
    let rect = harness.state().view.picture_rect().shrink(2.0);
    for y in rect.top() as u32..rect.bottom() as u32 {
        let got = shot.get_pixel(250, y).0;
        assert!(got[0].abs_diff(120) <= 1, "row {y}: {got:?}");
    }
}

#[test]
fn transparent_pixels_show_the_checkerboard_and_not_the_preview() {
    let mut harness = stage(vec2(500.0, 400.0), 1.0);
    let red = |_: f32, _: f32| [255, 0, 0, 255];
    harness.state_mut().whole(1, size(1000, 750), red);
    let large = size(1000, 750);
    harness.state_mut().begin(1, PieceOrigin::Arriving, large);
    harness
        .state_mut()
        .send(pieces(1, large, 384, |_, _| [0, 0, 0, 0]));
    harness.run_steps(6);
    let shot = harness
        .render()
        .expect("a software rasteriser such as lavapipe");
    let rect = harness.state().view.picture_rect();
    let colors: std::collections::BTreeSet<_> = (0..60)
        .map(|n| {
            shot.get_pixel(rect.left() as u32 + 20 + n, rect.top() as u32 + 20)
                .0
        })
        .collect();
    assert_eq!(colors.len(), 2, "{colors:?}");
    assert!(colors.iter().all(|[r, g, b, _]| r == g && g == b));
    let below = shot.get_pixel(250, rect.bottom() as u32 - 20).0;
    assert_eq!(below, [255, 0, 0, 255]);
}

#[test]
fn a_drop_is_announced_by_an_outline() {
    let mut harness = with_picture();
    let plain = harness
        .render()
        .expect("a software rasteriser such as lavapipe");
    harness.state_mut().takes_drop = true;
    harness.run_steps(2);
    let lit = harness
        .render()
        .expect("a software rasteriser such as lavapipe");
    let canvas = harness.get_by_role(Role::Canvas).rect();
    let at = (canvas.left() as u32, canvas.center().y as u32);
    assert_ne!(plain.get_pixel(at.0, at.1), lit.get_pixel(at.0, at.1));
}

struct Gallery {
    ids: Vec<ImageId>,
    state: GridState,
    textures: TextureStore,
    out: Option<GridResponse>,
    opened: Vec<ImageId>,
    deletes: usize,
    asked: Vec<(ImageId, ThumbnailSize)>,
}

fn id(n: u32) -> ImageId {
    ImageId::from_parts(1_780_000_000_000 + u64::from(n), n)
}

fn name(id: ImageId) -> String {
    format!("Picture {}", id.get() & 0xf_ffff)
}

fn gallery(count: u32, size: Vec2) -> Harness<'static, Gallery> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_step_dt(STEP)
        .build_ui_state(
            |ui, gallery: &mut Gallery| {
                let mut menu = |ui: &mut egui::Ui, id: ImageId| {
                    assert!(!ui.button(format!("Delete {}", name(id))).clicked());
                };
                let grid = ThumbGrid::new("Gallery", &gallery.ids, &name)
                    .missing_text("This file cannot be read")
                    .menu(&mut menu);
                let out = grid.show(ui, &mut gallery.state, &mut gallery.textures);
                gallery.opened.extend(out.opened);
                gallery.deletes += usize::from(out.delete);
                gallery.asked.extend(out.wanted.clone().unwrap_or_default());
                gallery.out = Some(out);
            },
            Gallery {
                ids: (0..count).rev().map(id).collect(),
                state: GridState::default(),
                textures: TextureStore::default(),
                out: None,
                opened: Vec::new(),
                deletes: 0,
                asked: Vec::new(),
            },
        );
    harness.run_steps(3);
    harness
}

fn cell<'a>(harness: &'a Harness<'_, Gallery>, n: u32) -> egui_kittest::Node<'a> {
    let wanted = name(id(n));
    harness.get_by(move |node| {
        node.role() == Role::ListBoxOption && node.label().as_ref() == Some(&wanted)
    })
}

fn selected(harness: &Harness<'_, Gallery>) -> Vec<u32> {
    let ids = harness.state().state.selection().iter();
    ids.map(|id| (id.get() & 0xf_ffff) as u32).collect()
}

#[test]
fn pictures_are_selected_by_clicks() {
    let mut harness = gallery(40, vec2(720.0, 600.0));
    cell(&harness, 39).click();
    harness.run_steps(2);
    assert_eq!(selected(&harness), [39]);
    cell(&harness, 36).click_modifiers(Modifiers::SHIFT);
    harness.run_steps(2);
    assert_eq!(selected(&harness), [36, 37, 38, 39]);
    cell(&harness, 30).click_modifiers(Modifiers::COMMAND);
    harness.run_steps(2);
    assert_eq!(selected(&harness), [30, 36, 37, 38, 39]);
    let node = cell(&harness, 30);
    assert_eq!(node.accesskit_node().is_selected(), Some(true));
    // A screen reader's click.
    cell(&harness, 33).click_accesskit();
    harness.run_steps(2);
    assert_eq!(selected(&harness), [33]);
}

#[test]
fn the_grid_is_walked_opened_and_emptied_with_the_keyboard() {
    let mut harness = gallery(100_000, vec2(720.0, 600.0));
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert!(
        harness
            .get_by_role_and_label(Role::ListBox, "Gallery")
            .is_focused()
    );
    harness.key_press(Key::End);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [0]);
    let grid = harness.get_by_role(Role::ListBox).rect();
    assert!(grid.contains_rect(cell(&harness, 0).rect()));
    assert_eq!(harness.state().out.as_ref().unwrap().visible.end, 100_000);
    harness.key_press(Key::ArrowLeft);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().opened, [id(1)]);
    harness.key_press(Key::Delete);
    harness.run_steps(2);
    assert_eq!(harness.state().deletes, 1);
    harness.key_press(Key::Home);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [99_999]);
    assert!(grid.contains_rect(cell(&harness, 99_999).rect()));
    // The grid has the keyboard, and says which of its pictures is meant.
    assert!(cell(&harness, 99_999).is_focused());
}

#[test]
fn a_double_click_opens() {
    let mut harness = gallery(5, vec2(720.0, 600.0));
    cell(&harness, 3).click();
    cell(&harness, 3).click();
    harness.run_steps(5);
    assert_eq!(harness.state().opened, [id(3)]);
}

#[test]
fn a_menu_opens_for_the_picture_under_the_pointer() {
    let mut harness = gallery(5, vec2(720.0, 600.0));
    cell(&harness, 2).click_secondary();
    harness.run_steps(3);
    assert_eq!(selected(&harness), [2]);
    harness.get_by_label("Delete Picture 2");
}

#[test]
fn thumbnails_are_asked_for_once_and_the_nearest_first() {
    let mut harness = gallery(100_000, vec2(720.0, 600.0));
    let visible = harness.state().out.as_ref().unwrap().visible.clone();
    assert!(visible.start == 0 && (8..40).contains(&visible.len()));
    let asked = std::mem::take(&mut harness.state_mut().asked);
    let expected: Vec<_> = (0..asked.len() as u32)
        .map(|n| (id(99_999 - n), ThumbnailSize::Small))
        .collect();
    assert_eq!(asked, expected);
    assert_eq!(asked.len(), 2 * visible.len());
    harness.run_steps(3);
    assert!(harness.state().asked.is_empty(), "nothing changed");
    // All but one of what is visible have come: further down only what is new is asked for.
    for (id, size) in &asked {
        let pixels = ThumbnailPixels {
            width: 2,
            height: 1,
            pixels: vec![0xff00_00ff; 2],
        };
        let key = ThumbKey::Image(*id, *size);
        harness.state_mut().textures.put(key, Some(pixels));
    }
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    harness.key_press(Key::PageDown);
    harness.key_press(Key::PageDown);
    harness.run_steps(4);
    let more = &harness.state().asked;
    assert!(!more.is_empty());
    assert!(more.iter().all(|wanted| !asked.contains(wanted)));
}

#[test]
fn a_picture_that_can_not_be_read_says_so() {
    let mut harness = gallery(3, vec2(720.0, 600.0));
    let key = ThumbKey::Image(id(1), ThumbnailSize::Small);
    harness.state_mut().textures.put(key, None);
    harness.run_steps(2);
    let broken = cell(&harness, 1).accesskit_node().description();
    assert_eq!(broken.as_deref(), Some("This file cannot be read"));
    assert!(cell(&harness, 2).accesskit_node().description().is_none());
}

#[test]
fn another_width_keeps_the_picture_on_top() {
    let mut harness = gallery(10_000, vec2(720.0, 600.0));
    harness.key_press(Key::Tab);
    for _ in 0..30 {
        harness.key_press(Key::PageDown);
    }
    harness.run_steps(34);
    let top = harness.state().out.as_ref().unwrap().visible.start;
    assert!(top > 100);
    for width in [1100.0, 500.0, 720.0] {
        harness.set_size(vec2(width, 600.0));
        harness.run_steps(3);
        let visible = harness.state().out.as_ref().unwrap().visible.clone();
        assert!(
            visible.start.abs_diff(top) < 12,
            "{visible:?} against {top}"
        );
    }
}
