//! The type that holds a key and never shows it.

mod redact;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::model::GatewayId;

/// A gateway's API key. It is not printed, not serialised, wiped when dropped, and compares only for tests of equality.
#[derive(Clone, Eq, PartialEq)]
pub struct ApiKey(Zeroizing<String>);

/// What the demo gateway gets, which takes any key. No secret: the word stays where it is written.
const DEMO_KEY: &str = "demo";

impl ApiKey {
    /// The key for the demo gateway.
    #[must_use]
    pub fn demo() -> Self {
        Self(Zeroizing::new(DEMO_KEY.to_owned()))
    }

    /// `None` for a blank key; outer white space, which pasting often brings, is cut off.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            None
        } else {
            Some(Self(Zeroizing::new(text.to_owned())))
        }
    }

    /// The same for a text that is not needed any more, and is wiped.
    #[must_use]
    pub fn from_string(text: String) -> Option<Self> {
        Self::new(&Zeroizing::new(text))
    }

    /// The secret itself, for the `Authorization` header and for redaction; nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with every occurrence of the key replaced by `***`: as it is, percent-encoded, escaped as in JSON or HTML,
    /// as base64, or cut off.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        if *self.0 == DEMO_KEY {
            return text.to_owned();
        }
        redact::redact(&self.0, text)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

/// Where a key is kept.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPlace {
    /// The operating system's credential store.
    #[default]
    Store,
    /// A file that only the user can read, by explicit choice.
    File,
    /// In memory, until the program ends.
    Session,
    /// The environment variable `ATELIER_API_KEY`, which counts for gateways without a key of their own.
    Environment,
}

/// Whether the operating system's credential store answers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum StoreState {
    /// Nobody has asked yet.
    #[default]
    Unknown,
    /// It answers.
    Available,
    /// It does not.
    Unavailable {
        /// In the system's words.
        reason: String,
    },
}

/// Which gateways have a key, and where; never the keys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KnownKeys {
    /// By gateway.
    pub places: BTreeMap<GatewayId, KeyPlace>,
    /// There is one for all gateways in the environment.
    pub environment: bool,
    /// Whether new keys can go to the credential store.
    pub store: StoreState,
}

impl KnownKeys {
    /// Where the key is that counts for a gateway; `None`: it has none.
    #[must_use]
    pub fn place(&self, gateway: &GatewayId) -> Option<KeyPlace> {
        let own = self.places.get(gateway).copied();
        own.or(self.environment.then_some(KeyPlace::Environment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = ApiKey::new(" sk-secret\n").unwrap();
        assert_eq!(key.expose(), "sk-secret");
        assert_eq!(format!("{key:?}"), "ApiKey(***)");
        assert_eq!(ApiKey::demo().redact("a demo"), "a demo");
        assert_eq!(key.redact("Bearer sk-secret"), "Bearer ***");
        assert_eq!(ApiKey::new("  "), None);
    }
}
