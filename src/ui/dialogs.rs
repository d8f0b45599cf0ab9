//! The system's file dialogs. They are opened here and awaited by the engine; no frame waits for them.

use std::path::PathBuf;

use crate::engine::PickedFiles;

/// What a dialog asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialog {
    /// Pictures to read.
    Pictures,
    /// A mask to read.
    Mask,
    /// A file of gateways to read.
    ReadGateways,
    /// A file to write gateways into.
    WriteGateways,
    /// A table to read.
    Sheet,
    /// A folder of pictures.
    Folder,
    /// A file of templates to read.
    ReadTemplates,
    /// A file to write templates into.
    WriteTemplates,
}

/// The name that is offered for a file of gateways.
const GATEWAYS_FILE: &str = "atelier-gateways.toml";

/// Opens a dialog over the window of `frame`.
pub(super) fn pick(frame: &eframe::Frame, dialog: Dialog, title: &str) -> PickedFiles {
    let window = rfd::AsyncFileDialog::new()
        .set_title(title)
        .set_parent(frame);
    match dialog {
        Dialog::Pictures => {
            let kinds = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];
            let answer = window.add_filter(title, &kinds).pick_files();
            Box::pin(async move {
                let files = answer.await.unwrap_or_default();
                files
                    .iter()
                    .map(|file| PathBuf::from(file.path()))
                    .collect()
            })
        }
        Dialog::Mask => {
            let kinds = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];
            let answer = window.add_filter(title, &kinds).pick_file();
            Box::pin(async move { one(answer.await.as_ref()) })
        }
        Dialog::ReadGateways => {
            let answer = window.add_filter(title, &["toml"]).pick_file();
            Box::pin(async move { one(answer.await.as_ref()) })
        }
        Dialog::Sheet => {
            let answer = window.add_filter(title, &["csv", "tsv", "txt"]).pick_file();
            Box::pin(async move { one(answer.await.as_ref()) })
        }
        Dialog::Folder => {
            let answer = window.pick_folder();
            Box::pin(async move { one(answer.await.as_ref()) })
        }
        Dialog::ReadTemplates => {
            let answer = window.add_filter(title, &["json", "txt", "md"]).pick_file();
            Box::pin(async move { one(answer.await.as_ref()) })
        }
        Dialog::WriteTemplates => {
            let answer = window
                .add_filter("JSON", &["json"])
                .add_filter("TXT", &["txt"])
                .set_file_name("atelier-templates.json")
                .save_file();
            Box::pin(async move { one(answer.await.as_ref()) })
        }
        Dialog::WriteGateways => {
            let answer = window
                .add_filter(title, &["toml"])
                .set_file_name(GATEWAYS_FILE)
                .save_file();
            Box::pin(async move { one(answer.await.as_ref()) })
        }
    }
}

fn one(file: Option<&rfd::FileHandle>) -> Vec<PathBuf> {
    file.map(|file| PathBuf::from(file.path()))
        .into_iter()
        .collect()
}

/// Opens the dialog for where to put a copy of the file called `name`, over the window of `frame`.
pub(super) fn save_as(frame: &eframe::Frame, title: &str, name: &str) -> PickedFiles {
    let answer = rfd::AsyncFileDialog::new()
        .set_title(title)
        .set_file_name(name)
        .set_parent(frame)
        .save_file();
    Box::pin(async move {
        let file = answer.await;
        file.iter().map(|file| PathBuf::from(file.path())).collect()
    })
}
