//! One loop over one closed enum: commands come in, jobs are started and ended, everything else is handed on.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::desktop;
use crate::library::{Library, LibraryError, Problem, copy_file};
use crate::media::Mask;
use crate::model::{
    ApiKey, Charge, Failure, FailureKind, GatewayId, GatewayProfile, ImageId, JobId, JobState,
    Observation, PixelSize, Settings,
};

use super::gate::Gate;
use super::generation::{self, JobSpec, Lane, Resumption};
use super::recovery;
use super::services::Services;
use super::thumbnails::Thumbnailer;
use super::{
    Command, Event, GalleryChange, JobSnapshot, MaskProblem, MaskToken, Notice, PickedFiles,
    PictureSource, PieceOrigin, ReferenceToken, Submission, failure, fitting, gateways, masks,
    protect, references,
};

/// What makes the loop turn.
enum Turn {
    Command(Command),
    JobEnded(Result<JobId, JoinError>),
    ErrandEnded(Result<(), JoinError>),
    /// A job of before goes on fetching.
    Resume(Box<Resumption>),
    /// A dialog was answered.
    Picked(Result<(Purpose, Vec<PathBuf>), JoinError>),
    /// The engine is dropped.
    Stop,
}

/// What the files of a dialog are for.
enum Purpose {
    /// References; the token of the first, and how many at most.
    References(ReferenceToken, usize),
    /// A copy of this file.
    CopyOf(PathBuf),
    /// A mask to be read, for a picture of this size.
    MaskFrom(MaskToken, PixelSize),
    /// Where to write this mask.
    MaskTo(Box<Mask>),
}

/// A job at work, as far as the loop knows it.
pub(super) struct Running {
    pub(super) cancel: CancellationToken,
    task: task::Id,
    /// As it was when it was made.
    pub(super) snapshot: JobSnapshot,
    /// Asked of it by somebody who has heard of its end before we have.
    then: Vec<Command>,
}

pub(super) struct Supervisor {
    pub(super) services: Arc<Services>,
    /// The engine ends.
    stop: CancellationToken,
    thumbnailer: Thumbnailer,
    gates: HashMap<GatewayId, Arc<Gate>>,
    pub(super) running: HashMap<JobId, Running>,
    jobs: JoinSet<JobId>,
    dialogs: JoinSet<(Purpose, Vec<PathBuf>)>,
    /// What is neither a job nor a dialog, and tells its outcome itself.
    pub(super) errands: JoinSet<()>,
}

impl Supervisor {
    pub(super) fn new(services: Arc<Services>, stop: CancellationToken) -> Self {
        Self {
            services,
            stop,
            thumbnailer: Thumbnailer::default(),
            gates: HashMap::new(),
            running: HashMap::new(),
            jobs: JoinSet::new(),
            dialogs: JoinSet::new(),
            errands: JoinSet::new(),
        }
    }

    /// Runs until `stop`, or until nobody can send commands any more. Whatever runs then is dropped where it stands:
    /// the journal knows it.
    pub(super) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut resumptions: mpsc::Receiver<Box<Resumption>>,
    ) {
        loop {
            let turn = tokio::select! {
                biased;
                () = self.stop.cancelled() => Turn::Stop,
                Some(ended) = self.jobs.join_next() => Turn::JobEnded(ended),
                Some(ended) = self.errands.join_next() => Turn::ErrandEnded(ended),
                Some(resumption) = resumptions.recv() => Turn::Resume(resumption),
                Some(picked) = self.dialogs.join_next() => Turn::Picked(picked),
                command = commands.recv() => command.map_or(Turn::Stop, Turn::Command),
            };
            match turn {
                Turn::Command(command) => self.command(command),
                Turn::JobEnded(ended) => self.job_ended(ended),
                Turn::ErrandEnded(Ok(())) => {}
                Turn::ErrandEnded(Err(error)) => {
                    tracing::error!("an errand has ended by itself: {error}");
                }
                Turn::Resume(resumption) => self.resume(*resumption),
                Turn::Picked(picked) => self.picked(picked),
                Turn::Stop => break,
            }
        }
        // What the user changed last, just before leaving.
        while let Ok(command) = commands.try_recv() {
            match command {
                Command::SaveSettings { settings, base } => self.save_settings(*settings, &base),
                Command::Compose(command) => self.compose_last(command),
                _ => {}
            }
        }
        // Before the runtime takes connections away: a job that is just being polled would see its own end as a failure.
        self.jobs.shutdown().await;
    }

    fn command(&mut self, command: Command) {
        tracing::debug!(?command, "a command");
        let services = &self.services;
        match command {
            Command::Generate(submission) => self.generate(*submission),
            Command::Cancel(job) => {
                if let Some(running) = self.running.get(&job) {
                    running.cancel.cancel();
                }
            }
            Command::CancelAll => self.running.values().for_each(|job| job.cancel.cancel()),
            Command::FetchAgain(job) => self.fetch_again(job),
            Command::DismissJob(job) => self.dismiss(job),
            Command::AddReference { token, source } => references::add(services, token, source),
            Command::ChangeMask {
                token,
                mask,
                change,
            } => masks::change(services, token, *mask, change),
            Command::StoreMask { token, mask } => masks::store(services, token, *mask),
            Command::FindMask { token, hash } => masks::find(services, token, &hash),
            Command::LoadMask { token, hash, size } => {
                masks::load_stored(services, token, &hash, size);
            }
            Command::PickMask { token, from, size } => {
                self.pick(Purpose::MaskFrom(token, size), from);
            }
            Command::SaveMask { mask, to } => self.pick(Purpose::MaskTo(mask), to),
            Command::Outpaint {
                token,
                into,
                reference,
                placement,
            } => masks::outpaint(services, token, into, *reference, placement),
            Command::ProtectOutside(id) => protect::protect_later(services, id),
            Command::LookAtClipboard => references::look(services),
            Command::AddPickedReferences { first, files, most } => {
                self.pick(Purpose::References(first, most), files);
            }
            Command::AddReferenceFiles { first, files, most } => {
                references::add_files(services, first, files, most);
            }
            Command::PasteReferences { first, most } => references::paste(services, first, most),
            Command::FitReferences {
                references,
                masked,
                limits,
            } => fitting::tell_fits(services, references, masked, limits),
            Command::CopyFile { from, to } => self.pick(Purpose::CopyOf(from), to),
            Command::LoadTrack(gateway) => self.with_library(move |library, services| {
                tell_or_notice(services, library.track(&gateway), |lines| Event::Track {
                    gateway,
                    lines,
                });
            }),
            Command::Show { serial, source } => self.show(serial, source),
            Command::Thumbnails { wanted } => self.thumbnailer.request(services, wanted),
            Command::ListGallery => self.with_library(|library, services| {
                tell_or_notice(services, library.all_ids(), |ids| {
                    Event::Gallery(GalleryChange::All(ids.into()))
                });
            }),
            Command::LoadRecords(ids) => self.with_library(move |library, services| {
                tell_or_notice(services, library.images(&ids), Event::Records);
            }),
            Command::Delete(ids) => self.with_library(move |library, services| {
                let now_ms = services.sources.now_ms();
                let (done, problems) = library.delete(&ids, now_ms);
                tell_change(services, done, problems, GalleryChange::Removed);
            }),
            Command::Restore(ids) => self.with_library(move |library, services| {
                let (done, problems) = library.restore(&ids);
                tell_change(services, done, problems, GalleryChange::Restored);
            }),
            Command::Reveal(path) => self.reveal(path),
            Command::TestGateway { profile, key } => self.test(*profile, key),
            Command::ExportGateways { to, gateways } => {
                let export = gateways::export(to, gateways, Arc::clone(services));
                self.errands.spawn(export);
            }
            Command::ImportGateways { from } => {
                self.errands
                    .spawn(gateways::import(from, Arc::clone(services)));
            }
            Command::Compose(command) => self.compose(command),
            Command::SetKey {
                gateway,
                key,
                place,
            } => services.keys.set(gateway, key, place),
            Command::SaveSettings { settings, base } => self.save_settings(*settings, &base),
        }
    }

    fn generate(&mut self, submission: Submission) {
        if let [id] = *self.new_job_ids(1) {
            self.start_job(id, submission, None);
        }
    }

    /// So many ids in their order, which no running job has.
    pub(super) fn new_job_ids(&self, count: u32) -> Vec<JobId> {
        loop {
            let ids = self.services.sources.job_ids(count);
            if !ids.iter().any(|id| self.running.contains_key(id)) {
                return ids;
            }
        }
    }

    /// Makes a job and puts it to work; one of a group waits in its `lane` first.
    pub(super) fn start_job(&mut self, id: JobId, submission: Submission, lane: Option<Lane>) {
        let Submission {
            mut request,
            key,
            copy_to,
        } = submission;
        self.services.book.brief(&mut request.gateway);
        let sources = &self.services.sources;
        let cancel = CancellationToken::new();
        let spec = JobSpec {
            id,
            created_ms: sources.now_ms(),
            gate: self.gate_of(&request.gateway),
            request: Arc::new(request),
            key,
            copy_to,
            lane,
            cancel: cancel.clone(),
        };
        let snapshot = generation::queued(&spec);
        let services = Arc::clone(&self.services);
        self.begin(snapshot, cancel, generation::run(spec, services));
    }

    /// Tells of a job and puts it to work.
    fn begin(
        &mut self,
        snapshot: JobSnapshot,
        cancel: CancellationToken,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let id = snapshot.id;
        self.services
            .tell(Event::JobChanged(Box::new(snapshot.clone())));
        self.services.canvas.job_began(id);
        let stop = self.stop.clone();
        let job = async move {
            // A runtime that ends takes connections away first: what would look like a failure then is none.
            tokio::select! {
                biased;
                () = stop.cancelled() => std::future::pending().await,
                () = work => id,
            }
        };
        let task = self
            .jobs
            .spawn(job.instrument(tracing::info_span!("job", %id)))
            .id();
        let running = Running {
            cancel,
            task,
            snapshot,
            then: Vec::new(),
        };
        self.running.insert(id, running);
    }

    /// Asks a gateway whether it is there.
    fn test(&mut self, profile: GatewayProfile, key: Option<ApiKey>) {
        let services = Arc::clone(&self.services);
        self.errands.spawn(async move {
            let outcome = gateways::test(&profile, key, &services).await;
            services.tell(Event::GatewayTested {
                gateway: profile.id,
                outcome,
            });
        });
    }

    /// The gate of a gateway, with the limit that its profile has now.
    fn gate_of(&mut self, gateway: &GatewayProfile) -> Arc<Gate> {
        let GatewayProfile {
            id, max_parallel, ..
        } = gateway;
        let services = &self.services;
        let gate = self.gates.entry(id.clone()).or_insert_with(|| {
            let outbox = Arc::clone(&services.outbox);
            let sources = services.sources.clone();
            Arc::new(Gate::new(id.clone(), *max_parallel, outbox, sources))
        });
        gate.set_limit(*max_parallel);
        Arc::clone(gate)
    }

    fn job_ended(&mut self, ended: Result<JobId, JoinError>) {
        let error = match ended {
            Ok(job) => {
                let ended = self.running.remove(&job);
                for command in ended.map(|ended| ended.then).unwrap_or_default() {
                    self.command(command);
                }
                return;
            }
            Err(error) => error,
        };
        // A bug of ours. Its journal stays for the next start, and nobody waits for it in vain.
        tracing::error!("a job's task has ended by itself: {error}");
        let mut ended = self.running.extract_if(|_, job| job.task == error.id());
        if let Some((id, Running { mut snapshot, .. })) = ended.next() {
            let failure = Failure {
                charge: Charge::Unknown,
                ..Failure::new(
                    FailureKind::Protocol,
                    "the job broke off by a fault of the program",
                )
                .found(Observation::Bug)
            };
            snapshot.state = JobState::Failed;
            snapshot.failure = Some(failure.clone());
            self.services.canvas.job_ended(id);
            self.services
                .tell(Event::RequestFailed { job: id, failure });
            self.services.tell(Event::JobEnded(Box::new(snapshot)));
        }
    }

    fn fetch_again(&mut self, job: JobId) {
        if let Some(ending) = self.running.get_mut(&job) {
            ending.then.push(Command::FetchAgain(job));
            return;
        }
        self.with_library(move |library, services| {
            let taken = recovery::take_up_job(library, &services.journals, job);
            let why_not = match taken.map(|taken| taken.map(Box::new)) {
                Ok(Some(resumption)) => match services.resume.try_send(resumption) {
                    Ok(()) => return,
                    // Its journal is found at the next start.
                    Err(_full) => "too much is being fetched already".to_owned(),
                },
                Ok(None) => "the job waits for no picture that could be fetched again".to_owned(),
                Err(error) => error.to_string(),
            };
            notice(services, FailureKind::NotFound, &why_not);
        });
    }

    /// Goes on with a job of before. No turn at the gateway is needed: nothing is asked of it.
    fn resume(&mut self, resumption: Resumption) {
        let cancel = CancellationToken::new();
        let entry = &resumption.entry;
        let id = entry.job;
        let spec = JobSpec {
            id,
            created_ms: entry.created_ms,
            gate: self.gate_of(&entry.request.gateway),
            request: Arc::new(entry.request.clone()),
            key: None,
            copy_to: entry.copy_to.clone(),
            lane: None,
            cancel: cancel.clone(),
        };
        let snapshot = resumption.snapshot();
        let services = Arc::clone(&self.services);
        self.begin(
            snapshot,
            cancel,
            generation::resume(spec, resumption, services),
        );
    }

    fn dismiss(&mut self, job: JobId) {
        if let Some(ending) = self.running.get_mut(&job) {
            ending.then.push(Command::DismissJob(job));
            return;
        }
        self.with_library(move |library, services| {
            tell_or_notice(services, library.dismiss_job(job), |()| {
                Event::JobDismissed(job)
            });
        });
    }

    fn pick(&mut self, purpose: Purpose, files: PickedFiles) {
        self.dialogs.spawn(async move { (purpose, files.await) });
    }

    fn picked(&self, picked: Result<(Purpose, Vec<PathBuf>), JoinError>) {
        let (purpose, files) = match picked {
            Ok(picked) => picked,
            Err(error) => {
                tracing::error!("a file dialog has ended by itself: {error}");
                return;
            }
        };
        match purpose {
            Purpose::References(first, most) => {
                if !files.is_empty() {
                    references::add_files(&self.services, first, files, most);
                }
            }
            Purpose::MaskFrom(token, size) => {
                // Whoever waits has to hear that nothing was chosen.
                match files.into_iter().next() {
                    Some(path) => masks::load(&self.services, token, path, size),
                    None => self.services.tell(Event::MaskLoaded {
                        token,
                        outcome: Err(MaskProblem::Failed(failure::canceled())),
                    }),
                }
            }
            Purpose::MaskTo(mask) => {
                if let Some(to) = files.into_iter().next() {
                    masks::save(&self.services, *mask, to);
                }
            }
            Purpose::CopyOf(from) => {
                if let Some(to) = files.into_iter().next() {
                    copy(&self.services, from, to);
                }
            }
        }
    }

    fn show(&self, serial: u64, source: Option<PictureSource>) {
        if self.services.canvas.show(serial, source) {
            return;
        }
        let Some(source) = source else {
            return;
        };
        if let PictureSource::Heat(id) = source {
            protect::show_heat(&self.services, serial, id);
            return;
        }
        if let PictureSource::Reference(hash) = source {
            match self.services.references.find(&hash.to_string()) {
                Some(path) => {
                    let canvas = &self.services.canvas;
                    canvas.show_file(serial, path, PieceOrigin::Result);
                }
                None => tell_no_picture(
                    &self.services,
                    serial,
                    Failure::new(FailureKind::NotFound, "the picture is gone"),
                ),
            }
            return;
        }
        self.with_library(move |library, services| match find(library, source) {
            Ok(Some((path, origin))) => services.canvas.show_file(serial, path, origin),
            // A job that has ended without a picture has nothing to show.
            Ok(None) if matches!(source, PictureSource::Live(_)) => {}
            Ok(None) => tell_no_picture(
                services,
                serial,
                Failure::new(FailureKind::NotFound, "the picture is gone"),
            ),
            Err(error) => tell_no_picture(services, serial, failure::of_library(&error)),
        });
    }

    /// File managers may run for as long as their window is open.
    fn reveal(&self, path: PathBuf) {
        let services = Arc::clone(&self.services);
        let asked = std::thread::Builder::new()
            .name("atelier-reveal".to_owned())
            .spawn(move || {
                let shown = desktop::reveal(&path).and_then(desktop::Revealing::wait);
                if let Err(error) = shown {
                    notice(&services, FailureKind::NotFound, &error.to_string());
                }
            });
        if let Err(error) = asked {
            notice(&self.services, FailureKind::NotFound, &error.to_string());
        }
    }

    fn save_settings(&self, settings: Settings, base: &Settings) {
        self.services.book.replace(settings, base);
        self.with_library(|_, services| match services.book.save() {
            Ok(None) => {}
            Ok(Some(merged)) => services.tell(Event::SettingsMerged(Box::new(merged))),
            Err(error) => notice(services, FailureKind::Protocol, &error.to_string()),
        });
    }

    /// Work for the library's thread, in the order of the commands.
    pub(super) fn with_library(&self, work: impl FnOnce(&mut Library, &Services) + Send + 'static) {
        let services = Arc::clone(&self.services);
        let posted = self
            .services
            .librarian
            .post(move |library| work(library, &services));
        if let Err(error) = posted {
            notice(&self.services, FailureKind::Server, &error.to_string());
        }
    }
}

/// The file of a picture that no running job shows.
fn find(
    library: &Library,
    source: PictureSource,
) -> Result<Option<(PathBuf, PieceOrigin)>, LibraryError> {
    let result = |id: ImageId| {
        let record = library.image(id)?;
        Ok(record.map(|record| (record.path, PieceOrigin::Result)))
    };
    let preview = |job: JobId, wanted: Option<(u32, u32)>| {
        let mut previews = library.previews_of(job)?;
        previews.retain(|row| wanted.is_none_or(|wanted| wanted == (row.index, row.preview)));
        Ok(previews.pop().map(|row| {
            let origin = PieceOrigin::Preview {
                preview: row.preview,
            };
            (row.path, origin)
        }))
    };
    match source {
        PictureSource::Image(id) => result(id),
        PictureSource::Preview {
            job,
            index,
            preview: number,
        } => preview(job, Some((index, number))),
        // Found without the index.
        PictureSource::Reference(_) | PictureSource::Heat(_) => Ok(None),
        PictureSource::Live(job) => match library.images_of(job)?.last() {
            Some(id) => result(*id),
            None => preview(job, None),
        },
    }
}

/// Copies a file where the user wants it; may take long on a slow disk.
fn copy(services: &Arc<Services>, from: PathBuf, to: PathBuf) {
    let telling = Arc::clone(services);
    services.pool.run(move || {
        telling.tell(Event::Notice(match copy_file(&from, &to) {
            Ok(to) => Notice::Copied { to },
            Err(error) => Notice::Failed(failure::of_library(&error)),
        }));
    });
}

fn tell_no_picture(services: &Services, serial: u64, failure: Failure) {
    services.tell(Event::Canvas(super::CanvasEvent::Failed {
        serial,
        failure,
    }));
}

fn tell_or_notice<T>(
    services: &Services,
    outcome: Result<T, LibraryError>,
    event: impl FnOnce(T) -> Event,
) {
    match outcome {
        Ok(value) => services.tell(event(value)),
        Err(error) => services.tell(Event::Notice(Notice::Failed(failure::of_library(&error)))),
    }
}

fn tell_change(
    services: &Services,
    done: Vec<ImageId>,
    problems: Vec<Problem>,
    change: impl FnOnce(Vec<ImageId>) -> GalleryChange,
) {
    if !done.is_empty() {
        services.tell(Event::Gallery(change(done)));
    }
    for problem in problems {
        notice(services, FailureKind::Protocol, &problem.to_string());
    }
}

pub(super) fn notice(services: &Services, kind: FailureKind, message: &str) {
    services.tell(Event::Notice(Notice::Failed(Failure::new(kind, message))));
}
