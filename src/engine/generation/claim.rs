//! Addresses on the record: durable before they are called, and all that is needed for a claim when they are dead.

use std::sync::PoisonError;

use crate::library::DownloadRow;
use crate::model::{DownloadPart, DownloadRecord, Failure, Kept, Usage};

use super::super::Download;
use super::super::journal::{Note, ResultNote};
use super::Job;
use super::attempt::Outcome;
use super::fetch::{GivenUp, Pending};
use super::filing::blob_name;

impl Job {
    /// Brings what came to where it stays, and keeps the address for a later try and a claim.
    pub(super) async fn give_up(&self, pending: Pending, given_up: GivenUp) -> Failure {
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
                let kept = Kept {
                    part: Some(path.clone()),
                    ..Kept::default()
                };
                *failure = failure.keeping(kept);
                record.part = part.validator.map(|validator| DownloadPart {
                    name: blob_name(&path),
                    url: part.url,
                    validator,
                });
            }
        }
        self.keep_claim(record, *failure, may_come)
    }

    pub(super) fn keep_claim(
        &self,
        record: DownloadRecord,
        failure: Failure,
        may_come: bool,
    ) -> Failure {
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
        let pictures = outcome.arrivals.len() + outcome.urls.len();
        let pictures = u32::try_from(pictures).unwrap_or(u32::MAX);
        for url in &mut outcome.urls {
            url.record.usage = outcome.usage;
            url.record.pictures = pictures;
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
pub(super) fn result_note(record: &DownloadRecord, now_ms: i64) -> ResultNote {
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

/// A moment for a claim: UTC, to the second.
fn time(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1000))
        .map_or_else(|_| ms.to_string(), |time| time.to_string())
}
