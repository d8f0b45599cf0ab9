//! Layered landscape: sky, ridges that fade with distance, water or meadow, trees, weather, and a subject in front.

use super::ridge::{Ridge, facing};
use super::{Plan, Reference, scenery};
use crate::demo::painter::canvas::{Frame, Painting};
use crate::demo::painter::color::{Lab, gradient};
use crate::demo::painter::lexicon::{Land, Thing, Time};
use crate::demo::painter::motif::{self, Stand};
use crate::demo::painter::noise::{fbm, lerp, step};
use crate::demo::painter::path::{Path, Point};

/// What the parts of a view share.
struct View {
    /// Where far land meets sky or water.
    horizon: f32,
    /// Sun or moon.
    light: Point,
    has_water: bool,
}

/// Somebody in a view, the own colour that the prompt gives, and where.
pub(super) type Cast = Vec<((Thing, Option<Lab>), Stand)>;

/// The whole view.
pub(super) fn paint<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let (mut painting, cast) = stage(plan);
    for (subject, stand) in cast {
        motif::draw(&mut painting, subject, &plan.palette, stand);
    }
    scenery::weather(&mut painting, plan);
    painting
}

/// The view without those who are in it, and who they are.
pub(super) fn stage<'a>(plan: &mut Plan<'_>) -> (Painting<'a>, Cast) {
    let mut painting = Painting::new(plan.frame);
    let brief = &plan.brief;
    let asks = |things: &[Thing]| things.iter().any(|thing| brief.has(*thing));
    let has_water = asks(&[Thing::Water, Thing::Boat, Thing::Fish])
        || !asks(&[Thing::Forest, Thing::House, Thing::Snowfall]) && plan.rng.chance(0.35);
    let view = View {
        horizon: plan.rng.range(0.56..0.64) * plan.frame.height,
        light: plan
            .frame
            .at(lerp(0.24, 0.76, plan.rng.unit()), plan.rng.range(0.2..0.38)),
        has_water: has_water && plan.palette.land != Land::Desert,
    };
    sky(&mut painting, plan, &view);
    ridges(&mut painting, plan, &view);
    if view.has_water {
        water(&mut painting, plan, &view);
    }
    let cast = foreground(&mut painting, plan, &view);
    (painting, cast)
}

fn sky(painting: &mut Painting<'_>, plan: &mut Plan<'_>, view: &View) {
    let colors = plan.palette.sky;
    let light = plan.palette.light;
    let (horizon, place) = (view.horizon, view.light);
    let is_night = plan.palette.time == Time::Night;
    let cloudiness = if plan.brief.has(Thing::Cloud) {
        0.85
    } else {
        0.5
    };
    let seed = plan.rng.noise_seed();
    // Land and water cover the rest.
    let air = Path::rect(
        plan.frame.at(-0.1, -0.1),
        plan.frame.at(1.1, 0.15) + Point::new(0.0, horizon),
    );
    painting.shade(air, move |p| {
        // The lower sky is brighter than a straight gradient: the air is thicker there.
        let base = gradient(&colors, (p.y / horizon).clamp(0.0, 1.0).powf(0.85));
        let reach = if is_night { 5.0 } else { 2.6 };
        let glow = (-(p - place).length() * reach).exp() * 0.75;
        let billow = fbm(Point::new(p.x * 1.2, p.y * 4.2 + p.x * 0.3), 5, seed);
        let cloud = step(0.0, 0.5, billow) * cloudiness * step(-0.1, 0.35, p.y / horizon);
        let lit = base.mix(light, if is_night { 0.12 } else { 0.62 });
        base.mix(lit, cloud).mix(light, glow).into()
    });
    if is_night || plan.brief.has(Thing::Stars) {
        scenery::stars(painting, plan, horizon);
    }
    let radius = plan.rng.range(0.045..0.085);
    let disc = Path::circle(place, radius);
    painting.shade(disc, move |p| {
        let crater = if is_night {
            0.05 * step(0.0, 0.35, fbm(p * 26.0, 3, seed))
        } else {
            0.0
        };
        Lab::WHITE.mix(light, 0.6).lighter(-crater).into()
    });
    if plan.brief.has(Thing::Bird) || !is_night && plan.rng.chance(0.6) {
        scenery::flock(painting, plan, horizon);
    }
}

fn ridges(painting: &mut Painting<'_>, plan: &mut Plan<'_>, view: &View) {
    let Frame { width, height } = plan.frame;
    let asks_for = |thing| plan.brief.has(thing);
    let is_sea = asks_for(Thing::Water) && !asks_for(Thing::Mountain);
    let is_high = asks_for(Thing::Mountain) || !is_sea && plan.rng.chance(0.6);
    let tall = if is_high { 0.25 } else { 0.11 } * height.min(1.4);
    let depths: &[f32] = match (view.has_water, is_sea) {
        (_, true) => &[0.0, 0.4],
        (true, false) => &[0.0, 0.3, 0.6],
        (false, false) => &[0.0, 0.25, 0.5, 0.75, 1.0],
    };
    let lands: Vec<(f32, Ridge)> = (depths.iter())
        .map(|&depth| {
            let drop = if view.has_water {
                -0.02
            } else {
                lerp(-0.05, 0.15, depth) * height
            };
            let relief = tall * lerp(1.0, 0.3, depth);
            let sharp = if is_high { 0.9 * (1.0 - depth) } else { 0.15 };
            let seed = plan.rng.noise_seed();
            let scale = lerp(1.1, 2.6, depth);
            (
                depth,
                Ridge::new(width, view.horizon + drop, relief, scale, sharp, seed),
            )
        })
        .collect();
    for (i, (depth, ridge)) in lands.iter().enumerate() {
        let covered_from = lands.get(i + 1).map(|(_, next)| next.base + next.relief);
        let bottom = if view.has_water {
            view.horizon
        } else {
            covered_from.unwrap_or(height)
        };
        slope(painting, plan, view, ridge.clone(), *depth, bottom);
        if *depth > 0.2 {
            let size = lerp(0.028, 0.095, *depth);
            let color = plan
                .palette
                .far
                .mix(plan.palette.near, lerp(0.4, 0.95, *depth));
            scenery::trees(painting, plan, |x| ridge.top(x), size, color, *depth);
        }
    }
}

/// One ridge: lit spurs, snow above the line, mist at its foot.
fn slope(
    painting: &mut Painting<'_>,
    plan: &Plan<'_>,
    view: &View,
    ridge: Ridge,
    depth: f32,
    bottom: f32,
) {
    let palette = &plan.palette;
    let color = palette.far.mix(palette.near, depth.powf(1.2) * 0.92);
    let mist = palette.sky[2].mix(palette.far, 0.25 + 0.4 * depth);
    let light = palette.light;
    let snow = palette.cover.mix(mist, 0.25 * (1.0 - depth));
    let has_snow = palette.land == Land::Winter;
    let haze = lerp(0.8, 0.35, depth);
    let strength = lerp(0.06, 1.0, ridge.sharp);
    let from_left = if view.light.x < plan.frame.width / 2.0 {
        -0.012
    } else {
        0.012
    };
    let fade = 0.18 + 0.1 * depth;
    painting.shade(ridge.path(bottom), move |p| {
        let below = p.y - ridge.top(p.x);
        let towards = Point::new(from_left, -0.004);
        let lit = if strength < 0.2 {
            0.0
        } else {
            facing(p, below, towards, ridge.seed)
        };
        let facet = step(-0.08, 0.1, lit);
        let mut land = color.lighter(-0.03 * strength * (1.0 - facet));
        land = land.mix(light, 0.2 * strength * facet * (1.0 - 0.4 * depth));
        if has_snow {
            let line = 0.07 + 0.5 * ridge.relief * strength + 0.12 * strength * lit;
            let amount = step(line, line - 0.05, below) * lerp(1.0 - 0.5 * strength, 1.0, facet);
            land = land.mix(snow, amount);
        }
        land.mix(mist, haze * step(0.0, fade, below)).into()
    });
}

fn water(painting: &mut Painting<'_>, plan: &mut Plan<'_>, view: &View) {
    let (width, height) = (plan.frame.width, plan.frame.height);
    let colors = plan.palette.sky;
    let light = plan.palette.light;
    let deep = plan.palette.near.mix(colors[0], 0.6);
    let (horizon, sun) = (view.horizon, view.light);
    let seed = plan.rng.noise_seed();
    let surface = Path::rect(Point::new(0.0, horizon), Point::new(width, height));
    let land = plan.palette.far.mix(plan.palette.near, 0.45);
    let span = height - horizon;
    let shore = plan.rng.noise_seed();
    painting.shade(surface, move |p| {
        // Waves get smaller and flatter towards the horizon.
        let v = (p.y - horizon) / span;
        let wave = Point::new(
            (p.x - width / 2.0) * 2.2 / (0.12 + v),
            2.4 / (0.05 + v * 0.6),
        );
        let ripple = fbm(Point::new(wave.x * 0.8, wave.y * 2.2), 3, seed);
        let mirrored = (1.0 - v * 0.9 + 0.12 * ripple).clamp(0.0, 1.0);
        let sky = gradient(&colors, mirrored).lighter(-0.05);
        let mut color = sky.mix(deep, 0.25 + 0.45 * v + 0.14 * ripple);
        let bank = 0.1 + 0.06 * fbm(Point::new(p.x * 2.0, 0.0), 3, shore) + 0.02 * ripple;
        color = color.mix(land, 0.55 * step(bank, bank * 0.3, v));
        let path = (p.x - sun.x).abs() / (0.035 + 0.2 * v);
        let glitter = step(0.02, 0.3, ripple) * (-path * path).exp();
        color = color.mix(light, 0.85 * glitter);
        color.mix(light, 0.12 * step(0.24, 0.4, ripple)).into()
    });
}

/// The ground at our feet and who stands there.
fn foreground(painting: &mut Painting<'_>, plan: &mut Plan<'_>, view: &View) -> Cast {
    let (width, height) = (plan.frame.width, plan.frame.height);
    let base = height * if view.has_water { 0.9 } else { 0.85 };
    let ridge = Ridge::new(width, base, 0.1, 0.9, 0.0, plan.rng.noise_seed());
    let hill = ridge.clone();
    let ground = plan.palette.cover.mix(plan.palette.near, 0.35);
    let dark = plan.palette.near.mix(plan.palette.cover, 0.2);
    let light = plan.palette.light;
    let is_bright = matches!(plan.palette.land, Land::Winter | Land::Desert);
    painting.shade(ridge.path(height), move |p| {
        let below = p.y - hill.top(p.x);
        let texture = fbm(Point::new(p.x * 7.0, p.y * 22.0), 4, hill.seed);
        let drift = fbm(Point::new(p.x * 1.6, below * 9.0), 3, hill.seed ^ 5);
        let shade = step(0.0, 0.24, below) * if is_bright { 0.5 } else { 0.85 };
        let color = ground
            .mix(dark, shade)
            .lighter(0.03 * texture + 0.07 * drift);
        color.mix(light, 0.3 * step(0.03, 0.0, below)).into()
    });
    if !is_bright {
        scenery::grass(painting, plan, |x| ridge.top(x));
    }
    let third = match plan.reference {
        // A patch is narrow: its subject stands in the middle.
        Reference::Colors(_) => 0.5,
        _ if view.light.x < width / 2.0 => 0.68,
        _ => 0.32,
    };
    let subjects = plan.brief.things.clone().into_iter();
    let subjects = subjects.filter(|(thing, _)| thing.is_subject()).take(3);
    let mut cast = Cast::new();
    for (i, subject) in subjects.enumerate() {
        let is_first = i == 0;
        let u = if is_first {
            third
        } else {
            lerp(0.1, 0.9, plan.rng.unit())
        };
        let x = u * width;
        let on_ground = |size: f32| (ridge.top(x) + 0.03, size);
        let (y, size) = match subject.0 {
            Thing::Bird => (0.45 * height, 0.26),
            Thing::Balloon => (0.46 * height, 0.3),
            Thing::Boat => (lerp(view.horizon, height, 0.36), 0.22),
            Thing::Fish => (lerp(view.horizon, height, 0.5), 0.26),
            Thing::House => on_ground(0.2),
            Thing::Tree => on_ground(0.42),
            Thing::Person => on_ground(0.24),
            _ => on_ground(0.34),
        };
        let stand = Stand {
            foot: Point::new(x, y),
            height: size * if is_first { 1.0 } else { 0.7 },
            is_mirrored: x < width / 2.0,
            light: view.light,
        };
        if y > ridge.top(x) {
            shadow(painting, stand.foot, stand.height, dark);
        }
        cast.push((subject, stand));
    }
    cast
}

fn shadow(painting: &mut Painting<'_>, foot: Point, size: f32, color: Lab) {
    let (rx, ry) = (0.5 * size, 0.07 * size);
    painting.shade(Path::ellipse(foot, rx, ry), move |p| {
        let off = p - foot;
        let away = (off.x / rx).hypot(off.y / ry);
        color.lighter(-0.08).alpha(0.55 * step(1.0, 0.2, away))
    });
}
