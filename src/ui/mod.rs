//! The window (feature `gui`).
//!
//! The engine's events change the state ([`state::AppState::apply`]), panels draw it and give back intents
//! ([`intent::Intent`]), and [`update::update`] turns an intent into changes and commands. Nothing here blocks,
//! reads or writes a disk, uses the network or decodes a picture.

mod app;
mod dialogs;
mod failure_text;
pub mod format;
pub mod intent;
mod panels;
mod requests;
pub mod shortcuts;
pub mod state;
pub mod text;
pub mod textures;
pub mod theme;
pub mod update;
mod waker;
pub mod widgets;

use eframe::NativeOptions;
use egui::ViewportBuilder;

pub use self::app::{App, PickFiles, RunOptions, StartEngine};

/// The name under which the desktop knows the window.
const APP_ID: &str = "atelier";
/// The size of a new window in points.
const SIZE: [f32; 2] = [1280.0, 800.0];
/// The smallest useful window in points.
const MIN_SIZE: [f32; 2] = [960.0, 600.0];

/// Opens the window and returns when it is closed.
///
/// # Errors
/// Where there is no display, or nothing on it to draw with.
pub fn run(options: RunOptions) -> eframe::Result {
    let native = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id(APP_ID)
            .with_title("Atelier 画室")
            .with_inner_size(SIZE)
            .with_min_inner_size(MIN_SIZE),
        ..NativeOptions::default()
    };
    eframe::run_native(
        APP_ID,
        native,
        Box::new(|creation| Ok(Box::new(App::new(creation, options)))),
    )
}
