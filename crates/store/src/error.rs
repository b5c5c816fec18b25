//! What can go wrong in the store.

/// A read or write that did not happen. Nothing half-done stays behind.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The writer is gone or too busy to take more now.
    #[error("the store is busy")]
    Busy,
    /// The disk is full or cannot be written.
    #[error("the disk cannot be written ({0})")]
    Disk(String),
    /// The file is damaged.
    #[error("the database is damaged ({0})")]
    Damaged(String),
    /// A rule of the schema objected, or a row could not be read: a bug of ours.
    #[error("the database refused ({0})")]
    Driver(String),
}

impl StoreError {
    /// Whether one statement was at fault, so that the rest of its group can go on.
    pub(crate) fn is_own_fault(&self) -> bool {
        matches!(self, Self::Driver(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let Some(db) = error.as_database_error() else {
            return match error {
                sqlx::Error::Io(_) => Self::Disk("i/o".into()),
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                    Self::Busy
                }
                // Other texts may quote a value, which may be somebody's words.
                other => Self::Driver(kind(&other).into()),
            };
        };
        let code: i64 = db.code().and_then(|code| code.parse().ok()).unwrap_or(0);
        from_code(code, db.message())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                from_code(failure.extended_code.into(), message.as_deref().unwrap_or(""))
            }
            rusqlite::Error::QueryReturnedNoRows => Self::Driver("row not found".into()),
            rusqlite::Error::InvalidColumnName(_) | rusqlite::Error::InvalidColumnIndex(_) => {
                Self::Driver("no such column".into())
            }
            rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..) => {
                Self::Driver("unreadable column".into())
            }
            // Other texts may quote a value, which may be somebody's words.
            _ => Self::Driver("unexpected".into()),
        }
    }
}

/// Primary result codes of SQLite, low byte: <https://sqlite.org/rescode.html>
fn from_code(code: i64, message: &str) -> StoreError {
    match code & 0xff {
        5 | 6 => StoreError::Busy,
        7 | 8 | 10 | 13 | 14 => StoreError::Disk(format!("SQLite {code}")),
        11 | 26 => StoreError::Damaged(format!("SQLite {code}")),
        _ => StoreError::Driver(format!("SQLite {code}: {message}")),
    }
}

fn kind(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::RowNotFound => "row not found",
        sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => "no such column",
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => "unreadable column",
        _ => "unexpected",
    }
}

/// Why a database was not opened. The file is left exactly as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The linked SQLite has the WAL-reset corruption.
    #[error("SQLite {0} is too old to be trusted with this data; 3.51.3 or newer is needed")]
    OldSqlite(String),
    /// Written by a newer Ringdesk.
    #[error("this data was written by a newer Ringdesk; please update")]
    Newer,
    /// Not a database, or a damaged one.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Everything else: permissions, disk full, a folder in the way.
    #[error("the database cannot be opened: {0}")]
    Other(String),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(why) => Self::Damaged(why),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}
