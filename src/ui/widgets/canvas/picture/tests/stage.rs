//! A canvas without a GPU: texture changes are applied to pixels in memory, and points of the screen looked up in them.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "positions in test pictures"
)]
#![expect(
    clippy::iter_over_hash_type,
    reason = "changes of different textures have no order"
)]

use std::collections::HashMap;
use std::time::Duration;

use egui::{Color32, ColorImage, ImageData, RawInput, TextureFilter, ViewportId, pos2, vec2};

use super::super::*;
use crate::engine::ThumbnailPixels;
use crate::ui::textures::UploadLimits;

/// What each picture is painted with, so that a point on the screen tells where it comes from: the tag in red, the
/// level in green.
pub(super) type Tag = u8;

pub(super) const PREVIEW: PieceOrigin = PieceOrigin::Preview { preview: 0 };
pub(super) const ARRIVING: PieceOrigin = PieceOrigin::Arriving;
pub(super) const RESULT: PieceOrigin = PieceOrigin::Result;

/// So little a frame that every picture takes many.
pub(super) const SLOW: UploadLimits = UploadLimits {
    frame_bytes: 1 << 20,
    total_bytes: 256 << 20,
};

pub(super) struct Stage {
    ctx: Context,
    pub(super) view: CanvasView,
    pub(super) picture: CanvasPicture,
    pub(super) textures: TextureStore,
    gpu: HashMap<TextureId, ColorImage>,
    pub(super) smooth: HashMap<TextureId, bool>,
    pub(super) parts: Vec<Part>,
    pub(super) repaint: bool,
}

impl Stage {
    pub(super) fn new(limits: UploadLimits) -> Self {
        let mut view = CanvasView::default();
        let viewport = Rect::from_min_size(pos2(40.0, 30.0), vec2(960.0, 600.0));
        view.set_viewport(viewport, 0.0, 1.0);
        Self {
            ctx: Context::default(),
            view,
            picture: CanvasPicture::default(),
            textures: TextureStore::with_limits(limits),
            gpu: HashMap::new(),
            smooth: HashMap::new(),
            parts: Vec::new(),
            repaint: false,
        }
    }

    pub(super) fn frame(&mut self) {
        let mut parts = Vec::new();
        let output = self.ctx.run_ui(RawInput::default(), |ui| {
            parts.clear();
            let (view, textures) = (&mut self.view, &mut self.textures);
            self.picture.prepare(ui.ctx(), view, textures, &mut parts);
        });
        for (id, deltas) in &output.textures_delta.set {
            for delta in deltas {
                let ImageData::Color(image) = &delta.image;
                let smooth = delta.options.magnification == TextureFilter::Linear;
                self.smooth.insert(*id, smooth);
                let Some([x, y]) = delta.pos else {
                    self.gpu.insert(*id, ColorImage::clone(image));
                    continue;
                };
                let whole = self.gpu.get_mut(id).expect("allocated before");
                for row in 0..image.height() {
                    let from = &image.pixels[row * image.width()..][..image.width()];
                    let start = (y + row) * whole.width() + x;
                    whole.pixels[start..start + image.width()].copy_from_slice(from);
                }
            }
        }
        for id in &output.textures_delta.free {
            self.gpu.remove(id);
        }
        let delay = output.viewport_output[&ViewportId::ROOT].repaint_delay;
        self.repaint = delay == Duration::ZERO;
        self.parts = parts;
        output.drop_without_applying_deltas();
    }

    pub(super) fn settle(&mut self) {
        for _ in 0..100 {
            self.frame();
            if !self.repaint {
                return;
            }
        }
        panic!("still uploading after 100 frames");
    }

    /// Zooms around the middle to so many device pixels for each of the picture.
    pub(super) fn zoom_to(&mut self, zoom: f64) {
        let factor = zoom / self.view.device_zoom();
        let middle = self.view.viewport().center();
        self.view.zoom_by(factor as f32, middle);
    }

    /// The colour at a relative position, if anything is drawn there; nothing may be drawn twice.
    pub(super) fn color(&self, at: [f64; 2]) -> Option<Color32> {
        let at = self.view.to_screen(at) + self.view.snap();
        let mut here = self.parts.iter().filter(|part| {
            let Rect { min, max } = part.rect;
            (min.x..max.x).contains(&at.x) && (min.y..max.y).contains(&at.y)
        });
        let part = here.next()?;
        assert!(here.next().is_none(), "drawn twice at {at:?}");
        let (texture, texels) = part.texture?;
        let image = self.gpu.get(&texture).expect("on the GPU");
        let share = (at - part.rect.min) / part.rect.size();
        let [x, y] = [0, 1].map(|axis| {
            let texel = texels.min[axis] + share[axis] * texels.size()[axis];
            let side = image.size[axis];
            ((texel * side as f32) as usize).min(side - 1)
        });
        Some(image.pixels[y * image.width() + x])
    }

    /// The tags from top to bottom at three columns of what is visible.
    pub(super) fn tags(&self) -> Vec<Option<Tag>> {
        let visible = Area::visible(&self.view);
        let mut tags = Vec::new();
        for x in [0.02, 0.51, 0.98] {
            for y in 0..24 {
                let share = [x, (f64::from(y) + 0.5) / 24.0];
                let at = [0, 1].map(|axis: usize| {
                    let side = visible.max[axis] - visible.min[axis];
                    visible.min[axis] + share[axis] * side
                });
                tags.push(self.color(at).map(|color| color.r()));
            }
        }
        tags
    }

    pub(super) fn only(&self, tag: Tag) -> bool {
        self.tags().iter().all(|seen| *seen == Some(tag))
    }

    pub(super) fn begin(&mut self, serial: u64, origin: PieceOrigin, size: [u32; 2]) -> bool {
        self.picture.apply(CanvasEvent::Begin {
            serial,
            origin,
            size: PixelSize::new(size[0], size[1]).unwrap(),
            levels: levels(size),
        })
    }

    /// Rows of all levels; `rows` are those of level 0.
    pub(super) fn rows(
        &mut self,
        serial: u64,
        size: [u32; 2],
        rows: std::ops::Range<u32>,
        tag: Tag,
    ) {
        for piece in bands(serial, size, rows, tag) {
            assert!(self.picture.apply(piece));
        }
    }

    pub(super) fn end(&mut self, serial: u64, origin: PieceOrigin) -> bool {
        self.picture.apply(CanvasEvent::End { serial, origin })
    }

    pub(super) fn whole(&mut self, serial: u64, origin: PieceOrigin, size: [u32; 2], tag: Tag) {
        assert!(self.begin(serial, origin, size));
        self.rows(serial, size, 0..size[1], tag);
        assert!(self.end(serial, origin));
    }
}

pub(super) fn levels(size: [u32; 2]) -> u8 {
    let mut longer = size[0].max(size[1]);
    let mut levels = 1;
    while longer > TILE_PX {
        longer = longer.div_ceil(2);
        levels += 1;
    }
    levels
}

pub(super) fn bands(
    serial: u64,
    [mut width, mut height]: [u32; 2],
    rows: std::ops::Range<u32>,
    tag: Tag,
) -> Vec<CanvasEvent> {
    let last = rows.end == height;
    let (mut first, mut end) = (rows.start, rows.end);
    let mut all = Vec::new();
    for level in 0..levels([width, height]) {
        let mut y = first;
        while y < end {
            let border = (y / TILE_PX + 1) * TILE_PX;
            let next = (y + 64).min(end).min(border);
            for x in (0..width).step_by(TILE_PX as usize) {
                let width = (width - x).min(TILE_PX);
                all.push(piece(serial, level, [x, y], [width, next - y], tag));
            }
            y = next;
        }
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
        (first, end) = (first / 2, if last { height } else { end / 2 });
    }
    all
}

pub(super) fn piece(serial: u64, level: u8, at: [u32; 2], size: [u32; 2], tag: Tag) -> CanvasEvent {
    let pixel = u32::from_ne_bytes([tag, level, 0, 255]);
    CanvasEvent::Piece {
        serial,
        level,
        x: at[0],
        y: at[1],
        pixels: ThumbnailPixels {
            width: size[0],
            height: size[1],
            pixels: vec![pixel; (size[0] * size[1]) as usize],
        },
    }
}
