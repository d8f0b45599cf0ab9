//! What the engine tells. Everything here is plain data; nothing needs a lock to read.

use std::path::PathBuf;
use std::sync::Arc;

use crate::media::{LoadedMask, Mask};
use crate::model::{
    Catalog, Failure, FailureKind, GatewayId, GatewayProfile, GenerationRequest, ImageFormat,
    ImageId, ImageRecord, JobId, JobNote, JobState, KnownKeys, PixelSize, Reference,
    ReferenceProblem, Settings, Stage, TrackLine, UploadFit, UploadLimits, Usage,
};

use super::{MaskToken, ReferenceToken, StartFailure, ThumbnailSize};

/// A kept preview.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreviewRecord {
    /// The job.
    pub job: JobId,
    /// Which of the job's pictures it is a preview of, from 0.
    pub index: u32,
    /// Its number among the previews of that picture, from 0.
    pub preview: u32,
    /// The file: complete and readable, and it stays.
    pub path: PathBuf,
    /// Width x height in pixels.
    pub size: PixelSize,
    /// Format as read from the bytes.
    pub format: ImageFormat,
}

/// All there is to know about a job at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSnapshot {
    /// Its id.
    pub id: JobId,
    /// What was asked.
    pub request: Arc<GenerationRequest>,
    /// Where it stands.
    pub state: JobState,
    /// How far it is, while it runs.
    pub stage: Stage,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
    /// When it began to run, in milliseconds since 1970 (UTC).
    pub started_ms: Option<i64>,
    /// When it ended, in milliseconds since 1970 (UTC).
    pub ended_ms: Option<i64>,
    /// Every preview so far.
    pub previews: Vec<PreviewRecord>,
    /// Every result so far, in the order of `index`.
    pub images: Vec<ImageId>,
    /// Why it failed; the first failure where several requests did.
    pub failure: Option<Failure>,
    /// Bytes received so far, over all its requests.
    pub bytes_received: u64,
    /// Token counts, summed over its requests.
    pub usage: Option<Usage>,
    /// The gateway's ids of its requests, in the order in which they came.
    pub request_ids: Vec<String>,
    /// The host that its latest request went to.
    pub host: Option<String>,
    /// When the last byte of an answer came, in milliseconds since 1970 (UTC).
    pub last_byte_ms: Option<i64>,
    /// When the last event that says something came; later bytes were mere keep-alives. As `last_byte_ms`.
    pub last_event_ms: Option<i64>,
    /// Until when it waits, in milliseconds since 1970 (UTC), and for what.
    pub waiting: Option<Waiting>,
    /// What was done otherwise than asked, in the order in which it happened.
    pub notes: Vec<JobNote>,
    /// Pictures that are known by their address only.
    pub downloads: Vec<Download>,
}

impl JobSnapshot {
    /// A job that has just been made. `created_ms` is in milliseconds since 1970 (UTC).
    #[must_use]
    pub const fn queued(id: JobId, request: Arc<GenerationRequest>, created_ms: i64) -> Self {
        Self {
            id,
            request,
            state: JobState::Queued,
            stage: Stage::Connecting,
            created_ms,
            started_ms: None,
            ended_ms: None,
            previews: Vec::new(),
            images: Vec::new(),
            failure: None,
            bytes_received: 0,
            usage: None,
            request_ids: Vec::new(),
            host: None,
            last_byte_ms: None,
            last_event_ms: None,
            waiting: None,
            notes: Vec::new(),
            downloads: Vec::new(),
        }
    }
}

/// A time to wait for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waiting {
    /// When it is over, in milliseconds since 1970 (UTC).
    pub until_ms: i64,
    /// Why.
    pub kind: FailureKind,
}

/// A picture that is known by its address only (protocol.md 4.5). The address is a secret as long as it works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Download {
    /// Which of the job's pictures, from 0.
    pub index: u32,
    /// Where it is.
    pub host: String,
    /// When the address stops working, as far as is known, in milliseconds since 1970 (UTC).
    pub expires_ms: i64,
    /// How often it was tried.
    pub tries: u32,
}

/// A small picture: row-major, `width × height`, premultiplied sRGB.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ThumbnailPixels {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// One `u32` a pixel: `u32::from_ne_bytes([r, g, b, a])`.
    pub pixels: Vec<u32>,
}

/// What a piece on the canvas belongs to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PieceOrigin {
    /// A preview.
    Preview {
        /// Its number, from 0.
        preview: u32,
    },
    /// A result that is still arriving: its rows replace those of the last preview from the top.
    Arriving,
    /// A finished result.
    Result,
}

/// Pixels for the canvas. A new picture begins, its pieces follow, it ends.
#[derive(Clone, Debug)]
pub enum CanvasEvent {
    /// A picture begins. What was on the canvas stays until pieces cover it. The one before it may never have
    /// ended: what a reader has not fetched is dropped when a whole picture follows.
    Begin {
        /// Of the `Show` that it answers.
        serial: u64,
        /// What it is.
        origin: PieceOrigin,
        /// Width x height of level 0 in pixels.
        size: PixelSize,
        /// Number of levels; each halves the one before, rounding up.
        levels: u8,
    },
    /// A rectangle of one level; it never crosses the border of a 1024 px tile.
    Piece {
        /// Of the `Show` that it answers.
        serial: u64,
        /// 0 is full size.
        level: u8,
        /// Left edge in pixels of the level.
        x: u32,
        /// Upper edge in pixels of the level.
        y: u32,
        /// The pixels, premultiplied.
        pixels: ThumbnailPixels,
    },
    /// Every piece of the picture has been sent. One that began as [`PieceOrigin::Arriving`] ends as
    /// [`PieceOrigin::Result`]: its pixels are the result's, and are not sent again.
    End {
        /// Of the `Show` that it answers.
        serial: u64,
        /// What it is now.
        origin: PieceOrigin,
    },
    /// The picture can't be shown.
    Failed {
        /// Of the `Show` that it answers.
        serial: u64,
        /// Why.
        failure: Failure,
    },
}

impl CanvasEvent {
    /// The `Show` that it answers.
    #[must_use]
    pub const fn serial(&self) -> u64 {
        match self {
            Self::Begin { serial, .. }
            | Self::Piece { serial, .. }
            | Self::End { serial, .. }
            | Self::Failed { serial, .. } => *serial,
        }
    }

    /// Length of its pixels in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        match self {
            Self::Piece { pixels, .. } => pixels.pixels.len() * size_of::<u32>(),
            Self::Begin { .. } | Self::End { .. } | Self::Failed { .. } => 0,
        }
    }
}

/// What a gateway answered to a question that costs nothing (`GET /models`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GatewayTest {
    /// The address that answered.
    pub base_url: String,
    /// From the question to the answer, in milliseconds.
    pub elapsed_ms: u64,
    /// Whether it has a list of models. `false`: it is there, but nothing is known of the key.
    pub has_list: bool,
    /// The models it names, in its order; image models that work may be missing (protocol.md 6.1).
    pub models: Vec<String>,
    /// The addresses before it that did not answer.
    pub unreachable: Vec<String>,
}

/// How the gallery changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GalleryChange {
    /// The whole list, newest first.
    All(Arc<[ImageId]>),
    /// New at the top.
    Added(ImageId),
    /// Gone to the trash.
    Removed(Vec<ImageId>),
    /// Back from the trash: to be put where their ids belong.
    Restored(Vec<ImageId>),
}

/// Something worth a line at the edge of the window that no job tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// At start, this many pictures were found that had arrived before the program ended, and were filed.
    Recovered {
        /// How many pictures.
        images: usize,
    },
    /// Something could not be done.
    Failed(Failure),
    /// A picture was copied to where the user wanted it.
    Copied {
        /// The copy.
        to: PathBuf,
    },
    /// The settings could not be read; defaults are used and the file is kept under another name.
    SettingsUnreadable {
        /// Where the unreadable file is now.
        kept_as: PathBuf,
    },
    /// Fields that looked like secrets were left out of a file of gateways.
    SecretsLeftOut {
        /// Their names.
        names: Vec<String>,
    },
    /// A key could not be kept or removed where it was to be; it counts until the program ends.
    KeyNotKept {
        /// Why.
        reason: String,
    },
    /// A file of gateways can't be read.
    GatewaysUnreadable {
        /// Why, with the place in the file.
        reason: String,
    },
    /// The user's table of models can't be read; the one that comes with the program is used.
    ModelsUnreadable {
        /// Why, with the place in the file.
        reason: String,
    },
}

/// Preferences that two programs changed at once.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedSettings {
    /// As this program wanted to store them.
    pub ours: Settings,
    /// As they are stored now: with what the other one has changed.
    pub merged: Settings,
}

/// Why there is no mask in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum MaskProblem {
    /// It has another shape than the picture.
    Shape {
        /// The file's size.
        mask: PixelSize,
        /// The picture's size.
        picture: PixelSize,
    },
    /// It can't be read.
    Failed(Failure),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The engine is up: preferences, the gateways that have a key, and the jobs of before.
    Ready {
        /// The preferences.
        settings: Box<Settings>,
        /// Profiles whose key is known.
        keys: KnownKeys,
        /// Where results are filed.
        library_dir: PathBuf,
        /// What is known of models.
        catalog: Arc<Catalog>,
    },
    /// The engine that was to start in the background does not; nothing else comes from it.
    StartFailed(StartFailure),
    /// A job is new or changed. Newest per job wins; nothing is lost by missing one.
    JobChanged(Box<JobSnapshot>),
    /// A job is off the list.
    JobDismissed(JobId),
    /// A preview is on disk. Each is told, none merged.
    PreviewSaved(PreviewRecord),
    /// A request of a job will be sent again.
    Retry {
        /// The job.
        job: JobId,
        /// The attempt that follows; the first was 1.
        attempt: u32,
        /// How long until then, in milliseconds.
        after_ms: u64,
        /// Why.
        kind: FailureKind,
    },
    /// A result is in the library. Each is told.
    ImageSaved {
        /// The record.
        record: Box<ImageRecord>,
        /// The copy in the folder that the submission named.
        copy: Option<PathBuf>,
    },
    /// Something about a job that does not end it. Each is told.
    Warning {
        /// The job.
        job: JobId,
        /// What.
        failure: Failure,
    },
    /// One request of a job has failed. Each is told; the job may go on with its other requests.
    RequestFailed {
        /// The job.
        job: JobId,
        /// Why.
        failure: Failure,
    },
    /// A job is over. Comes last of all that concerns it, once.
    JobEnded(Box<JobSnapshot>),
    /// The newest small picture of a running job. Newest per job wins.
    JobThumbnail {
        /// The job.
        job: JobId,
        /// At most 256 px on the longer side.
        thumbnail: ThumbnailPixels,
    },

    /// A reference is in the cache.
    ReferenceReady {
        /// Of the question.
        token: ReferenceToken,
        /// The reference.
        reference: Box<Reference>,
        /// At most 256 px on the longer side.
        thumbnail: ThumbnailPixels,
        /// BLAKE3 of its size and pixels, 64 hexadecimal digits: the same for the same picture in another file.
        digest: String,
    },
    /// A reference can't be used.
    ReferenceFailed {
        /// Of the question.
        token: ReferenceToken,
        /// Name of the file, for people.
        name: String,
        /// Why.
        failure: Failure,
        /// Why, as one of the cases that have a sentence of their own.
        problem: ReferenceProblem,
    },
    /// Files that are being added as references now; an answer for each follows.
    ReferencesFound {
        /// Token of the first; those of the others count up.
        first: ReferenceToken,
        /// Their names, for people.
        names: Vec<String>,
        /// How many were left out, since no more were asked for.
        left_out: usize,
    },
    /// What a gateway is sent in place of a reference.
    ReferenceFitted {
        /// Of the question.
        token: ReferenceToken,
        /// Those of the question.
        limits: UploadLimits,
        /// Whether a mask belongs to it, as the question had it.
        is_masked: bool,
        /// A copy and what became of it; `None`: the reference as it is.
        outcome: Result<Option<UploadFit>, Failure>,
    },
    /// What came of a mask.
    MaskChanged {
        /// Of the question.
        token: MaskToken,
        /// The mask.
        mask: Box<Mask>,
    },
    /// A mask is in the cache, fit for a request, or why not.
    MaskStored {
        /// Of the question.
        token: MaskToken,
        /// The mask.
        outcome: Result<Box<Reference>, Failure>,
    },
    /// A mask was read, or why not.
    MaskLoaded {
        /// Of the question.
        token: MaskToken,
        /// The mask.
        outcome: Result<Box<LoadedMask>, MaskProblem>,
    },
    /// What is on the clipboard, as was asked.
    ClipboardSeen {
        /// A picture, and no text.
        is_picture: bool,
    },

    /// Something for the composer.
    Compose(super::ComposeEvent),

    /// Pixels for the canvas.
    Canvas(CanvasEvent),
    /// The list of the gallery changed.
    Gallery(GalleryChange),
    /// Records that were asked for; unknown ids are left out.
    Records(Vec<ImageRecord>),
    /// A stored thumbnail.
    Thumbnail {
        /// The result.
        id: ImageId,
        /// The size that was asked for.
        size: ThumbnailSize,
        /// The pixels; `None` when there is no readable picture.
        pixels: Option<ThumbnailPixels>,
    },
    /// What a gateway says of itself.
    GatewayTested {
        /// The profile that was tested.
        gateway: GatewayId,
        /// What it says, or why it says nothing.
        outcome: Result<GatewayTest, Failure>,
    },
    /// Something was learned of a gateway that its profile keeps from now on: parameters that it refuses.
    GatewayLearned {
        /// The profile.
        gateway: GatewayId,
        /// All that are known by now, as the gateway spells them.
        refused: Vec<String>,
    },
    /// What a gateway made of what it was asked for, over everything that it ever sent.
    Track {
        /// The profile.
        gateway: GatewayId,
        /// By model and tier.
        lines: Vec<TrackLine>,
    },
    /// Profiles of a file; their ids may be taken. Whoever asked adds them to the preferences.
    GatewaysImported(Vec<GatewayProfile>),
    /// Profiles were written to a file.
    GatewaysExported {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// A gateway answers that it is asked too often: its jobs wait, or fewer of them run at once; those of others go on.
    GatewayPaused {
        /// The profile.
        gateway: GatewayId,
        /// Nothing is sent before this time, in milliseconds since 1970 (UTC); `None`: no longer.
        until_ms: Option<i64>,
        /// How many requests run at once by then; it grows with every success until it is the profile's own limit.
        parallel: usize,
    },
    /// Another program had changed the stored preferences, too.
    SettingsMerged(Box<MergedSettings>),
    /// Which profiles have a key now, and where it is kept.
    KeysChanged(KnownKeys),
    /// Something no job tells.
    Notice(Notice),
}
