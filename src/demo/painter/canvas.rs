//! Layers of paint, and how they become pixels.
//!
//! A [`Painting`] is a list of layers in picture units, so it has no resolution: the same one is rendered small for a
//! preview and at 4K for a result. Rendering goes in bands of rows; a band takes all layers before the next begins, so
//! the float pixels in work stay in the cache, and bands are shared out to two threads.
#![expect(
    clippy::indexing_slicing,
    reason = "pixel loops; every index is clipped to the band first"
)]

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::color::{Encoder, Ink, Lab};
use super::noise::{speck, step};
use super::path::{Bounds, Path, Point};
use super::{PixelSize, Raster};

/// Rows of a band: at 4K its pixels take 2 MiB.
const BAND_ROWS: usize = 32;
/// Threads that paint.
const WORKERS: usize = 2;

/// Width and height of a picture in its own units: the shorter side is 1, unless the ratio is above [`Frame::LONGEST`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Frame {
    /// The longer side is never more units than this, so that a sliver does not ask for a million strokes.
    const LONGEST: f32 = 4.0;

    pub(super) fn of(size: PixelSize) -> Self {
        let unit = unit_px(size);
        Self {
            width: size.width() as f32 / unit,
            height: size.height() as f32 / unit,
        }
    }

    pub(super) const fn at(self, u: f32, v: f32) -> Point {
        Point::new(u * self.width, v * self.height)
    }

    pub(super) fn center(self) -> Point {
        self.at(0.5, 0.5)
    }
}

/// Pixels of one picture unit.
pub(super) fn unit_px(size: PixelSize) -> f32 {
    (size.shorter() as f32).max(size.longer() as f32 / Frame::LONGEST)
}

enum Fill<'a> {
    Flat(Ink),
    Shaded(Box<dyn Fn(Point) -> Ink + Sync + 'a>),
}

struct Layer<'a> {
    /// `None` covers everything.
    shape: Option<(Path, Bounds)>,
    fill: Fill<'a>,
}

/// Layers from back to front, and how the finished surface looks.
pub(super) struct Painting<'a> {
    pub(super) frame: Frame,
    layers: Vec<Layer<'a>>,
    /// How much the corners darken, 0 to 1; only where the picture is opaque.
    pub(super) vignette: f32,
}

impl<'a> Painting<'a> {
    pub(super) const fn new(frame: Frame) -> Self {
        Self {
            frame,
            layers: Vec::new(),
            vignette: 0.16,
        }
    }

    /// Covers everything with a colour that depends on the place.
    pub(super) fn wash(&mut self, shade: impl Fn(Point) -> Ink + Sync + 'a) {
        self.layers.push(Layer {
            shape: None,
            fill: Fill::Shaded(Box::new(shade)),
        });
    }

    /// Fills `path` with one ink.
    pub(super) fn fill(&mut self, path: Path, ink: impl Into<Ink>) {
        self.push(path, Fill::Flat(ink.into()));
    }

    /// Fills `path` with a colour that depends on the place.
    pub(super) fn shade(&mut self, path: Path, shade: impl Fn(Point) -> Ink + Sync + 'a) {
        self.push(path, Fill::Shaded(Box::new(shade)));
    }

    fn push(&mut self, path: Path, fill: Fill<'a>) {
        let bounds = path.bounds();
        self.layers.push(Layer {
            shape: Some((path, bounds)),
            fill,
        });
    }

    /// Paints at `size` and finishes: vignette, grain, sRGB.
    pub(super) fn render(&self, size: PixelSize) -> Raster {
        let (width, height) = (size.width() as usize, size.height() as usize);
        let mut rgba = vec![0; width * height * 4];
        let encoder = Encoder::new();
        let center = self.frame.center();
        in_bands(&mut rgba, width * 4, |first_row, bytes| {
            let mut band = Band::new(size, self.scale(size), first_row, bytes.len() / (width * 4));
            band.paint(&self.layers);
            for (i, (pixel, out)) in band
                .pixels
                .iter()
                .zip(bytes.chunks_exact_mut(4))
                .enumerate()
            {
                let (x, y) = (i % width, first_row + i / width);
                let away = (band.point(x, y) - center).length() / center.length();
                let shadow = self.vignette * step(0.45, 1.25, away) * pixel[3];
                out.copy_from_slice(&finish(&encoder, *pixel, shadow, x, y));
            }
        });
        Raster {
            width: size.width(),
            height: size.height(),
            rgba,
        }
    }

    /// Pixels of a unit at `size`, whose ratio may be a rounding off that of the frame: no pixel falls outside.
    fn scale(&self, size: PixelSize) -> f32 {
        let Frame { width, height } = self.frame;
        (size.width() as f32 / width).max(size.height() as f32 / height)
    }

    /// Paints at `size` and stops before the finish: premultiplied `OKLab` and alpha, row-major.
    pub(super) fn render_lab(&self, size: PixelSize) -> Vec<[f32; 4]> {
        let width = size.width() as usize;
        let mut pixels = vec![[0.0; 4]; width * size.height() as usize];
        in_bands(&mut pixels, width, |first_row, out| {
            let mut band = Band::new(size, self.scale(size), first_row, out.len() / width);
            band.paint(&self.layers);
            out.copy_from_slice(&band.pixels);
        });
        pixels
    }
}

impl std::fmt::Debug for Painting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Painting")
            .field("frame", &self.frame)
            .field("layers", &self.layers.len())
            .finish_non_exhaustive()
    }
}

/// Darkens the corner, adds grain, rounds with dither, and takes the premultiplication out.
fn finish(encoder: &Encoder, pixel: [f32; 4], shadow: f32, x: usize, y: usize) -> [u8; 4] {
    let [l, a, b, alpha] = pixel;
    if alpha < 0.002 {
        return [0; 4];
    }
    let chance = speck(x as i32, y as i32, 0x6772_6169);
    // The sum of two chances is a triangle: grain that looks like film, not like snow.
    let grain = 0.013 * (chance + speck(x as i32, y as i32, 0x6e32) - 1.0);
    let light = 1.0 - shadow;
    let lab = Lab::new(
        (l / alpha * light + grain).clamp(0.0, 1.0),
        a / alpha * light,
        b / alpha * light,
    );
    let [r, g, b] = encoder.srgb(lab, chance);
    [r, g, b, (alpha.min(1.0) * 255.0 + 0.5) as u8]
}

/// Cuts `data` into bands of whole rows and gives them to the workers: `paint(first row, band)`.
fn in_bands<T: Send>(data: &mut [T], row_len: usize, paint: impl Fn(usize, &mut [T]) + Sync) {
    let bands = Mutex::new(data.chunks_mut((row_len * BAND_ROWS).max(1)).enumerate());
    let work = || loop {
        let band = bands.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((index, band)) = band else { break };
        paint(index * BAND_ROWS, band);
    };
    thread::scope(|scope| {
        for _ in 1..WORKERS {
            // Where no thread is to be had, this one paints every band.
            let helper = thread::Builder::new().name("demo-painter".to_owned());
            drop(helper.spawn_scoped(scope, work));
        }
        work();
    });
}

/// Some rows of a picture in work.
struct Band {
    /// Pixels of a unit.
    scale: f32,
    first_row: usize,
    rows: usize,
    width: usize,
    /// Premultiplied `OKLab` and alpha.
    pixels: Vec<[f32; 4]>,
    /// Signed area that the edges of one shape leave to their right: `width + 1` cells a row, all zero between shapes.
    cover: Vec<f32>,
    /// Cells of each row that edges have touched.
    touched: Vec<Range<usize>>,
}

/// No cell yet: any cell widens it.
const UNTOUCHED: Range<usize> = Range {
    start: usize::MAX,
    end: 0,
};

impl Band {
    fn new(size: PixelSize, scale: f32, first_row: usize, rows: usize) -> Self {
        let width = size.width() as usize;
        Self {
            scale,
            first_row,
            rows,
            width,
            pixels: vec![[0.0; 4]; width * rows],
            cover: vec![0.0; (width + 1) * rows],
            touched: vec![UNTOUCHED; rows],
        }
    }

    /// The centre of a pixel in picture units; `y` counts from the top of the picture.
    fn point(&self, x: usize, y: usize) -> Point {
        center(x, y, self.scale)
    }

    fn paint(&mut self, layers: &[Layer<'_>]) {
        for layer in layers {
            match (&layer.shape, &layer.fill) {
                (Some((path, bounds)), fill) => self.fill(path, *bounds, fill),
                (None, Fill::Flat(ink)) => self.wash(|_| *ink),
                (None, Fill::Shaded(shade)) => self.wash(shade),
            }
        }
    }

    fn wash(&mut self, shade: impl Fn(Point) -> Ink) {
        for i in 0..self.pixels.len() {
            let ink = shade(self.point(i % self.width, self.first_row + i / self.width));
            over(&mut self.pixels[i], ink, 1.0);
        }
    }

    /// Fills a path with exact area coverage: every edge adds what it covers of its own pixel and, through a running
    /// sum along the row, of all pixels to its right.
    fn fill(&mut self, path: &Path, bounds: Bounds, fill: &Fill<'_>) {
        let top = self.first_row as f32;
        let (min, max) = (bounds.min * self.scale, bounds.max * self.scale);
        let is_outside = max.y <= top || min.y >= top + self.rows as f32;
        if is_outside || max.x <= 0.0 || min.x >= self.width as f32 {
            return;
        }
        let origin = Point::new(0.0, top);
        for contour in path.contours() {
            let mut from = contour[contour.len() - 1] * self.scale - origin;
            for corner in contour {
                let to = *corner * self.scale - origin;
                self.add_edge(from, to);
                from = to;
            }
        }
        for row in 0..self.rows {
            match fill {
                Fill::Flat(ink) => self.fill_row(row, |_| *ink),
                Fill::Shaded(shade) => self.fill_row(row, shade),
            }
        }
    }

    /// Paints what is covered of a row, and takes its cover away.
    fn fill_row(&mut self, row: usize, ink_at: impl Fn(Point) -> Ink) {
        let touched = std::mem::replace(&mut self.touched[row], UNTOUCHED);
        if touched.is_empty() {
            return;
        }
        let first = touched.start;
        let (scale, y) = (self.scale, self.first_row + row);
        let cover = &mut self.cover[row * (self.width + 1)..][touched];
        let pixels = &mut self.pixels[row * self.width..][first.min(self.width)..self.width];
        let mut sum = 0.0_f32;
        for ((x, cell), pixel) in (first..).zip(&*cover).zip(pixels) {
            sum += cell;
            let covered = sum.abs().min(1.0);
            if covered > 0.003 {
                over(pixel, ink_at(center(x, y, scale)), covered);
            }
        }
        cover.fill(0.0);
    }

    /// Adds one edge, in pixels of the band, to the cover.
    fn add_edge(&mut self, from: Point, to: Point) {
        let (sign, top, bottom) = if from.y < to.y {
            (1.0, from, to)
        } else {
            (-1.0, to, from)
        };
        let (first, last) = (top.y.max(0.0), bottom.y.min(self.rows as f32));
        if first >= last {
            return;
        }
        let slope = (bottom.x - top.x) / (bottom.y - top.y);
        // What lies left of the band covers its rows whole, what lies right of it goes to the cell that is not shown.
        let x_at = |y: f32| (top.x + (y - top.y) * slope).clamp(0.0, self.width as f32);
        let mut y = first;
        while y < last {
            let row = y as usize;
            let end = (row as f32 + 1.0).min(last);
            let height = sign * (end - y);
            let (a, b) = (x_at(y), x_at(end));
            let (a, b) = if a < b { (a, b) } else { (b, a) };
            let start = row * (self.width + 1);
            add_span(&mut self.cover[start..=start + self.width], a, b, height);
            let touched = &mut self.touched[row];
            touched.start = touched.start.min(a as usize);
            touched.end = touched.end.max((b as usize + 2).min(self.width + 1));
            y = end;
        }
    }
}

/// The centre of a pixel in picture units.
fn center(x: usize, y: usize, scale: f32) -> Point {
    Point::new((x as f32 + 0.5) / scale, (y as f32 + 0.5) / scale)
}

/// Spreads `height` over the cells that an edge crosses between `a` and `b` within one row.
fn add_span(cells: &mut [f32], a: f32, b: f32, height: f32) {
    let (first, last) = (a as usize, (b as usize).min(cells.len() - 1));
    if first >= last {
        // Within one pixel: the part to the edge's right is covered here, the rest from the next pixel on.
        let first = first.min(cells.len() - 1);
        let covered = height * (1.0 - (0.5 * (a + b) - first as f32));
        cells[first] += covered;
        if let Some(next) = cells.get_mut(first + 1) {
            *next += height - covered;
        }
        return;
    }
    // Cumulative cover of a pixel = integral of the edge's passing; cells hold its differences.
    let per_px = height / (b - a);
    let mut before = 0.0;
    for (cell, value) in cells.iter_mut().enumerate().take(last + 1).skip(first) {
        let (from, to) = (a.max(cell as f32), b.min(cell as f32 + 1.0));
        let within = per_px * (to - from) * (cell as f32 + 1.0 - 0.5 * (from + to));
        let covered = per_px * (from - a) + within;
        *value += covered - before;
        before = covered;
    }
    if let Some(next) = cells.get_mut(last + 1) {
        *next += height - before;
    }
}

/// Lays `ink` over a premultiplied pixel; `covered` is the part of the pixel that it takes.
fn over(pixel: &mut [f32; 4], ink: Ink, covered: f32) {
    let alpha = ink.alpha * covered;
    let keep = 1.0 - alpha;
    let Lab { l, a, b } = ink.lab;
    *pixel = [
        pixel[0] * keep + l * alpha,
        pixel[1] * keep + a * alpha,
        pixel[2] * keep + b * alpha,
        pixel[3] * keep + alpha,
    ];
}
