//! Pictures that are not what was asked for, or no pictures at all.

use bytes::Bytes;

use crate::demo::Fault;
use crate::model::{ImageFormat, PixelSize};

/// Bytes of a corrupt picture that are as they should be: its header can be read.
const SOUND_HEAD_BYTES: usize = 64;

/// Size and format of the file, which a flaw may make other than the answer says.
pub(super) fn delivered(
    size: PixelSize,
    format: ImageFormat,
    flaw: Option<Fault>,
) -> (PixelSize, ImageFormat) {
    match flaw {
        Some(Fault::Smaller) => {
            let half = PixelSize::new(size.width() / 2, size.height() / 2);
            (half.unwrap_or(size), format)
        }
        Some(Fault::WrongFormat) => {
            let other = match format {
                ImageFormat::Png => ImageFormat::Jpeg,
                ImageFormat::Jpeg | ImageFormat::Webp => ImageFormat::Png,
            };
            (size, other)
        }
        _ => (size, format),
    }
}

/// The file as `flaw` leaves it.
pub(super) fn flawed(file: Bytes, flaw: Option<Fault>) -> Bytes {
    match flaw {
        Some(Fault::Corrupt) => corrupted(&file),
        Some(Fault::TruncatedPicture) => file.slice(..file.len() / 3 * 2),
        Some(Fault::Huge) => huge_png(),
        _ => file,
    }
}

/// The file with everything after its head overwritten.
fn corrupted(file: &Bytes) -> Bytes {
    let (head, rest) = file.split_at(file.len().min(SOUND_HEAD_BYTES));
    head.iter()
        .copied()
        .chain(rest.iter().map(|byte| byte ^ 0x5a))
        .collect()
}

/// A whole PNG file of a few bytes that asks its reader for 40 GB.
fn huge_png() -> Bytes {
    const SIDE: u32 = 100_000;
    let mut header = Vec::new();
    header.extend_from_slice(&SIDE.to_be_bytes());
    header.extend_from_slice(&SIDE.to_be_bytes());
    // 8 bit, RGBA, deflate, adaptive filters, not interlaced.
    header.extend_from_slice(&[8, 6, 0, 0, 0]);
    // A zlib stream of nothing.
    let data = [0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [
        (b"IHDR", header.as_slice()),
        (b"IDAT", &data),
        (b"IEND", &[]),
    ] {
        let length = u32::try_from(content.len()).unwrap_or(0);
        file.extend_from_slice(&length.to_be_bytes());
        let mut crc = crc32fast::Hasher::new();
        for part in [kind.as_slice(), content] {
            crc.update(part);
            file.extend_from_slice(part);
        }
        file.extend_from_slice(&crc.finalize().to_be_bytes());
    }
    file.into()
}
