//! Faults by name: everything that a gateway is known to do wrong, on demand.
//!
//! Only the names, and which hop of the answer a fault belongs to; the hops act on them: `answer` (an HTTP error),
//! `responses` and `images` (what the answer says), `studio` (the picture's bytes) and `transport` (the line).

use std::fmt;
use std::str::FromStr;

/// Bytes of the body that still arrive when `cut` is given without a number.
const DEFAULT_CUT_AFTER_BYTES: u64 = 65_536;

macro_rules! faults {
    ($($variant:ident = $name:literal: $effect:literal;)+) => {
        /// What goes wrong with an answer.
        ///
        /// Chosen for all requests by `--fault NAME`, for one by the header `x-demo-fault: NAME` or by the words
        /// `[fault:NAME]` in a prompt; the header wins over the prompt, the prompt over the option.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[expect(clippy::doc_markdown, reason = "the same words stand in --help")]
        pub enum Fault {
            $(#[doc = $effect] $variant,)+
            /// `cut=K`: the line breaks after K bytes of the body.
            Cut {
                /// Bytes of the body that still arrive.
                after_bytes: u64,
            },
            /// `524-after=K`: the edge page of `524`, after K seconds of silence.
            EdgeTimeoutAfter {
                /// How long nothing comes, in seconds.
                seconds: u64,
            },
        }

        impl Fault {
            /// Every fault without a number: the value, its name, its effect.
            const NAMED: &'static [(Self, &'static str, &'static str)] =
                &[$((Self::$variant, $name, $effect)),+];
        }
    };
}

faults! {
    Unauthorized = "401": "the key is refused";
    Forbidden = "403": "the key has no access to the model";
    Balance = "balance": "403: the balance is used up, said in Chinese";
    Quota = "quota": "429 that no waiting cures: insufficient_quota";
    NotFound = "404": "the model does not exist";
    RateLimit = "429": "too many requests, Retry-After: 1, every time";
    RateLimitThenOk = "429-then-ok": "429 for the first request of a prompt, then all is well";
    ServerError = "500": "server error, every time";
    ServerErrorThenOk = "500-then-ok": "500 for the first request of a prompt, then all is well";
    BadGateway = "502": "a relay's bad gateway";
    Overloaded = "503": "the server is overloaded";
    EdgeTimeout = "524": "an edge page: the origin took too long";
    UnknownParameter = "unknown-parameter": "400 that names response_format, moderation or reasoning while one of them is sent";
    ModerationInput = "moderation-input": "the prompt is refused by the safety check";
    Html = "html": "a web page with status 200";
    Silence = "silence": "the request is accepted, then nothing";
    SilenceInStream = "silence-in-stream": "the stream begins, then nothing";
    CutInPartial = "cut-in-partial": "the line breaks inside the first preview";
    Text = "text": "words instead of a picture";
    Refusal = "refusal": "the model refuses, in words";
    ModerationOutput = "moderation-output": "previews, then the finished picture is withheld";
    StreamError = "stream-error": "an error event after the first preview";
    Failed = "failed": "response.failed after the first preview";
    Incomplete = "incomplete": "response.incomplete: max_output_tokens";
    ContentFilter = "content-filter": "response.incomplete: content_filter";
    NoFinal = "no-final": "previews only";
    ErrorAfter = "error-after": "the picture, then an error";
    Fewer = "fewer": "one picture less than asked";
    Generating = "generating": "the full result with status 'generating', and no completed event";
    EmptyCompleted = "empty-completed": "response.completed with an empty output";
    OnlyCompleted = "only-completed": "the picture is in response.completed alone";
    NoId = "no-id": "no request id, no response id, no item ids";
    Url = "url": "URL results";
    ExpiredUrl = "expired-url": "URL results that have expired already";
    Json = "json": "JSON although a stream was asked for";
    Sse = "sse": "a stream although none was asked for";
    Smaller = "smaller": "half the size that was asked for, without saying so";
    WrongFormat = "wrong-format": "another format than asked for, without saying so";
    IgnoreMask = "ignore-mask": "the mask is ignored: the whole picture is painted anew";
    Corrupt = "corrupt": "a picture that does not decode";
    TruncatedPicture = "truncated-picture": "the last third of the picture's file is missing";
    Huge = "huge": "a PNG header that claims 100000x100000 pixels";
    Crlf = "crlf": "CRLF at the end of every line of a stream";
    Split = "split": "many tiny writes, at odd places";
    Slow = "slow": "10 Mbit/s";
}

/// A word that names no fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no fault is called '{text}'; there are: {}", Fault::names())]
pub struct ParseFaultError {
    /// What was given.
    pub text: String,
}

impl Fault {
    /// Every fault once, `cut` with its default number, `524-after` at once.
    pub fn all() -> impl Iterator<Item = Self> {
        let cut = Self::Cut {
            after_bytes: DEFAULT_CUT_AFTER_BYTES,
        };
        let edge = Self::EdgeTimeoutAfter { seconds: 0 };
        Self::NAMED
            .iter()
            .map(|(fault, ..)| *fault)
            .chain([cut, edge])
    }

    /// The fault that the words `[fault:NAME]` in a prompt ask for; the first one counts.
    ///
    /// # Errors
    /// [`ParseFaultError`] when NAME is none.
    pub fn in_prompt(prompt: &str) -> Result<Option<Self>, ParseFaultError> {
        find_tag(prompt)
            .map(|tag| tag.name.trim().parse())
            .transpose()
    }

    /// `prompt` without its `[fault:NAME]`, so that the picture is the same with and without it.
    #[must_use]
    pub fn strip_from(prompt: &str) -> String {
        find_tag(prompt).map_or_else(
            || prompt.to_owned(),
            |tag| format!("{} {}", tag.before.trim_end(), tag.after.trim_start()),
        )
    }

    /// A line for each fault, for `--help`.
    #[must_use]
    pub fn help() -> String {
        let mut text = String::from("Faults:\n");
        for (_, name, effect) in Self::NAMED {
            text.push_str(&format_line(name, effect));
        }
        text.push_str(&format_line(
            "cut, cut=K",
            "the line breaks after 65536 or K bytes of the body",
        ));
        text.push_str(&format_line(
            "524-after=K",
            "the edge page of 524, after K seconds of silence",
        ));
        text
    }

    fn names() -> String {
        let names: Vec<&str> = Self::NAMED.iter().map(|(_, name, _)| *name).collect();
        format!("{}, cut, cut=BYTES, 524-after=SECONDS", names.join(", "))
    }
}

fn format_line(name: &str, effect: &str) -> String {
    format!("  {name:<18} {effect}\n")
}

/// A prompt around its `[fault:NAME]`.
struct Tag<'a> {
    before: &'a str,
    name: &'a str,
    after: &'a str,
}

fn find_tag(prompt: &str) -> Option<Tag<'_>> {
    let (before, rest) = prompt.split_once("[fault:")?;
    let (name, after) = rest.split_once(']')?;
    Some(Tag {
        before,
        name,
        after,
    })
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { after_bytes } => return write!(f, "cut={after_bytes}"),
            Self::EdgeTimeoutAfter { seconds } => return write!(f, "524-after={seconds}"),
            _ => {}
        }
        let name = Self::NAMED
            .iter()
            .find(|(fault, ..)| fault == self)
            .map_or("", |(_, name, _)| name);
        f.write_str(name)
    }
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let cut = || match text.strip_prefix("cut")? {
            "" => Some(DEFAULT_CUT_AFTER_BYTES),
            number => number.strip_prefix('=')?.parse().ok(),
        };
        Self::NAMED
            .iter()
            .find(|(_, name, _)| *name == text)
            .map(|(fault, ..)| *fault)
            .or_else(|| cut().map(|after_bytes| Self::Cut { after_bytes }))
            .or_else(|| {
                let seconds = text.strip_prefix("524-after=")?.parse().ok()?;
                Some(Self::EdgeTimeoutAfter { seconds })
            })
            .ok_or_else(|| ParseFaultError {
                text: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_is_in_the_help() {
        let help = Fault::help();
        for fault in Fault::all() {
            let name = fault.to_string();
            assert_eq!(name.parse(), Ok(fault), "{name}");
            let listed = name.split('=').next().unwrap();
            assert!(help.contains(&format!("\n  {listed}")), "{name}");
        }
    }

    #[test]
    fn cut_takes_a_number() {
        let check = |text: &str, expected: Option<u64>| {
            let expected = expected.map(|after_bytes| Fault::Cut { after_bytes });
            assert_eq!(text.parse::<Fault>().ok(), expected, "{text}");
        };
        check("cut", Some(65_536));
        check("cut=0", Some(0));
        check("cut=12", Some(12));
        check("cut=", None);
        check("cut=-1", None);
        check("cutlery", None);
    }

    #[test]
    fn an_edge_may_take_its_time() {
        let check = |text: &str, expected: Option<u64>| {
            let expected = expected.map(|seconds| Fault::EdgeTimeoutAfter { seconds });
            assert_eq!(text.parse::<Fault>().ok(), expected, "{text}");
        };
        check("524-after=100", Some(100));
        check("524-after=", None);
        check("524-after", None);
    }

    #[test]
    fn a_prompt_may_carry_a_fault() {
        let check = |prompt: &str, fault: Option<&str>, rest: &str| {
            let found = Fault::in_prompt(prompt).unwrap().map(|f| f.to_string());
            assert_eq!(found.as_deref(), fault, "{prompt}");
            assert_eq!(Fault::strip_from(prompt), rest, "{prompt}");
        };
        check("a fox", None, "a fox");
        check("a fox [fault:429] in snow", Some("429"), "a fox in snow");
        check("雪中的狐狸[fault: cut=9 ]", Some("cut=9"), "雪中的狐狸 ");
        check("an open [fault:429", None, "an open [fault:429");
        assert!(Fault::in_prompt("[fault:nonsense]").is_err());
    }
}
