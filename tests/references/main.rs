//! References from every side: odd and bad files through every way in, and what is sent of them to a gateway.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod corpus;
mod sent;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../support/engine.rs"]
mod support;
mod ways;
