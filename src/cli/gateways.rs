//! `atelier gateways`: the saved profiles and their keys, without a window.
//!
//! Keys come from an environment variable or from standard input, never from an argument: those are in the list of
//! processes, which every user of the machine can read.

use std::io::{self, BufRead as _, Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::args::parse_api;
use super::generate::{EXIT_FAILED, GenerateError};
use crate::desktop::{
    DataDirs, KeyRing, export_gateways, import_gateways, load_settings, save_settings,
};
use crate::engine::{Command, EngineHandle, Event, GatewayTest};
use crate::model::{
    ApiKey, ApiKind, Failure, GatewayId, GatewayProfile, KeyPlace, Preset, Settings,
    normalize_base_url, read_pasted,
};

/// `atelier gateways`
#[derive(Debug, Args)]
pub struct GatewaysArgs {
    /// What to do
    #[command(subcommand)]
    pub command: GatewaysCommand,
    /// One JSON object a line on standard output
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with the saved gateways.
#[derive(Debug, Subcommand)]
pub enum GatewaysCommand {
    /// List the saved gateways
    List,
    /// Show everything of one, but its key
    Show {
        /// Its id or name
        name: String,
    },
    /// Save a gateway
    Add(Box<AddArgs>),
    /// Forget a gateway and its key
    Remove {
        /// Its id or name
        name: String,
    },
    /// Ask a gateway for its models, which tells whether address and key are right, and costs nothing
    Test(TestArgs),
    /// Write gateways to a file, without keys
    Export {
        /// The file to write
        file: PathBuf,
        /// Their ids or names (default: all)
        names: Vec<String>,
    },
    /// Add the gateways of a file
    Import {
        /// The file to read
        file: PathBuf,
    },
}

/// `atelier gateways add`
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What to call it
    pub name: String,
    /// What it is made from
    #[command(flatten)]
    pub source: SourceArgs,
    /// Which API to call
    #[arg(long, value_name = "responses|images", value_parser = parse_api)]
    pub api: Option<ApiKind>,
    /// Outer model of a Responses call
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Image model
    #[arg(long, value_name = "NAME")]
    pub image_model: Option<String>,
    /// Environment variable that holds the key
    #[arg(long, value_name = "VAR")]
    pub key_env: Option<String>,
    /// Read the key from standard input
    #[arg(long, conflicts_with = "key_env")]
    pub key_stdin: bool,
    /// Where to keep the key: the system's credential store, or a file that only you can read
    #[arg(long, value_name = "store|file", default_value = "store", value_parser = parse_place)]
    pub keep: KeyPlace,
    /// Use it from now on
    #[arg(long)]
    pub select: bool,
}

/// What a new gateway is made from: one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct SourceArgs {
    /// A template with everything filled in but the key
    #[arg(long, value_name = "PRESET", value_parser = parse_preset)]
    pub preset: Option<Preset>,
    /// Its address (repeatable: further ones are tried where the first can't be reached)
    #[arg(long = "base-url", value_name = "URL")]
    pub base_urls: Vec<String>,
    /// A link or a curl command that describes it; '-' reads standard input
    #[arg(long, value_name = "TEXT|-", allow_hyphen_values = true)]
    pub paste: Option<String>,
}

/// `atelier gateways test`
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Its id or name (default: the selected one)
    pub name: Option<String>,
    /// Environment variable that holds the key (default: the key that is kept, else that of the environment)
    #[arg(long, value_name = "VAR")]
    pub key_env: Option<String>,
}

fn parse_preset(word: &str) -> Result<Preset, String> {
    serde_json::from_value(json!(word)).map_err(|_unknown| {
        let words: Vec<String> = Preset::ALL.into_iter().map(preset_word).collect();
        format!("it is one of: {}", words.join(", "))
    })
}

fn preset_word(preset: Preset) -> String {
    serde_json::to_value(preset)
        .ok()
        .and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn parse_place(word: &str) -> Result<KeyPlace, String> {
    match word {
        "store" => Ok(KeyPlace::Store),
        "file" => Ok(KeyPlace::File),
        _ => Err("it is 'store' or 'file'".to_owned()),
    }
}

/// Does everything but [`GatewaysCommand::Test`], which needs an engine: see [`test_gateway`].
///
/// # Errors
/// [`GenerateError::Usage`] for names that do not exist or exist already, addresses that can't be used and keys that
/// are missing; the others when files or the credential store refuse.
pub fn gateways(
    args: &GatewaysArgs,
    dirs: &DataDirs,
    ring: KeyRing,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(), GenerateError> {
    dirs.create()?;
    let mut desk = Desk {
        settings: load_settings(&dirs.settings)?.settings,
        dirs,
        ring,
        out: io::stdout().lock(),
        json: args.json,
    };
    match &args.command {
        GatewaysCommand::List => desk.list(),
        GatewaysCommand::Show { name } => desk.show(name),
        GatewaysCommand::Add(args) => desk.add(args, variable),
        GatewaysCommand::Remove { name } => desk.remove(name),
        GatewaysCommand::Export { file, names } => desk.export(file, names),
        GatewaysCommand::Import { file } => desk.import(file),
        GatewaysCommand::Test(_) => Ok(()),
    }
}

/// The saved gateways while a command is at work on them.
struct Desk<'a, O> {
    settings: Settings,
    dirs: &'a DataDirs,
    ring: KeyRing,
    out: O,
    json: bool,
}

impl<O: Write> Desk<'_, O> {
    fn list(&mut self) -> Result<(), GenerateError> {
        for profile in self.settings.gateways.clone() {
            let mark = if profile.id == self.settings.selected_gateway {
                "*"
            } else {
                " "
            };
            let key = self.place(&profile.id).unwrap_or("no key");
            let words = format!("{mark} {}  {}  ({key})", profile.id, profile.name);
            self.say(&summary(&profile, &self.settings, &self.ring), &words)?;
        }
        Ok(())
    }

    fn show(&mut self, name: &str) -> Result<(), GenerateError> {
        let (profile, _) = find(&self.settings, name)?.clone().without_secrets();
        let mut value = json!(profile);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("key".to_owned(), json!(self.place(&profile.id)));
        }
        let words = serde_json::to_string_pretty(&value).unwrap_or_default();
        self.say(&value, &words)
    }

    fn add(
        &mut self,
        args: &AddArgs,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), GenerateError> {
        let id = id_of(&args.name);
        if find(&self.settings, &args.name).is_ok()
            || self.settings.gateways.iter().any(|known| known.id == id)
        {
            return Err(GenerateError::Usage(format!(
                "there is a gateway called {} already; remove it first",
                args.name
            )));
        }
        let (mut profile, pasted) = described(&args.source)?;
        profile.id = id;
        profile.name.clone_from(&args.name);
        if let Some(api) = args.api {
            profile.api = api;
        }
        if let Some(model) = &args.model {
            profile.model.clone_from(model);
        }
        if let Some(model) = &args.image_model {
            profile.image_model.clone_from(model);
        }
        let key = given_key(args, variable)?.or(pasted);
        if let Some(key) = key {
            self.ring.set(&profile.id, key, args.keep).map_err(|error| {
                GenerateError::Engine(format!(
                    "the key was not kept, nothing is saved: {error}; --keep file keeps it in a file that only you can \
                     read"
                ))
            })?;
        }
        if args.select {
            self.settings.selected_gateway = profile.id.clone();
        }
        self.settings.gateways.push(profile.clone());
        self.save()?;
        let mut value = summary(&profile, &self.settings, &self.ring);
        put(&mut value, "event", json!("added"));
        self.say(&value, &format!("added {}", profile.id))
    }

    fn remove(&mut self, name: &str) -> Result<(), GenerateError> {
        let id = find(&self.settings, name)?.id.clone();
        let had_key = self.ring.known().places.contains_key(&id);
        self.ring.forget(&id)?;
        self.settings.gateways.retain(|profile| profile.id != id);
        self.save()?;
        let value = json!({"event": "removed", "id": id, "key_removed": had_key});
        self.say(&value, &format!("removed {id}"))
    }

    fn export(&mut self, file: &std::path::Path, names: &[String]) -> Result<(), GenerateError> {
        let chosen = if names.is_empty() {
            self.settings.gateways.clone()
        } else {
            let find = |name: &String| find(&self.settings, name).cloned();
            names.iter().map(find).collect::<Result<_, _>>()?
        };
        let left_out = export_gateways(file, &chosen)?;
        let count = chosen.len();
        let value =
            json!({"event": "exported", "file": file, "count": count, "left_out": left_out});
        let mut words = format!("{count} exported to {}", file.display());
        if !left_out.is_empty() {
            words = format!("{words}; left out: {}", left_out.join(", "));
        }
        self.say(&value, &words)
    }

    fn import(&mut self, file: &std::path::Path) -> Result<(), GenerateError> {
        let imported = import_gateways(file)?;
        let mut ids = Vec::new();
        for mut profile in imported.gateways {
            profile.id = self.free_id(&profile);
            ids.push(profile.id.clone());
            self.settings.gateways.push(profile);
        }
        self.save()?;
        let value = json!({"event": "imported", "ids": ids, "left_out": imported.left_out});
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut words = format!("imported {}", ids.join(", "));
        if !imported.left_out.is_empty() {
            words = format!("{words}; left out: {}", imported.left_out.join(", "));
        }
        self.say(&value, &words)
    }

    /// An id that no saved profile has and no key is kept for.
    fn free_id(&self, profile: &GatewayProfile) -> GatewayId {
        let wanted = if profile.id.0.trim().is_empty() {
            id_of(&profile.name)
        } else {
            profile.id.clone()
        };
        let known = self.ring.known();
        let is_free = |id: &GatewayId| {
            let taken = self.settings.gateways.iter().any(|known| known.id == *id);
            !taken && !known.places.contains_key(id)
        };
        let numbered = (2..).map(|n: u32| GatewayId(format!("{wanted}-{n}")));
        std::iter::once(wanted.clone())
            .chain(numbered)
            .find(is_free)
            .unwrap_or(wanted)
    }

    fn place(&self, id: &GatewayId) -> Option<&'static str> {
        place_word(&self.ring, id)
    }

    fn save(&self) -> Result<(), GenerateError> {
        Ok(save_settings(&self.dirs.settings, &self.settings)?)
    }

    fn say(&mut self, value: &Value, words: &str) -> Result<(), GenerateError> {
        if self.json {
            writeln!(self.out, "{value}")?;
        } else {
            writeln!(self.out, "{words}")?;
        }
        Ok(self.out.flush()?)
    }
}

/// The profile that the arguments describe, and the key that a pasted text brings along.
fn described(args: &SourceArgs) -> Result<(GatewayProfile, Option<ApiKey>), GenerateError> {
    if let Some(preset) = args.preset {
        return Ok((preset.profile(), None));
    }
    if let Some(text) = &args.paste {
        let read = text == "-";
        let text = Zeroizing::new(if read {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text)?;
            text
        } else {
            text.clone()
        });
        let pasted = read_pasted(&text).ok_or_else(|| {
            GenerateError::Usage("--paste: no address of a gateway is in the text".to_owned())
        })?;
        if pasted.key.is_some() && !read {
            return Err(GenerateError::Usage(
                "--paste: the text holds a key, which others can see in the list of processes; use --paste - and give \
                 the text on standard input"
                    .to_owned(),
            ));
        }
        return Ok((pasted.profile, pasted.key));
    }
    let normal = |url: &String| {
        normalize_base_url(url).ok_or_else(|| {
            GenerateError::Usage(format!("--base-url is not the address of a gateway: {url}"))
        })
    };
    let profile = GatewayProfile {
        base_urls: args
            .base_urls
            .iter()
            .map(normal)
            .collect::<Result<_, _>>()?,
        ..Preset::Custom.profile()
    };
    Ok((profile, None))
}

fn given_key(
    args: &AddArgs,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<ApiKey>, GenerateError> {
    if let Some(name) = &args.key_env {
        let key = variable(name).and_then(ApiKey::from_string);
        return key.map(Some).ok_or_else(|| {
            GenerateError::Usage(format!("the environment variable {name} holds no key"))
        });
    }
    if !args.key_stdin {
        return Ok(None);
    }
    if args.source.paste.as_deref() == Some("-") {
        return Err(GenerateError::Usage(
            "standard input can't hold both the text and the key".to_owned(),
        ));
    }
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line)?;
    ApiKey::new(&line)
        .map(Some)
        .ok_or_else(|| GenerateError::Usage("standard input holds no key".to_owned()))
}

/// The gateway that a test is for, and the key that the arguments name.
///
/// # Errors
/// [`GenerateError::Usage`] for an unknown name or an empty variable.
pub fn prepare_test(
    args: &TestArgs,
    settings: &Settings,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(GatewayProfile, Option<ApiKey>), GenerateError> {
    let profile = match &args.name {
        Some(name) => find(settings, name)?.clone(),
        None => settings.gateway(),
    };
    let key = match &args.key_env {
        None => None,
        Some(name) => Some(
            variable(name)
                .and_then(ApiKey::from_string)
                .ok_or_else(|| {
                    GenerateError::Usage(format!("the environment variable {name} holds no key"))
                })?,
        ),
    };
    Ok((profile, key))
}

/// `atelier gateways test`: asks and reports. Exit status 1 where the gateway does not do.
///
/// # Errors
/// When the engine or standard output fails.
pub fn test_gateway(
    prepared: (GatewayProfile, Option<ApiKey>),
    json: bool,
    handle: &EngineHandle,
) -> Result<ExitCode, GenerateError> {
    /// Longer than any answer is waited for; waking up in between costs nothing.
    const TURN: std::time::Duration = std::time::Duration::from_mins(1);

    let (profile, key) = prepared;
    let id = profile.id.clone();
    let command = Command::TestGateway {
        profile: Box::new(profile),
        key,
    };
    handle
        .try_send(command)
        .map_err(|error| GenerateError::Engine(error.to_string()))?;
    let outcome = loop {
        if let Some(Event::GatewayTested { gateway, outcome }) = handle.next(TURN)
            && gateway == id
        {
            break outcome;
        }
    };
    let mut out = io::stdout().lock();
    let mut log = io::stderr().lock();
    match (outcome, json) {
        (Ok(test), true) => writeln!(out, "{}", tested(&id, &test))?,
        (Ok(test), false) => {
            for url in &test.unreachable {
                writeln!(log, "not reached: {url}")?;
            }
            let ms = test.elapsed_ms;
            if test.has_list {
                writeln!(
                    log,
                    "{} answers in {ms} ms, the key is accepted",
                    test.base_url
                )?;
            } else {
                writeln!(
                    log,
                    "{} answers in {ms} ms, but has no list of models: whether the key is right is not known",
                    test.base_url
                )?;
            }
            for model in &test.models {
                writeln!(out, "{model}")?;
            }
        }
        (Err(failure), true) => {
            writeln!(out, "{}", failed(&id, &failure))?;
            return Ok(ExitCode::from(EXIT_FAILED));
        }
        (Err(failure), false) => {
            writeln!(log, "atelier: {failure}")?;
            if let Some(request_id) = &failure.request_id {
                writeln!(log, "request id: {request_id}")?;
            }
            return Ok(ExitCode::from(EXIT_FAILED));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tested(id: &GatewayId, test: &GatewayTest) -> Value {
    json!({
        "event": "tested",
        "id": id,
        "base_url": test.base_url,
        "elapsed_ms": test.elapsed_ms,
        "key_accepted": test.has_list.then_some(true),
        "models": test.models,
        "unreachable": test.unreachable,
    })
}

fn failed(id: &GatewayId, failure: &Failure) -> Value {
    json!({
        "event": "failed",
        "id": id,
        "kind": failure.kind,
        "reason": failure.reason,
        "status": failure.status,
        "code": failure.code,
        "message": failure.message,
        "request_id": failure.request_id,
        "retryable": failure.kind.is_retryable(),
    })
}

/// A profile by its id or name.
pub(super) fn find<'a>(
    settings: &'a Settings,
    name: &str,
) -> Result<&'a GatewayProfile, GenerateError> {
    let is_it =
        |profile: &&GatewayProfile| profile.id.0 == name || profile.name.eq_ignore_ascii_case(name);
    settings.gateways.iter().find(is_it).ok_or_else(|| {
        let ids: Vec<_> = settings
            .gateways
            .iter()
            .map(|profile| profile.id.0.as_str())
            .collect();
        GenerateError::Usage(format!(
            "no gateway is called {name}; saved are: {}",
            ids.join(", ")
        ))
    })
}

fn summary(profile: &GatewayProfile, settings: &Settings, ring: &KeyRing) -> Value {
    json!({
        "id": profile.id,
        "name": profile.name,
        "preset": profile.preset,
        "api": profile.api,
        "base_urls": profile.base_urls,
        "model": profile.model,
        "image_model": profile.image_model,
        "selected": profile.id == settings.selected_gateway,
        "key": place_word(ring, &profile.id),
    })
}

fn put(value: &mut Value, name: &str, field: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(name.to_owned(), field);
    }
}

fn place_word(ring: &KeyRing, id: &GatewayId) -> Option<&'static str> {
    ring.known().place(id).map(|place| match place {
        KeyPlace::Store => "store",
        KeyPlace::File => "file",
        KeyPlace::Session => "session",
        KeyPlace::Environment => "environment",
    })
}

/// A word for settings and the command line.
fn id_of(name: &str) -> GatewayId {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    match words.join("-") {
        id if id.is_empty() => GatewayId("gateway".to_owned()),
        id => GatewayId(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_words() {
        let check = |name: &str, expected: &str| assert_eq!(id_of(name).0, expected);
        check("My Relay (2)", "my-relay-2");
        check("我的 网关", "我的-网关");
        check("--", "gateway");
    }

    #[test]
    fn presets_have_words() {
        for preset in Preset::ALL {
            assert_eq!(parse_preset(&preset_word(preset)), Ok(preset));
        }
        assert!(parse_preset("x").unwrap_err().contains("ikun-rescue-1"));
    }
}
