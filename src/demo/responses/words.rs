//! The stream of an answer in words: the model says something, or refuses.

use super::objects::{item_id, message, said, words_part};
use super::{ADDED, DONE, Script};
use crate::demo::Fault;
use crate::demo::wire::{Object, Stop};

/// OpenAI's events of a message; JunFeiAI documents no others.
pub(super) async fn play(script: &mut Script<'_>) -> Result<(), Stop> {
    let job = script.job;
    script.open().await?;
    let unfinished = Object::new()
        .maybe("id", item_id(job))
        .set("type", "message")
        .set("role", "assistant")
        .set("status", "in_progress")
        .set("content", Vec::new());
    script.send_item(ADDED, unfinished).await?;
    play_part(script).await?;
    script.send_item(DONE, message(job)).await?;
    script.close(vec![message(job).into()]).await
}

/// The only part of the message, word by word.
async fn play_part(script: &mut Script<'_>) -> Result<(), Stop> {
    let (delta_name, done_name, field) = if script.job.has(Fault::Refusal) {
        ("response.refusal.delta", "response.refusal.done", "refusal")
    } else {
        (
            "response.output_text.delta",
            "response.output_text.done",
            "text",
        )
    };
    let words = said(script.job);
    let place = script.place().set("content_index", 0_u64);
    let with_part = |words| place.clone().set("part", words_part(script.job, words));
    let (added, done) = (with_part(""), with_part(words));
    let events = &mut script.events;
    events.send("response.content_part.added", added).await?;
    for word in words.split_inclusive(' ') {
        let delta = place.clone().set("delta", word);
        events.send(delta_name, delta).await?;
    }
    events.send(done_name, place.set(field, words)).await?;
    events.send("response.content_part.done", done).await
}
