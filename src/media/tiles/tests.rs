use super::*;
use crate::media::samples::{picture, premultiplied, size};
use crate::media::{Orientation, SourceFormat};

fn header(size: PixelSize) -> Header {
    Header {
        format: SourceFormat::Png,
        size,
        has_alpha: true,
        bit_depth: 8,
        animated: false,
        orientation: Orientation::UPRIGHT,
    }
}

/// The pieces that the first `rows` rows of a picture make.
fn pieces(size: PixelSize, pixels: &[u32], rows: usize) -> Vec<PixelPiece> {
    let mut pieces = Vec::new();
    let mut pyramid = Pyramid::new(|piece| pieces.push(piece));
    assert!(pyramid.begin(&header(size)).is_continue());
    let width = size.width() as usize;
    for (y, row) in (0..).zip(pixels.chunks(width).take(rows)) {
        assert!(pyramid.row(y, row).is_continue());
    }
    pyramid.finish();
    pyramid.finish();
    pieces
}

/// A level by its definition.
fn halved(size: PixelSize, pixels: &[u32]) -> Vec<u32> {
    let next = level_size(size, 1);
    let at = |x: u32, y: u32| {
        let [x, y] = [x.min(size.width() - 1), y.min(size.height() - 1)];
        pixels[(y * size.width() + x) as usize].to_ne_bytes()
    };
    let mut halved = Vec::new();
    for y in 0..next.height() {
        for x in 0..next.width() {
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| at(2 * x + dx, 2 * y + dy));
            halved.push(u32::from_ne_bytes(std::array::from_fn(|i| {
                let sum: u16 = four.iter().map(|pixel| u16::from(pixel[i])).sum();
                u8::try_from((sum + 2) / 4).unwrap()
            })));
        }
    }
    halved
}

#[test]
fn levels_halve_until_one_tile_holds_them() {
    let check = |width, height, sizes: &[(u32, u32)]| {
        let full = size(width, height);
        assert_eq!(usize::from(pyramid_levels(full)), sizes.len(), "{full}");
        for (level, &(width, height)) in (0..).zip(sizes) {
            assert_eq!(level_size(full, level), size(width, height));
        }
    };
    check(1, 1, &[(1, 1)]);
    check(1024, 1024, &[(1024, 1024)]);
    check(1025, 8, &[(1025, 8), (513, 4)]);
    check(3840, 2160, &[(3840, 2160), (1920, 1080), (960, 540)]);
    check(4097, 1, &[(4097, 1), (2049, 1), (1025, 1), (513, 1)]);
    assert_eq!(pyramid_levels(size(u32::MAX, 1)), 23);
    assert_eq!(level_size(size(u32::MAX, 9), u8::MAX), size(1, 1));
}

#[test]
fn pieces_cover_every_level_once_with_the_right_pixels() {
    for (width, height) in [(1, 1), (70, 200), (1025, 7), (2049, 131), (1300, 1100)] {
        let full = size(width, height);
        let mut expected = premultiplied(&picture(width, height, true));
        let pieces = pieces(full, &expected, usize::MAX);
        for level in 0..pyramid_levels(full) {
            let level_size = level_size(full, level);
            let mut found = vec![None; expected.len()];
            for piece in pieces.iter().filter(|piece| piece.level == level) {
                assert!(piece.width > 0 && piece.height > 0 && piece.height <= BAND_ROWS);
                let tile = |from: u32, length: u32| {
                    (from / TILE_SIDE_PX, (from + length - 1) / TILE_SIDE_PX)
                };
                let (left, right) = tile(piece.x, piece.width);
                let (top, bottom) = tile(piece.y, piece.height);
                assert_eq!((left, top), (right, bottom), "one tile");
                let rows = piece.pixels.chunks(piece.width as usize);
                assert_eq!(rows.len(), piece.height as usize);
                for (y, row) in (piece.y..).zip(rows) {
                    for (x, &pixel) in (piece.x..).zip(row) {
                        let place = &mut found[(y * level_size.width() + x) as usize];
                        assert_eq!(place.replace(pixel), None, "covered once");
                    }
                }
            }
            assert!(
                found.iter().copied().eq(expected.iter().copied().map(Some)),
                "{full} {level}"
            );
            expected = halved(level_size, &expected);
        }
    }
}

#[test]
fn every_level_keeps_up_with_the_rows() {
    let full = size(4096, 640);
    let mut reached = [0; 3];
    let mut pyramid = Pyramid::new(|piece: PixelPiece| {
        reached[usize::from(piece.level)] = piece.y + piece.height;
    });
    assert!(pyramid.begin(&header(full)).is_continue());
    for y in 0..128 {
        assert!(pyramid.row(y, &vec![0; 4096]).is_continue());
    }
    drop(pyramid);
    assert_eq!(reached, [128, 64, 32]);
}

#[test]
fn a_cut_picture_gives_what_came() {
    let full = size(2048, 100);
    let pixels = premultiplied(&picture(2048, 100, false));
    let reached = |rows: usize, level: u8| {
        pieces(full, &pixels, rows)
            .iter()
            .filter(|piece| piece.level == level && piece.x == 0)
            .map(|piece| piece.height)
            .sum::<u32>()
    };
    assert_eq!([reached(71, 0), reached(71, 1)], [71, 35]);
    assert_eq!([reached(0, 0), reached(0, 1)], [0, 0]);
    assert_eq!([reached(1, 0), reached(1, 1)], [1, 0]);
}

#[test]
fn rows_of_the_wrong_width_and_too_many_rows_are_ignored() {
    let mut count = 0;
    let mut pyramid = Pyramid::new(|_| count += 1);
    assert!(pyramid.row(0, &[1, 2, 3]).is_continue());
    assert!(pyramid.begin(&header(size(2, 1))).is_continue());
    assert!(pyramid.row(0, &[1, 2, 3]).is_continue());
    assert!(pyramid.row(0, &[1, 2]).is_continue());
    assert!(pyramid.row(1, &[1, 2]).is_continue());
    drop(pyramid);
    assert_eq!(count, 1);
}
