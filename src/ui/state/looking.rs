//! A reference on the canvas, to be looked at closely.

use crate::engine::{PictureSource, ReferenceHash, ReferenceToken};

use super::{AppState, Effect, Screen, Studio};

impl AppState {
    /// Shows a reference on the canvas, with zoom, until something else is shown or [`Studio::stop_looking`].
    pub(in crate::ui) fn look_at(&mut self, token: ReferenceToken, now_ms: i64) -> Vec<Effect> {
        let slot = self.studio.references.get(token);
        let hash = slot
            .and_then(|slot| slot.ready())
            .and_then(|reference| ReferenceHash::parse(&reference.hash));
        let Some(hash) = hash else {
            return Vec::new();
        };
        let mut effects = self.close_mask(true, now_ms);
        let studio = &mut self.studio;
        studio.screen = Screen::Create;
        studio.compose.center = super::Center::Canvas;
        effects.push(Effect::ClearCanvas);
        effects.push(studio.show_beside(PictureSource::Reference(hash)));
        studio.stage.look_at(token);
        effects
    }
}

impl Studio {
    /// Goes back to what was on the canvas before a reference, if one is there.
    pub(in crate::ui) fn stop_looking(&mut self) -> Vec<Effect> {
        if self.stage.reference().is_none() {
            return Vec::new();
        }
        self.stage.leave();
        self.reshow()
    }

    /// The same for a reference that is not there any more, or another picture now.
    pub(in crate::ui) fn stop_looking_at_gone(&mut self) -> Vec<Effect> {
        let is_there = |token| {
            self.references
                .get(token)
                .is_some_and(|slot| slot.ready().is_some())
        };
        match self.stage.reference() {
            Some(token) if !is_there(token) => self.stop_looking(),
            _ => Vec::new(),
        }
    }
}
