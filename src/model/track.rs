//! What a gateway made of what it was asked for, counted over everything that it ever sent.

use super::SizeTier;

/// The pictures of one model that were asked for in one tier.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrackLine {
    /// The image model.
    pub model: String,
    /// The tier of the size that was asked; `None`: the size was left to the gateway.
    pub asked: Option<SizeTier>,
    /// Pictures that came, and requests that failed.
    pub tries: u32,
    /// Pictures that were as large as asked, or larger, in the format that was asked.
    pub as_asked: u32,
    /// Pictures with fewer pixels than asked.
    pub smaller: u32,
    /// Pictures in another format.
    pub other_format: u32,
    /// Requests that failed; those that the user canceled are left out.
    pub failed: u32,
    /// The largest tier that ever came; `None`: nothing did.
    pub best_tier_got: Option<SizeTier>,
}

/// What a line says about sizes, for one sentence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SizeTrack {
    /// Nothing of this tier ever came: «≤2K in 5 of 5 tries».
    NeverMore {
        /// What was asked.
        asked: SizeTier,
        /// The largest that came.
        at_most: SizeTier,
        /// Over how many pictures.
        pictures: u32,
    },
    /// Some were smaller than asked.
    Sometimes {
        /// What was asked.
        asked: SizeTier,
        /// How many were smaller.
        smaller: u32,
        /// Of how many pictures.
        pictures: u32,
    },
    /// All were as large as asked.
    Always {
        /// What was asked.
        asked: SizeTier,
        /// Over how many pictures.
        pictures: u32,
    },
}

impl TrackLine {
    /// Pictures that came.
    #[must_use]
    pub const fn pictures(&self) -> u32 {
        self.tries.saturating_sub(self.failed)
    }

    /// What it says about sizes; `None` where no size was asked or nothing came.
    #[must_use]
    pub fn sizes(&self) -> Option<SizeTrack> {
        let (asked, best) = (self.asked?, self.best_tier_got?);
        let pictures = self.pictures();
        Some(if best < asked {
            SizeTrack::NeverMore {
                asked,
                at_most: best,
                pictures,
            }
        } else if self.smaller > 0 {
            SizeTrack::Sometimes {
                asked,
                smaller: self.smaller,
                pictures,
            }
        } else {
            SizeTrack::Always { asked, pictures }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_one_sentence() {
        let check = |line: TrackLine, expected: Option<SizeTrack>| {
            assert_eq!(line.sizes(), expected, "{line:?}");
        };
        let asked_4k = TrackLine {
            asked: Some(SizeTier::FourK),
            tries: 6,
            failed: 1,
            ..TrackLine::default()
        };
        check(
            TrackLine {
                smaller: 5,
                best_tier_got: Some(SizeTier::TwoK),
                ..asked_4k.clone()
            },
            Some(SizeTrack::NeverMore {
                asked: SizeTier::FourK,
                at_most: SizeTier::TwoK,
                pictures: 5,
            }),
        );
        check(
            TrackLine {
                smaller: 2,
                best_tier_got: Some(SizeTier::FourK),
                ..asked_4k.clone()
            },
            Some(SizeTrack::Sometimes {
                asked: SizeTier::FourK,
                smaller: 2,
                pictures: 5,
            }),
        );
        check(
            TrackLine {
                best_tier_got: Some(SizeTier::FourK),
                ..asked_4k.clone()
            },
            Some(SizeTrack::Always {
                asked: SizeTier::FourK,
                pictures: 5,
            }),
        );
        check(asked_4k.clone(), None);
        check(
            TrackLine {
                asked: None,
                best_tier_got: Some(SizeTier::TwoK),
                ..asked_4k
            },
            None,
        );
    }
}
