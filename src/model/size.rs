//! Picture sizes: the value type, the choice «auto or exact», and the tiers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Width x height in pixels; neither is zero.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PixelSize {
    width: u32,
    height: u32,
}

/// A text that is neither `auto` nor `WIDTHxHEIGHT`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a size is 'auto' or WIDTHxHEIGHT such as 1536x1024, not '{text}'")]
pub struct ParseSizeError {
    /// What was given.
    pub text: String,
}

impl PixelSize {
    /// 1024 x 1024, which every model takes.
    pub(super) const SQUARE_1K: Self = Self {
        width: 1024,
        height: 1024,
    };

    /// `None` when a side is zero.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Option<Self> {
        if width == 0 || height == 0 {
            None
        } else {
            Some(Self { width, height })
        }
    }

    /// Pixels in a row.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Number of pixels.
    #[must_use]
    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The longer side in pixels.
    #[must_use]
    pub const fn longer(self) -> u32 {
        if self.width > self.height {
            self.width
        } else {
            self.height
        }
    }

    /// The shorter side in pixels.
    #[must_use]
    pub const fn shorter(self) -> u32 {
        if self.width < self.height {
            self.width
        } else {
            self.height
        }
    }

    /// Width divided by height.
    #[must_use]
    pub fn ratio(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }

    /// The same size turned by 90°.
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }

    /// Which of the three tiers a size belongs to, by its longer side.
    #[must_use]
    pub const fn tier(self) -> SizeTier {
        // A 3:2 picture of the 1K tier is 1536 wide, the largest 2K preset 2560.
        match self.longer() {
            0..=1536 => SizeTier::OneK,
            1537..=2560 => SizeTier::TwoK,
            _ => SizeTier::FourK,
        }
    }
}

impl fmt::Display for PixelSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for PixelSize {
    type Err = ParseSizeError;

    /// Reads `WxH`; `X`, `×`, `*` and full-width digits are accepted, as an input method may give them.
    fn from_str(text: &str) -> Result<Self, ParseSizeError> {
        let wrong = || ParseSizeError {
            text: text.to_owned(),
        };
        let folded: String = text.trim().chars().map(fold_width).collect();
        let (width, height) = folded.split_once('x').ok_or_else(wrong)?;
        let side = |part: &str| {
            let part = part.trim();
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            part.parse::<u32>().ok()
        };
        match (side(width), side(height)) {
            (Some(width), Some(height)) => Self::new(width, height).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

/// Maps full-width forms to ASCII and every multiplication sign to `x`.
fn fold_width(c: char) -> char {
    match super::width::narrow_char(c) {
        'X' | '×' | '*' | '✕' => 'x',
        other => other,
    }
}

impl TryFrom<String> for PixelSize {
    type Error = ParseSizeError;

    fn try_from(text: String) -> Result<Self, ParseSizeError> {
        text.parse()
    }
}

impl From<PixelSize> for String {
    fn from(size: PixelSize) -> Self {
        size.to_string()
    }
}

/// The size parameter: let the model choose, or exactly this.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SizeChoice {
    /// `auto`
    #[default]
    Auto,
    /// `WxH`
    Exact(PixelSize),
}

impl SizeChoice {
    /// The exact size, if one was chosen.
    #[must_use]
    pub const fn exact(self) -> Option<PixelSize> {
        match self {
            Self::Auto => None,
            Self::Exact(size) => Some(size),
        }
    }
}

impl fmt::Display for SizeChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Exact(size) => size.fmt(f),
        }
    }
}

impl FromStr for SizeChoice {
    type Err = ParseSizeError;

    fn from_str(text: &str) -> Result<Self, ParseSizeError> {
        if text.trim().eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        text.parse().map(Self::Exact)
    }
}

impl TryFrom<String> for SizeChoice {
    type Error = ParseSizeError;

    fn try_from(text: String) -> Result<Self, ParseSizeError> {
        text.parse()
    }
}

impl From<SizeChoice> for String {
    fn from(size: SizeChoice) -> Self {
        size.to_string()
    }
}

/// 1K, 2K or 4K.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd, Serialize, Deserialize)]
pub enum SizeTier {
    /// About one megapixel.
    #[serde(rename = "1K")]
    OneK,
    /// About two to four megapixels.
    #[serde(rename = "2K")]
    TwoK,
    /// Up to 8.3 megapixels.
    #[serde(rename = "4K")]
    FourK,
}

impl SizeTier {
    /// All, smallest first.
    pub const ALL: [Self; 3] = [Self::OneK, Self::TwoK, Self::FourK];

    /// `1K`, `2K`, `4K`; the same in every language.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OneK => "1K",
            Self::TwoK => "2K",
            Self::FourK => "4K",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_and_input_methods_write() {
        let check = |text: &str, expected: Option<(u32, u32)>| {
            let got = text
                .parse::<PixelSize>()
                .ok()
                .map(|s| (s.width(), s.height()));
            assert_eq!(got, expected, "{text}");
        };
        check("1536x1024", Some((1536, 1024)));
        check(" 1536 X 1024 ", Some((1536, 1024)));
        check("３８４０×２１６０", Some((3840, 2160)));
        check("3840*2160", Some((3840, 2160)));
        check("0x1024", None);
        check("-1x1024", None);
        check("+1x1024", None);
        check("1024", None);
        check("1024x1024x3", None);
        check("99999999999x1", None);
        check("", None);
    }

    #[test]
    fn choice_round_trips() {
        for text in ["auto", "3840x2160"] {
            assert_eq!(text.parse::<SizeChoice>().unwrap().to_string(), text);
        }
        assert!("big".parse::<SizeChoice>().is_err());
    }
}
