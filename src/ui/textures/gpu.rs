//! Pixels and textures as egui holds them: a texture is made here and nowhere else.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place that makes textures"
)]

use std::sync::Arc;

use egui::{Color32, ColorImage, Context, ImageData, TextureHandle, TextureId, TextureOptions};

use crate::engine::ThumbnailPixels;

/// How a tile is drawn when it is enlarged.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sampling {
    /// Smooth.
    #[default]
    Linear,
    /// Square pixels.
    Nearest,
}

impl Sampling {
    pub(super) const fn options(self) -> TextureOptions {
        match self {
            Self::Linear => TextureOptions::LINEAR,
            Self::Nearest => TextureOptions::NEAREST,
        }
    }
}

/// A texture and its size.
pub(super) struct Texture {
    handle: TextureHandle,
    size: [usize; 2],
}

impl std::fmt::Debug for Texture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.handle.id(), self.size)
    }
}

impl Texture {
    /// `None` beyond what the GPU can hold in one texture: wgpu would end the program.
    pub(super) fn new(ctx: &Context, image: Arc<ColorImage>, sampling: Sampling) -> Option<Self> {
        let size = image.size;
        let most = ctx.input(|input| input.max_texture_side);
        if size[0] > most || size[1] > most {
            tracing::warn!(
                width = size[0],
                height = size[1],
                most,
                "too large for the GPU"
            );
            return None;
        }
        let handle = ctx.load_texture("picture", ImageData::Color(image), sampling.options());
        Some(Self { handle, size })
    }

    /// Two by two squares, white and transparent, that repeat.
    pub(super) fn checkerboard(ctx: &Context) -> Self {
        let (white, clear) = (Color32::WHITE, Color32::TRANSPARENT);
        let image = ColorImage::new([2, 2], vec![clear, white, white, clear]);
        Self {
            handle: ctx.load_texture("checkerboard", image, TextureOptions::NEAREST_REPEAT),
            size: [2, 2],
        }
    }

    /// Replaces the pixels from `offset` on, the left and upper edge in pixels of the texture. `image` must fit.
    pub(super) fn write(&mut self, offset: [usize; 2], image: Arc<ColorImage>, sampling: Sampling) {
        let image = ImageData::Color(image);
        self.handle.set_partial(offset, image, sampling.options());
    }

    pub(super) fn id(&self) -> TextureId {
        self.handle.id()
    }

    /// Width x height in pixels.
    pub(super) const fn size(&self) -> [usize; 2] {
        self.size
    }
}

/// What pixels of this width and height take up on the GPU.
pub(super) const fn bytes_of(size: [usize; 2]) -> usize {
    size[0].saturating_mul(size[1]).saturating_mul(4)
}

/// Transparent pixels; those of the usual size are shared. Fresh zeroed memory is not even touched.
pub(super) fn blank_image(
    shared: &mut Option<Arc<ColorImage>>,
    size: [usize; 2],
) -> Arc<ColorImage> {
    match shared {
        Some(image) if image.size == size => Arc::clone(image),
        _ => {
            let zeros = vec![0_u32; size[0].saturating_mul(size[1])];
            let image = Arc::new(ColorImage::new(size, bytemuck::allocation::cast_vec(zeros)));
            if size[0] == size[1] {
                *shared = Some(Arc::clone(&image));
            }
            image
        }
    }
}

/// Pixels as egui holds them, without touching one of them. `None` when there are not as many as the sides say.
pub(in crate::ui) fn color_image(pixels: ThumbnailPixels) -> Option<ColorImage> {
    let size = [
        usize::try_from(pixels.width).ok()?,
        usize::try_from(pixels.height).ok()?,
    ];
    let fits = size[0] > 0 && size[0].checked_mul(size[1]) == Some(pixels.pixels.len());
    fits.then(|| {
        let pixels: Vec<Color32> = bytemuck::allocation::cast_vec(pixels.pixels);
        ColorImage::new(size, pixels)
    })
}
