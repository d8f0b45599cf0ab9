//! Bytes ⇄ meaning: what goes to a gateway and what comes back, for both APIs and all their quirks.
//!
//! The road of a byte: [`BodyDecoder`] takes the chunks of a response body, sends every long base64 string, decoded,
//! to a [`BlobSink`] while it arrives, and yields [`Frame`]s, in which placeholders stand for those strings;
//! [`Extractor`] says what the frames mean. The other direction is [`responses_body`], [`generations_body`],
//! [`edit_parts`] and [`edit_body`].
//!
//! No sockets, no files, no clock. Nothing here panics or recurses on outside data, and every buffer has a limit.
//! Section numbers refer to the wire protocol reference (`protocol.md`).

mod base64;
mod blob;
mod classify;
mod decoder;
mod error;
mod event;
mod extract;
mod fields;
mod frame;
mod images;
mod picture;
mod picture_url;
mod reason;
mod responses;
mod scan;
mod sse;
mod text;
mod usage;

pub use self::blob::{BlobEnd, BlobHint, BlobId, BlobSink};
pub use self::classify::classify;
pub use self::decoder::{BodyDecoder, BodyEnd, BodyKind, DecoderLimits, HEAD_BYTES};
pub use self::error::{
    DecodeError, MAX_MESSAGE_CHARS, MAX_WORDS_BYTES, ModerationStage, WireError, own_code,
    parse_error_body,
};
pub use self::event::{Claimed, ImageSource, ResultSlot, ServerEvent, ServerStage};
pub use self::extract::Extractor;
pub use self::fields::{OptionalParameter, is_streamed};
pub use self::frame::{Frame, Payload};
pub use self::images::{FormContent, FormPart, edit_body, edit_parts, generations_body};
pub use self::reason::reason_of;
pub use self::responses::{EncodedPicture, responses_body};

#[cfg(test)]
mod tests;
