//! Results that are only an address: fetched at once, in the same job, with retries, long before they expire.
//!
//! A fetch that fails never causes a second generation; the address is kept with the failure.

use std::time::Duration;

use crate::gateway::{Cause, GatewayError, MAX_DELAY, Patience, Response, result_urls};
use crate::model::{Failure, FailureKind, Stage};

use super::super::failure;
use super::super::journal::{BlobKind, Note};
use super::super::spool::Spool;
use super::filing::{Arrival, blob_name, elapsed_ms, lost};
use super::receive::UrlResult;
use super::{Ask, Job};

/// Most tries of an address; none of them costs anything.
const TRIES: u32 = 5;
const FIRST_BACKOFF: Duration = Duration::from_millis(500);

/// Why a try did not bring the picture.
enum Miss {
    /// The next try may.
    Again {
        failure: Failure,
        after: Option<Duration>,
    },
    /// No other try at this address will.
    Never(Failure),
    /// Nothing of it is worth another try anywhere.
    Stop(Failure),
}

impl Job {
    /// Fetches a result.
    ///
    /// # Errors
    /// When it can't be had, with the address as the raw answer.
    pub(super) async fn fetch(&self, result: UrlResult, ask: Ask) -> Result<Arrival, Failure> {
        let UrlResult {
            url,
            mut note,
            slot,
            base_url,
            usage,
            sent,
        } = result;
        let with_address = |failure: Failure| Failure {
            raw: Some(url.clone()),
            request_id: note.request_id.clone(),
            ..failure
        };
        let spool = match self
            .fetch_to_spool(&result_urls(&base_url, &url), ask)
            .await
        {
            Ok(spool) => spool,
            Err(failure) => return Err(with_address(failure)),
        };
        let verdict = self
            .develop(&spool, note.index)
            .map_err(|error| failure::of_disk(&error))?;
        note.blob = blob_name(spool.path());
        note.elapsed_ms = Some(elapsed_ms(sent.elapsed()));
        self.journal.note(&Note::Result(note.clone()));
        Ok(Arrival {
            spool,
            slot,
            note,
            verdict,
            usage,
        })
    }

    async fn fetch_to_spool(&self, urls: &[String], ask: Ask) -> Result<Spool, Failure> {
        let mut last = lost(
            FailureKind::Protocol,
            "the address of the picture is not one that can be fetched".to_owned(),
        );
        for url in urls {
            let mut spool = self.new_spool()?;
            for attempt in 0..TRIES {
                let after = match self.try_fetch(url, &mut spool, ask).await {
                    Ok(()) => {
                        spool.finish();
                        return Ok(spool);
                    }
                    Err(Miss::Stop(failure)) => return Err(failure),
                    Err(Miss::Never(failure)) => {
                        last = failure;
                        break;
                    }
                    Err(Miss::Again { failure, after }) => {
                        last = failure;
                        after
                    }
                };
                if attempt + 1 < TRIES {
                    let delay = after.unwrap_or(FIRST_BACKOFF * 2u32.pow(attempt));
                    tokio::select! {
                        biased;
                        () = self.spec.cancel.cancelled() => return Err(failure::canceled()),
                        () = tokio::time::sleep(delay) => {}
                    }
                }
            }
        }
        Err(last)
    }

    /// Goes on where the spool ends, if the server can.
    async fn try_fetch(&self, url: &str, spool: &mut Spool, ask: Ask) -> Result<(), Miss> {
        let limit = self.services.limits.max_download_bytes;
        let silence = Duration::from_secs(self.spec.request.gateway.timeouts.silence_secs.max(1));
        let gateway = &self.spec.request.gateway;
        let patience = Patience {
            first_byte: silence,
            total: None,
            ..Patience::of(&gateway.timeouts)
        };
        let offset = spool.bytes();
        let client = &self.services.client;
        let answer = client
            .fetch(url, offset, &gateway.proxy, patience, &self.spec.cancel)
            .await;
        let mut response = answer.map_err(|error| miss_of_transport(&error))?;
        if let Some(miss) = self.miss_of_status(&response) {
            return Err(miss);
        }
        if offset > 0 && response.range_start != Some(offset) {
            *spool = self.new_spool().map_err(Miss::Stop)?;
        }
        let total = response
            .content_length
            .map(|rest| rest.saturating_add(spool.bytes()));
        if total.is_some_and(|total| total > limit) {
            return Err(Miss::Stop(too_large(limit)));
        }
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| miss_of_transport(&error))?
        {
            if spool.bytes() + chunk.len() as u64 > limit {
                return Err(Miss::Stop(too_large(limit)));
            }
            spool
                .write(&chunk)
                .map_err(|error| Miss::Stop(failure::of_disk(&error)))?;
            self.progress
                .bytes(chunk.len(), self.services.sources.now_ms(), true);
            self.progress.receiving(ask.number, spool.bytes(), total);
        }
        self.progress.stage(ask.number, Stage::Saving);
        Ok(())
    }

    fn miss_of_status(&self, response: &Response) -> Option<Miss> {
        let status = response.status;
        let kind = match status {
            200..=299 => return None,
            403 | 404 | 410 => FailureKind::ExpiredUrl,
            429 => FailureKind::RateLimit,
            _ => FailureKind::Server,
        };
        let failure = Failure {
            status: Some(status),
            ..lost(
                kind,
                format!("the picture can't be fetched: status {status}"),
            )
        };
        Some(match status {
            408 | 425 | 429 | 500.. => {
                let after = response.hints.delay((self.services.sources.now)());
                if after.is_some_and(|after| after > MAX_DELAY) {
                    Miss::Never(failure)
                } else {
                    Miss::Again { failure, after }
                }
            }
            _ => Miss::Never(failure),
        })
    }

    fn new_spool(&self) -> Result<Spool, Failure> {
        Spool::create(self.journal.next_blob(BlobKind::Result))
            .map_err(|error| failure::of_disk(&error))
    }
}

fn miss_of_transport(error: &GatewayError) -> Miss {
    let kind = match error.cause {
        Cause::Canceled => return Miss::Stop(failure::canceled()),
        Cause::Timeout => FailureKind::Timeout,
        Cause::Url => FailureKind::Protocol,
        _ => FailureKind::Network,
    };
    let failure = lost(kind, format!("the picture can't be fetched: {error}"));
    match error.cause {
        Cause::Url | Cause::Redirect => Miss::Never(failure),
        _ => Miss::Again {
            failure,
            after: None,
        },
    }
}

fn too_large(limit: u64) -> Failure {
    lost(
        FailureKind::TooLarge,
        format!("the picture has more than {limit} bytes"),
    )
}
