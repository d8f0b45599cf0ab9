//! Pictures of ended jobs that are known by their address only: kept until they are here, or for a claim.
//!
//! While a job runs its journal has them; the job's end brings what is left into this table, in one transaction with
//! the job's row, before the journal goes.

use rusqlite::{Connection, params};

use super::Library;
use super::error::LibraryError;
use super::rows::{self, JobRow, signed};
use crate::model::{DownloadRecord, JobId};

/// A picture that an ended job still waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct DownloadRow {
    /// The job.
    pub job: JobId,
    /// Whether it is tried again at the next start: it failed for a reason that passes.
    pub may_come: bool,
    /// What is known of it.
    pub record: DownloadRecord,
}

impl Library {
    /// Saves a job, and with it all that it still waits for: pictures that are not among `downloads` are forgotten.
    ///
    /// # Errors
    /// Those of the index; nothing is changed then.
    pub fn save_ended_job(
        &mut self,
        job: &JobRow,
        downloads: &[DownloadRow],
    ) -> Result<(), LibraryError> {
        let transaction = self.transaction()?;
        super::index::upsert_job(&transaction, job)?;
        transaction.execute(
            "DELETE FROM downloads WHERE job = ?1",
            [signed(job.id.get())],
        )?;
        for download in downloads {
            insert(&transaction, download)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// What a job still waits for, in the order of the pictures.
    ///
    /// # Errors
    /// Those of the index.
    pub fn downloads_of(&self, job: JobId) -> Result<Vec<DownloadRow>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT job, may_come, record FROM downloads WHERE job = ?1 ORDER BY idx",
        )?;
        let found = statement.query_map([signed(job.get())], download_row)?;
        rows::readable(found)
    }

    /// The jobs with pictures that may still come at `now_ms` (milliseconds since 1970, UTC), oldest first. Those that
    /// were taken off the list are left out.
    ///
    /// # Errors
    /// Those of the index.
    pub fn jobs_to_fetch(&self, now_ms: i64) -> Result<Vec<JobId>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT downloads.job FROM downloads JOIN jobs ON jobs.id = downloads.job
             WHERE may_come = 1 AND expires_ms > ?1 AND dismissed = 0 ORDER BY downloads.job",
        )?;
        let jobs = statement.query_map([now_ms], |row| rows::job_id(row, 0))?;
        rows::readable(jobs)
    }

    /// Whether a result of a job was filed, in the library or in the trash.
    ///
    /// # Errors
    /// Those of the index.
    pub fn has_result(&self, job: JobId, index: u32) -> Result<bool, LibraryError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT 1 FROM images WHERE job = ?1 AND idx = ?2")?;
        Ok(statement.exists(params![signed(job.get()), index])?)
    }
}

fn insert(connection: &Connection, download: &DownloadRow) -> Result<(), LibraryError> {
    let record = &download.record;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO downloads (job, idx, may_come, expires_ms, record)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            signed(download.job.get()),
            record.index,
            download.may_come,
            record.expires_ms,
            serde_json::to_string(record)?,
        ])?;
    Ok(())
}

fn download_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<DownloadRow> {
    Ok(DownloadRow {
        job: rows::job_id(row, 0)?,
        may_come: row.get(1)?,
        record: rows::json(row, 2)?,
    })
}
