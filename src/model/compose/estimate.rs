//! How long pictures may take, from what is known. What they may cost: `model::cost`.

/// How long a picture takes where nothing was measured yet, in milliseconds (product.md 1: 20 seconds to 5 minutes).
pub const DEFAULT_PICTURE_MS: u64 = 60_000;

/// How long so many requests take at a gateway that answers `max_parallel` at once, in milliseconds.
#[must_use]
pub fn total_ms(requests: usize, max_parallel: usize, request_ms: u64) -> u64 {
    let rounds = requests.div_ceil(max_parallel.max(1));
    u64::try_from(rounds)
        .unwrap_or(u64::MAX)
        .saturating_mul(request_ms)
}

/// The middle of what was measured, in milliseconds; `None` where nothing was.
#[must_use]
pub fn median_ms(mut measured: Vec<u64>) -> Option<u64> {
    measured.sort_unstable();
    measured.get(measured.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_by_rounds() {
        assert_eq!(total_ms(500, 4, 60_000), 125 * 60_000);
        assert_eq!(total_ms(1, 0, 1000), 1000);
        assert_eq!(median_ms(vec![9, 1, 5]), Some(5));
        assert_eq!(median_ms(Vec::new()), None);
    }
}
