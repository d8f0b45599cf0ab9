//! The jobs of a fan-out side by side: the same prompt at each target, as it develops.

use egui::{Align2, CursorIcon, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::engine::ThumbnailSize;
use crate::model::compose::GroupId;
use crate::model::{JobId, Quality};
use crate::ui::format;
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::gateway_name;
use crate::ui::state::Subject;
use crate::ui::text::Key;
use crate::ui::textures::{Thumb, ThumbKey};
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::segmented::focus_ring;
use crate::ui::widgets::text_line::line;
use crate::ui::widgets::thumbnail::{paint_fitted, paint_icon_cell};

use super::title_ui;

/// Height of the words under a picture.
const WORDS: f32 = 40.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, group: GroupId) {
    let jobs: Vec<JobId> = view.studio.jobs_of_group(group).into_values().collect();
    let is_active = jobs.iter().any(|id| {
        let job = view.studio.jobs.get(*id);
        job.is_some_and(|job| !job.snapshot.state.is_final())
    });
    title_ui(ui, view, view.t(Key::SideBySide), |ui, view| {
        let cancel = IconButton::new(icons::STOP, view.t(Key::BatchCancel));
        if ui.add_enabled(is_active, cancel).clicked() {
            view.push(Intent::Compose(ComposeIntent::CancelGroup(group)));
        }
    });
    if jobs.is_empty() {
        return;
    }
    let area = ui.available_rect_before_wrap();
    for (cell, job) in cells(area, jobs.len()).into_iter().zip(jobs) {
        cell_ui(ui, view, cell, job);
    }
}

/// Cells of one size: as many columns as leave the cells largest.
fn cells(area: Rect, count: usize) -> Vec<Rect> {
    #[expect(clippy::cast_precision_loss, reason = "at most six")]
    let points = |number: usize| number as f32;
    let size_at = |columns: usize| {
        let rows = count.div_ceil(columns);
        let gaps = |number: usize| space::S * (points(number) - 1.0);
        vec2(
            (area.width() - gaps(columns)) / points(columns),
            (area.height() - gaps(rows)) / points(rows),
        )
    };
    let best = (1..=count.max(1))
        .max_by(|a, b| {
            let least = |columns: &usize| {
                let size = size_at(*columns);
                size.x.min(size.y - WORDS)
            };
            least(a).total_cmp(&least(b))
        })
        .unwrap_or(1);
    let cell = size_at(best);
    (0..count)
        .map(|place| {
            let (column, row) = (points(place % best), points(place / best));
            let at = vec2(column * (cell.x + space::S), row * (cell.y + space::S));
            Rect::from_min_size(area.min + at, cell)
        })
        .collect()
}

fn cell_ui(ui: &mut Ui, view: &mut View<'_>, rect: Rect, id: JobId) {
    let Some(job) = view.studio.jobs.get(id) else {
        return;
    };
    let palette = Palette::of(ui);
    let snapshot = &job.snapshot;
    let request = &snapshot.request;
    let target = format!(
        "{} · {} · {}",
        gateway_name(view.text, &request.gateway),
        request.gateway.image_model,
        quality_words(view, request.parameters.quality)
    );
    let mut words = view.job_words(job);
    let clock = format::clock(job.elapsed_ms(view.now_ms));
    words = format!("{words} · {clock}");
    let response = ui.interact(
        rect,
        ui.scope_id().with(("side by side", id)),
        Sense::click(),
    );
    let name = format!("{target}: {words}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    ui.painter().rect_filled(rect, radius::CARD, palette.panel);
    let picture =
        Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - WORDS)).shrink(space::XS);
    let image = snapshot.images.first().copied();
    let thumb = match image {
        Some(image) => view.thumb(ui, image, ThumbnailSize::Large),
        None => view.textures.thumb(ui.ctx(), ThumbKey::Job(id)),
    };
    match thumb {
        Thumb::Ready { .. } => paint_fitted(ui, picture, thumb),
        _ if job.failure().is_some() => {
            paint_icon_cell(ui, picture, icons::ERROR, palette.error);
        }
        _ => paint_icon_cell(ui, picture, icons::GENERATE, palette.weak),
    }
    let left = rect.left() + space::S;
    let width = rect.width() - 2.0 * space::S;
    let top = rect.bottom() - WORDS;
    line(
        ui,
        (left, top + 11.0),
        width,
        &target,
        size::BODY,
        palette.strong,
    );
    let color = if job.failure().is_some() {
        palette.error
    } else {
        palette.weak
    };
    line(ui, (left, top + 28.0), width, &words, size::SMALL, color);
    if response.has_focus() {
        focus_ring(ui, rect, radius::CARD);
    }
    if response.hovered() {
        ui.painter().text(
            picture.right_top() + vec2(-space::S, space::S),
            Align2::RIGHT_TOP,
            icons::ZOOM_IN.glyph(),
            icons::ZOOM_IN.font(size::ICON),
            palette.strong,
        );
    }
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        let subject = image.map_or(Subject::Job(id), Subject::Image);
        view.push(Intent::Show(subject));
    }
}

fn quality_words<'a>(view: &View<'a>, quality: Quality) -> &'a str {
    view.t(match quality {
        Quality::Auto => Key::QualityAuto,
        Quality::Low => Key::QualityLow,
        Quality::Medium => Key::QualityMedium,
        Quality::High => Key::QualityHigh,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_fill_the_area_and_never_overlap() {
        let area = Rect::from_min_size(pos2(10.0, 20.0), vec2(690.0, 560.0));
        for count in 2..=6 {
            let cells = cells(area, count);
            assert_eq!(cells.len(), count);
            for (place, cell) in cells.iter().enumerate() {
                assert!(area.expand(0.5).contains_rect(*cell), "{count}: {cell:?}");
                assert!(cell.width() > 150.0, "{count}: {cell:?}");
                let others = cells.iter().skip(place + 1);
                assert!(
                    others
                        .into_iter()
                        .all(|other| !cell.shrink(0.5).intersects(*other))
                );
            }
        }
    }
}
