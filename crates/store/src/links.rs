//! One-time links that were used.

use crate::{Store, StoreError};
use ringdesk_domain::Moment;

impl Store {
    /// Uses a link up. `false`: it was used before.
    pub async fn spend_link(&self, link: String, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let sql =
                    "INSERT INTO spent_links (link, spent_at) VALUES ($1, $2) ON CONFLICT (link) DO NOTHING";
                Ok(db.run(sql, &[&link, &at.0])? == 1)
            })
            .await
    }
}
