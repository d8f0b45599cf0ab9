//! Strokes that follow a guide: big brushes lay the colours in, smaller ones return to where there is something to see.
//!
//! The order from coarse to fine is Hertzmann's («Painterly rendering with curved brush strokes of multiple sizes»,
//! 1998); the bristles are ours.

use std::f32::consts::{FRAC_PI_2, PI};

use super::canvas::{Frame, Painting};
use super::color::{Ink, Lab};
use super::guide::Guide;
use super::noise::{Rng, noise};
use super::path::{Path, Point};

/// How a brush is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    /// Widths in picture units, coarse to fine.
    pub(super) widths: &'a [f32],
    /// Length of a stroke in widths.
    pub(super) length: f32,
    /// How much lightness varies from stroke to stroke.
    pub(super) liveliness: f32,
    /// Steps of lightness over a stroke's width below which a finer brush has nothing to add.
    pub(super) patience: f32,
    /// How much the strokes follow a common current instead of the forms, 0 to 1.
    pub(super) current: f32,
}

/// Paints `guide` onto `painting`.
pub(super) fn follow(
    painting: &mut Painting<'_>,
    guide: &Guide,
    manner: Manner<'_>,
    rng: &mut Rng,
) {
    let frame = painting.frame;
    let flow_seed = rng.noise_seed();
    if guide.is_opaque() {
        // A toned ground: what the strokes leave open is not a hole.
        let all = Path::rect(frame.at(-0.1, -0.1), frame.at(1.1, 1.1));
        painting.fill(all, guide.mean());
    }
    for (level, &width) in manner.widths.iter().enumerate() {
        for p in scattered(frame, width * 0.75, rng) {
            let slope = guide.slope(p, frame, width);
            let ink = guide.at(p, frame);
            // A finer brush needs a better reason: the smallest only draws edges.
            let reason = manner.patience * (0.3 + 0.35 * level as f32) * (0.5 + rng.unit());
            let bored = level > 0 && slope.length() < reason;
            if bored || !guide.covers(p, frame, 0.45 * width) {
                continue;
            }
            let mut line = trace(p, manner.length * width * (0.7 + 0.6 * rng.unit()), |p| {
                let slope = guide.slope(p, frame, width);
                let along = slope.y.atan2(slope.x) + FRAC_PI_2;
                let drift = noise(p * 1.7, flow_seed) * PI;
                let trust = (slope.length() / 0.08).min(1.0) * (1.0 - manner.current);
                let turn = wrap(along - drift);
                drift + turn * trust
            });
            line.retain(|p| guide.covers(*p, frame, 0.0));
            let lively = manner.liveliness * (rng.unit() - 0.5);
            let lab = ink
                .lab
                .lighter(lively)
                .chroma(1.0 + 0.5 * manner.liveliness);
            stroke(painting, &line, width, lab.alpha(0.94), rng);
        }
    }
}

/// The state of a picture at preview `index` of `count`: the ground, then brushes down to a size that depends on it.
pub(super) fn underpainting<'a>(
    guide: &Guide,
    frame: Frame,
    index: u32,
    count: u32,
    rng: &mut Rng,
) -> Painting<'a> {
    let done = (index + 1) as f32 / (count.max(index + 1) + 1) as f32;
    // Of two previews the first stops at brushes of 6 % of the picture, the second at 2 %.
    let finest = 0.2 * (-3.6 * done).exp();
    let finer = |width: &f32| Some(0.55 * width).filter(|width| *width >= finest);
    let widths: Vec<f32> = std::iter::successors(Some(0.17), finer).collect();
    let manner = Manner {
        widths: &widths,
        length: 3.0,
        liveliness: 0.05,
        patience: 0.012,
        current: 0.25,
    };
    let mut painting = Painting::new(frame);
    follow(&mut painting, guide, manner, rng);
    painting
}

/// Points about `spacing` apart that cover the frame and a little more, in no order.
fn scattered(frame: Frame, spacing: f32, rng: &mut Rng) -> Vec<Point> {
    let cells = |side: f32| (side / spacing).ceil() as i32 + 1;
    let (columns, rows) = (cells(frame.width), cells(frame.height));
    let mut points: Vec<Point> = (0..rows * columns)
        .map(|i| Point::new((i % columns) as f32, (i / columns) as f32))
        .map(|cell| (cell + Point::new(rng.range(-0.5..0.5), rng.range(-0.5..0.5))) * spacing)
        .collect();
    for i in (1..points.len()).rev() {
        points.swap(i, rng.below(i + 1));
    }
    points
}

/// A line of `length` with `p` in its middle that goes where `angle` points.
fn trace(p: Point, length: f32, angle: impl Fn(Point) -> f32) -> Vec<Point> {
    const STEPS: u8 = 5;
    let start = angle(p);
    let walk = |sign: f32| -> Vec<Point> {
        let (mut at, mut heading) = (p, start);
        let mut line = Vec::with_capacity(usize::from(STEPS));
        for _ in 0..STEPS {
            at = at + Point::polar(sign * length / (2.0 * f32::from(STEPS)), heading);
            line.push(at);
            // A stroke bends, it does not turn back.
            heading += wrap(angle(at) - heading).clamp(-0.4, 0.4);
        }
        line
    };
    let mut line = walk(-1.0);
    line.reverse();
    line.push(p);
    line.extend(walk(1.0));
    line
}

/// The same direction of a line (which has no arrow) within a quarter turn of 0.
fn wrap(angle: f32) -> f32 {
    angle - (angle / PI).round() * PI
}

/// One touch of the brush: bristles side by side, each with its own shade and its own ends.
fn stroke(painting: &mut Painting<'_>, line: &[Point], width: f32, ink: Ink, rng: &mut Rng) {
    const BRISTLES: u8 = 4;
    let part = width / f32::from(BRISTLES);
    for bristle in 0..BRISTLES {
        let offset = part * (f32::from(bristle) - 0.5 * f32::from(BRISTLES - 1));
        let (start, end) = (rng.range(0.0..0.1), rng.range(0.9..1.0));
        let shade: Lab = ink.lab.lighter(rng.range(-0.022..0.022));
        let shifted = shift(line, offset);
        let path = Path::ribbon(&shifted, |t| {
            let taper = ((t - start) / 0.12).min((end - t) / 0.16).clamp(0.0, 1.0);
            0.72 * part * taper.sqrt()
        });
        painting.fill(path, shade.alpha(ink.alpha));
    }
}

/// `line` moved sideways.
fn shift(line: &[Point], by: f32) -> Vec<Point> {
    let last = line.len().saturating_sub(1);
    let at = |i: usize| line.get(i.min(last)).copied().unwrap_or_default();
    (0..line.len())
        .map(|i| {
            let along = at(i + 1) - at(i.saturating_sub(1));
            at(i) + Point::new(-along.y, along.x) * (by / along.length().max(1e-9))
        })
        .collect()
}
