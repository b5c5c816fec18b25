//! The owner's settings, one value.

use crate::{Store, StoreError};
use ringdesk_domain::{ChangeKind, Moment, Settings};

impl Store {
    /// The settings; the defaults until any were saved.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        let value: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE id = 1")
            .fetch_optional(&self.readers)
            .await?;
        match value {
            Some(value) => serde_json::from_str(&value).map_err(|e| StoreError::Driver(e.to_string())),
            None => Ok(Settings::default()),
        }
    }

    /// Saves the settings as a whole.
    pub async fn save_settings(&self, settings: Settings, at: Moment) -> Result<(), StoreError> {
        let value = serde_json::to_string(&settings).map_err(|e| StoreError::Driver(e.to_string()))?;
        self.writer()?
            .write(move |db| {
                db.run(
                    "INSERT INTO settings (id, value) VALUES (1, $1)
                     ON CONFLICT (id) DO UPDATE SET value = excluded.value",
                    &[&value],
                )?;
                db.tell(ChangeKind::SettingsChanged, None, at)
            })
            .await
    }
}
