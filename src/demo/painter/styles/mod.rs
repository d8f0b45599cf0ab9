//! Ways of painting. Each is a function from a [`Plan`] to a [`Painting`].

use super::canvas::{Frame, Painting};
use super::guide::Guide;
use super::lexicon::{Brief, Style, Thing};
use super::motif::{self, Stand};
use super::noise::Rng;
use super::palette::Palette;
use super::path::Point;

mod city;
mod glass;
mod ink;
mod landscape;
mod poster;
mod ridge;
mod scenery;
mod still;
mod strokes;

/// What the references are for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reference<'g> {
    None,
    /// Only their colours: the composition is the prompt's.
    Colors(&'g Guide),
    /// The picture is the first of them, in the prompt's style.
    Whole(&'g Guide),
}

/// All that a style needs to know.
#[derive(Debug)]
pub(super) struct Plan<'g> {
    pub(super) frame: Frame,
    pub(super) brief: Brief,
    pub(super) palette: Palette,
    pub(super) rng: Rng,
    /// Only the motif, on nothing.
    pub(super) transparent: bool,
    pub(super) reference: Reference<'g>,
}

impl<'g> Plan<'g> {
    pub(super) fn new(
        frame: Frame,
        brief: Brief,
        mut rng: Rng,
        transparent: bool,
        reference: Reference<'g>,
    ) -> Self {
        let mut palette = Palette::new(&brief, &mut rng.fork());
        if let Reference::Colors(guide) | Reference::Whole(guide) = reference {
            palette.take(&guide.swatches(), 0.6);
        }
        Self {
            frame,
            brief,
            palette,
            rng,
            transparent,
            reference,
        }
    }

    /// The style that the words name or imply; else the seed chooses among those that suit them.
    fn style(&mut self) -> Style {
        use Style::{Brush, City, Flow, Glass, Ink, Landscape, Poster, StillLife};
        if let Some(style) = self.brief.style {
            return style;
        }
        let fitting: &[Style] = if matches!(self.reference, Reference::Whole(_)) {
            &[Brush]
        } else if self.brief.is_still() {
            &[StillLife]
        } else if matches!(self.reference, Reference::Colors(_)) {
            // A patch of another picture: what suits most pictures.
            &[Landscape, Brush]
        } else if self.brief.things.is_empty()
            && self.brief.land.is_none()
            && self.brief.time.is_none()
        {
            &[Flow, Poster, Landscape, Brush, Glass, StillLife, City]
        } else {
            &[Landscape, Landscape, Landscape, Brush, Ink, Glass]
        };
        self.rng.pick(fitting).copied().unwrap_or(Landscape)
    }
}

/// Paints the plan in the style that its words ask for, or else its seed.
pub(super) fn compose(mut plan: Plan<'_>) -> Painting<'_> {
    let style = plan.style();
    if let Reference::Whole(guide) = plan.reference {
        return match style {
            Style::Ink => ink::after(&mut plan, guide),
            Style::Glass => glass::after(&mut plan, guide),
            Style::Poster | Style::City => poster::after(&mut plan, guide),
            Style::Flow => strokes::currents_after(&mut plan, guide),
            Style::Landscape | Style::Brush | Style::StillLife => strokes::oil(&mut plan, guide),
        };
    }
    match style {
        Style::StillLife => still::paint(&mut plan),
        Style::Brush => {
            let under = Guide::from_painting(&subject_matter(&mut plan));
            strokes::oil(&mut plan, &under)
        }
        Style::Glass if !plan.transparent && !plan.brief.is_still() => glass::paint(&mut plan),
        Style::Glass => {
            let under = Guide::from_painting(&subject_matter(&mut plan));
            glass::after(&mut plan, &under)
        }
        Style::Flow if plan.transparent => {
            let under = Guide::from_painting(&alone(&mut plan));
            strokes::currents_after(&mut plan, &under)
        }
        Style::Ink if plan.transparent => {
            plan.palette.chroma = 0.3;
            alone(&mut plan)
        }
        Style::Landscape | Style::City | Style::Poster if plan.transparent => alone(&mut plan),
        Style::Landscape => landscape::paint(&mut plan),
        Style::City => city::paint(&mut plan),
        Style::Poster => poster::paint(&mut plan),
        Style::Flow => strokes::currents(&mut plan),
        Style::Ink => ink::paint(&mut plan),
    }
}

/// What a style that translates other pictures starts from.
fn subject_matter<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    if plan.brief.is_still() {
        still::paint(plan)
    } else if plan.transparent {
        alone(plan)
    } else {
        landscape::paint(plan)
    }
}

/// The subject, large, on nothing.
fn alone<'a>(plan: &mut Plan<'_>) -> Painting<'a> {
    let mut painting = Painting::new(plan.frame);
    let Frame { width, height } = plan.frame;
    let any = [
        Thing::Flower,
        Thing::Balloon,
        Thing::Tree,
        Thing::Fox,
        Thing::Bird,
    ];
    let subject = (plan.brief.subject())
        .or_else(|| plan.rng.pick(&any).map(|thing| (*thing, None)))
        .unwrap_or((Thing::Flower, None));
    let size = 0.8 * height.min(width);
    let foot = Point::new(0.5 * width, 0.5 * (height + size));
    let stand = Stand {
        foot,
        height: size,
        is_mirrored: plan.rng.chance(0.5),
        // No side is brighter: the picture is for laying on something else.
        light: foot,
    };
    motif::draw(&mut painting, subject, &plan.palette, stand);
    painting
}
