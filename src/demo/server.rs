//! The server's life: its thread, its runtime, its port, and what its requests share.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::http::Method;
use axum::serve::ListenerExt as _;
use tokio::runtime::{self, Runtime};
use tokio_util::sync::CancellationToken;

use super::files::FileStore;
use super::routes;
use super::studio::Studio;
use super::{DemoConfig, DemoError, Fault};

/// How long open connections get to end by themselves when the server stops.
const GRACE: Duration = Duration::from_millis(250);
/// How long pictures in work are waited for after that; then their threads are left to themselves.
const LAST_WAIT: Duration = Duration::from_millis(250);
/// Requests whose path and fault are remembered.
const LOG_ENTRIES: usize = 10_000;
/// Prompts that have had their one failure; beyond this the server forgets them all.
const KNOWN_PROMPTS: usize = 10_000;

/// A running demo gateway on 127.0.0.1; dropping it stops it within a second, open streams or not.
#[derive(Debug)]
pub struct DemoServer {
    base_url: String,
    shared: Arc<Shared>,
    stop: CancellationToken,
    runtime: runtime::Handle,
    thread: Option<JoinHandle<()>>,
}

/// A request that came in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoggedRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Such as `/v1/responses`, without a query.
    pub path: String,
    /// What went wrong with it on purpose; known once its body has been read.
    pub fault: Option<Fault>,
}

impl DemoServer {
    /// Listens, and serves on a thread and a runtime of its own.
    ///
    /// # Errors
    /// [`DemoError::Listen`] when the port is taken, [`DemoError::Thread`] when the system gives no thread.
    pub fn start(config: DemoConfig) -> Result<Self, DemoError> {
        let port = config.port.unwrap_or(0);
        let not_listening = |source| DemoError::Listen {
            address: format!("127.0.0.1:{port}"),
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(not_listening)?;
        listener.set_nonblocking(true).map_err(not_listening)?;
        let address = listener.local_addr().map_err(not_listening)?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(cores.min(2))
            .max_blocking_threads(cores)
            .thread_name("demo-gateway")
            .enable_all()
            .build()
            .map_err(DemoError::Thread)?;
        let shared = Arc::new(Shared {
            origin: format!("http://{address}"),
            studio: Studio::new(cores, config.cache_bytes),
            files: FileStore::default(),
            log: RequestLog::default(),
            struck: Mutex::default(),
            seeds: Mutex::default(),
            nonce: fastrand::u32(..),
            config,
        });
        let stop = CancellationToken::new();
        let handle = runtime.handle().clone();
        let serving = serve(listener, Arc::clone(&shared), stop.clone());
        let thread = thread::Builder::new()
            .name("demo-gateway".to_owned())
            .spawn(move || run(runtime, serving))
            .map_err(DemoError::Thread)?;
        Ok(Self {
            base_url: format!("{}/v1", shared.origin),
            shared,
            stop,
            runtime: handle,
            thread: Some(thread),
        })
    }

    /// What a client is given: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// How many requests have come in, of any kind.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.log.lock().count
    }

    /// The latest requests in the order in which they came, at most 10 000.
    #[must_use]
    pub fn log(&self) -> Vec<LoggedRequest> {
        self.shared.log.lock().latest.iter().cloned().collect()
    }

    /// Waits until the person at the terminal presses Ctrl-C.
    ///
    /// # Errors
    /// When the system can't report the key; the server is then still running.
    pub fn wait_for_interrupt(&self) -> io::Result<()> {
        self.runtime.block_on(tokio::signal::ctrl_c())
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the demo gateway's thread panicked");
        }
    }
}

fn run(runtime: Runtime, serving: impl Future<Output = io::Result<()>>) {
    if let Err(error) = runtime.block_on(serving) {
        tracing::error!(%error, "the demo gateway stopped");
    }
    runtime.shutdown_timeout(LAST_WAIT);
}

async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    stop: CancellationToken,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        // Small events must not wait for the next one.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    let serving = axum::serve(listener, routes::router(shared))
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving.into_future() => served,
        () = overdue => Ok(()),
    }
}

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: DemoConfig,
    /// `http://127.0.0.1:PORT`
    pub(super) origin: String,
    pub(super) studio: Studio,
    pub(super) files: FileStore,
    pub(super) log: RequestLog,
    /// Prompts and faults of the «-then-ok» kind that have struck already.
    struck: Mutex<HashSet<(String, Fault)>>,
    /// The seed that a prompt gets next time.
    seeds: Mutex<HashMap<String, u64>>,
    /// Tells the ids of two servers apart.
    nonce: u32,
}

impl Shared {
    pub(super) fn request_id(&self, entry: LogEntry) -> String {
        format!("{:08x}{:08x}", self.nonce, entry.0)
    }

    /// Whether `fault` happens to this request: those that go away happen once a prompt.
    pub(super) fn strikes(&self, fault: Fault, prompt: &str) -> bool {
        if !matches!(fault, Fault::RateLimitThenOk | Fault::ServerErrorThenOk) {
            return true;
        }
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        if struck.len() >= KNOWN_PROMPTS {
            struck.clear();
        }
        struck.insert((prompt.to_owned(), fault))
    }

    /// Seeds for `count` pictures of `prompt`: the first time from 0, then on from where the last request ended.
    ///
    /// So a prompt that is asked again is drawn anew, as models do, and a new server draws the same series.
    pub(super) fn next_seed(&self, prompt: &str, count: u8) -> u64 {
        let mut seeds = self.seeds.lock().unwrap_or_else(PoisonError::into_inner);
        if seeds.len() >= KNOWN_PROMPTS {
            seeds.clear();
        }
        let next = seeds.entry(prompt.to_owned()).or_default();
        let seed = *next;
        *next = seed.wrapping_add(count.into());
        seed
    }
}

/// The number of a request, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogEntry(u64);

/// The requests that came in.
#[derive(Debug, Default)]
pub(super) struct RequestLog(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    count: u64,
    latest: VecDeque<LoggedRequest>,
}

impl RequestLog {
    pub(super) fn enter(&self, method: &Method, path: &str) -> LogEntry {
        let mut log = self.lock();
        let entry = LogEntry(log.count);
        log.count += 1;
        if log.latest.len() == LOG_ENTRIES {
            log.latest.pop_front();
        }
        log.latest.push_back(LoggedRequest {
            method: method.to_string(),
            path: path.to_owned(),
            fault: None,
        });
        entry
    }

    pub(super) fn set_fault(&self, entry: LogEntry, fault: Option<Fault>) {
        let mut log = self.lock();
        let dropped = log.count - log.latest.len() as u64;
        let at = entry
            .0
            .checked_sub(dropped)
            .and_then(|at| usize::try_from(at).ok());
        if let Some(request) = at.and_then(|at| log.latest.get_mut(at)) {
            request.fault = fault;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
