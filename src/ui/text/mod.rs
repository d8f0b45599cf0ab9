//! Every word on the screen, in the user's language (Fluent: `assets/locales/<tag>/main.ftl`).
//!
//! Both languages are read once; those messages that take no arguments are resolved once too, so a frame only
//! looks them up. A language can be switched at any moment. What gateways say is shown as it came.

mod keys;

use std::borrow::Cow;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::model::Language;

pub use self::keys::Key;

/// The source of a language's messages.
const fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../../assets/locales/en/main.ftl"),
        Language::Chinese => include_str!("../../../assets/locales/zh-CN/main.ftl"),
    }
}

/// One language, ready for use.
struct Locale {
    bundle: FluentBundle<FluentResource>,
    /// By the number of the key; empty where a message takes arguments.
    plain: Vec<Box<str>>,
}

impl Locale {
    fn new(language: Language) -> Self {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The isolation marks are characters that no font of ours draws.
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(source(language).to_owned()) {
            Ok(resource) => resource,
            Err((rest, errors)) => {
                tracing::error!(
                    ?language,
                    count = errors.len(),
                    "a locale file has messages that can't be read"
                );
                rest
            }
        };
        bundle.add_resource_overriding(resource);
        let plain = Key::ALL
            .iter()
            .map(|key| match format_pattern(&bundle, *key, None) {
                Some((text, true)) => text.into(),
                Some((_, false)) | None => Box::default(),
            })
            .collect();
        Self { bundle, plain }
    }
}

/// The message and whether it is whole; `None` where there is no such message.
fn format_pattern<'a>(
    bundle: &'a FluentBundle<FluentResource>,
    key: Key,
    args: Option<&'a FluentArgs<'_>>,
) -> Option<(Cow<'a, str>, bool)> {
    let pattern = bundle.get_message(key.id())?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, args, &mut errors);
    Some((text, errors.is_empty()))
}

/// The words of the window in the language that is chosen.
pub struct Text {
    language: Language,
    english: Locale,
    chinese: Locale,
}

impl Text {
    /// Reads both languages and chooses `language`.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self {
            language,
            english: Locale::new(Language::English),
            chinese: Locale::new(Language::Chinese),
        }
    }

    /// The chosen language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Chooses another language; the next frame speaks it.
    pub const fn set_language(&mut self, language: Language) {
        self.language = language;
    }

    const fn locale(&self) -> &Locale {
        match self.language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }

    /// A message without arguments; its id where it is missing, which a test rules out.
    #[must_use]
    pub fn get(&self, key: Key) -> &str {
        match self.locale().plain.get(key as usize) {
            Some(text) if !text.is_empty() => text,
            _ => key.id(),
        }
    }

    /// A message with its arguments filled in.
    #[must_use]
    pub fn with<const N: usize>(&self, key: Key, args: [(&'static str, Arg<'_>); N]) -> String {
        let mut fluent = FluentArgs::with_capacity(N);
        for (name, arg) in args {
            fluent.set(name, arg.0);
        }
        format_pattern(&self.locale().bundle, key, Some(&fluent))
            .map_or_else(|| key.id().to_owned(), |(text, _)| text.into_owned())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

/// An argument of a message.
#[derive(Debug)]
pub struct Arg<'a>(FluentValue<'a>);

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self(FluentValue::String(Cow::Borrowed(text)))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self(FluentValue::String(Cow::Owned(text)))
    }
}

macro_rules! number_args {
    ($($number:ty),+) => {
        $(impl From<$number> for Arg<'_> {
            fn from(number: $number) -> Self {
                Self(FluentValue::from(number))
            }
        })+
    };
}

number_args!(u8, u16, u32, u64, usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_follow_the_language_and_take_arguments() {
        let mut text = Text::new(Language::English);
        assert_eq!(text.get(Key::Generate), "Generate");
        assert_eq!(
            text.with(Key::RunningCount, [("count", 1_usize.into())]),
            "1 running"
        );
        text.set_language(Language::Chinese);
        assert_eq!(text.get(Key::Generate), "生成");
        assert!(
            text.with(Key::RunningCount, [("count", 2_usize.into())])
                .contains('2')
        );
    }
}
