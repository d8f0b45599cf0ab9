//! The gateways' keys while the program runs. They are in memory only, and nothing here prints them.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::{ApiKey, GatewayId};

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

    /// The gateways that have a key of their own, in the order of their ids.
    pub fn ids(&self) -> impl Iterator<Item = &GatewayId> {
        self.keys.keys()
    }

    /// Whether there is a key for every gateway.
    #[must_use]
    pub const fn has_fallback(&self) -> bool {
        self.fallback.is_some()
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
        assert_eq!(ring.ids().collect::<Vec<_>>(), [&openai]);
        assert_eq!(format!("{ring:?}"), "KeyRing");

        assert!(ring.forget(&openai));
        assert!(!ring.forget(&openai));
        assert_eq!(ring.get(&openai), Some(&key("sk-fallback")));
        assert!(ring.has_fallback());
        assert_eq!(KeyRing::default().get(&demo), None);
    }
}
