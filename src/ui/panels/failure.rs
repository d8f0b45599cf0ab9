//! The card that explains a failure: cause, advice, one button, whether it was charged, the request id, what arrived
//! all the same, and the answer as it came.

use egui::{
    Color32, CornerRadius, Frame, Id, Label, Margin, RichText, ScrollArea, Stroke, Ui, vec2,
};

use crate::model::{Charge, Failure, FailureKind, JobState, PixelSize, Reason, SizeChoice};
use crate::ui::failure_text::{self, Remedy};
use crate::ui::format;
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::job_text;
use crate::ui::state::{Job, Subject};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::{chip, chips, fold, header};

use super::{View, leftovers};

/// Highest that words of a model or of a gateway get before they scroll, in points.
const WORDS_HEIGHT: f32 = 140.0;

/// A failure's colours say how bad it is: what the user did himself is no error.
struct Tone {
    front: Color32,
    back: Color32,
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

/// What the card of a job says first, and its button.
struct Head {
    cause: String,
    advice: String,
    remedy: Remedy,
}

fn head(view: &View<'_>, job: &Job) -> Head {
    let plain = |cause: Key, advice: Key| Head {
        cause: view.t(cause).to_owned(),
        advice: view.t(advice).to_owned(),
        remedy: Remedy::Again,
    };
    match (job.snapshot.state, job.failure()) {
        (JobState::Interrupted, _) => plain(Key::CauseInterrupted, Key::AdviceInterrupted),
        (JobState::Canceled, _) | (_, None) => plain(Key::CauseCanceled, Key::AdviceCanceled),
        (_, Some(failure)) => Head {
            cause: failure_text::cause(view.text, failure),
            advice: if failure.kind == FailureKind::ExpiredUrl && may_be_fetched(view, job) {
                view.t(Key::AdviceExpiredEarly).to_owned()
            } else {
                failure_text::advice(view.text, failure, &job.snapshot.request.gateway)
            },
            remedy: failure_text::explain(failure).remedy,
        },
    }
}

/// Whether there is a link that should still work, by what the gateway promised.
fn may_be_fetched(view: &View<'_>, job: &Job) -> bool {
    let mut links = job.snapshot.downloads.iter();
    links.any(|download| download.expires_ms > view.now_ms)
}

/// Draws the card of a job that ended without all of its pictures.
pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, job: &Job) {
    let state = job.snapshot.state;
    // What the user did himself needs no word from the gateway.
    let failure = job.failure().filter(|_| state != JobState::Canceled);
    let head = head(view, job);
    let palette = Palette::of(ui);
    let tone = tone(palette, state);
    Frame::new()
        .fill(tone.back)
        .stroke(Stroke::new(1.0, tone.front.gamma_multiply(0.5)))
        .corner_radius(CornerRadius::same(radius::CARD))
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = space::S;
            head_ui(ui, &tone, &head);
            // Cause and advice of an interrupted job say it all.
            if let Some(failure) = failure.filter(|_| state != JobState::Interrupted) {
                message_ui(ui, view, failure);
            }
            if let Some(failure) = failure {
                leftovers::kept_ui(ui, view, failure);
            }
            facts_ui(ui, view, job);
            leftovers::previews_ui(ui, view, job);
            if let Some(failure) = failure {
                leftovers::claim_ui(ui, view, job, failure);
            }
            buttons_ui(ui, view, job, head.remedy);
            // A claim has it all already.
            let told = failure.filter(|failure| failure.kind != FailureKind::ExpiredUrl);
            if let Some(raw) = told.and_then(|failure| failure.raw.as_deref()) {
                raw_ui(ui, view, job, raw);
            }
        });
}

fn head_ui(ui: &mut Ui, tone: &Tone, head: &Head) {
    ui.horizontal_top(|ui| {
        ui.label(tone.icon.text().color(tone.front));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            let palette = Palette::of(ui);
            let cause = RichText::new(&head.cause)
                .size(size::BODY + 1.0)
                .color(palette.strong);
            ui.add(Label::new(cause).wrap());
            let advice = RichText::new(&head.advice).color(palette.text);
            ui.add(Label::new(advice).wrap());
        });
    });
}

/// The gateway's own words; those of a model that answered without a picture are shown as what they are.
fn message_ui(ui: &mut Ui, view: &mut View<'_>, failure: &Failure) {
    if failure.message.trim().is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    if failure.reason == Some(Reason::Words) {
        let copy = view.t(Key::FailureWordsCopy);
        header(ui, view.t(Key::FailureWords), |ui| {
            copy_ui(ui, view, copy, &failure.message);
        });
        quote_ui(ui, "the model's words", |ui| {
            let words = RichText::new(&failure.message).color(palette.text);
            ui.add(Label::new(words).wrap().selectable(true));
        });
        return;
    }
    let words = failure_text::words(view.text, failure);
    let message = RichText::new(words).small().color(palette.weak);
    ScrollArea::vertical()
        .id_salt("message")
        .max_height(WORDS_HEIGHT)
        .show(ui, |ui| {
            ui.add(Label::new(message).wrap().selectable(true))
                .on_hover_text(failure.words());
        });
}

/// A field that holds somebody else's words, and scrolls where they are many.
pub(super) fn quote_ui(ui: &mut Ui, id: &str, content: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    Frame::new()
        .fill(palette.field)
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::same(8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ScrollArea::vertical()
                .id_salt(id)
                .max_height(WORDS_HEIGHT)
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    content(ui);
                });
        });
}

/// A button that copies `what`.
pub(super) fn copy_ui(ui: &mut Ui, view: &mut View<'_>, name: &str, what: &str) {
    let copy = IconButton::new(icons::COPY, name).side(24.0);
    if ui.add(copy).clicked() {
        view.push(Intent::Copy(what.to_owned()));
    }
}

/// Whether it was charged, the codes, who it was, and the ids of the requests.
fn facts_ui(ui: &mut Ui, view: &mut View<'_>, job: &Job) {
    let palette = Palette::of(ui);
    let failure = job.failure();
    chips(ui, |ui| {
        if let Some(failure) = failure {
            let (front, back) = match failure.charge {
                Charge::No => (palette.ok, palette.card),
                Charge::Yes | Charge::Unknown => (palette.warn, palette.warn_soft),
            };
            let charge = view.t(failure_text::charge(failure.charge));
            chip(ui, charge, front, back);
            if let Some(status) = failure.status {
                chip(ui, &format!("HTTP {status}"), palette.weak, palette.card);
            }
            if let Some(code) = failure.code.as_deref().filter(|code| !code.is_empty()) {
                chip(ui, code, palette.weak, palette.card);
            }
            if let Some(ms @ 1_000..) = failure.after_ms {
                let seconds = failure_text::seconds(ms);
                let words = view
                    .text
                    .with(Key::FailureAfter, [("seconds", seconds.into())]);
                chip(ui, &words, palette.weak, palette.card);
            }
        }
    });
    // An address that is dead does not work for another half hour, whatever was promised.
    let is_dead = job
        .failure()
        .is_some_and(|failure| failure.kind == FailureKind::ExpiredUrl);
    if !is_dead && let Some(download) = job_text::soonest(&job.snapshot.downloads) {
        let line = job_text::link_line(view.text, download, view.now_ms);
        let color = if line.is_warning {
            palette.warn
        } else {
            palette.text
        };
        let words = RichText::new(&line.words).small().color(color);
        ui.add(Label::new(words).wrap());
    }
    let who = who(view, job);
    let words = RichText::new(&who).small().color(palette.weak);
    ui.add(Label::new(words).truncate()).on_hover_text(who);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for id in request_ids(job) {
            request_id_ui(ui, view, id);
        }
    });
}

/// The gateway's name, and the host that the request went to.
pub(super) fn who(view: &View<'_>, job: &Job) -> String {
    let snapshot = &job.snapshot;
    let name = super::top_bar::gateway_name(view.text, &snapshot.request.gateway);
    match &snapshot.host {
        Some(host) => format!("{name} · {host}"),
        None => name.to_owned(),
    }
}

/// The gateway's ids of the failed request; those of the job where the failure has none.
pub(super) fn request_ids(job: &Job) -> Vec<&str> {
    match job.failure().and_then(|f| f.request_id.as_deref()) {
        Some(id) => vec![id],
        None => job
            .snapshot
            .request_ids
            .iter()
            .map(String::as_str)
            .collect(),
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
        let name = view.t(Key::DetailsCopyRequestId);
        copy_ui(ui, view, name, id);
    });
}

/// The nearest size that the job's model takes, where that is not the one that was asked.
fn nearest_size(view: &View<'_>, job: &Job) -> Option<PixelSize> {
    let request = &job.snapshot.request;
    let SizeChoice::Exact(asked) = request.parameters.size else {
        return None;
    };
    let capability = view.studio.catalog.capability(&request.gateway);
    let rule = capability.sizes.or(capability.advised_sizes)?;
    let nearest = rule.nearest(asked);
    (nearest != asked).then_some(nearest)
}

fn buttons_ui(ui: &mut Ui, view: &mut View<'_>, job: &Job, remedy: Remedy) {
    let subject = Subject::Job(job.snapshot.id);
    let charge = job.failure().map_or(Charge::No, |failure| failure.charge);
    let again = view.t(Remedy::Again.text(charge));
    let gateway = &job.snapshot.request.gateway.id;
    // A picture that is made and paid for comes first.
    let remedy = if may_be_fetched(view, job) {
        Remedy::Fetch
    } else {
        remedy
    };
    // What may cost does not ask to be pressed.
    let emphasis = if remedy == Remedy::Again {
        Emphasis::Plain
    } else {
        Emphasis::Primary
    };
    let (words, intent) = match (remedy, nearest_size(view, job)) {
        (Remedy::NearestSize, Some(size)) => {
            let size_words = format::pixel_size(size);
            let words = view
                .text
                .with(Key::SizeUseNearest, [("size", size_words.into())]);
            (words, Intent::UseSize(subject, size))
        }
        // The model would take it, the gateway does not: nobody knows which it takes.
        (Remedy::NearestSize, None) => {
            let words = view.t(Remedy::EditSettings.text(charge)).to_owned();
            (words, Intent::UseSettings(subject))
        }
        (remedy, _) => {
            let intent = match remedy {
                Remedy::EnterKey => Intent::Gateway(GatewayIntent::EnterKey(gateway.clone())),
                Remedy::OpenGateways => Intent::Gateway(GatewayIntent::Open(gateway.clone())),
                Remedy::Again => Intent::Again(subject),
                Remedy::Fetch => Intent::FetchAgain(job.snapshot.id),
                _ => Intent::UseSettings(subject),
            };
            (view.t(remedy.text(charge)).to_owned(), intent)
        }
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        if ui.add(TextButton::new(&words).emphasis(emphasis)).clicked() {
            view.push(intent);
        }
        if remedy != Remedy::Again && ui.add(TextButton::new(again)).clicked() {
            view.push(Intent::Again(subject));
        }
        if ui.add(TextButton::new(view.t(Key::Dismiss))).clicked() {
            view.push(Intent::Dismiss(job.snapshot.id));
        }
    });
}

fn raw_ui(ui: &mut Ui, view: &mut View<'_>, job: &Job, raw: &str) {
    let id = Id::unique(("the raw answer is open", job.snapshot.id));
    let mut open = ui.data(|data| data.get_temp(id).unwrap_or(false));
    ui.horizontal(|ui| {
        let width = if open {
            ui.available_width() - 28.0
        } else {
            ui.available_width()
        };
        ui.scope(|ui| {
            ui.set_max_width(width);
            fold(ui, view.t(Key::FailureRaw), "", &mut open);
        });
        if open {
            let name = view.t(Key::FailureRawCopy);
            copy_ui(ui, view, name, raw);
        }
    });
    ui.data_mut(|data| data.insert_temp(id, open));
    if open {
        quote_ui(ui, "raw answer", |ui| {
            let palette = Palette::of(ui);
            let words = RichText::new(raw).monospace().color(palette.text);
            ui.add(Label::new(words).wrap().selectable(true));
        });
    }
}
