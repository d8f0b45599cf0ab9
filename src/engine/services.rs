//! What every job needs, in one hand.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::gateway::Client;
use crate::library::{LibraryPaths, ReferenceStore, ThumbnailStore};
use crate::media::MediaLimits;
use crate::model::{Catalog, Failure, FailureKind, GatewayProfile, Observation, Preset};
use crate::protocol::DecoderLimits;

use super::book::Book;
use super::canvas::Canvas;
use super::composition::ComposeFiles;
use super::failure;
use super::generation::Resumption;
use super::health::Health;
use super::keys::Keys;
use super::librarian::Librarian;
use super::outbox::Outbox;
use super::pool::Pool;
use super::sources::Sources;
use super::{Event, ThumbnailPixels};

/// Starts the demo gateway, if it does not run yet, and gives its base URL; or says why it can't. May block.
pub type DemoStarter = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// What an answer may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of bodies.
    pub decoder: DecoderLimits,
    /// Of pictures.
    pub media: MediaLimits,
    /// Most bytes of a result that is fetched from an address.
    pub max_download_bytes: u64,
    /// For how long a result is fetched from an address without a byte; `None`: until the address expires. Nothing is
    /// lost by giving up: the next start goes on.
    pub fetch_patience: Option<Duration>,
    /// Free bytes on the disk for each picture, below which nothing is sent: one that can't be stored is paid for in vain.
    pub min_free_bytes: u64,
    /// After how long proxies in front of gateways give up waiting, most of the time (protocol.md 6.7).
    pub proxy_gives_up: [Duration; 3],
    /// How far from one of these a broken connection may be and still be taken for it.
    pub proxy_tolerance: Duration,
}

impl Limits {
    /// Whether a connection that broke after this long, without an answer, was cut by a proxy.
    pub(super) fn is_proxy_limit(&self, after: Duration) -> bool {
        let mut limits = self.proxy_gives_up.iter();
        limits.any(|limit| limit.abs_diff(after) <= self.proxy_tolerance)
    }
}

impl Default for Limits {
    /// Those of the product: 256 MiB and 100 megapixels a picture (product.md 5).
    fn default() -> Self {
        Self {
            decoder: DecoderLimits::default(),
            media: MediaLimits::default(),
            max_download_bytes: 256 << 20,
            min_free_bytes: 64 << 20,
            proxy_gives_up: [60, 100, 120].map(Duration::from_secs),
            proxy_tolerance: Duration::from_secs(5),
            fetch_patience: None,
        }
    }
}

/// Shared by all tasks.
pub(super) struct Services {
    pub(super) outbox: Arc<Outbox>,
    pub(super) sources: Sources,
    pub(super) client: Client,
    pub(super) librarian: Librarian,
    pub(super) keys: Keys,
    pub(super) settings_file: PathBuf,
    pub(super) compose_files: ComposeFiles,
    pub(super) pool: Arc<Pool>,
    pub(super) canvas: Canvas,
    pub(super) paths: LibraryPaths,
    pub(super) thumbnails: ThumbnailStore,
    pub(super) references: ReferenceStore,
    pub(super) book: Book,
    pub(super) catalog: Arc<Catalog>,
    pub(super) health: Health,
    pub(super) journals: PathBuf,
    pub(super) limits: Limits,
    pub(super) demo: Option<DemoStarter>,
    /// Jobs of before that go on fetching; the supervisor runs them.
    pub(super) resume: mpsc::Sender<Box<Resumption>>,
}

impl Services {
    pub(super) fn tell(&self, event: Event) {
        self.outbox.push(event);
    }

    /// Runs something that blocks or computes on the pool, and awaits it. `None` when the engine is going down.
    pub(super) async fn on_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, awaited) = oneshot::channel();
        self.pool.run(move || drop(answer.send(work())));
        awaited.await.ok()
    }

    /// The base URLs of a profile, in the order in which to try them.
    ///
    /// # Errors
    /// When there is none, or the demo gateway does not start.
    pub(super) async fn base_urls(&self, gateway: &GatewayProfile) -> Result<Vec<String>, Failure> {
        if !gateway.base_urls.is_empty() {
            return Ok(gateway.base_urls.clone());
        }
        let missing = || {
            Failure::new(
                FailureKind::InvalidRequest,
                format!("the gateway has no address: {}", gateway.name),
            )
            .found(Observation::NoAddress)
        };
        let starter = match (&self.demo, gateway.preset) {
            (Some(starter), Preset::Demo) => Arc::clone(starter),
            _ => return Err(missing()),
        };
        match self.on_pool(move || starter()).await {
            Some(Ok(url)) => Ok(vec![url]),
            Some(Err(reason)) => Err(Failure::new(
                FailureKind::Network,
                format!("the demo gateway does not start: {reason}"),
            )),
            None => Err(failure::closing()),
        }
    }
}

impl From<crate::media::Thumbnail> for ThumbnailPixels {
    fn from(thumbnail: crate::media::Thumbnail) -> Self {
        Self {
            width: thumbnail.width,
            height: thumbnail.height,
            pixels: thumbnail.pixels,
        }
    }
}
