//! The `curl` command of a gateway's document (protocol.md 2.1, 3.1, 3.2).

use serde_json::Value;

use super::link::is_link;
use super::{Pasted, key, profile_at, set_model, words};
use crate::model::{
    ApiKey, ApiKind, EditBody, Effort, GatewayProfile, ImageField, Proxy, ResponseFormat,
};

/// Short options of curl that take a value.
const SHORT_WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
/// Long options of curl that take none, as far as documents use them.
const LONG_WITHOUT_VALUE: &[&str] = &[
    "compressed",
    "fail",
    "fail-with-body",
    "get",
    "globoff",
    "head",
    "http1.1",
    "http2",
    "include",
    "insecure",
    "location",
    "location-trusted",
    "no-buffer",
    "no-progress-meter",
    "progress-bar",
    "remote-name",
    "show-error",
    "silent",
    "ssl-no-revoke",
    "verbose",
];

/// What a command says.
#[derive(Default)]
struct Call {
    address: Option<String>,
    key: Option<ApiKey>,
    body: String,
    /// Fields of a form, with their values.
    form: Vec<(String, String)>,
    proxy: Option<String>,
}

/// Reads the first command in a text.
pub(super) fn read(text: &str) -> Option<Pasted> {
    let call = Call::of(words::of_curl(text)?);
    let mut profile = profile_at(call.address.as_deref()?)?;
    if let Ok(body) = serde_json::from_str::<Value>(&call.body) {
        of_body(&body, &mut profile);
    }
    for (name, value) in &call.form {
        of_form(name, value, &mut profile);
    }
    if let Some(proxy) = call.proxy {
        profile.proxy = Proxy::Url(proxy);
    }
    Some(Pasted {
        profile,
        key: call.key,
    })
}

impl Call {
    fn of(words: Vec<String>) -> Self {
        let mut call = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if let Some(long) = word.strip_prefix("--") {
                if let Some((name, value)) = long.split_once('=') {
                    call.option(name, value);
                } else if !LONG_WITHOUT_VALUE.contains(&long)
                    && let Some(value) = words.next()
                {
                    call.option(long, &value);
                }
            } else if let Some(short) = word.strip_prefix('-') {
                call.short(short, &mut words);
            } else {
                call.address(&word);
            }
        }
        call
    }

    /// Options in one letter, of which the last may have a value, in the same word or the next.
    fn short(&mut self, letters: &str, words: &mut impl Iterator<Item = String>) {
        for (at, letter) in letters.char_indices() {
            if !SHORT_WITH_VALUE.contains(letter) {
                continue;
            }
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            let value = match rest {
                "" => words.next(),
                rest => Some(rest.to_owned()),
            };
            let name = match letter {
                'H' => "header",
                'd' => "data",
                'F' => "form",
                'x' => "proxy",
                _ => return,
            };
            if let Some(value) = value {
                self.option(name, &value);
            }
            return;
        }
    }

    fn option(&mut self, name: &str, value: &str) {
        match name {
            "url" => self.address(value),
            "header" => self.header(value),
            "oauth2-bearer" => self.key = key(value),
            "data" | "data-raw" | "data-binary" | "data-ascii" | "json" => {
                self.body.push_str(value);
            }
            "form" | "form-string" => {
                if let Some((name, value)) = value.split_once('=') {
                    self.form.push((name.to_owned(), value.to_owned()));
                }
            }
            "proxy" => self.proxy = proxy(value),
            _ => {}
        }
    }

    fn header(&mut self, header: &str) {
        let Some((name, value)) = header.split_once([':', '：']) else {
            return;
        };
        let value = value.trim();
        let found = match name.trim().to_ascii_lowercase().as_str() {
            "authorization" => match value.split_once(char::is_whitespace) {
                Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => key(rest),
                Some(_other_scheme) => None,
                None => key(value),
            },
            "x-api-key" | "api-key" => key(value),
            _ => None,
        };
        if found.is_some() {
            self.key = found;
        }
    }

    /// Takes an address; the first with a scheme counts.
    fn address(&mut self, word: &str) {
        let is_better = match &self.address {
            None => true,
            Some(known) => !known.contains("://") && word.contains("://"),
        };
        if is_better && is_link(word) {
            self.address = Some(word.to_owned());
        }
    }
}

/// A proxy without name and password, which would be a secret in the profile.
fn proxy(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let is_known = matches!(scheme, "http" | "https" | "socks5" | "socks5h");
    let is_plain = !rest.is_empty() && !rest.contains('@') && !rest.starts_with('$');
    (is_known && is_plain).then(|| format!("{scheme}://{}", rest.trim_end_matches('/')))
}

/// What the JSON of a request says of the gateway.
fn of_body(body: &Value, profile: &mut GatewayProfile) {
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    if let Some(model) = text(body, "model") {
        set_model(profile, &model);
    }
    let tools = body.get("tools").and_then(Value::as_array);
    let is_ours = |tool: &&Value| {
        tool.get("type")
            .is_some_and(|kind| kind == "image_generation")
    };
    if let Some(tool) = tools.and_then(|tools| tools.iter().find(is_ours))
        && let Some(model) = text(tool, "model").filter(|model| !model.is_empty())
    {
        profile.image_model = model;
    }
    if let Some(effort) = body.get("reasoning").and_then(|r| text(r, "effort")) {
        profile.dialect.reasoning = effort.parse::<Effort>().ok();
    }
    of_format(text(body, "response_format").as_deref(), profile);
    if profile.api == ApiKind::Images {
        if let Some(stream) = body.get("stream").and_then(Value::as_bool) {
            profile.stream = stream;
        }
        if body.get("images").is_some_and(Value::is_array) {
            profile.dialect.edit_body = EditBody::Json;
        }
    }
}

/// What a field of a form says of the gateway.
fn of_form(name: &str, value: &str, profile: &mut GatewayProfile) {
    let value = value.trim().trim_matches('"');
    match name.trim() {
        "model" => set_model(profile, value),
        "image[]" => profile.dialect.image_field = ImageField::Bracketed,
        "image" => profile.dialect.image_field = ImageField::Plain,
        "stream" => profile.stream = value == "true",
        "response_format" => of_format(Some(value), profile),
        _ => {}
    }
}

fn of_format(word: Option<&str>, profile: &mut GatewayProfile) {
    profile.dialect.response_format = match word {
        Some("b64_json") => ResponseFormat::B64Json,
        Some("url") => ResponseFormat::Url,
        _ => return,
    };
}
