//! Masks in the window: painted by pointer and by keyboard alone, found by name, sent with the job, told of a result.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; clippy knows the functions marked as tests, not those that they call"
)]

mod support {
    #[expect(dead_code, reason = "shared with other tests, which use more of it")]
    pub(crate) mod ui;
}

use std::sync::Arc;

use atelier::engine::{
    Command, Event, GalleryChange, MaskProblem, MaskToken, PictureSource, PieceOrigin,
    ReferenceToken,
};
use atelier::media::{LoadedMask, Mask, MaskChange, MaskMode, MaskShape};
use atelier::model::{
    Drift, Failure, FailureKind, ImageFormat, Language, PixelSize, Protected, RecipeReference,
    Reference, ThemeChoice,
};
use atelier::ui::state::{MaskEdit, MaskState};
use egui::accesskit::Role;
use egui::{Event as Input, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use support::ui::{
    Look, Window, choose, image_id, job_id, pixels, press, ready, record, shortcut, write,
};

const FOX: &str = "a red fox";

fn small() -> Look {
    Look {
        size: [1024.0, 700.0],
        ..Look::default()
    }
}

fn size() -> PixelSize {
    PixelSize::new(384, 256).unwrap()
}

fn reference() -> Reference {
    Reference {
        hash: "ab".repeat(32),
        path: "/cache/room.png".into(),
        name: "room.png".to_owned(),
        format: ImageFormat::Png,
        size: size(),
        bytes: 1234,
        image: None,
    }
}

fn mask_file() -> Reference {
    Reference {
        hash: "cd".repeat(32),
        name: "mask.png".to_owned(),
        ..reference()
    }
}

/// A window with one reference.
fn with_reference(look: Look) -> Window {
    let mut window = ready(look);
    window.tell(Event::ReferenceReady {
        // Far from those that the window counts itself.
        token: ReferenceToken(900),
        reference: Box::new(reference()),
        thumbnail: pixels(64, 48, 3),
        digest: String::new(),
    });
    window.commands();
    window
}

/// The same with the editor open.
fn editing(look: Look) -> Window {
    let name = match look.language {
        Language::English => "Paint mask",
        Language::Chinese => "绘制蒙版",
    };
    let mut window = with_reference(look);
    press(&mut window, name);
    let shown = window.commands().into_iter().any(|command| {
        matches!(command, Command::Show { source: Some(PictureSource::Reference(hash)), .. }
            if hash.to_string() == reference().hash)
    });
    assert!(shown);
    window.show_picture(PieceOrigin::Result, (384, 256));
    window
}

fn edit(window: &Window) -> &MaskEdit {
    window.harness.state().state().edits.mask.as_ref().unwrap()
}

/// What the window asks to be done with the mask; answered as the engine does.
fn changes(window: &mut Window) -> Vec<MaskChange> {
    let mut changes = Vec::new();
    for command in window.commands() {
        if let Command::ChangeMask {
            token,
            mut mask,
            change,
        } = command
        {
            mask.change(&change);
            window.tell(Event::MaskChanged { token, mask });
            changes.push(change);
        }
    }
    changes
}

fn canvas_center(window: &Window) -> Pos2 {
    let canvas = window
        .harness
        .get_by_role_and_label(Role::Canvas, "Mask canvas");
    canvas.rect().center()
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    let events = &mut window.harness.input_mut().events;
    events.push(Input::PointerMoved(from));
    let button = |pos, pressed| Input::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    events.push(button(from, true));
    window.harness.run();
    for step in 1..=4_u8 {
        let at = from + (to - from) * f32::from(step) / 4.0;
        window
            .harness
            .input_mut()
            .events
            .push(Input::PointerMoved(at));
        window.harness.run();
    }
    window.harness.input_mut().events.push(button(to, false));
    window.harness.run();
}

fn focus_canvas(window: &mut Window) {
    let canvas = window
        .harness
        .get_by_role_and_label(Role::Canvas, "Mask canvas");
    canvas.focus();
    window.harness.run();
}

fn key(window: &mut Window, key: Key) {
    shortcut(window, Modifiers::NONE, key);
}

#[test]
fn a_stroke_is_painted_taken_back_and_sent_with_the_job() {
    let mut window = editing(small());
    let middle = canvas_center(&window);
    drag(
        &mut window,
        middle - vec2(60.0, 0.0),
        middle + vec2(60.0, 0.0),
    );
    let painted = edit(&window).mask().clone();
    assert_eq!(painted.get(192, 128), 255);
    assert!(painted.share() > 0.02 && painted.share() < 0.5);
    shortcut(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(edit(&window).mask().is_empty());
    let again = Modifiers::COMMAND.plus(Modifiers::SHIFT);
    shortcut(&mut window, again, Key::Z);
    assert!(edit(&window).mask().same_pixels(&painted));
    key(&mut window, Key::X);
    drag(&mut window, middle, middle + vec2(1.0, 0.0));
    assert_eq!(edit(&window).mask().get(192, 128), 0, "the eraser");
    shortcut(&mut window, Modifiers::COMMAND, Key::Z);

    press(&mut window, "Done");
    let token = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::StoreMask { token, mask } => {
                assert!(mask.same_pixels(&painted));
                Some(token)
            }
            _ => None,
        });
    window.tell(Event::MaskStored {
        token: token.unwrap(),
        outcome: Ok(Box::new(mask_file())),
    });
    write(&mut window, Role::MultilineTextInput, "Prompt", FOX);
    press(&mut window, "Generate");
    let request = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::Generate(submission) => Some(submission.request),
            _ => None,
        });
    let request = request.unwrap();
    assert_eq!(request.mask, Some(mask_file()));
    assert!(
        request.parameters.protect_outside,
        "unless it is switched off"
    );
    choose(&mut window, Role::CheckBox, "Protect outside");
    let settings = &window.harness.state().state().studio.settings;
    assert!(!settings.parameters.protect_outside);
    press(&mut window, "Remove the mask");
    assert!(window.harness.query_by_label("Edit mask").is_none());
}

#[test]
fn the_keyboard_alone_paints() {
    let mut window = editing(small());
    focus_canvas(&mut window);
    key(&mut window, Key::B);
    key(&mut window, Key::Enter);
    for _ in 0..5 {
        key(&mut window, Key::ArrowRight);
    }
    shortcut(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    key(&mut window, Key::Enter);
    let [x, y] = edit(&window).cursor;
    assert!(x > 200.0 && (y - 129.0).abs() < 0.1, "{x} {y}");
    assert_eq!(edit(&window).mask().get(192, 128), 255);
    assert!(!edit(&window).pen_down);
    let canvas = window
        .harness
        .get_by_role_and_label(Role::Canvas, "Mask canvas");
    let said = canvas.accesskit_node().description().unwrap();
    assert!(said.contains("pen up") && said.contains(", 129"), "{said}");

    // A rectangle from corner to corner.
    key(&mut window, Key::R);
    key(&mut window, Key::Enter);
    for step in [Key::ArrowRight, Key::ArrowDown, Key::ArrowDown] {
        key(&mut window, step);
    }
    key(&mut window, Key::Enter);
    let made = changes(&mut window);
    assert!(
        matches!(
            made[..],
            [MaskChange::Shape(MaskShape::Rectangle(..), MaskMode::Add)]
        ),
        "{made:?}"
    );
    // A region, at the cursor.
    key(&mut window, Key::F);
    key(&mut window, Key::Enter);
    let made = changes(&mut window);
    assert!(matches!(made[..], [MaskChange::FillRegion(..)]), "{made:?}");
    // A lasso: points, and Enter twice at the last.
    key(&mut window, Key::L);
    for step in [Key::ArrowLeft, Key::ArrowUp, Key::ArrowUp] {
        key(&mut window, Key::Enter);
        key(&mut window, step);
    }
    key(&mut window, Key::Enter);
    key(&mut window, Key::Enter);
    let made = changes(&mut window);
    assert!(
        matches!(&made[..], [MaskChange::Shape(MaskShape::Lasso(points), _)] if points.len() == 4),
        "{made:?}"
    );
    let before = edit(&window).tools.diameter_px;
    key(&mut window, Key::CloseBracket);
    assert!(edit(&window).tools.diameter_px > before);
}

#[test]
fn every_operation_is_found_by_its_name() {
    let mut window = editing(small());
    let mut check = |button: &str, expected: MaskChange| {
        press(&mut window, button);
        assert_eq!(changes(&mut window), [expected], "{button}");
        assert!(!edit(&window).is_busy());
    };
    check("Fill all (A)", MaskChange::FillAll(MaskMode::Add));
    check("Shrink", MaskChange::Shrink(8));
    check("Grow", MaskChange::Grow(8));
    check("Feather", MaskChange::Feather(8));
    check("Invert (I)", MaskChange::Invert);
    check("Clear (Del)", MaskChange::FillAll(MaskMode::Subtract));
    key(&mut window, Key::I);
    assert_eq!(changes(&mut window), [MaskChange::Invert]);

    choose(&mut window, Role::DisclosureTriangle, "Shape by numbers");
    press(&mut window, "Draw ellipse");
    let ellipse = MaskShape::Ellipse([96.0, 64.0], [288.0, 192.0]);
    assert_eq!(
        changes(&mut window),
        [MaskChange::Shape(ellipse, MaskMode::Add)]
    );
    press(&mut window, "Ellipse (O)");
    let modes = window
        .harness
        .get_all_by_role_and_label(Role::RadioButton, "Stays");
    modes.last().unwrap().click();
    window.harness.run();
    let middle = canvas_center(&window);
    drag(&mut window, middle, middle + vec2(30.0, 20.0));
    let made = changes(&mut window);
    assert!(
        matches!(
            made[..],
            [MaskChange::Shape(
                MaskShape::Ellipse(..),
                MaskMode::Subtract
            )]
        ),
        "{made:?}"
    );
    choose(&mut window, Role::RadioButton, "Blue");
    assert_eq!(edit(&window).tools.color, 2);
}

#[test]
fn escape_never_loses_what_was_painted() {
    let mut window = editing(small());
    let middle = canvas_center(&window);
    drag(&mut window, middle, middle + vec2(20.0, 0.0));
    key(&mut window, Key::Escape);
    assert!(!edit(&window).mask().is_empty());
    let words = "«Done» keeps the mask, «Cancel» drops what was painted.";
    assert!(window.harness.query_by_label(words).is_some());
    press(&mut window, "Cancel");
    let state = window.harness.state().state();
    assert!(state.edits.mask.is_none() && state.studio.masks.current().is_none());

    let mut window = editing(small());
    key(&mut window, Key::Escape);
    assert!(window.harness.state().state().edits.mask.is_none());
    // A mask that lets nothing change is none.
    let mut window = editing(small());
    press(&mut window, "Done");
    let stores = |command: &Command| matches!(command, Command::StoreMask { .. });
    assert!(!window.commands().iter().any(stores));
    let words = "The mask is empty: nothing is masked.";
    assert!(window.harness.query_by_label(words).is_some());
}

#[test]
fn generating_waits_for_the_mask() {
    let mut window = editing(small());
    let middle = canvas_center(&window);
    drag(&mut window, middle, middle + vec2(20.0, 0.0));
    write(&mut window, Role::MultilineTextInput, "Prompt", FOX);
    window.commands();
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    let commands = window.commands();
    assert!(!commands.iter().any(|c| matches!(c, Command::Generate(_))));
    let token = commands.iter().find_map(|command| match command {
        Command::StoreMask { token, .. } => Some(*token),
        _ => None,
    });
    window.tell(Event::MaskStored {
        token: token.unwrap(),
        outcome: Ok(Box::new(mask_file())),
    });
    let sent = window.commands().into_iter().any(|command| {
        matches!(command, Command::Generate(submission) if submission.request.mask.is_some())
    });
    assert!(sent);
}

#[test]
fn files_are_loaded_or_say_why_not() {
    let mut window = editing(small());
    press(&mut window, "Load…");
    let token = |window: &mut Window| -> MaskToken {
        let commands = window.commands();
        let found = commands.iter().find_map(|command| match command {
            Command::PickMask {
                token, size: of, ..
            } if *of == size() => Some(*token),
            _ => None,
        });
        found.unwrap()
    };
    let asked = token(&mut window);
    let other = PixelSize::new(300, 300).unwrap();
    window.tell(Event::MaskLoaded {
        token: asked,
        outcome: Err(MaskProblem::Shape {
            mask: other,
            picture: size(),
        }),
    });
    let says = |window: &Window, part: &str| {
        window
            .harness
            .query_all_by(|node| {
                let says = |text: Option<String>| text.is_some_and(|text| text.contains(part));
                says(node.value()) || says(node.label())
            })
            .count()
            > 0
    };
    assert!(says(&window, "their shapes differ"));
    press(&mut window, "Load…");
    let asked = token(&mut window);
    window.tell(Event::MaskLoaded {
        token: asked,
        outcome: Err(MaskProblem::Failed(Failure::new(
            FailureKind::Canceled,
            "no",
        ))),
    });
    assert!(!edit(&window).is_busy());
    press(&mut window, "Load…");
    let asked = token(&mut window);
    window.tell(Event::MaskLoaded {
        token: asked,
        outcome: Ok(Box::new(LoadedMask {
            mask: Mask::uniform(size(), 255),
            scaled_from: PixelSize::new(768, 512),
            by_alpha: true,
        })),
    });
    assert!((edit(&window).mask().share() - 1.0).abs() < 1e-9);
    assert!(says(&window, "was scaled to"));
    press(&mut window, "Save…");
    let saves = |command: &Command| matches!(command, Command::SaveMask { .. });
    assert!(window.commands().iter().any(saves));
}

/// A window with a protected picture of a masked edit on the canvas.
fn with_result(look: Look) -> Window {
    let mut window = ready(look);
    let mut protected = record(-100, job_id(-200), FOX);
    protected.recipe.references = vec![RecipeReference {
        name: "room.png".to_owned(),
        hash: reference().hash,
        image: None,
    }];
    protected.recipe.mask = Some(RecipeReference {
        name: "mask.png".to_owned(),
        hash: mask_file().hash,
        image: None,
    });
    protected.recipe.protected = Some(Protected {
        raw: image_id(-150),
        raw_hash: "0".repeat(64),
        feather_px: 8,
        drift: Drift {
            outside_px: 1000,
            changed_px: 510,
            change_sum: 114_000,
        },
    });
    let record = Box::new(protected);
    window.tell(Event::ImageSaved { record, copy: None });
    let all = GalleryChange::All(Arc::new([image_id(-100)]));
    window.tell(Event::Gallery(all));
    window.give_thumbnails();
    let name = match look.language {
        Language::English => format!("Picture: {FOX}"),
        Language::Chinese => format!("图片：{FOX}"),
    };
    window
        .harness
        .get_all_by_label(&name)
        .next()
        .unwrap()
        .click();
    window.harness.run();
    window.show_picture(PieceOrigin::Result, (384, 256));
    window.commands();
    window
}

#[test]
fn a_result_tells_its_drift_and_shows_where() {
    let mut window = with_result(small());
    let words = "The model had changed 51 % of the pixels, by 38.0/255 on average. The original was put back, \
                 with a soft edge of 8 px.";
    assert!(window.harness.query_by_label(words).is_some());
    let shows = |window: &mut Window, wanted: PictureSource| {
        let commands = window.commands();
        commands
            .iter()
            .any(|c| matches!(c, Command::Show { source: Some(source), .. } if *source == wanted))
    };
    press(&mut window, "Heat map");
    assert!(shows(&mut window, PictureSource::Heat(image_id(-100))));
    press(&mut window, "Show the picture");
    assert!(shows(&mut window, PictureSource::Image(image_id(-100))));
    // Its settings bring the mask back.
    press(&mut window, "Use settings");
    let hash = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::FindMask { hash, token } => Some((hash, token)),
            _ => None,
        });
    let (hash, token) = hash.unwrap();
    assert_eq!(hash, mask_file().hash);
    window.tell(Event::MaskStored {
        token,
        outcome: Ok(Box::new(mask_file())),
    });
    let masks = &window.harness.state().state().studio.masks;
    assert_eq!(
        masks.current().unwrap().state,
        MaskState::Ready(mask_file())
    );
    press(&mut window, "As delivered");
    assert!(shows(&mut window, PictureSource::Image(image_id(-150))));
}

#[test]
fn a_result_opens_in_the_editor_once_it_is_a_reference() {
    let mut window = with_result(small());
    press(&mut window, "Edit mask");
    let token = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::AddReference { token, .. } => Some(token),
            _ => None,
        });
    assert!(window.harness.state().state().edits.mask.is_none());
    window.tell(Event::ReferenceReady {
        token: token.unwrap(),
        reference: Box::new(reference()),
        thumbnail: pixels(64, 48, 3),
        digest: String::new(),
    });
    assert_eq!(edit(&window).reference(), &reference());
}

fn editor_snapshot(look: Look, name: &str) {
    let mut window = editing(look);
    let canvas = window
        .harness
        .get_all_by_role(Role::Canvas)
        .next()
        .unwrap()
        .rect()
        .center();
    drag(
        &mut window,
        canvas - vec2(70.0, 30.0),
        canvas + vec2(40.0, 20.0),
    );
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot(name);
}

#[test]
fn appearance_of_the_editor() {
    editor_snapshot(small(), "mask_dark_en");
}

#[test]
fn appearance_of_the_editor_in_the_other_theme_and_language() {
    let look = Look {
        theme: ThemeChoice::Light,
        language: Language::Chinese,
        ..small()
    };
    editor_snapshot(look, "mask_light_zh");
}

#[test]
fn appearance_of_a_protected_result() {
    let mut window = with_result(small());
    window.harness.remove_cursor();
    window.harness.run();
    window.harness.snapshot("protected_dark_en");
}

#[test]
fn a_picture_is_extended_by_name_and_keyboard() {
    let mut window = with_reference(Look {
        size: [1280.0, 1000.0],
        ..Look::default()
    });
    choose(&mut window, Role::DisclosureTriangle, "Extend the picture");
    press(&mut window, "1:1");
    let drawing = window
        .harness
        .get_by_role_and_label(Role::Image, "Where the picture stands");
    drawing.focus();
    window.harness.run();
    key(&mut window, Key::ArrowUp);
    press(&mut window, "Place in the frame");
    let found = window
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::Outpaint {
                token,
                into,
                placement,
                ..
            } => Some((token, into, placement)),
            _ => None,
        });
    let (token, into, placement) = found.unwrap();
    // 384 x 256 is less than the model draws, so the frame is larger than the picture on all sides.
    assert_eq!(placement.frame.width(), placement.frame.height());
    assert_eq!(placement.picture, size());
    assert!(placement.left > 0 && placement.top < (placement.frame.height() - 256) / 2);
    window.tell(Event::MaskStored {
        token,
        outcome: Ok(Box::new(mask_file())),
    });
    let framed = Reference {
        hash: "ef".repeat(32),
        size: placement.frame,
        ..reference()
    };
    window.tell(Event::ReferenceReady {
        token: into,
        reference: Box::new(framed.clone()),
        thumbnail: pixels(64, 64, 3),
        digest: String::new(),
    });
    let studio = &window.harness.state().state().studio;
    let left: Vec<_> = studio.references.ready_ones().cloned().collect();
    assert_eq!(left, [framed], "it takes the place of the picture");
    let mask = studio.mask_in_use().unwrap();
    assert_eq!(mask.state, MaskState::Ready(mask_file()));
    assert_eq!(
        studio.settings.parameters.size.exact(),
        Some(placement.frame)
    );
}

/// The mask that is on its way into the cache.
fn stored(window: &mut Window) -> MaskToken {
    let commands = window.commands();
    let found = commands.iter().find_map(|command| match command {
        Command::StoreMask { token, .. } => Some(*token),
        _ => None,
    });
    found.unwrap()
}

/// A window whose reference has a mask in the cache.
fn masked() -> Window {
    let mut window = editing(small());
    let middle = canvas_center(&window);
    drag(&mut window, middle, middle + vec2(20.0, 0.0));
    press(&mut window, "Done");
    let token = stored(&mut window);
    window.tell(Event::MaskStored {
        token,
        outcome: Ok(Box::new(mask_file())),
    });
    window.commands();
    window
}

fn mask_state(window: &Window) -> Option<&MaskState> {
    let studio = &window.harness.state().state().studio;
    studio.mask_in_use().map(|slot| &slot.state)
}

#[test]
fn a_mask_that_is_looked_at_again_is_not_lost() {
    let mut window = masked();
    press(&mut window, "Edit mask");
    let loads = |window: &mut Window| {
        let commands = window.commands();
        commands.iter().find_map(|command| match command {
            Command::LoadMask { token, .. } => Some(*token),
            _ => None,
        })
    };
    loads(&mut window).unwrap();
    // Left before the mask is there: it is as it was.
    press(&mut window, "Done");
    let stores = |command: &Command| matches!(command, Command::StoreMask { .. });
    assert!(!window.commands().iter().any(stores));
    assert!(matches!(mask_state(&window), Some(MaskState::Ready(_))));
    // Once it is there, nothing was done yet: there is nothing to take back, and Escape leaves.
    press(&mut window, "Edit mask");
    let token = loads(&mut window).unwrap();
    let mut mask = Mask::new(size());
    mask.change(&MaskChange::FillAll(MaskMode::Add));
    let loaded = LoadedMask {
        mask,
        scaled_from: None,
        by_alpha: true,
    };
    window.tell(Event::MaskLoaded {
        token,
        outcome: Ok(Box::new(loaded)),
    });
    assert!(!edit(&window).document().can_undo() && !edit(&window).is_touched());
    assert!(!edit(&window).mask().is_empty());
    key(&mut window, Key::Escape);
    assert!(window.harness.state().state().edits.mask.is_none());
    assert!(matches!(mask_state(&window), Some(MaskState::Ready(_))));
}

#[test]
fn an_editor_that_is_left_while_the_engine_works_keeps_what_comes_of_it() {
    let mut window = masked();
    press(&mut window, "Edit mask");
    let token = window.commands().iter().find_map(|command| match command {
        Command::LoadMask { token, .. } => Some(*token),
        _ => None,
    });
    let loaded = LoadedMask {
        mask: Mask::new(size()),
        scaled_from: None,
        by_alpha: true,
    };
    window.tell(Event::MaskLoaded {
        token: token.unwrap(),
        outcome: Ok(Box::new(loaded)),
    });
    press(&mut window, "Invert (I)");
    press(&mut window, "Done");
    assert_eq!(mask_state(&window), Some(&MaskState::Storing));
    assert_eq!(changes(&mut window), [MaskChange::Invert]);
    let commands = window.commands();
    let all = commands.iter().find_map(|command| match command {
        Command::StoreMask { mask, .. } => Some(mask.share()),
        _ => None,
    });
    assert_eq!(all, Some(1.0));
    // Opened again before it is stored: it is loaded once it is.
    press(&mut window, "Edit mask");
    assert!(edit(&window).is_busy());
}

#[test]
fn without_its_mask_a_job_is_not_sent() {
    // An empty mask: what was meant is another job.
    let mut window = editing(small());
    write(&mut window, Role::MultilineTextInput, "Prompt", FOX);
    window.commands();
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    let generates = |command: &Command| matches!(command, Command::Generate(_));
    assert!(!window.commands().iter().any(generates));
    // Nor later, when something else arrives.
    window.tell(Event::ReferenceReady {
        token: ReferenceToken(901),
        reference: Box::new(Reference {
            hash: "ef".repeat(32),
            ..reference()
        }),
        thumbnail: pixels(64, 48, 4),
        digest: String::new(),
    });
    assert!(!window.commands().iter().any(generates));

    // One that can't be stored.
    let mut window = editing(small());
    let middle = canvas_center(&window);
    drag(&mut window, middle, middle + vec2(20.0, 0.0));
    write(&mut window, Role::MultilineTextInput, "Prompt", FOX);
    window.commands();
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    let token = stored(&mut window);
    window.tell(Event::MaskStored {
        token,
        outcome: Err(Failure::new(FailureKind::Protocol, "the disk is full")),
    });
    assert!(!window.commands().iter().any(generates));
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(!window.commands().iter().any(generates));
    let words = "The mask can't be used. Remove it, or paint it again.";
    assert!(window.harness.query_by_label(words).is_some());
    let remove: Vec<_> = window
        .harness
        .query_all_by_label("Remove the mask")
        .collect();
    remove.last().unwrap().click();
    drop(remove);
    window.harness.run();
    shortcut(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(window.commands().iter().any(generates));
}
