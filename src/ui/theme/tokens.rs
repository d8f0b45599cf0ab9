//! Colours, spacing, radii and sizes: the only place where the looks are numbers.
//!
//! The greys are neutral so that a picture keeps its colours, and nothing is brighter than a picture. The few
//! colours are named after the pigments of Chinese painting that they are close to.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place where colours are numbers"
)]

use egui::{Color32, Ui, Visuals};

/// Every colour of one theme.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Palette {
    /// Behind the picture.
    pub stage: Color32,
    /// Panels and bars.
    pub panel: Color32,
    /// Popups and cards, one step above a panel.
    pub card: Color32,
    /// A control at rest.
    pub control: Color32,
    /// A control under the pointer.
    pub hover: Color32,
    /// A control pressed, and the chosen cell of a group.
    pub pressed: Color32,
    /// Where text is typed, and the trough of a group of cells.
    pub field: Color32,
    /// Around a picture that does not fill its cell: no white picture is lost on it.
    pub cell: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Outline of a control that a line alone would not show.
    pub outline: Color32,
    /// Text.
    pub text: Color32,
    /// Labels and second thoughts.
    pub weak: Color32,
    /// Headings and what is chosen.
    pub strong: Color32,
    /// 花青, indigo: the one accent.
    pub accent: Color32,
    /// The accent under the pointer.
    pub accent_hover: Color32,
    /// The accent as text or line on a panel.
    pub accent_text: Color32,
    /// Behind what is chosen, with text on it.
    pub accent_soft: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// 石绿, malachite: done.
    pub ok: Color32,
    /// 藤黄, gamboge: take note.
    pub warn: Color32,
    /// Behind a note, with text on it.
    pub warn_soft: Color32,
    /// 朱砂, cinnabar: failed.
    pub error: Color32,
    /// Behind a failure, with text on it.
    pub error_soft: Color32,
    /// Over a picture, under text.
    pub scrim: Color32,
    /// Text on the scrim.
    pub on_scrim: Color32,
    /// Lighter squares behind transparent pixels.
    pub checker_light: Color32,
    /// Darker squares behind transparent pixels.
    pub checker_dark: Color32,
    /// Shadow of popups.
    pub shadow: Color32,
}

const fn grey(value: u8) -> Color32 {
    Color32::from_rgb(value, value, value)
}

/// The dark theme.
pub const DARK: Palette = Palette {
    stage: Color32::from_rgb(0x12, 0x13, 0x14),
    panel: Color32::from_rgb(0x1b, 0x1c, 0x1e),
    card: Color32::from_rgb(0x23, 0x24, 0x27),
    control: Color32::from_rgb(0x2b, 0x2c, 0x30),
    hover: Color32::from_rgb(0x35, 0x37, 0x3b),
    pressed: Color32::from_rgb(0x40, 0x42, 0x47),
    field: Color32::from_rgb(0x13, 0x14, 0x16),
    cell: Color32::from_rgb(0x1b, 0x1c, 0x1e),
    line: Color32::from_rgb(0x2c, 0x2e, 0x31),
    outline: Color32::from_rgb(0x3c, 0x3e, 0x43),
    text: Color32::from_rgb(0xd3, 0xd5, 0xd9),
    weak: Color32::from_rgb(0x93, 0x97, 0x9e),
    strong: Color32::from_rgb(0xf1, 0xf2, 0xf4),
    accent: Color32::from_rgb(0x35, 0x72, 0xb0),
    accent_hover: Color32::from_rgb(0x40, 0x80, 0xc0),
    accent_text: Color32::from_rgb(0x7a, 0xb2, 0xea),
    accent_soft: Color32::from_rgb(0x25, 0x36, 0x48),
    on_accent: grey(0xff),
    ok: Color32::from_rgb(0x5f, 0xb8, 0x8f),
    warn: Color32::from_rgb(0xe0, 0xb0, 0x4c),
    warn_soft: Color32::from_rgb(0x36, 0x2d, 0x1b),
    error: Color32::from_rgb(0xee, 0x7d, 0x6b),
    error_soft: Color32::from_rgb(0x3c, 0x24, 0x22),
    scrim: Color32::from_rgba_premultiplied(0x0b, 0x0b, 0x0c, 0xc8),
    on_scrim: Color32::from_rgb(0xf1, 0xf2, 0xf4),
    checker_light: grey(0x3a),
    checker_dark: grey(0x2e),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 0x78),
};

/// The light theme.
pub const LIGHT: Palette = Palette {
    stage: Color32::from_rgb(0xe3, 0xe4, 0xe6),
    panel: Color32::from_rgb(0xf6, 0xf6, 0xf7),
    card: grey(0xff),
    control: Color32::from_rgb(0xe9, 0xea, 0xec),
    hover: Color32::from_rgb(0xdf, 0xe1, 0xe4),
    pressed: grey(0xff),
    field: grey(0xff),
    cell: Color32::from_rgb(0xd8, 0xda, 0xde),
    line: Color32::from_rgb(0xdd, 0xde, 0xe1),
    outline: Color32::from_rgb(0xc9, 0xcb, 0xd0),
    text: Color32::from_rgb(0x2b, 0x2d, 0x31),
    weak: Color32::from_rgb(0x5e, 0x62, 0x69),
    strong: Color32::from_rgb(0x0f, 0x10, 0x12),
    accent: Color32::from_rgb(0x2a, 0x66, 0xa8),
    accent_hover: Color32::from_rgb(0x22, 0x58, 0x95),
    accent_text: Color32::from_rgb(0x1f, 0x5a, 0x9c),
    accent_soft: Color32::from_rgb(0xdc, 0xe8, 0xf5),
    on_accent: grey(0xff),
    ok: Color32::from_rgb(0x1f, 0x79, 0x52),
    warn: Color32::from_rgb(0x8a, 0x5e, 0x00),
    warn_soft: Color32::from_rgb(0xfa, 0xef, 0xd6),
    error: Color32::from_rgb(0xb5, 0x35, 0x22),
    error_soft: Color32::from_rgb(0xfb, 0xe4, 0xe0),
    scrim: Color32::from_rgba_premultiplied(0x0b, 0x0b, 0x0c, 0xb8),
    on_scrim: Color32::from_rgb(0xf1, 0xf2, 0xf4),
    checker_light: grey(0xfa),
    checker_dark: grey(0xe2),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 0x28),
};

impl Palette {
    /// The palette of the theme that `ui` is drawn in.
    #[must_use]
    pub fn of(ui: &Ui) -> &'static Self {
        Self::of_visuals(ui.visuals())
    }

    /// The palette of the theme that `visuals` belong to.
    #[must_use]
    pub const fn of_visuals(visuals: &Visuals) -> &'static Self {
        if visuals.dark_mode { &DARK } else { &LIGHT }
    }
}

/// Colours that a mask may have over a picture: 朱砂 cinnabar, 石绿 malachite, 石青 azurite, 藤黄 gamboge. The same in both
/// themes: the picture is behind them.
pub const MASK_COLORS: [Color32; 4] = [
    Color32::from_rgb(0xf0, 0x3c, 0x3c),
    Color32::from_rgb(0x20, 0xc0, 0x78),
    Color32::from_rgb(0x30, 0x88, 0xff),
    Color32::from_rgb(0xff, 0xc8, 0x20),
];

/// Lines over a picture: one of them is seen on any ground.
pub const OVER_PICTURE: [Color32; 2] =
    [Color32::from_rgba_premultiplied(0, 0, 0, 0xb0), grey(0xff)];

/// Distances in points; all but the hairline gap are multiples of 4.
pub mod space {
    /// Between cells of one group.
    pub const HAIR: f32 = 2.0;
    /// Between an icon and its text.
    pub const XS: f32 = 4.0;
    /// Between controls.
    pub const S: f32 = 8.0;
    /// Inside panels and cards.
    pub const M: f32 = 12.0;
    /// Between groups of controls.
    pub const L: f32 = 16.0;
    /// Around what stands alone.
    pub const XL: f32 = 24.0;
}

/// Corner radii in points.
pub mod radius {
    /// Cells inside a group.
    pub const CELL: u8 = 4;
    /// Buttons, fields, thumbnails.
    pub const CONTROL: u8 = 6;
    /// Cards and popups.
    pub const CARD: u8 = 8;
}

/// Heights, widths and type sizes in points.
pub mod size {
    /// A control.
    pub const CONTROL: f32 = 28.0;
    /// The one button that costs money.
    pub const PRIMARY: f32 = 36.0;
    /// The bar on top.
    pub const TOP_BAR: f32 = 44.0;
    /// A cell of the filmstrip.
    pub const STRIP_CELL: f32 = 80.0;
    /// A reference's thumbnail.
    pub const REFERENCE: f32 = 56.0;
    /// The same where there are many.
    pub const REFERENCE_SMALL: f32 = 44.0;
    /// Labels in front of controls.
    pub const LABEL: f32 = 88.0;
    /// Small text.
    pub const SMALL: f32 = 11.5;
    /// Text.
    pub const BODY: f32 = 13.0;
    /// Headings of panels and cards.
    pub const HEADING: f32 = 15.0;
    /// What an empty screen says first.
    pub const TITLE: f32 = 20.0;
    /// Icons beside text.
    pub const ICON: f32 = 17.0;
    /// Icons of an empty screen.
    pub const ICON_LARGE: f32 = 40.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2, «relative luminance»).
    fn luminance(color: Color32) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_everything_that_it_stands_on() {
        for (name, p) in [("dark", &DARK), ("light", &LIGHT)] {
            let pairs = [
                ("text on panel", p.text, p.panel),
                ("text on card", p.text, p.card),
                ("text on control", p.text, p.control),
                ("text on hover", p.text, p.hover),
                ("text on field", p.text, p.field),
                ("text on stage", p.text, p.stage),
                ("weak on panel", p.weak, p.panel),
                ("weak on card", p.weak, p.card),
                ("weak on stage", p.weak, p.stage),
                ("weak on control", p.weak, p.control),
                ("strong on pressed", p.strong, p.pressed),
                ("accent text on panel", p.accent_text, p.panel),
                ("accent text on chosen", p.accent_text, p.accent_soft),
                ("strong on chosen", p.strong, p.accent_soft),
                ("text on accent", p.on_accent, p.accent),
                ("ok on panel", p.ok, p.panel),
                ("warn on panel", p.warn, p.panel),
                ("warn on its card", p.warn, p.warn_soft),
                ("error on panel", p.error, p.panel),
                ("error on its card", p.error, p.error_soft),
                ("text on failure", p.text, p.error_soft),
                ("weak on failure", p.weak, p.error_soft),
                ("text on note", p.text, p.warn_soft),
                ("weak on note", p.weak, p.warn_soft),
                ("ok on card", p.ok, p.card),
                ("warn on card", p.warn, p.card),
            ];
            for (what, front, back) in pairs {
                // WCAG 2.2, 1.4.3: 4.5:1 for text of normal size.
                let ratio = contrast(front, back);
                assert!(ratio >= 4.5, "{name}: {what} is {ratio:.2}:1");
            }
        }
    }
}
