//! Time and chance: the only place from which the engine takes them, so that tests can give their own.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;

use crate::model::{ImageId, JobId};

/// A clock, dice and a place on earth.
#[derive(Clone)]
pub struct Sources {
    /// The time.
    pub now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// A random number; has to be unpredictable to servers.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// For the names of files.
    pub time_zone: TimeZone,
}

impl Default for Sources {
    /// Those of the system.
    fn default() -> Self {
        Self {
            now: Arc::new(SystemTime::now),
            random: Arc::new(|| fastrand::u64(..)),
            time_zone: TimeZone::system(),
        }
    }
}

impl Sources {
    /// Milliseconds since 1970 (UTC).
    pub(super) fn now_ms(&self) -> i64 {
        i64::try_from(self.unix_ms()).unwrap_or(i64::MAX)
    }

    pub(super) fn unix_ms(&self) -> u64 {
        let since = (self.now)().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// So many ids that sort as they are given, all with the same time.
    pub(super) fn job_ids(&self, count: u32) -> Vec<JobId> {
        let unix_ms = self.unix_ms();
        // The random part of an id has 20 bits; none may run over.
        let first = self.random_u32() % ((1 << 20) - count.min(1 << 19));
        (first..first + count)
            .map(|random| JobId::from_parts(unix_ms, random))
            .collect()
    }

    pub(super) fn image_id(&self) -> ImageId {
        ImageId::from_parts(self.unix_ms(), self.random_u32())
    }

    /// From 0 to 1.
    pub(super) fn fraction(&self) -> f64 {
        f64::from(self.random_u32()) / f64::from(u32::MAX)
    }

    pub(super) fn nonce(&self) -> u64 {
        (self.random)()
    }

    fn random_u32(&self) -> u32 {
        let [a, b, c, d, ..] = (self.random)().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sources")
    }
}
