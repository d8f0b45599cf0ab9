//! The input pictures of the next job.

use std::collections::BTreeSet;

use crate::engine::ReferenceToken;
use crate::model::{Failure, Reference};

/// Tokens set aside for one file dialog, whose answer has an unknown length.
const DIALOG_TOKENS: u64 = 1 << 16;

/// How far a reference is.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotState {
    /// The engine reads it.
    Loading,
    /// In the cache, fit for a request.
    Ready(Reference),
    /// It can't be used.
    Failed(Failure),
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
        self.slots.iter().filter_map(|slot| match &slot.state {
            SlotState::Ready(reference) => Some(reference),
            SlotState::Loading | SlotState::Failed(_) => None,
        })
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
        self.slots.push(ReferenceSlot {
            token,
            name,
            state: SlotState::Loading,
        });
        token
    }

    /// Tokens for a dialog; places are made when the answers come.
    pub(in crate::ui) const fn reserve(&mut self) -> ReferenceToken {
        let first = ReferenceToken(self.last_token + 1);
        self.last_token += DIALOG_TOKENS;
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

    pub(super) fn ready(&mut self, token: ReferenceToken, reference: Reference) {
        if self.forgotten.remove(&token) {
            return;
        }
        let is_there = self.ready_ones().any(|other| other.hash == reference.hash);
        if is_there {
            // The same picture twice helps nobody.
            self.slots.retain(|slot| slot.token != token);
            return;
        }
        let slot = self.slot(token);
        slot.name.clone_from(&reference.name);
        slot.state = SlotState::Ready(reference);
    }

    pub(super) fn failed(&mut self, token: ReferenceToken, name: String, failure: Failure) {
        if self.forgotten.remove(&token) {
            return;
        }
        let slot = self.slot(token);
        slot.name = name;
        slot.state = SlotState::Failed(failure);
    }

    /// The place of `token`; a new one at the end for a file that a dialog gave.
    fn slot(&mut self, token: ReferenceToken) -> &mut ReferenceSlot {
        let place = self.slots.iter().position(|slot| slot.token == token);
        let place = place.unwrap_or_else(|| {
            self.slots.push(ReferenceSlot {
                token,
                name: String::new(),
                state: SlotState::Loading,
            });
            self.slots.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        &mut self.slots[place]
    }
}
