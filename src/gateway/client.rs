//! The HTTP client: one connection a request, bytes as they come, every wait limited and cancellable.
//!
//! It never repeats a request by itself: whoever pays decides (see [`super::delay_before_retry`]).

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderValue,
    RANGE,
};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, redirect, retry};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::model::ApiKey;
use crate::protocol::{FormContent, FormPart};

use super::endpoint::{self, Endpoint};
use super::{Cause, GatewayError, Phase, RetryHints};

/// Longest wait for a connection, TLS included (protocol.md 6.7: 10 to 15 s).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Keeps routers between us and a gateway that thinks for minutes from forgetting the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Bytes in flight. hyper's 2 MiB cap a job at 84 Mbit/s over a line of 200 ms (performance.md).
const HTTP2_WINDOW_BYTES: u32 = 16 << 20;
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
    /// Limits of its waits.
    pub patience: Patience,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Patience {
    /// From the request to the head of the answer, the connection included.
    pub first_byte: Duration,
    /// From one chunk to the next.
    pub silence: Duration,
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
    /// The gateway's id of the request, from whichever header has one (protocol.md 8.5).
    pub request_id: Option<String>,
    /// What it says about sending the request again.
    pub hints: RetryHints,
    inner: reqwest::Response,
    silence: Duration,
    cancel: CancellationToken,
}

impl Response {
    /// The next bytes of the body as the network delivers them; `None` at its end.
    ///
    /// # Errors
    /// When the connection breaks, nothing comes for too long, or the caller cancels.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, GatewayError> {
        let chunk = tokio::select! {
            biased;
            () = self.cancel.cancelled() => {
                return Err(GatewayError::new(Phase::Body, Cause::Canceled));
            }
            chunk = timeout(self.silence, self.inner.chunk()) => chunk,
        };
        match chunk {
            Ok(chunk) => chunk.map_err(GatewayError::in_body),
            Err(_elapsed) => Err(GatewayError::new(Phase::Body, Cause::Timeout)),
        }
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
    /// One for each [`Route`].
    clients: [OnceLock<reqwest::Client>; 4],
}

/// What a request needs of its client.
#[derive(Clone, Copy, Debug)]
struct Route {
    /// To this machine, where a proxy would be in the way.
    loopback: bool,
    /// To wherever a result is: redirects are followed.
    result: bool,
}

impl Route {
    const fn slot(self) -> usize {
        self.loopback as usize + 2 * self.result as usize
    }
}

impl Client {
    /// A client that has not connected anywhere.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a call and waits for the head of the answer, whatever its status. `begun` is called once the connection
    /// stands and takes the body.
    ///
    /// # Errors
    /// When no answer comes: see [`GatewayError::phase`] for how far the request had come.
    pub async fn send(
        &self,
        call: &Call,
        cancel: &CancellationToken,
        begun: impl FnOnce() + Send + 'static,
    ) -> Result<Response, GatewayError> {
        let url = call.endpoint.url(&call.base_url)?;
        let client = self.client(Route {
            loopback: endpoint::is_loopback(&url),
            result: false,
        })?;
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
                .body(announced(bytes.clone(), begun)),
            Body::Form(parts) => request.multipart(form(parts, begun)?),
        };
        answer(request, call.patience, cancel).await
    }

    /// Asks for a result at an address of [`endpoint::result_urls`], from byte `offset` on. No key goes with it.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub async fn fetch(
        &self,
        url: &str,
        offset: u64,
        patience: Patience,
        cancel: &CancellationToken,
    ) -> Result<Response, GatewayError> {
        let url = endpoint::parse(url)?;
        let client = self.client(Route {
            loopback: endpoint::is_loopback(&url),
            result: true,
        })?;
        let mut request = client.get(url).header(ACCEPT, "image/*, */*;q=0.5");
        if offset > 0 {
            request = request.header(RANGE, format!("bytes={offset}-"));
        }
        answer(request, patience, cancel).await
    }

    /// The client for a route; made when it is first needed. Cloning one is cheap.
    fn client(&self, route: Route) -> Result<reqwest::Client, GatewayError> {
        let slot = self.parts.clients.get(route.slot());
        if let Some(client) = slot.and_then(OnceLock::get) {
            return Ok(client.clone());
        }
        let redirects = if route.result {
            redirect::Policy::limited(MAX_REDIRECTS)
        } else {
            redirect::Policy::none()
        };
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("Atelier/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(self.tls()?)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_keepalive(KEEP_ALIVE)
            // A pooled connection that the server has just closed fails after the request was sent, and nobody could
            // say whether it was charged. One connection a request costs nothing beside a picture.
            .pool_max_idle_per_host(0)
            .retry(retry::never())
            .redirect(redirects)
            .referer(false)
            .http2_initial_stream_window_size(HTTP2_WINDOW_BYTES)
            .http2_initial_connection_window_size(HTTP2_WINDOW_BYTES);
        if route.loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(GatewayError::setup)?;
        Ok(match slot {
            Some(slot) => slot.get_or_init(|| client).clone(),
            None => client,
        })
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

fn bearer(key: &ApiKey) -> Result<HeaderValue, GatewayError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", key.expose()))
        .map_err(|_unprintable| GatewayError::new(Phase::Connect, Cause::Key))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn answer(
    request: RequestBuilder,
    patience: Patience,
    cancel: &CancellationToken,
) -> Result<Response, GatewayError> {
    let answer = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            return Err(GatewayError::new(Phase::Answer, Cause::Canceled));
        }
        answer = timeout(patience.first_byte, request.send()) => answer,
    };
    let inner = match answer {
        Ok(answer) => answer.map_err(GatewayError::before_answer)?,
        Err(_elapsed) => return Err(GatewayError::new(Phase::Answer, Cause::Timeout)),
    };
    let headers = inner.headers();
    Ok(Response {
        status: inner.status().as_u16(),
        content_type: text(headers, CONTENT_TYPE.as_str()),
        content_length: inner.content_length(),
        range_start: text(headers, CONTENT_RANGE.as_str()).and_then(|range| range_start(&range)),
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
        silence: patience.silence,
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

/// The parts of a form, made anew for every attempt.
fn form(parts: &[FormPart], begun: impl FnOnce() + Send + 'static) -> Result<Form, GatewayError> {
    let mut begun = Some(begun);
    let mut form = Form::new();
    for (n, part) in parts.iter().enumerate() {
        let (bytes, file) = match &part.content {
            FormContent::Text(text) => (Bytes::copy_from_slice(text.as_bytes()), None),
            FormContent::File {
                file_name,
                mime,
                bytes,
            } => (bytes.clone(), Some((file_name, mime))),
        };
        let length = bytes.len() as u64;
        let body = match begun.take_if(|_| n == 0) {
            Some(begun) => announced(bytes, begun),
            None => bytes.into(),
        };
        let mut field = Part::stream_with_length(body, length);
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

/// A body that says when the connection asks for it, which it does once it stands.
fn announced(bytes: Bytes, begun: impl FnOnce() + Send + 'static) -> reqwest::Body {
    let chunks = stream::once(async move {
        begun();
        Ok::<_, Infallible>(bytes)
    });
    reqwest::Body::wrap_stream(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_partial_answer_starts() {
        assert_eq!(range_start("bytes 100-199/1000"), Some(100));
        assert_eq!(range_start("bytes 0-0/*"), Some(0));
        assert_eq!(range_start("bytes */1000"), None);
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
        let route = Route {
            loopback: true,
            result: false,
        };
        client.client(route).unwrap();
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    }
}
