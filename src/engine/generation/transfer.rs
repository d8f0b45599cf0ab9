//! One try at an address: what the answer is, what of it is kept, and why it may not be the picture.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::gateway::{Cause, GatewayError, Patience, Response};
use crate::media::{MediaError, probe};
use crate::model::{Charge, DownloadRecord, Failure, FailureKind, Observation, Reason};

use super::super::develop::Verdict;
use super::super::failure;
use super::super::journal::{BlobKind, Note};
use super::super::spool::Spool;
use super::Job;
use super::fetch::{Part, Pending};
use super::filing::{blob_name, lost};

/// Bytes that tell a picture from a page.
const TELLING_BYTES: usize = 12;

/// Why a try did not bring the picture.
pub(super) enum Miss {
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

impl Miss {
    /// Whether another host may have the picture: this one can't be reached, or says that it has none. One that is merely
    /// busy has it.
    pub(super) fn is_of_the_address(&self) -> bool {
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
    /// Goes on where the part ends, if the server has the same file still and can.
    pub(super) async fn try_fetch(
        &self,
        url: &str,
        pending: &mut Pending,
        ask: usize,
    ) -> Result<(), Miss> {
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
            None => Err(again(
                lost(
                    FailureKind::Protocol,
                    "the picture's host answers with nothing".to_owned(),
                )
                .found(Observation::NoPicture),
            )),
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
            .found(Observation::NotAPicture)
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
            .found(Observation::FetchRefused { status })
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
    let failure = lost(kind, format!("the picture can't be fetched: {error}"))
        .found(failure::observation_of_transport(error));
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
        failure: Box::new(
            lost(
                FailureKind::TooLarge,
                format!("the picture has more than {limit} bytes"),
            )
            .found(Observation::BlobTooLong { bytes: limit }),
        ),
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
