//! The card that explains a failure: cause, advice, one button, whether it was charged, the request id, and the
//! answer as it came.

use egui::{CornerRadius, Frame, Id, Label, Margin, RichText, ScrollArea, Stroke, Ui};

use crate::model::{Charge, Failure, JobState};
use crate::ui::failure_text::{self, Explanation, Remedy};
use crate::ui::intent::Intent;
use crate::ui::state::{Job, Subject};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::{IconButton, TextButton};
use crate::ui::widgets::card::{chip, chips, fold};

use super::View;

/// A failure's colours say how bad it is: what the user did himself is no error.
struct Tone {
    front: egui::Color32,
    back: egui::Color32,
    icon: icons::Icon,
}

fn tone(palette: &Palette, state: JobState) -> Tone {
    match state {
        JobState::Canceled => Tone {
            front: palette.weak,
            back: palette.card,
            icon: icons::STOP,
        },
        JobState::Interrupted => Tone {
            front: palette.warn,
            back: palette.warn_soft,
            icon: icons::WARNING,
        },
        _ => Tone {
            front: palette.error,
            back: palette.error_soft,
            icon: icons::ERROR,
        },
    }
}

/// Draws the card of a job that ended without all of its pictures.
pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, job: &Job) {
    let state = job.snapshot.state;
    let failure = job.failure();
    let explanation = match (state, failure) {
        (JobState::Interrupted, _) => Explanation {
            cause: Key::CauseInterrupted,
            advice: Key::AdviceInterrupted,
            remedy: Some(Remedy::Again),
        },
        (JobState::Canceled, _) | (_, None) => Explanation {
            cause: Key::CauseCanceled,
            advice: Key::AdviceCanceled,
            remedy: Some(Remedy::Again),
        },
        (_, Some(failure)) => failure_text::explain(failure),
    };
    let palette = Palette::of(ui);
    let tone = tone(palette, state);
    Frame::new()
        .fill(tone.back)
        .stroke(Stroke::new(1.0, tone.front.gamma_multiply(0.5)))
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            head_ui(ui, view, &tone, explanation);
            if let Some(failure) = failure {
                // What the user did himself needs no word from the gateway.
                facts_ui(ui, view, failure, state != JobState::Canceled);
            }
            buttons_ui(ui, view, job, explanation, failure);
            if let Some(raw) = failure.and_then(|failure| failure.raw.as_deref()) {
                raw_ui(ui, view, raw);
            }
        });
}

fn head_ui(ui: &mut Ui, view: &View<'_>, tone: &Tone, explanation: Explanation) {
    ui.horizontal_top(|ui| {
        ui.label(tone.icon.text().color(tone.front));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::HAIR;
            let palette = Palette::of(ui);
            let cause = RichText::new(view.t(explanation.cause))
                .size(size::BODY + 1.0)
                .color(palette.strong);
            ui.add(Label::new(cause).wrap());
            let advice = RichText::new(view.t(explanation.advice)).color(palette.text);
            ui.add(Label::new(advice).wrap());
        });
    });
}

fn facts_ui(ui: &mut Ui, view: &mut View<'_>, failure: &Failure, has_message: bool) {
    let palette = Palette::of(ui);
    if has_message && !failure.message.is_empty() {
        let message = RichText::new(&failure.message).small().color(palette.weak);
        ui.add(Label::new(message).wrap().selectable(true));
    }
    chips(ui, |ui| {
        let (front, back) = match failure.charge {
            Charge::No => (palette.ok, palette.card),
            Charge::Yes | Charge::Unknown => (palette.warn, palette.warn_soft),
        };
        chip(
            ui,
            view.t(failure_text::charge(failure.charge)),
            front,
            back,
        );
        if let Some(status) = failure.status {
            chip(ui, &format!("HTTP {status}"), palette.weak, palette.card);
        }
        if let Some(code) = failure.code.as_deref().filter(|code| !code.is_empty()) {
            chip(ui, code, palette.weak, palette.card);
        }
    });
    if let Some(id) = &failure.request_id {
        request_id_ui(ui, view, id);
    }
}

/// A request id with its button.
pub(super) fn request_id_ui(ui: &mut Ui, view: &mut View<'_>, id: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let palette = Palette::of(ui);
        let width = ui.available_width() - 28.0;
        ui.scope(|ui| {
            ui.set_max_width(width);
            let words = RichText::new(id).monospace().color(palette.weak);
            ui.add(Label::new(words).truncate()).on_hover_text(id);
        });
        let copy = IconButton::new(icons::COPY, view.t(Key::DetailsCopyRequestId)).side(24.0);
        if ui.add(copy).clicked() {
            view.push(Intent::Copy(id.to_owned()));
        }
    });
}

fn buttons_ui(
    ui: &mut Ui,
    view: &mut View<'_>,
    job: &Job,
    explanation: Explanation,
    failure: Option<&Failure>,
) {
    let subject = Subject::Job(job.snapshot.id);
    let intent_of = |remedy: Remedy| match remedy {
        Remedy::EnterKey | Remedy::OpenGateways => Intent::ShowGateways(true),
        Remedy::EditPrompt => Intent::UseSettings(subject),
        Remedy::Again => Intent::Again(subject),
    };
    if explanation.remedy == Some(Remedy::Again)
        && failure.is_some_and(|failure| failure.charge != Charge::No)
    {
        let palette = Palette::of(ui);
        let note = RichText::new(view.t(Key::FailureAgainNote))
            .small()
            .color(palette.warn);
        ui.add(Label::new(note).wrap());
    }
    ui.horizontal(|ui| {
        if let Some(remedy) = explanation.remedy
            && ui.add(TextButton::new(view.t(remedy.text()))).clicked()
        {
            view.push(intent_of(remedy));
        }
        if explanation.remedy != Some(Remedy::Again)
            && ui.add(TextButton::new(view.t(Key::RemedyAgain))).clicked()
        {
            view.push(Intent::Again(subject));
        }
        if ui.add(TextButton::new(view.t(Key::Dismiss))).clicked() {
            view.push(Intent::Dismiss(job.snapshot.id));
        }
    });
}

fn raw_ui(ui: &mut Ui, view: &View<'_>, raw: &str) {
    let id = Id::unique("the raw answer is open");
    let mut open = ui.data(|data| data.get_temp(id).unwrap_or(false));
    fold(ui, view.t(Key::FailureRaw), &mut open);
    ui.data_mut(|data| data.insert_temp(id, open));
    if open {
        ScrollArea::vertical()
            .id_salt("raw answer")
            .max_height(160.0)
            .show(ui, |ui| {
                let palette = Palette::of(ui);
                let words = RichText::new(raw).monospace().color(palette.text);
                ui.add(Label::new(words).wrap().selectable(true));
            });
    }
}
