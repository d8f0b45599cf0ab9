//! What pictures may cost and how long they may take, from what is known; never a guess that looks like knowledge.

use crate::model::{Catalog, GatewayProfile, Parameters, PicturePrice, PriceRule, SizeTier};

/// How long a picture takes where nothing was measured yet, in milliseconds (product.md 1: 20 seconds to 5 minutes).
pub const DEFAULT_PICTURE_MS: u64 = 60_000;

/// What a picture may cost at a gateway, in the profile's currency; `None`: not known.
///
/// List prices are known for some sizes only, and nothing is known where the model chooses quality or size.
/// References and words, billed by the token, come on top.
#[must_use]
pub fn price_of_picture(
    catalog: &Catalog,
    profile: &GatewayProfile,
    parameters: &Parameters,
) -> Option<f64> {
    let size = parameters.size.exact();
    match &profile.prices.rule {
        // Tokens of a picture are known only from its answer.
        PriceRule::Unknown | PriceRule::Token(_) => None,
        PriceRule::ListPrice { multiplier } => {
            let entry = catalog.find(&profile.image_model)?;
            if entry.currency != profile.prices.currency {
                return None;
            }
            let mut lines = entry.prices.iter();
            let line =
                lines.find(|line| Some(line.size) == size && line.quality == parameters.quality)?;
            Some(line.price * multiplier)
        }
        PriceRule::Picture { lines } => {
            let tier = size.map(crate::model::PixelSize::tier);
            let line = lines.iter().find(|line| fits(line, tier, parameters))?;
            Some(line.price)
        }
    }
}

/// Whether a line is for such a picture. A line that names a tier or a quality does not fit one that is left open.
fn fits(line: &PicturePrice, tier: Option<SizeTier>, parameters: &Parameters) -> bool {
    line.tier.is_none_or(|wanted| tier == Some(wanted))
        && line
            .quality
            .is_none_or(|wanted| wanted == parameters.quality)
}

/// How long so many requests take at a gateway that answers `max_parallel` at once, in milliseconds.
#[must_use]
pub fn total_ms(requests: usize, max_parallel: usize, request_ms: u64) -> u64 {
    let rounds = requests.div_ceil(max_parallel.max(1));
    u64::try_from(rounds)
        .unwrap_or(u64::MAX)
        .saturating_mul(request_ms)
}

/// The middle of what was measured, in milliseconds; `None` where nothing was.
#[must_use]
pub fn median_ms(mut measured: Vec<u64>) -> Option<u64> {
    measured.sort_unstable();
    measured.get(measured.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ListPrice, ModelEntry, Preset, Quality};

    #[test]
    fn prices_are_known_or_they_are_not() {
        let mut entry: ModelEntry = serde_json::from_str(
            r#"{"name":"gpt-image-2","max_references":16,"max_reference_bytes":1,"max_count":10,"currency":"USD"}"#,
        )
        .unwrap();
        entry.prices.push(ListPrice {
            size: "1024x1024".parse().unwrap(),
            quality: Quality::High,
            price: 0.211,
        });
        let catalog = Catalog {
            outer_models: Vec::new(),
            models: vec![entry],
        };
        let check =
            |rule: PriceRule, currency: &str, size: &str, quality, expected: Option<f64>| {
                let mut profile = Preset::Openai.profile();
                profile.prices.rule = rule.clone();
                profile.prices.currency = currency.to_owned();
                let parameters = Parameters {
                    size: size.parse().unwrap(),
                    quality,
                    ..Parameters::default()
                };
                let got = price_of_picture(&catalog, &profile, &parameters);
                let is_same = match (got, expected) {
                    (Some(got), Some(expected)) => (got - expected).abs() < 1e-9,
                    (got, expected) => got == expected,
                };
                assert!(is_same, "{rule:?} {size} {quality}: {got:?}");
            };
        let list = PriceRule::ListPrice { multiplier: 2.0 };
        check(list.clone(), "USD", "1024x1024", Quality::High, Some(0.422));
        check(list.clone(), "USD", "1024x1024", Quality::Auto, None);
        check(list.clone(), "USD", "2048x2048", Quality::High, None);
        check(list.clone(), "USD", "auto", Quality::High, None);
        check(list, "CNY", "1024x1024", Quality::High, None);
        check(PriceRule::Unknown, "USD", "1024x1024", Quality::High, None);
        let line = |tier, quality, price| PicturePrice {
            tier,
            quality,
            price,
        };
        let lines = PriceRule::Picture {
            lines: vec![
                line(Some(SizeTier::FourK), None, 0.3),
                line(None, Some(Quality::High), 0.2),
                line(None, None, 0.1),
            ],
        };
        check(lines.clone(), "CNY", "3840x2160", Quality::Low, Some(0.3));
        check(lines.clone(), "CNY", "1024x1024", Quality::High, Some(0.2));
        check(lines, "CNY", "auto", Quality::Auto, Some(0.1));
        let only_4k = PriceRule::Picture {
            lines: vec![line(Some(SizeTier::FourK), None, 0.3)],
        };
        check(only_4k, "CNY", "auto", Quality::Auto, None);
    }

    #[test]
    fn time_goes_by_rounds() {
        assert_eq!(total_ms(500, 4, 60_000), 125 * 60_000);
        assert_eq!(total_ms(1, 0, 1000), 1000);
        assert_eq!(median_ms(vec![9, 1, 5]), Some(5));
        assert_eq!(median_ms(Vec::new()), None);
    }
}
