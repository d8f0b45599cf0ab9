//! Colour as the eye orders it: everything is mixed in `OKLab` and becomes sRGB once, at the very end.
//!
//! `OKLab` and its matrices: Björn Ottosson, «A perceptual color space for image processing», 2020.

use super::noise::lerp;

/// A colour in `OKLab`: `l` from 0 (black) to 1 (white), `a` green to red, `b` blue to yellow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lab {
    pub(super) l: f32,
    pub(super) a: f32,
    pub(super) b: f32,
}

impl Lab {
    pub(super) const BLACK: Self = Self::new(0.0, 0.0, 0.0);
    pub(super) const WHITE: Self = Self::new(1.0, 0.0, 0.0);

    pub(super) const fn new(l: f32, a: f32, b: f32) -> Self {
        Self { l, a, b }
    }

    /// From `0xRRGGBB`, sRGB.
    pub(super) fn hex(rgb: u32) -> Self {
        let [_, r, g, b] = rgb.to_be_bytes();
        Self::from_srgb([r, g, b])
    }

    pub(super) fn from_srgb(rgb: [u8; 3]) -> Self {
        let [r, g, b] = rgb.map(|byte| {
            let c = f32::from(byte) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        });
        let l = (0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_99 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
        let s = (0.088_302_46 * r + 0.281_718_84 * g + 0.629_978_7 * b).cbrt();
        Self {
            l: 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            a: 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            b: 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        }
    }

    /// Linear light, not clipped.
    fn to_linear(self) -> [f32; 3] {
        let Self { l, a, b } = self;
        let long = (l + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let middle = (l - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let short = (l - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        [
            4.076_741_7 * long - 3.307_711_6 * middle + 0.230_969_94 * short,
            -1.268_438 * long + 2.609_757_4 * middle - 0.341_319_38 * short,
            -0.004_196_086_3 * long - 0.703_418_6 * middle + 1.707_614_7 * short,
        ]
    }

    /// `self` at 0, `other` at 1.
    pub(super) fn mix(self, other: Self, t: f32) -> Self {
        Self {
            l: lerp(self.l, other.l, t),
            a: lerp(self.a, other.a, t),
            b: lerp(self.b, other.b, t),
        }
    }

    /// Lighter by `by`, darker when negative.
    pub(super) fn lighter(self, by: f32) -> Self {
        Self {
            l: (self.l + by).clamp(0.0, 1.0),
            ..self
        }
    }

    /// Chroma times `by`: 0 is grey.
    pub(super) fn chroma(self, by: f32) -> Self {
        Self::new(self.l, self.a * by, self.b * by)
    }

    /// Takes hue and chroma of `other` by `t` and keeps most of its own lightness.
    pub(super) fn tinted(self, other: Self, t: f32) -> Self {
        Self {
            l: lerp(self.l, other.l, t * 0.3),
            ..self.mix(other, t)
        }
    }

    /// This colour, `alpha` from 0 (absent) to 1 (covers).
    pub(super) const fn alpha(self, alpha: f32) -> Ink {
        Ink { lab: self, alpha }
    }
}

/// A colour and how much of it there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    pub(super) lab: Lab,
    /// 0 to 1.
    pub(super) alpha: f32,
}

impl From<Lab> for Ink {
    fn from(lab: Lab) -> Self {
        lab.alpha(1.0)
    }
}

/// Interpolates evenly spaced colours; `t` is clamped to `0..=1`.
pub(super) fn gradient(stops: &[Lab], t: f32) -> Lab {
    let last = stops.len().saturating_sub(1);
    let at = t.clamp(0.0, 1.0) * last as f32;
    let low = (at as usize).min(last);
    match (stops.get(low), stops.get(low + 1)) {
        (Some(a), Some(b)) => a.mix(*b, at - low as f32),
        (Some(a), None) => *a,
        (None, _) => Lab::default(),
    }
}

/// Steps of [`Encoder`]'s table: less than a level of sRGB each, even where the curve is steepest.
const STEPS: usize = 4096;

/// Turns `OKLab` into sRGB bytes; a table replaces the power function.
#[derive(Debug)]
pub(super) struct Encoder {
    /// Linear light to sRGB, scaled to `0.0..=255.0`.
    curve: Vec<f32>,
}

impl Encoder {
    pub(super) fn new() -> Self {
        let curve = (0..=STEPS + 1)
            .map(|i| {
                let c = i as f32 / STEPS as f32;
                let encoded = if c <= 0.003_130_8 {
                    12.92 * c
                } else {
                    1.055 * c.powf(1.0 / 2.4) - 0.055
                };
                255.0 * encoded.min(1.0)
            })
            .collect();
        Self { curve }
    }

    /// `dither` in `0.0..1.0` decides how a level between two bytes is rounded: that is what hides banding.
    pub(super) fn srgb(&self, lab: Lab, dither: f32) -> [u8; 3] {
        lab.to_linear().map(|c| {
            let at = c.clamp(0.0, 1.0) * STEPS as f32;
            let low = at as usize;
            let (a, b) = match self.curve.get(low..low + 2) {
                Some(&[a, b]) => (a, b),
                _ => (0.0, 0.0),
            };
            (lerp(a, b, at - low as f32) + dither).min(255.0) as u8
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srgb_survives_the_round_trip() {
        let encoder = Encoder::new();
        for rgb in [[0, 0, 0], [255, 255, 255], [200, 30, 60], [3, 90, 250]] {
            let back = encoder.srgb(Lab::from_srgb(rgb), 0.5);
            for (a, b) in rgb.into_iter().zip(back) {
                assert!(a.abs_diff(b) <= 1, "{rgb:?} became {back:?}");
            }
        }
    }

    #[test]
    fn a_gradient_starts_and_ends_at_its_stops() {
        let stops = [Lab::BLACK, Lab::hex(0xff_0000), Lab::WHITE];
        assert_eq!(gradient(&stops, -1.0), Lab::BLACK);
        assert_eq!(gradient(&stops, 0.5), Lab::hex(0xff_0000));
        assert_eq!(gradient(&stops, 2.0), Lab::WHITE);
        assert_eq!(gradient(&[], 0.5), Lab::default());
    }
}
