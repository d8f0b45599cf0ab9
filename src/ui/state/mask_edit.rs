//! The editor of a mask: tools, what is being drawn, and where the keyboard's cursor is. A buffer like that of a text
//! field: the panel writes into it, and only what takes longer than a frame goes to the engine.

use crate::engine::{MaskProblem, MaskToken};
use crate::media::{Brush, LoadedMask, Mask, MaskChange, MaskDocument, MaskMode, MaskShape};
use crate::model::{Failure, FailureKind, PixelSize, Reference};

/// What the pointer, or the keyboard's cursor, does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MaskTool {
    /// Paints what may change.
    Brush,
    /// Paints what stays.
    Eraser,
    /// From corner to corner.
    Rectangle,
    /// Inside of a rectangle.
    Ellipse,
    /// Round something.
    Lasso,
    /// Up to a line that encloses.
    Fill,
}

impl MaskTool {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Brush,
        Self::Eraser,
        Self::Rectangle,
        Self::Ellipse,
        Self::Lasso,
        Self::Fill,
    ];

    /// Whether it paints strokes.
    #[must_use]
    pub const fn is_brush(self) -> bool {
        matches!(self, Self::Brush | Self::Eraser)
    }
}

/// How the tools are set; kept from one mask to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskTools {
    /// In hand.
    pub tool: MaskTool,
    /// What shapes and fills do.
    pub mode: MaskMode,
    /// Diameter in pixels of the picture, 1 to [`Brush::MAX_PX`].
    pub diameter_px: f32,
    /// 0 to 1.
    pub hardness: f32,
    /// Which of the overlay's colours.
    pub color: u8,
    /// In percent, 10 to 100.
    pub opacity: u8,
    /// How far to grow, shrink or feather, in pixels.
    pub edge_px: u16,
    /// Left, top, width and height for shapes by number, in pixels.
    pub numbers: [u32; 4],
    /// Whether the part with the numbers is open.
    pub numbers_open: bool,
}

impl Default for MaskTools {
    fn default() -> Self {
        Self {
            tool: MaskTool::Brush,
            mode: MaskMode::Add,
            diameter_px: 80.0,
            hardness: 0.8,
            color: 0,
            opacity: 50,
            edge_px: 8,
            numbers: [0; 4],
            numbers_open: false,
        }
    }
}

impl MaskTools {
    /// The brush in hand.
    #[must_use]
    pub fn brush(&self) -> Brush {
        Brush {
            radius_px: self.diameter_px / 2.0,
            hardness: self.hardness,
        }
    }

    /// One step larger or smaller, by a tenth and at least a pixel.
    pub fn resize(&mut self, larger: bool) {
        let step = (self.diameter_px * 0.1).max(1.0).round();
        let by = if larger { step } else { -step };
        #[expect(clippy::cast_precision_loss, reason = "a thousand")]
        let most = Brush::MAX_PX as f32;
        self.diameter_px = (self.diameter_px + by).clamp(1.0, most);
    }
}

/// Something to say in the editor.
#[derive(Clone, Debug, PartialEq)]
pub enum MaskNotice {
    /// A loaded mask had this size and was scaled.
    Scaled(PixelSize),
    /// A file has another shape than the picture.
    Shape {
        /// The file's size.
        mask: PixelSize,
        /// The picture's size.
        picture: PixelSize,
    },
    /// A file can't be read.
    Failed(Failure),
    /// Escape was pressed after something had been painted.
    NotKept,
}

impl MaskNotice {
    /// `None`: nothing was chosen, so there is nothing to say.
    pub(super) fn of(problem: MaskProblem) -> Option<Self> {
        match problem {
            MaskProblem::Shape { mask, picture } => Some(Self::Shape { mask, picture }),
            MaskProblem::Failed(failure) if failure.kind == FailureKind::Canceled => None,
            MaskProblem::Failed(failure) => Some(Self::Failed(failure)),
        }
    }
}

/// A shape that is being drawn; points in pixels of the picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawing {
    /// A rectangle or an ellipse between two corners.
    Corners([f32; 2], [f32; 2]),
    /// A line that goes round something.
    Line(Vec<[f32; 2]>),
}

/// A mask that is being painted.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is about something of its own"
)]
pub struct MaskEdit {
    reference: Reference,
    document: MaskDocument,
    /// How the tools are set.
    pub tools: MaskTools,
    /// The shape that is being drawn.
    pub drawing: Option<Drawing>,
    /// Where the keyboard paints, in pixels.
    pub cursor: [f32; 2],
    /// The keyboard's cursor is to be seen.
    pub cursor_shown: bool,
    /// The keyboard's pen touches the picture.
    pub pen_down: bool,
    /// The pointer draws.
    pub dragging: bool,
    /// What is to be said.
    pub notice: Option<MaskNotice>,
    /// The question that the engine is to answer before anything else is done.
    pending: Option<MaskToken>,
    /// The mask of before is still to come: until then there is nothing here that could be kept.
    opening: bool,
    /// Something was done since the editor was opened.
    touched: bool,
    /// Tells the tiles of this mask from those of the one before.
    id: u64,
    /// How much may change, and of which revision that is.
    share: (u64, f64),
    /// The same of each tile.
    sums: Vec<(u64, u64)>,
    /// The canvas is to have the keyboard.
    wants_focus: bool,
}

impl MaskEdit {
    /// An empty mask for `reference`; `id` is another one for each editor.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the middle of a picture")]
    pub fn new(reference: Reference, mut tools: MaskTools, id: u64) -> Self {
        let size = reference.size;
        let [width, height] = [size.width(), size.height()];
        tools.numbers = [width / 4, height / 4, width / 2, height / 2];
        Self {
            document: MaskDocument::new(Mask::new(size)),
            tools,
            drawing: None,
            cursor: [width as f32 / 2.0, height as f32 / 2.0],
            cursor_shown: false,
            pen_down: false,
            dragging: false,
            notice: None,
            pending: None,
            opening: false,
            touched: false,
            id,
            share: (0, 0.0),
            sums: Vec::new(),
            wants_focus: true,
            reference,
        }
    }

    /// The picture that the mask is for.
    #[must_use]
    pub const fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The mask as it is.
    #[must_use]
    pub const fn mask(&self) -> &Mask {
        self.document.mask()
    }

    /// The mask with its history.
    #[must_use]
    pub const fn document(&self) -> &MaskDocument {
        &self.document
    }

    /// Tells this mask from every other one.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// Whether the canvas is to have the keyboard, because the editor has just been opened; asked once.
    pub(in crate::ui) const fn take_focus(&mut self) -> bool {
        std::mem::replace(&mut self.wants_focus, false)
    }

    /// How much of the picture may change, 0 to 1; counted anew once a stroke is over, for the tiles that changed.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&mut self) -> f64 {
        let mask = self.document.mask();
        let revision = mask.newest_revision();
        if self.share.0 != revision && !self.document.is_painting() {
            self.sums.resize(mask.tiles(), (u64::MAX, 0));
            for (index, (of, sum)) in self.sums.iter_mut().enumerate() {
                let now = mask.revision(index).unwrap_or_default();
                if *of != now {
                    (*of, *sum) = (now, mask.tile_sum(index));
                }
            }
            let sum: u64 = self.sums.iter().map(|(_, sum)| sum).sum();
            let most = mask.size().pixels() as f64 * 255.0;
            self.share = (revision, sum as f64 / most);
        }
        self.share.1
    }

    /// Takes another tool in hand; what was being drawn with the one before is given up.
    pub fn take_tool(&mut self, tool: MaskTool) {
        self.tools.tool = tool;
        self.drawing = None;
        if self.pen_down {
            self.pen_down = false;
            self.end_stroke();
        }
    }

    /// Whether the engine works on the mask.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether something was done since the editor was opened.
    #[must_use]
    pub const fn is_touched(&self) -> bool {
        self.touched
    }

    /// Whether the engine's answer to `token` is waited for.
    #[must_use]
    pub(super) fn waits_for(&self, token: MaskToken) -> bool {
        self.pending == Some(token)
    }

    /// Nothing is done until the mask of before is here.
    pub(super) const fn open_with(&mut self, token: MaskToken) {
        self.pending = Some(token);
        self.opening = true;
    }

    /// Whether the mask of before is still to come.
    pub(super) const fn is_opening(&self) -> bool {
        self.opening
    }

    /// Begins a stroke with the brush or the eraser; `false` while the engine works on the mask.
    pub fn begin_stroke(&mut self, at: [f32; 2]) -> bool {
        if self.is_busy() {
            return false;
        }
        let mode = match self.tools.tool {
            MaskTool::Eraser => MaskMode::Subtract,
            _ => MaskMode::Add,
        };
        self.touched = true;
        self.notice = None;
        self.document.begin_stroke(self.tools.brush(), mode, at);
        true
    }

    /// The stroke goes on.
    pub fn stroke_to(&mut self, at: [f32; 2]) {
        self.document.stroke_to(at);
    }

    /// The stroke is over.
    pub fn end_stroke(&mut self) {
        self.document.end_stroke();
    }

    /// Paints what waits, about so many pixels of it; `true`: there is more.
    pub fn paint(&mut self, pixels: u64) -> bool {
        self.document.paint(pixels)
    }

    /// Takes the newest step back. Not while the engine works on the mask.
    pub fn undo(&mut self) {
        if !self.is_busy() {
            self.document.undo();
        }
    }

    /// Does it again.
    pub fn redo(&mut self) {
        if !self.is_busy() {
            self.document.redo();
        }
    }

    /// What is to be done with the whole mask, if it can be now: the mask for the engine.
    pub(in crate::ui) fn begin_change(&mut self, token: MaskToken) -> Option<Mask> {
        if self.is_busy() {
            return None;
        }
        self.document.finish_stroke();
        self.pen_down = false;
        self.notice = None;
        self.pending = Some(token);
        Some(self.mask().clone())
    }

    /// The change that ends the shape that is being drawn; `None` when there is too little of it.
    pub fn take_shape(&mut self) -> Option<MaskChange> {
        let shape = match (self.drawing.take()?, self.tools.tool) {
            (Drawing::Corners([x, y], [u, v]), _) if (x - u).hypot(y - v) < 0.5 => return None,
            (Drawing::Corners(a, b), MaskTool::Ellipse) => MaskShape::Ellipse(a, b),
            (Drawing::Corners(a, b), _) => MaskShape::Rectangle(a, b),
            (Drawing::Line(points), _) if points.len() < 3 => return None,
            (Drawing::Line(points), _) => MaskShape::Lasso(points),
        };
        Some(MaskChange::Shape(shape, self.tools.mode))
    }

    /// The shape that the numbers say.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
    pub fn numbered_shape(&self, is_ellipse: bool) -> MaskChange {
        let [x, y, width, height] = self.tools.numbers.map(|n| n as f32);
        let (a, b) = ([x, y], [x + width, y + height]);
        let shape = if is_ellipse {
            MaskShape::Ellipse(a, b)
        } else {
            MaskShape::Rectangle(a, b)
        };
        MaskChange::Shape(shape, self.tools.mode)
    }

    pub(super) fn changed(&mut self, token: MaskToken, mask: &Mask) {
        if self.pending == Some(token) {
            self.pending = None;
            self.touched = true;
            self.document.replace(mask);
        }
    }

    pub(super) fn loaded(&mut self, token: MaskToken, loaded: &LoadedMask) {
        if !self.waits_for(token) {
            return;
        }
        if std::mem::take(&mut self.opening) {
            // Where one begins: nothing was done yet, so there is nothing to take back.
            self.pending = None;
            self.document = MaskDocument::new(loaded.mask.clone());
            self.id = token.0;
            self.share = (u64::MAX, 0.0);
            self.sums.clear();
        } else {
            self.changed(token, &loaded.mask);
        }
        self.notice = loaded.scaled_from.map(MaskNotice::Scaled);
    }

    pub(super) fn failed(&mut self, token: MaskToken, notice: Option<MaskNotice>) {
        if self.waits_for(token) {
            self.pending = None;
            self.opening = false;
            self.notice = notice;
        }
    }

    /// The mask with everything that was painted.
    pub(super) fn finish(&mut self) -> Mask {
        self.document.finish_stroke();
        self.mask().clone()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the very same values")]
mod tests {
    use super::*;
    use crate::model::ImageFormat;

    fn edit() -> MaskEdit {
        let size = PixelSize::new(400, 300).unwrap();
        let reference = Reference {
            hash: "a".repeat(64),
            path: "/tmp/a.png".into(),
            name: "a.png".to_owned(),
            format: ImageFormat::Png,
            size,
            bytes: 1,
            image: None,
        };
        MaskEdit::new(reference, MaskTools::default(), 1)
    }

    #[test]
    fn nothing_is_painted_while_the_engine_is_at_it() {
        let mut edit = edit();
        let mask = edit.begin_change(MaskToken(1)).unwrap();
        assert!(edit.is_busy() && !edit.begin_stroke([5.0, 5.0]));
        assert!(edit.begin_change(MaskToken(2)).is_none());
        let mut made = mask;
        made.change(&MaskChange::FillAll(MaskMode::Add));
        edit.changed(MaskToken(9), &made);
        assert!(edit.is_busy(), "another question's answer");
        edit.changed(MaskToken(1), &made);
        assert!(!edit.is_busy() && edit.share() == 1.0);
        edit.undo();
        assert!(edit.mask().is_empty() && edit.share() == 0.0);
        edit.redo();
        assert_eq!(edit.mask().share(), 1.0);
    }

    #[test]
    fn shapes_need_an_extent() {
        let mut edit = edit();
        edit.tools.tool = MaskTool::Rectangle;
        edit.drawing = Some(Drawing::Corners([4.0, 4.0], [4.0, 4.0]));
        assert_eq!(edit.take_shape(), None);
        edit.drawing = Some(Drawing::Line(vec![[0.0, 0.0], [9.0, 0.0]]));
        assert_eq!(edit.take_shape(), None);
        edit.drawing = Some(Drawing::Corners([4.0, 4.0], [8.0, 9.0]));
        assert!(edit.take_shape().is_some() && edit.drawing.is_none());
    }

    #[test]
    fn the_brush_grows_by_steps_within_its_limits() {
        let mut tools = MaskTools::default();
        tools.resize(true);
        assert_eq!(tools.diameter_px, 88.0);
        for _ in 0..200 {
            tools.resize(false);
        }
        assert_eq!(tools.diameter_px, 1.0);
        for _ in 0..200 {
            tools.resize(true);
        }
        assert_eq!(tools.diameter_px, 1000.0);
    }
}
