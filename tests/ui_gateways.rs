//! The gateways screen and the quick list, driven like a person does it.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; clippy knows the functions marked as tests, not those that they call"
)]

mod support {
    #[expect(dead_code, reason = "the other windows need more of it")]
    pub(crate) mod ui;
}

use atelier::engine::{Command, Event, GatewayTest};
use atelier::model::{
    ApiKind, Failure, FailureKind, GatewayProfile, KeyPlace, KnownKeys, Language, Preset,
    PriceRule, Proxy, Settings, SizeTier, StoreState, ThemeChoice, TrackLine,
};
use atelier::ui::state::Screen;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use support::ui::{Look, NOW_MS, Window, choose, press, ready, shortcut, write};

/// The document of JunFeiAI, with a key in it (protocol.md 2.1).
const CURL: &str = r#"curl -N https://junfeiai.com/v1/responses \
  -H "Authorization: Bearer sk-0123456789abcdef0123456789ab3f2a" \
  -H "Content-Type: application/json" -H "Accept: text/event-stream" \
  -d '{"model": "gpt-5.5", "input": [{"type": "message", "role": "user",
       "content": [{"type": "input_text", "text": "a red fox"}]}],
       "stream": true, "store": false, "tool_choice": {"type": "image_generation"},
       "tools": [{"type": "image_generation", "model": "gpt-image-2", "size": "1024x1024"}]}'"#;

/// As high as the form is, so that everything in it can be clicked.
fn tall() -> Look {
    Look {
        size: [1000.0, 2200.0],
        ..Look::default()
    }
}

fn fold_out(window: &mut Window, part: &str) {
    choose(window, Role::DisclosureTriangle, part);
}

fn settings(window: &Window) -> &Settings {
    &window.harness.state().state().studio.settings
}

fn profile<'a>(window: &'a Window, id: &str) -> &'a GatewayProfile {
    let mut profiles = settings(window).gateways.iter();
    profiles.find(|profile| profile.id.0 == id).unwrap()
}

fn names(window: &Window) -> Vec<&str> {
    let profiles = settings(window).gateways.iter();
    profiles.map(|profile| profile.name.as_str()).collect()
}

fn sees(window: &Window, words: &str) -> bool {
    window.harness.query_by_label_contains(words).is_some()
}

/// The gateways screen with this profile in the form.
fn form(look: Look, name: &str) -> Window {
    let mut window = ready(look);
    shortcut(&mut window, Modifiers::COMMAND, Key::Num3);
    choose(&mut window, Role::RadioButton, name);
    window
}

#[test]
fn the_curl_of_a_document_becomes_a_gateway_once_it_was_seen() {
    let mut window = ready(tall());
    shortcut(&mut window, Modifiers::COMMAND, Key::Num3);
    // With the keyboard in no field, what is pasted is read.
    choose(&mut window, Role::RadioButton, "OpenAI");
    window.commands();
    window.harness.event(egui::Event::Paste(CURL.to_owned()));
    window.harness.run();
    let before = names(&window).len();
    for seen in [
        "What was understood",
        "https://junfeiai.com/v1",
        "sk-…3f2a",
        "gpt-5.5",
        "gpt-image-2",
    ] {
        assert!(sees(&window, seen), "{seen}");
    }
    assert!(!sees(&window, "0123456789abcdef"), "the key is masked");
    assert!(window.commands().is_empty(), "nothing is kept yet");

    let add = window
        .harness
        .get_all_by_role_and_label(Role::Button, "Add");
    add.last().unwrap().click();
    window.harness.run();
    assert_eq!(names(&window).len(), before + 1);
    let added = profile(&window, "junfeiai-2");
    assert_eq!(added.preset, Preset::Junfeiai);
    assert_eq!(added.api, ApiKind::Responses);
    assert_eq!(added.base_urls[0], "https://junfeiai.com/v1");
    let mut kept = 0;
    for command in window.commands() {
        match command {
            Command::SetKey {
                gateway,
                key,
                place,
            } => {
                assert_eq!(gateway.0, "junfeiai-2");
                assert!(key.unwrap().expose().ends_with("3f2a"));
                assert_eq!(place, KeyPlace::Store);
                kept += 1;
            }
            Command::SaveSettings { settings, .. } => {
                assert!(!format!("{settings:?}").contains("3f2a"));
            }
            _ => {}
        }
    }
    assert_eq!(kept, 1);
    assert!(!format!("{:?}", window.harness.state()).contains("0123456789abcdef"));
}

#[test]
fn what_was_pasted_can_go_into_a_gateway_that_is_there_or_be_dropped() {
    let mut window = ready(tall());
    shortcut(&mut window, Modifiers::COMMAND, Key::Num3);
    let before = names(&window).len();
    press(&mut window, "Add");
    write(
        &mut window,
        Role::MultilineTextInput,
        "Command or link",
        "what is this",
    );
    press(&mut window, "Read");
    assert!(sees(&window, "No gateway can be found in this."));
    window.harness.event(egui::Event::Paste(CURL.to_owned()));
    window.harness.run();
    press(&mut window, "Cancel");
    assert!(!sees(&window, "sk-…3f2a"));
    window.harness.event(egui::Event::Paste(CURL.to_owned()));
    window.harness.run();
    press(&mut window, "Update “JunFeiAI”");
    assert_eq!(names(&window).len(), before);
    let places = &window.harness.state().state().studio.keys.places;
    assert_eq!(places.len(), 1);
    assert!(sees(
        &window,
        "The key is in the system's credential store."
    ));
}

#[test]
fn a_field_counts_as_soon_as_it_makes_sense_and_keeps_what_does_not() {
    let mut window = form(tall(), "OpenAI");
    fold_out(&mut window, "Limits");
    write(&mut window, Role::TextInput, "References", "9");
    assert_eq!(profile(&window, "openai").limits.max_references, Some(9));
    write(&mut window, Role::TextInput, "References", "many");
    assert_eq!(profile(&window, "openai").limits.max_references, Some(9));
    assert!(sees(&window, "A whole number from 0 to 64."));
    // Looking at another profile loses nothing, and a part with a fault in it stays open.
    choose(&mut window, Role::RadioButton, "JunFeiAI");
    assert!(!sees(&window, "A whole number from 0 to 64."));
    choose(&mut window, Role::RadioButton, "OpenAI");
    assert!(sees(&window, "A whole number from 0 to 64."));
    let field = window
        .harness
        .get_by_role_and_label(Role::TextInput, "References");
    assert_eq!(field.value().as_deref(), Some("many"));
    write(&mut window, Role::TextInput, "References", "");
    assert_eq!(profile(&window, "openai").limits.max_references, None);
    write(&mut window, Role::TextInput, "Size each", "5");
    let bytes = profile(&window, "openai").limits.max_reference_bytes;
    assert_eq!(bytes, Some(5 << 20));
    let saved = |command: &Command| match command {
        Command::SaveSettings { settings, .. } => Some(settings.gateways.clone()),
        _ => None,
    };
    let saved = window.commands().iter().filter_map(saved).next_back();
    assert_eq!(saved.unwrap(), settings(&window).gateways);
}

#[test]
fn addresses_are_shown_as_they_were_understood_and_keep_their_order() {
    let mut window = form(tall(), "Other address");
    let typed = "relay.example:8080/v1/images/generations";
    write(&mut window, Role::TextInput, "Base URL", typed);
    assert!(sees(
        &window,
        "Requests go to https://relay.example:8080/v1/responses"
    ));
    choose(&mut window, Role::RadioButton, "Images");
    assert!(sees(
        &window,
        "Requests go to https://relay.example:8080/v1/images/generations"
    ));
    press(&mut window, "Add an address");
    write(&mut window, Role::TextInput, "Base URL 2", "ftp://nowhere");
    assert!(sees(&window, "This is not an http or https address."));
    let urls = |window: &Window| profile(window, "custom").base_urls.clone();
    assert_eq!(urls(&window), ["https://relay.example:8080/v1"]);
    write(
        &mut window,
        Role::TextInput,
        "Base URL 2",
        "http://192.168.1.5:3000",
    );
    press(&mut window, "Move base URL 2 up");
    let both = [
        "http://192.168.1.5:3000/v1",
        "https://relay.example:8080/v1",
    ];
    assert_eq!(urls(&window), both);
    press(&mut window, "Remove base URL 1");
    assert_eq!(urls(&window), ["https://relay.example:8080/v1"]);
}

#[test]
fn a_profile_is_duplicated_moved_deleted_and_brought_back() {
    let mut window = form(tall(), "OpenAI");
    press(&mut window, "Duplicate");
    let at = |window: &Window, name: &str| names(window).iter().position(|n| *n == name);
    let first = at(&window, "OpenAI").unwrap();
    assert_eq!(at(&window, "OpenAI 2"), Some(first + 1));
    assert_eq!(profile(&window, "openai-2").preset, Preset::Openai);
    press(&mut window, "Move up (Alt+↑)");
    assert_eq!(at(&window, "OpenAI 2"), Some(first));
    shortcut(&mut window, Modifiers::ALT, Key::ArrowDown);
    assert_eq!(at(&window, "OpenAI 2"), Some(first + 1));

    window.commands();
    press(&mut window, "Delete this gateway");
    assert_eq!(at(&window, "OpenAI 2"), None);
    assert!(sees(&window, "OpenAI 2 was deleted"));
    shortcut(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(at(&window, "OpenAI 2"), Some(first + 1));
    let forgets = |window: &mut Window| {
        let commands = window.commands();
        let is_forget = |command: &&Command| matches!(command, Command::SetKey { key: None, .. });
        commands.iter().filter(is_forget).count()
    };
    assert_eq!(forgets(&mut window), 0);
}

#[test]
fn a_deleted_gateway_takes_its_key_along_once_it_can_not_come_back() {
    let mut window = form(tall(), "OpenAI");
    let mut keys = KnownKeys::default();
    let id = profile(&window, "openai").id.clone();
    keys.places.insert(id.clone(), KeyPlace::File);
    window.tell(Event::KeysChanged(keys));
    press(&mut window, "Use this gateway");
    press(&mut window, "Delete this gateway");
    assert_ne!(settings(&window).selected_gateway, id);
    let forgotten = |window: &mut Window| {
        window.commands().iter().any(|command| {
            matches!(command, Command::SetKey { gateway, key: None, .. } if *gateway == id)
        })
    };
    assert!(!forgotten(&mut window), "it may come back");
    window.wait_ms(60_000);
    assert!(forgotten(&mut window));
}

#[test]
fn a_key_goes_where_it_was_chosen_to_be_kept() {
    let mut window = form(tall(), "OpenAI");
    assert!(sees(&window, "No key yet."));
    choose(&mut window, Role::RadioButton, "Private file");
    write(
        &mut window,
        Role::PasswordInput,
        "API key",
        "sk-very-secret",
    );
    window.commands();
    press(&mut window, "Save key");
    let places: Vec<KeyPlace> = window
        .commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::SetKey { key, place, .. } => {
                assert_eq!(key.unwrap().expose(), "sk-very-secret");
                Some(place)
            }
            _ => None,
        })
        .collect();
    assert_eq!(places, [KeyPlace::File]);
    assert!(sees(
        &window,
        "The key is in a file that only you can read."
    ));
    assert!(!format!("{:?}", window.harness.state()).contains("very-secret"));

    // No store answers: it is said, and it is not offered.
    window.tell(Event::KeysChanged(KnownKeys {
        store: StoreState::Unavailable {
            reason: "no secret service".to_owned(),
        },
        ..KnownKeys::default()
    }));
    assert!(sees(&window, "No credential store answers here."));
    let store = window.harness.query_by_label("Credential store");
    assert!(store.is_none());
}

#[test]
fn a_test_tells_what_the_gateway_says_and_suggests_its_models() {
    let mut window = form(tall(), "JunFeiAI");
    write(&mut window, Role::PasswordInput, "API key", "sk-typed-only");
    window.commands();
    press(&mut window, "Test");
    let id = profile(&window, "junfeiai").id.clone();
    let tested = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::TestGateway { profile, key } => Some((profile.id, key)),
            _ => None,
        });
    let (tested, key) = tested.unwrap();
    assert_eq!((&tested, key.unwrap().expose()), (&id, "sk-typed-only"));
    let answer = GatewayTest {
        base_url: "https://junfeiai.com/v1".to_owned(),
        elapsed_ms: 240,
        has_list: true,
        models: vec!["gpt-image-2".to_owned(), "gpt-image-9".to_owned()],
        ..GatewayTest::default()
    };
    window.tell(Event::GatewayTested {
        gateway: id.clone(),
        outcome: Ok(answer),
    });
    assert!(sees(&window, "junfeiai.com answers in 240 ms · 2 models"));
    press(&mut window, "Suggestions: Image model");
    press(&mut window, "gpt-image-9");
    assert_eq!(profile(&window, "junfeiai").image_model, "gpt-image-9");

    let mut failure = Failure::new(FailureKind::Auth, "无效的令牌");
    failure.status = Some(401);
    failure.request_id = Some("req_0123".to_owned());
    window.tell(Event::GatewayTested {
        gateway: id,
        outcome: Err(failure),
    });
    for seen in ["HTTP 401", "req_0123", "无效的令牌", "A test costs nothing"] {
        assert!(sees(&window, seen), "{seen}");
    }
}

#[test]
fn what_folded_parts_hold_is_told_to_those_who_do_not_see_it() {
    let mut window = form(tall(), "OpenAI");
    let told = |window: &Window, part: &str| {
        let fold = window
            .harness
            .get_by_role_and_label(Role::DisclosureTriangle, part);
        fold.accesskit_node().description()
    };
    let network = "System proxy";
    assert!(
        told(&window, "Network")
            .unwrap_or_default()
            .contains(network)
    );
    fold_out(&mut window, "Network");
    assert_eq!(told(&window, "Network"), None);
}

#[test]
fn what_a_gateway_refuses_is_learned_shown_and_can_be_tried_again() {
    let mut window = form(tall(), "OpenAI");
    let id = profile(&window, "openai").id.clone();
    window.tell(Event::GatewayLearned {
        gateway: id,
        refused: vec!["moderation".to_owned(), "background".to_owned()],
    });
    fold_out(&mut window, "Advanced");
    press(&mut window, "Send moderation again");
    let refused = &profile(&window, "openai").dialect.refused;
    assert_eq!(*refused, ["background"]);
}

#[test]
fn extra_fields_that_are_not_json_stay_out_and_say_where_the_fault_is() {
    let mut window = form(tall(), "OpenAI");
    fold_out(&mut window, "Advanced");
    let field = "Extra fields";
    write(&mut window, Role::MultilineTextInput, field, "{\"user\": }");
    assert!(sees(&window, "Not used"));
    assert!(profile(&window, "openai").dialect.extra.is_empty());
    write(
        &mut window,
        Role::MultilineTextInput,
        field,
        "{\"user\": \"me\"}",
    );
    assert!(!sees(&window, "Not used"));
    assert_eq!(profile(&window, "openai").dialect.extra.fields().len(), 1);
    press(&mut window, "Reset to the preset");
    assert!(profile(&window, "openai").dialect.extra.is_empty());
    shortcut(&mut window, Modifiers::NONE, Key::Tab);
    press(&mut window, "Undo");
    assert_eq!(profile(&window, "openai").dialect.extra.fields().len(), 1);
}

#[test]
fn prices_and_the_proxy_are_what_was_typed() {
    let mut window = form(tall(), "OpenAI");
    fold_out(&mut window, "Prices");
    choose(&mut window, Role::RadioButton, "Per picture");
    write(&mut window, Role::TextInput, "Price 1", "0,21");
    press(&mut window, "Add a price");
    write(&mut window, Role::TextInput, "Price 2", "cheap");
    assert!(sees(&window, "A number such as 0.25."));
    press(&mut window, "Remove price 1");
    assert!(sees(&window, "A number such as 0.25."), "it moved up");
    press(&mut window, "Remove price 1");
    choose(&mut window, Role::RadioButton, "List price");
    write(&mut window, Role::TextInput, "Multiplier", "0.6");
    let rule = PriceRule::ListPrice { multiplier: 0.6 };
    assert_eq!(profile(&window, "openai").prices.rule, rule);

    fold_out(&mut window, "Network");
    choose(&mut window, Role::RadioButton, "Custom");
    assert_eq!(profile(&window, "openai").proxy, Proxy::System);
    write(&mut window, Role::TextInput, "Proxy address", "127.0.0.1");
    assert!(sees(&window, "A proxy looks like"));
    write(
        &mut window,
        Role::TextInput,
        "Proxy address",
        "socks5://127.0.0.1:1080",
    );
    let own = Proxy::Url("socks5://127.0.0.1:1080".to_owned());
    assert_eq!(profile(&window, "openai").proxy, own);
}

#[test]
fn profiles_of_a_file_are_added_beside_those_that_are_there() {
    let mut window = form(tall(), "OpenAI");
    window.commands();
    press(&mut window, "Import gateways");
    let asked = |command: &Command| matches!(command, Command::ImportGateways { .. });
    assert!(window.commands().iter().any(asked));
    let before = names(&window).len();
    let mut other = Preset::Relay.profile();
    other.name = "中转 A".to_owned();
    window.tell(Event::GatewaysImported(vec![
        Preset::Openai.profile(),
        other,
    ]));
    assert_eq!(names(&window).len(), before + 2);
    assert_eq!(profile(&window, "openai-2").name, "OpenAI 2");
    assert_eq!(profile(&window, "relay-2").name, "中转 A");
    assert!(sees(&window, "2 gateways were imported"));
    press(&mut window, "Export gateways, without keys");
    let asked = |command: &Command| matches!(command, Command::ExportGateways { gateways, .. } if gateways.is_empty());
    assert!(window.commands().iter().any(asked));
}

#[test]
fn the_keyboard_alone_chooses_a_gateway_and_sets_one_up() {
    let mut window = ready(Look::default());
    shortcut(&mut window, Modifiers::COMMAND, Key::G);
    shortcut(&mut window, Modifiers::NONE, Key::ArrowDown);
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(settings(&window).selected_gateway.0, "junfeiai");
    let studio = |window: &Window| {
        let studio = &window.harness.state().state().studio;
        (studio.screen, studio.gateways.picking)
    };
    assert_eq!(studio(&window), (Screen::Create, false));
    shortcut(&mut window, Modifiers::COMMAND, Key::G);
    shortcut(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(studio(&window), (Screen::Create, false));
    // Up past the first, down past the last: «Manage gateways» is the last.
    shortcut(&mut window, Modifiers::COMMAND, Key::G);
    for _ in 0..20 {
        shortcut(&mut window, Modifiers::NONE, Key::ArrowDown);
    }
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(studio(&window), (Screen::Gateways, false));
    // The key is what is missing, so the cursor stands there.
    window
        .harness
        .get_by_role_and_label(Role::PasswordInput, "API key")
        .type_text("sk-typed-blind");
    window.harness.run();
    window.commands();
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    let set = |command: &Command| matches!(command, Command::SetKey { gateway, key: Some(_), .. } if gateway.0 == "junfeiai");
    assert!(window.commands().iter().any(set));
    shortcut(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(studio(&window).0, Screen::Create);
}

#[test]
fn a_gateway_that_was_slowed_down_counts_the_seconds() {
    let mut window = form(tall(), "OpenAI");
    press(&mut window, "Use this gateway");
    let gateway = profile(&window, "openai").id.clone();
    window.tell(Event::GatewayPaused {
        gateway: gateway.clone(),
        until_ms: Some(NOW_MS + 12_000),
        parallel: 1,
    });
    assert!(sees(&window, "slowed down, 12 s"));
    assert!(sees(&window, "Slowed down for 12 s, then 1 at once"));
    window.wait_ms(5_000);
    assert!(sees(&window, "slowed down, 7 s"));
    window.tell(Event::GatewayPaused {
        gateway,
        until_ms: None,
        parallel: 4,
    });
    assert!(!sees(&window, "slowed down"));
}

#[test]
fn what_came_of_4k_is_counted() {
    let mut window = form(tall(), "OpenAI");
    let asked = |command: &Command| matches!(command, Command::LoadTrack(id) if id.0 == "openai");
    assert!(window.commands().iter().any(asked));
    window.tell(Event::Track {
        gateway: profile(&window, "openai").id.clone(),
        lines: vec![TrackLine {
            model: "gpt-image-2".to_owned(),
            asked: Some(SizeTier::FourK),
            best_tier_got: Some(SizeTier::TwoK),
            tries: 5,
            smaller: 5,
            ..TrackLine::default()
        }],
    });
    assert!(sees(&window, "4K asked: at most 2K in 5 of 5 tries"));
}

#[test]
fn many_gateways_can_be_searched() {
    let mut window = ready(Look::default());
    let many = (0..8)
        .map(|n| GatewayProfile {
            name: format!("中转 {n}"),
            ..Preset::Relay.profile()
        })
        .collect();
    window.tell(Event::GatewaysImported(many));
    shortcut(&mut window, Modifiers::COMMAND, Key::G);
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Search gateways")
        .type_text("中转 7");
    window.harness.run();
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::RadioButton, "OpenAI")
            .is_none()
    );
    shortcut(&mut window, Modifiers::NONE, Key::ArrowDown);
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    let selected = settings(&window).gateway().name;
    assert_eq!(selected, "中转 7");
}

#[test]
fn appearance_of_the_form() {
    let mut window = form(
        Look {
            theme: ThemeChoice::Light,
            ..Look::default()
        },
        "JunFeiAI",
    );
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot("gateway_form_light_en");
}

#[test]
fn appearance_of_what_was_pasted() {
    let mut window = ready(Look {
        language: Language::Chinese,
        ..Look::default()
    });
    shortcut(&mut window, Modifiers::COMMAND, Key::Num3);
    window.harness.event(egui::Event::Paste(CURL.to_owned()));
    window.harness.run();
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot("gateway_pasted_dark_zh");
}
