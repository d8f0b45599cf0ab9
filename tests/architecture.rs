//! Reads the sources and fails where a layer uses what it must not (ARCHITECTURE.md, «The map»).

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// A layer and the layers that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("protocol", &["model"]),
    ("gateway", &["model", "protocol"]),
    ("media", &["model"]),
    ("library", &["model"]),
    ("desktop", &["model"]),
    (
        "engine",
        &[
            "model", "protocol", "gateway", "media", "library", "desktop",
        ],
    ),
    ("demo", &["model", "protocol", "media"]),
    ("cli", &["model", "engine", "demo", "desktop"]),
    ("ui", &["model", "engine", "media"]),
];

/// A crate and the layers that may name it.
const OWNERS: &[(&str, &[&str])] = &[
    ("arboard", &["desktop"]),
    ("apple_native_keyring_store", &["desktop"]),
    ("axum", &["demo"]),
    ("base64", &["protocol", "demo", "model"]),
    ("clap", &["cli"]),
    ("directories", &["desktop"]),
    ("eframe", &["ui"]),
    ("egui", &["ui"]),
    ("egui_extras", &["ui"]),
    ("egui_material_icons", &["ui"]),
    ("fast_image_resize", &["media", "demo"]),
    ("fluent_bundle", &["ui"]),
    ("image", &["media", "demo"]),
    ("image_webp", &["media", "demo"]),
    ("jpeg_encoder", &["media", "demo"]),
    ("keyring_core", &["desktop"]),
    ("moxcms", &["media"]),
    ("png", &["media", "demo"]),
    ("reqwest", &["gateway"]),
    ("rfd", &["ui"]),
    ("rusqlite", &["library"]),
    ("rustls", &["gateway"]),
    ("tokio", &["engine", "gateway", "demo", "cli"]),
    ("toml", &["desktop"]),
    ("windows_native_keyring_store", &["desktop"]),
    ("x11rb", &["desktop"]),
    ("zbus_secret_service_keyring_store", &["desktop"]),
    ("zune_core", &["media"]),
    ("zune_jpeg", &["media"]),
];

/// What must not be said in a layer, and why.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("ui", "std::fs", "the UI thread touches no disk"),
    ("ui", "block_on", "the UI thread never waits"),
    ("ui", "std::net", "the UI thread touches no network"),
    ("ui", ".lock()", "the UI thread holds no lock"),
    ("model", "std::fs", "the model does no IO"),
    ("model", "SystemTime", "the model reads no clock"),
    ("protocol", "std::fs", "the protocol does no IO"),
    ("protocol", "std::net", "the protocol does no IO"),
    ("media", "std::fs", "media takes bytes and readers"),
    ("media", "async fn", "media is synchronous"),
    ("gateway", "std::fs", "the gateway touches no disk"),
];

struct Source {
    layer: String,
    path: PathBuf,
    /// Lines with their numbers, without comments and tests.
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs")
                && path.file_name().unwrap() != "tests.rs"
            {
                let inside = path.strip_prefix(&root).unwrap();
                if inside.components().count() > 1 {
                    let layer = inside
                        .components()
                        .next()
                        .unwrap()
                        .as_os_str()
                        .to_str()
                        .unwrap()
                        .to_owned();
                    let lines = code_lines(&fs::read_to_string(&path).unwrap());
                    found.push(Source {
                        layer,
                        path: path.clone(),
                        lines,
                    });
                }
            }
        }
    }
    assert!(found.len() > 50, "only {} sources were found", found.len());
    found
}

fn code_lines(text: &str) -> Vec<(usize, String)> {
    text.lines()
        .enumerate()
        // Unit tests stand at the foot of a file.
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(i, line)| {
            (
                i + 1,
                line.split("//").next().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

/// Every word that stands right after `prefix` in `line`.
fn words_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(prefix).map(move |(at, _)| {
        let rest = &line[at + prefix.len()..];
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn layers_use_only_what_they_may() {
    let mut wrong = Vec::new();
    for source in sources() {
        let (_, allowed) = LAYERS
            .iter()
            .find(|(layer, _)| *layer == source.layer)
            .unwrap_or_else(|| panic!("src/{} is not in the table", source.layer));
        for (number, line) in &source.lines {
            for used in words_after(line, "crate::") {
                let is_layer = LAYERS.iter().any(|(layer, _)| *layer == used);
                if is_layer && used != source.layer && !allowed.contains(&used) {
                    wrong.push(format!(
                        "{}:{number}: {} uses {used}",
                        source.path.display(),
                        source.layer
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_stay_with_their_owners() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (number, line) in &source.lines {
            for (name, owners) in OWNERS {
                let path = format!("{name}::");
                let named = line.match_indices(&path).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    // `media::image::…` or `self::image::…` is a module of ours.
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if named && !owners.contains(&source.layer.as_str()) {
                    wrong.push(format!(
                        "{}:{number}: {} names {name}",
                        source.path.display(),
                        source.layer
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn layers_do_not_do_what_they_must_not() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (number, line) in &source.lines {
            for (layer, words, why) in FORBIDDEN {
                if source.layer == *layer && line.contains(words) {
                    wrong.push(format!(
                        "{}:{number}: {words}: {why}",
                        source.path.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_file_makes_textures() {
    for source in sources() {
        if source.layer == "ui" && !source.path.ends_with("ui/textures/gpu.rs") {
            for (number, line) in &source.lines {
                assert!(
                    !line.contains("load_texture"),
                    "{}:{number} makes a texture",
                    source.path.display()
                );
            }
        }
    }
}

#[test]
fn the_map_in_the_crate_documentation_is_complete() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (layer, _) in LAYERS {
        assert!(
            map.contains(&format!("`{layer}`")),
            "{layer} is missing in src/lib.rs"
        );
    }
}
