//! The editor on the canvas: strokes and shapes by pointer or keyboard, over the mask in colour (`overlay.rs`).
//!
//! What a frame does is bounded: [`PIXELS_A_FRAME`] of a stroke are painted, the rest in the next frames, and only tiles
//! that changed are drawn and uploaded, within the budget of the texture store.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "positions on the screen and in a picture, whose sides are below 2^16"
)]

use egui::{
    CursorIcon, Event, Id, Key as K, Modifiers, Painter, PointerButton, Pos2, Rect, Response,
    Shape, Stroke, StrokeKind, Ui, ViewportId, vec2,
};

use crate::media::{MaskChange, MaskMode};
use crate::ui::intent::{Intent, MaskIntent};
use crate::ui::panels::View;
use crate::ui::panels::stage::StageCanvas;
use crate::ui::state::{Drawing, MaskEdit, MaskTool};
use crate::ui::text::Key;
use crate::ui::theme::tokens::{OVER_PICTURE, space};
use crate::ui::widgets::canvas::{Canvas, CanvasView};

use super::overlay::overlay;

/// Pixels that a stroke may look at in a frame: a few milliseconds.
const PIXELS_A_FRAME: u64 = 2_000_000;

/// How far an arrow key moves the keyboard's cursor, in points.
const KEY_STEP: f32 = 8.0;

/// Least distance of two points of a lasso, in points.
const LASSO_STEP: f32 = 2.0;

/// Shows the picture and the mask over it, and takes what is drawn.
pub(in crate::ui::panels) fn show(
    ui: &mut Ui,
    view: &mut View<'_>,
    canvas: &mut StageCanvas,
    edit: &mut MaskEdit,
) {
    let key = Id::unique("mask canvas");
    let id: Option<Id> = ui.data(|data| data.get_temp(key));
    let has_focus = id.is_some_and(|id| ui.memory(|memory| memory.has_focus(id)));
    if !ui.ctx().text_edit_focused() {
        tool_keys(ui, view, edit);
    }
    if has_focus {
        cursor_keys(ui, view, edit, &mut canvas.view);
    }
    let space_down = ui.input(|input| input.key_down(K::Space));
    let shown = Canvas::new(view.t(Key::MaskCanvas))
        .primary_pans(false)
        .show(ui, &mut canvas.view, &mut canvas.picture, view.textures);
    ui.data_mut(|data| data.insert_temp(key, shown.response.id));
    if edit.take_focus() {
        // The keys of the tools would go into the prompt.
        shown.response.request_focus();
    }
    let at = Place::new(&canvas.view, edit);
    if !space_down {
        pointer(ui, view, edit, &at, &shown.response);
    }
    if edit.paint(PIXELS_A_FRAME) || edit.document().has_more() {
        ui.ctx().request_repaint_of(ViewportId::ROOT);
    }
    let painter = ui.painter_at(shown.response.rect);
    if shown.picture_rect.is_some() {
        overlay(ui, &painter, view.textures, edit, &canvas.view, &at);
        drawing_ui(&painter, edit, &at);
        cursor_ui(
            ui,
            &painter,
            edit,
            &at,
            &shown.response,
            has_focus,
            space_down,
        );
    }
    describe(ui, view, edit, &shown.response);
}

/// From the screen to pixels of the picture and back.
pub(super) struct Place {
    rect: Rect,
    /// Width and height in pixels.
    size: [f32; 2],
    view: CanvasView,
}

impl Place {
    fn new(view: &CanvasView, edit: &MaskEdit) -> Self {
        let size = edit.reference().size;
        Self {
            rect: view.picture_rect(),
            size: [size.width() as f32, size.height() as f32],
            view: view.clone(),
        }
    }

    pub(super) fn to_px(&self, pos: Pos2) -> [f32; 2] {
        let [x, y] = self.view.to_relative(pos);
        [
            (x * f64::from(self.size[0])) as f32,
            (y * f64::from(self.size[1])) as f32,
        ]
    }

    pub(super) fn to_screen(&self, [x, y]: [f32; 2]) -> Pos2 {
        let share = |at: f32, of: f32| f64::from(at) / f64::from(of.max(1.0));
        self.view
            .to_screen([share(x, self.size[0]), share(y, self.size[1])])
    }

    /// Points for each pixel of the picture.
    fn zoom(&self) -> f32 {
        self.rect.width() / self.size[0].max(1.0)
    }

    /// The point inside of the picture that is nearest.
    fn within(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [x.clamp(0.0, self.size[0]), y.clamp(0.0, self.size[1])]
    }
}

/// Keys of the tools, wherever the keyboard is but in a text.
fn tool_keys(ui: &Ui, view: &mut View<'_>, edit: &mut MaskEdit) {
    let pressed = |key: K| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    for tool in MaskTool::ALL {
        let (_, _, key) = super::looks(tool);
        if pressed(key) {
            edit.take_tool(tool);
        }
    }
    if pressed(K::OpenBracket) {
        edit.tools.resize(false);
    }
    if pressed(K::CloseBracket) {
        edit.tools.resize(true);
    }
    for (key, change) in [
        (K::I, MaskChange::Invert),
        (K::A, MaskChange::FillAll(MaskMode::Add)),
        (K::Delete, MaskChange::FillAll(MaskMode::Subtract)),
    ] {
        if pressed(key) {
            view.push(Intent::Mask(MaskIntent::Change(change)));
        }
    }
}

/// Arrows move the cursor, with Shift by single pixels; Enter puts the pen down and lifts it, or sets the points of a
/// shape. The picture follows the cursor.
fn cursor_keys(ui: &Ui, view: &mut View<'_>, edit: &mut MaskEdit, canvas: &mut CanvasView) {
    let at = Place::new(canvas, edit);
    let step = (KEY_STEP / at.zoom().max(1e-6)).max(1.0).round();
    let mut moved = false;
    for (key, direction) in [
        (K::ArrowLeft, [-1.0, 0.0]),
        (K::ArrowRight, [1.0, 0.0]),
        (K::ArrowUp, [0.0, -1.0]),
        (K::ArrowDown, [0.0, 1.0]),
    ] {
        // Shift first: a key with it also counts as one without.
        for (modifiers, by) in [(Modifiers::SHIFT, 1.0), (Modifiers::NONE, step)] {
            let times = ui.input_mut(|input| input.count_and_consume_key(modifiers, key));
            if times > 0 {
                let by = by * times as f32;
                let [x, y] = edit.cursor;
                edit.cursor = at.within([x + direction[0] * by, y + direction[1] * by]);
                moved = true;
            }
        }
    }
    if moved {
        edit.cursor_shown = true;
        cursor_moved(edit);
        let pos = at.to_screen(edit.cursor);
        let inner = canvas.viewport().shrink(space::XL);
        let nearest = inner.clamp(pos);
        if nearest != pos {
            canvas.pan_by(nearest - pos);
        }
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, K::Enter)) {
        edit.cursor_shown = true;
        press_key(view, edit);
    }
}

fn cursor_moved(edit: &mut MaskEdit) {
    let cursor = edit.cursor;
    if edit.pen_down {
        edit.stroke_to(cursor);
    }
    if let Some(Drawing::Corners(_, corner)) = &mut edit.drawing {
        *corner = cursor;
    }
}

fn press_key(view: &mut View<'_>, edit: &mut MaskEdit) {
    let cursor = edit.cursor;
    match edit.tools.tool {
        MaskTool::Brush | MaskTool::Eraser => {
            if edit.pen_down {
                edit.pen_down = false;
                edit.end_stroke();
            } else {
                edit.pen_down = edit.begin_stroke(cursor);
            }
        }
        MaskTool::Rectangle | MaskTool::Ellipse => {
            if edit.drawing.is_none() {
                edit.drawing = Some(Drawing::Corners(cursor, cursor));
            } else {
                finish_shape(view, edit);
            }
        }
        MaskTool::Lasso => match &mut edit.drawing {
            Some(Drawing::Line(points)) if points.last() == Some(&cursor) => {
                finish_shape(view, edit);
            }
            Some(Drawing::Line(points)) => points.push(cursor),
            _ => edit.drawing = Some(Drawing::Line(vec![cursor])),
        },
        MaskTool::Fill => fill(view, edit, cursor),
    }
}

fn finish_shape(view: &mut View<'_>, edit: &mut MaskEdit) {
    if edit.is_busy() {
        return;
    }
    if let Some(change) = edit.take_shape() {
        view.push(Intent::Mask(MaskIntent::Change(change)));
    }
}

fn fill(view: &mut View<'_>, edit: &MaskEdit, [x, y]: [f32; 2]) {
    let size = edit.reference().size;
    let is_inside = x >= 0.0 && y >= 0.0;
    let pixel = [x as u32, y as u32];
    if is_inside && pixel[0] < size.width() && pixel[1] < size.height() {
        let change = MaskChange::FillRegion(pixel, edit.tools.mode);
        view.push(Intent::Mask(MaskIntent::Change(change)));
    }
}

/// The primary button draws: its events count in their order, so that a move before the press or after the release is
/// no part of the line, and a press and a release within one frame are a point.
fn pointer(ui: &Ui, view: &mut View<'_>, edit: &mut MaskEdit, at: &Place, response: &Response) {
    let (events, is_down, is_touched, shift) = ui.input(|input| {
        let is_ours = |event: &&Event| {
            matches!(
                event,
                Event::PointerMoved(_)
                    | Event::PointerButton {
                        button: PointerButton::Primary,
                        ..
                    }
            )
        };
        let events: Vec<Event> = input.events.iter().filter(is_ours).cloned().collect();
        let is_touched = input.multi_touch().is_some();
        let is_down = input.pointer.primary_down() && !is_touched;
        (events, is_down, is_touched, input.modifiers.shift)
    });
    let is_pressed = response.is_pointer_button_down_on()
        || response.clicked()
        || response.drag_stopped_by(PointerButton::Primary);
    for event in events {
        match event {
            Event::PointerButton {
                pos, pressed: true, ..
            } if is_pressed
                && !is_touched
                && !edit.dragging
                && response.interact_rect.contains(pos) =>
            {
                edit.dragging = begin(view, edit, at.to_px(pos));
                edit.cursor_shown = false;
                response.request_focus();
            }
            Event::PointerMoved(pos) if edit.dragging => draw_to(edit, at, pos, shift),
            Event::PointerButton {
                pos,
                pressed: false,
                ..
            } if edit.dragging => {
                draw_to(edit, at, pos, shift);
                lift(view, edit);
            }
            _ => {}
        }
    }
    // The release was somebody else's, such as that of a second finger.
    if edit.dragging && !is_down {
        lift(view, edit);
    }
}

/// What is being drawn goes on to this point of the screen.
fn draw_to(edit: &mut MaskEdit, at: &Place, pos: Pos2, shift: bool) {
    let px = at.to_px(pos);
    match (&mut edit.drawing, edit.tools.tool) {
        (Some(Drawing::Corners(first, corner)), _) => {
            *corner = if shift { square(*first, px) } else { px };
        }
        (Some(Drawing::Line(line)), _) => {
            let near = line
                .last()
                .is_some_and(|last| at.to_screen(*last).distance(pos) < LASSO_STEP);
            if !near {
                line.push(px);
            }
        }
        (None, MaskTool::Brush | MaskTool::Eraser) => edit.stroke_to(px),
        (None, _) => {}
    }
    edit.cursor = at.within(px);
}

/// What was being drawn is done.
fn lift(view: &mut View<'_>, edit: &mut MaskEdit) {
    edit.dragging = false;
    if edit.tools.tool.is_brush() {
        edit.end_stroke();
    } else {
        finish_shape(view, edit);
    }
}

/// `false`: nothing could begin.
fn begin(view: &mut View<'_>, edit: &mut MaskEdit, px: [f32; 2]) -> bool {
    match edit.tools.tool {
        MaskTool::Brush | MaskTool::Eraser => {
            edit.pen_down = false;
            return edit.begin_stroke(px);
        }
        MaskTool::Rectangle | MaskTool::Ellipse => {
            edit.drawing = Some(Drawing::Corners(px, px));
        }
        MaskTool::Lasso => edit.drawing = Some(Drawing::Line(vec![px])),
        MaskTool::Fill => fill(view, edit, px),
    }
    true
}

/// The corner that makes a square with `first`.
fn square(first: [f32; 2], [x, y]: [f32; 2]) -> [f32; 2] {
    let (dx, dy) = (x - first[0], y - first[1]);
    let side = dx.abs().max(dy.abs());
    [first[0] + side * dx.signum(), first[1] + side * dy.signum()]
}

/// A line that is seen on any picture.
fn contrast_line(painter: &Painter, points: &[Pos2]) {
    let [dark, light] = OVER_PICTURE;
    painter.add(Shape::line(points.to_vec(), Stroke::new(3.0, dark)));
    painter.add(Shape::line(points.to_vec(), Stroke::new(1.0, light)));
}

/// The shape that is being drawn.
fn drawing_ui(painter: &Painter, edit: &MaskEdit, at: &Place) {
    let [dark, light] = OVER_PICTURE;
    match &edit.drawing {
        Some(Drawing::Corners(a, b)) => {
            let rect = Rect::from_two_pos(at.to_screen(*a), at.to_screen(*b));
            for (width, color) in [(3.0, dark), (1.0, light)] {
                let stroke = Stroke::new(width, color);
                if edit.tools.tool == MaskTool::Ellipse {
                    painter.add(Shape::ellipse_stroke(
                        rect.center(),
                        rect.size() / 2.0,
                        stroke,
                    ));
                } else {
                    painter.rect_stroke(rect, 0, stroke, StrokeKind::Middle);
                }
            }
        }
        Some(Drawing::Line(points)) => {
            let mut line: Vec<Pos2> = points.iter().map(|p| at.to_screen(*p)).collect();
            if edit.cursor_shown {
                line.push(at.to_screen(edit.cursor));
            }
            contrast_line(painter, &line);
            if let (Some(first), Some(last)) = (line.first(), line.last()) {
                for dash in Shape::dashed_line(&[*last, *first], Stroke::new(1.0, light), 4.0, 4.0)
                {
                    painter.add(dash);
                }
            }
        }
        None => {}
    }
}

/// The brush under the pointer, or where the keyboard paints.
fn cursor_ui(
    ui: &Ui,
    painter: &Painter,
    edit: &MaskEdit,
    at: &Place,
    response: &Response,
    has_focus: bool,
    pans: bool,
) {
    let is_brush = edit.tools.tool.is_brush();
    let radius = edit.tools.diameter_px / 2.0 * at.zoom();
    let ring = |center: Pos2| {
        let [dark, light] = OVER_PICTURE;
        let radius = radius.max(1.5);
        painter.circle_stroke(center, radius, Stroke::new(2.5, dark));
        painter.circle_stroke(center, radius, Stroke::new(1.0, light));
    };
    if edit.cursor_shown && has_focus {
        let center = at.to_screen(edit.cursor);
        if is_brush {
            ring(center);
        }
        let arm = 9.0;
        for by in [vec2(arm, 0.0), vec2(0.0, arm)] {
            contrast_line(painter, &[center - by, center + by]);
        }
        if edit.pen_down {
            painter.circle_filled(center, 3.0, OVER_PICTURE[1]);
        }
        return;
    }
    if let Some(pos) = response.hover_pos().filter(|_| !pans) {
        if is_brush {
            ring(pos);
            // A brush of a few points would be lost without something at its place.
            ui.set_cursor_icon(if radius < 4.0 {
                CursorIcon::Crosshair
            } else {
                CursorIcon::None
            });
        } else {
            ui.set_cursor_icon(CursorIcon::Crosshair);
        }
    }
}

/// Tells those who do not see it where the cursor is, whether the pen is down, and how much may change.
fn describe(ui: &Ui, view: &View<'_>, edit: &mut MaskEdit, response: &Response) {
    let [x, y] = edit.cursor;
    let state = if edit.pen_down {
        Key::MaskPenDown
    } else {
        Key::MaskPenUp
    };
    let words = view.text.with(
        Key::MaskCanvasState,
        [
            ("x", format!("{x:.0}").into()),
            ("y", format!("{y:.0}").into()),
            ("pen", view.t(state).into()),
            ("percent", super::percent(edit.share()).into()),
        ],
    );
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_description(words));
}
