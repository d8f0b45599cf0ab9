//! The engine without a window: arguments in, lines and an exit status out.
//!
//! Knows nothing of egui. Called by `main.rs` alone.

mod args;
mod demo_gateway;
mod gateways;
mod generate;
mod report;

pub use self::args::{Cli, CliCommand, GenerateArgs};
pub use self::demo_gateway::DemoGatewayArgs;
pub use self::gateways::{
    AddArgs, GatewaysArgs, GatewaysCommand, SourceArgs, TestArgs, gateways, prepare_test,
    test_gateway,
};
pub use self::generate::{
    Bell, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, GenerateError, Prepared, generate, prepare,
};
