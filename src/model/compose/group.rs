//! Jobs that belong together: the rows of a batch, or one prompt at several targets.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{GatewayId, JobId, Quality};

/// Fewest targets of a fan-out.
pub const MIN_TARGETS: usize = 2;
/// Most targets of a fan-out: as many as can be looked at side by side.
pub const MAX_TARGETS: usize = 6;

/// Names a group: the id of its first job.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub JobId);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why jobs belong together.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupKind {
    /// Rows of a table.
    Batch,
    /// One prompt at several targets.
    FanOut,
}

/// A job's place in its group.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct JobGroup {
    /// The group.
    pub id: GroupId,
    /// Why there is one.
    pub kind: GroupKind,
    /// Its place, from 0. A row that is sent again keeps it.
    pub place: u32,
    /// How many places there are.
    pub total: u32,
    /// What its results are called, between date and id; `None`: by their prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Where a prompt of a fan-out goes.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The profile.
    pub gateway: GatewayId,
    /// The image model.
    pub model: String,
    /// The quality.
    pub quality: Quality,
}
