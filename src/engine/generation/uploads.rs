//! The pictures that a job sends, as its gateway takes them.

use std::fs;
use std::sync::OnceLock;

use bytes::Bytes;

use crate::media::UploadRole;
use crate::model::{Failure, GenerationRequest, Reference, UploadLimits};
use crate::protocol::EncodedPicture;

use super::super::fitting::{Upload, unreadable, upload_of};
use super::super::references::with_extension;
use super::super::services::Services;

/// References and mask, read once for all requests of a job.
pub(super) struct Uploads {
    pub(super) references: Vec<EncodedPicture>,
    pub(super) mask: Option<EncodedPicture>,
    /// The body of a Responses call, the same for every picture and as large as all references.
    pub(super) responses: OnceLock<Bytes>,
}

impl Uploads {
    /// Reads them, or their copies, which are made where there are none yet. Blocks.
    ///
    /// # Errors
    /// When one of them is gone or can't be read, with its name, or the disk is full.
    pub(super) fn read(
        services: &Services,
        request: &GenerationRequest,
        limits: &UploadLimits,
    ) -> Result<Self, Failure> {
        let mut references = Vec::with_capacity(request.references.len());
        let mut first = None;
        for (place, reference) in request.references.iter().enumerate() {
            let role = if place == 0 && request.mask.is_some() {
                UploadRole::Masked
            } else {
                UploadRole::Reference
            };
            let upload = upload_of(services, reference, role, limits)?;
            references.push(encoded(reference, &upload)?);
            first.get_or_insert((reference.size, upload.size));
        }
        let mask = match &request.mask {
            Some(mask) => {
                // What is not as large as its picture was never meant to be: nothing better is known of it.
                let size = first
                    .filter(|(original, _)| *original == mask.size)
                    .map_or(mask.size, |(_, sent)| sent);
                let upload = upload_of(services, mask, UploadRole::Mask(size), limits)?;
                Some(encoded(mask, &upload)?)
            }
            None => None,
        };
        Ok(Self {
            references,
            mask,
            responses: OnceLock::new(),
        })
    }

    /// Length of all pictures in bytes.
    pub(super) fn length(&self) -> u64 {
        let pictures = self.references.iter().chain(&self.mask);
        pictures.map(|picture| picture.bytes.len() as u64).sum()
    }

    /// Length of the longest reference in bytes.
    pub(super) fn longest(&self) -> u64 {
        let lengths = self.references.iter().map(|picture| picture.bytes.len());
        lengths.max().unwrap_or_default() as u64
    }
}

fn encoded(reference: &Reference, upload: &Upload) -> Result<EncodedPicture, Failure> {
    let bytes = fs::read(&upload.path).map_err(|error| unreadable(reference, &error))?;
    Ok(EncodedPicture {
        name: with_extension(&reference.name, upload.format),
        format: upload.format,
        bytes: bytes.into(),
    })
}
