//! Rows of bytes as decoders give them, packed into premultiplied pixels.
//!
//! The arithmetic works on `u32::from_le_bytes` values, where R is the low byte, and turns them into memory order at
//! the end with `to_le`, which costs nothing on little-endian machines.

const OPAQUE: u32 = 0xff00_0000;
const LOW_BYTES: u32 = 0x00ff_00ff;

/// How the bytes of a row are laid out; 8 bits a channel, straight alpha.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SampleLayout {
    /// One byte a pixel.
    Gray,
    /// Two: gray, alpha.
    GrayAlpha,
    /// Three: R, G, B.
    Rgb,
    /// Four: R, G, B, A.
    Rgba,
}

impl SampleLayout {
    /// Bytes of a pixel.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Packs as many pixels as both slices hold: premultiplied, R, G, B, A in memory order.
    pub fn pack(self, bytes: &[u8], pixels: &mut [u32]) {
        match self {
            Self::Gray => {
                for (pixel, &v) in pixels.iter_mut().zip(bytes) {
                    *pixel = gray(v);
                }
            }
            Self::GrayAlpha => {
                for (pixel, &[v, a]) in pixels.iter_mut().zip(bytes.as_chunks().0) {
                    *pixel = premultiply(u32::from_ne_bytes([v, v, v, a]));
                }
            }
            Self::Rgb => pack_rgb(bytes, pixels),
            Self::Rgba => pack_rgba(bytes, pixels),
        }
    }
}

const fn gray(v: u8) -> u32 {
    u32::from_ne_bytes([v, v, v, 255])
}

/// Four pixels at a time, as three loads and a few shifts: the portable instruction sets have no byte shuffle.
fn pack_rgb(bytes: &[u8], pixels: &mut [u32]) {
    let (quads, rest) = bytes.as_chunks::<12>();
    let (packed, packed_rest) = pixels.as_chunks_mut::<4>();
    for (out, q) in packed.iter_mut().zip(quads) {
        let a = u32::from_le_bytes([q[0], q[1], q[2], q[3]]);
        let b = u32::from_le_bytes([q[4], q[5], q[6], q[7]]);
        let c = u32::from_le_bytes([q[8], q[9], q[10], q[11]]);
        *out = [
            (a | OPAQUE).to_le(),
            (a >> 24 | b << 8 | OPAQUE).to_le(),
            (b >> 16 | c << 16 | OPAQUE).to_le(),
            (c >> 8 | OPAQUE).to_le(),
        ];
    }
    for (out, &[r, g, b]) in packed_rest.iter_mut().zip(rest.as_chunks().0) {
        *out = u32::from_ne_bytes([r, g, b, 255]);
    }
}

/// Multiplies only in blocks that hold a transparent pixel: most pictures with an alpha channel are opaque nearly
/// everywhere.
fn pack_rgba(bytes: &[u8], pixels: &mut [u32]) {
    const BLOCK: usize = 64;
    let (bytes, _) = bytes.as_chunks::<4>();
    for (bytes, pixels) in bytes.chunks(BLOCK).zip(pixels.chunks_mut(BLOCK)) {
        let mut all = u32::MAX;
        for (pixel, &rgba) in pixels.iter_mut().zip(bytes) {
            *pixel = u32::from_ne_bytes(rgba);
            all &= *pixel;
        }
        if !is_opaque(all) {
            for pixel in pixels {
                *pixel = premultiply(*pixel);
            }
        }
    }
}

/// Whether the pixel's alpha is 255; of several pixels combined with `&`, whether each one's is.
pub(super) const fn is_opaque(pixel: u32) -> bool {
    u32::from_le(pixel) >= OPAQUE
}

/// Straight to premultiplied alpha, rounded to nearest.
const fn premultiply(pixel: u32) -> u32 {
    let pixel = u32::from_le(pixel);
    let alpha = pixel >> 24;
    // Two channels in one multiplication; the rest divides by 255 exactly.
    let red_blue = (pixel & LOW_BYTES) * alpha + 0x0080_0080;
    let red_blue = ((red_blue + (red_blue >> 8 & LOW_BYTES)) >> 8) & LOW_BYTES;
    let green = (pixel >> 8 & 0xff) * alpha + 0x80;
    let green = (green + (green >> 8)) & 0xff00;
    (pixel & OPAQUE | red_blue | green).to_le()
}

/// Premultiplied to straight alpha, rounded to nearest; a fully transparent pixel becomes zero.
pub(super) fn straight(pixel: u32) -> [u8; 4] {
    let [r, g, b, alpha] = pixel.to_ne_bytes();
    let divide = |channel: u8| {
        let [channel, alpha] = [u32::from(channel), u32::from(alpha)];
        let value = (channel * 255 + alpha / 2)
            .checked_div(alpha)
            .unwrap_or_default();
        u8::try_from(value).unwrap_or(u8::MAX)
    };
    [divide(r), divide(g), divide(b), alpha]
}

/// The mean of four premultiplied pixels, rounded to nearest.
pub(super) const fn mean_of_four(a: u32, b: u32, c: u32, d: u32) -> u32 {
    // Bytes 0 and 2, then 1 and 3, in sums of ten bits each: no carry reaches a neighbour.
    let even = (a & LOW_BYTES) + (b & LOW_BYTES) + (c & LOW_BYTES) + (d & LOW_BYTES) + 0x0002_0002;
    let odd = (a >> 8 & LOW_BYTES)
        + (b >> 8 & LOW_BYTES)
        + (c >> 8 & LOW_BYTES)
        + (d >> 8 & LOW_BYTES)
        + 0x0002_0002;
    (even >> 2 & LOW_BYTES) | (odd >> 2 & LOW_BYTES) << 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixel(rgba: [u8; 4]) -> u32 {
        u32::from_ne_bytes(rgba)
    }

    #[test]
    fn premultiplies_exactly() {
        let scaled = |value: u8, alpha: u8| {
            let product = u32::from(value) * u32::from(alpha);
            u8::try_from((product * 2 + 255) / 510).unwrap()
        };
        for alpha in 0..=255 {
            for value in 0..=255 {
                let rgba = premultiply(pixel([value, 255 - value, value, alpha])).to_ne_bytes();
                let [value, inverse] = [scaled(value, alpha), scaled(255 - value, alpha)];
                assert_eq!(rgba, [value, inverse, value, alpha]);
            }
        }
    }

    #[test]
    fn straight_undoes_premultiply_where_it_can() {
        assert_eq!(straight(pixel([0, 0, 0, 0])), [0; 4]);
        assert_eq!(straight(pixel([9, 8, 7, 255])), [9, 8, 7, 255]);
        assert_eq!(straight(premultiply(pixel([255, 128, 0, 51])))[3], 51);
        assert_eq!(
            straight(premultiply(pixel([255, 255, 255, 1]))),
            [255, 255, 255, 1]
        );
        // Not a legal premultiplied pixel: held, not wrapped.
        assert_eq!(straight(pixel([200, 0, 0, 100])), [255, 0, 0, 100]);
    }

    #[test]
    fn every_layout_packs_every_length() {
        for width in 0..70usize {
            let check =
                |layout: SampleLayout, source: fn(u8) -> Vec<u8>, expected: fn(u8) -> [u8; 4]| {
                    let numbers = || (0..width).map(|i| u8::try_from(i * 3).unwrap());
                    let bytes: Vec<u8> = numbers().flat_map(source).collect();
                    assert_eq!(bytes.len(), width * layout.bytes());
                    let mut pixels = vec![0; width];
                    layout.pack(&bytes, &mut pixels);
                    let expected: Vec<u32> = numbers().map(expected).map(pixel).collect();
                    assert_eq!(pixels, expected, "{layout:?} {width}");
                };
            check(SampleLayout::Gray, |i| vec![i], |i| [i, i, i, 255]);
            check(SampleLayout::GrayAlpha, |i| vec![i, 0], |_| [0, 0, 0, 0]);
            check(
                SampleLayout::Rgb,
                |i| vec![i, i + 1, i + 2],
                |i| [i, i + 1, i + 2, 255],
            );
            check(
                SampleLayout::Rgba,
                |i| vec![i, 1, 2, 255],
                |i| [i, 1, 2, 255],
            );
            check(
                SampleLayout::Rgba,
                |i| vec![255, 0, 255, i],
                |i| [i, 0, i, i],
            );
        }
    }

    #[test]
    fn means_round_and_never_carry() {
        assert_eq!(
            mean_of_four(u32::MAX, u32::MAX, u32::MAX, u32::MAX),
            u32::MAX
        );
        let mean = mean_of_four(
            pixel([0, 255, 1, 255]),
            pixel([1, 255, 1, 255]),
            pixel([1, 0, 1, 0]),
            pixel([0, 0, 2, 0]),
        );
        assert_eq!(mean.to_ne_bytes(), [1, 128, 1, 128]);
    }
}
