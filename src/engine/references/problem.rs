//! Why a picture can't be a reference: the case for the window's sentence, and the failure for everybody else.

use std::io;

use crate::media::{MediaError, foreign_format};
use crate::model::{Failure, FailureKind, ReferenceProblem};

use super::super::failure;

/// A picture that does not become a reference.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Because of what it is.
    Problem(ReferenceProblem),
    /// Because of something else, such as a full disk.
    Failure(Box<Failure>),
}

impl Refusal {
    /// What is told of the picture called `name`.
    pub(super) fn about(self, name: &str) -> (Failure, ReferenceProblem) {
        match self {
            Self::Problem(problem) => {
                let kind = match problem {
                    ReferenceProblem::TooManyPixels { .. }
                    | ReferenceProblem::TooManyBytes { .. }
                    | ReferenceProblem::TooMuchMemory { .. } => FailureKind::TooLarge,
                    ReferenceProblem::NothingPasted => FailureKind::NotFound,
                    _ => FailureKind::InvalidRequest,
                };
                (Failure::new(kind, format!("{problem}: {name}")), problem)
            }
            Self::Failure(failure) => {
                let problem = ReferenceProblem::Other {
                    reason: failure.message.clone(),
                };
                let message = format!("{}: {name}", failure.message);
                (
                    Failure {
                        message,
                        ..*failure
                    },
                    problem,
                )
            }
        }
    }
}

impl From<ReferenceProblem> for Refusal {
    fn from(problem: ReferenceProblem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

/// A file that the system does not give.
pub(super) fn of_file(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::NotFound => ReferenceProblem::Gone,
        _ => ReferenceProblem::Unreadable {
            reason: error.to_string(),
        },
    }
    .into()
}

/// A file that does not decode.
pub(super) fn of_media(error: &MediaError, file: &[u8]) -> Refusal {
    match error {
        _ if file.is_empty() && !matches!(error, MediaError::Encode(_)) => ReferenceProblem::Empty,
        MediaError::Unknown => match foreign_format(file) {
            Some(format) => ReferenceProblem::Format {
                format: format.to_owned(),
            },
            None => ReferenceProblem::NotAPicture,
        },
        // Less than the twelve bytes that tell what it is.
        MediaError::Truncated { .. } if file.len() < 12 => ReferenceProblem::NotAPicture,
        MediaError::Truncated { .. } => ReferenceProblem::Cut,
        MediaError::TooLarge {
            size: Some(size), ..
        } => ReferenceProblem::TooManyPixels { size: *size },
        MediaError::TooLong { most } => ReferenceProblem::TooManyBytes { most: *most },
        MediaError::NeedsMemory { format, .. } => ReferenceProblem::TooMuchMemory {
            format: format.to_string(),
        },
        MediaError::Corrupt { .. } => ReferenceProblem::Damaged,
        MediaError::Unsupported { format, .. } => ReferenceProblem::Kind {
            format: format.to_string(),
        },
        MediaError::TooLarge { size: None, .. }
        | MediaError::Canceled
        | MediaError::Io(_)
        | MediaError::Encode(_) => {
            return failure::of_media(error).into();
        }
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::SourceFormat;
    use crate::model::PixelSize;

    #[test]
    fn each_error_has_its_sentence() {
        let check = |error: MediaError, file: &[u8], expected: &str, kind| {
            let (failure, problem) = of_media(&error, file).about("fox.png");
            assert_eq!(problem.to_string(), expected);
            assert_eq!(failure.message, format!("{expected}: fox.png"));
            assert_eq!(failure.kind, kind);
        };
        let wrong = FailureKind::InvalidRequest;
        let cut = || MediaError::Truncated { rows: 3 };
        check(cut(), b"", "the file is empty", wrong);
        check(cut(), b"short", "the file is not a picture", wrong);
        check(
            cut(),
            &[1; 20],
            "the file ends before the picture does",
            wrong,
        );
        check(
            MediaError::Unknown,
            b"no picture at all",
            "the file is not a picture",
            wrong,
        );
        check(
            MediaError::Unknown,
            b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
            "AVIF pictures can't be read; save it as PNG or JPEG",
            wrong,
        );
        let size = PixelSize::new(20_000, 20_000);
        check(
            MediaError::TooLarge {
                size,
                what: String::new(),
            },
            &[1; 20],
            "the picture has 20000x20000 pixels, which is more than can be read",
            FailureKind::TooLarge,
        );
        check(
            MediaError::TooLong { most: 7 },
            &[1; 20],
            "the file is larger than 7 bytes",
            FailureKind::TooLarge,
        );
        check(
            MediaError::NeedsMemory {
                format: SourceFormat::Tiff,
                source: "much".into(),
            },
            &[1; 20],
            "decoding this TIFF file takes too much memory; save it again as PNG or JPEG",
            FailureKind::TooLarge,
        );
        check(
            MediaError::Unsupported {
                format: SourceFormat::Jpeg,
                source: "12 bits".into(),
            },
            &[1; 20],
            "this kind of JPEG file can't be read; save it as PNG or JPEG",
            wrong,
        );
    }
}
