//! What the tests of this layer share.

use std::fs;
use std::path::Path;

use super::paths::relative_to;
use super::{Library, LibraryPaths};
use crate::model::{
    ApiKind, GatewayId, ImageFormat, ImageId, JobId, Parameters, PixelSize, RECIPE_VERSION, Recipe,
};

/// 2026-11-20 15:30:12.345 UTC.
pub(super) const CREATED_MS: i64 = 1_795_188_612_345;

/// A recipe for a PNG of «Red fox»; `random` tells ids apart.
pub(super) fn recipe(random: u32, index: u32) -> Recipe {
    let unix_ms = CREATED_MS.unsigned_abs();
    Recipe {
        version: RECIPE_VERSION,
        image: ImageId::from_parts(unix_ms, random),
        job: JobId::from_parts(unix_ms, 1),
        index,
        created_ms: CREATED_MS,
        prompt: "Red fox".to_owned(),
        revised_prompt: None,
        parameters: Parameters::default(),
        gateway: "Demo".to_owned(),
        gateway_id: Some(GatewayId("demo".to_owned())),
        api: ApiKind::Images,
        model: None,
        image_model: "gpt-image-2".to_owned(),
        references: Vec::new(),
        mask: None,
        group: None,
        claimed_size: None,
        claimed_format: None,
        claimed_quality: None,
        claimed_background: None,
        got_size: PixelSize::new(8, 6).unwrap(),
        got_format: ImageFormat::Png,
        got_alpha: None,
        mismatch: Vec::new(),
        protected: None,
        delivered_hash: String::new(),
        request_id: None,
        elapsed_ms: None,
        usage: None,
        cost: None,
    }
}

pub(super) fn paths(folder: &Path) -> LibraryPaths {
    LibraryPaths {
        root: folder.join("library"),
        index: folder.join("library.sqlite"),
        previews: folder.join("previews"),
        made: folder.join("made"),
        cache: folder.join("cache"),
        trash: folder.join("trash"),
    }
}

/// Opens without problems; answers what was adopted, too.
pub(super) fn open(folder: &Path) -> (Library, Vec<ImageId>) {
    let opened = Library::open(paths(folder)).unwrap();
    assert!(opened.problems.is_empty(), "{:?}", opened.problems);
    (opened.library, opened.adopted)
}

/// Every file below `root`, relative to it and sorted.
pub(super) fn files_in(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(relative_to(root, &path).unwrap());
            }
        }
    }
    found.sort();
    found
}
