//! Templates and snippets: those that come with the program, in both languages, and the user's own.

use serde::{Deserialize, Serialize};

use crate::model::Language;

/// A text in both languages.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Bilingual {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Bilingual {
    /// The text in one of them.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// A folder of templates.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct TemplateFolder {
    /// Unique.
    pub id: String,
    /// Shown to people.
    pub title: Bilingual,
}

/// A template that comes with the program.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ShippedTemplate {
    /// Unique, and for good: favourites name it.
    pub id: String,
    /// Id of its folder.
    pub folder: String,
    /// The shape that suits it, such as `3:4`.
    pub ratio: String,
    /// Shown to people.
    pub title: Bilingual,
    /// The prompt with its variables.
    pub text: Bilingual,
}

/// The table of the templates that come with the program.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct TemplateTable {
    /// In the order in which they are listed.
    #[serde(default, rename = "folder")]
    pub folders: Vec<TemplateFolder>,
    /// In the order in which they are listed.
    #[serde(default, rename = "template")]
    pub templates: Vec<ShippedTemplate>,
}

/// A template or a snippet of the user's own.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnTemplate {
    /// Unique among all templates.
    pub id: String,
    /// Shown to people.
    pub title: String,
    /// Its folder; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// The shape that suits it, such as `3:4`; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ratio: String,
    /// A few words to be put in at the cursor, not a whole prompt.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_snippet: bool,
    /// The prompt with its variables.
    pub text: String,
}

/// What the user has on the shelf.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shelf {
    /// Ids of templates of either kind, in the order in which they were chosen.
    pub favourites: Vec<String>,
    /// The user's own.
    #[serde(rename = "template")]
    pub own: Vec<OwnTemplate>,
}

impl Shelf {
    /// `self` with what another program has made of `base` since: `theirs`. Each template and each favourite has the
    /// state of whoever changed it; where both did, ours counts.
    #[must_use]
    pub fn merged(mut self, base: &Self, theirs: &Self) -> Self {
        fn find<'a>(list: &'a [OwnTemplate], id: &str) -> Option<&'a OwnTemplate> {
            list.iter().find(|template| template.id == id)
        }
        let added: Vec<OwnTemplate> = theirs
            .own
            .iter()
            .filter(|t| find(&base.own, &t.id).is_none() && find(&self.own, &t.id).is_none())
            .cloned()
            .collect();
        self.own = self
            .own
            .into_iter()
            .filter_map(
                |ours| match (find(&base.own, &ours.id), find(&theirs.own, &ours.id)) {
                    (Some(before), None) if *before == ours => None,
                    (Some(before), Some(after)) if *before == ours => Some(after.clone()),
                    _ => Some(ours),
                },
            )
            .chain(added)
            .collect();
        let removed = |id: &String| base.favourites.contains(id) && !theirs.favourites.contains(id);
        self.favourites.retain(|id| !removed(id));
        for id in &theirs.favourites {
            if !base.favourites.contains(id) && !self.favourites.contains(id) {
                self.favourites.push(id.clone());
            }
        }
        self
    }
}

/// A template of either kind, in one language, as lists show it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TemplateEntry<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The folder's title; empty for none.
    pub folder: &'a str,
    /// The shape that suits it; empty for none.
    pub ratio: &'a str,
    /// The prompt with its variables.
    pub text: &'a str,
    /// The user's own: it can be changed.
    pub is_own: bool,
    /// See [`OwnTemplate::is_snippet`].
    pub is_snippet: bool,
    /// Among the favourites.
    pub is_favourite: bool,
}

/// All templates in one language: the user's own first, then ours, each in their order.
#[must_use]
pub fn all_templates<'a>(
    table: &'a TemplateTable,
    shelf: &'a Shelf,
    language: Language,
) -> Vec<TemplateEntry<'a>> {
    let own = shelf.own.iter().map(|template| TemplateEntry {
        id: &template.id,
        title: &template.title,
        folder: &template.folder,
        ratio: &template.ratio,
        text: &template.text,
        is_own: true,
        is_snippet: template.is_snippet,
        is_favourite: shelf.favourites.contains(&template.id),
    });
    let shipped = table.templates.iter().map(|template| {
        let folder = table.folders.iter().find(|f| f.id == template.folder);
        TemplateEntry {
            id: &template.id,
            title: template.title.get(language),
            folder: folder.map_or("", |folder| folder.title.get(language)),
            ratio: &template.ratio,
            text: template.text.get(language),
            is_own: false,
            is_snippet: false,
            is_favourite: shelf.favourites.contains(&template.id),
        }
    });
    own.chain(shipped).collect()
}

/// The templates that have every word of `query` in title, folder, id or text, the best first: those whose title begins
/// with it, whose title has it, and the rest; favourites before others. The other language's title counts, too.
#[must_use]
pub fn find_templates<'a>(
    table: &'a TemplateTable,
    shelf: &'a Shelf,
    language: Language,
    query: &str,
) -> Vec<TemplateEntry<'a>> {
    let query = query.trim().to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut found: Vec<(u8, TemplateEntry<'a>)> = all_templates(table, shelf, language)
        .into_iter()
        .filter_map(|entry| {
            let other = table.templates.iter().find(|t| t.id == entry.id);
            let other = other.map(|t| format!("{} {}", t.title.en, t.title.zh));
            let title = entry.title.to_lowercase();
            let titles = format!(
                "{title} {} {}",
                other.unwrap_or_default().to_lowercase(),
                entry.id
            );
            let has = |text: &str| words.iter().all(|word| text.contains(word));
            let rank = if title.starts_with(&query) {
                0
            } else if has(&titles) {
                1
            } else if has(&format!(
                "{titles} {} {}",
                entry.folder.to_lowercase(),
                entry.text.to_lowercase()
            )) {
                2
            } else {
                return None;
            };
            Some((rank, entry))
        })
        .collect();
    found.sort_by_key(|(rank, entry)| (*rank, !entry.is_favourite));
    found.into_iter().map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(id: &str, title: &str) -> OwnTemplate {
        OwnTemplate {
            id: id.to_owned(),
            title: title.to_owned(),
            text: format!("{title} {{{{x}}}}"),
            ..OwnTemplate::default()
        }
    }

    fn shelf(favourites: &[&str], own: &[OwnTemplate]) -> Shelf {
        Shelf {
            favourites: favourites.iter().map(|&id| id.to_owned()).collect(),
            own: own.to_vec(),
        }
    }

    #[test]
    fn two_programs_change_one_shelf() {
        let (a, b, c) = (own("a", "A"), own("b", "B"), own("c", "C"));
        let a2 = own("a", "A2");
        let check = |base: &Shelf, ours: &Shelf, theirs: &Shelf, expected: &Shelf| {
            assert_eq!(ours.clone().merged(base, theirs), *expected);
        };
        let base = shelf(&["x"], std::slice::from_ref(&a));
        check(
            &base,
            &shelf(&["x", "y"], &[a.clone(), b.clone()]),
            &shelf(&["z"], &[a2.clone(), c.clone()]),
            &shelf(&["y", "z"], &[a2.clone(), b, c]),
        );
        check(&base, &shelf(&[], &[]), &base, &shelf(&[], &[]));
        check(
            &base,
            &shelf(&["x"], std::slice::from_ref(&a2)),
            &shelf(&["x"], &[]),
            &shelf(&["x"], &[a2]),
        );
        check(&base, &base, &shelf(&["x"], &[]), &shelf(&["x"], &[]));
    }

    #[test]
    fn templates_are_found_by_title_folder_and_text_in_either_language() {
        let both = |en: &str, zh: &str| Bilingual {
            en: en.to_owned(),
            zh: zh.to_owned(),
        };
        let shipped = |id: &str, en: &str, zh: &str| ShippedTemplate {
            id: id.to_owned(),
            folder: "print".to_owned(),
            ratio: "3:4".to_owned(),
            title: both(en, zh),
            text: both("a sheet of paper", "一张纸"),
        };
        let table = TemplateTable {
            folders: vec![TemplateFolder {
                id: "print".to_owned(),
                title: both("Print", "印刷"),
            }],
            templates: vec![
                shipped("poster", "Poster", "海报"),
                shipped("film-poster", "Film poster", "电影海报"),
            ],
        };
        let shelf = shelf(&["film-poster"], &[own("own-1", "My poster")]);
        let find = |language, query| {
            let found = find_templates(&table, &shelf, language, query);
            found.into_iter().map(|entry| entry.id).collect::<Vec<_>>()
        };
        assert_eq!(
            find(Language::English, "poster"),
            ["poster", "film-poster", "own-1"]
        );
        assert_eq!(find(Language::Chinese, "海报"), ["poster", "film-poster"]);
        assert_eq!(find(Language::English, "海报"), ["film-poster", "poster"]);
        assert_eq!(find(Language::Chinese, "FILM"), ["film-poster"]);
        assert_eq!(
            find(Language::English, "print paper"),
            ["film-poster", "poster"]
        );
        assert_eq!(find(Language::English, "").len(), 3);
        assert!(find(Language::English, "nothing").is_empty());
    }
}
