//! Tiles of a mask as coloured, transparent textures.

use std::sync::Arc;

use egui::{ColorImage, Context, TextureId};

use super::gpu::{Sampling, Texture, bytes_of};
use super::{Key, TextureStore};

/// Names a tile of the mask that is being painted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub struct MaskTileKey(pub usize);

/// Everything that the look of a mask's tile depends on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MaskLook {
    /// Which mask, by the time when it was opened.
    pub mask: u64,
    /// Of the tile.
    pub revision: u64,
    /// How often it is halved.
    pub level: u8,
    /// Which colour.
    pub color: u8,
    /// In percent.
    pub opacity: u8,
}

impl TextureStore {
    /// A tile of a mask, to be drawn in this frame. When it looks otherwise by now, `make` draws it anew and it is uploaded,
    /// as far as there is budget; until then it is drawn as it was. `None` while there is nothing of this mask on the GPU.
    pub fn mask_tile(
        &mut self,
        ctx: &Context,
        key: MaskTileKey,
        look: MaskLook,
        size: [usize; 2],
        make: impl FnOnce() -> ColorImage,
    ) -> Option<TextureId> {
        self.begin_frame(ctx);
        let entry = self.entries.entry(Key::Mask(key)).or_default();
        entry.used_in = self.frame;
        if entry.look.is_some_and(|old| old.mask != look.mask) {
            entry.look = None;
        }
        let is_current = entry.look == Some(look) && entry.gpu.is_some();
        if !is_current && self.stats.spend(ctx, self.limits, bytes_of(size)) {
            let before = entry.bytes();
            let image = Arc::new(make());
            match &mut entry.gpu {
                Some(gpu) if gpu.size() == image.size => gpu.write([0, 0], image, Sampling::Linear),
                gpu => *gpu = Texture::new(ctx, image, Sampling::Linear),
            }
            entry.look = Some(look);
            let after = entry.bytes();
            let texture = entry.gpu.as_ref().map(Texture::id);
            self.count_held(before, after);
            return texture;
        }
        entry.look?;
        entry.gpu.as_ref().map(Texture::id)
    }

    /// Drops all tiles of masks.
    pub fn remove_mask(&mut self) {
        let mut freed = 0;
        self.entries.retain(|key, entry| {
            let gone = matches!(key, Key::Mask(_));
            if gone {
                freed += entry.bytes();
            }
            !gone
        });
        self.count_held(freed, 0);
    }
}
