//! How much a picture may cost.

use super::MediaError;
use crate::model::PixelSize;

/// How large a picture may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MediaLimits {
    /// Width times height.
    pub max_pixels: u64,
    /// The longer side in pixels.
    pub max_side: u32,
    /// Length of a file that has to be held in memory to be decoded, which is every format but PNG.
    pub max_bytes: u64,
}

impl Default for MediaLimits {
    /// 100 megapixels, as product.md section 5 promises; 65 535 pixels a side, which is JPEG's own limit; 256 MiB.
    fn default() -> Self {
        Self {
            max_pixels: 100_000_000,
            max_side: 65_535,
            max_bytes: 256 << 20,
        }
    }
}

impl MediaLimits {
    /// Accepts a size or says how it is too large.
    ///
    /// # Errors
    /// [`MediaError::TooLarge`].
    pub fn check(&self, size: PixelSize) -> Result<(), MediaError> {
        if size.pixels() <= self.max_pixels && size.longer() <= self.max_side {
            return Ok(());
        }
        Err(MediaError::TooLarge {
            size: Some(size),
            what: format!("a picture of {size} pixels"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_the_area_and_the_side_count() {
        let check = |width, height, fits: bool| {
            let size = PixelSize::new(width, height).unwrap();
            assert_eq!(MediaLimits::default().check(size).is_ok(), fits, "{size}");
        };
        check(10_000, 10_000, true);
        check(10_001, 10_000, false);
        check(65_535, 1, true);
        check(1, 65_536, false);
        check(u32::MAX, u32::MAX, false);
    }
}
