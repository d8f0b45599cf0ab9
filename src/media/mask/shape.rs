//! Shapes with smooth edges: rectangle, ellipse, and whatever a line goes round.

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

use super::{Mask, MaskMode};

/// Lines at which a row of a polygon is looked at: each counts for its part of the coverage.
const SUB_ROWS: u32 = 8;

/// Covers the rectangle between two corners, in pixels; a border inside of a pixel covers its part of it.
pub(super) fn rectangle(mask: &mut Mask, a: [f32; 2], b: [f32; 2], mode: MaskMode) {
    let (left, right) = (a[0].min(b[0]), a[0].max(b[0]));
    let (top, bottom) = (a[1].min(b[1]), a[1].max(b[1]));
    let overlap = |low: f32, high: f32, at: u32| {
        (high.min(at as f32 + 1.0) - low.max(at as f32)).clamp(0.0, 1.0)
    };
    let columns = span(left, right, mask.size().width());
    let across: Vec<f32> = columns.clone().map(|x| overlap(left, right, x)).collect();
    let mut row = Vec::with_capacity(across.len());
    for y in span(top, bottom, mask.size().height()) {
        let down = overlap(top, bottom, y);
        row.clear();
        row.extend(across.iter().map(|across| byte(across * down)));
        mask.cover_row(y, columns.start, &row, mode);
    }
}

/// Covers the ellipse inside of the rectangle between two corners, in pixels.
pub(super) fn ellipse(mask: &mut Mask, a: [f32; 2], b: [f32; 2], mode: MaskMode) {
    let middle = [f32::midpoint(a[0], b[0]), f32::midpoint(a[1], b[1])];
    let half = [(a[0] - b[0]).abs() / 2.0, (a[1] - b[1]).abs() / 2.0];
    if half[0] < 0.25 || half[1] < 0.25 {
        return;
    }
    let columns = span(
        middle[0] - half[0],
        middle[0] + half[0],
        mask.size().width(),
    );
    let mut row = Vec::new();
    for y in span(
        middle[1] - half[1],
        middle[1] + half[1],
        mask.size().height(),
    ) {
        let v = (y as f32 + 0.5 - middle[1]) / half[1];
        row.clear();
        row.extend(columns.clone().map(|x| {
            let u = (x as f32 + 0.5 - middle[0]) / half[0];
            // The distance to the edge, to first order: what the edge's function is, over how fast it grows.
            let f = f32::hypot(u, v);
            let slope = f32::hypot(u / half[0], v / half[1]) / f.max(1e-6);
            byte(0.5 - (f - 1.0) / slope.max(1e-9))
        }));
        mask.cover_row(y, columns.start, &row, mode);
    }
}

/// Covers everything that a closed line goes round, once or more, in whichever direction; points in pixels.
pub(super) fn polygon(mask: &mut Mask, points: &[[f32; 2]], mode: MaskMode) {
    let ends = |axis: usize| {
        let at = points.iter().filter_map(|p| p.get(axis).copied());
        at.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), at| {
            (low.min(at), high.max(at))
        })
    };
    let ((left, right), (top, bottom)) = (ends(0), ends(1));
    if points.len() < 3 || ![left, right, top, bottom].iter().all(|at| at.is_finite()) {
        return;
    }
    let columns = span(left, right, mask.size().width());
    if columns.is_empty() {
        return;
    }
    let next = points.iter().skip(1).chain(points.first());
    let edges: Vec<([f32; 2], [f32; 2])> = points.iter().copied().zip(next.copied()).collect();
    let mut cover = vec![0.0_f32; columns.len()];
    let mut row = Vec::new();
    let mut crossings: Vec<(f32, i32)> = Vec::new();
    for y in span(top, bottom, mask.size().height()) {
        cover.fill(0.0);
        // Only the edges that the row meets.
        let (low, high) = (y as f32, y as f32 + 1.0);
        let met: Vec<_> = edges
            .iter()
            .filter(|(a, b)| a[1].min(b[1]) < high && a[1].max(b[1]) > low)
            .collect();
        for sub in 0..SUB_ROWS {
            let at = low + (sub as f32 + 0.5) / SUB_ROWS as f32;
            crossings.clear();
            for (a, b) in &met {
                if (a[1] <= at) != (b[1] <= at) {
                    let x = a[0] + (at - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
                    crossings.push((x, if b[1] > a[1] { 1 } else { -1 }));
                }
            }
            crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut winding = 0;
            for pair in crossings.windows(2) {
                if let [(from, turn), (to, _)] = pair {
                    winding += turn;
                    if winding != 0 {
                        add_span(
                            &mut cover,
                            from - columns.start as f32,
                            to - columns.start as f32,
                        );
                    }
                }
            }
        }
        row.clear();
        row.extend(cover.iter().map(|sum| byte(sum / SUB_ROWS as f32)));
        mask.cover_row(y, columns.start, &row, mode);
    }
}

/// Adds the part of every pixel that lies between `from` and `to`.
fn add_span(cover: &mut [f32], from: f32, to: f32) {
    let (from, to) = (from.max(0.0), to.min(cover.len() as f32));
    if from >= to {
        return;
    }
    let (first, last) = (from as usize, (to.ceil() as usize).max(1) - 1);
    let Some(pixels) = cover.get_mut(first..=last) else {
        return;
    };
    for pixel in pixels.iter_mut() {
        *pixel += 1.0;
    }
    if let Some(pixel) = pixels.first_mut() {
        *pixel -= from - first as f32;
    }
    if let Some(pixel) = pixels.last_mut() {
        *pixel -= last as f32 + 1.0 - to;
    }
}

/// The pixels that a stretch touches, within `most`.
fn span(low: f32, high: f32, most: u32) -> std::ops::Range<u32> {
    let low = (low.floor().max(0.0) as u32).min(most);
    let high = (high.ceil().max(0.0) as u32).min(most);
    low..high.max(low)
}

/// A share as a byte.
fn byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}
