//! A city after dark: towers in layers of haze, lit windows, and their light on wet ground.

use super::{Plan, scenery};
use crate::demo::painter::canvas::{Frame, Painting};
use crate::demo::painter::color::{Lab, gradient};
use crate::demo::painter::lexicon::{Thing, Time};
use crate::demo::painter::noise::{Rng, fbm, lerp, noise, step};
use crate::demo::painter::path::{Path, Point};

/// Sky, three rows of towers, and the water or street before them.
pub(super) fn paint<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let Frame { width, height } = plan.frame;
    let ground = 0.72 * height;
    let palette = &plan.palette;
    // Even at noon this style has dusk: lit windows need it.
    let dusk = if palette.time == Time::Night {
        0.0
    } else {
        0.22
    };
    let sky = palette.sky.map(|color| color.lighter(-dusk));
    let (light, haze) = (palette.light, sky[2].mix(palette.accents[0], 0.3));
    let moon = plan
        .frame
        .at(plan.rng.range(0.2..0.8), plan.rng.range(0.14..0.28));
    let seed = plan.rng.noise_seed();
    painting.wash(move |p| {
        let base = gradient(&sky, (p.y / ground).powf(1.3));
        let cloud = step(0.05, 0.5, fbm(Point::new(p.x * 1.1, p.y * 4.0), 5, seed));
        let glow = (-(p - moon).length() * 6.0).exp();
        let city = (-(ground - p.y).abs() * 4.5).exp();
        base.mix(haze, 0.22 * cloud)
            .mix(light, 0.5 * glow)
            .mix(haze, 0.6 * city)
            .into()
    });
    scenery::stars(&mut painting, plan, 0.5 * ground);
    painting.fill(Path::circle(moon, 0.055), light);
    for depth in [0.0, 0.5, 1.0] {
        towers(&mut painting, plan, ground, depth, haze);
    }
    wet(&mut painting, plan, ground, sky, haze);
    if plan.brief.has(Thing::Rain) {
        scenery::weather(&mut painting, plan);
    }
    let shore = Path::rect(
        Point::new(0.0, ground - 0.004),
        Point::new(width, ground + 0.003),
    );
    painting.fill(shore, plan.palette.near.lighter(-0.05));
    painting
}

fn towers(painting: &mut Painting<'_>, plan: &mut Plan<'_>, ground: f32, depth: f32, haze: Lab) {
    let rng = &mut plan.rng.fork();
    let wall = haze.mix(plan.palette.near.lighter(-0.08), lerp(0.35, 0.96, depth));
    let mut x = -0.05;
    while x < plan.frame.width {
        let wide = lerp(0.06, 0.1, depth) * rng.range(0.7..1.5);
        let middle = 1.0 - ((x / plan.frame.width - 0.5) * 1.6).powi(2).min(0.6);
        let tall = lerp(0.62, 0.3, depth) * ground * middle * rng.range(0.55..1.35);
        tower(
            painting,
            plan,
            rng,
            Point::new(x, ground),
            Point::new(wide, tall),
            wall,
            depth,
        );
        x += wide * lerp(0.8, 1.12, rng.unit());
    }
}

/// One tower standing at `foot` (its left corner) and `size` large.
fn tower(
    painting: &mut Painting<'_>,
    plan: &Plan<'_>,
    rng: &mut Rng,
    foot: Point,
    size: Point,
    wall: Lab,
    depth: f32,
) {
    let at = |u: f32, v: f32| foot + Point::new(size.x * u, -size.y * v);
    let mut body = Path::rect(at(0.0, 1.0), at(1.0, 0.0));
    match rng.below(5) {
        0 => body = body.with(Path::rect(at(0.2, 1.12), at(0.8, 1.0))),
        1 => {
            let mast = Path::ribbon(&[at(0.5, 1.0), at(0.5, 1.3)], |t| {
                0.004 * (1.0 - t) + 0.0012
            });
            body = body
                .with(Path::rect(at(0.25, 1.08), at(0.75, 1.0)))
                .with(mast);
            painting.fill(
                Path::circle(at(0.5, 1.3), 0.0035),
                plan.palette.accents[0].lighter(0.1),
            );
        }
        2 => body = body.with(Path::polygon([at(0.0, 1.0), at(1.0, 1.0), at(1.0, 1.14)])),
        3 => {
            body = body.with(Path::arc(
                at(0.5, 1.0),
                size.x * 0.5,
                size.x * 0.3,
                std::f32::consts::PI..std::f32::consts::TAU,
            ));
        }
        _ => {}
    }
    let top = at(0.0, 1.0).y;
    let wall = wall.lighter(rng.range(-0.02..0.02));
    painting.shade(body, move |p| {
        // Towers stand in the glow of the streets.
        wall.lighter(0.07 * step(top, foot.y, p.y)).into()
    });
    let lit_share = rng.range(0.12..0.5) * lerp(0.55, 1.0, depth);
    let pitch = lerp(0.011, 0.019, depth);
    let (columns, floors) = ((size.x / pitch) as u16, (size.y / (pitch * 1.25)) as u16);
    let warm = plan.palette.light.mix(plan.palette.accents[1], 0.45);
    let cool = plan.palette.light.mix(plan.palette.sky[1], 0.35);
    for floor in 1..floors {
        let by_floor = lit_share * if rng.chance(0.12) { 2.2 } else { 1.0 };
        for column in 0..columns {
            if !rng.chance(by_floor) {
                continue;
            }
            let step_x = (size.x - pitch * 0.5) / f32::from(columns);
            let corner = foot
                + Point::new(
                    pitch * 0.4 + step_x * f32::from(column),
                    -pitch * 1.25 * f32::from(floor),
                );
            let pane = Path::rect(
                corner - Point::new(0.0, pitch * 0.7),
                corner + Point::new(step_x * 0.55, 0.0),
            );
            let color = if rng.chance(0.75) { warm } else { cool };
            painting.fill(
                pane,
                color
                    .lighter(rng.range(-0.12..0.06))
                    .alpha(lerp(0.45, 0.95, depth)),
            );
        }
    }
    if depth > 0.9 && rng.chance(0.35) {
        let neon = rng
            .pick(&plan.palette.accents)
            .copied()
            .unwrap_or_default()
            .chroma(1.3)
            .lighter(0.1);
        let (from, to) = (
            at(0.12, rng.range(0.45..0.6)),
            at(0.12, rng.range(0.75..0.92)),
        );
        for (half, alpha) in [(0.02, 0.13), (0.011, 0.2), (0.0045, 1.0)] {
            painting.fill(Path::ribbon(&[from, to], |_| half), neon.alpha(alpha));
        }
    }
}

/// Streaks of window light, broken by ripples.
fn wet(painting: &mut Painting<'_>, plan: &mut Plan<'_>, ground: f32, sky: [Lab; 3], haze: Lab) {
    let Frame { width, height } = plan.frame;
    let seed = plan.rng.noise_seed();
    let dark = plan.palette.near.lighter(-0.1).mix(sky[0], 0.4);
    let lights = plan
        .palette
        .accents
        .map(|color| color.mix(plan.palette.light, 0.35));
    let span = height - ground;
    painting.shade(
        Path::rect(Point::new(0.0, ground), Point::new(width, height)),
        move |p| {
            let v = (p.y - ground) / span;
            let ripple = noise(Point::new(p.x * 5.0, 9.0 / (0.08 + v * 0.5)), seed);
            let fine = noise(Point::new(p.x * 40.0, 26.0 / (0.08 + v * 0.5)), seed ^ 1);
            let x = p.x + 0.012 * ripple * (0.3 + v);
            let column = noise(Point::new(x * 16.0, 0.3), seed ^ 2)
                + 0.5 * noise(Point::new(x * 47.0, 0.7), seed ^ 3);
            let streak = step(0.12, 0.75, column + 0.2 * fine) * (1.0 - v).powf(1.4);
            let hue = 0.5 + 0.9 * noise(Point::new(x * 6.0, 4.5), seed ^ 4);
            let base = dark
                .mix(haze, 0.42 * (1.0 - v).powi(3))
                .lighter(0.025 * ripple);
            base.mix(gradient(&lights, hue), 0.75 * streak).into()
        },
    );
}
