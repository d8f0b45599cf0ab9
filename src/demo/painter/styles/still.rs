//! Still life: turned vessels and fruit on a table, light from one side, soft shadows.

use std::f32::consts::{PI, TAU};

use super::Plan;
use crate::demo::painter::canvas::{Frame, Painting};
use crate::demo::painter::color::Lab;
use crate::demo::painter::lexicon::Thing;
use crate::demo::painter::noise::{Rng, fbm, lerp, step};
use crate::demo::painter::path::{Path, Point, curve, points};

/// A body of revolution: pairs of radius and height, from foot to rim, in hundredths of its height.
type Profile = &'static str;

const BOTTLE: Profile = "13,0 14.5,3 15,30 14.8,52 12,63 6.5,70 4.5,76 4.2,94 5.5,95 5.5,100";
const VASE: Profile = "16,0 18,4 27,20 33,42 28,62 16,78 13,90 19,100";
const CUP: Profile = "24,0 26,6 24,12 42,30 53,60 58,100";
const TEAPOT: Profile = "32,0 35,5 52,25 56,45 47,65 30,76 27,80 20,86 6,90 7,94 5,100";
const BOWL: Profile = "35,0 40,8 38,14 75,40 98,70 108,100";
const APPLE: Profile = "16,0 30,4 47,20 57,45 55,70 42,88 22,97 2,95";
const LEMON: Profile = "10,0 30,5 50,25 57,50 50,75 27,92 10,97 6,100";
const PEAR: Profile = "14,0 26,4 40,18 43,34 34,52 22,68 18,84 12,96 3,100";

/// The table and what stands on it.
pub(super) fn paint<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let Frame { width, height } = plan.frame;
    let edge = 0.62 * height;
    if !plan.transparent {
        room(&mut painting, plan, edge);
    }
    let mut things: Vec<(Thing, Option<Lab>)> = (plan.brief.things.iter().copied())
        .filter(|(thing, _)| thing.is_still() || *thing == Thing::Flower)
        .take(5)
        .collect();
    let company = [
        Thing::Vase,
        Thing::Fruit,
        Thing::Cup,
        Thing::Pear,
        Thing::Bottle,
        Thing::Lemon,
        Thing::Fruit,
    ];
    let wanted = if plan.transparent {
        1
    } else {
        4 + usize::from(width > 1.2)
    };
    let start = plan.rng.below(company.len());
    for i in 0..company.len() {
        let more = company.get((start + i) % company.len()).copied();
        let is_new =
            |more: &Thing| *more == Thing::Fruit || things.iter().all(|(thing, _)| thing != more);
        if let Some(more) = more.filter(|more| things.len() < wanted && is_new(more)) {
            things.push((more, None));
        }
    }
    // Tall things stand behind, and one beside the other.
    things.sort_by(|(a, _), (b, _)| tallness(*b).total_cmp(&tallness(*a)));
    let count = things.len().max(1) as f32;
    let room = (width - 0.25).min(1.5);
    for (i, (thing, color)) in things.into_iter().enumerate() {
        let from_middle = if i % 2 == 0 { -1.0 } else { 1.0 } * i.div_ceil(2) as f32 / count;
        let x = 0.5 * width
            + from_middle * room * if plan.transparent { 0.0 } else { 1.0 }
            + plan.rng.range(-0.02..0.02);
        let y = edge + (0.06 + 0.2 * i as f32 / count) * height.min(1.4);
        let foot = if plan.transparent {
            Point::new(0.5 * width, 0.9 * height)
        } else {
            Point::new(x, y)
        };
        let scale = if plan.transparent {
            0.8 / tallness(thing)
        } else {
            1.0
        };
        stand(&mut painting, plan, thing, color, foot, scale);
    }
    painting
}

/// A wall with the light of a window, and a table.
fn room(painting: &mut Painting<'_>, plan: &mut Plan<'_>, edge: f32) {
    let palette = &plan.palette;
    let swatches = palette.swatches();
    let wall = swatches[4].mix(palette.sky[1], 0.4).chroma(0.6);
    let wall = Lab {
        l: wall.l.clamp(0.42, 0.78),
        ..wall
    };
    let table = swatches[1].mix(palette.cover, 0.4).chroma(0.75);
    let table = Lab {
        l: table.l.clamp(0.3, 0.55),
        ..table
    };
    let light = palette.light;
    let seed = plan.rng.noise_seed();
    let frame = plan.frame;
    painting.wash(move |p| {
        let plaster = 0.018 * fbm(p * 4.0, 5, seed);
        let fall = 1.0 - ((p.x / frame.width) * 0.7 + p.y * 0.25);
        // Panes of light, thrown askew across the wall.
        let (u, v) = (
            p.x - 0.35 * p.y - 0.22 * frame.width,
            p.y - 0.12 + 0.25 * p.x,
        );
        let pane = |t: f32, from: f32, to: f32| {
            step(from - 0.02, from + 0.02, t) * step(to + 0.02, to - 0.02, t)
        };
        let window =
            (pane(u, 0.0, 0.16) + pane(u, 0.2, 0.36)) * (pane(v, 0.0, 0.2) + pane(v, 0.24, 0.44));
        let color = wall.lighter(0.1 * (fall - 0.4) + plaster);
        color.mix(light, 0.3 * window).into()
    });
    let board = Path::rect(
        Point::new(-0.1, edge),
        Point::new(frame.width + 0.1, frame.height + 0.1),
    );
    painting.shade(board, move |p| {
        let grain = fbm(Point::new(p.x * 2.0, p.y * 26.0), 4, seed ^ 9);
        let near = (p.y - edge) / (frame.height - edge);
        let shine = 0.16 * (1.0 - p.x / frame.width) * step(0.0, 0.15, near);
        let color = table.lighter(0.035 * grain + 0.05 * near - 0.06 * step(0.02, 0.0, near));
        color.mix(light, shine).into()
    });
}

fn tallness(thing: Thing) -> f32 {
    match thing {
        Thing::Vase | Thing::Flower => 0.36,
        Thing::Bottle => 0.5,
        Thing::Teapot => 0.24,
        Thing::Cup => 0.13,
        Thing::Pear => 0.19,
        Thing::Fruit => 0.14,
        _ => 0.115,
    }
}

fn stand(
    painting: &mut Painting<'_>,
    plan: &mut Plan<'_>,
    thing: Thing,
    color: Option<Lab>,
    foot: Point,
    scale: f32,
) {
    let height = tallness(thing) * scale;
    let [a, b, c] = plan.palette.accents;
    let china = Lab::hex(0xef_e9dc).tinted(plan.palette.sky[1], 0.15);
    let rng = &mut plan.rng.fork();
    let (profile, own) = match thing {
        Thing::Bottle => (BOTTLE, c.mix(Lab::hex(0x23_4a3c), 0.6)),
        Thing::Cup => (if rng.chance(0.3) { BOWL } else { CUP }, china),
        Thing::Teapot => (TEAPOT, c.lighter(-0.05)),
        Thing::Fruit => (
            APPLE,
            if rng.chance(0.5) {
                a
            } else {
                Lab::hex(0xc2_3b2b)
            },
        ),
        Thing::Lemon => (LEMON, Lab::hex(0xee_c83f)),
        Thing::Pear => (PEAR, Lab::hex(0xb5_b04a).mix(b, 0.2)),
        _ => (VASE, a.mix(china, 0.25)),
    };
    let color = color.unwrap_or(own);
    let profile = points(profile);
    let wide = profile.iter().map(|p| p.x).fold(0.0, f32::max) * height;
    if !plan.transparent {
        shadow(painting, foot, wide, height, plan.palette.near);
    }
    if matches!(thing, Thing::Vase | Thing::Flower) {
        bouquet(
            painting,
            plan,
            foot - Point::new(0.0, height * 0.93),
            height,
            rng,
        );
    }
    if matches!(thing, Thing::Cup | Thing::Teapot) {
        fittings(painting, thing, foot, height, color);
    }
    turned(painting, &profile, foot, height, color, plan.palette.light);
    if matches!(thing, Thing::Cup) {
        let rim = foot - Point::new(0.0, height);
        painting.fill(Path::ellipse(rim, wide, wide * 0.17), color.lighter(-0.12));
        let tea = rim + Point::new(0.0, wide * 0.03);
        painting.fill(
            Path::ellipse(tea, wide * 0.9, wide * 0.12),
            Lab::hex(0x9a_5a24),
        );
    }
    if matches!(thing, Thing::Fruit | Thing::Pear) {
        let top = foot - Point::new(0.0, height * 0.93);
        let stem = curve(&[
            top,
            top + Point::new(0.004, -0.02),
            top + Point::new(0.014, -0.036),
        ]);
        painting.fill(
            Path::ribbon(&stem, |t| 0.0025 + 0.0015 * t),
            Lab::hex(0x4a_3120),
        );
    }
}

/// Handle, and spout if it has one.
fn fittings(painting: &mut Painting<'_>, thing: Thing, foot: Point, height: f32, color: Lab) {
    let at = |x: f32, y: f32| foot + Point::new(x, -y) * height;
    let handle = if thing == Thing::Cup {
        [
            at(0.45, 0.82),
            at(0.78, 0.8),
            at(0.76, 0.42),
            at(0.36, 0.32),
        ]
    } else {
        [at(0.4, 0.68), at(0.8, 0.74), at(0.82, 0.34), at(0.46, 0.22)]
    };
    painting.fill(
        Path::ribbon(&curve(&handle), |_| 0.05 * height),
        color.lighter(-0.1),
    );
    if thing == Thing::Teapot {
        let spout = curve(&[
            at(-0.42, 0.3),
            at(-0.66, 0.42),
            at(-0.74, 0.66),
            at(-0.86, 0.78),
        ]);
        painting.fill(
            Path::ribbon(&spout, |t| height * lerp(0.12, 0.045, t)),
            color.lighter(0.02),
        );
    }
}

/// Heights at which a turned body's radius is kept.
const LEVELS: u16 = 512;

/// Shades a turned body: light from the upper left, its own shadow on the right, a reflection from the table.
fn turned(
    painting: &mut Painting<'_>,
    profile: &[Point],
    foot: Point,
    height: f32,
    color: Lab,
    light: Lab,
) {
    let side = curve(profile);
    let right = side.iter().map(|p| foot + Point::new(p.x, -p.y) * height);
    let left = side.iter().rev().map(|p| foot - *p * height);
    // The foot is round: seen a little from above, it bulges downwards.
    let sag = profile.first().map_or(0.0, |p| p.x * height);
    let base = Path::ellipse(foot, sag, sag * 0.16);
    let body = Path::polygon(right.chain(left)).with(base);
    let radii: Vec<f32> = (0..=LEVELS)
        .map(|level| f32::from(level) / f32::from(LEVELS))
        .map(|up| {
            side.iter()
                .rfind(|p| p.y <= up)
                .map_or(sag, |p| p.x * height)
        })
        .collect();
    let radius_at = move |up: f32| {
        let level = up.clamp(0.0, 1.0) * f32::from(LEVELS);
        let at = |level: f32| radii.get(level as usize).copied().unwrap_or(sag);
        lerp(
            at(level),
            at((level + 1.0).min(f32::from(LEVELS))),
            level.fract(),
        )
    };
    painting.shade(body, move |p| {
        let up = (foot.y - p.y) / height;
        let across = ((p.x - foot.x) / radius_at(up).max(1e-4)).clamp(-1.0, 1.0);
        let facing = (across + 0.35).abs();
        let lit = (1.0 - facing * facing).max(-0.55);
        let bounce = 0.09 * step(0.72, 1.0, across) + 0.05 * step(0.25, 0.0, up);
        let mut shade = color.lighter(0.16 * lit - 0.1 + 0.06 * (up - 0.5) + bounce);
        let gleam =
            (-((across + 0.48) / 0.1).powi(2)).exp() * step(0.12, 0.3, up) * step(0.97, 0.75, up);
        shade = shade.mix(light.mix(Lab::WHITE, 0.5), 0.5 * gleam);
        shade.into()
    });
}

/// Falls to the right, dark at the foot, soft at its end.
fn shadow(painting: &mut Painting<'_>, foot: Point, wide: f32, height: f32, color: Lab) {
    let reach = wide + 0.55 * height.min(0.3);
    let center = foot + Point::new(0.8 * reach - 0.4 * wide, 0.01);
    let flat = 0.26 * wide + 0.012;
    painting.shade(Path::ellipse(center, 1.2 * reach, 1.5 * flat), move |p| {
        let off = p - center;
        let away = (off.x / (1.2 * reach)).hypot(off.y / (1.5 * flat));
        color.lighter(-0.06).alpha(0.62 * step(1.0, 0.15, away))
    });
    painting.shade(Path::ellipse(foot, 1.15 * wide, 0.3 * wide), move |p| {
        let off = p - foot;
        let away = (off.x / (1.15 * wide)).hypot(off.y / (0.3 * wide));
        color.lighter(-0.1).alpha(0.7 * step(1.0, 0.5, away))
    });
}

fn bouquet(painting: &mut Painting<'_>, plan: &Plan<'_>, mouth: Point, size: f32, rng: &mut Rng) {
    let leaf = Lab::hex(0x3f_6f4a).tinted(plan.palette.cover, 0.35);
    let mut heads = Vec::new();
    for i in 0..11_u8 {
        let angle = -PI / 2.0 + (f32::from(i) / 10.0 - 0.5) * 2.1 + rng.range(-0.12..0.12);
        let length = size * rng.range(0.42..0.85);
        let end = mouth + Point::polar(length, angle);
        let bend = mouth + Point::new(0.0, -0.4 * length);
        let stem = curve(&[mouth, bend.mix(end, 0.25), end]);
        painting.fill(Path::ribbon(&stem, |_| 0.0028), leaf.lighter(-0.05));
        if i % 2 == 1 {
            let line = curve(&[
                end.mix(mouth, 0.5),
                end.mix(mouth, 0.3),
                end + Point::new(0.02, 0.01),
            ]);
            painting.fill(
                Path::ribbon(&line, |t| 0.022 * (t * PI).sin()),
                leaf.lighter(rng.range(-0.06..0.05)),
            );
        }
        heads.push(end);
    }
    for head in heads {
        let color = rng.pick(&plan.palette.accents).copied().unwrap_or_default();
        let radius = size * rng.range(0.09..0.15);
        // From the outer ring inwards, each lighter: a full flower.
        for ring in 0..4_u8 {
            let inner = 1.0 - 0.24 * f32::from(ring);
            let petals: Path = (0..7_u8)
                .map(|i| {
                    let angle = TAU * f32::from(i) / 7.0 + f32::from(ring) * 0.45;
                    Path::circle(
                        head + Point::polar(radius * inner * 0.66, angle),
                        radius * inner * 0.42,
                    )
                })
                .collect();
            painting.fill(petals, color.lighter(-0.09 + 0.055 * f32::from(ring)));
        }
        painting.fill(Path::circle(head, radius * 0.16), color.lighter(-0.2));
    }
}
