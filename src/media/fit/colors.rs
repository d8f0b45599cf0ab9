//! From the colours of a profile to sRGB.

use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions,
};

/// Pixels that are converted at a time.
const BLOCK: usize = 4096;
/// Levels of 255 by which a colour of a profile may differ from sRGB and still be taken for it: makers round.
const TOLERANCE: u8 = 2;

/// Makes sRGB of the colours of a profile.
pub(super) struct ToSrgb {
    transform: Arc<Transform8BitExecutor>,
    is_gray: bool,
}

impl ToSrgb {
    /// `None` for sRGB itself, and for profiles of no use: those are ignored, as browsers do.
    pub(super) fn of(icc: &[u8]) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(icc).ok()?;
        let (is_gray, layout) = match profile.color_space {
            DataColorSpace::Rgb => (false, Layout::Rgb),
            DataColorSpace::Gray => (true, Layout::Gray),
            _ => return None,
        };
        let transform = to_srgb(&profile, layout).ok()?;
        let found = Self { transform, is_gray };
        (!found.changes_nothing()).then_some(found)
    }

    /// Whether colours from all over the space stay what they are.
    fn changes_nothing(&self) -> bool {
        let levels = [0_u8, 32, 64, 128, 192, 255];
        let mut rgba = Vec::new();
        for r in levels {
            for g in levels {
                for b in levels {
                    let gray = [r, r, r, 255];
                    rgba.extend(if self.is_gray { gray } else { [r, g, b, 255] });
                }
            }
        }
        let mut converted = rgba.clone();
        self.apply(&mut converted);
        rgba.iter()
            .zip(&converted)
            .all(|(before, after)| before.abs_diff(*after) <= TOLERANCE)
    }

    /// Converts pixels in place: R, G, B, A in 8 bits, straight alpha, which stays.
    pub(super) fn apply(&self, rgba: &mut [u8]) {
        let (pixels, _) = rgba.as_chunks_mut::<4>();
        let mut source = Vec::with_capacity(BLOCK * 3);
        let mut target = vec![0; BLOCK * 3];
        for block in pixels.chunks_mut(BLOCK) {
            source.clear();
            for &[r, g, b, _] in &*block {
                if self.is_gray {
                    source.push(r);
                } else {
                    source.extend([r, g, b]);
                }
            }
            let Some(target) = target.get_mut(..block.len() * 3) else {
                return;
            };
            if self.transform.transform(&source, target).is_err() {
                // Of lengths that do not fit, which they do.
                return;
            }
            for ([r, g, b, _], converted) in block.iter_mut().zip(target.as_chunks::<3>().0) {
                [*r, *g, *b] = *converted;
            }
        }
    }
}

/// From `layout` in the colours of a profile to R, G, B.
pub(super) fn to_srgb(
    profile: &ColorProfile,
    layout: Layout,
) -> Result<Arc<Transform8BitExecutor>, CmsError> {
    let srgb = ColorProfile::new_srgb();
    profile.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srgb_needs_nothing_and_wide_colors_become_stronger() {
        let of = |profile: &ColorProfile| ToSrgb::of(&profile.encode().unwrap());
        assert!(of(&ColorProfile::new_srgb()).is_none());
        assert!(ToSrgb::of(b"no profile").is_none());

        let wide = of(&ColorProfile::new_display_p3()).unwrap();
        let mut rgba = [200, 100, 50, 7].repeat(BLOCK + 1);
        wide.apply(&mut rgba);
        let (pixels, _) = rgba.as_chunks::<4>();
        let [r, g, b, a] = pixels[0];
        assert!(r > 205 && g < 100 && b < 45, "{:?}", pixels[0]);
        assert_eq!(a, 7);
        assert_eq!(pixels[BLOCK], pixels[0]);
    }

    #[test]
    fn gray_profiles_stay_gray() {
        let linear = ColorProfile::new_gray_with_gamma(1.0);
        let linear = ToSrgb::of(&linear.encode().unwrap()).unwrap();
        let mut rgba = [0, 0, 0, 255, 55, 55, 55, 9, 255, 255, 255, 255];
        linear.apply(&mut rgba);
        let [dark, middle, light] = rgba.as_chunks::<4>().0 else {
            unreachable!()
        };
        assert_eq!((*dark, *light), ([0, 0, 0, 255], [255; 4]));
        // 55 / 255 of the light is about half of the way in sRGB.
        assert!(middle[0].abs_diff(127) < 3, "{middle:?}");
        assert_eq!((middle[0], middle[1], middle[3]), (middle[1], middle[2], 9));
    }
}
