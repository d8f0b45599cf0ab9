//! What a job sends: the pictures read once, the bodies made from them as often as needed.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::gateway::{Body, Call, Endpoint, Patience};
use crate::model::{
    ApiKey, ApiKind, Charge, EditBody, Failure, FailureKind, GenerationRequest, Reference,
};
use crate::protocol::{
    EncodedPicture, OptionalParameter, edit_body, edit_parts, generations_body, is_streamed,
    responses_body,
};

use super::super::failure;
use super::super::services::Services;

/// Everything that the requests of a job have in common.
pub(super) struct Prepared {
    pub(super) base_urls: Vec<String>,
    pub(super) key: Option<ApiKey>,
    pub(super) patience: Patience,
    request: Arc<GenerationRequest>,
    references: Vec<EncodedPicture>,
    mask: Option<EncodedPicture>,
    /// The body of a Responses call, the same for every picture and as large as all references.
    responses: OnceLock<Bytes>,
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
        services: &Services,
    ) -> Result<Self, Failure> {
        let read = {
            let request = Arc::clone(request);
            let pictures = u64::from(request.parameters.count.max(1));
            let needed = services.limits.min_free_bytes.saturating_mul(pictures);
            let folders = [services.journals.clone(), services.paths.root.clone()];
            move || {
                for folder in &folders {
                    see_room(folder, needed)?;
                }
                let references: Result<Vec<_>, _> =
                    request.references.iter().map(encoded).collect();
                let mask = request.mask.as_ref().map(encoded).transpose();
                Ok((references?, mask?))
            }
        };
        let (references, mask) = services
            .on_pool(read)
            .await
            .unwrap_or_else(|| Err(failure::closing()))?;
        Ok(Self {
            base_urls,
            key,
            patience: Patience::of(&request.gateway.timeouts),
            request: Arc::clone(request),
            references,
            mask,
            responses: OnceLock::new(),
        })
    }

    /// The call for `count` pictures at one of the base URLs.
    pub(super) fn call(&self, base_url: &str, count: u8, without: &[OptionalParameter]) -> Call {
        let mut without = without.to_vec();
        if count > 1 {
            without.push(OptionalParameter::Stream);
        }
        let (endpoint, body) = self.body(count, &without);
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

    fn body(&self, count: u8, without: &[OptionalParameter]) -> (Endpoint, Body) {
        let Self {
            request,
            references,
            mask,
            ..
        } = self;
        if request.gateway.api == ApiKind::Responses {
            let make = || Bytes::from(responses_body(request, references, mask.as_ref(), without));
            let body = if without.is_empty() {
                self.responses.get_or_init(make).clone()
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

fn encoded(reference: &Reference) -> Result<EncodedPicture, Failure> {
    let bytes = fs::read(&reference.path).map_err(|error| {
        Failure::new(
            FailureKind::InvalidRequest,
            format!("a reference can't be read: {error}: {}", reference.name),
        )
    })?;
    Ok(EncodedPicture {
        name: reference.name.clone(),
        format: reference.format,
        bytes: bytes.into(),
    })
}
