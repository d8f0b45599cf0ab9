//! Base URLs as people paste them (protocol.md 1.4).

/// Brings what users paste into the form `scheme://host[:port]/…/v1` (protocol.md 1.4).
///
/// Adds `https://` where there is no scheme, cuts everything after a path segment `v1`, and appends `/v1` to an
/// empty path; any other path stays. Name and password before the host are cut off: a profile keeps no secret, and the
/// key has a header of its own. `None` when nothing is left or the scheme is neither http nor https.
#[must_use]
pub fn normalize_base_url(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("https".to_owned(), text),
    };
    if scheme != "http" && scheme != "https" {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let mut parts = rest.split('/');
    let authority = parts.next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if host.is_empty() || host.chars().any(char::is_whitespace) {
        return None;
    }
    let mut path = Vec::new();
    for segment in parts.filter(|segment| !segment.is_empty()) {
        path.push(segment);
        if segment == "v1" {
            break;
        }
    }
    if path.is_empty() {
        path.push("v1");
    }
    Some(format!("{scheme}://{host}/{}", path.join("/")))
}

/// `host[:port]` of an address, fit to be shown and kept: without name and password, path, query and fragment.
#[must_use]
pub fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_as_people_paste_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(normalize_base_url(text).as_deref(), expected, "{text}");
        };
        check("https://host", Some("https://host/v1"));
        check("https://host/", Some("https://host/v1"));
        check(" https://host/v1/ ", Some("https://host/v1"));
        check(
            "https://host/v1/images/generations",
            Some("https://host/v1"),
        );
        check("host", Some("https://host/v1"));
        check(
            "http://192.168.1.5:3000",
            Some("http://192.168.1.5:3000/v1"),
        );
        check(
            "HTTP://host/relay/v1/responses?x=1",
            Some("http://host/relay/v1"),
        );
        check("https://me:word@host/v1", Some("https://host/v1"));
        check("https://host/api/v3/", Some("https://host/api/v3"));
        check("", None);
        check("ftp://host", None);
        check("https://", None);
        check("two words", None);
    }

    #[test]
    fn hosts_are_shown_without_secrets() {
        let check = |url: &str, expected: &str| assert_eq!(host_of(url), expected, "{url}");
        check("https://host:8443/v1", "host:8443");
        check("host/v1", "host");
        check("http://me:word@host", "host");
        check("http://me:w@rd@host/v1?token=word", "host");
        check("https://host?token=word", "host");
        check("https://host#word@other", "host");
        check("", "");
    }
}
