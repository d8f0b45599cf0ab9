//! What the next start finds, and what a second program leaves alone.

use std::fs;

use atelier::engine::{Command, Event, GalleryChange, Limits, Notice, PictureSource};
use atelier::model::{ApiKind, Charge, JobState, Stage};

use super::support::{Script, Studio, Then, base64, png, request};
use super::{demo, files_below, journals, painted, posts, snapshot, wait_for_stage};

/// A result that has arrived to its last byte, in a stream that does not end.
fn whole_but_unfinished(picture: &[u8]) -> Script {
    let event = format!(
        "event: response.output_item.done\ndata: {{\"type\":\"response.output_item.done\",\"item\":{{\"id\":\"ig_1\",\
         \"type\":\"image_generation_call\",\"revised_prompt\":\"a red fox\",\"result\":\"{}\"}}}}\n\n",
        base64(picture)
    );
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    Script::play(vec![(format!("{head}{event}").into_bytes(), Then::Hold)])
}

#[test]
fn what_a_killed_run_left_is_filed_once_and_nothing_is_sent_again() {
    let picture = png(3);
    let script = whole_but_unfinished(&picture);
    let studio = Studio::start();
    let mut request = request(ApiKind::Responses, &script.base_url(), "a fox");
    request.parameters.size = "64x48".parse().unwrap();
    studio.submit(request);
    let job = studio.wait(|event| snapshot(event).map(|snapshot| snapshot.id));
    studio.send(Command::Show {
        serial: 1,
        source: Some(PictureSource::Live(job)),
    });
    // Decoded to its last row, so every byte of it is on the disk; the job waits for the end of the stream.
    painted(&studio, 1);
    let dir = studio.stop();

    let studio = Studio::start_in(dir, Limits::default());
    let restored = studio.wait(|event| snapshot(event).cloned());
    assert_eq!((restored.id, restored.state), (job, JobState::Done));
    assert_eq!(restored.images.len(), 1);
    let recovered = studio.wait(|event| match event {
        Event::Notice(Notice::Recovered { images }) => Some(*images),
        _ => None,
    });
    assert_eq!(recovered, 1);
    studio.send(Command::LoadRecords(restored.images.clone()));
    let records = studio.wait(|event| match event {
        Event::Records(records) => Some(records.clone()),
        _ => None,
    });
    assert_eq!(
        records[0].recipe.revised_prompt.as_deref(),
        Some("a red fox")
    );
    assert!(records[0].path.exists());
    assert_eq!(journals(&studio), 0);
    let dir = studio.stop();

    let studio = Studio::start_in(dir, Limits::default());
    let again = studio.wait(|event| snapshot(event).cloned());
    assert_eq!(again, restored);
    assert_eq!(files_below(&studio.path("library")).len(), 1);
    assert_eq!(script.requests().len(), 1);
}

#[test]
fn a_job_that_was_cut_by_the_end_of_the_program_keeps_its_previews() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:silence-in-stream] a fox";
    studio.submit(request(ApiKind::Responses, server.base_url(), prompt));
    let job = wait_for_stage(&studio, |stage| {
        matches!(stage, Stage::Accepted | Stage::Preview(_))
    });
    let dir = studio.stop();
    let studio = Studio::start_in(dir, Limits::default());
    let cut = studio.wait(|event| snapshot(event).cloned());
    assert_eq!((cut.id, cut.state), (job, JobState::Interrupted));
    assert!(cut.previews.iter().all(|preview| preview.path.exists()));
    assert_eq!(cut.failure.unwrap().charge, Charge::Unknown);
    assert_eq!(journals(&studio), 0);
    assert_eq!(posts(&server), 1);
}

#[test]
fn a_result_that_can_not_be_filed_waits_in_the_journal_for_the_next_start() {
    let server = demo();
    let dir = tempfile::tempdir().unwrap();
    // A file where the folder of the results should be.
    let library = dir.path().join("library");
    fs::write(&library, "in the way").unwrap();
    let studio = Studio::start_in(dir, Limits::default());
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let story = studio.run(request);
    assert_eq!(story.words(), ["failed protocol", "failed"]);
    assert_eq!(story.end.failure.unwrap().charge, Charge::Yes);
    assert_eq!(journals(&studio), 1);
    let dir = studio.stop();

    fs::remove_file(&library).unwrap();
    let studio = Studio::start_in(dir, Limits::default());
    let recovered = studio.wait(|event| match event {
        Event::Notice(Notice::Recovered { images }) => Some(*images),
        _ => None,
    });
    assert_eq!(recovered, 1);
    assert_eq!(files_below(&library).len(), 1);
    assert_eq!(journals(&studio), 0);
    assert_eq!(posts(&server), 1);
}

#[test]
fn a_second_program_leaves_the_jobs_of_the_first_alone() {
    let server = demo();
    let studio = Studio::start();
    let prompt = "[fault:silence-in-stream] a fox";
    studio.submit(request(ApiKind::Responses, server.base_url(), prompt));
    let job = wait_for_stage(&studio, |stage| {
        matches!(stage, Stage::Accepted | Stage::Preview(_))
    });
    let other = Studio::beside(&studio);
    let mut quick = request(ApiKind::Responses, server.base_url(), "a hare");
    quick.parameters.partials = 0;
    assert_eq!(other.run(quick).words(), ["image 0", "done"]);
    assert_eq!(journals(&studio), 1);
    drop(other);
    studio.send(Command::Cancel(job));
    assert_eq!(studio.story().end.state, JobState::Canceled);
}

#[test]
fn an_index_that_is_gone_is_made_from_the_files() {
    let server = demo();
    let studio = Studio::start();
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let story = studio.run(request);
    let dir = studio.stop();
    for suffix in ["", "-wal", "-shm"] {
        let file = dir.path().join(format!("library.sqlite{suffix}"));
        if file.exists() {
            fs::remove_file(file).unwrap();
        }
    }
    let studio = Studio::start_in(dir, Limits::default());
    let ids = studio.wait(|event| match event {
        Event::Gallery(GalleryChange::All(ids)) => Some(ids.to_vec()),
        _ => None,
    });
    assert_eq!(ids, story.end.images);
}
