//! Opening the database: refusing what cannot be trusted, migrating, starting the writer.

use crate::{
    OpenError, StoreError,
    copy::{UNFINISHED, for_reading, has_table, schema_of, sound, whole},
    writer::Writer,
};
use sqlx::{
    Connection, Executor, SqlStr, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};
use std::{fs, path::Path, time::Duration};
use tokio::sync::{oneshot, watch};

/// Name of the database inside the data folder.
pub(crate) const FILE: &str = "ringdesk.db";
/// Its log, beside it while it is open and after it was cut off.
const LOG: &str = "ringdesk.db-wal";
/// Beside it where damage was found in it while it was in use.
const SUSPECT: &str = "ringdesk.db-suspect";
/// How folders begin that hold damaged data a restore moved aside.
const ASIDE: &str = "damaged-";
/// A file up to this size is looked through before anything is written to it, in bytes: that takes less than
/// a tenth of a second. Larger ones are looked through by the check-up, once the office is open; what it
/// finds keeps the next start from opening them.
const LOOKED_THROUGH: u64 = 32 * 1024 * 1024;

/// Connections that read.
const READERS: u32 = 4;

/// The oldest SQLite without the WAL-reset corruption. Source: SQLite's 3.51.3 release notes.
pub const fn oldest_safe_sqlite() -> (u32, u32, u32) {
    (3, 51, 3)
}

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As its owner: migrate, write.
    Own,
    /// Beside a running owner: read only.
    Read,
}

/// The office's memory.
#[derive(Debug)]
pub struct Store {
    pub(crate) writer: Option<Writer>,
    pub(crate) readers: SqlitePool,
    pub(crate) latest: watch::Receiver<i64>,
    epoch: i64,
    closed: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
}

impl Store {
    /// Opens the database in `folder`. An owner makes one where none is.
    pub async fn open(folder: &Path, access: Access) -> Result<Self, OpenError> {
        Self::open_after(folder, access, || std::future::ready(Ok(()))).await
    }

    /// Likewise. Where an owner is about to change data of an older program, `before_update` comes first:
    /// where it fails, nothing is touched.
    pub async fn open_after<F>(
        folder: &Path,
        access: Access,
        before_update: impl FnOnce() -> F,
    ) -> Result<Self, OpenError>
    where
        F: Future<Output = Result<(), OpenError>>,
    {
        let file = folder.join(FILE);
        let existed = file.try_exists().map_err(|error| OpenError::Other(error.to_string()))?;
        if !existed && access == Access::Read {
            return Err(OpenError::Other(format!("no data in {}", folder.display())));
        }
        if !existed && let Some(why) = lost(folder) {
            // What is begun anew there would look like an office that never was, and its files would go.
            return Err(OpenError::Damaged(why.into()));
        }
        if existed && access == Access::Own {
            let known = file.clone();
            let looking = tokio::task::spawn_blocking(move || look(&known));
            let schema = looking.await.map_err(|error| OpenError::Other(error.to_string()))??;
            if schema.is_some_and(|schema| schema < newest_schema()) {
                before_update().await?;
            }
        }
        let base = SqliteConnectOptions::new()
            .filename(&file)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("trusted_schema", "OFF")
            .pragma("temp_store", "MEMORY")
            .statement_cache_capacity(256);
        let (latest, watching) = watch::channel(0);
        let mut writer = None;
        let mut closed = None;
        let mut epoch = 0;
        if access == Access::Own {
            let options = base.clone().create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
            let mut conn = SqliteConnection::connect_with(&options).await?;
            refuse_old_sqlite(&mut conn).await?;
            private(&file)?;
            migrate(&mut conn).await?;
            epoch = next_epoch(&mut conn).await?;
            let newest: Option<i64> =
                sqlx::query_scalar("SELECT max(seq) FROM changes").fetch_one(&mut conn).await?;
            latest.send_replace(newest.unwrap_or(0));
            conn.close().await?;
            let (own, ended) = Writer::start(file, latest)?;
            writer = Some(own);
            closed = Some(ended);
        }
        let readers = SqlitePoolOptions::new()
            // All from the start and for good: one that opens late could outlive the writer, and a reader
            // that closes last leaves the log behind.
            .min_connections(READERS)
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            // A file does not hang up, and whoever gives up in the middle of a test leaves a reader behind
            // that nobody waits for.
            .test_before_acquire(false)
            .connect_with(base.read_only(true).pragma("wal_autocheckpoint", "0"))
            .await?;
        if access == Access::Read {
            known_schema(&readers).await?;
        } else {
            // A restore whose last step was cut off leaves it behind, emptied; not there is as good.
            let _ = fs::remove_dir_all(folder.join(UNFINISHED));
        }
        Ok(Self { writer, readers, latest: watching, epoch, closed: tokio::sync::Mutex::new(closed) })
    }

    /// Damage was found in the database of this data folder while it was in use: the next owner looks all of
    /// it through, whatever its size, and refuses it where it is damaged.
    pub fn suspect(folder: &Path) {
        if let Err(error) = fs::write(folder.join(SUSPECT), "") {
            tracing::warn!(%error, "that the database is damaged could not be noted");
        }
    }

    /// Grows with every start of an owner; a send claimed under an older one was cut off.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Finishes what is waiting and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close();
        }
        if let Some(closed) = self.closed.lock().await.take() {
            // A writer that is gone has nothing left to close.
            let _ = closed.await;
        }
    }

    pub(crate) fn writer(&self) -> Result<&Writer, StoreError> {
        self.writer.as_ref().ok_or_else(|| StoreError::Disk("opened for reading".into()))
    }
}

async fn refuse_old_sqlite(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(conn).await?;
    if is_safe(&version) { Ok(()) } else { Err(OpenError::OldSqlite(version)) }
}

fn is_safe(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= oldest_safe_sqlite()
}

/// Only the owner of this computer account may read the file.
fn private(file: &Path) -> Result<(), OpenError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
            .map_err(|error| OpenError::Other(error.to_string()))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

fn migrations() -> Vec<Migration> {
    let step = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    vec![
        step(1, "office", include_str!("../../../migrations/sqlite/0001_office.sql")),
        step(2, "asleep", include_str!("../../../migrations/sqlite/0002_asleep.sql")),
        step(3, "colleagues", include_str!("../../../migrations/sqlite/0003_colleagues.sql")),
    ]
}

/// Looks at a file before anything is written to it: the schema it has, if it has one yet.
fn look(file: &Path) -> Result<Option<i64>, OpenError> {
    let bytes = std::fs::metadata(file).map_err(|error| OpenError::Other(error.to_string()))?.len();
    if bytes == 0 {
        // As a start leaves it that was cut off, or a disk that lost it.
        let lost = file.parent().is_some_and(has_history);
        return if lost { Err(OpenError::Damaged("it is empty".into())) } else { Ok(None) };
    }
    let conn = for_reading(file)?;
    let suspect = file.with_file_name(SUSPECT);
    if suspect.exists() {
        whole(&conn)?;
        // It was mended, or never was in the file; where this stays, it is looked through once more.
        let _ = fs::remove_file(suspect);
    } else if bytes <= LOOKED_THROUGH {
        sound(&conn)?;
    }
    let schema = schema_of(&conn)?;
    if schema.is_none() && has_table(&conn, "texts")? {
        return Err(OpenError::Damaged("a part of it is missing".into()));
    }
    if schema.is_some_and(|schema| schema > newest_schema()) {
        return Err(OpenError::Newer);
    }
    Ok(schema)
}

/// Why a data folder without a database is not taken for a new one, where that is so.
fn lost(folder: &Path) -> Option<&'static str> {
    if folder.join(UNFINISHED).exists() {
        return Some("restoring a backup was cut off");
    }
    (folder.join(LOG).exists() || has_history(folder)).then_some("it is missing")
}

/// Whether a data folder was in use before: it holds pictures, sounds, backups, or what was moved aside.
fn has_history(folder: &Path) -> bool {
    let holds = |part: &str| fs::read_dir(folder.join(part)).is_ok_and(|mut all| all.next().is_some());
    let aside = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with(ASIDE);
    let mut all = fs::read_dir(folder).into_iter().flatten().flatten();
    holds("media") || holds("backups") || all.any(aside)
}

/// The newest schema this program knows.
pub fn newest_schema() -> i64 {
    migrations().last().map_or(0, |step| step.version)
}

async fn migrate(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    Migrator::with_migrations(migrations()).run(conn).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => OpenError::Newer,
        MigrateError::Execute(error) => error.into(),
        other => OpenError::Other(other.to_string()),
    })
}

async fn known_schema(readers: &SqlitePool) -> Result<(), OpenError> {
    let newest: i64 =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(readers).await?;
    match newest.cmp(&newest_schema()) {
        std::cmp::Ordering::Greater => Err(OpenError::Newer),
        std::cmp::Ordering::Less => Err(OpenError::Other("start Ringdesk once to update this data".into())),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// Counts this start, and hands every send that the last one left in the air to the look-up.
async fn next_epoch(conn: &mut SqliteConnection) -> Result<i64, OpenError> {
    conn.execute("BEGIN IMMEDIATE").await?;
    let epoch: String = sqlx::query_scalar(
        "INSERT INTO meta (key, value) VALUES ('epoch', '1')
         ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT)
         RETURNING value",
    )
    .fetch_one(&mut *conn)
    .await?;
    conn.execute(
        "UPDATE texts SET status = 'send_unknown', rank = 5
         WHERE status = 'waiting' AND id IN (SELECT text_id FROM outbox WHERE state = 'sending');
         UPDATE outbox SET state = 'unknown', look_at = 0 WHERE state = 'sending';
         UPDATE attachments SET state = 'wanted' WHERE state = 'fetching';
         UPDATE recordings SET state = 'wanted' WHERE state = 'fetching';
         UPDATE transcripts SET state = 'wanted', due_at = 0 WHERE state = 'writing' AND due_at IS NULL;
         UPDATE letters SET state = 'waiting' WHERE state = 'sending';
         COMMIT",
    )
    .await?;
    Ok(epoch.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sqlite_that_keeps_its_log_whole_is_trusted() {
        for (version, safe) in [
            ("3.51.3", true),
            ("3.51.10", true),
            ("3.52.0", true),
            ("4.0", true),
            ("3.51.2", false),
            ("3.50.7", false),
            ("3.9.99", false),
            ("", false),
        ] {
            assert_eq!(is_safe(version), safe, "{version}");
        }
    }
}
