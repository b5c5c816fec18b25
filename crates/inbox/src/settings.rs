//! The owner's settings.

use crate::{Inbox, Problem};
use ringdesk_domain::{Settings, settings::Invalid};
use serde_json::Value;

impl Inbox {
    /// The settings as they are.
    pub async fn settings(&self) -> Result<Settings, Problem> {
        Ok(self.store().settings().await?)
    }

    /// Changes settings by a merge patch (RFC 7396), validated as a whole.
    pub async fn apply_settings(&self, patch: &Value) -> Result<Settings, Problem> {
        let next = self.store().settings().await?.patched(patch)?;
        if next.time_zone.as_deref().is_some_and(|name| jiff::tz::TimeZone::get(name).is_err()) {
            let why = "a zone's name, such as America/Los_Angeles";
            return Err(Invalid::Value { field: "time_zone", why }.into());
        }
        self.store().save_settings(next.clone(), self.now()).await?;
        Ok(next)
    }
}
