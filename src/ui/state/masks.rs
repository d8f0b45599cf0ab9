//! The mask of the next job: which reference it is for, and how far it is.

use crate::engine::{Command, MaskToken, ReferenceHash, ReferenceToken};
use crate::media::Mask;
use crate::model::{Failure, RecipeReference, Reference};

use super::{AppState, Effect, MaskEdit, MaskNotice, SlotState, Studio, ToastKind, ToastMessage};

/// How far a mask is.
#[derive(Clone, Debug, PartialEq)]
pub enum MaskState {
    /// The engine brings it into the cache.
    Storing,
    /// In the cache, fit for a request.
    Ready(Reference),
    /// It can't be used.
    Failed(Failure),
}

/// A mask and the picture that it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskSlot {
    /// Hash of the reference.
    pub of: String,
    /// How far it is.
    pub state: MaskState,
    /// How much of the picture may change, 0 to 1, where it was painted here.
    pub share: Option<f64>,
    token: MaskToken,
}

/// The mask of the next job, and what is asked of the engine about masks.
#[derive(Debug, Default)]
pub struct Masks {
    current: Option<MaskSlot>,
    last_token: u64,
    /// A reference that is to be opened in the editor once it is here.
    wanted: Option<ReferenceToken>,
    /// A job is to be started once the mask is stored.
    generates: bool,
    /// A framed picture that is on its way, and the one that it takes the place of.
    framed: Option<(ReferenceToken, ReferenceToken)>,
}

impl Masks {
    /// The mask, whichever reference it is for.
    #[must_use]
    pub const fn current(&self) -> Option<&MaskSlot> {
        self.current.as_ref()
    }

    /// A question to the engine.
    pub(in crate::ui) const fn token(&mut self) -> MaskToken {
        self.last_token += 1;
        MaskToken(self.last_token)
    }

    /// Takes the mask away.
    pub(in crate::ui) fn clear(&mut self) {
        self.current = None;
        self.generates = false;
    }

    /// Opens the editor for this reference once it is here.
    pub(in crate::ui) const fn want(&mut self, token: ReferenceToken) {
        self.wanted = Some(token);
    }

    /// Starts a job as soon as the mask is stored.
    pub(in crate::ui) const fn generate_later(&mut self) {
        self.generates = true;
    }

    /// Whether the job that waited for the mask can start now; asked once.
    pub(in crate::ui) fn take_generate(&mut self) -> bool {
        let is_ready = self
            .current
            .as_ref()
            .is_none_or(|slot| slot.state != MaskState::Storing);
        self.generates && is_ready && std::mem::replace(&mut self.generates, false)
    }

    /// A mask of before for the reference with this hash.
    pub(in crate::ui) fn find(&mut self, of: String, mask: RecipeReference) -> Effect {
        let token = self.token();
        self.current = Some(MaskSlot {
            of,
            state: MaskState::Storing,
            share: None,
            token,
        });
        let hash = mask.hash;
        Command::FindMask { token, hash }.into()
    }

    /// The mask of a framed picture that is on its way.
    pub(in crate::ui) fn frame(
        &mut self,
        into: ReferenceToken,
        from: ReferenceToken,
        share: f64,
    ) -> MaskToken {
        let token = self.token();
        self.framed = Some((into, from));
        self.current = Some(MaskSlot {
            of: String::new(),
            state: MaskState::Storing,
            share: Some(share),
            token,
        });
        token
    }

    fn store(&mut self, of: String, mask: Mask) -> Effect {
        let token = self.token();
        self.current = Some(MaskSlot {
            of,
            state: MaskState::Storing,
            share: Some(mask.share()),
            token,
        });
        let mask = Box::new(mask);
        Command::StoreMask { token, mask }.into()
    }
}

impl Studio {
    /// The mask, if it is for the first reference: the only one that a mask applies to (protocol.md 7.3).
    #[must_use]
    pub fn mask_in_use(&self) -> Option<&MaskSlot> {
        let first = self.references.ready_ones().next()?;
        self.masks.current().filter(|slot| slot.of == first.hash)
    }

    /// Shows again what was on the canvas before the editor.
    pub(in crate::ui) fn reshow(&mut self) -> Vec<Effect> {
        match self.stage.subject() {
            Some(subject) => {
                let mut effects = vec![Effect::ClearCanvas];
                effects.extend(self.show(subject));
                effects
            }
            None => self.show_nothing(),
        }
    }
}

impl AppState {
    /// Opens the editor for the reference `token`, which becomes the first.
    pub(in crate::ui) fn edit_mask(&mut self, token: ReferenceToken, now_ms: i64) -> Vec<Effect> {
        let Self { studio, edits } = self;
        let slot = studio.references.slots().iter().find(|s| s.token == token);
        let Some(SlotState::Ready(reference)) = slot.map(|slot| slot.state.clone()) else {
            return Vec::new();
        };
        let Some(hash) = ReferenceHash::parse(&reference.hash) else {
            return Vec::new();
        };
        if let Some(open) = &edits.mask
            && open.reference().hash == reference.hash
        {
            return Vec::new();
        }
        let mut effects = self.close_mask(true, now_ms);
        let Self { studio, edits } = self;
        studio.screen = super::Screen::Create;
        studio.references.move_to(token, 0);
        let id = studio.masks.token().0;
        let mut edit = MaskEdit::new(reference, edits.mask_tools.clone(), id);
        effects.push(Effect::ClearCanvas);
        if let Some(MaskSlot {
            of,
            state: MaskState::Ready(mask),
            ..
        }) = studio.masks.current.clone()
            && of == edit.reference().hash
        {
            let token = studio.masks.token();
            edit.wait_for(token);
            let size = edit.reference().size;
            let hash = mask.hash;
            effects.push(Command::LoadMask { token, hash, size }.into());
        }
        edits.mask = Some(Box::new(edit));
        effects.push(studio.show_beside(crate::engine::PictureSource::Reference(hash)));
        effects
    }

    /// Leaves the editor; with `keep` the mask goes with the next job.
    pub(in crate::ui) fn close_mask(&mut self, keep: bool, now_ms: i64) -> Vec<Effect> {
        let Self { studio, edits } = self;
        let Some(mut edit) = edits.mask.take() else {
            return Vec::new();
        };
        edits.mask_tools = edit.tools.clone();
        let mut effects = Vec::new();
        if keep {
            let of = edit.reference().hash.clone();
            let mask = edit.finish();
            if mask.is_empty() {
                studio.masks.clear();
                let message = ToastMessage::MaskEmpty;
                studio.toasts.push(ToastKind::Info, message, now_ms);
            } else {
                effects.push(studio.masks.store(of, mask));
            }
        }
        studio.stage.leave();
        effects.extend(studio.reshow());
        effects
    }

    /// Takes in what the engine tells of masks, and of references that an editor waits for.
    pub(super) fn mask_changed(&mut self, token: MaskToken, mask: &Mask) {
        if let Some(edit) = &mut self.edits.mask {
            edit.changed(token, mask);
        }
    }

    pub(super) fn mask_stored(
        &mut self,
        token: MaskToken,
        outcome: Result<Box<Reference>, Failure>,
    ) {
        let slot = self.studio.masks.current.as_mut();
        if let Some(slot) = slot.filter(|slot| slot.token == token) {
            slot.state = match outcome {
                Ok(reference) => MaskState::Ready(*reference),
                Err(failure) => MaskState::Failed(failure),
            };
        }
    }

    pub(super) fn mask_loaded(
        &mut self,
        token: MaskToken,
        outcome: Result<Box<crate::media::LoadedMask>, crate::engine::MaskProblem>,
    ) {
        if let Some(edit) = &mut self.edits.mask {
            match outcome {
                Ok(loaded) => edit.loaded(token, &loaded),
                Err(problem) => edit.failed(token, MaskNotice::of(problem)),
            }
        }
    }

    /// What is to be done about a reference that has come: a framed picture takes the place of the one that it was made
    /// from; the editor opens if it waits for it. The same picture may have been there already.
    pub(super) fn reference_came(
        &mut self,
        token: ReferenceToken,
        hash: &str,
        now_ms: i64,
    ) -> Vec<Effect> {
        let masks = &mut self.studio.masks;
        if let Some((_, from)) = masks.framed.take_if(|(into, _)| *into == token) {
            if let Some(slot) = &mut masks.current {
                hash.clone_into(&mut slot.of);
            }
            self.studio.references.remove(from);
        }
        if self.studio.masks.wanted != Some(token) {
            return Vec::new();
        }
        self.studio.masks.wanted = None;
        let slots = self.studio.references.slots().iter();
        let same = slots
            .filter(|slot| matches!(&slot.state, SlotState::Ready(r) if r.hash == hash))
            .map(|slot| slot.token)
            .next();
        same.map_or_else(Vec::new, |token| self.edit_mask(token, now_ms))
    }
}
