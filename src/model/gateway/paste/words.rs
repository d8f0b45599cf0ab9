//! A command line cut into words the way shells do it, whichever shell the document had in mind.

/// Words that end a command, when they stand alone and are not quoted.
const OPERATORS: [&str; 9] = ["|", "||", "&", "&&", ";", ">", ">>", "<", "2>"];

/// The words of the first `curl` command in a text, without `curl` itself; `None` when there is none.
///
/// Line breaks count as blanks: copying a document often loses the backslashes before them.
pub(super) fn of_curl(text: &str) -> Option<Vec<String>> {
    let text = without_carets(text);
    let mut words = words(&text).into_iter();
    let is_curl = |word: &Word| {
        let name = word.text.rsplit(['/', '\\']).next().unwrap_or_default();
        matches!(name, "curl" | "curl.exe")
    };
    words.find(is_curl)?;
    let command = words
        .take_while(|word| word.quoted || !OPERATORS.contains(&word.text.as_str()))
        .take_while(|word| word.quoted || !is_curl(word));
    Some(command.map(|word| word.text).collect())
}

/// Takes off the carets with which `cmd.exe` escapes, where the text has any before a line's end or a quote.
fn without_carets(text: &str) -> String {
    let has_carets = ["^\n", "^\r", "^\""].iter().any(|mark| text.contains(mark));
    if !has_carets {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '^' { chars.next() } else { Some(c) });
    }
    plain
}

#[derive(Default)]
struct Word {
    text: String,
    quoted: bool,
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // The end of a line goes with what escapes it.
            '\\' | '`' if matches!(chars.peek(), Some('\n' | '\r')) => {
                chars.next_if_eq(&'\r');
                chars.next_if_eq(&'\n');
            }
            '\\' => word
                .get_or_insert_default()
                .text
                .extend(chars.next().or(Some(c))),
            '#' if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            '\'' | '"' | '‘' | '’' | '“' | '”' => {
                let word = word.get_or_insert_default();
                let is_ansi = c == '\'' && word.text.ends_with('$');
                if is_ansi {
                    word.text.pop();
                }
                word.quoted = true;
                quoted(c, is_ansi, &mut chars, &mut word.text);
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().text.push(c),
        }
    }
    words.extend(word);
    words
}

/// Reads up to the closing quote, or to the end where it is missing.
fn quoted(
    open: char,
    is_ansi: bool,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    text: &mut String,
) {
    let is_end = |c: char| match open {
        '“' | '”' => c == '”' || c == '“',
        '‘' | '’' => c == '’' || c == '‘',
        _ => c == open,
    };
    while let Some(c) = chars.next() {
        if is_end(c) {
            return;
        }
        match c {
            '\\' if is_ansi => {
                let escaped = escape(chars);
                text.extend(escaped);
            }
            '\\' if open == '"' => match chars.peek() {
                Some('"' | '\\' | '$' | '`') => text.extend(chars.next()),
                Some('\n') => {
                    chars.next();
                }
                _ => text.push(c),
            },
            _ => text.push(c),
        }
    }
}

/// What stands for an escape of `$'…'`.
fn escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    let digits = match chars.next()? {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return Some(other),
    };
    let mut value = 0_u32;
    for _ in 0..digits {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)) else {
            break;
        };
        value = value.wrapping_mul(16).wrapping_add(digit);
        chars.next();
    }
    char::from_u32(value)
}
