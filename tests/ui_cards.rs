//! What the window says of jobs, failures and results: cause, action, charge and request id of every failure, the
//! truth of the stream, and what was asked, claimed and got.

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

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atelier::engine::{Command, Download, Event, JobSnapshot, PictureSource, PieceOrigin, Waiting};
use atelier::model::{
    Charge, Cost, CostBasis, Failure, FailureKind, ImageFormat, JobNote, JobState, Kept, Language,
    Mismatch, PixelSize, Preset, Quality, Reason, SizeChoice, SizeTier, Stage, ThemeChoice,
    TrackLine, Usage,
};
use atelier::ui::text::{Key, Text};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use support::ui::{Look, NOW_MS, Window, job, job_id, press, preview, ready, record, request};

const FOX: &str = "A red fox in fresh snow, ink wash";
const ID: &str = "req_2026_abc";

/// As wide as a card is in a window of ordinary size.
const ROOMY: Look = Look {
    size: [1120.0, 720.0],
    theme: ThemeChoice::Dark,
    language: Language::English,
};

fn says(window: &Window, words: &str) -> bool {
    window.harness.query_all_by_label(words).next().is_some()
}

#[track_caller]
fn assert_says(window: &Window, words: &[&str]) {
    for words in words {
        assert!(says(window, words), "{words}");
    }
}

/// Puts a running job on the canvas.
fn shown(window: &mut Window, snapshot: &JobSnapshot) {
    let text = Text::new(window.harness.state().state().studio.language);
    let mut begun = snapshot.clone();
    begun.state = JobState::Running;
    begun.stage = Stage::Accepted;
    begun.failure = None;
    window.tell(Event::JobChanged(Box::new(begun)));
    let name = text.with(
        Key::JobName,
        [
            ("state", text.get(Key::StageAccepted).into()),
            ("prompt", snapshot.request.prompt.as_str().into()),
        ],
    );
    press(window, &name);
    let changed = Box::new(snapshot.clone());
    window.tell(if snapshot.state.is_final() {
        Event::JobEnded(changed)
    } else {
        Event::JobChanged(changed)
    });
    window.commands();
}

fn failed(failure: Failure) -> JobSnapshot {
    JobSnapshot {
        state: JobState::Failed,
        ended_ms: Some(NOW_MS + 42_000),
        failure: Some(failure),
        ..job(0, FOX)
    }
}

fn failure(kind: FailureKind, reason: Option<Reason>) -> Failure {
    Failure {
        reason,
        request_id: Some(ID.to_owned()),
        charge: Charge::Unknown,
        ..Failure::new(kind, "the gateway's own words")
    }
}

/// The sentences of `text` whose ids begin like this, with the arguments that they have in these tests.
fn sentences(text: &Text, begin: &str) -> Vec<String> {
    let keys = Key::ALL.iter().filter(|key| key.id().starts_with(begin));
    keys.map(|key| text.with(*key, [("minutes", "30".into()), ("seconds", "100".into())]))
        .collect()
}

#[test]
fn every_failure_says_what_happened_what_to_do_whether_it_was_charged_and_its_id() {
    let reasons = Reason::ALL.map(|reason| failure(FailureKind::Server, Some(reason)));
    let kinds = FailureKind::ALL.map(|kind| failure(kind, None));
    for language in Language::ALL {
        let text = Text::new(language);
        let mut window = ready(Look { language, ..ROOMY });
        let causes = sentences(&text, "cause-");
        let advices = sentences(&text, "advice-");
        for failure in reasons.iter().chain(&kinds) {
            let what = format!("{language:?} {:?} {}", failure.reason, failure.kind);
            shown(&mut window, &failed(failure.clone()));
            let found = |sentences: &[String]| {
                let found = sentences.iter().filter(|words| says(&window, words));
                found.collect::<std::collections::HashSet<_>>().len()
            };
            assert_eq!(found(&causes), 1, "{what}");
            assert_eq!(found(&advices), 1, "{what}");
            for words in [text.get(Key::ChargeUnknown), ID, "the gateway's own words"] {
                assert!(says(&window, words), "{what}: {words}");
            }
            let again = text.get(Key::RemedyAgainCharged);
            let button = window.harness.query_by_role_and_label(Role::Button, again);
            assert!(button.is_some(), "{what}");
            window.tell(Event::JobDismissed(job_id(0)));
        }
    }
}

#[test]
fn the_button_leads_to_what_helps() {
    let check = |failure: Failure, button: &str, charge: &str| {
        let mut window = ready(ROOMY);
        shown(&mut window, &failed(failure));
        assert_says(&window, &[charge]);
        press(&mut window, button);
        window
    };
    let free = |kind, reason| Failure {
        charge: Charge::No,
        ..failure(kind, reason)
    };
    check(
        free(FailureKind::Auth, None),
        "Enter the key",
        "Not charged",
    );
    check(
        free(FailureKind::NotFound, Some(Reason::NotAnEndpoint)),
        "Open gateways",
        "Not charged",
    );
    let window = check(
        free(FailureKind::Moderation, Some(Reason::PromptRefused)),
        "Edit the prompt",
        "Not charged",
    );
    assert_eq!(window.harness.state().state().edits.prompt.text, FOX);
    let mut window = check(
        free(FailureKind::RateLimit, None),
        "Try again",
        "Not charged",
    );
    let again = |command: &Command| matches!(command, Command::Generate(_));
    assert!(window.commands().iter().any(again));
    // Money is not put in here; another gateway is chosen there.
    check(
        free(FailureKind::Quota, None),
        "Open gateways",
        "Not charged",
    );
}

#[test]
fn a_refused_size_becomes_the_nearest_that_the_model_takes() {
    let mut window = ready(ROOMY);
    let mut asked = request(FOX);
    asked.parameters.size = SizeChoice::Exact("1920x1080".parse().unwrap());
    let snapshot = JobSnapshot {
        request: Arc::new(asked),
        ..failed(failure(FailureKind::InvalidRequest, Some(Reason::Size)))
    };
    shown(&mut window, &snapshot);
    press(&mut window, "Use 1920 × 1088");
    let state = window.harness.state().state();
    let size: PixelSize = "1920x1088".parse().unwrap();
    assert_eq!(
        state.studio.settings.parameters.size,
        SizeChoice::Exact(size)
    );
    assert_eq!(state.edits.prompt.text, FOX);
}

#[test]
fn a_cut_names_the_measured_second_and_where() {
    let mut window = ready(ROOMY);
    let snapshot = JobSnapshot {
        host: Some("relay.example".to_owned()),
        ..failed(Failure {
            status: Some(524),
            after_ms: Some(100_320),
            ..failure(FailureKind::Timeout, Some(Reason::ProxyGaveUp))
        })
    };
    shown(&mut window, &snapshot);
    assert_says(
        &window,
        &[
            "A server in front of the gateway gave up after 100 s.",
            "HTTP 524",
            "after 100 s",
            "Built-in demo · relay.example",
        ],
    );
}

#[test]
fn an_answer_in_words_is_shown_in_full_and_can_be_copied() {
    let words = "I can't draw that. ".repeat(200);
    let mut window = ready(ROOMY);
    let snapshot = failed(Failure {
        message: words.clone(),
        ..failure(FailureKind::InvalidRequest, Some(Reason::Words))
    });
    shown(&mut window, &snapshot);
    assert_says(&window, &["What the model wrote", &words]);
    window
        .harness
        .get_by_role_and_label(Role::Button, "Copy the text")
        .click();
    window.harness.step();
    assert_eq!(copied(&window), Some(words));
}

#[test]
fn what_is_kept_is_said_in_the_language_of_the_window() {
    let mut window = ready(Look {
        language: Language::Chinese,
        ..ROOMY
    });
    let kept = Kept {
        previews: 2,
        previews_folder: Some("/pictures/previews".into()),
        part: Some("/pictures/part.png".into()),
    };
    let mut words = failure(FailureKind::Server, None);
    words.message = "upstream gave up.".to_owned();
    let snapshot = failed(words.keeping(kept));
    shown(&mut window, &snapshot);
    let said = [
        "upstream gave up",
        "已收到的 2 张预览都已保留。",
        "图片已收到的部分已保留。",
    ];
    assert_says(&window, &said);
    let text = Text::new(Language::Chinese);
    let open = text.get(Key::DetailsOpenFolder);
    let folders = window.harness.query_all_by_label(open);
    folders.last().unwrap().click();
    window.harness.run();
    let commands = window.commands();
    let opens = |command: &Command| matches!(command, Command::Reveal(path) if path == Path::new("/pictures/part.png"));
    assert!(commands.iter().any(opens), "{commands:?}");
}

/// What the last frame put on the clipboard.
fn copied(window: &Window) -> Option<String> {
    let commands = &window.harness.output().platform_output.commands;
    commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

fn expired() -> JobSnapshot {
    JobSnapshot {
        host: Some("relay.example".to_owned()),
        ..failed(Failure {
            status: Some(404),
            charge: Charge::Yes,
            raw: Some("https://files.example/p.png?sig=1".to_owned()),
            ..failure(FailureKind::ExpiredUrl, None)
        })
    }
}

#[test]
fn an_expired_link_leaves_what_a_claim_needs() {
    let mut window = ready(ROOMY);
    shown(&mut window, &expired());
    assert_says(
        &window,
        &[
            "Charged",
            "Links of this gateway last about 30 minutes. The picture has to be generated again.",
            "Again (may be charged again)",
        ],
    );
    window
        .harness
        .get_by_role_and_label(Role::Button, "Copy the claim")
        .click();
    window.harness.step();
    let claim = copied(&window).unwrap();
    for part in [
        "Request id: req_2026_abc",
        "Address: https://files.example/p.png?sig=1",
        "relay.example",
        "2026-05-28T",
    ] {
        assert!(claim.contains(part), "{part} in {claim}");
    }
}

#[test]
fn the_last_preview_is_offered_and_never_called_a_result() {
    let mut window = ready(ROOMY);
    let snapshot = JobSnapshot {
        previews: vec![preview(job_id(0), 0), preview(job_id(0), 1)],
        ..failed(failure(FailureKind::Protocol, Some(Reason::PreviewsOnly)))
    };
    shown(&mut window, &snapshot);
    assert_says(&window, &["preview, not final"]);
    press(&mut window, "Show last preview");
    let last = PictureSource::Preview {
        job: job_id(0),
        index: 0,
        preview: 1,
    };
    let shown = window.commands().into_iter().rev();
    let shown = shown.into_iter().find_map(|command| match command {
        Command::Show { source, .. } => source,
        _ => None,
    });
    assert_eq!(shown, Some(last));
    window.show_picture(PieceOrigin::Preview { preview: 1 }, (384, 256));
    let marks = window.harness.query_all_by_label("preview, not final");
    let widths: Vec<f32> = marks.map(|mark| mark.rect().width()).collect();
    assert_eq!(widths.len(), 2, "on the canvas and on the card");
    assert!(widths.iter().all(|width| *width > 80.0), "cut: {widths:?}");
    press(&mut window, "Save a copy…");
    let is_copy = |command: &Command| matches!(command, Command::CopyFile { from, .. } if from == Path::new("/tmp/preview.png"));
    assert!(window.commands().iter().any(is_copy));
    press(&mut window, "Use as reference");
    let is_reference = |command: &Command| {
        matches!(
            command,
            Command::AddReferenceFiles { files, .. }
                if *files == [Path::new("/tmp/preview.png")]
        )
    };
    assert!(window.commands().iter().any(is_reference));
}

#[test]
fn a_job_tells_what_is_known_of_its_stream() {
    let mut window = ready(ROOMY);
    shown(&mut window, &job(0, FOX));
    let mut check = |snapshot: JobSnapshot, words: &[&str]| {
        window.tell(Event::JobChanged(Box::new(snapshot)));
        assert_says(&window, words);
    };
    let host = Some("relay.example".to_owned());
    let at = |stage: Stage| JobSnapshot {
        stage,
        ..job(0, FOX)
    };
    check(
        JobSnapshot {
            host: host.clone(),
            ..at(Stage::Connecting)
        },
        &["Connecting to relay.example"],
    );
    check(at(Stage::Sent), &["Sent"]);
    check(
        JobSnapshot {
            last_byte_ms: Some(NOW_MS - 34_000),
            last_event_ms: Some(NOW_MS - 40_000),
            ..at(Stage::Accepted)
        },
        &["Accepted", "Nothing has come for 34 s"],
    );
    check(
        JobSnapshot {
            last_byte_ms: Some(NOW_MS - 1_000),
            last_event_ms: Some(NOW_MS - 75_000),
            ..at(Stage::Accepted)
        },
        &["Accepted", "Only keep-alives for 75 s"],
    );
    let previews = u32::from(request(FOX).parameters.partials);
    check(
        at(Stage::Preview(1)),
        &[&format!("Preview 1 of {previews}")],
    );
    check(
        at(Stage::Receiving {
            received: 9_300_000,
            total: Some(15_000_000),
        }),
        &["Receiving 62 % of 15 MB"],
    );
    check(
        at(Stage::Receiving {
            received: 9_300_000,
            total: None,
        }),
        &["Receiving 9.3 MB"],
    );
    check(at(Stage::Saving), &["Saving"]);
    check(
        JobSnapshot {
            downloads: vec![Download {
                index: 0,
                host: "files.example".to_owned(),
                expires_ms: NOW_MS + 1_694_000,
                tries: 1,
            }],
            ..at(Stage::Accepted)
        },
        &[
            "Fetching from files.example",
            "The link at files.example works for another 28:14",
        ],
    );
    check(
        JobSnapshot {
            notes: vec![
                JobNote::AddressSwitched {
                    from: "relay.example".to_owned(),
                    to: "cn.relay.example".to_owned(),
                },
                JobNote::ParameterDropped {
                    name: "partial_images".to_owned(),
                },
            ],
            ..at(Stage::Accepted)
        },
        &[
            "Went to cn.relay.example, because relay.example could not be reached",
            "Left out: partial_images (the gateway does not know it)",
        ],
    );
}

#[test]
fn short_silence_is_not_worth_a_word() {
    let mut window = ready(ROOMY);
    let snapshot = JobSnapshot {
        last_byte_ms: Some(NOW_MS),
        last_event_ms: Some(NOW_MS),
        ..job(0, FOX)
    };
    shown(&mut window, &snapshot);
    window.wait_ms(9_000);
    assert!(!says(&window, "Nothing has come for 9 s"));
    window.wait_ms(3_000);
    assert_says(&window, &["Nothing has come for 12 s"]);
}

#[test]
fn a_wait_counts_down_and_says_why() {
    let mut window = ready(ROOMY);
    let waiting = Some(Waiting {
        until_ms: NOW_MS + 12_000,
        kind: FailureKind::RateLimit,
    });
    let snapshot = JobSnapshot {
        stage: Stage::Waiting {
            attempt: 2,
            after_ms: 12_000,
        },
        waiting,
        ..job(0, FOX)
    };
    shown(&mut window, &snapshot);
    assert_says(
        &window,
        &[
            "Trying again in 0:12 · Attempt 2",
            "Too many requests at once.",
        ],
    );
    window.wait_ms(5_000);
    assert_says(&window, &["Trying again in 0:07 · Attempt 2"]);
    // The time is over, and others have the gateway: nothing counts down any more.
    let in_line = JobSnapshot {
        waiting: None,
        ..snapshot
    };
    window.tell(Event::JobChanged(Box::new(in_line)));
    assert_says(&window, &["Waiting · Attempt 2"]);
    let held = JobSnapshot {
        state: JobState::Queued,
        stage: Stage::Connecting,
        started_ms: None,
        waiting,
        ..job(0, FOX)
    };
    window.tell(Event::JobChanged(Box::new(held)));
    assert_says(&window, &["Waiting 0:07 for the gateway"]);
}

#[test]
fn a_queued_job_knows_its_turn() {
    let mut window = ready(ROOMY);
    let queued = |n: i64| JobSnapshot {
        state: JobState::Queued,
        stage: Stage::Connecting,
        started_ms: None,
        ..job(n, FOX)
    };
    window.tell(Event::JobChanged(Box::new(queued(1))));
    let mut other = queued(2);
    let mut elsewhere = request(FOX);
    elsewhere.gateway = Preset::Openai.profile();
    other.request = Arc::new(elsewhere);
    window.tell(Event::JobChanged(Box::new(other)));
    let mut mine = queued(3);
    let mut request = request("Mountains");
    request.gateway = Preset::Demo.profile();
    mine.request = Arc::new(request);
    window.tell(Event::JobChanged(Box::new(mine)));
    press(&mut window, "Waiting: Mountains");
    assert_says(&window, &["Waiting, number 2 in line"]);
}

#[test]
fn nothing_is_drawn_again_unless_something_counts() {
    let delay = |window: &Window| {
        let output = window.harness.output();
        output.viewport_output[&egui::ViewportId::ROOT].repaint_delay
    };
    let mut window = ready(ROOMY);
    shown(&mut window, &expired());
    window.harness.run();
    assert_eq!(delay(&window), Duration::MAX);
    let mut pending = expired();
    pending.failure = Some(Failure::new(FailureKind::Network, "the host is away"));
    pending.downloads = vec![Download {
        index: 0,
        host: "files.example".to_owned(),
        expires_ms: NOW_MS + 60_500,
        tries: 5,
    }];
    window.tell(Event::JobEnded(Box::new(pending)));
    assert_says(
        &window,
        &["The link at files.example works for another 1:01"],
    );
    assert!(delay(&window) <= Duration::from_secs(1));
    // What is made and paid for is fetched again, not made again.
    press(&mut window, "Download again (free)");
    let commands = window.commands();
    let fetches =
        |command: &Command| matches!(command, Command::FetchAgain(id) if *id == job_id(0));
    assert!(commands.iter().any(fetches), "{commands:?}");
    window.wait_ms(61_000);
    window.harness.run();
    assert_says(&window, &["The link at files.example has expired"]);
    assert_eq!(delay(&window), Duration::MAX);
}

#[test]
fn a_link_that_died_early_is_worth_another_try() {
    let mut window = ready(ROOMY);
    let mut early = expired();
    early.downloads = vec![Download {
        index: 0,
        host: "files.example".to_owned(),
        expires_ms: NOW_MS + 60_000,
        tries: 1,
    }];
    shown(&mut window, &early);
    let advice = "It should have worked for longer. Download it again, or claim the picture with the lines below.";
    assert_says(&window, &[advice, "Download again (free)"]);
    window.wait_ms(61_000);
    assert!(!says(&window, advice));
}

/// A picture that was asked in 4K, claims it, and is not.
fn downgraded(window: &mut Window) {
    let mut record = record(9, job_id(0), FOX);
    let got = PixelSize::new(1920, 1088).unwrap();
    record.size = got;
    let recipe = &mut record.recipe;
    recipe.gateway_id = Some(Preset::Demo.profile().id);
    recipe.parameters.size = SizeChoice::Exact("3840x2160".parse().unwrap());
    recipe.parameters.quality = Quality::High;
    recipe.claimed_size = Some("3840x2160".to_owned());
    recipe.got_size = got;
    recipe.got_format = ImageFormat::Webp;
    recipe.mismatch = vec![Mismatch::Size, Mismatch::Format];
    recipe.revised_prompt = Some("A vivid red fox in snow".to_owned());
    recipe.usage = Some(Usage {
        input_tokens: Some(5),
        output_tokens: Some(5),
        total_tokens: Some(10),
        ..Usage::default()
    });
    let mut snapshot = job(0, FOX);
    snapshot.host = Some("relay.example".to_owned());
    shown(window, &snapshot);
    snapshot.state = JobState::Done;
    snapshot.images = vec![record.id];
    snapshot.ended_ms = Some(NOW_MS + 9_000);
    window.tell(Event::Gallery(atelier::engine::GalleryChange::Added(
        record.id,
    )));
    window.tell(Event::ImageSaved {
        record: Box::new(record),
        copy: None,
    });
    window.tell(Event::JobEnded(Box::new(snapshot)));
    window.show_picture(PieceOrigin::Result, (384, 256));
}

/// A result that was filed with this cost, with its details.
fn result_at(window: &mut Window, cost: Option<Cost>) {
    let mut record = record(9, job_id(0), FOX);
    record.recipe.cost = cost;
    let mut snapshot = job(0, FOX);
    shown(window, &snapshot);
    snapshot.state = JobState::Done;
    snapshot.images = vec![record.id];
    window.tell(Event::ImageSaved {
        record: Box::new(record),
        copy: None,
    });
    window.tell(Event::JobEnded(Box::new(snapshot)));
    window.show_picture(PieceOrigin::Result, (384, 256));
}

#[test]
fn a_result_says_what_it_cost_or_nothing() {
    let check = |cost: Option<Cost>, expected: Option<&str>| {
        let mut window = ready(ROOMY);
        result_at(&mut window, cost);
        assert_says(&window, &["Tokens"]);
        assert_eq!(says(&window, "Cost"), expected.is_some());
        assert_says(&window, expected.as_slice());
    };
    let cost = |amount, currency, basis| Cost::new(amount, currency, basis);
    check(None, None);
    check(cost(0.0, "USD", CostBasis::ListPrice), Some("free"));
    check(cost(0.35, "CNY", CostBasis::Profile), Some("≈ ¥0.35"));
    check(cost(0.053, "USD", CostBasis::ListPrice), Some("≈ $0.053"));

    let mut window = ready(ROOMY);
    result_at(&mut window, cost(0.053, "USD", CostBasis::ListPrice));
    let value = window.harness.get_by_label("≈ $0.053");
    value.hover();
    window.wait_ms(2_000);
    assert_says(&window, &["Estimated at OpenAI list price"]);
}

#[test]
fn a_result_shows_what_was_asked_claimed_and_got() {
    let mut window = ready(ROOMY);
    downgraded(&mut window);
    assert_says(
        &window,
        &[
            "Asked",
            "Claimed",
            "Got",
            "1920×1088",
            "You asked for 4K and got 2K: kept as it came.",
            "You asked for PNG and got WEBP: kept as it came.",
            "not reported",
            "relay.example",
            "A vivid red fox in snow",
            "Copy the revised prompt",
            "–",
        ],
    );
    let both = window.harness.query_all_by_label("3840×2160");
    assert_eq!(both.count(), 2, "asked and claimed");
}

#[test]
fn a_gateway_that_never_delivers_what_was_asked_is_known_for_it() {
    let mut window = ready(ROOMY);
    downgraded(&mut window);
    let commands = window.commands();
    let gateway = Preset::Demo.profile().id;
    let asked = commands
        .iter()
        .filter(|command| matches!(command, Command::LoadTrack(id) if *id == gateway));
    assert_eq!(asked.count(), 1, "{commands:?}");
    window.tell(Event::Track {
        gateway,
        lines: vec![TrackLine {
            model: "gpt-image-2".to_owned(),
            asked: Some(SizeTier::FourK),
            tries: 5,
            smaller: 5,
            best_tier_got: Some(SizeTier::TwoK),
            ..TrackLine::default()
        }],
    });
    let words = "Built-in demo · 4K asked: at most 2K in 5 of 5 tries";
    assert_says(&window, &[words]);
    assert!(window.commands().is_empty(), "asked once");
}

#[test]
fn a_warning_of_a_job_is_told_beside_its_picture() {
    let mut window = ready(ROOMY);
    window.tell(Event::JobChanged(Box::new(job(0, FOX))));
    window.tell(Event::Warning {
        job: job_id(0),
        failure: Failure::new(FailureKind::Server, "stream error"),
    });
    let words = "What came is saved. Then an error followed: The gateway, or what is behind it, has a problem.";
    assert_says(&window, &[words, "stream error"]);
}

fn still(window: &mut Window, name: &str) {
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot(name);
}

#[test]
fn appearance_of_an_expired_link() {
    let mut window = ready(Look {
        theme: ThemeChoice::Light,
        language: Language::Chinese,
        ..Look::default()
    });
    shown(&mut window, &expired());
    still(&mut window, "expired_light_zh");
}

#[test]
fn appearance_of_a_result_that_is_not_as_asked() {
    let mut window = ready(Look::default());
    downgraded(&mut window);
    still(&mut window, "downgraded_dark_en");
}
