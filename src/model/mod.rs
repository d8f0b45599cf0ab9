//! The domain as plain data: validated values, states and their legal transitions.
//!
//! Nothing here does IO, reads the clock or logs. Every other layer speaks in these types.

mod capability;
mod catalog;
pub mod compose;
mod cost;
mod download;
mod drift;
mod failure;
mod format;
mod frame;
mod gateway;
mod image;
mod job;
mod note;
mod observation;
mod obstacle;
mod options;
mod outpaint;
mod parameters;
mod preflight;
mod prompt;
mod recipe;
mod request;
mod secret;
mod settings;
mod size;
mod track;
mod upload;
mod usage;
mod width;

pub use self::capability::{ModelCapability, SizeIssue, SizeRule, Transparency};
pub use self::catalog::{Catalog, ListPrice, ModelEntry, OfferedSize};
pub use self::cost::{
    Cost, CostBasis, Delivery, cost_of_picture, estimate_of_picture, quality_got,
};
pub use self::download::{DownloadPart, DownloadRecord, MAX_CLAIM_BYTES};
pub use self::drift::{Drift, PROTECTED_INDEX, Protected};
pub use self::failure::{Charge, Failure, FailureKind, Kept, Reason};
pub use self::format::ImageFormat;
pub use self::frame::{FrameUse, size_of_shape};
pub use self::gateway::{
    ApiKind, Dialect, EditBody, Effort, ExtraFields, ExtraFieldsError, GatewayId, GatewayLimits,
    GatewayProfile, ImageField, Pasted, PicturePrice, Preset, PriceRule, Prices, Proxy,
    ResponseFormat, SizePolicy, Timeouts, TokenPrices, host_of, normalize_base_url, read_pasted,
};
pub use self::image::{ImageId, ImageRecord, Mismatch};
pub use self::job::{IllegalTransition, JobId, JobState, Stage};
pub use self::note::JobNote;
pub use self::observation::{Observation, TimeLimit};
pub use self::obstacle::Obstacle;
pub use self::options::{Background, Moderation, ParseOptionError, Quality};
pub use self::outpaint::Placement;
pub use self::parameters::{MAX_COUNT, MAX_PARTIALS, Parameters};
pub use self::preflight::{Composition, Finding, Fix, Severity, preflight};
pub use self::prompt::{MAX_PROMPT_CHARS, Prompt, PromptError};
pub use self::recipe::{RECIPE_VERSION, Recipe, RecipeReference};
pub use self::request::{GenerationRequest, Reference};
pub use self::secret::{ApiKey, KeyPlace, KnownKeys, StoreState};
pub use self::settings::{Language, Layout, Settings, ThemeChoice};
pub use self::size::{ParseSizeError, PixelSize, SizeChoice, SizeTier};
pub use self::track::{SizeTrack, TrackLine};
pub use self::upload::{FitCause, ReferenceProblem, UploadFit, UploadIssue, UploadLimits};
pub use self::usage::Usage;
pub use self::width::narrow_number;
