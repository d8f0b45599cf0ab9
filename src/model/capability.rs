//! What a model accepts: sizes, counts, byte limits.

use serde::{Deserialize, Serialize};

use super::{ImageFormat, PixelSize};

/// The rule that a size must obey (protocol.md 6.2). One that is read from a file is [held](Self::held) to what can be
/// worked with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct SizeRule {
    /// Each side is a multiple of this, in pixels.
    pub multiple: u32,
    /// Longest side in pixels.
    pub max_edge: u32,
    /// Longer side divided by shorter side, at most.
    pub max_ratio: u32,
    /// Fewest pixels.
    pub min_pixels: u64,
    /// Most pixels.
    pub max_pixels: u64,
}

/// A rule as a hand may have written it.
#[derive(Deserialize)]
struct Written {
    multiple: u32,
    max_edge: u32,
    max_ratio: u32,
    min_pixels: u64,
    max_pixels: u64,
}

impl From<Written> for SizeRule {
    fn from(written: Written) -> Self {
        let Written {
            multiple,
            max_edge,
            max_ratio,
            min_pixels,
            max_pixels,
        } = written;
        let rule = Self {
            multiple,
            max_edge,
            max_ratio,
            min_pixels,
            max_pixels,
        };
        rule.held()
    }
}

/// What is wrong with a size; the first rule that it breaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SizeIssue {
    /// A side is not a multiple of the step.
    #[error("width and height must be multiples of {multiple}")]
    NotMultiple {
        /// The step in pixels.
        multiple: u32,
    },
    /// A side is too long.
    #[error("the longest side may have {max_edge} px at most")]
    TooLong {
        /// The limit in pixels.
        max_edge: u32,
    },
    /// Too wide or too tall.
    #[error("the sides may differ by {max_ratio}:1 at most")]
    TooNarrow {
        /// The limit.
        max_ratio: u32,
    },
    /// Too few pixels.
    #[error("the picture needs at least {min_pixels} pixels")]
    TooSmall {
        /// The limit.
        min_pixels: u64,
    },
    /// Too many pixels.
    #[error("the picture may have {max_pixels} pixels at most")]
    TooLarge {
        /// The limit.
        max_pixels: u64,
    },
}

impl SizeRule {
    /// gpt-image-2 (protocol.md 6.2, from OpenAI's guide).
    pub const GPT_IMAGE_2: Self = Self {
        multiple: 16,
        max_edge: 3840,
        max_ratio: 3,
        min_pixels: 655_360,
        max_pixels: 8_294_400,
    };

    /// Most steps of a side: whoever looks for a size tries each of them, in a frame of the window too.
    const MAX_STEPS: u32 = 8192;
    /// Longest side and largest ratio of any rule: no format of pictures has longer ones.
    const MAX_EDGE: u32 = 65_535;

    /// The rule with each limit at least one and none that would take a search over all sizes too long.
    #[must_use]
    pub fn held(self) -> Self {
        let multiple = self.multiple.clamp(1, Self::MAX_EDGE);
        let longest = multiple.saturating_mul(Self::MAX_STEPS).min(Self::MAX_EDGE);
        let max_pixels = self.max_pixels.max(1);
        Self {
            multiple,
            max_edge: self.max_edge.clamp(multiple, longest),
            max_ratio: self.max_ratio.clamp(1, 1000),
            min_pixels: self.min_pixels.min(max_pixels),
            max_pixels,
        }
    }

    /// Whether `size` obeys the rule.
    ///
    /// # Errors
    /// The first [`SizeIssue`], in the order step, edge, ratio, fewest, most.
    pub fn check(&self, size: PixelSize) -> Result<(), SizeIssue> {
        let Self {
            multiple,
            max_edge,
            max_ratio,
            min_pixels,
            max_pixels,
        } = *self;
        if !size.width().is_multiple_of(multiple) || !size.height().is_multiple_of(multiple) {
            return Err(SizeIssue::NotMultiple { multiple });
        }
        if size.longer() > max_edge {
            return Err(SizeIssue::TooLong { max_edge });
        }
        if u64::from(size.longer()) > u64::from(size.shorter()) * u64::from(max_ratio) {
            return Err(SizeIssue::TooNarrow { max_ratio });
        }
        if size.pixels() < min_pixels {
            return Err(SizeIssue::TooSmall { min_pixels });
        }
        if size.pixels() > max_pixels {
            return Err(SizeIssue::TooLarge { max_pixels });
        }
        Ok(())
    }

    /// The legal size whose sides are closest to those of `wanted`, once its shape and area are within the limits.
    ///
    /// A legal size is its own nearest.
    #[must_use]
    pub fn nearest(&self, wanted: PixelSize) -> PixelSize {
        if self.check(wanted).is_ok() {
            return wanted;
        }
        let ratio_limit = f64::from(self.max_ratio);
        let ratio = wanted.ratio().clamp(1.0 / ratio_limit, ratio_limit);
        #[expect(clippy::cast_precision_loss, reason = "areas stay far below 2^52")]
        let area = (wanted.pixels() as f64).clamp(self.min_pixels as f64, self.max_pixels as f64);
        let (ideal_width, ideal_height) = ((area * ratio).sqrt(), (area / ratio).sqrt());
        let mut best: Option<(f64, PixelSize)> = None;
        let steps = self.max_edge / self.multiple;
        for columns in 1..=steps {
            let width = columns * self.multiple;
            let exact_rows = f64::from(width) / ratio / f64::from(self.multiple);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "bounded by the edge limit"
            )]
            let floor = exact_rows.floor().max(1.0) as u32;
            for rows in [floor, floor + 1] {
                let Some(size) = PixelSize::new(width, rows * self.multiple) else {
                    continue;
                };
                if self.check(size).is_err() {
                    continue;
                }
                // Each side counts alike, so a side that is already right stays as it is.
                let error = (f64::from(size.width()) / ideal_width).ln().abs()
                    + (f64::from(size.height()) / ideal_height).ln().abs();
                if best.is_none_or(|(least, _)| error < least) {
                    best = Some((error, size));
                }
            }
        }
        best.map_or(wanted, |(_, size)| size)
    }
}

/// Whether a model makes transparent backgrounds (protocol.md 6.5).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transparency {
    /// It does.
    Yes,
    /// On trial: some gateways refuse it or drop it without a word.
    #[default]
    Preview,
    /// It does not.
    No,
}

/// Limits of a model behind a gateway. A gateway profile may tighten them.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCapability {
    /// The rule for sizes; `None` leaves it to the gateway.
    pub sizes: Option<SizeRule>,
    /// The published rule where a size that breaks it may be sent, with a warning. Never beside `sizes`.
    pub advised_sizes: Option<SizeRule>,
    /// Sizes outside the rule that this gateway takes all the same.
    pub extra_sizes: Vec<PixelSize>,
    /// The formats it delivers; empty: nobody knows.
    pub formats: Vec<ImageFormat>,
    /// Whether it makes transparent backgrounds.
    pub transparency: Transparency,
    /// Most reference pictures of one request.
    pub max_references: usize,
    /// Most bytes of one reference.
    pub max_reference_bytes: u64,
    /// Most pictures of one request.
    pub max_count: u8,
}

impl ModelCapability {
    /// Most bytes of a reference that any known model takes (protocol.md 7.1).
    pub const MAX_REFERENCE_BYTES: u64 = 50 * 1024 * 1024;

    /// gpt-image-2 behind OpenAI's edits endpoint (protocol.md 7.1).
    pub const GPT_IMAGE_2: Self = Self {
        sizes: Some(SizeRule::GPT_IMAGE_2),
        advised_sizes: None,
        extra_sizes: Vec::new(),
        formats: Vec::new(),
        transparency: Transparency::Preview,
        max_references: 16,
        max_reference_bytes: Self::MAX_REFERENCE_BYTES,
        max_count: 10,
    };

    /// Whether a request may have this size.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check_size(&self, size: PixelSize) -> Result<(), SizeIssue> {
        self.check(self.sizes, size)
    }

    /// Whether somebody published that the model takes this size, or it can't be told.
    ///
    /// # Errors
    /// The first published rule that it breaks.
    pub fn check_advised_size(&self, size: PixelSize) -> Result<(), SizeIssue> {
        self.check(self.sizes.or(self.advised_sizes), size)
    }

    fn check(&self, rule: Option<SizeRule>, size: PixelSize) -> Result<(), SizeIssue> {
        match rule {
            Some(rule) if !self.extra_sizes.contains(&size) => rule.check(size),
            _ => Ok(()),
        }
    }

    /// The closest size that keeps the published rule or is taken all the same; `wanted` itself where there is no rule.
    #[must_use]
    pub fn nearest_size(&self, wanted: PixelSize) -> PixelSize {
        let Some(rule) = self.sizes.or(self.advised_sizes) else {
            return wanted;
        };
        let within = rule.nearest(wanted);
        let all = self.extra_sizes.iter().copied().chain([within]);
        all.min_by(|a, b| distance(*a, wanted).total_cmp(&distance(*b, wanted)))
            .unwrap_or(within)
    }
}

/// How far two sizes are apart: the factors between their sides, as logarithms.
fn distance(a: PixelSize, b: PixelSize) -> f64 {
    let apart = |a: u32, b: u32| (f64::from(a) / f64::from(b)).ln().abs();
    apart(a.width(), b.width()) + apart(a.height(), b.height())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(text: &str) -> PixelSize {
        text.parse().unwrap()
    }

    #[test]
    fn the_rule_is_that_of_the_protocol_reference() {
        let check = |text: &str, legal: bool| {
            assert_eq!(
                SizeRule::GPT_IMAGE_2.check(size(text)).is_ok(),
                legal,
                "{text}"
            );
        };
        for text in [
            "3840x2160",
            "2880x2880",
            "1024x640",
            "816x816",
            "1920x1088",
            "1536x864",
            "3824x2160",
        ] {
            check(text, true);
        }
        for text in [
            "1920x1080",
            "1080x1080",
            "2560x1080",
            "1919x1079",
            "1024x576",
            "512x512",
            "4096x4096",
            "3840x1264",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn a_gateway_may_take_sizes_outside_the_rule() {
        let capability = ModelCapability {
            extra_sizes: vec![size("1920x1080"), size("1080x1920")],
            ..ModelCapability::GPT_IMAGE_2
        };
        assert_eq!(capability.check_size(size("1920x1080")), Ok(()));
        assert!(capability.check_size(size("1919x1079")).is_err());
        let check = |wanted: &str, expected: &str| {
            assert_eq!(capability.nearest_size(size(wanted)), size(expected));
        };
        check("1919x1079", "1920x1080");
        check("1920x1088", "1920x1088");
        check("4096x4096", "2880x2880");
        let advised = ModelCapability {
            sizes: None,
            advised_sizes: Some(SizeRule::GPT_IMAGE_2),
            ..ModelCapability::GPT_IMAGE_2
        };
        assert_eq!(advised.check_size(size("1919x1079")), Ok(()));
        assert!(advised.check_advised_size(size("1919x1079")).is_err());
    }

    #[test]
    fn a_rule_of_any_hand_can_be_worked_with() {
        let read = |numbers: [u64; 5]| -> SizeRule {
            let names = [
                "multiple",
                "max_edge",
                "max_ratio",
                "min_pixels",
                "max_pixels",
            ];
            let written: serde_json::Map<_, _> = names
                .iter()
                .zip(numbers)
                .map(|(name, number)| ((*name).to_owned(), number.into()))
                .collect();
            serde_json::from_value(written.into()).unwrap()
        };
        let SizeRule {
            multiple,
            max_edge,
            max_ratio,
            min_pixels,
            max_pixels,
        } = SizeRule::GPT_IMAGE_2;
        let ours = [multiple, max_edge, max_ratio].map(u64::from);
        let ours = [ours[0], ours[1], ours[2], min_pixels, max_pixels];
        assert_eq!(read(ours), SizeRule::GPT_IMAGE_2);
        let most = u64::from(u32::MAX);
        for numbers in [
            [0; 5],
            [1, most, most, 0, u64::MAX],
            [most, most, 0, u64::MAX, 0],
            [16, 0, 3, 10, 5],
        ] {
            let rule = read(numbers);
            assert!(rule.max_edge / rule.multiple <= 8192, "{rule:?}");
            assert!(rule.min_pixels <= rule.max_pixels, "{rule:?}");
            for wanted in ["1x1", "1919x1079", "60000x10"] {
                let nearest = rule.nearest(size(wanted));
                assert!(nearest == size(wanted) || rule.check(nearest).is_ok());
            }
        }
    }

    #[test]
    fn nearest_is_legal_and_close() {
        let check = |text: &str, expected: &str| {
            assert_eq!(
                SizeRule::GPT_IMAGE_2.nearest(size(text)).to_string(),
                expected,
                "{text}"
            );
        };
        check("1536x1024", "1536x1024");
        check("1920x1080", "1920x1088");
        check("4096x4096", "2880x2880");
        check("512x512", "816x816");
        for text in ["1x100000", "7x5", "1919x1079", "3841x2161", "100000x100000"] {
            let nearest = SizeRule::GPT_IMAGE_2.nearest(size(text));
            assert_eq!(
                SizeRule::GPT_IMAGE_2.check(nearest),
                Ok(()),
                "{text} gave {nearest}"
            );
        }
    }
}
