//! The engine as a whole: what it is started with, and its end.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::desktop::{
    DataDirs, KeyRing, KeyStore, LoadedCatalog, LoadedSettings, SystemStore, load_catalog,
    load_settings,
};
use crate::gateway::Client;
use crate::library::{Library, LibraryPaths, Opened, Problem, ReferenceStore, ThumbnailStore};
use crate::media;
use crate::model::{ApiKey, FailureKind};

use super::book::Book;
use super::canvas::Canvas;
use super::composition::ComposeFiles;
use super::handle::{EngineHandle, EngineSide};
use super::health::Health;
use super::keys::Keys;
use super::librarian::Librarian;
use super::pool::Pool;
use super::recovery;
use super::services::{DemoStarter, Limits, Services};
use super::sources::Sources;
use super::start_failure::{EngineError, StartFailure};
use super::supervisor::{self, Supervisor};
use super::{Event, GalleryChange, Notice};

/// How long jobs and pixels may take to end. What is not finished then is found in the journal at the next start.
const STOP_DEADLINE: Duration = Duration::from_secs(1);
/// How long the library's thread may take for what it was already told to store: no more than a slow disk needs.
const STORE_DEADLINE: Duration = Duration::from_secs(10);
/// Threads of the runtime: they wait for the network and write to files, and compute little.
const MAX_TASK_THREADS: usize = 4;
/// Threads for pixels.
const MAX_PIXEL_THREADS: usize = 4;

/// Jobs of before that wait to be run; whoever brings more waits.
const RESUMPTIONS: usize = 64;

/// What an engine is made from.
pub struct EngineConfig {
    /// Where everything is.
    pub dirs: DataDirs,
    /// The key for gateways that have none of their own, such as that in `ATELIER_API_KEY`.
    pub fallback_key: Option<ApiKey>,
    /// Where keys are kept that are to be remembered.
    pub key_store: Box<dyn KeyStore>,
    /// Whether to find out at once if the credential store answers.
    pub probe_keys: bool,
    /// Woken when there is something to read after a time with nothing.
    pub waker: Waker,
    /// Starts the demo gateway when a job goes to it; `None`: there is none.
    pub demo: Option<DemoStarter>,
    /// Clock, dice, time zone.
    pub sources: Sources,
    /// Whether to finish what an earlier run could not, and to tell of the jobs of before.
    pub recover: bool,
    /// What answers may cost.
    pub limits: Limits,
}

impl EngineConfig {
    /// The usual engine: recovers, has no demo gateway, wakes nobody.
    #[must_use]
    pub fn new(dirs: DataDirs) -> Self {
        let key_store = Box::new(SystemStore::new(&dirs.key_scope));
        Self {
            dirs,
            fallback_key: None,
            key_store,
            probe_keys: false,
            waker: Waker::noop().clone(),
            demo: None,
            sources: Sources::default(),
            recover: true,
            limits: Limits::default(),
        }
    }
}

impl fmt::Debug for EngineConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineConfig")
            .field("dirs", &self.dirs)
            .field("recover", &self.recover)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A running engine. Dropping it ends every job and thread within a second, or once the disk has what it was given;
/// the journal knows what was not finished.
#[derive(Debug)]
pub struct Engine {
    runtime: Option<Runtime>,
    stop: CancellationToken,
    canvas: Canvas,
    /// Its other end is kept by every thread for as long as it lives; nothing is ever sent.
    ended: Receiver<Infallible>,
    /// The same for the supervisor, who stores what was changed last.
    supervised: Receiver<Infallible>,
    /// The same for the library's thread.
    stored: Receiver<Infallible>,
}

/// An engine that starts, or has started, in the background. Dropping it ends the engine; one that is still opening the
/// library is given a second, and ends by itself later: nothing was sent yet.
#[derive(Debug)]
pub struct StartingEngine {
    started: Receiver<Engine>,
}

impl Drop for StartingEngine {
    fn drop(&mut self) {
        // Nothing comes from one that could not start.
        if let Ok(engine) = self.started.recv_timeout(STOP_DEADLINE) {
            drop(engine);
        }
    }
}

impl Engine {
    /// Starts the engine: opens the library, loads the settings, tells [`Event::Ready`] and listens.
    ///
    /// # Errors
    /// When folders, settings, library or threads can't be had.
    pub fn start(config: EngineConfig) -> Result<(Self, EngineHandle), EngineError> {
        let (handle, side) = EngineHandle::pair_with(config.waker.clone());
        Ok((Self::open(config, side)?, handle))
    }

    /// Starts the engine on a thread of its own, so that whoever calls never waits for a disk. The handle takes commands
    /// at once, and they are carried out once the library is open. [`Event::Ready`] comes first of all, or
    /// [`Event::StartFailed`] and nothing else.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start_in_background(
        config: EngineConfig,
    ) -> Result<(StartingEngine, EngineHandle), EngineError> {
        let (handle, side) = EngineHandle::pair_with(config.waker.clone());
        let (sender, started) = sync_channel(1);
        thread::Builder::new()
            .name("atelier-start".to_owned())
            .spawn(move || {
                let outbox = side.outbox();
                match Self::open(config, side) {
                    // Where nobody waits for it any more, it ends here.
                    Ok(engine) => drop(sender.send(engine)),
                    Err(error) => {
                        tracing::error!("the engine does not start: {error}");
                        // Whoever hears of it may start another: this one has ended by then.
                        drop(sender);
                        outbox.push(Event::StartFailed(StartFailure::from(&error)));
                    }
                }
            })?;
        Ok((StartingEngine { started }, handle))
    }

    /// Does all that takes a disk.
    fn open(config: EngineConfig, side: EngineSide) -> Result<Self, EngineError> {
        let EngineConfig {
            dirs,
            fallback_key,
            key_store,
            probe_keys,
            waker: _,
            demo,
            sources,
            recover,
            limits,
        } = config;
        dirs.create()?;
        let LoadedSettings {
            settings,
            unreadable,
        } = load_settings(&dirs.settings)?;
        let LoadedCatalog { catalog, problem } = load_catalog(&dirs.models);
        let paths = library_paths(&dirs, settings.library_dir.as_deref());
        let opened = Library::open(paths.clone())?;
        let (commands, outbox) = side.into_parts();
        let (alive, ended) = sync_channel::<Infallible>(0);
        let (storing, stored) = sync_channel::<Infallible>(0);
        let (supervising, supervised) = sync_channel::<Infallible>(0);
        let threads = thread::available_parallelism().map_or(2, usize::from);

        let found = Found::of(&opened);
        let librarian = Librarian::start(opened.library, storing)?;
        let canvas = Canvas::start(Arc::clone(&outbox), limits.media, alive.clone())?;
        let pool = Arc::new(Pool::start(threads.clamp(2, MAX_PIXEL_THREADS), &alive)?);
        let ring = KeyRing::open(&dirs, fallback_key.clone(), key_store);
        let known_keys = ring.known();
        let keys = Keys::start(ring, fallback_key, Arc::clone(&outbox))?;
        let (resume, resumptions) = mpsc::channel(RESUMPTIONS);
        let catalog = Arc::new(catalog);
        let services = Arc::new(Services {
            outbox,
            sources,
            client: Client::new(),
            librarian,
            keys,
            settings_file: dirs.settings.clone(),
            compose_files: ComposeFiles::new(&dirs),
            pool,
            canvas: canvas.clone(),
            thumbnails: ThumbnailStore::new(&paths),
            references: ReferenceStore::new(&paths),
            paths,
            book: Book::new(settings.clone(), dirs.settings.clone()),
            catalog: Arc::clone(&catalog),
            health: Health::default(),
            journals: dirs.journal.clone(),
            limits,
            demo,
            resume,
        });
        services.tell(Event::Ready {
            settings: Box::new(settings),
            keys: known_keys,
            library_dir: services.paths.root.clone(),
            catalog,
        });
        if let Some(reason) = problem {
            services.tell(Event::Notice(Notice::ModelsUnreadable { reason }));
        }
        if let Some(kept_as) = unreadable {
            services.tell(Event::Notice(Notice::SettingsUnreadable { kept_as }));
        }
        found.tell(&services);
        if probe_keys {
            services.keys.probe();
        }
        if recover {
            let recovering = Arc::clone(&services);
            services.pool.run(move || recovery::recover(&recovering));
        }

        let stop = CancellationToken::new();
        let runtime = runtime(threads)?;
        let supervisor = Supervisor::new(services, stop.clone());
        let run = async move {
            supervisor.run(commands, resumptions).await;
            drop((alive, supervising));
        };
        runtime.spawn(run);
        Ok(Self {
            runtime: Some(runtime),
            stop,
            canvas,
            ended,
            supervised,
            stored,
        })
    }
}

/// Where the library is; `root`: where the user wants the results.
fn library_paths(dirs: &DataDirs, root: Option<&Path>) -> LibraryPaths {
    LibraryPaths {
        root: root.unwrap_or(&dirs.results).to_owned(),
        index: dirs.index.clone(),
        previews: dirs.previews.clone(),
        made: dirs.made.clone(),
        cache: dirs.cache.clone(),
        trash: dirs.trash.clone(),
    }
}

/// Where the tasks run.
fn runtime(threads: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(threads.clamp(2, MAX_TASK_THREADS))
        .thread_name("atelier-tasks")
        .enable_all()
        .build()
}

impl Drop for Engine {
    fn drop(&mut self) {
        let deadline = Instant::now() + STOP_DEADLINE;
        self.stop.cancel();
        self.canvas.stop();
        // A runtime that shuts down drops its tasks wherever they are.
        if self.supervised.recv_timeout(STOP_DEADLINE / 2) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the engine is too busy to end in order");
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(STOP_DEADLINE / 2);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if self.ended.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("a thread is still at work while the program ends");
        }
        if self.stored.recv_timeout(STORE_DEADLINE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the disk is still being written while the program ends");
        }
    }
}

/// What opening the library brought to light.
struct Found {
    adopted: usize,
    problems: Vec<String>,
    is_empty_index: bool,
}

impl Found {
    fn of(opened: &Opened) -> Self {
        Self {
            adopted: opened.adopted.len(),
            problems: opened.problems.iter().map(Problem::to_string).collect(),
            is_empty_index: opened.is_empty_index,
        }
    }

    fn tell(self, services: &Arc<Services>) {
        if self.adopted > 0 {
            services.tell(Event::Notice(Notice::Recovered {
                images: self.adopted,
            }));
        }
        for problem in self.problems {
            supervisor::notice(services, FailureKind::Protocol, &problem);
        }
        // The files are the library; an index that is gone or damaged is made from them again (product.md P6).
        if self.is_empty_index && services.paths.root.is_dir() {
            let rebuilding = Arc::clone(services);
            let posted = services
                .librarian
                .post(move |library| rebuild(library, &rebuilding));
            if let Err(error) = posted {
                tracing::warn!("the index is not rebuilt: {error}");
            }
        }
    }
}

fn rebuild(library: &mut Library, services: &Services) {
    let now_ms = services.sources.now_ms();
    let outcome = library
        .rebuild(now_ms, &mut recipe_of)
        .and_then(|rebuilt| Ok((rebuilt.added, library.all_ids()?)));
    match outcome {
        Ok((0, _)) => {}
        Ok((added, ids)) => {
            tracing::info!(added, "the index was made from the files");
            services.tell(Event::Gallery(GalleryChange::All(ids.into())));
        }
        Err(error) => {
            supervisor::notice(services, FailureKind::Protocol, &error.to_string());
        }
    }
}

/// The recipe in a picture file, or beside it.
fn recipe_of(path: &Path) -> Option<String> {
    let file = std::fs::File::open(path).ok()?;
    let inside = media::read_recipe(io::BufReader::new(file)).ok().flatten();
    inside.or_else(|| {
        let sidecar = std::fs::read_to_string(crate::library::sidecar_path(path)).ok()?;
        media::read_sidecar(&sidecar)
    })
}
