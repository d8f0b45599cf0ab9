//! Small helpers for words that others wrote.

/// At most `max_chars` characters of `words`, trimmed; an ellipsis tells that something is missing.
pub(super) fn shorten(words: &str, max_chars: usize) -> String {
    let words = words.trim();
    match words.char_indices().nth(max_chars) {
        None => words.to_owned(),
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default().trim_end()),
    }
}

/// The `<title>` of a web page, else its first heading.
pub(super) fn page_title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    ["title", "h1"].iter().find_map(|tag| {
        let open = lower.find(&format!("<{tag}"))?;
        let start = open + lower.get(open..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find(&format!("</{tag}"))?;
        let words: Vec<&str> = page.get(start..end)?.split_whitespace().collect();
        (!words.is_empty()).then(|| shorten(&words.join(" "), 200))
    })
}
