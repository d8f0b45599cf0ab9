//! What is being composed beside the prompt itself: values, templates, history, the batch, targets; and the draft that
//! is kept of it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::{Command, ComposeCommand, ComposeEvent, ComposeProblem};
use crate::model::compose::{
    Batch, BatchRow, DRAFT_VERSION, Draft, GroupId, History, OwnTemplate, PastPrompt, Pattern,
    Shelf, Target, TemplateTable, find_prompts,
};
use crate::model::{JobId, JobState, RecipeReference};

use super::{AppState, Edits, Effect, MaskState, Studio, ToastKind, ToastMessage};

/// How long after a change the draft is stored, in milliseconds.
const DRAFT_DELAY_MS: i64 = 500;

/// What stands in the middle of the Create screen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Center {
    /// The canvas.
    #[default]
    Canvas,
    /// The table of a batch.
    Batch,
    /// The targets of a fan-out.
    Targets,
    /// The templates.
    Templates,
    /// The jobs of a group side by side.
    SideBySide(GroupId),
}

/// What a message about composing says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ComposeNote {
    /// Something could not be read or stored.
    Problem(ComposeProblem),
    /// So many templates were put on the shelf.
    TemplatesAdded(usize),
    /// So many entries of a file were no templates.
    TemplatesLeftOut(usize),
    /// So many templates were written to this file.
    TemplatesWritten(PathBuf, usize),
    /// A table or a folder was not taken, for the rows are at work.
    RowsBusy,
}

/// A dialog that composing needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ComposeDialog {
    /// A table for the batch.
    Sheet,
    /// A folder of pictures for the batch.
    Folder,
    /// A file of templates to read.
    ImportTemplates,
    /// A file to write these into.
    ExportTemplates(Vec<OwnTemplate>),
}

/// What panels read.
#[derive(Debug, Default)]
pub struct Compose {
    /// Templates that come with the program.
    pub templates: Arc<TemplateTable>,
    /// The user's own.
    pub shelf: Shelf,
    /// `shelf` as the engine last told or got it.
    shelf_shared: Shelf,
    /// Earlier prompts.
    pub history: History,
    /// What stands in the middle.
    pub center: Center,
    /// The list of earlier prompts is open.
    pub history_open: bool,
    /// The draft of before was read.
    is_loaded: bool,
    /// Every job of the batch's group was told, and none is at work elsewhere.
    is_batch_told: bool,
    /// The submission that the engine has not answered yet.
    pub(in crate::ui) awaited: Option<(u64, Awaited)>,
    pub(in crate::ui) last_token: u64,
}

impl Compose {
    /// Takes a template of one's own off the shelf; what is to be said of it.
    pub(in crate::ui) fn take_away(&mut self, id: &str) -> Option<ToastMessage> {
        let place = self.shelf.own.iter().position(|own| own.id == id)?;
        let template = Box::new(self.shelf.own.remove(place));
        let favourites = &mut self.shelf.favourites;
        let was_favourite = favourites.iter().any(|known| known == id);
        favourites.retain(|known| known != id);
        Some(ToastMessage::TemplateDeleted {
            template,
            place,
            was_favourite,
        })
    }

    /// Puts it back.
    pub(in crate::ui) fn put_back(&mut self, template: OwnTemplate, place: usize, favourite: bool) {
        if favourite {
            self.shelf.favourites.push(template.id.clone());
        }
        let own = &mut self.shelf.own;
        own.insert(place.min(own.len()), template);
    }
}

/// What is done once a group was started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Awaited {
    /// Rows of the batch get their jobs.
    Batch,
    /// The targets are shown side by side.
    FanOut,
}

/// The question for earlier prompts, how many there are, and when the newest was used.
type FoundFor = (String, usize, i64);

/// What is typed and chosen.
#[derive(Debug, Default)]
pub struct ComposeEdits {
    /// What is filled in, by variable.
    pub values: BTreeMap<String, String>,
    /// The template that the prompt came from.
    pub template: Option<String>,
    /// The batch.
    pub batch: Option<Batch>,
    /// The row of the batch that is being edited.
    pub row: usize,
    /// Targets of the next fan-out.
    pub targets: Vec<Target>,
    /// The row of the list of templates under the cursor that the keyboard is at.
    pub slash_row: usize,
    /// The slash, by its byte, whose list was closed.
    pub slash_closed: Option<usize>,
    /// What is searched for among earlier prompts.
    pub history_search: String,
    /// The row of that list that the keyboard is at.
    pub history_row: usize,
    /// What was found among them, and for which list and question.
    history_found: (Option<FoundFor>, Arc<[usize]>),
    /// What is searched for among the templates.
    pub template_search: String,
    /// Folders of templates that are folded, by their titles.
    pub folded: BTreeSet<String>,
    /// The template that is looked at.
    pub opened: Option<String>,
    /// The template that is being written.
    pub form: Option<OwnTemplate>,
    /// The draft as it was last stored, without its batch.
    saved: Draft,
    /// The revision of the batch that was last stored with it.
    saved_batch: Option<u64>,
    /// Since when it differs, in milliseconds since 1970 (UTC).
    changed_ms: Option<i64>,
}

/// Where a row of the batch stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowState {
    /// Not sent.
    Ready,
    /// Not to be sent.
    Off,
    /// Not sent, and can't be: it is blank, or a variable in it is.
    Incomplete,
    /// Not sent, and can't be: its prompt is longer than a model takes.
    TooLong,
    /// Sent, as far as is known: the job was not told yet, or another window is at it.
    Unknown,
    /// Sent; so the job stands. `None`: it never came to that.
    Sent(Option<JobState>),
}

impl ComposeEdits {
    /// The places of the prompts that are searched for; looked up once for each question, not in each frame.
    pub(in crate::ui) fn found_prompts(&mut self, prompts: &[PastPrompt]) -> Arc<[usize]> {
        let newest_ms = prompts.first().map_or(0, |prompt| prompt.used_ms);
        let asked = (self.history_search.clone(), prompts.len(), newest_ms);
        if self.history_found.0.as_ref() != Some(&asked) {
            let found = find_prompts(prompts, &self.history_search);
            self.history_found = (Some(asked), found.into());
        }
        Arc::clone(&self.history_found.1)
    }

    /// The prompt with its values in it.
    #[must_use]
    pub fn filled(&self, text: &str) -> String {
        Pattern::read(text).fill(&self.values)
    }

    /// How many requests the prompt makes: more than one where it has alternatives or values over several lines.
    #[must_use]
    pub fn rows_of(&self, text: &str) -> usize {
        let pattern = Pattern::read(text);
        if pattern.is_plain() {
            return 1;
        }
        let source = crate::model::compose::Source {
            pattern: &pattern,
            values: &self.values,
            sheet: None,
            references: 0,
            combine: crate::model::compose::Combine::Cross,
        };
        source.count()
    }

    fn draft(&self, text: &str, studio: &Studio) -> Draft {
        let (mask_of, mask) = mask(studio).unzip();
        Draft {
            version: DRAFT_VERSION,
            text: text.to_owned(),
            values: self.values.clone(),
            template: self.template.clone(),
            references: studio.references.remembered().collect(),
            mask,
            mask_of: mask_of.map(str::to_owned),
            batch: self.batch.clone(),
            targets: self.targets.clone(),
        }
    }

    fn differs(&self, text: &str, studio: &Studio) -> bool {
        let saved = &self.saved;
        saved.text != text
            || saved.values != self.values
            || saved.template != self.template
            || saved.targets != self.targets
            || self.saved_batch != self.batch.as_ref().map(Batch::revision)
            || saved.mask_of.as_deref().zip(saved.mask.clone()) != mask(studio)
            || !saved
                .references
                .iter()
                .cloned()
                .eq(studio.references.remembered())
    }
}

/// The mask, once it is stored, and the picture that it is for.
fn mask(studio: &Studio) -> Option<(&str, RecipeReference)> {
    let slot = studio.masks.current()?;
    match &slot.state {
        MaskState::Ready(mask) => Some((
            &slot.of,
            RecipeReference {
                name: mask.name.clone(),
                hash: mask.hash.clone(),
                image: mask.image,
            },
        )),
        MaskState::Storing | MaskState::Failed(_) => None,
    }
}

impl Studio {
    /// Where a row of the batch stands.
    #[must_use]
    pub fn row_state(&self, row: &BatchRow) -> RowState {
        match row.job {
            Some(job) => match self.jobs.get(job) {
                Some(job) => RowState::Sent(Some(job.snapshot.state)),
                None if self.compose.is_batch_told => RowState::Sent(None),
                None => RowState::Unknown,
            },
            None if row.is_off => RowState::Off,
            None if row.is_too_long() => RowState::TooLong,
            None if row.prompt.trim().is_empty() || row.is_incomplete() => RowState::Incomplete,
            None => RowState::Ready,
        }
    }

    /// Whether the rows of the batch are being sent or at work: they can't be made anew then.
    #[must_use]
    pub fn rows_are_busy(&self, edits: &Edits) -> bool {
        let is_sending = matches!(self.compose.awaited, Some((_, Awaited::Batch)));
        let is_active = |row: &BatchRow| {
            let job = row.job.and_then(|job| self.jobs.get(job));
            job.is_some_and(|job| !job.snapshot.state.is_final())
        };
        let mut rows = edits.compose.batch.iter().flat_map(|batch| &batch.rows);
        is_sending || rows.any(is_active)
    }

    /// The profile of a target, with its model in it; `None` where it is gone.
    #[must_use]
    pub fn profile_of(&self, target: &Target) -> Option<crate::model::GatewayProfile> {
        let mut profiles = self.settings.gateways.iter();
        let mut profile = profiles.find(|p| p.id == target.gateway)?.clone();
        profile.image_model.clone_from(&target.model);
        Some(profile)
    }

    /// The jobs of a group by their place; of several at one place the last.
    #[must_use]
    pub fn jobs_of_group(&self, group: GroupId) -> BTreeMap<u32, JobId> {
        let mut jobs = BTreeMap::new();
        for job in self.jobs.newest_first() {
            let of = job.snapshot.request.group.as_ref();
            if let Some(of) = of.filter(|of| of.id == group) {
                jobs.entry(of.place).or_insert(job.snapshot.id);
            }
        }
        jobs
    }

    /// The command to store the shelf, if it was changed.
    pub(in crate::ui) fn take_changed_shelf(&mut self) -> Option<Command> {
        let compose = &mut self.compose;
        if compose.shelf == compose.shelf_shared {
            return None;
        }
        let base = mem::replace(&mut compose.shelf_shared, compose.shelf.clone());
        Some(Command::Compose(ComposeCommand::SaveShelf {
            shelf: Box::new(compose.shelf.clone()),
            base: Box::new(base),
        }))
    }
}

impl AppState {
    /// What the engine tells of what is composed.
    pub(super) fn apply_compose(&mut self, event: ComposeEvent, now_ms: i64) -> Vec<Effect> {
        let Self { studio, edits } = self;
        let note = |studio: &mut Studio, kind, note| {
            studio
                .toasts
                .push(kind, ToastMessage::Compose(note), now_ms);
        };
        match event {
            ComposeEvent::Loaded {
                draft,
                shelf,
                templates,
            } => {
                studio.compose.templates = templates;
                studio.compose.shelf_shared = (*shelf).clone();
                studio.compose.shelf = *shelf;
                studio.compose.is_loaded = true;
                return draft.map_or_else(Vec::new, |draft| restore(studio, edits, *draft));
            }
            ComposeEvent::Shelf { ours, merged } => {
                for shelf in [&mut studio.compose.shelf, &mut studio.compose.shelf_shared] {
                    *shelf = mem::take(shelf).merged(&ours, &merged);
                }
            }
            ComposeEvent::TemplatesRead(read) => {
                let count = read.templates.len();
                for (number, mut template) in read.templates.into_iter().enumerate() {
                    template.id = format!("own-{now_ms:x}-{number}");
                    studio.compose.shelf.own.push(template);
                }
                let added = ComposeNote::TemplatesAdded(count);
                note(studio, ToastKind::Info, added);
                if read.left_out > 0 {
                    let left_out = ComposeNote::TemplatesLeftOut(read.left_out);
                    note(studio, ToastKind::Warning, left_out);
                }
            }
            ComposeEvent::TemplatesWritten { path, count } => {
                let written = ComposeNote::TemplatesWritten(path, count);
                note(studio, ToastKind::Info, written);
            }
            ComposeEvent::PastPrompts(prompts) => studio.compose.history.set(prompts),
            ComposeEvent::Sheet(_) | ComposeEvent::Folder(_) if studio.rows_are_busy(edits) => {
                note(studio, ToastKind::Warning, ComposeNote::RowsBusy);
            }
            ComposeEvent::Sheet(sheet) => {
                edits.batch_mut().sheet = Some(sheet);
                edits.make_rows();
            }
            ComposeEvent::Folder(folder) => {
                edits.batch_mut().folder = Some(folder);
                edits.make_rows();
            }
            ComposeEvent::GroupStarted { token, group, jobs } => {
                let awaited = studio.compose.awaited.take_if(|(t, _)| *t == token);
                match awaited {
                    Some((_, Awaited::Batch)) => {
                        let batch = edits.batch_mut();
                        let was_told = mem::take(&mut studio.compose.is_batch_told);
                        batch.group = Some(group);
                        for (place, job) in jobs {
                            let place = usize::try_from(place).unwrap_or(usize::MAX);
                            if let Some(row) = batch.rows.get_mut(place) {
                                row.job = Some(job);
                            }
                        }
                        if was_told {
                            // Once the new jobs are told, too.
                            return vec![Command::Compose(ComposeCommand::LoadGroup(group)).into()];
                        }
                    }
                    Some((_, Awaited::FanOut)) => {
                        studio.compose.center = Center::SideBySide(group);
                    }
                    None => {}
                }
            }
            ComposeEvent::GroupTold { group, is_at_work } => {
                let batch = edits.compose.batch.as_ref();
                if batch.and_then(|batch| batch.group) == Some(group) {
                    studio.compose.is_batch_told = !is_at_work;
                }
            }
            ComposeEvent::Problem(problem) => {
                note(studio, ToastKind::Warning, ComposeNote::Problem(problem));
            }
        }
        Vec::new()
    }

    /// The command to store the draft, a moment after it was changed; and in how many milliseconds to ask again. While an
    /// input method composes, nothing counts yet.
    pub(in crate::ui) fn draft_due(&mut self, now_ms: i64) -> (Option<Command>, Option<i64>) {
        let Self { studio, edits } = self;
        let (prompt, compose) = (&edits.prompt, &mut edits.compose);
        if !studio.compose.is_loaded || prompt.composing {
            return (None, None);
        }
        if !compose.differs(&prompt.text, studio) {
            compose.changed_ms = None;
            return (None, None);
        }
        let since = *compose.changed_ms.get_or_insert(now_ms);
        let left = since + DRAFT_DELAY_MS - now_ms;
        if left > 0 {
            return (None, Some(left));
        }
        (self.take_draft(), None)
    }

    /// The command to store the draft now, if it was changed.
    pub(in crate::ui) fn take_draft(&mut self) -> Option<Command> {
        let Self { studio, edits } = self;
        let compose = &mut edits.compose;
        if !studio.compose.is_loaded || !compose.differs(&edits.prompt.text, studio) {
            return None;
        }
        // References and a mask that are still being read are not lost for that: they are stored once they are here.
        let mask = studio.masks.current().map(|slot| &slot.state);
        let is_loading = studio.references.is_loading() || mask == Some(&MaskState::Storing);
        if is_loading && edits.prompt.text == compose.saved.text {
            return None;
        }
        compose.changed_ms = None;
        let mut draft = compose.draft(&edits.prompt.text, studio);
        let batch = draft.batch.take();
        compose.saved_batch = batch.as_ref().map(Batch::revision);
        compose.saved = draft.clone();
        draft.batch = batch;
        Some(Command::Compose(ComposeCommand::SaveDraft(Box::new(draft))))
    }

    /// The command to store the draft before the window is gone, if there is anything new in it: what was typed in the
    /// last moment, and the mask that is being painted.
    pub(in crate::ui) fn take_last_draft(&mut self) -> Option<Command> {
        let painted = self.edits.mask.take().filter(|edit| edit.is_touched());
        let Some(mut edit) = painted else {
            return self.take_draft();
        };
        let Self { studio, edits } = self;
        if !studio.compose.is_loaded {
            return None;
        }
        let mut draft = edits.compose.draft(&edits.prompt.text, studio);
        draft.mask_of = Some(edit.reference().hash.clone());
        let mask = Box::new(edit.finish());
        let draft = Box::new(draft);
        Some(Command::Compose(ComposeCommand::SavePainted {
            draft,
            mask,
        }))
    }
}

/// Puts the draft back, part by part; what was typed or chosen before it came counts.
fn restore(studio: &mut Studio, edits: &mut Edits, draft: Draft) -> Vec<Effect> {
    let mut effects = Vec::new();
    if studio.references.slots().is_empty() {
        let known = draft.references.iter().cloned();
        effects.extend(known.map(|known| studio.references.add_again(known).into()));
        let first = draft.references.first().map(|first| &first.hash);
        if let (Some(mask), Some(of)) = (&draft.mask, draft.mask_of.as_ref().or(first)) {
            effects.push(studio.masks.find(of.clone(), mask.clone()));
        }
    }
    let compose = &mut edits.compose;
    if edits.prompt.text.is_empty() {
        edits.prompt.text.clone_from(&draft.text);
        compose.template.clone_from(&draft.template);
    }
    for (name, value) in &draft.values {
        let here = compose.values.entry(name.clone()).or_default();
        if here.is_empty() {
            here.clone_from(value);
        }
    }
    if compose.batch.is_none() {
        compose.batch.clone_from(&draft.batch);
        compose.saved_batch = compose.batch.as_ref().map(Batch::revision);
        if let Some(group) = draft.batch.as_ref().and_then(|batch| batch.group) {
            let load = ComposeCommand::LoadGroup(group);
            effects.push(Command::Compose(load).into());
        }
    }
    if compose.targets.is_empty() {
        compose.targets.clone_from(&draft.targets);
    }
    compose.saved = Draft {
        batch: None,
        ..draft
    };
    effects
}

impl Edits {
    /// Writes another prompt into the editor; it is not that of a template.
    pub(in crate::ui) fn write(&mut self, text: String) {
        self.prompt.text = text;
        self.compose.template = None;
    }

    /// The batch, to be changed; a new one where there is none.
    pub(in crate::ui) fn batch_mut(&mut self) -> &mut Batch {
        let batch = self.compose.batch.get_or_insert_default();
        batch.touch();
        batch
    }

    /// Makes the rows of the batch from the prompt as it is.
    pub(in crate::ui) fn make_rows(&mut self) {
        let ComposeEdits { batch, values, .. } = &mut self.compose;
        batch
            .get_or_insert_default()
            .make_rows(&self.prompt.text, values);
        self.compose.row = 0;
    }
}
