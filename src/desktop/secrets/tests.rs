use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;

/// A store that tests can look into and break.
#[derive(Clone, Debug, Default)]
struct Fake(Arc<Mutex<FakeState>>);

#[derive(Debug, Default)]
struct FakeState {
    keys: BTreeMap<GatewayId, ApiKey>,
    reads: usize,
    broken: Option<StoreError>,
}

impl Fake {
    fn check(&self) -> Result<std::sync::MutexGuard<'_, FakeState>, StoreError> {
        let state = self.0.lock().unwrap();
        match &state.broken {
            Some(error) => Err(error.clone()),
            None => Ok(state),
        }
    }

    fn break_with(&self, error: Option<StoreError>) {
        self.0.lock().unwrap().broken = error;
    }
}

impl KeyStore for Fake {
    fn probe(&mut self) -> Result<(), StoreError> {
        self.check().map(drop)
    }

    fn get(&mut self, gateway: &GatewayId) -> Result<Option<ApiKey>, StoreError> {
        let mut state = self.check()?;
        state.reads += 1;
        Ok(state.keys.get(gateway).cloned())
    }

    fn set(&mut self, gateway: &GatewayId, key: &ApiKey) -> Result<(), StoreError> {
        self.check()?.keys.insert(gateway.clone(), key.clone());
        Ok(())
    }

    fn forget(&mut self, gateway: &GatewayId) -> Result<(), StoreError> {
        self.check()?.keys.remove(gateway);
        Ok(())
    }
}

fn key(text: &str) -> ApiKey {
    ApiKey::new(text).unwrap()
}

fn id(word: &str) -> GatewayId {
    GatewayId(word.to_owned())
}

fn ring(folder: &Path, store: &Fake) -> KeyRing {
    let dirs = DataDirs::locate(Some(folder)).unwrap();
    KeyRing::open(&dirs, ApiKey::new("sk-fallback"), Box::new(store.clone()))
}

fn files(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        text.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    text
}

#[test]
fn own_keys_come_before_the_fallback() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = ring(folder.path(), &Fake::default());
    let (demo, openai) = (id("demo"), id("openai"));
    ring.set(&openai, key("sk-own"), KeyPlace::Session).unwrap();
    assert_eq!(ring.get(&openai).unwrap(), Some(key("sk-own")));
    assert_eq!(ring.get(&demo).unwrap(), Some(key("sk-fallback")));
    assert_eq!(ring.known().place(&openai), Some(KeyPlace::Session));
    assert_eq!(ring.known().place(&demo), Some(KeyPlace::Environment));
    assert_eq!(format!("{ring:?}"), "KeyRing");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    ring.forget(&openai).unwrap();
    ring.forget(&openai).unwrap();
    assert_eq!(ring.get(&openai).unwrap(), Some(key("sk-fallback")));
    assert!(ring.known().environment);
}

#[test]
fn kept_keys_are_there_next_time_and_read_when_needed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Fake::default();
    let mut first = ring(folder.path(), &store);
    first
        .set(&id("a"), key("sk-store"), KeyPlace::Store)
        .unwrap();
    first.set(&id("b"), key("sk-file"), KeyPlace::File).unwrap();
    drop(first);

    let mut next = ring(folder.path(), &store);
    assert_eq!(next.known().places[&id("a")], KeyPlace::Store);
    assert_eq!(next.known().places[&id("b")], KeyPlace::File);
    assert_eq!(next.known().store, StoreState::Unknown);
    assert_eq!(store.0.lock().unwrap().reads, 0);
    for _ in 0..2 {
        assert_eq!(next.get(&id("a")).unwrap(), Some(key("sk-store")));
        assert_eq!(next.get(&id("b")).unwrap(), Some(key("sk-file")));
    }
    assert_eq!(store.0.lock().unwrap().reads, 1);
    assert_eq!(next.known().store, StoreState::Available);
}

#[test]
fn a_key_is_in_one_place_only() {
    let folder = tempfile::tempdir().unwrap();
    let store = Fake::default();
    let mut ring = ring(folder.path(), &store);
    let a = id("a");
    ring.set(&a, key("sk-one"), KeyPlace::Store).unwrap();
    assert!(
        !files(folder.path()).contains("sk-one"),
        "the list holds no key"
    );
    ring.set(&a, key("sk-two"), KeyPlace::File).unwrap();
    assert!(store.0.lock().unwrap().keys.is_empty());
    assert!(files(folder.path()).contains("sk-two"));
    ring.set(&a, key("sk-three"), KeyPlace::Session).unwrap();
    assert!(!files(folder.path()).contains("sk-"));
    assert_eq!(ring.get(&a).unwrap(), Some(key("sk-three")));
    ring.set(&a, key("sk-four"), KeyPlace::Store).unwrap();
    ring.forget(&a).unwrap();
    assert!(store.0.lock().unwrap().keys.is_empty());
    assert_eq!(ring.known().places.get(&a), None);
}

#[test]
fn without_a_store_the_key_serves_this_run_and_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = Fake::default();
    let unavailable = StoreError::Unavailable {
        reason: "no bus".to_owned(),
    };
    store.break_with(Some(unavailable));
    let mut ring = ring(folder.path(), &store);
    ring.probe();
    let state = StoreState::Unavailable {
        reason: "no bus".to_owned(),
    };
    assert_eq!(ring.known().store, state);
    let error = ring
        .set(&id("a"), key("sk-a"), KeyPlace::Store)
        .unwrap_err();
    assert_eq!(error.to_string(), "no credential store answers: no bus");
    assert_eq!(ring.get(&id("a")).unwrap(), Some(key("sk-a")));
    assert_eq!(ring.known().places[&id("a")], KeyPlace::Session);
}

#[test]
fn a_kept_key_that_can_not_be_had_is_an_error_not_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = Fake::default();
    ring(folder.path(), &store)
        .set(&id("a"), key("sk-a"), KeyPlace::Store)
        .unwrap();
    store.break_with(Some(StoreError::Refused {
        reason: "locked".to_owned(),
    }));
    let mut next = ring(folder.path(), &store);
    next.get(&id("a")).unwrap_err();
    next.forget(&id("a")).unwrap_err();
    assert_eq!(next.known().places[&id("a")], KeyPlace::Store);
    store.break_with(None);
    assert_eq!(next.get(&id("a")).unwrap(), Some(key("sk-a")));
    // Somebody removed it with the store's own program.
    store.0.lock().unwrap().keys.clear();
    let mut last = ring(folder.path(), &store);
    assert!(matches!(
        last.get(&id("a")),
        Err(DesktopError::LostKey { .. })
    ));
}

#[test]
fn two_programs_share_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let store = Fake::default();
    let (mut one, mut other) = (ring(folder.path(), &store), ring(folder.path(), &store));
    one.set(&id("a"), key("sk-a"), KeyPlace::Store).unwrap();
    other.set(&id("b"), key("sk-b"), KeyPlace::Store).unwrap();
    let third = ring(folder.path(), &store);
    assert_eq!(third.known().places.len(), 2);
}
