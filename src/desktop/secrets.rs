//! The gateways' keys while the program runs. They are in memory only, and nothing here prints them.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::{ApiKey, GatewayId, KeyPlace, KnownKeys, StoreState};

/// The keys by gateway, and one for gateways that have none of their own.
#[derive(Clone, Default)]
pub struct KeyRing {
    keys: BTreeMap<GatewayId, ApiKey>,
    fallback: Option<ApiKey>,
}

impl KeyRing {
    /// A ring without keys of gateways. `fallback` is the key for all of them, such as that in `ATELIER_API_KEY`.
    #[must_use]
    pub const fn new(fallback: Option<ApiKey>) -> Self {
        Self {
            keys: BTreeMap::new(),
            fallback,
        }
    }

    /// The gateway's own key, else the fallback.
    #[must_use]
    pub fn get(&self, gateway: &GatewayId) -> Option<&ApiKey> {
        self.keys.get(gateway).or(self.fallback.as_ref())
    }

    /// Keeps a key for the gateway, in place of the one it has.
    pub fn set(&mut self, gateway: GatewayId, key: ApiKey) {
        self.keys.insert(gateway, key);
    }

    /// Forgets the gateway's own key. `false`: it has none.
    pub fn forget(&mut self, gateway: &GatewayId) -> bool {
        self.keys.remove(gateway).is_some()
    }

    /// Which gateways have a key, and where.
    #[must_use]
    pub fn known(&self) -> KnownKeys {
        KnownKeys {
            places: self
                .keys
                .keys()
                .map(|id| (id.clone(), KeyPlace::Session))
                .collect(),
            environment: self.fallback.is_some(),
            store: StoreState::Unknown,
        }
    }
}

impl fmt::Debug for KeyRing {
    /// Neither keys nor who has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_keys_come_before_the_fallback() {
        let key = |text| ApiKey::new(text).unwrap();
        let (demo, openai) = (GatewayId("demo".into()), GatewayId("openai".into()));
        let mut ring = KeyRing::new(Some(key("sk-fallback")));
        ring.set(openai.clone(), key("sk-own"));
        assert_eq!(ring.get(&openai), Some(&key("sk-own")));
        assert_eq!(ring.get(&demo), Some(&key("sk-fallback")));
        assert_eq!(ring.known().place(&openai), Some(KeyPlace::Session));
        assert_eq!(ring.known().place(&demo), Some(KeyPlace::Environment));
        assert_eq!(format!("{ring:?}"), "KeyRing");

        assert!(ring.forget(&openai));
        assert!(!ring.forget(&openai));
        assert_eq!(ring.get(&openai), Some(&key("sk-fallback")));
        assert!(ring.known().environment);
        assert_eq!(KeyRing::default().get(&demo), None);
    }
}
