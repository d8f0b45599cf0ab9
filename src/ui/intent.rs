//! What the user wants: the only thing that panels give back.

use std::path::PathBuf;

use crate::engine::ReferenceToken;
use crate::model::{
    ApiKey, GatewayId, GatewayProfile, ImageId, JobId, Language, Layout, Parameters, PixelSize,
    ThemeChoice,
};

use super::shortcuts::Action;
use super::state::{SizeMode, Subject};

/// Something that the user wants.
#[derive(Clone, Debug)]
pub enum Intent {
    /// What a shortcut or a menu does.
    Do(Action),
    /// Speak another language.
    SetLanguage(Language),
    /// Light, dark, or as the desktop has it.
    SetTheme(ThemeChoice),
    /// The window has these measures now.
    SetLayout(Layout),

    /// Draw with other parameters; the size has intents of its own.
    SetParameters(Parameters),
    /// Choose the size in another way.
    SetSizeMode(SizeMode),
    /// This preset.
    SetSize(PixelSize),
    /// The typed size is as it should be: remember it.
    SizeTyped,
    /// Replace the typed size by the closest legal one.
    UseNearestSize,
    /// Width becomes height.
    SwapSize,
    /// Write this prompt.
    UsePrompt(String),

    /// Add these files as references.
    AddFiles(Vec<PathBuf>),
    /// Add what is on the clipboard as a reference.
    PasteReference,
    /// Take a reference away.
    RemoveReference(ReferenceToken),
    /// Move a reference to this place.
    MoveReference(ReferenceToken, usize),
    /// Take all references away.
    ClearReferences,
    /// Add a result as a reference.
    UseAsReference(ImageId),

    /// End this job.
    Cancel(JobId),
    /// Take this job off the filmstrip.
    Dismiss(JobId),
    /// Start the same job once more.
    Again(Subject),
    /// Write its prompt and parameters into the editor.
    UseSettings(Subject),
    /// The same, with another size.
    UseSize(Subject, PixelSize),

    /// Put it on the canvas.
    Show(Subject),
    /// Look at a preview of what is on the canvas: picture and number; `None` goes back to the newest.
    Scrub(Option<(u32, u32)>),

    /// Show it on the canvas, from the gallery.
    Open(ImageId),
    /// Move these to the trash.
    Delete(Vec<ImageId>),
    /// Take these back from the trash.
    Restore(Vec<ImageId>),

    /// Show a file in the file manager.
    Reveal(PathBuf),
    /// Put a text on the clipboard.
    Copy(String),

    /// Send new jobs to this gateway.
    SelectGateway(GatewayId),
    /// Change a gateway.
    SaveGateway(Box<GatewayProfile>),
    /// Keep this key in memory, or forget the one there is.
    SetKey(GatewayId, Option<ApiKey>),
    /// Open or close the panel of the gateways.
    ShowGateways(bool),
    /// Open or close the preferences.
    ShowSettings(bool),
    /// Take a message away.
    DismissToast(u64),
}
