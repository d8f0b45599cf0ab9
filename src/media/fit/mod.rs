//! References on their way to a gateway: a copy that it takes, where the original is not one.
//!
//! | file | part |
//! | --- | --- |
//! | here | what has to be done to a picture, and doing it |
//! | `look.rs` | what a file is, without decoding it |
//! | `reference.rs` | its rows as they are sent |
//! | `whole.rs` | its pixels: upright, sRGB, straight alpha |
//! | `colors.rs`, `inks.rs` | from a profile's colours, and from printing inks, to sRGB |
//! | `steps.rs` | encoding, step by step, until it is small enough |
//! | `survey.rs` | what there is to know of a picture that comes in |
//! | `edit.rs` | a part of a picture, turned |
//!
//! Lossy WebP is not among the steps: no encoder for it in Rust alone has a licence that we can use. Opaque pictures
//! become JPEG, those with transparent pixels stay lossless, as PNG or WebP.

mod colors;
mod edit;
mod inks;
mod look;
mod reference;
mod steps;
mod survey;
mod whole;

use self::steps::{Encoded, Kinds, Steps};
use super::{MediaError, MediaLimits, SourceFormat};
use crate::model::{FitCause, PixelSize, UploadFit, UploadLimits};

pub use self::edit::{Crop, QuarterTurns, edit_picture};
pub(super) use self::look::Look;
pub use self::reference::decode_reference;
pub use self::survey::{Survey, survey, to_png};
pub(super) use self::whole::Pixels;

/// Most bytes of a mask: OpenAI's documents disagree, and this is the smaller of their limits (protocol.md 7.3).
pub const MASK_BYTES: u64 = 4_000_000;

/// What a picture is sent as.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UploadRole {
    /// A reference.
    Reference,
    /// The reference that a mask belongs to: a PNG, as the mask is (protocol.md 7.3).
    Masked,
    /// A mask for a picture that is sent in this size: PNG with its alpha channel, below [`MASK_BYTES`] where taking the
    /// colours out of it is enough.
    Mask(PixelSize),
}

/// A copy of a picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FittedCopy {
    /// The file.
    pub bytes: Vec<u8>,
    /// What became of the picture.
    pub fit: UploadFit,
}

/// Makes the copy of a picture file that a gateway takes, or `None`: it takes the file as it is.
///
/// The copy stands upright, in sRGB with 8 bits a channel, of an animation it is the first picture; transparent pixels
/// stay transparent. It has at most `limits.max_bytes` bytes and `limits.max_side` pixels a side: first by another
/// encoding, then by lower qualities of JPEG, then by fewer pixels; a picture with a mask by fewer pixels alone.
///
/// # Errors
/// As [`super::decode_rows`], [`MediaError::Encode`], and [`MediaError::TooLarge`] where even a tiny copy would be too
/// large.
pub fn fit_upload(
    bytes: &[u8],
    role: UploadRole,
    limits: &UploadLimits,
    media: &MediaLimits,
) -> Result<Option<FittedCopy>, MediaError> {
    let look = Look::at(bytes, media)?;
    let causes = causes(&look, bytes.len() as u64, role, limits);
    if causes.is_empty() {
        return Ok(None);
    }
    let from = look.header.size;
    let pixels = Pixels::decode(&look, bytes, media)?;
    let encoded = encode(&look, pixels, bytes.len() as u64, role, limits)?;
    let fit = UploadFit {
        from_bytes: bytes.len() as u64,
        to_bytes: encoded.bytes.len() as u64,
        from,
        to: encoded.size,
        format: encoded.format,
        causes,
    };
    Ok(Some(FittedCopy {
        bytes: encoded.bytes,
        fit,
    }))
}

/// Why a picture can't be sent as it is.
fn causes(look: &Look, bytes: u64, role: UploadRole, limits: &UploadLimits) -> Vec<FitCause> {
    let header = &look.header;
    let is_png = header.format == SourceFormat::Png;
    let mask_size = match role {
        UploadRole::Mask(size) => Some(size),
        UploadRole::Reference | UploadRole::Masked => None,
    };
    let is_too_long = limits
        .max_side
        .is_some_and(|most| header.size.longer() > most);
    [
        (
            FitCause::Bytes,
            bytes > mask_size.map_or(limits.max_bytes, |_| MASK_BYTES),
        ),
        (
            FitCause::Side,
            mask_size.map_or(is_too_long, |size| size != header.size),
        ),
        (FitCause::Turned, !look.orientation.is_upright()),
        (
            FitCause::Colors,
            look.has_other_colors() && mask_size.is_none(),
        ),
        (FitCause::Inks, look.has_inks),
        (FitCause::Animated, header.animated),
        (FitCause::Depth, header.bit_depth > 8),
        (FitCause::Masked, role != UploadRole::Reference && !is_png),
    ]
    .into_iter()
    .filter_map(|(cause, applies)| applies.then_some(cause))
    .collect()
}

fn encode(
    look: &Look,
    pixels: Pixels,
    from_bytes: u64,
    role: UploadRole,
    limits: &UploadLimits,
) -> Result<Encoded, MediaError> {
    if let UploadRole::Mask(size) = role {
        return encode_mask(pixels.resized(size)?);
    }
    let is_lossless = look.header.format != SourceFormat::Jpeg;
    let kinds = match role {
        UploadRole::Masked => Kinds::OnlyPng,
        // What was too long as a PNG is so again; what was a JPEG only grows.
        _ if is_lossless && from_bytes <= limits.max_bytes => Kinds::PngFirst,
        _ if is_lossless => Kinds::WebpFirst { from_bytes },
        _ => Kinds::Jpeg,
    };
    let size = limits
        .max_side
        .map_or(pixels.size, |most| whole::within(pixels.size, most));
    Steps::of(pixels.resized(size)?, kinds).run(limits.max_bytes)
}

/// A mask has the size of its picture, so nothing but detail can be taken away: colours, which say nothing, then the
/// steps between what may change and what may not.
fn encode_mask(mut mask: Pixels) -> Result<Encoded, MediaError> {
    let without_colors = |[.., alpha]: [u8; 4]| [0, 0, 0, alpha];
    let hard_edged = |[.., alpha]: [u8; 4]| [0, 0, 0, if alpha < 128 { 0 } else { 255 }];
    let mut encoded = steps::png(&mask)?;
    let less: [&dyn Fn([u8; 4]) -> [u8; 4]; 2] = [&without_colors, &hard_edged];
    for less in less {
        if encoded.bytes.len() as u64 <= MASK_BYTES {
            break;
        }
        for pixel in mask.rgba.as_chunks_mut::<4>().0 {
            *pixel = less(*pixel);
        }
        encoded = steps::png(&mask)?;
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests;
