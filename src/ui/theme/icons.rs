//! The icons: one family, Material Symbols Rounded in outline, named here by what they mean.

use egui::{FontFamily, FontId, RichText};
use egui_material_icons::{MaterialIcon, icons};

use super::tokens::size;

/// An icon.
#[derive(Clone, Copy, Debug)]
pub struct Icon(MaterialIcon);

impl Icon {
    /// The icon at the size of those beside text.
    #[must_use]
    pub fn text(self) -> RichText {
        self.sized(size::ICON)
    }

    /// The icon, `side` points high.
    #[must_use]
    pub fn sized(self, side: f32) -> RichText {
        self.0.rich_text().size(side)
    }

    /// The character that stands for the icon in [`Self::font`].
    #[must_use]
    pub const fn glyph(self) -> &'static str {
        self.0.codepoint
    }

    /// The font to paint [`Self::glyph`] with, `side` points high.
    #[must_use]
    pub fn font(self, side: f32) -> FontId {
        FontId::new(
            side,
            FontFamily::Name(egui_material_icons::FONT_FAMILY_OUTLINED.into()),
        )
    }
}

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $icon:ident),+ $(,)?) => {
        $($(#[$doc])* pub const $name: Icon = Icon(icons::$icon);)+
    };
}

icons! {
    /// Add something.
    ADD = ICON_ADD,
    /// Add a picture.
    ADD_PICTURE = ICON_ADD_PHOTO_ALTERNATE,
    /// Make the same again.
    AGAIN = ICON_REFRESH,
    /// Not yet open.
    CHEVRON_RIGHT = ICON_CHEVRON_RIGHT,
    /// Open, or opens downwards.
    CHEVRON_DOWN = ICON_KEYBOARD_ARROW_DOWN,
    /// Done.
    CHECK = ICON_CHECK,
    /// Take away.
    CLOSE = ICON_CLOSE,
    /// Copy to the clipboard.
    COPY = ICON_CONTENT_COPY,
    /// The dark theme.
    DARK = ICON_DARK_MODE,
    /// Move to the trash.
    DELETE = ICON_DELETE,
    /// Further down.
    DOWN = ICON_ARROW_DOWNWARD,
    /// Drop something here.
    DROP = ICON_PLACE_ITEM,
    /// One more like it.
    DUPLICATE = ICON_FILE_COPY,
    /// Rows that are sent together.
    BATCH = ICON_TABLE_ROWS,
    /// Switched on.
    BOX_CHECKED = ICON_CHECK_BOX,
    /// Switched off.
    BOX_EMPTY = ICON_CHECK_BOX_OUTLINE_BLANK,
    /// Change it.
    EDIT = ICON_EDIT,
    /// Liked best.
    FAVOURITE = ICON_STAR,
    /// What was before.
    HISTORY = ICON_HISTORY,
    /// A table.
    SHEET = ICON_TABLE,
    /// One goes to several.
    TARGETS = ICON_CALL_SPLIT,
    /// Texts to begin with.
    TEMPLATES = ICON_AUTO_STORIES,
    /// A failure.
    ERROR = ICON_ERROR,
    /// Write into a file.
    EXPORT = ICON_UPLOAD,
    /// The whole picture in view.
    FIT = ICON_FIT_SCREEN,
    /// Where the file lies.
    FOLDER = ICON_FOLDER_OPEN,
    /// A smaller copy is sent.
    FIT_UPLOAD = ICON_COMPRESS,
    /// A gateway.
    GATEWAY = ICON_DNS,
    /// Make a picture.
    GENERATE = ICON_BRUSH,
    /// Read from a file.
    IMPORT = ICON_DOWNLOAD,
    /// For your information.
    INFO = ICON_INFO,
    /// A secret.
    KEY = ICON_KEY,
    /// The light theme.
    LIGHT = ICON_LIGHT_MODE,
    /// All of them go.
    CLEAR = ICON_BACKSPACE,
    /// From the clipboard.
    PASTE = ICON_CONTENT_PASTE,
    /// A picture, or the place for one.
    PICTURE = ICON_IMAGE,
    /// All pictures.
    PICTURES = ICON_PHOTO_LIBRARY,
    /// Makes an edge soft.
    FEATHER = ICON_BLUR_ON,
    /// Paints a region.
    FILL = ICON_FORMAT_COLOR_FILL,
    /// Larger on every side.
    GROW = ICON_OPEN_IN_FULL,
    /// How much differs, as colour.
    HEAT = ICON_THERMOSTAT,
    /// The other way round.
    INVERT = ICON_INVERT_COLORS,
    /// Which part may change.
    MASK = ICON_TRANSITION_FADE,
    /// Everything.
    ALL = ICON_SELECT_ALL,
    /// Nothing.
    NONE = ICON_DESELECT,
    /// Keeps something as it was.
    PROTECT = ICON_SHIELD,
    /// Do it again.
    REDO = ICON_REDO,
    /// Smaller on every side.
    SHRINK = ICON_CLOSE_FULLSCREEN,
    /// A brush that takes away.
    ERASER = ICON_INK_ERASER,
    /// A line round something.
    LASSO = ICON_LASSO_SELECT,
    /// From corner to corner.
    RECTANGLE = ICON_RECTANGLE,
    /// A round shape.
    ELLIPSE = ICON_CIRCLE,
    /// Waits.
    QUEUED = ICON_SCHEDULE,
    /// Remove one.
    REMOVE = ICON_REMOVE,
    /// As it was in the beginning.
    RESET = ICON_RESTART_ALT,
    /// Put a copy somewhere.
    SAVE = ICON_DOWNLOAD,
    /// Preferences.
    SETTINGS = ICON_SETTINGS,
    /// Waits before the next request.
    SLOWED = ICON_HOURGLASS_TOP,
    /// Ended by the user.
    STOP = ICON_STOP_CIRCLE,
    /// Width becomes height.
    SWAP = ICON_SWAP_HORIZ,
    /// Ask whether it works.
    TEST = ICON_NETWORK_CHECK,
    /// A quarter turn to the left.
    TURN_LEFT = ICON_ROTATE_LEFT,
    /// A quarter turn to the right.
    TURN_RIGHT = ICON_ROTATE_RIGHT,
    /// Take the settings over.
    TUNE = ICON_TUNE,
    /// Take it back.
    UNDO = ICON_UNDO,
    /// Further up.
    UP = ICON_ARROW_UPWARD,
    /// Take note.
    WARNING = ICON_WARNING,
    /// As the desktop has it.
    SYSTEM = ICON_CONTRAST,
    /// Larger.
    ZOOM_IN = ICON_ZOOM_IN,
    /// Smaller.
    ZOOM_OUT = ICON_ZOOM_OUT,
}
