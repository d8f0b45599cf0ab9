//! From an order to a commission: pictures decoded, `auto` settled.

use std::io::Cursor;

use bytes::Bytes;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader};

use super::Commission;
use crate::demo::Fault;
use crate::demo::answer::ApiError;
use crate::demo::order::Order;
use crate::demo::painter::Raster;
use crate::media::MediaLimits;
use crate::model::{ImageFormat, PixelSize, SizeRule};

/// `auto` without a reference to go by.
const DEFAULT_SIZE: (u32, u32) = (1024, 1024);

/// Decodes the pictures of an order and settles its size.
///
/// # Errors
/// 400 when a picture can't be read, or the mask has another size than the first one.
pub(super) fn prepare(order: Order) -> Result<Commission, ApiError> {
    let (image_param, mask_param) = order.picture_params();
    let references = order
        .references
        .iter()
        .map(|file| decode(file, image_param))
        .collect::<Result<Vec<_>, _>>()?;
    let mask = match &order.mask {
        None => None,
        Some(file) => Some(checked_mask(file, references.first(), mask_param)?),
    };
    let size = order.size.exact().or_else(|| {
        let first = references.first()?.size()?;
        Some(SizeRule::GPT_IMAGE_2.nearest(first))
    });
    let size = size
        .or_else(|| PixelSize::new(DEFAULT_SIZE.0, DEFAULT_SIZE.1))
        .ok_or_else(ApiError::server_error)?;
    let words = Fault::strip_from(&order.prompt);
    let hash = hash_of(&order, &words, size);
    Ok(Commission {
        order,
        size,
        words,
        references,
        mask,
        hash,
    })
}

fn checked_mask(
    file: &Bytes,
    reference: Option<&Raster>,
    param: &'static str,
) -> Result<Raster, ApiError> {
    if ImageFormat::sniff(file).is_some_and(|format| !format.has_alpha()) {
        let message = "The mask must be a PNG with an alpha channel.";
        return Err(ApiError::invalid(message)
            .param(param)
            .code("invalid_image_mode"));
    }
    let mask = decode(file, param)?;
    match reference {
        Some(first) if first.size() != mask.size() => {
            let message = format!(
                "Invalid mask image format - mask size {}x{} does not match image size {}x{}.",
                mask.width, mask.height, first.width, first.height
            );
            Err(ApiError::invalid_value(param, message))
        }
        _ => Ok(mask),
    }
}

fn decode(file: &Bytes, param: &'static str) -> Result<Raster, ApiError> {
    let refused = |message: &str, code| ApiError::invalid(message).param(param).code(code);
    if file.is_empty() {
        return Err(refused("The image file is empty.", "empty_image_file"));
    }
    if ImageFormat::sniff(file).is_none() {
        let message = "Invalid image file: it must be a PNG, JPEG or WebP.";
        return Err(refused(message, "invalid_image_format"));
    }
    let unreadable = || refused("The image could not be read.", "image_parse_error");
    // Not `media`'s rows: those are premultiplied, and what a mask keeps must come back to the byte.
    let mut decoder = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .ok()
        .and_then(|reader| reader.into_decoder().ok())
        .ok_or_else(unreadable)?;
    let (width, height) = decoder.dimensions();
    let size = PixelSize::new(width, height).ok_or_else(unreadable)?;
    MediaLimits::default()
        .check(size)
        .map_err(|error| refused(&format!("{error}."), "image_too_large"))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_error| unreadable())?;
    picture.apply_orientation(orientation);
    let rgba = picture.into_rgba8();
    PixelSize::new(rgba.width(), rgba.height())
        .and_then(|size| Raster::new(size, rgba.into_raw()))
        .ok_or_else(unreadable)
}

fn hash_of(order: &Order, words: &str, size: PixelSize) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let Order {
        seed,
        format,
        compression,
        background,
        ..
    } = order;
    // The prompt as written too: it stands in the file.
    for text in [
        words,
        &order.prompt,
        &format!("{seed:?} {size} {format} {compression:?} {background}"),
    ] {
        hasher.update(&text.len().to_le_bytes());
        hasher.update(text.as_bytes());
    }
    for file in order.references.iter().chain(&order.mask) {
        hasher.update(blake3::hash(file).as_bytes());
    }
    hasher.update(&[u8::from(order.mask.is_some())]);
    hasher.finalize()
}
