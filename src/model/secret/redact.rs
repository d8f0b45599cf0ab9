//! A key taken out of a text in which somebody else has put it, in whatever spelling.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What stands in the key's place.
const MASK: &str = "***";
/// A beginning of the key that is this long, in bytes, is taken out as well: gateways shorten what they quote.
const MIN_PREFIX: usize = 12;
/// The same at the end of the text, where the text may have been cut.
const MIN_PREFIX_AT_END: usize = 5;

/// `text` without `key`.
pub(super) fn redact(key: &str, text: &str) -> String {
    let mut clean = replace(key, text);
    // In base64 a word has three spellings, by where it begins; its ends depend on what is beside it.
    for skipped in 0..3_usize {
        let mut bytes = vec![b'.'; skipped];
        bytes.extend_from_slice(key.as_bytes());
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        let (front, back) = (skipped.div_ceil(3) * 4, bytes.len() / 3 * 4);
        if let Some(middle) = encoded.get(front..back).filter(|middle| middle.len() >= 8) {
            clean = replace(middle, &clean);
        }
    }
    clean
}

fn replace(secret: &str, text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match matched(secret.as_bytes(), rest.as_bytes()) {
            0 => {
                clean.push(c);
                c.len_utf8()
            }
            length => {
                clean.push_str(MASK);
                length
            }
        };
        // A match ends where one of the text's characters ends; if it did not, nothing more could be shown.
        rest = rest.get(length..).unwrap_or_default();
    }
    clean
}

/// How many bytes at the beginning of `text` spell the secret, or enough of it; 0: none.
fn matched(secret: &[u8], text: &[u8]) -> usize {
    let mut at = 0;
    let mut spelled = 0;
    for &byte in secret {
        let rest = text.get(at..).unwrap_or_default();
        match unit(rest, byte) {
            Some(length) => at += length,
            None => break,
        }
        spelled += 1;
    }
    let is_at_end = at == text.len() && spelled >= MIN_PREFIX_AT_END;
    if spelled == secret.len() || spelled >= MIN_PREFIX || is_at_end {
        at
    } else {
        0
    }
}

/// How many bytes at the beginning of `text` spell this byte.
fn unit(text: &[u8], byte: u8) -> Option<usize> {
    let number = |digits: &[u8], radix| {
        let digits = std::str::from_utf8(digits).ok()?;
        u32::from_str_radix(digits, radix).ok()
    };
    let is = |value: Option<u32>| value == Some(u32::from(byte));
    match text {
        [first, ..] if *first == byte => Some(1),
        [b'%', high, low, ..] if is(number(&[*high, *low], 16)) => Some(3),
        [b'\\', b'u', a, b, c, d, ..] if is(number(&[*a, *b, *c, *d], 16)) => Some(6),
        [b'\\', b'x', high, low, ..] if is(number(&[*high, *low], 16)) => Some(4),
        [b'\\', escaped, ..] if *escaped == byte => Some(2),
        [b'&', b'#', rest @ ..] => {
            let end = rest.iter().take(6).position(|byte| *byte == b';')?;
            let digits = rest.get(..end)?;
            let value = match digits {
                [b'x' | b'X', hex @ ..] => number(hex, 16),
                digits => number(digits, 10),
            };
            is(value).then_some(end + 3)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "sk-a/b+c=d_0123456789";

    #[test]
    fn keys_in_every_spelling() {
        let check = |text: &str, expected: &str| assert_eq!(redact(KEY, text), expected, "{text}");
        check("", "");
        check("no key 中文", "no key 中文");
        check("Bearer sk-a/b+c=d_0123456789.", "Bearer ***.");
        check("?k=sk-a%2Fb%2bc%3Dd_0123456789&x=%2F", "?k=***&x=%2F");
        check(
            r#"{"k":"sk-a\/b\u002bc\u003dd_0123456789"}"#,
            r#"{"k":"***"}"#,
        );
        check("<p>sk-a&#47;b&#x2B;c=d_0123456789</p>", "<p>***</p>");
        check(
            "twice sk-a/b+c=d_0123456789sk-a/b+c=d_0123456789",
            "twice ******",
        );
        // Shortened, and cut off at the end of what was read.
        check("wrong key sk-a/b+c=d_0****6789", "wrong key *******6789");
        check("中文 sk-a/b", "中文 ***");
        check("sk-a is not enough", "sk-a is not enough");
        check("task-a/b is another word", "task-a/b is another word");
    }

    #[test]
    fn short_keys_are_taken_out_whole() {
        assert_eq!(redact("k", "a k b"), "a *** b");
        assert_eq!(redact("demo", "the demo"), "the ***");
    }

    #[test]
    fn keys_in_base64() {
        for front in ["", "a", "ab", "Bearer ", "user:"] {
            let encoded = STANDARD.encode(format!("{front}{KEY} and more"));
            let clean = redact(KEY, &encoded);
            assert_ne!(clean, encoded, "{front}");
            let whole = STANDARD.encode(KEY);
            assert!(!clean.contains(&whole[4..24]), "{front}: {clean}");
        }
    }

    proptest! {
        #[test]
        fn the_key_is_never_left(front in ".*", back in ".*") {
            let clean = redact(KEY, &format!("{front}{KEY}{back}"));
            prop_assert!(!clean.contains(KEY));
        }
    }
}
