//! What a gateway made of what it was asked for, so far.

use egui::{RichText, Ui};

use crate::model::{SizeTier, SizeTrack, TrackLine};
use crate::ui::text::{Key, Text};
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};

use super::field::{Form, section};

pub(super) fn show(ui: &mut Ui, form: &Form<'_, '_>) {
    let view = &form.view;
    let Some(lines) = view.studio.gateways.tracks.get(&form.profile.id) else {
        return;
    };
    if lines.is_empty() {
        return;
    }
    section(ui, view.t(Key::GatewaySectionTrack), |ui| {
        for line in lines {
            line_ui(ui, view.text, line);
        }
    });
}

fn line_ui(ui: &mut Ui, text: &Text, line: &TrackLine) {
    let palette = Palette::of(ui);
    let is_good = line.smaller == 0 && line.other_format == 0 && line.failed == 0;
    let (icon, color) = if is_good {
        (icons::CHECK, palette.ok)
    } else {
        (icons::WARNING, palette.warn)
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(icon.text().color(color));
        ui.label(RichText::new(&line.model).color(palette.weak));
        ui.label(RichText::new(words(text, line)).color(palette.text));
    });
}

/// What became of a size that was asked for: `4K asked: at most 2K in 5 of 5 tries`.
pub(in crate::ui) fn size_words(text: &Text, track: SizeTrack) -> String {
    let tier = |tier: SizeTier| tier.label().into();
    match track {
        SizeTrack::NeverMore {
            asked,
            at_most,
            pictures,
        } => text.with(
            Key::TrackNeverMore,
            [
                ("asked", tier(asked)),
                ("got", tier(at_most)),
                ("count", pictures.into()),
            ],
        ),
        SizeTrack::Sometimes {
            asked,
            smaller,
            pictures,
        } => text.with(
            Key::TrackSometimes,
            [
                ("asked", tier(asked)),
                ("smaller", smaller.into()),
                ("count", pictures.into()),
            ],
        ),
        SizeTrack::Always { asked, pictures } => text.with(
            Key::TrackAlways,
            [("asked", tier(asked)), ("count", pictures.into())],
        ),
    }
}

/// A line in one sentence: that of its sizes, and what else was not as asked.
fn words(text: &Text, line: &TrackLine) -> String {
    let mut words = vec![line.sizes().map_or_else(
        || text.with(Key::TrackPictures, [("count", line.pictures().into())]),
        |track| size_words(text, track),
    )];
    for (key, count) in [
        (Key::TrackFormat, line.other_format),
        (Key::TrackFailed, line.failed),
    ] {
        if count > 0 {
            words.push(text.with(key, [("count", count.into())]));
        }
    }
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn a_line_is_one_sentence() {
        let text = Text::new(Language::English);
        let line = TrackLine {
            asked: Some(SizeTier::FourK),
            best_tier_got: Some(SizeTier::TwoK),
            tries: 7,
            failed: 2,
            smaller: 5,
            ..TrackLine::default()
        };
        let expected = "4K asked: at most 2K in 5 of 5 tries · 2 failed";
        assert_eq!(words(&text, &line), expected);
        let line = TrackLine {
            tries: 3,
            other_format: 1,
            ..TrackLine::default()
        };
        let expected = "3 pictures · 1 in another format";
        assert_eq!(words(&text, &line), expected);
    }
}
