//! Where jobs of a group wait before they take memory or disk.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::model::{Failure, GenerationRequest, JobState};

use super::super::failure;
use super::super::references;
use super::super::services::Services;
use super::progress::Progress;
use super::{Event, JobSpec};

/// A place in the lane, and what the job still lacks.
pub(in crate::engine) struct Lane {
    /// The job's turn, kept to its end.
    turn: oneshot::Receiver<OwnedSemaphorePermit>,
    /// A picture file that is to be its first reference.
    reference: Option<PathBuf>,
}

/// Whoever stands in a lane, in order.
#[derive(Default)]
pub(in crate::engine) struct Queue {
    turns: Vec<oneshot::Sender<OwnedSemaphorePermit>>,
}

impl Queue {
    /// The place after all others.
    pub(in crate::engine) fn join(&mut self, reference: Option<PathBuf>) -> Lane {
        let (sender, turn) = oneshot::channel();
        self.turns.push(sender);
        Lane { turn, reference }
    }

    /// Gives everybody a turn in order, no more than `at_once` at a time. Whoever has left is passed over.
    pub(in crate::engine) async fn serve(self, at_once: usize) {
        let permits = Arc::new(Semaphore::new(at_once.max(1)));
        for turn in self.turns {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                return;
            };
            drop(turn.send(permit));
        }
    }
}

/// Waits for the job's turn and completes its request. `None`: it ended here, and that was told; nothing was sent.
pub(super) async fn enter(
    spec: &mut JobSpec,
    services: &Arc<Services>,
) -> Option<Option<OwnedSemaphorePermit>> {
    let Some(lane) = spec.lane.take() else {
        return Some(None);
    };
    let permit = tokio::select! {
        biased;
        () = spec.cancel.cancelled() => {
            end(spec, services, failure::canceled(), JobState::Canceled);
            return None;
        }
        // Nobody serves a lane of an engine that ends.
        permit = lane.turn => permit.ok()?,
    };
    if let Some(path) = lane.reference {
        let adding = Arc::clone(services);
        let added = services
            .on_pool(move || references::bring_in(&adding, &path))
            .await
            .unwrap_or_else(|| Err(failure::closing()));
        match added {
            Ok(reference) => {
                let mut request = GenerationRequest::clone(&spec.request);
                request.references.insert(0, reference);
                spec.request = Arc::new(request);
            }
            Err(failure) => {
                end(spec, services, failure, JobState::Failed);
                return None;
            }
        }
    }
    Some(Some(permit))
}

fn end(spec: &JobSpec, services: &Arc<Services>, failure: Failure, state: JobState) {
    let progress = Progress::new(spec, Arc::clone(&services.outbox));
    services.tell(Event::RequestFailed {
        job: spec.id,
        failure: failure.clone(),
    });
    services.canvas.job_ended(spec.id);
    progress.end(state, Some(failure), services.sources.now_ms());
}
