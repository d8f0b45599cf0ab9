//! The HTTP client: one connection a request, bytes as they come, every wait limited and cancellable.
//!
//! It never repeats a request by itself: whoever pays decides (see [`super::delay_before_retry`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE,
};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Url, redirect, retry};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;

use crate::model::{ApiKey, Proxy};
use crate::protocol::{FormContent, FormPart};

use super::endpoint::{self, Endpoint};
use super::patience::{Clock, Patience, Sending};
use super::{Cause, GatewayError, Phase, RetryHints};

/// Keeps routers between us and a gateway that thinks for minutes from forgetting the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Bytes in flight. hyper's 2 MiB cap a job at 84 Mbit/s over a line of 200 ms (performance.md).
const HTTP2_WINDOW_BYTES: u32 = 16 << 20;
/// Most routes that are kept. A person has a handful of gateways.
const MAX_CLIENTS: usize = 32;
/// Most redirects on the way to a result (protocol.md 4.5).
const MAX_REDIRECTS: usize = 10;
/// Headers that carry an id of the request, in the order of protocol.md 8.5.
const REQUEST_ID_HEADERS: [&str; 7] = [
    "x-request-id",
    "request-id",
    "openai-request-id",
    "x-oneapi-request-id",
    "x-upstream-request-id",
    "x-api-request-id",
    "cf-ray",
];

/// What to send.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing: a GET.
    Empty,
    /// `application/json`.
    Json(Bytes),
    /// `multipart/form-data`.
    Form(Vec<FormPart>),
}

/// One request to a gateway. It can be sent again and again.
#[derive(Clone, Debug)]
pub struct Call {
    /// Base URL as [`crate::model::normalize_base_url`] returns it.
    pub base_url: String,
    /// The path below it.
    pub endpoint: Endpoint,
    /// Goes into the `Authorization` header and nowhere else.
    pub key: Option<ApiKey>,
    /// What to send.
    pub body: Body,
    /// Whether a stream is expected.
    pub stream: bool,
    /// The way to it.
    pub proxy: Proxy,
    /// Limits of its waits.
    pub patience: Patience,
}

/// The head of an answer, and the way to its body.
#[derive(Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// Length of the body in bytes, when the server says.
    pub content_length: Option<u64>,
    /// Where the body of a 206 starts in the whole, in bytes.
    pub range_start: Option<u64>,
    /// Length of the whole in bytes, as a 206 or a 416 tells it.
    pub range_total: Option<u64>,
    /// What names this version of a file: a strong `ETag`, else its date (RFC 9110, 13.1.5).
    pub validator: Option<String>,
    /// The gateway's id of the request, from whichever header has one (protocol.md 8.5).
    pub request_id: Option<String>,
    /// What it says about sending the request again.
    pub hints: RetryHints,
    inner: reqwest::Response,
    clock: Clock,
    cancel: CancellationToken,
}

impl Response {
    /// The next bytes of the body as the network delivers them; `None` at its end.
    ///
    /// # Errors
    /// When the connection breaks, nothing comes for too long, or the caller cancels.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, GatewayError> {
        let (limit, until) = self.clock.next_chunk();
        let chunk = tokio::select! {
            biased;
            () = self.cancel.cancelled() => {
                return Err(GatewayError::new(Phase::Body, Cause::Canceled));
            }
            chunk = timeout_at(until.into(), self.inner.chunk()) => chunk,
        };
        let chunk = match chunk {
            Ok(chunk) => chunk.map_err(GatewayError::in_body),
            Err(_elapsed) => Err(GatewayError::timeout(Phase::Body, limit)),
        };
        chunk.map_err(|error| error.after(self.clock.since_sent()))
    }

    /// How long ago the request was sent.
    #[must_use]
    pub fn since_sent(&self) -> Duration {
        self.clock.since_sent()
    }
}

/// Sends requests. Clones share everything; the parts are made when they are first needed.
#[derive(Clone, Debug, Default)]
pub struct Client {
    parts: Arc<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    tls: OnceLock<rustls::ClientConfig>,
    /// Routes come and go with the profiles that are edited.
    clients: Mutex<HashMap<Route, reqwest::Client>>,
}

/// What a request needs of its client.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Route {
    proxy: Proxy,
    connect: Duration,
    /// To wherever a result is: redirects are followed.
    result: bool,
}

impl Route {
    fn new(url: &Url, proxy: &Proxy, patience: &Patience, result: bool) -> Self {
        // A system's proxy can't reach this machine; one that the profile names can be meant for it.
        let proxy = if *proxy == Proxy::System && endpoint::is_loopback(url) {
            Proxy::Direct
        } else {
            proxy.clone()
        };
        Self {
            proxy,
            connect: patience.connect,
            result,
        }
    }
}

impl Client {
    /// A client that has not connected anywhere.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a call and waits for the head of the answer, whatever its status. `begun` is called once the connection
    /// stands and takes the body, with how long that took; not for a call without a body.
    ///
    /// # Errors
    /// When no answer comes: see [`GatewayError::phase`] for how far the request had come.
    pub async fn send(
        &self,
        call: &Call,
        cancel: &CancellationToken,
        begun: impl FnOnce(Duration) + Send + 'static,
    ) -> Result<Response, GatewayError> {
        let url = call.endpoint.url(&call.base_url)?;
        let client = self.client(&Route::new(&url, &call.proxy, &call.patience, false))?;
        let sending = Sending::new(begun);
        let accept = if call.stream {
            "text/event-stream"
        } else {
            "application/json"
        };
        let method = match call.body {
            Body::Empty => Method::GET,
            Body::Json(_) | Body::Form(_) => Method::POST,
        };
        let mut request = client.request(method, url).header(ACCEPT, accept);
        if let Some(key) = &call.key {
            request = request.header(AUTHORIZATION, bearer(key)?);
        }
        request = match &call.body {
            Body::Empty => request,
            Body::Json(bytes) => request
                .header(CONTENT_TYPE, "application/json")
                // A stream has no length of its own, and some gateways refuse a body in chunks.
                .header(CONTENT_LENGTH, bytes.len())
                .body(sending.body(bytes.clone())),
            Body::Form(parts) => request.multipart(form(parts, &sending)?),
        };
        let mut response = answer(request, call.patience, &sending, cancel).await?;
        // A gateway may send back what it was sent.
        if let Some(key) = &call.key {
            for header in [&mut response.request_id, &mut response.content_type] {
                *header = header.take().map(|text| key.redact(&text));
            }
        }
        Ok(response)
    }

    /// Asks for a result at an address of [`endpoint::result_urls`]. No key goes with it. `from`: go on from this byte,
    /// if the file is still the version of this [`Response::validator`]; a server that has another sends all of it.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub async fn fetch(
        &self,
        url: &str,
        from: Option<(u64, &str)>,
        proxy: &Proxy,
        patience: Patience,
        cancel: &CancellationToken,
    ) -> Result<Response, GatewayError> {
        let url = endpoint::parse(url)?;
        let client = self.client(&Route::new(&url, proxy, &patience, true))?;
        let mut request = client.get(url).header(ACCEPT, "image/*, */*;q=0.5");
        if let Some((offset, validator)) = from {
            request = request
                .header(RANGE, format!("bytes={offset}-"))
                .header(IF_RANGE, validator);
        }
        answer(request, patience, &Sending::new(|_| {}), cancel).await
    }

    /// The client for a route; made when it is first needed. Cloning one is cheap.
    fn client(&self, route: &Route) -> Result<reqwest::Client, GatewayError> {
        let mut clients = self
            .parts
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(route) {
            return Ok(client.clone());
        }
        let client = self.make(route)?;
        if clients.len() >= MAX_CLIENTS {
            clients.clear();
        }
        clients.insert(route.clone(), client.clone());
        Ok(client)
    }

    fn make(&self, route: &Route) -> Result<reqwest::Client, GatewayError> {
        let redirects = if route.result {
            redirect::Policy::custom(follow)
        } else {
            redirect::Policy::none()
        };
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("Atelier/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(self.tls()?)
            .connect_timeout(route.connect)
            .tcp_keepalive(KEEP_ALIVE)
            // A pooled connection that the server has just closed fails after the request was sent, and nobody could
            // say whether it was charged. One connection a request costs nothing beside a picture.
            .pool_max_idle_per_host(0)
            .retry(retry::never())
            .redirect(redirects)
            .referer(false)
            .http2_initial_stream_window_size(HTTP2_WINDOW_BYTES)
            .http2_initial_connection_window_size(HTTP2_WINDOW_BYTES);
        builder = match &route.proxy {
            Proxy::System => builder,
            Proxy::Direct => builder.no_proxy(),
            Proxy::Url(url) => builder.proxy(endpoint::proxy(url)?),
        };
        builder.build().map_err(GatewayError::setup)
    }

    /// TLS by ring with the system's certificates, without a provider for the whole process.
    fn tls(&self) -> Result<rustls::ClientConfig, GatewayError> {
        if let Some(config) = self.parts.tls.get() {
            return Ok(config.clone());
        }
        let builder = || {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(GatewayError::setup)
        };
        let mut config = match builder()?.with_platform_verifier() {
            Ok(verified) => verified.with_no_client_auth(),
            Err(error) => {
                // A machine without certificates can still use the demo gateway; https fails when it connects.
                tracing::warn!("no certificates to check servers with: {error}");
                builder()?
                    .with_root_certificates(rustls::RootCertStore::empty())
                    .with_no_client_auth()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(self.parts.tls.get_or_init(|| config).clone())
    }
}

/// Never further than ten times, and never to a file or whatever else a server may name (protocol.md 4.5).
fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error("too many redirects");
    }
    if matches!(attempt.url().scheme(), "http" | "https") {
        attempt.follow()
    } else {
        attempt.error("a redirect to what is no web address")
    }
}

fn bearer(key: &ApiKey) -> Result<HeaderValue, GatewayError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", key.expose()))
        .map_err(|_unprintable| GatewayError::new(Phase::Connect, Cause::Key))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn answer(
    request: RequestBuilder,
    patience: Patience,
    sending: &Sending,
    cancel: &CancellationToken,
) -> Result<Response, GatewayError> {
    let answer = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            return Err(GatewayError::new(Phase::Answer, Cause::Canceled));
        }
        answer = sending.watched(request.send(), &patience) => answer,
    };
    let inner = answer.map_err(|error| error.after(sending.since_sent()))?;
    let headers = inner.headers();
    Ok(Response {
        status: inner.status().as_u16(),
        content_type: text(headers, CONTENT_TYPE.as_str()),
        content_length: inner.content_length(),
        range_start: text(headers, CONTENT_RANGE.as_str()).and_then(|range| range_start(&range)),
        range_total: text(headers, CONTENT_RANGE.as_str()).and_then(|range| range_total(&range)),
        validator: text(headers, ETAG.as_str())
            .filter(|tag| !tag.starts_with("W/"))
            .or_else(|| text(headers, LAST_MODIFIED.as_str())),
        request_id: REQUEST_ID_HEADERS
            .iter()
            .find_map(|name| text(headers, name)),
        hints: RetryHints {
            retry_after_ms: text(headers, "retry-after-ms"),
            retry_after: text(headers, "retry-after"),
            should_retry: text(headers, "x-should-retry")
                .and_then(|word| word.to_ascii_lowercase().parse().ok()),
        },
        inner,
        clock: sending.clock(&patience),
        cancel: cancel.clone(),
    })
}

/// A header's value; `None` when it is missing, blank or no text.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The first number of `bytes 100-199/1000`.
fn range_start(range: &str) -> Option<u64> {
    let (start, _end) = range.trim().strip_prefix("bytes")?.split_once('-')?;
    start.trim().parse().ok()
}

/// The last number of `bytes 100-199/1000` or `bytes */1000`.
fn range_total(range: &str) -> Option<u64> {
    let (_, total) = range.rsplit_once('/')?;
    total.trim().parse().ok()
}

/// The parts of a form, made anew for every attempt.
fn form(parts: &[FormPart], sending: &Sending) -> Result<Form, GatewayError> {
    let mut form = Form::new();
    for part in parts {
        let (bytes, file) = match &part.content {
            FormContent::Text(text) => (Bytes::copy_from_slice(text.as_bytes()), None),
            FormContent::File {
                file_name,
                mime,
                bytes,
            } => (bytes.clone(), Some((file_name, mime))),
        };
        let length = bytes.len() as u64;
        let mut field = Part::stream_with_length(sending.body(bytes), length);
        if let Some((file_name, mime)) = file {
            field = field
                .file_name(file_name.clone())
                .mime_str(mime)
                .map_err(GatewayError::setup)?;
        }
        form = form.part(part.name.clone(), field);
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timeouts;

    fn route(proxy: &Proxy) -> Route {
        let url = Url::parse("https://gate.way/v1").unwrap();
        Route::new(&url, proxy, &Patience::of(&Timeouts::default()), false)
    }

    #[test]
    fn only_proxies_of_four_kinds() {
        let check = |url: &str, expected: Option<Cause>| {
            let made = Client::new().client(&route(&Proxy::Url(url.to_owned())));
            assert_eq!(made.err().map(|error| error.cause), expected, "{url}");
        };
        check("http://127.0.0.1:8080", None);
        check("https://user:word@proxy.host:8080", None);
        check("socks5://127.0.0.1:1080", None);
        check(" socks5h://proxy.host:1080 ", None);
        check("socks4://127.0.0.1:1080", Some(Cause::Proxy));
        check("ftp://proxy.host", Some(Cause::Proxy));
        check("127.0.0.1:8080", Some(Cause::Proxy));
        check("http://", Some(Cause::Proxy));
        check("", Some(Cause::Proxy));
    }

    #[test]
    fn the_systems_proxy_is_not_asked_for_this_machine() {
        let check = |url: &str, proxy: Proxy, expected: Proxy| {
            let url = Url::parse(url).unwrap();
            let patience = Patience::of(&Timeouts::default());
            assert_eq!(Route::new(&url, &proxy, &patience, false).proxy, expected);
        };
        let named = Proxy::Url("http://127.0.0.1:1".to_owned());
        check("http://127.0.0.1/v1", Proxy::System, Proxy::Direct);
        check("http://127.0.0.1/v1", named.clone(), named);
        check("https://gate.way/v1", Proxy::System, Proxy::System);
    }

    #[test]
    fn where_a_partial_answer_starts() {
        assert_eq!(range_start("bytes 100-199/1000"), Some(100));
        assert_eq!(range_start("bytes 0-0/*"), Some(0));
        assert_eq!(range_start("bytes */1000"), None);
        assert_eq!(range_total("bytes */1000"), Some(1000));
        assert_eq!(range_total("bytes 0-0/*"), None);
    }

    #[test]
    fn a_key_that_no_header_can_hold_is_an_error_and_stays_secret() {
        let error = bearer(&ApiKey::new("sk-\u{1}secret").unwrap()).unwrap_err();
        assert_eq!(error.cause, Cause::Key);
        assert!(!format!("{error} {error:?}").contains("secret"));
        let value = bearer(&ApiKey::new("sk-secret").unwrap()).unwrap();
        assert!(!format!("{value:?}").contains("secret"));
    }

    #[test]
    fn the_client_needs_no_provider_of_the_process() {
        let client = Client::new();
        client.client(&route(&Proxy::Direct)).unwrap();
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    }
}
