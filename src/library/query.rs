//! Everything that is asked of the index. Nothing here changes a row or looks at a file.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, params};

use super::Library;
use super::error::LibraryError;
use super::rows::{
    self, ATTEMPT_COLUMNS, AttemptRow, IMAGE_COLUMNS, JOB_COLUMNS, JobRow, PREVIEW_COLUMNS,
    PreviewRow, signed,
};
use crate::model::compose::{GroupId, PastPrompt};
use crate::model::{ImageId, ImageRecord, JobId};

/// A place in the list of results, newest first: a page goes on after it, however the list has changed since.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PageKey {
    /// [`ImageRecord::created_ms`] of the last result of the page before.
    pub created_ms: i64,
    /// [`ImageRecord::id`] of it.
    pub id: ImageId,
}

impl From<&ImageRecord> for PageKey {
    fn from(record: &ImageRecord) -> Self {
        Self {
            created_ms: record.created_ms,
            id: record.id,
        }
    }
}

/// Every function fails with [`LibraryError::Index`] when the index can't be read. A row that is damaged is passed
/// over with a warning.
impl Library {
    /// The ids of all results in the library, newest first. 100 000 take about 5 ms.
    ///
    /// # Errors
    /// Those of the index.
    pub fn all_ids(&self) -> Result<Vec<ImageId>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM images WHERE trashed_ms IS NULL ORDER BY created_ms DESC, id DESC",
        )?;
        let ids = statement.query_map([], |row| rows::image_id(row, 0))?;
        rows::readable(ids)
    }

    /// At most `limit` results, newest first, that come after `after` in that order.
    ///
    /// # Errors
    /// Those of the index.
    pub fn page(
        &self,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<ImageRecord>, LibraryError> {
        let sql = format!(
            "SELECT {IMAGE_COLUMNS} FROM images
             WHERE trashed_ms IS NULL AND (created_ms, id) < (?1, ?2)
             ORDER BY created_ms DESC, id DESC LIMIT ?3"
        );
        let (created_ms, id) = match after {
            Some(key) => (key.created_ms, signed(key.id.get())),
            None => (i64::MAX, i64::MAX),
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let records = statement.query_map(params![created_ms, id, limit], |row| {
            rows::image_record(&self.paths, row)
        })?;
        rows::readable(records)
    }

    /// One result, also a deleted one: its path is then in the trash.
    ///
    /// # Errors
    /// Those of the index.
    pub fn image(&self, id: ImageId) -> Result<Option<ImageRecord>, LibraryError> {
        let sql = format!("SELECT {IMAGE_COLUMNS} FROM images WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let record = statement
            .query_row([signed(id.get())], |row| {
                rows::image_record(&self.paths, row)
            })
            .optional()?;
        Ok(record)
    }

    /// The results with these ids, in this order; unknown ones are left out.
    ///
    /// # Errors
    /// Those of the index.
    pub fn images(&self, ids: &[ImageId]) -> Result<Vec<ImageRecord>, LibraryError> {
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            records.extend(self.image(*id)?);
        }
        Ok(records)
    }

    /// The results of a job that are in the library, in the order of their index.
    ///
    /// # Errors
    /// Those of the index.
    pub fn images_of(&self, job: JobId) -> Result<Vec<ImageId>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM images WHERE job = ?1 AND trashed_ms IS NULL ORDER BY idx",
        )?;
        let ids = statement.query_map([signed(job.get())], |row| rows::image_id(row, 0))?;
        rows::readable(ids)
    }

    /// The deleted results that can be restored, last deleted first.
    ///
    /// # Errors
    /// Those of the index.
    pub fn trashed(&self) -> Result<Vec<ImageRecord>, LibraryError> {
        let sql = format!(
            "SELECT {IMAGE_COLUMNS} FROM images WHERE trashed_ms IS NOT NULL
             ORDER BY trashed_ms DESC, id DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let records = statement.query_map([], |row| rows::image_record(&self.paths, row))?;
        rows::readable(records)
    }

    /// One job.
    ///
    /// # Errors
    /// Those of the index.
    pub fn job(&self, id: JobId) -> Result<Option<JobRow>, LibraryError> {
        let sql = format!("SELECT {JOB_COLUMNS} FROM jobs WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let job = statement
            .query_row([signed(id.get())], rows::job_row)
            .optional()?;
        Ok(job)
    }

    /// At most `limit` jobs that were not dismissed, newest first.
    ///
    /// # Errors
    /// Those of the index.
    pub fn latest_jobs(&self, limit: u32) -> Result<Vec<JobRow>, LibraryError> {
        let sql = format!(
            "SELECT {JOB_COLUMNS} FROM jobs WHERE dismissed = 0
             ORDER BY created_ms DESC, id DESC LIMIT ?1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let jobs = statement.query_map([limit], rows::job_row)?;
        rows::readable(jobs)
    }

    /// The jobs of a group, in the order in which they were made.
    ///
    /// # Errors
    /// Those of the index.
    pub fn jobs_of_group(&self, group: GroupId) -> Result<Vec<JobRow>, LibraryError> {
        let sql = format!("SELECT {JOB_COLUMNS} FROM jobs WHERE group_id = ?1 ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let jobs = statement.query_map([signed(group.0.get())], rows::job_row)?;
        rows::readable(jobs)
    }

    /// The prompts of at most the latest `limit` jobs, dismissed ones included, and of as many of the latest results,
    /// which may outlive their jobs; newest first, each once.
    ///
    /// # Errors
    /// Those of the index.
    pub fn past_prompts(&self, limit: u32) -> Result<Vec<PastPrompt>, LibraryError> {
        let mut used: HashMap<String, i64> = HashMap::new();
        for sql in [
            "SELECT json_extract(request, '$.prompt'), created_ms FROM jobs ORDER BY id DESC LIMIT ?1",
            "SELECT prompt, created_ms FROM images ORDER BY id DESC LIMIT ?1",
        ] {
            let mut statement = self.connection.prepare_cached(sql)?;
            let found = statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (prompt, used_ms) in rows::readable::<(String, i64)>(found)? {
                let newest = used.entry(prompt).or_insert(used_ms);
                *newest = (*newest).max(used_ms);
            }
        }
        let mut prompts: Vec<PastPrompt> = used
            .into_iter()
            .map(|(text, used_ms)| PastPrompt {
                text: text.into(),
                used_ms,
            })
            .collect();
        prompts.sort_by(|a, b| (b.used_ms, &a.text).cmp(&(a.used_ms, &b.text)));
        Ok(prompts)
    }

    /// The jobs that the index has as queued or running, oldest first: of this program, of another that runs, or of
    /// one that was killed. Their journals tell which.
    ///
    /// # Errors
    /// Those of the index.
    pub fn unfinished_jobs(&self) -> Result<Vec<JobRow>, LibraryError> {
        let sql = format!(
            "SELECT {JOB_COLUMNS} FROM jobs WHERE state IN ('queued', 'running') ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let jobs = statement.query_map([], rows::job_row)?;
        rows::readable(jobs)
    }

    /// The previews of a job, in the order of index and number.
    ///
    /// # Errors
    /// Those of the index.
    pub fn previews_of(&self, job: JobId) -> Result<Vec<PreviewRow>, LibraryError> {
        let sql =
            format!("SELECT {PREVIEW_COLUMNS} FROM previews WHERE job = ?1 ORDER BY idx, preview");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let previews = statement.query_map([signed(job.get())], |row| {
            rows::preview_row(&self.paths, row)
        })?;
        rows::readable(previews)
    }

    /// The ledger of a job, in the order in which its requests were sent.
    ///
    /// # Errors
    /// Those of the index.
    pub fn attempts_of(&self, job: JobId) -> Result<Vec<AttemptRow>, LibraryError> {
        let sql = format!("SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE job = ?1 ORDER BY ordinal");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let attempts = statement.query_map([signed(job.get())], rows::attempt_row)?;
        rows::readable(attempts)
    }
}
