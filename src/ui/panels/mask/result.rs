//! What a result tells of its mask: how much drifted outside of it, where, and what was put back.

use egui::{Label, RichText, Ui};

use crate::model::ImageRecord;
use crate::ui::intent::{Intent, MaskIntent};
use crate::ui::panels::View;
use crate::ui::state::Subject;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::TextButton;
use crate::ui::widgets::card::{heading, note};

pub(in crate::ui::panels) fn show(ui: &mut Ui, view: &mut View<'_>, record: &ImageRecord) {
    let recipe = &record.recipe;
    if recipe.mask.is_none() || recipe.references.is_empty() {
        return;
    }
    ui.add_space(space::S);
    heading(ui, view.t(Key::MaskOutside));
    let palette = Palette::of(ui);
    let is_shown = view.studio.stage.heat() == Some(record.id);
    if let Some(protected) = &recipe.protected {
        let drift = protected.drift;
        let words = if drift.changed_px == 0 {
            view.t(Key::DriftNone).to_owned()
        } else {
            view.text.with(
                Key::Drift,
                [
                    ("percent", super::percent(drift.share()).into()),
                    ("mean", format!("{:.1}", drift.mean()).into()),
                    ("feather", protected.feather_px.to_string().into()),
                ],
            )
        };
        let (front, back) = if drift.changed_px == 0 {
            (palette.text, palette.control)
        } else {
            (palette.warn, palette.warn_soft)
        };
        note(ui, &words, front, back).on_hover_text(view.t(Key::DriftHint));
    } else {
        let words = RichText::new(view.t(Key::DriftRaw))
            .small()
            .color(palette.weak);
        ui.add(Label::new(words).wrap());
    }
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        if let Some(protected) = &recipe.protected {
            let button = TextButton::new(view.t(Key::DriftShowRaw)).icon(icons::PICTURE);
            if ui.add(button).clicked() {
                view.push(Intent::Show(Subject::Image(protected.raw)));
            }
        } else {
            let button = TextButton::new(view.t(Key::DriftProtect)).icon(icons::PROTECT);
            if ui.add(button).clicked() {
                view.push(Intent::Mask(MaskIntent::ProtectNow(record.id)));
            }
        }
        let words = if is_shown {
            Key::DriftHeatOff
        } else {
            Key::DriftHeat
        };
        let button = TextButton::new(view.t(words)).icon(icons::HEAT);
        if ui.add(button).clicked() {
            let heat = (!is_shown).then_some(record.id);
            view.push(Intent::Mask(MaskIntent::Heat(heat)));
        }
    });
}
