//! Why the demo gateway could not start.

use std::io;

/// The demo gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The address could not be listened on, most often because the port is taken.
    #[error("the demo gateway can't listen on {address}")]
    Listen {
        /// `127.0.0.1:PORT`
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// No thread or no runtime could be had.
    #[error("the demo gateway can't start its thread")]
    Thread(#[source] io::Error),
}
