//! The owner's settings.

use crate::{Inbox, Problem, send_text::business_time};
use ringdesk_domain::{Moment, Settings, settings::Invalid};
use serde_json::Value;

/// The hour at which a pause until tomorrow ends.
const MORNING: i8 = 8;

fn tomorrow_morning(now: Moment, settings: &Settings) -> Moment {
    let morning = business_time(now, settings)
        .tomorrow()
        .and_then(|day| day.with().hour(MORNING).minute(0).second(0).subsec_nanosecond(0).build());
    // Where the calendar ends, a day from now will do.
    morning.map_or(now.plus_ms(86_400_000), |at| Moment(at.timestamp().as_millisecond()))
}

impl Inbox {
    /// The settings as they are.
    pub async fn settings(&self) -> Result<Settings, Problem> {
        Ok(self.store().settings().await?)
    }

    /// Changes settings by a merge patch (RFC 7396), validated as a whole.
    pub async fn apply_settings(&self, patch: &Value) -> Result<Settings, Problem> {
        let patch = patch.clone();
        let kept = self.settings().await?;
        let chosen = kept.patched(&patch)?.backups.folder;
        let new_folder = chosen.filter(|folder| kept.backups.folder.as_ref() != Some(folder));
        if let Some(folder) = &new_folder {
            self.check_backup_folder(folder).await?;
        }
        let change = move |kept: &Settings| {
            let next = kept.patched(&patch)?;
            if next.time_zone.as_deref().is_some_and(|name| jiff::tz::TimeZone::get(name).is_err()) {
                let why = "a zone's name, such as America/Los_Angeles";
                return Err(Invalid::Value { field: "time_zone", why });
            }
            Ok(next)
        };
        let settings = self.store().change_settings(self.now(), change).await??;
        let before = self.rules();
        self.relearn_rules().await;
        if before.settings.keep != settings.keep {
            self.0.keeping.notify_one();
        }
        if before.settings.email != settings.email {
            self.hurry_letters().await;
        }
        if new_folder.is_some() {
            self.begin_backups_there().await;
        }
        self.0.backing.notify_one();
        self.0.data_backups.wake();
        Ok(settings)
    }

    /// Pauses notifications for some minutes, or until tomorrow morning (`None`); 0 resumes them.
    pub async fn pause_notifications(&self, minutes: Option<u32>) -> Result<Settings, Problem> {
        let now = self.now();
        let change = move |kept: &Settings| {
            let mut next = kept.clone();
            next.notifications.paused_until = match minutes {
                Some(0) => None,
                Some(minutes) => Some(now.plus_ms(i64::from(minutes) * 60_000)),
                None => Some(tomorrow_morning(now, kept)),
            };
            Ok::<_, Invalid>(next)
        };
        let settings = self.store().change_settings(now, change).await??;
        self.relearn_rules().await;
        Ok(settings)
    }
}
