//! The gateways' keys: where each is kept, and how it comes from there.
//!
//! | file | part |
//! | --- | --- |
//! | here | the ring: which gateways have a key and where; keys are read when they are needed, not before |
//! | `store.rs` | the operating system's credential store |
//! | `file.rs` | a file that only the user can read |

mod file;
mod store;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use self::file::KeyFile;
pub use self::store::{KeyStore, StoreError, SystemStore};
use super::atomic::{self, Readers};
use super::dirs::DataDirs;
use super::error::DesktopError;
use crate::model::{ApiKey, GatewayId, KeyPlace, KnownKeys, StoreState};

/// The list of gateways that have a key, as it is written. No key is in it.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Places {
    places: BTreeMap<GatewayId, KeyPlace>,
}

/// The keys by gateway, and one for gateways that have none of their own.
///
/// Its methods may wait for the credential store, which may wait for the user.
pub struct KeyRing {
    list: PathBuf,
    places: BTreeMap<GatewayId, KeyPlace>,
    /// Keys of this run, and those that were read already.
    memory: BTreeMap<GatewayId, ApiKey>,
    fallback: Option<ApiKey>,
    store: Box<dyn KeyStore>,
    state: StoreState,
    file: KeyFile,
}

impl KeyRing {
    /// The ring of a data folder; reads which gateways have a key, but no key. `fallback` is the key for gateways
    /// without one, such as that in `ATELIER_API_KEY`.
    #[must_use]
    pub fn open(dirs: &DataDirs, fallback: Option<ApiKey>, store: Box<dyn KeyStore>) -> Self {
        let mut ring = Self {
            list: dirs.key_places.clone(),
            places: BTreeMap::new(),
            memory: BTreeMap::new(),
            fallback,
            store,
            state: StoreState::Unknown,
            file: KeyFile::new(dirs.keys.clone()),
        };
        ring.reload();
        ring
    }

    /// The gateway's own key, else the fallback.
    ///
    /// # Errors
    /// When the gateway has a key that can't be read where it is kept.
    pub fn get(&mut self, gateway: &GatewayId) -> Result<Option<ApiKey>, DesktopError> {
        if let Some(key) = self.memory.get(gateway) {
            return Ok(Some(key.clone()));
        }
        let key = match self.places.get(gateway) {
            Some(KeyPlace::Store) => {
                let key = self.store.get(gateway);
                self.note(&key);
                key?
            }
            Some(KeyPlace::File) => self.file.get(gateway)?,
            Some(KeyPlace::Session | KeyPlace::Environment) | None => {
                return Ok(self.fallback.clone());
            }
        };
        let Some(key) = key else {
            return Err(DesktopError::LostKey {
                gateway: gateway.clone(),
            });
        };
        self.memory.insert(gateway.clone(), key.clone());
        Ok(Some(key))
    }

    /// Keeps a key for the gateway, in place of the one it has, and nowhere else. A key that is to be remembered and
    /// can't be is kept for this run.
    ///
    /// # Errors
    /// When the place refuses.
    pub fn set(
        &mut self,
        gateway: &GatewayId,
        key: ApiKey,
        place: KeyPlace,
    ) -> Result<(), DesktopError> {
        let kept = match place {
            KeyPlace::Store => {
                let kept = self.store.set(gateway, &key);
                self.note(&kept);
                kept.map_err(DesktopError::from)
            }
            KeyPlace::File => self.file.set(gateway, &key),
            KeyPlace::Session | KeyPlace::Environment => Ok(()),
        };
        let place = if kept.is_ok() {
            place
        } else {
            KeyPlace::Session
        };
        let cleaned = self.clean(gateway, place);
        self.memory.insert(gateway.clone(), key);
        kept.and(cleaned).and(self.remember(gateway, Some(place)))
    }

    /// Forgets the gateway's own key, wherever it is.
    ///
    /// # Errors
    /// When it can't be removed from where it is kept; it stays on the list then.
    pub fn forget(&mut self, gateway: &GatewayId) -> Result<(), DesktopError> {
        self.memory.remove(gateway);
        self.reload();
        self.clean(gateway, KeyPlace::Session)?;
        self.remember(gateway, None)
    }

    /// Finds out whether the credential store answers.
    pub fn probe(&mut self) {
        let answer = self.store.probe();
        self.note(&answer);
    }

    /// Which gateways have a key, and where.
    #[must_use]
    pub fn known(&self) -> KnownKeys {
        let in_memory = self.memory.keys().map(|id| (id, KeyPlace::Session));
        let places = in_memory
            .chain(self.places.iter().map(|(id, place)| (id, *place)))
            .map(|(id, place)| (id.clone(), place))
            .collect();
        KnownKeys {
            places,
            environment: self.fallback.is_some(),
            store: self.state.clone(),
        }
    }

    /// Removes a key from every lasting place but one.
    fn clean(&mut self, gateway: &GatewayId, keep: KeyPlace) -> Result<(), DesktopError> {
        match self.places.get(gateway) {
            Some(KeyPlace::Store) if keep != KeyPlace::Store => {
                let forgotten = self.store.forget(gateway);
                self.note(&forgotten);
                forgotten?;
            }
            Some(KeyPlace::File) if keep != KeyPlace::File => self.file.forget(gateway)?,
            _ => {}
        }
        Ok(())
    }

    /// Writes down where a key is. The list may have been changed by another program meanwhile.
    fn remember(
        &mut self,
        gateway: &GatewayId,
        place: Option<KeyPlace>,
    ) -> Result<(), DesktopError> {
        self.reload();
        let lasting = place.filter(|place| matches!(place, KeyPlace::Store | KeyPlace::File));
        let before = match lasting {
            Some(place) => self.places.insert(gateway.clone(), place),
            None => self.places.remove(gateway),
        };
        if before == lasting {
            return Ok(());
        }
        let places = Places {
            places: self.places.clone(),
        };
        let text = toml::to_string_pretty(&places)?;
        atomic::replace(&self.list, text.as_bytes(), Readers::Usual)
    }

    fn reload(&mut self) {
        let Ok(text) = fs::read_to_string(&self.list) else {
            return;
        };
        match toml::from_str::<Places>(&text) {
            Ok(list) => self.places = list.places,
            Err(error) => tracing::warn!(%error, "the list of keys can't be read"),
        }
    }

    /// What an answer of the store says of the store.
    fn note<T>(&mut self, answer: &Result<T, StoreError>) {
        self.state = match answer {
            Ok(_) | Err(StoreError::Refused { .. }) => StoreState::Available,
            Err(StoreError::Unavailable { reason }) => StoreState::Unavailable {
                reason: reason.clone(),
            },
        };
    }
}

impl fmt::Debug for KeyRing {
    /// Neither keys nor who has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing")
    }
}

#[cfg(test)]
mod tests;
