//! Formats that people have and that we can't read: known by name, so that they can be told.

/// How files begin, and what they are.
const MARKS: [(&[u8], &str); 11] = [
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "PSD"),
    (b"%PDF", "PDF"),
    (b"gimp xcf", "XCF"),
    (b"\0\0\x01\0", "ICO"),
    (b"v/1\x01", "OpenEXR"),
    (b"qoif", "QOI"),
    (b"II+\0", "BigTIFF"),
];

/// The name of the format that the first bytes are of, where it is none that can be decoded; 256 bytes are enough.
///
/// AVIF is among them: no decoder in Rust alone was found whose interface needs no `unsafe` of ours.
#[must_use]
pub fn foreign_format(head: &[u8]) -> Option<&'static str> {
    if let Some(brand) = iso_brand(head) {
        return Some(brand);
    }
    let marked = MARKS.iter().find(|(mark, _)| head.starts_with(mark));
    if let Some((_, name)) = marked {
        return Some(name);
    }
    let text = head.get(..256).unwrap_or(head);
    memchr::memmem::find(text, b"<svg").map(|_| "SVG")
}

/// ISO/IEC 14496-12 4.3: the brands in the first box.
fn iso_brand(head: &[u8]) -> Option<&'static str> {
    if head.get(4..8)? != b"ftyp" {
        return None;
    }
    let length = usize::try_from(u32::from_be_bytes(*head.first_chunk()?)).ok()?;
    let brands = head.get(8..length.min(head.len()))?;
    let (brands, _) = brands.as_chunks::<4>();
    let has = |names: &[&[u8; 4]]| brands.iter().any(|brand| names.contains(&brand));
    if has(&[b"avif", b"avis"]) {
        Some("AVIF")
    } else if has(&[
        b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1",
    ]) {
        Some("HEIC")
    } else {
        // Films, mostly.
        Some("MP4")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        let check = |head: &[u8], expected| assert_eq!(foreign_format(head), expected);
        check(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", Some("AVIF"));
        check(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", Some("AVIF"));
        check(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some("HEIC"));
        check(b"\0\0\0\x14ftypisom\0\0\0\0mp41", Some("MP4"));
        check(b"<?xml version='1.0'?>\n<svg width='1'/>", Some("SVG"));
        check(b"8BPS\0\x01", Some("PSD"));
        check(b"II+\0\x08\0", Some("BigTIFF"));
        for other in [
            b"".as_slice(),
            b"words",
            b"\x89PNG\r\n\x1a\n",
            b"\0\0\0\x1cfty",
        ] {
            check(other, None);
        }
    }
}
