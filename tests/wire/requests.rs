//! What gateways are asked, as it goes over the wire (protocol.md 1, 2.1 to 2.3, 3.1 to 3.3, 7). Numbers are those of the
//! quirk list.

use atelier::model::{
    ApiKind, Dialect, EditBody, Effort, ExtraFields, GatewayProfile, ImageField, PixelSize, Preset,
    ResponseFormat, SizePolicy, normalize_base_url,
};
use serde_json::{Value, json};

use super::{Ask, Bench, Script, Then, answer, base64, pic, png, told};

fn good() -> (Vec<u8>, Then) {
    let body = format!(r#"{{"data":[{{"b64_json":"{}"}}]}}"#, pic(1));
    (
        answer(
            "200 OK",
            &["content-type: application/json"],
            body.as_bytes(),
        ),
        Then::Close,
    )
}

/// The heads and the bodies of what a profile sends to its gateway.
fn sent(
    bench: &Bench,
    ask: Ask,
    change: impl FnOnce(&mut GatewayProfile),
) -> (Vec<String>, Vec<Vec<u8>>) {
    let script = Script::play(vec![good()]);
    let mut request = bench.request(ask, &script.base_url());
    change(&mut request.gateway);
    let story = bench.studio.run(request);
    assert_eq!(told(&story), ["picture 1"], "{:?}", story.end.failure);
    (script.requests(), script.bodies())
}

fn json_of(bodies: &[Vec<u8>]) -> Value {
    serde_json::from_slice(bodies.first().unwrap()).unwrap()
}

#[test]
fn every_preset_calls_its_gateway_as_documented() {
    let bench = Bench::new();
    for preset in Preset::ALL {
        let profile = preset.profile();
        for url in &profile.base_urls {
            assert_eq!(
                normalize_base_url(url).as_ref(),
                Some(url),
                "an address of the API, not of a website"
            );
        }
        let path = match preset {
            Preset::Demo | Preset::Junfeiai | Preset::Custom => "/v1/responses",
            _ => "/v1/images/generations",
        };
        let script = Script::play(vec![good()]);
        let mut request = bench.request(Ask::Responses, "");
        request.gateway = profile;
        request.gateway.base_urls = vec![script.base_url()];
        let story = bench.studio.run(request);
        assert_eq!(told(&story), ["picture 1"], "{preset:?}");
        let head = script.requests().remove(0).to_ascii_lowercase();
        assert!(
            head.starts_with(&format!("post {path} http/1.1\r\n")),
            "{preset:?} {head}"
        );
        assert!(
            head.contains("\r\nauthorization: bearer sk-test\r\n"),
            "{preset:?} {head}"
        );
        assert!(
            head.contains("\r\ncontent-type: application/json\r\n"),
            "{preset:?} {head}"
        );
        let body = json_of(&script.bodies());
        let (outer, image) = if path == "/v1/responses" {
            (&body["model"], &body["tools"][0]["model"])
        } else {
            (&Value::Null, &body["model"])
        };
        assert_eq!(image, "gpt-image-2");
        assert!(outer.is_null() || outer == "gpt-5.5");
    }
    let urls = |preset: Preset| preset.profile().base_urls;
    assert_eq!(
        urls(Preset::Junfeiai),
        [
            "https://junfeiai.com/v1",
            "https://junfeiai.hk-proxy.lingzhiwuxian.com/v1"
        ],
        "the standard address first"
    );
    assert_eq!(urls(Preset::Openai), ["https://api.openai.com/v1"]);
    assert_eq!(
        urls(Preset::IkunRescue1),
        ["https://api.monkey-tools.cn/v1"]
    );
}

/// 48: one site, one model, and five groups of keys that differ.
#[test]
fn every_group_of_ikun_is_a_profile_of_its_own() {
    let check = |preset: Preset, group: &str, references: Option<usize>, bytes: Option<u64>| {
        let profile = preset.profile();
        assert_eq!(preset.ikun_group(), Some(group));
        assert!(profile.name.starts_with("iKun · "), "{}", profile.name);
        assert_eq!(profile.api, ApiKind::Images);
        assert_eq!(profile.limits.max_references, references);
        assert_eq!(profile.limits.max_reference_bytes, bytes);
        assert_eq!(profile.limits.url_lifetime_secs, 30 * 60);
        assert_eq!(profile.limits.sizes, SizePolicy::Warn);
        assert!(profile.prices.failed_is_free);
        assert_eq!(
            profile.dialect.response_format,
            ResponseFormat::Omit,
            "the group decides"
        );
    };
    check(
        Preset::IkunRescue2,
        "💚_文(图)生图_救急_2分组",
        Some(9),
        None,
    );
    check(
        Preset::IkunRescue1,
        "🔵_文(图)生图_救急_1分组",
        Some(5),
        Some(5_000_000),
    );
    check(Preset::IkunRescue3, "🪓_文(图)生图_救急_3分组", None, None);
    check(Preset::IkunGptImage2, "GPT-IMAGE-2 分组", None, None);
    check(Preset::IkunTextToImage, "(图)文生图 分组", None, None);
    assert!(!Preset::Openai.profile().prices.failed_is_free);
}

#[test]
fn both_kinds_of_result_of_ikun_are_read_with_their_metadata() {
    let bench = Bench::new();
    let script = Script::play_at(|base_url| {
        let url = base_url.replace("/v1", "/a.png?x=1");
        let by_url = format!(
            r#"{{"created":1779552057,"data":[{{"conversation_id":"","file_id":"","gen_id":"","id":"compat-generate-1779552057963035009-0",
            "parent_message_id":"","revised_prompt":"狐","source_account_id":"8fff4c33d9c7cd7d","url":"{url}"}}],
            "usage":{{"completion_tokens":5,"input_tokens":5,"output_tokens":5,"prompt_tokens":5,"total_tokens":10}}}}"#
        );
        let file = answer("200 OK", &["content-type: image/png"], &png(1));
        vec![
            (answer("200 OK", &[], by_url.as_bytes()), Then::Close),
            (file, Then::Close),
        ]
    });
    let mut request = bench.request(Ask::Json, "");
    request.gateway = Preset::IkunTextToImage.profile();
    request.gateway.base_urls = vec![script.base_url()];
    let story = bench.studio.run(request);
    assert_eq!(told(&story), ["picture 1"]);
    let recipe = &story.images()[0].recipe;
    assert_eq!(
        (recipe.revised_prompt.as_deref(), recipe.usage),
        (Some("狐"), None)
    );

    let by_base64 = format!(
        r#"{{"created":1779758035,"data":[{{"b64_json":"{}","revised_prompt":"狐"}}],"background":"auto","output_format":"png",
        "quality":"auto","size":"3840x2160","model":"gpt-image-2","usage":{{"input_tokens":70,"input_tokens_details":
        {{"image_tokens":0,"text_tokens":70}},"output_tokens":3336,"output_tokens_details":{{"image_tokens":3336,"text_tokens":0}},
        "total_tokens":3406}}}}"#,
        pic(1)
    );
    let story = bench.run(Ask::Json, answer("200 OK", &[], by_base64.as_bytes()));
    assert_eq!(told(&story), ["picture 1"]);
    let usage = story.images()[0].recipe.usage.unwrap();
    assert_eq!(
        (usage.input_text_tokens, usage.output_tokens),
        (Some(70), Some(3336))
    );
}

#[test]
fn addresses_as_people_paste_them_reach_the_api() {
    let bench = Bench::new();
    let script = Script::play(vec![good()]);
    let origin = script.base_url().replace("/v1", "");
    let host = origin.trim_start_matches("http://");
    let pasted = [
        (format!("http://{host}"), "/v1/images/generations"),
        (format!("  http://{host}/  "), "/v1/images/generations"),
        (format!("HTTP://{host}/v1"), "/v1/images/generations"),
        (format!("http://{host}/v1///"), "/v1/images/generations"),
        (
            format!("http://{host}/v1/images/edits"),
            "/v1/images/generations",
        ),
        (
            format!("http://{host}/relay/v1/chat/completions?x=1#y"),
            "/relay/v1/images/generations",
        ),
        (
            format!("http://{host}/api/v3/"),
            "/api/v3/images/generations",
        ),
    ];
    for (n, (pasted, path)) in pasted.iter().enumerate() {
        let request = bench.request(Ask::Json, &normalize_base_url(pasted).unwrap());
        assert_eq!(told(&bench.studio.run(request)), ["picture 1"], "{pasted}");
        let head = script.requests().remove(n);
        assert!(
            head.starts_with(&format!("POST {path} ")),
            "{pasted}: {head}"
        );
    }
    assert_eq!(
        normalize_base_url("host.example").as_deref(),
        Some("https://host.example/v1")
    );
    assert_eq!(
        normalize_base_url("http://192.168.1.5:3000").as_deref(),
        Some("http://192.168.1.5:3000/v1")
    );
    assert_eq!(normalize_base_url("ftp://host"), None);
}

#[test]
fn a_dialect_is_spoken_to_the_letter() {
    let bench = Bench::new();
    let dialect = Dialect {
        reasoning: Some(Effort::Xhigh),
        response_format: ResponseFormat::B64Json,
        guard_prompt: true,
        extra: ExtraFields::parse(r#"{"user":"me","tools":{"seed":7},"store":true}"#).unwrap(),
        refused: vec!["moderation".to_owned(), "output_format".to_owned()],
        ..Dialect::default()
    };
    let (heads, bodies) = sent(&bench, Ask::Responses, |gateway| {
        gateway.dialect = dialect.clone();
    });
    assert!(
        heads[0]
            .to_ascii_lowercase()
            .contains("\r\naccept: text/event-stream\r\n")
    );
    let body = json_of(&bodies);
    let guard = body["instructions"].as_str().unwrap();
    assert!(guard.contains("Do not rewrite"));
    assert_eq!(
        body,
        json!({
            "model": "gpt-5.5", "instructions": guard,
            "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a fox"}]}],
            "stream": true, "store": true, "tool_choice": {"type": "image_generation"},
            "reasoning": {"effort": "xhigh", "summary": "auto"},
            "tools": [{"type": "image_generation", "model": "gpt-image-2", "size": "64x48", "quality": "auto", "partial_images": 1, "seed": 7}],
            "user": "me",
        })
    );
    let (heads, bodies) = sent(&bench, Ask::Json, |gateway| gateway.dialect = dialect);
    assert!(
        heads[0]
            .to_ascii_lowercase()
            .contains("\r\naccept: application/json\r\n")
    );
    assert_eq!(
        json_of(&bodies),
        json!({
            "model": "gpt-image-2", "prompt": format!("{guard}\n\na fox"), "size": "64x48", "quality": "auto",
            "response_format": "b64_json", "user": "me", "tools": {"seed": 7}, "store": true,
        })
    );
    let (_, bodies) = sent(&bench, Ask::Responses, |_| {});
    let body = json_of(&bodies);
    assert!(
        body.get("reasoning").is_none() && body.get("instructions").is_none(),
        "off by default"
    );
    assert!(!body.to_string().contains("input_fidelity"));
}

#[test]
fn references_are_sent_as_bytes_in_every_dialect() {
    let bench = Bench::new();
    let form = |field: ImageField| {
        let (heads, bodies) = sent(&bench, Ask::Edit, |gateway| {
            gateway.dialect.image_field = field;
        });
        let head = heads[0].to_ascii_lowercase();
        assert!(head.starts_with("post /v1/images/edits "));
        assert!(
            head.contains("content-type: multipart/form-data; boundary="),
            "{head}"
        );
        assert!(head.contains("content-length: "), "{head}");
        let body = String::from_utf8_lossy(&bodies[0]).into_owned();
        let name = field.as_str();
        assert!(
            body.contains(&format!(
                "name=\"{name}\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n"
            )),
            "{body}"
        );
        assert!(body.contains("name=\"stream\"\r\n\r\ntrue\r\n"), "{body}");
        assert!(
            !body.contains("moderation"),
            "only where it differs from auto"
        );
        let picture = png(9);
        assert!(
            bodies[0]
                .windows(picture.len())
                .any(|window| window == picture)
        );
    };
    form(ImageField::Bracketed);
    form(ImageField::Plain);

    let url = format!("data:image/png;base64,{}", base64(&png(9)));
    let (heads, bodies) = sent(&bench, Ask::Edit, |gateway| {
        gateway.dialect.edit_body = EditBody::Json;
        gateway.stream = false;
    });
    assert!(heads[0].starts_with("POST /v1/images/edits "));
    assert_eq!(
        json_of(&bodies),
        json!({
            "model": "gpt-image-2", "prompt": "a fox", "size": "64x48", "quality": "auto", "output_format": "png",
            "images": [{"image_url": url}],
        })
    );
    let (heads, bodies) = sent(&bench, Ask::Edit, |gateway| {
        gateway.api = ApiKind::Responses;
    });
    assert!(heads[0].starts_with("POST /v1/responses "));
    let content = &json_of(&bodies)["input"][0]["content"];
    assert_eq!(
        content[1],
        json!({"type": "input_image", "image_url": url, "detail": "auto"}),
        "32: never an address"
    );
}

#[test]
fn a_mask_goes_where_each_api_wants_it() {
    let bench = Bench::new();
    for (api, edit_body) in [
        (ApiKind::Responses, EditBody::Multipart),
        (ApiKind::Images, EditBody::Multipart),
        (ApiKind::Images, EditBody::Json),
    ] {
        let script = Script::play(vec![good()]);
        let mut request = bench.request(Ask::Edit, &script.base_url());
        request.mask = Some(bench.reference("mask.png"));
        // What is made of the result afterwards has tests of its own.
        request.parameters.protect_outside = false;
        request.gateway.api = api;
        request.gateway.dialect.edit_body = edit_body;
        assert_eq!(told(&bench.studio.run(request)), ["picture 1"]);
        let bodies = script.bodies();
        let url = json!({"image_url": format!("data:image/png;base64,{}", base64(&png(9)))});
        match (api, edit_body) {
            (ApiKind::Responses, _) => {
                assert_eq!(json_of(&bodies)["tools"][0]["input_image_mask"], url);
            }
            (_, EditBody::Json) => assert_eq!(json_of(&bodies)["mask"], url),
            _ => {
                let body = String::from_utf8_lossy(&bodies[0]).into_owned();
                assert!(
                    body.contains("name=\"mask\"; filename=\"mask.png\"\r\n"),
                    "{body}"
                );
            }
        }
    }
}

#[test]
fn a_gateway_is_asked_for_no_more_pictures_at_once_than_it_takes() {
    let bench = Bench::new();
    let check = |ask: Ask, partials: u8, most: Option<u8>, expected: &[Option<u64>]| {
        let script = Script::play(vec![good()]);
        let mut request = bench.request(ask, &script.base_url());
        request.parameters.count = 5;
        request.parameters.partials = partials;
        request.gateway.limits.max_count = most;
        bench.studio.run(request);
        let mut counts: Vec<Option<u64>> = script
            .bodies()
            .iter()
            .map(|body| {
                json_of(std::slice::from_ref(body))
                    .get("n")
                    .and_then(Value::as_u64)
            })
            .collect();
        counts.sort();
        assert_eq!(counts, expected, "{ask:?} {most:?}");
    };
    check(Ask::Json, 0, None, &[Some(5)]);
    check(Ask::Json, 0, Some(2), &[None, Some(2), Some(2)]);
    check(Ask::Json, 0, Some(9), &[Some(5)]);
    check(Ask::Json, 0, Some(1), &[None; 5]);
    check(Ask::Stream, 2, None, &[None; 5]);
    check(Ask::Responses, 2, Some(4), &[None; 5]);
}

#[test]
fn a_refused_parameter_is_left_out_once() {
    let bench = Bench::new();
    let check = |ask: Ask, message: &str, param: &str, name: &str, expected: Option<Value>| {
        let body =
            json!({"error": {"message": message, "param": param, "code": "unknown_parameter"}})
                .to_string();
        let refusal = answer("400 Bad Request", &[], body.as_bytes());
        let script = Script::play(vec![(refusal, Then::Close), good()]);
        let mut request = bench.request(ask, &script.base_url());
        request.gateway.max_retries = 1;
        request.gateway.dialect.reasoning = Some(Effort::Low);
        request.gateway.dialect.response_format = ResponseFormat::Url;
        request.parameters.moderation = atelier::model::Moderation::Low;
        assert_eq!(told(&bench.studio.run(request)), ["picture 1"], "{message}");
        let bodies = script.bodies();
        let find = |body: &[u8]| {
            let body = json_of(&[body.to_vec()]);
            body.get(name)
                .or_else(|| body["tools"][0].get(name))
                .cloned()
        };
        assert!(find(&bodies[0]).is_some(), "{name} was sent at first");
        assert_eq!(find(&bodies[1]), expected, "{message}");
    };
    check(
        Ask::Responses,
        "Unsupported parameter: 'reasoning.effort'",
        "reasoning.effort",
        "reasoning",
        None,
    );
    check(
        Ask::Json,
        "Unknown parameter: 'response_format'.",
        "response_format",
        "response_format",
        None,
    );
    check(
        Ask::Responses,
        "Unknown parameter: 'tools[0].partial_images'.",
        "tools[0].partial_images",
        "partial_images",
        None,
    );
    check(
        Ask::Json,
        "moderation is not supported",
        "",
        "moderation",
        None,
    );
    check(
        Ask::Responses,
        "Tool choice 'image_generation' not found in 'tools' parameter.",
        "tool_choice",
        "tool_choice",
        Some(json!("required")),
    );
}

#[test]
fn sizes_go_as_they_are_where_the_gateway_decides() {
    let bench = Bench::new();
    let script = Script::play(vec![good()]);
    let mut request = bench.request(Ask::Json, &script.base_url());
    request.gateway.limits.sizes = SizePolicy::Off;
    request.parameters.size = "3840x2160".parse().unwrap();
    let story = bench.studio.run(request);
    assert_eq!(json_of(&script.bodies())["size"], "3840x2160");
    let record = story.images()[0];
    assert_eq!(
        record.size,
        PixelSize::new(64, 48).unwrap(),
        "44: what came is kept"
    );
    assert_eq!(
        record.recipe.mismatch,
        [atelier::model::Mismatch::Size],
        "and told"
    );
}
