//! What is composed: draft, templates, earlier prompts, tables, and jobs that are sent together.
//!
//! Files are read and written on the library's thread, in the order of the commands, so that nothing written later is
//! overtaken. Jobs of a group wait in a lane before they take memory or disk: only as many are prepared as the gateway
//! answers at once, in their order.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::desktop::{self, DataDirs, Kept};
use crate::media::Mask;
use crate::model::compose::{
    Draft, GroupId, GroupKind, JobGroup, NamedSheet, OwnTemplate, PastPrompt, ReadTemplates,
    ReferenceFolder, SheetError, Shelf, TemplateTable,
};
use crate::model::{
    FailureKind, GatewayId, GatewayProfile, GenerationRequest, JobId, Prompt, Quality,
    RecipeReference,
};

use super::generation::Queue;
use super::services::Services;
use super::supervisor::{self, Supervisor};
use super::{Event, PickedFiles, Submission, failure, masks, recovery};

/// Most earlier prompts that are told: as far as anybody looks back.
const MAX_PAST_PROMPTS: u32 = 10_000;

/// What the engine can be told to do for the composer.
pub enum ComposeCommand {
    /// Read draft, shelf and templates; answered by [`ComposeEvent::Loaded`].
    Load,
    /// Store the draft.
    SaveDraft(Box<Draft>),
    /// Store the draft with a mask that is being painted, for the reference that the draft says.
    SavePainted {
        /// The draft; its mask is filled in.
        draft: Box<Draft>,
        /// The mask; an empty one is none.
        mask: Box<Mask>,
    },
    /// Store what was changed on the shelf; where another program changed it, too, answered by [`ComposeEvent::Shelf`].
    SaveShelf {
        /// As it is now.
        shelf: Box<Shelf>,
        /// As the front end last sent or heard it.
        base: Box<Shelf>,
    },
    /// Wait for a file dialog, then read templates; answered by [`ComposeEvent::TemplatesRead`].
    ImportTemplates(PickedFiles),
    /// Wait for a file dialog, then write templates; answered by [`ComposeEvent::TemplatesWritten`].
    ExportTemplates {
        /// The dialog's answer.
        to: PickedFiles,
        /// What to write.
        templates: Vec<OwnTemplate>,
    },
    /// List earlier prompts; answered by [`ComposeEvent::PastPrompts`].
    LoadPastPrompts,
    /// Wait for a file dialog, then read a table; answered by [`ComposeEvent::Sheet`].
    ReadSheet(PickedFiles),
    /// Wait for a file dialog, then list the pictures of a folder; answered by [`ComposeEvent::Folder`].
    ReadFolder(PickedFiles),
    /// Start jobs that belong together; answered by [`ComposeEvent::GroupStarted`].
    Send(Box<GroupSubmission>),
    /// End every job of a group that is not over.
    CancelGroup(GroupId),
    /// Tell of the jobs of a group of before that are over, as jobs that have ended; then
    /// [`ComposeEvent::GroupTold`].
    LoadGroup(GroupId),
}

impl fmt::Debug for ComposeCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ComposeCommand {
    /// Its name, for the log.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Load => "Load",
            Self::SaveDraft(_) => "SaveDraft",
            Self::SavePainted { .. } => "SavePainted",
            Self::SaveShelf { .. } => "SaveShelf",
            Self::ImportTemplates(_) => "ImportTemplates",
            Self::ExportTemplates { .. } => "ExportTemplates",
            Self::LoadPastPrompts => "LoadPastPrompts",
            Self::ReadSheet(_) => "ReadSheet",
            Self::ReadFolder(_) => "ReadFolder",
            Self::Send(_) => "Send",
            Self::CancelGroup(_) => "CancelGroup",
            Self::LoadGroup(_) => "LoadGroup",
        }
    }
}

/// Jobs to start together, in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct GroupSubmission {
    /// Ties the answer to this; chosen by the sender.
    pub token: u64,
    /// The group that they join; `None`: a new one.
    pub group: Option<GroupId>,
    /// Why they belong together.
    pub kind: GroupKind,
    /// How many places the group has.
    pub total: u32,
    /// What they have in common.
    pub base: GenerationRequest,
    /// What each has of its own.
    pub members: Vec<GroupMember>,
}

/// A job of a group, as far as it differs from the others.
#[derive(Clone, Debug, Default)]
pub struct GroupMember {
    /// Its place, from 0.
    pub place: u32,
    /// What its results are called; `None`: by their prompt.
    pub name: Option<String>,
    /// Its own prompt.
    pub prompt: Option<Prompt>,
    /// A picture file that is its first reference, before the common ones.
    pub reference: Option<PathBuf>,
    /// Its own gateway.
    pub gateway: Option<Box<GatewayProfile>>,
    /// Its own quality.
    pub quality: Option<Quality>,
}

/// What the engine tells of what is composed.
#[derive(Clone, Debug)]
pub enum ComposeEvent {
    /// Draft, shelf and templates, as they were found.
    Loaded {
        /// `None`: nothing was being composed.
        draft: Option<Box<Draft>>,
        /// The user's own templates.
        shelf: Box<Shelf>,
        /// Those that come with the program.
        templates: Arc<TemplateTable>,
    },
    /// Another program had changed the shelf, too.
    Shelf {
        /// As this program wanted to store it.
        ours: Box<Shelf>,
        /// As it is stored now.
        merged: Box<Shelf>,
    },
    /// Templates of a file, without ids. Whoever asked puts them on the shelf.
    TemplatesRead(ReadTemplates),
    /// Templates were written to a file.
    TemplatesWritten {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// Earlier prompts, newest first, each once.
    PastPrompts(Vec<PastPrompt>),
    /// A table for a batch.
    Sheet(NamedSheet),
    /// Pictures for a batch.
    Folder(ReferenceFolder),
    /// Jobs were made; what each does is told as of any other.
    GroupStarted {
        /// Of the submission.
        token: u64,
        /// The group.
        group: GroupId,
        /// Places and jobs.
        jobs: Vec<(u32, JobId)>,
    },
    /// Every job of a group that is over was told.
    GroupTold {
        /// The group.
        group: GroupId,
        /// Whether others of it are not over, such as those of another window. Jobs that wait for their turn there are
        /// in no library yet.
        is_at_work: bool,
    },
    /// Something could not be read or stored.
    Problem(ComposeProblem),
}

/// Why something of the composer can't be read or stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ComposeProblem {
    /// The draft can't be understood; it is kept under another name.
    DraftUnreadable(PathBuf),
    /// The shelf can't be understood; it is kept under another name.
    ShelfUnreadable(PathBuf),
    /// A file of templates can't be read; why, in English.
    Templates(String),
    /// A file is no table.
    Sheet(SheetError),
    /// A folder has no picture in it.
    FolderEmpty(PathBuf),
    /// The disk refuses; why, in the system's words.
    Disk(String),
}

/// The files of the composer.
#[derive(Clone, Debug)]
pub(super) struct ComposeFiles {
    draft: PathBuf,
    shelf: PathBuf,
}

impl ComposeFiles {
    pub(super) fn new(dirs: &DataDirs) -> Self {
        Self {
            draft: dirs.draft.clone(),
            shelf: dirs.templates.clone(),
        }
    }
}

fn tell(services: &Services, event: ComposeEvent) {
    services.tell(Event::Compose(event));
}

fn problem(services: &Services, problem: ComposeProblem) {
    tell(services, ComposeEvent::Problem(problem));
}

fn save_draft(services: &Services, draft: &Draft) {
    if let Err(error) = desktop::save_draft(&services.compose_files.draft, draft) {
        problem(services, ComposeProblem::Disk(error.to_string()));
    }
}

impl Supervisor {
    pub(super) fn compose(&mut self, command: ComposeCommand) {
        let services = Arc::clone(&self.services);
        match command {
            ComposeCommand::Load => self.with_library(|_, services| load(services)),
            ComposeCommand::SaveDraft(draft) => {
                self.with_library(move |_, services| save_draft(services, &draft));
            }
            ComposeCommand::SavePainted { mut draft, mask } => {
                self.with_library(move |_, services| {
                    draft.mask = match masks::put(&services.references, &mask) {
                        Ok(mask) => Some(RecipeReference {
                            name: mask.name,
                            hash: mask.hash,
                            image: None,
                        }),
                        Err(_) if mask.is_empty() => None,
                        Err(failure) => {
                            problem(services, ComposeProblem::Disk(failure.message));
                            None
                        }
                    };
                    save_draft(services, &draft);
                });
            }
            ComposeCommand::SaveShelf { shelf, base } => self.with_library(move |_, services| {
                save_shelf(services, *shelf, &base);
            }),
            ComposeCommand::ImportTemplates(from) => {
                self.errands.spawn(import_templates(from, services));
            }
            ComposeCommand::ExportTemplates { to, templates } => {
                self.errands
                    .spawn(export_templates(to, templates, services));
            }
            ComposeCommand::LoadPastPrompts => self.with_library(|library, services| match library
                .past_prompts(MAX_PAST_PROMPTS)
            {
                Ok(prompts) => tell(services, ComposeEvent::PastPrompts(prompts)),
                Err(error) => {
                    supervisor::notice(services, FailureKind::Protocol, &error.to_string());
                }
            }),
            ComposeCommand::ReadSheet(from) => {
                self.errands.spawn(read_sheet(from, services));
            }
            ComposeCommand::ReadFolder(from) => {
                self.errands.spawn(read_folder(from, services));
            }
            ComposeCommand::Send(submission) => self.send_group(*submission),
            ComposeCommand::CancelGroup(group) => {
                let members = self.running.values().filter(|running| {
                    let of = running.snapshot.request.group.as_ref();
                    of.is_some_and(|of| of.id == group)
                });
                members.for_each(|running| running.cancel.cancel());
            }
            ComposeCommand::LoadGroup(group) => self.with_library(move |library, services| {
                match recovery::group_of_before(library, group) {
                    Ok((jobs, is_at_work)) => {
                        for job in jobs {
                            services.tell(Event::JobEnded(Box::new(job)));
                        }
                        tell(services, ComposeEvent::GroupTold { group, is_at_work });
                    }
                    Err(error) => {
                        services.tell(Event::Notice(super::Notice::Failed(failure::of_library(
                            &error,
                        ))));
                    }
                }
            }),
        }
    }

    /// What must not be lost when the program ends.
    pub(super) fn compose_last(&mut self, command: ComposeCommand) {
        if matches!(
            command,
            ComposeCommand::SaveDraft(_)
                | ComposeCommand::SavePainted { .. }
                | ComposeCommand::SaveShelf { .. }
        ) {
            self.compose(command);
        }
    }

    fn send_group(&mut self, submission: GroupSubmission) {
        let GroupSubmission {
            token,
            group,
            kind,
            total,
            base,
            members,
        } = submission;
        let mut lanes: BTreeMap<GatewayId, (usize, Queue)> = BTreeMap::new();
        let count = u32::try_from(members.len())
            .unwrap_or(u32::MAX)
            .min(1 << 19);
        let ids = self.new_job_ids(count);
        let Some(first) = ids.first() else { return };
        let group = group.unwrap_or(GroupId(*first));
        let jobs = members.iter().map(|m| m.place).zip(ids.iter().copied());
        tell(
            &self.services,
            ComposeEvent::GroupStarted {
                token,
                group,
                jobs: jobs.collect(),
            },
        );
        for (member, id) in members.into_iter().zip(ids) {
            let mut request = base.clone();
            request.group = Some(JobGroup {
                id: group,
                kind,
                place: member.place,
                total,
                name: member.name,
            });
            if let Some(prompt) = member.prompt {
                request.prompt = prompt;
            }
            if let Some(gateway) = member.gateway {
                request.gateway = *gateway;
            }
            if let Some(quality) = member.quality {
                request.parameters.quality = quality;
            }
            let gateway = &request.gateway;
            let (_, queue) = lanes
                .entry(gateway.id.clone())
                .or_insert_with(|| (gateway.max_parallel, Queue::default()));
            let lane = queue.join(member.reference);
            let submission = Submission {
                request,
                key: None,
                copy_to: None,
            };
            self.start_job(id, submission, Some(lane));
        }
        for (at_once, queue) in lanes.into_values() {
            self.errands.spawn(queue.serve(at_once));
        }
    }
}

fn load(services: &Services) {
    let files = &services.compose_files;
    let draft = desktop::load_draft(&files.draft);
    let draft = found(services, draft, ComposeProblem::DraftUnreadable);
    let shelf = desktop::load_shelf(&files.shelf);
    let shelf = found(services, shelf, ComposeProblem::ShelfUnreadable);
    tell(
        services,
        ComposeEvent::Loaded {
            draft: draft.map(Box::new),
            shelf: Box::new(shelf.unwrap_or_default()),
            templates: Arc::new(desktop::built_in_templates()),
        },
    );
}

fn found<T>(
    services: &Services,
    kept: Result<Kept<T>, desktop::DesktopError>,
    unreadable: fn(PathBuf) -> ComposeProblem,
) -> Option<T> {
    match kept {
        Ok(kept) => {
            if let Some(path) = kept.unreadable {
                problem(services, unreadable(path));
            }
            kept.content
        }
        Err(error) => {
            problem(services, ComposeProblem::Disk(error.to_string()));
            None
        }
    }
}

fn save_shelf(services: &Services, shelf: Shelf, base: &Shelf) {
    match desktop::update_shelf(&services.compose_files.shelf, shelf.clone(), base) {
        Ok(merged) if merged != shelf => tell(
            services,
            ComposeEvent::Shelf {
                ours: Box::new(shelf),
                merged: Box::new(merged),
            },
        ),
        Ok(_same) => {}
        Err(error) => problem(services, ComposeProblem::Disk(error.to_string())),
    }
}

async fn import_templates(from: PickedFiles, services: Arc<Services>) {
    for path in from.await {
        let read = services
            .on_pool(move || desktop::read_template_file(&path))
            .await;
        match read {
            Some(Ok(templates)) => tell(&services, ComposeEvent::TemplatesRead(templates)),
            Some(Err(error)) => problem(&services, ComposeProblem::Templates(error.to_string())),
            None => return,
        }
    }
}

async fn export_templates(to: PickedFiles, templates: Vec<OwnTemplate>, services: Arc<Services>) {
    let Some(path) = to.await.into_iter().next() else {
        return;
    };
    let written = services.on_pool(move || {
        desktop::write_template_file(&path, &templates).map(|()| (path, templates.len()))
    });
    match written.await {
        Some(Ok((path, count))) => {
            tell(&services, ComposeEvent::TemplatesWritten { path, count });
        }
        Some(Err(error)) => problem(&services, ComposeProblem::Disk(error.to_string())),
        None => {}
    }
}

async fn read_sheet(from: PickedFiles, services: Arc<Services>) {
    let Some(path) = from.await.into_iter().next() else {
        return;
    };
    let read = services.on_pool(move || desktop::read_sheet_file(&path));
    match read.await {
        Some(Ok(sheet)) => tell(&services, ComposeEvent::Sheet(sheet)),
        Some(Err(desktop::SheetFileError::Sheet(error))) => {
            problem(&services, ComposeProblem::Sheet(error));
        }
        Some(Err(desktop::SheetFileError::Disk(error))) => {
            problem(&services, ComposeProblem::Disk(error.to_string()));
        }
        None => {}
    }
}

async fn read_folder(from: PickedFiles, services: Arc<Services>) {
    let Some(path) = from.await.into_iter().next() else {
        return;
    };
    let folder = path.clone();
    match services
        .on_pool(move || desktop::read_reference_folder(&folder))
        .await
    {
        Some(Ok(folder)) if folder.files.is_empty() => {
            problem(&services, ComposeProblem::FolderEmpty(path));
        }
        Some(Ok(folder)) => tell(&services, ComposeEvent::Folder(folder)),
        Some(Err(error)) => problem(&services, ComposeProblem::Disk(error.to_string())),
        None => {}
    }
}
