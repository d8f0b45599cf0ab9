//! Templates as files that can be given to others: JSON, and plain text that anybody can write.
//!
//! Plain text has blocks with a line of `---` between them. The first line of a block is its title if it begins with
//! `# `; `# Folder / Title` names a folder, and `# / Title` or `#/ Title` makes a snippet.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::OwnTemplate;

/// Says what the file is.
const FORMAT: &str = "atelier-templates";
/// The newest version that is understood.
const VERSION: u64 = 1;
/// Most templates of one file.
const MAX_TEMPLATES: usize = 5_000;
/// Longest title in characters that is made from a text.
const MAX_TITLE_CHARS: usize = 40;

#[derive(Serialize)]
struct Exported<'a> {
    format: &'static str,
    version: u64,
    templates: &'a [OwnTemplate],
}

/// A template as others write it; ids are given anew.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Foreign {
    #[serde(alias = "name", alias = "label")]
    title: String,
    #[serde(alias = "category", alias = "group")]
    folder: String,
    ratio: String,
    is_snippet: bool,
    #[serde(alias = "prompt", alias = "content", alias = "template")]
    text: String,
}

/// Templates as JSON.
///
/// # Errors
/// Never in practice: texts are always JSON.
pub fn templates_to_json(templates: &[OwnTemplate]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Exported {
        format: FORMAT,
        version: VERSION,
        templates,
    })
}

/// Templates as plain text.
#[must_use]
pub fn templates_to_text(templates: &[OwnTemplate]) -> String {
    let block = |template: &OwnTemplate| {
        let head = match (template.is_snippet, template.folder.as_str()) {
            (true, _) => format!("#/ {}", template.title),
            (false, "") => format!("# {}", template.title),
            (false, folder) => format!("# {folder} / {}", template.title),
        };
        format!("{head}\n{}\n", template.text.trim_end())
    };
    let blocks: Vec<String> = templates.iter().map(block).collect();
    blocks.join("\n---\n\n")
}

/// Reads templates from JSON or plain text, whichever it is. They have no ids yet.
///
/// # Errors
/// One sentence on what is wrong, in English.
pub fn read_templates(text: &str) -> Result<Vec<OwnTemplate>, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let templates = if text.starts_with(['{', '[']) {
        match serde_json::from_str::<Value>(text) {
            Ok(json) => from_json(json)?,
            // A prompt may begin with alternatives.
            Err(_not_json) if !text.starts_with("{\"") => from_text(text),
            Err(error) => return Err(format!("the file is no JSON: {error}")),
        }
    } else {
        from_text(text)
    };
    if templates.is_empty() {
        return Err("the file holds no template".to_owned());
    }
    if templates.len() > MAX_TEMPLATES {
        return Err(format!(
            "the file holds more than {MAX_TEMPLATES} templates"
        ));
    }
    Ok(templates)
}

fn from_json(json: Value) -> Result<Vec<OwnTemplate>, String> {
    let list = match json {
        Value::Array(list) => list,
        Value::Object(mut fields) => {
            let other = |name: &str, wanted: &Value| fields.get(name).is_some_and(|v| v != wanted);
            if other("format", &Value::from(FORMAT)) {
                return Err("the file is none of templates".to_owned());
            }
            let version = fields.get("version").and_then(Value::as_u64);
            if version.is_some_and(|version| version > VERSION) {
                return Err("the file was written by a newer version of the program".to_owned());
            }
            let list = ["templates", "prompts", "snippets"]
                .iter()
                .find_map(|name| fields.remove(*name));
            match list {
                Some(Value::Array(list)) => list,
                _ => return Err("the file is none of templates".to_owned()),
            }
        }
        _ => return Err("the file is none of templates".to_owned()),
    };
    let read = list.into_iter().map(|item| match item {
        Value::String(text) => Foreign {
            text,
            ..Foreign::default()
        },
        item => serde_json::from_value(item).unwrap_or_default(),
    });
    Ok(read.filter_map(own).collect())
}

fn from_text(text: &str) -> Vec<OwnTemplate> {
    let mut blocks: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines() {
        let is_rule = line.trim().len() >= 3 && line.trim().bytes().all(|byte| byte == b'-');
        match blocks.last_mut() {
            Some(block) if !is_rule => block.push(line),
            _ => blocks.push(Vec::new()),
        }
    }
    let read = blocks.into_iter().filter_map(|lines| {
        let block = lines.join("\n");
        let block = block.trim();
        let (head, text) = match block.strip_prefix('#') {
            Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
            None => ("", block),
        };
        let (folder, title) = match head.split_once('/') {
            Some((folder, title)) => (folder.trim(), title.trim()),
            None => ("", head.trim()),
        };
        own(Foreign {
            title: title.to_owned(),
            folder: folder.to_owned(),
            is_snippet: head.trim_start().starts_with('/'),
            text: text.to_owned(),
            ..Foreign::default()
        })
    });
    read.collect()
}

/// `None` for one without a text.
fn own(foreign: Foreign) -> Option<OwnTemplate> {
    let Foreign {
        title,
        folder,
        ratio,
        is_snippet,
        text,
    } = foreign;
    let text = text.trim().to_owned();
    if text.is_empty() {
        return None;
    }
    let title = if title.trim().is_empty() {
        let first = text.lines().next().unwrap_or_default();
        first.chars().take(MAX_TITLE_CHARS).collect()
    } else {
        title.trim().to_owned()
    };
    Some(OwnTemplate {
        id: String::new(),
        title,
        folder: folder.trim().to_owned(),
        ratio,
        is_snippet,
        text,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own(title: &str, folder: &str, is_snippet: bool, text: &str) -> OwnTemplate {
        OwnTemplate {
            title: title.to_owned(),
            folder: folder.to_owned(),
            is_snippet,
            text: text.to_owned(),
            ..OwnTemplate::default()
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let templates = [
            own("Fox", "", false, "a {red|white} fox\n\nin snow"),
            own("海报", "印刷", false, "{{标题}}"),
            own("Light", "", true, "soft window light"),
        ];
        let json = templates_to_json(&templates).unwrap();
        assert_eq!(read_templates(&json).unwrap(), templates);
        let text = templates_to_text(&templates);
        assert!(text.starts_with("# Fox\na {red|white} fox"), "{text}");
        assert_eq!(read_templates(&text).unwrap(), templates);
    }

    #[test]
    fn files_of_others_are_read_too() {
        let check = |text: &str, expected: &[OwnTemplate]| {
            assert_eq!(read_templates(text).as_deref(), Ok(expected), "{text}");
        };
        check("a fox", &[own("a fox", "", false, "a fox")]);
        check(
            "{red|white} fox",
            &[own("{red|white} fox", "", false, "{red|white} fox")],
        );
        check(
            r#"[{"name":"A","prompt":"a","category":"x"}, "b", {"title":"empty"}, 3]"#,
            &[own("A", "x", false, "a"), own("b", "", false, "b")],
        );
        check(
            r#"{"prompts":[{"content":"c"}]}"#,
            &[own("c", "", false, "c")],
        );
        for (text, reason) in [
            ("", "no template"),
            ("---\n---", "no template"),
            (r#"{"format":"other","templates":[]}"#, "none of templates"),
            (r#"{"version":2,"templates":["a"]}"#, "newer version"),
            (r#"{"a":1}"#, "none of templates"),
            (r#"{"a":"#, "no JSON"),
        ] {
            let error = read_templates(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[#/ \\-\n{}\\[\\]\"a狐:,]{0,80}") {
            if let Ok(templates) = read_templates(&text) {
                prop_assert!(templates.iter().all(|t| !t.text.is_empty() && !t.title.is_empty()));
            }
        }
    }
}
