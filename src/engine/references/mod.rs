//! References: from files, a drop, the clipboard or the library into the cache, in a format that gateways take.

mod batch;
mod clipboard;
mod problem;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::media::{Crop, QuarterTurns, Thumbnail, edit_picture, survey, to_png};
use crate::model::{Failure, ImageFormat, ImageId, Reference, ReferenceProblem};

use self::problem::Refusal;
use super::services::Services;
use super::{Event, ReferenceSource, ReferenceToken, ThumbnailSize, failure};

pub(super) use self::batch::add_files;
pub(super) use self::clipboard::{look, paste};

/// Where a picture comes from decides where it is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Source {
    /// A file, or the library: the cache has a copy.
    Elsewhere,
    /// It was made here, or pasted: nothing else has it.
    Here,
}

/// A reference in the cache, and what is shown of it.
struct Added {
    reference: Reference,
    thumbnail: Thumbnail,
    /// Of its pixels.
    digest: String,
}

type Outcome = Result<Added, Refusal>;

/// Adds a reference on the pool, and tells what came of it.
pub(super) fn add(services: &Arc<Services>, token: ReferenceToken, source: ReferenceSource) {
    let services = Arc::clone(services);
    services.pool.clone().run(move || {
        let (name, outcome) = match source {
            ReferenceSource::File(path) => (name_of(&path), from_file(&services, &path)),
            ReferenceSource::Bytes { name, bytes } => {
                let outcome = store(&services, &name, &bytes, None, Source::Here);
                (name, outcome)
            }
            ReferenceSource::Image(id) => from_library(&services, id),
            ReferenceSource::Stored { hash, name, image } => {
                match (from_store(&services, &hash, &name, image), image) {
                    (Err(_), Some(id)) => from_library(&services, id),
                    (outcome, _) => (name, outcome),
                }
            }
            ReferenceSource::Part {
                reference,
                crop,
                turns,
            } => {
                let outcome = part_of(&services, &reference, crop, turns);
                (reference.name, outcome)
            }
        };
        tell(&services, token, name, outcome);
    });
}

fn tell(services: &Services, token: ReferenceToken, name: String, outcome: Outcome) {
    services.tell(match outcome {
        Ok(added) => Event::ReferenceReady {
            token,
            reference: Box::new(added.reference),
            thumbnail: added.thumbnail.into(),
            digest: added.digest,
        },
        Err(refusal) => {
            let (failure, problem) = refusal.about(&name);
            Event::ReferenceFailed {
                token,
                name,
                failure,
                problem,
            }
        }
    });
}

fn from_file(services: &Services, path: &Path) -> Outcome {
    let bytes = read(path, services.limits.media.max_bytes)?;
    store(services, &name_of(path), &bytes, None, Source::Elsewhere)
}

/// Brings a picture file into the cache; blocks.
///
/// # Errors
/// When it can't be read or is no picture, with its name.
pub(super) fn bring_in(services: &Services, path: &Path) -> Result<Reference, Failure> {
    let outcome = from_file(services, path);
    outcome.map_or_else(
        |refusal| Err(refusal.about(&name_of(path)).0),
        |added| Ok(added.reference),
    )
}

fn from_library(services: &Services, id: ImageId) -> (String, Outcome) {
    let found = services
        .librarian
        .call_blocking(move |library| library.image(id));
    let record = match found {
        Ok(Ok(Some(record))) => record,
        Ok(Ok(None)) => return (id.to_string(), Err(ReferenceProblem::Gone.into())),
        Ok(Err(error)) => return (id.to_string(), Err(failure::of_library(&error).into())),
        Err(_closed) => return (id.to_string(), Err(failure::closing().into())),
    };
    let name = name_of(&record.path);
    let outcome = read(&record.path, services.limits.media.max_bytes)
        .and_then(|bytes| store(services, &name, &bytes, Some(id), Source::Elsewhere));
    (name, outcome)
}

fn from_store(services: &Services, hash: &str, name: &str, image: Option<ImageId>) -> Outcome {
    let path = services
        .references
        .find(hash)
        .ok_or(ReferenceProblem::Gone)?;
    let bytes = read(&path, services.limits.media.max_bytes)?;
    store(services, name, &bytes, image, Source::Elsewhere)
}

/// A part of a reference, turned; the reference itself stays in the cache as it is.
fn part_of(services: &Services, reference: &Reference, crop: Crop, turns: QuarterTurns) -> Outcome {
    let limits = &services.limits.media;
    let bytes = read(&reference.path, limits.max_bytes)?;
    let (part, _) = edit_picture(&bytes, crop, turns, limits)
        .map_err(|error| problem::of_media(&error, &bytes))?;
    store(services, &reference.name, &part, None, Source::Here)
}

/// The whole of a file, if it is not longer than `most` bytes.
fn read(path: &Path, most: u64) -> Result<Vec<u8>, Refusal> {
    let file = File::open(path).map_err(|error| problem::of_file(&error))?;
    let metadata = file.metadata().map_err(|error| problem::of_file(&error))?;
    if metadata.is_dir() {
        return Err(ReferenceProblem::NotAPicture.into());
    }
    let too_long = |length: u64| length > most;
    if too_long(metadata.len()) {
        return Err(ReferenceProblem::TooManyBytes { most }.into());
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile, or be no file at all.
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| problem::of_file(&error))?;
    if too_long(bytes.len() as u64) {
        return Err(ReferenceProblem::TooManyBytes { most }.into());
    }
    Ok(bytes)
}

/// Brings a picture file into the cache: as it is, or as a PNG where gateways would not take its format.
fn store(
    services: &Services,
    name: &str,
    bytes: &[u8],
    image: Option<ImageId>,
    source: Source,
) -> Outcome {
    let limits = &services.limits.media;
    let seen = survey(bytes, ThumbnailSize::Small.side_px(), limits)
        .map_err(|error| problem::of_media(&error, bytes))?;
    let converted;
    let (format, kept) = match seen.header.format.deliverable() {
        Some(format) if seen.can_be_kept => (format, bytes),
        _ => {
            converted = to_png(bytes, limits).map_err(|error| problem::of_media(&error, bytes))?;
            (ImageFormat::Png, converted.as_slice())
        }
    };
    let references = &services.references;
    let stored = match source {
        Source::Elsewhere => references.put(kept, format),
        Source::Here => references.keep(kept, format),
    };
    let stored = stored.map_err(|error| failure::of_library(&error))?;
    let reference = Reference {
        hash: stored.hash,
        path: stored.path,
        name: with_extension(name, format),
        format,
        size: seen.header.size,
        bytes: kept.len() as u64,
        image,
    };
    Ok(Added {
        reference,
        thumbnail: seen.thumbnail,
        digest: seen.digest,
    })
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.to_string_lossy().into_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The name for the upload, with the extension of what is uploaded.
pub(super) fn with_extension(name: &str, format: ImageFormat) -> String {
    let path = PathBuf::from(name);
    let is_right = path
        .extension()
        .and_then(|extension| extension.to_str()?.to_ascii_lowercase().parse().ok())
        .is_some_and(|named: ImageFormat| named == format);
    if is_right {
        return name.to_owned();
    }
    name_of(&path.with_extension(format.extension()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_the_upload_tell_the_format() {
        let check = |name: &str, format, expected: &str| {
            assert_eq!(with_extension(name, format), expected);
        };
        check("fox.png", ImageFormat::Png, "fox.png");
        check("fox.JPEG", ImageFormat::Jpeg, "fox.JPEG");
        check("fox.bmp", ImageFormat::Png, "fox.png");
        check("雪狐", ImageFormat::Webp, "雪狐.webp");
    }

    #[test]
    fn a_file_that_is_too_long_missing_or_a_folder_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let problem = |path: &Path| read(path, 1000).unwrap_err().about("x").1;
        assert_eq!(
            problem(&dir.path().join("none.png")),
            ReferenceProblem::Gone
        );
        let long = dir.path().join("long.png");
        File::create(&long).unwrap().set_len(1001).unwrap();
        let too_long = ReferenceProblem::TooManyBytes { most: 1000 };
        assert_eq!(problem(&long), too_long);
        assert_eq!(problem(dir.path()), ReferenceProblem::NotAPicture);
    }
}
