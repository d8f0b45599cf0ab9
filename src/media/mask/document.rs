//! A mask that is being worked on: strokes, and the way back and forth.

use std::collections::VecDeque;

use super::brush::Dab;
use super::stroke::Smoother;
use super::{Brush, Mask, MaskMode, MaskTile};

/// Most bytes of pixels that are kept for undo and redo; the oldest steps go first, the newest one always stays. One
/// operation on the whole of a 4K mask keeps 8.3 MB, a stroke a few hundred KB.
pub const HISTORY_BYTES: usize = 128 << 20;

/// Tiles as they were, of one operation.
#[derive(Debug)]
struct Step {
    tiles: Vec<(usize, MaskTile)>,
    bytes: usize,
}

impl Step {
    /// The tiles of `before` that are others in `after`; both are of one size. A tile that was written to and came out
    /// as it was is shared again.
    fn between(before: &Mask, after: &mut Mask) -> Self {
        let mut tiles = Vec::new();
        for index in 0..before.tiles() {
            let (Some(old), Some(new)) = (before.tile(index), after.tile(index)) else {
                continue;
            };
            if old.is_same(new) {
                continue;
            }
            if let (MaskTile::Pixels(a), MaskTile::Pixels(b)) = (old, new)
                && a == b
            {
                after.put(index, old.clone());
                continue;
            }
            tiles.push((index, old.clone()));
        }
        let bytes = tiles.iter().map(|(_, tile)| tile.bytes()).sum();
        Self { tiles, bytes }
    }
}

/// A stroke that is being drawn.
#[derive(Debug)]
struct Stroke {
    dab: Dab,
    mode: MaskMode,
    smoother: Smoother,
    /// Pieces of the line that are still to be painted.
    pieces: VecDeque<([f32; 2], [f32; 2])>,
    /// A point too near the one before to be drawn yet.
    held: Option<[f32; 2]>,
    ended: bool,
}

/// A mask with its history. Operations end in one step each; undoing one brings every pixel back.
#[derive(Debug)]
pub struct MaskDocument {
    mask: Mask,
    /// The mask before the stroke that is being drawn.
    before: Option<Mask>,
    stroke: Option<Stroke>,
    undo: VecDeque<Step>,
    redo: Vec<Step>,
    limit_bytes: usize,
}

impl MaskDocument {
    /// Begins with this mask and no history.
    #[must_use]
    pub const fn new(mask: Mask) -> Self {
        Self {
            mask,
            before: None,
            stroke: None,
            undo: VecDeque::new(),
            redo: Vec::new(),
            limit_bytes: HISTORY_BYTES,
        }
    }

    /// Keeps at most `bytes` for undo and redo, instead of [`HISTORY_BYTES`].
    #[must_use]
    pub const fn with_history_bytes(mut self, bytes: usize) -> Self {
        self.limit_bytes = bytes;
        self
    }

    /// The mask as it is now.
    #[must_use]
    pub const fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Whether there is something to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.stroke.is_some() || !self.undo.is_empty()
    }

    /// Whether there is something to do again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.stroke.is_none() && !self.redo.is_empty()
    }

    /// Bytes of pixels kept for undo and redo.
    #[must_use]
    pub fn history_bytes(&self) -> usize {
        let steps = self.undo.iter().chain(&self.redo);
        steps.map(|step| step.bytes).sum()
    }

    /// Begins a stroke at a point in pixels of the mask; one that was being drawn ends. What is drawn is painted by
    /// [`Self::paint`].
    pub fn begin_stroke(&mut self, brush: Brush, mode: MaskMode, at: [f32; 2]) {
        self.end_stroke();
        self.finish_stroke();
        self.before = Some(self.mask.clone());
        self.stroke = Some(Stroke {
            dab: Dab::new(brush),
            mode,
            smoother: Smoother::default(),
            pieces: VecDeque::new(),
            held: None,
            ended: false,
        });
        self.stroke_to(at);
    }

    /// The stroke goes on to this point.
    pub fn stroke_to(&mut self, to: [f32; 2]) {
        let Some(stroke) = self.stroke.as_mut().filter(|stroke| !stroke.ended) else {
            return;
        };
        if !to.iter().all(|at| at.is_finite()) {
            return;
        }
        if stroke.smoother.distance(to) < stroke.dab.brush().step() {
            stroke.held = Some(to);
            return;
        }
        stroke.held = None;
        let pieces = &mut stroke.pieces;
        stroke.smoother.push(to, |a, b| pieces.push_back((a, b)));
    }

    /// The stroke is over; what is left of it is painted by the next calls of [`Self::paint`].
    pub fn end_stroke(&mut self) {
        if let Some(stroke) = &mut self.stroke
            && !stroke.ended
        {
            stroke.ended = true;
            let pieces = &mut stroke.pieces;
            if let Some(held) = stroke.held.take() {
                stroke.smoother.push(held, |a, b| pieces.push_back((a, b)));
            }
            stroke.smoother.finish(|a, b| pieces.push_back((a, b)));
        }
    }

    /// Whether a stroke is being drawn, or something of it is still to be painted.
    #[must_use]
    pub const fn is_painting(&self) -> bool {
        self.stroke.is_some()
    }

    /// Whether something of a stroke waits to be painted.
    #[must_use]
    pub fn has_more(&self) -> bool {
        let stroke = self.stroke.as_ref();
        stroke.is_some_and(|stroke| !stroke.pieces.is_empty() || stroke.ended)
    }

    /// Paints what waits of the stroke until about `pixels` were looked at, at least one piece. `true`: there is more.
    pub fn paint(&mut self, pixels: u64) -> bool {
        let Some(stroke) = &mut self.stroke else {
            return false;
        };
        let mut left = pixels;
        while let Some((a, b)) = stroke.pieces.pop_front() {
            stroke.dab.paint(&mut self.mask, a, b, stroke.mode);
            left = left.saturating_sub(stroke.dab.brush().cost(a, b));
            if left == 0 {
                break;
            }
        }
        if !stroke.pieces.is_empty() {
            return true;
        }
        if stroke.ended {
            self.stroke = None;
            let before = self.before.take();
            self.keep(before);
        }
        false
    }

    /// Paints all that is left of the stroke, however long it takes, and ends it.
    pub fn finish_stroke(&mut self) {
        self.end_stroke();
        while self.paint(u64::MAX) {}
    }

    /// Takes over what somebody made of a copy of this mask, as one step. A mask of another size is refused with
    /// `false`.
    pub fn replace(&mut self, made: &Mask) -> bool {
        if made.size() != self.mask.size() {
            return false;
        }
        self.finish_stroke();
        let before = self.mask.clone();
        for index in 0..made.tiles() {
            if let (Some(old), Some(new)) = (before.tile(index), made.tile(index))
                && !old.is_same(new)
            {
                self.mask.put(index, new.clone());
            }
        }
        self.keep(Some(before));
        true
    }

    /// Takes the newest step back.
    pub fn undo(&mut self) -> bool {
        self.finish_stroke();
        match self.undo.pop_back() {
            Some(step) => {
                let back = self.swap(step);
                self.redo.push(back);
                true
            }
            None => false,
        }
    }

    /// Does again what was taken back.
    pub fn redo(&mut self) -> bool {
        if self.stroke.is_some() {
            return false;
        }
        match self.redo.pop() {
            Some(step) => {
                let back = self.swap(step);
                self.undo.push_back(back);
                true
            }
            None => false,
        }
    }

    fn swap(&mut self, step: Step) -> Step {
        let mut tiles = Vec::with_capacity(step.tiles.len());
        for (index, tile) in step.tiles {
            if let Some(now) = self.mask.tile(index) {
                tiles.push((index, now.clone()));
                self.mask.put(index, tile);
            }
        }
        let bytes = tiles.iter().map(|(_, tile)| tile.bytes()).sum();
        Step { tiles, bytes }
    }

    /// Notes what has changed since `before`.
    fn keep(&mut self, before: Option<Mask>) {
        let Some(before) = before else { return };
        self.mask.compact();
        let step = Step::between(&before, &mut self.mask);
        if step.tiles.is_empty() {
            return;
        }
        self.redo.clear();
        self.undo.push_back(step);
        let mut bytes = self.history_bytes();
        while bytes > self.limit_bytes && self.undo.len() > 1 {
            bytes -= self.undo.pop_front().map_or(0, |step| step.bytes);
        }
    }
}
