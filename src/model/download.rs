//! A picture that is known by its address only, as it is kept until the picture is here (protocol.md 4.5).

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use super::Usage;

/// Most bytes of an answer that are kept for a claim.
pub const MAX_CLAIM_BYTES: usize = 64 << 10;

/// All that is needed to fetch a picture, also in a later run of the program, and to claim it where that fails.
///
/// Holds no key. The address is a secret as long as it works: `Debug` does not print it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DownloadRecord {
    /// Its place among the job's results, from 0.
    pub index: u32,
    /// The address as the answer gives it.
    pub url: String,
    /// The base URL that was called; relative addresses are below its origin.
    pub base_url: String,
    /// When the answer named it, in milliseconds since 1970 (UTC).
    pub received_ms: i64,
    /// When it stops working, as far as is known, in milliseconds since 1970 (UTC).
    pub expires_ms: i64,
    /// The gateway's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the model says it drew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
    /// The size that the answer claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_size: Option<String>,
    /// The format that the answer claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_format: Option<String>,
    /// The quality that the answer claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_quality: Option<String>,
    /// The background that the answer claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_background: Option<String>,
    /// Token counts of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Pictures that its request delivered, which share the cost; 0: not known, as of older records.
    pub pictures: u32,
    /// From sending the request to its answer, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// The answer without its pictures, at most [`MAX_CLAIM_BYTES`], keys removed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// How often it was tried.
    pub tries: u32,
    /// What came of it before its job ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<DownloadPart>,
}

/// The beginning of a picture whose fetch was cut, kept beside the job's previews to go on from.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DownloadPart {
    /// Name of the file.
    pub name: String,
    /// Where the bytes came from: not always the address that the answer gave.
    pub url: String,
    /// What the server called this version of the file: a strong `ETag`, or its date.
    pub validator: String,
}

impl DownloadRecord {
    /// `host[:port]` of the address; of the gateway where it is relative. Fit to be shown and logged.
    #[must_use]
    pub fn host(&self) -> &str {
        host_of(&self.url).unwrap_or_else(|| host_of(&self.base_url).unwrap_or_default())
    }

    /// What the gateway's operator needs to find a picture that was paid for and never came: at most
    /// [`MAX_CLAIM_BYTES`]. `time` writes a moment in milliseconds since 1970 for people; `outcome` says how fetching
    /// it ended.
    #[must_use]
    pub fn claim(&self, gateway: &str, outcome: &str, time: impl Fn(i64) -> String) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            // Writing to a string can't fail.
            writeln!(text, "{name}: {value}").unwrap_or_default();
        };
        line("gateway", gateway);
        line("address called", &self.base_url);
        line("request id", self.request_id.as_deref().unwrap_or("-"));
        line("answered", &time(self.received_ms));
        line("link valid until", &time(self.expires_ms));
        line("link", &self.url);
        line("tries", &self.tries.to_string());
        line("outcome", outcome);
        if !self.body.is_empty() {
            line("answer", "");
            text.push_str(&self.body);
        }
        cut(&mut text, MAX_CLAIM_BYTES);
        text
    }
}

impl fmt::Debug for DownloadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadRecord")
            .field("index", &self.index)
            .field("host", &self.host())
            .field("expires_ms", &self.expires_ms)
            .field("tries", &self.tries)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DownloadPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadPart")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// `host[:port]` of an absolute or protocol-relative address, without user and password.
fn host_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.trim().split_once("//")?;
    let is_scheme = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_absolute = scheme.is_empty() || scheme.strip_suffix(':').is_some_and(is_scheme);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (is_absolute && !host.is_empty()).then_some(host)
}

/// Cuts a text to at most `bytes`, between characters.
fn cut(text: &mut String, bytes: usize) {
    let end = (0..=bytes)
        .rev()
        .find(|&end| text.is_char_boundary(end))
        .unwrap_or_default();
    if text.len() > bytes {
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(url: &str) -> DownloadRecord {
        DownloadRecord {
            url: url.to_owned(),
            base_url: "https://gate.way/v1".to_owned(),
            request_id: Some("req_1".to_owned()),
            received_ms: 1,
            expires_ms: 2,
            tries: 3,
            body: "{\"data\":[]}".to_owned(),
            ..DownloadRecord::default()
        }
    }

    #[test]
    fn hosts_are_shown_and_addresses_are_not() {
        let check = |url: &str, expected: &str| {
            let record = record(url);
            assert_eq!(record.host(), expected, "{url}");
            let shown = format!("{record:?}");
            assert!(!shown.contains("sig") && !shown.contains("pass"), "{shown}");
        };
        check("https://cdn.host:8443/a.png?sig=1", "cdn.host:8443");
        check("//cdn.host/a.png?sig=1", "cdn.host");
        check("/images/a.png?sig=1", "gate.way");
        check("/a.png?sig=http://other//x", "gate.way");
        check("https://user:pass@cdn.host?sig=1", "cdn.host");
        check("nonsense", "gate.way");
    }

    #[test]
    fn a_claim_has_all_that_an_operator_needs() {
        let claim = record("https://cdn.host/a.png?sig=1")
            .claim("iKun", "status 404", |ms| format!("at {ms}"));
        assert_eq!(
            claim,
            "gateway: iKun\naddress called: https://gate.way/v1\nrequest id: req_1\nanswered: at 1\n\
             link valid until: at 2\nlink: https://cdn.host/a.png?sig=1\ntries: 3\noutcome: status 404\n\
             answer: \n{\"data\":[]}"
        );
    }

    #[test]
    fn a_claim_is_cut_between_characters() {
        let long = DownloadRecord {
            body: "图".repeat(MAX_CLAIM_BYTES),
            ..record("https://cdn.host/a.png")
        };
        let claim = long.claim("iKun", "", |_| String::new());
        assert!(claim.len() <= MAX_CLAIM_BYTES && claim.len() > MAX_CLAIM_BYTES - 4);
    }
}
