//! The batch: what its rows are made from, the table, and what it comes to.

use std::collections::BTreeSet;

use egui::{Label, Panel, RichText, TextEdit, Ui, vec2};

use crate::model::compose::{Batch, Combine, MAX_ROWS};
use crate::ui::compose_text;
use crate::ui::intent::{ComposeIntent, Intent};
use crate::ui::panels::View;
use crate::ui::preflight_text;
use crate::ui::state::Edits;
use crate::ui::text::Key;
use crate::ui::theme::icons::{self, Icon};
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::card::note;
use crate::ui::widgets::field::field_frame;
use crate::ui::widgets::segmented::Segmented;

use super::{rows, sending, title_ui};

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let count = edits.compose.batch.as_ref().map_or(0, |b| b.rows.len());
    let title = view.text.with(Key::BatchTitle, [("count", count.into())]);
    title_ui(ui, view, &title, |_, _| {});
    Panel::bottom("batch foot")
        .frame(egui::Frame::new())
        .show_separator_line(false)
        .show(ui, |ui| foot_ui(ui, view, edits));
    setup_ui(ui, view, edits);
    let Some(batch) = &edits.compose.batch else {
        return;
    };
    let is_current = batch.is_made_from(&edits.prompt.text, &edits.compose.values);
    notes_ui(ui, view, batch, is_current);
    rows::show(ui, view, edits);
}

/// Where values come from, how they are combined, what results are called.
fn setup_ui(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let is_busy = view.studio.rows_are_busy(edits);
    let batch = edits.compose.batch.get_or_insert_default();
    ui.horizontal_wrapped(|ui| {
        if is_busy {
            ui.disable();
        }
        ui.spacing_mut().item_spacing = vec2(space::S, space::S);
        let sheet = batch.sheet.as_ref().map(|sheet| sheet.name.as_str());
        let source = (icons::SHEET, Key::BatchSheet, Key::BatchSheetDrop);
        source_ui(
            ui,
            view,
            source,
            sheet,
            [ComposeIntent::PickSheet, ComposeIntent::DropSheet],
        );
        let folder = batch.folder.as_ref().map(|folder| folder.name.as_str());
        let source = (icons::FOLDER, Key::BatchFolder, Key::BatchFolderDrop);
        source_ui(
            ui,
            view,
            source,
            folder,
            [ComposeIntent::PickFolder, ComposeIntent::DropFolder],
        );
        let cells = [
            (Combine::Cross, view.t(Key::BatchCross)),
            (Combine::RowByRow, view.t(Key::BatchRowByRow)),
        ];
        let name = view.t(Key::BatchCombine);
        if let Some(combine) = Segmented::new(name, &cells, batch.combine).show(ui) {
            view.push(Intent::Compose(ComposeIntent::SetCombine(combine)));
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let name = view.t(Key::BatchNames);
        ui.label(RichText::new(name).small().color(Palette::of(ui).weak));
        let field = TextEdit::singleline(&mut batch.name_pattern)
            .frame(field_frame(Palette::of(ui), false))
            .desired_width(ui.available_width().min(320.0));
        let field = ui.add(field).accessible_name(name);
        if field.changed() {
            batch.touch();
        }
        field.on_hover_text(view.t(Key::BatchNamesHint));
    });
    ui.add_space(space::XS);
}

/// A button that chooses a file; or its name, with a button that takes it away.
fn source_ui(
    ui: &mut Ui,
    view: &mut View<'_>,
    (icon, pick, drop): (Icon, Key, Key),
    chosen: Option<&str>,
    [pick_it, drop_it]: [ComposeIntent; 2],
) {
    match chosen {
        None => {
            let button = TextButton::new(view.t(pick)).icon(icon);
            if ui.add(button).clicked() {
                view.push(Intent::Compose(pick_it));
            }
        }
        Some(name) => {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::XS;
                let button = TextButton::new(name).icon(icon);
                if ui.add(button).clicked() {
                    view.push(Intent::Compose(pick_it));
                }
                let close = IconButton::new(icons::CLOSE, view.t(drop)).side(22.0);
                if ui.add(close).clicked() {
                    view.push(Intent::Compose(drop_it));
                }
            });
        }
    }
}

/// What is to be known of the rows before they are paid for.
fn notes_ui(ui: &mut Ui, view: &View<'_>, batch: &Batch, is_current: bool) {
    let palette = Palette::of(ui);
    let warn = |ui: &mut Ui, words: &str| note(ui, words, palette.warn, palette.warn_soft);
    if !is_current && !batch.rows.is_empty() {
        warn(ui, view.t(Key::BatchStale));
    }
    if let Some(rows) = batch.too_many {
        let rows = if rows == usize::MAX {
            "∞".to_owned()
        } else {
            crate::ui::format::count(rows as u64)
        };
        let args = [("rows", rows.into()), ("most", MAX_ROWS.to_string().into())];
        let words = view.text.with(Key::BatchTooMany, args);
        note(ui, &words, palette.error, palette.error_soft);
    }
    if let Some(uneven) = batch.uneven {
        let args = [
            ("shortest", uneven.shortest.to_string().into()),
            ("longest", uneven.longest.to_string().into()),
        ];
        warn(ui, &view.text.with(Key::BatchUneven, args));
    }
    if let Some(folder) = &batch.folder {
        if folder.left_out > 0 {
            let args = [
                ("count", folder.left_out.into()),
                ("most", MAX_ROWS.to_string().into()),
            ];
            warn(ui, &view.text.with(Key::BatchLeftOut, args));
        }
        if view.studio.mask_in_use().is_some() {
            warn(ui, view.t(Key::BatchMask));
        }
    }
    if !batch.unused.is_empty() {
        let args = [
            ("count", batch.unused.len().into()),
            ("names", batch.unused.join(" · ").into()),
        ];
        warn(ui, &view.text.with(Key::BatchUnused, args));
    }
    let incomplete = || {
        batch
            .rows
            .iter()
            .filter(|row| !row.is_off && row.job.is_none() && row.is_incomplete())
    };
    let names: BTreeSet<&str> = incomplete()
        .flat_map(|row| &row.missing)
        .map(String::as_str)
        .collect();
    if !names.is_empty() {
        let names: Vec<&str> = names.into_iter().collect();
        let args = [
            ("count", incomplete().count().into()),
            ("names", names.join(" · ").into()),
        ];
        warn(ui, &view.text.with(Key::BatchIncomplete, args));
    } else if batch.rows.len() == 1 && batch.sheet.is_none() && batch.folder.is_none() {
        note(ui, view.t(Key::BatchOne), palette.weak, palette.control);
    }
}

/// What it comes to, and the buttons.
fn foot_ui(ui: &mut Ui, view: &mut View<'_>, edits: &Edits) {
    let Some(batch) = &edits.compose.batch else {
        return;
    };
    let palette = Palette::of(ui);
    let counts = view.studio.count_rows(batch);
    ui.add_space(space::S);
    let totals = view.studio.totals_of_rows(counts.ready);
    let mut words = if counts.ready > 0 {
        compose_text::totals(view.text, &totals)
    } else {
        String::new()
    };
    if counts.active + counts.done + counts.failed + counts.unknown > 0 {
        let args = [
            ("done", counts.done.into()),
            ("active", counts.active.into()),
            ("failed", counts.failed.into()),
        ];
        let progress = view.text.with(Key::BatchProgress, args);
        words = if words.is_empty() {
            progress
        } else {
            format!("{progress} · {words}")
        };
    }
    ui.add(Label::new(RichText::new(words).color(palette.text)).truncate());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let sending = sending::of_rows(view, edits);
        let blocker = sending.blocker;
        let is_free = blocker.is_none() && view.studio.compose.awaited.is_none();
        let button = TextButton::new(&sending.words)
            .icon(icons::GENERATE)
            .emphasis(Emphasis::Primary)
            .min_size(vec2(140.0, size::PRIMARY));
        // Once all were sent, there is nothing to press.
        let has_more = counts.ready > 0 || !batch.was_sent();
        if has_more && ui.add_enabled(sending.is_free, button).clicked() {
            view.push(Intent::Compose(ComposeIntent::SendBatch));
        }
        if counts.failed > 0 {
            let again = view
                .text
                .with(Key::BatchRetry, [("count", counts.failed.into())]);
            let button = TextButton::new(&again)
                .icon(icons::AGAIN)
                .min_size(vec2(0.0, size::PRIMARY));
            if ui.add_enabled(is_free, button).clicked() {
                view.push(Intent::Compose(ComposeIntent::RetryFailed));
            }
            if counts.charged > 0 {
                let args = [("count", counts.charged.into())];
                let words = view.text.with(Key::BatchRetryCharged, args);
                ui.label(RichText::new(words).small().color(palette.warn));
            }
        }
        if let (Some(group), true) = (batch.group, counts.active > 0) {
            let button = TextButton::new(view.t(Key::BatchCancel))
                .icon(icons::STOP)
                .min_size(vec2(0.0, size::PRIMARY));
            if ui.add(button).clicked() {
                view.push(Intent::Compose(ComposeIntent::CancelGroup(group)));
            }
        }
        let is_current = batch.is_made_from(&edits.prompt.text, &edits.compose.values);
        if !is_current || batch.was_sent() {
            let (name, intent) = if is_current {
                (Key::BatchAgain, ComposeIntent::BeginAgain)
            } else {
                (Key::BatchRemake, ComposeIntent::RemakeRows)
            };
            let button = TextButton::new(view.t(name))
                .icon(icons::RESET)
                .min_size(vec2(0.0, size::PRIMARY));
            let is_busy = view.studio.rows_are_busy(edits);
            if ui.add_enabled(!is_busy, button).clicked() {
                view.push(Intent::Compose(intent));
            }
        }
        if let Some(blocker) = blocker.filter(|_| counts.ready + counts.failed > 0) {
            let words = preflight_text::blocker(view.text, &blocker);
            ui.label(RichText::new(words).small().color(palette.warn));
        }
    });
}
