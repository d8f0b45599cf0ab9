use super::*;

fn composition<'a>(
    prompt: &'a str,
    parameters: &'a Parameters,
    capability: &'a ModelCapability,
) -> Composition<'a> {
    Composition {
        prompt,
        size: Some(parameters.size),
        parameters,
        references: 0,
        capability,
    }
}

/// The findings of a prompt with parameters that are in order.
fn of_prompt(prompt: &str) -> Vec<Finding> {
    let (parameters, capability) = (Parameters::default(), ModelCapability::GPT_IMAGE_2);
    preflight(&composition(prompt, &parameters, &capability))
}

/// The findings of parameters, and each one's remedy.
fn of_parameters(parameters: &Parameters, capability: &ModelCapability) -> Vec<(Finding, Fix)> {
    let composition = composition("a fox", parameters, capability);
    preflight(&composition)
        .into_iter()
        .map(|finding| {
            let fix = finding.fix(&composition);
            (finding, fix)
        })
        .collect()
}

#[test]
fn words_that_promise_a_resolution_are_found() {
    let check = |prompt: &str, expected: &[&str]| {
        let words: Vec<String> = of_prompt(prompt)
            .into_iter()
            .map(|finding| match finding {
                Finding::ResolutionWord { range, word, .. } => {
                    assert_eq!(prompt[range], word);
                    word
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(words, expected, "{prompt}");
    };
    check("a fox, 8K", &["8K"]);
    check("8k, 16K quality", &["8k", "16K"]);
    check("超清8K画质，４Ｋ分辨率", &["8K", "４Ｋ"]);
    check("full HD 1080p, 2160P", &["1080p", "2160P"]);
    // Other words.
    for plain in [
        "a 5km run",
        "4k2",
        "ISO 100k5",
        "year 2024",
        "10k3",
        "0K",
        "K8",
        "a8K",
        "300k people",
        "mp3",
        "6p",
        "狐狸",
    ] {
        check(plain, &[]);
    }
    check(&"8K ".repeat(50), &["8K"; 8]);
}

#[test]
fn a_word_that_goes_takes_its_comma_along() {
    let check = |prompt: &str, expected: &str| {
        let (parameters, capability) = (Parameters::default(), ModelCapability::GPT_IMAGE_2);
        let composition = composition(prompt, &parameters, &capability);
        let finding = preflight(&composition).remove(0);
        let Fix::Remove(range) = finding.fix(&composition) else {
            panic!("{finding:?}");
        };
        let mut left = prompt.to_owned();
        left.replace_range(range, "");
        assert_eq!(left, expected, "{prompt}");
    };
    check("a fox, 8K", "a fox");
    check("a fox, 8K, snow", "a fox, snow");
    check("8K, a fox", "a fox");
    check("an 8K fox", "an fox");
    check("8K a fox", "a fox");
    check("狐狸，8K，雪", "狐狸，雪");
    check("狐狸8K超清", "狐狸超清");
    check("狐狸，8K。", "狐狸。");
    check("8K", "");
    check("a fox\n8K, snow", "a fox\nsnow");
}

#[test]
fn nothing_written_and_too_much() {
    assert_eq!(of_prompt(" \n"), [Finding::PromptEmpty]);
    let long = "狐".repeat(MAX_PROMPT_CHARS + 3);
    let finding = of_prompt(&long).remove(0);
    assert_eq!(
        finding,
        Finding::PromptTooLong {
            chars: MAX_PROMPT_CHARS + 3
        }
    );
    assert_eq!(finding.range(&long), Some(long.len() - 9..long.len()));
    assert_eq!(of_prompt(&"狐".repeat(MAX_PROMPT_CHARS)), []);
}

#[test]
fn sizes_are_put_right_with_one_click() {
    let size = |text: &str| text.parse::<PixelSize>().unwrap();
    let check = |text: &str, capability: &ModelCapability, expected: Option<(Severity, &str)>| {
        let parameters = Parameters {
            size: SizeChoice::Exact(size(text)),
            ..Parameters::default()
        };
        let found = of_parameters(&parameters, capability);
        let found: Vec<_> = found
            .into_iter()
            .map(|(finding, fix)| (finding.severity(), fix))
            .collect();
        let expected = expected.map(|(severity, text)| (severity, Fix::Size(size(text))));
        assert_eq!(found, Vec::from_iter(expected), "{text}");
    };
    let strict = ModelCapability::GPT_IMAGE_2;
    check("3840x2160", &strict, None);
    check(
        "1919x1079",
        &strict,
        Some((Severity::Impossible, "1920x1072")),
    );
    let ikun = ModelCapability {
        sizes: None,
        advised_sizes: strict.sizes,
        extra_sizes: vec![size("1920x1080")],
        ..strict
    };
    check("1920x1080", &ikun, None);
    check("1919x1079", &ikun, Some((Severity::Warning, "1920x1080")));
}

#[test]
fn no_size_at_all_becomes_a_usual_one() {
    let (parameters, capability) = (Parameters::default(), ModelCapability::GPT_IMAGE_2);
    let composition = Composition {
        size: None,
        ..composition("a fox", &parameters, &capability)
    };
    let findings = preflight(&composition);
    assert_eq!(findings, [Finding::SizeNotANumber]);
    let square = PixelSize::new(1024, 1024).unwrap();
    assert_eq!(findings[0].fix(&composition), Fix::Size(square));
}

#[test]
fn parameters_that_do_not_go_together() {
    let model = ModelCapability {
        formats: vec![ImageFormat::Png, ImageFormat::Jpeg],
        transparency: Transparency::Yes,
        ..ModelCapability::GPT_IMAGE_2
    };
    let transparent = |format| Parameters {
        background: Background::Transparent,
        format,
        ..Parameters::default()
    };
    assert_eq!(of_parameters(&transparent(ImageFormat::Png), &model), []);
    assert_eq!(
        of_parameters(&transparent(ImageFormat::Jpeg), &model),
        [(Finding::TransparentJpeg, Fix::Format(ImageFormat::Png))]
    );
    for (transparency, finding) in [
        (Transparency::Preview, Finding::TransparencyOnTrial),
        (Transparency::No, Finding::TransparencyRefused),
    ] {
        let model = ModelCapability {
            transparency,
            ..model.clone()
        };
        assert_eq!(
            of_parameters(&transparent(ImageFormat::Png), &model),
            [(finding, Fix::Background(Background::Auto))]
        );
    }
    let webp = Parameters {
        format: ImageFormat::Webp,
        ..Parameters::default()
    };
    assert_eq!(
        of_parameters(&webp, &model),
        [(
            Finding::FormatUnknown {
                asked: ImageFormat::Webp,
                instead: ImageFormat::Png,
            },
            Fix::Format(ImageFormat::Png)
        )]
    );
    let compressed = Parameters {
        compression: Some(80),
        ..Parameters::default()
    };
    assert_eq!(
        of_parameters(&compressed, &model),
        [(
            Finding::CompressionUnused { compression: 80 },
            Fix::NoCompression
        )]
    );
}

#[test]
fn references_beyond_the_limit_are_left_out() {
    let parameters = Parameters::default();
    let capability = ModelCapability {
        max_references: 5,
        ..ModelCapability::GPT_IMAGE_2
    };
    let composition = Composition {
        references: 6,
        ..composition("a fox", &parameters, &capability)
    };
    let findings = preflight(&composition);
    assert_eq!(findings, [Finding::TooManyReferences { used: 6, most: 5 }]);
    assert_eq!(findings[0].fix(&composition), Fix::KeepReferences(5));
}

proptest::proptest! {
    #[test]
    fn whatever_is_written_what_goes_is_within_it(prompt in "(\\PC|[0-9]|[kKpP４Ｋ,， 　\n]){0,40}") {
        let (parameters, capability) = (Parameters::default(), ModelCapability::GPT_IMAGE_2);
        let composition = composition(&prompt, &parameters, &capability);
        for finding in preflight(&composition) {
            if let Fix::Remove(range) = finding.fix(&composition) {
                proptest::prop_assert!(prompt.get(range.clone()).is_some());
                let word = finding.range(&prompt).unwrap();
                proptest::prop_assert!(range.start <= word.start && word.end <= range.end);
            }
        }
    }
}
