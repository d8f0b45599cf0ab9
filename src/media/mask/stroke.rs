//! A smooth line through the points that a hand gave.

/// How far a flattened curve may be from the true one, in pixels.
const FLATNESS_PX: f32 = 0.25;

/// Most straight pieces of a curve between two points.
const MAX_PIECES: u16 = 32;

/// Turns points into short straight pieces that follow a curve: from the middle between two points to the middle of the
/// next two, bent towards the point between them. It stays within the points' own outline and needs no point that has
/// not come yet; the last half piece is drawn when the stroke ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Smoother {
    last: Option<[f32; 2]>,
    /// Where the curve has come to.
    middle: Option<[f32; 2]>,
    /// It is but one point so far, which was drawn.
    is_dot: bool,
}

impl Smoother {
    /// The next point, in pixels; pieces of the line go to `piece`. The first one is a piece of no length.
    pub(super) fn push(&mut self, point: [f32; 2], mut piece: impl FnMut([f32; 2], [f32; 2])) {
        let Some(last) = self.last.replace(point) else {
            piece(point, point);
            self.middle = Some(point);
            self.is_dot = true;
            return;
        };
        let start = self.middle.unwrap_or(last);
        let end = between(last, point, 0.5);
        curve(start, last, end, &mut piece);
        self.middle = Some(end);
        self.is_dot = false;
    }

    /// How far `point` is from the last one, in pixels.
    pub(super) fn distance(&self, point: [f32; 2]) -> f32 {
        self.last.map_or(f32::INFINITY, |last| {
            f32::hypot(last[0] - point[0], last[1] - point[1])
        })
    }

    /// Draws what is left, up to the last point.
    pub(super) fn finish(&mut self, mut piece: impl FnMut([f32; 2], [f32; 2])) {
        if let (Some(middle), Some(last)) = (self.middle.take(), self.last.take())
            && !self.is_dot
        {
            piece(middle, last);
        }
    }
}

fn between(a: [f32; 2], b: [f32; 2], t: f32) -> [f32; 2] {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

/// A quadratic curve in straight pieces.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small number"
)]
fn curve(a: [f32; 2], control: [f32; 2], b: [f32; 2], piece: &mut impl FnMut([f32; 2], [f32; 2])) {
    // The largest distance of a quadratic curve from its chord is a quarter of this bend.
    let bend = f32::hypot(
        a[0] - 2.0 * control[0] + b[0],
        a[1] - 2.0 * control[1] + b[1],
    );
    let pieces = (bend / (4.0 * FLATNESS_PX)).sqrt().ceil();
    let pieces = (pieces as u16).clamp(1, MAX_PIECES);
    let mut from = a;
    for i in 1..=pieces {
        let t = f32::from(i) / f32::from(pieces);
        let to = between(between(a, control, t), between(control, b, t), t);
        piece(from, to);
        from = to;
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the very same values")]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_no_gap_and_ends_at_both_ends() {
        let points = [[0.0, 0.0], [10.0, 0.0], [20.0, 15.0], [5.0, 40.0]];
        let mut pieces = Vec::new();
        let mut smoother = Smoother::default();
        for point in points {
            smoother.push(point, |a, b| pieces.push((a, b)));
        }
        smoother.finish(|a, b| pieces.push((a, b)));
        assert_eq!(pieces.first().unwrap().0, points[0]);
        assert_eq!(pieces.last().unwrap().1, points[3]);
        for pair in pieces.windows(2) {
            assert_eq!(pair[0].1, pair[1].0);
        }
        // No corner is sharper than between two neighbours of a smooth curve.
        let angle = |(a, b): ([f32; 2], [f32; 2])| f32::atan2(b[1] - a[1], b[0] - a[0]);
        let turns: Vec<f32> = pieces[1..]
            .windows(2)
            .map(|pair| (angle(pair[1]) - angle(pair[0])).abs())
            .collect();
        assert!(turns.iter().all(|turn| *turn < 0.6), "{turns:?}");
    }

    #[test]
    fn a_click_is_a_dot() {
        let mut pieces = Vec::new();
        let mut smoother = Smoother::default();
        smoother.push([3.0, 4.0], |a, b| pieces.push((a, b)));
        smoother.finish(|a, b| pieces.push((a, b)));
        assert_eq!(pieces, [([3.0, 4.0], [3.0, 4.0])]);
    }
}
