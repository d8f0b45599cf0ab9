//! Rows that are made on one thread and used on another: decoding goes on while what came is packed, shrunk and drawn.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use crate::media::{Header, Packer, RowSink, SampleLayout, SampleSink};

/// Bytes that are handed over in one go, or a little more: 69 rows of a picture 3840 px wide, with three bytes a pixel.
const STRIPE_BYTES: usize = 768 << 10;
/// Stripes that wait at most. With the one being filled and the one being used, 3 MB are on their way.
const STRIPES: usize = 2;

/// The end of the road at which rows are made.
pub(super) struct Relay {
    to: SyncSender<Message>,
    /// Buffers that come back.
    spare: Receiver<Vec<u8>>,
    filling: Option<Stripe>,
}

enum Message {
    Begin(Header),
    Rows(Stripe),
}

/// Whole rows, as they were decoded.
struct Stripe {
    /// That of the first one.
    y: u32,
    row_bytes: usize,
    layout: SampleLayout,
    samples: Vec<u8>,
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
            filling: None,
        };
        let outcome = produce(&mut relay);
        relay.close();
        match user.join() {
            Ok(()) => Ok(outcome),
            Err(_panic) => Err(io::Error::other("drawing gave up")),
        }
    })
}

fn consume(from: &Receiver<Message>, back: &SyncSender<Vec<u8>>, sink: impl RowSink) {
    let mut packer = Packer::new(sink);
    for message in from {
        let flow = match message {
            Message::Begin(header) => packer.begin(&header),
            Message::Rows(mut stripe) => {
                let flow = (stripe.y..)
                    .zip(stripe.samples.chunks_exact(stripe.row_bytes.max(1)))
                    .try_for_each(|(y, row)| packer.samples(y, row, stripe.layout));
                stripe.samples.clear();
                // The other side may be done already.
                drop(back.try_send(stripe.samples));
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
        match self.filling.take() {
            None => ControlFlow::Continue(()),
            Some(stripe) => self.send(Message::Rows(stripe)),
        }
    }

    fn send(&self, message: Message) -> ControlFlow<()> {
        match self.to.send(message) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_gone) => ControlFlow::Break(()),
        }
    }
}

impl SampleSink for Relay {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.send(Message::Begin(*header))
    }

    fn samples(&mut self, y: u32, samples: &[u8], layout: SampleLayout) -> ControlFlow<()> {
        let stripe = self.filling.get_or_insert_with(|| Stripe {
            y,
            row_bytes: samples.len(),
            layout,
            samples: self.spare.try_recv().unwrap_or_default(),
        });
        stripe.samples.extend_from_slice(samples);
        if stripe.samples.len() >= STRIPE_BYTES {
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

    fn picture(width: u32) -> (Header, Vec<Vec<u8>>) {
        let header = Header {
            format: SourceFormat::Png,
            size: PixelSize::new(width, HEIGHT).unwrap(),
            has_alpha: false,
            bit_depth: 8,
            animated: false,
            orientation: Orientation::UPRIGHT,
        };
        let rows = (0..HEIGHT).map(|y| {
            let colour = |x: u32| [x, x >> 8, y].map(|value| value.to_le_bytes()[0]);
            (0..width).flat_map(colour).collect()
        });
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
                (0..)
                    .zip(&rows)
                    .try_for_each(|(y, row)| relay.samples(y, row, SampleLayout::Rgb))
            });
            assert!(flow.unwrap().is_continue());
            assert_eq!(sink.header, Some(header));
            let packed = rows.iter().map(|row| {
                let pixels = row.as_chunks().0.iter();
                pixels.map(|&[r, g, b]| u32::from_ne_bytes([r, g, b, 255]))
            });
            let packed = packed.map(Iterator::collect);
            assert!((0..).zip(packed).eq(sink.taken));
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
            (0..)
                .zip(&rows)
                .try_for_each(|(y, row)| relay.samples(y, row, SampleLayout::Rgb))
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
