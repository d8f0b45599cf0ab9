//! The objects inside the events and the answer.

use crate::demo::job::{Job, REFUSAL, WORDS};
use crate::demo::wire::{Json, Object};
use crate::demo::{Dialect, Fault};

/// How far a response is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Status {
    InProgress,
    Completed,
    Failed,
    /// Failed by the safety check.
    Blocked,
    /// Ended early, and why.
    Incomplete(&'static str),
}

/// The response object as it is at `status`.
pub(super) fn response(job: &Job, status: Status, output: Vec<Json>) -> Object {
    let word = match status {
        Status::InProgress => "in_progress",
        Status::Completed => "completed",
        Status::Failed | Status::Blocked => "failed",
        Status::Incomplete(_) => "incomplete",
    };
    let error = match status {
        Status::Failed => Some(("server_error", "The model failed to generate a response.")),
        Status::Blocked => Some((
            "moderation_blocked",
            "Your request was rejected by the safety system. safety_violations=[violence].",
        )),
        _ => None,
    };
    let error = error.map_or(Json::Null, |(code, message)| {
        Object::new()
            .set("code", code)
            .set("message", message)
            .into()
    });
    let incomplete = match status {
        Status::Incomplete(reason) => Object::new().set("reason", reason).into(),
        _ => Json::Null,
    };
    let usage = match status {
        Status::InProgress => Json::Null,
        _ => job.response_usage().into(),
    };
    Object::new()
        .maybe(
            "id",
            (!job.has(Fault::NoId)).then(|| format!("resp_{}", job.id)),
        )
        .set("object", "response")
        .set("created_at", job.created)
        .set("status", word)
        .set("error", error)
        .set("incomplete_details", incomplete)
        .set("model", job.commission.order.model.as_str())
        .set("output", output)
        .set("usage", usage)
}

/// The id of the only item.
pub(super) fn item_id(job: &Job) -> Option<String> {
    (!job.has(Fault::NoId)).then(|| format!("ig_{}", job.id))
}

/// The image call, with its result when there is one.
pub(super) fn call_item(job: &Job, status: &'static str, result: Option<Json>) -> Object {
    let kind = Object::new().set("type", "image_generation_call");
    let Some(result) = result else {
        return Object::new()
            .maybe("id", item_id(job))
            .and(kind)
            .set("status", status)
            .set("result", Json::Null);
    };
    if job.dialect == Dialect::JunFeiAi {
        return kind
            .maybe("status", job.has(Fault::Generating).then_some(status))
            .set("result", result);
    }
    Object::new()
        .maybe("id", item_id(job))
        .and(kind)
        .set("status", status)
        .and(job.claims())
        .set("revised_prompt", job.commission.revised_prompt())
        .set("result", result)
}

/// The message of an answer in words.
pub(super) fn message(job: &Job) -> Object {
    Object::new()
        .maybe("id", item_id(job))
        .set("type", "message")
        .set("role", "assistant")
        .set("status", "completed")
        .set("content", vec![words_part(job, said(job)).into()])
}

/// What the model says instead of painting.
pub(super) fn said(job: &Job) -> &'static str {
    if job.has(Fault::Refusal) {
        REFUSAL
    } else {
        WORDS
    }
}

/// The content of a message.
pub(super) fn words_part(job: &Job, words: &str) -> Object {
    if job.has(Fault::Refusal) {
        return Object::new().set("type", "refusal").set("refusal", words);
    }
    Object::new()
        .set("type", "output_text")
        .set("text", words)
        .set("annotations", Vec::new())
}
