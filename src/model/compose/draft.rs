//! What is being composed, as it is kept from one start to the next. Parameters and gateway are among the preferences.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Batch, Target};
use crate::model::RecipeReference;

/// Version of the draft's JSON. A reader takes every version up to its own and ignores fields it does not know.
pub const DRAFT_VERSION: u32 = 1;

/// The composer.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// [`DRAFT_VERSION`] of the writer.
    pub version: u32,
    /// The prompt, variables and alternatives included.
    pub text: String,
    /// What is filled in, by variable.
    pub values: BTreeMap<String, String>,
    /// The template that the prompt came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// References in their order.
    pub references: Vec<RecipeReference>,
    /// The mask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<RecipeReference>,
    /// Hash of the reference that it is for; without it the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask_of: Option<String>,
    /// The batch, if one was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// Targets of the next fan-out.
    pub targets: Vec<Target>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            version: DRAFT_VERSION,
            text: String::new(),
            values: BTreeMap::new(),
            template: None,
            references: Vec::new(),
            mask: None,
            mask_of: None,
            batch: None,
            targets: Vec::new(),
        }
    }
}
