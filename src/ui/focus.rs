//! Shows where the keyboard is: a ring around whatever has the focus, the same for every control.
//!
//! egui fills a focused control as if it were pressed, which hardly shows on a dark panel. Text fields are left out:
//! they have a cursor and an outline of their own. So are canvas and grid, which show it inside.

use egui::{Context, CornerRadius, Stroke, StrokeKind};

use super::theme::tokens::{Palette, radius, space};

/// Nothing that is pressed is higher, in points; what is, is a surface.
const HIGHEST: f32 = 100.0;

/// Draws the ring; to be called once everything else is drawn.
pub(super) fn show(ctx: &Context) {
    if ctx.text_edit_focused() {
        return;
    }
    let Some(response) = ctx
        .memory(egui::Memory::focused)
        .and_then(|id| ctx.read_response(id))
        .filter(|response| response.rect.height() < HIGHEST)
    else {
        return;
    };
    let palette = Palette::of_visuals(&ctx.global_style().visuals);
    // Where a control is half scrolled away, so is its ring.
    let painter = ctx
        .layer_painter(response.layer_id)
        .with_clip_rect(response.interact_rect.expand(space::XS));
    painter.rect_stroke(
        response.rect,
        CornerRadius::same(radius::CONTROL),
        Stroke::new(1.5, palette.accent_text),
        StrokeKind::Inside,
    );
}
