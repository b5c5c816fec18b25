//! The owner's settings.

use crate::{Inbox, Problem};
use ringdesk_domain::Settings;
use serde_json::Value;

impl Inbox {
    /// The settings as they are.
    pub async fn settings(&self) -> Result<Settings, Problem> {
        Ok(self.store().settings().await?)
    }

    /// Changes settings by a merge patch (RFC 7396), validated as a whole.
    pub async fn apply_settings(&self, patch: &Value) -> Result<Settings, Problem> {
        let next = self.store().settings().await?.patched(patch)?;
        self.store().save_settings(next.clone(), self.now()).await?;
        Ok(next)
    }
}
