//! The locale files: every key in both languages, with the same arguments.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; clippy knows the functions marked as tests, not those that they call"
)]

use std::collections::BTreeSet;

use atelier::model::Language;
use atelier::ui::text::{Key, Text};

fn source(language: Language) -> String {
    let path = format!("assets/locales/{}/main.ftl", language.tag());
    std::fs::read_to_string(path).unwrap()
}

/// Ids of a file in their order, each with the names of its arguments.
fn messages(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut messages: Vec<(String, BTreeSet<String>)> = Vec::new();
    for line in source.lines() {
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            let (id, _) = line.split_once(" =").unwrap();
            messages.push((id.to_owned(), BTreeSet::new()));
        }
        let Some((_, arguments)) = messages.last_mut() else {
            continue;
        };
        for rest in line.split('$').skip(1) {
            let name = rest
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            arguments.insert(name);
        }
    }
    messages
}

#[test]
fn every_key_is_in_both_languages_with_the_same_arguments() {
    let keys: Vec<&str> = Key::ALL.iter().map(|key| key.id()).collect();
    let english = messages(&source(Language::English));
    let chinese = messages(&source(Language::Chinese));
    for messages in [&english, &chinese] {
        let ids: Vec<&str> = messages.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(
            ids, keys,
            "src/ui/text/keys.rs lists them in the same order"
        );
    }
    for ((id, english), (_, chinese)) in english.iter().zip(&chinese) {
        // Chinese has no plural, and may leave out what only chooses one.
        assert!(chinese.is_subset(english), "{id}");
        let lost: Vec<_> = english.difference(chinese).collect();
        assert!(lost.is_empty() || lost == ["count"], "{id}: {lost:?}");
    }
}

#[test]
fn messages_without_arguments_are_resolved_in_both_languages() {
    for language in Language::ALL {
        let text = Text::new(language);
        for (key, (id, arguments)) in Key::ALL.iter().zip(messages(&source(language))) {
            if arguments.is_empty() {
                assert_ne!(text.get(*key), id, "{language:?}");
            }
        }
    }
}

#[test]
fn every_key_is_used() {
    fn read(folder: &std::path::Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, all);
            } else if !path.ends_with("keys.rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut code = String::new();
    read("src/ui".as_ref(), &mut code);
    let unused: Vec<String> = Key::ALL
        .iter()
        .map(|key| format!("{key:?}"))
        .filter(|name| {
            !code
                .split(&format!("Key::{name}"))
                .skip(1)
                .any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
        .collect();
    assert_eq!(unused, Vec::<String>::new());
}
