//! Operations on the whole of a mask. They take as long as it is large: the engine calls them on its pool.

#![expect(
    clippy::indexing_slicing,
    reason = "pixel loops over buffers of one size"
)]

use super::shape;
use super::{CHOSEN, Mask, MaskMode, MaskTile, near};

/// A shape; points are in pixels of the mask, a pixel's middle is at .5.
#[derive(Clone, Debug, PartialEq)]
pub enum MaskShape {
    /// Between two opposite corners.
    Rectangle([f32; 2], [f32; 2]),
    /// The ellipse inside of a rectangle.
    Ellipse([f32; 2], [f32; 2]),
    /// Everything that a closed line goes round.
    Lasso(Vec<[f32; 2]>),
}

/// Something to do with a whole mask.
#[derive(Clone, Debug, PartialEq)]
pub enum MaskChange {
    /// Cover a shape.
    Shape(MaskShape, MaskMode),
    /// The region around a pixel, up to lines that enclose it.
    FillRegion([u32; 2], MaskMode),
    /// Everything.
    FillAll(MaskMode),
    /// What may change stays, and the other way round.
    Invert,
    /// What may change becomes larger by so many pixels on every side, at most [`MaskChange::MAX_PX`].
    Grow(u16),
    /// What may change becomes smaller by so many pixels on every side.
    Shrink(u16),
    /// Every edge becomes soft over so many pixels to both sides.
    Feather(u16),
}

impl MaskChange {
    /// Most pixels to grow, shrink or feather by.
    pub const MAX_PX: u16 = 512;
}

impl Mask {
    /// Does it. Tiles that stay as they are stay shared with the masks that have them too.
    pub fn change(&mut self, change: &MaskChange) {
        match change {
            MaskChange::Shape(MaskShape::Rectangle(a, b), mode) => {
                shape::rectangle(self, *a, *b, *mode);
            }
            MaskChange::Shape(MaskShape::Ellipse(a, b), mode) => {
                shape::ellipse(self, *a, *b, *mode);
            }
            MaskChange::Shape(MaskShape::Lasso(points), mode) => {
                shape::polygon(self, points, *mode);
            }
            MaskChange::FillRegion(at, mode) => self.fill_region(*at, *mode),
            MaskChange::FillAll(mode) => {
                for index in 0..self.tiles() {
                    self.put(index, MaskTile::Uniform(mode.full()));
                }
            }
            MaskChange::Invert => self.invert(),
            MaskChange::Grow(px) => self.grow((*px).min(MaskChange::MAX_PX)),
            MaskChange::Shrink(px) => {
                self.invert();
                self.grow((*px).min(MaskChange::MAX_PX));
                self.invert();
            }
            MaskChange::Feather(px) => self.feather((*px).min(MaskChange::MAX_PX)),
        }
        self.compact();
    }

    fn invert(&mut self) {
        for index in 0..self.tiles() {
            match self.tile(index) {
                Some(MaskTile::Uniform(value)) => {
                    let value = 255 - value;
                    self.put(index, MaskTile::Uniform(value));
                }
                Some(MaskTile::Pixels(_)) => {
                    for pixel in self.pixels_mut(index).into_iter().flatten() {
                        *pixel = 255 - *pixel;
                    }
                }
                None => {}
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte"
    )]
    fn grow(&mut self, px: u16) {
        if px == 0 {
            return;
        }
        let mut flat = self.flat();
        let reach = f32::from(px) + 1.0;
        near(
            &mut flat,
            self.width(),
            CHOSEN,
            px + 1,
            |distance, before| {
                let by = ((reach - distance).clamp(0.0, 1.0) * 255.0).round() as u8;
                before.max(by)
            },
        );
        self.set_flat(&flat);
    }

    /// Three boxes one after the other are nearly a bell, and reach exactly as far as their radii add up to.
    fn feather(&mut self, px: u16) {
        let px = usize::from(px);
        let radii = [px / 3, (px + 1) / 3, px.div_ceil(3)];
        let mut flat = self.flat();
        let width = self.width();
        let mut line = Vec::new();
        for radius in radii.into_iter().filter(|radius| *radius > 0) {
            for row in flat.chunks_exact_mut(width) {
                line.clear();
                line.extend_from_slice(row);
                blur(&line, radius, |i, value| row[i] = value);
            }
        }
        let height = flat.len() / width.max(1);
        for radius in radii.into_iter().filter(|radius| *radius > 0) {
            blur_columns(&mut flat, width, height, radius);
        }
        self.set_flat(&flat);
    }

    /// Region by region along rows: a stack of places to look at, not of pixels.
    fn fill_region(&mut self, [x, y]: [u32; 2], mode: MaskMode) {
        let size = self.size();
        if x >= size.width() || y >= size.height() {
            return;
        }
        let mut flat = self.flat();
        let (width, height) = (self.width(), flat.len() / self.width());
        let is_in = |value: u8| match mode {
            MaskMode::Add => value < CHOSEN,
            MaskMode::Subtract => value >= CHOSEN,
        };
        let full = mode.full();
        let mut reached = vec![false; flat.len()];
        let mut places = vec![(x as usize, y as usize)];
        while let Some((x, y)) = places.pop() {
            let row = y * width;
            if reached[row + x] || !is_in(flat[row + x]) {
                continue;
            }
            let mut left = x;
            while left > 0 && is_in(flat[row + left - 1]) {
                left -= 1;
            }
            let mut right = x;
            while right + 1 < width && is_in(flat[row + right + 1]) {
                right += 1;
            }
            reached[row + left..=row + right].fill(true);
            for next in [y.checked_sub(1), Some(y + 1).filter(|y| *y < height)] {
                let Some(next) = next else { continue };
                let mut begins = true;
                for x in left..=right {
                    let at = next * width + x;
                    let wanted = !reached[at] && is_in(flat[at]);
                    if wanted && begins {
                        places.push((x, next));
                    }
                    begins = !wanted;
                }
            }
        }
        for at in 0..flat.len() {
            if reached[at] {
                flat[at] = full;
                // The soft edge of the line around it, or a hair would stay between them.
                let x = at % width;
                let beside = [
                    at.checked_sub(1).filter(|_| x > 0),
                    Some(at + 1).filter(|_| x + 1 < width),
                    at.checked_sub(width),
                    Some(at + width),
                ];
                for beside in beside.into_iter().flatten() {
                    if beside < flat.len() && !reached[beside] {
                        flat[beside] = full;
                    }
                }
            }
        }
        self.set_flat(&flat);
    }

    const fn width(&self) -> usize {
        self.size().width() as usize
    }
}

/// The mean of each value and its neighbours; those at the ends count for what is beyond them.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the mean of bytes is a byte"
)]
fn blur(line: &[u8], radius: usize, mut put: impl FnMut(usize, u8)) {
    let Some(last) = line.len().checked_sub(1) else {
        return;
    };
    let count = 2 * radius + 1;
    let at = |i: usize| usize::from(line[i.min(last)]);
    let mut sum = usize::from(line[0]) * (radius + 1) + (1..=radius).map(at).sum::<usize>();
    for i in 0..=last {
        put(i, ((sum + radius) / count) as u8);
        sum += at(i + radius + 1);
        sum -= at(i.saturating_sub(radius));
    }
}

/// The same downwards, for all columns at once: rows are read in the order in which they lie in memory.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the mean of bytes is a byte"
)]
fn blur_columns(flat: &mut [u8], width: usize, height: usize, radius: usize) {
    let Some(last) = height.checked_sub(1) else {
        return;
    };
    let count = (2 * radius + 1) as u32;
    let source = flat.to_vec();
    let row = |y: usize| &source[y.min(last) * width..][..width];
    let mut sums: Vec<u32> = row(0)
        .iter()
        .map(|value| u32::from(*value) * (radius as u32 + 1))
        .collect();
    for y in 1..=radius {
        for (sum, value) in sums.iter_mut().zip(row(y)) {
            *sum += u32::from(*value);
        }
    }
    for y in 0..height {
        let out = &mut flat[y * width..][..width];
        let (enters, leaves) = (row(y + radius + 1), row(y.saturating_sub(radius)));
        for (((out, sum), enters), leaves) in out.iter_mut().zip(&mut sums).zip(enters).zip(leaves)
        {
            *out = ((*sum + radius as u32) / count) as u8;
            *sum = *sum + u32::from(*enters) - u32::from(*leaves);
        }
    }
}
