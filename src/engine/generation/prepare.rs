//! What a job sends: the pictures read once, the bodies made from them as often as needed.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OnceCell;

use crate::gateway::{Body, Call, Endpoint, Patience};
use crate::model::{ApiKey, ApiKind, Charge, EditBody, Failure, GenerationRequest, UploadLimits};
use crate::protocol::{
    OptionalParameter, edit_body, edit_parts, generations_body, is_streamed, responses_body,
};

use super::super::failure;
use super::super::services::Services;
use super::uploads::Uploads;

/// Everything that the requests of a job have in common.
pub(super) struct Prepared {
    pub(super) base_urls: Vec<String>,
    pub(super) key: Option<ApiKey>,
    pub(super) patience: Patience,
    request: Arc<GenerationRequest>,
    limits: UploadLimits,
    uploads: Uploads,
    /// One step smaller, once a gateway has asked for it.
    smaller: OnceCell<Uploads>,
}

/// How a request is made, beside what it asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Manner {
    /// What is left out.
    pub(super) without: Vec<OptionalParameter>,
    /// Its pictures are one step smaller.
    pub(super) is_smaller: bool,
}

/// Whether `needed` bytes are free where `folder` is; a system that can't say is taken at its best.
fn see_room(folder: &Path, needed: u64) -> Result<(), Failure> {
    match fs4::available_space(folder) {
        Ok(free) if free < needed => Err(Failure {
            charge: Charge::No,
            ..failure::of_disk(&io::Error::new(
                io::ErrorKind::StorageFull,
                format!(
                    "{} MB are free, {} MB are wanted: {}",
                    free / 1_000_000,
                    needed / 1_000_000,
                    folder.display()
                ),
            ))
        }),
        _ => Ok(()),
    }
}

impl Prepared {
    /// Reads the references and the mask, and sees whether there is room for what comes.
    ///
    /// # Errors
    /// When one of them is gone, with its name, or the disk is full; nothing was sent then.
    pub(super) async fn new(
        request: &Arc<GenerationRequest>,
        base_urls: Vec<String>,
        key: Option<ApiKey>,
        services: &Arc<Services>,
    ) -> Result<Self, Failure> {
        let capability = services.catalog.capability(&request.gateway);
        let limits = UploadLimits::of(&request.gateway, &capability);
        let read = {
            let request = Arc::clone(request);
            let pictures = u64::from(request.parameters.count.max(1));
            let needed = services.limits.min_free_bytes.saturating_mul(pictures);
            let folders = [services.journals.clone(), services.paths.root.clone()];
            let services = Arc::clone(services);
            move || {
                for folder in &folders {
                    see_room(folder, needed)?;
                }
                Uploads::read(&services, &request, &limits)
            }
        };
        let uploads = services
            .on_pool(read)
            .await
            .unwrap_or_else(|| Err(failure::closing()))?;
        Ok(Self {
            base_urls,
            key,
            patience: Patience::of(&request.gateway.timeouts),
            request: Arc::clone(request),
            limits,
            uploads,
            smaller: OnceCell::new(),
        })
    }

    /// Makes the pictures one step smaller, once for all requests: their length before and after, in bytes. `None`: they
    /// do not get any smaller.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(super) async fn shrink(
        &self,
        services: &Arc<Services>,
    ) -> Result<Option<(u64, u64)>, Failure> {
        let before = self.uploads.length();
        let make = async || {
            let limits = self.limits.one_step_down(self.uploads.longest());
            let (request, shared) = (Arc::clone(&self.request), Arc::clone(services));
            services
                .on_pool(move || Uploads::read(&shared, &request, &limits))
                .await
                .unwrap_or_else(|| Err(failure::closing()))
        };
        let after = self.smaller.get_or_try_init(make).await?.length();
        Ok((after < before).then_some((before, after)))
    }

    /// The call for `count` pictures at one of the base URLs.
    pub(super) fn call(&self, base_url: &str, count: u8, manner: &Manner) -> Call {
        let mut without = manner.without.clone();
        if count > 1 {
            without.push(OptionalParameter::Stream);
        }
        let uploads = Some(&self.smaller)
            .filter(|_| manner.is_smaller)
            .and_then(OnceCell::get)
            .unwrap_or(&self.uploads);
        let (endpoint, body) = self.body(uploads, count, &without);
        Call {
            base_url: base_url.to_owned(),
            endpoint,
            key: self.key.clone(),
            body,
            stream: is_streamed(&self.request, &without),
            proxy: self.request.gateway.proxy.clone(),
            patience: self.patience,
        }
    }

    fn body(
        &self,
        uploads: &Uploads,
        count: u8,
        without: &[OptionalParameter],
    ) -> (Endpoint, Body) {
        let request = &self.request;
        let Uploads {
            references,
            mask,
            responses,
            ..
        } = uploads;
        if request.gateway.api == ApiKind::Responses {
            let make = || Bytes::from(responses_body(request, references, mask.as_ref(), without));
            let body = if without.is_empty() {
                responses.get_or_init(make).clone()
            } else {
                make()
            };
            return (Endpoint::Responses, Body::Json(body));
        }
        if references.is_empty() {
            let body = generations_body(request, count, without);
            return (Endpoint::Generations, Body::Json(body.into()));
        }
        if request.gateway.dialect.edit_body == EditBody::Json {
            let body = edit_body(request, references, mask.as_ref(), count, without);
            return (Endpoint::Edits, Body::Json(body.into()));
        }
        let parts = edit_parts(request, references, mask.as_ref(), count, without);
        (Endpoint::Edits, Body::Form(parts))
    }
}
