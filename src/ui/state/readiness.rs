//! Whether a job can be started, what is in the way, and what can be said of it before.

use crate::model::{
    Composition, Finding, Fix, GenerationRequest, Preset, Prompt, Severity, preflight,
};

use super::{Edits, MaskState, Studio};

/// What keeps a job from being started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Blocker {
    /// The engine is not up yet.
    Starting,
    /// The request can't be; this helps.
    Finding(Finding, Fix),
    /// A reference is still being read.
    ReferencesLoading,
    /// The gateway has no address.
    NoAddress,
    /// The gateway has no key.
    NoKey,
}

/// Everything that can be said of the request as it is being composed, with what helps.
#[must_use]
pub fn findings(studio: &Studio, edits: &Edits) -> Vec<(Finding, Fix)> {
    let capability = studio.capability();
    let parameters = &studio.settings.parameters;
    let composition = Composition {
        prompt: &edits.prompt.text,
        size: edits.size.choice(parameters.size),
        parameters,
        references: studio.references.used(),
        capability: &capability,
    };
    let with_fix = |finding: Finding| {
        let fix = finding.fix(&composition);
        (finding, fix)
    };
    preflight(&composition).into_iter().map(with_fix).collect()
}

/// The request as it would be sent now.
///
/// # Errors
/// The first [`Blocker`], in the order in which the window shows its parts.
pub fn readiness(studio: &Studio, edits: &Edits) -> Result<GenerationRequest, Blocker> {
    if !studio.ready {
        return Err(Blocker::Starting);
    }
    let is_impossible = |(finding, _): &(Finding, Fix)| finding.severity() == Severity::Impossible;
    if let Some((finding, fix)) = findings(studio, edits).into_iter().find(is_impossible) {
        return Err(Blocker::Finding(finding, fix));
    }
    if studio.references.is_loading() {
        return Err(Blocker::ReferencesLoading);
    }
    let gateway = studio.settings.gateway();
    if gateway.preset != Preset::Demo && gateway.base_urls.is_empty() {
        return Err(Blocker::NoAddress);
    }
    if !studio.has_key(&gateway) {
        return Err(Blocker::NoKey);
    }
    let mask = match studio.mask_in_use().map(|slot| &slot.state) {
        Some(MaskState::Storing) => return Err(Blocker::ReferencesLoading),
        Some(MaskState::Ready(mask)) => Some(mask.clone()),
        Some(MaskState::Failed(_)) | None => None,
    };
    let mut parameters = studio.settings.parameters.clone();
    // Neither can fail: the findings have said so.
    let size = edits.size.choice(parameters.size);
    let (Some(size), Ok(prompt)) = (size, Prompt::new(edits.prompt.text.as_str())) else {
        return Err(Blocker::Starting);
    };
    parameters.size = size;
    Ok(GenerationRequest {
        prompt,
        parameters,
        references: studio.references.ready_ones().cloned().collect(),
        mask,
        gateway,
        group: None,
    })
}
