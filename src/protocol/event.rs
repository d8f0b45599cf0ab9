//! What an answer says, in one vocabulary for both APIs and all their relatives.

use crate::model::Usage;

use super::blob::BlobId;
use super::error::WireError;

/// Where the bytes of a picture are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ImageSource {
    /// In the sink.
    Blob(BlobId),
    /// Here: the string was too short to be diverted.
    Inline(Vec<u8>),
    /// Somewhere else: absolute, or relative to the gateway (`//host/…`, `/path…`; protocol.md 4.5).
    Url(String),
}

/// What the answer claims about a picture, in its own spelling. The bytes decide (protocol.md 4.4).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Claimed {
    /// `size`
    pub size: Option<String>,
    /// `output_format`
    pub format: Option<String>,
    /// `quality`
    pub quality: Option<String>,
    /// `background`
    pub background: Option<String>,
}

/// Which of an answer's pictures: helps to see that one was sent twice. The content decides.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ResultSlot {
    /// The output item's id.
    pub item_id: Option<String>,
    /// Place in the output of a response, from 0.
    pub output_index: Option<u32>,
    /// Place in the `data` of an Images answer, from 0.
    pub data_index: Option<u32>,
}

impl ResultSlot {
    /// Whether both name the same picture: by item id, else by place. `None` when they can't be compared.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> Option<bool> {
        let ids = self.item_id.as_ref().zip(other.item_id.as_ref());
        let outputs = self.output_index.zip(other.output_index);
        let data = self.data_index.zip(other.data_index);
        ids.map(|(a, b)| a == b)
            .or(outputs.map(|(a, b)| a == b))
            .or(data.map(|(a, b)| a == b))
    }
}

/// How far the gateway says it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ServerStage {
    /// Waiting for its turn.
    Queued,
    /// The outer model thinks.
    Thinking,
    /// The image model works.
    Drawing,
    /// The picture is drawn and about to be sent.
    Drawn,
}

/// Something that an answer says.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerEvent {
    /// The gateway has begun to work. Once.
    Accepted {
        /// The response's id: a request id where the headers have none.
        response_id: Option<String>,
    },
    /// It is so far.
    Progress(ServerStage),
    /// A preview.
    Preview {
        /// Its bytes.
        source: ImageSource,
        /// Its number, from 0, if the gateway says.
        index: Option<u32>,
        /// Which picture it is a preview of.
        slot: ResultSlot,
        /// What is claimed about it.
        claimed: Claimed,
    },
    /// A picture. The same one may come twice.
    Result {
        /// Its bytes.
        source: ImageSource,
        /// Which picture.
        slot: ResultSlot,
        /// What is claimed about it.
        claimed: Claimed,
        /// What the model says it drew.
        revised_prompt: Option<String>,
    },
    /// The model answered in words, and there is no picture; told at the end. [`WireError::text_answer`] makes an
    /// error of it.
    Text(String),
    /// The model refused in words, and there is no picture; told at the end. [`WireError::refusal`] makes an error
    /// of it.
    Refusal(String),
    /// Token counts; the newest of a request counts. Placeholders are left out.
    Usage(Usage),
    /// An id for the request in the body. Ids in headers are better.
    RequestId(String),
    /// Something went wrong, but there are pictures.
    Warning(WireError),
    /// The request failed. At most once, and never after a result.
    Failed(WireError),
    /// The answer says that it is complete. At most once, and not after [`Self::Failed`]; more results may follow until
    /// the body ends.
    Completed,
}
