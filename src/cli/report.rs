//! Engine events as lines: JSON for programs (product.md section 5, a stable contract), words for people.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::engine::{JobSnapshot, PreviewRecord};
use crate::model::{Failure, FailureKind, ImageRecord, JobId, PROTECTED_INDEX};

/// Writes what happens to standard output and standard error.
#[derive(Debug)]
pub(super) struct Reporter<O, E> {
    json: bool,
    out: O,
    log: E,
}

impl<O: Write, E: Write> Reporter<O, E> {
    pub(super) const fn new(json: bool, out: O, log: E) -> Self {
        Self { json, out, log }
    }

    /// Writes and flushes one line, so that a reader at the other end of a pipe sees it at once.
    fn event(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.out, "{value}")?;
        self.out.flush()
    }

    pub(super) fn started(&mut self, job: &JobSnapshot) -> io::Result<()> {
        let request = &job.request;
        if !self.json {
            let (name, size) = (&request.gateway.name, request.parameters.size);
            return writeln!(
                self.log,
                "{name}: {} picture(s), size {size}",
                request.parameters.count
            );
        }
        self.event(&json!({
            "event": "started",
            "job": job.id,
            "gateway": request.gateway.name,
            "api": request.gateway.api,
            "model": request.gateway.image_model,
            "requested_size": request.parameters.size,
            "n": request.parameters.count,
        }))
    }

    pub(super) fn partial(&mut self, preview: &PreviewRecord) -> io::Result<()> {
        if !self.json {
            return writeln!(
                self.log,
                "preview {}: {}",
                preview.preview + 1,
                preview.path.display()
            );
        }
        self.event(&json!({
            "event": "partial",
            "job": preview.job,
            "index": preview.preview,
            "image": preview.index,
            "path": preview.path,
            "width": preview.size.width(),
            "height": preview.size.height(),
        }))
    }

    pub(super) fn retry(
        &mut self,
        job: JobId,
        attempt: u32,
        after_ms: u64,
        kind: FailureKind,
    ) -> io::Result<()> {
        if !self.json {
            return writeln!(
                self.log,
                "{kind}: attempt {attempt} follows in {after_ms} ms"
            );
        }
        self.event(&json!({"event": "retry", "job": job, "attempt": attempt, "after_ms": after_ms, "kind": kind}))
    }

    pub(super) fn image(&mut self, record: &ImageRecord, copy: Option<&Path>) -> io::Result<()> {
        if !self.json {
            let path = copy.unwrap_or(&record.path);
            writeln!(self.out, "{}", path.display())?;
            self.out.flush()?;
            let words: Vec<_> = record
                .recipe
                .mismatch
                .iter()
                .map(|mismatch| mismatch.as_str())
                .collect();
            if !words.is_empty() {
                writeln!(
                    self.log,
                    "not as asked: {} ({} {})",
                    words.join(", "),
                    record.size,
                    record.format
                )?;
            }
            return Ok(());
        }
        let recipe = &record.recipe;
        let mut event = json!({
            "event": "image",
            "job": record.job,
            // A protected picture has the place of the result that it was made from.
            "index": record.index.checked_sub(PROTECTED_INDEX).unwrap_or(record.index),
            "path": record.path,
            "copy": copy,
            "id": record.id,
            "width": record.size.width(),
            "height": record.size.height(),
            "format": record.format,
            "bytes": record.bytes,
            "revised_prompt": recipe.revised_prompt,
            "requested_size": recipe.parameters.size,
            "claimed_size": recipe.claimed_size,
            "mismatch": recipe.mismatch,
        });
        if let (Some(protected), Some(event)) = (&recipe.protected, event.as_object_mut()) {
            let drift = protected.drift;
            event.insert("protected_from".to_owned(), json!(protected.raw));
            event.insert(
                "drift".to_owned(),
                json!({"changed_share": drift.share(), "mean_change": drift.mean()}),
            );
        }
        self.event(&event)
    }

    pub(super) fn warning(&mut self, job: JobId, failure: &Failure) -> io::Result<()> {
        if !self.json {
            return writeln!(self.log, "warning: {}", failure.message);
        }
        self.event(&failure_event("warning", job, failure))
    }

    /// Says something that no failure is: before the job has started, or that something was done otherwise than asked.
    /// Standard output begins with `started` and has `warning` for failures that cost no picture, so this goes to the
    /// log, for programs too.
    pub(super) fn advice(&mut self, words: &str) -> io::Result<()> {
        writeln!(self.log, "warning: {words}")
    }

    /// `results`: how many of the gateway's pictures were saved.
    pub(super) fn completed(&mut self, job: &JobSnapshot, results: usize) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        self.event(&json!({
            "event": "completed",
            "job": job.id,
            "images": results,
            "usage": job.usage,
            "request_id": job.request_ids.first(),
            "request_ids": job.request_ids,
        }))
    }

    pub(super) fn failed(&mut self, job: JobId, failure: &Failure) -> io::Result<()> {
        if !self.json {
            writeln!(self.log, "atelier: {failure}")?;
            if let Some(id) = &failure.request_id {
                writeln!(self.log, "request id: {id}")?;
            }
            return Ok(());
        }
        self.event(&failure_event("failed", job, failure))
    }
}

fn failure_event(event: &str, job: JobId, failure: &Failure) -> Value {
    json!({
        "event": event,
        "job": job,
        "kind": failure.kind,
        "status": failure.status,
        "code": failure.code,
        "message": failure.message,
        "request_id": failure.request_id,
        "retryable": failure.kind.is_retryable(),
        "charged": failure.charge,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(write: impl FnOnce(&mut Reporter<Vec<u8>, Vec<u8>>) -> io::Result<()>) -> Value {
        let mut reporter = Reporter::new(true, Vec::new(), Vec::new());
        write(&mut reporter).unwrap();
        assert!(reporter.log.is_empty());
        let text = String::from_utf8(reporter.out).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "one line an event");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn failed_has_every_field_of_the_contract() {
        let job = JobId::from_parts(1_780_000_000_000, 7);
        let mut failure = Failure::new(FailureKind::RateLimit, "slow\ndown");
        failure.status = Some(429);
        let event = line(|reporter| reporter.failed(job, &failure));
        assert_eq!(
            event,
            json!({"event": "failed", "job": job, "kind": "rate_limit", "status": 429, "code": null,
                "message": "slow\ndown", "request_id": null, "retryable": true, "charged": "no"})
        );
    }

    #[test]
    fn retry_tells_the_attempt_that_follows() {
        let job = JobId::from_parts(1, 1);
        let event = line(|reporter| reporter.retry(job, 2, 1000, FailureKind::Server));
        assert_eq!(
            event,
            json!({"event": "retry", "job": job, "attempt": 2, "after_ms": 1000, "kind": "server"})
        );
    }
}
