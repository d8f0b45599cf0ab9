//! WebP: a property in the XMP packet of an extended file (RFC 9649, 2.3, 2.4 and 2.7).

use std::io::{Read, Seek};
use std::ops::Range;

use super::{File, MAX_METADATA_BYTES, Part, Plan, xmp};
use crate::media::{MediaError, SourceFormat, probe};

/// The flag of `VP8X` that says that there is an XMP packet.
const HAS_XMP: u8 = 0x04;
/// The flag of `VP8X` that says that pixels may be transparent.
const HAS_ALPHA: u8 = 0x10;

/// Enough of a file's head to find the size of the picture.
const HEAD_BYTES: u64 = 64;

struct Chunk {
    kind: [u8; 4],
    data: Range<u64>,
    /// Behind the byte that makes its length even.
    end: u64,
}

/// What walking the file has found.
struct Found {
    first: Chunk,
    /// The XMP packet and the place of its chunk.
    xmp: Option<(Vec<u8>, Range<u64>)>,
    /// Where the RIFF container ends; anything may follow.
    end: u64,
    /// The last chunk lacks the byte that makes its length even.
    lacks_padding: bool,
}

/// Makes the file extended, if it is not, and puts the packet last, where the container wants it. Content Credentials
/// (C2PA 2.1, A.3.6) keep the file as it is.
pub(super) fn plan(file: &mut File<impl Read + Seek>, recipe: &str) -> Result<Plan, MediaError> {
    let Some(found) = walk(file)? else {
        return Ok(None);
    };
    let Found { first, xmp, .. } = &found;
    let packet = match xmp {
        Some((packet, _)) => xmp::merged(packet, recipe),
        None => Some(xmp::packet(recipe)),
    };
    let Some(packet) = packet else {
        return Ok(None);
    };

    let (extension, body_start) = if first.kind == *b"VP8X" {
        let [flags] = file.array(first.data.start)?;
        let mut head = file.bytes(12..first.data.start)?;
        head.push(flags | HAS_XMP);
        (head, first.data.start + 1)
    } else {
        (extension(&file.bytes(0..file.length.min(HEAD_BYTES))?)?, 12)
    };
    let mut tail = vec![0; usize::from(found.lacks_padding)];
    tail.extend(chunk(*b"XMP ", packet.as_bytes())?);

    let old = xmp
        .as_ref()
        .map_or(found.end..found.end, |(_, range)| range.clone());
    let kept = [body_start..old.start, old.end..found.end];
    let kept_length: u64 = kept.iter().map(|range| range.end - range.start).sum();
    let size = 4 + extension.len() as u64 + kept_length + tail.len() as u64;
    let size = u32::try_from(size).map_err(|_beyond| too_large("a WebP file", size))?;

    let head = [b"RIFF", size.to_le_bytes().as_slice(), b"WEBP", &extension].concat();
    let [before, after] = kept;
    Ok(Some(vec![
        Part::Bytes(head),
        Part::Copy(before),
        Part::Copy(after),
        Part::Bytes(tail),
        Part::Copy(found.end..file.length),
    ]))
}

pub(super) fn read(file: &mut File<impl Read + Seek>) -> Result<Option<String>, MediaError> {
    let packet = walk(file)?.and_then(|found| found.xmp);
    Ok(packet.and_then(|(packet, _)| xmp::recipe(std::str::from_utf8(&packet).ok()?)))
}

fn corrupt(what: &'static str) -> MediaError {
    MediaError::corrupt(SourceFormat::Webp, 0, what)
}

fn too_large(what: &str, bytes: u64) -> MediaError {
    MediaError::TooLarge {
        size: None,
        what: format!("{what} of {bytes} bytes"),
    }
}

/// `None` when the file carries Content Credentials, or a packet too long to be changed.
fn walk(file: &mut File<impl Read + Seek>) -> Result<Option<Found>, MediaError> {
    let end = 8 + u64::from(u32::from_le_bytes(file.array(4)?));
    if end > file.length {
        return Err(MediaError::Truncated { rows: 0 });
    }
    let mut chunk = chunk_at(file, 12, end)?;
    let long_enough = chunk.data.end - chunk.data.start >= 10;
    if !matches!(&chunk.kind, b"VP8X" | b"VP8 " | b"VP8L") || !long_enough {
        return Err(corrupt("no image chunk at the start"));
    }
    let mut at = chunk.end;
    let mut found = Found {
        first: chunk,
        xmp: None,
        end,
        lacks_padding: at > end,
    };
    while at < end {
        chunk = chunk_at(file, at, end)?;
        match &chunk.kind {
            b"C2PA" => return Ok(None),
            b"XMP " if chunk.data.end - chunk.data.start > MAX_METADATA_BYTES => return Ok(None),
            b"XMP " if found.xmp.is_none() => {
                found.xmp = Some((file.bytes(chunk.data)?, at..chunk.end.min(end)));
            }
            _ => found.lacks_padding = chunk.end > end,
        }
        at = chunk.end;
    }
    Ok(Some(found))
}

fn chunk_at(file: &mut File<impl Read + Seek>, at: u64, end: u64) -> Result<Chunk, MediaError> {
    let [k0, k1, k2, k3, length @ ..]: [u8; 8] = file.array(at)?;
    let length = u64::from(u32::from_le_bytes(length));
    let data = at + 8..at + 8 + length;
    if data.end > end {
        return Err(corrupt("a chunk that is longer than the file"));
    }
    Ok(Chunk {
        kind: [k0, k1, k2, k3],
        end: data.end + (length & 1),
        data,
    })
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Result<Vec<u8>, MediaError> {
    let length = data.len() as u64;
    let length = u32::try_from(length).map_err(|_beyond| too_large("metadata", length))?;
    let mut chunk = [&kind, length.to_le_bytes().as_slice(), data].concat();
    if length % 2 == 1 {
        chunk.push(0);
    }
    Ok(chunk)
}

/// The `VP8X` chunk that makes a simple file an extended one.
fn extension(head: &[u8]) -> Result<Vec<u8>, MediaError> {
    let header = probe(head)?.ok_or(MediaError::Truncated { rows: 0 })?;
    let alpha = if header.has_alpha { HAS_ALPHA } else { 0 };
    let [w0, w1, w2, _] = (header.size.width() - 1).to_le_bytes();
    let [h0, h1, h2, _] = (header.size.height() - 1).to_le_bytes();
    let data = [HAS_XMP | alpha, 0, 0, 0, w0, w1, w2, h0, h1, h2];
    chunk(*b"VP8X", &data)
}
