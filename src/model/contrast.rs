//! Asked, claimed, got: what was sent, what the answer says of the picture, and what the decoded file is.

use super::{Background, ImageFormat, PixelSize, Quality, Recipe, SizeChoice};

/// A parameter that can be delivered otherwise than asked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ContrastOf {
    /// Width x height.
    Size,
    /// The file format.
    Format,
    /// How much work the model put in. No file tells.
    Quality,
    /// Transparent or opaque.
    Background,
}

/// How the three values of a parameter stand to each other; the worst that holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Nothing contradicts what was asked.
    AsAsked,
    /// It is not what was asked.
    Otherwise,
    /// The answer claims something else than the file is: the gateway says otherwise.
    FalseClaim,
}

/// The three values of a parameter, as people write them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contrast {
    /// Which parameter.
    pub of: ContrastOf,
    /// What we sent; `auto` where it was left to the gateway.
    pub asked: String,
    /// What the answer says, in its own spelling.
    pub claimed: Option<String>,
    /// What the file is; `None` where no file tells, or where an older version did not look.
    pub got: Option<String>,
    /// How they stand to each other.
    pub verdict: Verdict,
}

impl Recipe {
    /// Size, format, quality and background, in this order (protocol.md 4.4).
    ///
    /// A claim that contradicts the file counts also where all is as asked: a gateway that claims `3840x2160` for a
    /// picture of 1920 x 1080 is not to be believed in anything else.
    #[must_use]
    pub fn contrasts(&self) -> [Contrast; 4] {
        let asked = &self.parameters;
        let size_differs =
            matches!(asked.size, SizeChoice::Exact(wanted) if wanted != self.got_size);
        let size_claim = self.claimed_size.as_deref().and_then(exact_size);
        let format_claim: Option<ImageFormat> = self
            .claimed_format
            .as_deref()
            .and_then(|claimed| claimed.trim().to_ascii_lowercase().parse().ok());
        let quality_differs = asked.quality != Quality::Auto
            && self.claimed_quality.as_deref().is_some_and(|claimed| {
                let claimed = claimed.trim();
                !claimed.eq_ignore_ascii_case("auto")
                    && !claimed.eq_ignore_ascii_case(asked.quality.as_str())
            });
        let got_background = self.got_alpha.map(|has_alpha| {
            if has_alpha {
                Background::Transparent
            } else {
                Background::Opaque
            }
        });
        // An alpha channel may well be opaque everywhere; only its absence says something.
        let lacks_alpha = got_background == Some(Background::Opaque);
        let claims_alpha = self
            .claimed_background
            .as_deref()
            .is_some_and(|claimed| claimed.eq_ignore_ascii_case("transparent"));
        [
            Contrast {
                of: ContrastOf::Size,
                asked: asked.size.to_string(),
                claimed: self.claimed_size.clone(),
                got: Some(self.got_size.to_string()),
                verdict: verdict(
                    size_claim.is_some_and(|claimed| claimed != self.got_size),
                    size_differs,
                ),
            },
            Contrast {
                of: ContrastOf::Format,
                asked: asked.format.to_string(),
                claimed: self.claimed_format.clone(),
                got: Some(self.got_format.to_string()),
                verdict: verdict(
                    format_claim.is_some_and(|claimed| claimed != self.got_format),
                    asked.format != self.got_format,
                ),
            },
            Contrast {
                of: ContrastOf::Quality,
                asked: asked.quality.to_string(),
                claimed: self.claimed_quality.clone(),
                got: None,
                verdict: verdict(false, quality_differs),
            },
            Contrast {
                of: ContrastOf::Background,
                asked: asked.background.to_string(),
                claimed: self.claimed_background.clone(),
                got: got_background.map(|got| got.to_string()),
                verdict: verdict(
                    claims_alpha && lacks_alpha,
                    asked.background == Background::Transparent && lacks_alpha,
                ),
            },
        ]
    }
}

const fn verdict(is_false_claim: bool, is_otherwise: bool) -> Verdict {
    match (is_false_claim, is_otherwise) {
        (true, _) => Verdict::FalseClaim,
        (false, true) => Verdict::Otherwise,
        (false, false) => Verdict::AsAsked,
    }
}

/// A claim that names a size; `auto` and words claim nothing.
fn exact_size(claimed: &str) -> Option<PixelSize> {
    claimed.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApiKind, ImageId, JobId, Parameters, RECIPE_VERSION};

    fn recipe(asked: &str, claimed: Option<&str>, got: &str) -> Recipe {
        Recipe {
            version: RECIPE_VERSION,
            image: ImageId::from_parts(1, 1),
            job: JobId::from_parts(1, 1),
            index: 0,
            created_ms: 0,
            prompt: String::new(),
            revised_prompt: None,
            parameters: Parameters {
                size: asked.parse().unwrap(),
                ..Parameters::default()
            },
            gateway: String::new(),
            gateway_id: None,
            api: ApiKind::Images,
            model: None,
            image_model: String::new(),
            references: Vec::new(),
            mask: None,
            claimed_size: claimed.map(str::to_owned),
            claimed_format: None,
            claimed_quality: None,
            claimed_background: None,
            got_size: got.parse().unwrap(),
            got_format: ImageFormat::Png,
            got_alpha: Some(false),
            mismatch: Vec::new(),
            delivered_hash: String::new(),
            request_id: None,
            elapsed_ms: None,
            usage: None,
        }
    }

    #[test]
    fn three_values_of_the_size() {
        let check = |asked: &str, claimed: Option<&str>, got: &str, expected: Verdict| {
            let [size, ..] = recipe(asked, claimed, got).contrasts();
            assert_eq!(size.of, ContrastOf::Size);
            assert_eq!(size.verdict, expected, "{asked} {claimed:?} {got}");
            assert_eq!(
                (size.asked.as_str(), size.got.as_deref()),
                (asked, Some(got))
            );
            assert_eq!(size.claimed.as_deref(), claimed);
        };
        let (four, two) = ("3840x2160", "1920x1080");
        check(four, Some(four), four, Verdict::AsAsked);
        check(four, None, four, Verdict::AsAsked);
        check(four, Some("auto"), four, Verdict::AsAsked);
        check(four, None, two, Verdict::Otherwise);
        check(four, Some(two), two, Verdict::Otherwise);
        check(four, Some(four), two, Verdict::FalseClaim);
        check(four, Some(two), four, Verdict::FalseClaim);
        check("auto", Some(two), two, Verdict::AsAsked);
        check("auto", Some(four), two, Verdict::FalseClaim);
    }

    #[test]
    fn format_quality_and_background() {
        use Verdict::{AsAsked, FalseClaim, Otherwise};

        let check = |change: fn(&mut Recipe), expected: [Verdict; 3]| {
            let mut recipe = recipe("auto", None, "64x48");
            change(&mut recipe);
            let verdicts = recipe.contrasts().map(|contrast| contrast.verdict);
            assert_eq!(verdicts[1..], expected, "{recipe:?}");
        };
        check(|_| {}, [AsAsked, AsAsked, AsAsked]);
        check(
            |recipe| recipe.claimed_format = Some("PNG".to_owned()),
            [AsAsked, AsAsked, AsAsked],
        );
        check(
            |recipe| recipe.got_format = ImageFormat::Jpeg,
            [Otherwise, AsAsked, AsAsked],
        );
        check(
            |recipe| {
                recipe.claimed_format = Some("png".to_owned());
                recipe.got_format = ImageFormat::Webp;
            },
            [FalseClaim, AsAsked, AsAsked],
        );
        check(
            |recipe| {
                recipe.parameters.quality = Quality::High;
                recipe.claimed_quality = Some("low".to_owned());
            },
            [AsAsked, Otherwise, AsAsked],
        );
        check(
            |recipe| recipe.claimed_quality = Some("low".to_owned()),
            [AsAsked, AsAsked, AsAsked],
        );
        check(
            |recipe| recipe.parameters.background = Background::Transparent,
            [AsAsked, AsAsked, Otherwise],
        );
        check(
            |recipe| recipe.claimed_background = Some("transparent".to_owned()),
            [AsAsked, AsAsked, FalseClaim],
        );
        check(
            |recipe| {
                recipe.parameters.background = Background::Transparent;
                recipe.got_alpha = None;
            },
            [AsAsked, AsAsked, AsAsked],
        );
    }
}
