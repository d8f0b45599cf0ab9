//! Stained glass: Voronoi panes in lead, finer where there is something to see.

use super::Plan;
use super::landscape;
use crate::demo::painter::canvas::{Frame, Painting};
use crate::demo::painter::color::Lab;
use crate::demo::painter::guide::Guide;
use crate::demo::painter::motif;
use crate::demo::painter::noise::{Rng, fbm, step};
use crate::demo::painter::path::{Path, Point};

/// Distance of the widest panes.
const PANE: f32 = 0.085;
/// Half the width of a lead line.
const LEAD: f32 = 0.0032;

/// A site of the diagram; small ones stand closer together.
#[derive(Clone, Copy)]
struct Site {
    at: Point,
    reach: f32,
}

/// A view as a window: the land in panes, those who are in it cut whole.
pub(super) fn paint<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let (under, cast) = landscape::stage(plan);
    let mut painting = after(plan, &Guide::from_painting(&under));
    for (subject, stand) in cast {
        let pieces = motif::pieces(subject, &plan.palette, stand);
        for (path, _) in &pieces {
            painting.fill(path.outline(3.0 * LEAD), lead());
        }
        for (path, color) in pieces {
            let outline = path.outline(0.7 * LEAD);
            painting.shade(path, move |p| {
                let streak = fbm(Point::new(p.x * 12.0, p.y * 34.0), 3, 5);
                color.chroma(1.25).lighter(0.03 + 0.06 * streak).into()
            });
            painting.fill(outline, lead());
        }
    }
    painting
}

/// `guide` as a window.
pub(super) fn after<'a>(plan: &mut Plan<'_>, guide: &Guide) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let frame = plan.frame;
    let rng = &mut plan.rng;
    let sites = sites(plan.frame, guide, rng);
    if !plan.transparent {
        painting.fill(Path::rect(frame.at(-0.1, -0.1), frame.at(1.1, 1.1)), lead());
    }
    let texture = rng.noise_seed();
    for site in &sites {
        let ink = guide.at(site.at, frame);
        if ink.alpha < 0.4 {
            continue;
        }
        let lively = rng.range(-0.05..0.07);
        let color = Lab::new(0.1 + 0.86 * ink.lab.l, ink.lab.a, ink.lab.b)
            .lighter(lively)
            .chroma(1.3 + 0.3 * rng.unit());
        if plan.transparent {
            painting.fill(pane(site, &sites, -LEAD), lead());
        }
        let (center, reach, turn) = (site.at, site.reach, rng.range(-2.0..2.0));
        painting.shade(pane(site, &sites, LEAD), move |p| {
            let off = p - center;
            // Thick at the rim, thin in the middle, streaked as it was blown.
            let rim = step(0.2, 0.9, off.length() / reach);
            let streak = fbm(
                Point::new(p.x * 9.0 + turn * p.y * 9.0, p.y * 30.0),
                3,
                texture,
            );
            let sheen = (off.x + off.y) / reach;
            color
                .lighter(0.045 - 0.1 * rim + 0.05 * streak - 0.025 * sheen)
                .into()
        });
    }
    painting
}

fn lead() -> Lab {
    Lab::hex(0x15_1419)
}

/// A jittered grid whose cells split into four where the guide changes within them.
fn sites(frame: Frame, guide: &Guide, rng: &mut Rng) -> Vec<Site> {
    let mut sites = Vec::new();
    let (columns, rows) = (
        (frame.width / PANE).ceil() as i32,
        (frame.height / PANE).ceil() as i32,
    );
    let mut open: Vec<(Point, f32)> = (-1..=rows)
        .flat_map(|y| (-1..=columns).map(move |x| (Point::new(x as f32, y as f32) * PANE, PANE)))
        .collect();
    while let Some((corner, side)) = open.pop() {
        let middle = corner + Point::new(side, side) * 0.5;
        let change = guide.slope(middle, frame, side * 0.4).length();
        if side > PANE / 3.0 && change > 0.1 {
            let half = side / 2.0;
            for (x, y) in [(0.0, 0.0), (half, 0.0), (0.0, half), (half, half)] {
                open.push((corner + Point::new(x, y), half));
            }
            continue;
        }
        let jitter = Point::new(rng.range(-0.36..0.36), rng.range(-0.36..0.36)) * side;
        sites.push(Site {
            at: middle + jitter,
            reach: side,
        });
    }
    sites
}

/// What is nearer to `site` than to any other, less `inset` on every side.
fn pane(site: &Site, sites: &[Site], inset: f32) -> Path {
    let mut corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .map(|(x, y)| site.at + Point::new(x, y) * (2.0 * PANE))
        .to_vec();
    for other in sites {
        let away = other.at - site.at;
        let distance = away.length();
        if distance > 1e-6 && distance < 3.0 * PANE {
            let normal = away * (1.0 / distance);
            corners = clip(&corners, site.at, normal, 0.5 * distance - inset);
        }
    }
    Path::polygon(corners)
}

/// Keeps the part of a convex polygon that lies less than `limit` from `origin` in the direction `normal`.
fn clip(corners: &[Point], origin: Point, normal: Point, limit: f32) -> Vec<Point> {
    let depth = |p: Point| (p.x - origin.x) * normal.x + (p.y - origin.y) * normal.y - limit;
    let next = corners.iter().cycle().skip(1);
    let mut kept = Vec::with_capacity(corners.len() + 1);
    for (&from, &to) in corners.iter().zip(next) {
        let (a, b) = (depth(from), depth(to));
        if a <= 0.0 {
            kept.push(from);
        }
        if (a < 0.0) != (b < 0.0) && (a - b).abs() > 1e-9 {
            kept.push(from.mix(to, a / (a - b)));
        }
    }
    kept
}
