//! The two ends of the engine: the handle for whoever commands it, the side for the engine itself.
//!
//! Tests of a front end take both ends with [`EngineHandle::pair`] and play the engine themselves.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::sync::mpsc;

use super::outbox::Outbox;
use super::{Command, Event};

/// Commands that may wait for the supervisor. A user can't produce them faster than it takes them.
const COMMANDS: usize = 256;

/// The engine takes no more commands: its queue is full, or it has stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the engine is busy")]
pub struct Busy;

/// Sends commands and reads events. Clones share one queue: an event is read once.
#[derive(Clone, Debug)]
pub struct EngineHandle {
    commands: mpsc::Sender<Command>,
    outbox: Arc<Outbox>,
}

impl EngineHandle {
    /// Both ends without an engine between them and without anyone to wake.
    #[must_use]
    pub fn pair() -> (Self, EngineSide) {
        Self::pair_with(Waker::noop().clone())
    }

    /// Both ends; `waker` is called when there is something to read after a time with nothing.
    #[must_use]
    pub fn pair_with(waker: Waker) -> (Self, EngineSide) {
        let (sender, receiver) = mpsc::channel(COMMANDS);
        let outbox = Arc::new(Outbox::new(waker));
        let handle = Self {
            commands: sender,
            outbox: Arc::clone(&outbox),
        };
        let side = EngineSide {
            commands: receiver,
            outbox,
        };
        (handle, side)
    }

    /// Tells the engine to do something. Never waits.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full or the engine is gone; the command is dropped.
    pub fn try_send(&self, command: Command) -> Result<(), Busy> {
        let shown = match &command {
            Command::Show { serial, .. } => Some(*serial),
            _ => None,
        };
        match self.commands.try_send(command) {
            Ok(()) => {
                // Pieces of what was shown before are dropped here, not when the supervisor gets to it.
                if let Some(serial) = shown {
                    self.outbox.show(serial);
                }
                Ok(())
            }
            Err(_full_or_closed) => Err(Busy),
        }
    }

    /// Moves every event that waits to the end of `out`. Takes no longer than a swap.
    pub fn drain(&self, out: &mut Vec<Event>) {
        self.outbox.drain(out);
    }

    /// The oldest event; waits for one for at most `timeout`. For the command line and tests, never for a window.
    #[must_use]
    pub fn next(&self, timeout: Duration) -> Option<Event> {
        self.outbox.next(timeout)
    }
}

/// The engine's end: commands come in, events go out.
#[derive(Debug)]
pub struct EngineSide {
    commands: mpsc::Receiver<Command>,
    outbox: Arc<Outbox>,
}

impl EngineSide {
    /// Tells the other end. Canvas pieces of a serial older than the newest `Show` are dropped.
    pub fn push(&self, event: Event) {
        self.outbox.push(event);
    }

    /// The oldest command that waits.
    pub fn try_command(&mut self) -> Option<Command> {
        self.commands.try_recv().ok()
    }

    pub(super) fn outbox(&self) -> Arc<Outbox> {
        Arc::clone(&self.outbox)
    }

    pub(super) fn into_parts(self) -> (mpsc::Receiver<Command>, Arc<Outbox>) {
        (self.commands, self.outbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_pass_until_the_queue_is_full() {
        let (handle, mut side) = EngineHandle::pair();
        for _ in 0..COMMANDS {
            handle.try_send(Command::CancelAll).unwrap();
        }
        assert_eq!(handle.try_send(Command::CancelAll), Err(Busy));
        assert!(matches!(side.try_command(), Some(Command::CancelAll)));
        handle.try_send(Command::ListGallery).unwrap();
        drop(side);
        assert_eq!(handle.try_send(Command::CancelAll), Err(Busy));
    }

    #[test]
    fn events_come_out_in_order() {
        let (handle, side) = EngineHandle::pair();
        assert!(handle.next(Duration::ZERO).is_none());
        side.push(Event::KeysChanged(crate::model::KnownKeys::default()));
        side.push(Event::Records(Vec::new()));
        assert!(matches!(
            handle.next(Duration::ZERO),
            Some(Event::KeysChanged(_))
        ));
        let mut rest = Vec::new();
        handle.drain(&mut rest);
        assert!(matches!(rest.as_slice(), [Event::Records(_)]));
    }
}
