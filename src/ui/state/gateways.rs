//! What the window knows of the gateways beside their profiles, and what the gateways screen shows.

use std::collections::BTreeMap;

use crate::engine::{Command, Event, GatewayTest};
use crate::model::{Failure, GatewayId, GatewayProfile, KeyPlace, StoreState, TrackLine};

use crate::ui::update::imported;

use super::{AppState, Effect, Screen, Studio};

/// A question that costs nothing, and its answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Asked, not answered.
    Running,
    /// What the gateway says, or why it says nothing.
    Ended(Result<GatewayTest, Failure>),
}

/// The right half of the gateways screen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Pane {
    /// The form of a profile.
    #[default]
    Form,
    /// Ways to a new profile.
    Add,
}

/// A gateway that asked for fewer requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pause {
    /// When the next request goes to it, in milliseconds since 1970 (UTC).
    pub until_ms: i64,
    /// Requests at once from then on.
    pub parallel: usize,
}

/// What is known of gateways, by their ids.
#[derive(Debug, Default)]
pub struct Gateways {
    /// The quick list at the top is open.
    pub picking: bool,
    /// The profile in the form; `None`: the selected one.
    pub opened: Option<GatewayId>,
    /// The right half of the screen.
    pub pane: Pane,
    /// The screen to go back to.
    pub from: Screen,
    /// The last test of each.
    pub tests: BTreeMap<GatewayId, Test>,
    /// What each made of what it was asked for.
    pub tracks: BTreeMap<GatewayId, Vec<TrackLine>>,
    /// Those that are slowed down.
    pub pauses: BTreeMap<GatewayId, Pause>,
}

impl Gateways {
    /// How long a gateway still waits, in milliseconds; `None`: it does not.
    #[must_use]
    pub fn paused_ms(&self, gateway: &GatewayId, now_ms: i64) -> Option<i64> {
        let pause = self.pauses.get(gateway)?;
        Some(pause.until_ms - now_ms).filter(|ms| *ms > 0)
    }

    /// The time until a countdown shows another second, in milliseconds.
    pub(in crate::ui) fn tick(&self, now_ms: i64) -> Option<i64> {
        let left = self.pauses.values().map(|pause| pause.until_ms - now_ms);
        left.filter(|ms| *ms > 0)
            .map(|ms| (ms - 1) % 1_000 + 1)
            .min()
    }

    /// Drops what is known of a profile that is gone.
    pub(in crate::ui) fn forget(&mut self, gateway: &GatewayId) {
        self.tests.remove(gateway);
        self.tracks.remove(gateway);
        self.pauses.remove(gateway);
    }
}

impl AppState {
    /// Takes in what the engine tells of gateways.
    pub(super) fn apply_gateway(&mut self, event: Event, now_ms: i64) {
        let studio = &mut self.studio;
        match event {
            Event::GatewayTested { gateway, outcome } => {
                studio.gateways.tests.insert(gateway, Test::Ended(outcome));
            }
            Event::GatewayPaused {
                gateway,
                until_ms,
                parallel,
            } => match until_ms {
                Some(until_ms) => {
                    let pause = Pause { until_ms, parallel };
                    studio.gateways.pauses.insert(gateway, pause);
                }
                None => drop(studio.gateways.pauses.remove(&gateway)),
            },
            Event::Track { gateway, lines } => {
                studio.gateways.tracks.insert(gateway, lines);
            }
            Event::GatewayLearned { gateway, refused } => studio.learned(&gateway, refused),
            Event::GatewaysImported(profiles) => imported(self, profiles, now_ms),
            _ => {}
        }
    }
}

/// A gateway was taken away for good: its key goes too. One that has come back since keeps it.
pub(in crate::ui) fn forget_gateway(state: &mut AppState, gateway: GatewayId) -> Vec<Effect> {
    let AppState { studio, edits } = state;
    if studio.settings.gateways.iter().any(|p| p.id == gateway) {
        return Vec::new();
    }
    edits.gateways.profiles.remove(&gateway);
    let Some(place) = studio.keys.places.remove(&gateway) else {
        return Vec::new();
    };
    let key = None;
    let command = Command::SetKey {
        gateway,
        key,
        place,
    };
    vec![command.into()]
}

impl Studio {
    /// The profile in the form of the gateways screen; `None` when there is no profile at all.
    #[must_use]
    pub fn opened_gateway(&self) -> Option<&GatewayProfile> {
        let find = |id: &GatewayId| self.settings.gateways.iter().find(|p| p.id == *id);
        let opened = self.gateways.opened.as_ref().and_then(find);
        opened
            .or_else(|| find(&self.settings.selected_gateway))
            .or_else(|| self.settings.gateways.first())
    }

    /// A gateway refuses these parameters: its profile keeps that.
    fn learned(&mut self, gateway: &GatewayId, refused: Vec<String>) {
        let gateways = &mut self.settings.gateways;
        let Some(profile) = gateways.iter_mut().find(|p| p.id == *gateway) else {
            return;
        };
        let known = &mut profile.dialect.refused;
        for name in refused {
            if !known.contains(&name) {
                known.push(name);
                // The engine has stored it, but a change of ours may be on its way without it.
                self.settings_unsaved = true;
            }
        }
    }

    /// Where the next key goes: where it was chosen, else where it is kept best.
    #[must_use]
    pub fn key_place(&self, chosen: Option<KeyPlace>) -> KeyPlace {
        match chosen {
            Some(place) if place != KeyPlace::Store || self.store_may_answer() => place,
            _ if self.store_may_answer() => KeyPlace::Store,
            _ => KeyPlace::Session,
        }
    }

    /// Whether new keys can go to the credential store, as far as is known.
    #[must_use]
    pub const fn store_may_answer(&self) -> bool {
        !matches!(self.keys.store, StoreState::Unavailable { .. })
    }

    /// `base`, or `base-2` and so on: an id that no profile has, and no key is kept for.
    #[must_use]
    pub fn free_gateway_id(&self, base: &str) -> GatewayId {
        let is_free = |id: &GatewayId| {
            !self.settings.gateways.iter().any(|p| p.id == *id)
                && !self.keys.places.contains_key(id)
        };
        numbered(base, '-')
            .map(GatewayId)
            .find(is_free)
            .unwrap_or_else(|| GatewayId(base.to_owned()))
    }

    /// `base`, or `base 2` and so on: a name that no profile has.
    #[must_use]
    pub fn free_gateway_name(&self, base: &str) -> String {
        let is_free = |name: &String| !self.settings.gateways.iter().any(|p| p.name == *name);
        numbered(base, ' ')
            .find(is_free)
            .unwrap_or_else(|| base.to_owned())
    }
}

/// `base`, then with 2, 3 and so on; a number that it ends in already counts on.
fn numbered(base: &str, gap: char) -> impl Iterator<Item = String> {
    let stem = match base.rsplit_once(gap) {
        Some((stem, number)) if number.parse::<u32>().is_ok() && !stem.is_empty() => stem,
        _ => base,
    };
    let (base, stem) = (base.to_owned(), stem.to_owned());
    std::iter::once(base).chain((2_u32..).map(move |n| format!("{stem}{gap}{n}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_on() {
        let first = |base: &str, gap: char| numbered(base, gap).take(3).collect::<Vec<_>>();
        assert_eq!(first("relay", '-'), ["relay", "relay-2", "relay-3"]);
        assert_eq!(first("Relay 4", ' '), ["Relay 4", "Relay 2", "Relay 3"]);
        assert_eq!(
            first("ikun-gpt-image-2", '-')[1],
            "ikun-gpt-image-2",
            "the second is the first again, and taken"
        );
        assert_eq!(first("中转", ' ')[1], "中转 2");
    }
}
