//! Buttons: with words, or an icon alone. Both have a name for those who don't see them.

use egui::{Button, Response, RichText, Ui, Vec2, Widget, vec2};

use crate::ui::theme::icons::Icon;
use crate::ui::theme::tokens::{Palette, size, space};

/// How much a button stands out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Emphasis {
    /// A button among others.
    #[default]
    Plain,
    /// The one thing to do.
    Primary,
    /// Words only, until the pointer is over it.
    Quiet,
}

/// A button with words, and an icon before them if it has one.
#[must_use = "show it with ui.add"]
#[derive(Debug)]
pub struct TextButton<'a> {
    text: &'a str,
    icon: Option<Icon>,
    keys: Option<String>,
    emphasis: Emphasis,
    min_size: Vec2,
}

impl<'a> TextButton<'a> {
    /// A button that says `text`.
    pub const fn new(text: &'a str) -> Self {
        Self {
            text,
            icon: None,
            keys: None,
            emphasis: Emphasis::Plain,
            min_size: vec2(0.0, size::CONTROL),
        }
    }

    /// Puts an icon before the words.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Shows the keys that do the same.
    pub fn keys(mut self, keys: String) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Lets it stand out more, or less.
    pub const fn emphasis(mut self, emphasis: Emphasis) -> Self {
        self.emphasis = emphasis;
        self
    }

    /// Makes it at least this large, in points.
    pub const fn min_size(mut self, min_size: Vec2) -> Self {
        self.min_size = min_size;
        self
    }
}

impl Widget for TextButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let Self {
            text,
            icon,
            keys,
            emphasis,
            min_size,
        } = self;
        let palette = Palette::of(ui);
        let is_primary = emphasis == Emphasis::Primary;
        // No scope: in one, a row of buttons that wraps would take them for as wide as what is left of the line.
        let before = is_primary.then(|| ui.visuals().widgets.clone());
        if is_primary {
            let widgets = &mut ui.visuals_mut().widgets;
            for (state, fill) in [
                (&mut widgets.inactive, palette.accent),
                (&mut widgets.hovered, palette.accent_hover),
                (&mut widgets.active, palette.accent),
            ] {
                state.weak_bg_fill = fill;
                state.fg_stroke.color = palette.on_accent;
            }
        }
        let words = RichText::new(text);
        let words = if is_primary {
            words.size(size::BODY + 1.0)
        } else {
            words
        };
        let mut button = match icon {
            Some(icon) => Button::new((icon.text(), words)),
            None => Button::new(words),
        };
        if let Some(keys) = keys {
            let color = if is_primary {
                palette.on_accent.gamma_multiply(0.8)
            } else {
                palette.weak
            };
            button = button.shortcut_text(RichText::new(keys).size(size::SMALL).color(color));
        }
        let response = ui.add(
            button
                .gap(space::S - 2.0)
                .min_size(min_size)
                .frame_when_inactive(emphasis != Emphasis::Quiet),
        );
        if let Some(before) = before {
            ui.visuals_mut().widgets = before;
        }
        response.accessible_name(text)
    }
}

/// A square button with an icon alone; its name is shown when the pointer rests on it.
#[must_use = "show it with ui.add"]
#[derive(Debug)]
pub struct IconButton<'a> {
    icon: Icon,
    name: &'a str,
    side: f32,
    is_on: bool,
}

impl<'a> IconButton<'a> {
    /// A button that is called `name`.
    pub const fn new(icon: Icon, name: &'a str) -> Self {
        Self {
            icon,
            name,
            side: size::CONTROL,
            is_on: false,
        }
    }

    /// A smaller one, `side` points wide and high.
    pub const fn side(mut self, side: f32) -> Self {
        self.side = side;
        self
    }

    /// Shows that what it opens is open.
    pub const fn on(mut self, is_on: bool) -> Self {
        self.is_on = is_on;
        self
    }
}

impl Widget for IconButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let Self {
            icon,
            name,
            side,
            is_on,
        } = self;
        let glyph = icon.sized((side * 0.62).min(size::ICON + 1.0));
        let response = ui
            .scope(|ui| {
                ui.spacing_mut().button_padding = Vec2::ZERO;
                ui.spacing_mut().interact_size = Vec2::splat(side);
                ui.add(
                    Button::selectable(is_on, glyph)
                        .min_size(Vec2::splat(side))
                        .frame_when_inactive(is_on),
                )
            })
            .inner;
        response.on_hover_text(name).accessible_name(name)
    }
}
