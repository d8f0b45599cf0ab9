//! Gateways: saved profiles and the presets that they start from.

use std::fmt;

use serde::{Deserialize, Serialize};

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

/// A built-in template for a profile (protocol.md 1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The built-in demo gateway on loopback.
    Demo,
    /// JunFeiAI, standard address.
    Junfeiai,
    /// JunFeiAI through its proxy for mainland China.
    JunfeiaiChina,
    /// iKun API.
    Ikun,
    /// OpenAI itself.
    Openai,
    /// Any other base URL.
    Custom,
}

impl Preset {
    /// All, in the order of the picker.
    pub const ALL: [Self; 6] = [
        Self::Demo,
        Self::Junfeiai,
        Self::JunfeiaiChina,
        Self::Ikun,
        Self::Openai,
        Self::Custom,
    ];

    /// A profile with everything filled in but the key, and for [`Self::Custom`] the base URL.
    ///
    /// The demo gateway's base URL is empty too: the engine starts it and fills the port in.
    #[must_use]
    pub fn profile(self) -> GatewayProfile {
        let (id, name, base_url, api, stream) = match self {
            Self::Demo => ("demo", "Demo", "", ApiKind::Responses, true),
            Self::Junfeiai => (
                "junfeiai",
                "JunFeiAI",
                "https://junfeiai.com/v1",
                ApiKind::Responses,
                true,
            ),
            Self::JunfeiaiChina => (
                "junfeiai-china",
                "JunFeiAI (China proxy)",
                "https://junfeiai.hk-proxy.lingzhiwuxian.com/v1",
                ApiKind::Responses,
                true,
            ),
            // S2's generation sample does not stream, and its streamed edit was answered with plain JSON.
            Self::Ikun => (
                "ikun",
                "iKun API",
                "https://api.monkey-tools.cn/v1",
                ApiKind::Images,
                false,
            ),
            Self::Openai => (
                "openai",
                "OpenAI",
                "https://api.openai.com/v1",
                ApiKind::Images,
                true,
            ),
            Self::Custom => ("custom", "Custom", "", ApiKind::Responses, true),
        };
        GatewayProfile {
            id: GatewayId(id.to_owned()),
            name: name.to_owned(),
            preset: self,
            base_urls: if base_url.is_empty() {
                Vec::new()
            } else {
                vec![base_url.to_owned()]
            },
            api,
            model: "gpt-5.5".to_owned(),
            image_model: "gpt-image-2".to_owned(),
            stream,
            max_parallel: 4,
            max_retries: 2,
            idle_timeout_secs: 300,
        }
    }
}

/// A saved gateway. The key is not in it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
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
    /// Seconds without a byte after which a request is given up (protocol.md 6.7).
    pub idle_timeout_secs: u64,
}

/// Brings what users paste into the form `scheme://host[:port]/…/v1` (protocol.md 1.4).
///
/// Adds `https://` where there is no scheme, cuts everything after a path segment `v1`, and appends `/v1` to an
/// empty path; any other path stays. `None` when nothing is left or the scheme is neither http nor https.
#[must_use]
pub fn normalize_base_url(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("https".to_owned(), text),
    };
    if scheme != "http" && scheme != "https" {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let mut parts = rest.split('/');
    let host = parts.next().unwrap_or_default();
    if host.is_empty() || host.chars().any(char::is_whitespace) {
        return None;
    }
    let mut path = Vec::new();
    for segment in parts.filter(|segment| !segment.is_empty()) {
        path.push(segment);
        if segment == "v1" {
            break;
        }
    }
    if path.is_empty() {
        path.push("v1");
    }
    Some(format!("{scheme}://{host}/{}", path.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_as_people_paste_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(normalize_base_url(text).as_deref(), expected, "{text}");
        };
        check("https://host", Some("https://host/v1"));
        check("https://host/", Some("https://host/v1"));
        check(" https://host/v1/ ", Some("https://host/v1"));
        check(
            "https://host/v1/images/generations",
            Some("https://host/v1"),
        );
        check("host", Some("https://host/v1"));
        check(
            "http://192.168.1.5:3000",
            Some("http://192.168.1.5:3000/v1"),
        );
        check(
            "HTTP://host/relay/v1/responses?x=1",
            Some("http://host/relay/v1"),
        );
        check("https://host/api/v3/", Some("https://host/api/v3"));
        check("", None);
        check("ftp://host", None);
        check("https://", None);
        check("two words", None);
    }

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
            for url in &profile.base_urls {
                assert_eq!(normalize_base_url(url).as_ref(), Some(url));
            }
        }
    }
}
