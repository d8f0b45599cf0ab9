//! Walking through earlier prompts, as a shell does: what is not sent yet is the newest of them.

use std::sync::Arc;

/// A prompt that was sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PastPrompt {
    /// As it was sent.
    pub text: Arc<str>,
    /// When it was last used, in milliseconds since 1970 (UTC).
    pub used_ms: i64,
}

/// Earlier prompts, and where one is among them.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Newest first, each once.
    prompts: Vec<PastPrompt>,
    /// Which of them stands in the editor, and the text that stood there before.
    at: Option<(usize, String)>,
}

impl History {
    /// Newest first.
    #[must_use]
    pub fn prompts(&self) -> &[PastPrompt] {
        &self.prompts
    }

    /// Takes the prompts that were read; newest first.
    pub fn set(&mut self, prompts: Vec<PastPrompt>) {
        self.prompts = prompts;
        self.at = None;
    }

    /// A prompt is sent now.
    pub fn add(&mut self, text: &str, now_ms: i64) {
        self.at = None;
        self.prompts.retain(|prompt| &*prompt.text != text);
        let prompt = PastPrompt {
            text: text.into(),
            used_ms: now_ms,
        };
        self.prompts.insert(0, prompt);
    }

    /// The prompt before the one in the editor, which is `current`; `None` at the oldest.
    pub fn older(&mut self, current: &str) -> Option<String> {
        self.forget_if_edited(current);
        let next = self.at.as_ref().map_or(0, |(at, _)| at + 1);
        let mut rest = self.prompts.iter().enumerate().skip(next);
        // The same text once more would look as if the key did nothing.
        let (place, prompt) = rest.find(|(_, prompt)| &*prompt.text != current)?;
        let text = prompt.text.to_string();
        match &mut self.at {
            Some((at, _)) => *at = place,
            None => self.at = Some((place, current.to_owned())),
        }
        Some(text)
    }

    /// The prompt after the one in the editor; after the newest comes what had not been sent. `None` past that.
    pub fn newer(&mut self, current: &str) -> Option<String> {
        self.forget_if_edited(current);
        let (at, unsent) = self.at.take()?;
        let Some(next) = at.checked_sub(1) else {
            return Some(unsent);
        };
        let text = self.prompts.get(next).map(|prompt| prompt.text.to_string());
        self.at = Some((next, unsent));
        text
    }

    /// An earlier prompt that was changed is a new one, and not sent yet.
    fn forget_if_edited(&mut self, current: &str) {
        let shown = self.at.as_ref().and_then(|(at, _)| self.prompts.get(*at));
        if shown.is_none_or(|prompt| &*prompt.text != current) {
            self.at = None;
        }
    }
}

/// The places of the prompts that have every word of `query` in them, in their order; letters of either case are the
/// same.
#[must_use]
pub fn find_prompts(prompts: &[PastPrompt], query: &str) -> Vec<usize> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let fits = |prompt: &PastPrompt| {
        if words.is_empty() {
            return true;
        }
        let text = prompt.text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let places = prompts.iter().enumerate();
    places
        .filter(|(_, prompt)| fits(prompt))
        .map(|(place, _)| place)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(prompts: &[&str]) -> History {
        let mut history = History::default();
        for (ms, prompt) in (1..).zip(prompts) {
            history.add(prompt, ms);
        }
        history
    }

    #[test]
    fn the_unsent_draft_is_the_newest_entry() {
        let mut history = history(&["one", "two", "three"]);
        assert_eq!(history.newer("draft"), None);
        assert_eq!(history.older("draft").as_deref(), Some("three"));
        assert_eq!(history.older("three").as_deref(), Some("two"));
        assert_eq!(history.older("two").as_deref(), Some("one"));
        assert_eq!(history.older("one"), None);
        assert_eq!(history.newer("one").as_deref(), Some("two"));
        assert_eq!(history.newer("two").as_deref(), Some("three"));
        assert_eq!(history.newer("three").as_deref(), Some("draft"));
        assert_eq!(history.newer("draft"), None);
    }

    #[test]
    fn a_prompt_that_was_changed_is_a_draft() {
        let mut history = history(&["one", "two"]);
        assert_eq!(history.older("").as_deref(), Some("two"));
        assert_eq!(history.older("two, changed").as_deref(), Some("two"));
        assert_eq!(history.newer("two").as_deref(), Some("two, changed"));
        // What is in the editor already is passed over.
        assert_eq!(history.older("two").as_deref(), Some("one"));
    }

    #[test]
    fn a_prompt_stands_there_once_and_is_found_in_both_languages() {
        let history = history(&["A red Fox", "雪中的红狐", "A red Fox"]);
        let texts: Vec<&str> = history.prompts().iter().map(|p| &*p.text).collect();
        assert_eq!(texts, ["A red Fox", "雪中的红狐"]);
        let find = |query| find_prompts(history.prompts(), query);
        assert_eq!(find(" fox RED"), [0]);
        assert_eq!(find("红狐"), [1]);
        assert_eq!(find(""), [0, 1]);
        assert!(find("fox 红狐").is_empty());
    }
}
