//! Masks in the window: the row below the references, the editor's tools on the right, the editor itself on the canvas
//! (`canvas.rs`), and what a result tells of its mask (`result.rs`).

mod canvas;
mod outpaint;
mod overlay;
mod result;

use egui::{DragValue, Frame, Key as K, Label, RichText, ScrollArea, Sense, Slider, Ui, vec2};

use crate::media::{Brush, MaskChange, MaskMode};
use crate::model::narrow_number;
use crate::ui::failure_text;
use crate::ui::format;
use crate::ui::intent::{Intent, MaskIntent};
use crate::ui::shortcuts::Action;
use crate::ui::state::{MaskEdit, MaskNotice, MaskState, MaskTool, OutpaintEdit, SlotState};
use crate::ui::text::Key;
use crate::ui::theme::icons::{self, Icon};
use crate::ui::theme::tokens::{MASK_COLORS, Palette, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::{fold, header, heading, note};
use crate::ui::widgets::segmented::Segmented;

use super::View;

pub(super) use self::canvas::show as canvas_ui;
pub(super) use self::result::show as result_ui;

/// The icon, the name and the key of a tool.
const fn looks(tool: MaskTool) -> (Icon, Key, K) {
    match tool {
        MaskTool::Brush => (icons::GENERATE, Key::MaskBrush, K::B),
        MaskTool::Eraser => (icons::ERASER, Key::MaskEraser, K::X),
        MaskTool::Rectangle => (icons::RECTANGLE, Key::MaskRectangle, K::R),
        MaskTool::Ellipse => (icons::ELLIPSE, Key::MaskEllipse, K::O),
        MaskTool::Lasso => (icons::LASSO, Key::MaskLasso, K::L),
        MaskTool::Fill => (icons::FILL, Key::MaskFill, K::F),
    }
}

/// A name with its key, such as `Brush (B)`.
fn with_key(name: &str, key: &str) -> String {
    format!("{name} ({key})")
}

/// The row below the references: paints the first one's mask, says what may change, and what is done about the rest.
pub(in crate::ui) fn row(ui: &mut Ui, view: &mut View<'_>, extend: &mut OutpaintEdit) {
    let studio = view.studio;
    let slots = studio.references.slots();
    let Some(first) = slots
        .iter()
        .find(|s| matches!(s.state, SlotState::Ready(_)))
    else {
        return;
    };
    let slot = studio.mask_in_use();
    ui.add_space(space::XS);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let words = match slot {
            Some(_) => view.t(Key::MaskEdit),
            None => view.t(Key::MaskPaint),
        };
        if ui.add(TextButton::new(words).icon(icons::MASK)).clicked() {
            view.push(Intent::Mask(MaskIntent::Edit(first.token)));
        }
        let Some(slot) = slot else { return };
        let palette = Palette::of(ui);
        let (words, color) = match &slot.state {
            MaskState::Storing => (view.t(Key::MaskStoring).to_owned(), palette.weak),
            MaskState::Ready(_) => {
                let words = match slot.share {
                    Some(share) => view
                        .text
                        .with(Key::MaskShare, [("percent", percent(share).into())]),
                    None => view.t(Key::MaskAttached).to_owned(),
                };
                (words, palette.text)
            }
            MaskState::Failed(failure) => {
                let words = failure_text::cause(view.text, failure);
                (words, palette.error)
            }
        };
        let width = (ui.available_width() - 28.0).max(20.0);
        ui.allocate_ui(vec2(width, size::CONTROL), |ui| {
            ui.set_min_width(width);
            ui.add(Label::new(RichText::new(words).small().color(color)).truncate());
        });
        let remove = IconButton::new(icons::CLOSE, view.t(Key::MaskRemove)).side(24.0);
        if ui.add(remove).clicked() {
            view.push(Intent::Mask(MaskIntent::Remove));
        }
    });
    if slot.is_some() {
        let mut on = studio.settings.parameters.protect_outside;
        let check = ui
            .checkbox(&mut on, view.t(Key::MaskProtect))
            .on_hover_text(view.t(Key::MaskProtectHint));
        if check.changed() {
            view.push(Intent::Mask(MaskIntent::Protect(on)));
        }
        if let SlotState::Ready(reference) = &first.state {
            size_hint(ui, view, reference.size, on);
        }
    } else if let Some(other) = studio.masks.current() {
        // The picture that it is for is not the first any more.
        let place = slots
            .iter()
            .find(|s| matches!(&s.state, SlotState::Ready(r) if r.hash == other.of));
        if let Some(place) = place {
            let palette = Palette::of(ui);
            note(
                ui,
                view.t(Key::MaskNotFirst),
                palette.warn,
                palette.warn_soft,
            );
            if ui
                .add(TextButton::new(view.t(Key::MaskMakeFirst)))
                .clicked()
            {
                view.push(Intent::MoveReference(place.token, 0));
            }
        }
    }
    if let SlotState::Ready(reference) = &first.state {
        outpaint::show(ui, view, extend, (first.token, reference));
    }
}

/// Only a result of the original's size can be put right.
fn size_hint(ui: &mut Ui, view: &mut View<'_>, wanted: crate::model::PixelSize, protects: bool) {
    let asked = view.studio.settings.parameters.size.exact();
    if !protects || asked == Some(wanted) {
        return;
    }
    let rule = view.studio.capability().sizes;
    let is_legal = rule.is_none_or(|rule| rule.check(wanted).is_ok());
    if !is_legal {
        return;
    }
    let palette = Palette::of(ui);
    let words = view.text.with(
        Key::MaskSizeHint,
        [("size", format::pixel_size(wanted).into())],
    );
    ui.add(Label::new(RichText::new(words).small().color(palette.weak)).wrap());
    let words = view.text.with(
        Key::MaskUseSize,
        [("size", format::pixel_size(wanted).into())],
    );
    if ui.add(TextButton::new(&words)).clicked() {
        view.push(Intent::SetSize(wanted));
    }
}

/// The editor's tools, in place of the details.
pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edit: &mut MaskEdit) {
    ui.set_min_height(ui.available_height());
    egui::Panel::bottom("mask actions")
        .frame(Frame::NONE)
        .show_separator_line(false)
        .show(ui, |ui| actions_ui(ui, view));
    ScrollArea::vertical()
        .id_salt("mask tools")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let share = view
                .text
                .with(Key::MaskShare, [("percent", percent(edit.share()).into())]);
            header(ui, view.t(Key::Mask), |ui| {
                let color = Palette::of(ui).weak;
                if edit.is_busy() {
                    // No spinner: it would draw frames for as long as it turns.
                    ui.label(icons::QUEUED.sized(14.0).color(color));
                    ui.add_space(space::XS);
                }
                ui.label(RichText::new(share).small().color(color));
            });
            tools_ui(ui, view, edit);
            ui.add_space(space::S);
            if edit.tools.tool.is_brush() {
                brush_ui(ui, view, edit);
            } else {
                mode_ui(ui, view, edit);
            }
            ui.add_space(space::S);
            whole_ui(ui, view, edit);
            ui.add_space(space::S);
            edge_ui(ui, view, edit);
            ui.add_space(space::S);
            overlay_ui(ui, view, edit);
            ui.add_space(space::S);
            numbers_ui(ui, view, edit);
            ui.add_space(space::S);
            file_ui(ui, view);
            notice_ui(ui, view, edit);
            ui.add_space(space::S);
            let color = Palette::of(ui).weak;
            let words = RichText::new(view.t(Key::MaskKeys)).small().color(color);
            ui.add(Label::new(words).wrap());
        });
}

fn tools_ui(ui: &mut Ui, view: &View<'_>, edit: &mut MaskEdit) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::HAIR;
        for tool in MaskTool::ALL {
            let (icon, name, key) = looks(tool);
            let name = with_key(view.t(name), key.name());
            let button = IconButton::new(icon, &name)
                .side(32.0)
                .on(edit.tools.tool == tool);
            if ui.add(button).clicked() {
                edit.take_tool(tool);
            }
        }
    });
}

fn slider_ui<N: egui::emath::Numeric>(
    ui: &mut Ui,
    (name, value, words): (&str, &mut N, &str),
    range: std::ops::RangeInclusive<N>,
    logarithmic: bool,
) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let palette = Palette::of(ui);
        ui.allocate_ui(vec2(64.0, size::CONTROL), |ui| {
            ui.set_min_width(64.0);
            ui.add(Label::new(RichText::new(name).color(palette.weak)).truncate());
        });
        ui.spacing_mut().slider_width = (ui.available_width() - 60.0).max(40.0);
        ui.add(
            Slider::new(value, range)
                .logarithmic(logarithmic)
                .show_value(false),
        )
        .accessible_name(name);
        ui.label(RichText::new(words).small().color(palette.text));
    });
}

fn brush_ui(ui: &mut Ui, view: &View<'_>, edit: &mut MaskEdit) {
    let tools = &mut edit.tools;
    let size = view.text.with(
        Key::MaskPixels,
        [("count", format!("{:.0}", tools.diameter_px).into())],
    );
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let most = Brush::MAX_PX as f32;
    let name = format!("{} [ ]", view.t(Key::MaskSize));
    slider_ui(ui, (&name, &mut tools.diameter_px, &size), 1.0..=most, true);
    let hardness = view.text.with(
        Key::ZoomLevel,
        [("percent", percent(f64::from(tools.hardness)).into())],
    );
    let name = view.t(Key::MaskHardness);
    slider_ui(ui, (name, &mut tools.hardness, &hardness), 0.0..=1.0, false);
}

fn mode_ui(ui: &mut Ui, view: &View<'_>, edit: &mut MaskEdit) {
    let cells = [
        (MaskMode::Add, view.t(Key::MaskAdd)),
        (MaskMode::Subtract, view.t(Key::MaskSubtract)),
    ];
    let name = view.t(Key::MaskMode);
    if let Some(mode) = Segmented::new(name, &cells, edit.tools.mode)
        .fill_width()
        .show(ui)
    {
        edit.tools.mode = mode;
    }
}

fn whole_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut MaskEdit) {
    let is_idle = !edit.is_busy();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::HAIR;
        let keys = Action::Undo.keys(ui.ctx());
        let name = with_key(view.t(Key::MaskUndo), &keys);
        let button = IconButton::new(icons::UNDO, &name).side(32.0);
        let can = is_idle && edit.document().can_undo();
        if ui.add_enabled(can, button).clicked() {
            edit.undo();
        }
        let keys = Action::Redo.keys(ui.ctx());
        let name = with_key(view.t(Key::MaskRedo), &keys);
        let button = IconButton::new(icons::REDO, &name).side(32.0);
        let can = is_idle && edit.document().can_redo();
        if ui.add_enabled(can, button).clicked() {
            edit.redo();
        }
        ui.add_space(space::S);
        for (icon, name, key, change) in [
            (icons::INVERT, Key::MaskInvert, "I", MaskChange::Invert),
            (
                icons::ALL,
                Key::MaskFillAll,
                "A",
                MaskChange::FillAll(MaskMode::Add),
            ),
            (
                icons::NONE,
                Key::MaskClear,
                "Del",
                MaskChange::FillAll(MaskMode::Subtract),
            ),
        ] {
            let name = with_key(view.t(name), key);
            let button = IconButton::new(icon, &name).side(32.0);
            if ui.add_enabled(is_idle, button).clicked() {
                view.push(Intent::Mask(MaskIntent::Change(change)));
            }
        }
    });
}

/// A field for a whole number; full-width digits count.
fn number_ui(ui: &mut Ui, name: &str, value: &mut u32, most: u32) {
    ui.add(
        DragValue::new(value)
            .range(0..=most)
            .speed(1.0)
            .custom_parser(|text| parse_number(text).map(f64::from)),
    )
    .accessible_name(name);
}

/// A whole number, with digits of either width.
fn parse_number(text: &str) -> Option<u32> {
    narrow_number(text).parse().ok()
}

fn edge_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut MaskEdit) {
    heading(ui, view.t(Key::MaskEdge));
    let is_idle = !edit.is_busy();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let mut px = u32::from(edit.tools.edge_px);
        number_ui(
            ui,
            view.t(Key::MaskEdgePx),
            &mut px,
            u32::from(MaskChange::MAX_PX),
        );
        edit.tools.edge_px = u16::try_from(px).unwrap_or(MaskChange::MAX_PX);
        let px = edit.tools.edge_px;
        let color = Palette::of(ui).weak;
        ui.label(RichText::new(view.t(Key::MaskPx)).small().color(color));
        for (icon, name, change) in [
            (icons::GROW, Key::MaskGrow, MaskChange::Grow(px)),
            (icons::SHRINK, Key::MaskShrink, MaskChange::Shrink(px)),
            (icons::FEATHER, Key::MaskFeather, MaskChange::Feather(px)),
        ] {
            let button = IconButton::new(icon, view.t(name)).side(32.0);
            if ui.add_enabled(is_idle && px > 0, button).clicked() {
                view.push(Intent::Mask(MaskIntent::Change(change)));
            }
        }
    });
}

fn overlay_ui(ui: &mut Ui, view: &View<'_>, edit: &mut MaskEdit) {
    heading(ui, view.t(Key::MaskOverlay));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        for (index, (color, name)) in (0_u8..).zip(MASK_COLORS.iter().zip([
            Key::MaskRed,
            Key::MaskGreen,
            Key::MaskBlue,
            Key::MaskYellow,
        ])) {
            let (rect, response) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::click());
            let is_on = edit.tools.color == index;
            let name = view.t(name);
            response.widget_info(|| {
                egui::WidgetInfo::selected(egui::Role::RadioButton, true, is_on, name)
            });
            ui.painter().circle_filled(rect.center(), 8.0, *color);
            if is_on || response.has_focus() {
                let palette = Palette::of(ui);
                let line = if response.has_focus() {
                    palette.accent_text
                } else {
                    palette.strong
                };
                let stroke = egui::Stroke::new(1.5, line);
                ui.painter().circle_stroke(rect.center(), 10.5, stroke);
            }
            if response.on_hover_text(name).clicked() {
                edit.tools.color = index;
            }
        }
    });
    let words = view.text.with(
        Key::ZoomLevel,
        [("percent", edit.tools.opacity.to_string().into())],
    );
    let name = view.t(Key::MaskOpacity);
    slider_ui(ui, (name, &mut edit.tools.opacity, &words), 10..=100, false);
}

/// Shapes by typed numbers: for those who can't point, and for exact ones.
fn numbers_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut MaskEdit) {
    let mut open = edit.tools.numbers_open;
    fold(ui, view.t(Key::MaskNumbers), "", &mut open);
    edit.tools.numbers_open = open;
    if !open {
        return;
    }
    let size = edit.reference().size;
    let limits = [size.width(), size.height(), size.width(), size.height()];
    let names = [Key::MaskLeft, Key::MaskTop, Key::MaskWidth, Key::MaskHeight];
    egui::Grid::new("mask numbers")
        .num_columns(4)
        .spacing(vec2(space::XS, space::XS))
        .show(ui, |ui| {
            let fields = edit.tools.numbers.iter_mut().zip(limits).zip(names);
            for (i, ((value, most), name)) in fields.enumerate() {
                let name = view.t(name);
                let color = Palette::of(ui).weak;
                ui.label(RichText::new(name).small().color(color));
                number_ui(ui, name, value, most);
                if i == 1 {
                    ui.end_row();
                }
            }
        });
    if edit.tools.tool.is_brush() {
        // Above for the other tools.
        mode_ui(ui, view, edit);
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        for (words, is_ellipse) in [(Key::MaskPutRectangle, false), (Key::MaskPutEllipse, true)] {
            let button = TextButton::new(view.t(words));
            if ui.add_enabled(!edit.is_busy(), button).clicked() {
                let change = edit.numbered_shape(is_ellipse);
                view.push(Intent::Mask(MaskIntent::Change(change)));
            }
        }
    });
}

fn file_ui(ui: &mut Ui, view: &mut View<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let width = (ui.available_width() - space::XS) / 2.0;
        for (icon, words, hint, intent) in [
            (
                icons::FOLDER,
                Key::MaskLoad,
                Key::MaskLoadHint,
                MaskIntent::Load,
            ),
            (
                icons::SAVE,
                Key::MaskSave,
                Key::MaskSaveHint,
                MaskIntent::Save,
            ),
        ] {
            let button = TextButton::new(view.t(words))
                .icon(icon)
                .min_size(vec2(width, size::CONTROL));
            if ui.add(button).on_hover_text(view.t(hint)).clicked() {
                view.push(Intent::Mask(intent));
            }
        }
    });
}

fn notice_ui(ui: &mut Ui, view: &View<'_>, edit: &MaskEdit) {
    let Some(notice) = &edit.notice else { return };
    let palette = Palette::of(ui);
    let own = format::pixel_size(edit.reference().size);
    let (words, front, back) = match notice {
        MaskNotice::Scaled(from) => (
            view.text.with(
                Key::MaskScaled,
                [
                    ("from", format::pixel_size(*from).into()),
                    ("to", own.into()),
                ],
            ),
            palette.text,
            palette.control,
        ),
        MaskNotice::Shape { mask, picture } => (
            view.text.with(
                Key::MaskShape,
                [
                    ("mask", format::pixel_size(*mask).into()),
                    ("picture", format::pixel_size(*picture).into()),
                ],
            ),
            palette.error,
            palette.error_soft,
        ),
        MaskNotice::Failed(failure) => (
            view.text.with(
                Key::MaskUnreadable,
                [("reason", failure.message.as_str().into())],
            ),
            palette.error,
            palette.error_soft,
        ),
        MaskNotice::NotKept => (
            view.t(Key::MaskNotKept).to_owned(),
            palette.warn,
            palette.warn_soft,
        ),
    };
    ui.add_space(space::S);
    note(ui, &words, front, back);
}

fn actions_ui(ui: &mut Ui, view: &mut View<'_>) {
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let width = (ui.available_width() - space::XS) / 2.0;
        let done = TextButton::new(view.t(Key::MaskDone))
            .icon(icons::CHECK)
            .emphasis(Emphasis::Primary)
            .min_size(vec2(width, size::CONTROL));
        if ui.add(done).clicked() {
            view.push(Intent::Mask(MaskIntent::Done));
        }
        let cancel = TextButton::new(view.t(Key::MaskCancel)).min_size(vec2(width, size::CONTROL));
        if ui.add(cancel).clicked() {
            view.push(Intent::Mask(MaskIntent::Cancel));
        }
    });
}

/// A share as people read it: whole percent, a tenth below one.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 1.0 {
        format!("{:.1}", percent.max(0.1))
    } else {
        format!("{percent:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_either_width() {
        let check = |text: &str, expected: Option<u32>| {
            assert_eq!(parse_number(text), expected, "{text}");
        };
        check("1024", Some(1024));
        check(" １０２４ ", Some(1024));
        check("１0", Some(10));
        check("-1", None);
        check("", None);
    }

    #[test]
    fn small_shares_are_not_nothing() {
        assert_eq!(percent(0.0), "0");
        assert_eq!(percent(0.000_01), "0.1");
        assert_eq!(percent(0.514), "51");
    }
}
