//! What a job is doing, in the user's words: always what is known of the stream, never a guess.

use crate::engine::Download;
use crate::model::{Failure, FailureKind, JobNote, JobState, Stage};

use super::failure_text;
use super::format;
use super::state::{Job, Jobs};
use super::text::{Key, Text};

/// From here on silence is worth a word, in milliseconds.
const SILENCE_MS: i64 = 10_000;
/// From here on it is worth a colour: previews come every few seconds, but a picture may take minutes.
const LONG_SILENCE_MS: i64 = 60_000;

/// A line under the headline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// What it says.
    pub(super) words: String,
    /// Whether something is not as it should be.
    pub(super) is_warning: bool,
}

impl Line {
    const fn plain(words: String) -> Self {
        Self {
            words,
            is_warning: false,
        }
    }
}

/// What is left until `until_ms`, as people count down: `0:12` for the whole last second of the twelve.
pub(super) fn countdown(until_ms: i64, now_ms: i64) -> String {
    format::clock(until_ms.saturating_sub(now_ms).max(0).saturating_add(999))
}

/// A few words that fit into a cell of the filmstrip.
pub(super) fn short(text: &Text, job: &Job, now_ms: i64) -> String {
    let plain = |key: Key| text.get(key).to_owned();
    let snapshot = &job.snapshot;
    match snapshot.state {
        JobState::Queued => plain(Key::StageQueued),
        JobState::Done => plain(Key::StateDone),
        JobState::Failed => plain(Key::StateFailed),
        JobState::Canceled => plain(Key::StateCanceled),
        JobState::Interrupted => plain(Key::StateInterrupted),
        JobState::Running => match snapshot.stage {
            Stage::Connecting => plain(Key::StageConnecting),
            Stage::Sent => plain(Key::StageSent),
            Stage::Accepted => plain(Key::StageAccepted),
            Stage::Preview(number) => {
                text.with(Key::StagePreview, [("number", number.to_string().into())])
            }
            Stage::Receiving { received, total } => receiving_short(text, received, total),
            Stage::Saving => plain(Key::StageSaving),
            Stage::Waiting { .. } => match snapshot.waiting {
                Some(waiting) => {
                    let time = countdown(waiting.until_ms, now_ms);
                    text.with(Key::StageWaiting, [("time", time.into())])
                }
                // The time is over; others have the gateway.
                None => plain(Key::StageQueued),
            },
        },
    }
}

/// What stands over the canvas.
pub(super) fn headline(text: &Text, job: &Job, jobs: &Jobs, now_ms: i64) -> String {
    let snapshot = &job.snapshot;
    let host = snapshot.host.as_deref();
    match (snapshot.state, snapshot.stage) {
        (JobState::Queued, _) => match (snapshot.waiting, jobs.place_in_queue(snapshot.id)) {
            (Some(waiting), _) => text.with(
                Key::StageHeld,
                [("time", countdown(waiting.until_ms, now_ms).into())],
            ),
            (None, Some(place)) if place > 1 => {
                text.with(Key::StageQueuedPlace, [("place", place.to_string().into())])
            }
            (None, _) => short(text, job, now_ms),
        },
        (JobState::Running, Stage::Connecting) => match host {
            Some(host) => text.with(Key::StageConnectingTo, [("host", host.into())]),
            None => short(text, job, now_ms),
        },
        (JobState::Running, Stage::Preview(number)) => {
            let most = u32::from(snapshot.request.parameters.partials);
            if number > most {
                return short(text, job, now_ms);
            }
            text.with(
                Key::StagePreviewOf,
                [
                    ("number", number.to_string().into()),
                    ("most", most.to_string().into()),
                ],
            )
        }
        (JobState::Running, Stage::Receiving { received, total }) => {
            receiving(text, received, total)
        }
        (JobState::Running, Stage::Waiting { attempt, .. }) => {
            let attempt = text.with(Key::StageAttempt, [("attempt", attempt.to_string().into())]);
            format!("{} · {attempt}", short(text, job, now_ms))
        }
        (JobState::Running, Stage::Sent | Stage::Accepted) => match snapshot.downloads.first() {
            Some(download) => text.with(
                Key::StageFetching,
                [("host", download.host.as_str().into())],
            ),
            None => short(text, job, now_ms),
        },
        _ => short(text, job, now_ms),
    }
}

/// What else is known of a job that is not over: why it waits, how long nothing has come, how long a link works, and
/// what was done otherwise than asked.
pub(super) fn lines(text: &Text, job: &Job, now_ms: i64) -> Vec<Line> {
    let snapshot = &job.snapshot;
    let mut lines = Vec::new();
    let is_waiting = matches!(snapshot.stage, Stage::Waiting { .. });
    let reason = snapshot
        .waiting
        .map(|waiting| waiting.kind)
        .or_else(|| job.retry.map(|(_, kind)| kind).filter(|_| is_waiting));
    if let Some(kind) = reason {
        lines.push(Line::plain(cause_of(text, kind)));
    }
    if let Some(download) = soonest(&snapshot.downloads) {
        lines.push(link_line(text, download, now_ms));
    }
    if snapshot.state == JobState::Running {
        lines.extend(silence(text, job, now_ms));
    }
    lines.extend(
        snapshot
            .notes
            .iter()
            .map(|what| Line::plain(note(text, what))),
    );
    lines
}

/// Something that was done otherwise than asked.
pub(super) fn note(text: &Text, note: &JobNote) -> String {
    match note {
        JobNote::AddressSwitched { from, to } => text.with(
            Key::NoteSwitched,
            [("from", from.as_str().into()), ("to", to.as_str().into())],
        ),
        JobNote::NotProtected { original, result } => text.with(
            Key::NoteNotProtected,
            [
                ("original", format::pixel_size(*original).into()),
                ("result", format::pixel_size(*result).into()),
            ],
        ),
        JobNote::ParameterDropped { name } => {
            text.with(Key::NoteDropped, [("name", name.as_str().into())])
        }
        JobNote::ReferencesShrunk {
            from_bytes,
            to_bytes,
        } => text.with(
            Key::NoteShrunk,
            [(
                "change",
                format::bytes_change(*from_bytes, *to_bytes).into(),
            )],
        ),
    }
}

/// How long the link of a picture works, or that it does not any more.
pub(super) fn link_line(text: &Text, download: &Download, now_ms: i64) -> Line {
    let host = download.host.as_str();
    if download.expires_ms <= now_ms {
        return Line {
            words: text.with(Key::LineExpired, [("host", host.into())]),
            is_warning: true,
        };
    }
    Line::plain(text.with(
        Key::LineExpires,
        [
            ("host", host.into()),
            ("time", countdown(download.expires_ms, now_ms).into()),
        ],
    ))
}

/// The download whose link goes first.
pub(super) fn soonest(downloads: &[Download]) -> Option<&Download> {
    downloads.iter().min_by_key(|download| download.expires_ms)
}

/// The clocks that count down for a job, in milliseconds since 1970 (UTC); those that have run out count no more.
pub(super) fn deadlines(job: &Job, now_ms: i64) -> impl Iterator<Item = i64> {
    let snapshot = &job.snapshot;
    let waiting = snapshot.waiting.map(|waiting| waiting.until_ms);
    let links = snapshot
        .downloads
        .iter()
        .map(|download| download.expires_ms);
    links.chain(waiting).filter(move |until| *until > now_ms)
}

fn cause_of(text: &Text, kind: FailureKind) -> String {
    failure_text::cause(text, &Failure::new(kind, ""))
}

fn percent(received: u64, total: u64) -> String {
    let percent = u128::from(received.min(total)) * 100 / u128::from(total.max(1));
    percent.to_string()
}

fn receiving_short(text: &Text, received: u64, total: Option<u64>) -> String {
    match total.filter(|total| *total > 0) {
        Some(total) => text.with(
            Key::StageReceivingPercent,
            [("percent", percent(received, total).into())],
        ),
        None => text.with(
            Key::StageReceiving,
            [("bytes", format::bytes(received).into())],
        ),
    }
}

fn receiving(text: &Text, received: u64, total: Option<u64>) -> String {
    match total.filter(|total| *total > 0) {
        Some(total) => text.with(
            Key::StageReceivingOf,
            [
                ("percent", percent(received, total).into()),
                ("bytes", format::bytes(total).into()),
            ],
        ),
        None => receiving_short(text, received, total),
    }
}

/// How long nothing has come, or nothing but keep-alives.
fn silence(text: &Text, job: &Job, now_ms: i64) -> Option<Line> {
    let snapshot = &job.snapshot;
    let listens = matches!(
        snapshot.stage,
        Stage::Sent | Stage::Accepted | Stage::Preview(_) | Stage::Receiving { .. }
    );
    let silent = |since: i64| now_ms.saturating_sub(since);
    let byte = snapshot.last_byte_ms.filter(|_| listens)?;
    let (key, ms) = if silent(byte) >= SILENCE_MS {
        (Key::LineSilent, silent(byte))
    } else {
        (Key::LineKeepAlive, silent(snapshot.last_event_ms?))
    };
    (ms >= SILENCE_MS).then(|| Line {
        words: text.with(key, [("seconds", (ms / 1000).to_string().into())]),
        is_warning: ms >= LONG_SILENCE_MS,
    })
}
