//! What the key that sends, and the button with it, would do: it follows what stands in the middle.

use crate::ui::panels::View;
use crate::ui::state::{Blocker, Center, Edits, blocker_of_rows, readiness, targets_readiness};
use crate::ui::text::Key;

/// What would be sent.
pub(in crate::ui::panels) struct Sending {
    /// On the button.
    pub(in crate::ui::panels) words: String,
    /// It can be sent.
    pub(in crate::ui::panels) is_free: bool,
    /// What is in the way.
    pub(in crate::ui::panels) blocker: Option<Blocker>,
}

pub(in crate::ui::panels) fn of(view: &View<'_>, edits: &Edits) -> Sending {
    match view.studio.compose.center {
        Center::Batch => of_rows(view, edits),
        Center::Targets => of_targets(view, edits),
        Center::Canvas | Center::Templates | Center::SideBySide(_) => {
            let blocker = readiness(view.studio, edits).err();
            Sending {
                words: view.t(Key::Generate).to_owned(),
                is_free: blocker.is_none(),
                blocker,
            }
        }
    }
}

/// The rows of the batch.
pub(super) fn of_rows(view: &View<'_>, edits: &Edits) -> Sending {
    let batch = edits.compose.batch.as_ref();
    let ready = batch.map_or(0, |batch| view.studio.count_rows(batch).ready);
    let blocker = blocker_of_rows(view.studio, edits);
    let is_idle = view.studio.compose.awaited.is_none();
    Sending {
        words: view.text.with(Key::BatchSend, [("count", ready.into())]),
        is_free: ready > 0 && blocker.is_none() && is_idle,
        blocker,
    }
}

/// The targets of the fan-out.
fn of_targets(view: &View<'_>, edits: &Edits) -> Sending {
    let readiness = targets_readiness(view.studio, edits);
    let count = edits.compose.targets.len();
    let is_idle = view.studio.compose.awaited.is_none();
    Sending {
        words: view.text.with(Key::TargetsSend, [("count", count.into())]),
        is_free: readiness.base.is_some() && is_idle,
        blocker: readiness
            .common
            .or_else(|| readiness.each.into_iter().flatten().next()),
    }
}
