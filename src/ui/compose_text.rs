//! What is said of composing: findings of files, totals, states of rows.

use crate::engine::ComposeProblem;
use crate::model::JobState;
use crate::model::compose::SheetError;

use super::format;
use super::state::{ComposeNote, RowState, Totals};
use super::text::{Key, Text};

/// A message at the edge of the window.
pub(super) fn note(text: &Text, note: &ComposeNote) -> String {
    let path = |path: &std::path::Path| path.display().to_string();
    match note {
        ComposeNote::TemplatesAdded(count) => {
            text.with(Key::TemplatesAdded, [("count", (*count).into())])
        }
        ComposeNote::TemplatesLeftOut(count) => {
            text.with(Key::TemplatesLeftOut, [("count", (*count).into())])
        }
        ComposeNote::TemplatesWritten(to, count) => text.with(
            Key::TemplatesWritten,
            [("count", (*count).into()), ("path", path(to).into())],
        ),
        ComposeNote::RowsBusy => text.get(Key::BatchBusy).to_owned(),
        ComposeNote::Problem(problem) => match problem {
            ComposeProblem::DraftUnreadable(kept) => {
                text.with(Key::DraftUnreadable, [("path", path(kept).into())])
            }
            ComposeProblem::ShelfUnreadable(kept) => {
                text.with(Key::ShelfUnreadable, [("path", path(kept).into())])
            }
            ComposeProblem::Templates(reason) => text.with(
                Key::TemplatesUnreadable,
                [("reason", reason.as_str().into())],
            ),
            ComposeProblem::FolderEmpty(folder) => {
                text.with(Key::FolderEmpty, [("path", path(folder).into())])
            }
            ComposeProblem::Disk(reason) => {
                text.with(Key::ComposeDisk, [("reason", reason.as_str().into())])
            }
            ComposeProblem::Sheet(error) => sheet(text, error),
        },
    }
}

fn sheet(text: &Text, error: &SheetError) -> String {
    match error {
        SheetError::Encoding => text.get(Key::SheetEncoding).to_owned(),
        SheetError::TooLarge => text.get(Key::SheetTooLarge).to_owned(),
        SheetError::TooMany { most } => {
            text.with(Key::SheetTooMany, [("most", most.to_string().into())])
        }
        SheetError::Empty => text.get(Key::SheetEmpty).to_owned(),
        SheetError::Broken { line } => {
            text.with(Key::SheetBroken, [("line", line.to_string().into())])
        }
    }
}

/// `24 pictures · about 12 min · ≈ $5.06`
pub(super) fn totals(text: &Text, totals: &Totals) -> String {
    let pictures = text.with(Key::TotalPictures, [("count", totals.pictures.into())]);
    let minutes = totals.ms.div_ceil(60_000);
    let key = match (totals.is_measured, minutes >= 60) {
        (true, false) => Key::TotalMinutes,
        (false, false) => Key::TotalMinutesUnmeasured,
        (true, true) => Key::TotalHours,
        (false, true) => Key::TotalHoursUnmeasured,
    };
    let number = if minutes >= 60 {
        format!("{}.{}", minutes / 60, minutes % 60 / 6)
    } else {
        minutes.to_string()
    };
    let time = text.with(key, [("time", number.into())]);
    let price = match &totals.price {
        Some(sums) if !sums.is_empty() => format::costs(text, sums),
        _ => text.get(Key::TotalPriceUnknown).to_owned(),
    };
    format!("{pictures} · {time} · {price}")
}

/// Where a row of the batch stands, in a word.
pub(super) fn row_state(text: &Text, state: RowState) -> &str {
    text.get(match state {
        RowState::Ready => Key::RowReady,
        RowState::Off => Key::RowOff,
        RowState::Incomplete => Key::RowIncomplete,
        RowState::TooLong => Key::RowTooLong,
        RowState::Unknown => Key::RowUnknown,
        RowState::Sent(None) => Key::RowNotSent,
        RowState::Sent(Some(JobState::Queued)) => Key::StageQueued,
        RowState::Sent(Some(JobState::Running)) => Key::RowRunning,
        RowState::Sent(Some(JobState::Done)) => Key::StateDone,
        RowState::Sent(Some(JobState::Failed)) => Key::StateFailed,
        RowState::Sent(Some(JobState::Canceled)) => Key::StateCanceled,
        RowState::Sent(Some(JobState::Interrupted)) => Key::StateInterrupted,
    })
}

/// `12 words · 56 characters`
pub(super) fn count(text: &Text, count: crate::model::compose::TextCount) -> String {
    text.with(
        Key::PromptWords,
        [
            ("count", count.words.into()),
            ("words", format::count(count.words as u64).into()),
            ("chars", format::count(count.chars as u64).into()),
        ],
    )
}
