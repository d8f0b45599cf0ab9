//! How the window looks: tokens, fonts, icons, and their translation into egui's style.
//!
//! Panels and widgets take numbers from [`tokens`] and icons from [`icons`], never from their own heads.

mod fonts;
pub mod icons;
pub mod tokens;

use egui::style::{HandleShape, ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, Margin, Shadow, Stroke, Style, Theme, ThemePreference, Visuals,
    vec2,
};

pub(in crate::ui) use self::fonts::use_system_fonts;
use self::tokens::{DARK, LIGHT, Palette, radius, size, space};
use crate::model::ThemeChoice;

/// Gives `ctx` our fonts and both themes. To be called before the first frame.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.all_styles_mut(metrics);
    ctx.style_mut_of(Theme::Dark, |style| {
        style.visuals = visuals(&DARK, Visuals::dark());
    });
    ctx.style_mut_of(Theme::Light, |style| {
        style.visuals = visuals(&LIGHT, Visuals::light());
    });
}

/// Light, dark, or as the desktop has it.
pub fn choose(ctx: &Context, choice: ThemeChoice) {
    ctx.set_theme(match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    });
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "spacings are small whole numbers"
)]
const fn margin(points: f32) -> Margin {
    Margin::same(points as i8)
}

fn metrics(style: &mut Style) {
    style.text_styles.extend(fonts::text_styles());
    style.animation_time = 0.12;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(space::S, space::S);
    spacing.button_padding = vec2(10.0, 4.0);
    spacing.interact_size = vec2(size::CONTROL, size::CONTROL);
    spacing.window_margin = margin(space::M);
    spacing.menu_margin = margin(space::XS);
    spacing.menu_spacing = space::XS;
    spacing.indent = space::L;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = space::S;
    spacing.slider_rail_height = 4.0;
    spacing.combo_width = 0.0;
    spacing.tooltip_width = 320.0;
    // Over the content, so that nothing moves when a bar appears; panels keep a margin free for it.
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        foreground_color: false,
        ..ScrollStyle::floating()
    };
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
}

fn visuals(p: &Palette, base: Visuals) -> Visuals {
    let corner_radius = CornerRadius::same(radius::CONTROL);
    let state = |fill: Color32, outline: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let none = Color32::TRANSPARENT;
    Visuals {
        widgets: Widgets {
            noninteractive: state(p.panel, p.line, p.text),
            inactive: state(p.control, none, p.text),
            hovered: state(p.hover, none, p.strong),
            active: state(p.pressed, none, p.strong),
            open: state(p.hover, none, p.strong),
        },
        selection: Selection {
            bg_fill: p.accent_soft,
            stroke: Stroke::new(1.0, p.accent_text),
        },
        weak_text_color: Some(p.weak),
        hyperlink_color: p.accent_text,
        faint_bg_color: p.control,
        extreme_bg_color: p.field,
        text_edit_bg_color: Some(p.field),
        code_bg_color: p.field,
        warn_fg_color: p.warn,
        error_fg_color: p.error,
        window_corner_radius: CornerRadius::same(radius::CARD),
        window_shadow: shadow(p),
        window_fill: p.card,
        window_stroke: Stroke::new(1.0, p.outline),
        menu_corner_radius: CornerRadius::same(radius::CARD),
        panel_fill: p.panel,
        popup_shadow: shadow(p),
        slider_trailing_fill: true,
        handle_shape: HandleShape::Circle,
        ..base
    }
}

const fn shadow(p: &Palette) -> Shadow {
    Shadow {
        offset: [0, 6],
        blur: 20,
        spread: 0,
        color: p.shadow,
    }
}
