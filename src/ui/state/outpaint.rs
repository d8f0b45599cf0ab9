//! How the first reference is to be extended: the ratio or the sides, and where in the frame it stands.

use crate::model::{PixelSize, Placement, SizeRule};

/// Ratios that are offered, width to height.
pub const OUTPAINT_RATIOS: [(u32, u32); 7] =
    [(1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16)];

/// How the frame is chosen.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum OutpaintBy {
    /// Its ratio.
    Ratio,
    /// So many pixels more on each side.
    Sides,
}

/// What is chosen for extending a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct OutpaintEdit {
    /// Whether the part of the panel is open.
    pub open: bool,
    /// How the frame is chosen.
    pub by: OutpaintBy,
    /// Width to height.
    pub ratio: (u32, u32),
    /// Where in the room that is left the picture stands, from left and top, 0 to 1.
    pub anchor: [f32; 2],
    /// Pixels more on the left, upper, right and lower side.
    pub sides: [u32; 4],
}

impl Default for OutpaintEdit {
    fn default() -> Self {
        Self {
            open: false,
            by: OutpaintBy::Ratio,
            ratio: (16, 9),
            anchor: [0.5; 2],
            sides: [256; 4],
        }
    }
}

impl OutpaintEdit {
    /// Where a picture comes to stand, for a model with this rule.
    #[must_use]
    pub fn placement(&self, picture: PixelSize, rule: Option<&SizeRule>) -> Placement {
        match self.by {
            OutpaintBy::Ratio => Placement::by_ratio(picture, self.ratio, self.anchor, rule),
            OutpaintBy::Sides => Placement::by_sides(picture, self.sides, rule),
        }
    }
}
