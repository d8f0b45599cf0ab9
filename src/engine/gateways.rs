//! What the gateways screen asks for beside the preferences: tests, export, import.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::desktop;
use crate::gateway::{Body, Call, Endpoint, GatewayError, Patience, Response};
use crate::model::{
    ApiKey, Charge, Failure, FailureKind, GatewayId, GatewayProfile, Observation, Preset, Reason,
};
use crate::protocol::{own_code, parse_error_body};

use super::failure::Context;
use super::services::Services;
use super::{Event, GatewayTest, Notice, PickedFiles, supervisor};

/// Most bytes of a list of models.
const MAX_LIST_BYTES: usize = 4 << 20;
/// A list of models comes at once or not at all; nobody waits for it as for a picture.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Most names of models that are told.
const MAX_MODELS: usize = 2000;

/// Asks a gateway for its models (`GET /models`), on each of its addresses until one answers.
///
/// # Errors
/// What a person is told: the failure of the first address where none answers, else that of the answer.
pub(super) async fn test(
    profile: &GatewayProfile,
    key: Option<ApiKey>,
    services: &Services,
) -> Result<GatewayTest, Failure> {
    let key = match key {
        Some(key) => Some(key),
        None => services.keys.get(&profile.id).await?,
    };
    // The demo gateway takes any key.
    let key = key.or_else(|| (profile.preset == Preset::Demo).then(ApiKey::demo));
    let mut unreachable = Vec::new();
    let mut first = None;
    for base_url in services.base_urls(profile).await? {
        let began = Instant::now();
        let context = Context {
            gateway: profile,
            key: key.as_ref(),
            request_id: None,
        };
        match ask(&base_url, profile, key.clone(), services).await {
            Ok(response) => {
                let elapsed = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                let models = read(response, &context).await.map_err(|failure| Failure {
                    after_ms: Some(elapsed()),
                    // A list of models costs nothing anywhere.
                    charge: Charge::No,
                    ..failure
                })?;
                return Ok(GatewayTest {
                    base_url,
                    elapsed_ms: elapsed(),
                    has_list: models.is_some(),
                    models: models.unwrap_or_default(),
                    unreachable,
                });
            }
            Err(error) => {
                let failure = Failure {
                    charge: Charge::No,
                    after_ms: u64::try_from(began.elapsed().as_millis()).ok(),
                    ..context.of_transport(&error)
                };
                unreachable.push(base_url);
                first.get_or_insert(failure);
            }
        }
    }
    Err(first.unwrap_or_else(|| {
        Failure::new(
            FailureKind::InvalidRequest,
            format!("the gateway has no address: {}", profile.name),
        )
        .found(Observation::NoAddress)
    }))
}

async fn ask(
    base_url: &str,
    profile: &GatewayProfile,
    key: Option<ApiKey>,
    services: &Services,
) -> Result<Response, GatewayError> {
    let patience = Patience::of(&profile.timeouts);
    let call = Call {
        base_url: base_url.to_owned(),
        endpoint: Endpoint::Models,
        key,
        body: Body::Empty,
        stream: false,
        proxy: profile.proxy.clone(),
        patience: Patience {
            first_byte: patience.first_byte.min(MAX_WAIT),
            silence: patience.silence.min(MAX_WAIT),
            ..patience
        },
    };
    // Ended with its task when the engine stops.
    let cancel = CancellationToken::new();
    services.client.send(&call, &cancel, |_| {}).await
}

/// The names of models in an answer; `None`: the gateway is there, but has no such list.
async fn read(
    mut response: Response,
    context: &Context<'_>,
) -> Result<Option<Vec<String>>, Failure> {
    let mut body = Vec::new();
    let mut broken = None;
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
        if body.len() > MAX_LIST_BYTES {
            return Err(Failure::new(
                FailureKind::TooLarge,
                "the list of models is too long to be one",
            ));
        }
    }
    let status = response.status;
    let json = serde_json::from_slice::<Value>(&body).ok();
    if (200..300).contains(&status) {
        if let Some(models) = json.as_ref().and_then(models) {
            return Ok(Some(models));
        }
        if let Some(error) = broken {
            return Err(context.of_transport(&error));
        }
    }
    let error = parse_error_body(status, response.content_type.as_deref(), &body);
    let is_page = error.code.as_deref() == Some(own_code::HTML_PAGE);
    // Some gateways make pictures and have no such list. A page means that nobody there speaks the API.
    let has_none = matches!(status, 200..300 | 404 | 405 | 501) && json.is_some() && !is_page;
    if has_none && !tells_of_failure(json.as_ref(), status) {
        return Ok(None);
    }
    let context = Context {
        request_id: response.request_id.as_deref(),
        ..*context
    };
    let mut failure = context.of_answer(status, &error, &body);
    // A page in place of the list, or nothing that is JSON: whoever answers is not a gateway.
    if failure.reason.is_none() && (is_page || matches!(status, 200..300 | 404 | 405)) {
        failure.reason = Some(Reason::NotAnEndpoint);
    }
    Err(failure)
}

/// Whether a good status carries an error; with a 404 an error is what is expected.
fn tells_of_failure(json: Option<&Value>, status: u16) -> bool {
    let has_error = json.is_some_and(|json| {
        ["error", "detail"]
            .iter()
            .any(|name| json.get(name).is_some_and(|value| !value.is_null()))
    });
    (200..300).contains(&status) && has_error
}

/// Names of models, in the shapes in which gateways list them: `{"data":[{"id":…}]}`, `{"models":[…]}`, or an array
/// of objects or names.
fn models(json: &Value) -> Option<Vec<String>> {
    let list = ["data", "models"]
        .iter()
        .find_map(|name| json.get(name))
        .unwrap_or(json)
        .as_array()?;
    let name = |entry: &Value| {
        let name = ["id", "name", "model"]
            .iter()
            .find_map(|field| entry.get(field)?.as_str())
            .or_else(|| entry.as_str())?;
        (!name.is_empty() && name.len() <= 200).then(|| name.to_owned())
    };
    let names: Vec<String> = list.iter().filter_map(name).take(MAX_MODELS).collect();
    (list.is_empty() || !names.is_empty()).then_some(names)
}

/// Waits for the dialog, then writes the profiles to the file. `wanted`: empty for all.
pub(super) async fn export(to: PickedFiles, wanted: Vec<GatewayId>, services: Arc<Services>) {
    let Some(path) = to.await.into_iter().next() else {
        return;
    };
    let settings = services.settings_file.clone();
    // On the thread that saves the preferences: what was saved before is in them.
    let written = services.librarian.call(move |_| {
        let settings = desktop::load_settings(&settings)?.settings;
        let mut gateways = settings.gateways;
        gateways.retain(|profile| wanted.is_empty() || wanted.contains(&profile.id));
        let left_out = desktop::export_gateways(&path, &gateways)?;
        Ok::<_, desktop::DesktopError>((path, gateways.len(), left_out))
    });
    match written.await {
        Ok(Ok((path, count, left_out))) => {
            tell_left_out(&services, left_out);
            services.tell(Event::GatewaysExported { path, count });
        }
        Ok(Err(error)) => supervisor::notice(&services, FailureKind::Protocol, &error.to_string()),
        Err(closed) => supervisor::notice(&services, FailureKind::Server, &closed.to_string()),
    }
}

/// Waits for the dialog, then reads the profiles of each file that it yields.
pub(super) async fn import(from: PickedFiles, services: Arc<Services>) {
    let files: Vec<PathBuf> = from.await;
    for path in files {
        match services
            .on_pool(move || desktop::import_gateways(&path))
            .await
        {
            Some(Ok(imported)) => {
                tell_left_out(&services, imported.left_out);
                services.tell(Event::GatewaysImported(imported.gateways));
            }
            Some(Err(error)) => {
                let reason = error.to_string();
                services.tell(Event::Notice(Notice::GatewaysUnreadable { reason }));
            }
            None => return,
        }
    }
}

fn tell_left_out(services: &Services, names: Vec<String>) {
    if !names.is_empty() {
        services.tell(Event::Notice(Notice::SecretsLeftOut { names }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_models_in_every_shape() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let found = models(&serde_json::from_str(text).unwrap());
            let expected = expected.map(|names| names.iter().map(|&n| n.to_owned()).collect());
            assert_eq!(found, expected, "{text}");
        };
        check(
            r#"{"object":"list","data":[{"id":"gpt-image-2","object":"model"},{"id":"gpt-5.5"}]}"#,
            Some(&["gpt-image-2", "gpt-5.5"]),
        );
        check(
            r#"{"models":[{"name":"a"},"b",{"id":""},3]}"#,
            Some(&["a", "b"]),
        );
        check(r#"["a"]"#, Some(&["a"]));
        check(r#"{"data":[]}"#, Some(&[]));
        check(r#"{"data":[1]}"#, None);
        check(r#"{"message":"hello"}"#, None);
        check(r#""a""#, None);
    }
}
