//! The pictures of an answer while they arrive: each goes to a spool, and results are decoded behind it.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use crate::protocol::{BlobEnd, BlobHint, BlobId, BlobSink};

use super::super::develop::{Verdict, develop_spool};
use super::super::journal::{BlobKind, Note};
use super::super::spool::{Spool, SpoolReader};
use super::filing::blob_name;
use super::{Ask, Job};

/// One blob of an answer.
pub(super) struct Blob {
    pub(super) spool: Spool,
    pub(super) is_preview: bool,
    /// Decoding has begun.
    pub(super) verdict: Option<oneshot::Receiver<Verdict>>,
}

/// The blobs of one answer.
pub(super) struct Blobs<'a> {
    job: &'a Job,
    ask: Ask,
    pub(super) open: HashMap<BlobId, Blob>,
    /// First bytes of the results that are complete: whatever begins so is most likely one of them again.
    pub(super) known: Vec<(Vec<u8>, SpoolReader)>,
    /// Results so far; the index of the next follows from it.
    pub(super) results: u32,
    /// The result that is arriving: bytes so far.
    pub(super) arriving: Option<u64>,
    /// Bytes of all pictures so far.
    pub(super) bytes: u64,
    /// A result has begun to come once more.
    pub(super) repeats: bool,
}

impl<'a> Blobs<'a> {
    pub(super) fn new(job: &'a Job, ask: Ask) -> Self {
        Self {
            job,
            ask,
            open: HashMap::new(),
            known: Vec::new(),
            results: 0,
            arriving: None,
            bytes: 0,
            repeats: false,
        }
    }

    fn next_index(&self) -> u32 {
        self.job.index(self.ask, self.results)
    }

    /// Begins to decode a result once enough is there to see that it is not one that came before.
    fn develop(&mut self, id: BlobId, is_over: bool) -> io::Result<()> {
        let index = self.next_index();
        let Some(blob) = self.open.get_mut(&id) else {
            return Ok(());
        };
        if blob.is_preview
            || blob.verdict.is_some()
            || blob.spool.is_mirror()
            || !(is_over || blob.spool.head_is_full())
        {
            return Ok(());
        }
        let mut known = self.known.iter();
        if let Some((_, known)) = known.find(|(head, _)| head == blob.spool.head())
            && blob.spool.mirror(known).is_ok()
            && blob.spool.is_mirror()
        {
            self.repeats = true;
            return Ok(());
        }
        blob.verdict = Some(self.job.develop(&blob.spool, index)?);
        Ok(())
    }
}

impl BlobSink for Blobs<'_> {
    type Error = io::Error;

    fn begin(&mut self, id: BlobId, hint: BlobHint<'_>) -> io::Result<()> {
        let is_preview = hint.is_preview();
        let kind = if is_preview {
            BlobKind::Preview
        } else {
            BlobKind::Result
        };
        let blob = Blob {
            spool: Spool::create(self.job.journal.next_blob(kind))?,
            is_preview,
            verdict: None,
        };
        self.open.insert(id, blob);
        Ok(())
    }

    fn write(&mut self, id: BlobId, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        if let Some(blob) = self.open.get_mut(&id) {
            blob.spool.write(bytes)?;
            self.arriving = (!blob.is_preview).then(|| blob.spool.bytes());
        }
        self.develop(id, false)
    }

    fn end(&mut self, id: BlobId, end: BlobEnd, _bytes: u64) -> io::Result<()> {
        self.arriving = None;
        if end != BlobEnd::Complete {
            return Ok(());
        }
        self.develop(id, true)?;
        if let Some(blob) = self.open.get_mut(&id) {
            blob.spool.finish();
        }
        Ok(())
    }
}

impl Job {
    /// The index of the `nth` result of a request. Pictures that nobody asked for come after all others.
    pub(super) fn index(&self, ask: Ask, nth: u32) -> u32 {
        if nth < u32::from(ask.count) {
            ask.first_index + nth
        } else {
            self.extras.load(Ordering::Relaxed)
        }
    }

    /// Decodes a result behind its spool, onto the canvas if it is to be seen.
    pub(super) fn develop(
        &self,
        spool: &Spool,
        index: u32,
    ) -> io::Result<oneshot::Receiver<Verdict>> {
        let reader = spool.reader();
        let feed = self
            .services
            .canvas
            .arriving(self.spec.id, index, reader.clone());
        develop_spool(&reader, self.services.limits.media, feed)
    }

    /// Removes a picture that is of no use to anybody.
    pub(super) fn discard(&self, spool: &Spool) {
        self.journal.note(&Note::Settled {
            blob: blob_name(spool.path()),
        });
        if let Err(error) = std::fs::remove_file(spool.path()) {
            tracing::warn!("a spool stays behind: {error}");
        }
    }
}
