//! One request at work: its pictures when they are due, and what both APIs say about them.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use super::answer::ApiError;
use super::painter::Stage;
use super::server::Shared;
use super::studio::{Commission, Take};
use super::transport::Line;
use super::wire::{Json, Object};
use super::{Dialect, Fault, Pace};
use crate::model::Quality;

/// What a model says when it answers in words.
pub(super) const WORDS: &str =
    "I'd be happy to help! Could you tell me more about the picture that you have in mind?";
/// What a model says when it refuses.
pub(super) const REFUSAL: &str = "I'm sorry, but I can't help with that picture.";

/// One request at work.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) shared: Arc<Shared>,
    pub(super) commission: Arc<Commission>,
    pub(super) fault: Option<Fault>,
    pub(super) dialect: Dialect,
    /// Unique to the request; ids are made of it.
    pub(super) id: String,
    /// Where the client reached us, such as `http://127.0.0.1:8080`.
    pub(super) origin: String,
    /// Unix time in seconds.
    pub(super) created: u64,
    pub(super) begun: Instant,
}

impl Job {
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Whether the answer is a stream, as asked or against it.
    pub(super) fn streams(&self) -> bool {
        match self.fault {
            Some(Fault::Json) => false,
            Some(Fault::Sse) => true,
            _ => self.commission.order.stream,
        }
    }

    pub(super) fn line(&self) -> Line {
        let config = &self.shared.config;
        let mut line = Line::new(self.fault, config.bits_per_second);
        if self.streams() && !self.has(Fault::SilenceInStream) {
            line.keep_alive = Some(config.keep_alive);
        }
        line
    }

    /// How many pictures there will be.
    pub(super) fn count(&self) -> u8 {
        let asked = self.commission.order.count;
        if self.has(Fault::Fewer) {
            asked.saturating_sub(1)
        } else {
            asked
        }
    }

    /// How many previews each picture gets; faults that happen in a preview need one.
    pub(super) fn previews(&self) -> u8 {
        let asked = self.commission.order.partials;
        match self.fault {
            Some(Fault::NoFinal | Fault::CutInPartial) => asked.max(1),
            _ => asked,
        }
    }

    /// Preview `index` of picture `picture`, when it is due.
    pub(super) async fn preview(&self, picture: u8, index: u8) -> Result<Bytes, ApiError> {
        let count = self.previews();
        let stage = Stage::Preview {
            index: index.into(),
            count: count.into(),
        };
        let flaw = self
            .fault
            .filter(|_| self.has(Fault::Smaller) || self.has(Fault::IgnoreMask));
        let take = Take {
            index: picture,
            stage,
            flaw,
        };
        let share = f32::from(index + 1) / f32::from(count + 1);
        self.take(take, f32::from(picture) + share).await
    }

    /// Result `picture` of a stream, when it is due: one picture after the other.
    pub(super) async fn result(&self, picture: u8) -> Result<Bytes, ApiError> {
        self.take(self.final_take(picture), f32::from(picture + 1))
            .await
    }

    /// All results, made side by side.
    pub(super) async fn results(&self) -> Result<Vec<Bytes>, ApiError> {
        let takes = (0..self.count()).map(|picture| self.take(self.final_take(picture), 1.0));
        futures_util::future::try_join_all(takes).await
    }

    fn final_take(&self, picture: u8) -> Take {
        Take {
            index: picture,
            stage: Stage::Final,
            flaw: self.fault,
        }
    }

    /// The file of `take`, not before `pictures` times the pace have gone by.
    async fn take(&self, take: Take, pictures: f32) -> Result<Bytes, ApiError> {
        let file = self.shared.studio.picture(&self.commission, take).await?;
        if let Pace::PerPicture(pace) = self.shared.config.pace {
            sleep_until(self.begun + pace.mul_f32(pictures)).await;
        }
        Ok(file)
    }

    /// A result as it goes into the answer: itself, or where it can be fetched.
    pub(super) fn delivery(&self, file: Bytes) -> Delivery {
        let expired = self.has(Fault::ExpiredUrl);
        if !expired && !self.has(Fault::Url) && !self.commission.order.wants_url {
            return Delivery::Inline(file);
        }
        let ttl = if expired {
            std::time::Duration::ZERO
        } else {
            self.shared.config.url_ttl
        };
        let label = self.commission.order.format;
        let name = self.shared.files.put(file, label, ttl);
        Delivery::Url(format!("{}/files/{name}", self.origin))
    }

    /// What the answer says of a picture, with every `auto` settled.
    pub(super) fn claims(&self) -> Object {
        let Commission { order, size, .. } = &*self.commission;
        Object::new()
            .set("size", size.to_string())
            .set("quality", self.commission.quality().as_str())
            .set("background", self.commission.background().as_str())
            .set("output_format", order.format.as_str())
    }

    /// `usage` of the Images API for `pictures` pictures (protocol.md 10.1).
    pub(super) fn image_usage(&self, pictures: u8) -> Object {
        let text = self.text_tokens();
        let images = 1000 * self.commission.order.references.len() as u64;
        let output = u64::from(pictures) * self.picture_tokens();
        Object::new()
            .set("input_tokens", text + images)
            .set("input_tokens_details", details(text, images))
            .set("output_tokens", output)
            .set("output_tokens_details", details(0, output))
            .set("total_tokens", text + images + output)
    }

    /// `usage` of the Responses API: the outer model's alone.
    pub(super) fn response_usage(&self) -> Object {
        let (input, output) = (self.text_tokens() + 500, 60);
        let cached = Object::new()
            .set("cached_tokens", 0_u64)
            .set("cache_write_tokens", 0_u64);
        Object::new()
            .set("input_tokens", input)
            .set("input_tokens_details", cached)
            .set("output_tokens", output)
            .set(
                "output_tokens_details",
                Object::new().set("reasoning_tokens", 0_u64),
            )
            .set("total_tokens", input + output)
    }

    fn text_tokens(&self) -> u64 {
        self.commission.order.prompt.len().div_ceil(4) as u64
    }

    /// Tokens of one picture: OpenAI's of 1024x1024 (protocol.md 10.3) by area, and 100 for each preview.
    fn picture_tokens(&self) -> u64 {
        let per_megapixel = match self.commission.quality() {
            Quality::Low => 200,
            Quality::High => 7030,
            Quality::Medium | Quality::Auto => 1770,
        };
        let previews = if self.streams() { self.previews() } else { 0 };
        per_megapixel * self.commission.size.pixels() / (1024 * 1024) + 100 * u64::from(previews)
    }
}

fn details(text: u64, images: u64) -> Object {
    Object::new()
        .set("text_tokens", text)
        .set("image_tokens", images)
}

/// How a result goes into the answer.
#[derive(Debug, Clone)]
pub(super) enum Delivery {
    Inline(Bytes),
    Url(String),
}

impl Delivery {
    /// The value for a field that holds either.
    pub(super) fn into_json(self) -> Json {
        match self {
            Self::Inline(file) => Json::Picture(file),
            Self::Url(url) => url.into(),
        }
    }

    /// The field of the Images API.
    pub(super) const fn key(&self) -> &'static str {
        match self {
            Self::Inline(_) => "b64_json",
            Self::Url(_) => "url",
        }
    }
}
