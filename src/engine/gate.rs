//! The gate of a gateway: who may send a request to it, and when.
//!
//! No more requests run at once than the profile allows. A gateway that says that it is asked too often closes its
//! gate for a while; then half as many run at once, and one more after each round of successes. Gates of other
//! gateways stay as they are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::sleep_until;

use crate::model::GatewayId;

use super::Event;
use super::outbox::Outbox;
use super::sources::Sources;

/// A place in the queue, kept from one attempt to the next: who was there first is first again.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Ticket(u64);

/// Lets requests through to one gateway.
pub(super) struct Gate {
    gateway: GatewayId,
    outbox: Arc<Outbox>,
    sources: Sources,
    state: Mutex<State>,
}

struct State {
    /// Of the profile.
    limit: usize,
    /// How many may be through at once by now.
    allowed: usize,
    /// How many are.
    busy: usize,
    /// Successes since `allowed` changed.
    good: usize,
    /// Until when nobody gets through; the same in milliseconds since 1970 (UTC).
    pause: Option<(Instant, i64)>,
    queue: BTreeMap<Ticket, Arc<Notify>>,
    next_ticket: u64,
}

/// What whoever is at the gate does next.
enum Step {
    Go,
    /// Until the bell rings, or the pause is over.
    Wait(Option<(Instant, i64)>),
}

/// The right to send. Dropping it lets the next one through.
pub(super) struct Turn {
    gate: Arc<Gate>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        state.busy = state.busy.saturating_sub(1);
        state.ring();
    }
}

/// Somebody in the queue, who may leave it at any time.
struct Place<'a> {
    gate: &'a Gate,
    ticket: Ticket,
    bell: Arc<Notify>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        state.queue.remove(&self.ticket);
        state.ring();
    }
}

impl Gate {
    pub(super) fn new(
        gateway: GatewayId,
        limit: usize,
        outbox: Arc<Outbox>,
        sources: Sources,
    ) -> Self {
        let limit = limit.max(1);
        Self {
            gateway,
            outbox,
            sources,
            state: Mutex::new(State {
                limit,
                allowed: limit,
                busy: 0,
                good: 0,
                pause: None,
                queue: BTreeMap::new(),
                next_ticket: 0,
            }),
        }
    }

    /// The profile has another limit now.
    pub(super) fn set_limit(&self, limit: usize) {
        let mut state = self.state();
        let limit = limit.max(1);
        let is_slowed = state.allowed < state.limit;
        state.allowed = if is_slowed {
            state.allowed.min(limit)
        } else {
            limit
        };
        state.limit = limit;
        state.ring();
    }

    pub(super) fn ticket(&self) -> Ticket {
        let mut state = self.state();
        state.next_ticket += 1;
        Ticket(state.next_ticket)
    }

    /// Waits for a turn. `waiting` is told until when the gate is closed, in milliseconds since 1970 (UTC), whenever that
    /// changes; `None`: it is open, but others are first. Dropping the future leaves the queue.
    pub(super) async fn enter(
        self: &Arc<Self>,
        ticket: Ticket,
        mut waiting: impl FnMut(Option<i64>),
    ) -> Turn {
        let place = Place {
            gate: self,
            ticket,
            bell: Arc::default(),
        };
        let mut told = None;
        loop {
            match self.step(&place) {
                Step::Go => {
                    return Turn {
                        gate: Arc::clone(self),
                    };
                }
                Step::Wait(pause) => {
                    let until_ms = pause.map(|(_, ms)| ms);
                    if told != Some(until_ms) {
                        told = Some(until_ms);
                        waiting(until_ms);
                    }
                    match pause {
                        None => place.bell.notified().await,
                        Some((until, _)) => tokio::select! {
                            () = place.bell.notified() => {}
                            () = sleep_until(until.into()) => {}
                        },
                    }
                }
            }
        }
    }

    /// The gateway says that it is asked too often. `pause`: how long it wants to be left alone.
    pub(super) fn slow_down(&self, pause: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        let is_paused = state.pause.is_some_and(|(until, _)| now < until);
        // What was on its way when the gate closed says the same once more.
        if !is_paused {
            state.allowed = (state.allowed.min(state.busy) / 2).max(1);
        }
        state.good = 0;
        if let Some(pause) = pause
            && let Some(until) = now.checked_add(pause)
            && state.pause.is_none_or(|(before, _)| before < until)
        {
            let ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
            state.pause = Some((until, self.sources.now_ms().saturating_add(ms)));
        }
        state.queue.values().for_each(|bell| bell.notify_one());
        self.tell(state);
    }

    /// A request has brought what was asked.
    pub(super) fn succeeded(&self) {
        let mut state = self.state();
        if state.allowed >= state.limit {
            return;
        }
        state.good += 1;
        if state.good >= state.allowed {
            state.allowed += 1;
            state.good = 0;
            state.ring();
            self.tell(state);
        }
    }

    fn step(&self, place: &Place<'_>) -> Step {
        let mut state = self.state();
        let is_over = match state.pause {
            Some((until, _)) if Instant::now() < until => false,
            pause => pause.is_some(),
        };
        if is_over {
            state.pause = None;
        }
        let step = state.step(place);
        if is_over {
            state.ring();
            self.tell(state);
        }
        step
    }

    /// Told under the lock, so that an older word never follows a newer one.
    fn tell(&self, state: MutexGuard<'_, State>) {
        self.outbox.push(Event::GatewayPaused {
            gateway: self.gateway.clone(),
            until_ms: state.pause.map(|(_, ms)| ms),
            parallel: state.allowed,
        });
        drop(state);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn step(&mut self, place: &Place<'_>) -> Step {
        let is_first = self.queue.range(..place.ticket).next().is_none();
        if self.pause.is_none() && self.busy < self.allowed && is_first {
            self.busy += 1;
            return Step::Go;
        }
        self.queue.insert(place.ticket, Arc::clone(&place.bell));
        Step::Wait(self.pause)
    }

    /// Wakes those for whom there is room.
    fn ring(&self) {
        let room = self.allowed.saturating_sub(self.busy);
        self.queue
            .values()
            .take(room)
            .for_each(|bell| bell.notify_one());
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn gate(limit: usize) -> (Arc<Gate>, Arc<Outbox>) {
        let outbox = Arc::new(Outbox::new(Waker::noop().clone()));
        let id = GatewayId("gate".to_owned());
        let gate = Gate::new(id, limit, Arc::clone(&outbox), Sources::default());
        (Arc::new(gate), outbox)
    }

    /// Whoever comes through without waiting.
    fn through(gate: &Arc<Gate>) -> Option<Turn> {
        let mut entering = Box::pin(gate.enter(gate.ticket(), |_| {}));
        match entering
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    fn told(outbox: &Outbox) -> Vec<(bool, usize)> {
        let next = || outbox.next(Duration::ZERO);
        std::iter::from_fn(next)
            .map(|event| match event {
                Event::GatewayPaused {
                    until_ms, parallel, ..
                } => (until_ms.is_some(), parallel),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn no_more_than_the_limit_are_through() {
        let (gate, _outbox) = gate(2);
        let first = through(&gate).unwrap();
        let _second = through(&gate).unwrap();
        assert!(through(&gate).is_none());
        drop(first);
        let _third = through(&gate).unwrap();
        assert!(through(&gate).is_none());
        gate.set_limit(3);
        assert!(through(&gate).is_some());
    }

    #[tokio::test]
    async fn whoever_was_first_is_first_again() {
        let (gate, _outbox) = gate(1);
        let early = gate.ticket();
        let turn = gate.enter(early, |_| {}).await;
        let order = Mutex::new(Vec::new());
        let wait = |ticket, name| {
            let (gate, order) = (&gate, &order);
            async move {
                let _turn = gate.enter(ticket, |_| {}).await;
                order.lock().unwrap().push(name);
            }
        };
        tokio::join!(
            wait(gate.ticket(), "second"),
            wait(gate.ticket(), "third"),
            async {
                // Comes last, with the oldest ticket, while the gate is still taken.
                tokio::join!(wait(early, "first"), async { drop(turn) })
            }
        );
        assert_eq!(order.into_inner().unwrap(), ["first", "second", "third"]);
    }

    #[tokio::test]
    async fn a_closed_gate_opens_by_itself_and_grows_with_success() {
        let (gate, outbox) = gate(4);
        let turns: Vec<Turn> = (0..4).map(|_| through(&gate).unwrap()).collect();
        gate.slow_down(Some(Duration::from_millis(20)));
        gate.slow_down(Some(Duration::from_millis(10)));
        drop(turns);
        assert_eq!(told(&outbox), [(true, 2), (true, 2)]);
        let mut until = Vec::new();
        let turn = gate
            .enter(gate.ticket(), |ms| until.push(ms.is_some()))
            .await;
        assert_eq!(until, [true]);
        assert_eq!(told(&outbox), [(false, 2)]);
        drop(turn);
        for _ in 0..9 {
            gate.succeeded();
        }
        assert_eq!(told(&outbox), [(false, 3), (false, 4)]);
        gate.slow_down(None);
        assert_eq!(told(&outbox), [(false, 1)]);
    }
}
