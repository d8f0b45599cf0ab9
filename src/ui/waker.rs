//! How the engine wakes the window: by asking for a frame, which drains the events before it draws.

use std::sync::Arc;
use std::task::{Wake, Waker};

use egui::{Context, ViewportId};

struct Repaint(Context);

impl Wake for Repaint {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Not `request_repaint`: from another thread that would mean whichever viewport is being drawn.
        self.0.request_repaint_of(ViewportId::ROOT);
    }
}

/// A waker that any thread may call.
pub(super) fn waker(ctx: &Context) -> Waker {
    Arc::new(Repaint(ctx.clone())).into()
}
