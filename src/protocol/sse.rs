//! Server-sent events: lines and fields (protocol.md 5).
//!
//! Small lines are taken whole, straight from the chunk. An event that grows past the limit is replayed once through
//! the scanner, and whatever follows of it streams through. Called by [`super::decoder`] only.

use memchr::memchr2;

use super::blob::BlobSink;
use super::decoder::keep_head;
use super::error::DecodeError;
use super::frame::{Frame, is_end_marker, parse};
use super::scan::{LineEnds, Scanner};

/// A line is looked for an end in so many bytes; a longer one streams.
const MAX_WHOLE_LINE: usize = 8 * 1024;

/// Where the next byte belongs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Position {
    /// In a line that is gathered until its end.
    #[default]
    Line,
    /// In the value of a long `data` line.
    LongData,
    /// In a long line that means nothing.
    LongOther,
}

/// Reads a stream of events. Data goes through the scanner that every call is given.
#[derive(Debug, Default)]
pub(super) struct SseReader {
    position: Position,
    /// The last line ended with a CR: an LF now belongs to it.
    is_after_cr: bool,
    /// The beginning of a line that the chunk before had no end for.
    line: Vec<u8>,
    event: Vec<u8>,
    /// Data of the event, until it is too large for this and goes to the scanner.
    data: Vec<u8>,
    /// Data lines of the event so far.
    data_lines: u64,
    /// The event's data is in the scanner.
    is_scanned: bool,
    is_done: bool,
    keep_alives: u64,
}

/// What an event needs besides its own state.
struct Road<'a, S> {
    scanner: &'a mut Scanner,
    sink: &'a mut S,
    frames: &'a mut Vec<Frame>,
    head: &'a mut Vec<u8>,
}

impl SseReader {
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(super) fn keep_alives(&self) -> u64 {
        self.keep_alives
    }

    /// Takes the next bytes.
    pub(super) fn push<S: BlobSink>(
        &mut self,
        chunk: &[u8],
        scanner: &mut Scanner,
        sink: &mut S,
        frames: &mut Vec<Frame>,
        head: &mut Vec<u8>,
    ) -> Result<(), DecodeError<S::Error>> {
        let road = &mut Road {
            scanner,
            sink,
            frames,
            head,
        };
        let mut rest = chunk;
        while let [first, behind @ ..] = rest {
            // Whatever follows the end marker means nothing.
            if self.is_done {
                return Ok(());
            }
            if std::mem::take(&mut self.is_after_cr) && *first == b'\n' {
                rest = behind;
                continue;
            }
            let used = match self.position {
                Position::Line => self.line(rest, road)?,
                Position::LongData => {
                    let used = self.scan(rest, LineEnds::Stop, road)?;
                    used + self.end_long_line(rest.get(used))
                }
                Position::LongOther => {
                    let used = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    used + self.end_long_line(rest.get(used))
                }
            };
            rest = rest.get(used..).unwrap_or_default();
        }
        Ok(())
    }

    /// Ends the stream; whether it was inside an event.
    ///
    /// The standard throws the last event away if no blank line follows; here it counts if it is JSON (protocol.md
    /// 5.2), and if it is cut, up to its last whole value.
    pub(super) fn finish<S: BlobSink>(
        &mut self,
        scanner: &mut Scanner,
        sink: &mut S,
        frames: &mut Vec<Frame>,
        head: &mut Vec<u8>,
    ) -> Result<bool, DecodeError<S::Error>> {
        let road = &mut Road {
            scanner,
            sink,
            frames,
            head,
        };
        if self.is_done {
            return Ok(false);
        }
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.whole_line(&line, road)?;
        }
        if self.data_lines == 0 {
            return Ok(false);
        }
        if !self.is_scanned {
            if is_end_marker(&self.data) {
                self.dispatch(road)?;
                return Ok(false);
            }
            // The scanner knows how to end a document in the middle.
            self.scan_gathered(road)?;
        }
        let is_cut = road.scanner.is_open();
        let data = if is_cut {
            road.scanner.finish_cut(road.sink)?
        } else {
            road.scanner.finish(road.sink)?
        };
        let is_json = parse(&data).is_some();
        if is_json && !is_cut {
            self.emit(data, road);
            return Ok(false);
        }
        keep_event(road.head, &self.event, &data);
        if is_json {
            let nonce = road.scanner.nonce();
            road.frames.push(Frame::new(&self.event, data, nonce).cut());
        }
        Ok(is_cut)
    }

    /// Takes bytes that belong to a line, up to its end if that is near.
    fn line<S: BlobSink>(
        &mut self,
        rest: &[u8],
        road: &mut Road<'_, S>,
    ) -> Result<usize, DecodeError<S::Error>> {
        // Every third line of a stream is blank.
        if self.line.is_empty() && rest.first() == Some(&b'\n') {
            self.dispatch(road)?;
            return Ok(1);
        }
        let room = MAX_WHOLE_LINE - self.line.len().min(MAX_WHOLE_LINE);
        let window = rest.get(..room).unwrap_or(rest);
        let Some(end) = memchr2(b'\n', b'\r', window) else {
            self.line.extend_from_slice(window);
            if self.line.len() >= MAX_WHOLE_LINE {
                self.long_line(road)?;
            }
            return Ok(window.len());
        };
        self.is_after_cr = window.get(end) == Some(&b'\r');
        let text = window.get(..end).unwrap_or_default();
        if self.line.is_empty() {
            self.whole_line(text, road)?;
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(text);
            let result = self.whole_line(&line, road);
            // Kept for its capacity.
            line.clear();
            self.line = line;
            result?;
        }
        Ok(end + 1)
    }

    /// A line without its end.
    fn whole_line<S: BlobSink>(
        &mut self,
        line: &[u8],
        road: &mut Road<'_, S>,
    ) -> Result<(), DecodeError<S::Error>> {
        if line.is_empty() {
            return self.dispatch(road);
        }
        match split_field(line) {
            (b"data", value) => {
                self.begin_data_line(value.len(), road)?;
                if self.is_scanned {
                    self.scan(value, LineEnds::Ordinary, road)?;
                } else {
                    if self.data.is_empty() {
                        // Becomes the frame as it is: one allocation, one copy.
                        self.data.reserve_exact(value.len() + self.event.len());
                    }
                    self.data.extend_from_slice(value);
                }
            }
            (b"event", value) => {
                self.event.clear();
                self.event.extend_from_slice(value);
            }
            (b"", _) => self.keep_alives += 1,
            (b"id" | b"retry", _) => {}
            // A bare end marker; anything else is at least shown.
            _ if is_end_marker(line) => {
                self.dispatch(road)?;
                self.emit(line.to_vec(), road);
            }
            _ => {
                keep_head(road.head, line);
                keep_head(road.head, b"\n");
            }
        }
        Ok(())
    }

    /// `self.line` holds the beginning of a line whose end is far.
    fn long_line<S: BlobSink>(
        &mut self,
        road: &mut Road<'_, S>,
    ) -> Result<(), DecodeError<S::Error>> {
        let line = std::mem::take(&mut self.line);
        self.position = Position::LongOther;
        if let (b"data", value) = split_field(&line) {
            self.position = Position::LongData;
            self.begin_data_line(usize::MAX, road)?;
            self.scan(value, LineEnds::Ordinary, road)?;
        }
        Ok(())
    }

    /// Where a long line stopped: takes its end, if it is there.
    fn end_long_line(&mut self, end: Option<&u8>) -> usize {
        let Some(&end) = end else {
            return 0;
        };
        self.position = Position::Line;
        self.is_after_cr = end == b'\r';
        1
    }

    /// A data line of `len` bytes follows: joins it to those before, and leaves the small road if it gets too large.
    fn begin_data_line<S: BlobSink>(
        &mut self,
        len: usize,
        road: &mut Road<'_, S>,
    ) -> Result<(), DecodeError<S::Error>> {
        let is_first = self.data_lines == 0;
        self.data_lines += 1;
        let small = road.scanner.limits().divert_after_bytes;
        if !self.is_scanned && self.data.len().saturating_add(len) > small {
            self.scan_gathered(road)?;
        }
        if is_first {
            return Ok(());
        }
        if !self.is_scanned {
            self.data.push(b'\n');
        } else if !road.scanner.in_string() {
            self.scan(b"\n", LineEnds::Ordinary, road)?;
        }
        Ok(())
    }

    /// Sends what was gathered of the event through the scanner, as the rest of it will be.
    fn scan_gathered<S: BlobSink>(
        &mut self,
        road: &mut Road<'_, S>,
    ) -> Result<(), DecodeError<S::Error>> {
        self.is_scanned = true;
        // Line by line: inside a string the line ends between data lines are nothing.
        for (index, line) in self.data.split(|&byte| byte == b'\n').enumerate() {
            if index > 0 && !road.scanner.in_string() {
                self.scan(b"\n", LineEnds::Ordinary, road)?;
            }
            self.scan(line, LineEnds::Ordinary, road)?;
        }
        self.data.clear();
        Ok(())
    }

    /// Sends a piece of the event's data through the scanner; how much of it was used.
    fn scan<S: BlobSink>(
        &self,
        piece: &[u8],
        line_ends: LineEnds,
        road: &mut Road<'_, S>,
    ) -> Result<usize, DecodeError<S::Error>> {
        let event = std::str::from_utf8(&self.event).ok();
        let event = event.filter(|name| !name.is_empty());
        road.scanner.scan(piece, line_ends, event, road.sink)
    }

    /// At a blank line.
    fn dispatch<S: BlobSink>(
        &mut self,
        road: &mut Road<'_, S>,
    ) -> Result<(), DecodeError<S::Error>> {
        if self.is_scanned {
            let data = road.scanner.finish(road.sink)?;
            self.emit(data, road);
        } else if self.data_lines > 0 {
            let data = std::mem::take(&mut self.data);
            self.emit(data, road);
        }
        self.event.clear();
        self.data.clear();
        self.data_lines = 0;
        self.is_scanned = false;
        Ok(())
    }

    fn emit<S>(&mut self, data: Vec<u8>, road: &mut Road<'_, S>) {
        if data.is_empty() {
            self.keep_alives += 1;
            return;
        }
        self.is_done = is_end_marker(&data);
        keep_event(road.head, &self.event, &data);
        let nonce = road.scanner.nonce();
        road.frames.push(Frame::new(&self.event, data, nonce));
    }
}

/// Field name and value, one leading blank removed. No colon: no value. A comment has an empty name.
fn split_field(line: &[u8]) -> (&[u8], &[u8]) {
    if let Some(value) = line.strip_prefix(b"data:") {
        return (b"data", value.strip_prefix(b" ").unwrap_or(value));
    }
    let Some((name, value)) = line
        .iter()
        .position(|&byte| byte == b':')
        .and_then(|colon| line.split_at_checked(colon))
    else {
        return (line, &[]);
    };
    let value = value.strip_prefix(b":").unwrap_or(value);
    (name, value.strip_prefix(b" ").unwrap_or(value))
}

/// Notes an event for «raw answer».
fn keep_event(head: &mut Vec<u8>, event: &[u8], data: &[u8]) {
    if head.len() >= super::decoder::HEAD_BYTES {
        return;
    }
    if !event.is_empty() {
        keep_head(head, b"event: ");
        keep_head(head, event);
        keep_head(head, b"\n");
    }
    keep_head(head, b"data: ");
    keep_head(head, data);
    keep_head(head, b"\n\n");
}
