use super::*;
use crate::model::{Preset, SizeChoice};

/// Two models with the list prices of `assets/models.toml`; one of them is an outer model.
fn catalog() -> Catalog {
    let list = r#"{"model":[
        {"name":"gpt-image-2","max_references":16,"max_reference_bytes":1,"max_count":10,"currency":"USD",
         "tokens":{"text_input":5.0,"image_input":8.0,"image_output":30.0,"text_output":10.0},
         "prices":[{"size":"1024x1024","quality":"medium","price":0.053},
                   {"size":"1024x1024","quality":"high","price":0.211}]},
        {"name":"gpt-9","max_references":0,"max_reference_bytes":1,"max_count":1,"currency":"USD",
         "tokens":{"text_input":2.0,"text_output":10.0}}]}"#;
    serde_json::from_str(list).unwrap()
}

fn profile(api: ApiKind, currency: &str, rule: &PriceRule) -> GatewayProfile {
    let mut profile = Preset::Openai.profile();
    profile.api = api;
    profile.prices.currency = currency.to_owned();
    profile.prices.rule = rule.clone();
    profile
}

fn size(text: &str) -> PixelSize {
    text.parse().unwrap()
}

const fn list(multiplier: f64) -> PriceRule {
    PriceRule::ListPrice { multiplier }
}

const fn own_tokens(image_output: f64) -> PriceRule {
    PriceRule::Token(TokenPrices {
        text_input: 20.0,
        image_input: 40.0,
        image_output,
        text_output: 50.0,
    })
}

fn by_picture() -> PriceRule {
    let line = |tier, quality, price| PicturePrice {
        tier,
        quality,
        price,
    };
    PriceRule::Picture {
        lines: vec![
            line(Some(SizeTier::FourK), None, 0.3),
            line(None, Some(Quality::High), 0.2),
            line(None, None, 0.1),
        ],
    }
}

#[track_caller]
fn assert_costs(got: Option<&Cost>, expected: Option<f64>) {
    let is_same = match (got, expected) {
        (Some(got), Some(expected)) => (got.amount - expected).abs() < 1e-9,
        (got, expected) => got.is_none() && expected.is_none(),
    };
    assert!(is_same, "{got:?}, not {expected:?}");
}

#[test]
fn an_estimate_is_what_is_known_before() {
    #[track_caller]
    fn check(rule: &PriceRule, currency: &str, asked: (&str, Quality, u8), expected: Option<f64>) {
        let (size, quality, partials) = asked;
        let parameters = Parameters {
            size: size.parse().unwrap(),
            quality,
            partials,
            ..Parameters::default()
        };
        let profile = profile(ApiKind::Images, currency, rule);
        let got = estimate_of_picture(&catalog(), &profile, &parameters);
        assert_costs(got.as_ref(), expected);
    }
    let square = "1024x1024";
    check(&list(2.0), "USD", (square, Quality::High, 0), Some(0.422));
    check(&list(1.0), "USD", (square, Quality::High, 2), Some(0.217));
    check(&list(2.0), "USD", (square, Quality::High, 2), Some(0.434));
    check(&list(1.0), "USD", (square, Quality::Auto, 0), None);
    check(&list(1.0), "USD", ("2048x2048", Quality::High, 0), None);
    check(&list(1.0), "USD", ("auto", Quality::High, 0), None);
    check(&list(1.0), "CNY", (square, Quality::High, 0), None);
    // The demo gateway's: nothing, whatever is asked, in any currency.
    check(&list(0.0), "CNY", ("auto", Quality::Auto, 3), Some(0.0));
    check(&list(-1.0), "USD", (square, Quality::High, 0), None);
    check(&list(f64::NAN), "USD", (square, Quality::High, 0), None);

    // $0.211 / $30 a million = 7033.3 tokens, here at 90 yuan; two previews are 200 more.
    let own = own_tokens(90.0);
    check(&own, "CNY", (square, Quality::High, 0), Some(0.633));
    check(&own, "CNY", (square, Quality::High, 2), Some(0.651));
    check(&own, "CNY", (square, Quality::Auto, 0), None);
    let blank = PriceRule::Token(TokenPrices::default());
    check(&blank, "USD", (square, Quality::High, 0), None);

    let unknown = PriceRule::Unknown;
    check(&unknown, "USD", (square, Quality::High, 0), None);
    let lines = by_picture();
    check(&lines, "CNY", ("3840x2160", Quality::Low, 3), Some(0.3));
    check(&lines, "CNY", (square, Quality::High, 0), Some(0.2));
    check(&lines, "CNY", ("auto", Quality::Auto, 0), Some(0.1));
    let only_4k = PriceRule::Picture {
        lines: vec![PicturePrice {
            tier: Some(SizeTier::FourK),
            quality: None,
            price: 0.3,
        }],
    };
    check(&only_4k, "CNY", ("auto", Quality::Auto, 0), None);
}

#[test]
fn previews_count_only_where_they_can_come() {
    let mut profile = profile(ApiKind::Images, "USD", &list(1.0));
    let parameters = Parameters {
        size: SizeChoice::Exact(size("1024x1024")),
        quality: Quality::High,
        partials: 3,
        ..Parameters::default()
    };
    let estimate = |profile: &_| estimate_of_picture(&catalog(), profile, &parameters);
    assert_costs(estimate(&profile).as_ref(), Some(0.220));
    profile.stream = false;
    assert_costs(estimate(&profile).as_ref(), Some(0.211));
}

fn delivery(usage: Option<&Usage>) -> Delivery<'_> {
    Delivery {
        size: size("1024x1024"),
        quality: Quality::High,
        previews: 0,
        has_references: false,
        usage,
        pictures: 1,
    }
}

/// Shape B of protocol.md 10.3.
const WORKED: Usage = Usage {
    input_tokens: Some(70),
    input_text_tokens: Some(70),
    input_image_tokens: Some(0),
    output_tokens: Some(3_336),
    output_image_tokens: Some(3_336),
    output_text_tokens: Some(0),
    total_tokens: Some(3_406),
};

#[test]
fn the_worked_example_costs_a_tenth_of_a_dollar() {
    let profile = profile(ApiKind::Images, "USD", &list(1.0));
    let delivered = Delivery {
        size: size("3840x2160"),
        quality: Quality::Auto,
        ..delivery(Some(&WORKED))
    };
    let cost = cost_of_picture(&catalog(), &profile, &delivered);
    // 70 x $5 + 3336 x $30, a million each.
    assert_costs(cost.as_ref(), Some(0.100_43));
    let cost = cost.unwrap();
    assert_eq!(
        (cost.currency(), cost.basis()),
        ("USD", CostBasis::ListPrice)
    );
}

#[test]
fn tokens_of_images_answers_are_priced_by_their_kind() {
    let check = |rule: &PriceRule, usage: Usage, has_references, pictures, expected| {
        let delivered = Delivery {
            has_references,
            pictures,
            ..delivery(Some(&usage))
        };
        let profile = profile(ApiKind::Images, "USD", rule);
        let got = cost_of_picture(&catalog(), &profile, &delivered);
        assert_costs(got.as_ref(), expected);
    };
    let bare = Usage {
        input_tokens: Some(1_000),
        output_tokens: Some(2_000),
        ..Usage::default()
    };
    let output = 0.06;
    check(&list(1.0), bare, false, 1, Some(0.005 + output));
    // Nearly all of the input of an edit is its pictures.
    check(&list(1.0), bare, true, 1, Some(0.008 + output));
    check(&list(0.5), bare, true, 2, Some(0.25 * (0.008 + output)));
    let half = Usage {
        input_text_tokens: Some(400),
        ..bare
    };
    check(&list(1.0), half, false, 1, Some(0.002 + 0.0048 + output));
    let said = Usage {
        output_text_tokens: Some(500),
        ..bare
    };
    check(&list(1.0), said, false, 1, Some(0.005 + 0.045 + 0.005));
    let total = Usage {
        output_tokens: None,
        total_tokens: Some(3_000),
        ..bare
    };
    check(&list(1.0), total, false, 1, Some(0.005 + output));
    check(&own_tokens(90.0), bare, false, 1, Some(0.02 + 0.18));
    check(&list(0.0), bare, false, 1, Some(0.0));
    check(&PriceRule::Unknown, bare, false, 1, None);
    check(&by_picture(), bare, false, 4, Some(0.2));
}

#[test]
fn what_usage_does_not_say_is_taken_from_the_list() {
    let check = |api, rule: &PriceRule, usage: Option<Usage>, expected| {
        let delivered = Delivery {
            previews: 1,
            ..delivery(usage.as_ref())
        };
        let profile = profile(api, "USD", rule);
        let got = cost_of_picture(&catalog(), &profile, &delivered);
        assert_costs(got.as_ref(), expected);
    };
    let placeholder = Usage {
        input_tokens: Some(5),
        output_tokens: Some(5),
        total_tokens: Some(10),
        ..Usage::default()
    };
    let no_picture = Usage {
        input_tokens: Some(70),
        output_tokens: Some(0),
        ..Usage::default()
    };
    for usage in [None, Some(placeholder), Some(no_picture)] {
        check(ApiKind::Images, &list(1.0), usage, Some(0.214));
        check(ApiKind::Images, &own_tokens(60.0), usage, Some(0.428));
    }
    // The outer model's tokens, whose price is not known.
    check(ApiKind::Responses, &list(2.0), Some(WORKED), Some(0.428));
}

#[test]
fn the_outer_model_is_priced_where_the_users_table_has_it() {
    let mut profile = profile(ApiKind::Responses, "USD", &list(2.0));
    profile.model = "gpt-9-mini".to_owned();
    let usage = Usage {
        input_tokens: Some(10_000),
        output_tokens: Some(1_000),
        ..Usage::default()
    };
    let cost = cost_of_picture(&catalog(), &profile, &delivery(Some(&usage)));
    assert_costs(cost.as_ref(), Some(2.0 * (0.211 + 0.02 + 0.01)));
}

#[test]
fn what_came_is_priced_and_not_what_was_asked() {
    let cost = |rule: &PriceRule, delivered: &Delivery<'_>| {
        let profile = profile(ApiKind::Images, "USD", rule);
        cost_of_picture(&catalog(), &profile, delivered)
    };
    let smaller = Delivery {
        size: size("3840x2160"),
        ..delivery(None)
    };
    assert_costs(cost(&by_picture(), &smaller).as_ref(), Some(0.3));
    assert_costs(cost(&list(1.0), &smaller).as_ref(), None);
    assert_eq!(quality_got(Some("Medium "), Quality::High), Quality::Medium);
    assert_eq!(quality_got(Some("auto"), Quality::High), Quality::Auto);
    assert_eq!(quality_got(Some("hd"), Quality::High), Quality::High);
    assert_eq!(quality_got(None, Quality::Low), Quality::Low);
}

#[test]
fn no_data_from_outside_makes_an_amount_that_is_none() {
    let counts = [None, Some(0), Some(1), Some(10_000_000), Some(u64::MAX)];
    let prices = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        1e308,
        f64::MIN_POSITIVE,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    let rules = prices.into_iter().flat_map(|price| {
        let line = PicturePrice {
            tier: None,
            quality: None,
            price,
        };
        [
            list(price),
            own_tokens(price),
            PriceRule::Picture { lines: vec![line] },
        ]
    });
    let mut known = 0;
    for rule in rules {
        let profile = profile(ApiKind::Images, "USD", &rule);
        // Every way to fill four of the seven fields.
        for number in 0..counts.len().pow(4) {
            let count = |place: u32| counts[number / counts.len().pow(place) % counts.len()];
            let usage = Usage {
                input_tokens: count(0),
                input_image_tokens: count(1),
                output_tokens: count(2),
                output_text_tokens: count(3),
                ..Usage::default()
            };
            let delivered = Delivery {
                pictures: 0,
                previews: u32::MAX,
                ..delivery(Some(&usage))
            };
            let Some(cost) = cost_of_picture(&catalog(), &profile, &delivered) else {
                continue;
            };
            known += 1;
            assert!(cost.amount.is_finite() && cost.amount >= 0.0, "{cost:?}");
            let many = cost.times(usize::MAX);
            assert!(many.is_none_or(|many| many.amount.is_finite()));
        }
    }
    assert!(known > 1_000, "{known}");
}

#[test]
fn sums_have_a_currency_each() {
    let cost = |amount, currency| Cost::new(amount, currency, CostBasis::ListPrice).unwrap();
    let sums = [cost(1.0, "USD"), cost(2.0, "CNY"), cost(0.5, "USD")]
        .into_iter()
        .try_fold(Vec::new(), |sums, cost| cost.add_to(sums))
        .unwrap();
    assert_eq!(sums, [cost(1.5, "USD"), cost(2.0, "CNY")]);
    let huge = cost(f64::MAX, "USD");
    assert_eq!(huge.clone().add_to(vec![huge.clone()]), None);
    assert_eq!(huge.times(2), None);
}

#[test]
fn a_recipe_is_read_whatever_its_cost_says() {
    #[derive(Deserialize)]
    struct Read {
        #[serde(default, deserialize_with = "lenient")]
        cost: Option<Cost>,
    }
    let check = |json: &str, expected: Option<f64>| {
        let read: Read = serde_json::from_str(json).unwrap();
        assert_costs(read.cost.as_ref(), expected);
    };
    check("{}", None);
    check(r#"{"cost":null}"#, None);
    check(r#"{"cost":"dear"}"#, None);
    check(r#"{"cost":{"amount":-1,"currency":"USD"}}"#, None);
    check(
        r#"{"cost":{"amount":1,"currency":"USD","basis":"later"}}"#,
        None,
    );
    check(r#"{"cost":{"amount":0.25,"currency":"USD"}}"#, Some(0.25));
    let cost = Cost::new(0.25, "CNY", CostBasis::Profile).unwrap();
    let written = serde_json::to_string(&cost).unwrap();
    assert_eq!(
        written,
        r#"{"amount":0.25,"currency":"CNY","basis":"profile"}"#
    );
    assert_eq!(serde_json::from_str::<Cost>(&written).unwrap(), cost);
}
