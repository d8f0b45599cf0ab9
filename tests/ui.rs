//! The window, driven like a person does: find by role and name, act, look at what it asks of the engine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking; clippy knows the functions marked as tests, not those that they call"
)]

mod support {
    pub(crate) mod ui;
}

use std::path::{Path, PathBuf};
use std::sync::Arc;

use atelier::engine::{
    Command, Event, GalleryChange, Notice, PictureSource, PieceOrigin, ReferenceSource,
    ReferenceToken, StartFailure,
};
use atelier::model::{
    Background, Charge, Failure, FailureKind, GenerationRequest, ImageFormat, JobState, Language,
    Mismatch, Moderation, Obstacle, PixelSize, Quality, Reference, ReferenceProblem, SizeChoice,
    SizePolicy, Stage, ThemeChoice,
};
use atelier::ui::state::Screen;
use egui::accesskit::Role;
use egui::{ImeEvent, Key, Modifiers};
use egui_kittest::kittest::{By, NodeT as _, Queryable as _};
use support::ui::{
    Look, NOW_MS, Window, choose, harness, image_id, job, job_id, pixels, press, preview, ready,
    record, shortcut, write,
};

const FOX: &str = "A red fox in fresh snow, ink wash";

fn write_prompt(window: &mut Window, text: &str) {
    let editor = window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Prompt");
    editor.focus();
    window.harness.run();
    window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Prompt")
        .type_text(text);
    window.harness.run();
}

/// The requests that were to be generated.
fn generated(window: &mut Window) -> Vec<GenerationRequest> {
    let commands = window.commands();
    commands
        .into_iter()
        .filter_map(|command| match command {
            Command::Generate(submission) => Some(submission.request),
            _ => None,
        })
        .collect()
}

/// Nine results, newest first on the screen.
fn with_gallery(look: Look) -> Window {
    let mut window = ready(look);
    let ids: Vec<_> = (0..9).rev().map(|n| image_id(n - 100)).collect();
    for n in 0..9 {
        let record = Box::new(record(n - 100, job_id(-200), FOX));
        window.tell(Event::ImageSaved { record, copy: None });
    }
    window.tell(Event::Gallery(GalleryChange::All(ids.into())));
    window.give_thumbnails();
    window
}

#[test]
fn a_prompt_becomes_a_request() {
    let mut window = ready(Look::default());
    assert!(
        window
            .harness
            .query_by_label("Write a prompt first.")
            .is_some()
    );
    write_prompt(&mut window, FOX);
    choose(&mut window, Role::RadioButton, "High");
    choose(&mut window, Role::RadioButton, "WebP");
    press(&mut window, "Generate");
    let requests = generated(&mut window);
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(request.prompt.as_str(), FOX);
    assert_eq!(request.parameters.quality, Quality::High);
    assert_eq!(request.parameters.format, ImageFormat::Webp);
    assert_eq!(request.parameters.size, SizeChoice::Auto);
    assert_eq!(request.gateway.id.0, "demo");
}

#[test]
fn the_keyboard_goes_as_people_read() {
    let mut window = ready(Look {
        size: [1280.0, 800.0],
        ..Look::default()
    });
    let mut seen = Vec::new();
    for _ in 0..40 {
        window.harness.key_press(Key::Tab);
        window.harness.run();
        let has_focus = By::new().predicate(|node| node.is_focused() && node.label().is_some());
        let focused = window
            .harness
            .query_all(has_focus)
            .find_map(|node| node.accesskit_node().label());
        seen.extend(focused);
    }
    let expected = [
        "Create",
        "Gateway: Built-in demo",
        "Switch to Chinese",
        "Settings",
        "Prompt",
        "Paste a picture",
        "Pick files",
        "Advanced",
        "A red fox in fresh snow, ink wash",
    ];
    let mut places = expected.map(|name| {
        let place = seen.iter().position(|label| label == name);
        place.unwrap_or_else(|| panic!("{name} is not among {seen:?}"))
    });
    let found = places;
    places.sort_unstable();
    assert_eq!(found, places, "{seen:?}");
}

#[test]
fn splitters_have_names_of_their_own_in_both_languages() {
    for (language, names) in [
        (
            Language::English,
            ["Width of the prompt panel", "Width of the details panel"],
        ),
        (Language::Chinese, ["提示词面板宽度", "详情面板宽度"]),
    ] {
        let window = ready(Look {
            language,
            ..Look::default()
        });
        for name in names {
            let harness = &window.harness;
            assert!(
                harness
                    .query_by_role_and_label(Role::Splitter, name)
                    .is_some(),
                "{name}"
            );
        }
    }
}

#[test]
fn the_keyboard_generates_but_never_while_an_input_method_composes() {
    let mut window = ready(Look::default());
    write_prompt(&mut window, "fox");
    window.harness.event(egui::Event::Ime(ImeEvent::Preedit {
        text: "xue".to_owned(),
        active_range_chars: None,
    }));
    window.harness.run();
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(generated(&mut window).is_empty());
    window
        .harness
        .event(egui::Event::Ime(ImeEvent::Commit("snow".to_owned())));
    window.harness.run();
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    assert!(generated(&mut window).is_empty(), "Enter is a new line");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(generated(&mut window).len(), 1);
}

/// Types a size into the fields of the Custom mode.
fn type_size(window: &mut Window, width: &str, height: &str) {
    choose(window, Role::RadioButton, "Custom");
    for (side, digits) in [("Width", width), ("Height", height)] {
        write(window, Role::TextInput, side, digits);
    }
}

#[test]
fn a_size_that_nobody_published_is_sent_with_a_warning_where_the_profile_allows_it() {
    const WARNING: &str = "Outside the published sizes; this gateway may refuse or shrink it.";
    let check = |policy: SizePolicy, is_warned: bool| {
        let mut window = ready(Look::default());
        window.change_settings(|settings| {
            for gateway in &mut settings.gateways {
                gateway.limits.sizes = policy;
            }
        });
        write_prompt(&mut window, FOX);
        type_size(&mut window, "1920", "1080");
        let sees = |window: &Window, words: &str| window.harness.query_by_label(words).is_some();
        assert_eq!(sees(&window, WARNING), is_warned, "{policy:?}");
        assert_eq!(sees(&window, "Use 1920 × 1088"), is_warned, "{policy:?}");
        press(&mut window, "Generate");
        let asked = generated(&mut window)[0].parameters.size;
        assert_eq!(asked.to_string(), "1920x1080", "{policy:?}");
        if is_warned {
            choose(&mut window, Role::Link, "Use 1920 × 1088");
            assert!(!sees(&window, WARNING));
            press(&mut window, "Generate");
            let asked = generated(&mut window)[0].parameters.size;
            assert_eq!(asked.to_string(), "1920x1088");
            choose(&mut window, Role::RadioButton, "Presets");
            assert!(!sees(&window, WARNING));
        }
    };
    check(SizePolicy::Warn, true);
    check(SizePolicy::Off, false);
}

#[test]
fn what_folded_parameters_hold_is_told_to_those_who_do_not_see_it() {
    let summary = |window: &Window| {
        let fold = window
            .harness
            .get_by_role_and_label(Role::DisclosureTriangle, "Advanced");
        fold.accesskit_node().description()
    };
    let mut window = ready(Look {
        size: [800.0, 1000.0],
        ..Look::default()
    });
    assert_eq!(summary(&window), None, "nothing is set");
    window.change_settings(|settings| {
        settings.parameters.background = Background::Transparent;
        settings.parameters.moderation = Moderation::Low;
        settings.parameters.format = ImageFormat::Webp;
        settings.parameters.compression = Some(80);
    });
    let told = "Clear · Moderation Low · Compression 80";
    assert_eq!(summary(&window).as_deref(), Some(told));
    choose(&mut window, Role::DisclosureTriangle, "Advanced");
    assert_eq!(summary(&window), None, "everything can be seen");
}

#[test]
fn the_window_is_there_while_the_library_is_opened_and_keeps_what_was_changed() {
    let mut window = harness(Look::default());
    let opening = "Opening the library…";
    assert!(window.harness.query_all_by_label(opening).count() >= 2);
    choose(&mut window, Role::RadioButton, "High");
    write_prompt(&mut window, FOX);
    shortcut(&mut window, Modifiers::COMMAND, Key::Num2);
    assert!(window.harness.query_by_label(opening).is_some());
    shortcut(&mut window, Modifiers::COMMAND, Key::Num1);
    assert!(window.commands().is_empty(), "nothing is stored or asked");

    // Another program has chosen a theme since the window read the preferences.
    window.become_ready(|settings| settings.theme = ThemeChoice::Light);
    assert_eq!(window.harness.query_all_by_label(opening).count(), 0);
    let settings = &window.harness.state().state().studio.settings;
    assert_eq!(settings.parameters.quality, Quality::High);
    assert_eq!(settings.theme, ThemeChoice::Light);
    press(&mut window, "Generate");
    let commands = window.commands();
    let saved = commands.iter().any(|command| {
        matches!(command, Command::SaveSettings { settings, base }
            if settings.parameters.quality == Quality::High && base.theme == ThemeChoice::Light)
    });
    assert!(saved, "{commands:?}");
}

#[test]
fn a_library_that_can_not_be_opened_says_why_and_is_tried_again() {
    let mut window = harness(Look::default());
    window.tell(Event::StartFailed(StartFailure {
        obstacle: Obstacle::Busy,
        path: Some(PathBuf::from("/data/library.sqlite.lock")),
        message: "another program is busy with the index".to_owned(),
    }));
    let sees = |window: &Window, words: &str| window.harness.query_by_label(words).is_some();
    assert!(sees(&window, "The library can't be opened"));
    assert!(sees(&window, "Another program is busy with the library."));
    assert!(sees(&window, "/data/library.sqlite.lock"));
    let advice = "Wait until it has finished, or close it, and try again.";
    assert!(sees(&window, advice));
    assert_eq!(window.starts(), 1);
    press(&mut window, "Try again");
    assert_eq!(window.starts(), 2);
    assert!(!sees(&window, advice));
    window.become_ready(|_| ());
    window.tell(Event::Gallery(GalleryChange::All(Arc::new([]))));
    assert!(sees(&window, "Your pictures appear here."));
}

#[test]
fn a_preset_is_one_click_and_turns_on_end() {
    let mut window = ready(Look {
        size: [1120.0, 900.0],
        ..Look::default()
    });
    choose(&mut window, Role::RadioButton, "Presets");
    choose(&mut window, Role::RadioButton, "16:9 2K · 2560 × 1440");
    let size = |window: &Window| {
        window
            .harness
            .state()
            .state()
            .studio
            .settings
            .parameters
            .size
    };
    assert_eq!(size(&window).to_string(), "2560x1440");
    press(&mut window, "Swap width and height");
    assert_eq!(size(&window).to_string(), "1440x2560");
    choose(&mut window, Role::RadioButton, "2:3 1K · 1024 × 1536");
    assert_eq!(size(&window).to_string(), "1024x1536");
    let commands = window.commands();
    let saved = |command: &Command| match command {
        Command::SaveSettings { settings, .. } => Some(settings.parameters.size.to_string()),
        _ => None,
    };
    assert_eq!(
        commands.iter().filter_map(saved).next_back().as_deref(),
        Some("1024x1536")
    );
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        panic!("the window must not read files")
    }
}

#[test]
fn dropped_files_become_references_of_the_request() {
    let mut window = ready(Look::default());
    let dropped = ["/home/me/notes.pdf", "/home/me/cat.png"]
        .map(|path| Arc::new(Dropped(path.into())) as egui::DroppedFileHandle);
    window.harness.input_mut().dropped_files = dropped.to_vec();
    window.harness.run();
    let commands = window.commands();
    let [
        Command::AddReferenceFiles {
            first,
            files,
            most: 16,
        },
    ] = commands.as_slice()
    else {
        panic!("{commands:?}");
    };
    assert_eq!(files.len(), 2);
    let tokens = [*first, ReferenceToken(first.0 + 1)];
    window.tell(Event::ReferencesFound {
        first: *first,
        names: vec!["notes.pdf".to_owned(), "cat.png".to_owned()],
        left_out: 0,
    });
    let reference = Reference {
        hash: "a".repeat(64),
        path: "/cache/a.png".into(),
        name: "cat.png".to_owned(),
        format: ImageFormat::Png,
        size: PixelSize::new(800, 600).unwrap(),
        bytes: 1_000,
        image: None,
    };
    window.tell(Event::ReferenceReady {
        token: tokens[1],
        reference: Box::new(reference.clone()),
        thumbnail: pixels(128, 96, 3),
        digest: String::new(),
    });
    window.tell(Event::ReferenceFailed {
        token: tokens[0],
        name: "notes.pdf".to_owned(),
        failure: Failure::new(FailureKind::InvalidRequest, "no picture"),
        problem: ReferenceProblem::NotAPicture,
    });
    assert!(window.harness.query_by_label("1 / 16").is_some());
    let unreadable = "notes.pdf can't be read as a picture.";
    assert!(window.harness.query_by_label(unreadable).is_some());
    write_prompt(&mut window, FOX);
    press(&mut window, "Generate");
    assert_eq!(generated(&mut window)[0].references, [reference]);
    // What is not sent has no number: prompts speak of the first picture of the request as «image 1».
    assert!(window.harness.query_by_label("Image 1: cat.png").is_some());
    press(&mut window, "Remove image 1");
    press(&mut window, "Dismiss");
    assert!(
        window
            .harness
            .state()
            .state()
            .studio
            .references
            .slots()
            .is_empty()
    );
}

fn focused_label(window: &Window) -> Option<String> {
    let has_focus = By::new().predicate(|node| node.is_focused() && node.label().is_some());
    let mut focused = window.harness.query_all(has_focus);
    focused.find_map(|node| node.accesskit_node().label())
}

#[test]
fn a_popup_takes_the_focus_and_gives_it_back() {
    let mut window = ready(Look::default());
    for (key, inside) in [(Key::Comma, "English"), (Key::G, "Built-in demo")] {
        shortcut(&mut window, Modifiers::COMMAND, Key::L);
        assert_eq!(focused_label(&window).as_deref(), Some("Prompt"));
        shortcut(&mut window, Modifiers::COMMAND, key);
        window.harness.run();
        assert_eq!(focused_label(&window).as_deref(), Some(inside));
        shortcut(&mut window, Modifiers::NONE, Key::Escape);
        window.harness.run();
        assert!(window.harness.query_by_label("Manage gateways").is_none());
        assert_eq!(focused_label(&window).as_deref(), Some("Prompt"));
    }
}

#[test]
fn the_focus_goes_from_a_job_to_its_result() {
    let mut window = with_gallery(Look::default());
    let mut snapshot = job(0, FOX);
    window.tell(Event::JobChanged(Box::new(snapshot.clone())));
    let cell = format!("Accepted: {FOX}");
    window.harness.get_by_label(&cell).focus();
    window.harness.run();
    assert_eq!(focused_label(&window), Some(cell));

    let record = record(9, job_id(0), "A heron in the rain");
    snapshot.state = JobState::Done;
    snapshot.images = vec![record.id];
    snapshot.ended_ms = Some(NOW_MS + 9_000);
    window.tell(Event::Gallery(GalleryChange::Added(record.id)));
    window.tell(Event::ImageSaved {
        record: Box::new(record),
        copy: None,
    });
    window.tell(Event::JobEnded(Box::new(snapshot)));
    window.harness.run();
    let focused = focused_label(&window).unwrap_or_default();
    assert!(focused.contains("A heron in the rain"), "{focused}");
}

#[test]
fn a_picture_is_pasted_while_a_text_is_typed() {
    let mut window = ready(Look::default());
    let looks = |commands: &[Command]| {
        let mut looks = commands.iter();
        looks.any(|command| matches!(command, Command::LookAtClipboard))
    };
    let pastes = |commands: &[Command]| {
        let mut commands = commands.iter();
        commands.any(|command| matches!(command, Command::PasteReferences { .. }))
    };
    // The prompt has the keyboard: it may be text that is meant.
    window
        .harness
        .key_press_modifiers(Modifiers::COMMAND, Key::L);
    window.harness.run();
    window.commands();
    window
        .harness
        .key_press_modifiers(Modifiers::COMMAND, Key::V);
    window.harness.run();
    let commands = window.commands();
    assert!(looks(&commands) && !pastes(&commands), "{commands:?}");
    window.tell(Event::ClipboardSeen { is_picture: false });
    assert!(!pastes(&window.commands()));
    window.tell(Event::ClipboardSeen { is_picture: true });
    assert!(pastes(&window.commands()));
}

#[test]
fn a_pasted_picture_is_read_by_the_engine() {
    let mut window = ready(Look::default());
    let image = Arc::new(egui::ColorImage::filled([2, 2], egui::Color32::RED));
    window.harness.event(egui::Event::PasteImage(image));
    window.harness.run();
    let clipboard = |command: &Command| matches!(command, Command::PasteReferences { .. });
    let commands = window.commands();
    let token = commands.iter().find_map(|command| match command {
        Command::PasteReferences { first, most: 16 } => Some(*first),
        _ => None,
    });
    window.tell(Event::ReferenceFailed {
        token: token.unwrap(),
        name: "clipboard.png".to_owned(),
        failure: Failure::new(FailureKind::NotFound, "the clipboard holds no picture"),
        problem: ReferenceProblem::NothingPasted,
    });
    let nothing = "No picture came from the clipboard.";
    assert!(window.harness.query_by_label(nothing).is_some());
    // Text goes to the prompt when that has the keyboard.
    write_prompt(&mut window, "fox");
    window
        .harness
        .event(egui::Event::Paste(" in snow".to_owned()));
    window.harness.run();
    assert!(!window.commands().iter().any(clipboard));
    assert_eq!(
        window.harness.state().state().edits.prompt.text,
        "fox in snow"
    );
}

#[test]
fn a_job_is_followed_from_its_start_to_its_result() {
    let mut window = ready(Look::default());
    write_prompt(&mut window, FOX);
    press(&mut window, "Generate");
    window.commands();
    let mut snapshot = job(0, FOX);
    window.tell(Event::JobChanged(Box::new(snapshot.clone())));
    let shown = |window: &mut Window| {
        let sources = window.commands().into_iter();
        let sources = sources.filter_map(|command| match command {
            Command::Show { source, .. } => Some(source),
            _ => None,
        });
        sources.last().flatten()
    };
    assert_eq!(shown(&mut window), Some(PictureSource::Live(job_id(0))));
    snapshot.stage = Stage::Preview(1);
    window.tell(Event::JobChanged(Box::new(snapshot.clone())));
    window.tell(Event::PreviewSaved(preview(job_id(0), 0)));
    choose(&mut window, Role::RadioButton, "Preview 1");
    let first = PictureSource::Preview {
        job: job_id(0),
        index: 0,
        preview: 0,
    };
    assert_eq!(shown(&mut window), Some(first));
    choose(&mut window, Role::RadioButton, "Newest");
    assert_eq!(shown(&mut window), Some(PictureSource::Live(job_id(0))));

    let record = record(9, job_id(0), FOX);
    snapshot.state = JobState::Done;
    snapshot.images = vec![record.id];
    snapshot.ended_ms = Some(NOW_MS + 9_000);
    window.tell(Event::Gallery(GalleryChange::Added(record.id)));
    window.tell(Event::ImageSaved {
        record: Box::new(record),
        copy: None,
    });
    window.tell(Event::JobEnded(Box::new(snapshot)));
    assert_eq!(shown(&mut window), None, "its pixels are there already");
    assert!(window.harness.query_by_label("Got").is_some());
    assert!(window.harness.query_by_label("70 in · 3,336 out").is_some());
}

#[test]
fn a_running_job_can_be_ended() {
    let mut window = ready(Look::default());
    window.tell(Event::JobChanged(Box::new(job(0, FOX))));
    assert!(window.harness.query_by_label("1 running").is_some());
    window.commands();
    press(&mut window, "Cancel the job");
    let commands = window.commands();
    assert!(matches!(commands.as_slice(), [Command::Cancel(id)] if *id == job_id(0)));
    shortcut(&mut window, Modifiers::COMMAND, Key::Period);
    let commands = window.commands();
    assert!(matches!(commands.as_slice(), [Command::Cancel(id)] if *id == job_id(0)));
}

fn failed(window: &mut Window, failure: Failure) {
    let mut snapshot = job(0, FOX);
    window.tell(Event::JobChanged(Box::new(snapshot.clone())));
    press(window, &format!("Accepted: {FOX}"));
    snapshot.state = JobState::Failed;
    snapshot.ended_ms = Some(NOW_MS + 42_000);
    snapshot.failure = Some(failure);
    window.tell(Event::JobEnded(Box::new(snapshot)));
    window.commands();
}

fn timeout() -> Failure {
    Failure {
        status: Some(524),
        request_id: Some("req_2026_abc".to_owned()),
        charge: Charge::Unknown,
        raw: Some("<html>524</html>".to_owned()),
        ..Failure::new(FailureKind::Timeout, "origin timed out")
    }
}

#[test]
fn a_failure_says_what_happened_what_to_do_and_whether_it_was_charged() {
    let mut window = ready(Look::default());
    failed(&mut window, timeout());
    for words in [
        "Nothing came for too long.",
        "May have been charged",
        "origin timed out",
        "HTTP 524",
    ] {
        assert!(window.harness.query_by_label(words).is_some(), "{words}");
    }
    assert!(window.harness.query_by_label("<html>524</html>").is_none());
    window.harness.get_by_label("Raw answer").click();
    window.harness.run();
    assert!(window.harness.query_by_label("<html>524</html>").is_some());
    press(&mut window, "Again (may be charged again)");
    assert_eq!(generated(&mut window)[0].prompt.as_str(), FOX);
    press(&mut window, "Dismiss");
    let commands = window.commands();
    assert!(matches!(commands.as_slice(), [Command::DismissJob(_)]));
}

#[test]
fn a_wrong_key_leads_to_the_key() {
    let mut window = ready(Look::default());
    failed(&mut window, Failure::new(FailureKind::Auth, "bad key"));
    press(&mut window, "Enter the key");
    let studio = &window.harness.state().state().studio;
    assert_eq!(studio.screen, Screen::Gateways);
}

#[test]
fn a_gateway_without_a_key_is_set_up_from_the_bar() {
    let mut window = ready(Look::default());
    write_prompt(&mut window, FOX);
    shortcut(&mut window, Modifiers::COMMAND, Key::G);
    choose(&mut window, Role::RadioButton, "OpenAI");
    let blocked = "This gateway needs a key.";
    assert!(window.harness.query_by_label(blocked).is_some());
    window.harness.get_by_label("Set up").click();
    window.harness.run();
    window
        .harness
        .get_by_role_and_label(Role::PasswordInput, "API key")
        .type_text("sk-very-secret");
    window.harness.run();
    press(&mut window, "Save key");
    shortcut(&mut window, Modifiers::COMMAND, Key::Num1);
    press(&mut window, "Generate");
    assert_eq!(generated(&mut window)[0].gateway.id.0, "openai");
}

#[test]
fn the_gallery_opens_deletes_and_takes_back() {
    let mut window = with_gallery(Look::default());
    shortcut(&mut window, Modifiers::COMMAND, Key::Num2);
    assert!(window.harness.query_by_label("9 pictures").is_some());
    shortcut(&mut window, Modifiers::NONE, Key::ArrowRight);
    shortcut(&mut window, Modifiers::NONE, Key::ArrowRight);
    window.commands();
    shortcut(&mut window, Modifiers::NONE, Key::Delete);
    let commands = window.commands();
    let second = image_id(7 - 100);
    assert!(
        matches!(commands.as_slice(), [Command::Delete(ids)] if *ids == [second]),
        "{commands:?}"
    );
    window.tell(Event::Gallery(GalleryChange::Removed(vec![second])));
    assert!(window.harness.query_by_label("8 pictures").is_some());
    press(&mut window, "Undo");
    let commands = window.commands();
    assert!(matches!(commands.as_slice(), [Command::Restore(ids)] if *ids == [second]));
    window.tell(Event::Gallery(GalleryChange::Restored(vec![second])));
    shortcut(&mut window, Modifiers::NONE, Key::Home);
    window.commands();
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    let opened = PictureSource::Image(image_id(8 - 100));
    let commands = window.commands();
    assert!(
        commands.iter().any(|command| matches!(
            command,
            Command::Show { source: Some(source), .. } if *source == opened
        )),
        "{commands:?}"
    );
    assert_eq!(window.harness.state().state().studio.screen, Screen::Create);
}

#[test]
fn a_result_can_be_used_again() {
    let mut window = with_gallery(Look::default());
    window
        .harness
        .get_all_by_label(&format!("Picture: {FOX}"))
        .next()
        .unwrap()
        .click();
    window.harness.run();
    window.commands();
    press(&mut window, "Use settings");
    let state = window.harness.state().state();
    assert_eq!(state.edits.prompt.text, FOX);
    assert_eq!(
        state.studio.settings.parameters.size.to_string(),
        "1536x1024"
    );
    press(&mut window, "Again");
    assert_eq!(generated(&mut window).len(), 1);
    press(&mut window, "Use as reference");
    let newest = image_id(8 - 100);
    assert!(window.commands().iter().any(|command| matches!(
        command,
        Command::AddReference { source: ReferenceSource::Image(id), .. } if *id == newest
    )));
}

#[test]
fn the_language_switches_live_and_is_remembered() {
    let mut window = ready(Look::default());
    press(&mut window, "Switch to Chinese");
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::Button, "生成")
            .is_some()
    );
    let saved = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::SaveSettings { settings, .. } => settings.language,
            _ => None,
        });
    assert_eq!(saved, Some(Language::Chinese));
    shortcut(
        &mut window,
        Modifiers::COMMAND.plus(Modifiers::SHIFT),
        Key::L,
    );
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::Button, "Generate")
            .is_some()
    );
}

#[test]
fn messages_go_away_by_themselves() {
    let mut window = ready(Look::default());
    window.tell(Event::Notice(Notice::Recovered { images: 2 }));
    let words = "2 pictures that had arrived before Atelier ended were filed";
    assert!(window.harness.query_by_label(words).is_some());
    window.wait_ms(9_000);
    assert!(window.harness.query_by_label(words).is_none());
}

#[test]
fn an_idle_window_asks_for_no_frame() {
    let mut window = with_gallery(Look::default());
    window.harness.run();
    let delay = |window: &Window| {
        let output = window.harness.output();
        output.viewport_output[&egui::ViewportId::ROOT].repaint_delay
    };
    assert_eq!(delay(&window), std::time::Duration::MAX);
    window.tell(Event::JobChanged(Box::new(job(0, FOX))));
    assert!(delay(&window) <= std::time::Duration::from_secs(1));
}

#[test]
fn an_unanswered_dialog_changes_nothing() {
    let mut window = ready(Look::default());
    press(&mut window, "Pick files");
    let commands = window.commands();
    assert!(matches!(
        commands.as_slice(),
        [Command::AddPickedReferences {
            first: ReferenceToken(1),
            ..
        }]
    ));
    assert!(
        window
            .harness
            .state()
            .state()
            .studio
            .references
            .slots()
            .is_empty()
    );
}

#[test]
fn appearance_before_the_first_picture() {
    let mut window = ready(Look::default());
    window.harness.snapshot("empty_dark_en");
}

#[test]
fn appearance_in_the_other_theme_and_language() {
    let mut window = ready(Look {
        theme: ThemeChoice::Light,
        language: Language::Chinese,
        ..Look::default()
    });
    window.harness.snapshot("empty_light_zh");
}

#[test]
fn before_the_engine_is_up_nothing_can_be_started() {
    let mut window = harness(Look::default());
    write_prompt(&mut window, FOX);
    let opening = window.harness.query_all_by_label("Opening the library…");
    assert!(
        opening.count() >= 2,
        "beside the button and in the filmstrip"
    );
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(window.commands().is_empty());
}

#[test]
fn appearance_of_a_running_job() {
    let mut window = with_gallery(Look::default());
    let mut snapshot = job(0, FOX);
    snapshot.stage = Stage::Preview(2);
    snapshot.previews = vec![preview(job_id(0), 0), preview(job_id(0), 1)];
    window.tell(Event::JobChanged(Box::new(snapshot)));
    window.tell(Event::JobThumbnail {
        job: job_id(0),
        thumbnail: pixels(128, 96, 5),
    });
    press(&mut window, &format!("Preview 2: {FOX}"));
    window.show_picture(PieceOrigin::Preview { preview: 1 }, (384, 256));
    window.wait_ms(7_000);
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot("running_dark_en");
}

#[test]
fn appearance_of_a_failure() {
    let mut window = ready(Look::default());
    failed(&mut window, timeout());
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot("failed_dark_en");
}

#[test]
fn appearance_of_a_result_and_of_the_gallery() {
    let mut window = with_gallery(Look {
        theme: ThemeChoice::Light,
        ..Look::default()
    });
    let mut newest = record(8 - 100, job_id(-200), FOX);
    newest.recipe.mismatch = vec![Mismatch::Size];
    window.tell(Event::Records(vec![newest]));
    window
        .harness
        .get_all_by_label(&format!("Picture: {FOX}"))
        .next()
        .unwrap()
        .click();
    window.harness.run();
    window.show_picture(PieceOrigin::Result, (384, 256));
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot("done_light_en");
    shortcut(&mut window, Modifiers::COMMAND, Key::Num2);
    window.give_thumbnails();
    shortcut(&mut window, Modifiers::NONE, Key::ArrowRight);
    window.harness.snapshot("gallery_light_en");
}

#[test]
fn appearance_of_the_gateways() {
    let mut window = ready(Look {
        language: Language::Chinese,
        ..Look::default()
    });
    shortcut(&mut window, Modifiers::COMMAND, Key::G);
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot("gateways_dark_zh");
}

#[test]
fn a_new_job_does_not_stand_under_the_picture_of_another() {
    let mut window = with_gallery(Look::default());
    window
        .harness
        .get_all_by_label(&format!("Picture: {FOX}"))
        .next()
        .unwrap()
        .click();
    window.harness.run();
    window.show_picture(PieceOrigin::Result, (384, 256));
    assert!(window.harness.query_by_label("Zoom in").is_some());
    write_prompt(&mut window, FOX);
    press(&mut window, "Generate");
    window.tell(Event::JobChanged(Box::new(job(0, FOX))));
    assert!(window.harness.query_by_label("Zoom in").is_none());
}

#[test]
fn a_panel_closes_when_the_user_turns_to_something_else() {
    let mut window = ready(Look::default());
    press(&mut window, "Settings");
    assert!(window.harness.query_by_label("Keyboard").is_some());
    choose(&mut window, Role::RadioButton, "Light");
    assert!(window.harness.query_by_label("Keyboard").is_some());
    choose(&mut window, Role::RadioButton, "High");
    assert!(window.harness.query_by_label("Keyboard").is_none());
    press(&mut window, "Settings");
    press(&mut window, "Settings");
    assert!(window.harness.query_by_label("Keyboard").is_none());
}
