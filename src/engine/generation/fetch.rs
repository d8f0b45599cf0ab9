//! Results that are only an address: fetched at once, in the same job, again and again until they are here or their
//! address has expired (protocol.md 4.5).
//!
//! A fetch costs nothing and never causes a second generation. What can't be had is kept with all that its gateway's
//! operator needs to find it; `super::resume` goes on with it in a later run.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::gateway::{Cause, GatewayError, MAX_DELAY, Patience, Response, result_urls};
use crate::library::DownloadRow;
use crate::media::{MediaError, probe};
use crate::model::{
    Charge, DownloadPart, DownloadRecord, Failure, FailureKind, Reason, Stage, Usage,
};
use crate::protocol::ResultSlot;

use super::super::develop::Verdict;
use super::super::journal::{BlobKind, Note, ResultNote};
use super::super::spool::Spool;
use super::super::{Download, failure};
use super::Job;
use super::attempt::Outcome;
use super::filing::{Arrival, blob_name, lost};

/// First step of the backoff; each doubles.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest step of the backoff.
const MAX_BACKOFF: Duration = Duration::from_mins(1);
/// Most answers of a kind that may pass within seconds, as when a host knows a new file before it may be read, and that
/// most of the time do not.
const MAX_REFUSALS: u32 = 5;
/// Bytes that tell a picture from a page.
const TELLING_BYTES: usize = 12;

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

/// Why a try did not bring the picture.
enum Miss {
    /// The next try may.
    Again {
        failure: Box<Failure>,
        after: Option<Duration>,
        /// But not for long.
        is_refusal: bool,
    },
    /// No other try at this address will.
    Never(Box<Failure>),
    /// Nothing of it is worth another try now.
    Stop {
        failure: Box<Failure>,
        /// The next start of the program may do better.
        may_come: bool,
    },
}

/// How fetching ended without the picture.
struct GivenUp {
    failure: Box<Failure>,
    may_come: bool,
}

impl Miss {
    /// Whether another host may have the picture: this one can't be reached, or says that it has none. One that is merely
    /// busy has it.
    fn is_of_the_address(&self) -> bool {
        match self {
            Self::Again {
                failure,
                is_refusal,
                ..
            } => *is_refusal || failure.status.is_none(),
            Self::Never(_) => true,
            Self::Stop { .. } => false,
        }
    }
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
                verdict,
                usage: record.usage,
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
                failure: Box::new(lost(
                    FailureKind::Protocol,
                    "the address of the picture is not one that can be fetched".to_owned(),
                )),
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

    /// Goes on where the part ends, if the server has the same file still and can.
    async fn try_fetch(&self, url: &str, pending: &mut Pending, ask: usize) -> Result<(), Miss> {
        let limit = self.services.limits.max_download_bytes;
        let silence = Duration::from_secs(self.spec.request.gateway.timeouts.silence_secs.max(1));
        let gateway = &self.spec.request.gateway;
        let silence = self
            .services
            .limits
            .fetch_patience
            .map_or(silence, |patience| patience.min(silence));
        let patience = Patience {
            first_byte: silence,
            silence,
            total: None,
            ..Patience::of(&gateway.timeouts)
        };
        pending.record.tries += 1;
        self.tell_download(&pending.record);
        let from = pending.part.as_ref().and_then(|part| {
            let validator = part.validator.as_deref()?;
            (part.url == url && part.spool.bytes() > 0).then(|| (part.spool.bytes(), validator))
        });
        let offset = from.map_or(0, |(offset, _)| offset);
        let client = &self.services.client;
        let answer = client
            .fetch(url, from, &gateway.proxy, patience, &self.spec.cancel)
            .await;
        let mut response = answer.map_err(|error| miss_of_transport(&error))?;
        if response.status == 416 && offset > 0 {
            if response.range_total == Some(offset) {
                return self.complete(pending);
            }
            self.drop_part(pending);
        }
        if let Some(miss) = self.miss_of_status(&response, &pending.record) {
            return Err(miss);
        }
        let is_same =
            |part: &Part| response.validator.is_none() || response.validator == part.validator;
        let goes_on = response.status == 206
            && offset > 0
            && response.range_start == Some(offset)
            && pending.part.as_ref().is_some_and(is_same);
        if response.status == 206 && !goes_on && response.range_start != Some(0) {
            self.drop_part(pending);
            let message = "the picture's host answers with another part than was asked for";
            return Err(again(lost(FailureKind::Protocol, message.to_owned())));
        }
        let here = if goes_on { offset } else { 0 };
        let total = response
            .content_length
            .map(|rest| rest.saturating_add(here));
        if total.is_some_and(|total| total > limit) {
            return Err(too_large(limit));
        }
        let mut is_first = !goes_on;
        loop {
            let chunk = match response.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => return Err(miss_of_transport(&error)),
            };
            if is_first {
                // Another version of the file, or the whole of it again: only now is what came before of no use.
                self.drop_part(pending);
                pending.part = Some(self.begin_part(&pending.record, url, &response)?);
                is_first = false;
            }
            self.progress
                .bytes(chunk.len(), self.services.sources.now_ms(), true);
            let Some(part) = &mut pending.part else {
                break;
            };
            if part.spool.bytes() + chunk.len() as u64 > limit {
                return Err(too_large(limit));
            }
            part.spool.write(&chunk).map_err(|error| disk(&error))?;
            self.progress.receiving(ask, part.spool.bytes(), total);
            self.look_at(pending, &response, false)?;
        }
        self.look_at(pending, &response, true)?;
        self.complete(pending)
    }

    /// Every byte is here.
    fn complete(&self, pending: &mut Pending) -> Result<(), Miss> {
        match &mut pending.part {
            Some(part) => {
                if part.verdict.is_none() {
                    part.verdict = Some(self.verdict_of(&part.spool, pending.record.index)?);
                }
                part.spool.finish();
                Ok(())
            }
            None => Err(again(lost(
                FailureKind::Protocol,
                "the picture's host answers with nothing".to_owned(),
            ))),
        }
    }

    fn begin_part(
        &self,
        record: &DownloadRecord,
        url: &str,
        response: &Response,
    ) -> Result<Part, Miss> {
        let spool = Spool::create(self.journal.next_blob(BlobKind::Result))
            .map_err(|error| disk(&error))?;
        let validator = response.validator.clone();
        self.journal.note(&Note::Part {
            index: record.index,
            blob: blob_name(spool.path()),
            url: url.to_owned(),
            validator: validator.clone(),
        });
        Ok(Part {
            spool,
            url: url.to_owned(),
            validator,
            verdict: None,
        })
    }

    fn drop_part(&self, pending: &mut Pending) {
        if let Some(part) = pending.part.take() {
            self.discard(&part.spool);
        }
    }

    /// Begins to decode a picture as soon as it is seen to be one; a page in its place is not kept.
    fn look_at(
        &self,
        pending: &mut Pending,
        response: &Response,
        is_over: bool,
    ) -> Result<(), Miss> {
        let Some(part) = &mut pending.part else {
            return Ok(());
        };
        if part.verdict.is_some() || !(is_over || part.spool.head().len() >= TELLING_BYTES) {
            return Ok(());
        }
        if matches!(probe(part.spool.head()), Err(MediaError::Unknown))
            || part.spool.head().len() < TELLING_BYTES
        {
            let words = String::from_utf8_lossy(part.spool.head()).to_lowercase();
            let is_page = words.trim_start().starts_with(['<', '{', '[']);
            self.drop_part(pending);
            return Err(self.miss_of_page(&pending.record, response, &words, is_page));
        }
        let index = pending.record.index;
        part.verdict = Some(self.verdict_of(&part.spool, index)?);
        Ok(())
    }

    fn verdict_of(&self, spool: &Spool, index: u32) -> Result<oneshot::Receiver<Verdict>, Miss> {
        self.develop(spool, index).map_err(|error| disk(&error))
    }

    fn miss_of_page(
        &self,
        record: &DownloadRecord,
        response: &Response,
        words: &str,
        is_page: bool,
    ) -> Miss {
        let is_expired = says_expired(words) || self.services.sources.now_ms() >= record.expires_ms;
        let what = if is_page { "a page" } else { "something" };
        let failure = Box::new(Failure {
            status: Some(response.status),
            ..lost(
                if is_expired {
                    FailureKind::ExpiredUrl
                } else {
                    FailureKind::Protocol
                },
                format!("the picture's host answers with {what} that is no picture"),
            )
        });
        if is_expired {
            Miss::Never(failure)
        } else {
            Miss::Again {
                failure,
                after: None,
                is_refusal: true,
            }
        }
    }

    /// 403 may pass as long as the address is valid; 404 and 410 do not (protocol.md 8.7, product.md 5).
    fn miss_of_status(&self, response: &Response, record: &DownloadRecord) -> Option<Miss> {
        let status = response.status;
        let is_expired = self.services.sources.now_ms() >= record.expires_ms;
        let kind = match status {
            200..=299 => return None,
            404 | 410 => FailureKind::ExpiredUrl,
            403 if is_expired => FailureKind::ExpiredUrl,
            401 | 403 => FailureKind::Permission,
            408 => FailureKind::Timeout,
            429 => FailureKind::RateLimit,
            300..=399 => FailureKind::Protocol,
            _ => FailureKind::Server,
        };
        let failure = Box::new(Failure {
            status: Some(status),
            ..lost(
                kind,
                format!("the picture can't be fetched: status {status}"),
            )
        });
        Some(match status {
            403 if !is_expired => Miss::Again {
                failure,
                after: None,
                is_refusal: true,
            },
            408 | 416 | 425 | 429 | 500.. => Miss::Again {
                failure,
                after: response.hints.delay((self.services.sources.now)()),
                is_refusal: false,
            },
            _ => Miss::Never(failure),
        })
    }

    /// Brings what came to where it stays, and keeps the address for a later try and a claim.
    async fn give_up(&self, pending: Pending, given_up: GivenUp) -> Failure {
        let Pending {
            mut record, part, ..
        } = pending;
        let GivenUp {
            mut failure,
            may_come,
        } = given_up;
        let index = record.index;
        let canvas = &self.services.canvas;
        canvas.arrived(self.spec.id, index, None, false);
        record.part = None;
        if let Some(part) = part {
            let kept = self.keep(&part.spool, &format!("download-{index}")).await;
            if let Some(path) = kept {
                let about = format!("; the part that came is kept as {}", path.display());
                failure.message.push_str(&about);
                record.part = part.validator.map(|validator| DownloadPart {
                    name: blob_name(&path),
                    url: part.url,
                    validator,
                });
            }
        }
        self.keep_claim(record, *failure, may_come)
    }

    fn keep_claim(&self, record: DownloadRecord, failure: Failure, may_come: bool) -> Failure {
        let outcome = failure.message.clone();
        let gateway = &self.spec.request.gateway.name;
        let failure = Failure {
            raw: Some(record.claim(gateway, &outcome, time)),
            request_id: record.request_id.clone(),
            ..failure
        };
        tracing::warn!(
            host = record.host(), tries = record.tries, kind = %failure.kind,
            "a picture is not here"
        );
        self.tell_download(&record);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(DownloadRow {
            job: self.spec.id,
            may_come,
            record,
        });
        failure
    }

    /// The answer has ended: what it used and what it said belong to each address that it named.
    pub(super) fn complete_records(&self, outcome: &mut Outcome, body: &str) {
        for url in &mut outcome.urls {
            url.record.usage = outcome.usage;
            body.clone_into(&mut url.record.body);
            self.note_address(&url.record);
        }
    }

    /// Makes an address last, before it is called.
    pub(super) fn note_address(&self, record: &DownloadRecord) {
        let note = Note::Url(Box::new(record.clone()));
        if let Err(error) = self.journal.note_for_good(&note) {
            // Fetching it at once is the best that can still be done.
            tracing::warn!("an address may be lost with the power: {error}");
        }
    }

    pub(super) fn tell_download(&self, record: &DownloadRecord) {
        self.progress.download(Download::from(record));
    }
}

/// A record as a result's note, for the recipe.
fn result_note(record: &DownloadRecord, now_ms: i64) -> ResultNote {
    let fetching_ms = u64::try_from(now_ms - record.received_ms).unwrap_or(0);
    ResultNote {
        blob: String::new(),
        index: record.index,
        revised_prompt: record.revised_prompt.clone(),
        claimed_size: record.claimed_size.clone(),
        claimed_format: record.claimed_format.clone(),
        claimed_quality: record.claimed_quality.clone(),
        claimed_background: record.claimed_background.clone(),
        request_id: record.request_id.clone(),
        elapsed_ms: record.elapsed_ms.map(|asking| asking + fetching_ms),
    }
}

/// A result's note as a record, for a picture that the answer names at this moment.
pub(super) fn record_of(
    note: ResultNote,
    url: String,
    base_url: String,
    usage: Option<Usage>,
    (received_ms, lifetime_secs): (i64, u64),
) -> DownloadRecord {
    let lifetime_ms = i64::try_from(lifetime_secs.saturating_mul(1000)).unwrap_or(i64::MAX);
    DownloadRecord {
        index: note.index,
        url,
        base_url,
        received_ms,
        expires_ms: received_ms.saturating_add(lifetime_ms),
        request_id: note.request_id,
        revised_prompt: note.revised_prompt,
        claimed_size: note.claimed_size,
        claimed_format: note.claimed_format,
        claimed_quality: note.claimed_quality,
        claimed_background: note.claimed_background,
        usage,
        elapsed_ms: note.elapsed_ms,
        ..DownloadRecord::default()
    }
}

fn bytes_of(pending: &Pending) -> u64 {
    pending.part.as_ref().map_or(0, |part| part.spool.bytes())
}

fn miss_of_transport(error: &GatewayError) -> Miss {
    let kind = match error.cause {
        Cause::Canceled => {
            return Miss::Stop {
                failure: Box::new(failure::canceled()),
                may_come: false,
            };
        }
        Cause::Timeout => FailureKind::Timeout,
        Cause::Url | Cause::Redirect => FailureKind::Protocol,
        _ => FailureKind::Network,
    };
    let failure = lost(kind, format!("the picture can't be fetched: {error}"));
    match error.cause {
        Cause::Url | Cause::Redirect => Miss::Never(Box::new(failure)),
        _ => again(failure),
    }
}

fn again(failure: Failure) -> Miss {
    Miss::Again {
        failure: Box::new(failure),
        after: None,
        is_refusal: false,
    }
}

/// The disk refuses: what came stays, and there may be room at the next start.
fn disk(error: &std::io::Error) -> Miss {
    Miss::Stop {
        failure: Box::new(Failure {
            charge: Charge::Yes,
            reason: Some(Reason::Disk),
            ..failure::of_disk(error)
        }),
        may_come: true,
    }
}

fn too_large(limit: u64) -> Miss {
    Miss::Stop {
        failure: Box::new(lost(
            FailureKind::TooLarge,
            format!("the picture has more than {limit} bytes"),
        )),
        may_come: false,
    }
}

/// What hosts of files write on the page that stands in the place of a picture whose time is over.
fn says_expired(words: &str) -> bool {
    [
        "expired",
        "nosuchkey",
        "no longer available",
        "过期",
        "失效",
    ]
    .iter()
    .any(|sign| words.contains(sign))
}

/// A moment for a claim: UTC, to the second.
fn time(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1000))
        .map_or_else(|_| ms.to_string(), |time| time.to_string())
}
