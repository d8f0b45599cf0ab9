//! Where decoded rows go.

use std::ops::ControlFlow;

use super::{Header, SampleLayout};

/// Receives a picture row by row, from the top.
///
/// [`ControlFlow::Break`] ends decoding with [`MediaError::Canceled`](super::MediaError::Canceled).
pub trait RowSink {
    /// The picture begins. `header.size` is the size of what follows: upright, if the file was turned.
    fn begin(&mut self, header: &Header) -> ControlFlow<()>;

    /// Row `y`, counting up from 0: `width` pixels, premultiplied (see [the module](super)).
    fn row(&mut self, y: u32, pixels: &[u32]) -> ControlFlow<()>;
}

impl<S: RowSink + ?Sized> RowSink for &mut S {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        (**self).begin(header)
    }

    fn row(&mut self, y: u32, pixels: &[u32]) -> ControlFlow<()> {
        (**self).row(y, pixels)
    }
}

/// Receives a picture row by row as its decoder gives it, not packed yet: for those who pack on another thread.
pub trait SampleSink {
    /// The picture begins; see [`RowSink::begin`].
    fn begin(&mut self, header: &Header) -> ControlFlow<()>;

    /// Row `y`, counting up from 0: `width` pixels, laid out as `layout` says.
    fn samples(&mut self, y: u32, samples: &[u8], layout: SampleLayout) -> ControlFlow<()>;
}

/// Packs the rows for a [`RowSink`].
#[derive(Debug)]
pub struct Packer<S> {
    sink: S,
    pixels: Vec<u32>,
}

impl<S: RowSink> Packer<S> {
    /// `sink` gets every row right away.
    pub const fn new(sink: S) -> Self {
        Self {
            sink,
            pixels: Vec::new(),
        }
    }

    /// Gives the sink back.
    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<S: RowSink> SampleSink for Packer<S> {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.sink.begin(header)
    }

    fn samples(&mut self, y: u32, samples: &[u8], layout: SampleLayout) -> ControlFlow<()> {
        self.pixels.resize(samples.len() / layout.bytes(), 0);
        layout.pack(samples, &mut self.pixels);
        self.sink.row(y, &self.pixels)
    }
}

/// A sink that may be absent; then the rows go nowhere.
impl<S: RowSink> RowSink for Option<S> {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.as_mut()
            .map_or(ControlFlow::Continue(()), |sink| sink.begin(header))
    }

    fn row(&mut self, y: u32, pixels: &[u32]) -> ControlFlow<()> {
        self.as_mut()
            .map_or(ControlFlow::Continue(()), |sink| sink.row(y, pixels))
    }
}

/// Keeps nothing: to find out whether a picture decodes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl RowSink for Discard {
    fn begin(&mut self, _header: &Header) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn row(&mut self, _y: u32, _pixels: &[u32]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Feeds two sinks. One that has had enough is left alone; when both have, decoding ends.
#[derive(Clone, Debug)]
pub struct Tee<A, B> {
    first: A,
    second: B,
    first_wants: bool,
    second_wants: bool,
}

impl<A: RowSink, B: RowSink> Tee<A, B> {
    /// Both see the same rows, `first` before `second`.
    pub const fn new(first: A, second: B) -> Self {
        Self {
            first,
            second,
            first_wants: true,
            second_wants: true,
        }
    }

    /// Gives the sinks back.
    pub fn into_inner(self) -> (A, B) {
        (self.first, self.second)
    }

    fn wants_more(&self) -> ControlFlow<()> {
        if self.first_wants || self.second_wants {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

impl<A: RowSink, B: RowSink> RowSink for Tee<A, B> {
    fn begin(&mut self, header: &Header) -> ControlFlow<()> {
        self.first_wants = self.first.begin(header).is_continue();
        self.second_wants = self.second.begin(header).is_continue();
        self.wants_more()
    }

    fn row(&mut self, y: u32, pixels: &[u32]) -> ControlFlow<()> {
        self.first_wants = self.first_wants && self.first.row(y, pixels).is_continue();
        self.second_wants = self.second_wants && self.second.row(y, pixels).is_continue();
        self.wants_more()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Orientation, SourceFormat};
    use crate::model::PixelSize;

    /// Wants the first `0` rows and counts what it gets in `1`.
    struct Wants(u32, u32);

    impl RowSink for Wants {
        fn begin(&mut self, _header: &Header) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }

        fn row(&mut self, y: u32, _pixels: &[u32]) -> ControlFlow<()> {
            self.1 += 1;
            if y + 1 < self.0 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        }
    }

    #[test]
    fn a_tee_goes_on_until_neither_wants_more() {
        let header = Header {
            format: SourceFormat::Png,
            size: PixelSize::new(1, 9).unwrap(),
            has_alpha: false,
            bit_depth: 8,
            animated: false,
            orientation: Orientation::UPRIGHT,
        };
        let mut tee = Tee::new(Wants(2, 0), Some(Wants(4, 0)));
        assert!(tee.begin(&header).is_continue());
        let taken = (0..9).take_while(|&y| tee.row(y, &[0]).is_continue());
        assert_eq!(taken.count(), 3);
        let (first, second) = tee.into_inner();
        assert_eq!((first.1, second.unwrap().1), (2, 4));
    }
}
