//! What stands on the canvas: decodes it, on a thread of its own, and keeps up with running jobs.
//!
//! The newest `Show` wins: whatever is decoded for an older one stops at its next row. A picture that is still
//! arriving is normally drawn by the thread that decodes it anyway (see [`Canvas::arriving`]); the thread here steps
//! in where that one began too early or the reader was too slow for it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::media::{
    Header, MediaError, MediaLimits, Packer, PixelPiece, Pyramid, RowSink, Tee, ThumbnailBuilder,
    decode_reference, decode_rows, pyramid_levels,
};
use crate::model::JobId;

use super::outbox::{Offer, Outbox, Turn};
use super::spool::{Interrupt, SpoolReader};
use super::{
    CanvasEvent, Event, PictureSource, PieceOrigin, PreviewRecord, ThumbnailPixels, ThumbnailSize,
    failure,
};

/// The canvas as the rest of the engine sees it. Clones are the same canvas.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    outbox: Arc<Outbox>,
    limits: MediaLimits,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    serial: u64,
    source: Option<PictureSource>,
    /// Which picture of a live job is shown, so that several at once don't take turns; free once it is finished.
    focus: Option<u32>,
    jobs: HashMap<JobId, Live>,
    /// The newest task; an older one is never done.
    waiting: Option<Task>,
    /// The thread is at a task.
    drawing: bool,
    /// Ends the follower that the thread reads from.
    following: Option<Interrupt>,
    stopped: bool,
}

/// What a running job has to show.
#[derive(Debug, Default)]
struct Live {
    preview: Option<PreviewRecord>,
    arriving: Option<(u32, SpoolReader)>,
    result: Option<PathBuf>,
}

/// Something to show.
#[derive(Debug)]
pub(super) enum Picture {
    /// A whole file.
    File {
        path: PathBuf,
        origin: PieceOrigin,
        /// The running job whose small picture it is as well.
        thumbnail_of: Option<JobId>,
    },
    /// The file of a reference, in the colours that it is sent in.
    Reference(PathBuf),
    /// A result that arrives.
    Arriving(SpoolReader),
}

#[derive(Debug)]
struct Task {
    serial: u64,
    /// One after the other.
    pictures: Vec<Picture>,
}

impl Canvas {
    /// Starts the thread, which keeps `alive` for as long as it lives.
    ///
    /// # Errors
    /// When the system gives none.
    pub(super) fn start(
        outbox: Arc<Outbox>,
        limits: MediaLimits,
        alive: impl Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            outbox,
            limits,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let canvas = Self {
            shared: Arc::clone(&shared),
        };
        thread::Builder::new()
            .name("atelier-canvas".to_owned())
            .spawn(move || {
                shared.run();
                drop(alive);
            })?;
        Ok(canvas)
    }

    /// Ends the thread.
    pub(super) fn stop(&self) {
        let mut state = self.shared.state();
        state.stopped = true;
        state.waiting = None;
        state.interrupt();
        drop(state);
        self.shared.outbox.close();
        self.shared.changed.notify_all();
    }

    /// Shows something else from now on. `false`: the source is not of a running job, so whoever asks has to find its
    /// file and [`Self::show_file`] it.
    pub(super) fn show(&self, serial: u64, source: Option<PictureSource>) -> bool {
        self.shared.outbox.show(serial);
        let mut state = self.shared.state();
        if serial < state.serial {
            return true;
        }
        state.serial = serial;
        state.source = source;
        state.focus = None;
        state.waiting = None;
        state.interrupt();
        let live = match source {
            None => return true,
            Some(PictureSource::Live(job)) => state.jobs.get(&job),
            Some(
                PictureSource::Image(_)
                | PictureSource::Preview { .. }
                | PictureSource::Reference(_)
                | PictureSource::Heat(_),
            ) => None,
        };
        let Some(live) = live else {
            return false;
        };
        let (focus, pictures) = live.now();
        state.focus = focus;
        self.shared.submit(state, serial, pictures);
        true
    }

    /// Shows a file, if nothing else was asked for since.
    pub(super) fn show_file(&self, serial: u64, path: PathBuf, origin: PieceOrigin) {
        let state = self.shared.state();
        if serial == state.serial {
            let picture = match state.source {
                Some(PictureSource::Reference(_)) => Picture::Reference(path),
                _ => Picture::File {
                    path,
                    origin,
                    thumbnail_of: None,
                },
            };
            self.shared.submit(state, serial, vec![picture]);
        }
    }

    /// A job runs: it can be shown live from now on.
    pub(super) fn job_began(&self, job: JobId) {
        self.shared.state().jobs.insert(job, Live::default());
    }

    /// A job is over; what of it is on the canvas stays.
    pub(super) fn job_ended(&self, job: JobId) {
        self.shared.state().jobs.remove(&job);
    }

    /// A job has a preview. `true`: it is decoded for the canvas, and the job's small picture comes from there.
    pub(super) fn preview(&self, record: &PreviewRecord) -> bool {
        let mut state = self.shared.state();
        if let Some(live) = state.jobs.get_mut(&record.job) {
            live.preview = Some(record.clone());
        }
        let Some(serial) = state.turn_of(record.job, record.index) else {
            return false;
        };
        let picture = Picture::File {
            path: record.path.clone(),
            origin: PieceOrigin::Preview {
                preview: record.preview,
            },
            thumbnail_of: Some(record.job),
        };
        self.shared.submit(state, serial, vec![picture]);
        true
    }

    /// A result of a job begins to arrive. If it is to be seen, whoever decodes it draws it with the feed.
    pub(super) fn arriving(&self, job: JobId, index: u32, reader: SpoolReader) -> Option<Feed> {
        let mut state = self.shared.state();
        if let Some(live) = state.jobs.get_mut(&job) {
            live.arriving = Some((index, reader.clone()));
        }
        let serial = state.turn_of(job, index)?;
        if state.drawing || state.waiting.is_some() {
            // A preview is not drawn yet: the rows follow it on the same thread, lest it is drawn over them.
            let waiting = state.waiting.take().filter(|task| task.serial == serial);
            let mut pictures = waiting.map_or_else(Vec::new, |task| task.pictures);
            pictures.push(Picture::Arriving(reader));
            self.shared.submit(state, serial, pictures);
            return None;
        }
        Some(Feed::new(
            Arc::clone(&self.shared.outbox),
            serial,
            PieceOrigin::Arriving,
            Wait::Never,
        ))
    }

    /// What was arriving is over: filed as `result`, or not a picture. `drawn` says that the feed has drawn all of it.
    pub(super) fn arrived(&self, job: JobId, index: u32, result: Option<&Path>, drawn: bool) {
        let mut state = self.shared.state();
        if let Some(live) = state.jobs.get_mut(&job) {
            if live.arriving.as_ref().is_some_and(|(at, _)| *at == index) {
                live.arriving = None;
            }
            if let Some(path) = result {
                live.result = Some(path.to_owned());
            }
        }
        let Some(serial) = state.turn_of(job, index) else {
            return;
        };
        state.focus = None;
        let Some(path) = result else {
            return;
        };
        // A follower of this thread may be in the middle of it.
        if !drawn && state.following.is_none() {
            let picture = Picture::File {
                path: path.to_owned(),
                origin: PieceOrigin::Result,
                thumbnail_of: None,
            };
            self.shared.submit(state, serial, vec![picture]);
        }
    }
}

impl Live {
    /// What of it to show at this moment, and which picture that belongs to.
    fn now(&self) -> (Option<u32>, Vec<Picture>) {
        let preview = |record: &PreviewRecord| Picture::File {
            path: record.path.clone(),
            origin: PieceOrigin::Preview {
                preview: record.preview,
            },
            thumbnail_of: None,
        };
        match (&self.arriving, &self.preview, &self.result) {
            (Some((index, reader)), record, _) => {
                let below = record.iter().filter(|record| record.index == *index);
                let mut pictures: Vec<Picture> = below.map(preview).collect();
                pictures.push(Picture::Arriving(reader.clone()));
                (Some(*index), pictures)
            }
            (None, _, Some(path)) => {
                let picture = Picture::File {
                    path: path.clone(),
                    origin: PieceOrigin::Result,
                    thumbnail_of: None,
                };
                (None, vec![picture])
            }
            (None, Some(record), None) => (Some(record.index), vec![preview(record)]),
            (None, None, None) => (None, Vec::new()),
        }
    }
}

impl State {
    /// The serial, if picture `index` of `job` is to be seen; it then is until it is finished.
    fn turn_of(&mut self, job: JobId, index: u32) -> Option<u64> {
        let is_shown = self.source == Some(PictureSource::Live(job))
            && self.focus.is_none_or(|focus| focus == index);
        if !is_shown {
            return None;
        }
        self.focus = Some(index);
        Some(self.serial)
    }

    fn interrupt(&mut self) {
        if let Some(following) = self.following.take() {
            following.stop();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, mut state: MutexGuard<'_, State>, serial: u64, pictures: Vec<Picture>) {
        state.waiting = Some(Task { serial, pictures });
        drop(state);
        self.changed.notify_all();
    }

    fn run(&self) {
        while let Some(Task { serial, pictures }) = self.next() {
            for picture in pictures {
                let drawn = catch_unwind(AssertUnwindSafe(|| self.draw(serial, picture)));
                // A decoder that panics must not end the canvas.
                let drawn = drawn.unwrap_or(Err(MediaError::Unknown));
                if let Err(error) = drawn {
                    self.outbox.push(Event::Canvas(CanvasEvent::Failed {
                        serial,
                        failure: failure::of_media(&error),
                    }));
                }
            }
        }
    }

    fn next(&self) -> Option<Task> {
        let mut state = self.state();
        state.drawing = false;
        loop {
            if state.stopped {
                return None;
            }
            if let Some(task) = state.waiting.take() {
                state.drawing = true;
                return Some(task);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Work that is not wanted any more ends without an error.
    fn draw(&self, serial: u64, picture: Picture) -> Result<(), MediaError> {
        let feed = |origin| Feed::new(Arc::clone(&self.outbox), serial, origin, Wait::ForRoom);
        let drawn = match picture {
            Picture::File {
                path,
                origin,
                thumbnail_of,
            } => {
                let reader = BufReader::with_capacity(64 << 10, File::open(path)?);
                self.draw_file(reader, feed(origin), thumbnail_of)
            }
            Picture::Reference(path) => {
                let mut rows = Packer::new(feed(PieceOrigin::Result));
                decode_reference(File::open(path)?, &self.limits, &mut rows)?;
                Ok(rows.into_inner().end())
            }
            Picture::Arriving(reader) => {
                let follower = reader.follow()?;
                {
                    let mut state = self.state();
                    if state.serial != serial {
                        return Ok(());
                    }
                    state.following = Some(follower.interrupt());
                }
                let drawn = feed(PieceOrigin::Arriving).draw(follower, &self.limits);
                self.state().following = None;
                drawn
            }
        };
        match drawn {
            Ok(_) | Err(MediaError::Canceled) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn draw_file(
        &self,
        reader: impl BufRead + Seek,
        feed: Feed,
        thumbnail_of: Option<JobId>,
    ) -> Result<bool, MediaError> {
        let Some(job) = thumbnail_of else {
            return feed.draw(reader, &self.limits);
        };
        let builder = ThumbnailBuilder::new(ThumbnailSize::Small.side_px());
        let mut tee = Tee::new(builder, feed);
        decode_rows(reader, &self.limits, &mut tee)?;
        let (builder, feed) = tee.into_inner();
        if let Some(thumbnail) = builder.finish() {
            self.outbox.push(Event::JobThumbnail {
                job,
                thumbnail: thumbnail.into(),
            });
        }
        Ok(feed.end())
    }
}

/// What a feed does when the reader is behind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wait {
    /// Gives up drawing; decoding must not stop.
    Never,
    ForRoom,
}

/// Draws rows on the canvas while they are decoded.
pub(super) struct Feed {
    outbox: Arc<Outbox>,
    serial: u64,
    origin: PieceOrigin,
    wait: Wait,
    drawing: Option<Drawing>,
}

struct Drawing {
    turn: Turn,
    pyramid: Pyramid<Box<dyn FnMut(PixelPiece) + Send>>,
    /// Whether pieces are still taken.
    goes_on: Arc<AtomicBool>,
}

impl Feed {
    fn new(outbox: Arc<Outbox>, serial: u64, origin: PieceOrigin, wait: Wait) -> Self {
        Self {
            outbox,
            serial,
            origin,
            wait,
            drawing: None,
        }
    }

    /// Decodes a picture and draws it; whether all of it was.
    fn draw(
        mut self,
        reader: impl BufRead + Seek,
        limits: &MediaLimits,
    ) -> Result<bool, MediaError> {
        decode_rows(reader, limits, &mut self)?;
        Ok(self.end())
    }

    /// The last row was there. Answers whether everything was drawn.
    pub(super) fn end(self) -> bool {
        let Some(mut drawing) = self.drawing else {
            return false;
        };
        drawing.pyramid.finish();
        if !drawing.goes_on.load(Ordering::Relaxed) {
            return false;
        }
        let end = CanvasEvent::End {
            serial: self.serial,
            origin: match self.origin {
                PieceOrigin::Arriving => PieceOrigin::Result,
                other => other,
            },
        };
        self.outbox.offer(drawing.turn, end) == Offer::Taken
    }
}

impl RowSink for Feed {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        let begin = CanvasEvent::Begin {
            serial: self.serial,
            origin: self.origin,
            size: header.size,
            levels: pyramid_levels(header.size),
        };
        let Some(turn) = self.outbox.begin(begin) else {
            return ControlFlow::Break(());
        };
        let goes_on = Arc::new(AtomicBool::new(true));
        let emit = {
            let (outbox, goes_on) = (Arc::clone(&self.outbox), Arc::clone(&goes_on));
            let (serial, wait) = (self.serial, self.wait);
            move |piece: PixelPiece| {
                if !goes_on.load(Ordering::Relaxed) {
                    return;
                }
                let event = canvas_piece(serial, piece);
                let is_taken = match wait {
                    Wait::Never => outbox.offer(turn, event) == Offer::Taken,
                    Wait::ForRoom => outbox.wait(turn, event),
                };
                goes_on.store(is_taken, Ordering::Relaxed);
            }
        };
        let mut pyramid: Pyramid<Box<dyn FnMut(PixelPiece) + Send>> =
            Pyramid::new(Box::new(emit) as _);
        let flow = pyramid.begin(header);
        self.drawing = Some(Drawing {
            turn,
            pyramid,
            goes_on,
        });
        flow
    }

    fn row(&mut self, y: u32, pixels: &[u32]) -> ControlFlow<()> {
        let Some(drawing) = &mut self.drawing else {
            return ControlFlow::Break(());
        };
        if !drawing.goes_on.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        drawing.pyramid.row(y, pixels)
    }
}

fn canvas_piece(serial: u64, piece: PixelPiece) -> CanvasEvent {
    let PixelPiece {
        level,
        x,
        y,
        width,
        height,
        pixels,
    } = piece;
    CanvasEvent::Piece {
        serial,
        level,
        x,
        y,
        pixels: ThumbnailPixels {
            width,
            height,
            pixels,
        },
    }
}
