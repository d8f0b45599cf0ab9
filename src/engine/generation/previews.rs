//! Previews: each to its lasting place as soon as it is whole, then told, then shown.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::PreviewRow;
use crate::media::{Header, probe};
use crate::model::ImageFormat;

use super::super::develop::shrink;
use super::super::pool::Purpose;
use super::super::services::Services;
use super::super::spool::Spool;
use super::super::{Event, PreviewRecord};
use super::Job;
use super::filing::move_file;

impl Job {
    /// Where the previews of the job are.
    pub(super) fn previews_folder(&self) -> PathBuf {
        let path = self
            .services
            .paths
            .preview(self.spec.id, 0, 0, ImageFormat::default());
        path.parent().map(Path::to_owned).unwrap_or(path)
    }

    /// Brings a preview to its lasting place, tells of it and shows it. `false`: it is no picture.
    pub(super) async fn keep_preview(&self, spool: Spool, index: u32, number: u32) -> bool {
        let services = Arc::clone(&self.services);
        let job = self.spec.id;
        let kept = self
            .services
            .librarian
            .call(move |library| {
                let header = read_header(&spool).ok_or(io::ErrorKind::InvalidData)?;
                let format = header
                    .format
                    .deliverable()
                    .ok_or(io::ErrorKind::InvalidData)?;
                let record = PreviewRecord {
                    job,
                    index,
                    preview: number,
                    path: services.paths.preview(job, index, number, format),
                    size: header.upright().size,
                    format,
                };
                move_file(spool.path(), &record.path)?;
                if let Err(error) = library.save_preview(&preview_row(&record)) {
                    tracing::warn!("a preview is not in the index: {error}");
                }
                Ok::<_, io::Error>(record)
            })
            .await;
        let record = match kept {
            Ok(Ok(record)) => record,
            Ok(Err(error)) => {
                tracing::warn!("a preview can't be kept: {error}");
                if error.kind() != io::ErrorKind::InvalidData {
                    self.progress.unsafe_to_forget();
                }
                return false;
            }
            Err(_closed) => return false,
        };
        self.progress.preview(record.clone());
        self.services.tell(Event::PreviewSaved(record.clone()));
        if !self.services.canvas.preview(&record) {
            self.small_picture(record);
        }
        true
    }

    /// Decodes a preview for the job's small picture, unless a newer one comes before its turn.
    fn small_picture(&self, record: PreviewRecord) {
        let services = Arc::clone(&self.services);
        let purpose = Purpose(record.job.get());
        self.services.pool.run_newest(purpose, move || {
            small_picture(&services, &record);
        });
    }
}

fn small_picture(services: &Services, record: &PreviewRecord) {
    let shrunk = File::open(&record.path)
        .map_err(Into::into)
        .and_then(|file| {
            let reader = io::BufReader::with_capacity(64 << 10, file);
            shrink(reader, &services.limits.media)
        });
    match shrunk {
        Ok(thumbnail) => services.tell(Event::JobThumbnail {
            job: record.job,
            thumbnail: thumbnail.into(),
        }),
        Err(error) => tracing::warn!("a preview can't be decoded: {error}"),
    }
}

fn read_header(spool: &Spool) -> Option<Header> {
    match probe(spool.head()) {
        Ok(None) => {
            // The size comes late, behind a profile or a thumbnail.
            let whole = fs::read(spool.path()).ok()?;
            probe(&whole).ok()?
        }
        Ok(header) => header,
        Err(_no_picture) => None,
    }
}

fn preview_row(record: &PreviewRecord) -> PreviewRow {
    PreviewRow {
        job: record.job,
        index: record.index,
        preview: record.preview,
        path: record.path.clone(),
        size: record.size,
        format: record.format,
    }
}
