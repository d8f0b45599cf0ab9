//! What is being typed: the buffers that text fields write into.

use crate::model::{OfferedSize, PixelSize, Settings, SizeChoice};
use crate::ui::widgets::thumb_grid::GridState;

use super::{ComposeEdits, CropEdit, GatewayEdits, MaskEdit, MaskTools, OutpaintEdit};

/// Every buffer of the window.
#[derive(Debug)]
pub struct Edits {
    /// The prompt.
    pub prompt: PromptEdit,
    /// What is composed beside it.
    pub compose: ComposeEdits,
    /// The part of a reference that is being chosen.
    pub crop: Option<CropEdit>,
    /// The size.
    pub size: SizeEdit,
    /// The gateways.
    pub gateways: GatewayEdits,
    /// The mask that is being painted.
    pub mask: Option<Box<MaskEdit>>,
    /// How the tools for masks were set last.
    pub mask_tools: MaskTools,
    /// How a picture is to be extended.
    pub outpaint: OutpaintEdit,
    /// The gallery's grid: what is selected, where the keyboard is.
    pub grid: GridState,
}

impl Edits {
    /// Buffers for these preferences; the prompt is empty.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            prompt: PromptEdit::default(),
            compose: ComposeEdits::default(),
            crop: None,
            size: SizeEdit::of(settings.parameters.size, &[]),
            gateways: GatewayEdits::default(),
            mask: None,
            mask_tools: MaskTools::default(),
            outpaint: OutpaintEdit::default(),
            grid: GridState::default(),
        }
    }
}

/// The prompt's editor.
#[derive(Debug, Default)]
pub struct PromptEdit {
    /// The text; while an input method composes, its preedit is in it.
    pub text: String,
    /// An input method composes: the text is not what the user wants to say yet.
    pub composing: bool,
}

/// How a size is chosen.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SizeMode {
    /// The model decides.
    Auto,
    /// A ratio in a tier.
    Preset,
    /// Two numbers.
    Free,
}

impl SizeMode {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Preset, Self::Free];
}

/// The size's editor.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SizeEdit {
    /// How the size is chosen.
    pub mode: SizeMode,
    /// Typed width.
    pub width: String,
    /// Typed height.
    pub height: String,
}

impl SizeEdit {
    /// The editor for a choice; `offered` are the sizes that can be chosen as presets.
    #[must_use]
    pub fn of(choice: SizeChoice, offered: &[OfferedSize]) -> Self {
        let (mode, size) = match choice {
            SizeChoice::Auto => (SizeMode::Auto, None),
            SizeChoice::Exact(size) if offered.iter().any(|o| o.size == size) => {
                (SizeMode::Preset, Some(size))
            }
            SizeChoice::Exact(size) => (SizeMode::Free, Some(size)),
        };
        let words = |side: fn(PixelSize) -> u32| size.map_or(1024, side).to_string();
        Self {
            mode,
            width: words(PixelSize::width),
            height: words(PixelSize::height),
        }
    }

    /// The typed numbers.
    #[must_use]
    pub fn typed(&self) -> Option<PixelSize> {
        format!("{}x{}", self.width, self.height).parse().ok()
    }

    /// Puts a whole size that was pasted into one field, such as `3840×2160`, into both.
    pub fn spread(&mut self) {
        let whole = [&self.width, &self.height].map(|text| text.parse().ok());
        if let Some(size) = whole.into_iter().flatten().next() {
            self.write(size);
        }
    }

    /// Writes a size into the fields.
    pub fn write(&mut self, size: PixelSize) {
        self.width = size.width().to_string();
        self.height = size.height().to_string();
    }

    /// The choice that a request gets; `chosen` is that of the presets. `None`: what is typed is no size.
    #[must_use]
    pub fn choice(&self, chosen: SizeChoice) -> Option<SizeChoice> {
        match self.mode {
            SizeMode::Auto => Some(SizeChoice::Auto),
            SizeMode::Preset => Some(chosen),
            SizeMode::Free => self.typed().map(SizeChoice::Exact),
        }
    }
}
