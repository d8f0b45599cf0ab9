//! Chance that is the same every time: a small generator, lattice hashes and gradient noise.
//!
//! Everything random in a picture comes from here, so that a prompt and a seed give one picture.

use std::ops::Range;

use super::path::Point;

/// A stream of numbers (`SplitMix64`: Steele, Lea and Flood, «Fast splittable pseudorandom number generators»).
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for one part of a picture, so that parts do not shift each other.
    pub(super) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform in `0.0..1.0`.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// Uniform in `range`.
    pub(super) fn range(&mut self, range: Range<f32>) -> f32 {
        range.start + (range.end - range.start) * self.unit()
    }

    /// Uniform in `0..count`; 0 when `count` is 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f32) as usize
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// One of `items`; `None` when there are none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// A seed for the noise functions below.
    pub(super) fn noise_seed(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A seed from text and a number (FNV-1a, then mixed).
pub(super) fn seed_of(text: &str, number: u64) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(fnv ^ mix(number))
}

/// A hash of a lattice point.
pub(super) fn lattice(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = (x as u32).wrapping_mul(0x9e37_79b1)
        ^ (y as u32).wrapping_mul(0x85eb_ca77)
        ^ seed.wrapping_mul(0xc2b2_ae3d);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h ^ (h >> 13)
}

/// A hash of a lattice point in `0.0..1.0`.
pub(super) fn speck(x: i32, y: i32, seed: u32) -> f32 {
    (lattice(x, y, seed) >> 8) as f32 / (1u32 << 24) as f32
}

/// Gradient noise with features about one unit wide, in about `-1.0..1.0`.
///
/// The innermost loop of every picture: one multiplication a corner mixes the hash, and rounding down avoids `floor`,
/// which is a call into libm on baseline x86-64.
pub(super) fn noise(p: Point, seed: u32) -> f32 {
    let cell = |v: f32| (v as i32).wrapping_sub(i32::from(v < 0.0));
    let (ix, iy) = (cell(p.x), cell(p.y));
    let (x, y) = (p.x - ix as f32, p.y - iy as f32);
    let (left, top) = (
        (ix as u32).wrapping_mul(0x9e37_79b1),
        (iy as u32).wrapping_mul(0x85eb_ca77),
    );
    let right = left.wrapping_add(0x9e37_79b1);
    let bottom = top.wrapping_add(0x85eb_ca77);
    let salt = seed.wrapping_mul(0xc2b2_ae3d);
    let slope = |column: u32, row: u32, x: f32, y: f32| {
        let h = (column.rotate_left(15) ^ row ^ salt).wrapping_mul(0x2c1b_3c6d);
        let h = h ^ (h >> 15);
        let gx = (h & 0xffff) as i32 - 0x8000;
        let gy = (h >> 16) as i32 - 0x8000;
        gx as f32 * x + gy as f32 * y
    };
    let (u, v) = (smooth(x), smooth(y));
    let above = lerp(slope(left, top, x, y), slope(right, top, x - 1.0, y), u);
    let below = lerp(
        slope(left, bottom, x, y - 1.0),
        slope(right, bottom, x - 1.0, y - 1.0),
        u,
    );
    (1.6 / 32768.0) * lerp(above, below, v)
}

/// `octaves` layers of noise, each twice as fine and half as strong, in about `-1.0..1.0`.
pub(super) fn fbm(mut p: Point, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight) = (0.0, 0.5);
    for octave in 0..octaves {
        sum += weight * noise(p, seed.wrapping_add(octave));
        weight *= 0.5;
        // Turned a little each time, so that the lattices of the octaves do not line up.
        p = Point::new(1.6 * p.x + 1.2 * p.y, 1.6 * p.y - 1.2 * p.x);
    }
    sum
}

/// `a` at 0, `b` at 1.
pub(super) fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 below `from`, 1 above `to`, smooth between; `from > to` turns it round.
pub(super) fn step(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Perlin's quintic: its first two derivatives vanish at both ends.
fn smooth(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}
