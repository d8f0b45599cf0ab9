//! How much a masked edit changed what it was to leave alone, and the picture in which that was put right.

use serde::{Deserialize, Serialize};

use super::ImageId;

/// Where the pictures that *protect outside* makes have their place among a job's results: this much after the result
/// that each was made from. No job has as many results.
pub const PROTECTED_INDEX: u32 = 1 << 16;

/// What differs outside of a mask, that is where its coverage is 0, between the first reference and a result of the same
/// size. Whole numbers, so that nothing is lost in a file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Pixels outside of the mask.
    pub outside_px: u64,
    /// Those of them whose red, green, blue or alpha is not exactly the same.
    pub changed_px: u64,
    /// Sum over all pixels outside and over red, green and blue of how far they are apart, 0 to 255 each.
    pub change_sum: u64,
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
impl Drift {
    /// The share of the pixels outside of the mask that changed, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.changed_px as f64 / self.outside_px.max(1) as f64
    }

    /// The mean change of a channel outside of the mask, 0 to 255.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.change_sum as f64 / (3.0 * self.outside_px.max(1) as f64)
    }
}

/// How a picture came out of a result: the original was put back outside of the mask.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Protected {
    /// The result as it was delivered.
    pub raw: ImageId,
    /// Its file, to the byte, by BLAKE3 as delivered: 64 hexadecimal digits.
    pub raw_hash: String,
    /// Over how many pixels outside of the mask the two go into each other; beyond that every pixel is the original's.
    pub feather_px: u16,
    /// What the result as delivered changed outside of the mask.
    pub drift: Drift,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_pixels_outside() {
        let check = |outside_px, changed_px, change_sum, share: f64, mean: f64| {
            let drift = Drift {
                outside_px,
                changed_px,
                change_sum,
            };
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(
                near(drift.share(), share) && near(drift.mean(), mean),
                "{drift:?}"
            );
        };
        check(0, 0, 0, 0.0, 0.0);
        check(200, 102, 200 * 3 * 38, 0.51, 38.0);
        check(10, 10, 10 * 3 * 255, 1.0, 255.0);
    }
}
