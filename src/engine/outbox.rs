//! What the engine has told and nobody has read yet.
//!
//! Pushing never waits for the reader: news that replaces older news takes its place, and pieces of the canvas,
//! the only bulky thing here, have a budget in bytes. The event is in before the reader is woken. Whoever decodes
//! for the canvas begins with [`Outbox::begin`] and goes on with [`Outbox::offer`] or, where waiting is harmless, with
//! [`Outbox::wait`]. Whoever begins last has the canvas: pieces of two pictures never mix.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::model::JobId;

use super::{CanvasEvent, Event, PieceOrigin};

/// Most bytes of canvas pieces that wait for the reader: one 3840 x 2160 picture with its smaller levels, and half
/// of the next.
const CANVAS_BUDGET_BYTES: usize = 64 << 20;

/// What became of a piece.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Offer {
    /// It waits for the reader.
    Taken,
    /// Something else is to be shown by now: stop the work.
    Stale,
    /// The reader is behind; the piece was dropped.
    Full,
}

/// The right to draw on the canvas, until somebody else begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Turn(u64);

/// The queue between the engine and its one reader.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// Something was pushed.
    told: Condvar,
    /// The reader took pieces of the canvas, or another picture is to be shown.
    room: Condvar,
    waker: Waker,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Event>,
    /// Number of the event in front; the numbers in the maps below count on from here.
    front: u64,
    /// Where the queued `JobChanged` of a job is.
    changed: HashMap<JobId, u64>,
    /// Where the queued `JobThumbnail` of a job is.
    thumbnails: HashMap<JobId, u64>,
    canvas: VecDeque<CanvasEvent>,
    canvas_bytes: usize,
    /// The newest `Show`.
    serial: u64,
    /// Whose turn on the canvas it is.
    turn: u64,
}

impl Outbox {
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            state: Mutex::default(),
            told: Condvar::new(),
            room: Condvar::new(),
            waker,
        }
    }

    /// Adds an event; one that replaces a queued event takes its place in the order.
    pub(super) fn push(&self, event: Event) {
        let mut state = self.state();
        let was_empty = state.is_empty();
        match event {
            Event::Canvas(event) => {
                if state.accept(event.serial()) {
                    state.push_canvas(event);
                }
            }
            event => state.push(event),
        }
        self.tell(state, was_empty);
    }

    /// Begins a picture with [`CanvasEvent::Begin`]; `None` when something else is to be shown by now.
    pub(super) fn begin(&self, begin: CanvasEvent) -> Option<Turn> {
        let mut state = self.state();
        if !state.accept(begin.serial()) {
            return None;
        }
        let was_empty = state.is_empty();
        state.turn += 1;
        let turn = Turn(state.turn);
        state.push_canvas(begin);
        self.tell(state, was_empty);
        self.room.notify_all();
        Some(turn)
    }

    /// Offers a piece without waiting.
    pub(super) fn offer(&self, turn: Turn, event: CanvasEvent) -> Offer {
        let state = self.state();
        if !state.has_turn(turn) {
            return Offer::Stale;
        }
        if !state.has_room(&event) {
            return Offer::Full;
        }
        self.put(state, event);
        Offer::Taken
    }

    /// Adds a piece once the reader has made room. `false` when it is stale: stop the work.
    pub(super) fn wait(&self, turn: Turn, event: CanvasEvent) -> bool {
        let mut state = self.state();
        while state.has_turn(turn) && !state.has_room(&event) {
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let has_turn = state.has_turn(turn);
        if has_turn {
            self.put(state, event);
        }
        has_turn
    }

    fn put(&self, mut state: MutexGuard<'_, State>, event: CanvasEvent) {
        let was_empty = state.is_empty();
        state.push_canvas(event);
        self.tell(state, was_empty);
    }

    /// Nobody reads any more: whoever waits stops.
    pub(super) fn close(&self) {
        self.show(u64::MAX);
    }

    /// Drops whatever is queued for older serials, and lets their producers know.
    pub(super) fn show(&self, serial: u64) {
        self.state().accept(serial);
        self.room.notify_all();
    }

    /// Moves everything queued to the end of `out`.
    pub(super) fn drain(&self, out: &mut Vec<Event>) {
        let (events, canvas) = {
            let mut state = self.state();
            let events = mem::take(&mut state.events);
            state.front += events.len() as u64;
            state.changed.clear();
            state.thumbnails.clear();
            state.canvas_bytes = 0;
            (events, mem::take(&mut state.canvas))
        };
        self.room.notify_all();
        out.extend(events);
        out.extend(canvas.into_iter().map(Event::Canvas));
    }

    /// Takes the oldest event, and waits for one for at most `timeout`.
    pub(super) fn next(&self, timeout: Duration) -> Option<Event> {
        let deadline = Instant::now() + timeout;
        let mut state = self.state();
        loop {
            if let Some(event) = state.pop() {
                drop(state);
                self.room.notify_all();
                return Some(event);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            state = self
                .told
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// The reader is woken once until it reads: a queue that was not empty has woken it already.
    fn tell(&self, state: MutexGuard<'_, State>, was_empty: bool) {
        let is_empty = state.is_empty();
        drop(state);
        if was_empty && !is_empty {
            self.told.notify_one();
            self.waker.wake_by_ref();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.canvas.is_empty()
    }

    fn push(&mut self, event: Event) {
        let next = self.front + self.events.len() as u64;
        let queued = match &event {
            Event::JobChanged(snapshot) => self.changed.insert(snapshot.id, next),
            Event::JobThumbnail { job, .. } => self.thumbnails.insert(*job, next),
            _ => None,
        };
        let Some(queued) = queued else {
            self.events.push_back(event);
            return;
        };
        let place = usize::try_from(queued - self.front)
            .ok()
            .and_then(|place| self.events.get_mut(place));
        match (&event, place) {
            (Event::JobChanged(snapshot), Some(place)) => {
                self.changed.insert(snapshot.id, queued);
                *place = event;
            }
            (Event::JobThumbnail { job, .. }, Some(place)) => {
                self.thumbnails.insert(*job, queued);
                *place = event;
            }
            _ => self.events.push_back(event),
        }
    }

    fn pop(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            self.front += 1;
            match &event {
                Event::JobChanged(snapshot) => self.changed.remove(&snapshot.id),
                Event::JobThumbnail { job, .. } => self.thumbnails.remove(job),
                _ => None,
            };
            return Some(event);
        }
        let event = self.canvas.pop_front()?;
        self.canvas_bytes -= event.bytes();
        Some(Event::Canvas(event))
    }

    /// Whether `serial` is the newest known; a newer one takes over.
    fn accept(&mut self, serial: u64) -> bool {
        if serial > self.serial {
            self.serial = serial;
            self.turn += 1;
            self.clear_canvas();
        }
        serial == self.serial
    }

    fn has_turn(&self, turn: Turn) -> bool {
        self.turn == turn.0
    }

    /// An empty queue takes a piece of any size, and a full one what has no pixels: nothing is ever stuck.
    fn has_room(&self, event: &CanvasEvent) -> bool {
        let bytes = event.bytes();
        bytes == 0 || self.canvas_bytes == 0 || self.canvas_bytes + bytes <= CANVAS_BUDGET_BYTES
    }

    fn push_canvas(&mut self, event: CanvasEvent) {
        // A whole picture will cover everything before it; one that arrives leaves the lower part as it is.
        if let CanvasEvent::Begin { origin, .. } = &event
            && *origin != PieceOrigin::Arriving
        {
            self.clear_canvas();
        }
        self.canvas_bytes += event.bytes();
        self.canvas.push_back(event);
    }

    fn clear_canvas(&mut self) {
        self.canvas.clear();
        self.canvas_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::engine::ThumbnailPixels;
    use crate::model::PixelSize;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn outbox() -> (Outbox, Arc<Counter>) {
        let counter = Arc::new(Counter::default());
        (Outbox::new(Arc::clone(&counter).into()), counter)
    }

    fn job(n: u32) -> JobId {
        JobId::from_parts(1_780_000_000_000, n)
    }

    fn thumbnail(n: u32, width: u32) -> Event {
        Event::JobThumbnail {
            job: job(n),
            thumbnail: ThumbnailPixels {
                width,
                height: 1,
                pixels: vec![0; width as usize],
            },
        }
    }

    fn begin(serial: u64, origin: PieceOrigin) -> CanvasEvent {
        CanvasEvent::Begin {
            serial,
            origin,
            size: PixelSize::new(1024, 1024).unwrap(),
            levels: 1,
        }
    }

    fn piece(serial: u64, pixels: usize) -> CanvasEvent {
        CanvasEvent::Piece {
            serial,
            level: 0,
            x: 0,
            y: 0,
            pixels: ThumbnailPixels {
                width: u32::try_from(pixels).unwrap(),
                height: 1,
                pixels: vec![0; pixels],
            },
        }
    }

    fn words(events: &[Event]) -> Vec<String> {
        events
            .iter()
            .map(|event| match event {
                Event::JobThumbnail { job, thumbnail } => {
                    format!("thumb {} {}", job.get() & 0xff, thumbnail.width)
                }
                Event::JobDismissed(job) => format!("dismissed {}", job.get() & 0xff),
                Event::Canvas(event) => format!("canvas {}", event.serial()),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn the_newest_of_a_job_takes_the_place_of_the_one_before() {
        let (outbox, wakes) = outbox();
        outbox.push(thumbnail(1, 10));
        outbox.push(Event::JobDismissed(job(9)));
        outbox.push(thumbnail(2, 20));
        outbox.push(thumbnail(1, 11));
        let mut events = Vec::new();
        outbox.drain(&mut events);
        assert_eq!(words(&events), ["thumb 1 11", "dismissed 9", "thumb 2 20"]);
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1, "one wake until read");

        outbox.push(thumbnail(1, 12));
        assert_eq!(wakes.0.load(Ordering::SeqCst), 2);
        outbox.push(thumbnail(3, 30));
        let first = outbox.next(Duration::ZERO).unwrap();
        outbox.push(thumbnail(3, 31));
        outbox.push(thumbnail(1, 13));
        events.clear();
        outbox.drain(&mut events);
        assert_eq!(words(&[first]), ["thumb 1 12"]);
        assert_eq!(words(&events), ["thumb 3 31", "thumb 1 13"]);
    }

    #[test]
    fn only_the_newest_serial_reaches_the_canvas() {
        let (outbox, _) = outbox();
        let turn = outbox.begin(begin(1, PieceOrigin::Result)).unwrap();
        assert_eq!(outbox.offer(turn, piece(1, 10)), Offer::Taken);
        outbox.show(2);
        assert_eq!(outbox.offer(turn, piece(1, 10)), Offer::Stale);
        assert!(!outbox.wait(turn, piece(1, 10)));
        assert_eq!(outbox.begin(begin(1, PieceOrigin::Result)), None);
        let mut events = Vec::new();
        outbox.drain(&mut events);
        assert!(events.is_empty());
    }

    #[test]
    fn whoever_begins_last_has_the_canvas() {
        let (outbox, _) = outbox();
        let preview = outbox
            .begin(begin(1, PieceOrigin::Preview { preview: 0 }))
            .unwrap();
        let rows = outbox.begin(begin(1, PieceOrigin::Arriving)).unwrap();
        assert_eq!(outbox.offer(preview, piece(1, 10)), Offer::Stale);
        assert_eq!(outbox.offer(rows, piece(1, 10)), Offer::Taken);
        let mut events = Vec::new();
        outbox.drain(&mut events);
        assert_eq!(events.len(), 3);
    }

    #[test]
    fn the_canvas_has_a_budget_and_a_whole_picture_replaces_what_waits() {
        let (outbox, _) = outbox();
        let big = CANVAS_BUDGET_BYTES / 4 / 2 + 1;
        let rows = outbox.begin(begin(1, PieceOrigin::Arriving)).unwrap();
        assert_eq!(outbox.offer(rows, piece(1, big)), Offer::Taken);
        assert_eq!(outbox.offer(rows, piece(1, big)), Offer::Full);
        let whole = outbox.begin(begin(1, PieceOrigin::Result)).unwrap();
        assert_eq!(outbox.offer(whole, piece(1, big)), Offer::Taken);
        let mut events = Vec::new();
        outbox.drain(&mut events);
        assert_eq!(events.len(), 2);
    }

    #[test]
    fn whoever_waits_for_room_goes_on_when_the_reader_reads_or_the_picture_changes() {
        let (outbox, _) = outbox();
        let big = CANVAS_BUDGET_BYTES / 4;
        let turn = outbox.begin(begin(1, PieceOrigin::Result)).unwrap();
        assert_eq!(outbox.offer(turn, piece(1, big)), Offer::Taken);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| outbox.wait(turn, piece(1, big)));
            while !waits.is_finished() {
                outbox.drain(&mut Vec::new());
                std::thread::yield_now();
            }
            assert!(waits.join().unwrap());
        });
        std::thread::scope(|scope| {
            assert_ne!(outbox.offer(turn, piece(1, big)), Offer::Stale);
            let waits = scope.spawn(|| outbox.wait(turn, piece(1, big)));
            outbox.close();
            assert!(!waits.join().unwrap());
        });
    }
}
