//! What the window knows: everything the engine told, and what the user has chosen and typed.
//!
//! [`AppState::apply`] takes the engine's events in. It is pure: what is to be done about an event comes back as
//! [`Effect`]s. Pixels are not here but in the texture store.

mod compose;
mod crop;
mod drafts;
mod edits;
mod gallery;
mod gateways;
mod groups;
mod jobs;
mod looking;
mod mask_edit;
mod masks;
mod outpaint;
mod readiness;
mod references;
mod stage;
mod toasts;
mod totals;
mod unsent;

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::{
    Command, ComposeCommand, Event, MaskToken, MergedSettings, Notice, PictureSource,
    ReferenceToken, StartFailure,
};
use crate::media::Mask;
use crate::model::{
    Catalog, GatewayId, GatewayProfile, ImageId, JobState, KnownKeys, Language, ModelCapability,
    OfferedSize, PixelSize, Preset, Settings, UploadLimits,
};

pub use self::compose::{
    Awaited, Center, Compose, ComposeDialog, ComposeEdits, ComposeNote, RowState,
};
pub use self::crop::{CropEdit, CropField};
pub use self::drafts::{Draft, Field, GatewayEdits, Part, PasteEdit, Problem, ProfileEdit};
pub use self::edits::{Edits, PromptEdit, SizeEdit, SizeMode};
pub use self::gallery::{Gallery, Records};
pub(in crate::ui) use self::gateways::forget_gateway;
pub use self::gateways::{Gateways, Pane, Pause, Test};
pub use self::groups::{
    RowCounts, TargetsReadiness, blocker_of_rows, findings_of_row, request_for_rows,
    targets_readiness,
};
pub use self::jobs::{Job, Jobs, StripItem};
pub use self::mask_edit::{Drawing, MaskEdit, MaskNotice, MaskTool, MaskTools};
pub use self::masks::{MaskSlot, MaskState, Masks};
pub use self::outpaint::{OUTPAINT_RATIOS, OutpaintBy, OutpaintEdit};
pub use self::readiness::{Blocker, findings, readiness};
pub use self::references::{Fit, FitFor, ReferenceSlot, References, SlotState, Twin};
pub use self::stage::{Stage, Subject};
pub use self::toasts::{Toast, ToastKind, ToastMessage, Toasts, Undone};
pub use self::totals::Totals;
pub(in crate::ui) use self::unsent::Waiting;

/// Which of the screens is in the window.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Screen {
    /// Prompt, canvas, filmstrip, details.
    #[default]
    Create,
    /// The grid of all results.
    Gallery,
    /// The profiles of the gateways.
    Gateways,
}

/// Something to be done outside the state.
#[derive(Debug)]
pub enum Effect {
    /// For the engine.
    Send(Command),
    /// Put a text on the clipboard.
    Copy(String),
    /// Open the file dialog for references; the first file gets this token, and so many may come.
    PickReferences(ReferenceToken, usize),
    /// Ask for a mask for a picture of this size, and read it.
    PickMask(MaskToken, PixelSize),
    /// Ask where to write this mask, and write it.
    SaveMask(Box<Mask>),
    /// Ask where to put a copy of this picture.
    SaveCopy(PathBuf),
    /// Put the cursor into the prompt.
    FocusPrompt,
    /// Put the cursor into the field of this variable.
    FocusVariable(String),
    /// Bring the keyboard to the table of the batch.
    FocusRows,
    /// Put the cursor into the search among templates.
    FocusTemplates,
    /// Put the cursor into the field for this gateway's key.
    FocusKey(GatewayId),
    /// Put the cursor into the first address of this gateway.
    FocusAddress(GatewayId),
    /// Ask the system for what is on the clipboard; it comes as if the user had pasted it.
    RequestPaste,
    /// Ask for a file of profiles and read it.
    ImportGateways,
    /// Ask for a file and write all profiles into it.
    ExportGateways,
    /// Open a dialog of the composer, and have the engine await it.
    Compose(ComposeDialog),
    /// Start the engine once more.
    StartEngine,
    /// Take the canvas clear: what stands there has nothing to do with what is to come.
    ClearCanvas,
}

impl From<Command> for Effect {
    fn from(command: Command) -> Self {
        Self::Send(command)
    }
}

/// Everything that panels read and only [`super::update`] and [`AppState::apply`] change.
#[derive(Debug)]
pub struct Studio {
    /// The preferences, with the parameters of the next job.
    pub settings: Settings,
    /// Set when `settings` changed and has not been sent to the engine.
    pub settings_unsaved: bool,
    /// `settings` as the engine last told or got them.
    pub settings_shared: Settings,
    /// The language of the window.
    pub language: Language,
    /// The operating system's language, for when none is chosen.
    pub system_language: Language,
    /// Where results are filed, once the engine has told.
    pub library_dir: Option<PathBuf>,
    /// What is known of models.
    pub catalog: Arc<Catalog>,
    /// The engine is up.
    pub ready: bool,
    /// Why it does not come up.
    pub start_failure: Option<StartFailure>,
    /// Profiles whose key is known.
    pub keys: KnownKeys,
    /// The screen in the window.
    pub screen: Screen,
    /// What is known of gateways, and what their screen shows.
    pub gateways: Gateways,
    /// The preferences are open.
    pub settings_open: bool,
    /// Input pictures of the next job.
    pub references: References,
    /// The mask of the next job.
    pub masks: Masks,
    /// Templates, history, batch.
    pub compose: Compose,
    /// Jobs of this session and those that were unfinished before.
    pub jobs: Jobs,
    /// All results.
    pub gallery: Gallery,
    /// What is known of results, newest asked for last.
    pub records: Records,
    /// What is on the canvas.
    pub stage: Stage,
    /// Short messages at the edge.
    pub toasts: Toasts,
}

impl Studio {
    fn new(settings: Settings, system_language: Language) -> Self {
        Self {
            language: settings.language.unwrap_or(system_language),
            system_language,
            settings_shared: settings.clone(),
            settings,
            settings_unsaved: false,
            library_dir: None,
            catalog: Arc::default(),
            ready: false,
            start_failure: None,
            keys: KnownKeys::default(),
            screen: Screen::default(),
            gateways: Gateways::default(),
            settings_open: false,
            references: References::default(),
            masks: Masks::default(),
            compose: Compose::default(),
            jobs: Jobs::default(),
            gallery: Gallery::default(),
            records: Records::default(),
            stage: Stage::default(),
            toasts: Toasts::default(),
        }
    }

    /// What the selected gateway's model accepts there.
    #[must_use]
    pub fn capability(&self) -> ModelCapability {
        self.catalog.capability(&self.settings.gateway())
    }

    /// What the selected gateway takes of references.
    #[must_use]
    pub fn upload_limits(&self) -> UploadLimits {
        let gateway = self.settings.gateway();
        UploadLimits::of(&gateway, &self.catalog.capability(&gateway))
    }

    /// The question what the selected gateway is sent in place of references, where that is not known.
    pub(in crate::ui) fn take_unfitted(&mut self) -> Option<Command> {
        let limits = self.upload_limits();
        let masked = self.mask_in_use().and_then(|mask| {
            let of_mask = |slot: &&ReferenceSlot| {
                let ready = slot.ready();
                ready.is_some_and(|reference| reference.hash == mask.of)
            };
            let slot = self.references.slots().iter().find(of_mask)?;
            Some(slot.token)
        });
        self.references.take_unfitted(masked, limits)
    }

    /// The sizes that are offered for the selected gateway's model.
    #[must_use]
    pub fn offered_sizes(&self) -> &[OfferedSize] {
        self.catalog.offered(&self.settings.gateway().image_model)
    }

    /// The command to store the preferences, if they changed since they were last taken.
    pub(in crate::ui) fn take_unsaved(&mut self) -> Option<Command> {
        if !self.settings_unsaved {
            return None;
        }
        self.settings_unsaved = false;
        let settings = Box::new(self.settings.clone());
        let base = mem::replace(&mut self.settings_shared, self.settings.clone());
        Some(Command::SaveSettings {
            settings,
            base: Box::new(base),
        })
    }

    /// Whether requests can be sent to `profile`: the demo gateway needs no key.
    #[must_use]
    pub fn has_key(&self, profile: &GatewayProfile) -> bool {
        profile.preset == Preset::Demo || self.keys.place(&profile.id).is_some()
    }
}

/// The state of the window.
#[derive(Debug)]
pub struct AppState {
    /// What is told and chosen.
    pub studio: Studio,
    /// What is typed.
    pub edits: Edits,
}

impl AppState {
    /// The state before the engine has told anything.
    #[must_use]
    pub fn new(settings: Settings, system_language: Language) -> Self {
        let edits = Edits::new(&settings);
        Self {
            studio: Studio::new(settings, system_language),
            edits,
        }
    }

    /// What another program changed in the stored preferences, beside what was changed here since they were stored.
    fn take_merged(&mut self, MergedSettings { ours, merged }: &MergedSettings) {
        let Self { studio, edits } = self;
        let size = studio.settings.parameters.size;
        for settings in [&mut studio.settings, &mut studio.settings_shared] {
            *settings = settings.clone().merged(ours, merged);
        }
        studio.language = studio.settings.language.unwrap_or(studio.system_language);
        if studio.settings.parameters.size != size {
            let model = studio.settings.gateway().image_model;
            let offered = studio.catalog.offered(&model);
            edits.size = SizeEdit::of(studio.settings.parameters.size, offered);
        }
    }

    /// Takes an event in; `now_ms` is the time in milliseconds since 1970 (UTC).
    ///
    /// Events that only carry pixels change nothing here.
    #[expect(
        clippy::too_many_lines,
        reason = "one short arm an event, side by side"
    )]
    pub fn apply(&mut self, event: Event, now_ms: i64) -> Vec<Effect> {
        let Self { studio, edits } = self;
        match event {
            Event::Ready {
                settings,
                keys,
                library_dir,
                catalog,
            } => {
                // What was changed while the library was being opened counts.
                let typed = edits.size != SizeEdit::of(studio.settings_shared.parameters.size, &[]);
                let ours = studio.settings.clone();
                studio.settings = ours.merged(&studio.settings_shared, &settings);
                studio.settings_unsaved = studio.settings != *settings;
                studio.settings_shared = *settings;
                studio.language = studio.settings.language.unwrap_or(studio.system_language);
                let offered = catalog.offered(&studio.settings.gateway().image_model);
                if !typed {
                    edits.size = SizeEdit::of(studio.settings.parameters.size, offered);
                }
                studio.keys = keys;
                studio.library_dir = Some(library_dir);
                studio.catalog = catalog;
                studio.ready = true;
                studio.start_failure = None;
                vec![
                    Command::ListGallery.into(),
                    Command::Compose(ComposeCommand::Load).into(),
                    Command::Compose(ComposeCommand::LoadPastPrompts).into(),
                ]
            }
            Event::StartFailed(failure) => {
                studio.start_failure = Some(failure);
                Vec::new()
            }
            Event::JobChanged(snapshot) => {
                let (id, state) = (snapshot.id, snapshot.state);
                let is_new = studio.jobs.put(*snapshot);
                if is_new && !state.is_final() && studio.stage.take_awaited() {
                    return studio.show(Subject::Job(id));
                }
                Vec::new()
            }
            Event::JobEnded(snapshot) => {
                let (id, state) = (snapshot.id, snapshot.state);
                let images = snapshot.images.clone();
                let gateway = snapshot.request.gateway.id.clone();
                studio.jobs.put(*snapshot);
                let mut effects = studio.job_ended(id, state, &images);
                if studio.gateways.tracks.contains_key(&gateway) {
                    effects.push(Command::LoadTrack(gateway).into());
                }
                effects
            }
            Event::JobDismissed(job) => {
                studio.jobs.remove(job);
                if studio.stage.subject() == Some(Subject::Job(job)) {
                    return studio.show_nothing();
                }
                Vec::new()
            }
            Event::PreviewSaved(preview) => {
                studio.jobs.add_preview(preview);
                Vec::new()
            }
            Event::Retry {
                job,
                attempt,
                after_ms,
                kind,
            } => {
                studio.jobs.retrying(job, attempt, after_ms, kind);
                Vec::new()
            }
            Event::Warning { job, failure } => {
                studio.jobs.warn(job, failure.clone());
                studio.toasts.push(
                    ToastKind::Warning,
                    ToastMessage::JobWarning(failure),
                    now_ms,
                );
                Vec::new()
            }
            Event::RequestFailed { job, failure } => {
                studio.jobs.request_failed(job, failure);
                Vec::new()
            }
            Event::ImageSaved { record, .. } => {
                studio.jobs.add_image(record.job, record.id, record.index);
                studio.records.put(*record);
                Vec::new()
            }
            Event::ReferenceReady {
                token,
                reference,
                digest,
                ..
            } => {
                let hash = reference.hash.clone();
                let twin = studio.references.ready(token, *reference, digest);
                // Whoever wants to edit a mask only wants it to be there.
                if let Some(twin) = twin.filter(|_| !studio.masks.wants(token)) {
                    let message = ToastMessage::ReferenceTwice(twin);
                    studio.toasts.push(ToastKind::Info, message, now_ms);
                }
                self.reference_came(token, &hash, now_ms)
            }
            Event::ReferenceFailed {
                token,
                name,
                problem,
                ..
            } => {
                studio.references.failed(token, name, problem);
                Vec::new()
            }
            Event::ReferencesFound {
                first,
                names,
                left_out,
            } => {
                studio.references.found(first, names);
                if left_out > 0 {
                    let message = ToastMessage::ReferencesFull(left_out);
                    studio.toasts.push(ToastKind::Warning, message, now_ms);
                }
                Vec::new()
            }
            Event::ReferenceFitted {
                token,
                limits,
                is_masked,
                outcome,
            } => {
                let what = FitFor { limits, is_masked };
                studio.references.fitted(token, what, outcome);
                Vec::new()
            }
            Event::Gallery(change) => {
                let gone = studio.gallery.apply(change);
                edits.grid.forget(&gone);
                match studio.stage.subject() {
                    Some(Subject::Image(id)) if gone.contains(&id) => studio.show_nothing(),
                    _ => Vec::new(),
                }
            }
            Event::Records(records) => {
                for record in records {
                    studio.records.put(record);
                }
                Vec::new()
            }
            Event::ClipboardSeen { is_picture: true } => super::update::paste(studio, now_ms),
            Event::ClipboardSeen { is_picture: false } => vec![Effect::RequestPaste],
            Event::KeysChanged(keys) => {
                studio.keys = keys;
                Vec::new()
            }
            Event::GatewaysExported { path, count } => {
                let message = ToastMessage::GatewaysExported(path, count);
                studio.toasts.push(ToastKind::Info, message, now_ms);
                Vec::new()
            }
            Event::Notice(notice) => {
                let (kind, message) = match notice {
                    Notice::Recovered { images } => {
                        (ToastKind::Info, ToastMessage::Recovered(images))
                    }
                    Notice::Copied { to } => (ToastKind::Info, ToastMessage::SavedAs(to)),
                    Notice::Failed(failure) => (ToastKind::Error, ToastMessage::Failed(failure)),
                    Notice::SecretsLeftOut { names } => {
                        (ToastKind::Warning, ToastMessage::SecretsLeftOut(names))
                    }
                    Notice::KeyNotKept { reason } => {
                        (ToastKind::Warning, ToastMessage::KeyNotKept(reason))
                    }
                    Notice::GatewaysUnreadable { reason } => {
                        (ToastKind::Error, ToastMessage::GatewaysUnreadable(reason))
                    }
                    Notice::ModelsUnreadable { reason } => {
                        (ToastKind::Warning, ToastMessage::ModelsUnreadable(reason))
                    }
                    Notice::SettingsUnreadable { kept_as } => (
                        ToastKind::Warning,
                        ToastMessage::SettingsUnreadable(kept_as),
                    ),
                };
                studio.toasts.push(kind, message, now_ms);
                Vec::new()
            }
            Event::Compose(event) => self.apply_compose(event, now_ms),
            Event::JobThumbnail { .. } | Event::Canvas(_) | Event::Thumbnail { .. } => Vec::new(),
            Event::MaskChanged { token, mask } => self.mask_changed(token, &mask),
            Event::MaskStored { token, outcome } => self.mask_stored(token, outcome),
            Event::MaskLoaded { token, outcome } => self.mask_loaded(token, outcome),
            Event::SettingsMerged(both) => {
                self.take_merged(&both);
                Vec::new()
            }
            Event::GatewayTested { .. }
            | Event::GatewayLearned { .. }
            | Event::GatewayPaused { .. }
            | Event::Track { .. }
            | Event::GatewaysImported(_) => {
                self.apply_gateway(event, now_ms);
                Vec::new()
            }
        }
    }
}

impl Studio {
    /// Puts `subject` on the canvas.
    pub(super) fn show(&mut self, subject: Subject) -> Vec<Effect> {
        let source = match subject {
            Subject::Job(job) => PictureSource::Live(job),
            Subject::Image(id) => PictureSource::Image(id),
        };
        let was_looking = self.stage.reference().is_some();
        if was_looking {
            self.stage.leave();
        }
        if self.stage.is_beside() {
            // A mask is being painted: what is told meanwhile is shown after that.
            self.stage.remember(subject);
            return Vec::new();
        }
        let is_other = was_looking || self.stage.subject() != Some(subject);
        let serial = self.stage.show(subject, None);
        let show = Command::Show {
            serial,
            source: Some(source),
        };
        let mut effects = Vec::new();
        match subject {
            // A result comes at once, and takes the place of what is there without a flicker. A job may have
            // nothing to show for a long time, or ever.
            Subject::Image(id) => effects.extend(self.want_record(id)),
            Subject::Job(_) if is_other => effects.push(Effect::ClearCanvas),
            Subject::Job(_) => {}
        }
        effects.push(show.into());
        effects
    }

    /// Puts something on the canvas that is neither job nor result, until [`Stage::leave`].
    pub(super) fn show_beside(&mut self, source: PictureSource) -> Effect {
        let serial = self.stage.beside();
        let source = Some(source);
        Command::Show { serial, source }.into()
    }

    /// Clears the canvas.
    pub(super) fn show_nothing(&mut self) -> Vec<Effect> {
        if self.stage.is_beside() {
            self.stage.forget();
            return Vec::new();
        }
        let serial = self.stage.clear();
        let show = Command::Show {
            serial,
            source: None,
        };
        vec![Effect::ClearCanvas, show.into()]
    }

    /// Asks for a record that is not here yet.
    pub(super) fn want_record(&self, id: ImageId) -> Option<Effect> {
        if self.records.get(id).is_some() {
            None
        } else {
            Some(Command::LoadRecords(vec![id]).into())
        }
    }

    /// The canvas goes from the job to what came of it. The result's pixels are there already when there is but one.
    fn job_ended(
        &mut self,
        job: crate::model::JobId,
        state: JobState,
        images: &[ImageId],
    ) -> Vec<Effect> {
        if state != JobState::Done || self.stage.subject() != Some(Subject::Job(job)) {
            return Vec::new();
        }
        match images {
            [] => Vec::new(),
            [only] if self.stage.preview().is_none() && !self.stage.is_beside() => {
                self.stage.became(*only);
                self.want_record(*only).into_iter().collect()
            }
            // A preview that the user looks at stays.
            [_only] => Vec::new(),
            [first, ..] => {
                // Of a masked edit, the picture in which the rest was put right.
                let is_protected = |id: &&ImageId| {
                    let record = self.records.get(**id);
                    record.is_some_and(|record| record.recipe.protected.is_some())
                };
                let shown = *images.iter().find(is_protected).unwrap_or(first);
                self.show(Subject::Image(shown))
            }
        }
    }
}
