//! The regions of the window. Each reads the state, has its own small buffer, and gives back intents.

mod comparison;
pub(super) mod compose;
pub(super) mod controls;
pub(super) mod details;
pub(super) mod failure;
pub(super) mod filmstrip;
pub(super) mod gallery;
pub(super) mod gateways;
pub(super) mod generate;
mod leftovers;
pub(super) mod mask;
pub(super) mod preflight;
pub(super) mod prompt;
pub(super) mod references;
pub(super) mod settings;
mod size;
pub(super) mod stage;
pub(super) mod start_failure;
pub(super) mod toasts;
pub(super) mod top_bar;

use egui::Ui;

use crate::engine::ThumbnailSize;
use crate::model::{ImageId, JobState, Stage};

use super::intent::Intent;
use super::job_text;
use super::state::{Job, Studio};
use super::text::{Key, Text};
use super::textures::{TextureStore, Thumb, ThumbKey};

/// What every panel may look at, and where its intents go.
pub(super) struct View<'a> {
    pub(super) studio: &'a Studio,
    pub(super) text: &'a Text,
    /// Milliseconds since 1970 (UTC).
    pub(super) now_ms: i64,
    pub(super) textures: &'a mut TextureStore,
    /// Thumbnails that this frame wanted and did not have, in the order of their importance.
    pub(super) wanted: &'a mut Vec<(ImageId, ThumbnailSize)>,
    /// Results of which this frame wanted to know more.
    pub(super) wanted_records: &'a mut Vec<ImageId>,
    pub(super) out: &'a mut Vec<Intent>,
    /// Whether the canvas had something to show in the frame before.
    pub(super) canvas_has_picture: bool,
}

impl<'a> View<'a> {
    /// A message without arguments.
    pub(super) fn t(&self, key: Key) -> &'a str {
        self.text.get(key)
    }

    pub(super) fn push(&mut self, intent: Intent) {
        self.out.push(intent);
    }

    /// The stored thumbnail of a result; asked for when it is not here.
    pub(super) fn thumb(&mut self, ui: &egui::Ui, id: ImageId, size: ThumbnailSize) -> Thumb {
        let thumb = self.textures.thumb(ui.ctx(), ThumbKey::Image(id, size));
        if thumb == Thumb::Unknown {
            self.wanted.push((id, size));
        }
        thumb
    }

    /// What a job is doing, or what became of it, in a few words.
    pub(super) fn job_words(&self, job: &Job) -> String {
        job_text::short(self.text, job, self.now_ms)
    }
}

/// How far a job is, from 0 to 1, for a bar that only ever grows. Only the bytes of the last picture are measured;
/// the steps before have the places that they usually have.
pub(super) fn progress(job: &Job) -> f32 {
    let parameters = &job.snapshot.request.parameters;
    let previews = f32::from(parameters.partials) + 1.0;
    match job.snapshot.state {
        JobState::Queued => 0.0,
        JobState::Running => match job.snapshot.stage {
            Stage::Connecting => 0.02,
            Stage::Sent | Stage::Waiting { .. } => 0.05,
            Stage::Accepted => 0.1,
            #[expect(clippy::cast_precision_loss, reason = "at most three")]
            Stage::Preview(number) => 0.1 + 0.6 * (number as f32 / previews).min(1.0),
            Stage::Receiving { received, total } => {
                #[expect(clippy::cast_precision_loss, reason = "a bar on the screen")]
                let part = total
                    .filter(|total| *total > 0)
                    .map_or(0.5, |total| received.min(total) as f32 / total as f32);
                0.7 + 0.28 * part
            }
            Stage::Saving => 0.99,
        },
        JobState::Done | JobState::Failed | JobState::Canceled | JobState::Interrupted => 1.0,
    }
}

/// Gives the splitter of a panel its name: egui calls each of them the same, in English.
pub(in crate::ui) fn name_splitter(ui: &Ui, panel: &str, name: &str) {
    let id = ui.scope_id().with(panel).with("__resize");
    if ui.ctx().has_accesskit_node(id) {
        ui.ctx()
            .accesskit_node_builder(id, |node| node.set_label(name));
    }
}
