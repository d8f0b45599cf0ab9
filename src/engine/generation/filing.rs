//! From a spool to the library: the recipe, the file, its thumbnails, its copy.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::future::MaybeDone;
use tokio::sync::oneshot;

use crate::library::{Library, LibraryError, RecipePlace, ThumbnailStore, hash_file};
use crate::media::{self, Embedded, MediaError};
use crate::model::{
    Background, Catalog, Charge, Cost, Delivery, Failure, FailureKind, GenerationRequest,
    ImageFormat, ImageRecord, JobId, JobNote, Kept, Mismatch, Observation, PixelSize,
    RECIPE_VERSION, Recipe, RecipeReference, Reference, SizeChoice, Usage, cost_of_picture,
    quality_got,
};
use crate::protocol::ResultSlot;

use super::super::develop::{Developed, Verdict};
use super::super::journal::{Note, ResultNote};
use super::super::protect::{self, NotProtected, Wanted};
use super::super::sources::Sources;
use super::super::spool::Spool;
use super::super::{Event, GalleryChange, failure};
use super::Job;

/// How often another id is tried where one is taken, which chance allows once in a million pictures.
const ID_ATTEMPTS: usize = 3;

/// A result whose bytes are all here.
pub(super) struct Arrival {
    pub(super) spool: Spool,
    /// Which of the answer's pictures.
    pub(super) slot: ResultSlot,
    pub(super) note: ResultNote,
    pub(super) verdict: MaybeDone<oneshot::Receiver<Verdict>>,
    pub(super) usage: Option<Usage>,
    /// Pictures of its answer, which share the cost.
    pub(super) pictures: u32,
}

/// A result that was decoded, ready to be filed.
pub(in crate::engine) struct Delivered {
    /// Its bytes as delivered.
    pub(in crate::engine) path: PathBuf,
    /// BLAKE3 of them.
    pub(in crate::engine) hash: String,
    pub(in crate::engine) note: ResultNote,
    pub(in crate::engine) usage: Option<Usage>,
    /// Pictures of its answer, which share the cost.
    pub(in crate::engine) pictures: u32,
    pub(in crate::engine) developed: Developed,
}

/// A result in the library.
pub(in crate::engine) struct FiledPicture {
    pub(in crate::engine) record: ImageRecord,
    /// `false`: it was there already.
    pub(in crate::engine) is_new: bool,
    /// The copy, if one was asked for.
    pub(in crate::engine) copy: Option<io::Result<PathBuf>>,
}

/// What results of one job have in common. Works on the library's thread.
#[derive(Clone)]
pub(in crate::engine) struct Filing {
    pub(in crate::engine) job: JobId,
    pub(in crate::engine) request: Arc<GenerationRequest>,
    pub(in crate::engine) copy_to: Option<PathBuf>,
    pub(in crate::engine) sources: Sources,
    pub(in crate::engine) thumbnails: ThumbnailStore,
    /// For what things cost.
    pub(in crate::engine) catalog: Arc<Catalog>,
}

impl Job {
    /// Brings a result into the library and tells of it. The spool goes only after that.
    ///
    /// # Errors
    /// When it is no picture or can't be filed; its bytes are then somewhere else, and the failure says where.
    pub(super) async fn file(&self, arrival: Arrival) -> Result<(), Failure> {
        let Arrival {
            spool,
            note,
            mut verdict,
            usage,
            pictures,
            ..
        } = arrival;
        // A decoder that panics takes its thread with it, and nothing else.
        let gave_up = || Err(MediaError::Io(io::Error::other("the decoder gave up")));
        (&mut verdict).await;
        let verdict = Pin::new(&mut verdict).take_output();
        let verdict = verdict.and_then(Result::ok).unwrap_or_else(gave_up);
        let index = note.index;
        let developed = match verdict.and_then(deliverable) {
            Ok(developed) => developed,
            Err(error) => {
                self.services
                    .canvas
                    .arrived(self.spec.id, index, None, false);
                return Err(self.keep_undecodable(spool, index, &error).await);
            }
        };
        let drawn = developed.drawn;
        let small = developed.thumbnails.small.clone();
        let path = spool.path().to_owned();
        let filing = self.filing();
        let filed = self
            .services
            .librarian
            .call(move |library| {
                let (hash, _bytes) = hash_file(&path)?;
                let delivered = Delivered {
                    path,
                    hash,
                    note,
                    usage,
                    pictures,
                    developed,
                };
                filing.file(library, &delivered)
            })
            .await
            .map_err(|_closed| failure::closing())?;
        let filed = match filed {
            Ok(filed) => filed,
            Err(error) => {
                self.services
                    .canvas
                    .arrived(self.spec.id, index, None, false);
                self.progress.unsafe_to_forget();
                let failure = failure::of_library(&error).found(Observation::FiledLater);
                return Err(Failure {
                    charge: Charge::Yes,
                    message: format!(
                        "{}; the picture is kept in the journal and filed at the next start",
                        failure.message
                    ),
                    ..failure
                });
            }
        };
        self.journal.note(&Note::Settled {
            blob: blob_name(spool.path()),
        });
        if let Err(error) = fs::remove_file(spool.path()) {
            tracing::warn!("a spool stays behind: {error}");
        }
        let FiledPicture {
            record,
            is_new,
            copy,
        } = filed;
        self.services
            .canvas
            .arrived(self.spec.id, index, Some(&record.path), drawn);
        if !is_new {
            // The same picture once more, from another request of the job.
            return Ok(());
        }
        self.services.tell(Event::JobThumbnail {
            job: self.spec.id,
            thumbnail: small.into(),
        });
        let (copy, copy_failure) = split_copy(copy);
        self.progress.image(record.index, record.id);
        self.tell_saved(record.clone(), copy);
        if self.protects() {
            let mut filed = self.filed.lock().unwrap_or_else(PoisonError::into_inner);
            filed.push(record);
        }
        match copy_failure {
            // The picture is in the library, but the user asked for the copy.
            Some(failure) => Err(Failure {
                charge: Charge::Yes,
                ..failure
            }),
            None => Ok(()),
        }
    }

    fn tell_saved(&self, record: ImageRecord, copy: Option<PathBuf>) {
        let id = record.id;
        self.services.tell(Event::ImageSaved {
            record: Box::new(record),
            copy,
        });
        self.services.tell(Event::Gallery(GalleryChange::Added(id)));
    }

    /// Whether the original is to be put back outside of the mask.
    fn protects(&self) -> bool {
        let request = &self.spec.request;
        request.mask.is_some()
            && !request.references.is_empty()
            && request.parameters.protect_outside
    }

    /// Puts the original back outside of the mask in what was filed since the last call, where the job wants that. The
    /// results are safe by now: what goes wrong is said, and no failure of the job.
    pub(super) async fn protect_filed(&self) {
        let take = || {
            let mut filed = self.filed.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *filed)
        };
        for raw in take() {
            if !self.protect(&raw).await {
                self.copy_raw(raw).await;
            }
        }
    }

    /// Whether the protected picture is there.
    async fn protect(&self, raw: &ImageRecord) -> bool {
        let wanted = Arc::new(Wanted::default());
        let mut made = pin!(self.services.on_pool({
            let (services, wanted) = (Arc::clone(&self.services), Arc::clone(&wanted));
            let (raw, copy_to) = (raw.clone(), self.spec.copy_to.clone());
            move || protect::protect(&services, &raw, copy_to.as_deref(), &wanted)
        }));
        let made = tokio::select! {
            biased;
            made = &mut made => made,
            () = self.spec.cancel.cancelled() => {
                if wanted.give_up() {
                    return false;
                }
                made.await
            }
        };
        let failure = match made {
            Some(Ok(filed)) => {
                let (copy, copy_failure) = split_copy(filed.copy);
                if filed.is_new {
                    self.progress.image(filed.record.index, filed.record.id);
                    self.tell_saved(filed.record, copy);
                }
                if let Some(failure) = copy_failure {
                    self.warn(failure);
                }
                return true;
            }
            Some(Err(NotProtected::Sizes { original, result })) => {
                self.note(JobNote::NotProtected { original, result });
                return false;
            }
            Some(Err(NotProtected::Unwanted)) => return false,
            Some(Err(NotProtected::Failed(failure))) => failure,
            None => failure::closing(),
        };
        self.warn(failure);
        false
    }

    /// The copy of a result goes to where that of its protected picture would have.
    async fn copy_raw(&self, raw: ImageRecord) {
        let Some(folder) = self.spec.copy_to.clone() else {
            return;
        };
        let copied = self
            .services
            .on_pool(move || copy_into(&raw.path, &folder))
            .await;
        if let Some(Err(error)) = copied {
            self.warn(failure::of_disk(&error));
        }
    }

    pub(super) fn filing(&self) -> Filing {
        Filing {
            job: self.spec.id,
            request: Arc::clone(&self.spec.request),
            // The user wants the protected picture; the result itself is in the library.
            copy_to: self.spec.copy_to.clone().filter(|_| !self.protects()),
            sources: self.services.sources.clone(),
            thumbnails: self.services.thumbnails.clone(),
            catalog: Arc::clone(&self.services.catalog),
        }
    }

    async fn keep_undecodable(&self, spool: Spool, index: u32, error: &MediaError) -> Failure {
        let failure = failure::of_media(error);
        let kept = self.keep(&spool, &format!("unreadable-{index}")).await;
        Failure {
            charge: Charge::Yes,
            message: format!("a picture came that can't be used: {error}"),
            ..failure
        }
        .keeping(Kept {
            part: kept,
            ..Kept::default()
        })
    }

    /// Moves bytes that are no result to where the job's previews are, for good.
    pub(super) async fn keep(&self, spool: &Spool, name: &str) -> Option<PathBuf> {
        let extension = ImageFormat::sniff(spool.head()).map_or("bin", ImageFormat::extension);
        let from = spool.path().to_owned();
        let to = self
            .services
            .paths
            .preview(self.spec.id, 0, 0, ImageFormat::Png)
            .with_file_name(format!("{name}.{extension}"));
        let kept = self
            .services
            .librarian
            .call(move |_| move_file(&from, &to).map(|()| to))
            .await;
        match kept {
            Ok(Ok(path)) => Some(path),
            Ok(Err(error)) => {
                self.progress.unsafe_to_forget();
                tracing::warn!("what came stays in the journal: {error}");
                None
            }
            Err(_closed) => None,
        }
    }
}

fn split_copy(copy: Option<io::Result<PathBuf>>) -> (Option<PathBuf>, Option<Failure>) {
    match copy.transpose() {
        Ok(copy) => (copy, None),
        Err(error) => (None, Some(failure::of_disk(&error))),
    }
}

/// A picture of a format that no model delivers is none of ours.
fn deliverable(developed: Developed) -> Result<Developed, MediaError> {
    match developed.header.format.deliverable() {
        Some(_) => Ok(developed),
        None => Err(MediaError::Unknown),
    }
}

/// The last part of a spool's path: its name in the journal.
pub(super) fn blob_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// By name where both are on one disk, else by copying.
pub(in crate::engine) fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::copy(from, to)?;
            fs::remove_file(from)
        }
        moved => moved,
    }
}

impl Filing {
    /// Files a result: file, row, thumbnails, copy. Safe to repeat.
    ///
    /// # Errors
    /// When file or row can't be written. Thumbnails can be remade, so losing one is no error.
    pub(in crate::engine) fn file(
        &self,
        library: &mut Library,
        delivered: &Delivered,
    ) -> Result<FiledPicture, LibraryError> {
        let cost = self.cost(library, delivered);
        let mut attempts = 0;
        let filed = loop {
            let recipe = self.recipe(delivered, cost.clone());
            let write = |writer: &mut _, recipe: &str| embed(delivered, recipe, writer);
            match library.file_result(&recipe, &self.sources.time_zone, write) {
                Err(LibraryError::IdTaken { .. }) if attempts < ID_ATTEMPTS => attempts += 1,
                other => break other?,
            }
        };
        let record = filed.record;
        for (size, bytes) in &delivered.developed.thumbnails.encoded {
            if let Err(error) = self.thumbnails.write(record.id, size.side_px(), bytes) {
                tracing::warn!("a thumbnail can't be kept: {error}");
            }
        }
        let copy = self
            .copy_to
            .as_ref()
            .filter(|_| filed.is_new)
            .map(|folder| copy_into(&record.path, folder));
        Ok(FiledPicture {
            record,
            is_new: filed.is_new,
            copy,
        })
    }

    /// What the picture has cost, as far as that can be known.
    fn cost(&self, library: &Library, delivered: &Delivered) -> Option<Cost> {
        let (request, note) = (&self.request, &delivered.note);
        let asked = request.parameters.quality;
        // Without them it is a little less, and an estimate all the same.
        let previews = library.previews_of(self.job).unwrap_or_default();
        let ours = previews.iter().filter(|row| row.index == note.index);
        let delivery = Delivery {
            size: delivered.developed.header.size,
            quality: quality_got(note.claimed_quality.as_deref(), asked),
            previews: u32::try_from(ours.count()).unwrap_or(0),
            has_references: !request.references.is_empty(),
            usage: delivered.usage.as_ref(),
            pictures: delivered.pictures,
        };
        cost_of_picture(&self.catalog, &request.gateway, &delivery)
    }

    fn recipe(&self, delivered: &Delivered, cost: Option<Cost>) -> Recipe {
        let request = &self.request;
        let header = &delivered.developed.header;
        let note = &delivered.note;
        // Others were turned away before.
        let got_format = header.format.deliverable().unwrap_or_default();
        Recipe {
            version: RECIPE_VERSION,
            image: self.sources.image_id(),
            job: self.job,
            index: note.index,
            created_ms: self.sources.now_ms(),
            prompt: request.prompt.as_str().to_owned(),
            revised_prompt: note.revised_prompt.clone(),
            parameters: request.parameters.clone(),
            gateway: request.gateway.name.clone(),
            gateway_id: Some(request.gateway.id.clone()),
            api: request.gateway.api,
            model: (request.gateway.api == crate::model::ApiKind::Responses)
                .then(|| request.gateway.model.clone()),
            image_model: request.gateway.image_model.clone(),
            references: request.references.iter().map(remembered).collect(),
            mask: request.mask.as_ref().map(remembered),
            group: request.group.clone(),
            claimed_size: note.claimed_size.clone(),
            claimed_format: note.claimed_format.clone(),
            claimed_quality: note.claimed_quality.clone(),
            claimed_background: note.claimed_background.clone(),
            got_size: header.size,
            got_format,
            got_alpha: Some(header.has_alpha),
            mismatch: mismatch(request, header.size, got_format, header.has_alpha),
            protected: None,
            delivered_hash: delivered.hash.clone(),
            request_id: note.request_id.clone(),
            elapsed_ms: note.elapsed_ms,
            usage: delivered.usage,
            cost,
        }
    }
}

fn remembered(reference: &Reference) -> RecipeReference {
    RecipeReference {
        name: reference.name.clone(),
        hash: reference.hash.clone(),
        image: reference.image,
    }
}

/// What was delivered otherwise than asked (product.md 5).
fn mismatch(
    request: &GenerationRequest,
    size: PixelSize,
    format: ImageFormat,
    has_alpha: bool,
) -> Vec<Mismatch> {
    let asked = &request.parameters;
    let size_differs = matches!(asked.size, SizeChoice::Exact(wanted) if wanted != size);
    let no_alpha = asked.background == Background::Transparent && !has_alpha;
    [
        (size_differs, Mismatch::Size),
        (format != asked.format, Mismatch::Format),
        (no_alpha, Mismatch::Background),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}

/// Writes the picture with its recipe, the image data byte for byte as delivered.
fn embed(
    delivered: &Delivered,
    recipe: &str,
    out: &mut impl io::Write,
) -> Result<RecipePlace, MediaError> {
    let open = || {
        Ok::<_, io::Error>(BufReader::with_capacity(
            64 << 10,
            File::open(&delivered.path)?,
        ))
    };
    let format = delivered.developed.header.format.deliverable();
    let embedded = match format {
        Some(format) => media::embed_recipe(format, open()?, out, recipe),
        None => Err(MediaError::Unknown),
    };
    match embedded {
        Ok(Embedded::InFile) => Ok(RecipePlace::InFile),
        Err(MediaError::Io(error)) => Err(MediaError::Io(error)),
        // The file must stay as it is, or is built so oddly that nothing can be put into it.
        Ok(Embedded::NeedsSidecar) | Err(_) => {
            io::copy(&mut open()?, out)?;
            Ok(RecipePlace::Sidecar(media::recipe_sidecar(recipe)))
        }
    }
}

/// Copies a result into a folder under its own name, or one that is free.
pub(in crate::engine) fn copy_into(path: &Path, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    for number in 1..1000 {
        let name = match number {
            1 => format!("{stem}.{extension}"),
            _ => format!("{stem}-{number}.{extension}"),
        };
        let to = folder.join(name);
        match File::create_new(&to) {
            Ok(mut file) => {
                let copied = File::open(path)
                    .and_then(|mut source| io::copy(&mut source, &mut file))
                    .and_then(|_| file.sync_all());
                if let Err(error) = copied {
                    drop(file);
                    fs::remove_file(&to)?;
                    return Err(error);
                }
                return Ok(to);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// From sending a request until now, in milliseconds.
pub(super) fn elapsed_ms(since: Duration) -> u64 {
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The failure of a result that does not come at all.
pub(super) fn lost(kind: FailureKind, message: String) -> Failure {
    Failure {
        charge: Charge::Yes,
        ..Failure::new(kind, message)
    }
}
