//! How much goes to the GPU, and how much is there.

use egui::Context;

/// How much may be on the GPU, and how much may go there at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UploadLimits {
    /// Bytes a frame. A single upload larger than that goes alone.
    pub frame_bytes: usize,
    /// Bytes of all textures. What is on screen is never dropped for it.
    pub total_bytes: usize,
}

impl Default for UploadLimits {
    /// 16 MiB a frame, 256 MiB in all (style.md section 4).
    fn default() -> Self {
        Self {
            frame_bytes: 16 << 20,
            total_bytes: 256 << 20,
        }
    }
}

/// What the store did and holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TextureStats {
    /// Bytes handed to the GPU in the current frame.
    pub frame_bytes: usize,
    /// Uploads in the current frame.
    pub frame_uploads: usize,
    /// Bytes handed to the GPU since the start.
    pub uploaded_bytes: u64,
    /// Bytes held: textures, and pixels that wait for their upload.
    pub held_bytes: usize,
    /// Number of textures.
    pub textures: usize,
}

impl TextureStats {
    /// Takes bytes out of the frame's budget; without budget it asks for the next frame. The first upload of a
    /// frame always goes, so that nothing waits for ever.
    pub(super) fn spend(&mut self, ctx: &Context, limits: UploadLimits, bytes: usize) -> bool {
        let go = self.frame_bytes == 0 || self.frame_bytes + bytes <= limits.frame_bytes;
        if go {
            self.frame_bytes += bytes;
            self.frame_uploads += 1;
            self.uploaded_bytes += bytes as u64;
        } else {
            ctx.request_repaint_of(egui::ViewportId::ROOT);
        }
        go
    }
}
