//! One-time links that were used.

use crate::{Store, StoreError};
use ringdesk_domain::Moment;

impl Store {
    /// Uses a link up. `false`: it was used before.
    pub async fn spend_link(&self, link: String, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    let done = sqlx::query(
                        "INSERT INTO spent_links (link, spent_at) VALUES ($1, $2) ON CONFLICT (link) DO NOTHING",
                    )
                    .bind(link)
                    .bind(at.0)
                    .execute(conn)
                    .await?;
                    Ok(done.rows_affected() == 1)
                })
            })
            .await
    }
}
