//! Paint that shows the brush: oil after a picture, and long currents of colour.

use std::f32::consts::TAU;

use super::Plan;
use crate::demo::painter::brush::{self, Manner};
use crate::demo::painter::canvas::Painting;
use crate::demo::painter::color::gradient;
use crate::demo::painter::guide::Guide;
use crate::demo::painter::noise::{fbm, step};
use crate::demo::painter::path::{Path, Point};

/// Oil: broad strokes first, then small ones where there is detail.
pub(super) fn oil<'a>(plan: &mut Plan<'_>, guide: &Guide) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let manner = Manner {
        widths: &[0.11, 0.06, 0.034, 0.018, 0.009, 0.005],
        length: 3.4,
        liveliness: 0.09,
        patience: 0.03,
        current: 0.2,
    };
    brush::follow(&mut painting, guide, manner, &mut plan.rng);
    painting
}

/// The same with a thin, long brush that follows one current.
pub(super) fn currents_after<'a>(plan: &mut Plan<'_>, guide: &Guide) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let manner = Manner {
        widths: &[0.05, 0.018, 0.01],
        length: 9.0,
        liveliness: 0.14,
        patience: 0.012,
        current: 0.6,
    };
    brush::follow(&mut painting, guide, manner, &mut plan.rng);
    painting
}

/// Threads of colour along a field of curling noise.
pub(super) fn currents<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let frame = plan.frame;
    let swatches = plan.palette.swatches();
    let rng = &mut plan.rng;
    let (field, hue) = (rng.noise_seed(), rng.noise_seed());
    let ground = swatches[0].mix(plan.palette.sky[0], 0.4).lighter(-0.06);
    let scale = rng.range(0.7..1.25);
    painting.wash(move |p| ground.lighter(0.05 * fbm(p * 1.4, 3, hue)).into());
    let area = frame.width * frame.height;
    let count = (2600.0 * area) as u32;
    for i in 0..count {
        let done = i as f32 / count as f32;
        let mut at = frame.at(rng.range(-0.1..1.1), rng.range(-0.1..1.1));
        let bend = rng.range(-0.12..0.12);
        let color_at = 0.52 + 1.3 * fbm(at * 0.8, 3, hue) + 0.1 * (rng.unit() - 0.5);
        let steps = 18 + rng.below(40);
        let mut line = vec![at];
        for _ in 0..steps {
            let angle = TAU * 0.75 * fbm(at * scale, 2, field) + bend;
            at = at + Point::polar(0.016, angle);
            line.push(at);
        }
        let width = 0.0012 + 0.0085 * (1.0 - done) * rng.unit().powi(2);
        let light = 0.22 * (done - 0.25) + 0.05 * (rng.unit() - 0.5);
        let ink = gradient(&swatches, color_at).lighter(light).chroma(1.15);
        let path = Path::ribbon(&line, |t| width * step(0.0, 0.3, t) * step(1.0, 0.6, t));
        painting.fill(path, ink.alpha(0.9));
    }
    painting
}
