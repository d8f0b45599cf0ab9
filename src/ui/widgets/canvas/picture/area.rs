//! Rectangles in relative coordinates: 0 to 1 over the picture.

use egui::Rect;

use crate::model::PixelSize;

use super::super::view::{CanvasView, same_shape, sides};

/// A rectangle in relative coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) min: [f64; 2],
    pub(super) max: [f64; 2],
}

impl Area {
    /// The whole picture.
    pub(super) const WHOLE: Self = Self {
        min: [0.0; 2],
        max: [1.0; 2],
    };

    /// What the viewport shows.
    pub(super) fn visible(view: &CanvasView) -> Self {
        let port = view.viewport();
        Self {
            min: view.to_relative(port.min),
            max: view.to_relative(port.max),
        }
        .clip(Self::WHOLE)
    }

    /// Where a picture stands in the frame of another: all of it, or in the middle when the shape differs.
    pub(super) fn place(size: PixelSize, frame: PixelSize) -> Self {
        if same_shape(size, frame) {
            return Self::WHOLE;
        }
        let (size, frame) = (sides(size), sides(frame));
        let scale = (frame[0] / size[0]).min(frame[1] / size[1]);
        let share = [size[0] * scale / frame[0], size[1] * scale / frame[1]];
        let min = share.map(|share| (1.0 - share) / 2.0);
        Self {
            min,
            max: [min[0] + share[0], min[1] + share[1]],
        }
    }

    pub(super) fn sides(&self) -> [f64; 2] {
        [self.max[0] - self.min[0], self.max[1] - self.min[1]]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sides().iter().any(|side| *side <= 0.0)
    }

    pub(super) fn clip(self, other: Self) -> Self {
        Self {
            min: [self.min[0].max(other.min[0]), self.min[1].max(other.min[1])],
            max: [self.max[0].min(other.max[0]), self.max[1].min(other.max[1])],
        }
    }

    /// What is left of this area under one that begins at its top.
    pub(super) fn below(mut self, upper: Self) -> Self {
        self.min[1] = upper.max[1];
        self
    }

    /// In points; corners that are equal in relative coordinates are equal on the screen, so parts meet exactly.
    pub(super) fn on_screen(self, view: &CanvasView) -> Rect {
        Rect::from_min_max(view.to_screen(self.min), view.to_screen(self.max))
            .translate(view.snap())
    }
}
