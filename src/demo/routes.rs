//! The paths, and what every request goes through: id, key, fault, body.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::Serialize;
use tokio::time::Instant;

use super::answer::{self, ApiError};
use super::job::Job;
use super::order::{Endpoint, Form, Order};
use super::server::{LogEntry, Shared};
use super::transport::{Gone, Line, Outlet, Piece, scripted_body, whole_body};
use super::{Dialect, Fault, images, responses};

const REQUEST_ID: &str = "x-request-id";
const FAULT: &str = "x-demo-fault";
const DIALECT: &str = "x-demo-dialect";
/// What `/v1/models` lists.
const MODELS: [&str; 4] = ["gpt-image-2", "gpt-image-2-2026-04-21", "gpt-5.5", "gpt-5"];

/// The service behind `http://127.0.0.1:PORT`.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/responses", post(create_response))
        .route("/images/generations", post(generate))
        .route("/images/edits", post(edit))
        .route("/models", get(list_models))
        .route_layer(middleware::from_fn(check_key));
    Router::new()
        .nest("/v1", api)
        .route("/files/{name}", get(fetch_file))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(shared.config.max_body_bytes))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            register,
        ))
        .with_state(shared)
}

/// Who a request is; put into it by [`register`].
#[derive(Clone, Debug)]
struct Caller {
    id: String,
    entry: LogEntry,
}

/// Marks an answer that is to leave without its id.
#[derive(Clone, Copy, Debug)]
struct Anonymous;

/// Counts the request, and gives its answer an id.
async fn register(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let entry = shared.log.enter(request.method(), request.uri().path());
    let id = shared.request_id(entry);
    request.extensions_mut().insert(Caller {
        id: id.clone(),
        entry,
    });
    let mut response = next.run(request).await;
    if response.extensions().get::<Anonymous>().is_none()
        && let Ok(value) = HeaderValue::try_from(format!("req_{id}"))
    {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Any key will do but none, and `bad-key`.
async fn check_key(request: Request, next: Next) -> Response {
    let key = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, key)| key.trim());
    let refusal = match key {
        None | Some("") => ApiError::no_key(),
        Some("bad-key") => ApiError::bad_key(),
        Some(_) => return next.run(request).await,
    };
    // A client that is still sending its pictures would see a reset instead of the answer.
    let mut upload = request.into_body().into_data_stream();
    while let Some(Ok(_)) = upload.next().await {}
    refusal.into_response()
}

async fn create_response(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    serve(Endpoint::Responses, shared, caller, request).await
}

async fn generate(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    serve(Endpoint::Generations, shared, caller, request).await
}

async fn edit(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    serve(Endpoint::Edits, shared, caller, request).await
}

async fn serve(
    endpoint: Endpoint,
    shared: Arc<Shared>,
    caller: Caller,
    request: Request,
) -> Response {
    let begun = Instant::now();
    let answered = serve_or_refuse(endpoint, &shared, caller, request, begun).await;
    answered.unwrap_or_else(ApiError::into_response)
}

async fn serve_or_refuse(
    endpoint: Endpoint,
    shared: &Arc<Shared>,
    caller: Caller,
    request: Request,
    begun: Instant,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let order = read_order(endpoint, shared.config.max_body_bytes, request).await;
    // A fault chosen from outside comes before anything that may be wrong with the request.
    let chosen = fault_of_header(&headers)?;
    let fault = match (&chosen, &order) {
        (None, Ok(order)) => Fault::in_prompt(&order.prompt)
            .map_err(|error| ApiError::invalid_value("prompt", error.to_string()))?,
        _ => chosen,
    };
    let fault = fault.or(shared.config.fault);
    let fault = fault.filter(|fault| {
        let prompt = order.as_ref().map_or("", |order| order.prompt.as_str());
        shared.strikes(*fault, prompt)
    });
    shared.log.set_fault(caller.entry, fault);
    if let Some(fault) = fault {
        if fault == Fault::Silence {
            std::future::pending::<()>().await;
        }
        if let Fault::EdgeTimeoutAfter { seconds } = fault {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
        if let Some(response) = answer::of_fault(fault) {
            return Ok(response);
        }
    }
    let mut order = order?;
    if let Some(param) = &order.refusable_param
        && fault == Some(Fault::UnknownParameter)
    {
        let message = format!("Unknown parameter: '{param}'.");
        return Err(ApiError::invalid(message)
            .param(param.as_str())
            .code("unknown_parameter"));
    }
    if order.seed.is_none() {
        order.seed = Some(shared.next_seed(&order.prompt, order.count));
    }
    let job = Job {
        shared: Arc::clone(shared),
        commission: Arc::new(shared.studio.accept(order).await?),
        fault,
        dialect: dialect_of(&headers)?.unwrap_or(shared.config.dialect),
        id: caller.id,
        origin: origin_of(&headers, shared),
        created: unix_seconds(),
        begun,
    };
    let mut response = match endpoint {
        Endpoint::Responses => responses::answer(job).await?,
        Endpoint::Generations | Endpoint::Edits => images::answer(job).await?,
    };
    if fault == Some(Fault::NoId) {
        response.extensions_mut().insert(Anonymous);
    }
    Ok(response)
}

async fn read_order(
    endpoint: Endpoint,
    max_body_bytes: usize,
    request: Request,
) -> Result<Order, ApiError> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
    if is_form && endpoint == Endpoint::Edits {
        let multipart = Multipart::from_request(request, &())
            .await
            .map_err(|error| ApiError::invalid(error.body_text()))?;
        return Order::from_form(Form::read(multipart, max_body_bytes).await?);
    }
    let body =
        Bytes::from_request(request, &())
            .await
            .map_err(|error: BytesRejection| match error.status() {
                StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(max_body_bytes),
                _ => ApiError::invalid(error.body_text()),
            })?;
    Order::from_json(endpoint, &body)
}

fn fault_of_header(headers: &HeaderMap) -> Result<Option<Fault>, ApiError> {
    from_header(headers, FAULT)
}

fn dialect_of(headers: &HeaderMap) -> Result<Option<Dialect>, ApiError> {
    from_header(headers, DIALECT)
}

fn from_header<T>(headers: &HeaderMap, name: &'static str) -> Result<Option<T>, ApiError>
where
    T: FromStr,
    T::Err: Display,
{
    let text = headers.get(name).map(|value| value.to_str().unwrap_or(""));
    text.map(str::parse::<T>)
        .transpose()
        .map_err(|error| ApiError::invalid_value(name, error.to_string()))
}

/// Relays build result URLs from the `Host` that they were called by (quirk 26 of protocol.md).
fn origin_of(headers: &HeaderMap, shared: &Shared) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    match host {
        Some(host) => format!("http://{host}"),
        None => shared.origin.clone(),
    }
}

fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_secs())
}

#[derive(Serialize)]
struct ModelList {
    object: &'static str,
    data: Vec<Model>,
}

#[derive(Serialize)]
struct Model {
    id: &'static str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

async fn list_models(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let fault = fault_of_header(&headers)?.or(shared.config.fault);
    shared.log.set_fault(caller.entry, fault);
    if fault == Some(Fault::Silence) {
        std::future::pending::<()>().await;
    }
    if let Some(response) = fault.and_then(answer::of_fault) {
        return Ok(response);
    }
    let data = MODELS.map(|id| Model {
        id,
        object: "model",
        created: 1_776_729_600,
        owned_by: "atelier-demo",
    });
    let list = ModelList {
        object: "list",
        data: data.into(),
    };
    Ok(axum::Json(list).into_response())
}

async fn fetch_file(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let line = Line::new(None, shared.config.bits_per_second);
    shared.files.answer(&name, &headers, line)
}

async fn unknown_path(request: Request) -> ApiError {
    let (method, path) = (request.method(), request.uri().path());
    ApiError::not_found(format!("Invalid URL ({method} {path})"))
}

async fn wrong_method(request: Request) -> ApiError {
    let (method, path) = (request.method(), request.uri().path());
    ApiError::method_not_allowed(format!("Not allowed to {method} {path}"))
}

/// An answer of JSON, all of it known.
pub(super) fn json_answer(job: &Job, pieces: Vec<Piece>) -> Response {
    let length: u64 = pieces.iter().map(Piece::wire_bytes).sum();
    let breaks = pieces.iter().any(|piece| matches!(piece, Piece::Break));
    let mut response = Response::new(whole_body(pieces, job.line()));
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    if !breaks {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// An answer that is a stream of events.
pub(super) fn event_stream<F>(line: Line, script: impl FnOnce(Outlet) -> F) -> Response
where
    F: Future<Output = Result<(), Gone>> + Send + 'static,
{
    let body: Body = scripted_body(line, script);
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let events = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, events);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
