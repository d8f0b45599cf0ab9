//! What the user wants: the only thing that panels give back.

use std::path::PathBuf;

use crate::engine::ReferenceToken;
use crate::media::{Crop, MaskChange, QuarterTurns};
use crate::model::compose::{Combine, GroupId};
use crate::model::{
    ApiKey, Fix, GatewayId, GatewayProfile, ImageId, JobId, KeyPlace, Language, Layout, Parameters,
    PixelSize, Placement, Preset, ThemeChoice,
};

use super::shortcuts::Action;
use super::state::{Center, SizeMode, Subject};

/// Something that the user wants.
#[derive(Clone, Debug)]
pub enum Intent {
    /// What a shortcut or a menu does.
    Do(Action),
    /// Open the library once more.
    StartAgain,
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
    /// Do what helps with a finding.
    Fix(Fix),
    /// Ask for the size of the first reference, or the closest legal one.
    SizeOfReference,
    /// Width becomes height.
    SwapSize,
    /// Write this prompt.
    UsePrompt(String),

    /// Add these files as references.
    AddFiles(Vec<PathBuf>),
    /// Add what is on the clipboard as a reference.
    PasteReference,
    /// Paste into the field that has the keyboard, or a picture as a reference.
    Paste,
    /// Take a reference away.
    RemoveReference(ReferenceToken),
    /// Move a reference to this place.
    MoveReference(ReferenceToken, usize),
    /// Take all references away.
    ClearReferences,
    /// Something else with a reference.
    Reference(ReferenceIntent),
    /// Add a result as a reference.
    UseAsReference(ImageId),

    /// End this job.
    Cancel(JobId),
    /// Take this job off the filmstrip.
    Dismiss(JobId),
    /// Try the addresses of a job's pictures once more; free.
    FetchAgain(JobId),
    /// Copy a picture to where a dialog says.
    SaveCopy(PathBuf),
    /// Know what this gateway made of what it was asked for.
    WantTrack(GatewayId),
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

    /// Something of the composer.
    Compose(ComposeIntent),

    /// Send new jobs to this gateway.
    SelectGateway(GatewayId),
    /// Change a gateway.
    SaveGateway(Box<GatewayProfile>),
    /// Keep this key there, or forget the one there is.
    SetKey(GatewayId, Option<ApiKey>, KeyPlace),
    /// Open the gateways screen at the gateway of new jobs, or leave it.
    ShowGateways(bool),
    /// Something on the gateways screen.
    Gateway(GatewayIntent),
    /// Something about masks.
    Mask(MaskIntent),
    /// Open or close the preferences.
    ShowSettings(bool),
    /// Take a message away.
    DismissToast(u64),
}

/// Something that the user wants of masks.
#[derive(Clone, Debug)]
pub enum MaskIntent {
    /// Paint the mask of this reference, which becomes the first.
    Edit(ReferenceToken),
    /// Make this result the first reference and paint its mask.
    EditResult(ImageId),
    /// Do something with the whole mask.
    Change(MaskChange),
    /// Leave the editor; the mask goes with the next job.
    Done,
    /// Leave the editor; the mask is as it was before.
    Cancel,
    /// Take the mask of the next job away.
    Remove,
    /// Ask for a file and read the mask in it.
    Load,
    /// Ask for a file and write the mask there.
    Save,
    /// Place this reference in a larger frame; the rest becomes the mask.
    Outpaint(ReferenceToken, Placement),
    /// Put the original back outside of the mask, or not.
    Protect(bool),
    /// Put the original back outside of the mask of this result, now.
    ProtectNow(ImageId),
    /// Look at what this result changed outside of its mask; `None` shows the picture again.
    Heat(Option<ImageId>),
}

/// Something that the user wants of templates, earlier prompts, the batch and the targets.
#[derive(Clone, Debug)]
pub enum ComposeIntent {
    /// Put this in the middle of the Create screen.
    Show(Center),
    /// Write a template into the editor, in place of these bytes where there are other words.
    UseTemplate {
        /// Its id.
        id: String,
        /// The slash and what was typed behind it.
        replace: Option<std::ops::Range<usize>>,
    },
    /// Take an offered size of this ratio.
    UseRatio(String),
    /// Make a template a favourite, or no longer.
    Favourite(String),
    /// Write a new template.
    NewTemplate {
        /// Begin with the prompt.
        from_prompt: bool,
    },
    /// Change one of the user's own.
    EditTemplate(String),
    /// Write a new one that begins like this one.
    CopyTemplate(String),
    /// Forget what is being written.
    DropTemplateForm,
    /// Keep what is being written.
    KeepTemplateForm,
    /// Take one of the user's own away.
    DeleteTemplate(String),
    /// Read templates from a file.
    Import,
    /// Write the user's own into a file.
    Export,
    /// The prompt before the one in the editor.
    OlderPrompt,
    /// The prompt after it.
    NewerPrompt,
    /// Open or close the list of earlier prompts.
    ShowHistory(bool),
    /// Bring the cursor to the field of this variable.
    FillIn(String),
    /// Write an earlier prompt into the editor.
    UsePast(String),
    /// Make the rows of the batch from the prompt as it is.
    RemakeRows,
    /// Forget that rows of the batch were sent, so that all can be sent once more.
    BeginAgain,
    /// Combine values in another way.
    SetCombine(Combine),
    /// Choose a table.
    PickSheet,
    /// Take the table away.
    DropSheet,
    /// Choose a folder of pictures.
    PickFolder,
    /// Take the folder away.
    DropFolder,
    /// Send the rows that were not sent.
    SendBatch,
    /// Send the rows again that failed.
    RetryFailed,
    /// Send this row again.
    RetryRow(usize),
    /// End every job of a group.
    CancelGroup(GroupId),
    /// Send the prompt to the targets.
    SendTargets,
}

/// Something that the user wants of a reference.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReferenceIntent {
    /// Choose a part of it.
    EditPart(ReferenceToken),
    /// Leave it as it is.
    LeavePart,
    /// Look at it on the canvas.
    Show(ReferenceToken),
    /// Go back to what was on the canvas before.
    StopShowing,
    /// Put this part, turned, in its place.
    TakePart(ReferenceToken, Crop, QuarterTurns),
}

/// Something that the user wants of the gateways.
#[derive(Clone, Debug)]
pub enum GatewayIntent {
    /// Open or close the quick list at the top.
    Pick(bool),
    /// Show this profile in the form, on the gateways screen.
    Open(GatewayId),
    /// Show this profile in the form, with the cursor in the field for its key.
    EnterKey(GatewayId),
    /// Show this profile in the form, and leave the keyboard where it is.
    Look(GatewayId),
    /// Show ways to a new profile, on the gateways screen; or the form again.
    ShowAdd(bool),
    /// Add a profile from a preset.
    Add(Preset),
    /// Add a profile like this one, after it.
    Duplicate(GatewayId),
    /// Take a profile away.
    Delete(GatewayId),
    /// Move a profile to this place.
    Move(GatewayId, usize),
    /// Give a profile the values of its preset again; name, address and key stay.
    Reset(GatewayId),
    /// Ask a gateway for its models, with the typed key if there is one.
    Test(GatewayId),
    /// Ask the system for what is on the clipboard.
    RequestPaste,
    /// Make what one can of a pasted text.
    ReadPasted(String),
    /// Keep what was pasted: as a profile of its own, or as this profile's address, models and key.
    TakePasted(Option<GatewayId>),
    /// Forget what was pasted.
    DropPasted,
    /// Read profiles from a file.
    Import,
    /// Write all profiles into a file, without keys.
    Export,
}
