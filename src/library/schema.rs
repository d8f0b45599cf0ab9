//! The tables of the index and how an older index becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

use super::error::LibraryError;

/// How long a statement waits for the other program's write before it gives up.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// One step a version, oldest first. A step that was ever released is never edited: later ones are added.
///
/// Ids are below 2^62 and times are milliseconds since 1970 (UTC), so both fit `SQLite`'s signed integers. Paths are
/// relative and have `/` between their parts, so that a library can be moved.
const MIGRATIONS: &[&str] = &["
-- Results. `recipe` is the whole recipe as JSON; what is searched or sorted by stands beside it.
CREATE TABLE images (
    id             INTEGER PRIMARY KEY,
    job            INTEGER NOT NULL,
    idx            INTEGER NOT NULL,
    created_ms     INTEGER NOT NULL,
    path           TEXT NOT NULL,    -- below the root; of a deleted result: where it was
    width          INTEGER NOT NULL,
    height         INTEGER NOT NULL,
    format         TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    file_hash      TEXT NOT NULL,
    delivered_hash TEXT NOT NULL,
    prompt         TEXT NOT NULL,
    revised_prompt TEXT,
    gateway        TEXT NOT NULL,
    image_model    TEXT NOT NULL,
    mismatch       TEXT NOT NULL,    -- words with ',' between them
    recipe         TEXT NOT NULL,
    trashed_ms     INTEGER,          -- NULL: in the library
    trash_path     TEXT,             -- below the trash
    moving         INTEGER NOT NULL DEFAULT 0, -- 1: the file may not yet be where the row says
    UNIQUE (job, idx)
) STRICT;
-- `trashed_ms` is always NULL in it, but without it SQLite looks every row up to list the ids.
CREATE INDEX images_newest ON images (created_ms DESC, id DESC, trashed_ms) WHERE trashed_ms IS NULL;
CREATE INDEX images_trashed ON images (trashed_ms DESC, id DESC) WHERE trashed_ms IS NOT NULL;
CREATE INDEX images_moving ON images (id) WHERE moving = 1;
CREATE INDEX images_path ON images (path);

-- What is about to be filed: written before the file, removed with the row of the result.
CREATE TABLE filings (
    image          INTEGER PRIMARY KEY,
    job            INTEGER NOT NULL,
    path           TEXT NOT NULL,
    recipe         TEXT NOT NULL,
    bytes          INTEGER,          -- NULL: not yet written
    file_hash      TEXT,
    sidecar        TEXT              -- NULL: the recipe is in the file
) STRICT;

CREATE TABLE jobs (
    id             INTEGER PRIMARY KEY,
    state          TEXT NOT NULL,
    created_ms     INTEGER NOT NULL,
    started_ms     INTEGER,
    ended_ms       INTEGER,
    request        TEXT NOT NULL,
    failure        TEXT,
    usage          TEXT,
    request_ids    TEXT NOT NULL,
    bytes_received INTEGER NOT NULL,
    dismissed      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX jobs_listed ON jobs (created_ms DESC, id DESC) WHERE dismissed = 0;
CREATE INDEX jobs_unfinished ON jobs (id) WHERE state IN ('queued', 'running');

CREATE TABLE previews (
    job            INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    idx            INTEGER NOT NULL,
    preview        INTEGER NOT NULL,
    path           TEXT NOT NULL,    -- below the folder of the previews
    width          INTEGER NOT NULL,
    height         INTEGER NOT NULL,
    format         TEXT NOT NULL,
    PRIMARY KEY (job, idx, preview)
) STRICT, WITHOUT ROWID;

-- The ledger: every request that was sent, kept when its job is gone.
CREATE TABLE attempts (
    id             INTEGER PRIMARY KEY,
    job            INTEGER NOT NULL,
    ordinal        INTEGER NOT NULL,
    started_ms     INTEGER NOT NULL,
    ended_ms       INTEGER,
    gateway        TEXT NOT NULL,
    api            TEXT NOT NULL,
    model          TEXT NOT NULL,
    parameters     TEXT NOT NULL,
    host           TEXT NOT NULL,
    outcome        TEXT,             -- 'ok', a kind of failure, or NULL: the end is not known
    status         INTEGER,
    request_id     TEXT,
    usage          TEXT,
    charged        TEXT NOT NULL,
    UNIQUE (job, ordinal)
) STRICT;
CREATE INDEX attempts_started ON attempts (started_ms DESC);
", "
-- What a gateway made of what it was asked for is counted by its id: names change.
ALTER TABLE images ADD COLUMN gateway_id TEXT;
ALTER TABLE images ADD COLUMN asked_size TEXT;
UPDATE images SET asked_size = json_extract(recipe, '$.parameters.size') WHERE json_valid(recipe);
CREATE INDEX images_gateway ON images (gateway_id, image_model, asked_size, width, height, mismatch)
    WHERE gateway_id IS NOT NULL;
ALTER TABLE attempts ADD COLUMN gateway_id TEXT;
CREATE INDEX attempts_gateway ON attempts (gateway_id, outcome) WHERE gateway_id IS NOT NULL;

-- Pictures of ended jobs that are known by their address only.
CREATE TABLE downloads (
    job            INTEGER NOT NULL,
    idx            INTEGER NOT NULL,
    may_come       INTEGER NOT NULL, -- 1: tried again at the next start, until `expires_ms`
    expires_ms     INTEGER NOT NULL,
    record         TEXT NOT NULL,    -- JSON
    PRIMARY KEY (job, idx)
) STRICT, WITHOUT ROWID;
", "
-- What was done otherwise than asked: a JSON list.
ALTER TABLE jobs ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
", "
-- Jobs that belong together: the id of the first of them.
ALTER TABLE jobs ADD COLUMN group_id INTEGER;
CREATE INDEX jobs_group ON jobs (group_id, id) WHERE group_id IS NOT NULL;
", "
-- What a result has cost, in units of a currency (ISO 4217); both are NULL where that is not known.
ALTER TABLE images ADD COLUMN cost REAL;
ALTER TABLE images ADD COLUMN currency TEXT;
"];

/// Sets a fresh connection up, before anything else is done with it.
pub(super) fn configure(connection: &Connection) -> Result<(), LibraryError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // A memory map makes a cold start 40 times slower (performance.md, «Library of 100 000»), and a file that is
    // cut short by someone else would end the program instead of giving an error.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

/// Brings the tables up to the newest version.
///
/// # Errors
/// [`LibraryError::NewerIndex`] for tables of a later program; nothing is changed.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), LibraryError> {
    migrate_to(connection, MIGRATIONS)
}

fn migrate_to(connection: &mut Connection, migrations: &[&str]) -> Result<(), LibraryError> {
    // Immediate: two programs that start at once do it one after the other.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if found > known {
        let path = transaction.path().unwrap_or_default().into();
        return Err(LibraryError::NewerIndex { found, known, path });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for step in migrations.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    if found < known {
        transaction.pragma_update(None, "user_version", known)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Whether every page of the index can be read and makes sense.
pub(super) fn is_sound(connection: &Connection) -> Result<bool, LibraryError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use jiff::tz::TimeZone;
    use rusqlite::params;

    use super::super::testing;
    use super::*;
    use crate::library::{Library, RecipePlace};
    use crate::model::{
        Cost, CostBasis, GenerationRequest, JobId, JobNote, Parameters, Preset, Prompt, Recipe,
    };

    fn tables(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn every_version_leads_to_the_newest_tables() {
        let mut newest = Connection::open_in_memory().unwrap();
        migrate(&mut newest).unwrap();
        for version in 0..=MIGRATIONS.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            migrate_to(&mut connection, &MIGRATIONS[..version]).unwrap();
            migrate(&mut connection).unwrap();
            migrate(&mut connection).unwrap();
            assert_eq!(tables(&connection), tables(&newest), "from {version}");
            assert!(is_sound(&connection).unwrap());
        }
    }

    #[test]
    fn released_steps_are_never_edited() {
        // Adding a step adds a line here; a line that changes means lost libraries.
        let released = [
            "239dc128b732da8b",
            "8ed2fd2e9d3beae2",
            "ae43b57b7a93bcb5",
            "48542232a6854ba1",
            "62f0d1a6dfc9980a",
        ];
        let hashes = MIGRATIONS
            .iter()
            .map(|step| blake3::hash(step.as_bytes()).to_hex());
        for (hash, known) in hashes.zip(released) {
            assert_eq!(&hash[..16], known);
        }
        assert_eq!(MIGRATIONS.len(), released.len());
    }

    #[test]
    fn jobs_of_an_earlier_version_have_no_notes() {
        let dir = tempfile::tempdir().unwrap();
        let paths = testing::paths(dir.path());
        let mut connection = Connection::open(&paths.index).unwrap();
        migrate_to(&mut connection, &MIGRATIONS[..2]).unwrap();
        let request = GenerationRequest {
            prompt: Prompt::new("Red fox").unwrap(),
            parameters: Parameters::default(),
            references: Vec::new(),
            mask: None,
            group: None,
            gateway: Preset::Demo.profile(),
        };
        let id = JobId::from_parts(1, 1);
        let insert =
            "INSERT INTO jobs (id, state, created_ms, request, request_ids, bytes_received)
             VALUES (?1, 'done', 1, ?2, '[\"req_1\"]', 3)";
        let id_column = i64::try_from(id.get()).unwrap();
        let request = serde_json::to_string(&request).unwrap();
        connection
            .execute(insert, params![id_column, request])
            .unwrap();
        drop(connection);

        let (library, _) = testing::open(dir.path());
        let job = library.job(id).unwrap().unwrap();
        assert_eq!(job.request_ids, ["req_1"]);
        assert_eq!(job.notes, []);
        let later = r#"[{"parameter_dropped":{"name":"user"}},{"of_tomorrow":{}}]"#;
        let update = "UPDATE jobs SET notes = ?1";
        library.connection.execute(update, [later]).unwrap();
        let known = JobNote::ParameterDropped {
            name: "user".to_owned(),
        };
        assert_eq!(library.job(id).unwrap().unwrap().notes, [known]);
    }

    #[test]
    fn results_have_their_cost_beside_the_recipe_and_earlier_ones_none() {
        let dir = tempfile::tempdir().unwrap();
        let paths = testing::paths(dir.path());
        std::fs::create_dir(&paths.root).unwrap();
        let mut connection = Connection::open(&paths.index).unwrap();
        migrate_to(&mut connection, &MIGRATIONS[..4]).unwrap();
        let early = testing::recipe(1, 0);
        let insert = "INSERT INTO images (id, job, idx, created_ms, path, width, height, format, bytes, file_hash,
                delivered_hash, prompt, gateway, image_model, mismatch, recipe)
            VALUES (?1, ?2, 0, 1, 'a.png', 8, 6, 'png', 1, '', '', '', '', '', '', ?3)";
        let number = |id: u64| i64::try_from(id).unwrap();
        let json = serde_json::to_string(&early).unwrap();
        assert!(!json.contains("cost"));
        let values = params![number(early.image.get()), number(early.job.get()), json];
        connection.execute(insert, values).unwrap();
        drop(connection);

        let (mut library, _) = testing::open(dir.path());
        let mut file = |random, index, cost| {
            let recipe = Recipe {
                cost,
                ..testing::recipe(random, index)
            };
            library
                .file_result(&recipe, &TimeZone::UTC, |out, text| {
                    out.write_all(text.as_bytes()).map(|()| RecipePlace::InFile)
                })
                .unwrap();
            recipe.image
        };
        let yuan = Cost::new(0.35, "CNY", CostBasis::Profile);
        let dear = file(2, 1, yuan.clone());
        let unknown = file(3, 2, None);
        let check = |library: &Library| {
            let cost = |id| library.image(id).unwrap().unwrap().recipe.cost;
            assert_eq!((cost(dear), cost(unknown)), (yuan.clone(), None));
            let sql = "SELECT id, cost, currency FROM images WHERE cost NOT NULL";
            let mut statement = library.connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            let rows: Vec<(i64, f64, String)> = rows.unwrap().map(Result::unwrap).collect();
            assert_eq!(rows, [(number(dear.get()), 0.35, "CNY".to_owned())]);
        };
        check(&library);
        assert_eq!(library.image(early.image).unwrap().unwrap().recipe, early);

        // What is made anew from the files has it too.
        drop(library);
        std::fs::remove_file(&paths.index).unwrap();
        let mut library = Library::open(paths).unwrap().library;
        let read = &mut |path: &std::path::Path| std::fs::read_to_string(path).ok();
        assert_eq!(library.rebuild(1, read).unwrap().added, 2);
        check(&library);
    }

    #[test]
    fn a_failing_step_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_to(&mut connection, &["CREATE TABLE a (x)"]).unwrap();
        let broken = ["CREATE TABLE a (x)", "CREATE TABLE b (x); NONSENSE"];
        migrate_to(&mut connection, &broken).unwrap_err();
        assert_eq!(tables(&connection), ["CREATE TABLE a (x)"]);
    }

    #[test]
    fn a_newer_index_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            migrate(&mut connection),
            Err(LibraryError::NewerIndex { found: 99, .. })
        ));
        assert!(tables(&connection).is_empty());
    }
}
