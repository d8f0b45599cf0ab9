//! What the operating system gives us: folders, the settings file, keys, the file manager, the clipboard, the language.
//!
//! The engine and the command line call it. It keeps nothing but the keys of [`KeyRing`], and spawns no thread:
//! whoever calls a function that blocks does so where that is allowed.

mod atomic;
mod catalog;
#[cfg(feature = "gui")]
mod clipboard;
mod composition;
mod config;
mod dirs;
mod error;
mod exchange;
mod locale;
mod pictures;
mod reveal;
mod secrets;

pub use self::catalog::{LoadedCatalog, built_in_catalog, load_catalog};
#[cfg(feature = "gui")]
pub use self::clipboard::{ClipboardPicture, clipboard_is_picture, read_clipboard};
pub use self::composition::{
    Kept, SheetFileError, built_in_templates, load_draft, load_shelf, read_reference_folder,
    read_sheet_file, read_template_file, save_draft, update_shelf, write_template_file,
};
pub use self::config::{LoadedSettings, load_settings, peek_settings, save_settings};
pub use self::dirs::DataDirs;
pub use self::error::DesktopError;
pub use self::exchange::{ImportedGateways, export_gateways, import_gateways};
pub use self::locale::language_of;
pub use self::pictures::pictures_in;
pub use self::reveal::{Revealing, reveal};
pub use self::secrets::{KeyRing, KeyStore, StoreError, SystemStore};
