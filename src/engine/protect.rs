//! *Protect outside* for results: finds what a masked edit was made from, puts the original back, and files what comes of
//! it beside the result. The result itself stays as it was delivered. Also the heat map of what it had changed.
//!
//! Everything here blocks and runs on the pool; the original is decoded on a thread of its own, so that neither picture
//! has to be held whole.

use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::library::{RecipePlace, hash_file};
use crate::media::{
    self, Embedded, Header, Mask, MediaError, MediaLimits, Original, ProtectError, ProtectPicture,
    StraightRows, decode_reference, feather_px, protect_outside,
};
use crate::model::{
    Drift, Failure, FailureKind, ImageFormat, ImageId, ImageRecord, PROTECTED_INDEX, PixelSize,
    Protected, Recipe, RecipeReference,
};

use super::develop::develop;
use super::generation::copy_into;
use super::scratch::Scratch;
use super::services::Services;
use super::{Event, GalleryChange, Notice, PieceOrigin, failure};

/// Rows of the original that may wait for those of the result.
const ROWS_AHEAD: usize = 16;

/// Why there is no protected picture.
#[derive(Debug)]
pub(super) enum NotProtected {
    /// Original and result have different sizes.
    Sizes {
        original: PixelSize,
        result: PixelSize,
    },
    /// Nobody wants it any more; nothing was filed.
    Unwanted,
    /// Something else.
    Failed(Failure),
}

/// Whether a protected picture is still wanted, shared by whoever makes it and whoever waits for it. Once it is being
/// filed, it is too late to say no.
#[derive(Debug, Default)]
pub(super) struct Wanted(AtomicU8);

impl Wanted {
    const OPEN: u8 = 0;
    const FILING: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn leave_open(&self, to: u8) -> bool {
        let (before, order) = (Self::OPEN, Ordering::AcqRel);
        self.0
            .compare_exchange(before, to, order, Ordering::Acquire)
            .is_ok()
    }

    /// Nobody wants it any more. `false`: it is being filed.
    pub(super) fn give_up(&self) -> bool {
        self.leave_open(Self::GIVEN_UP)
    }

    /// `false`: it must not be filed.
    fn begin_filing(&self) -> bool {
        self.leave_open(Self::FILING)
    }

    fn is_given_up(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::GIVEN_UP
    }
}

impl From<Failure> for NotProtected {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<ProtectError> for NotProtected {
    fn from(error: ProtectError) -> Self {
        match error {
            ProtectError::Sizes { original, result } => Self::Sizes { original, result },
            ProtectError::Media(error) => Self::Failed(failure::of_media(&error)),
            ProtectError::OriginalEnds => Self::Failed(Failure::new(
                FailureKind::InvalidRequest,
                "the first reference can't be read to its end",
            )),
        }
    }
}

impl From<NotProtected> for Failure {
    fn from(error: NotProtected) -> Self {
        match error {
            NotProtected::Failed(failure) => failure,
            NotProtected::Unwanted => failure::canceled(),
            NotProtected::Sizes { original, result } => Self::new(
                FailureKind::InvalidRequest,
                ProtectError::Sizes { original, result }.to_string(),
            ),
        }
    }
}

/// A picture that was put right, in the library.
#[derive(Debug)]
pub(super) struct Filed {
    pub(super) record: ImageRecord,
    /// `false`: it was there already.
    pub(super) is_new: bool,
    /// The copy, if one was asked for.
    pub(super) copy: Option<io::Result<PathBuf>>,
}

/// Makes the protected picture of a result and files it. Blocks.
///
/// # Errors
/// [`NotProtected`]; the result is not touched.
pub(super) fn protect(
    services: &Services,
    raw: &ImageRecord,
    copy_to: Option<&Path>,
    wanted: &Wanted,
) -> Result<Filed, NotProtected> {
    let index = index_of(raw)?;
    let scratch = scratch(services)?;
    let file = scratch.path();
    let limits = &services.limits.media;
    let feather = feather_px(raw.size);
    let out = BufWriter::new(File::create(file).map_err(|error| failure::of_disk(&error))?);
    let picture = (ProtectPicture::Composite, out);
    let drift = compare(services, raw, feather, picture, wanted)?;
    let open = || File::open(file).map(|file| BufReader::with_capacity(64 << 10, file));
    let reader = open().map_err(|error| failure::of_disk(&error))?;
    let developed = develop(reader, limits, None).map_err(|error| failure::of_media(&error))?;
    let (hash, _bytes) = hash_file(file).map_err(|error| failure::of_library(&error))?;
    if !wanted.begin_filing() {
        return Err(NotProtected::Unwanted);
    }
    let protected = Protected {
        raw: raw.id,
        raw_hash: raw.recipe.delivered_hash.clone(),
        feather_px: feather,
        drift,
    };
    let recipe = Recipe {
        image: services.sources.image_id(),
        index,
        created_ms: services.sources.now_ms(),
        // It was made here: what the gateway is good for is counted by its own results.
        gateway_id: None,
        got_size: developed.header.size,
        got_format: ImageFormat::Png,
        got_alpha: Some(developed.header.has_alpha),
        mismatch: Vec::new(),
        delivered_hash: hash,
        protected: Some(protected),
        // The result has cost that, once.
        cost: None,
        ..raw.recipe.clone()
    };
    let path = file.to_owned();
    let zone = services.sources.time_zone.clone();
    let filed = services
        .librarian
        .call_blocking(move |library| {
            library.file_result(&recipe, &zone, |writer, text| {
                let reader = BufReader::with_capacity(64 << 10, File::open(&path)?);
                match media::embed_recipe(ImageFormat::Png, reader, writer, text)? {
                    Embedded::InFile => Ok::<_, MediaError>(RecipePlace::InFile),
                    Embedded::NeedsSidecar => {
                        io::copy(&mut File::open(&path)?, writer)?;
                        Ok(RecipePlace::Sidecar(media::recipe_sidecar(text)))
                    }
                }
            })
        })
        .map_err(|_closed| failure::closing())?
        .map_err(|error| failure::of_library(&error))?;
    for (size, bytes) in &developed.thumbnails.encoded {
        if let Err(error) = services
            .thumbnails
            .write(filed.record.id, size.side_px(), bytes)
        {
            tracing::warn!("a thumbnail can't be kept: {error}");
        }
    }
    let copy = copy_to
        .filter(|_| filed.is_new)
        .map(|folder| copy_into(&filed.record.path, folder));
    Ok(Filed {
        record: filed.record,
        is_new: filed.is_new,
        copy,
    })
}

/// The place of the protected picture among those of its job.
///
/// # Errors
/// For what is one already. What a recipe says is anybody's number.
fn index_of(raw: &ImageRecord) -> Result<u32, Failure> {
    let is_one = raw.recipe.protected.is_some() || raw.index >= PROTECTED_INDEX;
    let index = PROTECTED_INDEX.checked_add(raw.index);
    index.filter(|_| !is_one).ok_or_else(|| {
        Failure::new(
            FailureKind::InvalidRequest,
            "the original was put back in this picture already",
        )
    })
}

fn scratch(services: &Services) -> Result<Scratch, Failure> {
    Scratch::new(&services.paths.cache, &services.sources, "png")
        .map_err(|error| failure::of_disk(&error))
}

/// Makes the protected picture of a result that is in the library, and tells of it.
pub(super) fn protect_later(services: &Arc<Services>, id: ImageId) {
    let services = Arc::clone(services);
    services.pool.clone().run(move || {
        let made = record(&services, id)
            .map_err(NotProtected::from)
            .and_then(|raw| protect(&services, &raw, None, &Wanted::default()));
        match made {
            Ok(filed) => {
                let id = filed.record.id;
                services.tell(Event::ImageSaved {
                    record: Box::new(filed.record),
                    copy: None,
                });
                if filed.is_new {
                    services.tell(Event::Gallery(GalleryChange::Added(id)));
                }
            }
            Err(error) => services.tell(Event::Notice(Notice::Failed(error.into()))),
        }
    });
}

/// Shows on the canvas what a result changed outside of its mask; of a protected picture, what it was made from.
pub(super) fn show_heat(services: &Arc<Services>, serial: u64, id: ImageId) {
    let services = Arc::clone(services);
    services
        .pool
        .clone()
        .run(move || match heat_file(&services, id) {
            Ok(path) => services.canvas.show_file(serial, path, PieceOrigin::Result),
            Err(failure) => services.tell(Event::Canvas(super::CanvasEvent::Failed {
                serial,
                failure,
            })),
        });
}

fn heat_file(services: &Services, id: ImageId) -> Result<PathBuf, Failure> {
    let mut raw = record(services, id)?;
    if let Some(protected) = &raw.recipe.protected {
        raw = record(services, protected.raw)?;
    }
    let folder = services.paths.cache.join("heat");
    let path = folder.join(format!("{}.png", raw.id));
    if path.is_file() {
        return Ok(path);
    }
    let part = scratch(services)?;
    let file = File::create(part.path()).map_err(|error| failure::of_disk(&error))?;
    let picture = (ProtectPicture::HeatMap, BufWriter::new(file));
    compare(services, &raw, 0, picture, &Wanted::default())?;
    part.publish(&path)
        .map_err(|error| failure::of_disk(&error))?;
    Ok(path)
}

fn record(services: &Services, id: ImageId) -> Result<ImageRecord, Failure> {
    let found = services
        .librarian
        .call_blocking(move |library| library.image(id));
    match found {
        Ok(Ok(Some(record))) => Ok(record),
        Ok(Ok(None)) => Err(Failure::new(FailureKind::NotFound, "the picture is gone")),
        Ok(Err(error)) => Err(failure::of_library(&error)),
        Err(_closed) => Err(failure::closing()),
    }
}

/// Puts a result and its original side by side, row by row.
fn compare(
    services: &Services,
    raw: &ImageRecord,
    feather: u16,
    picture: (ProtectPicture, BufWriter<File>),
    wanted: &Wanted,
) -> Result<Drift, NotProtected> {
    let limits = services.limits.media;
    let recipe = &raw.recipe;
    let (Some(first), Some(mask)) = (recipe.references.first(), &recipe.mask) else {
        let none = Failure::new(
            FailureKind::InvalidRequest,
            "the picture was made without a mask",
        );
        return Err(none.into());
    };
    let original = stored(services, first)?;
    let mask = stored(services, mask)?;
    let open = |path: &Path| {
        File::open(path)
            .map(|file| BufReader::with_capacity(64 << 10, file))
            .map_err(|error| failure::of_disk(&error))
    };
    let result = open(&raw.path)?;
    let mask = open(&mask)?;
    let rows = open(&original)?;
    let (sender, receiver) = sync_channel::<Part>(ROWS_AHEAD);
    let decoding = thread::Builder::new()
        .name("atelier-original".to_owned())
        .spawn(move || {
            let flow = |sent: Result<(), _>| match sent {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            let mut rows_on = StraightRows::new(
                |header: &Header| flow(sender.send(Part::Header(*header))),
                |row: &[u8]| flow(sender.send(Part::Row(row.to_vec()))),
            );
            decode_reference(rows, &limits, &mut rows_on)
        })
        .map_err(|error| failure::of_disk(&error))?;
    let weave = (feather, picture);
    let compared = side_by_side(&receiver, result, mask, &limits, weave, wanted);
    // A decoder that still has rows ends with its next one.
    drop(receiver);
    if wanted.is_given_up() {
        // It ends by itself; a format that is decoded in one go takes a while.
        return Err(NotProtected::Unwanted);
    }
    let decoded = decoding.join();
    match compared {
        Some(compared) => compared,
        None => Err(match decoded {
            Ok(Err(error)) => failure::of_media(&error).into(),
            Ok(Ok(_)) | Err(_) => ProtectError::OriginalEnds.into(),
        }),
    }
}

/// What comes from the thread that decodes the original.
enum Part {
    Header(Header),
    Row(Vec<u8>),
}

/// `None`: the original has not even a header.
fn side_by_side(
    original: &Receiver<Part>,
    result: BufReader<File>,
    mask: BufReader<File>,
    limits: &MediaLimits,
    (feather, picture): (u16, (ProtectPicture, BufWriter<File>)),
    wanted: &Wanted,
) -> Option<Result<Drift, NotProtected>> {
    let Ok(Part::Header(header)) = original.recv() else {
        return None;
    };
    let mask = match Mask::load(mask, limits, header.size) {
        Ok(loaded) => loaded.mask,
        Err(error) => {
            let failure = Failure::new(FailureKind::InvalidRequest, error.to_string());
            return Some(Err(failure.into()));
        }
    };
    let mut next_row = |row: &mut Vec<u8>| match original.recv() {
        Ok(Part::Row(next)) if !wanted.is_given_up() => {
            *row = next;
            true
        }
        Ok(_) | Err(_) => false,
    };
    let original = Original {
        size: header.size,
        has_alpha: header.has_alpha,
        next_row: &mut next_row,
    };
    let done = protect_outside(result, limits, &mask, feather, original, picture);
    Some(done.map_err(NotProtected::from))
}

fn stored(services: &Services, reference: &RecipeReference) -> Result<PathBuf, Failure> {
    services.references.find(&reference.hash).ok_or_else(|| {
        Failure::new(
            FailureKind::NotFound,
            format!(
                "what the picture was made from is no longer in the cache: {}",
                reference.name
            ),
        )
    })
}
