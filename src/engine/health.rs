//! How the addresses of gateways have done of late, and in which order to try them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long something that was seen counts. Then an address is as good as unknown: networks change.
const MEMORY: Duration = Duration::from_mins(5);
/// A connection that takes longer than these is slow, or very slow. Below, addresses are alike: the profile's order
/// has its reasons.
const SLOW: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// What is known of all addresses. Nothing of it is stored.
#[derive(Debug, Default)]
pub(super) struct Health {
    seen: Mutex<HashMap<String, Seen>>,
}

/// The last word on an address.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Instant,
    /// How long the connection took; `None`: it failed.
    connected: Option<Duration>,
}

impl Health {
    /// A connection to this address stood after this time.
    pub(super) fn connected(&self, base_url: &str, took: Duration) {
        self.note(base_url, Some(took));
    }

    /// This address could not be reached.
    pub(super) fn failed(&self, base_url: &str) {
        self.note(base_url, None);
    }

    /// Addresses in the order in which to try them: those that answer quickly and those nobody has tried, as the profile
    /// has them; then the slow ones; last those that have just failed.
    pub(super) fn order(&self, base_urls: &[String]) -> Vec<String> {
        self.order_at(base_urls, Instant::now())
    }

    fn order_at(&self, base_urls: &[String], now: Instant) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ordered = base_urls.to_vec();
        ordered.sort_by_key(|url| seen.get(url).map_or(0, |seen| seen.rank(now)));
        ordered
    }

    fn note(&self, base_url: &str, connected: Option<Duration>) {
        let seen = Seen {
            at: Instant::now(),
            connected,
        };
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(base_url.to_owned(), seen);
    }
}

impl Seen {
    /// 0 is best.
    fn rank(&self, now: Instant) -> usize {
        if now.saturating_duration_since(self.at) >= MEMORY {
            return 0;
        }
        match self.connected {
            Some(took) => SLOW.iter().filter(|&&slow| took > slow).count(),
            None => SLOW.len() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_the_order_of_their_health() {
        let check = |seen: &[(&str, Option<u64>)], later: Duration, expected: &str| {
            let health = Health::default();
            for (url, took_ms) in seen {
                match took_ms {
                    Some(ms) => health.connected(url, Duration::from_millis(*ms)),
                    None => health.failed(url),
                }
            }
            let urls = ["a", "b", "c"].map(str::to_owned);
            let order = health.order_at(&urls, Instant::now() + later);
            assert_eq!(order.concat(), expected, "{seen:?}");
        };
        let now = Duration::ZERO;
        check(&[], now, "abc");
        check(&[("a", None)], now, "bca");
        check(&[("a", None), ("a", Some(100))], now, "abc");
        check(&[("a", None), ("b", None), ("c", None)], now, "abc");
        check(&[("a", Some(900)), ("b", Some(20))], now, "abc");
        check(&[("a", Some(2_000)), ("b", Some(20))], now, "bca");
        check(&[("a", Some(6_000)), ("b", Some(2_000))], now, "cba");
        check(&[("a", None), ("b", Some(6_000))], now, "cba");
        // A failed one recovers after a while.
        check(&[("a", None)], MEMORY, "abc");
    }
}
