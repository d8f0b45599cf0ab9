//! The sizes that are offered, as little shapes: ratios side by side, tiers below each other.

use egui::{
    Align2, CornerRadius, CursorIcon, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use crate::model::{OfferedSize, PixelSize, SizeTier};
use crate::ui::format;
use crate::ui::theme::tokens::{Palette, radius, size, space};

use super::segmented::focus_ring;

/// Width of the words in front of the rows.
const TIER_WIDTH: f32 = 24.0;
const CELL_HEIGHT: f32 = 32.0;
/// With fewer columns than this, cells do not get wider.
const LEAST_COLUMNS: usize = 5;
const HEAD_HEIGHT: f32 = 18.0;

/// The columns: the shapes that lie (or are square), or with `upright` those that stand.
fn columns(offered: &[OfferedSize], upright: bool) -> Vec<&str> {
    let mut ratios: Vec<&str> = Vec::new();
    for one in offered {
        let (width, height) = (one.size.width(), one.size.height());
        let fits = if upright {
            height >= width
        } else {
            width >= height
        };
        if fits && !ratios.contains(&one.ratio.as_str()) {
            ratios.push(&one.ratio);
        }
    }
    ratios
}

/// The rows: the tiers in which something is offered.
fn rows(offered: &[OfferedSize]) -> Vec<SizeTier> {
    let is_used = |tier: &SizeTier| offered.iter().any(|one| one.tier == *tier);
    SizeTier::ALL.into_iter().filter(is_used).collect()
}

/// Draws the grid of what is `offered`; gives the size that was chosen just now. `upright` turns the shapes on end.
pub fn size_grid(
    ui: &mut Ui,
    offered: &[OfferedSize],
    current: Option<PixelSize>,
    upright: bool,
) -> Option<PixelSize> {
    let (ratios, tiers) = (columns(offered, upright), rows(offered));
    if ratios.is_empty() {
        return None;
    }
    let palette = Palette::of(ui);
    let small = FontId::proportional(size::SMALL);
    let width = ui.available_width();
    #[expect(clippy::cast_precision_loss, reason = "a few columns and rows")]
    let (cell, height) = (
        vec2(
            (width - TIER_WIDTH) / ratios.len().max(LEAST_COLUMNS) as f32,
            CELL_HEIGHT,
        ),
        HEAD_HEIGHT + tiers.len() as f32 * CELL_HEIGHT,
    );
    let (rect, group) = ui.allocate_exact_size(vec2(width, height), Sense::hover());

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
        for tier in &tiers {
            let place = Rect::from_min_size(pos2(left, top), cell).shrink(1.0);
            top += CELL_HEIGHT;
            let here = |one: &&OfferedSize| one.ratio == ratio && one.tier == *tier;
            let Some(preset) = offered.iter().find(here) else {
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
    for tier in tiers {
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

fn cell_ui(ui: &Ui, response: &Response, place: Rect, preset: &OfferedSize, is_current: bool) {
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
fn shape_of(preset: &OfferedSize) -> Vec2 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_rows_are_those_that_are_offered() {
        let one = |ratio: &str, tier, size: &str| OfferedSize {
            ratio: ratio.to_owned(),
            tier,
            size: size.parse().unwrap(),
        };
        let offered = [
            one("1:1", SizeTier::OneK, "1024x1024"),
            one("3:2", SizeTier::OneK, "1536x1024"),
            one("2:3", SizeTier::OneK, "1024x1536"),
            one("1:1", SizeTier::FourK, "2880x2880"),
        ];
        assert_eq!(columns(&offered, false), ["1:1", "3:2"]);
        assert_eq!(columns(&offered, true), ["1:1", "2:3"]);
        assert_eq!(rows(&offered), [SizeTier::OneK, SizeTier::FourK]);
        assert!(columns(&[], false).is_empty());
    }
}
