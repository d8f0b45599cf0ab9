//! Controls that any panel may use. None of them knows the application's state.

pub mod button;
pub mod canvas;
pub mod card;
pub mod choice;
pub mod field;
pub mod rows;
pub mod segmented;
pub mod size_grid;
pub mod stepper;
pub mod text_line;
pub mod thumb_grid;
pub mod thumbnail;

/// Arrow keys go to the widget `id` while it has the keyboard, and do not move the focus.
pub(in crate::ui) fn keep_arrow_keys(ui: &egui::Ui, id: egui::Id) {
    let filter = egui::EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
}
