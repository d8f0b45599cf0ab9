//! The first directory of a TIFF file: also what an EXIF block is made of (TIFF 6.0, section 2).

pub(super) const IMAGE_WIDTH: u16 = 256;
pub(super) const IMAGE_LENGTH: u16 = 257;
pub(super) const BITS_PER_SAMPLE: u16 = 258;
pub(super) const ORIENTATION: u16 = 274;
pub(super) const EXTRA_SAMPLES: u16 = 338;

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// A directory that is wholly in memory.
pub(super) struct Ifd<'a> {
    file: &'a [u8],
    big_endian: bool,
    entries: &'a [[u8; 12]],
}

impl<'a> Ifd<'a> {
    /// `None` when this is no TIFF file, or when the directory lies beyond the bytes given.
    pub(super) fn first(file: &'a [u8]) -> Option<Self> {
        let big_endian = match file.first_chunk()? {
            [b'I', b'I', 42, 0] => false,
            [b'M', b'M', 0, 42] => true,
            _ => return None,
        };
        let mut ifd = Self {
            file,
            big_endian,
            entries: &[],
        };
        let start = usize::try_from(ifd.long(4)?).ok()?;
        let count = usize::from(ifd.short(start)?);
        let bytes = file.get(start + 2..)?.get(..count * 12)?;
        ifd.entries = bytes.as_chunks().0;
        Some(ifd)
    }

    /// The first number of a SHORT or LONG field; `None` when it is absent, of another type or out of reach.
    pub(super) fn get(&self, tag: u16) -> Option<u32> {
        let entry = self.entries.iter().find(|entry| self.tag(entry) == tag)?;
        let [_, _, t0, t1, count @ .., v0, v1, v2, v3] = *entry;
        let value = [v0, v1, v2, v3];
        let count = self.to_u32(count);
        match self.to_u16([t0, t1]) {
            SHORT if count <= 2 => Some(self.to_u16([v0, v1]).into()),
            SHORT => self
                .short(usize::try_from(self.to_u32(value)).ok()?)
                .map(u32::from),
            LONG if count == 1 => Some(self.to_u32(value)),
            _ => None,
        }
    }

    fn tag(&self, entry: &[u8; 12]) -> u16 {
        self.to_u16([entry[0], entry[1]])
    }

    fn short(&self, at: usize) -> Option<u16> {
        Some(self.to_u16(*self.file.get(at..)?.first_chunk()?))
    }

    fn long(&self, at: usize) -> Option<u32> {
        Some(self.to_u32(*self.file.get(at..)?.first_chunk()?))
    }

    const fn to_u16(&self, bytes: [u8; 2]) -> u16 {
        if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }
    }

    const fn to_u32(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }
}
