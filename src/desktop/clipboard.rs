//! Pictures that other programs have copied.

use std::path::PathBuf;

use arboard::{Clipboard, Error};

use super::error::DesktopError;

/// What is on the clipboard and may be a picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClipboardPicture {
    /// Files copied in a file manager; never empty, and not necessarily pictures.
    Files(Vec<PathBuf>),
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
        Err(Error::ContentNotAvailable) => Ok(None),
        Err(error) => Err(error.into()),
    }
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
