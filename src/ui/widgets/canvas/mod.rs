//! The live canvas: shows a [`CanvasPicture`] through a [`CanvasView`], and lets the user zoom and move it.
//!
//! The caller owns the three states (view, picture, textures) and draws over the canvas whatever it likes
//! afterwards, with [`CanvasView::to_screen`]. The widget knows neither the engine's commands nor the application.

mod picture;
mod view;

use egui::{
    Color32, CursorIcon, Event, Id, Key, Mesh, Modifiers, MouseWheelSource, MouseWheelUnit,
    Painter, PointerButton, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, TextureId, Ui,
    WidgetInfo, pos2, vec2,
};

pub use self::picture::{CanvasPicture, Shown, TILE_PX};
pub use self::view::{CanvasView, ZOOM_STEP, ZoomMode};

use self::picture::Part;
use super::super::textures::TextureStore;
use super::super::theme::tokens::{Palette, space};

/// Side of a square of the checkerboard in points.
const CHECKER_POINTS: f32 = 8.0;

/// How far an arrow key moves the picture, in points.
const KEY_PAN_POINTS: f32 = 64.0;

/// Points of the wheel for a factor of e, as egui has it for Ctrl and the wheel.
const WHEEL_POINTS: f32 = 200.0;

/// Colours and distances of a canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CanvasStyle {
    /// Around the picture.
    pub stage: Color32,
    /// Where pixels of a picture are still to come.
    pub pending: Color32,
    /// Lighter squares behind transparent pixels.
    pub checker_light: Color32,
    /// Darker squares behind transparent pixels.
    pub checker_dark: Color32,
    /// Around the canvas when it has the keyboard.
    pub focus: Stroke,
    /// Around the canvas while something is dragged over it that it takes.
    pub drop: Stroke,
    /// Kept free around a fitted picture, in points.
    pub margin: f32,
}

impl CanvasStyle {
    /// The style of the theme that `ui` is drawn in.
    #[must_use]
    pub fn of(ui: &Ui) -> Self {
        let palette = Palette::of(ui);
        Self {
            stage: palette.stage,
            pending: palette.field,
            checker_light: palette.checker_light,
            checker_dark: palette.checker_dark,
            focus: Stroke::new(1.0, palette.accent),
            drop: Stroke::new(2.0, palette.accent),
            margin: space::L,
        }
    }
}

/// A canvas that takes all the space there is.
#[derive(Debug)]
#[must_use = "call `show`"]
pub struct Canvas<'a> {
    name: &'a str,
    style: Option<CanvasStyle>,
    primary_pans: bool,
    takes_drop: bool,
}

/// What came of showing a canvas.
#[derive(Debug)]
pub struct CanvasResponse {
    /// The whole canvas; hang a context menu on it.
    pub response: Response,
    /// The picture on the screen in points; may be larger than the canvas. `None` when there is none.
    pub picture_rect: Option<Rect>,
    /// The pixel of the full-size picture under the pointer.
    pub pixel: Option<[u32; 2]>,
    /// The user zoomed or moved the picture.
    pub moved: bool,
}

impl<'a> Canvas<'a> {
    /// A canvas; `name` is what a screen reader calls it.
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            style: None,
            primary_pans: true,
            takes_drop: false,
        }
    }

    /// Draws with other colours than the theme's.
    pub const fn style(mut self, style: CanvasStyle) -> Self {
        self.style = Some(style);
        self
    }

    /// Whether the primary button moves the picture, as it does unless said otherwise. The middle button, and the
    /// primary one with the space bar, always do.
    pub const fn primary_pans(mut self, pans: bool) -> Self {
        self.primary_pans = pans;
        self
    }

    /// Shows that what is being dragged may be dropped here.
    pub const fn takes_drop(mut self, takes: bool) -> Self {
        self.takes_drop = takes;
        self
    }

    /// Shows the picture, and applies what the user does to the view.
    pub fn show(
        self,
        ui: &mut Ui,
        view: &mut CanvasView,
        picture: &mut CanvasPicture,
        textures: &mut TextureStore,
    ) -> CanvasResponse {
        let style = self.style.unwrap_or_else(|| CanvasStyle::of(ui));
        let size = ui.available_size();
        let response = ui.allocate_response(size, Sense::click_and_drag());
        view.set_viewport(response.rect, style.margin, ui.pixels_per_point());
        let moved = self.interact(ui, &response, view);

        let painter = ui.painter_at(response.rect);
        painter.rect_filled(response.rect, 0, style.stage);
        let mut parts = Vec::new();
        picture.prepare(ui.ctx(), view, textures, &mut parts);
        paint(
            &painter,
            &parts,
            view,
            textures.checkerboard(ui.ctx()),
            &style,
        );
        self.outline(ui, &painter, &response, &style);

        let picture_rect = picture.shown().map(|_| view.picture_rect());
        let pixel = picture
            .shown()
            .and(response.hover_pos())
            .and_then(|at| view.pixel_at(at));
        self.describe(ui, &response, view, picture);
        CanvasResponse {
            response,
            picture_rect,
            pixel,
            moved,
        }
    }

    /// Wheel, fingers, mouse and keys; `true` when the view changed.
    fn interact(&self, ui: &Ui, response: &Response, view: &mut CanvasView) -> bool {
        let before = (view.picture_rect(), view.mode());
        if response.clicked() {
            response.request_focus();
        }
        let space = response.contains_pointer() && ui.input(|input| input.key_down(Key::Space));
        let drags = response.dragged_by(PointerButton::Middle)
            || (response.dragged_by(PointerButton::Primary) && (self.primary_pans || space));
        // Of two fingers, the first is the pointer as well; what both do is in the wheel's part.
        let pans = drags && ui.input(|input| input.multi_touch().is_none());
        if pans {
            view.pan_by(response.drag_delta());
        }
        // Two quick dabs of a brush are no wish to zoom.
        if self.primary_pans
            && response.double_clicked()
            && let Some(at) = response.interact_pointer_pos()
        {
            view.toggle_actual_size(at);
        }
        if response.contains_pointer() {
            wheel(ui, response.id, view);
        }
        if response.has_focus() {
            keys(ui, response.id, view);
        }
        if pans {
            ui.set_cursor_icon(CursorIcon::Grabbing);
        } else if response.hovered() && view.can_pan() && (self.primary_pans || space) {
            ui.set_cursor_icon(CursorIcon::Grab);
        }
        before != (view.picture_rect(), view.mode())
    }

    fn outline(&self, ui: &Ui, painter: &Painter, response: &Response, style: &CanvasStyle) {
        let stroke = if self.takes_drop {
            style.drop
        } else if response.has_focus() && ui.is_enabled() {
            style.focus
        } else {
            return;
        };
        painter.rect_stroke(response.rect, 0, stroke, StrokeKind::Inside);
    }

    /// Tells a screen reader what there is to see: `3840 × 2160, 42 %`.
    fn describe(&self, ui: &Ui, response: &Response, view: &CanvasView, picture: &CanvasPicture) {
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), self.name));
        if let Some(shown) = picture.shown() {
            ui.ctx().accesskit_node_builder(response.id, |node| {
                let (width, height) = (shown.size.width(), shown.size.height());
                let percent = view.zoom_percent();
                node.set_description(format!("{width} × {height}, {percent} %"));
            });
        }
    }
}

/// The wheel zooms; two fingers on a trackpad move, pinching zooms.
fn wheel(ui: &Ui, id: Id, view: &mut CanvasView) {
    let (pointer, zoom, scroll, source, unit) = ui.input(|input| {
        let unit = input.events.iter().rev().find_map(|event| match event {
            Event::MouseWheel { unit, .. } => Some(*unit),
            _ => None,
        });
        (
            input.pointer.latest_pos(),
            input.zoom_delta(),
            input.translation_delta(),
            input.scroll_source(),
            unit,
        )
    });
    let Some(pointer) = pointer else { return };
    // egui spreads a notch over several frames; only the first of them has the event.
    let smooth = match unit {
        Some(unit) => {
            let smooth = unit == MouseWheelUnit::Point;
            ui.data_mut(|data| data.insert_temp(id, smooth));
            smooth
        }
        None => ui.data(|data| data.get_temp(id)).unwrap_or(false),
    };
    view.zoom_by(zoom, pointer);
    let fingers = match source {
        Some(MouseWheelSource::Wheel) => false,
        // Most platforms do not say, but only trackpads count in points.
        Some(MouseWheelSource::Unknown) => smooth,
        // Without a wheel it is a touch screen.
        Some(MouseWheelSource::Trackpad | MouseWheelSource::Momentum) | None => true,
    };
    if fingers {
        view.pan_by(scroll);
    } else {
        view.zoom_by((scroll.y / WHEEL_POINTS).exp(), pointer);
    }
}

/// Plus and minus zoom, 0 fits, 1 is the actual size, arrows move.
fn keys(ui: &Ui, id: Id, view: &mut CanvasView) {
    super::keep_arrow_keys(ui, id);
    let middle = view.viewport().center();
    let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::Plus) || pressed(Key::Equals) {
        view.zoom_by(ZOOM_STEP, middle);
    }
    if pressed(Key::Minus) {
        view.zoom_by(1.0 / ZOOM_STEP, middle);
    }
    if pressed(Key::Num0) {
        view.fit();
    }
    if pressed(Key::Num1) {
        view.actual_size(middle);
    }
    for (key, direction) in [
        (Key::ArrowLeft, vec2(1.0, 0.0)),
        (Key::ArrowRight, vec2(-1.0, 0.0)),
        (Key::ArrowUp, vec2(0.0, 1.0)),
        (Key::ArrowDown, vec2(0.0, -1.0)),
    ] {
        if pressed(key) {
            view.pan_by(direction * KEY_PAN_POINTS);
        }
    }
}

/// Draws the parts, with a checkerboard where there may be transparent pixels.
fn paint(
    painter: &Painter,
    parts: &[Part],
    view: &CanvasView,
    checker: TextureId,
    style: &CanvasStyle,
) {
    // The squares move along with the picture, but do not grow with it.
    let origin = view.picture_rect().min;
    let squares = |rect: Rect| {
        let at = |pos: egui::Pos2| {
            let points = (pos - origin) / (2.0 * CHECKER_POINTS);
            pos2(points.x, points.y)
        };
        Rect::from_min_max(at(rect.min), at(rect.max))
    };
    let mut checkers = Mesh::with_texture(checker);
    for part in parts {
        if part.texture.is_none() {
            painter.rect_filled(part.rect, 0, style.pending);
        } else {
            painter.rect_filled(part.rect, 0, style.checker_light);
            checkers.add_rect_with_uv(part.rect, squares(part.rect), style.checker_dark);
        }
    }
    painter.add(Shape::mesh(checkers));
    for part in parts {
        if let Some((texture, texels)) = part.texture {
            painter.image(texture, part.rect, texels, Color32::WHITE);
        }
    }
}
