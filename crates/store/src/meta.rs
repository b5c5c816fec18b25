//! Small facts about the office that have no table of their own, by name; and Changes told by themselves.

use crate::{Store, StoreError};
use ringdesk_domain::{ChangeKind, Moment};

impl Store {
    /// A fact by its name, if it is kept.
    pub async fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        let value = sqlx::query_scalar("SELECT value FROM meta WHERE key = $1");
        Ok(value.bind(key).fetch_optional(&self.readers).await?)
    }

    /// Keeps a fact under its name, or forgets it. What the window shows of it is told as a Change.
    pub async fn set_meta(
        &self,
        key: &str,
        value: Option<String>,
        change: Option<(ChangeKind, Moment)>,
    ) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.writer()?
            .write(move |db| {
                match &value {
                    Some(value) => db.run(
                        "INSERT INTO meta (key, value) VALUES ($1, $2)
                         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                        &[&key, value],
                    )?,
                    None => db.run("DELETE FROM meta WHERE key = $1", &[&key])?,
                };
                change.map_or(Ok(()), |(kind, at)| db.tell(kind, None, at))
            })
            .await
    }

    /// Tells a Change of something that is not kept here.
    pub async fn tell(&self, kind: ChangeKind, at: Moment) -> Result<(), StoreError> {
        self.writer()?.write(move |db| db.tell(kind, None, at)).await
    }
}
