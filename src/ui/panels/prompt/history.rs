//! The list of earlier prompts: searched while one types, its rows drawn as far as they are seen.

use egui::{
    Id, Key as K, Modifiers, Popup, PopupCloseBehavior, RectAlign, RichText, Role, ScrollArea,
    Sense, TextEdit, Ui, WidgetInfo, vec2,
};

use crate::ui::focus;
use crate::ui::format;
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::state::Edits;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::field::field_frame;
use crate::ui::widgets::rows::scroll_to_row;
use crate::ui::widgets::text_line::line;

const ROW: f32 = 26.0;
const WIDTH: f32 = 420.0;

fn search_id() -> Id {
    Id::unique("search among earlier prompts")
}

/// The button that opens the list, and the list.
pub(super) fn button(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let open = view.studio.compose.history_open;
    let name = view.t(Key::PastPrompts);
    let button = ui.add(IconButton::new(icons::HISTORY, name).side(24.0).on(open));
    if button.clicked() {
        view.push(Intent::Compose(ComposeIntent::ShowHistory(!open)));
    }
    let mut still_open = open;
    focus::give_back(ui, "past prompts", open);
    Popup::from_response(&button)
        .open_bool(&mut still_open)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .align(RectAlign::BOTTOM_START)
        .gap(space::XS)
        .width(WIDTH)
        .accessible_name(name)
        .show(|ui| list_ui(ui, view, edits));
    if open && !still_open && !button.clicked() {
        view.push(Intent::Compose(ComposeIntent::ShowHistory(false)));
    }
}

fn list_ui(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    ui.set_width(WIDTH);
    let palette = Palette::of(ui);
    let compose = &mut edits.compose;
    let is_new = focus::is_new(ui, "past prompts");
    let name = view.t(Key::PastPromptsSearch);
    let prompts = view.studio.compose.history.prompts();
    // The keys of the list come first: the field would take them.
    let in_field = ui.memory(|memory| memory.has_focus(search_id()));
    let found = compose.found_prompts(prompts);
    let last = found.len().saturating_sub(1);
    let mut chosen = None;
    let row_before = compose.history_row;
    if in_field && !edits.prompt.composing {
        let pressed = |key: K| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(K::ArrowDown) {
            compose.history_row = (compose.history_row + 1).min(last);
        } else if pressed(K::ArrowUp) {
            compose.history_row = compose.history_row.saturating_sub(1);
        } else if pressed(K::PageDown) {
            compose.history_row = (compose.history_row + 10).min(last);
        } else if pressed(K::PageUp) {
            compose.history_row = compose.history_row.saturating_sub(10);
        } else if pressed(K::Enter) {
            chosen = found.get(compose.history_row).copied();
        } else if pressed(K::Escape) {
            view.push(Intent::Compose(ComposeIntent::ShowHistory(false)));
        }
    }
    let field = TextEdit::singleline(&mut compose.history_search)
        .id(search_id())
        .hint_text(name)
        .frame(field_frame(palette, false))
        .desired_width(f32::INFINITY);
    let response = ui.add(field).accessible_name(name);
    if is_new {
        response.request_focus();
        compose.history_row = 0;
    }
    if response.changed() {
        compose.history_row = 0;
    }
    let filter = egui::EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(search_id(), filter));
    ui.add_space(space::XS);
    if found.is_empty() {
        let words = view.t(Key::PastPromptsNone);
        ui.label(RichText::new(words).color(palette.weak));
    }
    let height = (ui.ctx().content_rect().height() * 0.5).clamp(120.0, 420.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical()
        .id_salt("past prompts")
        .max_height(height)
        .auto_shrink([false, true]);
    let offset_id = Id::unique("offset of earlier prompts");
    if row_before != compose.history_row {
        let now: f32 = ui.data(|data| data.get_temp(offset_id).unwrap_or_default());
        area = area.vertical_scroll_offset(scroll_to_row(now, compose.history_row, ROW, height));
    }
    let output = area.show_rows(ui, ROW, found.len(), |ui, range| {
        for row in range {
            let prompt = found.get(row).and_then(|place| prompts.get(*place));
            let Some(prompt) = prompt else { continue };
            let (rect, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
            let words = format::line(&prompt.text, 160);
            let is_current = row == compose.history_row;
            response.widget_info(|| {
                WidgetInfo::selected(Role::ListBoxOption, true, is_current, &words)
            });
            if is_current {
                ui.painter()
                    .rect_filled(rect, radius::CONTROL, palette.accent_soft);
            } else if response.hovered() {
                ui.painter()
                    .rect_filled(rect, radius::CONTROL, palette.control);
            }
            line(
                ui,
                (rect.left() + space::S, rect.center().y),
                rect.width() - 2.0 * space::S,
                &words,
                size::BODY,
                palette.text,
            );
            if response.clicked() {
                chosen = found.get(row).copied();
            }
        }
    });
    ui.data_mut(|data| data.insert_temp(offset_id, output.state.clamped_offset().y));
    if let Some(prompt) = chosen.and_then(|place| prompts.get(place)) {
        let text = prompt.text.to_string();
        view.push(Intent::Compose(ComposeIntent::UsePast(text)));
    }
}
