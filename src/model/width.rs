//! Half and full width: Chinese input methods write digits and punctuation as wide as Han characters.

/// The ASCII form of a full-width character; others as they are.
#[must_use]
pub(super) fn narrow_char(c: char) -> char {
    match c {
        // Unicode: the block of full-width forms stands in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// A number as it was typed, in ASCII and without blanks around it: `３８４０` becomes `3840`, `１。５` and `１．５` become
/// `1.5`.
#[must_use]
pub fn narrow_number(text: &str) -> String {
    let narrow = |c: char| match narrow_char(c) {
        '。' | '｡' => '.',
        '、' | '，' => ',',
        '－' | '−' => '-',
        other => other,
    };
    text.trim().chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_input_methods_give_them() {
        let check = |typed: &str, expected: &str| assert_eq!(narrow_number(typed), expected);
        check("３８４０", "3840");
        check("　12 ", "12");
        check("１。５", "1.5");
        check("０．２１１", "0.211");
        check("１，０００", "1,000");
        check("－１", "-1");
        check("狐", "狐");
        check("", "");
    }
}
