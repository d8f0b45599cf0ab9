//! The built-in gateway: a real HTTP server on loopback that speaks both APIs and paints its pictures itself.
//!
//! It makes everything in the program work without a key, and stands in for a gateway in tests and benches. Its
//! answers have the shapes of OpenAI's (protocol.md 2, 3, 8); its [`Fault`]s are those that real gateways show.
//! It is reached over HTTP alone, knows nothing of the engine, never goes to the network and never touches the disk.
//!
//! A request goes `routes` → `order` (validated) → `responses` or `images` (what the answer says, event by event)
//! → `transport` (how its bytes leave), with `studio` painting on the way.
//!
//! Started by the window's engine for the demo profile, by `atelier demo-gateway`, and by tests.

mod answer;
mod config;
mod error;
mod faults;
mod files;
mod images;
mod job;
mod order;
pub mod painter;
mod responses;
mod routes;
mod server;
mod studio;
mod transport;
mod wire;

pub use self::config::{DemoConfig, Dialect, Pace, ParseDialectError};
pub use self::error::DemoError;
pub use self::faults::{Fault, ParseFaultError};
pub use self::server::{DemoServer, LoggedRequest};
