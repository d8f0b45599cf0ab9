//! JPEG: a property in the XMP packet (XMP specification part 3, 1.1.3; ITU-T T.81 annex B).

use std::io::{Read, Seek};
use std::ops::Range;

use super::{File, Part, Plan, xmp};
use crate::media::{MediaError, SourceFormat};

/// What an APP1 segment with the XMP packet begins with.
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP11: u8 = 0xeb;
const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;

struct Segment {
    marker: u8,
    /// From its marker to its last byte.
    range: Range<u64>,
    /// What follows its length.
    data: Range<u64>,
}

/// Replaces the XMP packet by one with the recipe added, or makes one.
///
/// A new one goes behind JFIF and EXIF, which have to come first. Content Credentials are JUMBF boxes in APP11 (C2PA
/// 2.1, A.3.1); any such box keeps the file as it is. So does a packet that would pass the 64 KiB of a segment.
pub(super) fn plan(file: &mut File<impl Read + Seek>, recipe: &str) -> Result<Plan, MediaError> {
    let mut place = 2..2;
    let mut leading = true;
    let mut packet = None;
    let mut at = 2;
    while let Some(segment) = segment_at(file, at)? {
        at = segment.range.end;
        let starts_with = |file: &mut _, prefix| starts_with(file, &segment, prefix);
        match segment.marker {
            APP11 if starts_with(file, b"JP")? => return Ok(None),
            APP1 if packet.is_none() && starts_with(file, XMP)? => {
                packet = Some(file.bytes(segment.data)?);
                place = segment.range;
                leading = false;
            }
            APP0 if leading => place = at..at,
            APP1 if leading && starts_with(file, b"Exif\0")? => place = at..at,
            _ => leading = false,
        }
    }
    let packet = match packet.as_deref().and_then(|data| data.strip_prefix(XMP)) {
        Some(packet) => xmp::merged(packet, recipe),
        None => Some(xmp::packet(recipe)),
    };
    let Some(segment) = packet.as_deref().and_then(segment) else {
        return Ok(None);
    };
    Ok(Some(vec![
        Part::Copy(0..place.start),
        Part::Bytes(segment),
        Part::Copy(place.end..file.length),
    ]))
}

pub(super) fn read(file: &mut File<impl Read + Seek>) -> Result<Option<String>, MediaError> {
    let mut at = 2;
    while let Some(segment) = segment_at(file, at)? {
        at = segment.range.end;
        if segment.marker == APP1 && starts_with(file, &segment, XMP)? {
            let data = file.bytes(segment.data)?;
            let packet = data.strip_prefix(XMP).unwrap_or_default();
            if let Some(recipe) = std::str::from_utf8(packet).ok().and_then(xmp::recipe) {
                return Ok(Some(recipe));
            }
        }
    }
    Ok(None)
}

/// `None` when the packet is too long for a segment.
fn segment(packet: &str) -> Option<Vec<u8>> {
    let length = u16::try_from(2 + XMP.len() + packet.len()).ok()?;
    let head = [&[0xff, APP1], length.to_be_bytes().as_slice()].concat();
    Some([head.as_slice(), XMP, packet.as_bytes()].concat())
}

/// The segment at or after `at`; `None` where the image data begin.
fn segment_at(
    file: &mut File<impl Read + Seek>,
    mut at: u64,
) -> Result<Option<Segment>, MediaError> {
    loop {
        // Stray bytes and fill bytes before a marker are tolerated, as decoders do.
        let [mark, marker] = file.array(at)?;
        match (mark, marker) {
            (0xff, SOS | EOI) => return Ok(None),
            // Two bytes long, or no marker.
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) => at += 2,
            (0xff, 0xff) | (0x00..=0xfe, _) => at += 1,
            (0xff, marker) => {
                let length = u64::from(u16::from_be_bytes(file.array(at + 2)?));
                let range = at..at + 2 + length;
                if length < 2 {
                    let what = "a segment of impossible length";
                    return Err(MediaError::corrupt(SourceFormat::Jpeg, 0, what));
                }
                if range.end > file.length {
                    return Err(MediaError::Truncated { rows: 0 });
                }
                let data = at + 4..range.end;
                return Ok(Some(Segment {
                    marker,
                    range,
                    data,
                }));
            }
        }
    }
}

fn starts_with(
    file: &mut File<impl Read + Seek>,
    segment: &Segment,
    prefix: &[u8],
) -> Result<bool, MediaError> {
    let Range { start, end } = segment.data;
    Ok(file.bytes(start..end.min(start + prefix.len() as u64))? == prefix)
}
