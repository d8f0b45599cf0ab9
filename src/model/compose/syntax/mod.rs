//! The small language of prompts: alternatives `{a|b|c}`, variables `{{name}}` and
//! `{argument name="…" default="…"}`.
//!
//! Everything else is plain text. Braces without a `|` in them are plain, too, and so are the braces of JSON: people
//! paste prompts that look like it. `\{`, `\}`, `\|` and `\\` before one of them stand for the character itself.
//! Full-width `｛｜｝` mean the same as `{|}`. Reading never fails: what makes no sense is plain text with a finding.

use std::collections::BTreeMap;
use std::ops::Range;

/// Alternatives may stand in alternatives this deep; what is deeper is plain text.
const MAX_DEPTH: usize = 12;
/// Braces of any kind are looked into this deep, so that reading takes time in proportion to the length.
const MAX_BRACES: usize = 48;
/// Longest name of a variable in characters.
const MAX_NAME_CHARS: usize = 64;

/// A place to be filled in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Variable {
    /// As written, without outer blanks; never empty.
    pub name: String,
    /// What it is where nothing is filled in.
    pub default: Option<String>,
}

/// What is wrong with a part of a pattern.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SyntaxIssue {
    /// A brace that is never closed.
    Unclosed,
    /// A closing brace that nothing opened.
    Unopened,
    /// A variable without a name, or with one that is too long.
    Unnamed,
    /// Alternatives within alternatives, too deep.
    TooDeep,
}

/// A part of a pattern that is taken for plain text because something is wrong with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SyntaxFinding {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub issue: SyntaxIssue,
}

/// A piece of a pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Node {
    /// Plain text, escapes resolved.
    Text(String),
    /// Index into the variables of the pattern.
    Variable(usize),
    /// One of these.
    Choice(Vec<Vec<Node>>),
}

/// A text that was read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pattern {
    pub(super) nodes: Vec<Node>,
    variables: Vec<Variable>,
    findings: Vec<SyntaxFinding>,
    marks: Vec<Range<usize>>,
}

impl Pattern {
    /// Reads a text. Takes time in proportion to its length, however it is nested.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Reader::new(text).read()
    }

    /// Each variable once, in the order in which they first stand in the text. The first default counts.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// What is wrong, in the order of the text.
    #[must_use]
    pub fn findings(&self) -> &[SyntaxFinding] {
        &self.findings
    }

    /// The bytes of the text that are alternatives or variables, the outermost ones, in their order.
    #[must_use]
    pub fn marks(&self) -> &[Range<usize>] {
        &self.marks
    }

    /// Whether it is plain text: nothing to choose and nothing to fill in.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.marks.is_empty()
    }

    /// How many texts the alternatives make, all combined; saturates.
    #[must_use]
    pub fn variants(&self) -> usize {
        count(&self.nodes)
    }

    /// The text with these values in it; the first of all alternatives. A variable without a value has its default; one
    /// without either is left out.
    #[must_use]
    pub fn fill(&self, values: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        self.write_first(&self.nodes, values, &mut out);
        out
    }

    /// The variables that have neither a value nor a default.
    pub fn missing<'a>(
        &'a self,
        values: &'a BTreeMap<String, String>,
    ) -> impl Iterator<Item = &'a Variable> {
        self.variables
            .iter()
            .filter(|variable| value_of(variable, values).trim().is_empty())
    }

    fn write_first(&self, nodes: &[Node], values: &BTreeMap<String, String>, out: &mut String) {
        for node in nodes {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Variable(index) => {
                    if let Some(variable) = self.variables.get(*index) {
                        out.push_str(value_of(variable, values));
                    }
                }
                Node::Choice(options) => {
                    if let Some(first) = options.first() {
                        self.write_first(first, values, out);
                    }
                }
            }
        }
    }
}

/// The value of a variable: what is filled in, else its default, else nothing.
pub(super) fn value_of<'a>(
    variable: &'a Variable,
    values: &'a BTreeMap<String, String>,
) -> &'a str {
    values
        .get(&variable.name)
        .filter(|value| !value.trim().is_empty())
        .or(variable.default.as_ref())
        .map_or("", String::as_str)
}

/// How many texts these nodes make; saturates.
pub(super) fn count(nodes: &[Node]) -> usize {
    nodes.iter().fold(1_usize, |product, node| {
        let factor = match node {
            Node::Text(_) | Node::Variable(_) => 1,
            Node::Choice(options) => options
                .iter()
                .fold(0_usize, |sum, option| sum.saturating_add(count(option))),
        };
        product.saturating_mul(factor)
    })
}

/// A character that means something, full-width forms folded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sign {
    Open,
    Close,
    Bar,
    Escape,
}

const fn sign(c: char) -> Option<Sign> {
    match c {
        '{' | '｛' => Some(Sign::Open),
        '}' | '｝' => Some(Sign::Close),
        '|' | '｜' => Some(Sign::Bar),
        '\\' => Some(Sign::Escape),
        _ => None,
    }
}

struct Reader<'t> {
    text: &'t str,
    /// Characters with their first byte.
    chars: Vec<(usize, char)>,
    /// For each opening brace that has one: its closing brace; indices into `chars`.
    closes: BTreeMap<usize, usize>,
    pattern: Pattern,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            chars: text.char_indices().collect(),
            closes: BTreeMap::new(),
            pattern: Pattern::default(),
        }
    }

    fn read(mut self) -> Pattern {
        self.match_braces();
        self.pattern.nodes = self.nodes(0, self.chars.len(), 0);
        self.pattern
            .findings
            .sort_by_key(|finding| finding.span.start);
        self.pattern
    }

    fn at(&self, index: usize) -> Option<char> {
        self.chars.get(index).map(|(_, c)| *c)
    }

    fn sign_at(&self, index: usize) -> Option<Sign> {
        self.at(index).and_then(sign)
    }

    /// The byte at which a character begins; the length of the text past its end.
    fn byte(&self, index: usize) -> usize {
        self.chars
            .get(index)
            .map_or(self.text.len(), |(byte, _)| *byte)
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text
            .get(self.byte(from)..self.byte(to))
            .unwrap_or_default()
    }

    fn find(&mut self, from: usize, to: usize, issue: SyntaxIssue) {
        let span = self.byte(from)..self.byte(to);
        self.pattern.findings.push(SyntaxFinding { span, issue });
    }

    /// Whether the character after the backslash at `index` stands for itself.
    fn is_escape(&self, index: usize) -> bool {
        self.sign_at(index) == Some(Sign::Escape) && self.sign_at(index + 1).is_some()
    }

    fn match_braces(&mut self) {
        let mut open = Vec::new();
        let mut index = 0;
        while index < self.chars.len() {
            if self.is_escape(index) {
                index += 2;
                continue;
            }
            match self.sign_at(index) {
                Some(Sign::Open) => open.push(index),
                Some(Sign::Close) => match open.pop() {
                    Some(from) if open.len() < MAX_BRACES => {
                        self.closes.insert(from, index);
                    }
                    Some(_deep) => {}
                    None => self.find(index, index + 1, SyntaxIssue::Unopened),
                },
                Some(Sign::Bar | Sign::Escape) | None => {}
            }
            index += 1;
        }
        for from in open {
            self.find(from, from + 1, SyntaxIssue::Unclosed);
        }
    }

    /// Reads the characters `from..to`, which have no bar of an enclosing group in them.
    fn nodes(&mut self, from: usize, to: usize, depth: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut plain = String::new();
        let mut index = from;
        while index < to {
            if self.is_escape(index) {
                plain.extend(self.at(index + 1));
                index += 2;
                continue;
            }
            let close = self.closes.get(&index).copied().filter(|close| *close < to);
            if let Some(close) = close
                && let Some(node) = self.group(index, close, depth)
            {
                if !plain.is_empty() {
                    nodes.push(Node::Text(std::mem::take(&mut plain)));
                }
                if depth == 0 {
                    let mark = self.byte(index)..self.byte(close + 1);
                    self.pattern.marks.push(mark);
                }
                nodes.push(node);
                index = close + 1;
                continue;
            }
            // A brace that means nothing; what is in it may still mean something.
            plain.extend(self.at(index));
            index += 1;
        }
        if !plain.is_empty() {
            nodes.push(Node::Text(plain));
        }
        nodes
    }

    /// What the braces at `open` and `close` mean; `None`: nothing.
    fn group(&mut self, open: usize, close: usize, depth: usize) -> Option<Node> {
        if self.closes.get(&(open + 1)) == Some(&(close.checked_sub(1)?)) {
            let inner = self.slice(open + 2, close - 1);
            if !inner.contains(['{', '}', '|', '｛', '｝', '｜', '\n', '"']) {
                let name = inner.trim();
                if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
                    self.find(open, close + 1, SyntaxIssue::Unnamed);
                    return None;
                }
                return Some(self.variable(name.to_owned(), None));
            }
        }
        let inner = self.slice(open + 1, close);
        if let Some(attributes) = argument(inner) {
            let name = attributes.name.trim().to_owned();
            if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
                self.find(open, close + 1, SyntaxIssue::Unnamed);
                return None;
            }
            return Some(self.variable(name, attributes.default));
        }
        if is_object(inner) {
            return None;
        }
        let bars = self.bars(open, close);
        if bars.is_empty() {
            return None;
        }
        if depth >= MAX_DEPTH {
            self.find(open, close + 1, SyntaxIssue::TooDeep);
            return None;
        }
        let mut options = Vec::with_capacity(bars.len() + 1);
        let mut from = open + 1;
        for bar in bars.into_iter().chain([close]) {
            options.push(self.nodes(from, bar, depth + 1));
            from = bar + 1;
        }
        Some(Node::Choice(options))
    }

    /// The bars that separate the alternatives of a group, not those of groups in it.
    fn bars(&self, open: usize, close: usize) -> Vec<usize> {
        let mut bars = Vec::new();
        let mut index = open + 1;
        while index < close {
            if self.is_escape(index) {
                index += 2;
                continue;
            }
            if let Some(inner) = self.closes.get(&index) {
                index = inner + 1;
                continue;
            }
            if self.sign_at(index) == Some(Sign::Bar) {
                bars.push(index);
            }
            index += 1;
        }
        bars
    }

    fn variable(&mut self, name: String, default: Option<String>) -> Node {
        let known = &mut self.pattern.variables;
        let place = known.iter().position(|variable| variable.name == name);
        if let Some(place) = place {
            if let Some(variable) = known.get_mut(place)
                && variable.default.is_none()
            {
                variable.default = default;
            }
            Node::Variable(place)
        } else {
            known.push(Variable { name, default });
            Node::Variable(known.len() - 1)
        }
    }
}

struct Attributes {
    name: String,
    default: Option<String>,
}

/// Reads `argument name="…" default="…"`, with straight or curly quotes; `None` for anything else.
fn argument(inner: &str) -> Option<Attributes> {
    let rest = inner.trim_start().strip_prefix("argument")?;
    if !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let mut name = None;
    let mut default = None;
    let mut rest = rest.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let (value, after) = quoted(after.trim_start())?;
        match key.trim() {
            "name" => name = Some(value),
            "default" => default = Some(value),
            // Later programs may know more.
            _ => {}
        }
        rest = after.trim_start();
    }
    Some(Attributes {
        name: name?,
        default: default.filter(|default| !default.is_empty()),
    })
}

/// A text in quotes at the start of `text`, and what follows it. A backslash before a quote keeps it in the text.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut chars = text.char_indices();
    let ends: &[char] = match chars.next()?.1 {
        '"' => &['"'],
        '“' | '”' => &['"', '“', '”'],
        '\'' => &['\''],
        _ => return None,
    };
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in chars {
        if escaped {
            value.push(c);
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if ends.contains(&c) {
            return Some((value, text.get(at + c.len_utf8()..)?));
        } else {
            value.push(c);
        }
    }
    None
}

/// Whether what stands in braces begins like a JSON object: a name in quotes and a colon.
fn is_object(inner: &str) -> bool {
    quoted(inner.trim_start()).is_some_and(|(_, after)| after.trim_start().starts_with([':', '：']))
}

#[cfg(test)]
mod tests;
