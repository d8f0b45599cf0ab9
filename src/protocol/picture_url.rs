//! Pictures as data URLs in request bodies (protocol.md 7.2).

use std::fmt;

use ::base64::display::Base64Display;
use ::base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

use super::responses::EncodedPicture;

/// Written as `data:image/png;base64,…`, straight into whatever it is written to.
pub(super) struct PictureUrl<'a>(pub(super) &'a EncodedPicture);

impl fmt::Display for PictureUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(picture) = self;
        let data = Base64Display::new(&picture.bytes, &STANDARD);
        write!(f, "data:{};base64,{data}", picture.format.mime())
    }
}

impl Serialize for PictureUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Room for that many pictures as data URLs in JSON, in bytes.
pub(super) fn capacity_bytes<'a>(pictures: impl Iterator<Item = &'a EncodedPicture>) -> usize {
    pictures
        .map(|picture| picture.bytes.len() / 3 * 4 + 64)
        .sum()
}
