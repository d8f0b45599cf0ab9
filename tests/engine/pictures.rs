//! What is done with pictures: copies, references, the canvas, the gallery.

use std::collections::HashSet;
use std::fs;

use atelier::demo::{DemoConfig, DemoServer, Pace};
use atelier::engine::{
    Command, Event, GalleryChange, PictureSource, PieceOrigin, ReferenceSource, ReferenceToken,
    ThumbnailSize,
};
use atelier::model::{ApiKind, FailureKind, ImageFormat};

use super::support::{Studio, png, request};
use super::{BOTH, demo, files_below, painted, snapshot};

#[test]
fn copies_are_whole_and_overwrite_nothing() {
    let server = demo();
    let studio = Studio::start();
    let folder = studio.path("out/deep");
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let mut copies = HashSet::new();
    for _ in 0..2 {
        studio.submit_with(request.clone(), Some(folder.clone()));
        let (record, copy) = studio.wait(|event| match event {
            Event::ImageSaved { record, copy } => {
                let copy = copy.clone().unwrap();
                assert_eq!(fs::read(&copy).unwrap(), fs::read(&record.path).unwrap());
                Some((record.clone(), copy))
            }
            _ => None,
        });
        assert_eq!(copy.parent(), Some(folder.as_path()));
        assert_eq!(copy.extension(), record.path.extension());
        assert!(copies.insert(copy));
        studio.story();
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[test]
fn references_and_masks_are_sent_and_remembered() {
    let server = demo();
    let studio = Studio::start();
    let add = |token: u64, source: ReferenceSource| {
        studio.send(Command::AddReference {
            token: ReferenceToken(token),
            source,
        });
        studio.wait(|event| match event {
            Event::ReferenceReady {
                token: ReferenceToken(answered),
                reference,
                ..
            } if *answered == token => Some(Ok(reference.clone())),
            Event::ReferenceFailed { name, failure, .. } => {
                Some(Err(Box::new((name.clone(), failure.clone()))))
            }
            _ => None,
        })
    };
    let file = studio.path("fox.jpg");
    fs::write(&file, png(7)).unwrap();
    let reference = add(1, ReferenceSource::File(file)).unwrap();
    assert_eq!(reference.format, ImageFormat::Png);
    assert_eq!(reference.name, "fox.png");
    assert_eq!(reference.size.to_string(), "64x48");
    assert!(reference.path.starts_with(studio.path("cache")));

    let (name, failure) = *add(2, ReferenceSource::File(studio.path("none.png"))).unwrap_err();
    assert_eq!(
        (name.as_str(), failure.kind),
        ("none.png", FailureKind::InvalidRequest)
    );
    let words = ReferenceSource::Bytes {
        name: "words.txt".to_owned(),
        bytes: b"not a picture".to_vec(),
    };
    let (name, failure) = *add(3, words).unwrap_err();
    assert_eq!(
        (name.as_str(), failure.kind),
        ("words.txt", FailureKind::InvalidRequest)
    );
    assert!(failure.message.contains("words.txt"));

    for api in BOTH {
        let mut request = request(api, server.base_url(), "the same fox at night");
        request.parameters.partials = 0;
        request.references = vec![(*reference).clone()];
        let story = studio.run(request);
        assert_eq!(
            story.words(),
            ["image 0", "done"],
            "{:?}",
            story.end.failure
        );
        let recipe = &story.images()[0].recipe;
        assert_eq!(recipe.references[0].hash, reference.hash);
    }
    let paths: Vec<String> = server.log().into_iter().map(|entry| entry.path).collect();
    assert!(
        paths.iter().any(|path| path == "/v1/images/edits"),
        "{paths:?}"
    );
}

#[test]
fn the_canvas_follows_a_job_and_shows_what_is_filed() {
    let server = DemoServer::start(DemoConfig {
        pace: Pace::Instant,
        bits_per_second: Some(20_000_000),
        ..DemoConfig::default()
    })
    .unwrap();
    let studio = Studio::start();
    studio.submit(request(ApiKind::Images, server.base_url(), "a fox in snow"));
    let job = studio.wait(|event| snapshot(event).map(|snapshot| snapshot.id));
    studio.send(Command::Show {
        serial: 1,
        source: Some(PictureSource::Live(job)),
    });
    let origins = painted(&studio, 1);
    let last: Vec<_> = origins.iter().rev().take(2).collect();
    assert_eq!(
        last,
        [&PieceOrigin::Result, &PieceOrigin::Arriving],
        "{origins:?}"
    );
    let id = studio.wait(|event| match event {
        Event::ImageSaved { record, .. } => Some(record.id),
        _ => None,
    });
    studio.send(Command::Show {
        serial: 2,
        source: Some(PictureSource::Image(id)),
    });
    assert_eq!(
        painted(&studio, 2),
        [PieceOrigin::Result, PieceOrigin::Result]
    );
    studio.send(Command::Show {
        serial: 3,
        source: Some(PictureSource::Live(job)),
    });
    assert_eq!(
        painted(&studio, 3),
        [PieceOrigin::Result, PieceOrigin::Result]
    );
}

#[test]
fn the_gallery_lists_deletes_restores_and_remakes_thumbnails() {
    let server = demo();
    let studio = Studio::start();
    let mut request = request(ApiKind::Images, server.base_url(), "a fox");
    request.parameters.partials = 0;
    let story = studio.run(request);
    let id = story.end.images[0];
    let list = || {
        studio.send(Command::ListGallery);
        studio.wait(|event| match event {
            Event::Gallery(GalleryChange::All(ids)) => Some(ids.to_vec()),
            _ => None,
        })
    };
    assert_eq!(list(), [id]);
    studio.send(Command::LoadRecords(vec![id]));
    let records = studio.wait(|event| match event {
        Event::Records(records) => Some(records.clone()),
        _ => None,
    });
    assert_eq!(records.len(), 1);

    fs::remove_dir_all(studio.path("cache/thumbs")).unwrap();
    let wanted = [ThumbnailSize::Small, ThumbnailSize::Large];
    studio.send(Command::Thumbnails {
        wanted: wanted.map(|size| (id, size)).to_vec(),
    });
    let mut sides = [0; 2].map(|_: u8| {
        studio.wait(|event| match event {
            Event::Thumbnail { pixels, .. } => {
                let pixels = pixels.as_ref().unwrap();
                Some(pixels.width.max(pixels.height))
            }
            _ => None,
        })
    });
    sides.sort_unstable();
    assert_eq!(sides, [256, 512]);
    assert!(!files_below(&studio.path("cache/thumbs")).is_empty());

    studio.send(Command::Delete(vec![id]));
    studio.wait(|event| {
        matches!(event, Event::Gallery(GalleryChange::Removed(ids)) if *ids == [id]).then_some(())
    });
    assert_eq!(list(), []);
    studio.send(Command::Restore(vec![id]));
    studio.wait(|event| {
        matches!(event, Event::Gallery(GalleryChange::Restored(ids)) if *ids == [id]).then_some(())
    });
    assert_eq!(list(), [id]);
    studio.send(Command::DismissJob(story.end.id));
    studio.wait(|event| matches!(event, Event::JobDismissed(_)).then_some(()));
}
