//! The parameters: quality, format, pictures, previews; the seldom used ones folded away.

use egui::{Id, Label, RichText, Slider, Ui, vec2};

use crate::model::{
    Background, ImageFormat, MAX_COUNT, MAX_PARTIALS, Moderation, Parameters, Quality,
};
use crate::ui::intent::Intent;
use crate::ui::state::SizeEdit;
use crate::ui::text::Key;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::card::{fold, labelled_row};
use crate::ui::widgets::segmented::Segmented;
use crate::ui::widgets::stepper::{StepperNames, stepper};

use super::View;

/// OpenAI's default where nothing is sent (protocol.md 6.4).
const DEFAULT_COMPRESSION: u8 = 100;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edit: &mut SizeEdit) {
    super::size::show(ui, view, edit);
    ui.add_space(space::XS);
    let before = &view.studio.settings.parameters;
    let mut parameters = before.clone();
    common_ui(ui, view, &mut parameters);
    advanced_ui(ui, view, &mut parameters);
    if parameters != *before {
        view.push(Intent::SetParameters(parameters));
    }
}

fn common_ui(ui: &mut Ui, view: &View<'_>, parameters: &mut Parameters) {
    let quality = view.t(Key::Quality);
    labelled_row(ui, quality, |ui| {
        let cells = [
            (Quality::Auto, view.t(Key::QualityAuto)),
            (Quality::Low, view.t(Key::QualityLow)),
            (Quality::Medium, view.t(Key::QualityMedium)),
            (Quality::High, view.t(Key::QualityHigh)),
        ];
        if let Some(quality) = Segmented::new(quality, &cells, parameters.quality)
            .fill_width()
            .show(ui)
        {
            parameters.quality = quality;
        }
    });
    let format = view.t(Key::Format);
    labelled_row(ui, format, |ui| {
        let cells = [
            (ImageFormat::Png, "PNG"),
            (ImageFormat::Jpeg, "JPEG"),
            (ImageFormat::Webp, "WebP"),
        ];
        if let Some(format) = Segmented::new(format, &cells, parameters.format)
            .fill_width()
            .show(ui)
        {
            parameters.format = format;
        }
    });
    let previews = view.t(Key::Previews);
    labelled_row(ui, previews, |ui| {
        let cells: [(u8, &str); MAX_PARTIALS as usize + 1] =
            [(0, "0"), (1, "1"), (2, "2"), (3, "3")];
        if let Some(partials) = Segmented::new(previews, &cells, parameters.partials)
            .fill_width()
            .show(ui)
        {
            parameters.partials = partials;
        }
    });
    let count = view.t(Key::Count);
    labelled_row(ui, count, |ui| {
        let names = StepperNames {
            value: count,
            less: view.t(Key::CountLess),
            more: view.t(Key::CountMore),
        };
        if let Some(count) = stepper(ui, names, parameters.count, &(1..=MAX_COUNT)) {
            parameters.count = count;
        }
    });
}

fn advanced_ui(ui: &mut Ui, view: &View<'_>, parameters: &mut Parameters) {
    let id = Id::unique("advanced parameters are open");
    let mut open = ui.data(|data| data.get_temp(id).unwrap_or(false));
    let summary = advanced_summary(view, parameters);
    fold(ui, view.t(Key::Advanced), &summary, &mut open);
    ui.data_mut(|data| data.insert_temp(id, open));
    if !open {
        return;
    }
    let background = view.t(Key::Background);
    labelled_row(ui, background, |ui| {
        let cells = [
            (Background::Auto, view.t(Key::BackgroundAuto)),
            (Background::Opaque, view.t(Key::BackgroundOpaque)),
            (Background::Transparent, view.t(Key::BackgroundTransparent)),
        ];
        if let Some(background) = Segmented::new(background, &cells, parameters.background)
            .fill_width()
            .show(ui)
        {
            parameters.background = background;
        }
    });
    let moderation = view.t(Key::Moderation);
    labelled_row(ui, moderation, |ui| {
        let cells = [
            (Moderation::Auto, view.t(Key::ModerationAuto)),
            (Moderation::Low, view.t(Key::ModerationLow)),
        ];
        if let Some(moderation) = Segmented::new(moderation, &cells, parameters.moderation)
            .fill_width()
            .show(ui)
        {
            parameters.moderation = moderation;
        }
    });
    compression_ui(ui, view, parameters);
}

/// The folded parameters that are not as they are without a word, in a few words.
fn advanced_summary(view: &View<'_>, parameters: &Parameters) -> String {
    let background = match parameters.background {
        Background::Auto => None,
        Background::Opaque => Some(Key::BackgroundOpaque),
        Background::Transparent => Some(Key::BackgroundTransparent),
    };
    let moderation = match parameters.moderation {
        Moderation::Auto => None,
        Moderation::Low => Some(Key::ModerationLow),
    };
    let compression = parameters
        .compression
        .filter(|_| parameters.format != ImageFormat::Png);
    let named = |name: Key, value: &str| format!("{} {value}", view.t(name));
    let parts = [
        background.map(|key| view.t(key).to_owned()),
        moderation.map(|key| named(Key::Moderation, view.t(key))),
        compression.map(|value| named(Key::Compression, &value.to_string())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn compression_ui(ui: &mut Ui, view: &View<'_>, parameters: &mut Parameters) {
    let name = view.t(Key::Compression);
    let is_compressed = parameters.format != ImageFormat::Png;
    let row = labelled_row(ui, name, |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.add_enabled_ui(is_compressed, |ui| {
            ui.spacing_mut().slider_width = (ui.available_width() - 44.0).max(60.0);
            let mut value = parameters.compression.unwrap_or(DEFAULT_COMPRESSION);
            let slider = ui
                .add(Slider::new(&mut value, 0..=100).show_value(false))
                .accessible_name(name);
            if slider.changed() {
                parameters.compression = (value != DEFAULT_COMPRESSION).then_some(value);
            }
            let color = Palette::of(ui).text;
            ui.add_sized(
                vec2(36.0, size::CONTROL),
                Label::new(RichText::new(value.to_string()).color(color)),
            );
        });
    });
    row.response.on_hover_text(view.t(Key::CompressionHint));
}
