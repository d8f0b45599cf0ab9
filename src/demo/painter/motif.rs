//! Subjects as cut paper: a few smooth outlines each, standing on `y = 0` round `x = 0`.
//!
//! A drawing is text: one part a line from back to front, `tone shape points`, in hundredths of the subject's height.
//! Shapes: `curve` (smooth and closed), `polygon`, `limb` (half width at its start and end, then a line), `disc`
//! (middle, radii), `petals` (middle, length and half width, count and turn).

use std::f32::consts::TAU;

use super::canvas::Painting;
use super::color::Lab;
use super::lexicon::Thing;
use super::noise::lerp;
use super::palette::Palette;
use super::path::{Path, Point, curve, points};

/// The part of a subject that a colour is for.
#[derive(Clone, Copy, Debug)]
enum Tone {
    Body,
    /// The body in its own shade, so that a limb shows before it.
    Shade,
    Pale,
    Dark,
    Accent,
}

use Tone::{Accent, Body, Dark, Pale, Shade};

/// A subject in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand {
    /// Where it stands, in the middle.
    pub(super) foot: Point,
    pub(super) height: f32,
    /// Looks the other way.
    pub(super) is_mirrored: bool,
    /// Where the light comes from; its side gets a bright edge.
    pub(super) light: Point,
}

/// Draws `subject` (and the colour that the prompt gives it) as the light of `palette` leaves it.
pub(super) fn draw(
    painting: &mut Painting<'_>,
    subject: (Thing, Option<Lab>),
    palette: &Palette,
    stand: Stand,
) {
    let parts = pieces(subject, palette, stand);
    let Stand { foot, height, .. } = stand;
    let towards = stand.light - foot;
    let rim = towards * (0.011 * height / towards.length().max(1e-3));
    for (path, color) in &parts {
        let edge = palette.light.mix(*color, 0.25);
        painting.fill(path.map(|p| p + rim), edge.alpha(0.85));
    }
    for (path, color) in parts {
        painting.shade(path, move |p| {
            let up = (foot.y - p.y) / height;
            color.lighter(0.07 * (up - 0.55)).into()
        });
    }
}

/// The coloured parts of `subject` in their places, from back to front.
pub(super) fn pieces(
    (thing, color): (Thing, Option<Lab>),
    palette: &Palette,
    stand: Stand,
) -> Vec<(Path, Lab)> {
    let coat = Coat::new(thing, color, palette);
    let side = if stand.is_mirrored { -1.0 } else { 1.0 };
    let place = |p: Point| stand.foot + Point::new(p.x * side, p.y) * stand.height;
    (parts(thing).into_iter())
        .map(|(path, tone)| (path.map(place), coat.of(tone)))
        .collect()
}

/// A subject's colours.
struct Coat {
    body: Lab,
    pale: Lab,
    dark: Lab,
    accent: Lab,
}

impl Coat {
    fn new(thing: Thing, color: Option<Lab>, palette: &Palette) -> Self {
        let [first, second, third] = palette.accents;
        let (body, pale, dark, accent) = match thing {
            Thing::Fox => (
                Lab::hex(0xd2_5f22),
                Lab::hex(0xf6_ead8),
                Lab::hex(0x3a_1f18),
                first,
            ),
            Thing::Cat => (
                Lab::hex(0x3d_3a45),
                Lab::hex(0xe9_e2d6),
                Lab::hex(0x1d_1b22),
                second,
            ),
            Thing::Bird => (
                Lab::hex(0xf4_f1ea),
                Lab::WHITE,
                Lab::hex(0x2a_2a33),
                Lab::hex(0xc2_3a2e),
            ),
            Thing::Fish => (
                Lab::hex(0xe8_5a2a),
                Lab::hex(0xf8_f0e4),
                Lab::hex(0x33_2226),
                second,
            ),
            Thing::Person => (first, Lab::hex(0xe9_c9a8), Lab::hex(0x2b_2530), second),
            Thing::Boat => (
                Lab::hex(0x6b_3f2a),
                Lab::hex(0xf5_ecdc),
                Lab::hex(0x35_2119),
                first,
            ),
            Thing::House => (
                Lab::hex(0xe6_d7c3),
                Lab::hex(0xff_d27a),
                Lab::hex(0x4a_3733),
                first,
            ),
            Thing::Balloon => (first, second, Lab::hex(0x4a_3226), third),
            Thing::Flower => (
                first,
                second,
                palette.near,
                palette.cover.tinted(Lab::hex(0x3f_7d4a), 0.7),
            ),
            _ => (
                palette.cover.mix(third, 0.4),
                palette.cover,
                Lab::hex(0x4a_3226),
                first,
            ),
        };
        // A red fox is a fox, not a fire engine.
        let body = color.map_or(body, |color| color.mix(body, 0.35));
        Self {
            body: palette.lit(body),
            pale: palette.lit(pale),
            dark: palette.lit(dark),
            accent: palette.lit(accent),
        }
    }

    fn of(&self, tone: Tone) -> Lab {
        match tone {
            Body => self.body,
            Shade => self.body.lighter(-0.07),
            Pale => self.pale,
            Dark => self.dark,
            Accent => self.accent,
        }
    }
}

/// The parts of `thing`, from back to front.
fn parts(thing: Thing) -> Vec<(Path, Tone)> {
    let drawing = match thing {
        Thing::Fox => FOX,
        Thing::Cat => CAT,
        Thing::Bird => CRANE,
        Thing::Fish => FISH,
        Thing::Person => TRAVELLER,
        Thing::Boat => BOAT,
        Thing::House => HOUSE,
        Thing::Balloon => BALLOON,
        Thing::Flower => FLOWER,
        _ => TREE,
    };
    drawing.lines().filter_map(part).collect()
}

/// One line of a drawing; `None` when it is not understood, which a test rules out.
fn part(line: &str) -> Option<(Path, Tone)> {
    let (tone, rest) = line.trim().split_once(' ')?;
    let (shape, numbers) = rest.split_once(' ')?;
    let tone = match tone {
        "body" => Body,
        "shade" => Shade,
        "pale" => Pale,
        "dark" => Dark,
        "accent" => Accent,
        _ => return None,
    };
    let points = points(numbers);
    let path = match (shape, points.as_slice()) {
        ("curve", points) => Path::smooth(points),
        ("polygon", points) => Path::polygon(points.iter().copied()),
        ("limb", [width, line @ ..]) => Path::ribbon(&curve(line), |t| lerp(width.x, width.y, t)),
        ("disc", [middle, radii]) => Path::ellipse(*middle, radii.x, radii.y),
        ("petals", [middle, size, ring]) => petals(*middle, *size, *ring * 100.0),
        _ => return None,
    };
    Some((path, tone))
}

/// Ellipses round `middle`; `ring` is their count and the first one's turn in radians.
fn petals(middle: Point, size: Point, ring: Point) -> Path {
    (0..ring.x as u8)
        .map(|i| TAU * f32::from(i) / ring.x + ring.y)
        .map(|angle| {
            let petal = Path::ellipse(Point::default(), 0.5 * size.x, size.y);
            let center = middle + Point::polar(0.55 * size.x, angle);
            petal.map(|p| center + p.turned(angle))
        })
        .collect()
}

/// Sitting, looking left, its tail round its feet.
const FOX: &str = "
    shade curve 16,-2 34,1 52,-3 66,-14 70,-32 62,-50 55,-36 46,-25 32,-19 20,-16
    pale curve 69.5,-26 70,-36 62,-50 55.5,-37 58,-33 60,-28 64,-30
    shade limb 5,3.5 -5,-30 -7,-15 -8,0
    body curve -12,-62 -17,-50 -16,-34 -13,-18 -14,-3 -4,-1 8,-2 24,0 32,-8 32,-24 25,-42 14,-58 2,-68
    body limb 5.5,3.2 -10,-34 -12.5,-16 -14,-1
    dark limb 3.4,3.4 -13,-13 -14.5,-1
    dark disc -15.5,-1.8 5,2
    shade curve 4,-2 6,-18 17,-27 29,-20 31,-8 22,0
    dark disc 7,-1.8 8,2.2
    pale curve -12,-62 -19,-50 -17,-36 -13,-28 -7,-40 -4,-54
    body polygon -44,-65.5 -38,-70 -29,-75.5 -24,-82 -20,-100 -12,-86 -8,-85 1.5,-99 3,-80 5,-70 0,-62 -12,-57 -25,-59 -40,-62.5
    pale curve -42,-64 -30,-66.5 -20,-65.5 -12,-68 -2,-66 -6,-60 -14,-56.5 -26,-59
    dark polygon -19,-97 -21.5,-87 -15,-87
    dark polygon 0.5,-96 -4.5,-86.5 2,-84
    dark disc -43.8,-64.5 2.2,1.8
    dark curve -25,-71.5 -20.5,-73.5 -17,-71.5 -21,-70.5
";

/// Sitting with its back to us, looking at the view.
const CAT: &str = "
    shade limb 4.5,3 12,-6 36,0 52,-10 50,-28 42,-34
    shade disc 42,-34 3.2,3.2
    body curve 0,-66 -14,-58 -20,-42 -27,-22 -26,-6 -17,0 0,0 17,0 26,-6 27,-22 20,-42 14,-58
    body polygon -20,-72 -19,-100 -2,-86
    body polygon 20,-72 19,-100 2,-86
    shade polygon -17,-82 -16.5,-94 -9,-87
    shade polygon 17,-82 16.5,-94 9,-87
    body curve 0,-90 -10,-89 -19,-80 -21,-70 -15,-61 0,-57 15,-61 21,-70 19,-80 10,-89
    accent limb 1.4,1.4 -13,-60 0,-56.5 13,-60
";

/// A crane in flight, its wings up.
const CRANE: &str = "
    shade curve -10,-50 -16,-74 -12,-95 2,-110 2,-86 6,-60
    dark limb 1.3,0.8 20,-45 42,-40 70,-38
    pale limb 4,2 -14,-50 -30,-56 -42,-50 -56,-53
    pale disc -57,-53 3.5,2.6
    dark polygon -59,-54.5 -72,-51.5 -59,-51.5
    accent disc -57,-55 2,1
    body curve -20,-50 -10,-56 10,-53 30,-44 12,-42 -10,-43
    body curve -6,-50 2,-72 20,-92 48,-102 44,-92 47,-86 36,-80 37,-72 27,-68 24,-58 14,-48
    dark curve 48,-102 44,-92 47,-86 36,-80 37,-72 27,-68 26,-76 32,-86
";

/// A carp that leaps.
const FISH: &str = "
    accent curve 30,-44 50,-36 62,-18 44,-22 36,-6 30,-26
    accent curve -20,-75 -2,-95 16,-86 12,-68
    body curve -50,-56 -42,-68 -24,-78 0,-76 22,-60 36,-40 30,-38 12,-48 -10,-54 -34,-52
    pale curve -22,-77 -2,-75 4,-64 -12,-62
    pale curve -44,-55 -20,-60 0,-53 -20,-53
    accent curve -22,-56 -8,-50 -4,-36 -18,-44
    dark disc -40,-63 1.8,1.8
";

/// From behind: wide hat, long coat, a staff.
const TRAVELLER: &str = "
    dark limb 1.1,0.9 29,0 27,-50 28,-98
    dark polygon -11,-12 -9,0 -1,0 -2,-12
    dark polygon 11,-12 9,0 1,0 2,-12
    body curve -10,-74 -17,-60 -20,-30 -23,-8 -10,-5 0,-7 10,-5 23,-8 20,-30 17,-60 10,-74
    shade limb 5.5,3.5 12,-66 21,-54 27,-50
    pale disc 27,-50 3,3
    dark disc 0,-79 7.5,9
    accent limb 3,3 -13,-70 0,-66 13,-70
    pale polygon -24,-80 -3,-97 3,-97 24,-80 12,-77.5 -12,-77.5
";

/// A sailing boat.
const BOAT: &str = "
    dark limb 1.3,0.9 0,-10 0,-102
    pale polygon 0,-100 16,-80 31,-50 36,-24 18,-21 0.5,-21
    accent polygon -3,-88 -3,-23 -33,-23 -20,-50
    body polygon -46,-17 -38,-2 -30,0 30,0 40,-3 52,-20 30,-15 -20,-14
    dark polygon -46,-17 -44,-13 47,-14 52,-20 30,-15 -20,-14
";

/// A cottage with lit windows.
const HOUSE: &str = "
    dark polygon 16,-70 16,-100 27,-100 27,-70
    body polygon -40,0 -40,-52 40,-52 40,0
    shade polygon 8,0 8,-52 40,-52 40,0
    accent polygon -50,-46 -22,-90 26,-90 50,-46
    dark polygon 12,-46 26,-90 50,-46
    pale polygon -30,-34 -18,-34 -18,-18 -30,-18
    pale polygon 19,-34 31,-34 31,-18 19,-18
    dark polygon -11,0 -11,-30 2,-30 2,0
";

/// A hot-air balloon.
const BALLOON: &str = "
    dark limb 0.6,0.6 -15,-30 -7,-12
    dark limb 0.6,0.6 15,-30 7,-12
    body curve 0,-100 14.5,-98 25.7,-92 34,-82.9 38.9,-71.5 39.9,-59 37,-46.9 30.5,-36.4 20.7,-28.7 -20.7,-28.7 -30.5,-36.4 -37,-46.9 -39.9,-59 -38.9,-71.5 -34,-82.9 -25.7,-92 -14.5,-98
    pale curve 0,-100 10.4,-98 18.5,-92 24.5,-82.9 28,-71.5 28.7,-59 26.7,-46.9 22,-36.4 14.9,-28.7 -14.9,-28.7 -22,-36.4 -26.7,-46.9 -28.7,-59 -28,-71.5 -24.5,-82.9 -18.5,-92 -10.4,-98
    body curve 0,-100 6.1,-98 10.8,-92 14.3,-82.9 16.3,-71.5 16.8,-59 15.6,-46.9 12.8,-36.4 8.7,-28.7 -8.7,-28.7 -12.8,-36.4 -15.6,-46.9 -16.8,-59 -16.3,-71.5 -14.3,-82.9 -10.8,-92 -6.1,-98
    accent curve 0,-100 2,-98 3.6,-92 4.8,-82.9 5.4,-71.5 5.6,-59 5.2,-46.9 4.3,-36.4 2.9,-28.7 -2.9,-28.7 -4.3,-36.4 -5.2,-46.9 -5.6,-59 -5.4,-71.5 -4.8,-82.9 -3.6,-92 -2,-98
    dark polygon -8,-13 8,-13 6.5,0 -6.5,0
";

/// A daisy with two leaves.
const FLOWER: &str = "
    accent limb 1.7,1.2 2,0 -2,-30 0,-70
    accent curve 0,-12 14,-30 34,-36 28,-20 12,-10
    accent curve 0,-4 -14,-22 -34,-28 -28,-12 -12,-2
    shade petals 0,-72 30,7.5 9,0.2
    body petals 0,-72 24,6.5 9,0.55
    pale disc 0,-72 7,7
    dark disc 0,-72 3.5,3.5
";

/// A broad tree, its crown in clouds.
const TREE: &str = "
    dark limb 5,2.5 0,2 1,-25 0,-60
    dark limb 2.2,1.2 0,-30 -9,-42 -16,-52
    dark limb 2.2,1.2 1,-28 10,-42 17,-52
    shade disc -20,-56 17,16
    shade disc 20,-58 18,17
    shade disc 2,-54 20,15
    shade disc 0,-74 25,23
    body disc -24,-61 10,9
    body disc 14,-66 10,9
    body disc -8,-81 15,12
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_drawing_is_understood() {
        for drawing in [
            FOX, CAT, CRANE, FISH, TRAVELLER, BOAT, HOUSE, BALLOON, FLOWER, TREE,
        ] {
            for line in drawing.trim().lines() {
                assert!(
                    part(line).is_some_and(|(path, _)| !path.is_empty()),
                    "{line}"
                );
            }
        }
        for line in [
            "",
            "body",
            "body disc",
            "body disc 1",
            "blue disc 1,1 1,1",
            "body blob 1,1",
        ] {
            assert!(part(line).is_none(), "{line}");
        }
    }
}
