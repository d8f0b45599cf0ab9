//! Masked edits: new paint inside the mask, the first reference outside, to the byte.
#![expect(
    clippy::indexing_slicing,
    reason = "pixel loops over buffers of one size"
)]

use super::canvas::{Frame, unit_px};
use super::guide::Guide;
use super::mark::Mark;
use super::noise::step;
use super::path::Point;
use super::styles::Reference;
use super::{PixelSize, Raster, Scene, Stage, compose};

/// Width of the soft edge inside the mask, as a part of the picture's unit.
const FEATHER: f32 = 0.02;

/// Paints the prompt into the opening of `mask` and keeps `base` everywhere else.
pub(super) fn paint_masked(
    scene: &Scene<'_>,
    base: &Raster,
    mask: &Raster,
    stage: Stage,
) -> Raster {
    let mut result = base.scaled(scene.size);
    let opening = Opening::new(mask, scene.size);
    let Some((left, top, hole)) = opening.bounds() else {
        return result;
    };
    let guide = Guide::from_references(scene.references);
    let reference = guide.as_ref().map_or(Reference::None, Reference::Colors);
    let mut painting = compose(scene, hole, reference, stage);
    let (unit, hole_unit) = (unit_px(scene.size), unit_px(hole));
    let word = Mark::of_height(Mark::HEIGHT * unit / hole_unit);
    let is_open = |p: Point| {
        let (x, y) = (
            (p.x * hole_unit) as u32 + left,
            (p.y * hole_unit) as u32 + top,
        );
        opening.weight(x, y) > 0.9
    };
    if let Some(corner) = word.fit(Frame::of(hole), is_open) {
        word.sign(&mut painting, corner);
    }
    let patch = painting.render(hole);
    for y in 0..hole.height() {
        for x in 0..hole.width() {
            let weight = opening.weight(left + x, top + y);
            if weight > 0.0 {
                result.blend(left + x, top + y, patch.pixel(x, y), weight);
            }
        }
    }
    result
}

/// How much of each pixel may change, 0 to 1, feathered inwards.
struct Opening {
    size: PixelSize,
    weights: Vec<f32>,
}

impl Opening {
    fn new(mask: &Raster, size: PixelSize) -> Self {
        let open: Vec<f32> = (mask.scaled(size).rgba.iter().skip(3).step_by(4))
            .map(|alpha| 1.0 - f32::from(*alpha) / 255.0)
            .collect();
        let depth = depth(&open, size.width() as usize);
        // A thin opening gets a thinner edge, or nothing of it would be left.
        let deepest = depth.iter().copied().fold(0.0, f32::max);
        let feather = (FEATHER * unit_px(size)).min(0.6 * deepest).max(1.0);
        let weights = (open.iter().zip(depth))
            .map(|(open, depth)| open * step(0.0, feather, depth))
            .collect();
        Self { size, weights }
    }

    fn weight(&self, x: u32, y: u32) -> f32 {
        if x >= self.size.width() {
            return 0.0;
        }
        let at = y as usize * self.size.width() as usize + x as usize;
        self.weights.get(at).copied().unwrap_or(0.0)
    }

    /// Left, top and size of the box round everything that may change.
    fn bounds(&self) -> Option<(u32, u32, PixelSize)> {
        let (mut min, mut max) = ((u32::MAX, u32::MAX), (0, 0));
        for y in 0..self.size.height() {
            for x in 0..self.size.width() {
                if self.weight(x, y) > 0.0 {
                    min = (min.0.min(x), min.1.min(y));
                    max = (max.0.max(x + 1), max.1.max(y + 1));
                }
            }
        }
        let size = PixelSize::new(max.0.checked_sub(min.0)?, max.1.checked_sub(min.1)?)?;
        Some((min.0, min.1, size))
    }
}

/// Distance in pixels of each open pixel to the nearest closed one, by two chamfer passes; the picture's edge is not
/// an edge of the opening.
fn depth(open: &[f32], width: usize) -> Vec<f32> {
    const FAR: f32 = 1e9;
    const DIAGONAL: f32 = std::f32::consts::SQRT_2;
    let mut depth: Vec<f32> = (open.iter())
        .map(|open| if *open > 0.0 { FAR } else { 0.0 })
        .collect();
    let last = depth.len();
    let mut relax = |i: usize, back: bool| {
        let x = i % width;
        let mut best = depth[i];
        // The neighbours that this pass has visited: one beside, three in the row before.
        let row = if back {
            i.checked_add(width)
        } else {
            i.checked_sub(width)
        };
        let row = row.filter(|at| *at < last);
        let beside = |at: usize, dx: i32| match dx {
            -1 if x > 0 => Some(at - 1),
            1 if x + 1 < width => Some(at + 1),
            0 => Some(at),
            _ => None,
        };
        let side = beside(i, if back { 1 } else { -1 });
        let above = row.and_then(|at| beside(at, 0));
        for (neighbour, step) in [
            (side, 1.0),
            (above, 1.0),
            (row.and_then(|at| beside(at, -1)), DIAGONAL),
            (row.and_then(|at| beside(at, 1)), DIAGONAL),
        ] {
            if let Some(at) = neighbour {
                best = best.min(depth[at] + step);
            }
        }
        depth[i] = best;
    };
    (0..last).for_each(|i| relax(i, false));
    (0..last).rev().for_each(|i| relax(i, true));
    depth
}
