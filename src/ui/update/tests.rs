//! What intents do to the state, without a window.

use std::path::PathBuf;

use super::*;
use crate::engine::{Event, JobSnapshot, MergedSettings, ReferenceSource, ReferenceToken};
use crate::media::QuarterTurns;
use crate::model::{
    Background, Failure, FailureKind, Finding, Fix, ImageFormat, ImageId, JobId, PixelSize,
    Placement, Preset, Quality, ReferenceProblem, Stage,
};
use crate::ui::intent::{MaskIntent, ReferenceIntent};
use crate::ui::state::{Blocker, Fit, FitFor, StripItem, findings};

const NOW_MS: i64 = 1_780_000_000_000;

fn state() -> AppState {
    let mut state = AppState::new(Settings::default(), Language::English);
    let effects = state.apply(
        Event::Ready {
            settings: Box::default(),
            keys: crate::model::KnownKeys::default(),
            library_dir: PathBuf::from("/pictures"),
            catalog: std::sync::Arc::new(crate::desktop::built_in_catalog()),
        },
        NOW_MS,
    );
    let is_gallery = |effect: &Effect| matches!(effect, Effect::Send(Command::ListGallery));
    assert!(effects.iter().any(is_gallery));
    state.edits.prompt.text = "fox".to_owned();
    state
}

fn act(state: &mut AppState, intents: impl IntoIterator<Item = Intent>) -> Vec<Effect> {
    intents
        .into_iter()
        .flat_map(|intent| update(state, intent, NOW_MS))
        .collect()
}

fn job(n: u32, state: JobState, images: Vec<ImageId>) -> JobSnapshot {
    let request = GenerationRequest {
        prompt: Prompt::new("fox").unwrap(),
        parameters: Parameters::default(),
        references: Vec::new(),
        mask: None,
        group: None,
        gateway: Preset::Demo.profile(),
    };
    let id = JobId::from_parts(1_000 + u64::from(n), 0);
    JobSnapshot {
        state,
        stage: Stage::Sent,
        started_ms: Some(NOW_MS),
        images,
        ..JobSnapshot::queued(id, Arc::new(request), NOW_MS)
    }
}

fn reference(hash: &str) -> Reference {
    Reference {
        hash: hash.to_owned(),
        path: PathBuf::from("/cache").join(hash),
        name: format!("{hash}.png"),
        format: ImageFormat::Png,
        size: PixelSize::new(8, 8).unwrap(),
        bytes: 1,
        image: None,
    }
}

#[test]
fn the_first_thing_in_the_way_is_told() {
    let check = |change: &dyn Fn(&mut AppState), expected: Option<Blocker>| {
        let mut state = state();
        change(&mut state);
        assert_eq!(readiness(&state.studio, &state.edits).err(), expected);
    };
    check(&|_| {}, None);
    check(
        &|s| s.edits.prompt.text = " \n".to_owned(),
        Some(Blocker::Finding(Finding::PromptEmpty, Fix::Write)),
    );
    check(
        &|s| s.edits.prompt.text = "狐".repeat(32_001),
        Some(Blocker::Finding(
            Finding::PromptTooLong { chars: 32_001 },
            Fix::Remove(96_000..96_003),
        )),
    );
    check(
        &|s| {
            act(s, [Intent::AddFiles(vec!["/a.png".into()])]);
        },
        Some(Blocker::ReferencesLoading),
    );
    check(
        &|s| {
            let parameters = Parameters {
                format: ImageFormat::Jpeg,
                background: Background::Transparent,
                ..Parameters::default()
            };
            act(s, [Intent::SetParameters(parameters)]);
        },
        Some(Blocker::Finding(
            Finding::TransparentJpeg,
            Fix::Format(ImageFormat::Png),
        )),
    );
    let custom = Preset::Custom.profile().id;
    check(
        &|s| {
            act(s, [Intent::SelectGateway(custom.clone())]);
        },
        Some(Blocker::NoAddress),
    );
    let openai = Preset::Openai.profile().id;
    check(
        &|s| {
            act(s, [Intent::SelectGateway(openai.clone())]);
        },
        Some(Blocker::NoKey),
    );
    check(
        &|s| {
            let key = crate::model::ApiKey::new("sk");
            act(
                s,
                [
                    Intent::SelectGateway(openai.clone()),
                    Intent::SetKey(openai.clone(), key, crate::model::KeyPlace::Session),
                ],
            );
        },
        None,
    );
    check(
        &|s| {
            act(s, [Intent::SetSizeMode(SizeMode::Free)]);
            s.edits.size.width = "wide".to_owned();
        },
        Some(Blocker::Finding(
            Finding::SizeNotANumber,
            Fix::Size(PixelSize::new(1024, 1024).unwrap()),
        )),
    );
}

#[test]
fn what_helps_is_done() {
    let check = |change: &dyn Fn(&mut AppState), done: &dyn Fn(&AppState) -> bool| {
        let mut state = state();
        change(&mut state);
        let found = findings(&state.studio, &state.edits);
        let (finding, fix) = found.into_iter().next().unwrap();
        act(&mut state, [Intent::Fix(fix)]);
        let left = findings(&state.studio, &state.edits);
        assert!(left.iter().all(|(other, _)| *other != finding), "{left:?}");
        assert!(done(&state), "{finding:?}");
    };
    check(
        &|s| s.edits.prompt.text = "狐狸，８Ｋ，雪".to_owned(),
        &|s| s.edits.prompt.text == "狐狸，雪",
    );
    let free = |s: &mut AppState, width: &str, height: &str| {
        act(s, [Intent::SetSizeMode(SizeMode::Free)]);
        s.edits.size.width = width.to_owned();
        s.edits.size.height = height.to_owned();
    };
    check(&|s| free(s, "１９１９", "1079"), &|s| {
        s.edits.size.width == "1920" && s.edits.size.height == "1072"
    });
    check(&|s| free(s, "", "x"), &|s| s.edits.size.typed().is_some());
    let parameters = |s: &mut AppState, parameters: Parameters| {
        act(s, [Intent::SetParameters(parameters)]);
    };
    let transparent = Parameters {
        background: Background::Transparent,
        ..Parameters::default()
    };
    check(&|s| parameters(s, transparent.clone()), &|s| {
        s.studio.settings.parameters.background == Background::Auto
    });
    let compressed = Parameters {
        compression: Some(80),
        ..Parameters::default()
    };
    check(&|s| parameters(s, compressed.clone()), &|s| {
        s.studio.settings.parameters.compression.is_none()
    });
    let with_references = |s: &mut AppState| {
        let paths = ["/a.png", "/b.png"].map(PathBuf::from).to_vec();
        act(s, [Intent::AddFiles(paths)]);
        let names = ["a.png", "b.png"].map(str::to_owned).to_vec();
        let found = Event::ReferencesFound {
            first: ReferenceToken(1),
            names,
            left_out: 0,
        };
        s.apply(found, NOW_MS);
        // Another gateway takes fewer.
        let mut profile = Preset::Demo.profile();
        profile.limits.max_references = Some(1);
        act(s, [Intent::SaveGateway(Box::new(profile))]);
    };
    check(&with_references, &|s| s.studio.references.used() == 1);
}

#[test]
fn nothing_is_sent_while_something_is_in_the_way() {
    let mut state = state();
    state.edits.prompt.text.clear();
    assert!(act(&mut state, [Intent::Do(Action::Generate)]).is_empty());
}

#[test]
fn a_size_that_a_model_does_not_know_is_left_to_the_gateway() {
    let mut state = state();
    let mut profile = Preset::Demo.profile();
    profile.image_model = "dall-e-9".to_owned();
    act(
        &mut state,
        [
            Intent::SaveGateway(Box::new(profile)),
            Intent::SetSizeMode(SizeMode::Free),
        ],
    );
    state.edits.size.width = "17".to_owned();
    let request = readiness(&state.studio, &state.edits).unwrap();
    assert_eq!(request.parameters.size.to_string(), "17x1024");
}

#[test]
fn references_keep_their_order_and_forget_what_was_removed() {
    let mut state = state();
    let paths = ["/a.png", "/b.png", "/c.png"].map(PathBuf::from).to_vec();
    let effects = act(&mut state, [Intent::AddFiles(paths)]);
    let [
        Effect::Send(Command::AddReferenceFiles {
            first,
            files,
            most: 16,
        }),
    ] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(files.len(), 3);
    // Nothing is sent without them while the engine looks what they are.
    assert!(state.studio.references.is_loading());
    let tokens = [0, 1, 2].map(|n| ReferenceToken(first.0 + n));
    let found = Event::ReferencesFound {
        first: *first,
        names: ["a.png", "b.png", "c.png"].map(str::to_owned).to_vec(),
        left_out: 0,
    };
    state.apply(found, NOW_MS);
    act(&mut state, [Intent::RemoveReference(tokens[1])]);
    let answer = |state: &mut AppState, token, hash: &str| {
        let thumbnail = crate::engine::ThumbnailPixels {
            width: 0,
            height: 0,
            pixels: Vec::new(),
        };
        state.apply(
            Event::ReferenceReady {
                token,
                reference: Box::new(reference(hash)),
                thumbnail,
                digest: format!("pixels of {}", hash.trim_end_matches('\'')),
            },
            NOW_MS,
        );
    };
    answer(&mut state, tokens[1], "b");
    answer(&mut state, tokens[2], "c");
    answer(&mut state, tokens[0], "a");
    // The same picture again, from a dialog.
    let first = state.studio.references.reserve();
    answer(&mut state, first, "c");
    answer(&mut state, ReferenceToken(first.0 + 1), "d");
    // And in another file.
    answer(&mut state, ReferenceToken(first.0 + 2), "a'");
    let twins: Vec<_> = state
        .studio
        .toasts
        .list()
        .iter()
        .map(|toast| match &toast.message {
            ToastMessage::ReferenceTwice(twin) => twin.number,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(twins, [2, 1]);
    let hashes = |state: &AppState| -> Vec<String> {
        let ready = state.studio.references.ready_ones();
        ready.map(|reference| reference.hash.clone()).collect()
    };
    assert_eq!(hashes(&state), ["a", "c", "d"]);
    act(&mut state, [Intent::MoveReference(tokens[2], 0)]);
    assert_eq!(hashes(&state), ["c", "a", "d"]);
    let effects = act(
        &mut state,
        [Intent::AddFiles(vec![PathBuf::from("/x.png"); 20])],
    );
    let most = effects.iter().find_map(|effect| match effect {
        Effect::Send(Command::AddReferenceFiles { most, .. }) => Some(*most),
        _ => None,
    });
    assert_eq!(most, Some(13), "sixteen in all");
    let full = Event::ReferencesFound {
        first: ReferenceToken(1 << 30),
        names: Vec::new(),
        left_out: 7,
    };
    state.apply(full, NOW_MS);
    let last = state.studio.toasts.list().last().unwrap();
    assert_eq!(last.message, ToastMessage::ReferencesFull(7));
}

#[test]
fn cells_of_the_filmstrip_keep_their_places() {
    let mut state = state();
    let images: Vec<ImageId> = (0..3).map(|n| ImageId::from_parts(500 + n, 0)).collect();
    let new = ImageId::from_parts(9_000, 0);
    let all: Vec<ImageId> = images.iter().rev().copied().collect();
    state.apply(
        Event::Gallery(crate::engine::GalleryChange::All(all.into())),
        NOW_MS,
    );
    for n in [1, 2] {
        let snapshot = Box::new(job(n, JobState::Running, Vec::new()));
        state.apply(Event::JobChanged(snapshot), NOW_MS);
    }
    let strip = |state: &AppState| state.studio.jobs.strip(&state.studio.gallery, 10);
    let before = strip(&state);
    assert_eq!(before[0], StripItem::Job(JobId::from_parts(1_002, 0)));
    assert_eq!(before[2], StripItem::Image(images[2]));
    state.apply(
        Event::Gallery(crate::engine::GalleryChange::Added(new)),
        NOW_MS,
    );
    let done = Box::new(job(1, JobState::Done, vec![new]));
    state.apply(Event::JobEnded(done), NOW_MS);
    let after = strip(&state);
    assert_eq!(after.len(), before.len());
    assert_eq!(after[0], before[0]);
    assert_eq!(after[1], StripItem::Image(new));
    assert_eq!(after[2..], before[2..]);
}

#[test]
fn only_the_job_that_was_asked_for_takes_the_canvas() {
    let mut state = state();
    let old = Box::new(job(1, JobState::Running, Vec::new()));
    assert!(state.apply(Event::JobChanged(old), NOW_MS).is_empty());
    act(&mut state, [Intent::Do(Action::Generate)]);
    let new = Box::new(job(2, JobState::Queued, Vec::new()));
    let effects = state.apply(Event::JobChanged(new), NOW_MS);
    assert!(matches!(
        effects.as_slice(),
        [Effect::ClearCanvas, Effect::Send(Command::Show { .. })]
    ));
    let other = Box::new(job(3, JobState::Queued, Vec::new()));
    assert!(state.apply(Event::JobChanged(other), NOW_MS).is_empty());
    let id = JobId::from_parts(1_002, 0);
    assert_eq!(state.studio.stage.subject(), Some(Subject::Job(id)));
}

#[test]
fn again_uses_the_gateway_as_it_is_now() {
    let mut state = state();
    let failed = JobSnapshot {
        failure: Some(Failure::new(FailureKind::Network, "")),
        ..job(1, JobState::Failed, Vec::new())
    };
    let subject = Subject::Job(failed.id);
    state.apply(Event::JobChanged(Box::new(failed)), NOW_MS);
    let mut profile = Preset::Demo.profile();
    profile.image_model = "gpt-image-3".to_owned();
    let effects = act(
        &mut state,
        [
            Intent::SaveGateway(Box::new(profile)),
            Intent::Again(subject),
        ],
    );
    let [Effect::Send(Command::Generate(submission))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(submission.request.gateway.image_model, "gpt-image-3");
}

#[test]
fn settings_are_to_be_saved_after_a_change() {
    let mut state = state();
    assert!(!state.studio.settings_unsaved);
    let parameters = Parameters {
        quality: Quality::Low,
        ..Parameters::default()
    };
    act(&mut state, [Intent::SetParameters(parameters)]);
    assert!(state.studio.settings_unsaved);
}

#[test]
fn escape_leaves_one_thing_at_a_time() {
    let mut state = state();
    act(
        &mut state,
        [Intent::Do(Action::ShowGallery), Intent::ShowSettings(true)],
    );
    act(&mut state, [Intent::Do(Action::Back)]);
    assert!(!state.studio.settings_open);
    assert_eq!(state.studio.screen, Screen::Gallery);
    act(&mut state, [Intent::Do(Action::Back)]);
    assert_eq!(state.studio.screen, Screen::Create);
}

#[test]
fn references_come_back_by_what_they_hold() {
    let mut state = state();
    let mut made = job(1, JobState::Done, Vec::new());
    let mut request = GenerationRequest::clone(&made.request);
    let reference = |n: u8, image| Reference {
        hash: n.to_string().repeat(64),
        path: PathBuf::from("/cache/x.png"),
        name: format!("{n}.png"),
        format: ImageFormat::Png,
        size: PixelSize::new(8, 8).unwrap(),
        bytes: 9,
        image,
    };
    let id = ImageId::from_parts(7, 7);
    request.references = vec![reference(1, None), reference(2, Some(id))];
    made.request = Arc::new(request);
    let subject = Subject::Job(made.id);
    state.apply(Event::JobEnded(Box::new(made)), NOW_MS);
    let effects = act(&mut state, [Intent::UseSettings(subject)]);
    let sources: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(Command::AddReference { source, .. }) => Some(source),
            _ => None,
        })
        .collect();
    assert!(matches!(
        sources.as_slice(),
        [
            ReferenceSource::Stored { hash, name, image: None },
            ReferenceSource::Stored { hash: other, image: Some(image), .. }
        ] if hash.starts_with("11") && name == "1.png" && other.starts_with("22") && *image == id
    ));
}

fn gateway(state: &mut AppState, intent: GatewayIntent) -> Vec<Effect> {
    act(state, [Intent::Gateway(intent)])
}

#[test]
fn a_new_profile_gets_an_id_that_no_key_is_kept_for() {
    let mut state = state();
    let taken = crate::model::GatewayId("relay-2".to_owned());
    let place = crate::model::KeyPlace::Store;
    state.studio.keys.places.insert(taken, place);
    gateway(&mut state, GatewayIntent::Add(Preset::Relay));
    let added = state.studio.settings.gateways.last().unwrap();
    assert_eq!(added.id.0, "relay-3", "a key must not go to another host");
    assert_eq!(added.name, "Self-hosted relay 2");
    assert_eq!(state.studio.screen, Screen::Gateways);
}

#[test]
fn deleting_the_selected_gateway_selects_its_neighbour_and_undo_puts_it_back() {
    let mut state = state();
    let before = state.studio.settings.clone();
    let demo = before.gateway().id;
    gateway(&mut state, GatewayIntent::Delete(demo.clone()));
    assert_eq!(state.studio.settings.gateway().id, before.gateways[1].id);
    act(&mut state, [Intent::Do(Action::Undo)]);
    assert_eq!(state.studio.settings, before);
    // The last one can go too.
    for profile in &before.gateways {
        gateway(&mut state, GatewayIntent::Delete(profile.id.clone()));
    }
    assert!(state.studio.opened_gateway().is_none());
    assert!(state.studio.settings.gateways.is_empty());
}

#[test]
fn a_profile_moves_no_further_than_the_ends() {
    let mut state = state();
    let ids = |state: &AppState| -> Vec<String> {
        let gateways = state.studio.settings.gateways.iter();
        gateways.map(|profile| profile.id.0.clone()).collect()
    };
    let before = ids(&state);
    let first = state.studio.settings.gateways[0].id.clone();
    gateway(&mut state, GatewayIntent::Move(first.clone(), 99));
    assert_eq!(ids(&state).last(), before.first());
    gateway(&mut state, GatewayIntent::Move(first, 0));
    assert_eq!(ids(&state), before);
}

#[test]
fn leaving_the_gateways_goes_back_to_where_one_was() {
    let mut state = state();
    act(
        &mut state,
        [
            Intent::Do(Action::ShowGallery),
            Intent::Do(Action::ShowGateways),
        ],
    );
    assert_eq!(state.studio.screen, Screen::Gateways);
    act(&mut state, [Intent::Do(Action::Back)]);
    assert_eq!(state.studio.screen, Screen::Gallery);
}

#[test]
fn what_another_program_changed_stands_beside_what_was_changed_here() {
    let mut state = state();
    act(&mut state, [Intent::SetTheme(ThemeChoice::Dark)]);
    let Some(Command::SaveSettings { settings, .. }) = state.studio.take_unsaved() else {
        panic!("nothing to store");
    };
    assert!(state.studio.take_unsaved().is_none());
    let ours = *settings;
    let mut merged = ours.clone();
    let mut added = Preset::Custom.profile();
    added.id = GatewayId("added".to_owned());
    merged.gateways.push(added);
    // Changed after it was sent, and sent before the answer came.
    act(&mut state, [Intent::SetTheme(ThemeChoice::Light)]);
    assert!(state.studio.take_unsaved().is_some());
    act(&mut state, [Intent::SetLanguage(Language::Chinese)]);
    let gateways = merged.gateways.clone();
    state.apply(
        Event::SettingsMerged(Box::new(MergedSettings { ours, merged })),
        NOW_MS,
    );
    let Some(Command::SaveSettings { settings, base }) = state.studio.take_unsaved() else {
        panic!("nothing to store");
    };
    assert_eq!(settings.gateways, gateways);
    assert_eq!(settings.language, Some(Language::Chinese));
    assert_eq!(settings.theme, ThemeChoice::Light);
    // Only the language is said to be changed.
    assert_eq!(base.language, None);
    assert_eq!(
        *settings,
        Settings {
            language: settings.language,
            ..*base
        }
    );
}

fn with_reference(state: &mut AppState, hash: &str) -> ReferenceToken {
    let token = state.studio.references.reserve();
    bring(state, token, hash);
    token
}

fn bring(state: &mut AppState, token: ReferenceToken, hash: &str) {
    let thumbnail = crate::engine::ThumbnailPixels {
        width: 0,
        height: 0,
        pixels: Vec::new(),
    };
    let ready = Event::ReferenceReady {
        token,
        reference: Box::new(reference(hash)),
        thumbnail,
        digest: hash.to_owned(),
    };
    state.apply(ready, NOW_MS);
}

#[test]
fn what_is_sent_is_asked_once_for_each_limit() {
    let mut state = state();
    let token = with_reference(&mut state, "a");
    let asked = |state: &mut AppState| match state.studio.take_unfitted() {
        Some(Command::FitReferences {
            references,
            masked: None,
            limits,
        }) => {
            assert_eq!(references.len(), 1);
            Some(limits)
        }
        None => None,
        other => panic!("{other:?}"),
    };
    let plain = |limits| FitFor {
        limits,
        is_masked: false,
    };
    let limits = asked(&mut state).unwrap();
    assert_eq!(asked(&mut state), None);
    let fit = |state: &AppState| state.studio.references.get(token).unwrap().fit.clone();
    state.apply(
        Event::ReferenceFitted {
            token,
            limits,
            is_masked: false,
            outcome: Ok(None),
        },
        NOW_MS,
    );
    assert_eq!(fit(&state), Fit::AsItIs(plain(limits)));
    assert_eq!(asked(&mut state), None);

    // Another gateway takes less; what is said of the first one comes too late.
    let mut gateway = Preset::IkunRescue1.profile();
    gateway.limits.max_reference_bytes = Some(1_000);
    state.studio.settings.gateways = vec![gateway.clone()];
    state.studio.settings.selected_gateway = gateway.id;
    let tighter = asked(&mut state).unwrap();
    assert_eq!(tighter.max_bytes, 1_000);
    state.apply(
        Event::ReferenceFitted {
            token,
            limits,
            is_masked: false,
            outcome: Ok(None),
        },
        NOW_MS,
    );
    assert_eq!(fit(&state), Fit::Asked(plain(tighter)));
}

#[test]
fn a_part_takes_the_place_of_its_reference_or_leaves_it() {
    let mut state = state();
    let token = with_reference(&mut state, "a");
    with_reference(&mut state, "b");
    act(
        &mut state,
        [Intent::Reference(ReferenceIntent::EditPart(token))],
    );
    let edit = state.edits.crop.clone().unwrap();
    let take = ReferenceIntent::TakePart(token, edit.crop().unwrap(), QuarterTurns::new(1));
    let effects = act(&mut state, [Intent::Reference(take)]);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Send(Command::AddReference {
            source: ReferenceSource::Part { .. },
            ..
        })]
    ));
    assert_eq!(state.edits.crop, None);
    assert!(state.studio.references.is_loading());
    // No room on the disk: the reference is what it was, in its place.
    state.apply(
        Event::ReferenceFailed {
            token,
            name: String::new(),
            failure: Failure::new(FailureKind::TooLarge, "full"),
            problem: ReferenceProblem::Other {
                reason: "full".to_owned(),
            },
        },
        NOW_MS,
    );
    let hashes: Vec<_> = state
        .studio
        .references
        .ready_ones()
        .map(|reference| reference.hash.clone())
        .collect();
    assert_eq!(hashes, ["a", "b"]);
}

#[test]
fn the_result_that_is_looked_at_becomes_a_reference() {
    let mut state = state();
    assert!(act(&mut state, [Intent::Do(Action::UseAsReference)]).is_empty());
    let id = ImageId::from_parts(1, 1);
    act(&mut state, [Intent::Show(Subject::Image(id))]);
    let effects = act(&mut state, [Intent::Do(Action::UseAsReference)]);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Send(Command::AddReference {
            source: ReferenceSource::Image(added),
            ..
        })] if *added == id
    ));
}

#[test]
fn a_framed_picture_that_was_taken_away_leaves_what_it_was_made_from() {
    let mut state = state();
    let from = with_reference(&mut state, "a");
    let size = |side| PixelSize::new(side, side).unwrap();
    let placement = Placement {
        frame: size(16),
        picture: size(8),
        left: 4,
        top: 4,
    };
    let effects = act(
        &mut state,
        [Intent::Mask(MaskIntent::Outpaint(from, placement))],
    );
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Send(Command::Outpaint { token, into, .. }) => Some((*token, *into)),
        _ => None,
    });
    let (mask, into) = asked.unwrap();
    act(&mut state, [Intent::RemoveReference(into)]);
    bring(&mut state, into, "framed");
    let outcome = Ok(Box::new(reference("mask")));
    state.apply(
        Event::MaskStored {
            token: mask,
            outcome,
        },
        NOW_MS,
    );
    let mut left = state.studio.references.ready_ones();
    assert!(left.next().is_some_and(|r| r.hash == "a") && left.next().is_none());
    drop(left);
    assert!(state.studio.masks.current().is_none());
}
