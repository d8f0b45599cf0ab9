//! The sizes that are offered, as little shapes: ratios side by side, tiers below each other.

use egui::{
    Align2, CornerRadius, CursorIcon, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use crate::model::{PixelSize, SizePreset, SizeTier};
use crate::ui::format;
use crate::ui::theme::tokens::{Palette, radius, size, space};

use super::segmented::focus_ring;

/// Ratios with the longer side across; turned on end they are the other four.
const COLUMNS: [&str; 5] = ["1:1", "4:3", "3:2", "16:9", "21:9"];
/// The same columns with the longer side upright.
const UPRIGHT: [&str; 5] = ["1:1", "3:4", "2:3", "9:16", "9:21"];

/// Width of the words in front of the rows.
const TIER_WIDTH: f32 = 24.0;
const CELL_HEIGHT: f32 = 32.0;
const HEAD_HEIGHT: f32 = 18.0;

/// Draws the grid; gives the size that was chosen just now. `upright` turns the shapes on end.
pub fn size_grid(ui: &mut Ui, current: Option<PixelSize>, upright: bool) -> Option<PixelSize> {
    let palette = Palette::of(ui);
    let small = FontId::proportional(size::SMALL);
    #[expect(clippy::cast_precision_loss, reason = "five columns, three rows")]
    let (columns, rows) = (COLUMNS.len() as f32, SizeTier::ALL.len() as f32);
    let width = ui.available_width();
    let cell = vec2((width - TIER_WIDTH) / columns, CELL_HEIGHT);
    let whole = vec2(width, HEAD_HEIGHT + rows * CELL_HEIGHT);
    let (rect, group) = ui.allocate_exact_size(whole, Sense::hover());
    let ratios = if upright { UPRIGHT } else { COLUMNS };

    let mut chosen = None;
    let mut left = rect.left() + TIER_WIDTH;
    for ratio in ratios {
        let middle = left + cell.x / 2.0;
        ui.painter().text(
            pos2(middle, rect.top() + HEAD_HEIGHT / 2.0),
            Align2::CENTER_CENTER,
            ratio,
            small.clone(),
            palette.weak,
        );
        let mut top = rect.top() + HEAD_HEIGHT;
        for tier in SizeTier::ALL {
            let place = Rect::from_min_size(pos2(left, top), cell).shrink(1.0);
            top += CELL_HEIGHT;
            let Some(preset) = SizePreset::find(ratio, tier) else {
                continue;
            };
            let response = ui.interact(place, group.id.with((ratio, tier)), Sense::click());
            let is_current = current == Some(preset.size);
            cell_ui(ui, &response, place, preset, is_current);
            if response.clicked() && !is_current {
                chosen = Some(preset.size);
            }
        }
        left += cell.x;
    }
    let mut top = rect.top() + HEAD_HEIGHT;
    for tier in SizeTier::ALL {
        ui.painter().text(
            pos2(rect.left(), top + CELL_HEIGHT / 2.0),
            Align2::LEFT_CENTER,
            tier.label(),
            small.clone(),
            palette.weak,
        );
        top += CELL_HEIGHT;
    }
    chosen
}

fn cell_ui(ui: &Ui, response: &Response, place: Rect, preset: SizePreset, is_current: bool) {
    let palette = Palette::of(ui);
    let words = format!(
        "{} {} · {}",
        preset.ratio,
        preset.tier.label(),
        format::pixel_size(preset.size)
    );
    response.widget_info(|| {
        WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_current, &words)
    });
    let corner = CornerRadius::same(radius::CELL);
    if is_current {
        ui.painter().rect_filled(place, corner, palette.accent_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(place, corner, palette.control);
    }
    if response.has_focus() {
        focus_ring(ui, place, radius::CELL);
    }
    let (fill, line) = if is_current {
        (palette.accent, palette.accent_text)
    } else if response.hovered() {
        (palette.pressed, palette.text)
    } else {
        (palette.control, palette.weak)
    };
    ui.painter().rect(
        Rect::from_center_size(place.center(), shape_of(preset)),
        CornerRadius::same(2),
        fill,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
    response
        .clone()
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text(format!("{words}\n{}", format::megapixels(preset.size)));
}

/// The shape of a preset in points: its ratio, and larger in a higher tier.
fn shape_of(preset: SizePreset) -> Vec2 {
    let side = match preset.tier {
        SizeTier::OneK => 12.0,
        SizeTier::TwoK => 16.0,
        SizeTier::FourK => 21.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a ratio between 1:3 and 3:1"
    )]
    let ratio = preset.size.ratio() as f32;
    let shape = vec2(side * ratio.sqrt(), side / ratio.sqrt());
    // The longest shape of the highest tier still has to fit its cell.
    let most = CELL_HEIGHT - space::XS;
    let shrink = (most / shape.y).min(1.0);
    (shape * shrink).round()
}
