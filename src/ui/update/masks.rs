//! What intents do about masks.

use crate::engine::{Command, PictureSource, ReferenceSource, ReferenceToken};
use crate::model::{ImageId, Placement};

use super::super::intent::{Intent, MaskIntent};
use super::super::shortcuts::Action;
use super::super::state::{
    AppState, Effect, MaskNotice, ReferenceSlot, Screen, SlotState, Subject,
};
use super::references::{add, file_name};

pub(super) fn update(state: &mut AppState, intent: MaskIntent, now_ms: i64) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    match intent {
        MaskIntent::Edit(token) => return state.edit_mask(token, now_ms),
        MaskIntent::EditResult(id) => return edit_result(state, id, now_ms),
        MaskIntent::Change(change) => {
            let token = studio.masks.token();
            let mask = edits
                .mask
                .as_mut()
                .and_then(|edit| edit.begin_change(token));
            return mask
                .map(|mask| {
                    let mask = Box::new(mask);
                    let command = Command::ChangeMask {
                        token,
                        mask,
                        change,
                    };
                    Effect::from(command)
                })
                .into_iter()
                .collect();
        }
        MaskIntent::Done => return state.close_mask(true, now_ms),
        MaskIntent::Cancel => return state.close_mask(false, now_ms),
        MaskIntent::Remove => studio.masks.clear(),
        MaskIntent::Load => {
            let Some(edit) = &mut edits.mask else {
                return Vec::new();
            };
            let token = studio.masks.token();
            if edit.begin_change(token).is_some() {
                return vec![Effect::PickMask(token, edit.reference().size)];
            }
        }
        MaskIntent::Save => {
            if let Some(edit) = &edits.mask {
                return vec![Effect::SaveMask(Box::new(edit.mask().clone()))];
            }
        }
        MaskIntent::Outpaint(token, placement) => {
            return outpaint(state, token, placement, now_ms);
        }
        MaskIntent::Protect(on) => {
            studio.change(|settings| settings.parameters.protect_outside = on);
        }
        MaskIntent::ProtectNow(id) => return vec![Command::ProtectOutside(id).into()],
        MaskIntent::Heat(Some(id)) => {
            let serial = studio.stage.show_heat(id);
            let source = Some(PictureSource::Heat(id));
            return vec![Command::Show { serial, source }.into()];
        }
        MaskIntent::Heat(None) => {
            if let Some(subject) = studio.stage.subject() {
                return studio.show(subject);
            }
        }
    }
    Vec::new()
}

/// Opens the editor for the first reference that is here.
pub(super) fn edit_first(state: &mut AppState, now_ms: i64) -> Vec<Effect> {
    let slots = state.studio.references.slots().iter();
    let first = slots
        .filter(|slot| matches!(slot.state, SlotState::Ready(_)))
        .map(|slot| slot.token)
        .next();
    first.map_or_else(Vec::new, |token| state.edit_mask(token, now_ms))
}

/// The result becomes a reference; the editor opens when it is here.
fn edit_result(state: &mut AppState, id: ImageId, now_ms: i64) -> Vec<Effect> {
    let studio = &mut state.studio;
    let mut slots = studio.references.slots().iter();
    let is_it = |slot: &&ReferenceSlot| slot.ready().is_some_and(|r| r.image == Some(id));
    if let Some(token) = slots.find(is_it).map(|slot| slot.token) {
        return state.edit_mask(token, now_ms);
    }
    let name = studio.records.get(id).map(|record| file_name(&record.path));
    let token = studio.references.add(name.unwrap_or_default());
    studio.masks.want(token);
    vec![add(token, ReferenceSource::Image(id))]
}

/// The framed picture takes the first place, its mask comes along, and the next job has its size.
fn outpaint(
    state: &mut AppState,
    from: ReferenceToken,
    placement: Placement,
    now_ms: i64,
) -> Vec<Effect> {
    let studio = &mut state.studio;
    let slots = studio.references.slots();
    let Some(SlotState::Ready(reference)) = slots
        .iter()
        .find(|slot| slot.token == from)
        .map(|slot| slot.state.clone())
    else {
        return Vec::new();
    };
    let into = studio.references.add(reference.name.clone());
    studio.references.move_to(into, 0);
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let share = 1.0 - placement.picture.pixels() as f64 / placement.frame.pixels() as f64;
    let token = studio.masks.frame(into, from, share);
    state.edits.outpaint.open = false;
    let mut effects = super::update(state, Intent::SetSize(placement.frame), now_ms);
    let command = Command::Outpaint {
        token,
        into,
        reference: Box::new(reference),
        placement,
    };
    effects.push(command.into());
    effects
}

/// Leaves the editor, if it is open, and keeps the mask: somebody wants to see something else.
pub(super) fn show(state: &mut AppState, subject: Subject, now_ms: i64) -> Vec<Effect> {
    let mut effects = state.close_mask(true, now_ms);
    effects.extend(state.studio.show(subject));
    effects
}

/// What the editor makes of an action, if it is open and the action is its business.
pub(super) fn act(state: &mut AppState, action: Action, now_ms: i64) -> Option<Vec<Effect>> {
    let edit = state.edits.mask.as_mut()?;
    match action {
        // The job waits until the mask is stored. Without a mask it is another job than the one that is meant.
        Action::Generate => {
            let mut effects = state.close_mask(true, now_ms);
            if state.studio.masks.is_storing() {
                state.studio.masks.generate_later();
            } else if state.studio.mask_in_use().is_some() {
                effects.extend(super::update(state, Intent::Do(action), now_ms));
            }
            Some(effects)
        }
        Action::Undo => {
            edit.undo();
            Some(Vec::new())
        }
        Action::Redo => {
            edit.redo();
            Some(Vec::new())
        }
        Action::EditMask => Some(state.close_mask(true, now_ms)),
        Action::Back => escape(state, now_ms),
        _ => None,
    }
}

/// Escape takes a shape back that is being drawn, lifts the pen, and leaves an editor in which nothing was done. What was
/// painted is not lost by a key.
fn escape(state: &mut AppState, now_ms: i64) -> Option<Vec<Effect>> {
    let is_covered = state.studio.gateways.picking || state.studio.settings_open;
    let edit = state.edits.mask.as_mut()?;
    if is_covered || state.studio.screen != Screen::Create {
        return None;
    }
    if edit.drawing.take().is_some() {
    } else if edit.pen_down {
        edit.pen_down = false;
        edit.end_stroke();
    } else if edit.is_touched() {
        edit.notice = Some(MaskNotice::NotKept);
    } else {
        return Some(state.close_mask(false, now_ms));
    }
    Some(Vec::new())
}
