//! What goes to the GPU, and when.

use egui::{pos2, vec2};

use super::super::*;
use super::stage::*;
use crate::ui::textures::UploadLimits;

#[test]
fn the_level_has_one_to_two_pixels_for_each_of_the_screen() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [4096, 2560], 1);
    // (device pixels per picture pixel, level, smooth)
    for (zoom, level, smooth) in [
        (0.1, 2, true),
        (0.234_375, 2, true),
        (0.25, 2, true),
        (0.3, 1, true),
        (0.5, 1, true),
        (0.6, 0, true),
        (1.0, 0, true),
        (1.9, 0, true),
        (2.0, 0, false),
        (8.0, 0, false),
        (1.5, 0, true),
    ] {
        stage.zoom_to(zoom);
        stage.settle();
        let color = stage.color(stage.view.center()).unwrap();
        assert_eq!(color.g(), level, "at {zoom}");
        for part in &stage.parts {
            let texture = part.texture.unwrap().0;
            assert_eq!(stage.smooth[&texture], smooth, "at {zoom}");
        }
    }
}

#[test]
fn a_coarse_level_stands_in_while_the_fine_one_goes_up() {
    let mut stage = Stage::new(SLOW);
    stage.whole(1, RESULT, [4096, 2560], 1);
    stage.settle();
    stage.view.actual_size(pos2(200.0, 100.0));
    loop {
        stage.frame();
        assert!(stage.only(1));
        if !stage.repaint {
            break;
        }
    }
    assert_eq!(stage.color(stage.view.center()).unwrap().g(), 0);
    stage.view.pan_by(vec2(-900.0, -500.0));
    stage.frame();
    assert!(stage.only(1));
}

#[test]
fn a_picture_at_rest_costs_no_upload_and_no_repaint() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [3840, 2160], 1);
    stage.settle();
    let uploaded = stage.textures.stats().uploaded_bytes;
    for _ in 0..5 {
        stage.frame();
        assert!(!stage.repaint);
    }
    assert_eq!(stage.textures.stats().uploaded_bytes, uploaded);
}

#[test]
fn no_frame_uploads_more_than_its_budget() {
    let mut stage = Stage::new(UploadLimits::default());
    stage.whole(1, RESULT, [3840, 2160], 1);
    stage.view.set_picture(PixelSize::new(3840, 2160).unwrap());
    stage.view.actual_size(pos2(500.0, 300.0));
    stage.frame();
    while stage.repaint {
        assert!(stage.textures.stats().frame_bytes <= 16 << 20);
        stage.frame();
    }
}

#[test]
fn pictures_that_are_covered_leave_the_memory() {
    let mut stage = Stage::new(UploadLimits::default());
    for serial in 1..6 {
        stage.whole(serial, RESULT, [2048, 1280], 1);
        stage.settle();
    }
    let bytes = [2048 * 1280, 1024 * 640].iter().sum::<usize>() * 4;
    assert_eq!(stage.picture.held_bytes(), bytes);
    stage.frame();
    assert!(stage.textures.stats().held_bytes <= 2 * bytes);
    stage.picture.clear();
    stage.frame();
    assert_eq!(stage.textures.stats().held_bytes, 0);
    assert!(stage.parts.is_empty() && stage.picture.is_empty());
}

#[test]
fn a_hidden_window_does_not_pile_up_previews() {
    let mut stage = Stage::new(UploadLimits::default());
    for _ in 0..20 {
        stage.whole(1, PREVIEW, [1024, 640], 1);
    }
    assert!(stage.picture.held_bytes() <= 3 * 1024 * 640 * 4);
}

#[test]
fn textures_come_back_after_they_were_dropped() {
    let limits = UploadLimits {
        total_bytes: 4 << 20,
        ..UploadLimits::default()
    };
    let mut stage = Stage::new(limits);
    stage.whole(1, RESULT, [4096, 2560], 1);
    stage.settle();
    stage.view.actual_size(pos2(50.0, 50.0));
    for _ in 0..6 {
        stage.view.pan_by(vec2(-700.0, -400.0));
        stage.settle();
        assert!(stage.only(1));
    }
    stage.view.fit();
    stage.settle();
    assert!(stage.only(1));
}
