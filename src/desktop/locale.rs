//! The language that the system is set to.

use crate::model::Language;

/// The language for the values of `LC_ALL`, `LC_MESSAGES` and `LANG`: the first that is set and not empty decides
/// (POSIX.1-2024, Base Definitions 8.2). English where none is.
#[must_use]
pub fn language_of(
    lc_all: Option<&str>,
    lc_messages: Option<&str>,
    lang: Option<&str>,
) -> Language {
    [lc_all, lc_messages, lang]
        .into_iter()
        .flatten()
        .find(|value| !value.is_empty())
        .map_or(Language::English, Language::from_locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_decides() {
        let check = |all, messages, lang, expected| {
            assert_eq!(language_of(all, messages, lang), expected);
        };
        check(None, None, Some("zh_CN.UTF-8"), Language::Chinese);
        check(Some(""), Some("zh_TW"), Some("en_US"), Language::Chinese);
        check(Some("C"), None, Some("zh_CN"), Language::English);
        check(None, None, None, Language::English);
        check(Some("de_DE.UTF-8"), None, None, Language::English);
    }
}
