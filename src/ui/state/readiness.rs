//! Whether a job can be started, and if not, the one thing that is in the way.

use crate::model::{Background, GenerationRequest, ImageFormat, Preset, Prompt, PromptError};

use super::{Edits, SizeProblem, Studio};

/// What keeps a job from being started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Blocker {
    /// The engine is not up yet.
    Starting,
    /// Nothing is written.
    PromptEmpty,
    /// More than a model takes.
    PromptTooLong {
        /// Its length in characters.
        chars: usize,
    },
    /// The typed size can't be.
    Size(SizeProblem),
    /// A reference is still being read.
    ReferencesLoading,
    /// More references than a model takes.
    TooManyReferences {
        /// The limit.
        most: usize,
    },
    /// JPEG has no transparency.
    TransparentJpeg,
    /// The gateway has no address.
    NoAddress,
    /// The gateway has no key.
    NoKey,
}

/// The request as it would be sent now.
///
/// # Errors
/// The first [`Blocker`], in the order in which the window shows its parts.
pub fn readiness(studio: &Studio, edits: &Edits) -> Result<GenerationRequest, Blocker> {
    if !studio.ready {
        return Err(Blocker::Starting);
    }
    let gateway = studio.settings.gateway();
    let capability = studio.catalog.capability(&gateway);
    let prompt = Prompt::new(edits.prompt.text.as_str()).map_err(|error| match error {
        PromptError::Empty => Blocker::PromptEmpty,
        PromptError::TooLong { chars } => Blocker::PromptTooLong { chars },
    })?;
    if studio.references.is_loading() {
        return Err(Blocker::ReferencesLoading);
    }
    if studio.references.used() > capability.max_references {
        return Err(Blocker::TooManyReferences {
            most: capability.max_references,
        });
    }
    let mut parameters = studio.settings.parameters.clone();
    parameters.size = edits
        .size
        .choice(parameters.size, capability.sizes.as_ref())
        .map_err(Blocker::Size)?;
    if parameters.background == Background::Transparent && parameters.format == ImageFormat::Jpeg {
        return Err(Blocker::TransparentJpeg);
    }
    if gateway.preset != Preset::Demo && gateway.base_urls.is_empty() {
        return Err(Blocker::NoAddress);
    }
    if !studio.has_key(&gateway) {
        return Err(Blocker::NoKey);
    }
    Ok(GenerationRequest {
        prompt,
        parameters,
        references: studio.references.ready_ones().cloned().collect(),
        mask: None,
        group: None,
        gateway,
    })
}
