//! What is chosen in a grid, and where the keyboard is: pure, without a pixel.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use egui::{Key, Modifiers};

use crate::model::ImageId;

/// What the caller keeps of a grid between frames.
#[derive(Clone, Debug, Default)]
pub struct GridState {
    selection: BTreeSet<ImageId>,
    cursor: Option<Place>,
    /// Where a range that Shift extends begins.
    anchor: Option<Place>,
    /// Bring the cursor into view in the next frame.
    pub(super) reveal: bool,
    pub(super) layout: Layout,
    /// The pictures whose thumbnails were asked for last.
    pub(super) asked: Option<Asked>,
}

/// A picture and where it was in the list; the list may have changed since.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Place {
    index: usize,
    id: ImageId,
}

/// How the grid stood in the last frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// Pictures in a row; 0 before the first frame.
    pub(super) columns: usize,
    /// Whole rows that fit.
    pub(super) page_rows: usize,
    /// From the top of the first row to the top of what is visible, in points.
    pub(super) offset: f64,
    /// The picture that is to stay on top when the number of columns changes.
    pub(super) top: usize,
}

/// What a request for thumbnails was about; another one is needed when it differs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Asked {
    pub(super) first: ImageId,
    pub(super) last: ImageId,
    pub(super) count: usize,
    pub(super) large: bool,
}

/// What a key asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KeyOutcome {
    /// Not ours.
    Ignored,
    /// The cursor or the selection changed.
    Moved,
    /// Open this picture.
    Open(ImageId),
    /// Delete what is selected.
    Delete,
}

impl Place {
    fn find(self, ids: &[ImageId]) -> Option<Self> {
        if ids.get(self.index) == Some(&self.id) {
            return Some(self);
        }
        let index = ids.iter().position(|id| *id == self.id)?;
        Some(Self { index, ..self })
    }

    fn at(ids: &[ImageId], index: usize) -> Option<Self> {
        let id = *ids.get(index)?;
        Some(Self { index, id })
    }
}

impl GridState {
    /// The selected pictures, oldest first.
    #[must_use]
    pub const fn selection(&self) -> &BTreeSet<ImageId> {
        &self.selection
    }

    /// The picture that the keyboard is at.
    #[must_use]
    pub fn cursor(&self) -> Option<ImageId> {
        self.cursor.map(|cursor| cursor.id)
    }

    /// Selects one picture alone, puts the keyboard there and brings it into view.
    pub fn select(&mut self, ids: &[ImageId], id: ImageId) {
        if let Some(index) = ids.iter().position(|other| *other == id) {
            self.click(ids, index, Modifiers::NONE);
            self.reveal = true;
        }
    }

    /// Selects nothing.
    pub fn clear_selection(&mut self) {
        self.selection.clear();
        self.anchor = None;
    }

    /// Takes pictures that are gone out of the selection.
    pub fn forget(&mut self, gone: &[ImageId]) {
        for id in gone {
            self.selection.remove(id);
        }
    }

    /// Asks for thumbnails again in the next frame, as when a request could not be sent.
    pub const fn ask_again(&mut self) {
        self.asked = None;
    }

    /// Follows a list that changed: the cursor stays with its picture, or with its place when the picture is gone.
    /// Costs nothing while the list stays the same.
    pub(super) fn follow(&mut self, ids: &[ImageId]) {
        self.cursor = self.cursor.and_then(|cursor| {
            let last = ids.len().checked_sub(1)?;
            cursor
                .find(ids)
                .or_else(|| Place::at(ids, cursor.index.min(last)))
        });
        self.anchor = self.anchor.and_then(|anchor| anchor.find(ids));
    }

    pub(super) fn cursor_index(&self) -> Option<usize> {
        self.cursor.map(|cursor| cursor.index)
    }

    /// A click: alone it selects alone, with Ctrl or Cmd it adds or takes away, with Shift it selects a range.
    pub(super) fn click(&mut self, ids: &[ImageId], index: usize, modifiers: Modifiers) {
        let Some(place) = Place::at(ids, index) else {
            return;
        };
        if modifiers.shift {
            self.extend(ids, place, modifiers.command);
        } else {
            if modifiers.command {
                if !self.selection.remove(&place.id) {
                    self.selection.insert(place.id);
                }
            } else {
                self.selection.clear();
                self.selection.insert(place.id);
            }
            self.anchor = Some(place);
        }
        self.cursor = Some(place);
    }

    /// A click that asks for a menu: on what is selected it keeps the selection.
    pub(super) fn click_for_menu(&mut self, ids: &[ImageId], index: usize) {
        let selected = ids.get(index).is_some_and(|id| self.selection.contains(id));
        if !selected {
            self.click(ids, index, Modifiers::NONE);
        }
    }

    /// A key while the grid has the keyboard.
    pub(super) fn key(&mut self, ids: &[ImageId], key: Key, modifiers: Modifiers) -> KeyOutcome {
        let Some(last) = ids.len().checked_sub(1) else {
            return KeyOutcome::Ignored;
        };
        let columns = self.layout.columns.max(1);
        let page = columns * self.layout.page_rows.max(1);
        let here = self.cursor_index();
        let at = here.unwrap_or(0);
        let goal = match key {
            Key::ArrowLeft => at.saturating_sub(1),
            Key::ArrowRight => at + 1,
            Key::ArrowUp if at < columns => at,
            Key::ArrowUp => at - columns,
            // From the last whole row to the last picture, but not within the last row.
            Key::ArrowDown if at / columns == last / columns => at,
            Key::ArrowDown => at + columns,
            // A page keeps the column.
            Key::PageUp => at - at.min(page) / columns * columns,
            Key::PageDown => at + (last - at).min(page) / columns * columns,
            Key::Home => 0,
            Key::End => last,
            _ => return self.other_key(ids, key, modifiers),
        };
        // The first arrow only shows where the keyboard is.
        let arrow = matches!(
            key,
            Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown
        );
        let goal = if here.is_none() && arrow { 0 } else { goal }.min(last);
        let Some(place) = Place::at(ids, goal) else {
            return KeyOutcome::Ignored;
        };
        if modifiers.shift {
            self.extend(ids, place, false);
        } else if !modifiers.command {
            self.selection.clear();
            self.selection.insert(place.id);
            self.anchor = Some(place);
        }
        self.cursor = Some(place);
        self.reveal = true;
        KeyOutcome::Moved
    }

    fn other_key(&mut self, ids: &[ImageId], key: Key, modifiers: Modifiers) -> KeyOutcome {
        match (key, self.cursor) {
            (Key::Enter, Some(cursor)) => KeyOutcome::Open(cursor.id),
            (Key::Space, Some(cursor)) => {
                let modifiers = Modifiers {
                    command: true,
                    ..modifiers
                };
                self.click(ids, cursor.index, modifiers);
                KeyOutcome::Moved
            }
            (Key::A, _) if modifiers.command => {
                self.selection = ids.iter().copied().collect();
                KeyOutcome::Moved
            }
            (Key::Delete | Key::Backspace, _) if !self.selection.is_empty() => KeyOutcome::Delete,
            _ => KeyOutcome::Ignored,
        }
    }

    /// Selects everything from the anchor to `place`, in addition to what is selected or instead of it.
    fn extend(&mut self, ids: &[ImageId], place: Place, add: bool) {
        let anchor = *self.anchor.get_or_insert(self.cursor.unwrap_or(place));
        if !add {
            self.selection.clear();
        }
        let range = ordered(anchor.index, place.index);
        self.selection
            .extend(ids.get(range).unwrap_or_default().iter().copied());
    }
}

const fn ordered(a: usize, b: usize) -> RangeInclusive<usize> {
    if a < b { a..=b } else { b..=a }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u32) -> Vec<ImageId> {
        // Newest first, as the gallery has them.
        (0..count)
            .rev()
            .map(|n| ImageId::from_parts(1_780_000_000_000 + u64::from(n), n))
            .collect()
    }

    fn state(columns: usize, page_rows: usize) -> GridState {
        GridState {
            layout: Layout {
                columns,
                page_rows,
                ..Layout::default()
            },
            ..GridState::default()
        }
    }

    fn selected(state: &GridState, ids: &[ImageId]) -> Vec<usize> {
        let chosen = |(_, id): &(usize, &ImageId)| state.selection().contains(id);
        ids.iter()
            .enumerate()
            .filter(chosen)
            .map(|(i, _)| i)
            .collect()
    }

    #[test]
    fn arrows_and_pages_walk_the_grid() {
        use Key::{
            ArrowDown as Down, ArrowLeft as Left, ArrowRight as Right, ArrowUp as Up, End, Home,
            PageDown, PageUp,
        };
        // 23 pictures in rows of 5; a page is 2 rows.
        let ids = ids(23);
        let cases: &[(&[Key], usize)] = &[
            (&[Right], 0),
            (&[Right, Right], 1),
            (&[Down, Down], 5),
            (&[Home, Left], 0),
            (&[Home, Up], 0),
            (&[End], 22),
            (&[End, Right], 22),
            (&[End, Down], 22),
            (&[End, Up], 17),
            (&[Home, Right, Right, Right, Down, Down, Down, Down], 22),
            (&[Home, Right, PageDown], 11),
            (&[Home, Right, PageDown, PageDown], 21),
            (&[Home, Right, PageDown, PageDown, PageDown], 21),
            (&[Home, Right, PageDown, PageUp], 1),
            (&[End, PageUp, PageUp, PageUp], 2),
        ];
        for (keys, expected) in cases {
            let mut state = state(5, 2);
            for key in *keys {
                assert_eq!(state.key(&ids, *key, Modifiers::NONE), KeyOutcome::Moved);
            }
            assert_eq!(state.cursor_index(), Some(*expected), "{keys:?}");
            assert_eq!(selected(&state, &ids), [*expected], "{keys:?}");
        }
    }

    #[test]
    fn shift_selects_ranges_and_ctrl_single_pictures() {
        let ids = ids(10);
        let mut state = state(5, 2);
        state.click(&ids, 2, Modifiers::NONE);
        state.click(&ids, 5, Modifiers::SHIFT);
        assert_eq!(selected(&state, &ids), [2, 3, 4, 5]);
        state.click(&ids, 0, Modifiers::SHIFT);
        assert_eq!(selected(&state, &ids), [0, 1, 2]);
        state.click(&ids, 8, Modifiers::COMMAND);
        state.click(&ids, 1, Modifiers::COMMAND);
        assert_eq!(selected(&state, &ids), [0, 2, 8]);
        state.click(&ids, 3, Modifiers::SHIFT | Modifiers::COMMAND);
        assert_eq!(selected(&state, &ids), [0, 1, 2, 3, 8]);
        state.click(&ids, 4, Modifiers::NONE);
        assert_eq!(selected(&state, &ids), [4]);
        state.key(&ids, Key::ArrowRight, Modifiers::SHIFT);
        state.key(&ids, Key::ArrowRight, Modifiers::SHIFT);
        assert_eq!(selected(&state, &ids), [4, 5, 6]);
        state.key(&ids, Key::ArrowRight, Modifiers::COMMAND);
        assert_eq!(selected(&state, &ids), [4, 5, 6]);
        state.key(&ids, Key::Space, Modifiers::COMMAND);
        assert_eq!(selected(&state, &ids), [4, 5, 6, 7]);
        state.key(&ids, Key::A, Modifiers::COMMAND);
        assert_eq!(state.selection().len(), 10);
    }

    #[test]
    fn a_menu_keeps_the_selection_that_it_is_asked_for() {
        let ids = ids(4);
        let mut state = state(4, 1);
        state.click(&ids, 0, Modifiers::NONE);
        state.click(&ids, 2, Modifiers::COMMAND);
        state.click_for_menu(&ids, 2);
        assert_eq!(selected(&state, &ids), [0, 2]);
        state.click_for_menu(&ids, 3);
        assert_eq!(selected(&state, &ids), [3]);
    }

    #[test]
    fn keys_open_and_delete() {
        let ids = ids(4);
        let mut state = state(4, 1);
        assert_eq!(
            state.key(&ids, Key::Delete, Modifiers::NONE),
            KeyOutcome::Ignored
        );
        assert_eq!(
            state.key(&ids, Key::Enter, Modifiers::NONE),
            KeyOutcome::Ignored
        );
        state.click(&ids, 1, Modifiers::NONE);
        assert_eq!(
            state.key(&ids, Key::Enter, Modifiers::NONE),
            KeyOutcome::Open(ids[1])
        );
        assert_eq!(
            state.key(&ids, Key::Delete, Modifiers::NONE),
            KeyOutcome::Delete
        );
        assert_eq!(
            state.key(&ids, Key::Z, Modifiers::NONE),
            KeyOutcome::Ignored
        );
        assert_eq!(
            state.key(&[], Key::Home, Modifiers::NONE),
            KeyOutcome::Ignored
        );
    }

    #[test]
    fn the_cursor_stays_with_its_picture_or_its_place() {
        let all = ids(10);
        let mut state = state(5, 2);
        state.click(&all, 4, Modifiers::NONE);
        // Two new pictures in front.
        let mut grown = ids(12);
        state.follow(&grown);
        assert_eq!(state.cursor_index(), Some(6));
        assert_eq!(state.cursor(), Some(all[4]));
        // Its picture is deleted: the next one takes its place.
        let gone = grown.remove(6);
        state.forget(&[gone]);
        state.follow(&grown);
        assert_eq!(state.cursor_index(), Some(6));
        assert!(state.selection().is_empty());
        state.follow(&grown[..3]);
        assert_eq!(state.cursor_index(), Some(2));
        state.follow(&[]);
        assert_eq!(state.cursor_index(), None);
    }
}
