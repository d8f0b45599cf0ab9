//! The table of models: ours, and what the user adds.

use std::fs;
use std::io;
use std::path::Path;

use crate::model::Catalog;

/// The table that comes with the program.
const BUILT_IN: &str = include_str!("../../assets/models.toml");

/// The table as it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedCatalog {
    /// Ours, with the user's entries in it where they can be read.
    pub catalog: Catalog,
    /// Why the user's table is not in it.
    pub problem: Option<String>,
}

/// The table that comes with the program; empty only if it were broken, which a test rules out.
#[must_use]
pub fn built_in_catalog() -> Catalog {
    toml::from_str(BUILT_IN).unwrap_or_default()
}

/// The table that comes with the program with the entries of `user_table` in it, which win. A missing file has none.
#[must_use]
pub fn load_catalog(user_table: &Path) -> LoadedCatalog {
    let mut catalog = built_in_catalog();
    let problem = match fs::read_to_string(user_table) {
        Ok(text) => match toml::from_str(&text) {
            Ok(users) => {
                catalog.merge(users);
                None
            }
            Err(error) => Some(error.to_string()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(error.to_string()),
    };
    LoadedCatalog { catalog, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Preset, SizeRule};

    #[test]
    fn our_table_is_sound_and_the_users_wins() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("models.toml");
        toml::from_str::<Catalog>(BUILT_IN).unwrap();
        let loaded = load_catalog(&path);
        assert_eq!(loaded.problem, None);
        let entry = loaded.catalog.find("gpt-image-2").unwrap();
        assert_eq!(entry.sizes, Some(SizeRule::GPT_IMAGE_2));
        assert_eq!(entry.offered.len(), 27);
        for offered in &entry.offered {
            assert_eq!(SizeRule::GPT_IMAGE_2.check(offered.size), Ok(()));
            assert_eq!(offered.size.tier(), offered.tier, "{offered:?}");
        }
        assert_eq!(
            loaded.catalog.find("gpt-image-1.5").unwrap().offered.len(),
            3
        );

        fs::write(
            &path,
            "[[model]]\nname = \"gpt-image-2\"\nmax_references = 2\nmax_reference_bytes = 5\nmax_count = 1\n",
        )
        .unwrap();
        let loaded = load_catalog(&path);
        let capability = loaded.catalog.capability(&Preset::Openai.profile());
        assert_eq!((capability.max_references, capability.sizes), (2, None));

        fs::write(&path, "[[model]]\nname = 1\n").unwrap();
        let loaded = load_catalog(&path);
        assert!(loaded.problem.is_some());
        assert!(loaded.catalog.find("gpt-image-2").unwrap().sizes.is_some());
    }
}
