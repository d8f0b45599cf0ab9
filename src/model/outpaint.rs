//! Outpainting: a picture placed in a larger frame of a legal size. Pure geometry.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sides of pictures, rounded and clamped"
)]

use serde::{Deserialize, Serialize};

use super::{PixelSize, SizeRule};

/// Where a picture stands in a frame; everything in pixels of the frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// The frame.
    pub frame: PixelSize,
    /// The picture as it stands in the frame: smaller than it was where the frame could not be large enough.
    pub picture: PixelSize,
    /// Left edge of the picture.
    pub left: u32,
    /// Upper edge of the picture.
    pub top: u32,
}

impl Placement {
    /// The smallest legal frame of the ratio `across : down` that holds the picture. `anchor` says where in the room that
    /// is left the picture stands, from left and top, 0 to 1 each.
    #[must_use]
    pub fn by_ratio(
        picture: PixelSize,
        (across, down): (u32, u32),
        anchor: [f32; 2],
        rule: Option<&SizeRule>,
    ) -> Self {
        let ratio = f64::from(across.max(1)) / f64::from(down.max(1));
        let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
        let wanted = if ratio >= width / height {
            (height * ratio, height)
        } else {
            (width, width / ratio)
        };
        Self::within(picture, wanted, anchor, rule)
    }

    /// The picture with so many pixels more on its left, upper, right and lower side, or the nearest to it that is legal.
    #[must_use]
    pub fn by_sides(picture: PixelSize, sides: [u32; 4], rule: Option<&SizeRule>) -> Self {
        let [left, top, right, bottom] = sides.map(f64::from);
        let wanted = (
            f64::from(picture.width()) + left + right,
            f64::from(picture.height()) + top + bottom,
        );
        let share = |first: f64, second: f64| {
            if first + second > 0.0 {
                (first / (first + second)) as f32
            } else {
                0.5
            }
        };
        Self::within(
            picture,
            wanted,
            [share(left, right), share(top, bottom)],
            rule,
        )
    }

    fn within(
        picture: PixelSize,
        (width, height): (f64, f64),
        anchor: [f32; 2],
        rule: Option<&SizeRule>,
    ) -> Self {
        let multiple = f64::from(rule.map_or(1, |rule| rule.multiple.max(1)));
        let up = |side: f64| ((side / multiple).ceil() * multiple) as u32;
        let wanted = PixelSize::new(up(width), up(height)).unwrap_or(picture);
        let frame = rule.map_or(wanted, |rule| rule.nearest(wanted));
        // The picture keeps its pixels where the frame holds it, and shrinks with the frame where it can't.
        let holds = frame.width() >= picture.width() && frame.height() >= picture.height();
        let scale = if holds {
            1.0
        } else {
            let across = f64::from(frame.width()) / width.max(f64::from(picture.width()));
            let down = f64::from(frame.height()) / height.max(f64::from(picture.height()));
            across.min(down).min(1.0)
        };
        let side = |of: u32, most: u32| ((f64::from(of) * scale).round() as u32).clamp(1, most);
        let shown = PixelSize::new(
            side(picture.width(), frame.width()),
            side(picture.height(), frame.height()),
        )
        .unwrap_or(frame);
        let at = |room: u32, anchor: f32| {
            (f64::from(room) * f64::from(anchor.clamp(0.0, 1.0))).round() as u32
        };
        let [x, y] = anchor;
        Self {
            frame,
            picture: shown,
            left: at(frame.width() - shown.width(), x),
            top: at(frame.height() - shown.height(), y),
        }
    }

    /// Whether the frame has room around the picture at all.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.frame != self.picture
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULE: SizeRule = SizeRule::GPT_IMAGE_2;

    fn size(width: u32, height: u32) -> PixelSize {
        PixelSize::new(width, height).unwrap()
    }

    #[test]
    fn a_ratio_gives_the_smallest_frame_that_holds_the_picture() {
        let check = |picture, ratio, anchor, expected: (&str, &str, u32, u32)| {
            let placed = Placement::by_ratio(picture, ratio, anchor, Some(&RULE));
            let found = (
                placed.frame.to_string(),
                placed.picture.to_string(),
                placed.left,
                placed.top,
            );
            let (frame, picture, left, top) = expected;
            assert_eq!(found, (frame.to_owned(), picture.to_owned(), left, top));
        };
        check(
            size(1024, 1024),
            (16, 9),
            [0.5, 0.5],
            ("1824x1024", "1024x1024", 400, 0),
        );
        check(
            size(1024, 1024),
            (9, 16),
            [0.5, 1.0],
            ("1024x1824", "1024x1024", 0, 800),
        );
        check(
            size(1536, 1024),
            (1, 1),
            [0.0, 0.0],
            ("1536x1536", "1536x1024", 0, 0),
        );
    }

    #[test]
    fn sides_are_added_and_legal() {
        let placed = Placement::by_sides(size(1024, 1024), [256, 0, 0, 128], Some(&RULE));
        assert_eq!(placed.frame, size(1280, 1152));
        assert_eq!((placed.left, placed.top), (256, 0));
        let odd = Placement::by_sides(size(1000, 1000), [0; 4], None);
        assert!(!odd.has_room());
    }

    #[test]
    fn a_picture_too_large_for_any_frame_shrinks() {
        let placed = Placement::by_ratio(size(3840, 2160), (1, 1), [0.5, 0.5], Some(&RULE));
        assert!(RULE.check(placed.frame).is_ok());
        assert!(placed.picture.width() <= placed.frame.width());
        let ratio = placed.picture.ratio();
        assert!((ratio - 16.0 / 9.0).abs() < 0.01, "{placed:?}");
    }

    proptest! {
        #[test]
        fn the_picture_is_always_inside_of_a_legal_frame(
            width in 16_u32..4000, height in 16_u32..4000,
            across in 1_u32..20, down in 1_u32..20,
            x in 0.0_f32..=1.0, y in 0.0_f32..=1.0,
        ) {
            let placed = Placement::by_ratio(size(width, height), (across, down), [x, y], Some(&RULE));
            prop_assert!(RULE.check(placed.frame).is_ok());
            prop_assert!(placed.left + placed.picture.width() <= placed.frame.width());
            prop_assert!(placed.top + placed.picture.height() <= placed.frame.height());
            prop_assert!(placed.picture.width() <= width && placed.picture.height() <= height);
        }
    }
}
