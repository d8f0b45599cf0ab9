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
    /// A framed picture that is on its way, the one that it takes the place of, and the mask that comes with it.
    framed: Option<(ReferenceToken, ReferenceToken, MaskToken)>,
    /// An editor that was left while the engine was at work on its mask, which is kept once it is there.
    leaving: Option<Box<MaskEdit>>,
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

    /// Whether the editor waits for this reference.
    #[must_use]
    pub(super) fn wants(&self, token: ReferenceToken) -> bool {
        self.wanted == Some(token)
    }

    /// Opens the editor for this reference once it is here.
    pub(in crate::ui) const fn want(&mut self, token: ReferenceToken) {
        self.wanted = Some(token);
    }

    /// Starts a job as soon as the mask is stored.
    pub(in crate::ui) const fn generate_later(&mut self) {
        self.generates = true;
    }

    /// Whether the mask is on its way into the cache.
    #[must_use]
    pub fn is_storing(&self) -> bool {
        self.current().map(|slot| &slot.state) == Some(&MaskState::Storing)
    }

    /// Whether the job that waited for the mask can start now; asked once. Without its mask it does not start.
    pub(in crate::ui) fn take_generate(&mut self) -> bool {
        if !self.generates || self.is_storing() {
            return false;
        }
        self.generates = false;
        let state = self.current().map(|slot| &slot.state);
        matches!(state, Some(MaskState::Ready(_)))
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
        self.framed = Some((into, from, token));
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

    /// Keeps what was painted, if something was.
    fn keep(&mut self, mut edit: Box<MaskEdit>) -> Option<Effect> {
        let of = edit.reference().hash.clone();
        if edit.is_busy() && !edit.is_opening() {
            let share = edit.share();
            self.current = Some(MaskSlot {
                of,
                state: MaskState::Storing,
                share: Some(share),
                token: self.token(),
            });
            self.leaving = Some(edit);
            return None;
        }
        if !edit.is_touched() {
            return None;
        }
        let mask = edit.finish();
        if mask.is_empty() {
            self.clear();
            return None;
        }
        Some(self.store(of, mask))
    }

    /// The editor that waits for this answer of the engine.
    fn editor<'a>(
        &'a mut self,
        open: &'a mut Option<Box<MaskEdit>>,
        token: MaskToken,
    ) -> Option<&'a mut Box<MaskEdit>> {
        let edits = [open.as_mut(), self.leaving.as_mut()];
        let mut edits = edits.into_iter().flatten();
        edits.find(|edit| edit.waits_for(token))
    }

    /// Keeps the mask of the editor that was left, once nothing works on it any more.
    fn finish_leaving(&mut self) -> Vec<Effect> {
        let is_done = |edit: &mut Box<MaskEdit>| !edit.is_busy();
        let left = self.leaving.take_if(is_done);
        let stored = left.and_then(|edit| {
            let is_current = self
                .current()
                .is_some_and(|slot| slot.of == edit.reference().hash);
            is_current.then(|| self.keep(edit)).flatten()
        });
        stored.into_iter().collect()
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
        let is_same = |left: &mut Box<MaskEdit>| left.reference().hash == edit.reference().hash;
        if let Some(left) = studio.masks.leaving.take_if(is_same) {
            edit = *left;
        } else if let Some(slot) = studio.masks.current.clone()
            && slot.of == edit.reference().hash
        {
            match slot.state {
                MaskState::Ready(mask) => {
                    let token = studio.masks.token();
                    edit.open_with(token);
                    effects.push(load(token, mask, &edit));
                }
                MaskState::Storing => edit.open_with(slot.token),
                MaskState::Failed(_) => {}
            }
        }
        edits.mask = Some(Box::new(edit));
        effects.push(studio.show_beside(crate::engine::PictureSource::Reference(hash)));
        effects
    }

    /// Leaves the editor; with `keep` the mask goes with the next job.
    pub(in crate::ui) fn close_mask(&mut self, keep: bool, now_ms: i64) -> Vec<Effect> {
        let Self { studio, edits } = self;
        let Some(edit) = edits.mask.take() else {
            return Vec::new();
        };
        edits.mask_tools = edit.tools.clone();
        let mut effects = Vec::new();
        if keep {
            let of = edit.reference().hash.clone();
            effects.extend(studio.masks.keep(edit));
            if studio.masks.current().is_none_or(|slot| slot.of != of) {
                let message = ToastMessage::MaskEmpty;
                studio.toasts.push(ToastKind::Info, message, now_ms);
            }
        }
        studio.stage.leave();
        effects.extend(studio.reshow());
        effects
    }

    /// Takes in what the engine tells of masks, and of references that an editor waits for.
    pub(super) fn mask_changed(&mut self, token: MaskToken, mask: &Mask) -> Vec<Effect> {
        let masks = &mut self.studio.masks;
        if let Some(edit) = masks.editor(&mut self.edits.mask, token) {
            edit.changed(token, mask);
        }
        masks.finish_leaving()
    }

    pub(super) fn mask_stored(
        &mut self,
        token: MaskToken,
        outcome: Result<Box<Reference>, Failure>,
    ) -> Vec<Effect> {
        let masks = &mut self.studio.masks;
        let mut effects = Vec::new();
        // The editor was opened again before its mask was stored.
        if let Some(edit) = self
            .edits
            .mask
            .as_mut()
            .filter(|edit| edit.waits_for(token))
        {
            match &outcome {
                Ok(mask) => {
                    let token = masks.token();
                    edit.open_with(token);
                    effects.push(load(token, (**mask).clone(), edit));
                }
                Err(failure) => edit.failed(token, Some(MaskNotice::Failed(failure.clone()))),
            }
        }
        let slot = masks.current.as_mut();
        if let Some(slot) = slot.filter(|slot| slot.token == token) {
            slot.state = match outcome {
                Ok(reference) => MaskState::Ready(*reference),
                Err(failure) => MaskState::Failed(failure),
            };
        }
        effects
    }

    pub(super) fn mask_loaded(
        &mut self,
        token: MaskToken,
        outcome: Result<Box<crate::media::LoadedMask>, crate::engine::MaskProblem>,
    ) -> Vec<Effect> {
        let masks = &mut self.studio.masks;
        if let Some(edit) = masks.editor(&mut self.edits.mask, token) {
            match outcome {
                Ok(loaded) => edit.loaded(token, &loaded),
                Err(problem) => edit.failed(token, MaskNotice::of(problem)),
            }
        }
        masks.finish_leaving()
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
        if let Some((_, from, mask)) = masks.framed.take_if(|(into, ..)| *into == token) {
            let is_here = self.studio.references.ready_ones().any(|r| r.hash == hash);
            if is_here {
                if let Some(slot) = masks.current.as_mut().filter(|slot| slot.token == mask) {
                    hash.clone_into(&mut slot.of);
                }
                self.studio.references.remove(from);
            } else {
                // Whoever took it away while it was being made keeps what it was made from.
                masks.current.take_if(|slot| slot.token == mask);
            }
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

/// Asks for a mask that is stored, for the editor that waits with this token.
fn load(token: MaskToken, mask: Reference, edit: &MaskEdit) -> Effect {
    let (hash, size) = (mask.hash, edit.reference().size);
    Command::LoadMask { token, hash, size }.into()
}
