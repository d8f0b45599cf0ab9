//! A studio under test: an engine on a folder of its own, and whatever gateway it talks to.

pub(crate) mod loopback;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atelier::desktop::DataDirs;
use atelier::engine::{
    Command, Engine, EngineConfig, EngineHandle, Event, JobSnapshot, Limits, Sources, Submission,
};
use atelier::model::{
    ApiKey, ApiKind, Failure, GenerationRequest, ImageRecord, JobId, Parameters, PixelSize, Preset,
    Prompt, Settings,
};
use tempfile::TempDir;

use self::loopback::{Loopback, Reading, Sent, read_request};

/// Nothing in these tests takes this long; whoever waits longer has found a bug.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// An engine at work. Dropping it ends the engine; the folder goes with the last user of it.
pub(crate) struct Studio {
    pub(crate) handle: EngineHandle,
    engine: Engine,
    dir: Arc<TempDir>,
}

impl Studio {
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), Limits::default())
    }

    pub(crate) fn start_in(dir: impl Into<Arc<TempDir>>, limits: Limits) -> Self {
        Self::start_with(dir, |config| config.limits = limits)
    }

    /// Starts an engine after `change` has had its way with the usual configuration.
    pub(crate) fn start_with(
        dir: impl Into<Arc<TempDir>>,
        change: impl FnOnce(&mut EngineConfig),
    ) -> Self {
        let dir = dir.into();
        let dirs = DataDirs::locate(Some(dir.path())).unwrap();
        let mut config = EngineConfig {
            sources: Sources {
                time_zone: jiff::tz::TimeZone::UTC,
                ..Sources::default()
            },
            ..EngineConfig::new(dirs)
        };
        change(&mut config);
        let (engine, handle) = Engine::start(config).unwrap();
        Self {
            handle,
            engine,
            dir,
        }
    }

    /// Another program on the same folder.
    pub(crate) fn beside(other: &Self) -> Self {
        Self::start_in(Arc::clone(&other.dir), Limits::default())
    }

    /// Ends the engine, and gives the folder back.
    pub(crate) fn stop(self) -> Arc<TempDir> {
        let Self { engine, dir, .. } = self;
        drop(engine);
        dir
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub(crate) fn send(&self, command: Command) {
        self.handle.try_send(command).unwrap();
    }

    /// Starts a job.
    pub(crate) fn submit(&self, request: GenerationRequest) {
        self.submit_with(request, None);
    }

    pub(crate) fn submit_with(&self, request: GenerationRequest, copy_to: Option<PathBuf>) {
        self.send(Command::Generate(Box::new(Submission {
            request,
            key: ApiKey::new("sk-test"),
            copy_to,
        })));
    }

    /// The next event that `wanted` makes something of. Panics when none comes in time.
    pub(crate) fn wait<T>(&self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = Vec::new();
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            let Some(event) = self.handle.next(left) else {
                break;
            };
            if let Some(found) = wanted(&event) {
                return found;
            }
            seen.push(event);
        }
        panic!("what was waited for did not come, but {seen:#?}");
    }

    /// Runs a job to its end.
    pub(crate) fn run(&self, request: GenerationRequest) -> Story {
        self.submit(request);
        self.story()
    }

    /// Everything up to the end of the job that is running.
    pub(crate) fn story(&self) -> Story {
        let mut events = Vec::new();
        let end = self.wait(|event| {
            events.push(event.clone());
            match event {
                Event::JobEnded(snapshot) => Some((**snapshot).clone()),
                _ => None,
            }
        });
        Story { events, end }
    }
}

/// What was told of a job.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) events: Vec<Event>,
    pub(crate) end: JobSnapshot,
}

impl Story {
    pub(crate) fn images(&self) -> Vec<&ImageRecord> {
        let images = self.events.iter().filter_map(|event| match event {
            Event::ImageSaved { record, .. } => Some(&**record),
            _ => None,
        });
        images.collect()
    }

    pub(crate) fn failures(&self) -> Vec<&Failure> {
        let failures = self.events.iter().filter_map(|event| match event {
            Event::RequestFailed { failure, .. } => Some(failure),
            _ => None,
        });
        failures.collect()
    }

    pub(crate) fn warnings(&self) -> Vec<&Failure> {
        let warnings = self.events.iter().filter_map(|event| match event {
            Event::Warning { failure, .. } => Some(failure),
            _ => None,
        });
        warnings.collect()
    }

    /// The job's own events in one word each, in their order; those that only say how far it is are left out.
    pub(crate) fn words(&self) -> Vec<String> {
        let job = self.end.id;
        self.events
            .iter()
            .filter_map(|event| word(event, job))
            .collect()
    }
}

fn word(event: &Event, job: JobId) -> Option<String> {
    match event {
        Event::PreviewSaved(record) if record.job == job => {
            Some(format!("preview {}.{}", record.index, record.preview))
        }
        Event::Retry { attempt, kind, .. } => Some(format!("retry {attempt} {kind}")),
        Event::ImageSaved { record, .. } => Some(format!("image {}", record.index)),
        Event::Warning { failure, .. } => Some(format!("warning {}", failure.kind)),
        Event::RequestFailed { failure, .. } => Some(format!("failed {}", failure.kind)),
        Event::JobEnded(snapshot) => Some(snapshot.state.as_str().to_owned()),
        _ => None,
    }
}

/// The command of a front end that began with the preferences of a first start.
pub(crate) fn save(settings: &Settings) -> Command {
    Command::SaveSettings {
        settings: Box::new(settings.clone()),
        base: Box::default(),
    }
}

/// A request to the gateway at `base_url`: small, quick to paint, with two previews, without retries.
pub(crate) fn request(api: ApiKind, base_url: &str, prompt: &str) -> GenerationRequest {
    let mut gateway = Preset::Custom.profile();
    gateway.base_urls = vec![base_url.to_owned()];
    gateway.api = api;
    gateway.max_retries = 0;
    gateway.timeouts.silence_secs = 60;
    gateway.timeouts.first_byte_secs = 60;
    GenerationRequest {
        prompt: Prompt::new(prompt).unwrap(),
        parameters: Parameters {
            size: "1024x640".parse().unwrap(),
            ..Parameters::default()
        },
        references: Vec::new(),
        mask: None,
        group: None,
        gateway,
    }
}

/// A server that reads a request and answers with exactly these bytes, whatever they are.
#[derive(Debug)]
pub(crate) struct Script {
    loopback: Loopback,
    requests: Arc<Mutex<Vec<Sent>>>,
}

/// What becomes of a connection after its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Then {
    Close,
    Hold,
    /// The request's body is not read, so that the connection is reset.
    Reset,
}

impl Script {
    /// Plays one answer a request, the last one again and again.
    pub(crate) fn play(answers: Vec<(Vec<u8>, Then)>) -> Self {
        Self::play_at(|_base_url| answers)
    }

    /// The same for answers that speak of the server itself: they are made from its base URL.
    pub(crate) fn play_at(answers: impl FnOnce(&str) -> Vec<(Vec<u8>, Then)>) -> Self {
        let requests: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let sent = Arc::clone(&requests);
        let loopback = Loopback::open(|base_url| {
            let (answers, mut open) = (answers(base_url), Vec::new());
            move |mut connection| {
                let nth = sent.lock().unwrap().len();
                let (answer, then) = answers.get(nth).or(answers.last()).unwrap();
                let reading = match then {
                    Then::Reset => Reading::Head,
                    Then::Close | Then::Hold => Reading::All,
                };
                let Some(request) = read_request(&mut connection, reading) else {
                    return;
                };
                sent.lock().unwrap().push(request);
                // The client may have gone away meanwhile.
                if connection.write_all(answer).is_ok() && *then == Then::Hold {
                    open.push(connection);
                }
            }
        });
        Self { loopback, requests }
    }

    pub(crate) fn base_url(&self) -> String {
        self.loopback.base_url()
    }

    /// Heads of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|sent| sent.head.clone()).collect()
    }

    /// Bodies of the requests so far.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|sent| sent.body.clone()).collect()
    }
}

/// An answer with a status and nothing but these headers and this body.
pub(crate) fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(format!("{header}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"connection: close\r\n\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A picture of 64 x 48 noisy pixels.
pub(crate) fn png(seed: u8) -> Vec<u8> {
    let size = PixelSize::new(64, 48).unwrap();
    let mut random = fastrand::Rng::with_seed(seed.into());
    let rgba: Vec<u8> = (0..64 * 48)
        .flat_map(|_| [random.u8(..), random.u8(..), random.u8(..), 255])
        .collect();
    atelier::media::encode_png(size, &rgba).unwrap()
}

/// Bytes as base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;

    base64::engine::general_purpose::STANDARD.encode(bytes)
}
