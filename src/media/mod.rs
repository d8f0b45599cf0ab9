//! Pixels and picture files in memory: bytes in, pixels or bytes out.
//!
//! * [`probe()`] reads format, size and orientation off the head of a file.
//! * [`decode_rows`] hands rows to a [`RowSink`], those of a PNG while its bytes still arrive; [`decode_samples`] leaves
//!   packing them to the [`SampleSink`].
//! * [`ThumbnailBuilder`] and [`Pyramid`] are the sinks: a small picture, and pieces of every zoom level for the canvas.
//!   [`Tee`] feeds two at once, [`Discard`] none.
//! * [`embed_recipe`] and [`read_recipe`] put the recipe into a file and get it back, without touching the image data.
//! * [`survey()`] looks at a picture that comes in as a reference; [`encode_png`] and [`to_png`] make one out of pixels and
//!   of formats that no gateway takes; [`fit_upload`] makes the copy that a gateway takes, [`edit_picture`] a part of it.
//! * [`Mask`] is which part of a picture may change, [`MaskDocument`] one that is being painted.
//! * [`protect_outside`] puts an original back where an edit was to change nothing, and says how much it had.
//!
//! Every pixel is one `u32` with the bytes R, G, B, A in memory order (`u32::from_ne_bytes([r, g, b, a])`), 8 bit sRGB,
//! colours premultiplied by alpha: what the window uploads without converting. Colour profiles are not applied to results:
//! image models deliver untagged sRGB. They are to references: [`decode_reference`] gives the pixels as they are sent.
//!
//! Nothing here opens files, spawns threads, reads the clock or logs. Callers are the engine (rows, recipes), the demo
//! gateway's painter (encoding) and the window (sizes of pyramid levels). Limits are checked on the header, before
//! anything that grows with the picture is allocated, and no input makes it panic.

mod decode;
mod encode;
mod error;
mod fit;
mod limits;
mod mask;
mod metadata;
mod outpaint;
mod pixels;
mod probe;
mod protect;
mod rows;
#[cfg(test)]
mod samples;
mod thumbnail;
mod tiles;

pub use self::decode::{decode_rows, decode_samples};
pub use self::encode::encode_png;
pub use self::error::{MediaError, canceled};
pub use self::fit::{
    Crop, FittedCopy, MASK_BYTES, QuarterTurns, Survey, UploadRole, decode_reference, edit_picture,
    fit_upload, survey, to_png,
};
pub use self::limits::MediaLimits;
pub use self::mask::{
    Brush, HISTORY_BYTES, LoadedMask, MASK_TILE_PX, Mask, MaskChange, MaskDocument, MaskFileError,
    MaskMode, MaskShape, MaskTile, TilePlace,
};
pub use self::metadata::{Embedded, embed_recipe, read_recipe, read_sidecar, recipe_sidecar};
pub use self::outpaint::place_in_frame;
pub use self::pixels::SampleLayout;
pub use self::probe::{Header, Orientation, SourceFormat, foreign_format, probe};
pub use self::protect::{
    Original, ProtectError, ProtectPicture, StraightRows, feather_px, protect_outside,
};
pub use self::rows::{Discard, Packer, RowSink, SampleSink, Tee};
pub use self::thumbnail::{Thumbnail, ThumbnailBuilder, decode_thumbnail, encode_thumbnail};
pub use self::tiles::{PixelPiece, Pyramid, TILE_SIDE_PX, level_size, pyramid_levels};
