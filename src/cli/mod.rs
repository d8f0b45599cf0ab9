//! The engine without a window: arguments in, lines and an exit status out.
//!
//! Knows nothing of egui. Called by `main.rs` alone.

mod args;
mod demo_gateway;
mod gateways;
mod generate;
mod report;

use std::error::Error;

pub use self::args::{Cli, CliCommand, GenerateArgs};
pub use self::demo_gateway::DemoGatewayArgs;
pub use self::gateways::{
    AddArgs, GatewaysArgs, GatewaysCommand, SourceArgs, TestArgs, gateways, prepare_test,
    test_gateway,
};
pub use self::generate::{
    Bell, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, GenerateError, Prepared, generate, prepare,
};

/// An error and what is behind it, in one line. What a sentence says already is not said again.
#[must_use]
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut behind = error.source();
    while let Some(cause) = behind {
        let words = cause.to_string();
        if line.contains(&words) {
            break;
        }
        line.push_str(": ");
        line.push_str(&words);
        behind = cause.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::library::LibraryError;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Saying(&'static str, #[source] io::Error);

    #[test]
    fn nothing_is_said_twice() {
        let check = |error: &(dyn Error + 'static), expected: &str| {
            assert_eq!(in_one_line(error), expected);
        };
        check(&Saying("why", io::Error::other("cause")), "why: cause");
        check(
            &Saying("why: cause", io::Error::other("cause")),
            "why: cause",
        );
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let full = LibraryError::from(rusqlite::Error::SqliteFailure(full, None));
        assert!(!in_one_line(&full).contains(&format!("{0}: {0}", "database or disk is full")));
    }
}
