//! Actions as data: one list with the words and the keys of each. Keyboard, buttons and the list in the
//! preferences all use it.

use egui::{Context, Event, InputState, Key as K, KeyboardShortcut, Modifiers};

use super::text::Key;

/// Something that a key can do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// Start a job.
    Generate,
    /// End the job on the canvas, else the newest one.
    Cancel,
    /// Put the cursor into the prompt.
    FocusPrompt,
    /// Pick files as references.
    PickReferences,
    /// Paint the mask of the first reference; in the editor, keep it.
    EditMask,
    /// The result that is looked at becomes a reference.
    UseAsReference,
    /// The Create screen.
    ShowCreate,
    /// The Gallery screen.
    ShowGallery,
    /// Take the last deletion back; in the editor of masks, the last step.
    Undo,
    /// Do again what was taken back, in the editor of masks.
    Redo,
    /// Open or close the quick list of the gateways.
    Gateways,
    /// The gateways screen.
    ShowGateways,
    /// Open or close the preferences.
    Settings,
    /// The other language.
    ToggleLanguage,
    /// From light to dark and back.
    ToggleTheme,
    /// Close what is open, else leave the selection, else the gallery.
    Back,
}

impl Action {
    /// Every action, in the order of the list in the preferences.
    pub const ALL: [Self; 16] = [
        Self::Generate,
        Self::Cancel,
        Self::FocusPrompt,
        Self::PickReferences,
        Self::EditMask,
        Self::UseAsReference,
        Self::ShowCreate,
        Self::ShowGallery,
        Self::ShowGateways,
        Self::Undo,
        Self::Redo,
        Self::Gateways,
        Self::Settings,
        Self::ToggleLanguage,
        Self::ToggleTheme,
        Self::Back,
    ];

    /// Its words.
    #[must_use]
    pub const fn text(self) -> Key {
        match self {
            Self::Generate => Key::Generate,
            Self::Cancel => Key::ActionCancel,
            Self::FocusPrompt => Key::ActionFocusPrompt,
            Self::PickReferences => Key::ActionPickReferences,
            Self::EditMask => Key::MaskPaint,
            Self::UseAsReference => Key::UseAsReference,
            Self::ShowCreate => Key::ActionShowCreate,
            Self::ShowGallery => Key::ActionShowGallery,
            Self::ShowGateways => Key::ActionShowGateways,
            Self::Undo => Key::ActionUndo,
            Self::Redo => Key::MaskRedo,
            Self::Gateways => Key::ActionGateways,
            Self::Settings => Key::ActionSettings,
            Self::ToggleLanguage => Key::ActionToggleLanguage,
            Self::ToggleTheme => Key::ActionToggleTheme,
            Self::Back => Key::ActionBack,
        }
    }

    /// Its keys; `COMMAND` is Ctrl, on macOS ⌘.
    #[must_use]
    pub const fn shortcut(self) -> KeyboardShortcut {
        let (modifiers, key) = match self {
            Self::Generate => (Modifiers::COMMAND, K::Enter),
            Self::Cancel => (Modifiers::COMMAND, K::Period),
            Self::FocusPrompt => (Modifiers::COMMAND, K::L),
            Self::PickReferences => (Modifiers::COMMAND, K::O),
            Self::EditMask => (Modifiers::COMMAND, K::M),
            Self::UseAsReference => (Modifiers::NONE, K::E),
            Self::ShowCreate => (Modifiers::COMMAND, K::Num1),
            Self::ShowGallery => (Modifiers::COMMAND, K::Num2),
            Self::ShowGateways => (Modifiers::COMMAND, K::Num3),
            Self::Undo => (Modifiers::COMMAND, K::Z),
            Self::Redo => (Modifiers::COMMAND.plus(Modifiers::SHIFT), K::Z),
            Self::Gateways => (Modifiers::COMMAND, K::G),
            Self::Settings => (Modifiers::COMMAND, K::Comma),
            Self::ToggleLanguage => (Modifiers::COMMAND.plus(Modifiers::SHIFT), K::L),
            Self::ToggleTheme => (Modifiers::COMMAND.plus(Modifiers::SHIFT), K::D),
            Self::Back => (Modifiers::NONE, K::Escape),
        };
        KeyboardShortcut::new(modifiers, key)
    }

    /// Its keys as people write them, such as `Ctrl+Enter` or `⌘⏎`.
    #[must_use]
    pub fn keys(self, ctx: &Context) -> String {
        let KeyboardShortcut {
            modifiers,
            logical_key,
        } = self.shortcut();
        let key = match logical_key {
            K::Comma => ",",
            K::Period => ".",
            K::Escape => "Esc",
            other => other.name(),
        };
        let modifiers = ctx.format_modifiers(modifiers);
        if modifiers.is_empty() {
            key.to_owned()
        } else if modifiers.is_ascii() {
            format!("{modifiers}+{key}")
        } else {
            format!("{modifiers}{key}")
        }
    }

    /// Takes the actions whose keys were pressed out of the input. With `is_typing` a text field has the keyboard,
    /// with `is_composing` an input method has it, with `escape_is_taken` Escape has something else to
    /// do first.
    pub(super) fn pressed(
        input: &mut InputState,
        is_typing: bool,
        is_composing: bool,
        escape_is_taken: bool,
    ) -> Vec<Self> {
        if is_composing {
            return Vec::new();
        }
        let mut actions: Vec<Self> = Self::ALL.to_vec();
        // Ctrl+Shift+L must not be taken for Ctrl+L.
        actions
            .sort_by_key(|action| std::cmp::Reverse(modifier_count(action.shortcut().modifiers)));
        actions.retain(|action| {
            let is_taken = match action {
                Self::Back => escape_is_taken,
                Self::Undo | Self::Redo | Self::UseAsReference => is_typing,
                _ => false,
            };
            // A key that is held down asks, and pays, once.
            let is_repeated = *action == Self::Generate && is_repeat(input, K::Enter);
            !is_taken && input.consume_shortcut(&action.shortcut()) && !is_repeated
        });
        actions
    }
}

/// Whether a key comes again because it is held down.
fn is_repeat(input: &InputState, wanted: K) -> bool {
    let mut presses = input.events.iter().filter_map(|event| match event {
        Event::Key {
            key,
            pressed: true,
            repeat,
            ..
        } if *key == wanted => Some(*repeat),
        _ => None,
    });
    presses.next().unwrap_or_default()
}

/// Turns the keys that copy and cut into what text fields wait for, and takes those that paste out of the input: `true`
/// where one was pressed.
pub(super) fn clipboard(input: &mut InputState) -> bool {
    let mut pastes = false;
    input.events.retain_mut(|event| {
        let Event::Key {
            key,
            pressed: true,
            repeat,
            modifiers,
            ..
        } = *event
        else {
            return true;
        };
        let on_windows = cfg!(target_os = "windows");
        let is = |own: K, letter: K| key == own || modifiers.command_only() && key == letter;
        if is(K::Copy, K::C) || on_windows && modifiers.ctrl && key == K::Insert {
            *event = Event::Copy;
        } else if is(K::Cut, K::X) || on_windows && modifiers.shift && key == K::Delete {
            *event = Event::Cut;
        } else if is(K::Paste, K::V) || on_windows && modifiers.shift && key == K::Insert {
            // A key that is held down pastes once: a picture is not wanted thirty times.
            pastes |= !repeat;
            return false;
        }
        true
    });
    pastes
}

fn modifier_count(modifiers: Modifiers) -> u32 {
    [
        modifiers.alt,
        modifiers.shift,
        modifiers.ctrl || modifiers.command || modifiers.mac_cmd,
    ]
    .into_iter()
    .map(u32::from)
    .sum()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_keys_of_the_clipboard_are_ours() {
        let key = |key, modifiers, pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        let check = |event: Event, expected: (bool, &[Event])| {
            let mut input = InputState::default();
            input.events.push(event.clone());
            let pastes = clipboard(&mut input);
            assert_eq!((pastes, input.events.as_slice()), expected, "{event:?}");
        };
        let command = Modifiers::COMMAND;
        check(key(K::C, command, true), (false, &[Event::Copy]));
        check(key(K::Cut, Modifiers::NONE, true), (false, &[Event::Cut]));
        check(key(K::V, command, true), (true, &[]));
        check(key(K::Paste, Modifiers::NONE, true), (true, &[]));
        for other in [
            key(K::V, Modifiers::NONE, true),
            key(K::V, command.plus(Modifiers::SHIFT), true),
            key(K::V, command, false),
        ] {
            check(other.clone(), (false, &[other]));
        }
    }

    #[test]
    fn no_two_actions_share_a_key_and_egui_keeps_its_own() {
        // style.md 6.17: egui zooms with these and quits with Q; C, X and V never arrive as keys.
        let taken = [
            K::Plus,
            K::Equals,
            K::Minus,
            K::Num0,
            K::Q,
            K::C,
            K::X,
            K::V,
        ]
        .map(|key| KeyboardShortcut::new(Modifiers::COMMAND, key));
        let mut seen: HashSet<KeyboardShortcut> = taken.into();
        for action in Action::ALL {
            assert!(seen.insert(action.shortcut()), "{action:?}");
        }
    }
}
