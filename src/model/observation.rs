//! What the program itself found out about a failure: the cases behind its own sentences, for those who say them in
//! another language than the message.

use serde::{Deserialize, Serialize};

/// Which of the four limits of a request ran out (protocol.md 6.7).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeLimit {
    /// No connection stood in time.
    Connect,
    /// The answer did not begin in time.
    FirstByte,
    /// Nothing came for this long in the middle of the answer.
    Silence,
    /// The request as a whole took longer.
    Total,
}

/// A failure as the program saw it happen. The gateway's words have no observation.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// The address is not one that can be called.
    BadAddress,
    /// The profile has no address.
    NoAddress,
    /// The key has characters that no header can hold.
    BadKey,
    /// The proxy that the profile names can't be used.
    BadProxy,
    /// The server's name does not resolve.
    NoSuchHost,
    /// Nobody accepts the connection.
    Unreachable,
    /// No secure connection: the certificate, most of the time.
    Insecure,
    /// The connection broke.
    Broke,
    /// The connection ended in the middle of the answer.
    EndedEarly,
    /// Too many redirects, or one that leads nowhere.
    Redirects,
    /// One of our limits ran out.
    TimeLimit {
        /// Which one.
        limit: TimeLimit,
        /// Its length in milliseconds.
        ms: u64,
    },
    /// An answer has more text beside its pictures than is read, in bytes.
    TextTooLong {
        /// The limit in bytes.
        bytes: u64,
    },
    /// A picture has more bytes than is read.
    BlobTooLong {
        /// The limit in bytes.
        bytes: u64,
    },
    /// An answer has more pictures than are taken.
    TooManyPictures {
        /// The limit.
        most: u64,
    },
    /// An answer is nested more deeply than is read.
    TooDeep,
    /// The answer is empty, or has no picture, no words and no error.
    NoPicture,
    /// There is something else where the picture should be.
    NotAPicture,
    /// The file ends before the picture does.
    PictureCut {
        /// Rows that came.
        rows: u32,
    },
    /// The picture has more pixels or bytes than the limits allow.
    PictureTooLarge,
    /// The file of the picture is damaged.
    PictureDamaged,
    /// The picture is of a kind that can't be decoded.
    PictureUnsupported,
    /// The host of a picture answered with this status when it was asked for it.
    FetchRefused {
        /// HTTP status.
        status: u16,
    },
    /// The picture could not be put into the library now; it is at the next start.
    FiledLater,
    /// Fewer pictures came than were asked for.
    TooFew {
        /// How many came.
        came: u32,
        /// How many were asked for.
        asked: u32,
    },
    /// No space is left on the disk.
    DiskFull,
    /// A file can't be read or written.
    DiskRefuses,
    /// The program ended while the job ran.
    ProgramEnded,
    /// The program has a fault.
    Bug,
}

impl Observation {
    /// One of each, with some numbers.
    pub const ALL: [Self; 28] = [
        Self::BadAddress,
        Self::NoAddress,
        Self::BadKey,
        Self::BadProxy,
        Self::NoSuchHost,
        Self::Unreachable,
        Self::Insecure,
        Self::Broke,
        Self::EndedEarly,
        Self::Redirects,
        Self::TimeLimit {
            limit: TimeLimit::Silence,
            ms: 300_000,
        },
        Self::TextTooLong { bytes: 8 << 20 },
        Self::BlobTooLong { bytes: 256 << 20 },
        Self::TooManyPictures { most: 64 },
        Self::TooDeep,
        Self::NoPicture,
        Self::NotAPicture,
        Self::PictureCut { rows: 12 },
        Self::PictureTooLarge,
        Self::PictureDamaged,
        Self::PictureUnsupported,
        Self::FetchRefused { status: 503 },
        Self::FiledLater,
        Self::TooFew { came: 1, asked: 4 },
        Self::DiskFull,
        Self::DiskRefuses,
        Self::ProgramEnded,
        Self::Bug,
    ];
}
