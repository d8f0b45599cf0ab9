//! What was done otherwise than asked belongs to the job: a later start tells it as the run did that saw it.

use std::fs;
use std::path::Path;

use atelier::engine::{Event, JobSnapshot, Limits};
use atelier::model::{JobNote, JobState, Moderation};

use super::server::{Request, Server};
use super::support::Studio;
use super::way::dead;
use super::{picture, refusal, request, serve};

const REFUSED: &str = r#"{"error":{"message":"Unknown parameter: 'moderation'.","type":"invalid_request_error","param":"moderation","code":"unknown_parameter"}}"#;
const INVALID_PROMPT: &str =
    r#"{"error":{"message":"No.","type":"invalid_request_error","code":"invalid_prompt"}}"#;

fn dropped() -> JobNote {
    JobNote::ParameterDropped {
        name: "moderation".to_owned(),
    }
}

/// What the next start tells of the job.
fn told_again(studio: &Studio, job: &JobSnapshot) -> JobSnapshot {
    studio.wait(|event| match event {
        Event::JobChanged(snapshot) if snapshot.id == job.id && snapshot.state.is_final() => {
            Some((**snapshot).clone())
        }
        _ => None,
    })
}

/// Copies a folder as it is at this moment, which is what a killed program leaves.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_notes_of_a_finished_job_are_told_after_a_restart_without_secrets() {
    let gateway = serve(|_| picture());
    let dead = dead();
    let mut request = request(&format!("http://me:hidden@{dead}?token=hidden"));
    request.gateway.base_urls.push(format!(
        "http://me:hidden@{}/v1?token=hidden",
        gateway.host()
    ));
    let studio = Studio::start();
    let end = studio.run(request).end;
    let switched = JobNote::AddressSwitched {
        from: dead,
        to: gateway.host(),
    };
    assert_eq!(end.notes, [switched]);
    assert_eq!(end.host, Some(gateway.host()));

    let studio = Studio::start_in(studio.stop(), Limits::default());
    let again = told_again(&studio, &end);
    assert_eq!(again.state, JobState::Done);
    assert_eq!(again.notes, end.notes);
}

#[test]
fn the_notes_of_a_failed_job_are_told_after_a_restart() {
    let server = serve(|number| match number {
        0 => refusal("400 Bad Request", &[], REFUSED),
        _ => refusal("400 Bad Request", &[], INVALID_PROMPT),
    });
    let studio = Studio::start();
    let mut request = request(&server.base_url());
    request.parameters.moderation = Moderation::Low;
    request.gateway.max_retries = 1;
    let end = studio.run(request).end;
    assert_eq!(end.state, JobState::Failed);
    assert_eq!(end.notes, [dropped()]);

    // Twice: what is stored again must not lose them either.
    let mut dir = studio.stop();
    for _ in 0..2 {
        let studio = Studio::start_in(dir, Limits::default());
        let again = told_again(&studio, &end);
        assert_eq!((again.state, again.notes), (end.state, end.notes.clone()));
        dir = studio.stop();
    }
}

#[test]
fn the_notes_of_a_job_that_was_cut_are_told_after_a_restart() {
    let server = Server::start(|request: &Request, connection| {
        if request.number == 0 {
            connection.send(&refusal("400 Bad Request", &[], REFUSED));
        } else {
            connection.hold();
        }
    });
    let dead = dead();
    let studio = Studio::start();
    let mut request = request(&format!("http://{dead}/v1"));
    request.gateway.base_urls.push(server.base_url());
    request.parameters.moderation = Moderation::Low;
    request.gateway.max_retries = 1;
    studio.submit(request);
    let running = studio.wait(|event| match event {
        Event::JobChanged(snapshot) if snapshot.notes.len() == 2 => Some((**snapshot).clone()),
        _ => None,
    });
    let switched = JobNote::AddressSwitched {
        from: dead,
        to: server.host(),
    };
    assert_eq!(running.notes, [switched, dropped()]);

    let killed = tempfile::tempdir().unwrap();
    copy(&studio.path(""), killed.path());
    let studio = Studio::start_in(killed, Limits::default());
    let again = told_again(&studio, &running);
    assert_eq!(again.state, JobState::Interrupted);
    assert_eq!(again.notes, running.notes);
}
