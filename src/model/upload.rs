//! References on their way to a gateway: what it takes, and what was made of them to fit.

use serde::{Deserialize, Serialize};

use super::{ApiKind, EditBody, GatewayProfile, ImageFormat, ModelCapability, PixelSize};

/// Most bytes of a picture that is sent as a data URL: OpenAI takes 20 971 520 characters (protocol.md 7.1), of which
/// up to 64 stand before the base64.
const MAX_DATA_URL_BYTES: u64 = (20_971_520 - 64) / 4 * 3;

/// What a gateway takes of references.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct UploadLimits {
    /// Most references of one request.
    pub max_count: usize,
    /// Most bytes of one.
    pub max_bytes: u64,
    /// The longest side in pixels, where there is a limit.
    pub max_side: Option<u32>,
}

/// References that a gateway would not take as they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UploadIssue {
    /// More than it takes; nothing can be sent.
    TooMany {
        /// How many there are.
        count: usize,
        /// The limit.
        most: usize,
    },
    /// One is larger than it takes; a smaller copy is sent.
    TooLarge {
        /// Its place, from 0.
        place: usize,
        /// Its length in bytes.
        bytes: u64,
        /// The limit in bytes.
        most: u64,
    },
    /// One has a side that is longer than it takes; a smaller copy is sent.
    TooLong {
        /// Its place, from 0.
        place: usize,
        /// Its longer side in pixels.
        side: u32,
        /// The limit in pixels.
        most: u32,
    },
}

impl UploadLimits {
    /// The limits of a profile; `capability` is what the catalog says of it.
    ///
    /// Where the profile itself says nothing of bytes, what travels as a data URL has OpenAI's limit for those.
    #[must_use]
    pub fn of(profile: &GatewayProfile, capability: &ModelCapability) -> Self {
        let is_data_url =
            profile.api == ApiKind::Responses || profile.dialect.edit_body == EditBody::Json;
        let max_bytes = match profile.limits.max_reference_bytes {
            None if is_data_url => capability.max_reference_bytes.min(MAX_DATA_URL_BYTES),
            _ => capability.max_reference_bytes,
        };
        Self {
            max_count: capability.max_references,
            max_bytes,
            max_side: None,
        }
    }

    /// What is wrong with references of these lengths in bytes and sizes, in their order.
    #[must_use]
    pub fn check(
        &self,
        references: impl IntoIterator<Item = (u64, PixelSize)>,
    ) -> Vec<UploadIssue> {
        let mut issues = Vec::new();
        let mut count = 0;
        for (place, (bytes, size)) in references.into_iter().enumerate() {
            count += 1;
            if bytes > self.max_bytes {
                issues.push(UploadIssue::TooLarge {
                    place,
                    bytes,
                    most: self.max_bytes,
                });
            }
            if let Some(most) = self.max_side.filter(|most| size.longer() > *most) {
                issues.push(UploadIssue::TooLong {
                    place,
                    side: size.longer(),
                    most,
                });
            }
        }
        if count > self.max_count {
            let too_many = UploadIssue::TooMany {
                count,
                most: self.max_count,
            };
            issues.insert(0, too_many);
        }
        issues
    }

    /// The limits of the copies that are sent once a gateway has refused `sent_bytes`, the length of the largest, as too
    /// large: half of it, but not below 256 KiB.
    #[must_use]
    pub fn one_step_down(&self, sent_bytes: u64) -> Self {
        const LEAST_BYTES: u64 = 256 << 10;
        Self {
            max_bytes: (sent_bytes / 2).max(LEAST_BYTES).min(self.max_bytes),
            ..*self
        }
    }
}

/// Why a reference is sent as a copy.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitCause {
    /// It has more bytes than the gateway takes.
    Bytes,
    /// It has more pixels a side than the gateway takes.
    Side,
    /// It had to be turned upright, as its EXIF data say.
    Turned,
    /// Its colours are those of a profile other than sRGB.
    Colors,
    /// Its colours are printing inks.
    Inks,
    /// It is an animation; its first picture is sent.
    Animated,
    /// It has more than 8 bits a channel.
    Depth,
    /// It is the picture under a mask: both have to be PNG.
    Masked,
}

/// A copy that is sent in place of a reference: what became of it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct UploadFit {
    /// Length of the original in bytes.
    pub from_bytes: u64,
    /// Length of the copy in bytes.
    pub to_bytes: u64,
    /// Size of the original, upright.
    pub from: PixelSize,
    /// Size of the copy.
    pub to: PixelSize,
    /// Format of the copy.
    pub format: ImageFormat,
    /// Why there is one; never empty, each once, in the order of [`FitCause`].
    pub causes: Vec<FitCause>,
}

/// Why a picture can't be a reference: each is one sentence of the window.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReferenceProblem {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is no picture at all.
    #[error("the file is not a picture")]
    NotAPicture,
    /// A picture in a format that can't be read.
    #[error("{format} pictures can't be read; save it as PNG or JPEG")]
    Format {
        /// The name of the format, such as `AVIF`.
        format: String,
    },
    /// The file ends before the picture does.
    #[error("the file ends before the picture does")]
    Cut,
    /// The bytes break the rules of their format.
    #[error("the file is damaged")]
    Damaged,
    /// A rare kind of file that the decoder leaves out.
    #[error("this kind of {format} file can't be read; save it as PNG or JPEG")]
    Kind {
        /// The name of the format.
        format: String,
    },
    /// More pixels than are ever decoded.
    #[error("the picture has {size} pixels, which is more than can be read")]
    TooManyPixels {
        /// What its head says.
        size: PixelSize,
    },
    /// A file that is longer than is ever read.
    #[error("the file is larger than {most} bytes")]
    TooManyBytes {
        /// The limit.
        most: u64,
    },
    /// It would take more memory than its pixels account for.
    #[error("decoding this {format} file takes too much memory; save it again as PNG or JPEG")]
    TooMuchMemory {
        /// The name of the format.
        format: String,
    },
    /// There is no such file any more.
    #[error("the file is gone")]
    Gone,
    /// It is a folder without a picture in it.
    #[error("the folder has no pictures")]
    NoPictures,
    /// The system does not let it be read.
    #[error("the file can't be read: {reason}")]
    Unreadable {
        /// What the system says.
        reason: String,
    },
    /// The clipboard has no picture.
    #[error("the clipboard holds no picture")]
    NothingPasted,
    /// Something else, such as a full disk.
    #[error("{reason}")]
    Other {
        /// What.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Catalog, Preset};

    #[test]
    fn data_urls_have_a_limit_of_their_own_unless_the_profile_has_one() {
        let check = |api, body, own: Option<u64>, expected: u64| {
            let mut profile = Preset::Custom.profile();
            profile.api = api;
            profile.dialect.edit_body = body;
            profile.limits.max_reference_bytes = own;
            let capability = Catalog::default().capability(&profile);
            let limits = UploadLimits::of(&profile, &capability);
            assert_eq!(limits.max_bytes, expected, "{api:?} {body:?} {own:?}");
            assert_eq!(limits.max_count, 16);
        };
        let whole = ModelCapability::GPT_IMAGE_2.max_reference_bytes;
        check(ApiKind::Images, EditBody::Multipart, None, whole);
        check(ApiKind::Images, EditBody::Json, None, 15_728_592);
        check(ApiKind::Responses, EditBody::Multipart, None, 15_728_592);
        check(
            ApiKind::Responses,
            EditBody::Multipart,
            Some(40 << 20),
            40 << 20,
        );
        check(
            ApiKind::Images,
            EditBody::Multipart,
            Some(5_000_000),
            5_000_000,
        );
    }

    #[test]
    fn issues_name_the_place_and_the_limit() {
        let limits = UploadLimits {
            max_count: 2,
            max_bytes: 100,
            max_side: Some(50),
        };
        let size = |width, height| PixelSize::new(width, height).unwrap();
        let fine = (100, size(50, 50));
        assert_eq!(limits.check([fine, fine]), []);
        assert_eq!(
            limits.check([fine, (101, size(10, 51)), fine]),
            [
                UploadIssue::TooMany { count: 3, most: 2 },
                UploadIssue::TooLarge {
                    place: 1,
                    bytes: 101,
                    most: 100
                },
                UploadIssue::TooLong {
                    place: 1,
                    side: 51,
                    most: 50
                },
            ]
        );
    }

    #[test]
    fn a_step_down_halves_what_was_sent() {
        let limits = UploadLimits {
            max_count: 16,
            max_bytes: 5_000_000,
            max_side: None,
        };
        let check = |sent: u64, expected: u64| {
            assert_eq!(limits.one_step_down(sent).max_bytes, expected, "{sent}");
        };
        check(4_000_000, 2_000_000);
        check(100_000, 256 << 10);
        check(40_000_000, 5_000_000);
    }
}
