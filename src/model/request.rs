//! One request of the user: what a job is made from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::compose::JobGroup;
use super::{GatewayProfile, ImageFormat, ImageId, Parameters, PixelSize, Prompt};

/// An input picture (or a mask), copied into the reference cache under its hash, so that a job needs nothing else.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// BLAKE3 of the bytes, 64 hexadecimal digits.
    pub hash: String,
    /// The copy in the reference cache, absolute.
    pub path: PathBuf,
    /// The name that it had, for people and for the upload.
    pub name: String,
    /// Format as read from the bytes.
    pub format: ImageFormat,
    /// Width x height in pixels.
    pub size: PixelSize,
    /// Length in bytes.
    pub bytes: u64,
    /// The result that it is, when it came from the library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageId>,
}

/// Everything a job needs, except the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GenerationRequest {
    /// What to draw.
    pub prompt: Prompt,
    /// How to draw it.
    pub parameters: Parameters,
    /// Input pictures; prompts speak of them as «image 1», «image 2».
    #[serde(default)]
    pub references: Vec<Reference>,
    /// Which part of the first reference may change.
    #[serde(default)]
    pub mask: Option<Reference>,
    /// The jobs that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<JobGroup>,
    /// The gateway as it was when the job was made.
    pub gateway: GatewayProfile,
}
