//! Gateways as a file that can be given to others: readable TOML, without keys.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::atomic::{self, Readers};
use super::error::DesktopError;
use crate::model::{GatewayProfile, normalize_base_url};

const HEAD: &str = "# Gateways of Atelier. No key is in this file.\n";
/// Says what the file is.
const FORMAT: &str = "atelier-gateways";
/// The newest version that is understood.
const VERSION: u64 = 1;
/// Most bytes of a file that is read: a profile has a few hundred.
const MAX_BYTES: u64 = 4 << 20;

#[derive(Serialize)]
struct Exported<'a> {
    format: &'static str,
    version: u64,
    gateways: &'a [GatewayProfile],
}

#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    version: Option<u64>,
    gateways: Vec<GatewayProfile>,
}

/// What a file of gateways holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedGateways {
    /// The profiles, in the order of the file. Their ids may be taken already.
    pub gateways: Vec<GatewayProfile>,
    /// Names of fields that looked like secrets and were left out.
    pub left_out: Vec<String>,
}

/// Writes profiles to a file, without anything that looks like a secret. Gives the names of what was left out.
///
/// # Errors
/// When the file can't be written; a file that is there already is then as it was.
pub fn export_gateways(
    path: &Path,
    gateways: &[GatewayProfile],
) -> Result<Vec<String>, DesktopError> {
    let (gateways, left_out) = clean(gateways.iter().cloned());
    let exported = Exported {
        format: FORMAT,
        version: VERSION,
        gateways: &gateways,
    };
    let text = format!("{HEAD}\n{}", toml::to_string_pretty(&exported)?);
    atomic::replace(path, text.as_bytes(), Readers::Usual)?;
    Ok(left_out)
}

/// Reads profiles from a file, TOML or JSON. Fields that are unknown mean nothing, and missing ones have their defaults.
///
/// # Errors
/// When the file can't be read or is something else; the message says what is wrong and where.
pub fn import_gateways(path: &Path) -> Result<ImportedGateways, DesktopError> {
    let wrong = |reason: String| DesktopError::Gateways {
        reason,
        path: path.to_owned(),
    };
    let bytes = fs::metadata(path).map_err(DesktopError::io(path))?.len();
    if bytes > MAX_BYTES {
        return Err(wrong(
            "the file is too large for one of gateways".to_owned(),
        ));
    }
    let content = fs::read(path).map_err(DesktopError::io(path))?;
    let text =
        String::from_utf8(content).map_err(|_binary| wrong("the file is no text".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    let read = if text.trim_start().starts_with('{') {
        serde_json::from_str::<Value>(text)
            .and_then(serde_json::from_value::<Read>)
            .map_err(|error| error.to_string())
    } else {
        // Without the lines that the parser quotes: they could hold anything.
        toml::from_str::<Read>(text).map_err(|error| match error.span() {
            Some(span) => {
                let before = text.get(..span.start).unwrap_or_default();
                format!(
                    "{} (line {})",
                    error.message(),
                    before.matches('\n').count() + 1
                )
            }
            None => error.message().to_owned(),
        })
    };
    let read = read.map_err(|reason| wrong(format!("the file is none of gateways: {reason}")))?;
    if read.format.is_some_and(|format| format != FORMAT) {
        return Err(wrong("the file is none of gateways".to_owned()));
    }
    if read.version.is_some_and(|version| version > VERSION) {
        return Err(wrong(
            "the file was written by a newer version of the program".to_owned(),
        ));
    }
    if read.gateways.is_empty() {
        return Err(wrong("the file holds no gateway".to_owned()));
    }
    for profile in &read.gateways {
        let is_bad = |url: &&String| normalize_base_url(url).is_none();
        if let Some(url) = profile.base_urls.iter().find(is_bad) {
            return Err(wrong(format!(
                "{} has an address that can't be used: {url}",
                profile.name
            )));
        }
    }
    let (gateways, left_out) = clean(read.gateways.into_iter());
    Ok(ImportedGateways { gateways, left_out })
}

fn clean(gateways: impl Iterator<Item = GatewayProfile>) -> (Vec<GatewayProfile>, Vec<String>) {
    let mut left_out = Vec::new();
    let clean = gateways.map(|profile| {
        let (profile, names) = profile.without_secrets();
        left_out.extend(names);
        profile
    });
    let clean = clean.collect();
    left_out.sort();
    left_out.dedup();
    (clean, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ExtraFields, Preset};

    fn read(content: &str) -> Result<ImportedGateways, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateways.toml");
        fs::write(&path, content).unwrap();
        import_gateways(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_back_without_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.toml");
        let mut gateways = Preset::ALL.map(Preset::profile).to_vec();
        gateways[1].dialect.extra =
            ExtraFields::parse(r#"{"user":"我","api_key":"sk-1"}"#).unwrap();
        assert_eq!(export_gateways(&path, &gateways).unwrap(), ["api_key"]);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# Gateways of Atelier"), "{text}");
        assert!(
            text.contains("version = 1") && !text.contains("sk-1"),
            "{text}"
        );
        gateways[1].dialect.extra = ExtraFields::parse(r#"{"user":"我"}"#).unwrap();
        let imported = import_gateways(&path).unwrap();
        assert_eq!(imported.gateways, gateways);
        assert_eq!(imported.left_out, Vec::<String>::new());
        // The same as JSON.
        let value: Value = toml::from_str(&text).unwrap();
        assert_eq!(read(&value.to_string()).unwrap().gateways, gateways);
    }

    #[test]
    fn unknown_fields_mean_nothing_and_secrets_stay_out() {
        let imported = read(
            "later = 1\n[[gateways]]\nid = \"r\"\nname = \"R\"\nbase_urls = [\"https://r.example/\"]\nkey = \"sk-1\"\n\
             future = [1]\n[gateways.dialect]\nextra = '{\"token\":\"t\",\"a\":1}'\n",
        )
        .unwrap();
        assert_eq!(imported.left_out, ["token"]);
        let [profile] = imported.gateways.as_slice() else {
            panic!("not one")
        };
        assert_eq!((profile.id.0.as_str(), profile.name.as_str()), ("r", "R"));
        assert_eq!(profile.base_urls, ["https://r.example/v1"]);
        assert_eq!(profile.dialect.extra.to_text(), r#"{"a":1}"#);
    }

    #[test]
    fn broken_files_are_told_in_words() {
        let check = |content: &str, expected: &str| {
            let reason = read(content).unwrap_err();
            assert!(reason.contains(expected), "{content}: {reason}");
            assert!(!reason.contains("sk-secret"), "{reason}");
        };
        check("", "missing field `gateways`");
        check("gateways = []", "holds no gateway");
        check("[[gateways]]\nid = \"a\"\nkey = sk-secret\n", "line 3");
        check("{\"gateways\": 1}", "none of gateways");
        check("{", "none of gateways");
        check("format = \"other\"\ngateways = [{}]", "none of gateways");
        check("version = 2\ngateways = [{}]", "newer version");
        check(
            "[[gateways]]\nname = \"R\"\nbase_urls = [\"ftp://r\"]",
            "R has an address that can't be used: ftp://r",
        );
        check("PNG\u{0}", "none of gateways");
    }
}
