//! PNG: a text chunk of our own (PNG, Third Edition, 5.3 and 11.3.3.4).

use std::io::{Read, Seek};
use std::ops::Range;

use super::{File, MAX_METADATA_BYTES, Part, Plan};
use crate::media::{MediaError, SourceFormat};

/// The keyword of the chunk, with the zero byte that ends it.
const KEYWORD: &[u8; 15] = b"atelier.recipe\0";

/// Where the first chunk after the signature and `IHDR` begins.
const AFTER_IHDR: u64 = 8 + 12 + 13;

struct Chunk {
    kind: [u8; 4],
    /// From its length to its CRC.
    range: Range<u64>,
}

impl Chunk {
    fn data(&self) -> Range<u64> {
        self.range.start + 8..self.range.end - 4
    }
}

/// Puts the recipe right after `IHDR`: `iTXt` may stand anywhere but between two `IDAT`s, and there it is found by
/// reading the first few hundred bytes of a file, however long.
pub(super) fn plan(file: &mut File<impl Read + Seek>, recipe: &str) -> Result<Plan, MediaError> {
    let mut parts = vec![Part::Copy(0..AFTER_IHDR), Part::Bytes(text_chunk(recipe)?)];
    let mut kept_from = AFTER_IHDR;
    let mut at = AFTER_IHDR;
    check_ihdr(file)?;
    loop {
        let chunk = chunk_at(file, at)?;
        match &chunk.kind {
            b"caBX" => return Ok(None),
            b"IEND" => break,
            b"iTXt" if is_recipe(file, &chunk)? => {
                parts.push(Part::Copy(kept_from..at));
                kept_from = chunk.range.end;
            }
            _ => {}
        }
        at = chunk.range.end;
    }
    // With whatever follows IEND.
    parts.push(Part::Copy(kept_from..file.length));
    Ok(Some(parts))
}

pub(super) fn read(file: &mut File<impl Read + Seek>) -> Result<Option<String>, MediaError> {
    check_ihdr(file)?;
    let mut at = AFTER_IHDR;
    loop {
        let chunk = chunk_at(file, at)?;
        if chunk.kind == *b"IEND" {
            return Ok(None);
        }
        if chunk.kind == *b"iTXt"
            && is_recipe(file, &chunk)?
            && let Some(text) = text_of(file, &chunk)?
        {
            return Ok(Some(text));
        }
        at = chunk.range.end;
    }
}

fn corrupt(what: &'static str) -> MediaError {
    MediaError::corrupt(SourceFormat::Png, 0, what)
}

fn check_ihdr(file: &mut File<impl Read + Seek>) -> Result<(), MediaError> {
    if file.array(8)? == *b"\0\0\0\rIHDR" {
        Ok(())
    } else {
        Err(corrupt("IHDR is not the first chunk"))
    }
}

fn chunk_at(file: &mut File<impl Read + Seek>, at: u64) -> Result<Chunk, MediaError> {
    let [l0, l1, l2, l3, kind @ ..]: [u8; 8] = file.array(at)?;
    let length = u32::from_be_bytes([l0, l1, l2, l3]);
    if length > i32::MAX.unsigned_abs() {
        return Err(corrupt("a chunk of impossible length"));
    }
    let range = at..at + 12 + u64::from(length);
    if range.end > file.length {
        return Err(MediaError::Truncated { rows: 0 });
    }
    Ok(Chunk { kind, range })
}

fn is_recipe(file: &mut File<impl Read + Seek>, chunk: &Chunk) -> Result<bool, MediaError> {
    let data = chunk.data();
    Ok(data.end - data.start >= KEYWORD.len() as u64 && file.array(data.start)? == *KEYWORD)
}

fn text_chunk(recipe: &str) -> Result<Vec<u8>, MediaError> {
    // Keyword; not compressed, method 0; no language; no translated keyword.
    let head = [KEYWORD.as_slice(), &[0, 0, 0, 0]].concat();
    let length = u32::try_from(head.len() + recipe.len())
        .ok()
        .filter(|&length| u64::from(length) <= MAX_METADATA_BYTES)
        .ok_or_else(|| MediaError::TooLarge {
            size: None,
            what: format!("a recipe of {} bytes", recipe.len()),
        })?;
    let data = [b"iTXt", head.as_slice(), recipe.as_bytes()].concat();
    let crc = crc32fast::hash(&data);
    Ok([&length.to_be_bytes(), data.as_slice(), &crc.to_be_bytes()].concat())
}

/// `None` when the chunk is damaged, too long, compressed or not UTF-8: nothing that this program wrote.
fn text_of(file: &mut File<impl Read + Seek>, chunk: &Chunk) -> Result<Option<String>, MediaError> {
    if chunk.range.end - chunk.range.start > MAX_METADATA_BYTES {
        return Ok(None);
    }
    let bytes = file.bytes(chunk.range.start + 4..chunk.range.end)?;
    let Some((data, crc)) = bytes.split_last_chunk::<4>() else {
        return Ok(None);
    };
    if crc32fast::hash(data) != u32::from_be_bytes(*crc) {
        return Ok(None);
    }
    let text = data
        .get(4 + KEYWORD.len()..)
        .and_then(|rest| rest.strip_prefix(&[0, 0]))
        .and_then(|rest| {
            // Language and translated keyword.
            let mut fields = rest.splitn(3, |&byte| byte == 0);
            fields.nth(2)
        });
    Ok(text.and_then(|text| String::from_utf8(text.to_vec()).ok()))
}
