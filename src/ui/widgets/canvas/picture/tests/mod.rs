//! What is on the screen while pieces come.

mod any_order;
mod stage;
mod uploads;

use self::stage::*;
use super::*;
use crate::model::FailureKind;
use crate::ui::textures::UploadLimits;

#[test]
fn a_preview_is_on_screen_in_the_next_frame() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, PREVIEW, [1024, 640], 7);
    stage.frame();
    assert!(stage.only(7));
    let shown = stage.picture.shown().unwrap();
    assert!(shown.complete);
    assert_eq!(shown.origin, PREVIEW);
}

#[test]
fn the_next_preview_takes_the_place_of_the_last_at_once() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, PREVIEW, [1536, 1024], 1);
    stage.settle();
    let frame = stage.view.picture_rect();
    let size = [3840, 2560];
    assert!(stage.begin(1, PREVIEW, size));
    let mut frames = 0;
    for part in bands(1, size, 0..size[1], 2).chunks(20) {
        for piece in part {
            assert!(stage.picture.apply(piece.clone()));
        }
        stage.frame();
        assert!(stage.only(1), "frame {frames}");
        frames += 1;
    }
    stage.end(1, PREVIEW);
    while stage.repaint || frames == 0 {
        stage.frame();
        assert!(stage.only(1) || stage.only(2));
        assert_eq!(stage.view.picture_rect(), frame);
    }
    stage.frame();
    assert!(stage.only(2));
    assert!(frames > 3);
}

#[test]
fn rows_of_a_result_grow_over_the_last_preview() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, PREVIEW, [1024, 640], 1);
    stage.settle();
    let frame = stage.view.picture_rect();
    let size = [2048, 1280];
    assert!(stage.begin(1, ARRIVING, size));
    let mut before = 0;
    for start in (0..size[1]).step_by(64) {
        stage.rows(1, size, start..start + 64, 2);
        stage.frame();
        let tags = stage.tags();
        assert!(
            tags.iter().all(|tag| matches!(tag, Some(1 | 2))),
            "{tags:?}"
        );
        for column in tags.chunks(24) {
            assert!(column.is_sorted_by_key(|tag| std::cmp::Reverse(*tag)));
        }
        let new = tags.iter().filter(|tag| **tag == Some(2)).count();
        assert!(new >= before);
        before = new;
        assert_eq!(stage.view.picture_rect(), frame);
    }
    assert!(before > 0);
    stage.end(1, ARRIVING);
    stage.settle();
    assert!(stage.only(2));
    // The same picture as a finished result changes nothing on the way.
    stage.whole(1, RESULT, size, 3);
    while !stage.only(3) {
        assert!(stage.only(2));
        stage.frame();
    }
}

#[test]
fn a_result_that_is_cut_keeps_its_rows_and_the_preview_under_them() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, PREVIEW, [1024, 640], 1);
    assert!(stage.begin(1, ARRIVING, [1024, 640]));
    stage.rows(1, [1024, 640], 0..320, 2);
    let failure = Failure::new(FailureKind::Network, "cut");
    assert!(
        stage
            .picture
            .apply(CanvasEvent::Failed { serial: 1, failure })
    );
    stage.settle();
    assert_eq!(stage.color([0.5, 0.4]).unwrap().r(), 2);
    assert_eq!(stage.color([0.5, 0.6]).unwrap().r(), 1);
    assert!(stage.picture.failure().is_some());
    assert!(!stage.picture.shown().unwrap().complete);
}

#[test]
fn a_picture_that_fails_does_not_leave_another_one_in_its_place() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [1024, 640], 1);
    stage.settle();
    let failure = Failure::new(FailureKind::Protocol, "not a picture");
    let failed = CanvasEvent::Failed { serial: 2, failure };
    assert!(stage.picture.apply(failed));
    stage.settle();
    assert!(stage.parts.is_empty());
    assert!(stage.picture.shown().is_none() && stage.picture.failure().is_some());
}

#[test]
fn another_picture_never_mixes_with_the_one_before() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, RESULT, [1024, 640], 1);
    stage.settle();
    stage.picture.expect(2);
    stage.frame();
    assert!(stage.only(1));
    let size = [1024, 1024];
    assert!(stage.begin(2, ARRIVING, size));
    stage.frame();
    assert!(stage.only(1));
    stage.rows(2, size, 0..512, 2);
    stage.settle();
    assert!(stage.tags().iter().all(|tag| matches!(tag, Some(2) | None)));
    assert_eq!(stage.picture.shown().unwrap().size.height(), 1024);
    assert!((stage.view.picture_rect().height() - 600.0).abs() < 0.01);
}

#[test]
fn what_is_late_or_makes_no_sense_is_refused() {
    let mut stage = Stage::new(UploadLimits::default());
    let size = [2000, 1500];
    stage.picture.expect(5);
    assert!(!stage.begin(4, RESULT, size));
    assert!(!stage.picture.apply(piece(5, 0, [0, 0], [8, 8], 1)));
    assert!(stage.begin(5, RESULT, size));
    let cases = [
        ("a level too many", piece(5, 2, [0, 0], [8, 8], 1)),
        ("right of the picture", piece(5, 0, [2048, 0], [8, 8], 1)),
        ("below the picture", piece(5, 0, [0, 2048], [8, 8], 1)),
        ("over the right border", piece(5, 0, [1996, 0], [8, 8], 1)),
        ("over the lower border", piece(5, 0, [0, 1496], [8, 8], 1)),
        (
            "over the border of a tile",
            piece(5, 0, [1020, 0], [8, 8], 1),
        ),
        ("nothing", piece(5, 0, [0, 0], [0, 8], 1)),
        ("far away", piece(5, 0, [u32::MAX, u32::MAX], [8, 8], 1)),
        ("an older serial", piece(4, 0, [0, 0], [8, 8], 1)),
    ];
    for (what, piece) in cases {
        assert!(!stage.picture.apply(piece), "{what}");
    }
    let CanvasEvent::Piece { mut pixels, .. } = piece(5, 0, [0, 0], [8, 8], 1) else {
        unreachable!()
    };
    pixels.pixels.pop();
    assert!(!stage.picture.apply(CanvasEvent::Piece {
        serial: 5,
        level: 0,
        x: 0,
        y: 0,
        pixels,
    }));
    assert!(!stage.end(5, PREVIEW));
    assert!(stage.end(5, RESULT));
    assert!(!stage.picture.apply(piece(5, 0, [0, 0], [8, 8], 1)));
    assert!(!stage.begin(6, RESULT, [u32::MAX, u32::MAX]));
    assert_eq!(stage.picture.held_bytes(), 0);
    stage.settle();
}
