//! Failures in the user's language: the cause in one sentence, what to do, and the button that does it
//! (protocol.md 8.7). The gateway's own words are shown beside it, never instead of it.

use crate::model::{Charge, Failure, FailureKind, GatewayProfile, Observation, Reason, TimeLimit};

use super::format;
use super::text::{Key, Text};

/// What a button on a failure does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Remedy {
    /// Opens the gateways, where the key goes.
    EnterKey,
    /// Opens the gateways.
    OpenGateways,
    /// Writes prompt and settings into the editor, to change the words.
    EditPrompt,
    /// The same, to change the settings.
    EditSettings,
    /// The same, to change the references.
    EditReferences,
    /// Writes all into the editor, with the nearest size that the model takes.
    NearestSize,
    /// Starts the job once more.
    Again,
    /// Fetches a finished picture once more, which costs nothing.
    Fetch,
}

impl Remedy {
    /// The words on its button. Where sending the request again may cost, they say so.
    pub(super) const fn text(self, charge: Charge) -> Key {
        match self {
            Self::EnterKey => Key::RemedyKey,
            Self::OpenGateways => Key::RemedyGateway,
            Self::EditPrompt => Key::RemedyPrompt,
            Self::EditSettings => Key::RemedySettings,
            Self::EditReferences => Key::RemedyReferences,
            Self::NearestSize => Key::SizeUseNearest,
            Self::Again => match charge {
                Charge::No => Key::RemedyAgain,
                Charge::Yes | Charge::Unknown => Key::RemedyAgainCharged,
            },
            Self::Fetch => Key::RemedyFetch,
        }
    }
}

/// A failure explained.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Explanation {
    /// What happened.
    pub(super) cause: Key,
    /// What to do.
    pub(super) advice: Key,
    /// The button.
    pub(super) remedy: Remedy,
}

const fn explain_as(cause: Key, advice: Key, remedy: Remedy) -> Explanation {
    Explanation {
        cause,
        advice,
        remedy,
    }
}

/// Explains `failure`: by what is behind it, and by its kind where nobody knows.
pub(super) fn explain(failure: &Failure) -> Explanation {
    match (failure.kind, failure.reason) {
        // Words of refusal: to ask for a picture once more would not help.
        (FailureKind::Moderation, Some(Reason::Words)) | (_, None) => by_kind(failure.kind),
        (_, Some(reason)) => by_reason(reason),
    }
}

const fn by_reason(reason: Reason) -> Explanation {
    let (cause, advice, remedy) = match reason {
        Reason::NoModelAccess => (
            Key::CausePermission,
            Key::AdvicePermission,
            Remedy::OpenGateways,
        ),
        Reason::Region => (Key::CauseRegion, Key::AdviceRegion, Remedy::OpenGateways),
        Reason::NotAnEndpoint => (
            Key::CauseEndpoint,
            Key::AdviceEndpoint,
            Remedy::OpenGateways,
        ),
        Reason::NoSuchModel => (Key::CauseNoModel, Key::AdviceNoModel, Remedy::OpenGateways),
        Reason::PromptRefused => (
            Key::CauseModerationInput,
            Key::AdviceModerationInput,
            Remedy::EditPrompt,
        ),
        Reason::PictureWithheld => (
            Key::CauseModerationOutput,
            Key::AdviceModerationOutput,
            Remedy::EditPrompt,
        ),
        Reason::Trademark => (Key::CauseBrand, Key::AdviceBrand, Remedy::EditPrompt),
        Reason::Size => (Key::CauseSize, Key::AdviceSize, Remedy::NearestSize),
        Reason::Parameter => (
            Key::CauseParameter,
            Key::AdviceParameter,
            Remedy::EditSettings,
        ),
        Reason::Reference => (
            Key::CauseReference,
            Key::AdviceReference,
            Remedy::EditReferences,
        ),
        Reason::PoolExhausted => (Key::CauseNoAccount, Key::AdviceNoAccount, Remedy::Again),
        Reason::ProxyGaveUp => (
            Key::CauseProxyGaveUp,
            Key::AdviceProxyGaveUp,
            Remedy::EditSettings,
        ),
        Reason::Misrouted => (Key::CauseMisrouted, Key::AdviceMisrouted, Remedy::Again),
        Reason::Words => (Key::CauseWords, Key::AdviceWords, Remedy::EditPrompt),
        Reason::Cut => (Key::CauseCut, Key::AdviceCut, Remedy::Again),
        Reason::PreviewsOnly => (
            Key::CausePreviewsOnly,
            Key::AdvicePreviewsOnly,
            Remedy::Again,
        ),
        Reason::Ticket => (Key::CauseTicket, Key::AdviceTicket, Remedy::OpenGateways),
        Reason::Disk => (Key::CauseDisk, Key::AdviceDisk, Remedy::Again),
    };
    explain_as(cause, advice, remedy)
}

const fn by_kind(kind: FailureKind) -> Explanation {
    let (cause, advice, remedy) = match kind {
        FailureKind::Auth => (Key::CauseAuth, Key::AdviceAuth, Remedy::EnterKey),
        FailureKind::Permission => (
            Key::CausePermission,
            Key::AdvicePermission,
            Remedy::OpenGateways,
        ),
        FailureKind::Quota => (Key::CauseQuota, Key::AdviceQuota, Remedy::OpenGateways),
        FailureKind::NotFound => (
            Key::CauseNotFound,
            Key::AdviceNotFound,
            Remedy::OpenGateways,
        ),
        FailureKind::RateLimit => (Key::CauseRateLimit, Key::AdviceRateLimit, Remedy::Again),
        FailureKind::Moderation => (
            Key::CauseModeration,
            Key::AdviceModeration,
            Remedy::EditPrompt,
        ),
        FailureKind::InvalidRequest => {
            (Key::CauseInvalid, Key::AdviceInvalid, Remedy::EditSettings)
        }
        FailureKind::Server => (Key::CauseServer, Key::AdviceServer, Remedy::Again),
        FailureKind::Network => (Key::CauseNetwork, Key::AdviceNetwork, Remedy::Again),
        FailureKind::Timeout => (Key::CauseTimeout, Key::AdviceTimeout, Remedy::Again),
        FailureKind::Protocol => (Key::CauseProtocol, Key::AdviceProtocol, Remedy::Again),
        FailureKind::ExpiredUrl => (Key::CauseExpired, Key::AdviceExpired, Remedy::Again),
        FailureKind::TooLarge => (
            Key::CauseTooLarge,
            Key::AdviceTooLarge,
            Remedy::EditSettings,
        ),
        FailureKind::Canceled => (Key::CauseCanceled, Key::AdviceCanceled, Remedy::Again),
    };
    explain_as(cause, advice, remedy)
}

/// What happened, in one sentence, with the second at which it did where that says something.
pub(super) fn cause(text: &Text, failure: &Failure) -> String {
    let explanation = explain(failure);
    match (explanation.cause, failure.after_ms) {
        // Who gives up within the first second tells nothing by it.
        (Key::CauseProxyGaveUp, Some(ms @ 1_000..)) => text.with(
            Key::CauseProxyGaveUpAfter,
            [("seconds", seconds(ms).into())],
        ),
        (cause, _) => text.get(cause).to_owned(),
    }
}

/// What to do, in one sentence.
pub(super) fn advice(text: &Text, failure: &Failure, gateway: &GatewayProfile) -> String {
    let explanation = explain(failure);
    match explanation.advice {
        Key::AdviceExpired => {
            let minutes = (gateway.limits.url_lifetime_secs / 60).max(1);
            text.with(
                Key::AdviceExpired,
                [("minutes", minutes.to_string().into())],
            )
        }
        advice => text.get(advice).to_owned(),
    }
}

/// What was seen to happen, below cause and advice: the program's own sentence in the user's language, or the gateway's
/// words as they are. Without what is kept.
pub(super) fn words(text: &Text, failure: &Failure) -> String {
    failure.observation.as_deref().map_or_else(
        || failure.words().to_owned(),
        |found| observation(text, *found),
    )
}

fn observation(text: &Text, observation: Observation) -> String {
    let plain = |key: Key| text.get(key).to_owned();
    let with = |key: Key, name: &'static str, value: String| text.with(key, [(name, value.into())]);
    match observation {
        Observation::BadAddress => plain(Key::FoundBadAddress),
        Observation::NoAddress => plain(Key::FoundNoAddress),
        Observation::BadKey => plain(Key::FoundBadKey),
        Observation::BadProxy => plain(Key::FoundBadProxy),
        Observation::NoSuchHost => plain(Key::FoundNoHost),
        Observation::Unreachable => plain(Key::FoundUnreachable),
        Observation::Insecure => plain(Key::FoundInsecure),
        Observation::Broke => plain(Key::FoundBroke),
        Observation::EndedEarly => plain(Key::FoundEndedEarly),
        Observation::Redirects => plain(Key::FoundRedirects),
        Observation::TimeLimit { limit, ms } => {
            let key = match limit {
                TimeLimit::Connect => Key::FoundLimitConnect,
                TimeLimit::FirstByte => Key::FoundLimitFirstByte,
                TimeLimit::Silence => Key::FoundLimitSilence,
                TimeLimit::Total => Key::FoundLimitTotal,
            };
            // As it was set: half seconds are legal.
            #[expect(clippy::cast_precision_loss, reason = "limits stay far below 2^52 ms")]
            let seconds = ms as f64 / 1000.0;
            with(key, "seconds", seconds.to_string())
        }
        Observation::TextTooLong { bytes } => {
            with(Key::FoundTextTooLong, "bytes", format::bytes(bytes))
        }
        Observation::BlobTooLong { bytes } => {
            with(Key::FoundBlobTooLong, "bytes", format::bytes(bytes))
        }
        Observation::TooManyPictures { most } => with(Key::FoundTooMany, "most", most.to_string()),
        Observation::TooDeep => plain(Key::FoundTooDeep),
        Observation::NoPicture => plain(Key::FoundNoPicture),
        Observation::NotAPicture => plain(Key::FoundNotAPicture),
        Observation::PictureTooLarge => plain(Key::FoundPictureTooLarge),
        // Without a single row it is no picture that was cut.
        Observation::PictureCut { rows: 0 } | Observation::PictureDamaged => {
            plain(Key::FoundPictureDamaged)
        }
        Observation::PictureCut { rows } => with(Key::FoundPictureCut, "rows", rows.to_string()),
        Observation::PictureUnsupported => plain(Key::FoundPictureUnsupported),
        Observation::FetchRefused { status } => {
            with(Key::FoundFetchRefused, "status", status.to_string())
        }
        Observation::FiledLater => plain(Key::FoundFiledLater),
        Observation::TooFew { came, asked } => text.with(
            Key::FoundTooFew,
            [("came", came.into()), ("asked", asked.into())],
        ),
        Observation::DiskFull => plain(Key::FoundDiskFull),
        Observation::DiskRefuses => plain(Key::FoundDiskRefuses),
        Observation::ProgramEnded => plain(Key::FoundProgramEnded),
        Observation::Bug => plain(Key::FoundBug),
    }
}

/// Whole seconds, as they are said.
pub(super) fn seconds(ms: u64) -> String {
    (ms.saturating_add(500) / 1000).to_string()
}

/// Whether the user paid.
pub(super) const fn charge(charge: Charge) -> Key {
    match charge {
        Charge::No => Key::ChargeNo,
        Charge::Yes => Key::ChargeYes,
        Charge::Unknown => Key::ChargeUnknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn a_reason_says_more_than_the_kind() {
        let mut failure = Failure::new(FailureKind::Moderation, "refused");
        assert_eq!(explain(&failure).cause, Key::CauseModeration);
        failure.reason = Some(Reason::PictureWithheld);
        assert_eq!(explain(&failure).cause, Key::CauseModerationOutput);
    }

    #[test]
    fn a_refusal_in_words_is_no_question_back() {
        let check = |kind: FailureKind, expected: Key| {
            let failure = Failure {
                reason: Some(Reason::Words),
                ..Failure::new(kind, "I can't help with that.")
            };
            assert_eq!(explain(&failure).advice, expected);
        };
        check(FailureKind::Moderation, Key::AdviceModeration);
        check(FailureKind::InvalidRequest, Key::AdviceWords);
    }

    #[test]
    fn every_reason_and_kind_has_a_cause_of_its_own_in_both_languages() {
        let reasons = Reason::ALL.map(|reason| Failure {
            reason: Some(reason),
            ..Failure::new(FailureKind::Server, "")
        });
        let kinds = FailureKind::ALL
            .into_iter()
            // What a key may not do is the same sentence, whoever says it.
            .filter(|kind| *kind != FailureKind::Permission)
            .map(|kind| Failure::new(kind, ""));
        let failures: Vec<Failure> = reasons.into_iter().chain(kinds).collect();
        let gateway = GatewayProfile::default();
        for language in Language::ALL {
            let text = Text::new(language);
            let mut seen = std::collections::HashSet::new();
            for failure in &failures {
                let explanation = explain(failure);
                let cause = cause(&text, failure);
                assert!(explanation.cause.id().starts_with("cause-"));
                assert!(explanation.advice.id().starts_with("advice-"));
                assert_ne!(cause, explanation.cause.id());
                assert_ne!(advice(&text, failure, &gateway), explanation.advice.id());
                assert!(seen.insert(cause.clone()), "{language:?}: {cause}");
            }
        }
    }

    #[test]
    fn what_the_program_found_is_said_in_the_users_language() {
        for language in Language::ALL {
            let text = Text::new(language);
            let mut seen = std::collections::HashSet::new();
            for observation in Observation::ALL {
                let failure = Failure::new(FailureKind::Network, "as logged").found(observation);
                let words = words(&text, &failure);
                assert!(!words.contains("found-") && !words.contains('{'), "{words}");
                assert_eq!(words.is_ascii(), language == Language::English, "{words}");
                assert!(seen.insert(words.clone()), "{words}");
            }
            let told = Failure::new(FailureKind::Server, "upstream error");
            assert_eq!(super::words(&text, &told), "upstream error");
        }
    }

    #[test]
    fn a_button_that_may_cost_says_so() {
        let check = |charge: Charge, expected: Key| {
            assert_eq!(Remedy::Again.text(charge), expected);
        };
        check(Charge::No, Key::RemedyAgain);
        check(Charge::Yes, Key::RemedyAgainCharged);
        check(Charge::Unknown, Key::RemedyAgainCharged);
    }

    #[test]
    fn a_cut_names_the_second() {
        let failure = Failure {
            reason: Some(Reason::ProxyGaveUp),
            after_ms: Some(100_240),
            ..Failure::new(FailureKind::Timeout, "")
        };
        for language in Language::ALL {
            assert!(cause(&Text::new(language), &failure).contains("100"));
        }
    }
}
