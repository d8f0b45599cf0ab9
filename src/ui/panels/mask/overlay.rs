//! The mask in colour over the picture: only tiles that are seen, in the resolution in which they are seen.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "positions on the screen and in a picture, whose sides are below 2^16"
)]

use egui::{Color32, ColorImage, Mesh, Painter, Pos2, Rect, Shape, Ui, pos2};

use crate::media::{MASK_TILE_PX, Mask, MaskTile, TilePlace};
use crate::ui::state::MaskEdit;
use crate::ui::textures::{MaskLook, MaskTileKey, TextureStore};
use crate::ui::theme::tokens::MASK_COLORS;
use crate::ui::widgets::canvas::CanvasView;

use super::canvas::Place;

/// Coarsest level at which tiles are drawn: an eighth.
const COARSEST: u8 = 3;

/// The level of which a pixel covers at least one of the screen's, and at most two, within what is offered.
fn level_for(device_zoom: f64) -> u8 {
    let mut level = 0;
    let mut zoom = device_zoom * (1.0 - 1e-6);
    while zoom <= 0.5 && level < COARSEST {
        zoom *= 2.0;
        level += 1;
    }
    level
}

/// The mask in colour: a rectangle for every tile of one value, a texture for the others.
pub(super) fn overlay(
    ui: &Ui,
    painter: &Painter,
    textures: &mut TextureStore,
    edit: &MaskEdit,
    view: &CanvasView,
    at: &Place,
) {
    let mask = edit.mask();
    let colors = colors(edit.tools.color, edit.tools.opacity);
    let level = level_for(view.device_zoom());
    let visible = painter.clip_rect();
    let mut plain = Mesh::default();
    for index in visible_tiles(mask, at, visible) {
        let place = mask.place(index);
        let corner = |x: u32, y: u32| at.to_screen([x as f32, y as f32]);
        let rect = Rect::from_min_max(
            corner(place.x, place.y),
            corner(place.x + place.width, place.y + place.height),
        );
        match mask.tile(index) {
            Some(MaskTile::Uniform(0)) | None => {}
            Some(MaskTile::Uniform(value)) => {
                let color = colors.get(usize::from(*value)).copied().unwrap_or_default();
                plain.add_colored_rect(rect, color);
            }
            Some(MaskTile::Pixels(pixels)) => {
                let look = MaskLook {
                    mask: edit.id(),
                    revision: mask.revision(index).unwrap_or_default(),
                    level,
                    color: edit.tools.color,
                    opacity: edit.tools.opacity,
                };
                let size = level_size(place, level);
                let make = || tile_image(pixels, place, level, &colors);
                let key = MaskTileKey(index);
                if let Some(texture) = textures.mask_tile(ui.ctx(), key, look, size, make) {
                    let scale = f64::from(1_u32 << level);
                    let share =
                        |px: u32, texels: usize| (f64::from(px) / (texels as f64 * scale)) as f32;
                    let uv = Rect::from_min_max(
                        Pos2::ZERO,
                        pos2(share(place.width, size[0]), share(place.height, size[1])),
                    );
                    painter.image(texture, rect, uv, Color32::WHITE);
                }
            }
        }
    }
    painter.add(Shape::mesh(plain));
}

/// The tiles that are to be seen.
fn visible_tiles(mask: &Mask, at: &Place, visible: Rect) -> impl Iterator<Item = usize> + use<> {
    let size = mask.size();
    let (min, max) = (at.to_px(visible.min), at.to_px(visible.max));
    let across = size.width().div_ceil(MASK_TILE_PX);
    let down = size.height().div_ceil(MASK_TILE_PX);
    let tile = MASK_TILE_PX as f32;
    let range = |min: f32, max: f32, most: u32| {
        let first = (min / tile).floor().max(0.0) as u32;
        let end = (max / tile).ceil().max(0.0) as u32;
        first.min(most)..end.min(most)
    };
    let (columns, rows) = (range(min[0], max[0], across), range(min[1], max[1], down));
    rows.flat_map(move |row| {
        columns
            .clone()
            .map(move |column| (row * across + column) as usize)
    })
}

/// The overlay's colour for each coverage.
fn colors(color: u8, opacity: u8) -> Vec<Color32> {
    let full = MASK_COLORS
        .get(usize::from(color))
        .copied()
        .unwrap_or_default()
        .gamma_multiply(f32::from(opacity) / 100.0);
    (0..=255_u8)
        .map(|cover| full.gamma_multiply(f32::from(cover) / 255.0))
        .collect()
}

/// Width and height of a tile's texture.
fn level_size(place: TilePlace, level: u8) -> [usize; 2] {
    [place.width, place.height].map(|side| side.div_ceil(1 << level) as usize)
}

/// A tile in colour; at coarser levels each pixel is the mean of a square.
fn tile_image(pixels: &[u8], place: TilePlace, level: u8, colors: &[Color32]) -> ColorImage {
    let size = level_size(place, level);
    let color = |cover: u8| colors.get(usize::from(cover)).copied().unwrap_or_default();
    let image: Vec<Color32> = if level == 0 {
        pixels.iter().map(|cover| color(*cover)).collect()
    } else {
        let (width, step) = (place.width as usize, 1_usize << level);
        let mut image = Vec::with_capacity(size[0] * size[1]);
        let mut sums = vec![(0_u32, 0_u32); size[0]];
        for rows in pixels.chunks(width * step) {
            sums.fill((0, 0));
            for row in rows.chunks_exact(width) {
                for (sum, part) in sums.iter_mut().zip(row.chunks(step)) {
                    sum.0 += part.iter().map(|cover| u32::from(*cover)).sum::<u32>();
                    sum.1 += part.len() as u32;
                }
            }
            image.extend(
                sums.iter()
                    .map(|(sum, count)| color((sum / (*count).max(1)) as u8)),
            );
        }
        image
    };
    ColorImage::new(size, image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_the_zoom() {
        let check = |zoom: f64, expected: u8| assert_eq!(level_for(zoom), expected, "{zoom}");
        check(4.0, 0);
        check(1.0, 0);
        check(0.51, 0);
        check(0.5, 1);
        check(0.25, 2);
        check(0.1, 3);
        check(0.01, 3);
    }

    #[test]
    fn a_coarse_tile_is_the_mean_of_squares() {
        let place = TilePlace {
            x: 0,
            y: 0,
            width: 5,
            height: 3,
        };
        let mut pixels = vec![0_u8; 15];
        pixels[0] = 255;
        pixels[4] = 255;
        let ramp: Vec<Color32> = colors(0, 100);
        let image = tile_image(&pixels, place, 1, &ramp);
        assert_eq!(image.size, [3, 2]);
        // One of four, none of four, one of two.
        assert_eq!(image.pixels[..3], [ramp[63], ramp[0], ramp[127]]);
        assert_eq!(tile_image(&pixels, place, 0, &ramp).pixels[4], ramp[255]);
        assert_eq!(ramp[0], Color32::TRANSPARENT);
    }
}
