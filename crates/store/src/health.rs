//! Counts that Health shows.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::Moment;

/// What is unusual, and when something last came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Verified requests whose effects could not be stored.
    pub failed_receipts: u32,
    /// Verified requests that contradict themselves.
    pub quarantined: u32,
    /// Sends that may have left.
    pub send_unknown: u32,
    /// Texts waiting to leave.
    pub queued: u32,
    /// Pictures not fetched yet.
    pub pictures_wanted: u32,
    /// When Twilio last reached us.
    pub last_webhook_at: Option<Moment>,
}

impl Store {
    /// The counts.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM receipts WHERE state = 'failed') AS failed,
                    (SELECT count(*) FROM receipts WHERE state = 'quarantined') AS quarantined,
                    (SELECT count(*) FROM outbox WHERE state IN ('unknown', 'not_found')) AS unknown,
                    (SELECT count(*) FROM outbox WHERE state = 'queued') AS queued,
                    (SELECT count(*) FROM attachments WHERE state IN ('wanted', 'fetching')) AS pictures,
                    (SELECT received_at FROM receipts ORDER BY seq DESC LIMIT 1) AS last_webhook",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(Counts {
            failed_receipts: row.count("failed")?,
            quarantined: row.count("quarantined")?,
            send_unknown: row.count("unknown")?,
            queued: row.count("queued")?,
            pictures_wanted: row.count("pictures")?,
            last_webhook_at: row.maybe_at("last_webhook")?,
        })
    }
}
