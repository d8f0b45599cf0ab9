//! What the engine can be told to do. The window and the command line send the same values.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use crate::media::{Crop, Mask, MaskChange, QuarterTurns};
use crate::model::{
    ApiKey, GatewayId, GatewayProfile, GenerationRequest, ImageId, JobId, KeyPlace, PixelSize,
    Placement, Reference, Settings, UploadLimits,
};

/// Ties an answer about a reference to the question; chosen by the sender.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub struct ReferenceToken(pub u64);

/// Ties an answer about a mask to the question; chosen by the sender.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub struct MaskToken(pub u64);

/// The BLAKE3 of a reference, as it names the file in the cache.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ReferenceHash(blake3::Hash);

impl ReferenceHash {
    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(Self)
    }
}

impl fmt::Display for ReferenceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A job to start.
#[derive(Clone, Debug)]
pub struct Submission {
    /// What to make.
    pub request: GenerationRequest,
    /// The key for this job; `None`: the one given for the gateway with [`Command::SetKey`].
    pub key: Option<ApiKey>,
    /// Where to put copies of the results as well.
    pub copy_to: Option<PathBuf>,
}

/// Where a reference comes from.
#[derive(Clone, Debug)]
pub enum ReferenceSource {
    /// A file; the engine reads it.
    File(PathBuf),
    /// The bytes of a picture file, as a drop without a path gives them.
    Bytes {
        /// A name for people.
        name: String,
        /// The file's content.
        bytes: Vec<u8>,
    },
    /// A result of the library.
    Image(ImageId),
    /// A picture that was a reference before, by the BLAKE3 of its bytes, 64 hexadecimal digits.
    Stored {
        /// The hash.
        hash: String,
        /// The name it had, for people.
        name: String,
        /// The result that it is a copy of, which is read where the copy is gone.
        image: Option<ImageId>,
    },
    /// A part of a reference, turned afterwards: a copy, the reference stays as it is.
    Part {
        /// The reference.
        reference: Box<Reference>,
        /// The part.
        crop: Crop,
        /// How often it is turned.
        turns: QuarterTurns,
    },
}

/// A picture that can stand on the canvas.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PictureSource {
    /// A result of the library.
    Image(ImageId),
    /// A kept preview of a job: picture `index` of the job, preview number `preview`, both from 0.
    Preview {
        /// The job.
        job: JobId,
        /// Which of the job's pictures.
        index: u32,
        /// Which preview of it.
        preview: u32,
    },
    /// Whatever a job has to show, as it arrives: each preview, the rows of a result, the result.
    Live(JobId),
    /// A reference in the cache.
    Reference(ReferenceHash),
    /// Where a result of a masked edit, or what a protected picture was made from, differs from the original outside of
    /// the mask.
    Heat(ImageId),
}

/// Longer side of a stored thumbnail.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Ord, PartialOrd)]
pub enum ThumbnailSize {
    /// 256 px.
    Small,
    /// 512 px.
    Large,
}

impl ThumbnailSize {
    /// The longer side in pixels.
    #[must_use]
    pub const fn side_px(self) -> u32 {
        match self {
            Self::Small => 256,
            Self::Large => 512,
        }
    }
}

/// Files that a dialog yields once the user has chosen; empty when the user has not.
pub type PickedFiles = Pin<Box<dyn Future<Output = Vec<PathBuf>> + Send>>;

/// Something the engine must do. Sending never blocks.
pub enum Command {
    /// Start a job; answered by [`super::Event::JobChanged`] and all that follows.
    Generate(Box<Submission>),
    /// End a job within 100 ms; what came is kept.
    Cancel(JobId),
    /// End every job that is queued or running.
    CancelAll,
    /// Try the addresses of pictures that an ended job still waits for once more; nothing is charged. The job runs again
    /// until it ends; a job that waits for none is told as a notice.
    FetchAgain(JobId),
    /// Take an ended job off the list of jobs; results and previews stay on disk.
    DismissJob(JobId),

    /// Copy a picture into the reference cache; answered by `ReferenceReady` or `ReferenceFailed`.
    AddReference {
        /// Ties the answer to this question.
        token: ReferenceToken,
        /// Where it comes from.
        source: ReferenceSource,
    },
    /// Do something with a whole mask; answered by [`super::Event::MaskChanged`].
    ChangeMask {
        /// Ties the answer to this question.
        token: MaskToken,
        /// The mask as it is; a clone shares its pixels.
        mask: Box<Mask>,
        /// What to do.
        change: MaskChange,
    },
    /// Bring a mask into the reference cache, as gateways want it; answered by [`super::Event::MaskStored`].
    StoreMask {
        /// Ties the answer to this question.
        token: MaskToken,
        /// The mask.
        mask: Box<Mask>,
    },
    /// Find a mask of before in the reference cache; answered by [`super::Event::MaskStored`].
    FindMask {
        /// Ties the answer to this question.
        token: MaskToken,
        /// Its BLAKE3, 64 hexadecimal digits.
        hash: String,
    },
    /// Read the pixels of a mask in the reference cache; answered by [`super::Event::MaskLoaded`].
    LoadMask {
        /// Ties the answer to this question.
        token: MaskToken,
        /// Its BLAKE3, 64 hexadecimal digits.
        hash: String,
        /// Of the picture that it is for.
        size: PixelSize,
    },
    /// Wait for a file dialog, then read the mask in the file it yields; answered by [`super::Event::MaskLoaded`].
    PickMask {
        /// Ties the answer to this question.
        token: MaskToken,
        /// The dialog's answer; only the first path counts.
        from: PickedFiles,
        /// Of the picture that it is for.
        size: PixelSize,
    },
    /// Wait for a file dialog, then write a mask there as a PNG; answered by [`super::Notice::Copied`], or a failed one.
    SaveMask {
        /// The mask.
        mask: Box<Mask>,
        /// The dialog's answer; only the first path counts.
        to: PickedFiles,
    },
    /// Place a picture in a larger frame. The framed picture is answered by `ReferenceReady` or `ReferenceFailed`, the mask of
    /// what is around it by [`super::Event::MaskStored`].
    Outpaint {
        /// Of the mask.
        token: MaskToken,
        /// Of the framed picture.
        into: ReferenceToken,
        /// The picture.
        reference: Box<Reference>,
        /// Where it is to stand.
        placement: Placement,
    },
    /// Put the original back outside of the mask of a result, and file what comes of it beside it; answered by
    /// `ImageSaved`, or a failed notice.
    ProtectOutside(ImageId),
    /// Look whether the clipboard holds a picture and no text; answered by [`super::Event::ClipboardSeen`].
    LookAtClipboard,
    /// Wait for a file dialog, then do as [`Self::AddReferenceFiles`] says with the files that it yields.
    AddPickedReferences {
        /// Token of the first file.
        first: ReferenceToken,
        /// The dialog's answer.
        files: PickedFiles,
        /// Most files that are added.
        most: usize,
    },
    /// Add files and the pictures in folders, with tokens counting up from `first`; answered by `ReferencesFound`, then by
    /// `ReferenceReady` or `ReferenceFailed` for each.
    AddReferenceFiles {
        /// Token of the first file.
        first: ReferenceToken,
        /// Files and folders.
        files: Vec<PathBuf>,
        /// Most files that are added.
        most: usize,
    },
    /// Add what the clipboard holds: copied files as [`Self::AddReferenceFiles`], or a picture with the token `first`. The
    /// engine asks the operating system.
    PasteReferences {
        /// Token of the picture, or of the first file.
        first: ReferenceToken,
        /// Most files that are added.
        most: usize,
    },
    /// Find out what a gateway with these limits is sent in place of references; answered by
    /// [`super::Event::ReferenceFitted`] for each.
    FitReferences {
        /// References with the tokens of the answers.
        references: Vec<(ReferenceToken, Reference)>,
        /// The one that a mask belongs to, if it is among them: it is sent otherwise.
        masked: Option<ReferenceToken>,
        /// What the gateway takes.
        limits: UploadLimits,
    },

    /// Show a picture on the canvas; pieces come as `Event::Canvas` with the same `serial`. `None` shows nothing.
    Show {
        /// Chosen by the sender, counting up; pieces of older ones are dropped.
        serial: u64,
        /// What to show.
        source: Option<PictureSource>,
    },
    /// Load stored thumbnails; replaces every earlier request that is still waiting.
    Thumbnails {
        /// In the order of their importance.
        wanted: Vec<(ImageId, ThumbnailSize)>,
    },
    /// List the ids of the gallery, newest first; answered by `Event::Gallery`.
    ListGallery,
    /// Load records, such as those of the rows on screen; answered by `Event::Records`.
    LoadRecords(Vec<ImageId>),
    /// Move results to the trash; answered by `Event::Gallery`.
    Delete(Vec<ImageId>),
    /// Take results back from the trash.
    Restore(Vec<ImageId>),
    /// Show a file in the system's file manager.
    Reveal(PathBuf),
    /// Copy a result or a preview to where a dialog says; nothing is overwritten, a taken name gets a number. Answered by
    /// [`super::Notice::Copied`], or a failed one.
    CopyFile {
        /// The picture.
        from: PathBuf,
        /// The dialog's answer; only the first path counts.
        to: PickedFiles,
    },

    /// Something for the composer.
    Compose(super::ComposeCommand),

    /// Keep a key for this gateway, or forget it; answered by `Event::KeysChanged`. Where the place refuses, the key is
    /// kept until the program ends, and a notice says so.
    SetKey {
        /// The profile.
        gateway: GatewayId,
        /// `None` forgets it, wherever it is.
        key: Option<ApiKey>,
        /// Where to keep it.
        place: KeyPlace,
    },
    /// Ask a gateway for its models, which also tells whether address and key are right; answered by
    /// `Event::GatewayTested`.
    TestGateway {
        /// As it is in the form, saved or not.
        profile: Box<GatewayProfile>,
        /// As it is in the form; `None`: the one that is kept for the profile.
        key: Option<ApiKey>,
    },
    /// Count what a gateway made of what it was asked for; answered by [`super::Event::Track`].
    LoadTrack(GatewayId),
    /// Wait for a file dialog, then write profiles to the file it yields, without keys; answered by
    /// `Event::GatewaysExported`.
    ExportGateways {
        /// The dialog's answer.
        to: PickedFiles,
        /// Which of the saved profiles; empty for all.
        gateways: Vec<GatewayId>,
    },
    /// Wait for a file dialog, then read profiles from the files it yields; answered by `Event::GatewaysImported`.
    ImportGateways {
        /// The dialog's answer.
        from: PickedFiles,
    },
    /// Store the preferences, and use them from the next job on.
    SaveSettings {
        /// As they are now.
        settings: Box<Settings>,
        /// As the front end last sent or heard them: what differs is what was changed in it.
        base: Box<Settings>,
    },
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Generate(_) => "Generate",
            Self::Cancel(job) => return write!(f, "Cancel({job})"),
            Self::CancelAll => "CancelAll",
            Self::FetchAgain(job) => return write!(f, "FetchAgain({job})"),
            Self::DismissJob(job) => return write!(f, "DismissJob({job})"),
            Self::AddReference { .. } => "AddReference",
            Self::ChangeMask { token, change, .. } => {
                let what = match change {
                    MaskChange::Shape(..) => "Shape".to_owned(),
                    other => format!("{other:?}"),
                };
                return write!(f, "ChangeMask({}, {what})", token.0);
            }
            Self::StoreMask { token, .. } => return write!(f, "StoreMask({})", token.0),
            Self::FindMask { token, .. } => return write!(f, "FindMask({})", token.0),
            Self::LoadMask { token, .. } => return write!(f, "LoadMask({})", token.0),
            Self::PickMask { token, .. } => return write!(f, "PickMask({})", token.0),
            Self::SaveMask { .. } => "SaveMask",
            Self::Outpaint { token, .. } => return write!(f, "Outpaint({})", token.0),
            Self::ProtectOutside(id) => return write!(f, "ProtectOutside({id})"),
            Self::LookAtClipboard => "LookAtClipboard",
            Self::AddPickedReferences { .. } => "AddPickedReferences",
            Self::AddReferenceFiles { .. } => "AddReferenceFiles",
            Self::PasteReferences { .. } => "PasteReferences",
            Self::FitReferences { .. } => "FitReferences",
            Self::Show { serial, source } => return write!(f, "Show({serial}, {source:?})"),
            Self::Thumbnails { wanted } => return write!(f, "Thumbnails({})", wanted.len()),
            Self::ListGallery => "ListGallery",
            Self::LoadRecords(ids) => return write!(f, "LoadRecords({})", ids.len()),
            Self::Delete(ids) => return write!(f, "Delete({})", ids.len()),
            Self::Restore(ids) => return write!(f, "Restore({})", ids.len()),
            Self::Reveal(_) => "Reveal",
            Self::CopyFile { .. } => "CopyFile",
            Self::Compose(command) => return write!(f, "Compose({})", command.name()),
            // Never the key, nor anything that could hold one.
            Self::SetKey { gateway, .. } => return write!(f, "SetKey({gateway})"),
            Self::TestGateway { profile, .. } => return write!(f, "TestGateway({})", profile.id),
            Self::LoadTrack(gateway) => return write!(f, "LoadTrack({gateway})"),
            Self::ExportGateways { .. } => "ExportGateways",
            Self::ImportGateways { .. } => "ImportGateways",
            Self::SaveSettings { .. } => "SaveSettings",
        };
        f.write_str(name)
    }
}
