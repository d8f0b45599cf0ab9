//! The library's thread: the one place from which results are filed and the index is read and written.
//!
//! Tasks hand it closures and await what they return. Whatever has to be safe on the disk before a task goes on
//! happens here too, so that no task ever waits for a disk while it should read the network.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tokio::sync::{mpsc, oneshot};

use crate::library::Library;

/// Work that may wait. Whoever brings more waits, without blocking a thread.
const WAITING: usize = 1024;

type Work = Box<dyn FnOnce(&mut Library) + Send>;

/// Brings work to the library's thread. The thread ends with the last clone, after all work is done.
#[derive(Clone)]
pub(super) struct Librarian {
    work: mpsc::Sender<Work>,
}

/// The library's thread has ended, as it does with the engine, or the work has panicked.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the library is closed")]
pub(super) struct Closed;

impl Librarian {
    /// Starts the thread, which keeps `alive` for as long as it lives.
    ///
    /// # Errors
    /// When the system gives none.
    pub(super) fn start<A: Send + 'static>(mut library: Library, alive: A) -> io::Result<Self> {
        let (sender, mut receiver) = mpsc::channel::<Work>(WAITING);
        thread::Builder::new()
            .name("atelier-library".to_owned())
            .spawn(move || {
                while let Some(work) = receiver.blocking_recv() {
                    // Whoever awaits it learns that it failed; everybody else still has a library.
                    if catch_unwind(AssertUnwindSafe(|| work(&mut library))).is_err() {
                        tracing::error!("work on the library has panicked");
                    }
                }
                drop(library);
                drop(alive);
            })?;
        Ok(Self { work: sender })
    }

    /// Does something with the library and awaits what it gives. Work is done in the order in which it comes.
    ///
    /// # Errors
    /// [`Closed`].
    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Library) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        let (answer, awaited) = oneshot::channel();
        let work: Work = Box::new(move |library| {
            // Nobody may be waiting any more; the work was done all the same.
            drop(answer.send(work(library)));
        });
        self.work.send(work).await.map_err(|_closed| Closed)?;
        awaited.await.map_err(|_closed| Closed)
    }

    /// Does something with the library without waiting for it. Work is done in the order in which it comes.
    ///
    /// # Errors
    /// [`Closed`], also when too much waits already.
    pub(super) fn post(
        &self,
        work: impl FnOnce(&mut Library) + Send + 'static,
    ) -> Result<(), Closed> {
        self.work.try_send(Box::new(work)).map_err(|_full| Closed)
    }

    /// The same as [`Self::call`] for threads that may block.
    ///
    /// # Errors
    /// [`Closed`].
    pub(super) fn call_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Library) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        let (answer, awaited) = oneshot::channel();
        let work: Work = Box::new(move |library| drop(answer.send(work(library))));
        self.work.blocking_send(work).map_err(|_closed| Closed)?;
        awaited.blocking_recv().map_err(|_closed| Closed)
    }
}

impl fmt::Debug for Librarian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Librarian")
    }
}
