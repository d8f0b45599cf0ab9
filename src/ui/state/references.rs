//! The input pictures of the next job.

use std::collections::BTreeSet;

use crate::engine::{Command, ReferenceSource, ReferenceToken};
use crate::model::{
    Failure, RecipeReference, Reference, ReferenceProblem, UploadFit, UploadLimits,
};

/// Tokens set aside for files whose number is not known yet: those of a dialog, of a folder.
const BATCH_TOKENS: u64 = 1 << 16;

/// How far a reference is.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotState {
    /// The engine reads it.
    Loading,
    /// In the cache, fit for a request.
    Ready(Reference),
    /// It can't be used.
    Failed(ReferenceProblem),
}

/// What decides on how a reference is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FitFor {
    /// What the gateway takes.
    pub limits: UploadLimits,
    /// Whether a mask belongs to it.
    pub is_masked: bool,
}

/// What the chosen gateway is sent in place of a reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Fit {
    /// Nobody knows yet.
    #[default]
    Unknown,
    /// The engine finds it out, for this.
    Asked(FitFor),
    /// The reference as it is.
    AsItIs(FitFor),
    /// A copy.
    Copy(FitFor, UploadFit),
    /// Nothing: no copy that the gateway takes can be made.
    Impossible(FitFor, Failure),
}

impl Fit {
    const fn asked_for(&self) -> Option<&FitFor> {
        match self {
            Self::Unknown => None,
            Self::Asked(what)
            | Self::AsItIs(what)
            | Self::Copy(what, _)
            | Self::Impossible(what, _) => Some(what),
        }
    }
}

/// One reference.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceSlot {
    /// Ties it to the engine's answer; its name in the texture store.
    pub token: ReferenceToken,
    /// A name for people; empty while it is not known.
    pub name: String,
    /// How far it is.
    pub state: SlotState,
    /// What is sent in its place.
    pub fit: Fit,
    /// The same for the same pixels.
    digest: String,
    /// What it was before a part of it was asked for.
    before: Option<Box<Reference>>,
    /// What was known of it when it was asked for, where it was a reference before.
    known: Option<RecipeReference>,
}

impl ReferenceSlot {
    const fn new(token: ReferenceToken, name: String) -> Self {
        Self {
            token,
            name,
            state: SlotState::Loading,
            fit: Fit::Unknown,
            digest: String::new(),
            before: None,
            known: None,
        }
    }

    /// The reference, once it is fit for a request.
    #[must_use]
    pub const fn ready(&self) -> Option<&Reference> {
        match &self.state {
            SlotState::Ready(reference) => Some(reference),
            SlotState::Loading | SlotState::Failed(_) => None,
        }
    }
}

/// A picture that is there already.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Twin {
    /// What was to be added.
    pub name: String,
    /// The number of the reference that it is.
    pub number: usize,
}

/// The references in their order: prompts speak of «image 1», «image 2».
#[derive(Debug, Default)]
pub struct References {
    slots: Vec<ReferenceSlot>,
    last_token: u64,
    /// Taken away before the engine had answered.
    forgotten: BTreeSet<ReferenceToken>,
}

impl References {
    /// In their order.
    #[must_use]
    pub fn slots(&self) -> &[ReferenceSlot] {
        &self.slots
    }

    /// The slot of a token, if it is still there.
    #[must_use]
    pub fn get(&self, token: ReferenceToken) -> Option<&ReferenceSlot> {
        self.slots.iter().find(|slot| slot.token == token)
    }

    /// The number of a reference in prompts, from 1: what can't be read is not sent, so it does not count.
    #[must_use]
    pub fn number_of(&self, token: ReferenceToken) -> Option<usize> {
        let mut sent = self
            .slots
            .iter()
            .filter(|slot| !matches!(slot.state, SlotState::Failed(_)));
        sent.position(|slot| slot.token == token)
            .map(|place| place + 1)
    }

    /// How many there are, those that failed left out.
    #[must_use]
    pub fn used(&self) -> usize {
        self.slots
            .iter()
            .filter(|slot| !matches!(slot.state, SlotState::Failed(_)))
            .count()
    }

    /// Those that are fit for a request, in their order.
    pub fn ready_ones(&self) -> impl Iterator<Item = &Reference> {
        self.slots.iter().filter_map(ReferenceSlot::ready)
    }

    /// Whether the engine still reads one.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.slots
            .iter()
            .any(|slot| slot.state == SlotState::Loading)
    }

    /// A place for a picture that is asked for now.
    pub(in crate::ui) fn add(&mut self, name: String) -> ReferenceToken {
        self.last_token += 1;
        let token = ReferenceToken(self.last_token);
        self.slots.push(ReferenceSlot::new(token, name));
        token
    }

    /// A place for a picture that was a reference before, and the question for it.
    pub(in crate::ui) fn add_again(&mut self, known: RecipeReference) -> Command {
        let token = self.add(known.name.clone());
        if let Some(slot) = self.slots.last_mut() {
            slot.known = Some(known.clone());
        }
        let RecipeReference { name, hash, image } = known;
        let source = ReferenceSource::Stored { hash, name, image };
        Command::AddReference { token, source }
    }

    /// What is to be remembered of them. One that can't be read just now is not forgotten for that.
    pub(super) fn remembered(&self) -> impl Iterator<Item = RecipeReference> {
        self.slots.iter().filter_map(|slot| match &slot.state {
            SlotState::Ready(reference) => Some(RecipeReference {
                name: reference.name.clone(),
                hash: reference.hash.clone(),
                image: reference.image,
            }),
            SlotState::Loading | SlotState::Failed(_) => slot.known.clone(),
        })
    }

    /// A place for the first of several files that are asked for now, and tokens for the others.
    pub(in crate::ui) fn add_batch(&mut self, name: String) -> ReferenceToken {
        let first = self.reserve();
        self.slots.push(ReferenceSlot::new(first, name));
        first
    }

    /// Tokens for a dialog; places are made when the answers come.
    pub(in crate::ui) const fn reserve(&mut self) -> ReferenceToken {
        let first = ReferenceToken(self.last_token + 1);
        self.last_token += BATCH_TOKENS;
        first
    }

    pub(in crate::ui) fn remove(&mut self, token: ReferenceToken) {
        let Some(place) = self.slots.iter().position(|slot| slot.token == token) else {
            return;
        };
        if self.slots.remove(place).state == SlotState::Loading {
            self.forgotten.insert(token);
        }
    }

    /// Takes every reference away.
    pub(in crate::ui) fn clear(&mut self) {
        let tokens: Vec<_> = self.slots.iter().map(|slot| slot.token).collect();
        for token in tokens {
            self.remove(token);
        }
    }

    /// Keeps the first `most` of those that would be sent, and those that failed.
    pub(in crate::ui) fn keep(&mut self, most: usize) {
        let sent = self
            .slots
            .iter()
            .filter(|slot| !matches!(slot.state, SlotState::Failed(_)));
        let beyond: Vec<_> = sent.skip(most).map(|slot| slot.token).collect();
        for token in beyond {
            self.remove(token);
        }
    }

    /// Moves a reference to another place.
    pub(in crate::ui) fn move_to(&mut self, token: ReferenceToken, place: usize) {
        if let Some(from) = self.slots.iter().position(|slot| slot.token == token) {
            let slot = self.slots.remove(from);
            self.slots.insert(place.min(self.slots.len()), slot);
        }
    }

    /// The reference becomes a part of itself, once the engine has made it; what it is now.
    pub(in crate::ui) fn begin_part(&mut self, token: ReferenceToken) -> Option<Box<Reference>> {
        let slot = self.slots.iter_mut().find(|slot| slot.token == token)?;
        let reference = Box::new(slot.ready()?.clone());
        slot.before = Some(reference.clone());
        slot.state = SlotState::Loading;
        Some(reference)
    }

    /// Asks what is sent in place of references of which that is not known for these limits. `masked`: the one that a mask
    /// belongs to.
    pub(in crate::ui) fn take_unfitted(
        &mut self,
        masked: Option<ReferenceToken>,
        limits: UploadLimits,
    ) -> Option<Command> {
        let mut references = Vec::new();
        for slot in &mut self.slots {
            let what = FitFor {
                limits,
                is_masked: masked == Some(slot.token),
            };
            if let SlotState::Ready(reference) = &slot.state
                && slot.fit.asked_for() != Some(&what)
            {
                references.push((slot.token, reference.clone()));
                slot.fit = Fit::Asked(what);
            }
        }
        (!references.is_empty()).then_some(Command::FitReferences {
            references,
            masked,
            limits,
        })
    }

    /// Nobody answers for this one.
    pub(super) fn never_came(&mut self, token: ReferenceToken) {
        let slot = self.slots.iter_mut().find(|slot| slot.token == token);
        let before = slot.and_then(|slot| slot.before.take().map(|before| (slot, before)));
        match before {
            Some((slot, before)) => slot.state = SlotState::Ready(*before),
            None => self.slots.retain(|slot| slot.token != token),
        }
    }

    /// What is sent in place of these was asked in vain.
    pub(super) fn ask_again(&mut self, tokens: &[ReferenceToken]) {
        for slot in &mut self.slots {
            if tokens.contains(&slot.token) {
                slot.fit = Fit::Unknown;
            }
        }
    }

    /// Files that the engine reads from now on.
    pub(super) fn found(&mut self, first: ReferenceToken, names: Vec<String>) {
        for (token, name) in (first.0..).map(ReferenceToken).zip(names) {
            if !self.forgotten.contains(&token) {
                self.slot(token).name = name;
            }
        }
    }

    /// A reference is in the cache. The same picture twice helps nobody: then it is not added.
    pub(super) fn ready(
        &mut self,
        token: ReferenceToken,
        reference: Reference,
        digest: String,
    ) -> Option<Twin> {
        if self.forgotten.remove(&token) {
            return None;
        }
        let is_same = |slot: &ReferenceSlot| {
            slot.token != token
                && slot.ready().is_some_and(|other| {
                    other.hash == reference.hash || !digest.is_empty() && slot.digest == digest
                })
        };
        if self.slots.iter().any(is_same) {
            self.slots.retain(|slot| slot.token != token);
            // Counted as the request has them: what can't be read is not sent.
            let sent = self
                .slots
                .iter()
                .filter(|slot| !matches!(slot.state, SlotState::Failed(_)));
            let number = sent.clone().position(is_same).unwrap_or_default() + 1;
            let name = reference.name;
            return Some(Twin { name, number });
        }
        let slot = self.slot(token);
        slot.name.clone_from(&reference.name);
        slot.state = SlotState::Ready(reference);
        slot.fit = Fit::Unknown;
        slot.digest = digest;
        slot.before = None;
        None
    }

    pub(super) fn failed(
        &mut self,
        token: ReferenceToken,
        name: String,
        problem: ReferenceProblem,
    ) {
        if self.forgotten.remove(&token) {
            return;
        }
        let slot = self.slot(token);
        if let Some(before) = slot.before.take() {
            // No part of it can be had; it is still there.
            slot.state = SlotState::Ready(*before);
            return;
        }
        slot.name = name;
        slot.state = SlotState::Failed(problem);
    }

    pub(super) fn fitted(
        &mut self,
        token: ReferenceToken,
        what: FitFor,
        outcome: Result<Option<UploadFit>, Failure>,
    ) {
        let slot = self.slots.iter_mut().find(|slot| slot.token == token);
        // Another gateway may have been chosen, or another picture taken its place.
        let Some(slot) = slot.filter(|slot| slot.fit == Fit::Asked(what)) else {
            return;
        };
        slot.fit = match outcome {
            Ok(None) => Fit::AsItIs(what),
            Ok(Some(fit)) => Fit::Copy(what, fit),
            Err(failure) => Fit::Impossible(what, failure),
        };
    }

    /// The place of `token`; a new one at the end for a file that a dialog gave.
    fn slot(&mut self, token: ReferenceToken) -> &mut ReferenceSlot {
        let place = self.slots.iter().position(|slot| slot.token == token);
        let place = place.unwrap_or_else(|| {
            self.slots.push(ReferenceSlot::new(token, String::new()));
            self.slots.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        &mut self.slots[place]
    }
}
