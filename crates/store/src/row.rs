//! Reading columns without naming the database's types elsewhere.

use crate::StoreError;
use ringdesk_domain::Moment;
use sqlx::{Decode, Row, Sqlite, Type, sqlite::SqliteRow};
use uuid::Uuid;

/// Reads a column by name.
pub(crate) trait Columns {
    fn col<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, name: &str) -> Result<T, StoreError>;

    fn id<T: From<Uuid>>(&self, name: &str) -> Result<T, StoreError> {
        self.col::<Uuid>(name).map(T::from)
    }

    fn maybe_id<T: From<Uuid>>(&self, name: &str) -> Result<Option<T>, StoreError> {
        Ok(self.col::<Option<Uuid>>(name)?.map(T::from))
    }

    fn at(&self, name: &str) -> Result<Moment, StoreError> {
        self.col::<i64>(name).map(Moment)
    }

    fn maybe_at(&self, name: &str) -> Result<Option<Moment>, StoreError> {
        Ok(self.col::<Option<i64>>(name)?.map(Moment))
    }

    fn count(&self, name: &str) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.col::<i64>(name)?).unwrap_or(u32::MAX))
    }
}

impl Columns for SqliteRow {
    fn col<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, name: &str) -> Result<T, StoreError> {
        self.try_get(name).map_err(StoreError::from)
    }
}
