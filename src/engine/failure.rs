//! From the errors of each layer to the one thing that people are told.

use std::io;

use crate::gateway::{Cause, GatewayError, Limit, Phase};
use crate::library::LibraryError;
use crate::media::MediaError;
use crate::model::{
    ApiKey, Charge, Failure, FailureKind, GatewayProfile, Observation, Reason, TimeLimit,
};
use crate::protocol::{
    DecodeError, ModerationStage, OptionalParameter, WireError, classify, own_code, reason_of,
};

/// Most bytes of an answer that a failure carries along.
const MAX_RAW_BYTES: usize = 64 << 10;

/// Where an answer came from, for what is said about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) gateway: &'a GatewayProfile,
    /// Removed from everything that is kept.
    pub(super) key: Option<&'a ApiKey>,
    pub(super) request_id: Option<&'a str>,
}

impl Context<'_> {
    /// A request that did not run to its end.
    pub(super) fn of_transport(&self, error: &GatewayError) -> Failure {
        let kind = match (error.cause, error.phase) {
            (Cause::Canceled, _) => FailureKind::Canceled,
            (Cause::Url | Cause::Proxy, _) => FailureKind::InvalidRequest,
            (Cause::Key, _) => FailureKind::Auth,
            (Cause::Timeout, Phase::Answer | Phase::Body) => FailureKind::Timeout,
            _ => FailureKind::Network,
        };
        let is_broken = matches!(error.cause, Cause::Reset | Cause::Cut);
        Failure {
            // How long the gateway was waited for; a broken connection says nothing by its time.
            after_ms: error
                .after
                .filter(|_| error.cause == Cause::Timeout)
                .and_then(|after| u64::try_from(after.as_millis()).ok()),
            reason: (is_broken && error.phase != Phase::Connect).then_some(Reason::Cut),
            charge: match error.phase {
                Phase::Connect => Charge::No,
                _ if self.gateway.prices.failed_is_free => Charge::No,
                Phase::Answer | Phase::Body => Charge::Unknown,
            },
            request_id: self.request_id.map(str::to_owned),
            observation: observation_of_transport(error).map(Box::new),
            ..Failure::new(kind, self.redact(&error.to_string()))
        }
    }

    /// An answer that tells of a failure. `status`: that of the answer, also a good one.
    pub(super) fn of_answer(&self, status: u16, error: &WireError, raw: &[u8]) -> Failure {
        let kind = classify(Some(status), error);
        let charge = if self.gateway.prices.failed_is_free {
            // As iKun says of itself (protocol.md 8.6).
            Charge::No
        } else {
            charge(status, kind, error)
        };
        let is_own = error.code.as_deref().is_some_and(is_own_code);
        Failure {
            kind,
            reason: reason_of(Some(status), error),
            after_ms: None,
            status: Some(status),
            code: error
                .code
                .as_deref()
                .filter(|_| !is_own)
                .map(|code| self.redact(code)),
            message: self.redact(&message(error)),
            observation: error
                .code
                .as_deref()
                .and_then(observation_of_own)
                .map(Box::new),
            kept: None,
            request_id: self
                .request_id
                .map(str::to_owned)
                .or_else(|| error.request_id.as_deref().map(|id| self.redact(id))),
            charge,
            raw: self.raw(raw),
        }
    }

    /// An answer that can't be decoded further.
    pub(super) fn of_decoding(
        &self,
        status: u16,
        error: &DecodeError<io::Error>,
        raw: &[u8],
    ) -> Failure {
        let failure = match error {
            DecodeError::Sink(source) => of_disk(source),
            DecodeError::TooDeep { .. } => {
                Failure::new(FailureKind::Protocol, error.to_string()).found(Observation::TooDeep)
            }
            DecodeError::SkeletonTooLarge { limit } => {
                let bytes = u64::try_from(*limit).unwrap_or(u64::MAX);
                too_large(error, Observation::TextTooLong { bytes })
            }
            DecodeError::BlobTooLarge { limit } => {
                too_large(error, Observation::BlobTooLong { bytes: *limit })
            }
            DecodeError::TooManyBlobs { limit } => too_large(
                error,
                Observation::TooManyPictures {
                    most: u64::from(*limit),
                },
            ),
        };
        Failure {
            status: Some(status),
            charge: Charge::Unknown,
            request_id: self.request_id.map(str::to_owned),
            raw: self.raw(raw),
            ..failure
        }
    }

    /// What is kept of an answer: at most 64 KiB, the key removed.
    pub(super) fn raw(&self, bytes: &[u8]) -> Option<String> {
        let kept = bytes.get(..MAX_RAW_BYTES).unwrap_or(bytes);
        (!kept.is_empty()).then(|| self.redact(&String::from_utf8_lossy(kept)))
    }

    fn redact(&self, text: &str) -> String {
        self.key
            .map_or_else(|| text.to_owned(), |key| key.redact(text))
    }
}

fn too_large(error: &DecodeError<io::Error>, observation: Observation) -> Failure {
    Failure::new(FailureKind::TooLarge, error.to_string()).found(observation)
}

/// What happened on the way.
pub(super) fn observation_of_transport(error: &GatewayError) -> Option<Observation> {
    if let Some(limit) = error.limit {
        let (limit, length) = match limit {
            Limit::Connect(length) => (TimeLimit::Connect, length),
            Limit::FirstByte(length) => (TimeLimit::FirstByte, length),
            Limit::Silence(length) => (TimeLimit::Silence, length),
            Limit::Total(length) => (TimeLimit::Total, length),
        };
        let ms = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        return Some(Observation::TimeLimit { limit, ms });
    }
    match error.cause {
        Cause::Url => Some(Observation::BadAddress),
        Cause::Key => Some(Observation::BadKey),
        Cause::Dns => Some(Observation::NoSuchHost),
        Cause::Connect => Some(Observation::Unreachable),
        Cause::Tls => Some(Observation::Insecure),
        Cause::Reset => Some(Observation::Broke),
        Cause::Cut => Some(Observation::EndedEarly),
        Cause::Redirect => Some(Observation::Redirects),
        Cause::Proxy => Some(Observation::BadProxy),
        // The system's own words say more.
        Cause::Timeout | Cause::Canceled | Cause::Setup => None,
    }
}

/// What is behind the errors that we make ourselves, as far as their message is ours as well.
fn observation_of_own(code: &str) -> Option<Observation> {
    match code {
        own_code::NO_IMAGE | own_code::PREVIEWS_ONLY => Some(Observation::NoPicture),
        own_code::NOT_AN_IMAGE => Some(Observation::NotAPicture),
        own_code::STREAM_CUT => Some(Observation::EndedEarly),
        _ => None,
    }
}

/// The gateway's words, and what its safety check objected to where they do not say.
fn message(error: &WireError) -> String {
    let words = error.message.to_lowercase();
    let unsaid: Vec<&str> = error
        .categories
        .iter()
        .map(String::as_str)
        .filter(|category| !words.contains(&category.to_lowercase()))
        .collect();
    if unsaid.is_empty() {
        error.message.clone()
    } else {
        format!("{} ({})", error.message, unsaid.join(", "))
    }
}

/// Whether a failure that the gateway told of may have cost something (protocol.md 8.6).
fn charge(status: u16, kind: FailureKind, error: &WireError) -> Charge {
    match (status, kind) {
        // Whoever answers so has stopped waiting for a picture that may have been made.
        (504 | 520..=527, _) => Charge::Unknown,
        // Said by another than the one who stopped waiting.
        (_, FailureKind::Timeout) if status != 408 => Charge::Unknown,
        (_, FailureKind::Moderation) if error.stage == Some(ModerationStage::Input) => Charge::No,
        (400.., _)
        | (
            _,
            FailureKind::Auth
            | FailureKind::Permission
            | FailureKind::Quota
            | FailureKind::NotFound
            | FailureKind::RateLimit,
        ) => Charge::No,
        _ => Charge::Unknown,
    }
}

fn is_own_code(code: &str) -> bool {
    own_code::ALL.contains(&code)
}

/// The parameter without which the request may be sent once more, because the gateway says that it does not know it
/// (protocol.md 8.1).
pub(super) fn refused_parameter(status: u16, error: &WireError) -> Option<OptionalParameter> {
    matches!(status, 400 | 422)
        .then(|| OptionalParameter::named_by(error))
        .flatten()
}

/// The user does not want it any more; nothing was sent.
pub(super) fn canceled() -> Failure {
    Failure::new(FailureKind::Canceled, "canceled")
}

/// The user does not want it any more, and the gateway may make it all the same (quirk 40).
pub(super) fn canceled_after_sending() -> Failure {
    Failure {
        charge: Charge::Unknown,
        ..canceled()
    }
}

/// The disk refuses.
pub(super) fn of_disk(error: &io::Error) -> Failure {
    let failure = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::new(
            FailureKind::TooLarge,
            format!("no space is left on the disk: {error}"),
        )
        .found(Observation::DiskFull),
        _ => Failure::new(
            FailureKind::Protocol,
            format!("a file can't be read or written: {error}"),
        )
        .found(Observation::DiskRefuses),
    };
    Failure {
        reason: Some(Reason::Disk),
        ..failure
    }
}

/// The library refuses.
pub(super) fn of_library(error: &LibraryError) -> Failure {
    let kind = match error {
        LibraryError::DiskFull { .. } => FailureKind::TooLarge,
        LibraryError::Unknown { .. } => FailureKind::NotFound,
        _ => FailureKind::Protocol,
    };
    let is_disk = matches!(
        error,
        LibraryError::DiskFull { .. }
            | LibraryError::Denied { .. }
            | LibraryError::Io { .. }
            | LibraryError::NoFolder { .. }
    );
    let observation = match error {
        LibraryError::DiskFull { .. } => Some(Observation::DiskFull),
        _ => is_disk.then_some(Observation::DiskRefuses),
    };
    Failure {
        reason: is_disk.then_some(Reason::Disk),
        ..Failure::new(kind, error.to_string()).found(observation)
    }
}

/// A picture that can't be used.
pub(super) fn of_media(error: &MediaError) -> Failure {
    let kind = match error {
        MediaError::TooLarge { .. }
        | MediaError::TooLong { .. }
        | MediaError::NeedsMemory { .. } => FailureKind::TooLarge,
        // Not by the user: the picture did not come.
        MediaError::Canceled
        | MediaError::Io(_)
        | MediaError::Unknown
        | MediaError::Truncated { .. }
        | MediaError::Corrupt { .. }
        | MediaError::Unsupported { .. }
        | MediaError::Encode(_) => FailureKind::Protocol,
    };
    let observation = match error {
        MediaError::TooLarge { .. }
        | MediaError::TooLong { .. }
        | MediaError::NeedsMemory { .. } => Some(Observation::PictureTooLarge),
        MediaError::Unknown => Some(Observation::NotAPicture),
        MediaError::Truncated { rows } => Some(Observation::PictureCut { rows: *rows }),
        MediaError::Corrupt { .. } => Some(Observation::PictureDamaged),
        MediaError::Unsupported { .. } => Some(Observation::PictureUnsupported),
        MediaError::Canceled | MediaError::Io(_) | MediaError::Encode(_) => None,
    };
    Failure::new(kind, error.to_string()).found(observation)
}

/// The engine is going down.
pub(super) fn closing() -> Failure {
    Failure::new(FailureKind::Canceled, "the program is closing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Preset;

    fn gateway(preset: Preset) -> GatewayProfile {
        preset.profile()
    }

    #[test]
    fn who_was_charged() {
        let check = |preset: Preset, status: u16, error: WireError, expected: Charge| {
            let gateway = gateway(preset);
            let context = Context {
                gateway: &gateway,
                key: None,
                request_id: None,
            };
            let failure = context.of_answer(status, &error, b"");
            assert_eq!(failure.charge, expected, "{preset:?} {status} {error:?}");
        };
        let error = |code: &str| WireError {
            code: Some(code.to_owned()),
            ..WireError::default()
        };
        let moderation = |stage| WireError {
            stage: Some(stage),
            ..error("moderation_blocked")
        };
        check(Preset::Openai, 401, error(""), Charge::No);
        check(Preset::Openai, 502, error(""), Charge::No);
        check(Preset::Openai, 524, error(""), Charge::Unknown);
        check(Preset::Openai, 504, error(""), Charge::Unknown);
        check(Preset::IkunRescue1, 524, error(""), Charge::No);
        check(
            Preset::Openai,
            200,
            moderation(ModerationStage::Input),
            Charge::No,
        );
        check(
            Preset::Openai,
            200,
            moderation(ModerationStage::Output),
            Charge::Unknown,
        );
        check(Preset::Openai, 200, error("server_error"), Charge::Unknown);
        check(Preset::Openai, 200, error("insufficient_quota"), Charge::No);
    }

    #[test]
    fn keys_are_in_nothing_that_is_kept() {
        let gateway = gateway(Preset::Custom);
        let key = ApiKey::new("sk-secret").unwrap();
        let context = Context {
            gateway: &gateway,
            key: Some(&key),
            request_id: Some("req_1"),
        };
        let error = WireError {
            message: "wrong key sk-secret".to_owned(),
            ..WireError::default()
        };
        let failure = context.of_answer(401, &error, b"{\"key\":\"sk-secret\"}");
        assert_eq!(failure.message, "wrong key ***");
        assert_eq!(failure.raw.as_deref(), Some("{\"key\":\"***\"}"));
        assert_eq!(failure.request_id.as_deref(), Some("req_1"));
        let long = vec![b'x'; MAX_RAW_BYTES * 2];
        let failure = context.of_answer(500, &error, &long);
        assert_eq!(failure.raw.map(|raw| raw.len()), Some(MAX_RAW_BYTES));
    }
}
