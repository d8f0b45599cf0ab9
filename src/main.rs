//! The program: reads the arguments, starts the engine, and hands it to the command line or to the window.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use anyhow::Context as _;
use atelier::cli::{
    Bell, Cli, CliCommand, EXIT_FAILED, GatewaysArgs, GatewaysCommand, GenerateArgs, GenerateError,
    gateways, generate, in_one_line, prepare, prepare_test, test_gateway,
};
use atelier::demo::{DemoConfig, DemoServer};
use atelier::desktop::{DataDirs, KeyRing, SystemStore, load_catalog, load_settings};
use atelier::engine::{DemoStarter, Engine, EngineConfig, EngineHandle, Limits};
use atelier::model::ApiKey;
use clap::Parser as _;
use tracing::Level;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// The environment variable that holds the key of gateways that have none of their own.
const KEY_VARIABLE: &str = "ATELIER_API_KEY";

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    tracing::debug!("the program starts");
    let data_dir = cli.data_dir.as_deref();
    let ended = match cli.command {
        Some(CliCommand::Generate(args)) => run_generate(data_dir, &args),
        Some(CliCommand::Gateways(args)) => run_gateways(data_dir, &args),
        Some(CliCommand::DemoGateway(args)) => Ok(args.run()),
        None => open_window(data_dir),
    };
    ended.unwrap_or_else(|error| {
        let code = error
            .downcast_ref::<GenerateError>()
            .map_or(ExitCode::from(EXIT_FAILED), GenerateError::exit_code);
        // Nowhere is left to go when standard error is closed as well.
        writeln!(io::stderr(), "atelier: {}", in_one_line(error.as_ref())).unwrap_or(());
        code
    })
}

/// Warnings and worse, or what `RUST_LOG` says, to standard error: standard output is for results.
///
/// Of libraries no more than `info`: their finer lines quote addresses and headers, and there are secrets in those.
fn log_to_stderr() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_unset_or_wrong| EnvFilter::new("warn"));
    let is_ours_or_rare =
        filter_fn(|line| line.target().starts_with("atelier") || *line.level() <= Level::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_filter(filter.and(is_ours_or_rare));
    tracing_subscriber::registry().with(lines).init();
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn run_generate(data_dir: Option<&Path>, args: &GenerateArgs) -> anyhow::Result<ExitCode> {
    let dirs = DataDirs::locate(data_dir)?;
    let settings = load_settings(&dirs.settings)?.settings;
    let prepared = prepare(
        args,
        &settings,
        &load_catalog(&dirs.models).catalog,
        &variable,
        &mut |gateway| key_ring(&dirs).get(gateway),
    )?;
    let (bell, waker) = Bell::new();
    // The idle limit also covers fetching addresses (product.md 5).
    let limits = Limits {
        fetch_patience: Some(Duration::from_secs(
            prepared.request.gateway.timeouts.silence_secs,
        )),
        ..Limits::default()
    };
    let (_engine, handle) = start_engine(dirs, waker, limits)?;
    Ok(generate(args, prepared, &handle, &bell)?)
}

fn run_gateways(data_dir: Option<&Path>, args: &GatewaysArgs) -> anyhow::Result<ExitCode> {
    let dirs = DataDirs::locate(data_dir)?;
    let GatewaysCommand::Test(test) = &args.command else {
        gateways(args, &dirs, key_ring(&dirs), &variable)?;
        return Ok(ExitCode::SUCCESS);
    };
    let settings = load_settings(&dirs.settings)?.settings;
    let prepared = prepare_test(test, &settings, &variable)?;
    let (_engine, handle) = start_engine(dirs, Waker::noop().clone(), Limits::default())?;
    Ok(test_gateway(prepared, args.json, &handle)?)
}

/// The keys that are kept; those in the environment are asked for by name.
fn key_ring(dirs: &DataDirs) -> KeyRing {
    KeyRing::open(dirs, None, Box::new(SystemStore::new(&dirs.key_scope)))
}

fn start_engine(
    dirs: DataDirs,
    waker: Waker,
    limits: Limits,
) -> anyhow::Result<(Engine, EngineHandle)> {
    Engine::start(engine_config(dirs, waker, limits)).context("the engine does not start")
}

fn engine_config(dirs: DataDirs, waker: Waker, limits: Limits) -> EngineConfig {
    EngineConfig {
        fallback_key: variable(KEY_VARIABLE).as_deref().and_then(ApiKey::new),
        waker,
        demo: Some(demo_starter()),
        limits,
        ..EngineConfig::new(dirs)
    }
}

/// Starts the demo gateway at its first use; it lives as long as the engine that holds the starter.
fn demo_starter() -> DemoStarter {
    let running: Mutex<Option<DemoServer>> = Mutex::new(None);
    Arc::new(move || {
        let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            *running =
                Some(DemoServer::start(DemoConfig::default()).map_err(|error| error.to_string())?);
        }
        running
            .as_ref()
            .map(|server| server.base_url().to_owned())
            .ok_or_else(String::new)
    })
}

#[cfg(feature = "gui")]
fn open_window(data_dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    use atelier::desktop::{language_of, peek_settings};
    use atelier::ui::{RunOptions, run};

    anyhow::ensure!(
        has_display(),
        "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); without a window this does the same work: \
         atelier generate \"a red fox in snow\" --out ."
    );
    let dirs = DataDirs::locate(data_dir)?;
    let language = language_of(
        variable("LC_ALL").as_deref(),
        variable("LC_MESSAGES").as_deref(),
        variable("LANG").as_deref(),
    );
    // The window's size and look are needed before the engine tells them.
    let settings = peek_settings(&dirs.settings);
    // Held here, so that jobs end in an orderly way once the window is closed.
    let engine = std::rc::Rc::new(std::cell::RefCell::new(None));
    let holder = std::rc::Rc::clone(&engine);
    let start = Box::new(move |waker| {
        let config = EngineConfig {
            // The form of a gateway says where a key can be kept.
            probe_keys: true,
            ..engine_config(dirs.clone(), waker, Limits::default())
        };
        let (engine, handle) =
            Engine::start_in_background(config).map_err(|error| error.to_string())?;
        *holder.borrow_mut() = Some(engine);
        Ok(handle)
    });
    let now_ms = || jiff::Timestamp::now().as_millisecond();
    let options = RunOptions {
        settings,
        ..RunOptions::new(start, language, Box::new(now_ms))
    };
    run(options)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("the window can't be opened; `atelier generate` works without one")?;
    drop(engine);
    Ok(ExitCode::SUCCESS)
}

/// Whether there is somewhere to open a window; on Windows and macOS there always is.
#[cfg(feature = "gui")]
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos"))) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[cfg(not(feature = "gui"))]
fn open_window(_data_dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this build has no window; use: atelier generate \"a red fox in snow\" --out .")
}
