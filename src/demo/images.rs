//! What `POST /v1/images/generations` and `/edits` answer: JSON or a stream (protocol.md 3.4, 3.5).

use axum::response::Response;
use bytes::Bytes;

use super::Fault;
use super::answer::ApiError;
use super::job::{Job, REFUSAL, WORDS};
use super::order::Endpoint;
use super::routes::{event_stream, json_answer};
use super::transport::{Gone, Outlet};
use super::wire::{EventWriter, Json, Object, Stop, break_in_picture};

/// Answers an Images call.
pub(super) async fn answer(job: Job) -> Result<Response, ApiError> {
    if job.has(Fault::Refusal) {
        return Err(ApiError::refusal(REFUSAL));
    }
    if job.has(Fault::Text) {
        return Ok(json_answer(&job, chat_answer(&job).into_pieces()));
    }
    if job.streams() {
        let line = job.line();
        return Ok(event_stream(line, |outlet| stream(job, outlet)));
    }
    match job.fault {
        Some(Fault::SilenceInStream) => std::future::pending().await,
        Some(Fault::ModerationOutput | Fault::ContentFilter) => {
            return Err(ApiError::moderation("output"));
        }
        Some(Fault::StreamError | Fault::Failed | Fault::Incomplete) => {
            return Ok(json_answer(&job, relay_error().into_pieces()));
        }
        _ => {}
    }
    let files = job.results().await?;
    let mut data = Vec::new();
    if !job.has(Fault::NoFinal) {
        data.extend(files.into_iter().map(|file| entry(&job, file).into()));
    }
    let mut body = Object::new()
        .set("created", job.created)
        .set("data", data)
        .and(job.claims())
        .set("usage", job.image_usage(job.count()));
    if job.has(Fault::ErrorAfter) {
        body = body.and(relay_error());
    }
    let mut pieces = body.into_pieces();
    if job.has(Fault::CutInPartial) {
        pieces = break_in_picture(pieces);
    }
    Ok(json_answer(&job, pieces))
}

async fn stream(job: Job, outlet: Outlet) -> Result<(), Gone> {
    let mut events = EventWriter::new(outlet, job.has(Fault::Crlf), false);
    match play(&job, &mut events).await {
        Ok(()) => Ok(()),
        Err(Stop::Gone) => Err(Gone),
        Err(Stop::Failed(error)) => events.send_last("error", error.nested()).await,
    }
}

/// Picture after picture: its previews, then itself.
async fn play(job: &Job, events: &mut EventWriter) -> Result<(), Stop> {
    if job.has(Fault::SilenceInStream) {
        std::future::pending::<()>().await;
    }
    let (partial_name, completed_name) = match job.commission.order.endpoint {
        Endpoint::Edits => ("image_edit.partial_image", "image_edit.completed"),
        Endpoint::Generations | Endpoint::Responses => (
            "image_generation.partial_image",
            "image_generation.completed",
        ),
    };
    for picture in 0..job.count() {
        for index in 0..job.previews() {
            let file = job.preview(picture, index).await?;
            let event = Object::new()
                .set("b64_json", Json::Picture(file))
                .set("created_at", job.created)
                .and(job.claims())
                .set("partial_image_index", u64::from(index));
            if job.has(Fault::CutInPartial) {
                return events.send_broken(partial_name, event).await;
            }
            events.send(partial_name, event).await?;
            if index == 0 && breaks_off(job, events).await? {
                return Ok(());
            }
        }
        if job.previews() == 0 && breaks_off(job, events).await? {
            return Ok(());
        }
        let file = job.result(picture).await?;
        match job.fault {
            Some(Fault::ModerationOutput | Fault::ContentFilter) => {
                let error = ApiError::moderation("output").nested();
                return events.send("error", error).await;
            }
            Some(Fault::NoFinal) => return events.done().await,
            _ => {}
        }
        let event = entry(job, file)
            .set("created_at", job.created)
            .and(job.claims())
            .set("usage", job.image_usage(1));
        events.send(completed_name, event).await?;
    }
    if job.has(Fault::ErrorAfter) {
        events.send_bare(relay_error()).await?;
    }
    if job.count() == 0 || job.has(Fault::ErrorAfter) {
        events.done().await?;
    }
    Ok(())
}

/// The faults that end a stream in its middle; `true` when one did.
async fn breaks_off(job: &Job, events: &mut EventWriter) -> Result<bool, Stop> {
    match job.fault {
        Some(Fault::StreamError) => {
            let error = ApiError::server_error().nested();
            events.send("error", error).await?;
        }
        Some(Fault::Failed | Fault::Incomplete) => {
            events.send_bare(relay_error()).await?;
            events.done().await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn entry(job: &Job, file: Bytes) -> Object {
    let delivery = job.delivery(file);
    Object::new().set(delivery.key(), delivery.into_json())
}

/// How some relays tell of an error at status 200 (protocol.md 8.6).
fn relay_error() -> Object {
    let error = Object::new()
        .set("message", "The image could not be generated.")
        .set("type", "server_error")
        .set("code", "server_error");
    Object::new().set("error", error)
}

/// An image call that a relay sent to a chat channel by mistake (protocol.md 8.3).
fn chat_answer(job: &Job) -> Object {
    let message = Object::new().set("role", "assistant").set("content", WORDS);
    let choice = Object::new()
        .set("index", 0_u64)
        .set("message", message)
        .set("finish_reason", "stop");
    Object::new()
        .set("id", format!("chatcmpl-{}", job.id))
        .set("object", "chat.completion")
        .set("created", job.created)
        .set("model", job.commission.order.model.as_str())
        .set("choices", vec![choice.into()])
        .set("usage", job.response_usage())
}
