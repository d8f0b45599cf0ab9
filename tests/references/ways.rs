//! Every file of the corpus through every way in: the right picture, or one clear sentence.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command as Program;

use atelier::engine::{Command, Event, ReferenceSource, ReferenceToken, ThumbnailPixels};
use atelier::model::{Reference, ReferenceProblem};

use super::corpus::{Case, Expected, cases};
use super::support::Studio;

type Outcome = Result<(Box<Reference>, ThumbnailPixels, String), ReferenceProblem>;

/// What became of the references with tokens below `count`.
fn outcomes(studio: &Studio, count: usize) -> Vec<Outcome> {
    let mut outcomes = BTreeMap::new();
    while outcomes.len() < count {
        let (token, outcome) = studio.wait(|event| match event {
            Event::ReferenceReady {
                token,
                reference,
                thumbnail,
                digest,
            } => Some((
                *token,
                Ok((reference.clone(), thumbnail.clone(), digest.clone())),
            )),
            Event::ReferenceFailed { token, problem, .. } => Some((*token, Err(problem.clone()))),
            _ => None,
        });
        assert!(outcomes.insert(token, outcome).is_none(), "told twice");
    }
    outcomes.into_values().collect()
}

fn check(case: &Case, outcome: &Outcome, way: &str) {
    let name = case.name;
    match (&case.expected, outcome) {
        (Expected::Problem(expected), Err(problem)) => {
            assert_eq!(problem, expected, "{name} as {way}");
        }
        (Expected::Picture(size, [first, last]), Ok((reference, thumbnail, _))) => {
            assert_eq!(reference.size, *size, "{name} as {way}");
            let seen = |pixel: Option<&u32>| pixel.unwrap().to_ne_bytes();
            for (pixel, expected) in [
                (seen(thumbnail.pixels.first()), first),
                (seen(thumbnail.pixels.last()), last),
            ] {
                let is_near = pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) < 8);
                assert!(is_near && pixel[3] == 255, "{name} as {way}: {pixel:?}");
            }
        }
        (expected, outcome) => panic!("{name} as {way}: {outcome:?}, not {expected:?}"),
    }
}

fn written(studio: &Studio, cases: &[Case]) -> Vec<PathBuf> {
    let folder = studio.path("corpus");
    fs::create_dir(&folder).unwrap();
    let write = |case: &Case| {
        let path = folder.join(case.name);
        fs::write(&path, &case.bytes).unwrap();
        path
    };
    cases.iter().map(write).collect()
}

#[test]
fn every_file_is_right_or_one_sentence_whichever_way_it_comes() {
    let studio = Studio::start();
    let cases = cases();
    let files = written(&studio, &cases);
    let token = |n: usize| ReferenceToken(u64::try_from(n).unwrap());

    for (n, path) in files.iter().enumerate() {
        let (token, source) = (token(n), ReferenceSource::File(path.clone()));
        studio.send(Command::AddReference { token, source });
    }
    let as_files = outcomes(&studio, cases.len());
    for (n, case) in cases.iter().enumerate() {
        let source = ReferenceSource::Bytes {
            name: case.name.to_owned(),
            bytes: case.bytes.clone(),
        };
        let token = token(n);
        studio.send(Command::AddReference { token, source });
    }
    let as_bytes = outcomes(&studio, cases.len());
    studio.send(Command::AddReferenceFiles {
        first: ReferenceToken(0),
        files: files.clone(),
        most: cases.len(),
    });
    let names = studio.wait(|event| match event {
        Event::ReferencesFound { names, .. } => Some(names.clone()),
        _ => None,
    });
    assert!(cases.iter().map(|case| case.name).eq(names));
    let as_drop = outcomes(&studio, cases.len());
    for (n, case) in cases.iter().enumerate() {
        check(case, &as_files[n], "a file");
        check(case, &as_bytes[n], "bytes");
        check(case, &as_drop[n], "one of several files");
        // The original is what it was.
        assert_eq!(fs::read(&files[n]).unwrap(), case.bytes);
        // What was kept comes back by its hash.
        if let Ok((reference, ..)) = &as_files[n] {
            let (hash, name) = (reference.hash.clone(), reference.name.clone());
            let source = ReferenceSource::Stored {
                hash,
                name,
                image: None,
            };
            let token = ReferenceToken(0);
            studio.send(Command::AddReference { token, source });
            check(case, &outcomes(&studio, 1)[0], "one of before");
        }
    }
}

#[test]
fn folders_are_taken_for_what_is_in_them_up_to_the_limit() {
    let studio = Studio::start();
    let cases = cases();
    written(&studio, &cases);
    fs::create_dir(studio.path("nothing")).unwrap();
    let add = |folder: &str, most| {
        studio.send(Command::AddReferenceFiles {
            first: ReferenceToken(0),
            files: vec![studio.path(folder)],
            most,
        });
        studio.wait(|event| match event {
            Event::ReferencesFound {
                names, left_out, ..
            } => Some((names.len(), *left_out)),
            _ => None,
        })
    };
    let in_all = cases
        .iter()
        .filter(|case| !["picture.avif", "picture.heic", "drawing.svg"].contains(&case.name))
        .count();
    assert_eq!(add("corpus", 5), (5, in_all - 5));
    outcomes(&studio, 5);
    assert_eq!(add("nothing", 5), (0, 0));
    let problem = outcomes(&studio, 1).remove(0).unwrap_err();
    assert_eq!(problem, ReferenceProblem::NoPictures);
}

#[test]
fn the_same_pixels_have_the_same_digest_in_every_file() {
    let studio = Studio::start();
    let digest = |name: &str| {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        let source = ReferenceSource::Bytes {
            name: case.name.to_owned(),
            bytes: case.bytes,
        };
        let token = ReferenceToken(0);
        studio.send(Command::AddReference { token, source });
        outcomes(&studio, 1).remove(0).unwrap().2
    };
    let plain = digest("plain.png");
    for same in [
        "plain.webp",
        "plain.bmp",
        "plain.tiff",
        "interlaced.png",
        "palette-8.png",
        "rgb-16.png",
    ] {
        assert_eq!(digest(same), plain, "{same}");
    }
    assert_ne!(digest("turned.png"), plain);
}

#[test]
fn the_command_line_names_the_file_and_says_what_is_wrong() {
    let studio = Studio::start();
    let cases = cases();
    let files = written(&studio, &cases);
    for (case, path) in cases.iter().zip(&files) {
        let Expected::Problem(problem) = &case.expected else {
            continue;
        };
        let output = Program::new(env!("CARGO_BIN_EXE_atelier"))
            .args(["generate", "--json", "--base-url", "http://127.0.0.1:9/v1"])
            .arg("--data-dir")
            .arg(studio.path("cli"))
            .arg("--ref")
            .arg(path)
            .arg("a fox")
            .env("ATELIER_API_KEY", "sk-test")
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{}: {words}", case.name);
        assert!(words.contains(&problem.to_string()), "{words}");
        assert!(words.contains(case.name), "{words}");
        assert!(output.stdout.is_empty());
    }
}
