//! Words in a prompt that promise a resolution.

use std::ops::Range;

use super::super::width::narrow_char;
use super::super::{MAX_PROMPT_CHARS, SizeTier};
use super::Finding;

/// Most words that are told of one prompt.
const MOST: usize = 8;
/// Digits of a word: «8K», «16K», «1080P» and no year.
const MOST_DIGITS: usize = 4;

/// Words such as «8K», «16k», «４Ｋ», «1080p».
pub(super) fn resolution_words(prompt: &str) -> impl Iterator<Item = Finding> {
    let mut rest = prompt.char_indices().peekable();
    let mut before = None;
    std::iter::from_fn(move || {
        while let Some((begin, c)) = rest.next() {
            let follows_word = before.is_some_and(is_word);
            before = Some(c);
            let Some(first) = digit(c).filter(|_| !follows_word) else {
                continue;
            };
            let (mut number, mut digits) = (first, 1);
            while let Some(&(_, c)) = rest.peek() {
                let Some(next) = digit(c) else { break };
                number = number.saturating_mul(10).saturating_add(next);
                digits += 1;
                before = Some(c);
                rest.next();
            }
            let Some(&(at, unit)) = rest.peek() else {
                break;
            };
            let named = match narrow_char(unit) {
                'k' | 'K' => digits <= 2 && number > 0,
                'p' | 'P' => matches!(number, 480 | 720 | 1080 | 1440 | 2160 | 4320),
                _ => false,
            };
            if !named || digits > MOST_DIGITS {
                continue;
            }
            before = Some(unit);
            rest.next();
            // «4km» and «4k2» are other words; «4K分辨率» is not.
            if rest.peek().is_some_and(|(_, c)| is_word(*c)) {
                continue;
            }
            let range = begin..at + unit.len_utf8();
            return Some(Finding::ResolutionWord {
                word: prompt.get(range.clone()).unwrap_or_default().to_owned(),
                tier: tier(narrow_char(unit), number),
                range,
            });
        }
        None
    })
    .take(MOST)
}

fn tier(unit: char, number: u32) -> Option<SizeTier> {
    match (unit.to_ascii_lowercase(), number) {
        ('k', 1) => Some(SizeTier::OneK),
        ('k', 2) | ('p', 1440) => Some(SizeTier::TwoK),
        ('k', 4) | ('p', 2160) => Some(SizeTier::FourK),
        _ => None,
    }
}

fn digit(c: char) -> Option<u32> {
    narrow_char(c).to_digit(10)
}

/// Letters and digits of the Latin script, which make one word; Han characters begin one of their own.
fn is_word(c: char) -> bool {
    let c = narrow_char(c);
    c.is_ascii_alphanumeric() || c == '_'
}

/// What is beyond the longest prompt, in bytes.
pub(super) fn beyond(prompt: &str) -> Range<usize> {
    let begin = prompt.char_indices().nth(MAX_PROMPT_CHARS);
    begin.map_or(prompt.len(), |(at, _)| at)..prompt.len()
}

/// A word together with the comma or the blank that would be left over without it.
pub(super) fn with_its_comma(prompt: &str, word: Range<usize>) -> Range<usize> {
    let before = prompt.get(..word.start).unwrap_or_default();
    let after = prompt.get(word.end..).unwrap_or_default();
    let is_blank = |c: char| c == ' ' || c == '\u{3000}';
    let is_comma = |c: char| matches!(c, ',' | '，' | '、' | ';' | '；');
    let head = before.trim_end_matches(is_blank);
    let tail = after.trim_start_matches(is_blank);
    // After a comma (or at the start) the word takes the comma behind it along, else the one before it.
    let begins_part = head.is_empty() || head.ends_with(is_comma) || head.ends_with('\n');
    if begins_part && tail.starts_with(is_comma) {
        let rest = tail
            .trim_start_matches(is_comma)
            .trim_start_matches(is_blank);
        return word.start..prompt.len() - rest.len();
    }
    let ends_part = tail.is_empty() || tail.starts_with(['\n', '.', '。', '!', '！']);
    if ends_part {
        let kept = head.trim_end_matches(is_comma).trim_end_matches(is_blank);
        return kept.len()..word.end;
    }
    // Of the blanks on both sides one stays.
    if before.ends_with(is_blank) || before.is_empty() {
        return word.start..prompt.len() - tail.len();
    }
    word
}
