//! The owner's settings, one value.

use crate::{Store, StoreError};
use ringdesk_domain::{ChangeKind, Moment, Settings};

impl Store {
    /// The settings; the defaults until any were saved.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        let value: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE id = 1")
            .fetch_optional(&self.readers)
            .await?;
        value.map_or_else(|| Ok(Settings::default()), |value| read(&value))
    }

    /// Changes the settings as a whole; what `change` refuses changes nothing.
    pub async fn change_settings<E: Send + 'static>(
        &self,
        at: Moment,
        change: impl Fn(&Settings) -> Result<Settings, E> + Send + 'static,
    ) -> Result<Result<Settings, E>, StoreError> {
        self.writer()?
            .write(move |db| {
                let kept: Option<String> =
                    db.first("SELECT value FROM settings WHERE id = 1", &[], |row| row.get(0))?;
                let kept = kept.map_or_else(|| Ok(Settings::default()), |kept| read(&kept))?;
                let next = match change(&kept) {
                    Ok(next) => next,
                    Err(refused) => return Ok(Err(refused)),
                };
                let value = serde_json::to_string(&next).map_err(|e| StoreError::Driver(e.to_string()))?;
                db.run(
                    "INSERT INTO settings (id, value) VALUES (1, $1)
                     ON CONFLICT (id) DO UPDATE SET value = excluded.value",
                    &[&value],
                )?;
                db.tell(ChangeKind::SettingsChanged, None, at)?;
                Ok(Ok(next))
            })
            .await
    }
}

fn read(value: &str) -> Result<Settings, StoreError> {
    serde_json::from_str(value).map_err(|e| StoreError::Driver(e.to_string()))
}
