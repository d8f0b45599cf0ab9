//! Pictures that other programs have copied.

#[cfg(all(unix, not(target_os = "macos")))]
mod x11;
#[cfg(not(all(unix, not(target_os = "macos"))))]
#[path = "no_x11.rs"]
mod x11;

use std::path::PathBuf;

use arboard::{Clipboard, Error};

use super::DesktopError;

/// What is on the clipboard and may be a picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClipboardPicture {
    /// Files copied in a file manager; never empty, and not necessarily pictures.
    Files(Vec<PathBuf>),
    /// The file of a picture, as its owner offers it; not necessarily one that can be read.
    Encoded(Vec<u8>),
    /// A picture itself.
    Pixels {
        /// Pixels in a row, not zero.
        width: u32,
        /// Rows, not zero.
        height: u32,
        /// Row-major, `width × height × 4` bytes, straight alpha, sRGB.
        rgba: Vec<u8>,
    },
}

/// Reads the clipboard; `None` when it holds neither files nor a picture.
///
/// Blocks until the program that owns the clipboard has answered, up to seconds for a large picture.
///
/// # Errors
/// [`DesktopError::Clipboard`], as when there is no display.
pub fn read_clipboard() -> Result<Option<ClipboardPicture>, DesktopError> {
    if !is_wayland()
        && let Some(offer) = x11_offer()
    {
        if !offer.has_files() {
            return Ok(x11_picture(&offer));
        }
        if let Some(files) = x11_files(&offer) {
            return Ok(Some(ClipboardPicture::Files(files)));
        }
    }
    let mut clipboard = Clipboard::new()?;
    // Files first: a file manager may offer the icon of a copied file as a picture.
    match clipboard.get().file_list() {
        Ok(files) if !files.is_empty() => return Ok(Some(ClipboardPicture::Files(files))),
        Ok(_) | Err(Error::ContentNotAvailable) => {}
        // Some programs answer with what they have, whatever kind was asked for; it may be a picture.
        Err(error) => tracing::debug!(%error, "the clipboard gives no files"),
    }
    match clipboard.get().image() {
        Ok(image) => Ok(pixels(image.width, image.height, image.bytes.into_owned())),
        // Some compositors show their clipboard to X programs alone.
        Err(Error::ContentNotAvailable) => Ok(x11_offer().and_then(|offer| x11_picture(&offer))),
        Err(error) => Err(error.into()),
    }
}

/// Whether the clipboard holds a picture and no text, so that pasting means the picture wherever the cursor is.
///
/// Blocks as [`read_clipboard`] does.
///
/// # Errors
/// [`DesktopError::Clipboard`], as when there is no display.
pub fn clipboard_is_picture() -> Result<bool, DesktopError> {
    if !is_wayland()
        && let Some(offer) = x11_offer()
    {
        return Ok(offer.has_picture() && !offer.has_text() && !offer.has_files());
    }
    match Clipboard::new()?.get().text() {
        Ok(text) if !text.is_empty() => return Ok(false),
        Ok(_) | Err(Error::ContentNotAvailable) => {}
        // Text that can't be read is nevertheless text.
        Err(error) => return Err(error.into()),
    }
    Ok(matches!(
        read_clipboard()?,
        Some(ClipboardPicture::Encoded(_) | ClipboardPicture::Pixels { .. })
    ))
}

/// Whether `arboard` asks a Wayland compositor first.
fn is_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some()
}

fn x11_offer() -> Option<x11::Offer> {
    x11::offer()
        .inspect_err(|error| tracing::debug!(%error, "the clipboard does not say what it has"))
        .ok()
        .flatten()
}

fn x11_picture(offer: &x11::Offer) -> Option<ClipboardPicture> {
    let picture = x11::picture(offer)
        .inspect_err(|error| tracing::warn!(%error, "the clipboard gives no picture"));
    picture.ok().flatten().map(ClipboardPicture::Encoded)
}

fn x11_files(offer: &x11::Offer) -> Option<Vec<PathBuf>> {
    x11::files(offer)
        .inspect_err(|error| tracing::warn!(%error, "the clipboard gives no files"))
        .ok()
        .flatten()
}

/// `None` for a picture whose bytes do not fit its size.
fn pixels(width: usize, height: usize, rgba: Vec<u8>) -> Option<ClipboardPicture> {
    let bytes = width.checked_mul(height)?.checked_mul(4)?;
    if bytes == 0 || bytes != rgba.len() {
        return None;
    }
    Some(ClipboardPicture::Pixels {
        width: u32::try_from(width).ok()?,
        height: u32::try_from(height).ok()?,
        rgba,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_bytes_must_fit() {
        assert!(pixels(2, 1, vec![0; 8]).is_some());
        assert_eq!(pixels(2, 1, vec![0; 7]), None);
        assert_eq!(pixels(0, 1, Vec::new()), None);
        assert_eq!(pixels(usize::MAX, 2, vec![0; 8]), None);
    }
}
