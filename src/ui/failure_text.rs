//! Failures in the user's language: the cause in one sentence, what to do, and the button that does it
//! (protocol.md 8.7). The gateway's own words are shown beside it, never instead of it.

use crate::model::{Charge, Failure, FailureKind, SizeIssue};

use super::format;
use super::state::{Blocker, SizeProblem};
use super::text::{Key, Text};

/// What a button on a failure does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Remedy {
    /// Opens the gateways, where the key goes.
    EnterKey,
    /// Opens the gateways.
    OpenGateways,
    /// Writes prompt and settings into the editor.
    EditPrompt,
    /// Starts the job once more.
    Again,
}

impl Remedy {
    /// The words on its button.
    pub(super) const fn text(self) -> Key {
        match self {
            Self::EnterKey => Key::RemedyKey,
            Self::OpenGateways => Key::RemedyGateway,
            Self::EditPrompt => Key::RemedyPrompt,
            Self::Again => Key::RemedyAgain,
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
    /// The button, if one helps.
    pub(super) remedy: Option<Remedy>,
}

const fn explain_as(cause: Key, advice: Key, remedy: Remedy) -> Explanation {
    Explanation {
        cause,
        advice,
        remedy: Some(remedy),
    }
}

/// Explains `failure`: by its kind, and where code or message say more, by them.
pub(super) fn explain(failure: &Failure) -> Explanation {
    let code = failure.code.as_deref().unwrap_or_default();
    let message = failure.message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match failure.kind {
        FailureKind::Auth => explain_as(Key::CauseAuth, Key::AdviceAuth, Remedy::EnterKey),
        FailureKind::Permission if says(&["region", "verif", "country", "地区", "验证"]) => {
            explain_as(Key::CauseRegion, Key::AdviceRegion, Remedy::OpenGateways)
        }
        FailureKind::Permission => explain_as(
            Key::CausePermission,
            Key::AdvicePermission,
            Remedy::OpenGateways,
        ),
        FailureKind::Quota | FailureKind::RateLimit if says(&["no available image quota"]) => {
            explain_as(Key::CauseNoAccount, Key::AdviceNoAccount, Remedy::Again)
        }
        FailureKind::Quota => explain_as(Key::CauseQuota, Key::AdviceQuota, Remedy::OpenGateways),
        FailureKind::NotFound => explain_as(
            Key::CauseNotFound,
            Key::AdviceNotFound,
            Remedy::OpenGateways,
        ),
        FailureKind::RateLimit => {
            explain_as(Key::CauseRateLimit, Key::AdviceRateLimit, Remedy::Again)
        }
        FailureKind::Moderation => moderation(failure, &message),
        FailureKind::InvalidRequest => invalid_request(code, &message),
        FailureKind::Server => explain_as(Key::CauseServer, Key::AdviceServer, Remedy::Again),
        FailureKind::Network => explain_as(Key::CauseNetwork, Key::AdviceNetwork, Remedy::Again),
        FailureKind::Timeout => explain_as(Key::CauseTimeout, Key::AdviceTimeout, Remedy::Again),
        FailureKind::Protocol => explain_as(Key::CauseProtocol, Key::AdviceProtocol, Remedy::Again),
        FailureKind::ExpiredUrl => explain_as(Key::CauseExpired, Key::AdviceExpired, Remedy::Again),
        FailureKind::TooLarge => {
            explain_as(Key::CauseTooLarge, Key::AdviceTooLarge, Remedy::EditPrompt)
        }
        FailureKind::Canceled => explain_as(Key::CauseCanceled, Key::AdviceCanceled, Remedy::Again),
    }
}

fn moderation(failure: &Failure, message: &str) -> Explanation {
    let raw = failure.raw.as_deref().unwrap_or_default();
    let stage = |stage: &str| {
        // `moderation_stage` is in the body only (protocol.md 8.2).
        raw.split("moderation_stage")
            .nth(1)
            .is_some_and(|rest| rest.chars().take(12).collect::<String>().contains(stage))
            || message.contains(&format!("{stage} stage"))
    };
    let (cause, advice) = if ["trademark", "copyright", "brand", "infring", "侵权"]
        .iter()
        .any(|word| message.contains(word))
    {
        (Key::CauseBrand, Key::AdviceBrand)
    } else if stage("input") {
        (Key::CauseModerationInput, Key::AdviceModerationInput)
    } else if stage("output") {
        (Key::CauseModerationOutput, Key::AdviceModerationOutput)
    } else {
        (Key::CauseModeration, Key::AdviceModeration)
    };
    explain_as(cause, advice, Remedy::EditPrompt)
}

fn invalid_request(code: &str, message: &str) -> Explanation {
    if code == "text_conversation_not_supported" {
        return explain_as(Key::CauseMisrouted, Key::AdviceMisrouted, Remedy::Again);
    }
    let is_parameter = matches!(code, "unknown_parameter" | "unsupported_parameter");
    let is_reference = code.contains("image") && code != "text_answer"
        || matches!(code, "empty_image_file" | "failed_to_download_image");
    let (cause, advice) = if is_parameter {
        (Key::CauseParameter, Key::AdviceParameter)
    } else if is_reference {
        (Key::CauseReference, Key::AdviceReference)
    } else if code == "text_answer" {
        (Key::CauseWords, Key::AdviceWords)
    } else if message.contains("size") || message.contains("尺寸") {
        (Key::CauseSize, Key::AdviceSize)
    } else {
        (Key::CauseInvalid, Key::AdviceInvalid)
    };
    explain_as(cause, advice, Remedy::EditPrompt)
}

/// Whether the user paid.
pub(super) const fn charge(charge: Charge) -> Key {
    match charge {
        Charge::No => Key::ChargeNo,
        Charge::Yes => Key::ChargeYes,
        Charge::Unknown => Key::ChargeUnknown,
    }
}

/// What keeps a job from being started, in words.
pub(super) fn blocker(text: &Text, blocker: Blocker) -> String {
    let plain = |key: Key| text.get(key).to_owned();
    match blocker {
        Blocker::Starting => plain(Key::BlockedStarting),
        Blocker::PromptEmpty => plain(Key::BlockedPrompt),
        Blocker::PromptTooLong { chars } => text.with(
            Key::BlockedPromptLong,
            [
                ("count", format::count(chars as u64).into()),
                (
                    "most",
                    format::count(crate::model::MAX_PROMPT_CHARS as u64).into(),
                ),
            ],
        ),
        Blocker::Size(problem) => size_problem(text, problem),
        Blocker::ReferencesLoading => plain(Key::BlockedReferencesLoading),
        Blocker::TooManyReferences { most } => {
            text.with(Key::BlockedReferencesMany, [("most", most.into())])
        }
        Blocker::TransparentJpeg => plain(Key::BlockedTransparentJpeg),
        Blocker::NoAddress => plain(Key::BlockedAddress),
        Blocker::NoKey => plain(Key::BlockedKey),
    }
}

/// What is wrong with a size, in words.
pub(super) fn size_problem(text: &Text, problem: SizeProblem) -> String {
    #[expect(clippy::cast_precision_loss, reason = "areas stay far below 2^52")]
    let millions = |pixels: u64| format!("{:.2}", pixels as f64 / 1e6);
    match problem {
        SizeProblem::NotANumber => text.get(Key::SizeNotANumber).to_owned(),
        SizeProblem::Illegal { issue, .. } => match issue {
            SizeIssue::NotMultiple { multiple } => {
                text.with(Key::SizeNotMultiple, [("multiple", multiple.into())])
            }
            // As text: Fluent would group the digits of a number.
            SizeIssue::TooLong { max_edge } => {
                text.with(Key::SizeTooLong, [("most", max_edge.to_string().into())])
            }
            SizeIssue::TooNarrow { max_ratio } => {
                text.with(Key::SizeTooNarrow, [("most", max_ratio.into())])
            }
            SizeIssue::TooSmall { min_pixels } => {
                text.with(Key::SizeTooSmall, [("least", millions(min_pixels).into())])
            }
            SizeIssue::TooLarge { max_pixels } => {
                text.with(Key::SizeTooLarge, [("most", millions(max_pixels).into())])
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind, code: &str, message: &str, raw: &str) -> Failure {
        Failure {
            code: Some(code.to_owned()),
            raw: Some(raw.to_owned()),
            ..Failure::new(kind, message)
        }
    }

    #[test]
    fn code_and_message_say_more_than_the_kind() {
        let check = |failure: &Failure, cause: Key| assert_eq!(explain(failure).cause, cause);
        check(
            &failure(
                FailureKind::Moderation,
                "moderation_blocked",
                "refused",
                r#"{"moderation_details":{"moderation_stage":"output"}}"#,
            ),
            Key::CauseModerationOutput,
        );
        check(
            &failure(FailureKind::Moderation, "", "refused", ""),
            Key::CauseModeration,
        );
        check(
            &failure(FailureKind::InvalidRequest, "invalid_value", "bad Size", ""),
            Key::CauseSize,
        );
        check(
            &failure(FailureKind::InvalidRequest, "image_too_large", "", ""),
            Key::CauseReference,
        );
        check(
            &failure(FailureKind::InvalidRequest, "unknown_parameter", "", ""),
            Key::CauseParameter,
        );
        check(
            &failure(FailureKind::RateLimit, "", "no available image quota", ""),
            Key::CauseNoAccount,
        );
    }

    #[test]
    fn every_kind_has_a_cause_and_an_advice_of_its_own() {
        let mut seen = std::collections::HashSet::new();
        for kind in FailureKind::ALL {
            let explanation = explain(&Failure::new(kind, ""));
            assert!(seen.insert(explanation.cause), "{kind}");
            assert!(explanation.cause.id().starts_with("cause-"));
            assert!(explanation.advice.id().starts_with("advice-"));
        }
    }
}
