//! The filmstrip: jobs at work with what they have to show, then the latest results.

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, CornerRadius, CursorIcon, FontId, Id, Popup, Rect, Response, Role, ScrollArea, Sense,
    Ui, WidgetInfo, pos2, vec2,
};

use crate::engine::ThumbnailSize;
use crate::model::{ImageId, JobId, JobState};
use crate::ui::format;
use crate::ui::intent::Intent;
use crate::ui::job_text;
use crate::ui::state::{Job, StripItem, Studio, Subject};
use crate::ui::text::{Key, Text};
use crate::ui::textures::{Thumb, ThumbKey};
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::segmented::focus_ring;
use crate::ui::widgets::thumbnail::{paint_cell_frame, paint_icon_cell, paint_thumbnail};

use super::{View, leftovers, progress};

/// Most cells: as far as anybody scrolls sideways; the gallery has the rest.
const MOST: usize = 60;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let items = view.studio.jobs.strip(&view.studio.gallery, MOST);
    if items.is_empty() {
        let color = Palette::of(ui).weak;
        let words = if view.studio.gallery.is_loaded() {
            Key::StripEmpty
        } else {
            Key::GalleryLoading
        };
        ui.centered_and_justified(|ui| {
            ui.label(egui::RichText::new(view.t(words)).color(color));
        });
        return;
    }
    let heir = heir(ui, view, &items);
    ScrollArea::horizontal()
        .id_salt("filmstrip")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::S;
                for item in items {
                    ui.push_id(item, |ui| match item {
                        StripItem::Job(id) => {
                            if let Some(job) = view.studio.jobs.get(id) {
                                job_cell(ui, view, job);
                            }
                        }
                        StripItem::Image(id) => {
                            let response = image_cell(ui, view, id);
                            if heir == Some(id) {
                                response.request_focus();
                            }
                        }
                    });
                }
            });
        });
}

/// Where the keyboard's job cell was: its job, and the cell.
fn focused_job_id() -> Id {
    Id::unique("the job of the filmstrip that has the focus")
}

/// The result that takes the focus over, because the cell of its job has it and has become that result.
fn heir(ui: &Ui, view: &View<'_>, items: &[StripItem]) -> Option<ImageId> {
    let (job, cell): (JobId, Id) = ui.data(|data| data.get_temp(focused_job_id()))?;
    let focused = ui.memory(egui::Memory::focused);
    if focused.is_some_and(|focused| focused != cell) {
        ui.data_mut(|data| data.remove::<(JobId, Id)>(focused_job_id()));
        return None;
    }
    if items.contains(&StripItem::Job(job)) {
        return None;
    }
    let mut images = view.studio.jobs.get(job)?.snapshot.images.iter();
    let heir = images.find(|image| items.contains(&StripItem::Image(**image)))?;
    ui.data_mut(|data| data.remove::<(JobId, Id)>(focused_job_id()));
    Some(*heir)
}

fn cell(ui: &mut Ui) -> (Rect, Response) {
    ui.allocate_exact_size(vec2(size::STRIP_CELL, size::STRIP_CELL), Sense::click())
}

fn finish_cell(ui: &Ui, rect: Rect, response: &Response, is_shown: bool) {
    paint_cell_frame(ui, rect, is_shown, response.hovered());
    if response.has_focus() {
        focus_ring(ui, rect, radius::CONTROL);
    }
    response.clone().on_hover_cursor(CursorIcon::PointingHand);
}

fn job_cell(ui: &mut Ui, view: &mut View<'_>, job: &Job) {
    let palette = Palette::of(ui);
    let id = job.snapshot.id;
    let (rect, response) = cell(ui);
    let words = view.job_words(job);
    let prompt = format::line(job.snapshot.request.prompt.as_str(), 80);
    let name = view.text.with(
        Key::JobName,
        [
            ("state", words.as_str().into()),
            ("prompt", prompt.as_str().into()),
        ],
    );
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(focused_job_id(), (id, response.id)));
    }
    let is_shown = view.studio.stage.subject() == Some(Subject::Job(id));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_shown, &name));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let thumb = view.textures.thumb(ui.ctx(), ThumbKey::Job(id));
    let icon = match job.snapshot.state {
        JobState::Failed => Some((icons::ERROR, palette.error)),
        JobState::Canceled => Some((icons::STOP, palette.weak)),
        JobState::Interrupted => Some((icons::WARNING, palette.warn)),
        JobState::Queued => Some((icons::QUEUED, palette.weak)),
        JobState::Running | JobState::Done => None,
    };
    match (thumb, icon) {
        (Thumb::Ready { .. }, _) => paint_thumbnail(ui, rect, thumb),
        (_, Some((icon, color))) => paint_icon_cell(ui, rect, icon, color),
        (_, None) => paint_icon_cell(ui, rect, icons::GENERATE, palette.weak),
    }
    footer(ui, job, rect, &words);
    if matches!(thumb, Thumb::Ready { .. }) && leftovers::last_preview(job).is_some() {
        mark(ui, rect, Align2::LEFT_TOP, view.t(Key::PreviewShort));
    }
    if job.snapshot.state == JobState::Running {
        let clock = format::clock(job.elapsed_ms(view.now_ms));
        mark(ui, rect, Align2::RIGHT_TOP, &clock);
    }
    finish_cell(ui, rect, &response, is_shown);
    menu(view, job, &response);
    let elapsed = format::clock(job.elapsed_ms(view.now_ms));
    let response = response.on_hover_ui(|ui| {
        ui.label(&prompt);
        let headline = job_text::headline(view.text, job, &view.studio.jobs, view.now_ms);
        ui.label(format!("{headline} · {elapsed}"));
        if !job.snapshot.state.is_final() {
            for line in job_text::lines(view.text, job, view.now_ms) {
                ui.label(line.words);
            }
        }
    });
    if response.clicked() {
        view.push(Intent::Show(Subject::Job(id)));
    }
}

/// A word in a corner, on the picture: that it is a preview and all that came, or the clock.
fn mark(ui: &Ui, rect: Rect, corner: Align2, words: &str) {
    let palette = Palette::of(ui);
    let font = FontId::proportional(size::SMALL - 1.5);
    let galley = ui
        .painter()
        .layout_no_wrap(words.to_owned(), font, palette.on_scrim);
    let padding = vec2(4.0, 1.0);
    let ground =
        corner.align_size_within_rect(galley.size() + 2.0 * padding, rect.shrink(space::XS));
    ui.painter()
        .rect_filled(ground, CornerRadius::same(radius::CELL), palette.scrim);
    ui.painter()
        .galley(ground.min + padding, galley, palette.on_scrim);
}

/// The stage at the lower edge, and how far the job is.
fn footer(ui: &Ui, job: &Job, rect: Rect, words: &str) {
    let palette = Palette::of(ui);
    let bar = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 18.0), rect.max);
    let corner = CornerRadius {
        sw: radius::CONTROL,
        se: radius::CONTROL,
        ..CornerRadius::ZERO
    };
    ui.painter().rect_filled(bar, corner, palette.scrim);
    if job.snapshot.state == JobState::Running {
        let width = rect.width() * progress(job);
        let line = Rect::from_min_size(bar.left_top() - vec2(0.0, 2.0), vec2(width, 2.0));
        ui.painter()
            .rect_filled(line, CornerRadius::ZERO, palette.accent_text);
    }
    let inside = bar.shrink2(vec2(5.0, 0.0));
    let font = FontId::proportional(size::SMALL - 1.0);
    let line = LayoutJob {
        wrap: TextWrapping::truncate_at_width(inside.width()),
        ..LayoutJob::simple_singleline(words.to_owned(), font, palette.on_scrim)
    };
    let galley = ui.painter().layout_job(line);
    let top = inside.center().y - galley.size().y / 2.0;
    ui.painter()
        .galley(pos2(inside.left(), top), galley, palette.on_scrim);
}

fn menu(view: &mut View<'_>, job: &Job, response: &Response) {
    let id = job.snapshot.id;
    Popup::context_menu(response).show(|ui| {
        ui.set_min_width(140.0);
        if job.snapshot.state.is_final() {
            if ui.button(view.t(Key::Again)).clicked() {
                view.push(Intent::Again(Subject::Job(id)));
            }
            if ui.button(view.t(Key::UseSettings)).clicked() {
                view.push(Intent::UseSettings(Subject::Job(id)));
            }
            if ui.button(view.t(Key::Dismiss)).clicked() {
                view.push(Intent::Dismiss(id));
            }
        } else if ui.button(view.t(Key::ActionCancel)).clicked() {
            view.push(Intent::Cancel(id));
        }
    });
}

fn image_cell(ui: &mut Ui, view: &mut View<'_>, id: ImageId) -> Response {
    let (rect, response) = cell(ui);
    let name = image_name(view, id);
    let is_shown = view.studio.stage.subject() == Some(Subject::Image(id));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_shown, &name));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let thumb = view.thumb(ui, id, ThumbnailSize::Small);
    let thumb = match thumb {
        // The job's own last picture stands in until the stored one is read: nothing flickers.
        Thumb::Unknown | Thumb::Waiting => match view.studio.jobs.of_image(id) {
            Some(job) if job.snapshot.images.len() == 1 => view
                .textures
                .thumb(ui.ctx(), ThumbKey::Job(job.snapshot.id)),
            _ => thumb,
        },
        Thumb::Missing | Thumb::Ready { .. } => thumb,
    };
    paint_thumbnail(ui, rect, thumb);
    finish_cell(ui, rect, &response, is_shown);
    image_menu(view, id, &response);
    let response = response.on_hover_text(name);
    if response.clicked() {
        view.push(Intent::Show(Subject::Image(id)));
    }
    response
}

/// What a result is called; asks for its record where that is not here.
fn image_name(view: &mut View<'_>, id: ImageId) -> String {
    if view.studio.records.get(id).is_none() {
        view.wanted_records.push(id);
    }
    picture_name(view.studio, view.text, id)
}

/// What a result is called, as far as it is known.
pub(super) fn picture_name(studio: &Studio, text: &Text, id: ImageId) -> String {
    match studio.records.get(id) {
        Some(record) => {
            let prompt = format::line(&record.recipe.prompt, 80);
            text.with(Key::ImageName, [("prompt", prompt.into())])
        }
        None => text.with(Key::ImageNameUnknown, [("id", id.short().into())]),
    }
}

/// What can be done with a result, as a menu of `response`.
pub(super) fn image_menu(view: &mut View<'_>, id: ImageId, response: &Response) {
    Popup::context_menu(response)
        .show(|ui| image_menu_items(ui, view.studio, view.text, id, view.out));
}

/// What can be done with a result.
pub(super) fn image_menu_items(
    ui: &mut Ui,
    studio: &Studio,
    text: &Text,
    id: ImageId,
    out: &mut Vec<Intent>,
) {
    ui.set_min_width(160.0);
    let subject = Subject::Image(id);
    let path = studio.records.get(id).map(|record| record.path.clone());
    for (words, intent) in [
        (Key::UseAsReference, Some(Intent::UseAsReference(id))),
        (Key::UseSettings, Some(Intent::UseSettings(subject))),
        (Key::Again, Some(Intent::Again(subject))),
        (Key::DetailsOpenFolder, path.map(Intent::Reveal)),
        (Key::Delete, Some(Intent::Delete(vec![id]))),
    ] {
        if let Some(intent) = intent
            && ui.button(text.get(words)).clicked()
        {
            out.push(intent);
        }
    }
}
