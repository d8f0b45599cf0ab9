//! The system's file dialogs. They are opened here and awaited by the engine; no frame waits for them.

use std::path::PathBuf;

use crate::engine::PickedFiles;

/// Opens the dialog for pictures, over the window of `frame`.
pub(super) fn pick_pictures(frame: &eframe::Frame, title: &str) -> PickedFiles {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title(title)
        .add_filter(
            title,
            &["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"],
        )
        .set_parent(frame);
    let answer = dialog.pick_files();
    Box::pin(async move {
        let files = answer.await.unwrap_or_default();
        files
            .iter()
            .map(|file| PathBuf::from(file.path()))
            .collect()
    })
}
