//! What a job tells of how it went, beside its failure.

use std::fmt;

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

/// In English, for logs and the command line.
impl fmt::Display for JobNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressSwitched { from, to } => {
                write!(f, "{from} could not be reached; {to} was called")
            }
            Self::ParameterDropped { name } => {
                write!(f, "the gateway refuses {name}; it was left out")
            }
            Self::NotProtected { original, result } => write!(
                f,
                "the original was not put back outside of the mask: the result has {result} pixels, the first \
                 reference {original}"
            ),
            Self::ReferencesShrunk {
                from_bytes,
                to_bytes,
            } => write!(
                f,
                "the gateway found the references too large; smaller copies were sent: {to_bytes} bytes in place of \
                 {from_bytes}"
            ),
        }
    }
}

impl JobNote {
    /// Adds the note to those of a job; each is said once.
    pub fn add_to(self, notes: &mut Vec<Self>) {
        if !notes.contains(&self) {
            notes.push(self);
        }
    }
}
