//! Asked ⟷ claimed ⟷ got: what was sent, what the answer says, and what the file is (product.md 3).

use egui::{Align, Label, Layout, RichText, Ui, vec2};

use crate::model::{Background, Mismatch, PixelSize, Quality, Recipe, SizeChoice, SizeTrack};
use crate::ui::format;
use crate::ui::intent::Intent;
use crate::ui::text::{Key, Text};
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::card::{heading, note};

use super::View;
use super::gateways::track::size_words;
use super::top_bar::gateway_name;

/// Part of the width that the names of the parameters get; the values share the rest.
const NAME_PART: f32 = 0.26;
/// Height of a line, in points.
const LINE: f32 = 20.0;

/// One line of the comparison. `None`: nobody knows.
struct Line {
    name: Key,
    asked: String,
    claimed: Option<String>,
    got: Option<String>,
    /// What was delivered otherwise than asked, or claimed otherwise than delivered.
    sentence: Option<String>,
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>, recipe: &Recipe) {
    let palette = Palette::of(ui);
    let lines = lines(view.text, recipe);
    let unknown = view.t(Key::DetailsUnknown);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, 0.0);
        let headings = [Key::DetailsAsked, Key::DetailsClaimed, Key::DetailsGot];
        row(ui, |ui, column| match column.checked_sub(1) {
            Some(at) => {
                if let Some(key) = headings.get(at) {
                    heading(ui, view.t(*key));
                }
            }
            None => {
                ui.label("");
            }
        });
        for line in &lines {
            row(ui, |ui, column| {
                let got_color = if line.sentence.is_some() {
                    palette.warn
                } else {
                    palette.text
                };
                let (words, color) = match column {
                    0 => (view.t(line.name), palette.weak),
                    1 => (line.asked.as_str(), palette.text),
                    2 => (line.claimed.as_deref().unwrap_or(unknown), palette.text),
                    _ => (line.got.as_deref().unwrap_or(unknown), got_color),
                };
                let label = RichText::new(words).size(size::SMALL).color(color);
                ui.add(Label::new(label).truncate()).on_hover_text(words);
            });
        }
    });
    for sentence in lines.iter().filter_map(|line| line.sentence.as_deref()) {
        ui.add_space(space::XS);
        note(ui, sentence, palette.warn, palette.warn_soft);
    }
    if let Some(sentence) = track(view, recipe) {
        ui.add_space(space::XS);
        note(ui, &sentence, palette.text, palette.control);
    }
}

/// Four cells of fixed width, so that nothing moves with what stands in them.
fn row(ui: &mut Ui, mut cell: impl FnMut(&mut Ui, usize)) {
    let room = ui.available_width() - 3.0 * space::XS;
    let name = (room * NAME_PART).floor();
    let value = ((room - name) / 3.0).floor();
    ui.horizontal(|ui| {
        for column in 0..4 {
            let width = if column == 0 { name } else { value };
            ui.allocate_ui_with_layout(
                vec2(width, LINE),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(width);
                    cell(ui, column);
                },
            );
        }
    });
}

fn lines(text: &Text, recipe: &Recipe) -> Vec<Line> {
    let mut lines = vec![
        size_line(text, recipe),
        format_line(text, recipe),
        quality_line(text, recipe),
    ];
    lines.extend(background_line(text, recipe));
    lines
}

/// `3840×2160`: without spaces, so that three of them fit side by side.
fn pixels(size: PixelSize) -> String {
    format!("{}×{}", size.width(), size.height())
}

fn kept(text: &Text, asked: &str, got: &str) -> String {
    text.with(
        Key::MismatchKept,
        [("asked", asked.into()), ("got", got.into())],
    )
}

fn claims(text: &Text, claimed: &str, got: &str) -> String {
    text.with(
        Key::MismatchClaimed,
        [("claimed", claimed.into()), ("got", got.into())],
    )
}

fn size_line(text: &Text, recipe: &Recipe) -> Line {
    let got = recipe.got_size;
    let asked = match recipe.parameters.size {
        SizeChoice::Auto => text.get(Key::SizeAuto).to_owned(),
        SizeChoice::Exact(size) => pixels(size),
    };
    let claim = recipe.claimed_size.as_deref();
    let claimed_size = claim.and_then(|claim| claim.parse::<PixelSize>().ok());
    let claimed = claim.map(|claim| claimed_size.map_or_else(|| claim.to_owned(), pixels));
    let sentence = match recipe.parameters.size {
        SizeChoice::Exact(wanted) if recipe.mismatch.contains(&Mismatch::Size) => {
            // The tiers are what people order and pay by.
            let (asked, got) = if wanted.tier() == got.tier() {
                (format::pixel_size(wanted), format::pixel_size(got))
            } else {
                (
                    wanted.tier().label().to_owned(),
                    got.tier().label().to_owned(),
                )
            };
            Some(kept(text, &asked, &got))
        }
        _ => claimed_size
            .filter(|claimed| *claimed != got)
            .map(|claimed| claims(text, &pixels(claimed), &pixels(got))),
    };
    Line {
        name: Key::DetailsSize,
        asked,
        claimed,
        got: Some(pixels(got)),
        sentence,
    }
}

fn format_line(text: &Text, recipe: &Recipe) -> Line {
    let asked = recipe.parameters.format.as_str().to_uppercase();
    let got = recipe.got_format.as_str().to_uppercase();
    let claimed = recipe.claimed_format.as_deref().map(str::to_uppercase);
    let sentence = if recipe.mismatch.contains(&Mismatch::Format) {
        Some(kept(text, &asked, &got))
    } else {
        claimed
            .as_deref()
            .map(|claimed| if claimed == "JPG" { "JPEG" } else { claimed })
            .filter(|claimed| *claimed != got)
            .map(|claimed| claims(text, claimed, &got))
    };
    Line {
        name: Key::DetailsFormat,
        asked,
        claimed,
        got: Some(got),
        sentence,
    }
}

fn quality_line(text: &Text, recipe: &Recipe) -> Line {
    let asked = recipe.parameters.quality;
    let claim = recipe.claimed_quality.as_deref();
    let claimed = claim.map(|word| quality_words(text, word));
    let asked_words = quality_words(text, asked.as_str());
    // No file says how much work went into it; the answer is all there is.
    let sentence = claimed
        .as_deref()
        .filter(|_| asked != Quality::Auto && claim != Some(asked.as_str()))
        .map(|claimed| kept(text, &asked_words, claimed));
    Line {
        name: Key::DetailsQuality,
        asked: asked_words,
        claimed,
        got: None,
        sentence,
    }
}

fn background_line(text: &Text, recipe: &Recipe) -> Option<Line> {
    let asked = recipe.parameters.background;
    let claim = recipe.claimed_background.as_deref();
    if asked == Background::Auto && claim.is_none() {
        return None;
    }
    let words = background_words(text, asked.as_str());
    let is_lost = recipe.mismatch.contains(&Mismatch::Background);
    let has_alpha = if is_lost {
        Some(false)
    } else {
        recipe.got_alpha
    };
    let got = has_alpha.map(|has_alpha| {
        let key = if has_alpha {
            Key::BackgroundTransparent
        } else {
            Key::BackgroundOpaque
        };
        text.get(key).to_owned()
    });
    let sentence = got
        .as_deref()
        .filter(|_| is_lost)
        .map(|got| kept(text, &words, got));
    Some(Line {
        name: Key::DetailsBackground,
        asked: words,
        claimed: claim.map(|claim| background_words(text, claim)),
        got,
        sentence,
    })
}

/// What the gateway made of requests like this one, where that is worth knowing.
fn track(view: &mut View<'_>, recipe: &Recipe) -> Option<String> {
    let gateway = recipe.gateway_id.clone()?;
    let asked = recipe.parameters.size.exact()?.tier();
    let Some(lines) = view.studio.gateways.tracks.get(&gateway) else {
        view.push(Intent::WantTrack(gateway));
        return None;
    };
    let line = lines
        .iter()
        .find(|line| line.asked == Some(asked) && line.model == recipe.image_model)?;
    let track = line.sizes()?;
    if matches!(track, SizeTrack::Always { .. }) {
        return None;
    }
    let mut profiles = view.studio.settings.gateways.iter();
    let name = profiles
        .find(|profile| profile.id == gateway)
        .map_or(recipe.gateway.as_str(), |profile| {
            gateway_name(view.text, profile)
        });
    Some(format!("{name} · {}", size_words(view.text, track)))
}

fn background_words(text: &Text, word: &str) -> String {
    let key = match word {
        "auto" => Key::BackgroundAuto,
        "opaque" => Key::BackgroundOpaque,
        "transparent" => Key::BackgroundTransparent,
        other => return other.to_owned(),
    };
    text.get(key).to_owned()
}

/// A quality in the user's words; what a gateway made up is shown as it is.
pub(super) fn quality_words(text: &Text, word: &str) -> String {
    let key = match word {
        "auto" => Key::QualityAuto,
        "low" => Key::QualityLow,
        "medium" => Key::QualityMedium,
        "high" => Key::QualityHigh,
        other => return other.to_owned(),
    };
    text.get(key).to_owned()
}
