//! Which address a call goes to.

use reqwest::Url;

use super::{Cause, GatewayError, Phase};

/// The ways to a proxy that the profile may name.
const PROXY_SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A path of the API, below the base URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Endpoint {
    /// `POST /responses` (protocol.md 2).
    Responses,
    /// `POST /images/generations` (protocol.md 3.1).
    Generations,
    /// `POST /images/edits` (protocol.md 3.2).
    Edits,
    /// `GET /models`.
    Models,
}

impl Endpoint {
    const fn path(self) -> &'static str {
        match self {
            Self::Responses => "responses",
            Self::Generations => "images/generations",
            Self::Edits => "images/edits",
            Self::Models => "models",
        }
    }

    pub(super) fn url(self, base: &str) -> Result<Url, GatewayError> {
        let mut url = parse(base)?;
        let path = format!("{}/{}", url.path().trim_end_matches('/'), self.path());
        url.set_path(&path);
        Ok(url)
    }
}

/// Where a result's address leads, in the order in which to try (protocol.md 4.5): as given, relative ones below the
/// gateway's origin; then the same path at the gateway, for relays that name a host only they can see.
///
/// Empty when nothing of it is an http or https address.
#[must_use]
pub fn result_urls(base: &str, given: &str) -> Vec<String> {
    let base = Url::parse(base).ok();
    let first = match &base {
        Some(base) => base.join(given.trim()).ok(),
        None => Url::parse(given.trim()).ok(),
    };
    let Some(first) = first.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return Vec::new();
    };
    let mut urls = vec![first.to_string()];
    if let Some(mut at_gateway) = base {
        at_gateway.set_path(first.path());
        at_gateway.set_query(first.query());
        if at_gateway.origin() != first.origin() {
            urls.push(at_gateway.to_string());
        }
    }
    urls
}

/// Whether an address leads to this machine, which no proxy can reach.
pub(super) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The proxy that a profile names. Its address is in no error: it may hold a password.
pub(super) fn proxy(url: &str) -> Result<reqwest::Proxy, GatewayError> {
    let unusable = || GatewayError::new(Phase::Connect, Cause::Proxy);
    let url = Url::parse(url.trim())
        .ok()
        .filter(|url| PROXY_SCHEMES.contains(&url.scheme()))
        .filter(|url| url.host_str().is_some_and(|host| !host.is_empty()))
        .ok_or_else(unusable)?;
    reqwest::Proxy::all(url).map_err(|_unusable| unusable())
}

/// Only http and https, and only with a host.
pub(super) fn parse(url: &str) -> Result<Url, GatewayError> {
    Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or(GatewayError::new(Phase::Connect, Cause::Url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_below_the_base() {
        let check = |endpoint: Endpoint, base: &str, expected: &str| {
            assert_eq!(endpoint.url(base).unwrap().as_str(), expected);
        };
        check(
            Endpoint::Responses,
            "https://host/v1",
            "https://host/v1/responses",
        );
        check(
            Endpoint::Edits,
            "http://127.0.0.1:8080/api/v3/",
            "http://127.0.0.1:8080/api/v3/images/edits",
        );
        for bad in ["", "host/v1", "ftp://host/v1", "https://"] {
            assert!(Endpoint::Models.url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn result_addresses_in_every_form() {
        let check = |given: &str, expected: &[&str]| {
            assert_eq!(
                result_urls("https://gate.way/v1", given),
                expected,
                "{given}"
            );
        };
        check(
            "https://cdn.host/a.png?sig=1",
            &[
                "https://cdn.host/a.png?sig=1",
                "https://gate.way/a.png?sig=1",
            ],
        );
        check("https://gate.way/a.png", &["https://gate.way/a.png"]);
        check("/images/a.png", &["https://gate.way/images/a.png"]);
        check(
            "//cdn.host/a.png",
            &["https://cdn.host/a.png", "https://gate.way/a.png"],
        );
        check("file:///etc/passwd", &[]);
        check("javascript:alert(1)", &[]);
    }

    #[test]
    fn loopback_is_this_machine_only() {
        let check = |url: &str, expected: bool| {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        };
        check("http://127.0.0.1:8080/v1", true);
        check("http://[::1]:8080/v1", true);
        check("http://localhost/v1", true);
        check("http://192.168.1.5/v1", false);
        check("https://localhost.example.com/v1", false);
    }
}
