//! A round brush: how much a pixel is covered by a stroke, which is the distance to its line and nothing else. No dabs,
//! so no spacing between them.

#![expect(
    clippy::many_single_char_names,
    reason = "a and b are ends, x and y places, d a difference: as in every book"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "positions inside of a mask, whose sides are below 2^16"
)]

use super::{Mask, MaskMode, MaskTile};

/// Entries of the table from squared distance to coverage.
const TABLE: usize = 2048;

/// A round brush.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brush {
    /// In pixels of the mask, at least 0.5.
    pub radius_px: f32,
    /// How much of the radius is covered wholly, 0 to 1. At 1 the edge is one pixel wide.
    pub hardness: f32,
}

impl Brush {
    /// Largest diameter, in pixels.
    pub const MAX_PX: u32 = 1000;

    /// The coverage at a distance from the line, 0 to 1.
    fn at(self, distance: f32) -> f32 {
        let radius = self.radius();
        let soft = (radius * (1.0 - self.hardness.clamp(0.0, 1.0))).max(1.0);
        let t = ((radius + 0.5 - distance) / soft).clamp(0.0, 1.0);
        if soft > 1.0 {
            // Flat at both ends, so that neither is seen.
            t * t * (3.0 - 2.0 * t)
        } else {
            t
        }
    }

    fn radius(self) -> f32 {
        self.radius_px.clamp(0.5, Self::MAX_PX as f32 / 2.0)
    }

    /// Beyond it nothing is covered.
    fn reach(self) -> f32 {
        self.radius() + 0.5
    }

    /// How far apart two points of a stroke have to be to make a difference, in pixels.
    pub(super) fn step(self) -> f32 {
        (self.radius() * 0.04).max(0.5)
    }

    /// An upper bound of the pixels that a stroke from `a` to `b` looks at.
    pub(super) fn cost(self, a: [f32; 2], b: [f32; 2]) -> u64 {
        let side = |axis: usize| {
            let get = |of: [f32; 2]| of.get(axis).copied().unwrap_or_default();
            (get(a) - get(b)).abs() + 2.0 * self.reach() + 2.0
        };
        (side(0) * side(1)) as u64
    }
}

/// A brush ready to paint: its coverage as a table.
#[derive(Clone, Debug)]
pub(super) struct Dab {
    brush: Brush,
    /// By squared distance.
    table: Box<[u8]>,
    per_square: f32,
}

impl Dab {
    pub(super) fn new(brush: Brush) -> Self {
        let reach = brush.reach();
        let per_square = (TABLE - 1) as f32 / (reach * reach);
        let table = (0..TABLE)
            .map(|i| (brush.at((i as f32 / per_square).sqrt()) * 255.0).round() as u8)
            .collect();
        Self {
            brush,
            table,
            per_square,
        }
    }

    pub(super) const fn brush(&self) -> Brush {
        self.brush
    }

    /// Covers everything that is near the line from `a` to `b`, in pixels of the mask; a pixel's middle is at .5.
    pub(super) fn paint(&self, mask: &mut Mask, a: [f32; 2], b: [f32; 2], mode: MaskMode) {
        if ![a, b].iter().flatten().all(|at| at.is_finite()) {
            return;
        }
        let reach = self.brush.reach();
        let size = mask.size();
        let low = |a: f32, b: f32| (a.min(b) - reach).floor().max(0.0) as u32;
        let high =
            |a: f32, b: f32, most: u32| ((a.max(b) + reach).ceil().max(0.0) as u32).min(most);
        let (x0, x1) = (low(a[0], b[0]), high(a[0], b[0], size.width()));
        let (y0, y1) = (low(a[1], b[1]), high(a[1], b[1], size.height()));
        if x0 >= x1 || y0 >= y1 {
            return;
        }
        for index in mask.tiles_in(x0..x1, y0..y1) {
            let is_done =
                matches!(mask.tile(index), Some(MaskTile::Uniform(v)) if *v == mode.full());
            let place = mask.place(index);
            let (left, right) = (x0.max(place.x), x1.min(place.x + place.width));
            let (top, bottom) = (y0.max(place.y), y1.min(place.y + place.height));
            if is_done || !self.touches(a, b, [left, top], [right, bottom]) {
                continue;
            }
            let Some(pixels) = mask.pixels_mut(index) else {
                continue;
            };
            for y in top..bottom {
                let Some(span) = self.span(a, b, y, left..right) else {
                    continue;
                };
                let from = (y - place.y) * place.width;
                let range =
                    (from + span.start - place.x) as usize..(from + span.end - place.x) as usize;
                if let Some(row) = pixels.get_mut(range) {
                    self.row(row, a, b, [span.start, y], mode);
                }
            }
        }
    }

    /// Whether the line comes near a box; a little too generous.
    fn touches(&self, a: [f32; 2], b: [f32; 2], min: [u32; 2], max: [u32; 2]) -> bool {
        let middle = [
            f32::midpoint(min[0] as f32, max[0] as f32),
            f32::midpoint(min[1] as f32, max[1] as f32),
        ];
        let half = f32::hypot(
            (max[0] - min[0]) as f32 / 2.0,
            (max[1] - min[1]) as f32 / 2.0,
        );
        let reach = self.brush.reach() + half;
        Line::new(a, b).squared(middle) <= reach * reach
    }

    /// The part of a row that may be near the line.
    fn span(
        &self,
        a: [f32; 2],
        b: [f32; 2],
        y: u32,
        within: std::ops::Range<u32>,
    ) -> Option<std::ops::Range<u32>> {
        let reach = self.brush.reach();
        let y = y as f32 + 0.5;
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        // The part of the line that is near the row.
        let (from, to) = if dy.abs() < 1e-6 {
            (0.0, 1.0)
        } else {
            let (s, t) = ((y - reach - a[1]) / dy, (y + reach - a[1]) / dy);
            (s.min(t).max(0.0), s.max(t).min(1.0))
        };
        if from > to {
            return None;
        }
        let (p, q) = (a[0] + from * dx, a[0] + to * dx);
        // Where the row is at one height with the line's whole end, the reach is less.
        let left = (p.min(q) - reach).floor().max(0.0) as u32;
        let right = (p.max(q) + reach).ceil().max(0.0) as u32;
        let span = left.max(within.start)..right.min(within.end);
        (span.start < span.end).then_some(span)
    }

    fn row(&self, row: &mut [u8], a: [f32; 2], b: [f32; 2], start: [u32; 2], mode: MaskMode) {
        let line = Line::new(a, b);
        let y = start[1] as f32 + 0.5;
        for (i, pixel) in row.iter_mut().enumerate() {
            let x = (start[0] as usize + i) as f32 + 0.5;
            let index = (line.squared([x, y]) * self.per_square) as usize;
            let by = self.table.get(index).copied().unwrap_or_default();
            *pixel = mode.apply(*pixel, by);
        }
    }
}

/// The line from one point to another.
#[derive(Clone, Copy)]
struct Line {
    a: [f32; 2],
    d: [f32; 2],
    /// One over the squared length; 0 for a point.
    per_length: f32,
}

impl Line {
    fn new(a: [f32; 2], b: [f32; 2]) -> Self {
        let d = [b[0] - a[0], b[1] - a[1]];
        let length = d[0] * d[0] + d[1] * d[1];
        Self {
            a,
            d,
            per_length: if length > 1e-9 { 1.0 / length } else { 0.0 },
        }
    }

    /// The squared distance of a point.
    fn squared(&self, p: [f32; 2]) -> f32 {
        let v = [p[0] - self.a[0], p[1] - self.a[1]];
        let t = ((v[0] * self.d[0] + v[1] * self.d[1]) * self.per_length).clamp(0.0, 1.0);
        let (x, y) = (v[0] - t * self.d[0], v[1] - t * self.d[1]);
        x * x + y * y
    }
}
