//! What a gateway costs, as far as its user knows.

use egui::Ui;

use crate::model::{
    GatewayProfile, PicturePrice, PriceRule, Prices, Quality, SizeTier, TokenPrices,
};
use crate::ui::state::{Field, Problem};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};
use crate::ui::widgets::choice::choice;
use crate::ui::widgets::segmented::Segmented;

use super::field::{Entry, Form, NUMBER, amount, note, row};
use super::models::check;

/// Width of a list to choose from.
const CHOICE: f32 = 104.0;

/// How a gateway bills, without the figures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Rule {
    Unknown,
    List,
    Token,
    Picture,
}

const fn rule_of(prices: &Prices) -> Rule {
    match prices.rule {
        PriceRule::Unknown => Rule::Unknown,
        PriceRule::ListPrice { .. } => Rule::List,
        PriceRule::Token(_) => Rule::Token,
        PriceRule::Picture { .. } => Rule::Picture,
    }
}

const fn rule_words(rule: Rule) -> Key {
    match rule {
        Rule::Unknown => Key::GatewayPriceUnknown,
        Rule::List => Key::GatewayPriceList,
        Rule::Token => Key::GatewayPriceToken,
        Rule::Picture => Key::GatewayPricePicture,
    }
}

/// The part in a few words.
pub(super) fn summary(form: &Form<'_, '_>) -> String {
    let prices = &form.profile.prices;
    let mut words = form.view.t(rule_words(rule_of(prices))).to_owned();
    if let PriceRule::ListPrice { multiplier } = prices.rule {
        words = format!("{words} × {multiplier}");
    }
    if prices.rule != PriceRule::Unknown {
        words = format!("{words} · {}", prices.currency);
    }
    if prices.failed_is_free {
        words = format!("{words} · {}", form.view.t(Key::GatewayFailedIsFree));
    }
    words
}

pub(super) fn show(form: &mut Form<'_, '_>, ui: &mut Ui) {
    let name = form.view.t(Key::GatewayPriceRule);
    let cells = [Rule::Unknown, Rule::List, Rule::Token, Rule::Picture]
        .map(|rule| (rule, form.view.t(rule_words(rule))));
    let rule = rule_of(&form.profile.prices);
    row(ui, name, |ui| {
        if let Some(rule) = Segmented::new(name, &cells, rule).fill_width().show(ui) {
            form.profile.prices.rule = blank(rule);
            let is_figure = |field: &Field| {
                matches!(
                    field,
                    Field::Multiplier
                        | Field::TextInput
                        | Field::ImageInput
                        | Field::ImageOutput
                        | Field::TextOutput
                        | Field::PicturePrice(_)
                )
            };
            form.edit.drafts.retain(|field, _| !is_figure(field));
        }
    });
    if rule != Rule::Unknown {
        currency_ui(ui, form);
    }
    match form.profile.prices.rule.clone() {
        PriceRule::Unknown => {
            note(
                ui,
                form.view.t(Key::GatewayPriceUnknownNote),
                Palette::of(ui).weak,
            );
        }
        PriceRule::ListPrice { multiplier } => multiplier_ui(ui, form, multiplier),
        PriceRule::Token(prices) => tokens_ui(ui, form, prices),
        PriceRule::Picture { lines } => lines_ui(ui, form, &lines),
    }
    let name = form.view.t(Key::GatewayFailedIsFree);
    check(ui, name, &mut form.profile.prices.failed_is_free);
    note(
        ui,
        form.view.t(Key::GatewayFailedIsFreeNote),
        Palette::of(ui).weak,
    );
}

fn blank(rule: Rule) -> PriceRule {
    match rule {
        Rule::Unknown => PriceRule::Unknown,
        Rule::List => PriceRule::ListPrice { multiplier: 1.0 },
        Rule::Token => PriceRule::Token(TokenPrices::default()),
        Rule::Picture => PriceRule::Picture {
            lines: vec![PicturePrice {
                tier: None,
                quality: None,
                price: 0.0,
            }],
        },
    }
}

fn currency_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let name = form.view.t(Key::GatewayCurrency);
    let value = form.profile.prices.currency.clone();
    let apply = |profile: &mut GatewayProfile, text: &str| {
        let code = text.to_ascii_uppercase();
        if code.is_empty() || code.chars().count() > 8 {
            return Err(Problem::Needed);
        }
        profile.prices.currency = code;
        Ok(())
    };
    form.number_row(ui, Field::Currency, (name, "USD", ""), &value, apply);
}

fn multiplier_ui(ui: &mut Ui, form: &mut Form<'_, '_>, multiplier: f64) {
    let name = form.view.t(Key::GatewayMultiplier);
    let unit = form.view.t(Key::GatewayMultiplierUnit);
    let value = multiplier.to_string();
    let apply = |profile: &mut GatewayProfile, text: &str| {
        let multiplier = amount(text)?;
        profile.prices.rule = PriceRule::ListPrice { multiplier };
        Ok(())
    };
    form.number_row(ui, Field::Multiplier, (name, "1", unit), &value, apply);
}

fn tokens_ui(ui: &mut Ui, form: &mut Form<'_, '_>, prices: TokenPrices) {
    type Place = fn(&mut TokenPrices) -> &mut f64;
    let lines: [(Field, Key, f64, Place); 4] = [
        (
            Field::TextInput,
            Key::GatewayTokenTextInput,
            prices.text_input,
            |p| &mut p.text_input,
        ),
        (
            Field::ImageInput,
            Key::GatewayTokenImageInput,
            prices.image_input,
            |p| &mut p.image_input,
        ),
        (
            Field::ImageOutput,
            Key::GatewayTokenImageOutput,
            prices.image_output,
            |p| &mut p.image_output,
        ),
        (
            Field::TextOutput,
            Key::GatewayTokenTextOutput,
            prices.text_output,
            |p| &mut p.text_output,
        ),
    ];
    let unit = form.view.t(Key::GatewayTokenUnit);
    for (field, name, value, place) in lines {
        let name = form.view.t(name);
        let apply = |profile: &mut GatewayProfile, text: &str| {
            let price = amount(text)?;
            if let PriceRule::Token(prices) = &mut profile.prices.rule {
                *place(prices) = price;
            }
            Ok(())
        };
        form.number_row(ui, field, (name, "0", unit), &value.to_string(), apply);
    }
}

fn lines_ui(ui: &mut Ui, form: &mut Form<'_, '_>, lines: &[PicturePrice]) {
    let mut remove = None;
    for (i, line) in lines.iter().enumerate() {
        if line_ui(ui, form, i, line) {
            remove = Some(i);
        }
    }
    let mut add = false;
    row(ui, "", |ui| {
        let button = TextButton::new(form.view.t(Key::GatewayPriceAdd))
            .icon(icons::ADD)
            .emphasis(Emphasis::Quiet);
        add = ui.add(button).clicked();
    });
    if lines.len() > 1 {
        note(
            ui,
            form.view.t(Key::GatewayPriceOrder),
            Palette::of(ui).weak,
        );
    }
    let PriceRule::Picture { lines } = &mut form.profile.prices.rule else {
        return;
    };
    if add {
        lines.push(PicturePrice {
            tier: None,
            quality: None,
            price: 0.0,
        });
    }
    if let Some(i) = remove.filter(|i| *i < lines.len()) {
        lines.remove(i);
        form.edit.price_line_gone(i);
    }
}

/// Draws the price of some pictures; gives whether it is to go.
fn line_ui(ui: &mut Ui, form: &mut Form<'_, '_>, i: usize, line: &PicturePrice) -> bool {
    let view = &form.view;
    let number = (i + 1).to_string();
    let named = |key: Key| view.text.with(key, [("number", number.as_str().into())]);
    let (name, gone_name) = (named(Key::GatewayPriceLine), named(Key::GatewayPriceRemove));
    let any = view.t(Key::GatewayAnySize);
    let tiers = std::iter::once((None, any))
        .chain(SizeTier::ALL.map(|tier| (Some(tier), tier.label())))
        .collect::<Vec<_>>();
    let qualities = [
        (None, view.t(Key::GatewayAnyQuality)),
        (Some(Quality::Low), view.t(Key::QualityLow)),
        (Some(Quality::Medium), view.t(Key::QualityMedium)),
        (Some(Quality::High), view.t(Key::QualityHigh)),
    ];
    let (size_name, quality_name) = (view.t(Key::Size), view.t(Key::Quality));
    let (mut tier, mut quality, mut gone) = (line.tier, line.quality, false);
    row(ui, &name, |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let name_of = format!("{name}: {size_name}");
        choice(ui, ("tier", i), (&name_of, CHOICE), &tiers, &mut tier);
        let name_of = format!("{name}: {quality_name}");
        let salt = ("quality", i);
        choice(ui, salt, (&name_of, CHOICE), &qualities, &mut quality);
        let entry = Entry {
            field: Field::PicturePrice(i),
            name: &name,
            hint: "0",
            width: NUMBER,
        };
        form.entry(ui, entry, &line.price.to_string(), |profile, text| {
            let price = amount(text)?;
            if let Some(line) = line_of(profile, i) {
                line.price = price;
            }
            Ok(())
        });
        gone = ui.add(IconButton::new(icons::CLOSE, &gone_name)).clicked();
    });
    if let Some(line) = line_of(&mut form.profile, i) {
        (line.tier, line.quality) = (tier, quality);
    }
    form.problem_ui(ui, Field::PicturePrice(i));
    gone
}

fn line_of(profile: &mut GatewayProfile, i: usize) -> Option<&mut PicturePrice> {
    match &mut profile.prices.rule {
        PriceRule::Picture { lines } => lines.get_mut(i),
        _ => None,
    }
}
