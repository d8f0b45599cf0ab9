//! A result while it arrives: decoded row by row behind its spool, to know at the last byte that it is whole, to have
//! its thumbnails, and to draw it on the canvas if it stands there.

use std::io::{BufRead, Seek};
use std::thread;

use tokio::sync::oneshot;

use crate::media::{
    Header, MediaError, MediaLimits, Tee, Thumbnail, ThumbnailBuilder, decode_rows, decode_samples,
    encode_thumbnail,
};

use super::ThumbnailSize;
use super::canvas::Feed;
use super::relay::relay;
use super::spool::SpoolReader;

/// A picture that was decoded to its last row.
#[derive(Debug)]
pub(super) struct Developed {
    pub(super) header: Header,
    pub(super) thumbnails: Thumbnails,
    /// Whether the canvas has all of it.
    pub(super) drawn: bool,
}

/// The small pictures that are kept of a result.
#[derive(Debug)]
pub(super) struct Thumbnails {
    pub(super) small: Thumbnail,
    /// Encoded, by size.
    pub(super) encoded: [(ThumbnailSize, Vec<u8>); 2],
}

/// What became of a picture.
pub(super) type Verdict = Result<Developed, MediaError>;

/// Decodes a spool on a thread of its own; the verdict comes once the spool has ended.
///
/// # Errors
/// When the file can't be opened again, or the system gives no thread.
pub(super) fn develop_spool(
    reader: &SpoolReader,
    limits: MediaLimits,
    feed: Option<Feed>,
) -> std::io::Result<oneshot::Receiver<Verdict>> {
    let follower = reader.follow()?;
    let (sender, receiver) = oneshot::channel();
    thread::Builder::new()
        .name("atelier-rows".to_owned())
        .spawn(move || drop(sender.send(develop(follower, &limits, feed))))?;
    Ok(receiver)
}

/// Decodes a picture from its first to its last row.
///
/// # Errors
/// Those of [`decode_rows`], and of encoding the thumbnails.
pub(super) fn develop(
    reader: impl BufRead + Seek,
    limits: &MediaLimits,
    feed: Option<Feed>,
) -> Verdict {
    let mut builder = ThumbnailBuilder::new(ThumbnailSize::Large.side_px());
    let (header, drawn) = match feed {
        None => (decode_rows(reader, limits, &mut builder)?, false),
        Some(feed) => {
            // Somebody waits for these pixels.
            let mut tee = Tee::new(builder, feed);
            let header = relay(&mut tee, |rows| decode_samples(reader, limits, rows))
                .map_err(MediaError::Io)??;
            let (first, feed) = tee.into_inner();
            builder = first;
            (header, feed.end())
        }
    };
    let large = builder.finish().ok_or(MediaError::Truncated { rows: 0 })?;
    Ok(Developed {
        header,
        thumbnails: thumbnails(&large)?,
        drawn,
    })
}

/// Decodes a picture for nothing but a small one of at most 256 px.
///
/// # Errors
/// Those of [`decode_rows`].
pub(super) fn shrink(
    reader: impl BufRead + Seek,
    limits: &MediaLimits,
) -> Result<Thumbnail, MediaError> {
    let mut builder = ThumbnailBuilder::new(ThumbnailSize::Small.side_px());
    decode_rows(reader, limits, &mut builder)?;
    builder.finish().ok_or(MediaError::Truncated { rows: 0 })
}

fn thumbnails(large: &Thumbnail) -> Result<Thumbnails, MediaError> {
    let small = large
        .shrunk(ThumbnailSize::Small.side_px())
        .unwrap_or_else(|| large.clone());
    Ok(Thumbnails {
        encoded: [
            (ThumbnailSize::Small, encode_thumbnail(&small)?),
            (ThumbnailSize::Large, encode_thumbnail(large)?),
        ],
        small,
    })
}
