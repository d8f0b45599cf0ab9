//! What frames mean: one reader for the answers of both APIs, streamed or not, and of all their relatives.
//!
//! Gateways mix the shapes, so every shape is looked for everywhere (protocol.md 4); nothing unknown is an error.
//! Called by the engine with the frames of one body, in order.

use serde_json::{Map, Value};

use super::decoder::{BodyEnd, BodyKind};
use super::error::{WireError, own_code, scalar};
use super::event::{Claimed, ImageSource, ResultSlot, ServerEvent, ServerStage};
use super::frame::{Frame, Payload};
use super::{MAX_MESSAGE_CHARS, MAX_WORDS_BYTES, picture, text, usage};

/// Reads the frames of one body.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about an answer, each true or not independently of the others"
)]
#[derive(Debug, Default)]
pub struct Extractor {
    is_accepted: bool,
    is_id_known: bool,
    is_completed: bool,
    has_failed: bool,
    results: u64,
    previews: u64,
    /// A field for a picture held something else.
    has_odd_image: bool,
    /// The answer is a ticket for a later picture: its id.
    ticket: Option<String>,
    said: Words,
    refused: Words,
    /// Pictures in the model's words.
    text_images: Vec<ImageSource>,
    /// Data that is not JSON: the first of it.
    not_json: Option<String>,
}

/// Words that come in pieces, as a whole, or both.
#[derive(Debug, Default)]
struct Words {
    pieces: String,
    whole: String,
}

impl Words {
    fn add_piece(&mut self, piece: &str) {
        push_within(&mut self.pieces, piece);
    }

    /// The same text comes whole up to three times.
    fn add_whole(&mut self, words: &str) {
        let words = words.trim();
        if !words.is_empty() && !self.whole.contains(words) {
            if !self.whole.is_empty() {
                push_within(&mut self.whole, "\n");
            }
            push_within(&mut self.whole, words);
        }
    }

    fn as_str(&self) -> &str {
        if self.whole.is_empty() {
            self.pieces.trim()
        } else {
            &self.whole
        }
    }
}

/// Appends as much of `piece` as there is room for.
fn push_within(words: &mut String, piece: &str) {
    let room = MAX_WORDS_BYTES.saturating_sub(words.len());
    let end = piece.floor_char_boundary(room);
    words.push_str(piece.get(..end).unwrap_or_default());
}

/// One frame's JSON with what is needed to read it.
struct Answer<'a> {
    frame: &'a Frame,
    /// The event's name: of the stream, else the JSON's `type`, else its `object`; empty if it has none.
    name: &'a str,
    value: &'a Value,
}

impl<'a> Answer<'a> {
    fn new(frame: &'a Frame, value: &'a Value) -> Self {
        let field = |key| value.get(key).and_then(Value::as_str);
        let is_failure = |name: &&str| *name == "error" || name.ends_with(".failed");
        let event = frame.event();
        let name = event
            .filter(is_failure)
            .or_else(|| field("type"))
            // Where there is an event name, `object` says less.
            .or(event.filter(|&name| name != "message"))
            .or_else(|| field("object"))
            .unwrap_or_default();
        Self { frame, name, value }
    }

    /// The response object: in an event, or the body itself.
    fn response(&self) -> &'a Value {
        self.value
            .get("response")
            .filter(|response| response.is_object())
            .unwrap_or(self.value)
    }
}

impl Extractor {
    /// A reader for one body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends what `frame` says to `out`.
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<ServerEvent>) {
        match frame.payload() {
            Payload::Json(value) => self.json(&Answer::new(frame, &value), out),
            Payload::Done => self.complete(out),
            Payload::Text(words) => {
                self.not_json.get_or_insert(words);
            }
        }
    }

    /// Appends what the end of the body says: the model's words, or why there is no picture.
    ///
    /// After this, `out` has had at least one result, or exactly one of [`ServerEvent::Failed`],
    /// [`ServerEvent::Refusal`] and [`ServerEvent::Text`].
    pub fn end(&mut self, end: &BodyEnd, out: &mut Vec<ServerEvent>) {
        let is_whole = self.is_completed || (end.kind != BodyKind::Sse && !end.is_cut);
        if self.results == 0 && !self.has_failed {
            if self.said.whole.is_empty() {
                for source in picture::in_text(&self.said.pieces) {
                    self.note(source);
                }
            }
            for source in std::mem::take(&mut self.text_images) {
                self.results += 1;
                out.push(ServerEvent::Result {
                    source,
                    slot: ResultSlot::default(),
                    claimed: Claimed::default(),
                    revised_prompt: None,
                });
            }
        }
        if self.has_failed {
            return;
        }
        if self.results > 0 {
            if is_whole {
                self.complete(out);
            }
            return;
        }
        let has_words = is_whole || !self.said.whole.is_empty();
        if !self.refused.as_str().is_empty() {
            out.push(ServerEvent::Refusal(self.refused.as_str().to_owned()));
        } else if has_words && !self.said.as_str().is_empty() {
            out.push(ServerEvent::Text(self.said.as_str().to_owned()));
        } else {
            let error = self.why_nothing(end, is_whole);
            self.fail(error, out);
        }
    }

    /// Why an answer without pictures, words and errors has none.
    fn why_nothing(&self, end: &BodyEnd, is_whole: bool) -> WireError {
        let words = self.not_json.as_deref().unwrap_or_default();
        match end.kind {
            BodyKind::Undecided => WireError::own(own_code::NO_IMAGE, "The answer is empty"),
            BodyKind::Html => WireError::own(
                own_code::HTML_PAGE,
                text::page_title(words).unwrap_or_else(|| "The answer is a web page".to_owned()),
            ),
            _ if self.has_odd_image => WireError::own(
                own_code::NOT_AN_IMAGE,
                "The answer holds something else where the picture should be",
            ),
            _ if self.ticket.is_some() => WireError::own(
                own_code::ASYNC_TASK,
                format!(
                    "The gateway only took the job (id {}) and wants to be asked again later; that is not supported",
                    self.ticket.as_deref().unwrap_or_default()
                ),
            ),
            _ if !words.trim().is_empty() => {
                WireError::own(own_code::NOT_JSON, text::shorten(words, MAX_MESSAGE_CHARS))
            }
            _ if is_whole && self.previews > 0 => WireError::own(
                own_code::PREVIEWS_ONLY,
                "The answer ended with previews and without the picture",
            ),
            _ if is_whole => WireError::own(own_code::NO_IMAGE, "The answer has no picture"),
            _ => WireError::own(
                own_code::STREAM_CUT,
                "The connection ended before the picture arrived",
            ),
        }
    }

    fn json(&mut self, answer: &Answer<'_>, out: &mut Vec<ServerEvent>) {
        let results_before = self.results;
        let mut pictures = Vec::new();
        self.pictures(answer, &mut pictures);
        self.words(answer);
        // What a cut frame lacks, and that it ended, means nothing.
        if answer.frame.is_cut() {
            out.append(&mut pictures);
            return;
        }
        let error = self.error(answer, self.results > results_before);
        if error.is_none() || !pictures.is_empty() {
            self.accept(answer, out);
        }
        out.append(&mut pictures);
        if let Some(usage) = [answer.value.get("usage"), answer.response().get("usage")]
            .into_iter()
            .flatten()
            .find_map(usage::read)
        {
            out.push(ServerEvent::Usage(usage));
        }
        if let Some(stage) = stage(answer.name) {
            out.push(ServerEvent::Progress(stage));
        }
        if let Some(error) = error {
            if let Some(id) = &error.request_id {
                out.push(ServerEvent::RequestId(id.clone()));
            }
            self.fail(error, out);
        } else if is_completion(answer.name) {
            self.complete(out);
        }
    }

    fn accept(&mut self, answer: &Answer<'_>, out: &mut Vec<ServerEvent>) {
        let response = answer.response();
        let is_response = answer.name.starts_with("response")
            || response.get("object").and_then(Value::as_str) == Some("response");
        let id = is_response
            .then(|| response.get("id").and_then(scalar))
            .flatten();
        let is_new = id.is_some() && !self.is_id_known;
        self.is_id_known |= is_new;
        if !self.is_accepted {
            self.is_accepted = true;
            out.push(ServerEvent::Accepted { response_id: id });
        } else if let Some(id) = id.filter(|_| is_new) {
            out.push(ServerEvent::RequestId(id));
        }
        if let Some(id) = answer.value.get("request_id").and_then(scalar) {
            out.push(ServerEvent::RequestId(id));
        }
    }

    /// The error that an answer tells, if it tells one.
    fn error(&mut self, answer: &Answer<'_>, has_pictures: bool) -> Option<WireError> {
        let response = answer.response();
        let status = response.get("status").and_then(Value::as_str);
        let is_incomplete = answer.name == "response.incomplete" || status == Some("incomplete");
        let reported = [answer.value, response]
            .into_iter()
            .find_map(WireError::from_json_field);
        if reported.is_some() {
            return reported;
        }
        if is_incomplete {
            let reason = response
                .get("incomplete_details")
                .and_then(|details| details.get("reason"))
                .and_then(scalar)
                .unwrap_or_else(|| "incomplete".to_owned());
            let message = format!("The model stopped before it was done: {reason}");
            return Some(WireError::own(&reason, message));
        }
        let is_failure = matches!(answer.name, "error" | "upstream_error")
            || answer.name == "response.failed"
            || answer.name == "response.cancelled"
            || matches!(status, Some("failed" | "cancelled")) && !has_pictures;
        if is_failure {
            return WireError::from_json(answer.value)
                .or_else(|| Some(WireError::own("failed", "The gateway reports a failure")));
        }
        if answer.name.is_empty() && !has_pictures {
            let error = WireError::from_json(answer.value);
            if error.is_none() {
                self.note_ticket(answer.value);
            }
            return error;
        }
        // A response as the whole body that has only begun: it runs in the background.
        let has_begun = matches!(status, Some("queued" | "in_progress"));
        if answer.name == "response" && has_begun && !has_pictures {
            self.note_ticket(response);
        }
        None
    }

    /// A job to be asked for later (protocol.md 4.1), also with its id one level down, where marketplaces have it.
    fn note_ticket(&mut self, value: &Value) {
        let inner = match value.get("data") {
            Some(Value::Array(items)) => items.first(),
            inner => inner,
        };
        for value in [Some(value), inner].into_iter().flatten() {
            let has_status = value.get("status").is_some_and(Value::is_string);
            let id = value
                .get("task_id")
                .or_else(|| value.get("id").filter(|_| has_status));
            if self.ticket.is_none() {
                self.ticket = id.and_then(scalar);
            }
        }
    }

    fn fail(&mut self, error: WireError, out: &mut Vec<ServerEvent>) {
        if self.results > 0 {
            out.push(ServerEvent::Warning(error));
        } else if !self.has_failed {
            self.has_failed = true;
            out.push(ServerEvent::Failed(error));
        }
    }

    fn complete(&mut self, out: &mut Vec<ServerEvent>) {
        if !self.is_completed && !self.has_failed {
            out.push(ServerEvent::Completed);
        }
        self.is_completed = true;
    }

    /// Every picture of an answer, wherever it stands.
    fn pictures(&mut self, answer: &Answer<'_>, out: &mut Vec<ServerEvent>) {
        match answer.value {
            Value::Array(items) => self.entries(answer, items, &Context::default(), out),
            Value::String(words) => {
                if let Some((blob, "", "")) = answer.frame.blob_in(words) {
                    self.results += 1;
                    out.push(ServerEvent::Result {
                        source: ImageSource::Blob(blob),
                        slot: ResultSlot::default(),
                        claimed: Claimed::default(),
                        revised_prompt: None,
                    });
                }
            }
            Value::Object(fields) => self.object(answer, fields, out),
            _ => {}
        }
    }

    fn object(
        &mut self,
        answer: &Answer<'_>,
        fields: &Map<String, Value>,
        out: &mut Vec<ServerEvent>,
    ) {
        let top = Context::of(fields, &Context::default());
        if let Some(item) = fields.get("item").and_then(Value::as_object) {
            self.item(answer, item, &top, out);
        }
        let output = answer.response().get("output").and_then(Value::as_array);
        for (index, item) in output.into_iter().flatten().enumerate() {
            let Some(item) = item.as_object() else {
                continue;
            };
            let mut context = top.clone();
            context.slot.output_index = u32::try_from(index).ok();
            self.item(answer, item, &context, out);
        }
        for list in ["data", "images"] {
            match fields.get(list) {
                Some(Value::Array(entries)) => self.entries(answer, entries, &top, out),
                Some(entry @ Value::Object(_)) => {
                    self.entries(answer, std::slice::from_ref(entry), &top, out);
                }
                _ => {}
            }
        }
        if let Some(found) = picture::in_object(answer.frame, fields) {
            self.found(answer, found, top, out);
        }
    }

    /// An output item of a response.
    fn item(
        &mut self,
        answer: &Answer<'_>,
        item: &Map<String, Value>,
        around: &Context,
        out: &mut Vec<ServerEvent>,
    ) {
        let kind = item.get("type").and_then(Value::as_str);
        if !kind.is_none_or(|kind| kind.contains("image")) {
            return;
        }
        let mut context = Context::of(item, around);
        context.slot.item_id = item
            .get("id")
            .and_then(scalar)
            .or_else(|| around.slot.item_id.clone());
        if let Some(found) = picture::in_object(answer.frame, item) {
            self.found(answer, found, context, out);
        }
    }

    /// Entries of an Images answer: objects, or bare strings.
    fn entries(
        &mut self,
        answer: &Answer<'_>,
        entries: &[Value],
        around: &Context,
        out: &mut Vec<ServerEvent>,
    ) {
        // chatgpt2api sends one entry an event, and numbers the events from 1 (protocol.md 3.5).
        let first = answer
            .value
            .get("index")
            .and_then(Value::as_u64)
            .map_or(0, |index| index.saturating_sub(1));
        for (index, entry) in (first..).zip(entries) {
            let mut context = match entry {
                Value::Object(fields) => Context::of(fields, around),
                _ => around.clone(),
            };
            context.slot.data_index = u32::try_from(index).ok();
            let found = match entry {
                Value::Object(fields) => picture::in_object(answer.frame, fields),
                entry => picture::in_value(answer.frame, entry),
            };
            if let Some(found) = found {
                self.found(answer, found, context, out);
            }
        }
    }

    fn found(
        &mut self,
        answer: &Answer<'_>,
        found: picture::Picture,
        context: Context,
        out: &mut Vec<ServerEvent>,
    ) {
        let Some(source) = found.source else {
            self.has_odd_image = true;
            return;
        };
        let Context {
            slot,
            claimed,
            revised_prompt,
        } = context;
        if found.is_preview || answer.name.contains("partial_image") {
            let index = ["partial_image_index", "index"]
                .iter()
                .find_map(|key| answer.value.get(key).and_then(Value::as_u64))
                .and_then(|index| u32::try_from(index).ok());
            self.previews += 1;
            out.push(ServerEvent::Preview {
                source,
                index,
                slot,
                claimed,
            });
        } else {
            self.results += 1;
            out.push(ServerEvent::Result {
                source,
                slot,
                claimed,
                revised_prompt,
            });
        }
    }

    /// The model's words: of a response, and of a chat that a gateway made of it.
    fn words(&mut self, answer: &Answer<'_>) {
        let string = |key| answer.value.get(key).and_then(Value::as_str);
        match answer.name {
            "response.output_text.delta" => {
                self.say_piece(answer, string("delta").unwrap_or_default());
            }
            "response.refusal.delta" => self.refused.add_piece(string("delta").unwrap_or_default()),
            "response.output_text.done" => self.say(answer, string("text").unwrap_or_default()),
            "response.refusal.done" => {
                self.refused
                    .add_whole(string("refusal").unwrap_or_default());
            }
            _ => {}
        }
        let output = answer.response().get("output").and_then(Value::as_array);
        for item in output.into_iter().flatten().chain(answer.value.get("item")) {
            if item.get("type").and_then(Value::as_str) != Some("message") {
                continue;
            }
            let parts = item.get("content").and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                if let Some(words) = part.get("text").and_then(Value::as_str) {
                    self.say(answer, words);
                }
                if let Some(words) = part.get("refusal").and_then(Value::as_str) {
                    self.refused.add_whole(words);
                }
            }
        }
        let choices = answer.value.get("choices").and_then(Value::as_array);
        for choice in choices.into_iter().flatten() {
            let content = |key: &str| choice.get(key)?.get("content")?.as_str();
            if let Some(words) = content("message") {
                self.say(answer, words);
            }
            if let Some(words) = content("delta") {
                self.say_piece(answer, words);
            }
        }
    }

    /// Whole words of the model; pictures in them are noted.
    fn say(&mut self, answer: &Answer<'_>, words: &str) {
        let words = self.without_blobs(answer, words);
        for source in picture::in_text(&words) {
            self.note(source);
        }
        self.said.add_whole(&words);
    }

    /// A piece of the model's words. Pictures in them may begin in one piece and end in another: they are looked for at
    /// the end, but for those that are long enough to be blobs.
    fn say_piece(&mut self, answer: &Answer<'_>, words: &str) {
        let words = self.without_blobs(answer, words);
        self.said.add_piece(&words);
    }

    fn without_blobs(&mut self, answer: &Answer<'_>, words: &str) -> String {
        let mut words = words.to_owned();
        while let Some((blob, before, after)) = answer.frame.blob_in(&words) {
            self.note(ImageSource::Blob(blob));
            words = format!("{before}…{after}");
        }
        words
    }

    /// A picture in the model's words.
    fn note(&mut self, source: ImageSource) {
        if !self.text_images.contains(&source) {
            self.text_images.push(source);
        }
    }
}

/// What is known of a picture from around it.
#[derive(Clone, Debug, Default)]
struct Context {
    slot: ResultSlot,
    claimed: Claimed,
    revised_prompt: Option<String>,
}

impl Context {
    fn of(fields: &Map<String, Value>, around: &Self) -> Self {
        let number = |key| {
            let number = fields.get(key).and_then(Value::as_u64)?;
            u32::try_from(number).ok()
        };
        let revised_prompt = fields.get("revised_prompt").and_then(scalar);
        Self {
            slot: ResultSlot {
                item_id: fields
                    .get("item_id")
                    .and_then(scalar)
                    .or_else(|| around.slot.item_id.clone()),
                output_index: number("output_index").or(around.slot.output_index),
                data_index: around.slot.data_index,
            },
            claimed: picture::claimed(fields, &around.claimed),
            revised_prompt: revised_prompt.or_else(|| around.revised_prompt.clone()),
        }
    }
}

/// How far an event says the gateway is.
fn stage(name: &str) -> Option<ServerStage> {
    match name {
        "response.queued" => Some(ServerStage::Queued),
        "response.image_generation_call.in_progress"
        | "response.image_generation_call.generating"
        | "image.generation.chunk" => Some(ServerStage::Drawing),
        "response.image_generation_call.completed" => Some(ServerStage::Drawn),
        _ if name.starts_with("response.reasoning") => Some(ServerStage::Thinking),
        _ => None,
    }
}

/// Whether an event says that the answer is complete.
fn is_completion(name: &str) -> bool {
    matches!(
        name,
        "response.completed"
            | "image_generation.completed"
            | "image_edit.completed"
            | "image.generation.done"
            | "image.edit.done"
            | "completed"
            | "done"
    )
}

#[cfg(test)]
mod tests;
