//! What is known of models: one table, shipped with the program and open to additions by the user.

use serde::{Deserialize, Serialize};

use super::{
    GatewayProfile, ImageFormat, ModelCapability, PixelSize, Quality, SizePolicy, SizeRule,
    SizeTier, TokenPrices, Transparency,
};

/// A size that is offered: a shape in a tier.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct OfferedSize {
    /// Shown to people, such as `16:9`; portrait ratios are lines of their own.
    pub ratio: String,
    /// The tier it stands in.
    pub tier: SizeTier,
    /// The size itself.
    pub size: PixelSize,
}

/// The list price of one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListPrice {
    /// The size that it is quoted for.
    pub size: PixelSize,
    /// The quality.
    pub quality: Quality,
    /// In the currency of the model's entry.
    pub price: f64,
}

/// An image model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// The model's name, or what its name begins with; the longest that fits counts.
    pub name: String,
    /// The rule for sizes; `None` leaves it to the gateway.
    #[serde(default)]
    pub sizes: Option<SizeRule>,
    /// The sizes that are offered.
    #[serde(default)]
    pub offered: Vec<OfferedSize>,
    /// The formats it delivers.
    #[serde(default)]
    pub formats: Vec<ImageFormat>,
    /// Whether it makes transparent backgrounds.
    #[serde(default)]
    pub transparency: Transparency,
    /// Most reference pictures of one request.
    pub max_references: usize,
    /// Most bytes of one reference.
    pub max_reference_bytes: u64,
    /// Most pictures of one request.
    pub max_count: u8,
    /// ISO 4217 of the prices.
    #[serde(default)]
    pub currency: String,
    /// Prices of a million tokens.
    #[serde(default)]
    pub tokens: TokenPrices,
    /// Prices of a picture.
    #[serde(default)]
    pub prices: Vec<ListPrice>,
}

/// The table of models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalog {
    /// Outer models of Responses calls, for suggestions.
    pub outer_models: Vec<String>,
    /// Image models.
    #[serde(rename = "model")]
    pub models: Vec<ModelEntry>,
}

impl Catalog {
    /// The entry for a model, by the longest name that its name begins with.
    #[must_use]
    pub fn find(&self, model: &str) -> Option<&ModelEntry> {
        self.models
            .iter()
            .filter(|entry| model.starts_with(&entry.name))
            .max_by_key(|entry| entry.name.len())
    }

    /// What a profile accepts: its model's entry, tightened by its own limits. Unknown models are left to the gateway.
    #[must_use]
    pub fn capability(&self, profile: &GatewayProfile) -> ModelCapability {
        let entry = self.find(&profile.image_model);
        let unknown = ModelCapability {
            sizes: None,
            ..ModelCapability::GPT_IMAGE_2
        };
        let model = entry.map_or(unknown, |entry| ModelCapability {
            sizes: entry.sizes,
            advised_sizes: None,
            extra_sizes: Vec::new(),
            formats: entry.formats.clone(),
            transparency: entry.transparency,
            max_references: entry.max_references,
            max_reference_bytes: entry.max_reference_bytes,
            max_count: entry.max_count,
        });
        let limits = &profile.limits;
        ModelCapability {
            sizes: model.sizes.filter(|_| limits.sizes == SizePolicy::Strict),
            advised_sizes: model.sizes.filter(|_| limits.sizes == SizePolicy::Warn),
            extra_sizes: limits.extra_sizes.clone(),
            formats: model.formats,
            transparency: model.transparency,
            max_references: limits.max_references.unwrap_or(model.max_references),
            max_reference_bytes: limits
                .max_reference_bytes
                .unwrap_or(model.max_reference_bytes),
            max_count: limits.max_count.unwrap_or(model.max_count),
        }
    }

    /// The sizes that are offered for a model; none for one that is not known.
    #[must_use]
    pub fn offered(&self, model: &str) -> &[OfferedSize] {
        self.find(model).map_or(&[], |entry| &entry.offered)
    }

    /// Takes the entries of another table: those with the same name replace ours, the others are added.
    pub fn merge(&mut self, other: Self) {
        for model in other.outer_models {
            if !self.outer_models.contains(&model) {
                self.outer_models.push(model);
            }
        }
        for entry in other.models {
            match self
                .models
                .iter_mut()
                .find(|known| known.name == entry.name)
            {
                Some(known) => *known = entry,
                None => self.models.push(entry),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Preset;

    fn entry(name: &str, max_references: usize) -> ModelEntry {
        ModelEntry {
            name: name.to_owned(),
            sizes: Some(SizeRule::GPT_IMAGE_2),
            offered: Vec::new(),
            formats: vec![ImageFormat::Png],
            transparency: Transparency::Preview,
            max_references,
            max_reference_bytes: 1000,
            max_count: 10,
            currency: "USD".to_owned(),
            tokens: TokenPrices::default(),
            prices: Vec::new(),
        }
    }

    #[test]
    fn the_longest_name_counts_and_the_profile_has_the_last_word() {
        let mut catalog = Catalog {
            outer_models: vec!["gpt-5.5".to_owned()],
            models: vec![entry("gpt-image-", 4), entry("gpt-image-2", 16)],
        };
        let mut profile = Preset::Openai.profile();
        let capability = catalog.capability(&profile);
        assert_eq!(capability.max_references, 16);
        assert_eq!(capability.sizes, Some(SizeRule::GPT_IMAGE_2));
        profile.image_model = "gpt-image-2-2026-04-21".to_owned();
        assert_eq!(catalog.capability(&profile).max_references, 16);
        profile.image_model = "gpt-image-1".to_owned();
        assert_eq!(catalog.capability(&profile).max_references, 4);
        profile.limits.max_references = Some(9);
        profile.limits.sizes = SizePolicy::Warn;
        let capability = catalog.capability(&profile);
        assert_eq!((capability.max_references, capability.sizes), (9, None));
        assert_eq!(capability.advised_sizes, Some(SizeRule::GPT_IMAGE_2));
        profile.limits.sizes = SizePolicy::Off;
        let capability = catalog.capability(&profile);
        assert_eq!((capability.sizes, capability.advised_sizes), (None, None));
        profile.image_model = "other".to_owned();
        assert_eq!(catalog.capability(&profile).sizes, None);

        let mut more = entry("gpt-image-2", 3);
        more.max_count = 1;
        catalog.merge(Catalog {
            outer_models: vec!["gpt-5.5".to_owned(), "gpt-6".to_owned()],
            models: vec![more, entry("new", 1)],
        });
        assert_eq!(catalog.outer_models, ["gpt-5.5", "gpt-6"]);
        assert_eq!(catalog.models.len(), 3);
        assert_eq!(catalog.find("gpt-image-2").unwrap().max_references, 3);
    }
}
