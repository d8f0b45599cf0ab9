//! Skylines, and the creases that run down from them.

use crate::demo::painter::noise::{fbm, lerp, noise};
use crate::demo::painter::path::{Path, Point};

/// A skyline of noise: the height of land at every `x`, sampled once.
#[derive(Clone, Debug)]
pub(super) struct Ridge {
    tops: Vec<Point>,
    pub(super) base: f32,
    pub(super) relief: f32,
    pub(super) seed: u32,
    /// 0: soft hills, 1: peaks.
    pub(super) sharp: f32,
}

impl Ridge {
    /// Land of `width` round the height `base`; `scale` is about how many hills fit into a unit.
    pub(super) fn new(
        width: f32,
        base: f32,
        relief: f32,
        scale: f32,
        sharp: f32,
        seed: u32,
    ) -> Self {
        let steps = (width * 420.0) as u16;
        let tops = (0..=steps).map(|i| {
            let x = -0.02 + (width + 0.04) * f32::from(i) / f32::from(steps);
            let at = Point::new(x * scale, 0.5);
            let hills = fbm(at, 5, seed);
            let crags = 0.12 * fbm(at * 5.0, 4, seed);
            let peaks = 0.9 - 2.2 * fbm(at, 4, seed ^ 7).abs() + crags;
            Point::new(x, base - relief * lerp(hills, peaks, sharp))
        });
        Self {
            tops: tops.collect(),
            base,
            relief,
            seed,
            sharp,
        }
    }

    pub(super) fn top(&self, x: f32) -> f32 {
        let (Some(first), Some(last)) = (self.tops.first(), self.tops.last()) else {
            return self.base;
        };
        let at = (x - first.x) / (last.x - first.x) * (self.tops.len() - 1) as f32;
        let low = at.max(0.0) as usize;
        match self.tops.get(low..low + 2) {
            Some([a, b]) => lerp(a.y, b.y, at - low as f32),
            _ => last.y,
        }
    }

    /// Everything between the skyline and `bottom`.
    pub(super) fn path(&self, bottom: f32) -> Path {
        let feet = [self.tops.last(), self.tops.first()].into_iter().flatten();
        let feet = feet.map(|p| Point::new(p.x, bottom.max(self.base)));
        Path::polygon(self.tops.iter().copied().chain(feet))
    }
}

/// Spurs that run down from the skyline: how much the slope faces `towards` (a small step), about `-0.3..0.3`.
///
/// Creased noise, drawn out along the slope, less the same a step away.
pub(super) fn facing(p: Point, below: f32, towards: Point, seed: u32) -> f32 {
    let bend = 0.35 * noise(p * 3.0, seed ^ 3);
    let at = Point::new(p.x * 6.5 + bend, below * 3.2);
    let aside = at + Point::new(towards.x * 6.5, towards.y * 3.2);
    let fall = |scale: f32, seed: u32| {
        1.6 * (noise(aside * scale, seed).abs() - noise(at * scale, seed).abs())
    };
    fall(1.0, seed) + 0.5 * fall(2.3, seed ^ 1) + 0.05 * noise(at * 9.0, seed ^ 2)
}
