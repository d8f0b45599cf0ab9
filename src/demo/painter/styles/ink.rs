//! 水墨, ink wash: ridges that dissolve into paper, few things, much room, a red seal.

use std::f32::consts::PI;

use super::ridge::{Ridge, facing};
use super::{Plan, scenery};
use crate::demo::painter::canvas::{Frame, Painting};
use crate::demo::painter::color::Lab;
use crate::demo::painter::guide::Guide;
use crate::demo::painter::lexicon::{Land, Thing, Time};
use crate::demo::painter::motif::{self, Stand};
use crate::demo::painter::noise::{Rng, fbm, lerp, noise, step};
use crate::demo::painter::path::{Path, Point, curve, points};

/// Ink and paper, with a breath of the palette's colour.
struct Materials {
    paper: Lab,
    ink: Lab,
    cinnabar: Lab,
}

impl Materials {
    fn new(plan: &Plan<'_>) -> Self {
        let breath = plan.palette.sky[2];
        Self {
            paper: Lab::hex(0xf1_ebdd).tinted(breath, 0.12),
            ink: Lab::hex(0x1d_2026).tinted(plan.palette.near, 0.35),
            cinnabar: Lab::hex(0xb8_3a2c),
        }
    }
}

/// The view from the prompt's words.
pub(super) fn paint<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let materials = Materials::new(plan);
    paper(&mut painting, &materials, plan.rng.noise_seed());
    let Frame { width, height } = plan.frame;
    let sun = plan
        .frame
        .at(plan.rng.range(0.25..0.75), plan.rng.range(0.16..0.3));
    let is_night = plan.palette.time == Time::Night;
    let disc = Path::circle(sun, 0.062);
    if is_night {
        painting.shade(Path::circle(sun, 0.4), move |p| {
            let away = (p - sun).length();
            materials
                .ink
                .alpha(0.2 * step(0.4, 0.06, away) * step(0.055, 0.066, away))
        });
    } else {
        let seed = plan.rng.noise_seed();
        painting.shade(disc, move |p| {
            materials
                .cinnabar
                .alpha(0.8 + 0.25 * fbm(p * 18.0, 3, seed))
        });
    }
    for i in 0..4_u8 {
        let depth = f32::from(i) / 3.0;
        let base = height * lerp(0.44, 0.74, depth);
        let relief = lerp(0.26, 0.22, depth) * height.min(1.3);
        let seed = plan.rng.noise_seed();
        let ridge = Ridge::new(width, base, relief, lerp(1.2, 0.8, depth), 0.85, seed);
        mountain(&mut painting, &materials, ridge, depth, height);
    }
    scenery::flock(&mut painting, plan, 0.5 * height);
    subject(&mut painting, plan, sun);
    if plan.brief.subject().is_none() || plan.brief.has(Thing::Tree) {
        if matches!(plan.palette.land, Land::Spring | Land::Winter) {
            branch(&mut painting, &materials, plan);
        } else {
            bamboo(&mut painting, &materials, plan);
        }
    }
    if plan.brief.has(Thing::Snowfall) || plan.brief.has(Thing::Rain) {
        scenery::weather(&mut painting, plan);
    }
    seal(&mut painting, &materials, plan.frame.at(0.0, 1.0));
    painting
}

/// A reference in washes: four tones, wet edges, its colours only a breath.
pub(super) fn after<'g>(plan: &mut Plan<'_>, guide: &'g Guide) -> Painting<'g> {
    let mut painting = Painting::new(plan.frame);
    let frame = plan.frame;
    let materials = Materials::new(plan);
    let seed = plan.rng.noise_seed();
    if !plan.transparent {
        paper(&mut painting, &materials, seed);
    }
    let Materials { ink, .. } = materials;
    painting.wash(move |p| {
        // Wet paper: the edge of a wash wanders.
        let stray = Point::new(noise(p * 14.0, seed), noise(p * 14.0, seed ^ 1));
        let stray =
            stray * 0.006 + Point::new(noise(p * 50.0, seed), noise(p * 50.0, seed ^ 1)) * 0.002;
        let at = guide.at(p + stray, frame);
        let dark = 1.0 - at.lab.l + 0.05 * fbm(p * 5.0, 4, seed ^ 2);
        let washes = [0.28, 0.44, 0.6, 0.76].map(|edge| {
            let rim = 0.35
                * step(edge - 0.01, edge + 0.012, dark)
                * step(edge + 0.06, edge + 0.012, dark);
            step(edge - 0.02, edge + 0.02, dark) + rim
        });
        let amount = 0.05 + 0.22 * washes.iter().sum::<f32>();
        let tone = Lab {
            l: ink.l,
            ..at.lab.chroma(0.55)
        };
        tone.mix(ink, 0.35)
            .alpha(amount.clamp(0.0, 0.95) * at.alpha)
    });
    if !plan.transparent {
        seal(&mut painting, &materials, frame.at(0.0, 1.0));
    }
    painting
}

/// Fibres and a little unevenness.
fn paper(painting: &mut Painting<'_>, materials: &Materials, seed: u32) {
    let paper = materials.paper;
    painting.vignette = 0.07;
    painting.wash(move |p| {
        let cloud = 0.5 * noise(p * 2.0, seed);
        let fibre = noise(Point::new(p.x * 60.0, p.y * 240.0), seed) * noise(p * 90.0, seed ^ 1);
        paper.lighter(0.012 * cloud - 0.022 * fibre.abs()).into()
    });
}

/// Darkest along the skyline, creased below it, gone at its foot.
fn mountain(
    painting: &mut Painting<'_>,
    materials: &Materials,
    ridge: Ridge,
    depth: f32,
    height: f32,
) {
    let (ink, paper) = (materials.ink, materials.paper);
    let strength = lerp(0.24, 0.92, depth);
    let reach = lerp(0.1, 0.17, depth);
    // Below this even the mist is gone.
    let foot = (ridge.base + ridge.relief + 0.55).min(height);
    painting.shade(ridge.path(foot), move |p| {
        let below = p.y - ridge.top(p.x);
        // Mist of the paper's colour hides what stands behind the foot, and itself thins out.
        let veil = step(0.0, 0.06, below) * step(0.55, 0.2, below);
        if below > 4.0 * reach {
            return paper.alpha(veil);
        }
        let wet = fbm(p * 3.0, 2, ridge.seed);
        let fade = (-below / (reach * (1.0 + 0.7 * wet).max(0.3))).exp();
        // What would not be seen is not computed: these pixels are most of the picture.
        let crest = if below < 0.15 {
            (-below * 45.0).exp() * 0.22
        } else {
            0.0
        };
        let texture = if fade > 0.2 {
            let crease = facing(p * 2.2, below * 2.2, Point::new(0.02, -0.012), ridge.seed);
            let strong = step(0.2, 0.4, fade) * fade * fade;
            step(0.0, 0.4, crease) * 0.26 * strong * (0.5 + depth)
        } else {
            0.0
        };
        let amount = strength * (fade * (0.6 + 0.35 * wet) + crest + texture);
        let tone = paper.mix(ink, amount.clamp(0.0, 1.0));
        tone.alpha(amount.max(veil).clamp(0.0, 1.0))
    });
}

fn subject(painting: &mut Painting<'_>, plan: &mut Plan<'_>, light: Point) {
    // A tree is a bamboo or a branch here, drawn with the brush.
    let Some(subject) = plan
        .brief
        .subject()
        .filter(|(thing, _)| *thing != Thing::Tree)
    else {
        return;
    };
    let mut palette = plan.palette.clone();
    palette.chroma = 0.62;
    let x = if light.x < plan.frame.width / 2.0 {
        0.68
    } else {
        0.32
    };
    let (v, size) = match subject.0 {
        Thing::Bird | Thing::Balloon => (0.5, 0.3),
        Thing::Boat | Thing::Person => (0.88, 0.2),
        _ => (0.92, 0.38),
    };
    let stand = Stand {
        foot: plan.frame.at(x, v),
        height: size,
        is_mirrored: x < 0.5,
        light,
    };
    motif::draw(painting, subject, &palette, stand);
}

/// Stems in sections, leaves in threes.
fn bamboo(painting: &mut Painting<'_>, materials: &Materials, plan: &mut Plan<'_>) {
    let rng = &mut plan.rng.fork();
    let Frame { width, height } = plan.frame;
    let side = 0.8;
    let ink = materials.ink.mix(plan.palette.accents[2], 0.12);
    for stem in 0..3_u8 {
        let foot = Point::new((side + 0.05 * f32::from(stem)) * width, height + 0.02);
        let lean = rng.range(-0.06..0.06);
        let tall = rng.range(0.6..0.95) * height;
        let tone = ink.alpha(rng.range(0.45..0.85));
        let half = rng.range(0.006..0.011);
        let sections = 7_u8;
        let at = |t: f32| foot + Point::new(lean * t * t, -tall * t);
        for i in 0..sections {
            let (from, to) = (
                f32::from(i) / f32::from(sections),
                f32::from(i + 1) / f32::from(sections),
            );
            let piece = [at(from), at(lerp(from, to, 0.5)), at(to - 0.006)];
            let shape =
                |t: f32| half * (1.0 - 0.35 * from) * (1.0 + 0.35 * (2.0 * t - 1.0).powi(4));
            painting.fill(Path::ribbon(&curve(&piece), shape), tone);
            if i > 1 {
                leaves(painting, at(to), ink, rng);
            }
        }
    }
}

fn leaves(painting: &mut Painting<'_>, at: Point, ink: Lab, rng: &mut Rng) {
    let towards = if rng.chance(0.5) { 0.0 } else { PI };
    for _ in 0..3 + rng.below(3) {
        let angle = towards + rng.range(-0.2..1.0) * if towards > 0.0 { -1.0 } else { 1.0 };
        let length = rng.range(0.06..0.13);
        let line = curve(&[
            at,
            at + Point::polar(length * 0.5, angle) + Point::new(0.0, -0.004),
            at + Point::polar(length, angle) + Point::new(0.0, 0.01),
        ]);
        let leaf = Path::ribbon(&line, |t| {
            0.0085 * (t * PI).sin().powf(0.7).max(0.0) * (1.15 - t)
        });
        painting.fill(leaf, ink.alpha(rng.range(0.35..0.95)));
    }
}

/// A crooked branch of plum in blossom.
fn branch(painting: &mut Painting<'_>, materials: &Materials, plan: &mut Plan<'_>) {
    let rng = &mut plan.rng.fork();
    let from_left = rng.chance(0.5);
    let place = |x: f32, y: f32, frame: Frame| frame.at(if from_left { x } else { 1.0 - x }, y);
    let frame = plan.frame;
    for (y, reach) in [(0.2, 0.5), (0.32, 0.34)] {
        let points: Vec<Point> = (0..7_u8)
            .map(|i| f32::from(i) / 6.0)
            .map(|t| {
                place(
                    -0.03 + reach * t,
                    y + 0.12 * t * t + rng.range(-0.03..0.03),
                    frame,
                )
            })
            .collect();
        let line = curve(&points);
        painting.fill(
            Path::ribbon(&line, |t| 0.013 * (1.0 - 0.85 * t)),
            materials.ink.alpha(0.85),
        );
        for _ in 0..16 {
            let Some(&at) = rng.pick(&line) else { continue };
            let at = at + Point::new(rng.range(-0.02..0.02), rng.range(-0.03..0.03));
            let size = rng.range(0.007..0.014);
            let petals: Path = (0..5_u8)
                .map(|i| {
                    Path::circle(
                        at + Point::polar(size * 0.8, f32::from(i) * 0.4 * PI),
                        size * 0.62,
                    )
                })
                .collect();
            painting.fill(
                petals,
                materials
                    .cinnabar
                    .mix(materials.paper, rng.range(0.1..0.6))
                    .alpha(0.85),
            );
            painting.fill(
                Path::circle(at, size * 0.25),
                materials.cinnabar.lighter(-0.15),
            );
        }
    }
}

/// The strokes of the seal, 画, in hundredths of its side.
const SEAL: [&str; 10] = [
    "18,20 82,20",
    "28,36 72,36",
    "72,36 72,66",
    "72,66 28,66",
    "28,66 28,36",
    "28,51 72,51",
    "50,20 50,66",
    "16,40 16,84",
    "16,84 84,84",
    "84,84 84,40",
];

/// A red seal in the lower left corner; `corner` is that of the picture.
fn seal(painting: &mut Painting<'_>, materials: &Materials, corner: Point) {
    let side = 0.05;
    let min = corner + Point::new(0.05, -0.05 - side);
    let ground = Path::rect(min, min + Point::new(side, side));
    painting.fill(ground, materials.cinnabar.alpha(0.92));
    for stroke in SEAL {
        let line: Vec<Point> = points(stroke).iter().map(|p| min + *p * side).collect();
        painting.fill(Path::ribbon(&line, |_| 0.0016), materials.paper.alpha(0.95));
    }
}
