//! The word «DEMO» in the corner: no picture of the demo gateway passes for a model's.

use super::canvas::{Frame, Painting};
use super::color::Lab;
use super::path::{Path, Point, curve, points};

/// The strokes of D, E, M and O in hundredths of a letter's height; those of more than two points are bent.
const STROKES: [&str; 11] = [
    "0,0 0,100",
    "0,0 30,2 60,28 60,72 30,98 0,100",
    "164,0 102,0",
    "102,0 102,100",
    "102,100 164,100",
    "102,50 156,50",
    "206,0 206,100",
    "206,0 243,72",
    "243,72 280,0",
    "280,0 280,100",
    "356,0 385,14 396,50 385,86 356,100 327,86 316,50 327,14 356,0",
];
/// Width of the word in letter heights.
const WIDTH: f32 = 3.96;

/// The word at some size, in picture units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    height: f32,
}

impl Mark {
    /// Height of the letters on a whole picture.
    pub(super) const HEIGHT: f32 = 0.02;

    pub(super) const fn of_height(height: f32) -> Self {
        Self { height }
    }

    /// Where the word ends on a whole picture: its lower right end, a little away from both edges.
    pub(super) fn corner(self, frame: Frame) -> Point {
        let margin = 0.9 * self.height;
        Point::new(frame.width - margin, frame.height - margin)
    }

    /// The place nearest to the lower right corner at which `is_free` holds under the whole word; `None`: nowhere.
    pub(super) fn fit(self, frame: Frame, is_free: impl Fn(Point) -> bool) -> Option<Point> {
        const STEPS: u8 = 24;
        let size = self.size();
        let end = self.corner(frame);
        let is_clear = |corner: Point| {
            let probes = (0..=6_u8).flat_map(|u| (0..=2_u8).map(move |v| (u, v)));
            probes.into_iter().all(|(u, v)| {
                is_free(
                    corner - Point::new(size.x * f32::from(u) / 6.0, size.y * f32::from(v) / 2.0),
                )
            })
        };
        (0..STEPS)
            .flat_map(|v| (0..STEPS).map(move |u| (u, v)))
            .map(|(u, v)| {
                let back = |steps: u8, room: f32| room * f32::from(steps) / f32::from(STEPS - 1);
                end - Point::new(back(u, end.x - size.x), back(v, end.y - size.y))
            })
            .find(|corner| corner.x >= size.x && corner.y >= size.y && is_clear(*corner))
    }

    /// Writes the word so that it ends at `corner`: light letters on a dark halo.
    pub(super) fn sign(self, painting: &mut Painting<'_>, corner: Point) {
        let origin = corner - self.size();
        for (half_width, ink) in [
            (0.19, Lab::BLACK.alpha(0.28)),
            (0.13, Lab::BLACK.alpha(0.42)),
            (0.07, Lab::WHITE.alpha(0.95)),
        ] {
            let word: Path = (STROKES.iter())
                .map(|stroke| curve(&points(stroke)))
                .map(|line| line.iter().map(|p| origin + *p * self.height).collect())
                .map(|line: Vec<Point>| round_ended(&line, half_width * self.height))
                .collect();
            painting.fill(word, ink);
        }
    }

    fn size(self) -> Point {
        Point::new(WIDTH, 1.0) * self.height
    }
}

fn round_ended(line: &[Point], half_width: f32) -> Path {
    let ends = [line.first(), line.last()].into_iter().flatten();
    ends.map(|end| Path::circle(*end, half_width))
        .fold(Path::ribbon(line, |_| half_width), Path::with)
}
