//! The middle of the Create screen: the canvas, and over it what a job is doing, its previews, and the zoom.

use egui::{
    Align, Align2, Area, CornerRadius, Frame, Id, Label, Layout, Margin, Order, Rect, RichText,
    Stroke, Ui, UiBuilder, pos2, vec2,
};

use crate::engine::ReferenceToken;
use crate::model::{JobState, Preset};
use crate::ui::format;
use crate::ui::intent::{Intent, ReferenceIntent};
use crate::ui::job_text;
use crate::ui::shortcuts::Action;
use crate::ui::state::{Job, MaskEdit, Subject};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::canvas::{Canvas, CanvasPicture, CanvasView, ZOOM_STEP};
use crate::ui::widgets::card::{at_end, chip};
use crate::ui::widgets::segmented::Segmented;

use super::{View, failure, leftovers, progress};

/// The canvas with what it shows, and how.
#[derive(Debug)]
pub(in crate::ui) struct StageCanvas {
    pub(in crate::ui) view: CanvasView,
    pub(in crate::ui) picture: CanvasPicture,
}

impl Default for StageCanvas {
    fn default() -> Self {
        Self {
            view: CanvasView::default(),
            picture: CanvasPicture::new(0),
        }
    }
}

/// Height of the bar under the canvas, in points.
const BAR_HEIGHT: f32 = 40.0;

/// Widest a card over the canvas gets, in points.
const CARD_WIDTH: f32 = 440.0;

/// Widest that the note about a job at work gets, in points.
const WORK_WIDTH: f32 = 300.0;

pub(in crate::ui) fn show(
    ui: &mut Ui,
    view: &mut View<'_>,
    canvas: &mut StageCanvas,
    mask: Option<&mut MaskEdit>,
) {
    // Always there, so that the canvas keeps its size; below the picture, so that nothing covers it.
    egui::Panel::bottom("stage bar")
        .exact_size(BAR_HEIGHT)
        .frame(
            Frame::new()
                .fill(Palette::of(ui).stage)
                .inner_margin(Margin::symmetric(12, 0)),
        )
        .show_separator_line(false)
        .show(ui, |ui| bar_ui(ui, view, canvas));
    if let Some(edit) = mask {
        super::mask::canvas_ui(ui, view, canvas, edit);
        return;
    }
    let rect = ui.available_rect_before_wrap();
    let shown = Canvas::new(view.t(Key::Canvas)).show(
        ui,
        &mut canvas.view,
        &mut canvas.picture,
        view.textures,
    );
    if view.studio.stage.reference().is_some() {
        if shown.picture_rect.is_none() && canvas.picture.failure().is_some() {
            note_ui(ui, rect, view.t(Key::CanvasFailed));
        }
        return;
    }
    if shown.picture_rect.is_some() {
        preview_chip_ui(ui, view, rect);
    }
    match view.studio.stage.subject() {
        None => empty_ui(ui, view, rect),
        Some(Subject::Image(id)) => {
            super::filmstrip::image_menu(view, id, &shown.response);
            if shown.picture_rect.is_none() && canvas.picture.failure().is_some() {
                note_ui(ui, rect, view.t(Key::CanvasFailed));
            }
        }
        Some(Subject::Job(id)) => {
            if let Some(job) = view.studio.jobs.get(id) {
                let has_picture = shown.picture_rect.is_some();
                job_ui(ui, view, job, rect, has_picture);
            }
        }
    }
}

/// What a job says over the canvas.
fn job_ui(ui: &Ui, view: &mut View<'_>, job: &Job, rect: Rect, has_picture: bool) {
    if !job.snapshot.state.is_final() {
        work_ui(ui, view, job, rect);
        if !has_picture {
            note_ui(ui, rect, view.t(Key::CanvasWaiting));
        }
    } else if has_failed(job) && !has_picture {
        // Beside a picture, the card is in the details.
        failure_ui(ui, view, job, rect);
    }
}

/// Previews on the left, zoom on the right.
fn bar_ui(ui: &mut Ui, view: &mut View<'_>, canvas: &mut StageCanvas) {
    ui.horizontal_centered(|ui| {
        let subject = view.studio.stage.subject();
        let job = match subject {
            Some(Subject::Job(id)) => view.studio.jobs.get(id),
            Some(Subject::Image(id)) => view.studio.jobs.of_image(id),
            None => None,
        };
        if let (Some(subject), Some(job)) = (subject, job)
            && !view.studio.stage.is_beside()
        {
            scrubber_ui(ui, view, job, subject);
        }
        if let Some(token) = view.studio.stage.reference() {
            reference_ui(ui, view, token);
        }
        if !canvas.picture.is_empty() {
            at_end(ui, "zoom", |ui| zoom_ui(ui, view, canvas));
        }
    });
}

/// Which reference is looked at, and the way back.
fn reference_ui(ui: &mut Ui, view: &mut View<'_>, token: ReferenceToken) {
    let back = IconButton::new(icons::CLOSE, view.t(Key::ReferenceStopShowing));
    if ui.add(back).clicked() {
        view.push(Intent::Reference(ReferenceIntent::StopShowing));
    }
    if let Some(slot) = view.studio.references.get(token) {
        let palette = Palette::of(ui);
        let words = RichText::new(slot.name.as_str())
            .small()
            .color(palette.weak);
        ui.add(Label::new(words).truncate());
    }
}

/// Whether a job has ended without all of its pictures.
pub(in crate::ui) const fn has_failed(job: &Job) -> bool {
    matches!(
        job.snapshot.state,
        JobState::Failed | JobState::Canceled | JobState::Interrupted
    )
}

/// A box that floats over the canvas.
fn overlay_frame(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.card)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(4))
}

/// Draws over the canvas, at one of its edges.
fn overlay(ui: &Ui, id: &'static str, canvas: Rect, align: Align2, content: impl FnOnce(&mut Ui)) {
    let inner = canvas.shrink(space::M);
    Area::new(Id::unique(id))
        .order(Order::Middle)
        .pivot(align)
        .fixed_pos(align.pos_in_rect(&inner))
        .constrain_to(canvas)
        .show(ui.ctx(), |ui| {
            ui.set_max_width(inner.width());
            content(ui);
        });
}

fn note_ui(ui: &Ui, canvas: Rect, words: &str) {
    let palette = Palette::of(ui);
    ui.painter().text(
        canvas.center(),
        Align2::CENTER_CENTER,
        words,
        egui::FontId::proportional(size::BODY),
        palette.weak,
    );
}

/// Says what to do first, and offers something to do it with.
fn empty_ui(ui: &mut Ui, view: &mut View<'_>, canvas: Rect) {
    let width = (canvas.width() - 2.0 * space::L).clamp(120.0, 420.0);
    let area = Rect::from_center_size(canvas.center(), vec2(width, 280.0)).intersect(canvas);
    let mut ui = ui.new_child(
        UiBuilder::new()
            .max_rect(area)
            .layout(Layout::top_down(Align::Center)),
    );
    let palette = Palette::of(&ui);
    ui.label(
        icons::GENERATE
            .sized(size::ICON_LARGE)
            .color(palette.outline),
    );
    ui.add_space(space::XS);
    ui.label(
        RichText::new(view.t(Key::CanvasEmptyTitle))
            .size(size::TITLE)
            .color(palette.strong),
    );
    let is_demo = view.studio.settings.gateway().preset == Preset::Demo;
    let body = if is_demo {
        Key::CanvasEmptyBody
    } else {
        Key::CanvasEmptyBodyKey
    };
    let body = view
        .text
        .with(body, [("keys", Action::Generate.keys(ui.ctx()).into())]);
    ui.add(Label::new(RichText::new(body).color(palette.weak)).wrap());
    ui.add_space(space::M);
    ui.label(
        RichText::new(view.t(Key::CanvasExamples))
            .small()
            .color(palette.weak),
    );
    for example in [Key::Example1, Key::Example2, Key::Example3] {
        let words = view.t(example);
        let button = TextButton::new(words).min_size(vec2(width.min(320.0), size::CONTROL));
        if ui.add(button).clicked() {
            view.push(Intent::UsePrompt(words.to_owned()));
        }
    }
}

fn zoom_ui(ui: &mut Ui, view: &View<'_>, canvas: &mut StageCanvas) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.x = 0.0;
    let middle = canvas.view.viewport().center();
    if ui
        .add(IconButton::new(icons::ZOOM_OUT, view.t(Key::ZoomOut)))
        .clicked()
    {
        canvas.view.zoom_by(1.0 / ZOOM_STEP, middle);
    }
    let level = canvas.view.zoom_percent().to_string();
    let level = view.text.with(Key::ZoomLevel, [("percent", level.into())]);
    let words = RichText::new(level).small().color(palette.text);
    let button = egui::Button::new(words)
        .frame_when_inactive(false)
        .min_size(vec2(52.0, size::CONTROL));
    let name = view.t(Key::ZoomActual);
    let button = ui.add(button).on_hover_text(name).accessible_name(name);
    if button.clicked() {
        canvas.view.actual_size(middle);
    }
    if ui
        .add(IconButton::new(icons::ZOOM_IN, view.t(Key::ZoomIn)))
        .clicked()
    {
        canvas.view.zoom_by(ZOOM_STEP, middle);
    }
    if ui
        .add(IconButton::new(icons::FIT, view.t(Key::ZoomFit)))
        .clicked()
    {
        canvas.view.fit();
    }
}

/// The previews of a picture as numbers, and the picture itself.
fn scrubber_ui(ui: &mut Ui, view: &mut View<'_>, job: &Job, subject: Subject) {
    let previews = &job.snapshot.previews;
    if previews.is_empty() {
        return;
    }
    let index = match subject {
        Subject::Image(id) => view.studio.records.get(id).map(|record| record.index),
        Subject::Job(_) => None,
    };
    let mut shown: Vec<(u32, u32)> = previews
        .iter()
        .map(|preview| (preview.index, preview.preview))
        .filter(|(picture, _)| index.is_none_or(|index| index == *picture))
        .collect();
    shown.sort_unstable();
    let many = index.is_none() && shown.iter().any(|(picture, _)| *picture > 0);
    let words: Vec<String> = shown
        .iter()
        .map(|(picture, preview)| {
            if many {
                format!("{}·{}", picture + 1, preview + 1)
            } else {
                (preview + 1).to_string()
            }
        })
        .collect();
    let names: Vec<String> = words
        .iter()
        .map(|number| {
            let number = number.as_str().into();
            view.text.with(Key::PreviewNumber, [("number", number)])
        })
        .collect();
    let last = match subject {
        Subject::Image(_) => view.t(Key::FinalPicture),
        Subject::Job(_) => view.t(Key::NewestPicture),
    };
    let mut cells: Vec<(Option<(u32, u32)>, &str)> = shown
        .into_iter()
        .map(Some)
        .zip(words.iter().map(String::as_str))
        .collect();
    cells.push((None, last));
    let name = view.t(Key::Previews);
    let chosen = Segmented::new(name, &cells, view.studio.stage.preview())
        .names(&names)
        .show(ui);
    if let Some(preview) = chosen {
        view.push(Intent::Scrub(preview));
    }
}

/// What the job is doing: stage, clock, bar, what is known of the stream, and the way to end it.
fn work_ui(ui: &Ui, view: &mut View<'_>, job: &Job, rect: Rect) {
    let palette = Palette::of(ui);
    let headline = job_text::headline(view.text, job, &view.studio.jobs, view.now_ms);
    let lines = job_text::lines(view.text, job, view.now_ms);
    let clock = format::clock(job.elapsed_ms(view.now_ms));
    let mut cancel = false;
    overlay(ui, "work", rect, Align2::LEFT_TOP, |ui| {
        overlay_frame(palette)
            .inner_margin(Margin::symmetric(10, 6))
            .show(ui, |ui| {
                // As wide for every stage: the words change all the time.
                ui.set_width(WORK_WIDTH.min(rect.width() - 2.0 * space::XL));
                ui.horizontal(|ui| {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let stop = IconButton::new(icons::CLOSE, view.t(Key::Cancel)).side(22.0);
                        cancel = ui.add(stop).clicked();
                        let clock = RichText::new(&clock).monospace().color(palette.weak);
                        ui.label(clock);
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            let words = RichText::new(&headline).color(palette.text);
                            ui.add(Label::new(words).truncate());
                        });
                    });
                });
                let (bar, _) =
                    ui.allocate_exact_size(vec2(ui.available_width(), 3.0), egui::Sense::hover());
                let corner = CornerRadius::same(1);
                ui.painter().rect_filled(bar, corner, palette.control);
                let done = Rect::from_min_max(
                    bar.min,
                    pos2(bar.left() + bar.width() * progress(job), bar.bottom()),
                );
                ui.painter().rect_filled(done, corner, palette.accent_text);
                for line in &lines {
                    let color = if line.is_warning {
                        palette.warn
                    } else {
                        palette.weak
                    };
                    let words = RichText::new(&line.words).small().color(color);
                    ui.add(Label::new(words).wrap());
                }
            });
    });
    if cancel {
        view.push(Intent::Cancel(job.snapshot.id));
    }
}

fn failure_ui(ui: &Ui, view: &mut View<'_>, job: &Job, rect: Rect) {
    overlay(ui, "failure", rect, Align2::CENTER_CENTER, |ui| {
        ui.set_width(CARD_WIDTH.min(rect.width() - 2.0 * space::M));
        let height = rect.height() - 2.0 * space::M;
        egui::ScrollArea::vertical()
            .id_salt(job.snapshot.id)
            .max_height(height)
            // The area is as high as its content was; it must not hold the content to that.
            .min_scrolled_height(height)
            .show(ui, |ui| failure::show(ui, view, job));
    });
}

/// Says that what is on the canvas is a preview, and all that came, or chosen instead of the result.
fn preview_chip_ui(ui: &Ui, view: &View<'_>, rect: Rect) {
    let is_preview = view.studio.stage.preview().is_some()
        || match view.studio.stage.subject() {
            Some(Subject::Job(id)) => {
                let job = view.studio.jobs.get(id);
                job.is_some_and(|job| leftovers::last_preview(job).is_some())
            }
            Some(Subject::Image(_)) | None => false,
        };
    if is_preview {
        let palette = Palette::of(ui);
        overlay(ui, "preview chip", rect, Align2::RIGHT_TOP, |ui| {
            chip(
                ui,
                view.t(Key::PreviewNotFinal),
                palette.warn,
                palette.warn_soft,
            );
        });
    }
}

/// A quiet button for the empty screens.
pub(in crate::ui) fn empty_action(words: &str) -> TextButton<'_> {
    TextButton::new(words).emphasis(Emphasis::Primary)
}
