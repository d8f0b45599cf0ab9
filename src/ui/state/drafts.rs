//! What is typed into the form of a gateway. A text that makes sense goes into the profile at once; one that does
//! not stays here, with what is wrong with it, until it does. Nothing is lost by looking at another profile.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::{GatewayId, KeyPlace, Pasted};

/// A field of the form that takes text.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(
    missing_docs,
    reason = "each is the field of the profile whose name it has"
)]
pub enum Field {
    Name,
    Model,
    ImageModel,
    MaxReferences,
    MaxReferenceBytes,
    ExtraSizes,
    MaxCount,
    UrlLifetime,
    MaxParallel,
    MaxRetries,
    Currency,
    Multiplier,
    TextInput,
    ImageInput,
    ImageOutput,
    TextOutput,
    /// The price of a line, from 0.
    PicturePrice(usize),
    ProxyUrl,
    Connect,
    FirstByte,
    Silence,
    Total,
    Extra,
}

/// What is wrong with a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Problem {
    /// There has to be something.
    Needed,
    /// Not a whole number between these.
    NotBetween(u64, u64),
    /// Not an amount.
    NotAnAmount,
    /// Not a list of sizes.
    NotSizes,
    /// Not the address of a proxy.
    NotAProxy,
    /// Not a JSON object; where and why.
    NotJson(String),
}

/// A text on its way into the profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Draft {
    /// As typed.
    pub text: String,
    /// What keeps it out of the profile.
    pub problem: Option<Problem>,
}

/// What is typed for one profile.
#[derive(Clone, Default)]
pub struct ProfileEdit {
    /// Texts that differ from what the profile's values look like.
    pub drafts: BTreeMap<Field, Draft>,
    /// Base URLs as typed, while one of them is not an address or is being typed.
    pub addresses: Option<Vec<String>>,
    /// A key that has not been handed over yet. It goes nowhere but to the engine.
    pub key: String,
}

impl fmt::Debug for ProfileEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileEdit")
            .field("drafts", &self.drafts)
            .finish_non_exhaustive()
    }
}

impl ProfileEdit {
    /// Line `gone` of the prices was taken away: what was typed for those below moves up.
    pub(in crate::ui) fn price_line_gone(&mut self, gone: usize) {
        let drafts = std::mem::take(&mut self.drafts);
        self.drafts = drafts
            .into_iter()
            .filter_map(|(field, draft)| match field {
                Field::PicturePrice(line) if line == gone => None,
                Field::PicturePrice(line) if line > gone => {
                    Some((Field::PicturePrice(line - 1), draft))
                }
                other => Some((other, draft)),
            })
            .collect();
    }
}

/// What is being pasted.
#[derive(Clone, Default)]
pub struct PasteEdit {
    /// As pasted or typed. It may hold a key.
    pub text: String,
    /// The text was looked at, and means nothing to us.
    pub is_strange: bool,
    /// What was understood.
    pub understood: Option<Pasted>,
}

impl fmt::Debug for PasteEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasteEdit")
            .field("understood", &self.understood)
            .finish_non_exhaustive()
    }
}

/// What is typed about gateways.
#[derive(Clone, Debug, Default)]
pub struct GatewayEdits {
    /// By profile.
    pub profiles: BTreeMap<GatewayId, ProfileEdit>,
    /// What is pasted.
    pub paste: PasteEdit,
    /// Words to look for in the quick list.
    pub search: String,
    /// Where the next key goes; `None`: nobody has chosen.
    pub key_place: Option<KeyPlace>,
    /// Parts of the form that are folded out.
    pub unfolded: Vec<Part>,
}

impl GatewayEdits {
    /// What is typed for a profile.
    pub fn profile(&mut self, gateway: &GatewayId) -> &mut ProfileEdit {
        self.profiles.entry(gateway.clone()).or_default()
    }
}

/// A part of the form that can be folded away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// What the gateway takes.
    Limits,
    /// What it costs.
    Prices,
    /// The way to it.
    Network,
    /// How requests are spelled.
    Advanced,
}

impl Part {
    /// Whether a field belongs to it.
    #[must_use]
    pub const fn has(self, field: Field) -> bool {
        match self {
            Self::Limits => matches!(
                field,
                Field::MaxReferences
                    | Field::MaxReferenceBytes
                    | Field::ExtraSizes
                    | Field::MaxCount
                    | Field::UrlLifetime
                    | Field::MaxParallel
                    | Field::MaxRetries
            ),
            Self::Prices => matches!(
                field,
                Field::Currency
                    | Field::Multiplier
                    | Field::TextInput
                    | Field::ImageInput
                    | Field::ImageOutput
                    | Field::TextOutput
                    | Field::PicturePrice(_)
            ),
            Self::Network => matches!(
                field,
                Field::ProxyUrl | Field::Connect | Field::FirstByte | Field::Silence | Field::Total
            ),
            Self::Advanced => matches!(field, Field::Extra),
        }
    }
}
