//! What the window says of a request before it is sent, and the sizes that it offers.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; clippy knows the functions marked as tests, not those that they call"
)]

mod support {
    #[expect(
        dead_code,
        reason = "each test program uses what it needs of the one door to the window"
    )]
    pub(crate) mod ui;
}

use std::path::PathBuf;

use atelier::engine::{Command, Event, JobSnapshot};
use atelier::model::{
    Background, ImageFormat, JobState, Language, Parameters, PixelSize, Preset, PriceRule, Quality,
    Reference, SizePolicy, ThemeChoice,
};
use egui::Modifiers;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use support::ui::{Look, Window, choose, job, press, ready, shortcut, write};

/// High enough for everything on the left.
const ROOMY: Look = Look {
    size: [1120.0, 960.0],
    theme: ThemeChoice::Dark,
    language: Language::English,
};

fn sees(window: &Window, words: &str) -> bool {
    window.harness.query_all_by_label(words).next().is_some()
}

/// Presses the first of the buttons or links of this name: a remedy may also stand beside the button «Generate».
fn help(window: &mut Window, name: &str) {
    let all = window.harness.query_all_by_role_and_label(Role::Link, name);
    all.into_iter().next().unwrap().click();
    window.harness.run();
}

fn write_prompt(window: &mut Window, text: &str) {
    write(window, Role::MultilineTextInput, "Prompt", text);
}

fn prompt(window: &Window) -> String {
    let field = window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Prompt");
    field.accesskit_node().value().unwrap_or_default()
}

fn type_size(window: &mut Window, width: &str, height: &str) {
    choose(window, Role::RadioButton, "Custom");
    for (side, digits) in [("Width", width), ("Height", height)] {
        write(window, Role::TextInput, side, digits);
    }
}

/// The size of the request that «Generate» sends now.
fn sent_size(window: &mut Window) -> Option<String> {
    window.commands();
    press(window, "Generate");
    window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::Generate(submission) => Some(submission.request.parameters.size.to_string()),
            _ => None,
        })
}

fn add_reference(window: &mut Window, size: (u32, u32)) {
    window.commands();
    press(window, "Paste a picture");
    let first = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::PasteReferences { first, .. } => Some(first),
            _ => None,
        });
    let first = first.unwrap();
    window.tell(Event::ReferencesFound {
        first,
        names: vec!["fox.png".to_owned()],
        left_out: 0,
    });
    window.tell(Event::ReferenceReady {
        token: first,
        reference: Box::new(Reference {
            hash: "ab".repeat(32),
            path: PathBuf::from("/tmp/no.png"),
            name: "fox.png".to_owned(),
            format: ImageFormat::Png,
            size: PixelSize::new(size.0, size.1).unwrap(),
            bytes: 1_000,
            image: None,
        }),
        thumbnail: support::ui::pixels(64, 48, 20),
        digest: String::new(),
    });
}

#[test]
fn a_word_that_promises_a_resolution_is_told_and_taken_out() {
    let mut window = ready(Look::default());
    write_prompt(&mut window, "a fox, 8K, snow");
    let sentence = "“8K” in the prompt does not raise the resolution. Choose the size below.";
    assert!(sees(&window, sentence));
    // It is no reason not to send.
    assert_eq!(sent_size(&mut window).as_deref(), Some("auto"));
    help(&mut window, "Remove it");
    assert_eq!(prompt(&window), "a fox, snow");
    assert!(!sees(&window, sentence));
}

#[test]
fn a_size_that_can_not_be_is_in_the_way_until_it_is_put_right() {
    let mut window = ready(Look::default());
    write_prompt(&mut window, "a fox");
    type_size(&mut window, "１９１９", "１０７９");
    assert!(sees(&window, "Width and height must be multiples of 16."));
    assert_eq!(sent_size(&mut window), None);
    shortcut(&mut window, Modifiers::COMMAND, egui::Key::Enter);
    assert!(
        window
            .commands()
            .iter()
            .all(|command| !matches!(command, Command::Generate(_)))
    );
    help(&mut window, "Use 1920 × 1072");
    assert_eq!(sent_size(&mut window).as_deref(), Some("1920x1072"));
}

#[test]
fn a_gateway_may_take_a_size_that_its_model_does_not() {
    let mut window = ready(Look::default());
    window.change_settings(|settings| {
        for gateway in &mut settings.gateways {
            gateway.limits.sizes = SizePolicy::Warn;
            gateway.limits.extra_sizes = Preset::IkunRescue1.profile().limits.extra_sizes;
        }
    });
    write_prompt(&mut window, "a fox");
    type_size(&mut window, "1920", "1080");
    let unpublished = "Outside the published sizes; this gateway may refuse or shrink it.";
    assert!(!sees(&window, unpublished));
    type_size(&mut window, "1919", "1079");
    assert!(sees(&window, unpublished));
    help(&mut window, "Use 1920 × 1080");
    assert_eq!(sent_size(&mut window).as_deref(), Some("1920x1080"));
}

#[test]
fn what_the_picture_is_for_decides_its_shape_and_the_tier_stays() {
    let mut window = ready(ROOMY);
    write_prompt(&mut window, "a fox");
    choose(&mut window, Role::RadioButton, "Presets");
    choose(&mut window, Role::ComboBox, "Made for");
    press(&mut window, "WeChat cover 2.35:1 · 1280 × 544");
    assert_eq!(sent_size(&mut window).as_deref(), Some("1280x544"));
    choose(&mut window, Role::RadioButton, "4K");
    let size = sent_size(&mut window).unwrap();
    let size: PixelSize = size.parse().unwrap();
    assert!(
        (size.ratio() - 2.35).abs() < 0.03 && size.longer() > 3_700,
        "{size}"
    );
}

#[test]
fn the_first_reference_lends_its_size() {
    let mut window = ready(Look::default());
    write_prompt(&mut window, "a fox");
    choose(&mut window, Role::RadioButton, "Custom");
    let name = "As the first reference: 1920 × 1088";
    assert!(!sees(&window, name));
    add_reference(&mut window, (1920, 1081));
    press(&mut window, name);
    assert_eq!(sent_size(&mut window).as_deref(), Some("1920x1088"));
}

#[test]
fn many_findings_are_folded_and_those_in_the_way_come_first() {
    let mut window = ready(ROOMY);
    window.change_settings(|settings| {
        settings.parameters = Parameters {
            background: Background::Transparent,
            compression: Some(80),
            ..Parameters::default()
        };
    });
    write_prompt(&mut window, "8K, 16K, a fox");
    type_size(&mut window, "17", "1024");
    assert!(sees(&window, "Width and height must be multiples of 16."));
    assert!(sees(&window, "2 more"));
    help(&mut window, "2 more");
    assert!(sees(
        &window,
        "PNG has no compression setting; 80 is not sent."
    ));
    help(&mut window, "Clear the compression");
    assert!(!sees(
        &window,
        "PNG has no compression setting; 80 is not sent."
    ));
}

/// A prompt and a size that both want a word.
fn compose(look: Look, [prompt, custom, width, height]: [&str; 4]) -> Window {
    let mut window = ready(look);
    let words = "雪地里的红狐，8K，水墨";
    write(&mut window, Role::MultilineTextInput, prompt, words);
    choose(&mut window, Role::RadioButton, custom);
    write(&mut window, Role::TextInput, width, "1919");
    write(&mut window, Role::TextInput, height, "1079");
    window.harness.remove_cursor();
    window.harness.run();
    window
}

#[test]
fn appearance_of_findings() {
    let names = ["Prompt", "Custom", "Width", "Height"];
    compose(Look::default(), names)
        .harness
        .snapshot("findings_dark_en");
}

#[test]
fn appearance_of_findings_in_chinese() {
    let look = Look {
        theme: ThemeChoice::Light,
        language: Language::Chinese,
        ..Look::default()
    };
    compose(look, ["提示词", "自定义", "宽", "高"])
        .harness
        .snapshot("findings_light_zh");
}

/// Where the canvas begins: the left panel is as wide as it was made, whatever stands in it.
fn left_edge_of_the_rest(window: &Window) -> f32 {
    let splitter = window.harness.get_by_label("Width of the prompt panel");
    splitter.rect().left()
}

#[test]
fn appearance_of_the_size_picker() {
    let mut window = ready(Look::default());
    write_prompt(&mut window, "a red fox");
    let before = left_edge_of_the_rest(&window);
    choose(&mut window, Role::RadioButton, "Presets");
    let at_presets = left_edge_of_the_rest(&window);
    window.harness.snapshot("size_picker_dark_en");
    assert!((before - at_presets).abs() < 0.5, "nothing else moves");
    choose(&mut window, Role::RadioButton, "Custom");
    assert!((before - left_edge_of_the_rest(&window)).abs() < 0.5);
}

#[test]
fn a_whole_size_that_is_pasted_goes_into_both_fields() {
    let mut window = ready(ROOMY);
    write_prompt(&mut window, "a red fox");
    choose(&mut window, Role::RadioButton, "Custom");
    write(&mut window, Role::TextInput, "Width", "３８４０×２１６０");
    assert_eq!(sent_size(&mut window).as_deref(), Some("3840x2160"));
}

/// What the line below «Generate» begins with.
#[track_caller]
fn assert_bar(window: &Window, beginning: &str) {
    let line = window
        .harness
        .query_by_label_contains("Built-in demo · 1024 × 1024");
    let line = line.and_then(|line| line.accesskit_node().value());
    let line = line.unwrap_or_default();
    assert!(line.starts_with(beginning), "{line:?}");
}

#[test]
fn the_price_stands_first_below_generate_and_then_the_jobs() {
    let mut window = ready(ROOMY);
    write_prompt(&mut window, "a red fox");
    let set = |window: &mut Window, rule: &PriceRule, count| {
        window.change_settings(|settings| {
            let selected = settings.selected_gateway.clone();
            let mut profiles = settings.gateways.iter_mut();
            let profile = profiles.find(|profile| profile.id == selected).unwrap();
            profile.prices.rule = rule.clone();
            settings.parameters.size = "1024x1024".parse().unwrap();
            settings.parameters.quality = Quality::Medium;
            settings.parameters.partials = 0;
            settings.parameters.count = count;
        });
    };
    set(&mut window, &PriceRule::ListPrice { multiplier: 0.0 }, 1);
    assert_bar(&window, "free · Built-in demo");
    let list = PriceRule::ListPrice { multiplier: 1.0 };
    set(&mut window, &list, 1);
    assert_bar(&window, "≈ $0.053 · Built-in demo");
    set(&mut window, &list, 2);
    assert_bar(&window, "≈ $0.11 · Built-in demo");
    assert!(sees(&window, "≈ $0.11 · Built-in demo · 1024 × 1024 · × 2"));

    let mut told = |nth, state| {
        let snapshot = JobSnapshot {
            state,
            ..job(nth, "another fox")
        };
        window.tell(Event::JobChanged(Box::new(snapshot)));
    };
    told(0, JobState::Running);
    told(1, JobState::Queued);
    assert_bar(&window, "≈ $0.11 · 2 jobs · Built-in demo");
    window.tell(Event::JobEnded(Box::new(JobSnapshot {
        state: JobState::Done,
        ..job(0, "another fox")
    })));
    assert_bar(&window, "≈ $0.11 · 1 job · Built-in demo");
    set(&mut window, &PriceRule::Unknown, 1);
    assert_bar(&window, "1 job · Built-in demo");

    // Two requests cost twice as much, and the pointer says what the figure is.
    set(&mut window, &list, 1);
    write_prompt(&mut window, "a {red|grey} fox");
    assert_bar(&window, "≈ $0.11 · 1 job · Built-in demo");
    let line = window.harness.get_by_label_contains("≈ $0.11");
    line.hover();
    window.wait_ms(2_000);
    let hint = "Estimated at OpenAI list price\nPrompt and references come on top";
    let shown = window.harness.query_by_label_contains(hint);
    assert!(shown.is_some());
}
