//! Several files at once: from a dialog, a drop or the clipboard, folders among them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::desktop;
use crate::model::ReferenceProblem;

use super::super::services::Services;
use super::super::{Event, ReferenceSource, ReferenceToken};
use super::{add, name_of, tell};

/// Adds files and what is in folders on the pool, with tokens counting up from `first`; `most` of them.
pub(in crate::engine) fn add_files(
    services: &Arc<Services>,
    first: ReferenceToken,
    files: Vec<PathBuf>,
    most: usize,
) {
    let services = Arc::clone(services);
    services
        .pool
        .clone()
        .run(move || add_found(&services, first, files, most));
}

/// The same, on a thread that may block.
pub(super) fn add_found(
    services: &Arc<Services>,
    first: ReferenceToken,
    files: Vec<PathBuf>,
    most: usize,
) {
    let mut found = Vec::new();
    let mut empty = None;
    for path in files {
        if path.is_dir() {
            let inside = desktop::pictures_in(&path).unwrap_or_default();
            if inside.is_empty() {
                empty.get_or_insert(path);
            }
            found.extend(inside);
        } else {
            found.push(path);
        }
    }
    let left_out = found.len().saturating_sub(most);
    found.truncate(most);
    let tokens: Vec<_> = (first.0..).map(ReferenceToken).take(found.len()).collect();
    services.tell(Event::ReferencesFound {
        first,
        names: found.iter().map(|path| name_of(path)).collect(),
        left_out,
    });
    if found.is_empty()
        && let Some(folder) = empty
    {
        let refusal = ReferenceProblem::NoPictures.into();
        tell(services, first, name_of(&folder), Err(refusal));
    }
    // The newest task of the pool runs first; the first file is read first.
    for (token, path) in tokens.into_iter().zip(found).rev() {
        add(services, token, ReferenceSource::File(path));
    }
}
