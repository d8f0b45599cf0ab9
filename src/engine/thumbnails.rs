//! Stored thumbnails for whoever scrolls: only the newest request counts, and missing ones are made again.

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufReader;
use std::sync::{Arc, Mutex, PoisonError};

use crate::media::decode_thumbnail;
use crate::model::ImageId;

use super::develop::develop;
use super::services::Services;
use super::{Event, ThumbnailPixels, ThumbnailSize};

/// Requests for thumbnails.
#[derive(Clone, Debug, Default)]
pub(super) struct Thumbnailer {
    wanted: Arc<Mutex<VecDeque<(ImageId, ThumbnailSize)>>>,
}

impl Thumbnailer {
    /// Loads these, in this order; whatever waits from before is forgotten.
    pub(super) fn request(&self, services: &Arc<Services>, wanted: Vec<(ImageId, ThumbnailSize)>) {
        let tasks = {
            let mut waiting = self.lock();
            let before = waiting.len();
            *waiting = wanted.into();
            waiting.len().saturating_sub(before)
        };
        // A task serves whatever is first when its turn comes, so tasks that wait already need no replacement.
        for _ in 0..tasks {
            let (thumbnailer, services) = (self.clone(), Arc::clone(services));
            services
                .pool
                .clone()
                .run(move || thumbnailer.serve_one(&services));
        }
    }

    fn serve_one(&self, services: &Services) {
        let next = self.lock().pop_front();
        if let Some((id, size)) = next {
            let pixels = load(services, id, size);
            services.tell(Event::Thumbnail { id, size, pixels });
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(ImageId, ThumbnailSize)>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(services: &Services, id: ImageId, size: ThumbnailSize) -> Option<ThumbnailPixels> {
    let stored = services
        .thumbnails
        .read(id, size.side_px())
        .ok()
        .flatten()
        .and_then(|bytes| decode_thumbnail(&bytes).ok());
    match stored {
        Some(thumbnail) => Some(thumbnail.into()),
        None => remake(services, id, size),
    }
}

fn remake(services: &Services, id: ImageId, size: ThumbnailSize) -> Option<ThumbnailPixels> {
    let record = services
        .librarian
        .call_blocking(move |library| library.image(id))
        .ok()?
        .ok()??;
    let file = File::open(&record.path).ok()?;
    let reader = BufReader::with_capacity(64 << 10, file);
    let thumbnails = develop(reader, &services.limits.media, None)
        .inspect_err(|error| tracing::warn!(%id, "a result can't be decoded: {error}"))
        .ok()?
        .thumbnails;
    let mut wanted = None;
    for (stored, bytes) in &thumbnails.encoded {
        if let Err(error) = services.thumbnails.write(id, stored.side_px(), bytes) {
            tracing::warn!("a thumbnail can't be kept: {error}");
        }
        if *stored == size {
            wanted = decode_thumbnail(bytes).ok();
        }
    }
    wanted.map(Into::into)
}
