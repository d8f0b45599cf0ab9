//! Results that are only an address: fetched at once, in the same job, again and again until they are here or their
//! address has expired (protocol.md 4.5).
//!
//! A fetch costs nothing and never causes a second generation. What can't be had is kept with all that its gateway's
//! operator needs to find it; `super::resume` goes on with it in a later run.

use std::time::{Duration, Instant};

use futures_util::future::maybe_done;
use tokio::sync::oneshot;

use crate::gateway::{MAX_DELAY, result_urls};
use crate::model::{DownloadRecord, Failure, FailureKind, Observation, Stage};
use crate::protocol::ResultSlot;

use super::super::develop::Verdict;
use super::super::failure;
use super::super::journal::{Note, ResultNote};
use super::super::spool::Spool;
use super::Job;
use super::claim::result_note;
use super::filing::{Arrival, blob_name, lost};
use super::transfer::Miss;

/// First step of the backoff; each doubles.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest step of the backoff.
const MAX_BACKOFF: Duration = Duration::from_mins(1);
/// Most answers of a kind that may pass within seconds, as when a host knows a new file before it may be read, and that
/// most of the time do not.
const MAX_REFUSALS: u32 = 5;

/// A picture that is known by its address, and what of it is here.
pub(super) struct Pending {
    pub(super) record: DownloadRecord,
    pub(super) slot: ResultSlot,
    pub(super) part: Option<Part>,
}

/// The beginning of a picture.
pub(super) struct Part {
    pub(super) spool: Spool,
    /// Where it comes from.
    pub(super) url: String,
    /// What the server calls this version of the file.
    pub(super) validator: Option<String>,
    /// Decoding has begun: it is a picture.
    pub(super) verdict: Option<oneshot::Receiver<Verdict>>,
}

/// How fetching ended without the picture.
pub(super) struct GivenUp {
    pub(super) failure: Box<Failure>,
    pub(super) may_come: bool,
}

impl Job {
    /// Fetches a result and files it. `ask`: which of the job's requests it belongs to. `rest` is called before the first
    /// wait: others need not wait as well.
    ///
    /// # Errors
    /// When it can't be had, with all that is needed for a claim as the raw answer.
    pub(super) async fn fetch_and_file(
        &self,
        mut pending: Pending,
        ask: usize,
        rest: &(dyn Fn() + Sync),
    ) -> Result<(), Failure> {
        self.tell_download(&pending.record);
        if let Err(given_up) = self.fetch(&mut pending, ask, rest).await {
            return Err(self.give_up(pending, given_up).await);
        }
        let Pending { record, slot, part } = pending;
        let index = record.index;
        let Some(Part {
            spool,
            verdict: Some(verdict),
            ..
        }) = part
        else {
            return Ok(());
        };
        self.progress.stage(ask, Stage::Saving);
        let now_ms = self.services.sources.now_ms();
        let note = ResultNote {
            blob: blob_name(spool.path()),
            ..result_note(&record, now_ms)
        };
        self.journal.note(&Note::Result(note.clone()));
        let filed = self
            .file(Arrival {
                spool,
                slot,
                note,
                verdict: maybe_done(verdict),
                usage: record.usage,
                pictures: record.pictures,
            })
            .await;
        match filed {
            Err(failure) if failure.kind == FailureKind::Protocol && failure.reason.is_none() => {
                // It came to its last byte and is no picture; its address may have a better one later.
                Err(self.keep_claim(record, failure, false))
            }
            other => {
                self.progress.downloaded(index);
                other
            }
        }
    }

    /// Tries until all bytes are here.
    async fn fetch(
        &self,
        pending: &mut Pending,
        ask: usize,
        rest: &(dyn Fn() + Sync),
    ) -> Result<(), GivenUp> {
        let urls = result_urls(&pending.record.base_url, &pending.record.url);
        let mut urls = urls.into_iter();
        let Some(mut url) = urls.next() else {
            return Err(GivenUp {
                failure: Box::new(
                    lost(
                        FailureKind::Protocol,
                        "the address of the picture is not one that can be fetched".to_owned(),
                    )
                    .found(Observation::BadAddress),
                ),
                may_come: false,
            });
        };
        if let Some(part) = &pending.part {
            url.clone_from(&part.url);
        }
        let mut elsewhere = urls.next();
        let mut last_byte = Instant::now();
        let (mut fruitless, mut refusals) = (0, 0);
        loop {
            let before = bytes_of(pending);
            let mut miss = match self.try_fetch(&url, pending, ask).await {
                Ok(()) => return Ok(()),
                Err(miss) => miss,
            };
            // A relay that builds addresses from what it is told may name a host that only it can see (quirk 26).
            if pending.part.is_none()
                && miss.is_of_the_address()
                && let Some(other) = elsewhere.take()
            {
                match self.try_fetch(&other, pending, ask).await {
                    Ok(()) => return Ok(()),
                    Err(at_other) if pending.part.is_some() => {
                        url = other;
                        miss = at_other;
                    }
                    Err(stop @ Miss::Stop { .. }) => miss = stop,
                    // What the address itself says tells more.
                    Err(_) => {}
                }
            }
            let (failure, after) = match miss {
                Miss::Stop { failure, may_come } => return Err(GivenUp { failure, may_come }),
                Miss::Never(failure) => {
                    return Err(GivenUp {
                        failure,
                        may_come: false,
                    });
                }
                Miss::Again {
                    failure,
                    after,
                    is_refusal,
                } => {
                    refusals = if is_refusal { refusals + 1 } else { 0 };
                    (failure, after)
                }
            };
            if bytes_of(pending) > before {
                last_byte = Instant::now();
                fruitless = 0;
            }
            fruitless += 1;
            let delay = self.delay_of_fetch(pending, after, fruitless, last_byte.elapsed());
            let delay = match delay {
                Ok(delay) if refusals < MAX_REFUSALS => delay,
                Ok(_) => {
                    return Err(GivenUp {
                        failure,
                        may_come: false,
                    });
                }
                Err(may_come) => {
                    return Err(GivenUp {
                        failure: Box::new(self.as_of_now(*failure, &pending.record)),
                        may_come,
                    });
                }
            };
            rest();
            tokio::select! {
                biased;
                () = self.spec.cancel.cancelled() => return Err(GivenUp {
                    failure: Box::new(failure::canceled()),
                    may_come: false,
                }),
                () = tokio::time::sleep(delay) => {}
            }
        }
    }

    /// How long to wait before the next try. `Err`: there is to be none now; whether a later start may try.
    fn delay_of_fetch(
        &self,
        pending: &Pending,
        after: Option<Duration>,
        fruitless: u32,
        silent: Duration,
    ) -> Result<Duration, bool> {
        let left_ms = pending.record.expires_ms - self.services.sources.now_ms();
        let left = u64::try_from(left_ms).map_or(Duration::ZERO, Duration::from_millis);
        if left.is_zero() {
            return Err(false);
        }
        if after.is_some_and(|after| after > MAX_DELAY) {
            return Err(true);
        }
        let step = FIRST_BACKOFF * 2u32.pow(fruitless.saturating_sub(1).min(7));
        let jitter = 1.0 - 0.25 * self.services.sources.fraction();
        let mut delay = after.unwrap_or_else(|| step.min(MAX_BACKOFF).mul_f64(jitter));
        if let Some(patience) = self.services.limits.fetch_patience {
            let patience = patience.saturating_sub(silent);
            if patience.is_zero() {
                return Err(true);
            }
            delay = delay.min(patience);
        }
        // The last try is made when the address expires, which is when we think that it does.
        Ok(delay.min(left))
    }

    /// After its time the address has expired, whatever the last answer says.
    fn as_of_now(&self, failure: Failure, record: &DownloadRecord) -> Failure {
        if self.services.sources.now_ms() < record.expires_ms {
            return failure;
        }
        Failure {
            message: format!("the link to the picture has expired; {}", failure.message),
            kind: FailureKind::ExpiredUrl,
            ..failure
        }
    }
}

fn bytes_of(pending: &Pending) -> u64 {
    pending.part.as_ref().map_or(0, |part| part.spool.bytes())
}
