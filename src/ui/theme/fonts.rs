//! Fonts: egui's for Latin, ours for the Chinese strings of the window, Material Symbols for icons.
//!
//! What people type in other scripts is drawn from the system's fonts, which eframe asks for glyphs that are
//! missing here.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontId, TextStyle};

use egui_system_font_provider::SystemFontProvider;

use super::tokens::size;

/// Cut from Noto Sans CJK SC by `assets/fonts/subset.py`; covers every string under `assets/locales`.
const CJK: &[u8] = include_bytes!("../../../assets/fonts/AtelierCJK-subset.otf");
/// The name of the Chinese font among egui's.
const CJK_NAME: &str = "atelier-cjk";
/// The family of the icons. They are in no other family, so no text ever turns into an icon.
const ICONS: &str = egui_material_icons::FONT_FAMILY_OUTLINED;

pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    fonts
        .font_data
        .insert(CJK_NAME.to_owned(), Arc::new(FontData::from_static(CJK)));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts
            .families
            .entry(family)
            .or_default()
            .push(CJK_NAME.to_owned());
    }
    let icons = egui_material_icons::font_insert();
    fonts
        .font_data
        .insert(icons.name.clone(), Arc::new(icons.data));
    fonts
        .families
        .insert(FontFamily::Name(ICONS.into()), vec![icons.name]);
    fonts
}

/// Draws what people type with the system's fonts, Han in its Simplified Chinese shapes whatever the system's language.
pub(in crate::ui) fn use_system_fonts(ctx: &Context) {
    let provider = SystemFontProvider::new().with_locale(Some("zh-Hans"));
    ctx.add_font_provider(Arc::new(provider));
}

pub(super) fn text_styles() -> [(TextStyle, FontId); 5] {
    [
        (TextStyle::Small, FontId::proportional(size::SMALL)),
        (TextStyle::Body, FontId::proportional(size::BODY)),
        (TextStyle::Button, FontId::proportional(size::BODY)),
        (TextStyle::Heading, FontId::proportional(size::HEADING)),
        (TextStyle::Monospace, FontId::monospace(size::SMALL)),
    ]
}
