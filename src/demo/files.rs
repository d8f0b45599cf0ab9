//! Results that are fetched by URL: kept in memory, and not for ever.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;

use super::answer::ApiError;
use super::transport::{Line, Piece, whole_body};
use crate::model::ImageFormat;

/// Most bytes of files; the oldest goes first, whatever its age.
const LIMIT_BYTES: usize = 256 << 20;

/// The files behind URL results.
#[derive(Debug, Default)]
pub(super) struct FileStore {
    files: Mutex<Files>,
}

#[derive(Debug, Default)]
struct Files {
    bytes: usize,
    /// How many there have ever been.
    count: u64,
    /// Oldest first.
    kept: VecDeque<StoredFile>,
}

#[derive(Clone, Debug)]
struct StoredFile {
    name: String,
    content: Bytes,
    mime: &'static str,
    expires: Instant,
}

impl FileStore {
    /// Keeps a file for `ttl` and names it.
    pub(super) fn put(&self, content: Bytes, label: ImageFormat, ttl: Duration) -> String {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.count += 1;
        let name = format!("demo-{:06}.{}", files.count, label.extension());
        // A file that was made unreadable on purpose is still labelled as what it claims to be.
        let mime = ImageFormat::sniff(&content).unwrap_or(label).mime();
        let now = Instant::now();
        files.bytes += content.len();
        files.kept.push_back(StoredFile {
            name: name.clone(),
            content,
            mime,
            expires: now.checked_add(ttl).unwrap_or(now),
        });
        while files.bytes > LIMIT_BYTES
            && let Some(oldest) = files.kept.pop_front()
        {
            files.bytes -= oldest.content.len();
        }
        name
    }

    /// Answers `GET /files/NAME`: 404 for a name never given, 410 after the time, ranges as asked.
    pub(super) fn answer(&self, name: &str, headers: &HeaderMap, line: Line) -> Response {
        let found = {
            let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            files.kept.iter().find(|file| file.name == name).cloned()
        };
        let Some(file) = found else {
            return ApiError::not_found("There is no such file.").into_response();
        };
        if file.expires <= Instant::now() {
            return (StatusCode::GONE, "The link has expired.\n").into_response();
        }
        let length = file.content.len();
        let etag = format!("\"{name}\"");
        let same_file = headers
            .get(header::IF_RANGE)
            .is_none_or(|tag| tag.as_bytes() == etag.as_bytes());
        let range = headers
            .get(header::RANGE)
            .and_then(|value| value.to_str().ok())
            .filter(|_| same_file);
        let (status, span) = match range.map(|range| parse_range(range, length)) {
            None | Some(RangeAnswer::Whole) => (StatusCode::OK, 0..length),
            Some(RangeAnswer::Part(span)) => (StatusCode::PARTIAL_CONTENT, span),
            Some(RangeAnswer::Unsatisfiable) => {
                let all = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
                return (StatusCode::RANGE_NOT_SATISFIABLE, all).into_response();
            }
        };
        let mut response = (
            status,
            [
                (header::CONTENT_TYPE, file.mime.to_owned()),
                (header::CONTENT_LENGTH, span.len().to_string()),
                (header::ACCEPT_RANGES, "bytes".to_owned()),
                (header::ETAG, etag),
            ],
            whole_body(vec![Piece::Plain(file.content.slice(span.clone()))], line),
        )
            .into_response();
        if status == StatusCode::PARTIAL_CONTENT {
            let text = format!("bytes {}-{}/{length}", span.start, span.end - 1);
            if let Ok(value) = text.parse() {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
        }
        response
    }
}

#[derive(Debug, Eq, PartialEq)]
enum RangeAnswer {
    /// Not understood, so ignored (RFC 9110, 14.2).
    Whole,
    Part(Range<usize>),
    Unsatisfiable,
}

/// Reads `bytes=A-B`, `bytes=A-` and `bytes=-N`; several ranges at once are ignored.
fn parse_range(text: &str, length: usize) -> RangeAnswer {
    let bounds = text
        .strip_prefix("bytes=")
        .and_then(|spec| spec.split_once('-'));
    let Some((first, last)) = bounds else {
        return RangeAnswer::Whole;
    };
    let span = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(first), Err(_)) if last.is_empty() => first..length,
        (Err(_), Ok(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return RangeAnswer::Whole,
    };
    if span.start < span.end {
        RangeAnswer::Part(span)
    } else {
        RangeAnswer::Unsatisfiable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let check = |text: &str, expected: RangeAnswer| {
            assert_eq!(parse_range(text, 100), expected, "{text}");
        };
        check("bytes=0-9", RangeAnswer::Part(0..10));
        check("bytes=90-", RangeAnswer::Part(90..100));
        check("bytes=90-900", RangeAnswer::Part(90..100));
        check("bytes=-10", RangeAnswer::Part(90..100));
        check("bytes=-900", RangeAnswer::Part(0..100));
        check("bytes=100-", RangeAnswer::Unsatisfiable);
        check("bytes=-0", RangeAnswer::Unsatisfiable);
        check("bytes=9-0", RangeAnswer::Whole);
        check("bytes=0-1,5-6", RangeAnswer::Whole);
        check("lines=0-1", RangeAnswer::Whole);
        check("bytes=-", RangeAnswer::Whole);
    }

    #[test]
    fn the_store_is_bounded() {
        let store = FileStore::default();
        let file = Bytes::from(vec![0; LIMIT_BYTES / 2]);
        let ttl = Duration::from_mins(1);
        let names: Vec<String> = (0..3)
            .map(|_| store.put(file.clone(), ImageFormat::Png, ttl))
            .collect();
        let status = |name: &str| {
            store
                .answer(name, &HeaderMap::new(), Line::default())
                .status()
        };
        assert_eq!(status(&names[0]), StatusCode::NOT_FOUND);
        assert_eq!(status(&names[2]), StatusCode::OK);
    }
}
