//! Whether the rows of a batch and the targets of a fan-out can be sent, each by itself.

use crate::model::compose::{Batch, BatchRow, MAX_TARGETS, MIN_TARGETS, Pattern, Target};
use crate::model::{
    Charge, Finding, Fix, GatewayProfile, GenerationRequest, JobState, Prompt, PromptError,
};

use super::readiness::{Place, findings_of, request_at};
use super::{Blocker, Edits, RowState, Studio};

/// How many rows stand where.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RowCounts {
    /// To be sent.
    pub ready: usize,
    /// With nothing to show for it.
    pub failed: usize,
    /// Those of `failed` that may have been charged.
    pub charged: usize,
    /// With their pictures.
    pub done: usize,
    /// Waiting or at work.
    pub active: usize,
    /// Perhaps at work elsewhere.
    pub unknown: usize,
}

impl RowState {
    /// Whether a row was sent and has nothing to show for it.
    #[must_use]
    pub const fn has_failed(self) -> bool {
        match self {
            Self::Sent(Some(state)) => matches!(
                state,
                JobState::Failed | JobState::Canceled | JobState::Interrupted
            ),
            // It waited for its turn when the program ended: nothing was sent.
            Self::Sent(None) => true,
            Self::Ready | Self::Off | Self::Incomplete | Self::TooLong | Self::Unknown => false,
        }
    }
}

impl Studio {
    /// Whether a row that has failed may have been charged.
    #[must_use]
    pub fn may_be_charged(&self, row: &BatchRow) -> bool {
        let job = row.job.and_then(|job| self.jobs.get(job));
        job.is_some_and(|job| {
            job.failure()
                .is_none_or(|failure| failure.charge != Charge::No)
        })
    }

    /// How many rows of a batch stand where.
    #[must_use]
    pub fn count_rows(&self, batch: &Batch) -> RowCounts {
        let mut counts = RowCounts::default();
        for (_, row) in batch.wanted() {
            let state = self.row_state(row);
            match state {
                RowState::Ready => counts.ready += 1,
                RowState::Incomplete | RowState::TooLong | RowState::Off => {}
                RowState::Unknown => counts.unknown += 1,
                _ if state.has_failed() => {
                    counts.failed += 1;
                    counts.charged += usize::from(self.may_be_charged(row));
                }
                RowState::Sent(Some(JobState::Done)) => counts.done += 1,
                RowState::Sent(_) => counts.active += 1,
            }
        }
        counts
    }
}

const fn place_of_row<'a>(gateway: &'a GatewayProfile, batch: &Batch) -> Place<'a> {
    Place {
        gateway,
        references: if batch.folder.is_some() { 1 } else { 0 },
    }
}

/// What can be said of a row, with what helps.
#[must_use]
pub fn findings_of_row(
    studio: &Studio,
    edits: &Edits,
    batch: &Batch,
    row: &BatchRow,
) -> Vec<(Finding, Fix)> {
    let gateway = studio.settings.gateway();
    findings_of(studio, edits, &row.prompt, place_of_row(&gateway, batch))
}

/// The request that the rows of a batch have in common, with the prompt of one of them.
///
/// # Errors
/// The first [`Blocker`].
pub fn request_for_rows(
    studio: &Studio,
    edits: &Edits,
    batch: &Batch,
    prompt: Prompt,
) -> Result<GenerationRequest, Blocker> {
    let gateway = studio.settings.gateway();
    let mut base = request_at(studio, edits, prompt, place_of_row(&gateway, batch))?;
    if batch.folder.is_some() {
        // A mask belongs to the first reference, which each row has its own of.
        base.mask = None;
    }
    Ok(base)
}

/// What keeps all rows of the batch from being sent; nothing where there is none to send.
#[must_use]
pub fn blocker_of_rows(studio: &Studio, edits: &Edits) -> Option<Blocker> {
    let batch = edits.compose.batch.as_ref()?;
    let prompt = batch
        .wanted()
        .find_map(|(_, row)| Prompt::new(row.prompt.as_str()).ok())?;
    request_for_rows(studio, edits, batch, prompt).err()
}

/// Whether a fan-out can be sent.
#[derive(Clone, Debug, Default)]
pub struct TargetsReadiness {
    /// What is in the way of all targets.
    pub common: Option<Blocker>,
    /// What is in the way of each.
    pub each: Vec<Option<Blocker>>,
    /// What they have in common, where nothing is in the way.
    pub base: Option<GenerationRequest>,
}

/// Whether the prompt can be sent to all the targets.
#[must_use]
pub fn targets_readiness(studio: &Studio, edits: &Edits) -> TargetsReadiness {
    let prompt = match prompt_of_targets(studio, edits) {
        Ok(prompt) => prompt,
        Err(blocker) => {
            return TargetsReadiness {
                common: Some(blocker),
                ..TargetsReadiness::default()
            };
        }
    };
    let targets = &edits.compose.targets;
    let requests: Vec<_> = targets
        .iter()
        .map(|target| request_for_target(studio, edits, target, prompt.clone()))
        .collect();
    let is_possible =
        (MIN_TARGETS..=MAX_TARGETS).contains(&targets.len()) && requests.iter().all(Result::is_ok);
    let base = requests
        .iter()
        .find_map(|request| request.as_ref().ok())
        .filter(|_| is_possible)
        .cloned();
    TargetsReadiness {
        common: None,
        each: requests.into_iter().map(Result::err).collect(),
        base,
    }
}

fn prompt_of_targets(studio: &Studio, edits: &Edits) -> Result<Prompt, Blocker> {
    if !studio.ready {
        return Err(Blocker::Starting);
    }
    let text = &edits.prompt.text;
    let values = &edits.compose.values;
    let pattern = Pattern::read(text);
    let count = edits.compose.rows_of(text);
    if count > 1 {
        // Which of them the targets should be compared by, nobody has said.
        return Err(Blocker::Alternatives { count });
    }
    if pattern.missing(values).next().is_some() {
        return super::readiness(studio, edits).map(|request| request.prompt);
    }
    let prompt = Prompt::new(pattern.fill(values)).map_err(|error| {
        let finding = match error {
            PromptError::Empty => Finding::PromptEmpty,
            PromptError::TooLong { chars } => Finding::PromptTooLong { chars },
        };
        Blocker::Finding(finding, Fix::Write)
    })?;
    if studio.references.is_loading() {
        return Err(Blocker::ReferencesLoading);
    }
    Ok(prompt)
}

fn request_for_target(
    studio: &Studio,
    edits: &Edits,
    target: &Target,
    prompt: Prompt,
) -> Result<GenerationRequest, Blocker> {
    let profile = studio.profile_of(target).ok_or(Blocker::NoGateway)?;
    if profile.image_model.trim().is_empty() {
        return Err(Blocker::NoModel);
    }
    request_at(studio, edits, prompt, Place::of(&profile))
}
