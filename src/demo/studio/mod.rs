//! Where pictures are painted: references in, encoded files out, as many at once as there are cores.
//!
//! Painting and encoding run on blocking threads. A client that leaves before its turn costs nothing; a picture
//! already begun is finished. Called by the scripts of both APIs.

mod cache;
mod flaws;
mod intake;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use self::cache::{Cache, CacheKey};
use super::Fault;
use super::answer::ApiError;
use super::order::Order;
use super::painter::{self, Raster, Scene, Stage};
use crate::model::{Background, PixelSize, Quality};

/// A legal request with its pictures decoded: everything that painting needs.
#[derive(Debug)]
pub(super) struct Commission {
    pub(super) order: Order,
    /// What `auto` came to.
    pub(super) size: PixelSize,
    /// The prompt without the name of a fault.
    words: String,
    references: Vec<Raster>,
    mask: Option<Raster>,
    /// Of everything above that the picture depends on.
    hash: blake3::Hash,
}

impl Commission {
    /// The quality that `auto` came to.
    pub(super) fn quality(&self) -> Quality {
        match self.order.quality {
            Quality::Auto => Quality::Medium,
            chosen => chosen,
        }
    }

    /// The background that `auto` came to.
    pub(super) fn background(&self) -> Background {
        match self.order.background {
            Background::Auto => Background::Opaque,
            chosen => chosen,
        }
    }

    /// What the model «says that it drew».
    pub(super) fn revised_prompt(&self) -> String {
        format!("{} (painted by the demo gateway)", self.words.trim())
    }
}

/// One state of one picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Take {
    /// Which of `n`, from 0.
    pub(super) index: u8,
    pub(super) stage: Stage,
    /// What is to be wrong with it.
    pub(super) flaw: Option<Fault>,
}

/// Paints and encodes.
#[derive(Debug)]
pub(super) struct Studio {
    easels: Arc<Semaphore>,
    cache: Mutex<Cache>,
}

impl Studio {
    pub(super) fn new(easels: usize, cache_bytes: usize) -> Self {
        Self {
            easels: Arc::new(Semaphore::new(easels)),
            cache: Mutex::new(Cache::new(cache_bytes)),
        }
    }

    /// Decodes the pictures of an order and settles its size.
    ///
    /// # Errors
    /// 400 when a picture can't be read, or the mask has another size than the first one.
    pub(super) async fn accept(&self, order: Order) -> Result<Commission, ApiError> {
        self.at_an_easel(move || intake::prepare(order)).await?
    }

    /// The file of `take`.
    ///
    /// # Errors
    /// 500 when the picture can't be encoded.
    pub(super) async fn picture(
        &self,
        commission: &Arc<Commission>,
        take: Take,
    ) -> Result<Bytes, ApiError> {
        let Commission { order, size, .. } = &**commission;
        let key = CacheKey {
            commission: commission.hash,
            index: take.index,
            stage: take.stage,
            delivered: flaws::delivered(*size, order.format, take.flaw),
            masked: take.flaw != Some(Fault::IgnoreMask),
        };
        let cached = self.cache().get(key);
        let file = if let Some(file) = cached {
            file
        } else {
            let commission = Arc::clone(commission);
            let file = self.at_an_easel(move || paint(&commission, take)).await??;
            self.cache().put(key, file.clone());
            file
        };
        Ok(flaws::flawed(file, take.flaw))
    }

    async fn at_an_easel<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = Arc::clone(&self.easels).acquire_owned().await;
        let done = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "painting failed");
            ApiError::server_error()
        })
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn paint(commission: &Commission, take: Take) -> Result<Bytes, ApiError> {
    let order = &commission.order;
    let (size, format) = flaws::delivered(commission.size, order.format, take.flaw);
    let scene = Scene {
        prompt: &commission.words,
        seed: order.seed.unwrap_or(0).wrapping_add(take.index.into()),
        size,
        transparent: order.background == Background::Transparent && format.has_alpha(),
        references: &commission.references,
        mask: (commission.mask.as_ref()).filter(|_| take.flaw != Some(Fault::IgnoreMask)),
    };
    let raster = painter::paint(&scene, take.stage);
    let file = painter::encode(&raster, format, order.compression, &order.prompt);
    file.map(Bytes::from).map_err(|error| {
        tracing::error!(%error, "encoding failed");
        ApiError::server_error()
    })
}
