//! Gateways as people paste them: a link that carries the address, or the `curl` command of a gateway's document.
//!
//! | file | part |
//! | --- | --- |
//! | here | which of the two it is, and the profile that comes of it |
//! | `link.rs` | links |
//! | `curl.rs` | commands |
//! | `words.rs` | a command line cut into words, as shells do it |

mod curl;
mod link;
mod words;

use super::{ApiKind, GatewayId, GatewayProfile, Preset, normalize_base_url};
use crate::model::ApiKey;

/// Longest text that is looked at, in bytes: a command with a picture in it is no command from a document.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// What was understood of a pasted text. Shown to the user before anything is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Pasted {
    /// The profile; its id and name follow the host and may be taken already.
    pub profile: GatewayProfile,
    /// The key, unless there is none or only a placeholder such as `YOUR_API_KEY`.
    pub key: Option<ApiKey>,
}

/// Reads a link such as `https://site/?apiUrl=…&apiKey=…`, a base URL, or a `curl` command.
///
/// A host that a preset knows (protocol.md 1.1) brings everything of the preset along. `None` when no address of a
/// gateway is in the text; a key alone says nothing of the gateway.
#[must_use]
pub fn read_pasted(text: &str) -> Option<Pasted> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_TEXT_BYTES {
        return None;
    }
    match curl::read(text) {
        Some(pasted) => Some(pasted),
        None => link::read(text),
    }
}

/// The profile for an address, and the API that its path names.
fn profile_at(address: &str) -> Option<GatewayProfile> {
    let base = normalize_base_url(address)?;
    let host = host(&base);
    let mut profile = match preset_of(host) {
        Some(preset) => {
            let mut profile = preset.profile();
            // The address that was pasted is the one that works where the user is.
            if let Some(at) = profile
                .base_urls
                .iter()
                .position(|url| self::host(url) == host)
                && let Some(used) = profile.base_urls.get_mut(..=at)
            {
                used.rotate_right(1);
            }
            profile
        }
        None => GatewayProfile {
            id: GatewayId(slug(host)),
            name: site(host).to_owned(),
            base_urls: vec![base],
            ..Preset::Custom.profile()
        },
    };
    if let Some(api) = api_of_path(address) {
        profile.api = api;
    }
    Some(profile)
}

/// The preset whose gateway answers at this host.
fn preset_of(host: &str) -> Option<Preset> {
    // The site for people; the API is beside it (protocol.md 1.1).
    let host = match host {
        "doc.junfeiai.com" | "www.junfeiai.com" => "junfeiai.com",
        "img.monkey-tools.cn" | "monkey-tools.cn" => "api.monkey-tools.cn",
        host => host,
    };
    Preset::ALL.into_iter().find(|preset| {
        let urls = preset.profile().base_urls;
        urls.iter().any(|url| self::host(url) == host)
    })
}

/// Which API the path of a pasted address belongs to.
fn api_of_path(address: &str) -> Option<ApiKind> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    if path.contains("/images/") {
        Some(ApiKind::Images)
    } else if path.contains("/responses") {
        Some(ApiKind::Responses)
    } else {
        None
    }
}

/// Puts a model's name where it belongs: what a Responses call names first is the outer model.
fn set_model(profile: &mut GatewayProfile, name: &str) {
    let name = name.trim();
    if name.is_empty() || name.len() > 200 {
        return;
    }
    if profile.api == ApiKind::Responses && !name.contains("image") {
        name.clone_into(&mut profile.model);
    } else {
        name.clone_into(&mut profile.image_model);
    }
}

/// `host[:port]` of a normal base URL.
fn host(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// The host without what says nothing.
fn site(host: &str) -> &str {
    ["api.", "www."]
        .into_iter()
        .find_map(|prefix| host.strip_prefix(prefix))
        .filter(|rest| rest.contains('.'))
        .unwrap_or(host)
}

/// A word for settings and the command line.
fn slug(host: &str) -> String {
    let mut slug = String::new();
    for c in site(host).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    match slug.trim_end_matches('-') {
        "" => "gateway".to_owned(),
        slug => slug.to_owned(),
    }
}

/// A key, unless it is what documents write in its place.
fn key(text: &str) -> Option<ApiKey> {
    let text = text.trim().trim_matches(['"', '\'']);
    (!is_placeholder(text)).then(|| ApiKey::new(text)).flatten()
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let bare = lower.trim_start_matches("sk-").trim_start_matches("proj-");
    let is_variable = text.contains('_')
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_variable
        || bare.chars().all(|c| c == 'x' || c == '-' || c == '.')
        || matches!(
            bare,
            "key" | "token" | "secret" | "bearer" | "null" | "none" | "undefined"
        )
        || text.starts_with(['$', '%', '<', '{', '[', '('])
        || text.chars().any(|c| !c.is_ascii_graphic())
        || [
            "...", "***", "xxxx", "your", "api_key", "api-key", "apikey", "<", "${",
        ]
        .iter()
        .any(|mark| lower.contains(mark))
}

#[cfg(test)]
mod tests;
