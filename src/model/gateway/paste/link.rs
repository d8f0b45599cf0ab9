//! Links that carry a gateway: `https://site/?apiUrl=…&apiKey=…` and its spellings, or a base URL.

use serde_json::Value;

use super::{Pasted, api_of_path, key, profile_at, set_model};
use crate::model::{ApiKey, ApiKind};

/// What the parameters of a link say.
#[derive(Default)]
struct Said {
    address: Option<String>,
    key: Option<ApiKey>,
    api: Option<ApiKind>,
    model: Option<String>,
    image_model: Option<String>,
}

/// Reads one word that is a link.
pub(super) fn read(text: &str) -> Option<Pasted> {
    if text.chars().any(char::is_whitespace) || !is_link(text) {
        return None;
    }
    let mut said = Said::default();
    for (name, value) in parameters(text) {
        said.hear(&name, &value);
    }
    let address = said.address.as_deref().unwrap_or(text);
    let mut profile = profile_at(address)?;
    if let Some(api) = said.api {
        // What the path says is what will be called.
        profile.api = api_of_path(address).unwrap_or(api);
    }
    if let Some(model) = &said.model {
        set_model(&mut profile, model);
    }
    if let Some(model) = said.image_model {
        profile.image_model = model;
    }
    Some(Pasted {
        profile,
        key: said.key,
    })
}

impl Said {
    fn hear(&mut self, name: &str, value: &str) {
        let name: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let value = value.trim();
        match name.as_str() {
            "apiurl" | "baseurl" | "apibase" | "apibaseurl" | "url" | "endpoint" => {
                let address = decoded_again(value);
                if is_link(&address) {
                    self.address = Some(address);
                }
            }
            "apikey" | "key" => self.key = key(value).or(self.key.take()),
            "apimode" | "api" | "mode" => {
                self.api = match value.to_ascii_lowercase().as_str() {
                    "images" | "image" => Some(ApiKind::Images),
                    "responses" | "response" => Some(ApiKind::Responses),
                    _ => self.api,
                };
            }
            "model" if !value.is_empty() => self.model = Some(value.to_owned()),
            "imagemodel" if !value.is_empty() => self.image_model = Some(value.to_owned()),
            // Consoles of relays make links of this form for chat programs.
            "settings" => {
                if let Ok(Value::Object(fields)) = serde_json::from_str(value) {
                    for (name, value) in &fields {
                        if let Some(text) = value.as_str().filter(|_| name != "settings") {
                            self.hear(name, text);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// The parameters of a link, decoded: of its query, and of its fragment, where one-page sites have theirs.
fn parameters(link: &str) -> Vec<(String, String)> {
    let (front, fragment) = link.split_once('#').unwrap_or((link, ""));
    let query = front.split_once('?').map_or("", |(_, query)| query);
    let fragment = fragment
        .split_once('?')
        .map_or(fragment, |(_, query)| query);
    [query, fragment]
        .into_iter()
        .flat_map(|query| form_urlencoded::parse(query.as_bytes()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// An address that was encoded twice on its way.
fn decoded_again(value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    if lower.starts_with("http%3a") || lower.starts_with("https%3a") {
        // As the value of a parameter without a name.
        form_urlencoded::parse(format!("={value}").as_bytes())
            .next()
            .map_or_else(|| value.to_owned(), |(_, value)| value.into_owned())
    } else {
        value.to_owned()
    }
}

/// Whether a word is an address. Without a scheme it must look like one: keys have dots too.
pub(super) fn is_link(word: &str) -> bool {
    if let Some((scheme, rest)) = word.split_once("://") {
        return matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https")
            && !rest.is_empty()
            && !rest.starts_with(['$', '<', '{', '%']);
    }
    let host = word.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_host = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'));
    let end = name.rsplit('.').next().unwrap_or_default();
    let is_named = name == "localhost"
        || name.parse::<std::net::Ipv4Addr>().is_ok()
        || (name.contains('.')
            && end.len() >= 2
            && end.chars().all(|c| c.is_ascii_lowercase())
            && !name.starts_with("sk-")
            && !name.starts_with('.'));
    is_host && is_named && port.chars().all(|c| c.is_ascii_digit())
}
