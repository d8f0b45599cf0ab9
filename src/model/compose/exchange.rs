//! Templates as files that can be given to others: JSON, and plain text that anybody can write.
//!
//! Plain text has blocks with a line of `---` between them. The first line of a block is its head if it begins with
//! `# `: `# Title`, `# Folder / Title`, a snippet `#/ Title` or `#/ Folder / Title`, and behind any of them the shape as
//! `(3:4)`. A backslash takes the meaning from what follows it: from `/` in a head, from a line of `---`, and from the
//! `#` that a text begins with.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::MAX_PROMPT_CHARS;

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

/// What a file of templates holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReadTemplates {
    /// The templates, without ids.
    pub templates: Vec<OwnTemplate>,
    /// How many entries of the file are none, or have a text longer than a prompt can be.
    pub left_out: usize,
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
        let escaped = |text: &str| {
            text.replace('\\', "\\\\")
                .replace('/', "\\/")
                .replace('(', "\\(")
        };
        let mut head = vec![if template.is_snippet { "#/" } else { "#" }.to_owned()];
        if !template.folder.is_empty() {
            head.push(format!("{} /", escaped(&template.folder)));
        }
        head.push(escaped(&template.title));
        if !template.ratio.is_empty() {
            head.push(format!("({})", template.ratio));
        }
        let head = head.join(" ");
        let text: Vec<String> = template.text.trim_end().lines().map(written_line).collect();
        format!("{head}\n{}\n", text.join("\n"))
    };
    let blocks: Vec<String> = templates.iter().map(block).collect();
    blocks.join("\n---\n\n")
}

/// Whether a line, but for backslashes before it, parts blocks or begins one.
fn is_sign(line: &str) -> bool {
    let line = line.trim_start_matches('\\');
    is_rule(line) || line.trim_start().starts_with('#')
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|byte| byte == b'-')
}

fn written_line(line: &str) -> String {
    if is_sign(line) {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

fn read_line(line: &str) -> &str {
    match line.strip_prefix('\\') {
        Some(rest) if is_sign(rest) => rest,
        _ => line,
    }
}

/// Reads templates from JSON or plain text, whichever it is.
///
/// # Errors
/// One sentence on what is wrong, in English.
pub fn read_templates(text: &str) -> Result<ReadTemplates, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let read = if looks_like_json(text) {
        let json = serde_json::from_str::<Value>(text)
            .map_err(|error| format!("the file is no JSON: {error}"))?;
        from_json(json)?
    } else {
        from_text(text)
    };
    let ReadTemplates {
        templates,
        left_out,
    } = &read;
    if templates.is_empty() {
        return Err(match left_out {
            0 => "the file holds no template".to_owned(),
            _ => format!("none of the {left_out} entries of the file is a template"),
        });
    }
    if templates.len() > MAX_TEMPLATES {
        return Err(format!(
            "the file holds more than {MAX_TEMPLATES} templates"
        ));
    }
    Ok(read)
}

/// A prompt may begin with alternatives, as in `{red|white}`, or with a variable, as in `{{name}}`; JSON goes on
/// otherwise.
fn looks_like_json(text: &str) -> bool {
    let mut signs = text.chars().filter(|c| !c.is_whitespace());
    match (signs.next(), signs.next()) {
        (Some('{'), Some('"' | '}')) => true,
        (Some('['), Some(next)) => "\"{[]".contains(next),
        _ => false,
    }
}

fn from_json(json: Value) -> Result<ReadTemplates, String> {
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
        Value::String(text) => own(OwnTemplate {
            text,
            ..OwnTemplate::default()
        }),
        Value::Object(fields) => own(from_fields(&fields)),
        _ => None,
    });
    Ok(collected(read))
}

/// A template as others write it; what is not understood is as if it were not there.
fn from_fields(fields: &Map<String, Value>) -> OwnTemplate {
    let text = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| fields.get(*name)?.as_str());
        let value = values.find(|value| !value.trim().is_empty());
        value.unwrap_or_default().to_owned()
    };
    OwnTemplate {
        id: String::new(),
        title: text(&["title", "name", "label"]),
        folder: text(&["folder", "category", "group"]),
        ratio: text(&["ratio"]),
        is_snippet: fields.get("is_snippet").and_then(Value::as_bool) == Some(true),
        text: text(&["text", "prompt", "content", "template"]),
    }
}

fn collected(read: impl Iterator<Item = Option<OwnTemplate>>) -> ReadTemplates {
    let mut made = ReadTemplates::default();
    for template in read {
        match template {
            Some(template) => made.templates.push(template),
            None => made.left_out += 1,
        }
    }
    made
}

fn from_text(text: &str) -> ReadTemplates {
    let mut blocks: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines() {
        match blocks.last_mut() {
            Some(block) if !is_rule(line) => block.push(line),
            _ => blocks.push(Vec::new()),
        }
    }
    blocks.retain(|lines| lines.iter().any(|line| !line.trim().is_empty()));
    let read = blocks.into_iter().map(|lines| {
        let mut lines = lines
            .into_iter()
            .skip_while(|line| line.trim().is_empty())
            .peekable();
        let head = lines.next_if(|line| line.starts_with("# ") || line.starts_with("#/"));
        let text: Vec<&str> = lines.map(read_line).collect();
        own(OwnTemplate {
            text: text.join("\n"),
            ..head.map(from_head).unwrap_or_default()
        })
    });
    collected(read)
}

/// What the head of a block says.
fn from_head(head: &str) -> OwnTemplate {
    let head = head.strip_prefix('#').unwrap_or(head);
    let (is_snippet, head) = match head.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => match head.trim_start().strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, head),
        },
    };
    let (mut folder, mut title, mut ratio) = (None, String::new(), String::new());
    let mut signs = head.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => title.extend(signs.next()),
            '/' if folder.is_none() => folder = Some(std::mem::take(&mut title)),
            '(' => {
                let rest: String = signs.by_ref().collect();
                match rest.trim().strip_suffix(')') {
                    Some(inside) => inside.trim().clone_into(&mut ratio),
                    None => title.extend(["(", &rest]),
                }
            }
            _ => title.push(sign),
        }
    }
    let folder = folder.unwrap_or_default();
    OwnTemplate {
        title,
        folder,
        ratio,
        is_snippet,
        ..OwnTemplate::default()
    }
}

/// `None` for one without a text, or with more of it than a prompt can have.
fn own(read: OwnTemplate) -> Option<OwnTemplate> {
    let text = read.text.trim();
    if text.is_empty() || text.chars().count() > MAX_PROMPT_CHARS {
        return None;
    }
    let title = if read.title.trim().is_empty() {
        let first = text.lines().next().unwrap_or_default();
        first.chars().take(MAX_TITLE_CHARS).collect()
    } else {
        read.title.trim().to_owned()
    };
    Some(OwnTemplate {
        title,
        folder: read.folder.trim().to_owned(),
        ratio: read.ratio.trim().to_owned(),
        text: text.to_owned(),
        ..read
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
        let mut templates = vec![
            own("Fox", "", false, "a {red|white} fox\n\nin snow"),
            own("海报", "印刷", false, "{{标题}}"),
            own("Light", "lamps", true, "soft window light"),
            own(
                "A / B (new)",
                "",
                false,
                "above\n---\nbelow\n\\---\n# not a head",
            ),
            own("#1", "", false, "#1 fox\n\\# a\n \\\\# b"),
            own("{", "", false, "{ {a|b} }"),
        ];
        templates[1].ratio = "3:4".to_owned();
        let json = templates_to_json(&templates).unwrap();
        assert_eq!(read_templates(&json).unwrap().templates, templates);
        let text = templates_to_text(&templates);
        assert!(text.starts_with("# Fox\na {red|white} fox"), "{text}");
        let back = read_templates(&text).unwrap();
        assert_eq!(
            (back.templates, back.left_out),
            (templates.clone(), 0),
            "{text}"
        );
        // Half of a file is no template.
        let half = &json[..json.len() / 2];
        assert!(read_templates(half).unwrap_err().contains("no JSON"));
    }

    #[test]
    fn files_of_others_are_read_too() {
        let check = |text: &str, expected: &[OwnTemplate]| {
            let read = read_templates(text).map(|read| read.templates);
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
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
        // Both names of a field, and one without a value.
        check(
            r#"[{"title":"A","name":"B","folder":null,"prompt":"x","is_snippet":"no"}]"#,
            &[own("A", "", false, "x")],
        );
        check("#1 fox", &[own("#1 fox", "", false, "#1 fox")]);
        check(
            "# F / T (3:4)\nx",
            &[OwnTemplate {
                ratio: "3:4".to_owned(),
                ..own("T", "F", false, "x")
            }],
        );
        let long = "a".repeat(MAX_PROMPT_CHARS + 1);
        let some = read_templates(&format!(r#"["{long}", "b", 3, {{"title":"empty"}}]"#)).unwrap();
        assert_eq!((some.templates.len(), some.left_out), (1, 3));
        for (text, reason) in [
            ("", "no template"),
            ("---\n---", "no template"),
            (r#"{"format":"other","templates":[]}"#, "none of templates"),
            (r#"{"version":2,"templates":["a"]}"#, "newer version"),
            (r#"{"a":1}"#, "none of templates"),
            (r#"{"a":"#, "no JSON"),
            ("[\n  {\n    \"title\"", "no JSON"),
            ("[{}, 1]", "none of the 2 entries"),
        ] {
            let error = read_templates(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_template_comes_back_from_plain_text(
            title in "[a狐/(#\\\\ ]{0,6}x", folder in "[a/(\\\\]{0,5}", text in "[a#\\\\ \n-]{0,30}x",
            is_snippet: bool,
        ) {
            let one = own(title.trim(), folder.trim(), is_snippet, text.trim());
            let text = templates_to_text(std::slice::from_ref(&one));
            prop_assert_eq!(read_templates(&text).unwrap().templates, vec![one], "{}", text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[#/ \\-\n{}\\[\\]\"a狐:,]{0,80}") {
            if let Ok(read) = read_templates(&text) {
                prop_assert!(read.templates.iter().all(|t| !t.text.is_empty() && !t.title.is_empty()));
            }
        }
    }
}
