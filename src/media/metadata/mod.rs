//! The recipe inside the file: added beside the image data, which is copied byte for byte.
//!
//! | format | where | read back by |
//! | --- | --- | --- |
//! | PNG | an `iTXt` chunk `atelier.recipe` right after `IHDR` | this program, any text-chunk viewer |
//! | JPEG | a property in the XMP packet (APP1) | any XMP tool |
//! | WebP | a property in the XMP packet (`XMP ` chunk) | any XMP tool |
//!
//! A file that carries Content Credentials (C2PA) is signed over its bytes: it stays as it is, and the recipe goes into
//! an XMP sidecar beside it ([`recipe_sidecar`]). So does one that is too long for the format.
//!
//! A file is first walked from head to tail without reading image data, which yields a plan; only a plan that stands is
//! written, so a damaged file leaves no half-written copy behind.

mod jpeg;
mod png;
mod webp;
mod xmp;

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use super::{MediaError, SourceFormat};
use crate::model::ImageFormat;

/// The longest block of metadata that is read: a recipe is a few KiB, the longest prompt 128 KiB.
const MAX_METADATA_BYTES: u64 = 4 << 20;

/// Where the recipe of a result is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Embedded {
    /// In the copy.
    InFile,
    /// Nowhere yet and nothing was written: keep the file as delivered and put [`recipe_sidecar`] beside it.
    NeedsSidecar,
}

/// Copies a picture file from `source` to `out` with the recipe added; one that was there before is replaced.
///
/// The image data and all other metadata stay byte for byte, and so does what follows the end of the picture. The whole
/// of `source` is read, from its start. `recipe_json` comes back equal as JSON: characters that XML cannot hold are
/// written as JSON escapes.
///
/// # Errors
/// [`MediaError::Unknown`] when `source` is not of `format`; [`MediaError::Truncated`] and [`MediaError::Corrupt`] when
/// its structure is broken, [`MediaError::TooLarge`] when a WebP file would pass 4 GiB: nothing is written then.
/// [`MediaError::Io`] from either side.
pub fn embed_recipe<R: Read + Seek, W: Write>(
    format: ImageFormat,
    source: R,
    out: &mut W,
    recipe_json: &str,
) -> Result<Embedded, MediaError> {
    let mut file = File::open(source)?;
    if file.format()? != Some(format.into()) {
        return Err(MediaError::Unknown);
    }
    let plan = match format {
        ImageFormat::Png => png::plan(&mut file, recipe_json),
        ImageFormat::Jpeg => jpeg::plan(&mut file, recipe_json),
        ImageFormat::Webp => webp::plan(&mut file, recipe_json),
    }?;
    let Some(parts) = plan else {
        return Ok(Embedded::NeedsSidecar);
    };
    for part in parts {
        match part {
            Part::Copy(range) => file.copy(range, out)?,
            Part::Bytes(bytes) => out.write_all(&bytes)?,
        }
    }
    Ok(Embedded::InFile)
}

/// The recipe in a picture file, as JSON text; `None` when there is none, or the format cannot hold one.
///
/// Image data is skipped, not read.
///
/// # Errors
/// [`MediaError::Unknown`], [`MediaError::Truncated`], [`MediaError::Corrupt`] and [`MediaError::Io`].
pub fn read_recipe<R: Read + Seek>(source: R) -> Result<Option<String>, MediaError> {
    let mut file = File::open(source)?;
    match file.format()?.ok_or(MediaError::Unknown)?.deliverable() {
        Some(ImageFormat::Png) => png::read(&mut file),
        Some(ImageFormat::Jpeg) => jpeg::read(&mut file),
        Some(ImageFormat::Webp) => webp::read(&mut file),
        None => Ok(None),
    }
}

/// An XMP document with the recipe, to be stored beside a file that must not be changed (`name.png.xmp`).
#[must_use]
pub fn recipe_sidecar(recipe_json: &str) -> String {
    xmp::packet(recipe_json)
}

/// The recipe in an XMP document, as JSON text.
#[must_use]
pub fn read_sidecar(xmp: &str) -> Option<String> {
    xmp::recipe(xmp)
}

/// A piece of the copy, in order.
enum Part {
    /// From the source.
    Copy(Range<u64>),
    /// New.
    Bytes(Vec<u8>),
}

/// What the copy is made of; `None` when the recipe cannot be put into the file.
type Plan = Option<Vec<Part>>;

/// A file whose structure is walked: small reads at given places.
struct File<R> {
    reader: BufReader<R>,
    length: u64,
    at: u64,
}

impl<R: Read + Seek> File<R> {
    fn open(mut source: R) -> io::Result<Self> {
        let length = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        Ok(Self {
            reader: BufReader::new(source),
            length,
            at: 0,
        })
    }

    fn format(&mut self) -> Result<Option<SourceFormat>, MediaError> {
        let head = self.bytes(0..self.length.min(12))?;
        Ok(SourceFormat::sniff(&head))
    }

    fn go_to(&mut self, at: u64) -> Result<(), MediaError> {
        if at > self.length {
            return Err(MediaError::Truncated { rows: 0 });
        }
        // Stays within the buffer where it can.
        let offset = i64::try_from(at)
            .ok()
            .zip(i64::try_from(self.at).ok())
            .map(|(to, from)| to - from);
        match offset {
            Some(offset) => self.reader.seek_relative(offset)?,
            None => self.reader.seek(SeekFrom::Start(at)).map(|_| ())?,
        }
        self.at = at;
        Ok(())
    }

    /// `N` bytes from `at` on.
    fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], MediaError> {
        self.go_to(at)?;
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// The bytes of a range that lies within the file; the caller has checked its length.
    fn bytes(&mut self, range: Range<u64>) -> Result<Vec<u8>, MediaError> {
        let length = range.end.saturating_sub(range.start);
        self.go_to(range.start)?;
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(length).read_to_end(&mut bytes)?;
        self.at += read as u64;
        if (read as u64) < length {
            return Err(MediaError::Truncated { rows: 0 });
        }
        Ok(bytes)
    }

    fn copy(&mut self, range: Range<u64>, out: &mut impl Write) -> Result<(), MediaError> {
        let length = range.end.saturating_sub(range.start);
        self.go_to(range.start)?;
        let copied = io::copy(&mut self.reader.by_ref().take(length), out)?;
        self.at += copied;
        if copied < length {
            return Err(MediaError::Truncated { rows: 0 });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
