//! Commands that the engine could not take: what waits for their answers must not wait for ever.

use crate::engine::{Command, ComposeCommand, MaskToken, ReferenceToken};
use crate::model::{Failure, FailureKind};

use super::AppState;

/// What waits for the answer to a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::ui) enum Waiting {
    /// The slot of a reference.
    Reference(ReferenceToken),
    /// What is sent in place of references.
    Fit(Vec<ReferenceToken>),
    /// An editor, or the mask of the next job.
    Mask(MaskToken),
    /// The rows of a batch, or the targets of a fan-out.
    Group,
}

impl Waiting {
    /// What waits for the answers to `command`.
    pub(in crate::ui) fn of(command: &Command) -> Vec<Self> {
        match command {
            Command::AddReference { token, .. } => vec![Self::Reference(*token)],
            Command::AddReferenceFiles { first, .. }
            | Command::AddPickedReferences { first, .. }
            | Command::PasteReferences { first, .. } => vec![Self::Reference(*first)],
            Command::FitReferences { references, .. } => {
                vec![Self::Fit(
                    references.iter().map(|(token, _)| *token).collect(),
                )]
            }
            Command::ChangeMask { token, .. }
            | Command::StoreMask { token, .. }
            | Command::FindMask { token, .. }
            | Command::LoadMask { token, .. }
            | Command::PickMask { token, .. } => vec![Self::Mask(*token)],
            Command::Outpaint { token, into, .. } => {
                vec![Self::Reference(*into), Self::Mask(*token)]
            }
            Command::Compose(ComposeCommand::Send(_)) => vec![Self::Group],
            _ => Vec::new(),
        }
    }
}

impl AppState {
    /// There will be no answer.
    pub(in crate::ui) fn give_up(&mut self, waiting: Waiting) {
        match waiting {
            Waiting::Reference(token) => self.studio.references.never_came(token),
            Waiting::Fit(tokens) => self.studio.references.ask_again(&tokens),
            Waiting::Mask(token) => {
                let failure = Failure::new(FailureKind::Canceled, "the engine has too much to do");
                if let Some(edit) = &mut self.edits.mask {
                    edit.failed(token, None);
                }
                // An editor has asked, or nobody has: then there is nothing else to be done.
                drop(self.mask_stored(token, Err(failure)));
            }
            Waiting::Group => self.studio.compose.awaited = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Mask, MaskChange, MaskMode};
    use crate::model::{Language, PixelSize, Settings};

    #[test]
    fn whoever_waits_for_a_command_is_known() {
        let mask = || Box::new(Mask::new(PixelSize::new(16, 16).unwrap()));
        let token = MaskToken(3);
        let change = MaskChange::FillAll(MaskMode::Add);
        let check = |command: Command, expected: &[Waiting]| {
            assert_eq!(Waiting::of(&command), expected);
        };
        let mask_waits = [Waiting::Mask(token)];
        check(
            Command::ChangeMask {
                token,
                mask: mask(),
                change,
            },
            &mask_waits,
        );
        check(
            Command::StoreMask {
                token,
                mask: mask(),
            },
            &mask_waits,
        );
        check(
            Command::PasteReferences {
                first: ReferenceToken(5),
                most: 1,
            },
            &[Waiting::Reference(ReferenceToken(5))],
        );
        check(Command::CancelAll, &[]);
    }

    #[test]
    fn what_can_not_be_asked_is_not_waited_for() {
        let mut state = AppState::new(Settings::default(), Language::English);
        let token = state.studio.references.add("a.png".to_owned());
        assert!(state.studio.references.is_loading());
        state.give_up(Waiting::Reference(token));
        assert!(!state.studio.references.is_loading());
        state.studio.compose.awaited = Some((1, super::super::compose::Awaited::Batch));
        state.give_up(Waiting::Group);
        assert_eq!(state.studio.compose.awaited, None);
    }
}
