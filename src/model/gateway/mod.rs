//! Gateways: saved profiles and the presets that they start from.

mod address;
mod clean;
mod dialect;
mod paste;
mod preset;
mod terms;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::address::{host_of, normalize_base_url};
pub use self::dialect::{
    Dialect, EditBody, Effort, ExtraFields, ExtraFieldsError, ImageField, ResponseFormat,
};
pub use self::paste::{Pasted, read_pasted};
pub use self::preset::Preset;
pub use self::terms::{
    GatewayLimits, PicturePrice, PriceRule, Prices, Proxy, SizePolicy, Timeouts, TokenPrices,
};

/// Names a profile in settings and on the command line, such as `demo` or `junfeiai`.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Ord, PartialOrd, Serialize, Deserialize)]
pub struct GatewayId(pub String);

impl fmt::Display for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which of the two APIs a profile speaks.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiKind {
    /// `POST {base}/responses` with the `image_generation` tool (protocol.md 2).
    #[default]
    Responses,
    /// `POST {base}/images/generations` and `/images/edits` (protocol.md 3).
    Images,
}

impl ApiKind {
    /// The word on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Responses => "responses",
            Self::Images => "images",
        }
    }
}

/// A saved gateway. The key is not in it.
///
/// A field that is missing where it is read has the value of [`Preset::Custom`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GatewayProfile {
    /// Unique among the profiles.
    pub id: GatewayId,
    /// Shown to people.
    pub name: String,
    /// What it was made from.
    pub preset: Preset,
    /// Base URLs in the order in which they are tried, as [`normalize_base_url`] returns them.
    pub base_urls: Vec<String>,
    /// The API to call.
    pub api: ApiKind,
    /// Outer model of Responses calls.
    pub model: String,
    /// The image model.
    pub image_model: String,
    /// Ask the Images API for a stream. Responses calls always stream (protocol.md 2.5).
    pub stream: bool,
    /// Most requests at once.
    pub max_parallel: usize,
    /// Most automatic repeats of a request that can't have been charged.
    pub max_retries: u32,
    /// How requests are spelled.
    pub dialect: Dialect,
    /// What it takes.
    pub limits: GatewayLimits,
    /// What it costs.
    pub prices: Prices,
    /// The way to it.
    pub proxy: Proxy,
    /// How long to wait for what.
    pub timeouts: Timeouts,
}

impl Default for GatewayProfile {
    fn default() -> Self {
        Preset::Custom.profile()
    }
}
