//! Composing in the window: templates under a slash, forms, earlier prompts, batches, targets, and the draft.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; clippy knows the functions marked as tests, not those that they call"
)]

mod support {
    #[expect(
        dead_code,
        reason = "each test program uses what it needs of the one door to the window"
    )]
    pub(crate) mod ui;
}

use std::collections::BTreeMap;
use std::sync::Arc;

use atelier::desktop::built_in_templates;
use atelier::engine::{Command, ComposeCommand, ComposeEvent, Event, GroupSubmission, JobSnapshot};
use atelier::model::compose::{
    Batch, Draft, GroupId, GroupKind, JobGroup, NamedSheet, PastPrompt, Sheet, Shelf,
};
use atelier::model::{
    GenerationRequest, JobId, JobState, Language, PriceRule, Quality, ThemeChoice,
};
use atelier::ui::state::Center;
use egui::accesskit::Role;
use egui::{ImeEvent, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use support::ui::{Look, NOW_MS, Window, choose, job, press, ready, shortcut, write};

/// As large as an ordinary window.
const ROOMY: Look = Look {
    size: [1280.0, 800.0],
    theme: ThemeChoice::Dark,
    language: Language::English,
};

fn compose(window: &mut Window, event: ComposeEvent) {
    window.tell(Event::Compose(event));
}

/// A window with templates, and with this draft.
fn loaded(look: Look, draft: Option<Draft>) -> Window {
    let mut window = ready(look);
    compose(
        &mut window,
        ComposeEvent::Loaded {
            draft: draft.map(Box::new),
            shelf: Box::default(),
            templates: Arc::new(built_in_templates()),
        },
    );
    window.commands();
    window
}

fn editor(window: &mut Window, language: Language) -> String {
    let name = match language {
        Language::English => "Prompt",
        Language::Chinese => "提示词",
    };
    let role = Role::MultilineTextInput;
    window.harness.get_by_role_and_label(role, name).focus();
    window.harness.run();
    name.to_owned()
}

fn type_prompt(window: &mut Window, text: &str) {
    let name = editor(window, Language::English);
    let role = Role::MultilineTextInput;
    window
        .harness
        .get_by_role_and_label(role, &name)
        .type_text(text);
    window.harness.run();
}

fn prompt(window: &Window) -> &str {
    &window.harness.state().state().edits.prompt.text
}

fn generated(window: &mut Window) -> Vec<GenerationRequest> {
    let commands = window.commands().into_iter();
    commands
        .filter_map(|command| match command {
            Command::Generate(submission) => Some(submission.request),
            _ => None,
        })
        .collect()
}

fn sent(window: &mut Window) -> GroupSubmission {
    let mut commands = window.commands().into_iter();
    commands
        .find_map(|command| match command {
            Command::Compose(ComposeCommand::Send(submission)) => Some(*submission),
            _ => None,
        })
        .unwrap()
}

/// Presses the button that sends; the one on the left says the same.
fn send(window: &mut Window, words: &str) {
    let mut buttons = window
        .harness
        .query_all_by_role_and_label(Role::Button, words);
    buttons.next_back().unwrap().click();
    drop(buttons);
    window.harness.run();
}

fn says(window: &Window, words: &str) -> bool {
    window.harness.query_all_by_label(words).next().is_some()
}

fn key(window: &mut Window, key: Key) {
    shortcut(window, Modifiers::NONE, key);
}

#[test]
fn a_slash_at_the_beginning_of_a_word_finds_templates() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "/film");
    assert!(says(&window, "Film poster"));
    key(&mut window, Key::Enter);
    let table = built_in_templates();
    let film = table.templates.iter().find(|t| t.title.en == "Film poster");
    assert_eq!(
        prompt(&window),
        film.unwrap().text.en,
        "Enter chose, and wrote nothing"
    );
    // Its variables are a form, with the prompt as it is sent.
    write(&mut window, Role::MultilineTextInput, "title", "SNOW FOX");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    let requests = generated(&mut window);
    let text = requests[0].prompt.as_str();
    assert!(
        text.contains("\"SNOW FOX\"") && text.contains("flooded city"),
        "{text}"
    );
    assert!(!text.contains('{'), "{text}");
}

#[test]
fn the_list_under_a_slash_is_walked_and_closed_by_keyboard_and_never_by_an_input_method() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a fox /poster");
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Escape);
    assert_eq!(prompt(&window), "a fox /poster");
    assert!(!says(&window, "Event poster"));
    // What is typed next is text again; the editor has kept the keyboard.
    type_prompt(&mut window, " and/or");
    assert!(!says(&window, "Event poster"));
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "/film");
    window.harness.event(egui::Event::Ime(ImeEvent::Preedit {
        text: "hai".to_owned(),
        active_range_chars: None,
    }));
    window.harness.run();
    key(&mut window, Key::Enter);
    assert!(!prompt(&window).contains("poster"), "{}", prompt(&window));
    // The slash of a full-width keyboard is one, too.
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "／film");
    key(&mut window, Key::Enter);
    assert!(prompt(&window).starts_with("Theatrical film poster"));
}

#[test]
fn a_variable_without_a_value_is_in_the_way() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a fox in {{city}}");
    assert!(says(&window, "Fill in the variable first."));
    write(&mut window, Role::MultilineTextInput, "city", "Paris");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(generated(&mut window)[0].prompt.as_str(), "a fox in Paris");
}

#[test]
fn alt_and_arrows_walk_through_the_prompts_of_before() {
    let mut window = loaded(ROOMY, None);
    let past = |text: &str, used_ms| PastPrompt {
        text: text.into(),
        used_ms,
    };
    let prompts = vec![past("雪中的红狐", 3), past("an owl", 2), past("a fox", 1)];
    compose(&mut window, ComposeEvent::PastPrompts(prompts));
    type_prompt(&mut window, "draft");
    let walk = |window: &mut Window, key| {
        shortcut(window, Modifiers::ALT, key);
        prompt(window).to_owned()
    };
    assert_eq!(walk(&mut window, Key::ArrowUp), "雪中的红狐");
    assert_eq!(walk(&mut window, Key::ArrowUp), "an owl");
    assert_eq!(walk(&mut window, Key::ArrowDown), "雪中的红狐");
    assert_eq!(walk(&mut window, Key::ArrowDown), "draft");
    // Far down the list, what Enter would take is in view.
    let many = (0..60)
        .rev()
        .map(|n| past(&format!("prompt number {n}"), n));
    let many = many
        .chain([past("an owl", -1), past("a fox", -2)])
        .collect();
    compose(&mut window, ComposeEvent::PastPrompts(many));
    press(&mut window, "Earlier prompts");
    for _ in 0..40 {
        key(&mut window, Key::ArrowDown);
    }
    let row = window
        .harness
        .query_by_role_and_label(Role::ListBoxOption, "prompt number 19");
    assert!(row.is_some());
    write(
        &mut window,
        Role::TextInput,
        "Search earlier prompts",
        "owl",
    );
    assert!(says(&window, "an owl") && !says(&window, "a fox"));
    key(&mut window, Key::Enter);
    assert_eq!(prompt(&window), "an owl");
}

#[test]
fn several_requests_are_looked_at_before_they_are_paid_for() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {red|white|blue} fox");
    assert!(says(&window, "Open as a batch of 3"));
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(generated(&mut window).is_empty());
    assert!(says(&window, "Batch: 3 rows"));
    choose(&mut window, Role::CheckBox, "Send row 2");
    assert!(says(&window, "Row 2, Off: a white fox"));
    // A click on a row brings the keys to the table.
    choose(&mut window, Role::Row, "Row 1, Ready: a red fox");
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::ArrowDown);
    let field = "Prompt of row 3";
    write(
        &mut window,
        Role::MultilineTextInput,
        field,
        "a very blue fox",
    );
    key(&mut window, Key::Escape);
    assert!(says(&window, "Row 3, Ready: a very blue fox"));
    send(&mut window, "Send 2 rows");
    let submission = sent(&mut window);
    let rows: Vec<_> = submission
        .members
        .iter()
        .map(|m| {
            (
                m.place,
                m.prompt.as_ref().unwrap().as_str(),
                m.name.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (0, "a red fox", "1-a-red-fox"),
            (2, "a very blue fox", "3-a-very-blue-fox")
        ]
    );
    assert_eq!((submission.kind, submission.total), (GroupKind::Batch, 3));

    // One fails; it alone is sent again, in the same group.
    let group = start_group(&mut window, &submission);
    end_member(&mut window, &submission, group, 0, JobState::Done);
    end_member(&mut window, &submission, group, 1, JobState::Failed);
    assert!(says(&window, "Row 3, Failed: a very blue fox"));
    // The failure does not say that nothing was charged.
    assert!(says(&window, "One of them may have been charged already."));
    press(&mut window, "Retry one failed row");
    let again = sent(&mut window);
    assert_eq!(
        (again.group, again.members.len(), again.members[0].place),
        (Some(group), 1, 2)
    );
}

#[test]
fn the_key_that_sends_sends_what_stands_in_the_middle() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {red|white} fox");
    // Held down, it opens the table and sends nothing yet.
    for pressed in [true, true, true, false] {
        window.harness.event(egui::Event::Key {
            key: Key::Enter,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::COMMAND,
        });
        window.harness.run();
    }
    assert!(says(&window, "Batch: 2 rows"));
    assert!(!has_sent(&mut window));
    let name = "Send 2 rows";
    let buttons = window
        .harness
        .query_all_by_role_and_label(Role::Button, name);
    assert_eq!(buttons.count(), 2, "the one on the left says the same");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(sent(&mut window).members.len(), 2);
    // The pattern is among the earlier prompts.
    write(&mut window, Role::MultilineTextInput, "Prompt", "");
    shortcut(&mut window, Modifiers::ALT, Key::ArrowUp);
    assert_eq!(prompt(&window), "a {red|white} fox");

    // One row of a table is not the prompt alone.
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a fox in {{city}}");
    press(&mut window, "Batch");
    let sheet = Sheet::read("city\nParis\nRome\n".as_bytes(), 10).unwrap();
    let (name, sheet) = ("cities.csv".to_owned(), Arc::new(sheet));
    compose(&mut window, ComposeEvent::Sheet(NamedSheet { name, sheet }));
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(sent(&mut window).members.len(), 2);

    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a fox");
    press(&mut window, "Several targets");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(sent(&mut window).kind, GroupKind::FanOut);
}

fn has_sent(window: &mut Window) -> bool {
    let mut commands = window.commands().into_iter();
    commands.any(|command| {
        matches!(
            command,
            Command::Compose(ComposeCommand::Send(_)) | Command::Generate(_)
        )
    })
}

#[test]
fn the_table_has_the_keyboard_as_soon_as_it_is_opened() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {red|white} fox");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Space);
    assert!(says(&window, "Row 2, Off: a white fox"));
}

#[test]
fn rows_of_before_are_not_sent_again_until_it_is_known_how_they_ended() {
    let id = |n| JobId::from_parts(1, n);
    let mut batch = Batch::default();
    batch.make_rows("{red|white} fox", &BTreeMap::new());
    batch.group = Some(GroupId(id(0)));
    batch.rows[0].job = Some(id(0));
    let draft = Draft {
        text: "{red|white} fox".to_owned(),
        batch: Some(batch),
        ..Draft::default()
    };
    let mut window = loaded(ROOMY, Some(draft));
    press(&mut window, "Batch");
    assert!(says(&window, "Row 1, Not known: red fox"));
    assert!(!says(&window, "Retry one failed row"));
    let told = |is_at_work| ComposeEvent::GroupTold {
        group: GroupId(id(0)),
        is_at_work,
    };
    compose(&mut window, told(true));
    assert!(!says(&window, "Retry one failed row"));
    compose(&mut window, told(false));
    assert!(says(&window, "Row 1, Not sent: red fox"));
    press(&mut window, "Retry one failed row");
    assert_eq!(sent(&mut window).members.len(), 1);
}

#[test]
fn a_row_that_is_too_long_is_not_counted_and_says_so() {
    let mut batch = Batch::default();
    batch.make_rows("{red|white} fox", &BTreeMap::new());
    batch.rows[0].prompt = "a ".repeat(20_000);
    let draft = Draft {
        text: "{red|white} fox".to_owned(),
        batch: Some(batch),
        ..Draft::default()
    };
    let mut window = loaded(ROOMY, Some(draft));
    press(&mut window, "Batch");
    let rows = window
        .harness
        .query_all_by_label_contains("Row 1, Too long:");
    assert_eq!(rows.count(), 1);
    let reason = "The prompt has 40,000 characters";
    let reasons = window.harness.query_all_by_label_contains(reason);
    assert!(reasons.count() > 0);
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    let members = sent(&mut window).members;
    let places: Vec<u32> = members.iter().map(|member| member.place).collect();
    assert_eq!(places, [1]);
}

#[test]
fn a_target_says_what_is_in_its_way() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a fox");
    press(&mut window, "Several targets");
    let model = "Model of target 2";
    write(&mut window, Role::TextInput, model, "");
    assert!(says(&window, "Write the name of a model."));
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(!has_sent(&mut window));
    write(&mut window, Role::TextInput, model, "gpt-image-2");
    let text = "a {red|white} fox";
    write(&mut window, Role::MultilineTextInput, "Prompt", text);
    assert!(says(
        &window,
        "The prompt makes 2 requests. Targets are compared by one: keep one alternative, or send a batch."
    ));
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(!has_sent(&mut window));
}

/// What stands in the rows of the batch.
fn rows(window: &Window) -> Vec<&str> {
    let batch = window.harness.state().state().edits.compose.batch.as_ref();
    let rows = batch.unwrap().rows.iter();
    rows.map(|row| row.prompt.as_str()).collect()
}

fn edit_row(window: &mut Window, number: usize, text: &str) {
    let field = format!("Prompt of row {number}");
    write(window, Role::MultilineTextInput, &field, text);
    key(window, Key::Escape);
}

#[test]
fn what_was_paid_for_is_not_forgotten_when_rows_are_made_anew() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {red|white} fox");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    send(&mut window, "Send 2 rows");
    // Until the engine has answered, the rows keep their places.
    choose(&mut window, Role::RadioButton, "Row by row");
    let submission = sent(&mut window);
    let group = start_group(&mut window, &submission);
    let running = member(&submission, group, 1, JobState::Running);
    window.tell(Event::JobChanged(Box::new(running)));
    let sheet = Sheet::read("city\nParis\n".as_bytes(), 10).unwrap();
    let (name, sheet) = ("cities.csv".to_owned(), Arc::new(sheet));
    compose(&mut window, ComposeEvent::Sheet(NamedSheet { name, sheet }));
    assert!(says(
        &window,
        "The rows are at work, so the choice was not taken. Choose again once they are done."
    ));
    choose(&mut window, Role::RadioButton, "Row by row");
    assert!(says(&window, "Row 2, At work: a white fox"));
    end_member(&mut window, &submission, group, 0, JobState::Done);
    end_member(&mut window, &submission, group, 1, JobState::Done);
    write(
        &mut window,
        Role::MultilineTextInput,
        "Prompt",
        "a {blue|white|red} fox",
    );
    press(&mut window, "Make the rows anew");
    assert!(says(&window, "Row 1, Ready: a blue fox"));
    assert!(says(&window, "Row 2, Saved: a white fox"));
    send(&mut window, "Send one row");
    let submission = sent(&mut window);
    assert_eq!(submission.members.len(), 1);
    // The engine has not answered: nothing else can be sent or made.
    press(&mut window, "Begin again");
    assert!(says(&window, "Row 2, Saved: a white fox"));
    start_group(&mut window, &submission);
    press(&mut window, "Begin again");
    assert!(says(&window, "Row 2, Ready: a white fox"));
}

#[test]
fn opening_the_batch_keeps_rows_that_were_edited() {
    // The button closes the table, too.
    let reopen = |window: &mut Window| {
        press(window, "Batch");
        press(window, "Batch");
    };
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {red|white} fox");
    press(&mut window, "Batch");
    write(
        &mut window,
        Role::MultilineTextInput,
        "Prompt",
        "a {red|blue} fox",
    );
    reopen(&mut window);
    assert_eq!(rows(&window), ["a red fox", "a blue fox"]);
    edit_row(&mut window, 1, "a very red fox");
    write(
        &mut window,
        Role::MultilineTextInput,
        "Prompt",
        "a {red|blue} cat",
    );
    reopen(&mut window);
    assert_eq!(rows(&window), ["a very red fox", "a blue fox"]);
    assert!(says(
        &window,
        "The prompt has changed since these rows were made."
    ));
    press(&mut window, "Make the rows anew");
    assert_eq!(rows(&window), ["a red cat", "a blue cat"]);
}

#[test]
fn what_is_taken_back_in_a_row_stays_in_that_row() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {red|white} fox");
    press(&mut window, "Batch");
    edit_row(&mut window, 1, "a very red fox");
    choose(&mut window, Role::Row, "Row 2, Ready: a white fox");
    key(&mut window, Key::Enter);
    for _ in 0..4 {
        shortcut(&mut window, Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(rows(&window), ["a very red fox", "a white fox"]);
}

/// The engine takes a submission on.
fn start_group(window: &mut Window, submission: &GroupSubmission) -> GroupId {
    let ids = (0_u32..).map(|n| JobId::from_parts(u64::try_from(NOW_MS).unwrap() + 50_000, n));
    let jobs: Vec<(u32, JobId)> = submission
        .members
        .iter()
        .map(|m| m.place)
        .zip(ids)
        .collect();
    let group = GroupId(jobs[0].1);
    let token = submission.token;
    compose(window, ComposeEvent::GroupStarted { token, group, jobs });
    group
}

fn end_member(
    window: &mut Window,
    submission: &GroupSubmission,
    group: GroupId,
    nth: u32,
    state: JobState,
) {
    let snapshot = member(submission, group, nth, state);
    window.tell(Event::JobChanged(Box::new(JobSnapshot {
        state: JobState::Running,
        ..snapshot.clone()
    })));
    window.tell(Event::JobEnded(Box::new(snapshot)));
}

fn member(submission: &GroupSubmission, group: GroupId, nth: u32, state: JobState) -> JobSnapshot {
    let of = &submission.members[usize::try_from(nth).unwrap()];
    let mut request = submission.base.clone();
    request.group = Some(JobGroup {
        id: group,
        kind: submission.kind,
        place: of.place,
        total: submission.total,
        name: None,
    });
    JobSnapshot {
        id: JobId::from_parts(u64::try_from(NOW_MS).unwrap() + 50_000, nth),
        request: Arc::new(request),
        state,
        ended_ms: Some(NOW_MS + 30_000),
        ..job(0, "x")
    }
}

#[test]
fn a_batch_says_what_it_comes_to_or_that_it_is_not_known() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "{a|b} fox");
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(says(
        &window,
        "2 pictures · about 1 min at 1 min each · free"
    ));
    let bill = |window: &mut Window, rule: PriceRule| {
        window.change_settings(|settings| {
            let demo = settings.selected_gateway.clone();
            let profile = settings.gateways.iter_mut().find(|p| p.id == demo).unwrap();
            profile.prices.rule = rule;
        });
    };
    bill(&mut window, PriceRule::Unknown);
    assert!(says(
        &window,
        "2 pictures · about 1 min at 1 min each · price not known"
    ));
    let lines = vec![atelier::model::PicturePrice {
        tier: None,
        quality: None,
        price: 0.25,
    }];
    bill(&mut window, PriceRule::Picture { lines });
    assert!(says(
        &window,
        "2 pictures · about 1 min at 1 min each · ≈ $0.50"
    ));
}

#[test]
fn a_table_fills_variables_and_too_many_rows_are_refused_in_a_sentence() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a fox in {{city}}");
    press(&mut window, "Batch");
    let sheet = Sheet::read("city\nParis\nRome\n".as_bytes(), 10).unwrap();
    let (name, sheet) = ("cities.csv".to_owned(), Arc::new(sheet));
    compose(&mut window, ComposeEvent::Sheet(NamedSheet { name, sheet }));
    assert!(says(&window, "Row 2, Ready: a fox in Rome"));
    press(&mut window, "Take the table away");
    assert!(says(&window, "Batch: one row"));
    write(
        &mut window,
        Role::MultilineTextInput,
        "Prompt",
        &"{a|b}".repeat(11),
    );
    press(&mut window, "Make the rows anew");
    assert!(
        window
            .harness
            .query_all_by_label_contains("That would be 2,048 rows.")
            .next()
            .is_some()
    );
}

#[test]
fn one_prompt_goes_to_targets_that_are_shown_side_by_side() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a fox");
    press(&mut window, "Several targets");
    press(&mut window, "Add a target");
    press(&mut window, "Remove target 3");
    send(&mut window, "Send to 2 targets");
    let submission = sent(&mut window);
    let asked: Vec<_> = submission.members.iter().map(|m| m.quality).collect();
    assert_eq!(asked, [Some(Quality::Medium), Some(Quality::High)]);
    let group = start_group(&mut window, &submission);
    end_member(&mut window, &submission, group, 0, JobState::Done);
    end_member(&mut window, &submission, group, 1, JobState::Failed);
    let center = window.harness.state().state().studio.compose.center;
    assert_eq!(center, Center::SideBySide(group));
    let cells = window.harness.query_all_by_label_contains("gpt-image-2");
    assert_eq!(cells.count(), 2);
    // By keyboard to one of them, and back.
    let mut cells = window.harness.query_all_by_label_contains(": Failed");
    cells.next().unwrap().focus();
    drop(cells);
    window.harness.run();
    key(&mut window, Key::Enter);
    let center = window.harness.state().state().studio.compose.center;
    assert_eq!(center, Center::Canvas);
    press(&mut window, "Side by side");
    let center = window.harness.state().state().studio.compose.center;
    assert_eq!(center, Center::SideBySide(group));
    key(&mut window, Key::Escape);
    key(&mut window, Key::Escape);
    let center = window.harness.state().state().studio.compose.center;
    assert_eq!(center, Center::Canvas);
}

#[test]
fn a_template_of_ones_own_is_written_liked_and_taken_away() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {{animal}} in snow");
    press(&mut window, "Templates");
    press(&mut window, "New from the prompt");
    write(&mut window, Role::TextInput, "Title", "Snow");
    press(&mut window, "Save the template");
    let saved = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::Compose(ComposeCommand::SaveShelf { shelf, .. }) => Some(*shelf),
            _ => None,
        });
    let saved: Shelf = saved.unwrap();
    assert_eq!(
        (saved.own[0].title.as_str(), saved.own[0].text.as_str()),
        ("Snow", "a {{animal}} in snow")
    );
    press(&mut window, "Make it a favourite");
    press(&mut window, "Delete the template");
    let shelf = |window: &Window| window.harness.state().state().studio.compose.shelf.clone();
    assert_eq!(shelf(&window), Shelf::default());
    press(&mut window, "Undo");
    assert_eq!(shelf(&window).own, saved.own);
    assert_eq!(shelf(&window).favourites, [saved.own[0].id.as_str()]);
    choose(&mut window, Role::ListBoxOption, "Snow");
    press(&mut window, "Delete the template");
    write(&mut window, Role::TextInput, "Search templates", "小红书");
    choose(&mut window, Role::ListBoxOption, "Xiaohongshu cover");
    press(&mut window, "Use");
    assert!(prompt(&window).starts_with("Vertical cover, 3:4."));
}

#[test]
fn templates_stand_in_folders_and_are_walked_by_keyboard() {
    let mut window = loaded(ROOMY, None);
    press(&mut window, "Templates");
    let has = |window: &Window, title: &str| {
        let found = window
            .harness
            .query_by_role_and_label(Role::ListBoxOption, title);
        found.is_some()
    };
    assert!(has(&window, "Product on white"));
    choose(&mut window, Role::DisclosureTriangle, "Commerce");
    assert!(!has(&window, "Product on white") && has(&window, "Xiaohongshu cover"));
    choose(&mut window, Role::DisclosureTriangle, "Commerce");
    // The keyboard stays in the search, and the list comes along.
    press(&mut window, "Back to the canvas");
    press(&mut window, "Templates");
    for _ in 0..30 {
        key(&mut window, Key::ArrowDown);
    }
    let opened = window.harness.state().state().edits.compose.opened.clone();
    let table = built_in_templates();
    let thirtieth = &table.templates[29];
    assert_eq!(opened.as_deref(), Some(thirtieth.id.as_str()));
    assert!(has(&window, &thirtieth.title.en), "it is in view");
    key(&mut window, Key::Enter);
    assert_eq!(prompt(&window), thirtieth.text.en);
}

#[test]
fn the_draft_comes_back_and_is_stored_a_moment_after_the_last_change() {
    let draft = Draft {
        text: "a {red|white} {{animal}}".to_owned(),
        values: BTreeMap::from([("animal".to_owned(), "fox".to_owned())]),
        ..Draft::default()
    };
    let mut window = loaded(ROOMY, Some(draft.clone()));
    assert_eq!(prompt(&window), draft.text);
    window.wait_ms(5_000);
    let drafts = |window: &mut Window| {
        let commands = window.commands().into_iter();
        let drafts = commands.filter_map(|command| match command {
            Command::Compose(ComposeCommand::SaveDraft(draft)) => Some(draft.text),
            _ => None,
        });
        drafts.collect::<Vec<_>>()
    };
    assert!(drafts(&mut window).is_empty(), "nothing was changed");
    write(&mut window, Role::MultilineTextInput, "Prompt", "an owl");
    window.wait_ms(600);
    assert_eq!(drafts(&mut window), ["an owl"]);
    window.wait_ms(600);
    assert!(drafts(&mut window).is_empty());
}

#[test]
fn the_draft_is_stored_once_for_each_change_of_the_batch() {
    let mut window = loaded(ROOMY, None);
    type_prompt(&mut window, "a {red|white} fox");
    press(&mut window, "Batch");
    let drafts = |window: &mut Window| {
        window.wait_ms(600);
        window.wait_ms(600);
        let commands = window.commands().into_iter();
        let drafts = commands.filter_map(|command| match command {
            Command::Compose(ComposeCommand::SaveDraft(draft)) => draft.batch,
            _ => None,
        });
        drafts.collect::<Vec<_>>()
    };
    assert_eq!(drafts(&mut window).len(), 1);
    assert!(drafts(&mut window).is_empty());
    choose(&mut window, Role::CheckBox, "Send row 2");
    let stored = drafts(&mut window);
    assert!(stored[0].rows[1].is_off && stored.len() == 1);
    edit_row(&mut window, 1, "a very red fox");
    assert_eq!(drafts(&mut window)[0].rows[0].prompt, "a very red fox");
    press(&mut window, "As it was made");
    assert_eq!(drafts(&mut window)[0].rows[0].prompt, "a red fox");
    let names = "Names of the results";
    write(&mut window, Role::TextInput, names, "{index}");
    assert_eq!(drafts(&mut window)[0].name_pattern, "{index}");
    choose(&mut window, Role::RadioButton, "Row by row");
    assert_eq!(drafts(&mut window).len(), 1);
    assert!(drafts(&mut window).is_empty());
}

/// A batch that looks like work: done, running, failed, off.
fn busy_batch(look: Look, prompt: &str) -> Window {
    let draft = Draft {
        text: prompt.to_owned(),
        ..Draft::default()
    };
    let mut window = loaded(look, Some(draft));
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    window
}

#[test]
fn looks_of_composing() {
    let text =
        r#"Ink wash of a {red|white} fox in {argument name="place" default="fresh snow"}, {8K"#;
    let draft = Draft {
        text: text.to_owned(),
        ..Draft::default()
    };
    let mut window = loaded(
        Look {
            size: [1024.0, 700.0],
            ..ROOMY
        },
        Some(draft),
    );
    window.harness.snapshot("composing");
}

#[test]
fn looks_of_a_template_form() {
    let mut window = loaded(
        Look {
            size: [1024.0, 700.0],
            theme: ThemeChoice::Light,
            language: Language::Chinese,
        },
        None,
    );
    editor(&mut window, Language::Chinese);
    window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "提示词")
        .type_text("/小红书");
    window.harness.run();
    window.harness.snapshot("templates_under_a_slash");
    key(&mut window, Key::Enter);
    window.harness.snapshot("template_form");
}

#[test]
fn looks_of_a_batch() {
    let look = Look {
        size: [1024.0, 700.0],
        ..ROOMY
    };
    let mut window = busy_batch(look, "a {red|white|blue} fox in {snow|rain|fog}");
    choose(&mut window, Role::CheckBox, "Send row 5");
    send(&mut window, "Send 8 rows");
    let submission = sent(&mut window);
    let group = start_group(&mut window, &submission);
    end_member(&mut window, &submission, group, 0, JobState::Done);
    end_member(&mut window, &submission, group, 1, JobState::Failed);
    let running = member(&submission, group, 2, JobState::Running);
    window.tell(Event::JobChanged(Box::new(running)));
    window.harness.snapshot("batch_table");
}
