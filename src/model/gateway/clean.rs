//! Profiles that may leave the machine: without anything that looks like a secret.

use serde_json::{Map, Value};

use super::{ExtraFields, GatewayProfile, Proxy};

impl GatewayProfile {
    /// The profile without what looks like a key or a password, and the names of what was left out.
    ///
    /// Keys are not in a profile, but people put them into its extra fields, and passwords into a proxy's address.
    #[must_use]
    pub fn without_secrets(mut self) -> (Self, Vec<String>) {
        let mut left_out = Vec::new();
        let fields = without_secrets(self.dialect.extra.fields(), &mut left_out);
        self.dialect.extra = ExtraFields::from(fields);
        if let Proxy::Url(url) = &mut self.proxy
            && let Some((scheme, rest)) = url.split_once("://")
            && let Some((_, host)) = rest.rsplit_once('@')
        {
            *url = format!("{scheme}://{host}");
            left_out.push("proxy".to_owned());
        }
        for url in &mut self.base_urls {
            if let Some(normal) = super::normalize_base_url(url) {
                *url = normal;
            }
        }
        (self, left_out)
    }
}

fn without_secrets(fields: &Map<String, Value>, left_out: &mut Vec<String>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in fields {
        if is_secret_name(name) && !value.is_object() && !value.is_boolean() {
            left_out.push(name.clone());
            continue;
        }
        match value {
            Value::String(text) if is_secret_text(text) => left_out.push(name.clone()),
            Value::Object(inner) => {
                let inner = without_secrets(inner, left_out);
                kept.insert(name.clone(), Value::Object(inner));
            }
            Value::Array(items) => {
                let is_secret = |item: &Value| item.as_str().is_some_and(is_secret_text);
                if items.iter().any(is_secret) {
                    left_out.push(name.clone());
                    continue;
                }
                let items = items.iter().map(|item| match item {
                    Value::Object(inner) => Value::Object(without_secrets(inner, left_out)),
                    item => item.clone(),
                });
                let items = items.collect();
                kept.insert(name.clone(), Value::Array(items));
            }
            value => {
                kept.insert(name.clone(), value.clone());
            }
        }
    }
    kept
}

fn is_secret_name(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let is_word = matches!(
        name.as_str(),
        "key" | "token" | "auth" | "cookie" | "bearer"
    );
    is_word
        || [
            "apikey",
            "accesskey",
            "secret",
            "password",
            "authorization",
            "accesstoken",
            "authtoken",
            "credential",
        ]
        .iter()
        .any(|part| name.contains(part))
}

fn is_secret_text(text: &str) -> bool {
    let lower = text.trim_start().to_ascii_lowercase();
    lower.starts_with("sk-") || lower.starts_with("bearer ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Preset;

    #[test]
    fn what_looks_like_a_secret_is_left_out() {
        let mut profile = Preset::Custom.profile();
        profile.dialect.extra = ExtraFields::parse(
            r#"{"user":"me","max_tokens":5,"API-Key":"x","Authorization":"Bearer abc","note":" sk-abc",
                "headers":{"x-access-token":"t","lang":"zh"},"list":["sk-1"],"more":[{"password":1,"a":2}],"key":true}"#,
        )
        .unwrap();
        profile.proxy = Proxy::Url("socks5://me:word@host:1080".to_owned());
        profile.base_urls = vec!["https://me:word@host/v1".to_owned()];
        let (clean, mut left_out) = profile.without_secrets();
        assert_eq!(
            clean.dialect.extra,
            ExtraFields::parse(
                r#"{"user":"me","max_tokens":5,"headers":{"lang":"zh"},"more":[{"a":2}],"key":true}"#
            )
            .unwrap()
        );
        assert_eq!(clean.proxy, Proxy::Url("socks5://host:1080".to_owned()));
        assert_eq!(clean.base_urls, ["https://host/v1"]);
        left_out.sort();
        assert_eq!(
            left_out,
            [
                "API-Key",
                "Authorization",
                "list",
                "note",
                "password",
                "proxy",
                "x-access-token"
            ]
        );
    }

    #[test]
    fn presets_hold_none() {
        for preset in Preset::ALL {
            let profile = preset.profile();
            assert_eq!(profile.clone().without_secrets(), (profile, Vec::new()));
        }
    }
}
