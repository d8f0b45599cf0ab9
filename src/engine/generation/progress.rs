//! How far a job is, and telling it: often enough to follow, seldom enough to cost nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Failure, ImageId, JobNote, JobState, PROTECTED_INDEX, Stage, Usage};

use super::super::outbox::Outbox;
use super::super::{Download, Event, JobSnapshot, PreviewRecord, Waiting};
use super::JobSpec;

/// Shortest time between two tellings that differ in bytes only.
pub(super) const TELL_INTERVAL: Duration = Duration::from_millis(100);

pub(super) struct Progress {
    outbox: Arc<Outbox>,
    state: Mutex<State>,
}

struct State {
    snapshot: JobSnapshot,
    /// Of `snapshot.images`, in their order.
    indices: Vec<u32>,
    /// Where each request stands; `None` once it is over.
    asks: Vec<Option<At>>,
    told: Instant,
    /// Something has changed that was not told.
    is_stale: bool,
    /// Whether everything that arrived is somewhere else than in the journal.
    is_safe: bool,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, Default)]
struct At {
    /// `None`: it has not had a turn yet.
    stage: Option<Stage>,
    /// The time that it waits for.
    waiting: Option<Waiting>,
}

impl Progress {
    pub(super) fn new(spec: &JobSpec, outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            state: Mutex::new(State {
                snapshot: super::queued(spec),
                indices: Vec::new(),
                asks: Vec::new(),
                told: Instant::now(),
                is_stale: false,
                is_safe: true,
            }),
        }
    }

    /// A job that goes on fetching what an earlier run asked for. `indices` are those of the snapshot's pictures.
    pub(super) fn resumed(snapshot: JobSnapshot, indices: Vec<u32>, outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            state: Mutex::new(State {
                snapshot,
                indices,
                asks: Vec::new(),
                told: Instant::now(),
                is_stale: false,
                is_safe: true,
            }),
        }
    }

    /// A picture is known by its address, or was tried once more.
    pub(super) fn download(&self, download: Download) {
        self.change(|state| {
            let downloads = &mut state.snapshot.downloads;
            downloads.retain(|known| known.index != download.index);
            let place = downloads.partition_point(|known| known.index < download.index);
            downloads.insert(place, download);
        });
    }

    /// A picture is here.
    pub(super) fn downloaded(&self, index: u32) {
        self.change(|state| {
            state
                .snapshot
                .downloads
                .retain(|known| known.index != index);
        });
    }

    pub(super) fn snapshot(&self) -> JobSnapshot {
        self.state().snapshot.clone()
    }

    /// As many pictures are fetched.
    pub(super) fn begin_fetches(&self, count: usize) {
        let receiving = Stage::Receiving {
            received: 0,
            total: None,
        };
        let at = At {
            stage: Some(receiving),
            waiting: None,
        };
        self.state().asks = vec![Some(at); count];
    }

    pub(super) fn begin_asks(&self, count: usize) {
        self.state().asks = vec![Some(At::default()); count];
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
            state.set(ask, stage);
            state.settle();
        });
    }

    /// A request waits for a time to pass, or no longer for that.
    pub(super) fn waiting(&self, ask: usize, waiting: Option<Waiting>) {
        self.change(|state| {
            if let Some(Some(at)) = state.asks.get_mut(ask) {
                at.waiting = waiting;
            }
            state.settle();
        });
    }

    /// A request goes to this host.
    pub(super) fn calling(&self, ask: usize, host: &str) {
        self.change(|state| {
            state.snapshot.host = Some(host.to_owned());
            state.set(ask, Stage::Connecting);
            state.settle();
        });
    }

    /// A result arrives; after the first word told now and then only.
    pub(super) fn receiving(&self, ask: usize, received: u64, total: Option<u64>) {
        let mut state = self.state();
        let before = state.snapshot.stage;
        state.set(ask, Stage::Receiving { received, total });
        state.settle();
        if rank(&before) == rank(&state.snapshot.stage) {
            self.tell_sometimes(state);
        } else {
            self.tell(state);
        }
    }

    /// Bytes have come. `is_news`: they say something, and do not merely keep the connection alive.
    pub(super) fn bytes(&self, bytes: usize, now_ms: i64, is_news: bool) {
        let mut state = self.state();
        state.snapshot.bytes_received += bytes as u64;
        state.snapshot.last_byte_ms = Some(now_ms);
        if is_news {
            state.snapshot.last_event_ms = Some(now_ms);
        }
        self.tell_sometimes(state);
    }

    /// Tells what was held back for being too soon, once nothing more comes.
    pub(super) fn flush(&self) {
        let state = self.state();
        if state.is_stale {
            self.tell(state);
        }
    }

    /// A request is over.
    pub(super) fn ask_ended(&self, ask: usize) {
        self.change(|state| {
            if let Some(at) = state.asks.get_mut(ask) {
                *at = None;
            }
            state.settle();
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

    /// How many results came; what was made of them here is none.
    pub(super) fn results(&self) -> usize {
        let state = self.state();
        let came = state.indices.iter();
        came.filter(|index| **index < PROTECTED_INDEX).count()
    }

    /// Something was done otherwise than asked; said once.
    pub(super) fn note(&self, note: JobNote) {
        self.change(|state| note.add_to(&mut state.snapshot.notes));
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
        state.is_stale = true;
        if state.told.elapsed() >= TELL_INTERVAL {
            self.tell(state);
        }
    }

    /// Told under the lock, so that an older snapshot never follows a newer one.
    fn tell(&self, mut state: MutexGuard<'_, State>) {
        state.told = Instant::now();
        state.is_stale = false;
        self.outbox
            .push(Event::JobChanged(Box::new(state.snapshot.clone())));
        drop(state);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn set(&mut self, ask: usize, stage: Stage) {
        if let Some(Some(at)) = self.asks.get_mut(ask) {
            *at = At {
                stage: Some(stage),
                waiting: None,
            };
        }
    }

    /// The job is where the furthest of its requests is that are not over. It waits when all of them do.
    fn settle(&mut self) {
        let live = || self.asks.iter().flatten();
        let furthest = live().filter_map(|at| at.stage).max_by_key(rank);
        if let Some(furthest) = furthest {
            self.snapshot.stage = furthest;
        }
        let is_at_work = live().any(|at| {
            at.waiting.is_none()
                && at
                    .stage
                    .is_some_and(|stage| !matches!(stage, Stage::Waiting { .. }))
        });
        let soonest = live()
            .filter_map(|at| at.waiting)
            .min_by_key(|waiting| waiting.until_ms);
        self.snapshot.waiting = soonest.filter(|_| !is_at_work);
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
