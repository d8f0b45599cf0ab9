//! What a file is, as far as that decides how it is read and sent.

use super::super::decode::{fail_as, jpeg_ends, open};
use super::super::{Header, MediaError, MediaLimits, Orientation, SourceFormat, probe};
use super::colors::ToSrgb;
use super::inks;

/// What a file says of its picture.
pub(in crate::media) struct Look {
    /// The header, with the size that the picture has once it stands upright.
    pub(super) header: Header,
    /// How it has to be turned.
    pub(super) orientation: Orientation,
    /// Its colour profile.
    pub(super) icc: Option<Vec<u8>>,
    /// Whether its colours are printing inks.
    pub(super) has_inks: bool,
}

/// Whether the end of a file is missing, as far as its format tells without being decoded.
fn is_cut(format: SourceFormat, file: &[u8]) -> bool {
    match format {
        SourceFormat::Jpeg => !jpeg_ends(file),
        // RFC 9649 2.4: what follows the first eight bytes.
        SourceFormat::Webp => file
            .get(4..)
            .and_then(<[u8]>::first_chunk)
            .is_some_and(|length| u64::from(u32::from_le_bytes(*length)) + 8 > file.len() as u64),
        _ => false,
    }
}

impl Look {
    /// Reads it; nothing is decoded, and nothing allocated that grows with the picture.
    pub(in crate::media) fn at(bytes: &[u8], limits: &MediaLimits) -> Result<Self, MediaError> {
        let header = probe(bytes)?.ok_or(MediaError::Truncated { rows: 0 })?;
        limits.check(header.size)?;
        if bytes.len() as u64 > limits.max_bytes {
            let most = limits.max_bytes;
            return Err(MediaError::TooLong { most });
        }
        // Decoders paint what is missing, or call it damaged.
        if is_cut(header.format, bytes) {
            return Err(MediaError::Truncated { rows: 0 });
        }
        let mut decoder = open(header.format, bytes).map_err(fail_as(header.format))?;
        // A block that can't be read is as good as none.
        let icc = decoder.icc_profile().ok().flatten();
        let orientation = decoder
            .orientation()
            .ok()
            .and_then(|turn| Orientation::from_exif(turn.to_exif().into()))
            .unwrap_or(Orientation::UPRIGHT);
        drop(decoder);
        let has_inks = header.format == SourceFormat::Jpeg && inks::has_inks(bytes);
        let header = Header {
            orientation,
            ..header
        };
        Ok(Self {
            header: header.upright(),
            orientation,
            icc,
            has_inks,
        })
    }

    /// Whether its pixels are sent as they are in the file: sRGB, no inks, and upright for every decoder.
    pub(super) fn is_plain(&self) -> bool {
        let is_png = self.header.format == SourceFormat::Png;
        let is_turned_png = is_png && !self.orientation.is_upright();
        !self.has_inks && !is_turned_png && !self.has_other_colors()
    }

    /// Whether its colours mean others than in sRGB.
    pub(super) fn has_other_colors(&self) -> bool {
        self.to_srgb().is_some()
    }

    /// What makes sRGB of its colours; `None` where they are, or nothing can be made of the profile.
    pub(super) fn to_srgb(&self) -> Option<ToSrgb> {
        let icc = self.icc.as_deref().filter(|_| !self.has_inks)?;
        ToSrgb::of(icc)
    }
}
