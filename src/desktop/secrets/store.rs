//! The operating system's credential store: Secret Service, Keychain, Credential Manager.

use std::fmt;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};

use crate::model::{ApiKey, GatewayId};

/// What entries are filed under, as the store's own program shows them.
const SERVICE: &str = "Atelier";

/// Why a store does not do what it is asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StoreError {
    /// No store answers.
    #[error("no credential store answers: {reason}")]
    Unavailable {
        /// In the system's words.
        reason: String,
    },
    /// It answers, but not with what was asked for: it is locked, or the user said no.
    #[error("the credential store refuses: {reason}")]
    Refused {
        /// In the system's words.
        reason: String,
    },
}

/// A place for keys outside of the program. Its methods may wait for as long as the user takes to unlock it.
pub trait KeyStore: Send + fmt::Debug {
    /// Whether it answers; does not ask the user for anything.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    fn probe(&mut self) -> Result<(), StoreError>;

    /// The key of a gateway, if it has one.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(&mut self, gateway: &GatewayId) -> Result<Option<ApiKey>, StoreError>;

    /// Keeps a key, in place of the one there is.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set(&mut self, gateway: &GatewayId, key: &ApiKey) -> Result<(), StoreError>;

    /// Forgets a key; that there is none is no error.
    ///
    /// # Errors
    /// [`StoreError`].
    fn forget(&mut self, gateway: &GatewayId) -> Result<(), StoreError>;
}

type Opener = fn() -> keyring_core::Result<Arc<CredentialStore>>;

/// The store of the system, opened when it is first needed.
pub struct SystemStore {
    open: Opener,
    store: Option<Arc<CredentialStore>>,
    scope: String,
}

impl SystemStore {
    /// The store of this system. `scope` keeps the keys of several data folders apart; empty for the platform's own.
    #[must_use]
    pub fn new(scope: &str) -> Self {
        Self::with(open_native, scope)
    }

    fn with(open: Opener, scope: &str) -> Self {
        Self {
            open,
            store: None,
            scope: scope.to_owned(),
        }
    }

    fn store(&mut self) -> Result<&Arc<CredentialStore>, StoreError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => (self.open)().map_err(|error| StoreError::Unavailable {
                reason: words(&error),
            })?,
        };
        Ok(self.store.insert(store))
    }

    fn entry(&mut self, gateway: &GatewayId) -> Result<Entry, StoreError> {
        let user = if self.scope.is_empty() {
            gateway.0.clone()
        } else {
            format!("{gateway} ({})", self.scope)
        };
        self.store()?
            .build(SERVICE, &user, None)
            .map_err(|error| refused(&error))
    }
}

impl KeyStore for SystemStore {
    fn probe(&mut self) -> Result<(), StoreError> {
        self.store().map(drop)
    }

    fn get(&mut self, gateway: &GatewayId) -> Result<Option<ApiKey>, StoreError> {
        match self.entry(gateway)?.get_password() {
            Ok(text) => Ok(ApiKey::from_string(text)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn set(&mut self, gateway: &GatewayId, key: &ApiKey) -> Result<(), StoreError> {
        self.entry(gateway)?
            .set_password(key.expose())
            .map_err(|error| refused(&error))
    }

    fn forget(&mut self, gateway: &GatewayId) -> Result<(), StoreError> {
        match self.entry(gateway)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }
}

impl fmt::Debug for SystemStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemStore")
    }
}

fn refused(error: &Error) -> StoreError {
    StoreError::Refused {
        reason: words(error),
    }
}

/// An error in words. Some carry what is in the store: those are not shown as they are.
fn words(error: &Error) -> String {
    match error {
        Error::PlatformFailure(error) | Error::NoStorageAccess(error) => error.to_string(),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "the entry holds no key".to_owned(),
        Error::Ambiguous(_) => "there is more than one entry for the gateway".to_owned(),
        error => error.to_string(),
    }
}

#[cfg(target_os = "macos")]
fn open_native() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open_native() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn open_native() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(word: &str) -> GatewayId {
        GatewayId(word.to_owned())
    }

    fn mock() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(keyring_core::mock::Store::new()?)
    }

    fn nothing() -> keyring_core::Result<Arc<CredentialStore>> {
        Err(Error::PlatformFailure("no bus".into()))
    }

    #[test]
    fn keys_go_in_and_out() {
        let mut store = SystemStore::with(mock, "");
        let key = ApiKey::new("sk-secret").unwrap();
        store.probe().unwrap();
        assert_eq!(store.get(&id("a")), Ok(None));
        store.set(&id("a"), &key).unwrap();
        assert_eq!(store.get(&id("a")), Ok(Some(key)));
        assert_eq!(store.get(&id("b")), Ok(None));
        store.forget(&id("a")).unwrap();
        store.forget(&id("a")).unwrap();
        assert_eq!(store.get(&id("a")), Ok(None));
    }

    #[test]
    fn without_a_store_every_call_says_so() {
        let mut store = SystemStore::with(nothing, "");
        let unavailable = StoreError::Unavailable {
            reason: "no bus".to_owned(),
        };
        assert_eq!(store.probe(), Err(unavailable.clone()));
        assert_eq!(store.get(&id("a")), Err(unavailable.clone()));
        let key = ApiKey::new("sk-secret").unwrap();
        assert_eq!(store.set(&id("a"), &key), Err(unavailable.clone()));
        assert_eq!(store.forget(&id("a")), Err(unavailable));
    }

    #[test]
    fn what_the_store_holds_is_in_no_error() {
        for error in [
            Error::BadEncoding(b"sk-secret".to_vec()),
            Error::BadDataFormat(b"sk-secret".to_vec(), "bad".into()),
        ] {
            assert!(!format!("{:?}", refused(&error)).contains("secret"));
        }
    }
}
