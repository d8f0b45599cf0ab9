//! What the user does with templates, earlier prompts, the batch and the targets.

use crate::engine::{Command, ComposeCommand, GroupMember, GroupSubmission};
use crate::model::compose::{BatchRow, GroupKind, OwnTemplate, Pattern, Target, all_templates};
use crate::model::{Prompt, SizeChoice};
use crate::ui::intent::ComposeIntent;
use crate::ui::state::{
    AppState, Awaited, Center, ComposeDialog, Effect, RowState, Screen, SizeEdit, Studio,
    ToastKind, request_for_rows, targets_readiness,
};

/// Does what the user wants of the composer.
#[expect(
    clippy::too_many_lines,
    reason = "one short arm an intent, side by side"
)]
pub(super) fn update(state: &mut AppState, intent: ComposeIntent, now_ms: i64) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    if makes_rows(&intent) && studio.rows_are_busy(edits) {
        // Rows that are being sent or at work keep their places: what was paid for must not be forgotten.
        return Vec::new();
    }
    let compose = &mut studio.compose;
    match intent {
        ComposeIntent::Show(Center::Batch) => return open_batch(state),
        ComposeIntent::Show(center) => {
            studio.screen = Screen::Create;
            if center == Center::Targets && edits.compose.targets.is_empty() {
                edits.compose.targets = first_targets(studio);
            }
            studio.compose.center = center;
            if let Center::SideBySide(group) = center {
                // Those of before may not be here.
                return vec![Command::Compose(ComposeCommand::LoadGroup(group)).into()];
            }
            if center == Center::Templates {
                return vec![Effect::FocusTemplates];
            }
        }
        ComposeIntent::UseTemplate { id, replace } => {
            return use_template(state, &id, replace);
        }
        ComposeIntent::UseRatio(ratio) => use_ratio(state, &ratio),
        ComposeIntent::Favourite(id) => {
            let favourites = &mut compose.shelf.favourites;
            if favourites.contains(&id) {
                favourites.retain(|known| *known != id);
            } else {
                favourites.push(id);
            }
        }
        ComposeIntent::NewTemplate { from_prompt } => {
            let text = if from_prompt {
                edits.prompt.text.clone()
            } else {
                String::new()
            };
            compose.center = Center::Templates;
            edits.compose.form = Some(OwnTemplate {
                text,
                ..OwnTemplate::default()
            });
        }
        ComposeIntent::EditTemplate(id) => {
            let own = compose.shelf.own.iter().find(|own| own.id == id);
            edits.compose.form = own.cloned();
        }
        ComposeIntent::CopyTemplate(id) => {
            let all = all_templates(&compose.templates, &compose.shelf, studio.language);
            let found = all.iter().find(|entry| entry.id == id);
            edits.compose.form = found.map(|entry| OwnTemplate {
                id: String::new(),
                title: entry.title.to_owned(),
                folder: entry.folder.to_owned(),
                ratio: entry.ratio.to_owned(),
                is_snippet: entry.is_snippet,
                text: entry.text.to_owned(),
            });
        }
        ComposeIntent::DropTemplateForm => edits.compose.form = None,
        ComposeIntent::KeepTemplateForm => keep_form(state, now_ms),
        ComposeIntent::DeleteTemplate(id) => {
            if let Some(message) = compose.take_away(&id) {
                edits.compose.opened = None;
                studio.toasts.push(ToastKind::Info, message, now_ms);
            }
        }
        ComposeIntent::Import => return vec![Effect::Compose(ComposeDialog::ImportTemplates)],
        ComposeIntent::Export => {
            let own = compose.shelf.own.clone();
            return vec![Effect::Compose(ComposeDialog::ExportTemplates(own))];
        }

        ComposeIntent::OlderPrompt => {
            if let Some(text) = compose.history.older(&edits.prompt.text) {
                edits.write(text);
            }
        }
        ComposeIntent::NewerPrompt => {
            if let Some(text) = compose.history.newer(&edits.prompt.text) {
                edits.write(text);
            }
        }
        ComposeIntent::ShowHistory(open) => compose.history_open = open,
        ComposeIntent::UsePast(text) => {
            compose.history_open = false;
            edits.write(text);
            return vec![Effect::FocusPrompt];
        }

        ComposeIntent::FillIn(name) => return vec![Effect::FocusVariable(name)],

        ComposeIntent::RemakeRows => edits.make_rows(),
        ComposeIntent::BeginAgain => edits.batch_mut().begin_again(),
        ComposeIntent::SetCombine(combine) => {
            edits.batch_mut().combine = combine;
            edits.make_rows();
        }
        ComposeIntent::PickSheet => return vec![Effect::Compose(ComposeDialog::Sheet)],
        ComposeIntent::PickFolder => return vec![Effect::Compose(ComposeDialog::Folder)],
        ComposeIntent::DropSheet => {
            edits.batch_mut().sheet = None;
            edits.make_rows();
        }
        ComposeIntent::DropFolder => {
            edits.batch_mut().folder = None;
            edits.make_rows();
        }
        ComposeIntent::SendBatch => {
            return send_rows(state, now_ms, |_, row| row == RowState::Ready);
        }
        ComposeIntent::RetryFailed => return send_rows(state, now_ms, |_, row| row.has_failed()),
        ComposeIntent::RetryRow(place) => {
            return send_rows(state, now_ms, |at, row| at == place && row.has_failed());
        }
        ComposeIntent::CancelGroup(group) => {
            return vec![Command::Compose(ComposeCommand::CancelGroup(group)).into()];
        }
        ComposeIntent::SendTargets => return send_targets(state, now_ms),
    }
    Vec::new()
}

/// Whether it makes the rows of the batch anew.
const fn makes_rows(intent: &ComposeIntent) -> bool {
    matches!(
        intent,
        ComposeIntent::RemakeRows
            | ComposeIntent::BeginAgain
            | ComposeIntent::SetCombine(_)
            | ComposeIntent::PickSheet
            | ComposeIntent::DropSheet
            | ComposeIntent::PickFolder
            | ComposeIntent::DropFolder
    )
}

/// Shows the table. Its rows are made from the prompt unless they already were, or something in them would be lost.
pub(super) fn open_batch(state: &mut AppState) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    studio.screen = Screen::Create;
    studio.compose.center = Center::Batch;
    let values = edits.compose.values.clone();
    let is_current = edits
        .compose
        .batch
        .as_ref()
        .is_some_and(|batch| batch.is_made_from(&edits.prompt.text, &values));
    let mut rows = edits.compose.batch.iter().flat_map(|batch| &batch.rows);
    let is_touched = rows.any(BatchRow::is_touched);
    if !is_current && !is_touched && !studio.rows_are_busy(edits) {
        edits.make_rows();
    }
    let mut effects = vec![Effect::FocusRows];
    if let Some(batch) = &edits.compose.batch
        && let Some(group) = batch.group
        && studio.count_rows(batch).unknown > 0
    {
        // What was not over when it was asked for may be by now.
        effects.push(Command::Compose(ComposeCommand::LoadGroup(group)).into());
    }
    effects
}

/// The key that sends, pressed while the table is shown. Rows of an earlier prompt that nobody touched are made from
/// this one first, to be looked at.
pub(super) fn send_batch(state: &mut AppState, now_ms: i64) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    let Some(batch) = &edits.compose.batch else {
        return open_batch(state);
    };
    let is_current = batch.is_made_from(&edits.prompt.text, &edits.compose.values);
    let is_touched = batch.rows.iter().any(BatchRow::is_touched);
    if !is_current && !is_touched && !studio.rows_are_busy(edits) {
        return open_batch(state);
    }
    send_rows(state, now_ms, |_, row| row == RowState::Ready)
}

fn use_template(
    state: &mut AppState,
    id: &str,
    replace: Option<std::ops::Range<usize>>,
) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    let compose = &studio.compose;
    let all = all_templates(&compose.templates, &compose.shelf, studio.language);
    let Some(entry) = all.iter().find(|entry| entry.id == id) else {
        return Vec::new();
    };
    let text = &mut edits.prompt.text;
    let range = replace.filter(|range| text.get(range.clone()).is_some());
    let has_more = range.as_ref().is_some_and(|range| {
        let before = text.get(..range.start).unwrap_or_default();
        let after = text.get(range.end..).unwrap_or_default();
        !before.trim().is_empty() || !after.trim().is_empty()
    });
    match range {
        // Among other words, it joins them.
        Some(range) if has_more => text.replace_range(range, entry.text),
        _ => {
            entry.text.clone_into(text);
            edits.compose.template = (!entry.is_snippet).then(|| id.to_owned());
            edits.compose.values.clear();
        }
    }
    edits.compose.slash_closed = None;
    edits.compose.slash_row = 0;
    studio.screen = Screen::Create;
    studio.compose.center = Center::Canvas;
    // The next thing to do is to fill it in.
    let pattern = Pattern::read(&edits.prompt.text);
    match pattern.variables().first() {
        Some(variable) => vec![Effect::FocusVariable(variable.name.clone())],
        None => vec![Effect::FocusPrompt],
    }
}

/// Takes the offered size of this ratio in the tier that is chosen, else the smallest.
fn use_ratio(state: &mut AppState, ratio: &str) {
    let AppState { studio, edits } = state;
    let tier = edits.size.typed().map(crate::model::PixelSize::tier);
    let offered = studio.offered_sizes();
    let mut fitting = offered.iter().filter(|offered| offered.ratio == ratio);
    let same_tier = fitting.clone().find(|offered| Some(offered.tier) == tier);
    if let Some(size) = same_tier.or_else(|| fitting.next()).map(|o| o.size) {
        let choice = SizeChoice::Exact(size);
        edits.size = SizeEdit::of(choice, offered);
        studio.change(|settings| settings.parameters.size = choice);
    }
}

fn keep_form(state: &mut AppState, now_ms: i64) {
    let AppState { studio, edits } = state;
    let Some(mut form) = edits.compose.form.take() else {
        return;
    };
    if form.title.trim().is_empty() {
        form.title = crate::ui::format::line(&form.text, 40);
    }
    if form.id.is_empty() {
        form.id = format!("own-{now_ms:x}");
    }
    edits.compose.opened = Some(form.id.clone());
    let own = &mut studio.compose.shelf.own;
    match own.iter_mut().find(|own| own.id == form.id) {
        Some(kept) => *kept = form,
        None => own.push(form),
    }
}

/// Sends rows of the batch that are wanted.
fn send_rows(
    state: &mut AppState,
    now_ms: i64,
    wanted: impl Fn(usize, RowState) -> bool,
) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    let Some(batch) = &edits.compose.batch else {
        return Vec::new();
    };
    if studio.compose.awaited.is_some() {
        return Vec::new();
    }
    let mut members = Vec::new();
    for (place, row) in batch.wanted() {
        let Ok(prompt) = Prompt::new(row.prompt.as_str()) else {
            continue;
        };
        if wanted(place, studio.row_state(row)) {
            members.push(GroupMember {
                place: u32::try_from(place).unwrap_or(u32::MAX),
                name: batch.name_of(place),
                prompt: Some(prompt),
                reference: row.picture.clone(),
                gateway: None,
                quality: None,
            });
        }
    }
    let Some(prompt) = members.first().and_then(|member| member.prompt.clone()) else {
        return Vec::new();
    };
    // What is in the way is said beside the button.
    let Ok(base) = request_for_rows(studio, edits, batch, prompt) else {
        return Vec::new();
    };
    studio.compose.history.add(&batch.made_from.0, now_ms);
    let submission = GroupSubmission {
        token: next_token(studio, Awaited::Batch),
        group: batch.group,
        kind: GroupKind::Batch,
        total: u32::try_from(batch.rows.len()).unwrap_or(u32::MAX),
        base,
        members,
    };
    vec![Command::Compose(ComposeCommand::Send(Box::new(submission))).into()]
}

fn next_token(studio: &mut Studio, awaited: Awaited) -> u64 {
    let compose = &mut studio.compose;
    compose.last_token += 1;
    compose.awaited = Some((compose.last_token, awaited));
    compose.last_token
}

/// Two to begin with: the gateway of new jobs, at two qualities.
fn first_targets(studio: &Studio) -> Vec<Target> {
    let profile = studio.settings.gateway();
    let target = |quality| Target {
        gateway: profile.id.clone(),
        model: profile.image_model.clone(),
        quality,
    };
    vec![
        target(crate::model::Quality::Medium),
        target(crate::model::Quality::High),
    ]
}

pub(super) fn send_targets(state: &mut AppState, now_ms: i64) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    let targets = &edits.compose.targets;
    if studio.compose.awaited.is_some() {
        return Vec::new();
    }
    // What is in the way is said in the cards and beside the button.
    let Some(base) = targets_readiness(studio, edits).base else {
        return Vec::new();
    };
    let members: Vec<GroupMember> = (0..)
        .zip(targets)
        .filter_map(|(place, target)| {
            Some(GroupMember {
                place,
                gateway: Some(Box::new(studio.profile_of(target)?)),
                quality: Some(target.quality),
                ..GroupMember::default()
            })
        })
        .collect();
    if members.len() != targets.len() {
        return Vec::new();
    }
    studio.compose.history.add(base.prompt.as_str(), now_ms);
    let submission = GroupSubmission {
        token: next_token(studio, Awaited::FanOut),
        group: None,
        kind: GroupKind::FanOut,
        total: u32::try_from(members.len()).unwrap_or(u32::MAX),
        base,
        members,
    };
    vec![Command::Compose(ComposeCommand::Send(Box::new(submission))).into()]
}
