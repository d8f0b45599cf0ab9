//! The window (feature `gui`).
//!
//! The engine's events change the state ([`state::AppState::apply`]), panels draw it and give back intents
//! ([`intent::Intent`]), and [`update::update`] turns an intent into changes and commands. Nothing here blocks,
//! reads or writes a disk, uses the network or decodes a picture.

mod app;
mod compose_text;
mod dialogs;
mod failure_text;
mod focus;
pub mod format;
pub mod intent;
mod job_text;
mod panels;
mod preflight_text;
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
use egui::{Vec2, ViewportBuilder};

pub use self::app::{App, PickFiles, RunOptions, SaveFile, StartEngine};
pub use self::dialogs::Dialog;

/// The name under which the desktop knows the window.
const APP_ID: &str = "atelier";
/// The smallest useful window in points.
const MIN_SIZE: [f32; 2] = [960.0, 600.0];

/// Opens the window and returns when it is closed.
///
/// # Errors
/// Where there is no display, or nothing on it to draw with.
pub fn run(options: RunOptions) -> eframe::Result {
    let layout = options.settings.layout;
    let native = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id(APP_ID)
            .with_title("Atelier 画室")
            .with_inner_size(Vec2::from(layout.window).max(Vec2::from(MIN_SIZE)))
            .with_maximized(layout.maximized)
            .with_min_inner_size(MIN_SIZE),
        // Ours, below: the usual one would draw Chinese in Japanese shapes on an English system.
        system_font_fallback: false,
        // Ours, in `shortcuts`: the usual ones read a whole picture from the clipboard on this thread.
        clipboard_shortcuts: false,
        ..NativeOptions::default()
    };
    eframe::run_native(
        APP_ID,
        native,
        Box::new(|creation| {
            theme::use_system_fonts(&creation.egui_ctx);
            Ok(Box::new(App::new(creation, options)))
        }),
    )
}
