//! Built-in templates: everything filled in but the key (protocol.md 1).

use serde::{Deserialize, Serialize};

use super::{
    ApiKind, Dialect, GatewayId, GatewayLimits, GatewayProfile, PriceRule, Prices, SizePolicy,
    Timeouts,
};
use crate::model::PixelSize;

/// A template for a profile.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The built-in demo gateway on loopback.
    Demo,
    /// JunFeiAI: the standard address, then its proxy for mainland China.
    #[serde(alias = "junfeiai-china")]
    Junfeiai,
    /// iKun API, group «救急 1».
    #[serde(rename = "ikun-rescue-1", alias = "ikun")]
    IkunRescue1,
    /// iKun API, group «救急 2».
    #[serde(rename = "ikun-rescue-2")]
    IkunRescue2,
    /// iKun API, group «救急 3».
    #[serde(rename = "ikun-rescue-3")]
    IkunRescue3,
    /// iKun API, group «GPT-IMAGE-2».
    IkunGptImage2,
    /// iKun API, group «文生图».
    IkunTextToImage,
    /// OpenAI itself.
    Openai,
    /// A self-hosted relay, such as those of protocol.md 1.1, last column.
    Relay,
    /// Any other base URL.
    #[default]
    Custom,
}

impl Preset {
    /// All, in the order of the picker.
    pub const ALL: [Self; 10] = [
        Self::Demo,
        Self::Junfeiai,
        Self::IkunRescue1,
        Self::IkunRescue2,
        Self::IkunRescue3,
        Self::IkunGptImage2,
        Self::IkunTextToImage,
        Self::Openai,
        Self::Relay,
        Self::Custom,
    ];

    /// The group of the key at iKun, as the site spells it (protocol.md 1.2).
    #[must_use]
    pub const fn ikun_group(self) -> Option<&'static str> {
        match self {
            Self::IkunRescue1 => Some("🔵_文(图)生图_救急_1分组"),
            Self::IkunRescue2 => Some("💚_文(图)生图_救急_2分组"),
            Self::IkunRescue3 => Some("🪓_文(图)生图_救急_3分组"),
            Self::IkunGptImage2 => Some("GPT-IMAGE-2 分组"),
            Self::IkunTextToImage => Some("(图)文生图 分组"),
            _ => None,
        }
    }

    /// A profile with everything filled in but the key, and for [`Self::Relay`] and [`Self::Custom`] the base URL.
    ///
    /// The demo gateway's base URL is empty too: the engine starts it and fills the port in.
    #[must_use]
    pub fn profile(self) -> GatewayProfile {
        let base = GatewayProfile {
            id: GatewayId("custom".to_owned()),
            name: "Custom".to_owned(),
            preset: self,
            base_urls: Vec::new(),
            api: ApiKind::Responses,
            model: "gpt-5.5".to_owned(),
            image_model: "gpt-image-2".to_owned(),
            stream: true,
            max_parallel: 4,
            max_retries: 2,
            dialect: Dialect::default(),
            limits: GatewayLimits::default(),
            prices: Prices::default(),
            proxy: super::Proxy::default(),
            timeouts: Timeouts::default(),
        };
        let named = |id: &str, name: &str, urls: &[&str]| GatewayProfile {
            id: GatewayId(id.to_owned()),
            name: name.to_owned(),
            base_urls: urls.iter().map(|&url| url.to_owned()).collect(),
            ..base.clone()
        };
        let list_price = Prices {
            rule: PriceRule::ListPrice { multiplier: 1.0 },
            ..Prices::default()
        };
        match self {
            // Its failures are handled as those of a gateway that bills them, so that they can be tried.
            Self::Demo => GatewayProfile {
                prices: Prices {
                    rule: PriceRule::ListPrice { multiplier: 0.0 },
                    ..Prices::default()
                },
                ..named("demo", "Demo", &[])
            },
            Self::Junfeiai => named(
                "junfeiai",
                "JunFeiAI",
                &[
                    "https://junfeiai.com/v1",
                    "https://junfeiai.hk-proxy.lingzhiwuxian.com/v1",
                ],
            ),
            Self::IkunRescue1
            | Self::IkunRescue2
            | Self::IkunRescue3
            | Self::IkunGptImage2
            | Self::IkunTextToImage => self.ikun(&named),
            Self::Openai => GatewayProfile {
                api: ApiKind::Images,
                prices: list_price,
                ..named("openai", "OpenAI", &["https://api.openai.com/v1"])
            },
            // Relays of that kind turn the size into words and take four pictures at most (protocol.md 6.2, 6.6).
            Self::Relay => GatewayProfile {
                api: ApiKind::Images,
                limits: GatewayLimits {
                    sizes: SizePolicy::Warn,
                    max_count: Some(4),
                    ..GatewayLimits::default()
                },
                ..named("relay", "Self-hosted relay", &[])
            },
            Self::Custom => base,
        }
    }

    fn ikun(self, named: &dyn Fn(&str, &str, &[&str]) -> GatewayProfile) -> GatewayProfile {
        // Names without the emoji of the groups: no font of ours has them.
        let (id, name, max_references, max_reference_bytes) = match self {
            Self::IkunRescue1 => (
                "ikun-rescue-1",
                "iKun · 救急 1分组",
                Some(5),
                Some(5 * 1000 * 1000),
            ),
            Self::IkunRescue2 => ("ikun-rescue-2", "iKun · 救急 2分组", Some(9), None),
            Self::IkunRescue3 => ("ikun-rescue-3", "iKun · 救急 3分组", None, None),
            Self::IkunGptImage2 => ("ikun-gpt-image-2", "iKun · GPT-IMAGE-2 分组", None, None),
            _ => ("ikun-text-to-image", "iKun · 文生图 分组", None, None),
        };
        GatewayProfile {
            api: ApiKind::Images,
            // The sample of a generation does not stream, and the streamed edit was answered with plain JSON (3.4).
            stream: false,
            limits: GatewayLimits {
                // 1920x1080 is called a common size there (6.2).
                sizes: SizePolicy::Warn,
                extra_sizes: [(1920, 1080), (1080, 1920)]
                    .into_iter()
                    .filter_map(|(width, height)| PixelSize::new(width, height))
                    .collect(),
                max_references,
                max_reference_bytes,
                ..GatewayLimits::default()
            },
            prices: Prices {
                currency: "CNY".to_owned(),
                failed_is_free: true,
                rule: PriceRule::Unknown,
            },
            ..named(id, name, &["https://api.monkey-tools.cn/v1"])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::normalize_base_url;

    #[test]
    fn presets_have_ids_of_their_own_and_normal_urls() {
        let profiles = Preset::ALL.map(Preset::profile);
        for (i, profile) in profiles.iter().enumerate() {
            assert!(
                profiles
                    .iter()
                    .skip(i + 1)
                    .all(|other| other.id != profile.id)
            );
            assert_eq!(profile.preset, Preset::ALL[i]);
            for url in &profile.base_urls {
                assert_eq!(normalize_base_url(url).as_ref(), Some(url));
            }
        }
    }

    #[test]
    fn names_of_earlier_presets_are_still_read() {
        let read = |word: &str| serde_json::from_str::<Preset>(&format!("\"{word}\"")).unwrap();
        assert_eq!(read("junfeiai-china"), Preset::Junfeiai);
        assert_eq!(read("ikun"), Preset::IkunRescue1);
    }
}
