//! `atelier generate`: one job on the engine, told on standard output.
//!
//! Everything that can be wrong before a request is sent ends with exit status 2; what comes after is told by events.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::desktop::DesktopError;
use crate::engine::{
    Command, EngineHandle, Event, JobSnapshot, Notice, ReferenceSource, ReferenceToken, Submission,
};
use crate::model::{
    ApiKey, Catalog, Composition, Failure, FailureKind, Finding, GatewayId, GatewayProfile,
    GenerationRequest, JobId, JobState, ModelCapability, Parameters, Preset, Prompt, Reference,
    Settings, Severity, normalize_base_url, preflight,
};

use super::GenerateArgs;
use super::report::Reporter;

/// Exit status of a wrong call.
pub const EXIT_USAGE: u8 = 2;
/// Exit status of a job that failed, wholly or in part.
pub const EXIT_FAILED: u8 = 1;
/// Exit status after an interrupt.
pub const EXIT_INTERRUPTED: u8 = 130;

/// Why a job could not begin.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The call is wrong: nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// The engine could not be started or has gone.
    #[error("{0}")]
    Engine(String),
    /// A file or a key can't be read or written.
    #[error(transparent)]
    Desktop(#[from] DesktopError),
    /// Standard input or output failed.
    #[error("can't read or write the standard streams: {0}")]
    Stream(#[from] io::Error),
}

impl GenerateError {
    /// The exit status that goes with it.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(EXIT_USAGE),
            Self::Engine(_) | Self::Desktop(_) | Self::Stream(_) => ExitCode::from(EXIT_FAILED),
        }
    }
}

/// Wakes the loop below when the engine has something to tell.
#[derive(Debug, Default)]
pub struct Bell(Notify);

impl Bell {
    /// The bell and the waker that rings it.
    #[must_use]
    pub fn new() -> (Arc<Self>, Waker) {
        let bell = Arc::new(Self::default());
        (Arc::clone(&bell), Waker::from(bell))
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// What the arguments ask for, except pictures.
#[derive(Debug)]
pub struct Prepared {
    /// The request, without references and mask.
    pub request: GenerationRequest,
    /// The gateway's key.
    pub key: ApiKey,
    /// What is to be said before it is sent.
    pub advice: Vec<String>,
}

/// Reads everything that the arguments name, except pictures.
///
/// `settings` and `catalog` are those of the data folder; `variable` reads an environment variable, `kept` the key that
/// is kept for a gateway.
///
/// # Errors
/// [`GenerateError::Usage`] for a blank prompt, an unknown gateway, a missing key (the variable is named) or a size
/// that the gateway's model does not take.
pub fn prepare(
    args: &GenerateArgs,
    settings: &Settings,
    catalog: &Catalog,
    variable: &dyn Fn(&str) -> Option<String>,
    kept: &mut dyn FnMut(&GatewayId) -> Result<Option<ApiKey>, DesktopError>,
) -> Result<Prepared, GenerateError> {
    let text = if args.prompt == "-" {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        text.trim_end_matches(['\n', '\r']).to_owned()
    } else {
        args.prompt.clone()
    };
    let prompt = Prompt::new(text).map_err(|error| GenerateError::Usage(error.to_string()))?;
    let gateway = profile(args, settings)?;
    let key = key(args, &gateway, variable, kept)?;
    let parameters = Parameters {
        size: args.size,
        quality: args.quality,
        format: args.format,
        background: args.background,
        moderation: args.moderation,
        compression: args.compression,
        count: args.count,
        partials: args.partials,
        protect_outside: args.protect_outside,
    };
    let capability = catalog.capability(&gateway);
    let mut advice = Vec::new();
    // What is given by its address is no gateway that we know: it decides (product.md 5).
    if args.base_url.is_none() {
        let composition = Composition {
            prompt: prompt.as_str(),
            size: Some(parameters.size),
            parameters: &parameters,
            references: args.references.len(),
            capability: &capability,
        };
        for finding in preflight(&composition) {
            if finding.severity() == Severity::Impossible {
                return Err(GenerateError::Usage(refusal(
                    &finding,
                    &parameters,
                    &gateway,
                )));
            }
            advice.push(advice_of(&finding, &parameters, &capability, &gateway));
        }
    }
    let request = GenerationRequest {
        prompt,
        parameters,
        references: Vec::new(),
        mask: None,
        group: None,
        gateway,
    };
    Ok(Prepared {
        request,
        key,
        advice,
    })
}

/// Why a request is not sent.
fn refusal(finding: &Finding, parameters: &Parameters, gateway: &GatewayProfile) -> String {
    match finding {
        Finding::SizeIllegal { issue, nearest } => format!(
            "--size {}: {issue}; the nearest that {} takes is {nearest}",
            parameters.size, gateway.image_model
        ),
        other => other.to_string(),
    }
}

/// What is worth a word before a request is sent.
fn advice_of(
    finding: &Finding,
    parameters: &Parameters,
    capability: &ModelCapability,
    gateway: &GatewayProfile,
) -> String {
    let size = parameters.size;
    let issue = size
        .exact()
        .and_then(|size| capability.check_advised_size(size).err());
    match (finding, issue) {
        (Finding::SizeUnpublished { nearest }, Some(issue)) => format!(
            "--size {size} is outside the published sizes of {} ({issue}); {} may refuse or shrink it; \
             the nearest published size is {nearest}",
            gateway.image_model, gateway.name
        ),
        (other, _) => other.to_string(),
    }
}

/// The key in the variable, else the one that is kept.
fn key(
    args: &GenerateArgs,
    gateway: &GatewayProfile,
    variable: &dyn Fn(&str) -> Option<String>,
    kept: &mut dyn FnMut(&GatewayId) -> Result<Option<ApiKey>, DesktopError>,
) -> Result<ApiKey, GenerateError> {
    if let Some(key) = variable(&args.key_env).and_then(ApiKey::from_string) {
        return Ok(key);
    }
    let missing = |why: &str| {
        GenerateError::Usage(format!(
            "the gateway {} needs a key{why}: set the environment variable {}",
            gateway.name, args.key_env
        ))
    };
    // What is given by its address has no profile, and so no key of its own.
    let kept = if args.base_url.is_none() {
        kept(&gateway.id).map_err(|error| missing(&format!(" ({error})")))?
    } else {
        None
    };
    match kept {
        Some(key) => Ok(key),
        // The demo gateway takes any key.
        None if gateway.preset == Preset::Demo => Ok(ApiKey::demo()),
        None => Err(missing("")),
    }
}

fn profile(args: &GenerateArgs, settings: &Settings) -> Result<GatewayProfile, GenerateError> {
    let mut profile = if let Some(url) = &args.base_url {
        let base = normalize_base_url(url).ok_or_else(|| {
            GenerateError::Usage(format!("--base-url is not the address of a gateway: {url}"))
        })?;
        GatewayProfile {
            id: GatewayId("command-line".to_owned()),
            name: base.clone(),
            base_urls: vec![base],
            api: args.api,
            ..Preset::Custom.profile()
        }
    } else if let Some(name) = &args.gateway {
        super::gateways::find(settings, name)?.clone()
    } else {
        settings.gateway()
    };
    if profile.base_urls.is_empty() && profile.preset != Preset::Demo {
        return Err(GenerateError::Usage(format!(
            "the gateway {} has no address: use --base-url",
            profile.name
        )));
    }
    if let Some(model) = &args.model {
        profile.model.clone_from(model);
    }
    if let Some(model) = &args.image_model {
        profile.image_model.clone_from(model);
    }
    if let Some(seconds) = args.idle_timeout {
        profile.timeouts.silence_secs = seconds;
        profile.timeouts.first_byte_secs = seconds;
    }
    if let Some(retries) = args.max_retries {
        profile.max_retries = retries;
    }
    Ok(profile)
}

/// Runs one job to its end and reports it.
///
/// # Errors
/// [`GenerateError::Usage`] when a reference or the mask can't be read; the other variants when the engine or the
/// standard streams fail.
pub fn generate(
    args: &GenerateArgs,
    prepared: Prepared,
    handle: &EngineHandle,
    bell: &Bell,
) -> Result<ExitCode, GenerateError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| GenerateError::Engine(format!("no event loop: {error}")))?;
    // Standard error is not locked: whatever is logged meanwhile would wait for the end of the run.
    let reporter = Reporter::new(args.json, io::stdout().lock(), io::stderr());
    runtime.block_on(
        Run {
            handle,
            bell,
            reporter,
            events: Vec::new(),
        }
        .run(args, prepared),
    )
}

struct Run<'a, O, E> {
    handle: &'a EngineHandle,
    bell: &'a Bell,
    reporter: Reporter<O, E>,
    events: Vec<Event>,
}

impl<O: io::Write, E: io::Write> Run<'_, O, E> {
    async fn run(
        mut self,
        args: &GenerateArgs,
        prepared: Prepared,
    ) -> Result<ExitCode, GenerateError> {
        let Prepared {
            mut request,
            key,
            advice,
        } = prepared;
        for words in advice {
            self.reporter.advice(&words)?;
        }
        let mut interrupt = std::pin::pin!(interrupted());
        let pictures: Vec<&Path> = args
            .references
            .iter()
            .chain(&args.mask)
            .map(PathBuf::as_path)
            .collect();
        let mut references = tokio::select! {
            references = self.read_pictures(&pictures) => references?,
            () = &mut interrupt => return Ok(ExitCode::from(EXIT_INTERRUPTED)),
        };
        if args.mask.is_some() {
            request.mask = references.pop();
        }
        request.references = references;
        let since_ms = unix_ms();
        self.send(Command::Generate(Box::new(Submission {
            request,
            key: Some(key),
            copy_to: args.out.clone(),
        })))?;
        let mut job = Watched {
            since_ms,
            ..Watched::default()
        };
        loop {
            tokio::select! {
                events = self.next() => {
                    for event in events {
                        if let Some(code) = self.tell(&mut job, event)? {
                            return Ok(code);
                        }
                    }
                }
                () = &mut interrupt, if !job.interrupted => {
                    job.interrupted = true;
                    // Jobs of before may be at work as well, and are none of ours.
                    self.send(job.id().map_or(Command::CancelAll, Command::Cancel))?;
                }
            }
        }
    }

    fn send(&self, command: Command) -> Result<(), GenerateError> {
        self.handle
            .try_send(command)
            .map_err(|error| GenerateError::Engine(error.to_string()))
    }

    /// Waits until the engine has told something.
    async fn next(&mut self) -> Vec<Event> {
        loop {
            self.handle.drain(&mut self.events);
            if !self.events.is_empty() {
                return std::mem::take(&mut self.events);
            }
            self.bell.0.notified().await;
        }
    }

    /// Copies the pictures into the reference cache, in their order.
    async fn read_pictures(&mut self, paths: &[&Path]) -> Result<Vec<Reference>, GenerateError> {
        for (token, path) in (0..).zip(paths) {
            let source = ReferenceSource::File(path.to_path_buf());
            self.send(Command::AddReference {
                token: ReferenceToken(token),
                source,
            })?;
        }
        let mut ready = BTreeMap::new();
        while ready.len() < paths.len() {
            for event in self.next().await {
                match event {
                    Event::ReferenceReady {
                        token, reference, ..
                    } => {
                        ready.insert(token, *reference);
                    }
                    Event::ReferenceFailed { token, failure, .. } => {
                        let path = usize::try_from(token.0).ok().and_then(|i| paths.get(i));
                        let path = path.map_or_else(String::new, |path| path.display().to_string());
                        return Err(GenerateError::Usage(format!("{}: {path}", failure.message)));
                    }
                    _ => {}
                }
            }
        }
        Ok(ready.into_values().collect())
    }

    /// Reports one event; an exit status ends the run.
    fn tell(&mut self, job: &mut Watched, event: Event) -> io::Result<Option<ExitCode>> {
        if let Event::JobChanged(snapshot) = event {
            job.changed(*snapshot);
            // A queued job may not be in the journal yet: who is told of it must find it after a crash.
            if job.is_running() {
                self.start(job)?;
            }
            return Ok(None);
        }
        if let Event::Notice(Notice::Failed(failure)) = &event {
            tracing::warn!(kind = %failure.kind, "{}", failure.message);
        }
        if !job.concerns(&event) {
            return Ok(None);
        }
        self.start(job)?;
        match event {
            Event::PreviewSaved(preview) => self.reporter.partial(&preview)?,
            Event::Retry {
                job,
                attempt,
                after_ms,
                kind,
            } => self.reporter.retry(job, attempt, after_ms, kind)?,
            Event::ImageSaved { record, copy } => {
                // What was made of one here is none of the pictures asked for.
                job.results += usize::from(record.recipe.protected.is_none());
                self.reporter.image(&record, copy.as_deref())?;
            }
            Event::Warning { job, failure } => self.reporter.warning(job, &failure)?,
            Event::RequestFailed { failure, .. } => job.failures.push(failure),
            Event::JobEnded(snapshot) => return self.ended(job, &snapshot).map(Some),
            _ => {}
        }
        Ok(None)
    }

    /// Reports that the job has started, once, before all else of it.
    fn start(&mut self, job: &mut Watched) -> io::Result<()> {
        match &job.snapshot {
            Some(snapshot) if !job.is_told => {
                job.is_told = true;
                self.reporter.started(snapshot)
            }
            _ => Ok(()),
        }
    }

    fn ended(&mut self, job: &mut Watched, snapshot: &JobSnapshot) -> io::Result<ExitCode> {
        for note in &snapshot.notes {
            self.reporter.advice(&note.to_string())?;
        }
        if snapshot.state == JobState::Done {
            self.reporter.completed(snapshot, job.results)?;
            return Ok(ExitCode::SUCCESS);
        }
        if snapshot.state == JobState::Canceled {
            let canceled = Failure::new(
                FailureKind::Canceled,
                "interrupted; what had arrived is kept",
            );
            self.reporter
                .failed(snapshot.id, snapshot.failure.as_ref().unwrap_or(&canceled))?;
            return Ok(ExitCode::from(EXIT_INTERRUPTED));
        }
        if job.failures.is_empty() {
            let unknown = Failure::new(FailureKind::Protocol, "the job ended without a result");
            job.failures
                .push(snapshot.failure.clone().unwrap_or(unknown));
        }
        for failure in &job.failures {
            self.reporter.failed(snapshot.id, failure)?;
        }
        Ok(ExitCode::from(EXIT_FAILED))
    }
}

/// The job that is being watched: the first that is younger than this run. Recovery may tell of jobs of before, and go on
/// with them.
#[derive(Debug, Default)]
struct Watched {
    /// When this run began, in milliseconds since 1970 (UTC).
    since_ms: u64,
    snapshot: Option<JobSnapshot>,
    is_told: bool,
    failures: Vec<Failure>,
    /// The gateway's pictures that were saved.
    results: usize,
    interrupted: bool,
}

impl Watched {
    fn changed(&mut self, snapshot: JobSnapshot) {
        let is_ours = match &self.snapshot {
            Some(known) => known.id == snapshot.id,
            None => snapshot.id.unix_ms() >= self.since_ms,
        };
        if is_ours {
            self.snapshot = Some(snapshot);
        }
    }

    fn id(&self) -> Option<JobId> {
        self.snapshot.as_ref().map(|snapshot| snapshot.id)
    }

    fn is_running(&self) -> bool {
        self.snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.state == JobState::Running)
    }

    fn concerns(&self, event: &Event) -> bool {
        let job = match event {
            Event::PreviewSaved(preview) => preview.job,
            Event::ImageSaved { record, .. } => record.job,
            Event::Retry { job, .. }
            | Event::Warning { job, .. }
            | Event::RequestFailed { job, .. } => *job,
            Event::JobEnded(snapshot) => snapshot.id,
            _ => return false,
        };
        self.snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.id == job)
    }
}

fn unix_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Resolves at Ctrl-C, and on Unix also when the program is asked to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the system ends the program at Ctrl-C; the journal covers that.
        std::future::pending::<()>().await;
    }
}
