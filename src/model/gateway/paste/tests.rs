use proptest::prelude::*;

use super::*;
use crate::model::{EditBody, Effort, ImageField, Proxy, ResponseFormat};

/// Base URLs and key of what a text becomes.
fn check(text: &str, expected: Option<(&[&str], Option<&str>)>) {
    let pasted = read_pasted(text);
    let found = pasted.as_ref().map(|pasted| {
        let urls: Vec<&str> = pasted
            .profile
            .base_urls
            .iter()
            .map(String::as_str)
            .collect();
        (urls, pasted.key.as_ref().map(ApiKey::expose))
    });
    let expected = expected.map(|(urls, key)| (urls.to_vec(), key));
    assert_eq!(found, expected, "{text}");
}

fn read(text: &str) -> Pasted {
    read_pasted(text).unwrap_or_else(|| panic!("nothing is understood of: {text}"))
}

const RELAY: &[&str] = &["https://relay.example/v1"];
const JUNFEIAI: &[&str] = &[
    "https://junfeiai.com/v1",
    "https://junfeiai.hk-proxy.lingzhiwuxian.com/v1",
];

#[test]
fn links_in_the_spellings_of_peers() {
    let ok = |link: &str| check(link, Some((RELAY, Some("sk-real0001"))));
    ok("https://play.site/?apiUrl=https://relay.example/v1&apiKey=sk-real0001");
    ok("https://play.site/?apiUrl=https%3A%2F%2Frelay.example%2Fv1&apiKey=sk%2Dreal0001");
    ok("https://play.site/?apiUrl=https%253A%252F%252Frelay.example&apiKey=sk-real0001");
    ok("https://play.site/?baseUrl=relay.example&key=sk-real0001");
    ok("https://play.site/app/#/?base_url=https://relay.example/&api_key=sk-real0001");
    ok("https://play.site/#api_url=https://relay.example/v1/images/edits&apikey=sk-real0001");
    ok("  https://relay.example/v1?key=sk-real0001\n");
    ok(
        "https://chat.site/#/?settings={%22key%22:%22sk-real0001%22,%22url%22:%22https://relay.example%22}",
    );
    // An address with parameters of its own, as nobody should paste it.
    ok("https://play.site/?apiUrl=https://relay.example/v1?x=1&apiKey=sk-real0001");
    ok("https://play.site/?apiUrl=https://user:word@relay.example/v1&apiKey=sk-real0001");
}

#[test]
fn addresses_alone() {
    check("https://relay.example/v1", Some((RELAY, None)));
    check("relay.example", Some((RELAY, None)));
    check(
        "http://192.168.1.5:3000",
        Some((&["http://192.168.1.5:3000/v1"], None)),
    );
    check(
        "localhost:8080",
        Some((&["https://localhost:8080/v1"], None)),
    );
    check("https://junfeiai.com", Some((JUNFEIAI, None)));
}

#[test]
fn what_is_no_gateway() {
    for text in [
        "",
        "   ",
        "a red fox in snow",
        "fox",
        "sk-abcdefghijklmnop",
        "sk-abc.def",
        "eyJhbGciOiJ.eyJzdWIiOi.SflKxwRJSM",
        "ftp://relay.example/v1",
        "file:///etc/passwd",
        "https://",
        "https://${HOST}/v1",
        "curl --help",
        "curl -H 'Authorization: Bearer sk-real0001'",
        "curl",
    ] {
        check(text, None);
    }
    check(&format!("https://a.b/{}", "x".repeat(MAX_TEXT_BYTES)), None);
}

#[test]
fn parameters_of_a_link_fill_the_form() {
    let pasted =
        read("https://s/?apiUrl=https://api.relay.example/v1&apiMode=images&model=my-image-3");
    assert_eq!(pasted.profile.api, ApiKind::Images);
    assert_eq!(pasted.profile.image_model, "my-image-3");
    assert_eq!(pasted.profile.name, "relay.example");
    assert_eq!(pasted.profile.id.0, "relay-example");
    assert_eq!(pasted.profile.preset, Preset::Custom);
    let pasted = read("https://s/?apiUrl=https://r.example/v1&api=responses&model=gpt-6");
    assert_eq!(
        (pasted.profile.api, pasted.profile.model.as_str()),
        (ApiKind::Responses, "gpt-6")
    );
    assert_eq!(pasted.profile.image_model, "gpt-image-2");
}

#[test]
fn hosts_that_presets_know() {
    let preset = |text: &str| read(text).profile.preset;
    assert_eq!(
        preset("https://api.monkey-tools.cn/v1"),
        Preset::IkunRescue1
    );
    assert_eq!(preset("https://api.openai.com/v1"), Preset::Openai);
    assert_eq!(
        preset("https://junfeiai.com.evil.example/v1"),
        Preset::Custom
    );
    // Who pastes the way around is where the direct one is unstable.
    let around = read("https://junfeiai.hk-proxy.lingzhiwuxian.com/v1").profile;
    assert_eq!(around.base_urls, [JUNFEIAI[1], JUNFEIAI[0]]);
}

/// The sample of JunFeiAI's document (protocol.md 2.1).
const JUNFEIAI_SAMPLE: &str = r#"curl -N https://junfeiai.com/v1/responses \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -H "Accept: text/event-stream" \
  -d '{
    "model": "gpt-5.5",
    "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "一只猫 it'\''s"}]}],
    "stream": true,
    "store": false,
    "tool_choice": {"type": "image_generation"},
    "reasoning": {"effort": "xhigh", "summary": "auto"},
    "tools": [{"type": "image_generation", "model": "gpt-image-3", "size": "1024x1024", "quality": "medium", "output_format": "png", "partial_images": 1}]
  }'"#;

#[test]
fn the_command_of_junfeiais_document() {
    let Pasted { profile, key } = read(JUNFEIAI_SAMPLE);
    assert_eq!(key, None, "a placeholder is no key");
    assert_eq!(profile.base_urls, JUNFEIAI);
    assert_eq!(profile.preset, Preset::Junfeiai);
    assert_eq!(profile.api, ApiKind::Responses);
    assert_eq!(
        (profile.model.as_str(), profile.image_model.as_str()),
        ("gpt-5.5", "gpt-image-3")
    );
    assert_eq!(profile.dialect.reasoning, Some(Effort::Xhigh));

    let with_key = JUNFEIAI_SAMPLE.replace("YOUR_API_KEY", "sk-real0001");
    assert_eq!(read(&with_key).key, ApiKey::new("sk-real0001"));
    // As pages copy it: the ends of the lines lost their backslashes, or gained carriage returns.
    for spoiled in [
        with_key.replace(" \\\n", "\n"),
        with_key.replace('\n', "\r\n"),
    ] {
        let pasted = read(&spoiled);
        assert_eq!(pasted.key, ApiKey::new("sk-real0001"), "{spoiled}");
        assert_eq!(pasted.profile.image_model, "gpt-image-3", "{spoiled}");
    }
}

#[test]
fn commands_in_every_quoting() {
    let ok = |command: &str| check(command, Some((RELAY, Some("sk-real0001"))));
    ok("curl https://relay.example/v1/models -H 'Authorization: Bearer sk-real0001'");
    ok("curl -H \"authorization: bearer sk-real0001\" \"https://relay.example/v1/models\"");
    ok(
        "curl -sSN -XPOST --url https://relay.example/v1/responses --header 'Authorization:Bearer sk-real0001'",
    );
    ok("curl -HAuthorization:\\ Bearer\\ sk-real0001 -o out.png https://relay.example/v1/x");
    ok("curl --header='Authorization: Bearer sk-real0001' relay.example/v1/models");
    ok(
        "curl https://relay.example/v1/x -H $'Authorization: Bearer sk\\u002dreal0001' -d $'{\\'a\\': 1}'",
    );
    ok("curl --oauth2-bearer sk-real0001 https://relay.example | jq . > out.json");
    ok("curl https://relay.example -H 'x-api-key: sk-real0001' && echo https://other.example");
    ok("# once\n$ /usr/bin/curl https://relay.example -H “Authorization: Bearer sk-real0001”");
    ok(
        "curl.exe \"https://relay.example/v1/x\" ^\r\n  -H \"Authorization: Bearer sk-real0001\" ^\r\n  -d \"{}\"",
    );
    ok("curl ^\"https://relay.example/v1/x^\" -H ^\"authorization: Bearer sk-real0001^\"");
    ok("curl https://relay.example `\n -H 'Authorization: Bearer sk-real0001'");
    ok("curl 'https://relay.example/v1' -H 'Authorization: Bearer sk-real0001");
    ok(
        "curl https://relay.example/v1 -H 'Authorization: Bearer sk-real0001' curl https://x.example",
    );
}

#[test]
fn placeholders_are_no_keys() {
    for placeholder in [
        "YOUR_API_KEY",
        "your-api-key",
        "$API_KEY",
        "${OPENAI_API_KEY}",
        "%API_KEY%",
        "$env:KEY",
        "JUNFEIAI_TOKEN",
        "sk-xxxx",
        "sk-xxxxxxxxxxxxxxxx",
        "sk-XXXX",
        "sk-...",
        "sk-你的密钥",
        "<token>",
        "{{token}}",
        "***",
        "sk-abc…",
        "xxx",
        "token",
    ] {
        let command =
            format!("curl https://relay.example -H 'Authorization: Bearer {placeholder}'");
        check(&command, Some((RELAY, None)));
        assert_eq!(key(placeholder), None, "{placeholder}");
    }
    for real in [
        "sk-real0001",
        "sk-proj-A_b-c",
        "demo",
        "eyJhbGciOiJ.eyJz-_w",
        "123456",
    ] {
        assert_eq!(key(real), ApiKey::new(real), "{real}");
    }
}

#[test]
fn bodies_of_the_images_api() {
    let generation = read(
        r#"curl https://relay.example/v1/images/generations -H "Authorization: Bearer sk-real0001" --json "{\"model\":\"gpt-image-3\",\"prompt\":\"\$x\",\"response_format\":\"b64_json\",\"stream\":false}""#,
    )
    .profile;
    assert_eq!(generation.api, ApiKind::Images);
    assert_eq!(generation.image_model, "gpt-image-3");
    assert_eq!(generation.model, Preset::Custom.profile().model);
    assert_eq!(generation.dialect.response_format, ResponseFormat::B64Json);
    assert!(!generation.stream);

    let edit = read(
        "curl https://api.monkey-tools.cn/v1/images/edits -H 'Accept: */*' -F 'model=gpt-image-2' \
         -F image[]=@a.jpg -F 'image[]=@\"b.jpg\"' --form stream=true --form-string prompt='a=b' -x socks5h://127.0.0.1:1080",
    )
    .profile;
    assert_eq!(edit.api, ApiKind::Images);
    assert_eq!(edit.preset, Preset::IkunRescue1);
    assert_eq!(edit.dialect.image_field, ImageField::Bracketed);
    assert!(edit.stream);
    assert_eq!(
        edit.proxy,
        Proxy::Url("socks5h://127.0.0.1:1080".to_owned())
    );

    let plain =
        read("curl https://relay.example/v1/images/edits -F image=@a.png -x http://u:word@p:1");
    assert_eq!(plain.profile.dialect.image_field, ImageField::Plain);
    assert_eq!(
        plain.profile.proxy,
        Proxy::System,
        "a password has no place in a profile"
    );
    let json = read(r#"curl relay.example/v1/images/edits -d '{"images":[{"image_url":"x"}]}'"#);
    assert_eq!(json.profile.dialect.edit_body, EditBody::Json);
}

#[test]
fn the_key_is_not_printed() {
    let pasted = read(
        "https://s/?apiUrl=https://u:sk-real0001@r.example/v1?k=sk-real0001&apiKey=sk-real0001",
    );
    assert!(pasted.key.is_some());
    assert!(!format!("{pasted:?}").contains("real0001"), "{pasted:?}");
}

proptest! {
    #[test]
    fn nothing_that_is_pasted_panics(text in any::<String>()) {
        drop(read_pasted(&text));
        drop(read_pasted(&format!("curl {text}")));
        drop(read_pasted(&format!("https://h.example/?apiUrl={text}")));
    }

    #[test]
    fn commands_of_shreds_do_not_panic(
        shreds in proptest::collection::vec(
            prop_oneof![
                Just("curl"), Just("-H"), Just("-d"), Just("--json"), Just("-F"), Just("'"), Just("\""), Just("$'"),
                Just("\\"), Just("^\n"), Just("\\u12"), Just("\\x"), Just("é"), Just("https://h.example/v1"), Just(" "),
                Just("Authorization: Bearer "), Just("{\"tools\":[{}]}"), Just("image[]="), Just("=@"), Just("-"), Just("--"),
            ],
            0..24,
        )
    ) {
        if let Some(pasted) = read_pasted(&shreds.concat()) {
            prop_assert!(!pasted.profile.base_urls.is_empty());
            for url in &pasted.profile.base_urls {
                prop_assert_eq!(normalize_base_url(url), Some(url.clone()));
            }
        }
    }
}
