//! References: from a file, a drop, the clipboard or the library into the cache, in a format that gateways take.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::media::{MediaError, Thumbnail, probe, to_png};
use crate::model::{Failure, FailureKind, ImageFormat, ImageId, ModelCapability, Reference};

use super::develop::shrink;
use super::services::Services;
use super::{Event, ReferenceSource, ReferenceToken, failure};

/// Most bytes of a file that is read as a reference (protocol.md 7.1).
const MAX_BYTES: u64 = ModelCapability::MAX_REFERENCE_BYTES;

/// Adds a reference on the pool, and tells what came of it.
pub(super) fn add(services: &Arc<Services>, token: ReferenceToken, source: ReferenceSource) {
    let services = Arc::clone(services);
    services.pool.clone().run(move || {
        let (name, added) = match source {
            ReferenceSource::File(path) => (name_of(&path), from_file(&services, &path)),
            ReferenceSource::Bytes { name, bytes } => {
                let added = store(&services, &name, &bytes, None);
                (name, added)
            }
            ReferenceSource::Clipboard => from_clipboard(&services),
            ReferenceSource::Image(id) => from_library(&services, id),
            ReferenceSource::Stored { hash, name } => {
                let added = from_store(&services, &hash, &name);
                (name, added)
            }
        };
        services.tell(match added {
            Ok((reference, thumbnail)) => Event::ReferenceReady {
                token,
                reference: Box::new(reference),
                thumbnail: thumbnail.into(),
            },
            Err(failure) => Event::ReferenceFailed {
                token,
                name,
                failure,
            },
        });
    });
}

type Added = Result<(Reference, Thumbnail), Failure>;

fn from_file(services: &Services, path: &Path) -> Added {
    let name = name_of(path);
    let bytes = read(path).map_err(|failure| about(&name, failure))?;
    store(services, &name, &bytes, None)
}

/// Brings a picture file into the cache; blocks.
///
/// # Errors
/// When it can't be read or is no picture, with its name.
pub(super) fn bring_in(services: &Services, path: &Path) -> Result<Reference, Failure> {
    from_file(services, path).map(|(reference, _)| reference)
}

fn from_library(services: &Services, id: ImageId) -> (String, Added) {
    let found = services
        .librarian
        .call_blocking(move |library| library.image(id));
    let record = match found {
        Ok(Ok(Some(record))) => record,
        Ok(Ok(None)) => {
            let gone = Failure::new(FailureKind::NotFound, "the picture is gone");
            return (id.to_string(), Err(gone));
        }
        Ok(Err(error)) => return (id.to_string(), Err(failure::of_library(&error))),
        Err(_closed) => return (id.to_string(), Err(failure::closing())),
    };
    let name = name_of(&record.path);
    let added = read(&record.path)
        .map_err(|failure| about(&name, failure))
        .and_then(|bytes| store(services, &name, &bytes, Some(id)));
    (name, added)
}

fn from_store(services: &Services, hash: &str, name: &str) -> Added {
    let Some(path) = services.references.find(hash) else {
        let gone = Failure::new(
            FailureKind::NotFound,
            "the reference is no longer in the cache",
        );
        return Err(about(name, gone));
    };
    let bytes = read(&path).map_err(|failure| about(name, failure))?;
    store(services, name, &bytes, None)
}

#[cfg(feature = "gui")]
fn from_clipboard(services: &Services) -> (String, Added) {
    use crate::desktop::{ClipboardPicture, read_clipboard};
    use crate::media::encode_png;
    use crate::model::PixelSize;

    let name = "clipboard.png".to_owned();
    let added = match read_clipboard() {
        Ok(Some(ClipboardPicture::Files(files))) => match files.first() {
            Some(path) => return (name_of(path), from_file(services, path)),
            None => Err(nothing_to_paste()),
        },
        Ok(Some(ClipboardPicture::Encoded(bytes))) => store(services, &name, &bytes, None),
        Ok(Some(ClipboardPicture::Pixels {
            width,
            height,
            rgba,
        })) => PixelSize::new(width, height)
            .ok_or_else(nothing_to_paste)
            .and_then(|size| encode_png(size, &rgba).map_err(|error| failure::of_media(&error)))
            .and_then(|bytes| store(services, &name, &bytes, None)),
        Ok(None) => Err(nothing_to_paste()),
        Err(error) => Err(Failure::new(FailureKind::NotFound, error.to_string())),
    };
    (name, added)
}

/// Tells whether the clipboard holds a picture and no text, from the pool.
#[cfg(feature = "gui")]
pub(super) fn look_at_clipboard(services: &Arc<Services>) {
    let services = Arc::clone(services);
    services.pool.clone().run(move || {
        let is_picture = crate::desktop::clipboard_is_picture()
            .inspect_err(|error| tracing::debug!(%error, "nothing can be said of the clipboard"))
            .unwrap_or(false);
        services.tell(Event::ClipboardSeen { is_picture });
    });
}

#[cfg(not(feature = "gui"))]
pub(super) fn look_at_clipboard(services: &Arc<Services>) {
    services.tell(Event::ClipboardSeen { is_picture: false });
}

#[cfg(not(feature = "gui"))]
fn from_clipboard(_services: &Services) -> (String, Added) {
    ("clipboard.png".to_owned(), Err(nothing_to_paste()))
}

fn nothing_to_paste() -> Failure {
    Failure::new(FailureKind::NotFound, "the clipboard holds no picture")
}

/// The whole of a file, if it is not longer than a reference may be.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(
            FailureKind::InvalidRequest,
            format!("the file can't be read: {error}"),
        )
    };
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    check_length(length)?;
    let mut bytes = Vec::new();
    // It may grow meanwhile, or be no file at all.
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    check_length(bytes.len() as u64)?;
    Ok(bytes)
}

fn check_length(bytes: u64) -> Result<(), Failure> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::TooLarge,
        format!("the file has {bytes} bytes, {MAX_BYTES} are allowed"),
    ))
}

/// Brings a picture file into the cache, converted where gateways would not take it.
fn store(services: &Services, name: &str, bytes: &[u8], image: Option<ImageId>) -> Added {
    let fail = |error: &MediaError| about(name, failure_of_reference(error));
    check_length(bytes.len() as u64).map_err(|failure| about(name, failure))?;
    let limits = &services.limits.media;
    let head = probe(bytes)
        .and_then(|head| head.ok_or(MediaError::Truncated { rows: 0 }))
        .map_err(|error| fail(&error))?;
    // Gateways take three formats, and not all of them turn a picture upright (protocol.md 7.1).
    let sent_as_is = head
        .format
        .deliverable()
        .filter(|_| head.orientation.is_upright());
    let converted;
    let (format, kept) = if let Some(format) = sent_as_is {
        (format, bytes)
    } else {
        converted = to_png(bytes, limits).map_err(|error| fail(&error))?;
        (ImageFormat::Png, converted.as_slice())
    };
    let thumbnail = shrink(Cursor::new(kept), limits).map_err(|error| fail(&error))?;
    // What was converted has been turned upright.
    let size = if sent_as_is.is_some() {
        head.size
    } else {
        head.upright().size
    };
    let stored = services
        .references
        .put(kept, format)
        .map_err(|error| about(name, failure::of_library(&error)))?;
    let reference = Reference {
        hash: stored.hash,
        path: stored.path,
        name: with_extension(name, format),
        format,
        size,
        bytes: kept.len() as u64,
        image,
    };
    Ok((reference, thumbnail))
}

/// A picture of the user's that can't be read is a mistake in the request, not in an answer.
fn failure_of_reference(error: &MediaError) -> Failure {
    let failure = failure::of_media(error);
    match failure.kind {
        FailureKind::Protocol => Failure {
            kind: FailureKind::InvalidRequest,
            ..failure
        },
        _ => failure,
    }
}

fn about(name: &str, failure: Failure) -> Failure {
    Failure {
        message: format!("{}: {name}", failure.message),
        ..failure
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.to_string_lossy().into_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The name for the upload, with the extension of what is uploaded.
fn with_extension(name: &str, format: ImageFormat) -> String {
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
    fn a_file_that_is_too_long_or_missing_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let missing = read(&dir.path().join("none.png")).unwrap_err();
        assert_eq!(missing.kind, FailureKind::InvalidRequest);
        let long = dir.path().join("long.png");
        File::create(&long).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert_eq!(read(&long).unwrap_err().kind, FailureKind::TooLarge);
    }
}
