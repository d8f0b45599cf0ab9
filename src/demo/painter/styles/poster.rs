//! Geometric posters: flat shapes, few colours, one large idea.

use std::f32::consts::{FRAC_PI_2, PI};

use super::Plan;
use crate::demo::painter::canvas::{Frame, Painting};
use crate::demo::painter::color::Lab;
use crate::demo::painter::guide::Guide;
use crate::demo::painter::motif::{self, Stand};
use crate::demo::painter::noise::{Rng, lerp};
use crate::demo::painter::path::{Path, Point};

/// The subject before a disc, or a field of tiles when there is none.
pub(super) fn paint<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    match plan.brief.subject() {
        Some(_) => emblem(plan),
        None => field(plan),
    }
}

fn emblem<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    painting.vignette = 0.05;
    let frame = plan.frame;
    let swatches = plan.palette.swatches();
    let center = frame.at(0.5, 0.44);
    let ground = swatches[6].mix(Lab::hex(0xf4_ecdc), 0.5);
    painting.fill(Path::rect(frame.at(-0.1, -0.1), frame.at(1.1, 1.1)), ground);
    for (i, angle) in (0..24_u8).map(|i| (i, PI / 12.0 * f32::from(i))) {
        if i % 2 == 0 {
            let far = |angle: f32| center + Point::polar(3.0, angle);
            painting.fill(
                Path::polygon([center, far(angle), far(angle + PI / 12.0)]),
                swatches[5].mix(ground, 0.7),
            );
        }
    }
    for (radius, color) in [
        (0.41, swatches[4]),
        (0.355, swatches[5]),
        (0.3, plan.palette.accents[0]),
    ] {
        painting.fill(Path::circle(center, radius), color);
    }
    let floor = center.y + 0.29;
    for i in 0..6_u8 {
        let t = f32::from(i) / 5.0;
        let y = lerp(floor, frame.height, t.powf(1.4));
        let color = swatches[0].mix(swatches[3], 0.75 * (1.0 - t));
        painting.fill(
            Path::rect(
                Point::new(-0.1, y),
                Point::new(frame.width + 0.1, frame.height + 0.1),
            ),
            color,
        );
    }
    if let Some(subject) = plan.brief.subject() {
        let stand = Stand {
            foot: Point::new(center.x, floor + 0.05),
            height: 0.5,
            is_mirrored: plan.rng.chance(0.5),
            light: center - Point::new(0.0, 0.6),
        };
        motif::draw(&mut painting, subject, &plan.palette, stand);
    }
    painting
}

fn field<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    painting.vignette = 0.06;
    let swatches = plan.palette.swatches();
    let rows = [4.0, 5.0, 6.0, 7.0]
        .get(plan.rng.below(4))
        .copied()
        .unwrap_or(5.0);
    let rng = &mut plan.rng;
    each_tile(plan.frame, rows, |min, side| {
        let ground = rng.pick(&swatches).copied().unwrap_or_default();
        let mut figure = rng.pick(&swatches).copied().unwrap_or_default();
        if (figure.l - ground.l).abs() < 0.12 {
            figure = figure.lighter(if ground.l > 0.55 { -0.3 } else { 0.3 });
        }
        painting.fill(square(min, side), ground);
        tile(&mut painting, min, side, figure, ground, rng);
    });
    painting
}

/// A reference in small tiles: each a colour of the picture and a figure in its shade.
pub(super) fn after<'a>(plan: &mut Plan<'_>, guide: &Guide) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    painting.vignette = 0.05;
    let frame = plan.frame;
    let rng = &mut plan.rng;
    each_tile(frame, 34.0, |min, side| {
        let ink = guide.at(min + Point::new(side, side) * 0.5, frame);
        if ink.alpha < 0.5 {
            return;
        }
        let ground = ink.lab.chroma(1.15);
        painting.fill(square(min, side), ground);
        let by = rng.range(0.03..0.09) * if ground.l > 0.6 { -1.0 } else { 1.0 };
        tile(&mut painting, min, side, ground.lighter(by), ground, rng);
    });
    painting
}

/// Calls `draw(upper left corner, side)` for whole tiles that cover the frame from its middle.
fn each_tile(frame: Frame, rows: f32, mut draw: impl FnMut(Point, f32)) {
    let side = frame.width.min(frame.height) / rows;
    let count = |length: f32| (length / side - 0.01).ceil().max(1.0);
    let (columns, rows) = (count(frame.width), count(frame.height));
    let start = frame.center() - Point::new(columns, rows) * (0.5 * side);
    for i in 0..(columns * rows) as u32 {
        let (x, y) = ((i % columns as u32) as f32, (i / columns as u32) as f32);
        draw(start + Point::new(x, y) * side, side);
    }
}

/// A hair larger than its place, so that no seam shows between neighbours.
fn square(min: Point, side: f32) -> Path {
    let hair = Point::new(0.0006, 0.0006);
    Path::rect(min - hair, min + Point::new(side, side) + hair)
}

/// One figure of the alphabet, turned by a quarter any number of times.
fn tile(
    painting: &mut Painting<'_>,
    min: Point,
    side: f32,
    figure: Lab,
    ground: Lab,
    rng: &mut Rng,
) {
    let turns = rng.below(4) as f32;
    let (sin, cos) = (turns * FRAC_PI_2).sin_cos();
    let center = min + Point::new(side, side) * 0.5;
    let place = |p: Point| center + Point::new(p.x * cos - p.y * sin, p.x * sin + p.y * cos) * side;
    let corner = Point::new(-0.5, -0.5);
    let quarter = |r: f32| {
        Path::arc(corner, r, r, 0.0..FRAC_PI_2).with(Path::polygon([
            corner,
            corner + Point::new(r, 0.0),
            corner + Point::new(0.0, r),
        ]))
    };
    let mut fill = |path: Path, color: Lab| painting.fill(path.map(place), color);
    match rng.below(7) {
        0 => fill(quarter(1.0), figure),
        1 => {
            for (i, r) in [1.0, 0.78, 0.56, 0.34].into_iter().enumerate() {
                fill(quarter(r), if i % 2 == 0 { figure } else { ground });
            }
        }
        2 => fill(
            Path::arc(Point::new(0.0, 0.5), 0.5, 0.5, PI..2.0 * PI),
            figure,
        ),
        3 => {
            fill(Path::circle(Point::default(), 0.4), figure);
            fill(Path::circle(Point::default(), 0.17), ground);
        }
        4 => fill(
            Path::polygon([corner, Point::new(0.5, -0.5), Point::new(-0.5, 0.5)]),
            figure,
        ),
        5 => {
            for i in 0..3_u8 {
                let y = -0.5 + f32::from(i) / 3.0;
                fill(
                    Path::rect(Point::new(-0.5, y), Point::new(0.5, y + 1.0 / 6.0)),
                    figure,
                );
            }
        }
        _ => {
            fill(quarter(0.5), figure);
            fill(quarter(0.5).map(|p| p * -1.0), figure);
        }
    }
}
