//! How the bytes of an answer leave: pictures as base64 in pieces, paced, split, or cut.
//!
//! A picture is held once, as its file's bytes; its base64 exists 64 KiB at a time. The script of a stream runs inside
//! its body: when the client leaves, hyper drops the body and the script with it. Nothing is spawned.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::Fault;

/// Largest write of plain bytes.
const CHUNK_BYTES: usize = 64 << 10;
/// Largest part of a picture that becomes base64 at once: its text fills a write exactly.
const BASE64_INPUT_BYTES: usize = CHUNK_BYTES / 4 * 3;
/// Lengths of the writes of [`Fault::Split`]: through the middle of every word and character, yet a 4K picture ends
/// some day.
const SPLIT_BYTES: [usize; 9] = [1, 2, 3, 5, 7, 11, 13, 17, 4093];
/// How long the line stays open before a cut, so that what was written before it arrives.
const CUT_DELAY: Duration = Duration::from_millis(50);
/// How far a paced body may fall behind its rate and still catch up; timers wake late by about a millisecond.
const CATCH_UP: Duration = Duration::from_millis(5);
/// Parts that the script of a stream may be ahead of the line.
const QUEUED_PARTS: usize = 4;

/// A run of bytes of an answer.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// As it is.
    Plain(Bytes),
    /// The bytes of a file, to leave as base64.
    Base64(Bytes),
    /// The line breaks here.
    Break,
}

impl Piece {
    /// Bytes on the wire.
    pub(super) fn wire_bytes(&self) -> u64 {
        let bytes = match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Base64(bytes) => bytes.len().div_ceil(3) * 4,
            Self::Break => 0,
        };
        bytes as u64
    }

    /// Takes the next write of at most `limit` bytes; `None` when nothing is left.
    fn take(&mut self, limit: usize) -> Option<Bytes> {
        match self {
            Self::Plain(bytes) if !bytes.is_empty() => {
                Some(bytes.split_to(bytes.len().min(limit.min(CHUNK_BYTES))))
            }
            Self::Base64(bytes) if !bytes.is_empty() => {
                let raw = bytes.split_to(bytes.len().min(BASE64_INPUT_BYTES));
                Some(STANDARD.encode(&raw).into())
            }
            Self::Plain(_) | Self::Base64(_) | Self::Break => None,
        }
    }
}

/// What the line does to an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// The rate; `None` is as fast as it goes.
    pub(super) bits_per_second: Option<u64>,
    /// Break after so many bytes.
    pub(super) cut_after_bytes: Option<u64>,
    /// Tiny writes.
    pub(super) split: bool,
    /// Send a comment after so long a silence; only on streams of events.
    pub(super) keep_alive: Option<Duration>,
}

impl Line {
    /// The line under `fault`, otherwise at `bits_per_second`.
    pub(super) fn new(fault: Option<Fault>, bits_per_second: Option<u64>) -> Self {
        let mut line = Self {
            bits_per_second,
            ..Self::default()
        };
        match fault {
            Some(Fault::Slow) => line.bits_per_second = Some(10_000_000),
            Some(Fault::Split) => line.split = true,
            Some(Fault::Cut { after_bytes }) => line.cut_after_bytes = Some(after_bytes),
            _ => {}
        }
        line
    }
}

/// The client has gone; the script ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gone;

/// The script's end of a stream.
#[derive(Debug)]
pub(super) struct Outlet(mpsc::Sender<Vec<Piece>>);

impl Outlet {
    /// Sends pieces that belong together: nothing comes between them.
    pub(super) async fn send(&self, part: Vec<Piece>) -> Result<(), Gone> {
        self.0.send(part).await.map_err(|_closed| Gone)
    }
}

type Script = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A body of which everything is known.
pub(super) fn whole_body(pieces: Vec<Piece>, line: Line) -> Body {
    let (_, parts) = mpsc::channel(1);
    Outbound::new(pieces, None, parts, line).into_body()
}

/// A body that `script` writes while it is being sent.
pub(super) fn scripted_body<F>(line: Line, script: impl FnOnce(Outlet) -> F) -> Body
where
    F: Future<Output = Result<(), Gone>> + Send + 'static,
{
    let (sender, parts) = mpsc::channel(QUEUED_PARTS);
    let script = script(Outlet(sender));
    let script: Script = Box::pin(async move {
        // Gone: the body is being dropped, and this with it.
        script.await.unwrap_or(());
    });
    Outbound::new(Vec::new(), Some(script), parts, line).into_body()
}

struct Outbound {
    pieces: VecDeque<Piece>,
    /// Encoded, but not sent yet; only when writes are smaller than what is encoded at once.
    rest: Bytes,
    script: Option<Script>,
    parts: mpsc::Receiver<Vec<Piece>>,
    line: Line,
    pacer: Option<Pacer>,
    sent_bytes: u64,
    writes: usize,
}

impl Outbound {
    fn new(
        pieces: Vec<Piece>,
        script: Option<Script>,
        parts: mpsc::Receiver<Vec<Piece>>,
        line: Line,
    ) -> Self {
        Self {
            pieces: pieces.into(),
            rest: Bytes::new(),
            script,
            parts,
            line,
            pacer: line.bits_per_second.map(Pacer::new),
            sent_bytes: 0,
            writes: 0,
        }
    }

    fn into_body(self) -> Body {
        let writes = stream::try_unfold(self, |mut outbound| async move {
            let write = outbound.next().await?;
            Ok::<_, io::Error>(write.map(|bytes| (bytes, outbound)))
        });
        Body::from_stream(writes)
    }

    /// The next write; `None` at the end, an error where the line breaks.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let left = self
                .line
                .cut_after_bytes
                .map(|limit| limit.saturating_sub(self.sent_bytes));
            if left == Some(0) {
                return cut().await;
            }
            if let Some(mut write) = self.take() {
                if let Some(left) = left.and_then(|left| usize::try_from(left).ok()) {
                    write.truncate(left);
                }
                self.wait_for_turn(write.len()).await;
                self.sent_bytes += write.len() as u64;
                self.writes += 1;
                return Ok(Some(write));
            }
            if matches!(self.pieces.pop_front(), Some(Piece::Break)) {
                return cut().await;
            }
            if self.pieces.is_empty() && !self.receive().await {
                return Ok(None);
            }
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        let limit = self.write_limit();
        if self.rest.is_empty() {
            self.rest = self.pieces.front_mut()?.take(limit)?;
        }
        Some(self.rest.split_to(self.rest.len().min(limit)))
    }

    /// Longest next write: a slow line gets about ten milliseconds' worth at a time, so that it flows.
    fn write_limit(&self) -> usize {
        if self.line.split {
            let turn = self.writes % SPLIT_BYTES.len();
            return SPLIT_BYTES.get(turn).copied().unwrap_or(1);
        }
        let Some(rate) = self.line.bits_per_second else {
            return CHUNK_BYTES;
        };
        usize::try_from(rate / 800)
            .unwrap_or(CHUNK_BYTES)
            .clamp(1, CHUNK_BYTES)
    }

    async fn wait_for_turn(&mut self, bytes: usize) {
        if self.line.split {
            // Pending once makes hyper write what it has.
            tokio::task::yield_now().await;
        }
        if let Some(pacer) = &mut self.pacer {
            sleep_until(pacer.turn(Instant::now(), bytes)).await;
        }
    }

    /// Waits for the script; `false` when it is over.
    async fn receive(&mut self) -> bool {
        let Some(script) = self.script.as_mut() else {
            return match self.parts.recv().await {
                Some(part) => {
                    self.pieces.extend(part);
                    true
                }
                None => false,
            };
        };
        let silence = async {
            match self.line.keep_alive {
                Some(limit) => sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            part = self.parts.recv() => match part {
                Some(part) => self.pieces.extend(part),
                None => return false,
            },
            () = script => self.script = None,
            () = silence => {
                let comment = Bytes::from_static(b": keep-alive\n\n");
                self.pieces.push_back(Piece::Plain(comment));
            }
        }
        true
    }
}

/// Breaks the line: hyper closes the connection on an error of the body.
async fn cut() -> io::Result<Option<Bytes>> {
    sleep(CUT_DELAY).await;
    Err(io::ErrorKind::ConnectionReset.into())
}

/// Says when bytes may leave so that a rate is kept on average.
#[derive(Debug)]
struct Pacer {
    bits_per_second: u64,
    /// When the next write may leave; `None` before the first.
    due: Option<Instant>,
}

impl Pacer {
    const fn new(bits_per_second: u64) -> Self {
        Self {
            bits_per_second,
            due: None,
        }
    }

    /// When a write of `bytes` bytes that is ready `now` may leave.
    fn turn(&mut self, now: Instant, bytes: usize) -> Instant {
        let nanos = (bytes as u64).saturating_mul(8_000_000_000) / self.bits_per_second.max(1);
        let oldest = now.checked_sub(CATCH_UP).unwrap_or(now);
        let turn = self.due.unwrap_or(now).max(oldest);
        self.due = Some(turn + Duration::from_nanos(nanos));
        turn
    }
}

#[cfg(test)]
mod tests;
