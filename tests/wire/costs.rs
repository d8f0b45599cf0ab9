//! What results cost by what their answers say, over real HTTP (protocol.md 10).

use atelier::model::{PicturePrice, PriceRule, TokenPrices};

use super::support::{Script, Then, answer, png};
use super::{Ask, Bench, pic};

const LIST: PriceRule = PriceRule::ListPrice { multiplier: 1.0 };
/// The worked example of protocol.md 10.3.
const WORKED: &str = r#""usage":{"input_tokens":70,"input_tokens_details":{"image_tokens":0,"text_tokens":70},"output_tokens":3336,
    "output_tokens_details":{"image_tokens":3336,"text_tokens":0},"total_tokens":3406}"#;

/// The costs of the pictures that a request gets for an answer with `pictures` pictures in it and `rest` beside them.
fn costs_of(bench: &Bench, rule: &PriceRule, pictures: u8, rest: &str) -> Vec<Option<f64>> {
    let entries: Vec<String> = (1..=pictures)
        .map(|number| format!(r#"{{"b64_json":"{}"}}"#, pic(number)))
        .collect();
    let body = format!(r#"{{"data":[{}],{rest}}}"#, entries.join(","));
    let bytes = answer("200 OK", &[], body.as_bytes());
    let script = Script::play(vec![(bytes, Then::Close)]);
    let mut request = bench.request(Ask::Json, &script.base_url());
    request.parameters.count = pictures;
    request.gateway.prices.rule = rule.clone();
    let story = bench.studio.run(request);
    let amount = |cost: &atelier::model::Cost| (cost.amount() * 1e6).round() / 1e6;
    let costs = story.images().into_iter();
    costs
        .map(|record| record.recipe.cost.as_ref().map(amount))
        .collect()
}

#[test]
fn pictures_share_what_their_request_cost() {
    let bench = Bench::new();
    let check = |rule: &PriceRule, pictures, rest: &str, expected: &[Option<f64>]| {
        assert_eq!(costs_of(&bench, rule, pictures, rest), expected, "{rest}");
    };
    check(&LIST, 1, WORKED, &[Some(0.100_43)]);
    check(&LIST, 2, WORKED, &[Some(0.050_215), Some(0.050_215)]);
    let free = PriceRule::ListPrice { multiplier: 0.0 };
    check(&free, 1, WORKED, &[Some(0.0)]);
    let own = PriceRule::Token(TokenPrices {
        text_input: 10.0,
        image_output: 60.0,
        ..TokenPrices::default()
    });
    check(&own, 1, WORKED, &[Some(0.200_86)]);
    check(&PriceRule::Unknown, 1, WORKED, &[None]);
    let placeholder = r#""usage":{"completion_tokens":5,"input_tokens":5,"output_tokens":5,"prompt_tokens":5,"total_tokens":10}"#;
    check(&LIST, 1, placeholder, &[None]);
    let by_picture = PriceRule::Picture {
        lines: vec![PicturePrice {
            tier: None,
            quality: None,
            price: 0.25,
        }],
    };
    check(&by_picture, 2, placeholder, &[Some(0.25), Some(0.25)]);
    let endless = r#""usage":{"input_tokens":18446744073709551615,"output_tokens":9007199254740992,"total_tokens":1e400}"#;
    let costs = costs_of(&bench, &LIST, 1, &endless.replace("1e400", "1e300"));
    assert!(matches!(costs[..], [Some(cost)] if cost.is_finite() && cost > 0.0));
}

#[test]
fn pictures_behind_an_address_know_their_cost_and_share_it() {
    let bench = Bench::new();
    let script = Script::play_at(|base_url| {
        let url = |number: u8| {
            let url = base_url.replace("/v1", &format!("/{number}.png"));
            format!(r#"{{"url":"{url}"}}"#)
        };
        let body = format!(r#"{{"data":[{},{}],{WORKED}}}"#, url(1), url(2));
        let file = |number| answer("200 OK", &["content-type: image/png"], &png(number));
        vec![
            (answer("200 OK", &[], body.as_bytes()), Then::Close),
            (file(1), Then::Close),
            (file(2), Then::Close),
        ]
    });
    let mut request = bench.request(Ask::Json, &script.base_url());
    request.parameters.count = 2;
    request.gateway.prices.rule = LIST;
    let story = bench.studio.run(request);
    let images = story.images();
    let costs: Vec<f64> = images
        .iter()
        .map(|record| record.recipe.cost.as_ref().unwrap().amount())
        .collect();
    assert_eq!(costs.len(), 2);
    assert!(costs.iter().all(|cost| (cost - 0.050_215).abs() < 1e-9));
}
