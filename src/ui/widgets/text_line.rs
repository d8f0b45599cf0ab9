//! One line of text, painted.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, FontId, Ui, pos2};

/// One line of text that ends in … where there is no more room; `at` is its left end in the middle, in points.
pub fn line(ui: &Ui, at: (f32, f32), width: f32, words: &str, points: f32, color: Color32) {
    let job = LayoutJob {
        wrap: TextWrapping::truncate_at_width(width.max(0.0)),
        ..LayoutJob::simple_singleline(words.to_owned(), FontId::proportional(points), color)
    };
    let galley = ui.painter().layout_job(job);
    let top = at.1 - galley.size().y / 2.0;
    ui.painter().galley(pos2(at.0, top), galley, color);
}
