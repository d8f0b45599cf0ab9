//! What is sent in place of references: copies that a gateway takes, made once and kept.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::media::{FittedCopy, UploadRole, fit_upload};
use crate::model::{
    Failure, FailureKind, ImageFormat, PixelSize, Reference, UploadFit, UploadLimits,
};

use super::pool::Purpose;
use super::services::Services;
use super::{Event, ReferenceToken, failure};

/// Part of the names of copies: one more whenever copies are made otherwise.
const VERSION: u32 = 1;

/// The file that is sent for a reference.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) path: PathBuf,
    pub(super) format: ImageFormat,
    pub(super) size: PixelSize,
    /// What became of the reference; `None`: it is sent as it is.
    pub(super) fit: Option<UploadFit>,
}

/// Makes the copy that a gateway takes, unless there is one or none is needed. Blocks.
///
/// # Errors
/// When the reference is gone or can't be read, or the disk is full.
pub(super) fn upload_of(
    services: &Services,
    reference: &Reference,
    role: UploadRole,
    limits: &UploadLimits,
) -> Result<Upload, Failure> {
    let key = key_of(&reference.hash, role, limits);
    let (fit, path) = match services.references.copy(&key) {
        Some(found) => found.map_or((None, None), |(fit, path)| (Some(fit), Some(path))),
        None => make(services, reference, &key, role, limits)?,
    };
    Ok(match (fit, path) {
        (Some(fit), Some(path)) => Upload {
            path,
            format: fit.format,
            size: fit.to,
            fit: Some(fit),
        },
        _ => Upload {
            path: reference.path.clone(),
            format: reference.format,
            size: reference.size,
            fit: None,
        },
    })
}

type Made = (Option<UploadFit>, Option<PathBuf>);

fn make(
    services: &Services,
    reference: &Reference,
    key: &str,
    role: UploadRole,
    limits: &UploadLimits,
) -> Result<Made, Failure> {
    let bytes = fs::read(&reference.path).map_err(|error| unreadable(reference, &error))?;
    let copy = fit_upload(&bytes, role, limits, &services.limits.media).map_err(|error| {
        let failure = failure::of_media(&error);
        Failure {
            kind: match failure.kind {
                FailureKind::Protocol => FailureKind::InvalidRequest,
                kind => kind,
            },
            message: format!("{}: {}", failure.message, reference.name),
            ..failure
        }
    })?;
    if let Some(FittedCopy { fit, .. }) = &copy {
        tracing::debug!(?fit, "a copy of a reference was made");
    }
    let kept = copy.as_ref().map(|copy| (&copy.fit, copy.bytes.as_slice()));
    let path = services
        .references
        .put_copy(key, kept)
        .map_err(|error| failure::of_library(&error))?;
    Ok((copy.map(|copy| copy.fit), path))
}

pub(super) fn unreadable(reference: &Reference, error: &std::io::Error) -> Failure {
    Failure::new(
        FailureKind::InvalidRequest,
        format!("a reference can't be read: {error}: {}", reference.name),
    )
}

/// Names a copy by all that it depends on.
fn key_of(hash: &str, role: UploadRole, limits: &UploadLimits) -> String {
    let role = match role {
        UploadRole::Reference => "r".to_owned(),
        UploadRole::Masked => "b".to_owned(),
        UploadRole::Mask(size) => format!("m{size}"),
    };
    let UploadLimits {
        max_bytes,
        max_side,
        ..
    } = limits;
    let side = max_side.unwrap_or_default();
    format!("{hash}-{VERSION}-{role}-{max_bytes}-{side}")
}

/// Finds out on the pool what is sent in place of references, and tells it, one by one.
pub(super) fn tell_fits(
    services: &Arc<Services>,
    references: Vec<(ReferenceToken, Reference)>,
    masked: Option<ReferenceToken>,
    limits: UploadLimits,
) {
    // The newest task of the pool runs first; the first reference is looked at first.
    for (token, reference) in references.into_iter().rev() {
        let telling = Arc::clone(services);
        let is_masked = masked == Some(token);
        let role = if is_masked {
            UploadRole::Masked
        } else {
            UploadRole::Reference
        };
        // The limits may change with every key that is pressed: what waits for older ones is not wanted any more.
        services.pool.run_newest(purpose(token), move || {
            let outcome = upload_of(&telling, &reference, role, &limits);
            telling.tell(Event::ReferenceFitted {
                token,
                limits,
                is_masked,
                outcome: outcome.map(|upload| upload.fit),
            });
        });
    }
}

/// Tells the fits of a reference from all else that replaces what waits: jobs use their ids, which are below 2^62.
const fn purpose(token: ReferenceToken) -> Purpose {
    Purpose(token.0 | 0xffff << 48)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_copies_of_its_own() {
        let limits = UploadLimits {
            max_count: 16,
            max_bytes: 5_000_000,
            max_side: None,
        };
        let key = |role, limits: &UploadLimits| key_of("ab12", role, limits);
        let plain = key(UploadRole::Reference, &limits);
        assert_eq!(plain, "ab12-1-r-5000000-0");
        let size = PixelSize::new(4, 3).unwrap();
        for other in [
            key(UploadRole::Masked, &limits),
            key(UploadRole::Mask(size), &limits),
            key(UploadRole::Reference, &limits.one_step_down(4_000_000)),
        ] {
            assert_ne!(other, plain);
        }
    }
}
