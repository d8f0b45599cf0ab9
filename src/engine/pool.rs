//! A few named threads for work on pixels: the newest request first, since it is what somebody looks at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::{fmt, io};

type Task = Box<dyn FnOnce() + Send>;

/// What a waiting task is replaced by: a newer one for the same purpose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Purpose(pub(super) u64);

/// The threads. Dropping it ends them after the tasks that run, without waiting; tasks that wait are dropped.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The last is the next to run.
    waiting: Vec<(Option<Purpose>, Task)>,
    stopped: bool,
}

impl Pool {
    /// Starts `threads` threads, at least one; each keeps a clone of `alive` for as long as it lives.
    ///
    /// # Errors
    /// When the system gives none.
    pub(super) fn start<A: Clone + Send + 'static>(threads: usize, alive: &A) -> io::Result<Self> {
        let pool = Self {
            shared: Arc::default(),
        };
        for n in 0..threads.max(1) {
            let (shared, alive) = (Arc::clone(&pool.shared), alive.clone());
            thread::Builder::new()
                .name(format!("atelier-pixels-{n}"))
                .spawn(move || {
                    shared.run();
                    drop(alive);
                })?;
        }
        Ok(pool)
    }

    /// Runs a task before everything that waits.
    pub(super) fn run(&self, task: impl FnOnce() + Send + 'static) {
        self.shared.add(None, Box::new(task));
    }

    /// Runs a task before everything that waits, and drops the waiting one of the same purpose.
    pub(super) fn run_newest(&self, purpose: Purpose, task: impl FnOnce() + Send + 'static) {
        self.shared.add(Some(purpose), Box::new(task));
    }
}

impl Shared {
    fn add(&self, purpose: Option<Purpose>, task: Task) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if purpose.is_some() {
            state.waiting.retain(|(other, _)| *other != purpose);
        }
        state.waiting.push((purpose, task));
        drop(state);
        self.changed.notify_one();
    }

    fn run(&self) {
        while let Some(task) = self.next() {
            // A decoder that panics must not take the thread away from all others.
            if catch_unwind(AssertUnwindSafe(task)).is_err() {
                tracing::error!("a task of the pixel pool has panicked");
            }
        }
    }

    fn next(&self) -> Option<Task> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.stopped {
                return None;
            }
            if let Some((_, task)) = state.waiting.pop() {
                return Some(task);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self
            .shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.stopped = true;
        let dropped = std::mem::take(&mut state.waiting);
        drop(state);
        drop(dropped);
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, sync_channel};

    use super::*;

    fn blocked(pool: &Pool) -> std::sync::mpsc::SyncSender<()> {
        let (go, wait) = sync_channel::<()>(0);
        let (started, running) = sync_channel::<()>(0);
        pool.run(move || {
            started.send(()).unwrap();
            wait.recv().ok();
        });
        running.recv().unwrap();
        go
    }

    fn all(receiver: &Receiver<u32>) -> Vec<u32> {
        receiver.iter().collect()
    }

    #[test]
    fn the_newest_runs_first_and_replaces_its_elders() {
        let pool = Pool::start(1, &()).unwrap();
        let go = blocked(&pool);
        let (sender, receiver) = sync_channel(10);
        for (n, purpose) in [(1, None), (2, Some(7)), (3, None), (4, Some(7))] {
            let sender = sender.clone();
            let task = move || sender.send(n).unwrap();
            match purpose {
                Some(purpose) => pool.run_newest(Purpose(purpose), task),
                None => pool.run(task),
            }
        }
        drop(sender);
        drop(go);
        assert_eq!(all(&receiver), [4, 3, 1]);
    }

    #[test]
    fn dropping_the_pool_drops_what_waits() {
        let pool = Pool::start(1, &()).unwrap();
        let go = blocked(&pool);
        let (sender, receiver) = sync_channel(10);
        pool.run(move || sender.send(1).unwrap());
        drop(pool);
        assert_eq!(all(&receiver), [0; 0]);
        drop(go);
    }
}
