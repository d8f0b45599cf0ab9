//! What the head of a file says, read without decoding or allocating anything.

mod foreign;
mod tiff;

use std::fmt;

pub use self::foreign::foreign_format;
use self::tiff::Ifd;
use super::MediaError;
use crate::model::{ImageFormat, PixelSize};

/// A file format that can be decoded: the three that models deliver, and three more that people drop as references.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SourceFormat {
    /// PNG, APNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP, lossy or lossless.
    Webp,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF (not `BigTIFF`).
    Tiff,
}

impl SourceFormat {
    /// Reads the format off the first bytes (protocol.md 4.4); 12 are enough.
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        if let Some(format) = ImageFormat::sniff(head) {
            return Some(format.into());
        }
        match head {
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            [b'B', b'M', ..] => Some(Self::Bmp),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            _ => None,
        }
    }

    /// The format of a result, if a model can deliver it; `None` for those that are only references.
    #[must_use]
    pub const fn deliverable(self) -> Option<ImageFormat> {
        match self {
            Self::Png => Some(ImageFormat::Png),
            Self::Jpeg => Some(ImageFormat::Jpeg),
            Self::Webp => Some(ImageFormat::Webp),
            Self::Gif | Self::Bmp | Self::Tiff => None,
        }
    }
}

impl From<ImageFormat> for SourceFormat {
    fn from(format: ImageFormat) -> Self {
        match format {
            ImageFormat::Png => Self::Png,
            ImageFormat::Jpeg => Self::Jpeg,
            ImageFormat::Webp => Self::Webp,
        }
    }
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
        })
    }
}

/// How a stored picture has to be turned to stand upright: EXIF tag 0x0112, 1 to 8.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Orientation(u8);

impl Orientation {
    /// Not to be turned.
    pub const UPRIGHT: Self = Self(1);

    /// `None` outside 1 to 8.
    #[must_use]
    pub const fn from_exif(value: u32) -> Option<Self> {
        match value {
            1..=8 => Some(Self(value.to_le_bytes()[0])),
            _ => None,
        }
    }

    /// The EXIF value, 1 to 8.
    #[must_use]
    pub const fn exif(self) -> u8 {
        self.0
    }

    /// Whether there is nothing to turn.
    #[must_use]
    pub const fn is_upright(self) -> bool {
        self.0 == 1
    }

    /// Whether turning exchanges width and height.
    #[must_use]
    pub const fn swaps_sides(self) -> bool {
        self.0 >= 5
    }
}

/// What a file says about its picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// The format.
    pub format: SourceFormat,
    /// Width x height in pixels: as stored from [`probe`], as it should be shown from a decoder.
    pub size: PixelSize,
    /// Whether pixels can be transparent; true does not mean that one is.
    pub has_alpha: bool,
    /// Bits a channel, or bits of a palette's index: 1 to 16, 32 in some TIFF files.
    pub bit_depth: u8,
    /// Whether it is an animation, of which only the first picture is decoded.
    pub animated: bool,
    /// How the picture has to be turned: found in JPEG and TIFF heads. A WebP file keeps it at its end, where only
    /// decoding finds it; in PNG files it is ignored, so that rows can be shown as they come.
    pub orientation: Orientation,
}

impl Header {
    fn new(format: SourceFormat, width: u32, height: u32) -> Result<Self, MediaError> {
        let size = PixelSize::new(width, height)
            .ok_or_else(|| MediaError::corrupt(format, 0, "a side of zero pixels"))?;
        Ok(Self {
            format,
            size,
            has_alpha: false,
            bit_depth: 8,
            animated: false,
            orientation: Orientation::UPRIGHT,
        })
    }

    /// The header of the picture once it has been turned upright.
    #[must_use]
    pub const fn upright(self) -> Self {
        Self {
            size: if self.orientation.swaps_sides() {
                self.size.swapped()
            } else {
                self.size
            },
            orientation: Orientation::UPRIGHT,
            ..self
        }
    }
}

/// Reads the header off the first bytes of a file; `Ok(None)` means that more bytes are needed to tell.
///
/// PNG needs everything before the image data, JPEG everything before the frame header (a profile or an EXIF thumbnail
/// may come first), TIFF its directory, which may stand at the end; the others need 34 bytes at most. Limits are the
/// decoders' business: compare with [`MediaLimits::check`](super::MediaLimits::check).
///
/// # Errors
/// [`MediaError::Unknown`] and [`MediaError::Corrupt`].
pub fn probe(head: &[u8]) -> Result<Option<Header>, MediaError> {
    let Some(format) = SourceFormat::sniff(head) else {
        // Twelve bytes tell every format.
        return if head.len() < 12 {
            Ok(None)
        } else {
            Err(MediaError::Unknown)
        };
    };
    let found = match format {
        SourceFormat::Png => probe_png(head),
        SourceFormat::Jpeg => probe_jpeg(head),
        SourceFormat::Webp => probe_webp(head),
        SourceFormat::Gif => probe_gif(head),
        SourceFormat::Bmp => probe_bmp(head),
        SourceFormat::Tiff => probe_tiff(head),
    };
    match found {
        Ok(header) => Ok(Some(header)),
        Err(Stop::NeedsMore) => Ok(None),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Why a header was not found; lets `?` end a parser that has run out of bytes.
enum Stop {
    NeedsMore,
    Failed(MediaError),
}

impl From<MediaError> for Stop {
    fn from(error: MediaError) -> Self {
        Self::Failed(error)
    }
}

fn corrupt(format: SourceFormat, what: &'static str) -> Stop {
    Stop::Failed(MediaError::corrupt(format, 0, what))
}

/// `N` bytes from `at` on.
fn take<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Stop> {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .copied()
        .ok_or(Stop::NeedsMore)
}

/// PNG, Third Edition, 5.3 (chunks), 11.2.1 (IHDR), 11.3.1.1 (tRNS), 11.3.6.1 (acTL).
fn probe_png(head: &[u8]) -> Result<Header, Stop> {
    const FORMAT: SourceFormat = SourceFormat::Png;
    let ihdr: [u8; 8] = take(head, 8)?;
    if ihdr != *b"\0\0\0\rIHDR" {
        return Err(corrupt(FORMAT, "IHDR is not the first chunk"));
    }
    let width = u32::from_be_bytes(take(head, 16)?);
    let height = u32::from_be_bytes(take(head, 20)?);
    let [bit_depth, color_type] = take(head, 24)?;
    let mut header = Header {
        bit_depth,
        has_alpha: color_type & 4 != 0,
        ..Header::new(FORMAT, width, height)?
    };
    let mut at = 33;
    loop {
        let length = u32::from_be_bytes(take(head, at)?);
        match &take(head, at + 4)? {
            b"IDAT" | b"IEND" => return Ok(header),
            b"tRNS" => header.has_alpha = true,
            b"acTL" => header.animated = true,
            _ => {}
        }
        at = usize::try_from(length)
            .ok()
            .and_then(|length| at.checked_add(12)?.checked_add(length))
            .ok_or_else(|| corrupt(FORMAT, "a chunk of impossible length"))?;
    }
}

/// ITU-T T.81 annex B; EXIF 2.32 4.5.2 (APP1).
fn probe_jpeg(head: &[u8]) -> Result<Header, Stop> {
    const FORMAT: SourceFormat = SourceFormat::Jpeg;
    let mut orientation = Orientation::UPRIGHT;
    let mut at = 2;
    loop {
        // Stray bytes before a marker and fill bytes are skipped, as every decoder does.
        let gap =
            memchr::memchr(0xff, head.get(at..).unwrap_or_default()).ok_or(Stop::NeedsMore)?;
        at += gap + 1;
        let [marker] = take(head, at)?;
        match marker {
            // Part of a gap, or a marker that stands alone.
            0xff | 0x00 | 0x01 | 0xd0..=0xd8 => continue,
            0xd9 | 0xda => return Err(corrupt(FORMAT, "no frame header before the scan")),
            _ => {}
        }
        at += 1;
        let length = usize::from(u16::from_be_bytes(take(head, at)?));
        if length < 2 {
            return Err(corrupt(FORMAT, "a segment of impossible length"));
        }
        match marker {
            0xc4 | 0xc8 | 0xcc => {}
            0xc0..=0xcf => {
                let [bit_depth] = take(head, at + 2)?;
                let height = u16::from_be_bytes(take(head, at + 3)?);
                let width = u16::from_be_bytes(take(head, at + 5)?);
                return Ok(Header {
                    bit_depth,
                    orientation,
                    ..Header::new(FORMAT, width.into(), height.into())?
                });
            }
            0xe1 => {
                let segment = head.get(at + 2..at + length).ok_or(Stop::NeedsMore)?;
                if let Some(found) = segment.strip_prefix(b"Exif\0\0").and_then(exif_orientation) {
                    orientation = found;
                }
            }
            _ => {}
        }
        at += length;
    }
}

/// The orientation in an EXIF block, which is a TIFF file.
pub(super) fn exif_orientation(block: &[u8]) -> Option<Orientation> {
    Orientation::from_exif(Ifd::first(block)?.get(tiff::ORIENTATION)?)
}

/// RFC 9649 2.5 to 2.7, 3.4; RFC 6386 9.1.
fn probe_webp(head: &[u8]) -> Result<Header, Stop> {
    const FORMAT: SourceFormat = SourceFormat::Webp;
    match &take(head, 12)? {
        b"VP8 " => {
            let [_, _, _, start @ .., w0, w1, h0, h1]: [u8; 10] = take(head, 20)?;
            if start != [0x9d, 0x01, 0x2a] {
                return Err(corrupt(FORMAT, "no key frame"));
            }
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            Ok(Header::new(FORMAT, side(w0, w1), side(h0, h1))?)
        }
        b"VP8L" => {
            let [signature] = take(head, 20)?;
            if signature != 0x2f {
                return Err(corrupt(FORMAT, "no lossless signature"));
            }
            let bits = u32::from_le_bytes(take(head, 21)?);
            Ok(Header {
                has_alpha: bits >> 28 & 1 != 0,
                ..Header::new(FORMAT, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)?
            })
        }
        b"VP8X" => {
            let [flags, _, _, _, w0, w1, w2, h0, h1, h2]: [u8; 10] = take(head, 20)?;
            let side = |a, b, c| u32::from_le_bytes([a, b, c, 0]) + 1;
            Ok(Header {
                has_alpha: flags & 0x10 != 0,
                animated: flags & 0x02 != 0,
                ..Header::new(FORMAT, side(w0, w1, w2), side(h0, h1, h2))?
            })
        }
        _ => Err(corrupt(FORMAT, "no image chunk at the start")),
    }
}

/// GIF 89a, sections 17 and 18; the NETSCAPE2.0 extension, which tells how often to loop, is in animations only.
fn probe_gif(head: &[u8]) -> Result<Header, Stop> {
    let [w0, w1, h0, h1] = take(head, 6)?;
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]));
    Ok(Header {
        has_alpha: true,
        animated: memchr::memmem::find(head, b"NETSCAPE2.0").is_some(),
        ..Header::new(SourceFormat::Gif, side(w0, w1), side(h0, h1))?
    })
}

/// Microsoft, «Bitmap Storage»: BITMAPCOREHEADER, BITMAPINFOHEADER and its successors.
fn probe_bmp(head: &[u8]) -> Result<Header, Stop> {
    const FORMAT: SourceFormat = SourceFormat::Bmp;
    let (width, height, bits) = if u32::from_le_bytes(take(head, 14)?) == 12 {
        let width = u16::from_le_bytes(take(head, 18)?);
        let height = u16::from_le_bytes(take(head, 20)?);
        let bits = u16::from_le_bytes(take(head, 24)?);
        (width.into(), height.into(), bits)
    } else {
        let width = i32::from_le_bytes(take(head, 18)?);
        let height = i32::from_le_bytes(take(head, 22)?);
        let bits = u16::from_le_bytes(take(head, 28)?);
        let width = u32::try_from(width).unwrap_or_default();
        // Negative: rows go from the top.
        (width, height.unsigned_abs(), bits)
    };
    Ok(Header {
        has_alpha: bits == 32,
        bit_depth: if bits < 8 { bits.to_le_bytes()[0] } else { 8 },
        ..Header::new(FORMAT, width, height)?
    })
}

/// TIFF 6.0, section 2, and the tags of section 8.
fn probe_tiff(head: &[u8]) -> Result<Header, Stop> {
    let ifd = Ifd::first(head).ok_or(Stop::NeedsMore)?;
    let width = ifd.get(tiff::IMAGE_WIDTH).unwrap_or_default();
    let height = ifd.get(tiff::IMAGE_LENGTH).unwrap_or_default();
    Ok(Header {
        has_alpha: ifd.get(tiff::EXTRA_SAMPLES).is_some(),
        bit_depth: ifd
            .get(tiff::BITS_PER_SAMPLE)
            .and_then(|bits| u8::try_from(bits).ok())
            .unwrap_or(1),
        orientation: ifd
            .get(tiff::ORIENTATION)
            .and_then(Orientation::from_exif)
            .unwrap_or(Orientation::UPRIGHT),
        ..Header::new(SourceFormat::Tiff, width, height)?
    })
}

#[cfg(test)]
mod tests;
