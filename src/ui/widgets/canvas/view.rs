//! Which part of a picture the canvas shows, and where: pure geometry, no pixels and no input.
//!
//! Three spaces: *picture* (pixels of the full-size picture), *relative* (0 to 1 over the picture, the same for a
//! small preview and the large result) and *screen* (egui's points). The view is kept in relative coordinates, so
//! a picture of another size but the same shape stands in the same frame.
//!
//! Everything is `f64` inside: at 64 x a 10 000 px picture is 640 000 points wide, where `f32` steps are visible.

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions on a screen, computed in f64, are handed to egui in f32"
)]

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::model::PixelSize;

/// Sides that differ by less than this share have the same shape: sizes of previews are rounded.
const SAME_RATIO: f64 = 0.01;

/// Largest magnification, in device pixels per picture pixel, unless the whole picture is smaller than that.
const MAX_ZOOM: f64 = 64.0;

/// One press of `+`.
pub const ZOOM_STEP: f32 = 1.25;

/// What decides about the zoom when the viewport or the picture changes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ZoomMode {
    /// The whole picture, as large as it can be.
    #[default]
    Fit,
    /// The whole viewport is covered.
    Fill,
    /// One pixel of the picture on one pixel of the device.
    Actual,
    /// What the user chose by hand.
    Free,
}

/// Where a picture stands in a viewport.
#[derive(Clone, Debug)]
pub struct CanvasView {
    size: Option<PixelSize>,
    /// In points.
    viewport: Rect,
    /// Kept free around a fitted picture, in points.
    margin: f64,
    pixels_per_point: f64,
    mode: ZoomMode,
    /// Points per picture pixel.
    zoom: f64,
    /// The relative position that stands in the middle of the viewport; never outside of the picture.
    center: [f64; 2],
}

impl Default for CanvasView {
    fn default() -> Self {
        Self {
            size: None,
            viewport: Rect::ZERO,
            margin: 0.0,
            pixels_per_point: 1.0,
            mode: ZoomMode::Fit,
            zoom: 1.0,
            center: [0.5; 2],
        }
    }
}

impl CanvasView {
    /// Says where on the screen the canvas is; a fitted picture keeps fitting.
    ///
    /// `margin` is kept free around a fitted picture, in points.
    pub fn set_viewport(&mut self, viewport: Rect, margin: f32, pixels_per_point: f32) {
        if !(viewport.is_finite() && pixels_per_point.is_finite() && pixels_per_point > 0.0) {
            return;
        }
        self.viewport = viewport;
        self.margin = f64::from(margin.max(0.0));
        self.pixels_per_point = f64::from(pixels_per_point);
        self.settle();
    }

    /// Says which picture is shown, by its size in pixels.
    ///
    /// The frame stays where it is when the shape is the same; otherwise the picture is fitted.
    pub fn set_picture(&mut self, size: PixelSize) {
        match self.size.replace(size) {
            Some(old) if old == size => return,
            Some(old) if same_shape(old, size) => {
                self.zoom *= f64::from(old.width()) / f64::from(size.width());
                if self.mode == ZoomMode::Actual {
                    self.mode = ZoomMode::Free;
                }
            }
            _ => {
                self.center = [0.5; 2];
                if self.mode != ZoomMode::Fill {
                    self.mode = ZoomMode::Fit;
                }
            }
        }
        self.settle();
    }

    /// Shows the whole picture.
    pub fn fit(&mut self) {
        self.mode = ZoomMode::Fit;
        self.settle();
    }

    /// Covers the whole viewport; the picture's longer side is cut.
    pub fn fill(&mut self) {
        self.mode = ZoomMode::Fill;
        self.settle();
    }

    /// Shows one picture pixel on one device pixel, and keeps the picture under `anchor` where it is.
    pub fn actual_size(&mut self, anchor: Pos2) {
        self.zoom_by((self.actual_zoom() / self.zoom) as f32, anchor);
        self.mode = ZoomMode::Actual;
        self.settle();
    }

    /// Goes between the whole picture and its actual size; the picture under `anchor` stays where it is.
    pub fn toggle_actual_size(&mut self, anchor: Pos2) {
        if self.mode == ZoomMode::Fit {
            self.actual_size(anchor);
        } else {
            self.fit();
        }
    }

    /// Enlarges by `factor`; the picture's point under `anchor` (in points on the screen) stays where it is, as
    /// long as the middle of the viewport stays inside of the picture.
    pub fn zoom_by(&mut self, factor: f32, anchor: Pos2) {
        let Some(size) = self.size.map(sides) else {
            return;
        };
        if !(factor.is_finite() && factor > 0.0 && anchor.is_finite()) {
            return;
        }
        let before = self.zoom;
        let after = self.clamp_zoom(size, before * f64::from(factor));
        if (after - before).abs() <= f64::EPSILON * before {
            return;
        }
        let offset = anchor - self.viewport.center();
        for (center, (side, offset)) in self
            .center
            .iter_mut()
            .zip(size.into_iter().zip([offset.x, offset.y]))
        {
            // The relative position under the anchor, seen from the center, before and after.
            *center += f64::from(offset) / side * (1.0 / before - 1.0 / after);
        }
        self.zoom = after;
        self.mode = ZoomMode::Free;
        self.settle();
    }

    /// Moves the picture by so many points. A fitted picture that is moved is no longer fitted.
    pub fn pan_by(&mut self, points: Vec2) {
        let Some(size) = self.size.map(sides) else {
            return;
        };
        if !points.is_finite() || points == Vec2::ZERO {
            return;
        }
        for (center, (side, delta)) in self
            .center
            .iter_mut()
            .zip(size.into_iter().zip([points.x, points.y]))
        {
            *center -= f64::from(delta) / (side * self.zoom);
        }
        if matches!(self.mode, ZoomMode::Fit | ZoomMode::Fill) {
            self.mode = ZoomMode::Free;
        }
        self.settle();
    }

    /// What decides about the zoom.
    #[must_use]
    pub const fn mode(&self) -> ZoomMode {
        self.mode
    }

    /// Where the canvas is on the screen, in points.
    #[must_use]
    pub const fn viewport(&self) -> Rect {
        self.viewport
    }

    /// Device pixels per picture pixel; 1 is the actual size.
    #[must_use]
    pub fn device_zoom(&self) -> f64 {
        self.zoom * self.pixels_per_point
    }

    /// Device pixels per picture pixel in percent, rounded.
    #[must_use]
    pub fn zoom_percent(&self) -> i64 {
        (self.device_zoom() * 100.0).round() as i64
    }

    /// Physical pixels per point.
    #[must_use]
    pub const fn pixels_per_point(&self) -> f64 {
        self.pixels_per_point
    }

    /// The whole picture on the screen, in points; larger than the viewport when zoomed in.
    #[must_use]
    pub fn picture_rect(&self) -> Rect {
        Rect::from_min_max(self.to_screen([0.0, 0.0]), self.to_screen([1.0, 1.0]))
    }

    /// The screen position of a relative one.
    #[must_use]
    pub fn to_screen(&self, relative: [f64; 2]) -> Pos2 {
        let size = self.shown_points();
        let middle = self.viewport.center();
        pos2(
            (f64::from(middle.x) + (relative[0] - self.center[0]) * size[0]) as f32,
            (f64::from(middle.y) + (relative[1] - self.center[1]) * size[1]) as f32,
        )
    }

    /// The relative position of a screen one; outside of 0 to 1 when it is outside of the picture.
    #[must_use]
    pub fn to_relative(&self, screen: Pos2) -> [f64; 2] {
        let size = self.shown_points();
        let offset = screen - self.viewport.center();
        [
            self.center[0] + f64::from(offset.x) / size[0],
            self.center[1] + f64::from(offset.y) / size[1],
        ]
    }

    /// The picture pixel at a screen position, if it is inside of the picture.
    #[must_use]
    #[expect(clippy::cast_sign_loss, reason = "only positions inside are converted")]
    pub fn pixel_at(&self, screen: Pos2) -> Option<[u32; 2]> {
        let size = self.size.map(sides)?;
        let [x, y] = self.to_relative(screen);
        let inside = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
        inside.then(|| [(x * size[0]) as u32, (y * size[1]) as u32])
    }

    /// The relative position in the middle of the viewport.
    #[must_use]
    pub const fn center(&self) -> [f64; 2] {
        self.center
    }

    /// Whether a part of the picture is outside of the viewport, so that moving it makes sense.
    #[must_use]
    pub fn can_pan(&self) -> bool {
        let shown = self.picture_rect();
        self.size.is_some()
            && (shown.width() > self.viewport.width() + 0.5
                || shown.height() > self.viewport.height() + 0.5)
    }

    /// Width x height of the whole picture in points.
    pub(super) fn shown_points(&self) -> [f64; 2] {
        let size = self.size.map_or([1.0; 2], sides);
        [size[0] * self.zoom, size[1] * self.zoom]
    }

    /// How far the picture must move, in points, so that its corner meets the grid of device pixels: at actual size
    /// every picture pixel then fills exactly one of the device.
    pub(super) fn snap(&self) -> Vec2 {
        let corner = self.to_screen([0.0, 0.0]);
        let to_grid = |points: f32| {
            let px = f64::from(points) * self.pixels_per_point;
            ((px.round() - px) / self.pixels_per_point) as f32
        };
        vec2(to_grid(corner.x), to_grid(corner.y))
    }

    fn settle(&mut self) {
        let Some(size) = self.size.map(sides) else {
            return;
        };
        self.zoom = match self.mode {
            ZoomMode::Fit => self.fit_zoom(size),
            ZoomMode::Fill => self.fill_zoom(size),
            ZoomMode::Actual => self.actual_zoom(),
            ZoomMode::Free => self.clamp_zoom(size, self.zoom),
        };
        if self.mode == ZoomMode::Fit {
            self.center = [0.5; 2];
        }
        // The middle of the viewport always shows a point of the picture: it can't be lost.
        self.center = self.center.map(|at| at.clamp(0.0, 1.0));
    }

    fn room(&self) -> [f64; 2] {
        [self.viewport.width(), self.viewport.height()]
            .map(|side| (f64::from(side) - 2.0 * self.margin).max(1.0))
    }

    fn fit_zoom(&self, size: [f64; 2]) -> f64 {
        let room = self.room();
        (room[0] / size[0]).min(room[1] / size[1])
    }

    fn fill_zoom(&self, size: [f64; 2]) -> f64 {
        let width = f64::from(self.viewport.width()).max(1.0);
        let height = f64::from(self.viewport.height()).max(1.0);
        (width / size[0]).max(height / size[1])
    }

    fn actual_zoom(&self) -> f64 {
        1.0 / self.pixels_per_point
    }

    /// From half of the fitted or the actual size, whichever is smaller, to [`MAX_ZOOM`] or the whole viewport.
    fn clamp_zoom(&self, size: [f64; 2], zoom: f64) -> f64 {
        let actual = self.actual_zoom();
        let least = self.fit_zoom(size).min(actual) / 2.0;
        let most = (MAX_ZOOM * actual).max(self.fill_zoom(size));
        zoom.clamp(least, most)
    }
}

/// Whether two sizes have the same ratio of sides, to within [`SAME_RATIO`].
pub(super) fn same_shape(a: PixelSize, b: PixelSize) -> bool {
    let (a, b) = (a.ratio(), b.ratio());
    (a - b).abs() <= SAME_RATIO * a.min(b)
}

/// Width and height in pixels.
pub(super) fn sides(size: PixelSize) -> [f64; 2] {
    [f64::from(size.width()), f64::from(size.height())]
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sides that divide without a rest")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn view(width: u32, height: u32, viewport: [f32; 2], pixels_per_point: f32) -> CanvasView {
        let mut view = CanvasView::default();
        let rect = Rect::from_min_size(pos2(300.0, 50.0), Vec2::from(viewport));
        view.set_viewport(rect, 0.0, pixels_per_point);
        view.set_picture(PixelSize::new(width, height).unwrap());
        view
    }

    fn close(a: Pos2, b: Pos2) -> bool {
        (a - b).length() < 0.05
    }

    #[test]
    fn a_new_picture_is_fitted_in_the_middle() {
        let view = view(3840, 2160, [960.0, 800.0], 1.0);
        let rect = view.picture_rect();
        assert_eq!(rect.size(), vec2(960.0, 540.0));
        assert_eq!(rect.center(), view.viewport().center());
        assert_eq!(view.zoom_percent(), 25);
    }

    #[test]
    fn actual_size_means_device_pixels() {
        for pixels_per_point in [1.0, 1.25, 2.0] {
            let mut view = view(1000, 500, [300.0, 300.0], pixels_per_point);
            view.actual_size(view.viewport().center());
            let width_px = view.picture_rect().width() * pixels_per_point;
            assert!((width_px - 1000.0).abs() < 0.01, "{width_px}");
            assert_eq!(view.zoom_percent(), 100);
        }
    }

    #[test]
    fn a_larger_picture_of_the_same_shape_takes_the_same_frame() {
        let mut view = view(1024, 576, [640.0, 480.0], 1.5);
        view.zoom_by(3.0, pos2(350.0, 100.0));
        let frame = view.picture_rect();
        view.set_picture(PixelSize::new(3840, 2160).unwrap());
        let same = view.picture_rect();
        assert!(close(frame.min, same.min) && close(frame.max, same.max));
    }

    #[test]
    fn actual_size_of_a_preview_does_not_make_its_result_jump() {
        let mut view = view(1024, 1024, [640.0, 480.0], 1.0);
        view.actual_size(view.viewport().center());
        let frame = view.picture_rect();
        view.set_picture(PixelSize::new(2048, 2048).unwrap());
        assert_eq!(view.picture_rect(), frame);
        assert_eq!(view.mode(), ZoomMode::Free);
    }

    #[test]
    fn another_shape_is_fitted_again() {
        let mut view = view(1024, 1024, [640.0, 480.0], 1.0);
        view.zoom_by(5.0, pos2(310.0, 60.0));
        view.set_picture(PixelSize::new(1536, 1024).unwrap());
        assert_eq!(view.mode(), ZoomMode::Fit);
        assert_eq!(view.picture_rect().width(), 640.0);
    }

    #[test]
    fn fill_covers_the_viewport() {
        let mut view = view(1024, 1024, [640.0, 480.0], 1.0);
        view.fill();
        assert!(view.picture_rect().contains_rect(view.viewport()));
        assert_eq!(view.picture_rect().width(), 640.0);
    }

    #[test]
    fn the_margin_stays_free_around_a_fitted_picture() {
        let mut view = view(1000, 1000, [600.0, 480.0], 1.0);
        view.set_viewport(view.viewport(), 20.0, 1.0);
        assert_eq!(view.picture_rect().height(), 440.0);
    }

    #[test]
    fn nonsense_is_ignored() {
        let mut view = view(1000, 1000, [600.0, 480.0], 1.0);
        let before = view.picture_rect();
        view.zoom_by(f32::NAN, pos2(0.0, 0.0));
        view.zoom_by(0.0, pos2(0.0, 0.0));
        view.zoom_by(2.0, pos2(f32::NAN, 0.0));
        view.pan_by(vec2(f32::INFINITY, 0.0));
        view.set_viewport(Rect::NOTHING, 0.0, 1.0);
        view.set_viewport(before, 0.0, 0.0);
        assert_eq!(view.picture_rect(), before);
        CanvasView::default().zoom_by(2.0, pos2(0.0, 0.0));
    }

    #[test]
    fn an_empty_viewport_does_no_harm() {
        let view = view(4000, 10, [0.0, 0.0], 1.0);
        assert!(view.picture_rect().is_finite());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Zoom(f32, f32, f32),
        Pan(f32, f32),
        Fit,
        Fill,
        Actual,
        Viewport(f32, f32),
        Picture(u32, u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0.01_f32..100.0, 0.0_f32..1.0, 0.0_f32..1.0).prop_map(|(f, x, y)| Step::Zoom(f, x, y)),
            (-5000.0_f32..5000.0, -5000.0_f32..5000.0).prop_map(|(x, y)| Step::Pan(x, y)),
            Just(Step::Fit),
            Just(Step::Fill),
            Just(Step::Actual),
            (1.0_f32..3000.0, 1.0_f32..2000.0).prop_map(|(w, h)| Step::Viewport(w, h)),
            (1_u32..9000, 1_u32..9000).prop_map(|(w, h)| Step::Picture(w, h)),
        ]
    }

    fn act(view: &mut CanvasView, step: &Step) {
        let port = view.viewport();
        match *step {
            Step::Zoom(factor, x, y) => view.zoom_by(factor, port.lerp_inside(vec2(x, y))),
            Step::Pan(x, y) => view.pan_by(vec2(x, y)),
            Step::Fit => view.fit(),
            Step::Fill => view.fill(),
            Step::Actual => view.actual_size(port.center()),
            Step::Viewport(w, h) => {
                view.set_viewport(Rect::from_min_size(port.min, vec2(w, h)), 8.0, 1.0);
            }
            Step::Picture(w, h) => view.set_picture(PixelSize::new(w, h).unwrap()),
        }
    }

    proptest! {
        #[test]
        fn the_picture_can_not_be_lost(steps in prop::collection::vec(step(), 1..40)) {
            let mut view = view(2048, 1152, [800.0, 600.0], 1.0);
            for step in &steps {
                act(&mut view, step);
                let rect = view.picture_rect();
                prop_assert!(rect.is_finite());
                // A point of tolerance: the rectangle is rounded to f32.
                prop_assert!(rect.expand(1.0).contains(view.viewport().center()), "{rect:?} after {step:?}");
                prop_assert!(rect.width() > 0.0 && rect.height() > 0.0);
            }
        }

        #[test]
        fn the_point_under_the_cursor_stays(
            (width, height) in (16_u32..9000, 16_u32..9000),
            (x, y) in (0.0_f32..1.0, 0.0_f32..1.0),
            first in 1.0_f32..20.0,
            factor in 0.2_f32..8.0,
            pixels_per_point in 0.75_f32..3.0,
        ) {
            let mut view = view(width, height, [900.0, 700.0], pixels_per_point);
            view.zoom_by(first, view.viewport().center());
            let cursor = view.viewport().lerp_inside(vec2(x, y));
            let before = view.to_relative(cursor);
            view.zoom_by(factor, cursor);
            // Only the clamp of the middle may move the picture.
            let held = view.center().iter().all(|at| *at > 0.0 && *at < 1.0);
            if held {
                prop_assert!(close(view.to_screen(before), cursor));
            }
        }

        #[test]
        fn zooming_in_never_moves_what_is_under_the_cursor(
            (x, y) in (0.0_f32..1.0, 0.0_f32..1.0),
            factor in 1.0_f32..30.0,
        ) {
            let mut view = view(3000, 2000, [900.0, 700.0], 1.0);
            let cursor = view.picture_rect().lerp_inside(vec2(x, y));
            let before = view.to_relative(cursor);
            view.zoom_by(factor, cursor);
            prop_assert!(close(view.to_screen(before), cursor));
        }

        #[test]
        fn screen_and_relative_are_inverse(
            steps in prop::collection::vec(step(), 0..10),
            (x, y) in (0.0_f32..1.0, 0.0_f32..1.0),
        ) {
            let mut view = view(2048, 1152, [800.0, 600.0], 1.0);
            for step in &steps {
                act(&mut view, step);
            }
            let at = view.viewport().lerp_inside(vec2(x, y));
            prop_assert!(close(view.to_screen(view.to_relative(at)), at));
        }

        #[test]
        fn fitting_survives_every_viewport(
            (width, height) in (1.0_f32..4000.0, 1.0_f32..3000.0),
            (w, h) in (1_u32..9000, 1_u32..9000),
        ) {
            let mut view = view(w, h, [800.0, 600.0], 1.0);
            let port = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
            view.set_viewport(port, 0.0, 1.0);
            let rect = view.picture_rect();
            prop_assert!(port.expand(0.5).contains_rect(rect));
            let tight = (rect.width() - width).abs() < 0.5 || (rect.height() - height).abs() < 0.5;
            prop_assert!(tight, "{rect:?} in {port:?}");
        }

        #[test]
        fn device_pixels_meet_at_actual_size(
            pixels_per_point in 0.75_f32..3.0,
            (dx, dy) in (-300.0_f32..300.0, -300.0_f32..300.0),
        ) {
            let mut view = view(3000, 2000, [900.0, 700.0], pixels_per_point);
            view.actual_size(view.viewport().center());
            view.pan_by(vec2(dx, dy));
            let corner = view.picture_rect().min + view.snap();
            for at in [corner.x, corner.y] {
                let px = at * pixels_per_point;
                prop_assert!((px - px.round()).abs() < 0.01);
            }
        }
    }
}
