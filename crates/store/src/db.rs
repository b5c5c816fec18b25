//! The read-write connection: statements named by their text, arguments by number.

use crate::StoreError;
use ringdesk_domain::{ChangeKind, Moment};
use rusqlite::{CachedStatement, Connection, OpenFlags, Row, ToSql};
use std::path::Path;
use uuid::Uuid;

/// Pages in the write-ahead log before a commit folds it back itself: only where nobody else did.
const CHECKPOINT_PAGES: u32 = 400_000;
/// Statements kept ready.
const STATEMENTS: usize = 128;

pub(crate) type Arguments<'a> = &'a [&'a dyn ToSql];

/// The connection everything is written with.
pub(crate) struct Db(Connection);

impl Db {
    pub(crate) fn open(file: &Path) -> Result<Self, StoreError> {
        // Not made where it is missing: an office whose data is gone must not look like a new one.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(file, flags)?;
        conn.execute_batch(&format!(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON"
        ))?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self(conn))
    }

    /// Runs a statement that gives no rows; says how many it changed.
    pub(crate) fn run(&self, sql: &str, arguments: Arguments<'_>) -> Result<usize, StoreError> {
        Ok(self.bound(sql, arguments)?.raw_execute()?)
    }

    /// The first row, if there is one.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        arguments: Arguments<'_>,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.bound(sql, arguments)?;
        let mut rows = statement.raw_query();
        Ok(rows.next()?.map(read).transpose()?)
    }

    /// All rows.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        arguments: Arguments<'_>,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.bound(sql, arguments)?;
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }

    /// The order number of the row that was inserted last.
    pub(crate) fn last_seq(&self) -> i64 {
        self.0.last_insert_rowid()
    }

    /// Writes a Change.
    pub(crate) fn tell(
        &self,
        kind: ChangeKind,
        conversation: Option<Uuid>,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO changes (kind, conversation_id, at) VALUES ($1, $2, $3)",
            &[&kind.word(), &conversation, &at.0],
        )?;
        Ok(())
    }

    /// Pages in the write-ahead log.
    pub(crate) fn log_pages(&self) -> Result<i64, StoreError> {
        Ok(self.first("PRAGMA wal_checkpoint(NOOP)", &[], |row| row.get(1))?.unwrap_or(0))
    }

    /// Folds back what of the write-ahead log can be folded back without waiting for anybody.
    pub(crate) fn fold(&self) -> Result<(), StoreError> {
        self.first("PRAGMA wal_checkpoint(PASSIVE)", &[], |_| Ok(())).map(|_| ())
    }

    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.0.close().map_err(|(_, error)| error.into())
    }

    /// `$1` is the first argument wherever it stands, as in PostgreSQL; SQLite would count names by their
    /// first appearance.
    fn bound(&self, sql: &str, arguments: Arguments<'_>) -> Result<CachedStatement<'_>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        for place in 1..=statement.parameter_count() {
            let number =
                statement.parameter_name(place).and_then(|name| name.get(1..)?.parse::<usize>().ok());
            let argument = number.and_then(|number| arguments.get(number.checked_sub(1)?));
            let Some(argument) = argument else {
                return Err(StoreError::Driver("a statement without its argument".into()));
            };
            statement.raw_bind_parameter(place, argument)?;
        }
        Ok(statement)
    }
}
