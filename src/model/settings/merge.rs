//! Two programs change the same preferences: what either of them changed counts.

use super::Settings;
use crate::model::GatewayProfile;

impl Settings {
    /// `self` with what another program has made of `base` since: `theirs`.
    ///
    /// `base` is what both began with. A field that only one of them changed has that one's value; where both did, and
    /// they differ, ours counts. Gateways are told apart by their ids, and each is such a field: what they added is
    /// there, at the end, and what they removed is gone unless we changed it.
    #[must_use]
    pub fn merged(mut self, base: &Self, theirs: &Self) -> Self {
        fn settle<T: Clone + PartialEq>(ours: &mut T, base: &T, theirs: &T) {
            if ours == base {
                ours.clone_from(theirs);
            }
        }
        settle(&mut self.language, &base.language, &theirs.language);
        settle(&mut self.theme, &base.theme, &theirs.theme);
        settle(
            &mut self.library_dir,
            &base.library_dir,
            &theirs.library_dir,
        );
        settle(
            &mut self.selected_gateway,
            &base.selected_gateway,
            &theirs.selected_gateway,
        );
        settle(&mut self.parameters, &base.parameters, &theirs.parameters);
        settle(&mut self.layout, &base.layout, &theirs.layout);
        self.gateways = merged_gateways(self.gateways, &base.gateways, &theirs.gateways);
        self
    }
}

fn merged_gateways(
    ours: Vec<GatewayProfile>,
    base: &[GatewayProfile],
    theirs: &[GatewayProfile],
) -> Vec<GatewayProfile> {
    fn find<'a>(list: &'a [GatewayProfile], like: &GatewayProfile) -> Option<&'a GatewayProfile> {
        list.iter().find(|profile| profile.id == like.id)
    }
    let added: Vec<GatewayProfile> = theirs
        .iter()
        .filter(|profile| find(base, profile).is_none() && find(&ours, profile).is_none())
        .cloned()
        .collect();
    ours.into_iter()
        .filter_map(
            |profile| match (find(base, &profile), find(theirs, &profile)) {
                (Some(before), None) if *before == profile => None,
                (Some(before), Some(after)) if *before == profile => Some(after.clone()),
                _ => Some(profile),
            },
        )
        .chain(added)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GatewayId, Language, Preset, ThemeChoice};

    fn named(id: &str) -> GatewayProfile {
        GatewayProfile {
            id: GatewayId(id.to_owned()),
            ..Preset::Custom.profile()
        }
    }

    #[test]
    fn a_field_has_the_value_of_whoever_changed_it() {
        let base = Settings::default();
        let mut ours = base.clone();
        ours.theme = ThemeChoice::Dark;
        let mut theirs = base.clone();
        theirs.language = Some(Language::Chinese);
        theirs.theme = ThemeChoice::Light;
        let merged = ours.merged(&base, &theirs);
        assert_eq!(merged.language, Some(Language::Chinese));
        assert_eq!(merged.theme, ThemeChoice::Dark, "ours where both did");
        assert_eq!(merged.clone().merged(&theirs, &theirs), merged);
    }

    #[test]
    fn gateways_are_added_changed_and_removed_by_either() {
        let settings = |gateways: &[&GatewayProfile]| Settings {
            gateways: gateways.iter().copied().cloned().collect(),
            ..Settings::default()
        };
        let changed = |id: &str| GatewayProfile {
            name: "changed".to_owned(),
            ..named(id)
        };
        let check = |base: &[_], ours: &[_], theirs: &[_], expected: &[_]| {
            let merged = settings(ours).merged(&settings(base), &settings(theirs));
            assert_eq!(merged, settings(expected));
        };
        let (a, b, c) = (&named("a"), &named("b"), &named("c"));
        let a2 = &changed("a");
        // Added by each, also the same id.
        check(&[a], &[a, b], &[a, c], &[a, b, c]);
        check(&[], &[a2], &[a], &[a2]);
        // Changed by one.
        check(&[a], &[a], &[a2], &[a2]);
        check(&[a], &[a2], &[a], &[a2]);
        // Removed by one; a change counts more than a removal.
        check(&[a, b], &[b], &[a, b], &[b]);
        check(&[a, b], &[a, b], &[b], &[b]);
        check(&[a], &[a2], &[], &[a2]);
    }
}
