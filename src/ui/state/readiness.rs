//! Whether a job can be started, what is in the way, and what can be said of it before.

use crate::engine::ReferenceToken;
use crate::model::compose::Pattern;
use crate::model::{
    Composition, Finding, Fix, GatewayProfile, GenerationRequest, Preset, Prompt, PromptError,
    Severity, preflight,
};

use super::{Edits, Fit, MaskState, Studio};

/// What keeps a job from being started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Blocker {
    /// The engine is not up yet.
    Starting,
    /// The request can't be; this helps.
    Finding(Finding, Fix),
    /// Variables of the prompt have no value.
    VariablesMissing {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// A reference is still being read.
    ReferencesLoading,
    /// The mask is gone, or could not be stored: without it the job would be another one.
    MaskUnusable,
    /// The gateway can't be sent a reference, by its number, in any form.
    ReferenceUnfit {
        /// From 1.
        number: usize,
        /// Its slot.
        token: ReferenceToken,
    },
    /// The prompt makes several requests, where one is wanted.
    Alternatives {
        /// How many.
        count: usize,
    },
    /// The gateway of a target was taken away.
    NoGateway,
    /// A target has no model.
    NoModel,
    /// The gateway has no address.
    NoAddress,
    /// The gateway has no key.
    NoKey,
}

/// Everything that can be said of the request as it is being composed, with what helps.
#[must_use]
pub fn findings(studio: &Studio, edits: &Edits) -> Vec<(Finding, Fix)> {
    let gateway = studio.settings.gateway();
    findings_of(studio, edits, &edits.prompt.text, Place::of(&gateway))
}

/// Where a request goes, and what it has beside what all of them have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) gateway: &'a GatewayProfile,
    /// How many references of its own.
    pub(super) references: usize,
}

impl<'a> Place<'a> {
    /// With nothing of its own.
    pub(super) const fn of(gateway: &'a GatewayProfile) -> Self {
        Self {
            gateway,
            references: 0,
        }
    }
}

pub(super) fn findings_of(
    studio: &Studio,
    edits: &Edits,
    prompt: &str,
    place: Place<'_>,
) -> Vec<(Finding, Fix)> {
    let capability = studio.catalog.capability(place.gateway);
    let parameters = &studio.settings.parameters;
    let composition = Composition {
        prompt,
        size: edits.size.choice(parameters.size),
        parameters,
        references: studio.references.used() + place.references,
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
    let gateway = studio.settings.gateway();
    let place = Place::of(&gateway);
    possible(studio, edits, &edits.prompt.text, place)?;
    let pattern = Pattern::read(&edits.prompt.text);
    let values = &edits.compose.values;
    let mut missing = pattern.missing(values);
    if let Some(first) = missing.next() {
        return Err(Blocker::VariablesMissing {
            count: 1 + missing.count(),
            first: first.name.clone(),
        });
    }
    let prompt = Prompt::new(pattern.fill(values)).map_err(|error| {
        let finding = match error {
            PromptError::Empty => Finding::PromptEmpty,
            PromptError::TooLong { chars } => Finding::PromptTooLong { chars },
        };
        Blocker::Finding(finding, Fix::Write)
    })?;
    request_at(studio, edits, prompt, place)
}

/// Whether a request with this prompt can be.
fn possible(studio: &Studio, edits: &Edits, prompt: &str, place: Place<'_>) -> Result<(), Blocker> {
    let is_impossible = |(finding, _): &(Finding, Fix)| finding.severity() == Severity::Impossible;
    let mut found = findings_of(studio, edits, prompt, place).into_iter();
    match found.find(is_impossible) {
        Some((finding, fix)) => Err(Blocker::Finding(finding, fix)),
        None => Ok(()),
    }
}

/// The request for another prompt than the one in the editor, to another place.
pub(super) fn request_at(
    studio: &Studio,
    edits: &Edits,
    prompt: Prompt,
    place: Place<'_>,
) -> Result<GenerationRequest, Blocker> {
    if !studio.ready {
        return Err(Blocker::Starting);
    }
    possible(studio, edits, prompt.as_str(), place)?;
    if studio.references.is_loading() {
        return Err(Blocker::ReferencesLoading);
    }
    let slots = studio.references.slots().iter();
    let sent = (1..).zip(slots.filter(|slot| slot.ready().is_some()));
    let mut unfit = sent.filter(|(_, slot)| matches!(slot.fit, Fit::Impossible(..)));
    if let Some((number, slot)) = unfit.next() {
        let token = slot.token;
        return Err(Blocker::ReferenceUnfit { number, token });
    }
    let gateway = place.gateway;
    if gateway.preset != Preset::Demo && gateway.base_urls.is_empty() {
        return Err(Blocker::NoAddress);
    }
    if !studio.has_key(gateway) {
        return Err(Blocker::NoKey);
    }
    let mask = match studio.mask_in_use().map(|slot| &slot.state) {
        Some(MaskState::Storing) => return Err(Blocker::ReferencesLoading),
        Some(MaskState::Ready(mask)) => Some(mask.clone()),
        Some(MaskState::Failed(_)) => return Err(Blocker::MaskUnusable),
        None => None,
    };
    let mut parameters = studio.settings.parameters.clone();
    // It can't fail: the findings have said so.
    let Some(size) = edits.size.choice(parameters.size) else {
        return Err(Blocker::Starting);
    };
    parameters.size = size;
    Ok(GenerationRequest {
        prompt,
        parameters,
        references: studio.references.ready_ones().cloned().collect(),
        mask,
        gateway: gateway.clone(),
        group: None,
    })
}
