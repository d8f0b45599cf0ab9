//! How far pixels are from what is covered, up to a limit; exact, in time that does not grow with the limit.
//!
//! Rows first (the nearest covered pixel to the left or right), then columns: the lower envelope of parabolas
//! (Felzenszwalb and Huttenlocher, «Distance Transforms of Sampled Functions», 2012). Three bytes a pixel of the part
//! that is near enough, nothing for the rest.

#![expect(
    clippy::indexing_slicing,
    reason = "pixel loops over buffers of one size"
)]
#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "distances and positions in a mask, whose sides are below 2^16"
)]

/// Calls `at` with the distance in pixels, and the value, of every pixel of `flat` that is at most `limit` away from one
/// with at least `least`, itself included; what it gives is the new value. `flat` is row-major, `width` wide.
pub(in crate::media) fn near(
    flat: &mut [u8],
    width: usize,
    least: u8,
    limit: u16,
    at: impl Fn(f32, u8) -> u8,
) {
    let Some(area) = Area::around(flat, width, least, usize::from(limit)) else {
        return;
    };
    let far = limit.saturating_add(1);
    let across = area.right - area.left;
    let mut beside: Vec<u16> = vec![far; across * (area.bottom - area.top)];
    for (row, y) in beside.chunks_exact_mut(across).zip(area.top..) {
        let source = &flat[y * width + area.left..y * width + area.right];
        let mut distance = far;
        for (out, value) in row.iter_mut().zip(source) {
            distance = if *value >= least {
                0
            } else {
                far.min(distance.saturating_add(1))
            };
            *out = distance;
        }
        distance = far;
        for (out, value) in row.iter_mut().zip(source).rev() {
            distance = if *value >= least {
                0
            } else {
                far.min(distance.saturating_add(1))
            };
            *out = distance.min(*out);
        }
    }
    let mut envelope = Envelope::default();
    for x in 0..across {
        envelope.clear();
        for (y, row) in beside.chunks_exact(across).enumerate() {
            if row[x] < far {
                envelope.add(y as i64, i64::from(row[x]));
            }
        }
        let mut reader = 0;
        for y in 0..area.bottom - area.top {
            let Some(squared) = envelope.at(y as i64, &mut reader) else {
                break;
            };
            if squared <= i64::from(limit) * i64::from(limit) {
                let pixel = &mut flat[(area.top + y) * width + area.left + x];
                *pixel = at((squared as f32).sqrt(), *pixel);
            }
        }
    }
}

/// A box of pixels.
struct Area {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

impl Area {
    /// The box of all pixels with at least `least`, larger by `limit` on every side.
    fn around(flat: &[u8], width: usize, least: u8, limit: usize) -> Option<Self> {
        let is_in = |value: &u8| *value >= least;
        let (mut left, mut right) = (usize::MAX, 0);
        let (mut top, mut bottom) = (usize::MAX, 0);
        for (y, row) in flat.chunks_exact(width.max(1)).enumerate() {
            if let Some(first) = row.iter().position(is_in) {
                let end = row.iter().rposition(is_in).unwrap_or(first) + 1;
                (left, right) = (left.min(first), right.max(end));
                (top, bottom) = (top.min(y), y + 1);
            }
        }
        (top < bottom).then(|| Self {
            left: left.saturating_sub(limit),
            right: (right + limit).min(width),
            top: top.saturating_sub(limit),
            bottom: (bottom + limit).min(flat.len() / width.max(1)),
        })
    }
}

/// The lower envelope of parabolas `(y - p)² + h²` of one column.
#[derive(Default)]
struct Envelope {
    /// Place and squared height.
    parabolas: Vec<(i64, i64)>,
    /// From where on each of them is the lowest.
    starts: Vec<f64>,
}

impl Envelope {
    fn clear(&mut self) {
        self.parabolas.clear();
        self.starts.clear();
    }

    /// Places come in their order.
    fn add(&mut self, place: i64, height: i64) {
        let squared = height * height;
        while let Some(&(p, h)) = self.parabolas.last() {
            let meet = ((squared + place * place) - (h + p * p)) as f64 / (2 * (place - p)) as f64;
            if meet <= self.starts[self.starts.len() - 1] {
                self.parabolas.pop();
                self.starts.pop();
                continue;
            }
            self.parabolas.push((place, squared));
            self.starts.push(meet);
            return;
        }
        self.parabolas.push((place, squared));
        self.starts.push(f64::NEG_INFINITY);
    }

    /// The squared distance at `y`; `reader` is where the last one was found. `None`: the column is empty.
    fn at(&self, y: i64, reader: &mut usize) -> Option<i64> {
        while *reader + 1 < self.starts.len() && self.starts[*reader + 1] <= y as f64 {
            *reader += 1;
        }
        let &(place, height) = self.parabolas.get(*reader)?;
        Some((y - place) * (y - place) + height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against every pair of pixels.
    #[test]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small figures"
    )]
    fn distances_are_those_of_a_ruler() {
        let (width, height, limit) = (23, 17, 6_u16);
        let mut random = fastrand::Rng::with_seed(7);
        for chosen in [1, 4, 40] {
            let mut flat = vec![0_u8; width * height];
            for _ in 0..chosen {
                flat[random.usize(..width * height)] = 200;
            }
            let before = flat.clone();
            near(&mut flat, width, 128, limit, |d, _| {
                (d * 16.0).round() as u8 + 1
            });
            for (i, value) in flat.iter().enumerate() {
                let nearest = (0..before.len())
                    .filter(|j| before[*j] >= 128)
                    .map(|j| {
                        let dx = (i % width) as f32 - (j % width) as f32;
                        let dy = (i / width) as f32 - (j / width) as f32;
                        dx.hypot(dy)
                    })
                    .fold(f32::INFINITY, f32::min);
                let expected = if nearest <= f32::from(limit) {
                    (nearest * 16.0).round() as u8 + 1
                } else {
                    before[i]
                };
                assert_eq!(*value, expected, "pixel {i}");
            }
        }
    }
}
