//! `atelier demo-gateway`: the built-in gateway on its own, for other clients, for trying and for benches.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::in_one_line;
use crate::demo::{DemoConfig, DemoServer, Dialect, Fault, Pace};

// Not a doc comment: rustdoc would take the brackets for a link.
const FAULT_HELP: &str = "What goes wrong with every request; the header x-demo-fault: NAME or the words \
                          [fault:NAME] in a prompt choose for one request";

/// `atelier demo-gateway`
#[derive(Clone, Debug, Args)]
#[command(after_help = Fault::help())]
pub struct DemoGatewayArgs {
    /// Port on 127.0.0.1 (default: a free one)
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Paint as fast as possible, without a pause
    #[arg(long, conflicts_with = "seconds")]
    pub instant: bool,
    /// How long a picture takes
    #[arg(long, value_name = "S", default_value = "4", value_parser = parse_seconds)]
    pub seconds: Duration,
    /// What goes wrong with every request
    #[arg(long, value_name = "NAME", help = FAULT_HELP)]
    pub fault: Option<Fault>,
    /// Spelling of the Responses stream; the header x-demo-dialect chooses for one request
    #[arg(long, value_name = "openai|junfeiai", default_value = "openai")]
    pub dialect: Dialect,
    /// Bits a second at which an answer leaves (default: unlimited)
    #[arg(long, value_name = "BITS_PER_S", value_parser = clap::value_parser!(u64).range(1..))]
    pub bandwidth: Option<u64>,
    /// How long a URL result can be fetched
    #[arg(long, value_name = "S", default_value = "1800", value_parser = parse_seconds)]
    pub url_ttl: Duration,
    /// Mebibytes of pictures to keep, so that a repeated request is not painted again
    #[arg(long, value_name = "MIB", default_value = "256")]
    pub cache: u16,
}

impl DemoGatewayArgs {
    /// Prints the base URL as the first line on standard output, and serves until Ctrl-C.
    ///
    /// Fails when the port is taken or standard output is closed; says why on standard error.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                // Nowhere else to go if standard error is closed too.
                writeln!(io::stderr(), "atelier: {}", in_one_line(&error)).unwrap_or(());
                ExitCode::FAILURE
            }
        }
    }

    fn serve(self) -> io::Result<()> {
        let server = DemoServer::start(self.config()).map_err(io::Error::other)?;
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{}", server.base_url())?;
        stdout.flush()?;
        drop(stdout);
        server.wait_for_interrupt()
    }

    fn config(self) -> DemoConfig {
        let Self {
            port,
            instant,
            seconds,
            fault,
            dialect,
            bandwidth,
            url_ttl,
            cache,
        } = self;
        DemoConfig {
            port,
            pace: if instant {
                Pace::Instant
            } else {
                Pace::PerPicture(seconds)
            },
            fault,
            dialect,
            bits_per_second: bandwidth,
            url_ttl,
            cache_bytes: usize::from(cache) << 20,
            ..DemoConfig::default()
        }
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "it is a number of seconds, such as 4 or 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: DemoGatewayArgs,
    }

    fn config(words: &[&str]) -> Option<DemoConfig> {
        let line = Line::try_parse_from(["demo-gateway"].iter().chain(words)).ok()?;
        Some(line.args.config())
    }

    #[test]
    fn options_become_a_config() {
        let default = DemoConfig {
            cache_bytes: 256 << 20,
            ..DemoConfig::default()
        };
        assert_eq!(config(&[]), Some(default.clone()));
        let words = "--port 8123 --instant --fault cut=9 --dialect junfeiai --bandwidth 1000000000 --url-ttl 2.5 --cache 0";
        let expected = DemoConfig {
            port: Some(8123),
            pace: Pace::Instant,
            fault: Some(Fault::Cut { after_bytes: 9 }),
            dialect: Dialect::JunFeiAi,
            bits_per_second: Some(1_000_000_000),
            url_ttl: Duration::from_millis(2500),
            cache_bytes: 0,
            ..default.clone()
        };
        assert_eq!(
            config(&words.split(' ').collect::<Vec<_>>()),
            Some(expected)
        );
        let slow = DemoConfig {
            pace: Pace::PerPicture(Duration::from_millis(500)),
            ..default
        };
        assert_eq!(config(&["--seconds", "0.5"]), Some(slow));
    }

    #[test]
    fn wrong_words_are_refused() {
        for words in [
            &["--fault", "nonsense"][..],
            &["--dialect", "klingon"],
            &["--seconds", "-1"],
            &["--seconds", "inf"],
            &["--instant", "--seconds", "1"],
            &["--bandwidth", "0"],
            &["--port", "70000"],
        ] {
            assert_eq!(config(words), None, "{words:?}");
        }
    }

    #[test]
    fn the_help_names_every_fault() {
        use clap::CommandFactory as _;
        let help = Line::command().render_long_help().to_string();
        for fault in Fault::all() {
            let name = fault.to_string();
            let name = name.split('=').next().unwrap();
            let is_listed = [" ", ",", "="]
                .iter()
                .any(|end| help.contains(&format!("  {name}{end}")));
            assert!(is_listed, "{name}");
        }
    }
}
