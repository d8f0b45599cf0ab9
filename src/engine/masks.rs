//! Masks for the window: everything that takes longer than a frame, on the pool.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::ReferenceStore;
use crate::media::{
    LoadedMask, Mask, MaskChange, MaskFileError, MediaLimits, place_in_frame, probe,
};
use crate::model::{
    Failure, FailureKind, ImageFormat, PixelSize, Placement, Reference, ReferenceProblem,
};

use super::scratch::Scratch;
use super::services::Services;
use super::{
    Event, MaskProblem, MaskToken, Notice, ReferenceSource, ReferenceToken, failure, references,
};

/// What a mask is called that was painted here.
const NAME: &str = "mask.png";

/// Does something with a whole mask, and gives back what came of it.
pub(super) fn change(services: &Arc<Services>, token: MaskToken, mask: Mask, change: MaskChange) {
    let telling = Arc::clone(services);
    services.pool.run(move || {
        let mut mask = mask;
        mask.change(&change);
        telling.tell(Event::MaskChanged {
            token,
            mask: Box::new(mask),
        });
    });
}

/// Keeps a mask, as gateways want it.
pub(super) fn store(services: &Arc<Services>, token: MaskToken, mask: Mask) {
    let telling = Arc::clone(services);
    services.pool.run(move || {
        let outcome = put(&telling.references, &mask).map(Box::new);
        telling.tell(Event::MaskStored { token, outcome });
    });
}

pub(super) fn put(references: &ReferenceStore, mask: &Mask) -> Result<Reference, Failure> {
    if mask.is_empty() {
        // Gateways take a mask that lets nothing change for one that lets everything (protocol.md 7.3).
        return Err(Failure::new(
            FailureKind::InvalidRequest,
            "the mask lets nothing change",
        ));
    }
    let bytes = mask.to_png().map_err(|error| failure::of_media(&error))?;
    let stored = references
        .keep(&bytes, ImageFormat::Png)
        .map_err(|error| failure::of_library(&error))?;
    Ok(Reference {
        hash: stored.hash,
        path: stored.path,
        name: NAME.to_owned(),
        format: ImageFormat::Png,
        size: mask.size(),
        bytes: bytes.len() as u64,
        image: None,
    })
}

/// Reads the mask of a file for a picture of `size` pixels.
pub(super) fn load(services: &Arc<Services>, token: MaskToken, path: PathBuf, size: PixelSize) {
    let telling = Arc::clone(services);
    services.pool.run(move || {
        let outcome = read(&path, &telling.limits.media, size).map(Box::new);
        telling.tell(Event::MaskLoaded { token, outcome });
    });
}

/// Reads a mask that was in use before, by its hash.
pub(super) fn load_stored(services: &Arc<Services>, token: MaskToken, hash: &str, size: PixelSize) {
    match services.references.find(hash) {
        Some(path) => load(services, token, path, size),
        None => services.tell(Event::MaskLoaded {
            token,
            outcome: Err(MaskProblem::Failed(Failure::new(
                FailureKind::NotFound,
                "the mask is no longer there",
            ))),
        }),
    }
}

fn read(path: &Path, limits: &MediaLimits, size: PixelSize) -> Result<LoadedMask, MaskProblem> {
    let file = File::open(path).map_err(|error| {
        MaskProblem::Failed(Failure::new(
            FailureKind::InvalidRequest,
            format!("the file can't be read: {error}"),
        ))
    })?;
    let reader = BufReader::with_capacity(64 << 10, file);
    Mask::load(reader, limits, size).map_err(|error| match error {
        MaskFileError::Shape { mask, picture } => MaskProblem::Shape { mask, picture },
        MaskFileError::Media(error) => MaskProblem::Failed(Failure {
            kind: FailureKind::InvalidRequest,
            ..failure::of_media(&error)
        }),
    })
}

/// Writes a mask to where a dialog said; a taken name gets a number.
pub(super) fn save(services: &Arc<Services>, mask: Mask, to: PathBuf) {
    let telling = Arc::clone(services);
    services.pool.run(move || {
        let write = || -> Result<PathBuf, Failure> {
            let bytes = mask.to_png().map_err(|error| failure::of_media(&error))?;
            let part = Scratch::new(&telling.paths.cache, &telling.sources, "png")
                .map_err(|error| failure::of_disk(&error))?;
            fs::write(part.path(), bytes).map_err(|error| failure::of_disk(&error))?;
            crate::library::copy_file(part.path(), &to).map_err(|e| failure::of_library(&e))
        };
        telling.tell(Event::Notice(match write() {
            Ok(to) => Notice::Copied { to },
            Err(failure) => Notice::Failed(failure),
        }));
    });
}

/// Places a picture in a larger frame: a reference of its own, and the mask of what is around it.
pub(super) fn outpaint(
    services: &Arc<Services>,
    token: MaskToken,
    into: ReferenceToken,
    reference: Reference,
    placement: Placement,
) {
    let services = Arc::clone(services);
    services.pool.clone().run(move || {
        let limits = &services.limits.media;
        let placed = fs::read(&reference.path)
            .map_err(|error| failure::of_disk(&error))
            .and_then(|file| {
                place_in_frame(&file, limits, &placement).map_err(|e| failure::of_media(&e))
            });
        let name = reference.name;
        match placed {
            Ok(bytes) => {
                let stem = Path::new(&name).file_stem().unwrap_or_default();
                let name = format!("{}-framed.png", stem.to_string_lossy());
                references::add(&services, into, ReferenceSource::Bytes { name, bytes });
                let outcome = put(&services.references, &Mask::around(&placement)).map(Box::new);
                services.tell(Event::MaskStored { token, outcome });
            }
            Err(failure) => {
                services.tell(Event::MaskStored {
                    token,
                    outcome: Err(failure.clone()),
                });
                let problem = ReferenceProblem::Other {
                    reason: failure.message.clone(),
                };
                services.tell(Event::ReferenceFailed {
                    token: into,
                    name,
                    failure,
                    problem,
                });
            }
        }
    });
}

/// A mask that the window knows by its hash only, as after «use settings».
pub(super) fn find(services: &Arc<Services>, token: MaskToken, hash: &str) {
    let telling = Arc::clone(services);
    let hash = hash.to_owned();
    services.pool.run(move || {
        let gone = || Failure::new(FailureKind::NotFound, "the mask is no longer there");
        let found = || {
            let path = telling.references.find(&hash).ok_or_else(gone)?;
            let bytes = fs::read(&path).map_err(|error| failure::of_disk(&error))?;
            let head = probe(&bytes).map_err(|error| failure::of_media(&error))?;
            let head = head.ok_or_else(gone)?;
            Ok(Box::new(Reference {
                hash: hash.clone(),
                name: NAME.to_owned(),
                format: head.format.deliverable().unwrap_or_default(),
                size: head.size,
                bytes: bytes.len() as u64,
                image: None,
                path,
            }))
        };
        telling.tell(Event::MaskStored {
            token,
            outcome: found(),
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> PixelSize {
        PixelSize::new(width, height).unwrap()
    }

    #[test]
    fn a_mask_that_lets_nothing_change_is_not_stored() {
        let folder = tempfile::tempdir().unwrap();
        let paths = crate::library::LibraryPaths {
            root: folder.path().join("library"),
            index: folder.path().join("library.sqlite"),
            previews: folder.path().join("previews"),
            made: folder.path().join("made"),
            cache: folder.path().join("cache"),
            trash: folder.path().join("trash"),
        };
        let store = ReferenceStore::new(&paths);
        let empty = put(&store, &Mask::new(size(30, 20))).unwrap_err();
        assert_eq!(empty.kind, FailureKind::InvalidRequest);
        let kept = put(&store, &Mask::uniform(size(30, 20), 255)).unwrap();
        assert_eq!((kept.size, kept.format), (size(30, 20), ImageFormat::Png));
        let back = read(&kept.path, &MediaLimits::default(), size(30, 20)).unwrap();
        assert!(back.by_alpha && back.mask.same_pixels(&Mask::uniform(size(30, 20), 255)));
    }
}
