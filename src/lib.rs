//! Atelier 画室: a desktop studio for image models behind OpenAI-compatible gateways.
//!
//! The layers, from the bottom up; each may use only what is named:
//!
//! | module | what it is | may use |
//! | --- | --- | --- |
//! | [`model`] | the domain as plain data; no IO, no clock | – |
//! | [`protocol`] | bytes ⇄ meaning; no sockets, no files | `model` |
//! | [`gateway`] | HTTP: requests in, bytes and events out | `model`, `protocol` |
//! | [`media`] | pixels and picture files in memory | `model` |
//! | [`library`] | results on disk and their index | `model` |
//! | [`desktop`] | what the operating system gives us | `model` |
//! | [`engine`] | jobs, journal, recovery; spawns everything | all of the above |
//! | [`demo`] | the built-in gateway, reached only over HTTP | `model`, `protocol`, `media` |
//! | [`cli`] | the engine without a window | `model`, `engine`, `demo`, `desktop` |
//! | `ui` | the window (feature `gui`) | `model`, `engine`, pixel types of `media` |
//!
//! `ARCHITECTURE.md` tells how a byte and a click travel through them; `tests/architecture.rs` checks the table.

pub mod cli;
pub mod demo;
pub mod desktop;
pub mod engine;
pub mod gateway;
pub mod library;
pub mod media;
pub mod model;
pub mod protocol;
#[cfg(feature = "gui")]
pub mod ui;
