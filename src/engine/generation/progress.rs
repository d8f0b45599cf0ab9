//! How far a job is, and telling it: often enough to follow, seldom enough to cost nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Failure, ImageId, JobState, Stage, Usage};

use super::super::outbox::Outbox;
use super::super::{Event, JobSnapshot, PreviewRecord};
use super::JobSpec;

/// Shortest time between two tellings that differ in bytes only.
const BYTES_INTERVAL: Duration = Duration::from_millis(100);

pub(super) struct Progress {
    outbox: Arc<Outbox>,
    state: Mutex<State>,
}

struct State {
    snapshot: JobSnapshot,
    /// Of `snapshot.images`, in their order.
    indices: Vec<u32>,
    /// Where each request stands; `None` once it is over.
    asks: Vec<Option<Stage>>,
    bytes_told: Instant,
    /// Whether everything that arrived is somewhere else than in the journal.
    is_safe: bool,
}

pub(super) fn queued(spec: &JobSpec) -> JobSnapshot {
    JobSnapshot {
        id: spec.id,
        request: Arc::clone(&spec.request),
        state: JobState::Queued,
        stage: Stage::Connecting,
        created_ms: spec.created_ms,
        started_ms: None,
        ended_ms: None,
        previews: Vec::new(),
        images: Vec::new(),
        failure: None,
        bytes_received: 0,
        usage: None,
        request_ids: Vec::new(),
        host: None,
        last_byte_ms: None,
        last_event_ms: None,
        waiting: None,
        notes: Vec::new(),
        downloads: Vec::new(),
    }
}

impl Progress {
    pub(super) fn new(spec: &JobSpec, outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            state: Mutex::new(State {
                snapshot: queued(spec),
                indices: Vec::new(),
                asks: Vec::new(),
                bytes_told: Instant::now(),
                is_safe: true,
            }),
        }
    }

    pub(super) fn snapshot(&self) -> JobSnapshot {
        self.state().snapshot.clone()
    }

    pub(super) fn begin_asks(&self, count: usize) {
        self.state().asks = vec![Some(Stage::Connecting); count];
    }

    /// A request has its turn. `true`: the first of the job.
    pub(super) fn start(&self, now_ms: i64) -> bool {
        let mut is_first = false;
        self.change(|state| {
            if let Ok(running) = state.snapshot.state.advance(JobState::Running) {
                is_first = true;
                state.snapshot.state = running;
                state.snapshot.started_ms = Some(now_ms);
            }
        });
        is_first
    }

    pub(super) fn stage(&self, ask: usize, stage: Stage) {
        self.change(|state| {
            if let Some(at) = state.asks.get_mut(ask) {
                *at = Some(stage);
            }
            state.settle_stage();
        });
    }

    /// A result arrives; told now and then only.
    pub(super) fn receiving(&self, ask: usize, received: u64, total: Option<u64>) {
        let mut state = self.state();
        if let Some(at) = state.asks.get_mut(ask) {
            *at = Some(Stage::Receiving { received, total });
        }
        state.settle_stage();
        self.tell_sometimes(state);
    }

    pub(super) fn bytes(&self, bytes: usize) {
        let mut state = self.state();
        state.snapshot.bytes_received += bytes as u64;
        self.tell_sometimes(state);
    }

    /// A request is over.
    pub(super) fn ask_ended(&self, ask: usize) {
        self.change(|state| {
            if let Some(at) = state.asks.get_mut(ask) {
                *at = None;
            }
            state.settle_stage();
        });
    }

    pub(super) fn preview(&self, record: PreviewRecord) {
        self.change(|state| state.snapshot.previews.push(record));
    }

    pub(super) fn image(&self, index: u32, id: ImageId) {
        self.change(|state| {
            let place = state.indices.partition_point(|&other| other < index);
            state.indices.insert(place, index);
            state.snapshot.images.insert(place, id);
        });
    }

    pub(super) fn usage(&self, usage: &Usage) {
        self.change(|state| {
            state
                .snapshot
                .usage
                .get_or_insert_with(Usage::default)
                .add(usage);
        });
    }

    pub(super) fn request_id(&self, id: &str) {
        self.change(|state| {
            let ids = &mut state.snapshot.request_ids;
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        });
    }

    /// Something could not be brought to its lasting place.
    pub(super) fn unsafe_to_forget(&self) {
        self.state().is_safe = false;
    }

    pub(super) fn is_safe(&self) -> bool {
        self.state().is_safe
    }

    /// The snapshot with which the job ends.
    pub(super) fn ended(&self, to: JobState, failure: Option<Failure>, now_ms: i64) -> JobSnapshot {
        let mut snapshot = self.snapshot();
        snapshot.state = snapshot.state.advance(to).unwrap_or(to);
        snapshot.failure = failure;
        snapshot.ended_ms = Some(now_ms);
        snapshot
    }

    /// Tells the end; the last of all that is told.
    pub(super) fn end(&self, to: JobState, failure: Option<Failure>, now_ms: i64) {
        let snapshot = self.ended(to, failure, now_ms);
        self.outbox.push(Event::JobEnded(Box::new(snapshot)));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        self.tell(state);
    }

    fn tell_sometimes(&self, mut state: MutexGuard<'_, State>) {
        let now = Instant::now();
        if now.duration_since(state.bytes_told) >= BYTES_INTERVAL {
            state.bytes_told = now;
            self.tell(state);
        }
    }

    /// Told under the lock, so that an older snapshot never follows a newer one.
    fn tell(&self, state: MutexGuard<'_, State>) {
        self.outbox
            .push(Event::JobChanged(Box::new(state.snapshot.clone())));
        drop(state);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The job is where the furthest of its requests is that are not over.
    fn settle_stage(&mut self) {
        let furthest = self.asks.iter().flatten().max_by_key(|stage| rank(stage));
        if let Some(furthest) = furthest {
            self.snapshot.stage = *furthest;
        }
    }
}

const fn rank(stage: &Stage) -> (u8, u32) {
    match *stage {
        Stage::Waiting { .. } => (0, 0),
        Stage::Connecting => (1, 0),
        Stage::Sent => (2, 0),
        Stage::Accepted => (3, 0),
        Stage::Preview(number) => (4, number),
        Stage::Receiving { .. } => (5, 0),
        Stage::Saving => (6, 0),
    }
}
