//! Everything of a request that is neither words nor pictures.

use serde::{Deserialize, Serialize};

use super::{Background, ImageFormat, Moderation, Quality, SizeChoice};

/// Most pictures of one job (protocol.md 6.6: `n` is 1-10).
pub const MAX_COUNT: u8 = 10;
/// Most previews of one picture (protocol.md 6.6: `partial_images` is 0-3).
pub const MAX_PARTIALS: u8 = 3;

/// The parameters as asked.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameters {
    /// Width x height, or `auto`.
    pub size: SizeChoice,
    /// How much work the model puts in.
    pub quality: Quality,
    /// Format of the results.
    pub format: ImageFormat,
    /// What is behind the motif.
    pub background: Background,
    /// Strictness of the safety check.
    pub moderation: Moderation,
    /// 0-100, JPEG and WebP only; `None` leaves the field out.
    pub compression: Option<u8>,
    /// How many pictures, 1 to [`MAX_COUNT`].
    pub count: u8,
    /// How many previews a picture, 0 to [`MAX_PARTIALS`].
    pub partials: u8,
    /// Of a job with a mask: the original is put back outside of the mask, and filed beside the result as it came.
    ///
    /// On unless it is switched off: whoever paints a mask expects the rest to stay, most models change it all the same,
    /// and nothing is lost, as the result stays.
    pub protect_outside: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            size: SizeChoice::Auto,
            quality: Quality::Auto,
            format: ImageFormat::Png,
            background: Background::Auto,
            moderation: Moderation::Auto,
            compression: None,
            count: 1,
            // One preview keeps bytes moving on long jobs; two also show the picture develop.
            partials: 2,
            protect_outside: true,
        }
    }
}

impl Parameters {
    /// The compression to send: only where the format has one (protocol.md 6.4).
    #[must_use]
    pub fn effective_compression(&self) -> Option<u8> {
        match self.format {
            ImageFormat::Png => None,
            ImageFormat::Jpeg | ImageFormat::Webp => self.compression.map(|c| c.min(100)),
        }
    }
}
