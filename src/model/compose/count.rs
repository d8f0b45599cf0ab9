//! Words and characters of a text, as people of both languages count them.

/// What a text has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TextCount {
    /// Each Han character, kana or Hangul syllable is one; elsewhere a run of letters and digits is.
    pub words: usize,
    /// Unicode characters, as the limit of a prompt counts them.
    pub chars: usize,
}

/// Counts. An apostrophe or hyphen inside a word does not end it.
#[must_use]
pub fn count_text(text: &str) -> TextCount {
    let mut count = TextCount::default();
    let mut in_word = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        count.chars += 1;
        if is_own_word(c) {
            count.words += 1;
            in_word = false;
        } else if c.is_alphanumeric() {
            count.words += usize::from(!in_word);
            in_word = true;
        } else {
            let joins = matches!(c, '\'' | '’' | '-' | '_' | '.' | ',');
            let goes_on = chars
                .peek()
                .is_some_and(|next| next.is_alphanumeric() && !is_own_word(*next));
            in_word = in_word && joins && goes_on;
        }
    }
    count
}

/// Scripts without blanks between words (Unicode blocks of Han, kana, Hangul, and the planes of rare Han).
const fn is_own_word(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_counted_sensibly() {
        let check = |text: &str, words: usize, chars: usize| {
            assert_eq!(count_text(text), TextCount { words, chars }, "{text}");
        };
        check("", 0, 0);
        check("  \n", 0, 3);
        check("A red fox", 3, 9);
        check("雪中的红狐", 5, 5);
        check("雪中的 red fox，4K", 6, 14);
        check("don't re-use 16:9 f/1.8", 6, 23);
        check("end. Next", 2, 9);
        check("カメラ", 3, 3);
    }
}
