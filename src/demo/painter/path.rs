//! Outlines in picture units: polygons, smooth curves, and ribbons that stand for strokes.

use std::f32::consts::TAU;
use std::ops::{Add, Mul, Sub};

/// A place or a direction. `y` grows downwards; a picture's shorter side is one unit long.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Point {
    pub(super) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// `length` in the direction `angle` (radians, clockwise from the right).
    pub(super) fn polar(length: f32, angle: f32) -> Self {
        Self::new(length * angle.cos(), length * angle.sin())
    }

    /// Turned round the origin, clockwise by `angle` (radians).
    pub(super) fn turned(self, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self::new(self.x * cos - self.y * sin, self.x * sin + self.y * cos)
    }

    pub(super) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    pub(super) fn mix(self, other: Self, t: f32) -> Self {
        self + (other - self) * t
    }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Point {
    type Output = Self;
    fn mul(self, by: f32) -> Self {
        Self::new(self.x * by, self.y * by)
    }
}

/// An axis-parallel box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) min: Point,
    pub(super) max: Point,
}

/// Closed contours, all turning the same way, so that overlapping ones add up and never cut each other out.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    contours: Vec<Vec<Point>>,
}

impl Path {
    pub(super) fn polygon(points: impl IntoIterator<Item = Point>) -> Self {
        let mut path = Self::default();
        path.push(points.into_iter().collect());
        path
    }

    pub(super) fn rect(min: Point, max: Point) -> Self {
        Self::polygon([min, Point::new(max.x, min.y), max, Point::new(min.x, max.y)])
    }

    pub(super) fn ellipse(center: Point, rx: f32, ry: f32) -> Self {
        Self::arc(center, rx, ry, 0.0..TAU)
    }

    pub(super) fn circle(center: Point, radius: f32) -> Self {
        Self::ellipse(center, radius, radius)
    }

    /// The part of an ellipse between two angles, closed by a straight line.
    pub(super) fn arc(center: Point, rx: f32, ry: f32, angles: std::ops::Range<f32>) -> Self {
        // At 4K the largest discs have a radius of about 1000 px; 128 corners keep them round to half a pixel.
        let corners = if rx.max(ry) < 0.02 { 24 } else { 128 };
        let span = angles.end - angles.start;
        Self::polygon((0..=corners).map(|i| {
            let angle = angles.start + span * i as f32 / corners as f32;
            center + Point::new(rx * angle.cos(), ry * angle.sin())
        }))
    }

    /// A smooth closed outline through `points`.
    pub(super) fn smooth(points: &[Point]) -> Self {
        let at = |i: usize| points.get(i % points.len()).copied().unwrap_or_default();
        let spans = 0..points.len();
        Self::polygon(
            spans.flat_map(|i| spline([at(i + points.len() - 1), at(i), at(i + 1), at(i + 2)])),
        )
    }

    /// A stroke along `line`; `half_width` is asked for 0 (start) to 1 (end).
    pub(super) fn ribbon(line: &[Point], half_width: impl Fn(f32) -> f32) -> Self {
        let last = line.len().saturating_sub(1);
        let edge = |i: usize, side: f32| {
            let at = |i: usize| line.get(i.min(last)).copied().unwrap_or_default();
            let along = at(i + 1) - at(i.saturating_sub(1));
            let scale = side * half_width(i as f32 / last.max(1) as f32) / along.length().max(1e-9);
            at(i) + Point::new(-along.y, along.x) * scale
        };
        let there = (0..line.len()).map(|i| edge(i, 1.0));
        let back = (0..line.len()).rev().map(|i| edge(i, -1.0));
        Self::polygon(there.chain(back))
    }

    /// Adds a contour, turned round if need be.
    pub(super) fn push(&mut self, mut contour: Vec<Point>) {
        if contour.len() < 3 {
            return;
        }
        let next = contour.iter().cycle().skip(1);
        let area: f32 = (contour.iter().zip(next))
            .map(|(a, b)| a.x * b.y - b.x * a.y)
            .sum();
        if area < 0.0 {
            contour.reverse();
        }
        self.contours.push(contour);
    }

    /// Adds all of `other`.
    #[must_use]
    pub(super) fn with(mut self, other: Self) -> Self {
        self.contours.extend(other.contours);
        self
    }

    /// Every point moved by `f`.
    #[must_use]
    pub(super) fn map(&self, f: impl Fn(Point) -> Point) -> Self {
        let mut path = Self::default();
        for contour in &self.contours {
            path.push(contour.iter().copied().map(&f).collect());
        }
        path
    }

    #[cfg(test)]
    pub(super) const fn is_empty(&self) -> bool {
        self.contours.is_empty()
    }

    /// A line along every contour.
    pub(super) fn outline(&self, half_width: f32) -> Self {
        let closed = |contour: &Vec<Point>| {
            let line: Vec<Point> = contour.iter().chain(contour.first()).copied().collect();
            Self::ribbon(&line, |_| half_width)
        };
        self.contours.iter().map(closed).collect()
    }

    pub(super) fn contours(&self) -> &[Vec<Point>] {
        &self.contours
    }

    /// The smallest box round it; empty paths give an empty box.
    pub(super) fn bounds(&self) -> Bounds {
        let far = Bounds {
            min: Point::new(f32::MAX, f32::MAX),
            max: Point::new(f32::MIN, f32::MIN),
        };
        self.contours.iter().flatten().fold(far, |b, p| Bounds {
            min: Point::new(b.min.x.min(p.x), b.min.y.min(p.y)),
            max: Point::new(b.max.x.max(p.x), b.max.y.max(p.y)),
        })
    }
}

impl FromIterator<Path> for Path {
    fn from_iter<I: IntoIterator<Item = Path>>(paths: I) -> Self {
        paths.into_iter().fold(Self::default(), Self::with)
    }
}

/// Reads `x,y x,y …` in hundredths of a unit; what is not a pair of numbers is left out.
pub(super) fn points(text: &str) -> Vec<Point> {
    text.split_whitespace()
        .filter_map(|pair| pair.split_once(','))
        .filter_map(|(x, y)| Some(Point::new(x.parse().ok()?, y.parse().ok()?) * 0.01))
        .collect()
}

/// A smooth open line through `points`.
pub(super) fn curve(points: &[Point]) -> Vec<Point> {
    let last = points.len().saturating_sub(1);
    let at = |i: usize| points.get(i.min(last)).copied().unwrap_or_default();
    (0..last)
        .flat_map(|i| spline([at(i.saturating_sub(1)), at(i), at(i + 1), at(i + 2)]))
        .chain(points.last().copied())
        .collect()
}

/// The Catmull-Rom span between the two middle points, without its end.
fn spline([p0, p1, p2, p3]: [Point; 4]) -> impl Iterator<Item = Point> {
    const PARTS: u8 = 10;
    (0..PARTS).map(move |i| {
        let t = f32::from(i) / f32::from(PARTS);
        let cubic = (p1 - p2) * 3.0 + p3 - p0;
        let square = p0 * 2.0 - p1 * 5.0 + p2 * 4.0 - p3;
        p1 + ((p2 - p0) + (square + cubic * t) * t) * (0.5 * t)
    })
}
