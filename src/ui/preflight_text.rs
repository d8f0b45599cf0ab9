//! What can be said of a request before it is sent, in the user's language, and the words on the buttons that help.

use crate::model::{Background, Finding, Fix, ImageFormat, MAX_PROMPT_CHARS, SizeIssue};

use super::format;
use super::intent::{ComposeIntent, Intent, MaskIntent};
use super::state::Blocker;
use super::text::{Key, Text};

/// What keeps a job from being started, in words.
pub(super) fn blocker(text: &Text, blocker: &Blocker) -> String {
    match blocker {
        Blocker::Starting => text.get(Key::BlockedStarting).to_owned(),
        Blocker::Finding(found, _) => finding(text, found),
        Blocker::VariablesMissing { count, .. } => {
            text.with(Key::BlockedVariables, [("count", (*count).into())])
        }
        Blocker::ReferencesLoading => text.get(Key::BlockedReferencesLoading).to_owned(),
        Blocker::MaskUnusable => text.get(Key::BlockedMask).to_owned(),
        Blocker::ReferenceUnfit { number, .. } => {
            text.with(Key::BlockedReference, [("number", (*number).into())])
        }
        Blocker::Alternatives { count } => {
            text.with(Key::BlockedAlternatives, [("count", (*count).into())])
        }
        Blocker::NoGateway => text.get(Key::BlockedNoGateway).to_owned(),
        Blocker::NoModel => text.get(Key::BlockedNoModel).to_owned(),
        Blocker::NoAddress => text.get(Key::BlockedAddress).to_owned(),
        Blocker::NoKey => text.get(Key::BlockedKey).to_owned(),
    }
}

/// The button that gets it out of the way, and what it does; `None` where nothing but waiting helps.
pub(super) fn remedy(text: &Text, blocker: &Blocker) -> Option<(String, Intent)> {
    match blocker {
        // The cursor stands in the prompt most of the time: that it is empty says enough.
        Blocker::Starting
        | Blocker::ReferencesLoading
        | Blocker::Alternatives { .. }
        | Blocker::NoGateway
        | Blocker::NoModel
        | Blocker::Finding(Finding::PromptEmpty, _) => None,
        Blocker::VariablesMissing { first, .. } => Some((
            text.get(Key::FillIn).to_owned(),
            Intent::Compose(ComposeIntent::FillIn(first.clone())),
        )),
        Blocker::MaskUnusable => Some((
            text.get(Key::MaskRemove).to_owned(),
            Intent::Mask(MaskIntent::Remove),
        )),
        Blocker::ReferenceUnfit { number, token } => Some((
            text.with(Key::ReferenceRemove, [("number", (*number).into())]),
            Intent::RemoveReference(*token),
        )),
        Blocker::Finding(_, fix) => Some((self::fix(text, fix), Intent::Fix(fix.clone()))),
        Blocker::NoAddress | Blocker::NoKey => {
            Some((text.get(Key::SetUp).to_owned(), Intent::ShowGateways(true)))
        }
    }
}

/// A finding in one sentence.
pub(super) fn finding(text: &Text, finding: &Finding) -> String {
    let plain = |key: Key| text.get(key).to_owned();
    match finding {
        Finding::PromptEmpty => plain(Key::BlockedPrompt),
        Finding::PromptTooLong { chars } => text.with(
            Key::BlockedPromptLong,
            [
                ("count", format::count(*chars as u64).into()),
                ("most", format::count(MAX_PROMPT_CHARS as u64).into()),
            ],
        ),
        Finding::ResolutionWord { word, .. } => {
            text.with(Key::FindingResolutionWord, [("word", word.as_str().into())])
        }
        Finding::SizeNotANumber => plain(Key::SizeNotANumber),
        Finding::SizeIllegal { issue, .. } => size_issue(text, *issue),
        Finding::SizeUnpublished { .. } => plain(Key::SizeUnpublished),
        Finding::TooManyReferences { most: 0, .. } => plain(Key::FindingNoReferences),
        Finding::TooManyReferences { used, most } => text.with(
            Key::BlockedReferencesMany,
            [
                ("used", used.to_string().into()),
                ("most", most.to_string().into()),
            ],
        ),
        Finding::FormatUnknown { asked, .. } => {
            text.with(Key::FindingFormat, [("format", format_name(*asked).into())])
        }
        Finding::TransparentJpeg => plain(Key::BlockedTransparentJpeg),
        Finding::TransparencyRefused => plain(Key::FindingTransparencyRefused),
        Finding::TransparencyOnTrial => plain(Key::FindingTransparencyOnTrial),
        Finding::CompressionUnused { compression } => text.with(
            Key::FindingCompression,
            [("value", compression.to_string().into())],
        ),
    }
}

fn size_issue(text: &Text, issue: SizeIssue) -> String {
    #[expect(clippy::cast_precision_loss, reason = "areas stay far below 2^52")]
    let millions = |pixels: u64| format!("{:.2}", pixels as f64 / 1e6);
    match issue {
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
    }
}

/// The words on the button of a fix.
pub(super) fn fix(text: &Text, fix: &Fix) -> String {
    let plain = |key: Key| text.get(key).to_owned();
    match fix {
        Fix::Write => plain(Key::ActionFocusPrompt),
        Fix::Remove(_) => plain(Key::FixRemove),
        Fix::Size(size) => text.with(
            Key::SizeUseNearest,
            [("size", format::pixel_size(*size).into())],
        ),
        Fix::KeepReferences(0) => plain(Key::FixNoReferences),
        Fix::KeepReferences(most) => {
            text.with(Key::FixKeepReferences, [("most", most.to_string().into())])
        }
        Fix::Format(format) => {
            text.with(Key::SizeUseNearest, [("size", format_name(*format).into())])
        }
        Fix::Background(Background::Auto) => plain(Key::FixBackgroundAuto),
        Fix::Background(Background::Opaque) => plain(Key::FixBackgroundOpaque),
        Fix::Background(Background::Transparent) => plain(Key::BackgroundTransparent),
        Fix::NoCompression => plain(Key::FixNoCompression),
    }
}

const fn format_name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Webp => "WebP",
    }
}
