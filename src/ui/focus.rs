//! Shows where the keyboard is: a ring around whatever has the focus, the same for every control.
//!
//! egui fills a focused control as if it were pressed, which hardly shows on a dark panel. Text fields are left out:
//! they have a cursor and an outline of their own. So are canvas and grid, which show it inside.

use egui::{Context, CornerRadius, Id, Order, Stroke, StrokeKind, Ui, WidgetRect};

use super::theme::tokens::{Palette, radius, space};

/// Nothing that is pressed is higher, in points; what is, is a surface.
const HIGHEST: f32 = 100.0;

/// Draws the ring; to be called once everything else is drawn.
pub(super) fn show(ctx: &Context) {
    if ctx.text_edit_focused() {
        return;
    }
    let Some(widget) = ctx
        .memory(egui::Memory::focused)
        .and_then(|id| place_of(ctx, id))
        .filter(|widget| widget.rect.height() < HIGHEST)
    else {
        return;
    };
    let palette = Palette::of_visuals(&ctx.global_style().visuals);
    // Where a control is half scrolled away, so is its ring.
    let painter = ctx
        .layer_painter(widget.layer_id)
        .with_clip_rect(widget.interact_rect.expand(space::XS));
    painter.rect_stroke(
        widget.rect,
        CornerRadius::same(radius::CONTROL),
        Stroke::new(1.5, palette.accent_text),
        StrokeKind::Inside,
    );
}

/// Where a widget is drawn. [`Context::read_response`] would take the focus away from a widget that got it from a click
/// on another one, such as a table from its row.
fn place_of(ctx: &Context, id: Id) -> Option<WidgetRect> {
    ctx.viewport(|viewport| {
        let drawn = viewport.this_pass.widgets.get(id);
        drawn
            .or_else(|| viewport.prev_pass.widgets.get(id))
            .copied()
    })
}

/// Whether what is called `name` was not there in the pass before.
pub(super) fn is_new(ui: &Ui, name: &str) -> bool {
    // What is only measured is out of the keyboard's reach.
    if ui.is_sizing_pass() {
        return false;
    }
    let id = Id::unique(("was drawn in pass", name));
    let pass = ui.ctx().cumulative_pass_nr();
    let last = ui.data_mut(|data| {
        let last: Option<u64> = data.get_temp(id);
        data.insert_temp(id, pass);
        last
    });
    last.is_none_or(|last| last + 1 < pass)
}

/// Gives the focus back to who had it before the popup called `name` was opened; to be called in every pass, before the
/// popup is drawn.
pub(super) fn give_back(ui: &Ui, name: &str, is_open: bool) {
    let id = Id::unique(("had the focus before", name));
    let held: Option<Option<Id>> = ui.data(|data| data.get_temp(id));
    let focused = ui.memory(egui::Memory::focused);
    match (is_open, held) {
        (true, None) => {
            ui.data_mut(|data| data.insert_temp(id, focused));
        }
        (false, Some(before)) => {
            ui.data_mut(|data| data.remove::<Option<Id>>(id));
            // Who clicked something else has taken the focus there.
            let is_lost = focused
                .and_then(|focused| place_of(ui.ctx(), focused))
                .is_none_or(|widget| widget.layer_id.order == Order::Foreground);
            if let Some(before) = before.filter(|_| is_lost) {
                ui.memory_mut(|memory| memory.request_focus(before));
            }
        }
        _ => {}
    }
}
