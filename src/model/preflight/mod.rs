//! What can be said about a request before it is sent: what can't work, what is likely to disappoint, and what helps.
//!
//! Pure, and quick enough to run with every keystroke.

mod words;

use std::fmt;
use std::ops::Range;

use super::{
    Background, ImageFormat, MAX_PROMPT_CHARS, ModelCapability, Parameters, PixelSize, SizeChoice,
    SizeIssue, SizeTier, Transparency,
};

/// Whether a finding is in the way.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// It may be sent; the result may not be what is wanted.
    Warning,
    /// It can't be sent.
    Impossible,
}

/// Something about a request that is worth a word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// Nothing is written.
    PromptEmpty,
    /// More than a model takes.
    PromptTooLong {
        /// Its length in characters.
        chars: usize,
    },
    /// A word such as «8K»: models paint better for it at best, the picture gets no larger (protocol.md 1.1).
    ResolutionWord {
        /// Where it stands in the prompt, in bytes.
        range: Range<usize>,
        /// As it is written.
        word: String,
        /// The tier that it names, where there is one.
        tier: Option<SizeTier>,
    },
    /// The size is no pair of numbers above zero.
    SizeNotANumber,
    /// The model does not take the size.
    SizeIllegal {
        /// The rule that it breaks.
        issue: SizeIssue,
        /// The closest size that it takes.
        nearest: PixelSize,
    },
    /// Nobody published that the model takes the size; the gateway may.
    SizeUnpublished {
        /// The closest size that is published.
        nearest: PixelSize,
    },
    /// More references than the model takes.
    TooManyReferences {
        /// How many there are.
        used: usize,
        /// The limit.
        most: usize,
    },
    /// The model has no such format.
    FormatUnknown {
        /// The one that was asked for.
        asked: ImageFormat,
        /// The first that it has.
        instead: ImageFormat,
    },
    /// JPEG has no transparency.
    TransparentJpeg,
    /// The model makes no transparent backgrounds.
    TransparencyRefused,
    /// Transparent backgrounds are on trial.
    TransparencyOnTrial,
    /// PNG is not compressed by a number, which stays here.
    CompressionUnused {
        /// The number, 0-100.
        compression: u8,
    },
}

/// What helps with a finding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fix {
    /// Put the cursor into the prompt.
    Write,
    /// Take these bytes out of the prompt.
    Remove(Range<usize>),
    /// Ask for this size.
    Size(PixelSize),
    /// Keep the first few references.
    KeepReferences(usize),
    /// Ask for this format.
    Format(ImageFormat),
    /// Ask for this background.
    Background(Background),
    /// Leave the compression to the model.
    NoCompression,
}

/// A request as it is being composed.
#[derive(Clone, Copy, Debug)]
pub struct Composition<'a> {
    /// As written.
    pub prompt: &'a str,
    /// The size that would be sent; `None`: what is typed is no size.
    pub size: Option<SizeChoice>,
    /// Everything else; its size does not count.
    pub parameters: &'a Parameters,
    /// How many references there are.
    pub references: usize,
    /// What the model takes behind the chosen gateway.
    pub capability: &'a ModelCapability,
}

impl Finding {
    /// Whether it is in the way.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::PromptEmpty
            | Self::PromptTooLong { .. }
            | Self::SizeNotANumber
            | Self::SizeIllegal { .. }
            | Self::TooManyReferences { .. }
            | Self::TransparentJpeg => Severity::Impossible,
            Self::ResolutionWord { .. }
            | Self::SizeUnpublished { .. }
            | Self::FormatUnknown { .. }
            | Self::TransparencyRefused
            | Self::TransparencyOnTrial
            | Self::CompressionUnused { .. } => Severity::Warning,
        }
    }

    /// What helps; every finding has something.
    #[must_use]
    pub fn fix(&self, composition: &Composition<'_>) -> Fix {
        match self {
            Self::PromptEmpty => Fix::Write,
            Self::PromptTooLong { .. } => Fix::Remove(words::beyond(composition.prompt)),
            Self::ResolutionWord { range, .. } => {
                Fix::Remove(words::with_its_comma(composition.prompt, range.clone()))
            }
            Self::SizeNotANumber => Fix::Size(usual_size(composition.capability)),
            Self::SizeIllegal { nearest, .. } | Self::SizeUnpublished { nearest } => {
                Fix::Size(*nearest)
            }
            Self::TooManyReferences { most, .. } => Fix::KeepReferences(*most),
            Self::FormatUnknown { instead, .. } => Fix::Format(*instead),
            Self::TransparentJpeg => Fix::Format(ImageFormat::Png),
            Self::TransparencyRefused | Self::TransparencyOnTrial => {
                Fix::Background(Background::Auto)
            }
            Self::CompressionUnused { .. } => Fix::NoCompression,
        }
    }

    /// Where in the prompt it is, in bytes.
    #[must_use]
    pub fn range(&self, prompt: &str) -> Option<Range<usize>> {
        match self {
            Self::ResolutionWord { range, .. } => Some(range.clone()),
            Self::PromptTooLong { .. } => Some(words::beyond(prompt)),
            _ => None,
        }
    }
}

impl fmt::Display for Finding {
    /// In English, for the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PromptEmpty => f.write_str("the prompt is empty"),
            Self::PromptTooLong { chars } => {
                write!(
                    f,
                    "the prompt has {chars} characters, more than {MAX_PROMPT_CHARS}"
                )
            }
            Self::ResolutionWord { word, .. } => write!(
                f,
                "\u{ab}{word}\u{bb} in the prompt does not raise the resolution; choose a size"
            ),
            Self::SizeNotANumber => f.write_str("the size is no pair of numbers"),
            Self::SizeIllegal { issue, nearest } => {
                write!(f, "{issue}; the nearest size that is taken is {nearest}")
            }
            Self::SizeUnpublished { nearest } => write!(
                f,
                "the size is outside the published ones; the nearest published size is {nearest}"
            ),
            Self::TooManyReferences { used, most } => {
                write!(
                    f,
                    "{used} references are more than the {most} that are taken"
                )
            }
            Self::FormatUnknown { asked, .. } => write!(f, "the model does not deliver {asked}"),
            Self::TransparentJpeg => f.write_str("JPEG can't be transparent"),
            Self::TransparencyRefused => f.write_str("the model makes no transparent backgrounds"),
            Self::TransparencyOnTrial => f.write_str(
                "transparent backgrounds are on trial; the gateway may refuse or ignore them",
            ),
            Self::CompressionUnused { compression } => {
                write!(
                    f,
                    "PNG has no compression setting; {compression} is not sent"
                )
            }
        }
    }
}

/// A square of the smallest tier, as far as the model takes it.
fn usual_size(capability: &ModelCapability) -> PixelSize {
    let square = PixelSize::SQUARE_1K;
    capability.nearest_size(square)
}

/// Everything that can be said, in the order in which the window shows its parts; of the words at most a few.
#[must_use]
pub fn preflight(composition: &Composition<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    prompt(composition.prompt, &mut findings);
    if composition.references > composition.capability.max_references {
        findings.push(Finding::TooManyReferences {
            used: composition.references,
            most: composition.capability.max_references,
        });
    }
    size(composition, &mut findings);
    parameters(composition, &mut findings);
    findings
}

fn prompt(prompt: &str, findings: &mut Vec<Finding>) {
    if prompt.trim().is_empty() {
        findings.push(Finding::PromptEmpty);
        return;
    }
    // Bytes bound the characters, so a short text is never counted.
    if prompt.len() > MAX_PROMPT_CHARS {
        let chars = prompt.chars().count();
        if chars > MAX_PROMPT_CHARS {
            findings.push(Finding::PromptTooLong { chars });
        }
    }
    findings.extend(words::resolution_words(prompt));
}

fn size(composition: &Composition<'_>, findings: &mut Vec<Finding>) {
    let capability = composition.capability;
    let Some(choice) = composition.size else {
        findings.push(Finding::SizeNotANumber);
        return;
    };
    let Some(size) = choice.exact() else {
        return;
    };
    let nearest = || capability.nearest_size(size);
    if let Err(issue) = capability.check_size(size) {
        findings.push(Finding::SizeIllegal {
            issue,
            nearest: nearest(),
        });
    } else if capability.check_advised_size(size).is_err() {
        findings.push(Finding::SizeUnpublished { nearest: nearest() });
    }
}

fn parameters(composition: &Composition<'_>, findings: &mut Vec<Finding>) {
    let Composition {
        parameters,
        capability,
        ..
    } = *composition;
    let format = parameters.format;
    if let Some(&instead) = capability.formats.first()
        && !capability.formats.contains(&format)
    {
        findings.push(Finding::FormatUnknown {
            asked: format,
            instead,
        });
    }
    if parameters.background == Background::Transparent {
        if format == ImageFormat::Jpeg {
            findings.push(Finding::TransparentJpeg);
        }
        match capability.transparency {
            Transparency::Yes => {}
            Transparency::Preview => findings.push(Finding::TransparencyOnTrial),
            Transparency::No => findings.push(Finding::TransparencyRefused),
        }
    }
    if let Some(compression) = parameters.compression
        && format == ImageFormat::Png
    {
        findings.push(Finding::CompressionUnused { compression });
    }
}

#[cfg(test)]
mod tests;
