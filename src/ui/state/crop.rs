//! The part of a reference that is being chosen.

use crate::engine::ReferenceToken;
use crate::media::{Crop, QuarterTurns};
use crate::model::{PixelSize, narrow_number};

/// One of the four numbers of a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CropField {
    /// Columns left of it.
    Left,
    /// Rows above it.
    Top,
    /// Its width.
    Width,
    /// Its height.
    Height,
}

impl CropField {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Left, Self::Top, Self::Width, Self::Height];
}

/// The editor for a part of a reference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CropEdit {
    /// The reference.
    pub token: ReferenceToken,
    /// Its size.
    pub whole: PixelSize,
    /// How often the part is turned.
    pub turns: QuarterTurns,
    /// As typed: left, top, width, height.
    typed: [String; 4],
}

impl CropEdit {
    /// An editor that begins with all of the reference.
    #[must_use]
    pub fn new(token: ReferenceToken, whole: PixelSize) -> Self {
        let mut edit = Self {
            token,
            whole,
            turns: QuarterTurns::default(),
            typed: Default::default(),
        };
        edit.write(Crop::whole(whole));
        edit
    }

    /// What is typed into a field.
    pub const fn field(&mut self, field: CropField) -> &mut String {
        let [left, top, width, height] = &mut self.typed;
        match field {
            CropField::Left => left,
            CropField::Top => top,
            CropField::Width => width,
            CropField::Height => height,
        }
    }

    /// Writes a part into the fields.
    pub fn write(&mut self, crop: Crop) {
        let Crop { x, y, size } = crop;
        self.typed = [x, y, size.width(), size.height()].map(|number| number.to_string());
    }

    /// The part, if the numbers make one inside the reference.
    #[must_use]
    pub fn crop(&self) -> Option<Crop> {
        let [x, y, width, height] = self.typed.each_ref().map(|text| number(text));
        let crop = Crop {
            x: x?,
            y: y?,
            size: PixelSize::new(width?, height?)?,
        };
        crop.lies_in(self.whole).then_some(crop)
    }

    /// Whether it leaves the reference as it is.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.turns == QuarterTurns::default() && self.crop() == Some(Crop::whole(self.whole))
    }
}

/// Reads a number of pixels; full-width digits count, as Chinese input methods give them.
fn number(text: &str) -> Option<u32> {
    narrow_number(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_make_a_part_inside_the_picture() {
        let whole = PixelSize::new(100, 50).unwrap();
        let mut edit = CropEdit::new(ReferenceToken(1), whole);
        assert!(edit.changes_nothing());
        let mut check = |typed: [&str; 4], expected: Option<(u32, u32, &str)>| {
            for (field, text) in CropField::ALL.into_iter().zip(typed) {
                text.clone_into(edit.field(field));
            }
            let expected = expected.map(|(x, y, size)| Crop {
                x,
                y,
                size: size.parse().unwrap(),
            });
            assert_eq!(edit.crop(), expected, "{typed:?}");
            assert!(!edit.changes_nothing());
        };
        check(["10", "0", "90", "50"], Some((10, 0, "90x50")));
        check(["１０", " 5 ", "２０", "4"], Some((10, 5, "20x4")));
        check(["10", "0", "91", "50"], None);
        check(["0", "0", "0", "50"], None);
        check(["-1", "0", "9", "9"], None);
        check(["", "0", "9", "9"], None);
    }
}
