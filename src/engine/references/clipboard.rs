//! References from the clipboard: copied files, or a picture itself.

use std::sync::Arc;

use super::super::services::Services;
use super::super::{Event, ReferenceToken};

/// The name that pixels from the clipboard have.
#[cfg(feature = "gui")]
const NAME: &str = "clipboard.png";

/// Adds what is on the clipboard on the pool, with tokens counting up from `first`; `most` files.
#[cfg(feature = "gui")]
pub(in crate::engine) fn paste(services: &Arc<Services>, first: ReferenceToken, most: usize) {
    use super::super::failure;
    use super::problem::Refusal;
    use super::{Source, batch, store, tell};
    use crate::desktop::{ClipboardPicture, read_clipboard};
    use crate::media::encode_png;
    use crate::model::{PixelSize, ReferenceProblem};

    let services = Arc::clone(services);
    services.pool.clone().run(move || {
        let bytes = match read_clipboard() {
            Ok(Some(ClipboardPicture::Files(files))) => {
                return batch::add_found(&services, first, files, most);
            }
            Ok(Some(ClipboardPicture::Encoded(bytes))) => Ok(bytes),
            Ok(Some(ClipboardPicture::Pixels {
                width,
                height,
                rgba,
            })) => PixelSize::new(width, height)
                .ok_or_else(|| Refusal::from(ReferenceProblem::NothingPasted))
                .and_then(|size| {
                    encode_png(size, &rgba).map_err(|error| failure::of_media(&error).into())
                }),
            Ok(None) => Err(ReferenceProblem::NothingPasted.into()),
            Err(error) => Err(ReferenceProblem::Unreadable {
                reason: error.to_string(),
            }
            .into()),
        };
        let outcome = bytes.and_then(|bytes| store(&services, NAME, &bytes, None, Source::Here));
        tell(&services, first, NAME.to_owned(), outcome);
    });
}

/// Tells whether the clipboard holds a picture and no text, from the pool.
#[cfg(feature = "gui")]
pub(in crate::engine) fn look(services: &Arc<Services>) {
    let services = Arc::clone(services);
    services.pool.clone().run(move || {
        let is_picture = crate::desktop::clipboard_is_picture()
            .inspect_err(|error| tracing::debug!(%error, "nothing can be said of the clipboard"))
            .unwrap_or(false);
        services.tell(Event::ClipboardSeen { is_picture });
    });
}

#[cfg(not(feature = "gui"))]
pub(in crate::engine) fn look(services: &Arc<Services>) {
    services.tell(Event::ClipboardSeen { is_picture: false });
}

#[cfg(not(feature = "gui"))]
pub(in crate::engine) fn paste(services: &Arc<Services>, first: ReferenceToken, _most: usize) {
    let refusal = crate::model::ReferenceProblem::NothingPasted.into();
    super::tell(services, first, String::new(), Err(refusal));
}
