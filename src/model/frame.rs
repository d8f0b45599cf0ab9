//! Shapes by use: what a picture is for decides its ratio (小红书 3:4, 公众号 2.35:1, A4 …).

use super::{ModelCapability, OfferedSize, PixelSize, SizeRule, SizeTier};

/// A use that asks for a shape.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FrameUse {
    /// 小红书: a note's cover.
    Note,
    /// 抖音, stories: a whole phone held upright.
    ShortVideo,
    /// 公众号: the head picture of an article.
    Article,
    /// 电商主图: a product in a shop.
    Product,
    /// A video's cover, a slide.
    Video,
    /// Instagram: a portrait post.
    Post,
    /// A poster, a book cover.
    Poster,
    /// A phone's wallpaper.
    Phone,
    /// A printed page, upright.
    A4,
    /// A photo of a camera.
    Photo,
    /// A banner across a page.
    Banner,
}

impl FrameUse {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 11] = [
        Self::Note,
        Self::ShortVideo,
        Self::Article,
        Self::Product,
        Self::Video,
        Self::Post,
        Self::Poster,
        Self::Phone,
        Self::A4,
        Self::Photo,
        Self::Banner,
    ];

    /// Width and height of the shape, in any unit.
    #[must_use]
    pub const fn ratio(self) -> (f64, f64) {
        match self {
            Self::Note => (3.0, 4.0),
            Self::ShortVideo => (9.0, 16.0),
            Self::Article => (2.35, 1.0),
            Self::Product => (1.0, 1.0),
            Self::Video => (16.0, 9.0),
            Self::Post => (4.0, 5.0),
            Self::Poster => (2.0, 3.0),
            Self::Phone => (9.0, 19.5),
            // ISO 216, in millimetres.
            Self::A4 => (210.0, 297.0),
            Self::Photo => (3.0, 2.0),
            Self::Banner => (3.0, 1.0),
        }
    }

    /// The ratio as people write it; `A4` where it has a name.
    #[must_use]
    pub const fn ratio_words(self) -> &'static str {
        match self {
            Self::Note => "3:4",
            Self::ShortVideo => "9:16",
            Self::Article => "2.35:1",
            Self::Product => "1:1",
            Self::Video => "16:9",
            Self::Post => "4:5",
            Self::Poster => "2:3",
            Self::Phone => "9:19.5",
            Self::A4 => "A4",
            Self::Photo => "3:2",
            Self::Banner => "3:1",
        }
    }
}

/// How far a shape may be from the one that was asked for, as a factor between their ratios.
const CLOSE: f64 = 1.02;

/// The largest legal size of a tier that has this shape: one of those that are offered where there is one, else computed
/// from the model's rule. `None` where the model takes nothing that is within 2 % of the shape.
#[must_use]
pub fn size_of_shape(
    (width, height): (f64, f64),
    tier: SizeTier,
    offered: &[OfferedSize],
    capability: &ModelCapability,
) -> Option<PixelSize> {
    let ratio = width / height;
    let off = |size: PixelSize| (size.ratio() / ratio).ln().abs();
    let is_close = |size: &PixelSize| off(*size) <= CLOSE.ln();
    let preset = offered.iter().filter(|one| one.tier == tier);
    let preset = preset.map(|one| one.size).filter(is_close);
    if let Some(best) = preset.min_by(|a, b| off(*a).total_cmp(&off(*b))) {
        return Some(best);
    }
    let rule = match capability.sizes.or(capability.advised_sizes) {
        Some(rule) => rule,
        // A model with a short list and no rule takes what is on the list.
        None if offered.is_empty() => SizeRule::GPT_IMAGE_2,
        None => return None,
    };
    computed(ratio, &within_tier(rule, tier)).filter(is_close)
}

/// The rule, with the tier's own bounds.
fn within_tier(rule: SizeRule, tier: SizeTier) -> SizeRule {
    let (longest, most) = match tier {
        SizeTier::OneK => (1536, 1536 * 1024),
        SizeTier::TwoK => (2560, 2048 * 2048),
        SizeTier::FourK => (u32::MAX, u64::MAX),
    };
    SizeRule {
        max_edge: rule.max_edge.min(longest),
        max_pixels: rule.max_pixels.min(most),
        ..rule
    }
}

/// The size that has the shape most closely; among those that are within half a percent, the largest.
fn computed(ratio: f64, rule: &SizeRule) -> Option<PixelSize> {
    let step = f64::from(rule.multiple);
    let sizes = (1..=rule.max_edge / rule.multiple.max(1)).filter_map(|columns| {
        let width = columns * rule.multiple;
        let rows = (f64::from(width) / ratio / step).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held between one and the edge limit"
        )]
        let rows = rows.clamp(1.0, f64::from(rule.max_edge)) as u32;
        let size = PixelSize::new(width, rows.checked_mul(rule.multiple)?)?;
        rule.check(size).is_ok().then_some(size)
    });
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a logarithm of a ratio, in half percents"
    )]
    let coarse = |size: &PixelSize| ((size.ratio() / ratio).ln().abs() / 0.005) as i64;
    sizes.min_by_key(|size| (coarse(size), std::cmp::Reverse(size.pixels())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_has_a_legal_size_in_every_tier() {
        let capability = ModelCapability::GPT_IMAGE_2;
        for tier in SizeTier::ALL {
            for use_ in FrameUse::ALL {
                let size = size_of_shape(use_.ratio(), tier, &[], &capability).unwrap();
                assert_eq!(capability.check_size(size), Ok(()), "{use_:?} {tier:?}");
                assert_eq!(size.tier(), tier, "{use_:?}: {size}");
                let (width, height) = use_.ratio();
                let off = (size.ratio() / (width / height)).ln().abs();
                assert!(off < CLOSE.ln(), "{use_:?} {size}");
            }
        }
    }

    #[test]
    fn what_is_offered_comes_first() {
        let offered = [OfferedSize {
            ratio: "3:4".to_owned(),
            tier: SizeTier::OneK,
            size: PixelSize::new(864, 1152).unwrap(),
        }];
        let check = |capability: &ModelCapability, shape: FrameUse, expected: Option<&str>| {
            let size = size_of_shape(shape.ratio(), SizeTier::OneK, &offered, capability);
            assert_eq!(size.map(|size| size.to_string()).as_deref(), expected);
        };
        check(
            &ModelCapability::GPT_IMAGE_2,
            FrameUse::Note,
            Some("864x1152"),
        );
        // No rule, but a list: nothing else is legal.
        let listed = ModelCapability {
            sizes: None,
            ..ModelCapability::GPT_IMAGE_2
        };
        check(&listed, FrameUse::Note, Some("864x1152"));
        check(&listed, FrameUse::Banner, None);
    }

    #[test]
    fn shapes_that_no_size_has_are_not_bent() {
        let shape = (10.0, 1.0);
        let capability = ModelCapability::GPT_IMAGE_2;
        assert_eq!(
            size_of_shape(shape, SizeTier::FourK, &[], &capability),
            None
        );
    }
}
