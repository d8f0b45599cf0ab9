//! Small things of a landscape: stars, birds, trees, grass, and what falls from the sky.

use std::f32::consts::PI;

use super::Plan;
use crate::demo::painter::canvas::Painting;
use crate::demo::painter::color::Lab;
use crate::demo::painter::lexicon::{Land, Thing, Time};
use crate::demo::painter::path::{Path, Point, curve};

/// Stars down to `horizon`, fewer near it.
pub(super) fn stars(painting: &mut Painting<'_>, plan: &mut Plan<'_>, horizon: f32) {
    let rng = &mut plan.rng.fork();
    let many = if plan.brief.has(Thing::Stars) {
        420.0
    } else {
        170.0
    };
    for _ in 0..(many * plan.frame.width * horizon) as u32 {
        let height = rng.unit() * rng.unit();
        let p = Point::new(rng.unit() * plan.frame.width, height * horizon);
        let bright = rng.unit().powi(3);
        let color = Lab::WHITE.tinted(plan.palette.accents[1], 0.3 * rng.unit());
        if bright > 0.75 {
            painting.fill(Path::circle(p, 0.006), color.alpha(0.12));
        }
        painting.fill(
            Path::circle(p, 0.0008 + 0.0016 * bright),
            color.alpha(0.35 + 0.65 * bright),
        );
    }
}

/// A loose flock far away.
pub(super) fn flock(painting: &mut Painting<'_>, plan: &mut Plan<'_>, horizon: f32) {
    let rng = &mut plan.rng.fork();
    let middle = Point::new(
        rng.range(0.2..0.8) * plan.frame.width,
        rng.range(0.25..0.6) * horizon,
    );
    let color = plan.palette.near.mix(plan.palette.sky[1], 0.25);
    for _ in 0..5 + rng.below(6) {
        let at = middle + Point::new(rng.range(-0.16..0.16), rng.range(-0.06..0.06));
        let size = rng.range(0.008..0.017);
        let lift = rng.range(0.2..0.6);
        let wing = [
            (-1.0, -lift),
            (-0.45, -0.75 * lift),
            (0.0, 0.0),
            (0.45, -0.75 * lift),
            (1.0, -lift),
        ]
        .map(|(x, y)| at + Point::new(x, y) * size);
        let path = Path::ribbon(&curve(&wing), |t| size * 0.1 * (t * PI).sin().max(0.15));
        painting.fill(path, color);
    }
}

/// A wood on a skyline: firs, or round crowns in the season's colours.
pub(super) fn trees(
    painting: &mut Painting<'_>,
    plan: &mut Plan<'_>,
    top: impl Fn(f32) -> f32,
    size: f32,
    color: Lab,
    depth: f32,
) {
    let rng = &mut plan.rng.fork();
    let density = match plan.palette.land {
        Land::Desert => return,
        _ if plan.brief.has(Thing::Forest) => 1.5,
        _ => 0.55,
    };
    let is_round =
        matches!(plan.palette.land, Land::Autumn | Land::Spring) && !plan.brief.has(Thing::Forest);
    let count = (density * plan.frame.width / size * 1.6) as u32;
    for _ in 0..count {
        let x = rng.unit() * plan.frame.width;
        let height = size * rng.range(0.6..1.3);
        let foot = Point::new(x, top(x) + 0.2 * height);
        if is_round {
            let leaf = rng.pick(&plan.palette.accents).copied().unwrap_or_default();
            let leaf = color.mix(plan.palette.lit(leaf), 0.25 + 0.55 * depth);
            painting.fill(crown(foot, height), leaf.lighter(rng.range(-0.04..0.04)));
        } else {
            painting.fill(fir(foot, height), color.lighter(rng.range(-0.035..0.02)));
        }
    }
}

fn fir(foot: Point, height: f32) -> Path {
    const TIERS: u8 = 6;
    let side = |sign: f32| {
        (0..TIERS * 2).map(move |i| {
            let up = 1.0 - f32::from(i / 2 + i % 2) / f32::from(TIERS);
            let reach = if i % 2 == 1 { 0.27 } else { 0.13 };
            let half = height * reach * (1.0 - up + 0.02);
            foot + Point::new(sign * half, -height * up)
        })
    };
    let left: Vec<Point> = side(-1.0).collect();
    Path::polygon(side(1.0).chain(left.into_iter().rev()))
}

fn crown(foot: Point, height: f32) -> Path {
    let trunk = Path::rect(
        foot + Point::new(-0.03 * height, -0.5 * height),
        foot + Point::new(0.03 * height, 0.0),
    );
    [(0.0, 0.68, 0.3), (-0.2, 0.52, 0.22), (0.21, 0.5, 0.22)]
        .into_iter()
        .map(|(x, y, r)| Path::circle(foot + Point::new(x, -y) * height, r * height))
        .fold(trunk, Path::with)
}

/// Blades along the near ground, and flowers among them.
pub(super) fn grass(painting: &mut Painting<'_>, plan: &mut Plan<'_>, top: impl Fn(f32) -> f32) {
    let rng = &mut plan.rng.fork();
    let blossoms = if plan.brief.has(Thing::Flower) {
        0.2
    } else {
        0.04
    };
    let palette = &plan.palette;
    let room = plan.frame.height;
    for _ in 0..(900.0 * plan.frame.width) as u32 {
        let x = rng.unit() * plan.frame.width;
        let near = rng.unit();
        let foot = Point::new(x, top(x) + 0.01 + near * near * (room - top(x)).max(0.0));
        let length = (0.018 + 0.05 * near) * rng.range(0.5..1.3);
        let lean = rng.range(-0.4..0.55) * length;
        let blade = [
            foot,
            foot + Point::new(lean * 0.3, -length * 0.6),
            foot + Point::new(lean, -length),
        ];
        let tone = rng.unit();
        let color = palette
            .cover
            .mix(palette.near, 0.25 + 0.6 * tone * (0.5 + 0.5 * near));
        painting.fill(
            Path::ribbon(&curve(&blade), |t| length * 0.035 * (1.0 - t)),
            color.lighter(0.05 * (1.0 - near)),
        );
        if rng.chance(blossoms) {
            let petal = rng.pick(&palette.accents).copied().unwrap_or_default();
            let head = foot + Point::new(lean, -length);
            painting.fill(Path::circle(head, length * 0.12), palette.lit(petal));
        }
    }
}

/// Snow, rain, petals, leaves or fireflies, whichever the words and the season bring.
pub(super) fn weather(painting: &mut Painting<'_>, plan: &mut Plan<'_>) {
    let rng = &mut plan.rng.fork();
    let palette = &plan.palette;
    let area = plan.frame.width * plan.frame.height;
    let is_night = palette.time == Time::Night;
    let snows = plan.brief.has(Thing::Snowfall);
    let rains = plan.brief.has(Thing::Rain);
    let count = match palette.land {
        _ if rains => 420.0,
        _ if snows => 330.0,
        Land::Spring | Land::Autumn => 46.0,
        Land::Summer if is_night => 36.0,
        _ => 0.0,
    };
    for _ in 0..(count * area) as u32 {
        let p = plan.frame.at(rng.unit(), rng.unit());
        let near = rng.unit().powi(3);
        if rains {
            let fall = Point::new(-0.012, 0.07) * (0.5 + near);
            let drop = Path::ribbon(&[p, p + fall], |_| 0.0007 + 0.0006 * near);
            painting.fill(drop, palette.light.alpha(0.16 + 0.2 * near));
        } else if snows {
            painting.fill(
                Path::circle(p, 0.0016 + 0.0065 * near),
                Lab::WHITE.alpha(0.85 - 0.45 * near),
            );
        } else if palette.land == Land::Summer {
            let p = Point::new(p.x, plan.frame.height * (0.6 + 0.4 * rng.unit()));
            painting.fill(Path::circle(p, 0.009), palette.accents[1].alpha(0.16));
            painting.fill(Path::circle(p, 0.0026), palette.light.alpha(0.9));
        } else {
            let color = rng.pick(&palette.accents).copied().unwrap_or_default();
            let (long, turn) = (0.004 + 0.009 * near, rng.range(0.0..PI));
            let (sin, cos) = turn.sin_cos();
            let leaf = Path::ellipse(Point::default(), long, long * 0.5)
                .map(|q| p + Point::new(q.x * cos - q.y * sin, q.x * sin + q.y * cos));
            painting.fill(leaf, palette.lit(color).alpha(0.9));
        }
    }
}
