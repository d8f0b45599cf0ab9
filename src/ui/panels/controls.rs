//! The parameters: size, quality, format, pictures, previews; the seldom used ones folded away.

use egui::{CornerRadius, Frame, Id, Label, Margin, RichText, Slider, Stroke, TextEdit, Ui, vec2};

use crate::model::{
    Background, ImageFormat, MAX_COUNT, MAX_PARTIALS, Moderation, Parameters, PixelSize, Quality,
};
use crate::ui::failure_text;
use crate::ui::format;
use crate::ui::intent::Intent;
use crate::ui::state::{SizeEdit, SizeMode, SizeProblem};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::{IconButton, TextButton};
use crate::ui::widgets::card::{fold, labelled_row, note};
use crate::ui::widgets::segmented::Segmented;
use crate::ui::widgets::size_grid::size_grid;
use crate::ui::widgets::stepper::{StepperNames, stepper};

use super::View;

/// OpenAI's default where nothing is sent (protocol.md 6.4).
const DEFAULT_COMPRESSION: u8 = 100;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edit: &mut SizeEdit) {
    size_ui(ui, view, edit);
    ui.add_space(space::XS);
    let before = &view.studio.settings.parameters;
    let mut parameters = before.clone();
    common_ui(ui, view, &mut parameters);
    advanced_ui(ui, view, &mut parameters);
    if parameters != *before {
        view.push(Intent::SetParameters(parameters));
    }
}

fn size_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut SizeEdit) {
    let modes = SizeMode::ALL.map(|mode| {
        let words = match mode {
            SizeMode::Auto => Key::SizeAuto,
            SizeMode::Preset => Key::SizePreset,
            SizeMode::Free => Key::SizeFree,
        };
        (mode, view.t(words))
    });
    labelled_row(ui, view.t(Key::Size), |ui| {
        let name = view.t(Key::Size);
        if let Some(mode) = Segmented::new(name, &modes, edit.mode)
            .fill_width()
            .show(ui)
        {
            view.push(Intent::SetSizeMode(mode));
        }
    });
    match edit.mode {
        SizeMode::Auto => {
            let color = Palette::of(ui).weak;
            let words = RichText::new(view.t(Key::SizeAutoHint))
                .small()
                .color(color);
            ui.add(Label::new(words).wrap());
        }
        SizeMode::Preset => presets_ui(ui, view),
        SizeMode::Free => free_ui(ui, view, edit),
    }
    advice_ui(ui, view, edit);
}

/// A size that the gateway may be asked for, though nobody published that the model takes it.
fn advice_ui(ui: &mut Ui, view: &mut View<'_>, edit: &SizeEdit) {
    let capability = view.studio.capability();
    let chosen = view.studio.settings.parameters.size;
    let Some(nearest) = edit.nearest_advised(chosen, capability.advised_sizes.as_ref()) else {
        return;
    };
    let palette = Palette::of(ui);
    let words = view.t(Key::SizeUnpublished);
    note(ui, words, palette.warn, palette.warn_soft);
    nearest_ui(ui, view, nearest);
}

/// The way back to a size that the model takes.
fn nearest_ui(ui: &mut Ui, view: &mut View<'_>, nearest: PixelSize) {
    let words = view.text.with(
        Key::SizeUseNearest,
        [("size", format::pixel_size(nearest).into())],
    );
    if ui.add(TextButton::new(&words)).clicked() {
        view.push(Intent::UseNearestSize);
    }
}

fn presets_ui(ui: &mut Ui, view: &mut View<'_>) {
    let current = view.studio.settings.parameters.size.exact();
    let turned = Id::unique("size shapes stand upright");
    let is_upright = match current {
        Some(size) if size.width() != size.height() => size.height() > size.width(),
        // A square looks the same either way, so the last choice counts.
        _ => ui.data(|data| data.get_temp(turned).unwrap_or(false)),
    };
    let offered = view.studio.offered_sizes();
    if offered.is_empty() {
        let color = Palette::of(ui).weak;
        let words = RichText::new(view.t(Key::SizeNoneOffered)).small();
        ui.add(Label::new(words.color(color)).wrap());
    }
    if let Some(size) = size_grid(ui, offered, current, is_upright) {
        view.push(Intent::SetSize(size));
    }
    ui.horizontal(|ui| {
        let palette = Palette::of(ui);
        if let Some(size) = current {
            let words = format!(
                "{} · {}",
                format::pixel_size(size),
                format::megapixels(size)
            );
            ui.label(RichText::new(words).small().color(palette.weak));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let swap = IconButton::new(icons::SWAP, view.t(Key::SizeSwap)).side(24.0);
            if ui.add(swap).clicked() {
                ui.data_mut(|data| data.insert_temp(turned, !is_upright));
                view.push(Intent::SwapSize);
            }
        });
    });
}

fn free_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut SizeEdit) {
    let capability = view.studio.capability();
    let chosen = view.studio.settings.parameters.size;
    let result = edit.choice(chosen, capability.sizes.as_ref());
    labelled_row(ui, "", |ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let is_wrong = result.is_err();
        let mut typed = side_field(ui, &mut edit.width, view.t(Key::SizeWidth), is_wrong);
        ui.label("×");
        typed |= side_field(ui, &mut edit.height, view.t(Key::SizeHeight), is_wrong);
        if typed {
            view.push(Intent::SizeTyped);
        }
        let swap = IconButton::new(icons::SWAP, view.t(Key::SizeSwap));
        if ui.add(swap).clicked() {
            view.push(Intent::SwapSize);
        }
    });
    let palette = Palette::of(ui);
    match result {
        Ok(choice) => {
            let words = choice.exact().map(format::megapixels).unwrap_or_default();
            ui.label(RichText::new(words).small().color(palette.weak));
        }
        Err(problem) => {
            let words = failure_text::size_problem(view.text, problem);
            ui.add(Label::new(RichText::new(words).small().color(palette.error)).wrap());
            if let SizeProblem::Illegal { nearest, .. } = problem {
                nearest_ui(ui, view, nearest);
            }
        }
    }
}

fn side_field(ui: &mut Ui, text: &mut String, name: &str, is_wrong: bool) -> bool {
    let palette = Palette::of(ui);
    let outline = if is_wrong {
        palette.error
    } else {
        palette.outline
    };
    let frame = Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, outline))
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(8, 5));
    let field = TextEdit::singleline(text)
        .char_limit(6)
        .frame(frame)
        .desired_width(68.0);
    let response = ui.add(field).on_hover_text(name).accessible_name(name);
    response.changed()
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
