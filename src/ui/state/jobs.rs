//! The jobs of this session, and those that an earlier one left unfinished.

use std::collections::BTreeMap;

use crate::engine::{JobSnapshot, PreviewRecord};
use crate::model::{Failure, FailureKind, ImageId, JobId, JobState};

use super::Gallery;

/// A job as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What the engine said last.
    pub snapshot: JobSnapshot,
    /// The attempt that follows, and why the one before failed.
    pub retry: Option<(u32, FailureKind)>,
    /// What went wrong without ending the job.
    pub warnings: Vec<Failure>,
    /// Each of its requests that failed.
    pub failures: Vec<Failure>,
}

impl Job {
    /// Milliseconds at work so far, or in all.
    #[must_use]
    pub fn elapsed_ms(&self, now_ms: i64) -> i64 {
        let snapshot = &self.snapshot;
        let from = snapshot.started_ms.unwrap_or(snapshot.created_ms);
        (snapshot.ended_ms.unwrap_or(now_ms) - from).max(0)
    }

    /// The failure to tell: the job's own, else the first of its requests'.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.snapshot.failure.as_ref().or(self.failures.first())
    }
}

/// A cell of the filmstrip.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StripItem {
    /// A job that has nothing to show for it, yet or ever.
    Job(JobId),
    /// A result.
    Image(ImageId),
}

/// Every known job, oldest first.
#[derive(Debug, Default)]
pub struct Jobs {
    map: BTreeMap<JobId, Job>,
}

impl Jobs {
    /// One job.
    #[must_use]
    pub fn get(&self, id: JobId) -> Option<&Job> {
        self.map.get(&id)
    }

    /// All, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Job> {
        self.map.values().rev()
    }

    /// How many are at work.
    #[must_use]
    pub fn running(&self) -> usize {
        self.count(JobState::Running)
    }

    /// How many wait for their turn.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.count(JobState::Queued)
    }

    /// Which turn a queued job has at its gateway: 1 is next. `None` for a job that is not queued.
    #[must_use]
    pub fn place_in_queue(&self, id: JobId) -> Option<usize> {
        let is_queued = |job: &Job| job.snapshot.state == JobState::Queued;
        let gateway = |job: &Job| job.snapshot.request.gateway.id.clone();
        let job = self.get(id).filter(|job| is_queued(job))?;
        let mine = gateway(job);
        let before = self
            .map
            .range(..id)
            .filter(|(_, other)| is_queued(other) && gateway(other) == mine);
        Some(before.count() + 1)
    }

    /// Whether any is queued or at work.
    #[must_use]
    pub fn any_active(&self) -> bool {
        self.map.values().any(|job| !job.snapshot.state.is_final())
    }

    fn count(&self, state: JobState) -> usize {
        self.map
            .values()
            .filter(|job| job.snapshot.state == state)
            .count()
    }

    /// The filmstrip: jobs and their results where the job was, then the newest results of `gallery` from before
    /// this session; newest first, at most `limit`.
    ///
    /// A cell keeps its place when its job ends, so nothing jumps.
    #[must_use]
    pub fn strip(&self, gallery: &Gallery, limit: usize) -> Vec<StripItem> {
        let mut items = Vec::with_capacity(limit);
        for job in self.newest_first() {
            if items.len() >= limit {
                return items;
            }
            let snapshot = &job.snapshot;
            if snapshot.state != JobState::Done || snapshot.images.is_empty() {
                items.push(StripItem::Job(snapshot.id));
            }
            for image in &snapshot.images {
                // What was deleted is gone from here too.
                if gallery.contains(*image) || !snapshot.state.is_final() {
                    items.push(StripItem::Image(*image));
                }
            }
        }
        for image in gallery.ids() {
            if items.len() >= limit {
                break;
            }
            if !self.owns(*image) {
                items.push(StripItem::Image(*image));
            }
        }
        items.truncate(limit);
        items
    }

    fn owns(&self, image: ImageId) -> bool {
        self.map
            .values()
            .any(|job| job.snapshot.images.contains(&image))
    }

    /// The job that made `image`, where it is one of these.
    #[must_use]
    pub fn of_image(&self, image: ImageId) -> Option<&Job> {
        self.map
            .values()
            .find(|job| job.snapshot.images.contains(&image))
    }

    /// Takes the newest word about a job in; whether the job is new.
    pub(super) fn put(&mut self, snapshot: JobSnapshot) -> bool {
        if let Some(job) = self.map.get_mut(&snapshot.id) {
            let waits = matches!(snapshot.stage, crate::model::Stage::Waiting { .. });
            if !waits {
                job.retry = None;
            }
            job.snapshot = snapshot;
            return false;
        }
        self.map.insert(
            snapshot.id,
            Job {
                snapshot,
                retry: None,
                warnings: Vec::new(),
                failures: Vec::new(),
            },
        );
        true
    }

    pub(super) fn remove(&mut self, id: JobId) {
        self.map.remove(&id);
    }

    pub(super) fn add_preview(&mut self, preview: PreviewRecord) {
        if let Some(job) = self.map.get_mut(&preview.job) {
            let previews = &mut job.snapshot.previews;
            let is_there = previews
                .iter()
                .any(|p| (p.index, p.preview) == (preview.index, preview.preview));
            if !is_there {
                previews.push(preview);
            }
        }
    }

    pub(super) fn add_image(&mut self, id: JobId, image: ImageId, index: u32) {
        if let Some(job) = self.map.get_mut(&id)
            && !job.snapshot.images.contains(&image)
        {
            let images = &mut job.snapshot.images;
            let place = usize::try_from(index).unwrap_or(usize::MAX);
            images.insert(place.min(images.len()), image);
        }
    }

    pub(super) fn retrying(&mut self, id: JobId, attempt: u32, _after_ms: u64, kind: FailureKind) {
        if let Some(job) = self.map.get_mut(&id) {
            job.retry = Some((attempt, kind));
        }
    }

    pub(super) fn warn(&mut self, id: JobId, failure: Failure) {
        if let Some(job) = self.map.get_mut(&id) {
            job.warnings.push(failure);
        }
    }

    pub(super) fn request_failed(&mut self, id: JobId, failure: Failure) {
        if let Some(job) = self.map.get_mut(&id) {
            job.failures.push(failure);
        }
    }
}
