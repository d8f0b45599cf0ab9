//! The keys' thread: the only one that asks the credential store, which may wait for the user to unlock it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::{mpsc, oneshot};

use crate::desktop::{DesktopError, KeyRing};
use crate::model::{ApiKey, Failure, FailureKind, GatewayId, KeyPlace};

use super::outbox::Outbox;
use super::{Event, Notice, failure};

/// Work that may wait.
const WAITING: usize = 256;

type Work = Box<dyn FnOnce(&mut KeyRing) + Send>;

/// Brings questions to the keys' thread. The thread ends with the last clone; nobody waits for it, since it may be
/// waiting for the user.
#[derive(Clone)]
pub(super) struct Keys {
    work: mpsc::Sender<Work>,
    known: Arc<Mutex<Known>>,
    outbox: Arc<Outbox>,
}

/// What can be said without waiting for the thread.
#[derive(Default)]
struct Known {
    /// Keys that were typed in this run. Nobody has to wait for a store to use them.
    typed: BTreeMap<GatewayId, ApiKey>,
    fallback: Option<ApiKey>,
    /// Gateways whose key has to be fetched.
    kept: Vec<GatewayId>,
}

impl Keys {
    /// Starts the thread. `fallback` is that of the ring.
    ///
    /// # Errors
    /// When the system gives none.
    pub(super) fn start(
        mut ring: KeyRing,
        fallback: Option<ApiKey>,
        outbox: Arc<Outbox>,
    ) -> io::Result<Self> {
        let (sender, mut receiver) = mpsc::channel::<Work>(WAITING);
        let known = Known {
            typed: BTreeMap::new(),
            fallback,
            kept: ring.known().places.into_keys().collect(),
        };
        thread::Builder::new()
            .name("atelier-keys".to_owned())
            .spawn(move || {
                while let Some(work) = receiver.blocking_recv() {
                    if catch_unwind(AssertUnwindSafe(|| work(&mut ring))).is_err() {
                        tracing::error!("work on the keys has panicked");
                    }
                }
            })?;
        Ok(Self {
            work: sender,
            known: Arc::new(Mutex::new(known)),
            outbox,
        })
    }

    /// The key for a gateway; `None`: it has none. May wait for as long as the user takes to unlock the store.
    ///
    /// # Errors
    /// When the gateway has a key that can't be had.
    pub(super) async fn get(&self, gateway: &GatewayId) -> Result<Option<ApiKey>, Failure> {
        {
            let known = self.known();
            if let Some(key) = known.typed.get(gateway) {
                return Ok(Some(key.clone()));
            }
            if !known.kept.contains(gateway) {
                return Ok(known.fallback.clone());
            }
        }
        let (answer, awaited) = oneshot::channel();
        let wanted = gateway.clone();
        let work: Work = Box::new(move |ring| drop(answer.send(ring.get(&wanted))));
        self.work
            .send(work)
            .await
            .map_err(|_closed| failure::closing())?;
        match awaited.await {
            Ok(key) => key.map_err(|error| unreadable(&error)),
            Err(_closed) => Err(failure::closing()),
        }
    }

    /// Keeps a key or forgets it; the outcome is told. Whoever asks for the key from now on gets the new one.
    pub(super) fn set(&self, gateway: GatewayId, key: Option<ApiKey>, place: KeyPlace) {
        {
            let mut known = self.known();
            known.kept.retain(|id| *id != gateway);
            match &key {
                Some(key) => known.typed.insert(gateway.clone(), key.clone()),
                None => known.typed.remove(&gateway),
            };
        }
        self.post(move |ring| match key {
            Some(key) => ring.set(&gateway, key, place),
            None => ring.forget(&gateway),
        });
    }

    /// Finds out whether the credential store answers, and tells it.
    pub(super) fn probe(&self) {
        self.post(|ring| {
            ring.probe();
            Ok(())
        });
    }

    /// Does something with the ring, and tells what is known then.
    fn post(&self, work: impl FnOnce(&mut KeyRing) -> Result<(), DesktopError> + Send + 'static) {
        let outbox = Arc::clone(&self.outbox);
        let work: Work = Box::new(move |ring| {
            if let Err(error) = work(ring) {
                let reason = error.to_string();
                outbox.push(Event::Notice(Notice::KeyNotKept { reason }));
            }
            outbox.push(Event::KeysChanged(ring.known()));
        });
        if self.work.try_send(work).is_err() {
            let reason = "the credential store is still busy".to_owned();
            let notice = Notice::KeyNotKept { reason };
            self.outbox.push(Event::Notice(notice));
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Keys {
    /// Neither keys nor who has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

fn unreadable(error: &DesktopError) -> Failure {
    Failure::new(FailureKind::Auth, error.to_string())
}
