//! The engine's own copy of the preferences, and what its jobs learn of gateways meanwhile.
//!
//! Two hands write the preferences: the front end, which sends them whole, and jobs, which learn that a gateway
//! refuses a parameter. A front end that has not heard of it yet must not undo it, and one that has must be able to.
//! So what was learned is *news* until the front end shows that it knows it: it is added to whatever comes without it.
//! From then on the front end's word is the last.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::event::MergedSettings;
use crate::desktop::{self, DesktopError};
use crate::model::{GatewayProfile, Settings};

/// The preferences, shared by the supervisor and all jobs.
#[derive(Clone, Debug)]
pub(super) struct Book {
    state: Arc<Mutex<State>>,
    path: PathBuf,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    /// As they were when we last read or wrote the file.
    stored: Settings,
    news: Vec<News>,
}

/// Names that a gateway refuses, and that the front end has not shown to know.
#[derive(Debug)]
struct News {
    /// As it was when the name was learned.
    gateway: GatewayProfile,
    name: String,
}

impl Book {
    /// `settings` as they were loaded from `path`.
    pub(super) fn new(settings: Settings, path: PathBuf) -> Self {
        let news = Vec::new();
        Self {
            state: Arc::new(Mutex::new(State {
                stored: settings.clone(),
                settings,
                news,
            })),
            path,
        }
    }

    /// The front end's preferences take the place of ours; only what it can't know is added. `base` is what it made them
    /// from.
    pub(super) fn replace(&self, mut settings: Settings, base: &Settings) {
        let mut state = self.state();
        for profile in &mut settings.gateways {
            state.tell_news(profile);
        }
        state.settings = settings.merged(base, &state.settings);
    }

    /// A profile as a job is about to use it: what was learned since the front end made it is added.
    pub(super) fn brief(&self, profile: &mut GatewayProfile) {
        self.state().tell_news(profile);
    }

    /// A gateway refuses a parameter. All names that are known by now; `None` when this one was known already.
    pub(super) fn learn(&self, gateway: &GatewayProfile, name: &str) -> Option<Vec<String>> {
        let mut state = self.state();
        let mut profile = gateway.clone();
        state.add_news(&mut profile);
        let known = profile.dialect.refused.iter().any(|known| known == name);
        // The job began before somebody else learned it, too.
        if known {
            return None;
        }
        profile.dialect.refused.push(name.to_owned());
        let state = &mut *state;
        let kept = &mut state.settings.gateways;
        if let Some(kept) = kept.iter_mut().find(|kept| is_same(kept, gateway)) {
            add(&mut kept.dialect.refused, name);
        }
        state.news.push(News {
            gateway: gateway.clone(),
            name: name.to_owned(),
        });
        Some(profile.dialect.refused)
    }

    /// Stores the preferences as they are now, together with what another program has changed in the file since; blocks.
    /// Gives both back where that is something.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn save(&self) -> Result<Option<MergedSettings>, DesktopError> {
        let (ours, stored) = {
            let state = self.state();
            (state.settings.clone(), state.stored.clone())
        };
        // A file that is gone says nothing about what was in it.
        let theirs = if self.path.exists() {
            desktop::load_settings(&self.path)?
        } else {
            desktop::LoadedSettings {
                settings: stored.clone(),
                unreadable: None,
            }
        };
        let merged = match theirs.unreadable {
            None => ours.clone().merged(&stored, &theirs.settings),
            Some(_) => ours.clone(),
        };
        desktop::save_settings(&self.path, &merged)?;
        let mut state = self.state();
        state.stored = merged.clone();
        // What came from the front end meanwhile is stored by its own turn.
        state.settings = state.settings.clone().merged(&ours, &merged);
        Ok((merged != ours).then_some(MergedSettings { ours, merged }))
    }

    /// Adds what was learned to the stored preferences; blocks. They are read again first: another program may have
    /// changed them since, and has the last word on everything else.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn save_learned(&self) -> Result<(), DesktopError> {
        let stored = desktop::load_settings(&self.path)?;
        let mut settings = match stored.unreadable {
            None => stored.settings,
            Some(_) => self.state().settings.clone(),
        };
        let before = settings.clone();
        for profile in &mut settings.gateways {
            self.state().add_news(profile);
        }
        if settings == before {
            return Ok(());
        }
        desktop::save_settings(&self.path, &settings)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Adds news to a profile that comes from the front end. What it has already is no news any more.
    fn tell_news(&mut self, profile: &mut GatewayProfile) {
        let refused = &profile.dialect.refused;
        self.news
            .retain(|news| !(is_same(&news.gateway, profile) && refused.contains(&news.name)));
        self.add_news(profile);
    }

    fn add_news(&self, profile: &mut GatewayProfile) {
        for news in &self.news {
            if is_same(&news.gateway, profile) {
                add(&mut profile.dialect.refused, &news.name);
            }
        }
    }
}

fn add(refused: &mut Vec<String>, name: &str) {
    if !refused.iter().any(|known| known == name) {
        refused.push(name.to_owned());
    }
}

/// Whether two profiles mean the same gateway. The command line and a form may use an id for other addresses.
fn is_same(one: &GatewayProfile, other: &GatewayProfile) -> bool {
    let (mine, theirs) = (&one.base_urls, &other.base_urls);
    one.id == other.id
        && one.api == other.api
        && (mine == theirs || mine.iter().any(|url| theirs.contains(url)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Preset, ThemeChoice};

    fn book() -> (Book, Settings, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings::default();
        let book = Book::new(settings.clone(), dir.path().join("settings.toml"));
        (book, settings, dir)
    }

    fn openai(settings: &mut Settings) -> &mut GatewayProfile {
        let id = Preset::Openai.profile().id;
        let mut profiles = settings.gateways.iter_mut();
        profiles.find(|profile| profile.id == id).unwrap()
    }

    fn stored(book: &Book) -> Settings {
        desktop::load_settings(&book.path).unwrap().settings
    }

    #[test]
    fn a_front_end_that_has_not_heard_undoes_nothing() {
        let (book, mut settings, _dir) = book();
        let gateway = openai(&mut settings).clone();
        assert_eq!(
            book.learn(&gateway, "moderation"),
            Some(vec!["moderation".to_owned()])
        );
        assert_eq!(book.learn(&gateway, "moderation"), None);
        assert_eq!(
            book.learn(&gateway, "store").map(|known| known.len()),
            Some(2)
        );
        book.replace(settings.clone(), &Settings::default());
        book.save().unwrap();
        let refused = openai(&mut stored(&book)).dialect.refused.clone();
        assert_eq!(refused, ["moderation", "store"]);
        let mut job = gateway.clone();
        book.brief(&mut job);
        assert_eq!(job.dialect.refused, ["moderation", "store"]);
    }

    #[test]
    fn a_front_end_that_knows_it_can_take_it_away() {
        let (book, mut settings, _dir) = book();
        book.learn(openai(&mut settings), "moderation");
        openai(&mut settings).dialect.refused = vec!["moderation".to_owned()];
        book.replace(settings.clone(), &Settings::default());
        let known = settings.clone();
        openai(&mut settings).dialect.refused.clear();
        book.replace(settings.clone(), &known);
        book.save().unwrap();
        assert_eq!(openai(&mut stored(&book)).dialect.refused, [""; 0]);
        // The next refusal is learned again.
        assert!(book.learn(openai(&mut settings), "moderation").is_some());
    }

    #[test]
    fn what_another_program_stored_stays() {
        let (book, mut settings, _dir) = book();
        let gateway = openai(&mut settings).clone();
        settings.selected_gateway = gateway.id.clone();
        desktop::save_settings(&book.path, &settings).unwrap();
        book.learn(&gateway, "store");
        book.save_learned().unwrap();
        let mut stored = stored(&book);
        assert_eq!(stored.selected_gateway, gateway.id);
        assert_eq!(openai(&mut stored).dialect.refused, ["store"]);
    }

    #[test]
    fn what_another_program_added_is_kept_and_told() {
        let (book, first, _dir) = book();
        assert_eq!(book.save().unwrap(), None);
        let mut theirs = first.clone();
        let mut added = openai(&mut theirs).clone();
        added.id = crate::model::GatewayId("added".to_owned());
        theirs.gateways.push(added.clone());
        desktop::save_settings(&book.path, &theirs).unwrap();

        let mut ours = first.clone();
        ours.theme = ThemeChoice::Dark;
        book.replace(ours.clone(), &first);
        let told = book.save().unwrap().unwrap();
        assert_eq!(told.ours, ours);
        assert_eq!(told.merged.gateways.last(), Some(&added));
        assert_eq!(told.merged.theme, ThemeChoice::Dark);
        assert_eq!(stored(&book), told.merged);

        // Sent before the front end heard of it.
        let mut later = ours.clone();
        later.theme = ThemeChoice::Light;
        book.replace(later, &ours);
        assert_eq!(book.save().unwrap(), None);
        assert_eq!(stored(&book).gateways.last(), Some(&added));
        assert_eq!(stored(&book).theme, ThemeChoice::Light);

        // Whoever heard of it can take it away; a file that is gone says nothing.
        std::fs::remove_file(&book.path).unwrap();
        book.replace(first.clone(), &told.merged);
        assert_eq!(book.save().unwrap(), None);
        assert_eq!(stored(&book), first);
    }

    #[test]
    fn the_same_id_with_other_addresses_is_another_gateway() {
        let (book, mut settings, _dir) = book();
        let mut other = openai(&mut settings).clone();
        other.base_urls = vec!["http://127.0.0.1:1/v1".to_owned()];
        assert!(book.learn(&other, "store").is_some());
        book.replace(settings.clone(), &Settings::default());
        book.save().unwrap();
        assert_eq!(openai(&mut stored(&book)).dialect.refused, [""; 0]);
    }
}
