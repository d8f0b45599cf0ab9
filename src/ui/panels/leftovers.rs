//! What a failed job leaves all the same: its last preview, which is never a result, and what is needed to claim a
//! picture that was made and can't be fetched any more.

use egui::{Label, RichText, Ui, vec2};

use crate::engine::PreviewRecord;
use crate::model::{Failure, FailureKind};
use crate::ui::intent::Intent;
use crate::ui::state::{Job, Subject};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::{IconButton, TextButton};
use crate::ui::widgets::card::{chip, header};

use super::View;
use super::failure::{copy_ui, quote_ui, request_ids, who};

/// The last preview of a job that came to nothing.
pub(super) fn last_preview(job: &Job) -> Option<&PreviewRecord> {
    let snapshot = &job.snapshot;
    if !super::stage::has_failed(job) || !snapshot.images.is_empty() {
        return None;
    }
    let order = |preview: &&PreviewRecord| (preview.preview, std::cmp::Reverse(preview.index));
    snapshot.previews.iter().max_by_key(order)
}

/// Offers the last preview, for what it is.
pub(super) fn previews_ui(ui: &mut Ui, view: &mut View<'_>, job: &Job) {
    let Some(preview) = last_preview(job) else {
        return;
    };
    let palette = Palette::of(ui);
    let place = (preview.index, preview.preview);
    let is_shown = view.studio.stage.preview() == Some(place) && view.canvas_has_picture;
    header(ui, view.t(Key::FailurePreviews), |ui| {
        chip(
            ui,
            view.t(Key::PreviewNotFinal),
            palette.warn,
            palette.warn_soft,
        );
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        if !is_shown {
            let show = TextButton::new(view.t(Key::FailurePreviewShow)).icon(icons::PICTURE);
            if ui.add(show).clicked() {
                view.push(Intent::Show(Subject::Job(job.snapshot.id)));
                view.push(Intent::Scrub(Some(place)));
            }
        }
        let save = TextButton::new(view.t(Key::FailurePreviewSave)).icon(icons::SAVE);
        if ui.add(save).clicked() {
            view.push(Intent::SaveCopy(preview.path.clone()));
        }
        let reference = TextButton::new(view.t(Key::UseAsReference)).icon(icons::ADD_PICTURE);
        if ui.add(reference).clicked() {
            view.push(Intent::AddFiles(vec![preview.path.clone()]));
        }
    });
}

/// Says what is kept, and opens its folder.
pub(super) fn kept_ui(ui: &mut Ui, view: &mut View<'_>, failure: &Failure) {
    let Some(kept) = &failure.kept else {
        return;
    };
    let previews = kept.previews_folder.as_ref().map(|folder| {
        let args = [("count", kept.previews.into())];
        (view.text.with(Key::FailureKeptPreviews, args), folder)
    });
    let part = kept
        .part
        .as_ref()
        .map(|part| (view.t(Key::FailureKeptPart).to_owned(), part));
    for (words, path) in previews.into_iter().chain(part) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            let width = ui.available_width() - 28.0;
            ui.scope(|ui| {
                ui.set_max_width(width);
                let color = Palette::of(ui).text;
                ui.add(Label::new(RichText::new(&words).small().color(color)).wrap())
                    .on_hover_text(path.display().to_string());
            });
            let name = view.t(Key::DetailsOpenFolder);
            if ui
                .add(IconButton::new(icons::FOLDER, name).side(24.0))
                .clicked()
            {
                view.push(Intent::Reveal(path.clone()));
            }
        });
    }
}

/// What the operator of a gateway needs to find a picture that was made and is out of reach.
pub(super) fn claim_ui(ui: &mut Ui, view: &mut View<'_>, job: &Job, failure: &Failure) {
    if failure.kind != FailureKind::ExpiredUrl {
        return;
    }
    let claim = claim(view, job, failure);
    let palette = Palette::of(ui);
    let name = view.t(Key::FailureClaimCopy);
    header(ui, view.t(Key::FailureClaim), |ui| {
        copy_ui(ui, view, name, &claim);
    });
    quote_ui(ui, "claim", |ui| {
        let words = RichText::new(&claim).small().color(palette.text);
        ui.add(Label::new(words).wrap().selectable(true));
    });
    let note = RichText::new(view.t(Key::FailureClaimNote))
        .small()
        .color(palette.weak);
    ui.add(Label::new(note).wrap());
}

/// One fact a line.
fn claim(view: &View<'_>, job: &Job, failure: &Failure) -> String {
    // The engine leaves a whole claim where it knew everything, else the address alone.
    if let Some(whole) = failure.raw.as_deref().filter(|raw| raw.contains('\n')) {
        return whole.to_owned();
    }
    let snapshot = &job.snapshot;
    let mut lines = Vec::new();
    let mut line = |name: Key, value: &str| lines.push(format!("{}: {value}", view.t(name)));
    line(Key::DetailsGateway, &who(view, job));
    line(Key::DetailsModel, &snapshot.request.gateway.image_model);
    for id in request_ids(job) {
        line(Key::DetailsRequestId, id);
    }
    let time = jiff::Timestamp::from_millisecond(snapshot.created_ms);
    if let Ok(time) = time {
        line(Key::FailureClaimTime, &format!("{time:.0}"));
    }
    if let Some(address) = failure.raw.as_deref() {
        line(Key::FailureClaimAddress, address);
    }
    lines.join("\n")
}
