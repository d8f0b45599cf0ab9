//! What a job tells of how it went, beside its failure.

use serde::{Deserialize, Serialize};

use super::PixelSize;

/// Something that was done otherwise than asked, and that the user is told of. Holds no secret: of addresses the host
/// alone.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobNote {
    /// Another of the gateway's addresses was called, because the first could not be reached.
    AddressSwitched {
        /// The host that could not be reached.
        from: String,
        /// The host that was called.
        to: String,
    },
    /// The gateway refuses this parameter; it was left out, and is from now on.
    ParameterDropped {
        /// As the gateway spells it.
        name: String,
    },
    /// The original could not be put back outside of the mask, because the result has another size.
    NotProtected {
        /// Size of the first reference.
        original: PixelSize,
        /// Size of the result.
        result: PixelSize,
    },
    /// The gateway found the references too large; smaller copies were sent.
    ReferencesShrunk {
        /// Length of all of them before, in bytes.
        from_bytes: u64,
        /// Length of those that were sent instead.
        to_bytes: u64,
    },
}

impl JobNote {
    /// Adds the note to those of a job; each is said once.
    pub fn add_to(self, notes: &mut Vec<Self>) {
        if !notes.contains(&self) {
            notes.push(self);
        }
    }
}
