//! An answer as it comes: bytes to spools before anything else sees them, then previews and results.

use std::io;
use std::mem;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::maybe_done;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::gateway::{GatewayError, Response};
use crate::model::{ApiKey, FailureKind, Kept, Stage};
use crate::protocol::{
    BlobId, BodyDecoder, BodyKind, Claimed, DecodeError, Extractor, Frame, ImageSource, ResultSlot,
    ServerEvent, WireError,
};

use super::super::failure::{self, Context};
use super::super::journal::{BlobKind, Note, ResultNote};
use super::super::spool::Spool;
use super::attempt::{Outcome, Trouble};
use super::blobs::{Blob, Blobs};
use super::claim::record_of;
use super::end::End;
use super::fetch::Pending;
use super::filing::{Arrival, blob_name, elapsed_ms};
use super::prepare::Prepared;
use super::progress::TELL_INTERVAL;
use super::{Ask, Job};

/// How long a server may leave the line open after it has said that its answer is complete.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long the second copy of a picture waits for the first to be decoded.
const REPEAT_WAITS: Duration = Duration::from_millis(200);

/// What is carried along while an answer is read.
struct Reception<'a> {
    job: &'a Job,
    ask: Ask,
    blobs: Blobs<'a>,
    sent: Instant,
    base_url: String,
    request_id: Option<String>,
    /// Taken out of what the gateway says and we keep.
    key: Option<ApiKey>,
    previews: u32,
    /// The answer has said that it is complete.
    said_complete: bool,
    failed: Option<WireError>,
    outcome: &'a mut Outcome,
}

impl Job {
    /// Reads a good answer to its end, whatever is in it.
    pub(super) async fn receive(
        &self,
        mut response: Response,
        prepared: &Prepared,
        ask: Ask,
        sent: Instant,
        attempt: u32,
        outcome: &mut Outcome,
    ) {
        self.progress.stage(ask.number, Stage::Accepted);
        let limits = self.services.limits.decoder;
        let nonce = self.services.sources.nonce();
        let mut decoder = BodyDecoder::new(limits, response.content_type.as_deref(), nonce);
        let mut extractor = Extractor::new();
        let (mut frames, mut events) = (Vec::new(), Vec::new());
        let mut reception = Reception {
            job: self,
            ask,
            blobs: Blobs::new(self, ask),
            sent,
            base_url: outcome.base_url.clone(),
            request_id: response.request_id.clone(),
            key: prepared.key.clone(),
            previews: 0,
            said_complete: false,
            failed: None,
            outcome,
        };
        let mut transport: Option<GatewayError> = None;
        let mut is_bare = true;
        let mut decoding: Option<DecodeError<io::Error>> = None;
        loop {
            let chunk = match reception.next_chunk(&mut response).await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => {
                    transport = Some(error);
                    break;
                }
            };
            is_bare = false;
            let arrived = reception.blobs.bytes;
            let pushed = decoder.push(&chunk, &mut reception.blobs, &mut frames);
            // Comments, and blanks before a body of JSON, only keep the connection alive (quirk 38).
            let is_news = !frames.is_empty()
                || reception.blobs.bytes > arrived
                || decoder.kind() == BodyKind::Json;
            self.progress
                .bytes(chunk.len(), self.services.sources.now_ms(), is_news);
            reception
                .take_frames(&mut extractor, &mut frames, &mut events)
                .await;
            reception.tell_arriving(decoder.kind(), response.content_length);
            if let Err(error) = pushed {
                decoding = Some(error);
                break;
            }
        }
        match decoder.finish(&mut reception.blobs, &mut frames) {
            Ok(end) => {
                reception
                    .take_frames(&mut extractor, &mut frames, &mut events)
                    .await;
                extractor.end(&end, &mut events);
                reception.take_events(&mut events).await;
            }
            Err(error) => decoding = decoding.or(Some(error)),
        }
        let request_id = reception.request_id.clone();
        let context = Context {
            gateway: &self.spec.request.gateway,
            key: prepared.key.as_ref(),
            request_id: request_id.as_deref(),
        };
        let end = End {
            status: response.status,
            transport,
            decoding,
            told: reception.failed.take(),
        };
        let broken = end
            .transport
            .as_ref()
            .map(|error| (error.after, error.is_broken()));
        let mut trouble = end.trouble(&context, decoder.head());
        if let Some(trouble) = &mut trouble {
            let after = match broken {
                Some((after, true)) => after,
                Some((_, false)) => None,
                // Closed properly, with nothing in it.
                None => Some(response.since_sent()),
            };
            if is_bare {
                self.name_proxy(&mut trouble.failure, after);
            }
            trouble.retry = self.retry(trouble.as_failed(), attempt);
            trouble.pause = self.pause(trouble.as_failed(), attempt);
        }
        reception.close(trouble).await;
        if !outcome.urls.is_empty() {
            self.complete_records(outcome, &context.raw(decoder.head()).unwrap_or_default());
        }
    }

    /// The next chunk. While it is waited for, what was held back is told.
    async fn next_chunk(&self, response: &mut Response) -> Result<Option<Bytes>, GatewayError> {
        let mut chunk = pin!(response.chunk());
        match timeout(TELL_INTERVAL, &mut chunk).await {
            Ok(chunk) => chunk,
            Err(_elapsed) => {
                self.progress.flush();
                chunk.await
            }
        }
    }
}

impl Reception<'_> {
    async fn take_frames(
        &mut self,
        extractor: &mut Extractor,
        frames: &mut Vec<Frame>,
        events: &mut Vec<ServerEvent>,
    ) {
        for frame in frames.drain(..) {
            extractor.frame(&frame, events);
            self.take_events(events).await;
        }
    }

    async fn take_events(&mut self, events: &mut Vec<ServerEvent>) {
        for event in events.drain(..) {
            self.take(event).await;
        }
    }

    /// Whether nothing more has to come.
    fn is_complete(&self) -> bool {
        self.said_complete && self.blobs.results >= u32::from(self.ask.count)
    }

    fn tell_arriving(&self, kind: BodyKind, content_length: Option<u64>) {
        let Some(received) = self.blobs.arriving else {
            return;
        };
        // A JSON body is little else than the base64 of its pictures.
        let total = content_length
            .filter(|_| kind == BodyKind::Json && self.ask.count == 1)
            .map(|bytes| (bytes / 4 * 3).max(received));
        self.job
            .progress
            .receiving(self.ask.number, received, total);
    }

    async fn next_chunk(&mut self, response: &mut Response) -> Result<Option<Bytes>, GatewayError> {
        if mem::take(&mut self.blobs.repeats) {
            // Leaves the processor to whoever makes pixels of what is here, before the same is read once more.
            for arrival in &mut self.outcome.arrivals {
                // Also where it takes longer nothing is wrong.
                drop(timeout(REPEAT_WAITS, &mut arrival.verdict).await);
            }
        }
        if self.is_complete() {
            // Some servers leave the line open after the last word.
            timeout(FAREWELL, response.chunk())
                .await
                .unwrap_or(Ok(None))
        } else {
            self.job.next_chunk(response).await
        }
    }

    async fn take(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::Accepted { response_id } => self.take_id(response_id),
            ServerEvent::Progress(stage) => tracing::debug!(?stage, "the gateway goes on"),
            ServerEvent::Preview { source, .. } => self.take_preview(source).await,
            ServerEvent::Result {
                source,
                slot,
                claimed,
                revised_prompt,
            } => {
                let revised_prompt = revised_prompt.map(|words| self.redact(&words));
                self.take_result(source, slot, claimed, revised_prompt);
            }
            ServerEvent::Text(words) => self.failed = Some(WireError::text_answer(&words)),
            ServerEvent::Refusal(words) => self.failed = Some(WireError::refusal(&words)),
            ServerEvent::Usage(usage) => self.outcome.usage = Some(usage),
            ServerEvent::RequestId(id) => self.take_id(Some(id)),
            ServerEvent::Warning(error) | ServerEvent::Failed(error) => self.failed = Some(error),
            ServerEvent::Completed => self.said_complete = true,
        }
    }

    fn redact(&self, text: &str) -> String {
        self.key
            .as_ref()
            .map_or_else(|| text.to_owned(), |key| key.redact(text))
    }

    /// An id from the body counts where the head had none.
    fn take_id(&mut self, id: Option<String>) {
        if self.request_id.is_none()
            && let Some(id) = id
        {
            let id = self.redact(&id);
            self.job.progress.request_id(&id);
            self.outcome.request_id = Some(id.clone());
            self.request_id = Some(id);
        }
    }

    async fn take_preview(&mut self, source: ImageSource) {
        let spool = match source {
            ImageSource::Blob(id) => self.blobs.open.remove(&id).map(|blob| blob.spool),
            ImageSource::Inline(bytes) => self.spool_of(&bytes, BlobKind::Preview),
            ImageSource::Url(_) => None,
        };
        let Some(mut spool) = spool else {
            return;
        };
        if let Err(error) = spool.fill() {
            self.outcome.warnings.push(failure::of_disk(&error));
            return;
        }
        let number = self.previews;
        let kept = self.job.keep_preview(spool, self.ask.first_index, number);
        if kept.await {
            self.previews += 1;
            self.job
                .progress
                .stage(self.ask.number, Stage::Preview(self.previews));
        }
    }

    fn take_result(
        &mut self,
        source: ImageSource,
        slot: ResultSlot,
        claimed: Claimed,
        revised_prompt: Option<String>,
    ) {
        let nth = self.blobs.results;
        let index = self.job.index(self.ask, nth);
        let mut note = ResultNote {
            revised_prompt,
            claimed_size: claimed.size,
            claimed_format: claimed.format,
            claimed_quality: claimed.quality,
            claimed_background: claimed.background,
            ..self.note(index)
        };
        let blob = match source {
            ImageSource::Blob(id) => self.blobs.open.remove(&id),
            ImageSource::Inline(bytes) => {
                self.spool_of(&bytes, BlobKind::Result).map(|spool| Blob {
                    spool,
                    is_preview: false,
                    verdict: None,
                })
            }
            ImageSource::Url(url) => {
                self.take_url(url, slot, note);
                return;
            }
        };
        let Some(Blob {
            mut spool, verdict, ..
        }) = blob
        else {
            return;
        };
        let twin = |arrival: &Arrival| {
            spool.is_same(&arrival.spool) && !self.is_another(&arrival.slot, &slot)
        };
        if self.outcome.arrivals.iter().any(twin) {
            self.job.discard(&spool);
            return;
        }
        if let Err(error) = spool.fill() {
            self.outcome.warnings.push(failure::of_disk(&error));
            return;
        }
        let verdict = match verdict {
            Some(verdict) => verdict,
            None => match self.job.develop(&spool, index) {
                Ok(verdict) => verdict,
                Err(error) => {
                    self.outcome.warnings.push(failure::of_disk(&error));
                    return;
                }
            },
        };
        note.blob = blob_name(spool.path());
        self.job.journal.note(&Note::Result(note.clone()));
        self.blobs
            .known
            .push((spool.head().to_vec(), spool.reader()));
        self.count_result(nth);
        self.outcome.arrivals.push(Arrival {
            spool,
            slot,
            note,
            verdict: maybe_done(verdict),
            usage: None,
            pictures: 1,
        });
    }

    fn take_url(&mut self, url: String, slot: ResultSlot, note: ResultNote) {
        let twin =
            |known: &Pending| known.record.url == url && !self.is_another(&known.slot, &slot);
        if self.outcome.urls.iter().any(twin) {
            return;
        }
        let job = self.job;
        let life = (
            job.services.sources.now_ms(),
            job.spec.request.gateway.limits.url_lifetime_secs,
        );
        let record = record_of(note, url, self.base_url.clone(), None, life);
        // Whoever loses the address has paid for nothing: it comes before anything else.
        job.note_address(&record);
        job.tell_download(&record);
        self.count_result(self.blobs.results);
        self.outcome.urls.push(Pending {
            record,
            slot,
            part: None,
        });
    }

    /// A result that the answer does not get to speak of, because it breaks off: if all of the picture came, it counts.
    /// Gives back what is only a part.
    async fn take_unclaimed(&mut self, blob: Blob) -> Option<Spool> {
        let Blob {
            mut spool, verdict, ..
        } = blob;
        spool.finish();
        let nth = self.blobs.results;
        let index = self.job.index(self.ask, nth);
        let verdict = match verdict {
            Some(verdict) => Some(verdict),
            None => self.job.develop(&spool, index).ok(),
        };
        let verdict = match verdict {
            Some(verdict) => verdict.await.ok(),
            None => None,
        };
        let Some(Ok(developed)) = verdict else {
            let canvas = &self.job.services.canvas;
            canvas.arrived(self.job.spec.id, index, None, false);
            return Some(spool);
        };
        let note = ResultNote {
            blob: blob_name(spool.path()),
            ..self.note(index)
        };
        self.job.journal.note(&Note::Result(note.clone()));
        self.count_result(nth);
        let (ready, verdict) = oneshot::channel();
        // The other end is right here.
        drop(ready.send(Ok(developed)));
        self.outcome.arrivals.push(Arrival {
            spool,
            slot: ResultSlot::default(),
            note,
            verdict: maybe_done(verdict),
            usage: None,
            pictures: 1,
        });
        None
    }

    /// What is known of any result at this moment.
    fn note(&self, index: u32) -> ResultNote {
        ResultNote {
            index,
            request_id: self.request_id.clone(),
            elapsed_ms: Some(elapsed_ms(self.sent.elapsed())),
            ..ResultNote::default()
        }
    }

    /// The same content again is the same picture again, unless more are due and the answer says that it is another.
    fn is_another(&self, known: &ResultSlot, new: &ResultSlot) -> bool {
        self.blobs.results < u32::from(self.ask.count) && known.is_same(new) == Some(false)
    }

    fn count_result(&mut self, nth: u32) {
        if nth >= u32::from(self.ask.count) {
            self.job.extras.fetch_add(1, Ordering::Relaxed);
        }
        self.blobs.results += 1;
    }

    /// A picture that was short enough to come inside its event.
    fn spool_of(&mut self, bytes: &[u8], kind: BlobKind) -> Option<Spool> {
        let spooled = Spool::create(self.job.journal.next_blob(kind)).and_then(|mut spool| {
            spool.write(bytes)?;
            spool.finish();
            Ok(spool)
        });
        spooled
            .inspect_err(|error| self.outcome.warnings.push(failure::of_disk(error)))
            .ok()
    }

    /// Brings what no event has claimed to where it stays, and says where that is.
    async fn close(mut self, mut trouble: Option<Trouble>) {
        let open = mem::take(&mut self.blobs.open);
        let mut leftovers: Vec<(BlobId, Blob)> = open.into_iter().collect();
        leftovers.sort_unstable_by_key(|(id, _)| *id);
        let mut kept = None;
        for (id, blob) in leftovers {
            let mut known = self.blobs.known.iter();
            let is_twin = blob.spool.is_mirror()
                || !blob.spool.head_is_full()
                    && known.any(|(head, _)| head.starts_with(blob.spool.head()));
            if is_twin || blob.is_preview || blob.spool.bytes() == 0 {
                self.job.discard(&blob.spool);
            } else if let Some(spool) = self.take_unclaimed(blob).await {
                let name = format!("{}-cut-{}", self.ask.first_index, id.0);
                kept = self.job.keep(&spool, &name).await.or(kept);
            }
        }
        if let Some(Trouble { failure, .. }) = &mut trouble
            && self.outcome.arrivals.is_empty()
            && self.outcome.urls.is_empty()
        {
            let has_previews = self.previews > 0 && failure.kind != FailureKind::Canceled;
            let kept = Kept {
                previews: if has_previews { self.previews } else { 0 },
                previews_folder: has_previews.then(|| self.job.previews_folder()),
                part: kept,
            };
            *failure = failure.clone().keeping(kept);
        }
        self.outcome.trouble = trouble;
    }
}
