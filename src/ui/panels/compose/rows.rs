//! The table of a batch: as many rows are drawn as are seen. One row at a time is edited, under the table.

use egui::{
    Align2, EventFilter, FontId, Frame, Id, Key as K, Label, Margin, Modifiers, Panel, Rect,
    Response, RichText, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use crate::model::compose::Batch;
use crate::model::{Finding, JobState};
use crate::ui::compose_text;
use crate::ui::format;
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::preflight_text;
use crate::ui::state::{Edits, RowState, Subject, findings_of_row};
use crate::ui::text::Key;
use crate::ui::theme::icons::{self, Icon};
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::field::field_frame;
use crate::ui::widgets::segmented::focus_ring;
use crate::ui::widgets::text_line::line;

const ROW: f32 = 30.0;
/// Width of the switch and of the number in front of the prompt.
const SWITCH: f32 = 30.0;
const NUMBER: f32 = 40.0;
const STATE: f32 = 108.0;
/// From here on there is room for the names of the results.
const WIDE: f32 = 640.0;

/// The table, which has the keyboard for all of its rows.
pub(in crate::ui) fn table_id() -> Id {
    Id::unique("rows of the batch")
}

/// Each row has an editor of its own, so that what is taken back in one never lands in another.
fn editor_id(batch: &Batch, place: usize) -> Id {
    let made = batch.rows.get(place).map(|row| row.made.as_str());
    Id::unique(("prompt of a row", place, made))
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let palette = Palette::of(ui);
    let about = about_current(view, edits);
    let is_composing = edits.prompt.composing;
    let Some(batch) = &mut edits.compose.batch else {
        return;
    };
    let current = &mut edits.compose.row;
    if batch.rows.is_empty() {
        ui.centered_and_justified(|ui| {
            ui.label(RichText::new(view.t(Key::BatchEmpty)).color(palette.weak));
        });
        return;
    }
    *current = (*current).min(batch.rows.len() - 1);
    // Before anything is drawn: the editor is that of the row that a key has gone to.
    let to = if is_composing {
        None
    } else {
        keys(ui, batch, current)
    };
    Panel::bottom("row editor")
        .frame(Frame::new().inner_margin(Margin::symmetric(0, 8)))
        .show_separator_line(false)
        .show(ui, |ui| {
            editor_ui(ui, view, batch, *current);
            about_ui(ui, view, batch, *current, &about);
        });
    // After the editor, which has a filter of its own that lets Escape go.
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(editor_id(batch, *current), filter));
    let frame = Frame::new()
        .fill(palette.panel)
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(4));
    frame.show(ui, |ui| {
        let table = ui.available_rect_before_wrap();
        let focus = ui.interact(table, table_id(), Sense::focusable_noninteractive());
        let args = [("count", batch.rows.len().into())];
        let name = view.text.with(Key::BatchTitle, args);
        focus.widget_info(|| WidgetInfo::labeled(Role::Table, true, &name));
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical()
            .id_salt("rows of the batch")
            .auto_shrink([false, false]);
        if let Some(row) = to {
            // Into view, with a row before and after it.
            let height = table.height();
            #[expect(clippy::cast_precision_loss, reason = "at most a thousand rows")]
            let top = row as f32 * ROW;
            let id = Id::unique("offset of the batch's rows");
            let now: f32 = ui.data(|data| data.get_temp(id).unwrap_or_default());
            let offset = now.clamp(
                (top + 2.0 * ROW - height).max(0.0),
                (top - ROW).max(0.0).max(top + 2.0 * ROW - height),
            );
            area = area.vertical_scroll_offset(offset);
        }
        let chosen = *current;
        let output = area.show_rows(ui, ROW, batch.rows.len(), |ui, range| {
            for place in range {
                let id = row_ui(ui, view, batch, place, current);
                if place == chosen {
                    // Whoever does not see the table is told the row that the keys have gone to.
                    ui.ctx().accesskit_node_builder(table_id(), |table| {
                        table.set_active_descendant(id.accesskit_id());
                    });
                }
            }
        });
        ui.data_mut(|data| {
            let id = Id::unique("offset of the batch's rows");
            data.insert_temp(id, output.state.clamped_offset().y);
        });
        if focus.has_focus() {
            focus_ring(ui, table, radius::CARD);
        }
    });
}

/// Up and down go through the rows, Space switches one off or on, Enter goes into its prompt. Gives the row to show.
fn keys(ui: &Ui, batch: &mut Batch, current: &mut usize) -> Option<usize> {
    let in_table = ui.memory(|memory| memory.has_focus(table_id()));
    if ui.memory(|memory| memory.has_focus(editor_id(batch, *current))) {
        // Back to the table, not out of both.
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, K::Escape)) {
            ui.memory_mut(|memory| memory.request_focus(table_id()));
        }
        return None;
    }
    if !in_table {
        return None;
    }
    let filter = EventFilter {
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(table_id(), filter));
    let pressed = |key: K| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let last = batch.rows.len() - 1;
    let before = *current;
    if pressed(K::ArrowDown) {
        *current = (*current + 1).min(last);
    } else if pressed(K::ArrowUp) {
        *current = current.saturating_sub(1);
    } else if pressed(K::PageDown) {
        *current = (*current + 10).min(last);
    } else if pressed(K::PageUp) {
        *current = current.saturating_sub(10);
    } else if pressed(K::Home) {
        *current = 0;
    } else if pressed(K::End) {
        *current = last;
    } else if pressed(K::Space) {
        switch(batch, *current);
    } else if pressed(K::Enter) {
        ui.memory_mut(|memory| memory.request_focus(editor_id(batch, *current)));
    }
    (before != *current).then_some(*current)
}

/// A row that was sent stays as it is.
fn switch(batch: &mut Batch, place: usize) {
    if let Some(row) = batch.rows.get_mut(place)
        && row.job.is_none()
    {
        row.is_off = !row.is_off;
        batch.touch();
    }
}

fn row_ui(
    ui: &mut Ui,
    view: &mut View<'_>,
    batch: &mut Batch,
    place: usize,
    current: &mut usize,
) -> Id {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::CLICK);
    let id = response.id;
    let Some(row) = batch.rows.get(place) else {
        return id;
    };
    let state = view.studio.row_state(row);
    let is_current = place == *current;
    let words = format::line(&row.prompt, 200);
    let name = view.text.with(
        Key::BatchRowName,
        [
            ("number", (place + 1).to_string().into()),
            ("state", compose_text::row_state(view.text, state).into()),
            ("prompt", words.as_str().into()),
        ],
    );
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_current, &name));
    if is_current {
        ui.painter()
            .rect_filled(rect, radius::CONTROL, palette.accent_soft);
    } else if response.hovered() {
        ui.painter()
            .rect_filled(rect, radius::CONTROL, palette.control);
    }
    let is_off = row.is_off;
    let job = row.job;
    let reference = row.picture.as_ref().and_then(|path| path.file_name());
    let reference = reference.map(|name| name.to_string_lossy().into_owned());
    let is_changed = row.made != row.prompt;
    let file = batch.name_of(place).unwrap_or_default();

    let toggle = switch_ui(ui, view, &response, place, is_off);
    let middle = rect.center().y;
    let left = rect.left() + SWITCH;
    ui.painter().text(
        pos2(left + NUMBER - space::S, middle),
        Align2::RIGHT_CENTER,
        place + 1,
        FontId::proportional(size::SMALL),
        palette.weak,
    );
    let left = left + NUMBER;
    let mut right = rect.right() - STATE;
    let (icon, color) = look_of(state, palette);
    line(
        ui,
        (right + space::S + size::ICON, middle),
        STATE - size::ICON - space::M,
        compose_text::row_state(view.text, state),
        size::SMALL,
        color,
    );
    let icon_rect = Rect::from_center_size(pos2(right + 8.0, middle), vec2(size::ICON, ROW));
    paint_icon(ui, icon_rect, icon, color);
    if rect.width() > WIDE {
        let width = (rect.width() * 0.24).min(240.0);
        right -= width;
        let at = (right + space::S, middle);
        let width = width - space::S;
        line(ui, at, width, &file, size::SMALL, palette.weak);
    }
    if let Some(reference) = &reference {
        let width = 96.0;
        right -= width;
        let at = (right + space::S, middle);
        line(
            ui,
            at,
            width - space::S,
            reference,
            size::SMALL,
            palette.weak,
        );
    }
    let color = if is_off {
        palette.weak
    } else if is_changed {
        palette.accent_text
    } else {
        palette.text
    };
    line(ui, (left, middle), right - left, &words, size::BODY, color);
    if toggle.clicked() {
        switch(batch, place);
    } else if response.clicked() {
        *current = place;
        ui.memory_mut(|memory| memory.request_focus(table_id()));
        // One frame more, in which the table keeps the arrows: the next key is the table's already.
        ui.ctx().request_repaint_of(egui::ViewportId::ROOT);
    }
    if response.double_clicked()
        && let Some(job) = job
    {
        view.push(Intent::Show(Subject::Job(job)));
    }
    id
}

/// The box at the left of a row.
fn switch_ui(ui: &Ui, view: &View<'_>, row: &Response, place: usize, is_off: bool) -> Response {
    let palette = Palette::of(ui);
    let rect = Rect::from_min_size(row.rect.min, vec2(SWITCH, ROW));
    let toggle = ui.interact(rect, row.id.with("switch"), Sense::CLICK);
    let number = (place + 1).to_string();
    let name = view
        .text
        .with(Key::BatchSwitch, [("number", number.into())]);
    toggle.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, !is_off, &name));
    let (icon, color) = if is_off {
        (icons::BOX_EMPTY, palette.weak)
    } else {
        (icons::BOX_CHECKED, palette.accent_text)
    };
    paint_icon(ui, rect, icon, color);
    toggle
}

fn paint_icon(ui: &Ui, rect: Rect, icon: Icon, color: egui::Color32) {
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        icon.glyph(),
        icon.font(size::ICON),
        color,
    );
}

const fn look_of(state: RowState, palette: &Palette) -> (Icon, egui::Color32) {
    match state {
        RowState::Ready | RowState::Off => (icons::REMOVE, palette.weak),
        RowState::Sent(Some(JobState::Queued)) => (icons::QUEUED, palette.weak),
        RowState::Sent(Some(JobState::Running)) => (icons::GENERATE, palette.accent_text),
        RowState::Sent(Some(JobState::Done)) => (icons::CHECK, palette.ok),
        RowState::Sent(Some(JobState::Failed)) => (icons::ERROR, palette.error),
        RowState::Sent(Some(JobState::Canceled)) => (icons::STOP, palette.weak),
        RowState::Incomplete
        | RowState::TooLong
        | RowState::Unknown
        | RowState::Sent(Some(JobState::Interrupted) | None) => (icons::WARNING, palette.warn),
    }
}

const fn is_impossible(state: RowState) -> bool {
    matches!(state, RowState::Incomplete | RowState::TooLong)
}

/// What can be said of the row that was chosen before it is sent.
fn about_current(view: &View<'_>, edits: &Edits) -> Vec<String> {
    let Some(batch) = &edits.compose.batch else {
        return Vec::new();
    };
    let Some(row) = batch.rows.get(edits.compose.row) else {
        return Vec::new();
    };
    match view.studio.row_state(row) {
        RowState::Incomplete if row.is_incomplete() => {
            let args = [("names", row.missing.join(" · ").into())];
            vec![view.text.with(Key::RowMissing, args)]
        }
        RowState::Unknown => vec![view.t(Key::RowUnknownWhy).to_owned()],
        RowState::Sent(_) | RowState::Off => Vec::new(),
        RowState::Ready | RowState::Incomplete | RowState::TooLong => {
            let findings = findings_of_row(view.studio, edits, batch, row).into_iter();
            let of_prompt = findings.filter(|(finding, _)| {
                matches!(
                    finding,
                    Finding::PromptEmpty
                        | Finding::PromptTooLong { .. }
                        | Finding::ResolutionWord { .. }
                        | Finding::TooManyReferences { .. }
                )
            });
            of_prompt
                .map(|(finding, _)| preflight_text::finding(view.text, &finding))
                .collect()
        }
    }
}

/// One line under the editor: what the row's results are called, and what is to be known of it.
fn about_ui(ui: &mut Ui, view: &View<'_>, batch: &Batch, place: usize, about: &[String]) {
    let palette = Palette::of(ui);
    let Some(row) = batch.rows.get(place) else {
        return;
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if row.job.is_some()
            && view.studio.row_state(row).has_failed()
            && view.studio.may_be_charged(row)
        {
            let words = RichText::new(view.t(Key::ChargeUnknown)).small();
            ui.label(words.color(palette.warn));
        }
        if !about.is_empty() {
            let words = RichText::new(about.join(" ")).small().color(palette.warn);
            ui.add(Label::new(words).truncate());
        } else if let Some(name) = batch.name_of(place) {
            let words = RichText::new(name).small().color(palette.weak);
            ui.add(Label::new(words).truncate())
                .on_hover_text(view.t(Key::BatchNames));
        }
    });
}

/// The prompt of the row that was chosen.
fn editor_ui(ui: &mut Ui, view: &mut View<'_>, batch: &mut Batch, place: usize) {
    let id = editor_id(batch, place);
    let Some(row) = batch.rows.get_mut(place) else {
        return;
    };
    let mut is_changed = false;
    let state = view.studio.row_state(row);
    let number = (place + 1).to_string();
    let name = view
        .text
        .with(Key::BatchRowPrompt, [("number", number.into())]);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let side = size::CONTROL + space::XS;
        let width = ui.available_width() - side;
        let was_sent = row.job.is_some() && !state.has_failed();
        let field = TextEdit::multiline(&mut row.prompt)
            .id(id)
            .frame(field_frame(Palette::of(ui), is_impossible(state)))
            .interactive(!was_sent)
            .desired_rows(3)
            .desired_width(width);
        egui::ScrollArea::vertical()
            .id_salt("prompt of a row")
            .max_height(84.0)
            .max_width(width)
            .show(ui, |ui| {
                is_changed = ui.add(field).accessible_name(&name).changed();
            });
        ui.vertical(|ui| {
            let reset = IconButton::new(icons::RESET, view.t(Key::BatchRowReset));
            let can_reset = row.made != row.prompt && !was_sent;
            if ui.add_enabled(can_reset, reset).clicked() {
                row.prompt.clone_from(&row.made);
                is_changed = true;
            }
            if state.has_failed() {
                let again = IconButton::new(icons::AGAIN, view.t(Key::BatchRowAgain));
                if ui.add(again).clicked() {
                    view.push(Intent::Compose(ComposeIntent::RetryRow(place)));
                }
            }
            if let Some(job) = row.job {
                let open = IconButton::new(icons::PICTURE, view.t(Key::BatchRowShow));
                if ui.add(open).clicked() {
                    view.push(Intent::Show(Subject::Job(job)));
                }
            }
        });
    });
    if is_changed {
        batch.touch();
    }
}
