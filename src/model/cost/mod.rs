//! What pictures cost: an estimate before they are asked for, and what their answer lets know.
//!
//! Gateways bill by rules of their own and give no price back, so every figure is an estimate (protocol.md 10.3). Where
//! nothing honest can be said there is none: an auto quality, a size without a list price, prices in another currency.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    ApiKind, Catalog, GatewayProfile, ModelEntry, Parameters, PicturePrice, PixelSize, PriceRule,
    Quality, SizeTier, TokenPrices, Usage,
};

/// Image output tokens that each preview adds (protocol.md 6.6).
const TOKENS_OF_A_PREVIEW: f64 = 100.0;
/// Prices of tokens are those of so many.
const PRICED_TOKENS: f64 = 1e6;

/// What a cost is reckoned by.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CostBasis {
    /// The model's list price, or a multiple of it.
    #[default]
    ListPrice,
    /// Prices of the gateway's profile.
    Profile,
}

/// An amount of money, never negative and always finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    amount: f64,
    currency: String,
    #[serde(default)]
    basis: CostBasis,
}

impl Cost {
    /// `None` for an amount that can't be one: negative, infinite or no number.
    #[must_use]
    pub fn new(amount: f64, currency: &str, basis: CostBasis) -> Option<Self> {
        let cost = Self {
            amount,
            currency: currency.to_owned(),
            basis,
        };
        cost.is_money().then_some(cost)
    }

    /// How much, in units of [`Self::currency`].
    #[must_use]
    pub const fn amount(&self) -> f64 {
        self.amount
    }

    /// ISO 4217, such as `USD`.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// What it is reckoned by.
    #[must_use]
    pub const fn basis(&self) -> CostBasis {
        self.basis
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.amount <= 0.0
    }

    /// The cost of so many; `None` beyond all numbers.
    #[must_use]
    pub fn times(&self, many: usize) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let amount = self.amount * many as f64;
        Self::new(amount, &self.currency, self.basis)
    }

    /// Adds it to sums that each have a currency of their own. `None` beyond all numbers.
    #[must_use]
    pub fn add_to(self, mut sums: Vec<Self>) -> Option<Vec<Self>> {
        match sums.iter_mut().find(|sum| sum.currency == self.currency) {
            Some(sum) => {
                if sum.basis != self.basis {
                    sum.basis = CostBasis::Profile;
                }
                *sum = Self::new(sum.amount + self.amount, &sum.currency, sum.basis)?;
            }
            None => sums.push(self),
        }
        Some(sums)
    }

    fn is_money(&self) -> bool {
        self.amount.is_finite() && self.amount >= 0.0
    }
}

/// Reads a cost from a recipe. One that is none must not make the recipe unreadable.
pub(super) fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cost>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    let cost: Option<Cost> = serde_json::from_value(value).unwrap_or_default();
    Ok(cost.filter(Cost::is_money))
}

/// What a picture may cost at a gateway, previews included. References and words, billed by the token, come on top.
#[must_use]
pub fn estimate_of_picture(
    catalog: &Catalog,
    profile: &GatewayProfile,
    parameters: &Parameters,
) -> Option<Cost> {
    let is_streamed = profile.api == ApiKind::Responses || profile.stream;
    let previews = if is_streamed {
        u32::from(parameters.partials)
    } else {
        0
    };
    let size = parameters.size.exact();
    by_list(catalog, profile, size, parameters.quality, previews)
}

/// What came of a request, as far as its cost goes.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// Width x height of the picture as decoded, in pixels.
    pub size: PixelSize,
    /// [`quality_got`].
    pub quality: Quality,
    /// Previews of the picture that came.
    pub previews: u32,
    /// Whether pictures were sent.
    pub has_references: bool,
    /// What the gateway says that the request used.
    pub usage: Option<&'a Usage>,
    /// Pictures that the request delivered, at least 1: they share its cost evenly.
    pub pictures: u32,
}

/// The quality of a picture: what the answer claims in words that are known, else what was asked.
#[must_use]
pub fn quality_got(claimed: Option<&str>, asked: Quality) -> Quality {
    claimed
        .and_then(|word| word.trim().to_ascii_lowercase().parse().ok())
        .unwrap_or(asked)
}

/// What a picture has cost: by the tokens of its answer where they are the picture's, else by its size and quality.
#[must_use]
pub fn cost_of_picture(
    catalog: &Catalog,
    profile: &GatewayProfile,
    delivery: &Delivery<'_>,
) -> Option<Cost> {
    // The usage of a Responses answer is the outer model's alone (protocol.md 10.1).
    let of_images = profile.api == ApiKind::Images;
    let usage = delivery.usage.filter(|usage| !usage.is_placeholder());
    let tokens = usage
        .filter(|_| of_images)
        .and_then(|usage| Tokens::of(usage, delivery.has_references));
    let (size, quality) = (Some(delivery.size), delivery.quality);
    let share = |amount: f64| amount / f64::from(delivery.pictures.max(1));
    let (prices, basis, multiplier) = match &profile.prices.rule {
        PriceRule::ListPrice { multiplier } if !is_nothing(*multiplier) => {
            let entry = listed(catalog, profile)?;
            (entry.tokens, CostBasis::ListPrice, *multiplier)
        }
        PriceRule::Token(own) => (*own, CostBasis::Profile, 1.0),
        // Free, one price a picture, or not known: tokens change nothing.
        PriceRule::ListPrice { .. } | PriceRule::Picture { .. } | PriceRule::Unknown => {
            return by_list(catalog, profile, size, quality, delivery.previews);
        }
    };
    let currency = &profile.prices.currency;
    if let Some(amount) = tokens.and_then(|tokens| tokens.at(&prices)) {
        return Cost::new(share(amount * multiplier), currency, basis);
    }
    let picture = by_list(catalog, profile, size, quality, delivery.previews)?;
    let outer = usage
        .filter(|_| !of_images)
        .and_then(|usage| outer_tokens(catalog, profile, usage))
        .unwrap_or(0.0);
    Cost::new(picture.amount + share(outer), currency, basis)
}

/// By what is known of a size and a quality. Where the size is `None` the model chooses it.
fn by_list(
    catalog: &Catalog,
    profile: &GatewayProfile,
    size: Option<PixelSize>,
    quality: Quality,
    previews: u32,
) -> Option<Cost> {
    let line = |entry: &ModelEntry| {
        let mut lines = entry.prices.iter();
        let line = lines.find(|line| Some(line.size) == size && line.quality == quality)?;
        Some(line.price)
    };
    let preview_tokens = TOKENS_OF_A_PREVIEW * f64::from(previews);
    let (amount, basis) = match &profile.prices.rule {
        PriceRule::Unknown => return None,
        PriceRule::ListPrice { multiplier } if is_nothing(*multiplier) => {
            (0.0, CostBasis::ListPrice)
        }
        PriceRule::ListPrice { multiplier } => {
            let entry = listed(catalog, profile)?;
            let previews = preview_tokens * entry.tokens.image_output / PRICED_TOKENS;
            let amount = (line(entry)? + previews) * multiplier;
            (amount, CostBasis::ListPrice)
        }
        // The list says how many tokens a picture takes; tokens are the same in every currency.
        PriceRule::Token(own) => {
            let entry = catalog.find(&profile.image_model)?;
            let list = entry.tokens.image_output;
            // A price that is not filled in is not one of zero.
            if list <= 0.0 || own.image_output <= 0.0 {
                return None;
            }
            let tokens = line(entry)? / list * PRICED_TOKENS + preview_tokens;
            let amount = tokens * own.image_output / PRICED_TOKENS;
            (amount, CostBasis::Profile)
        }
        PriceRule::Picture { lines } => {
            let tier = size.map(PixelSize::tier);
            let line = lines.iter().find(|line| fits(line, tier, quality))?;
            (line.price, CostBasis::Profile)
        }
    };
    Cost::new(amount, &profile.prices.currency, basis)
}

/// Whether that times any list price is nothing, also times one that is not known.
fn is_nothing(multiplier: f64) -> bool {
    multiplier.abs() < f64::EPSILON
}

/// The entry of the profile's image model, if its prices are in the profile's currency.
fn listed<'a>(catalog: &'a Catalog, profile: &GatewayProfile) -> Option<&'a ModelEntry> {
    let entry = catalog.find(&profile.image_model)?;
    (entry.currency == profile.prices.currency).then_some(entry)
}

/// What the outer model of a Responses call used, where the list has a price for its words: ours has none, but the user's
/// own table may.
fn outer_tokens(catalog: &Catalog, profile: &GatewayProfile, usage: &Usage) -> Option<f64> {
    let PriceRule::ListPrice { multiplier } = profile.prices.rule else {
        return None;
    };
    let entry = catalog.find(&profile.model)?;
    if entry.currency != profile.prices.currency {
        return None;
    }
    let input = as_number(usage.input_tokens.unwrap_or(0)) * entry.tokens.text_input;
    let output = as_number(usage.output_tokens.unwrap_or(0)) * entry.tokens.text_output;
    Some((input + output) / PRICED_TOKENS * multiplier)
}

/// Whether a line is for such a picture. A line that names a tier or a quality does not fit one that is left open.
fn fits(line: &PicturePrice, tier: Option<SizeTier>, quality: Quality) -> bool {
    line.tier.is_none_or(|wanted| tier == Some(wanted))
        && line.quality.is_none_or(|wanted| wanted == quality)
}

/// Tokens of an Images answer, by what they are billed as.
struct Tokens {
    text_input: u64,
    image_input: u64,
    image_output: u64,
    text_output: u64,
}

impl Tokens {
    /// Sorts what the gateway has counted; `None` where it does not say what the picture took.
    ///
    /// Input without details is taken as pictures where pictures were sent, as they are nearly all of it, else as words.
    /// Output without details is the picture: an image model writes next to nothing.
    fn of(usage: &Usage, has_references: bool) -> Option<Self> {
        let input = usage.input_tokens;
        let (text_input, image_input) = match (usage.input_text_tokens, usage.input_image_tokens) {
            (Some(text), Some(image)) => (text, image),
            (Some(text), None) => (text, input.unwrap_or(text).saturating_sub(text)),
            (None, Some(image)) => (input.unwrap_or(image).saturating_sub(image), image),
            (None, None) if has_references => (0, input.unwrap_or(0)),
            (None, None) => (input.unwrap_or(0), 0),
        };
        let difference = || Some(usage.total_tokens?.saturating_sub(input?));
        let output = usage.output_tokens.or_else(difference);
        let text = usage.output_text_tokens;
        let image_output = usage
            .output_image_tokens
            .or_else(|| Some(output?.saturating_sub(text.unwrap_or(0))))
            .filter(|tokens| *tokens > 0)?;
        let rest = output.map_or(0, |output| output.saturating_sub(image_output));
        Some(Self {
            text_input,
            image_input,
            image_output,
            text_output: text.unwrap_or(rest),
        })
    }

    /// Their price; `None` where what pictures cost is not filled in.
    fn at(&self, prices: &TokenPrices) -> Option<f64> {
        if prices.image_output <= 0.0 {
            return None;
        }
        let kinds = [
            (self.text_input, prices.text_input),
            (self.image_input, prices.image_input),
            (self.image_output, prices.image_output),
            (self.text_output, prices.text_output),
        ];
        let sum: f64 = kinds
            .into_iter()
            .map(|(tokens, price)| as_number(tokens) * price)
            .sum();
        Some(sum / PRICED_TOKENS)
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
const fn as_number(tokens: u64) -> f64 {
    tokens as f64
}
