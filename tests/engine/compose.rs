//! What is composed: draft, shelf, tables, earlier prompts, and jobs that are sent together.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use atelier::engine::{
    Command, ComposeCommand, ComposeEvent, ComposeProblem, Event, GroupMember, GroupSubmission,
    JobSnapshot, Limits,
};
use atelier::model::compose::{
    Draft, GroupId, GroupKind, OwnTemplate, SheetError, Shelf, TemplateTable,
};
use atelier::model::{ApiKind, FailureKind, JobId, JobState, Preset, Prompt, Quality};

use super::support::{Studio, png, request};
use super::{demo, journals, posts};

fn compose(studio: &Studio, command: ComposeCommand) {
    studio.send(Command::Compose(command));
}

fn answered<T>(studio: &Studio, mut wanted: impl FnMut(&ComposeEvent) -> Option<T>) -> T {
    studio.wait(|event| match event {
        Event::Compose(event) => wanted(event),
        _ => None,
    })
}

fn loaded(studio: &Studio) -> (Option<Draft>, Shelf, TemplateTable) {
    compose(studio, ComposeCommand::Load);
    answered(studio, |event| match event {
        ComposeEvent::Loaded {
            draft,
            shelf,
            templates,
        } => Some((
            draft.clone().map(|draft| *draft),
            (**shelf).clone(),
            (**templates).clone(),
        )),
        _ => None,
    })
}

fn picked(path: PathBuf) -> atelier::engine::PickedFiles {
    Box::pin(async { vec![path] })
}

fn member(place: u32, prompt: &str) -> GroupMember {
    GroupMember {
        place,
        name: Some(format!("{}-row", place + 1)),
        prompt: Some(Prompt::new(prompt).unwrap()),
        ..GroupMember::default()
    }
}

fn batch(base_url: &str, prompts: &[&str]) -> GroupSubmission {
    let mut base = request(ApiKind::Images, base_url, "common");
    base.parameters.partials = 0;
    // It takes any key, and nobody has to keep one.
    base.gateway.preset = Preset::Demo;
    GroupSubmission {
        token: 7,
        group: None,
        kind: GroupKind::Batch,
        total: u32::try_from(prompts.len()).unwrap(),
        base,
        members: (0..)
            .zip(prompts)
            .map(|(place, prompt)| member(place, prompt))
            .collect(),
    }
}

fn started(studio: &Studio) -> (GroupId, Vec<(u32, JobId)>) {
    answered(studio, |event| match event {
        ComposeEvent::GroupStarted { token, group, jobs } => {
            assert_eq!(*token, 7);
            Some((*group, jobs.clone()))
        }
        _ => None,
    })
}

/// The ends of so many jobs, in the order in which they came.
fn ends(studio: &Studio, count: usize) -> Vec<JobSnapshot> {
    let mut ends = Vec::new();
    studio.wait(|event| {
        if let Event::JobEnded(snapshot) = event {
            ends.push((**snapshot).clone());
        }
        (ends.len() == count).then_some(())
    });
    ends
}

fn place(snapshot: &JobSnapshot) -> u32 {
    snapshot.request.group.as_ref().unwrap().place
}

#[test]
fn draft_and_shelf_outlive_the_program_and_a_broken_draft_is_put_aside() {
    let studio = Studio::start();
    let (draft, shelf, templates) = loaded(&studio);
    assert_eq!((draft, shelf), (None, Shelf::default()));
    assert!(templates.templates.len() >= 60);
    let draft = Draft {
        text: "雪中的 {红|白} 狐".to_owned(),
        values: BTreeMap::from([("光".to_owned(), "清晨".to_owned())]),
        ..Draft::default()
    };
    let own = |id: &str| Shelf {
        favourites: vec![id.to_owned()],
        own: vec![OwnTemplate {
            id: id.to_owned(),
            title: id.to_owned(),
            text: "{{x}}".to_owned(),
            ..OwnTemplate::default()
        }],
    };
    // Just before the program ends: both are stored all the same.
    compose(&studio, ComposeCommand::SaveDraft(Box::new(draft.clone())));
    let shelf = Box::new(own("a"));
    let base = Box::default();
    compose(&studio, ComposeCommand::SaveShelf { shelf, base });
    let studio = Studio::start_in(studio.stop(), Limits::default());
    let (found, shelf, _) = loaded(&studio);
    assert_eq!((found, shelf), (Some(draft), own("a")));

    // Another program began before there was anything on the shelf.
    let shelf = Box::new(own("b"));
    let base = Box::default();
    compose(&studio, ComposeCommand::SaveShelf { shelf, base });
    let merged = answered(&studio, |event| match event {
        ComposeEvent::Shelf { merged, .. } => Some((**merged).clone()),
        _ => None,
    });
    let ids: Vec<&str> = merged.own.iter().map(|own| own.id.as_str()).collect();
    assert_eq!(ids, ["b", "a"]);

    fs::write(studio.path("draft.json"), "{ cut").unwrap();
    compose(&studio, ComposeCommand::Load);
    let kept_as = answered(&studio, |event| match event {
        ComposeEvent::Problem(ComposeProblem::DraftUnreadable(path)) => Some(path.clone()),
        _ => None,
    });
    assert_eq!(fs::read_to_string(kept_as).unwrap(), "{ cut");
}

#[test]
fn a_batch_goes_in_order_and_its_failed_rows_go_again_alone() {
    let server = demo();
    let studio = Studio::start();
    let prompts = [
        "row one",
        "[fault:500-then-ok] row two",
        "row three",
        "row four",
    ];
    let mut submission = batch(server.base_url(), &prompts);
    submission.base.gateway.max_parallel = 1;
    let retry = submission.base.clone();
    compose(&studio, ComposeCommand::Send(Box::new(submission)));
    let (group, jobs) = started(&studio);
    assert_eq!(group, GroupId(jobs[0].1));
    assert!(jobs.is_sorted_by_key(|(_, job)| *job), "{jobs:?}");
    let ended = ends(&studio, 4);
    let told: Vec<_> = ended.iter().map(|end| (place(end), end.state)).collect();
    let (done, failed) = (JobState::Done, JobState::Failed);
    assert_eq!(told, [(0, done), (1, failed), (2, done), (3, done)]);
    assert_eq!(posts(&server), 4);

    let again = GroupSubmission {
        token: 7,
        group: Some(group),
        kind: GroupKind::Batch,
        total: 4,
        base: retry,
        members: vec![member(1, prompts[1])],
    };
    compose(&studio, ComposeCommand::Send(Box::new(again)));
    let (same, _) = started(&studio);
    assert_eq!(same, group);
    let record = studio.wait(|event| match event {
        Event::ImageSaved { record, .. } => Some((**record).clone()),
        _ => None,
    });
    assert_eq!(posts(&server), 5);
    let of = record.recipe.group.unwrap();
    assert_eq!((of.id, of.place, of.total), (group, 1, 4));
    let file = record
        .path
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    assert!(file.contains("_2-row_"), "{file}");

    // The next program knows the group, and the prompts.
    ends(&studio, 1);
    let studio = Studio::start_in(studio.stop(), Limits::default());
    compose(&studio, ComposeCommand::LoadPastPrompts);
    let past = answered(&studio, |event| match event {
        ComposeEvent::PastPrompts(prompts) => Some(prompts.clone()),
        _ => None,
    });
    let texts: Vec<&str> = past.iter().map(|prompt| &*prompt.text).collect();
    assert_eq!(texts[0], prompts[1], "used last");
    assert_eq!(texts.len(), 4);
    compose(&studio, ComposeCommand::LoadGroup(group));
    let mut found = BTreeMap::new();
    studio.wait(|event| {
        if let Event::JobEnded(snapshot) = event {
            found.insert(snapshot.id, place(snapshot));
        }
        (found.len() == 5).then_some(())
    });
}

#[test]
fn a_group_is_canceled_as_a_whole_and_the_rows_in_the_lane_were_never_sent() {
    let server = demo();
    let studio = Studio::start();
    let prompts: Vec<String> = (0..40)
        .map(|row| format!("[fault:silence] row {row}"))
        .collect();
    let prompts: Vec<&str> = prompts.iter().map(String::as_str).collect();
    let mut submission = batch(server.base_url(), &prompts);
    submission.base.gateway.max_parallel = 2;
    compose(&studio, ComposeCommand::Send(Box::new(submission)));
    let (group, jobs) = started(&studio);
    assert_eq!(jobs.len(), 40);
    studio.wait(|event| match event {
        Event::JobChanged(snapshot) => (snapshot.state == JobState::Running).then_some(()),
        _ => None,
    });
    assert!(journals(&studio) <= 2, "{}", journals(&studio));
    compose(&studio, ComposeCommand::CancelGroup(group));
    let ended = ends(&studio, 40);
    assert!(ended.iter().all(|end| end.state == JobState::Canceled));
    assert!(posts(&server) <= 2);
}

#[test]
fn one_prompt_goes_to_several_targets_at_once() {
    let (one, two) = (demo(), demo());
    let studio = Studio::start();
    let mut submission = batch(one.base_url(), &["a fox", "a fox"]);
    submission.kind = GroupKind::FanOut;
    let mut other = submission.base.gateway.clone();
    other.id = atelier::model::GatewayId("two".to_owned());
    other.base_urls = vec![two.base_url().to_owned()];
    submission.members[0].quality = Some(Quality::Low);
    submission.members[1].gateway = Some(Box::new(other));
    submission.members[1].quality = Some(Quality::High);
    compose(&studio, ComposeCommand::Send(Box::new(submission)));
    let mut ended = ends(&studio, 2);
    ended.sort_by_key(place);
    let told: Vec<_> = ended
        .iter()
        .map(|end| (end.state, end.request.parameters.quality))
        .collect();
    assert_eq!(
        told,
        [
            (JobState::Done, Quality::Low),
            (JobState::Done, Quality::High)
        ]
    );
    assert_eq!((posts(&one), posts(&two)), (1, 1));
}

#[test]
fn a_folder_of_references_gives_each_row_its_own() {
    let server = demo();
    let studio = Studio::start();
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.png", "b.png"] {
        fs::write(folder.path().join(name), png(name.as_bytes()[0])).unwrap();
    }
    fs::write(folder.path().join("c.png"), "no picture").unwrap();
    fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
    compose(
        &studio,
        ComposeCommand::ReadFolder(picked(folder.path().to_owned())),
    );
    let read = answered(&studio, |event| match event {
        ComposeEvent::Folder(folder) => Some(folder.clone()),
        _ => None,
    });
    assert_eq!(read.files.len(), 3);
    let mut submission = batch(server.base_url(), &["ink", "ink", "ink"]);
    for (member, file) in submission.members.iter_mut().zip(&read.files) {
        member.reference = Some(file.clone());
    }
    compose(&studio, ComposeCommand::Send(Box::new(submission)));
    let mut ended = ends(&studio, 3);
    ended.sort_by_key(place);
    let told: Vec<_> = ended
        .iter()
        .map(|end| {
            (
                end.state,
                end.request.references.first().map(|r| r.name.as_str()),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (JobState::Done, Some("a.png")),
            (JobState::Done, Some("b.png")),
            (JobState::Failed, None)
        ]
    );
    assert_ne!(
        ended[2].failure.as_ref().unwrap().kind,
        FailureKind::Protocol
    );
    assert_eq!(posts(&server), 2);
}

#[test]
fn tables_and_templates_come_from_files_and_say_what_is_wrong_with_them() {
    let studio = Studio::start();
    let write = |name: &str, content: &[u8]| {
        fs::write(studio.path(name), content).unwrap();
        picked(studio.path(name))
    };
    let good = write("c.csv", "city,光\nParis,dawn\n".as_bytes());
    compose(&studio, ComposeCommand::ReadSheet(good));
    let named = answered(&studio, |event| match event {
        ComposeEvent::Sheet(sheet) => Some(sheet.clone()),
        _ => None,
    });
    assert_eq!(named.sheet.columns, ["city", "光"]);
    // As Chinese spreadsheet programs write it.
    let gbk = write("gbk.csv", b"\xb3\xc7\nParis\n");
    compose(&studio, ComposeCommand::ReadSheet(gbk));
    let named = answered(&studio, |event| match event {
        ComposeEvent::Sheet(sheet) => Some(sheet.clone()),
        _ => None,
    });
    assert_eq!(named.sheet.columns, ["城"]);
    let noise = write("noise.csv", b"\xff\n\xff");
    compose(&studio, ComposeCommand::ReadSheet(noise));
    let problem = answered(&studio, |event| match event {
        ComposeEvent::Problem(problem) => Some(problem.clone()),
        _ => None,
    });
    assert_eq!(problem, ComposeProblem::Sheet(SheetError::Encoding));

    let text = write("t.txt", "# A\na {{x}}\n---\nb".as_bytes());
    compose(&studio, ComposeCommand::ImportTemplates(text));
    let templates = answered(&studio, |event| match event {
        ComposeEvent::TemplatesRead(read) => Some(read.templates.clone()),
        _ => None,
    });
    assert_eq!(templates.len(), 2);
    let to = picked(studio.path("out.json"));
    let templates_again = templates.clone();
    compose(&studio, ComposeCommand::ExportTemplates { to, templates });
    answered(&studio, |event| {
        matches!(event, ComposeEvent::TemplatesWritten { count: 2, .. }).then_some(())
    });
    let back = picked(studio.path("out.json"));
    compose(&studio, ComposeCommand::ImportTemplates(back));
    let back = answered(&studio, |event| match event {
        ComposeEvent::TemplatesRead(read) => Some(read.templates.clone()),
        _ => None,
    });
    assert_eq!(back, templates_again);
}
