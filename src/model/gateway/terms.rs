//! What a gateway takes, what it costs, and how it is reached.

use serde::{Deserialize, Serialize};

use crate::model::{PixelSize, Quality, SizeTier};

/// How sizes are checked before they are sent (protocol.md 6.2).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SizePolicy {
    /// By the model's rule.
    #[default]
    Strict,
    /// By the model's rule, but a size that breaks it may be sent.
    Warn,
    /// Not at all: the gateway decides.
    Off,
}

/// How long a result's address works, in seconds, where nobody says otherwise (protocol.md 4.5: 30 minutes).
const URL_LIFETIME_SECS: u64 = 30 * 60;

/// What a gateway takes. `None` is what the model takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GatewayLimits {
    /// How sizes are checked.
    pub sizes: SizePolicy,
    /// Sizes that are taken though they break the model's rule (protocol.md 6.2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra_sizes: Vec<PixelSize>,
    /// Most reference pictures of one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_references: Option<usize>,
    /// Most bytes of one reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_reference_bytes: Option<u64>,
    /// Most pictures of one request; 1 makes a request a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_count: Option<u8>,
    /// How long a result's address works, in seconds.
    pub url_lifetime_secs: u64,
}

impl Default for GatewayLimits {
    fn default() -> Self {
        Self {
            sizes: SizePolicy::default(),
            extra_sizes: Vec::new(),
            max_references: None,
            max_reference_bytes: None,
            max_count: None,
            url_lifetime_secs: URL_LIFETIME_SECS,
        }
    }
}

/// The price of one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PicturePrice {
    /// For pictures of this tier; `None`: of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<SizeTier>,
    /// For pictures of this quality; `None`: of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// In the currency of the profile.
    pub price: f64,
}

/// Prices of a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenPrices {
    /// Words sent.
    pub text_input: f64,
    /// Pictures sent.
    pub image_input: f64,
    /// Pictures made.
    pub image_output: f64,
    /// Words made.
    pub text_output: f64,
}

/// How a gateway bills.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum PriceRule {
    /// Nobody knows.
    #[default]
    Unknown,
    /// The model's list price, times this.
    ListPrice {
        /// 1 at the model's maker.
        multiplier: f64,
    },
    /// By the token.
    Token(TokenPrices),
    /// By the picture; the first line that fits counts.
    Picture {
        /// From the special to the general.
        lines: Vec<PicturePrice>,
    },
}

/// What a gateway costs. An estimate at best (protocol.md 10.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prices {
    /// ISO 4217, such as `USD` or `CNY`.
    pub currency: String,
    /// What fails is not billed, so trying again is free.
    pub failed_is_free: bool,
    /// How it bills.
    pub rule: PriceRule,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            currency: "USD".to_owned(),
            failed_is_free: false,
            rule: PriceRule::Unknown,
        }
    }
}

/// The way to a gateway. Loopback is always direct.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "way", content = "url")]
pub enum Proxy {
    /// As the operating system or the environment says.
    #[default]
    System,
    /// None, whatever they say.
    Direct,
    /// `http://`, `https://`, `socks5://` or `socks5h://` with host and port.
    Url(String),
}

/// How long to wait for what, in seconds (protocol.md 6.7).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeouts {
    /// For the connection, TLS included.
    pub connect_secs: u64,
    /// From the sent request to the head of the answer.
    pub first_byte_secs: u64,
    /// From one byte to the next; keep-alives count.
    pub silence_secs: u64,
    /// For a request as a whole; `None`: as long as bytes come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_secs: Option<u64>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect_secs: 15,
            first_byte_secs: 300,
            silence_secs: 300,
            total_secs: None,
        }
    }
}
