//! A row of cells of which one is chosen.

use egui::{
    Align2, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::ui::theme::tokens::{Palette, radius, size, space};

/// One of a few values, all of them in view.
#[must_use = "call show"]
#[derive(Debug)]
pub struct Segmented<'a, T> {
    name: &'a str,
    cells: &'a [(T, &'a str)],
    names: &'a [String],
    current: T,
    fill_width: bool,
    focused: bool,
}

impl<'a, T: Copy + PartialEq> Segmented<'a, T> {
    /// `cells` are values with their words; `name` says what is chosen.
    pub const fn new(name: &'a str, cells: &'a [(T, &'a str)], current: T) -> Self {
        Self {
            name,
            cells,
            names: &[],
            current,
            fill_width: false,
            focused: false,
        }
    }

    /// What the cells are called where their words alone say too little.
    pub const fn names(mut self, names: &'a [String]) -> Self {
        self.names = names;
        self
    }

    /// Takes all the width there is, in equal parts.
    pub const fn fill_width(mut self) -> Self {
        self.fill_width = true;
        self
    }

    /// Takes the keyboard, at the current cell.
    pub const fn focused(mut self, focused: bool) -> Self {
        self.focused = focused;
        self
    }

    /// Draws it; gives the value that was chosen just now, if another one was.
    pub fn show(self, ui: &mut Ui) -> Option<T> {
        let Self {
            name,
            cells,
            names,
            current,
            fill_width,
            focused,
        } = self;
        let palette = Palette::of(ui);
        let font = FontId::proportional(size::BODY);
        let widths: Vec<f32> = if fill_width {
            #[expect(clippy::cast_precision_loss, reason = "a handful of cells")]
            let part = (ui.available_width() - 2.0 * space::HAIR) / cells.len().max(1) as f32;
            vec![part; cells.len()]
        } else {
            let measure = |(_, text): &(T, &str)| {
                let galley =
                    ui.painter()
                        .layout_no_wrap((*text).to_owned(), font.clone(), palette.text);
                galley.size().x + 2.0 * space::M
            };
            cells.iter().map(measure).collect()
        };
        let total = vec2(
            widths.iter().sum::<f32>() + 2.0 * space::HAIR,
            size::CONTROL,
        );
        let (track, group) = ui.allocate_exact_size(total, Sense::hover());
        ui.painter().rect(
            track,
            CornerRadius::same(radius::CONTROL),
            palette.field,
            Stroke::new(1.0, palette.line),
            StrokeKind::Inside,
        );
        let mut chosen = None;
        let mut left = track.left() + space::HAIR;
        for (i, ((value, text), width)) in cells.iter().zip(widths).enumerate() {
            let rect = Rect::from_min_size(
                pos2(left, track.top() + space::HAIR),
                vec2(width, total.y - 2.0 * space::HAIR),
            );
            left += width;
            let is_current = *value == current;
            let response = ui.interact(rect, group.id.with(i), Sense::click());
            let name = names.get(i).map_or(*text, String::as_str);
            response.widget_info(|| {
                WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_current, name)
            });
            if focused && is_current {
                response.request_focus();
            }
            paint_cell(ui, &response, rect, text, is_current, &font);
            let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
            if response.clicked() && !is_current {
                chosen = Some(*value);
            }
        }
        group.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, ui.is_enabled(), name));
        chosen
    }
}

fn paint_cell(
    ui: &Ui,
    response: &Response,
    rect: Rect,
    text: &str,
    is_current: bool,
    font: &FontId,
) {
    let palette = Palette::of(ui);
    let corner = CornerRadius::same(radius::CELL);
    if is_current {
        let outline = if ui.visuals().dark_mode {
            palette.pressed
        } else {
            palette.outline
        };
        ui.painter().rect(
            rect,
            corner,
            palette.pressed,
            Stroke::new(1.0, outline),
            StrokeKind::Inside,
        );
    } else if response.hovered() {
        ui.painter().rect_filled(rect, corner, palette.control);
    }
    if response.has_focus() {
        focus_ring(ui, rect, radius::CELL);
    }
    let color = if is_current {
        palette.strong
    } else if response.hovered() {
        palette.text
    } else {
        palette.weak
    };
    let color = if ui.is_enabled() {
        color
    } else {
        ui.visuals().disable(color)
    };
    ui.painter().with_clip_rect(rect).text(
        rect.center(),
        Align2::CENTER_CENTER,
        text,
        font.clone(),
        color,
    );
}

/// Shows where the keyboard is.
pub fn focus_ring(ui: &Ui, rect: Rect, corner: u8) {
    let palette = Palette::of(ui);
    ui.painter().rect_stroke(
        rect,
        CornerRadius::same(corner),
        Stroke::new(1.5, palette.accent_text),
        StrokeKind::Inside,
    );
}
