//! Short messages at the lower right edge.

use egui::{Align2, Area, Frame, Id, Label, Order, RichText, Ui, vec2};

use crate::ui::compose_text;
use crate::ui::failure_text;
use crate::ui::intent::Intent;
use crate::ui::shortcuts::Action;
use crate::ui::state::{Screen, Toast, ToastKind, ToastMessage};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::{IconButton, TextButton};
use crate::ui::widgets::card::{at_end, card, end_width};

use super::View;
use super::top_bar::gateway_name;

const WIDTH: f32 = 320.0;

pub(in crate::ui) fn show(ui: &Ui, view: &mut View<'_>) {
    let toasts = view.studio.toasts.list();
    if toasts.is_empty() {
        return;
    }
    // Above the filmstrip and the bar under the canvas, clear of the buttons at either side.
    let lift = match view.studio.screen {
        Screen::Create => 160.0,
        Screen::Gallery | Screen::Gateways => space::L,
    };
    Area::new(Id::unique("toasts"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -lift))
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            for toast in toasts {
                ui.push_id(toast.id, |ui| toast_ui(ui, view, toast));
            }
        });
}

fn toast_ui(ui: &mut Ui, view: &mut View<'_>, toast: &Toast) {
    let palette = Palette::of(ui);
    let (icon, color) = match toast.kind {
        ToastKind::Info => (icons::INFO, palette.accent_text),
        ToastKind::Warning => (icons::WARNING, palette.warn),
        ToastKind::Error => (icons::ERROR, palette.error),
    };
    let frame: Frame = card(palette).shadow(ui.visuals().popup_shadow);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(icon.text().color(color));
            let width = ui.available_width() - end_width(ui, "toast") - space::S;
            ui.scope(|ui| {
                ui.set_max_width(width);
                let words = RichText::new(words(view, &toast.message)).color(palette.text);
                ui.add(Label::new(words).wrap());
            });
            at_end(ui, "toast", |ui| {
                if toast.message.can_undo()
                    && ui.add(TextButton::new(view.t(Key::ToastUndo))).clicked()
                {
                    view.push(Intent::Do(Action::Undo));
                }
                let close = IconButton::new(icons::CLOSE, view.t(Key::Close)).side(22.0);
                if ui.add(close).clicked() {
                    view.push(Intent::DismissToast(toast.id));
                }
            });
        });
        if let ToastMessage::Failed(failure) | ToastMessage::JobWarning(failure) = &toast.message
            && !failure.message.is_empty()
        {
            let words = failure_text::words(view.text, failure);
            let words = RichText::new(words).small().color(palette.weak);
            ui.add(Label::new(words).wrap());
        }
    });
}

fn words(view: &View<'_>, message: &ToastMessage) -> String {
    let text = view.text;
    match message {
        ToastMessage::Deleted(ids) => text.with(Key::ToastDeleted, [("count", ids.len().into())]),
        ToastMessage::Recovered(images) => {
            text.with(Key::ToastRecovered, [("count", (*images).into())])
        }
        ToastMessage::Failed(failure) => failure_text::cause(text, failure),
        ToastMessage::JobWarning(failure) => {
            let cause = failure_text::cause(text, failure);
            text.with(Key::ToastJobWarning, [("cause", cause.into())])
        }
        ToastMessage::SettingsUnreadable(path) => text.with(
            Key::ToastSettingsUnreadable,
            [("path", path.display().to_string().into())],
        ),
        ToastMessage::ModelsUnreadable(reason) => text.with(
            Key::ToastModelsUnreadable,
            [("reason", reason.as_str().into())],
        ),
        ToastMessage::SecretsLeftOut(names) => text.with(
            Key::ToastSecretsLeftOut,
            [("names", names.join(", ").into())],
        ),
        ToastMessage::KeyNotKept(reason) => {
            text.with(Key::ToastKeyNotKept, [("reason", reason.as_str().into())])
        }
        ToastMessage::GatewaysUnreadable(reason) => text.with(
            Key::ToastGatewaysUnreadable,
            [("reason", reason.as_str().into())],
        ),
        ToastMessage::GatewaysExported(path, count) => text.with(
            Key::ToastGatewaysExported,
            [
                ("count", (*count).into()),
                ("path", path.display().to_string().into()),
            ],
        ),
        ToastMessage::Busy => text.get(Key::ToastBusy).to_owned(),
        ToastMessage::ReferencesFull(count) => {
            text.with(Key::ToastReferencesFull, [("count", (*count).into())])
        }
        ToastMessage::Compose(note) => compose_text::note(text, note),
        ToastMessage::ReferenceTwice(twin) => text.with(
            Key::ToastReferenceTwice,
            [
                ("name", twin.name.as_str().into()),
                ("number", twin.number.into()),
            ],
        ),
        ToastMessage::SavedAs(path) => text.with(
            Key::ToastSavedAs,
            [("path", path.display().to_string().into())],
        ),
        ToastMessage::MaskEmpty => text.get(Key::MaskEmpty).to_owned(),
        ToastMessage::Copied => text.get(Key::Copied).to_owned(),
        ToastMessage::GatewayDeleted { profile, .. } => {
            let name = gateway_name(text, profile);
            text.with(Key::ToastGatewayDeleted, [("name", name.into())])
        }
        ToastMessage::TemplateDeleted { template, .. } => text.with(
            Key::ToastTemplateDeleted,
            [("name", template.title.as_str().into())],
        ),
        ToastMessage::GatewayReset(profile) => {
            let name = gateway_name(text, profile);
            text.with(Key::ToastGatewayReset, [("name", name.into())])
        }
        ToastMessage::GatewayAdded => text.get(Key::ToastGatewayAdded).to_owned(),
        ToastMessage::GatewaysImported(count) => {
            text.with(Key::ToastGatewaysImported, [("count", (*count).into())])
        }
    }
}
