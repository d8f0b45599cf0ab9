//! Controls that any panel may use. None of them knows the application's state.

pub mod button;
pub mod canvas;
pub mod card;
pub mod segmented;
pub mod size_grid;
pub mod stepper;
pub mod thumb_grid;
pub mod thumbnail;
