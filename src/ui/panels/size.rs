//! The size: left to the model, a shape in a tier, what it is for, or two numbers.

use egui::{CornerRadius, Frame, Id, Label, Margin, RichText, Stroke, TextEdit, Ui};

use crate::model::{FrameUse, PixelSize, SizeTier, size_of_shape};
use crate::ui::format;
use crate::ui::intent::Intent;
use crate::ui::state::{SizeEdit, SizeMode};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::card::{at_end, labelled_row};
use crate::ui::widgets::choice::choice_shown_as;
use crate::ui::widgets::segmented::Segmented;
use crate::ui::widgets::size_grid::size_grid;

use super::View;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edit: &mut SizeEdit) {
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
        SizeMode::Preset => {
            presets_ui(ui, view);
            uses_ui(ui, view);
        }
        SizeMode::Free => {
            free_ui(ui, view, edit);
            uses_ui(ui, view);
        }
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
        measure_ui(ui, current);
        at_end(ui, "size", |ui| {
            reference_ui(ui, view);
            let swap = IconButton::new(icons::SWAP, view.t(Key::SizeSwap)).side(24.0);
            if ui.add(swap).clicked() {
                ui.data_mut(|data| data.insert_temp(turned, !is_upright));
                view.push(Intent::SwapSize);
            }
        });
    });
}

/// `1536 × 1024 · 1.6 MP`
fn measure_ui(ui: &mut Ui, size: Option<PixelSize>) {
    let Some(size) = size else { return };
    let words = format!(
        "{} · {}",
        format::pixel_size(size),
        format::megapixels(size)
    );
    let color = Palette::of(ui).weak;
    ui.label(RichText::new(words).small().color(color));
}

/// A button for the size of the first reference, where there is one.
fn reference_ui(ui: &mut Ui, view: &mut View<'_>) {
    let Some(first) = view.studio.references.ready_ones().next() else {
        return;
    };
    let legal = view.studio.capability().nearest_size(first.size);
    let name = view.text.with(
        Key::SizeOfReference,
        [("size", format::pixel_size(legal).into())],
    );
    let button = IconButton::new(icons::PICTURE, &name).side(24.0);
    if ui.add(button).clicked() {
        view.push(Intent::SizeOfReference);
    }
}

/// What the picture is for decides its shape; the tier stays.
fn uses_ui(ui: &mut Ui, view: &mut View<'_>) {
    let capability = view.studio.capability();
    let offered = view.studio.offered_sizes();
    let current = view.studio.settings.parameters.size.exact();
    let tier = current.map_or(SizeTier::OneK, PixelSize::tier);
    let size_of = |shape: FrameUse, tier| size_of_shape(shape.ratio(), tier, offered, &capability);
    let sizes = FrameUse::ALL.map(|shape| (shape, size_of(shape, tier)));
    let named = |shape: FrameUse| {
        let name = view.t(use_name(shape));
        match shape.ratio_words() {
            ratio if name.contains(ratio) => name.to_owned(),
            ratio => format!("{name} {ratio}"),
        }
    };
    let words: Vec<(Option<FrameUse>, String)> = sizes
        .iter()
        .filter_map(|(shape, size)| {
            let size = format::pixel_size((*size)?);
            Some((Some(*shape), format!("{} · {size}", named(*shape))))
        })
        .collect();
    if words.is_empty() {
        return;
    }
    let chosen = sizes
        .iter()
        .find(|(_, size)| size.is_some() && *size == current);
    let chosen = chosen.map(|(shape, _)| *shape);
    let none = (None, view.t(Key::SizeUseNone));
    let choices: Vec<_> = std::iter::once(none)
        .filter(|_| chosen.is_none())
        .chain(words.iter().map(|(shape, words)| (*shape, words.as_str())))
        .collect();
    let mut value = chosen;
    // The size stands above it.
    let shown = chosen.map_or_else(|| none.1.to_owned(), named);
    labelled_row(ui, view.t(Key::SizeUse), |ui| {
        let width = ui.available_width();
        choice_shown_as(
            ui,
            "use of the picture",
            (view.t(Key::SizeUse), width),
            &shown,
            &choices,
            &mut value,
        );
    });
    if let Some(size) = value
        .filter(|_| value != chosen)
        .and_then(|shape| size_of(shape, tier))
    {
        view.push(Intent::SetSize(size));
    }
    let Some(shape) = chosen else { return };
    let tiers = SizeTier::ALL.map(|tier| (tier, tier.label()));
    labelled_row(ui, view.t(Key::SizeTier), |ui| {
        let name = view.t(Key::SizeTier);
        let tier = Segmented::new(name, &tiers, tier).fill_width().show(ui);
        if let Some(size) = tier.and_then(|tier| size_of(shape, tier)) {
            view.push(Intent::SetSize(size));
        }
    });
}

const fn use_name(shape: FrameUse) -> Key {
    match shape {
        FrameUse::Note => Key::UseNote,
        FrameUse::ShortVideo => Key::UseShortVideo,
        FrameUse::Article => Key::UseArticle,
        FrameUse::Product => Key::UseProduct,
        FrameUse::Video => Key::UseVideo,
        FrameUse::Post => Key::UsePost,
        FrameUse::Poster => Key::UsePoster,
        FrameUse::Phone => Key::UsePhone,
        FrameUse::A4 => Key::UseA4,
        FrameUse::Photo => Key::UsePhoto,
        FrameUse::Banner => Key::UseBanner,
    }
}

fn free_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut SizeEdit) {
    let typed = edit.typed();
    let is_wrong = typed.is_none_or(|size| view.studio.capability().check_size(size).is_err());
    labelled_row(ui, "", |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let mut typed = side_field(ui, &mut edit.width, view.t(Key::SizeWidth), is_wrong);
        ui.label("×");
        typed |= side_field(ui, &mut edit.height, view.t(Key::SizeHeight), is_wrong);
        if typed {
            edit.spread();
            view.push(Intent::SizeTyped);
        }
    });
    ui.horizontal(|ui| {
        measure_ui(ui, typed);
        at_end(ui, "typed size", |ui| {
            reference_ui(ui, view);
            let swap = IconButton::new(icons::SWAP, view.t(Key::SizeSwap)).side(24.0);
            if ui.add(swap).clicked() {
                view.push(Intent::SwapSize);
            }
        });
    });
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
        // A whole size fits in, for it may be pasted.
        .char_limit(16)
        .frame(frame)
        .desired_width(68.0);
    let response = ui.add(field).on_hover_text(name).accessible_name(name);
    response.changed()
}
