//! What `POST /v1/responses` answers: the stream event by event, or the response object alone (protocol.md 2.4, 2.5).

mod objects;
mod words;

use axum::response::Response;
use bytes::Bytes;

use self::objects::{Status, call_item, item_id, message, response};
use super::answer::ApiError;
use super::job::{Delivery, Job};
use super::routes::{event_stream, json_answer};
use super::transport::{Gone, Outlet};
use super::wire::{EventWriter, Json, Object, Stop, break_in_picture};
use super::{Dialect, Fault};

const ADDED: &str = "response.output_item.added";
const CALL_IN_PROGRESS: &str = "response.image_generation_call.in_progress";
const CALL_GENERATING: &str = "response.image_generation_call.generating";
const CALL_PARTIAL: &str = "response.image_generation_call.partial_image";
const CALL_COMPLETED: &str = "response.image_generation_call.completed";
const DONE: &str = "response.output_item.done";
const COMPLETED: &str = "response.completed";
const FAILED: &str = "response.failed";
const INCOMPLETE: &str = "response.incomplete";

/// Answers a Responses call.
pub(super) async fn answer(job: Job) -> Result<Response, ApiError> {
    if job.streams() {
        let line = job.line();
        return Ok(event_stream(line, |outlet| stream(job, outlet)));
    }
    let body = match job.fault {
        Some(Fault::SilenceInStream) => std::future::pending().await,
        Some(Fault::ModerationOutput) => return Err(ApiError::moderation("output")),
        Some(Fault::StreamError) => ApiError::server_error().nested(),
        _ => {
            let (status, output) = outcome(&job).await?;
            response(&job, status, output)
        }
    };
    let mut pieces = body.into_pieces();
    if job.has(Fault::CutInPartial) {
        pieces = break_in_picture(pieces);
    }
    Ok(json_answer(&job, pieces))
}

/// What a response without a stream comes to.
async fn outcome(job: &Job) -> Result<(Status, Vec<Json>), ApiError> {
    Ok(match job.fault {
        Some(Fault::Text | Fault::Refusal) => (Status::Completed, vec![message(job).into()]),
        Some(Fault::Failed) => (Status::Failed, Vec::new()),
        Some(Fault::Incomplete) => (Status::Incomplete("max_output_tokens"), Vec::new()),
        Some(Fault::ContentFilter) => (Status::Incomplete("content_filter"), Vec::new()),
        fault => {
            let files = job.results().await?;
            let items = files.into_iter().map(|file| {
                let result = job.delivery(file).into_json();
                call_item(job, finished_call(job), Some(result)).into()
            });
            match fault {
                Some(Fault::NoFinal | Fault::EmptyCompleted) => (Status::Completed, Vec::new()),
                Some(Fault::ErrorAfter) => (Status::Failed, items.collect()),
                _ => (Status::Completed, items.collect()),
            }
        }
    })
}

/// The status of an image call that has its result.
fn finished_call(job: &Job) -> &'static str {
    if job.has(Fault::Generating) {
        "generating"
    } else {
        "completed"
    }
}

async fn stream(job: Job, outlet: Outlet) -> Result<(), Gone> {
    let is_full = job.dialect == Dialect::OpenAi;
    let mut script = Script {
        events: EventWriter::new(outlet, job.has(Fault::Crlf), is_full),
        job: &job,
        is_full,
    };
    let played = match job.fault {
        Some(Fault::Text | Fault::Refusal) => words::play(&mut script).await,
        _ => script.play().await,
    };
    match played {
        Ok(()) => Ok(()),
        Err(Stop::Gone) => Err(Gone),
        Err(Stop::Failed(error)) => script.events.send_last("error", error.flat()).await,
    }
}

/// A stream in the dialect of its job.
struct Script<'a> {
    job: &'a Job,
    events: EventWriter,
    /// OpenAI's events and fields, not JunFeiAI's few.
    is_full: bool,
}

impl Script<'_> {
    /// The usual order of events, bent by a fault where it has one.
    async fn play(&mut self) -> Result<(), Stop> {
        let job = self.job;
        self.open().await?;
        if job.has(Fault::SilenceInStream) {
            std::future::pending::<()>().await;
        }
        if job.count() == 0 {
            return self.close(Vec::new()).await;
        }
        self.begin_call().await?;
        for index in 0..job.previews() {
            let file = job.preview(0, index).await?;
            let preview = self.preview(index, file);
            if job.has(Fault::CutInPartial) {
                return self.events.send_broken(CALL_PARTIAL, preview).await;
            }
            self.events.send(CALL_PARTIAL, preview).await?;
            if index == 0 && self.breaks_off().await? {
                return Ok(());
            }
        }
        if job.previews() == 0 && self.breaks_off().await? {
            return Ok(());
        }
        let file = job.result(0).await?;
        match job.fault {
            Some(Fault::ModerationOutput) => self.withhold().await,
            Some(Fault::NoFinal) => self.close(Vec::new()).await,
            _ => self.deliver(job.delivery(file)).await,
        }
    }

    /// Sends an event that carries the response as it is at `status`.
    async fn respond(
        &mut self,
        name: &'static str,
        status: Status,
        output: Vec<Json>,
    ) -> Result<(), Stop> {
        let response = response(self.job, status, output);
        let event = Object::new().set("response", response);
        self.events.send(name, event).await
    }

    async fn open(&mut self) -> Result<(), Stop> {
        if self.is_full {
            for name in ["response.created", "response.in_progress"] {
                self.respond(name, Status::InProgress, Vec::new()).await?;
            }
        }
        Ok(())
    }

    async fn close(&mut self, output: Vec<Json>) -> Result<(), Stop> {
        self.respond(COMPLETED, Status::Completed, output).await
    }

    async fn begin_call(&mut self) -> Result<(), Stop> {
        if self.is_full {
            let item = call_item(self.job, "in_progress", None);
            self.send_item(ADDED, item).await?;
            self.events.send(CALL_IN_PROGRESS, self.place()).await?;
        }
        self.events.send(CALL_GENERATING, self.place()).await
    }

    /// Sends an event about the only item, which it carries.
    async fn send_item(&mut self, name: &'static str, item: Object) -> Result<(), Stop> {
        let event = self.index().set("item", item);
        self.events.send(name, event).await
    }

    /// Where in the output the only item stands.
    fn index(&self) -> Object {
        Object::new().maybe("output_index", self.is_full.then_some(0_u64))
    }

    /// Which item an event is about.
    fn place(&self) -> Object {
        self.index().maybe("item_id", item_id(self.job))
    }

    fn preview(&self, index: u8, file: Bytes) -> Object {
        let (index, picture) = (u64::from(index), Json::Picture(file));
        if !self.is_full {
            return Object::new()
                .set("partial_image_index", index)
                .set("partial_image", picture);
        }
        self.place()
            .set("partial_image_index", index)
            .set("partial_image_b64", picture)
            .and(self.job.claims())
    }

    /// The faults that end a stream in its middle; `true` when one did.
    async fn breaks_off(&mut self) -> Result<bool, Stop> {
        let (name, status) = match self.job.fault {
            Some(Fault::StreamError) => {
                let error = ApiError::server_error().flat();
                self.events.send("error", error).await?;
                return Ok(true);
            }
            Some(Fault::Failed) => (FAILED, Status::Failed),
            Some(Fault::Incomplete) => (INCOMPLETE, Status::Incomplete("max_output_tokens")),
            Some(Fault::ContentFilter) => (INCOMPLETE, Status::Incomplete("content_filter")),
            _ => return Ok(false),
        };
        self.respond(name, status, Vec::new()).await?;
        Ok(true)
    }

    async fn withhold(&mut self) -> Result<(), Stop> {
        let error = ApiError::moderation("output").nested();
        self.events.send("error", error).await?;
        self.respond(FAILED, Status::Blocked, Vec::new()).await
    }

    async fn deliver(&mut self, result: Delivery) -> Result<(), Stop> {
        let job = self.job;
        let item = call_item(job, finished_call(job), Some(result.into_json()));
        if job.has(Fault::OnlyCompleted) {
            return self.close(vec![item.into()]).await;
        }
        if self.is_full && !job.has(Fault::Generating) {
            self.events.send(CALL_COMPLETED, self.place()).await?;
        }
        self.send_item(DONE, item.clone()).await?;
        match job.fault {
            Some(Fault::Generating) => Ok(()),
            Some(Fault::ErrorAfter) => {
                let error = ApiError::server_error().nested();
                self.events.send("error", error).await
            }
            Some(Fault::EmptyCompleted) => self.close(Vec::new()).await,
            _ => self.close(vec![item.into()]).await,
        }
    }
}
