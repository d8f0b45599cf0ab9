//! HTTP to gateways: requests in, heads of answers and chunks of bytes out.
//!
//! Knows no jobs, touches no disk and repeats nothing by itself; the engine calls it and decides. What the bytes mean
//! is the business of [`crate::protocol`].

mod client;
mod endpoint;
mod error;
mod patience;
mod retry;

pub use self::client::{Body, Call, Client, Response};
pub use self::endpoint::{Endpoint, result_urls};
pub use self::error::{Cause, GatewayError, Limit, Phase};
pub use self::patience::Patience;
pub use self::retry::{
    Attempt, Failed, MAX_DELAY, PAYLOAD_TOO_LARGE, RetryHints, SHORT_BODY_BYTES,
    delay_before_retry, pause,
};
