//! The area filter behind thumbnails, fed row by row.

#![expect(
    clippy::indexing_slicing,
    reason = "columns within the width, channels from 0 to 3"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "means of 8-bit channels: 24 bits of mantissa suffice, and the result is never negative"
)]

use super::Thumbnail;
use crate::model::PixelSize;

/// The size into which a picture of `source` fits, `max_side_px` at most; neither side becomes zero.
fn fit(source: PixelSize, max_side_px: u32) -> PixelSize {
    let longer = u64::from(source.longer());
    let max_side = u64::from(max_side_px.max(1)).min(longer);
    let side = |side: u32| {
        let scaled = (u64::from(side) * max_side + longer / 2) / longer;
        u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
    };
    PixelSize::new(side(source.width()), side(source.height())).unwrap_or(source)
}

/// Positions and weights are in 1/256 of a source pixel.
const ONE: u32 = 256;

/// Two channels of a pixel, with room for sums of 16 bits: bytes 0 and 2, or 1 and 3 once shifted.
const LANES: u32 = 0x00ff_00ff;

/// Where box `index` of `count` ends among `source` pixels.
fn box_end(index: u32, source: u32, count: u32) -> u64 {
    (u64::from(index) + 1) * u64::from(source) * u64::from(ONE) / u64::from(count)
}

/// The area filter. A box is the part of the source that becomes one pixel of the thumbnail, so at least one pixel
/// wide and high.
///
/// The rows of a box are first summed per column, which is where nearly all pixels go by, then the columns of each box.
/// A row that two boxes share is split into two parts that add up to it, each rounded to whole levels. With positions
/// rounded to 1/256 that makes a mean wrong by a level or two if a box is one pixel high, and by far less at the sizes
/// that results have.
#[derive(Clone, Debug)]
pub(super) struct Shrink {
    source: PixelSize,
    size: PixelSize,
    /// Rows seen.
    rows: u32,
    /// The row of the thumbnail that is being gathered.
    next: u32,
    /// Where the boxes of a row end.
    box_ends: Vec<u64>,
    /// The sums per column of bytes 0 and 2 of the pixels, 16 bits each.
    even: Vec<u32>,
    /// The same of bytes 1 and 3.
    odd: Vec<u32>,
    /// The sum that a column of white pixels would have.
    white: u32,
    pixels: Vec<u32>,
}

impl Shrink {
    /// Shrinks pictures of `source` until their longer side is at most `max_side_px`.
    pub(super) fn new(source: PixelSize, max_side_px: u32) -> Self {
        let size = fit(source, max_side_px);
        let width = source.width() as usize;
        Self {
            source,
            size,
            rows: 0,
            next: 0,
            box_ends: (0..size.width())
                .map(|index| box_end(index, source.width(), size.width()))
                .collect(),
            even: vec![0; width],
            odd: vec![0; width],
            white: 0,
            pixels: Vec::with_capacity(size.width() as usize * size.height() as usize),
        }
    }

    /// Takes the next row; one of another width, or too many, are ignored.
    pub(super) fn row(&mut self, row: &[u32]) {
        if self.is_complete() || row.len() != self.even.len() {
            return;
        }
        self.rows += 1;
        if self.size == self.source {
            self.pixels.extend_from_slice(row);
            self.next += 1;
            return;
        }
        let row_end = u64::from(self.rows) * u64::from(ONE);
        let box_end = box_end(self.next, self.source.height(), self.size.height());
        // Less than a whole row, as a box is at least that high.
        let beyond = row_end.checked_sub(box_end).map(u32::try_from);
        match beyond {
            Some(Ok(0)) => {
                self.add(row);
                self.close_boxes();
            }
            Some(Ok(beyond)) => {
                self.add_part(row, ONE.saturating_sub(beyond));
                self.close_boxes();
                self.add_rest(row, ONE.saturating_sub(beyond));
            }
            _ => self.add(row),
        }
    }

    /// Whether there was a row.
    pub(super) const fn has_begun(&self) -> bool {
        self.rows > 0
    }

    /// Whether every row of the thumbnail is made.
    pub(super) const fn is_complete(&self) -> bool {
        self.next == self.size.height()
    }

    /// The thumbnail; rows that did not come are transparent.
    pub(super) fn finish(mut self) -> Thumbnail {
        let Self { size, .. } = self;
        self.pixels
            .resize(size.width() as usize * size.height() as usize, 0);
        Thumbnail {
            width: size.width(),
            height: size.height(),
            pixels: self.pixels,
        }
    }

    fn add(&mut self, row: &[u32]) {
        self.accumulate(row, |lanes| lanes);
    }

    /// Adds `weight` of `row`.
    fn add_part(&mut self, row: &[u32], weight: u32) {
        self.accumulate(row, |lanes| part(lanes, weight));
    }

    /// Adds what [`Self::add_part`] left of `row`.
    fn add_rest(&mut self, row: &[u32], weight: u32) {
        self.accumulate(row, |lanes| lanes - part(lanes, weight));
    }

    fn accumulate(&mut self, row: &[u32], share: impl Fn(u32) -> u32) {
        // A sum that would outgrow its 16 bits leaves the rest of the box out of the mean. That takes a box of 257
        // rows: a side of 131 584 pixels for the larger thumbnail.
        let white = self.white + (share(LANES) & 0xffff);
        if white > u32::from(u16::MAX) {
            return;
        }
        self.white = white;
        for ((even, odd), pixel) in self.even.iter_mut().zip(&mut self.odd).zip(row) {
            *even += share(pixel & LANES);
            *odd += share(pixel >> 8 & LANES);
        }
    }

    /// Makes a row of the thumbnail out of the sums, and begins anew.
    fn close_boxes(&mut self) {
        let mut start = 0;
        for &end in &self.box_ends {
            // What the box would sum to if every byte were 1.
            let area = (self.white as f32 / 255.0) * (end - start) as f32;
            let mean = self.sum(start, end).map(|sum| (sum / area + 0.5) as u8);
            self.pixels.push(u32::from_ne_bytes(mean));
            start = end;
        }
        self.even.fill(0);
        self.odd.fill(0);
        self.white = 0;
        self.next += 1;
    }

    /// The weighted sum of the columns from `start` to `end`, bytes 0 to 3.
    fn sum(&self, start: u64, end: u64) -> [f32; 4] {
        let one = u64::from(ONE);
        let [first, last] = [start / one, end / one].map(|column| column as usize);
        let column = |column: usize| [widen(self.even[column]), widen(self.odd[column])];
        let mut whole = [0_u64; 2];
        for index in first..last {
            let [even, odd] = column(index);
            whole[0] += even;
            whole[1] += odd;
        }
        let mut sum = lanes(whole).map(|value| value * ONE as f32);
        // What the box before has of the first column, and this one of the column that it shares with the next.
        for (share, index) in [(-((start % one) as f32), first), ((end % one) as f32, last)] {
            if share != 0.0 {
                let cut = lanes(column(index));
                sum = std::array::from_fn(|i| sum[i] + cut[i] * share);
            }
        }
        sum
    }
}

/// `weight` of both lanes, rounded to nearest.
const fn part(lanes: u32, weight: u32) -> u32 {
    (lanes * weight + 0x0080_0080) >> 8 & LANES
}

/// Two lanes of 16 bits as two of 32.
const fn widen(lanes: u32) -> u64 {
    let lanes = lanes as u64;
    (lanes | lanes << 16) & 0x0000_ffff_0000_ffff
}

/// Two times two lanes in the order of the bytes that they are sums of.
const fn lanes([even, odd]: [u64; 2]) -> [f32; 4] {
    [
        even as u32 as f32,
        odd as u32 as f32,
        (even >> 32) as f32,
        (odd >> 32) as f32,
    ]
}
