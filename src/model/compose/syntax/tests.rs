use proptest::prelude::*;

use super::*;

/// Nodes in brackets: `[a|b]` for a choice, `<name=default>` for a variable.
fn shown(pattern: &Pattern, nodes: &[Node]) -> String {
    let one = |node: &Node| match node {
        Node::Text(text) => text.clone(),
        Node::Variable(index) => {
            let Variable { name, default } = &pattern.variables[*index];
            match default {
                Some(default) => format!("<{name}={default}>"),
                None => format!("<{name}>"),
            }
        }
        Node::Choice(options) => {
            let options: Vec<String> = options.iter().map(|o| shown(pattern, o)).collect();
            format!("[{}]", options.join("|"))
        }
    };
    nodes.iter().map(one).collect()
}

#[test]
fn patterns_are_read_as_they_are_meant() {
    let check = |text: &str, expected: &str| {
        let pattern = Pattern::read(text);
        assert_eq!(shown(&pattern, &pattern.nodes), expected, "{text}");
        assert_eq!(pattern.findings(), [], "{text}");
    };
    check("", "");
    check("a red fox", "a red fox");
    check("a {red|white} fox", "a [red|white] fox");
    check("a {red|{dark |}blue|} fox", "a [red|[dark |]blue|] fox");
    check("｛红｜白｝狐", "[红|白]狐");
    check("{{city}} at {{ time of day }}", "<city> at <time of day>");
    check("｛｛城市｝｝", "<城市>");
    check("{a|{{b}}}", "[a|<b>]");
    check(
        r#"{argument name="city" default="Paris"} and {argument name="city"}"#,
        "<city=Paris> and <city=Paris>",
    );
    check("{argument name=“城市” default=“上海”}", "<城市=上海>");
    check(
        "{argument name=\"标签\" default=\"“一”“二”\"}",
        "<标签=“一”“二”>",
    );
    check(
        r#"{argument name='a' default='it\'s' hint="x"}"#,
        "<a=it's>",
    );
    // Escapes, and backslashes that escape nothing.
    check(r"\{a\|b\} \\{x|y} C:\new \n", r"{a|b} \[x|y] C:\new \n");
    // Plain: braces without a bar, code, JSON.
    check("{a} {} a|b", "{a} {} a|b");
    check(
        r#"{"style": "a|b", "size": {"w": 1}}"#,
        r#"{"style": "a|b", "size": {"w": 1}}"#,
    );
    check(
        r#"{"subject": "{{subject}}", "mood": "{calm|wild}", "t": "{argument name="t" default="x"}"}"#,
        r#"{"subject": "<subject>", "mood": "[calm|wild]", "t": "<t=x>"}"#,
    );
    check(r#"{"A"|"B"}"#, r#"["A"|"B"]"#);
    check("{argumentative|calm}", "[argumentative|calm]");
}

#[test]
fn what_makes_no_sense_is_plain_text_with_a_finding() {
    let check = |text: &str, plain: &str, expected: &[(Range<usize>, SyntaxIssue)]| {
        let pattern = Pattern::read(text);
        assert_eq!(pattern.fill(&BTreeMap::new()), plain, "{text}");
        let findings: Vec<_> = pattern
            .findings
            .iter()
            .map(|f| (f.span.clone(), f.issue))
            .collect();
        assert_eq!(findings, expected, "{text}");
    };
    check("a {red fox", "a {red fox", &[(2..3, SyntaxIssue::Unclosed)]);
    check("狐} {a|b}", "狐} a", &[(3..4, SyntaxIssue::Unopened)]);
    check("{a|{b|c}", "{a|b", &[(0..1, SyntaxIssue::Unclosed)]);
    check("{{ }}", "{{ }}", &[(0..5, SyntaxIssue::Unnamed)]);
    check(
        r#"{argument name=""}"#,
        r#"{argument name=""}"#,
        &[(0..18, SyntaxIssue::Unnamed)],
    );
    let deep = format!(
        "{}x{}",
        "{a|".repeat(MAX_DEPTH + 1),
        "}".repeat(MAX_DEPTH + 1)
    );
    assert_eq!(
        Pattern::read(&deep).findings()[0].issue,
        SyntaxIssue::TooDeep
    );
}

#[test]
fn values_defaults_and_first_alternatives_fill_a_pattern() {
    let pattern = Pattern::read(r#"{A|B} {{x}} {argument name="y" default="why"} {{z}}"#);
    let values = BTreeMap::from([
        ("x".to_owned(), "{1|2}".to_owned()),
        ("z".to_owned(), " ".to_owned()),
    ]);
    assert_eq!(pattern.fill(&values), "A {1|2} why ");
    let missing: Vec<&str> = pattern.missing(&values).map(|v| v.name.as_str()).collect();
    assert_eq!(missing, ["z"]);
    assert_eq!(pattern.variants(), 2);
    assert_eq!(pattern.marks(), [0..5, 6..11, 12..45, 46..51]);
    assert!(Pattern::read("{a}").is_plain());
}

#[test]
fn counting_saturates_and_takes_no_time() {
    let many = "{a|b}".repeat(200);
    assert_eq!(Pattern::read(&many).variants(), usize::MAX);
    let open = "{".repeat(100_000);
    assert_eq!(Pattern::read(&open).findings().len(), 100_000);
    let nested = format!("{}{}", "{".repeat(20_000), "}".repeat(20_000));
    assert!(Pattern::read(&nested).variables().is_empty());
}

fn signs() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("{"),
        Just("}"),
        Just("|"),
        Just("\\"),
        Just("｛"),
        Just("｝"),
        Just("｜"),
        Just("\""),
        Just("="),
        Just("argument name="),
        Just(" default="),
        Just("狐"),
        Just("a"),
        Just(" "),
        Just(":"),
        Just("\n"),
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_and_its_spans_are_in_it(text in signs()) {
        let pattern = Pattern::read(&text);
        for span in pattern.findings.iter().map(|f| &f.span).chain(&pattern.marks) {
            prop_assert!(text.get(span.clone()).is_some_and(|part| !part.is_empty()), "{span:?} of {text:?}");
        }
        let mut end = 0;
        for mark in pattern.marks() {
            prop_assert!(mark.start >= end);
            end = mark.end;
        }
        prop_assert!(pattern.variants() >= 1);
    }

    #[test]
    fn text_without_signs_stays_as_it_is(text in "[^{}|\\\\｛｝｜]{0,200}") {
        let pattern = Pattern::read(&text);
        prop_assert!(pattern.is_plain());
        prop_assert_eq!(pattern.fill(&BTreeMap::new()), text);
    }

    #[test]
    fn escaped_text_means_itself(text in ".{0,120}") {
        let escaped: String = text
            .chars()
            .flat_map(|c| sign(c).map(|_| '\\').into_iter().chain([c]))
            .collect();
        let pattern = Pattern::read(&escaped);
        prop_assert!(pattern.is_plain() && pattern.findings().is_empty());
        prop_assert_eq!(pattern.fill(&BTreeMap::new()), text);
    }
}
