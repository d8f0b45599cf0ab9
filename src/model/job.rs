//! Jobs: their ids, their states and which state may follow which.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::image::{format_id, parse_id};

/// Names a job for good: 42 bits of milliseconds since 1970, then 20 random bits, so ids sort by time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId(u64);

impl JobId {
    /// Makes an id from a time in milliseconds since 1970 (UTC) and a random number.
    #[must_use]
    pub const fn from_parts(unix_ms: u64, random: u32) -> Self {
        Self(super::image::id_from_parts(unix_ms, random))
    }

    /// Takes a number back that [`Self::get`] gave, such as one from the index.
    #[must_use]
    pub const fn from_u64(id: u64) -> Option<Self> {
        if id < 1 << 62 { Some(Self(id)) } else { None }
    }

    /// The id as a number below 2^62.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The time in it, in milliseconds since 1970 (UTC).
    #[must_use]
    pub const fn unix_ms(self) -> u64 {
        self.0 >> 20
    }
}

impl fmt::Display for JobId {
    /// Sixteen lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        format_id(self.0, f)
    }
}

impl FromStr for JobId {
    type Err = super::image::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_id(text).map(Self)
    }
}

impl TryFrom<String> for JobId {
    type Error = super::image::ParseIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.to_string()
    }
}

/// How far a running job has come. Order matters: a stage never goes back, except to wait for a retry.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Connecting to the gateway and sending the request.
    Connecting,
    /// The request is sent; nothing has come back.
    Sent,
    /// The gateway answers: the work has begun.
    Accepted,
    /// This many previews have arrived.
    Preview(u32),
    /// A result is arriving.
    Receiving {
        /// Bytes of the picture so far.
        received: u64,
        /// Bytes in total, when the gateway says.
        total: Option<u64>,
    },
    /// All bytes are here and are being filed.
    Saving,
    /// Waiting to send the request again.
    Waiting {
        /// The attempt that follows; the first was 1.
        attempt: u32,
        /// Milliseconds from the moment when this stage began.
        after_ms: u64,
    },
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its turn at the gateway. Nothing was sent.
    Queued,
    /// At work.
    Running,
    /// Every picture is saved.
    Done,
    /// Ended with a failure; pictures that came are saved.
    Failed,
    /// Ended by the user; what came is saved.
    Canceled,
    /// The program ended in the middle. Nothing is sent again unless the user says so.
    Interrupted,
}

/// A change of state that can't be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a job can't go from {from:?} to {to:?}")]
pub struct IllegalTransition {
    /// The state it has.
    pub from: JobState,
    /// The state it was to get.
    pub to: JobState,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Canceled,
        Self::Interrupted,
    ];

    /// Whether nothing more happens by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    /// Goes to `next` where that is legal.
    ///
    /// # Errors
    /// [`IllegalTransition`] otherwise; the state stays.
    pub const fn advance(self, next: Self) -> Result<Self, IllegalTransition> {
        let legal = match self {
            Self::Queued => matches!(
                next,
                Self::Running | Self::Canceled | Self::Failed | Self::Interrupted
            ),
            Self::Running => matches!(
                next,
                Self::Done | Self::Failed | Self::Canceled | Self::Interrupted
            ),
            // A job that was cut after its last byte had arrived is filed at the next start.
            Self::Interrupted => matches!(next, Self::Done),
            Self::Done | Self::Failed | Self::Canceled => false,
        };
        if legal {
            Ok(next)
        } else {
            Err(IllegalTransition {
                from: self,
                to: next,
            })
        }
    }

    /// The word in the journal, the index and `--json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Interrupted => "interrupted",
        }
    }

    /// Reads [`Self::as_str`] back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_jobs_stay_ended() {
        for from in [JobState::Done, JobState::Failed, JobState::Canceled] {
            for to in JobState::ALL {
                assert_eq!(from.advance(to), Err(IllegalTransition { from, to }));
            }
        }
        assert_eq!(
            JobState::Queued.advance(JobState::Running),
            Ok(JobState::Running)
        );
        assert!(JobState::Queued.advance(JobState::Done).is_err());
        assert_eq!(
            JobState::Interrupted.advance(JobState::Done),
            Ok(JobState::Done)
        );
        assert!(JobState::Interrupted.advance(JobState::Running).is_err());
    }

    #[test]
    fn words_round_trip() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_word(state.as_str()), Some(state));
        }
    }

    #[test]
    fn ids_sort_by_time_and_round_trip() {
        let early = JobId::from_parts(1_780_000_000_000, u32::MAX);
        let late = JobId::from_parts(1_780_000_000_001, 0);
        assert!(early < late);
        assert_eq!(late.unix_ms(), 1_780_000_000_001);
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!(early.to_string().len(), 16);
        for bad in [
            "",
            "xyz",
            "ffffffffffffffff",
            "0123456789abcdef0",
            "../../etc/passwd",
            "0123456789ABCDEF",
        ] {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
    }
}
