//! OpenAI's own Python client against the demo gateway (`openai_client.py`).
//!
//! Skipped, with a message, where python3 or the package `openai` is missing; `ATELIER_REQUIRE_TOOLS=1` makes that a
//! failure. `ATELIER_PYTHON` names another interpreter, such as that of a virtual environment.

use std::env;
use std::process::Command;

use atelier::demo::{DemoConfig, DemoServer, Pace};

/// Leaves the interpreter with status 0 if the package is there.
const PROBE: &str =
    "import openai, sys; print('openai', openai.__version__, 'on', sys.version.split()[0])";

#[test]
fn openai_s_client_understands_the_demo_gateway() {
    let python = env::var("ATELIER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", PROBE]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        let missing = format!("{python} with the package 'openai' (pip install openai)");
        let required = env::var_os("ATELIER_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(
            !required,
            "ATELIER_REQUIRE_TOOLS=1, but there is no {missing}"
        );
        eprintln!("SKIPPED: this test needs {missing}");
        return;
    }
    let server = DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        cache_bytes: 64 << 20,
        ..DemoConfig::default()
    })
    .unwrap();
    let output = Command::new(&python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/openai_client.py"
        ))
        .arg(server.base_url())
        // A proxy of the machine has nothing to do with loopback.
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}
