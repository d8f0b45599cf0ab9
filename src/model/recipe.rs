//! The recipe: everything needed to make a result again. It travels inside the file.

use serde::{Deserialize, Serialize};

use super::compose::JobGroup;
use super::{
    ApiKind, Cost, GatewayId, ImageFormat, ImageId, JobId, Mismatch, Parameters, PixelSize,
    Protected, Usage,
};

/// Version of the recipe's JSON. A reader accepts every version up to its own and ignores fields it does not know.
pub const RECIPE_VERSION: u32 = 1;

/// A reference or mask as the recipe remembers it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecipeReference {
    /// The file name it had.
    pub name: String,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub hash: String,
    /// The result that it was, when it came from the library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageId>,
}

/// What made a result, and what came of it. Never holds a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// [`RECIPE_VERSION`] of the writer.
    pub version: u32,
    /// The result's id.
    pub image: ImageId,
    /// The job's id.
    pub job: JobId,
    /// Its place among the job's results, from 0.
    #[serde(default)]
    pub index: u32,
    /// When it was filed, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
    /// What the user wrote.
    pub prompt: String,
    /// What the model says it drew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
    /// The parameters as asked.
    #[serde(default)]
    pub parameters: Parameters,
    /// Name of the gateway's profile.
    #[serde(default)]
    pub gateway: String,
    /// Id of the gateway's profile; names change. Older recipes have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<GatewayId>,
    /// The API that was called.
    #[serde(default)]
    pub api: ApiKind,
    /// Outer model of a Responses call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The image model.
    #[serde(default)]
    pub image_model: String,
    /// The references in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<RecipeReference>,
    /// The mask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<RecipeReference>,
    /// The jobs that its job belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<JobGroup>,
    /// Of a picture that *protect outside* made: what it was made from, and how far that had drifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<Protected>,
    /// The size that the answer claims, in its own spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_size: Option<String>,
    /// The format that the answer claims, in its own spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_format: Option<String>,
    /// The quality that the answer claims, in its own spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_quality: Option<String>,
    /// The background that the answer claims, in its own spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_background: Option<String>,
    /// Width x height as decoded, in pixels.
    pub got_size: PixelSize,
    /// Format as read from the bytes.
    pub got_format: ImageFormat,
    /// Whether the file has an alpha channel. Older recipes do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got_alpha: Option<bool>,
    /// What was delivered otherwise than asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatch: Vec<Mismatch>,
    /// BLAKE3 of the bytes as delivered, before the recipe was added; 64 hexadecimal digits.
    #[serde(default)]
    pub delivered_hash: String,
    /// The gateway's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// From sending the request to the last byte, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// Token counts of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Its share of what the request cost, an estimate. None where that is not known, and of a picture that no gateway
    /// was asked for; older recipes do not say.
    #[serde(
        default,
        deserialize_with = "super::cost::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub cost: Option<Cost>,
}
