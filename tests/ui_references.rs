//! The references in the window: by name and by keyboard, what is said of them, and how many of them look.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; clippy knows the functions marked as tests, not those that they call"
)]

mod support {
    #![expect(dead_code, reason = "shared with other tests, which use more of it")]
    pub(crate) mod ui;
}

use atelier::engine::{
    Command, Event, PictureSource, PieceOrigin, ReferenceSource, ReferenceToken,
};
use atelier::media::QuarterTurns;
use atelier::model::{
    FitCause, ImageFormat, Language, PixelSize, Reference, ReferenceProblem, ThemeChoice, UploadFit,
};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use support::ui::{Look, Window, pixels, press, ready, shortcut, write};

const SMALL: Look = Look {
    size: [1024.0, 700.0],
    theme: ThemeChoice::Dark,
    language: Language::English,
};

fn size(width: u32, height: u32) -> PixelSize {
    PixelSize::new(width, height).unwrap()
}

fn reference(n: u64) -> Reference {
    Reference {
        hash: format!("{n:064x}"),
        path: format!("/cache/{n}.jpg").into(),
        name: format!("IMG_{n:04}.jpg"),
        format: ImageFormat::Jpeg,
        size: size(4032, 3024),
        bytes: 7_800_000,
        image: None,
    }
}

fn add(window: &mut Window, n: u64) {
    window.tell(Event::ReferenceReady {
        token: ReferenceToken(1000 + n),
        reference: Box::new(reference(n)),
        thumbnail: pixels(128, 96, u32::try_from(n * 40).unwrap()),
        digest: format!("pixels {n}"),
    });
}

fn fail(window: &mut Window, n: u64, name: &str, problem: ReferenceProblem) {
    window.tell(Event::ReferenceFailed {
        token: ReferenceToken(1000 + n),
        name: name.to_owned(),
        failure: atelier::model::Failure::new(
            atelier::model::FailureKind::InvalidRequest,
            problem.to_string(),
        ),
        problem,
    });
}

/// Answers what is sent in place of each: a smaller copy.
fn give_fits(window: &mut Window) {
    for command in window.commands() {
        let Command::FitReferences {
            references, limits, ..
        } = command
        else {
            continue;
        };
        for (token, reference) in references {
            let fit = UploadFit {
                from_bytes: reference.bytes,
                to_bytes: 4_600_000,
                from: reference.size,
                to: size(3072, 2304),
                format: ImageFormat::Jpeg,
                causes: vec![FitCause::Bytes, FitCause::Turned],
            };
            window.tell(Event::ReferenceFitted {
                token,
                limits,
                is_masked: false,
                outcome: Ok(Some(fit)),
            });
        }
    }
}

fn names(window: &Window) -> Vec<String> {
    let slots = window.harness.state().state().studio.references.slots();
    slots.iter().map(|slot| slot.name.clone()).collect()
}

#[test]
fn references_move_and_go_by_the_keyboard() {
    let mut window = ready(SMALL);
    for n in 1..=3 {
        add(&mut window, n);
    }
    window.harness.get_by_label("Image 1: IMG_0001.jpg").focus();
    window.harness.run();
    shortcut(&mut window, Modifiers::ALT, Key::ArrowRight);
    assert_eq!(
        names(&window),
        ["IMG_0002.jpg", "IMG_0001.jpg", "IMG_0003.jpg"]
    );
    // The keyboard stays with it.
    shortcut(&mut window, Modifiers::ALT, Key::ArrowRight);
    shortcut(&mut window, Modifiers::ALT, Key::ArrowRight);
    assert_eq!(
        names(&window),
        ["IMG_0002.jpg", "IMG_0003.jpg", "IMG_0001.jpg"]
    );
    shortcut(&mut window, Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(
        names(&window),
        ["IMG_0002.jpg", "IMG_0001.jpg", "IMG_0003.jpg"]
    );
    shortcut(&mut window, Modifiers::NONE, Key::Delete);
    assert_eq!(names(&window), ["IMG_0002.jpg", "IMG_0003.jpg"]);
}

/// Whether the window has asked for a reference on the canvas, or for nothing there.
fn asked(window: &mut Window) -> Vec<Option<String>> {
    let shows = window.commands().into_iter().filter_map(|command| {
        let Command::Show { source, .. } = command else {
            return None;
        };
        Some(source.map(|source| match source {
            PictureSource::Reference(hash) => hash.to_string(),
            other => format!("{other:?}"),
        }))
    });
    shows.collect()
}

#[test]
fn a_reference_is_looked_at_on_the_canvas() {
    let mut window = ready(SMALL);
    add(&mut window, 1);
    window.harness.get_by_label("Image 1: IMG_0001.jpg").focus();
    window.harness.run();
    window.commands();
    // With the keyboard alone: its card, then the button there.
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    window.harness.get_by_label("Show on the canvas").focus();
    window.harness.run();
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(asked(&mut window), [Some(reference(1).hash)]);
    window.show_picture(PieceOrigin::Result, (403, 302));
    for zoom in ["Zoom in", "Zoom out", "Back from the reference"] {
        assert!(window.harness.query_by_label(zoom).is_some(), "{zoom}");
    }
    press(&mut window, "Zoom in");
    // Escape goes back to what was there: nothing.
    window.harness.get_by_label("Zoom in").focus();
    window.harness.run();
    for _ in 0..2 {
        shortcut(&mut window, Modifiers::NONE, Key::Escape);
    }
    assert_eq!(asked(&mut window), [None]);
    assert!(
        window
            .harness
            .query_by_label("Back from the reference")
            .is_none()
    );

    // What is taken away is not looked at any more.
    press(&mut window, "Show on the canvas");
    assert_eq!(asked(&mut window), [Some(reference(1).hash)]);
    press(&mut window, "Remove image 1");
    assert_eq!(asked(&mut window), [None]);
}

#[test]
fn a_reference_is_dragged_to_another_place() {
    let mut window = ready(SMALL);
    for n in 1..=3 {
        add(&mut window, n);
    }
    let at = |window: &Window, label: &str| window.harness.get_by_label(label).rect().center();
    let from = at(&window, "Image 1: IMG_0001.jpg");
    let to = at(&window, "Image 3: IMG_0003.jpg");
    window.harness.drag_at(from);
    window.harness.run();
    window.harness.hover_at(from + egui::vec2(12.0, 0.0));
    window.harness.run();
    window.harness.hover_at(to);
    window.harness.run();
    window.harness.drop_at(to);
    window.harness.run();
    assert_eq!(
        names(&window),
        ["IMG_0002.jpg", "IMG_0003.jpg", "IMG_0001.jpg"]
    );
}

#[test]
fn what_is_sent_and_what_can_t_be_used_is_said_in_one_sentence_each() {
    let mut window = ready(SMALL);
    add(&mut window, 1);
    give_fits(&mut window);
    let fit = "Image 1 is sent as a copy: 7.8 → 4.6 MB, 4032 → 3072 px, turned upright";
    assert!(window.harness.query_by_label(fit).is_some());
    let avif = ReferenceProblem::Format {
        format: "AVIF".to_owned(),
    };
    for (n, name, problem, words) in [
        (
            2,
            "a.avif",
            avif,
            "a.avif is AVIF, which can't be read: save it as PNG or JPEG.",
        ),
        (
            3,
            "b.png",
            ReferenceProblem::Empty,
            "b.png is empty: there is nothing in the file.",
        ),
        (
            4,
            "c.png",
            ReferenceProblem::Cut,
            "c.png is incomplete: the file ends before the picture does.",
        ),
        (
            5,
            "d.png",
            ReferenceProblem::TooManyPixels {
                size: size(20_000, 20_000),
            },
            "d.png has 20000 × 20000 pixels, which is too large for a reference.",
        ),
        (
            6,
            "e",
            ReferenceProblem::NoPictures,
            "There are no pictures in the folder e.",
        ),
    ] {
        fail(&mut window, n, name, problem);
        assert!(window.harness.query_by_label(words).is_some(), "{words}");
    }
    // The same pixels in another file.
    window.tell(Event::ReferenceReady {
        token: ReferenceToken(2000),
        reference: Box::new(Reference {
            name: "again.png".to_owned(),
            ..reference(99)
        }),
        thumbnail: pixels(8, 8, 0),
        digest: "pixels 1".to_owned(),
    });
    let twin = "again.png is the same picture as image 1, so it was not added.";
    assert!(window.harness.query_by_label(twin).is_some());
}

#[test]
fn a_part_is_chosen_by_numbers_and_turned() {
    let mut window = ready(Look {
        size: [1280.0, 1000.0],
        ..SMALL
    });
    add(&mut window, 1);
    window.harness.get_by_label("Image 1: IMG_0001.jpg").focus();
    window.harness.run();
    shortcut(&mut window, Modifiers::NONE, Key::Enter);
    window.commands();
    write(&mut window, Role::TextInput, "From left", "１００");
    write(&mut window, Role::TextInput, "From top", "4000");
    let outside = "The part must lie inside the picture of 4032 × 3024.";
    assert!(window.harness.query_by_label(outside).is_some());
    write(&mut window, Role::TextInput, "From top", "0");
    let fields: Vec<_> = window
        .harness
        .query_all_by_role_and_label(Role::TextInput, "Width")
        .collect();
    assert!(!fields.is_empty());
    drop(fields);
    write(&mut window, Role::TextInput, "From left", "0");
    press(&mut window, "Turn to the right");
    press(&mut window, "Use this part");
    let part = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::AddReference {
                source: ReferenceSource::Part { crop, turns, .. },
                ..
            } => Some((crop.x, crop.size, turns)),
            _ => None,
        });
    assert_eq!(part, Some((0, size(4032, 3024), QuarterTurns::new(1))));
}

#[test]
fn e_makes_a_reference_of_the_result() {
    let mut window = ready(SMALL);
    let record = support::ui::record(1, support::ui::job_id(0), "a fox");
    let id = record.id;
    window.tell(Event::Records(vec![record]));
    window.tell(Event::Gallery(atelier::engine::GalleryChange::Added(id)));
    shortcut(&mut window, Modifiers::COMMAND, Key::Num2);
    window.harness.run();
    let cells = window.harness.query_all_by_label_contains("a fox").count();
    assert!(cells > 0);
    window
        .harness
        .query_all_by_label_contains("a fox")
        .next()
        .unwrap()
        .click();
    window.harness.run();
    window.commands();
    shortcut(&mut window, Modifiers::NONE, Key::E);
    let added = window.commands().into_iter().any(|command| {
        matches!(command, Command::AddReference { source: ReferenceSource::Image(i), .. } if i == id)
    });
    assert!(added);
}

#[test]
fn appearance_of_sixteen_references_in_a_small_window() {
    let mut window = ready(SMALL);
    for n in 1..=16 {
        add(&mut window, n);
    }
    give_fits(&mut window);
    assert!(window.harness.query_by_label("16 / 16").is_some());
    window.harness.snapshot("references_full_dark_en");
}

#[test]
fn appearance_of_what_is_sent_and_what_can_not_be() {
    let mut window = ready(Look {
        theme: ThemeChoice::Light,
        language: Language::Chinese,
        ..SMALL
    });
    for n in 1..=3 {
        add(&mut window, n);
    }
    give_fits(&mut window);
    fail(
        &mut window,
        4,
        "图片.avif",
        ReferenceProblem::Format {
            format: "AVIF".to_owned(),
        },
    );
    window.harness.snapshot("references_some_light_zh");
}
