//! Rows that are made on one thread and used on another: decoding goes on while what came is shrunk and drawn.

use std::io;
use std::mem;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use crate::media::{Header, RowSink};

/// Pixels that are handed over in one go: 69 rows of a picture 3840 px wide.
const STRIPE_PX: usize = 256 << 10;
/// Stripes that wait at most. With the one being filled and the one being used, 4 MB are on their way.
const STRIPES: usize = 2;

/// The end of the road at which rows are made.
pub(super) struct Relay {
    to: SyncSender<Message>,
    /// Buffers that come back.
    spare: Receiver<Vec<u32>>,
    y: u32,
    width: usize,
    pixels: Vec<u32>,
}

enum Message {
    Begin(Header),
    /// Whole rows of `width` pixels, the first of them row `y`.
    Rows {
        y: u32,
        width: usize,
        pixels: Vec<u32>,
    },
}

/// Runs `produce` on this thread and `sink` on another, and waits for both.
///
/// # Errors
/// When the system gives no thread, or the sink panics.
pub(super) fn relay<S: RowSink + Send, T>(
    sink: &mut S,
    produce: impl FnOnce(&mut Relay) -> T,
) -> io::Result<T> {
    let (to, from) = mpsc::sync_channel(STRIPES);
    let (back, spare) = mpsc::sync_channel(STRIPES + 2);
    thread::scope(|scope| {
        let user = thread::Builder::new()
            .name("atelier-drawing".to_owned())
            .spawn_scoped(scope, move || consume(&from, &back, sink))?;
        let mut relay = Relay {
            to,
            spare,
            y: 0,
            width: 0,
            pixels: Vec::new(),
        };
        let outcome = produce(&mut relay);
        relay.close();
        match user.join() {
            Ok(()) => Ok(outcome),
            Err(_panic) => Err(io::Error::other("drawing gave up")),
        }
    })
}

fn consume(from: &Receiver<Message>, back: &SyncSender<Vec<u32>>, sink: &mut impl RowSink) {
    for message in from {
        let flow = match message {
            Message::Begin(header) => sink.begin(&header),
            Message::Rows {
                y,
                width,
                mut pixels,
            } => {
                let flow = (y..)
                    .zip(pixels.chunks_exact(width.max(1)))
                    .try_for_each(|(y, row)| sink.row(y, row));
                pixels.clear();
                // The other side may be done already.
                drop(back.try_send(pixels));
                flow
            }
        };
        if flow.is_break() {
            return;
        }
    }
}

impl Relay {
    /// Hands over what is left, also of a picture that was cut.
    fn close(mut self) {
        if self.hand_over().is_break() {
            tracing::debug!("whoever draws has had enough");
        }
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        if self.pixels.is_empty() {
            return ControlFlow::Continue(());
        }
        let next = self.spare.try_recv().unwrap_or_default();
        let pixels = mem::replace(&mut self.pixels, next);
        let rows = u32::try_from(pixels.len() / self.width.max(1)).unwrap_or(u32::MAX);
        let message = Message::Rows {
            y: self.y,
            width: self.width,
            pixels,
        };
        self.y = self.y.saturating_add(rows);
        self.send(message)
    }

    fn send(&self, message: Message) -> ControlFlow<()> {
        match self.to.send(message) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_gone) => ControlFlow::Break(()),
        }
    }
}

impl RowSink for Relay {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.send(Message::Begin(*header))
    }

    fn row(&mut self, y: u32, pixels: &[u32]) -> ControlFlow<()> {
        if self.pixels.is_empty() {
            self.y = y;
            self.width = pixels.len();
        }
        self.pixels.extend_from_slice(pixels);
        if self.pixels.len() >= STRIPE_PX {
            self.hand_over()
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Orientation, SourceFormat};
    use crate::model::PixelSize;

    const HEIGHT: u32 = 700;

    /// Wants `most` rows.
    struct Takes {
        header: Option<Header>,
        taken: Vec<(u32, Vec<u32>)>,
        most: usize,
    }

    impl RowSink for Takes {
        fn begin(&mut self, header: &Header) -> ControlFlow<()> {
            self.header = Some(*header);
            ControlFlow::Continue(())
        }

        fn row(&mut self, y: u32, pixels: &[u32]) -> ControlFlow<()> {
            self.taken.push((y, pixels.to_vec()));
            if self.taken.len() < self.most {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        }
    }

    fn picture(width: u32) -> (Header, Vec<Vec<u32>>) {
        let header = Header {
            format: SourceFormat::Png,
            size: PixelSize::new(width, HEIGHT).unwrap(),
            has_alpha: false,
            bit_depth: 8,
            animated: false,
            orientation: Orientation::UPRIGHT,
        };
        let rows = (0..HEIGHT).map(|y| (0..width).map(|x| x ^ y << 12).collect());
        (header, rows.collect())
    }

    #[test]
    fn every_row_comes_out_as_it_went_in() {
        for width in [1, 511, 4_000] {
            let (header, rows) = picture(width);
            let mut sink = Takes {
                header: None,
                taken: Vec::new(),
                most: usize::MAX,
            };
            let flow = relay(&mut sink, |relay| {
                assert!(relay.begin(&header).is_continue());
                (0..).zip(&rows).try_for_each(|(y, row)| relay.row(y, row))
            });
            assert!(flow.unwrap().is_continue());
            assert_eq!(sink.header, Some(header));
            assert!((0..).zip(rows).eq(sink.taken));
        }
    }

    #[test]
    fn a_sink_that_has_had_enough_ends_the_making() {
        let (header, rows) = picture(4_000);
        let mut sink = Takes {
            header: None,
            taken: Vec::new(),
            most: 3,
        };
        let flow = relay(&mut sink, |relay| {
            assert!(relay.begin(&header).is_continue());
            (0..).zip(&rows).try_for_each(|(y, row)| relay.row(y, row))
        });
        assert!(flow.unwrap().is_break());
        assert_eq!(sink.taken.len(), 3);
    }

    #[test]
    fn a_sink_that_panics_is_an_error() {
        struct Panics;
        impl RowSink for Panics {
            fn begin(&mut self, _: &Header) -> ControlFlow<()> {
                panic!("for the test")
            }
            fn row(&mut self, _: u32, _: &[u32]) -> ControlFlow<()> {
                ControlFlow::Continue(())
            }
        }
        let (header, _) = picture(1);
        assert!(relay(&mut Panics, |relay| relay.begin(&header)).is_err());
    }
}
